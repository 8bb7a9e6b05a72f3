package admit

import (
	"errors"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A fork never stops admission: both histories are held. The proof stops the
// author, and those who would pay it. In a records document both stand in the
// document, each change by what it depends on; a feed has one first history and
// branches beside it.

// fork is for a change whose place in its author's history is taken by another
// one: ours and this one's differ at seq. It makes the proof of it and, in a feed,
// holds the change as part of a branch.
func (d *desk) fork(p *piece, seq uint64) (Verdict, error) {
	if p.cert == nil {
		return waits(reasonCertificate), nil
	}
	ours, sealed, err := d.ourBranch(*p.cert, seq)
	if err != nil {
		return Verdict{}, err
	}
	if !sealed { // what was ended gets no seal any more
		if ended, err := d.tx.Ended(d.doc); err != nil || !ended {
			return waits(reasonFork), err
		}
	} else if err := d.prove(p, seq, ours); err != nil {
		return Verdict{}, err
	}
	if d.shape != store.Feed {
		return Verdict{}, nil
	}
	return d.branch(p)
}

// besides tells whether a change is held beside its author's first history.
func (d *desk) besides(p *piece) (bool, error) {
	if d.shape != store.Feed {
		return d.tx.Holds(d.doc, p.head.Hash)
	}
	return d.tx.InBranch(d.doc, p.head.Actor, p.head.Seq, p.head.Hash)
}

func (d *desk) prove(p *piece, seq uint64, ours seal.Branch) error {
	theirs := seal.Branch{Hash: p.head.Hash, Seal: *p.run[len(p.run)-1].Seal}
	rest := p.run[p.inRun+1:]
	if seq < p.head.Seq { // p itself says that another change came before it
		theirs.Hash, rest = p.head.Deps[0], p.run[p.inRun:]
	}
	for _, q := range rest {
		theirs.Chain = append(theirs.Chain, q.Chunk)
	}
	proof, err := seal.NewForkProof(*p.cert, string(d.doc), seq, ours, theirs)
	if err != nil {
		return err
	}
	if blob := proof.Encode(); len(blob) <= seal.MaxForkProof {
		_, err = d.tx.SetAdd(store.SetFork, store.Item{ID: proof.ID(), Blob: blob})
	}
	return err
}

// branch judges a change of a feed beside the first history and holds it. It is
// judged like any other, by what lies before it in its own branch.
func (d *desk) branch(p *piece) (Verdict, error) {
	known, err := d.tx.InBranch(d.doc, p.head.Actor, p.head.Seq, p.head.Hash)
	if err != nil || known {
		return Verdict{Status: Known}, err
	}
	if p.cert == nil {
		return waits(reasonCertificate), nil
	}
	if v, err := d.byItsPast(p); err != nil || v.Status != 0 {
		return v, err
	}
	return d.keepBranch(p)
}

// byItsPast judges a change of a feed by what lies before it in its own history;
// no verdict means that it is valid there.
func (d *desk) byItsPast(p *piece) (Verdict, error) {
	c, v, err := d.authority(p)
	if err != nil || v.Status != 0 {
		return v, err
	}
	prev, found, err := d.previous(p)
	if err != nil {
		return Verdict{}, err
	}
	if !found {
		return waits(reasonGap), nil
	}
	if prev != nil && (c.Term < prev.Term || c.Term == prev.Term && c.Seq < prev.Seq) {
		return refused(reasonBackwards), nil
	}
	ch, h, err := wire.Decode(p.Chunk)
	if err != nil {
		return refused(reasonOf(err, codeDamaged)), nil
	}
	if !feedEntry(ch) {
		return refused(reasonFeedShape), nil
	}
	if err := d.rules.Form(d.tx, d.doc, p.cert.Device, ch); err != nil {
		return verdict(err, codeForm)
	}
	if err := d.rules.Subject(d.tx, d.doc, ch, h, c); err != nil {
		return verdict(err, codeSubject)
	}
	return Verdict{}, nil
}

// previous is the context of the change before one in a branch: nil for the
// first of a part.
func (d *desk) previous(p *piece) (c *seal.Context, found bool, err error) {
	if p.head.Seq == 1 {
		return nil, len(p.head.Deps) == 0, nil
	}
	if len(p.head.Deps) != 1 {
		return nil, false, nil
	}
	before, found, err := store.At(d.tx, d.doc, p.head.Actor, p.head.Seq-1)
	if err != nil {
		return nil, false, err
	}
	if !found || before.Hash != p.head.Deps[0] {
		before, found, err = store.BranchChange(d.tx, p.head.Deps[0])
		if err != nil || !found || before.Doc != d.doc || before.Actor != p.head.Actor || before.Seq != p.head.Seq-1 {
			return nil, false, err
		}
	}
	h, err := wire.Peek(before.Chunk)
	if err != nil {
		return nil, false, err
	}
	x, err := seal.ParseContext(h.Message)
	return &x, true, err
}

func (d *desk) keepBranch(p *piece) (Verdict, error) {
	err := d.tx.Branch(store.Placed{Doc: d.doc, Actor: p.head.Actor, Stored: store.Stored{
		Seq: p.head.Seq, Hash: p.head.Hash, Sealed: p.Sealed,
	}})
	return Verdict{Status: Forked, Reason: reasonFork}, err
}

// ourBranch is the change that we hold at seq, with the seal that covers it. That may
// not have been admitted: of a run whose end waits, what comes before stands unsealed.
// It is not sealed where that end is not in the waiting room yet, as in the batch that
// brings it.
func (d *desk) ourBranch(c seal.Certificate, seq uint64) (b seal.Branch, sealed bool, err error) {
	a, prev := c.Actor(), wire.Hash{}
	for n := seq; ; n++ {
		have, found, err := store.At(d.tx, d.doc, a, n)
		if err != nil || !found && n == seq {
			return b, false, errors.Join(err, errNoRow(found))
		}
		if !found {
			return d.waitingEnd(c, b, n, prev)
		}
		if prev = have.Hash; n == seq {
			b.Hash = have.Hash
		} else {
			b.Chain = append(b.Chain, slices.Clone(have.Chunk))
		}
		if have.Seal != nil {
			b.Seal = *have.Seal
			return b, true, nil
		}
	}
}

// waitingEnd completes our branch by what waits to follow prev, from number n on.
func (d *desk) waitingEnd(c seal.Certificate, b seal.Branch, n uint64, prev wire.Hash) (seal.Branch, bool, error) {
	rows, err := d.tx.Waiting(d.doc)
	for _, w := range rows { // by author and number
		if w.Actor != c.Actor() || w.Seq != n {
			continue
		}
		h, err := wire.Peek(w.Chunk)
		if err != nil {
			return b, false, err
		}
		if len(h.Deps) != 1 || h.Deps[0] != prev {
			continue
		}
		b.Chain, n, prev = append(b.Chain, slices.Clone(w.Chunk)), n+1, w.Hash
		if w.Seal != nil {
			b.Seal = *w.Seal
			return b, seal.Verify(c, string(d.doc), w.Seq, w.Hash, b.Seal) == nil, nil
		}
	}
	return b, false, err
}

// byChain puts the pieces of an author who has forked into the order of its
// histories, so that a seal still covers those before it.
func byChain(list []*piece) []*piece {
	out := make([]*piece, 0, len(list))
	for i := 0; i < len(list); {
		j, twice := i+1, false
		for ; j < len(list) && list[j].head.Actor == list[i].head.Actor; j++ {
			twice = twice || list[j].head.Seq == list[j-1].head.Seq
		}
		if twice {
			out = append(out, chains(list[i:j])...)
		} else {
			out = append(out, list[i:j]...)
		}
		i = j
	}
	return out
}

// chains orders pieces by seq into runs of which each follows the one before.
func chains(list []*piece) (out []*piece) {
	rest := slices.Clone(list)
	for len(rest) > 0 {
		var left []*piece
		last := rest[0]
		out = append(out, last)
		for _, p := range rest[1:] {
			if follows(last, p) {
				out, last = append(out, p), p
				continue
			}
			left = append(left, p)
		}
		rest = left
	}
	return out
}
