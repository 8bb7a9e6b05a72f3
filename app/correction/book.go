package correction

import (
	"cmp"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"strings"

	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Book is the requests of a community on one device. It is a store.Projector.
type Book struct {
	doc  func(path string) store.DocID
	done string
}

// New returns the book. doc gives the id of a document of this community in its
// present epoch; done is a function that makes the ledger's SQL condition for a
// transaction that was undone from an expression for its hash.
func New(doc func(path string) store.DocID, done func(hash string) string) *Book {
	return &Book{doc, done("correction_request.hash")}
}

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return kind }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 5 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds people.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "people/")
}

// Apply brings the rows up to date with one change.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, m := range ev.Moved {
		h, field, ok := parseKey(m.Key)
		if !ok {
			continue
		}
		if err := apply(tx, h, field, m.Fields); err != nil {
			return err
		}
		if err := askedBy(tx, h, m.Key, ev); err != nil {
			return err
		}
	}
	return nil
}

// askedBy notes who asked, if the request that holds is the change's own: it is the
// operator under whom the change was written, whatever its value says. Of two who
// asked the same in one moment it is the greater name.
func askedBy(tx *store.Tx, h wire.Hash, key string, ev store.Event) error {
	for _, op := range ev.Change.Ops {
		var a asked
		if op.Key != key || !strings.HasSuffix(key, "/asked") || openValue(op.Value, &a) != nil {
			continue
		}
		if _, err := tx.Exec(`UPDATE correction_request SET by = max(by, ?) WHERE hash = ? AND person = ? AND author = ? AND asked = ? AND reason = ?`,
			ev.Context.Name(), h[:], a.Person[:], a.Author[:], a.At, blob(a.Reason)); err != nil {
			return err
		}
	}
	return nil
}

// apply notes the latest of the values that a field has: two people who asked apart
// are one request. It alone is written, so that who asked is not blanked by what the
// value wins against, whichever of them came first.
func apply(tx *store.Tx, h wire.Hash, field string, fields []store.Field) error {
	if _, err := tx.Exec(`INSERT INTO correction_request (hash) VALUES (?) ON CONFLICT DO NOTHING`, h[:]); err != nil {
		return err
	}
	last, found := latest(field, fields)
	if !found {
		return nil // taken away, or of a newer program
	}
	return applyValue(tx, h, field, last)
}

// latest is the value with the latest time, of two of one moment the greater.
func latest(field string, fields []store.Field) (last wire.Value, found bool) {
	var most int64
	for _, f := range fields {
		at, ok := timeOf(field, f.Value)
		if ok && (!found || cmp.Or(cmp.Compare(at, most), cmp.Compare(f.Value.Raw, last.Raw)) > 0) {
			last, most, found = f.Value, at, true
		}
	}
	return last, found
}

// timeOf is when a value was said; false for one of a newer program.
func timeOf(field string, v wire.Value) (int64, bool) {
	switch field {
	case "asked":
		var a asked
		err := openValue(v, &a)
		return a.At, err == nil
	case "off":
		return v.Num, true
	case "no":
		var n refused
		err := openValue(v, &n)
		return n.At, err == nil
	}
	return 0, false
}

func applyValue(tx *store.Tx, h wire.Hash, field string, v wire.Value) (err error) {
	switch field {
	case "asked":
		var a asked
		if err := openValue(v, &a); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE correction_request SET person = ?1, author = ?2, asked = ?3, reason = ?4,
			by = CASE WHEN person = ?1 AND author = ?2 AND asked = ?3 AND reason = ?4 THEN by ELSE '' END WHERE hash = ?5 AND asked <= ?3`,
			a.Person[:], a.Author[:], a.At, blob(a.Reason), h[:])
	case "off":
		_, err = tx.Exec(`UPDATE correction_request SET off = max(off, ?) WHERE hash = ?`, v.Num, h[:])
	case "no":
		var n refused
		if err := openValue(v, &n); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE correction_request SET no = ?1, code = ?2 WHERE hash = ?3 AND (no < ?1 OR no = ?1 AND code < ?2)`, n.At, n.Code, h[:])
	}
	return err
}

// blob is b as a column that is never null.
func blob(b []byte) []byte { return append([]byte{}, b...) }

// State says how far a request is, as its record tells; whether it was carried
// out is asked of the ledger.
type State string

// The states.
const (
	Open      State = "open"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// Request is a wish to correct one transaction.
type Request struct {
	Hash   wire.Hash
	Person people.ID
	Author wire.Actor // the incarnation that wrote it
	At     int64      // when it was asked for
	By     string     // the operator under whom it was written
	Reason []byte     // sealed, see ReasonField
	State  State
	Code   string // of a refusal: the fault
}

const columns = `hash, person, author, asked, by, reason,
	CASE WHEN off >= asked AND off >= no THEN 'withdrawn' WHEN no >= asked THEN 'refused' ELSE 'open' END, code`

// Get returns the request for a transaction; false if nobody asked.
func (b *Book) Get(q store.Querier, h wire.Hash) (Request, bool, error) {
	list, err := read(q, `SELECT `+columns+` FROM correction_request WHERE hash = ? AND asked > 0`, h[:])
	if err != nil || len(list) == 0 {
		return Request{}, false, err
	}
	return list[0], true, nil
}

// List returns the requests that were asked, withdrawn or refused since a time
// (milliseconds), and all that are open; the newest first, at most limit.
func (b *Book) List(q store.Querier, since int64, limit int) ([]Request, error) {
	return read(q, `SELECT `+columns+` FROM correction_request WHERE asked > 0 AND (max(asked, off, no) >= ? OR asked > max(off, no) AND NOT `+b.done+`)
		ORDER BY asked DESC, hash LIMIT ?`, since, limit)
}

// Waiting returns the open requests for entries of some feeds, by hash, from the
// one after a hash on, at most limit.
func (b *Book) Waiting(q store.Querier, authors []wire.Actor, after wire.Hash, limit int) ([]Request, error) {
	if len(authors) == 0 {
		return nil, nil
	}
	args := make([]any, 0, len(authors)+2)
	for i := range authors {
		args = append(args, authors[i][:])
	}
	args = append(args, after[:], limit)
	return read(q, `SELECT `+columns+` FROM correction_request WHERE asked > max(off, no) AND author IN (?`+strings.Repeat(", ?", len(authors)-1)+`)
		AND hash > ? AND NOT `+b.done+` ORDER BY hash LIMIT ?`, args...)
}

// Open counts the requests that wait to be carried out.
func (b *Book) Open(q store.Querier) (n int, err error) {
	err = q.QueryRow(`SELECT count(*) FROM correction_request WHERE asked > max(off, no) AND NOT ` + b.done).Scan(&n)
	return n, err
}

func read(q store.Querier, query string, args ...any) (out []Request, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func scan(rows *sql.Rows) (r Request, err error) {
	var hash, person, author []byte
	var state string
	if err := rows.Scan(&hash, &person, &author, &r.At, &r.By, &r.Reason, &state, &r.Code); err != nil {
		return r, err
	}
	if len(hash) != len(r.Hash) || len(person) != len(r.Person) || len(author) != len(r.Author) {
		return r, fmt.Errorf("%w: a request", store.ErrCorrupt)
	}
	r.Hash, r.Person, r.Author, r.State = wire.Hash(hash), people.ID(person), wire.Actor(author), State(state)
	if r.State != Refused {
		r.Code = ""
	}
	return r, nil
}

func (b *Book) path(p people.ID) store.DocID { return b.doc(fmt.Sprintf("people/%02d", p.Shard())) }

// Ask writes a request down, under the operator of the change.
func (b *Book) Ask(tx *store.Tx, r Request) error {
	before, _, err := b.Get(tx, r.Hash)
	if err != nil {
		return err
	}
	at, err := b.after(tx, r.Hash)
	if err != nil || before.State == Open {
		return err
	}
	raw, err := encoding.Marshal(asked{Format: format, Person: r.Person, Author: r.Author, At: at, By: clip(r.By), Reason: r.Reason})
	if err != nil {
		return err
	}
	return b.put(tx, r.Person, "correction.ask", key(r.Hash, "asked"), wire.BytesValue(raw))
}

// Withdraw takes a request back.
func (b *Book) Withdraw(tx *store.Tx, r Request) error {
	at, err := b.after(tx, r.Hash)
	if err != nil {
		return err
	}
	return b.put(tx, r.Person, "correction.withdraw", key(r.Hash, "off"), wire.TimeValue(at))
}

// Refuse says why this device can't do what was asked of it.
func (b *Book) Refuse(tx *store.Tx, r Request, code string) error {
	at, err := b.after(tx, r.Hash)
	if err != nil {
		return err
	}
	raw, err := encoding.Marshal(refused{Format: format, At: at, Code: code})
	if err != nil {
		return err
	}
	return b.put(tx, r.Person, "correction.refuse", key(r.Hash, "no"), wire.BytesValue(raw))
}

// after is now, and later than what is known of a request: the latest word
// holds, whatever the clocks of those who said the others.
func (b *Book) after(tx *store.Tx, h wire.Hash) (int64, error) {
	var last int64
	err := tx.QueryRow(`SELECT max(asked, off, no) FROM correction_request WHERE hash = ?`, h[:]).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return max(tx.Now(), last+1), err
}

func (b *Book) put(tx *store.Tx, p people.ID, action, key string, v wire.Value) error {
	_, err := tx.Put(b.path(p), action, store.Put{Key: key, Value: v})
	return err
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxBy {
		return string(r[:maxBy])
	}
	return s
}
