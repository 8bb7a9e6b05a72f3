package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"jishan/crdt/store"
)

const laterRow = "INSERT INTO mirror_entry(doc, seq, value) VALUES (?, ?, ?)"

func count(q store.Querier) (n int, err error) {
	err = q.QueryRow("SELECT count(*) FROM mirror_entry WHERE doc = 'later'").Scan(&n)
	return n, err
}

// TestLater: a transaction sees its rows whenever it asks, and commits all.
func TestLater(t *testing.T) {
	s := newDevice(t, 1).mustOpen(t)
	const rows = 1000
	update(t, s, func(tx *store.Tx) error {
		for i := range rows {
			tx.Later(laterRow, "later", i, []byte{1})
			if i%37 != 0 && i != 500 { // also within a piece, and after several
				continue
			}
			if n, err := count(tx); err != nil || n != i+1 {
				return fmt.Errorf("%d rows after %d: %w", n, i+1, err)
			}
		}
		return nil
	})
	err := s.View(context.Background(), func(q store.Querier) error {
		if n, err := count(q); err != nil || n != rows {
			return fmt.Errorf("%d rows were committed: %w", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLaterFails: a row that can't be written undoes the transaction, however
// it ends, and the next one knows nothing of it.
func TestLaterFails(t *testing.T) {
	s := newDevice(t, 1).mustOpen(t)
	wrong := errors.New("given up")
	for _, n := range []int{2, 30, 1000} { // waiting, in the other goroutine, queued there
		for _, end := range []func(*store.Tx) error{
			func(*store.Tx) error { return nil },
			func(tx *store.Tx) error { _, _ = count(tx); return nil },
			func(tx *store.Tx) error { _, _ = tx.Append(doc("feed/x/1"), "test", nil); return nil },
			func(*store.Tx) error { return wrong },
		} {
			err := s.Update(context.Background(), author, func(tx *store.Tx) error {
				for i := range n {
					tx.Later(laterRow, "later", i/2, []byte{1}) // the second of each pair is one too many
				}
				return end(tx)
			})
			if err == nil {
				t.Fatalf("%d rows: committed", n)
			}
			if s.Err() != nil {
				t.Fatal("the store has stopped:", s.Err())
			}
			update(t, s, func(tx *store.Tx) error {
				if k, err := count(tx); err != nil || k != 0 {
					return fmt.Errorf("%d of %d rows are left: %w", k, n, err)
				}
				return nil
			})
		}
	}
}

// TestLaterPanics: what waits is dropped with the transaction.
func TestLaterPanics(t *testing.T) {
	s := newDevice(t, 1).mustOpen(t)
	func() {
		defer func() { _ = recover() }()
		_ = s.Update(context.Background(), author, func(tx *store.Tx) error {
			for i := range 100 {
				tx.Later(laterRow, "later", i, []byte{1})
			}
			panic("in the middle")
		})
	}()
	update(t, s, func(tx *store.Tx) error {
		if n, err := count(tx); err != nil || n != 0 {
			return fmt.Errorf("%d rows are left: %w", n, err)
		}
		return nil
	})
}
