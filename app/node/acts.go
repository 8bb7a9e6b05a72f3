package node

import (
	"context"
	"errors"
	"slices"

	"jishan/app/activity"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

type activityList struct {
	Total int            `json:"total"`
	Rows  []activity.Row `json:"rows"`
}

type listRequest struct {
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
	Q      string `json:"q"`
}

func (c *community) listActivities(ctx context.Context, r listRequest) (out activityList, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) {
		out.Rows, out.Total, err = c.activity.List(q, activity.Filter{Offset: r.Offset, Limit: r.Limit, From: r.From, To: r.To, Q: r.Q})
		return err
	})
	if out.Rows == nil {
		out.Rows = []activity.Row{}
	}
	return out, err
}

func (c *community) getActivity(ctx context.Context, id string) (a activity.Activity, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { a, err = c.activity.Get(q, id); return err })
	if a.Attendees == nil {
		a.Attendees = []activity.Attendee{}
	}
	return a, err
}

// act runs a command on an activity and shows it afterwards.
func (c *community) act(ctx context.Context, id string, fn func(tx *store.Tx) error) (activity.Activity, error) {
	if err := c.paying(ctx, c.operator(), fn); err != nil {
		return activity.Activity{}, err
	}
	return c.getActivity(ctx, id)
}

func (c *community) publish(ctx context.Context, r activity.New) (idRequest, error) {
	var out idRequest
	keepAnswer(ctx, &out)
	err := c.write(ctx, func(tx *store.Tx) (err error) { out.ID, err = c.activity.Publish(tx, r); return err })
	return out, err
}

func (c *community) updateActivity(ctx context.Context, r struct {
	ID     string          `json:"id"`
	Fields activity.Fields `json:"fields"`
}) (activity.Activity, error) {
	return c.act(ctx, r.ID, func(tx *store.Tx) error { return c.activity.Update(tx, r.ID, r.Fields) })
}

func (c *community) cancelActivity(ctx context.Context, r idRequest) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.activity.Cancel(tx, r.ID) })
}

type personAtActivity struct {
	ID     string `json:"id"`
	Person string `json:"person"`
}

func (c *community) signUp(ctx context.Context, r struct {
	ID     string   `json:"id"`
	People []string `json:"people"`
}) (activity.Activity, error) {
	return c.act(ctx, r.ID, func(tx *store.Tx) error { return c.activity.SignUp(tx, r.ID, r.People, "desk") })
}

func (c *community) signOff(ctx context.Context, r personAtActivity) (activity.Activity, error) {
	return c.act(ctx, r.ID, func(tx *store.Tx) error { return c.activity.SignOff(tx, r.ID, r.Person) })
}

func (c *community) promote(ctx context.Context, r personAtActivity) (activity.Activity, error) {
	return c.act(ctx, r.ID, func(tx *store.Tx) error { return c.activity.Promote(tx, r.ID, r.Person) })
}

// paste reads a 接龙; with Apply those who were matched are signed up.
func (c *community) paste(ctx context.Context, r struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Apply bool   `json:"apply"`
}) (p activity.Pasted, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { p, err = c.activity.ReadPaste(q, r.Text); return err })
	if err != nil || !r.Apply || len(p.Matched) == 0 {
		return p, err
	}
	return p, c.write(ctx, func(tx *store.Tx) error { return c.activity.SignUp(tx, r.ID, p.People(), "paste") })
}

func (c *community) checkIn(ctx context.Context, r struct {
	ID     string `json:"id"`
	Person string `json:"person"`
	How    string `json:"how"`
	Out    bool   `json:"out"`
}) (activity.Activity, error) {
	return c.act(ctx, r.ID, func(tx *store.Tx) error {
		return c.activity.CheckIn(tx, r.ID, r.Person, r.How, r.Out, c.operator())
	})
}

type scannedCard struct {
	Activity activity.Activity `json:"activity"`
	Person   string            `json:"person"`
	Masked   string            `json:"masked"`
	Out      bool              `json:"out"`
	Again    bool              `json:"again"`
}

func (c *community) scanCard(ctx context.Context, r struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}) (scannedCard, error) {
	var seen activity.Seen
	a, err := c.act(ctx, r.ID, func(tx *store.Tx) (err error) {
		seen, err = c.activity.ScanCard(tx, r.ID, r.Text, c.operator())
		return err
	})
	out := scannedCard{Activity: a, Person: seen.Person, Out: seen.Out, Again: seen.Again}
	if i := slices.IndexFunc(a.Attendees, func(x activity.Attendee) bool { return x.Person == seen.Person }); i >= 0 {
		out.Masked = a.Attendees[i].Masked
	}
	return out, err
}

func (c *community) after(ctx context.Context, r struct {
	ID   string             `json:"id"`
	Rows []activity.Arrival `json:"rows"`
}) (activity.Activity, error) {
	return c.act(ctx, r.ID, func(tx *store.Tx) error { return c.activity.EnterAfter(tx, r.ID, r.Rows, c.operator()) })
}

// checkInPath is where a phone lands that scanned the rotating code.
const checkInPath = "#/in/"

func (c *community) code(ctx context.Context, r idRequest) (k activity.CheckInCode, err error) {
	base := ""
	if phone := c.node.phoneURL(); phone != "" {
		base = phone + checkInPath
	}
	err = c.view(ctx, func(q store.Querier) (err error) { k, err = c.activity.Code(q, r.ID, base); return err })
	return k, err
}

func (c *community) finish(ctx context.Context, r idRequest) (o activity.Outcome, err error) {
	err = c.paying(ctx, c.operator(), func(tx *store.Tx) (err error) { o, err = c.activity.Finish(tx, r.ID); return err })
	return o, err
}

// paying runs a transaction that pays what is due for activities and deeds: what fails
// in it for itself keeps nothing else from being paid (activity.Stuck).
func (c *community) paying(ctx context.Context, operator string, fn func(*store.Tx) error) error {
	return c.activity.Run(func(fn func(*store.Tx) error) error {
		err := c.writeAs(ctx, operator, fn)
		if s, stuck := errors.AsType[*activity.Stuck](err); stuck {
			if ctx.Err() != nil || c.diskFault() != nil {
				return s.Why // nothing can be written now
			}
			c.node.log.Error("a payment failed and is set aside", "what", s.Key, "err", s.Why.Error())
		}
		return err
	}, fn)
}

type recorded struct {
	Points    int64     `json:"points"`
	OnTheWay  bool      `json:"onTheWay"`
	Capped    bool      `json:"capped"` // the rulebook's caps leave nothing for it now
	Lifetime  int64     `json:"lifetime"`
	Here      int64     `json:"here"`
	Spendable int64     `json:"spendable"`
	Settled   int64     `json:"settled"` // of the points, what goes to a debt
	Debt      int64     `json:"debt"`    // still owed then
	Ref       *refReply `json:"ref"`
	Again     bool      `json:"again"`
}

// refReply names one ledger transaction.
type refReply struct {
	Doc  string `json:"doc"`
	Seq  uint64 `json:"seq"`
	Hash string `json:"hash"`
}

func refOf(r store.Ref) refReply { return refReply{string(r.Doc), r.Seq, r.Hash.String()} }

func (c *community) recordDeed(ctx context.Context, r activity.Deed) (recorded, error) {
	return c.record(ctx, r, func(*store.Tx, activity.Recorded) error { return nil })
}

// record is recordDeed with what else is written in the same commit.
func (c *community) record(ctx context.Context, r activity.Deed, also func(*store.Tx, activity.Recorded) error) (recorded, error) {
	before, err := c.balanceOf(ctx, r.Person)
	if err != nil {
		return recorded{}, err
	}
	var got activity.Recorded
	err = c.paying(ctx, c.operator(), func(tx *store.Tx) (err error) {
		if err := c.countersigned(tx, r.Item); err != nil {
			return err
		}
		if got, err = c.activity.RecordDeed(tx, r, c.operator()); err != nil {
			return err
		}
		return also(tx, got)
	})
	if err != nil {
		return recorded{}, err
	}
	out := recorded{Points: got.Points, OnTheWay: got.OnTheWay, Capped: got.Capped, Again: got.Again}
	if got.Ref != nil && got.Ref.Hash != (wire.Hash{}) {
		ref := refOf(*got.Ref)
		out.Ref = &ref
	}
	b, err := c.balanceOf(ctx, r.Person)
	out.Lifetime, out.Here = b.Lifetime, b.Here
	soon := min(b.Spendable, b.Debt) // owed to another device, which takes it in the next moments
	out.Settled = min(max(0, before.Debt-b.Debt)+soon, max(0, got.Points))
	out.Spendable, out.Debt = b.Spendable-soon, b.Debt-soon
	return out, err
}
