package store

import (
	"database/sql"
	"fmt"

	"jishan/crdt/wire"
)

// What is shown of a key that masked changes touch: the values that nothing that
// stands has replaced. Who replaced a masked value replaced what that one had
// replaced; so neither comes back what somebody has written over since, nor has he to
// know what lies below.

// written is one operation on a key, with all that decides whether it is shown.
type written struct {
	field    Field
	actor    int64
	seq      uint64
	delete   bool
	masked   bool
	pred     []wire.OpID
	n        int64
	replaced bool
}

// unmasked returns the conflict set of a key as if there were no masked changes, in
// no order; ok is false if none touches the key: then it is what the registers say.
func unmasked(q Querier, doc int64, key string) (list []Field, ok bool, err error) {
	var some int
	if err := q.QueryRow("SELECT EXISTS (SELECT 1 FROM mask_key WHERE doc = ? AND key = ?)", doc, key).Scan(&some); err != nil || some == 0 {
		return nil, false, err
	}
	all, err := allWritten(q, doc, key)
	if err != nil {
		return nil, false, err
	}
	for _, w := range all {
		if !w.masked {
			if err := replaceAll(q, all, w, map[*written]bool{}); err != nil {
				return nil, false, err
			}
		}
	}
	for _, w := range all {
		if !w.masked && !w.delete && !w.replaced {
			list = append(list, w.field)
		}
	}
	return list, true, nil
}

// replaceAll notes what an operation replaced, through masked ones.
func replaceAll(q Querier, all []*written, w *written, seen map[*written]bool) error {
	var clock map[int64]uint64
	for _, id := range w.pred {
		var meant []*written
		for _, x := range all {
			if x.field.Op == id {
				meant = append(meant, x)
			}
		}
		for _, x := range meant {
			if len(meant) > 1 { // two histories of one author: those of its own past
				if clock == nil {
					clock = map[int64]uint64{}
					if err := mergeClock(q, w.n, clock); err != nil {
						return err
					}
				}
				if clock[x.actor] < x.seq {
					continue
				}
			}
			x.replaced = true
			if x.masked && !seen[x] {
				seen[x] = true
				if err := replaceAll(q, all, x, seen); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// allWritten reads every operation ever on a key, with its value.
func allWritten(q Querier, doc int64, key string) (all []*written, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		w := &written{}
		var a, chunk []byte
		var start uint64
		if err := r.Scan(&w.field.Op.Counter, &w.actor, &w.seq, &w.n, &start, &chunk, &a, &w.masked); err != nil {
			return err
		}
		ch, _, err := wire.Decode(chunk)
		if err != nil || w.field.Op.Counter < start || w.field.Op.Counter-start >= uint64(len(ch.Ops)) {
			return fmt.Errorf("%w: change row %d", ErrCorrupt, w.n)
		}
		op := ch.Ops[w.field.Op.Counter-start]
		w.field.Value, w.delete, w.pred = op.Value, op.Delete, op.Pred
		w.field.Op.Actor, _, err = splitActor(a)
		all = append(all, w)
		return err
	}, `SELECT op.counter, op.actor, op.seq, change.n, change.start_op, change.chunk, actor.id, EXISTS (SELECT 1 FROM mask WHERE mask.n = change.n)
		FROM op JOIN change ON change.doc = op.doc AND change.actor = op.actor AND change.seq = op.seq JOIN actor ON actor.n = op.actor
		WHERE op.doc = ? AND op.key = ?`, doc, key)
	return all, err
}

// maskedKeys are the keys of a document that masked changes touch, and its number.
func maskedKeys(q Querier, doc DocID) (n int64, keys []string, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		var key string
		err := r.Scan(&n, &key)
		keys = append(keys, key)
		return err
	}, "SELECT DISTINCT doc, key FROM mask_key WHERE doc = (SELECT n FROM doc WHERE id = ?) ORDER BY key", string(doc))
	return n, keys, err
}
