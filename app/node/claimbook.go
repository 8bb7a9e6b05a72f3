package node

import (
	"context"
	"errors"

	"jishan/app/activity"
	"jishan/app/claim"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

// What the main device does with claims by itself: it stands where all turns are
// that no activity took along, and by its clock the days are counted.

// claimsAtOnce is how many claims are read at once.
const claimsAtOnce = 200

// bookClaims looks at all claims that have not come to an end, page by page: none
// waits behind another. While no word came, only time makes a difference, and they
// are looked at once a while.
func (t *tender) bookClaims(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	moved, now := t.c.claim.Moved(), t.c.node.now()
	if moved == t.claimsMoved && now >= t.claimsAt && now < t.claimsAt+choreEvery.Milliseconds() {
		return nil
	}
	var after claim.Place
	var failed error
	for {
		var list []claim.Claim
		err := t.c.view(ctx, func(q store.Querier) (err error) { list, err = t.c.claim.Waiting(q, after, claimsAtOnce); return err })
		if err = errors.Join(err, ctx.Err()); err != nil {
			return errors.Join(failed, err)
		}
		if len(list) == 0 {
			break
		}
		for i := range list {
			failed = errors.Join(failed, t.goOnClaim(ctx, &list[i]))
		}
		after = list[len(list)-1].Place()
	}
	if failed == nil {
		t.claimsMoved, t.claimsAt = moved, now
	}
	return failed
}

// goOnClaim does with a claim what is the main device's to do now.
func (t *tender) goOnClaim(ctx context.Context, x *claim.Claim) error {
	now := t.c.node.now()
	fell := false
	if x.Open(now) {
		err := t.c.view(ctx, func(q store.Querier) (err error) { fell, err = t.c.claim.Fell(q, *x); return err })
		if err != nil {
			return err
		}
	}
	switch {
	case fell:
		return t.onClaim(ctx, x.ID, func(tx *store.Tx, y claim.Claim) error {
			if !y.Open(tx.Now()) {
				return errNothing
			}
			return t.c.claim.Withdraw(tx, y)
		})
	case x.Starts(now):
		return t.onClaim(ctx, x.ID, func(tx *store.Tx, y claim.Claim) error {
			if !y.Starts(tx.Now()) {
				return errNothing
			}
			return t.c.claim.Hear(tx, y)
		})
	case x.StartsWaiting(now):
		return t.onClaim(ctx, x.ID, func(tx *store.Tx, y claim.Claim) error {
			if !y.StartsWaiting(tx.Now()) {
				return errNothing
			}
			return t.c.claim.Wait(tx, y)
		})
	case x.Lapses(now):
		return t.onClaim(ctx, x.ID, func(tx *store.Tx, y claim.Claim) error {
			if !y.Lapses(tx.Now()) {
				return errNothing
			}
			return t.c.claim.Lapse(tx, y)
		})
	case x.Over(now):
		return t.onClaim(ctx, x.ID, func(tx *store.Tx, y claim.Claim) error {
			if !y.Over(tx.Now()) {
				return errNothing
			}
			return t.c.claim.End(tx, y)
		})
	case x.State(now) != claim.Due:
		return nil
	}
	if x.Minus() {
		t.c.gather(ctx, [16]byte(x.Person), x.Points())
	}
	return t.bookClaim(ctx, x)
}

// onClaim writes in the name of nobody, to a claim as it stands when that is written.
func (t *tender) onClaim(ctx context.Context, id string, fn func(*store.Tx, claim.Claim) error) error {
	return t.write(ctx, func(tx *store.Tx) error {
		x, err := t.c.claim.Get(tx, id)
		if err != nil {
			return err
		}
		return fn(tx, x)
	})
}

// bookClaim records a claim's deed under the name of who entered it, as asked: it is
// no proof that he sat here. What was recorded already is booked as that deed.
func (t *tender) bookClaim(ctx context.Context, x *claim.Claim) error {
	err := t.c.paying(context.WithValue(ctx, asAsked{}, true), x.By, func(tx *store.Tx) error {
		now, err := t.c.claim.Get(tx, x.ID)
		if err != nil || now.State(tx.Now()) != claim.Due {
			return errors.Join(err, errNothing)
		}
		row, err := t.c.claimRow(tx, now)
		if err != nil {
			return err
		}
		if row.Note == people.Unread || row.Witness == people.Unread { // the key comes with the next exchange
			return errNothing
		}
		d := activity.Deed{Person: row.Person, Item: now.Item, At: now.At, Minutes: now.Minutes, Count: now.Count, Hard: now.Hard, Note: row.Note, Witness: row.Witness}
		deed, err := t.c.activity.RecordClaimed(tx, d, now.Version, now.By)
		if err != nil {
			return err
		}
		if err := t.c.claim.Done(tx, now, deed[:]); err != nil {
			return err
		}
		return t.c.activity.Pay(tx, row.Person) // what had to wait is paid once it is booked, not before
	})
	if errors.Is(err, fault.New("people.unknown")) || errors.Is(err, fault.New("scheme.version.unknown")) { // not here yet, or erased
		return nil
	}
	return err
}
