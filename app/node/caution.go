package node

import "sync/atomic"

// Cautious start. A disk that was put back as a whole, lock file included, looks
// to its program like the one it left. Another device would know more of this
// feed and stop it; until one was asked, only so much is handed out.

// caution says whether a staff device has shown since the start that it knows no
// more of this device's feed than this device does.
type caution struct {
	since int64 // milliseconds
	over  atomic.Bool
}

// most is how many points may be handed out; negative: no bound. Where there is
// no other staff device, nobody could ever show anything.
func (c *community) most() int64 {
	n := c.charter.Settings().Caution()
	if n == 0 || c.caution.over.Load() || c.otherStaff() == 0 {
		return -1
	}
	return n
}

// shown ends the caution when a staff device is in step with this one: had it
// known more, this device would have stopped before.
func (c *community) shown(by [32]byte) {
	if d, ok := c.charter.Device(by); ok && d.Role.Staff() && !d.Revoked {
		c.caution.over.Store(true)
	}
}
