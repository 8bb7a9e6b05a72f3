package node

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// foundWithKey founds a community and returns its recovery key.
func foundWithKey(t *testing.T, d *device) string {
	t.Helper()
	out := d.must("setup.create", object{"community": "柳溪社区", "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{"一网格"}})
	key := out["recoveryKey"].(string)
	d.must("setup.checkRecovery", object{"text": key})
	return key
}

// backedUp makes a backup and returns its path.
func backedUp(t *testing.T, d *device) string {
	t.Helper()
	out := d.must("backup.now", object{})
	list := out["backups"].([]any)
	if len(list) == 0 {
		t.Fatal("there is no backup")
	}
	return filepath.Join(out["folder"].(string), list[0].(object)["name"].(string))
}

// TestOfficeBurnsDown: the office's computer is gone. With a backup and the
// paper another machine is the same device, hears from the station what came
// after the backup, and gets back what the lost one held.
func TestOfficeBurnsDown(t *testing.T) {
	office := start(t, t.TempDir())
	key := foundWithKey(t, office)
	stick := t.TempDir()
	office.must("backup.folder", object{"path": stick})
	station := join(t, office, "station", "桂花实践站")
	before := office.must("people.register", person("居民甲", "13900000001"))["id"]
	file := backedUp(t, office)
	after := office.must("people.register", person("居民乙", "13900000002"))["id"]
	eventually(t, "the station has both", func() bool {
		got, err := station.call("people.get", object{"id": after})
		return err == nil && number(got["spendable"]) == 10
	})
	was, wrote := office.must("app.state", object{})["device"].(object)["id"], office.writer()
	office.stop()
	if err := os.RemoveAll(office.dir); err != nil {
		t.Fatal(err)
	}

	again := start(t, t.TempDir())
	again.must("setup.restore", object{"path": file, "key": strings.ToLower(strings.ReplaceAll(key, "-", " "))})
	state := again.must("app.state", object{})
	if got := state["device"].(object); got["id"] != was || got["role"] != "office" {
		t.Fatalf("it is another device: %v", got)
	}
	if again.writer() == wrote {
		t.Error("it writes on as the incarnation that was lost")
	}
	for _, id := range []any{before, after} {
		eventually(t, "the points are back", func() bool {
			got, err := again.call("till.pull", object{"person": id, "need": 10})
			return err == nil && number(got["here"]) == 10
		})
	}
	again.must("people.register", person("居民丙", "13900000003"))
}

// A backup opens with one key, into a new folder, or nothing is done at all.
func TestRestoreRefuses(t *testing.T) {
	office := start(t, t.TempDir())
	key := foundWithKey(t, office)
	file := backedUp(t, office)
	office.refuses("setup.done", "setup.restore", object{"path": file, "key": key})
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.backup")
	if err := os.WriteFile(cut, b[:len(b)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	other := foundWithKey(t, start(t, t.TempDir()))
	fresh := start(t, t.TempDir())
	files := listed(t, fresh.dir)
	fresh.refuses("backup.key", "setup.restore", object{"path": file, "key": other})
	fresh.refuses("govern.recovery.length", "setup.restore", object{"path": file, "key": "ABCD"})
	fresh.refuses("backup.damaged", "setup.restore", object{"path": cut, "key": key})
	fresh.refuses("backup.missing", "setup.restore", object{"path": file + "x", "key": key})
	fresh.refuses("backup.missing", "setup.restore", object{"path": "relative", "key": key})
	if now := listed(t, fresh.dir); now != files {
		t.Errorf("left behind: %s, before: %s", now, files)
	}
	fresh.must("setup.restore", object{"path": file, "key": key})
}

func listed(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return strings.Join(names, " ")
}

// Once a day there is a backup, a week of them is kept, and what lies beside
// them in the folder is others'.
func TestBackupsOfAWeek(t *testing.T) {
	k := &clock{}
	office := foundBy(t, k)
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	stick := t.TempDir()
	office.must("backup.folder", object{"path": stick})
	foreign := filepath.Join(stick, "jishan-ffffffff-20200101-000000.backup")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for day := range backupsKept + 2 {
		if !c.backupDue() {
			t.Fatalf("day %d: no backup is due", day)
		}
		file := backedUp(t, office)
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
		now := time.UnixMilli(office.now())
		if err := os.Chtimes(file, now, now); err != nil {
			t.Fatal(err)
		}
		if c.backupDue() {
			t.Fatalf("day %d: a backup is due at once", day)
		}
		k.ahead.Add(int64(backupEvery))
	}
	if n := len(office.must("backup.state", object{})["backups"].([]any)); n != backupsKept {
		t.Errorf("%d backups are kept", n)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error("another device's backup is gone")
	}
	if _, err := os.Stat(filepath.Join(office.dir, snapshotFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the copy of the database was left")
	}
	office.refuses("backup.folder", "backup.folder", object{"path": filepath.Join(stick, "none")})
	office.refuses("backup.folder", "backup.folder", object{"path": "relative"})
}

// TestBackupsAtOnce: a backup that begins while another one is written takes
// nothing of it away.
func TestBackupsAtOnce(t *testing.T) {
	office := found(t)
	errs := make(chan error)
	const n = 6
	for range n {
		go func() {
			_, err := office.Call(t.Context(), "backup.now", []byte("{}"))
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestRestoreIsCutOff: what a restore left behind is gone at the next start, or
// is finished, if it was whole; and a rollback journal that lies about undoes
// nothing of what was restored.
func TestRestoreIsCutOff(t *testing.T) {
	office := start(t, t.TempDir())
	key := foundWithKey(t, office)
	id := office.must("people.register", person("居民甲", "13900000001"))["id"]
	file := backedUp(t, office)
	office.stop()

	whole := t.TempDir()
	d := start(t, whole)
	journal := make([]byte, 512) // says: the file was empty, with sectors of 512 and pages of 4096
	copy(journal, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
	copy(journal[20:], "\x00\x00\x02\x00\x00\x00\x10\x00")
	for name, b := range map[string][]byte{databaseFile: {}, databaseFile + "-journal": journal} {
		if err := os.WriteFile(filepath.Join(whole, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.must("setup.restore", object{"path": file, "key": key})
	if got := d.person(id); got["name"] != "居民甲" {
		t.Errorf("restored beside a journal: %v", got)
	}
	if got := d.must("recovery.look", object{}); got["checked"] != true {
		t.Error("the key that was typed counts as never typed")
	}
	said := false
	for _, a := range d.must("alarms.list", object{})["alarms"].([]any) {
		said = said || a.(object)["code"] == alarmRestored
	}
	if !said {
		t.Error("nothing says that a backup was restored")
	}
	d.stop()

	// as a kill after unpacking leaves it
	left := t.TempDir()
	if err := os.Mkdir(filepath.Join(left, restoredFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{databaseFile, settingsFile, "device.key"} {
		b, err := os.ReadFile(filepath.Join(whole, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(left, restoredFolder, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// and between two of the moves
	if err := os.Rename(filepath.Join(left, restoredFolder, databaseFile), filepath.Join(left, databaseFile)); err != nil {
		t.Fatal(err)
	}
	d = start(t, left)
	if got := d.person(id); got["name"] != "居民甲" {
		t.Errorf("finished at the start: %v", got)
	}
	d.stop()

	// as a kill while unpacking leaves it
	cut := t.TempDir()
	if err := os.Mkdir(filepath.Join(cut, restoreFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cut, restoreFolder, "device.key"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	d = start(t, cut)
	if names := listed(t, cut); strings.Contains(names, "restore") {
		t.Errorf("left in the folder: %s", names)
	}
	if got := d.must("app.state", object{})["phase"]; got != "new" {
		t.Errorf("phase %v", got)
	}
}
