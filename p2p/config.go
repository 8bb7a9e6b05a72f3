package p2p

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"time"
)

// Config is what a host needs. Key, Listen, Gate and Open are required.
type Config struct {
	// Key is the device key; its public half is the libp2p identity.
	Key ed25519.PrivateKey
	// Listen holds multiaddrs, usually from [ListenBoth]. New fails when one of
	// them could not be bound.
	Listen []string
	// Announce replaces the listen addresses in [Host.Addrs] and in the hello,
	// for machines that can't list their own network interfaces.
	Announce []string
	// Gate says whether the device may connect. It is asked at every dial,
	// connection, stream and question; it must be quick and safe for
	// concurrent use.
	Gate func(pub [32]byte) bool
	// Guest says whether a device that Gate refuses may connect all the same, to
	// open a guest protocol (joining). Nil: never.
	Guest func(pub [32]byte) bool
	// Open begins the conversation with a device that has proved itself by its
	// hello. An error refuses the link.
	Open func(peer Peer) (Conversation, error)
	// Answer replies to one question. Nil: questions are refused. Its error's
	// text goes to the asker only if it is an [*AnswerError].
	Answer func(ctx context.Context, pub [32]byte, req []byte) ([]byte, error)
	// Events is told what happened, in order for each device. It must be quick
	// and must not call back into the host. Nil: nobody is told.
	Events func(Event)
	// Rand gives the jitter of the redial times. Nil: no jitter.
	Rand io.Reader
	// Timing overrides the durations below; zero fields keep their defaults.
	Timing Timing
}

// Timing holds the durations of a link's life. The network's own clock is the
// real one, so these are the only thing that tests may shorten.
type Timing struct {
	Ping       time.Duration // silence after which a PING is sent
	Dead       time.Duration // silence after which the link is given up
	Yield      time.Duration // how long the higher id lets the lower one dial first
	RedialMin  time.Duration // first pause after a failed dial
	RedialMax  time.Duration // longest pause
	Dial       time.Duration // one attempt, with its hello
	Stall      time.Duration // a write of 64 KiB that takes longer ends the link
	Penalty    time.Duration // no new link to a device after it broke the rules
	AskTimeout time.Duration // answering one question, at most
}

// defaultTiming: 5 s notices a pulled cable within 15 s, where TCP alone takes
// 40; 3 s is far longer than a LAN dial, so two devices rarely dial at once.
var defaultTiming = Timing{
	Ping: 5 * time.Second, Dead: 15 * time.Second, Yield: 3 * time.Second,
	RedialMin: time.Second, RedialMax: time.Minute, Dial: 10 * time.Second,
	Stall: 30 * time.Second, Penalty: 5 * time.Second, AskTimeout: 10 * time.Second,
}

// Limits on what other devices can make us hold or do.
const (
	// MaxFrame bounds one frame of a conversation: a batch of changes is about
	// 512 KiB, the largest legal one twice that.
	MaxFrame = 1 << 20
	// MaxAsk bounds a question and its answer.
	MaxAsk = 64 << 10
	// MaxAddrs bounds the addresses remembered for one device, and announced.
	MaxAddrs = 12
	// MaxPeers bounds the devices whose addresses are remembered: a district.
	MaxPeers = 1024
	// asksPerSecond and askBurst limit each device's questions: a till asks a
	// few times per customer.
	asksPerSecond = 20
	askBurst      = 40
	// idlePerSecond and idleBurst limit the messages of a link that are no
	// frames: pings come every few seconds, what a newer version may say beside
	// them must fit as well.
	idlePerSecond = 20
	idleBurst     = 100
	// askers bounds the questions that one device may have open at once.
	askers = 8
	// refusalsPerSecond limits the reports about refused devices, which a
	// stranger can cause at will; what is left out is counted in the next.
	refusalsPerSecond = 2
	refusalBurst      = 16
)

// Conversation is what runs over a link. Handle is called for one frame at a
// time; the frame is the callee's to keep. Next blocks until there is something to say; the link
// calls it only when the last frame has been written. Both end the link by an
// error. Close is called exactly once, with the reason.
type Conversation interface {
	Handle(frame []byte) error
	Next(ctx context.Context) ([]byte, error)
	Close(err error)
}

// Peer is a connected device.
type Peer struct {
	Pub       [32]byte
	Addr      string   // where it is connected from: a multiaddr
	Listen    []string // where it says that it listens; a hint
	Outgoing  bool     // we dialled
	Transport string   // "tcp" or "quic"
	Since     time.Time
}

// EventKind tells the events apart.
type EventKind uint8

// What can happen.
const (
	Connected EventKind = iota + 1
	Disconnected
	Refused
)

// Event is one thing that happened. Reason says why, for Disconnected and
// Refused; Missed counts earlier refusals that were not reported one by one.
type Event struct {
	Kind   EventKind
	Peer   Peer
	Reason error
	Missed int
}

// Why a link ended, a device was refused, or a call failed.
var (
	ErrClosed     = errors.New("p2p: closed")
	ErrNotMember  = errors.New("p2p: the device is not enrolled here")
	ErrRefused    = errors.New("p2p: the device refused us")
	ErrSilent     = errors.New("p2p: the device fell silent")
	ErrStalled    = errors.New("p2p: the device takes nothing any more")
	ErrReplaced   = errors.New("p2p: replaced by a newer link to the same device")
	ErrDuplicate  = errors.New("p2p: already linked")
	ErrPenalty    = errors.New("p2p: the device broke the rules a moment ago")
	ErrPeerClosed = errors.New("p2p: the device said goodbye")
	ErrGone       = errors.New("p2p: the connection broke")
	ErrFrame      = errors.New("p2p: malformed or oversized frame")
	ErrTooLong    = fmt.Errorf("%w: longer than allowed", ErrFrame)
	ErrFlood      = fmt.Errorf("%w: too many messages that are none", ErrFrame)
	ErrVersion    = errors.New("p2p: the device speaks a newer version of the link")
	ErrDropped    = errors.New("p2p: disconnected by this device")
	ErrNoAddress  = errors.New("p2p: no address is known for the device")
	ErrBadAddress = errors.New("p2p: not an address that may be dialled (want /ip4|ip6/.../tcp/... or /udp/.../quic-v1)")
	ErrAskLimit   = errors.New("p2p: too many questions, or one too large")
	ErrNoAnswer   = errors.New("p2p: the device does not answer questions")
	ErrTooMany    = errors.New("p2p: too many devices are remembered")
)

// PortError says which listen addresses could not be bound: the port is in
// use, most often by another process of this program.
type PortError struct{ Missing []string }

func (e *PortError) Error() string {
	s := "p2p: not listening on"
	for _, m := range e.Missing {
		s += " " + m
	}
	return s + ": the port is in use or not allowed"
}

// BrokenError wraps what a conversation found wrong with its peer.
type BrokenError struct{ Err error }

func (e *BrokenError) Error() string { return "p2p: the device broke the rules: " + e.Err.Error() }

// Unwrap returns the conversation's own error.
func (e *BrokenError) Unwrap() error { return e.Err }

// AnswerError is an error of Answer whose text the asker may read, and what
// Ask returns there. At most 200 bytes of text travel.
type AnswerError struct{ Text string }

func (e *AnswerError) Error() string { return e.Text }

func (t Timing) orDefault() Timing {
	d := defaultTiming
	for _, p := range []struct{ to, from *time.Duration }{
		{&d.Ping, &t.Ping}, {&d.Dead, &t.Dead}, {&d.Yield, &t.Yield},
		{&d.RedialMin, &t.RedialMin}, {&d.RedialMax, &t.RedialMax}, {&d.Dial, &t.Dial},
		{&d.Stall, &t.Stall}, {&d.Penalty, &t.Penalty}, {&d.AskTimeout, &t.AskTimeout},
	} {
		if *p.from > 0 {
			*p.to = *p.from
		}
	}
	return d
}
