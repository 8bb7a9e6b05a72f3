package shop

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// receiptColumns are of the table shop_receipt r.
var receiptColumns = `r.hash, r.id, r.actor, r.doc, r.seq, r.at, r.person, r.points, r.operator, r.proof, r.less, ` + ledger.Undone("r.hash") + `, ` + ledger.BeyondCut("r.hash")

// bought is a row of shop_receipt.
type bought struct {
	hash             []byte
	id               string
	actor, doc       string
	seq              int64
	at, points       int64
	person, operator string
	proof            Proof
	less             string
	undone           bool
	late             bool // beyond the cut of its feed
}

func scanBought(row interface{ Scan(...any) error }) (b bought, err error) {
	err = row.Scan(&b.hash, &b.id, &b.actor, &b.doc, &b.seq, &b.at, &b.person, &b.points, &b.operator, &b.proof, &b.less, &b.undone, &b.late)
	return b, err
}

// Receipt returns the receipt of a ledger transaction. Fault:
// till.receipt.unknown.
func (s *Shop) Receipt(q store.Querier, hash wire.Hash) (Receipt, error) { return s.receipt(q, hash) }

func (s *Shop) receipt(q store.Querier, hash wire.Hash) (Receipt, error) {
	b, err := scanBought(q.QueryRow(`SELECT `+receiptColumns+` FROM shop_receipt r WHERE r.hash = ?`, hash[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return Receipt{}, fault.New("till.receipt.unknown")
	}
	if err != nil {
		return Receipt{}, err
	}
	return s.print(q, b)
}

// print makes a receipt of a row.
func (s *Shop) print(q store.Querier, b bought) (Receipt, error) {
	r := Receipt{
		Ref: Ref{Doc: b.doc, Seq: uint64(b.seq), Hash: hex.EncodeToString(b.hash)}, At: b.at, Total: b.points, Operator: b.operator, Undone: b.undone, Late: b.late, Proof: b.proof,
	}
	less := lessOf(b.less)
	r.Less, r.LessLevel, r.LessLife = less.N, s.LevelName(less.Level), less.Life
	r.Community, r.Place = s.Names()
	buyer, err := s.People.Buyer(q, b.person)
	if err != nil {
		return r, err
	}
	r.Masked, r.Name, r.Code = buyer.Masked, buyer.Name, buyer.Code
	if r.Lines, err = s.receiptLines(q, b); err != nil {
		return r, err
	}
	if r.HereAfter, err = s.Rights.Rights(q, personOf(b.person)); err != nil {
		return r, err
	}
	r.Number, err = numberOf(q, b)
	return r, err
}

// numberOf is the receipt's number: its month and day, and the how manieth of
// the day in its history of the device's feed. Of a branch those that both histories
// share are not told apart: its number may be higher than the one on paper.
func numberOf(q store.Querier, b bought) (string, error) {
	start, _ := zone.DayBounds(b.at)
	var n int64
	err := q.QueryRow(`SELECT COUNT(*) FROM shop_receipt r WHERE actor = ?1 AND at >= ?2 AND (at < ?3 OR at = ?3 AND (doc, seq, hash) <= (?4, ?5, ?6))
		AND (NOT `+store.InBranch("r.doc", "r.hash")+` OR `+store.InBranch("?4", "?6")+`)`, b.actor, start, b.at, b.doc, b.seq, b.hash).Scan(&n)
	return fmt.Sprintf("%s-%03d", zone.In(b.at).Format("0102"), n), err
}

// receiptLines lists a receipt's goods at the prices of its time.
func (s *Shop) receiptLines(q store.Querier, b bought) (out []ReceiptLine, err error) {
	rows, err := q.Query(`SELECT COALESCE(o.name, ''), COALESCE(o.unit, ''), l.n_of, COALESCE(
			(SELECT p.points FROM shop_price p WHERE p.offer = l.offer AND p.at <= ?2 ORDER BY p.at DESC, p.actor DESC LIMIT 1), o.points, 0)
		FROM shop_line l LEFT JOIN shop_offer o ON o.id = l.offer WHERE l.hash = ?1 ORDER BY l.n`, b.hash, b.at)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = []ReceiptLine{}
	for rows.Next() {
		var l ReceiptLine
		if err := rows.Scan(&l.Name, &l.Unit, &l.N, &l.Points); err != nil {
			return nil, err
		}
		l.Points *= l.N
		out = append(out, l)
	}
	return out, rows.Err()
}

// maxToday bounds a day's list: a busy counter has a few hundred.
const maxToday = 5000

// Today lists the redemptions of a day (yyyy-mm-dd, "" for today) at this place,
// the latest first, and their points without undone ones and those that count nowhere. Fault: till.day.
func (s *Shop) Today(q store.Querier, day string) (out []Receipt, total int64, err error) {
	at := s.Clock()
	if day != "" {
		t, err := time.ParseInLocation(time.DateOnly, day, zone.China)
		if err != nil {
			return nil, 0, fault.New("till.day")
		}
		at = t.UnixMilli()
	}
	start, end := zone.DayBounds(at)
	list, err := boughtRows(q, `SELECT `+receiptColumns+` FROM shop_receipt r WHERE r.at >= ? AND r.at < ? AND EXISTS
		(SELECT 1 FROM shop_line l JOIN shop_offer o ON o.id = l.offer WHERE l.hash = r.hash AND o.place = ?)
		ORDER BY r.at DESC, r.hash LIMIT `+strconv.Itoa(maxToday), start, end, s.Place())
	if err != nil {
		return nil, 0, err
	}
	out = []Receipt{}
	for _, b := range list {
		r, err := s.print(q, b)
		if err != nil {
			return nil, 0, err
		}
		if !r.Undone && !r.Late {
			total += r.Total
		}
		out = append(out, r)
	}
	return out, total, nil
}

// SoldBy lists what stands of a device's redemptions within its cut in all its histories,
// since a time, oldest first.
func (s *Shop) SoldBy(q store.Querier, feed wire.Actor, since int64) ([]Receipt, error) {
	list, err := boughtRows(q, `SELECT `+receiptColumns+` FROM shop_receipt r WHERE r.actor = ? AND r.at >= ? AND NOT `+
		ledger.Undone("r.hash")+` AND NOT `+ledger.BeyondCut("r.hash")+` ORDER BY r.at, r.hash`, feed.String(), since)
	out := make([]Receipt, len(list))
	for i, b := range list {
		r, e := s.print(q, b)
		out[i], err = r, errors.Join(err, e)
	}
	return out, err
}

// Doubled is a gift or an order that is redeemed more than once: two copies of a device
// did it.
type Doubled struct {
	Actor    wire.Actor // whose feed has the first of them
	Person   string
	Receipts []Receipt // oldest first
}

// Doubled lists what was redeemed more than once within the cuts, if the last time was at or
// after since. Of sales beyond a cut nobody is charged: they are not among them.
func (s *Shop) Doubled(q store.Querier, since int64) (out []Doubled, err error) {
	stands := ` NOT ` + ledger.Undone("r.hash") + ` AND NOT ` + ledger.BeyondCut("r.hash")
	list, err := boughtRows(q, `SELECT `+receiptColumns+` FROM shop_receipt r WHERE r.id IN (
			SELECT t.id FROM shop_twice t WHERE EXISTS (SELECT 1 FROM shop_receipt d WHERE d.id = t.id AND d.at >= ?)) AND`+stands+` ORDER BY r.id, r.at, r.hash`, since)
	for len(list) > 0 && err == nil {
		n := 1
		for n < len(list) && list[n].id == list[0].id {
			n++
		}
		if n > 1 {
			var d Doubled
			d, err = s.doubled(q, list[:n])
			out = append(out, d)
		}
		list = list[n:]
	}
	return out, err
}

func (s *Shop) doubled(q store.Querier, list []bought) (d Doubled, err error) {
	d.Person = list[0].person
	if raw, e := hex.DecodeString(list[0].actor); e == nil {
		copy(d.Actor[:], raw)
	}
	for _, b := range list {
		r, e := s.print(q, b)
		err = errors.Join(err, e)
		d.Receipts = append(d.Receipts, r)
	}
	return d, err
}

func boughtRows(q store.Querier, query string, args ...any) (out []bought, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		b, err := scanBought(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, rows.Err()
}
