package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// A world in memory: feeds as trees of transactions, each with the state after
// it, so that forks cost nothing. Evidence is a hash that the world looks up.

// order is one entry of the world's gov.
type order struct {
	closed wire.Actor
	cut    Cut
	heir   *Heir // a SUCCEED when set
	period string
}

// orders is a gov that only grows; a head's seq is how much of it is known.
type orders struct {
	members map[wire.Actor]Member
	list    []order
	one     []Subject // are one person, under whatever head
}

func headAt(n int) Head { return Head{Term: 1, Seq: uint64(n)} }

// lawAt is the law as a device knows it.
type lawAt struct {
	o     *orders
	known int
}

func (l lawAt) Head() (Head, error) { return headAt(l.known), nil }
func (l lawAt) past(h Head) ([]order, error) {
	if h.Seq > uint64(len(l.o.list)) {
		return nil, ErrUnknown
	}
	return l.o.list[:h.Seq], nil
}
func (l lawAt) Member(h Head, who wire.Actor) (Member, error) {
	if _, err := l.past(h); err != nil {
		return Member{}, err
	}
	m, ok := l.o.members[who]
	if !ok {
		return m, ErrUnknown
	}
	return m, nil
}
func (l lawAt) Cut(h Head, who wire.Actor) (Cut, bool, error) {
	past, err := l.past(h)
	for _, o := range past {
		if o.heir == nil && o.period == "" && o.closed == who {
			return o.cut, true, nil
		}
	}
	return Cut{}, false, err
}
func (l lawAt) Heir(h Head, who wire.Actor) (Heir, bool, error) {
	past, err := l.past(h)
	for i, o := range past {
		if o.heir != nil && o.closed == who {
			heir := *o.heir
			heir.At = headAt(i + 1)
			return heir, true, nil
		}
	}
	return Heir{}, false, err
}
func (l lawAt) Closed(h Head) (list []wire.Actor, err error) {
	past, err := l.past(h)
	for _, o := range past {
		if o.heir == nil && o.period == "" {
			list = append(list, o.closed)
		}
	}
	return list, err
}
func (l lawAt) Together(_ Head, s Subject) ([]Subject, error) {
	if slices.Contains(l.o.one, s) {
		return l.o.one, nil
	}
	return nil, nil
}

func (l lawAt) YearClosed(h Head, period string) (bool, error) {
	past, err := l.past(h)
	for _, o := range past {
		if o.period == period && period != "" {
			return true, nil
		}
	}
	return false, err
}

// Abroad: one law for both communities.
func (l lawAt) Abroad(Head, Subject) (Law, Head, error) { return l, headAt(l.known), nil }
func (l lawAt) Author(Subject, wire.Actor) (seal.Certificate, bool, error) {
	return seal.Certificate{}, false, nil
}

// memTx is a transaction of the world.
type memTx struct {
	Entered
	prev  *memTx
	after *memState
	good  bool // by an honest device
}

func (t *memTx) state() *memState {
	if t == nil {
		return &memState{}
	}
	return t.after
}

func (t *memTx) before(u *memTx) bool { // t is u or before it
	for ; u != nil; u = u.prev {
		if u == t {
			return true
		}
	}
	return false
}

// memState is the map-backed State.
type memState struct {
	w      *memWorld
	last   *memTx
	held   map[Quota]int64
	taken  map[MoveID]bool
	uses   map[Deed][]Use
	undone map[Ref]int64
	heirs  []*memTx // cuts of closed feeds that it succeeds
}

func (s *memState) Tip() Tip {
	if s.last == nil {
		return Tip{}
	}
	return Tip{s.last.Number, s.last.Hash}
}
func (s *memState) Head() Head {
	if s.last == nil {
		return Head{}
	}
	return s.last.Entered.Head
}
func (s *memState) Held(q Quota) (int64, error)   { return s.held[q], nil }
func (s *memState) Taken(id MoveID) (bool, error) { return s.taken[id], nil }
func (s *memState) Uses(d Deed) ([]Use, error)    { return s.uses[d], nil }
func (s *memState) Undone(r Ref) (int64, error)   { return s.undone[r], nil }
func (s *memState) Past(h wire.Hash) (*Tx, bool, error) {
	if s.w == nil {
		return nil, false, nil
	}
	t := s.w.by[h]
	if t == nil {
		return nil, false, nil
	}
	if t.before(s.last) {
		return t.Tx, true, nil
	}
	for _, c := range s.heirs {
		if t.before(c) {
			return t.Tx, false, nil
		}
	}
	return nil, false, nil
}

// apply returns the state after a transaction.
func (s *memState) apply(w *memWorld, t *memTx, c Changes) *memState {
	n := &memState{w: w, last: t, held: maps.Clone(s.held), taken: maps.Clone(s.taken), uses: map[Deed][]Use{}, undone: maps.Clone(s.undone), heirs: slices.Clone(s.heirs)}
	if n.held == nil {
		n.held, n.taken, n.undone = map[Quota]int64{}, map[MoveID]bool{}, map[Ref]int64{}
	}
	for d, u := range s.uses {
		n.uses[d] = slices.Clone(u)
	}
	for _, h := range c.Held {
		n.held[h.Quota] += h.N
	}
	for _, x := range c.Taken {
		n.taken[x.ID] = true
	}
	for _, d := range c.Used {
		n.uses[d] = append(n.uses[d], Use{t.Feed.Incarnation, Tip{t.Number, t.Hash}})
	}
	for _, u := range c.Undone {
		n.undone[u.Ref] += u.N
	}
	for _, in := range c.Inherit {
		n.inherit(w, in)
	}
	return n
}

func (s *memState) inherit(w *memWorld, in Inheritance) {
	from := w.by[in.Tip.Hash]
	if from == nil {
		return
	}
	for d, uses := range from.after.uses {
		if in.Turn == (Subject{}) || d.Turn != in.Turn {
			continue
		}
		for _, u := range uses {
			if !slices.Contains(s.uses[d], u) {
				s.uses[d] = append(s.uses[d], u)
			}
		}
	}
	if in.Succession {
		s.heirs = append(append(s.heirs, from), from.after.heirs...)
		for r, n := range from.after.undone {
			s.undone[r] = max(s.undone[r], n)
		}
	}
}

// memEnv judges with all the world's transactions at hand.
type memEnv struct {
	lawAt
	w *memWorld
}

func (e memEnv) Open(v *Evidence) (*Opened, error) {
	t := e.w.by[wire.Hash(v.Chunk)]
	if t == nil {
		return nil, fmt.Errorf("no such change")
	}
	return &Opened{Place: t.Place, Hash: t.Hash, Tx: t.Tx}, nil
}
func (e memEnv) OpenForeign(_ Subject, v *Evidence) (*Opened, error)       { return e.Open(v) }
func (e memEnv) Chain(Subject, wire.Actor, Tip) (map[Subject][]Use, error) { return nil, nil }
func (e memEnv) TookWithin(_ wire.Actor, c Cut, id MoveID) (bool, error) {
	for _, tip := range c.Tips {
		if t := e.w.by[tip.Hash]; t != nil && t.after.taken[id] {
			return true, nil
		}
	}
	return false, nil
}

// memWorld is all that was ever written.
type memWorld struct {
	gov orders
	txs []*memTx
	by  map[wire.Hash]*memTx
}

var home = id(200) // the community

func newWorld() *memWorld {
	return &memWorld{gov: orders{members: map[wire.Actor]Member{}}, by: map[wire.Hash]*memTx{}}
}

// device makes an incarnation of a role; n tells them apart.
func (w *memWorld) device(n byte, r Role) wire.Actor {
	a := wire.Actor{n}
	w.gov.members[a] = Member{Role: r, Device: [32]byte{n}}
	return a
}

func feed(a wire.Actor) Feed { return Feed{a, home} }

// make builds a transaction on prev, judged under the head of that many
// orders. An invalid one is returned with its error and is no part of the
// world.
func (w *memWorld) make(a wire.Actor, prev *memTx, known int, es []Entry, evidence ...*memTx) (*memTx, error) {
	t := &memTx{prev: prev, good: true}
	t.Place = Place{Feed: feed(a), Number: 1, Head: headAt(known)}
	if prev != nil {
		t.Number, t.Prev = prev.Number+1, prev.Hash
	}
	t.Tx = &Tx{Entries: es}
	for _, v := range evidence {
		t.Tx.Evidence = append(t.Tx.Evidence, Evidence{Epoch: 1, Part: 1, Chunk: v.Hash[:]})
		t.Open = append(t.Open, &Opened{Place: v.Place, Hash: v.Hash, Tx: v.Tx})
	}
	if err := t.Tx.check(home); err != nil {
		return t, err
	}
	env := memEnv{lawAt{&w.gov, known}, w}
	if err := Judge(prev.state(), t.Tx, t.Place, env); err != nil {
		return t, err
	}
	t.Hash = w.hash(t)
	if old := w.by[t.Hash]; old != nil {
		return old, nil
	}
	c, err := Effects(t.Tx, t.Place, env)
	if err != nil {
		return t, err
	}
	t.after = prev.state().apply(w, t, c)
	w.by[t.Hash] = t
	w.txs = append(w.txs, t)
	return t, nil
}

func (w *memWorld) hash(t *memTx) wire.Hash {
	b, err := t.Tx.Encode(home)
	if err != nil {
		panic(err)
	}
	b = append(b, t.Feed.Incarnation[:]...)
	b = append(b, t.Prev[:]...)
	b = binary.BigEndian.AppendUint64(b, t.Number)
	b = binary.BigEndian.AppendUint64(b, t.Place.Head.Seq)
	return sha256.Sum256(b)
}

// closings are the closed feeds after that many orders.
func (w *memWorld) closings(known int) map[wire.Actor]Closing {
	l := lawAt{&w.gov, known}
	h := headAt(known)
	out := map[wire.Actor]Closing{}
	list, _ := l.Closed(h)
	for _, a := range list {
		c, _, _ := l.Cut(h, a)
		x := Closing{Cut: c}
		if heir, ok, _ := l.Heir(h, a); ok {
			x.Heir = &heir
		}
		out[a] = x
	}
	return out
}

// cutAt is a cut after the given transactions.
func cutAt(ts ...*memTx) (c Cut) {
	for _, t := range ts {
		if t != nil {
			c.Tips = append(c.Tips, Tip{t.Number, t.Hash})
		}
	}
	return c
}

// rights is what a closed feed held at its cut, for a SUCCEED: over all its
// branches, each TAKE, deed and undo once, as Sum counts them.
func (w *memWorld) rights(a wire.Actor, cut ...*memTx) map[[32]byte]int64 {
	var set []Entered
	seen := map[*memTx]bool{}
	for _, t := range cut {
		for ; t != nil && !seen[t]; t = t.prev {
			seen[t] = true
			set = append(set, t.Entered)
		}
	}
	sums := Sum(home, set, map[wire.Actor]Closing{a: {Cut: cutAt(cut...)}}, true)
	out := map[[32]byte]int64{}
	for q, t := range sums.Terms {
		if t.Stranded > 0 {
			out[q.Sum(home)] = t.Stranded
		}
	}
	return out
}
