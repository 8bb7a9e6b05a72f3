package node

import (
	"context"
	"slices"

	"jishan/app/fault"
	"jishan/app/newcomer"
	"jishan/app/people"
	"jishan/crdt/store"
)

// What a phone without a card may ask, where the community lets it: the form, to hand it
// in, and what became of it by its number. Nothing here looks for who is registered, so
// nothing can tell it; what became of an application names nobody and shows no card,
// which is fetched at the desk by who can show who it is.

func (n *Node) phoneNewcomerCalls() map[string]handler {
	return map[string]handler{
		"phone.applyForm": staff(n, (*community).phoneApplyForm),
		"phone.apply":     staff(n, (*community).phoneApply),
		"phone.applied":   staff(n, (*community).phoneApplied),
	}
}

type phoneGrid struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type phoneApplyFormReply struct {
	Grids []phoneGrid `json:"grids"`
}

// mayApply is the door. Fault: newcomer.off.
func (c *community) mayApply() error {
	if !c.appliesOnPhones() {
		return fault.New("newcomer.off")
	}
	return nil
}

func (c *community) phoneApplyForm(context.Context, none) (phoneApplyFormReply, error) {
	out := phoneApplyFormReply{Grids: []phoneGrid{}}
	for _, g := range c.charter.Settings().Grids {
		out.Grids = append(out.Grids, phoneGrid{g.ID, g.Name})
	}
	return out, c.mayApply()
}

const (
	maxWishes = 200 // characters
	// The word of a page is the applicant's alone: its number is made of it.
	minApplyWord = 32
)

type phoneApplyRequest struct {
	Whom     string   `json:"whom"`
	Name     string   `json:"name"`
	Phone    string   `json:"phone"`
	Grid     string   `json:"grid"`
	Address  string   `json:"address"`
	Skills   string   `json:"skills"`
	Wishes   string   `json:"wishes"`
	Guardian string   `json:"guardian"`
	Consents []string `json:"consents"`
	Once     string   `json:"once"`
}

type phoneApplyReply struct {
	Number string `json:"number"`
}

// phoneApply keeps an application; what is sent again under its word is there once.
// Faults: newcomer.off, .whom, .phone, .consent{purpose}, .wishes{max}, .full, call.params,
// people.<field>.bad, people.grid.unknown, people.guardian.missing.
func (c *community) phoneApply(ctx context.Context, r phoneApplyRequest) (out phoneApplyReply, err error) {
	if err := c.mayApply(); err != nil {
		return out, err
	}
	if len(r.Once) < minApplyWord || len(r.Once) > maxOnceWord {
		return out, fault.New("call.params", "field", "once")
	}
	said, err := c.appliedBy(r)
	if err != nil {
		return out, err
	}
	community := c.charter.Community()
	said.Number = newcomer.Number(community, r.Once)
	id, _ := newcomer.IDOf(community, said.Number)
	text, err := said.text()
	if err != nil {
		return out, err
	}
	out.Number = said.Number
	return out, c.writeAs(ctx, "", func(tx *store.Tx) error {
		return c.newcomer.Ask(tx, id, func(field string) ([]byte, error) { return c.people.SealThing(tx, id, field, text) })
	})
}

// appliedBy brings what was typed into the form that registering takes.
func (c *community) appliedBy(r phoneApplyRequest) (applied, error) {
	said := applied{Format: appliedFormat, Whom: r.Whom, Name: r.Name, Phone: r.Phone, Grid: r.Grid, Address: r.Address, Skills: r.Skills, Wishes: r.Wishes, Consents: []string{}}
	switch r.Whom {
	case forSelf:
	case forChild, forParent:
		if said.Guardian = r.Guardian; r.Guardian == "" {
			return said, fault.New("people.guardian.missing")
		}
	default:
		return said, fault.New("newcomer.whom")
	}
	p, err := c.people.Checked(said.person())
	if err != nil {
		return said, err
	}
	if p.Phone == "" {
		return said, fault.New("newcomer.phone")
	}
	if len([]rune(p.Note)) > maxWishes {
		return said, fault.New("newcomer.wishes", "max", maxWishes)
	}
	said.Name, said.Phone, said.Address, said.Skills, said.Wishes, said.Guardian = p.Name, p.Phone, p.Address, p.Skills, p.Note, p.Guardian
	for _, purpose := range people.Purposes {
		given := slices.Contains(r.Consents, purpose.Name)
		needed := purpose.Name == "identity" || purpose.Name == "contact" || purpose.Name == "care" && p.Skills+p.Note+p.Guardian != ""
		if needed && !given {
			return said, fault.New("newcomer.consent", "purpose", purpose.Name)
		}
		if given {
			said.Consents = append(said.Consents, purpose.Name)
		}
	}
	return said, nil
}

type phoneAppliedReply struct {
	State  string `json:"state"` // "" while it waits
	At     int64  `json:"at"`
	Ended  int64  `json:"ended"`
	Reason string `json:"reason"` // of a refusal
}

// phoneApplied says what became of an application. It answers also where no more are
// taken. Fault: newcomer.unknown.
func (c *community) phoneApplied(ctx context.Context, r struct {
	Number string `json:"number"`
}) (out phoneAppliedReply, err error) {
	id, ok := newcomer.IDOf(c.charter.Community(), r.Number)
	if !ok {
		return out, fault.New("newcomer.unknown")
	}
	return out, c.view(ctx, func(q store.Querier) error {
		a, known, err := c.newcomer.Get(q, id)
		if err == nil && !known {
			err = fault.New("newcomer.unknown")
		}
		if err != nil {
			return err
		}
		out = phoneAppliedReply{State: a.State, At: a.At, Ended: a.Ended}
		reason, err := c.people.Texts(q).Open(id, newcomer.Field(id, "reason"), a.Reason)
		out.Reason = people.Plain(reason)
		return err
	})
}
