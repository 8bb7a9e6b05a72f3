package node

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"jishan/app/assess"
	"jishan/app/dossier"
	"jishan/app/people"
	"jishan/crdt/store"
)

// assessments are what rounds published of a household for which the person stands, and
// what the person objected.
func (a about) assessments() (dossier.Section, error) {
	s := dossier.Section{Key: "assessments", Title: "评议", About: "本人代表的家庭在评议中的得分，和本人提出的异议。", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "round", Title: "评议"},
		{Key: "scores", Title: "得分"}, {Key: "objection", Title: "异议"}, {Key: "answer", Title: "答复"}, {Key: "by", Title: "登记人"}}}
	own := func(id string) bool {
		return slices.ContainsFunc(a.ids, func(p people.ID) bool { return p.String() == id })
	}
	return s, a.read(func(q store.Querier) error {
		rounds, err := a.c.assess.Rounds(q, math.MaxInt32)
		if err != nil {
			return err
		}
		texts := a.c.people.Texts(q)
		for _, r := range rounds {
			finals, err := a.c.assess.Finals(q, r.ID)
			if err != nil {
				return err
			}
			for _, f := range finals {
				if own(f.Head) {
					s.Rows = append(s.Rows, []any{r.At(), r.Title, scoresOf(r, f), "", "", ""})
				}
			}
			list, err := a.c.assess.Objections(q, r.ID)
			if err != nil {
				return err
			}
			for _, o := range list {
				if !own(o.Person) {
					continue
				}
				person, err := people.ParseID(o.Person)
				if err != nil {
					return err
				}
				said, err := texts.Open(person, assess.TextField(r.ID, o.Tag, "object"), o.Text)
				if err != nil {
					return err
				}
				answer, err := texts.Open(person, assess.TextField(r.ID, o.Tag, "answer"), o.Answer)
				if err != nil {
					return err
				}
				s.Rows = append(s.Rows, []any{o.At, r.Title, "", spoken(said), spoken(answer), o.By})
			}
		}
		return nil
	})
}

// scoresOf are the scores of a household by the codes of the rulebook.
func scoresOf(r assess.Round, f assess.Final) string {
	var out []string
	for i, n := range f.Scores {
		if n != assess.Blank && i < len(r.Items) {
			out = append(out, fmt.Sprintf("%s × %d", r.Items[i], n))
		}
	}
	return strings.Join(out, "、")
}
