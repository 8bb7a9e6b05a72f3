package p2p

import (
	"context"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

// Stream is one bidirectional stream of a guest protocol.
type Stream interface {
	io.ReadWriteCloser
	CloseWrite() error
	Reset() error
	SetDeadline(time.Time) error
}

// guestTime is how long a device that is no member may stay connected: joining
// takes seconds, or a minute when a person has to confirm.
const guestTime = 2 * time.Minute

// HandleGuest serves a protocol that devices may open which Guest (or Gate)
// lets in. The handler owns the stream.
func (h *Host) HandleGuest(proto string, handle func(pub [32]byte, s Stream)) {
	h.lp.SetStreamHandler(protoID(proto), func(s network.Stream) {
		p, err := connPeer(s.Conn())
		if err != nil || !h.guest(p.Pub) && !h.member(p.Pub) {
			_ = s.Reset()
			return
		}
		handle(p.Pub, s)
	})
}

// OpenGuest dials a device that is not a member yet, or one for which this
// device is none, and opens a guest protocol on it: at the given addresses, which
// of a stranger are dialled for this call only, or at those that are known. Close the returned stream, then call done.
func (h *Host) OpenGuest(ctx context.Context, pub [32]byte, addrs []string, proto string) (s Stream, done func(), err error) {
	known := len(h.book.get(pub)) > 0
	if len(addrs) > 0 || !known {
		if err := h.bookOnly(pub, addrs); err != nil {
			return nil, nil, err
		}
	}
	h.setInviter(pub, 1)
	done = func() {
		h.setInviter(pub, -1)
		if !h.member(pub) {
			if !known {
				h.book.forget(pub)
			}
			h.closePeer(pub)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, h.timing.Dial)
	defer cancel()
	st, err := h.openStream(ctx, pub, proto)
	if err != nil {
		done()
		return nil, nil, err
	}
	return st, done, nil
}

func (h *Host) setInviter(pub [32]byte, d int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.inviters[pub] += d
	if h.inviters[pub] <= 0 {
		delete(h.inviters, pub)
	}
}

func (h *Host) isInviter(pub [32]byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.inviters[pub] > 0
}

// limitGuest cuts a guest's connection off in the end, whatever it does.
func (h *Host) limitGuest(_ network.Network, c network.Conn) {
	pub, err := PeerPub(c.RemotePeer())
	if err != nil {
		_ = c.Close()
		return
	}
	if h.member(pub) || h.isInviter(pub) {
		return
	}
	time.AfterFunc(guestTime, func() {
		if !h.member(pub) {
			_ = c.Close()
		}
	})
}
