package sync

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"jishan/crdt/store"
)

// A document is named in full the first time, or, when the peer is known to
// hold it, by a salted key of eight bytes; both give it the next number of the
// sender's table, and from then on the number is enough.
const (
	refFull = iota
	refKey
	refNumber // and everything above: number + refNumber
)

const refKeySize = 8

func (s *Session) refKey(doc store.DocID) (k [refKeySize]byte) {
	sum := sha256.Sum256(append(s.salt[:len(s.salt):len(s.salt)], doc...))
	copy(k[:], sum[:])
	return k
}

// appendRef names a document to the peer.
func (s *Session) appendRef(b []byte, doc store.DocID) []byte {
	d := s.doc(doc)
	if d.number > 0 {
		return binary.AppendUvarint(b, uint64(d.number-1+refNumber))
	}
	s.named++
	d.number = s.named
	if !d.knows {
		return appendText(append(b, refFull), string(doc))
	}
	k := s.refKey(doc)
	return append(append(b, refKey), k[:]...)
}

// readRef reads how the peer names a document.
func (s *Session) readRef(r *reader) store.DocID {
	kind := r.uvarint("document")
	if r.err != nil {
		return ""
	}
	if kind >= refNumber {
		if kind-refNumber >= uint64(len(s.peerNames)) {
			r.fail("document number")
			return ""
		}
		return s.peerNames[kind-refNumber]
	}
	var doc store.DocID
	if kind == refFull {
		doc = readDocID(r)
	} else if k := r.take(refKeySize, "document key"); k != nil {
		doc = s.resolve([refKeySize]byte(k))
		if doc == "" {
			r.fail("document key that nobody knows")
		}
	}
	if r.err != nil {
		return ""
	}
	if has(s.peerNamed, doc) { // the frame came twice; a sender names each once
		return doc
	}
	if len(s.peerNames) >= maxAliases {
		r.err = fmt.Errorf("%w: documents named", ErrTooLarge)
		return ""
	}
	s.peerNames = append(s.peerNames, doc)
	s.peerNamed[doc] = struct{}{}
	return doc
}

func readDocID(r *reader) store.DocID {
	doc := store.DocID(r.text(maxDocID, "document id"))
	if r.err != nil {
		return ""
	}
	if _, _, _, err := doc.Parts(); err != nil {
		r.fail("document id")
		return ""
	}
	return doc
}

// resolve finds a document by its key among those that both are known to
// hold: from the snapshots, or because this side has named them to the peer.
func (s *Session) resolve(k [refKeySize]byte) store.DocID {
	if doc, ok := s.keys[k]; ok {
		return doc
	}
	for doc := range s.vectors {
		s.learnKey(doc)
	}
	for doc := range s.docs {
		s.learnKey(doc)
	}
	return s.keys[k]
}

func (s *Session) learnKey(doc store.DocID) {
	if !has(s.keyed, doc) {
		s.keyed[doc] = struct{}{}
		s.keys[s.refKey(doc)] = doc
	}
}
