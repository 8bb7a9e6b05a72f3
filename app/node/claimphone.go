package node

import (
	"cmp"
	"context"
	"slices"

	"jishan/app/claim"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// phoneClaimRow is a claim as its person sees it: who entered it is the desk's
// business.
type phoneClaimRow struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	At      int64  `json:"at"`
	Points  int64  `json:"points"`
	Note    string `json:"note"`
	State   string `json:"state"`
	Until   int64  `json:"until"`
	Why     string `json:"why"` // of a refusal, or of the answer to an appeal
	Appeal  string `json:"appeal"`
	Appeals bool   `json:"appeals"` // may be appealed now
}

type phoneClaimsReply struct {
	Claims []phoneClaimRow `json:"claims"`
	Items  []scheme.Item   `json:"items"` // that may be claimed from the phone
	Rules  []scheme.Item   `json:"rules"` // all, to read
}

// phoneClaimRows is how many a phone lists.
const phoneClaimRows = 30

// phoneClaims shows a person's own. A deduction that is shown has reached the person:
// that is noted, and the time to appeal begins.
func (c *community) phoneClaims(ctx context.Context, p people.ID, _ tokenRequest) (out phoneClaimsReply, err error) {
	if err := c.toldByPage(ctx, p); err != nil {
		return out, err
	}
	out = phoneClaimsReply{Claims: []phoneClaimRow{}, Items: []scheme.Item{}, Rules: []scheme.Item{}}
	err = c.view(ctx, func(q store.Querier) error {
		book, err := c.scheme.Get(q)
		if err != nil {
			return err
		}
		for _, i := range book.Items {
			out.Rules = append(out.Rules, i)
			if i.Self {
				out.Items = append(out.Items, i)
			}
		}
		list, err := c.claim.Latest(q, &p, phoneClaimRows)
		if err != nil {
			return err
		}
		for _, x := range list {
			row, err := c.claimRow(q, x)
			if err != nil {
				return err
			}
			why := cmp.Or(row.Answer.Why, row.Review.Why)
			out.Claims = append(out.Claims, phoneClaimRow{ID: x.ID, Text: row.Text, At: x.At, Points: row.Points, Note: people.Plain(row.Note), State: row.State, Until: row.Until,
				Why: people.Plain(why), Appeal: people.Plain(row.Appeal), Appeals: x.Minus() && row.State == claim.Noticed})
		}
		return nil
	})
	return out, err
}

func (c *community) toldByPage(ctx context.Context, p people.ID) error {
	now := c.node.now()
	waits := false
	err := c.view(ctx, func(q store.Querier) error {
		list, err := c.claim.Latest(q, &p, phoneClaimRows)
		for _, x := range list {
			waits = waits || x.State(now) == claim.Telling
		}
		return err
	})
	if err != nil || !waits {
		return err
	}
	return c.writeAs(ctx, "", func(tx *store.Tx) error {
		list, err := c.claim.Latest(tx, &p, phoneClaimRows)
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.State(tx.Now()) == claim.Telling {
				if err := c.claim.Tell(tx, x, claim.ByPage, nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

type phoneClaimRequest struct {
	tokenRequest
	Item    string `json:"item"`
	At      int64  `json:"at"`
	Minutes int64  `json:"minutes"`
	Count   int64  `json:"count"`
	Hard    int64  `json:"hard"`
	Note    string `json:"note"`
	Witness string `json:"witness"`
}

// maxOpenClaims is how many claims of one resident may be open that came from the
// phone page: a child with the page open must not fill the desk.
const maxOpenClaims = 20

// phoneClaim claims for oneself; what the page sends twice is the same deed of the
// same day and is refused as such. Faults: claim.self, claim.many{max}, claim.double{date}.
func (c *community) phoneClaim(ctx context.Context, p people.ID, r phoneClaimRequest) (phoneClaimsReply, error) {
	err := c.writeAs(ctx, "", func(tx *store.Tx) error {
		list, err := c.claim.Latest(tx, &p, 2*maxOpenClaims)
		if err != nil {
			return err
		}
		open := 0
		for _, x := range list {
			if x.Open(tx.Now()) && x.Via == claim.FromPage {
				open++
			}
		}
		if open >= maxOpenClaims {
			return fault.New("claim.many", "max", maxOpenClaims)
		}
		_, err = c.claimOne(tx, p.String(), claimPost{Item: r.Item, At: r.At, Minutes: r.Minutes, Count: r.Count, Hard: r.Hard, Note: r.Note, Witness: r.Witness, Via: claim.FromPage}, nil, "")
		return err
	})
	if err != nil {
		return phoneClaimsReply{}, err
	}
	return c.phoneClaims(ctx, p, r.tokenRequest)
}

// phoneAppeal objects: the person to what is to be taken, anybody to what stands in
// public. Faults: claim.unknown, claim.state{state}, claim.text{max}.
func (c *community) phoneAppeal(ctx context.Context, p people.ID, r struct {
	tokenRequest
	appealRequest
}) (phoneClaimsReply, error) {
	if err := r.check(); err != nil {
		return phoneClaimsReply{}, err
	}
	err := c.writeAs(ctx, "", func(tx *store.Tx) error {
		x, err := c.claim.Get(tx, r.ID)
		if err == nil && !slices.Contains(c.people.IDs(p), x.Person) && (x.Minus() || x.State(tx.Now()) != claim.Noticed) {
			err = fault.New("claim.unknown")
		}
		if err != nil {
			return err
		}
		return c.object(tx, x, r.Text)
	})
	if err != nil {
		return phoneClaimsReply{}, err
	}
	return c.phoneClaims(ctx, p, r.tokenRequest)
}

type phoneNotice struct {
	ID     string `json:"id"`
	Masked string `json:"masked"`
	Text   string `json:"text"`
	Points int64  `json:"points"`
	At     int64  `json:"at"`
	Until  int64  `json:"until"`
}

type phoneNoticesReply struct {
	Notices []phoneNotice `json:"notices"`
}

// phoneNotices is what stands in public: awards with masked names, no deductions.
func (c *community) phoneNotices(ctx context.Context, _ people.ID, _ tokenRequest) (out phoneNoticesReply, err error) {
	out.Notices = []phoneNotice{}
	all, err := c.listClaims(ctx, struct {
		Person string `json:"person"`
	}{})
	for _, r := range all.Rows {
		if r.State == claim.Noticed && r.Points > 0 {
			out.Notices = append(out.Notices, phoneNotice{r.ID, r.Masked, r.Text, r.Points, r.At, r.Until})
		}
	}
	return out, err
}
