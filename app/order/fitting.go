package order

import "jishan/crdt/store"

// Work is what somebody does with orders: how many were done, and how many wait to be
// accepted or done.
type Work struct{ Done, Open int64 }

// Work counts a person's, under all records, by helping and by dispatches to the person.
func (d *Desk) Work(q store.Querier, person string) (w Work, err error) {
	ids, err := d.Same.List(q, person)
	if err != nil {
		return w, err
	}
	err = q.QueryRow(`SELECT (SELECT COUNT(DISTINCT h.order_id) FROM order_helper h JOIN order_row o ON o.id = h.order_id WHERE h.person IN (SELECT value FROM json_each(?1)) AND o.state IN (?2, ?3)),
		(SELECT COUNT(*) FROM order_row WHERE party_kind = ?4 AND party IN (SELECT value FROM json_each(?1)) AND state IN (?5, ?6))`,
		ids, Served, Closed, ToPerson, Offered, Serving).Scan(&w.Done, &w.Open)
	return w, err
}
