package ledger

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"jishan/crdt/wire"
)

var update = flag.Bool("update", false, "write the golden files")

func id(n byte) (s Subject) {
	for i := range s {
		s[i] = n + byte(i)
	}
	return
}

// sampleAward is the commonest transaction of all.
func sampleAward() *Tx {
	return &Tx{Entries: []Entry{
		{Type: Mint, Quota: Quota{Points, id(1), "2026"}, Amount: 3, Deed: Deed{Turn: id(2), Key: id(3)}, Item: "A109", Version: 7},
		{Type: Consume, Quota: Quota{Issue, id(2), "2026"}, Amount: 3},
	}}
}

func hash(n byte) (h wire.Hash) {
	for i := range h {
		h[i] = n
	}
	return
}

// samples hold every entry, kind and field at least once.
func samples() map[string]*Tx {
	to := Feed{wire.Actor{7}, id(9)}
	moved := []byte("a change")
	list := map[string]*Tx{
		"award": sampleAward(),
		"part":  {Part: &Part{PrevSeq: PartSize, PrevHash: hash(4), Number: 2 * PartSize}, Entries: sampleAward().Entries},
		"move": {Entries: []Entry{
			{Type: Move, Quota: Quota{Points, id(1), "2025"}, Amount: 1000, To: to, Head: Tip{70000, hash(1)}},
			{Type: Move, Quota: Quota{Turn, id(2), ""}, Amount: 1, To: to}}},
		"take": {Entries: []Entry{
			{Type: Take, Quota: Quota{Points, id(1), "2026"}, Amount: 5, Evidence: 1, Index: 3},
			{Type: Consume, Quota: Quota{Kind: Exposure, Subject: id(5)}, Amount: 5},
			{Type: Take, Quota: Quota{Points, id(1), "2025"}, Amount: 2, Evidence: 2}},
			Evidence: []Evidence{{Epoch: 1, Part: 1, Chunk: moved, Seal: [64]byte{1}}, {Epoch: 1, Part: 3, Chunk: moved, Tail: []wire.Chunk{{1}, {2, 3}}}}},
		"succeed": {Entries: []Entry{{Type: Succeed, Quota: Quota{Points, id(1), "2026"}, Amount: 9, From: wire.Actor{3}}}},
		"redeem": {Entries: []Entry{
			{Type: Consume, Quota: Quota{Points, id(1), "2026"}, Amount: 20, Order: id(30)},
			{Type: Consume, Quota: Quota{Kind: Stock, Subject: id(31)}, Amount: 2, Order: id(30)}}},
		"undo": {Entries: []Entry{
			{Type: Restore, Quota: Quota{Issue, id(2), "2026"}, Amount: 3, Ref: Ref{hash(2), 1}},
			{Type: Burn, Quota: Quota{Points, id(1), "2026"}, Amount: 3, Why: WhyUndo, Ref: Ref{hash(2), 0}, Note: "填错了"}}},
		"away": {Entries: []Entry{{Type: Burn, Quota: Quota{Points, id(1), "2026"}, Amount: 3, Why: WhyMoved, To: Feed{wire.Actor{7}, id(8)}, Head: Tip{1, hash(3)}}}},
		"arrive": {Entries: []Entry{{Type: Mint, Quota: Quota{Points, id(1), "2026"}, Amount: 3, Why: WhyMoved, Evidence: 1},
			{Type: Consume, Quota: Quota{Kind: Credit, Subject: id(8)}, Amount: 3}}, Evidence: []Evidence{{Epoch: 2, Part: 1, Chunk: moved}}},
		"opening": {Entries: []Entry{
			{Type: Mint, Quota: Quota{Points, id(1), "2026"}, Amount: 112, Deed: Deed{id(2), id(3)}, Why: WhyOpening, Item: "opening", Version: 1},
			{Type: Tally, Quota: Quota{Points, id(1), "2026"}, Amount: 132, Deed: Deed{id(2), id(3)}, Why: WhyLifetime},
			{Type: Tally, Quota: Quota{Points, id(1), "2026"}, Amount: 40, Deed: Deed{id(2), id(3)}, Why: WhyYear}}},
		"back": {Entries: []Entry{
			{Type: Tally, Quota: Quota{Points, id(1), "2026"}, Amount: 132, Why: WhyBack, Ref: Ref{hash(2), 0}},
			{Type: Tally, Quota: Quota{Points, id(1), "2026"}, Amount: 40, Why: WhyBack, Ref: Ref{hash(2), 1}}}},
		"seen": {Entries: []Entry{{Type: Seen, Tips: []Seenness{{wire.Actor{1}, Tip{5, hash(5)}}, {wire.Actor{2}, Tip{1 << 33, hash(6)}}}}}},
	}
	kinds := &Tx{}
	for k := Points; k <= lastKind; k++ {
		kinds.Entries = append(kinds.Entries, Entry{Type: Mint, Quota: Quota{Kind: k, Subject: id(byte(k))}, Amount: 1})
	}
	list["kinds"] = kinds
	burns := &Tx{}
	for _, w := range []Why{WhyExpiry, WhyCorrection, WhyDeduction, WhyCount} {
		burns.Entries = append(burns.Entries, Entry{Type: Burn, Quota: Quota{Points, id(1), "2026"}, Amount: MaxAmount, Why: w, Item: "B1", Version: 300})
	}
	list["burns"] = burns
	account, debt := Quota{Points, id(1), "2026"}, Quota{Debt, id(1), "2026"}
	list["return"] = &Tx{Entries: []Entry{
		{Type: Restore, Quota: account, Amount: 4, Why: WhyReturn, Ref: Ref{hash(2), 0}, Note: "记错了人"},
		{Type: Restore, Quota: debt, Amount: 4, Why: WhyReturn, Ref: Ref{hash(3), 1}},
		{Type: Burn, Quota: debt, Amount: 6, Why: WhyUndo, Ref: Ref{hash(2), 1}}}}
	list["recall"] = &Tx{Entries: []Entry{
		{Type: Burn, Quota: account, Amount: 4, Why: WhyRecall, Ref: Ref{hash(2), 0}},
		{Type: Mint, Quota: debt, Amount: 6, Why: WhyRecall, Ref: Ref{hash(2), 0}}}}
	list["fine"] = &Tx{Entries: []Entry{
		{Type: Burn, Quota: account, Amount: 1, Why: WhyFine, Deed: Deed{id(2), id(3)}, Item: "KF01", Version: 4},
		{Type: Mint, Quota: debt, Amount: 2, Why: WhyFine, Deed: Deed{id(2), id(3)}, Item: "KF01", Version: 4}}}
	return list
}

// TestGolden holds the encoding of version 1 against files, for ever.
func TestGolden(t *testing.T) {
	for name, tx := range samples() {
		b, err := tx.Encode(id(9))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.Join("testdata", "v1", name+".hex")
		if *update {
			if err := os.WriteFile(path, []byte(hex.EncodeToString(b)+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(b)+"\n" != string(want) {
			t.Errorf("%s encodes differently:\n%x\n%s", name, b, want)
		}
		back, err := Decode(b, id(9))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(back, tx) {
			t.Errorf("%s: %+v became %+v", name, tx, back)
		}
	}
}

func TestAppendIsTheLibrarys(t *testing.T) {
	for name, tx := range samples() {
		w := tx.pack(id(9))
		want, err := encMode.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.append(nil); !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x", name, got, want)
		}
	}
}

func TestAwardIsSmall(t *testing.T) {
	b, err := sampleAward().Encode(id(9))
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 95 {
		t.Errorf("an award takes %d bytes", len(b))
	}
}

// mutate decodes to a generic map, changes it and encodes it again.
func mutate(t *testing.T, tx *Tx, fn func(m map[any]any)) []byte {
	t.Helper()
	b, err := tx.Encode(id(9))
	if err != nil {
		t.Fatal(err)
	}
	var m map[any]any
	if err := cbor.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	fn(m)
	b, err = encMode.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func first(m map[any]any) map[any]any { return m[uint64(5)].([]any)[0].(map[any]any) }

func TestNewerWaits(t *testing.T) {
	for name, fn := range map[string]func(m map[any]any){
		"version":         func(m map[any]any) { m[uint64(1)] = 2 },
		"version, fields": func(m map[any]any) { m[uint64(1)], m[uint64(40)] = 9, "new" },
		"entry type":      func(m map[any]any) { first(m)[uint64(1)] = uint64(lastType) + 1 },
		"type, fields":    func(m map[any]any) { first(m)[uint64(1)], first(m)[uint64(77)] = 40, []any{1} },
		"kind":            func(m map[any]any) { first(m)[uint64(2)] = uint64(lastKind) + 1 },
		"reason":          func(m map[any]any) { first(m)[uint64(17)] = uint64(lastWhy) + 1 },
	} {
		if _, err := Decode(mutate(t, sampleAward(), fn), id(9)); !errors.Is(err, ErrNewer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMalformed(t *testing.T) {
	cases := map[string][]byte{
		"empty": {}, "no map": {0x01}, "cut off": {0xa1, 0x01}, "version 0": mutate(t, sampleAward(), func(m map[any]any) { m[uint64(1)] = 0 }),
	}
	for name, fn := range map[string]func(m map[any]any){
		"unknown field":       func(m map[any]any) { m[uint64(9)] = 1 },
		"unknown entry field": func(m map[any]any) { first(m)[uint64(20)] = 1 },
		"no entries":          func(m map[any]any) { m[uint64(5)] = []any{} },
		"amount 0":            func(m map[any]any) { delete(first(m), uint64(4)) },
		"negative":            func(m map[any]any) { first(m)[uint64(4)] = -1 },
		"huge":                func(m map[any]any) { first(m)[uint64(4)] = int64(MaxAmount) + 1 },
		"overflow":            func(m map[any]any) { first(m)[uint64(4)] = uint64(1 << 63) },
		"points by name":      func(m map[any]any) { first(m)[uint64(2)] = 1 },
		"dictionary index":    func(m map[any]any) { first(m)[uint64(3)] = 9 },
		"own period again":    func(m map[any]any) { first(m)[uint64(5)] = "2026" },
		"period":              func(m map[any]any) { m[uint64(4)] = "2026 \n" },
		"unused id":           func(m map[any]any) { m[uint64(3)] = append(m[uint64(3)].([]byte), make([]byte, 16)...) },
		"control character":   func(m map[any]any) { first(m)[uint64(10)] = "A\x00" },
		"payee of a MINT":     func(m map[any]any) { first(m)[uint64(6)] = make([]byte, 16) },
		"note too long":       func(m map[any]any) { first(m)[uint64(18)] = string(bytes.Repeat([]byte("x"), MaxNote+1)) },
		"evidence nowhere":    func(m map[any]any) { m[uint64(6)] = []any{[]any{1, 1, []byte{1}, []any{}, make([]byte, 64)}} },
		"bad reason":          func(m map[any]any) { first(m)[uint64(17)] = uint64(WhyExpiry) },
	} {
		cases[name] = mutate(t, sampleAward(), fn)
	}
	b, _ := sampleAward().Encode(id(9))
	cases["trailing"] = append(bytes.Clone(b), 0)
	long := append([]byte{0xa4, 0x18, 0x01}, b[2:]...)
	cases["long key"] = long
	for name, b := range cases {
		if _, err := Decode(b, id(9)); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	two := &Tx{Entries: []Entry{{Type: Mint, Quota: Quota{Kind: Turn, Subject: id(1)}, Amount: 2}}}
	if _, err := two.Encode(id(9)); !errors.Is(err, ErrForm) {
		t.Error("two of one turn")
	}
}

func TestQuotaID(t *testing.T) {
	q := Quota{Points, id(1), "2026"}
	if got, want := fmt.Sprintf("%x", q.ID(id(9))), "8d0957c2435ba01d8fd4c92722d84551"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if s, err := ParseSubject(id(1).String()); err != nil || s != id(1) {
		t.Error(s, err)
	}
	if _, err := ParseSubject("ABC"); err == nil {
		t.Error("not an id")
	}
}

func TestVoucherEncoding(t *testing.T) {
	v := &Evidence{Epoch: 1, Part: 2, Chunk: []byte("chunk"), Tail: []wire.Chunk{{1, 2}}, Seal: [64]byte{5}}
	b, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeEvidence(b)
	if err != nil || !reflect.DeepEqual(back, v) {
		t.Fatal(back, err)
	}
	b[2] = 2 // version
	if _, err := DecodeEvidence(b); !errors.Is(err, ErrNewer) {
		t.Error(err)
	}
	if _, err := DecodeEvidence([]byte{0xa0}); !errors.Is(err, ErrForm) {
		t.Error(err)
	}
}

// drawTx draws any well-formed transaction.
func drawTx(t *rapid.T) *Tx {
	all := samples()
	names := []string{"award", "move", "take", "succeed", "redeem", "undo", "away", "arrive", "opening", "seen", "kinds", "burns", "part"}
	tx := all[rapid.SampledFrom(names).Draw(t, "sample")]
	for i := range tx.Entries {
		e := &tx.Entries[i]
		if e.Type == Seen {
			continue
		}
		e.Quota.Subject = id(rapid.Byte().Draw(t, "subject"))
		e.Quota.Period = rapid.SampledFrom([]string{"", "2025", "2026", "2026q3"}).Draw(t, "period")
		if e.Quota.Kind != Turn {
			e.Amount = rapid.Int64Range(1, MaxAmount).Draw(t, "amount")
		}
		e.Note = rapid.SampledFrom([]string{"", "好", "x"}).Draw(t, "note")
	}
	return tx
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tx := drawTx(t)
		b, err := tx.Encode(id(9))
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(b, id(9))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, tx) {
			t.Fatalf("%+v became %+v", tx, back)
		}
		lib, err := encMode.Marshal(tx.pack(id(9)))
		if err != nil || !bytes.Equal(lib, b) {
			t.Fatalf("%x %x %v", b, lib, err)
		}
	})
}

// FuzzDecode: whatever is accepted encodes again to the same bytes.
func FuzzDecode(f *testing.F) {
	for _, tx := range samples() {
		b, err := tx.Encode(id(9))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if w, ok := parseTx(b); ok { // the fast way accepts what the library accepts
			var lib wireTx
			if err := decMode.Unmarshal(b, &lib); err == nil && !bytes.Equal(lib.append(nil), w.append(nil)) {
				t.Fatalf("%x: read as %+v, by the library as %+v", b, w, lib)
			}
		}
		tx, err := Decode(b, id(9))
		if err != nil {
			if !errors.Is(err, ErrForm) && !errors.Is(err, ErrNewer) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		again, err := tx.Encode(id(9))
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x became %x: %v", b, again, err)
		}
	})
}
