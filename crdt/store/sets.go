package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// MaxItem bounds an item's blob in bytes: a fork proof is the greatest.
const MaxItem = seal.MaxForkProof

// setCache keeps the digests of a set's buckets; version counts the commits
// that touched a bucket.
type setCache struct {
	version [SetBuckets]uint64
	known   [SetBuckets]uint64 // version+1 of the digest kept, 0: none
	digest  [SetBuckets][32]byte
}

// SetAdd merges an item into a set and says whether that changed it. Items of
// the store's own sets are verified; what the others mean is their owners'
// business. Errors: seal's, for wrong certificates and proofs.
func (tx *Tx) SetAdd(name string, it Item) (changed bool, err error) {
	have, found, err := SetGet(tx, name, it.ID)
	if err != nil || found && have.Gone == it.Gone && bytes.Equal(have.Blob, it.Blob) { // it was verified when it came
		return false, err
	}
	if err := checkItem(name, it); err != nil || found && !beats(it, have) {
		return false, err
	}
	blob := it.Blob
	if blob == nil {
		blob = []byte{}
	}
	_, err = tx.Exec("INSERT OR REPLACE INTO item(name, id, gone, blob) VALUES (?, ?, ?, ?)", name, it.ID[:], it.Gone, blob)
	if err != nil {
		return false, err
	}
	if tx.sets == nil {
		tx.sets = map[string][][32]byte{}
	}
	tx.sets[name] = append(tx.sets[name], it.ID)
	if name == SetFork {
		p, err := seal.DecodeForkProof(it.Blob)
		if err != nil {
			return false, err
		}
		tx.forked = append(tx.forked, p.Actor())
	}
	return true, nil
}

// beats is the merge rule: gone beats present, else the smaller blob stays.
func beats(a, b Item) bool {
	if a.Gone != b.Gone {
		return a.Gone
	}
	return bytes.Compare(a.Blob, b.Blob) < 0
}

func checkItem(name string, it Item) error {
	if len(it.Blob) > MaxItem {
		return fmt.Errorf("store: item of %d bytes", len(it.Blob))
	}
	switch name {
	case SetIncarnation:
		c, err := seal.DecodeCertificate(it.Blob)
		if err != nil {
			return err
		}
		if it.Gone || c.ID() != it.ID {
			return fmt.Errorf("%w: id", seal.ErrCertificate)
		}
		return c.Verify()
	case SetFork:
		p, err := seal.DecodeForkProof(it.Blob)
		if err != nil {
			return err
		}
		if it.Gone || p.ID() != it.ID {
			return fmt.Errorf("%w: fork proof's id", seal.ErrMalformed)
		}
	}
	return nil
}

// SetGet finds an item.
func (tx *Tx) SetGet(name string, id [32]byte) (Item, bool, error) { return SetGet(tx, name, id) }

// SetGet finds an item.
func SetGet(q Querier, name string, id [32]byte) (Item, bool, error) {
	it := Item{ID: id}
	err := q.QueryRow("SELECT gone, blob FROM item WHERE name = ? AND id = ?", name, id[:]).Scan(&it.Gone, &it.Blob)
	if errors.Is(err, sql.ErrNoRows) {
		return it, false, nil
	}
	return it, err == nil, err
}

// SetGet finds an item.
func (s *Store) SetGet(ctx context.Context, name string, id [32]byte) (it Item, found bool, err error) {
	err = s.View(ctx, func(q Querier) error {
		it, found, err = SetGet(q, name, id)
		return err
	})
	return it, found, err
}

// SetItems returns the items of one bucket by id, or of the whole set for
// bucket -1.
func (s *Store) SetItems(ctx context.Context, name string, bucket int) (list []Item, err error) {
	err = s.View(ctx, func(q Querier) error {
		list, err = setItems(q, name, bucket)
		return err
	})
	return list, err
}

// SetItems returns the items of one bucket by id, or of the whole set for
// bucket -1.
func SetItems(q Querier, name string, bucket int) ([]Item, error) { return setItems(q, name, bucket) }

func setItems(q Querier, name string, bucket int) ([]Item, error) {
	low, high := []byte{}, bytes.Repeat([]byte{0xff}, 33)
	if bucket >= 0 {
		low, high = []byte{byte(bucket)}, append([]byte{byte(bucket)}, high[1:]...)
	}
	rows, err := q.Query("SELECT id, gone, blob FROM item WHERE name = ? AND id >= ? AND id <= ? ORDER BY id", name, low, high)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Item
	for rows.Next() {
		var id sql.RawBytes
		var it Item
		if err := rows.Scan(&id, &it.Gone, &it.Blob); err != nil {
			return nil, err
		}
		if copy(it.ID[:], id) != len(it.ID) {
			return nil, fmt.Errorf("%w: item", ErrCorrupt)
		}
		list = append(list, it)
	}
	return list, rows.Err()
}

// SetBucketItems returns the items of some buckets.
func (s *Store) SetBucketItems(ctx context.Context, name string, buckets []int) (by [SetBuckets][]Item, err error) {
	if len(buckets) == 0 {
		return by, nil
	}
	err = s.View(ctx, func(q Querier) error {
		by, err = bucketItems(q, name, buckets)
		return err
	})
	return by, err
}

// SetBucketDigests returns the digest of each bucket; zero for an empty one.
func (s *Store) SetBucketDigests(ctx context.Context, name string) (sums [SetBuckets][32]byte, err error) {
	s.mu.Lock()
	c := s.set(name)
	version, known := c.version, c.known
	sums = c.digest
	s.mu.Unlock()
	var fresh []int
	err = s.View(ctx, func(q Querier) error {
		for i := range sums {
			if known[i] != version[i]+1 {
				fresh = append(fresh, i)
			}
		}
		items, err := bucketItems(q, name, fresh)
		for _, i := range fresh {
			sums[i] = bucketDigest(items[i])
		}
		return err
	})
	if err != nil {
		return sums, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range fresh {
		c.digest[i], c.known[i] = sums[i], version[i]+1
	}
	return sums, nil
}

// manyBuckets is from how many buckets on the whole set is read at once: where
// a database was just opened, or a first peer brought it all.
const manyBuckets = SetBuckets / 4

// bucketItems reads the items of some buckets.
func bucketItems(q Querier, name string, buckets []int) (by [SetBuckets][]Item, err error) {
	if len(buckets) < manyBuckets {
		for _, i := range buckets {
			if by[i], err = setItems(q, name, i); err != nil {
				return by, err
			}
		}
		return by, nil
	}
	all, err := setItems(q, name, -1)
	for _, it := range all {
		by[it.ID[0]] = append(by[it.ID[0]], it)
	}
	return by, err
}

// SetDigest returns the digest of a set; zero for an empty one.
func (s *Store) SetDigest(ctx context.Context, name string) ([32]byte, error) {
	sums, err := s.SetBucketDigests(ctx, name)
	if err != nil || sums == ([SetBuckets][32]byte{}) {
		return [32]byte{}, err
	}
	h := sha256.New()
	h.Write([]byte("jishan set 1\x00"))
	for i := range sums {
		h.Write(sums[i][:])
	}
	return [32]byte(h.Sum(nil)), nil
}

func bucketDigest(items []Item) (sum [32]byte) {
	if len(items) == 0 {
		return sum
	}
	h := sha256.New()
	for _, it := range items {
		h.Write(it.ID[:])
		gone := byte(0)
		if it.Gone {
			gone = 1
		}
		blob := sha256.Sum256(it.Blob)
		h.Write([]byte{gone})
		h.Write(blob[:])
	}
	return [32]byte(h.Sum(nil))
}

// set returns a set's cache; s.mu is held.
func (s *Store) set(name string) *setCache {
	c := s.sets[name]
	if c == nil {
		c = &setCache{}
		s.sets[name] = c
	}
	return c
}

// bumpSets outdates the digests that a commit changed and learns of forks.
func (s *Store) bumpSets(tx *Tx) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, ids := range tx.sets {
		c := s.set(name)
		for _, id := range ids {
			c.version[id[0]]++
		}
	}
	for _, a := range tx.forked {
		s.forked[a] = true
	}
}

// Certificate finds an incarnation's certificate; nil if it is not here. It
// was verified when it came.
func Certificate(q Querier, a wire.Actor) (*seal.Certificate, error) {
	return CertificateOf(q, a[:])
}

// CertificateOf is Certificate by the first bytes of an actor: records name it
// by 8 of its 16.
func CertificateOf(q Querier, actor []byte) (*seal.Certificate, error) {
	rest := 32 - len(actor)
	low := append(bytes.Clone(actor), make([]byte, rest)...)
	high := append(bytes.Clone(actor), bytes.Repeat([]byte{0xff}, rest)...)
	var blob []byte
	err := q.QueryRow("SELECT blob FROM item WHERE name = ? AND id >= ? AND id <= ? LIMIT 1", SetIncarnation, low, high).Scan(&blob)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := seal.DecodeCertificate(blob)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return &c, nil
}
