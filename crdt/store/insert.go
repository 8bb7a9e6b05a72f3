package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// States of an operation in the index.
const (
	opOver    = 0
	opLive    = 1
	opRemoval = 2
)

// Admit inserts a change with everything that follows from it: vector, heads,
// registers, operation index, projections. For package admit, after every
// check; whatever is wrong here is a fault of the program, and the transaction
// must be given up.
func (tx *Tx) Admit(doc DocID, ch *wire.Change, h wire.Hash, s seal.Sealed, local bool) error {
	err := tx.admit(doc, ch, h, s, local)
	if err != nil {
		tx.broken = err // half a change must not be committed, whoever drops the error
	}
	return err
}

// Context reads a change's message. It remembers the last one: a feed's entries
// say the same for hundreds of changes.
func (tx *Tx) Context(message string) (seal.Context, error) {
	if m := &tx.context; m.ok && m.message == message {
		return m.context, nil
	}
	c, err := seal.ParseContext(message)
	if err == nil {
		tx.context = contextMemo{message, c, true}
	}
	return c, err
}

type contextMemo struct {
	message string
	context seal.Context
	ok      bool
}

func (tx *Tx) admit(doc DocID, ch *wire.Change, h wire.Hash, s seal.Sealed, local bool) error {
	d, err := tx.document(doc, true)
	if err != nil {
		return err
	}
	c, err := tx.Context(ch.Message)
	if err != nil {
		return err
	}
	masked, err := tx.weigh(d, ch, h, c)
	if err != nil {
		return err
	}
	ev := Event{Doc: doc, Shape: d.shape, Change: ch, Hash: h, Context: c, Local: local}
	t, err := tx.advance(d, ch, h, c)
	if err != nil {
		return err
	}
	beside := t != d.tips[ch.Actor] // in a further history of its author
	if d.shape == Feed {
		tx.insertFeed(d, t, ch, h, s, local)
	} else {
		ev.Moved, err = tx.insertRecords(d, t, ch, h, s, local, masked)
	}
	if err != nil {
		return err
	}
	if !tx.replay && !beside {
		tx.fresh = append(tx.fresh, taken{place{doc, ch.Actor}, Stored{ch.Seq, h, s}})
	}
	if !local {
		tx.merge(ch.Time)
		if beside { // its own fork proof stops this device
			return tx.project(d, ev, masked)
		}
		if err := tx.lose(ch.Actor); err != nil {
			return err
		}
	}
	return tx.project(d, ev, masked)
}

// lose notes that a change of our own came from a peer: then this database is
// an older copy, and writing on would fork our history.
func (tx *Tx) lose(a wire.Actor) error {
	if a != tx.s.self || tx.s.cfg.Incarnation == nil || tx.replay {
		return nil
	}
	_, err := tx.Exec("INSERT OR REPLACE INTO meta(key, value) VALUES ('lost', ?)", a[:])
	tx.lost = true
	return err
}

// advance moves the document's state on to the change.
func (tx *Tx) advance(d *document, ch *wire.Change, h wire.Hash, c seal.Context) (*tip, error) {
	if d.shape == Records {
		// before the vector moves: the usual past is the whole vector
		if _, missing, err := tx.Past(d.id, ch.Deps); err != nil || len(missing) > 0 {
			return nil, fmt.Errorf("store: %d dependencies are missing: %w", len(missing), err)
		}
	}
	t, err := tx.history(d, ch)
	if err != nil {
		return nil, err
	}
	if ch.Seq != t.seq+1 {
		return nil, fmt.Errorf("store: change %d of %s does not follow %d", ch.Seq, d.id, t.seq)
	}
	t.seq, t.hash, t.term, t.head, t.dirty = ch.Seq, h, c.Term, c.Seq, true
	d.changes++
	d.greatest = max(d.greatest, ch.StartOp+uint64(len(ch.Ops))-1)
	tx.touch(d)
	tx.changed[d.id] = true
	return t, nil
}

func (tx *Tx) insertFeed(d *document, t *tip, ch *wire.Change, h wire.Hash, s seal.Sealed, local bool) {
	if !tx.replay {
		tx.c.later(insertChange, changeRow(d, t, ch, h, s, local)...)
	}
}

const insertChange = `INSERT INTO change(doc, actor, seq, tag, hash, seal, start_op, ops, local, chunk)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func changeRow(d *document, t *tip, ch *wire.Change, h wire.Hash, s seal.Sealed, local bool) []any {
	var sig []byte
	if s.Seal != nil {
		sig = s.Seal[:]
	}
	return []any{d.n, t.actor, int64(ch.Seq), tag(h), h[:], sig, int64(ch.StartOp), int64(len(ch.Ops)), local, []byte(s.Chunk)}
}

// insertChange writes the row that is the truth.
func (tx *Tx) insertChange(d *document, t *tip, ch *wire.Change, h wire.Hash, s seal.Sealed, local bool) (int64, error) {
	if tx.replay {
		return 0, nil
	}
	r, err := tx.c.Exec(insertChange, changeRow(d, t, ch, h, s, local)...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (tx *Tx) insertRecords(d *document, t *tip, ch *wire.Change, h wire.Hash, s seal.Sealed, local, masked bool) ([]Moved, error) {
	past := tx.past.past // advance asked for it
	tx.past.ok = false
	n, err := tx.insertChange(d, t, ch, h, s, local)
	if err != nil {
		return nil, err
	}
	if tx.replay {
		n = tx.replayN
	}
	if _, err := tx.c.Exec("INSERT INTO past(n, clock) VALUES (?, ?)", n, encodeClock(past.clock, t.actor, ch.Seq)); err != nil {
		return nil, err
	}
	d.moveHeads(ch.Deps, h)
	if masked && tx.again == nil {
		if err := tx.mask(d, n, t.actor, ch, false); err != nil {
			return nil, err
		}
	}
	moved := make([]Moved, len(ch.Ops))
	for i := range ch.Ops {
		id := wire.OpID{Counter: ch.StartOp + uint64(i), Actor: ch.Actor}
		if err := tx.apply(d, t, id, &ch.Ops[i], past); err != nil {
			return nil, err
		}
		moved[i].Key = ch.Ops[i].Key
		if masked { // nobody is told what is shown
			continue
		}
		if moved[i].Fields, err = tx.fields(d, ch.Ops[i].Key); err != nil {
			return nil, err
		}
	}
	return moved, nil
}

func (d *document) moveHeads(deps []wire.Hash, h wire.Hash) {
	d.heads = slices.DeleteFunc(d.heads, func(x wire.Hash) bool {
		_, found := slices.BinarySearchFunc(deps, x, wire.Hash.Compare)
		return found
	})
	at, _ := slices.BinarySearchFunc(d.heads, h, wire.Hash.Compare)
	d.heads = slices.Insert(d.heads, at, h)
	d.moved = true
}

// apply is the merge rule: an operation replaces those it names.
func (tx *Tx) apply(d *document, t *tip, id wire.OpID, op *wire.Op, past Past) error {
	for _, p := range op.Pred {
		if err := tx.replace(d, op.Key, p, past); err != nil {
			return err
		}
	}
	state := opLive
	if op.Delete {
		state = opRemoval
	}
	_, err := tx.c.Exec("INSERT INTO op(doc, counter, actor, seq, state, key) VALUES (?, ?, ?, ?, ?, ?)",
		d.n, int64(id.Counter), t.actor, int64(t.seq), state, op.Key)
	if err != nil {
		return err
	}
	if !op.Delete {
		_, err := tx.c.Exec("INSERT INTO register(doc, key, counter, actor, kind, num, raw) VALUES (?, ?, ?, ?, ?, ?, ?)",
			d.n, op.Key, int64(id.Counter), t.actor, int64(op.Value.Kind), op.Value.Num, []byte(op.Value.Raw))
		if err != nil {
			return err
		}
	}
	return nil
}

// replace takes the values away that an operation names. Two histories of one
// author may hold operations of one id: it means those of its own past.
func (tx *Tx) replace(d *document, key string, p wire.OpID, past Past) error {
	numbers, err := tx.numbers(d, p.Actor)
	if err != nil {
		return err
	}
	for _, a := range numbers {
		if len(numbers) > 1 {
			var seq uint64
			err := tx.c.QueryRow("SELECT seq FROM op WHERE doc = ? AND counter = ? AND actor = ? AND key = ?", d.n, int64(p.Counter), a, key).Scan(&seq)
			if errors.Is(err, sql.ErrNoRows) || err == nil && seq > past.clock[a] {
				continue
			}
			if err != nil {
				return err
			}
		}
		_, err = tx.c.Exec("DELETE FROM register WHERE doc = ? AND key = ? AND counter = ? AND actor = ?",
			d.n, key, int64(p.Counter), a)
		if err != nil {
			return err
		}
		_, err = tx.c.Exec("UPDATE op SET state = ? WHERE doc = ? AND counter = ? AND actor = ? AND state = ?",
			opOver, d.n, int64(p.Counter), a, opLive)
		if err != nil {
			return err
		}
	}
	return nil
}

// project tells the projections of a change; of a masked one those alone that are told
// of everything.
func (tx *Tx) project(d *document, ev Event, masked bool) error {
	for _, p := range d.wants {
		if tx.again != nil && !tx.again[p] {
			continue
		}
		if _, whole := p.(WholeProjector); masked && !whole {
			continue
		}
		if err := p.Apply(tx, ev); err != nil {
			return fmt.Errorf("store: projection %s: %w", p.Name(), err)
		}
	}
	return nil
}
