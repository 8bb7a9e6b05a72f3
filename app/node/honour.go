package node

import (
	"context"

	"jishan/app/fault"
	"jishan/app/honour"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
)

// Levels and benefits as the screens use them, and the chore that awards them.

func (n *Node) honourCalls() map[string]handler {
	return map[string]handler{
		"honour.table": in(n, func(c *community, _ context.Context, _ none) (honour.Table, error) {
			return c.honour.Table(), nil
		}),
		"honour.save":   staff(n, (*community).saveHonour),
		"honour.stats":  staff(n, (*community).honourStats),
		"honour.person": in(n, (*community).standing),
		"honour.use":    in(n, (*community).useBenefit),
		"honour.pull":   in(n, (*community).pullBenefit),
		"honour.today":  in(n, (*community).benefitsToday),
	}
}

func (c *community) newHonour() *honour.Honour {
	return honour.New(honour.Config{
		Charter: c.charter, Ledger: c.ledger, Period: period, Clock: c.node.now,
		Place: func() string { d, _ := c.self(); return d.Place },
		Known: func(q store.Querier, person ledger.Subject) (bool, error) {
			return c.people.Known(q, people.ID(person))
		},
	})
}

func (c *community) saveHonour(ctx context.Context, t honour.Table) (honour.Table, error) {
	err := c.write(ctx, func(tx *store.Tx) error { return c.honour.Save(tx, t) })
	return c.honour.Table(), err
}

type honourStats struct {
	Period     string           `json:"period"`
	People     int64            `json:"people"`
	Households int64            `json:"households"`
	Levels     []honour.Reached `json:"levels"`
	Issued     int64            `json:"issued"`   // points ever awarded or brought along, less what was taken back
	Redeemed   int64            `json:"redeemed"` // of them
	Share      int64            `json:"share"`    // per mille; -1 = nothing was issued
	Left       int64            `json:"left"`
	Registrar  bool             `json:"registrar"` // this device may change the table
}

// honourStats tells what part of the community has reached which level, and
// what part of its points came back as goods.
func (c *community) honourStats(ctx context.Context, _ none) (out honourStats, err error) {
	homes, err := c.people.Homes()
	if err != nil {
		return out, err
	}
	households := map[people.ID]struct{}{}
	for _, home := range homes {
		households[home] = struct{}{}
	}
	d, _ := c.self()
	out = honourStats{Period: period(c.node.now()), People: int64(len(homes)), Households: int64(len(households)), Registrar: d.Registrar}
	err = c.view(ctx, func(q store.Querier) error {
		out.Levels, err = c.honour.Levels(q, out.People, out.Households, func(p ledger.Subject) (ledger.Subject, bool) {
			home, ok := homes[people.ID(p)]
			return ledger.Subject(home), ok
		})
		if err != nil {
			return err
		}
		cohorts, err := c.ledger.Cohorts(q)
		for _, x := range cohorts {
			out.Issued += x.Issued - x.Deducted - x.Moved
			out.Redeemed += x.Redeemed
		}
		return err
	})
	out.Share, out.Left = honour.Share(out.Redeemed, out.Issued), out.Issued-out.Redeemed
	return out, err
}

type standingRequest struct {
	Person string `json:"person"`
}

// standing is a person's level and benefits; a till is told of the benefits
// that it gives and that lie with it.
func (c *community) standing(ctx context.Context, r standingRequest) (out honour.Standing, err error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	err = c.view(ctx, func(q store.Querier) (err error) { out, err = c.standingOf(q, id); return err })
	return out, err
}

func (c *community) standingOf(q store.Querier, id people.ID) (honour.Standing, error) {
	d, _ := c.self()
	b, err := c.ledger.Balance(q, ledger.Subject(id), period(c.node.now()))
	if err != nil {
		return honour.Standing{}, err
	}
	return c.honour.Standing(q, ledger.Subject(id), b.Year, d.Role.Staff())
}

type benefitRequest struct {
	Person  string `json:"person"`
	Benefit string `json:"benefit"`
	N       int64  `json:"n"`
}

type usedReply struct {
	Ref      refReply        `json:"ref"`
	Standing honour.Standing `json:"standing"` // afterwards
}

// useBenefit gives something out of a person's benefits, instead of for points.
// Faults: people.unknown, till.blocked, and those of honour.Use.
func (c *community) useBenefit(ctx context.Context, r benefitRequest) (out usedReply, err error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	if c.shownVoid(id) || c.people.Void(id) {
		return out, fault.New("till.blocked")
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		ref, err := c.honour.Use(tx, ledger.Subject(id), r.Benefit, r.N)
		out.Ref = refOf(ref)
		return err
	})
	if err == nil {
		out.Standing, err = c.standing(ctx, standingRequest{r.Person})
	}
	return out, err
}

// pullBenefit asks the devices in reach for a person's benefit until n of it
// are here, like pull does for points. Faults: people.unknown, honour.times,
// till.blocked, till.pull.offline.
func (c *community) pullBenefit(ctx context.Context, r benefitRequest) (out honour.Standing, err error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	if r.N < 1 || r.N > maxPullBenefit {
		return out, fault.New("honour.times", "max", maxPullBenefit)
	}
	if c.shownVoid(id) || c.people.Void(id) {
		return out, fault.New("till.blocked")
	}
	within, cancel := context.WithTimeout(ctx, pullLimit)
	defer cancel()
	if !c.mesh.reach(within, reachLimit) {
		return out, fault.New("till.pull.offline")
	}
	for _, one := range c.people.IDs(id) {
		if err := c.gatherBenefit(within, honour.Subject(ledger.Subject(one), r.Benefit), r.N); err != nil {
			return out, err
		}
	}
	return c.standing(context.WithoutCancel(ctx), standingRequest{r.Person})
}

// gatherBenefit asks the devices in reach for a benefit until n of it are here.
func (c *community) gatherBenefit(within context.Context, subject ledger.Subject, n int64) error {
	holders, err := c.benefitHolders(within, subject)
	if err != nil {
		return err
	}
	for _, pub := range holders {
		var have int64
		err := c.view(within, func(q store.Querier) (err error) { have, err = c.ledger.BenefitHere(q, subject); return err })
		if err != nil || have >= n {
			break
		}
		if err := c.mesh.askBenefit(within, pub, subject, n-have); err != nil {
			c.node.log.Info("a device gave no benefits", "device", deviceText(pub), "err", err.Error())
		}
	}
	return nil
}

// maxPullBenefit bounds what a till may gather at once.
const maxPullBenefit = 1000

type givenReply struct {
	Rows []givenRow `json:"rows"`
}

type givenRow struct {
	honour.Given
	Masked string `json:"masked"`
}

// benefitsToday lists what this device gave on a day.
func (c *community) benefitsToday(ctx context.Context, r struct {
	Day string `json:"day"`
}) (out givenReply, err error) {
	out.Rows = []givenRow{}
	err = c.view(ctx, func(q store.Querier) error {
		mine, err := c.ledger.Mine(q)
		if err != nil {
			return err
		}
		list, err := c.honour.Today(q, mine, r.Day)
		for _, g := range list {
			b, e := buyers{c}.Buyer(q, people.ID(g.Person).String())
			if e != nil {
				return e
			}
			out.Rows = append(out.Rows, givenRow{g, b.Masked})
		}
		return err
	})
	return out, err
}

// honours awards what was earned, as the registrar's device, a little at a
// time.
func (t *tender) honours(ctx context.Context) error {
	for t.registrar() && ctx.Err() == nil && t.c.honour.Pending() {
		more := false
		err := t.write(ctx, func(tx *store.Tx) error {
			list, err := t.c.honour.Due(tx, maxBonus)
			if err != nil {
				return err
			}
			n, err := t.c.honour.Award(tx, list)
			if more = n > 0; err == nil && n == 0 {
				err = errNothing
			}
			return err
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}
