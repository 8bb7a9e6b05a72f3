package ledger

import (
	"fmt"
	"math"

	"jishan/crdt/wire"
)

// feedState is a feed's past as the tables hold it: the State of judging.
type feedState struct {
	b     *book
	actor wire.Actor
	row   *feedRow // nil: the feed has written nothing
}

func (b *book) state(a wire.Actor) (*feedState, error) {
	r, err := b.feed(a, false)
	return &feedState{b: b, actor: a, row: r}, err
}

// Tip implements State.
func (s *feedState) Tip() Tip {
	if s.row == nil {
		return Tip{}
	}
	return s.row.tip
}

// Head implements State.
func (s *feedState) Head() Head {
	if s.row == nil {
		return Head{}
	}
	return s.row.head
}

// Held implements State.
func (s *feedState) Held(q Quota) (int64, error) {
	if s.row == nil {
		return 0, nil
	}
	r, err := s.b.heldRow(s.row.n, q)
	if err != nil {
		return 0, err
	}
	return r.n, nil
}

// Taken implements State.
func (s *feedState) Taken(id MoveID) (bool, error) {
	if s.row == nil {
		return false, nil
	}
	var n int
	err := s.b.tx.QueryRow("SELECT count(*) FROM ledger_taken WHERE hash = ? AND idx = ? AND feed = ?",
		id.Hash[:], int64(id.Index), s.row.n).Scan(&n)
	return n > 0, err
}

// Uses implements State.
func (s *feedState) Uses(d Deed) ([]Use, error) {
	if s.row == nil {
		return nil, nil
	}
	mints, err := s.b.used(s.row.n, d)
	if err != nil {
		return nil, err
	}
	var uses []Use
	for _, m := range mints {
		u, err := s.b.mint(m)
		if err != nil {
			return nil, err
		}
		uses = append(uses, u)
	}
	return uses, nil
}

// mint names a MINT by its feed and place.
func (b *book) mint(m minting) (Use, error) {
	if m.feed < 0 { // in a branch of a forked feed
		a, err := b.actor(-m.feed)
		return Use{Feed: a, Tip: Tip{m.number, m.branch}}, err
	}
	a, err := b.actor(m.feed)
	if err != nil {
		return Use{}, err
	}
	_, h, err := b.l.at(b.tx, a, m.number)
	return Use{Feed: a, Tip: Tip{Number: m.number, Hash: h}}, err
}

// Past implements State.
func (s *feedState) Past(h wire.Hash) (*Tx, bool, error) {
	c, ok, err := s.b.l.find(s.b.tx, h)
	if err != nil || !ok || s.row == nil {
		return nil, false, err
	}
	if c.actor == s.actor {
		if c.beside {
			return nil, false, nil
		}
		t, err := s.b.l.transaction(c)
		return t, true, err
	}
	heirs, err := s.heirs()
	last, heir := heirs[c.actor]
	if err != nil || !heir {
		return nil, false, err
	}
	t, err := s.b.inherited(c, h, s.row.head, last)
	return t, false, err
}

// heirs tells which closed feeds this one inherited, and up to where.
func (s *feedState) heirs() (map[wire.Actor]uint64, error) {
	list, err := s.b.inheritedBy(s.row, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	return list, s.b.forebears(list, s.row.head)
}

// Undone implements State: what this feed, or one that it inherited up to the
// cut, restored or burned back.
func (s *feedState) Undone(r Ref) (total int64, err error) {
	if s.row == nil {
		return 0, nil
	}
	err = s.b.tx.QueryRow("SELECT coalesce(sum(n), 0) FROM ledger_undone WHERE hash = ? AND idx = ? AND feed = ?",
		r.Hash[:], int64(r.Index), s.row.n).Scan(&total)
	if err != nil {
		return 0, err
	}
	heirs, err := s.heirs()
	if err != nil {
		return 0, err
	}
	before, err := s.b.undoneBefore(r, s.row.head, heirs)
	return total + before, err
}

// Chain implements Env: in whichever branch the place lies. The keys themselves are
// copied when the TAKE is applied.
func (b *book) Chain(_ Subject, feed wire.Actor, at Tip) (map[Subject][]Use, error) {
	if at == (Tip{}) {
		return nil, nil
	}
	c, here, err := b.l.find(b.tx, at.Hash)
	if err == nil && (!here || c.actor != feed || c.place() != at.Number) {
		err = fmt.Errorf("feed %s up to %d: %w", feed, at.Number, ErrUnknown)
	}
	return nil, err
}

// TookWithin implements Env. It waits for every tip of the cut: what one of them follows
// may have taken it.
func (b *book) TookWithin(feed wire.Actor, c Cut, id MoveID) (bool, error) {
	for _, tip := range c.Tips {
		if _, err := b.Chain(Subject{}, feed, tip); err != nil {
			return false, err
		}
	}
	h, err := b.heritage(feed, c)
	if err != nil {
		return false, err
	}
	if h != nil {
		return h.took[id], nil
	}
	r, err := b.feed(feed, false)
	if err != nil || r == nil {
		return false, err
	}
	var n int
	err = b.tx.QueryRow("SELECT count(*) FROM ledger_taken WHERE hash = ? AND idx = ? AND feed = ? AND number <= ?",
		id.Hash[:], int64(id.Index), r.n, int64(c.last())).Scan(&n)
	return n > 0, err
}
