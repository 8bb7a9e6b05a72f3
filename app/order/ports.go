package order

import (
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Rights is what orders ask of the ledger on this device; *ledger.Ledger has
// it.
type Rights interface {
	// Award books points. Faults ledger.turn.missing, ledger.issue.short,
	// ledger.deed.used and ledger.period.closed mean: not here, or not now.
	Award(tx *store.Tx, a ledger.Award) (store.Ref, error)
	// EnsureTurn makes a turn at the device that may, if nobody did. Fault:
	// ledger.turn.missing.
	EnsureTurn(tx *store.Tx, turn ledger.Subject) error
}

// People knows people on this device, and keeps what is said about them under
// their keys. A merchant's device has none.
type People interface {
	// Briefs returns what lists show of people. Unknown ids are missing.
	Briefs(q store.Querier, ids []string) (map[string]Brief, error)
	// Known says whether a person of that id is registered here.
	Known(q store.Querier, person string) (bool, error)
	// Seal encrypts a text under the person's key, for one field.
	Seal(tx *store.Tx, person, field, plain string) ([]byte, error)
	// Open decrypts what Seal made; "" when the key is gone or not here yet.
	Open(q store.Querier, person, field string, sealed []byte) (string, error)
	// Reach returns the telephone and the address on record, for who goes there.
	Reach(person string) (phone, address string, err error)
}

// Brief is what lists show of a person.
type Brief struct{ Name, Masked, Grid string }

// Places knows the places where merchants stand.
type Places interface {
	// Merchant returns a place's name, false where no merchant stands.
	Merchant(place string) (name string, ok bool)
	// SealTo encrypts for the devices that stand at a place now.
	SealTo(place string, plain []byte) ([]byte, error)
	// Unseal decrypts what SealTo made; false if it is not for this device.
	Unseal(sealed []byte) ([]byte, bool)
}
