package demo

import (
	"fmt"
	"time"
)

// run plays the day. Each step is a function whose name says what happens.
func (p *play) run(length time.Duration) (result, error) {
	end := time.Now().Add(length)
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"the sample community, and two devices join", p.open},
		{"registrations on two devices", p.registrations},
		{"station and merchant fill their shelves", p.shelves},
		{"an activity with 13 places", p.publish},
		{"12 of 20 sign up at the office", func() error { return p.signUp(p.office, p.people[:applicants-farSignUps]) }},
		{"points move to where people shop", p.prepareShops},
		{"the station is cut off and works on", p.apart},
		{"the station is killed with -9 and comes back", p.killed},
		{"busy hours", func() error { return p.busy(end) }},
		{"the station is back on the network", func() error { return p.cut(p.station, false) }},
	} {
		start := time.Now()
		if err := step.do(); err != nil {
			return result{}, fmt.Errorf("%s: %w", step.what, err)
		}
		p.say("%6d ms  %s", time.Since(start).Milliseconds(), step.what)
	}
	if _, err := p.converge(time.Minute); err != nil {
		return result{}, err
	}
	start := time.Now()
	if err := p.finish(); err != nil {
		return result{}, err
	}
	if _, err := p.converge(time.Minute); err != nil {
		return result{}, err
	}
	took := time.Since(start)
	p.say("%6d ms  attendance finished, all agree; %d redemptions refused at the counter", took.Milliseconds(), p.resist)
	return p.result(took)
}

func (p *play) registrations() error {
	for _, d := range []*process{p.office, p.station} {
		tag := "甲"
		if d == p.station {
			tag = "乙"
		}
		if _, err := p.register(d, 5, tag); err != nil {
			return err
		}
	}
	return nil
}

// shelves gives station and merchant goods of their own, forty of each.
func (p *play) shelves() error {
	for _, d := range []*process{p.station, p.merchant} {
		for i, g := range []struct {
			name   string
			points int
		}{{"香皂", 4}, {"牙膏", 5}, {"毛巾", 7}} {
			o, err := call[struct{ ID string }](p.ctx, d, "shop.save", object{"id": "", "name": g.name, "unit": "1 件", "kind": "goods",
				"points": g.points, "minimum": 2, "icon": "box", "active": true, "code": fmt.Sprintf("6901%03d", i)})
			if err != nil {
				return err
			}
			if err := do(p.ctx, d, "shop.receive", object{"offer": o.ID, "n": 40, "why": "开张进货"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepareShops lets station and merchant fetch some people's points while the
// office is in reach.
func (p *play) prepareShops() error {
	if err := until(p.ctx, 30*time.Second, "the station knows the people", func() (bool, error) {
		r, err := call[struct{ Total int }](p.ctx, p.station, "people.list", object{"offset": 0, "limit": 1, "q": "", "grid": "", "sort": "created", "desc": false})
		return r.Total >= len(p.people), err
	}); err != nil {
		return err
	}
	for _, id := range p.people[:10] {
		if err := p.pull(p.station, id, 20); err != nil {
			return err
		}
	}
	for _, id := range p.people[10:20] {
		if err := p.pull(p.merchant, id, 10); err != nil {
			return err
		}
	}
	return until(p.ctx, 30*time.Second, "the station knows the activity", func() (bool, error) {
		_, err := p.look(p.station)
		return err == nil, nil
	})
}

// apart: the cable is out, the station signs people up, registers, records
// service and redeems.
func (p *play) apart() error {
	if err := p.cut(p.station, true); err != nil {
		return err
	}
	if err := p.signUp(p.station, p.people[applicants-farSignUps:applicants]); err != nil {
		return err
	}
	if _, err := p.register(p.station, 2, "丙"); err != nil {
		return err
	}
	for _, id := range p.people[:5] {
		if _, err := p.redeem(p.station, id); err != nil {
			return err
		}
		if err := p.deed(p.station, id, p.item, "cut-"+id); err != nil {
			return err
		}
	}
	return nil
}

// killed: power is cut at the station while it redeems; it must come back as
// the same writer with the rights it held.
func (p *play) killed() error {
	if _, err := p.redeem(p.station, p.people[5]); err != nil {
		return err
	}
	before, err := call[struct{ Incarnation string }](p.ctx, p.station, "audit.report", object{})
	if err != nil {
		return err
	}
	p.station.kill()
	if err := p.station.start(p.ctx, p.log); err != nil {
		return err
	}
	after, err := call[struct{ Incarnation string }](p.ctx, p.station, "audit.report", object{})
	if err != nil {
		return err
	}
	if before.Incarnation != after.Incarnation {
		return fmt.Errorf("the station came back as another incarnation: it has lost its rights")
	}
	if err := p.cut(p.station, true); err != nil {
		return err
	}
	_, err = p.redeem(p.station, p.people[6])
	return err
}

// busy fills the time that is left with redemptions, undone ones among them,
// and new deeds on all three devices, 40 rounds a minute at least.
func (p *play) busy(end time.Time) error {
	for round := 0; round < 20 || time.Now().Before(end.Add(-15*time.Second)); round++ {
		if round >= 4000 {
			return nil
		}
		id := p.people[p.rng.IntN(len(p.people))]
		d := p.all()[p.rng.IntN(3)]
		if d != p.station {
			if err := p.pull(d, id, 8); err != nil {
				return err
			}
		}
		r, err := p.redeem(d, id)
		if err != nil {
			return err
		}
		if r != nil && p.rng.IntN(4) == 0 {
			if err := do(p.ctx, d, "ledger.undo", object{"ref": r}); err != nil {
				return err
			}
		}
		if d != p.merchant && p.rng.IntN(3) == 0 {
			if err := p.deed(d, id, p.item, fmt.Sprintf("busy-%d", round)); err != nil {
				return err
			}
		}
		time.Sleep(20 * time.Millisecond) // a counter is not a benchmark: let syncs happen between customers
	}
	return nil
}

// finish: everybody confirmed is entered from the sign-in sheet, the activity
// is closed, points are booked.
func (p *play) finish() error {
	if err := until(p.ctx, 30*time.Second, "13 are confirmed", func() (bool, error) {
		a, err := p.look(p.office)
		return a.Confirmed == places && a.Pending == 0, err
	}); err != nil {
		return err
	}
	a, err := p.look(p.office)
	if err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	rows := []object{}
	for _, x := range a.Attendees {
		if x.Status == "confirmed" {
			rows = append(rows, object{"person": x.Person, "inAt": now - 65*60_000, "outAt": now})
		}
	}
	if err := do(p.ctx, p.station, "activity.after", object{"id": p.activity, "rows": rows[:6]}); err != nil {
		return err
	}
	if err := do(p.ctx, p.office, "activity.after", object{"id": p.activity, "rows": rows}); err != nil {
		return err
	}
	return do(p.ctx, p.office, "activity.finish", object{"id": p.activity})
}
