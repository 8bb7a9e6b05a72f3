//go:build linux

package boot

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jishan/app/fault"
)

// insideVar holds the path of the built program, in the process that runs
// within its own namespaces.
const insideVar = "JISHAN_TEST_NETNS_PROGRAM"

// cabling hangs n computers, pc1 to pcn, on a switch (lan0 in the namespace of
// the test). The mounts are private, so that `ip netns` leaves no trace outside:
// whatever happens to the test, all of it vanishes with its last process.
func cabling(n int) string {
	return fmt.Sprintf(`set -e
mount --make-rprivate /
mount -t tmpfs none /run
ip link set lo up
ip link add lan0 type bridge && ip link set lan0 up
for i in $(seq %d); do
	ip netns add pc$i
	ip link add cable$i type veth peer name eth0 netns pc$i
	ip link set cable$i master lan0 up
	ip -n pc$i link set lo up
	ip -n pc$i link set eth0 up
	ip -n pc$i addr add 10.77.0.$i/24 dev eth0
	ip -n pc$i route add 224.0.0.0/4 dev eth0
done
`, n)
}

// renumbering gives every one of three computers an address that nobody has
// heard of.
const renumbering = `set -e
for i in 1 2 3; do
	ip -n pc$i addr flush dev eth0 scope global
	ip -n pc$i addr add 10.78.0.$i/24 dev eth0
	ip -n pc$i route replace 224.0.0.0/4 dev eth0
done
`

const (
	meetLimit     = 20 * time.Second // to find each other on the LAN
	convergeLimit = 15 * time.Second // to agree once the cable is back
)

// program is the built program, once for all tests that run it.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "jishan-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "jishan")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", path, "jishan").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	built = dir
	return path, nil
})

// onLAN plays a test with n computers on a LAN of its own: in network and
// mount namespaces that this test process is started in once more, so no
// packet leaves this machine. Several such LANs stand side by side.
func onLAN(t *testing.T, n int, play func(t *testing.T, pcs []*computer)) {
	if path := os.Getenv(insideVar); path != "" {
		dir := t.TempDir()
		var pcs []*computer
		for i := range n {
			name := fmt.Sprintf("pc%d", i+1)
			pc := newComputer(path, filepath.Join(dir, name), name)
			t.Cleanup(func() { pc.stop(t) })
			pc.start(t)
			pcs = append(pcs, pc)
		}
		play(t, pcs)
		return
	}
	if testing.Short() {
		t.Skip("builds the program and takes some 20 s")
	}
	t.Parallel()
	if out, err := exec.Command("unshare", "-n", "-m", "sh", "-c", cabling(n)).CombinedOutput(); err != nil {
		t.Skipf("this machine allows no network namespaces: %v %s", err, out)
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "-n", "-m", "sh", "-c", cabling(n)+`exec "$0" -test.run "^$1\$" -test.count=1 -test.v`, os.Args[0], t.Name())
	cmd.Env = append(os.Environ(), insideVar+"="+path)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// TestNamespaces: an office, a station and a till find each other by discovery
// alone; the station's cable is pulled, all three work on; plugged in again,
// they agree within seconds.
func TestNamespaces(t *testing.T) { onLAN(t, 3, discovered) }

func discovered(t *testing.T, pcs []*computer) {
	office, station, merchant := pcs[0], pcs[1], pcs[2]
	found(t, office)
	enter(t, office, station, "station")
	enter(t, office, merchant, "merchant")

	// Nobody's remembered address is good any more: only discovery can help.
	for _, pc := range pcs {
		pc.stop(t)
	}
	sh(t, renumbering)
	began := time.Now()
	for _, pc := range pcs {
		pc.start(t)
	}
	for _, pc := range pcs {
		wait(t, meetLimit, pc.name+" sees both others", func() bool { return online(t, pc) == 2 })
	}
	t.Logf("found each other by discovery %v after the first start", time.Since(began).Round(10*time.Millisecond))

	buyer := enrol(t, office, 1)
	agree(t, pcs, convergeLimit)
	stock := goods(t, merchant)
	wait(t, convergeLimit, "the points come to the till", func() bool {
		var a struct{ Here int64 }
		merchant.call(t, "till.pull", object{"person": buyer, "need": 8}, &a)
		return a.Here >= 8
	})

	sh(t, "ip link set cable2 down")
	began = time.Now()
	enrol(t, station, 2)
	enrol(t, office, 3)
	merchant.call(t, "till.redeem", object{"person": buyer, "lines": []object{{"offer": stock, "n": 1}}}, nil)
	if f := station.try("till.redeem", object{"person": buyer, "lines": []object{{"offer": stock, "n": 1}}}, nil); f == nil {
		t.Error("the station redeemed what lies at the till")
	}
	wait(t, meetLimit, "the station notices that it is alone", func() bool { return online(t, station) == 0 })
	t.Logf("a cut cable is noticed after %v", time.Since(began).Round(10*time.Millisecond))
	enrol(t, station, 4)
	if same, _ := equal(t, pcs); same {
		t.Error("the cable is cut and yet the station knows everything")
	}

	sh(t, "ip link set cable2 up")
	took := agree(t, pcs, convergeLimit)
	t.Logf("all agree %v after the cable is back", took.Round(10*time.Millisecond))
	for _, pc := range []*computer{office, station} {
		var list struct{ Total int }
		pc.call(t, "people.list", object{"offset": 0, "limit": 1, "q": "", "grid": "", "sort": "name", "desc": false}, &list)
		if list.Total != 4 {
			t.Errorf("%s knows %d people of 4", pc.name, list.Total)
		}
	}
	for _, pc := range pcs {
		pc.stop(t)
	}
	for _, pc := range pcs {
		if out, err := exec.Command(pc.program, "rebuild", "--data", pc.dir).CombinedOutput(); err != nil {
			t.Errorf("%s: rebuild: %v\n%s", pc.name, err, out)
		}
	}
}

type object = map[string]any

// computer is a real process of the program in a network namespace of its own.
type computer struct {
	program, dir, name string
	http, session      string
	cmd                *exec.Cmd
	client             *http.Client
	stderr             bytes.Buffer
}

func newComputer(program, dir, name string) *computer {
	pc := &computer{program: program, dir: dir, name: name}
	pc.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: pc.dial}}
	return pc
}

// dial connects from within the computer. The thread that has changed its
// namespace ends with its goroutine, since it is never unlocked.
func (pc *computer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	type result struct {
		c   net.Conn
		err error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread()
		var r result
		if r.err = enterNamespace("/run/netns/" + pc.name); r.err == nil {
			r.c, r.err = new(net.Dialer).DialContext(ctx, network, addr)
		}
		done <- r
	}()
	r := <-done
	return r.c, r.err
}

func enterNamespace(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(unix.Setns(int(f.Fd()), unix.CLONE_NEWNET), f.Close())
}

func (pc *computer) start(t *testing.T) {
	t.Helper()
	pc.cmd = exec.Command("ip", "netns", "exec", pc.name, pc.program, "serve", "--json", "--lan=on",
		"--data", pc.dir, "--http", "127.0.0.1:0", "--p2p", ":8421", "--phone", "off")
	pc.cmd.Stderr = &pc.stderr
	out, err := pc.cmd.StdoutPipe()
	if err == nil {
		err = pc.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var a addresses
	if err = errors.Join(err, json.Unmarshal(line, &a)); err != nil {
		t.Fatalf("%s did not start: %v\n%s", pc.name, err, pc.stderr.String())
	}
	pc.enter(t, a)
}

// enter opens the computer's screens by the code that it printed.
func (pc *computer) enter(t *testing.T, a addresses) {
	t.Helper()
	pc.http, pc.session = a.HTTP, "1" // none yet
	var s struct{ Session string }
	if err := pc.ask("open", object{"code": a.Code}, &s); err != nil {
		t.Fatal(err)
	}
	pc.session = s.Session
}

// stop ends the process in order; once is enough.
func (pc *computer) stop(t *testing.T) {
	t.Helper()
	if pc.cmd == nil {
		return
	}
	cmd := pc.cmd
	pc.cmd = nil
	pc.client.CloseIdleConnections()
	kill := time.AfterFunc(15*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	if err := errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait()); err != nil {
		t.Errorf("%s did not stop in order: %v\n%s", pc.name, err, pc.stderr.String())
	}
}

// try asks the computer as its own browser would.
func (pc *computer) try(name string, params, res any) error {
	return pc.ask("call/"+name, params, res)
}

func (pc *computer) ask(name string, params, res any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+pc.http+"/api/"+name, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Jishan", pc.session)
	rsp, err := pc.client.Do(req)
	if err != nil {
		return err
	}
	defer rsp.Body.Close()
	b, err := io.ReadAll(rsp.Body)
	if err == nil && rsp.StatusCode != http.StatusOK {
		f := &fault.Fault{}
		if e := json.Unmarshal(b, f); e != nil {
			f.Code = string(b)
		}
		err = fmt.Errorf("%s %s: %s: %w", pc.name, name, rsp.Status, f)
	}
	if err == nil && res != nil {
		err = json.Unmarshal(b, res)
	}
	return err
}

func (pc *computer) call(t *testing.T, name string, params, res any) {
	t.Helper()
	if err := pc.try(name, params, res); err != nil {
		t.Fatal(err)
	}
}

func found(t *testing.T, office *computer) {
	t.Helper()
	office.call(t, "setup.create", object{"community": "滨河社区", "parent": "河东街道", "office": "社区办公室",
		"operator": "居民甲", "grids": []string{"一网格"}}, nil)
}

// enter lets a computer join by a ticket.
func enter(t *testing.T, office, pc *computer, role string) {
	t.Helper()
	var ticket struct{ Text string }
	office.call(t, "devices.ticket", object{"role": role, "name": pc.name, "placeName": role + " " + pc.name}, &ticket)
	pc.call(t, "setup.join", object{"text": ticket.Text, "device": pc.name, "operator": "居民乙"}, nil)
}

// enrol registers the n-th person and returns the id.
func enrol(t *testing.T, pc *computer, n int) string {
	t.Helper()
	var r struct{ ID string }
	pc.call(t, "people.register", object{"name": "居民" + string(rune('一'+n)), "phone": fmt.Sprintf("1390000%04d", n)}, &r)
	return r.ID
}

// goods puts something on the till's shelf.
func goods(t *testing.T, pc *computer) string {
	t.Helper()
	var o struct{ ID string }
	pc.call(t, "shop.save", object{"id": "", "name": "香皂", "unit": "1 件", "kind": "goods", "points": 4, "minimum": 1,
		"icon": "box", "active": true, "code": ""}, &o)
	pc.call(t, "shop.receive", object{"offer": o.ID, "n": 10, "why": "进货"}, nil)
	return o.ID
}

func online(t *testing.T, pc *computer) int {
	t.Helper()
	var s struct{ Sync struct{ Online int } }
	pc.call(t, "app.state", object{}, &s)
	return s.Sync.Online
}

// equal tells whether every reader of a document holds the same, and whether
// the terms add up with nothing lost; else what is wrong.
func equal(t *testing.T, pcs []*computer) (bool, string) {
	t.Helper()
	type report struct {
		Device, Role, Balances string
		Documents              map[string]string
		Readers                map[string][]string
		Terms                  struct {
			Minted, Unseen, Loss, Held, InFlight, Stranded, Consumed, Restored, Burned int64
		}
		Negative int64
	}
	all := map[string]report{}
	for _, pc := range pcs {
		var r report
		pc.call(t, "audit.report", object{}, &r)
		all[r.Device] = r
	}
	staff := ""
	for _, id := range slices.Sorted(maps.Keys(all)) {
		r := all[id]
		for doc, digest := range r.Documents {
			for _, reader := range r.Readers[doc] {
				if other, here := all[reader]; here && other.Documents[doc] != digest {
					return false, fmt.Sprintf("%s differs at %s and %s", doc, r.Role, other.Role)
				}
			}
		}
		if r.Role == "merchant" {
			continue
		}
		x := r.Terms
		if x.Minted+x.Unseen+x.Loss != x.Held+x.InFlight+x.Stranded+x.Consumed-x.Restored+x.Burned || x.Loss+x.Unseen+r.Negative != 0 {
			return false, fmt.Sprintf("%s: the terms don't add up: %+v", r.Role, x)
		}
		if staff == "" {
			staff = r.Balances
		}
		if staff != r.Balances {
			return false, "balances differ"
		}
	}
	return true, ""
}

// agree waits until all hold the same and returns how long that took.
func agree(t *testing.T, pcs []*computer, limit time.Duration) time.Duration {
	t.Helper()
	began, why := time.Now(), ""
	for time.Since(began) < limit {
		var same bool
		if same, why = equal(t, pcs); same {
			return time.Since(began)
		}
		time.Sleep(50 * time.Millisecond) // between two questions
	}
	t.Fatalf("no agreement within %v: %s", limit, why)
	return 0
}

func wait(t *testing.T, limit time.Duration, what string, ask func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ask(); {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(50 * time.Millisecond) // between two questions
	}
}

func sh(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
