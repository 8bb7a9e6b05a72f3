package p2p

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// PeerID returns the libp2p peer id of a device key.
func PeerID(pub [32]byte) (peer.ID, error) {
	k, err := crypto.UnmarshalEd25519PublicKey(pub[:])
	if err != nil {
		return "", fmt.Errorf("p2p: device key: %w", err)
	}
	return peer.IDFromPublicKey(k)
}

// PeerPub returns the device key inside a peer id; an id of another key type
// is an error.
func PeerPub(id peer.ID) (pub [32]byte, err error) {
	k, err := id.ExtractPublicKey()
	if err != nil {
		return pub, fmt.Errorf("p2p: peer id: %w", err)
	}
	raw, err := k.Raw()
	if err != nil {
		return pub, fmt.Errorf("p2p: peer id: %w", err)
	}
	if _, ok := k.(*crypto.Ed25519PublicKey); !ok || len(raw) != ed25519.PublicKeySize {
		return pub, errors.New("p2p: peer id: not an Ed25519 key")
	}
	copy(pub[:], raw)
	return pub, nil
}

// ListenBoth turns "host:port" into the two listen addresses of a host: TCP and
// QUIC on the same port. An empty host listens everywhere, IPv4 and IPv6.
func ListenBoth(hostport string) ([]string, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, fmt.Errorf("p2p: listen address: %w", err)
	}
	hosts := []string{host}
	if host == "" {
		hosts = []string{"0.0.0.0", "::"}
	}
	var out []string
	for _, h := range hosts {
		ip, err := netip.ParseAddr(h)
		if err != nil {
			return nil, fmt.Errorf("p2p: listen address: %w", err)
		}
		fam := "ip4"
		if ip.Is6() {
			fam = "ip6"
		}
		for _, s := range []string{
			fmt.Sprintf("/%s/%s/tcp/%s", fam, ip, port),
			fmt.Sprintf("/%s/%s/udp/%s/quic-v1", fam, ip, port),
		} {
			if _, err := parseAddr(s); err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// parseAddr accepts only what we dial and listen on: an IP address with TCP,
// or with UDP and QUIC. No names: looking one up would contact a stranger.
func parseAddr(s string) (ma.Multiaddr, error) {
	m, err := ma.NewMultiaddr(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrBadAddress, err)
	}
	if !dialable(m) {
		return nil, fmt.Errorf("%w: %s", ErrBadAddress, s)
	}
	return m, nil
}

func dialable(m ma.Multiaddr) bool {
	var codes []int
	for _, p := range m.Protocols() {
		if p.Code != ma.P_IP6ZONE {
			codes = append(codes, p.Code)
		}
	}
	if len(codes) == 0 || codes[0] != ma.P_IP4 && codes[0] != ma.P_IP6 {
		return false
	}
	switch {
	case len(codes) == 2:
		return codes[1] == ma.P_TCP
	case len(codes) == 3:
		return codes[1] == ma.P_UDP && codes[2] == ma.P_QUIC_V1
	}
	return false
}

// SplitAddr takes "<multiaddr>/p2p/<peer id>" apart.
func SplitAddr(s string) (pub [32]byte, addr string, err error) {
	info, err := peer.AddrInfoFromString(s)
	if err != nil {
		return pub, "", fmt.Errorf("%w: %v", ErrBadAddress, err)
	}
	if len(info.Addrs) != 1 {
		return pub, "", fmt.Errorf("%w: %s", ErrBadAddress, s)
	}
	if _, err := parseAddr(info.Addrs[0].String()); err != nil {
		return pub, "", err
	}
	pub, err = PeerPub(info.ID)
	return pub, info.Addrs[0].String(), err
}

// JoinAddr is the inverse of [SplitAddr].
func JoinAddr(pub [32]byte, addr string) (string, error) {
	id, err := PeerID(pub)
	if err != nil {
		return "", err
	}
	if _, err := parseAddr(addr); err != nil {
		return "", err
	}
	return addr + "/p2p/" + id.String(), nil
}
