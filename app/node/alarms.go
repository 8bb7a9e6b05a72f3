package node

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Alarms are what somebody at the office should know or decide. Each is derived
// from what this device holds, so it goes when its cause has gone; only since
// when it was seen is remembered. The words are the screens'.

// Codes of alarms.
const (
	alarmCopied  = "copied"  // two machines have one device's key {stopped: one has said so; more: copies.go}
	alarmFork    = "fork"    // a feed has two histories {settled: it was closed and succeeded; over: credit that a guest had not, communities: whose}
	alarmFrozen  = "frozen"  // an invalid entry ended a feed {stopped: its device has said that it stopped, closed: the office has decided}
	alarmUnfair  = "unfair"  // a device refuses an entry of this one that is valid here {number}
	alarmAside   = "aside"   // what stood behind an invalid entry of this device {again: written again, left: to be looked at}
	alarmClosed  = "closed"  // the feed that a device writes is closed; it has not begun a new one
	alarmRevoked = "revoked" // a revoked device has not heard of it {points: what it could still spend, lost: spent since}
	alarmClock   = "clock"   // a device's clock is off {minutes, ahead}
	alarmLoss    = "loss"    // loss that is not booked yet {points}
	alarmTwice   = "twice"   // a device paid what another had paid {points: of it}
	alarmDebt    = "debt"    // people owe points {people, points}
	alarmHanding = "handing" // this main device was put back and waits for who may know more {n: how many, names, until}
	alarmStuck   = "stuck"   // payments that failed are set aside {n, why: the program's words of one of them}
	alarmErasing = "erasing" // a staff device owes receipts of erasures {n: how many, from: when the oldest was ordered, last: when it was met, 0 = never}
	alarmBudget  = "budget"  // the budget is used up: awards wait {period, budget}
)

const (
	// settledFor is how long a fork is shown that needs nothing any more.
	settledFor = 7 * 24 * time.Hour
	// skewLimit is the design's: beyond it times of entries are not believed.
	skewLimit = 5 * time.Minute
	// clockEvery is how often a peer is asked for its clock.
	clockEvery = 10 * time.Minute
)

type alarm struct {
	Code   string         `json:"code"`
	Device string         `json:"device"` // its id, "" for what is of the community
	Name   string         `json:"name"`
	Since  int64          `json:"since"` // when this device first saw it
	Link   string         `json:"link"`
	Params map[string]any `json:"params"`
}

func (a alarm) key() string { return a.Code + "/" + a.Device }

type alarmsReply struct {
	Alarms    []alarm `json:"alarms"`
	Registrar bool    `json:"registrar"`
}

func (c *community) listAlarms(ctx context.Context, _ none) (out alarmsReply, err error) {
	d, _ := c.self()
	out = alarmsReply{Alarms: []alarm{}, Registrar: d.Registrar}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.alarms(q)
		out.Alarms = append(out.Alarms, list...)
		return err
	})
	return out, err
}

// alarms collects what there is now, what needs a decision first.
func (c *community) alarms(q store.Querier) (list []alarm, err error) {
	s, err := c.charter.Snapshot(q)
	if err != nil {
		return nil, err
	}
	for _, of := range []func(store.Querier, govern.Snapshot) ([]alarm, error){c.copiedAlarms, c.revokedAlarms, c.soldAlarms, c.doubledAlarms, c.returnedAlarms, c.overgivenAlarms, c.overspentAlarms, c.feedAlarms, c.ownAlarms, c.clockAlarms, c.sumAlarms, c.recoveryAlarms, c.restoredAlarms, c.handingAlarms, c.standbyAlarms, c.replacedAlarms, c.lateAlarms, c.erasingAlarms} {
		more, err := of(q, s)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	since, err := alarmsSince(q)
	if err != nil {
		return nil, err
	}
	now := c.node.now()
	for i := range list {
		list[i].Since = cmp.Or(since[list[i].key()], now)
	}
	return slices.DeleteFunc(list, func(a alarm) bool {
		return a.Params["settled"] == true && now > a.Since+settledFor.Milliseconds()
	}), nil
}

func (c *community) alarmOf(code string, device [32]byte, params map[string]any) alarm {
	d, _ := c.charter.Device(device)
	return alarm{Code: code, Device: deviceText(device), Name: d.Name, Link: "/devices", Params: params}
}

// feedAlarms tells of feeds with two histories, with an invalid entry, and of
// devices whose feed was closed; one alarm of a kind for each device.
func (c *community) feedAlarms(q store.Querier, s govern.Snapshot) ([]alarm, error) {
	found := map[string]alarm{}
	head, _, _ := s.Head()
	proofs, err := store.SetItems(q, store.SetFork, -1)
	if err != nil {
		return nil, err
	}
	over, err := c.overCredit(q)
	if err != nil {
		return nil, err
	}
	for _, it := range proofs {
		p, err := seal.DecodeForkProof(it.Blob)
		if err != nil {
			return nil, err
		}
		_, _, _, settled := s.Heir(p.Actor(), head)
		a := c.alarmOf(alarmFork, p.Certificate.Device, map[string]any{"settled": settled})
		if x, ok := over[p.Certificate.Device]; ok {
			a.Params["over"], a.Params["communities"] = x.points, strings.Join(x.names, "、")
		}
		if old, ok := found[a.key()]; !ok || old.Params["settled"] == true {
			found[a.key()] = a
		}
	}
	frozen, err := endedFeedsOf(q)
	if err != nil {
		return nil, err
	}
	writers := c.writers()
	for _, feed := range frozen {
		device, known := writers[feed]
		if _, _, _, done := s.Heir(feed, head); known && !done {
			_, closed := s.Cuts(feed, head)
			own := c.refused.Load() != nil && feed == c.store.Self()
			a := c.alarmOf(alarmFrozen, device, map[string]any{"stopped": own || c.claims.hasStopped(feed), "closed": closed})
			found[a.key()] = a
		}
	}
	for _, d := range c.charter.Devices() {
		newest, ok := c.incarnation(d.Device)
		if _, closed := s.Cuts(newest, head); ok && closed && !d.Revoked {
			a := c.alarmOf(alarmClosed, d.Device, map[string]any{})
			found[a.key()] = a
		}
	}
	keys := slices.Sorted(maps.Keys(found))
	list := make([]alarm, len(keys))
	for i, k := range keys {
		list[i] = found[k]
	}
	return list, nil
}

// ownAlarms tell of this device's own feed: who refuses what is valid, and what
// was set aside because it was not.
func (c *community) ownAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	disputes := c.claims.disputes()
	for _, d := range c.charter.Devices() {
		if n, ok := disputes[d.Device]; ok && !d.Revoked {
			list = append(list, c.alarmOf(alarmUnfair, d.Device, map[string]any{"number": n}))
		}
	}
	again, left, err := asideLeft(q)
	if err == nil && again+left > 0 && c.refused.Load() == nil {
		list = append(list, c.alarmOf(alarmAside, c.node.device.Load().Public(), map[string]any{"again": again, "left": left}))
	}
	return list, err
}

// endedFeedsOf lists the incarnations whose feeds an invalid entry ended.
func endedFeedsOf(q store.Querier) (list []wire.Actor, err error) {
	docs, err := store.EndedDocs(q)
	if err != nil {
		return nil, err
	}
	for _, doc := range docs {
		p, err := govern.ParsePath(doc)
		raw, bad := hex.DecodeString(p.Author)
		if err == nil && bad == nil && len(raw) == len(wire.Actor{}) {
			list = append(list, wire.Actor(raw))
		}
	}
	return list, nil
}

func (c *community) clockAlarms(store.Querier, govern.Snapshot) (list []alarm, err error) {
	c.skewMu.Lock()
	defer c.skewMu.Unlock()
	for _, d := range c.charter.Devices() {
		by := time.Duration(c.skew[d.Device]) * time.Millisecond
		if by.Abs() > skewLimit && !d.Revoked {
			list = append(list, c.alarmOf(alarmClock, d.Device, map[string]any{"minutes": int64(by.Abs() / time.Minute), "ahead": by > 0}))
		}
	}
	return list, nil
}

// sumAlarms tells of loss, what was paid twice, debts and a budget that is used up.
func (c *community) sumAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	lost, booked, err := c.lostOf(q, ledger.Points, "")
	if err != nil {
		return nil, err
	}
	if lost > booked {
		list = append(list, alarm{Code: alarmLoss, Link: "/points/year", Params: map[string]any{"points": lost - booked}})
	}
	twice, err := c.ledger.Unexplained(q)
	if err != nil {
		return nil, err
	}
	if len(twice) > 0 {
		writers := c.writers()
		by := map[[32]byte]int64{}
		for feed, n := range twice {
			by[writers[feed]] += n
		}
		for _, device := range slices.SortedFunc(maps.Keys(by), func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) }) {
			list = append(list, c.alarmOf(alarmTwice, device, map[string]any{"points": by[device]}))
		}
	}
	people, points, err := c.ledger.Debtors(q)
	if err != nil {
		return nil, err
	}
	if people > 0 {
		list = append(list, alarm{Code: alarmDebt, Link: "/people", Params: map[string]any{"people": people, "points": points}})
	}
	if n, why := c.activity.Aside(); n > 0 {
		list = append(list, alarm{Code: alarmStuck, Link: "/devices", Params: map[string]any{"n": n, "why": why.Error()}})
	}
	b, err := c.budgetNow(q)
	if err == nil && b.Set && b.Left == 0 {
		list = append(list, alarm{Code: alarmBudget, Link: "/points/budget", Params: map[string]any{"period": b.Period, "budget": b.Budget}})
	}
	return list, err
}

func alarmsSince(q store.Querier) (map[string]int64, error) {
	rows, err := q.Query(`SELECT key, at FROM local_alarm`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var key string
		var at int64
		if err := rows.Scan(&key, &at); err != nil {
			return nil, err
		}
		out[key] = at
	}
	return out, rows.Err()
}

// watchAlarms remembers since when there is an alarm, and forgets those that
// are over, but for forks, which are settled without anybody.
func (t *tender) watchAlarms(ctx context.Context) error {
	if d, _ := t.c.self(); !d.Role.Staff() {
		return nil
	}
	var list []alarm
	var known map[string]int64
	err := t.c.view(ctx, func(q store.Querier) (err error) {
		if list, err = t.c.alarms(q); err == nil {
			known, err = alarmsSince(q)
		}
		return err
	})
	if err != nil {
		return err
	}
	open := int64(0)
	for _, a := range list {
		if a.Params["settled"] != true {
			open++
		}
	}
	if before := t.c.alarmed.Swap(open); before != open {
		t.c.node.hub.tell("state")
	}
	here := map[string]bool{}
	var fresh []string
	for _, a := range list {
		here[a.key()] = true
		if _, ok := known[a.key()]; !ok {
			fresh = append(fresh, a.key())
		}
	}
	gone := slices.DeleteFunc(slices.Sorted(maps.Keys(known)), func(k string) bool {
		return here[k] || len(k) > len(alarmFork) && k[:len(alarmFork)+1] == alarmFork+"/"
	})
	if len(fresh)+len(gone) == 0 {
		return nil
	}
	return t.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for _, k := range fresh {
			if _, err := tx.Exec(`INSERT INTO local_alarm (key, at) VALUES (?, ?)`, k, t.c.node.now()); err != nil {
				return err
			}
		}
		for _, k := range gone {
			if _, err := tx.Exec(`DELETE FROM local_alarm WHERE key = ?`, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// clocks asks the connected devices what time it is there.
func (t *tender) clocks(ctx context.Context) error {
	h, now := t.c.mesh.now(), t.c.node.now()
	if h == nil {
		return nil
	}
	for pub := range t.c.mesh.online() {
		if now < t.clockAt[pub]+clockEvery.Milliseconds() {
			continue
		}
		t.clockAt[pub] = now
		ask, cancel := context.WithTimeout(ctx, clockWait)
		answer, err := h.Ask(ask, pub, []byte{askClock, 0})
		cancel()
		if err != nil || len(answer) != 8 {
			continue // an older program, or one that has just gone
		}
		after := t.c.node.now()
		t.c.skewMu.Lock()
		t.c.skew[pub] = int64(binary.BigEndian.Uint64(answer)) - (now+after)/2
		t.c.skewMu.Unlock()
		now = after
	}
	return nil
}

// clockWait bounds the wait for a clock: the chores behind it wait, too.
const clockWait = 2 * time.Second

func (m *mesh) answerClock() ([]byte, error) {
	return binary.BigEndian.AppendUint64(nil, uint64(m.c.node.now())), nil
}

// forkProof gives the proof that a device's feed has two histories, for anybody
// to check offline (jishan doc proof). Fault: devices.proof.none.
func (c *community) forkProof(ctx context.Context, id string) (*File, error) {
	pub, err := parseDevice(id)
	if err != nil {
		return nil, err
	}
	items, err := c.store.SetItems(ctx, store.SetFork, -1)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		p, err := seal.DecodeForkProof(it.Blob)
		if err != nil {
			return nil, err
		}
		if p.Certificate.Device == pub {
			return &File{Name: "fork-" + p.Actor().String()[:8] + ".proof", Type: "application/octet-stream", Body: bytes.NewReader(it.Blob)}, nil
		}
	}
	return nil, fault.New("devices.proof.none")
}
