package store_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const community = "00000000000000000000000000"

func doc(path string) store.DocID { return store.DocID(community + ".1/" + path) }

func shape(d store.DocID) (store.Shape, error) {
	_, _, path, err := d.Parts()
	if err != nil {
		return 0, err
	}
	if strings.HasPrefix(path, "feed/") || strings.HasPrefix(path, "gov/") {
		return store.Feed, nil
	}
	return store.Records, nil
}

// device is one folder with an incarnation, a lock file and a clock.
type device struct {
	dir    string
	inc    seal.Incarnation
	finger [32]byte
	now    int64
	extra  []store.Projector
}

func key(n int) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(n)}, ed25519.SeedSize))
}

func newDevice(t testing.TB, n int) *device {
	t.Helper()
	inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{byte(n), 7}, 32)), key(n), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return &device{dir: t.TempDir(), inc: inc, now: 1_700_000_000_000}
}

func (d *device) lockPath() string { return filepath.Join(d.dir, "lock") }
func (d *device) dbPath() string   { return filepath.Join(d.dir, "jishan.db") }

func (d *device) config() store.Config {
	return store.Config{
		Path: d.dbPath(), Clock: func() int64 { return d.now }, Rand: bytes.NewReader(make([]byte, 64)),
		Incarnation: &d.inc, Lock: &seal.LockFile{Path: d.lockPath(), Fingerprint: d.finger},
		Projectors: append([]store.Projector{mirror{}}, d.extra...), Shape: shape,
	}
}

func (d *device) open() (*store.Store, error) { return store.Open(context.Background(), d.config()) }

func (d *device) mustOpen(t testing.TB) *store.Store {
	t.Helper()
	s, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func (d *device) feed() store.DocID { return doc("feed/" + d.inc.Actor().String() + "/1") }

// author names governance entry 1.
var author = store.Author{Operator: "op", Context: func(*store.Tx) (seal.Context, error) {
	return seal.Context{Term: 1, Seq: 1, Head: [16]byte{9}}, nil
}}

func update(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), author, fn); err != nil {
		t.Fatal(err)
	}
}

func appendOne(s *store.Store, d store.DocID, value string) error {
	return s.Update(context.Background(), author, func(tx *store.Tx) error {
		_, err := tx.Append(d, "test", []byte(value))
		return err
	})
}

// mirror is a projection of everything: every key's conflict set, every
// feed's entries and their number.
type mirror struct{}

func (mirror) Name() string             { return "mirror" }
func (mirror) Version() int             { return 1 }
func (mirror) Wants(d store.DocID) bool { return !strings.Contains(string(d), "/gov/") }
func (mirror) Schema() string {
	return `CREATE TABLE mirror_field (doc TEXT NOT NULL, key TEXT NOT NULL, vals TEXT NOT NULL, PRIMARY KEY (doc, key)) STRICT;
		CREATE TABLE mirror_entry (doc TEXT NOT NULL, seq INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (doc, seq)) STRICT;`
}

func (mirror) Apply(tx *store.Tx, ev store.Event) error {
	if ev.Shape == store.Feed {
		_, err := tx.Exec("INSERT INTO mirror_entry(doc, seq, value) VALUES (?, ?, ?)",
			string(ev.Doc), int64(ev.Change.Seq), []byte(ev.Change.Ops[0].Value.Raw))
		return err
	}
	for _, m := range ev.Moved {
		_, err := tx.Exec("INSERT OR REPLACE INTO mirror_field(doc, key, vals) VALUES (?, ?, ?)", string(ev.Doc), m.Key, show(m.Fields))
		if err != nil {
			return err
		}
	}
	return nil
}

func show(fields []store.Field) string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "%d@%s=%v;", f.Op.Counter, f.Op.Actor, f.Value)
	}
	return b.String()
}

func str(s string) wire.Value { return wire.StringValue(s) }
