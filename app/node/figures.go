package node

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"jishan/app/activity"
	"jishan/app/claim"
	"jishan/app/correction"
	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/order"
	"jishan/app/people"
	"jishan/app/sheet"
	"jishan/app/shop"
	"jishan/app/zone"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

type monthRequest struct {
	Month string `json:"month"` // yyyy-mm, "" = this one
}

// month are a month's figures of the whole community.
func (c *community) month(ctx context.Context, r monthRequest) (m activity.Month, err error) {
	m, _, _, err = c.monthly(ctx, cmp.Or(r.Month, zone.Month(c.node.now())))
	return m, err
}

// points adds what the ledger says of a month.
func (c *community) points(q store.Querier, m *activity.Month) error {
	start, end, days, err := activity.MonthBounds(m.Month)
	if err != nil {
		return err
	}
	const day = 24 * 60 * 60_000
	for i := range days {
		from := start + int64(i)*day
		f, err := c.ledger.Flows(q, from, min(from+day, end))
		if err != nil {
			return err
		}
		m.Days[i].Awarded, m.Days[i].Redeemed = f.Awarded, f.Redeemed
	}
	f, err := c.ledger.Flows(q, start, end)
	if err != nil {
		return err
	}
	m.Awarded, m.Redeemed, m.Brought, m.Deducted, m.Moved, m.Expired = f.Awarded, f.Redeemed, f.Brought, f.Deducted, f.Moved, f.Expired
	// What lay there when the month ended is what lies there now, less what came
	// since. What devices lost has no date: it shows in what was carried over.
	since, err := c.ledger.Flows(q, end, math.MaxInt64)
	if err != nil {
		return err
	}
	t, err := c.ledger.Totals(q, ledger.Points)
	m.Outstanding = t.Held + t.InFlight + t.Stranded - since.Net()
	m.Carried = m.Outstanding - f.Net()
	return err
}

type todo struct {
	Kind   string         `json:"kind"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	At     int64          `json:"at"`
	Link   string         `json:"link"`
	Params map[string]any `json:"params,omitempty"`
}

type homeReply struct {
	Month activity.Month `json:"month"`
	Today []activity.Row `json:"today"`
	Todo  []todo         `json:"todo"`
}

// home is what the first screen shows: what waits, today, the month.
func (c *community) home(ctx context.Context, _ none) (out homeReply, err error) {
	out.Todo, out.Today = []todo{}, []activity.Row{}
	d, _ := c.self()
	if d.Role.Staff() {
		if out.Month, err = c.month(ctx, monthRequest{}); err != nil {
			return out, err
		}
	} else {
		out.Month = activity.Month{Month: zone.Month(c.node.now()), Days: []activity.MonthDay{}, Types: []activity.MonthType{}}
	}
	err = c.view(ctx, func(q store.Querier) error {
		if out.Today, err = c.activity.Today(q); err != nil {
			return err
		}
		return c.waiting(q, &out)
	})
	if err == nil && d.Role.Staff() {
		err = c.conflicts(ctx, &out)
	}
	if out.Today == nil {
		out.Today = []activity.Row{}
	}
	return out, err
}

// waitingClaims says what of claims waits for a word of the desk: appeals and what was
// said too late first, as points hang on them.
func (c *community) waitingClaims(q store.Querier, out *homeReply) error {
	open, err := c.claim.Waiting(q, claim.Place{}, maxClaims)
	if err != nil {
		return err
	}
	late, err := c.claim.Late(q, maxClaims)
	n, now := map[string]int{}, c.node.now()
	n[claim.Appealed] = len(late)
	for i := range open {
		switch s := open[i].State(now); s {
		case claim.Appealed, claim.Reviewing, claim.Confirm, claim.Telling:
			n[s]++
		}
	}
	for _, s := range []string{claim.Appealed, claim.Reviewing, claim.Confirm, claim.Telling} {
		if n[s] > 0 {
			out.Todo = append(out.Todo, todo{Kind: "claim", Detail: s, Link: "/points/claims", Params: map[string]any{"n": n[s]}})
		}
	}
	return err
}

// waiting lists what somebody must look at.
func (c *community) waiting(q store.Querier, out *homeReply) error {
	for _, a := range out.Today {
		if a.State == activity.Ended {
			out.Todo = append(out.Todo, todo{Kind: "award", Title: a.Title, At: a.End, Link: "/activity/" + a.ID, Params: map[string]any{"present": a.Present}})
		}
	}
	if d, _ := c.self(); d.Role.Staff() {
		alarms, err := c.alarms(q)
		if err != nil {
			return err
		}
		open, err := c.fixes.Open(q)
		if err != nil {
			return err
		}
		if open > 0 {
			out.Todo = append(out.Todo, todo{Kind: "correction", Link: "/corrections", Params: map[string]any{"n": open}})
		}
		applied, err := c.newcomer.Open(q)
		if err != nil {
			return err
		}
		if applied > 0 {
			out.Todo = append(out.Todo, todo{Kind: "newcomer", Link: "/people/newcomers", Params: map[string]any{"n": applied}})
		}
		if err := c.unanswered(q, out); err != nil {
			return err
		}
		if err := c.waitingClaims(q, out); err != nil {
			return err
		}
		for _, a := range alarms {
			out.Todo = append(out.Todo, todo{Kind: "alarm", Title: a.Name, Detail: a.Code, At: a.Since, Link: a.Link, Params: a.Params})
		}
	}
	if err := c.waitingOrders(q, out); err != nil {
		return err
	}
	low, err := c.shop.Low(q)
	if err != nil {
		return err
	}
	for _, o := range low {
		out.Todo = append(out.Todo, todo{Kind: "stock", Title: o.Name, Link: "/shop", Params: map[string]any{"stock": o.Stock, "minimum": o.Minimum}})
	}
	reserved, err := c.shop.Reservations(q)
	if err != nil {
		return err
	}
	for _, r := range reserved {
		out.Todo = append(out.Todo, todo{Kind: "reserve", Title: r.Masked, Detail: r.Code, At: r.At, Link: "/till", Params: map[string]any{"lines": len(r.Lines)}})
	}
	if err := c.waitingJoins(q, out); err != nil {
		return err
	}
	quarantined, err := store.Quarantined(q)
	if err != nil {
		return err
	}
	if quarantined > 0 {
		out.Todo = append(out.Todo, todo{Kind: "quarantine", Link: "/devices", Params: map[string]any{"n": quarantined}})
	}
	return nil
}

func (c *community) conflicts(ctx context.Context, out *homeReply) error {
	list, err := c.people.Conflicted(ctx)
	for _, b := range list {
		out.Todo = append(out.Todo, todo{Kind: "conflict", Title: b.Masked, Link: "/people?id=" + b.ID.String()})
	}
	return err
}

type lineReply struct {
	Ref      refReply `json:"ref"`
	Index    int      `json:"index"`
	At       int64    `json:"at"`
	Kind     string   `json:"kind"`
	Text     string   `json:"text"`
	Note     string   `json:"note,omitempty"` // what was typed about a deed, for the person and staff
	Item     string   `json:"item"`
	Version  int64    `json:"version"`
	Amount   int64    `json:"amount"`
	Owed     int64    `json:"owed"`    // by how much it changes what is owed
	Before   int64    `json:"before"`  // what could be spent before it, vouchers included
	Balance  int64    `json:"balance"` // and after it
	Debt     int64    `json:"debt"`    // owed after it
	Place    string   `json:"place"`
	Device   string   `json:"device"`
	Operator string   `json:"operator"`
	Witness  string   `json:"witness"`
	Proof    string   `json:"proof"` // of a redemption: how the holder was proven
	State    string   `json:"state"`
	TakeBack string   `json:"takeBack"` // the deed, where this device recorded it and it is not paid
	Undone   bool     `json:"undone"`
	Correct  bool     `json:"correct"` // its opposite can be written, or asked for
	Asked    string   `json:"asked"`   // of the request to correct it: "", open, refused
	Code     string   `json:"code"`    // why it was refused
	Reason   string   `json:"reason"`  // of a correction
	Photos   int      `json:"photos"`  // of the deed, and of the claim it was booked for
	Branch   bool     `json:"branch"`  // stands only in a branch of a device's history that has forked
}

type passbookReply struct {
	Total int         `json:"total"`
	Lines []lineReply `json:"lines"`
}

type passbookRequest struct {
	ID     string `json:"id"`
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
}

// maxPage bounds a page of lines (api.ts).
const maxPage = 200

// passbook is a person's history: what is on the way first, then the ledger's
// lines, the newest first, each with the balance after it.
func (c *community) passbook(ctx context.Context, r passbookRequest) (out passbookReply, err error) {
	id, err := people.ParseID(r.ID)
	if err != nil || r.Offset < 0 || r.Limit < 1 || r.Limit > maxPage {
		return out, fault.New("call.page", "limit", maxPage)
	}
	out.Lines = []lineReply{}
	err = c.view(ctx, func(q store.Querier) error {
		due, err := c.due(q, r.ID)
		if err != nil {
			return err
		}
		n, err := c.ledger.LineCount(q, ledger.Subject(id))
		if err != nil {
			return err
		}
		out.Total = n + len(due)
		r.Offset = min(r.Offset, out.Total) // before adding: an offset may be as large as int goes
		for _, e := range due[min(r.Offset, len(due)):min(r.Offset+r.Limit, len(due))] {
			l, err := c.dueLine(q, e)
			if err != nil {
				return err
			}
			out.Lines = append(out.Lines, l)
		}
		rest := r.Limit - len(out.Lines)
		return c.booked(q, ledger.Subject(id), max(0, r.Offset-len(due)), rest, &out)
	})
	return out, err
}

// due is what somebody earned that is not booked yet, the newest first.
func (c *community) due(q store.Querier, person string) ([]activity.Entry, error) {
	list, err := c.activity.Due(q, person)
	if err != nil {
		return nil, err
	}
	return c.andOrders(q, person, list)
}

func (c *community) dueLine(q store.Querier, e activity.Entry) (lineReply, error) {
	if e.Place == "" {
		at, err := c.recordedAt(q, e.Recorder)
		if err != nil {
			return lineReply{}, err
		}
		e.Place = at
	}
	back, err := c.mayTakeBack(q, e.Key)
	state := "onTheWay"
	if e.Amount == 0 {
		state = "capped" // the rulebook's caps leave nothing for it
	}
	return lineReply{At: e.At, Kind: "deed", Text: e.Text, Note: e.Note, Item: e.Item, Version: e.Version, Amount: e.Amount,
		Place: e.Place, Operator: e.Operator, Witness: e.Witness, State: state, TakeBack: back}, err
}

// booked adds a page of ledger lines. Balances run back from what the person
// has now, so all newer lines are read, too; a passbook of years has a few
// hundred.
func (c *community) booked(q store.Querier, person ledger.Subject, offset, limit int, out *passbookReply) error {
	if limit <= 0 {
		return nil
	}
	b, err := c.ledger.Balance(q, person, "")
	if err != nil {
		return err
	}
	lines, err := c.ledger.Lines(q, person, 0, offset+limit)
	if err != nil {
		return err
	}
	photos, err := c.photosByLine(q, c.people.IDs(people.ID(person))...)
	if err != nil {
		return err
	}
	balance, debt := b.Spendable+b.Expired, b.Debt // what is past its year stays in the book until it is burned
	for i, l := range lines {
		if i >= offset {
			r, err := c.line(q, l, l.Person.String())
			if err != nil {
				return err
			}
			r.Before, r.Balance, r.Debt, r.Photos = balance-l.Points, balance, debt, photos.count(&l)
			out.Lines = append(out.Lines, r)
		}
		balance -= l.Points
		debt -= l.Owed
	}
	return nil
}

// Items of the lines that bring statistics along; the screens have the words.
const (
	itemLifetime = people.ItemOpening + "Lifetime"
	itemYear     = people.ItemOpening + "Year"
)

func (c *community) line(q store.Querier, l ledger.Line, person string) (lineReply, error) {
	was, err := c.whatWasUndone(q, &l)
	if err != nil {
		return lineReply{}, err
	}
	texts := c.people.Texts(q)
	for _, note := range []*string{&l.Note, &was} {
		if *note, err = texts.Said(people.ID(l.Person), *note); err != nil {
			return lineReply{}, err
		}
	}
	d, _ := c.charter.Device(l.Device)
	r := lineReply{Ref: refOf(l.Ref), At: l.At, Kind: kindOf(l), Item: l.Item, Version: int64(l.Version), Amount: l.Points, Owed: l.Owed, Place: d.PlaceName,
		Device: d.Name, Operator: l.Operator, State: "booked", Undone: l.Undone, Branch: l.Branch}
	if l.Kind == ledger.LineOpening && r.Amount == 0 && l.Lifetime > 0 {
		r.Amount, r.Item = l.Lifetime, itemLifetime
	} else if l.Kind == ledger.LineOpening && r.Amount == 0 {
		r.Amount, r.Item = l.Year, itemYear
	}
	if pays := l.Points != 0 && (l.Points > 0) == (l.Owed > 0); l.Owed != 0 && !pays { // the rest of what was taken is owed, or of what came back forgiven
		r.Amount = l.Points - l.Owed
	}
	if err := c.correctionOf(q, l, &r); err != nil {
		return r, err
	}
	switch {
	case len(l.Goods) > 0:
		r.Proof = l.Note
		var goods []shop.ReservationLine
		for _, g := range l.Goods {
			name, err := c.shop.NameOf(q, g.Good)
			if err != nil {
				return r, err
			}
			goods = append(goods, shop.ReservationLine{Name: name, N: g.Count})
		}
		r.Text = goodsOf(goods)
		return r, nil
	case l.Kind == ledger.LineMovedAway:
		gone, _, err := c.departure(q, l.Ref.Hash)
		r.Item, r.Text = "", gone.Partner
		return r, err
	case l.Item == people.ItemRegistration || l.Item == people.ItemOpening:
		return r, c.registeredBy(q, l, &r)
	case l.Item == people.ItemBase:
		return r, nil // the screen has the word for it
	}
	if id := order.Paid(l.Note); id != "" {
		e, _, err := c.order.Describe(q, id)
		r.Text = e.Text
		return r, err
	}
	e, ok, err := c.activity.Describe(q, l.Deed.Turn, l.Deed.Key, person)
	if err != nil || !ok {
		if r.Text = l.Note; r.Kind == kindUndo && l.Undoes != (wire.Hash{}) {
			r.Text = was
		}
		return r, err
	}
	r.Text, r.Note, r.Witness, r.Place = e.Text, e.Note, e.Witness, cmp.Or(e.Place, r.Place)
	if l.Kind == ledger.LineAward { // where it was recorded counts, not which device booked it
		at, err := c.recordedAt(q, e.Recorder)
		r.Place, r.Operator = cmp.Or(e.Place, at, r.Place), cmp.Or(e.Operator, r.Operator)
		return r, err
	}
	r.Operator = cmp.Or(r.Operator, e.Operator)
	return r, nil
}

// correctionOf says whether a line can be corrected, and what was asked.
func (c *community) correctionOf(q store.Querier, l ledger.Line, r *lineReply) error {
	if r.Kind == kindUndo {
		r.Reason = l.Note
	}
	late := l.Kind == ledger.LineRedeem && l.Points == 0 // nobody was charged
	kind := l.Kind == ledger.LineAward || l.Kind == ledger.LineOpening || l.Kind == ledger.LineRedeem && !late || l.Deducts
	if r.Correct = kind && !l.Undone; !kind {
		return nil
	}
	if lost, err := c.ledger.LostWith(q, l.Ref.Hash); err != nil || lost > 0 {
		r.Correct = false
		return err
	}
	asked, found, err := c.fixes.Get(q, l.Ref.Hash)
	if err == nil && found && !l.Undone && asked.State != correction.Withdrawn {
		r.Asked, r.Code = string(asked.State), asked.Code
	}
	return err
}

// recordedAt is the name of the place of the device that recorded a deed; ""
// if there is no such record, or its certificate is not here.
func (c *community) recordedAt(q store.Querier, recorder []byte) (string, error) {
	if len(recorder) == 0 {
		return "", nil
	}
	cert, err := store.CertificateOf(q, recorder)
	if err != nil || cert == nil {
		return "", err
	}
	d, _ := c.charter.Device(cert.Device)
	return d.PlaceName, nil
}

// registeredBy names who registered somebody, where another device booked it by itself:
// the keeper who sat with the person, and the place.
func (c *community) registeredBy(q store.Querier, l ledger.Line, r *lineReply) error {
	if r.Operator != "" {
		return nil
	}
	operator, actor, ok, err := c.audit.First(q, people.Registering, people.ID(l.Person).String())
	if err != nil || !ok {
		return err
	}
	r.Operator, _ = seal.SplitOperator(operator)
	if d, ok := c.deviceOf(q, actor); ok {
		r.Place = d.PlaceName
	}
	return nil
}

// whatWasUndone lets the line of an undo say what it undid, and returns the note
// that this had.
func (c *community) whatWasUndone(q store.Querier, l *ledger.Line) (note string, err error) {
	if kindOf(*l) != kindUndo || l.Undoes == (wire.Hash{}) || len(l.Goods) > 0 {
		return "", nil
	}
	undone, err := c.ledger.Transaction(q, l.Undoes)
	if errors.Is(err, ledger.ErrUnknown) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, e := range undone.Tx.Entries {
		if e.Type == ledger.Mint && (e.Quota.Kind == ledger.Points || e.Quota.Kind == ledger.Debt) || e.Type == ledger.Burn {
			l.Deed, l.Item, l.Version, note = e.Deed, e.Item, e.Version, e.Note
		}
	}
	return note, nil
}

// roster use cases.

func (c *community) rosterPreview(ctx context.Context, r struct {
	Text string `json:"text"`
	File string `json:"file"`
}) (people.RosterPreview, error) {
	if r.File == "" {
		return c.people.PreviewText(ctx, r.Text)
	}
	b, err := fileRequest{r.File}.bytes()
	if err != nil {
		return people.RosterPreview{}, err
	}
	cells, err := sheet.Read(b)
	if err != nil {
		return people.RosterPreview{}, err
	}
	return c.people.Preview(ctx, cells)
}

func (c *community) rosterImport(ctx context.Context, r struct {
	Token string `json:"token"`
}) (people.Imported, error) {
	// One that breaks off is taken back: no word stands for it, and the time that a
	// screen waits does not end it.
	out, err := c.people.Import(context.WithoutCancel(aside(ctx)), c.operator(), r.Token, nil)
	if err != nil {
		c.tend.poke()
	}
	return out, err
}

type undoneReply struct {
	Count int `json:"count"`
}

func (c *community) rosterUndo(ctx context.Context, r struct {
	Undo string `json:"undo"`
}) (undoneReply, error) {
	n, err := c.people.UndoImport(ctx, c.operator(), r.Undo)
	return undoneReply{n}, err
}

// reportReply is what the demo and tests compare devices by.
type reportReply struct {
	Device      string              `json:"device"`
	Name        string              `json:"name"`
	Role        string              `json:"role"`
	Incarnation string              `json:"incarnation"`
	Documents   map[string]string   `json:"documents"`
	Readers     map[string][]string `json:"readers"`
	Balances    string              `json:"balances"`
	Terms       ledger.Terms        `json:"terms"`
	Booked      int64               `json:"booked"` // of the loss, to the reserve
	Negative    int                 `json:"negative"`
}

// report gives every document's digest and who may read it, and the sum of all
// points.
func (c *community) report(ctx context.Context, _ none) (out reportReply, err error) {
	d, _ := c.self()
	out = reportReply{Device: deviceText(c.node.device.Load().Public()), Name: d.Name, Role: d.Role.String(), Incarnation: c.store.Self().String(),
		Documents: map[string]string{}, Readers: map[string][]string{}}
	err = c.view(ctx, func(q store.Querier) error {
		docs, err := store.Docs(q)
		if err != nil {
			return err
		}
		for _, x := range docs {
			out.Documents[string(x.ID)] = hexText(x.Digest[:])
			out.Readers[string(x.ID)] = c.readers(x.ID)
		}
		sum, err := c.ledger.BalancesDigest(q, period(c.node.now()))
		if err != nil {
			return err
		}
		out.Balances = hexText(sum[:])
		if out.Terms, err = c.ledger.Totals(q, ledger.Points); err != nil {
			return err
		}
		if _, out.Booked, err = c.lostOf(q, ledger.Points, ""); err != nil {
			return err
		}
		out.Negative, err = c.ledger.NegativeCount(q)
		return err
	})
	return out, err
}

func (c *community) readers(doc store.DocID) []string {
	out := []string{}
	for _, d := range c.charter.Devices() {
		if !d.Revoked && c.charter.MayRead(d.Device, doc) {
			out = append(out, deviceText(d.Device))
		}
	}
	slices.Sort(out)
	return out
}

type hasRequest struct {
	Hashes []string `json:"hashes"`
}

type hasReply struct {
	Missing []string `json:"missing"`
}

// has tells which changes are not here.
func (c *community) has(ctx context.Context, r hasRequest) (hasReply, error) {
	out := hasReply{Missing: []string{}}
	err := c.view(ctx, func(q store.Querier) error {
		for _, text := range r.Hashes {
			h, err := parseHash(text)
			if err != nil {
				return err
			}
			_, _, found, err := store.Lookup(q, h)
			if err != nil {
				return err
			}
			if !found {
				out.Missing = append(out.Missing, text)
			}
		}
		return nil
	})
	return out, err
}

// kindOf is kindText of a line. A debt that arises is what made it: a deduction or a
// correction that found nothing to take.
func kindOf(l ledger.Line) string {
	if l.Kind == ledger.LineDebt && l.Owed > 0 {
		if l.Deducts {
			return kindText(ledger.LineDeduction)
		}
		return kindUndo
	}
	return kindText(l.Kind)
}

const kindUndo = "undo"

// kindText is a line's kind in the screens' words.
func kindText(k ledger.LineKind) string {
	switch k {
	case ledger.LineAward:
		return "award"
	case ledger.LineArrived:
		return "arrived"
	case ledger.LineMovedAway:
		return "moved"
	case ledger.LineRedeem:
		return "redeem"
	case ledger.LineUndo, ledger.LineCorrected:
		return kindUndo
	case ledger.LineOpening:
		return "opening"
	case ledger.LineExpiry:
		return "expire"
	case ledger.LineDebt:
		return "debt"
	}
	return "deduct"
}
