package order

import (
	"database/sql"

	"jishan/crdt/store"
)

// event is one row of order_event.
type event struct {
	at                                int64
	actor, operator, kind, sub, field string
	raw                               string
}

// history lists who did what when on which device, the earliest first. Times
// are those of the changes.
func (d *Desk) history(q store.Querier, r record) ([]Step, error) {
	var list []event
	err := store.EachRow(q, func(rows *sql.Rows) error {
		var e event
		var raw []byte
		err := rows.Scan(&e.at, &e.actor, &e.operator, &e.kind, &e.sub, &e.field, &raw)
		e.raw = string(raw)
		list = append(list, e)
		return err
	}, `SELECT at, actor, operator, kind, sub, field, value FROM order_event WHERE order_id = ? AND kind != 'job' ORDER BY at, hash, n`, r.ID)
	if err != nil {
		return nil, err
	}
	h := historian{d: d, q: q, r: r, parties: map[string]Party{}}
	out := []Step{}
	for _, e := range list {
		s, ok, err := h.step(e)
		if err != nil {
			return nil, err
		}
		if ok {
			s.At, s.Device, s.Operator = e.at, d.deviceOf(e.actor), e.operator
			out = append(out, s)
		}
	}
	return out, nil
}

// historian turns events into lines; it remembers to whom each dispatch went.
type historian struct {
	d       *Desk
	q       store.Querier
	r       record
	parties map[string]Party
}

func (h *historian) step(e event) (Step, bool, error) {
	switch e.kind + "/" + e.field {
	case "order/person":
		return Step{Kind: "post", Code: h.r.Via}, true, nil
	case "order/offer":
		return h.offer(e)
	case "order/cancel":
		var v cancelValue
		return Step{Kind: "cancel", Code: v.read(e.raw)}, e.raw != "", nil
	case "order/review":
		return h.review(e)
	case "serve/answer":
		var v answerValue
		if open(e.raw, &v) != nil {
			return Step{}, false, nil
		}
		kind := "accept"
		if !v.Yes {
			kind = "decline"
		}
		return Step{Kind: kind, Name: h.parties[e.sub].Name, Code: v.Why}, true, nil
	case "serve/done":
		var v doneValue
		err := open(e.raw, &v)
		return Step{Kind: "done", Name: h.parties[e.sub].Name, Minutes: v.Minutes}, err == nil, nil
	case "reply/text":
		text, err := h.d.People.Open(h.q, h.r.Person, sealField(h.r.ID, e.sub), []byte(e.raw))
		return Step{Kind: "reply", Text: text}, true, err
	case "reply/plain":
		return Step{Kind: "reply", Text: e.raw}, true, nil
	}
	return Step{}, false, nil
}

func (v *cancelValue) read(raw string) string {
	if open(raw, v) != nil {
		return ""
	}
	return v.Why
}

func (h *historian) offer(e event) (Step, bool, error) {
	var v offerValue
	if open(e.raw, &v) != nil {
		return Step{}, false, nil
	}
	_, again := h.parties[v.ID]
	p, err := h.d.party(h.q, Party{Kind: v.Kind, ID: v.Party})
	h.parties[v.ID] = p
	s := Step{Kind: "offer", Name: p.Name, Code: p.Kind}
	if again { // the same dispatch written once more settles a clash
		s.Kind = "settle"
	}
	return s, true, err
}

func (h *historian) review(e event) (Step, bool, error) {
	var v reviewValue
	if open(e.raw, &v) != nil {
		return Step{}, false, nil
	}
	s := Step{Kind: "review", Stars: v.Stars, Code: v.Via}
	var err error
	if v.Via != ByTimeout {
		s.Text, err = h.d.open(h.q, h.r, "praise")
	}
	return s, true, err
}

// offers lists every dispatch an order ever had.
func (d *Desk) offers(q store.Querier, id string) (out []offerValue, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return err
		}
		var v offerValue
		if open(string(raw), &v) == nil {
			out = append(out, v)
		}
		return nil
	}, `SELECT value FROM order_event WHERE order_id = ? AND kind = 'order' AND field = 'offer' ORDER BY at, hash`, id)
	return out, err
}
