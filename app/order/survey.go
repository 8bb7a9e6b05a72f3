package order

import (
	"database/sql"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Survey is the tally of a stack of paper forms: how many were brought back,
// and how many ticked each project. Nobody is named on them.
type Survey struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Forms    int64  `json:"forms"`
	At       int64  `json:"at"`
	Operator string `json:"operator"`
	Votes    []Vote `json:"votes"`
}

// Vote is one line of a tally.
type Vote struct {
	Project string `json:"project"`
	Name    string `json:"name"`
	N       int64  `json:"n"`
}

// maxVotes bounds the lines of a form: what fits on four printed pages.
const maxVotes = 120

// SaveSurvey writes a tally down. Faults: order.survey.title {max},
// order.survey.forms {max}, order.survey.votes {forms}, order.project.unknown.
func (d *Desk) SaveSurvey(tx *store.Tx, s Survey) (string, error) {
	s.Title = strings.TrimSpace(s.Title)
	if err := line("order.survey.title", s.Title, maxName, true); err != nil {
		return "", err
	}
	if s.Forms < 1 || s.Forms > maxForms {
		return "", fault.New("order.survey.forms", "max", maxForms)
	}
	id, err := d.newID(tx)
	if err != nil {
		return "", err
	}
	puts := []store.Put{{Key: key(kindSurvey, id, "title"), Value: wire.StringValue(s.Title)}, {Key: key(kindSurvey, id, "forms"), Value: wire.IntValue(s.Forms)}}
	seen := map[string]bool{}
	for _, v := range s.Votes {
		if v.N < 0 || v.N > s.Forms || seen[v.Project] || len(s.Votes) > maxVotes {
			return "", fault.New("order.survey.votes", "forms", s.Forms)
		}
		seen[v.Project] = true
		if _, err := d.project(tx, v.Project); err != nil {
			return "", err
		}
		if v.N > 0 {
			puts = append(puts, store.Put{Key: key(kindTally, id, v.Project, "votes"), Value: wire.IntValue(v.N)})
		}
	}
	return id, d.put(tx, Path(tx.Now()), "survey.save", puts...)
}

// surveysAtOnce is how many tallies the library shows: those of some years.
const surveysAtOnce = 50

// Surveys lists the tallies, the latest first.
func (d *Desk) Surveys(q store.Querier) ([]Survey, error) {
	out := []Survey{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		s := Survey{Votes: []Vote{}}
		err := r.Scan(&s.ID, &s.Title, &s.Forms, &s.At, &s.Operator)
		out = append(out, s)
		return err
	}, `SELECT id, title, forms, made, operator FROM order_survey WHERE title != '' ORDER BY made DESC, id LIMIT ?`, surveysAtOnce)
	if err != nil {
		return nil, err
	}
	for i := range out {
		err := store.EachRow(q, func(r *sql.Rows) error {
			var v Vote
			err := r.Scan(&v.Project, &v.Name, &v.N)
			out[i].Votes = append(out[i].Votes, v)
			return err
		}, `SELECT t.project, COALESCE(p.name, ''), t.votes FROM order_tally t LEFT JOIN order_project p ON p.id = t.project
			WHERE t.survey = ? ORDER BY t.votes DESC, 2`, out[i].ID)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
