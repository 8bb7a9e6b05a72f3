package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/wire"
)

// maxCached is how many documents the writer keeps in memory; beyond it starts
// afresh. A community has a few hundred that still change.
const maxCached = 2048

// cache is the writer's view of documents and actors. What a transaction
// changed is written back at its end, or forgotten.
type cache struct {
	docs   map[DocID]*document
	actors map[wire.Actor]int64
	ids    map[int64]wire.Actor
	rooms  [2]*room // waiting, quarantine; nil: not loaded

	unforked bool // the table branch was empty, and nothing was written to it since
}

func (c *cache) reset() {
	*c = cache{docs: map[DocID]*document{}, actors: map[wire.Actor]int64{}, ids: map[int64]wire.Actor{}}
}

// document is what the writer must know of one to take its next change.
type document struct {
	n        int64
	id       DocID
	shape    Shape
	changes  uint64
	greatest uint64
	tips     map[wire.Actor]*tip
	heads    []wire.Hash                // records only; ascending
	branches map[wire.Actor][]branchTip // feeds only
	strands  map[wire.Actor][]*strand   // records only: the further histories of who has forked
	ended    bool
	masked   int // records only: how many changes are masked
	wants    []Projector
	told     []Tip // the vector as it was written back last; not to be changed
	dirty    bool
	moved    bool // heads changed
}

type tip struct {
	actor int64
	seq   uint64
	hash  wire.Hash
	term  uint64
	head  uint64 // sequence number of the governance head
	dirty bool
}

// document loads a document's state; a new document gets its row only when
// make is set, else nil is returned.
func (tx *Tx) document(id DocID, make bool) (*document, error) {
	if d := tx.s.cache.docs[id]; d != nil {
		return d, nil
	}
	if len(tx.s.cache.docs) >= maxCached && len(tx.touched) == 0 {
		clear(tx.s.cache.docs)
	}
	d := &document{id: id, tips: map[wire.Actor]*tip{}, branches: map[wire.Actor][]branchTip{}, strands: map[wire.Actor][]*strand{}}
	err := tx.c.QueryRow("SELECT n, shape, changes, greatest FROM doc WHERE id = ?", string(id)).
		Scan(&d.n, &d.shape, &d.changes, &d.greatest)
	switch {
	case errors.Is(err, sql.ErrNoRows) && !make:
		return nil, nil
	case errors.Is(err, sql.ErrNoRows):
		err = tx.newDocument(d)
	case err == nil:
		err = tx.loadDocument(d)
	}
	if err != nil {
		return nil, err
	}
	for _, p := range tx.s.cfg.Projectors {
		if p.Wants(id) {
			d.wants = append(d.wants, p)
		}
	}
	tx.s.cache.docs[id] = d
	return d, nil
}

func (tx *Tx) newDocument(d *document) error {
	shape, err := tx.s.cfg.Shape(d.id)
	if err != nil {
		return err
	}
	if shape != Feed && shape != Records {
		return fmt.Errorf("%w: %d", ErrShape, shape)
	}
	d.shape = shape
	r, err := tx.c.Exec("INSERT INTO doc(id, shape, digest, changes, greatest) VALUES (?, ?, ?, 0, 0)",
		string(d.id), int64(shape), make([]byte, 32))
	if err != nil {
		return err
	}
	d.n, err = r.LastInsertId()
	tx.touch(d)
	return err
}

func (tx *Tx) loadDocument(d *document) error {
	if err := tx.loadTips(d); err != nil {
		return err
	}
	heads, err := hashes(tx.c, "SELECT hash FROM head WHERE doc = ? ORDER BY hash", d.n)
	if err != nil {
		return err
	}
	d.heads = heads
	if err := errors.Join(tx.loadBranches(d), tx.loadMasked(d)); err != nil {
		return err
	}
	var ended int
	err = tx.c.QueryRow("SELECT count(*) FROM ended WHERE doc = ?", string(d.id)).Scan(&ended)
	d.ended = ended > 0
	return err
}

func (tx *Tx) loadTips(d *document) error {
	rows, err := tx.c.Query(`SELECT actor.id, tip.actor, tip.seq, tip.hash, tip.term, tip.head
		FROM tip JOIN actor ON actor.n = tip.actor WHERE tip.doc = ?`, d.n)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, hash []byte
		t := &tip{}
		if err := rows.Scan(&id, &t.actor, &t.seq, &hash, &t.term, &t.head); err != nil {
			return err
		}
		a, k, err := splitActor(id)
		if err != nil || len(hash) != 32 {
			return fmt.Errorf("%w: vector", ErrCorrupt)
		}
		t.hash = wire.Hash(hash)
		if k > 0 {
			tx.s.cache.ids[t.actor] = a
			d.strands[a] = append(d.strands[a], &strand{tip: t, k: k})
			continue
		}
		tx.s.cache.know(a, t.actor)
		d.tips[a] = t
	}
	return errors.Join(rows.Err(), rows.Close(), tx.loadStrands(d))
}

func hashes(q Querier, query string, args ...any) ([]wire.Hash, error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []wire.Hash
	for rows.Next() {
		var b sql.RawBytes
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		if len(b) != len(wire.Hash{}) {
			return nil, fmt.Errorf("%w: hash", ErrCorrupt)
		}
		list = append(list, wire.Hash(b))
	}
	return list, rows.Err()
}

func (c *cache) know(a wire.Actor, n int64) {
	c.actors[a], c.ids[n] = n, a
}

// actor returns the small number of an actor, a new one if make is set; 0 for
// an unknown one.
func (tx *Tx) actor(a wire.Actor, make bool) (int64, error) {
	if n := tx.s.cache.actors[a]; n != 0 {
		return n, nil
	}
	var n int64
	err := tx.c.QueryRow("SELECT n FROM actor WHERE id = ?", a[:]).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		if !make {
			return 0, nil
		}
		r, err := tx.c.Exec("INSERT INTO actor(id) VALUES (?)", a[:])
		if err != nil {
			return 0, err
		}
		if n, err = r.LastInsertId(); err != nil {
			return 0, err
		}
		tx.actors = append(tx.actors, a)
	} else if err != nil {
		return 0, err
	}
	tx.s.cache.know(a, n)
	return n, nil
}

// actorID is the way back from a number.
func (tx *Tx) actorID(n int64) (wire.Actor, error) {
	if a, ok := tx.s.cache.ids[n]; ok {
		return a, nil
	}
	var b []byte
	if err := tx.c.QueryRow("SELECT id FROM actor WHERE n = ?", n).Scan(&b); err != nil {
		return wire.Actor{}, fmt.Errorf("store: actor %d: %w", n, err)
	}
	a, k, err := splitActor(b)
	if err != nil {
		return a, err
	}
	if tx.s.cache.ids[n] = a; k == 0 {
		tx.s.cache.actors[a] = n
	}
	return a, nil
}

func (tx *Tx) touch(d *document) {
	if !d.dirty {
		d.dirty = true
		tx.touched = append(tx.touched, d)
	}
}

// vector returns the tips in actor order.
func (d *document) vector() []Tip {
	v := make([]Tip, 0, len(d.tips))
	for a, t := range d.tips {
		x := Tip{Actor: a, Seq: t.seq, Hash: t.hash}
		if b := d.branches[a]; len(b) > 0 {
			x = forkedTip(x, b)
		}
		if c := d.strands[a]; len(c) > 0 {
			x = strandedTip(x, c)
		}
		v = append(v, x)
	}
	slices.SortFunc(v, func(a, b Tip) int { return a.Actor.Compare(b.Actor) })
	return v
}

const digestDomain = "jishan document 1\x00"

// VectorDigest is a document's digest: over its id and its sorted vector.
func VectorDigest(id DocID, vector []Tip) [32]byte {
	b := make([]byte, 0, len(digestDomain)+2+len(id)+56*len(vector))
	b = append(b, digestDomain...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(id)))
	b = append(b, id...)
	for _, t := range vector {
		b = append(b, t.Actor[:]...)
		b = binary.BigEndian.AppendUint64(b, t.Seq)
		b = append(b, t.Hash[:]...)
	}
	return sha256.Sum256(b)
}

// writeBack brings the rows of touched documents up to date.
func (tx *Tx) writeBack() error {
	for _, d := range tx.touched {
		d.told = d.vector()
		sum := VectorDigest(d.id, d.told)
		_, err := tx.c.Exec("UPDATE doc SET digest = ?, changes = ?, greatest = ? WHERE n = ?",
			sum[:], int64(d.changes), int64(d.greatest), d.n)
		if err != nil {
			return err
		}
		if err := tx.writeTips(d); err != nil {
			return err
		}
		if err := tx.writeHeads(d); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) writeTips(d *document) error {
	for t := range d.histories() {
		if !t.dirty {
			continue
		}
		_, err := tx.c.Exec("INSERT OR REPLACE INTO tip(doc, actor, seq, hash, term, head) VALUES (?, ?, ?, ?, ?, ?)",
			d.n, t.actor, int64(t.seq), t.hash[:], int64(t.term), int64(t.head))
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) writeHeads(d *document) error {
	if !d.moved {
		return nil
	}
	if _, err := tx.c.Exec("DELETE FROM head WHERE doc = ?", d.n); err != nil {
		return err
	}
	for _, h := range d.heads {
		if _, err := tx.c.Exec("INSERT INTO head(doc, hash) VALUES (?, ?)", d.n, h[:]); err != nil {
			return err
		}
	}
	return nil
}

// settle marks the cache clean after a commit.
func (tx *Tx) settle() {
	for _, d := range tx.touched {
		d.dirty, d.moved = false, false
		for t := range d.histories() {
			t.dirty = false
		}
	}
}

// forget drops what an undone transaction left in the cache.
func (tx *Tx) forget() {
	for _, d := range tx.touched {
		delete(tx.s.cache.docs, d.id)
	}
	for _, a := range tx.actors {
		delete(tx.s.cache.ids, tx.s.cache.actors[a])
		delete(tx.s.cache.actors, a)
	}
	for _, n := range tx.aliases {
		delete(tx.s.cache.ids, n)
	}
	tx.s.cache.rooms = [2]*room{}
}
