package node

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"jishan/app/fault"
	"jishan/app/hours"
	"jishan/app/people"
	"jishan/app/sheet"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Hours of service beside the points: certificates with a number, and what is sent to
// the platforms, once (docs/statistics.md).

func (n *Node) hoursCalls() map[string]handler {
	return map[string]handler{
		"hours.person": staff(n, (*community).hoursOf),
		"hours.issue":  staff(n, (*community).issueHours),
		"hours.papers": staff(n, (*community).hoursPapers),
		"hours.sheet":  staff(n, (*community).hoursSheet),
		"hours.due":    staff(n, (*community).hoursDue),
		"hours.layout": staff(n, (*community).setHoursLayout),
		"hours.send":   staff(n, (*community).sendHours),
	}
}

// stint is something that somebody served, wherever it stands.
type stint struct {
	person  string
	keys    []string
	at      int64
	minutes int64
	text    string
	typ     string
	place   string
}

// services lists what was served from (inclusive) to (exclusive), in its order: at
// activities, by deeds and by orders; of one person, or of everybody where it is "".
func (c *community) services(q store.Querier, person string, from, to int64) ([]stint, error) {
	at, err := c.activity.Served(q, person, from, to)
	if err != nil {
		return nil, err
	}
	by, err := c.order.ServedBetween(q, person, from, to)
	if err != nil {
		return nil, err
	}
	out := []stint{}
	for _, s := range at {
		out = append(out, stint{s.Person, s.Keys, s.At, s.Minutes, s.Text, s.Type, s.Place})
	}
	for _, s := range by {
		if s.Minutes > 0 {
			text := s.Project
			if text == "" {
				text = ordersType
			}
			out = append(out, stint{s.Person, []string{s.Key}, s.At - s.Minutes*60_000, s.Minutes, text, ordersType, ""})
		}
	}
	slices.SortStableFunc(out, func(a, b stint) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.person, b.person), slices.Compare(a.keys, b.keys))
	})
	return out, nil
}

type daysRequest struct {
	ID   string `json:"id"`
	From string `json:"from"` // yyyy-mm-dd, "" = since ever
	To   string `json:"to"`   // yyyy-mm-dd, with it; "" = until today
}

// bounds are the moments of a span of days. Fault: hours.span.
func (r daysRequest) bounds(now int64) (from, to int64, err error) {
	bad := fault.New("hours.span")
	if r.From != "" {
		t, err := time.ParseInLocation(time.DateOnly, r.From, zone.China)
		if err != nil {
			return 0, 0, bad
		}
		from = t.UnixMilli()
	}
	_, to = zone.DayBounds(now)
	if r.To != "" {
		t, err := time.ParseInLocation(time.DateOnly, r.To, zone.China)
		if err != nil {
			return 0, 0, bad
		}
		to = min(to, t.AddDate(0, 0, 1).UnixMilli())
	}
	if to <= from {
		return 0, 0, bad
	}
	return from, to, nil
}

type serviceReply struct {
	At      int64  `json:"at"`
	Minutes int64  `json:"minutes"`
	Text    string `json:"text"` // "@orders": an order without a project
	Type    string `json:"type"`
	Place   string `json:"place"`
}

type paperReply struct {
	Code    string `json:"code"`
	Person  string `json:"person"`
	Name    string `json:"name"`
	At      int64  `json:"at"`
	By      string `json:"by"`
	From    int64  `json:"from"`
	To      int64  `json:"to"`
	Times   int64  `json:"times"`
	Minutes int64  `json:"minutes"`
}

type hoursReply struct {
	Services  []serviceReply `json:"services"`
	Times     int64          `json:"times"`
	Minutes   int64          `json:"minutes"`
	From      int64          `json:"from"`
	To        int64          `json:"to"`
	Papers    []paperReply   `json:"papers"` // issued before
	Registrar bool           `json:"registrar"`
}

// hoursOf lists what somebody served in a span. Faults: hours.span, people.unknown.
func (c *community) hoursOf(ctx context.Context, r daysRequest) (out hoursReply, err error) {
	from, to, err := r.bounds(c.node.now())
	if err != nil {
		return out, err
	}
	if _, err := people.ParseID(r.ID); err != nil {
		return out, fault.New("people.unknown")
	}
	out.Registrar = c.registrarHere()
	err = c.view(ctx, func(q store.Querier) error { return c.hoursInto(q, r.ID, from, to, &out) })
	if err != nil {
		return out, err
	}
	return out, c.namePapers(ctx, out.Papers)
}

func (c *community) hoursInto(q store.Querier, person string, from, to int64, out *hoursReply) error {
	out.Services, out.Papers = []serviceReply{}, []paperReply{}
	list, err := c.services(q, person, from, to)
	if err != nil {
		return err
	}
	out.From, out.To = from, to
	for _, s := range list {
		out.Services = append(out.Services, serviceReply{s.at, s.minutes, s.text, s.typ, s.place})
		out.Times++
		out.Minutes += s.minutes
		if out.From == 0 {
			out.From = s.at
		}
	}
	ids, err := c.same(q, person)
	if err != nil {
		return err
	}
	papers, err := c.hours.Papers(q, ids, maxPage)
	for _, p := range papers {
		out.Papers = append(out.Papers, certificateOf(p))
	}
	return err
}

func certificateOf(p hours.Paper) paperReply {
	return paperReply{Code: p.Code(), Person: p.Person, At: p.At, By: p.By, From: p.From, To: p.To, Times: p.Times, Minutes: p.Minutes}
}

// namePapers adds the people's names.
func (c *community) namePapers(ctx context.Context, list []paperReply) error {
	ids := []people.ID{}
	for _, p := range list {
		if id, err := people.ParseID(p.Person); err == nil {
			ids = append(ids, id)
		}
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i, p := range list {
		if id, parseErr := people.ParseID(p.Person); parseErr == nil {
			list[i].Name = known[id].Name
		}
	}
	return err
}

// issueHours gives a certificate its number; what it says can be printed again with
// hours.sheet. Faults: hours.span, hours.nothing, people.unknown, govern.registrar.only.
func (c *community) issueHours(ctx context.Context, r daysRequest) (out paperReply, err error) {
	from, to, err := r.bounds(c.node.now())
	if err != nil {
		return out, err
	}
	if !c.registrarHere() {
		return out, fault.New("govern.registrar.only")
	}
	if _, err := people.ParseID(r.ID); err != nil {
		return out, fault.New("people.unknown")
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		var h hoursReply
		if err := c.hoursInto(tx, r.ID, from, to, &h); err != nil {
			return err
		}
		p, err := c.hours.Issue(tx, hours.Paper{Person: r.ID, By: c.operator(), From: h.From, To: to, Times: h.Times, Minutes: h.Minutes})
		out = certificateOf(p)
		return err
	})
	return out, err
}

type papersReply struct {
	Papers []paperReply `json:"papers"`
}

// hoursPapers lists what was issued, the newest first.
func (c *community) hoursPapers(ctx context.Context, _ none) (out papersReply, err error) {
	out.Papers = []paperReply{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.hours.Papers(q, nil, maxPage)
		for _, p := range list {
			out.Papers = append(out.Papers, certificateOf(p))
		}
		return err
	})
	if err != nil {
		return out, err
	}
	return out, c.namePapers(ctx, out.Papers)
}

type codeRequest struct {
	Code string `json:"code"`
}

type sheetOfHours struct {
	Paper    paperReply     `json:"paper"`
	IDNumber string         `json:"idNumber"` // masked
	Issuer   string         `json:"issuer"`
	Services []serviceReply `json:"services"`
	Changed  bool           `json:"changed"` // entries were corrected since: the sums are other ones now
}

// hoursSheet is a certificate to print: the sums as they were issued, and the services
// as they are. Fault: hours.paper.
func (c *community) hoursSheet(ctx context.Context, r codeRequest) (out sheetOfHours, err error) {
	out.Issuer = c.charter.Settings().Name
	err = c.view(ctx, func(q store.Querier) error {
		p, ok, err := c.hours.Paper(q, r.Code)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New("hours.paper")
		}
		var h hoursReply
		if err := c.hoursInto(q, p.Person, p.From, p.To, &h); err != nil {
			return err
		}
		out.Paper, out.Services, out.Changed = certificateOf(p), h.Services, h.Minutes != p.Minutes || h.Times != p.Times
		return nil
	})
	if err != nil {
		return out, err
	}
	one := []paperReply{out.Paper}
	err = c.namePapers(ctx, one)
	out.Paper = one[0]
	if id, parseErr := people.ParseID(out.Paper.Person); parseErr == nil && err == nil {
		b, briefErr := c.people.Briefs(ctx, id)
		out.IDNumber, err = maskedNumber(b[id].IDNumber), briefErr
	}
	return out, err
}

// maskedNumber leaves of an ID number what tells namesakes apart.
func maskedNumber(s string) string {
	if len(s) < 10 {
		return ""
	}
	return s[:6] + "********" + s[len(s)-4:]
}

type dueRequest struct {
	Platform string `json:"platform"`
	From     string `json:"from"`
	To       string `json:"to"`
}

type batchReply struct {
	Number   int64 `json:"number"`
	At       int64 `json:"at"`
	Services int64 `json:"services"`
}

type dueHours struct {
	Services  int64          `json:"services"` // in the span
	Minutes   int64          `json:"minutes"`
	Sent      int64          `json:"sent"`    // of them, sent already
	Due       int64          `json:"due"`     // not sent, and with all that the platform asks for
	Lacking   []lackingReply `json:"lacking"` // not sent: people of whom the platform asks for something that is not here
	Sample    [][]string     `json:"sample"`  // the first rows as they would be written
	Columns   []hours.Column `json:"columns"` // the template
	Fields    []string       `json:"fields"`  // what a column can hold
	Batches   []batchReply   `json:"batches"` // sent before
	Registrar bool           `json:"registrar"`
}

type lackingReply struct {
	Person string `json:"person"`
	Name   string `json:"name"`
	Field  string `json:"field"`
	Times  int64  `json:"times"`
}

// needed are the fields without which a platform takes no row.
var needed = []string{"name", "idNumber", "phone"}

// pending is what could be sent.
type pending struct {
	columns []hours.Column
	ready   []stint
	rows    [][]string
	sent    int64
	minutes int64
	lacking map[string]*lackingReply
}

// pendingOf sorts a span's services into what was sent, what can be, and what lacks
// something. batch 0: what was not sent yet; else what that batch held.
func (c *community) pendingOf(ctx context.Context, q store.Querier, r dueRequest, batch int64) (p pending, err error) {
	from, to, err := daysRequest{From: r.From, To: r.To}.bounds(c.node.now())
	if err != nil {
		return p, err
	}
	if !slices.Contains(hours.Platforms, r.Platform) {
		return p, fault.New("hours.platform")
	}
	if p.columns, err = c.hours.Layout(q, r.Platform); err != nil {
		return p, err
	}
	list, err := c.services(q, "", from, to)
	if err != nil {
		return p, err
	}
	sent, err := c.hours.Sent(q, r.Platform)
	if err != nil {
		return p, err
	}
	known, err := c.servers(ctx, list)
	if err != nil {
		return p, err
	}
	p.lacking = map[string]*lackingReply{}
	for _, s := range list {
		b, at := known[s.person], sent(s.keys)
		if at > 0 {
			p.sent++
		}
		p.minutes += s.minutes
		if at != batch {
			continue
		}
		if field := lacks(p.columns, b); field != "" && batch == 0 {
			if p.lacking[s.person] == nil {
				p.lacking[s.person] = &lackingReply{Person: s.person, Name: b.Name, Field: field}
			}
			p.lacking[s.person].Times++
			continue
		}
		p.ready, p.rows = append(p.ready, s), append(p.rows, c.rowOf(p.columns, s, b))
	}
	return p, nil
}

// servers are the people of services.
func (c *community) servers(ctx context.Context, list []stint) (map[string]people.Brief, error) {
	ids := []people.ID{}
	for _, s := range list {
		if id, err := people.ParseID(s.person); err == nil {
			ids = append(ids, id)
		}
	}
	found, err := c.people.Briefs(ctx, ids...)
	out := make(map[string]people.Brief, len(found))
	for id, b := range found {
		out[id.String()] = b
	}
	return out, err
}

// lacks names the first field of a template that somebody has not.
func lacks(columns []hours.Column, b people.Brief) string {
	has := map[string]string{"name": b.Name, "idNumber": b.IDNumber, "phone": b.Phone}
	for _, c := range columns {
		if slices.Contains(needed, c.Field) && has[c.Field] == "" {
			return c.Field
		}
	}
	return ""
}

// rowOf writes a service as a template has it.
func (c *community) rowOf(columns []hours.Column, s stint, b people.Brief) []string {
	out := make([]string, len(columns))
	for i, col := range columns {
		switch col.Field {
		case "name":
			out[i] = b.Name
		case "idNumber":
			out[i] = b.IDNumber
		case "phone":
			out[i] = b.Phone
		case "code":
			out[i] = b.Code
		case "community":
			out[i] = c.charter.Settings().Name
		case "fixed":
			out[i] = col.Fixed
		default:
			out[i] = sheet.HoursCell(col.Field, s.at, s.minutes, s.text, s.typ, s.place)
		}
	}
	return out
}

// sampleRows is how many rows a screen shows before they are sent.
const sampleRows = 5

// hoursDue tells what a platform has not had yet. Faults: hours.span, hours.platform.
func (c *community) hoursDue(ctx context.Context, r dueRequest) (out dueHours, err error) {
	out = dueHours{Lacking: []lackingReply{}, Sample: [][]string{}, Fields: hours.Fields, Batches: []batchReply{}, Registrar: c.registrarHere()}
	err = c.view(ctx, func(q store.Querier) error {
		p, err := c.pendingOf(ctx, q, r, 0)
		if err != nil {
			return err
		}
		out.Columns, out.Sent, out.Due, out.Minutes = p.columns, p.sent, int64(len(p.ready)), p.minutes
		out.Services = p.sent + out.Due
		for _, l := range p.lacking {
			out.Lacking = append(out.Lacking, *l)
			out.Services += l.Times
		}
		slices.SortFunc(out.Lacking, func(a, b lackingReply) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Person, b.Person))
		})
		out.Sample = append(out.Sample, p.rows[:min(len(p.rows), sampleRows)]...)
		list, err := c.hours.Batches(q, r.Platform, maxPage)
		for _, b := range list {
			out.Batches = append(out.Batches, batchReply{b.Number, b.At, b.Services})
		}
		return err
	})
	return out, err
}

// setHoursLayout changes a platform's template. Faults: hours.platform, hours.columns,
// govern.registrar.only.
func (c *community) setHoursLayout(ctx context.Context, r struct {
	Platform string         `json:"platform"`
	Columns  []hours.Column `json:"columns"`
}) (none, error) {
	if !c.registrarHere() {
		return none{}, fault.New("govern.registrar.only")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.hours.SetLayout(tx, r.Platform, r.Columns) })
}

type sentHours struct {
	Batch    int64 `json:"batch"`
	Services int64 `json:"services"`
}

// sendHours marks what is due as sent and answers the batch, whose file can be saved
// any number of times. Faults: hours.span, hours.platform, hours.nothing,
// govern.registrar.only.
func (c *community) sendHours(ctx context.Context, r dueRequest) (out sentHours, err error) {
	if !c.registrarHere() {
		return out, fault.New("govern.registrar.only")
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		p, err := c.pendingOf(ctx, tx, r, 0)
		if err != nil {
			return err
		}
		keys := make([][]string, len(p.ready))
		for i, s := range p.ready {
			keys[i] = s.keys
		}
		out.Services = int64(len(keys))
		out.Batch, err = c.hours.Mark(tx, r.Platform, keys)
		return err
	})
	return out, err
}

// hoursFile is a batch as the platform takes it. Faults: hours.platform, hours.batch.
func (c *community) hoursFile(ctx context.Context, platform string, batch int64) (*File, error) {
	var p pending
	err := c.view(ctx, func(q store.Querier) (err error) {
		p, err = c.pendingOf(ctx, q, dueRequest{Platform: platform}, batch)
		return err
	})
	if err != nil {
		return nil, err
	}
	if batch < 1 || len(p.rows) == 0 {
		return nil, fault.New("hours.batch")
	}
	return workbook(c.fileName(sheet.TakenHours, platform, itoa(batch)), func(w io.Writer) error { return sheet.Hours(w, p.columns, p.rows) })
}
