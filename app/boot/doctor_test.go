package boot

import (
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestDoctor(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(t.TempDir(), "support.json")
	log := strings.Join([]string{
		`{"time":"2026-01-02T03:04:05Z","level":"ERROR","msg":"a call failed","call":"people.register","err":"张三 at 13800138000, 110101199003070015","operator":"李四"}`,
		`{"time":"2026-01-02T03:04:06Z","level":"WARN","msg":"a link ended","err":"dial 192.168.3.4:8421 by 7q1abcdefghijklmnopqrstuv","peer":"x"}`,
		`{"time":"2026-01-02T03:04:07Z","level":"WARN","msg":"open /home/wang/data/jishan.db","n":3}`,
		`half a line`,
	}, "\n")
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "log", "jishan.log"), []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, "doctor", "--json", "--data", dir, "--lan=off", "--support", out)
	var r report
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		t.Fatal(err, got)
	}
	if len(r.Findings) != 9 || r.OK != (got.code == exitOK) {
		t.Errorf("%d %+v", got.code, r)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{"张三", "李四", "13800138000", "1990", "192.168", "7q1abc", "wang", "operator", "peer", dir} {
		if strings.Contains(string(b), personal) {
			t.Errorf("the support file holds %q:\n%s", personal, b)
		}
	}
	for _, useful := range []string{"a call failed", "people.register", "a link ended", "dial"} {
		if !strings.Contains(string(b), useful) {
			t.Errorf("the support file lacks %q", useful)
		}
	}
}

func TestDoctorSeesLooseModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), "data")
	e := examination{ctx: t.Context(), data: dir}
	if state, text := e.folder(); state != fine {
		t.Error(state, text)
	}
	_, w, err := openLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if i, err := os.Stat(filepath.Join(dir, "log")); err != nil || i.Mode().Perm() != 0o700 {
		t.Error("the folder of the log:", i.Mode(), err)
	}
	if state, text := e.folder(); state != fine {
		t.Error(state, text)
	}
	key := filepath.Join(dir, "log", "key")
	if err := os.WriteFile(key, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		mode os.FileMode
	}{{key, 0o640}, {filepath.Dir(key), 0o755}, {dir, 0o711}} {
		was, err := os.Stat(c.path)
		if err == nil {
			err = os.Chmod(c.path, c.mode)
		}
		if err != nil {
			t.Fatal(err)
		}
		if state, text := e.folder(); state != careful || !strings.Contains(text, "other users") {
			t.Error(c.path, state, text)
		}
		if err := os.Chmod(c.path, was.Mode()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDoctorSeesADamagedDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, databaseFile), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, "doctor", "--json", "--data", dir, "--lan=off")
	var r report
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		t.Fatal(err, got)
	}
	for _, f := range r.Findings {
		if f.What == "database" && (f.State != bad || !strings.Contains(f.Text, "damaged")) {
			t.Errorf("%+v", f)
		}
	}
	if r.OK || got.code != exitFailed {
		t.Error("all is well, says the doctor", got.code)
	}
}

// A number of the sums that is another one is no damage to SQLite; the doctor
// sees it.
func TestDoctorSeesAWrongSum(t *testing.T) {
	dir := settled(t)
	e := examination{ctx: t.Context(), data: dir}
	if state, text := e.database(); state != fine {
		t.Fatal(state, text)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, databaseFile))
	if err == nil {
		_, err = db.Exec("UPDATE ledger_sum SET life = life + 64 WHERE life > 0")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if state, text := e.database(); state != bad || !strings.Contains(text, "damaged") {
		t.Error(state, text)
	}
}

// Devices that were cut off are counted in the support file, by what they did
// and not by who they are.
func TestDoctorCountsRuleBreakers(t *testing.T) {
	dir := settled(t)
	db, err := sql.Open("sqlite", filepath.Join(dir, databaseFile))
	if err == nil {
		_, err = db.Exec("INSERT INTO local_broke (device, reason, times, at) VALUES (x'aa', 'garbage', 3, 1), (x'aa', 'much', 1, 1), (x'bb', 'much', 4, 1)")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	e := examination{ctx: t.Context(), data: dir}
	state, text := e.database()
	if state != careful || !strings.Contains(text, "2 devices broke the rules of the network and were cut off (garbage 3, much 5)") {
		t.Error(state, text)
	}
	out := filepath.Join(t.TempDir(), "support.json")
	if err := writeSupport(out, report{Findings: []finding{{"database", state, text}}}, dir); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(out); err != nil || !strings.Contains(string(b), "garbage 3, much 5") {
		t.Error(err, string(b))
	}
}

// A data folder lies in somebody's home folder: its name is not for a support
// file.
func TestDoctorNamesNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "wang")
	if err := os.MkdirAll(filepath.Join(dir, databaseFile), 0o700); err != nil { // a folder, and no database
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, inUseFile), 0o700); err != nil {
		t.Fatal(err)
	}
	e := examination{ctx: t.Context(), data: dir}
	if state, text := e.database(); state != bad || strings.Contains(text, "wang") || !strings.Contains(text, "the data folder") {
		t.Error(state, text)
	}
}

func TestDoctorLeavesARunningProgramAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, databaseFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := newFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	e := examination{ctx: t.Context(), data: dir}
	if state, text := e.database(); state != careful || !strings.Contains(text, "running") {
		t.Error(state, text)
	}
}
