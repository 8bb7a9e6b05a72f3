package sim

import (
	"crypto/ed25519"

	"jishan/app/govern"
	"jishan/app/honour"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func privateOf(seed []byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed) }

// txOf is a transaction of the entries.
func txOf(es ...ledger.Entry) *ledger.Tx { return &ledger.Tx{Entries: es} }

func quotaOf(k ledger.Kind, s ledger.Subject, p string) ledger.Quota {
	return ledger.Quota{Kind: k, Subject: s, Period: p}
}

// issue, good, activity are what a thief would like to have more of.
func (t *thief) issue() ledger.Quota {
	return quotaOf(ledger.Issue, t.victim.ledger.Community(), t.period)
}
func (t *thief) good() ledger.Quota { return quotaOf(ledger.Stock, t.w.goods[0], "") }

// elsewhere is a feed of the victim, as a payee.
func (t *thief) elsewhere() (ledger.Feed, ledger.Tip) {
	f := t.victim.ledger.Self()
	var tip ledger.Tip
	_ = t.victim.view(func(q store.Querier) (err error) { tip, err = t.victim.ledger.Tip(q, f.Incarnation); return err })
	return f, tip
}

func (t *thief) moveOut(n int64) ledger.Entry {
	to, head := t.elsewhere()
	return ledger.Entry{Type: ledger.Move, Quota: t.points(t.person), Amount: n, To: to, Head: head}
}

// mintOf is a MINT of points with the CONSUME that pays it.
func (t *thief) mintOf(turn ledger.Subject, key byte, n int64) []ledger.Entry {
	return []ledger.Entry{
		{Type: ledger.Mint, Quota: t.points(0), Amount: n, Deed: ledger.Deed{Turn: turn, Key: ledger.Subject{1, key}}, Item: "A03", Version: 1},
		{Type: ledger.Consume, Quota: t.issue(), Amount: n},
	}
}

// number patches the one amount of an encoded transaction: the encoder refuses
// to write what is no amount.
func (t *thief) number(head ...byte) ([]*draft, error) {
	// {1: 1, 3: h'person', 4: "2026", 5: [{1: 5, 4: amount}]}
	p := t.w.people[t.person]
	value := append([]byte{0xa4, 0x01, 0x01, 0x03, 0x50}, p[:]...)
	value = append(append(value, 0x04, 0x64), t.period...)
	value = append(append(value, 0x05, 0x81, 0xa2, 0x01, byte(ledger.Consume), 0x04), head...)
	return []*draft{t.raw(value)}, nil
}

// tricks are the hostile moves. All have valid seals unless a seal is the
// trick.
var tricks = []trick{
	// rights that nobody gave
	{"move beyond rights", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) { return txOf(t.moveOut(t.loot + 1)), nil })},
	{"move of nothing", govern.Merchant, false, one(func(t *thief) *ledger.Tx { return txOf(t.moveOut(1)) })},
	{"consume beyond rights", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Consume, Quota: t.points(t.person), Amount: t.loot + 1}), nil
	})},
	{"consume twice in one transaction", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		e := ledger.Entry{Type: ledger.Consume, Quota: t.points(t.person), Amount: t.loot}
		return txOf(e, e), nil
	})},
	{"burn beyond rights", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Burn, Quota: t.points(t.person), Amount: t.loot + 1, Why: ledger.WhyCorrection}), nil
	})},
	{"consume another cohort's points", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Consume, Quota: quotaOf(ledger.Points, t.w.people[t.person], "2025"), Amount: 1}), nil
	})},
	{"consume another person's points", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Consume, Quota: t.points((t.person + 1) % len(t.w.people)), Amount: 1}), nil
	})},
	{"stock that is not here", govern.Merchant, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Consume, Quota: t.good(), Amount: 1})
	})},

	// the same thing twice
	{"take twice", govern.Station, true, afterTake((*thief).takes)},
	{"take twice in one transaction", govern.Station, true, func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		tx.Entries = append(tx.Entries, tx.Entries[0])
		d, err := t.draft(tx)
		return []*draft{d}, err
	}},
	{"undo twice", govern.Station, true, func(t *thief) ([]*draft, error) {
		list, err := afterTake(func(t *thief) (*ledger.Tx, error) { return t.harmless(), nil })(t)
		if err != nil {
			return nil, err
		}
		back := ledger.Entry{Type: ledger.Restore, Quota: t.points(t.person), Amount: 1, Ref: ledger.Ref{Hash: t.tip}}
		for range 2 {
			d, err := t.draft(txOf(back))
			if err != nil {
				return nil, err
			}
			list = append(list, d)
		}
		return list, nil
	}},
	{"undo more than was", govern.Station, true, func(t *thief) ([]*draft, error) {
		list, err := afterTake(func(t *thief) (*ledger.Tx, error) { return t.harmless(), nil })(t)
		if err != nil {
			return nil, err
		}
		d, err := t.draft(txOf(ledger.Entry{Type: ledger.Restore, Quota: t.points(t.person), Amount: 2, Ref: ledger.Ref{Hash: t.tip}}))
		if err == nil {
			t.spent(1)
		}
		return append(list, d), err
	}},
	{"undo of what another did", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Restore, Quota: t.points(t.person), Amount: t.loot, Ref: ledger.Ref{Hash: t.gift}}), nil
	})},

	// vouchers
	{"take more than was sent", govern.Station, true, func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		tx.Entries[0].Amount++
		d, err := t.draft(tx)
		return []*draft{d}, err
	}},
	{"take other points than were sent", govern.Station, true, func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		tx.Entries[0].Quota = t.points((t.person + 1) % len(t.w.people))
		d, err := t.draft(tx)
		return []*draft{d}, err
	}},
	{"take what was sent to another", govern.Station, true, func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		o, err := t.w.newThief(t.device, t.victim, t.rng)
		if err != nil {
			return nil, err
		}
		t.inc = o.inc
		d, err := t.draft(tx)
		return []*draft{d}, err
	}},
	{"take without the exposure for it", govern.Merchant, true, func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		d, err := t.draft(tx)
		return []*draft{d}, err
	}},
	{"evidence changed", govern.Station, true, func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		ch, _, err := wire.Decode(tx.Evidence[0].Chunk)
		if err != nil {
			return nil, err
		}
		ch.Time++
		chunk, h, err := ch.Encode()
		if err != nil {
			return nil, err
		}
		tx.Evidence[0].Chunk, tx.Evidence[0].Tail = chunk, nil
		tx.Evidence[0].Seal = t.inc.Seal(string(t.victim.ledger.Doc(ch.Actor, tx.Evidence[0].Part)), ch.Seq, h)
		d, err := t.draft(tx)
		return []*draft{d}, err
	}},
	{"evidence with a broken seal", govern.Station, true, func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		tx.Evidence[0].Seal[5] ^= 1
		d, err := t.draft(tx)
		return []*draft{d}, err
	}},
	{"a MOVE taken that a second feed took", govern.Station, true, func(t *thief) ([]*draft, error) {
		list, err := afterTake(func(t *thief) (*ledger.Tx, error) { return t.takes() })(t)
		if err == nil {
			list[1].ch.Ops[0].Key = store.FeedKey(1)
		}
		return list, err
	}},
	{"the payee's head is not in its past", govern.Station, true, func(t *thief) ([]*draft, error) {
		list, err := afterTake(func(t *thief) (*ledger.Tx, error) {
			return txOf(ledger.Entry{Type: ledger.Move, Quota: t.points(t.person), Amount: 1, To: t.other(), Head: ledger.Tip{Number: 7, Hash: wire.Hash{9}}}), nil
		})(t)
		if err != nil {
			return nil, err
		}
		return t.onward(list)
	}},

	// things out of nothing
	{"points without a budget", govern.Station, false, one(func(t *thief) *ledger.Tx { return txOf(t.mintOf(ledger.Subject{5}, 1, 9)[0]) })},
	{"points without a turn", govern.Station, false, one(func(t *thief) *ledger.Tx { return txOf(t.mintOf(ledger.Subject{5}, 1, 9)...) })},
	{"a turn by a station", govern.Station, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Mint, Quota: quotaOf(ledger.Turn, ledger.Subject{5}, ""), Amount: 1})
	})},
	{"a budget by a station", govern.Station, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Mint, Quota: t.issue(), Amount: 1000})
	})},
	{"exposure by a till", govern.Merchant, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Mint, Quota: quotaOf(ledger.Exposure, ledger.TillSubject(t.device.pub()), ""), Amount: 1000})
	})},
	{"a debt by a till", govern.Merchant, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Mint, Quota: quotaOf(ledger.Debt, t.w.people[0], t.period), Amount: 3, Why: ledger.WhyDeduction})
	})},
	{"lifetime points by a till", govern.Merchant, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Tally, Quota: t.points(0), Amount: 3, Why: ledger.WhyLifetime, Deed: ledger.Deed{Turn: ledger.Subject{5}, Key: ledger.Subject{6}}})
	})},
	{"lifetime points without a turn", govern.Station, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Tally, Quota: t.points(0), Amount: 3, Why: ledger.WhyLifetime, Deed: ledger.Deed{Turn: ledger.Subject{5}, Key: ledger.Subject{6}}})
	})},
	{"a benefit by a station", govern.Station, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Mint, Quota: t.meal(), Amount: 9})
	})},
	{"a benefit that is not here", govern.Merchant, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Consume, Quota: t.meal(), Amount: 1})
	})},
	{"places by a till", govern.Merchant, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Mint, Quota: quotaOf(ledger.Slot, ledger.Subject{5}, ""), Amount: 9})
	})},
	{"a place that is not there", govern.Station, false, one(func(t *thief) *ledger.Tx {
		return txOf(ledger.Entry{Type: ledger.Consume, Quota: quotaOf(ledger.Slot, ledger.Subject{5}, ""), Amount: 1, Order: t.w.people[0]})
	})},
	{"a debt paid with nothing", govern.Station, false, func(t *thief) ([]*draft, error) {
		debt := t.debt(t.period)
		paid := debt
		paid.Type, paid.Why = ledger.Burn, ledger.WhyCollect
		return t.drafts(txOf(debt), txOf(paid))
	}},
	{"points collected for no debt", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Burn, Quota: t.points(t.person), Amount: 1, Why: ledger.WhyCollect}), nil
	})},
	{"half of a purchase taken back", govern.Merchant, false, func(t *thief) ([]*draft, error) {
		made := ledger.Entry{Type: ledger.Mint, Quota: t.good(), Amount: 2}
		used := ledger.Entry{Type: ledger.Consume, Quota: t.good(), Amount: 1}
		list, err := t.drafts(txOf(made), txOf(used, used))
		if err != nil {
			return nil, err
		}
		d, err := t.draft(txOf(ledger.Entry{Type: ledger.Restore, Quota: t.good(), Amount: 1, Ref: ledger.Ref{Hash: t.tip}}))
		return append(list, d), err
	}},
	{"points under a turn of somebody else", govern.Station, false, func(t *thief) ([]*draft, error) { return t.withTurn(2) }},
	{"a turn used up", govern.Station, false, func(t *thief) ([]*draft, error) { return t.withTurn(3) }},
	{"points that a stranger sent", govern.Station, false, func(t *thief) ([]*draft, error) {
		inc, err := t.stranger()
		if err != nil {
			return nil, err
		}
		err = t.victim.write(func(tx *store.Tx) error {
			_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: inc.ID(), Blob: inc.Certificate.Encode()})
			return err
		})
		if err != nil {
			return nil, err
		}
		t.mate = &thief{w: t.w, device: t.device, victim: t.victim, rng: t.rng, inc: t.inc, head: t.head, period: t.period}
		t.inc = inc
		sent, err := t.draft(txOf(ledger.Entry{Type: ledger.Move, Quota: t.points(t.person), Amount: 1, To: ledger.Feed{Incarnation: t.mate.inc.Actor(), Community: t.victim.ledger.Community()}}))
		if err != nil {
			return nil, err
		}
		list, err := t.onward([]*draft{sent})
		if err != nil {
			return nil, err
		}
		return list[1:], nil
	}},
	{"a closed year's rights used", govern.Station, false, func(t *thief) ([]*draft, error) {
		return t.afterClose(func(e *ledger.Entry) { e.Type, e.Why = ledger.Consume, 0 })
	}},
	{"a closed year's rights sent away", govern.Station, false, func(t *thief) ([]*draft, error) {
		return t.afterClose(func(e *ledger.Entry) {
			e.Type, e.Why = ledger.Move, 0
			e.To, e.Head = t.elsewhere()
		})
	}},
	{"more made of a closed year", govern.Station, false, func(t *thief) ([]*draft, error) {
		return t.afterClose(func(*ledger.Entry) {})
	}},
	{"one deed twice", govern.Station, false, func(t *thief) ([]*draft, error) { return t.withTurn(1, 1) }},
	{"one deed twice in one transaction", govern.Station, false, func(t *thief) ([]*draft, error) { return t.withTurn(1) }},
	{"more points than were paid for", govern.Station, false, func(t *thief) ([]*draft, error) { return t.withTurn(0) }},

	// amounts
	{"a negative amount", govern.Station, false, func(t *thief) ([]*draft, error) { return t.number(0x24) }},
	{"no amount", govern.Station, false, func(t *thief) ([]*draft, error) { return t.number(0x00) }},
	{"a huge amount", govern.Station, false, func(t *thief) ([]*draft, error) { return t.number(0x1b, 0x00, 0x20, 0, 0, 0, 0, 0, 1) }},
	{"the greatest number", govern.Station, false, func(t *thief) ([]*draft, error) {
		return t.number(0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	}},
	{"a number in a longer spelling", govern.Station, false, func(t *thief) ([]*draft, error) { return t.number(0x18, 0x01) }},

	// rows of changes
	{"a wrong change before it", govern.Station, true, spoilt(func(_ *thief, d *draft) { d.ch.Deps[0][3] ^= 1 })},
	{"no change before it", govern.Station, true, spoilt(func(_ *thief, d *draft) { d.ch.Deps = nil })},
	{"a gap in the row", govern.Station, true, spoilt(func(_ *thief, d *draft) {
		d.ch.Seq, d.ch.StartOp, d.ch.Ops[0].Key = 3, 3, store.FeedKey(3)
	})},
	{"a counter that jumps", govern.Station, true, spoilt(func(_ *thief, d *draft) { d.ch.StartOp = 9 })},
	{"another key", govern.Station, true, spoilt(func(_ *thief, d *draft) { d.ch.Ops[0].Key = "tx/77" })},
	{"a deletion", govern.Station, true, spoilt(func(_ *thief, d *draft) { d.ch.Ops[0] = wire.Op{Key: d.ch.Ops[0].Key, Delete: true} })},
	{"two operations", govern.Station, true, spoilt(func(_ *thief, d *draft) {
		d.ch.Ops = append(d.ch.Ops, wire.Op{Key: "tx/8", Value: d.ch.Ops[0].Value})
	})},

	// seals and names
	{"no seal", govern.Station, true, spoilt(func(_ *thief, d *draft) { d.noSeal = true })},
	{"sealed for another document", govern.Station, true, spoilt(func(t *thief, d *draft) { d.seals = string(t.victim.ledger.Doc(t.inc.Actor(), 2)) })},
	{"sealed by another", govern.Station, true, spoilt(func(t *thief, d *draft) {
		if o, err := t.w.newThief(t.device, t.victim, t.rng); err == nil {
			d.sealAs = &o.inc
		}
	})},
	{"brought into another part", govern.Station, true, spoilt(func(t *thief, d *draft) { d.doc = t.victim.ledger.Doc(t.inc.Actor(), 2); d.seals = string(t.doc()) })},
	{"written into the victim's feed", govern.Station, true, spoilt(func(t *thief, d *draft) { d.doc = t.victim.ledger.Doc(t.victim.inc.Actor(), 1) })},
	{"in the victim's name", govern.Station, true, spoilt(func(t *thief, d *draft) {
		_, tip := t.elsewhere()
		d.doc, d.ch.Actor = t.victim.ledger.Doc(t.victim.inc.Actor(), 1), t.victim.inc.Actor()
		d.ch.Seq, d.ch.StartOp, d.ch.Ops[0].Key = tip.Number+1, tip.Number+1, store.FeedKey(tip.Number+1)
		d.ch.Deps = []wire.Hash{tip.Hash}
	})},
	{"of another community", govern.Station, true, spoilt(func(_ *thief, d *draft) {
		d.doc = "00000000000000000000000000" + d.doc[26:]
	})},
	{"into the charter", govern.Station, true, spoilt(func(t *thief, d *draft) { d.doc = t.victim.charter.Doc("gov/1") })},
	{"a charter of a later term", govern.Station, false, func(t *thief) ([]*draft, error) {
		value, err := govern.EncodeValue(govern.Policy{Settings: []govern.Setting{govern.ExposureSetting(1 << 40)}})
		d := t.raw(value)
		d.doc = t.victim.charter.Doc("gov/2")
		return []*draft{d}, err
	}},
	{"under a head that nobody knows", govern.Station, true, spoilt(func(t *thief, d *draft) { d.ch.Message = "1 1.900.AAAAAAAAAAAAAAAAAAAAAA 04hg ledger.redeem" })},
	{"without a head", govern.Station, true, spoilt(func(_ *thief, d *draft) { d.ch.Message = "hello" })},
	{"by a stranger", govern.Station, false, func(t *thief) ([]*draft, error) {
		inc, err := t.stranger()
		if err != nil {
			return nil, err
		}
		t.inc = inc
		err = t.victim.write(func(tx *store.Tx) error {
			_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: inc.ID(), Blob: inc.Certificate.Encode()})
			return err
		})
		if err != nil {
			return nil, err
		}
		d, err := t.draft(txOf(ledger.Entry{Type: ledger.Mint, Quota: t.good(), Amount: 1}))
		return []*draft{d}, err
	}},
	{"a MOVE to itself", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Move, Quota: t.points(t.person), Amount: 1, To: ledger.Feed{Incarnation: t.inc.Actor(), Community: t.victim.ledger.Community()}, Head: ledger.Tip{Number: 1, Hash: t.tip}}), nil
	})},
	{"expired although the year is open", govern.Station, true, afterTake(func(t *thief) (*ledger.Tx, error) {
		return txOf(ledger.Entry{Type: ledger.Burn, Quota: t.points(t.person), Amount: 1, Why: ledger.WhyExpiry}), nil
	})},
	{"a part that does not follow", govern.Station, false, func(t *thief) ([]*draft, error) {
		tx := txOf(ledger.Entry{Type: ledger.Mint, Quota: t.good(), Amount: 1})
		tx.Part = &ledger.Part{PrevSeq: ledger.PartSize, PrevHash: wire.Hash{1}, Number: ledger.PartSize}
		d, err := t.draft(tx)
		if err == nil {
			d.doc = t.victim.ledger.Doc(t.inc.Actor(), 2)
		}
		return []*draft{d}, err
	}},
}

// meal is somebody's benefit.
func (t *thief) meal() ledger.Quota {
	return quotaOf(ledger.Benefit, honour.Subject(t.w.people[0], "b1"), t.period)
}

// debt makes somebody owe points, which any station may say: whoever succeeds the
// thief's feed collects it.
func (t *thief) debt(period string) ledger.Entry {
	const n = 3
	t.w.truth[0].year[period] -= n
	t.w.truth[0].debt += n
	return ledger.Entry{Type: ledger.Mint, Quota: quotaOf(ledger.Debt, t.w.people[0], period), Amount: n, Why: ledger.WhyDeduction}
}

// drafts puts transactions into the next changes.
func (t *thief) drafts(list ...*ledger.Tx) (out []*draft, err error) {
	for _, tx := range list {
		d, err := t.draft(tx)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// afterClose makes a right of a year under a head before its close, and under
// the newest one what spoil makes of it; an empty change where the victim knows of no close.
func (t *thief) afterClose(spoil func(*ledger.Entry)) ([]*draft, error) {
	for period, before := range t.w.closed {
		if knows, err := t.victim.shut(period); err != nil || !knows {
			break // its head is from before the close
		}
		now := t.head
		e := t.debt(period)
		t.head = before
		list, err := t.drafts(txOf(e))
		if err != nil {
			return nil, err
		}
		spoil(&e)
		t.head = now
		d, err := t.draft(txOf(e))
		return append(list, d), err
	}
	return []*draft{t.raw(nil)}, nil
}

// other is a second incarnation of the same device.
func (t *thief) other() ledger.Feed {
	o, err := t.w.newThief(t.device, t.victim, t.rng)
	if err != nil {
		return ledger.Feed{}
	}
	t.mate = o
	return ledger.Feed{Incarnation: o.inc.Actor(), Community: t.victim.ledger.Community()}
}

// onward lets the mate take what the last draft moves to it.
func (t *thief) onward(list []*draft) ([]*draft, error) {
	last := list[len(list)-1]
	chunk, h, err := last.ch.Encode()
	if err != nil {
		return nil, err
	}
	ev := ledger.Evidence{Epoch: 1, Part: 1, Chunk: chunk, Seal: t.inc.Seal(string(last.doc), last.ch.Seq, h)}
	d, err := t.mate.draft(&ledger.Tx{Entries: []ledger.Entry{{Type: ledger.Take, Quota: t.points(t.person), Amount: 1, Evidence: 1}}, Evidence: []ledger.Evidence{ev}})
	return append(list, d), err
}

// withTurn lets the office give the thief a turn and a budget, and mints with
// it: for each key a transaction, of which the last is too much; with no second
// key, the wrong is in the only transaction.
func (t *thief) withTurn(keys ...byte) ([]*draft, error) {
	office := t.w.at(0, (*device).registrar)
	if office == nil || office != t.victim {
		return []*draft{t.raw(nil)}, nil // nobody to ask: an empty change, which nobody takes either
	}
	turn := subjectOf(t.rng.Uint64())
	budget := t.issue()
	ref, err := office.append(func(tx *store.Tx) (ref store.Ref, err error) {
		if err = office.ledger.EnsureTurn(tx, turn); err != nil {
			return ref, err
		}
		return office.ledger.SendTurn(tx, turn, ledger.Amount{Quota: budget, N: 100}, t.inc.Actor())
	})
	if quiet(err) == nil && err != nil {
		return []*draft{t.raw(nil)}, nil
	}
	if err != nil {
		return nil, err
	}
	t.gift = ref.Hash
	ev, err := t.evidence()
	if err != nil {
		return nil, err
	}
	take, err := t.draft(&ledger.Tx{Evidence: []ledger.Evidence{ev}, Entries: []ledger.Entry{
		{Type: ledger.Take, Quota: quotaOf(ledger.Turn, turn, ""), Amount: 1, Evidence: 1},
		{Type: ledger.Take, Quota: budget, Amount: 100, Evidence: 1, Index: 1}}})
	if err != nil {
		return nil, err
	}
	list := []*draft{take}
	add := func(es ...ledger.Entry) error {
		d, err := t.draft(txOf(es...))
		list = append(list, d)
		return err
	}
	switch {
	case len(keys) == 2:
		t.w.truth[0].earn(t.period, 3)
		t.w.truth[0].points[t.period] -= 3
		t.w.truth[0].stolen[t.period] += 3
		if err := add(t.mintOf(turn, keys[0], 3)...); err != nil {
			return nil, err
		}
		err = add(t.mintOf(turn, keys[1], 3)...)
	case keys[0] == 2:
		err = add(t.mintOf(ledger.Subject{5}, 1, 3)...)
	case keys[0] == 3:
		err = add(ledger.Entry{Type: ledger.Consume, Quota: quotaOf(ledger.Turn, turn, ""), Amount: 1})
	case keys[0] == 1:
		err = add(append(t.mintOf(turn, 1, 3), t.mintOf(turn, 1, 3)...)...)
	default:
		es := t.mintOf(turn, 1, 3)
		es[1].Amount--
		err = add(es...)
	}
	return list, err
}
