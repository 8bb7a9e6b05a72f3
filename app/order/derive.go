package order

import (
	"database/sql"
	"strings"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// value is one row of order_value.
type value struct {
	kind, sub, field, path string
	rank                   int
	raw                    string
	at                     int64
	actor, operator        string
}

func valuesOf(q store.Querier, id string) (out []value, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var v value
		var raw []byte
		err := r.Scan(&v.kind, &v.sub, &v.field, &v.path, &v.rank, &raw, &v.at, &v.actor, &v.operator)
		v.raw = string(raw)
		out = append(out, v)
		return err
	}, `SELECT kind, sub, field, path, rank, value, at, actor, operator FROM order_value WHERE order_id = ? ORDER BY kind, sub, field, path, rank`, id)
	return out, err
}

// dispatch is one value of an order's field "offer" with what came of it.
type dispatch struct {
	offerValue
	rank            int
	at              int64
	actor, operator string
	answered        int64 // time of the answer, 0 = none
	yes             bool
	done            int64
	result          doneValue
	reviewed        int64
	review          reviewValue
}

// score orders dispatches that were made apart: what was reviewed stands, then
// what was done, then the greater operation id.
func (x dispatch) score() int {
	switch {
	case x.reviewed != 0:
		return 2
	case x.done != 0:
		return 1
	}
	return 0
}

// facts is an order as its values say.
type facts struct {
	path, person, typ, project, grid, via, by string
	once                                      []byte
	made, contact, declined                   int64
	cancel                                    string
	in                                        dispatch // in force; zero for none
	rivals                                    []dispatch
}

// state says where an order stands.
func (f facts) state() string {
	switch {
	case f.in.done == 0 && f.cancel != "":
		return Cancelled
	case f.in.reviewed != 0:
		return Closed
	case f.in.done != 0:
		return Served
	case f.in.ID == "" || f.in.answered != 0 && !f.in.yes:
		return Posted
	case f.in.answered != 0:
		return Serving
	}
	return Offered
}

// read sorts the values of one order into facts.
func read(list []value) (f facts) {
	var offers []dispatch
	for _, v := range list {
		if v.kind != kindOrder {
			continue
		}
		f.path = v.path
		if v.field == "offer" {
			x := dispatch{rank: v.rank, at: v.at, actor: v.actor, operator: v.operator}
			if open(v.raw, &x.offerValue) == nil {
				offers = append(offers, x)
			}
		}
		if v.rank == 0 {
			f.take(v)
		}
	}
	for i := range offers {
		offers[i].follow(list)
	}
	f.choose(offers)
	f.times(list)
	return f
}

// take keeps one field of the order.
func (f *facts) take(v value) {
	switch v.field {
	case "person":
		f.person, f.made = v.raw, v.at
	case "type":
		f.typ = v.raw
	case "project":
		f.project = v.raw
	case "grid":
		f.grid = v.raw
	case "via":
		f.via = v.raw
	case "by":
		f.by = v.raw
	case "once":
		f.once = []byte(v.raw)
	case "cancel":
		var c cancelValue
		if open(v.raw, &c) == nil {
			f.cancel = c.Why
		}
	}
}

// speaksFor tells whether a document's word counts for this dispatch: the
// community's own, or that of the merchant it was given to.
func (x *dispatch) speaksFor(path string) bool {
	return strings.HasPrefix(path, "order/"+own+"/") || x.Kind == ToMerchant && strings.HasPrefix(path, "order/"+x.Party+"/")
}

// follow reads what came of a dispatch: the last answer, the first end, and a
// resident's word before a time-out.
func (x *dispatch) follow(list []value) {
	for _, v := range list {
		switch {
		case v.kind == kindServe && v.sub == x.ID && v.field == "answer" && v.rank == 0 && x.speaksFor(v.path):
			var a answerValue
			if open(v.raw, &a) == nil && v.at >= x.answered {
				x.answered, x.yes = v.at, a.Yes
			}
		case v.kind == kindServe && v.sub == x.ID && v.field == "done" && v.rank == 0 && x.speaksFor(v.path):
			var r doneValue
			if open(v.raw, &r) == nil && (x.done == 0 || v.at < x.done) {
				x.done, x.result = v.at, r
			}
		case v.kind == kindOrder && v.field == "review":
			var r reviewValue
			if open(v.raw, &r) == nil && r.Offer == x.ID && (x.reviewed == 0 || x.review.Via == ByTimeout) {
				x.reviewed, x.review = v.at, r
			}
		}
	}
	if x.done == 0 {
		x.reviewed, x.review = 0, reviewValue{}
	}
}

// choose finds the dispatch in force among those that nobody replaced. Two
// values of one dispatch (settled twice apart) are one.
func (f *facts) choose(offers []dispatch) {
	seen := map[string]bool{}
	for _, x := range offers {
		switch {
		case seen[x.ID]:
			continue
		case f.in.ID == "":
			f.in = x
		case x.score() > f.in.score():
			f.rivals = append(f.rivals, f.in)
			f.in = x
		default:
			f.rivals = append(f.rivals, x)
		}
		seen[x.ID] = true
	}
}

// times finds the first contact and counts refusals.
func (f *facts) times(list []value) {
	if f.in.yes {
		f.contact = f.in.answered
	}
	for _, v := range list {
		if v.kind == kindReply && v.rank == 0 && (f.contact == 0 || v.at < f.contact) {
			f.contact = v.at
		}
		var a answerValue
		if v.kind == kindServe && v.field == "answer" && v.rank == 0 && open(v.raw, &a) == nil && !a.Yes {
			f.declined++
		}
	}
	if f.contact == 0 {
		f.contact = f.in.done // who has done it was there
	}
}

// derive makes an order's rows anew. A merchant's document alone has none: the
// order itself is not here.
func derive(tx *store.Tx, id string) error {
	list, err := valuesOf(tx, id)
	if err != nil {
		return err
	}
	f := read(list)
	if f.person == "" {
		return nil
	}
	if f.once == nil {
		f.once = []byte{}
	}
	_, err = tx.Exec(`INSERT OR REPLACE INTO order_row (id, path, state, person, type, project, grid, via, by, once, made, offer, party_kind, party,
			item, item_name, version, month, offered_at, offered_by, answer_at, contact_at, done_at, minutes, stars, review_via, reviewed_at, declined, clash, why)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, f.path, f.state(), f.person, f.typ, f.project, f.grid, f.via, f.by, f.once, f.made, f.in.ID, f.in.Kind, f.in.Party,
		f.in.Rule.Code, f.in.Rule.Name, f.in.Rule.Version, f.in.Month, f.in.at, f.in.operator, f.in.answered, f.contact, f.in.done, f.in.result.Minutes,
		f.in.review.Stars, f.in.review.Via, f.in.reviewed, f.declined, len(f.rivals) > 0, f.cancel)
	if err != nil {
		return err
	}
	return deriveDue(tx, id, f)
}

// deriveDue notes who served, and whom the ledger still has to pay.
func deriveDue(tx *store.Tx, id string, f facts) error {
	for _, query := range []string{`DELETE FROM order_helper WHERE order_id = ?`, `DELETE FROM order_due WHERE order_id = ?`} {
		if _, err := tx.Exec(query, id); err != nil {
			return err
		}
	}
	if f.in.done == 0 {
		return nil
	}
	points := f.in.Rule.item().Value(f.in.result.Minutes)
	for _, h := range f.in.result.Helpers {
		person := h.String()
		if _, err := tx.Exec(`INSERT OR IGNORE INTO order_helper (order_id, person, points) VALUES (?, ?, ?)`, id, person, points); err != nil {
			return err
		}
		if f.in.reviewed == 0 || points == 0 {
			continue
		}
		t, k := ledger.TextSubject(person), deedKey(id, person)
		_, err := tx.Exec(`INSERT OR IGNORE INTO order_due (turn, key, order_id, person, points)
			SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM order_paid WHERE turn = ?1 AND key = ?2)`, t[:], k[:], id, person, points)
		if err != nil {
			return err
		}
	}
	return nil
}
