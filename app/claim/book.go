package claim

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Config is what a book asks others.
type Config struct {
	Charter *govern.Charter
	Rules   func(q store.Querier, version int64) (scheme.Scheme, error)
	Same    func(people.ID) []people.ID // all ids of one person
	// Undone tells whether the deed that a claim was booked as was taken back.
	Undone func(q store.Querier, person people.ID, deed []byte) (bool, error)
	Rand   io.Reader
}

// Book is the claims of a community on one device. It is a store.Projector.
type Book struct {
	Config
	moved atomic.Uint64
}

// New returns the book.
func New(c Config) *Book { return &Book{Config: c} }

const columns = `c.id, c.person, c.item, c.version, c.at, c.minutes, c.count, c.hard, c.via, c.by, c.batch, c.made, c.salt, c.note, c.witness, c.actor`

// Get returns a claim. Fault: claim.unknown.
func (b *Book) Get(q store.Querier, id string) (Claim, error) {
	list, err := b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fault.New("claim.unknown")
	}
	if err != nil {
		return Claim{}, err
	}
	return list[0], nil
}

// Place is where a list of claims goes on.
type Place struct {
	Made int64
	ID   string
}

// Place is the claim's own.
func (c *Claim) Place() Place { return Place{c.Made, c.ID} }

// Waiting returns the claims that the main device did not end, from the one after a
// place on, the oldest first, at most limit.
func (b *Book) Waiting(q store.Querier, after Place, limit int) ([]Claim, error) {
	return b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.over = 0 AND (c.made, c.id) > (?, ?) ORDER BY c.made, c.id LIMIT ?`, after.Made, after.ID, limit)
}

// Latest returns the claims of everybody, or of one person under all ids, the
// newest first.
func (b *Book) Latest(q store.Querier, person *people.ID, limit int) ([]Claim, error) {
	if person == nil {
		return b.read(q, `SELECT `+columns+` FROM claim_row c ORDER BY c.made DESC, c.id DESC LIMIT ?`, limit)
	}
	in, args := among(b.Same(*person))
	return b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.person IN `+in+` ORDER BY c.made DESC, c.id DESC LIMIT ?`, append(args, limit)...)
}

// Batch returns the claims that were entered together under a name.
func (b *Book) Batch(q store.Querier, batch string) ([]Claim, error) {
	return b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.batch = ? ORDER BY c.id`, batch)
}

// Late returns the booked claims against which something was said that was not
// answered: it arrived too late to stop them; the newest first, at most limit. What
// was answered takes no place: rows are read until enough of the others were found.
func (b *Book) Late(q store.Querier, limit int) (out []Claim, err error) {
	for at := (Place{Made: math.MaxInt64}); len(out) < limit; {
		list, err := b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.over = 1 AND (c.made, c.id) < (?, ?) AND c.id IN (
				SELECT w.id FROM claim_word w WHERE w.person = c.person AND (w.word IN ('appeal', 'off') OR w.word = 'review' AND w.yes = 0))
			ORDER BY c.made DESC, c.id DESC LIMIT ?`, at.Made, at.ID, latePage)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if c.Late() && len(out) < limit {
				out = append(out, c)
			}
		}
		if len(list) < latePage {
			break
		}
		at = list[len(list)-1].Place()
	}
	return out, nil
}

// latePage is how many claims are read at once.
const latePage = 200

// Taken returns the deductions that were booked since a time and stand, the newest first.
func (b *Book) Taken(q store.Querier, since int64, limit int) (out []Claim, err error) {
	list, err := b.read(q, `SELECT `+columns+` FROM claim_row c JOIN claim_word w ON w.id = c.id AND w.person = c.person AND w.word = 'booked' AND w.yes = 1
		WHERE w.at >= ? GROUP BY c.id ORDER BY MAX(w.at) DESC, c.id`, since)
	for _, c := range list {
		undone, e := b.undone(q, &c)
		if err = errors.Join(err, e); !undone && !c.Late() && len(out) < limit {
			out = append(out, c)
		}
	}
	return out, err
}

// BookedAs tells whether the main device booked a claim of a person as a deed.
func (b *Book) BookedAs(q store.Querier, person people.ID, deed []byte) (is bool, err error) {
	err = q.QueryRow(`SELECT EXISTS (SELECT 1 FROM claim_word WHERE person = ? AND word = 'booked' AND text = ?)`, person[:], deed).Scan(&is)
	return is, err
}

// BookedFor lists the claims of whoever is one person by the deed that each was booked as.
func (b *Book) BookedFor(q store.Querier, persons ...people.ID) (map[[16]byte][]string, error) {
	out := map[[16]byte][]string{}
	for _, p := range persons {
		err := store.EachRow(q, func(r *sql.Rows) error {
			var deed []byte
			var id string
			err := r.Scan(&deed, &id)
			if len(deed) == 16 {
				out[[16]byte(deed)] = append(out[[16]byte(deed)], id)
			}
			return err
		}, `SELECT DISTINCT w.text, c.id FROM claim_word w JOIN claim_row c ON c.id = w.id AND c.person = w.person WHERE w.person = ? AND w.word = 'booked' ORDER BY c.id`, p[:])
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// same reads all claims of one deed: the same item of the same person, under any id, and
// day.
func (b *Book) same(q store.Querier, person people.ID, item string, at int64) ([]Claim, error) {
	start, end := zone.DayBounds(at)
	in, args := among(b.Same(person))
	return b.read(q, `SELECT `+columns+` FROM claim_row c WHERE c.person IN `+in+` AND c.item = ? AND c.at >= ? AND c.at < ?`, append(args, item, start, end)...)
}

// Fell tells whether an appeal against the same deed was right after the claim was
// entered: two devices that were cut off may both have entered it, and the person has
// appealed against the one that he was told of.
func (b *Book) Fell(q store.Querier, c Claim) (bool, error) {
	list, err := b.same(q, c.Person, c.Item, c.At)
	return slices.ContainsFunc(list, func(x Claim) bool {
		return x.ID != c.ID && x.last(answer, func(w Word) bool { return w.Yes && w.At >= c.Made }) != nil
	}), err
}

// undone tells whether a booked claim's deed was taken back since.
func (b *Book) undone(q store.Querier, c *Claim) (bool, error) {
	w := c.last(booked, nil)
	if w == nil || len(w.Text) == 0 {
		return false, nil
	}
	return b.Undone(q, c.Person, w.Text)
}

// among makes a list of people for SQL.
func among(ids []people.ID) (in string, args []any) {
	for i := range ids {
		args = append(args, ids[i][:])
	}
	return "(?" + strings.Repeat(", ?", len(ids)-1) + ")", args
}

// read reads claims with their words, and asks rulebook and charter about them.
func (b *Book) read(q store.Querier, query string, args ...any) ([]Claim, error) {
	var out []Claim
	err := store.EachRow(q, func(rows *sql.Rows) error {
		c, err := scan(rows)
		out = append(out, c)
		return err
	}, query, args...)
	if err == nil {
		err = b.readWords(q, out)
	}
	if err != nil {
		return nil, err
	}
	versions := map[int64]scheme.Scheme{}
	for i := range out {
		if err := b.rule(q, &out[i], versions); err != nil {
			return nil, err
		}
		if err := b.judge(q, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scan(rows *sql.Rows) (c Claim, err error) {
	var person, salt, actor []byte
	err = rows.Scan(&c.ID, &person, &c.Item, &c.Version, &c.At, &c.Minutes, &c.Count, &c.Hard, &c.Via, &c.By, &c.Batch, &c.Made, &salt, &c.Note, &c.Witness, &actor)
	if err == nil && (len(person) != len(c.Person) || len(actor) != len(c.actor)) {
		err = fmt.Errorf("%w: a claim", store.ErrCorrupt)
	}
	if err != nil {
		return c, err
	}
	name, id := seal.SplitOperator(c.By)
	c.Person, c.actor, c.Salt, c.By, c.posters = people.ID(person), wire.Actor(actor), hex.EncodeToString(salt), name, []Who{{ID: id, Name: name}}
	return c, nil
}

// readWords reads what was said of the claims of a list.
func (b *Book) readWords(q store.Querier, list []Claim) error {
	at, ids := map[string]*Claim{}, make([]string, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	in, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 {
		return err
	}
	return store.EachRow(q, func(rows *sql.Rows) error {
		var id, by string
		var person, actor, operator, device, key []byte
		var w Word
		if err := rows.Scan(&id, &person, &actor, &w.sort, &w.name, &w.At, &by, &w.Yes, &w.How, &w.to, &w.Text, &operator, &device, &key, &w.sign.Sig); err != nil {
			return err
		}
		c := at[id]
		if string(person) != string(c.Person[:]) {
			return nil // of somebody else's claim of that id, which there is not
		}
		copy(w.actor[:], actor)
		copy(w.sign.Operator[:], operator)
		copy(w.sign.Device[:], device)
		copy(w.sign.Key[:], key)
		name, who := seal.SplitOperator(by)
		w.By, w.who = name, Who{ID: who, Name: name}
		c.words = append(c.words, w)
		return nil
	}, `SELECT id, person, actor, word, name, at, by, yes, how, too, text, operator, device, key, sig FROM (
			SELECT *, ROW_NUMBER() OVER (PARTITION BY id, person, actor, word ORDER BY counter, hash) AS nth FROM claim_word WHERE id IN (SELECT value FROM json_each(?)))
		WHERE nth <= CASE word WHEN 'answer' THEN ? ELSE ? END ORDER BY id, counter, actor, hash`, string(in), maxAnswers, maxWords)
}

// rule finds the rule that a claim names.
func (b *Book) rule(q store.Querier, c *Claim, versions map[int64]scheme.Scheme) error {
	s, ok := versions[c.Version]
	if !ok {
		got, err := b.Rules(q, c.Version)
		if err != nil && !errors.Is(err, fault.New("scheme.version.unknown")) {
			return err
		}
		s, versions[c.Version] = got, got
	}
	c.Rule, c.Ruled = s.Item(c.Item)
	c.Ruled = c.Ruled && c.fits()
	return nil
}

// judge says of each word whether it counts.
func (b *Book) judge(q store.Querier, c *Claim) error {
	device, known, err := b.Charter.DeviceOf(q, c.actor)
	if err != nil {
		return err
	}
	own := standingOf(b.Charter, device, known, nil, Signature{})
	standings := make([]standing, len(c.words))
	signed := false
	for i := range c.words {
		w := &c.words[i]
		device, known, err := b.Charter.DeviceOf(q, w.actor)
		if err != nil {
			return err
		}
		s := standingOf(b.Charter, device, known, statement(b.Charter.Community(), c.ID, w.sort, w.value()), w.sign)
		if standings[i] = s; s.signed { // then it is the signature that says who it was
			o, _ := b.Charter.Operator(w.sign.Operator)
			w.By, w.who = o.Name, Who{ID: o.ID.String(), Name: o.Name}
			if w.sort == posted { // a keeper's word, say, tells who it was and lifts nothing
				c.posters, signed = append(c.posters, w.who), signed || c.weigh(*w, s) == ""
			}
		}
	}
	c.Countersigned = own.keyed && c.Rule.Witness
	c.Unproven = own.revoked || own.keyed && !signed && c.Via != FromPage
	for i := range c.words {
		c.words[i].Void = c.weigh(c.words[i], standings[i])
	}
	c.unheard()
	return nil
}

// value is the word as it was signed.
func (w *Word) value() wordValue {
	return wordValue{Yes: w.Yes, How: w.How, To: w.to, Text: w.Text}
}
