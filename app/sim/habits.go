package sim

import (
	"math/rand/v2"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What people usually do, for figures about availability. Everybody has a till
// where most redemptions are made, and a station where most points are earned;
// the office knows both and the product's policies follow them. The other worlds
// have no habits: there, people go anywhere, which is harder on the rules.

// The habits, per cent. They are assumptions: a community that measures others
// can put them here.
const (
	// atUsualTill of the redemptions are made at the usual till, the others
	// anywhere else.
	atUsualTill = 90
	// atUsualStation of the points are earned at the usual station.
	atUsualStation = 90
	// carried of the slips with forwarded points are shown at the next visit to
	// the till (from the phone or the passbook), the others never.
	carried = 90
)

// habitual is what people do, of a thousand: nobody plays with buttons.
var habitual = []share{{evAward, 480}, {evRedeem, 480}, {evUndo, 20}, {evStock, 20}}

// habit is where somebody usually goes, by the devices' places in the world.
type habit struct{ till, station int }

// slip is a printed MOVE of forwarded points, for the usual till.
type slip struct {
	to       int
	evidence *ledger.Evidence
}

// habitsOf draws everybody's habits.
func habitsOf(cfg Config) []habit {
	rng := rand.New(rand.NewPCG(cfg.Seed, 0xab17))
	var tills, stations []int
	for n := range cfg.Devices {
		switch roleOf(n) {
		case govern.Merchant:
			tills = append(tills, n)
		case govern.Station:
			stations = append(stations, n)
		}
	}
	if len(tills) == 0 { // a community of two
		tills = stations
	}
	list := make([]habit, cfg.People)
	for i := range list {
		list[i] = habit{tills[rng.IntN(len(tills))], stations[rng.IntN(len(stations))]}
	}
	return list
}

// usualPlaces sends people where they usually go.
func usualPlaces(cfg Config, list []Event) {
	rng := rand.New(rand.NewPCG(cfg.Seed, 0x90e5))
	habits := habitsOf(cfg)
	for i := range list {
		e := &list[i]
		h := habits[e.Who%cfg.People]
		switch usual := rng.IntN(100); {
		case e.Kind == evRedeem && usual < atUsualTill:
			e.A = h.till
		case e.Kind == evRedeem:
			e.A = (h.till + 1 + rng.IntN(cfg.Devices-1)) % cfg.Devices
		case e.Kind == evAward && usual < atUsualStation:
			e.A = h.station
		}
	}
}

// meanwhile lets the devices talk between two customers, who are many minutes
// apart, and the registrar grant what tills lack: a matter of a second. The other
// chores wait for the end of the step.
func (w *world) meanwhile() error {
	if !w.cfg.Habits {
		return nil
	}
	if err := w.net.pump(); err != nil {
		return err
	}
	reg := w.at(0, (*device).registrar)
	if reg == nil || !reg.dirty {
		return nil
	}
	return quiet(reg.exposure())
}

// usualTill is the feed of somebody's usual till.
func (d *device) usualTill(who int) (to *device, a wire.Actor, ok bool, err error) {
	if to = d.w.devices[d.w.habits[who].till]; to == d {
		return to, a, false, nil
	}
	a, ok, err = d.newest(to.pub())
	return to, a, ok, err
}

// handSlip forwards what somebody just earned to the usual till, and gives out
// the slip of it.
func (d *device) handSlip(e Event, who int) error {
	if !d.w.cfg.Habits || !staff(d) {
		return nil
	}
	to, a, ok, err := d.usualTill(who)
	if err != nil || !ok {
		return err
	}
	var ev *ledger.Evidence
	err = d.write(func(tx *store.Tx) error {
		if err := d.ledger.Forward(tx, d.w.people[who], a); err != nil {
			return err
		}
		t, err := d.ledger.Tip(tx, d.inc.Actor())
		if err == nil {
			ev, err = d.ledger.VoucherEvidence(tx, t.Hash)
		}
		return err
	})
	if err != nil {
		return quiet(err)
	}
	if e.rng().IntN(100) < carried {
		d.w.slips[who] = append(d.w.slips[who], slip{to.n, ev})
	}
	return nil
}

// showSlips is what somebody does first at the till that the slips name. A till
// without room asks for more, where it can, and else leaves the slip good.
func (d *device) showSlips(who int) error {
	var kept []slip
	for _, s := range d.w.slips[who] {
		if s.to != d.n {
			kept = append(kept, s)
			continue
		}
		err := d.show(s)
		if code(err) == "voucher.room" {
			if err := quiet(d.vouchers()); err != nil {
				return err
			}
			err = d.show(s)
		}
		switch {
		case err == nil || code(err) == "voucher.taken" || code(err) == "voucher.back": // the network was quicker
		case quiet(err) == nil:
			kept = append(kept, s)
		default:
			return err
		}
	}
	d.w.slips[who] = kept
	return nil
}

func (d *device) show(s slip) error {
	return d.write(func(tx *store.Tx) error {
		_, err := d.ledger.TakeVoucher(tx, s.evidence, false)
		return err
	})
}

// forward sends points on to where their people redeem, as staff devices do;
// tills don't know who that is.
func (d *device) forward() error {
	if !d.w.cfg.Habits || !staff(d) {
		return nil
	}
	var here []ledger.Subject
	err := d.view(func(q store.Querier) (err error) { here, err = d.ledger.People(q); return err })
	if err != nil || len(here) == 0 {
		return err
	}
	places := map[ledger.Subject]int{}
	for i, p := range d.w.people {
		places[p] = i
	}
	for _, p := range here {
		_, a, ok, err := d.usualTill(places[p])
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		err = d.write(func(tx *store.Tx) error { return d.ledger.Forward(tx, p, a) })
		if err := quiet(err); err != nil {
			return err
		}
	}
	return nil
}

// loot copies the till at which most points lie; then the machine and its copy
// hand out everything, each as if it were alone.
func (w *world) loot() error {
	var rich *device
	most := int64(0)
	for _, d := range w.devices {
		n := int64(0)
		for _, p := range w.people {
			k, err := d.rights(p)
			if err != nil {
				return err
			}
			n += k
		}
		if d.role == govern.Merchant && n > most {
			rich, most = d, n
		}
	}
	if rich == nil {
		return nil
	}
	if err := w.clone(Event{A: rich.n}, govern.Merchant); err != nil {
		return err
	}
	copied := w.devices[len(w.devices)-1]
	for _, d := range []*device{rich, copied} {
		for who, p := range w.people {
			n, err := d.rights(p)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			ref, err := d.append(func(tx *store.Tx) (store.Ref, error) {
				return d.ledger.Redeem(tx, ledger.Redemption{Person: p, Points: n, Receipt: w.subject()})
			})
			if err != nil {
				return err
			}
			parts, err := d.paid(ref.Hash, who, n)
			if err != nil {
				return err
			}
			w.tell(d, order{hash: ref.Hash, person: who, parts: parts})
		}
	}
	return nil
}
