package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"jishan/p2p"
	"jishan/p2p/discover"
)

// service is what devices are called on the LAN.
const service = "_jishan._tcp"

// discover looks for the community's devices on the LAN until ctx ends. What
// it finds are hints: the connection proves who is there.
func (n *Node) discover(ctx context.Context, m *mesh, h *p2p.Host) {
	if !n.looks() {
		return
	}
	self := n.device.Load().Public()
	community := sha256.Sum256([]byte("jishan community 1\x00" + m.c.charter.Community()))
	instance := "jishan-" + hex.EncodeToString(self[:6])
	if n.cfg.Home != nil { // beside its own community's
		instance += "-" + hex.EncodeToString(community[:2])
	}
	cfg := discover.Config{
		Service: service, Instance: instance, Port: portOf(h.Addrs()), Community: hex.EncodeToString(community[:8]),
		Peer: deviceText(self), Addrs: h.Addrs,
		Found: func(s discover.Sighting) {
			pub, err := parseDevice(s.Peer)
			if err != nil || pub == self || !m.c.charter.MayConnect(pub, n.now()) {
				return
			}
			if err := h.Sighted(pub, s.Addrs); err != nil {
				n.log.Info("a sighting is of no use", "err", err.Error())
			}
		},
		Failed: func(err error) { n.log.Info("the LAN can't be searched just now", "err", err.Error()) },
	}
	n.wg.Go(func() {
		if err := discover.Run(ctx, cfg); err != nil && ctx.Err() == nil {
			n.log.Warn("the LAN is not searched", "err", err.Error())
		}
	})
}

// looks tells whether this device announces itself on the LAN and looks around
// there.
func (n *Node) looks() bool { return n.cfg.LAN && !n.cfg.Demo && n.localCopy().Settings.LAN }

// portOf reads the port out of the first address that has one.
func portOf(addrs []string) int {
	for _, a := range addrs {
		parts := strings.Split(a, "/")
		for i := range len(parts) - 1 {
			if parts[i] != "tcp" && parts[i] != "udp" {
				continue
			}
			if port, err := strconv.ParseUint(parts[i+1], 10, 16); err == nil {
				return int(port)
			}
		}
	}
	return 0
}
