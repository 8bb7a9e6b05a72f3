package publicity

import (
	"database/sql"

	"jishan/crdt/store"
)

// Decision is what a meeting decided about a proposal.
type Decision struct {
	Meeting Minutes
	Matter  Done
}

// Decided are the decisions about proposals, by proposal: of several that of the latest
// meeting. Minutes that were struck decide nothing.
func (b *Board) Decided(q store.Querier) (map[string]Decision, error) {
	about := map[string]bool{} // meetings that decided about one
	err := store.EachRow(q, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		about[id] = true
		return err
	}, `SELECT DISTINCT id FROM publicity_word WHERE kind = ? AND field = 'from'`, council)
	out := map[string]Decision{}
	for id := range about {
		list, listErr := b.minutes(q, texts+` AND id = ?`, council, id) // none while they are on their way
		if listErr != nil {
			return nil, listErr
		}
		for _, m := range list {
			for _, x := range m.Matters {
				if old, ok := out[x.Proposal]; x.Proposal != "" && m.Off == 0 && (!ok || later(m, old.Meeting)) {
					out[x.Proposal] = Decision{m, x}
				}
			}
		}
	}
	return out, err
}

func later(a, b Minutes) bool { return a.At > b.At || a.At == b.At && a.ID > b.ID }

// proposalOf reads which proposal a matter came from, "" for none.
func proposalOf(q store.Querier, minutes string, n int) (string, error) {
	w, _, err := word(q, council, minutes, "from", n)
	return w.Text, err
}
