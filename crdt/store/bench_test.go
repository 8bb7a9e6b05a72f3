package store_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"jishan/crdt/store"
)

// BenchmarkBareCommit is the reference: one row, one commit, synchronous=FULL.
func BenchmarkBareCommit(b *testing.B) {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "bare.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
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
	measure(b, func() error { _, err := stmt.Exec(blob); return err })
}

// BenchmarkAppend authors one feed entry in a transaction of its own.
func BenchmarkAppend(b *testing.B) {
	d := newDevice(b, 1)
	s := d.mustOpen(b)
	part, n := 0, 0
	value := make([]byte, 90)
	measure(b, func() error {
		if n++; n > store.MaxPart {
			n, part = 1, part+1
		}
		id := doc("feed/" + d.inc.Actor().String() + "/" + string(rune('1'+part)))
		return appendOne(s, id, string(value))
	})
}

// measure reports median and 99th percentile besides the mean.
func measure(b *testing.B, step func() error) {
	b.ReportAllocs()
	var times []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := step(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}
