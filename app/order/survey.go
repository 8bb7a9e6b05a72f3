package order

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
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
	Rules    []Rule `json:"rules"`
}

// Rule is one line of what residents were asked of the rulebook: which deeds should be
// rewarded. Code "" is a deed that residents wrote onto the forms themselves. The name is that of
// the day: a rule that is renamed later was not asked for.
type Rule struct {
	_    struct{} `cbor:",toarray"`
	Code string   `json:"code"`
	Name string   `json:"name"`
	N    int64    `json:"n"`
}

// rulesValue are the lines with at least one vote.
type rulesValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Rules  []Rule
}

func (v rulesValue) sound() bool {
	for _, r := range v.Rules {
		if len(r.Code) > ledger.MaxItem || r.Name == "" || !fits(r.Name, maxName) || r.N < 1 || r.N > maxForms {
			return false
		}
	}
	return len(v.Rules) > 0 && len(v.Rules) <= maxRules
}

// Vote is one line of a tally.
type Vote struct {
	Project string `json:"project"`
	Name    string `json:"name"`
	N       int64  `json:"n"`
}

// maxVotes bounds the lines of a form: what fits on four printed pages.
const maxVotes = 120

// maxRules bounds the rules that one survey asks about, with what residents wrote themselves: one
// printed page.
const maxRules = 60

// SaveSurvey writes a tally down. Faults: order.survey.title {max},
// order.survey.forms {max}, order.survey.votes {forms}, order.project.unknown,
// order.survey.rules {max}, scheme.item.unknown.
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
	rules, err := d.rulesOf(tx, s)
	if err != nil {
		return "", err
	}
	if len(rules) > 0 {
		puts = append(puts, store.Put{Key: key(kindSurvey, id, "rules"), Value: encode(rulesValue{Format: format, Rules: rules})})
	}
	return id, d.put(tx, Path(tx.Now()), "survey.save", puts...)
}

// rulesOf checks what was tallied about the rulebook, and leaves out what nobody ticked. A rule
// has its name of the rulebook in force.
func (d *Desk) rulesOf(tx *store.Tx, s Survey) (out []Rule, err error) {
	if len(s.Rules) > maxRules {
		return nil, fault.New("order.survey.rules", "max", maxRules)
	}
	book, err := d.Scheme.Get(tx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, r := range s.Rules {
		r.Name = strings.TrimSpace(r.Name)
		if r.Code != "" {
			i, err := book.Find(r.Code)
			if err != nil {
				return nil, err
			}
			r.Name = clipTo(i.Name, maxName)
		} else if err := line("order.survey.rules", r.Name, maxName, true); err != nil {
			return nil, fault.New("order.survey.rules", "max", maxRules)
		}
		if r.N < 0 || r.N > s.Forms || seen[r.Code+"/"+r.Name] {
			return nil, fault.New("order.survey.votes", "forms", s.Forms)
		}
		seen[r.Code+"/"+r.Name] = true
		if r.N > 0 {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Rule) int { return cmp.Compare(b.N, a.N) })
	return out, nil
}

// surveysAtOnce is how many tallies the library shows: those of some years.
const surveysAtOnce = 50

// Surveys lists the tallies, the latest first.
func (d *Desk) Surveys(q store.Querier) ([]Survey, error) {
	out := []Survey{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		s := Survey{Votes: []Vote{}, Rules: []Rule{}}
		var rules []byte
		err := r.Scan(&s.ID, &s.Title, &s.Forms, &s.At, &s.Operator, &rules)
		var v rulesValue
		if len(rules) > 0 && open(string(rules), &v) == nil && v.sound() { // a newer program's are not shown
			s.Rules = v.Rules
		}
		out = append(out, s)
		return err
	}, `SELECT id, title, forms, made, operator, rules FROM order_survey WHERE title != '' ORDER BY made DESC, id LIMIT ?`, surveysAtOnce)
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
