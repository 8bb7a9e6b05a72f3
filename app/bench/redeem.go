package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Redeem is a durable redemption against a bare commit.
type Redeem struct {
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Reference float64 `json:"reference_p99_ms"` // one row, committed with synchronous=FULL
	Ratio     float64 `json:"ratio"`
}

// redeem alternates redemptions and bare commits, so that what else happens on
// the disk meets both.
func (l *lab) redeem(ctx context.Context) (string, error) {
	till, err := l.till(ctx, "redeem", l.n.redeemStock)
	if err != nil {
		return "", err
	}
	bare, err := openBare(ctx, filepath.Join(till.d.dir, "bare.db"))
	if err != nil {
		return "", errors.Join(err, till.d.store.Close())
	}
	r, err := l.alternate(ctx, till, bare)
	if err = errors.Join(err, bare.close(), till.d.store.Close()); err != nil {
		return "", err
	}
	l.result.Redeem = r
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms; a bare commit p99 %.2f ms: %.2fx (aim 2x)", r.P50, r.P99, r.Reference, r.Ratio), nil
}

func (l *lab) alternate(ctx context.Context, t *till, b *bare) (*Redeem, error) {
	for range l.n.warmUp {
		if err := errors.Join(t.redeem(ctx), b.commit(ctx)); err != nil {
			return nil, err
		}
	}
	var ours, theirs []float64
	for range l.n.redemptions {
		took, err := timed(func() error { return t.redeem(ctx) })
		if err != nil {
			return nil, err
		}
		ours = append(ours, took)
		if took, err = timed(func() error { return b.commit(ctx) }); err != nil {
			return nil, err
		}
		theirs = append(theirs, took)
	}
	r := &Redeem{P50: quantile(ours, 0.5), P99: quantile(ours, 0.99), Reference: quantile(theirs, 0.99)}
	r.Ratio = r.P99 / r.Reference
	return r, nil
}

// timed returns milliseconds.
func timed(fn func() error) (float64, error) {
	start := time.Now()
	err := fn()
	return float64(time.Since(start)) / float64(time.Millisecond), err
}

// quantile returns the smallest value that a share q of all do not exceed.
func quantile(list []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[max(int(math.Ceil(q*float64(len(sorted)))), 1)-1]
}

// till is a device with people who have points and a shelf with goods.
type till struct {
	*awards
	good    ledger.Subject
	visitor int
}

// till founds a community in a new folder with so many entries in its ledger.
func (l *lab) till(ctx context.Context, name string, entries int) (*till, error) {
	d, err := l.office(ctx, name)
	if err != nil {
		return nil, err
	}
	t := &till{awards: l.awards(d, entries), good: l.subject()}
	err = d.write(ctx, func(tx *store.Tx) error {
		_, err := d.ledger.Receive(tx, t.good, 1_000_000, "")
		return err
	})
	if err == nil {
		err = t.fill(ctx, entries)
	}
	if err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	return t, nil
}

// redeem gives a piece to the next person for a point. When it returns, the
// redemption survives a power failure.
func (t *till) redeem(ctx context.Context) error {
	person := t.persons[t.visitor%len(t.persons)]
	t.visitor++
	receipt := t.lab.subject()
	return t.d.write(ctx, func(tx *store.Tx) error {
		_, err := t.d.ledger.Redeem(tx, ledger.Redemption{
			Person: person, Points: 1, Goods: []ledger.Goods{{Good: t.good, Count: 1}}, Receipt: receipt,
		})
		return err
	})
}

// bare is the yardstick: the least that makes anything durable with the same
// driver on the same disk.
type bare struct {
	db     *sql.DB
	insert *sql.Stmt
	row    []byte
}

// rowSize is about what the change of a redemption takes.
const rowSize = 300

func openBare(ctx context.Context, path string) (*bare, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, q := range []string{"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB) STRICT"} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	insert, err := db.PrepareContext(ctx, "INSERT INTO t(v) VALUES (?)")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &bare{db, insert, make([]byte, rowSize)}, nil
}

// commit is one transaction of one row.
func (b *bare) commit(ctx context.Context) error {
	_, err := b.insert.ExecContext(ctx, b.row)
	return err
}

func (b *bare) close() error { return errors.Join(b.insert.Close(), b.db.Close()) }
