package pair

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"jishan/p2p"
)

// MeetProtocol is how a ticket gets across a room without being carried: the
// new device knocks, the inviting one picks it out of those that knock, and both
// come to six digits that a person compares by typing those of one screen into
// the other. Its messages, each with a length of four bytes before it:
//
//	joiner   its name
//	inviter  what it offers, and a commitment to a number that it drew
//	joiner   a number of its own
//	inviter  its number
//	joiner   agreed: one byte, once its person said so
//	inviter  status; the text of a ticket, or a reason
//
// The digits come from both numbers, both devices' keys and all that was said.
// Neither side can choose its number knowing the other's: the inviter is bound
// by its commitment before it hears the joiner's, the joiner speaks before it
// hears the inviter's. So whoever stands between two devices, with a key of its
// own towards each, gets the same digits on both screens once in a million, and
// has three tries. (Vaudenay, "Secure communications over insecure channels based
// on short authenticated strings", 2005.)
const MeetProtocol = "/jishan/meet/1"

// Limits of meeting.
const (
	// MeetTime is how long a window stands open: a person walks to the other
	// desk and back.
	MeetTime = 2 * time.Minute
	// MeetTries bounds the devices picked, and the digits typed, in one window.
	MeetTries = 3
	// Digits is the length of the code: compared by people, with three tries.
	Digits = 6
	// maxKnocks bounds the devices that wait to be picked: more are no
	// installation day but somebody who fills the list.
	maxKnocks  = 8
	maxKnock   = 512
	maxOffer   = 4 * maxName
	numberLen  = 32
	maxOutcome = maxText + 1
)

// What may go wrong in a meeting, beside what the network says.
var (
	ErrOver  = errors.New("pair: the window is closed")
	ErrGone  = errors.New("pair: the other device went away")
	ErrDigit = errors.New("pair: the digits differ")
	ErrPick  = errors.New("pair: no device is being compared")
	ErrFull  = errors.New("pair: too many devices ask to be let in")
)

// meetCodes are the Refusals of an inviter in a meeting.
var meetCodes = map[error]string{ErrOver: "meet.over", ErrDigit: "meet.digits", ErrFull: "meet.full"}

// Offer is what a device is let in as: what both persons see before they agree.
type Offer struct {
	_         struct{} `cbor:",toarray"`
	Community string
	Inviter   string // the inviting device's name
	Role      string
	Place     string // where the new device will stand
	Name      string // what it will be called
}

func (o Offer) check() error {
	for _, s := range []string{o.Community, o.Inviter, o.Role, o.Place, o.Name} {
		if len(s) > maxName {
			return ErrProtocol
		}
	}
	return nil
}

type knockBody struct {
	_       struct{} `cbor:",toarray"`
	Version uint
	Name    string
}

type offerBody struct {
	_          struct{} `cbor:",toarray"`
	Version    uint
	Offer      Offer
	Commitment []byte
}

// meetVersion is the version of knocks and offers.
const meetVersion = 1

// commit hides and binds a number until it is told.
func commit(number []byte) []byte {
	h := sha256.Sum256(append([]byte("jishan meet commitment 1\x00"), number...))
	return h[:]
}

// code is the digits of one exchange: of everything that was said in it.
func code(joiner, inviter [32]byte, knock, offer, theirs, ours []byte) string {
	h := sha256.New()
	h.Write([]byte("jishan meet code 1\x00"))
	for _, part := range [][]byte{joiner[:], inviter[:], knock, offer, theirs, ours} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		h.Write(part)
	}
	// 64 bits by a million: no digits are likelier than others by more than 1e-13.
	return fmt.Sprintf("%0*d", Digits, binary.BigEndian.Uint64(h.Sum(nil))%1_000_000)
}

// Encounter is a meeting as the new device sees it. It is for one goroutine at a
// time; Agree and Close may be called from another.
type Encounter struct {
	s     p2p.Stream
	done  func()
	self  [32]byte
	peer  [32]byte
	rand  io.Reader
	knock []byte
}

// Knock asks an inviting device whose window is open to be seen there under a
// name. Then wait with Offered, show what it returns, say Agree, take the Outcome, and Close.
// Errors: the network's.
func Knock(ctx context.Context, h opener, rand io.Reader, inviter [32]byte, addrs []string, name string) (*Encounter, error) {
	knock, err := encMode.Marshal(knockBody{Version: meetVersion, Name: name})
	if err != nil {
		return nil, err
	}
	s, done, err := h.OpenGuest(ctx, inviter, addrs, MeetProtocol)
	if err != nil {
		return nil, err
	}
	e := &Encounter{s: s, done: done, self: h.ID(), peer: inviter, rand: rand, knock: knock}
	if err := errors.Join(s.SetDeadline(time.Now().Add(MeetTime)), send(s, knock)); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// Offered waits until the device is picked, and returns as what, with the digits
// to compare. Errors: ErrOver, ErrProtocol, *Refusal, or the network's.
func (e *Encounter) Offered(ctx context.Context) (Offer, string, error) {
	defer context.AfterFunc(ctx, func() { _ = e.s.Reset() })()
	b, err := receive(e.s, maxOffer+maxKnock)
	if err != nil {
		return Offer{}, "", gone(err)
	}
	if b[0] != statusPart {
		return Offer{}, "", meetRefusal(b)
	}
	var o offerBody
	if err := decMode.Unmarshal(b[1:], &o); err != nil || o.Version != meetVersion || len(o.Commitment) != sha256.Size || o.Offer.check() != nil {
		return Offer{}, "", ErrProtocol
	}
	mine := make([]byte, numberLen)
	if _, err := io.ReadFull(e.rand, mine); err != nil {
		return Offer{}, "", err
	}
	if err := send(e.s, mine); err != nil {
		return Offer{}, "", gone(err)
	}
	theirs, err := receive(e.s, numberLen)
	switch {
	case err != nil:
		return Offer{}, "", gone(err)
	case len(theirs) != numberLen || !hmac.Equal(commit(theirs), o.Commitment):
		return Offer{}, "", ErrProtocol
	}
	return o.Offer, code(e.self, e.peer, e.knock, b[1:], mine, theirs), nil
}

// Agree says that the person here has seen who invites, and agrees. Errors: the
// network's.
func (e *Encounter) Agree() error { return send(e.s, []byte{1}) }

// Outcome waits, after Offered, for the ticket: it comes when somebody has typed
// the digits there and this side said Agree. It may be called before that, so
// that the end of a meeting is noticed. Errors: ErrOver, ErrDigit, ErrGone,
// ErrProtocol, *Refusal.
func (e *Encounter) Outcome(ctx context.Context) (ticket string, err error) {
	defer context.AfterFunc(ctx, func() { _ = e.s.Reset() })()
	b, err := receive(e.s, maxOutcome)
	switch {
	case err != nil:
		return "", gone(err)
	case b[0] != statusPart:
		return "", meetRefusal(b)
	}
	return string(b[1:]), nil
}

// Close ends the meeting; a second time does nothing.
func (e *Encounter) Close() {
	_ = e.s.Reset()
	e.done()
}

// meetRefusal reads why an inviter sends a joiner away.
func meetRefusal(b []byte) error {
	err := refusal(b)
	if r, ok := errors.AsType[*Refusal](err); ok {
		for is, code := range meetCodes {
			if r.Code == code {
				return is
			}
		}
	}
	return err
}

// gone tells an end of the stream from a broken rule.
func gone(err error) error {
	if errors.Is(err, ErrProtocol) {
		return err
	}
	return errors.Join(ErrGone, err)
}

func readKnock(b []byte) (name string, err error) {
	var k knockBody
	if err := decMode.Unmarshal(b, &k); err != nil || k.Version != meetVersion || len(k.Name) > maxName {
		return "", ErrProtocol
	}
	return k.Name, nil
}
