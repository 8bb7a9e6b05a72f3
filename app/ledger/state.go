package ledger

import (
	"database/sql"
	"errors"
	"fmt"

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
		if err != nil {
			return Use{}, err
		}
		t, err := b.besideAt(a, m.number)
		return Use{Feed: a, Tip: t}, err
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
	if c.beside {
		return nil, false, nil
	}
	own := c.actor == s.actor
	if !own {
		cut, heir, err := s.heirOf(c.actor)
		if err != nil || !heir || c.place() > cut {
			return nil, false, err
		}
	}
	ch, _, err := wire.Decode(c.chunk)
	if err != nil {
		return nil, false, err
	}
	t, err := s.b.l.decode(ch)
	return t, own, err
}

// heirOf tells up to where this feed inherited a closed one.
func (s *feedState) heirOf(closed wire.Actor) (number uint64, ok bool, err error) {
	err = s.b.tx.QueryRow("SELECT number FROM ledger_heir WHERE feed = ? AND closed = ?", s.row.n, closed[:]).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return number, err == nil, err
}

// Undone implements State: what this feed, or one that it inherited up to the
// cut, restored or burned back.
func (s *feedState) Undone(r Ref) (total int64, err error) {
	if s.row == nil {
		return 0, nil
	}
	err = s.b.tx.QueryRow(`SELECT coalesce(sum(u.n), 0) FROM ledger_undone u
		LEFT JOIN ledger_feed f ON f.n = u.feed
		LEFT JOIN ledger_heir h ON h.feed = ?3 AND h.closed = f.inc
		WHERE u.hash = ?1 AND u.idx = ?2 AND (u.feed = ?3 OR u.number <= h.number)`,
		r.Hash[:], int64(r.Index), s.row.n).Scan(&total)
	return total, err
}

// Chain implements Env.
func (b *book) Chain(turn Subject, feed wire.Actor, at Tip) (map[Subject][]Use, error) {
	if at == (Tip{}) {
		return nil, nil
	}
	if c, here, err := b.l.find(b.tx, at.Hash); err != nil || here && c.beside && c.actor == feed && c.place() == at.Number {
		return nil, err
	}
	r, err := b.feed(feed, false)
	if err != nil {
		return nil, err
	}
	if r == nil || r.tip.Number < at.Number {
		return nil, fmt.Errorf("feed %s up to %d: %w", feed, at.Number, ErrUnknown)
	}
	_, h, err := b.l.at(b.tx, feed, at.Number)
	if err != nil {
		return nil, err
	}
	if h != at.Hash {
		return nil, fmt.Errorf("another branch of feed %s: %w", feed, ErrUnknown)
	}
	return nil, nil // the keys themselves are copied when the TAKE is applied
}

// TookWithin implements Env.
func (b *book) TookWithin(feed wire.Actor, c Cut, id MoveID) (bool, error) {
	if _, err := b.Chain(Subject{}, feed, lastTip(c)); err != nil {
		return false, err
	}
	r, err := b.feed(feed, false)
	if err != nil || r == nil {
		return false, err
	}
	var n int
	if b.forked[feed] {
		err = b.tx.QueryRow("SELECT count(*) FROM ledger_taken WHERE hash = ? AND idx = ? AND feed IN (?, ?) AND seen <> ?",
			id.Hash[:], int64(id.Index), r.n, -r.n, takeVoid).Scan(&n)
		return n > 0, err
	}
	err = b.tx.QueryRow("SELECT count(*) FROM ledger_taken WHERE hash = ? AND idx = ? AND feed = ? AND number <= ?",
		id.Hash[:], int64(id.Index), r.n, int64(c.last())).Scan(&n)
	return n > 0, err
}

func lastTip(c Cut) (t Tip) {
	for _, tip := range c.Tips {
		if tip.Number > t.Number {
			t = tip
		}
	}
	return t
}
