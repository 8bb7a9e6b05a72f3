package node

import (
	"context"

	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What stood behind an invalid entry of this device's own feed lies in a table of
// its own (local_aside), with its seals, and counts nowhere. Once the registrar has
// closed the feed and this device goes on under a new incarnation, it writes again
// what the rules allow: awards, what was handed over, deductions, each once. What they don't
// allow is named on the screen, for a person to look at.

// What became of an entry that was set aside.
const (
	asideWaits = 0 // to be written again, or to be looked at
	asideDone  = 1 // written again
	asideVoid  = 2 // nothing to write: undone there, or it only moved rights
	asideSeen  = 3 // somebody has looked at it
)

// maxAside bounds the entries that are written again in one transaction.
const maxAside = 100

// asideRow is an entry that was set aside.
type asideRow struct {
	ledger.Aside
	doc   string
	seq   int64
	state int
}

// asides reads the entries that were set aside; of feeds that go on, where ready.
func (c *community) asides(q store.Querier) (list []asideRow, err error) {
	rows, err := q.Query(`SELECT doc, seq, chunk, state FROM local_aside ORDER BY doc, seq`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r asideRow
		var chunk []byte
		if err := rows.Scan(&r.doc, &r.seq, &chunk, &r.state); err != nil {
			return nil, err
		}
		if r.Aside, err = c.ledger.ParseAside(wire.Chunk(chunk)); err != nil {
			r.Aside = ledger.Aside{Tx: &ledger.Tx{}} // the invalid one may be none at all
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// again writes again what was set aside.
func (t *tender) again(ctx context.Context) error {
	var list []asideRow
	err := t.c.view(ctx, func(q store.Querier) (err error) { list, err = t.c.asides(q); return err })
	if err != nil || len(list) == 0 {
		return err
	}
	plain := make([]ledger.Aside, len(list))
	for i := range list {
		plain[i] = list[i].Aside
	}
	void := ledger.Void(plain)
	n := 0
	err = t.write(ctx, func(tx *store.Tx) error {
		for _, r := range list {
			if r.state != asideWaits || n >= maxAside {
				continue
			}
			state, err := t.c.writeAgain(tx, r, void[r.Hash])
			if err != nil {
				return err
			}
			if state == asideWaits {
				continue
			}
			n++
			if _, err := tx.Exec(`UPDATE local_aside SET state = ? WHERE doc = ? AND seq = ?`, state, r.doc, r.seq); err != nil {
				return err
			}
		}
		if n == 0 {
			return errNothing
		}
		return nil
	})
	if err == nil {
		t.c.node.hub.tell("devices", "state")
		t.poke()
	}
	return err
}

func (c *community) writeAgain(tx *store.Tx, r asideRow, void bool) (state int, err error) {
	if void {
		return asideVoid, nil
	}
	done, err := c.ledger.Again(tx, r.Aside)
	if err != nil || !done {
		return asideWaits, err
	}
	return asideDone, nil
}

// asideReply is the list of what does not count, for a person to look at.
type asideReply struct {
	Rows []asideLine `json:"rows"`
}

type asideLine struct {
	At       int64  `json:"at"`
	Operator string `json:"operator"`
	Masked   string `json:"masked"`   // whom it is about; "" if nobody, or nobody that this device may read
	Given    int64  `json:"given"`    // points that it gave
	Redeemed int64  `json:"redeemed"` // points that were redeemed
	Again    bool   `json:"again"`    // it was written again and counts
}

// listAside lists what was set aside and said something; what was looked at
// is not listed any more.
func (c *community) listAside(ctx context.Context, _ none) (out asideReply, err error) {
	out.Rows = []asideLine{}
	ids := []people.ID{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.asides(q)
		for _, r := range list {
			if r.state == asideVoid || r.state == asideSeen {
				continue
			}
			given, redeemed := r.Points()
			out.Rows = append(out.Rows, asideLine{At: r.At, Operator: r.Who, Given: given, Redeemed: redeemed, Again: r.state == asideDone})
			ids = append(ids, people.ID(r.Person()))
		}
		return err
	})
	if err != nil {
		return out, err
	}
	found, err := c.people.Briefs(ctx, ids...)
	for i := range out.Rows {
		out.Rows[i].Masked = found[ids[i]].Masked
	}
	return out, err
}

// seenAside is somebody's word that what could not be written again was looked at.
func (c *community) seenAside(ctx context.Context, _ none) (none, error) {
	err := c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE local_aside SET state = ? WHERE state IN (?, ?)`, asideSeen, asideWaits, asideDone)
		return err
	})
	c.node.hub.tell("state", "devices")
	return none{}, storeFault(err)
}

// asideLeft counts what was set aside: how much is written again, and how much
// is still to be looked at.
func asideLeft(q store.Querier) (again, waits int, err error) {
	err = q.QueryRow(`SELECT count(*) FILTER (WHERE state = ?), count(*) FILTER (WHERE state = ?) FROM local_aside`, asideDone, asideWaits).Scan(&again, &waits)
	return again, waits, err
}

// asideCount says how much was set aside, for a till that has no page of alarms.
type asideCount struct {
	Again int `json:"again"` // written again
	Left  int `json:"left"`  // to be looked at
}

func (c *community) asideHere(ctx context.Context) (out *asideCount, err error) {
	if c.refused.Load() != nil {
		return nil, nil
	}
	err = c.view(ctx, func(q store.Querier) error {
		again, left, err := asideLeft(q)
		if again+left > 0 {
			out = &asideCount{again, left}
		}
		return err
	})
	return out, err
}
