package boot

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/ledger"
	"jishan/crdt/engine"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	community = "0123456789abcdefghijklmnop.1/"
	scheme    = store.DocID(community + "scheme")
)

// written makes a data folder with a records document, written to several
// times, and a feed.
func written(t *testing.T) (dir string, feed store.DocID) {
	t.Helper()
	dir = t.TempDir()
	_, device, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	inc, err := seal.NewIncarnation(rand.Reader, device, 1)
	if err != nil {
		t.Fatal(err)
	}
	feed = store.DocID(community + "feed/" + inc.Actor().String() + "/1")
	s, err := store.Open(t.Context(), store.Config{
		Path: filepath.Join(dir, databaseFile), Clock: func() int64 { return 1_700_000_000_000 }, Rand: rand.Reader,
		Incarnation: &inc, Lock: &seal.LockFile{Path: filepath.Join(dir, "lock")},
		Shape: func(d store.DocID) (store.Shape, error) {
			if d == feed {
				return store.Feed, nil
			}
			return store.Records, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	author := store.Author{Operator: "居民甲", Context: func(*store.Tx) (seal.Context, error) { return seal.Context{Term: 1, Seq: 1}, nil }}
	for i := range 5 {
		err := s.Update(t.Context(), author, func(tx *store.Tx) error {
			if _, err := tx.Append(feed, "award", []byte{0xa1, 0x61, 'n', byte(i)}); err != nil {
				return err
			}
			_, err := tx.Put(scheme, "edit", store.Put{Key: "item/a/points", Value: wire.IntValue(int64(i))},
				store.Put{Key: "item/a/name", Value: wire.StringValue("清扫")})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir, feed
}

func TestDocList(t *testing.T) {
	dir, feed := written(t)
	got := run(t, "doc", "list", "--json", "--data", dir)
	var list []map[string]any
	if err := json.Unmarshal([]byte(got.out), &list); err != nil || len(list) != 2 {
		t.Fatal(err, got)
	}
	for _, d := range list {
		if len(d) != 3 || d["changes"] != 5.0 || len(d["digest"].(string)) != 64 || d["id"] != string(feed) && d["id"] != string(scheme) {
			t.Errorf("%v", d)
		}
	}
	if got := run(t, "doc", "list", "--data", dir); got.code != 0 || strings.Count(got.out, "5 changes") != 2 {
		t.Error(got)
	}
}

func TestDocShow(t *testing.T) {
	dir, feed := written(t)
	got := run(t, "doc", "show", string(feed), "--data", dir)
	if got.code != 0 || !strings.Contains(got.out, "居民甲: award") || !strings.Contains(got.out, `tx/5 = {"n": 4}`) || !strings.Contains(got.out, "2023-11-14T22:13:20Z") {
		t.Error(got)
	}
	var list []shownChange
	got = run(t, "doc", "show", string(scheme), "--data", dir, "--json")
	if err := json.Unmarshal([]byte(got.out), &list); err != nil || len(list) != 5 || len(list[0].Puts) != 2 || len(list[4].Puts) != 1 {
		t.Error(err, got)
	}
	if got := run(t, "doc", "show", "nonsense", "--data", dir); got.code != exitFailed || !strings.Contains(got.err, "jishan doc list") {
		t.Error(got)
	}
}

func TestValuesShowChineseAndNoControls(t *testing.T) {
	for text, want := range map[string]string{
		"居民甲":          `"居民甲"`,
		"𠮷":            `"𠮷"`,
		"a\x1b[2J\n":   `"a\u001b[2J\n"`,
		"\u202e":       `"\u202e"`, // turns the line round
		"\u200b":       `"\u200b"`, // can't be seen
		`c:\u4e2d`:     `"c:\\u4e2d"`,
		`"quoted" \ 中`: `"\"quoted\" \\ 中"`,
	} {
		b, err := cbor.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := valueWords(wire.BytesValue(b)); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
}

// A verification that ran out of time says so in words, on the terminal and in
// the list.
func TestDocVerifyOutOfTime(t *testing.T) {
	dir, _ := written(t)
	if !engine.Available() {
		t.Skip("SKIPPED: a build without automerge-go verifies nothing")
	}
	r, err := openReading(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	docs, err := r.store.Docs(t.Context())
	if err != nil || len(docs) == 0 {
		t.Fatal(len(docs), err)
	}
	if v := r.verify(late, docs[0]); v.OK || !strings.Contains(v.Problem, "took too long") {
		t.Errorf("%+v", v)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	code := Run(late, []string{"doc", "verify", "--data", dir}, strings.NewReader(""), &out, &said)
	if text := out.String() + said.String(); code != exitFailed || !strings.Contains(text, "took too long") || strings.Contains(text, "deadline") {
		t.Errorf("%d %q", code, text)
	}
}

func TestDocVerifyAndExport(t *testing.T) {
	dir, feed := written(t)
	if !engine.Available() {
		for _, verb := range []string{"verify", "export"} {
			if got := run(t, "doc", verb, string(feed), "--data", dir); got.code != exitMissing || !strings.Contains(got.err, "no automerge-go") {
				t.Error("a build without the judge must say so:", got)
			}
		}
		return
	}
	if got := run(t, "doc", "verify", "--data", dir); got.code != 0 || !strings.Contains(got.out, "2 documents, 0 wrong") {
		t.Error(got)
	}
	for _, id := range []string{string(feed), string(scheme)} {
		got := run(t, "doc", "export", id, "--data", dir)
		if got.code != 0 || !bytes.HasPrefix([]byte(got.out), []byte{0x85, 0x6f, 0x4a, 0x83}) {
			t.Error(got.code, got.err)
		}
		chunks, err := engine.New(engine.Options{}).Import(t.Context(), []byte(got.out))
		if err != nil || len(chunks) != 5 {
			t.Error("what was exported holds", len(chunks), "changes", err)
		}
	}
	file := filepath.Join(t.TempDir(), "scheme.automerge")
	if got := run(t, "doc", "export", string(scheme), "--data", dir, "--out", file); got.code != 0 {
		t.Error(got)
	}
	if i, err := os.Stat(file); err != nil || i.Size() == 0 {
		t.Error(err)
	}
	if got := run(t, "doc", "export", "nonsense", "--data", dir); got.code != exitFailed || got.out != "" {
		t.Error(got)
	}
}

// A register that is not what the changes say is found.
func TestVerdictsDiffer(t *testing.T) {
	if !engine.Available() {
		t.Skip("no automerge-go in this build")
	}
	dir, _ := written(t)
	r, err := openReading(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	err = r.store.View(t.Context(), func(q store.Querier) error {
		var failed error
		said, err := engine.New(engine.Options{}).Verify(t.Context(), chunks(q, scheme, &failed))
		if err != nil || failed != nil {
			return err
		}
		for what, spoil := range map[string]func(*kept){
			"value":  func(k *kept) { k.registers["item/a/points"][0].Value = wire.IntValue(99) },
			"id":     func(k *kept) { k.registers["item/a/points"][0].ID.Counter++ },
			"key":    func(k *kept) { delete(k.registers, "item/a/name") },
			"head":   func(k *kept) { k.heads[0][0] ^= 1 },
			"change": func(k *kept) { k.changes-- },
		} {
			k, err := content(q, store.DocInfo{ID: scheme, Shape: store.Records})
			if err != nil {
				return err
			}
			if err := k.compare(said); err != nil {
				t.Error("sound content:", err)
			}
			spoil(&k)
			if k.compare(said) == nil {
				t.Errorf("a wrong %s was not found", what)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadingWritesNothing(t *testing.T) {
	dir, _ := written(t)
	r, err := openReading(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for what, write := range map[string]func(*store.Tx) error{
		"a change": func(tx *store.Tx) error {
			_, err := tx.Put(scheme, "x", store.Put{Key: "k", Value: wire.IntValue(1)})
			return err
		},
		"a row": func(tx *store.Tx) error { _, err := tx.Exec("DELETE FROM change"); return err },
	} {
		if r.store.Update(t.Context(), store.Author{}, write) == nil {
			t.Errorf("%s was written to a store opened to be looked at", what)
		}
	}
	if _, err := openReading(t.Context(), dir); err == nil {
		t.Error("two processes looked at one folder")
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
}

func TestLedgerInWords(t *testing.T) {
	c := ledger.TextSubject(community[:26])
	tx := ledger.Tx{Entries: []ledger.Entry{
		{Type: ledger.Tally, Quota: ledger.Quota{Kind: ledger.Points, Subject: ledger.TextSubject("person"), Period: "2026"},
			Amount: 3, Deed: ledger.Deed{Turn: ledger.TextSubject("turn"), Key: ledger.TextSubject("key")}, Item: "a1", Version: 2, Why: ledger.WhyYear},
	}}
	b, err := tx.Encode(c)
	if err != nil {
		t.Fatal(err)
	}
	feed := store.DocID(community + "feed/" + strings.Repeat("0", 32) + "/1")
	got := opWords(feed, wire.Op{Key: "tx/1", Value: wire.BytesValue(b)})
	if !strings.HasPrefix(got, "TALLY 3 points|") || !strings.Contains(got, "|2026 for a1, version 2") {
		t.Error(got)
	}
	if got := opWords(feed, wire.Op{Key: "tx/1", Value: wire.BytesValue([]byte("\xff"))}); got != "ff" {
		t.Error("what is no transaction is shown as it is:", got)
	}
}
