package ledger

import (
	"database/sql"

	"jishan/crdt/store"
)

// EarnedBetween is what everybody earned from one time (inclusive) to another
// (exclusive), milliseconds, less the deductions of that time, by leading subject. What
// was taken back since counts no more, whenever that was. What was brought along from
// paper books or another community is left out: nobody earned it then.
func (l *Ledger) EarnedBetween(q store.Querier, from, to int64) (map[Subject]int64, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	joined, err := l.joined(q)
	if err != nil {
		return nil, err
	}
	out := map[Subject]int64{}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var p []byte
		var n int64
		if err := r.Scan(&p, &n); err != nil {
			return err
		}
		lead, err := joined.lead(Subject(p))
		out[lead] += n
		return err
	}, `SELECT person, sum(year) FROM ledger_line WHERE at >= ? AND at < ? AND undone = 0 AND (kind IN (?, ?) OR kind = ? AND life = 0) GROUP BY person`,
		from, to, int64(LineAward), int64(LineDeduction), int64(LineDebt)) // the debt that an undoing leaves lessens lifetime points, too
	return out, err
}
