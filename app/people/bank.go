package people

import (
	"errors"
	"strconv"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Balance is what the ledger says of one person.
type Balance struct{ Lifetime, Year, Spendable, Here, OnTheWay int64 }

// Opening is what a person brings along from a paper book or another system.
type Opening struct{ Lifetime, Year, Spendable int64 }

// Zero tells whether the person brings nothing.
func (o Opening) Zero() bool { return o == Opening{} }

// Bank is what people needs of the ledger. NewBank makes one.
type Bank interface {
	// Balances returns the balances of the persons, of everybody if ids is
	// nil. Who has none is left out.
	Balances(q store.Querier, ids []ID) (map[ID]Balance, error)
	// Register awards the bonus of n points where this device holds the turn
	// for registrations. booked also says that it was awarded before.
	Register(tx *store.Tx, person ID, key ledger.Subject, n int64) (booked bool, err error)
	// Open books what a person brings along, once for each key, where this
	// device holds the turn.
	Open(tx *store.Tx, person ID, key ledger.Subject, o Opening) (booked bool, err error)
	// Paid tells whether a deed of the person was paid by any device.
	Paid(q store.Querier, person ID, key ledger.Subject) (bool, error)
	// Undo takes back what an import booked, if the person has no other entry;
	// else it changes nothing and says false. kept says that the entries
	// stay, because the ledger has no opposite for them.
	Undo(tx *store.Tx, person ID) (done, kept bool, err error)
}

// RegistrationTurn is the right to award registrations and openings. The
// registrar's device holds it.
var RegistrationTurn = ledger.TextSubject("registration")

// Codes under which these awards stand in the ledger, in place of a scheme's
// item.
const (
	ItemRegistration = "registration"
	ItemOpening      = "opening"
)

// deedKey is what a person's registration or opening is paid under, once. A
// round is one more registration after an import was undone.
func deedKey(what string, id ID, round int64) ledger.Subject {
	text := what + "|" + id.String()
	if round > 0 {
		text += "|" + strconv.FormatInt(round, 10)
	}
	return ledger.TextSubject(text)
}

// bank is a Bank on the ledger.
type bank struct {
	l      *ledger.Ledger
	period func(ms int64) string
	clock  func() int64
}

// NewBank returns the bank of a ledger. period names the cohort of a time,
// such as "2026"; clock is in milliseconds.
func NewBank(l *ledger.Ledger, period func(ms int64) string, clock func() int64) Bank {
	return &bank{l, period, clock}
}

func (b *bank) Balances(q store.Querier, ids []ID) (map[ID]Balance, error) {
	period := b.period(b.clock())
	var list []ledger.Balance
	var err error
	if ids == nil {
		list, err = b.l.AllBalances(q, period)
	} else if len(ids) > 0 {
		persons := make([]ledger.Subject, len(ids))
		for i, id := range ids {
			persons[i] = ledger.Subject(id)
		}
		list, err = b.l.Balances(q, period, persons...)
	}
	out := make(map[ID]Balance, len(list))
	for _, x := range list {
		out[ID(x.Person)] = Balance{Lifetime: x.Lifetime, Year: x.Year, Spendable: x.Spendable, Here: x.Here, OnTheWay: x.OnTheWay}
	}
	return out, err
}

// ready makes sure of the turn; false where another device holds it.
func (b *bank) ready(tx *store.Tx, points int64) (bool, error) {
	err := b.l.EnsureTurn(tx, RegistrationTurn)
	if err == nil && points > 0 {
		err = b.l.EnsureIssue(tx, RegistrationTurn, b.period(tx.Now()), points)
	}
	if errors.Is(err, fault.New("ledger.turn.missing")) || errors.Is(err, fault.New("ledger.issue.short")) {
		return false, nil
	}
	return err == nil, err
}

func (b *bank) Register(tx *store.Tx, person ID, key ledger.Subject, n int64) (bool, error) {
	if ok, err := b.ready(tx, n); !ok {
		return false, err
	}
	_, err := b.l.Award(tx, ledger.Award{
		Person: ledger.Subject(person), Points: n, Period: b.period(tx.Now()), Turn: RegistrationTurn, Key: key, Item: ItemRegistration,
	})
	return booked(err)
}

func (b *bank) Open(tx *store.Tx, person ID, key ledger.Subject, o Opening) (bool, error) {
	if o.Zero() {
		return true, nil
	}
	if ok, err := b.ready(tx, o.Spendable); !ok {
		return false, err
	}
	_, err := b.l.Open(tx, ledger.Opening{
		Person: ledger.Subject(person), Lifetime: o.Lifetime, Year: o.Year, Spendable: o.Spendable,
		Period: b.period(tx.Now()), Turn: RegistrationTurn, Key: key, Item: ItemOpening,
	})
	return booked(err)
}

func booked(err error) (bool, error) {
	if errors.Is(err, fault.New("ledger.deed.used")) {
		return true, nil
	}
	return err == nil, err
}

// linePage is how many lines of a history are looked through at once.
const linePage = 50

func (b *bank) lines(q store.Querier, person ID) ([]ledger.Line, error) {
	var out []ledger.Line
	for {
		page, err := b.l.Lines(q, ledger.Subject(person), len(out), linePage)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) < linePage {
			return out, nil
		}
	}
}

func (b *bank) Paid(q store.Querier, person ID, key ledger.Subject) (bool, error) {
	lines, err := b.lines(q, person)
	for _, l := range lines {
		if l.Deed.Turn == RegistrationTurn && l.Deed.Key == key {
			return true, nil
		}
	}
	return false, err
}

func (b *bank) Undo(tx *store.Tx, person ID) (done, kept bool, err error) {
	lines, err := b.lines(tx, person)
	if err != nil {
		return false, false, err
	}
	for _, l := range lines {
		if l.Deed.Turn != RegistrationTurn || !l.Own || l.Undone {
			return false, false, nil
		}
		kept = kept || l.Kind == ledger.LineOpening && l.Points == 0 // TALLY has no opposite
	}
	if kept {
		return true, true, nil
	}
	last := store.Ref{}
	for _, l := range lines {
		if l.Ref == last { // the lines of one transaction stand together
			continue
		}
		last = l.Ref
		if _, err := b.l.Undo(tx, l.Ref.Hash); err != nil {
			return false, false, err
		}
	}
	return true, false, nil
}
