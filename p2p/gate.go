package p2p

import (
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// gater is the host's libp2p connection gater. It asks the caller's Gate, and
// allows dials only to addresses that the caller has named: what a peer says
// about itself (libp2p's identify keeps it) is never dialled.
type gater struct{ h *Host }

func (g gater) InterceptPeerDial(p peer.ID) bool {
	pub, err := PeerPub(p)
	return err == nil && (g.h.member(pub) || g.h.isInviter(pub))
}

func (g gater) InterceptAddrDial(p peer.ID, addr ma.Multiaddr) bool {
	pub, err := PeerPub(p)
	return err == nil && g.h.book.has(pub, addr)
}

func (g gater) InterceptAccept(network.ConnMultiaddrs) bool { return !g.h.closing() }

func (g gater) InterceptSecured(dir network.Direction, p peer.ID, c network.ConnMultiaddrs) bool {
	if dir == network.DirOutbound {
		return true // asked in InterceptPeerDial
	}
	pub, err := PeerPub(p)
	if err != nil {
		return false
	}
	if g.h.member(pub) || g.h.guest(pub) {
		return true
	}
	g.h.refused(Peer{Pub: pub, Addr: c.RemoteMultiaddr().String(), Transport: transportOf(c.RemoteMultiaddr())}, ErrNotMember)
	return false
}

func (g gater) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

// member asks Gate; our own key is never a peer.
func (h *Host) member(pub [32]byte) bool {
	return pub != h.self && h.cfg.Gate(pub)
}

func (h *Host) guest(pub [32]byte) bool {
	return pub != h.self && h.cfg.Guest != nil && h.cfg.Guest(pub)
}

func transportOf(m ma.Multiaddr) string {
	if _, err := m.ValueForProtocol(ma.P_QUIC_V1); err == nil {
		return "quic"
	}
	return "tcp"
}
