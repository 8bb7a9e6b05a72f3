package ledger

import (
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func parseActor(text string) (a wire.Actor, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(a) {
		return a, fmt.Errorf("ledger: %q is no incarnation", text)
	}
	return wire.Actor(b), nil
}

// located is an admitted feed change.
type located struct {
	docPart
	seq   uint64
	chunk wire.Chunk
}

// find looks an admitted feed change of this community up by its hash.
func (l *Ledger) find(q store.Querier, h wire.Hash) (c located, ok bool, err error) {
	var doc string
	var chunk []byte
	err = q.QueryRow(`SELECT doc.id, change.seq, change.chunk FROM change JOIN doc ON doc.n = change.doc
		WHERE change.tag = ? AND change.hash = ?`, int64(binary.BigEndian.Uint64(h[:8])), h[:]).Scan(&doc, &c.seq, &chunk)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	c.docPart, ok = l.parseDoc(store.DocID(doc))
	c.chunk = chunk
	return c, ok, nil
}

// at looks an admitted feed change up by its running number.
func (l *Ledger) at(q store.Querier, feed wire.Actor, number uint64) (*wire.Change, wire.Hash, error) {
	part, seq := split(number)
	list, err := l.run(q, docPart{feed, feedEpoch, part}, seq, 1)
	if err != nil {
		return nil, wire.Hash{}, err
	}
	if len(list) == 0 {
		return nil, wire.Hash{}, fmt.Errorf("transaction %d of %s: %w", number, feed, ErrUnknown)
	}
	return wire.Decode(list[0].Chunk)
}

// run reads up to n changes of a feed part from seq on, with the seals that
// travelled with them.
func (l *Ledger) run(q store.Querier, d docPart, seq uint64, n int) (list []seal.Sealed, err error) {
	rows, err := q.Query(`SELECT change.chunk, change.seal FROM change JOIN doc ON doc.n = change.doc
		WHERE doc.id = ? AND change.seq >= ? ORDER BY change.seq LIMIT ?`,
		string(l.docAt(d.actor, d.epoch, d.part)), int64(seq), n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var chunk, sig []byte
		if err := rows.Scan(&chunk, &sig); err != nil {
			return nil, err
		}
		s := seal.Sealed{Chunk: chunk}
		if len(sig) == len(seal.Seal{}) {
			v := seal.Seal(sig)
			s.Seal = &v
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// certificate finds an incarnation's certificate; its id begins with the actor.
func certificate(q store.Querier, a wire.Actor) (c seal.Certificate, err error) {
	var low, high [32]byte
	copy(low[:], a[:])
	copy(high[:], a[:])
	for i := len(a); i < len(high); i++ {
		high[i] = 0xff
	}
	var blob []byte
	err = q.QueryRow("SELECT blob FROM item WHERE name = ? AND id BETWEEN ? AND ? AND gone = 0", store.SetIncarnation, low[:], high[:]).Scan(&blob)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("the certificate of %s: %w", a, ErrUnknown)
	}
	if err != nil {
		return c, err
	}
	return seal.DecodeCertificate(blob)
}
