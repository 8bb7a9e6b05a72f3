package honour

import (
	"database/sql"
	"slices"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Awarded is one award of a level, with its benefits.
type Awarded struct {
	Person ledger.Subject
	Name   string // of the level
	Doc    string
	Seq    uint64
	Hash   wire.Hash
	By     wire.Actor // whose feed it stands in
	At     int64
}

// Twice lists the levels that stand under more than one id of a person in one year:
// they were reached apart, and the person was joined later. Whether one is taken
// back, the office decides.
func (h *Honour) Twice(q store.Querier, group []ledger.Subject) (out [][]Awarded, err error) {
	type year struct{ level, period string }
	have := map[year][]Awarded{}
	var keys []year
	for _, p := range group {
		err := store.EachRow(q, func(r *sql.Rows) error {
			var k year
			var hash []byte
			if err := r.Scan(&k.level, &k.period, &hash); err != nil {
				return err
			}
			if have[k] == nil {
				keys = append(keys, k)
			}
			have[k] = append(have[k], Awarded{Person: p, Hash: wire.Hash(hash)})
			return nil
		}, `SELECT level, period, hash FROM honour_award WHERE person = ? AND`+stands+` ORDER BY period, level, hash`, p[:])
		if err != nil {
			return nil, err
		}
	}
	for _, k := range keys {
		list := have[k]
		if !slices.ContainsFunc(list, func(a Awarded) bool { return a.Person != list[0].Person }) {
			continue
		}
		for i := range list {
			if err := h.tell(q, k.level, &list[i]); err != nil {
				return nil, err
			}
		}
		out = append(out, list)
	}
	return out, nil
}

func (h *Honour) tell(q store.Querier, level string, a *Awarded) error {
	r, err := h.Ledger.Transaction(q, a.Hash)
	if err != nil {
		return err
	}
	a.Name = level
	for _, l := range h.Table().Levels {
		if l.ID == level {
			a.Name = l.Name
		}
	}
	a.Doc, a.Seq, a.By, a.At = string(r.Ref.Doc), r.Ref.Seq, r.Feed, r.At
	return nil
}
