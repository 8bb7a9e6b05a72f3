package sync

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// changesFrame makes the next CHANGES frame of what is owed, or nil: governance
// first, and other documents only when their space's first round is over.
func (s *Session) changesFrame() ([]byte, error) {
	for _, q := range []struct {
		q  *queue
		sp *space
	}{{&s.gov, s.spaces[govSpace]}, {&s.rest, s.spaces[docSpace]}} {
		for q.sp.ready && q.q.len() > 0 && s.flying < window {
			f, err := s.batchFrame(q.q)
			if f != nil || err != nil {
				return f, err
			}
		}
		if q.q.len() > 0 {
			return nil, nil
		}
	}
	return nil, nil
}

// batchFrame makes one frame of the queue's first document, or nil when
// nothing of it is owed; the document leaves the queue with its last batch.
func (s *Session) batchFrame(q *queue) ([]byte, error) {
	doc := q.front()
	if !s.cfg.Policy.MayRead(s.cfg.Peer, doc) {
		q.pop()
		return nil, nil
	}
	d := s.doc(doc)
	b, err := s.packed(doc, d)
	if err != nil {
		return nil, err
	}
	if !b.more {
		q.pop()
	}
	if b.n == 0 {
		if b.unsendable {
			s.count(func(st *Stats) { st.Unsendable++ })
		}
		return nil, nil
	}
	frame := append(s.appendRef([]byte{typeChanges}, doc), b.packed...)
	d.told, d.knows = b.after, true
	s.flights = append(s.flights, flight{doc, b.after, len(frame)})
	s.flying += len(frame)
	s.count(func(st *Stats) { st.ChangesSent += b.n })
	return frame, nil
}

// packed makes the next batch of a document for the peer, or takes the one that
// was made for another peer who has as much.
func (s *Session) packed(doc store.DocID, d *docState) (packedBatch, error) {
	tips, err := s.cfg.Source.Vector(s.ctx, doc)
	if err != nil {
		return packedBatch{}, &StoreError{err}
	}
	all, shares := s.cfg.Source.(sharing)
	shares = shares && len(d.sent) == 0
	if shares {
		if b, ok := all.shared().find(doc, d.told, tips); ok {
			return b, nil
		}
	}
	b, err := gather(s.ctx, s.cfg.Source, doc, tips, d.told, d.sent)
	if err != nil {
		return packedBatch{}, &StoreError{err}
	}
	d.sent = b.sent
	out := packedBatch{told: d.told, held: tips, packing: packing{uint64(len(b.items)), b.after, b.more, b.unsendable}}
	if out.n > 0 {
		if out.packed, err = appendPacked(nil, b.payload()); err != nil {
			return packedBatch{}, err
		}
	}
	if shares && len(b.sent) == 0 {
		all.shared().put(doc, out)
	}
	return out, nil
}

// batch is one frame's changes in an order in which they can be admitted.
type batch struct {
	items      []seal.Sealed
	after      vector // what the peer has then
	more       bool   // of this document, for the next frame
	unsendable bool
	sent       map[wire.Actor]wire.Hash
}

func (b batch) payload() []byte {
	var p []byte
	for _, it := range b.items {
		p = appendSealed(p, it)
	}
	return p
}

// cursor walks one actor's missing changes. page is read from the store in
// pieces; forked means that the peer holds another change where it begins.
type cursor struct {
	actor wire.Actor
	next  uint64 // first seq to read
	last  uint64
	page  []store.Stored
	start uint64 // StartOp of page[0]
	all   tip    // of a forked author: its entry in our vector, when all is sent
}

// pageChanges is how many changes are read at once: 128 of the greatest
// (65 KiB) take 8 MiB.
const pageChanges = 2 * seal.MaxRun

// gather reads what of a document with these tips is missing in told, up to
// about batchBytes.
func gather(ctx context.Context, src Source, doc store.DocID, tips []store.Tip, told vector, sent map[wire.Actor]wire.Hash) (batch, error) {
	g := gatherer{ctx: ctx, src: src, doc: doc, told: told, sent: sent}
	for i, t := range vectorOf(tips) {
		if err := g.compare(t, tips[i].Forked); err != nil {
			return batch{}, err
		}
	}
	if err := g.collect(); err != nil {
		return batch{}, err
	}
	return g.batch(len(tips) == 1 && isFeed(doc) && !g.forked), nil
}

type gatherer struct {
	ctx     context.Context
	src     Source
	doc     store.DocID
	told    vector
	cursors []*cursor
	items   []seal.Sealed
	tips    []tip                    // of items
	alls    []*tip                   // of items: the entry of a forked author, else nil
	ends    map[wire.Actor]wire.Hash // the last of each forked author's histories
	size    int
	full    bool
	forked  bool // histories are among the items
	sent    map[wire.Actor]wire.Hash
}

// compare makes a cursor for what is missing of one actor. Where the peer's
// last change is not ours, the actor has forked: ours goes out from there on,
// so that the peer can prove it.
func (g *gatherer) compare(mine tip, forked bool) error {
	theirs, _ := g.told.get(mine.actor)
	switch {
	case theirs == mine:
		return nil
	case forked:
		return g.histories(mine)
	case theirs.seq > mine.seq:
		return nil
	}
	c := &cursor{actor: mine.actor, next: theirs.seq, last: mine.seq}
	if theirs.seq == 0 {
		c.next = 1
	}
	if err := g.fill(c); err != nil {
		return err
	}
	if theirs.seq > 0 && len(c.page) > 0 && c.page[0].Seq == theirs.seq {
		if !sameMark(theirs.mark, c.page[0].Hash) {
			return g.histories(mine)
		}
		if err := g.advance(c); err != nil {
			return err
		}
	}
	if len(c.page) > 0 {
		g.cursors = append(g.cursors, c)
	}
	return nil
}

// histories makes a cursor for all that is held of an author whose histories
// may differ from the peer's. Where they part is not known, so they go out from
// the beginning of the document; forks are rare, and what is known costs little.
func (g *gatherer) histories(mine tip) error {
	list, err := g.src.Histories(g.ctx, g.doc, mine.actor, 1)
	if err != nil {
		return err
	}
	g.forked = true
	if len(list) > 0 {
		if g.ends == nil {
			g.ends = map[wire.Actor]wire.Hash{}
		}
		g.ends[mine.actor] = list[len(list)-1].Hash
	}
	if last, ok := g.sent[mine.actor]; ok {
		for i := range list {
			if list[i].Hash == last {
				list = list[i+1:]
				break
			}
		}
	}
	c := &cursor{actor: mine.actor, next: 1, last: 0, page: list, all: mine}
	if len(list) > 0 {
		g.cursors = append(g.cursors, c)
	}
	return c.look()
}

func (g *gatherer) fill(c *cursor) (err error) {
	if c.next > c.last {
		c.page = nil
		return nil
	}
	c.page, err = g.src.After(g.ctx, g.doc, c.actor, c.next-1, pageChanges)
	if err != nil || len(c.page) == 0 {
		return err
	}
	c.next = c.page[len(c.page)-1].Seq + 1
	return c.look()
}

// whole is the entry of a forked author, nil for others.
func (c *cursor) whole() *tip {
	if c.all == (tip{}) {
		return nil
	}
	return &c.all
}

func (c *cursor) look() error {
	if len(c.page) == 0 {
		return nil
	}
	h, err := wire.Peek(c.page[0].Chunk)
	c.start = h.StartOp
	return err
}

func (g *gatherer) advance(c *cursor) error {
	c.page = c.page[1:]
	if len(c.page) == 0 {
		return g.fill(c)
	}
	return c.look()
}

// collect takes changes in ascending StartOp, which is an order of
// dependencies, until the batch is full.
func (g *gatherer) collect() error {
	for len(g.cursors) > 0 {
		at := 0
		for i, c := range g.cursors {
			if c.start < g.cursors[at].start {
				at = i
			}
		}
		c := g.cursors[at]
		it := c.page[0]
		n := len(it.Chunk) + len(seal.Seal{}) + 4
		if len(g.items) >= maxBatch || g.size+n > maxPayload || g.size >= batchBytes && g.sealedLast() {
			g.full = true
			return nil
		}
		g.items = append(g.items, it.Sealed)
		g.tips = append(g.tips, tip{c.actor, it.Seq, [markSize]byte(it.Hash[:])})
		g.alls = append(g.alls, c.whole())
		g.size += n
		if err := g.advance(c); err != nil {
			return err
		}
		if len(c.page) == 0 {
			g.cursors = append(g.cursors[:at], g.cursors[at+1:]...)
		}
	}
	return nil
}

func (g *gatherer) sealedLast() bool {
	return len(g.items) > 0 && g.items[len(g.items)-1].Seal != nil
}

// batch cuts behind the last seal and drops the seals that later ones cover.
func (g *gatherer) batch(feed bool) batch {
	n := len(g.items)
	for n > 0 && g.items[n-1].Seal == nil {
		n--
	}
	b := batch{items: g.items[:n], after: g.told, more: g.full && n > 0, unsendable: n == 0 && len(g.items) > 0}
	for i, t := range g.tips[:n] {
		if all := g.alls[i]; all != nil {
			g.mark(&b, i, *all)
			continue
		}
		b.after = b.after.put(t)
	}
	if feed {
		thin(b.items)
	}
	return b
}

// mark notes how far an author's histories have gone out. Only when all of them
// have does the peer hold what our vector says.
func (g *gatherer) mark(b *batch, i int, all tip) {
	h, err := wire.Peek(g.items[i].Chunk)
	if err != nil {
		return
	}
	if h.Hash == g.ends[all.actor] {
		b.after = b.after.put(all)
		delete(b.sent, all.actor)
		return
	}
	if b.sent == nil {
		b.sent = map[wire.Actor]wire.Hash{}
	}
	b.sent[all.actor] = h.Hash
}

// put returns v with t in it, even where that changes a mark.
func (v vector) put(t tip) vector {
	if i, ok := v.find(t.actor); ok {
		w := append(vector(nil), v...)
		w[i] = t
		return w
	}
	return v.with(t)
}

// thin drops a seal when the next one is at most 64 changes and runBytes
// behind the last one kept. The last stays, and so do those that others quote.
func thin(items []seal.Sealed) {
	kept, size, at := -1, 0, -1 // at: the last seal seen since kept
	for i := range items {
		size += len(items[i].Chunk)
		if items[i].Seal == nil {
			continue
		}
		if at >= 0 {
			if i-kept > seal.MaxRun || size > runBytes {
				kept, size = at, runSize(items, at+1, i)
			} else if !seal.Quoted(items[at].Chunk) {
				items[at].Seal = nil
			}
		}
		at = i
	}
}

func runSize(items []seal.Sealed, from, to int) (n int) {
	for _, it := range items[from : to+1] {
		n += len(it.Chunk)
	}
	return n
}

// onChanges admits a batch and notes the answer to it.
func (s *Session) onChanges(r *reader) error {
	doc := s.readRef(r)
	payload := r.unpack()
	if err := r.end(); err != nil {
		return err
	}
	items, err := readBatch(payload)
	if err != nil {
		return err
	}
	d := s.doc(doc)
	d.knows = true
	for _, it := range items {
		h, err := wire.Peek(it.Chunk)
		if err != nil {
			return malformed("change: %v", err)
		}
		t := tip{h.Actor, h.Seq, [markSize]byte(h.Hash[:])}
		d.told, d.sure = d.told.with(t), d.sure.with(t)
	}
	res, err := s.cfg.Policy.Admit(s.ctx, seal.DeviceText(s.cfg.Peer), doc, items)
	switch {
	case errors.Is(err, admit.ErrTooMuch):
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	case errors.Is(err, admit.ErrDocument):
		// A kind of document that only a newer program knows: not ours to keep,
		// and no reason to part.
		s.count(func(st *Stats) { st.Ignored += uint64(len(items)) })
		return s.wasted(s.answerTips(doc))
	case err != nil:
		return &StoreError{err}
	}
	return s.admitted(doc, len(items), res)
}

func (s *Session) admitted(doc store.DocID, n int, res admit.Result) error {
	var refused uint64
	s.count(func(st *Stats) {
		st.ChangesReceived += uint64(n)
		st.Admitted += uint64(res.Admitted)
		st.Known += uint64(res.Known)
		st.Waiting += uint64(res.Waiting)
		st.Refused += uint64(res.Refused)
		st.Forked += uint64(res.Forked)
		refused = st.Refused + st.ItemsRefused
	})
	if refused > maxRefused {
		return fmt.Errorf("%w: %d", ErrRefused, refused)
	}
	if res.Admitted > 0 && isGov(doc) {
		s.rightsMoved()
	}
	if res.Waiting+res.Refused+res.Forked == 0 {
		s.acks++
	} else if err := s.answerTips(doc); err != nil {
		return err
	}
	if res.Admitted+res.Released == 0 {
		return s.wasted(nil)
	}
	s.fruits++
	return nil
}

// admittedSince returns how many batches brought something since the last
// call.
func (s *Session) admittedSince() (n int) {
	n, s.fruits = s.fruits, 0
	return n
}

// answerTips tells the peer how far this side really is.
func (s *Session) answerTips(doc store.DocID) error {
	mine, err := s.cfg.Source.Vector(s.ctx, doc)
	if err != nil {
		return &StoreError{err}
	}
	s.unsettled[doc] = struct{}{}
	if f := s.ackFrame(); f != nil {
		s.say(f)
	}
	s.say(appendVector([]byte{typeTips}, vectorOf(mine)))
	return nil
}

func (s *Session) ackFrame() []byte {
	if s.acks == 0 {
		return nil
	}
	f := binary.AppendUvarint([]byte{typeAck}, s.acks)
	s.acks = 0
	return f
}

func (s *Session) onAck(r *reader) error {
	n := r.uvarint("acks")
	if err := r.end(); err != nil {
		return err
	}
	if n == 0 || n > uint64(len(s.flights)) {
		return fmt.Errorf("%w: ACK of %d", ErrOrder, n)
	}
	for _, f := range s.flights[:n] {
		d := s.doc(f.doc)
		d.sure = d.sure.merge(f.after)
		s.flying -= f.size
	}
	s.flights = s.flights[n:]
	return nil
}

func (s *Session) onTips(r *reader) error {
	v := r.vector()
	if err := r.end(); err != nil {
		return err
	}
	if len(s.flights) == 0 {
		return fmt.Errorf("%w: TIPS", ErrOrder)
	}
	f := s.flights[0]
	s.flights = s.flights[1:]
	s.flying -= f.size
	s.doc(f.doc).sure = v
	s.unsettled[f.doc] = struct{}{}
	return s.wasted(nil)
}
