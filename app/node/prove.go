package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/p2p"
)

// A device that was put back to an older copy refuses whoever was enrolled
// since. One that is refused so shows it how the charter went on
// (govern.Foretell), over a protocol that serves nothing else. Nobody is
// believed: what is shown must go on exactly where the charter ends here, under
// the seals of who writes it, and enrol the one who shows it. Then it goes
// through the front door like any other change of gov.
//
// Only a device that began a new incarnation of late has that door, because only
// such a one can be too old: all others refuse strangers at the gate. But for
// those that were revoked: they are told so the same way, by the charter itself
// (revoked.go).

const (
	// proveProtocol carries one proof: both tell where their charters end, the
	// refusing device what it has more if it refuses for a revocation, the other
	// one what it has more.
	proveProtocol = "/jishan/prove/1"
	proveVersion  = 1
	// doorOpen is how long after a new incarnation began a device that knows
	// more may prove itself: a station that comes once in two weeks does.
	doorOpen = 30 * 24 * time.Hour
	// proveTime bounds one proof on both sides.
	proveTime = 10 * time.Second
	// proveEvery is how often one device is told, and how often this one listens
	// to anybody: it checks some signatures and reads at most maxProof.
	proveEvery = 10 * time.Second
	listenRest = time.Second
	// maxProof bounds a proof in bytes: the charter of a community of fifty
	// devices has some hundred KiB after years.
	maxProof = 4 << 20
	// maxTips bounds what the refusing device says: 60 bytes for each term.
	maxTips = 1 << 20
	// waitForProof is how long a main device that was put back waits for
	// somebody whom it does not know before it begins its new term.
	waitForProof = 20 * time.Second
)

// proof is what a device shows: how gov went on.
type proof struct {
	_       struct{} `cbor:",toarray"`
	Version uint
	Tips    []govern.Tip
	Pieces  []proofPiece
	Stopped bool // who was refused knows that it was revoked, and has stopped
}

type proofPiece struct {
	_    struct{} `cbor:",toarray"`
	Term uint64
	Run  []byte // seal.EncodeRun
}

// door lets one proof in at a time.
type door struct {
	mu   sync.Mutex
	busy bool
	last int64
}

func (d *door) enter(now int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if rest := now - d.last; d.busy || rest >= 0 && rest < listenRest.Milliseconds() {
		return false
	}
	d.busy, d.last = true, now
	return true
}

func (d *door) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = false
}

// hear is what happens at a door to a device that may come so far: it is heard to
// the end or not at all.
func (d *door) hear(c *community, may bool, s p2p.Stream, vain string, pub [32]byte, listen func(context.Context, [32]byte, p2p.Stream) error) {
	if !may || !d.enter(c.node.now()) {
		_ = s.Reset()
		return
	}
	defer d.leave()
	ctx, cancel := context.WithTimeout(context.Background(), proveTime)
	defer cancel()
	if err := errors.Join(s.SetDeadline(time.Now().Add(proveTime)), listen(ctx, pub, s)); err != nil {
		c.node.log.Info(vain, "device", deviceText(pub), "err", err.Error())
		_ = s.Reset()
		return
	}
	c.tend.poke()
	_ = s.Close()
}

// listens tells whether this device may be too old to know everybody: it goes
// on under an incarnation that is not its first and began of late. One that has
// stopped for its copy listens, too: whoever the copy enrolled since is perhaps
// the only one who comes to take what it recorded.
func (c *community) listens() bool {
	self := c.node.device.Load().Public()
	if age := c.node.now() - c.inc.Made; age > doorOpen.Milliseconds() {
		return false
	}
	for a, device := range c.writers() {
		if device == self && a != c.store.Self() {
			return true
		}
	}
	return false
}

// hearProof is the door: who proves itself is known from then on.
func (m *mesh) hearProof(pub [32]byte, s p2p.Stream) {
	m.door.hear(m.c, m.hasDoor(pub) && !m.admits(pub), s, "a device that is not known here showed no proof", pub, m.readProof)
}

// hasDoor tells whether a device that may not connect may come this far.
func (m *mesh) hasDoor(pub [32]byte) bool { return m.c.listens() || m.c.revoked(pub) }

func (m *mesh) readProof(ctx context.Context, pub [32]byte, s p2p.Stream) error {
	said, err := readProof(s, maxTips)
	if err != nil {
		return err
	}
	answer := proof{Tips: m.c.charter.Tips()}
	revoked := m.c.revoked(pub)
	if revoked {
		if answer.Pieces, err = m.c.beyond(ctx, said.Tips, pub); err != nil {
			return err
		}
	}
	if err := answer.send(s); err != nil {
		return err
	}
	shown, err := readProof(s, maxProof)
	if err != nil {
		return err
	}
	if revoked && shown.Stopped {
		err = m.c.hearRevoked(ctx, pub)
	} else if err = m.c.takeCharter(ctx, pub, shown.Pieces); err == nil {
		m.c.node.log.Warn("a device showed how the charter went on, and is known from now on", "device", deviceText(pub))
	}
	if err != nil {
		return err
	}
	_, err = s.Write([]byte{1})
	return err
}

// beyond is what is here of the charter behind another device's tips.
func (c *community) beyond(ctx context.Context, tips []govern.Tip, reader [32]byte) (out []proofPiece, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.charter.Beyond(q, tips, reader)
		for _, x := range list {
			out = append(out, proofPiece{Term: x.Term, Run: seal.EncodeRun(x.Run)})
		}
		return err
	})
	return out, err
}

func (p proof) send(w io.Writer) error {
	p.Version = proveVersion
	return sendPart(w, p)
}

func readProof(r io.Reader, limit int) (p proof, err error) {
	if err := readPart(r, limit, &p); err != nil || p.Version != proveVersion {
		return p, errors.Join(errors.New("this is no proof"), err)
	}
	return p, nil
}

// takeCharter takes what somebody showed of the charter, if it goes on where
// the own one ends and enrols the one who shows it.
func (c *community) takeCharter(ctx context.Context, pub [32]byte, shown []proofPiece) error {
	var pieces []govern.Piece
	for _, x := range shown {
		run, err := seal.DecodeRun(x.Run)
		if err != nil {
			return fmt.Errorf("%w: %w", govern.ErrNoProof, err)
		}
		pieces = append(pieces, govern.Piece{Term: x.Term, Run: run})
	}
	var fresh []seal.Certificate
	err := c.view(ctx, func(q store.Querier) (err error) {
		fresh, err = c.charter.Foretell(q, pieces, pub, c.node.now())
		return err
	})
	if err != nil {
		return err
	}
	if err := c.keepCertificates(ctx, fresh); err != nil {
		return err
	}
	for _, p := range pieces {
		doc := c.charter.Doc(fmt.Sprintf("gov/%d", p.Term))
		res, err := admit.Batch(ctx, c.store, c.rules, deviceText(pub), doc, p.Run)
		if err != nil || res.Refused+res.Waiting > 0 {
			return errors.Join(govern.ErrNoProof, err)
		}
	}
	if err := c.tend.resume(ctx); err != nil && !errors.Is(err, errNothing) { // before it is told: it connects at once
		return err
	}
	return nil
}

// keepCertificates keeps certificates of incarnations, whose change follows.
func (c *community) keepCertificates(ctx context.Context, list []seal.Certificate) error {
	return c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for _, cert := range list {
			if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: cert.ID(), Blob: cert.Encode()}); err != nil {
				return err
			}
		}
		return nil
	})
}

// prove shows those that refuse this device, though it is enrolled like them,
// how the charter went on: they may have been put back to an older copy.
func (t *tender) prove(ctx context.Context) error {
	h, now := t.c.mesh.now(), t.c.node.now()
	if h == nil {
		return nil
	}
	online := t.c.mesh.online()
	for _, d := range t.c.charter.Devices() {
		if online[d.Device] != nil || !t.c.mesh.admits(d.Device) || now < t.proved[d.Device]+proveEvery.Milliseconds() {
			continue
		}
		if err := h.LastError(d.Device); !errors.Is(err, p2p.ErrNotMember) || !errors.Is(err, p2p.ErrRefused) {
			continue
		}
		t.proved[d.Device] = now
		if err := t.c.mesh.showCharter(ctx, h, d.Device); err != nil {
			t.c.node.log.Info("a device that refuses this one was shown the charter in vain", "device", deviceText(d.Device), "err", err.Error())
			h.Retry(d.Device) // somebody else may have told it meanwhile: then it listens no more
			continue
		}
		if t.c.revokedHere() { // it was told; nothing more is to come of it
			t.proved[d.Device] = now + doorOpen.Milliseconds()
			continue
		}
		h.Retry(d.Device)
	}
	return nil
}

func (m *mesh) showCharter(ctx context.Context, h *p2p.Host, pub [32]byte) error {
	ctx, cancel := context.WithTimeout(ctx, proveTime)
	defer cancel()
	s, done, err := h.OpenGuest(ctx, pub, nil, proveProtocol)
	if err != nil {
		return err
	}
	defer done()
	defer s.Close()
	if err := s.SetDeadline(time.Now().Add(proveTime)); err != nil {
		return err
	}
	if err := (proof{Tips: m.c.charter.Tips()}).send(s); err != nil {
		return err
	}
	answer, err := readProof(s, maxProof)
	if err != nil {
		return err
	}
	if len(answer.Pieces) > 0 {
		if err := m.c.takeCharter(ctx, pub, answer.Pieces); err != nil {
			return err
		}
		m.c.node.hub.tell("state", "devices")
	}
	mine := proof{Stopped: m.c.revokedHere()}
	if mine.Pieces, err = m.c.beyond(ctx, answer.Tips, pub); err != nil {
		return err
	}
	if err := mine.send(s); err != nil {
		return err
	}
	if n, err := s.Read(make([]byte, 1)); n == 0 {
		return errors.Join(errors.New("it was not convinced"), err)
	}
	return nil
}

// sendPart and readPart are what is said at these doors: a length and CBOR.
func sendPart(w io.Writer, v any) error {
	b, err := cbor.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func readPart(r io.Reader, limit int, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(head[:])
	if int64(n) > int64(limit) {
		return fmt.Errorf("node: a part of %d bytes", n)
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(n))) // grows as it comes: a length alone costs nothing
	if err == nil && len(b) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	return cbor.Unmarshal(b, v)
}
