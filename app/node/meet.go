package node

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/p2p"
	"jishan/p2p/discover"
	"jishan/p2p/pair"
)

// Letting a computer of the same room in, as the main device sees it: the window
// is opened, who knocks is listed by name, one is picked and offered a role, and
// the digits on its screen are typed here. What it gets then is a ticket that no
// other device can use (knock.go is the other side).

// meetService is what a device is called on the LAN while new ones may knock.
const meetService = "_jishan-meet._tcp"

func (n *Node) meetCalls() map[string]handler {
	return map[string]handler{
		"devices.meet":     in(n, (*community).openWindow),
		"devices.meeting":  in(n, (*community).meeting),
		"devices.meetPick": in(n, (*community).meetPick),
		"devices.meetCode": in(n, (*community).meetCode),
	}
}

// openWindow opens the window, or closes it. Faults: govern.registrar.only,
// net.off.
func (c *community) openWindow(_ context.Context, r onRequest) (none, error) {
	if !r.On {
		c.mesh.closeWindow()
		return none{}, nil
	}
	if !c.tend.registrar() {
		return none{}, fault.New("govern.registrar.only")
	}
	h := c.mesh.now()
	if h == nil {
		return none{}, fault.New("net.off")
	}
	c.mesh.closeWindow()
	c.mesh.window.Open()
	c.mesh.announceWindow(h)
	return none{}, nil
}

type onRequest struct {
	On bool `json:"on"`
}

// closeWindow closes the window and ends its announcement.
func (m *mesh) closeWindow() {
	m.mu.Lock()
	stop := m.unannounce
	m.unannounce = nil
	m.mu.Unlock()
	if stop != nil {
		stop()
	}
	m.window.Close()
}

// announceWindow tells the LAN by name who lets devices in, as long as the
// window can be open.
func (m *mesh) announceWindow(h *p2p.Host) {
	n := m.c.node
	if !n.looks() {
		return
	}
	ctx, stop := context.WithTimeout(n.ctx, pair.MeetTime)
	m.mu.Lock()
	m.unannounce = stop
	m.mu.Unlock()
	self, _ := m.c.self()
	pub := n.device.Load().Public()
	v := discover.Invitation{Version: discover.Version, Peer: deviceText(pub), Community: m.c.charter.Settings().Name, Office: self.Name, Addrs: h.Addrs()}
	n.wg.Go(func() {
		defer stop()
		if err := discover.Invite(ctx, meetService, "jishan-"+hex.EncodeToString(pub[:6]), portOf(h.Addrs()), v); err != nil {
			n.log.Info("the LAN does not hear that devices may join", "err", err.Error())
		}
	})
}

type meetReply struct {
	Left      int64        `json:"left"` // milliseconds; 0: closed
	Picks     int          `json:"picks"`
	Tries     int          `json:"tries"`
	LAN       bool         `json:"lan"`       // the window is announced; else its address has to be typed
	Addresses []string     `json:"addresses"` // host:port, for who does not see this device
	Knockers  []knockReply `json:"knockers"`
}

// knockReply is a device at the window. Phase is one of waiting, picked, compare,
// matched, invited, joined.
type knockReply struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Phase  string `json:"phase"`
	Agreed bool   `json:"agreed"`
	As     string `json:"as"` // what it is let in as: its name, once it was picked
	Role   string `json:"role"`
}

var phaseWords = map[pair.Phase]string{pair.Waiting: "waiting", pair.Picked: "picked", pair.Compare: "compare", pair.Matched: "matched", pair.Invited: "invited"}

// meeting tells who is at the window.
func (c *community) meeting(context.Context, none) (meetReply, error) {
	v := c.mesh.window.View()
	out := meetReply{Left: max(v.Until-c.node.now(), 0), Picks: v.Picks, Tries: v.Tries, LAN: c.node.looks(), Addresses: []string{}, Knockers: []knockReply{}}
	if h := c.mesh.now(); h != nil {
		out.Addresses = hostPorts(h.Addrs())
	}
	for _, k := range v.Knockers {
		row := knockReply{ID: deviceText(k.Device), Name: plainName(k.Name), Phase: phaseWords[k.Phase], Agreed: k.Agreed, As: k.Offer.Name, Role: k.Offer.Role}
		if d, ok := c.charter.Device(k.Device); ok && !d.Revoked && k.Phase == pair.Invited {
			row.Phase = "joined"
		}
		out.Knockers = append(out.Knockers, row)
	}
	return out, nil
}

// maxDeviceName bounds a device's name in characters.
const maxDeviceName = 40

// plainName is a name that a stranger says, fit for a screen: one line, of
// bounded length, nothing that writes backwards.
func plainName(s string) string {
	s = clip(strings.TrimSpace(s), maxDeviceName)
	if !govern.PlainLine(s) {
		return ""
	}
	return s
}

type meetPickRequest struct {
	ID string `json:"id"`
	ticketRequest
}

// meetPick offers a role to a device that knocks. Faults: those of a ticket;
// meet.over, meet.gone.
func (c *community) meetPick(_ context.Context, r meetPickRequest) (none, error) {
	pub, err := parseDevice(r.ID)
	if err == nil {
		err = r.check(c)
	}
	if err != nil {
		return none{}, err
	}
	if d, ok := c.charter.Device(pub); ok && !d.Revoked {
		return none{}, fault.New("meet.known", "name", d.Name)
	}
	self, _ := c.self()
	err = c.mesh.window.Pick(pub, pair.Offer{Community: c.charter.Settings().Name, Inviter: self.Name, Role: r.Role, Place: r.PlaceName, Name: r.Name})
	return none{}, meetFault(err)
}

// meetCode compares the digits that somebody read on the new device's screen.
// Faults: meet.digits{left}, meet.over, meet.gone.
func (c *community) meetCode(_ context.Context, r struct {
	Code string `json:"code"`
}) (none, error) {
	err := c.mesh.window.Type(strings.Join(strings.Fields(r.Code), ""))
	if errors.Is(err, pair.ErrDigit) && !errors.Is(err, pair.ErrOver) {
		return none{}, fault.New("meet.digits", "left", c.mesh.window.View().Tries)
	}
	return none{}, meetFault(err)
}

// meetFault turns what ends a meeting into words for a screen.
func meetFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pair.ErrDigit):
		return fault.New("meet.wrong")
	case errors.Is(err, pair.ErrOver):
		return fault.New("meet.over")
	case errors.Is(err, pair.ErrFull):
		return fault.New("meet.full")
	case errors.Is(err, pair.ErrGone), errors.Is(err, pair.ErrPick):
		return errors.Join(fault.New("meet.gone"), err)
	}
	return err
}

// invite makes the ticket of a device that both sides agreed on.
func (m *mesh) invite(device [32]byte, o pair.Offer) (string, error) {
	t, err := m.c.newTicket(ticketRequest{Role: o.Role, Name: o.Name, PlaceName: o.Place}, pair.MeetTime)
	if err != nil {
		return "", err
	}
	m.promise(t, o.Place)
	return t.String(), m.inviter.OpenFor(t, device)
}

// hostPorts lists addresses as people type them: of TCP, without the rest.
func hostPorts(addrs []string) []string {
	out := []string{}
	for _, a := range addrs {
		if parts := strings.Split(a, "/"); len(parts) == 5 && parts[3] == "tcp" {
			out = append(out, net.JoinHostPort(parts[2], parts[4]))
		}
	}
	return out
}

// typedAddress reads an address that somebody typed: a host alone has the usual
// port. Fault: devices.address.bad.
func typedAddress(s string) ([]string, error) {
	s = strings.TrimSpace(s)
	if _, _, err := net.SplitHostPort(s); err != nil {
		s = net.JoinHostPort(strings.Trim(s, "[]"), strconv.Itoa(UsualPort))
	}
	list, err := p2p.ListenBoth(s)
	if err != nil || strings.HasPrefix(s, ":") || strings.HasSuffix(s, ":0") {
		return nil, fault.New("devices.address.bad")
	}
	return list, nil
}

// UsualPort is where devices listen unless they are told otherwise.
const UsualPort = 8421
