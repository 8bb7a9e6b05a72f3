package activity

import (
	"encoding/hex"
	"errors"
	"strings"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// applyEntries reads from one ledger transaction what concerns activities:
// places made and taken, deeds paid; beside: of a second history of its feed. Admission
// has judged it.
func applyEntries(tx *store.Tx, ev store.Event, beside bool) error {
	community, _, _ := strings.Cut(string(ev.Doc), ".")
	subject, err := ledger.ParseSubject(community)
	if err != nil {
		return err
	}
	if len(ev.Change.Ops) != 1 {
		return errForm
	}
	t, err := ledger.Decode([]byte(ev.Change.Ops[0].Value.Raw), subject)
	if err != nil {
		return err
	}
	for i := range t.Entries {
		if beside && t.Entries[i].Quota.Kind == ledger.Slot {
			continue // places are those of one history
		}
		if err := applyEntry(tx, ev, i, t); err != nil {
			return err
		}
	}
	return nil
}

func applyEntry(tx *store.Tx, ev store.Event, i int, t *ledger.Tx) error {
	e := &t.Entries[i]
	switch {
	case e.Quota.Kind == ledger.Slot:
		return applySlot(tx, ev, i, e)
	case e.Type == ledger.Mint && e.Quota.Kind == ledger.Turn:
		_, err := tx.Exec(`INSERT INTO activity_turn (turn) VALUES (?) ON CONFLICT DO NOTHING`, e.Quota.Subject[:])
		return err
	case e.Type == ledger.Mint && e.Quota.Kind == ledger.Points && e.Deed != (ledger.Deed{}):
		return applyPaid(tx, ev, e.Deed, e.Amount)
	case e.Why == ledger.WhyFine:
		return applyPaid(tx, ev, e.Deed, -taken(t, e.Deed))
	}
	if e.Ref != (ledger.Ref{}) && (e.Type == ledger.Burn || e.Why == ledger.WhyReturn || e.Why == ledger.WhyRecall) { // its key stays used up: the deed is not due again
		return applyUndone(tx, e.Ref)
	}
	return nil
}

// paidOnce is what was paid for a deed, of its rows: two histories of a device, or a feed
// and its successor, may have paid it each, and one of that counts.
const paidOnce = `CASE WHEN MAX(amount) > 0 THEN MAX(amount) ELSE MIN(amount) END`

// paidFor is what was paid for a deed and stands.
func paidFor(q store.Querier, turn, key ledger.Subject) (n int64, err error) {
	err = q.QueryRow(`SELECT COALESCE(SUM(n), 0) FROM (SELECT `+paidOnce+` AS n FROM activity_paid WHERE turn = ? AND key = ? GROUP BY turn, key HAVING MAX(undone) = 0)`, turn[:], key[:]).Scan(&n)
	return n, err
}

func applySlot(tx *store.Tx, ev store.Event, i int, e *ledger.Entry) error {
	activity := activityOf(e.Quota.Subject)
	var err error
	switch e.Type {
	case ledger.Consume:
		_, err = tx.Exec(`INSERT INTO activity_place (hash, n, activity, person, actor) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, ev.Hash[:], i, activity, e.Order.String(), hex.EncodeToString(ev.Change.Actor[:]))
	case ledger.Restore:
		_, err = tx.Exec(`DELETE FROM activity_place WHERE hash = ? AND n = ?`, e.Ref.Hash[:], int64(e.Ref.Index))
	case ledger.Mint:
		err = addMade(tx, activity, e.Amount)
	case ledger.Burn:
		err = addMade(tx, activity, -e.Amount)
	}
	return err
}

func addMade(tx *store.Tx, activity string, n int64) error {
	_, err := tx.Exec(`INSERT INTO activity_made (activity, n) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET n = n + excluded.n`, activity, n)
	return err
}

func applyPaid(tx *store.Tx, ev store.Event, d ledger.Deed, amount int64) error {
	_, err := tx.Exec(`INSERT INTO activity_paid (turn, key, hash, amount, undone) VALUES (?1, ?2, ?3, ?4, EXISTS (SELECT 1 FROM activity_undone WHERE hash = ?3))
		ON CONFLICT DO NOTHING`, d.Turn[:], d.Key[:], ev.Hash[:], amount)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM activity_due WHERE turn = ? AND key = ?`, d.Turn[:], d.Key[:])
	return err
}

// applyUndone notes that what was paid was taken back: which of the two comes first depends
// on the history in which each stands.
func applyUndone(tx *store.Tx, r ledger.Ref) error {
	if _, err := tx.Exec(`INSERT INTO activity_undone (hash) VALUES (?) ON CONFLICT DO NOTHING`, r.Hash[:]); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE activity_paid SET undone = 1 WHERE hash = ?`, r.Hash[:])
	return err
}

// taken is what a deduction took for a deed, over all its entries.
func taken(t *ledger.Tx, d ledger.Deed) (n int64) {
	for i := range t.Entries {
		if e := &t.Entries[i]; e.Why == ledger.WhyFine && e.Deed == d {
			n += e.Amount
		}
	}
	return n
}

// texts reads the first column of a query.
func texts(q store.Querier, query string, args ...any) (out []string, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
