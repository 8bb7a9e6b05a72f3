package activity_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"jishan/app/activity"
	"jishan/app/activity/activitytest"
	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	minute = 60_000
	hour   = 60 * minute
)

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if !errors.Is(err, fault.New(code)) {
		t.Fatalf("want the fault %s, got %v", code, err)
	}
}

func publish(d *activitytest.Device, n activity.New) (id string) {
	d.V.T.Helper()
	if n.Title == "" {
		n.Title = "送春联"
	}
	if n.Start == 0 {
		n.Start, n.End = d.V.Now+hour, d.V.Now+3*hour
	}
	d.Do(func(tx *store.Tx) (err error) {
		id, err = d.Board.Publish(tx, n)
		return err
	})
	return id
}

func get(d *activitytest.Device, id string) (a activity.Activity) {
	d.V.T.Helper()
	d.See(func(q store.Querier) (err error) {
		a, err = d.Board.Get(q, id)
		return err
	})
	return a
}

func signUp(d *activitytest.Device, id string, people ...string) {
	d.V.T.Helper()
	d.V.Now += 1000
	d.Do(func(tx *store.Tx) error { return d.Board.SignUp(tx, id, people, "desk") })
}

func with(a activity.Activity, status string) (out []string) {
	for _, x := range a.Attendees {
		if x.Status == status {
			out = append(out, x.Person)
		}
	}
	return out
}

func who(t *testing.T, a activity.Activity, person string) activity.Attendee {
	t.Helper()
	i := slices.IndexFunc(a.Attendees, func(x activity.Attendee) bool { return x.Person == person })
	if i < 0 {
		t.Fatalf("nobody of that id among %d", len(a.Attendees))
	}
	return a.Attendees[i]
}

func TestThirteenPlacesAndTwentySignUpsOfWhichEightAreCutOff(t *testing.T) {
	v := activitytest.New(t, 2)
	office, far := v.Devices[0], v.Devices[2]
	people := v.People(20)
	id := publish(office, activity.New{Places: 13, Item: "HD01"})
	v.Meet()
	watch := func() {
		t.Helper()
		for _, d := range v.Devices {
			if a := get(d, id); a.Confirmed > 13 || len(with(a, activity.Confirmed)) > 13 {
				t.Fatalf("%s: %d confirmed", d.Name, a.Confirmed)
			}
		}
	}
	// eight sign up at the far station while twelve do so at the office, in turns
	for i, p := range people {
		d := office
		if i%5 < 2 {
			d = far
		}
		signUp(d, id, p)
		watch()
	}
	if a := get(office, id); a.Confirmed != 12 || a.State != activity.Open {
		t.Fatalf("office: %d confirmed, %s", a.Confirmed, a.State)
	}
	if a := get(far, id); a.Confirmed != 0 || a.Pending != 8 {
		t.Fatalf("far station: %d confirmed, %d pending", a.Confirmed, a.Pending)
	}
	v.Meet()
	watch()
	for _, d := range v.Devices {
		a := get(d, id)
		if a.Confirmed != 13 || a.Waiting != 7 || a.Pending != 0 || a.State != activity.Full {
			t.Fatalf("%s: %d confirmed, %d waiting, %d pending, %s", d.Name, a.Confirmed, a.Waiting, a.Pending, a.State)
		}
		if got, want := with(a, activity.Confirmed)[12], people[0]; !slices.Contains(with(a, activity.Confirmed), want) {
			t.Fatalf("the first who signed up at the far station has no place (last: %s)", got)
		}
		waiting := with(a, activity.Waiting)
		for i, p := range waiting {
			if x := who(t, a, p); x.Rank != int64(i+1) || i > 0 && who(t, a, waiting[i-1]).SignedAt > x.SignedAt {
				t.Fatalf("%s: the wait list is out of order at %d", d.Name, i)
			}
		}
	}
	// one gives up at the far station, cut off: nobody is promoted before they meet
	next := with(get(office, id), activity.Waiting)[0]
	leaver := people[2]
	far.Do(func(tx *store.Tx) error { return far.Board.SignOff(tx, id, leaver) })
	if a := get(far, id); a.Confirmed != 12 || slices.Contains(with(a, activity.Confirmed), next) {
		t.Fatalf("cut off: %d confirmed", a.Confirmed)
	}
	v.Meet()
	watch()
	for _, d := range v.Devices {
		a := get(d, id)
		if who(t, a, next).Status != activity.Confirmed || who(t, a, leaver).Status != activity.SignedOff || a.Confirmed != 13 || a.Waiting != 6 {
			t.Fatalf("%s: the first of the wait list is %s", d.Name, who(t, a, next).Status)
		}
	}
	// back again: at the end of the wait list
	signUp(far, id, leaver)
	v.Meet()
	a := get(far, id)
	if x := who(t, a, leaver); x.Status != activity.Waiting || x.Rank != 7 {
		t.Fatalf("who comes back is %s, rank %d", x.Status, x.Rank)
	}
}

func TestRandomSignUpsAreNeverOverBooked(t *testing.T) {
	seed := uint64(20260205)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	v := activitytest.New(t, 2)
	people := v.People(16)
	id := publish(v.Devices[1], activity.New{Places: 5, Item: "HD01"})
	v.Meet()
	far := v.Devices[2]
	v.Devices[1].Do(func(tx *store.Tx) error {
		return v.Devices[1].Board.Delegate(tx, id, far.Inc.Actor(), 2, false)
	})
	for range 70 {
		d := v.Devices[r.IntN(3)]
		p := people[r.IntN(len(people))]
		v.Now += 1000
		var err error
		switch r.IntN(8) {
		case 0, 1, 2, 3:
			err = d.Try(func(tx *store.Tx) error { return d.Board.SignUp(tx, id, []string{p}, "desk") })
		case 4:
			err = d.Try(func(tx *store.Tx) error { return d.Board.SignOff(tx, id, p) })
		case 5:
			err = d.Try(func(tx *store.Tx) error { return d.Board.Promote(tx, id, p) })
		case 6:
			n := int64(r.IntN(5) + 3)
			err = d.Try(func(tx *store.Tx) error { return d.Board.Update(tx, id, activity.Fields{Places: &n}) })
		case 7:
			v.Sync(d, v.Devices[r.IntN(3)])
		}
		if fault.Of(err).Code == "internal" && err != nil {
			t.Fatal(err)
		}
		for _, x := range v.Devices {
			used, made := places(x, id)
			if used > made || used > 8 {
				t.Fatalf("%s: %d of %d places are taken", x.Name, used, made)
			}
		}
	}
	v.Meet()
	a := get(far, id)
	used, made := places(far, id)
	signed := a.Confirmed + a.Waiting + a.Pending
	if made > max(a.Places, a.Confirmed) && used < made || a.Confirmed < min(signed, a.Places) {
		t.Fatalf("after meeting: %d of %d places, %d confirmed of %d signed up", used, made, a.Confirmed, signed)
	}
}

func places(d *activitytest.Device, id string) (used, made int64) {
	d.See(func(q store.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(DISTINCT person) FROM activity_place WHERE activity = ?`, id).Scan(&used); err != nil {
			return err
		}
		return q.QueryRow(`SELECT COALESCE(SUM(n), 0) FROM activity_made WHERE activity = ?`, id).Scan(&made)
	})
	return used, made
}

func TestTwoHoldersConfirmOnePersonOnce(t *testing.T) {
	v := activitytest.New(t, 2)
	office, far := v.Devices[0], v.Devices[2]
	people := v.People(3)
	id := publish(office, activity.New{Places: 3, Item: "HD01"})
	office.Do(func(tx *store.Tx) error { return office.Board.Delegate(tx, id, far.Inc.Actor(), 1, false) })
	v.Meet()
	signUp(office, id, people[0])
	signUp(far, id, people[0])
	if a, b := get(office, id), get(far, id); a.Confirmed != 1 || b.Confirmed != 1 {
		t.Fatalf("apart: %d and %d", a.Confirmed, b.Confirmed)
	}
	v.Meet()
	for _, d := range v.Devices {
		var rows int
		d.See(func(q store.Querier) error {
			return q.QueryRow(`SELECT COUNT(*) FROM activity_place WHERE activity = ?`, id).Scan(&rows)
		})
		if a := get(d, id); rows != 1 || a.Confirmed != 1 {
			t.Fatalf("%s: %d places for one person", d.Name, rows)
		}
	}
	signUp(office, id, people[1:]...)
	v.Meet()
	if a := get(office, id); a.Confirmed != 3 || a.State != activity.Full {
		t.Fatalf("the place that was given back is lost: %d", a.Confirmed)
	}
}

// TestAClockThatWasAYearAheadLeavesNoPlacesIdle: what was written meanwhile keeps
// the store's time ahead; sign-ups that come later are confirmed all the same.
func TestAClockThatWasAYearAheadLeavesNoPlacesIdle(t *testing.T) {
	v := activitytest.New(t, 2)
	home, other, p := v.Devices[1], v.Devices[2], v.Person("居民甲")
	id := publish(home, activity.New{Places: 2, Item: "HD01"})
	v.Meet()
	const year = 366 * 24 * 3600 * 1000
	v.Now += year
	publish(home, activity.New{Places: 1, Item: "HD01"})
	v.Now -= year
	signUp(other, id, p)
	v.Meet()
	if used, made := places(home, id); used != 1 || made != 2 {
		t.Fatalf("%d of %d places are given, and one person waits", used, made)
	}
}

func TestOnlyThePublisherMakesPlaces(t *testing.T) {
	v := activitytest.New(t, 1)
	office, far := v.Devices[0], v.Devices[1]
	p := v.Person("居民甲")
	id := publish(office, activity.New{Places: 2, Item: "HD01"})
	far.PullOnly(office, "activity") // the ledger's part of the sync was cut off
	signUp(far, id, p)
	far.Tend()
	if _, made := places(far, id); made != 0 {
		t.Fatalf("%d places made by who did not publish", made)
	}
	v.Meet()
	if used, made := places(far, id); used != 1 || made != 2 {
		t.Fatalf("%d of %d places", used, made)
	}
}

func TestScenario02HalfHoursThreeScansAndTwoOrganisers(t *testing.T) {
	v := activitytest.New(t, 1)
	office, station := v.Devices[0], v.Devices[1]
	people := v.People(5)
	id := publish(office, activity.New{Item: "XC01", Start: v.Now, End: v.Now + 4*hour})
	v.Meet()
	began := v.Now
	scan := func(d *activitytest.Device, p string, at int64) (s activity.Seen) {
		t.Helper()
		v.Now = began + at
		d.Do(func(tx *store.Tx) (err error) {
			s, err = d.Board.ScanCard(tx, id, "card:"+p, "经办人"+d.Name)
			return err
		})
		return s
	}
	// both organisers see the fifth arrive, one of them twice; cut off from each other
	scan(office, people[4], 0)
	if s := scan(office, people[4], 20_000); !s.Again || s.Out {
		t.Fatalf("a second scan soon after the first: %+v", s)
	}
	scan(station, people[4], 40_000)
	for i, p := range people[:4] {
		scan(station, p, int64(i)*1000+60_000)
	}
	for i, m := range []int64{29, 30, 60, 105} {
		if s := scan(station, people[i], int64(i)*1000+60_000+m*minute); !s.Out {
			t.Fatalf("not taken for a departure: %+v", s)
		}
	}
	scan(station, people[4], 105*minute)
	v.Now = began + 4*hour + 1
	var o activity.Outcome
	finish := func(d *activitytest.Device) {
		t.Helper()
		d.Do(func(tx *store.Tx) (err error) {
			o, err = d.Board.Finish(tx, id)
			return err
		})
	}
	finish(station)
	if o != (activity.Outcome{People: 4, Points: 9, OnTheWay: 9, Nothing: 1}) {
		t.Fatalf("finished without the turn: %+v", o)
	}
	if a := get(station, id); a.IHoldTurn || a.State != activity.Ended || who(t, a, people[3]).Awarded != "onTheWay" {
		t.Fatalf("station: %v %s", a.IHoldTurn, a.State)
	}
	v.Meet()
	finish(office)
	finish(station)
	v.Meet()
	for _, d := range v.Devices {
		a := get(d, id)
		for i, want := range []int64{0, 1, 2, 3, 3} {
			x := who(t, a, people[i])
			if x.Points != want || want > 0 && x.Awarded != "booked" {
				t.Fatalf("%s: person %d has %d points for %d minutes (%s)", d.Name, i, x.Points, x.Minutes, x.Awarded)
			}
		}
		if x := who(t, a, people[4]); x.Scans != 4 || len(x.Recorders) != 2 || x.InAt != began {
			t.Fatalf("%s: %d scans, recorders %v, in %d", d.Name, x.Scans, x.Recorders, x.InAt-began)
		}
		if a.State != activity.Awarded || a.Present != 5 || a.Counts.Card != 5 {
			t.Fatalf("%s: %s, %d present, %+v", d.Name, a.State, a.Present, a.Counts)
		}
		balance(d, people[4], 3)
	}
	if o != (activity.Outcome{People: 4, Points: 9, Nothing: 1}) {
		t.Fatalf("finished again: %+v", o)
	}
}

func balance(d *activitytest.Device, person string, want int64) {
	d.V.T.Helper()
	d.See(func(q store.Querier) error {
		b, err := d.Ledger.Balance(q, ledger.TextSubject(person), "2026")
		if err == nil && (b.Spendable != want || b.Lifetime != want) {
			d.V.T.Fatalf("%s: balance %+v, want %d", d.Name, b, want)
		}
		return err
	})
}

func TestScenario02AnOldPictureOfTheCodeIsRefused(t *testing.T) {
	v := activitytest.New(t, 1)
	office, station := v.Devices[0], v.Devices[1]
	p := v.Person("居民甲")
	id := publish(office, activity.New{Item: "HD01", Start: v.Now, End: v.Now + 2*hour})
	v.Meet()
	code := func() (c activity.CheckInCode) {
		office.See(func(q store.Querier) (err error) {
			c, err = office.Board.Code(q, id, "http://192.0.2.1:8420/#/c/")
			return err
		})
		return c
	}
	checkIn := func(text string) error {
		return station.Try(func(tx *store.Tx) error {
			_, err := station.Board.ScanCode(tx, text, p, "手机")
			return err
		})
	}
	v.Now -= v.Now % 30_000
	old := code()
	if old.Left != 30 || !strings.HasPrefix(old.SVG, "<svg") || !activity.IsCode(old.URL) {
		t.Fatalf("%+v", old)
	}
	v.Now += 29_999
	if code().Text != old.Text || code().Left != 1 {
		t.Fatal("the code changed within its window")
	}
	v.Now += 60_001 // two windows later: a picture
	refused(t, checkIn(old.Text), "activity.code.old")
	refused(t, checkIn(old.URL), "activity.code.old")
	fresh := code()
	refused(t, checkIn(fresh.Text[:len(fresh.Text)-1]), "activity.code.bad")
	refused(t, checkIn("jsq1."+id+".zzz.0000"), "activity.code.bad")
	refused(t, checkIn(strings.Repeat("x", 5000)), "activity.code.bad")
	v.Now += 31_000 // one window later: the scan took a moment
	if err := checkIn(fresh.URL); err != nil {
		t.Fatal(err)
	}
	v.Meet()
	if x := who(t, get(office, id), p); x.How != activity.QR || x.Scans != 1 || x.Status != activity.WalkIn {
		t.Fatalf("%+v", x)
	}
}

func TestScenario14OneLineEnteredByTwoPeopleCountsOnce(t *testing.T) {
	v := activitytest.New(t, 2)
	a, b := v.Devices[1], v.Devices[2]
	p := v.Person("王师傅")
	record := func(d *activitytest.Device, operator, line string, at int64) (r activity.Recorded, err error) {
		err = d.Try(func(tx *store.Tx) (err error) {
			r, err = d.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "WX01", At: at, Witness: "网格员", Line: line}, operator)
			return err
		})
		return r, err
	}
	ok := func(r activity.Recorded, err error) activity.Recorded {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	// the same line, dates of different months, cut off from each other
	if r := ok(record(a, "甲", "7", v.Now)); r.Points != 3 || !r.OnTheWay || r.Ref != nil {
		t.Fatalf("%+v", r)
	}
	ok(record(b, "乙", "7", v.Now-8*24*hour))
	if r := ok(record(b, "丙", "7", v.Now)); !r.Again {
		t.Fatalf("a second person at one device: %+v", r)
	}
	_, err := record(b, "丙", "7", v.Now)
	refused(t, err, "deed.double")
	v.Meet()
	for _, d := range v.Devices {
		balance(d, p, 3)
	}
	if r := ok(record(v.Office(), "丁", "7", v.Now)); r.Points != 3 || r.OnTheWay || r.Ref == nil || !r.Again {
		t.Fatalf("a third recorder: %+v", r)
	}
	if r := ok(record(v.Office(), "丁", "8", v.Now)); r.Ref == nil || r.Again {
		t.Fatalf("another line at the office: %+v", r)
	}
	v.Meet()
	balance(a, p, 6)
	a.See(func(q store.Querier) error {
		due, err := a.Board.Due(q, p)
		if len(due) != 0 {
			t.Errorf("still due: %+v", due)
		}
		return err
	})
	err = a.Try(func(tx *store.Tx) error {
		_, err := a.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "WX01", At: v.Now}, "甲")
		return err
	})
	refused(t, err, "deed.witness")
}

// TestDeedTakenBackIsEnteredAnew: a slip of the hand is undone and entered
// rightly, at two places that are cut off: it is one deed, and pays once.
func TestDeedTakenBackIsEnteredAnew(t *testing.T) {
	v := activitytest.New(t, 2)
	office, a := v.Office(), v.Devices[1]
	p := v.Person("王师傅")
	record := func(d *activitytest.Device, minutes int64, operator string) (r activity.Recorded, err error) {
		err = d.Try(func(tx *store.Tx) (err error) {
			r, err = d.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "WX01", At: v.Now, Minutes: minutes, Witness: "网格员"}, operator)
			return err
		})
		return r, err
	}
	undo := func(r activity.Recorded) {
		t.Helper()
		office.Do(func(tx *store.Tx) error {
			_, err := office.Ledger.Undo(tx, r.Ref.Hash)
			return err
		})
	}
	wrong, err := record(office, 120, "甲")
	if err != nil || wrong.Ref == nil {
		t.Fatal(wrong, err)
	}
	_, err = record(office, 60, "甲")
	refused(t, err, "deed.double")
	undo(wrong)
	v.Meet()
	right, err := record(office, 60, "甲")
	if err != nil || right.Ref == nil || right.Again {
		t.Fatal(right, err)
	}
	if r, err := record(a, 60, "乙"); err != nil || !r.OnTheWay {
		t.Fatal(r, err)
	}
	v.Meet()
	for _, d := range v.Devices {
		balance(d, p, 3)
	}
	undo(right)
	again, err := record(office, 60, "甲")
	if err != nil || again.Ref == nil || *again.Ref == *right.Ref {
		t.Fatal(again, err)
	}
	v.Meet()
	for _, d := range v.Devices {
		balance(d, p, 3)
	}
}

func TestDayCap(t *testing.T) {
	v := activitytest.New(t, 0)
	d := v.Office()
	p := v.Person("居民甲")
	for i := range 4 { // 代买药品: 2 each, at most 4 a day
		d.Do(func(tx *store.Tx) error {
			_, err := d.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "BN02", At: v.Now, Line: fmt.Sprint(i)}, "甲")
			return err
		})
	}
	balance(d, p, 4)
	d.Do(func(tx *store.Tx) error {
		_, err := d.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "BN02", At: v.Now - 24*hour, Line: "9"}, "甲")
		return err
	})
	balance(d, p, 6)
}

func TestAfterEntryLeadsAndPaysWhatCameLate(t *testing.T) {
	v := activitytest.New(t, 1)
	office, station := v.Devices[0], v.Devices[1]
	people := v.People(3)
	id := publish(office, activity.New{Item: "HJ01", Start: v.Now, End: v.Now + 2*hour, Places: 2})
	v.Meet()
	signUp(office, id, people[0], people[1])
	began := v.Now
	v.Now += hour
	office.Do(func(tx *store.Tx) error { // ticked late, never signed out: all of it
		return office.Board.CheckIn(tx, id, people[0], activity.Roll, false, "甲")
	})
	v.Now = began + 3*hour
	office.Do(func(tx *store.Tx) error { _, err := office.Board.Finish(tx, id); return err })
	balance(office, people[0], 6)
	if x := who(t, get(office, id), people[1]); x.Status != activity.NoShow {
		t.Fatalf("%+v", x)
	}
	// the station's paper sheet arrives after the end
	station.Do(func(tx *store.Tx) error {
		return station.Board.EnterAfter(tx, id, []activity.Arrival{
			{Person: people[2], InAt: began, OutAt: began + 61*minute}, {Person: people[0], InAt: began, OutAt: began + 5*minute},
		}, "乙")
	})
	v.Meet()
	for _, d := range v.Devices {
		balance(d, people[2], 3)
		balance(d, people[0], 6) // paid already; a later correction is an opposite entry
		if x := who(t, get(d, id), people[2]); x.How != activity.After || x.Status != activity.WalkIn {
			t.Fatalf("%+v", x)
		}
	}
	err := station.Try(func(tx *store.Tx) error {
		return station.Board.EnterAfter(tx, id, []activity.Arrival{{Person: people[1], InAt: began, OutAt: began - 1}}, "乙")
	})
	refused(t, err, "activity.after.time")
	refused(t, station.Try(func(tx *store.Tx) error {
		return station.Board.CheckIn(tx, id, people[1], activity.Roll, false, "乙")
	}), "activity.finished")
}

func TestWhoGetsNothingIsSaidAndCanBeGivenTimeBeforeAndAfterTheEnd(t *testing.T) {
	v := activitytest.New(t, 0)
	d := v.Office()
	people := v.People(4)
	began := v.Now
	id := publish(d, activity.New{Item: "HJ01", Start: began, End: began + 2*hour, Places: 4}) // 3 points an hour
	at := func(m int64, fn func(tx *store.Tx) error) {
		t.Helper()
		v.Now = began + m*minute
		d.Do(fn)
	}
	lacks := func(want ...string) {
		t.Helper()
		for i, p := range people {
			if x := who(t, get(d, id), p); x.Lacks != want[i] {
				t.Errorf("person %d of %d minutes and %d points lacks %q, want %q", i, x.Minutes, x.Points, x.Lacks, want[i])
			}
		}
	}
	give := func(person string, in, out int64) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			return d.Board.EnterAfter(tx, id, []activity.Arrival{{Person: person, InAt: began + in*minute, OutAt: out}}, "甲")
		}
	}
	at(1, func(tx *store.Tx) error { return d.Board.CheckIn(tx, id, people[0], activity.Roll, false, "甲") })
	for _, p := range people[1:] {
		at(8, func(tx *store.Tx) error { return d.Board.CheckIn(tx, id, p, activity.Card, false, "甲") })
	}
	at(30, func(tx *store.Tx) error { return d.Board.CheckIn(tx, id, people[2], activity.Card, true, "甲") })
	at(40, give(people[3], 8, 0)) // before the end: to the end
	lacks("", activity.LacksOut, activity.LacksTime, "")
	var o activity.Outcome
	finish := func(tx *store.Tx) (err error) { o, err = d.Board.Finish(tx, id); return err }
	at(41, finish)
	if want := (activity.Outcome{People: 2, Points: 9, Nothing: 2}); o != want {
		t.Fatalf("%+v, want %+v", o, want)
	}
	lacks("", activity.LacksOut, activity.LacksTime, "")
	at(300, give(people[1], 8, 0)) // afterwards: to the end
	at(301, give(people[2], 8, began+68*minute))
	lacks("", "", "", "")
	at(302, finish)
	if want := (activity.Outcome{People: 4, Points: 15}); o != want {
		t.Fatalf("%+v, want %+v", o, want)
	}
	for i, want := range []int64{6, 3, 3, 3} {
		balance(d, people[i], want)
	}
	at(303, func(tx *store.Tx) error { // the only award of six points is taken back
		var hash []byte
		if err := tx.QueryRow(`SELECT hash FROM activity_paid WHERE amount = 6`).Scan(&hash); err != nil {
			return err
		}
		_, err := d.Ledger.Undo(tx, wire.Hash(hash))
		return err
	})
	if x := who(t, get(d, id), people[0]); x.Awarded != "undone" || x.Points != 0 || x.Lacks != "" {
		t.Errorf("taken back: %+v", x)
	}
	at(304, finish)
	if want := (activity.Outcome{People: 3, Points: 9}); o != want {
		t.Errorf("%+v, want %+v", o, want)
	}
	balance(d, people[0], 0)
}

func TestAStationThatPublishesGetsTheTurn(t *testing.T) {
	v := activitytest.New(t, 1)
	station := v.Devices[1]
	p := v.Person("居民甲")
	id := publish(station, activity.New{Item: "HJ01", Start: v.Now, End: v.Now + hour, Places: 10})
	if get(station, id).IHoldTurn {
		t.Fatal("a turn out of nothing")
	}
	v.Meet()
	if !get(station, id).IHoldTurn || get(v.Office(), id).IHoldTurn {
		t.Fatal("the turn did not come to the organiser")
	}
	// cut off again, it awards by itself
	began := v.Now
	v.Now += 2 * hour
	station.Do(func(tx *store.Tx) error {
		if err := station.Board.EnterAfter(tx, id, []activity.Arrival{{Person: p, InAt: began}}, "乙"); err != nil {
			return err
		}
		o, err := station.Board.Finish(tx, id)
		if o != (activity.Outcome{People: 1, Points: 3}) {
			t.Errorf("%+v", o)
		}
		return err
	})
	balance(station, p, 3)
	v.Meet()
	balance(v.Office(), p, 3)
}

func TestMonthAndPerson(t *testing.T) {
	v := activitytest.New(t, 0)
	d := v.Office()
	people := v.People(4)
	for i := range 6 { // six activities of one hour
		id := publish(d, activity.New{Type: "环境治理", Item: "HD01", Start: v.Now, End: v.Now + hour})
		began := v.Now
		v.Now += 2 * hour
		d.Do(func(tx *store.Tx) error {
			rows := []activity.Arrival{{Person: people[0], InAt: began, OutAt: began + hour}}
			if i == 0 {
				rows = append(rows, activity.Arrival{Person: people[1], InAt: began, OutAt: began + 90*minute})
				rows = append(rows, activity.Arrival{Person: people[3], InAt: began, OutAt: began + 30_000}) // left at once: no service
			}
			if err := d.Board.EnterAfter(tx, id, rows, "甲"); err != nil {
				return err
			}
			_, err := d.Board.Finish(tx, id)
			return err
		})
	}
	d.Do(func(tx *store.Tx) error {
		_, err := d.Board.RecordDeed(tx, activity.Deed{Person: people[2], Item: "BN01", At: v.Now, Minutes: 60}, "甲")
		return err
	})
	balance(d, people[0], 12)
	d.See(func(q store.Querier) error {
		m, err := d.Board.Month(q, "2026-02")
		if err != nil {
			return err
		}
		want := []activity.MonthType{{Name: "环境治理", Minutes: 7*60 + 30, Times: 7}, {Name: "互助", Minutes: 60, Times: 1}}
		if m.Sessions != 6 || m.Attendances != 8 || m.Minutes != 8*60+30 || m.Active != 3 || len(m.Days) != 28 || !slices.Equal(m.Types, want) {
			t.Errorf("%+v", m)
		}
		start, end, _, err := activity.MonthBounds("2026-02")
		if err != nil {
			return err
		}
		n, err := d.Board.Sessions(q, people[0], start, end)
		if n != 6 {
			t.Errorf("%d activities", n)
		}
		_, err2 := d.Board.Month(q, "2026-13")
		refused(t, err2, "month.bad")
		return err
	})
}

func TestPasteOfAGroupChat(t *testing.T) {
	v := activitytest.New(t, 0)
	d := v.Office()
	zhang, li := v.Person("张三"), v.Person("李四")
	v.Person("王五")
	v.Person("王五")
	var got activity.Pasted
	d.See(func(q store.Querier) (err error) {
		got, err = d.Board.ReadPaste(q, "#接龙\n2月5日送春联，13人\n例 姓名 电话\n\n1. 张三\n2、李四 138 0000 1234\n3）王五 2人\n4 赵六\n５．张　三\n6️⃣ 钱七（带孩子）\n")
		return err
	})
	want := []activity.Match{{Name: "张三", Person: zhang}, {Name: "李四", Person: li}}
	if !slices.Equal(got.Matched, want) || !slices.Equal(got.Unmatched, []string{"赵六", "钱七"}) || len(got.Ambiguous) != 1 || len(got.Ambiguous[0].People) != 2 {
		t.Fatalf("%+v", got)
	}
	d.See(func(q store.Querier) error {
		_, err := d.Board.ReadPaste(q, " \n\n")
		refused(t, err, "activity.paste.empty")
		_, err = d.Board.ReadPaste(q, strings.Repeat("长", 60_000))
		refused(t, err, "activity.paste.large")
		return nil
	})
}

func TestBadInputIsRefusedAndLeavesNothing(t *testing.T) {
	v := activitytest.New(t, 1)
	d := v.Devices[1]
	p := v.Person("居民甲")
	id := publish(d, activity.New{Places: 2, Item: "HD01"})
	good := activity.New{Title: "x", Start: v.Now, End: v.Now + hour}
	for code, spoil := range map[string]func(*activity.New){
		"activity.title":      func(n *activity.New) { n.Title = " " },
		"activity.note":       func(n *activity.New) { n.Note = strings.Repeat("长", 3000) },
		"activity.place":      func(n *activity.New) { n.Place = "a\x00b" },
		"activity.time":       func(n *activity.New) { n.End = n.Start - 1 },
		"activity.places":     func(n *activity.New) { n.Places = -1 },
		"scheme.item.unknown": func(n *activity.New) { n.Item = "nein" },
	} {
		n := good
		spoil(&n)
		refused(t, d.Try(func(tx *store.Tx) error { _, err := d.Board.Publish(tx, n); return err }), code)
	}
	refused(t, d.Try(func(tx *store.Tx) error { return d.Board.SignUp(tx, id, []string{"../x"}, "desk") }), "people.unknown")
	refused(t, d.Try(func(tx *store.Tx) error { return d.Board.SignUp(tx, "nix", []string{p}, "desk") }), "activity.unknown")
	refused(t, d.Try(func(tx *store.Tx) error { return d.Board.SignOff(tx, id, p) }), "activity.signup.none")
	refused(t, d.Try(func(tx *store.Tx) error { return d.Board.CheckIn(tx, id, p, "magic", false, "") }), "activity.how")
	refused(t, d.Try(func(tx *store.Tx) error { return d.Board.CheckIn(tx, id, p, activity.Roll, true, "") }), "activity.notIn")
	signUp(d, id, p)
	one, huge := int64(0), int64(1<<40)
	refused(t, d.Try(func(tx *store.Tx) error { return d.Board.Update(tx, id, activity.Fields{Places: &huge}) }), "activity.places")
	d.Do(func(tx *store.Tx) error { return d.Board.Update(tx, id, activity.Fields{Places: &one}) })
	d.Do(func(tx *store.Tx) error { return d.Board.Cancel(tx, id) })
	refused(t, d.Try(func(tx *store.Tx) error { return d.Board.SignUp(tx, id, []string{p}, "desk") }), "activity.cancelled")
	if a := get(d, id); a.State != activity.Cancelled {
		t.Fatal(a.State)
	}
	v.Meet()
}

// What is done may be written down until the next year ends; nothing older.
func TestDeedsOfThisYearAndTheLast(t *testing.T) {
	v := activitytest.New(t, 1)
	d := v.Office()
	p := v.Person("居民甲")
	v.Meet()
	first := zone.YearStart(v.Now, 1)
	id := publish(d, activity.New{Item: "XC01"})
	deed := func(at int64) error {
		return d.Try(func(tx *store.Tx) error {
			_, err := d.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "WX01", At: at, Witness: "网格员"}, "甲")
			return err
		})
	}
	after := func(at int64) error {
		return d.Try(func(tx *store.Tx) error {
			return d.Board.EnterAfter(tx, id, []activity.Arrival{{Person: p, InAt: at, OutAt: at + hour}}, "甲")
		})
	}
	for name, try := range map[string]func(int64) error{"a deed": deed, "an attendance": after} {
		for _, at := range []int64{first - 1, v.Now - 800*24*hour} {
			err := try(at)
			refused(t, err, "deed.old")
			if from := fault.Of(err).Params["from"]; from != zone.Day(first) {
				t.Error(name, "from", from)
			}
		}
		if err := try(first); err != nil {
			t.Error(name, "of the first day of the last year:", err)
		}
	}
}

func TestRebuildGivesTheSameRows(t *testing.T) {
	v := activitytest.New(t, 1)
	people := v.People(6)
	id := publish(v.Office(), activity.New{Places: 3, Item: "XC01", Start: v.Now, End: v.Now + hour})
	v.Meet()
	signUp(v.Devices[1], id, people...)
	v.Meet()
	v.Devices[1].Do(func(tx *store.Tx) error {
		return v.Devices[1].Board.CheckIn(tx, id, people[0], activity.Roll, false, "乙")
	})
	v.Devices[1].Do(func(tx *store.Tx) error { return v.Devices[1].Board.SignOff(tx, id, people[1]) })
	v.Meet()
	v.Office().Do(func(tx *store.Tx) error { _, err := v.Office().Board.Finish(tx, id); return err })
	v.Meet()
	before := get(v.Devices[1], id)
	if err := v.Devices[1].Store.Rebuild(context.Background()); err != nil {
		t.Fatal(err)
	}
	v.Meet() // compares all tables
	if after := get(v.Devices[1], id); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Fatalf("%+v\n%+v", after, before)
	}
}

// TestTakenBackBeforeItIsPaid: a station that is cut off takes back what it recorded by
// mistake. Nobody is paid, unless somebody else stands for the deed; entered anew it
// counts as it was entered last.
func TestTakenBackBeforeItIsPaid(t *testing.T) {
	v := activitytest.New(t, 2)
	office, a, b := v.Office(), v.Devices[1], v.Devices[2]
	people := v.People(3)
	record := func(d *activitytest.Device, p string, minutes int64, operator string) (key string) {
		d.Do(func(tx *store.Tx) error {
			r, err := d.Board.RecordDeed(tx, activity.Deed{Person: p, Item: "WX01", At: v.Now, Minutes: minutes, Witness: "网格员"}, operator)
			key = r.Key.String()
			return err
		})
		return key
	}
	back := func(d *activitytest.Device, deed string) error {
		return d.Try(func(tx *store.Tx) error { return d.Board.TakeBack(tx, deed) })
	}
	alone := record(a, people[0], 120, "甲")
	both := record(a, people[1], 60, "甲")
	record(b, people[1], 60, "乙")
	anew := record(a, people[2], 120, "甲")
	for _, deed := range []string{alone, both, anew} {
		if err := back(a, deed); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, back(a, alone), "deed.unknown")
	refused(t, back(a, "x"), "deed.unknown")
	if record(a, people[2], 60, "甲") != anew {
		t.Error("entered anew it is another deed")
	}
	v.Now += minute
	v.Meet()
	for _, d := range v.Devices {
		balance(d, people[0], 0)
		balance(d, people[1], 3)
		balance(d, people[2], 3)
		d.See(func(q store.Querier) error {
			due, err := d.Board.Due(q, people[0])
			if len(due) != 0 {
				t.Errorf("due: %+v", due)
			}
			return err
		})
	}
	refused(t, back(a, both), "deed.paid")
	refused(t, back(b, both), "deed.paid")
	refused(t, back(office, anew), "deed.paid")
	if in, err := inVain(a); err != nil || in != 0 {
		t.Error(in, err)
	}
}

func inVain(d *activitytest.Device) (n int, err error) {
	d.See(func(q store.Querier) error {
		list, e := d.Board.PaidInVain(q, []wire.Actor{d.Store.Self()})
		n, err = len(list), e
		return nil
	})
	return n, err
}
