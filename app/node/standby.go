package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// The standby goes on in the main device's place, by the word of a lead who sits at
// it and without any paper. The charter can't know whether the main device is really
// gone; so the program of the standby waits until nothing was heard of it for as long
// as the community waits for anybody (the setting succession-wait).

// alarmStandby: this is the standby, and it may take over {main, last}.
const alarmStandby = "standby"

// alarmReplaced: this was the main device until another one took over {at: when,
// void: how many of its orders came too late to count}.
const alarmReplaced = "replaced"

// alarmLate: the main device of before let devices in that are out now {n, names, ids}.
const alarmLate = "late"

// replacedFor is how long the main device of before is told that it is not: long
// enough for who comes back from holidays.
const replacedFor = 60 * 24 * time.Hour

// nameStandby names the device that may go on when the main one is lost, or with an
// empty id nobody. Faults: those of govern.Charter.NameStandby, devices.unknown.
func (c *community) nameStandby(ctx context.Context, r idRequest) (none, error) {
	var pub [32]byte
	if r.ID != "" {
		var err error
		if pub, err = parseDevice(r.ID); err != nil {
			return none{}, err
		}
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.NameStandby(tx, pub) })
}

// standbyWait is what the standby knows of the main device.
type standbyWait struct {
	seen    int64 // when it gave the last sign of life
	from    int64 // from when the standby may go on in its place
	unheard []string
}

// standbyWait tells how long this device has to wait; mine is false if it is not the
// standby. Signs of life are having met, being named (by the main device), and every
// change of the main device's that came here, also through others. Nothing is counted
// from before this device's own incarnation began: what a restored database last
// heard may be long ago.
func (c *community) standbyWait(q store.Querier) (w standbyWait, mine bool, err error) {
	self, named, ok := c.charter.StandbyAt()
	main, writer, known := c.charter.Registrar()
	if !ok || !known || self != c.node.device.Load().Public() {
		return w, false, err
	}
	held, err := heldBy(q)
	if err != nil {
		return w, false, err
	}
	online, now := c.mesh.online(), c.node.now()
	last, err := c.lastMet(q, held, online)
	if err != nil {
		return w, false, err
	}
	wrote, err := store.LastBy(q, writer, now)
	if err != nil {
		return w, false, err
	}
	for _, at := range []int64{last[main].at, named, wrote, c.inc.Made} {
		if at <= now {
			w.seen = max(w.seen, at)
		}
	}
	w.from = w.seen + c.charter.Settings().SuccessionWait*time.Minute.Milliseconds()
	w.unheard = c.unheardSince(w.seen, held, online, main)
	return w, true, nil
}

// unheardSince names the other staff devices that were not in step with this one
// since a moment: they may know orders of the main device that are not here.
func (c *community) unheardSince(since int64, known map[[32]byte]held, online map[[32]byte]*talk, main [32]byte) []string {
	names := []string{}
	for _, d := range c.charter.Devices() {
		talk := online[d.Device]
		if c.otherOfStaff(d) && d.Device != main && known[d.Device].at < since && (talk == nil || !talk.Stats().InSync) {
			names = append(names, d.Name)
		}
	}
	return names
}

type standInRequest struct {
	Withdraw bool `json:"withdraw"` // as in recovery.takeOver
}

// standIn makes this device, the standby, the main one. Faults: those of mainGone,
// govern.standby.other, recovery.cut if it is cut off by its own switch,
// recovery.early{hours} that are left.
func (c *community) standIn(ctx context.Context, r standInRequest) (none, error) {
	look, err := c.mainGone(ctx)
	switch {
	case err != nil:
		return none{}, err
	case look.From == 0:
		return none{}, fault.New("govern.standby.other")
	case c.mesh.now() == nil:
		return none{}, fault.New("recovery.cut")
	case c.node.now() < look.From:
		return none{}, fault.New("recovery.early", "hours", 1+(look.From-c.node.now()-1)/time.Hour.Milliseconds())
	}
	return none{}, c.succeed(ctx, r.Withdraw, func(tx *store.Tx, inc seal.Certificate, self govern.Cert, cuts []govern.Entry) error {
		return c.charter.StandIn(tx, c.node.device.Load().Private, inc, self, cuts...)
	}, nothingMore)
}

// standbyAlarms says at the standby that its time has come.
func (c *community) standbyAlarms(q store.Querier, _ govern.Snapshot) ([]alarm, error) {
	main, _, ok := c.charter.Registrar()
	if !ok || c.mesh.now() == nil || c.mesh.online()[main] != nil { // else it would be counted at every commit
		return nil, nil
	}
	w, mine, err := c.standbyWait(q)
	if err != nil || !mine || c.node.now() < w.from {
		return nil, err
	}
	a := c.alarmOf(alarmStandby, main, map[string]any{"last": w.seen})
	a.Link = "/settings#recovery"
	return []alarm{a}, nil
}

// replacedAlarms tells the main device of before that it is no more, who is, and how
// much of what it ordered came too late.
func (c *community) replacedAlarms(store.Querier, govern.Snapshot) ([]alarm, error) {
	r, ok := c.charter.Replaced(c.node.device.Load().Public())
	if !ok || c.node.now() > r.At+replacedFor.Milliseconds() {
		return nil, nil
	}
	return []alarm{c.alarmOf(alarmReplaced, r.By, map[string]any{"at": r.At, "void": r.Void})}, nil
}

// lateAlarms says at the new main device whom the one before let in too late.
func (c *community) lateAlarms(store.Querier, govern.Snapshot) ([]alarm, error) {
	late := c.charter.Late()
	if d, _ := c.self(); !d.Registrar || len(late) == 0 {
		return nil, nil
	}
	names, ids := make([]string, len(late)), make([]string, len(late))
	for i, d := range late {
		names[i], ids[i] = d.Name, deviceText(d.Device)
	}
	return []alarm{{Code: alarmLate, Link: "/devices", Params: map[string]any{"n": len(late), "names": strings.Join(names, "、"), "ids": strings.Join(ids, " ")}}}, nil
}

type idsRequest struct {
	IDs []string `json:"ids"`
}

// certifyLate lets devices in again that the main device of before let in too late to
// count. Faults: those of govern.Charter.Recertify, devices.unknown.
func (c *community) certifyLate(ctx context.Context, r idsRequest) (none, error) {
	var list [][32]byte
	for _, id := range r.IDs {
		pub, err := parseDevice(id)
		if err != nil {
			return none{}, err
		}
		if !slices.Contains(list, pub) {
			list = append(list, pub)
		}
	}
	err := c.write(ctx, func(tx *store.Tx) error { return c.charter.Recertify(tx, list...) })
	c.mesh.poke()
	return none{}, err
}
