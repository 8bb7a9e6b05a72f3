package node

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/order"
	"jishan/app/people"
	"jishan/app/sheet"
	"jishan/app/zone"
	"jishan/crdt/store"
)

func (n *Node) orderCalls() map[string]handler {
	return map[string]handler{
		"order.board": staff(n, (*community).orderBoard),
		"order.list":  staff(n, (*community).listOrders),
		"order.get": staff(n, func(c *community, ctx context.Context, r idRequest) (order.Order, error) {
			return c.getOrder(ctx, r.ID)
		}),
		"order.badge":       staff(n, (*community).orderBadge),
		"order.parties":     staff(n, (*community).orderParties),
		"order.fitting":     staff(n, (*community).fitting),
		"order.post":        staff(n, (*community).postOrder),
		"order.cancel":      staff(n, (*community).cancelOrder),
		"order.dispatch":    staff(n, (*community).dispatchOrder),
		"order.answer":      staff(n, (*community).answerOrder),
		"order.reply":       staff(n, (*community).replyOrder),
		"order.done":        staff(n, (*community).doneOrder),
		"order.review":      staff(n, (*community).reviewOrder),
		"order.settle":      staff(n, (*community).settleOrder),
		"order.performance": staff(n, (*community).performance),

		"project.list": staff(n, (*community).projects),
		"project.save": staff(n, (*community).saveProject),
		"team.list":    staff(n, (*community).teams),
		"team.save":    staff(n, (*community).saveTeam),
		"survey.list":  staff(n, (*community).surveys),
		"survey.save":  staff(n, (*community).saveSurvey),

		"job.list":   in(n, (*community).jobs),
		"job.answer": in(n, (*community).answerJob),
		"job.done":   in(n, (*community).doneJob),
		"job.reply":  in(n, (*community).replyJob),
	}
}

func (c *community) newDesk() *order.Desk {
	return order.NewDesk(order.Config{
		Doc: c.charter.Doc, Scheme: c.scheme, Rights: c.ledger, People: wishers{c}, Places: places{c}, Clock: c.node.now, Rand: c.node.cfg.Rand, Device: c.deviceName, Same: c.same,
		Registrar: func() bool {
			_, writer, ok := c.charter.Registrar()
			return ok && writer == c.inc.Actor()
		},
		Cohort: c.cohort,
	})
}

// wishers is people as orders see them. A merchant's device has none.
type wishers struct{ c *community }

// Briefs implements order.People.
func (w wishers) Briefs(_ store.Querier, ids []string) (map[string]order.Brief, error) {
	list := make([]people.ID, 0, len(ids))
	for _, text := range ids {
		if id, err := people.ParseID(text); err == nil {
			list = append(list, id)
		}
	}
	found, err := w.c.people.Briefs(context.Background(), list...)
	out := make(map[string]order.Brief, len(found))
	for id, b := range found {
		out[id.String()] = order.Brief{Name: b.Name, Masked: b.Masked, Grid: b.Grid}
	}
	return out, err
}

// Known implements order.People.
func (w wishers) Known(q store.Querier, person string) (bool, error) {
	return directory(w).Known(q, person)
}

// Seal implements order.People.
func (w wishers) Seal(tx *store.Tx, person, field, plain string) ([]byte, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return nil, err
	}
	return w.c.people.SealText(tx, id, field, plain)
}

// Open implements order.People.
func (w wishers) Open(q store.Querier, person, field string, sealed []byte) (string, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return "", nil // of nobody here
	}
	text, err := w.c.people.Texts(q).Open(id, field, sealed)
	return people.Plain(text), err // a wish has always a text: where there is none, screens say why
}

// Reach implements order.People.
func (w wishers) Reach(person string) (phone, address string, err error) {
	id, err := people.ParseID(person)
	if err != nil {
		return "", "", nil // of nobody here
	}
	return w.c.people.Reach(id)
}

// places are the merchants of the charter.
type places struct{ c *community }

// Merchant implements order.Places.
func (p places) Merchant(place string) (string, bool) {
	list := p.c.merchants()
	i := slices.IndexFunc(list, func(m partyReply) bool { return m.ID == place })
	if i < 0 {
		return p.c.charter.Settings().Places[place], false
	}
	return list[i].Name, true
}

// SealTo implements order.Places.
func (p places) SealTo(place string, plain []byte) ([]byte, error) {
	return p.c.charter.SealTo(place, plain)
}

// Unseal implements order.Places.
func (p places) Unseal(sealed []byte) ([]byte, bool) { return p.c.charter.Unseal(sealed) }

// partyReply is somebody whom an order may be given to.
type partyReply struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// merchants lists the places where a merchant's device stands.
func (c *community) merchants() []partyReply {
	out := []partyReply{}
	for _, d := range c.charter.Devices() {
		if d.Role == govern.Merchant && !d.Revoked && !slices.ContainsFunc(out, func(m partyReply) bool { return m.ID == d.Place }) {
			out = append(out, partyReply{d.Place, d.PlaceName})
		}
	}
	slices.SortFunc(out, func(a, b partyReply) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// boardRows is how many orders a column shows; its head says how many there are.
const boardRows = 100

// boardBack is how long what is over stays on the board.
const boardBack = 30 * 24 * time.Hour

type columnReply struct {
	State string      `json:"state"`
	Total int         `json:"total"`
	Rows  []order.Row `json:"rows"`
}

type boardReply struct {
	Columns []columnReply `json:"columns"`
	Types   []string      `json:"types"`
	Badge   order.Badge   `json:"badge"`
}

type boardRequest struct {
	Grid string `json:"grid"`
	Type string `json:"type"`
}

// orderBoard is the five columns at once.
func (c *community) orderBoard(ctx context.Context, r boardRequest) (out boardReply, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		for _, state := range []string{order.Posted, order.Offered, order.Serving, order.Served, order.Closed} {
			f := order.Filter{Limit: boardRows, State: state, Grid: r.Grid, Type: r.Type}
			if state == order.Closed {
				f.From = c.node.now() - boardBack.Milliseconds()
			}
			rows, total, err := c.order.List(q, f)
			if err != nil {
				return err
			}
			out.Columns = append(out.Columns, columnReply{state, total, rows})
		}
		if out.Types, err = c.order.Types(q); err != nil {
			return err
		}
		out.Badge, err = c.order.Badge(q)
		return err
	})
	return out, err
}

type ordersReply struct {
	Total int         `json:"total"`
	Rows  []order.Row `json:"rows"`
}

func (c *community) listOrders(ctx context.Context, r struct {
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
	State  string `json:"state"`
	Person string `json:"person"`
}) (out ordersReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) {
		out.Rows, out.Total, err = c.order.List(q, order.Filter{Offset: r.Offset, Limit: r.Limit, State: r.State, Person: r.Person})
		return err
	})
	return out, err
}

func (c *community) getOrder(ctx context.Context, id string) (o order.Order, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) {
		o, err = c.order.Get(q, id, c.inc.Actor().String())
		return err
	})
	return o, err
}

func (c *community) orderBadge(ctx context.Context, _ none) (b order.Badge, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { b, err = c.order.Badge(q); return err })
	return b, err
}

type partiesReply struct {
	Teams     []order.Team `json:"teams"`
	Merchants []partyReply `json:"merchants"`
}

func (c *community) orderParties(ctx context.Context, _ none) (out partiesReply, err error) {
	out.Merchants = c.merchants()
	err = c.view(ctx, func(q store.Querier) (err error) { out.Teams, err = c.order.Teams(q, false); return err })
	return out, err
}

// onOrder runs a command on an order and shows it afterwards.
func (c *community) onOrder(ctx context.Context, id string, fn func(tx *store.Tx) error) (order.Order, error) {
	if err := c.write(ctx, fn); err != nil {
		return order.Order{}, err
	}
	return c.getOrder(ctx, id)
}

func (c *community) postOrder(ctx context.Context, r order.New) (order.Order, error) {
	var id string
	err := c.write(ctx, func(tx *store.Tx) (err error) { id, err = c.order.Post(tx, r, c.operator()); return err })
	if err != nil {
		return order.Order{}, err
	}
	return c.getOrder(ctx, id)
}

func (c *community) cancelOrder(ctx context.Context, r struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}) (order.Order, error) {
	return c.onOrder(ctx, r.ID, func(tx *store.Tx) error { return c.order.Cancel(tx, r.ID, r.Why) })
}

func (c *community) dispatchOrder(ctx context.Context, r struct {
	ID string `json:"id"`
	order.Dispatch
}) (order.Order, error) {
	return c.onOrder(ctx, r.ID, func(tx *store.Tx) error { return c.order.Dispatch(tx, r.ID, r.Dispatch) })
}

type answerRequest struct {
	ID    string `json:"id"`
	Offer string `json:"offer"`
	Yes   bool   `json:"yes"`
	Why   string `json:"why"`
}

func (c *community) answerOrder(ctx context.Context, r answerRequest) (order.Order, error) {
	return c.onOrder(ctx, r.ID, func(tx *store.Tx) error { return c.order.Answer(tx, r.ID, r.Offer, r.Yes, r.Why) })
}

func (c *community) replyOrder(ctx context.Context, r struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}) (order.Order, error) {
	return c.onOrder(ctx, r.ID, func(tx *store.Tx) error { return c.order.Reply(tx, r.ID, r.Text) })
}

func (c *community) doneOrder(ctx context.Context, r struct {
	ID      string   `json:"id"`
	Offer   string   `json:"offer"`
	Minutes int64    `json:"minutes"`
	Helpers []string `json:"helpers"`
}) (order.Order, error) {
	return c.onOrder(ctx, r.ID, func(tx *store.Tx) error { return c.order.Done(tx, r.ID, r.Offer, r.Minutes, r.Helpers) })
}

func (c *community) reviewOrder(ctx context.Context, r struct {
	ID string `json:"id"`
	order.Review
}) (order.Order, error) {
	if r.Via == order.ByPage { // the resident's own hand, which this is not
		return order.Order{}, fault.New("order.stars")
	}
	return c.onOrder(ctx, r.ID, func(tx *store.Tx) error { return c.order.Review(tx, r.ID, r.Review) })
}

func (c *community) settleOrder(ctx context.Context, r struct {
	ID    string `json:"id"`
	Offer string `json:"offer"`
}) (order.Order, error) {
	return c.onOrder(ctx, r.ID, func(tx *store.Tx) error { return c.order.Settle(tx, r.ID, r.Offer) })
}

type spanRequest struct {
	From string `json:"from"` // yyyy-mm-dd
	To   string `json:"to"`   // the last day
}

// bounds reads a span of days. Fault: order.span.
func (r spanRequest) bounds() (from, to int64, err error) {
	a, err1 := time.ParseInLocation(time.DateOnly, r.From, zone.China)
	b, err2 := time.ParseInLocation(time.DateOnly, r.To, zone.China)
	if err1 != nil || err2 != nil || b.Before(a) || b.Sub(a) > 3*366*24*time.Hour {
		return 0, 0, fault.New("order.span")
	}
	return a.UnixMilli(), b.AddDate(0, 0, 1).UnixMilli(), nil
}

func (c *community) performance(ctx context.Context, r spanRequest) (p order.Performance, err error) {
	from, to, err := r.bounds()
	if err != nil {
		return p, err
	}
	err = c.view(ctx, func(q store.Querier) (err error) { p, err = c.order.Performance(q, from, to); return err })
	return p, err
}

// appraisalFile is the year's appraisal as a workbook. Fault: order.span.
func (c *community) appraisalFile(ctx context.Context, r spanRequest) (*File, error) {
	p, err := c.performance(ctx, r)
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenAppraisal, r.From, r.To), func(w io.Writer) error {
		return sheet.Appraisal(w, c.charter.Settings().Name, r.From, r.To, p)
	})
}

func (c *community) performanceFile(ctx context.Context, r spanRequest) (*File, error) {
	p, err := c.performance(ctx, r)
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenPerformance, r.From, r.To), func(w io.Writer) error {
		return sheet.Performance(w, c.charter.Settings().Name, r.From, r.To, p)
	})
}

type projectsReply struct {
	Projects []order.Project `json:"projects"`
}

func (c *community) projects(ctx context.Context, r struct {
	All bool `json:"all"`
}) (out projectsReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Projects, err = c.order.Projects(q, "", r.All); return err })
	return out, err
}

func (c *community) saveProject(ctx context.Context, r struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Note   string `json:"note"`
	Item   string `json:"item"`
	Closed bool   `json:"closed"`
}) (out idRequest, err error) {
	p := order.Project{ID: r.ID, Name: r.Name, Type: r.Type, Note: r.Note, Item: r.Item, Closed: r.Closed}
	err = c.write(ctx, func(tx *store.Tx) (err error) { out.ID, err = c.order.SaveProject(tx, p); return err })
	return out, err
}

type teamsReply struct {
	Teams []order.Team `json:"teams"`
}

func (c *community) teams(ctx context.Context, r struct {
	All bool `json:"all"`
}) (out teamsReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Teams, err = c.order.Teams(q, r.All); return err })
	return out, err
}

func (c *community) saveTeam(ctx context.Context, r struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Lead    string   `json:"lead"`
	Closed  bool     `json:"closed"`
	Members []string `json:"members"`
}) (out idRequest, err error) {
	t := order.Team{ID: r.ID, Name: r.Name, Lead: r.Lead, Closed: r.Closed}
	for _, p := range r.Members {
		t.Members = append(t.Members, order.Member{Person: p})
	}
	err = c.write(ctx, func(tx *store.Tx) (err error) { out.ID, err = c.order.SaveTeam(tx, t); return err })
	return out, err
}

type surveysReply struct {
	Surveys []order.Survey `json:"surveys"`
}

func (c *community) surveys(ctx context.Context, _ none) (out surveysReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Surveys, err = c.order.Surveys(q); return err })
	return out, err
}

func (c *community) saveSurvey(ctx context.Context, r struct {
	Title string       `json:"title"`
	Forms int64        `json:"forms"`
	Votes []order.Vote `json:"votes"`
	Rules []order.Rule `json:"rules"`
}) (out idRequest, err error) {
	s := order.Survey{Title: r.Title, Forms: r.Forms, Votes: r.Votes, Rules: r.Rules}
	err = c.write(ctx, func(tx *store.Tx) (err error) { out.ID, err = c.order.SaveSurvey(tx, s); return err })
	return out, err
}

// place is where this device stands.
func (c *community) place() string {
	d, _ := c.self()
	return d.Place
}

type jobsReply struct {
	Jobs []order.Job `json:"jobs"`
}

func (c *community) jobs(ctx context.Context, _ none) (out jobsReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Jobs, err = c.order.Jobs(q, c.place()); return err })
	return out, err
}

// onJob runs a merchant's command and shows the order afterwards.
func (c *community) onJob(ctx context.Context, id, offer string, fn func(tx *store.Tx, place string) error) (j order.Job, err error) {
	place := c.place()
	if err := c.write(ctx, func(tx *store.Tx) error { return fn(tx, place) }); err != nil {
		return j, err
	}
	err = c.view(ctx, func(q store.Querier) (err error) { j, err = c.order.Job(q, place, id, offer); return err })
	return j, err
}

func (c *community) answerJob(ctx context.Context, r answerRequest) (order.Job, error) {
	return c.onJob(ctx, r.ID, r.Offer, func(tx *store.Tx, place string) error {
		return c.order.AnswerJob(tx, place, r.ID, r.Offer, r.Yes, r.Why)
	})
}

func (c *community) doneJob(ctx context.Context, r struct {
	ID      string `json:"id"`
	Offer   string `json:"offer"`
	Minutes int64  `json:"minutes"`
}) (order.Job, error) {
	return c.onJob(ctx, r.ID, r.Offer, func(tx *store.Tx, place string) error { return c.order.DoneJob(tx, place, r.ID, r.Offer, r.Minutes) })
}

func (c *community) replyJob(ctx context.Context, r struct {
	ID    string `json:"id"`
	Offer string `json:"offer"`
	Text  string `json:"text"`
}) (order.Job, error) {
	return c.onJob(ctx, r.ID, r.Offer, func(tx *store.Tx, place string) error { return c.order.ReplyJob(tx, place, r.ID, r.Offer, r.Text) })
}

// todoWishes is how many waiting wishes stand on the first screen.
const todoWishes = 5

// waitingOrders adds the wishes that wait and the dispatches that clash to what
// somebody must look at.
func (c *community) waitingOrders(q store.Querier, out *homeReply) error {
	clashes, err := c.order.Clashes(q, c.inc.Actor().String())
	if err != nil {
		return err
	}
	for _, x := range clashes {
		out.Todo = append(out.Todo, todo{Kind: "clash", Title: x.Winner, Detail: x.Loser, At: x.At, Link: "/orders?id=" + x.ID, Params: map[string]any{"lost": x.Lost}})
	}
	rows, err := c.order.Waiting(q, todoWishes)
	for _, r := range rows {
		out.Todo = append(out.Todo, todo{Kind: "wish", Title: r.Text, Detail: r.Masked, At: r.Made, Link: "/orders?id=" + r.ID, Params: map[string]any{"type": r.Type}})
	}
	return err
}

// addOrders adds what was reviewed and is not booked to what is on the way.
func (c *community) addOrders(q store.Querier, texts []string, out map[people.ID]people.Balance) error {
	due, err := c.order.OnTheWay(q, texts)
	for text, n := range due {
		if id, err := people.ParseID(text); err == nil {
			x := out[id]
			x.OnTheWay += n
			out[id] = x
		}
	}
	return err
}

// orders does what is due of orders.
func (t *tender) orders(ctx context.Context) error {
	if d, _ := t.c.self(); !d.Role.Staff() {
		return nil
	}
	for range 100 {
		more := false
		err := t.write(ctx, func(tx *store.Tx) (err error) {
			more, err = t.c.order.Tend(tx)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// andOrders adds to the lines on the way what was reviewed and is not booked.
func (c *community) andOrders(q store.Querier, person string, due []activity.Entry) ([]activity.Entry, error) {
	list, err := c.order.Due(q, person)
	for _, e := range list {
		due = append(due, activity.Entry{Person: person, At: e.At, Text: e.Text, Item: e.Item, Version: e.Version, Amount: e.Amount})
	}
	slices.SortStableFunc(due, func(x, y activity.Entry) int { return cmp.Compare(y.At, x.At) })
	return due, err
}
