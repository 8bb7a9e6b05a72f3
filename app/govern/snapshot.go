package govern

import (
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Snapshot answers questions about any head that is here: each answer looks at
// that head's past only, so it never changes.
type Snapshot struct{ s *state }

// Snapshot returns the charter as a transaction sees it, or as it is committed
// for any other reader.
func (c *Charter) Snapshot(q store.Querier) (Snapshot, error) {
	tx, ok := q.(*store.Tx)
	if !ok {
		return Snapshot{c.now()}, nil
	}
	s, err := c.at(tx)
	return Snapshot{s}, err
}

// Head returns the newest place and the hash that changes name; false before
// the genesis.
func (n Snapshot) Head() (Point, [16]byte, bool) {
	p := n.s.head()
	h, ok := n.s.heads[p]
	return p, head16(h), ok
}

// At finds the place of a head; false if it is not here.
func (n Snapshot) At(term, seq uint64, hash [16]byte) (Point, bool) {
	return n.s.point(term, seq, hash)
}

// Under is the place of the head that a change names; the zero place for one that is not
// here.
func (n Snapshot) Under(ctx seal.Context) Point { return n.s.under(ctx) }

// Role returns what a device is under a head, 0 for nobody, and whether it is
// the registrar.
func (n Snapshot) Role(device [32]byte, at Point) (Role, bool) {
	c, ok := n.s.cert(device, at)
	if !ok {
		return 0, n.s.registrar(device, at)
	}
	return c.Entry.Role, n.s.registrar(device, at)
}

// Cap returns the device's limit for a kind of quota, false if it has none.
func (n Snapshot) Cap(device [32]byte, kind string, at Point) (uint64, bool) {
	c, _ := n.s.cert(device, at)
	v, ok := c.Entry.Caps[kind]
	return v, ok
}

// Revoked tells whether the device had a certificate and lost it.
func (n Snapshot) Revoked(device [32]byte, at Point) bool {
	_, had := latest(n.s, n.s.certs[device], at)
	_, has := n.s.cert(device, at)
	return had && !has
}

// Cuts returns the cuts of a feed that the first CLOSE of it names: more than
// one after a fork. False if the feed is not closed by name.
func (n Snapshot) Cuts(feed wire.Actor, at Point) ([]Close, bool) {
	var out []Close
	var first Point
	for _, d := range n.s.closes[feed] {
		if !n.s.within(d.At, at) || len(out) > 0 && d.At != first {
			continue
		}
		first = d.At
		out = append(out, d.Entry)
	}
	return out, len(out) > 0
}

// Closed lists the feeds that are closed by name, in order of their actors.
func (n Snapshot) Closed(at Point) []wire.Actor {
	var out []wire.Actor
	for feed := range n.s.closes {
		if _, ok := n.Cuts(feed, at); ok {
			out = append(out, feed)
		}
	}
	slices.SortFunc(out, wire.Actor.Compare)
	return out
}

// Heir returns the succession of a feed and where it stands: the first SUCCEED
// of it that counts, with the rights of those that follow it to the same heir,
// because the rights of a station do not fit into one.
func (n Snapshot) Heir(feed wire.Actor, at Point) (Succeed, Point, [16]byte, bool) {
	var first dated[Succeed]
	found := false
	for _, d := range n.s.succeeds {
		switch {
		case d.Entry.Feed != feed || !n.s.within(d.At, at):
		case !found:
			first, found = d, true
		case d.Entry.To == first.Entry.To:
			first.Entry.Rights = slices.Concat(first.Entry.Rights, d.Entry.Rights)
		}
	}
	if !found {
		return Succeed{}, Point{}, [16]byte{}, false
	}
	return first.Entry, first.At, head16(n.s.heads[first.At]), true
}

// YearClosed tells whether the period's YEARCLOSE lies in the head's past.
func (n Snapshot) YearClosed(period string, at Point) bool {
	return slices.ContainsFunc(n.s.yearCloses, func(d dated[YearClose]) bool {
		return d.Entry.Period == period && n.s.within(d.At, at)
	})
}

// MerchantAt returns the place of a device that is a merchant under a head, or
// was one until it was revoked.
func (n Snapshot) MerchantAt(device [32]byte, at Point) (place string, ok bool) {
	c, ok := latest(n.s, n.s.certs[device], at)
	return c.Entry.Place, ok && c.Entry.Role == Merchant
}

// Writer returns the incarnation that writes a term of gov.
func (n Snapshot) Writer(term uint64) (wire.Actor, bool) {
	t, ok := n.s.terms[term]
	return t.Actor, ok
}

// Settings returns the settings under a head.
func (n Snapshot) Settings(at Point) Settings { return n.s.rules(at) }

// DeviceOf returns the device that an incarnation belongs to; false while its
// certificate is not here.
func (c *Charter) DeviceOf(q store.Querier, actor wire.Actor) ([32]byte, bool, error) {
	c.mu.Lock()
	d, ok := c.wroteBy[actor]
	c.mu.Unlock()
	if ok {
		return d, true, nil
	}
	cert, err := store.Certificate(q, actor)
	if err != nil || cert == nil {
		return d, false, err
	}
	c.mu.Lock()
	c.wroteBy[actor] = cert.Device
	c.mu.Unlock()
	return cert.Device, true, nil
}

// Incarnations returns the certificates of all incarnations of a device that
// are here. They were verified when they entered the set.
func Incarnations(q store.Querier, device [32]byte) ([]seal.Certificate, error) {
	items, err := store.SetItems(q, store.SetIncarnation, -1)
	if err != nil {
		return nil, err
	}
	var out []seal.Certificate
	for _, it := range items {
		cert, err := seal.DecodeCertificate(it.Blob)
		if err != nil {
			return nil, err
		}
		if cert.Device == device {
			out = append(out, cert)
		}
	}
	return out, nil
}
