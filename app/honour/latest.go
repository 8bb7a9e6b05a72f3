package honour

import (
	"database/sql"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Newest is a level that was awarded, by its name today.
type Newest struct {
	Person ledger.Subject
	Level  string
	At     int64
}

// Latest lists the levels that were awarded last and stand, the newest first; those
// that the table no longer has are left out.
func (h *Honour) Latest(q store.Querier, limit int) (out []Newest, err error) {
	names := map[string]string{}
	for _, l := range h.Table().Levels {
		names[l.ID] = l.Name
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var n Newest
		var person []byte
		var level string
		if err := r.Scan(&person, &level, &n.At); err != nil {
			return err
		}
		if n.Level = names[level]; n.Level != "" {
			copy(n.Person[:], person)
			out = append(out, n)
		}
		return nil
	}, `SELECT person, level, at FROM honour_award WHERE`+stands+` ORDER BY at DESC, hash LIMIT ?`, limit)
	return out, err
}
