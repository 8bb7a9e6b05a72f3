package sim

import (
	"errors"
	"math/rand/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// code is how an outcome is told in the trace.
func code(err error) string {
	if err == nil {
		return "ok"
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return err.Error()
}

// rng makes the randomness of one event.
func (e Event) rng() *rand.Rand { return rand.New(rand.NewPCG(e.Seed, 7)) }

// at picks the device of an event: one that runs and fits. nil if there is none.
func (w *world) at(n int, fits func(*device) bool) *device {
	for i := range w.devices {
		d := w.devices[(n+i)%len(w.devices)]
		if !d.down && !d.hostile && fits(d) {
			return d
		}
	}
	return nil
}

func anybody(*device) bool  { return true }
func staff(d *device) bool  { return d.role != govern.Merchant }
func others(d *device) bool { return d.n > 0 }

// act lets one event happen. An error is a failure of the world, not a refusal
// at a counter.
func (w *world) act(e Event) error {
	switch e.Kind {
	case evAward, evTwice:
		return w.award(e)
	case evRedeem:
		return w.redeem(e)
	case evUndo:
		return w.undo(e)
	case evMove, evHome, evPaper:
		return w.move(e)
	case evPull:
		return w.pull(e)
	case evDeliver:
		return w.deliver(e)
	case evStock:
		return w.stock(e)
	case evTurn:
		return w.newTurn(e)
	case evDeed:
		return w.payDeed(e)
	case evBroken:
		return w.breakOff(e)
	case evDeduct:
		return w.deduct(e)
	case evBenefit:
		return w.benefit(e)
	case evBudget:
		return w.fund(e)
	case evPublish:
		return w.publish(e)
	case evSignUp, evSignOff, evPromote, evPlaces, evDelegate, evCancel:
		return w.attend(e)
	case evCoupon:
		return w.coupon(e)
	case evShow:
		return w.showCoupon(e)
	case evRecall:
		return w.callBack(e)
	case evJoin:
		return w.join(e)
	}
	return w.fault(e)
}

// told ends an act: a fault is an answer, a call for a new incarnation is
// followed, everything else is a failure.
func (w *world) told(e Event, d *device, err error) error {
	w.note("%s %s #%d n=%d: %s", kindNames[e.Kind], d, e.Who%len(w.people), e.N, code(err))
	if err == nil {
		w.count(kindNames[e.Kind], 1)
	}
	if err == nil || quiet(err) == nil || d.stale(err) || errors.Is(err, ledger.ErrInvalid) && d.ended() {
		return nil
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return fail("act", "%s at %s: %v", kindNames[e.Kind], d, err)
}

// ended tells whether a device knows that its own feed was closed: until its
// chores have begun another it writes nothing.
func (d *device) ended() bool {
	s, err := d.snapshotOf()
	if err != nil {
		return false
	}
	head, _, _ := s.Head()
	_, closed := s.Cuts(d.inc.Actor(), head)
	return closed
}

func (w *world) award(e Event) error {
	d := w.at(e.A, func(d *device) bool { return staff(d) && d.turn != ledger.Subject{} })
	if d == nil {
		return nil
	}
	who := e.Who % len(w.people)
	a := ledger.Award{Person: w.people[who], Points: e.N, Period: w.deedPeriod(e), Turn: d.turn, Key: subjectOf(e.Seed), Item: "A03", Version: 1}
	ref, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Award(tx, a) })
	if err == nil && !w.cfg.broken {
		w.tell(d, order{hash: ref.Hash, person: who, award: true, parts: []part{{who, a.Period, e.N}}})
		if err := d.handSlip(e, who); err != nil {
			return err
		}
	}
	if err := w.told(e, d, err); err != nil || e.Kind != evTwice {
		return err
	}
	_, again := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Award(tx, a) })
	if err == nil && again == nil {
		return fail("deed", "%s paid a deed twice", d)
	}
	return w.told(e, d, again)
}

// payDeed is the office paying a deed that belongs to no activity.
func (w *world) payDeed(e Event) error {
	d := w.at(0, (*device).main)
	if d == nil {
		return nil
	}
	return w.told(e, d, w.deed(d, e, e.Who%len(w.people)))
}

// deed pays one under the person's own turn, which is made when it is first needed
// by whatever incarnation of the main device runs then, as the product's board does:
// one that has not succeeded to the last yet may make it twice.
func (w *world) deed(d *device, e Event, who int) error {
	a := ledger.Award{Person: w.people[who], Points: e.N, Period: w.deedPeriod(e), Turn: w.people[who], Key: subjectOf(e.Seed), Item: "A03", Version: 1}
	// The turn stands also where the budget that the deed needs is still to come.
	if err := d.write(func(tx *store.Tx) error { return d.ledger.EnsureTurn(tx, a.Turn) }); err != nil {
		return err
	}
	ref, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Award(tx, a) })
	if err == nil && !w.cfg.broken {
		w.tell(d, order{hash: ref.Hash, person: who, award: true, parts: []part{{who, a.Period, e.N}}})
	}
	return err
}

// subjectOf makes an id of a number that is drawn already.
func subjectOf(n uint64) (s ledger.Subject) {
	for i := range 8 {
		s[i], s[i+8] = byte(n>>(8*i)), byte(i)
	}
	return s
}

// lost tells, for this event, whether a question or its answer is eaten.
func (w *world) lost(rng *rand.Rand) func() bool {
	return func() bool { return rng.IntN(1000) < w.net.rules.drop*5 }
}

func (w *world) redeem(e Event) error {
	d := w.at(e.A, anybody)
	if d == nil {
		return nil
	}
	who := e.Who % len(w.people)
	have, all, err := d.has(who)
	if err != nil {
		return err
	}
	n := min(e.N, max(1, have)) // people ask for what they believe they have
	if w.cfg.Habits {
		n = e.N // what the goods cost, whether they can pay it or not
		if err := d.showSlips(who); err != nil {
			return err
		}
	}
	affordable := all >= n
	err = d.buy(e, who, n)
	if affordable {
		w.stats.Affordable++
	}
	if err == nil {
		if affordable {
			w.stats.Accepted++
		} else if !w.theft {
			return fail("overspent", "%s took %d points of person %d, who had %d", d, n, who, have)
		}
	}
	return w.told(e, d, err)
}

// buy is a customer at the counter: look, ask around if need be, redeem.
func (d *device) buy(e Event, who int, n int64) error {
	rng := e.rng()
	have, err := d.rights(d.w.people[who])
	if err != nil {
		return err
	}
	if have < n {
		if err := d.pull(d.w.people[who], n, d.w.lost(rng)); err != nil {
			return err
		}
	}
	good := rng.IntN(len(d.w.goods))
	ref, err := d.append(func(tx *store.Tx) (store.Ref, error) {
		return d.ledger.Redeem(tx, ledger.Redemption{Person: d.w.people[who], Points: n,
			Goods: []ledger.Goods{{Good: d.w.goods[good], Count: 1}}, Receipt: subjectOf(e.Seed)})
	})
	if err != nil {
		return err
	}
	parts, err := d.paid(ref.Hash, who, n)
	if err == nil {
		d.w.tell(d, order{hash: ref.Hash, person: who, parts: parts})
	}
	return err
}

func (w *world) undo(e Event) error {
	d := w.at(e.A, func(d *device) bool { return len(d.orders) > 0 })
	if d == nil {
		return nil
	}
	o := &d.orders[len(d.orders)-1-e.B%min(len(d.orders), 8)]
	switch {
	case o.final:
		return nil
	case o.deducted > 0:
		return w.giveBack(e, d, o)
	}
	ref, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Undo(tx, o.hash) })
	if err == nil {
		if o.undone {
			return fail("undo", "%s undid %x twice", d, o.hash[:4])
		}
		o.undone, o.undo = true, ref.Hash
		w.takeBack(o)
	}
	if code(err) == "ledger.undo.moved" && o.award && e.B%2 == 0 {
		return w.recall(e, d, o)
	}
	return w.told(e, d, err)
}

// breakOff is a purchase that fails after the ledger has written its part, as when
// the rest of the screen's work can't be done: nothing of it happened.
func (w *world) breakOff(e Event) error {
	d := w.at(e.A, anybody)
	if d == nil {
		return nil
	}
	who := e.Who % len(w.people)
	have, err := d.rights(w.people[who])
	if err != nil || have == 0 {
		return err
	}
	err = d.write(func(tx *store.Tx) error {
		_, err := d.ledger.Redeem(tx, ledger.Redemption{Person: w.people[who], Points: min(e.N, have), Receipt: subjectOf(e.Seed)})
		return cmpOr(err, errBrokenOff)
	})
	if errors.Is(err, errBrokenOff) {
		err = nil
	}
	if after, err := d.rights(w.people[who]); err != nil || after != have {
		return cmpOr(err, fail("rows", "%s has %d points of person %d, and had %d before a purchase that was broken off", d, after, who, have))
	}
	return w.told(e, d, err)
}

// move sends some of a person's points elsewhere; home, all of it; as a
// voucher, to a till that gets it on paper.
func (w *world) move(e Event) error {
	who := e.Who % len(w.people)
	d := w.at(e.A, func(d *device) bool {
		n, err := d.rights(w.people[who])
		return err == nil && n > 0
	})
	if d == nil {
		return nil
	}
	to := w.at(e.B, func(o *device) bool { return o != d && o.pub() != d.pub() })
	if e.Kind == evHome {
		to = w.at(0, func(o *device) bool { return o != d && o.registrar() })
	}
	if to == nil {
		return nil
	}
	a, ok, err := d.newest(to.pub())
	if err != nil || !ok {
		return err
	}
	period := w.deedPeriod(e)
	if shut, err := d.shut(period); err != nil || shut { // it offers nothing of that year any more
		return err
	}
	var v []byte
	_, err = d.append(func(tx *store.Tx) (ref store.Ref, err error) {
		q := ledger.Quota{Kind: ledger.Points, Subject: w.people[who], Period: period}
		have, err := d.ledger.Here(tx, q)
		if err != nil {
			return ref, err
		}
		n := min(e.N, have)
		if e.Kind == evHome {
			n = have
		}
		if ref, err = d.ledger.Move(tx, q, n, a); err == nil && e.Kind == evPaper {
			v, err = d.ledger.Voucher(tx, ref.Hash)
		}
		return ref, err
	})
	if err == nil && v != nil {
		w.paper = append(w.paper, paper{to.n, v, who})
	}
	return w.told(e, d, err)
}

func (w *world) pull(e Event) error {
	d := w.at(e.A, anybody)
	if d == nil {
		return nil
	}
	who := e.Who % len(w.people)
	return w.told(e, d, d.pull(w.people[who], e.N, w.lost(e.rng())))
}

// deliver hands a voucher over, and now and then its photocopy to somebody
// else.
func (w *world) deliver(e Event) error {
	if len(w.paper) == 0 {
		return nil
	}
	i := e.B % len(w.paper)
	p := w.paper[i]
	rng := e.rng()
	d := w.devices[p.to]
	if wrong := rng.IntN(4) == 0; wrong {
		d = w.at(e.A, anybody)
	} else if rng.IntN(2) == 0 {
		w.paper = append(w.paper[:i:i], w.paper[i+1:]...) // else it is shown again later
	}
	if d == nil || d.down || d.hostile {
		return nil
	}
	err := d.write(func(tx *store.Tx) error {
		_, err := d.ledger.Take(tx, p.voucher)
		return err
	})
	if later(err) {
		err = errNothing
	}
	return w.told(e, d, err)
}

// later tells whether a TAKE may succeed another time: its payer's certificate
// or head is not here yet, or a CLOSE forbids it.
func later(err error) bool {
	return errors.Is(err, ledger.ErrUnknown) || errors.Is(err, ledger.ErrInvalid)
}

// stock is work at the shelf: the last pieces go, more come, somebody corrects,
// somebody counts.
func (w *world) stock(e Event) error {
	d := w.at(e.A, anybody)
	if d == nil {
		return nil
	}
	good := w.goods[e.Who%len(w.goods)]
	var err error
	switch e.B % 8 {
	case 0:
		_, err = d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Adjust(tx, good, 40-e.N, "") })
	case 1:
		_, err = d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Adjust(tx, w.scarce, 3-e.N%12, "") }) // as often as not more than lie there
	case 2, 3:
		err = d.countShelf(w.scarce, e.N%9)
	case 4:
		_, err = d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Receive(tx, w.scarce, 1+e.N%5, "") })
	default:
		err = d.lastOnes(e)
	}
	return w.told(e, d, err)
}

// countShelf books what was found, and that is what is there then.
func (d *device) countShelf(good ledger.Subject, found int64) error {
	_, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Count(tx, good, found, "") })
	if err != nil {
		return err
	}
	return d.view(func(q store.Querier) error {
		n, err := d.ledger.StockHere(q, good)
		if err == nil && n != found {
			err = fail("stock", "%s counted %d pieces and has %d", d, found, n)
		}
		return err
	})
}

// lastOnes gives goods away of which there are few, as often more than there
// are as not.
func (d *device) lastOnes(e Event) error {
	_, err := d.append(func(tx *store.Tx) (store.Ref, error) {
		return d.ledger.Redeem(tx, ledger.Redemption{Person: d.w.people[e.Who%len(d.w.people)],
			Goods: []ledger.Goods{{Good: d.w.scarce, Count: 1 + e.N%6}}, Receipt: subjectOf(e.Seed)})
	})
	return err
}

// newTurn gives a station another activity with another share of the budget.
func (w *world) newTurn(e Event) error {
	office := w.at(0, (*device).registrar)
	d := w.at(e.A, staff)
	if office == nil || d == nil {
		return nil
	}
	a, ok, err := office.newest(d.pub())
	if err != nil || !ok || a != d.inc.Actor() {
		return err
	}
	was := d.turn
	d.turn = subjectOf(e.Seed)
	if err = office.giveTurn(d); err != nil {
		d.turn = was
	}
	return w.told(e, office, err)
}
