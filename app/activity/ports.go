package activity

import (
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Rights is what activities ask of the ledger on this device; *ledger.Ledger
// has it.
type Rights interface {
	// Here is how much of a quota this device holds.
	Here(q store.Querier, quota ledger.Quota) (int64, error)
	// Write appends one transaction to this device's feed.
	Write(tx *store.Tx, action string, entries ...ledger.Entry) (store.Ref, error)
	// Award books points. Faults ledger.turn.missing, ledger.issue.short,
	// ledger.deed.used and ledger.period.closed mean: not here, or not now.
	Award(tx *store.Tx, a ledger.Award) (store.Ref, error)
	// Deduct takes points away, under a deed key. Faults as Award.
	Deduct(tx *store.Tx, d ledger.Deduction) (store.Ref, error)
	// EnsureTurn makes a turn at the device that may, if nobody did. Fault:
	// ledger.turn.missing.
	EnsureTurn(tx *store.Tx, turn ledger.Subject) error
	// SendTurn moves a turn and a share of an issue budget.
	SendTurn(tx *store.Tx, turn ledger.Subject, issue ledger.Amount, to wire.Actor) (store.Ref, error)
	// Move sends other rights.
	Move(tx *store.Tx, q ledger.Quota, n int64, to wire.Actor) (store.Ref, error)
	// MintSlots makes places, Confirm gives one to a person, Undo takes a
	// confirmation of this device back.
	MintSlots(tx *store.Tx, activity ledger.Subject, places int64) (store.Ref, error)
	Confirm(tx *store.Tx, activity, person ledger.Subject) (store.Ref, error)
	Undo(tx *store.Tx, h wire.Hash) (store.Ref, error)
	// Community is the subject of the common issue budget.
	Community() ledger.Subject
}

// Directory knows people's names on this device.
type Directory interface {
	// Briefs returns what lists show of people. Unknown ids are missing.
	Briefs(q store.Querier, ids []string) (map[string]Brief, error)
	// Find returns the people of exactly that name; with a tail, only those
	// whose phone ends with it.
	Find(q store.Querier, name, tail string) ([]Found, error)
	// Card checks the text of a card's QR, or a typed card code, and returns
	// the person. Its faults are passed on.
	Card(q store.Querier, text string) (person string, err error)
	// Known says whether a person of that id is registered here.
	Known(q store.Querier, person string) (bool, error)
	// Seal encrypts a text about a person, bound to a field, with the person's
	// key: people.Envelope holds. Fault: people.unknown.
	Seal(tx *store.Tx, person, field, plain string) ([]byte, error)
	// SealThing encrypts a text that hangs on no person with a key of its own,
	// DropThing destroys that key.
	SealThing(tx *store.Tx, thing ledger.Subject, field, plain string) ([]byte, error)
	DropThing(tx *store.Tx, thing ledger.Subject, sealed []byte) error
	// Texts opens what the two sealed, within one reading: "" for nothing,
	// people.Erased or people.Unread for what can't be read.
	Texts(q store.Querier) func(about ledger.Subject, field string, sealed []byte) (string, error)
}

// Brief is what lists show of a person.
type Brief struct{ Name, Masked, PhoneTail string }

// Found is a person who may be meant. Row goes to the screen as it is.
type Found struct {
	ID  string
	Row any
}
