package ledger

import (
	"jishan/crdt/store"
)

// Several subjects may be one person: the registrar joined two records
// (docs/joining-and-moving.md). Quotas stay what they are, by subject; only
// questions and commands about a person look at all subjects of the person. So a
// joining moves no right and rewrites no row, and can be undone.

// Together lists a person's subjects under the newest head, the leading one first.
func (l *Ledger) Together(q store.Querier, person Subject) ([]Subject, error) {
	t, err := l.joined(q)
	if err != nil {
		return nil, err
	}
	return t.of(person)
}

// joinedNow answers who is one person, under the newest head.
type joinedNow struct {
	law Law
	h   Head
}

func (l *Ledger) joined(q store.Querier) (joinedNow, error) {
	law := l.gov.Law(q)
	h, err := law.Head()
	return joinedNow{law, h}, err
}

func (t joinedNow) of(person Subject) ([]Subject, error) {
	list, err := t.law.Together(t.h, person)
	if len(list) == 0 {
		list = []Subject{person}
	}
	return list, err
}

func (t joinedNow) lead(person Subject) (Subject, error) {
	list, err := t.of(person)
	return list[0], err
}

// merge adds up what several subjects of one person have, under the leading one,
// in the order of the list.
func merge[T any](t joinedNow, list []T, subject func(*T) *Subject, add func(into *T, from T)) ([]T, error) {
	at := map[Subject]int{}
	var out []T
	for _, x := range list {
		lead, err := t.lead(*subject(&x))
		if err != nil {
			return nil, err
		}
		i, ok := at[lead]
		if !ok {
			at[lead] = len(out)
			*subject(&x) = lead
			out = append(out, x)
			continue
		}
		add(&out[i], x)
	}
	return out, nil
}

// BalanceOf is what one subject has, whoever else is the same person.
func (l *Ledger) BalanceOf(q store.Querier, subject Subject, period string) (Balance, error) {
	if err := l.settle(q); err != nil {
		return Balance{}, err
	}
	args := []any{period, int64(Debt), int64(Points), int64(Debt)}
	for range balancePage {
		args = append(args, subject[:])
	}
	at := map[Subject]*Balance{}
	if err := l.balances(q, at, balanceAmong, args); err != nil {
		return Balance{}, err
	}
	if b := at[subject]; b != nil {
		return *b, nil
	}
	return Balance{Person: subject}, nil
}

// join adds up what two subjects of one person have.
func (b *Balance) join(o Balance) {
	b.Lifetime += o.Lifetime
	b.Year += o.Year
	b.Spendable += o.Spendable
	b.Here += o.Here
	b.OnTheWay += o.OnTheWay
	b.Vouchers += o.Vouchers
	b.Debt += o.Debt
	b.Expired += o.Expired
}

// pointsHere lists what this device holds of a person's points and may still
// use, what ends first first; of one period the leading subject's first.
func (l *Ledger) pointsHere(q store.Querier, person Subject) ([]Amount, error) {
	group, err := l.Together(q, person)
	if err != nil {
		return nil, err
	}
	var out []Amount
	for _, s := range group {
		list, err := l.rightsHere(q, Points, s)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return byEnd(out), nil
}

// Most is the most of a person's points that lie here under one subject: what one
// voucher can hold.
func (l *Ledger) Most(q store.Querier, person Subject) (Subject, int64, error) {
	list, err := l.pointsHere(q, person)
	sum := map[Subject]int64{}
	best := person
	for _, a := range list {
		sum[a.Quota.Subject] += a.N
		if sum[a.Quota.Subject] > sum[best] {
			best = a.Quota.Subject
		}
	}
	return best, sum[best], err
}
