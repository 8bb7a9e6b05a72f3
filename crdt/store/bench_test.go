package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"jishan/crdt/store"
)

// bare is the reference: one row, one commit, synchronous=FULL.
func bare(b *testing.B) func() error {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "bare.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	for _, q := range []string{"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)"} {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	stmt, err := db.Prepare("INSERT INTO t(b) VALUES (?)")
	if err != nil {
		b.Fatal(err)
	}
	blob := make([]byte, 290)
	return func() error { _, err := stmt.Exec(blob); return err }
}

// BenchmarkAppend authors one feed entry in a transaction of its own, in turn
// with a bare commit, so that both meet the same disk.
func BenchmarkAppend(b *testing.B) {
	d := newDevice(b, 1)
	s := d.mustOpen(b)
	reference := bare(b)
	part, n := 0, 0
	value := string(make([]byte, 90))
	var own, other []time.Duration
	for b.Loop() {
		if n++; n > store.MaxPart {
			n, part = 1, part+1
		}
		id := doc("feed/" + d.inc.Actor().String() + "/" + strconv.Itoa(part+1))
		own = append(own, timed(b, func() error { return appendOne(s, id, value) }))
		other = append(other, timed(b, reference))
	}
	for i, q := range []float64{50, 99} {
		x, y := quantile(own, q), quantile(other, q)
		name := []string{"p50", "p99"}[i]
		b.ReportMetric(float64(x.Microseconds()), name+"-µs")
		b.ReportMetric(float64(y.Microseconds()), name+"-bare-µs")
		b.ReportMetric(float64(x)/float64(y), name+"-ratio")
	}
}

func timed(b *testing.B, step func() error) time.Duration {
	start := time.Now()
	if err := step(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func quantile(times []time.Duration, percent float64) time.Duration {
	slices.Sort(times)
	return times[int(float64(len(times))*percent/100)]
}

// BenchmarkRestart opens a database of 1,000,000 entries and writes one more.
// It takes a minute to fill the database first.
func BenchmarkRestart(b *testing.B) {
	d := newDevice(b, 1)
	s, last := million(b, d)
	var err error
	b.ResetTimer()
	for b.Loop() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if s, err = d.open(); err != nil {
			b.Fatal(err)
		}
		if err := appendOne(s, last, "x"); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/restart")
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// million fills a database with 1,000,000 entries in feeds, and returns a feed
// with room for a hundred more.
func million(b *testing.B, d *device) (*store.Store, store.DocID) {
	const parts = 1_000_000/(store.MaxPart-100) + 1
	s, err := d.open()
	if err != nil {
		b.Fatal(err)
	}
	feed := func(part int) store.DocID { return doc("feed/" + d.inc.Actor().String() + "/" + strconv.Itoa(part)) }
	for p := range parts {
		update(b, s, func(tx *store.Tx) error {
			for range store.MaxPart - 100 {
				if _, err := tx.Append(feed(p), "x", make([]byte, 90)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return s, feed(parts - 1)
}

// BenchmarkExamine says what somebody at the till notices of the examination:
// single appends to a database of 1,000,000 entries, with and without one in
// turn, 15 times each, so that both meet the same load of the machine. It rests
// as the product does. It takes minutes.
func BenchmarkExamine(b *testing.B) {
	const turns, each = 15, 300
	d := newDevice(b, 1)
	s, _ := million(b, d)
	defer s.Close()
	part, n := 2_000_000, 0
	measure := func() (times []time.Duration) {
		for range each {
			if n++; n > store.MaxPart {
				n, part = 1, part+1
			}
			id := doc("feed/" + d.inc.Actor().String() + "/" + strconv.Itoa(part))
			times = append(times, timed(b, func() error { return appendOne(s, id, "x") }))
			time.Sleep(time.Millisecond) // nobody writes without a pause
		}
		return times
	}
	var pieces []time.Duration
	began, done := time.Now(), make(chan error, 1)
	pause, resume := make(chan struct{}), make(chan struct{})
	var whole time.Duration
	go func() {
		last := time.Now()
		done <- s.Examine(b.Context(), func(ctx context.Context) error {
			work := time.Since(last)
			pieces = append(pieces, work)
			whole += 3 * work
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-pause:
				<-resume
			case <-time.After(2 * work):
			}
			last = time.Now()
			return nil
		})
	}()
	var during, without []time.Duration
	for range turns {
		during = append(during, measure()...)
		select {
		case pause <- struct{}{}:
		case err := <-done:
			b.Fatalf("it ended after %v: %v", time.Since(began), err)
		}
		without = append(without, measure()...)
		resume <- struct{}{}
	}
	if err := <-done; err != nil { // the rest of it, with nobody writing
		b.Fatal(err)
	}
	for _, q := range []struct {
		name    string
		percent float64
	}{{"p50", 50}, {"p99", 99}, {"max", 99.9999}} {
		x, y := quantile(during, q.percent), quantile(without, q.percent)
		b.ReportMetric(float64(x.Microseconds()), q.name+"-µs")
		b.ReportMetric(float64(y.Microseconds()), q.name+"-without-µs")
		b.ReportMetric(float64(x)/float64(y), q.name+"-ratio")
	}
	b.ReportMetric(float64(len(pieces)), "pieces")
	b.ReportMetric(quantile(pieces, 99).Seconds()*1000, "piece-p99-ms")
	b.ReportMetric(quantile(pieces, 99.9999).Seconds()*1000, "piece-max-ms")
	b.ReportMetric(whole.Seconds(), "s/examination")
}

// BenchmarkMask withdraws an author whose last ten of many changes nobody had seen: all
// lists are told again in one transaction. Beside it, what a whole rebuild takes.
func BenchmarkMask(b *testing.B) {
	const n = 30_000
	office, thief := newParty(b, 1), newParty(b, 2)
	office.orders(b, "in", office)
	thief.takes(b, office.all(b), 99)
	err := office.Update(b.Context(), judged, func(tx *store.Tx) error {
		for i := range n {
			if _, err := tx.Put(village, "test", put(fmt.Sprint("k", i), "old")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 10 {
		thief.writes(b, village, put(fmt.Sprint("k", i), "late"))
	}
	list := thief.all(b)
	var out time.Duration
	for b.Loop() {
		office.orders(b, "in", thief)
		office.takes(b, list, 99)
		from := time.Now()
		if err := office.Update(b.Context(), judged, func(tx *store.Tx) error {
			_, err := tx.Append(doc(orders), "test", []byte("out "+thief.inc.Actor().String()))
			return err
		}); err != nil {
			b.Fatal(err)
		}
		out += time.Since(from)
	}
	b.ReportMetric(float64(out.Milliseconds())/float64(b.N), "ms/withdrawal")
	from := time.Now()
	if err := office.Rebuild(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(from).Milliseconds()), "ms/rebuild")
	b.ReportMetric(n, "changes")
}
