package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Pictures of a passbook's lines: those of the deed itself, and those of the claim that
// it was booked for. Both hang on the person; the line says how many.

// linePhotos counts a person's pictures for the lines of a passbook.
type linePhotos struct {
	of     map[string]int
	booked map[[16]byte][]string // deed -> claims
}

func (c *community) photosByLine(q store.Querier, persons ...people.ID) (out linePhotos, err error) {
	if out.of, err = photo.CountsOf(q, persons...); err != nil || len(out.of) == 0 {
		return out, err
	}
	out.booked, err = c.claim.BookedFor(q, persons...)
	return out, err
}

func (x *linePhotos) count(l *ledger.Line) int {
	if len(x.of) == 0 || l.Kind == ledger.LineUndo || l.Deed.Key == (ledger.Subject{}) {
		return 0
	}
	n := x.of[photoOfDeed+photo.Hash(l.Ref.Hash).String()]
	for _, id := range x.booked[l.Deed.Key] {
		n += x.of[photoOfClaim+id]
	}
	return n
}

// andClaims is what a picture may be of that belongs to the same thing: to a deed the
// claims it was booked for.
func (c *community) andClaims(q store.Querier, id people.ID, of string) ([]string, error) {
	list := []string{of}
	text, ok := strings.CutPrefix(of, photoOfDeed)
	h, fits := photo.ParseHash(text)
	if !ok || !fits {
		return list, nil
	}
	x, err := c.ledger.Transaction(q, wire.Hash(h))
	if err != nil {
		return list, nil // not here: photoOf says so where it matters
	}
	persons := c.people.IDs(id)
	booked, err := c.claim.BookedFor(q, persons...)
	for _, e := range x.Tx.Entries {
		if !slices.Contains(persons, people.ID(e.Quota.Subject)) {
			continue
		}
		for _, claimID := range booked[e.Deed.Key] {
			if !slices.Contains(list, photoOfClaim+claimID) {
				list = append(list, photoOfClaim+claimID)
			}
		}
	}
	return list, err
}

func (n *Node) phonePhotoCalls() map[string]handler {
	return map[string]handler{
		"phone.photos": phoneCall(n, (*community).phoneLinePhotos),
		"phone.photo":  phoneCall(n, (*community).phoneLinePhoto),
	}
}

type phoneLineRequest struct {
	tokenRequest
	Hash string `json:"hash"` // of the line's transaction
}

type phoneLineReply struct {
	Hashes []string `json:"hashes"` // of the pictures, the oldest first
}

// phoneLinePhotos lists the pictures of a line of the own passbook.
func (c *community) phoneLinePhotos(ctx context.Context, p people.ID, r phoneLineRequest) (phoneLineReply, error) {
	out := phoneLineReply{Hashes: []string{}}
	return out, c.view(ctx, func(q store.Querier) error {
		rows, err := c.photoRows(q, p, photoOfDeed+r.Hash)
		for _, x := range rows {
			out.Hashes = append(out.Hashes, x.Hash)
		}
		return err
	})
}

// phoneLinePhoto shows one of the own pictures. One that is not here begins to be
// fetched, and the phone asks again: it must not keep other phones waiting. Faults:
// photo.unknown, photo.erased, photo.away.
func (c *community) phoneLinePhoto(ctx context.Context, p people.ID, r phoneLineRequest) (out photoReply, err error) {
	h, ok := photo.ParseHash(r.Hash)
	if !ok {
		return out, fault.New("photo.unknown")
	}
	err = c.view(ctx, func(q store.Querier) error {
		for _, id := range c.people.IDs(p) {
			x, err := photo.Get(q, id, h)
			if fault.Of(err).Code == "photo.unknown" {
				continue
			}
			if err == nil {
				out.JPEG, err = x.Open(q, c.people.Texts(q))
			}
			return err
		}
		return fault.New("photo.unknown")
	})
	if err == nil && out.JPEG == nil {
		c.fetchAside(h)
		err = fault.New("photo.away")
	}
	return out, err
}

// phoneFetch is how long a picture may take that a phone asked for.
const phoneFetch = 20 * time.Second

// fetchAside fetches a picture while nobody waits, one at a time.
func (c *community) fetchAside(h photo.Hash) {
	if !c.fetching.CompareAndSwap(false, true) {
		return
	}
	c.node.wg.Go(func() {
		defer c.fetching.Store(false)
		ctx, cancel := context.WithTimeout(c.node.ctx, phoneFetch)
		defer cancel()
		if _, err := c.mesh.fetchPhoto(ctx, h); err != nil && ctx.Err() == nil {
			c.node.log.Info("a picture was not fetched", "err", err.Error())
		}
	})
}
