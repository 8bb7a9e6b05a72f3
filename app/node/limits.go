package node

import (
	"context"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// The bounds that a community sets on what one device can cost: the higher they
// are, the more is served while cut off (docs/simulation.md has the curve).

func (n *Node) limitCalls() map[string]handler {
	return map[string]handler{
		"limits.get": staff(n, (*community).limits),
		"limits.set": staff(n, (*community).setLimits),
	}
}

// limits are in points.
type limits struct {
	Till  int64 `json:"till"`  // that may rest at one till
	Start int64 `json:"start"` // that a device hands out after its start until another was met; 0: without bound
}

type limitsReply struct {
	limits
	Most      int64 `json:"most"`
	Registrar bool  `json:"registrar"` // this device may change them
}

func (c *community) limits(context.Context, none) (limitsReply, error) {
	s := c.charter.Settings()
	return limitsReply{limits{s.Exposure, s.Caution()}, govern.MaxCaution, c.tend.registrar()}, nil
}

// setLimits changes them. Faults: limits.bad{max}, govern.registrar.only.
func (c *community) setLimits(ctx context.Context, r limits) (none, error) {
	if min(r.Till, r.Start) < 0 || max(r.Till, r.Start) > govern.MaxCaution {
		return none{}, fault.New("limits.bad", "max", int64(govern.MaxCaution))
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		return c.charter.SetPolicy(tx, govern.ExposureSetting(r.Till), govern.CautionSetting(r.Start))
	})
}
