package node

import (
	"crypto/ed25519"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"jishan/app/govern"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/p2p"
)

// at is where a device listens, as somebody types it.
func (d *device) at() string {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	return "127.0.0.1:" + strconv.Itoa(portOf(c.mesh.now().Addrs()))
}

// burnt ends a main device for good and starts another machine with its backup.
func burnt(t *testing.T, office *device, file, key string, k *clock) *device {
	t.Helper()
	office.stop()
	if err := os.RemoveAll(office.dir); err != nil {
		t.Fatal(err)
	}
	again := startBy(t, t.TempDir(), k.now)
	again.must("setup.restore", object{"path": file, "key": key})
	return again
}

// oldBackup founds a community, makes a backup, and lets a device join only then.
func oldBackup(t *testing.T, k *clock, role string) (office, late *device, file, key string) {
	t.Helper()
	office = startBy(t, t.TempDir(), k.now)
	key = foundWithKey(t, office)
	office.must("backup.folder", object{"path": t.TempDir()})
	file = backedUp(t, office)
	return office, joinBy(t, office, role, "桂花实践站", k), file, key
}

// TestRestoredBeforeSomebodyJoined: the backup is from before the station
// joined. The station shows how the charter went on; the main device takes its
// own later orders back, begins its term behind them, and both agree.
func TestRestoredBeforeSomebodyJoined(t *testing.T) {
	var k clock
	office, station, file, key := oldBackup(t, &k, "station")
	after := office.must("people.register", person("居民乙", "13900000002"))["id"]
	eventually(t, "the station has it", func() bool {
		got, err := station.call("people.get", object{"id": after})
		return err == nil && number(got["spendable"]) == 10
	})
	id := office.must("app.state", object{})["device"].(object)["id"]
	again := burnt(t, office, file, key, &k)
	if _, err := again.call("people.get", object{"id": after}); err == nil {
		t.Fatal("the backup is too new for this test")
	}
	station.must("devices.addAddress", object{"id": id, "address": again.at()})
	eventually(t, "the points are back", func() bool {
		got, err := again.call("till.pull", object{"person": after, "need": 10})
		return err == nil && number(got["here"]) == 10
	})
	eventually(t, "their documents are equal", func() bool { return agree(again, station) })
	if again.govTerm() != 2 || again.govLapsed() {
		t.Error("the new term does not begin where the old one ended")
	}
	again.sound()
}

// TestRestoredAndWentOn: the main device began its new term before anybody could
// show that there is more of the old one. What it had ordered there it orders
// again: a station's enrolment, a revocation, a setting, an operator.
func TestRestoredAndWentOn(t *testing.T) {
	var k clock
	office := startBy(t, t.TempDir(), k.now)
	key := foundWithKey(t, office)
	gone := joinBy(t, office, "merchant", "小卖部", &k)
	office.must("backup.folder", object{"path": t.TempDir()})
	file := backedUp(t, office)
	station := joinBy(t, office, "station", "桂花实践站", &k)
	id := office.must("app.state", object{})["device"].(object)["id"]
	out := gone.must("app.state", object{})["device"].(object)["id"]
	office.must("devices.revoke", object{"id": out})
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	err = c.write(t.Context(), func(tx *store.Tx) error {
		who := govern.Operator{ID: govern.OperatorID{1}, Name: "经办人丁", Role: govern.Clerk}
		return errors.Join(c.charter.SetPolicy(tx, govern.SuccessionWaitSetting(77)), c.charter.SetOperators(tx, "test", who))
	})
	if err != nil {
		t.Fatal(err)
	}
	after := office.must("people.register", person("居民乙", "13900000002"))["id"]
	eventually(t, "the station has it", func() bool { _, err := station.call("people.get", object{"id": after}); return err == nil })
	eventually(t, "their documents are equal", func() bool { return agree(office, station) })
	gone.stop()
	station.must("devices.pause", object{"on": true})
	again := burnt(t, office, file, key, &k)
	again.looks(1)
	k.ahead.Add(int64(24 * time.Hour)) // nor does the till come, which may have heard of another term
	eventually(t, "it goes on alone", func() bool { return again.govTerm() == 2 })
	before := again.must("people.register", person("居民丙", "13900000003"))["id"]

	station.must("devices.pause", object{"on": false})
	station.must("devices.addAddress", object{"id": id, "address": again.at()})
	for who, d := range map[any]*device{after: again, before: station} {
		eventually(t, "they know each other's people", func() bool {
			got, err := d.call("people.get", object{"id": who})
			return err == nil && got["name"] != "" && number(got["spendable"]) == 10
		})
	}
	eventually(t, "their documents are equal", func() bool { return agree(again, station) })
	rc, err := again.here()
	if err != nil {
		t.Fatal(err)
	}
	pub, err := parseDevice(out.(string))
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := rc.charter.Device(pub); !ok || !d.Revoked {
		t.Error("who was revoked after the backup is let in again")
	}
	if got := rc.charter.Settings().SuccessionWait; got != 77 {
		t.Errorf("the setting is %d", got)
	}
	if o, ok := rc.charter.Operator(govern.OperatorID{1}); !ok || o.Name != "经办人丁" {
		t.Error("the operator is not known")
	}
	length := again.govLength()
	again.looks(2)
	if again.govLength() != length {
		t.Error("it gives its orders again and again")
	}
}

// TestStrangerShowsTheCharter: the charter in a stranger's hand opens nothing,
// cut short it opens nothing either, and a device that was not put back has no
// such door.
func TestStrangerShowsTheCharter(t *testing.T) {
	var k clock
	office, station, file, key := oldBackup(t, &k, "station")
	eventually(t, "the station is enrolled everywhere", func() bool { return station.govLength() == office.govLength() })
	for _, n := range []int{900, 800} { // more than one change that the backup lacks
		office.must("limits.set", object{"till": n, "start": n})
	}
	eventually(t, "and the changes behind that", func() bool { return station.govLength() == office.govLength() })
	stranger := newStranger(t)
	if err := stranger.open(t, office); err == nil {
		t.Error("a device that was never put back listens to strangers")
	}
	sc, err := station.here()
	if err != nil {
		t.Fatal(err)
	}
	again := burnt(t, office, file, key, &k)
	c, err := again.here()
	if err != nil {
		t.Fatal(err)
	}
	var whole []proofPiece
	whole, err = sc.beyond(t.Context(), c.charter.Tips(), c.node.device.Load().Public())
	if err != nil || len(whole) == 0 {
		t.Fatal(whole, err)
	}
	before := again.govLength()
	shown := func(pub [32]byte, pieces ...proofPiece) error { return c.takeCharter(t.Context(), pub, pieces) }
	var run []seal.Sealed
	for _, p := range whole {
		list, err := seal.DecodeRun(p.Run)
		if err != nil {
			t.Fatal(err)
		}
		run = append(run, list...)
	}
	if len(run) < 2 {
		t.Fatalf("%d changes are no run that can be turned round", len(run))
	}
	piece := func(term uint64, run ...seal.Sealed) proofPiece {
		return proofPiece{Term: term, Run: seal.EncodeRun(run)}
	}
	member := station.device.Load().Public()
	for name, err := range map[string]error{
		"a stranger":   shown(stranger.pub, whole...),
		"nothing":      shown(member),
		"not sealed":   shown(member, piece(1, seal.Sealed{Chunk: run[0].Chunk})),
		"another seal": shown(member, piece(1, seal.Sealed{Chunk: run[0].Chunk, Seal: &seal.Seal{1}})),
		"another term": shown(member, piece(2, run...)),
		"backwards":    shown(member, piece(1, run[len(run)-1]), piece(1, run[0])),
		"no bytes":     shown(member, proofPiece{Term: 1, Run: []byte{1}}),
	} {
		if !errors.Is(err, govern.ErrNoProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again.govLength() != before || c.mesh.admits(stranger.pub) || c.mesh.admits(member) {
		t.Error("something was taken of it")
	}
	if err := shown(member, whole...); err != nil || !c.mesh.admits(member) {
		t.Errorf("the true one: %v", err)
	}
}

// stranger is a host that nobody enrolled.
type stranger struct {
	pub  [32]byte
	host *p2p.Host
}

func newStranger(t *testing.T) stranger {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := p2p.New(t.Context(), p2p.Config{
		Key: key, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, Gate: func([32]byte) bool { return true },
		Open: func(p2p.Peer) (p2p.Conversation, error) { return nil, errors.New("none") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return stranger{[32]byte(pub), h}
}

// open asks a device for the protocol of proofs.
func (s stranger) open(t *testing.T, d *device) error {
	t.Helper()
	list, err := p2p.ListenBoth(d.at())
	if err != nil {
		t.Fatal(err)
	}
	st, done, err := s.host.OpenGuest(t.Context(), d.device.Load().Public(), list, proveProtocol)
	if err != nil {
		return err
	}
	defer done()
	if err := st.SetDeadline(time.Now().Add(proveTime)); err != nil {
		t.Fatal(err)
	}
	if err := (proof{}).send(st); err != nil {
		return err
	}
	_, err = readProof(st, maxTips)
	return err
}

// govTerm is the charter's term at a device.
func (d *device) govTerm() uint64 {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		return 0
	}
	tips := c.charter.Tips()
	return tips[len(tips)-1].Term
}

// govLapsed tells whether some of the charter is void.
func (d *device) govLapsed() bool {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	return c.charter.Resumable()
}
