package node

import (
	"cmp"
	"context"
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Years: what was issued and redeemed of each year's points, and their end.
// Only the registrar's YEARCLOSE ends what can be spent; the clock merely says
// from when on the registrar may write it.

func (n *Node) yearCalls() map[string]handler {
	return map[string]handler{
		"year.list":    staff(n, (*community).years),
		"year.grace":   staff(n, (*community).setGrace),
		"year.cohorts": staff(n, (*community).setCohorts),
		"year.close":   staff(n, (*community).closeYear),
		"year.final":   staff(n, (*community).finishYear),
	}
}

// States of a year.
const (
	yearRunning = "running" // it is not over
	yearGrace   = "grace"   // over, and its points can still be spent
	yearDue     = "due"     // it can be closed
	yearClosed  = "closed"  // closed; holders burn, late redemptions may come
	yearFinal   = "final"   // nobody holds anything of it
)

type yearReply struct {
	Period      string      `json:"period"`
	State       string      `json:"state"`
	Issued      int64       `json:"issued"`
	Redeemed    int64       `json:"redeemed"`
	Deducted    int64       `json:"deducted"`
	Moved       int64       `json:"moved"` // away, with their people
	Outstanding int64       `json:"outstanding"`
	Expired     int64       `json:"expired"`
	Lost        int64       `json:"lost"`       // what forks and closes cost: issued + lost is the sum of the others
	LostBooked  int64       `json:"lostBooked"` // of it booked to the reserve
	Late        int64       `json:"late"`       // redemptions that were not known at the close
	People      int64       `json:"people"`     // who have something outstanding
	OnTheWay    int64       `json:"onTheWay"`   // part of outstanding: in nobody's hands
	EndsAt      int64       `json:"endsAt"`     // milliseconds
	CloseFrom   int64       `json:"closeFrom"`
	ClosedAt    int64       `json:"closedAt"` // 0 while it is open
	ClosedBy    string      `json:"closedBy"`
	ClosePoints int64       `json:"closePoints"` // what expired at the close, of how many people
	ClosePeople int64       `json:"closePeople"`
	FinalAt     int64       `json:"finalAt"`
	Rest        []restReply `json:"rest"`   // who holds what is outstanding
	Absent      []absent    `json:"absent"` // who may still bring redemptions of this year
}

type restReply struct {
	Device string `json:"device"`
	Points int64  `json:"points"`
}

// absent is a device that nothing has been heard of since the year ended.
type absent struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Last int64  `json:"last"` // when it was last heard of, 0 = never
}

type yearsReply struct {
	Years     []yearReply `json:"years"`
	Grace     int64       `json:"grace"`     // days
	Quarterly bool        `json:"quarterly"` // what is earned from now on ends by quarters
	Registrar bool        `json:"registrar"`
}

// years shows all years and quarters that ever had points, and those of now, the
// newest first.
func (c *community) years(ctx context.Context, _ none) (out yearsReply, err error) {
	d, _ := c.self()
	out = yearsReply{Years: []yearReply{}, Grace: c.charter.Settings().YearGrace(), Quarterly: c.charter.Settings().Quarterly(), Registrar: d.Registrar}
	err = c.view(ctx, func(q store.Querier) error {
		cohorts, err := c.ledger.Cohorts(q)
		if err != nil {
			return err
		}
		for _, now := range []string{c.cohort(c.node.now()), period(c.node.now())} { // base points and benefits end by the year in any case
			if !slices.ContainsFunc(cohorts, func(x ledger.Cohort) bool { return x.Period == now }) {
				cohorts = append(cohorts, ledger.Cohort{Period: now})
			}
		}
		known, err := c.charter.Years(q)
		if err != nil {
			return err
		}
		for _, x := range cohorts {
			if _, _, ok := law.YearBounds(x.Period, 0); !ok {
				continue
			}
			r, err := c.yearReply(q, x, known)
			if err != nil {
				return err
			}
			out.Years = append(out.Years, r)
		}
		return nil
	})
	slices.SortFunc(out.Years, func(a, b yearReply) int { return cmp.Compare(b.Period, a.Period) })
	return out, err
}

func (c *community) yearReply(q store.Querier, x ledger.Cohort, known []govern.Year) (yearReply, error) {
	end, from, _ := law.YearBounds(x.Period, c.charter.Settings().YearGrace())
	r := yearReply{
		Period: x.Period, Issued: x.Issued, Redeemed: x.Redeemed, Deducted: x.Deducted, Moved: x.Moved, Outstanding: x.Outstanding, Expired: x.Expired,
		People: x.People, OnTheWay: x.Outstanding - x.Held(), EndsAt: end, CloseFrom: from, Rest: []restReply{}, Absent: []absent{},
	}
	var err error
	if r.Lost, r.LostBooked, err = c.lostOf(q, ledger.Points, x.Period); err != nil {
		return r, err
	}
	for _, h := range x.Rest {
		r.Rest = append(r.Rest, restReply{c.deviceName(h.Feed), h.Points})
	}
	now := c.node.now()
	switch i := slices.IndexFunc(known, func(y govern.Year) bool { return y.Period == x.Period }); {
	case i >= 0:
		y := known[i]
		r.State, r.ClosedAt, r.ClosedBy, r.FinalAt = yearClosed, y.Closed, y.By, y.Final
		r.ClosePoints, r.ClosePeople, r.Late = y.Figures.Points, y.Figures.People, x.Redeemed-y.Figures.Redeemed
		if y.Final > 0 {
			r.State = yearFinal
			return r, nil
		}
	case now < end:
		r.State = yearRunning
		return r, nil
	case now < from:
		r.State = yearGrace
	default:
		r.State = yearDue
	}
	r.Absent, err = c.absentSince(q, end)
	return r, err
}

// absentSince lists the devices of which nothing is known after a moment:
// neither a meeting nor an entry of their feed, which may have come by others.
func (c *community) absentSince(q store.Querier, moment int64) ([]absent, error) {
	out := []absent{}
	known, err := heldBy(q)
	if err != nil {
		return nil, err
	}
	online := c.mesh.online()
	for _, d := range c.charter.Devices() {
		if d.Revoked || d.Device == c.node.device.Load().Public() {
			continue
		}
		last := known[d.Device].at
		if t := online[d.Device]; t != nil {
			last = max(last, t.Stats().InSyncAt)
		}
		if a, ok := c.incarnation(d.Device); ok {
			at, err := c.ledger.LastEntry(q, a)
			if err != nil {
				return nil, err
			}
			last = max(last, at)
		}
		if last < moment {
			out = append(out, absent{deviceText(d.Device), d.Name, last})
		}
	}
	return out, nil
}

// setGrace changes for how long a year's points can be spent after its end.
// Faults: year.grace.bad{max}, govern.registrar.only.
func (c *community) setGrace(ctx context.Context, r struct {
	Days int64 `json:"days"`
}) (none, error) {
	if r.Days < 0 || r.Days > govern.MaxYearGrace {
		return none{}, fault.New("year.grace.bad", "max", govern.MaxYearGrace)
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.YearGraceSetting(r.Days)) })
}

// setCohorts says whether points that are earned from now on end by the quarter
// or by the year; those of before keep their period. Fault: govern.registrar.only.
func (c *community) setCohorts(ctx context.Context, r struct {
	Quarterly bool `json:"quarterly"`
}) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.CohortSetting(r.Quarterly)) })
}

// closeRequest repeats the numbers that were confirmed on the screen: what is
// closed is what was read.
type closeRequest struct {
	Period string `json:"period"`
	Points int64  `json:"points"`
	People int64  `json:"people"`
}

// closeYear ends a year's points for good. Faults: govern.registrar.only,
// year.unknown, year.early{period, from}, year.closed{period},
// year.changed{points, people} with the numbers of now.
func (c *community) closeYear(ctx context.Context, r closeRequest) (none, error) {
	if d, _ := c.self(); !d.Registrar {
		return none{}, fault.New("govern.registrar.only")
	}
	now := c.node.now()
	if err := law.MayClose(c.charter, r.Period, now); err != nil { // said before what a doubtful clock forbids
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		return law.CloseYear(tx, c.charter, c.ledger, r.Period, now, r.Points, r.People)
	})
}

// finishYear says that nothing of a closed year is left anywhere, so that
// nothing late can come. Faults: govern.registrar.only, year.unknown,
// year.running, year.final, year.left{points}, year.unbooked{points}.
func (c *community) finishYear(ctx context.Context, r struct {
	Period string `json:"period"`
}) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return law.FinishYear(tx, c.charter, c.ledger, r.Period) })
}
