package ledger

import (
	"testing"

	"jishan/crdt/store"
)

// A list that names both records of a person, far apart, says of each what both have,
// once.
func TestBalancesOfJoinedRecords(t *testing.T) {
	v := newVillage(t)
	v.start()
	other := id(77)
	v.gov.one = []Subject{person, other}
	if err := v.a.award(1, person, 4); err != nil {
		t.Fatal(err)
	}
	if err := v.a.award(2, other, 9); err != nil {
		t.Fatal(err)
	}
	list := []Subject{person}
	for i := range balancePage {
		list = append(list, Subject{200, byte(i), byte(i >> 8)})
	}
	list = append(list, other)
	v.a.view(func(q store.Querier) error {
		got, err := v.a.l.Balances(q, year, list...)
		for _, b := range []Balance{got[0], got[len(got)-1]} {
			if b.Spendable != 13 || b.Year != 13 {
				t.Errorf("%+v", b)
			}
		}
		return err
	})
}
