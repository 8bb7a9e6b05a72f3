package ledger

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
	case e.Why == WhyRecall:
		if err := v.recall(e); err != nil {
			return err
		}
	case e.Why == WhyFine:
		if err := v.fine(e); err != nil {
			return err
		}
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

func turnDeed(turn Subject) Deed { return Deed{Key: turn} }

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

func (v *verdict) fresh(d Deed) error {
	for _, o := range v.used {
		if o == d {
			return invalid("deed used twice")
		}
	}
	v.used = append(v.used, d)
	return v.unused(d)
}

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

func (v *verdict) tally(e *Entry) error {
	if v.me.Role < Staff {
		return invalid("the role does not allow it")
	}
	if e.Why == WhyBack {
		return v.undo(e, Tally)
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

// arrive takes what a BURN in another community sent to this feed. It is judged by
// that community's charter: its author may write there under the head that it
// names, and does not lie beyond a CLOSE that is known here.
func (v *verdict) arrive(e *Entry) error {
	o, m, err := v.foreign(e)
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

// foreign opens what an entry embeds of another community.
func (v *verdict) foreign(e *Entry) (*Opened, *Entry, error) {
	o, err := v.opened(e)
	if err != nil {
		return nil, nil, err
	}
	if o.Feed.Community == v.at.Feed.Community {
		return nil, nil, invalid("nobody moves within a community")
	}
	law, upto, err := v.env.Abroad(v.at.Head, o.Feed.Community)
	if err != nil {
		return nil, nil, err
	}
	m, err := law.Member(o.Head, o.Feed.Incarnation)
	if err != nil {
		return nil, nil, err
	}
	if m.Role < Staff {
		return nil, nil, invalid("its author may not send anybody here")
	}
	if upto.Less(o.Head) {
		upto = o.Head
	}
	if c, closed, err := law.Cut(upto, o.Feed.Incarnation); err != nil || closed && !c.Covers(o.tip()) {
		return nil, nil, either(err, "beyond a CLOSE of the other community")
	}
	return o, &o.Tx.Entries[e.Index], nil
}

func (v *verdict) spent(k Kind, s Subject) (n int64) {
	for i := range v.t.Entries {
		if e := &v.t.Entries[i]; e.Type == Consume && e.Quota.Kind == k && e.Quota.Subject == s {
			n += e.Amount
		}
	}
	return n
}
