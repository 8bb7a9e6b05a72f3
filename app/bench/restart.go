package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jishan/crdt/store"
)

// Restart is from opening the folder until the till works.
type Restart struct {
	Entries int     `json:"entries"`
	Seconds float64 `json:"seconds"`
}

// restart opens a folder with many entries and asks for the first balance and
// the first redemption.
func (l *lab) restart(ctx context.Context) (string, error) {
	t, err := l.till(ctx, "restart", l.n.restart)
	if err != nil {
		return "", err
	}
	n, err := t.number(ctx)
	if err = errors.Join(err, t.d.store.Close()); err != nil {
		return "", err
	}
	seconds, err := t.again(ctx, l)
	if err != nil {
		return "", err
	}
	l.result.Restart = &Restart{Entries: n, Seconds: seconds}
	return fmt.Sprintf("%d entries: the till works after %.2f s (aim 2 s)", n, seconds), nil
}

// again opens the till's folder anew and redeems.
func (t *till) again(ctx context.Context, l *lab) (float64, error) {
	start := time.Now()
	d, err := t.d.identity.open(ctx, t.d.charter.Community(), l.rand)
	if err != nil {
		return 0, err
	}
	t.d = d
	spendable := int64(0)
	err = d.store.View(ctx, func(q store.Querier) error {
		b, err := d.ledger.Balance(q, t.persons[0], period)
		spendable = b.Spendable
		return err
	})
	if err == nil && spendable == 0 {
		err = errors.New("the first person has nothing to spend")
	}
	if err == nil {
		t.visitor = 0
		err = t.redeem(ctx)
	}
	seconds := time.Since(start).Seconds()
	return seconds, errors.Join(err, d.store.Close())
}
