package people_test

import (
	"testing"

	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
)

// What is done to a person reaches all records that are joined, also where the
// joining is so new that the lists have not heard of it: here it is of the same
// transaction.
func TestJoinedAMomentAgo(t *testing.T) {
	w := newWorld(t, 31)
	o := w.office()
	var ids [2]people.ID
	for i, phone := range []string{"13800000001", "13900000001"} {
		id, err := people.ParseID(o.register(people.NewPerson{Name: "张三", Phone: phone}).ID)
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
	}
	join := func(tx *store.Tx, on bool) error {
		return o.Charter.SetPolicy(tx, govern.JoinSetting(ids[0], ids[1], on))
	}
	o.Must(func(tx *store.Tx) error {
		if err := join(tx, true); err != nil {
			return err
		}
		return o.BlockCardIn(tx, ids[0])
	})
	o.Must(func(tx *store.Tx) error { return join(tx, false) })
	for _, id := range ids {
		if !o.get(id.String()).CardBlocked {
			t.Errorf("the card of %v is taken", id)
		}
	}
}
