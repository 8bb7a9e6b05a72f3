package law

import (
	"errors"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

var errMainOnly = errors.New("law: only the main device says that")

// byMainDevice refuses what the main device of the head that a change names did not
// write.
func (r Rules) byMainDevice(tx *store.Tx, ch *wire.Change, c seal.Context) error {
	device, known, err := r.Charter.DeviceOf(tx, ch.Actor)
	if err != nil {
		return err
	}
	s, err := r.Charter.Snapshot(tx)
	if err != nil {
		return err
	}
	if _, main := s.Role(device, s.Under(c)); !known || !main {
		return errMainOnly
	}
	return nil
}
