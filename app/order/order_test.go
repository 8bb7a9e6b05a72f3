package order_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"jishan/app/activity/activitytest"
	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/order"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	minute = 60_000
	hour   = 60 * minute
	day    = 24 * hour
	shop   = "p0shop"
)

// village is a community whose devices keep orders.
type village struct {
	*activitytest.Village
	desks map[*activitytest.Device]*order.Desk
	names map[string]string
	gone  map[string]bool // erased people
}

// residents seal by writing the key's owner in front; who is gone opens no
// more.
type residents struct{ v *village }

func (r residents) Briefs(_ store.Querier, ids []string) (map[string]order.Brief, error) {
	out := map[string]order.Brief{}
	for _, id := range ids {
		if n, ok := r.v.names[id]; ok {
			out[id] = order.Brief{Name: n, Masked: "*" + n[3:], Grid: "g1"}
		}
	}
	return out, nil
}

func (r residents) Known(_ store.Querier, person string) (bool, error) {
	_, ok := r.v.names[person]
	return ok, nil
}

func (r residents) Seal(_ *store.Tx, person, field, plain string) ([]byte, error) {
	return []byte("sealed|" + person + "|" + field + "|" + flip(plain)), nil
}

func (r residents) Open(_ store.Querier, person, field string, sealed []byte) (string, error) {
	rest, ok := strings.CutPrefix(string(sealed), "sealed|"+person+"|"+field+"|")
	if !ok || r.v.gone[person] {
		return "", nil
	}
	return flip(rest), nil
}

func (r residents) Reach(person string) (phone, address string, err error) {
	if _, ok := r.v.names[person]; ok {
		phone, address = "13900000009", "9-9-909"
	}
	return phone, address, nil
}

// flip makes a text that does not stand in the clear anywhere.
func flip(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] ^= 0x55
	}
	return string(b)
}

type shops struct{}

func (shops) Merchant(place string) (string, bool) { return "水电行", place == shop }

func (shops) SealTo(place string, plain []byte) ([]byte, error) {
	return append([]byte("for "+place+"|"), flip(string(plain))...), nil
}

func (shops) Unseal(sealed []byte) ([]byte, bool) {
	rest, ok := bytes.CutPrefix(sealed, []byte("for "+shop+"|"))
	return []byte(flip(string(rest))), ok
}

func newVillage(t *testing.T, stations int) *village {
	v := &village{desks: map[*activitytest.Device]*order.Desk{}, names: map[string]string{}, gone: map[string]bool{}}
	v.Village = activitytest.New(t, stations, func(d *activitytest.Device) (store.Projector, string, func(store.DocID, *wire.Change) error) {
		x := order.NewDesk(order.Config{
			Doc: activitytest.Doc, Scheme: d.Scheme, Rights: d.Ledger, People: residents{v}, Places: shops{}, Clock: func() int64 { return d.V.Now },
			Device:    func(a wire.Actor) string { return v.deviceOf(a) },
			Registrar: func() bool { return d.Role == ledger.Registrar },
		})
		v.desks[d] = x
		return x, "order", order.Form
	})
	return v
}

func (v *village) deviceOf(a wire.Actor) string {
	i := slices.IndexFunc(v.Devices, func(d *activitytest.Device) bool { return d.Inc.Actor() == a })
	if i < 0 {
		return ""
	}
	return v.Devices[i].Name
}

func (v *village) person(name string) string {
	id := v.Person(name)
	v.names[id] = name
	return id
}

// on runs a command of a device's desk a second after the last one.
func (v *village) on(d *activitytest.Device, fn func(*store.Tx, *order.Desk) error) error {
	v.Now += 1000
	return d.Try(func(tx *store.Tx) error { return fn(tx, v.desks[d]) })
}

func (v *village) must(d *activitytest.Device, fn func(*store.Tx, *order.Desk) error) {
	v.T.Helper()
	if err := v.on(d, fn); err != nil {
		v.T.Fatalf("%s: %v", d.Name, err)
	}
}

func (v *village) refuses(code string, d *activitytest.Device, fn func(*store.Tx, *order.Desk) error) {
	v.T.Helper()
	if err := v.on(d, fn); !errors.Is(err, fault.New(code)) {
		v.T.Errorf("%s: got %v, want %s", d.Name, err, code)
	}
}

func (v *village) post(d *activitytest.Device, n order.New) (id string) {
	v.T.Helper()
	if n.Text == "" {
		n.Text = "客厅的灯坏了，一闪一闪的"
	}
	if n.Type == "" {
		n.Type = "维修"
	}
	if n.Via == "" {
		n.Via = order.ViaDesk
	}
	v.must(d, func(tx *store.Tx, x *order.Desk) (err error) { id, err = x.Post(tx, n, "经办人"+d.Name); return err })
	return id
}

func (v *village) get(d *activitytest.Device, id string) (o order.Order) {
	v.T.Helper()
	d.See(func(q store.Querier) (err error) {
		a := d.Inc.Actor()
		o, err = v.desks[d].Get(q, id, a.String())
		return err
	})
	return o
}

func (v *village) dispatch(d *activitytest.Device, id string, n order.Dispatch) (offer string) {
	v.T.Helper()
	v.must(d, func(tx *store.Tx, x *order.Desk) error { return x.Dispatch(tx, id, n) })
	return v.get(d, id).Offer
}

func (v *village) booked(d *activitytest.Device, person string) (n int64) {
	v.T.Helper()
	d.See(func(q store.Querier) error {
		b, err := d.Ledger.Balance(q, ledger.TextSubject(person), "2026")
		n = b.Year
		return err
	})
	return n
}

// tend lets a device do its chores for orders.
func (v *village) tend(d *activitytest.Device) {
	v.T.Helper()
	d.Do(func(tx *store.Tx) error { _, err := v.desks[d].Tend(tx); return err })
}

func TestFiveOrdersWithTheirTimes(t *testing.T) {
	v := newVillage(t, 1)
	office, station := v.Devices[0], v.Devices[1]
	elder, fitter := v.person("宋玉芝"), v.person("张三")
	began := v.Now
	id := v.post(station, order.New{Person: elder, Address: "2-3-102", Phone: "13800000001"})
	v.Meet()
	var badge order.Badge
	office.See(func(q store.Querier) (err error) { badge, err = v.desks[office].Badge(q); return err })
	if badge.Posted != 1 || badge.Newest != id || badge.At != v.get(office, id).Made {
		t.Fatalf("the office hears %+v", badge)
	}
	v.Now = began + 5*minute
	offer := v.dispatch(office, id, order.Dispatch{Kind: order.ToPerson, Party: fitter, Item: "WX01"})
	v.Now = began + 20*minute
	v.must(office, func(tx *store.Tx, x *order.Desk) error { return x.Reply(tx, id, "会尽快派人到家中维修") })
	v.Meet()
	v.Now = began + 25*minute
	v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.AnswerAs(tx, id, offer, fitter, true, "") })
	if v.booked(station, fitter) != 0 {
		t.Fatal("points before anything was done")
	}
	v.Now = began + 55*minute
	v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.DoneAs(tx, id, offer, fitter, 20, nil) })
	v.Meet()
	v.tend(office)
	if o := v.get(office, id); o.State != order.Served || v.booked(office, fitter) != 0 || o.Helpers[0].Awarded != "no" {
		t.Fatalf("before the review: %s, %d points", o.State, v.booked(office, fitter))
	}
	v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.ReviewOwn(tx, id, elder, 5, "修得又快又好") })
	if o := v.get(station, id); o.State != order.Closed || o.Helpers[0].Awarded != "onTheWay" || o.Helpers[0].Points != 3 {
		t.Fatalf("at the station, which holds no turn: %s %+v", o.State, o.Helpers)
	}
	v.Meet()
	v.tend(office)
	v.tend(office)
	v.Meet()
	for _, d := range v.Devices {
		o := v.get(d, id)
		if v.booked(d, fitter) != 3 || o.Helpers[0].Awarded != "booked" {
			t.Fatalf("%s: %d points, %+v", d.Name, v.booked(d, fitter), o.Helpers)
		}
		contact, done := o.ContactAt-o.Made, o.DoneAt-o.Made
		if contact != 20*minute || done != 55*minute || contact >= order.ContactAim || done >= order.DoneAim {
			t.Errorf("%s: contact after %d s, done after %d s", d.Name, contact/1000, done/1000)
		}
		var kinds []string
		for _, s := range o.History {
			kinds = append(kinds, s.Kind+"@"+s.Device)
		}
		want := []string{"post@station1", "offer@office", "reply@office", "accept@station1", "done@station1", "review@station1"}
		if !slices.Equal(kinds, want) || o.History[2].Text != "会尽快派人到家中维修" || o.History[5].Text != "修得又快又好" || o.History[1].Operator != "经办人office" {
			t.Errorf("%s: history %v", d.Name, kinds)
		}
		if o.Text == "" || o.Address != "2-3-102" || o.Phone != "13800000001" || o.Name != "宋玉芝" {
			t.Errorf("%s: %+v", d.Name, o.Row)
		}
	}
}

func TestTwoDispatchersCutOffFromEachOther(t *testing.T) {
	v := newVillage(t, 2)
	a, b := v.Devices[1], v.Devices[2]
	elder, one, two := v.person("宋玉芝"), v.person("张三"), v.person("李四")
	id := v.post(v.Office(), order.New{Person: elder})
	v.Meet()
	v.dispatch(a, id, order.Dispatch{Kind: order.ToPerson, Party: one})
	v.dispatch(b, id, order.Dispatch{Kind: order.ToPerson, Party: two})
	v.Meet()
	winner := v.get(a, id).Party.ID
	losers := 0
	for _, d := range v.Devices {
		o := v.get(d, id)
		if !o.Clash || o.Party.ID != winner || len(o.Rivals) != 1 || o.State != order.Offered {
			t.Fatalf("%s: %+v", d.Name, o.Row)
		}
		mine := d == a && winner == two || d == b && winner == one
		if o.Lost != mine {
			t.Errorf("%s is told %v, and lost: %v", d.Name, o.Lost, mine)
		}
		var list []order.Clash
		d.See(func(q store.Querier) (err error) {
			self := d.Inc.Actor()
			list, err = v.desks[d].Clashes(q, self.String())
			return err
		})
		if len(list) != 1 || list[0].Lost != mine || list[0].Winner == list[0].Loser {
			t.Errorf("%s: attention %+v", d.Name, list)
		}
		if mine {
			losers++
		}
	}
	if losers != 1 {
		t.Fatalf("%d devices were told that they lost", losers)
	}
	// who has done it stands, though the other one's operation is the greater one
	rival := v.get(a, id).Rivals[0]
	v.must(v.Office(), func(tx *store.Tx, x *order.Desk) error { return x.Settle(tx, id, rival.ID) })
	v.Meet()
	for _, d := range v.Devices {
		if o := v.get(d, id); o.Clash || o.Party.ID != rival.Party.ID || o.History[len(o.History)-1].Kind != "settle" {
			t.Fatalf("%s after it was settled: %+v", d.Name, o.Row)
		}
	}
	v.refuses("order.offer", a, func(tx *store.Tx, x *order.Desk) error { return x.Settle(tx, id, "01j9zzzzzzzzzzzzzzzzzzzzzz") })
}

func TestWhatWasDoneStandsAgainstALaterDispatch(t *testing.T) {
	v := newVillage(t, 2)
	a, b := v.Devices[1], v.Devices[2]
	elder, one, two := v.person("宋玉芝"), v.person("张三"), v.person("李四")
	for range 2 { // in either order of operation ids
		a, b = b, a
		id := v.post(v.Office(), order.New{Person: elder})
		v.Meet()
		offer := v.dispatch(a, id, order.Dispatch{Kind: order.ToPerson, Party: one, Item: "WX01"})
		v.must(a, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, offer, 30, nil) })
		v.dispatch(b, id, order.Dispatch{Kind: order.ToPerson, Party: two, Item: "WX01"})
		v.Meet()
		if o := v.get(b, id); o.Party.ID != one || o.State != order.Served || !o.Clash || !o.Lost {
			t.Fatalf("%+v", o.Row)
		}
		v.must(b, func(tx *store.Tx, x *order.Desk) error {
			return x.Review(tx, id, order.Review{Stars: 4, Via: order.ByDesk})
		})
		v.Meet()
		v.tend(v.Office())
		v.Meet()
	}
	if x, y := v.booked(a, one), v.booked(a, two); x != 6 || y != 0 {
		t.Fatalf("%d and %d points", x, y)
	}
}

func TestBadInputAndDoubleClicks(t *testing.T) {
	v := newVillage(t, 1)
	d, far := v.Devices[0], v.Devices[1]
	elder, one := v.person("宋玉芝"), v.person("张三")
	wish := order.New{Person: elder, Type: "维修", Text: "灯坏了", Via: order.ViaCall, Once: "a1"}
	for code, change := range map[string]func(*order.New){
		"people.unknown":        func(n *order.New) { n.Person = "nobody" },
		"order.text":            func(n *order.New) { n.Text = " \n " },
		"order.type":            func(n *order.New) { n.Type = "" },
		"order.address":         func(n *order.New) { n.Address = strings.Repeat("长", 81) },
		"order.phone":           func(n *order.New) { n.Phone = "一三八" },
		"order.phone ":          func(n *order.New) { n.Phone = "12-3----" },
		"order.via":             func(n *order.New) { n.Via = "fax" },
		"order.project.unknown": func(n *order.New) { n.Project = "01j9zzzzzzzzzzzzzzzzzzzzzz" },
	} {
		n := wish
		change(&n)
		v.refuses(strings.TrimSpace(code), d, func(tx *store.Tx, x *order.Desk) error { _, err := x.Post(tx, n, "甲"); return err })
	}
	long := wish
	long.Text = strings.Repeat("长", 501)
	v.refuses("order.text", d, func(tx *store.Tx, x *order.Desk) error { _, err := x.Post(tx, long, "甲"); return err })
	hidden := wish
	hidden.Text = "灯\u202e坏了"
	v.refuses("order.text", d, func(tx *store.Tx, x *order.Desk) error { _, err := x.Post(tx, hidden, "甲"); return err })

	id := v.post(d, wish)
	if again := v.post(d, wish); again != id {
		t.Fatal("a double click posted twice")
	}
	other := wish
	other.Once = "a2"
	if v.post(d, other) == id {
		t.Fatal("another wish of the same words is another wish")
	}
	nowhere := "01j9zzzzzzzzzzzzzzzzzzzzzz"
	v.refuses("order.unknown", d, func(tx *store.Tx, x *order.Desk) error { return x.Cancel(tx, nowhere, "solved") })
	v.refuses("order.why", d, func(tx *store.Tx, x *order.Desk) error { return x.Cancel(tx, id, "whim") })
	v.refuses("order.party", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Dispatch(tx, id, order.Dispatch{Kind: order.ToMerchant, Party: "p9other"})
	})
	v.refuses("order.party", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Dispatch(tx, id, order.Dispatch{Kind: order.ToTeam, Party: nowhere})
	})
	v.refuses("order.self", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Dispatch(tx, id, order.Dispatch{Kind: order.ToPerson, Party: elder})
	})
	v.refuses("scheme.item.unknown", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Dispatch(tx, id, order.Dispatch{Kind: order.ToPerson, Party: one, Item: "XX99"})
	})
	v.refuses("order.notDone", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Review(tx, id, order.Review{Stars: 5, Via: order.ByDesk})
	})

	first := v.dispatch(d, id, order.Dispatch{Kind: order.ToPerson, Party: one})
	if v.dispatch(d, id, order.Dispatch{Kind: order.ToPerson, Party: one}) != first {
		t.Fatal("a double click dispatched twice")
	}
	two := v.person("李四")
	v.refuses("order.moved", d, func(tx *store.Tx, x *order.Desk) error { // another window still shows it as nobody's
		return x.Dispatch(tx, id, order.Dispatch{Kind: order.ToPerson, Party: two})
	})
	second := v.dispatch(d, id, order.Dispatch{Kind: order.ToPerson, Party: two, Seen: first})
	v.refuses("order.moved", d, func(tx *store.Tx, x *order.Desk) error { return x.Answer(tx, id, first, true, "") })
	v.refuses("order.unknown", d, func(tx *store.Tx, x *order.Desk) error { return x.AnswerAs(tx, id, second, one, true, "") })
	v.refuses("order.why", d, func(tx *store.Tx, x *order.Desk) error { return x.Answer(tx, id, second, false, "bad mood") })
	for range 2 {
		v.must(d, func(tx *store.Tx, x *order.Desk) error { return x.Answer(tx, id, second, false, "busy") })
	}
	if o := v.get(d, id); o.State != order.Posted || o.Declined != 1 {
		t.Fatalf("declined: %s, %d times", o.State, o.Declined)
	}
	third := v.dispatch(d, id, order.Dispatch{Kind: order.ToPerson, Party: one, Item: "WX01", Seen: second})
	v.refuses("order.minutes", d, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, third, 24*60+1, nil) })
	v.refuses("order.self", d, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, third, 5, []string{elder}) })
	for range 2 {
		v.must(d, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, third, 5, nil) })
	}
	v.refuses("order.closed", d, func(tx *store.Tx, x *order.Desk) error { return x.Cancel(tx, id, "solved") })
	v.refuses("order.closed", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Dispatch(tx, id, order.Dispatch{Kind: order.ToPerson, Party: two, Seen: third})
	})
	v.refuses("order.stars", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Review(tx, id, order.Review{Stars: 6, Via: order.ByDesk})
	})
	v.refuses("order.stars", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Review(tx, id, order.Review{Stars: 5, Via: order.ByTimeout})
	})
	v.refuses("order.unknown", d, func(tx *store.Tx, x *order.Desk) error { return x.ReviewOwn(tx, id, one, 5, "") })
	for range 2 {
		v.must(d, func(tx *store.Tx, x *order.Desk) error {
			return x.Review(tx, id, order.Review{Stars: 5, Via: order.ByCallback})
		})
	}
	v.refuses("order.reviewed", d, func(tx *store.Tx, x *order.Desk) error {
		return x.Review(tx, id, order.Review{Stars: 1, Via: order.ByCallback})
	})
	v.Meet()
	if n := v.booked(far, one); n != 3 {
		t.Fatalf("%d points after every click twice", n)
	}
	if o := v.get(far, id); len(o.History) != 8 || o.History[5].Kind != "accept" {
		t.Errorf("%d lines of history: %+v", len(o.History), o.History)
	}
}

func TestNobodyReviewedIt(t *testing.T) {
	v := newVillage(t, 1)
	office, station := v.Devices[0], v.Devices[1]
	elder, one := v.person("宋玉芝"), v.person("张三")
	id := v.post(station, order.New{Person: elder, Via: order.ViaPaper})
	offer := v.dispatch(station, id, order.Dispatch{Kind: order.ToPerson, Party: one, Item: "BN01"})
	v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, offer, 125, nil) })
	v.Meet()
	v.Now += 7*day - minute
	v.tend(office)
	if o := v.get(office, id); o.State != order.Served {
		t.Fatalf("closed too early: %s", o.State)
	}
	v.Now += 2 * minute
	v.tend(station) // not its business
	if o := v.get(station, id); o.State != order.Served {
		t.Fatal("a station closed it")
	}
	v.tend(office)
	v.Meet()
	o := v.get(station, id)
	if o.State != order.Closed || o.ReviewVia != order.ByTimeout || o.Stars != 0 || v.booked(station, one) != 4 {
		t.Fatalf("%s %s, %d points", o.State, o.ReviewVia, v.booked(station, one))
	}
	// the call-back comes late: it is shown as such, and pays nobody twice
	v.must(station, func(tx *store.Tx, x *order.Desk) error {
		return x.Review(tx, id, order.Review{Stars: 4, Text: "挺好", Via: order.ByCallback})
	})
	v.Meet()
	v.tend(office)
	v.Meet()
	if o := v.get(office, id); o.Stars != 4 || o.ReviewVia != order.ByCallback || o.Praise != "挺好" || v.booked(office, one) != 4 {
		t.Fatalf("%d stars %s, %d points", o.Stars, o.ReviewVia, v.booked(office, one))
	}
}

func TestATeamIsPaidOnceEach(t *testing.T) {
	v := newVillage(t, 1)
	office, station := v.Devices[0], v.Devices[1]
	elder := v.person("宋玉芝")
	members := []string{v.person("张三"), v.person("李四"), v.person("王五"), v.person("赵六")}
	stranger := v.person("孙七")
	team := order.Team{Name: "银发互助队", Lead: members[0]}
	for _, m := range members[1:] {
		team.Members = append(team.Members, order.Member{Person: m})
	}
	v.must(office, func(tx *store.Tx, x *order.Desk) (err error) { team.ID, err = x.SaveTeam(tx, team); return err })
	v.refuses("order.team.name", office, func(tx *store.Tx, x *order.Desk) error { _, err := x.SaveTeam(tx, order.Team{}); return err })
	v.refuses("order.team.unknown", office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveTeam(tx, order.Team{ID: "01j9zzzzzzzzzzzzzzzzzzzzzz", Name: "x"})
		return err
	})
	id := v.post(office, order.New{Person: elder})
	v.Meet()
	offer := v.dispatch(station, id, order.Dispatch{Kind: order.ToTeam, Party: team.ID, Item: "WX01"})
	v.refuses("order.helpers", station, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, offer, 30, nil) })
	v.refuses("order.helpers", station, func(tx *store.Tx, x *order.Desk) error {
		return x.DoneAs(tx, id, offer, members[1], 30, []string{stranger})
	})
	v.refuses("order.unknown", station, func(tx *store.Tx, x *order.Desk) error { return x.DoneAs(tx, id, offer, stranger, 30, nil) })
	var given []order.Row
	station.See(func(q store.Querier) (err error) {
		given, err = v.desks[station].ForParty(q, members[2], 10)
		return err
	})
	if len(given) != 1 || given[0].Party.Name != "银发互助队" {
		t.Fatalf("%+v", given)
	}
	v.must(station, func(tx *store.Tx, x *order.Desk) error {
		return x.DoneAs(tx, id, offer, members[1], 30, []string{members[0], members[1], members[3]})
	})
	v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.ReviewOwn(tx, id, elder, 5, "") })
	v.Meet()
	v.tend(office)
	v.Meet()
	for i, want := range []int64{3, 3, 0, 3} {
		if n := v.booked(station, members[i]); n != want {
			t.Errorf("member %d: %d points", i, n)
		}
	}
	var due map[string]int64
	station.See(func(q store.Querier) (err error) { due, err = v.desks[station].OnTheWay(q, nil); return err })
	if len(due) != 0 {
		t.Errorf("still on the way: %v", due)
	}
}

func TestAMerchantGetsWhatItNeeds(t *testing.T) {
	v := newVillage(t, 1)
	office, till := v.Devices[0], v.Devices[1]
	elder := v.person("宋玉芝")
	id := v.post(office, order.New{Person: elder, Address: "2-3-102", Phone: "13800000001"})
	offer := v.dispatch(office, id, order.Dispatch{Kind: order.ToMerchant, Party: shop, Tell: true})
	till.PullOnly(office, "order/"+shop) // all that a merchant's device reads
	job := func() (j order.Job) {
		t.Helper()
		till.See(func(q store.Querier) (err error) { j, err = v.desks[till].Job(q, shop, id, offer); return err })
		return j
	}
	if j := job(); j.State != order.Offered || j.Masked != "*玉芝" || j.Address != "2-3-102" || j.Text == "" || j.Locked {
		t.Fatalf("%+v", j)
	}
	v.clear(till, "13800000001", "宋玉芝", "灯坏了")
	v.clear(office, "13800000001", "灯坏了", "2-3-102")
	v.refuses("order.unknown", till, func(tx *store.Tx, x *order.Desk) error { return x.AnswerJob(tx, "p0else", id, offer, true, "") })
	v.refuses("order.why", till, func(tx *store.Tx, x *order.Desk) error { return x.AnswerJob(tx, shop, id, offer, false, "") })
	for range 2 {
		v.must(till, func(tx *store.Tx, x *order.Desk) error { return x.AnswerJob(tx, shop, id, offer, true, "") })
	}
	v.must(till, func(tx *store.Tx, x *order.Desk) error { return x.ReplyJob(tx, shop, id, offer, "师傅半小时到") })
	for range 2 {
		v.must(till, func(tx *store.Tx, x *order.Desk) error { return x.DoneJob(tx, shop, id, offer, 40) })
	}
	office.PullOnly(till, "order/"+shop)
	if o := v.get(office, id); o.State != order.Served || o.Minutes != 40 || o.Party.Name != "水电行" || len(o.History) != 5 || o.History[3].Text != "师傅半小时到" {
		t.Fatalf("%s %+v", o.State, o.History)
	}
	v.must(office, func(tx *store.Tx, x *order.Desk) error {
		return x.Review(tx, id, order.Review{Stars: 5, Via: order.ByCallback})
	})
	till.PullOnly(office, "order/"+shop)
	if j := job(); j.State != order.Closed || j.Stars != 5 || len(j.Replies) != 1 {
		t.Fatalf("%+v", j)
	}
	// another one is given to somebody else before the merchant answers
	id2 := v.post(office, order.New{Person: elder})
	offer2 := v.dispatch(office, id2, order.Dispatch{Kind: order.ToMerchant, Party: shop})
	id3 := v.post(office, order.New{Person: elder, Phone: "13800000007"})
	offer3 := v.dispatch(office, id3, order.Dispatch{Kind: order.ToMerchant, Party: shop, Tell: true})
	v.dispatch(office, id2, order.Dispatch{Kind: order.ToPerson, Party: v.person("张三"), Seen: offer2})
	till.PullOnly(office, "order/"+shop)
	id, offer = id3, offer3
	if j := job(); j.Address != "9-9-909" || j.Phone != "13800000007" {
		t.Fatalf("what the wish leaves open is not taken from the records: %+v", j)
	}
	id, offer = id2, offer2
	if j := job(); j.State != "withdrawn" || j.Address != "" {
		t.Fatalf("%+v", j)
	}
	v.refuses("order.closed", till, func(tx *store.Tx, x *order.Desk) error { return x.AnswerJob(tx, shop, id2, offer2, true, "") })
}

// clear fails if a text stands in the clear in a device's database.
func (v *village) clear(d *activitytest.Device, words ...string) {
	v.T.Helper()
	d.See(func(q store.Querier) error {
		rows, err := q.Query(`SELECT value FROM order_event`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var raw []byte
			if err := rows.Scan(&raw); err != nil {
				return err
			}
			for _, w := range words {
				if bytes.Contains(raw, []byte(w)) {
					v.T.Errorf("%s: %q stands in the clear", d.Name, w)
				}
			}
		}
		return rows.Err()
	})
}

func TestWhoIsErasedHasSaidNothing(t *testing.T) {
	v := newVillage(t, 0)
	d := v.Office()
	elder := v.person("宋玉芝")
	id := v.post(d, order.New{Person: elder, Address: "2-3-102"})
	v.gone[elder] = true
	delete(v.names, elder)
	if o := v.get(d, id); o.Text != "" || o.Address != "" || o.Name != "" || o.State != order.Posted {
		t.Fatalf("%+v", o)
	}
}

func TestLibrarySurveysAndWhatShouldGo(t *testing.T) {
	v := newVillage(t, 1)
	office, station := v.Devices[0], v.Devices[1]
	elder, one := v.person("宋玉芝"), v.person("张三")
	add := func(name string) (id string) {
		t.Helper()
		v.must(office, func(tx *store.Tx, x *order.Desk) (err error) {
			id, err = x.SaveProject(tx, order.Project{Name: name, Type: "便民", Item: "BN02"})
			return err
		})
		return id
	}
	good, bad, unused := add("义诊"), add("上门理发"), add("戏曲专场")
	v.refuses("order.project.double", office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveProject(tx, order.Project{Name: "义诊", Type: "便民"})
		return err
	})
	v.refuses("order.project.name", office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveProject(tx, order.Project{Type: "便民"})
		return err
	})
	v.refuses("scheme.item.unknown", office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveProject(tx, order.Project{Name: "别的", Type: "便民", Item: "XX99"})
		return err
	})
	v.refuses("order.survey.votes", office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveSurvey(tx, order.Survey{Title: "三月问卷", Forms: 10, Votes: []order.Vote{{Project: good, N: 11}}})
		return err
	})
	v.must(office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveSurvey(tx, order.Survey{Title: "三月问卷", Forms: 40, Votes: []order.Vote{{Project: good, N: 31}, {Project: bad}}})
		return err
	})
	asked := func(rules ...order.Rule) order.Survey {
		return order.Survey{Title: "细则怎么定", Forms: 30, Rules: rules}
	}
	for code, s := range map[string]order.Survey{
		"scheme.item.unknown": asked(order.Rule{Code: "XX99", N: 3}),
		"order.survey.votes":  asked(order.Rule{Code: "BN02", N: 31}),
		"order.survey.rules":  asked(order.Rule{N: 3}),
	} {
		v.refuses(code, office, func(tx *store.Tx, x *order.Desk) error { _, err := x.SaveSurvey(tx, s); return err })
	}
	v.refuses("order.survey.votes", office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveSurvey(tx, asked(order.Rule{Name: "帮邻居收快递", N: 3}, order.Rule{Name: " 帮邻居收快递 ", N: 4}))
		return err
	})
	v.Now += minute
	v.must(office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveSurvey(tx, asked(order.Rule{Code: "BN02", Name: "别的名字", N: 12}, order.Rule{Name: "帮邻居收快递", N: 21}, order.Rule{Name: "没人写"}))
		return err
	})
	v.Meet()
	for _, d := range v.Devices {
		d.See(func(q store.Querier) error {
			list, err := v.desks[d].Surveys(q)
			if err != nil || len(list) != 2 || len(list[1].Rules) != 0 || len(list[0].Rules) != 2 || list[0].Rules[0] != (order.Rule{Name: "帮邻居收快递", N: 21}) || list[0].Rules[1].Code != "BN02" || list[0].Rules[1].Name == "别的名字" || list[0].Rules[1].N != 12 {
				t.Errorf("%s: %+v, %v", d.Name, list, err)
			}
			return nil
		})
	}
	for range 2 {
		v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.Like(tx, good, elder, true) })
	}
	for i, stars := range []int64{1, 3, 2} {
		id := v.post(station, order.New{Person: elder, Project: bad, Type: " ", Text: " "})
		if o := v.get(station, id); o.Type != "便民" || o.Text != "上门理发" {
			t.Fatalf("%+v", o.Row)
		}
		offer := v.dispatch(station, id, order.Dispatch{Kind: order.ToPerson, Party: one})
		v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, offer, 10, nil) })
		v.must(station, func(tx *store.Tx, x *order.Desk) error { return x.ReviewOwn(tx, id, elder, stars, "") })
		if p := v.projects(station)[bad]; (p.Prune == "bad") != (i == 2) {
			t.Fatalf("after %d reviews: %+v", i+1, p)
		}
	}
	v.Meet()
	for _, d := range v.Devices {
		p := v.projects(d)
		if p[good].Votes != 31 || p[good].Likes != 1 || p[bad].Stars != 20 || p[bad].Orders != 3 || p[unused].Prune != "" || p[good].Prune != "" {
			t.Fatalf("%s: %+v", d.Name, p)
		}
	}
	v.Now += 181 * day
	if p := v.projects(office); p[unused].Prune != "unused" || p[good].Prune != "" || p[bad].Prune != "bad" {
		t.Fatalf("half a year later: %+v", p)
	}
	v.must(office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.SaveProject(tx, order.Project{ID: bad, Name: "上门理发", Type: "便民", Closed: true})
		return err
	})
	v.refuses("order.project.closed", office, func(tx *store.Tx, x *order.Desk) error {
		_, err := x.Post(tx, order.New{Person: elder, Project: bad, Via: order.ViaDesk}, "甲")
		return err
	})
}

func (v *village) projects(d *activitytest.Device) map[string]order.Project {
	v.T.Helper()
	out := map[string]order.Project{}
	d.See(func(q store.Querier) error {
		list, err := v.desks[d].Projects(q, "", true)
		for _, p := range list {
			out[p.ID] = p
		}
		return err
	})
	return out
}

func TestPerformance(t *testing.T) {
	v := newVillage(t, 0)
	d := v.Office()
	elder, one, two := v.person("宋玉芝"), v.person("张三"), v.person("李四")
	from := v.Now
	for i, m := range []int64{10, 20, 90} { // minutes until contact; done 15 later
		began := v.Now
		id := v.post(d, order.New{Person: elder})
		offer := v.dispatch(d, id, order.Dispatch{Kind: order.ToPerson, Party: two})
		v.must(d, func(tx *store.Tx, x *order.Desk) error { return x.Answer(tx, id, offer, false, "far") })
		offer = v.dispatch(d, id, order.Dispatch{Kind: order.ToPerson, Party: one, Seen: offer})
		v.Now = began + m*minute
		v.must(d, func(tx *store.Tx, x *order.Desk) error { return x.Answer(tx, id, offer, true, "") })
		v.Now = began + (m+15)*minute
		v.must(d, func(tx *store.Tx, x *order.Desk) error { return x.Done(tx, id, offer, 15, nil) })
		v.must(d, func(tx *store.Tx, x *order.Desk) error {
			return x.Review(tx, id, order.Review{Stars: int64(3 + i), Via: order.ByCallback})
		})
	}
	v.post(d, order.New{Person: elder, Via: order.ViaGrid})
	gone := v.post(d, order.New{Person: elder, Via: order.ViaGrid})
	v.must(d, func(tx *store.Tx, x *order.Desk) error { return x.CancelOwn(tx, gone, elder) })
	var p order.Performance
	d.See(func(q store.Querier) (err error) { p, err = v.desks[d].Performance(q, from, v.Now+1); return err })
	a := p.All
	if a.Orders != 4 || a.Done != 3 || a.Declined != 3 || a.QuickCall != 66 || a.QuickDone != 66 || a.Stars != 40 || a.Reviews != 3 || a.Callbacks != 3 || p.Cancelled != 1 ||
		a.ToContact != 20*minute || a.ToDone != 35*minute {
		t.Fatalf("%+v", p)
	}
	if len(p.Parties) != 2 || p.Parties[0].Name != "张三" || p.Parties[0].Done != 3 || p.Parties[1].Declined != 3 || p.Parties[1].Orders != 0 {
		t.Fatalf("%+v", p.Parties)
	}
	if len(p.Staff) != 1 || p.Staff[0].Name != "经办人office" || p.Staff[0].Orders != 3 {
		t.Fatalf("%+v", p.Staff)
	}
	if len(p.Grid) != 1 || p.Grid[0].Kind != "grid" || p.Grid[0].Name != "经办人office" || p.Grid[0].Orders != 1 || p.Grid[0].Done != 0 {
		t.Fatalf("%+v", p.Grid)
	}
	if len(p.Appraised()) != 2 { // no volunteer
		t.Errorf("%+v", p.Appraised())
	}
}
