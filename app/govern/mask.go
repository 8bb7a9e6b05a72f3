package govern

import (
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Marks of a revocation. Who revokes a device names, of each records document, what is
// here of the device's changes. What comes to light later and was not built on by
// anybody who had not heard of the revocation is masked: the store keeps it and shows
// it to no projection (crdt/store/mask.go). A revocation without marks, as older programs
// wrote them, masks nothing. A device that is let in again is masked no more.

// maxMarks is how many marks one change holds: with a path of 40 bytes each they are
// some 20 KiB beside the certificates that a revocation renews. A device that wrote into
// more documents is revoked by several entries, whose marks count together.
const maxMarks = 300

// allMarked names all that is here of a device's work in records documents.
func (c *Charter) allMarked(q store.Querier, device [32]byte) ([]Mark, error) {
	certs, err := Incarnations(q, device)
	if err != nil {
		return nil, err
	}
	var out []Mark
	for _, cert := range certs {
		ends, err := store.Ends(q, cert.Actor())
		if err != nil {
			return nil, err
		}
		for _, e := range ends {
			if path, ours := strings.CutPrefix(string(e.Doc), string(c.Doc(""))); ours {
				out = append(out, Mark{Doc: path, Hash: e.Hash, Seq: e.Seq})
			}
		}
	}
	if len(out) == 0 {
		out = []Mark{{}}
	}
	return out, nil
}

// Count lets everything stand that is here of a revoked device's records: somebody has
// looked at what came to light after the revocation. What comes later still is masked.
// Faults: govern.registrar.only, govern.device.unknown.
func (c *Charter) Count(tx *store.Tx, device [32]byte) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	if _, masks := s.withdrawal(device, c.Doc); !masks {
		return fault.New("govern.device.unknown")
	}
	marks, err := c.allMarked(tx, device)
	if err != nil {
		return err
	}
	return c.mark(tx, "govern.count", Revoke{Device: device, Why: "seen"}, marks)
}

// mark writes a revocation once more for each so many marks.
func (c *Charter) mark(tx *store.Tx, action string, r Revoke, marks []Mark) error {
	for r.Marks = range slices.Chunk(marks, maxMarks) {
		if err := c.Write(tx, action, r); err != nil {
			return err
		}
	}
	return nil
}

// withdraws tells whether entries can change whose work is masked.
func withdraws(entries []Entry) bool {
	return slices.ContainsFunc(entries, func(e Entry) bool {
		switch e.(type) {
		case Revoke, Cert, Term:
			return true
		}
		return false
	})
}

// Withdrawn implements store.Withdrawer.
func (c *Charter) Withdrawn(tx *store.Tx, a wire.Actor) (store.Withdrawal, bool, error) {
	s, err := c.at(tx)
	if err != nil || len(s.revokes) == 0 {
		return store.Withdrawal{}, false, err
	}
	device, ok, err := c.DeviceOf(tx, a)
	if err != nil || !ok || len(s.revokes[device]) == 0 {
		return store.Withdrawal{}, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.masks[device]
	if head := s.heads[s.head()]; !ok || known.head != head || known.n != len(s.heads) {
		known.head, known.n = head, len(s.heads)
		known.by, known.out = s.withdrawal(device, c.Doc)
		c.masks[device] = known
	}
	return known.by, known.out, nil
}

// maskedBy is what a device's revocation says under a head, kept because it is asked for
// each of the device's changes. It goes by the head's hash: a transaction may be undone.
type maskedBy struct {
	head wire.Hash
	n    int // how many changes of gov are here
	by   store.Withdrawal
	out  bool
}

// withdrawal puts together what the revocations of a device that is out say of its
// records.
func (s *state) withdrawal(device [32]byte, doc func(string) store.DocID) (w store.Withdrawal, ok bool) {
	at, out := s.revokedAt(device)
	if !out {
		return w, false
	}
	w = store.Withdrawal{Term: at.Term, Head: at.Seq}
	for _, r := range s.revokes[device] {
		if r.At.Before(at) || !s.within(r.At, s.head()) {
			continue
		}
		for _, m := range r.Entry.Marks {
			ok = true
			if m.Doc != "" {
				w.Marks = append(w.Marks, store.Mark{Doc: doc(m.Doc), Seq: m.Seq, Hash: m.Hash})
			}
		}
	}
	return w, ok
}

// again is the revocation of a device that became void with its main device's copy, to
// be given once more: what was seen when it was given first stands, and no more.
func (s *state) again(device [32]byte, since Point, why string) Withdrawal {
	w := Withdrawal{Device: device, Why: why}
	for _, r := range s.revokes[device] {
		if since.Before(r.At) && s.resumed(r.At) {
			w.Cuts, w.Marks = append(w.Cuts, r.Entry.Cuts...), append(w.Marks, r.Entry.Marks...)
		}
	}
	return w
}
