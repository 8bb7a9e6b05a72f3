package ledger

import (
	"errors"
	"fmt"

	"jishan/crdt/wire"
)

// ErrInvalid says that a transaction breaks a rule: the feed ends before it.
var ErrInvalid = errors.New("ledger: invalid")

// ErrClosed says of a transaction of this device's own that its feed was closed.
var ErrClosed = errors.New("ledger: the feed was closed")

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
	// OpenForeign is Open for evidence of another community.
	OpenForeign(community Subject, v *Evidence) (*Opened, error)
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
	redeemed, credited                   int64    // points consumed, and credit of the guest's home
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
		err = fmt.Errorf("%w: %w", invalid("writes after its own CLOSE"), ErrClosed)
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

// turnDeed is the key under which a turn itself is made once in a feed.
// deed demands the turn and a fresh key.
// fresh uses up a deed key.
// unused: no MINT of the chain used the key, but for those that a CLOSE known
// to the writer voids.
// tally shares its deed with the MINT of the same transaction.
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
// once refuses a MOVE that was taken before.
// knows refuses a MOVE whose payer knew more of this feed than the feed has.
func either(err error, reason string) error {
	if err != nil {
		return err
	}
	return invalid("%s", reason)
}

// receiveTurn waits for the chain of deed keys that comes with the turn.
const maxChain = 20

// inherits: does this feed succeed x, through a chain of SUCCEEDs, and was the
// MOVE not taken within the cuts on the way?
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
	case Points:
		v.redeemed += e.Amount
	case Credit:
		if e.Quota.Subject == v.me.Home {
			v.credited += e.Amount
		}
	case Turn:
		return invalid("a turn is not used up")
	}
	return v.spend(e.Quota, e.Amount)
}

// undo finds the entry that is undone and refuses to undo it twice.
// undoesAll: the transaction undoes every CONSUME of the other but exposure,
// which only the registrar renews, and burns everything it minted.
// arrive: points of somebody who moved here from another community.
// spent is what the transaction consumes of a kind and subject.
// whole checks what holds over all entries together.
func (v *verdict) whole() error {
	if v.minted > v.issued {
		return invalid("MINT of %d with an issue of %d", v.minted, v.issued)
	}
	if v.me.Role == Merchant && v.income-v.out > v.exposed {
		return invalid("a till takes %d with an exposure of %d", v.income-v.out, v.exposed)
	}
	if v.me.guest() && v.redeemed != v.credited {
		return invalid("a guest redeems %d with a credit of %d", v.redeemed, v.credited)
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
