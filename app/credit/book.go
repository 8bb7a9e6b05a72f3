package credit

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Book is the credit lines of a community on one device. It is a
// store.Projector.
type Book struct {
	charter Charter
	doc     func(path string) store.DocID
	rand    io.Reader
	clock   func() int64
}

// New returns the book. doc gives the id of a document of this community in its
// present epoch; clock is in milliseconds.
func New(charter Charter, doc func(path string) store.DocID, rand io.Reader, clock func() int64) *Book {
	return &Book{charter, doc, rand, clock}
}

// Table is the table in force.
func (b *Book) Table() Table { return ReadTable(b.charter.Settings()) }

// SaveTable writes a table, as the registrar. Lines that were made keep their
// amounts until they are assessed. Faults: those of a bad table,
// govern.registrar.only.
func (b *Book) SaveTable(tx *store.Tx, t Table) error {
	if err := t.check(); err != nil {
		return err
	}
	list := t.settings(b.charter.Settings())
	if len(list) == 0 {
		return nil
	}
	return b.charter.SetPolicy(tx, list...)
}

// Consent returns the last word of a person, under all of the person's ids.
func (b *Book) Consent(q store.Querier, ids []people.ID) (out Consent, err error) {
	for _, id := range ids {
		var c Consent
		var operator, device, key []byte
		var offBy string
		err := q.QueryRow(`SELECT at, by, operator, device, key, sig, off, off_by FROM credit_consent WHERE person = ?`, id[:]).
			Scan(&c.At, &c.By, &operator, &device, &key, &c.Sign.Sig, &c.Off, &offBy)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return out, err
		}
		copy(c.Sign.Operator[:], operator)
		copy(c.Sign.Device[:], device)
		copy(c.Sign.Key[:], key)
		c.Signed, c.Off = c.At, max(c.Off, out.Off)
		if c.At < out.At {
			out.Off = c.Off
			continue
		}
		if c.Off >= c.At {
			c.By = offBy
		}
		out = c
	}
	out.Given = out.At > out.Off
	out.At = max(out.At, out.Off)
	return out, nil
}

// Agree writes a person's consent down: sign is asked for the operator's signature
// under it, nil where nobody has a key. Nothing is written where it stands already.
func (b *Book) Agree(tx *store.Tx, ids []people.ID, by string, sign func(person people.ID, at int64) Signature) error {
	now, err := b.Consent(tx, ids)
	if err != nil || now.Given {
		return err
	}
	at := max(tx.Now(), now.Off+1)
	v := consentValue{Format: format, At: at, By: clip(by), Sig: []byte{}}
	if sign != nil {
		s := sign(ids[0], at)
		v.Operator, v.Device, v.Key, v.Sig = s.Operator, s.Device, s.Key, s.Sig
	}
	return b.put(tx, ids[0], "credit.consent", consentKey(ids[0]), v)
}

// Withdraw takes a person's consent back: every line that was made until now is
// void. Fault: credit.consent.none.
func (b *Book) Withdraw(tx *store.Tx, ids []people.ID, by string) error {
	now, err := b.Consent(tx, ids)
	if err != nil {
		return err
	}
	if !now.Given {
		return fault.New("credit.consent.none")
	}
	last := now.At
	lines, err := b.Lines(tx, ids)
	for _, l := range lines {
		last = max(last, l.Made)
	}
	if err != nil {
		return err
	}
	return b.put(tx, ids[0], "credit.withdraw", offKey(ids[0]), offValue{Format: format, At: max(tx.Now(), last), By: clip(by)})
}

// Assess writes the next version of a person's line by the points that the person
// has now; the first one where there was none. A person whose points are in no
// band any more gets a version without an amount, which ends the line. Faults:
// credit.consent.none, credit.table (no bands), credit.points{points, from} where
// there was no line before.
func (b *Book) Assess(tx *store.Tx, ids []people.ID, points int64, by string) (out Line, err error) {
	c, err := b.Consent(tx, ids)
	if err != nil {
		return out, err
	}
	t := b.Table()
	switch {
	case !c.Given:
		return out, fault.New("credit.consent.none")
	case len(t.Bands) == 0:
		return out, fault.New("credit.table")
	}
	lines, err := b.Lines(tx, ids)
	if err != nil {
		return out, err
	}
	amount, ok := t.Suggest(points)
	if !ok && !slices.ContainsFunc(lines, func(l Line) bool { return l.State == InForce || l.State == Expired }) {
		return out, fault.New("credit.points", "points", points, "from", t.Bands[0].From)
	}
	id, err := ulid.New(uint64(tx.Now()), b.rand)
	if err != nil {
		return out, err
	}
	v := lineValue{Format: format, Version: 1, Points: max(points, 0), Basis: t.Basis, Amount: amount, Made: max(tx.Now(), c.At), By: clip(by)}
	for _, l := range lines {
		v.Version, v.Made = max(v.Version, l.Version+1), max(v.Made, l.Made+1)
	}
	v.Until = lastDay(v.Made)
	name := strings.ToLower(id.String())
	if err := b.put(tx, ids[0], "credit.line", lineKey(ids[0], name), v); err != nil {
		return out, err
	}
	return b.Line(tx, name, func(people.ID) []people.ID { return ids })
}

// lastDay is the end of the day a year after ms: by then a line is assessed anew.
func lastDay(ms int64) int64 {
	_, end := zone.DayBounds(zone.In(ms).AddDate(1, 0, 0).UnixMilli())
	return end - 1
}

func (b *Book) put(tx *store.Tx, p people.ID, action, key string, v any) error {
	raw, err := value(v)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.doc(fmt.Sprintf("people/%02d", p.Shard())), action, store.Put{Key: key, Value: raw})
	return err
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxBy {
		return string(r[:maxBy])
	}
	return s
}
