package node

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/report"
	"jishan/app/sheet"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Monthly reports: a community's main device signs them, and a street or county that
// got them as files shows who reported and what it comes to (docs/statistics.md).

func (n *Node) reportCalls() map[string]handler {
	return map[string]handler{
		"stats.span":       staff(n, (*community).span),
		"report.outcomes":  staff(n, (*community).setOutcomes),
		"report.make":      staff(n, (*community).makeReport),
		"report.table":     staff(n, (*community).reportTable),
		"report.community": staff(n, (*community).reportsOf),
		"report.import":    staff(n, (*community).takeReports),
		"report.list":      staff(n, (*community).listMember),
		"report.drop":      staff(n, (*community).dropMember),
		"report.urge":      staff(n, (*community).urge),
	}
}

type outcomesRequest struct {
	Month    string         `json:"month"`
	Outcomes []outcomeReply `json:"outcomes"`
}

// setOutcomes notes what nobody can compute. Faults: report.month, report.outcome,
// report.outcomes; app.role on other devices than an office's.
func (c *community) setOutcomes(ctx context.Context, r outcomesRequest) (none, error) {
	if err := c.officeHere(); err != nil {
		return none{}, err
	}
	list := make([]report.Outcome, len(r.Outcomes))
	for i, o := range r.Outcomes {
		list[i] = report.Outcome{Name: strings.TrimSpace(o.Name), Before: o.Before, Now: o.Now}
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.reports.SetOutcomes(tx, r.Month, list) })
}

// officeHere demands an office's device, which alone writes reports.
func (c *community) officeHere() error {
	if d, ok := c.self(); !ok || d.Role != govern.Office {
		return fault.New("app.role")
	}
	return nil
}

type madeReport struct {
	Number uint64 `json:"number"`
	Made   bool   `json:"made"` // false: the last one says the same
}

// makeReport signs a month's report. Faults: report.month, report.outcome,
// govern.registrar.only.
func (c *community) makeReport(ctx context.Context, r monthRequest) (out madeReport, err error) {
	if !c.registrarHere() {
		return out, fault.New("govern.registrar.only")
	}
	f, upto, err := c.indicators(ctx, r.Month)
	if err != nil {
		return out, err
	}
	taken, outcomes, err := c.ownReports(ctx, []string{r.Month})
	if err != nil {
		return out, err
	}
	if n := len(taken); n > 0 && taken[0].Upto == upto && !differs(taken[0].Report, f, upto) && slices.Equal(taken[0].Outcomes, outcomes[r.Month]) {
		return madeReport{Number: taken[0].Number}, nil
	}
	i, err := c.charter.Introduce(c.node.device.Load(), c.node.now())
	if err != nil {
		return out, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		number, err := c.reports.Next(tx, c.charter.Community(), r.Month)
		if err != nil {
			return err
		}
		raw, err := report.Sign(c.node.device.Load().Private, report.Report{Root: i.Root, Name: i.Name, Site: i.Site, Month: r.Month, Number: number,
			Made: max(c.node.now(), upto), Upto: upto, Figures: f, Outcomes: outcomes[r.Month]})
		if err != nil {
			return err
		}
		out = madeReport{number, true}
		return c.reports.Keep(tx, [][]byte{raw})
	})
	return out, err
}

type reportRow struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Site        siteJSON         `json:"site"`
	Level       string           `json:"level"`
	Via         string           `json:"via"` // the name of the street that vouched for it
	Fingerprint string           `json:"fingerprint"`
	Upto        int64            `json:"upto"` // 0: nothing in the span
	Last        string           `json:"last"`
	Missing     []string         `json:"missing"`
	Urged       int64            `json:"urged"`
	Figures     map[string]int64 `json:"figures"`
	Rates       map[string]int64 `json:"rates"`
}

type tableReply struct {
	From         string           `json:"from"`
	To           string           `json:"to"`
	Rows         []reportRow      `json:"rows"`
	Reported     int              `json:"reported"`
	Sum          map[string]int64 `json:"sum"`
	Rates        map[string]int64 `json:"rates"`
	Before       map[string]int64 `json:"before"` // the sum of as many months before
	BeforeRates  map[string]int64 `json:"beforeRates"`
	Outcomes     []outcomeReply   `json:"outcomes"`
	Trend        []trendMonth     `json:"trend"`   // month by month, the sums
	Streets      []streetReply    `json:"streets"` // that pass on what they have
	Introduction string           `json:"introduction"`
	Fingerprint  string           `json:"fingerprint"`
}

type streetReply struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Fingerprint string `json:"fingerprint"`
}

type trendMonth struct {
	Month    string           `json:"month"`
	Reported int              `json:"reported"`
	Sum      map[string]int64 `json:"sum"`
}

// monthEnd is when a month is over, or now.
func (c *community) monthEnd(month string) int64 {
	_, end, _, err := activity.MonthBounds(month)
	if err != nil {
		return 0
	}
	if now := c.node.now(); now < end { // of a month that runs a report of any day counts
		return 0
	}
	return end
}

// shifted is a month so many months later; earlier where that is below 0.
func shifted(month string, by int) string {
	t, err := time.ParseInLocation("2006-01", month, zone.China)
	if err != nil {
		return month
	}
	return t.AddDate(0, by, 0).Format("2006-01")
}

// tableOf reads the reports of a span and of as many months before it.
func (c *community) tableOf(ctx context.Context, r monthsRequest) (now, before report.Table, trend []report.Table, err error) {
	months, err := c.months(r)
	if err != nil {
		return now, before, nil, err
	}
	earlier := report.Months(shifted(months[0], -len(months)), shifted(months[0], -1))
	err = c.view(ctx, func(q store.Querier) error {
		members, err := c.reports.Members(q)
		if err != nil {
			return err
		}
		// A street's own line would count its communities twice.
		members = slices.DeleteFunc(members, func(m report.Member) bool { return m.Level != "" })
		taken, err := c.reports.Taken(q, "", earlier[0], months[len(months)-1])
		if err != nil {
			return err
		}
		urged, err := c.reports.Urged(q, months[0], months[len(months)-1])
		if err != nil {
			return err
		}
		now, before = report.Fold(members, taken, months, c.monthEnd), report.Fold(members, taken, earlier, c.monthEnd)
		for i := range now.Rows {
			now.Rows[i].Urged = urged[now.Rows[i].ID]
		}
		for _, m := range months {
			trend = append(trend, report.Fold(members, taken, []string{m}, c.monthEnd))
		}
		return nil
	})
	return now, before, trend, err
}

// reportTable is what a street or county sees: who reported up to when, and what it
// comes to. Fault: report.month.
func (c *community) reportTable(ctx context.Context, r monthsRequest) (out tableReply, err error) {
	t, before, trend, err := c.tableOf(ctx, r)
	if err != nil {
		return out, err
	}
	out = tableReply{From: t.From, To: t.To, Rows: []reportRow{}, Reported: t.Reported, Sum: t.Sum, Rates: report.RatesOf(t.Sum), Before: before.Sum,
		BeforeRates: report.RatesOf(before.Sum), Outcomes: outcomesOf(t.Outcomes), Trend: []trendMonth{}}
	streets, err := c.streets(ctx)
	if err != nil {
		return out, err
	}
	out.Streets = streets
	for _, x := range t.Rows {
		out.Rows = append(out.Rows, reportRow{ID: x.ID, Name: x.Name, Site: siteOf(x.Site), Level: x.Level, Via: nameOf(streets, x.Via), Fingerprint: x.Fingerprint, Upto: x.Upto, Last: x.Last,
			Missing: x.Missing, Urged: x.Urged, Figures: x.Figures, Rates: report.RatesOf(x.Figures)})
	}
	for _, x := range trend {
		out.Trend = append(out.Trend, trendMonth{x.From, x.Reported, x.Sum})
	}
	if c.registrarHere() {
		i, err := c.charter.Introduce(c.node.device.Load(), c.node.now())
		if err != nil {
			return out, err
		}
		out.Introduction, out.Fingerprint = i.String(), i.Fingerprint()
	}
	return out, nil
}

// streets are those that pass on what they have.
func (c *community) streets(ctx context.Context) ([]streetReply, error) {
	out := []streetReply{}
	err := c.view(ctx, func(q store.Querier) error {
		list, err := c.reports.Members(q)
		for _, m := range list {
			if m.Level != "" {
				out = append(out, streetReply{m.ID, m.Name, m.Fingerprint})
			}
		}
		return err
	})
	return out, err
}

func nameOf(list []streetReply, id string) string {
	for _, s := range list {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}

type memberMonths struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
}

type monthReport struct {
	Month    string           `json:"month"`
	Number   uint64           `json:"number"`
	Replaced int              `json:"replaced"`
	Made     int64            `json:"made"`
	Upto     int64            `json:"upto"`
	Hash     string           `json:"hash"`
	Figures  map[string]int64 `json:"figures"`
	Rates    map[string]int64 `json:"rates"`
	Outcomes []outcomeReply   `json:"outcomes"`
}

type memberReply struct {
	Row     reportRow     `json:"row"`
	Months  []monthReport `json:"months"`
	Missing []string      `json:"missing"`
}

// reportsOf shows one community's reports month by month. Faults: report.month,
// report.member.
func (c *community) reportsOf(ctx context.Context, r memberMonths) (out memberReply, err error) {
	t, _, _, err := c.tableOf(ctx, monthsRequest{r.From, r.To})
	if err != nil {
		return out, err
	}
	i := slices.IndexFunc(t.Rows, func(x report.Row) bool { return x.ID == r.ID })
	if i < 0 {
		return out, fault.New("report.member")
	}
	x := t.Rows[i]
	out.Row = reportRow{ID: x.ID, Name: x.Name, Site: siteOf(x.Site), Level: x.Level, Fingerprint: x.Fingerprint, Upto: x.Upto, Last: x.Last, Missing: x.Missing, Figures: x.Figures, Rates: report.RatesOf(x.Figures)}
	out.Missing, out.Months = x.Missing, []monthReport{}
	for _, m := range x.Months {
		out.Months = append(out.Months, monthReport{m.Month, m.Number, m.Replaced, m.Made, m.Upto, hexText(m.Hash[:]), m.Figures, report.RatesOf(m.Figures), outcomesOf(m.Outcomes)})
	}
	return out, nil
}

type cameReply struct {
	Name         string       `json:"name"`
	Month        string       `json:"month"`
	State        string       `json:"state"` // new, replaces, known, older, refused
	Fault        *fault.Fault `json:"fault,omitempty"`
	Introduction string       `json:"introduction"`
	Fingerprint  string       `json:"fingerprint"`
}

type tookReply struct {
	Carrier string      `json:"carrier"` // the street that passed them on
	Came    []cameReply `json:"came"`
}

// takeReports reads a file of reports. Faults: report.above, report.file.bad, report.newer,
// report.forged, file.large; those of single reports stand beside them.
func (c *community) takeReports(ctx context.Context, r fileRequest) (out tookReply, err error) {
	if err := c.aboveHere(); err != nil {
		return out, err
	}
	b, err := r.bytes()
	if err != nil {
		return out, err
	}
	f, err := report.ReadFile(b)
	if err != nil {
		return out, err
	}
	if f.Carrier != nil {
		out.Carrier = f.Carrier.Name
	}
	out.Came = []cameReply{}
	err = c.write(ctx, func(tx *store.Tx) error {
		list, err := c.reports.Take(tx, f, c.node.now())
		for _, x := range list {
			out.Came = append(out.Came, cameReply{x.Name, x.Month, x.State, x.Fault, x.Introduction, x.Fingerprint})
		}
		return err
	})
	return out, err
}

type memberRequest struct {
	Text  string `json:"text"`  // an introduction
	Level string `json:"level"` // "" a community, street
}

// listMember takes a community up whose fingerprint was compared. Faults:
// report.above (this is no office above communities), partner.own,
// partner.introduction.bad, .newer, .forged, report.level.
func (c *community) listMember(ctx context.Context, r memberRequest) (none, error) {
	if err := c.aboveHere(); err != nil {
		return none{}, err
	}
	i, err := govern.ReadIntroduction(r.Text)
	if err != nil {
		return none{}, err
	}
	if i.Community() == c.charter.Community() {
		return none{}, fault.New("partner.own")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.reports.List(tx, i, r.Level, "") })
}

// aboveHere demands an office of a street or county.
func (c *community) aboveHere() error {
	if c.charter.Settings().Level == "" {
		return fault.New("report.above")
	}
	return c.officeHere()
}

// dropMember takes a community off the list. Faults: report.above, report.member.
func (c *community) dropMember(ctx context.Context, r idRequest) (none, error) {
	if err := c.aboveHere(); err != nil {
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.reports.Drop(tx, r.ID) })
}

type urgeRequest struct {
	Month string   `json:"month"`
	IDs   []string `json:"ids"`
}

// urge notes that communities were reminded. Faults: report.above, report.month,
// report.member.
func (c *community) urge(ctx context.Context, r urgeRequest) (none, error) {
	if err := c.aboveHere(); err != nil {
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.reports.Urge(tx, r.Month, r.IDs) })
}

// reportSuffix is the end of a report file's name.
const reportSuffix = ".jishanreport"

// reportFile is what a community hands in, and what a street passes on: the latest
// reports of the last two years, so that any file makes good for one that was lost.
// Faults: govern.registrar.only, report.none.
func (c *community) reportFile(ctx context.Context) (*File, error) {
	d := c.node.device.Load()
	i, err := c.charter.Introduce(d, c.node.now())
	if err != nil {
		return nil, err
	}
	month := zone.Month(c.node.now())
	var bundles []report.Bundle
	own := c.charter.Community()
	above := c.charter.Settings().Level != ""
	err = c.view(ctx, func(q store.Querier) error {
		bundles, err = c.reports.Bundles(q, own, i.String(), shifted(month, 1-maxMonths), month, above)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(bundles) == 0 {
		return nil, fault.New("report.none")
	}
	var raw []byte
	if above {
		raw, err = report.Forward(d.Private, i.String(), bundles)
	} else {
		raw, err = report.File(bundles)
	}
	if err != nil {
		return nil, err
	}
	return &File{Name: c.fileName(sheet.TakenReport, i.Name, c.stamp()) + reportSuffix, Type: "application/octet-stream", Body: bytes.NewReader(raw)}, nil
}

// spanFile is the statistics of a community as a workbook. Fault: report.month.
func (c *community) spanFile(ctx context.Context, r monthsRequest) (*File, error) {
	s, err := c.span(ctx, r)
	if err != nil {
		return nil, err
	}
	t := sheet.Span{Community: c.charter.Settings().Name, Total: s.Figures}
	for _, m := range s.Months {
		t.Months, t.Figures = append(t.Months, m.Month), append(t.Figures, m.Figures)
	}
	for _, o := range s.Outcomes {
		t.Outcomes = append(t.Outcomes, report.Outcome{Name: o.Name, Before: o.Before, Now: o.Now})
	}
	return workbook(c.fileName(sheet.TakenSpan, s.Months[0].Month, s.Months[len(s.Months)-1].Month), func(w io.Writer) error { return sheet.Spans(w, t) })
}

// tableFile is the table of a street or county as a workbook. Fault: report.month.
func (c *community) tableFile(ctx context.Context, r monthsRequest) (*File, error) {
	t, _, _, err := c.tableOf(ctx, r)
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenReports, t.From, t.To), func(w io.Writer) error { return sheet.Reports(w, c.charter.Settings().Name, t) })
}
