package node

import (
	"strings"

	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What the office is told of two machines with one device key, before and after it
// decided. To decide, somebody must know which is which: so each is named by when and
// where it was last seen.

// copiedAlarms are of devices of which nobody has decided yet which copy stays
// {stopped: one has said so, stoppedAt, stoppedAddr: when and where; runningAt,
// runningAddr: when and where the other was seen last, online: it is there now}, and
// of those that were decided lately {decided: running or stopped}.
func (c *community) copiedAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	twins, err := c.allTwins(q)
	if err != nil {
		return nil, err
	}
	open := map[[32]byte]bool{}
	for _, x := range twins {
		p, err := c.copiesSeen(q, x.device, x.stopped)
		if err != nil {
			return nil, err
		}
		open[x.device], p["stopped"], p["stoppedAt"] = true, x.stopped != wire.Actor{}, x.at
		list = append(list, c.alarmOf(alarmCopied, x.device, p))
	}
	for _, d := range c.charter.Devices() {
		live, ok := c.charter.Settings().Live(d.Device)
		if !ok || d.Revoked || open[d.Device] {
			continue
		}
		p, err := c.copyDecided(q, d.Device, live)
		if err != nil {
			return nil, err
		}
		if p != nil {
			list = append(list, c.alarmOf(alarmCopied, d.Device, p))
		}
	}
	return list, nil
}

// copiesSeen tells when and where the two were last seen.
func (c *community) copiesSeen(q store.Querier, device [32]byte, stopped wire.Actor) (map[string]any, error) {
	var addr string
	if err := q.QueryRow(`SELECT coalesce(max(addr), '') FROM local_stopplace WHERE incarnation = ?`, stopped[:]).Scan(&addr); err != nil {
		return nil, err
	}
	p := map[string]any{"stoppedAddr": addr, "runningAt": int64(0), "runningAddr": "", "online": false}
	online := c.mesh.online()
	if talk := online[device]; talk != nil {
		p["online"], p["runningAddr"] = true, hostOf(talk.peer.Addr)
	}
	held, err := heldBy(q)
	if err != nil {
		return nil, err
	}
	last, err := c.lastMet(q, held, online)
	if err == nil {
		p["runningAt"] = last[device].at
	}
	return p, err
}

// copyDecided is what is still to be said after the office has decided; nil for
// nothing. If the one that had stopped stays, that is until it goes on, which is seen
// by a newer incarnation. If the other one stays, nobody can see whether the one that
// stopped has joined anew: it is said for a while.
func (c *community) copyDecided(q store.Querier, device [32]byte, live govern.Live) (map[string]any, error) {
	at, err := c.charter.LiveSince(q, device)
	if err != nil || c.node.now() > at+settledFor.Milliseconds() {
		return nil, err
	}
	newest, _ := c.incarnation(device)
	if len(live.Goes) > 0 && newest == live.Goes[0] {
		return map[string]any{"decided": "stopped"}, nil
	}
	stays, err := store.Certificate(q, live.Stays)
	if err != nil || stays == nil || len(live.Goes) == 0 {
		return nil, err
	}
	goes, err := store.Certificate(q, live.Goes[0])
	if err != nil || goes != nil && newer(*goes, *stays) {
		return nil, err // the one that had stopped goes on
	}
	return map[string]any{"decided": "running", "settled": true}, nil
}

// hostOf is the machine's address in a network address.
func hostOf(addr string) string {
	parts := strings.Split(addr, "/")
	if len(parts) < 3 || parts[1] != "ip4" && parts[1] != "ip6" {
		return ""
	}
	return parts[2]
}
