package node

import (
	"context"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

// What a member's phone gets of the household's account, where the community switched
// it on: what was earned, by whom, and for which item of the rulebook. What others
// typed, redeemed or lost points for stays theirs, and who objects to lists is in none
// of it and sees none of it (docs/personal-data.md).

func (n *Node) phoneHouseholdCalls() map[string]handler {
	return map[string]handler{"phone.household": phoneCall(n, (*community).phoneHousehold)}
}

type phoneMember struct {
	Masked    string `json:"masked"`
	Mine      bool   `json:"mine"`
	Lifetime  int64  `json:"lifetime"`
	Year      int64  `json:"year"`
	Spendable int64  `json:"spendable"`
}

type phoneHouseholdReply struct {
	Members []phoneMember   `json:"members"`
	Hidden  int             `json:"hidden"` // who objects
	Sums    phoneMember     `json:"sums"`
	Total   int             `json:"total"`
	Lines   []householdLine `json:"lines"`
}

// showing are those who don't object, and how many do.
func showing(all []people.Resident) (out []people.Resident, hidden int) {
	for _, m := range all {
		if m.Unlisted {
			hidden++
		} else {
			out = append(out, m)
		}
	}
	return out, hidden
}

// sharing are the members of somebody's household who see each other on their phones;
// none where the community did not switch it on, who asks objects, or nobody is left.
func (c *community) sharing(q store.Querier, me people.ID) (members []people.Resident, hidden int, err error) {
	if !c.householdsOnPhones() {
		return nil, 0, nil
	}
	home, err := c.people.HomeOf(q, me)
	if err != nil {
		return nil, 0, err
	}
	members, hidden = showing(home.Members)
	lead := c.people.IDs(me)[0]
	if !slices.ContainsFunc(members, func(m people.Resident) bool { return m.ID == lead }) {
		return nil, 0, nil
	}
	if len(members) < 2 {
		return nil, 0, nil
	}
	return members, hidden, nil
}

// phoneHousehold is the account as a member may see it. Faults: household.off, call.page.
func (c *community) phoneHousehold(ctx context.Context, me people.ID, r phonePassbookRequest) (out phoneHouseholdReply, err error) {
	if r.Offset < 0 || r.Limit < 1 || r.Limit > maxPage {
		return out, fault.New("call.page", "limit", maxPage)
	}
	var members []people.Resident
	err = c.view(ctx, func(q store.Querier) (err error) {
		members, out.Hidden, err = c.sharing(q, me)
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
	mine := slices.Index(ids, c.people.IDs(me)[0])
	for i, m := range members {
		x := phoneMember{Masked: m.Masked, Mine: i == mine, Lifetime: sums[i].Lifetime, Year: sums[i].Year, Spendable: sums[i].Spendable}
		out.Members = append(out.Members, x)
		out.Sums.Lifetime += x.Lifetime
		out.Sums.Year += x.Year
		out.Sums.Spendable += x.Spendable
	}
	if out.Total, out.Lines, err = c.householdLines(ctx, ids, r.Offset, r.Limit); err != nil {
		return out, err
	}
	return out, c.forFamily(ctx, out.Lines, func(l householdLine) bool { return l.Member == mine })
}

// forFamily leaves in a page of lines what each may read of them.
func (c *community) forFamily(ctx context.Context, lines []householdLine, own func(householdLine) bool) error {
	return c.view(ctx, func(q store.Querier) (err error) {
		for i, l := range lines {
			if own(l) {
				lines[i].lineReply = ownOnPhone(l.lineReply)
			} else if lines[i].lineReply, err = c.familyLine(q, l.lineReply); err != nil {
				return err
			}
		}
		return nil
	})
}

// familyLine is what the others of a household see of a line: when, how many points, and
// for which item if they were given. Everything else is left out by being named nowhere.
func (c *community) familyLine(q store.Querier, l lineReply) (lineReply, error) {
	out := lineReply{At: l.At, Kind: l.Kind, Amount: l.Amount, Before: l.Before, Balance: l.Balance, State: l.State, Undone: l.Undone}
	if l.Owed != 0 { // that something is owed is the person's: what was there is all that is said
		out.Amount = l.Balance - l.Before
	}
	if l.Kind != "award" && l.Kind != "deed" && l.Kind != "opening" {
		return out, nil
	}
	out.Item = l.Item
	book, err := c.scheme.At(q, l.Version)
	if errors.Is(err, fault.New("scheme.version.unknown")) {
		return out, nil
	}
	if i, ok := book.Item(l.Item); ok && err == nil {
		out.Text = i.Name
	}
	return out, err
}
