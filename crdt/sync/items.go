package sync

import (
	"encoding/binary"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// itemsFrame makes the next ITEMS frame of what is owed of the sets, or nil.
func (s *Session) itemsFrame() ([]byte, error) {
	for _, sp := range s.spaces {
		if !sp.dirty || !sp.ready {
			continue
		}
		f, err := s.setFrame(sp)
		if f != nil || err != nil {
			return f, err
		}
	}
	return nil, nil
}

// setFrame makes one frame of the items that the peer is not known to have;
// the set is clean with its last frame.
func (s *Session) setFrame(sp *space) ([]byte, error) {
	sp.dirty = false
	if !s.cfg.Policy.MaySet(s.cfg.Peer, sp.set) {
		return nil, nil
	}
	items, err := s.cfg.Source.Items(s.ctx, sp.set)
	if err != nil {
		return nil, &StoreError{err}
	}
	var body []byte
	var n uint64
	for _, it := range items {
		p := s.print(it.ID, itemDigest(it))
		if has(sp.theirs, p) {
			continue
		}
		if len(it.Blob) > maxBlob {
			s.count(func(st *Stats) { st.Unsendable++ })
			continue
		}
		if n > 0 && len(body)+len(it.Blob) > batchBytes || n >= maxItems {
			sp.dirty = true
			break
		}
		sp.theirs[p] = struct{}{}
		body = appendItem(body, it)
		n++
	}
	if n == 0 {
		return nil, nil
	}
	s.count(func(st *Stats) { st.ItemsSent += n })
	return packItems(sp.id, n, body), nil
}

func packItems(space int, n uint64, body []byte) []byte {
	f := binary.AppendUvarint([]byte{typeItems, byte(space)}, n)
	return append(f, body...)
}

// appendItem appends one item: id, whether it is gone, blob.
func appendItem(b []byte, it store.Item) []byte {
	b = append(b, it.ID[:]...)
	b = append(b, itemState(it))
	b = binary.AppendUvarint(b, uint64(len(it.Blob)))
	return append(b, it.Blob...)
}

func itemState(it store.Item) byte {
	if it.Gone {
		return 1
	}
	return 0
}

func (r *reader) item() (it store.Item) {
	copy(it.ID[:], r.take(len(it.ID), "item id"))
	state := r.byte("item state")
	if state > 1 {
		r.fail("item state")
	}
	it.Gone = state == 1
	it.Blob = r.take(r.count(maxBlob, 1, "item"), "item")
	return it
}

func (s *Session) onItems(r *reader) error {
	sp := s.readSpace(r)
	if r.err == nil && sp.set == "" {
		r.fail("items of no set")
	}
	items := make([]store.Item, r.count(maxItems, 34, "items"))
	for i := range items {
		items[i] = r.item()
	}
	if err := r.end(); err != nil {
		return err
	}
	if !sp.ready && sp.step != printed {
		return orderError("ITEMS", sp)
	}
	return s.addItems(sp, items)
}

func (s *Session) addItems(sp *space, items []store.Item) error {
	if sp.theirs == nil {
		sp.theirs = map[uint64]struct{}{}
	}
	good := items[:0:0]
	for _, it := range items {
		if err := checkItem(s.cfg.Policy, s.cfg.Peer, sp.set, it); err != nil {
			s.count(func(st *Stats) { st.ItemsRefused++ })
			continue
		}
		sp.theirs[s.print(it.ID, itemDigest(it))] = struct{}{}
		good = append(good, it)
	}
	var refused uint64
	s.count(func(st *Stats) {
		st.ItemsReceived += uint64(len(items))
		refused = st.ItemsRefused + st.Refused
	})
	if refused > maxRefused {
		return fmt.Errorf("%w: %d", ErrRefused, refused)
	}
	n := 0
	if len(good) > 0 {
		var err error
		if n, err = s.cfg.Source.AddItems(s.ctx, sp.set, good); err != nil {
			return &StoreError{err}
		}
	}
	if n == 0 {
		return s.wasted(nil)
	}
	return nil
}

// checkItem verifies what the sets' definitions demand, then asks the policy.
// Certificates and proofs never go.
func checkItem(p Policy, peer [32]byte, set string, it store.Item) error {
	if it.Gone && set != setVault {
		return malformed("%s: gone", set)
	}
	switch set {
	case store.SetIncarnation:
		c, err := seal.DecodeCertificate(it.Blob)
		if err != nil {
			return err
		}
		if c.ID() != it.ID {
			return malformed("certificate under another id")
		}
		if err := c.Verify(); err != nil {
			return err
		}
	case store.SetFork:
		proof, err := seal.DecodeForkProof(it.Blob)
		if err != nil {
			return err
		}
		if proof.ID() != it.ID {
			return malformed("fork proof under another id")
		}
	}
	return p.CheckItem(peer, set, it)
}
