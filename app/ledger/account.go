package ledger

import (
	"cmp"
	"slices"

	"jishan/crdt/wire"
)

// Terms are the sum of one quota, or of all quotas of a kind. For every
// quota, at every device, over every set closed under reference:
//
//	minted + unseen + loss = held + in flight + stranded + (consumed - restored) + burned
//
// and none is negative.
type Terms struct {
	Minted   int64 `json:"minted"`
	Unseen   int64 `json:"unseen"`   // taken, while the payer's entry is not here yet
	Loss     int64 `json:"loss"`     // what forks and closes cost
	Held     int64 `json:"held"`     // in the hands of open feeds
	InFlight int64 `json:"inflight"` // moved and not taken yet
	Stranded int64 `json:"stranded"` // with closed feeds that have no successor
	Consumed int64 `json:"consumed"`
	Restored int64 `json:"restored"`
	Burned   int64 `json:"burned"`
}

// Add adds up two sums.
func (t *Terms) Add(o Terms) {
	t.Minted += o.Minted
	t.Unseen += o.Unseen
	t.Loss += o.Loss
	t.Held += o.Held
	t.InFlight += o.InFlight
	t.Stranded += o.Stranded
	t.Consumed += o.Consumed
	t.Restored += o.Restored
	t.Burned += o.Burned
}

// Difference is 0 when the equality holds.
func (t Terms) Difference() int64 {
	return t.Minted + t.Unseen + t.Loss - t.Held - t.InFlight - t.Stranded - (t.Consumed - t.Restored) - t.Burned
}

// Negative tells whether a term is below zero.
func (t Terms) Negative() bool {
	return min(t.Minted, t.Unseen, t.Loss, t.Held, t.InFlight, t.Stranded, t.Consumed-t.Restored, t.Restored, t.Burned) < 0
}

// Entered is one admitted transaction.
type Entered struct {
	Place
	Hash wire.Hash
	Prev wire.Hash // of the transaction before it in the feed; zero for the first
	Tx   *Tx
	Open []*Opened // of Tx.Evidence
}

// Closing is a closed feed as the newest known head says.
type Closing struct {
	Cut  Cut
	Heir *Heir // nil: nobody succeeds it

	// Named tells whether the SUCCEED stands in the past of a head; nil where the charter
	// has one history.
	Named func(Head) bool
}

// Sums is what a set of transactions adds up to.
type Sums struct {
	Terms  map[Quota]*Terms
	Closed bool          // the set is closed under reference: cuts and quotas named are here
	Handed map[Ref]int64 // CONSUMEs that count
	Deeds  map[Deed]int  // how often each was minted
	Forked map[wire.Actor]bool
}

// feedQuota is one account line: what a feed has of a quota.
type feedQuota struct {
	feed  wire.Actor
	quota Quota
}

// summing is Sum at work.
type summing struct {
	community Subject
	closed    map[wire.Actor]Closing
	staff     bool
	set       []Entered
	by        map[wire.Hash]*Entered
	inCut     map[wire.Hash]bool // of closed feeds only
	net       map[feedQuota]int64
	takes     map[MoveID]int64 // how many TAKEs count
	taken     map[MoveID]*taken
	consumed  map[Ref]int64
	restored  map[Ref]int64
	burned    map[Ref]int64
	returned  map[Ref]int64
	once      map[any]bool
	stands    map[any]wire.Hash // the transaction in which it counts
	out       Sums
}

// taken is a MOVE or a SUCCEED's right as its TAKE shows it.
type taken struct {
	Amount
	from    wire.Actor
	tip     Tip
	succeed bool
}

// Sum computes the terms of every quota from a set of admitted transactions of
// one community and the closes of the newest known head, by rules 3, 7, 8 and
// 9 of docs/quotas.md. It is the same wherever the same set is. staff tells
// whether the device reads every feed of the community.
func Sum(community Subject, set []Entered, closed map[wire.Actor]Closing, staff bool) Sums {
	s := &summing{
		community: community, closed: closed, staff: staff, set: slices.Clone(set),
		by: map[wire.Hash]*Entered{}, inCut: map[wire.Hash]bool{}, net: map[feedQuota]int64{}, takes: map[MoveID]int64{},
		taken: map[MoveID]*taken{}, consumed: map[Ref]int64{}, restored: map[Ref]int64{}, once: map[any]bool{},
		burned: map[Ref]int64{}, returned: map[Ref]int64{}, stands: map[any]wire.Hash{},
		out: Sums{Terms: map[Quota]*Terms{}, Closed: true, Handed: map[Ref]int64{}, Deeds: map[Deed]int{}, Forked: map[wire.Actor]bool{}},
	}
	slices.SortFunc(s.set, func(a, b Entered) int { // of two MINTs of one deed the same is loss everywhere
		return cmp.Or(a.Feed.Incarnation.Compare(b.Feed.Incarnation), cmp.Compare(a.Number, b.Number), a.Hash.Compare(b.Hash))
	})
	s.index()
	for i := range s.set {
		s.transaction(&s.set[i])
	}
	s.overRestored()
	s.overReturned()
	s.moves()
	s.unbacked()
	s.successions()
	s.rights()
	return s.out
}

// index finds forks and marks what lies within the cuts.
func (s *summing) index() {
	type step struct {
		feed wire.Actor
		prev wire.Hash
	}
	next := map[step]bool{}
	for i := range s.set {
		t := &s.set[i]
		s.by[t.Hash] = t
		k := step{t.Feed.Incarnation, t.Prev}
		if next[k] {
			s.out.Forked[t.Feed.Incarnation] = true
		}
		next[k] = true
	}
	for _, c := range s.closed {
		for _, tip := range c.Cut.Tips {
			h := tip.Hash
			if s.by[h] == nil {
				s.out.Closed = false
			}
			for t := s.by[h]; t != nil && !s.inCut[t.Hash]; t = s.by[t.Prev] {
				s.inCut[t.Hash] = true
			}
		}
	}
}

// counts tells whether a transaction lies within its feed's cut.
func (s *summing) counts(t *Entered) bool {
	_, closed := s.closed[t.Feed.Incarnation]
	return !closed || s.inCut[t.Hash]
}

func (s *summing) at(q Quota) *Terms {
	t := s.out.Terms[q]
	if t == nil {
		t = &Terms{}
		s.out.Terms[q] = t
	}
	return t
}

// again tells whether a feed's evidence was counted before, in another branch.
func (s *summing) again(key any) bool {
	if s.once[key] {
		return true
	}
	s.once[key] = true
	return false
}

func (s *summing) transaction(t *Entered) {
	in := s.counts(t)
	for i := range t.Tx.Entries {
		e := &t.Tx.Entries[i]
		ref := Ref{t.Hash, uint32(i)}
		if in {
			s.entry(t, e, ref)
		} else {
			s.late(t, e, ref)
		}
	}
}

// handedOver tells the kinds of which a CONSUME gave something to somebody.
func handedOver(k Kind) bool { return k == Points || k == Stock || k == Slot }

// late counts, of what lies beyond a cut, only what was handed over: as loss.
func (s *summing) late(t *Entered, e *Entry, ref Ref) {
	if !handedOver(e.Quota.Kind) {
		return
	}
	switch e.Type {
	case Consume:
		s.at(e.Quota).Consumed += e.Amount
		s.at(e.Quota).Loss += e.Amount
		s.consumed[ref] += e.Amount
		s.out.Handed[ref] = e.Amount
	case Restore:
		if e.Why == WhyNone && !s.inCut[e.Ref.Hash] {
			s.at(e.Quota).Restored += e.Amount
			s.at(e.Quota).Loss -= e.Amount
			s.restored[e.Ref] += e.Amount
		}
	}
}

// minus names what takes points once, though it takes several entries of one
// transaction: a deduction's deed, a MINT or TALLY that was taken back.
type minus struct {
	feed wire.Actor
	deed Deed
	ref  Ref
}

// elsewhere tells whether another transaction of the same feed, in another
// branch, counts for what an entry takes.
func (e *Entry) elsewhere(feed wire.Actor, h wire.Hash, stands map[any]wire.Hash) bool {
	key := minus{feed: feed}
	switch e.Why {
	case WhyFine:
		key.deed = e.Deed
	case WhyRecall, WhyUndo, WhyBack:
		key.ref = e.Ref
	default:
		return false
	}
	if _, ok := stands[key]; !ok {
		stands[key] = h
	}
	return stands[key] != h
}

type onceDeed struct {
	feed wire.Actor
	deed Deed
}
type onceTake struct {
	feed wire.Actor
	id   MoveID
}

func (s *summing) entry(t *Entered, e *Entry, ref Ref) {
	k := feedQuota{t.Feed.Incarnation, e.Quota}
	if e.elsewhere(k.feed, t.Hash, s.stands) {
		return
	}
	switch e.Type {
	case Mint:
		s.mint(t, e, k)
	case Move:
		s.net[k] -= e.Amount
	case Take, Succeed:
		s.take(t, e, k)
	case Consume:
		s.net[k] -= e.Amount
		s.at(e.Quota).Consumed += e.Amount
		s.consumed[ref] += e.Amount
		s.out.Handed[ref] = e.Amount
	case Restore:
		if e.Why == WhyReturn {
			s.giveBack(e, k)
			return
		}
		if s.restored[e.Ref] > 0 && s.again(onceTake{k.feed, MoveID(e.Ref)}) {
			return // restored already, in another branch
		}
		s.again(onceTake{k.feed, MoveID(e.Ref)})
		s.net[k] += e.Amount
		s.at(e.Quota).Restored += e.Amount
		s.restored[e.Ref] += e.Amount
	case Burn:
		s.net[k] -= e.Amount
		s.at(e.Quota).Burned += e.Amount
		s.burned[ref] += e.Amount
	}
}

// giveBack is the opposite of a BURN: once for each feed.
func (s *summing) giveBack(e *Entry, k feedQuota) {
	if s.again(onceTake{k.feed, MoveID(e.Ref)}) {
		return
	}
	s.net[k] += e.Amount
	s.at(e.Quota).Burned -= e.Amount
	s.returned[e.Ref] += e.Amount
}

// overReturned books what came back of a BURN twice, by a closed feed and its
// successor, or of one that does not count.
func (s *summing) overReturned() {
	for ref, n := range s.returned {
		if s.by[ref.Hash] == nil {
			continue
		}
		if x := n - s.burned[ref]; x > 0 {
			q := s.by[ref.Hash].Tx.Entries[ref.Index].Quota
			s.at(q).Loss += x
			s.at(q).Burned += x
		}
	}
}

func (s *summing) mint(t *Entered, e *Entry, k feedQuota) {
	switch {
	case e.Why == WhyFine:
	case e.Evidence > 0:
		if s.again(onceTake{k.feed, MoveID{t.Open[e.Evidence-1].Hash, e.Index}}) {
			return
		}
	case e.Quota.Kind == Turn:
		if s.again(onceDeed{k.feed, turnDeed(e.Quota.Subject)}) {
			return
		}
	case e.Deed != (Deed{}):
		if s.again(onceDeed{k.feed, e.Deed}) {
			return
		}
	}
	s.net[k] += e.Amount
	if e.Quota.Kind == Points && e.Evidence == 0 {
		s.out.Deeds[e.Deed]++
		if s.out.Deeds[e.Deed] > 1 { // two turn chains
			s.at(e.Quota).Loss += e.Amount
			return
		}
	}
	s.at(e.Quota).Minted += e.Amount
}

func (s *summing) take(t *Entered, e *Entry, k feedQuota) {
	var id MoveID
	got := &taken{Amount: Amount{e.Quota, e.Amount}}
	if e.Type == Take {
		o := t.Open[e.Evidence-1]
		id = MoveID{o.Hash, e.Index}
		got.from, got.tip = o.Feed.Incarnation, o.tip()
	} else {
		id = s.rightOf(t, e)
		got.from, got.succeed = e.From, true
	}
	if s.again(onceTake{k.feed, id}) {
		return
	}
	s.net[k] += e.Amount
	s.takes[id]++
	s.taken[id] = got
}

// rightOf identifies the right of the SUCCEED that an entry takes. A feed can
// only have taken the one its head knew; when the newest head knows another,
// or none, that one is void.
func (s *summing) rightOf(t *Entered, e *Entry) MoveID {
	if c, ok := s.closed[e.From]; ok && c.Heir != nil && !t.Head.Less(c.Heir.At) && (c.Named == nil || c.Named(t.Head)) {
		return succeedID(s.community, e.From, e.Quota, *c.Heir)
	}
	return succeedID(s.community, e.From, e.Quota, Heir{})
}

// overRestored books what two feeds restored of one CONSUME.
func (s *summing) overRestored() {
	for ref, n := range s.restored {
		if s.by[ref.Hash] == nil {
			continue
		}
		if x := n - s.consumed[ref]; x > 0 {
			q := s.by[ref.Hash].Tx.Entries[ref.Index].Quota
			s.at(q).Loss += x
			s.at(q).Restored -= x
		}
	}
}

// moves finds what is in flight, stranded, or was taken more than once.
func (s *summing) moves() {
	for i := range s.set {
		t := &s.set[i]
		if !s.counts(t) {
			continue
		}
		for j := range t.Tx.Entries {
			e := &t.Tx.Entries[j]
			if e.Type != Move {
				continue
			}
			n := s.takes[MoveID{t.Hash, uint32(j)}]
			payee, closed := s.closed[e.To.Incarnation]
			switch {
			case n == 0 && closed && payee.Heir == nil:
				s.at(e.Quota).Stranded += e.Amount
			case n == 0:
				s.at(e.Quota).InFlight += e.Amount
			default:
				s.at(e.Quota).Loss += (n - 1) * e.Amount
			}
		}
	}
}

// unbacked books TAKEs whose MOVE is not here, or lies beyond a cut.
func (s *summing) unbacked() {
	for id, got := range s.taken {
		if got.succeed {
			continue
		}
		t := s.by[id.Hash]
		if t != nil && s.counts(t) {
			continue
		}
		n := s.takes[id] * got.N
		c, closed := s.closed[got.from]
		if closed && (t != nil || !c.Cut.Covers(got.tip)) {
			s.at(got.Quota).Loss += n
		} else {
			s.at(got.Quota).Unseen += n
		}
	}
}

// successions moves a closed feed's rights to who takes them.
func (s *summing) successions() {
	names := map[[32]byte]Quota{}
	here := map[wire.Actor]bool{}
	for k := range s.net {
		names[k.quota.Sum(s.community)] = k.quota
		here[k.feed] = true
	}
	current := map[MoveID]bool{}
	for x, c := range s.closed {
		if c.Heir == nil || !s.staff && !here[x] { // a till reads its own feeds only
			continue
		}
		for sum, n := range c.Heir.Rights {
			q, ok := names[sum]
			if !ok {
				s.out.Closed = false
				continue
			}
			id := succeedID(s.community, x, q, *c.Heir)
			current[id] = true
			if takes := s.takes[id]; takes == 0 {
				s.at(q).InFlight += n
			} else {
				s.at(q).Loss += (takes - 1) * n
			}
			s.net[feedQuota{x, q}] -= n
		}
	}
	for id, got := range s.taken {
		switch {
		case !got.succeed || current[id]:
		case s.staff: // of a void term, or a second one
			s.at(got.Quota).Loss += s.takes[id] * got.N
		default:
			s.at(got.Quota).Unseen += s.takes[id] * got.N
		}
	}
}

// rights books what is left in the hands of the feeds.
func (s *summing) rights() {
	for k, n := range s.net {
		_, closed := s.closed[k.feed]
		switch {
		case !closed && !s.out.Forked[k.feed]:
			s.at(k.quota).Held += n
		case n < 0:
			s.at(k.quota).Loss -= n
		default:
			s.at(k.quota).Stranded += n
		}
	}
}
