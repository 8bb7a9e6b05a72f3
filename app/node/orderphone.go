package node

import (
	"context"

	"jishan/app/fault"
	"jishan/app/order"
	"jishan/app/people"
	"jishan/crdt/store"
)

func (n *Node) phoneOrderCalls() map[string]handler {
	return map[string]handler{
		"phone.wishes":     phoneCall(n, (*community).phoneWishes),
		"phone.wish":       phoneCall(n, (*community).phoneWish),
		"phone.postWish":   phoneCall(n, (*community).phonePost),
		"phone.cancelWish": phoneCall(n, (*community).phoneCancel),
		"phone.reviewWish": phoneCall(n, (*community).phoneReview),
		"phone.answerWish": phoneCall(n, (*community).phoneAnswer),
		"phone.doneWish":   phoneCall(n, (*community).phoneDone),
		"phone.projects":   phoneCall(n, (*community).phoneProjects),
		"phone.like":       phoneCall(n, (*community).phoneLike),
	}
}

// phoneWishReply is an order as the resident, or who serves, sees it.
type phoneWishReply struct {
	ID         string       `json:"id"`
	Offer      string       `json:"offer"`
	Mine       bool         `json:"mine"` // else it was given to me
	State      string       `json:"state"`
	Type       string       `json:"type"`
	Text       string       `json:"text"`
	Masked     string       `json:"masked"` // of the resident
	Party      string       `json:"party"`  // who serves, masked
	Kind       string       `json:"kind"`   // of the party
	Address    string       `json:"address"`
	Phone      string       `json:"phone"`
	Made       int64        `json:"made"`
	ContactAt  int64        `json:"contactAt"`
	DoneAt     int64        `json:"doneAt"`
	Stars      int64        `json:"stars"`
	ReviewVia  string       `json:"reviewVia"`
	Praise     string       `json:"praise"`
	Minutes    int64        `json:"minutes"`
	Points     int64        `json:"points"`  // of who asks
	Awarded    string       `json:"awarded"` // of who asks
	Steps      []order.Step `json:"steps"`   // without operators and devices
	Colleagues []partyReply `json:"colleagues"`
}

// forResident leaves out what is the desk's business. Where and under which
// number is for the resident and for who has taken the order.
func (c *community) forResident(q store.Querier, id string, me people.ID) (out phoneWishReply, err error) {
	o, err := c.order.Get(q, id, c.inc.Actor().String())
	if err != nil {
		return out, err
	}
	out = phoneWishReply{ID: o.ID, Offer: o.Offer, Mine: o.Person == me.String(), State: o.State, Type: o.Type, Text: o.Text, Masked: o.Masked, Party: o.Party.Name,
		Kind: o.Party.Kind, Made: o.Made, ContactAt: o.ContactAt, DoneAt: o.DoneAt, Stars: o.Stars, ReviewVia: o.ReviewVia, Praise: o.Praise, Minutes: o.Minutes,
		Awarded: "no", Steps: []order.Step{}, Colleagues: []partyReply{}}
	if o.Party.Kind == order.ToPerson {
		out.Party = people.Mask(o.Party.Name)
	}
	switch {
	case out.Mine:
		out.Address, out.Phone = o.Address, o.Phone
	case o.State == order.Serving:
		if out.Address, out.Phone, err = c.order.Reach(q, id); err != nil {
			return out, err
		}
	}
	for _, h := range o.Helpers {
		if h.Person == me.String() {
			out.Points, out.Awarded = h.Points, h.Awarded
		}
	}
	for _, s := range o.History {
		s.Device, s.Operator = "", ""
		if s.Code == order.ToPerson || o.Party.Kind == order.ToPerson {
			s.Name = people.Mask(s.Name)
		}
		out.Steps = append(out.Steps, s)
	}
	return out, c.colleagues(q, o, me, &out)
}

// colleagues are the others of a team, to be ticked by who reports.
func (c *community) colleagues(q store.Querier, o order.Order, me people.ID, out *phoneWishReply) error {
	if out.Mine || o.Party.Kind != order.ToTeam {
		return nil
	}
	teams, err := c.order.Teams(q, true)
	for _, t := range teams {
		for _, m := range t.Members {
			if t.ID == o.Party.ID && m.Person != me.String() {
				out.Colleagues = append(out.Colleagues, partyReply{m.Person, people.Mask(m.Name)})
			}
		}
	}
	return err
}

type phoneWishesReply struct {
	Mine  []phoneWishReply `json:"mine"`
	Given []phoneWishReply `json:"given"` // to me or my team
}

// phoneWishRows is how many a phone lists.
const phoneWishRows = 20

func (c *community) phoneWishes(ctx context.Context, p people.ID, _ tokenRequest) (phoneWishesReply, error) {
	out := phoneWishesReply{Mine: []phoneWishReply{}, Given: []phoneWishReply{}}
	err := c.view(ctx, func(q store.Querier) error {
		mine, _, err := c.order.List(q, order.Filter{Limit: phoneWishRows, Person: p.String()})
		if err != nil {
			return err
		}
		given, err := c.order.ForParty(q, p.String(), phoneWishRows)
		if err != nil {
			return err
		}
		for _, r := range mine {
			w, err := c.forResident(q, r.ID, p)
			if err != nil {
				return err
			}
			out.Mine = append(out.Mine, w)
		}
		for _, r := range given {
			w, err := c.forResident(q, r.ID, p)
			if err != nil {
				return err
			}
			out.Given = append(out.Given, w)
		}
		return nil
	})
	return out, err
}

type phoneWishRequest struct {
	tokenRequest
	ID string `json:"id"`
}

func (c *community) phoneWish(ctx context.Context, p people.ID, r phoneWishRequest) (phoneWishReply, error) {
	return c.wishOf(ctx, p, r.ID)
}

// wishOf shows an order to who may see it: the resident, and whom it was given
// to. Fault: order.unknown.
func (c *community) wishOf(ctx context.Context, p people.ID, id string) (out phoneWishReply, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		if out, err = c.forResident(q, id, p); err != nil || out.Mine {
			return err
		}
		given, err := c.order.Serves(q, id, p.String())
		if err == nil && !given {
			out, err = phoneWishReply{}, fault.New("order.unknown")
		}
		return err
	})
	return out, err
}

type phonePostRequest struct {
	tokenRequest
	Type    string `json:"type"`
	Project string `json:"project"`
	Text    string `json:"text"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Once    string `json:"once"`
}

// maxOpenWishes is how many wishes of one resident may be open that came from
// the phone page: a child with the page open must not fill the board.
const maxOpenWishes = 10

// phonePost posts a resident's own wish. What the page sends again, because it
// heard no answer, is posted once; the word stands in the order itself.
func (c *community) phonePost(ctx context.Context, p people.ID, r phonePostRequest) (phoneWishReply, error) {
	n := order.New{Person: p.String(), Type: r.Type, Project: r.Project, Text: r.Text, Address: r.Address, Phone: r.Phone, Via: order.ViaPage, Once: r.Once}
	var id string
	err := c.writeAs(ctx, "", func(tx *store.Tx) (err error) {
		open, err := c.order.OpenOf(tx, p.String())
		if err != nil {
			return err
		}
		if id, err = c.order.Post(tx, n, ""); err == nil && open >= maxOpenWishes {
			now, e := c.order.OpenOf(tx, p.String())
			if err = e; err == nil && now > open {
				err = fault.New("order.many", "max", maxOpenWishes)
			}
		}
		return err
	})
	if err != nil {
		return phoneWishReply{}, err
	}
	return c.wishOf(ctx, p, id)
}

// phoneDo runs a resident's or a volunteer's command and shows the order.
func (c *community) phoneDo(ctx context.Context, p people.ID, id string, fn func(tx *store.Tx) error) (phoneWishReply, error) {
	if err := c.writeAs(ctx, "", fn); err != nil {
		return phoneWishReply{}, err
	}
	return c.wishOf(ctx, p, id)
}

func (c *community) phoneCancel(ctx context.Context, p people.ID, r phoneWishRequest) (phoneWishReply, error) {
	return c.phoneDo(ctx, p, r.ID, func(tx *store.Tx) error { return c.order.CancelOwn(tx, r.ID, p.String()) })
}

type phoneReviewRequest struct {
	phoneWishRequest
	Stars int64  `json:"stars"`
	Text  string `json:"text"`
}

func (c *community) phoneReview(ctx context.Context, p people.ID, r phoneReviewRequest) (phoneWishReply, error) {
	return c.phoneDo(ctx, p, r.ID, func(tx *store.Tx) error { return c.order.ReviewOwn(tx, r.ID, p.String(), r.Stars, r.Text) })
}

type phoneAnswerRequest struct {
	phoneWishRequest
	Offer string `json:"offer"`
	Yes   bool   `json:"yes"`
	Why   string `json:"why"`
}

func (c *community) phoneAnswer(ctx context.Context, p people.ID, r phoneAnswerRequest) (phoneWishReply, error) {
	out, err := c.phoneDo(ctx, p, r.ID, func(tx *store.Tx) error { return c.order.AnswerAs(tx, r.ID, r.Offer, p.String(), r.Yes, r.Why) })
	return out, err
}

type phoneDoneRequest struct {
	phoneWishRequest
	Offer   string   `json:"offer"`
	Minutes int64    `json:"minutes"`
	With    []string `json:"with"`
}

func (c *community) phoneDone(ctx context.Context, p people.ID, r phoneDoneRequest) (phoneWishReply, error) {
	return c.phoneDo(ctx, p, r.ID, func(tx *store.Tx) error {
		return c.order.DoneAs(tx, r.ID, r.Offer, p.String(), r.Minutes, r.With)
	})
}

type phoneProject struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Note  string `json:"note"`
	Stars int64  `json:"stars"`
	Likes int64  `json:"likes"`
	Liked bool   `json:"liked"`
}

type phoneProjectsReply struct {
	Projects []phoneProject `json:"projects"`
}

func (c *community) phoneProjects(ctx context.Context, p people.ID, _ tokenRequest) (phoneProjectsReply, error) {
	out := phoneProjectsReply{Projects: []phoneProject{}}
	err := c.view(ctx, func(q store.Querier) error {
		list, err := c.order.Projects(q, p.String(), false)
		for _, x := range list {
			out.Projects = append(out.Projects, phoneProject{x.ID, x.Name, x.Type, x.Note, x.Stars, x.Likes, x.Liked})
		}
		return err
	})
	return out, err
}

type phoneLikeRequest struct {
	tokenRequest
	Project string `json:"project"`
	On      bool   `json:"on"`
}

func (c *community) phoneLike(ctx context.Context, p people.ID, r phoneLikeRequest) (phoneProjectsReply, error) {
	err := c.writeAs(ctx, "", func(tx *store.Tx) error { return c.order.Like(tx, r.Project, p.String(), r.On) })
	if err != nil {
		return phoneProjectsReply{}, err
	}
	return c.phoneProjects(ctx, p, r.tokenRequest)
}
