package p2p

import (
	"math"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/x/rate"
)

// Bounds of the whole host. They are explicit because libp2p's defaults scale
// with the machine and are too tight for one address (8 connections, one new
// one in 5 s: a community behind one router would lock itself out).
const (
	maxConns        = 512               // a district's devices, twice over
	maxStreams      = 2048              // about four a connection
	maxMemory       = 256 << 20         // stream buffers of all peers
	maxTransient    = 64                // connections that have not shown their key yet
	peerConns       = 8                 // TCP and QUIC, two dials at once, a reconnection
	peerStreams     = 48                // sync, questions, identify
	peerMemory      = 48 << 20          // one QUIC and one TCP window, with room
	connsPerAddress = 64                // one router's public address
	newPerAddress   = 10                // new connections a second from one address
	newBurst        = 2 * peerConns * 8 // a whole office switched on at once
	newPerSecond    = 100               // new connections a second in all
)

func resourceManager() (network.ResourceManager, error) {
	peerDefault := rcmgr.ResourceLimits{
		Conns: peerConns, ConnsInbound: peerConns, ConnsOutbound: peerConns, FD: peerConns,
		Streams: peerStreams, StreamsInbound: peerStreams, StreamsOutbound: peerStreams, Memory: peerMemory,
	}
	own := rcmgr.ResourceLimits{Streams: maxStreams, StreamsInbound: maxStreams, StreamsOutbound: maxStreams, Memory: maxMemory}
	limits := rcmgr.PartialLimitConfig{
		System: rcmgr.ResourceLimits{
			Conns: maxConns, ConnsInbound: maxConns, ConnsOutbound: maxConns, FD: maxConns,
			Streams: maxStreams, StreamsInbound: maxStreams, StreamsOutbound: maxStreams, Memory: maxMemory,
		},
		Transient: rcmgr.ResourceLimits{
			Conns: maxTransient, ConnsInbound: maxTransient, ConnsOutbound: maxTransient, FD: maxTransient,
			Streams: 4 * maxTransient, StreamsInbound: 4 * maxTransient, StreamsOutbound: 4 * maxTransient, Memory: maxMemory / 4,
		},
		PeerDefault:         peerDefault,
		ProtocolPeerDefault: rcmgr.ResourceLimits{Streams: 2 * askers, StreamsInbound: askers, StreamsOutbound: askers, Memory: peerMemory},
		Protocol:            map[protocol.ID]rcmgr.ResourceLimits{syncProtocol: own, askProtocol: own},
	}
	return rcmgr.NewResourceManager(
		rcmgr.NewFixedLimiter(limits.Build(rcmgr.DefaultLimits.AutoScale())),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: connsPerAddress}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 64, ConnCount: connsPerAddress}}),
		rcmgr.WithNetworkPrefixLimit(
			[]rcmgr.NetworkPrefixLimit{{Network: netip.MustParsePrefix("127.0.0.0/8"), ConnCount: math.MaxInt}},
			[]rcmgr.NetworkPrefixLimit{{Network: netip.MustParsePrefix("::1/128"), ConnCount: math.MaxInt}}),
		rcmgr.WithConnRateLimiters(newConnectionRates()),
		rcmgr.WithMetricsDisabled(),
	)
}

func newConnectionRates() *rate.Limiter {
	each := rate.Limit{RPS: newPerAddress, Burst: newBurst}
	return &rate.Limiter{
		// This machine's own processes (the demo, the tests) are not limited.
		NetworkPrefixLimits: []rate.PrefixLimit{
			{Prefix: netip.MustParsePrefix("127.0.0.0/8")}, {Prefix: netip.MustParsePrefix("::1/128")},
		},
		GlobalLimit: rate.Limit{RPS: newPerSecond, Burst: 2 * newPerSecond},
		SubnetRateLimiter: rate.SubnetLimiter{
			IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: 32, Limit: each}},
			IPv6SubnetLimits: []rate.SubnetLimit{{PrefixLength: 64, Limit: each}},
		},
	}
}
