package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"jishan/crdt/wire"
)

// retell makes those projections anew that were told otherwise of the documents that
// flipped, with all documents that they want, from the changes in their local order and
// without those that are masked now. Ledgers want no records, so sums and rights stay.
func (tx *Tx) retell() error {
	again := map[Projector]bool{}
	for _, p := range tx.s.cfg.Projectors {
		_, whole := p.(WholeProjector)
		wants := func(id DocID) bool { return p.Wants(id) }
		if !whole && slices.ContainsFunc(slices.Collect(maps.Keys(tx.flipped)), wants) {
			again[p] = true
		}
	}
	tx.flipped = nil
	if len(again) == 0 {
		return nil
	}
	if err := tx.writeBack(); err != nil { // what follows reads all rows
		return err
	}
	docs, err := tx.wanted(again)
	if err != nil {
		return err
	}
	tx.remade = true
	tx.s.commits++ // projections lose their rows
	for p := range again {
		if err := tx.emptied(p); err != nil {
			return err
		}
	}
	was := tx.replay
	tx.replay, tx.again = true, again
	defer func() { tx.replay, tx.again = was, nil }()
	if err := tx.replayDocs(docs); err != nil {
		return err
	}
	return tx.replayBranches()
}

// wanted are the documents of some projections, by number. What is derived of records
// is emptied, to be made with them: they are told what was shown at each change.
func (tx *Tx) wanted(again map[Projector]bool) (map[int64]DocInfo, error) {
	list, err := Docs(tx)
	if err != nil {
		return nil, err
	}
	docs := map[int64]DocInfo{}
	for _, d := range list {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(again)), func(p Projector) bool { return p.Wants(d.ID) }) {
			continue
		}
		var n int64
		if err := tx.c.QueryRow("SELECT n FROM doc WHERE id = ?", string(d.ID)).Scan(&n); err != nil {
			return nil, err
		}
		docs[n] = d
		if d.Shape != Records {
			continue
		}
		delete(tx.s.cache.docs, d.ID)
		if _, err := tx.c.Exec("DELETE FROM past WHERE n IN (SELECT n FROM change WHERE doc = ?)", n); err != nil {
			return nil, err
		}
		for _, t := range []string{"tip", "head", "op", "register"} {
			if _, err := tx.c.Exec("DELETE FROM "+t+" WHERE doc = ?", n); err != nil {
				return nil, err
			}
		}
		if _, err := tx.c.Exec("UPDATE doc SET digest = zeroblob(32), changes = 0, greatest = 0 WHERE n = ?", n); err != nil {
			return nil, err
		}
	}
	tx.past = pastMemo{}
	return docs, nil
}

// emptied makes the tables of a projection anew.
func (tx *Tx) emptied(p Projector) error {
	names, err := projected(tx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, p.Name()+"_") {
			if err := tx.c.script("DROP TABLE IF EXISTS " + quoted(name)); err != nil {
				return err
			}
		}
	}
	if f, ok := p.(Forgetter); ok {
		f.Forget(tx)
	}
	if err := tx.c.script(p.Schema()); err != nil {
		return fmt.Errorf("store: schema of projection %s: %w", p.Name(), err)
	}
	return nil
}

// replayDocs tells the projections of the changes of some documents.
func (tx *Tx) replayDocs(docs map[int64]DocInfo) error {
	rows, err := tx.c.Query("SELECT n, doc FROM change ORDER BY n")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var doc int64
		if err := rows.Scan(&tx.replayN, &doc); err != nil {
			return err
		}
		d, ok := docs[doc]
		if !ok {
			continue
		}
		var c Stored
		var local bool
		row := tx.c.QueryRow("SELECT seq, hash, seal, chunk, local FROM change WHERE n = ?", tx.replayN)
		if err := c.scan(row.Scan, &local); err != nil {
			return err
		}
		if d.Shape == Records {
			err = tx.replayOne(d.ID, c, local)
		} else {
			err = tx.replayFeed(d.ID, c, local)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// replayFeed tells of a feed's change; the feed itself stays as it is.
func (tx *Tx) replayFeed(id DocID, c Stored, local bool) error {
	ch, h, err := wire.Decode(c.Chunk)
	if err != nil || h != c.Hash {
		return errors.Join(fmt.Errorf("%w: change %d of %s", ErrCorrupt, c.Seq, id), err)
	}
	context, err := tx.Context(ch.Message)
	if err != nil {
		return err
	}
	d, err := tx.document(id, false)
	if err != nil || d == nil {
		return errors.Join(err, ErrCorrupt)
	}
	return tx.project(d, Event{Doc: id, Shape: Feed, Change: ch, Hash: h, Context: context, Local: local}, false)
}
