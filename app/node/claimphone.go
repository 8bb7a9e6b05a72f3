package node

import (
	"cmp"
	"context"
	"errors"
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
	Item    string `json:"item"`
	Text    string `json:"text"`
	Version int64  `json:"version"`
	At      int64  `json:"at"`
	Points  int64  `json:"points"`
	Worth   int64  `json:"worth"`
	Note    string `json:"note"`
	State   string `json:"state"`
	Until   int64  `json:"until"`
	Days    int64  `json:"days"` // in which it may be appealed, from when the main device has noted that it was told
	Told    int64  `json:"told"`
	Why     string `json:"why"` // of a refusal, or of the answer to an appeal
	Appeal  string `json:"appeal"`
	Appeals bool   `json:"appeals"` // may be appealed now
	Photos  int    `json:"photos"`
	Room    int    `json:"room"` // for further pictures in a reply

	Asked []claimExchange `json:"asked"` // what the community asked for more
}

type phoneClaimsReply struct {
	Claims []phoneClaimRow `json:"claims"`
}

// phoneClaimRows is how many a phone lists; deductions that are open it lists all.
const phoneClaimRows = 30

// phoneClaims lists a person's own. It notes nothing: a page asks for them before it
// shows them.
func (c *community) phoneClaims(ctx context.Context, p people.ID, _ tokenRequest) (out phoneClaimsReply, err error) {
	out.Claims = []phoneClaimRow{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.claim.Latest(q, &p, maxClaims)
		if err != nil {
			return err
		}
		for n, x := range list {
			if n >= phoneClaimRows && !(x.Minus() && x.Open(c.node.now())) {
				continue
			}
			row, err := c.claimRow(q, x)
			if err != nil {
				return err
			}
			for i := range row.Asked {
				row.Asked[i].By, row.Asked[i].Text, row.Asked[i].Reply = "", people.Plain(row.Asked[i].Text), people.Plain(row.Asked[i].Reply)
			}
			why := cmp.Or(row.Answer.Why, row.Review.Why)
			out.Claims = append(out.Claims, phoneClaimRow{ID: x.ID, Item: x.Item, Text: row.Text, Version: x.Version, At: x.At, Points: row.Points, Worth: row.Worth, Note: people.Plain(row.Note), State: row.State,
				Until: row.Until, Days: row.Days, Told: row.Told.At, Why: people.Plain(why), Appeal: people.Plain(row.Appeal), Appeals: mayAppeal(row), Photos: row.Photos, Room: photoRoom(row.Photos), Asked: row.Asked})
		}
		return nil
	})
	return out, err
}

// mayAppeal tells whether a person may object to a deduction: until it is booked, and
// once when it is.
func mayAppeal(r claimRow) bool {
	switch r.State {
	case claim.Telling, claim.Noticed, claim.Due:
		return r.Points < 0
	case claim.Booked:
		return r.Points < 0 && r.Appeal == ""
	}
	return false
}

// phoneShown notes which deductions a page has shown to the person: with that they
// were told, and the time to appeal begins. What the list held and no eye could see
// is not among them; what is nobody's notice, or was told already, is passed over.
func (c *community) phoneShown(ctx context.Context, p people.ID, r struct {
	tokenRequest
	IDs []string `json:"ids"`
}) (phoneClaimsReply, error) {
	err := c.writeAs(ctx, "", func(tx *store.Tx) error {
		list, err := c.claim.Latest(tx, &p, maxClaims)
		told := errNothing
		for _, x := range list {
			if err == nil && x.State(tx.Now()) == claim.Telling && slices.Contains(r.IDs, x.ID) {
				err, told = c.claim.Tell(tx, x, claim.ByPage, nil), nil
			}
		}
		return cmp.Or(err, told)
	})
	if err != nil && !errors.Is(err, errNothing) {
		return phoneClaimsReply{}, err
	}
	return c.phoneClaims(ctx, p, r.tokenRequest)
}

type phoneRulesReply struct {
	Items []scheme.Item `json:"items"` // that may be claimed from the phone
	Rules []scheme.Item `json:"rules"` // all, to read
}

// phoneRules is the rulebook to read.
func (c *community) phoneRules(ctx context.Context, _ people.ID, _ tokenRequest) (phoneRulesReply, error) {
	out := phoneRulesReply{Items: []scheme.Item{}, Rules: []scheme.Item{}}
	return out, c.view(ctx, func(q store.Querier) error {
		book, err := c.scheme.Get(q)
		for _, i := range book.Items {
			out.Rules = append(out.Rules, i)
			if i.Self {
				out.Items = append(out.Items, i)
			}
		}
		return err
	})
}

type phoneClaimRequest struct {
	tokenRequest
	Item    string   `json:"item"`
	At      int64    `json:"at"`
	Minutes int64    `json:"minutes"`
	Count   int64    `json:"count"`
	Hard    int64    `json:"hard"`
	Note    string   `json:"note"`
	Witness string   `json:"witness"`
	Shots   []string `json:"shots"` // pictures that were sent before (phone.shot)
}

// maxOpenClaims is how many claims of one resident may be open that came from the
// phone page: a child with the page open must not fill the desk.
const maxOpenClaims = 20

// phoneClaim claims for oneself; what the page sends twice is the same deed of the
// same day and is refused as such. Faults: claim.self, claim.many{max}, claim.double{date}.
func (c *community) phoneClaim(ctx context.Context, p people.ID, r phoneClaimRequest) (phoneClaimsReply, error) {
	files := c.shrunk(c.node.shots.take(p, r.Shots))
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
		id, _, err := c.claimOne(tx, p.String(), claimPost{Item: r.Item, At: r.At, Minutes: r.Minutes, Count: r.Count, Hard: r.Hard, Note: r.Note, Witness: r.Witness, Via: claim.FromPage}, nil, "")
		if err != nil {
			return err
		}
		return c.addShots(tx, p, id, files)
	})
	if err != nil {
		return phoneClaimsReply{}, err
	}
	return c.phoneClaims(ctx, p, r.tokenRequest)
}

// phoneAppeal objects: the person to what is to be taken, anybody to what stands in
// public. A page that heard no answer sends the same again: that is one objection. Faults: claim.unknown, claim.state{state}, claim.text{max}.
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
		row, err := c.claimRow(tx, x)
		if err != nil {
			return err
		}
		if row.Appeal == r.Text && len(x.Objections()) > 0 {
			return errNothing
		}
		return c.object(tx, x, r.Text)
	})
	if err != nil && !errors.Is(err, errNothing) {
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
