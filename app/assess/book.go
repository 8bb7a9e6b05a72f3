package assess

import (
	"database/sql"
	"errors"
	"fmt"
	"io"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Book keeps the rounds of a community on one device. It is a store.Projector.
type Book struct {
	doc  func(path string) store.DocID
	rand io.Reader
}

// New returns the book. doc gives the id of a document of this community in its
// present epoch.
func New(doc func(path string) store.DocID, rand io.Reader) *Book { return &Book{doc, rand} }

// Round is one round.
type Round struct {
	ID      string
	Title   string
	Span    string
	Version int64
	Items   []string
	Days    int64
	Made    int64

	published, booked, dropped int64
	path                       string
}

// Until is when the days of notice are over, 0 before they begin.
func (r Round) Until() int64 {
	if r.published == 0 {
		return 0
	}
	return r.published + r.Days*24*60*60*1000
}

// At is the day under which the points are booked: that of the publication.
func (r Round) At() int64 { return r.published }

// BookedAt is when it was booked, 0 for not yet.
func (r Round) BookedAt() int64 { return r.booked }

// State is the round's state by the main device's clock.
func (r Round) State(now int64) string {
	switch {
	case r.booked > 0:
		return Booked
	case r.dropped > 0:
		return Dropped
	case r.published == 0:
		return Open
	case now < r.Until():
		return Published
	}
	return Due
}

// Rounds lists the rounds, the newest first, at most limit.
func (b *Book) Rounds(q store.Querier, limit int) ([]Round, error) {
	return rounds(q, `ORDER BY id DESC LIMIT ?`, limit)
}

// Get returns a round. Fault: assess.unknown.
func (b *Book) Get(q store.Querier, id string) (Round, error) {
	list, err := rounds(q, `AND id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fault.New("assess.unknown")
	}
	if err != nil {
		return Round{}, err
	}
	return list[0], nil
}

func rounds(q store.Querier, where string, args ...any) (out []Round, err error) {
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var r Round
		var raw []byte
		if err := rows.Scan(&r.ID, &r.path, &raw, &r.published, &r.booked, &r.dropped); err != nil {
			return err
		}
		m, err := coded.Read(raw, format, madeValue.whole)
		if errors.Is(err, coded.ErrNewer) {
			return nil // of which this program can show nothing
		}
		if err != nil {
			return fmt.Errorf("%w: a round: %w", store.ErrCorrupt, err)
		}
		r.Title, r.Span, r.Version, r.Items, r.Days, r.Made = m.Title, m.Span, m.Version, m.Items, m.Days, m.At
		out = append(out, r)
		return nil
	}, `SELECT id, doc, value, published, booked, dropped FROM assess_round WHERE value IS NOT NULL `+where, args...)
	return out, err
}

// Score is what one device wrote of a household and an item.
type Score struct {
	N  int64
	By wire.Actor
}

// Cell is where a score stands.
type Cell struct {
	Home string
	Item int // its place in the round
}

// Scores are the scores of a round: the one shown first, then those that were written
// apart from it. Those that agree are one.
func (b *Book) Scores(q store.Querier, round string) (map[Cell][]Score, error) {
	out := map[Cell][]Score{}
	err := store.EachRow(q, func(rows *sql.Rows) error {
		var c Cell
		var s Score
		var actor []byte
		if err := rows.Scan(&c.Home, &c.Item, &s.N, &actor); err != nil {
			return err
		}
		copy(s.By[:], actor)
		for _, x := range out[c] {
			if x.N == s.N {
				return nil
			}
		}
		out[c] = append(out[c], s)
		return nil
	}, `SELECT home, item, n, actor FROM assess_score WHERE round = ? ORDER BY home, item, place`, round)
	return out, err
}

// Final is what was published of a household.
type Final struct {
	Head   string
	Scores []int64 // by item of the round
	Paid   bool
}

// Finals are what was published of a round, by household.
func (b *Book) Finals(q store.Querier, round string) (map[string]Final, error) {
	return finals(q, "round = ?", round)
}

// FinalOf is what was published of one household, if anything was.
func (b *Book) FinalOf(q store.Querier, round, home string) (Final, bool, error) {
	list, err := finals(q, "round = ? AND home = ?", round, home)
	f, ok := list[home]
	return f, ok, err
}

func finals(q store.Querier, where string, args ...any) (map[string]Final, error) {
	out := map[string]Final{}
	err := store.EachRow(q, func(rows *sql.Rows) error {
		var home string
		var raw []byte
		var paid int64
		if err := rows.Scan(&home, &raw, &paid); err != nil {
			return err
		}
		f, err := coded.Read(raw, format, finalValue.whole)
		if errors.Is(err, coded.ErrNewer) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: what was published: %w", store.ErrCorrupt, err)
		}
		out[home] = Final{f.Head, f.Scores, paid > 0}
		return nil
	}, `SELECT home, value, paid FROM assess_final WHERE value IS NOT NULL AND `+where, args...)
	return out, err
}

// Present are the members of the council who were there.
func (b *Book) Present(q store.Querier, round string) (out []string, err error) {
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var p string
		err := rows.Scan(&p)
		out = append(out, p)
		return err
	}, `SELECT person FROM assess_here WHERE round = ? AND here = 1 ORDER BY person`, round)
	return out, err
}

// Objection is what a household objects, with its answer.
type Objection struct {
	Home, Tag string
	By        string // the operator
	At        int64
	Person    string // whose key opens the texts
	Text      []byte

	Answered   bool
	Right      bool
	AnsweredBy string
	Answer     []byte
}

// Objections lists those of a round, the oldest first.
func (b *Book) Objections(q store.Querier, round string) (out []Objection, err error) {
	at := map[[2]string]int{}
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var home, tag, kind, by string
		var raw []byte
		if err := rows.Scan(&home, &tag, &kind, &by, &raw); err != nil {
			return err
		}
		s, err := coded.Read(raw, format, saidValue.whole)
		if errors.Is(err, coded.ErrNewer) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: an objection: %w", store.ErrCorrupt, err)
		}
		key := [2]string{home, tag}
		if kind == "object" {
			at[key] = len(out)
			out = append(out, Objection{Home: home, Tag: tag, By: by, At: s.At, Person: s.Person, Text: s.Text})
		} else if i, ok := at[key]; ok {
			out[i].Answered, out[i].Right, out[i].AnsweredBy, out[i].Answer = true, s.Yes, by, s.Text
		}
		return nil
	}, `SELECT home, tag, kind, by, value FROM assess_said WHERE round = ? ORDER BY kind DESC, home, tag`, round)
	return out, err
}

// TextField names what the text of an objection or an answer is bound to.
func TextField(round, tag, kind string) string { return Doc + "/" + round + "/" + tag + "/" + kind }
