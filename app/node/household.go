package node

import (
	"context"
	"slices"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
)

// A household's account (家庭账): the sum of its members' points and one book of what all
// of them did. It is a way of looking: points stay a person's, and nothing here books.
// What a member's phone gets of it is in householdphone.go.

// keyHousehold is the setting that lets members of a household see each other's points
// on their phones: 1 is on.
const keyHousehold = "household-phone"

func (n *Node) householdCalls() map[string]handler {
	return map[string]handler{
		"people.household":  staff(n, (*community).household),
		"household.book":    staff(n, (*community).householdBook),
		"household.rule":    staff(n, (*community).householdRule),
		"household.setRule": staff(n, (*community).setHouseholdRule),
	}
}

type householdRequest struct {
	Household string   `json:"household"`
	Members   []string `json:"members"`
	Head      string   `json:"head"`
}

type householdReply struct {
	Household string `json:"household"`
}

func (c *community) household(ctx context.Context, r householdRequest) (householdReply, error) {
	id, err := c.people.Household(ctx, c.operator(), r.Household, r.Members, r.Head)
	return householdReply{id}, err
}

type householdRuleReply struct {
	On        bool `json:"on"`
	Registrar bool `json:"registrar"` // this device may switch
}

func (c *community) householdsOnPhones() bool {
	return c.charter.Settings().Other[keyHousehold].Num == 1 // a newer program's value: rather less than more
}

func (c *community) householdRule(context.Context, none) (householdRuleReply, error) {
	return householdRuleReply{c.householdsOnPhones(), c.tend.registrar()}, nil
}

// setHouseholdRule switches it. Fault: govern.registrar.only.
func (c *community) setHouseholdRule(ctx context.Context, r struct {
	On bool `json:"on"`
}) (none, error) {
	n := int64(0)
	if r.On {
		n = 1
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		return c.charter.SetPolicy(tx, govern.Setting{Key: keyHousehold, Num: n})
	})
}

// accountSums are what a person, or all of a household, has and had.
type accountSums struct {
	Lifetime  int64 `json:"lifetime"`
	Year      int64 `json:"year"`
	Spendable int64 `json:"spendable"`
	Vouchers  int64 `json:"vouchers"`
	OnTheWay  int64 `json:"onTheWay"`
	Debt      int64 `json:"debt"`
}

func (s *accountSums) add(x accountSums) {
	s.Lifetime += x.Lifetime
	s.Year += x.Year
	s.Spendable += x.Spendable
	s.Vouchers += x.Vouchers
	s.OnTheWay += x.OnTheWay
	s.Debt += x.Debt
}

// sumsOf reads the points of everybody, in that order.
func (c *community) sumsOf(ctx context.Context, ids []people.ID) ([]accountSums, error) {
	rows, err := c.people.Rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(ids) { // somebody was erased since the household was read
		return nil, fault.New("people.unknown")
	}
	out := make([]accountSums, len(rows))
	for i, r := range rows {
		out[i] = accountSums{r.Lifetime, r.Year, r.Spendable, r.Vouchers, r.OnTheWay, r.Debt}
	}
	return out, nil
}

type householdMember struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Masked string `json:"masked"`
	Head   bool   `json:"head"`
	accountSums
}

// householdLine is a line of a member's passbook; balance and debt beside it are the
// household's.
type householdLine struct {
	Member int `json:"member"` // its place among the members
	lineReply
}

type householdBook struct {
	Members []householdMember `json:"members"` // the head first
	Hidden  int               `json:"hidden"`  // who objects and is left out, of paper
	Sums    accountSums       `json:"sums"`
	Total   int               `json:"total"`
	Lines   []householdLine   `json:"lines"`
}

type householdBookRequest struct {
	passbookRequest
	Paper bool `json:"paper"` // what goes into the household's hands: no more than its members see of each other
}

// householdBook is the account of the household to which a person belongs; of who
// belongs to none the person's own. Faults: call.page, people.unknown; of paper household.off.
func (c *community) householdBook(ctx context.Context, r householdBookRequest) (out householdBook, err error) {
	id, err := people.ParseID(r.ID)
	if err != nil || r.Offset < 0 || r.Limit < 1 || r.Limit > maxPage {
		return out, fault.New("call.page", "limit", maxPage)
	}
	var home people.Home
	var members []people.Resident
	err = c.view(ctx, func(q store.Querier) (err error) {
		home, err = c.people.HomeOf(q, id)
		members = home.Members
		if err == nil && r.Paper {
			members, out.Hidden = showing(members)
		}
		return err
	})
	if err == nil && len(members) == 0 {
		err = fault.New("household.off")
	}
	if err != nil {
		return out, err
	}
	ids := idsOf(members)
	sums, err := c.sumsOf(ctx, ids)
	if err != nil {
		return out, err
	}
	for i, m := range members {
		out.Members = append(out.Members, householdMember{m.ID.String(), m.Name, m.Masked, m.ID == home.Head().ID, sums[i]})
		out.Sums.add(sums[i])
	}
	out.Total, out.Lines, err = c.householdLines(ctx, ids, r.Offset, r.Limit)
	if err == nil && r.Paper {
		err = c.forFamily(ctx, out.Lines, func(householdLine) bool { return false })
	}
	return out, err
}

func idsOf(members []people.Resident) []people.ID {
	out := make([]people.ID, len(members))
	for i, m := range members {
		out[i] = m.ID
	}
	return out
}

// householdLines is a page of what all of them did: what is on the way first, then what
// is booked, each the newest first.
func (c *community) householdLines(ctx context.Context, ids []people.ID, offset, limit int) (total int, out []householdLine, err error) {
	out = []householdLine{}
	err = c.view(ctx, func(q store.Querier) error {
		var due []strand[activity.Entry]
		waits, booked := 0, 0
		for i, id := range ids {
			list, err := c.due(q, id.String())
			if err != nil {
				return err
			}
			due = append(due, strand[activity.Entry]{i, list})
			n, err := c.ledger.LineCount(q, ledger.Subject(id))
			if err != nil {
				return err
			}
			waits, booked = waits+len(list), booked+n
		}
		total = waits + booked
		from := min(offset, total) // before adding: an offset may be as large as int goes
		woven := weave(due, func(e *activity.Entry) int64 { return e.At })
		for _, x := range woven[min(from, waits):min(from+limit, waits)] {
			l, err := c.dueLine(q, x.of)
			if err != nil {
				return err
			}
			out = append(out, householdLine{x.member, l})
		}
		return c.householdBooked(q, ids, max(0, from-waits), limit-len(out), &out)
	})
	return total, out, err
}

// householdBooked adds a page of ledger lines. As in a passbook balances run back from
// what all have now.
func (c *community) householdBooked(q store.Querier, ids []people.ID, offset, limit int, out *[]householdLine) error {
	if limit <= 0 {
		return nil
	}
	var balance, debt int64
	var all []strand[ledger.Line]
	photos := make([]linePhotos, len(ids))
	for i, id := range ids {
		b, err := c.ledger.Balance(q, ledger.Subject(id), "")
		if err != nil {
			return err
		}
		balance, debt = balance+b.Spendable+b.Expired, debt+b.Debt
		lines, err := c.ledger.Lines(q, ledger.Subject(id), 0, offset+limit)
		if err != nil {
			return err
		}
		all = append(all, strand[ledger.Line]{i, lines})
		if photos[i], err = c.photosByLine(q, c.people.IDs(id)...); err != nil {
			return err
		}
	}
	woven := weave(all, func(l *ledger.Line) int64 { return l.At })
	for i, x := range woven[:min(offset+limit, len(woven))] {
		if i >= offset {
			r, err := c.line(q, x.of, x.of.Person.String())
			if err != nil {
				return err
			}
			r.Before, r.Balance, r.Debt, r.Photos = balance-x.of.Points, balance, debt, photos[x.member].count(&x.of)
			*out = append(*out, householdLine{x.member, r})
		}
		balance -= x.of.Points
		debt -= x.of.Owed
	}
	return nil
}

// strand is what one member did, the newest first.
type strand[T any] struct {
	member int
	list   []T
}

type strandOne[T any] struct {
	member int
	of     T
}

// weave makes one list of them, the newest first; what one member did keeps its order.
func weave[T any](all []strand[T], at func(*T) int64) (out []strandOne[T]) {
	for _, s := range all {
		for _, x := range s.list {
			out = append(out, strandOne[T]{s.member, x})
		}
	}
	slices.SortStableFunc(out, func(a, b strandOne[T]) int {
		switch x, y := at(&a.of), at(&b.of); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return a.member - b.member
	})
	return out
}
