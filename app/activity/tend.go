package activity

import (
	"encoding/hex"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	// tendFor is how long after its end an activity's places are looked after. By
	// the device's clock, not the store's: that stays ahead for as long as a clock
	// once was, and the places would lie idle until then.
	tendFor = 90 * day
	// tendAwards bounds the awards of one call, so that a station that comes
	// back after weeks does not hold the till up; the next call goes on.
	tendAwards = 500
)

// notHere says that a ledger command failed for want of rights at this device,
// and not because something is broken.
func notHere(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f) && slices.Contains([]string{
		"ledger.turn.missing", "ledger.issue.short", "ledger.deed.used", "ledger.period.closed",
		"ledger.slot.full", "ledger.rights.short", "ledger.payee.bad", "ledger.payee.closed",
	}, f.Code)
}

// Tend does what this device has the rights to do and nobody did yet: makes and
// trims places of activities published here, takes back confirmations that are
// no longer wanted or that lost to another device's, confirms sign-ups in order,
// hands turns to organisers, pays what is due. The node calls it after
// commits and syncs; without work it only reads. more says that another call
// has more to do. Error: Stuck, for what [Board.Run] sets aside.
func (b *Board) Tend(tx *store.Tx) (more bool, err error) {
	ids, err := b.untended(tx)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if err := b.apart("places/"+id, func() error { return b.tendID(tx, id) }); err != nil {
			return false, err
		}
	}
	if err := b.tendTurns(tx); err != nil {
		return false, err
	}
	return b.tendDue(tx, nil, tendAwards)
}

// untended lists the activities in which places and sign-ups may not agree.
func (b *Board) untended(tx *store.Tx) ([]string, error) {
	me := self(tx)
	return texts(tx, `SELECT r.id FROM activity_row r
		WHERE r.cancelled = 0 AND r.places > 0 AND r.end_at > ?1 AND (
			(r.home = ?2 AND r.places != COALESCE((SELECT n FROM activity_made m WHERE m.activity = r.id), 0))
			OR EXISTS (SELECT 1 FROM activity_signup s WHERE s.activity = r.id AND s.signed = 1
				AND NOT EXISTS (SELECT 1 FROM activity_place p WHERE p.activity = r.id AND p.person = s.person))
			OR EXISTS (SELECT 1 FROM activity_place p WHERE p.activity = r.id AND p.actor = ?2 AND (
				EXISTS (SELECT 1 FROM activity_signup s WHERE s.activity = r.id AND s.person = p.person AND s.signed = 0)
				OR EXISTS (SELECT 1 FROM activity_place o WHERE o.activity = r.id AND o.person = p.person
					AND (o.hash < p.hash OR o.hash = p.hash AND o.n < p.n)))))
		ORDER BY r.start_at, r.id`, b.Clock()-tendFor, me)
}

// tendID looks after the places of one activity.
func (b *Board) tendID(tx *store.Tx, id string) error {
	r, err := b.record(tx, id)
	if err != nil || r.Cancelled != 0 || r.Places == 0 {
		return err
	}
	if err := b.release(tx, r); err != nil {
		return err
	}
	if err := b.fitPlaces(tx, r); err != nil {
		return err
	}
	return b.confirm(tx, r)
}

// release takes back this device's confirmations of people who signed off, and
// of people whom another confirmation with a lower hash confirms as well.
func (b *Board) release(tx *store.Tx, r record) error {
	hashes, err := texts(tx, `SELECT DISTINCT hex(p.hash) FROM activity_place p WHERE p.activity = ?1 AND p.actor = ?2 AND (
		EXISTS (SELECT 1 FROM activity_signup s WHERE s.activity = ?1 AND s.person = p.person AND s.signed = 0)
		OR EXISTS (SELECT 1 FROM activity_place o WHERE o.activity = ?1 AND o.person = p.person
			AND (o.hash < p.hash OR o.hash = p.hash AND o.n < p.n)))`, r.ID, self(tx))
	if err != nil {
		return err
	}
	for _, h := range hashes {
		raw, err := hex.DecodeString(h)
		if err != nil || len(raw) != len(wire.Hash{}) {
			return errors.Join(errForm, err)
		}
		if _, err := b.Rights.Undo(tx, wire.Hash(raw)); err != nil && !notHere(err) {
			return err
		}
	}
	return nil
}

// fitPlaces makes or ends free places until there are as many as the activity
// says. Only the device that published it does so.
func (b *Board) fitPlaces(tx *store.Tx, r record) error {
	if r.Home != self(tx) {
		return nil
	}
	var made int64
	if err := optional(tx.QueryRow(`SELECT n FROM activity_made WHERE activity = ?`, r.ID).Scan(&made)); err != nil {
		return err
	}
	if made < r.Places {
		_, err := b.Rights.MintSlots(tx, subjectOf(r.ID), r.Places-made)
		return err
	}
	free, err := b.Rights.Here(tx, slots(r.ID))
	if n := min(made-r.Places, free); err == nil && n > 0 {
		_, err = b.Rights.Write(tx, "activity.fewer", ledger.Entry{Type: ledger.Burn, Quota: slots(r.ID), Amount: n, Why: ledger.WhyCorrection})
	}
	return err
}

// confirm gives the free places of this device to who waits, in the order of
// sign-up.
func (b *Board) confirm(tx *store.Tx, r record) error {
	free, err := b.Rights.Here(tx, slots(r.ID))
	if err != nil || free == 0 {
		return err
	}
	next, err := texts(tx, `SELECT s.person FROM activity_signup s WHERE s.activity = ?1 AND s.signed = 1
		AND NOT EXISTS (SELECT 1 FROM activity_place p WHERE p.activity = ?1 AND p.person = s.person)
		ORDER BY s.at, s.person LIMIT ?2`, r.ID, free)
	if err != nil {
		return err
	}
	for _, person := range next {
		if _, err := b.Rights.Confirm(tx, subjectOf(r.ID), personOf(person)); err != nil {
			return err
		}
	}
	return nil
}

// tendTurns makes, at the registrar's device, the turns of activities that
// other devices published, and hands them over.
func (b *Board) tendTurns(tx *store.Tx) error {
	ids, err := texts(tx, `SELECT id FROM activity_row r WHERE cancelled = 0 AND end_at > ? ORDER BY id`, b.Clock()-tendFor)
	if err != nil {
		return err
	}
	for _, id := range ids {
		mine := true
		err := b.apart("made/"+id, func() (err error) { mine, err = b.makeTurn(tx, id); return err })
		if err != nil || !mine {
			return err
		}
	}
	return nil
}

// makeTurn makes the turn of one activity; false where this is not the device that
// makes turns.
func (b *Board) makeTurn(tx *store.Tx, id string) (bool, error) {
	s := subjectOf(id)
	var made int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM activity_turn WHERE turn = ?`, s[:]).Scan(&made); err != nil || made > 0 {
		return true, err
	}
	err := b.Rights.EnsureTurn(tx, s)
	if notHere(err) {
		return false, nil
	}
	if err == nil {
		err = b.turnHome(tx, id)
	}
	return true, err
}

// turnHome sends a fresh turn to the device that published the activity.
func (b *Board) turnHome(tx *store.Tx, id string) error {
	r, err := b.record(tx, id)
	if err != nil || r.Home == self(tx) || len(r.Home) != 32 {
		return err
	}
	raw, err := hex.DecodeString(r.Home)
	if err != nil {
		return errors.Join(errForm, err)
	}
	if err := b.sendTurn(tx, r, wire.Actor(raw)); err != nil && !notHere(err) {
		return err
	}
	return nil
}

// openEnded is how many people are expected where places have no end.
const openEnded = 50

// sendTurn moves an activity's turn with as much issue budget as the activity
// can need.
func (b *Board) sendTurn(tx *store.Tx, r record, to wire.Actor) error {
	people := r.Places
	if people == 0 {
		people = openEnded
	}
	need := people * r.Rule.item().Value((r.End-r.Start)/60_000)
	var budget ledger.Amount
	for _, period := range []string{zone.Year(r.Start), ""} {
		q := ledger.Quota{Kind: ledger.Issue, Subject: b.Rights.Community(), Period: period}
		have, err := b.Rights.Here(tx, q)
		if err != nil {
			return err
		}
		if n := min(have, need); n > budget.N {
			budget = ledger.Amount{Quota: q, N: n}
		}
	}
	_, err := b.Rights.SendTurn(tx, subjectOf(r.ID), budget, to)
	return err
}
