package honour

import (
	"errors"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Charter is what honour asks of the community's charter.
type Charter interface {
	Settings() govern.Settings
	SetPolicy(tx *store.Tx, settings ...govern.Setting) error
}

// Config is what Honour needs; all of it is required.
type Config struct {
	Charter Charter
	Ledger  *ledger.Ledger
	Period  func(ms int64) string // the cohort of a time, such as "2026"
	Clock   func() int64
	Place   func() string // id of the place where this device stands
	// Known tells whether a subject is a registered person.
	Known func(q store.Querier, person ledger.Subject) (bool, error)
}

// Honour is the levels and benefits of one community on one device. It is a
// store.Projector.
type Honour struct {
	Config
	look look
}

// New returns the levels and benefits, and has the ledger tell whose points
// become more.
func New(c Config) *Honour {
	h := &Honour{Config: c}
	c.Ledger.UseRises(h.look.rose)
	return h
}

// Table is the table in force.
func (h *Honour) Table() Table { return Read(h.Charter.Settings()) }

// Actions of the ledger transactions that honour writes.
const (
	actionAward = "honour.award"
	actionUse   = "honour.use"
)

// Items under which levels and benefits stand in the ledger.
const (
	itemLevel   = "level/"
	itemBenefit = "benefit/"
)

// Award carries out what is due, as the registrar's device: other devices do
// nothing. Every level is a transaction of its own, with its benefits. It
// returns how many it awarded.
func (h *Honour) Award(tx *store.Tx, list []due) (n int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	if err := h.Ledger.EnsureTurn(tx, Turn); err != nil {
		if errors.Is(err, fault.New("ledger.turn.missing")) {
			return 0, nil
		}
		return 0, err
	}
	period := h.Period(tx.Now())
	for _, d := range list {
		ok, err := h.award(tx, d, period)
		if err != nil {
			return n, err
		}
		if ok {
			n++
		}
	}
	return n, nil
}

// award makes one level of one person; false if it was made before or the year
// is closed.
func (h *Honour) award(tx *store.Tx, d due, period string) (bool, error) {
	list := []ledger.Grant{{
		Quota: ledger.Quota{Kind: ledger.Benefit, Subject: d.person, Period: period}, N: 1,
		Key: deedKey("level", d.level.ID, period, d.person), Item: itemLevel + d.level.ID,
	}}
	for _, b := range d.level.Benefits {
		list = append(list, ledger.Grant{
			Quota: ledger.Quota{Kind: ledger.Benefit, Subject: Subject(d.person, b.ID), Period: period}, N: b.N,
			Key: deedKey("benefit", b.ID, period, d.person), Item: itemBenefit + b.ID,
		})
	}
	_, err := h.Ledger.GrantBenefits(tx, actionAward, Turn, list...)
	for _, code := range []string{"ledger.deed.used", "ledger.period.closed"} {
		if errors.Is(err, fault.New(code)) {
			return false, nil
		}
	}
	return err == nil, err
}
