package settle

import (
	"database/sql"
	"errors"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// linked is an entry of the chain and what is true after it.
type linked struct {
	hash  wire.Hash
	place string
	term  uint64
	actor wire.Actor
	year  int
	made  wire.Hash
	terms wire.Hash
}

const linkColumns = `hash, place, term, actor, year, made, terms`

func scanLink(row *sql.Row) (l linked, err error) {
	var hash, actor, made, terms []byte
	err = row.Scan(&hash, &l.place, &l.term, &actor, &l.year, &made, &terms)
	if errors.Is(err, sql.ErrNoRows) {
		return linked{}, nil
	}
	l.hash, l.made, l.terms = hashOf(hash), hashOf(made), hashOf(terms)
	copy(l.actor[:], actor)
	return l, err
}

// link reads an entry; the zero link for one that is not here.
func link(q store.Querier, h wire.Hash) (linked, error) {
	return scanLink(q.QueryRow(`SELECT `+linkColumns+` FROM settle_entry WHERE hash = ?`, blob(h)))
}

// tipOf reads the end of a merchant's chain; the zero link for none.
func tipOf(q store.Querier, place string) (linked, error) {
	return scanLink(q.QueryRow(`SELECT `+linkColumns+` FROM settle_entry WHERE hash = (SELECT hash FROM settle_tip WHERE place = ?)`, place))
}

const madeColumns = `m.hash, m.prev, m.place, m.number, m.day, m.redemptions, m.reversals, m.points, m.back, m.peg, m.fen, m.brought, m.pay, m.sum_points, m.sum_fen, m.sum_pay`

// row is a settlement as it is stored.
type row struct {
	hash, prev wire.Hash
	place      string
	Settlement
	SumPoints, SumFen, SumPay int64
}

func (r *row) fields(hash, prev *[]byte) []any {
	return []any{hash, prev, &r.place, &r.Number, &r.Day, &r.Redemptions, &r.Reversals, &r.Points, &r.Back, &r.Peg, &r.Fen, &r.Brought, &r.Pay,
		&r.SumPoints, &r.SumFen, &r.SumPay}
}

// made reads a settlement; the zero row for one that is not here.
func made(q store.Querier, h wire.Hash) (r row, err error) {
	var hash, prev []byte
	err = q.QueryRow(`SELECT `+madeColumns+` FROM settle_made m WHERE m.hash = ?`, blob(h)).Scan(r.fields(&hash, &prev)...)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, nil
	}
	r.hash, r.prev = hashOf(hash), hashOf(prev)
	return r, err
}

// upto tells how far a feed is settled after a settlement.
func upto(q store.Querier, made wire.Hash, feed wire.Actor) (n uint64, err error) {
	err = q.QueryRow(`SELECT hi FROM settle_range WHERE made = ? AND feed = ?`, blob(made), feed[:]).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// covering finds the settlement whose range holds a transaction, among those
// that lead up to last; the zero row for none.
func covering(q store.Querier, last wire.Hash, feed wire.Actor, number uint64) (row, error) {
	list, err := hashes(q, `SELECT made FROM settle_range WHERE feed = ? AND lo <= hi AND lo <= ? AND hi >= ?`, feed[:], int64(number), int64(number))
	if err != nil {
		return row{}, err
	}
	for _, h := range list {
		ok, err := leads(q, h, last)
		if err != nil {
			return row{}, err
		}
		if ok {
			return made(q, h)
		}
	}
	return row{}, nil
}

// leads tells whether settlement h is last, or one before it.
func leads(q store.Querier, h, last wire.Hash) (ok bool, err error) {
	err = q.QueryRow(`WITH RECURSIVE back(hash) AS (SELECT ?1 UNION ALL SELECT m.prev FROM settle_made m JOIN back ON m.hash = back.hash
		WHERE m.number >= (SELECT number FROM settle_made WHERE hash = ?2)) SELECT EXISTS (SELECT 1 FROM back WHERE hash = ?2)`, blob(last), h[:]).Scan(&ok)
	return ok, err
}

func hashes(q store.Querier, query string, args ...any) (out []wire.Hash, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		out = append(out, hashOf(b))
	}
	return out, rows.Err()
}

// terms reads the terms that an entry set; zero terms for none.
func terms(q store.Querier, h wire.Hash) (t Terms, err error) {
	err = q.QueryRow(`SELECT payee, account, bank, peg FROM settle_terms WHERE hash = ?`, blob(h)).Scan(&t.Payee, &t.Account, &t.Bank, &t.Peg)
	if errors.Is(err, sql.ErrNoRows) {
		return Terms{}, nil
	}
	return t, err
}
