package activity

import (
	"database/sql"
	"errors"

	"jishan/app/fault"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// What waits to be booked gives what the rulebook's caps leave, which may be nothing: such
// a deed stands in the passbook, and no points are on the way.

// promises says what deeds of one person that wait would give now, one after another.
func (b *Board) promises(q store.Querier, list []owed) ([]int64, error) {
	type capKey struct {
		item, span string
		start      int64
	}
	out, left := make([]int64, len(list)), map[capKey]int64{}
	for i, o := range list {
		if out[i] = o.points; o.points <= 0 {
			continue
		}
		item, at, ok, err := b.itemOf(q, o)
		if err != nil {
			return nil, err
		}
		if !ok { // a rulebook that is not here yet
			continue
		}
		caps := item.Caps()
		for _, c := range caps {
			start, end := bounds(c.Span, at)
			k := capKey{item.Code, c.Span, start}
			if _, known := left[k]; !known {
				got, err := b.gotten(q, item, o.person, start, end)
				if err != nil {
					return nil, err
				}
				left[k] = max(0, c.Most-got)
			}
			out[i] = min(out[i], left[k])
		}
		for _, c := range caps {
			start, _ := bounds(c.Span, at)
			left[capKey{item.Code, c.Span, start}] -= out[i]
		}
	}
	return out, nil
}

// itemOf is by which rule what waits is booked, and when it was done.
func (b *Board) itemOf(q store.Querier, o owed) (item scheme.Item, at int64, ok bool, err error) {
	version, code := int64(0), ""
	f, _, err := deedFact(q, o.key)
	switch {
	case err == nil:
		version, code, at = f.Version, f.Item, f.At
	case errors.Is(err, sql.ErrNoRows):
		r, err := b.record(q, activityOf(o.turn))
		if errors.Is(err, fault.New("activity.unknown")) {
			return item, 0, false, nil
		}
		if err != nil {
			return item, 0, false, err
		}
		version, code, at = r.Rule.Version, r.Rule.Code, r.Start
	default:
		return item, 0, false, err
	}
	s, err := b.Scheme.At(q, version)
	if errors.Is(err, fault.New("scheme.version.unknown")) {
		return item, 0, false, nil
	}
	item, ok = s.Item(code)
	return item, at, ok, err
}

// promised is the sum of what a person's deeds that wait would give now.
func (b *Board) promised(q store.Querier, person string) (n int64, err error) {
	list, err := b.dueOfPerson(q, person)
	if err != nil {
		return 0, err
	}
	each, err := b.promises(q, list)
	for _, p := range each {
		n += max(p, 0)
	}
	return n, err
}
