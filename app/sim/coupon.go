package sim

import (
	"errors"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Vouchers with a last day: written at a desk for one till, shown there, copied and
// shown again, called back before somebody shows them, forgotten. Whoever is first of
// showing and returning stands; once the till has heard that one is called back,
// nobody gets anything for it.

// coupon is a voucher as its person carries it, and what is known of it.
type coupon struct {
	hash   wire.Hash
	paper  *ledger.Evidence
	to     int
	who    int
	used   bool
	wishes []wire.Hash // changes of the request document that call it back
}

// maxGood bounds for how many days a voucher is good.
const maxGood = 4

// coupon lets a desk write a voucher.
func (w *world) coupon(e Event) error {
	who := e.Who % len(w.people)
	d := w.at(e.A, func(d *device) bool {
		n, err := d.rights(w.people[who])
		return err == nil && n > 0 && staff(d)
	})
	to := w.at(e.B, func(o *device) bool { return o != d && (d == nil || o.pub() != d.pub()) && o.n > 0 })
	if d == nil || to == nil {
		return nil
	}
	a, ok, err := d.newest(to.pub())
	if err != nil || !ok {
		return err
	}
	c := coupon{to: to.n, who: who}
	ref, err := d.append(func(tx *store.Tx) (ref store.Ref, err error) {
		_, most, err := d.ledger.Most(tx, w.people[who])
		if err != nil {
			return ref, err
		}
		good := (1 + e.N%maxGood) * stepsPerDay * stepMillis
		if ref, err = d.ledger.IssueVoucher(tx, w.people[who], min(e.N, most), a, d.clock()+good); err == nil {
			c.paper, err = d.ledger.VoucherEvidence(tx, ref.Hash)
		}
		return ref, err
	})
	if err == nil {
		c.hash = ref.Hash
		w.coupons = append(w.coupons, c)
	}
	return w.told(e, d, err)
}

// showCoupon is somebody who shows one, now and then at a till for which it is not.
func (w *world) showCoupon(e Event) error {
	if len(w.coupons) == 0 {
		return nil
	}
	c := &w.coupons[e.B%len(w.coupons)]
	d := w.devices[c.to]
	if e.N%8 == 0 {
		d = w.at(e.A, anybody)
	}
	if d == nil || d.down || d.hostile {
		return nil
	}
	heard, err := d.heardOf(c)
	if err != nil {
		return err
	}
	var s ledger.Shown
	err = d.write(func(tx *store.Tx) (err error) {
		s, err = d.wishes.Show(tx, d.ledger, c.paper, d.clock(), e.N%16 == 1)
		return err
	})
	home := s.Expired || s.Recalled || e.N%16 == 1
	switch {
	case err != nil:
	case c.used && !w.theft:
		return fail("voucher", "%s took voucher %x, which was used before", d, c.hash[:4])
	case heard && !home:
		return fail("voucher", "%s took voucher %x for person %d, and had heard that it is called back", d, c.hash[:4], c.who)
	case !home:
		c.used = true
	}
	return w.told(e, d, err)
}

// heardOf tells whether a device has met a word that calls a voucher back.
func (d *device) heardOf(c *coupon) (bool, error) {
	for _, h := range c.wishes {
		if _, there, err := d.store.Change(d.w.ctx, h); err != nil || there {
			return there, err
		}
	}
	return false, nil
}

// callBack lets a desk that knows a voucher ask its till to return it.
func (w *world) callBack(e Event) error {
	d := w.at(e.A, func(d *device) bool { return staff(d) && !d.revoked })
	if d == nil || len(w.coupons) == 0 {
		return nil
	}
	return w.told(e, d, d.wish(&w.coupons[e.B%len(w.coupons)]))
}

func (d *device) wish(c *coupon) error {
	err := d.write(func(tx *store.Tx) error {
		ev, err := d.ledger.VoucherEvidence(tx, c.hash)
		if errors.Is(err, ledger.ErrUnknown) {
			return errNothing
		}
		if err != nil {
			return err
		}
		p, err := d.ledger.ReadPaper(ev)
		if err != nil {
			return err
		}
		return d.wishes.AskReturn(tx, c.hash, p.Payee)
	})
	if err != nil {
		return err
	}
	tips, err := d.store.Vector(d.w.ctx, d.charter.Doc(ledger.RequestDoc))
	for _, t := range tips {
		if t.Actor == d.inc.Actor() {
			c.wishes = append(c.wishes, t.Hash)
		}
	}
	return err
}

// maxReturns bounds the vouchers that go home at once, as on a device.
const maxReturns = 50

// giveBack sends home what was sent to this device and is called back: a till, which
// reads no feeds of others, asks the staff in reach for the vouchers.
func (d *device) giveBack() error {
	if d.role != govern.Merchant {
		return d.returnWhat(d)
	}
	for _, o := range d.w.reach(d) {
		if o.role == govern.Merchant || o.hostile {
			continue
		}
		if err := d.returnWhat(o); err != nil {
			return err
		}
	}
	return nil
}

// returnWhat sends home what a staff device knows to be called back from this one.
func (d *device) returnWhat(o *device) error {
	var mine []wire.Actor // also what was sent to who this one succeeds
	err := d.view(func(q store.Querier) (err error) { mine, err = d.ledger.Mine(q); return err })
	if err != nil {
		return err
	}
	var list []*ledger.Evidence
	err = o.view(func(q store.Querier) (err error) {
		for _, a := range mine {
			hashes, e := o.wishes.Returns(q, a, maxReturns)
			err = errors.Join(err, e)
			for _, h := range hashes {
				ev, e := o.ledger.VoucherEvidence(q, h)
				if errors.Is(e, ledger.ErrUnknown) {
					continue
				}
				err = errors.Join(err, e)
				list = append(list, ev)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, ev := range list {
		err := d.write(func(tx *store.Tx) error { return d.wishes.GiveBack(tx, d.ledger, ev) })
		if err := quiet(err); err != nil && !later(err) {
			return err
		}
	}
	return nil
}

// endCoupons calls back what nobody has shown, once all is healed; where disks were
// lost, also what was shown at one of them.
func (w *world) endCoupons() error {
	office := w.at(0, (*device).registrar)
	if office == nil || len(w.coupons) == 0 {
		return nil
	}
	for i := range w.coupons {
		if c := &w.coupons[i]; !c.used || w.wild {
			if err := office.wish(c); quiet(err) != nil {
				return err
			}
		}
	}
	return w.settle(4)
}

// checkCoupons: in the end no voucher that was called back is still out, and what was
// shown in time was used.
func (w *world) checkCoupons() error {
	office := w.at(0, (*device).registrar)
	if office == nil || w.wild || w.theft {
		return nil
	}
	state := map[wire.Hash]ledger.VoucherState{}
	err := office.view(func(q store.Querier) error {
		list, err := office.ledger.IssuedVouchers(q, ledger.Subject{}, w.now, len(w.coupons)+1)
		for _, v := range list {
			state[v.Hash] = v.State
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := range w.coupons {
		c := &w.coupons[i]
		want := ledger.VoucherReturned
		if c.used {
			want = ledger.VoucherUsed
		}
		if got := state[c.hash]; got != want {
			return fail("voucher", "%s says of voucher %x, for %s: %s, and it must be %s", office, c.hash[:4], w.devices[c.to], got, want)
		}
		w.count("voucher "+string(want), 1)
	}
	return nil
}
