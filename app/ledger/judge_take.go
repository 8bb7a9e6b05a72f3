package ledger

import "jishan/crdt/wire"

// opened opens what an entry embeds, once per transaction.
func (v *verdict) opened(e *Entry) (*Opened, error) {
	i := e.Evidence - 1
	if v.open[i] == nil {
		o, err := v.t.open(v.env, int(i))
		if err != nil {
			return nil, err
		}
		v.open[i] = o
	}
	if int(e.Index) >= len(v.open[i].Tx.Entries) {
		return nil, invalid("no such entry")
	}
	return v.open[i], nil
}

func (v *verdict) evidence(e *Entry) (*Opened, *Entry, error) {
	o, err := v.opened(e)
	if err != nil {
		return nil, nil, err
	}
	if o.Feed.Community != v.at.Feed.Community {
		return nil, nil, invalid("of another community")
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

func (v *verdict) receiveTurn(turn Subject, feed wire.Actor, at Tip) error {
	if v.me.Role < Staff {
		return invalid("a till takes no turn")
	}
	_, err := v.env.Chain(turn, feed, at)
	return err
}

// maxChain bounds a chain of successions.
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
