package ledger

import (
	"errors"
	"fmt"

	"jishan/crdt/wire"
)

// ErrInvalid says that a transaction breaks a rule: the feed ends before it.
var ErrInvalid = errors.New("ledger: invalid")

// Place is where a transaction stands.
type Place struct {
	Feed   Feed
	Number uint64 // running number in the feed
	Head   Head   // the governance head that it names
}

// Use is a MINT that used a deed key.
type Use struct {
	Feed wire.Actor
	Tip  Tip
}

// Opened is a change of another feed, verified: seal, certificate and form.
type Opened struct {
	Place
	Hash wire.Hash
	Tx   *Tx
}

func (o *Opened) tip() Tip { return Tip{Number: o.Number, Hash: o.Hash} }

// State is a feed's own past, as far as validity needs it.
type State interface {
	// Tip is the feed's last transaction; Head the governance head it named.
	Tip() Tip
	Head() Head
	// Held are the rights of the feed.
	Held(q Quota) (int64, error)
	// Taken tells whether the feed took that MOVE.
	Taken(id MoveID) (bool, error)
	// Uses are the MINTs that used a deed key in the turn's chain, as far as
	// the feed knows it.
	Uses(d Deed) ([]Use, error)
	// Past returns a transaction of the feed, or one that it inherited; nil if
	// it is neither. own tells them apart.
	Past(h wire.Hash) (t *Tx, own bool, err error)
	// Undone is how much of an entry was restored or burned back.
	Undone(r Ref) (int64, error)
}

// Env is everything else that a verdict may depend on: the law under named
// heads, embedded evidence, and the feeds that a transaction waits for.
type Env interface {
	Law
	// Open verifies evidence. ErrUnknown: its author's certificate or head is
	// not here; ErrNewer; any other error means that it proves nothing.
	Open(v *Evidence) (*Opened, error)
	// Chain lists the uses of a turn's deed keys that a feed knew at a place.
	// ErrUnknown: the feed is not here so far.
	Chain(turn Subject, feed wire.Actor, at Tip) (map[Subject][]Use, error)
	// TookWithin tells whether a closed feed took the MOVE within its cut.
	// ErrUnknown: the feed is not here so far.
	TookWithin(feed wire.Actor, c Cut, id MoveID) (bool, error)
}

// verdict judges one transaction entry by entry.
type verdict struct {
	s     State
	t     *Tx
	at    Place
	env   Env
	me    Member
	held  []Amount // rights as the entries go
	taken []MoveID
	used  []Deed // MINTs
	open  []*Opened

	income, out, exposed, minted, issued int64
	arrived                              []Amount // from other communities, as credit quotas
}

// Amount is an amount of one quota.
type Amount struct {
	Quota Quota
	N     int64
}

// Judge decides whether a transaction is valid at its place. It is a pure
// function of the feed's past, the governance head named and the evidence
// carried. It returns nil, ErrInvalid with a reason, or ErrUnknown or ErrNewer
// for what can't be judged yet.
func Judge(s State, t *Tx, at Place, env Env) error {
	v := &verdict{s: s, t: t, at: at, env: env, open: make([]*Opened, len(t.Evidence))}
	if err := v.author(); err != nil {
		return err
	}
	for i := range t.Entries {
		if err := v.entry(&t.Entries[i]); err != nil {
			return fmt.Errorf("entry %d: %s: %w", i, t.Entries[i].Type, err)
		}
	}
	return v.whole()
}

func invalid(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, a...))
}

// author checks what concerns the feed and not an entry.
func (v *verdict) author() (err error) {
	if v.at.Number != v.s.Tip().Number+1 {
		return invalid("number %d after %d", v.at.Number, v.s.Tip().Number)
	}
	if v.at.Head.Less(v.s.Head()) {
		return invalid("governance head goes backwards")
	}
	if v.me, err = v.env.Member(v.at.Head, v.at.Feed.Incarnation); err != nil {
		return err
	}
	if v.me.Role == Nobody {
		return invalid("the author may not write")
	}
	_, closed, err := v.env.Cut(v.at.Head, v.at.Feed.Incarnation)
	if err == nil && closed {
		err = invalid("writes after its own CLOSE")
	}
	return err
}

func (v *verdict) entry(e *Entry) error {
	switch e.Type {
	case Mint:
		return v.mint(e)
	case Move:
		return v.move(e)
	case Take:
		return v.take(e)
	case Succeed:
		return v.succeed(e)
	case Consume:
		return v.consume(e)
	case Restore:
		return v.restore(e)
	case Burn:
		return v.burn(e)
	case Seen:
		return nil
	case Tally:
		return v.tally(e)
	}
	return ErrNewer
}

// right finds the running amount of a quota.
func (v *verdict) right(q Quota) (*int64, error) {
	for i := range v.held {
		if v.held[i].Quota == q {
			return &v.held[i].N, nil
		}
	}
	n, err := v.s.Held(q)
	if err != nil {
		return nil, err
	}
	v.held = append(v.held, Amount{q, n})
	return &v.held[len(v.held)-1].N, nil
}

func (v *verdict) add(q Quota, n int64) error {
	h, err := v.right(q)
	if err != nil {
		return err
	}
	if *h+n < *h {
		return invalid("overflow")
	}
	*h += n
	return nil
}

func (v *verdict) spend(q Quota, n int64) error {
	h, err := v.right(q)
	if err != nil {
		return err
	}
	if *h < n {
		return invalid("rights %d < %d of %s", *h, n, q)
	}
	*h -= n
	return nil
}

// inYear refuses what a closed period no longer allows: there only TAKE and
// BURN remain.
func (v *verdict) inYear(q Quota) error {
	if q.Period == "" {
		return nil
	}
	closed, err := v.env.YearClosed(v.at.Head, q.Period)
	if err == nil && closed {
		err = invalid("the period %s is closed", q.Period)
	}
	return err
}

// mintRole is the least role that may MINT a kind.
var mintRole = [...]Role{
	Points: Staff, Stock: Merchant, Slot: Staff, Issue: Registrar, Turn: Registrar, Benefit: Registrar,
	Exposure: Registrar, Credit: Registrar, Reserve: Registrar, Debt: Staff,
}

func (v *verdict) mint(e *Entry) error {
	if v.me.Role < mintRole[e.Quota.Kind] {
		return invalid("the role does not allow it")
	}
	if err := v.inYear(e.Quota); err != nil {
		return err
	}
	switch {
	case e.Why == WhyMoved:
		if err := v.arrive(e); err != nil {
			return err
		}
	case e.Quota.Kind == Points:
		if err := v.deed(e); err != nil {
			return err
		}
		v.minted += e.Amount
	case e.Quota.Kind == Turn:
		if e.Quota.Period != "" || e.Deed != (Deed{}) {
			return invalid("a turn has no period and no deed")
		}
		if err := v.fresh(turnDeed(e.Quota.Subject)); err != nil {
			return err
		}
	case e.Deed != (Deed{}):
		if err := v.fresh(e.Deed); err != nil {
			return err
		}
	}
	return v.add(e.Quota, e.Amount)
}

// turnDeed is the key under which a turn itself is made once in a feed.
func turnDeed(turn Subject) Deed { return Deed{Key: turn} }

// deed demands the turn and a fresh key.
func (v *verdict) deed(e *Entry) error {
	if err := v.turn(e.Deed); err != nil {
		return err
	}
	return v.fresh(e.Deed)
}

func (v *verdict) turn(d Deed) error {
	if d.Turn == (Subject{}) || d.Key == (Subject{}) {
		return invalid("no deed")
	}
	h, err := v.right(Quota{Kind: Turn, Subject: d.Turn})
	if err == nil && *h < 1 {
		err = invalid("MINT without the turn")
	}
	return err
}

// fresh uses up a deed key.
func (v *verdict) fresh(d Deed) error {
	for _, o := range v.used {
		if o == d {
			return invalid("deed used twice")
		}
	}
	v.used = append(v.used, d)
	return v.unused(d)
}

// unused: no MINT of the chain used the key, but for those that a CLOSE known
// to the writer voids.
func (v *verdict) unused(d Deed) error {
	uses, err := v.s.Uses(d)
	if err != nil {
		return err
	}
	for _, u := range uses {
		c, closed, err := v.env.Cut(v.at.Head, u.Feed)
		if err != nil {
			return err
		}
		if !closed || c.Covers(u.Tip) {
			return invalid("deed used in the turn's chain")
		}
	}
	return nil
}

// tally shares its deed with the MINT of the same transaction.
func (v *verdict) tally(e *Entry) error {
	if v.me.Role < Staff {
		return invalid("the role does not allow it")
	}
	if err := v.turn(e.Deed); err != nil {
		return err
	}
	for i := range v.t.Entries {
		o := &v.t.Entries[i]
		if o == e {
			break
		}
		if o.Type == Tally && o.Deed == e.Deed && o.Why == e.Why {
			return invalid("deed tallied twice")
		}
	}
	return v.unused(e.Deed)
}

func (v *verdict) move(e *Entry) error {
	if e.To.Community != v.at.Feed.Community {
		return invalid("the payee is of another community")
	}
	if e.To == v.at.Feed {
		return invalid("MOVE to itself")
	}
	if err := v.inYear(e.Quota); err != nil {
		return err
	}
	if e.Quota.Kind == Points {
		v.out += e.Amount
	}
	return v.spend(e.Quota, e.Amount)
}

// evidence opens what an entry embeds, once per transaction, and returns the
// entry it names.
func (v *verdict) evidence(e *Entry) (*Opened, *Entry, error) {
	i := e.Evidence - 1
	if v.open[i] == nil {
		o, err := v.env.Open(&v.t.Evidence[i])
		if err != nil {
			return nil, nil, err
		}
		v.open[i] = o
	}
	o := v.open[i]
	if int(e.Index) >= len(o.Tx.Entries) {
		return nil, nil, invalid("no such entry")
	}
	m, err := v.env.Member(o.Head, o.Feed.Incarnation)
	if err != nil {
		return nil, nil, err
	}
	if m.Role == Nobody {
		return nil, nil, invalid("the payer may not write")
	}
	return o, &o.Tx.Entries[e.Index], nil
}

// once refuses a MOVE that was taken before.
func (v *verdict) once(id MoveID) error {
	for _, o := range v.taken {
		if o == id {
			return invalid("taken twice")
		}
	}
	v.taken = append(v.taken, id)
	t, err := v.s.Taken(id)
	if err == nil && t {
		err = invalid("taken before")
	}
	return err
}

// knows refuses a MOVE whose payer knew more of this feed than the feed has.
func (v *verdict) knows(t Tip) error {
	if t == (Tip{}) {
		return nil
	}
	_, own, err := v.s.Past(t.Hash)
	if err == nil && !own {
		err = invalid("the payee's head is not in its past")
	}
	return err
}

func (v *verdict) take(e *Entry) error {
	o, m, err := v.evidence(e)
	if err != nil {
		return err
	}
	if m.Type != Move || m.Quota != e.Quota || m.Amount != e.Amount || o.Feed.Community != v.at.Feed.Community {
		return invalid("not that MOVE")
	}
	id := MoveID{o.Hash, e.Index}
	if err := v.once(id); err != nil {
		return err
	}
	if m.To == v.at.Feed {
		err = v.knows(m.Head)
	} else {
		err = v.inherits(m.To.Incarnation, id)
	}
	if err != nil {
		return err
	}
	if c, closed, err := v.env.Cut(v.at.Head, o.Feed.Incarnation); err != nil || closed && !c.Covers(o.tip()) {
		return either(err, "beyond a CLOSE that it knows")
	}
	switch e.Quota.Kind {
	case Points:
		v.income += e.Amount
	case Exposure: // fresh exposure brings the closes it was granted under
		if v.at.Head.Less(o.Head) {
			return invalid("exposure under an older governance head than its granter's")
		}
	case Turn:
		if err := v.receiveTurn(e.Quota.Subject, o.Feed.Incarnation, o.tip()); err != nil {
			return err
		}
	}
	return v.add(e.Quota, e.Amount)
}

func either(err error, reason string) error {
	if err != nil {
		return err
	}
	return invalid("%s", reason)
}

// receiveTurn waits for the chain of deed keys that comes with the turn.
func (v *verdict) receiveTurn(turn Subject, feed wire.Actor, at Tip) error {
	if v.me.Role < Staff {
		return invalid("a till takes no turn")
	}
	_, err := v.env.Chain(turn, feed, at)
	return err
}

// maxChain bounds a chain of successions.
const maxChain = 20

// inherits: does this feed succeed x, through a chain of SUCCEEDs, and was the
// MOVE not taken within the cuts on the way?
func (v *verdict) inherits(x wire.Actor, id MoveID) error {
	for range maxChain {
		if x == v.at.Feed.Incarnation {
			return nil
		}
		h, ok, err := v.env.Heir(v.at.Head, x)
		if err != nil || !ok {
			return either(err, "it names another feed")
		}
		c, ok, err := v.env.Cut(v.at.Head, x)
		if err != nil || !ok {
			return either(err, "the predecessor is not closed")
		}
		took, err := v.env.TookWithin(x, c, id)
		if err != nil || took {
			return either(err, "the predecessor took it")
		}
		x = h.To
	}
	return invalid("a chain of successions that is too long")
}

func (v *verdict) succeed(e *Entry) error {
	h, ok, err := v.env.Heir(v.at.Head, e.From)
	if err != nil || !ok {
		return either(err, "no such SUCCEED")
	}
	if h.Rights[e.Quota.Sum(v.at.Feed.Community)] != e.Amount {
		return invalid("not what the SUCCEED says")
	}
	id := succeedID(v.at.Feed.Community, e.From, e.Quota, h)
	if err := v.once(id); err != nil {
		return err
	}
	if err := v.inherits(h.To, id); err != nil {
		return err
	}
	c, ok, err := v.env.Cut(v.at.Head, e.From)
	if err != nil || !ok {
		return either(err, "the predecessor is not closed")
	}
	for _, tip := range c.Tips { // what it did within the cut must be here
		if e.Quota.Kind == Turn {
			err = v.receiveTurn(e.Quota.Subject, e.From, tip)
		} else {
			_, err = v.env.Chain(Subject{}, e.From, tip)
		}
		if err != nil {
			return err
		}
	}
	if e.Quota.Kind == Points {
		v.income += e.Amount
	}
	return v.add(e.Quota, e.Amount)
}

func (v *verdict) consume(e *Entry) error {
	if err := v.inYear(e.Quota); err != nil {
		return err
	}
	switch e.Quota.Kind {
	case Exposure:
		if e.Quota.Subject != TillSubject(v.me.Device) {
			return invalid("exposure of another till")
		}
		v.exposed += e.Amount
	case Issue:
		v.issued += e.Amount
	case Turn:
		return invalid("a turn is not used up")
	}
	return v.spend(e.Quota, e.Amount)
}

// undo finds the entry that is undone and refuses to undo it twice.
func (v *verdict) undo(e *Entry, want Type) error {
	past, _, err := v.s.Past(e.Ref.Hash)
	if err != nil {
		return err
	}
	if past == nil || int(e.Ref.Index) >= len(past.Entries) {
		return invalid("no transaction of this feed")
	}
	o := &past.Entries[e.Ref.Index]
	if o.Type != want || o.Quota != e.Quota || o.Amount != e.Amount {
		return invalid("not that entry")
	}
	for i := range v.t.Entries {
		p := &v.t.Entries[i]
		if p == e {
			break
		}
		if p.Ref == e.Ref {
			return invalid("undone twice")
		}
	}
	n, err := v.s.Undone(e.Ref)
	if err == nil && n != 0 {
		err = invalid("undone before")
	}
	if err != nil {
		return err
	}
	return v.undoesAll(past, e.Ref.Hash)
}

// undoesAll: the transaction undoes every CONSUME of the other but exposure,
// which only the registrar renews, and burns everything it minted.
func (v *verdict) undoesAll(past *Tx, h wire.Hash) error {
	for i := range past.Entries {
		o := &past.Entries[i]
		want := Restore
		switch {
		case o.Type == Mint:
			want = Burn
		case o.Type != Consume || o.Quota.Kind == Exposure:
			continue
		}
		found := false
		for j := range v.t.Entries {
			e := &v.t.Entries[j]
			found = found || e.Type == want && e.Ref == (Ref{h, uint32(i)})
		}
		if !found {
			return invalid("RESTORE of half a transaction")
		}
	}
	return nil
}

func (v *verdict) restore(e *Entry) error {
	if e.Quota.Kind == Exposure {
		return invalid("exposure is renewed, never restored")
	}
	if err := v.inYear(e.Quota); err != nil {
		return err
	}
	if err := v.undo(e, Consume); err != nil {
		return err
	}
	if e.Quota.Kind == Points {
		v.income += e.Amount
	}
	return v.add(e.Quota, e.Amount)
}

func (v *verdict) burn(e *Entry) error {
	switch e.Why {
	case WhyExpiry:
		closed, err := v.env.YearClosed(v.at.Head, e.Quota.Period)
		if err != nil || !closed {
			return either(err, "no YEARCLOSE")
		}
	case WhyMoved:
		if e.To.Community == v.at.Feed.Community {
			return invalid("moved away to the same community")
		}
	case WhyUndo:
		if err := v.undo(e, Mint); err != nil {
			return err
		}
	}
	return v.spend(e.Quota, e.Amount)
}

// arrive: points of somebody who moved here from another community.
func (v *verdict) arrive(e *Entry) error {
	o, m, err := v.evidence(e)
	if err != nil {
		return err
	}
	if m.Type != Burn || m.Why != WhyMoved || m.Amount != e.Amount || m.To != v.at.Feed || o.Feed.Community == v.at.Feed.Community {
		return invalid("not a BURN that names this feed")
	}
	if err := v.once(MoveID{o.Hash, e.Index}); err != nil {
		return err
	}
	if err := v.knows(m.Head); err != nil {
		return err
	}
	v.arrived = append(v.arrived, Amount{Quota{Kind: Credit, Subject: o.Feed.Community}, e.Amount})
	return nil
}

// spent is what the transaction consumes of a kind and subject.
func (v *verdict) spent(k Kind, s Subject) (n int64) {
	for i := range v.t.Entries {
		if e := &v.t.Entries[i]; e.Type == Consume && e.Quota.Kind == k && e.Quota.Subject == s {
			n += e.Amount
		}
	}
	return n
}

// whole checks what holds over all entries together.
func (v *verdict) whole() error {
	if v.minted > v.issued {
		return invalid("MINT of %d with an issue of %d", v.minted, v.issued)
	}
	if v.me.Role == Merchant && v.income-v.out > v.exposed {
		return invalid("a till takes %d with an exposure of %d", v.income-v.out, v.exposed)
	}
	for _, a := range v.arrived {
		need := int64(0)
		for _, o := range v.arrived {
			if o.Quota == a.Quota {
				need += o.N
			}
		}
		if v.spent(Credit, a.Quota.Subject) < need {
			return invalid("no credit for %d points of that community", need)
		}
	}
	return nil
}
