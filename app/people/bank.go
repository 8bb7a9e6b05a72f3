package people

import (
	"errors"
	"strconv"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Balance is what the ledger says of one person, as people read it: no point is in
// two of Spendable, Vouchers and OnTheWay.
type Balance struct {
	Lifetime, Year int64
	Spendable      int64 // in somebody's hands, or between devices; not what is in vouchers
	Here           int64 // of it in this device's hands
	Vouchers       int64 // on slips that nobody has shown yet
	OnTheWay       int64 // earned and not booked yet
	Debt           int64
}

// Opening is what a person brings along from a paper book or another system.
type Opening struct {
	Lifetime  int64 `json:"lifetime"`
	Year      int64 `json:"year"`
	Spendable int64 `json:"spendable"`
}

// normal checks what a person brings along, the same on the form and in a
// roster. Who can spend points has earned them: without lifetime points, those
// of the year and what can be spent stand for them. A book that says less is
// not believed. Faults: people.points.bad{max}, people.points.less.
func (o Opening) normal() (Opening, error) {
	for _, n := range []int64{o.Lifetime, o.Year, o.Spendable} {
		if n < 0 || n > maxOpening {
			return o, fault.New("people.points.bad", "max", maxOpening)
		}
	}
	if o.Lifetime == 0 {
		return o.whole(), nil
	}
	if o.whole() != o {
		return o, fault.New("people.points.less")
	}
	return o, nil
}

// whole raises the lifetime points to what they must be at least.
func (o Opening) whole() Opening {
	o.Lifetime = max(o.Lifetime, o.Year, o.Spendable)
	return o
}

// Zero tells whether the person brings nothing.
func (o Opening) Zero() bool { return o == Opening{} }

// Bank is what people needs of the ledger. NewBank makes one.
type Bank interface {
	// Balances returns the balances of the persons, of everybody if ids is
	// nil. Who has none is left out.
	Balances(q store.Querier, ids []ID) (map[ID]Balance, error)
	// Register awards the bonus of n points where this device holds the turn
	// for registrations. booked also says that it was awarded before.
	Register(tx *store.Tx, person ID, n, since int64) (booked bool, err error)
	// Opening books what a person brings along, once. Fault:
	// people.opening.elsewhere where another device holds the turn.
	Opening(tx *store.Tx, person ID, o Opening, since int64) error
	// Paid tells whether the bonus or opening of the registration of since was booked,
	// at any device. Whoever took it back meant it: it is not booked again, unless the
	// person is registered anew.
	Paid(q store.Querier, person ID, since int64) (bool, error)
	// Undo takes back what an import booked, if the person has no other entry;
	// else it changes nothing and says false.
	Undo(tx *store.Tx, person ID) (done bool, err error)
	// Base awards a year's base points where this device holds their turn;
	// booked is false where it does not, or they were awarded before. Fault:
	// ledger.issue.short.
	Base(tx *store.Tx, person ID, period string, n int64) (booked bool, err error)
	// BasePaid tells who has got a year's base points, from whichever device.
	BasePaid(q store.Querier, period string) (func(ID) bool, error)
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

// maxRounds bounds how often one person's import is undone and repeated.
const maxRounds = 100

// deedKey is what a person's registration or opening is paid under, once. A
// round is one more registration after an import was undone.
func deedKey(what string, id ID, round int) ledger.Subject {
	text := what + "|" + id.String()
	if round > 0 {
		text += "|" + strconv.Itoa(round)
	}
	return ledger.TextSubject(text)
}

// bank is a Bank on the ledger.
type bank struct {
	l      *ledger.Ledger
	year   func(ms int64) string
	cohort func(ms int64) string
	clock  func() int64
}

// NewBank returns the bank of a ledger. year is that of a time, such as "2026",
// cohort the period with which points earned then will end, that year or a part
// of it; clock is in milliseconds.
func NewBank(l *ledger.Ledger, year, cohort func(ms int64) string, clock func() int64) Bank {
	return &bank{l, year, cohort, clock}
}

func (b *bank) Balances(q store.Querier, ids []ID) (map[ID]Balance, error) {
	period := b.year(b.clock())
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
		out[ID(x.Person)] = Balance{Lifetime: x.Lifetime, Year: x.Year, Spendable: x.Spendable - x.Vouchers, Here: x.Here, Vouchers: x.Vouchers, Debt: x.Debt}
	}
	return out, err
}

// ready makes sure of the turn; false where another device awards. A main device
// that was replaced may still hold a turn of its own: two that award would both pay.
func (b *bank) ready(tx *store.Tx) (bool, error) {
	if registrar, err := b.l.IsRegistrar(tx); err != nil || !registrar {
		return false, err
	}
	err := b.l.EnsureTurn(tx, RegistrationTurn)
	if errors.Is(err, fault.New("ledger.turn.missing")) {
		return false, nil
	}
	return err == nil, err
}

// free returns the deed key of the first round that was not used. used says that
// a round was used for this registration.
func (b *bank) free(tx *store.Tx, what string, person ID, since int64) (key ledger.Subject, used bool, err error) {
	for round := range maxRounds {
		key = deedKey(what, person, round)
		used, err := b.l.DeedUsed(tx, ledger.Deed{Turn: RegistrationTurn, Key: key})
		if err != nil || !used {
			return key, false, err
		}
		settled, err := b.settled(tx, person, since, func(k ledger.Subject) bool { return k == key })
		if err != nil || settled {
			return key, settled, err
		}
	}
	return key, true, nil
}

func (b *bank) Register(tx *store.Tx, person ID, n, since int64) (bool, error) {
	if ok, err := b.ready(tx); !ok {
		return false, err
	}
	key, used, err := b.free(tx, "registration", person, since)
	if err != nil || used {
		return used, err
	}
	_, err = b.l.Award(tx, ledger.Award{
		Person: ledger.Subject(person), Points: n, Period: b.cohort(tx.Now()), Turn: RegistrationTurn, Key: key, Item: ItemRegistration,
	})
	if errors.Is(err, fault.New("ledger.issue.short")) { // until the budget is there it is on the way
		return false, nil
	}
	return err == nil, err
}

func (b *bank) Opening(tx *store.Tx, person ID, o Opening, since int64) error {
	if o.Zero() {
		return nil
	}
	ok, err := b.ready(tx)
	if err == nil && !ok {
		err = errElsewhere
	}
	if err != nil {
		return err
	}
	key, used, err := b.free(tx, "opening", person, since)
	if err != nil || used {
		return err
	}
	_, err = b.l.Open(tx, ledger.Opening{
		Person: ledger.Subject(person), Lifetime: o.Lifetime, Year: o.Year, Spendable: o.Spendable,
		Period: b.cohort(tx.Now()), Turn: RegistrationTurn, Key: key, Item: ItemOpening,
	})
	return err
}

var errElsewhere = fault.New("people.opening.elsewhere")

// linePage is how many lines of a history are looked through at once.
const linePage = 50

func (b *bank) lines(q store.Querier, person ID) ([]ledger.Line, error) {
	var out []ledger.Line
	for {
		page, err := b.l.LinesOf(q, ledger.Subject(person), len(out), linePage)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) < linePage {
			return out, nil
		}
	}
}

// settled tells whether a line of a deed with such a key is there, and was either
// not undone or written for the registration of since.
func (b *bank) settled(q store.Querier, person ID, since int64, is func(ledger.Subject) bool) (bool, error) {
	lines, err := b.lines(q, person)
	for _, l := range lines {
		if l.Deed.Turn == RegistrationTurn && is(l.Deed.Key) && (!l.Undone || l.At >= since) {
			return true, nil
		}
	}
	return false, err
}

func (b *bank) Paid(q store.Querier, person ID, since int64) (bool, error) {
	return b.settled(q, person, since, func(ledger.Subject) bool { return true })
}

// Undo takes back points and statistics alike; a repeated import books anew.
func (b *bank) Undo(tx *store.Tx, person ID) (bool, error) {
	lines, err := b.lines(tx, person)
	if err != nil {
		return false, err
	}
	for _, l := range lines {
		if l.Kind == ledger.LineUndo || l.Undone { // of an earlier round
			continue
		}
		if l.Deed.Turn != RegistrationTurn || !l.Own {
			return false, nil
		}
	}
	last := store.Ref{}
	for _, l := range lines {
		if l.Kind == ledger.LineUndo || l.Undone || l.Ref == last { // the lines of one transaction stand together
			continue
		}
		last = l.Ref
		if _, err := b.l.Undo(tx, l.Ref.Hash); err != nil {
			return false, err
		}
	}
	return true, nil
}
