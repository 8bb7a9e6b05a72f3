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
	const (
		most = 56 << 20 // several times restartBytes, and less than what the writer moves itself
		kept = 8 << 20  // about what its file keeps when it begins anew
	)
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
	write := func(commits int) int64 {
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
		}
		return size()
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
	peak, now := int64(0), int64(0)
	for now >= peak && now < most { // until it is shorter than it was
		peak, now = now, write(1)
	}
	stop()
	readers.Wait()
	t.Logf("beside readers the log began anew at %.1f MB, with %.1f MB", float64(peak)/1e6, float64(now)/1e6)
	if now > kept {
		t.Errorf("the log grew to %d bytes and did not begin anew", max(peak, now))
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
	for deadline := time.Now().Add(10 * time.Second); after > kept && time.Now().Before(deadline); {
		after = write(5)
	}
	t.Logf("%.1f MB beside one long reader, then %.1f MB", float64(long)/1e6, float64(after)/1e6)
	if after > kept {
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
