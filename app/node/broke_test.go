package node

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"

	crdtsync "jishan/crdt/sync"
	"jishan/p2p"
)

// rogue is an enrolled device whose program says what it likes.
type rogue struct {
	host.Host
	t  *testing.T
	to peer.ID
}

// turnRogue stops a device and puts a rogue with its key into its place.
func turnRogue(t *testing.T, d, office *device) rogue {
	t.Helper()
	key, err := crypto.UnmarshalEd25519PrivateKey(d.device.Load().Private)
	if err != nil {
		t.Fatal(err)
	}
	d.stop()
	h, err := libp2p.New(libp2p.Identity(key), libp2p.NoListenAddrs, libp2p.DisableMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	to, err := p2p.PeerID(office.device.Load().Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range office.Addrs() {
		m, err := ma.NewMultiaddr(a)
		if err != nil {
			t.Fatal(err)
		}
		h.Peerstore().AddAddr(to, m, time.Hour)
	}
	return rogue{h, t, to}
}

// says opens a stream, writes, and waits until the other end has had enough.
func (r rogue) says(proto protocol.ID, raw []byte) {
	r.t.Helper()
	s, err := r.NewStream(r.t.Context(), r.to, proto)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := s.Write(raw); err != nil {
		r.t.Fatal(err)
	}
	_ = s.CloseWrite()
	_, _ = io.Copy(io.Discard, s)
	_ = s.Reset()
}

// broken are the rows of devices that broke the rules: how often, by the
// device's name and the reason.
func (d *device) broken() map[string]string {
	d.t.Helper()
	out := map[string]string{}
	for _, x := range d.must("devices.list", object{})["quarantine"].([]any) {
		if x := x.(object); x["code"] == brokeCode {
			p := x["params"].(object)
			out[fmt.Sprint(x["from"], " ", p["reason"])] = fmt.Sprint(p["times"])
		}
	}
	return out
}

// TestRuleBreakersAreReported: enrolled devices that send garbage, too much and
// too fast are cut off and stand on the devices page, each with its reason and
// how often; another one goes on as before, and in time the rows go.
func TestRuleBreakersAreReported(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	good := joinBy(t, office, "station", "柳溪实践站", &k)
	one := joinBy(t, office, "station", "滨河实践站", &k)
	two := joinBy(t, office, "merchant", "惠民超市", &k)
	key := one.device.Load().Public()
	attention := office.sync("attention")
	hello := []byte{8, 3, 0xa3, 1, 1, 2, 1, 3, 0x80}
	rogueOne, rogueTwo := turnRogue(t, one, office), turnRogue(t, two, office)
	rogueOne.says("/jishan/sync/1", append(bytes.Clone(hello), "\x08\x00garbage"...))
	rogueTwo.says("/jishan/sync/1", append(bytes.Clone(hello), 0xff, 0xff, 0xff, 0x7f))
	eventually(t, "garbage and too much are reported", func() bool {
		x := office.broken()
		return x["滨河实践站电脑 garbage"] == "1" && x["惠民超市电脑 much"] == "1"
	})
	eventually(t, "too many questions are, too", func() bool {
		rogueTwo.says("/jishan/ask/1", []byte{askClock, 0})
		return office.broken()["惠民超市电脑 fast"] != ""
	})
	if rows := office.broken(); len(rows) != 3 || office.sync("attention") != attention+3 {
		t.Errorf("the rows are %v, attention %d and before %d", rows, office.sync("attention"), attention)
	}

	if office.sync("online") != 1 {
		t.Error("the good one is not connected any more")
	}
	reg := good.must("people.register", person("张三", "13900000001"))
	eventually(t, "the good one still exchanges", func() bool { return number(good.person(reg["id"])["spendable"]) == 10 })

	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		c.mesh.broke(key, brokeGarbage)
	}
	eventually(t, "they are counted", func() bool { return office.broken()["滨河实践站电脑 garbage"] == "6" })
	for i := range 2 * maxBroke {
		c.mesh.broke([32]byte{1, byte(i)}, brokeGarbage) // nobody's keys
		c.mesh.broke(key, fmt.Sprint(i))
	}
	eventually(t, "no more than so many are kept", func() bool { n := len(office.broken()); return n > maxBroke/2 && n <= maxBroke })
	k.ahead.Add(int64(brokeFor + time.Hour))
	if rows := office.broken(); len(rows) != 0 {
		t.Errorf("after a week: %v", rows)
	}
}

// Only what a device did against the rules counts as that, not that it went
// away, nor what it says about this one.
func TestBrokenRule(t *testing.T) {
	in := func(err error) error { return fmt.Errorf("a link: %w", &p2p.BrokenError{Err: err}) }
	for i, c := range []struct {
		err   error
		heard bool
		want  string
	}{
		{in(crdtsync.ErrMalformed), true, brokeGarbage}, {in(crdtsync.ErrOrder), true, brokeGarbage}, {in(errors.New("lies")), true, brokeGarbage},
		{fmt.Errorf("%w: no hello", p2p.ErrFrame), false, brokeGarbage},
		{in(crdtsync.ErrTooLarge), true, brokeMuch}, {fmt.Errorf("%w: length 9", p2p.ErrTooLong), true, brokeMuch},
		{in(crdtsync.ErrFlood), true, brokeFast}, {p2p.ErrFlood, true, brokeFast}, {p2p.ErrAskLimit, false, brokeFast},
		{p2p.ErrSilent, false, brokeSilent}, {p2p.ErrSilent, true, ""},
		{p2p.ErrVersion, false, brokeNewer}, {in(crdtsync.ErrNewer), true, brokeNewer}, {in(crdtsync.ErrOlder), true, brokeOlder},
		{in(&crdtsync.StoreError{Err: errors.New("disk")}), true, ""}, {in(crdtsync.ErrClosed), true, ""},
		{fmt.Errorf("%w: %w", p2p.ErrRefused, p2p.ErrFrame), true, ""}, {fmt.Errorf("%w: %w", p2p.ErrRefused, p2p.ErrVersion), true, ""},
		{p2p.ErrGone, true, ""}, {p2p.ErrPenalty, false, ""}, {p2p.ErrNotMember, false, ""}, {p2p.ErrDropped, true, ""},
	} {
		if got := brokenRule(c.err, c.heard); got != c.want {
			t.Errorf("case %d, %v: %q, want %q", i, c.err, got, c.want)
		}
	}
}
