package sim

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What the registrar does about feeds that have ended, as the product's chores
// do it: CLOSE and SUCCEED, a new term for itself, and what the heirs write
// again.

func (d *device) snapshotOf() (s govern.Snapshot, err error) {
	err = d.view(func(q store.Querier) error { s, err = d.charter.Snapshot(q); return err })
	return s, err
}

// retire asks for a new incarnation when the registrar has closed this one's
// feed.
func (d *device) retire() error {
	e, ok := d.charter.Device(d.pub())
	if !ok || e.Revoked {
		return nil
	}
	s, err := d.snapshotOf()
	if err != nil {
		return err
	}
	head, _, _ := s.Head()
	if _, closed := s.Cuts(d.inc.Actor(), head); closed {
		d.retired = true
		d.w.renew = append(d.w.renew, d)
	}
	return nil
}

// handOver lets the registrar's device go on under a new incarnation: a new
// term, once it has met another staff device that agrees with it, and all where
// its database may have been put back.
func (d *device) handOver() error {
	pub := d.pub()
	writer, due := d.handsOver()
	if !due || d.twin || !d.agrees() || !d.nobodyKnowsMore() {
		return nil
	}
	d.doubted = nil
	e, _ := d.charter.Device(pub)
	recipient := d.key.Recipient()
	wrapped, err := d.wrap(recipient)
	if err != nil {
		return err
	}
	self := govern.Cert{Device: pub, Role: e.Role, Name: e.Name, Place: e.Place, Recipient: recipient, Keyring: wrapped}
	err = d.write(func(tx *store.Tx) error {
		cuts, err := law.Cuts(tx, d.ledger, writer, "handed over")
		if err != nil {
			return err
		}
		return d.charter.HandOver(tx, d.key.Private, d.inc.Certificate, self, cuts...)
	})
	d.w.note("%s hands over to its new incarnation: %s", d, code(err))
	return err
}

// wrap encrypts the keyring for the device; age draws its own randomness.
func (d *device) wrap(recipient string) (wrapped []byte, err error) {
	ring, err := d.charter.Keyring()
	if err != nil {
		return nil, err
	}
	d.w.seeded(func() { wrapped, err = ring.Wrap(recipient) })
	return wrapped, err
}

// agrees tells whether another staff device holds the same, or there is none.
func (d *device) agrees() bool {
	others := false
	for _, e := range d.charter.Devices() {
		if e.Device == d.pub() || e.Revoked || !e.Role.Staff() {
			continue
		}
		others = true
		if d.inSync(e.Device) {
			return true
		}
	}
	return !others
}

// handsOver tells whether this is the main device and its term is another
// incarnation's, and whose.
func (d *device) handsOver() (writer wire.Actor, due bool) {
	pub, writer, ok := d.charter.Registrar()
	return writer, ok && pub == d.pub() && writer != d.inc.Actor()
}

// doubted is what a device remembers whose database may have been put back: since
// when, and who was in step since.
type doubted struct {
	since int64
	met   map[[32]byte]bool
}

// doubt begins that, with a new incarnation.
func (d *device) doubt() { d.doubted = &doubted{d.w.now, map[[32]byte]bool{}} }

// nobodyKnowsMore tells whether a term that this device began and forgot can't be
// known to anybody: all staff, and the tills that are connected (all, where there
// is no other staff), were in step since, or the community's patience is over.
func (d *device) nobodyKnowsMore() bool {
	if d.doubted == nil {
		return true
	}
	list := slices.DeleteFunc(d.charter.Devices(), func(e govern.Enrolled) bool { return e.Revoked || e.Device == d.pub() })
	others := slices.ContainsFunc(list, func(e govern.Enrolled) bool { return e.Role.Staff() })
	all := true
	for _, e := range list {
		if others && !e.Role.Staff() && !d.connected(e.Device) {
			continue
		}
		d.doubted.met[e.Device] = d.doubted.met[e.Device] || d.inSync(e.Device)
		all = all && d.doubted.met[e.Device]
	}
	over := d.w.now-d.doubted.since >= d.charter.Settings().SuccessionWait*60*1000
	if over && !all {
		d.w.theft = true // what only the others hold of its feed lies beyond the cut that the hand-over makes
	}
	return all || over
}

// connected tells whether a link to a device is up.
func (d *device) connected(pub [32]byte) bool {
	return slices.ContainsFunc(d.w.net.links, func(l *link) bool {
		return !l.broken && (l.a == d && l.b.pub() == pub || l.b == d && l.a.pub() == pub)
	})
}

// inSync tells whether a connected device holds what this one holds.
func (d *device) inSync(pub [32]byte) bool {
	for _, l := range d.w.net.links {
		switch {
		case l.broken || l.oneWay:
		case l.a == d && l.b.pub() == pub && l.sa.Stats().InSync, l.b == d && l.a.pub() == pub && l.sb.Stats().InSync:
			return true
		}
	}
	return false
}

// successions closes what has ended and names its successor, as the registrar.
func (d *device) successions() error {
	if !d.registrar() {
		return nil
	}
	list, err := d.endedFeeds()
	if err != nil {
		return err
	}
	for _, x := range list {
		ready, err := d.heard(x)
		if err != nil {
			return err
		}
		if !ready {
			continue
		}
		err = d.write(func(tx *store.Tx) error { return law.Succeed(tx, d.charter, d.ledger, x) })
		if errors.Is(err, ledger.ErrUnknown) { // what counts of it is not all here
			continue
		}
		d.w.note("%s closes %x: %s", d, x.Feed[:3], code(err))
		if err != nil {
			return err
		}
	}
	return nil
}

// endedFeeds lists the feeds without successor whose device goes on under a
// newer incarnation, or is revoked.
func (d *device) endedFeeds() (list []law.Ended, err error) {
	s, err := d.snapshotOf()
	if err != nil {
		return nil, err
	}
	head, _, _ := s.Head()
	items, err := d.store.SetItems(d.w.ctx, store.SetIncarnation, -1)
	if err != nil {
		return nil, err
	}
	certs, newest, err := incarnations(items)
	for _, cert := range certs {
		feed := cert.Actor()
		e, ok := d.charter.Device(cert.Device)
		if _, _, _, done := s.Heir(feed, head); !ok || done {
			continue
		}
		_, closed := s.Cuts(feed, head)
		x := law.Ended{Feed: feed, Device: cert.Device, Heir: newest[cert.Device].Actor(), Closed: closed}
		if e.Revoked {
			x.Heir = d.inc.Actor()
		}
		if _, gone := s.Cuts(x.Heir, head); x.Heir != feed && !gone {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b law.Ended) int { return a.Feed.Compare(b.Feed) })
	return list, err
}

// incarnations reads certificates, and finds each device's newest.
func incarnations(items []store.Item) (list []seal.Certificate, newest map[[32]byte]seal.Certificate, err error) {
	newest = map[[32]byte]seal.Certificate{}
	for _, it := range items {
		c, err := seal.DecodeCertificate(it.Blob)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, c)
		if have, ok := newest[c.Device]; !ok || newer(c, have) {
			newest[c.Device] = c
		}
	}
	return list, newest, nil
}

// newer tells which of two incarnations of a device goes on.
func newer(a, b seal.Certificate) bool {
	x, y := a.Actor(), b.Actor()
	return a.Made > b.Made || a.Made == b.Made && bytes.Compare(x[:], y[:]) > 0
}

// heard tells whether everybody who may hold more of a feed was heard since it
// ended: all staff and the device itself, or the community's patience is over.
func (d *device) heard(x law.Ended) (bool, error) {
	if x.Closed {
		return true, nil
	}
	if d.seen == nil {
		d.seen = map[wire.Actor]int64{}
	}
	since, ok := d.seen[x.Feed]
	if !ok {
		since = d.w.now
		d.seen[x.Feed] = since
	}
	docs, err := d.store.WaitingDocs(d.w.ctx)
	if err != nil || slices.ContainsFunc(docs, func(doc store.DocID) bool { return strings.Contains(string(doc), "/feed/"+x.Feed.String()+"/") }) {
		return false, err
	}
	patient := d.w.now-since < d.charter.Settings().SuccessionWait*60*1000
	for _, e := range d.charter.Devices() {
		if e.Revoked || e.Device == d.pub() || !e.Role.Staff() && e.Device != x.Device {
			continue
		}
		if d.inSync(e.Device) {
			continue
		}
		if patient {
			return false, nil
		}
		d.w.theft = true // what it may hold beyond the cut is loss
	}
	return true, nil
}

// rewrite writes again what predecessors minted or restored beyond their cuts,
// but for those of revoked devices.
func (d *device) rewrite() error {
	var before ledger.Tip
	err := d.write(func(tx *store.Tx) (err error) {
		if before, err = d.ledger.Tip(tx, d.inc.Actor()); err != nil {
			return err
		}
		n, err := d.ledger.Rewrite(tx, func(a wire.Actor) bool {
			pub, ok, err := d.charter.DeviceOf(tx, a)
			e, known := d.charter.Device(pub)
			return err == nil && ok && known && !e.Revoked
		})
		if err == nil && n == 0 {
			err = errNothing
		}
		return err
	})
	if err != nil || d.w.wild {
		return err
	}
	return d.rewritten(before)
}

// rewritten tells the people what that took from them: a deduction whose debt lay
// beyond the cut may find points now, and takes them instead of leaving a debt.
// Where devices begin anew the truth is a bound, and stays what people were told.
func (d *device) rewritten(before ledger.Tip) error {
	var now ledger.Tip
	err := d.view(func(q store.Querier) (err error) { now, err = d.ledger.Tip(q, d.inc.Actor()); return err })
	for n, h := now.Number, now.Hash; err == nil && n > before.Number; n-- {
		e, err := d.wroteAs(n, h)
		if err != nil {
			return err
		}
		d.w.deducted(d, e)
		h = e.Prev
	}
	return err
}

// wroteAs reads a change of the device's own feed.
func (d *device) wroteAs(number uint64, h wire.Hash) (*ledger.Entered, error) {
	c, ok, err := d.store.Change(d.w.ctx, h)
	if err != nil || !ok {
		return nil, cmpOr(err, fmt.Errorf("change %d, %s, is not here", number, h))
	}
	return d.w.books.of(d.ledger.Community(), (number-1)/ledger.PartSize+1, c.Chunk, h)
}

// renewal makes the incarnation of a device whose feed was closed: newer than
// every one that it ever had, whatever its clock says.
func (d *device) renewal() error {
	made := d.clock()
	err := d.view(func(q store.Querier) error {
		certs, err := govern.Incarnations(q, d.pub())
		for _, c := range certs {
			made = max(made, c.Made+1)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", d, err)
	}
	inc, err := seal.NewIncarnation(d.w.source, d.key.Private, made)
	d.next = &inc
	return err
}
