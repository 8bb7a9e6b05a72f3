package activity

import (
	"errors"

	"jishan/app/fault"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// RecordClaimed writes down what was claimed by a rule of a version and has waited
// until nothing stood in its way: it pays, or takes, by that version, whatever is
// in force now. A deed that this device recorded already stands. Faults:
// people.unknown, scheme.version.unknown (not here yet), scheme.item.unknown.
func (b *Board) RecordClaimed(tx *store.Tx, d Deed, version int64, operator string) error {
	if err := b.known(tx, d.Person); err != nil {
		return err
	}
	book, err := b.Scheme.At(tx, version)
	if err != nil {
		return err
	}
	item, ok := book.Item(d.Item)
	if !ok || item.Kind == scheme.Base {
		return fault.New("scheme.item.unknown", "code", d.Item)
	}
	_, err = b.enter(tx, d.fact(tx, item, version, operator))
	if errors.Is(err, fault.New("deed.double")) {
		err = nil
	}
	return err
}

// Check refuses a deed that no recorder could write down, by an item. Faults as
// RecordDeed.
func (d Deed) Check(item scheme.Item, now int64) error { return d.check(item, now) }
