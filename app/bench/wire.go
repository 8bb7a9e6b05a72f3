package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// OneEntry is one new award over an idle connection: the bytes of both
// directions before the link's encryption.
type OneEntry struct {
	Bytes      int `json:"bytes"`
	RoundTrips int `json:"round_trips"`
}

// ThousandEntries is many new awards over an idle connection.
type ThousandEntries struct {
	Bytes int     `json:"bytes"`
	Raw   int     `json:"raw_bytes"` // of the changes alone, without their seals
	Ratio float64 `json:"ratio"`
}

// ThousandDocs is a fresh connection between devices that differ in one
// document.
type ThousandDocs struct {
	Bytes      int `json:"bytes"`
	RoundTrips int `json:"round_trips"`
}

// pair is an office and a station that hold the same, over a connection that
// has gone silent.
type pair struct {
	office, station *device
	link            *link
	awards          *awards
}

// pair makes two devices. Some awards are there already, as in every community
// that is not founded this minute.
func (l *lab) pair(ctx context.Context, name string) (*pair, error) {
	office, err := l.office(ctx, name+"-office")
	if err != nil {
		return nil, err
	}
	p := &pair{office: office, awards: l.awards(office, 0)}
	id, err := l.station(ctx, office, name+"-station")
	if err == nil {
		p.station, err = id.open(ctx, office.charter.Community(), l.rand)
	}
	if err == nil {
		err = p.awards.fill(ctx, perActivity)
	}
	if err == nil {
		p.link, err = l.connect(ctx, p.office, p.station)
	}
	if err == nil {
		_, _, err = p.link.settle(ctx, p.equal(ctx))
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pair) close() error {
	if p.link != nil {
		p.link.close()
	}
	err := p.office.store.Close()
	if p.station != nil {
		err = errors.Join(err, p.station.store.Close())
	}
	return err
}

// equal tells whether both hold the same documents.
func (p *pair) equal(ctx context.Context) func() (bool, error) {
	return func() (bool, error) {
		a, err := p.office.store.Docs(ctx)
		if err != nil {
			return false, err
		}
		b, err := p.station.store.Docs(ctx)
		return slices.Equal(a, b), err
	}
}

// more writes n awards, each a transaction of its own, and lets them cross.
func (p *pair) more(ctx context.Context, n int) (bytes, roundTrips int, err error) {
	for range n {
		if err := p.office.write(ctx, p.awards.award); err != nil {
			return 0, 0, err
		}
	}
	return p.link.settle(ctx, p.equal(ctx))
}

func (l *lab) oneEntry(ctx context.Context) (string, error) {
	p, err := l.pair(ctx, "one")
	if err != nil {
		return "", err
	}
	bytes, trips, err := p.more(ctx, 1)
	if err = errors.Join(err, p.close()); err != nil {
		return "", err
	}
	l.result.OneEntry = &OneEntry{bytes, trips}
	return fmt.Sprintf("%d bytes, %d round trips (aim 360, 1)", bytes, trips), nil
}

func (l *lab) thousandEntries(ctx context.Context) (string, error) {
	p, err := l.pair(ctx, "thousand")
	if err != nil {
		return "", err
	}
	r, err := p.many(ctx, l.n.batch)
	if err = errors.Join(err, p.close()); err != nil {
		return "", err
	}
	l.result.ThousandEntries = r
	return fmt.Sprintf("%d bytes for %d of %d changes: %.2fx (aim 1.05x)", r.Bytes, r.Raw, l.n.batch, r.Ratio), nil
}

func (p *pair) many(ctx context.Context, n int) (*ThousandEntries, error) {
	before, err := p.office.raw(ctx)
	if err != nil {
		return nil, err
	}
	bytes, _, err := p.more(ctx, n)
	if err != nil {
		return nil, err
	}
	after, err := p.office.raw(ctx)
	raw := after - before
	return &ThousandEntries{Bytes: bytes, Raw: raw, Ratio: float64(bytes) / float64(raw)}, err
}

// raw adds up the changes of the device's own feed, without seals.
func (d *device) raw(ctx context.Context) (total int, err error) {
	err = d.eachOwn(ctx, func(c wire.Chunk) error {
		total += len(c)
		return nil
	})
	return total, err
}

// eachOwn calls fn with the changes of the device's own feed, in order.
func (d *device) eachOwn(ctx context.Context, fn func(wire.Chunk) error) error {
	return d.store.View(ctx, func(q store.Querier) error {
		for part := uint64(1); ; part++ {
			n := 0
			err := store.Each(q, d.ledger.Doc(d.inc.Actor(), part), func(_ wire.Actor, c store.Stored) error {
				n++
				return fn(c.Chunk)
			})
			if err != nil || n == 0 {
				return err
			}
		}
	})
}

// thousandDocuments uses catalogs, the simplest document of which there may be
// any number.
func (l *lab) thousandDocuments(ctx context.Context) (string, error) {
	p, err := l.pair(ctx, "documents")
	if err != nil {
		return "", err
	}
	bytes, trips, err := l.oneDiffers(ctx, p)
	if err = errors.Join(err, p.close()); err != nil {
		return "", err
	}
	l.result.ThousandDocument = &ThousandDocs{bytes, trips}
	return fmt.Sprintf("%d bytes, %d round trips for one of %d (aim 2048, 2)", bytes, trips, l.n.documents), nil
}

func (l *lab) oneDiffers(ctx context.Context, p *pair) (bytes, roundTrips int, err error) {
	err = p.office.write(ctx, func(tx *store.Tx) error {
		for i := range l.n.documents {
			if err := p.office.stock(tx, i, "毛巾"); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, _, err = p.link.settle(ctx, p.equal(ctx))
	}
	if err != nil {
		return 0, 0, err
	}
	p.link.close()
	err = p.office.write(ctx, func(tx *store.Tx) error { return p.office.stock(tx, l.n.documents/2, "肥皂") })
	if err != nil {
		return 0, 0, err
	}
	if p.link, err = l.connect(ctx, p.office, p.station); err != nil {
		return 0, 0, err
	}
	return p.link.settle(ctx, p.equal(ctx))
}

// stock names the one good of a place's catalog.
func (d *device) stock(tx *store.Tx, place int, title string) error {
	doc := d.charter.Doc(fmt.Sprintf("catalog/p%04d", place))
	_, err := tx.Put(doc, "shop.save", store.Put{Key: "offer/01j90000000000000000000000/name", Value: wire.StringValue(title)})
	return err
}
