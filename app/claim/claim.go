package claim

import (
	"database/sql"
	"errors"
	"fmt"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// The states of a claim.
const (
	Confirm   = "confirm"   // waits for the household that was helped
	Reviewing = "review"    // waits for somebody else to look at it
	Telling   = "tell"      // a deduction of which the person was not told
	Noticed   = "notice"    // stands in public, or may be appealed, until Until
	Appealed  = "appealed"  // waits for an answer
	Due       = "due"       // nothing stands in its way; the main device books it
	Booked    = "booked"    // its deed is recorded
	Refused   = "refused"   // by the review
	Dropped   = "dropped"   // an objection was right
	Withdrawn = "withdrawn" // by who made it
)

// Word is what was said last of one sort; At is 0 where nothing was.
type Word struct {
	At   int64  `json:"at"`
	By   string `json:"by"`
	Yes  bool   `json:"yes"`
	How  string `json:"how"`
	Why  string `json:"why"`
	Text []byte `json:"-"` // sealed
}

// Claim is one claim as it stands here.
type Claim struct {
	ID      string
	Person  people.ID
	Item    string
	Version int64
	At      int64
	scheme.Amount
	Points  int64
	Minus   bool
	Needs   int64
	Days    int64
	Via     string
	By      string
	Batch   string
	Made    int64
	Note    []byte // sealed
	Witness []byte // sealed

	Seen, Review, Told, Appeal, Answer, Off, Booked Word
}

// day is a day in milliseconds.
const day = 24 * 60 * 60 * 1000

// Until is when the time of a notice or an appeal ends, 0 where it has not begun.
func (c Claim) Until() int64 {
	start := max(c.Made, c.Seen.At, c.Review.At)
	if c.Minus {
		if start = c.Told.At; start == 0 {
			return 0
		}
	}
	return start + c.Days*day
}

// State says where a claim stands at a moment.
func (c Claim) State(now int64) string {
	switch {
	case c.Booked.At > 0:
		return Booked
	case c.Off.At > 0:
		return Withdrawn
	case c.Review.At > 0 && !c.Review.Yes:
		return Refused
	case c.Appeal.At > 0 && c.Answer.At < c.Appeal.At:
		return Appealed
	case c.Answer.At > 0 && c.Answer.Yes:
		return Dropped
	case c.Needs&needsConfirm != 0 && c.Seen.At == 0:
		return Confirm
	case c.Needs&(needsReview|needsLead) != 0 && c.Review.At == 0:
		return Reviewing
	case c.Minus && c.Told.At == 0:
		return Telling
	case now < c.Until():
		return Noticed
	}
	return Due
}

// Open tells whether something may still come of a claim.
func (c Claim) Open(now int64) bool {
	switch c.State(now) {
	case Booked, Withdrawn, Refused, Dropped:
		return false
	}
	return true
}

// ForLead tells whether only a lead may review it.
func (c Claim) ForLead() bool { return c.Needs&needsLead != 0 }

// Book is the claims of a community on one device. It is a store.Projector.
type Book struct {
	doc func(path string) store.DocID
}

// New returns the book. doc gives the id of a document of this community in its
// present epoch.
func New(doc func(path string) store.DocID) *Book { return &Book{doc: doc} }

const columns = `c.id, c.person, c.item, c.version, c.at, c.minutes, c.count, c.hard, c.points, c.minus, c.needs, c.days, c.via, c.by, c.batch, c.made, c.note, c.witness`

// Get returns a claim. Fault: claim.unknown.
func (b *Book) Get(q store.Querier, id string) (Claim, error) {
	list, err := b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.id = ? AND c.made > 0`, id)
	if err == nil && len(list) == 0 {
		err = fault.New("claim.unknown")
	}
	if err != nil {
		return Claim{}, err
	}
	return list[0], nil
}

// unended leaves out what has come to an end.
const unended = ` AND NOT EXISTS (SELECT 1 FROM claim_word w WHERE w.id = c.id AND (w.word IN ('off', 'booked') OR w.word = 'review' AND w.yes = 0))`

// Unended returns the claims of which something may still come, the oldest first,
// at most limit; some of them may have been dropped.
func (b *Book) Unended(q store.Querier, limit int) ([]Claim, error) {
	return b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.made > 0`+unended+` ORDER BY c.made, c.id LIMIT ?`, limit)
}

// Latest returns the claims of everybody, or of one person, the newest first.
func (b *Book) Latest(q store.Querier, person *people.ID, limit int) ([]Claim, error) {
	if person != nil {
		return b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.made > 0 AND c.person = ? ORDER BY c.made DESC, c.id DESC LIMIT ?`, person[:], limit)
	}
	return b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.made > 0 ORDER BY c.made DESC, c.id DESC LIMIT ?`, limit)
}

// Minus returns the deductions that were booked since a time.
func (b *Book) Minus(q store.Querier, since int64, limit int) ([]Claim, error) {
	return b.read(q, `SELECT `+columns+` FROM claim_row c JOIN claim_word w ON w.id = c.id AND w.word = 'booked' WHERE c.minus = 1 AND w.at >= ?
		ORDER BY w.at DESC, c.id LIMIT ?`, since, limit)
}

func (b *Book) read(q store.Querier, query string, args ...any) (out []Claim, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		c, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for i := range out {
		if err := readWords(q, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scan(rows *sql.Rows) (c Claim, err error) {
	var person []byte
	err = rows.Scan(&c.ID, &person, &c.Item, &c.Version, &c.At, &c.Minutes, &c.Count, &c.Hard, &c.Points, &c.Minus, &c.Needs, &c.Days, &c.Via, &c.By, &c.Batch, &c.Made,
		&c.Note, &c.Witness)
	if err == nil && len(person) != len(c.Person) {
		err = fmt.Errorf("%w: a claim", store.ErrCorrupt)
	}
	if err == nil {
		c.Person = people.ID(person)
	}
	return c, err
}

func readWords(q store.Querier, c *Claim) (err error) {
	into := map[string]*Word{seen: &c.Seen, review: &c.Review, told: &c.Told, appeal: &c.Appeal, answer: &c.Answer, off: &c.Off, booked: &c.Booked}
	rows, err := q.Query(`SELECT word, at, by, yes, how, why, text FROM claim_word WHERE id = ?`, c.ID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var word string
		var w Word
		if err := rows.Scan(&word, &w.At, &w.By, &w.Yes, &w.How, &w.Why, &w.Text); err != nil {
			return err
		}
		if x := into[word]; x != nil {
			*x = w
		}
	}
	return rows.Err()
}
