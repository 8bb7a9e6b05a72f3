package node

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

type communityReply struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Parent string `json:"parent"`
	Level  string `json:"level"` // "" a community; street, district: what reads the reports of communities

	AppealDays int64 `json:"appealDays"` // in which passbooks and receipts say that one may object
}

type selfReply struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Role      string `json:"role"`
	Place     string `json:"place"`
	PlaceName string `json:"placeName"`
	Registrar bool   `json:"registrar"`
}

type stateReply struct {
	Phase     string          `json:"phase"`
	Version   string          `json:"version"`
	Window    bool            `json:"window"`
	Sample    bool            `json:"sample"`
	Community *communityReply `json:"community,omitempty"`
	Device    *selfReply      `json:"device,omitempty"`
	Operator  string          `json:"operator"`
	Sync      pill            `json:"sync"`
	PhoneURL  string          `json:"phoneUrl"`
	Clock     int64           `json:"clock"`
	Settings  Settings        `json:"settings"`
	Paused    bool            `json:"paused"`
	ClockLast int64           `json:"clockLast"` // the last entry's time, if today's date is doubted; else 0
	NetError  string          `json:"netError"`
	LANOff    bool            `json:"lanOff"`            // the start forbade to look for devices on the LAN
	Disk      *fault.Fault    `json:"disk,omitempty"`    // why nothing is written any more: data.damaged, data.full, data.stopped
	Missing   *missingReply   `json:"missing,omitempty"` // acknowledged entries that this database lacks
	Session   *sessionReply   `json:"session,omitempty"`
	Copied    *copied         `json:"copied,omitempty"`   // another machine has this one's key: nothing is written here
	Refused   *ownEnd         `json:"refused,omitempty"`  // an own entry is invalid: nothing is written here
	Revoked   bool            `json:"revoked,omitempty"`  // the office has revoked this device: nothing is written here
	Handover  *handover       `json:"handover,omitempty"` // what it still has to hand over then
	Aside     *asideCount     `json:"aside,omitempty"`    // what was set aside and nobody has looked at yet
}

// state is what every screen needs first.
func (n *Node) state(ctx context.Context, _ none) (stateReply, error) {
	l := n.localCopy()
	out := stateReply{Phase: "new", Version: n.cfg.Version, Window: n.cfg.Window, Sample: l.Sample, Operator: l.Operator,
		PhoneURL: n.phoneURL(), Clock: n.now(), Settings: l.Settings, LANOff: !n.cfg.LAN}
	c, err := n.here()
	if errors.Is(err, errRenewing) {
		return out, err
	}
	if err != nil {
		return out, nil
	}
	out.Phase = "joining"
	s := c.charter.Settings()
	out.Settings.StationWord, out.Settings.UnitFen = s.StationWord, s.UnitFen
	out.Community = &communityReply{c.charter.Community(), s.Name, s.Parent, s.Level, s.AppealDays()}
	if d, ok := c.self(); ok {
		out.Phase = "ready"
		out.Device = &selfReply{deviceText(d.Device), d.Name, d.Role.String(), d.Place, d.PlaceName, d.Registrar}
	}
	session := n.session(c)
	if n.cfg.Home != nil {
		if home, err := n.cfg.Home.here(); err == nil {
			session = n.cfg.Home.session(home)
		}
	}
	out.Session = &session
	out.Copied, out.Refused, out.Revoked = c.copied.Load(), c.refused.Load(), c.revokedHere()
	out.Paused, out.ClockLast = c.mesh.now() == nil && out.Copied == nil, c.doubted.Load()
	n.mu.RLock()
	if n.netErr != nil {
		out.NetError = "net.port"
	}
	n.mu.RUnlock()
	if out.Sync, err = c.pill(ctx); err == nil {
		out.Missing, err = c.missing(ctx)
	}
	if err == nil {
		out.Aside, err = c.asideHere(ctx)
	}
	if err == nil && out.Revoked {
		err = c.view(ctx, func(q store.Querier) error { out.Handover, err = c.handover(q); return err })
	}
	if out.Disk = c.diskFault(); out.Disk != nil {
		err = nil // the rest is shown all the same
	}
	return out, err
}

// saveSettings changes the fields that are named. What the community shares
// (the word for stations, the worth of a point) goes into the charter.
func (n *Node) saveSettings(ctx context.Context, params json.RawMessage) (any, error) {
	next := n.localCopy().Settings
	if c, err := n.here(); err == nil {
		s := c.charter.Settings()
		next.StationWord, next.UnitFen = s.StationWord, s.UnitFen
	}
	before := next
	if err := strict(params, &next); err != nil {
		return nil, err
	}
	if err := next.check(); err != nil {
		return nil, err
	}
	if err := n.maySet(before, next); err != nil {
		return nil, err
	}
	if err := n.saveShared(ctx, before, next); err != nil {
		return nil, err
	}
	err := n.change(func(l *local) { l.Settings = next })
	n.hub.tell("settings", "state")
	return next, err
}

// maySet tells whether whoever is here may change these settings: how the screen
// looks anybody, what the device does clerks, what the community shares leads.
// Fault: operator.role{role, need}.
func (n *Node) maySet(before, next Settings) error {
	c, err := n.here()
	if errors.Is(err, errRenewing) {
		return err
	}
	if err != nil {
		return nil
	}
	s, err := n.standing(c)
	if err != nil {
		return err
	}
	need := forTill
	if before.LAN != next.LAN || before.Phone != next.Phone || before.Idle != next.Idle {
		need = forDaily
	}
	if before.StationWord != next.StationWord || before.UnitFen != next.UnitFen {
		need = forLead
	}
	return need.check(s.Role)
}

func (n *Node) saveShared(ctx context.Context, before, next Settings) error {
	if before.StationWord == next.StationWord && before.UnitFen == next.UnitFen {
		return nil
	}
	c, err := n.here()
	if err != nil {
		return err
	}
	return c.write(ctx, func(tx *store.Tx) error {
		return c.charter.SetPolicy(tx, govern.StationWordSetting(next.StationWord), govern.UnitFenSetting(next.UnitFen))
	})
}

// A date is doubted when it lies far from the last entry (design section 6): a
// flat battery sets clocks years off. farAhead is the design's figure; farBack
// allows for a merged clock that is five minutes ahead of ours.
const (
	farAhead = 90 * 24 * time.Hour
	farBack  = 10 * time.Minute
)

// doubtClock notes at the start whether the machine's date can be right.
// Nothing is written under a doubted date until somebody confirms it.
func (c *community) doubtClock(ctx context.Context) error {
	var last int64
	err := c.view(ctx, func(q store.Querier) (err error) { last, err = store.OwnClock(q); return err })
	now := c.node.now()
	if err == nil && last > 0 && (now < last-farBack.Milliseconds() || now > last+farAhead.Milliseconds()) {
		c.doubted.Store(last)
	}
	return err
}

// confirmClock is the operator's word that the date is right.
func (c *community) confirmClock(context.Context, none) (none, error) {
	c.doubted.Store(0)
	c.tend.poke()
	c.node.hub.tell("state")
	return none{}, nil
}

func (c *community) checkClock() error {
	if last := c.doubted.Load(); last != 0 {
		return fault.New("clock.doubt", "now", c.node.now(), "last", last)
	}
	return nil
}
