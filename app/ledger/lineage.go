package ledger

import (
	"maps"
	"slices"

	"jishan/crdt/wire"
)

// lineage is a branch's past, for judging what follows in it: it is made by going
// through the feed from its beginning, and grows with the branch.
type lineage struct {
	b     *book
	actor wire.Actor
	tip   Tip
	head  Head
	past  map[wire.Hash]*Tx
	held  map[Quota]int64
	taken map[MoveID]bool
	uses  map[Deed][]Use
	gone  map[Ref]int64
	heirs map[wire.Actor]uint64
}

// branch returns the past that ends with a transaction of any history.
func (b *book) branch(a wire.Actor, tip wire.Hash) (*lineage, error) {
	if b.last2 != nil && b.last2.actor == a && b.last2.tip.Hash == tip {
		return b.last2, nil
	}
	c := &lineage{b: b, actor: a, past: map[wire.Hash]*Tx{}, held: map[Quota]int64{}, taken: map[MoveID]bool{},
		uses: map[Deed][]Use{}, gone: map[Ref]int64{}, heirs: map[wire.Actor]uint64{}}
	list, err := b.histories(a)
	if err != nil {
		return nil, err
	}
	by := map[wire.Hash]*told{}
	for i := range list {
		by[list[i].Hash] = &list[i]
	}
	var way []*told
	for t := by[tip]; t != nil; t = by[t.Prev] {
		way = append(way, t)
	}
	if len(way) == 0 && tip != (wire.Hash{}) || len(way) > 0 && way[len(way)-1].Number != 1 {
		return nil, ErrUnknown
	}
	for _, t := range slices.Backward(way) {
		if err := c.grow(t.Place, t.Hash, t.Tx); err != nil {
			return nil, err
		}
	}
	b.last2 = c
	return c, nil
}

func (c *lineage) grow(at Place, h wire.Hash, t *Tx) error {
	x, err := Effects(t, at, replaying{c.b})
	if err != nil {
		return err
	}
	c.tip, c.head, c.past[h] = Tip{at.Number, h}, at.Head, t
	for _, a := range x.Held {
		c.held[a.Quota] += a.N
	}
	for _, t := range x.Taken {
		c.taken[t.ID] = true
	}
	for _, d := range x.Used {
		c.uses[d] = append(c.uses[d], Use{c.actor, c.tip})
	}
	for _, u := range x.Undone {
		c.gone[u.Ref] += u.N
	}
	for _, in := range x.Inherit {
		if in.Succession {
			c.heirs[in.From] = max(c.heirs[in.From], in.Tip.Number)
		}
		if err := c.inherit(in); err != nil {
			return err
		}
	}
	return nil
}

// inherit takes over the deed keys of the chain that a turn came with.
func (c *lineage) inherit(in Inheritance) error {
	if in.Turn == (Subject{}) {
		return nil
	}
	list, err := c.b.chainAt(in)
	for _, k := range list {
		if !slices.Contains(c.uses[k.Deed], k.Use) {
			c.uses[k.Deed] = append(c.uses[k.Deed], k.Use)
		}
	}
	return err
}

// Tip implements State.
func (c *lineage) Tip() Tip { return c.tip }

// Head implements State.
func (c *lineage) Head() Head { return c.head }

// Held implements State.
func (c *lineage) Held(q Quota) (int64, error) { return c.held[q], nil }

// Taken implements State.
func (c *lineage) Taken(id MoveID) (bool, error) { return c.taken[id], nil }

// Uses implements State.
func (c *lineage) Uses(d Deed) ([]Use, error) { return c.uses[d], nil }

// Past implements State.
func (c *lineage) Past(h wire.Hash) (*Tx, bool, error) {
	if t := c.past[h]; t != nil {
		return t, true, nil
	}
	x, ok, err := c.b.l.find(c.b.tx, h)
	if err != nil || !ok {
		return nil, false, err
	}
	heirs, err := c.ancestors()
	last, heir := heirs[x.actor]
	if err != nil || !heir {
		return nil, false, err
	}
	t, err := c.b.inherited(x, h, c.head, last)
	return t, false, err
}

// Undone implements State.
func (c *lineage) Undone(r Ref) (int64, error) {
	heirs, err := c.ancestors()
	if err != nil {
		return 0, err
	}
	n, err := c.b.undoneBefore(r, c.head, heirs)
	return c.gone[r] + n, err
}

// ancestors are the closed feeds that this one inherited, and those that they had.
func (c *lineage) ancestors() (map[wire.Actor]uint64, error) {
	list := maps.Clone(c.heirs)
	return list, c.b.forebears(list, c.head)
}

// stateFor is the past by which a change of a feed is judged: that of the
// first history, or of the branch that it continues.
func (b *book) stateFor(d docPart, ch *wire.Change, t *Tx) (State, error) {
	s, err := b.state(ch.Actor)
	if err != nil {
		return nil, err
	}
	var prev wire.Hash
	switch {
	case len(ch.Deps) > 0:
		prev = ch.Deps[0]
	case t.Part != nil:
		prev = t.Part.PrevHash
	}
	number, tip := d.number(ch.Seq), s.Tip()
	if number == tip.Number+1 && prev == tip.Hash {
		return s, nil
	}
	if number > tip.Number+1 {
		if x, here, err := b.l.find(b.tx, prev); err != nil || !here || !x.beside {
			return s, err
		}
	}
	return b.branch(ch.Actor, prev)
}

// judged lets a branch's past grow with what was just judged to follow it.
func (b *book) judged(s State, at Place, h wire.Hash, t *Tx) error {
	if c, ok := s.(*lineage); ok {
		return c.grow(at, h, t)
	}
	return nil
}
