package govern

import (
	"encoding/hex"
	"slices"
	"strings"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// keyLive is what the office decided about a device whose data folder was
// copied: + device id. The text names incarnations, the one that stays first.
const keyLive = "live/"

// maxGoing bounds how many copies a decision remembers: 33 bytes each.
const maxGoing = 16

// Live is the office's word on which copy of a device goes on.
type Live struct {
	Stays wire.Actor
	Goes  []wire.Actor // those that shall join anew, the newest decision first
}

// Live returns the decision about a device; false if there is none.
func (r Settings) Live(device [32]byte) (l Live, ok bool) {
	for i, text := range strings.Fields(r.Other[keyLive+seal.DeviceText(device)].Text) {
		b, err := hex.DecodeString(text)
		if err != nil || len(b) != len(wire.Actor{}) {
			return Live{}, false
		}
		if i == 0 {
			l.Stays, ok = wire.Actor(b), true
		} else {
			l.Goes = append(l.Goes, wire.Actor(b))
		}
	}
	return l, ok
}

// LiveSetting makes the setting: stays goes on, goes shall join anew, and so
// shall those of whom that was decided before.
func LiveSetting(device [32]byte, before Live, stays, goes wire.Actor) Setting {
	list := []wire.Actor{stays, goes}
	for _, a := range append([]wire.Actor{before.Stays}, before.Goes...) {
		if a != (wire.Actor{}) && !slices.Contains(list, a) && len(list) < maxGoing {
			list = append(list, a)
		}
	}
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	return Setting{Key: keyLive + seal.DeviceText(device), Text: strings.Join(words, " ")}
}

// LiveSince is when the office last decided about a device, milliseconds; 0 if
// it never did.
func (c *Charter) LiveSince(q store.Querier, device [32]byte) (int64, error) {
	n, err := c.Snapshot(q)
	if err != nil {
		return 0, err
	}
	key, at := keyLive+seal.DeviceText(device), n.s.head()
	for _, d := range slices.Backward(n.s.settings) {
		if d.Entry.Key == key && n.s.within(d.At, at) {
			return n.s.times[d.At], nil
		}
	}
	return 0, nil
}

// ClosedAt is when a feed was first closed by name, by the registrar's clock;
// 0 if it is not closed.
func (c *Charter) ClosedAt(q store.Querier, feed wire.Actor) (int64, error) {
	n, err := c.Snapshot(q)
	if err != nil {
		return 0, err
	}
	for _, d := range n.s.closes[feed] {
		if n.s.within(d.At, n.s.head()) {
			return n.s.times[d.At], nil
		}
	}
	return 0, nil
}
