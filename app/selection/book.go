package selection

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Book keeps the selections of a community on one device. It is a store.Projector.
type Book struct {
	doc  func(path string) store.DocID
	rand io.Reader
}

// New returns the book. doc gives the id of a document of this community in its
// present epoch.
func New(doc func(path string) store.DocID, rand io.Reader) *Book { return &Book{doc, rand} }

// Plan is what a selection begins with.
type Plan struct {
	Title   string
	Kind    string // People or Projects
	Places  int64
	Choices int64
	Item    string // of the rulebook, "" for no points
	Version int64
	Grant   int64 // yuan, at most, 0 for none
	Days    int64
	Phone   bool
}

// Selection is one selection.
type Selection struct {
	ID string
	Plan
	Made int64

	check, vote, counted, notice, decided, honoured, dropped int64
	path                                                     string
	tally                                                    []byte
}

// Until is when the days of notice are over, 0 before they begin.
func (s Selection) Until() int64 {
	if s.notice == 0 {
		return 0
	}
	return s.notice + s.Days*24*60*60*1000
}

// DecidedAt is when it was decided, the day of the honour; 0 for not yet.
func (s Selection) DecidedAt() int64 { return s.decided }

// State is the selection's state by the main device's clock.
func (s Selection) State(now int64) string {
	switch {
	case s.honoured > 0:
		return Honoured
	case s.dropped > 0:
		return Dropped
	case s.decided > 0:
		return Decided
	case s.notice > 0 && now >= s.Until():
		return Due
	case s.notice > 0:
		return Notice
	case s.counted > 0:
		return Counted
	case s.vote > 0:
		return Vote
	case s.check > 0:
		return Check
	}
	return Nominate
}

// List lists the selections, the newest first, at most limit.
func (b *Book) List(q store.Querier, limit int) ([]Selection, error) {
	return list(q, `ORDER BY id DESC LIMIT ?`, limit)
}

// Get returns a selection. Fault: selection.unknown.
func (b *Book) Get(q store.Querier, id string) (Selection, error) {
	all, err := list(q, `AND id = ?`, id)
	if err == nil && len(all) == 0 {
		err = fault.New("selection.unknown")
	}
	if err != nil {
		return Selection{}, err
	}
	return all[0], nil
}

func list(q store.Querier, where string, args ...any) (out []Selection, err error) {
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var s Selection
		var raw []byte
		if err := rows.Scan(&s.ID, &s.path, &raw, &s.check, &s.vote, &s.counted, &s.notice, &s.decided, &s.honoured, &s.dropped, &s.tally); err != nil {
			return err
		}
		m, err := coded.Read(raw, format, madeValue.whole)
		if errors.Is(err, coded.ErrNewer) {
			return nil // of which this program can show nothing
		}
		if err != nil {
			return fmt.Errorf("%w: a selection: %w", store.ErrCorrupt, err)
		}
		s.Plan = Plan{m.Title, m.Kind, m.Places, m.Choices, m.Item, m.Version, m.Grant, m.Days, m.Phone}
		s.Made = m.At
		out = append(out, s)
		return nil
	}, `SELECT id, doc, value, "check", vote, counted, notice, decided, honoured, dropped, tally FROM selection_one WHERE value IS NOT NULL `+where, args...)
	return out, err
}

// Word is what one device wrote of a nominee, or of a voter.
type Word struct {
	Whose string
	Yes   bool
	Name  string // of a project
	At    int64
	Text  []byte // sealed
	By    wire.Actor
	Hash  [hashSize]byte
}

// Nominations lists the nominations; of one nominee whom several nominated apart from
// each other all of them.
func (b *Book) Nominations(q store.Querier, id string) ([]Word, error) {
	return spoken(q, id, "nominee", "")
}

// Checks lists what was said of nominees; more than one of a nominee was said apart.
func (b *Book) Checks(q store.Querier, id string) ([]Word, error) { return spoken(q, id, "check", "") }

// Votes lists the votes, by voter; more than one of a voter were taken apart.
func (b *Book) Votes(q store.Querier, id string) ([]Word, error) { return spoken(q, id, "vote", "") }

// VotesOf lists the votes of one voter.
func (b *Book) VotesOf(q store.Querier, id, voter string) ([]Word, error) {
	return spoken(q, id, "vote", voter)
}

func spoken(q store.Querier, id, kind, whose string) (out []Word, err error) {
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var w Word
		var raw, actor []byte
		if err := rows.Scan(&w.Whose, &raw, &actor); err != nil {
			return err
		}
		t, err := coded.Read(raw, format, textValue.whole)
		if errors.Is(err, coded.ErrNewer) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: what was said in a selection: %w", store.ErrCorrupt, err)
		}
		w.Yes, w.Name, w.At, w.Text, w.Hash = t.Yes, t.Name, t.At, t.Text, hashOf(raw)
		copy(w.By[:], actor)
		out = append(out, w)
		return nil
	}, `SELECT whose, value, actor FROM selection_word WHERE selection = ?1 AND kind = ?2 AND (?3 = '' OR whose = ?3) ORDER BY whose, place`, id, kind, whose)
	return out, err
}

// hashOf is by what the tally notes a vote. What is hashed is sealed: it tells nothing.
func hashOf(raw []byte) (out [hashSize]byte) {
	sum := sha256.Sum256(raw)
	copy(out[:], sum[:])
	return out
}

// Line is a line of the ballot.
type Line struct {
	N       int
	Nominee string
	Chosen  bool
	Won     int64 // yuan granted; -1 for not honoured
	Paid    bool
}

// Lines are the lines of the ballot in their order.
func (b *Book) Lines(q store.Querier, id string) (out []Line, err error) {
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var l Line
		err := rows.Scan(&l.N, &l.Nominee, &l.Chosen, &l.Won, &l.Paid)
		out = append(out, l)
		return err
	}, `SELECT line, nominee, chosen, won, paid > 0 FROM selection_line WHERE selection = ? AND nominee <> '' ORDER BY line`, id)
	return out, err
}

// Tally is what the main device counted.
type Tally struct {
	Votes                  []int64 // by line of the ballot, the first is line 1
	Voters, Differ, Unread int64
}

// Tally returns what was counted; false before that.
func (b *Book) Tally(s Selection) (Tally, bool, error) {
	if len(s.tally) == 0 {
		return Tally{}, false, nil
	}
	t, err := coded.Read(s.tally, format, tallyValue.whole)
	if errors.Is(err, coded.ErrNewer) {
		return Tally{}, false, nil
	}
	if err != nil {
		return Tally{}, false, fmt.Errorf("%w: a tally: %w", store.ErrCorrupt, err)
	}
	return Tally{t.Votes, t.Voters, t.Differ, t.Unread}, true, nil
}

// Late lists the votes that came after the tally, which does not count them.
func (b *Book) Late(q store.Querier, s Selection) (out []Word, err error) {
	if s.counted == 0 {
		return nil, nil
	}
	seen := map[string]bool{}
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var voter string
		var hashes []byte
		if err := rows.Scan(&voter, &hashes); err != nil {
			return err
		}
		for i := 0; i+hashSize <= len(hashes); i += hashSize {
			seen[voter+string(hashes[i:i+hashSize])] = true
		}
		return nil
	}, `SELECT voter, seen FROM selection_counted WHERE selection = ?`, s.ID)
	if err != nil {
		return nil, err
	}
	all, err := b.Votes(q, s.ID)
	for _, w := range all {
		if !seen[w.Whose+string(w.Hash[:])] {
			out = append(out, w)
		}
	}
	return out, err
}

// Objection is what somebody objects to a nominee, with its answer.
type Objection struct {
	Nominee, Tag string
	By           string // the operator
	At           int64
	Text         []byte // sealed

	Answered   bool
	Right      bool // the nominee is not honoured
	AnsweredBy string
	Answer     []byte
}

// Objections lists those of a selection, by nominee.
func (b *Book) Objections(q store.Querier, id string) (out []Objection, err error) {
	at := map[[2]string]int{}
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var nominee, tag, kind, by string
		var raw []byte
		if err := rows.Scan(&nominee, &tag, &kind, &by, &raw); err != nil {
			return err
		}
		t, err := coded.Read(raw, format, textValue.whole)
		if errors.Is(err, coded.ErrNewer) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: an objection: %w", store.ErrCorrupt, err)
		}
		key := [2]string{nominee, tag}
		if kind == "object" {
			at[key] = len(out)
			out = append(out, Objection{Nominee: nominee, Tag: tag, By: by, At: t.At, Text: t.Text})
		} else if i, ok := at[key]; ok {
			out[i].Answered, out[i].Right, out[i].AnsweredBy, out[i].Answer = true, t.Yes, by, t.Text
		}
		return nil
	}, `SELECT nominee, tag, kind, by, value FROM selection_said WHERE selection = ? ORDER BY kind DESC, nominee, tag`, id)
	return out, err
}
