package store

import (
	"context"
	"errors"
)

// Setting aside: this device's own feed was found to hold an invalid change.
// Nobody else accepts that one nor what follows it, so they must not count here
// either. The feed is ended before it, and at the next start what lies behind the
// end leaves the documents and everything derived.

// EndHeld ends a feed of which more is held, at change seq, which is invalid:
// nothing is written there any more, and the next Open takes the changes from
// seq on out of the documents. keep gets each of them, to put it where it stays.
// Error: keep's, or the store's.
func (tx *Tx) EndHeld(doc DocID, seq uint64, reason string, proof []byte, keep func(Placed) error) error {
	d, err := tx.document(doc, false)
	if err != nil || d == nil {
		return err
	}
	first := true
	for a := range d.tips {
		list, err := After(tx, doc, a, seq-1, MaxPart)
		if err != nil {
			return err
		}
		for _, c := range list {
			if first {
				if err := tx.End(doc, seq, c.Hash, reason, proof); err != nil {
					return err
				}
			}
			first = false
			if err := keep(Placed{Doc: doc, Actor: a, Stored: c}); err != nil {
				return err
			}
		}
	}
	return nil
}

// behindEnd are the changes at and behind the end of an ended feed.
const behindEnd = `FROM change WHERE EXISTS (SELECT 1 FROM ended JOIN doc ON doc.id = ended.doc WHERE doc.n = change.doc AND change.seq >= ended.seq)`

// setAside takes what EndHeld left out of the documents, and makes everything
// derived anew without it, in one transaction.
func (s *Store) setAside() error {
	var n int
	err := s.write.QueryRow(`SELECT count(*) FROM ended JOIN doc ON doc.id = ended.doc JOIN tip ON tip.doc = doc.n WHERE tip.seq >= ended.seq`).Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	return s.remade(context.Background(), func() error {
		res, err := s.write.Exec("DELETE " + behindEnd)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrCorrupt) // the vector named changes that are not there
		}
		return nil
	})
}
