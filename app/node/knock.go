package node

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"jishan/app/fault"
	"jishan/p2p"
	"jishan/p2p/discover"
	"jishan/p2p/pair"
)

// Joining a community of the same room, as the new device sees it: offices whose
// window is open are listed by name, one is knocked at, and once it has picked
// this device, what it offers and six digits are shown. Nothing but this device's
// name has left it until its person agrees (meet.go is the other side).

// lookTime is how long one look at the LAN takes: answers come within
// milliseconds; the screen looks again and again.
const lookTime = 1200 * time.Millisecond

func (n *Node) knockCalls() map[string]handler {
	return map[string]handler{
		"setup.offices":  typed(n.offices),
		"setup.knock":    typed(n.knock),
		"setup.knocking": typed(n.knocking),
		"setup.agree":    typed(n.agree),
		"setup.leave":    typed(n.leave),
	}
}

type officeReply struct {
	ID        string `json:"id"`
	Community string `json:"community"`
	Office    string `json:"office"`
}

type officesReply struct {
	LAN     bool          `json:"lan"` // false: this device doesn't look, an address has to be typed
	Offices []officeReply `json:"offices"`
}

// offices looks for those that let devices in just now.
func (n *Node) offices(ctx context.Context, _ none) (officesReply, error) {
	out := officesReply{LAN: n.looks(), Offices: []officeReply{}}
	if err := n.mustBeNew(); err != nil || !out.LAN {
		return out, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	list, err := discover.Invitations(ctx, meetService)
	if err != nil { // no network: then there is nobody
		n.log.Info("the LAN can't be searched just now", "err", err.Error())
		return out, nil
	}
	for _, v := range list {
		if _, err := parseDevice(v.Peer); err != nil || plainName(v.Community) == "" {
			continue
		}
		out.Offices = append(out.Offices, officeReply{v.Peer, plainName(v.Community), plainName(v.Office)})
	}
	n.knocks.see(list)
	return out, nil
}

// knocks is the one meeting that a new device has.
type knocks struct {
	mu   sync.Mutex
	seen map[string][]string // device text: addresses that were announced
	now  *knocked            // nil: it knocks nowhere
}

type knocked struct {
	stop   context.CancelFunc
	ctx    context.Context
	enc    *pair.Encounter
	offer  pair.Offer
	code   string
	phase  string
	sit    sitRequest // once its person agreed
	reason error
}

func (k *knocks) see(list []discover.Invitation) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen = map[string][]string{}
	for _, v := range list {
		k.seen[v.Peer] = v.Addrs
	}
}

// setKnocked changes the meeting unless another one has begun.
func (n *Node) setKnocked(k *knocked, f func()) {
	n.knocks.mu.Lock()
	if n.knocks.now == k {
		f()
	}
	n.knocks.mu.Unlock()
	n.hub.tell("state")
}

type knockRequest struct {
	ID      string `json:"id"`      // of an office that was seen; or
	Address string `json:"address"` // one that somebody typed
	Name    string `json:"name"`    // how this device is shown there
}

// knock asks to be let in. Faults: setup.done, devices.name.bad,
// devices.address.bad, meet.unreachable.
func (n *Node) knock(ctx context.Context, r knockRequest) (none, error) {
	r.Name = strings.TrimSpace(r.Name)
	if err := n.mustBeNew(); err != nil {
		return none{}, err
	}
	if plainName(r.Name) != r.Name || r.Name == "" {
		return none{}, fault.New("devices.name.bad", "limit", maxDeviceName)
	}
	n.endKnock()
	run, stop := context.WithTimeout(n.ctx, pair.MeetTime)
	h, err := n.lonelyHost(run)
	if err != nil {
		stop()
		return none{}, err
	}
	pub, addrs, err := n.whereTo(ctx, h, r)
	var enc *pair.Encounter
	if err == nil {
		if enc, err = pair.Knock(ctx, h, n.cfg.Rand, pub, addrs, r.Name); err != nil {
			err = errors.Join(fault.New("meet.unreachable"), err)
		}
	}
	if err != nil {
		stop()
		return none{}, errors.Join(err, h.Close())
	}
	k := &knocked{stop: stop, ctx: run, enc: enc, phase: "waiting"}
	n.knocks.mu.Lock()
	old := n.knocks.now
	n.knocks.now = k
	n.knocks.mu.Unlock()
	if old != nil {
		old.stop()
	}
	n.wg.Go(func() {
		<-run.Done() // the end, whatever it was
		enc.Close()
		if err := h.Close(); err != nil {
			n.log.Warn("the network side did not close in order", "err", err.Error())
		}
	})
	n.wg.Go(func() {
		if err := n.carry(k); err != nil {
			n.log.Info("a meeting came to nothing", "err", err.Error())
			n.setKnocked(k, func() { k.over(err) })
			return
		}
		n.endKnock()
	})
	return none{}, nil
}

// whereTo finds the office: seen on the LAN, or at a typed address, where its
// key is what answers there. Faults: devices.address.bad, meet.unreachable.
func (n *Node) whereTo(ctx context.Context, h *p2p.Host, r knockRequest) (pub [32]byte, addrs []string, err error) {
	if r.Address == "" {
		n.knocks.mu.Lock()
		addrs = n.knocks.seen[r.ID]
		n.knocks.mu.Unlock()
		if pub, err = parseDevice(r.ID); err != nil || len(addrs) == 0 {
			return pub, nil, fault.New("meet.unreachable")
		}
		return pub, addrs, nil
	}
	if addrs, err = typedAddress(r.Address); err != nil {
		return pub, nil, err
	}
	if pub, err = h.Whose(ctx, addrs[:1]); err != nil { // of TCP
		err = errors.Join(fault.New("meet.unreachable"), err)
	}
	return pub, addrs, err
}

// carry takes a meeting to its end: this device is picked, its person agrees, it
// gets its ticket and uses it.
func (n *Node) carry(k *knocked) error {
	offer, code, err := k.enc.Offered(k.ctx)
	if err != nil {
		return err
	}
	n.setKnocked(k, func() { k.offer, k.code, k.phase = offer, code, "offered" })
	text, err := k.enc.Outcome(k.ctx)
	if err != nil {
		return err
	}
	var sit sitRequest
	agreed := false
	n.setKnocked(k, func() {
		sit, agreed = k.sit, k.phase == "agreed"
		k.phase = "joining"
	})
	if !agreed { // nobody here wanted it
		return pair.ErrProtocol
	}
	k.enc.Close() // joining dials anew, as with any ticket
	ctx, cancel := context.WithTimeout(n.ctx, joinLimit)
	defer cancel()
	_, err = n.join(ctx, joinRequest{Text: text, Device: k.offer.Name, Operator: sit.Operator, PIN: sit.PIN})
	return err
}

// over ends a meeting with its reason. The caller holds knocks.mu.
func (k *knocked) over(err error) {
	if k.ctx.Err() != nil && !errors.Is(err, pair.ErrDigit) {
		err = pair.ErrOver
	}
	k.phase, k.reason = "over", err
	k.stop()
}

type knockingReply struct {
	Phase     string       `json:"phase"` // "", waiting, offered, agreed, joining, over
	Code      string       `json:"code"`
	Community string       `json:"community"`
	Office    string       `json:"office"`
	Role      string       `json:"role"`
	Place     string       `json:"place"`
	Name      string       `json:"name"`
	Fault     *fault.Fault `json:"fault,omitempty"` // why it is over
}

// knocking tells how far the meeting is.
func (n *Node) knocking(context.Context, none) (knockingReply, error) {
	n.knocks.mu.Lock()
	defer n.knocks.mu.Unlock()
	k := n.knocks.now
	if k == nil {
		return knockingReply{}, nil
	}
	out := knockingReply{Phase: k.phase, Code: k.code, Community: plainName(k.offer.Community), Office: plainName(k.offer.Inviter),
		Role: k.offer.Role, Place: plainName(k.offer.Place), Name: plainName(k.offer.Name)}
	if k.reason != nil {
		out.Fault = fault.Of(n.told(meetFault(k.reason)))
	}
	return out, nil
}

// sitRequest is who will sit at this device.
type sitRequest struct {
	Operator string `json:"operator"`
	PIN      string `json:"pin"` // of the operator; "" for a name alone
}

// agree says that the person here wants to join what was offered. The rest goes
// on by itself; knocking and app.state tell how. Faults: operator.bad, pin
// faults, meet.over.
func (n *Node) agree(_ context.Context, r sitRequest) (none, error) {
	if err := errors.Join(operatorFault(r.Operator), wantedPIN(r.PIN)); err != nil {
		return none{}, err
	}
	n.knocks.mu.Lock()
	k := n.knocks.now
	ok := k != nil && k.phase == "offered"
	if ok {
		k.phase, k.sit = "agreed", r
	}
	n.knocks.mu.Unlock()
	if !ok {
		return none{}, fault.New("meet.over")
	}
	n.hub.tell("state")
	if err := k.enc.Agree(); err != nil {
		return none{}, meetFault(errors.Join(pair.ErrGone, err))
	}
	return none{}, nil
}

// leave ends the meeting.
func (n *Node) leave(context.Context, none) (none, error) {
	n.endKnock()
	return none{}, nil
}

func (n *Node) endKnock() {
	n.knocks.mu.Lock()
	k := n.knocks.now
	n.knocks.now = nil
	n.knocks.mu.Unlock()
	if k != nil {
		k.stop()
	}
	n.hub.tell("state")
}
