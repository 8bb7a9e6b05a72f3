package honour

import (
	"bytes"
	"cmp"
	"maps"
	"reflect"
	"slices"
	"sync"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// due is a level that somebody has earned and not got.
type due struct {
	person ledger.Subject
	level  Level
}

// look remembers who may have earned a level since it was looked last. To ask
// for all people costs tens of milliseconds in a town; that is done once, and
// again when the table or the year changes. Else those are looked at whose
// points of the year have become more.
type look struct {
	mu     sync.Mutex
	began  bool // all were looked at, by table and period
	table  Table
	period string
	risen  map[ledger.Subject]struct{}
}

// rose notes whose points became more: called by the ledger inside a
// transaction, which may still be undone.
func (k *look) rose(person ledger.Subject, period string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.began && period == k.period {
		k.risen[person] = struct{}{}
	}
}

// all tells whether everybody must be looked at, and remembers by what.
func (k *look) all(t Table, period string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.began && k.period == period && reflect.DeepEqual(k.table, t) {
		return false
	}
	k.began, k.table, k.period, k.risen = true, t, period, map[ledger.Subject]struct{}{}
	return true
}

func (k *look) list() []ledger.Subject {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.SortedFunc(maps.Keys(k.risen), func(a, b ledger.Subject) int { return bytes.Compare(a[:], b[:]) })
}

func (k *look) add(list ...ledger.Subject) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range list {
		k.risen[p] = struct{}{}
	}
}

func (k *look) drop(p ledger.Subject) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.risen, p)
}

// forget makes the next look one at everybody.
func (k *look) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.began = false
}

// Pending tells whether there is anybody to look at: if not, Due finds nothing.
func (h *Honour) Pending() bool {
	t, period := h.Table(), h.Period(h.Clock())
	h.look.mu.Lock()
	defer h.look.mu.Unlock()
	return !h.look.began || h.look.period != period || !reflect.DeepEqual(h.look.table, t) || len(h.look.risen) > 0
}

// Due lists the levels that were earned this year and not awarded yet, the
// lowest level first, at most limit. It takes a transaction: what it found
// nothing for is not looked at again, and another transaction that has not
// ended could still bring something.
func (h *Honour) Due(tx *store.Tx, limit int) (out []due, err error) {
	t, period := h.Table(), h.Period(h.Clock())
	if h.look.all(t, period) {
		if err := h.everybody(tx, t, period); err != nil {
			h.look.forget()
			return nil, err
		}
	}
	for _, p := range h.look.list() {
		list, known, err := h.dueOf(tx, t, period, p)
		if err != nil {
			return nil, err
		}
		if out = append(out, list...); len(out) >= limit {
			break
		}
		if len(list) == 0 && known {
			h.look.drop(p)
		}
	}
	slices.SortStableFunc(out, func(a, b due) int { return cmp.Compare(a.level.Points, b.level.Points) })
	return out[:min(limit, len(out))], nil
}

// everybody notes who has reached a level that was not awarded.
func (h *Honour) everybody(tx *store.Tx, t Table, period string) error {
	for _, l := range t.Levels {
		reached, err := h.Ledger.Reached(tx, period, l.Points)
		if err != nil {
			return err
		}
		have, err := h.awarded(tx, l.ID, period)
		if err != nil {
			return err
		}
		h.look.add(slices.DeleteFunc(reached, func(p ledger.Subject) bool { _, done := have[p]; return done })...)
	}
	return nil
}

// LookAgain makes the next look one at everybody: after two records were joined their
// points together may reach a level, and after a feed was closed what it awarded beyond
// its cut is due again.
func (h *Honour) LookAgain() { h.look.forget() }

// dueOf lists what one person has earned under all ids; nothing while nobody of
// that id is registered here.
func (h *Honour) dueOf(tx *store.Tx, t Table, period string, p ledger.Subject) (out []due, known bool, err error) {
	group, err := h.Ledger.Together(tx, p)
	if err != nil {
		return nil, false, err
	}
	p = group[0]
	if known, err = h.Known(tx, p); err != nil || !known {
		return nil, known, err
	}
	n, err := h.Ledger.Earned(tx, p, period)
	if err != nil {
		return nil, known, err
	}
	for _, l := range t.Levels {
		if n < l.Points {
			continue
		}
		done, err := anyAward(tx, group, period, l.ID)
		if err != nil {
			return nil, known, err
		}
		if !done {
			out = append(out, due{p, l})
		}
	}
	return out, known, nil
}

// anyAward tells whether any of a person's subjects was awarded a level where that counts,
// undone or not.
func anyAward(q store.Querier, group []ledger.Subject, period, level string) (bool, error) {
	for _, p := range group {
		var done int
		err := q.QueryRow(`SELECT count(*) FROM honour_award WHERE person = ? AND period = ? AND level = ? AND`+counts, p[:], period, level).Scan(&done)
		if err != nil || done > 0 {
			return done > 0, err
		}
	}
	return false, nil
}
