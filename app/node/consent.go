package node

import (
	"context"
	"slices"

	"jishan/app/dossier"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

// What people agree that the community keeps, and what for.

func (n *Node) consentCalls() map[string]handler {
	return map[string]handler{
		"people.consents": staff(n, (*community).consents),
		"people.consent":  staff(n, (*community).noteConsent),
	}
}

type consentLine struct {
	people.Consent
	Device string `json:"device"` // on which it was written down
}

type consentsReply struct {
	Rows      []consentLine `json:"rows"`      // the latest first
	Withdrawn []string      `json:"withdrawn"` // purposes
	Keeps     []string      `json:"keeps"`     // purposes for which something is kept of the person now
}

// consents shows what a person said. Fault: people.unknown.
func (c *community) consents(ctx context.Context, r idRequest) (out consentsReply, err error) {
	id, err := c.knownPerson(ctx, r.ID)
	if err != nil {
		return out, err
	}
	out = consentsReply{Rows: []consentLine{}, Keeps: []string{}}
	var said []people.Consent
	err = c.view(ctx, func(q store.Querier) (err error) {
		if said, err = c.people.Consents(q, id); err != nil {
			return err
		}
		for _, purpose := range people.Purposes {
			kept, err := c.people.Keeps(q, id, purpose)
			if err != nil {
				return err
			}
			if kept {
				out.Keeps = append(out.Keeps, purpose.Name)
			}
		}
		return nil
	})
	for _, x := range said {
		out.Rows = append(out.Rows, consentLine{x, c.deviceName(x.Author)})
	}
	out.Withdrawn = people.Withdrawn(said)
	return out, err
}

// noteConsent writes down what a person said. Faults: people.unknown,
// people.consent{field}.
func (c *community) noteConsent(ctx context.Context, r struct {
	ID      string `json:"id"`
	Purpose string `json:"purpose"`
	Given   bool   `json:"given"`
	How     string `json:"how"`
	On      int64  `json:"on"`
}) (consentsReply, error) {
	id, err := people.ParseID(r.ID)
	if err != nil {
		return consentsReply{}, fault.New("people.unknown")
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		return c.people.NoteConsent(tx, id, people.Consent{Purpose: r.Purpose, Given: r.Given, How: r.How, On: r.On})
	})
	if err != nil {
		return consentsReply{}, err
	}
	return c.consents(ctx, idRequest{ID: r.ID})
}

var (
	purposeWords = map[string]string{"identity": "姓名、身份证号、生日：确认是本人", "contact": "电话、住址：联系本人", "care": "备注、监护人、技能：帮忙和照应", "photo": "照片：做过的事"}
	wayWords     = map[string]string{"paper": "书面", "desk": "当面", "phone": "电话里"}
)

// agreed adds what the person said of what is kept to the section of consents.
func (a about) agreed(s *dossier.Section) error {
	got, err := a.c.consents(a.ctx, idRequest{ID: a.id.String()})
	for _, x := range got.Rows {
		given, off := x.On, int64(0)
		now := "同意"
		if !x.Given {
			now, given, off = "撤回", 0, x.On
		}
		if i := slices.IndexFunc(got.Rows, func(y consentLine) bool { return y.Purpose == x.Purpose }); got.Rows[i] != x {
			now = "以前：" + now
		}
		s.Rows = append(s.Rows, []any{word(purposeWords, x.Purpose), now, word(wayWords, x.How), given, off, x.At, x.By})
	}
	return err
}
