package audit

import (
	"slices"
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A transaction is called by the heaviest of its entries, whatever their order, and
// its points are what can be spent more or less.
func TestEntries(t *testing.T) {
	points := func(e ledger.Entry) ledger.Entry { e.Quota.Kind = ledger.Points; return e }
	award, spend := points(ledger.Entry{Type: ledger.Mint, Amount: 5, Item: "HJ01", Version: 3}), points(ledger.Entry{Type: ledger.Consume, Amount: 2})
	undo := points(ledger.Entry{Type: ledger.Burn, Amount: 5, Why: ledger.WhyUndo})
	for name, x := range map[string]struct {
		entries []ledger.Entry
		kind    string
		points  int64
	}{
		"an award":                  {[]ledger.Entry{award}, Award, 5},
		"a redemption":              {[]ledger.Entry{spend}, Redeem, -2},
		"a deduction":               {[]ledger.Entry{points(ledger.Entry{Type: ledger.Burn, Amount: 3})}, Deduct, -3},
		"a correction":              {[]ledger.Entry{undo}, Correct, -5},
		"an award and its opposite": {[]ledger.Entry{award, undo}, Correct, 0},
		"given back":                {[]ledger.Entry{points(ledger.Entry{Type: ledger.Restore, Amount: 2})}, Correct, 2},
		"moved to another device":   {[]ledger.Entry{points(ledger.Entry{Type: ledger.Move, Amount: 9})}, Rights, 0},
	} {
		for range 2 {
			r := row{kind: Rights, ids: map[string]bool{}}
			for i := range x.entries {
				r.entry(&x.entries[i])
			}
			if r.kind != x.kind || r.points != x.points || len(r.ids) != 1 {
				t.Errorf("%s: %+v", name, r)
			}
			slices.Reverse(x.entries)
		}
	}
	r := row{ids: map[string]bool{}}
	r.entry(&award)
	if r.item != "HJ01" || r.version != 3 {
		t.Errorf("the rule: %+v", r)
	}
}

// A change of records is called by its keys and its action, and names ids alone.
func TestRecords(t *testing.T) {
	const id = "7w1g4hxzhannbxvc6h8nmzk3jk"
	for key, want := range map[string]string{"person/" + id + "/name": People, "claim/" + id + "/" + id + "/made": Decide, "receipt/" + id + "/00": Erase, "correction/" + id: Correct} {
		r := row{kind: People, ids: map[string]bool{}}
		r.records(store.Event{Change: &wire.Change{Ops: []wire.Op{{Key: key, Value: wire.StringValue("欧阳秋水")}}}})
		if r.kind != want || len(r.ids) != 1 || !r.ids[id] {
			t.Errorf("%s: %+v", key, r)
		}
	}
	r := row{kind: People, ids: map[string]bool{}}
	r.records(store.Event{Change: &wire.Change{}, Context: seal.Context{Action: "people.erase"}})
	if r.kind != Erase {
		t.Error("an erasure is", r.kind)
	}
}
