package store

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"errors"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// A forked feed's branches (of records documents: strand.go). The changes that came
// first stand in the table "change" like all others; what another history put in
// the place of one of them, and what follows there, stands in "branch". Both are held: the vector names all
// ends, so that devices which hold the same branches have the same digest,
// whichever of them came first (design section 4).

// MaxBranch bounds the changes beside the first history of one author in one
// document: as many as a part of a feed holds.
const MaxBranch = MaxPart

// BranchProjector is a Projector that counts the branches of forked feeds. The
// event's change is judged; it stands beside the feed's first history.
type BranchProjector interface {
	ApplyBranch(tx *Tx, ev Event) error
}

// branchTip is one change in a branch.
type branchTip struct {
	seq        uint64
	hash, prev wire.Hash
}

// before is the change that one in a feed follows; zero for the first.
func before(deps []wire.Hash) (h wire.Hash) {
	if len(deps) == 1 {
		h = deps[0]
	}
	return h
}

// Branch keeps a change of another history of a feed's author. Its predecessor is
// held, and it is judged.
func (tx *Tx) Branch(p Placed) error {
	d, err := tx.document(p.Doc, true)
	if err != nil {
		return err
	}
	list := d.branches[p.Actor]
	if len(list) >= MaxBranch || slices.ContainsFunc(list, func(b branchTip) bool { return b.hash == p.Hash }) {
		return nil
	}
	var sig []byte
	if p.Seal != nil {
		sig = p.Seal[:]
	}
	tx.s.cache.unforked = false
	_, err = tx.Exec("INSERT OR IGNORE INTO branch(doc, actor, seq, hash, chunk, seal, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		string(p.Doc), p.Actor[:], int64(p.Seq), p.Hash[:], []byte(p.Chunk), sig, tx.s.cfg.Clock())
	if err != nil {
		return err
	}
	h, err := wire.Peek(p.Chunk)
	if err != nil {
		return err
	}
	tx.touch(d)
	tx.changed[p.Doc] = true
	d.branches[p.Actor] = append(list, branchTip{p.Seq, p.Hash, before(h.Deps)})
	return tx.projectBranch(d, p)
}

func (tx *Tx) projectBranch(d *document, p Placed) error {
	ch, h, err := wire.Decode(p.Chunk)
	if err != nil {
		return err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return err
	}
	for _, w := range d.wants {
		if tx.again != nil && !tx.again[w] {
			continue
		}
		if b, ok := w.(BranchProjector); ok {
			if err := b.ApplyBranch(tx, Event{Doc: d.id, Shape: d.shape, Change: ch, Hash: h, Context: c}); err != nil {
				return err
			}
		}
	}
	return nil
}

// replayBranches projects all branches again; what they follow is here.
func (tx *Tx) replayBranches() error {
	list, err := branches(tx, "ORDER BY doc, actor, seq, hash")
	for _, p := range list {
		d, err := tx.document(p.Doc, true)
		if err != nil {
			return err
		}
		tx.touch(d) // its digest names them
		if err := tx.projectBranch(d, p); err != nil {
			return err
		}
	}
	return err
}

// loadBranches reads the ends of a document's branches.
func (tx *Tx) loadBranches(d *document) error {
	list, err := branches(tx.c, "WHERE doc = ? ORDER BY actor, seq, hash", string(d.id))
	for _, p := range list {
		h, err := wire.Peek(p.Chunk)
		if err != nil {
			return err
		}
		d.branches[p.Actor] = append(d.branches[p.Actor], branchTip{p.Seq, p.Hash, before(h.Deps)})
	}
	return err
}

// forkedTip names all ends of a forked author's histories in one entry of the
// vector: Seq counts the changes held, Hash is over the ends.
func forkedTip(main Tip, list []branchTip) Tip {
	inner := map[wire.Hash]bool{}
	for _, b := range list {
		inner[b.prev] = true
	}
	var ends []wire.Hash
	for _, b := range append(list[:len(list):len(list)], branchTip{hash: main.Hash}) {
		if !inner[b.hash] || b.hash == main.Hash {
			ends = append(ends, b.hash)
		}
	}
	return Tip{Actor: main.Actor, Seq: main.Seq + uint64(len(list)), Hash: endsHash(ends), Forked: true}
}

// endsHash is over the ends of histories, in any order.
func endsHash(ends []wire.Hash) wire.Hash {
	slices.SortFunc(ends, wire.Hash.Compare)
	sum := sha256.New()
	for _, h := range ends {
		sum.Write(h[:])
	}
	return wire.Hash(sum.Sum(nil))
}

// forkVector puts the branches into a vector that was read from the tips.
func forkVector(q Querier, doc DocID, v []Tip) ([]Tip, error) {
	list, err := Branches(q, doc)
	if err != nil || len(list) == 0 {
		return v, err
	}
	by := map[wire.Actor][]branchTip{}
	for _, p := range list {
		h, err := wire.Peek(p.Chunk)
		if err != nil {
			return nil, err
		}
		by[p.Actor] = append(by[p.Actor], branchTip{p.Seq, p.Hash, before(h.Deps)})
	}
	for i, t := range v {
		if b := by[t.Actor]; len(b) > 0 {
			v[i] = forkedTip(t, b)
		}
	}
	return v, nil
}

// BranchChange finds a change in a document's branches by its hash.
func BranchChange(q Querier, h wire.Hash) (p Placed, found bool, err error) {
	list, err := branches(q, "WHERE hash = ? LIMIT 1", h[:])
	if err != nil || len(list) == 0 {
		return p, false, err
	}
	return list[0], true, nil
}

// HasBranches tells whether any fork is held.
func HasBranches(q Querier) (bool, error) {
	tx, writes := q.(*Tx)
	if writes && tx.s.cache.unforked {
		return false, nil
	}
	var n int
	err := q.QueryRow("SELECT 1 FROM branch LIMIT 1").Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		if writes {
			tx.s.cache.unforked = true
		}
		return false, nil
	}
	return n > 0, err
}

// InBranches is the SQL condition that something by an incarnation, which the column
// holds, lies in a branch beside a feed.
func InBranches(column string) string {
	return "EXISTS (SELECT 1 FROM branch WHERE branch.actor = " + column + ")"
}

// InBranch is the SQL condition that a change of a feed, by the expressions of its
// document and its hash, lies in a branch here.
func InBranch(doc, hash string) string {
	return "EXISTS (SELECT 1 FROM branch WHERE branch.doc = " + doc + " AND branch.hash = " + hash + ")"
}

// EachBranched calls fn for every document in which an author has another history, with the
// seq of the first change that is beside.
func EachBranched(q Querier, a wire.Actor, fn func(doc DocID, first uint64)) error {
	return EachRow(q, func(r *sql.Rows) error {
		var doc string
		var first uint64
		err := r.Scan(&doc, &first)
		fn(DocID(doc), first)
		return err
	}, "SELECT doc, min(seq) FROM branch WHERE actor = ? GROUP BY doc", a[:])
}

// Branches returns the changes beside a document's first histories, by actor
// and seq.
func Branches(q Querier, doc DocID) ([]Placed, error) {
	return branches(q, "WHERE doc = ? ORDER BY actor, seq, hash", string(doc))
}

func branches(q Querier, rest string, args ...any) (list []Placed, err error) {
	rows, err := q.Query("SELECT seq, hash, seal, chunk, doc, actor FROM branch "+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Placed
		var actor []byte
		if err := p.scan(rows.Scan, &p.Doc, &actor); err != nil {
			return nil, err
		}
		copy(p.Actor[:], actor)
		list = append(list, p)
	}
	return list, rows.Err()
}

// Histories returns what is held of an author in a document from change first
// on, history by history, each ending with a sealed change: for a peer that may
// hold another branch. Of a records document, ascending by start counter.
func Histories(q Querier, doc DocID, a wire.Actor, first uint64) (list []Stored, err error) {
	for {
		page, err := After(q, doc, a, first-1, MaxPart)
		if err != nil {
			return nil, err
		}
		if list = append(list, page...); len(page) < MaxPart {
			break
		}
		first = page[len(page)-1].Seq + 1
	}
	beside, err := strandsOf(q, doc, a)
	if err != nil {
		return nil, err
	}
	if len(beside) > 0 {
		return byStart(append(list, beside...))
	}
	all, err := Branches(q, doc)
	if err != nil {
		return nil, err
	}
	var rest []linked
	for _, p := range all {
		if p.Actor != a {
			continue
		}
		h, err := wire.Peek(p.Chunk)
		if err != nil {
			return nil, err
		}
		rest = append(rest, linked{p.Stored, before(h.Deps)})
	}
	for len(rest) > 0 {
		var chain []Stored
		chain, rest = follow(rest)
		for len(chain) > 0 && chain[len(chain)-1].Seal == nil {
			chain = chain[:len(chain)-1]
		}
		list = append(list, chain...)
	}
	return list, nil
}

// byStart sorts changes by their start counters, which is an order of
// dependencies.
func byStart(list []Stored) ([]Stored, error) {
	start := make(map[wire.Hash]uint64, len(list))
	for _, c := range list {
		h, err := wire.Peek(c.Chunk)
		if err != nil {
			return nil, err
		}
		start[c.Hash] = h.StartOp
	}
	slices.SortStableFunc(list, func(a, b Stored) int { return cmp.Compare(start[a.Hash], start[b.Hash]) })
	return list, nil
}

type linked struct {
	Stored
	prev wire.Hash
}

// follow takes the first change and those that follow it off a list that is
// ordered by seq.
func follow(list []linked) (chain []Stored, rest []linked) {
	slices.SortStableFunc(list, func(a, b linked) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, c := range list {
		if len(chain) == 0 || c.prev == chain[len(chain)-1].Hash {
			chain = append(chain, c.Stored)
			continue
		}
		rest = append(rest, c)
	}
	return chain, rest
}
