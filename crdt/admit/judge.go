package admit

import (
	"errors"
	"strings"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func refused(reason string) Verdict { return Verdict{Status: Refused, Reason: reason} }
func waits(reason string) Verdict   { return Verdict{Status: Waits, Reason: reason} }

// verdict turns what Rules returned at a step into one; err is set when the
// batch must be given up.
func verdict(err error, step string) (Verdict, error) {
	var w *waitError
	switch {
	case errors.As(err, &w):
		return waits(w.reason), nil
	case store.Internal(err):
		return Verdict{}, err
	}
	return refused(reasonOf(err, step)), nil
}

// judge takes one change through all steps. What passes is in the store when
// it returns.
func (d *desk) judge(p *piece) (Verdict, error) {
	if p.bad != "" {
		return refused(p.bad), nil
	}
	tip, err := d.tx.Tip(d.doc, p.head.Actor)
	if err != nil {
		return Verdict{}, err
	}
	if p.head.Seq <= tip.Seq || tip.Forked {
		if v, err := d.again(p, tip); err != nil || v.Status != 0 {
			return v, err
		}
	}
	return d.stand(p, tip)
}

// stand judges a change whose place is free.
func (d *desk) stand(p *piece, tip store.Named) (Verdict, error) {
	if p.cert == nil {
		return waits(reasonCertificate), nil
	}
	c, v, err := d.authority(p)
	if err != nil || v.Status != 0 {
		return v, err
	}
	if v, err := d.next(p, tip); err != nil || v.Status != 0 {
		return v, err
	}
	v, err = d.examine(p, tip, c)
	if err != nil || v.Status == Admitted || v.Status == Waits {
		return v, err
	}
	return v, d.end(p, tip, v)
}

// again is for a sequence number that is taken, or may be: the same change, or a
// fork. No verdict means that the change stands in its author's further history
// like any other in the first one.
func (d *desk) again(p *piece, tip store.Named) (Verdict, error) {
	known, err := d.besides(p)
	if err != nil || known {
		return Verdict{Status: Known}, err
	}
	if p.head.Seq > tip.Seq {
		return Verdict{}, nil
	}
	have, found, err := store.At(d.tx, d.doc, p.head.Actor, p.head.Seq)
	if err != nil || !found {
		return Verdict{}, errors.Join(err, errNoRow(found))
	}
	if have.Hash == p.head.Hash {
		return Verdict{Status: Known}, nil
	}
	return d.fork(p, p.head.Seq)
}

func errNoRow(found bool) error {
	if found {
		return nil
	}
	return store.ErrCorrupt
}

// authority: the context, whether its governance head is known, and whether
// the author's device may write here under it.
func (d *desk) authority(p *piece) (seal.Context, Verdict, error) {
	c, err := d.tx.Context(p.head.Message)
	if err != nil {
		return c, refused(reasonContext), nil
	}
	if d.passedOK && d.passedActor == p.head.Actor && d.passed == c {
		return c, Verdict{}, nil
	}
	known, err := d.rules.HeadKnown(d.tx, c)
	if err != nil {
		v, err := verdict(err, codeHead)
		return c, v, err
	}
	if !known {
		return c, waits(reasonHead), nil
	}
	if err := d.rules.Authority(d.tx, d.doc, p.cert.Device, c); err != nil {
		v, err := verdict(err, codeAuthority)
		return c, v, err
	}
	d.passed, d.passedActor, d.passedOK = c, p.head.Actor, true
	return c, Verdict{}, nil
}

// next: the change must be the next of its actor, its dependencies here.
func (d *desk) next(p *piece, tip store.Named) (Verdict, error) {
	ended, err := d.tx.Ended(d.doc)
	if err != nil {
		return Verdict{}, err
	}
	if ended {
		return refused(reasonEnded), nil
	}
	if d.shape == store.Feed {
		return d.nextInFeed(p, tip)
	}
	_, missing, err := d.tx.Past(d.doc, p.head.Deps)
	if err != nil {
		return Verdict{}, err
	}
	if len(missing) > 0 {
		return d.missing(p, missing)
	}
	return Verdict{}, nil // examine asks for the own previous change
}

func (d *desk) nextInFeed(p *piece, tip store.Named) (Verdict, error) {
	if tip.Seq == 0 {
		v, err := d.tx.Vector(d.doc)
		if err != nil {
			return Verdict{}, err
		}
		if len(v) > 0 {
			return refused(reasonWriter), nil
		}
	}
	if p.head.Seq > store.MaxPart {
		return refused(reasonPart), nil
	}
	if p.head.Seq > tip.Seq+1 {
		v, err := d.missing(p, p.head.Deps)
		if v.Status == Waits {
			v.Reason = reasonGap
		}
		return v, err
	}
	if tip.Seq > 0 && len(p.head.Deps) == 1 && p.head.Deps[0] != tip.Hash {
		return d.fork(p, tip.Seq)
	}
	return Verdict{}, nil
}

// missing says what it means that dependencies are not here: usually to wait,
// but nothing good will come on top of what was refused.
func (d *desk) missing(p *piece, hashes []wire.Hash) (Verdict, error) {
	for _, h := range hashes {
		author, found, err := d.tx.BranchAuthor(d.doc, h)
		if err != nil {
			return Verdict{}, err
		}
		if found && author == p.head.Actor {
			return d.branch(p)
		}
		if found {
			return waits(reasonBranch), nil
		}
		if _, found, err = d.tx.Quarantined(d.doc, h); err != nil {
			return Verdict{}, err
		} else if found {
			return refused(reasonRests), nil
		}
	}
	return waits(reasonDeps), nil
}

// examine is about the change itself, whose place is now certain: what fails
// here fails everywhere and for ever.
func (d *desk) examine(p *piece, tip store.Named, c seal.Context) (Verdict, error) {
	past, _, err := d.tx.Past(d.doc, p.head.Deps)
	if err != nil {
		return Verdict{}, err
	}
	last, v, err := d.last(p, tip, past)
	if err != nil || v.Status != 0 {
		return v, err
	}
	if c.Term < last.Term || c.Term == last.Term && c.Seq < last.Head {
		return refused(reasonBackwards), nil
	}
	if p.head.StartOp != past.Greatest+1 {
		return refused(reasonStart), nil
	}
	ch, h, err := wire.Decode(p.Chunk)
	if err != nil {
		return refused(reasonOf(err, codeDamaged)), nil
	}
	if v, err := d.operations(ch, past); err != nil || v.Status != 0 {
		return v, err
	}
	if err := d.rules.Form(d.tx, d.doc, p.cert.Device, ch); err != nil {
		return verdict(err, codeForm)
	}
	if err := d.rules.Subject(d.tx, d.doc, ch, h, c); err != nil {
		return verdict(err, codeSubject)
	}
	if room, err := d.tx.Room(d.doc, last); err != nil || !room {
		return waits(reasonFork), err
	}
	return Verdict{Status: Admitted}, d.tx.Admit(d.doc, ch, h, p.Sealed, false)
}

// last is the change of its author that this one follows. In records that is the
// one in its past, whichever of the author's histories it belongs to.
func (d *desk) last(p *piece, tip store.Named, past store.Past) (last store.Named, v Verdict, err error) {
	if d.shape == store.Feed {
		last = tip
		last.Seq, err = past.Seq(p.head.Actor)
	} else {
		var one bool
		if last, one, err = d.tx.Own(d.doc, p.head.Actor, past); err == nil && !one {
			return last, refused(reasonOwnPast), nil
		}
	}
	if err == nil && last.Seq != p.head.Seq-1 {
		v = refused(reasonOwnPast)
	}
	return last, v, err
}

// operations: one entry in a feed; in records every predecessor is an
// operation on the same key in the change's own past.
func (d *desk) operations(ch *wire.Change, past store.Past) (Verdict, error) {
	if d.shape == store.Feed {
		if !feedEntry(ch) {
			return refused(reasonFeedShape), nil
		}
		return Verdict{}, nil
	}
	for i := range ch.Ops {
		for _, id := range ch.Ops[i].Pred {
			v, err := d.predecessor(ch.Ops[i].Key, id, past)
			if err != nil || v.Status != 0 {
				return v, err
			}
		}
	}
	return Verdict{}, nil
}

func feedEntry(ch *wire.Change) bool {
	if len(ch.Ops) != 1 || ch.StartOp != ch.Seq {
		return false
	}
	op := &ch.Ops[0]
	return op.Key == store.FeedKey(ch.Seq) && !op.Delete && op.Value.Kind == wire.Bytes && len(op.Pred) == 0
}

func (d *desk) predecessor(key string, id wire.OpID, past store.Past) (Verdict, error) {
	op, found, err := d.tx.Operation(d.doc, key, id, past)
	switch {
	case err != nil:
		return Verdict{}, err
	case !found || op.Removal: // Automerge keeps no removals to point at
		return refused(reasonGhost), nil
	case op.Key != key:
		return refused(reasonOtherKey), nil
	case !op.Seen:
		return refused(reasonNotSeen), nil
	}
	return Verdict{}, nil
}

// end ends a feed at a change that is invalid for ever. A feed of which nothing
// is held and whose id does not name this author has no known writer yet: what
// anybody else puts there must not end it for the one who may write it.
func (d *desk) end(p *piece, tip store.Named, v Verdict) error {
	if d.shape != store.Feed || v.Status != Refused {
		return nil
	}
	if tip.Seq == 0 && !strings.Contains(string(d.doc), p.head.Actor.String()) {
		return nil
	}
	proof := make([]seal.Sealed, 0, len(p.run)-p.inRun)
	for _, q := range p.run[p.inRun:] {
		proof = append(proof, q.Sealed)
	}
	return d.tx.End(d.doc, p.head.Seq, p.head.Hash, v.Reason, seal.EncodeRun(proof))
}
