package admit

import (
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// desk is where the changes of one document are judged, in one transaction.
type desk struct {
	tx    *store.Tx
	rules Rules
	doc   store.DocID
	shape store.Shape
	out   map[wire.Hash]Verdict
	order []*piece // as they were admitted

	// moved: something is held that was not, so what waits here may go on. Without
	// it a full room would be judged again for every change that joins it, while the
	// counter waits for the write lock.
	moved bool

	// The context that passed last, of which actor: the entries of a feed
	// name the same head for hundreds of changes.
	passed      seal.Context
	passedActor wire.Actor
	passedOK    bool
}

func newDesk(tx *store.Tx, r Rules, doc store.DocID, shape store.Shape) *desk {
	return &desk{tx: tx, rules: r, doc: doc, shape: shape, out: map[wire.Hash]Verdict{}}
}

// work judges sorted pieces. Each actor's changes are tried in their order;
// while one waits for another actor's, the others go on.
func (d *desk) work(pieces []*piece) error {
	queues := d.queues(pieces)
	for progress := true; progress; {
		progress = false
		for i, q := range queues {
			rest, err := d.queue(q)
			if err != nil {
				return err
			}
			progress = progress || len(rest) < len(q)
			queues[i] = rest
		}
	}
	for _, q := range queues {
		for i, p := range q {
			if i > 0 && !d.apart(q) {
				d.out[p.head.Hash] = Verdict{p.head.Hash, Waits, reasonBehind}
			}
			if err := d.keepWaiting(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// queues parts sorted pieces by actor; those with a bad seal or header go to
// the quarantine only.
func (d *desk) queues(pieces []*piece) (queues [][]*piece) {
	for i := 0; i < len(pieces); {
		j := i
		for j < len(pieces) && pieces[j].head.Actor == pieces[i].head.Actor {
			j++
		}
		queues = append(queues, pieces[i:j])
		i = j
	}
	return queues
}

// queue judges what can be judged of one author's changes.
func (d *desk) queue(q []*piece) (rest []*piece, err error) {
	if !d.apart(q) {
		return d.advance(q)
	}
	for i := range q {
		left, err := d.advance(q[i : i+1])
		if err != nil {
			return nil, err
		}
		rest = append(rest, left...)
	}
	return rest, nil
}

// apart tells whether a queue may hold two histories, of which one need not wait
// for the other. Those of a feed were put into runs.
func (d *desk) apart(q []*piece) bool {
	if d.shape == store.Feed || len(q) < 2 {
		return false
	}
	for i, p := range q[1:] {
		if p.head.Seq == q[i].head.Seq {
			return true
		}
	}
	return d.tx.Forked(q[0].head.Actor)
}

// advance judges from the front of a queue until something waits.
func (d *desk) advance(q []*piece) ([]*piece, error) {
	for len(q) > 0 {
		v, err := d.judge(q[0])
		if err != nil {
			return q, err
		}
		v.Hash = q[0].head.Hash
		d.out[v.Hash] = v
		if v.Status == Waits {
			return q, nil
		}
		if err := d.settle(q[0], v); err != nil {
			return q, err
		}
		q = q[1:]
	}
	return q, nil
}

// settle writes down what became of a piece.
func (d *desk) settle(p *piece, v Verdict) error {
	h := &p.head
	d.moved = d.moved || v.Status == Admitted || v.Status == Forked
	switch v.Status {
	case Admitted:
		d.order = append(d.order, p)
	case Refused:
		err := d.tx.Quarantine(store.Refusal{
			Doc: d.doc, Actor: h.Actor, Seq: h.Seq, Hash: h.Hash, From: p.from, Final: p.bad == "", Reason: v.Reason,
		})
		if err != nil {
			return err
		}
	}
	return d.tx.Unwait(d.doc, h.Actor, h.Seq, h.Hash)
}

func (d *desk) keepWaiting(p *piece) error {
	h := &p.head
	return d.tx.Wait(store.Waiting{
		Doc: d.doc, Actor: h.Actor, Seq: h.Seq, Hash: h.Hash, From: p.from,
		Reason: d.out[h.Hash].Reason, Sealed: p.Sealed,
	})
}

// release judges what waits for this document again and returns what was
// admitted.
func (d *desk) release() ([]*piece, error) {
	rows, err := d.tx.Waiting(d.doc)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	pieces := make([]*piece, len(rows))
	for i, w := range rows {
		pieces[i] = parse(w.From, []seal.Sealed{w.Sealed})[0]
	}
	pieces = distinct(pieces, d.shape)
	certs := map[wire.Actor]*seal.Certificate{}
	for _, a := range authors(pieces) {
		if certs[a], err = store.Certificate(d.tx, a); err != nil {
			return nil, err
		}
	}
	prove(d.doc, d.shape, pieces, certs)
	before := len(d.order)
	if err := d.work(pieces); err != nil {
		return nil, err
	}
	return d.order[before:], nil
}

// result counts, in the order of the batch.
func (d *desk) result(all, released []*piece) Result {
	res := Result{Verdicts: make([]Verdict, len(all))}
	counted := map[wire.Hash]bool{}
	for i, p := range all {
		v := d.out[p.head.Hash]
		if counted[v.Hash] && v.Status == Admitted {
			v.Status = Known
		}
		counted[v.Hash] = true
		res.Verdicts[i] = v
		switch v.Status {
		case Admitted:
			res.Admitted++
		case Known:
			res.Known++
		case Waits:
			res.Waiting++
		case Refused:
			res.Refused++
		case Forked:
			res.Forked++
		}
	}
	for _, p := range released {
		if !counted[p.head.Hash] {
			res.Released++
		}
	}
	return res
}
