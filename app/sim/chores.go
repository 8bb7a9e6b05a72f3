package sim

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// chores is what a running device does without being asked, in the order of
// the product's own chores.
func (d *device) chores() error {
	online := d.w.net.degree(d)
	if !d.dirty && online == d.met && (d.w.step%stepsPerDay != 0 || d.tended == d.w.step) {
		return nil
	}
	d.dirty, d.tended = false, d.w.step
	if _, ok := d.charter.Device(d.pub()); !ok {
		return d.retry()
	}
	for _, do := range []func() error{d.retry, d.retire, d.handOver, d.successions, d.take, d.rewrite, d.budget, d.vouchers, d.giveBack, d.activities, d.awardLevels, d.exposure, d.debts, d.forward, d.idle} {
		if err := quiet(do()); err != nil {
			if d.stale(err) || errors.Is(err, ledger.ErrInvalid) && d.ended() {
				return nil
			}
			return err
		}
	}
	d.met = online
	return nil
}

// degree is how many links a device has.
func (n *network) degree(d *device) (k int) {
	for _, l := range n.links {
		if (l.a == d || l.b == d) && !l.broken {
			k++
		}
	}
	return k
}

// retry lets changes out of the waiting room whose reasons are gone.
func (d *device) retry() error {
	n, err := admit.Retry(d.w.ctx, d.store, d.rules)
	d.w.stats.Admissions += n
	return err
}

// take receives every MOVE that names this device's feed.
func (d *device) take() error {
	due := false
	err := d.view(func(q store.Querier) (err error) { due, err = d.ledger.Due(q, d.clock()); return err })
	if err != nil || !due {
		return err
	}
	return d.write(func(tx *store.Tx) error {
		n, err := d.ledger.TakeAll(tx)
		if err == nil && n == 0 {
			err = errNothing
		}
		return err
	})
}

// vouchers fetches what was sent to a till, which does not read the senders'
// feeds.
func (d *device) vouchers() error {
	if d.role != govern.Merchant {
		return nil
	}
	for _, o := range d.w.reach(d) {
		if o.role == govern.Merchant || o.hostile {
			continue
		}
		if err := d.fetch(o); err != nil {
			return err
		}
	}
	return nil
}

// vouchersSize bounds an answer with vouchers, as the product's does.
const vouchersSize = 62 << 10

// fetch asks one device for what was sent here, and takes it.
func (d *device) fetch(o *device) error {
	var list [][]byte
	err := o.view(func(q store.Querier) error {
		pub, ok, err := o.charter.DeviceOf(q, d.inc.Actor())
		if err != nil || !ok || pub != d.pub() {
			return err
		}
		list, err = o.ledger.Vouchers(q, d.inc.Actor(), o.clock(), vouchersSize)
		return err
	})
	if err != nil {
		return err
	}
	for _, v := range list {
		err := d.write(func(tx *store.Tx) error {
			_, err := d.ledger.Take(tx, v)
			return err
		})
		if err := quiet(err); err != nil && !later(err) {
			return err
		}
	}
	return nil
}

// exposure keeps every till able to take points, as the registrar.
func (d *device) exposure() error {
	if !d.registrar() {
		return nil
	}
	limit := d.charter.Settings().Exposure
	var tills []wire.Actor
	for _, e := range d.charter.Devices() {
		if e.Role != govern.Merchant || e.Revoked {
			continue
		}
		a, ok, err := d.newest(e.Device)
		if err != nil {
			return err
		}
		if ok {
			tills = append(tills, a)
		}
	}
	return d.write(func(tx *store.Tx) error {
		total := int64(0)
		for _, a := range tills {
			n, err := d.ledger.GrantExposure(tx, a, limit)
			if quiet(err) != nil {
				return err
			}
			total += n
		}
		if total == 0 {
			return errNothing
		}
		return nil
	})
}

// idle sends points home that nobody spent here for a week, and burns what is
// expired; once a day is enough.
func (d *device) idle() error {
	if d.w.step%stepsPerDay != 0 && !d.w.healing {
		return nil
	}
	return d.write(func(tx *store.Tx) error {
		sent, err := d.ledger.SendIdle(tx, d.clock())
		if err != nil {
			return err
		}
		burned, err := d.ledger.BurnExpired(tx)
		if err == nil && sent+burned == 0 {
			err = errNothing
		}
		return err
	})
}

// reach lists the devices that a device can ask now, in their fixed order.
func (w *world) reach(d *device) (list []*device) {
	for _, l := range w.net.links {
		switch {
		case l.broken || l.oneWay:
		case l.a == d:
			list = append(list, l.b)
		case l.b == d:
			list = append(list, l.a)
		}
	}
	slices.SortFunc(list, func(a, b *device) int { return a.n - b.n })
	return list
}

// holders orders who can be asked: the richest holder first as far as this
// device can know, else the office, then the stations.
func (d *device) holders(subject ledger.Subject, known func(store.Querier, ledger.Subject) ([]ledger.Holding, error)) ([]*device, error) {
	rich := map[[32]byte]int64{}
	err := d.view(func(q store.Querier) error {
		list, err := known(q, subject)
		for _, h := range list {
			if pub, ok, err := d.charter.DeviceOf(q, h.Feed); err == nil && ok {
				rich[pub] += h.N
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := d.w.reach(d)
	rank := func(o *device) int {
		e, _ := d.charter.Device(o.pub())
		switch {
		case e.Registrar:
			return 0
		case e.Role.Staff():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b *device) int {
		x, y := a.pub(), b.pub()
		return cmp.Or(cmp.Compare(rich[y], rich[x]), cmp.Compare(rank(a), rank(b)), bytes.Compare(x[:], y[:]))
	})
	return out, nil
}

// rights is what can be spent here of a person's points.
func (d *device) rights(person ledger.Subject) (n int64, err error) {
	err = d.view(func(q store.Querier) (err error) { n, err = d.ledger.Rights(q, person); return err })
	return n, err
}

// pull asks the devices in reach for a person's points until there is enough
// here. lost tells whether the network eats the answer.
func (d *device) pull(person ledger.Subject, need int64, lost func() bool) error {
	if have, err := d.rights(person); err != nil || have >= need {
		return err
	}
	if err := quiet(d.vouchers()); err != nil {
		return err
	}
	list, err := d.holders(person, d.ledger.Holders)
	if err != nil {
		return err
	}
	for _, o := range list {
		have, err := d.rights(person)
		if err != nil || have >= need {
			return err
		}
		if err := d.pullFrom(o, person, need, lost); err != nil {
			return err
		}
	}
	return nil
}

// pullFrom asks one device for what is missing, by each record of the person: who
// is asked may not know that they are one.
func (d *device) pullFrom(o *device, person ledger.Subject, need int64, lost func() bool) error {
	for _, m := range d.group(d.w.index[person]) {
		have, err := d.rights(person)
		if err != nil || have >= need {
			return err
		}
		var req []byte
		err = d.view(func(q store.Querier) (err error) {
			req, err = d.ledger.Request(q, d.w.people[m], need-have)
			return err
		})
		if err != nil {
			return err
		}
		if err := quiet(d.ask(o, req, lost)); err != nil {
			return err
		}
		if after, err := d.rights(person); err != nil || after > need {
			return cmpOr(err, fail("offer", "%s lacked %d points, and got %d of %s", d, need-have, after-have, o))
		}
	}
	return nil
}

// ask is one question on the ask channel, and its answer.
func (d *device) ask(o *device, req []byte, lost func() bool) error {
	if o.hostile || lost() {
		return nil
	}
	var answer []byte
	err := o.write(func(tx *store.Tx) (err error) {
		answer, err = o.ledger.Offer(tx, req, d.pub())
		return err
	})
	if err != nil {
		if o.stale(err) || errors.Is(err, ledger.ErrUnknown) || errors.Is(err, ledger.ErrInvalid) && o.ended() { // an incarnation of which it has not heard, or its own end
			return nil
		}
		return err
	}
	if lost() {
		return nil
	}
	err = d.write(func(tx *store.Tx) error {
		_, err := d.ledger.Accept(tx, answer)
		return err
	})
	if later(err) {
		return nil
	}
	return err
}
