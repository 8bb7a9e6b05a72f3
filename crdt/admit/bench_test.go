package admit_test

import (
	"context"
	"fmt"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// BenchmarkColdJoin admits 100,000 one-entry feed changes with one seal in 64,
// in batches of 512, as a device that joins gets them.
func BenchmarkColdJoin(b *testing.B) {
	const entries, parts = 100_000, 25
	inc := incarnation(b, 1)
	feeds := map[store.DocID][]seal.Sealed{}
	var docs []store.DocID
	for p := range parts {
		d := doc(fmt.Sprintf("feed/%s/%d", inc.Actor(), p+1))
		items, _ := feedRun(b, inc, d, wire.Hash{}, 1, entries/parts, "an entry of about ninety bytes, which is what one transaction of the ledger takes, CBOR and all")
		feeds[d], docs = unseal(items, 64), append(docs, d)
	}
	for b.Loop() {
		s := open(b, b.TempDir(), nil)
		know(b, s, inc)
		for _, d := range docs {
			for items := feeds[d]; len(items) > 0; {
				n := min(512, len(items))
				res, err := admit.Batch(context.Background(), s, &rules{}, "peer", d, items[:n])
				if err != nil || res.Admitted != n {
					b.Fatal(res.Admitted, n, err)
				}
				items = items[n:]
			}
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/entries, "µs/change")
}
