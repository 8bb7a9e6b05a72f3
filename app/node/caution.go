package node

import (
	"context"
	"sync/atomic"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// Cautious start. A disk that was put back as a whole, lock file included, looks
// to its program like the one it left. Another device would know more of this
// feed and stop it; until one was asked, only so much is handed out.

func (n *Node) cautionCalls() map[string]handler {
	return map[string]handler{
		"caution.get": staff(n, (*community).cautionRule),
		"caution.set": staff(n, (*community).setCautionRule),
	}
}

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

type cautionReply struct {
	Most      int64 `json:"most"` // points; 0: no bound
	Limit     int64 `json:"limit"`
	Registrar bool  `json:"registrar"` // this device may change it
}

func (c *community) cautionRule(context.Context, none) (cautionReply, error) {
	return cautionReply{c.charter.Settings().Caution(), govern.MaxCaution, c.tend.registrar()}, nil
}

// setCautionRule changes the bound. Faults: caution.bad{max}, govern.registrar.only.
func (c *community) setCautionRule(ctx context.Context, r struct {
	Most int64 `json:"most"`
}) (none, error) {
	if r.Most < 0 || r.Most > govern.MaxCaution {
		return none{}, fault.New("caution.bad", "max", int64(govern.MaxCaution))
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.CautionSetting(r.Most)) })
}
