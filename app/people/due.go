package people

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// String returns the opening as its field holds it.
func (o Opening) String() string {
	return fmt.Sprintf("%d,%d,%d", o.Lifetime, o.Year, o.Spendable)
}

// maxOpening bounds what a person brings along: a hundred years of full days.
const maxOpening = 10_000_000

func parseOpening(s string) (Opening, bool) {
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return Opening{}, false
	}
	var n [3]int64
	for i, p := range parts {
		v, err := strconv.ParseInt(p, 10, 64)
		if err != nil || v < 0 || v > maxOpening {
			return Opening{}, false
		}
		n[i] = v
	}
	return Opening{n[0], n[1], n[2]}.whole(), true // older programs let the lifetime be less
}

// due is what a person's registration is worth.
type due struct {
	id      ID
	opening Opening
	opens   bool
	bonus   int64
	since   int64 // when the person was registered: an award from then on was this one's, also if it was undone
}

// points is what can be spent once it is booked.
func (u due) points() int64 {
	if u.opens {
		return u.opening.Spendable
	}
	return u.bonus
}

func (e *entry) due(bonus int64) due {
	return due{id: e.id, opening: e.opening, opens: e.opens, bonus: bonus, since: e.created}
}

// settle books it, where this device may; booked also when it was before.
func (p *People) settle(tx *store.Tx, u due) (bool, error) {
	if !u.opens {
		return p.Bank.Register(tx, u.id, u.bonus, u.since)
	}
	err := p.Bank.Opening(tx, u.id, u.opening, u.since)
	for _, code := range []string{"people.opening.elsewhere", "ledger.issue.short"} {
		if errors.Is(err, fault.New(code)) {
			return false, nil
		}
	}
	return err == nil, err
}

// AwardDue books the registrations and openings that other devices recorded
// and that are not booked yet, at most limit of them. It returns how many it
// booked; devices without the turn book nothing. Call it after a sync.
func (p *People) AwardDue(ctx context.Context, operator string, limit int) (int, error) {
	if !p.registrar() {
		return 0, nil
	}
	if err := p.publishCards(ctx, operator); err != nil {
		return 0, err
	}
	open, err := p.open(ctx, limit)
	if err != nil || len(open) == 0 {
		return 0, err
	}
	n := 0
	err = p.Write(ctx, operator, func(tx *store.Tx) error {
		n = 0
		for _, u := range open {
			ok, err := p.Bank.Paid(tx, u.id, u.since) // since they were listed somebody else may have
			if err != nil {
				return err
			}
			if !ok {
				ok, err = p.settle(tx, u)
			}
			if err != nil && fault.Of(err).Code == "internal" {
				return err
			}
			if err == nil && ok { // a fault, such as a closed period, leaves it on the way
				n++
			}
		}
		return nil
	})
	return n, err
}

// publishCards tells every device of cards that a program wrote as refused
// which knew no document for it.
func (p *People) publishCards(ctx context.Context, operator string) error {
	least, err := p.unpublished()
	if err != nil || len(least) == 0 {
		return err
	}
	return p.Write(ctx, operator, func(tx *store.Tx) error { return p.refuse(tx, "people.card", least) })
}

// maxLooks is how many people one call looks up in the ledger: after a start
// nobody is known to be paid yet, and a till must not wait for everybody.
const maxLooks = 1000

// open lists what is not booked, as far as this device sees; who came last
// comes first.
func (p *People) open(ctx context.Context, limit int) ([]due, error) {
	list, err := p.unsettled()
	if err != nil {
		return nil, err
	}
	var out []due
	err = p.st.View(ctx, func(q store.Querier) error {
		for _, e := range list {
			if len(out) >= limit {
				return nil
			}
			waits, err := p.waiting(q, e)
			if err != nil {
				return err
			}
			out = append(out, waits...)
		}
		return nil
	})
	return out, err
}

// unsettled lists the people who are not known to be paid.
func (p *People) unsettled() ([]*entry, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(d.sorted())
	d.mu.Unlock()
	p.mu.Lock()
	list = slices.DeleteFunc(list, func(e *entry) bool { return e.parts == nil && p.paid[e.id] })
	p.mu.Unlock()
	slices.SortStableFunc(list, func(a, b *entry) int { return cmp.Compare(b.created, a.created) })
	return list[:min(maxLooks, len(list))], nil
}

// waiting is what is still on the way of a person's registration. Of several
// records each brings along what it says; the bonus is one, and none where any of
// them was paid or brings something.
func (p *People) waiting(q store.Querier, e *entry) (out []due, err error) {
	bonus := p.charter.Settings().Bonus
	parts := e.parts
	if parts == nil {
		parts = []*entry{e}
	}
	open := true
	var first []due
	for _, o := range parts {
		unpaid, err := p.unpaid(q, o)
		if err != nil {
			return nil, err
		}
		switch {
		case unpaid && o.opens:
			out = append(out, o.due(bonus))
		case unpaid:
			first = append(first, o.due(bonus))
		}
		open = open && unpaid && !o.opens
	}
	if open {
		out = append(out, first[0])
	}
	return out, nil
}

// unpaid tells whether a person's registration is still on the way. What was
// seen paid once is not asked again.
func (p *People) unpaid(q store.Querier, e *entry) (bool, error) {
	u := e.due(p.charter.Settings().Bonus)
	p.mu.Lock()
	known := p.paid[e.id]
	p.mu.Unlock()
	if known {
		return false, nil
	}
	paid := e.generation > 0 || u.opens && u.opening.Zero() || !u.opens && u.bonus <= 0 // nothing to pay
	var err error
	if !paid {
		paid, err = p.Bank.Paid(q, e.id, e.created)
	}
	if err == nil && paid {
		p.mu.Lock()
		p.paid[e.id] = true
		p.mu.Unlock()
	}
	return !paid, err
}

// forget lets a person be asked about again, after an undone import.
func (p *People) forget(id ID) {
	p.mu.Lock()
	delete(p.paid, id)
	p.mu.Unlock()
}
