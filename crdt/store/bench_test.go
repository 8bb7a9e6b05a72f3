package store_test

import (
	"database/sql"
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
	for i, q := range []int{50, 99} {
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

func quantile(times []time.Duration, percent int) time.Duration {
	slices.Sort(times)
	return times[len(times)*percent/100]
}

// BenchmarkRestart opens a database of 1,000,000 entries and writes one more.
// It takes a minute to fill the database first.
func BenchmarkRestart(b *testing.B) {
	const parts = 1_000_000/(store.MaxPart-100) + 1
	d := newDevice(b, 1)
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
	b.ResetTimer()
	for b.Loop() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if s, err = d.open(); err != nil {
			b.Fatal(err)
		}
		if err := appendOne(s, feed(parts-1), "x"); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/restart")
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
