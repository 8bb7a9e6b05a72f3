package store

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"

	"jishan/crdt/wire"
)

// A records document of an author who has forked, as Automerge can read it. There
// an actor has one history, so each further one gets an actor of its own: its
// changes, and those that rest on them, are encoded anew and have other hashes. All
// else stays as it was written.

const plainDomain = "jishan history 1\x00"

// EachPlain calls fn with a document's changes as a genuine Automerge document,
// dependencies first.
func EachPlain(q Querier, doc DocID, fn func(wire.Chunk) error) error {
	p, err := newPlain(q, doc)
	if err != nil {
		return err
	}
	if len(p.strands) == 0 {
		return Each(q, doc, func(_ wire.Actor, c Stored) error { return fn(c.Chunk) })
	}
	list, err := p.rows()
	if err != nil {
		return err
	}
	for _, r := range list {
		chunk, err := p.rewrite(r)
		if err != nil {
			return err
		}
		if err := fn(chunk); err != nil {
			return err
		}
	}
	return nil
}

// PlainRegisters are the registers as Automerge has them, masked changes included, with
// the operation ids of EachPlain.
func PlainRegisters(q Querier, doc DocID) ([]Register, error) {
	p, err := newPlain(q, doc)
	if err != nil || len(p.strands) == 0 {
		list, e := rawRegisters(q, doc)
		return list, cmp.Or(err, e)
	}
	var list []Register
	err = EachRow(q, func(r *sql.Rows) error {
		var key string
		var f Field
		var number int64
		var id []byte
		if err := r.Scan(&key, &f.Op.Counter, &number, &id, &f.Value.Kind, &f.Value.Num, &f.Value.Raw); err != nil {
			return err
		}
		a, _, err := splitActor(id)
		if f.Op.Actor = a; p.strands[number] != nil {
			f.Op.Actor = p.strands[number].actor
		}
		if len(list) == 0 || list[len(list)-1].Key != key {
			list = append(list, Register{Key: key})
		}
		last := &list[len(list)-1]
		last.Fields = append(last.Fields, f)
		return err
	}, `SELECT r.key, r.counter, r.actor, a.id, r.kind, r.num, r.raw FROM register r JOIN actor a ON a.n = r.actor
		WHERE r.doc = (SELECT n FROM doc WHERE id = ?) ORDER BY r.key`, string(doc))
	for _, r := range list {
		sortShown(r.Fields)
	}
	return list, err
}

// plain rewrites one document.
type plain struct {
	q       Querier
	doc     int64
	strands map[int64]*plainStrand // by the number of the strand
	numbers map[wire.Actor][]int64 // of those who have forked
	hashes  map[wire.Hash]wire.Hash
}

type plainStrand struct {
	actor wire.Actor // instead of the author
	first uint64
}

type plainRow struct {
	n, number int64
	chunk     wire.Chunk
}

func newPlain(q Querier, doc DocID) (*plain, error) {
	p := &plain{q: q, strands: map[int64]*plainStrand{}, numbers: map[wire.Actor][]int64{}, hashes: map[wire.Hash]wire.Hash{}}
	err := EachRow(q, func(r *sql.Rows) error {
		var number int64
		var id, hash []byte
		s := &plainStrand{}
		if err := r.Scan(&p.doc, &number, &id, &s.first, &hash); err != nil {
			return err
		}
		a, _, err := splitActor(id)
		sum := sha256.Sum256(slices.Concat([]byte(plainDomain), a[:], hash))
		copy(s.actor[:], sum[:])
		p.strands[number] = s
		p.numbers[a] = append(p.numbers[a], number)
		return err
	}, `SELECT c.doc, c.actor, a.id, min(c.seq), c.hash FROM tip JOIN actor a ON a.n = tip.actor
		JOIN change c ON c.doc = tip.doc AND c.actor = tip.actor
		WHERE tip.doc = (SELECT n FROM doc WHERE id = ?) AND length(a.id) > 16 GROUP BY c.actor`, string(doc))
	if err != nil {
		return nil, err
	}
	for a := range p.numbers {
		var n int64
		if err := q.QueryRow("SELECT n FROM actor WHERE id = ?", a[:]).Scan(&n); err != nil {
			return nil, err
		}
		p.numbers[a] = append(p.numbers[a], n)
	}
	return p, nil
}

func (p *plain) rows() (list []plainRow, err error) {
	err = EachRow(p.q, func(r *sql.Rows) error {
		var x plainRow
		err := r.Scan(&x.n, &x.number, (*[]byte)(&x.chunk))
		list = append(list, x)
		return err
	}, "SELECT n, actor, chunk FROM change WHERE doc = ? ORDER BY n", p.doc)
	return list, err
}

// rewrite returns a change with the actors and hashes of the plain document.
func (p *plain) rewrite(r plainRow) (wire.Chunk, error) {
	ch, was, err := wire.Decode(r.chunk)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if s := p.strands[r.number]; s != nil {
		ch.Actor, ch.Seq = s.actor, ch.Seq-s.first+1
	}
	for i, h := range ch.Deps {
		ch.Deps[i] = p.hashes[h]
	}
	slices.SortFunc(ch.Deps, wire.Hash.Compare)
	clock := map[int64]uint64{}
	if err := mergeClock(p.q, r.n, clock); err != nil {
		return nil, err
	}
	for i := range ch.Ops {
		if err := p.preds(&ch.Ops[i], clock); err != nil {
			return nil, err
		}
	}
	chunk, h, err := ch.Encode()
	p.hashes[was] = h
	return chunk, err
}

// preds names the operations that are meant by an id of who has forked. What removes is
// none of them: nothing stands after it, and Automerge could not save what names it.
func (p *plain) preds(op *wire.Op, clock map[int64]uint64) error {
	var out []wire.OpID
	for _, id := range op.Pred {
		numbers := p.numbers[id.Actor]
		if numbers == nil {
			out = append(out, id)
			continue
		}
		for _, n := range numbers {
			var there int
			err := p.q.QueryRow("SELECT count(*) FROM op WHERE doc = ? AND counter = ? AND actor = ? AND key = ? AND seq <= ? AND state <> ?",
				p.doc, int64(id.Counter), n, op.Key, int64(clock[n]), opRemoval).Scan(&there)
			if err != nil {
				return err
			}
			if there == 0 {
				continue
			}
			x := id
			if s := p.strands[n]; s != nil {
				x.Actor = s.actor
			}
			out = append(out, x)
		}
	}
	slices.SortFunc(out, wire.OpID.Compare)
	op.Pred = out
	return nil
}
