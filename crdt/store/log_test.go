package store_test

import (
	"context"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"sync"
	"testing"
	"time"

	"jishan/crdt/store"
)

// TestLogBeginsAnew writes without a pause while readers never pause either:
// the log beside the database must not grow with what is written, and begins
// anew by itself after a long reader made it grow.
func TestLogBeginsAnew(t *testing.T) {
	const (
		most = 56 << 20 // more than walPages, and less than what the writer moves itself
		kept = 8 << 20  // about what was written meanwhile
	)
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	size := func() int64 { return logSize(t, d.dbPath()+"-wal") }
	written := 0
	write := func(commits int) int64 {
		for range commits {
			update(t, s, func(tx *store.Tx) error {
				for range 80 {
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
		for long < 36<<20 {
			long = write(10)
		}
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

// TestLogIsMovedInAPause: what a counter writes is in the database soon after
// the last customer, and the next one finds a log that begins anew.
func TestLogIsMovedInAPause(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	write := func() {
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.Append(d.feed(), "x", noise(1))
			return err
		})
	}
	path := d.dbPath() + "-wal"
	for logSize(t, path) < 5<<20 {
		for range 10 {
			write()
		}
	}
	before, deadline := logSize(t, path), time.Now().Add(20*time.Second)
	for logSize(t, path) >= before && time.Now().Before(deadline) {
		time.Sleep(600 * time.Millisecond) // nothing is written for longer than the keeper waits for
		write()
	}
	if now := logSize(t, path); now >= before {
		t.Errorf("the log has %d bytes, %d after a pause", before, now)
	}
}

// logSize is how much of the file is the log: behind it is what an earlier one
// left.
func logSize(t *testing.T, path string) int64 {
	t.Helper()
	const header, frame, salt = 32, 24 + 4096, 8
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var first, here [salt]byte
	if _, err := f.ReadAt(first[:], 16); err != nil {
		return 0
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	frames := sort.Search(int(info.Size()/frame), func(i int) bool {
		_, err := f.ReadAt(here[:], header+int64(i)*frame+8)
		return err != nil || here != first
	})
	return header + int64(frames)*frame
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
