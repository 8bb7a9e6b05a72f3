package store_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"jishan/crdt/store"
)

// TestLogBeginsAnew writes without a pause while readers never pause either:
// the log beside the database must not grow with what is written, and shrinks
// by itself after a long reader made it grow.
func TestLogBeginsAnew(t *testing.T) {
	const most = 40 << 20 // restartBytes, what is written until readers end, and room for a slow machine
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	size := func() int64 {
		info, err := os.Stat(d.dbPath() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	written := 0
	write := func(commits int) (peak int64) {
		for range commits {
			update(t, s, func(tx *store.Tx) error {
				for range 20 {
					id := doc("feed/" + d.inc.Actor().String() + "/" + strconv.Itoa(written/store.MaxPart+1))
					if _, err := tx.Append(id, "x", noise(uint64(written))); err != nil {
						return err
					}
					written++
				}
				return nil
			})
			peak = max(peak, size())
		}
		return peak
	}
	ctx, stop := context.WithCancel(context.Background())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				_ = s.View(ctx, func(q store.Querier) error { return sum(q) })
			}
		})
	}
	peak := write(250)
	stop()
	readers.Wait()
	t.Logf("log at most %.1f MB beside readers", float64(peak)/1e6)
	if peak > most {
		t.Errorf("the log grew to %d bytes", peak)
	}
	var long int64
	if err := s.View(context.Background(), func(q store.Querier) error {
		if err := sum(q); err != nil { // from here on it needs the pages of this moment
			return err
		}
		long = write(60)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	after := long
	for deadline := time.Now().Add(10 * time.Second); after > most/5 && time.Now().Before(deadline); {
		write(5)
		after = size()
	}
	t.Logf("%.1f MB beside one long reader, then %.1f MB", float64(long)/1e6, float64(after)/1e6)
	if after > most/5 {
		t.Errorf("the log stays at %d bytes", after)
	}
}

func noise(seed uint64) []byte {
	r, b := rand.New(rand.NewPCG(seed, 1)), make([]byte, 900)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func sum(q store.Querier) error {
	rows, err := q.Query("SELECT n, length(chunk) FROM change ORDER BY n DESC LIMIT 2000")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n, size int64
		if err := rows.Scan(&n, &size); err != nil {
			return err
		}
	}
	return rows.Err()
}
