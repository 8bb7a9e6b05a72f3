package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"jishan/app/govern"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p"
)

// A revoked device is let in nowhere. But what it sold before it heard is with the
// people, and nobody knows of it (docs/quotas.md, rule 8: claims, never masked); and what it
// recorded may have been honest work. So it may hand over, at staff devices, through a
// door of its own, what it wrote itself and nothing else: its ledger feeds, and the changes in
// records documents that the other one is not known to hold. It gets nothing for it but how
// far they are known there. Of two machines with its key each hands over its own: where what
// is known there is the other machine's history, its own goes from the beginning. All of it
// goes through admission like any other change; feeds count as beyond their cuts, records
// are masked until the office says otherwise.

const (
	// lateProtocol carries one hand-over: which feeds there are, how far each is
	// known, what is missing, how far each is known then.
	lateProtocol = "/jishan/late/3"
	lateVersion  = 3
	// maxLateDocs bounds the documents of one hand-over: of feed parts 4,096 changes each.
	maxLateDocs = 64
	// maxLateMasked bounds what of one device's records is kept without counting: a year
	// of a busy station. What is beyond stays there.
	maxLateMasked = 20_000
	// maxLateHello bounds the first part and the answers: ids, certificates, numbers.
	maxLateHello = 64 << 10
	// lateAtOnce is how many changes of a part go in one hand-over; the next one
	// follows at once.
	lateAtOnce = 8 * seal.MaxRun
)

// lateOffer is what a revoked device has.
type lateOffer struct {
	_       struct{} `cbor:",toarray"`
	Version uint
	Docs    []string
	Tips    [][]byte // hashes of the last changes that it wrote in them
	Certs   [][]byte // of the incarnations that wrote them
	Word    []byte   // its word that it has stopped (stopword.go), to be passed on
}

// lateKnown is how far each of these documents is known.
type lateKnown struct {
	_       struct{} `cbor:",toarray"`
	Version uint
	Docs    []lateTip
}

// lateTip is what is known of one author in one document.
type lateTip struct {
	_    struct{} `cbor:",toarray"`
	Held bool     // the tip that was offered, and with it all before it
	Seq  uint64   // of the last change in the first history that is held
	Hash []byte
}

type lateRuns struct {
	_       struct{} `cbor:",toarray"`
	Version uint
	Runs    []latePiece
	Keys    []lateKey // of the people whom the runs are about
}

type latePiece struct {
	_   struct{} `cbor:",toarray"`
	Doc int      // place in the offer
	Run []byte
}

// handover is what a revoked device still has to hand over, and to whom.
type handover struct {
	Left int64    `json:"left"` // what it wrote and no staff device is known to hold
	To   []string `json:"to"`   // staff devices, the main one first
}

// lateDoc is a document in which this device wrote, the incarnation that did, how far it
// got, and how much of that came after what the other one is known to hold.
type lateDoc struct {
	doc  store.DocID
	tip  store.Tip
	left int64
}

// ownWork lists the parts of this device's own ledger feeds, oldest first, and the records
// documents in which it wrote after its change numbered upto.
func (c *community) ownWork(q store.Querier, upto int64) (out []lateDoc, err error) {
	certs, err := govern.Incarnations(q, c.node.device.Load().Public())
	if err != nil {
		return nil, err
	}
	list, err := store.Docs(q)
	if err != nil {
		return nil, err
	}
	for _, cert := range certs {
		a := cert.Actor()
		left, err := store.CountsAfterBy(q, upto, a)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			p, err := govern.ParsePath(x.ID)
			if err != nil || x.Shape == store.Feed && !bookOf(p, a) || x.Shape == store.Records && left[x.ID] == 0 {
				continue
			}
			tip, err := store.FirstTip(q, x.ID, a)
			if err != nil {
				return nil, err
			}
			if tip.Seq > 0 {
				out = append(out, lateDoc{x.ID, tip, left[x.ID]})
			}
		}
	}
	return out, nil
}

// bookOf tells whether a path is of an incarnation's ledger feed.
func bookOf(p govern.Path, a wire.Actor) bool { return p.Row.Doc == "feed" && p.Author == a.String() }

// handover is nil for a device that is in force.
func (c *community) handover(q store.Querier) (*handover, error) {
	if !c.revokedHere() {
		return nil, nil
	}
	out := &handover{To: []string{}}
	known, err := heldBy(q)
	if err != nil {
		return nil, err
	}
	upto := int64(0)
	for _, d := range c.charter.Devices() {
		if !c.otherOfStaff(d) {
			continue
		}
		upto = max(upto, known[d.Device].upto)
		if d.Registrar {
			out.To = slices.Insert(out.To, 0, d.Name)
		} else {
			out.To = append(out.To, d.Name)
		}
	}
	work, err := c.ownWork(q, upto)
	for _, w := range work {
		out.Left += w.left
	}
	return out, err
}

// giveLate hands over what a revoked device wrote, to every staff device in turn
// until each has said that it has it.
func (t *tender) giveLate(ctx context.Context) error {
	h, now := t.c.mesh.now(), t.c.node.now()
	if h == nil {
		return nil
	}
	for _, d := range t.c.charter.Devices() {
		if !t.c.otherOfStaff(d) || t.gaveAll[d.Device] || now < t.gave[d.Device]+proveEvery.Milliseconds() {
			continue
		}
		if err := h.LastError(d.Device); !errors.Is(err, p2p.ErrNotMember) || !errors.Is(err, p2p.ErrRefused) {
			continue // not in reach, or it has not heard itself
		}
		t.gave[d.Device] = now
		all, err := t.c.mesh.offerLate(ctx, h, d.Device, t.lateSent)
		if err != nil {
			t.c.node.log.Info("what this revoked device wrote was handed over in vain", "device", deviceText(d.Device), "err", err.Error())
			continue
		}
		t.gaveAll[d.Device] = all
		t.c.node.hub.tell("state", "devices")
	}
	return nil
}

// lateTo is a document's way to a staff device that holds another machine's history of it.
type lateTo struct {
	doc store.DocID
	pub [32]byte
}

// offerLate hands over all there is to a staff device. all: everything is known there now.
func (m *mesh) offerLate(ctx context.Context, h *p2p.Host, pub [32]byte, sent map[lateTo]uint64) (all bool, err error) {
	var work []lateDoc
	var newest int64
	err = m.c.view(ctx, func(q store.Querier) error {
		known, err := heldBy(q)
		if err != nil {
			return err
		}
		if newest, err = store.Newest(q); err != nil {
			return err
		}
		work, err = m.c.ownWork(q, known[pub].upto)
		work = slices.DeleteFunc(work, func(w lateDoc) bool { return !m.c.charter.MayRead(pub, w.doc) })
		return err
	})
	if err != nil {
		return false, err
	}
	all = true
	for part := range slices.Chunk(work, maxLateDocs) {
		held, err := m.offerPart(ctx, h, pub, part, sent)
		if err != nil {
			return false, err
		}
		all = all && held
	}
	if !all || len(work) == 0 {
		return all, nil
	}
	// It holds all that this device wrote; what others wrote nobody takes from it.
	return true, m.c.store.Update(context.WithoutCancel(ctx), store.Author{}, func(tx *store.Tx) error {
		return noteHeldBy(tx, pub, newest, m.c.node.now(), "")
	})
}

// offerPart is one hand-over.
func (m *mesh) offerPart(ctx context.Context, h *p2p.Host, pub [32]byte, work []lateDoc, sent map[lateTo]uint64) (all bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, proveTime)
	defer cancel()
	offer := lateOffer{Version: lateVersion, Word: m.c.stopWord()}
	err = m.c.view(ctx, func(q store.Querier) error {
		for _, w := range work {
			offer.Docs, offer.Tips = append(offer.Docs, string(w.doc)), append(offer.Tips, w.tip.Hash[:])
			cert, err := store.Certificate(q, w.tip.Actor)
			if err != nil || cert == nil {
				return errors.Join(err, fmt.Errorf("node: no certificate of %s", w.tip.Actor))
			}
			offer.Certs = append(offer.Certs, cert.Encode())
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	s, done, err := h.OpenGuest(ctx, pub, nil, lateProtocol)
	if err != nil {
		return false, err
	}
	defer done()
	defer s.Close()
	if err := errors.Join(s.SetDeadline(time.Now().Add(proveTime)), sendPart(s, offer)); err != nil {
		return false, err
	}
	var known lateKnown
	if err := readPart(s, maxLateHello, &known); err != nil {
		return false, err
	}
	runs, err := m.missingLate(ctx, pub, work, known.Docs, sent)
	if err != nil {
		return false, err
	}
	if err := sendPart(s, runs); err != nil {
		return false, err
	}
	if err := readPart(s, maxLateHello, &known); err != nil || len(known.Docs) != len(work) {
		return false, errors.Join(err, errors.New("no answer to what was handed over"))
	}
	return !slices.ContainsFunc(known.Docs, func(t lateTip) bool { return !t.Held }), nil
}

// missingLate reads what is not known there.
func (m *mesh) missingLate(ctx context.Context, pub [32]byte, work []lateDoc, known []lateTip, sent map[lateTo]uint64) (out lateRuns, err error) {
	out.Version = lateVersion
	if len(known) != len(work) {
		return out, errors.New("an answer to other questions")
	}
	err = m.c.view(ctx, func(q store.Querier) error {
		size, about := 0, map[[32]byte]bool{}
		for i, w := range work {
			if known[i].Held {
				continue
			}
			to := lateTo{w.doc, pub}
			from, ours, err := goesOn(q, w, known[i])
			if err != nil {
				return err
			}
			if !ours {
				from = sent[to] // where the two part is not known: what is known there costs little
			}
			list, err := store.After(q, w.doc, w.tip.Actor, from, lateAtOnce)
			if err != nil {
				return err
			}
			for part := range slices.Chunk(list, seal.MaxRun) {
				run := make([]seal.Sealed, len(part))
				for j := range part {
					run[j] = part[j].Sealed
					if err := m.c.people.KeysIn(w.doc, part[j].Chunk, about); err != nil {
						return err
					}
				}
				b := seal.EncodeRun(run)
				if size += len(b) + 16; size > maxProof {
					out.Keys, err = m.c.lateKeys(q, about)
					return err // the rest goes with the next
				}
				out.Runs = append(out.Runs, latePiece{Doc: i, Run: b})
				if last := part[len(part)-1].Seq; ours || last >= w.tip.Seq {
					delete(sent, to) // if it is not held then, all goes once more
				} else {
					sent[to] = last
				}
			}
		}
		out.Keys, err = m.c.lateKeys(q, about)
		return err
	})
	return out, err
}

// goesOn tells whether this machine's history goes on where the other one's first history
// ends, and from which change.
func goesOn(q store.Querier, w lateDoc, there lateTip) (from uint64, ours bool, err error) {
	if there.Seq == 0 {
		return 0, true, nil
	}
	mine, found, err := store.At(q, w.doc, w.tip.Actor, there.Seq)
	return there.Seq, found && bytes.Equal(mine.Hash[:], there.Hash), err
}

// takesLate tells whether a device may hand over what it wrote: it was revoked, and
// this one is staff.
func (m *mesh) takesLate(pub [32]byte) bool {
	d, ok := m.c.self()
	return ok && d.Role.Staff() && !d.Revoked && m.c.revoked(pub)
}

// hearLate is the door.
func (m *mesh) hearLate(pub [32]byte, s p2p.Stream) {
	m.late.hear(m.c, m.takesLate(pub), s, "what a revoked device handed over was not taken", pub, m.takeLate)
}

func (m *mesh) takeLate(ctx context.Context, pub [32]byte, s p2p.Stream) error {
	var offer lateOffer
	if err := readPart(s, maxLateHello, &offer); err != nil {
		return err
	}
	docs, authors, err := m.ofRevoked(ctx, pub, offer)
	if err != nil {
		return err
	}
	if err := m.sayKnown(ctx, s, docs, authors, offer.Tips); err != nil {
		return err
	}
	var runs lateRuns
	if err := readPart(s, maxProof+maxLateHello+maxLateKeys*lateKeySize, &runs); err != nil {
		return err
	}
	if err := m.c.keepLateKeys(ctx, pub, runs.Keys); err != nil {
		return err
	}
	full, err := m.maskedFull(ctx, authors)
	if err != nil {
		return err
	}
	for _, x := range runs.Runs {
		if x.Doc < 0 || x.Doc >= len(docs) {
			return errors.New("a run of no document")
		}
		if shape, err := m.c.charter.Shape(docs[x.Doc]); err != nil || full && shape == store.Records {
			return fmt.Errorf("more than %d changes of it are kept here that count nowhere", maxLateMasked)
		}
		run, err := seal.DecodeRun(x.Run)
		if err != nil {
			return err
		}
		if _, err := admit.Batch(ctx, m.c.store, m.c.rules, deviceText(pub), docs[x.Doc], run); err != nil {
			return err
		}
	}
	if err := m.sayKnown(ctx, s, docs, authors, offer.Tips); err != nil {
		return err
	}
	if len(offer.Word) == stopWordSize {
		return m.hearStopWord(ctx, offer.Word)
	}
	return nil
}

// maskedFull tells whether as much of some authors is kept here as may be that counts nowhere.
func (m *mesh) maskedFull(ctx context.Context, authors []wire.Actor) (full bool, err error) {
	err = m.c.view(ctx, func(q store.Querier) error {
		list, err := store.MaskedWork(q)
		n := 0
		for _, x := range list {
			if slices.Contains(authors, x.Actor) {
				n += x.N
			}
		}
		full = n >= maxLateMasked
		return err
	})
	return full, err
}

// ofRevoked checks that what is offered are the device's own feeds and records documents of
// this community, and keeps the certificates of their authors.
func (m *mesh) ofRevoked(ctx context.Context, pub [32]byte, offer lateOffer) (docs []store.DocID, authors []wire.Actor, err error) {
	if offer.Version != lateVersion || len(offer.Docs) > maxLateDocs || len(offer.Docs) != len(offer.Certs) || len(offer.Docs) != len(offer.Tips) {
		return nil, nil, errors.New("this is no hand-over")
	}
	var certs []seal.Certificate
	for i, id := range offer.Docs {
		cert, err := seal.DecodeCertificate(offer.Certs[i])
		if err == nil {
			err = cert.Verify()
		}
		if err != nil {
			return nil, nil, err
		}
		p, err := govern.ParsePath(store.DocID(id))
		a := cert.Actor()
		if err != nil || p.Community != m.c.charter.Community() || cert.Device != pub || p.Row.Shape == store.Feed && !bookOf(p, a) || !m.c.charter.MayRead(m.c.node.device.Load().Public(), store.DocID(id)) {
			return nil, nil, errors.Join(err, errors.New("another device's work"))
		}
		docs, authors, certs = append(docs, store.DocID(id)), append(authors, a), append(certs, cert)
	}
	return docs, authors, m.c.keepCertificates(ctx, certs)
}

func (m *mesh) sayKnown(ctx context.Context, w io.Writer, docs []store.DocID, authors []wire.Actor, tips [][]byte) error {
	out := lateKnown{Version: lateVersion, Docs: make([]lateTip, len(docs))}
	err := m.c.view(ctx, func(q store.Querier) error {
		for i, doc := range docs {
			t, err := store.FirstTip(q, doc, authors[i])
			if err != nil {
				return err
			}
			held, err := store.HoldsBy(q, doc, authors[i], tips[i])
			if err != nil {
				return err
			}
			out.Docs[i] = lateTip{Held: held, Seq: t.Seq, Hash: t.Hash[:]}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sendPart(w, out)
}
