package node

import (
	"context"
	"errors"
	"maps"
	"slices"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/report"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// ordersType stands in the list of service by type for what helpers served by orders;
// the screens have the word.
const ordersType = "@orders"

// monthly are a month's figures, everybody who served in it and the wishes as sums.
func (c *community) monthly(ctx context.Context, name string) (m activity.Month, served map[string]bool, figures map[string]int64, err error) {
	start, end, _, err := activity.MonthBounds(name)
	if err != nil {
		return m, nil, nil, err
	}
	n, err := c.residents(ctx)
	if err != nil {
		return m, nil, nil, err
	}
	figures = map[string]int64{}
	err = c.view(ctx, func(q store.Querier) error {
		if m, served, err = c.activity.MonthOf(q, name); err != nil {
			return err
		}
		orders, err := c.order.ServedBetween(q, "", start, end)
		if err != nil {
			return err
		}
		for _, s := range orders {
			m.Add(ordersType, s.Minutes)
			served[s.Person] = true
		}
		t, err := c.order.TallyOf(q, start, end)
		if err != nil {
			return err
		}
		figures["wishes"], figures["wishesDone"], figures["helped"], figures["contacted"] = t.Wishes, t.Done, t.Done, t.Contacted
		figures["contactMinutes"], figures["doneMinutes"], figures["reviews"], figures["stars"] = t.ContactMinutes, t.DoneMinutes, t.Reviews, t.Stars
		return c.points(q, &m)
	})
	m.Volunteers, m.Active = int64(n), int64(len(served))
	return m, served, figures, err
}

// residents counts who is registered and has not moved away: who moved stays in the
// register, with the past, and is another community's volunteer.
func (c *community) residents(ctx context.Context) (int, error) {
	away := map[people.ID]bool{}
	err := c.view(ctx, func(q store.Querier) error {
		movers, err := c.ledger.Movers(q)
		for _, m := range movers {
			_, gone, e := c.ledger.LastMove(q, m)
			if err = errors.Join(err, e); gone {
				away[c.people.Lead(people.ID(m))] = true
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	known, err := c.people.Briefs(ctx, slices.Collect(maps.Keys(away))...) // who was erased is not counted anyhow
	if err != nil {
		return 0, err
	}
	n, err := c.people.Count(ctx)
	return n - len(known), err
}

// indicators are all figures of a month, by [report.Indicator.Code], and until when
// they count. What has no history (people, households, merchants, what is owed, the
// budget) is as it is now.
func (c *community) indicators(ctx context.Context, month string) (f map[string]int64, upto int64, err error) {
	start, end, _, err := activity.MonthBounds(month)
	if err != nil {
		return nil, 0, err
	}
	now := c.node.now()
	if start > now {
		return nil, 0, fault.New("report.month")
	}
	m, served, f, err := c.monthly(ctx, month)
	if err != nil {
		return nil, 0, err
	}
	for code, n := range map[string]int64{"volunteers": m.Volunteers, "active": m.Active, "sessions": m.Sessions, "services": m.Attendances, "minutes": m.Minutes,
		"carried": m.Carried, "awarded": m.Awarded, "brought": m.Brought, "redeemed": m.Redeemed, "deducted": m.Deducted + m.Moved, "moved": m.Moved, "expired": m.Expired, "outstanding": m.Outstanding} {
		f[code] = n
	}
	if err := c.homesInto(f, served); err != nil {
		return nil, 0, err
	}
	owed, err := c.owed(ctx, none{})
	if err != nil {
		return nil, 0, err
	}
	f["owed"] = owed.DueFen + owed.UnpaidFen
	for i, s := range govern.CountScopes(c.charter.Shops()) {
		f[[]string{"shops", "shopsStreet", "shopsDistrict", "shopsCity"}[i]] = int64(s.Only)
	}
	return f, min(now, end), c.view(ctx, func(q store.Querier) error { return c.ledgerInto(q, f) })
}

// homesInto counts the households, those that are left out, and those of the others
// in which somebody served.
func (c *community) homesInto(f map[string]int64, served map[string]bool) error {
	l, err := c.people.Living()
	if err != nil {
		return err
	}
	joined := map[people.ID]bool{}
	for text := range served {
		id, err := people.ParseID(text)
		if err != nil {
			continue
		}
		if home, ok := l.Home[id]; ok && !l.Away[home] && !l.Unable[home] {
			joined[home] = true
		}
	}
	f["households"], f["away"], f["unable"], f["joined"] = int64(l.Homes), int64(len(l.Away)), int64(len(l.Unable)), int64(len(joined))
	return nil
}

// ledgerInto adds whoever has most, without a name, and the year's budget.
func (c *community) ledgerInto(q store.Querier, f map[string]int64) error {
	list, err := c.ledger.AllBalances(q, period(c.node.now()))
	if err != nil {
		return err
	}
	for _, b := range list {
		f["best"] = max(f["best"], b.Lifetime)
	}
	b, err := c.budgetNow(q)
	if b.Set {
		f["budget"], f["budgetUsed"] = b.Budget, b.Issued
	}
	return err
}

type spanMonth struct {
	Month    string           `json:"month"`
	Upto     int64            `json:"upto"`
	Figures  map[string]int64 `json:"figures"`
	Rates    map[string]int64 `json:"rates"`
	Reported uint64           `json:"reported"` // number of the report, 0: not reported
	At       int64            `json:"at"`       // when it was made
	Differs  bool             `json:"differs"`  // the figures are other ones by now
}

type outcomeReply struct {
	Name   string `json:"name"`
	Before int64  `json:"before"`
	Now    int64  `json:"now"`
}

func outcomesOf(list []report.Outcome) []outcomeReply {
	out := make([]outcomeReply, len(list))
	for i, o := range list {
		out[i] = outcomeReply{o.Name, o.Before, o.Now}
	}
	return out
}

type spanReply struct {
	Months   []spanMonth      `json:"months"`
	Figures  map[string]int64 `json:"figures"` // of the span
	Rates    map[string]int64 `json:"rates"`   // per mille, or tenths; -1: of nothing
	Outcomes []outcomeReply   `json:"outcomes"`
}

type monthsRequest struct {
	From string `json:"from"` // yyyy-mm
	To   string `json:"to"`   // yyyy-mm, with it
}

// maxMonths bounds a span on a screen: two years.
const maxMonths = 24

// months lists a span's months up to this one. Fault: report.month.
func (c *community) months(r monthsRequest) ([]string, error) {
	list := report.Months(r.From, min(r.To, zone.Month(c.node.now())))
	if !report.IsMonth(r.From) || !report.IsMonth(r.To) || len(list) == 0 || len(list) > maxMonths {
		return nil, fault.New("report.month")
	}
	return list, nil
}

// span are the indicators of several months, and of all together. Fault:
// report.month.
func (c *community) span(ctx context.Context, r monthsRequest) (out spanReply, err error) {
	months, err := c.months(r)
	if err != nil {
		return out, err
	}
	taken, outcomes, err := c.ownReports(ctx, months)
	if err != nil {
		return out, err
	}
	var all []report.Taken
	for _, month := range months {
		f, upto, err := c.indicators(ctx, month)
		if err != nil {
			return out, err
		}
		x := spanMonth{Month: month, Upto: upto, Figures: f, Rates: report.RatesOf(f)}
		if i := slices.IndexFunc(taken, func(t report.Taken) bool { return t.Month == month }); i >= 0 {
			x.Reported, x.At, x.Differs = taken[i].Number, taken[i].Made, differs(taken[i].Report, f, upto)
		}
		out.Months = append(out.Months, x)
		all = append(all, report.Taken{Report: report.Report{Month: month, Upto: upto, Figures: f, Outcomes: outcomes[month]}})
	}
	t := report.Fold([]report.Member{{ID: all[0].Community()}}, all, months, func(string) int64 { return 0 })
	out.Figures, out.Rates, out.Outcomes = t.Sum, report.RatesOf(t.Sum), outcomesOf(t.Outcomes)
	return out, nil
}

// differs tells whether what was reported is not what a report would say now. What has
// no history is not compared, and of a month that still runs not the moment either: what
// is missing then is its last report, once it is over.
func differs(r report.Report, f map[string]int64, upto int64) bool {
	_, end, _, err := activity.MonthBounds(r.Month)
	return err != nil || r.Upto < end && upto >= end || slices.ContainsFunc(report.Indicators, func(i report.Indicator) bool {
		return (i.Kind == report.Flow || i.Kind == report.Opening || i.Code == "outstanding" || i.Code == "active") && r.Figures[i.Code] != f[i.Code]
	})
}

// ownReports are this community's reports that count, and what was entered by hand.
func (c *community) ownReports(ctx context.Context, months []string) (taken []report.Taken, outcomes map[string][]report.Outcome, err error) {
	outcomes = map[string][]report.Outcome{}
	own := c.charter.Community()
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.reports.Taken(q, own, months[0], months[len(months)-1])
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.Community() == own {
				taken = append(taken, x)
			}
		}
		for _, m := range months {
			if outcomes[m], err = c.reports.Outcomes(q, m); err != nil {
				return err
			}
		}
		return nil
	})
	return taken, outcomes, err
}
