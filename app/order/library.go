package order

import (
	"database/sql"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Project is an entry of the library: a service that residents may order by
// name, with what they made of it.
type Project struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Note   string `json:"note"`
	Item   string `json:"item"` // of the scheme, proposed at the dispatch
	Closed bool   `json:"closed"`

	Made    int64  `json:"made"`
	Orders  int64  `json:"orders"`
	Served  int64  `json:"served"`
	Reviews int64  `json:"reviews"`
	Stars   int64  `json:"stars"` // tenths of a star on average, 0 = no reviews
	Last    int64  `json:"last"`  // the latest order
	Likes   int64  `json:"likes"`
	Votes   int64  `json:"votes"`   // on paper surveys
	Prune   string `json:"prune"`   // "", "bad" or "unused": suggested to be taken out
	Liked   bool   `json:"liked"`   // by who asks
	Popular bool   `json:"popular"` // among the most wanted
}

// What makes a project a candidate for removal (A145): residents said so more
// than once, or nobody wanted it for half a year.
const (
	badReviews  = 3
	badStars    = 30 // tenths
	unusedAfter = 180 * 24 * 60 * 60_000
	popularOnes = 100 // A144: 重点打造 100 个群众最喜欢的项目
)

// suggests says why a project should go.
func (p Project) suggests(now int64) string {
	switch {
	case p.Closed:
		return ""
	case p.Reviews >= badReviews && p.Stars < badStars:
		return "bad"
	case max(p.Made, p.Last) < now-unusedAfter && p.Votes+p.Likes == 0:
		return "unused"
	}
	return ""
}

// SaveProject makes a project or changes one. Faults: order.project.name {max},
// order.type {max}, order.project.note {max}, scheme.item.unknown,
// order.project.unknown, order.project.double.
func (d *Desk) SaveProject(tx *store.Tx, p Project) (string, error) {
	for _, s := range []*string{&p.Name, &p.Type, &p.Note} {
		*s = strings.TrimSpace(*s)
	}
	if err := errors.Join(line("order.project.name", p.Name, maxName, true)); err != nil {
		return "", err
	}
	if err := line("order.type", p.Type, maxShort, true); err != nil {
		return "", err
	}
	if !fits(p.Note, maxNote) {
		return "", fault.New("order.project.note", "max", maxNote)
	}
	if _, err := d.rule(tx, p.Item); err != nil {
		return "", err
	}
	path, err := d.projectPath(tx, &p)
	if err != nil {
		return "", err
	}
	field := func(name string, v wire.Value) store.Put {
		return store.Put{Key: key(kindProject, p.ID, name), Value: v}
	}
	closed := int64(0)
	if p.Closed {
		closed = tx.Now()
	}
	puts := []store.Put{field("name", wire.StringValue(p.Name)), field("type", wire.StringValue(p.Type)), field("note", wire.StringValue(p.Note)),
		field("item", wire.StringValue(p.Item))}
	if was, err := d.closedProject(tx, p.ID); err != nil {
		return "", err
	} else if was != p.Closed {
		puts = append(puts, field("closed", wire.TimeValue(closed)))
	}
	return p.ID, d.put(tx, path, "project.save", puts...)
}

func (d *Desk) closedProject(q store.Querier, id string) (closed bool, err error) {
	err = q.QueryRow(`SELECT closed != 0 FROM order_project WHERE id = ?`, id).Scan(&closed)
	return closed, optional(err)
}

// projectPath finds where a project stands, or draws an id for a new one.
func (d *Desk) projectPath(tx *store.Tx, p *Project) (path string, err error) {
	if p.ID != "" {
		err = tx.QueryRow(`SELECT path FROM order_project WHERE id = ?`, p.ID).Scan(&path)
		if errors.Is(err, sql.ErrNoRows) {
			err = fault.New("order.project.unknown")
		}
		return path, err
	}
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM order_project WHERE name = ? AND closed = 0`, p.Name).Scan(&n); err != nil {
		return "", err
	}
	if n > 0 {
		return "", fault.New("order.project.double", "name", p.Name)
	}
	p.ID, err = d.newID(tx)
	return Path(tx.Now()), err
}

// Like makes a project a resident's favourite, or no more. Fault:
// order.project.unknown.
func (d *Desk) Like(tx *store.Tx, project, person string, on bool) error {
	var path string
	var at int64
	err := tx.QueryRow(`SELECT path, COALESCE((SELECT at FROM order_like WHERE project = id AND person = ?2), 0) FROM order_project WHERE id = ?1`, project, person).Scan(&path, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New("order.project.unknown")
	}
	if err != nil || (at != 0) == on {
		return err
	}
	now := int64(0)
	if on {
		now = tx.Now()
	}
	return d.put(tx, path, "project.like", store.Put{Key: key(kindLike, project, person, "at"), Value: wire.TimeValue(now)})
}

const projectColumns = `p.id, p.name, p.type, p.note, p.item, p.closed != 0, p.made,
	(SELECT COUNT(*) FROM order_row o WHERE o.project = p.id AND o.state != 'cancelled'),
	(SELECT COUNT(*) FROM order_row o WHERE o.project = p.id AND o.done_at != 0),
	(SELECT COUNT(*) FROM order_row o WHERE o.project = p.id AND o.stars != 0),
	(SELECT COALESCE(10 * SUM(o.stars) / COUNT(*), 0) FROM order_row o WHERE o.project = p.id AND o.stars != 0),
	(SELECT COALESCE(MAX(o.made), 0) FROM order_row o WHERE o.project = p.id),
	(SELECT COUNT(*) FROM order_like l WHERE l.project = p.id AND l.at != 0),
	(SELECT COALESCE(SUM(t.votes), 0) FROM order_tally t WHERE t.project = p.id),
	EXISTS (SELECT 1 FROM order_like l WHERE l.project = p.id AND l.person = ?1 AND l.at != 0)`

func (d *Desk) scanProject(row interface{ Scan(...any) error }) (p Project, err error) {
	err = row.Scan(&p.ID, &p.Name, &p.Type, &p.Note, &p.Item, &p.Closed, &p.Made, &p.Orders, &p.Served, &p.Reviews, &p.Stars, &p.Last, &p.Likes, &p.Votes, &p.Liked)
	p.Prune = p.suggests(d.Clock())
	return p, err
}

// Projects lists the library, the most wanted first; with all those taken out,
// too. Liked is as person sees it.
func (d *Desk) Projects(q store.Querier, person string, all bool) ([]Project, error) {
	out := []Project{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		p, err := d.scanProject(r)
		out = append(out, p)
		return err
	}, `SELECT * FROM (SELECT `+projectColumns+` FROM order_project p WHERE p.name != '' AND (?2 OR p.closed = 0)) ORDER BY 6, 8 + 13 + 14 DESC, 2`, person, all)
	for i := range out { // of a short library the first third
		p := &out[i]
		p.Popular = i < popularOnes && 3*i < len(out) && p.Orders+p.Likes+p.Votes > 0 && !p.Closed
	}
	return out, err
}

func (d *Desk) project(q store.Querier, id string) (Project, error) {
	p, err := d.scanProject(q.QueryRow(`SELECT `+projectColumns+` FROM order_project p WHERE p.id = ?2`, "", id))
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New("order.project.unknown")
	}
	return p, err
}

func (d *Desk) projectName(q store.Querier, id string) (name string, err error) {
	if id == "" {
		return "", nil
	}
	err = q.QueryRow(`SELECT name FROM order_project WHERE id = ?`, id).Scan(&name)
	return name, optional(err)
}
