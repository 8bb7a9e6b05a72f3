package order

import (
	"database/sql"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// maxPage bounds a page of a list.
const maxPage = 200

// record is an order as its row says.
type record struct {
	Row
	path, offer, by, item, itemName, month, why, offeredBy string
	version, minutes, answerAt                             int64
}

// servePath is the document in which answers to the dispatch in force stand.
func (r record) servePath() string {
	if r.Party.Kind == ToMerchant {
		return "order/" + r.Party.ID + "/" + r.month
	}
	return r.path
}

const recordColumns = `id, path, state, person, type, project, grid, via, by, made, offer, party_kind, party, item, item_name, version, month,
	offered_at, offered_by, answer_at, contact_at, done_at, minutes, stars, review_via, reviewed_at, declined, clash, why`

func scanRecord(row interface{ Scan(...any) error }) (r record, err error) {
	err = row.Scan(&r.ID, &r.path, &r.State, &r.Person, &r.Type, &r.Project, &r.Grid, &r.Via, &r.by, &r.Made, &r.offer, &r.Party.Kind, &r.Party.ID,
		&r.item, &r.itemName, &r.version, &r.month, &r.OfferedAt, &r.offeredBy, &r.answerAt, &r.ContactAt, &r.DoneAt, &r.minutes, &r.Stars, &r.ReviewVia,
		&r.ReviewedAt, &r.Declined, &r.Clash, &r.why)
	return r, err
}

// record reads an order. Fault: order.unknown.
func (d *Desk) record(q store.Querier, id string) (record, error) {
	r, err := scanRecord(q.QueryRow(`SELECT `+recordColumns+` FROM order_row WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, fault.New("order.unknown")
	}
	return r, err
}

func (d *Desk) records(q store.Querier, query string, args ...any) (out []record, err error) {
	err = store.EachRow(q, func(rows *sql.Rows) error {
		r, err := scanRecord(rows)
		out = append(out, r)
		return err
	}, query, args...)
	return out, err
}

// Filter chooses orders of a list: one state or all, a grid, a type, a person,
// a project, those made in [From, To), 0 for no bound.
type Filter struct {
	Offset, Limit                      int
	State, Grid, Type, Person, Project string
	From, To                           int64
}

const where = ` FROM order_row WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR grid = ?2) AND (?3 = '' OR type = ?3) AND (?4 = '[""]' OR person IN (SELECT value FROM json_each(?4)))
	AND (?5 = '' OR project = ?5) AND made >= ?6 AND made < ?7`

func (f Filter) args(ids string) []any {
	to := f.To
	if to == 0 {
		to = maxTime
	}
	return []any{f.State, f.Grid, f.Type, ids, f.Project, f.From, to}
}

// List returns orders and how many there are. What waits comes oldest first,
// what is over latest first. Fault: order.page {max}.
func (d *Desk) List(q store.Querier, f Filter) (rows []Row, total int, err error) {
	if f.Offset < 0 || f.Limit < 0 || f.Limit > maxPage {
		return nil, 0, fault.New("order.page", "max", maxPage)
	}
	ids, err := d.Same.List(q, f.Person)
	if err != nil {
		return nil, 0, err
	}
	if err := q.QueryRow(`SELECT COUNT(*)`+where, f.args(ids)...).Scan(&total); err != nil {
		return nil, 0, err
	}
	order := `DESC`
	if f.State == Posted || f.State == Offered || f.State == Serving {
		order = `ASC`
	}
	list, err := d.records(q, `SELECT `+recordColumns+where+` ORDER BY made `+order+`, id `+order+` LIMIT ?8 OFFSET ?9`, append(f.args(ids), f.Limit, f.Offset)...)
	if err != nil {
		return nil, 0, err
	}
	rows = make([]Row, len(list))
	into := make([]*Row, len(list))
	for i := range list {
		rows[i] = list[i].Row
		into[i] = &rows[i]
	}
	return rows, total, d.dress(q, into)
}

// Types lists the types in use, the most frequent first.
func (d *Desk) Types(q store.Querier) ([]string, error) {
	out := []string{}
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		out = append(out, s)
		return err
	}, `SELECT type FROM order_row GROUP BY type ORDER BY COUNT(*) DESC, type LIMIT 30`)
}

// dress fills in names and opens what residents said.
func (d *Desk) dress(q store.Querier, rows []*Row) error {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Person)
		if r.Party.Kind == ToPerson {
			ids = append(ids, r.Party.ID)
		}
	}
	known, err := d.People.Briefs(q, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		b := known[r.Person]
		r.Name, r.Masked = b.Name, b.Masked
		if r.Party, err = d.named(q, r.Party, known); err != nil {
			return err
		}
		if r.ProjectName, err = d.projectName(q, r.Project); err != nil {
			return err
		}
		if r.Text, err = d.open(q, record{Row: *r}, "text"); err != nil {
			return err
		}
	}
	return nil
}

// named fills in a party's name.
func (d *Desk) named(q store.Querier, p Party, known map[string]Brief) (Party, error) {
	switch p.Kind {
	case ToPerson:
		p.Name = known[p.ID].Name
	case ToTeam:
		err := optional(q.QueryRow(`SELECT name FROM order_team WHERE id = ?`, p.ID).Scan(&p.Name))
		return p, err
	case ToMerchant:
		p.Name, _ = d.Places.Merchant(p.ID)
	}
	return p, nil
}

// open reads one sealed text of an order, "" for none.
func (d *Desk) open(q store.Querier, r record, field string) (string, error) {
	var sealed []byte
	err := q.QueryRow(`SELECT value FROM order_value WHERE order_id = ? AND kind = 'order' AND sub = '' AND field = ? AND rank = 0`, r.ID, field).Scan(&sealed)
	if optional(err) != nil || len(sealed) == 0 {
		return "", optional(err)
	}
	return d.People.Open(q, r.Person, sealField(r.ID, field), sealed)
}

// Get returns everything about an order. Fault: order.unknown.
func (d *Desk) Get(q store.Querier, id, self string) (Order, error) {
	r, err := d.record(q, id)
	if err != nil {
		return Order{}, err
	}
	if err := d.dress(q, []*Row{&r.Row}); err != nil {
		return Order{}, err
	}
	o := Order{Row: r.Row, By: r.by, Offer: r.offer, Item: r.item, ItemName: r.itemName, Minutes: r.minutes, Why: r.why, History: []Step{}, Rivals: []Offer{}}
	if o.Address, o.Phone, err = d.contact(q, r); err != nil {
		return Order{}, err
	}
	if o.Praise, err = d.open(q, r, "praise"); err != nil {
		return Order{}, err
	}
	if o.Helpers, err = d.served(q, r); err != nil {
		return Order{}, err
	}
	if err := d.rivals(q, &o, self); err != nil {
		return Order{}, err
	}
	o.History, err = d.history(q, r)
	return o, err
}

// served lists who served and what the ledger says of it.
func (d *Desk) served(q store.Querier, r record) ([]Helper, error) {
	out := []Helper{}
	ids := []string{}
	err := store.EachRow(q, func(rows *sql.Rows) error {
		h := Helper{Awarded: "no"}
		err := rows.Scan(&h.Person, &h.Points)
		out, ids = append(out, h), append(ids, h.Person)
		return err
	}, `SELECT person, points FROM order_helper WHERE order_id = ? ORDER BY person`, r.ID)
	if err != nil {
		return nil, err
	}
	known, err := d.People.Briefs(q, ids)
	if err != nil {
		return nil, err
	}
	for i := range out {
		h := &out[i]
		h.Name = known[h.Person].Name
		k := deedKey(r.ID, h.Person)
		var paid int64
		err := q.QueryRow(`SELECT amount FROM order_paid WHERE key = ? ORDER BY hash LIMIT 1`, k[:]).Scan(&paid)
		switch {
		case err == nil:
			h.Points, h.Awarded = paid, "booked"
		case optional(err) != nil:
			return nil, err
		case r.State == Closed && h.Points > 0:
			h.Awarded = "onTheWay"
		}
	}
	return out, nil
}

// rivals lists the dispatches that are not in force.
func (d *Desk) rivals(q store.Querier, o *Order, self string) error {
	if !o.Clash {
		return nil
	}
	list, err := valuesOf(q, o.ID)
	if err != nil {
		return err
	}
	for _, x := range read(list).rivals {
		p, err := d.party(q, Party{Kind: x.Kind, ID: x.Party})
		if err != nil {
			return err
		}
		o.Rivals = append(o.Rivals, Offer{ID: x.ID, Party: p, At: x.at, Device: d.deviceOf(x.actor), Operator: x.operator, Here: x.actor == self})
		o.Lost = o.Lost || x.actor == self
	}
	return nil
}

// party is named for one party.
func (d *Desk) party(q store.Querier, p Party) (Party, error) {
	known := map[string]Brief{}
	if p.Kind == ToPerson {
		var err error
		if known, err = d.People.Briefs(q, []string{p.ID}); err != nil {
			return p, err
		}
	}
	return d.named(q, p, known)
}

// Clash is an order that was dispatched twice apart.
type Clash struct {
	ID, Winner, Loser string
	At                int64
	Lost              bool // the loser was written at this device
}

// Clashes lists what somebody must settle.
func (d *Desk) Clashes(q store.Querier, self string) ([]Clash, error) {
	list, err := d.records(q, `SELECT `+recordColumns+` FROM order_row WHERE clash = 1 AND state NOT IN ('closed', 'cancelled') ORDER BY made LIMIT ?`, maxPage)
	if err != nil {
		return nil, err
	}
	out := []Clash{}
	for _, r := range list {
		o := Order{Row: r.Row}
		if o.Party, err = d.party(q, r.Party); err != nil {
			return nil, err
		}
		if err := d.rivals(q, &o, self); err != nil {
			return nil, err
		}
		names := make([]string, len(o.Rivals))
		for i, x := range o.Rivals {
			names[i] = x.Party.Name
		}
		out = append(out, Clash{ID: r.ID, Winner: o.Party.Name, Loser: strings.Join(names, "、"), At: r.OfferedAt, Lost: o.Lost})
	}
	return out, nil
}

// Badge is what the office hears and sees of new wishes.
type Badge struct {
	Posted  int64  `json:"posted"` // nobody has them
	Newest  string `json:"newest"` // id of the latest of them
	At      int64  `json:"at"`
	Oldest  int64  `json:"oldest"` // since when the longest waits
	Clashes int64  `json:"clashes"`
}

// Badge counts what nobody has yet.
func (d *Desk) Badge(q store.Querier) (b Badge, err error) {
	err = q.QueryRow(`SELECT COUNT(*), COALESCE(MIN(made), 0) FROM order_row WHERE state = ?`, Posted).Scan(&b.Posted, &b.Oldest)
	if err != nil {
		return b, err
	}
	err = q.QueryRow(`SELECT id, made FROM order_row WHERE state = ? ORDER BY made DESC, id DESC LIMIT 1`, Posted).Scan(&b.Newest, &b.At)
	if optional(err) != nil {
		return b, err
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM order_row WHERE clash = 1 AND state NOT IN ('closed', 'cancelled')`).Scan(&b.Clashes)
	return b, err
}

// Waiting lists what nobody has yet, the longest waiting first.
func (d *Desk) Waiting(q store.Querier, limit int) ([]Row, error) {
	rows, _, err := d.List(q, Filter{State: Posted, Limit: limit})
	return rows, err
}

// ForParty lists the orders given to a person, alone or in a team, the latest
// first.
func (d *Desk) ForParty(q store.Querier, person string, limit int) ([]Row, error) {
	ids, err := d.Same.List(q, person)
	if err != nil {
		return nil, err
	}
	list, err := d.records(q, `SELECT `+recordColumns+` FROM order_row WHERE state NOT IN ('posted', 'cancelled') AND (
			party_kind = 'person' AND party IN (SELECT value FROM json_each(?1)) OR party_kind = 'team' AND party IN (
				SELECT team FROM order_member WHERE person IN (SELECT value FROM json_each(?1)) AND since != 0
				UNION SELECT id FROM order_team WHERE lead IN (SELECT value FROM json_each(?1))))
		ORDER BY done_at = 0 DESC, offered_at DESC, id LIMIT ?2`, ids, limit)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(list))
	into := make([]*Row, len(list))
	for i := range list {
		rows[i] = list[i].Row
		into[i] = &rows[i]
	}
	return rows, d.dress(q, into)
}

// Serves says whether an order is given to a person, alone or in a team.
func (d *Desk) Serves(q store.Querier, id, person string) (bool, error) {
	r, err := d.record(q, id)
	if err != nil {
		return false, err
	}
	return d.isMember(q, r, person)
}

// OpenFor counts a resident's wishes that are not done, however they came.
func (d *Desk) OpenFor(q store.Querier, person string) (n int, err error) {
	ids, err := d.Same.List(q, person)
	if err != nil {
		return 0, err
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM order_row WHERE person IN (SELECT value FROM json_each(?)) AND state IN ('posted', 'offered', 'serving')`, ids).Scan(&n)
	return n, err
}

// OpenOf counts a resident's wishes that came from the phone page and of which
// nothing has come yet.
func (d *Desk) OpenOf(q store.Querier, person string) (n int, err error) {
	ids, err := d.Same.List(q, person)
	if err != nil {
		return 0, err
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM order_row WHERE person IN (SELECT value FROM json_each(?)) AND via = ? AND state IN ('posted', 'offered', 'serving')`, ids, ViaPage).Scan(&n)
	return n, err
}
