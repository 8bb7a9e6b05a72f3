package people

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Base points are given once a year to everybody who is registered. Any staff
// device may order them; the registrar's device pays, each person under one
// deed key, so that it does not matter how many devices gave the order.
//
// An order is four fields, base/<year>/<name>, in the first shard of people,
// which every staff device reads.

// BaseTurn is the right to award base points. The registrar's device holds it.
var BaseTurn = ledger.TextSubject("base points")

// ItemBase is the code under which they stand in the ledger.
const ItemBase = "base"

// MaxBase bounds one person's base points: ten times the highest seen.
const MaxBase = 1000

// baseDoc holds all orders.
const baseDoc = "people/00"

var baseFields = []Field{
	{Name: "points", Kind: wire.Int},           // for each person
	{Name: "at", Kind: wire.Timestamp},         // of the order: who was registered by then
	{Name: "by", Kind: wire.String, Limit: 80}, // the operator who gave it
	{Name: "stopped", Kind: wire.Int},          // 1 while it is stopped
}

func baseField(period, name string) string { return "base/" + period + "/" + name }

// baseForm checks an operation on an order; what is none passes.
func baseForm(op wire.Op, shard int) error {
	parts := strings.Split(op.Key, "/")
	if parts[0] != "base" || len(parts) != 3 {
		return nil
	}
	if _, err := strconv.ParseUint(parts[1], 10, 16); err != nil || len(parts[1]) != 4 || shard != 0 {
		return fmt.Errorf("people: %.80q is no year", op.Key)
	}
	for _, f := range baseFields {
		if f.Name == parts[2] {
			return f.check(op)
		}
	}
	return nil
}

func baseKey(period string, id ID) ledger.Subject {
	return ledger.TextSubject("base|" + period + "|" + id.String())
}

// Base is a year's order as this device sees it, and how far it was carried
// out.
type Base struct {
	Period  string  `json:"period"`
	Points  int64   `json:"points"` // for each person; 0 while nobody ordered any
	By      string  `json:"by"`
	At      int64   `json:"at"`
	Stopped bool    `json:"stopped"`
	Rivals  []int64 `json:"rivals"` // other amounts that were ordered by devices apart: nothing is paid until one order is given again
	People  int64   `json:"people"` // who are meant
	Paid    int64   `json:"paid"`   // of them those who have got theirs
}

// Open is how many still wait for their points.
func (b Base) Open() int64 { return b.People - b.Paid }

func (b Base) runs() bool { return b.Points > 0 && !b.Stopped && len(b.Rivals) == 0 }

// readBase reads an order. Of orders given apart the latest moment counts, and
// a stop stops.
func (p *People) readBase(q store.Querier, period string) (Base, error) {
	b := Base{Period: period, Rivals: []int64{}}
	for _, f := range baseFields {
		list, err := store.Fields(q, p.charter.Doc(baseDoc), baseField(period, f.Name))
		if err != nil {
			return b, err
		}
		for _, x := range list {
			if x.Value.Kind == f.Kind {
				b.take(f.Name, x.Value)
			}
		}
	}
	return b, nil
}

func (b *Base) take(field string, v wire.Value) {
	switch field {
	case "points":
		switch {
		case b.Points == 0:
			b.Points = max(0, min(v.Num, MaxBase))
		case v.Num != b.Points && !slices.Contains(b.Rivals, v.Num):
			b.Rivals = append(b.Rivals, v.Num)
		}
	case "at":
		b.At = max(b.At, v.Num)
	case "by":
		if b.By == "" {
			b.By = v.Raw
		}
	case "stopped":
		b.Stopped = b.Stopped || v.Num != 0
	}
}

// meant lists who was registered by a moment, in a fixed order.
func (p *People) meant(at int64) ([]ID, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	var out []ID
	for _, e := range d.sorted() {
		if e.created <= at {
			out = append(out, e.id)
		}
	}
	return out, nil
}

// Base returns a year's order and its progress. While there is none, or after
// it was stopped, People are those whom an order of now would mean: everybody.
func (p *People) Base(q store.Querier, period string) (Base, error) {
	b, err := p.readBase(q, period)
	if err != nil {
		return b, err
	}
	at := b.At
	if !b.runs() {
		at = math.MaxInt64
	}
	ids, err := p.meant(at)
	if err != nil {
		return b, err
	}
	paid, err := p.Bank.BasePaid(q, period)
	if err != nil {
		return b, err
	}
	b.People = int64(len(ids))
	for _, id := range ids {
		if paid(id) {
			b.Paid++
		}
	}
	return b, nil
}

// OrderBase orders base points for everybody registered by now, or goes on with
// a stopped order. Faults: base.points{max}, base.other{points} if people have
// got another amount.
func (p *People) OrderBase(tx *store.Tx, operator, period string, points int64) error {
	if points < 1 || points > MaxBase {
		return fault.New("base.points", "max", MaxBase)
	}
	b, err := p.Base(tx, period)
	if err != nil {
		return err
	}
	if b.Paid > 0 && b.Points != points && !slices.Contains(b.Rivals, points) {
		return fault.New("base.other", "points", b.Points)
	}
	_, err = tx.Put(p.charter.Doc(baseDoc), "people.base",
		store.Put{Key: baseField(period, "at"), Value: wire.TimeValue(tx.Now())},
		store.Put{Key: baseField(period, "by"), Value: wire.StringValue(operator)},
		store.Put{Key: baseField(period, "points"), Value: wire.IntValue(points)},
		store.Put{Key: baseField(period, "stopped"), Value: wire.IntValue(0)})
	return err
}

// StopBase stops an order: who has got points keeps them, nobody else gets any
// until it is given again. Fault: base.none.
func (p *People) StopBase(tx *store.Tx, period string) error {
	b, err := p.readBase(tx, period)
	if err == nil && b.Points == 0 {
		err = fault.New("base.none")
	}
	if err != nil {
		return err
	}
	_, err = tx.Put(p.charter.Doc(baseDoc), "people.base", store.Put{Key: baseField(period, "stopped"), Value: wire.IntValue(1)})
	return err
}

// PayBase carries out a year's order, at most limit people in one transaction,
// as the registrar's device; others do nothing. It returns how many it paid:
// less than limit where nobody is left, the order was stopped, or the budget is
// used up.
func (p *People) PayBase(ctx context.Context, period string, limit int) (int, error) {
	if !p.registrar() {
		return 0, nil
	}
	var b Base
	var open []ID
	err := p.st.View(ctx, func(q store.Querier) (err error) {
		if b, err = p.readBase(q, period); err != nil || !b.runs() {
			return err
		}
		open, err = p.unpaidBase(q, b, limit)
		return err
	})
	if err != nil || len(open) == 0 {
		return 0, err
	}
	n := 0
	err = p.Write(ctx, b.By, func(tx *store.Tx) error {
		n = 0
		for _, id := range open {
			ok, err := p.Bank.Base(tx, id, period, b.Points)
			if errors.Is(err, fault.New("ledger.issue.short")) {
				return nil // the rest is paid when the budget was raised
			}
			if err != nil {
				return err
			}
			if ok {
				n++
			}
		}
		return nil
	})
	return n, err
}

func (p *People) unpaidBase(q store.Querier, b Base, limit int) ([]ID, error) {
	ids, err := p.meant(b.At)
	if err != nil {
		return nil, err
	}
	all := basePaid{b.Period, b.At, len(ids)}
	p.mu.Lock()
	done := p.baseDone == all
	p.mu.Unlock()
	if done {
		return nil, nil
	}
	paid, err := p.Bank.BasePaid(q, b.Period)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, paid)
	if len(ids) == 0 {
		p.mu.Lock()
		p.baseDone = all
		p.mu.Unlock()
	}
	return ids[:min(limit, len(ids))], nil
}

// basePaid is an order that was carried out for so many people: it need not be
// looked at again before one of the three changes.
type basePaid struct {
	period string
	at     int64
	people int
}

// Base implements Bank.
func (b *bank) Base(tx *store.Tx, person ID, period string, n int64) (bool, error) {
	err := b.l.EnsureTurn(tx, BaseTurn)
	if errors.Is(err, fault.New("ledger.turn.missing")) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = b.l.Award(tx, ledger.Award{
		Person: ledger.Subject(person), Points: n, Period: period, Turn: BaseTurn, Key: baseKey(period, person), Item: ItemBase,
	})
	for _, code := range []string{"ledger.deed.used", "ledger.period.closed"} {
		if errors.Is(err, fault.New(code)) {
			return false, nil
		}
	}
	return err == nil, err
}

// BasePaid implements Bank.
func (b *bank) BasePaid(q store.Querier, period string) (func(ID) bool, error) {
	used, err := b.l.DeedKeys(q, BaseTurn)
	return func(id ID) bool { return used[baseKey(period, id)] }, err
}
