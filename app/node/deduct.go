package node

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/activity"
	"jishan/app/claim"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
)

// Deductions. The device that writes one burns what it can get of the person's
// points and keeps the rest as a debt, which it collects from what comes later.

func (n *Node) deductCalls() map[string]handler {
	return map[string]handler{"deed.deduct": staff(n, (*community).deduct)}
}

// Limits of a deduction.
const (
	maxDeduction = 1_000 // at once, without a notice: what is more goes by the rulebook
	maxReason    = people.MaxSaid
)

type deductReply struct {
	Taken    int64    `json:"taken"`    // points that were here
	Debt     int64    `json:"debt"`     // the rest, owed now
	OnTheWay int64    `json:"onTheWay"` // points that are claimed: taken once the person was told and had time to appeal
	Ref      refReply `json:"ref"`
}

type deductRequest struct {
	Person string `json:"person"`
	Points int64  `json:"points"` // without an item
	Reason string `json:"reason"`
	At     int64  `json:"at"` // when it was done; without an item it is today's, and a time is only checked

	// By the rulebook: a claim like any other (docs/claims.md).
	Item    string `json:"item"`
	Witness string `json:"witness"`
}

// deduct takes points away under the operator's name with a reason; by an item of
// the rulebook it notes a claim. Faults: people.unknown, deduct.points{max}, deduct.reason{max},
// deed.time, ledger.period.closed; with an item those of
// claim.post.
func (c *community) deduct(ctx context.Context, r deductRequest) (out deductReply, err error) {
	if r.Item != "" {
		return c.deductByItem(ctx, r)
	}
	id, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	if known, err := c.people.Briefs(ctx, id); err != nil || known[id].Masked == "" {
		return out, errors.Join(err, fault.New("people.unknown"))
	}
	if r.Points < 1 || r.Points > maxDeduction {
		return out, fault.New("deduct.points", "max", int64(maxDeduction))
	}
	reason := strings.TrimSpace(r.Reason)
	if reason == "" || utf8.RuneCountInString(reason) > maxReason || !govern.PlainLine(reason) {
		return out, fault.New("deduct.reason", "max", maxReason)
	}
	if r.At != 0 && !activity.Happened(r.At, c.node.now()) {
		return out, fault.New("deed.time")
	}
	person := ledger.Subject(id)
	c.gather(ctx, person, r.Points)
	err = c.write(ctx, func(tx *store.Tx) error {
		before, err := c.ledger.Debts(tx)
		if err != nil {
			return err
		}
		note, err := c.people.Say(tx, id, reason)
		if err != nil {
			return err
		}
		ref, err := c.ledger.Deduct(tx, ledger.Deduction{Person: person, Points: r.Points, Period: period(tx.Now()), Note: note})
		if err != nil {
			return err
		}
		after, err := c.ledger.Debts(tx)
		out.Ref, out.Debt = refOf(ref), after[person]-before[person]
		out.Taken = r.Points - out.Debt
		return err
	})
	return out, err
}

// deductByItem notes a deduction by the rulebook. It takes nothing yet: the person
// is told first and may appeal, as with what a screen enters.
func (c *community) deductByItem(ctx context.Context, r deductRequest) (out deductReply, err error) {
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		book, err := c.scheme.Get(tx)
		if err != nil {
			return err
		}
		if _, err := book.FindDeduction(r.Item); err != nil {
			return err
		}
		_, points, err := c.claimOne(tx, r.Person, claimPost{Item: r.Item, At: r.At, Note: r.Reason, Witness: r.Witness, Via: claim.FromDesk}, c.claimSigner(), "")
		out = deductReply{OnTheWay: -points}
		return err
	})
	return out, err
}

// fetchForDeductions fetches the points of people whom deeds recorded elsewhere
// take some from, before they are booked here.
func (t *tender) fetchForDeductions(ctx context.Context) error {
	if !t.registrar() || len(t.c.mesh.online()) == 0 {
		return nil
	}
	var due map[string]int64
	err := t.c.view(ctx, func(q store.Querier) (err error) { due, err = t.c.activity.Deductions(q, maxDunned); return err })
	for person, points := range due {
		if id, err := people.ParseID(person); err == nil {
			t.c.gather(ctx, ledger.Subject(id), points)
		}
	}
	return err
}

// debts collects what is owed to this device from the points that devices in reach
// hold: at once when there are more of somebody's than before, as when a shop takes
// goods back, and now and then anyway. What comes here pays as it comes, and what
// became the debtor's because two records were joined is looked for at the end.
func (t *tender) debts(ctx context.Context) error {
	var owed map[ledger.Subject]int64
	err := t.c.view(ctx, func(q store.Querier) (err error) { owed, err = t.c.ledger.Debts(q); return err })
	if err != nil || len(owed) == 0 {
		t.others = nil
		return err
	}
	if len(t.c.mesh.online()) > 0 {
		if err := t.dun(ctx, owed); err != nil {
			return err
		}
	}
	return t.write(ctx, func(tx *store.Tx) error {
		n, err := t.c.ledger.Collect(tx)
		if err == nil && n == 0 {
			err = errNothing
		}
		return err
	})
}

// maxDunned bounds how many people's points are asked for at once.
const maxDunned = 20

func (t *tender) dun(ctx context.Context, owed map[ledger.Subject]int64) error {
	elsewhere, err := t.pointsElsewhere(ctx, owed)
	if err != nil {
		return err
	}
	now := t.c.node.now()
	again := now >= t.dunned+choreEvery.Milliseconds()
	var who []ledger.Subject
	for person, n := range elsewhere {
		if again || n > t.others[person] {
			who = append(who, person)
		}
	}
	if again {
		t.dunned = now
	}
	t.others = elsewhere
	slices.SortFunc(who, func(a, b ledger.Subject) int { return slices.Compare(a[:], b[:]) })
	for _, person := range who[:min(len(who), maxDunned)] {
		t.c.gather(ctx, person, owed[person])
	}
	return nil
}

// pointsElsewhere is what others hold of people who owe to this device, as far as it
// knows; nobody of whom there is nothing.
func (t *tender) pointsElsewhere(ctx context.Context, owed map[ledger.Subject]int64) (map[ledger.Subject]int64, error) {
	out := map[ledger.Subject]int64{}
	err := t.c.view(ctx, func(q store.Querier) error {
		for person := range owed {
			b, err := t.c.ledger.Balance(q, person, "")
			if err != nil {
				return err
			}
			if n := b.Spendable - b.Vouchers - b.Here; n > 0 { // what is on a slip can't be fetched
				out[person] = n
			}
		}
		return nil
	})
	return out, err
}
