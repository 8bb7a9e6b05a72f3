package claim

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

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
	Batch   string
}

// NoteField, WitnessField and TextField name what the texts of a claim are bound
// to: those that are part of it by its salt, that of a word by its id.
func NoteField(salt string) string    { return kind + "/" + salt + "/note" }
func WitnessField(salt string) string { return kind + "/" + salt + "/witness" }

func TextField(id, word string) string { return kind + "/" + id + "/" + word }

// The words that have a text.
const (
	Review = review
	Appeal = appeal
	Answer = answer
	Ask    = asked
	Reply  = reply
)

// Post writes a claim down and returns its id. The same item of the same person and
// day, while it is open or booked and stands, is the same deed. Fault: claim.double {date}.
func (b *Book) Post(tx *store.Tx, d Deed, seal Seal, sign Sign) (string, error) {
	if err := b.alone(tx, d); err != nil {
		return "", err
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(b.Rand, salt); err != nil {
		return "", err
	}
	made, err := value(madeValue{Format: format, Item: d.Item.Code, Version: d.Version, At: d.At, Minutes: d.Minutes, Count: d.Count, Hard: d.Hard,
		Via: d.Via, Batch: d.Batch, Made: tx.Now(), Salt: salt})
	if err != nil {
		return "", err
	}
	p := posting{person: d.Person, made: made.Raw}
	name := hex.EncodeToString(salt)
	for _, t := range []struct {
		into         *string
		bound, plain string
	}{{&p.note, NoteField(name), d.Note}, {&p.witness, WitnessField(name), d.Witness}} {
		if t.plain == "" {
			continue
		}
		sealed, err := seal(tx, d.Person, t.bound, t.plain)
		if err != nil {
			return "", err
		}
		*t.into = string(sealed)
	}
	p.id = p.hash()
	puts, err := b.puts(p, sign)
	if err != nil {
		return "", err
	}
	_, err = tx.Put(b.path(d.Person), "claim.post", puts...)
	return p.id, err
}

// puts are the records of a claim, with the signature of who enters it.
func (b *Book) puts(p posting, sign Sign) ([]store.Put, error) {
	out := []store.Put{{Key: keyOf(p.person, p.id, "made"), Value: wire.BytesValue([]byte(p.made))}}
	for field, text := range map[string]string{"note": p.note, "witness": p.witness} {
		if text != "" {
			out = append(out, store.Put{Key: keyOf(p.person, p.id, field), Value: wire.BytesValue([]byte(text))})
		}
	}
	slices.SortFunc(out, func(x, y store.Put) int { return strings.Compare(x.Key, y.Key) })
	if sign == nil {
		return out, nil
	}
	put, err := b.word(p.person, p.id, posted, wordValue{Yes: true}, sign)
	return append(out, put), err
}

// alone refuses a claim that stands already, under any id of the person. One that
// was booked and taken back does not: the deed may be claimed anew.
func (b *Book) alone(tx *store.Tx, d Deed) error {
	list, err := b.same(tx, d.Person, d.Item.Code, d.At)
	if err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		stands := c.Open(tx.Now())
		if c.State(tx.Now()) == Booked {
			undone, err := b.undone(tx, c)
			if err != nil {
				return err
			}
			stands = !undone
		}
		if stands {
			return fault.New("claim.double", "date", zone.Day(d.At))
		}
	}
	return nil
}

func (b *Book) path(p people.ID) store.DocID {
	return b.Charter.Doc(fmt.Sprintf("people/%02d", p.Shard()))
}

// Confirm notes that the household that was helped says so. Faults: claim.state
// {state}; claim.own for who entered it.
func (b *Book) Confirm(tx *store.Tx, c Claim, who Who, sign Sign) error {
	if c.Own(who) {
		return fault.New("claim.own")
	}
	return b.say(tx, c, seen, wordValue{Yes: true}, sign, Confirm)
}

// Decide notes a review; why is sealed. Faults: claim.state {state}; claim.own for who entered it
// and would let it pass.
func (b *Book) Decide(tx *store.Tx, c Claim, yes bool, why []byte, who Who, sign Sign) error {
	if yes && c.Own(who) {
		return fault.New("claim.own")
	}
	if !yes {
		return b.say(tx, c, review, wordValue{Text: why}, sign, Reviewing, Asked)
	}
	return b.say(tx, c, review, wordValue{Yes: true, To: c.asks(), Text: why}, sign, Reviewing)
}

// Tell notes that the person was reached. Fault: claim.state {state}.
func (b *Book) Tell(tx *store.Tx, c Claim, how string, sign Sign) error {
	return b.say(tx, c, told, wordValue{Yes: true, How: how}, sign, Telling)
}

// Object notes an appeal, or an objection to a notice; text is sealed. What is
// booked already may be objected to as well: the office decides whether it is taken
// back. Fault: claim.state {state}.
func (b *Book) Object(tx *store.Tx, c Claim, text []byte) error {
	return b.say(tx, c, appeal, wordValue{Text: text}, nil, Telling, Noticed, Due, Booked)
}

// AnswerAppeal answers all that is said against a claim: right makes it fall, or,
// if it is booked, is said when it was taken back; why is sealed. Faults: claim.state {state};
// claim.own for who entered it.
func (b *Book) AnswerAppeal(tx *store.Tx, c Claim, right bool, why []byte, who Who, sign Sign) error {
	if c.Own(who) {
		return fault.New("claim.own")
	}
	open := c.Objections()
	if len(open) == 0 {
		return fault.New("claim.state", "state", c.State(tx.Now()))
	}
	for _, w := range open {
		if err := b.say(tx, c, answer, wordValue{Yes: right, Text: why, To: w.name}, sign, Appealed, Booked); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw takes a claim back. Fault: claim.state {state}.
func (b *Book) Withdraw(tx *store.Tx, c Claim) error {
	return b.say(tx, c, off, wordValue{}, nil, Unruled, Confirm, Reviewing, Asked, Telling, Noticed, Appealed, Due)
}

// Hear notes at the main device that only the days are left. Fault: claim.state {state}.
func (b *Book) Hear(tx *store.Tx, c Claim) error {
	return b.say(tx, c, heard, wordValue{Yes: true, To: c.begins()}, nil, Noticed)
}

// Done notes at the main device that the claim's deed was recorded under a key.
// Fault: claim.state {state}.
func (b *Book) Done(tx *store.Tx, c Claim, deed []byte) error {
	return b.say(tx, c, booked, wordValue{Yes: c.Minus(), Text: deed}, nil, Due)
}

// End notes at the main device that nothing comes of the claim. Fault: claim.state {state}.
func (b *Book) End(tx *store.Tx, c Claim) error {
	return b.say(tx, c, ended, wordValue{How: c.State(tx.Now())}, nil, Withdrawn, Refused, Dropped)
}

// mostOf is how many words of a sort one device may say of a claim.
func mostOf(word string) int {
	if word == answer {
		return maxAnswers
	}
	return maxWords
}

func (c *Claim) saidBy(a wire.Actor, word string) (n int) {
	for _, w := range c.words {
		if w.actor == a && w.sort == word {
			n++
		}
	}
	return n
}

// say writes a word, if the claim stands where the word has a meaning. Faults:
// claim.state {state}; claim.words {max} for what nobody would read.
func (b *Book) say(tx *store.Tx, c Claim, word string, w wordValue, sign Sign, states ...string) error {
	if s := c.State(tx.Now()); !slices.Contains(states, s) {
		return fault.New("claim.state", "state", s)
	}
	if most := mostOf(word); c.saidBy(tx.Self(), word) >= most {
		return fault.New("claim.words", "max", most)
	}
	put, err := b.word(c.Person, c.ID, word, w, sign)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.path(c.Person), "claim."+word, put)
	return err
}

// word makes the record of a word, under a key that nothing else has.
func (b *Book) word(p people.ID, id, word string, w wordValue, sign Sign) (store.Put, error) {
	tag := make([]byte, tagSize/2)
	if _, err := io.ReadFull(b.Rand, tag); err != nil {
		return store.Put{}, err
	}
	w.Format, w.Sig = format, []byte{}
	if w.Text == nil {
		w.Text = []byte{}
	}
	if sign != nil {
		s := sign(statement(b.Charter.Community(), id, word, w))
		w.Operator, w.Device, w.Key, w.Sig = s.Operator, s.Device, s.Key, s.Sig
	}
	v, err := value(w)
	return store.Put{Key: keyOf(p, id, word+"."+hex.EncodeToString(tag)), Value: v}, err
}
