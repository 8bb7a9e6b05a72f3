//go:build linux

package node

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// The crash suite plays commands in a process of its own and lets the system
// refuse one of its writes, or kills it just before one. strace stands between the
// process and the kernel, so nothing of the program is replaced: every write, every
// wait for the disk, every file that is made, cut, renamed or removed is a place
// where it may happen. Afterwards the folder is opened again: whatever was
// acknowledged is there, sums are what the entries say, and after a failed write
// nothing more was acknowledged (docs/storage.md).
//
// -crash N plays N runs; the slice of every test run is small.
var (
	crashRuns = flag.Int("crash", 46, "runs of the crash suite")
	crashSeed = flag.Uint64("crash-seed", 0, "where the crash suite begins; 0: by the clock")
	crashSkip = flag.Int("crash-skip", 0, "runs of the seed that were played before: a long suite in parts")
)

const (
	crashEnv   = "JISHAN_TEST_CRASH" // the folder whose commands a child plays
	crashSteps = "steps.json"        // beside that folder's database
	ackFile    = 3                   // the child's end of the socket on which it acknowledges: send is no write
)

// boundaries are the calls by which the program changes what lies on a disk.
const boundaries = "pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,open,openat,mkdir,mkdirat"

// disk are those of them that a broken disk refuses; the others also serve the Go
// runtime, which cannot live without them.
const disk = "pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2"

// crashFaults are what happens, by name, as strace is told.
var crashFaults = map[string]string{
	"kill":   boundaries + ":signal=KILL",
	"EIO":    disk + ":error=EIO",
	"ENOSPC": "pwrite64,ftruncate,fsync,fdatasync:error=ENOSPC",
}

type crashStep struct {
	Call   string `json:"call"`
	Params object `json:"params"`
}

// acknowledged is what a child says of a step: a fault's code, or the changes that
// the device had written by then.
type acknowledged struct {
	Step    int
	Code    string
	Text    string
	Changes []string
}

// init, not TestMain: that one is of all systems.
func init() {
	if dir := os.Getenv(crashEnv); dir != "" {
		os.Exit(playAndDie(dir))
	}
}

// playAndDie is the child: it opens the folder, plays its steps and says after each
// one what is certain now.
func playAndDie(dir string) int {
	say := func(a acknowledged) {
		b, err := json.Marshal(a)
		if err == nil {
			err = unix.Send(ackFile, b, 0)
		}
		if err != nil {
			os.Exit(4)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, crashSteps))
	var steps []crashStep
	if err == nil {
		err = json.Unmarshal(raw, &steps)
	}
	if err != nil {
		return 4
	}
	n, err := Open(context.Background(), crashConfig(dir))
	if err != nil {
		say(acknowledged{Step: -1, Code: fault.Of(err).Code, Text: err.Error()})
		return 0
	}
	for i, s := range steps {
		p, err := json.Marshal(s.Params)
		if err != nil {
			return 4
		}
		if _, err := n.Call(context.Background(), s.Call, p); err != nil {
			say(acknowledged{Step: i, Code: fault.Of(err).Code, Text: err.Error()})
			continue
		}
		hashes, err := n.newest(40)
		if err != nil {
			say(acknowledged{Step: i, Code: "unread", Text: err.Error()})
			continue
		}
		say(acknowledged{Step: i, Changes: hashes})
	}
	if err := n.Close(); err != nil {
		return 1
	}
	return 0
}

func crashConfig(dir string) Config {
	return Config{Data: dir, Version: "test", Clock: time.Now, Rand: rand.Reader, Demo: true, PINCost: cheapPIN, Log: slog.New(slog.DiscardHandler)}
}

// newest are the changes that were written last.
func (n *Node) newest(count int) (out []string, err error) {
	c, err := n.here()
	if err != nil {
		return nil, err
	}
	err = c.store.View(context.Background(), func(q store.Querier) error {
		rows, err := q.Query("SELECT lower(hex(hash)) FROM change ORDER BY n DESC LIMIT ?", count)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h string
			if err := rows.Scan(&h); err != nil {
				return err
			}
			out = append(out, h)
		}
		return rows.Err()
	})
	return out, err
}

// crashWorld is an office with people, points, goods and an activity, at rest, and
// the commands that are played on copies of it.
type crashWorld struct {
	dir       string
	scenarios map[string][]crashStep
}

func newCrashWorld(t *testing.T) *crashWorld {
	d := found(t)
	now := time.Now().UnixMilli()
	id := d.must("people.register", person("王五", "13900000001"))["id"]
	second := d.must("people.register", person("赵六", "13900000002"))["id"]
	third := d.must("people.register", person("吴九", "13900000009"))["id"]
	eventually(t, "the bonus is booked", func() bool { return d.owing(third, 10, 0) })
	offer := d.shelf("香皂", 1, 20)
	act := d.must("activity.publish", object{"title": "送春联", "type": "文化", "start": now - 7_200_000, "end": now - 60_000, "place": "", "places": 5, "item": "", "organiser": "", "note": ""})["id"]
	d.must("activity.signUp", object{"id": act, "people": []any{id, second}})
	wish := d.must("order.post", object{"person": id, "type": "维修", "project": "", "text": "修灯泡", "address": "", "phone": "", "via": "desk", "once": ""})["id"]
	scheme := d.must("scheme.get", object{})["items"].([]any)
	var timed any
	for _, x := range scheme {
		if x := x.(object); x["kind"] == "time" && x["witness"] != true && timed == nil {
			timed = x["code"]
		}
	}
	award := entryOf(d.lines(third, "award")[0])
	roster := "姓名\t电话\n"
	for i := range 40 {
		roster += fmt.Sprintf("孙七%d\t137%08d\n", i, i)
	}
	d.still()
	w := &crashWorld{dir: d.dir}
	one := func(call string, params object) []crashStep { return []crashStep{{call, params}} }
	w.scenarios = map[string][]crashStep{
		"start":        {},
		"registration": one("people.register", person("周八", "13900000008")),
		"new card":     one("people.replaceCard", object{"id": second, "pin": "2580"}),
		"lost card":    one("people.blockCard", object{"id": second}),
		"household":    one("people.household", object{"household": "", "members": []any{id, second}, "head": id}),
		"joining":      one("people.join", object{"a": second, "b": third}),
		"erasure":      one("people.erase", object{"id": second, "name": "赵六"}),
		"deed":         one("deed.record", object{"person": id, "item": timed, "at": now - 3_600_000, "minutes": 120, "note": "扫雪", "witness": "", "line": "7"}),
		"deduction":    one("deed.deduct", object{"person": third, "points": 20, "reason": "占用消防通道"}),
		"correction":   one("correction.make", object{"hash": award, "reason": "重复登记"}),
		"activity":     one("activity.publish", object{"title": "义诊", "type": "医疗", "start": now, "end": now + 3_600_000, "place": "", "places": 5, "item": "", "organiser": "", "note": ""}),
		"group award":  {{"activity.checkIn", object{"id": act, "person": id, "how": "roll", "out": false}}, {"activity.finish", object{"id": act}}},
		"order":        {{"order.post", object{"person": id, "type": "维修", "project": "", "text": "修水管", "address": "", "phone": "", "via": "desk", "once": ""}}, {"order.reply", object{"id": wish, "text": "会尽快派人"}}},
		"redemption":   one("till.redeem", object{"person": id, "lines": []object{{"offer": offer, "n": 2}}, "pin": "", "word": true}),
		"reservation":  one("till.reserve", object{"person": id, "lines": []object{{"offer": offer, "n": 1}}}),
		"stock":        {{"shop.receive", object{"offer": offer, "n": 3, "why": ""}}, {"shop.save", object{"id": "", "name": "毛巾", "unit": "1 条", "kind": "goods", "points": 2, "minimum": 0, "icon": "soap", "active": true, "code": ""}}},
		"rulebook":     one("scheme.save", object{"items": scheme}),
		"year":         one("year.grace", object{"days": 3}),
		"settings":     {{"settings.save", object{"unitFen": 100}}, {"limits.set", object{"till": 500, "start": 50}}},
		"backup":       one("backup.now", object{}),
		"ticket":       one("devices.ticket", object{"role": "station", "name": "驿站电脑", "placeName": "驿站"}),
		"card rule":    one("card.setRule", object{"above": 20}),
		"base points":  one("base.start", object{"points": 5, "second": ""}),
	}
	d.stop()
	return w
}

// crash is one run: a scenario, what happens, and at which of a thread's boundaries.
type crash struct {
	scenario, fault string
	at              int
}

func (c crash) String() string { return fmt.Sprintf("%s, %s at %d", c.scenario, c.fault, c.at) }

// traced is what strace wrote down of a run.
type traced struct {
	boundaries int // in all
	most       int // of one thread
	hit        int // at which of all it happened first; 0: nothing happened
}

var traceLine = regexp.MustCompile(`^(\d+) +([a-z0-9]+)\(`)

func readTrace(t *testing.T, file string) (out traced) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	per := map[string]int{}
	for line := range strings.Lines(string(b)) {
		if m := traceLine.FindStringSubmatch(line); m != nil {
			out.boundaries++
			per[m[1]]++
			out.most = max(out.most, per[m[1]])
		}
		if out.hit == 0 && (strings.Contains(line, "(INJECTED)") || strings.Contains(line, "killed by SIGKILL")) {
			out.hit = out.boundaries
		}
	}
	return out
}

// run plays a scenario on a fresh copy and returns what the child acknowledged.
func (w *crashWorld) run(t *testing.T, c crash) (dir string, said []acknowledged, tr traced) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		t.Fatal(err)
	}
	steps := append(slices.Clone(w.scenarios[c.scenario]), crashStep{"people.register", person("最后一位", "13600000000")})
	b, err := json.Marshal(steps)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, crashSteps), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	here, there := os.NewFile(uintptr(fds[0]), "here"), os.NewFile(uintptr(fds[1]), "there")
	defer here.Close()
	log := filepath.Join(filepath.Dir(dir), "trace")
	args := []string{"-f", "--seccomp-bpf", "-qq", "-s", "0", "-o", log, "-e", "trace=" + boundaries, "-e", "signal=none"}
	if c.fault != "" {
		args = append(args, "-e", fmt.Sprintf("inject=%s:when=%d", crashFaults[c.fault], c.at))
	}
	cmd := exec.Command("strace", append(args, os.Args[0])...)
	cmd.Env = append(os.Environ(), crashEnv+"="+dir, "GOMAXPROCS=1")
	cmd.ExtraFiles = []*os.File{there}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	there.Close()
	stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	buf := make([]byte, 1<<16)
	for {
		n, err := here.Read(buf)
		if n == 0 || err != nil && !errors.Is(err, io.EOF) {
			break
		}
		var a acknowledged
		if err := json.Unmarshal(buf[:n], &a); err != nil {
			t.Fatal(err)
		}
		said = append(said, a)
	}
	_ = cmd.Wait() // killed, or not
	if !stuck.Stop() {
		t.Errorf("%v: stuck\n%s", c, stderr.String())
	}
	return dir, said, readTrace(t, log)
}

// stops are the codes after which a device writes nothing more.
var stops = []string{"data.stopped", "data.full", "data.damaged"}

// judge opens what a run left behind.
func judge(t *testing.T, c crash, dir string, said []acknowledged) {
	t.Helper()
	stopped := ""
	for _, a := range said {
		switch {
		case a.Code == "" && stopped != "":
			t.Errorf("%v: step %d is acknowledged after %s", c, a.Step, stopped)
		case a.Code == "internal":
			t.Errorf("%v: step %d: no words for %s", c, a.Step, a.Text)
		case slices.Contains(stops, a.Code):
			stopped = a.Code
		}
	}
	n, err := Open(t.Context(), crashConfig(dir))
	if err != nil {
		t.Errorf("%v: it does not start again: %v; said %v", c, err, said)
		return
	}
	d := &device{t: t, dir: dir, Node: n}
	for _, a := range said {
		if a.Code != "" {
			continue
		}
		if missing := d.must("audit.has", object{"hashes": a.Changes})["missing"].([]any); len(missing) > 0 {
			t.Errorf("%v: step %d was acknowledged, %d of its changes are gone", c, a.Step, len(missing))
		}
	}
	r := d.must("audit.report", object{})
	if terms := r["terms"].(object); number(r["negative"]) != 0 || !balanced(terms) {
		t.Errorf("%v: below zero, or not equal: %v", c, terms)
	}
	d.still()
	d.stop()
	before, after, err := Rebuild(t.Context(), crashConfig(dir))
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("%v: what is shown is not what the entries say: %v", c, err)
	}
}

// balanced tells whether what was given is what is held and what was spent.
func balanced(terms object) bool {
	b, err := json.Marshal(terms)
	var sum ledger.Terms
	return err == nil && json.Unmarshal(b, &sum) == nil && sum.Difference() == 0
}

// TestCrash plays the scenarios in turn, each fault at one boundary after another;
// it begins anywhere.
func TestCrash(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("strace is missing: build/setup.sh installs it")
	}
	seed := cmp.Or(*crashSeed, uint64(time.Now().UnixNano()))
	t.Log("seed", seed)
	r := mrand.New(mrand.NewPCG(seed, 1))
	w := newCrashWorld(t)
	names := slices.Sorted(maps.Keys(w.scenarios))
	faults := slices.Sorted(maps.Keys(crashFaults))
	size, first := map[string]traced{}, int(r.Uint32())
	hit, outcomes := map[string]map[int]bool{}, map[string]int{}
	for i := *crashSkip; i < *crashSkip+*crashRuns; i++ {
		if i%500 == 0 {
			t.Log(i, "runs of this seed")
		}
		name := names[i%len(names)]
		if size[name].most == 0 {
			c := crash{scenario: name}
			dir, said, tr := w.run(t, c)
			for _, a := range said {
				if a.Code != "" {
					t.Errorf("%s: step %d without any fault: %s", name, a.Step, a.Text)
				}
			}
			judge(t, c, dir, said)
			size[name], hit[name] = tr, map[int]bool{}
			os.RemoveAll(filepath.Dir(dir))
		}
		round := i / len(names)
		c := crash{name, faults[round%len(faults)], 1 + (first+round/len(faults))%size[name].most} // in the end all of them
		dir, said, tr := w.run(t, c)
		judge(t, c, dir, said)
		os.RemoveAll(filepath.Dir(dir))
		if tr.hit > 0 {
			hit[name][tr.hit] = true
		}
		for _, a := range said {
			outcomes[a.Code]++
		}
	}
	all, reached := 0, 0
	for name, tr := range size {
		all, reached = all+tr.boundaries, reached+len(hit[name])
	}
	t.Logf("%d runs of %d scenarios with about %d boundaries, %d of them hit; answers by code: %v", *crashRuns, len(size), all, reached, outcomes)
}
