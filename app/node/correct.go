package node

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/correction"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Corrections. An entry is corrected by its opposite, which only the feed that
// wrote it, or its successor, can write. What another device wrote is asked of that
// device by a record that all staff devices hold, and is carried out there as soon
// as it is heard of. A till, which reads no such record, is asked by a hash alone.

func (n *Node) correctCalls() map[string]handler {
	return map[string]handler{
		"correction.look":     staff(n, (*community).lookCorrection),
		"correction.make":     staff(n, (*community).makeCorrection),
		"correction.withdraw": staff(n, (*community).withdrawCorrection),
		"correction.list":     staff(n, (*community).listCorrections),
	}
}

// asAsked marks what a device writes in the name of somebody at another one: it
// is no proof that he sat here.
type asAsked struct{}

type hashRequest struct {
	Hash string `json:"hash"`
}

// consequences are what a correction will do, shown before it is made.
type consequences struct {
	Kind   string `json:"kind"` // award, opening, redeem, deduct
	Points int64  `json:"points"`
	Back   int64  `json:"back"`   // the person gets back
	Take   int64  `json:"take"`   // is taken of what the person has
	Debt   int64  `json:"debt"`   // will be owed, as far as this device knows
	Cancel int64  `json:"cancel"` // of an open debt
	Here   bool   `json:"here"`   // done at once; else asked of Device
	Device string `json:"device"`
	Place  string `json:"place"`
	State  string `json:"state"` // of the request that stands: "", open, refused
}

// lookCorrection says what correcting an entry would do. Faults:
// correction.unknown, correction.kind, ledger.undo.done, ledger.period.closed.
func (c *community) lookCorrection(ctx context.Context, r hashRequest) (out consequences, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		t, h, err := c.correctable(q, r.Hash)
		if err != nil {
			return err
		}
		out = consequences{Kind: targetText(t.Kind), Points: t.Points}
		if out.Here, err = c.mine(q, t.Feed); err != nil {
			return err
		}
		out.Here = out.Here && !t.Waits
		if d, ok := c.deviceOf(q, t.Feed); ok {
			out.Device, out.Place = d.Name, d.PlaceName
		}
		if asked, found, err := c.fixes.Get(q, h); err != nil {
			return err
		} else if found && asked.State != correction.Withdrawn {
			out.State = string(asked.State)
		}
		b, err := c.ledger.Balance(q, t.Person, period(c.node.now()))
		out.foresee(t, b)
		return err
	})
	return out, err
}

// foresee reckons from what the person has.
func (x *consequences) foresee(t ledger.Target, b ledger.Balance) {
	switch t.Kind {
	case ledger.LineRedeem:
		x.Back = t.Points
	case ledger.LineDeduction:
		x.Cancel = min(b.Debt, t.Debt)
		x.Back = t.Points - x.Cancel
	default:
		x.Take = min(t.Points, max(b.Spendable-b.Vouchers, 0)) // what is on a slip can't be fetched
		x.Debt = t.Points - x.Take
	}
}

func targetText(k ledger.LineKind) string {
	if k == ledger.LineDeduction {
		return "deduct"
	}
	return kindText(k)
}

// correctable finds what is to be corrected. Faults: correction.unknown for what
// is not here, correction.kind, correction.late for what nobody was charged for,
// ledger.undo.lost{lost}, ledger.undo.done.
func (c *community) correctable(q store.Querier, hash string) (t ledger.Target, h wire.Hash, err error) {
	if h, err = parseHash(hash); err != nil {
		return t, h, fault.New("correction.unknown")
	}
	t, ok, err := c.ledger.Target(q, h)
	switch {
	case errors.Is(err, ledger.ErrUnknown):
		err = fault.New("correction.unknown")
	case err == nil && !ok:
		err = fault.New("correction.kind")
	case err == nil && t.Late:
		err = fault.New("correction.late")
	case err == nil && t.Lost > 0 && !t.Undone:
		err = fault.New("ledger.undo.lost", "lost", t.Lost)
	case err == nil && t.Undone:
		err = fault.New("ledger.undo.done")
	case err == nil && t.Closed != "" && t.Kind != ledger.LineDeduction: // of a deduction the debt can be cancelled
		err = fault.New("ledger.period.closed", "period", t.Closed)
	}
	return t, h, err
}

// mine tells whether this device may correct what a feed wrote.
func (c *community) mine(q store.Querier, feed wire.Actor) (bool, error) {
	mine, err := c.ledger.Mine(q)
	return slices.Contains(mine, feed), err
}

// deviceOf is the device of an incarnation.
func (c *community) deviceOf(q store.Querier, a wire.Actor) (govern.Enrolled, bool) {
	cert, err := store.CertificateOf(q, a[:])
	if err != nil || cert == nil {
		return govern.Enrolled{}, false
	}
	return c.charter.Device(cert.Device)
}

type correctReply struct {
	State string   `json:"state"` // done, open
	Back  int64    `json:"back"`
	Taken int64    `json:"taken"`
	Debt  int64    `json:"debt"`
	Ref   refReply `json:"ref"` // of the opposite entry
}

type correctionRequest struct {
	Hash   string `json:"hash"`
	Reason string `json:"reason"`
}

// makeCorrection corrects an entry at once, or asks the device that wrote it.
// Faults: correction.reason{max}, and those of lookCorrection and ledger.Undo.
func (c *community) makeCorrection(ctx context.Context, r correctionRequest) (out correctReply, err error) {
	return out, c.correctionAs(ctx, c.operator(), r, &out)
}

// correctionAs is makeCorrection in somebody's name, "" for the device's own.
func (c *community) correctionAs(ctx context.Context, operator string, r correctionRequest, out *correctReply) error {
	reason := strings.TrimSpace(r.Reason)
	if reason == "" || utf8.RuneCountInString(reason) > correction.MaxReason || !govern.PlainLine(reason) {
		return fault.New("correction.reason", "max", correction.MaxReason)
	}
	var t ledger.Target
	var h wire.Hash
	here := false
	err := c.view(ctx, func(q store.Querier) (err error) {
		if t, h, err = c.correctable(q, r.Hash); err == nil {
			here, err = c.mine(q, t.Feed)
			here = here && !t.Waits
		}
		return err
	})
	if err != nil {
		return err
	}
	keepAnswer(ctx, out)
	if here {
		return c.correct(ctx, operator, t, h, reason, out)
	}
	out.State = string(correction.Open)
	return c.writeAs(ctx, operator, func(tx *store.Tx) error {
		ask := correction.Request{Hash: h, Person: people.ID(t.Person), Author: t.Feed, By: operator}
		sealed, err := c.people.SealText(tx, ask.Person, correction.ReasonField(h), reason)
		if err != nil && !errors.Is(err, fault.New("people.unknown")) { // as above
			return err
		}
		ask.Reason = sealed
		if err := c.fixes.Ask(tx, ask); err != nil {
			return err
		}
		return c.askTill(tx, t.Feed, h, t.Feed)
	})
}

// correct writes the opposite entry here. Of an award the points are fetched
// first, as far as somebody in reach has them, so that no debt is made without need.
func (c *community) correct(ctx context.Context, operator string, t ledger.Target, h wire.Hash, reason string, out *correctReply) error {
	if t.Kind == ledger.LineAward || t.Kind == ledger.LineOpening {
		c.gather(ctx, t.Person, t.Points)
	}
	return c.writeAs(ctx, operator, func(tx *store.Tx) error {
		note, err := c.people.Say(tx, people.ID(t.Person), reason)
		if err != nil && !errors.Is(err, fault.New("people.unknown")) { // of somebody who was erased no reason is kept
			return err
		}
		got, err := c.ledger.Correct(tx, h, note)
		*out = correctReply{State: "done", Back: got.Back, Taken: got.Taken, Debt: got.Debt, Ref: refOf(got.Ref)}
		return err
	})
}

// askTill writes the request where a till reads, if a till wrote the entry; the
// zero till takes it back.
func (c *community) askTill(tx *store.Tx, author wire.Actor, h wire.Hash, till wire.Actor) error {
	if d, ok := c.deviceOf(tx, author); !ok || d.Role != govern.Merchant {
		return nil
	}
	return c.requests.AskUndo(tx, h, till)
}

// withdrawCorrection takes a request back while it was not carried out. Faults:
// correction.unknown, correction.over.
func (c *community) withdrawCorrection(ctx context.Context, r hashRequest) (none, error) {
	h, err := parseHash(r.Hash)
	if err != nil {
		return none{}, fault.New("correction.unknown")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		asked, found, err := c.fixes.Get(tx, h)
		if err != nil || !found {
			return errors.Join(err, fault.New("correction.unknown"))
		}
		t, _, err := c.ledger.Target(tx, h)
		if err != nil && !errors.Is(err, ledger.ErrUnknown) {
			return err
		}
		if t.Undone || asked.State == correction.Withdrawn {
			return fault.New("correction.over")
		}
		if err := c.fixes.Withdraw(tx, asked); err != nil {
			return err
		}
		return c.askTill(tx, asked.Author, h, wire.Actor{})
	})
}

// correctionRow is a request in a list.
type correctionRow struct {
	Hash   string `json:"hash"`
	Person string `json:"person"`
	Name   string `json:"name"`
	Masked string `json:"masked"`
	Kind   string `json:"kind"`
	Points int64  `json:"points"`
	Made   int64  `json:"made"`   // when the entry was made
	Device string `json:"device"` // that made it
	Place  string `json:"place"`
	At     int64  `json:"at"` // when the correction was asked for
	By     string `json:"by"`
	Reason string `json:"reason"`
	State  string `json:"state"` // open, done, refused, withdrawn
	Code   string `json:"code"`  // of a refusal
	Here   bool   `json:"here"`  // this device carries it out
}

const (
	// correctionsFor is how long what is settled stays in the list, milliseconds.
	correctionsFor = 30 * 24 * 60 * 60 * 1000
	// maxCorrections bounds the list.
	maxCorrections = 500
)

type correctionsReply struct {
	Open int             `json:"open"`
	Rows []correctionRow `json:"rows"`
}

// listCorrections lists what is asked for and what came of it lately.
func (c *community) listCorrections(ctx context.Context, _ none) (out correctionsReply, err error) {
	out.Rows = []correctionRow{}
	var ids []people.ID
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.fixes.List(q, c.node.now()-correctionsFor, maxCorrections)
		if err != nil {
			return err
		}
		texts := c.people.Texts(q)
		for _, r := range list {
			row, err := c.correctionRow(q, texts, r)
			if err != nil {
				return err
			}
			if row.State == string(correction.Open) {
				out.Open++
			}
			out.Rows = append(out.Rows, row)
			ids = append(ids, r.Person)
		}
		return nil
	})
	if err != nil || len(ids) == 0 {
		return out, err
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i := range out.Rows {
		out.Rows[i].Name, out.Rows[i].Masked = known[ids[i]].Name, known[ids[i]].Masked
	}
	return out, err
}

func (c *community) correctionRow(q store.Querier, texts *people.Texts, r correction.Request) (correctionRow, error) {
	row := correctionRow{Hash: r.Hash.String(), Person: r.Person.String(), At: r.At, By: r.By, State: string(r.State), Code: r.Code}
	var err error
	if row.Reason, err = texts.Open(r.Person, correction.ReasonField(r.Hash), r.Reason); err != nil {
		return row, err
	}
	if d, ok := c.deviceOf(q, r.Author); ok {
		row.Device, row.Place = d.Name, d.PlaceName
	}
	t, ok, err := c.ledger.Target(q, r.Hash)
	if errors.Is(err, ledger.ErrUnknown) || err == nil && !ok {
		return row, nil // the entry is not here yet
	}
	if err != nil {
		return row, err
	}
	if t.Undone {
		row.State, row.Code = "done", ""
	}
	row.Kind, row.Points = targetText(t.Kind), t.Points
	if row.State == string(correction.Open) && t.Lost > 0 { // a till that was asked has no words for it
		row.State, row.Code = string(correction.Refused), "ledger.undo.lost"
	}
	made, err := c.ledger.Transaction(q, r.Hash)
	if err != nil {
		return row, err
	}
	row.Made = made.At
	row.Here, err = c.mine(q, t.Feed)
	row.Here = row.Here && !t.Waits
	return row, err
}

// corrections carries out what this device is asked to correct, once: what was
// undone is not asked for any more. What can't be done is said to those who asked.
func (t *tender) corrections(ctx context.Context) error {
	if d, _ := t.c.self(); d.Role == govern.Merchant {
		return t.tillCorrections(ctx)
	}
	return eachPage(ctx, t.c, func(q store.Querier, after wire.Hash) ([]correction.Request, error) {
		mine, err := t.c.ledger.Mine(q)
		if err != nil {
			return nil, err
		}
		return t.c.fixes.Waiting(q, mine, after, correctionsAtOnce)
	}, func(r correction.Request) wire.Hash { return r.Hash }, func(r correction.Request) error { return t.carryOut(ctx, r) })
}

// correctionsAtOnce bounds the requests that are read at once.
const correctionsAtOnce = 50

// eachPage does what is read page by page, each page from the last one's end on. One
// that fails keeps none behind it waiting; its error is told at the end.
func eachPage[E any](ctx context.Context, c *community, page func(store.Querier, wire.Hash) ([]E, error), at func(E) wire.Hash, do func(E) error) error {
	var after wire.Hash
	var failed error
	for {
		var list []E
		err := c.view(ctx, func(q store.Querier) (err error) { list, err = page(q, after); return err })
		if err = errors.Join(err, ctx.Err()); err != nil || len(list) == 0 {
			return errors.Join(failed, err)
		}
		for _, x := range list {
			failed = errors.Join(failed, do(x))
		}
		after = at(list[len(list)-1])
	}
}

// carryOut corrects what one request names.
func (t *tender) carryOut(ctx context.Context, r correction.Request) error {
	var x ledger.Target
	var reason string
	code := ""
	err := t.c.view(ctx, func(q store.Querier) (err error) {
		if reason, err = t.c.people.Texts(q).Open(r.Person, correction.ReasonField(r.Hash), r.Reason); err != nil {
			return err
		}
		reason = people.Plain(reason) // the request keeps its own
		got, ok, err := t.c.ledger.Target(q, r.Hash)
		if x = got; err == nil && (!ok || people.ID(got.Person) != r.Person) {
			code = "correction.kind"
		}
		return err
	})
	if errors.Is(err, ledger.ErrUnknown) || err == nil && (x.Undone || x.Waits) {
		return nil
	}
	if err != nil {
		return err
	}
	if code == "" {
		err = t.c.correct(context.WithValue(ctx, asAsked{}, true), r.By, x, r.Hash, reason, &correctReply{})
		if err == nil || errors.Is(err, fault.New("ledger.undo.done")) {
			return nil
		}
		if code = fault.Of(err).Code; !slices.Contains(finalFaults, code) {
			return err
		}
	}
	return t.write(ctx, func(tx *store.Tx) error { return t.c.fixes.Refuse(tx, r, code) })
}

// finalFaults are the reasons for which a correction is refused; any other error
// is tried again.
var finalFaults = []string{"ledger.undo.moved", "ledger.undo.nothing", "ledger.period.closed", "ledger.undo.foreign", "ledger.undo.lost"}

// tillCorrections undoes redemptions of this till that staff ask it to undo. It
// learns a hash, and neither who asks nor why.
func (t *tender) tillCorrections(ctx context.Context) error {
	return eachPage(ctx, t.c, func(q store.Querier, after wire.Hash) ([]wire.Hash, error) {
		return t.c.ledger.Undos(q, after, correctionsAtOnce)
	}, func(h wire.Hash) wire.Hash { return h }, func(h wire.Hash) error { return t.undoAsked(ctx, h) })
}

// undoAsked undoes one redemption; one that can't be undone stays asked for.
func (t *tender) undoAsked(ctx context.Context, h wire.Hash) error {
	err := t.write(ctx, func(tx *store.Tx) error {
		x, ok, err := t.c.ledger.Target(tx, h)
		if err == nil && (!ok || x.Kind != ledger.LineRedeem || x.Undone) || errors.Is(err, ledger.ErrUnknown) {
			return errNothing
		}
		if err == nil {
			_, err = t.c.ledger.Undo(tx, h)
		}
		return err
	})
	if _, refused := errors.AsType[*fault.Fault](err); refused || errors.Is(err, errNothing) {
		return nil
	}
	return err
}
