package ledger

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"jishan/crdt/store"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is over numbers and the key of a row.
func checksum(q Quota, numbers ...int64) int64 {
	var room [192]byte
	b := room[:0]
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, q.Subject[:]...)
	return int64(crc32.Checksum(append(b, q.Period...), castagnoli))
}

// crc is over all that the row says.
func (r *heldRow) crc() int64 {
	return checksum(r.Quota, r.feed, int64(r.Kind), r.n, r.net, r.at)
}

// crc is over all that the row says.
func (r *sumRow) crc() int64 {
	return checksum(r.Quota, int64(r.Kind), r.Minted, r.Unseen, r.Loss, r.Held, r.InFlight, r.Stranded, r.Consumed, r.Restored, r.Burned, r.life, r.year)
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

// sumAll are the columns of a sum behind its key.
const sumAll = "minted, unseen, loss, held, inflight, stranded, consumed, restored, burned, life, year, crc"

// read scans key, which fills the quota, and sumAll. Error: store.ErrCorrupt if
// that is not what was written.
func (r *sumRow) read(scan func(...any) error, key ...any) error {
	into := []*int64{&r.Minted, &r.Unseen, &r.Loss, &r.Held, &r.InFlight, &r.Stranded, &r.Consumed, &r.Restored, &r.Burned, &r.life, &r.year}
	raw := make([]any, len(into)+1) // a flipped bit may have made another type of them
	for i := range raw {
		key = append(key, &raw[i])
	}
	if err := scan(key...); err != nil {
		return err
	}
	for i, n := range into {
		*n, _ = raw[i].(int64)
	}
	if crc, ok := raw[len(into)].(int64); !ok || crc != r.crc() {
		return r.damaged()
	}
	return nil
}

func (r *sumRow) damaged() error {
	return fmt.Errorf("%w: the sums of a quota of kind %d: %+v", store.ErrCorrupt, r.Kind, r.Terms)
}

// SoundRows is how many rows a piece of Sound may well have: a few milliseconds.
const SoundRows = 1000

// Sounding is how far Sound has come; its zero value stands at the beginning.
type Sounding struct {
	Done bool // all was looked at

	begun bool
	sums  bool // the rights are done
	feed  int64
	key   Quota
}

// Sound looks at the next piece of what a ledger has on disk, so many rows: at
// rights, then at sums. A row that changes between two pieces was read before or is read after.
// Rows of another version of the program are not looked at: the next start
// makes them anew. Error: store.ErrCorrupt.
func Sound(q store.Querier, at *Sounding, piece int) error {
	if !at.begun {
		version, err := store.Projected(q, "ledger")
		at.begun, at.Done = true, version != projection
		if err != nil {
			return err
		}
	}
	if at.Done {
		return nil
	}
	n, err := at.next(q, piece)
	if err != nil || n == piece {
		return err
	}
	at.Done, at.sums = at.sums, true
	at.feed, at.key = 0, Quota{}
	return nil
}

// next looks at a piece and returns how many rows it had.
func (at *Sounding) next(q store.Querier, piece int) (n int, err error) {
	if at.sums {
		return n, store.EachRow(q, func(rows *sql.Rows) error {
			n++
			return at.sum(rows.Scan)
		}, "SELECT kind, subject, period, "+sumAll+" FROM ledger_sum WHERE (kind, subject, period) > (?, ?, ?) ORDER BY kind, subject, period LIMIT ?",
			int64(at.key.Kind), at.key.Subject[:], at.key.Period, piece)
	}
	return n, store.EachRow(q, func(rows *sql.Rows) error {
		n++
		var r heldRow
		err := r.readAll(rows.Scan)
		at.feed, at.key = r.feed, r.Quota
		return err
	}, "SELECT "+heldAll+" FROM ledger_held h WHERE (feed, kind, subject, period) > (?, ?, ?, ?) ORDER BY feed, kind, subject, period LIMIT ?",
		at.feed, int64(at.key.Kind), at.key.Subject[:], at.key.Period, piece)
}

// sum looks at one sum: it is as it was written, and it adds up.
func (at *Sounding) sum(scan func(...any) error) error {
	var r sumRow
	var subject []byte
	err := r.read(func(dest ...any) error {
		err := scan(dest...)
		copy(r.Subject[:], subject)
		return err
	}, &r.Kind, &subject, &r.Period)
	if err == nil && (r.Negative() || r.Difference() != 0) {
		err = r.damaged()
	}
	at.key = r.Quota
	return err
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
