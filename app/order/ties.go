package order

import (
	"database/sql"

	"jishan/crdt/store"
)

// Tie is a team that a person is or was in, or a project that a person asked for.
type Tie struct {
	Kind string // team, lead, like
	Name string
	At   int64 // since when; 0 of a lead, or of who has left the team
}

// Ties lists a person's teams and wanted projects.
func (d *Desk) Ties(q store.Querier, person string) (out []Tie, err error) {
	ids, err := d.Same.List(q, person)
	if err != nil {
		return nil, err
	}
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var t Tie
		err := r.Scan(&t.Kind, &t.Name, &t.At)
		out = append(out, t)
		return err
	}, `SELECT 'team', t.name, m.since FROM order_member m JOIN order_team t ON t.id = m.team WHERE m.person IN (SELECT value FROM json_each(?1))
		UNION ALL SELECT 'lead', name, 0 FROM order_team WHERE lead IN (SELECT value FROM json_each(?1))
		UNION ALL SELECT 'like', p.name, l.at FROM order_like l JOIN order_project p ON p.id = l.project WHERE l.person IN (SELECT value FROM json_each(?1))
		ORDER BY 1, 3, 2`, ids)
}
