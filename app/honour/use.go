package honour

import (
	"errors"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Use gives n of a benefit to a person at this place: durable and final when it
// returns, or nothing happened. It returns the transaction, which can be undone
// like a redemption. Faults: honour.unknown, honour.times{max},
// honour.elsewhere, honour.short{here, need, missing, name, unit}.
func (h *Honour) Use(tx *store.Tx, person ledger.Subject, benefit string, n int64) (store.Ref, error) {
	b, ok := h.Table().benefit(benefit)
	switch {
	case !ok:
		return store.Ref{}, fault.New("honour.unknown")
	case n < 1 || n > maxTimes:
		return store.Ref{}, fault.New("honour.times", "max", maxTimes)
	case !h.given(b):
		return store.Ref{}, fault.New("honour.elsewhere", "name", b.Name)
	}
	who, err := h.richest(tx, person, b)
	if err != nil {
		return store.Ref{}, err
	}
	ref, err := h.Ledger.UseBenefit(tx, actionUse, Subject(who, b.ID), n, who)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "ledger.rights.short" {
		here, _ := f.Params["here"].(int64)
		err = fault.New("honour.short", "here", here, "need", n, "missing", n-here, "name", b.Name, "unit", b.Unit)
	}
	return ref, err
}

// richest is the id of a person that has most of a benefit here: one use is of one.
func (h *Honour) richest(q store.Querier, person ledger.Subject, b Benefit) (ledger.Subject, error) {
	group, err := h.Ledger.Together(q, person)
	if err != nil {
		return person, err
	}
	best, most := group[0], int64(-1)
	for _, p := range group {
		n, err := h.Ledger.BenefitHere(q, Subject(p, b.ID))
		if err != nil {
			return best, err
		}
		if n > most {
			best, most = p, n
		}
	}
	return best, nil
}

// given tells whether a benefit is given where this device stands.
func (h *Honour) given(b Benefit) bool { return b.Place == "" || b.Place == h.Place() }
