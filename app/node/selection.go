package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"jishan/app/claim"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/app/selection"
	"jishan/crdt/store"
)

// Selections (评选): what is kept of them is app/selection; here they meet the people,
// the rulebook and the claims (docs/selection.md).

func (n *Node) selectionCalls() map[string]handler {
	return map[string]handler{
		"selection.list":     staff(n, (*community).listSelections),
		"selection.begin":    staff(n, (*community).beginSelection),
		"selection.get":      staff(n, (*community).getSelection),
		"selection.nominate": staff(n, (*community).nominate),
		"selection.judge":    staff(n, (*community).judgeNominee),
		"selection.check":    staff(n, (*community).checkSelection),
		"selection.open":     staff(n, (*community).openVote),
		"selection.voter":    staff(n, (*community).voterOf),
		"selection.vote":     staff(n, (*community).takeVote),
		"selection.tally":    staff(n, (*community).tallySelection),
		"selection.publish":  staff(n, (*community).publishSelection),
		"selection.object":   staff(n, (*community).objectNominee),
		"selection.answer":   staff(n, (*community).answerNominee),
		"selection.decide":   staff(n, (*community).decideSelection),
		"selection.honour":   staff(n, (*community).honourSelection),
		"selection.drop":     staff(n, (*community).dropSelection),
	}
}

// maxSelections bounds the list: some a year for decades.
const maxSelections = 100

type selectionRow struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Kind  string `json:"kind"`
	State string `json:"state"`
	Made  int64  `json:"made"`
	Until int64  `json:"until"` // of the notice, 0 before it
	Days  int64  `json:"days"`
	Phone bool   `json:"phone"`
}

func (c *community) selectionRow(s selection.Selection) selectionRow {
	return selectionRow{s.ID, s.Title, s.Kind, s.State(c.node.now()), s.Made, s.Until(), s.Days, s.Phone}
}

type selectionsReply struct {
	Rows      []selectionRow `json:"rows"`
	Registrar bool           `json:"registrar"` // this device takes the steps
}

func (c *community) listSelections(ctx context.Context, _ none) (out selectionsReply, err error) {
	out = selectionsReply{Rows: []selectionRow{}, Registrar: c.tend.registrar()}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.selection.List(q, maxSelections)
		for _, s := range list {
			out.Rows = append(out.Rows, c.selectionRow(s))
		}
		return err
	})
	return out, err
}

// beginSelection begins one by the rulebook in force. Faults: selection.item{item},
// publicity.names{names}, those of selection.Begin.
func (c *community) beginSelection(ctx context.Context, r struct {
	Title   string `json:"title"`
	Kind    string `json:"kind"`
	Places  int64  `json:"places"`
	Choices int64  `json:"choices"`
	Item    string `json:"item"` // "" for no points
	Grant   int64  `json:"grant"`
	Days    int64  `json:"days"`
	Phone   bool   `json:"phone"`
}) (out created, err error) {
	if err := c.public(namesAsk, &r.Title); err != nil {
		return out, err
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		book, err := c.scheme.Get(tx)
		if err != nil {
			return err
		}
		if r.Item != "" {
			if item, ok := book.Item(r.Item); !ok || item.Kind != scheme.Honour && item.Kind != scheme.Deed {
				return fault.New("selection.item", "item", clip(r.Item, 40))
			}
		}
		out.ID, err = c.selection.Begin(tx, selection.Plan{Title: r.Title, Kind: r.Kind, Places: r.Places, Choices: r.Choices, Item: r.Item, Version: book.Version, Grant: r.Grant, Days: r.Days, Phone: r.Phone})
		return err
	})
	return out, err
}

func selectionText(text *string) error {
	*text = strings.TrimSpace(*text)
	if *text == "" || utf8.RuneCountInString(*text) > selection.MaxText || !govern.PlainText(*text) {
		return fault.New("selection.text", "max", selection.MaxText)
	}
	return nil
}

// sealAbout seals a text about a nominee: with the person's key, of a project with one
// of its own.
func (c *community) sealAbout(tx *store.Tx, kind, nominee, text string) selection.Sealed {
	return func(field string) ([]byte, error) {
		id, err := people.ParseID(nominee)
		switch {
		case err != nil:
			return nil, fault.New("selection.nominee")
		case kind == selection.Projects:
			return c.people.SealThing(tx, id, field, text)
		}
		return c.people.SealText(tx, id, field, text)
	}
}

// nominate notes a nominee: a resident, or a project by its name. Faults:
// selection.text{max}, people.unknown, selection.unlisted for who objects to lists,
// publicity.names{names}, those of selection.Nominate.
func (c *community) nominate(ctx context.Context, r struct {
	ID     string `json:"id"`
	Person string `json:"person"` // "" for a project
	Name   string `json:"name"`   // of a project
	Text   string `json:"text"`
}) (out none, err error) {
	if err := selectionText(&r.Text); err != nil {
		return out, err
	}
	r.Name = strings.TrimSpace(r.Name)
	if err := c.public(namesAsk, &r.Name); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		var records []string
		if s.Kind == selection.Projects {
			id, err := c.selection.NewProject()
			if err != nil {
				return err
			}
			records = []string{id.String()}
		} else if records, err = c.recordsOf(tx, r.Person); err != nil {
			return err
		} else if homes, err := c.people.Households(tx); err != nil {
			return err
		} else if id, _ := people.ParseID(records[0]); unlisted(homes)[id] {
			return fault.New("selection.unlisted")
		}
		return c.selection.Nominate(tx, r.ID, records, r.Name, c.sealAbout(tx, s.Kind, records[0], r.Text))
	})
}

// recordsOf are the ids of a person, the leading one first. Fault: people.unknown.
func (c *community) recordsOf(q store.Querier, person string) ([]string, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return nil, fault.New("people.unknown")
	}
	if known, err := c.people.Known(q, id); err != nil || !known {
		return nil, errors.Join(err, fault.New("people.unknown"))
	}
	return c.same(q, person)
}

// judgeNominee says whether a nominee may stand. Faults: selection.text{max},
// selection.nominee, those of selection.Judge.
func (c *community) judgeNominee(ctx context.Context, r struct {
	ID      string `json:"id"`
	Nominee string `json:"nominee"`
	Yes     bool   `json:"yes"`
	Why     string `json:"why"`
}) (out none, err error) {
	if err := selectionText(&r.Why); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		all, err := c.nomineesOf(tx, s)
		if err != nil {
			return err
		}
		for _, n := range all {
			if n.lead == c.leadOf(r.Nominee) {
				for _, id := range n.ids { // of a person under several: about all of them
					if err := c.selection.Judge(tx, r.ID, id, r.Yes, c.sealAbout(tx, s.Kind, id, r.Why)); err != nil {
						return err
					}
				}
				return nil
			}
		}
		return fault.New("selection.nominee")
	})
}

// checkSelection ends the nominations. Faults: govern.registrar.only, those of
// selection.CloseNominations.
func (c *community) checkSelection(ctx context.Context, r idRequest) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error { return c.selection.CloseNominations(tx, r.ID) })
}

// openVote opens the vote over those who passed the check. Faults:
// govern.registrar.only, selection.conflict{n} while devices differ,
// selection.unchecked{n}, those of selection.Open.
func (c *community) openVote(ctx context.Context, r idRequest) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		all, err := c.nomineesOf(tx, s)
		if err != nil {
			return err
		}
		differ, open, passed := 0, 0, []string{}
		for _, n := range all {
			switch n.verdict() {
			case verdictDiffers:
				differ++
			case verdictNone:
				open++
			case verdictYes:
				passed = append(passed, n.lead)
			}
		}
		switch {
		case differ > 0:
			return fault.New("selection.conflict", "n", differ)
		case open > 0 && s.State(tx.Now()) == selection.Check:
			return fault.New("selection.unchecked", "n", open)
		}
		return c.selection.Open(tx, r.ID, passed)
	})
}

// objectNominee notes what somebody objects to who was chosen. Faults:
// selection.text{max}, those of selection.Object.
func (c *community) objectNominee(ctx context.Context, r struct {
	ID      string `json:"id"`
	Nominee string `json:"nominee"`
	Text    string `json:"text"`
}) (out none, err error) {
	if err := selectionText(&r.Text); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		return c.selection.Object(tx, r.ID, r.Nominee, c.sealAbout(tx, s.Kind, r.Nominee, r.Text))
	})
}

// answerNominee decides on an objection. Faults: govern.registrar.only,
// selection.text{max}, those of selection.Answer.
func (c *community) answerNominee(ctx context.Context, r struct {
	ID      string `json:"id"`
	Nominee string `json:"nominee"`
	Tag     string `json:"tag"`
	Yes     bool   `json:"yes"`
	Why     string `json:"why"`
}) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	if err := selectionText(&r.Why); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		return c.selection.Answer(tx, r.ID, r.Nominee, r.Tag, r.Yes, c.sealAbout(tx, s.Kind, r.Nominee, r.Why))
	})
}

type grantLine struct {
	Line int   `json:"line"`
	Yuan int64 `json:"yuan"`
}

// decideSelection notes who is honoured. Faults: govern.registrar.only, those of
// selection.Decide.
func (c *community) decideSelection(ctx context.Context, r struct {
	ID     string      `json:"id"`
	Grants []grantLine `json:"grants"`
}) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	grants := map[int]int64{}
	for _, g := range r.Grants {
		grants[g.Line] = g.Yuan
	}
	return out, c.write(ctx, func(tx *store.Tx) error { return c.selection.Decide(tx, r.ID, grants) })
}

// honourSelection claims what the honour gives, once for each who has won: all of it in
// one transaction. Faults: govern.registrar.only, those of selection.Honour.
func (c *community) honourSelection(ctx context.Context, r idRequest) (out bookedReply, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		return c.selection.Honour(tx, r.ID, func(s selection.Selection, l selection.Line) error { return c.claimHonour(tx, s, l, &out) })
	})
	return out, err
}

func (c *community) claimHonour(tx *store.Tx, s selection.Selection, l selection.Line, out *bookedReply) error {
	if s.Item == "" {
		return nil
	}
	book, err := c.scheme.At(tx, s.Version)
	if err != nil {
		return err
	}
	item, ok := book.Item(s.Item)
	id, bad := people.ParseID(l.Nominee)
	if !ok || bad != nil {
		return fault.New("selection.item", "item", s.Item)
	}
	id = c.people.Lead(id)
	if known, err := c.people.Known(tx, id); err != nil || !known {
		return err // erased since: nobody to give it to
	}
	t, _, err := c.selection.Tally(s)
	if err != nil {
		return err
	}
	d := claim.Deed{Person: id, Item: item, Version: s.Version, At: s.DecidedAt(), Note: s.Title, Witness: fmt.Sprintf("%d 人投票", t.Voters), Via: claim.FromDesk, Batch: s.ID}
	if item.Counted() {
		d.Count = 1
	}
	_, err = c.claim.Post(tx, d, c.people.SealText, c.claimSigner())
	if errors.Is(err, fault.New("claim.double")) {
		out.Double++
		return nil
	}
	if err == nil {
		out.Claims++
		out.Points += scoreWorth(item, 1)
	}
	return err
}

func (c *community) dropSelection(ctx context.Context, r idRequest) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error { return c.selection.Drop(tx, r.ID) })
}
