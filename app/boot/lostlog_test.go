//go:build linux

package boot

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type missingState struct {
	Missing *struct {
		Entries, Back int64
		Others        bool
	}
}

// TestLostLog: the program is killed, and somebody takes the write-ahead log away
// while the database stays. The doctor and the screen say how much is missing, until
// somebody has read it.
func TestLostLog(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := settled(t)
	pc := onLoopback(path, dir, "lost log")
	pc.startHere(t)
	for _, name := range []string{"居民乙", "居民丙", "居民丁"} {
		pc.call(t, "people.register", object{"name": name, "phone": "", "idNumber": "", "birthday": "", "grid": "", "address": "1 号楼", "usualPlace": "", "skills": "", "note": "", "guardian": "", "household": ""}, nil)
	}
	var s missingState
	if pc.call(t, "app.state", object{}, &s); s.Missing != nil {
		t.Fatalf("nothing is missing: %+v", s.Missing)
	}
	pc.kill(t)
	if err := os.Remove(filepath.Join(dir, databaseFile+"-wal")); err != nil {
		t.Fatal(err)
	}
	const words = "entries that were acknowledged here are missing"
	doctor := func() string {
		text, err := exec.Command(path, "doctor", "--lan=off", "--data", dir).CombinedOutput()
		exit, failed := errors.AsType[*exec.ExitError](err)
		if err != nil && (!failed || exit.ExitCode() != exitFailed) {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := doctor(); !strings.Contains(text, words) {
		t.Errorf("the doctor before the start:\n%s", text)
	}
	pc.startHere(t)
	if pc.call(t, "app.state", object{}, &s); s.Missing == nil || s.Missing.Entries < 3 || s.Missing.Others {
		t.Fatalf("the screen: %+v", s.Missing)
	}
	var list struct{ Total int }
	if pc.call(t, "people.list", object{"offset": 0, "limit": 10, "q": "", "grid": "", "sort": "name", "desc": false}, &list); list.Total != 1 {
		t.Errorf("%d people", list.Total)
	}
	pc.kill(t)
	if text := doctor(); !strings.Contains(text, words) {
		t.Errorf("the doctor after the start:\n%s", text)
	}
	pc.startHere(t)
	if pc.call(t, "app.state", object{}, &s); s.Missing == nil || s.Missing.Entries < 3 {
		t.Fatalf("after another start: %+v", s.Missing)
	}
	pc.call(t, "app.missingSeen", object{}, nil)
	s = missingState{}
	if pc.call(t, "app.state", object{}, &s); s.Missing != nil {
		t.Errorf("somebody has read it: %+v", s.Missing)
	}
	pc.stop(t)
	if text := doctor(); strings.Contains(text, words) {
		t.Errorf("the doctor after somebody has read it:\n%s", text)
	}
}

// folderBytes are the files that make a folder this device and what it holds.
func folderBytes(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.IsDir() || strings.HasSuffix(e.Name(), ".inuse") || strings.HasSuffix(e.Name(), "-shm") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	return out
}

func same(t *testing.T, before, after map[string]string) {
	t.Helper()
	for name := range after {
		if _, ok := before[name]; !ok {
			t.Errorf("%s is new", name)
		}
	}
	for name, b := range before {
		if after[name] != b {
			t.Errorf("%s was changed", name)
		}
	}
}

// TestSwappedDatabase: the database of another device of the same community lies
// in this device's folder. It is refused in words by the program and the doctor, and
// nothing is written; with the right file back all is there.
func TestSwappedDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	w := pairOfDevices(t, path)
	right, err := os.ReadFile(filepath.Join(w[0].dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	for i, from := range []int{1, 0} {
		to := w[i].dir
		mine, err := os.ReadFile(filepath.Join(to, databaseFile))
		if err != nil {
			t.Fatal(err)
		}
		theirs := right
		if from == 1 {
			if theirs, err = os.ReadFile(filepath.Join(w[1].dir, databaseFile)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(to, databaseFile), theirs, 0o600); err != nil {
			t.Fatal(err)
		}
		before := folderBytes(t, to)
		for _, args := range [][]string{{"serve", "--http", "127.0.0.1:0", "--p2p", "off"}, {"rebuild"}} {
			text, err := exec.Command(path, append(args, "--data", to)...).CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailed || !strings.Contains(string(text), "is another device's and was not opened") {
				t.Errorf("%s: %v\n%s", args[0], err, text)
			}
		}
		text, err := exec.Command(path, "doctor", "--lan=off", "--data", to).CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailed || !strings.Contains(string(text), "is another device's") {
			t.Errorf("the doctor: %v\n%s", err, text)
		}
		same(t, before, folderBytes(t, to))
		if err := os.WriteFile(filepath.Join(to, databaseFile), mine, 0o600); err != nil {
			t.Fatal(err)
		}
		w[i].startHere(t)
		var s struct{ Phase string }
		if w[i].call(t, "app.state", object{}, &s); s.Phase != "ready" {
			t.Errorf("with the right file back: %q", s.Phase)
		}
		w[i].stop(t)
	}
}

// pairOfDevices are an office and a station that joined it, both stopped in order.
func pairOfDevices(t *testing.T, path string) [2]*computer {
	t.Helper()
	office, station := onLoopback(path, t.TempDir(), "office"), onLoopback(path, t.TempDir(), "station")
	office.startHere(t)
	station.startHere(t)
	office.call(t, "setup.create", object{"community": "滨河社区", "parent": "", "office": "社区办公室", "operator": "经办人 陈", "grids": []string{}, "pin": ""}, nil)
	var ticket struct{ Text string }
	office.call(t, "devices.ticket", object{"role": "station", "name": "实践站", "placeName": "滨河实践站"}, &ticket)
	station.call(t, "setup.join", object{"text": ticket.Text, "device": "实践站", "operator": "经办人 李", "pin": ""}, nil)
	station.call(t, "people.register", object{"name": "居民乙", "phone": "13800000002", "idNumber": "", "birthday": "", "grid": "", "address": "", "usualPlace": "", "skills": "", "note": "", "guardian": "", "household": ""}, nil)
	office.stop(t)
	station.stop(t)
	return [2]*computer{office, station}
}

// onLoopback is a computer without a namespace of its own.
func onLoopback(program, dir, name string) *computer {
	return &computer{program: program, dir: dir, name: name, client: &http.Client{Timeout: 30 * time.Second}}
}

func (pc *computer) startHere(t *testing.T) {
	t.Helper()
	pc.cmd = exec.Command(pc.program, "serve", "--json", "--lan=off", "--data", pc.dir, "--http", "127.0.0.1:0", "--p2p", "127.0.0.1:0", "--phone", "off")
	pc.cmd.Stderr = &pc.stderr
	out, err := pc.cmd.StdoutPipe()
	if err = errors.Join(err, pc.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if pc.cmd != nil {
			_ = pc.cmd.Process.Kill() // a test that failed half-way
		}
	})
	var a addresses
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err = errors.Join(err, json.Unmarshal(line, &a)); err != nil {
		t.Fatalf("%s did not start: %v\n%s", pc.name, err, pc.stderr.String())
	}
	pc.enter(t, a)
}
