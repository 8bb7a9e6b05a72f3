package settle

import (
	"database/sql"
	"errors"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Batch is a settlement as it stands.
type Batch struct {
	Hash  wire.Hash
	Place string
	Settlement
	At        int64 // milliseconds
	Operator  string
	SumFen    int64 // of this merchant's settlements up to this one
	SumPay    int64
	PaidAt    int64 // 0: not paid
	PaidFen   int64
	Reference string // the bank's
	PaidBy    string
	Terms     Terms // as they were agreed when it was made
}

const batchQuery = `SELECT ` + madeColumns + `, e.at, e.operator, e.terms, p.fen, p.reference, p.at, p.operator
	FROM settle_made m JOIN settle_entry e ON e.hash = m.hash
	LEFT JOIN settle_paid p ON p.hash = (SELECT x.hash FROM settle_paid x WHERE x.made = m.hash ORDER BY x.at, x.hash LIMIT 1) `

// counted are the settlements of each merchant's chain.
const counted = `WITH RECURSIVE counted(hash) AS (
	SELECT e.made FROM settle_tip t JOIN settle_entry e ON e.hash = t.hash WHERE ?1 IN ('', t.place)
	UNION ALL SELECT m.prev FROM settle_made m JOIN counted ON m.hash = counted.hash) `

func batches(q store.Querier, query string, args ...any) (out []Batch, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		b, termsOf, err := scanBatch(rows)
		if err != nil {
			return nil, err
		}
		if b.Terms, err = terms(q, termsOf); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, rows.Err()
}

func scanBatch(rows *sql.Rows) (b Batch, termsOf wire.Hash, err error) {
	var r row
	var hash, prev, t []byte
	var fen, at sql.NullInt64
	var reference, by sql.NullString
	err = rows.Scan(append(r.fields(&hash, &prev), &b.At, &b.Operator, &t, &fen, &reference, &at, &by)...)
	b.Hash, b.Place, b.Settlement, b.SumFen, b.SumPay = hashOf(hash), r.place, r.Settlement, r.SumFen, r.SumPay
	b.PaidAt, b.PaidFen, b.Reference, b.PaidBy = at.Int64, fen.Int64, reference.String, by.String
	return b, hashOf(t), err
}

// History lists a merchant's settlements, the newest first, and how many there
// are.
func (b *Book) History(q store.Querier, place string, offset, limit int) ([]Batch, int64, error) {
	tip, err := tipOf(q, place)
	if err != nil {
		return nil, 0, err
	}
	last, err := made(q, tip.made)
	if err != nil || last.Number == 0 {
		return nil, 0, err
	}
	list, err := batches(q, counted+batchQuery+`JOIN counted c ON c.hash = m.hash ORDER BY m.number DESC LIMIT ?2 OFFSET ?3`, place, limit, offset)
	return list, int64(last.Number), err
}

// Unpaid lists the settlements of all merchants that are made and not paid and
// owe something, by merchant.
func (b *Book) Unpaid(q store.Querier) ([]Batch, error) {
	return batches(q, counted+batchQuery+`JOIN counted c ON c.hash = m.hash WHERE m.pay > 0 AND p.hash IS NULL ORDER BY m.place, m.number`, "")
}

// Paid lists the settlements that were paid, the latest first, and how many
// there are.
func (b *Book) Paid(q store.Querier, offset, limit int) (list []Batch, total int64, err error) {
	err = q.QueryRow(counted+`SELECT count(*) FROM counted c WHERE EXISTS (SELECT 1 FROM settle_paid p WHERE p.made = c.hash)`, "").Scan(&total)
	if err != nil {
		return nil, 0, err
	}
	list, err = batches(q, counted+batchQuery+`JOIN counted c ON c.hash = m.hash WHERE p.hash IS NOT NULL ORDER BY p.at DESC, m.place, m.number LIMIT ?2 OFFSET ?3`, "", limit, offset)
	return list, total, err
}

// Void lists the settlements beside a chain that were paid all the same: of a
// registrar that had been replaced without knowing it. What they paid the
// chain's own settlements pay once more, so somebody must ask for it back.
func (b *Book) Void(q store.Querier) ([]Batch, error) {
	return batches(q, counted+batchQuery+`WHERE p.hash IS NOT NULL AND m.hash NOT IN (SELECT hash FROM counted) ORDER BY m.place, m.number`, "")
}

// Standing is what a merchant has got and what it is still owed.
type Standing struct {
	Terms
	Settled int64 // settlements
	Fen     int64 // of all of them
	PaidFen int64
	Last    Batch // the newest settlement; Number 0: none
}

// Standing sums a merchant's settlements up.
func (b *Book) Standing(q store.Querier, place string) (s Standing, err error) {
	tip, err := tipOf(q, place)
	if err != nil {
		return s, err
	}
	if s.Terms, err = terms(q, tip.terms); err != nil {
		return s, err
	}
	list, n, err := b.History(q, place, 0, 1)
	if err != nil || n == 0 {
		return s, err
	}
	s.Settled, s.Last, s.Fen = n, list[0], list[0].SumFen
	err = q.QueryRow(counted+`SELECT coalesce(sum(fen), 0) FROM (SELECT p.made, min(p.fen) AS fen FROM settle_paid p JOIN counted c ON c.hash = p.made GROUP BY p.made)`,
		place).Scan(&s.PaidFen)
	return s, err
}

// Line is a transaction of a settlement: a redemption, or a reversal below 0.
type Line struct {
	At       int64
	Hash     wire.Hash
	Points   int64
	Fen      int64
	Operator string
}

// One returns a settlement. Fault: settle.unknown.
func (b *Book) One(q store.Querier, h wire.Hash) (Batch, error) {
	list, err := batches(q, batchQuery+`WHERE m.hash = ?`, h[:])
	if err == nil && len(list) == 0 {
		err = fault.New("settle.unknown")
	}
	if err != nil {
		return Batch{}, err
	}
	return list[0], nil
}

// Sheet returns a settlement and its lines, oldest first within each feed;
// complete is false where this device does not hold all its feeds. Fault:
// settle.unknown.
func (b *Book) Sheet(q store.Querier, h wire.Hash) (s Batch, lines []Line, complete bool, err error) {
	if s, err = b.One(q, h); err != nil {
		return s, nil, false, err
	}
	r, err := made(q, h)
	if err != nil {
		return s, nil, false, err
	}
	if s.Ranges, err = ranges(q, h); err != nil {
		return s, nil, false, err
	}
	complete = true
	for _, x := range s.Ranges {
		held, err := b.histories(q).Held(x)
		if err != nil {
			return s, nil, false, err
		}
		if complete = complete && held; !held {
			continue
		}
		err = b.deals(q, x, func(d deal) error {
			l, err := b.line(q, r, s.Ranges, d)
			if err == nil && l.Hash != (wire.Hash{}) {
				lines = append(lines, l)
			}
			return err
		})
		if err != nil {
			return s, nil, false, err
		}
	}
	return s, lines, complete, nil
}

func (b *Book) line(q store.Querier, r row, ranges []Range, d deal) (Line, error) {
	c := counting{b: b, q: q, last: r.prev, ranges: ranges, peg: r.Peg}
	if err := c.add(d); err != nil || c.points+c.back == 0 {
		return Line{}, err
	}
	ctx, err := seal.ParseContext(d.change.Message)
	return Line{At: d.change.Time, Hash: d.hash, Points: c.points - c.back, Fen: c.fen, Operator: ctx.Name()}, err
}

func ranges(q store.Querier, h wire.Hash) (out []Range, err error) {
	rows, err := q.Query(`SELECT feed, lo, hi, tip FROM settle_range WHERE made = ? AND lo <= hi ORDER BY feed`, h[:])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r Range
		var feed, tip []byte
		if err := rows.Scan(&feed, &r.From, &r.To, &tip); err != nil {
			return nil, err
		}
		copy(r.Feed[:], feed)
		r.Tip = hashOf(tip)
		out = append(out, r)
	}
	return out, rows.Err()
}

// PaidUnder lists the settlements that were paid under a bank's reference, by
// merchant.
func (b *Book) PaidUnder(q store.Querier, reference string) ([]Batch, error) {
	return batches(q, counted+batchQuery+`JOIN counted c ON c.hash = m.hash WHERE p.reference = ?2 ORDER BY m.place, m.number`, "", reference)
}
