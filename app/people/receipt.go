package people

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// An erasure is over when every staff device has destroyed the person's keys. Each
// says so once, in a record that only it can write:
//
//	receipt/<person>/<incarnation>   in people/<shard>, when; written once
//
// A receipt is an incarnation's, not a device's: one that was put back from a backup
// may hold the keys again, and owes another.

const (
	kindReceipt   = "receipt"
	receiptAction = "people.receipt"
	// maxReceipts bounds the receipts of one transaction; a device that joins late
	// gives those of all erasures before it, a few hundred at most.
	maxReceipts = 200
)

func receiptKey(id ID, a wire.Actor) string {
	return kindReceipt + "/" + id.String() + "/" + a.String()
}

func parseReceipt(key string) (id ID, a wire.Actor, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != kindReceipt {
		return id, a, false
	}
	raw, err := hex.DecodeString(parts[2])
	if err != nil || len(raw) != len(a) || strings.ToLower(parts[2]) != parts[2] {
		return id, a, false
	}
	id, err = ParseID(parts[1])
	return id, wire.Actor(raw), err == nil
}

// receiptForm checks an operation on a receipt; what is none passes. Nobody writes
// another's, and none is taken back.
func receiptForm(op wire.Op, shard int, author wire.Actor) error {
	if !strings.HasPrefix(op.Key, kindReceipt+"/") {
		return nil
	}
	id, a, ok := parseReceipt(op.Key)
	if !ok || a != author || id.Shard() != shard || op.Delete || len(op.Pred) > 0 || op.Value.Kind != wire.Timestamp {
		return fmt.Errorf("people: no receipt at %.80q", op.Key)
	}
	return nil
}

// noteReceipts keeps the receipts of a change at hand.
func noteReceipts(tx *store.Tx, moved []store.Moved) error {
	for _, m := range moved {
		id, a, ok := parseReceipt(m.Key)
		if !ok || len(m.Fields) == 0 {
			continue
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO people_receipt (person, author, at) VALUES (?, ?, ?)", id[:], a[:], m.Fields[0].Value.Num); err != nil {
			return err
		}
	}
	return nil
}

// noteErased keeps when a record was erased first, and by whom.
func noteErased(tx *store.Tx, ev store.Event) error {
	for _, op := range ev.Change.Ops {
		_, id, f, ok := parseKey(op.Key)
		if !ok || f.Name != "status" || op.Delete || op.Value.Raw != statusErased {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO people_erased (person, at, operator) VALUES (?, ?, ?)
			ON CONFLICT (person) DO UPDATE SET at = excluded.at, operator = excluded.operator WHERE (excluded.at, excluded.operator) < (at, operator)`,
			id[:], ev.Change.Time, ev.Context.Name()); err != nil {
			return err
		}
	}
	return nil
}

// GiveReceipts writes this device's receipts of erasures whose keys are gone here;
// SweepKeys goes before it.
func (p *People) GiveReceipts(ctx context.Context) error {
	owed, err := p.owedReceipts(ctx)
	if err != nil || len(owed) == 0 {
		return err
	}
	return p.Write(ctx, "", func(tx *store.Tx) error {
		left, all, err := p.keysLeft(tx)
		if err != nil || all {
			return err
		}
		puts := map[store.DocID][]store.Put{}
		for _, id := range owed {
			if !left[id] {
				puts[p.doc(id)] = append(puts[p.doc(id)], store.Put{Key: receiptKey(id, p.st.Self()), Value: wire.TimeValue(tx.Now())})
			}
		}
		for _, id := range owed { // in the order of the list, whatever a map says
			if list := puts[p.doc(id)]; list != nil {
				sortPuts(list)
				if _, err := tx.Put(p.doc(id), receiptAction, list...); err != nil {
					return err
				}
				delete(puts, p.doc(id))
			}
		}
		return nil
	})
}

// owedReceipts lists erased records of which this device has given no receipt.
func (p *People) owedReceipts(ctx context.Context) (out []ID, err error) {
	if _, err := p.charter.Keyring(); errors.Is(err, govern.ErrNoKeyring) {
		return nil, nil // no staff: it keeps no keys, and nobody counts it
	}
	self := p.st.Self()
	err = p.st.View(ctx, func(q store.Querier) error {
		return store.EachRow(q, func(r *sql.Rows) error {
			var id []byte
			err := r.Scan(&id)
			if err == nil {
				out = append(out, ID(id))
			}
			return err
		}, `SELECT e.person FROM people_erased e JOIN people_person p ON p.id = e.person AND p.status = 'erased'
			WHERE NOT EXISTS (SELECT 1 FROM people_receipt r WHERE r.person = e.person AND r.author = ?) ORDER BY e.person LIMIT ?`, self[:], maxReceipts)
	})
	return out, err
}

// keysLeft tells whose keys are here. all says that a key is here whose owner this
// device can't tell yet, as the community's newer key has not come: it may be anybody's.
func (p *People) keysLeft(q store.Querier) (left map[ID]bool, all bool, err error) {
	ring, err := p.charter.Keyring()
	if err != nil {
		return nil, false, err
	}
	list, err := store.SetItems(q, VaultSet, -1)
	if err != nil {
		return nil, false, err
	}
	left = map[ID]bool{}
	for _, it := range list {
		owner, ok := p.owner(ring, it)
		if ok {
			left[owner] = true
		}
		all = all || !ok && !it.Gone && wrappedUnder(it.Blob) > ring.Current()
	}
	return left, all, nil
}

// Erasure is an erased record, and who has said that its keys are destroyed.
type Erasure struct {
	Person   ID
	At       int64 // milliseconds, of the first order
	Operator string
	Receipts map[wire.Actor]int64 // when, by incarnation
}

// Erasures lists what was erased, the latest first.
func (p *People) Erasures(q store.Querier, offset, limit int) (out []Erasure, total int, err error) {
	if err := q.QueryRow("SELECT count(*) FROM people_erased").Scan(&total); err != nil {
		return nil, 0, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var id []byte
		e := Erasure{Receipts: map[wire.Actor]int64{}}
		err := r.Scan(&id, &e.At, &e.Operator)
		if err == nil {
			e.Person = ID(id)
			out = append(out, e)
		}
		return err
	}, "SELECT person, at, operator FROM people_erased ORDER BY at DESC, person LIMIT ? OFFSET ?", limit, offset)
	for i := range out {
		if err == nil {
			err = store.EachRow(q, func(r *sql.Rows) error {
				var author []byte
				var at int64
				err := r.Scan(&author, &at)
				if err == nil && len(author) == len(wire.Actor{}) {
					out[i].Receipts[wire.Actor(author)] = at
				}
				return err
			}, "SELECT author, at FROM people_receipt WHERE person = ?", out[i].Person[:])
		}
	}
	return out, total, err
}

// FinishErasures erases the other records of a person of whom one was erased by a
// device that did not know that they are joined, as the registrar's device, in the
// name of who ordered it.
func (p *People) FinishErasures(ctx context.Context) error {
	groups := p.charter.JoinedNow().Groups()
	if !p.registrar() || len(groups) == 0 {
		return nil
	}
	type rest struct {
		operator string
		ids      []ID
	}
	var open []rest
	err := p.st.View(ctx, func(q store.Querier) error {
		for _, g := range groups {
			var r rest
			erased := false
			for _, o := range g {
				id := ID(o)
				var operator string
				err := q.QueryRow("SELECT operator FROM people_erased WHERE person = ?", id[:]).Scan(&operator)
				switch {
				case err == nil:
					erased, r.operator = true, operator
				case !errors.Is(err, sql.ErrNoRows):
					return err
				case p.here(q, id) == nil:
					r.ids = append(r.ids, id)
				}
			}
			if erased && len(r.ids) > 0 {
				open = append(open, r)
			}
		}
		return nil
	})
	for _, r := range open {
		if err != nil {
			return err
		}
		err = p.Write(ctx, r.operator, func(tx *store.Tx) error {
			j, err := p.charter.Joined(tx)
			if err != nil {
				return err
			}
			for _, id := range r.ids {
				if !slices.ContainsFunc(idsOf(j, id), func(o ID) bool { return o != id }) {
					continue // taken apart meanwhile
				}
				if err := p.eraseRecord(tx, id); err != nil && !errors.Is(err, fault.New("people.unknown")) {
					return err
				}
			}
			return nil
		})
	}
	return err
}
