package node

import (
	"context"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// The budget of a year, and the base points that are paid from it. What is
// above the budget needs a second operator, whose signature stands in the charter
// beside the raise (docs/operators.md). In a community where nobody has a key,
// two names are recorded and proven by nothing.

func (n *Node) budgetCalls() map[string]handler {
	return map[string]handler{
		"budget.get": staff(n, (*community).budget),
		"budget.set": staff(n, (*community).setBudget),
		"base.start": staff(n, (*community).startBase),
		"base.stop":  staff(n, (*community).stopBase),
	}
}

// Limits of a budget: with them a share of income is computed without overflow.
const (
	maxBudget = 1_000_000_000     // points a year
	maxIncome = 1_000_000_000_000 // fen a year
)

// maxBasePaid bounds the awards of one transaction, so that a stop is heeded
// soon and a till on the same device does not wait.
const maxBasePaid = 100

type budgetReply struct {
	Period    string      `json:"period"`
	Set       bool        `json:"set"`    // somebody fixed it; else it is only technically bounded
	Budget    int64       `json:"budget"` // points that may be issued
	By        string      `json:"by"`     // who approved it
	Issued    int64       `json:"issued"`
	Left      int64       `json:"left"`
	IncomeFen int64       `json:"incomeFen"` // of the community in the year, 0 = not known
	UnitFen   int64       `json:"unitFen"`
	Share     int64       `json:"share"`       // of the budget in the income, per mille; -1 = not known
	IssuedIn  int64       `json:"issuedShare"` // of what was issued
	Registrar bool        `json:"registrar"`
	Base      people.Base `json:"base"`
}

func (c *community) budget(ctx context.Context, _ none) (out budgetReply, err error) {
	err = c.view(ctx, func(q store.Querier) error { out, err = c.budgetNow(q); return err })
	return out, err
}

func (c *community) budgetNow(q store.Querier) (out budgetReply, err error) {
	d, _ := c.self()
	s := c.charter.Settings()
	out = budgetReply{Period: period(c.node.now()), UnitFen: s.UnitFen, Registrar: d.Registrar}
	b, err := c.ledger.Budget(q, out.Period)
	if err != nil {
		return out, err
	}
	out.Budget, out.Issued, out.IncomeFen = b.Minted, b.Issued, s.Income(out.Period)
	if points, by, ok := s.Budget(out.Period); ok {
		out.Set, out.Budget, out.By = true, points, by
	}
	out.Left = max(0, out.Budget-out.Issued)
	out.Share, out.IssuedIn = share(out.Budget, s.UnitFen, out.IncomeFen), share(out.Issued, s.UnitFen, out.IncomeFen)
	if !out.Set {
		out.Share = -1
	}
	out.Base, err = c.people.Base(q, out.Period)
	return out, err
}

// share is what points are worth in an income, per mille, rounded.
func share(points, unitFen, incomeFen int64) int64 {
	if unitFen <= 0 || incomeFen <= 0 {
		return -1
	}
	return (min(points, maxBudget)*unitFen*1000 + incomeFen/2) / incomeFen
}

type budgetRequest struct {
	Points    int64 `json:"points"`
	IncomeFen int64 `json:"incomeFen"`
	approverRequest
}

// approverRequest is the second operator: a name where nobody has a key, else
// somebody with a key at this device, and his PIN.
type approverRequest struct {
	Second string      `json:"second"`
	Sign   openRequest `json:"sign"`
}

func (r approverRequest) none() bool { return r.Second == "" && r.Sign.ID == "" }

// approval is two people's word: names, and their signatures where there are keys.
type approval struct {
	by, second string
	signers    []govern.Signer
}

// setBudget fixes this year's budget and income. To raise a budget that was
// fixed takes a second operator. Faults: govern.registrar.only,
// budget.bad{max}, budget.income{max}, budget.second{budget}, budget.same,
// operator.bad, ledger.budget.low{issued}, ledger.rights.short.
func (c *community) setBudget(ctx context.Context, r budgetRequest) (none, error) {
	switch {
	case r.Points < 1 || r.Points > maxBudget:
		return none{}, fault.New("budget.bad", "max", int64(maxBudget))
	case r.IncomeFen < 0 || r.IncomeFen > maxIncome:
		return none{}, fault.New("budget.income", "max", int64(maxIncome)/100)
	}
	a, err := c.approved(r.approverRequest)
	if err != nil {
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		now := period(tx.Now())
		before, by, set := c.charter.Settings().Budget(now)
		switch raises := set && r.Points > before; {
		case raises && r.none():
			return fault.New("budget.second", "budget", before)
		case !raises && (!set || r.Points != before):
			by = c.operator()
			fallthrough
		case !raises:
			a = approval{by: by}
		}
		return c.fixBudget(tx, now, r.Points, a, govern.IncomeSetting(now, r.IncomeFen))
	})
}

// fixBudget writes the approved number into the charter and makes the quota
// equal to it.
func (c *community) fixBudget(tx *store.Tx, period string, points int64, a approval, more ...govern.Setting) error {
	settings := append(more, govern.BudgetSetting(period, points, a.by))
	set := func() error { return c.charter.SetPolicy(tx, settings...) }
	if a.signers != nil {
		set = func() error { return c.charter.SetPolicyBy(tx, a.signers, settings...) }
	}
	if err := set(); err != nil {
		return err
	}
	note := ""
	if a.second != "" {
		note = "second: " + a.second
	}
	return c.ledger.SetBudget(tx, period, points, note)
}

// approved asks for the second operator's word, if one was named. Trying a PIN
// takes a while: this is done outside of transactions. Faults: operator.bad,
// budget.same; where people have keys operator.second.own, operator.second.same,
// operator.second.waiting, operator.second.lead, operator.role, those of openKey.
func (c *community) approved(r approverRequest) (approval, error) {
	switch {
	case r.none():
		return approval{}, nil
	case c.charter.Keyed():
		return c.signedByTwo(r.Sign)
	}
	by, err := c.both(r.Second)
	return approval{by: by, second: strings.TrimSpace(r.Second)}, err
}

// signedByTwo opens the second operator's key beside the one who sits here.
func (c *community) signedByTwo(r openRequest) (approval, error) {
	first, err := c.node.standing(c)
	if err != nil {
		return approval{}, err
	}
	own, sits := c.node.seat.signer()
	switch {
	case !first.Signs || !sits:
		return approval{}, fault.New("operator.second.own")
	case r.ID == "":
		return approval{}, fault.New("operator.second")
	case r.ID == first.ID:
		return approval{}, fault.New("operator.second.same")
	}
	h, key, role, err := c.openKey(r)
	if err != nil {
		return approval{}, err
	}
	name, _, signs, err := c.node.holderNow(c, h)
	switch {
	case err != nil:
		return approval{}, err
	case !signs:
		return approval{}, fault.New("operator.second.waiting")
	case role == govern.Keeper:
		return approval{}, fault.New("operator.role", "role", role.String(), "need", govern.Witness.String())
	case first.Role != govern.Lead && role != govern.Lead:
		return approval{}, fault.New("operator.second.lead")
	}
	return approval{by: first.Name + ", " + name, second: seal.OperatorText(name, h.ID), signers: []govern.Signer{own, {Operator: h.id(), Key: key}}}, nil
}

// both names the operator at this device and a second one, who is somebody
// else. Faults: operator.bad, budget.same.
func (c *community) both(second string) (string, error) {
	first := strings.TrimSpace(c.operator())
	second = strings.TrimSpace(second)
	for _, name := range []string{first, second} {
		if err := operatorFault(name); err != nil {
			return "", err
		}
	}
	if govern.BareName(first) == govern.BareName(second) {
		return "", fault.New("budget.same")
	}
	return first + ", " + second, nil
}

type baseRequest struct {
	Points int64 `json:"points"`
	approverRequest
}

// startBase orders this year's base points for everybody who is registered.
// Every staff device may; the registrar's pays, once. Above the budget it is
// refused, unless at the registrar's device a second operator approves: then the
// budget is raised by what is missing. Faults: base.points{max},
// base.other{points}, base.over{need, left, missing}, and those of setBudget.
func (c *community) startBase(ctx context.Context, r baseRequest) (none, error) {
	a, err := c.approved(r.approverRequest)
	if err != nil {
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		now, err := c.budgetNow(tx)
		if err != nil {
			return err
		}
		if err := c.people.OrderBase(tx, c.operator(), now.Period, r.Points); err != nil {
			return err
		}
		if now.Base, err = c.people.Base(tx, now.Period); err != nil {
			return err
		}
		missing := now.Base.Open()*r.Points - now.Left
		if missing <= 0 {
			return nil
		}
		if r.none() {
			return fault.New("base.over", "need", now.Base.Open()*r.Points, "left", now.Left, "missing", missing)
		}
		return c.fixBudget(tx, now.Period, now.Budget+missing, a)
	})
}

func (c *community) stopBase(ctx context.Context, _ none) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.people.StopBase(tx, period(c.node.now())) })
}

// base pays what was ordered, a little at a time.
func (t *tender) base(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := t.c.people.PayBase(ctx, period(t.c.node.now()), maxBasePaid)
		if err != nil || n < maxBasePaid {
			return err
		}
	}
	return nil
}
