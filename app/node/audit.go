package node

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strconv"

	"jishan/app/audit"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/sheet"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Who did what on which device under which rule: one list over all documents and
// this device's log of looks (app/audit).

// auditFilter chooses rows; "" and 0 mean all.
type auditFilter struct {
	From     int64  `json:"from"` // milliseconds, inclusive
	To       int64  `json:"to"`   // exclusive
	Operator string `json:"operator"`
	Device   string `json:"device"` // its id
	Kind     string `json:"kind"`
	Person   string `json:"person"` // its id
}

type auditRequest struct {
	Offset int `json:"offset"`
	Limit  int `json:"limit"`
	auditFilter
}

// auditRow is one thing that was done. People are named as this device knows them now.
type auditRow struct {
	At       int64         `json:"at"`
	Kind     string        `json:"kind"`
	Action   string        `json:"action"` // the program's name of it
	Operator string        `json:"operator"`
	Device   string        `json:"device"` // its name, "" while it is not known
	Item     string        `json:"item"`
	Version  int64         `json:"version"`
	Points   int64         `json:"points"`
	Law      string        `json:"law"` // term and entry of the charter, "" of a look
	People   []namedPerson `json:"people"`
	More     int           `json:"more"` // ids that are not named here: further people, activities, orders
	Hash     string        `json:"hash"` // "" of a look
	Doc      string        `json:"doc"`
	Unseen   bool          `json:"unseen"` // a revoked device wrote it, nobody had seen it, and it does not count
}

type namedPerson struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Masked string `json:"masked"`
}

type auditDevice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type auditReply struct {
	Total     int           `json:"total"`
	Rows      []auditRow    `json:"rows"` // the latest first
	Operators []string      `json:"operators"`
	Devices   []auditDevice `json:"devices"`
	Kinds     []string      `json:"kinds"`
}

// maxAudited bounds a workbook's rows.
const maxAudited = 100_000

func (c *community) auditList(ctx context.Context, r auditRequest) (out auditReply, err error) {
	if r.Offset < 0 || r.Limit < 1 || r.Limit > maxPage {
		return out, fault.New("call.page", "limit", maxPage)
	}
	out = auditReply{Rows: []auditRow{}, Operators: []string{}, Devices: []auditDevice{}, Kinds: audit.Kinds}
	for _, d := range c.charter.Devices() {
		out.Devices = append(out.Devices, auditDevice{deviceText(d.Device), d.Name})
	}
	f, err := c.auditing(r.auditFilter)
	if err != nil {
		return out, err
	}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.audit.Operators(q)
		out.Operators = append(out.Operators, list...)
		if err != nil {
			return err
		}
		out.Rows, out.Total, err = c.audited(q, f, r.Offset, r.Limit)
		return err
	})
	if err != nil {
		return out, err
	}
	return out, c.nameAudited(ctx, out.Rows)
}

// auditing turns ids of the screen into those of the index. Faults: people.unknown,
// devices.unknown, call.params.
func (c *community) auditing(r auditFilter) (f audit.Filter, err error) {
	f = audit.Filter{From: r.From, To: r.To, Operator: r.Operator, Kind: r.Kind, Views: true}
	if r.Kind != "" && !slices.Contains(audit.Kinds, r.Kind) {
		return f, fault.New("call.params", "field", "kind")
	}
	if r.Device != "" {
		pub, err := parseDevice(r.Device)
		if err != nil {
			return f, err
		}
		f.Actors, f.Views = []wire.Actor{}, pub == c.node.device.Load().Public()
		c.namesMu.Lock()
		for a, d := range c.devicesOf {
			if d == pub {
				f.Actors = append(f.Actors, a)
			}
		}
		c.namesMu.Unlock()
	}
	if r.Person != "" {
		id, err := people.ParseID(r.Person)
		if err != nil {
			return f, fault.New("people.unknown")
		}
		for _, o := range c.people.IDs(id) {
			f.IDs, f.Looked = append(f.IDs, o.String()), append(f.Looked, o[:])
		}
	}
	return f, nil
}

func (c *community) audited(q store.Querier, f audit.Filter, offset, limit int) (out []auditRow, total int, err error) {
	list, total, err := c.audit.List(q, f, offset, limit)
	if err != nil {
		return nil, 0, err
	}
	self, _ := c.self()
	out = []auditRow{}
	for _, x := range list {
		r := auditRow{At: x.At, Kind: x.Kind, Action: x.Action, Operator: x.Operator, Item: x.Item, Version: x.Version, Points: x.Points, Law: x.Law, People: []namedPerson{}, Doc: x.Doc, More: x.Named}
		if x.Doc == "" {
			r.Device = self.Name
			r.People = append(r.People, namedPerson{ID: people.ID(x.Person).String()})
		} else {
			r.Hash, r.Device = x.Hash.String(), c.deviceName(x.Actor)
			if r.Unseen, err = store.IsMasked(q, x.Hash); err != nil {
				return nil, 0, err
			}
		}
		for _, id := range x.IDs {
			r.People = append(r.People, namedPerson{ID: id})
		}
		out = append(out, r)
	}
	return out, total, err
}

// nameAudited names the people of rows; ids of nobody here are left as a number.
func (c *community) nameAudited(ctx context.Context, rows []auditRow) error {
	var ids []people.ID
	for _, r := range rows {
		for _, p := range r.People {
			if id, err := people.ParseID(p.ID); err == nil {
				ids = append(ids, id)
			}
		}
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i := range rows {
		r := &rows[i]
		named := []namedPerson{}
		for _, p := range r.People {
			id, bad := people.ParseID(p.ID)
			b, ok := known[id]
			if bad == nil && ok {
				named = append(named, namedPerson{p.ID, b.Name, b.Masked})
			}
		}
		if r.Hash != "" {
			r.More -= len(named)
		}
		r.People = named
	}
	return err
}

// auditFile is the list as a workbook, people masked. Faults: those of auditing.
func (c *community) auditFile(ctx context.Context, q url.Values) (*File, error) {
	r := auditFilter{Operator: q.Get("operator"), Device: q.Get("device"), Kind: q.Get("kind"), Person: q.Get("person")}
	for name, into := range map[string]*int64{"from": &r.From, "to": &r.To} {
		if text := q.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, fault.New("call.params", "field", name)
			}
			*into = n
		}
	}
	f, err := c.auditing(r)
	if err != nil {
		return nil, err
	}
	var rows []auditRow
	if err := c.view(ctx, func(q store.Querier) (err error) { rows, _, err = c.audited(q, f, 0, maxAudited); return err }); err != nil {
		return nil, err
	}
	if err := c.nameAudited(ctx, rows); err != nil {
		return nil, err
	}
	table := make([][]any, len(rows))
	for i, x := range rows {
		names := ""
		for n, p := range x.People {
			if n > 0 {
				names += "、"
			}
			names += p.Masked
		}
		table[i] = []any{x.At, x.Kind, x.Action, x.Operator, x.Device, names, x.More, x.Item, x.Version, x.Points, x.Law, x.Doc, x.Hash}
	}
	return workbook(c.fileName(sheet.TakenAudit, c.stamp()), func(w io.Writer) error { return sheet.Audit(w, c.charter.Settings().Name, table) })
}
