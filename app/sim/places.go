package sim

import (
	"slices"

	"jishan/app/activity"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Activities with places: published at any desk, signed up for at every other,
// full, promoted out of order, given back, made larger and smaller, called off,
// handed in part to another device.

// gathering is an activity as the world knows it.
type gathering struct {
	id   string
	most int64 // places it ever had
}

// folk is the directory: everybody is registered, nobody has a name.
type folk struct{}

func (folk) Briefs(store.Querier, []string) (map[string]activity.Brief, error) { return nil, nil }

func (folk) Find(store.Querier, string, string) ([]activity.Found, error) { return nil, nil }

func (folk) Card(store.Querier, string) (string, error) { return "", errNothing }

func (folk) Known(store.Querier, string) (bool, error) { return true, nil }

// Nobody types a text here.
func (folk) Seal(*store.Tx, string, string, string) ([]byte, error) { return nil, errNothing }

func (folk) SealThing(*store.Tx, ledger.Subject, string, string) ([]byte, error) {
	return nil, errNothing
}

func (folk) DropThing(*store.Tx, ledger.Subject, []byte) error { return nil }

func (folk) Texts(store.Querier) func(ledger.Subject, string, []byte) (string, error) {
	return func(ledger.Subject, string, []byte) (string, error) { return "", nil }
}

// maxTogether bounds the activities of a world: each is looked at by every
// device, every day.
const maxTogether = 6

// mostPlaces keeps activities full.
const mostPlaces = 5

// publish announces an activity, or does something with one.
func (w *world) publish(e Event) error {
	d := w.at(e.A, staff)
	if d == nil || len(w.together) >= maxTogether || d.board == nil {
		return nil
	}
	g := gathering{most: 1 + e.N%mostPlaces}
	err := d.atBoard(func(tx *store.Tx) (err error) {
		g.id, err = d.board.Publish(tx, activity.New{Title: "义诊", Type: "志愿", Place: "社区广场", Organiser: "社区", Places: g.most,
			Start: w.now + stepMillis, End: w.now + 2*stepMillis})
		return err
	})
	if err == nil {
		w.together = append(w.together, g)
	}
	return w.told(e, d, err)
}

// atBoard writes about activities and remembers that it was acknowledged.
func (d *device) atBoard(fn func(tx *store.Tx) error) error {
	if err := d.write(fn); err != nil {
		return err
	}
	d.w.stats.Operations++
	doc := d.charter.Doc(activity.Path(d.clock()))
	tips, err := d.store.Vector(d.w.ctx, doc)
	for _, t := range tips {
		if t.Actor == d.inc.Actor() && !t.Forked {
			d.acked = append(d.acked, receipt{doc, t.Hash})
		}
	}
	return err
}

// attend is what people and organisers do about one activity.
func (w *world) attend(e Event) error {
	d := w.at(e.A, staff)
	if d == nil || len(w.together) == 0 || d.board == nil {
		return nil
	}
	g := &w.together[e.B%len(w.together)]
	person, err := d.about(e, g)
	if err != nil {
		return err
	}
	to, ok, err := d.colleague(e)
	if err != nil || !ok {
		return err
	}
	err = d.atBoard(func(tx *store.Tx) error {
		switch e.Kind {
		case evSignUp:
			return d.board.SignUp(tx, g.id, []string{person}, "desk")
		case evSignOff:
			return d.board.SignOff(tx, g.id, person)
		case evPromote:
			return d.board.Promote(tx, g.id, person)
		case evDelegate:
			return d.board.Delegate(tx, g.id, to, 1+e.N%2, e.N%3 == 0)
		case evCancel:
			return d.board.Cancel(tx, g.id)
		}
		places := 1 + e.N%mostPlaces
		g.most = max(g.most, places)
		return d.board.Update(tx, g.id, activity.Fields{Places: &places})
	})
	return w.told(e, d, err)
}

// about is whom an event at an activity is about. An organiser promotes somebody
// who waits, where there is one: as often as not no place is free for them.
func (d *device) about(e Event, g *gathering) (string, error) {
	anyone := d.w.people[e.Who%len(d.w.people)].String()
	if e.Kind != evPromote {
		return anyone, nil
	}
	var a activity.Activity
	err := d.view(func(q store.Querier) (err error) { a, err = d.board.Get(q, g.id); return err })
	if quiet(err) != nil {
		return "", err
	}
	waiting := slices.DeleteFunc(a.Attendees, func(x activity.Attendee) bool { return x.Status != activity.Waiting && x.Status != activity.Pending })
	if len(waiting) == 0 {
		return anyone, nil
	}
	return waiting[e.Who%len(waiting)].Person, nil
}

// colleague is the feed of another staff device, to which places may be handed;
// only that needs one.
func (d *device) colleague(e Event) (a wire.Actor, ok bool, err error) {
	if e.Kind != evDelegate {
		return a, true, nil
	}
	to := d.w.at(e.A+1, func(o *device) bool { return staff(o) && o != d })
	if to == nil {
		return a, false, nil
	}
	return d.newest(to.pub())
}

// activities does what a device has the rights to do for activities.
func (d *device) activities() error {
	for range 100 {
		if d.board == nil || len(d.w.together) == 0 || !staff(d) {
			return nil
		}
		more := false
		err := d.write(func(tx *store.Tx) (err error) {
			before, err := d.ledger.Tip(tx, d.inc.Actor())
			if err != nil {
				return err
			}
			if more, err = d.board.Tend(tx); err != nil {
				return err
			}
			after, err := d.ledger.Tip(tx, d.inc.Actor())
			if err == nil && after == before {
				err = errNothing
			}
			return err
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// checkPlaces: never more people are confirmed than there ever were places, and
// in the end nobody waits beside a free place.
func (w *world) checkPlaces(end bool) error {
	if w.theft {
		return nil
	}
	for _, d := range w.devices {
		if d.absent() || !staff(d) || d.board == nil {
			continue
		}
		for _, g := range w.together {
			var row activity.Row
			err := d.view(func(q store.Querier) (err error) { row, err = d.board.Row(q, g.id); return err })
			if quiet(err) == nil && err != nil { // not heard of yet
				continue
			}
			if err != nil {
				return err
			}
			if row.Confirmed > g.most {
				return fail("places", "%s: %d people have a place, and there were never more than %d", d, row.Confirmed, g.most)
			}
			if !end {
				continue
			}
			if err := d.checkFilled(g, row); err != nil {
				return err
			}
			if d.registrar() {
				w.count("place given", row.Confirmed)
				w.count("person waiting", row.Waiting)
			}
		}
	}
	return nil
}

// checkFilled: when all have met, nobody waits beside a free place, and no place
// is left with somebody who gave it back, or given twice to one person.
func (d *device) checkFilled(g gathering, row activity.Row) error {
	if d.w.wild || row.State == activity.Cancelled {
		return nil
	}
	if row.Pending > 0 || row.Waiting > 0 && row.Confirmed < row.Places {
		return fail("places", "%s: %d people wait beside a free place: %+v", d, row.Pending+row.Waiting, row)
	}
	var a activity.Activity
	err := d.view(func(q store.Querier) (err error) { a, err = d.board.Get(q, g.id); return err })
	if err != nil {
		return err
	}
	signed := int64(0)
	for _, x := range a.Attendees {
		if x.Status == activity.Confirmed {
			signed++
		}
	}
	if signed != row.Confirmed {
		return fail("places", "%s: %d people have a place and %d of them want it: %+v", d, row.Confirmed, signed, row)
	}
	return nil
}
