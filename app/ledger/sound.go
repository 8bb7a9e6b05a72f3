package ledger

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"jishan/crdt/store"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// crc is over all that the row says.
func (r *heldRow) crc() int64 {
	var room [96]byte
	b := room[:0]
	for _, n := range []int64{r.feed, int64(r.Kind), r.n, r.net, r.at} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, r.Subject[:]...)
	return int64(crc32.Checksum(append(b, r.Period...), castagnoli))
}

// read scans n, net, at, crc and more. Error: store.ErrCorrupt if that is not
// what was written.
func (r *heldRow) read(scan func(...any) error, more ...any) error {
	var n, net, at, crc any // a flipped bit may have made another type of them
	err := scan(append([]any{&n, &net, &at, &crc}, more...)...)
	if err != nil {
		return err
	}
	r.n, _ = n.(int64)
	r.net, _ = net.(int64)
	r.at, _ = at.(int64)
	if c, ok := crc.(int64); !ok || c != r.crc() {
		return fmt.Errorf("%w: what feed %d holds", store.ErrCorrupt, r.feed)
	}
	return nil
}

// heldAll are the columns of a row whose key is not known before.
const heldAll = "h.n, h.net, h.at, h.crc, h.feed, h.kind, h.subject, h.period"

// readAll scans heldAll and more.
func (r *heldRow) readAll(scan func(...any) error, more ...any) error {
	var subject []byte
	key := []any{&r.feed, &r.Kind, &subject, &r.Period}
	return r.read(func(dest ...any) error {
		err := scan(dest...)
		copy(r.Subject[:], subject)
		return err
	}, append(key, more...)...)
}

// Sound looks at every row of rights. Error: store.ErrCorrupt.
func (l *Ledger) Sound(q store.Querier) error {
	return each(q, func(rows *sql.Rows) error {
		var r heldRow
		return r.readAll(rows.Scan)
	}, "SELECT "+heldAll+" FROM ledger_held h")
}

// sound looks at the sums and rights of which this device has just written:
// what does not add up, or fell below zero, was damaged before. Error:
// store.ErrCorrupt.
func (b *book) sound() error {
	if len(b.wrote) == 0 {
		return nil
	}
	self, err := b.feed(b.l.self, false)
	if err != nil {
		return err
	}
	for _, t := range b.wrote {
		for i := range t.Entries {
			q := t.Entries[i].Quota
			if s := b.sums[q]; s != nil && (s.Negative() || s.Difference() != 0) {
				return fmt.Errorf("%w: a quota does not add up: %+v", store.ErrCorrupt, s.Terms)
			}
			if self == nil {
				continue
			}
			if r := b.held[heldKey{self.n, q}]; r != nil && r.n < 0 {
				return fmt.Errorf("%w: a right below zero", store.ErrCorrupt)
			}
		}
	}
	b.wrote = nil
	return nil
}
