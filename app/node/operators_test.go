package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// cheapPIN keeps tests quick; what a try costs is measured in govern.
var cheapPIN = govern.SealCost{Time: 1, Memory: 64, Threads: 1}

// foundWithPIN is an office whose first operator has a PIN: 经办人甲, 2580.
func foundWithPIN(t *testing.T, k *clock) *device {
	t.Helper()
	d := startBy(t, t.TempDir(), k.now)
	out := d.must("setup.create", object{"community": "柳溪社区", "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{}, "pin": "2580"})
	d.recovery = out["recoveryKey"].(string)
	return d
}

// opener is somebody of session.list.
func (d *device) opener(name string) object {
	d.t.Helper()
	for _, p := range d.must("session.list", object{})["people"].([]any) {
		if p := p.(object); p["name"] == name {
			return p
		}
	}
	return object{"id": ""}
}

func (d *device) open(name, pin string) error {
	d.t.Helper()
	_, err := d.call("session.open", object{"id": d.opener(name)["id"], "pin": pin})
	return err
}

func (d *device) mustOpen(name, pin string) {
	d.t.Helper()
	if err := d.open(name, pin); err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
}

func (d *device) session() object {
	d.t.Helper()
	return d.must("app.state", object{})["session"].(object)
}

func code(err error) string { return fault.Of(err).Code }

// operators are the texts that changes of an action name their operators by.
func (d *device) operators(action string) (out []string) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		docs, err := store.Docs(q)
		for _, doc := range docs {
			if err == nil {
				err = store.Each(q, doc.ID, eachOperator(action, &out))
			}
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// eachOperator gathers the operators of one action's changes.
func eachOperator(action string, out *[]string) func(wire.Actor, store.Stored) error {
	return func(_ wire.Actor, c store.Stored) error {
		ch, _, err := wire.Decode(c.Sealed.Chunk)
		if err != nil {
			return err
		}
		ctx, err := seal.ParseContext(ch.Message)
		if err == nil && ctx.Action == action {
			*out = append(*out, ctx.Operator)
		}
		return err
	}
}

func TestALockedDeviceTellsNothing(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	id := d.must("people.register", person("张三", "13900000001"))["id"]
	if s := d.session(); s["locked"] != false || s["role"] != "lead" || s["signs"] != true || s["guarded"] != true {
		t.Errorf("after setting a PIN: %v", s)
	}
	d.must("session.lock", object{})
	if s := d.session(); s["locked"] != true || s["id"] != "" {
		t.Errorf("locked: %v", s)
	}
	for name := range d.calls {
		if rightOf(name) == forAll || strings.HasPrefix(name, "setup.") {
			continue
		}
		if _, err := d.call(name, object{}); code(err) != "app.locked" {
			t.Errorf("%s on a locked device: %v", name, err)
		}
	}
	if _, err := d.File(t.Context(), "people.xlsx", nil); code(err) != "app.locked" {
		t.Errorf("a file on a locked device: %v", err)
	}
	d.refuses("app.locked", "app.operator", object{"name": "别人"})
	d.refuses("operator.must", "operators.begin", object{"name": "别人", "pin": "1379"})
	d.refuses("operator.key.none", "session.open", object{"id": "00000000", "pin": "2580"})
	d.mustOpen("经办人甲", " 2580 ")
	d.must("people.get", object{"id": id})
	d.refuses("operator.must", "app.operator", object{"name": "别人"})

	// Nobody's hand on the screen for ten minutes; reading is no hand.
	k.ahead.Store(int64(9 * time.Minute))
	d.must("session.touch", object{})
	k.ahead.Store(int64(18 * time.Minute))
	d.must("people.get", object{"id": id})
	k.ahead.Store(int64(20 * time.Minute))
	d.refuses("app.locked", "people.get", object{"id": id})
	d.must("session.touch", object{})
	d.refuses("app.locked", "people.get", object{"id": id})
	d.mustOpen("经办人甲", "2580")
	d.must("settings.save", object{"idle": 0})
	k.ahead.Store(int64(72 * time.Hour))
	d.must("people.get", object{"id": id})

	d.stop()
	d = startBy(t, d.dir, k.now)
	d.refuses("app.locked", "people.get", object{"id": id}) // a restart locks
	d.mustOpen("经办人甲", "2580")
	d.must("people.get", object{"id": id})
}

func TestWrongPINs(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	d.must("operators.add", object{"name": "李四", "role": "clerk", "until": 0, "pin": "13 79"})
	d.must("session.lock", object{})
	wait := func(by time.Duration) { k.ahead.Add(int64(by)) }
	want := []string{"operator.pin.wrong", "operator.pin.wrong", "operator.pin.wait", "operator.pin.wait", "operator.pin.wait"}
	for i, w := range want {
		if err := d.open("李四", "9999"); code(err) != w {
			t.Fatalf("try %d: %v", i+1, err)
		}
		if w == "operator.pin.wait" {
			if err := d.open("李四", "1379"); code(err) != w {
				t.Fatalf("the right PIN while waiting: %v", err)
			}
			d.stop() // a restart is no way round
			d = startBy(t, d.dir, k.now)
			if err := d.open("李四", "1379"); code(err) != w {
				t.Fatalf("the right PIN after a restart: %v", err)
			}
			wait(openerWaits[i])
		}
	}
	for i := len(want); i < len(openerWaits); i++ {
		if err := d.open("李四", "9999"); err == nil {
			t.Fatal("a wrong PIN opens")
		}
		wait(openerWaits[i])
	}
	wait(1000 * time.Hour)
	if err := d.open("李四", "1379"); code(err) != "operator.pin.locked" || d.opener("李四")["locked"] != true {
		t.Fatalf("after ten wrong ones: %v", err)
	}
	d.mustOpen("经办人甲", "2580") // nobody else is locked out
	id := d.opener("李四")["id"]
	device := d.must("operators.list", object{})["people"].([]any)[0].(object)["keys"].([]any)[0].(object)["device"]
	d.must("operators.unlock", object{"id": id, "device": device})
	if d.opener("李四")["locked"] != false {
		t.Error("still shown as locked")
	}
	d.mustOpen("李四", "1379")
	if err := d.open("李四", "9999"); code(err) != "operator.pin.wrong" {
		t.Errorf("a good one begins anew: %v", err)
	}
	d.mustOpen("李四", "1379")
	d.refuses("people.pin.weak", "session.change", object{"id": id, "pin": "1379", "new": "1234"})
	d.refuses("people.pin.bad", "session.change", object{"id": id, "pin": "1379", "new": "123"})
	d.refuses("operator.pin.wrong", "session.change", object{"id": id, "pin": "9999", "new": "2468"})
	d.must("session.change", object{"id": id, "pin": "1379", "new": "24680135"})
	if err := d.open("李四", "1379"); code(err) != "operator.pin.wrong" {
		t.Errorf("the old PIN: %v", err)
	}
	d.mustOpen("李四", "24680135")
}

// TestRoles: what each role is refused, by calls that stand for the table.
func TestRoles(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	pins := map[string]string{"clerk": "1379", "keeper": "2468", "witness": "3591"}
	for role, pin := range pins {
		d.must("operators.add", object{"name": role, "role": role, "until": 0, "pin": pin})
	}
	calls := map[string]right{"shop.offers": forTill, "till.today": forTill, "people.grids": forDaily, "stats.month": forDaily, "operators.list": forDaily,
		"operators.rule": forLead, "scheme.save": forLead, "devices.ticket": forLead, "year.close": forLead}
	for role, pin := range pins {
		if role == "witness" {
			if err := d.open(role, pin); code(err) != "operator.role" {
				t.Errorf("a witness works here: %v", err)
			}
			continue
		}
		d.mustOpen(role, pin)
		for name, need := range calls {
			_, err := d.call(name, object{})
			if refused := code(err) == "operator.role"; refused == need.has(govern.ParseOperatorRole(role)) {
				t.Errorf("%s calls %s: %v", role, name, err)
			}
		}
		if _, err := d.call("settings.save", object{"unitFen": 50}); code(err) != "operator.role" {
			t.Errorf("%s sets what the community shares: %v", role, err)
		}
		if _, err := d.call("settings.save", object{"idle": len(role)}); (code(err) == "operator.role") != (role == "keeper") {
			t.Errorf("%s sets what the device does: %v", role, err)
		}
		d.must("settings.save", object{"size": 30, "senior": role == "keeper"})
	}
	for name := range rights {
		file, isFile := strings.CutPrefix(name, "file.")
		if isFile {
			if _, err := d.file(t.Context(), file, nil); errors.Is(err, fault.New("file.unknown")) {
				t.Errorf("the table has %s, which is no file", name)
			}
			continue
		}
		if _, ok := d.calls[name]; !ok {
			t.Errorf("the table has %s, which is no call", name)
		}
	}
}

// The page for people shows the table that calls are judged by.
func TestDocsShowTheRights(t *testing.T) {
	page, err := os.ReadFile("../../docs/operators.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), rightsText()) {
		t.Errorf("docs/operators.md lacks this table:\n%s", rightsText())
	}
}

func TestOneAndOneAreTwo(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	d.must("operators.add", object{"name": "李四", "role": "witness", "until": 0, "pin": "1379"})
	d.must("operators.add", object{"name": "王五", "role": "keeper", "until": 0, "pin": "2468"})
	d.must("operators.add", object{"name": "赵六", "role": "clerk", "until": 0, "pin": "3591"})
	id := func(name string) any { return d.opener(name)["id"] }
	raise := func(n int, name, pin string) object {
		return object{"points": n, "incomeFen": 0, "second": "", "sign": object{"id": id(name), "pin": pin}}
	}
	d.must("budget.set", object{"points": 1000, "incomeFen": 0})
	d.refuses("budget.second", "budget.set", object{"points": 2000, "incomeFen": 0})
	d.refuses("operator.second", "budget.set", object{"points": 2000, "incomeFen": 0, "second": "李四"}) // a name proves nothing any more
	d.refuses("operator.second.same", "budget.set", raise(2000, "经办人甲", "2580"))
	d.refuses("operator.pin.wrong", "budget.set", raise(2000, "李四", "9999"))
	d.refuses("operator.role", "budget.set", raise(2000, "王五", "2468"))
	d.must("budget.set", raise(2000, "李四", "1379"))
	if b := d.budgetNow(); number(b["budget"]) != 2000 || b["by"] != "经办人甲, 李四" {
		t.Errorf("the budget: %v", b)
	}
	if s := d.session(); s["role"] != "lead" {
		t.Errorf("who signs second does not sit down: %v", s)
	}
	if n := d.notes("ledger.budget"); n[len(n)-1] != "second: "+seal.OperatorText("李四", id("李四").(string)) {
		t.Errorf("the ledger's record: %q", n)
	}
	d.must("budget.set", object{"points": 1500, "incomeFen": 0})
	d.villagers(0, 20)
	d.refuses("base.over", "base.start", object{"points": 100})
	d.must("base.start", object{"points": 100, "sign": object{"id": id("赵六"), "pin": "3591"}})
	if b := d.budgetNow(); number(b["budget"]) != 2000 || b["by"] != "经办人甲, 赵六" {
		t.Errorf("the budget: %v", b)
	}
	d.must("operators.withdraw", object{"id": id("李四"), "device": ""})
	lost := d.Node.openers.Load().all()[1]
	if _, err := d.call("budget.set", object{"points": 3000, "incomeFen": 0, "sign": object{"id": lost.ID, "pin": "1379"}}); code(err) != "operator.ended" {
		t.Errorf("a witness who was withdrawn: %v", err)
	}
	d.refuses("operator.lead.last", "operators.withdraw", object{"id": id("经办人甲"), "device": ""})
	d.refuses("operator.lead.last", "operators.change", object{"id": id("经办人甲"), "name": "经办人甲", "role": "clerk", "until": 0})
	d.refuses("govern.operator.name", "operators.change", object{"id": id("赵六"), "name": "王 五", "role": "clerk", "until": 0})
	d.sound()
}

// TestEntriesNameTheirOperator: with the id of whoever has opened his key, while
// screens show the name; by name alone where there are no keys, and for phones.
func TestEntriesNameTheirOperator(t *testing.T) {
	d := found(t)
	d.must("people.register", person("张三", "13900000001"))
	if got := d.operators("people.register"); len(got) != 1 || got[0] != "经办人甲" {
		t.Errorf("without keys: %q", got)
	}
	d.must("operators.begin", object{"name": "经办人甲", "pin": "2580"})
	id := d.session()["id"].(string)
	soap := d.shelf("香皂", 1, 10)
	buyer := d.withPoints("李四", "13900000002", "30")
	if err := d.buy(buyer, soap, 1); err != nil {
		t.Fatal(err)
	}
	if got := d.operators("ledger.redeem"); len(got) != 1 || got[0] != "经办人甲#"+id {
		t.Errorf("with a key: %q", got)
	}
	receipts := d.must("till.today", object{"day": ""})["receipts"].([]any)
	if who := receipts[0].(object)["operator"]; who != "经办人甲" {
		t.Errorf("the receipt shows %q", who)
	}
	for _, l := range d.must("people.passbook", object{"id": buyer, "offset": 0, "limit": 10})["lines"].([]any) {
		if who := l.(object)["operator"].(string); strings.Contains(who, "#") {
			t.Errorf("the passbook shows %q", who)
		}
	}
	for _, m := range d.must("shop.stockMoves", object{"offset": 0, "limit": 10})["rows"].([]any) {
		if who := m.(object)["operator"].(string); strings.Contains(who, "#") {
			t.Errorf("the stock shows %q", who)
		}
	}
	d.refuses("operator.bad", "operators.add", object{"name": "李四#" + id, "role": "clerk", "until": 0, "pin": "1379"})
	c, _ := d.here()
	if got := d.signedFor(context.WithValue(t.Context(), byPhone{}, true), c.operator()); got != "经办人甲" {
		t.Errorf("a phone's change is signed %q", got)
	}
}

// TestStationAddsAnOperator: away from the office, for daily work at once and
// for signatures after the office has confirmed; what the office withdraws ends.
func TestStationAddsAnOperator(t *testing.T) {
	var k clock
	office := foundWithPIN(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	station.must("devices.pause", object{"on": true})
	station.must("operators.begin", object{"name": "经办人乙", "pin": "1379"})
	if s := station.session(); s["role"] != "clerk" || s["signs"] != false || s["locked"] != false {
		t.Errorf("before the office knows: %v", s)
	}
	station.must("people.grids", object{})
	station.must("session.lock", object{})
	station.refuses("app.locked", "people.grids", object{})
	station.mustOpen("经办人乙", "1379")
	station.must("devices.pause", object{"on": false})
	var waiting []any
	eventually(t, "the office sees the request", func() bool {
		waiting = office.must("operators.list", object{})["waiting"].([]any)
		return len(waiting) == 1
	})
	w := waiting[0].(object)
	if w["name"] != "经办人乙" || w["device"] != "柳溪实践站电脑" || w["known"] != "" {
		t.Errorf("the request: %v", w)
	}
	office.must("operators.answer", object{"key": w["key"], "role": "clerk", "yes": true})
	office.refuses("operator.request.unknown", "operators.answer", object{"key": w["key"], "role": "clerk", "yes": true})
	eventually(t, "the certificate is at the station", func() bool { return station.session()["signs"] == true })

	// The office's lead works at the station too: a key of his own there.
	station.must("operators.add", object{"name": "经办人甲", "role": "", "until": 0, "pin": "8642"})
	station.mustOpen("经办人甲", "8642")
	if s := station.session(); s["role"] != "clerk" || s["id"] != office.session()["id"] {
		t.Errorf("one person, not confirmed here: %v", s)
	}
	eventually(t, "the office sees the second request", func() bool {
		waiting = office.must("operators.list", object{})["waiting"].([]any)
		return len(waiting) == 1 && waiting[0].(object)["known"] == "经办人甲"
	})
	office.must("operators.answer", object{"key": waiting[0].(object)["key"], "role": "lead", "yes": true})
	eventually(t, "he is a lead there", func() bool { return station.session()["role"] == "lead" })

	id := station.opener("经办人乙")["id"]
	station.mustOpen("经办人乙", "1379")
	office.must("operators.withdraw", object{"id": id, "device": ""})
	eventually(t, "his session ends", func() bool { return station.session()["locked"] == true })
	if err := func() error { _, err := station.call("session.open", object{"id": id, "pin": "1379"}); return err }(); code(err) != "operator.ended" {
		t.Errorf("he opens it again: %v", err)
	}
	station.mustOpen("经办人甲", "8642")
}

func TestARefusedOperatorIsOut(t *testing.T) {
	var k clock
	office := foundWithPIN(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	station.must("operators.begin", object{"name": "外人", "pin": "1379"})
	var waiting []any
	eventually(t, "the office sees the request", func() bool {
		waiting = office.must("operators.list", object{})["waiting"].([]any)
		return len(waiting) == 1
	})
	office.must("operators.answer", object{"key": waiting[0].(object)["key"], "role": "clerk", "yes": false})
	eventually(t, "the station knows", func() bool { return station.session()["guarded"] == false })
	if p := station.must("session.list", object{})["people"].([]any); len(p) != 0 {
		t.Errorf("left: %v", p)
	}
	office.must("operators.rule", object{"must": true})
	eventually(t, "the station needs a PIN", func() bool { return station.session()["must"] == true })
	station.refuses("app.locked", "people.grids", object{})
	station.must("operators.begin", object{"name": "经办人乙", "pin": "2468"})
	station.must("people.grids", object{})
}

// TestForgottenPIN: the office takes the key away and a new one is set; the last
// lead goes by the recovery key on paper.
func TestForgottenPIN(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	d.must("operators.add", object{"name": "李四", "role": "clerk", "until": 0, "pin": "1379"})
	id := d.opener("李四")["id"]
	d.must("operators.add", object{"id": id, "name": "李四", "role": "clerk", "until": 0, "pin": "8642"})
	if err := d.open("李四", "1379"); code(err) != "operator.pin.wrong" {
		t.Errorf("the forgotten PIN: %v", err)
	}
	d.mustOpen("李四", "8642")
	d.must("session.lock", object{})
	d.refuses("govern.recovery.length", "operators.recover", object{"recovery": "X", "name": "经办人甲", "pin": "9753"})
	other, err := govern.NewRecoveryKey(d.cfg.Rand)
	if err != nil {
		t.Fatal(err)
	}
	d.refuses("operator.recovery", "operators.recover", object{"recovery": other.String(), "name": "经办人甲", "pin": "9753"})
	d.must("operators.recover", object{"recovery": d.recovery, "name": "经办人甲", "pin": "9753"})
	if s := d.session(); s["role"] != "lead" || s["signs"] != true {
		t.Errorf("after recovery: %v", s)
	}
	d.must("session.lock", object{})
	d.mustOpen("经办人甲", "9753")
	if len(d.must("operators.list", object{})["people"].([]any)) != 2 {
		t.Error("the recovered lead is a second person")
	}
}

// TestNoSecretIsWritten: no PIN and no private key in any file of the folder or
// in the log.
func TestNoSecretIsWritten(t *testing.T) {
	var said safeBuffer
	dir := t.TempDir()
	n, err := Open(t.Context(), Config{Data: dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader, Demo: true, PINCost: cheapPIN,
		Log: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	d := &device{Node: n, t: t, dir: dir}
	d.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "电脑", "operator": "经办人甲", "grids": []string{}, "pin": "90817263"})
	d.refuses("operator.pin.wrong", "session.open", object{"id": d.opener("经办人甲")["id"], "pin": "55443322"})
	signer, ok := n.seat.signer()
	if !ok {
		t.Fatal("nobody sits here")
	}
	seed := bytes.Clone(signer.Key.Seed())
	d.stop()
	secrets := map[string][]byte{"the PIN": []byte("90817263"), "a wrong PIN": []byte("55443322"), "the key": seed}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%v: %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for what, s := range secrets {
			if bytes.Contains(b, s) || bytes.Contains(said.Bytes(), s) {
				t.Errorf("%s holds %s, or the log does", filepath.Base(f), what)
			}
		}
	}
	if info, err := os.Stat(filepath.Join(dir, operatorsFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// safeBuffer is a log that several goroutines write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *safeBuffer) Bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b.Bytes())
}

func TestDamagedOperatorsFile(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{"{": "data.settings", `{"version":2}`: "data.newer", `{"version":1,"people":[{"id":"x"}]}`: "data.settings"} {
		if err := os.WriteFile(filepath.Join(dir, operatorsFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadOpeners(dir); !errors.Is(err, fault.New(want)) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
