package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestForkAcrossParts: a station and its clone go on apart from shortly before
// the end of a part of their feed, and both well into the next one, which is a
// document of its own. Who meets them holds both histories of both parts, counts
// each piece of evidence once, and closes the feed at both ends.
func TestForkAcrossParts(t *testing.T) {
	v := newVillage(t)
	v.start()
	const before = 2 // changes of each that still stand in the first part
	good := id(7)
	v.a.update(func(tx *store.Tx) error {
		tip, err := v.a.l.Tip(tx, v.a.actor())
		for n := tip.Number; err == nil && n < PartSize-before; n++ {
			_, err = v.a.l.Receive(tx, good, 1, "")
		}
		return err
	})
	clone := v.twinIn(v.a, v.a.copied())
	for i, n := range []*node{v.a, clone} {
		same, own := n.award(1, person, 10), n.award(byte(2+i), person, 5)
		if err := errors.Join(same, own); err != nil {
			t.Fatal(err)
		}
		for k := range 3 {
			n.update(func(tx *store.Tx) error {
				_, err := n.l.Redeem(tx, Redemption{Person: person, Points: 4, Receipt: id(byte(20 + 10*i + k))})
				return err
			})
		}
		n.view(func(q store.Querier) error {
			tip, err := n.l.Tip(q, n.actor())
			if tip.Number != PartSize+3 {
				t.Errorf("%s has %d changes: the border is not crossed", n.name, tip.Number)
			}
			return err
		})
	}
	late := v.add("late", Staff) // hears of the second part from the clone first
	late.knows(v)
	late.pullPart(v.office, v.office.actor(), 1)
	late.pullPart(v.a, v.a.actor(), 1)
	late.pullPart(clone, v.a.actor(), 1)
	late.pullPart(clone, v.a.actor(), 2)
	v.office.pullAll(v.a)
	v.b.pullAll(clone)
	for range 2 {
		v.office.pullAll(v.b)
		v.b.pullAll(v.office)
	}
	late.pullAll(v.office)
	v.equalForks(v.office, v.b, late)
	for _, n := range []*node{v.office, v.b, late} {
		n.view(func(q store.Querier) error {
			terms, err := n.l.Totals(q, Points)
			if want := (Terms{Minted: 20, Consumed: 24, Loss: 4}); terms != want || err != nil {
				t.Errorf("%s: %+v %v", n.name, terms, err)
			}
			tips, err := n.l.Tips(q, v.a.actor())
			if len(tips) != 2 || tips[0].Number != PartSize+3 || tips[1].Number != PartSize+3 {
				t.Errorf("%s: the ends: %v", n.name, tips)
			}
			return err
		})
	}
	var tips []Tip
	v.office.view(func(q store.Querier) (err error) { tips, err = v.office.l.Tips(q, v.a.actor()); return err })
	v.gov.list = append(v.gov.list, order{closed: v.a.actor(), cut: Cut{Tips: tips}})
	v.office.known = len(v.gov.list)
	v.b.pullAll(v.office)
	v.equalForks(v.office, v.b)
}

// copied is a folder with a copy of a device's store and its lock.
func (n *node) copied() string {
	n.v.t.Helper()
	dir := n.v.t.TempDir()
	lock, err := os.ReadFile(filepath.Join(n.dir, "lock"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "lock"), lock, 0o600)
	}
	if err = errors.Join(err, n.st.Snapshot(context.Background(), filepath.Join(dir, "jishan.db"))); err != nil {
		n.v.t.Fatal(err)
	}
	return dir
}

// knows gives a device everybody's certificate.
func (n *node) knows(v *village) {
	for _, o := range v.devs {
		for _, d := range []*node{n, o} {
			c := map[bool]seal.Certificate{true: o.inc.Certificate, false: n.inc.Certificate}[d == n]
			d.update(func(tx *store.Tx) error {
				_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()})
				return err
			})
		}
	}
}

// pullPart brings the histories of one part of a feed.
func (n *node) pullPart(o *node, a wire.Actor, part uint64) {
	n.v.t.Helper()
	n.known = max(n.known, o.known)
	doc := n.l.Doc(a, part)
	var items []seal.Sealed
	o.view(func(q store.Querier) error {
		list, err := store.Histories(q, doc, a, 1)
		for _, c := range list {
			items = append(items, c.Sealed)
		}
		return err
	})
	if _, err := admit.Batch(context.Background(), n.st, n, "peer", doc, items); err != nil {
		n.v.t.Fatal(err)
	}
}
