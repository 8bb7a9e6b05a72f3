package node

import (
	"context"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
)

// Whether every staff device has destroyed the keys of who was erased
// (docs/personal-data.md).

const (
	// erasureLate is how long a device may owe a receipt before the office is told:
	// a station that is closed over a week's holiday is no alarm.
	erasureLate = 10 * 24 * time.Hour
	// maxErasures bounds what is looked at for alarms: the latest; a device that owes
	// an older one owes these, too.
	maxErasures = 200
)

// owing is a staff device that has not said that it destroyed a person's keys.
type owing struct {
	Device string `json:"device"`
	Name   string `json:"name"`
	Place  string `json:"place"`
	Online bool   `json:"online"`
	Last   int64  `json:"last"` // when it was met, 0 = never
}

// erasureRow is one erased record. Nobody can tell any more whose it was.
type erasureRow struct {
	Person   string  `json:"person"`
	At       int64   `json:"at"`
	Operator string  `json:"operator"`
	Done     int     `json:"done"` // staff devices that have destroyed the keys
	Of       int     `json:"of"`
	Missing  []owing `json:"missing"`
}

type erasuresReply struct {
	Total int          `json:"total"`
	Rows  []erasureRow `json:"rows"` // the latest first
}

// erasures lists who was erased and which staff device has not followed yet. Fault: call.page.
func (c *community) erasures(ctx context.Context, r pageRequest) (out erasuresReply, err error) {
	if r.Offset < 0 || r.Limit < 1 || r.Limit > maxPage {
		return out, fault.New("call.page", "limit", maxPage)
	}
	out.Rows = []erasureRow{}
	err = c.view(ctx, func(q store.Querier) error {
		known, err := heldBy(q)
		if err != nil {
			return err
		}
		online := c.mesh.online()
		last, err := c.lastMet(q, known, online)
		if err != nil {
			return err
		}
		list, total, err := c.people.Erasures(q, r.Offset, r.Limit)
		out.Total = total
		for _, e := range list {
			row := erasureRow{Person: e.Person.String(), At: e.At, Operator: e.Operator, Missing: []owing{}}
			for _, d := range c.staffDevices() {
				row.Of++
				if c.receipted(e, d) {
					row.Done++
					continue
				}
				row.Missing = append(row.Missing, owing{Device: deviceText(d.Device), Name: d.Name, Place: d.PlaceName, Online: online[d.Device] != nil, Last: last[d.Device].at})
			}
			out.Rows = append(out.Rows, row)
		}
		return err
	})
	return out, err
}

// staffDevices are those that keep people, this one among them.
func (c *community) staffDevices() (out []govern.Enrolled) {
	for _, d := range c.charter.Devices() {
		if d.Role.Staff() && !d.Revoked {
			out = append(out, d)
		}
	}
	return out
}

// receipted tells whether a device has destroyed the keys, as who it writes as now:
// what it was before a restore has said nothing about what came back with it.
func (c *community) receipted(e people.Erasure, d govern.Enrolled) bool {
	a, ok := c.incarnation(d.Device)
	_, given := e.Receipts[a]
	return ok && given
}

// erasingAlarms tell of staff devices that owe receipts for long.
func (c *community) erasingAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return nil, nil
	}
	erased, _, err := c.people.Erasures(q, 0, maxErasures)
	if err != nil || len(erased) == 0 {
		return nil, err
	}
	last, err := c.lastMet(q, nil, c.mesh.online())
	if err != nil {
		return nil, err
	}
	late := c.node.now() - erasureLate.Milliseconds()
	for _, d := range c.staffDevices() {
		n, since := 0, int64(0)
		for _, e := range erased {
			if e.At < late && !c.receipted(e, d) {
				n, since = n+1, e.At // the latest come first: the last one is the oldest
			}
		}
		if n > 0 {
			a := c.alarmOf(alarmErasing, d.Device, map[string]any{"n": n, "from": since, "last": last[d.Device].at})
			a.Link = "/audit/erasures"
			list = append(list, a)
		}
	}
	return list, nil
}
