package order

import (
	"database/sql"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Team is a group that takes orders as one.
type Team struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Lead    string   `json:"lead"` // person, "" for none
	Closed  bool     `json:"closed"`
	Members []Member `json:"members"`
}

// Member is one person of a team.
type Member struct {
	Person string `json:"person"`
	Name   string `json:"name"`
}

// SaveTeam makes a team or changes one. Faults: order.team.name {max},
// order.team.members {max}, order.team.unknown, people.unknown.
func (d *Desk) SaveTeam(tx *store.Tx, t Team) (string, error) {
	t.Name = strings.TrimSpace(t.Name)
	if err := line("order.team.name", t.Name, maxShort, true); err != nil {
		return "", err
	}
	if len(t.Members) > maxMembers {
		return "", fault.New("order.team.members", "max", maxMembers)
	}
	want := map[string]bool{}
	for _, m := range t.Members {
		want[m.Person] = true
		if err := d.known(tx, m.Person); err != nil {
			return "", err
		}
	}
	if t.Lead != "" {
		want[t.Lead] = true
		if err := d.known(tx, t.Lead); err != nil {
			return "", err
		}
	}
	path, was, err := d.teamAt(tx, &t)
	if err != nil {
		return "", err
	}
	closed := int64(0)
	if t.Closed {
		closed = tx.Now()
	}
	puts := append(memberPuts(t.ID, was, want, tx.Now()), store.Put{Key: key(kindTeam, t.ID, "name"), Value: wire.StringValue(t.Name)},
		store.Put{Key: key(kindTeam, t.ID, "lead"), Value: wire.StringValue(t.Lead)}, store.Put{Key: key(kindTeam, t.ID, "closed"), Value: wire.TimeValue(closed)})
	return t.ID, d.put(tx, path, "team.save", puts...)
}

// teamAt finds where a team stands and who is in it, or draws an id.
func (d *Desk) teamAt(tx *store.Tx, t *Team) (path string, was map[string]bool, err error) {
	was = map[string]bool{}
	if t.ID == "" {
		t.ID, err = d.newID(tx)
		return Path(tx.Now()), was, err
	}
	err = tx.QueryRow(`SELECT path FROM order_team WHERE id = ?`, t.ID).Scan(&path)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, fault.New("order.team.unknown")
	}
	if err != nil {
		return "", nil, err
	}
	return path, was, store.EachRow(tx, func(r *sql.Rows) error {
		var p string
		err := r.Scan(&p)
		was[p] = true
		return err
	}, `SELECT person FROM order_member WHERE team = ? AND since != 0`, t.ID)
}

func memberPuts(team string, was, want map[string]bool, now int64) (out []store.Put) {
	put := func(p string, at int64) {
		out = append(out, store.Put{Key: key(kindMember, team, p, "in"), Value: wire.TimeValue(at)})
	}
	for p := range want {
		if !was[p] {
			put(p, now)
		}
	}
	for p := range was {
		if !want[p] {
			put(p, 0)
		}
	}
	return out
}

// Teams lists the teams by name; with all those dissolved, too.
func (d *Desk) Teams(q store.Querier, all bool) ([]Team, error) {
	out := []Team{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		t := Team{Members: []Member{}}
		err := r.Scan(&t.ID, &t.Name, &t.Lead, &t.Closed)
		out = append(out, t)
		return err
	}, `SELECT id, name, lead, closed != 0 FROM order_team WHERE name != '' AND (? OR closed = 0) ORDER BY name, id`, all)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := d.members(q, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *Desk) members(q store.Querier, t *Team) error {
	ids := []string{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var m Member
		err := r.Scan(&m.Person)
		t.Members, ids = append(t.Members, m), append(ids, m.Person)
		return err
	}, `SELECT person FROM order_member WHERE team = ? AND since != 0 ORDER BY since, person`, t.ID)
	if err != nil {
		return err
	}
	known, err := d.People.Briefs(q, ids)
	for i := range t.Members {
		t.Members[i].Name = known[t.Members[i].Person].Name
	}
	return err
}

func (d *Desk) openTeam(q store.Querier, id string) (bool, error) {
	var n int
	err := q.QueryRow(`SELECT COUNT(*) FROM order_team WHERE id = ? AND closed = 0`, id).Scan(&n)
	return n > 0, err
}
