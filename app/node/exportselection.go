package node

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"jishan/app/dossier"
	"jishan/app/people"
	"jishan/app/selection"
	"jishan/crdt/store"
)

// selections are those in which the person was nominated, with what was said of the
// person, and those in which the person voted, with the vote: it is the person's own.
func (a about) selections() (dossier.Section, error) {
	s := dossier.Section{Key: "selections", Title: "评选", About: "本人被推荐参加的评选和别人说的话，本人投的票。", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "selection", Title: "评选"},
		{Key: "what", Title: "事项"}, {Key: "text", Title: "内容"}, {Key: "answer", Title: "答复"}}}
	return s, a.read(func(q store.Querier) error {
		all, err := a.c.selection.List(q, math.MaxInt32)
		if err != nil {
			return err
		}
		for _, one := range all {
			view, err := a.c.selectionOf(q, one)
			if err != nil {
				return err
			}
			for _, n := range view.Nominees {
				if one.Kind == selection.People && a.owns(n.ID) {
					s.Rows = append(s.Rows, nomineeRows(one, n)...)
				}
			}
			if err := a.ownVotes(q, one, view, &s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a about) owns(id string) bool {
	return slices.ContainsFunc(a.ids, func(p people.ID) bool { return p.String() == id })
}

func nomineeRows(one selection.Selection, n nomineeRow) (out [][]any) {
	for _, w := range n.Said {
		out = append(out, []any{w.At, one.Title, "推荐理由", spoken(w.Text), ""})
	}
	for _, w := range n.Checks {
		what := "联审不通过"
		if w.Yes {
			what = "联审通过"
		}
		out = append(out, []any{w.At, one.Title, what, spoken(w.Text), ""})
	}
	for _, o := range n.Objections {
		out = append(out, []any{o.At, one.Title, "异议", spoken(o.Text), spoken(o.Answer)})
	}
	if n.Votes >= 0 {
		out = append(out, []any{one.Made, one.Title, "得票", strconv.FormatInt(n.Votes, 10), ""})
	}
	if n.Won >= 0 {
		out = append(out, []any{one.DecidedAt(), one.Title, "入选", "", ""})
	}
	return out
}

// ownVotes are the person's votes; for whom, as masked as on the ballot.
func (a about) ownVotes(q store.Querier, one selection.Selection, view selectionReply, s *dossier.Section) error {
	on := map[int]string{}
	for _, n := range view.Nominees {
		on[n.Line] = n.Masked
	}
	delete(on, 0)
	for _, id := range a.ids {
		votes, err := a.c.selection.VotesOf(q, one.ID, id.String())
		if err != nil {
			return err
		}
		casts, err := a.c.castsOf(q, one, votes, len(on))
		if err != nil {
			return err
		}
		for _, list := range casts {
			for _, x := range list {
				var names []string
				for _, n := range x.Lines {
					names = append(names, on[n])
				}
				s.Rows = append(s.Rows, []any{x.At, one.Title, "投票", strings.Join(names, "、"), ""})
			}
		}
	}
	return nil
}
