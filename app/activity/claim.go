package activity

import (
	"errors"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/scheme"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// RecordClaimed writes down what was claimed by a rule of a version and has waited
// until nothing stood in its way: it pays, or takes, by that version, whatever is
// in force now. A deed that this device recorded already stands. It returns the
// deed's key. Faults: people.unknown, scheme.version.unknown (not here yet),
// scheme.item.unknown.
func (b *Board) RecordClaimed(tx *store.Tx, d Deed, version int64, operator string) (ledger.Subject, error) {
	if err := b.known(tx, d.Person); err != nil {
		return ledger.Subject{}, err
	}
	book, err := b.Scheme.At(tx, version)
	if err != nil {
		return ledger.Subject{}, err
	}
	item, ok := book.Item(d.Item)
	if !ok || item.Kind == scheme.Base {
		return ledger.Subject{}, fault.New("scheme.item.unknown", "code", d.Item)
	}
	got, err := b.enter(tx, d, d.fact(tx, item, version, operator))
	if errors.Is(err, fault.New("deed.double")) {
		err = nil
	}
	return got.Key, err
}

// Pay books what is due to a person by deeds, as far as this device may.
func (b *Board) Pay(tx *store.Tx, person string) error {
	turn := personOf(person)
	_, err := b.tendDue(tx, &turn, tendAwards)
	return err
}

// Booking is what the ledger made of a deed.
type Booking struct {
	Entry  wire.Hash // what paid or took; zero if nothing did
	Undone bool      // all of that was taken back
	Due    bool      // it will be booked where the person's turn is held
	Points int64     // what was given and stands, or would be now: the caps of the rulebook may leave less than the deed is worth
}

// Booked says what came of a deed of a person's turn.
func (b *Board) Booked(q store.Querier, person string, deed ledger.Subject) (out Booking, err error) {
	turn := personOf(person)
	var hash []byte
	err = optional(q.QueryRow(`SELECT hash FROM activity_paid WHERE turn = ? AND key = ? ORDER BY undone, hash LIMIT 1`, turn[:], deed[:]).Scan(&hash))
	if err != nil {
		return out, err
	}
	copy(out.Entry[:], hash)
	if out.Undone, err = takenBack(q, turn, deed); err != nil {
		return out, err
	}
	if _, out.Due, err = payState(q, turn, deed); err != nil {
		return out, err
	}
	if out.Points, err = paidFor(q, turn, deed); err != nil || !out.Due {
		return out, err
	}
	list, err := b.dueOfPerson(q, person)
	if err != nil {
		return out, err
	}
	each, err := b.promises(q, list)
	for i, o := range list {
		if o.key == deed && err == nil && o.points > 0 {
			out.Points, out.Due = each[i], each[i] > 0
		}
	}
	return out, err
}

// Check refuses a deed that no recorder could write down, by an item. Faults as
// RecordDeed.
func (d Deed) Check(item scheme.Item, now int64) error { return d.check(item, now) }
