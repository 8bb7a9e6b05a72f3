package newcomer

import (
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Book is the applications of a community on one device. It is a store.Projector.
type Book struct {
	doc func(path string) store.DocID
}

// New returns the book. doc gives the id of a document of this community in its present
// epoch.
func New(doc func(path string) store.DocID) *Book { return &Book{doc} }

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return kind }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 1 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds people.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "people/")
}

// Apply brings the rows up to date with one change. As nothing is written over anything,
// its operations are all that is to be looked at.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, op := range ev.Change.Ops {
		id, field, ok := parseKey(op.Key)
		if !ok || op.Value.Kind != wire.Bytes {
			continue
		}
		if err := apply(tx, id, field, []byte(op.Value.Raw)); err != nil {
			return err
		}
	}
	return nil
}

// apply keeps one value; what a newer program wrote is left alone.
func apply(tx *store.Tx, id people.ID, field string, raw []byte) (err error) {
	if field == "asked" {
		v, bad := coded.Read(raw, format, askedValue.whole)
		if bad != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO newcomer_asked (id, at, text) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET at = excluded.at, text = excluded.text WHERE (excluded.at, excluded.text) < (at, text)`, id[:], v.At, v.Text)
		return err
	}
	v, bad := coded.Read(raw, format, endedValue.whole)
	if bad != nil {
		return nil
	}
	_, err = tx.Exec(`INSERT INTO newcomer_ended (id, rank, at, value) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET rank = excluded.rank, at = excluded.at, value = excluded.value WHERE (excluded.rank, excluded.at, excluded.value) < (rank, at, value)`,
		id[:], slices.Index(ends, v.State), v.At, raw)
	return err
}

// Application is one, as its records tell.
type Application struct {
	ID    people.ID
	At    int64  // milliseconds
	Text  []byte // sealed, see Field(id, "text")
	State string // "" while it waits
	Ended int64
	By    string
	// Person is who was taken in.
	Person people.ID
	Reason []byte // of a refusal: sealed, see Field(id, "reason")
}

// Get returns one; false if there is none.
func (b *Book) Get(q store.Querier, id people.ID) (Application, bool, error) {
	list, err := read(q, `a.id = ?`, id[:])
	if err != nil || len(list) == 0 {
		return Application{}, false, err
	}
	return list[0], true, nil
}

// Waiting lists those that wait for an answer, the oldest first, at most limit.
func (b *Book) Waiting(q store.Querier, limit int) ([]Application, error) {
	return read(q, `e.id IS NULL ORDER BY a.at, a.id LIMIT ?`, limit)
}

// Ended lists those that ended between two moments, the latest first, at most limit.
func (b *Book) Ended(q store.Querier, from, until int64, limit int) ([]Application, error) {
	return read(q, `e.at >= ? AND e.at < ? ORDER BY e.at DESC, a.id LIMIT ?`, from, until, limit)
}

// Open counts those that wait.
func (b *Book) Open(q store.Querier) (n int, err error) {
	err = q.QueryRow(`SELECT count(*) FROM newcomer_asked a LEFT JOIN newcomer_ended e USING (id) WHERE e.id IS NULL`).Scan(&n)
	return n, err
}

func read(q store.Querier, where string, args ...any) (out []Application, err error) {
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var id, raw []byte
		var a Application
		if err := r.Scan(&id, &a.At, &a.Text, &raw); err != nil {
			return err
		}
		if len(id) != len(a.ID) {
			return fmt.Errorf("%w: an application", store.ErrCorrupt)
		}
		a.ID = people.ID(id)
		if raw == nil {
			out = append(out, a)
			return nil
		}
		v, err := coded.Read(raw, format, endedValue.whole)
		a.State, a.Ended, a.By, a.Reason = v.State, v.At, v.By, v.Reason
		if len(v.Person) == len(a.Person) {
			a.Person = people.ID(v.Person)
		}
		out = append(out, a)
		return err
	}, `SELECT a.id, a.at, a.text, e.value FROM newcomer_asked a LEFT JOIN newcomer_ended e USING (id) WHERE `+where, args...)
}

// day is how far back MaxDay looks, in milliseconds.
const day = 24 * 3600 * 1000

// Ask keeps an application. Under an id that is there already nothing is written. Fault:
// newcomer.full.
func (b *Book) Ask(tx *store.Tx, id people.ID, seal func(field string) ([]byte, error)) error {
	if _, known, err := b.Get(tx, id); err != nil || known {
		return err
	}
	open, err := b.Open(tx)
	var today int
	if err == nil {
		err = tx.QueryRow(`SELECT count(*) FROM newcomer_asked WHERE at > ?`, tx.Now()-day).Scan(&today)
	}
	if err == nil && (open >= MaxWaiting || today >= MaxDay) {
		err = fault.New("newcomer.full")
	}
	if err != nil {
		return err
	}
	text, err := seal(Field(id, "text"))
	if err != nil {
		return err
	}
	return b.put(tx, id, "newcomer.ask", "asked", askedValue{Format: format, At: tx.Now(), Text: text})
}

// Standing returns an application that waits. Faults: newcomer.unknown, newcomer.ended.
func (b *Book) Standing(q store.Querier, id people.ID) (Application, error) {
	a, known, err := b.Get(q, id)
	switch {
	case err != nil:
	case !known:
		err = fault.New("newcomer.unknown")
	case a.State != "":
		err = fault.New("newcomer.ended")
	}
	return a, err
}

// Accept notes who an applicant became. Faults: those of Standing.
func (b *Book) Accept(tx *store.Tx, id, person people.ID, by string) error {
	return b.end(tx, id, endedValue{State: Accepted, Person: person[:], By: by})
}

// Refuse ends one with a reason that is sealed. Faults: those of Standing.
func (b *Book) Refuse(tx *store.Tx, id people.ID, by string, seal func(field string) ([]byte, error)) error {
	reason, err := seal(Field(id, "reason"))
	if err != nil {
		return err
	}
	return b.end(tx, id, endedValue{State: Refused, By: by, Reason: reason})
}

// Lapse ends one that nobody answered. Faults: those of Standing.
func (b *Book) Lapse(tx *store.Tx, id people.ID) error {
	return b.end(tx, id, endedValue{State: Lapsed})
}

func (b *Book) end(tx *store.Tx, id people.ID, v endedValue) error {
	if _, err := b.Standing(tx, id); err != nil {
		return err
	}
	v.Format, v.At, v.By = format, tx.Now(), clip(v.By)
	return b.put(tx, id, "newcomer."+map[string]string{Accepted: "accept", Refused: "refuse", Lapsed: "lapse"}[v.State], "ended", v)
}

func (b *Book) put(tx *store.Tx, id people.ID, action, field string, v any) error {
	raw, err := coded.Marshal(v)
	if err == nil && !passes(field, string(raw)) {
		err = errors.Join(errForm, fmt.Errorf("newcomer: %s does not fit", field))
	}
	if err != nil {
		return err
	}
	_, err = tx.Put(b.doc(fmt.Sprintf("people/%02d", id.Shard())), action, store.Put{Key: kind + "/" + id.String() + "/" + field, Value: wire.BytesValue(raw)})
	return err
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxName {
		return string(r[:maxName])
	}
	return s
}
