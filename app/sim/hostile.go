package sim

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// thief is a writer who has a device's key and keeps no rule: it makes
// incarnations at will and seals what it likes. What it was given first is
// given by honest devices.
type thief struct {
	w      *world
	device *device // whose key it has
	victim *device // whom it talks to
	rng    *rand.Rand
	inc    seal.Incarnation
	seq    uint64
	tip    wire.Hash
	person int
	loot   int64 // what it was given of the person's points
	head   ledger.Head
	gift   wire.Hash // the transaction that gave it
	period string    // of the points it was given, and of what it would like to make
	mate   *thief
}

// draft is a change before it is sealed, so that a trick can spoil any of it.
type draft struct {
	doc    store.DocID
	ch     wire.Change
	sealAs *seal.Incarnation
	seals  string // the document that the seal names; empty: doc
	noSeal bool
}

// trick is one hostile move. It returns the changes to bring, the last of
// which must never be admitted.
type trick struct {
	name  string
	role  govern.Role // of the device whose key is used
	loot  bool        // it needs points to begin with
	bring func(*thief) ([]*draft, error)
}

// attack tries one trick on one device, which must not fall for it.
func (w *world) attack(e Event, rng *rand.Rand) error {
	t := tricks[e.A%len(tricks)]
	v := w.at(e.B, func(d *device) bool { return staff(d) && !d.revoked })
	h := w.at(e.Who, func(d *device) bool { return d.role == t.role && d != v && d.n > 0 && !d.revoked })
	if h == nil || v == nil {
		return nil
	}
	th, err := w.newThief(h, v, rng)
	if err != nil {
		return err
	}
	if t.loot {
		if ok, err := th.rob(); err != nil || !ok {
			return err
		}
	}
	list, err := t.bring(th)
	if err != nil {
		return fail("trick", "%s: %v", t.name, err)
	}
	for i, d := range list {
		last := i == len(list)-1
		status, err := th.send(d)
		w.note("trick %q on %s, %d of %d: %s", t.name, v, i+1, len(list), status)
		if err != nil {
			return err
		}
		switch {
		case !last && status != "admitted":
			return fail("trick", "%s: what is in order was %s: %s", t.name, status, v.reasons())
		case last && status == "admitted":
			return fail("hostile", "%s fell for %q", v, t.name)
		}
	}
	w.stats.Hostile++
	w.stats.Refused++
	return v.endedBy(t.name)
}

// endedBy: whatever a thief brings, it ends its own feeds alone: no charter, and
// no feed that an honest device writes.
func (d *device) endedBy(trick string) error {
	list, err := d.store.Endings(d.w.ctx)
	if err != nil {
		return err
	}
	for _, x := range list {
		p, err := govern.ParsePath(x.Doc)
		if err != nil {
			return err
		}
		honest := slices.ContainsFunc(d.w.devices, func(o *device) bool {
			return !o.hostile && !o.revoked && !o.twin && strings.Contains(string(x.Doc), o.inc.Actor().String())
		})
		if p.Row.Doc != "feed" || honest {
			return fail("hostile", "%s: %q ended %s: %s", d, trick, x.Doc, x.Reason)
		}
	}
	return nil
}

// newThief makes an incarnation with the device's key, older than the device's
// own so that nobody takes it for the newest.
func (w *world) newThief(h, v *device, rng *rand.Rand) (*thief, error) {
	inc, err := seal.NewIncarnation(w.source, h.key.Private, 1)
	if err != nil {
		return nil, err
	}
	t := &thief{w: w, device: h, victim: v, rng: rng, inc: inc, period: w.period()}
	err = v.write(func(tx *store.Tx) error {
		_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: inc.ID(), Blob: inc.Certificate.Encode()})
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, v.view(func(q store.Querier) (err error) {
		t.head, err = law.Governance{Charter: v.charter}.Law(q).Head()
		return err
	})
}

// rob lets the victim send some points to the thief, in good faith. What the
// thief has, no person has any more.
func (t *thief) rob() (bool, error) {
	v := t.victim
	for i := range t.w.people {
		who := (i + t.rng.IntN(len(t.w.people))) % len(t.w.people)
		have := int64(0)
		err := v.view(func(q store.Querier) (err error) { have, err = v.ledger.Here(q, t.points(who)); return err })
		if err != nil {
			return false, err
		}
		if have < 2 {
			continue
		}
		n := 1 + t.rng.Int64N(min(have-1, 50))
		ref, err := v.append(func(tx *store.Tx) (store.Ref, error) {
			return v.ledger.Move(tx, t.points(who), n, t.inc.Actor())
		})
		if err != nil {
			return false, quiet(err)
		}
		t.person, t.loot, t.gift = who, n, ref.Hash
		t.w.truth[who].stolen[t.period] += n
		t.w.truth[who].points[t.period] -= n
		return true, nil
	}
	return false, nil
}

func (t *thief) points(who int) ledger.Quota {
	return ledger.Quota{Kind: ledger.Points, Subject: t.w.people[who], Period: t.period}
}

// evidence is the gift as a TAKE embeds it.
func (t *thief) evidence() (ev ledger.Evidence, err error) {
	var b []byte
	err = t.victim.view(func(q store.Querier) (err error) { b, err = t.victim.ledger.Voucher(q, t.gift); return err })
	if err != nil {
		return ev, err
	}
	v, err := ledger.DecodeEvidence(b)
	if err != nil {
		return ev, err
	}
	return *v, nil
}

// takes is the TAKE of the gift.
func (t *thief) takes() (*ledger.Tx, error) {
	ev, err := t.evidence()
	return &ledger.Tx{Entries: []ledger.Entry{t.take(t.loot)}, Evidence: []ledger.Evidence{ev}}, err
}

func (t *thief) take(n int64) ledger.Entry {
	return ledger.Entry{Type: ledger.Take, Quota: t.points(t.person), Amount: n, Evidence: 1}
}

func (t *thief) doc() store.DocID { return t.victim.ledger.Doc(t.inc.Actor(), 1) }

// draft puts a transaction into the next change of the thief's feed.
func (t *thief) draft(tx *ledger.Tx) (*draft, error) {
	value, err := tx.Encode(t.victim.ledger.Community())
	if err != nil {
		return nil, err
	}
	return t.raw(value), nil
}

func (t *thief) raw(value []byte) *draft {
	t.seq++
	d := &draft{doc: t.doc(), sealAs: &t.inc, ch: wire.Change{
		Actor: t.inc.Actor(), Seq: t.seq, StartOp: t.seq, Time: t.w.now,
		Message: seal.Context{Term: t.head.Term, Seq: t.head.Seq, Head: t.head.Hash, Operator: operator, Action: "ledger.take"}.String(),
		Ops:     []wire.Op{{Key: store.FeedKey(t.seq), Value: wire.BytesValue(value)}},
	}}
	if t.seq > 1 {
		d.ch.Deps = []wire.Hash{t.tip}
	}
	if _, h, err := d.ch.Encode(); err == nil {
		t.tip = h
	}
	return d
}

// one drafts a single transaction.
func one(make func(*thief) *ledger.Tx) func(*thief) ([]*draft, error) {
	return func(t *thief) ([]*draft, error) {
		d, err := t.draft(make(t))
		return []*draft{d}, err
	}
}

// afterTake drafts the TAKE of the gift and then what make makes.
func afterTake(make func(*thief) (*ledger.Tx, error)) func(*thief) ([]*draft, error) {
	return func(t *thief) ([]*draft, error) {
		tx, err := t.takes()
		if err != nil {
			return nil, err
		}
		first, err := t.draft(tx)
		if err != nil {
			return nil, err
		}
		if tx, err = make(t); err != nil {
			return nil, err
		}
		second, err := t.draft(tx)
		return []*draft{first, second}, err
	}
}

// spoilt drafts the TAKE of the gift and then something harmless that spoil
// makes wrong.
func spoilt(spoil func(*thief, *draft)) func(*thief) ([]*draft, error) {
	return func(t *thief) ([]*draft, error) {
		list, err := afterTake(func(t *thief) (*ledger.Tx, error) { return t.harmless(), nil })(t)
		if err == nil {
			spoil(t, list[1])
		}
		return list, err
	}
}

// harmless consumes a point, which is the thief's right.
func (t *thief) harmless() *ledger.Tx {
	return &ledger.Tx{Entries: []ledger.Entry{{Type: ledger.Consume, Quota: t.points(t.person), Amount: 1}}}
}

// send seals a draft and brings it, as a peer does.
func (t *thief) send(d *draft) (string, error) {
	chunk, h, err := d.ch.Encode()
	if err != nil {
		return "unspeakable", nil // not even the format can say it
	}
	doc := d.seals
	if doc == "" {
		doc = string(d.doc)
	}
	item := seal.Sealed{Chunk: chunk}
	if !d.noSeal {
		s := d.sealAs.Seal(doc, d.ch.Seq, h)
		item.Seal = &s
	}
	r, err := t.victim.Admit(t.w.ctx, govern.DeviceText(t.device.pub()), d.doc, []seal.Sealed{item})
	switch {
	case errors.Is(err, admit.ErrDocument):
		return "no document", nil
	case err != nil:
		return "", err
	case r.Admitted == 1:
		return "admitted", nil
	case r.Waiting == 1:
		return "waiting", nil
	case r.Forked == 1:
		return "forked", nil
	}
	return "refused", nil
}

// spent notes what the thief handed out of its loot by an admitted change. Where that
// lies beyond the cut of its feed it is loss, and its person's again.
func (t *thief) spent(n int64) {
	t.w.truth[t.person].stolen[t.period] -= n
	t.w.truth[t.person].handed += n
}

// stranger makes an incarnation of a device that nobody enrolled.
func (t *thief) stranger() (seal.Incarnation, error) {
	key := make([]byte, 32)
	_, _ = t.w.source.Read(key)
	return seal.NewIncarnation(t.w.source, privateOf(key), t.w.now)
}
