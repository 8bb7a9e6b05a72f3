package node

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/qr"
	"jishan/app/shop"
	"jishan/crdt/store"
)

// useCases lists every call of api.ts that screens may make.
func (n *Node) useCases() map[string]handler {
	calls := map[string]handler{
		"app.state":        typed(n.state),
		"app.operator":     typed(n.setOperator),
		"settings.save":    {reflect.TypeFor[Settings](), n.saveSettings},
		"setup.create":     typed(n.create),
		"setup.readTicket": typed(n.readTicket),
		"setup.join":       typed(n.join),
		"setup.sample":     typed(n.sample),
		"setup.anew":       typed(n.anew),
	}
	maps.Copy(calls, n.communityCalls())
	maps.Copy(calls, n.proofCalls())
	maps.Copy(calls, n.limitCalls())
	maps.Copy(calls, n.eraseCalls())
	maps.Copy(calls, n.consentCalls())
	maps.Copy(calls, n.joiningCalls())
	maps.Copy(calls, n.newcomerCalls())
	maps.Copy(calls, n.recoveryCalls())
	maps.Copy(calls, n.aboveCalls())
	maps.Copy(calls, n.backupCalls())
	maps.Copy(calls, n.sessionCalls())
	maps.Copy(calls, n.operatorCalls())
	maps.Copy(calls, n.schemeCalls())
	maps.Copy(calls, n.claimCalls())
	maps.Copy(calls, n.photoCalls())
	maps.Copy(calls, n.shelfCalls())
	maps.Copy(calls, n.deductCalls())
	maps.Copy(calls, n.correctCalls())
	maps.Copy(calls, n.orderCalls())
	maps.Copy(calls, n.voucherCalls())
	maps.Copy(calls, n.passCalls())
	maps.Copy(calls, n.settleCalls())
	maps.Copy(calls, n.partnerCalls())
	maps.Copy(calls, n.movingCalls())
	maps.Copy(calls, n.yearCalls())
	maps.Copy(calls, n.budgetCalls())
	maps.Copy(calls, n.honourCalls())
	maps.Copy(calls, n.rankingCalls())
	maps.Copy(calls, n.householdCalls())
	maps.Copy(calls, n.assessCalls())
	maps.Copy(calls, n.assessSheetCalls())
	maps.Copy(calls, n.selectionCalls())
	maps.Copy(calls, n.creditCalls())
	maps.Copy(calls, n.awardCalls())
	maps.Copy(calls, n.merchantCalls())
	maps.Copy(calls, n.visitCalls())
	maps.Copy(calls, n.meetCalls())
	maps.Copy(calls, n.knockCalls())
	maps.Copy(calls, n.reportCalls())
	maps.Copy(calls, n.hoursCalls())
	maps.Copy(calls, n.publicityCalls())
	maps.Copy(calls, n.dutyCalls())
	maps.Copy(calls, n.bylawCalls())
	maps.Copy(calls, n.fundCalls())
	maps.Copy(calls, n.councilCalls())
	maps.Copy(calls, n.proposalCalls())
	maps.Copy(calls, n.wallCalls())
	return calls
}

// in gives a use case the community; it is a fault where there is none.
func in[Req, Res any](n *Node, f func(*community, context.Context, Req) (Res, error)) handler {
	return typed(func(ctx context.Context, r Req) (Res, error) {
		c, err := n.here()
		if err != nil {
			var zero Res
			return zero, err
		}
		return f(c, ctx, r)
	})
}

// staff is in for calls that show or change people's data: a merchant's device
// does not have them.
func staff[Req, Res any](n *Node, f func(*community, context.Context, Req) (Res, error)) handler {
	return in(n, func(c *community, ctx context.Context, r Req) (Res, error) {
		if d, ok := c.self(); !ok || !d.Role.Staff() {
			var zero Res
			return zero, fault.New("app.role")
		}
		return f(c, ctx, r)
	})
}

func (n *Node) communityCalls() map[string]handler {
	return map[string]handler{
		"app.search":       in(n, (*community).search),
		"app.confirmClock": in(n, (*community).confirmClock),
		"home.get":         in(n, (*community).home),
		"stats.month":      staff(n, (*community).month),
		"audit.list":       staff(n, (*community).auditList),
		"audit.report":     in(n, (*community).report),
		"audit.has":        in(n, (*community).has),

		"people.list": staff(n, func(c *community, ctx context.Context, r people.Ask) (people.Page, error) {
			return c.people.List(ctx, r)
		}),
		"people.grids": staff(n, (*community).grids), "people.saveGrids": staff(n, (*community).saveGrids),
		"people.get": staff(n, (*community).person),
		"people.register": staff(n, func(c *community, ctx context.Context, r people.NewPerson) (people.Registered, error) {
			return c.people.Register(ctx, c.operator(), r)
		}),
		"people.update":        staff(n, (*community).updatePerson),
		"people.settle":        staff(n, (*community).settlePerson),
		"people.passbook":      staff(n, (*community).passbook),
		"people.card":          staff(n, (*community).cards),
		"people.replaceCard":   staff(n, (*community).replaceCard),
		"people.blockCard":     staff(n, (*community).blockCard),
		"people.rosterPreview": staff(n, (*community).rosterPreview),
		"people.rosterImport":  staff(n, (*community).rosterImport),
		"people.rosterUndo":    staff(n, (*community).rosterUndo),

		"deed.record":   staff(n, (*community).recordDeed),
		"deed.today":    staff(n, (*community).madeToday),
		"deed.takeBack": staff(n, (*community).takeBackDeed),
		"ledger.undo":   in(n, (*community).undo),

		"activity.list": staff(n, (*community).listActivities),
		"activity.get": staff(n, func(c *community, ctx context.Context, r idRequest) (activity.Activity, error) {
			return c.getActivity(ctx, r.ID)
		}),
		"activity.publish":  staff(n, (*community).publish),
		"activity.update":   staff(n, (*community).updateActivity),
		"activity.cancel":   staff(n, (*community).cancelActivity),
		"activity.signUp":   staff(n, (*community).signUp),
		"activity.signOff":  staff(n, (*community).signOff),
		"activity.promote":  staff(n, (*community).promote),
		"activity.paste":    staff(n, (*community).paste),
		"activity.checkIn":  staff(n, (*community).checkIn),
		"activity.scanCard": staff(n, (*community).scanCard),
		"activity.after":    staff(n, (*community).after),
		"activity.code":     staff(n, (*community).code),
		"activity.finish":   staff(n, (*community).finish),

		"shop.offers":     in(n, (*community).offers),
		"shop.save":       in(n, (*community).saveOffer),
		"shop.receive":    in(n, (*community).receive),
		"shop.count":      in(n, (*community).count),
		"shop.stockMoves": in(n, (*community).stockMoves),

		"till.scan":           in(n, (*community).scan),
		"till.pull":           in(n, (*community).pull),
		"till.redeem":         in(n, (*community).redeem),
		"till.reserve":        in(n, (*community).reserve),
		"till.reservations":   in(n, (*community).reservations),
		"till.endReservation": in(n, (*community).endReservation),
		"till.today":          in(n, (*community).today),

		"devices.list":       in(n, (*community).devices),
		"devices.ticket":     in(n, (*community).ticket),
		"devices.revoke":     in(n, (*community).revoke),
		"alarms.list":        staff(n, (*community).listAlarms),
		"devices.keep":       staff(n, (*community).keep),
		"app.missingSeen":    in(n, (*community).missingSeen),
		"devices.goOn":       staff(n, (*community).goOn),
		"devices.aside":      in(n, (*community).listAside),
		"devices.asideSeen":  in(n, (*community).seenAside),
		"devices.count":      staff(n, (*community).countUnseen),
		"devices.soldSeen":   staff(n, (*community).seenSold),
		"devices.addAddress": in(n, (*community).addAddress),
		"devices.import":     in(n, (*community).importBundle),
		"devices.drives":     in(n, (*community).drives),
		"devices.exchange":   in(n, (*community).exchange),
		"devices.pause":      in(n, (*community).pause),
	}
}

func (c *community) operator() string { return c.node.localCopy().Operator }

type operatorRequest struct {
	Name string `json:"name"`
}

// setOperator notes who is at the screen now, by name alone. Faults:
// operator.bad; operator.must where the device opens by PIN.
func (n *Node) setOperator(_ context.Context, r operatorRequest) (none, error) {
	if err := operatorFault(r.Name); err != nil {
		return none{}, err
	}
	if c, err := n.here(); err == nil && n.guarded(c) {
		return none{}, fault.New("operator.must")
	}
	err := n.change(func(l *local) { l.Operator = strings.TrimSpace(r.Name) })
	n.hub.tell("state")
	return none{}, err
}

type gridsReply struct {
	Grids  []people.GridCount `json:"grids"`
	Places []placeReply       `json:"places"` // where people may usually redeem
}

type placeReply struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (c *community) grids(ctx context.Context, _ none) (gridsReply, error) {
	g, err := c.people.Grids(ctx)
	out := gridsReply{Grids: g, Places: []placeReply{}}
	for id, name := range c.charter.Settings().Places {
		out.Places = append(out.Places, placeReply{id, name})
	}
	slices.SortFunc(out.Places, func(a, b placeReply) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

func (c *community) updatePerson(ctx context.Context, r struct {
	ID     string        `json:"id"`
	Fields people.Change `json:"fields"`
}) (people.Person, error) {
	return c.people.Update(ctx, c.operator(), r.ID, r.Fields)
}

func (c *community) settlePerson(ctx context.Context, r struct {
	ID    string `json:"id"`
	Field string `json:"field"`
	Value string `json:"value"`
}) (people.Person, error) {
	return c.people.Settle(ctx, c.operator(), r.ID, r.Field, r.Value)
}

// cardReply is a card with the picture of its QR.
type cardReply struct {
	people.Card
	SVG string `json:"svg"`
}

func drawn(c people.Card) (cardReply, error) {
	svg, err := qr.SVG(c.QR, qr.Medium)
	return cardReply{c, svg}, err
}

// blockCard refuses a lost card, everywhere, until a new one is issued.
func (c *community) blockCard(ctx context.Context, r idRequest) (people.Person, error) {
	if err := c.people.BlockCard(ctx, c.operator(), r.ID); err != nil {
		return people.Person{}, err
	}
	return c.people.Get(ctx, c.operator(), r.ID)
}

// replaceCard issues a new card, with a PIN or without one.
func (c *community) replaceCard(ctx context.Context, r struct {
	ID  string `json:"id"`
	PIN string `json:"pin"`
}) (cardReply, error) {
	card, err := c.people.ReplaceCardPIN(ctx, c.operator(), r.ID, r.PIN)
	if err != nil {
		return cardReply{}, err
	}
	return drawn(card)
}

// cardSVG is the picture of one person's QR.
func (c *community) cardSVG(ctx context.Context, id string) (string, error) {
	list, err := c.people.Cards(ctx, []string{id})
	if err != nil || len(list) == 0 {
		return "", err
	}
	r, err := drawn(list[0])
	return r.SVG, err
}

type cardsReply struct {
	Cards []cardReply `json:"cards"`
}

func (c *community) cards(ctx context.Context, r struct {
	IDs []string `json:"ids"`
}) (cardsReply, error) {
	list, err := c.people.Cards(ctx, r.IDs)
	out := cardsReply{Cards: make([]cardReply, len(list))}
	for i, card := range list {
		if out.Cards[i], err = drawn(card); err != nil {
			return cardsReply{}, err
		}
	}
	return out, err
}

type searchReply struct {
	People     []people.PersonRow `json:"people"`
	Activities []activity.Row     `json:"activities"`
	Offers     []shop.Offer       `json:"offers"`
}

// searchHits is how many of each kind the search box shows.
const searchHits = 6

// search looks through people, activities and goods at once.
func (c *community) search(ctx context.Context, r struct {
	Q string `json:"q"`
}) (searchReply, error) {
	out := searchReply{People: []people.PersonRow{}, Activities: []activity.Row{}, Offers: []shop.Offer{}}
	q := strings.TrimSpace(r.Q)
	if q == "" {
		return out, nil
	}
	if d, ok := c.self(); ok && d.Role.Staff() {
		if err := c.searchPeople(ctx, q, &out); err != nil {
			return out, err
		}
	}
	err := c.view(ctx, func(v store.Querier) (err error) {
		if out.Activities, _, err = c.activity.List(v, activity.Filter{Limit: searchHits, Q: q}); err != nil {
			return err
		}
		out.Offers, err = c.shop.Search(v, q, searchHits)
		return err
	})
	return out, err
}

func (c *community) searchPeople(ctx context.Context, q string, out *searchReply) error {
	if people.IsCard(q) {
		f, err := c.people.Resolve(ctx, q)
		if _, ok := errors.AsType[*fault.Fault](err); ok {
			return nil // a card that is no good finds nobody
		}
		if err != nil {
			return err
		}
		out.People, err = c.people.Rows(ctx, []people.ID{f.Person})
		return err
	}
	p, err := c.people.List(ctx, people.Ask{Limit: searchHits, Q: q})
	out.People = p.Rows
	return err
}
