//go:build linux

package boot

import (
	"bufio"
	"bytes"
	"database/sql"
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

// inside is what no sentence may consist of: the words of Go, SQLite or the
// system alone.
var inside = []string{"panic", "goroutine", "no such file", "not a directory", "sqlite", "(10)", "(11)", "invalid argument", "flag provided", "parse error", "errno"}

// TestProgramInWords plays mistakes on the real program, as somebody at a
// shell makes them: one sentence, the right exit code, nothing inside out.
func TestProgramInWords(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	data, other := settled(t), t.TempDir()
	garbage, long := filepath.Join(other, "garbage"), strings.Repeat("x", 5000)
	if err := os.WriteFile(garbage, []byte("JISHAN"+strings.Repeat("\xff\x00", 999)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "no command", []string{long}},
		{2, "no command", []string{""}},
		{2, "no flag --nonsense", []string{"--nonsense"}},
		{2, "out of range", []string{"demo", "--seconds", "99999999999999999999"}},
		{2, "no flag --x", []string{"sim", "--" + long}},
		{2, "no part", []string{"bench", "nothing"}},
		{2, "names no folder", []string{"doc", "list", "--data", ""}},
		{2, "one argument too many", []string{"doc", "list", long, "--data", data}},
		{1, "too long", []string{"serve", "--data", filepath.Join(other, long)}},
		{1, "question mark", []string{"serve", "--data", other + "/a?b"}},
		{1, "no folder", []string{"serve", "--data", garbage}},
		{1, "no folder", []string{"rebuild", "--data", garbage}},
		{1, "no Jishan data", []string{"doc", "list", "--data", other}},
		{1, "no document", []string{"doc", "export", "nothing\n\x1b[31m", "--data", data}},
		{1, "no document", []string{"doc", "export", long, "--data", data}},
		{1, "no document", []string{"doc", "show", "\xff\xfe", "--data", data}},
		{1, "is not there", []string{"bundle", "import", other + "/gone", "--data", data}},
		{1, "is a folder", []string{"bundle", "import", other, "--data", data}},
		{1, "no bundle", []string{"bundle", "import", garbage, "--data", data}},
		{1, "too long", []string{"bundle", "import", long, "--data", data}},
		{1, "no such device", []string{"bundle", "export", "--to", long, "--out", garbage, "--data", data}},
		{1, "is not there", []string{"doctor", "--lan=off", "--data", data, "--support", other + "/gone/x"}},
	} {
		var out, stderr bytes.Buffer
		cmd := exec.Command(path, c.args...)
		cmd.Stdout, cmd.Stderr = &out, &stderr
		err := cmd.Run()
		text := stderr.String()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != c.code || !strings.Contains(text, c.says) || out.Len() > 0 ||
			strings.Count(text, "\n") != 1 || len(text) > 700 || strings.Contains(text, "\x1b") {
			t.Errorf("%.60q: %v, want %d %q\n%s%s", c.args, err, c.code, c.says, out.String(), text)
		}
		for _, word := range inside {
			if strings.Contains(text, word) {
				t.Errorf("%.60q: %q in %s", c.args, word, text)
			}
		}
	}
	if left, err := os.ReadDir(other); err != nil || len(left) != 1 {
		t.Error("something was left half written:", left, err)
	}
}

// TestProgramMeetsDamage: a page that no start reads is spoiled; the running
// program finds it, says so, refuses to write, and the doctor agrees.
func TestProgramMeetsDamage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := settled(t)
	at := filepath.Join(dir, databaseFile)
	if err := spoilIndex(at); err != nil {
		t.Fatal(err)
	}
	pc := &computer{name: "damaged", client: &http.Client{Timeout: 20 * time.Second}}
	pc.cmd = exec.Command(path, "serve", "--json", "--lan=off", "--data", dir, "--http", "127.0.0.1:0", "--p2p", "off", "--phone", "off")
	pc.cmd.Stderr = &pc.stderr
	out, err := pc.cmd.StdoutPipe()
	if err = errors.Join(err, pc.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer pc.stop(t)
	var a addresses
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err = errors.Join(err, json.Unmarshal(line, &a)); err != nil {
		t.Fatal("a start that reads this page says nothing:", err, pc.stderr.String())
	}
	pc.enter(t, a)
	wait(t, 30*time.Second, "the damage is said", func() bool {
		var s struct{ Disk struct{ Code string } }
		pc.call(t, "app.state", object{}, &s)
		return s.Disk.Code == "data.damaged"
	})
	if err := pc.try("people.register", object{"name": "居民乙", "phone": "13900000002"}, nil); err == nil || !strings.Contains(err.Error(), "data.damaged") {
		t.Error("a write after that:", err)
	}
	pc.stop(t)
	text, err := exec.Command(path, "doctor", "--lan=off", "--data", dir).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailed || !strings.Contains(string(text), "the database is damaged") {
		t.Errorf("the doctor: %v\n%s", err, text)
	}
}

// spoilIndex changes an entry of an index that the table's rows don't agree
// with any more; nothing reads it until somebody asks by it.
func spoilIndex(path string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	var page int
	err = db.QueryRow(`SELECT pageno FROM dbstat WHERE name = 'change_tag' AND pagetype = 'leaf' ORDER BY path LIMIT 1`).Scan(&page)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	p := b[(page-1)*4096 : page*4096]
	first := int(p[8])<<8 | int(p[9]) // where the first entry begins
	p[first+4] ^= 0x11                // inside its tag
	return os.WriteFile(path, b, 0o600)
}
