package node

import (
	"context"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// What tests of package guest, which is above this one, need of an office.

// Lies says where an office's community lies.
func (n *Node) Lies(s govern.Site) error {
	settings, err := govern.SiteSettings(s)
	if err != nil {
		return err
	}
	c := n.community
	return c.write(context.Background(), func(tx *store.Tx) error { return c.charter.SetPolicy(tx, settings...) })
}

// Befriend writes an agreement with another office's community.
func (n *Node) Befriend(o *Node, site govern.Site, ours uint64) error {
	root, err := o.Root()
	if err != nil {
		return err
	}
	c := n.community
	return c.write(context.Background(), func(tx *store.Tx) error {
		return c.charter.Agree(tx, govern.Partner{Root: root, Name: o.community.charter.Settings().Name, Site: site,
			Device: o.device.Load().Public(), Recipient: o.device.Load().Recipient(), Ours: ours, Theirs: ours, Peg: 100})
	})
}

// Letter carries a letter of one office to another.
func (n *Node) Letter(to *Node) error {
	a, b := n.community, to.community
	var frames [][]byte
	err := a.view(context.Background(), func(q store.Querier) (err error) {
		frames, err = a.partners.Letter(q, b.charter.Community())
		return err
	})
	if err != nil {
		return err
	}
	return b.write(context.Background(), func(tx *store.Tx) error {
		_, err := b.partners.Accept(tx, n.device.Load().Public(), func(yield func([]byte, error) bool) {
			for _, f := range frames {
				if !yield(f, nil) {
					return
				}
			}
		}, to.now())
		return err
	})
}

// Root is the root of the community.
func (n *Node) Root() (root [32]byte, err error) {
	err = n.community.view(context.Background(), func(q store.Querier) (err error) { root, err = govern.Root(q); return err })
	return root, err
}

// Owed is what guests of a community have handed out here.
func (n *Node) Owed(root [32]byte) (spent int64, err error) {
	c := n.community
	err = c.view(context.Background(), func(q store.Querier) (err error) {
		spent, err = c.ledger.Spent(q, ledger.Subject(root[:16]))
		return err
	})
	return spent, err
}
