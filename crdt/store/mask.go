package store

import (
	"database/sql"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// Masking. When a device loses its authority, what it wrote into records documents
// and nobody had seen does not count. The changes are held and sent like all others,
// so documents stay what they are everywhere; but what is shown of them is as if the
// masked changes had never been: projections are not told of them, and a conflict set
// is what the others leave (shown.go). Which changes are masked follows from the
// documents and the governance alone, so it is the same on all devices:
//
// A change stands if its author is not withdrawn, if a mark of the withdrawal names
// it, or if it has a witness: a change that stands, builds on it, and names a
// governance head from before the withdrawal. Who wrote after having heard of the
// withdrawal vouches for nothing: every change names all it has seen of a document.
//
// A change is judged when it comes (here), and again when a witness of it comes
// (witness.go) or when governance moves (remask.go).

// Withdrawal says that an author's device lost its authority, where, and what of its
// work in records documents was seen then.
type Withdrawal struct {
	Term, Head uint64 // the place of the order in governance
	Marks      []Mark
}

// Mark names a change of a records document that stands, and with it all of its author
// that it builds on.
type Mark struct {
	Doc  DocID
	Seq  uint64
	Hash [16]byte // the beginning of its hash
}

// Withdrawer is the Projector that knows governance. It tells of each author whether
// work of it may have to be masked; when that may have changed it calls Tx.Remask.
type Withdrawer interface {
	Withdrawn(tx *Tx, a wire.Actor) (Withdrawal, bool, error)
}

// WholeProjector is a Projector that is told of masked changes, too.
type WholeProjector interface{ Whole() }

// Forgetter is a Projector that keeps something of its rows in memory: it is called
// when its tables were emptied to be filled anew within a transaction.
type Forgetter interface{ Forget(tx *Tx) }

// before tells whether a change that names a head knew nothing of the withdrawal.
func (w Withdrawal) before(term, head uint64) bool {
	return term < w.Term || term == w.Term && head < w.Head
}

// names tells whether a mark names a change.
func (w Withdrawal) names(doc DocID, seq uint64, h wire.Hash) bool {
	for _, m := range w.Marks {
		if m.Seq == seq && m.Doc == doc && m.Hash == [16]byte(h[:16]) {
			return true
		}
	}
	return false
}

func (tx *Tx) withdrawn(a wire.Actor) (w Withdrawal, ok bool, err error) {
	for _, p := range tx.s.cfg.Projectors {
		if x, is := p.(Withdrawer); is {
			if w, ok, err = x.Withdrawn(tx, a); ok || err != nil {
				return w, ok, err
			}
		}
	}
	return w, false, nil
}

// weigh tells whether a change that comes is masked; if it is not, it may be a witness.
func (tx *Tx) weigh(d *document, ch *wire.Change, h wire.Hash, c seal.Context) (masked bool, err error) {
	if d.shape != Records {
		return false, nil
	}
	if tx.again != nil { // a replay of what was judged
		if d.masked == 0 {
			return false, nil
		}
		var n int
		err := tx.c.QueryRow("SELECT count(*) FROM mask WHERE n = ?", tx.replayN).Scan(&n)
		return n > 0, err
	}
	w, withdrawn, err := tx.withdrawn(ch.Actor)
	if err != nil || withdrawn && !w.names(d.id, ch.Seq, h) {
		return withdrawn, err
	}
	if d.masked == 0 {
		return false, nil
	}
	past, _, err := tx.Past(d.id, ch.Deps)
	if err != nil {
		return false, err
	}
	return false, tx.vouch(d, past.clock, c)
}

// mask notes that change n is masked; built, that something that stands builds on it.
func (tx *Tx) mask(d *document, n, actor int64, ch *wire.Change, built bool) error {
	if _, err := tx.c.Exec("INSERT INTO mask(n, doc, actor, seq, built) VALUES (?, ?, ?, ?, ?)", n, d.n, actor, int64(ch.Seq), built); err != nil {
		return err
	}
	for _, op := range ch.Ops {
		if _, err := tx.c.Exec("INSERT OR IGNORE INTO mask_key(doc, key, n) VALUES (?, ?, ?)", d.n, op.Key, n); err != nil {
			return err
		}
	}
	d.masked++
	tx.touch(d)
	return nil
}

// unmask takes that back.
func (tx *Tx) unmask(d *document, n int64) error {
	if _, err := tx.c.Exec("DELETE FROM mask_key WHERE n = ?", n); err != nil {
		return err
	}
	_, err := tx.c.Exec("DELETE FROM mask WHERE n = ?", n)
	d.masked--
	tx.touch(d)
	return err
}

// loadMasked counts the masked changes of a document.
func (tx *Tx) loadMasked(d *document) error {
	if d.shape != Records {
		return nil
	}
	return tx.c.QueryRow("SELECT count(*) FROM mask WHERE doc = ?", d.n).Scan(&d.masked)
}

// Masked is what is masked of one author in one document.
type Masked struct {
	Doc   DocID
	Actor wire.Actor
	N     int
	At    int64 // the time of the last one, as its author says
}

// MaskedWork lists what is masked, by document and author.
func MaskedWork(q Querier) (list []Masked, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		var m Masked
		var a, chunk []byte
		if err := r.Scan(&m.Doc, &a, &m.N, &chunk); err != nil {
			return err
		}
		h, err := wire.Peek(chunk)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		m.At = h.Time
		if m.Actor, _, err = splitActor(a); err != nil {
			return err
		}
		if n := len(list); n > 0 && list[n-1].Doc == m.Doc && list[n-1].Actor == m.Actor { // another history of its author
			list[n-1].N += m.N
			list[n-1].At = max(list[n-1].At, m.At)
			return nil
		}
		list = append(list, m)
		return nil
	}, `SELECT doc.id, actor.id, x.many, change.chunk FROM (SELECT doc, actor, count(*) AS many, max(n) AS last FROM mask GROUP BY doc, actor) x
		JOIN doc ON doc.n = x.doc JOIN actor ON actor.n = x.actor JOIN change ON change.n = x.last ORDER BY doc.id, actor.id`)
	return list, err
}

// IsMasked tells whether a change is masked.
func IsMasked(q Querier, h wire.Hash) (bool, error) {
	var n int
	err := q.QueryRow("SELECT count(*) FROM change JOIN mask ON mask.n = change.n WHERE change.tag = ? AND change.hash = ?", tag(h), h[:]).Scan(&n)
	return n > 0, err
}

// Ends are the last changes of an author in all records documents, one for each of
// its histories there.
func Ends(q Querier, a wire.Actor) (list []Mark, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		var m Mark
		var hash []byte
		if err := r.Scan(&m.Doc, &m.Seq, &hash); err != nil {
			return err
		}
		if len(hash) != len(wire.Hash{}) {
			return fmt.Errorf("%w: hash", ErrCorrupt)
		}
		m.Hash = [16]byte(hash[:16])
		list = append(list, m)
		return nil
	}, `SELECT doc.id, change.seq, change.hash FROM actor CROSS JOIN doc JOIN change ON change.doc = doc.n AND change.actor = actor.n
			AND change.seq = (SELECT max(seq) FROM change x WHERE x.doc = doc.n AND x.actor = actor.n)
		WHERE doc.shape = 2 AND (actor.id = ?1 OR length(actor.id) > 16 AND substr(actor.id, 1, 16) = ?1) ORDER BY 1, 2, 3`, a[:])
	return list, err
}
