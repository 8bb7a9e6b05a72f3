package p2p

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
)

// Whose returns the key of the device that answers at TCP addresses that
// somebody typed, where nobody could type a key as well. It proves nothing but
// that the device has that key: whoever uses the answer must compare something
// that is bound to it (package pair). Nothing is told to that device: the
// handshake ends before this side shows a key of its own. Errors: ErrBadAddress,
// ErrNoAddress, or the network's.
func (h *Host) Whose(ctx context.Context, addrs []string) (pub [32]byte, err error) {
	// Dialling asks for somebody who can't be there; what the handshake says
	// instead is the answer.
	nobody, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return pub, err
	}
	ask := [32]byte(nobody)
	if err := h.bookOnly(ask, addrs); err != nil {
		return pub, err
	}
	defer h.book.forget(ask)
	h.setInviter(ask, 1)
	defer h.setInviter(ask, -1)
	id, err := PeerID(ask)
	if err != nil {
		return pub, err
	}
	ctx, cancel := context.WithTimeout(ctx, h.timing.Dial)
	defer cancel()
	err = h.lp.Connect(ctx, peer.AddrInfo{ID: id, Addrs: h.book.get(ask)})
	if mismatch, ok := errors.AsType[sec.ErrPeerIDMismatch](err); ok {
		return PeerPub(mismatch.Actual)
	}
	if err == nil {
		err = ErrNotMember // nobody has a key that was made a moment ago
	}
	return pub, err
}
