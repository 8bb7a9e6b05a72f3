package node

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A person moves to another community and takes the points along
// (docs/joining-and-moving.md). This file is the old community's side, arriving.go
// the new one's.

func (n *Node) movingCalls() map[string]handler {
	return map[string]handler{
		"people.moveLook": staff(n, (*community).moveLook),
		"people.moveAway": staff(n, (*community).moveAway),
		"people.movers":   staff(n, (*community).movers),
		"people.arrive":   staff(n, (*community).arrive),
	}
}

type moveRequest struct {
	ID      string `json:"id"`
	Partner string `json:"partner"` // moveLook: "" = only what is in the way
}

// periodPoints are points of one period.
type periodPoints struct {
	Period string `json:"period"`
	Points int64  `json:"points"`
}

// heldPoints are points that lie at another device.
type heldPoints struct {
	Device string `json:"device"`
	Points int64  `json:"points"`
}

type movePartner struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	State string `json:"state"` // as partners.list: only with good ones people can move
}

// moveReply is what moves with a person, and what is in the way.
type moveReply struct {
	Registrar    bool           `json:"registrar"` // only the main device can send somebody away
	Partners     []movePartner  `json:"partners"`
	Cohorts      []periodPoints `json:"cohorts"` // at this device, the oldest first
	Points       int64          `json:"points"`  // their sum
	Elsewhere    []heldPoints   `json:"elsewhere"`
	OnTheWay     int64          `json:"onTheWay"` // in nobody's hands: not booked yet, between devices, in vouchers
	Lifetime     int64          `json:"lifetime"`
	Year         int64          `json:"year"`
	Debt         int64          `json:"debt"`
	Reservations int            `json:"reservations"` // open ones that this device knows of
	Vouchers     int            `json:"vouchers"`     // the same
	Orders       int            `json:"orders"`       // wishes that are not done
	Gone         *departure     `json:"gone"`         // the person has moved away
}

func (r *moveReply) settled() bool { return r.Debt == 0 && r.Reservations+r.Vouchers+r.Orders == 0 }

// moveLook says what would move, after asking the devices in reach for what they
// hold. Fault: people.unknown.
func (c *community) moveLook(ctx context.Context, r moveRequest) (moveReply, error) {
	id, err := people.ParseID(r.ID)
	if err != nil {
		return moveReply{}, err
	}
	out, err := c.moveState(ctx, id)
	if err != nil || !out.Registrar || r.Partner == "" || len(out.Elsewhere)+int(min(out.OnTheWay, 1)) == 0 {
		return out, err
	}
	c.gather(ctx, ledger.Subject(id), maxGathered)
	return c.moveState(ctx, id)
}

// maxGathered is more than a person has: all that can be had is asked for.
const maxGathered = ledger.MaxAmount

func (c *community) moveState(ctx context.Context, id people.ID) (moveReply, error) {
	out := moveReply{Registrar: c.registrarHere(), Partners: []movePartner{}, Cohorts: []periodPoints{}, Elsewhere: []heldPoints{}}
	rows, err := c.people.Rows(ctx, []people.ID{id})
	if err == nil && len(rows) == 0 {
		err = fault.New("people.unknown")
	}
	if err != nil {
		return out, err
	}
	out.Lifetime, out.Year, out.Debt, out.OnTheWay = rows[0].Lifetime, rows[0].Year, rows[0].Debt, rows[0].OnTheWay
	for _, one := range c.people.IDs(id) {
		open, err := c.openVouchers(ctx, one)
		if err != nil {
			return out, err
		}
		out.Vouchers += len(open)
	}
	return out, c.view(ctx, func(q store.Querier) error { return c.moveRest(q, id, &out) })
}

func (c *community) moveRest(q store.Querier, id people.ID, out *moveReply) (err error) {
	person := ledger.Subject(id)
	b, err := c.ledger.Balance(q, person, "")
	if err != nil {
		return err
	}
	out.OnTheWay += b.OnTheWay
	list, err := c.ledger.Movable(q, person)
	if err != nil {
		return err
	}
	for _, a := range list {
		out.Points += a.N
		out.Cohorts = addPeriod(out.Cohorts, a)
	}
	held, err := c.ledger.Holders(q, person)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Feed != c.store.Self() {
			out.Elsewhere = addHeld(out.Elsewhere, c.deviceName(h.Feed), h.N)
		}
	}
	reserved, err := c.shop.ReservationsOf(q, id.String())
	if err != nil {
		return err
	}
	out.Reservations = len(reserved)
	if out.Orders, err = c.order.OpenFor(q, id.String()); err != nil {
		return err
	}
	now := c.node.now()
	for _, p := range c.charter.Partners() {
		s, err := c.partners.State(q, p.Community(), now)
		if err != nil {
			return err
		}
		out.Partners = append(out.Partners, movePartner{p.Community(), p.Name, agreementState(s, now)})
	}
	out.Gone, err = c.goneOf(q, person)
	return err
}

func addPeriod(list []periodPoints, a ledger.Amount) []periodPoints {
	if i := slices.IndexFunc(list, func(x periodPoints) bool { return x.Period == a.Quota.Period }); i >= 0 {
		list[i].Points += a.N
		return list
	}
	return append(list, periodPoints{a.Quota.Period, a.N})
}

func addHeld(list []heldPoints, device string, n int64) []heldPoints {
	if i := slices.IndexFunc(list, func(x heldPoints) bool { return x.Device == device }); i >= 0 {
		list[i].Points += n
		return list
	}
	return append(list, heldPoints{device, n})
}

// Who consented.
const (
	consentSelf     = "self"
	consentGuardian = "guardian"
)

// moveAway sends a person's points and record to another community: the BURN and
// the end of the card now, the rest with the next letter. The name is typed once
// more, as for an erasure. Faults: govern.registrar.only, people.erase.name,
// people.move.consent, people.move.agreement, people.move.open (something is to be
// settled first), people.move.elsewhere{points}, people.move.nothing, people.unknown.
func (c *community) moveAway(ctx context.Context, r struct {
	ID      string `json:"id"`
	Partner string `json:"partner"`
	Consent string `json:"consent"` // self or guardian
	Name    string `json:"name"`
}) (moveReply, error) {
	id, err := c.typed(ctx, r.ID, r.Name)
	if err != nil {
		return moveReply{}, err
	}
	if r.Consent != consentSelf && r.Consent != consentGuardian {
		return moveReply{}, fault.New("people.move.consent")
	}
	look, err := c.moveLook(ctx, moveRequest{r.ID, r.Partner})
	if err != nil {
		return look, err
	}
	if err := look.mayMove(r.Partner); err != nil {
		return look, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		f, err := c.partners.Foreign(tx, r.Partner)
		if err != nil {
			return err
		}
		head, _, _ := f.Snapshot().Head()
		cert, ok := f.RegistrarAt(head.Term)
		if !ok {
			return fault.New("people.move.agreement")
		}
		list, err := c.ledger.Movable(tx, ledger.Subject(id))
		if err != nil {
			return err
		}
		to := ledger.Feed{Incarnation: cert.Actor(), Community: ledger.TextSubject(r.Partner)}
		if _, err := c.ledger.SendAway(tx, to, r.Consent, "", list...); err != nil {
			return err
		}
		return c.people.BlockCardIn(tx, id)
	})
	if err != nil {
		return look, err
	}
	return c.moveState(ctx, id)
}

func (r *moveReply) mayMove(partner string) error {
	switch i := slices.IndexFunc(r.Partners, func(p movePartner) bool { return p.ID == partner }); {
	case !r.Registrar:
		return fault.New("govern.registrar.only")
	case i < 0 || r.Partners[i].State != "good":
		return fault.New("people.move.agreement")
	case !r.settled():
		return fault.New("people.move.open")
	case r.OnTheWay > 0 || len(r.Elsewhere) > 0:
		n := r.OnTheWay
		for _, h := range r.Elsewhere {
			n += h.Points
		}
		return fault.New("people.move.elsewhere", "points", n)
	case r.Points == 0:
		return fault.New("people.move.nothing")
	}
	return nil
}

// typed finds a person whose name was typed once more. Faults: people.unknown,
// people.erase.name.
func (c *community) typed(ctx context.Context, text, name string) (people.ID, error) {
	id, err := people.ParseID(text)
	if err != nil {
		return id, err
	}
	found, err := c.people.Briefs(ctx, id)
	if err != nil {
		return id, err
	}
	b, ok := found[id]
	if !ok {
		return id, fault.New("people.unknown", "id", text)
	}
	if typed, err := people.NormalName(name); err != nil || typed != b.Name {
		return id, fault.New("people.erase.name")
	}
	return id, nil
}

// departure is somebody who moved away.
type departure struct {
	ID      string `json:"id"` // the person
	Name    string `json:"name"`
	Partner string `json:"partner"` // the community's name
	Points  int64  `json:"points"`
	At      int64  `json:"at"`
	By      string `json:"by"`
	Consent string `json:"consent"`
	Arrived int64  `json:"arrived"` // when they booked it there, by their clock; 0: no letter has said so

	burn   wire.Hash
	person ledger.Subject
}

// goneOf tells whether a person has moved away and has not come back since.
func (c *community) goneOf(q store.Querier, person ledger.Subject) (*departure, error) {
	h, away, err := c.ledger.LastMove(q, person)
	if err != nil || !away {
		return nil, err
	}
	d, _, err := c.departure(q, h)
	return &d, err
}

type personReply struct {
	people.Person
	Gone  *departure  `json:"gone"`  // the person has moved away
	Cards []otherCard `json:"cards"` // of the person's other records; they open the same points
}

type otherCard struct {
	Code    string `json:"code"`
	Blocked bool   `json:"blocked"`
}

// person is everything about a person, and whether the person has moved away. The
// look stands in the view log.
func (c *community) person(ctx context.Context, r idRequest) (out personReply, err error) {
	if out.Person, err = c.people.Get(ctx, c.operator(), r.ID); err != nil {
		return out, err
	}
	id, err := people.ParseID(r.ID)
	if err != nil {
		return out, err
	}
	if out.Cards, err = c.otherCards(ctx, out.Person); err != nil {
		return out, err
	}
	err = c.view(ctx, func(q store.Querier) (err error) {
		out.Gone, err = c.goneOf(q, ledger.Subject(id))
		return err
	})
	return out, err
}

func (c *community) otherCards(ctx context.Context, p people.Person) ([]otherCard, error) {
	out := []otherCard{}
	for _, text := range p.IDs[1:] {
		id, err := people.ParseID(text)
		if err != nil {
			return nil, err
		}
		one, err := c.people.Record(ctx, id)
		if errors.Is(err, fault.New("people.unknown")) {
			continue // erased, or not here yet
		}
		if err != nil {
			return nil, err
		}
		out = append(out, otherCard{one.Code, one.CardBlocked})
	}
	return out, nil
}

// departure reads the BURN by which somebody left, and to whom.
func (c *community) departure(q store.Querier, h wire.Hash) (d departure, to string, err error) {
	r, err := c.ledger.Transaction(q, h)
	if err != nil {
		return d, "", err
	}
	d = departure{At: r.At, By: r.Operator, burn: h}
	for i := range r.Tx.Entries {
		if e := &r.Tx.Entries[i]; e.Type == ledger.Burn && e.Why == ledger.WhyMoved {
			d.Points += e.Amount
			d.Consent, d.person, to = e.Item, e.Quota.Subject, e.To.Community.String()
		}
	}
	p, _ := c.charter.Partner(to)
	d.ID, d.Partner = c.people.Lead(people.ID(d.person)).String(), p.Name
	came, err := c.partners.Came(q, to)
	d.Arrived = came[h]
	return d, to, err
}

// departures lists who moved to a community, the latest first.
func (c *community) departures(ctx context.Context, to string) (out []departure, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.ledger.MovedTo(q, ledger.TextSubject(to))
		if err != nil {
			return err
		}
		for _, h := range slices.Backward(list) {
			d, _, err := c.departure(q, h)
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		id, err := people.ParseID(out[i].ID)
		if err != nil {
			return nil, err
		}
		known, err := c.people.Briefs(ctx, id)
		if err != nil {
			return nil, err
		}
		out[i].Name = known[id].Name
	}
	return out, nil
}

// moverPaper is what the new community's office needs beside the BURN. It is
// encrypted with the letter and stands in no document.
type moverPaper struct {
	V        int    `json:"v"`
	Burn     string `json:"burn"`
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	IDNumber string `json:"idNumber"`
	Birthday string `json:"birthday"`
	Guardian string `json:"guardian"`
	Lifetime int64  `json:"lifetime"`
	Year     int64  `json:"year"`
	YearOf   string `json:"yearOf"` // of which year
	Consent  string `json:"consent"`
	At       int64  `json:"at"` // of the consent
	By       string `json:"by"` // who noted it
}

const paperVersion = 1

// papersTo makes the papers of everybody who moved to a community and of whom it has
// not written that they arrived. Who was erased meanwhile has none.
func (c *community) papersTo(ctx context.Context, to string) (out [][]byte, err error) {
	list, err := c.departures(ctx, to)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if d.Arrived != 0 || d.Name == "" {
			continue
		}
		raw, err := c.paperOf(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

func (c *community) paperOf(ctx context.Context, d departure) ([]byte, error) {
	p, err := c.people.Get(ctx, c.operator(), d.ID) // it stands in the view log: somebody carries it away
	if err != nil {
		return nil, err
	}
	return json.Marshal(moverPaper{V: paperVersion, Burn: d.burn.String(), Name: p.Name, Phone: p.Phone, IDNumber: p.IDNumber, Birthday: p.Birthday,
		Guardian: p.Guardian, Lifetime: p.Lifetime, Year: p.Year, YearOf: period(c.node.now()), Consent: d.Consent, At: d.At, By: d.By})
}
