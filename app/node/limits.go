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

// limits are in points, but for the days; days of 0 in a request: as they are.
type limits struct {
	Till  int64 `json:"till"`  // that may rest at one till
	Start int64 `json:"start"` // that a device hands out after its start until another was met; 0: without bound
	Keep  int64 `json:"keep"`  // days that goods stay reserved

	Appeal int64 `json:"appeal"` // days in which passbooks and receipts say that one may object
	Ask    int64 `json:"ask"`    // days that a claim waits for its claimant who was asked
}

type limitsReply struct {
	limits
	Most       int64 `json:"most"`
	MostKeep   int64 `json:"mostKeep"`
	MostAppeal int64 `json:"mostAppeal"`
	MostAsk    int64 `json:"mostAsk"`
	Registrar  bool  `json:"registrar"` // this device may change them
}

func (c *community) limits(context.Context, none) (limitsReply, error) {
	s := c.charter.Settings()
	return limitsReply{limits{s.Exposure, s.Caution(), s.Keeping(), s.AppealDays(), s.AskDays()}, govern.MaxCaution, govern.MaxKeeping, govern.MaxAppeal, govern.MaxAsk, c.tend.registrar()}, nil
}

// setLimits changes them. Faults: limits.bad{max}, limits.keep{max}, limits.appeal{max}, limits.ask{max}, govern.registrar.only.
func (c *community) setLimits(ctx context.Context, r limits) (none, error) {
	if min(r.Till, r.Start) < 0 || max(r.Till, r.Start) > govern.MaxCaution {
		return none{}, fault.New("limits.bad", "max", int64(govern.MaxCaution))
	}
	if r.Keep < 0 || r.Keep > govern.MaxKeeping {
		return none{}, fault.New("limits.keep", "max", int64(govern.MaxKeeping))
	}
	if r.Appeal < 0 || r.Appeal > govern.MaxAppeal {
		return none{}, fault.New("limits.appeal", "max", int64(govern.MaxAppeal))
	}
	if r.Ask < 0 || r.Ask > govern.MaxAsk {
		return none{}, fault.New("limits.ask", "max", int64(govern.MaxAsk))
	}
	set := []govern.Setting{govern.ExposureSetting(r.Till), govern.CautionSetting(r.Start)}
	if r.Keep > 0 {
		set = append(set, govern.KeepingSetting(r.Keep))
	}
	if r.Appeal > 0 {
		set = append(set, govern.AppealSetting(r.Appeal))
	}
	if r.Ask > 0 {
		set = append(set, govern.AskSetting(r.Ask))
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, set...) })
}
