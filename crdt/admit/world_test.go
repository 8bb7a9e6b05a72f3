package admit_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const community = "00000000000000000000000000"

func doc(path string) store.DocID { return store.DocID(community + ".1/" + path) }

// tb is what rapid and testing share.
type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func key(n int) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(n)}, ed25519.SeedSize))
}

func incarnation(t tb, n int) seal.Incarnation {
	t.Helper()
	inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{byte(n), byte(n >> 8), 7}, 32)), key(n), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return inc
}

func feedOf(i seal.Incarnation) store.DocID { return doc("feed/" + i.Actor().String() + "/1") }

// rules accept everything unless a test says otherwise.
type rules struct {
	unknownHead func(seal.Context) bool
	authority   func(store.DocID, [32]byte) error
	form        func(*wire.Change) error
	subject     func(*wire.Change) error
}

func (r *rules) Shape(d store.DocID) (store.Shape, error) { return shape(d) }

func shape(d store.DocID) (store.Shape, error) {
	_, _, path, err := d.Parts()
	switch {
	case err != nil:
		return 0, err
	case strings.HasPrefix(path, "feed/"), strings.HasPrefix(path, "gov/"):
		return store.Feed, nil
	case strings.HasPrefix(path, "people/"), path == "scheme":
		return store.Records, nil
	}
	return 0, errors.New("unknown path")
}

func (r *rules) HeadKnown(_ *store.Tx, c seal.Context) (bool, error) {
	return r.unknownHead == nil || !r.unknownHead(c), nil
}

func (r *rules) Authority(_ *store.Tx, d store.DocID, device [32]byte, _ seal.Context) error {
	if r.authority == nil {
		return nil
	}
	return r.authority(d, device)
}

func (r *rules) Form(_ *store.Tx, _ store.DocID, _ [32]byte, ch *wire.Change) error {
	if r.form == nil {
		return nil
	}
	return r.form(ch)
}

func (r *rules) Subject(_ *store.Tx, _ store.DocID, ch *wire.Change, _ wire.Hash, _ seal.Context) error {
	if r.subject == nil {
		return nil
	}
	return r.subject(ch)
}

// open opens a store in dir; inc may be nil.
func open(t tb, dir string, inc *seal.Incarnation) *store.Store {
	t.Helper()
	cfg := store.Config{
		Path: filepath.Join(dir, "jishan.db"), Clock: func() int64 { return 1_700_000_000_000 },
		Rand: bytes.NewReader(make([]byte, 64)), Shape: shape, Projectors: []store.Projector{mirror{}},
	}
	if inc != nil {
		cfg.Incarnation, cfg.Lock = inc, &seal.LockFile{Path: filepath.Join(dir, "lock")}
	}
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func know(t tb, s *store.Store, incs ...seal.Incarnation) {
	t.Helper()
	err := s.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		for _, i := range incs {
			if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: i.ID(), Blob: i.Encode()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func batch(t tb, s *store.Store, r admit.Rules, d store.DocID, items ...seal.Sealed) admit.Result {
	t.Helper()
	res, err := admit.Batch(context.Background(), s, r, "peer", d, items)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func message(seq uint64) string {
	return seal.Context{Term: 1, Seq: seq, Head: [16]byte{9}, Operator: "op", Action: "test"}.String()
}

// sealed encodes and seals a change.
func sealed(t tb, i seal.Incarnation, d store.DocID, ch *wire.Change) (seal.Sealed, wire.Hash) {
	t.Helper()
	ch.Actor = i.Actor()
	if ch.Message == "" {
		ch.Message = message(1)
	}
	chunk, h, err := ch.Encode()
	if err != nil {
		t.Fatal(err)
	}
	sig := i.Seal(string(d), ch.Seq, h)
	return seal.Sealed{Chunk: chunk, Seal: &sig}, h
}

// feedRun makes entries from..to of a feed; prev is the hash before.
func feedRun(t tb, i seal.Incarnation, d store.DocID, prev wire.Hash, from, to uint64, value string) ([]seal.Sealed, []wire.Hash) {
	t.Helper()
	var items []seal.Sealed
	var hashes []wire.Hash
	for n := from; n <= to; n++ {
		ch := &wire.Change{Seq: n, StartOp: n, Time: int64(1000 + n), Ops: []wire.Op{
			{Key: store.FeedKey(n), Value: wire.BytesValue(fmt.Appendf(nil, "%s %d", value, n))},
		}}
		if n > 1 {
			ch.Deps = []wire.Hash{prev}
		}
		s, h := sealed(t, i, d, ch)
		items, hashes, prev = append(items, s), append(hashes, h), h
	}
	return items, hashes
}

// unseal leaves only every n-th seal and the last.
func unseal(items []seal.Sealed, n int) []seal.Sealed {
	out := append([]seal.Sealed(nil), items...)
	for i := range out {
		if (i+1)%n != 0 && i != len(out)-1 {
			out[i].Seal = nil
		}
	}
	return out
}

// mirror is a projection of everything.
type mirror struct{}

func (mirror) Name() string           { return "mirror" }
func (mirror) Version() int           { return 1 }
func (mirror) Wants(store.DocID) bool { return true }
func (mirror) Schema() string {
	return `CREATE TABLE mirror_field (doc TEXT NOT NULL, key TEXT NOT NULL, vals TEXT NOT NULL, PRIMARY KEY (doc, key)) STRICT, WITHOUT ROWID;
		CREATE TABLE mirror_entry (doc TEXT NOT NULL, seq INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (doc, seq)) STRICT, WITHOUT ROWID;`
}

func (mirror) Apply(tx *store.Tx, ev store.Event) error {
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
		fmt.Fprintf(&b, "%d@%s=%d/%d/%q;", f.Op.Counter, f.Op.Actor, f.Value.Kind, f.Value.Num, f.Value.Raw)
	}
	return b.String()
}
