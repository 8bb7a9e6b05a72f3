package node

import (
	"context"
	"errors"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// period is the year of a time: of budgets, levels, base points and statistics.
func period(ms int64) string { return zone.Year(ms) }

// cohort is the period with which points earned at a time will end.
func (c *community) cohort(ms int64) string {
	if c.charter.Settings().Quarterly() {
		return zone.Quarter(ms)
	}
	return zone.Year(ms)
}

// bank is the ledger as people see it, with what was recorded and is not
// booked yet added to what is on the way.
type bank struct {
	people.Bank
	c *community
}

func (c *community) bank() bank {
	return bank{people.NewBank(c.ledger, period, c.cohort, c.node.now), c}
}

// Balances implements people.Bank.
func (b bank) Balances(q store.Querier, ids []people.ID) (map[people.ID]people.Balance, error) {
	out, err := b.Bank.Balances(q, ids)
	if err != nil {
		return nil, err
	}
	var texts []string // nil for everybody, as ids is
	if ids != nil {
		texts = make([]string, 0, len(ids))
	}
	for _, id := range ids {
		texts = append(texts, id.String())
	}
	due, err := b.c.activity.OnTheWay(q, texts)
	for text, n := range due {
		id, err := people.ParseID(text)
		if err != nil {
			continue // a deed of somebody whose id is not of our making
		}
		x := out[id]
		x.OnTheWay += n
		out[id] = x
	}
	if err != nil {
		return out, err
	}
	return out, b.c.addOrders(q, texts, out)
}

// directory is people as activities see them.
type directory struct{ c *community }

// Briefs implements activity.Directory.
func (d directory) Briefs(_ store.Querier, ids []string) (map[string]activity.Brief, error) {
	list := make([]people.ID, 0, len(ids))
	for _, text := range ids {
		if id, err := people.ParseID(text); err == nil {
			list = append(list, id)
		}
	}
	found, err := d.c.people.Briefs(context.Background(), list...)
	out := make(map[string]activity.Brief, len(found))
	for id, b := range found {
		out[id.String()] = activity.Brief{Name: b.Name, Masked: b.Masked, PhoneTail: b.PhoneTail}
	}
	return out, err
}

// Find implements activity.Directory.
func (d directory) Find(_ store.Querier, name, tail string) ([]activity.Found, error) {
	ctx := context.Background()
	list, err := d.c.people.Named(ctx, name)
	if err != nil {
		if _, ok := errors.AsType[*fault.Fault](err); ok {
			return nil, nil // not a name at all: nobody is meant
		}
		return nil, err
	}
	var ids []people.ID
	for _, b := range list {
		if tail == "" || len(b.Phone) >= len(tail) && b.Phone[len(b.Phone)-len(tail):] == tail {
			ids = append(ids, b.ID)
		}
	}
	rows, err := d.c.people.Rows(ctx, ids)
	out := make([]activity.Found, 0, len(rows))
	for _, r := range rows {
		out = append(out, activity.Found{ID: r.ID, Row: r})
	}
	return out, err
}

// Card implements activity.Directory.
func (d directory) Card(_ store.Querier, text string) (string, error) {
	f, err := d.c.people.Resolve(context.Background(), text)
	switch {
	case err != nil:
		return "", err
	case f.Validity == people.CardBlocked:
		return "", fault.New("people.card.blocked")
	case f.Validity != people.CardOK:
		return "", fault.New("people.unknown")
	}
	return f.Person.String(), nil
}

// Seal implements activity.Directory.
func (d directory) Seal(tx *store.Tx, person, field, plain string) ([]byte, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return nil, fault.New("people.unknown")
	}
	return d.c.people.SealText(tx, id, field, plain)
}

// SealThing implements activity.Directory.
func (d directory) SealThing(tx *store.Tx, thing ledger.Subject, field, plain string) ([]byte, error) {
	return d.c.people.SealThing(tx, people.ID(thing), field, plain)
}

// DropThing implements activity.Directory.
func (d directory) DropThing(tx *store.Tx, thing ledger.Subject, sealed []byte) error {
	return d.c.people.DropThing(tx, people.ID(thing), sealed)
}

// Texts implements activity.Directory.
func (d directory) Texts(q store.Querier) func(ledger.Subject, string, []byte) (string, error) {
	texts := d.c.people.Texts(q)
	return func(about ledger.Subject, field string, sealed []byte) (string, error) {
		return texts.Open(people.ID(about), field, sealed)
	}
}

// Known implements activity.Directory.
func (d directory) Known(q store.Querier, person string) (bool, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return false, nil
	}
	return d.c.people.Known(q, id)
}
