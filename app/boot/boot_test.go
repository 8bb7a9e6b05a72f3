package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"jishan/app/fault"
	"jishan/crdt/engine"
	"jishan/crdt/store"
)

func TestMain(m *testing.M) {
	engine.RunChildIfAsked()
	code := m.Run()
	if built != "" {
		code = max(code, removed(built))
	}
	os.Exit(code)
}

// built is the folder of the program that tests have built, if one did.
var built string

func removed(dir string) int {
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type outcome struct {
	code     int
	out, err string
}

func run(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	code := Run(t.Context(), args, strings.NewReader(""), &out, &err)
	return outcome{code, out.String(), err.String()}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string // on standard error, or on standard output when code is 0
	}{
		{"help", 0, "doctor"},
		{"--help", 0, "doctor"},
		{"-h", 0, "doctor"},
		{"help serve", 0, "--http ADDR"},
		{"help nonsense", 2, `no command "nonsense"`},
		{"nonsense", 2, `no command "nonsense"`},
		{"serve --nonsense", 2, "there is no flag --nonsense"},
		{"serve extra", 2, "one argument too many"},
		{"serve --http nonsense", 2, "--http takes an address"},
		{"serve --http 127.0.0.1:99999", 2, "--http takes an address"},
		{"serve --http off", 2, "--http takes an address"},
		{"serve --p2p 1.2.3", 2, "--p2p takes an address"},
		{"serve --phone example.org:80", 2, "--phone takes an address"},
		{"serve --lan=maybe", 2, "--lan takes on or off"},
		{"doc", 2, "list | show ID"},
		{"doc nonsense", 2, "list | show ID"},
		{"doc show", 2, "an argument is missing"},
		{"bundle", 2, "import FILE"},
		{"bundle export --to x", 2, "--out FILE"},
		{"doctor --lan=maybe", 2, "--lan takes on or off"},
		{"version more", 2, "one argument too many"},
	} {
		got := run(t, strings.Fields(c.args)...)
		text := got.err
		if c.code == 0 {
			text = got.out
		}
		if got.code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("jishan %s: exit %d, want %d\n%s%s", c.args, got.code, c.code, got.out, got.err)
		}
		if verbless := c.args == "doc" || c.args == "doc nonsense" || strings.HasPrefix(c.args, "bundle"); c.code != 0 && !verbless && strings.Count(got.err, "\n") != 1 {
			t.Errorf("jishan %s: that is not one sentence: %s", c.args, got.err)
		}
		if c.code != 0 && got.out != "" {
			t.Errorf("jishan %s: a refusal on standard output: %s", c.args, got.out)
		}
	}
}

func TestVersion(t *testing.T) {
	var b build
	if got := run(t, "version", "--json"); got.code != 0 || json.Unmarshal([]byte(got.out), &b) != nil {
		t.Fatal(got)
	}
	if b.Version != Version || b.System != runtime.GOOS+"/"+runtime.GOARCH {
		t.Errorf("%+v", b)
	}
	if got := run(t, "--version"); got.code != 0 || !strings.HasPrefix(got.out, "jishan "+Version) {
		t.Error(got)
	}
}

func TestDefaultData(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders of Linux are checked on Linux")
	}
	t.Setenv("HOME", "/home/somebody")
	t.Setenv("XDG_DATA_HOME", "")
	if d, err := defaultData(); err != nil || d != "/home/somebody/.local/share/jishan" {
		t.Error(d, err)
	}
	t.Setenv("XDG_DATA_HOME", "/data")
	if d, err := defaultData(); err != nil || d != "/data/jishan" {
		t.Error(d, err)
	}
	t.Setenv("XDG_DATA_HOME", "relative") // the specification: ignore it
	if d, err := defaultData(); err != nil || d != "/home/somebody/.local/share/jishan" {
		t.Error(d, err)
	}
}

func TestFolderIsOneProcessAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	f, err := newFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && i.Mode().Perm() != 0o700 {
		t.Error("the folder is open to others:", i.Mode(), err)
	}
	_, err = newFolder(dir)
	b, busy := errors.AsType[busyFolder](err)
	if !busy || b.process != fmt.Sprint(os.Getpid()) {
		t.Errorf("the second one got %v", err)
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	if f, err = newFolder(dir); err != nil {
		t.Fatal("a folder given back stays taken:", err)
	}
	defer f.close()
	got := run(t, "serve", "--data", dir, "--http", "127.0.0.1:0", "--p2p", "off", "--lan=off")
	if got.code != exitFailed || !strings.Contains(got.err, "works in") || !strings.Contains(got.err, "--data") {
		t.Error("a second process must be told in words:", got)
	}
}

func TestFolderWithoutData(t *testing.T) {
	dir := t.TempDir()
	for _, args := range []string{"doc list", "doc show x", "doc export x --out " + dir + "/x", "rebuild", "bundle export --to x --out y"} {
		got := run(t, append(strings.Fields(args), "--data", dir)...)
		if got.code != exitFailed || !strings.Contains(got.err, "no Jishan data") {
			t.Errorf("%s: %+v", args, got)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Error("a look left files behind:", left)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t, "serve", "--data", file, "--http", "127.0.0.1:0", "--p2p", "off", "--lan=off"); got.code != exitFailed || got.err == "" {
		t.Error("a file as the data folder:", got)
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{fault.New("data.newer", "found", "jishan.db", "known", 1), "newer version of the program"},
		{fmt.Errorf("open: %w", fault.New("data.settings", "file", "settings.json")), "settings.json in the data folder can't be read"},
		{fault.New("strange.thing", "n", 3), "refused: strange.thing n=3"},
		{fmt.Errorf("x: %w", store.ErrInUse), "another process"},
		{fmt.Errorf("x: %w", store.ErrNewerFormat), "newer version"},
		{fmt.Errorf("x: %w", store.ErrCorrupt), "damaged"},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "disk is full"},
		{errors.New("one\ntwo"), "one"},
	} {
		got := sentence(c.err)
		if !strings.Contains(got, c.says) || strings.Contains(got, "\n") || strings.ContainsAny(got, "{}") {
			t.Errorf("%v: %q", c.err, got)
		}
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	d, err := setup{data: a, http: "127.0.0.1:0", p2p: off, phone: off}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	at := d.browser.Addr()
	got := run(t, "serve", "--data", b, "--http", at, "--p2p", "off", "--phone", "off", "--lan=off")
	if got.code != exitFailed || !strings.Contains(got.err, at+" is taken") {
		t.Errorf("%+v", got)
	}
	if f, err := newFolder(b); err != nil {
		t.Error("a start that failed keeps the folder:", err)
	} else {
		f.close()
	}
}

func TestReachable(t *testing.T) {
	own := []netip.Addr{
		netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("fe80::1"), netip.MustParseAddr("2001:db8::5"),
		netip.MustParseAddr("169.254.3.4"), netip.MustParseAddr("192.168.1.20"),
	}
	for listening, want := range map[string]string{
		"0.0.0.0:8422":   "192.168.1.20:8422",
		"[::]:8422":      "192.168.1.20:8422",
		"127.0.0.1:8422": "127.0.0.1:8422",
		"10.1.2.3:8422":  "10.1.2.3:8422",
	} {
		if got := reachable(listening, own); got != want {
			t.Errorf("%s: %s, want %s", listening, got, want)
		}
	}
	if got := reachable("[::]:1", nil); got != "127.0.0.1:1" {
		t.Error(got)
	}
}

func TestStopGivesEverythingBack(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		done <- Run(ctx, []string{"serve", "--json", "--data", dir, "--http", "127.0.0.1:0", "--p2p", "127.0.0.1:0", "--phone", "127.0.0.1:0", "--lan=off"}, strings.NewReader(""), pw, &stderr)
	}()
	var a addresses
	if err := json.NewDecoder(pr).Decode(&a); err != nil {
		t.Fatal(err, stderr.String())
	}
	if a.HTTP == "" || a.Phone == "" || a.Data == "" || a.P2P == nil {
		t.Errorf("%+v", a)
	}
	stop()
	if code := <-done; code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	f, err := newFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.close()
	log, err := os.ReadFile(filepath.Join(dir, "log", "jishan.log"))
	if err != nil || !strings.Contains(string(log), "the device has stopped") {
		t.Errorf("log: %s %v", log, err)
	}
}
