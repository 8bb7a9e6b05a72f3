package activity_test

import (
	"errors"
	"testing"

	"jishan/app/activity"
	"jishan/app/activity/activitytest"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// breaking books nothing for the first deed of one person.
type breaking struct {
	activity.Rights
	person, key ledger.Subject
	why         error
}

func (r *breaking) Award(tx *store.Tx, a ledger.Award) (store.Ref, error) {
	if r.why != nil && a.Person == r.person && (r.key == ledger.Subject{} || a.Key == r.key) {
		r.key = a.Key
		return store.Ref{}, r.why
	}
	return r.Rights.Award(tx, a)
}

// One payment that fails for no want of rights keeps no other one waiting, neither at
// a chore nor when somebody records something; it is told, and paid when it can be.
func TestWhatIsStuckStopsNobody(t *testing.T) {
	v := activitytest.New(t, 1)
	office, station := v.Office(), v.Devices[1]
	people := v.People(3)
	deed := func(d *activitytest.Device, p string, line string) (r activity.Recorded, err error) {
		err = d.Board.Run(d.Try, func(tx *store.Tx) (err error) {
			r, err = d.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "WX01", At: v.Now, Witness: "网格员", Line: line}, "甲")
			return err
		})
		return r, err
	}
	for _, p := range people {
		if r, err := deed(station, p, "1"); err != nil || !r.OnTheWay {
			t.Fatalf("%+v %v", r, err)
		}
	}
	rights := &breaking{Rights: office.Board.Rights, person: ledger.TextSubject(people[0]), why: errors.New("a row that can't be read")}
	office.Board.Rights = rights
	office.Pull(station)
	tend := func() error {
		return office.Board.Run(office.Try, func(tx *store.Tx) error { _, err := office.Board.Tend(tx); return err })
	}
	paid := func(p string) (n int64) {
		office.See(func(q store.Querier) error {
			b, err := office.Ledger.Balance(q, ledger.TextSubject(p), "2026")
			n = b.Spendable
			return err
		})
		return n
	}
	if err := tend(); err != nil {
		t.Fatal(err)
	}
	if paid(people[0]) != 0 || paid(people[1]) == 0 || paid(people[2]) == 0 {
		t.Errorf("paid: %d, %d, %d", paid(people[0]), paid(people[1]), paid(people[2]))
	}
	if n, why := office.Board.Aside(); n != 1 || !errors.Is(why, rights.why) {
		t.Errorf("%d aside: %v", n, why)
	}
	v.Now += hour // it is tried again, in the midst of what somebody records
	if r, err := deed(office, people[0], "2"); err != nil || r.OnTheWay || paid(people[0]) == 0 {
		t.Errorf("%+v %v", r, err)
	}
	one := paid(people[0])
	rights.why = nil
	v.Now += hour
	if err := tend(); err != nil {
		t.Fatal(err)
	}
	if n, _ := office.Board.Aside(); n != 0 || paid(people[0]) != 2*one {
		t.Errorf("%d aside, %d paid, %d for one", n, paid(people[0]), one)
	}
}
