package node

import (
	"context"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// The level above appoints a main device, without a network between the two: the
// device that shall take over makes a request, the main device of the level above
// answers it with an appointment, and people carry both texts and compare the
// request's fingerprint by telephone.

func (n *Node) aboveCalls() map[string]handler {
	return map[string]handler{
		"above.look": staff(n, (*community).lookAbove), "above.name": in(n, (*community).nameAbove),
		"above.request": staff(n, (*community).requestAbove), "above.takeOver": in(n, (*community).takeAppointment),
		"above.read": staff(n, (*community).readRequest), "above.appoint": in(n, (*community).appoint),
	}
}

type aboveLook struct {
	Registrar   bool   `json:"registrar"`   // this is the main device
	Name        string `json:"name"`        // of the level above, "" = nobody was named
	Fingerprint string `json:"fingerprint"` // of its introduction
}

func (c *community) lookAbove(context.Context, none) (aboveLook, error) {
	d, _ := c.self()
	i, ok := c.charter.Settings().AboveOf()
	if !ok {
		return aboveLook{Registrar: d.Registrar}, nil
	}
	return aboveLook{Registrar: d.Registrar, Name: i.Name, Fingerprint: i.Fingerprint()}, nil
}

// nameAbove names the level above by its introduction, or with an empty text nobody.
// Faults: those of govern.Charter.NameAbove.
func (c *community) nameAbove(ctx context.Context, r textRequest) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.NameAbove(tx, strings.TrimSpace(r.Text)) })
}

type aboveRequest struct {
	Text        string `json:"text"`
	Community   string `json:"community"`
	Device      string `json:"device"` // its name
	Made        int64  `json:"made"`
	Fingerprint string `json:"fingerprint"`
}

func aboveReply(r govern.Request) aboveRequest {
	return aboveRequest{Text: r.String(), Community: r.Name, Device: r.Called, Made: r.Made, Fingerprint: r.Fingerprint()}
}

// requestAbove makes this device's request to become the main one. Faults: those of
// mainGone, above.none.
func (c *community) requestAbove(ctx context.Context, _ none) (aboveRequest, error) {
	if _, err := c.mainGone(ctx); err != nil {
		return aboveRequest{}, err
	}
	r, err := c.charter.RequestAppointment(c.node.device.Load(), c.node.now())
	return aboveReply(r), err
}

// readRequest shows what a community's request says. Faults: above.request.bad,
// above.newer.
func (c *community) readRequest(_ context.Context, r textRequest) (aboveRequest, error) {
	q, err := govern.ReadRequest(r.Text)
	if err != nil {
		return aboveRequest{}, err
	}
	return aboveReply(q), nil
}

type appointRequest struct {
	Text        string `json:"text"`
	Fingerprint string `json:"fingerprint"` // as the other side read it out: it must be the request's
}

// appoint signs, as the level above, what a request asks for. Faults: those of
// readRequest and govern.Charter.Appoint, above.fingerprint if another one was heard.
func (c *community) appoint(_ context.Context, r appointRequest) (textRequest, error) {
	q, err := govern.ReadRequest(r.Text)
	if err != nil {
		return textRequest{}, err
	}
	if digits(r.Fingerprint) != digits(q.Fingerprint()) {
		return textRequest{}, fault.New("above.fingerprint")
	}
	a, err := c.charter.Appoint(c.node.device.Load(), q, c.node.now())
	if err != nil {
		return textRequest{}, err
	}
	c.node.log.Warn("a main device was appointed for a community below", "community", q.Community(), "device", deviceText(q.Device), "term", q.Term)
	return textRequest{Text: a.String()}, nil
}

// digits leaves what counts of a fingerprint that somebody typed.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

type appointedRequest struct {
	Text     string `json:"text"`     // the appointment
	Withdraw bool   `json:"withdraw"` // as in recovery.takeOver
}

// takeAppointment makes this device the main one, by the order of the level above.
// Faults: those of mainGone and of govern.Charter.TakeAppointment,
// above.appointment.bad, above.newer.
func (c *community) takeAppointment(ctx context.Context, r appointedRequest) (none, error) {
	if _, err := c.mainGone(ctx); err != nil {
		return none{}, err
	}
	a, err := govern.ReadAppointment(r.Text)
	if err != nil {
		return none{}, err
	}
	return none{}, c.succeed(ctx, r.Withdraw, func(tx *store.Tx, inc seal.Certificate, self govern.Cert, cuts []govern.Entry) error {
		return c.charter.TakeAppointment(tx, c.node.device.Load().Private, a, inc, self, cuts...)
	}, nothingMore)
}

// nothingMore is what a take-over takes besides that needs no paper.
func nothingMore() error { return nil }
