package node

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/newcomer"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Applications for registration from the phone page (docs/newcomers.md): what the desk
// sees of them, takes in and refuses. What phones may ask is in newcomerphone.go.

// keyApply is the setting that lets phones without a card apply: 1 is on.
const keyApply = "apply-phone"

const (
	// An application that nobody answered lapses, and why one was refused is forgotten
	// after a while: what people said of themselves is not kept for nothing.
	newcomerLapses = 90 * 24 * time.Hour
	reasonKept     = 60 * 24 * time.Hour
	// reasonSought is how long back reasons are looked for that are to be forgotten: a
	// main device may have been off for half a year.
	reasonSought = 365 * 24 * time.Hour
	maxNewcomers = 200
)

func (n *Node) newcomerCalls() map[string]handler {
	return map[string]handler{
		"newcomer.list":    staff(n, (*community).newcomers),
		"newcomer.accept":  staff(n, (*community).acceptNewcomer),
		"newcomer.refuse":  staff(n, (*community).refuseNewcomer),
		"newcomer.rule":    staff(n, (*community).newcomerRule),
		"newcomer.setRule": staff(n, (*community).setNewcomerRule),
	}
}

// For whom somebody applies.
const (
	forSelf   = "self"
	forChild  = "child"
	forParent = "parent"
)

// applied is what stands, sealed, in an application.
type applied struct {
	Format   int      `json:"format"`
	Number   string   `json:"number"`
	Whom     string   `json:"whom"`
	Name     string   `json:"name"`
	Phone    string   `json:"phone"`
	Grid     string   `json:"grid"`
	Address  string   `json:"address"`
	Skills   string   `json:"skills"`
	Wishes   string   `json:"wishes"`
	Guardian string   `json:"guardian"` // who applies for a child or a parent
	Consents []string `json:"consents"`
}

const appliedFormat = 1

func (a applied) whole() bool { return a.Format == appliedFormat }

// text is what is sealed: no sign of it takes more room than it must.
func (a applied) text() (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(a)
	return b.String(), err
}

// person is the form that an application fills in.
func (a applied) person() people.NewPerson {
	return people.NewPerson{Name: a.Name, Phone: a.Phone, Grid: a.Grid, Address: a.Address, Skills: a.Skills, Note: a.Wishes, Guardian: a.Guardian}
}

func (c *community) appliesOnPhones() bool {
	return c.charter.Settings().Other[keyApply].Num == 1 // a newer program's value: rather less than more
}

func (c *community) newcomerRule(context.Context, none) (householdRuleReply, error) {
	return householdRuleReply{c.appliesOnPhones(), c.tend.registrar()}, nil
}

// setNewcomerRule switches it. Fault: govern.registrar.only.
func (c *community) setNewcomerRule(ctx context.Context, r struct {
	On bool `json:"on"`
}) (none, error) {
	n := int64(0)
	if r.On {
		n = 1
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		return c.charter.SetPolicy(tx, govern.Setting{Key: keyApply, Num: n})
	})
}

type newcomerRow struct {
	ID       string            `json:"id"`
	At       int64             `json:"at"`
	State    string            `json:"state"`  // "" while it waits
	Number   string            `json:"number"` // "" once it ended, as all of what was said
	Whom     string            `json:"whom"`
	Person   *people.NewPerson `json:"person"` // null once it ended, or while its key is on its way
	Consents []string          `json:"consents"`
	Ended    int64             `json:"ended"`
	By       string            `json:"by"`
	Reason   string            `json:"reason"`
	Became   string            `json:"became"` // who was taken in
	Name     string            `json:"name"`   // of whom
	Masked   string            `json:"masked"`
}

type newcomersReply struct {
	On      bool          `json:"on"`
	Waiting []newcomerRow `json:"waiting"` // the oldest first
	Ended   []newcomerRow `json:"ended"`   // of the last weeks, the latest first
}

// newcomers lists who wants to be registered, and what became of it.
func (c *community) newcomers(ctx context.Context, _ none) (out newcomersReply, err error) {
	out = newcomersReply{On: c.appliesOnPhones(), Waiting: []newcomerRow{}, Ended: []newcomerRow{}}
	var ids []people.ID
	err = c.view(ctx, func(q store.Querier) error {
		now := c.node.now()
		waiting, err := c.newcomer.Waiting(q, maxNewcomers)
		if err != nil {
			return err
		}
		ended, err := c.newcomer.Ended(q, now-reasonKept.Milliseconds(), now+reasonKept.Milliseconds(), maxNewcomers)
		if err != nil {
			return err
		}
		texts := c.people.Texts(q)
		for _, a := range append(waiting, ended...) {
			row, err := newcomerRowOf(texts, a)
			switch {
			case err != nil:
				return err
			case a.State == "":
				out.Waiting = append(out.Waiting, row)
			default:
				out.Ended = append(out.Ended, row)
			}
			if a.State == newcomer.Accepted {
				ids = append(ids, a.Person)
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i := range out.Ended {
		if id, e := people.ParseID(out.Ended[i].Became); e == nil {
			out.Ended[i].Name, out.Ended[i].Masked = known[id].Name, known[id].Masked
		}
	}
	return out, err
}

func newcomerRowOf(texts *people.Texts, a newcomer.Application) (row newcomerRow, err error) {
	row = newcomerRow{ID: a.ID.String(), At: a.At, State: a.State, Ended: a.Ended, By: a.By, Consents: []string{}}
	if a.State != "" {
		if a.State == newcomer.Accepted {
			row.Became = a.Person.String()
		}
		row.Reason, err = texts.Open(a.ID, newcomer.Field(a.ID, "reason"), a.Reason)
		return row, err
	}
	said, err := openApplied(texts, a)
	if said.whole() {
		p := said.person()
		row.Number, row.Whom, row.Person, row.Consents = said.Number, said.Whom, &p, said.Consents
	}
	return row, err
}

// openApplied reads what an applicant said; nothing while its key is not here.
func openApplied(texts *people.Texts, a newcomer.Application) (applied, error) {
	text, err := texts.Open(a.ID, newcomer.Field(a.ID, "text"), a.Text)
	if err != nil || people.Plain(text) == "" {
		return applied{}, err
	}
	var said applied
	if json.Unmarshal([]byte(text), &said) != nil || !said.whole() {
		return applied{}, nil // of a newer program: it waits for one that reads it
	}
	return said, nil
}

// acceptNewcomer registers an applicant as the desk's form says, which the application
// filled in, and notes what was agreed to, for a person who is new. Who is here already
// stays as he is. What was said on the phone is destroyed. Faults: newcomer.unknown,
// newcomer.ended, newcomer.unread, those of people.Register.
func (c *community) acceptNewcomer(ctx context.Context, r struct {
	ID     string           `json:"id"`
	Person people.NewPerson `json:"person"`
}) (out people.Registered, err error) {
	id, err := newcomerID(r.ID)
	if err != nil {
		return out, err
	}
	keepAnswer(ctx, &out)
	return out, c.write(ctx, func(tx *store.Tx) error {
		a, err := c.newcomer.Standing(tx, id)
		if err != nil {
			return err
		}
		said, err := openApplied(c.people.Texts(tx), a)
		if err != nil {
			return err
		}
		if !said.whole() {
			return fault.New("newcomer.unread")
		}
		if out, err = c.people.RegisterIn(ctx, tx, r.Person); err != nil {
			return err
		}
		person, err := people.ParseID(out.ID)
		if err != nil {
			return err
		}
		for _, purpose := range said.Consents {
			if out.Existing || !slices.ContainsFunc(people.Purposes, func(p people.Purpose) bool { return p.Name == purpose }) {
				continue
			}
			if err := c.people.NoteConsent(tx, person, people.Consent{Purpose: purpose, Given: true, How: "paper", On: min(a.At, tx.Now())}); err != nil {
				return err
			}
		}
		if err := c.newcomer.Accept(tx, id, person, c.operator()); err != nil {
			return err
		}
		return c.people.DropThing(tx, id, a.Text)
	})
}

func newcomerID(text string) (people.ID, error) {
	id, err := people.ParseID(text)
	if err != nil {
		return id, fault.New("newcomer.unknown")
	}
	return id, nil
}

// refuseNewcomer ends an application with a reason that its applicant reads. Faults:
// newcomer.reason{max}, newcomer.unknown, newcomer.ended.
func (c *community) refuseNewcomer(ctx context.Context, r struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}) (out none, err error) {
	id, err := newcomerID(r.ID)
	if err != nil {
		return out, err
	}
	if r.Reason = strings.TrimSpace(r.Reason); !govern.FilledLine(r.Reason, newcomer.MaxReason) {
		return out, fault.New("newcomer.reason", "max", newcomer.MaxReason)
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		a, err := c.newcomer.Standing(tx, id)
		if err != nil {
			return err
		}
		err = c.newcomer.Refuse(tx, id, c.operator(), func(field string) ([]byte, error) { return c.people.SealThing(tx, id, field, r.Reason) })
		if err != nil {
			return err
		}
		return c.people.DropThing(tx, id, a.Text)
	})
}

// applications lets those lapse that nobody answered and forgets why others were refused,
// once a day, at the main device.
func (t *tender) applications(ctx context.Context) error {
	now := t.c.node.now()
	today := zone.Day(now)
	if !t.registrar() || t.appliedDay == today {
		return nil
	}
	var late, old []newcomer.Application
	err := t.c.view(ctx, func(q store.Querier) error {
		waiting, err := t.c.newcomer.Waiting(q, maxNewcomers)
		if err != nil {
			return err
		}
		for _, a := range waiting {
			if a.At < now-newcomerLapses.Milliseconds() {
				late = append(late, a)
			}
		}
		ended, err := t.c.newcomer.Ended(q, now-reasonSought.Milliseconds(), now-reasonKept.Milliseconds(), -1)
		texts := t.c.people.Texts(q)
		for _, a := range ended {
			said, e := texts.Open(a.ID, newcomer.Field(a.ID, "reason"), a.Reason)
			if e != nil {
				return e
			}
			if people.Plain(said) != "" {
				old = append(old, a)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(late)+len(old) > 0 {
		err = t.write(ctx, func(tx *store.Tx) error {
			for _, a := range late {
				if err := t.c.newcomer.Lapse(tx, a.ID); err != nil {
					return err
				}
				if err := t.c.people.DropThing(tx, a.ID, a.Text); err != nil {
					return err
				}
			}
			for _, a := range old {
				if err := t.c.people.DropThing(tx, a.ID, a.Reason); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err == nil {
		t.appliedDay = today
	}
	return err
}
