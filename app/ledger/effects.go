package ledger

import "jishan/crdt/wire"

// Changes is what a valid transaction does to its feed's state. It is the same
// whether the state lies in maps or in SQL, and needs no judging: a rebuild
// replays it.
type Changes struct {
	Held    []Amount // signed
	Taken   []Taking
	Used    []Deed
	Undone  []Undoing
	Inherit []Inheritance
}

// Taking is a MOVE (or a SUCCEED's right) that the feed took.
type Taking struct {
	ID     MoveID
	Amount Amount
	From   Feed // whose MOVE it is
	Tip    Tip  // where it stands; zero for a SUCCEED
}

// Undoing is an entry that was restored or burned back.
type Undoing struct {
	Ref Ref
	N   int64
}

// Inheritance is a chain that came with a turn or a succession: its deed keys
// up to the tip, and with Succession the feed's transactions for RESTORE.
type Inheritance struct {
	Turn       Subject
	From       wire.Actor
	Tip        Tip
	Succession bool
}

// opener opens evidence without verifying it: admission has done that.
type opener interface {
	Open(v *Evidence) (*Opened, error)
	OpenForeign(community Subject, v *Evidence) (*Opened, error)
}

// Effects lists what a valid transaction does. law answers for SUCCEED.
func Effects(t *Tx, at Place, env interface {
	opener
	Law
}) (Changes, error) {
	var c Changes
	open := make([]*Opened, len(t.Evidence))
	for i := range t.Evidence {
		o, err := t.open(env, i)
		if err != nil {
			return c, err
		}
		open[i] = o
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		var o *Opened
		if e.Evidence > 0 {
			o = open[e.Evidence-1]
		}
		if err := c.entry(e, o, at, env); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *Changes) add(q Quota, n int64) {
	for i := range c.Held {
		if c.Held[i].Quota == q {
			c.Held[i].N += n
			return
		}
	}
	c.Held = append(c.Held, Amount{q, n})
}

func (c *Changes) use(d Deed) {
	for _, o := range c.Used {
		if o == d {
			return
		}
	}
	c.Used = append(c.Used, d)
}

// usesUp is the deed key that an entry uses up.
func (e *Entry) usesUp() (Deed, bool) {
	switch {
	case e.Type == Mint && e.Evidence == 0 && e.Quota.Kind == Turn:
		return turnDeed(e.Quota.Subject), true
	case e.Type == Mint && e.Evidence == 0:
		return e.Deed, e.Deed != Deed{}
	case e.Type == Tally:
		return e.Deed, e.Why != WhyBack
	}
	return e.Deed, e.Type == Burn && e.Why == WhyFine
}

func (c *Changes) entry(e *Entry, o *Opened, at Place, law Law) error {
	if e.undoes() {
		c.Undone = append(c.Undone, Undoing{e.Ref, e.Amount})
	}
	if d, ok := e.usesUp(); ok {
		c.use(d)
	}
	switch e.Type {
	case Mint:
		c.add(e.Quota, e.Amount)
		if o != nil {
			c.Taken = append(c.Taken, Taking{MoveID{o.Hash, e.Index}, Amount{e.Quota, e.Amount}, o.Feed, o.tip()})
		}
	case Move, Consume, Burn:
		c.add(e.Quota, -e.Amount)
	case Restore:
		c.add(e.Quota, e.Amount)
	case Take:
		c.add(e.Quota, e.Amount)
		c.Taken = append(c.Taken, Taking{MoveID{o.Hash, e.Index}, Amount{e.Quota, e.Amount}, o.Feed, o.tip()})
		if e.Quota.Kind == Turn {
			c.Inherit = append(c.Inherit, Inheritance{Turn: e.Quota.Subject, From: o.Feed.Incarnation, Tip: o.tip()})
		}
	case Succeed:
		return c.succeed(e, at, law)
	}
	return nil
}

func (c *Changes) succeed(e *Entry, at Place, law Law) error {
	h, _, err := law.Heir(at.Head, e.From)
	if err != nil {
		return err
	}
	cut, _, err := law.Cut(at.Head, e.From)
	if err != nil {
		return err
	}
	c.add(e.Quota, e.Amount)
	from := Feed{Incarnation: e.From, Community: at.Feed.Community}
	c.Taken = append(c.Taken, Taking{ID: succeedID(at.Feed.Community, e.From, e.Quota, h), Amount: Amount{e.Quota, e.Amount}, From: from})
	for _, tip := range cut.Tips {
		in := Inheritance{From: e.From, Tip: tip, Succession: true}
		if e.Quota.Kind == Turn {
			in.Turn = e.Quota.Subject
		}
		c.Inherit = append(c.Inherit, in)
	}
	return nil
}
