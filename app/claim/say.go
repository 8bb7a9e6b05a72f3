package claim

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Seal encrypts a text about a person, bound to a field's name.
type Seal func(tx *store.Tx, person people.ID, field, plain string) ([]byte, error)

// Deed is what is claimed.
type Deed struct {
	Person  people.ID
	Item    scheme.Item
	Version int64
	At      int64
	scheme.Amount
	Note    string
	Witness string
	Via     string
	By      string
	Batch   string
}

// NoteField and WitnessField name what the texts of a claim are bound to.
func NoteField(id string) string    { return kind + "/" + id + "/note" }
func WitnessField(id string) string { return kind + "/" + id + "/witness" }
func AppealField(id string) string  { return kind + "/" + id + "/appeal" }

// Post writes a claim down and returns its id. The same item of the same person and
// day, while it is open or booked, is the same deed. Fault: claim.double {date}.
func (b *Book) Post(tx *store.Tx, d Deed, seal Seal) (string, error) {
	if err := b.alone(tx, d); err != nil {
		return "", err
	}
	u, err := ulid.New(uint64(tx.Now()), rand.Reader)
	if err != nil {
		return "", err
	}
	id := strings.ToLower(u.String())
	made, err := value(madeValue{Format: format, Item: d.Item.Code, Version: d.Version, At: d.At, Minutes: d.Minutes, Count: d.Count, Hard: d.Hard,
		Points: d.Item.Worth(d.Amount), Minus: d.Item.Takes(), Witness: d.Item.Witness, Mutual: d.Item.Kind == scheme.Mutual,
		Review: d.Item.Review || d.Via == FromPage, Lead: d.Item.Lead, Notice: d.Item.Notice, Via: d.Via, By: clip(d.By), Batch: d.Batch, Made: tx.Now()})
	if err != nil {
		return "", err
	}
	puts := []store.Put{{Key: keyOf(d.Person, id, "made"), Value: made}}
	for _, t := range []struct{ field, bound, plain string }{{"note", NoteField(id), d.Note}, {"witness", WitnessField(id), d.Witness}} {
		if t.plain == "" {
			continue
		}
		sealed, err := seal(tx, d.Person, t.bound, t.plain)
		if err != nil {
			return "", err
		}
		puts = append(puts, store.Put{Key: keyOf(d.Person, id, t.field), Value: wire.BytesValue(sealed)})
	}
	_, err = tx.Put(b.path(d.Person), "claim.post", puts...)
	return id, err
}

// alone refuses a claim that stands already.
func (b *Book) alone(tx *store.Tx, d Deed) error {
	start, end := zone.DayBounds(d.At)
	list, err := b.read(tx, `SELECT `+columns+` FROM claim_row c WHERE c.person = ? AND c.item = ? AND c.at >= ? AND c.at < ?`, d.Person[:], d.Item.Code, start, end)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(c Claim) bool { return c.Open(tx.Now()) || c.State(tx.Now()) == Booked }) {
		return fault.New("claim.double", "date", zone.Day(d.At))
	}
	return nil
}

func (b *Book) path(p people.ID) store.DocID { return b.doc(fmt.Sprintf("people/%02d", p.Shard())) }

// Confirm notes that the household that was helped says so. Fault: claim.state {state}.
func (b *Book) Confirm(tx *store.Tx, c Claim, by string) error {
	return b.say(tx, c, seen, wordValue{By: by, Yes: true}, Confirm)
}

// Decide notes a review. Fault: claim.state {state}.
func (b *Book) Decide(tx *store.Tx, c Claim, yes bool, why, by string) error {
	return b.say(tx, c, review, wordValue{By: by, Yes: yes, Why: why}, Reviewing)
}

// Tell notes that the person was reached. Fault: claim.state {state}.
func (b *Book) Tell(tx *store.Tx, c Claim, how, by string) error {
	return b.say(tx, c, told, wordValue{By: by, Yes: true, How: how}, Telling)
}

// Object notes an appeal, or an objection to a notice; text is sealed. Fault:
// claim.state {state}.
func (b *Book) Object(tx *store.Tx, c Claim, text []byte, by string) error {
	return b.say(tx, c, appeal, wordValue{By: by, Text: text}, Telling, Noticed)
}

// AnswerAppeal decides on an appeal: right makes the claim fall. Fault: claim.state {state}.
func (b *Book) AnswerAppeal(tx *store.Tx, c Claim, right bool, why, by string) error {
	return b.say(tx, c, answer, wordValue{By: by, Yes: right, Why: why}, Appealed)
}

// Withdraw takes a claim back. Fault: claim.state {state}.
func (b *Book) Withdraw(tx *store.Tx, c Claim, by string) error {
	return b.say(tx, c, off, wordValue{By: by}, Confirm, Reviewing, Telling, Noticed, Appealed)
}

// Done notes that the claim's deed was recorded. Fault: claim.state {state}.
func (b *Book) Done(tx *store.Tx, c Claim) error {
	return b.say(tx, c, booked, wordValue{Yes: true}, Due)
}

// say writes a word, if the claim stands where the word has a meaning; later than
// all that is known of the claim, whatever the clocks of who said that.
func (b *Book) say(tx *store.Tx, c Claim, word string, w wordValue, states ...string) error {
	if s := c.State(tx.Now()); !slices.Contains(states, s) {
		return fault.New("claim.state", "state", s)
	}
	w.Format, w.By = format, clip(w.By)
	w.At = max(tx.Now(), c.Made+1, c.Seen.At+1, c.Review.At+1, c.Told.At+1, c.Appeal.At+1, c.Answer.At+1)
	v, err := value(w)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.path(c.Person), "claim."+word, store.Put{Key: keyOf(c.Person, c.ID, word), Value: v})
	return err
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxBy {
		return string(r[:maxBy])
	}
	return s
}
