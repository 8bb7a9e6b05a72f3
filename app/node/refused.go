package node

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p"
)

// The first entry known to be invalid ends what others accept of a feed. Whoever
// writes that feed must learn it, or it works for days on what counts nowhere. So
// a device that has refused a feed tells its author, whenever they meet: which
// entry it was. Nobody is believed: the author judges its own entry again by its
// own documents and rules. Only if it finds it invalid itself does it stop, set
// aside what no other device has, say so on its screen and pass the entry on to
// the staff devices, which judge it in their turn. The registrar then closes the
// feed, and the author goes on under a new incarnation (aside.go).
//
// The registrar's own word ends a feed anyway: what lies beyond the cut of a feed
// that it closed counts nowhere, so there its refusal is taken as it is.

// What the author answers to one that refused its feed.
const (
	claimUnknown byte = 0 // no such entry is here, or it can't be judged
	claimWrong   byte = 1 // the entry is valid by this device's rules: it goes on
	claimRight   byte = 2 // the entry is invalid: this device has stopped
	claimLater   byte = 3 // this peer asked a moment ago
)

const (
	// claimEvery is how often one peer may make this device judge an entry: it
	// reads its whole feed for it.
	claimEvery = time.Minute
	// noticeVersion is the version of the message.
	noticeVersion = 1
	// maxNotice bounds a message with its proof; a longer proof stays away, and
	// who needs it meets the entry by sync.
	maxNotice = p2p.MaxAsk - 512
)

// endNotice names the entry at which a device ended a feed. Proof is the entry with
// its seal, for those who are not its author (seal.DecodeRun).
type endNotice struct {
	_       struct{} `cbor:",toarray"`
	Version uint
	Doc     string
	Seq     uint64
	Hash    []byte
	Reason  string
	Proof   []byte
}

// ownEnd says that this device's own feed ended at an invalid entry.
type ownEnd struct {
	Number  int64  `json:"number"`  // which entry of its feed it was
	Reason  string `json:"reason"`  // its code (frontend: reason words)
	Entries int    `json:"entries"` // how many were set aside with it
	Self    bool   `json:"self"`    // this is the registrar's device: it decides itself
}

// claims is what this device knows of refusals, its own and others'.
type claims struct {
	mu       sync.Mutex
	valid    map[wire.Hash]bool  // own entries that were judged again and are valid
	asked    map[[32]byte]int64  // when each peer made this device judge
	disputed map[[32]byte]uint64 // peers that refuse a valid entry of this device: its number
	stopped  map[wire.Actor]bool // authors that said that they have stopped
}

func newClaims() *claims {
	return &claims{valid: map[wire.Hash]bool{}, asked: map[[32]byte]int64{}, disputed: map[[32]byte]uint64{}, stopped: map[wire.Actor]bool{}}
}

// authorOf is the incarnation that a ledger feed's id names.
func authorOf(doc store.DocID) (wire.Actor, bool) {
	p, err := govern.ParsePath(doc)
	if err != nil || p.Row.Doc != "feed" {
		return wire.Actor{}, false
	}
	raw, err := hex.DecodeString(p.Author)
	if err != nil || len(raw) != len(wire.Actor{}) {
		return wire.Actor{}, false
	}
	return wire.Actor(raw), true
}

// answerRefused hears that a feed was refused: of its author's own one it decides
// whether that is so, of another's it looks at the proof.
func (m *mesh) answerRefused(ctx context.Context, pub [32]byte, body []byte) ([]byte, error) {
	var r endNotice
	if err := cbor.Unmarshal(body, &r); err != nil || r.Version != noticeVersion || len(r.Hash) != len(wire.Hash{}) {
		return nil, &p2p.AnswerError{Text: "ask.unknown"}
	}
	doc := store.DocID(r.Doc)
	author, ok := authorOf(doc)
	if !ok {
		return nil, &p2p.AnswerError{Text: "ask.unknown"}
	}
	c := m.c
	var device [32]byte
	err := c.view(ctx, func(q store.Querier) (err error) { device, ok, err = c.charter.DeviceOf(q, author); return err })
	if err != nil || !ok {
		return []byte{askRefused, claimUnknown}, err
	}
	if device == c.node.device.Load().Public() {
		said, err := c.weigh(ctx, pub, author, r)
		return []byte{askRefused, said}, err
	}
	return []byte{askRefused, claimUnknown}, c.takeProof(ctx, pub, doc, r.Proof)
}

// takeProof lets the entry in by the front door, where it ends the feed if it is
// what the other one says.
func (c *community) takeProof(ctx context.Context, pub [32]byte, doc store.DocID, proof []byte) error {
	if d, ok := c.self(); !ok || !d.Role.Staff() || len(proof) == 0 || !c.charter.MayRead(pub, doc) {
		return nil
	}
	run, err := seal.DecodeRun(proof)
	if err != nil {
		return &p2p.AnswerError{Text: "ask.unknown"}
	}
	_, err = admit.Batch(ctx, c.store, c.rules, deviceText(pub), doc, run)
	return err
}

// weigh judges an entry of this device that a peer refused, and stops if it is
// invalid.
func (c *community) weigh(ctx context.Context, pub [32]byte, author wire.Actor, r endNotice) (said byte, err error) {
	doc, hash := store.DocID(r.Doc), wire.Hash(r.Hash)
	said, err = c.recalled(ctx, pub, author, doc, r.Seq, hash)
	if err != nil || said != claimLater {
		return said, err
	}
	if !c.mayWeigh(pub) {
		return claimLater, nil
	}
	v, err := admit.Again(ctx, c.store, c.rules, doc, author, r.Seq)
	switch {
	case errors.Is(err, admit.ErrNotHeld):
		return claimUnknown, nil
	case err != nil:
		return claimUnknown, err
	case v.Status == admit.Refused:
		return claimRight, c.stopAt(ctx, author, doc, r.Seq, v.Reason)
	}
	closed, err := c.beyondCut(ctx, pub, author, doc, r.Seq)
	if err != nil {
		return claimUnknown, err
	}
	if closed {
		return claimRight, c.stopAt(ctx, author, doc, r.Seq, r.Reason)
	}
	if v.Status != admit.Known {
		return claimUnknown, nil
	}
	c.claims.mu.Lock()
	c.claims.valid[hash] = true
	c.claims.disputed[pub] = r.Seq
	c.claims.mu.Unlock()
	c.node.log.Warn("a device refuses a valid entry of this one", "device", deviceText(pub), "seq", r.Seq, "reason", r.Reason)
	c.node.hub.tell("state", "devices")
	return claimWrong, nil
}

// recalled answers without judging, where that can be; else claimLater.
func (c *community) recalled(ctx context.Context, pub [32]byte, author wire.Actor, doc store.DocID, seq uint64, hash wire.Hash) (said byte, err error) {
	said = claimUnknown
	err = c.view(ctx, func(q store.Querier) error {
		ended, err := store.EndedBy(q, doc, seq)
		if err != nil {
			return err
		}
		if ended {
			said = claimRight
			return nil
		}
		have, found, err := store.At(q, doc, author, seq)
		if err == nil && found && have.Hash == hash {
			said = claimLater
		}
		return err
	})
	c.claims.mu.Lock()
	defer c.claims.mu.Unlock()
	if said == claimLater && c.claims.valid[hash] && author == c.store.Self() { // what was valid stays so
		c.claims.disputed[pub] = seq
		said = claimWrong
	}
	return said, err
}

func (c *community) mayWeigh(pub [32]byte) bool {
	c.claims.mu.Lock()
	defer c.claims.mu.Unlock()
	now := c.node.now()
	if at, ok := c.claims.asked[pub]; ok && now >= at && now < at+claimEvery.Milliseconds() {
		return false
	}
	c.claims.asked[pub] = now
	return true
}

// beyondCut tells whether the registrar's device itself refuses an entry that
// lies beyond the cut at which it closed the feed.
func (c *community) beyondCut(ctx context.Context, pub [32]byte, author wire.Actor, doc store.DocID, seq uint64) (bool, error) {
	registrar, _, ok := c.charter.Registrar()
	if !ok || registrar != pub {
		return false, nil
	}
	s, err := c.tend.snapshot(ctx)
	if err != nil {
		return false, err
	}
	head, _, _ := s.Head()
	cuts, closed := s.Cuts(author, head)
	number := c.ledger.Number(doc, seq)
	for _, x := range cuts {
		closed = closed && x.Number < number
	}
	return closed && author != c.store.Self(), nil
}

// followsInvalid is why the later parts of a feed end that ended in an earlier one.
const followsInvalid = "[rests] it rests on a refused change"

// stopAt ends this device's own feed before an entry, keeps what follows aside
// and opens the community again without it.
func (c *community) stopAt(ctx context.Context, author wire.Actor, doc store.DocID, seq uint64, reason string) error {
	n := 0
	err := c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for at, first, why := doc, seq, reason; ; { // the parts behind it have it in their past
			last := n
			if err := c.endOwn(tx, at, first, why, &n); err != nil || n == last {
				return err
			}
			at, first, why = c.ledger.NextPart(at), 1, followsInvalid
		}
	})
	if err != nil {
		return err
	}
	c.node.log.Error("an own entry is invalid: this device stops", "doc", string(doc), "seq", seq, "reason", reason, "entries", n)
	if author == c.store.Self() {
		err = c.loadRefused(ctx)
	}
	c.node.renew(c)
	return err
}

func (c *community) endOwn(tx *store.Tx, doc store.DocID, seq uint64, reason string, n *int) error {
	a, _ := authorOf(doc)
	first, found, err := store.At(tx, doc, a, seq)
	if err != nil || !found {
		return err
	}
	proof := seal.EncodeRun([]seal.Sealed{first.Sealed})
	return tx.EndHeld(doc, seq, reason, proof, func(p store.Placed) error {
		*n++
		var sig []byte
		if p.Seal != nil {
			sig = p.Seal[:]
		}
		_, err := tx.Exec(`INSERT OR IGNORE INTO local_aside (doc, seq, hash, chunk, seal, state) VALUES (?, ?, ?, ?, ?, ?)`,
			string(doc), int64(p.Seq), p.Hash[:], []byte(p.Chunk), sig, asideWaits)
		return err
	})
}

// loadRefused finds out whether the feed that this device writes has ended.
func (c *community) loadRefused(ctx context.Context) error {
	list, err := c.store.Endings(ctx)
	if err != nil {
		return err
	}
	var now *ownEnd
	for _, e := range list {
		if a, ok := authorOf(e.Doc); !ok || a != c.store.Self() || now != nil {
			continue
		}
		now = &ownEnd{Number: int64(c.ledger.Number(e.Doc, e.Seq)), Reason: admit.ParseReason(e.Reason).Code}
		d, writer, ok := c.charter.Registrar()
		now.Self = ok && d == c.node.device.Load().Public() && writer == c.store.Self()
	}
	if now != nil {
		err = c.view(ctx, func(q store.Querier) error {
			return q.QueryRow(`SELECT count(*) FROM local_aside WHERE doc LIKE ?`, "%/feed/"+c.store.Self().String()+"/%").Scan(&now.Entries)
		})
	}
	c.refused.Store(now)
	return err
}

// refusals tells the authors of feeds that were refused here, and the staff of
// this device's own: once over each link.
func (t *tender) refusals(ctx context.Context) error {
	h := t.c.mesh.now()
	if h == nil {
		return nil
	}
	list, err := t.c.store.Endings(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	writers := t.c.writers()
	var errs []error
	for _, e := range list {
		author, ok := authorOf(e.Doc)
		device, known := writers[author]
		if !ok || !known || len(e.Proof) == 0 {
			continue
		}
		for pub, talk := range t.c.mesh.online() {
			own := device == t.c.node.device.Load().Public()
			d, ok := t.c.charter.Device(pub)
			key := refusedTo{e.Doc, pub}
			if !ok || t.told[key] == talk || own && !d.Role.Staff() || !own && pub != device {
				continue
			}
			said, err := t.tellRefused(ctx, h, pub, e)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if said == claimLater {
				continue
			}
			t.told[key] = talk
			if !own {
				t.c.claims.hear(author, said == claimRight)
				t.c.node.hub.tell("devices")
			}
		}
	}
	return errors.Join(errs...)
}

// refusedTo is what was told to whom.
type refusedTo struct {
	doc store.DocID
	pub [32]byte
}

func (t *tender) tellRefused(ctx context.Context, h *p2p.Host, pub [32]byte, e store.Ending) (said byte, err error) {
	r := endNotice{Version: noticeVersion, Doc: string(e.Doc), Seq: e.Seq, Hash: e.Hash[:], Reason: e.Reason, Proof: e.Proof}
	if len(r.Proof) > maxNotice-len(r.Doc)-len(r.Reason) {
		r.Proof = nil
	}
	b, err := cbor.Marshal(r)
	if err != nil {
		return 0, err
	}
	ask, cancel := context.WithTimeout(ctx, refusedWait)
	defer cancel()
	answer, err := h.Ask(ask, pub, append([]byte{askRefused}, b...))
	var told *p2p.AnswerError
	if errors.As(err, &told) { // an older program: it can't be told
		return claimUnknown, nil
	}
	if err != nil || len(answer) != 2 {
		return claimLater, err
	}
	return answer[1], nil
}

// refusedWait bounds the wait for an author that judges its feed: the chores
// behind it wait, too.
const refusedWait = 10 * time.Second

func (s *claims) hear(author wire.Actor, stopped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped[author] = stopped
}

func (s *claims) hasStopped(author wire.Actor) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped[author]
}

// disputes are the peers that refuse what is valid here.
func (s *claims) disputes() map[[32]byte]uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.disputed)
}

// goOn lets a device whose feed ended at an invalid entry go on: the registrar
// closes the feed where it ended, and the device begins a new incarnation when it
// hears of it. Of the registrar's own device the new term does that. Faults:
// devices.unknown, devices.refused.none, govern.registrar.only.
func (c *community) goOn(ctx context.Context, r idRequest) (none, error) {
	pub, err := parseDevice(r.ID)
	if err != nil {
		return none{}, err
	}
	d, _ := c.self()
	if own := c.refused.Load(); own != nil && own.Self && pub == c.node.device.Load().Public() {
		c.retired.Store(true)
		c.node.renew(c)
		return none{}, nil
	}
	if !d.Registrar {
		return none{}, fault.New("govern.registrar.only")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.charter.Snapshot(tx)
		if err != nil {
			return err
		}
		head, _, _ := s.Head()
		list, err := endedFeedsOf(tx)
		if err != nil {
			return err
		}
		for _, feed := range list {
			device, _, err := c.charter.DeviceOf(tx, feed)
			if err != nil {
				return err
			}
			if _, closed := s.Cuts(feed, head); closed || device != pub {
				continue
			}
			cuts, err := law.Cuts(tx, c.ledger, feed, "invalid entry")
			if err != nil {
				return err
			}
			return c.charter.Write(tx, "govern.close", cuts...)
		}
		return fault.New("devices.refused.none")
	})
}
