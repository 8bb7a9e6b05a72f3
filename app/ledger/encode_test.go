package ledger

import (
	"testing"
)

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

func TestAwardIsSmall(t *testing.T) {
	b, err := sampleAward().Encode(id(9))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(b))
	if len(b) > 95 {
		t.Errorf("an award takes %d bytes", len(b))
	}
	if _, err := Decode(b, id(9)); err != nil {
		t.Error(err)
	}
}
