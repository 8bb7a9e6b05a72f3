package node

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Policies of the community that have no screen yet.
const (
	// tendPause is how long commits are gathered before the chores run.
	tendPause = 120 * time.Millisecond
	// choreEvery is how often chores run that no commit causes.
	choreEvery = time.Minute
)

// tender does what is due without being asked: it takes what was sent here,
// pays what this device may pay, confirms sign-ups, sends points to where
// people shop, and keeps tills able to take points.
type tender struct {
	c      *community
	wake   chan struct{}
	cancel context.CancelFunc
	done   sync.WaitGroup
	rounds atomic.Int64 // how often all chores were looked at

	met   int   // devices that were connected when vouchers were asked for
	asked int64 // and when, milliseconds

	claimsMoved uint64 // how far claims had come when they were last looked at
	claimsAt    int64  // and when

	dunned int64                    // when others were asked for points that pay debts
	others map[ledger.Subject]int64 // what they held then of who owes here

	appliedDay string // on which old applications were looked for

	stated  map[string]string // community -> the last day on which a statement to it was looked for
	settled map[string]string // place -> the last day whose settlement was looked at

	failed map[string]string // chore: what was said of it last

	waiting     bool               // a succession waits for its time
	clockAt     map[[32]byte]int64 // when devices were asked for their clocks
	cost        map[wire.Actor]lost
	told        map[refusedTo]*talk  // who was told of a refused feed, over which link
	gave        map[[32]byte]int64   // when staff devices were handed what this revoked device wrote
	gaveAll     map[[32]byte]bool    // and which of them have all of it
	lateSent    map[lateTo]uint64    // how far it went where another machine's history is known
	proved      map[[32]byte]int64   // when devices that refuse this one were shown the charter
	handing     int64                // since when a new term waits for who may know more of the old one
	photosMoved uint64               // how far pictures had come on record when they were last looked at
	photosAt    int64                // and when
	goodsMoved  uint64               // how far shelves had changed when their pictures were last looked at
	goodsAt     int64                // and when
	noPhoto     map[photo.Hash]int64 // pictures that nobody in reach had, since when
	words       map[wordTo]*talk     // who was told of a machine that stopped, over which link
	since       int64                // since when a machine that stopped is on the network
	rests       int64                // since when a machine that stopped for its copy keeps off the network
}

func newTender(c *community) *tender {
	return &tender{c: c, wake: make(chan struct{}, 1), failed: map[string]string{}, cost: map[wire.Actor]lost{}, clockAt: map[[32]byte]int64{}, told: map[refusedTo]*talk{}, proved: map[[32]byte]int64{}, gave: map[[32]byte]int64{}, gaveAll: map[[32]byte]bool{}, lateSent: map[lateTo]uint64{}, words: map[wordTo]*talk{}, noPhoto: map[photo.Hash]int64{}}
}

func (t *tender) start() {
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	t.done.Go(func() { t.run(ctx) })
	t.done.Go(func() { t.c.mesh.watch(ctx) })
	t.done.Go(func() { t.c.examineForever(ctx) })
	t.done.Go(func() { t.c.backupForever(ctx) })
	t.poke()
}

func (t *tender) stop() {
	t.cancel()
	t.done.Wait()
}

func (t *tender) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *tender) run(ctx context.Context) {
	for {
		t.once(ctx)
		t.rounds.Add(1)
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		case <-time.After(t.idleFor()):
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tendPause):
		}
	}
}

// idleFor is how long to wait when nothing happens.
func (t *tender) idleFor() time.Duration {
	if d, _ := t.c.self(); d.Role == govern.Merchant {
		return voucherEvery
	}
	if t.waiting || t.handing > 0 || t.c.copied.Load() != nil || t.c.refused.Load() != nil {
		return settleFor
	}
	return choreEvery
}

// once runs every chore. One that fails is said, once until its error changes,
// and does not keep the others from running.
func (t *tender) once(ctx context.Context) {
	if t.c.checkClock() != nil || t.c.diskFault() != nil {
		return
	}
	if t.c.copied.Load() != nil {
		t.try(ctx, "retry", t.retry)
		t.try(ctx, "stopped", t.stopped)
		return
	}
	t.try(ctx, "charter", func(context.Context) error { return t.c.charter.Stale() })
	if t.c.refused.Load() != nil {
		t.try(ctx, "retry", t.retry)
		t.try(ctx, "retire", t.retire)
		t.try(ctx, "refusals", t.refusals)
		return
	}
	if _, ok := t.c.self(); !ok || t.c.revokedHere() {
		t.try(ctx, "retry", t.retry)
		t.try(ctx, "prove", t.prove) // so that the others hear that it has stopped
		t.try(ctx, "hand over what was written", t.giveLate)
		return
	}
	for _, chore := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"retry", t.retry}, {"retire", t.retire}, {"prove", t.prove}, {"hand over", t.handOver}, {"resume", t.resume}, {"successions", t.successions}, {"lingering", t.lingering}, {"losses", t.losses}, {"take", t.take}, {"rewrite", t.rewrite}, {"again", t.again}, {"corrections", t.corrections}, {"paid in vain", t.paidInVain}, {"joined and erased", t.c.people.FinishErasures}, {"keys of erased people", t.c.people.SweepKeys}, {"receipts", t.c.people.GiveReceipts}, {"applications", t.applications},
		{"broken imports", t.imports}, {"pepper", t.pepper}, {"budget", t.budget}, {"vouchers", t.vouchers}, {"recalled vouchers", t.recalled}, {"joinings", t.joinings}, {"bonus", t.bonus}, {"base points", t.base}, {"deductions", t.fetchForDeductions}, {"claims", t.bookClaims}, {"activities", t.activities}, {"orders", t.orders},
		{"honours", t.honours}, {"exposure", t.exposure}, {"scopes", t.scopes}, {"credit", t.credit}, {"debts", t.debts}, {"usual places", t.forward}, {"idle points", t.idle}, {"settlements", t.settlements}, {"statements", t.statements},
		{"revoked", t.hangUp}, {"refusals", t.refusals}, {"stop words", t.passWords}, {"clocks", t.clocks}, {"breaches", t.breaches}, {"pictures", t.pictures}, {"pictures of goods", t.goodPictures}, {"alarms", t.watchAlarms},
	} {
		t.try(ctx, chore.name, chore.do)
	}
}

func (t *tender) try(ctx context.Context, name string, do func(context.Context) error) {
	err := do(ctx)
	switch {
	case err == nil || errors.Is(err, errNothing):
		delete(t.failed, name)
	case ctx.Err() == nil && t.failed[name] != err.Error(): // it is tried at every commit
		t.failed[name] = err.Error()
		t.c.node.log.Error("a chore failed", "chore", name, "err", err.Error())
	}
}

// errNothing rolls a transaction back that found nothing to do.
var errNothing = errors.New("nothing to do")

func (t *tender) write(ctx context.Context, fn func(*store.Tx) error) error {
	return t.c.writeAs(ctx, "", fn)
}

// retry lets changes out of the waiting room whose reasons are gone.
func (t *tender) retry(ctx context.Context) error {
	_, err := admit.Retry(ctx, t.c.store, t.c.rules)
	return err
}

func (t *tender) registrar() bool {
	d, writer, ok := t.c.charter.Registrar()
	return ok && d == t.c.node.device.Load().Public() && writer == t.c.store.Self()
}

// resume gives the orders again that the copy did not hold which this main
// device was put back to, when they come back from the others.
func (t *tender) resume(ctx context.Context) error {
	if !t.registrar() || !t.c.charter.Resumable() {
		return nil
	}
	return t.write(ctx, func(tx *store.Tx) error {
		n, err := t.c.charter.Resume(tx, t.c.node.cfg.Rand)
		if err == nil && n == 0 {
			err = errNothing
		}
		if n > 0 {
			t.c.node.log.Warn("orders that came back were given again", "n", n)
		}
		return err
	})
}

// hangUp ends the links of devices whose revocation came in while they were
// connected: whoever refuses them tells them why.
func (t *tender) hangUp(context.Context) error {
	h := t.c.mesh.now()
	if h == nil {
		return nil
	}
	for pub := range t.c.mesh.online() {
		if d, ok := t.c.charter.Device(pub); ok && d.Revoked {
			h.Disconnect(pub)
		}
	}
	return nil
}

// budget makes the year's common budget once; once more after a new
// incarnation, when the old one took what was left of it along.
func (t *tender) budget(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	now := period(t.c.node.now())
	var total int64
	err := t.c.view(ctx, func(q store.Querier) (err error) {
		total, err = law.BudgetDue(q, t.c.charter, t.c.ledger, now)
		return err
	})
	if err != nil || total == 0 {
		return err
	}
	return t.write(ctx, func(tx *store.Tx) error { return t.c.ledger.EnsureIssue(tx, t.c.ledger.Community(), now, total) })
}

// take receives every MOVE that names this device's feed.
func (t *tender) take(ctx context.Context) error {
	return t.write(ctx, func(tx *store.Tx) error {
		coming, err := t.c.ledger.ComingIdle(tx, t.c.node.now())
		if err != nil {
			return err
		}
		n, err := t.c.ledger.TakeAll(tx)
		if err == nil && n == 0 {
			err = errNothing
		}
		if err != nil {
			return err
		}
		return t.c.rest(tx, coming)
	})
}

// vouchers fetches what was sent to a till, which does not read the senders'
// feeds: after every new connection, and every voucherEvery.
func (t *tender) vouchers(ctx context.Context) error {
	d, _ := t.c.self()
	online := len(t.c.mesh.online())
	now := t.c.node.now()
	if d.Role != govern.Merchant || online == 0 || online == t.met && now < t.asked+voucherEvery.Milliseconds() {
		return nil
	}
	t.met, t.asked = online, now
	return t.c.mesh.fetchVouchers(ctx)
}

// voucherEvery is how long a till may wait for new exposure; a till that needs
// it at once asks at once (pull).
const voucherEvery = 5 * time.Second

// imports takes back a roster's import that broke off.
func (t *tender) imports(ctx context.Context) error {
	n, err := t.c.people.UndoBroken(ctx)
	if n > 0 {
		t.c.node.log.Warn("an import that broke off was taken back", "people", n)
		t.c.node.hub.tell("people", "ledger")
	}
	return err
}

// bonus books registrations and openings that other devices recorded.
func (t *tender) bonus(ctx context.Context) error {
	for {
		n, err := t.c.people.AwardDue(ctx, "", maxBonus)
		if err != nil || n < maxBonus {
			return err
		}
	}
}

// maxBonus bounds the awards of one transaction after a long time apart.
const maxBonus = 200

// activities confirms sign-ups and pays deeds.
func (t *tender) activities(ctx context.Context) error {
	for range 100 {
		more := false
		err := t.c.paying(ctx, "", func(tx *store.Tx) (err error) {
			more, err = t.c.activity.Tend(tx)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// exposure keeps every till able to take points, up to the community's cap.
func (t *tender) exposure(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	limit := t.c.charter.Settings().Exposure
	var faults error
	for device, a := range t.feeds(func(d govern.Enrolled) bool { return d.Role == govern.Merchant && !d.Revoked }) {
		err := t.write(ctx, func(tx *store.Tx) error {
			if ok, err := t.heardTill(tx, device, a); err != nil || !ok {
				return cmp.Or(err, errNothing)
			}
			n, err := t.c.ledger.GrantExposure(tx, a, limit)
			if err == nil && n == 0 {
				err = errNothing
			}
			return err
		})
		if errors.Is(err, errNothing) {
			continue
		}
		if _, ok := errors.AsType[*fault.Fault](err); err != nil && !ok {
			return err
		}
		faults = errors.Join(faults, err) // one till that can't be served keeps no other waiting
	}
	return faults
}

// heardTill tells whether this device knows all the exposure that a till has taken from
// the main device before: that one may have granted more than was heard of it. It does
// once the till was in step since, or wrote knowing that the old book is closed. Until
// then the till works on with what it has.
func (t *tender) heardTill(tx *store.Tx, device [32]byte, till wire.Actor) (bool, error) {
	before, until, ok := t.c.charter.Before()
	if !ok {
		return true, nil
	}
	if talk := t.c.mesh.online()[device]; talk != nil && talk.Stats().InSync {
		return true, nil
	}
	known, err := heldBy(tx)
	if k := known[device]; err != nil || k.at >= until && k.via != "usb" { // what a stick brings may have been made by a till that had not heard
		return err == nil, err
	}
	may, err := t.c.ledger.MayTake(tx, till, before)
	return !may, err
}

// feeds returns the newest incarnation of each device that fits.
func (t *tender) feeds(fits func(govern.Enrolled) bool) map[[32]byte]wire.Actor {
	out := map[[32]byte]wire.Actor{}
	for _, d := range t.c.charter.Devices() {
		if !fits(d) {
			continue
		}
		if a, ok := t.c.incarnation(d.Device); ok {
			out[d.Device] = a
		}
	}
	return out
}

// forward sends points to the places where people usually redeem.
func (t *tender) forward(ctx context.Context) error {
	usual, err := t.elsewhere(ctx)
	if err != nil || len(usual) == 0 {
		return err
	}
	return t.write(ctx, func(tx *store.Tx) error {
		sent := false
		for id, to := range usual {
			if t.c.visits.open(t.c.people.Lead(id), t.c.node.now()) {
				continue
			}
			here, err := t.c.ledger.Rights(tx, ledger.Subject(id))
			if err != nil {
				return err
			}
			if here == 0 {
				continue
			}
			if err := t.c.ledger.Forward(tx, ledger.Subject(id), to); err != nil {
				return err
			}
			sent = true
		}
		if !sent {
			return errNothing
		}
		return nil
	})
}

// elsewhere is whose points lie here and where they belong, asked outside of a
// transaction: nearly always there is nobody, and the counter must not wait for
// that.
func (t *tender) elsewhere(ctx context.Context) (map[people.ID]wire.Actor, error) {
	at := map[string]wire.Actor{}
	for device, a := range t.feeds(func(d govern.Enrolled) bool { return !d.Revoked }) {
		d, _ := t.c.charter.Device(device)
		at[d.Place] = a
	}
	out := map[people.ID]wire.Actor{}
	var here map[ledger.Subject]int64
	var rests map[ledger.Subject]rest
	err := t.c.view(ctx, func(q store.Querier) error {
		usual, err := t.c.people.Usual(q)
		if err != nil || len(usual) == 0 {
			return err
		}
		if here, err = t.c.ledger.PeopleHere(q); err != nil {
			return err
		}
		rests, err = resting(q)
		for id, place := range usual {
			to, ok := at[place]
			n := here[ledger.Subject(id)]
			if ok && to != t.c.store.Self() && n > 0 && !rests[ledger.Subject(id)].holds(place, n) && !t.c.visits.open(t.c.people.Lead(id), t.c.node.now()) {
				out[id] = to
			}
		}
		return err
	})
	if err == nil {
		err = t.c.lessRest(ctx, here, rests)
	}
	return out, err
}

// idle sends points home that nobody spent here for a week.
func (t *tender) idle(ctx context.Context) error {
	return t.write(ctx, func(tx *store.Tx) error {
		sent, err := t.c.ledger.SendIdle(tx, t.c.node.now())
		if err != nil {
			return err
		}
		burned, err := t.c.ledger.BurnExpired(tx)
		if err == nil && sent+burned == 0 {
			err = errNothing
		}
		return err
	})
}
