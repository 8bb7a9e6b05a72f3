package node

import (
	"cmp"
	"context"
	"slices"

	"jishan/app/people"
	"jishan/app/selection"
	"jishan/crdt/store"
)

// A selection as staff's screens see it. Of votes they learn who cast one and how many
// each nominee has once it is counted; never who voted for whom.

type nominateWord struct {
	Text string `json:"text"`
	At   int64  `json:"at"`
	By   string `json:"by"` // the device
}

type checkWord struct {
	Yes bool `json:"yes"`
	nominateWord
}

type nomineeObjection struct {
	Tag        string `json:"tag"`
	At         int64  `json:"at"`
	By         string `json:"by"`
	Text       string `json:"text"`
	Answered   bool   `json:"answered"`
	Right      bool   `json:"right"`
	AnsweredBy string `json:"answeredBy"`
	Answer     string `json:"answer"`
}

type nomineeRow struct {
	ID         string             `json:"id"`
	Name       string             `json:"name"`
	Masked     string             `json:"masked"` // what others may see; of a project its name
	Grid       string             `json:"grid"`
	Gone       bool               `json:"gone"`    // erased since
	Said       []nominateWord     `json:"said"`    // why; several who nominated apart
	Shown      string             `json:"shown"`   // the first of them, names masked
	Verdict    string             `json:"verdict"` // "", yes, no, differ
	Checks     []checkWord        `json:"checks"`
	Line       int                `json:"line"`  // of the ballot, 0 for not on it
	Same       int                `json:"same"`  // the line of the same person before this one, 0 for none
	Votes      int64              `json:"votes"` // -1 before the tally
	Chosen     bool               `json:"chosen"`
	Struck     bool               `json:"struck"` // an objection was right
	Won        int64              `json:"won"`    // yuan; -1 for not honoured
	Objections []nomineeObjection `json:"objections"`
}

// voteRow is a vote without what it says.
type voteRow struct {
	At     int64  `json:"at"`
	By     string `json:"by"`     // the device
	Counts bool   `json:"counts"` // of several this one
}

type voterRow struct {
	Name   string    `json:"name"` // "" for who was erased
	Masked string    `json:"masked"`
	Votes  []voteRow `json:"votes"`
}

type selectionReply struct {
	selectionRow
	Registrar bool         `json:"registrar"`
	Places    int64        `json:"places"`
	Choices   int64        `json:"choices"`
	Item      string       `json:"item"` // its name, "" for no points
	Points    int64        `json:"points"`
	Grant     int64        `json:"grant"`
	Nominees  []nomineeRow `json:"nominees"`
	People    int          `json:"people"` // who may vote
	Voters    int64        `json:"voters"` // who did; after the tally, who counts
	Unread    int64        `json:"unread"` // in the tally
	Differ    []voterRow   `json:"differ"` // voters whose devices say different things
	Late      []voterRow   `json:"late"`   // votes that the tally has not seen
}

// Verdicts.
const (
	verdictNone    = ""
	verdictYes     = "yes"
	verdictNo      = "no"
	verdictDiffers = "differ"
)

// nomineeAt is a nominee under all ids that were nominated and are one person.
type nomineeAt struct {
	lead   string
	ids    []string
	said   []selection.Word
	checks []selection.Word
}

func (n nomineeAt) verdict() string {
	yes := slices.ContainsFunc(n.checks, func(w selection.Word) bool { return w.Yes })
	no := slices.ContainsFunc(n.checks, func(w selection.Word) bool { return !w.Yes })
	switch {
	case yes && no:
		return verdictDiffers
	case yes:
		return verdictYes
	case no:
		return verdictNo
	}
	return verdictNone
}

// nomineesOf are the nominees in the order in which they were nominated.
func (c *community) nomineesOf(q store.Querier, s selection.Selection) ([]nomineeAt, error) {
	said, err := c.selection.Nominations(q, s.ID)
	if err != nil {
		return nil, err
	}
	checks, err := c.selection.Checks(q, s.ID)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(said, func(a, b selection.Word) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Whose, b.Whose)) })
	at, out := map[string]int{}, []nomineeAt{}
	for _, w := range said {
		lead := c.leadOf(w.Whose)
		i, ok := at[lead]
		if !ok {
			i = len(out)
			at[lead] = i
			out = append(out, nomineeAt{lead: lead})
		}
		if !slices.Contains(out[i].ids, w.Whose) {
			out[i].ids = append(out[i].ids, w.Whose)
		}
		out[i].said = append(out[i].said, w)
	}
	for _, w := range checks {
		if i, ok := at[c.leadOf(w.Whose)]; ok {
			out[i].checks = append(out[i].checks, w)
		}
	}
	return out, nil
}

// getSelection shows one. Fault: selection.unknown.
func (c *community) getSelection(ctx context.Context, r idRequest) (out selectionReply, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		s, err := c.selection.Get(q, r.ID)
		if err != nil {
			return err
		}
		out, err = c.selectionOf(q, s)
		return err
	})
	return out, err
}

func (c *community) selectionOf(q store.Querier, s selection.Selection) (out selectionReply, err error) {
	out = selectionReply{selectionRow: c.selectionRow(s), Registrar: c.tend.registrar(), Places: s.Places, Choices: s.Choices, Grant: s.Grant, Nominees: []nomineeRow{}, Differ: []voterRow{}, Late: []voterRow{}}
	if s.Item != "" {
		book, err := c.scheme.At(q, s.Version)
		if err != nil {
			return out, err
		}
		item, _ := book.Item(s.Item)
		out.Item, out.Points = cmp.Or(item.Name, s.Item), scoreWorth(item, 1)
	}
	homes, err := c.people.Households(q)
	if err != nil {
		return out, err
	}
	who := map[string]people.Resident{}
	for _, h := range homes {
		for _, r := range h.Members {
			who[r.ID.String()] = r
		}
	}
	out.People = len(who)
	if err := c.addNominees(q, s, who, &out); err != nil {
		return out, err
	}
	return out, c.addVoters(q, s, who, &out)
}

// addNominees adds who stands on the ballot, then who was nominated and does not.
func (c *community) addNominees(q store.Querier, s selection.Selection, who map[string]people.Resident, out *selectionReply) error {
	all, err := c.nomineesOf(q, s)
	if err != nil {
		return err
	}
	lines, err := c.selection.Lines(q, s.ID)
	if err != nil {
		return err
	}
	objections, err := c.selection.Objections(q, s.ID)
	if err != nil {
		return err
	}
	tally, counted, err := c.selection.Tally(s)
	if err != nil {
		return err
	}
	texts, grids, on, same := c.people.Texts(q), c.gridNames(), map[string]bool{}, c.sameLines(lines)
	row := func(id string) (nomineeRow, error) {
		lead := c.leadOf(id)
		for _, n := range all {
			if n.lead == lead {
				return c.nomineeRow(s, n, id, who, grids, texts)
			}
		}
		return nomineeRow{ID: id, Gone: true, Said: []nominateWord{}, Checks: []checkWord{}, Votes: -1, Won: -1, Objections: []nomineeObjection{}}, nil
	}
	for i, l := range lines {
		on[c.leadOf(l.Nominee)] = true
		r, err := row(l.Nominee)
		if err != nil {
			return err
		}
		r.Line, r.Chosen, r.Won = l.N, l.Chosen, l.Won
		if same[i] != l.N {
			r.Same = same[i]
		}
		if counted && i < len(tally.Votes) {
			r.Votes = tally.Votes[i]
		}
		if err := addNomineeObjections(s, objections, texts, &r); err != nil {
			return err
		}
		out.Nominees = append(out.Nominees, r)
	}
	for _, n := range all {
		if !on[n.lead] {
			r, err := row(n.lead)
			if err != nil {
				return err
			}
			out.Nominees = append(out.Nominees, r)
		}
	}
	return nil
}

func (c *community) nomineeRow(s selection.Selection, n nomineeAt, id string, who map[string]people.Resident, grids map[string]string, texts *people.Texts) (nomineeRow, error) {
	row := nomineeRow{ID: id, Said: []nominateWord{}, Verdict: n.verdict(), Checks: []checkWord{}, Votes: -1, Won: -1, Objections: []nomineeObjection{}}
	if s.Kind == selection.People {
		p, ok := who[n.lead]
		row.Name, row.Masked, row.Grid, row.Gone = p.Name, p.Masked, grids[p.Grid], !ok
	} else {
		row.Name, row.Masked = n.said[0].Name, n.said[0].Name
	}
	open := func(w selection.Word, what string) (nominateWord, error) {
		id, err := people.ParseID(w.Whose)
		if err != nil {
			return nominateWord{}, err
		}
		text, err := texts.Open(id, selection.TextField(s.ID, w.Whose, what), w.Text)
		return nominateWord{text, w.At, c.deviceName(w.By)}, err
	}
	for _, w := range n.said {
		said, err := open(w, "nominee")
		if err != nil {
			return row, err
		}
		row.Said = append(row.Said, said)
	}
	for _, w := range n.checks {
		said, err := open(w, "check")
		if err != nil {
			return row, err
		}
		row.Checks = append(row.Checks, checkWord{w.Yes, said})
	}
	row.Shown = people.Plain(row.Said[0].Text)
	return row, c.public(namesMask, &row.Shown)
}

func addNomineeObjections(s selection.Selection, list []selection.Objection, texts *people.Texts, row *nomineeRow) error {
	id, err := people.ParseID(row.ID)
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Nominee != row.ID {
			continue
		}
		x := nomineeObjection{Tag: o.Tag, At: o.At, By: o.By, Answered: o.Answered, Right: o.Right, AnsweredBy: o.AnsweredBy}
		if x.Text, err = texts.Open(id, selection.TextField(s.ID, o.Nominee, "object/"+o.Tag), o.Text); err != nil {
			return err
		}
		if x.Answer, err = texts.Open(id, selection.TextField(s.ID, o.Nominee, "answer/"+o.Tag), o.Answer); err != nil {
			return err
		}
		row.Struck = row.Struck || o.Right
		row.Objections = append(row.Objections, x)
	}
	return nil
}

// addVoters adds how many voted, who twice and who too late.
func (c *community) addVoters(q store.Querier, s selection.Selection, who map[string]people.Resident, out *selectionReply) error {
	votes, err := c.selection.Votes(q, s.ID)
	if err != nil {
		return err
	}
	late, err := c.selection.Late(q, s)
	if err != nil {
		return err
	}
	key := func(w selection.Word) string { return w.Whose + string(w.Hash[:]) }
	missed := map[string]bool{}
	for _, w := range late {
		missed[key(w)] = true
		p := who[c.leadOf(w.Whose)]
		out.Late = append(out.Late, voterRow{p.Name, p.Masked, []voteRow{{w.At, c.deviceName(w.By), false}}})
	}
	by, leads := map[string][]selection.Word{}, []string{}
	for _, w := range votes {
		if missed[key(w)] {
			continue
		}
		lead := c.leadOf(w.Whose)
		if by[lead] == nil {
			leads = append(leads, lead)
		}
		by[lead] = append(by[lead], w)
	}
	lines, err := c.selection.Lines(q, s.ID)
	if err != nil {
		return err
	}
	for _, lead := range leads {
		if len(by[lead]) < 2 {
			continue
		}
		casts, err := c.castsOf(q, s, by[lead], len(lines))
		if err != nil {
			return err
		}
		one, differ, _ := selection.One(casts[lead])
		if !differ {
			continue
		}
		row := voterRow{who[lead].Name, who[lead].Masked, []voteRow{}}
		for _, x := range casts[lead] {
			row.Votes = append(row.Votes, voteRow{x.At, c.deviceName(x.By), x.Record == one.Record && x.At == one.At && x.By == one.By})
		}
		slices.SortFunc(row.Votes, func(a, b voteRow) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.By, b.By)) })
		out.Differ = append(out.Differ, row)
	}
	out.Voters = int64(len(leads))
	if t, counted, err := c.selection.Tally(s); err != nil || counted {
		out.Voters, out.Unread = t.Voters, t.Unread
		return err
	}
	return nil
}
