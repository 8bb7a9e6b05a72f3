package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/activity"
	"jishan/app/assess"
	"jishan/app/claim"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// A round's points are claimed.

// homesAtOnce is how many households' points are claimed in one transaction.
const homesAtOnce = 50

type bookedReply struct {
	Claims int   `json:"claims"`
	Points int64 `json:"points"` // of what gives
	Double int   `json:"double"` // the same item stood already on that day
}

// bookRound claims the points of every household once, as the main device: what was
// claimed and the note that it was stand in one transaction, so that a breakdown leaves
// nothing out and a repeat adds nothing. Faults: govern.registrar.only, those of
// assess.Ready.
func (c *community) bookRound(ctx context.Context, r idRequest) (out bookedReply, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	var round roundReply
	err = c.view(ctx, func(q store.Querier) error { round, err = c.round(q, r.ID); return err })
	if err == nil {
		err = c.namePresent(ctx, round.Present)
	}
	if err != nil {
		return out, err
	}
	names := make([]string, 0, len(round.Present))
	for _, p := range round.Present {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	for done := false; !done; {
		err = c.write(aside(ctx), func(tx *store.Tx) error {
			ready, err := c.assess.Ready(tx, r.ID)
			if err != nil {
				return err
			}
			part := bookedReply{}
			if done, err = c.bookHomes(tx, ready, witnessOf(names), &part); err != nil {
				return err
			}
			out.Claims, out.Points, out.Double = out.Claims+part.Claims, out.Points+part.Points, out.Double+part.Double
			if done {
				return c.assess.Close(tx, ready)
			}
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// maxWitness is how long a deed's witness may be, in characters.
const maxWitness = 40

// witnessOf are as many names of the council as a deed's witness has room for.
func witnessOf(names []string) string {
	out := ""
	for _, n := range names {
		next := strings.TrimPrefix(out+"、"+n, "、")
		if utf8.RuneCountInString(next) > maxWitness {
			break
		}
		out = next
	}
	return out
}

// bookHomes claims for some households that are not paid; done when none is left.
func (c *community) bookHomes(tx *store.Tx, round assess.Round, witness string, out *bookedReply) (done bool, err error) {
	book, err := c.scheme.At(tx, round.Version)
	if err != nil {
		return false, err
	}
	finals, err := c.assess.Finals(tx, round.ID)
	if err != nil {
		return false, err
	}
	var homes []string
	for _, home := range slices.Sorted(maps.Keys(finals)) {
		if f := finals[home]; !f.Paid && len(homes) < homesAtOnce {
			homes = append(homes, home)
			if err := c.bookHome(tx, round, book, f, witness, out); err != nil {
				return false, err
			}
		}
	}
	if len(homes) == 0 {
		return true, nil
	}
	return false, c.assess.Paid(tx, round, homes)
}

// bookHome claims what one household was scored with, for who stands for it.
func (c *community) bookHome(tx *store.Tx, round assess.Round, book scheme.Scheme, f assess.Final, witness string, out *bookedReply) error {
	id, err := people.ParseID(f.Head)
	if err != nil {
		return err
	}
	if known, err := c.people.Known(tx, id); err != nil || !known {
		return err // erased since: nobody to give it to
	}
	for i, n := range f.Scores {
		item, ok := book.Item(round.Items[i])
		if !ok || n <= 0 || scoreWorth(item, n) == 0 {
			continue
		}
		count := n
		if !item.Counted() {
			count = 0
		}
		d := activity.Deed{Person: f.Head, Item: item.Code, At: round.At(), Count: count, Note: round.Title, Witness: witness}
		if err := d.Check(item, tx.Now()); err != nil {
			return err
		}
		_, err := c.claim.Post(tx, claim.Deed{Person: id, Item: item, Version: round.Version, At: round.At(), Amount: scheme.Amount{Count: count},
			Note: round.Title, Witness: witness, Via: claim.FromDesk, Batch: round.ID}, c.people.SealText, c.claimSigner())
		if errors.Is(err, fault.New("claim.double")) {
			out.Double++
			continue
		}
		if err != nil {
			return err
		}
		out.Claims++
		out.Points += max(0, scoreWorth(item, n))
	}
	return nil
}
