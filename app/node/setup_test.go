package node

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// spoil keeps the settings file from being written, as a full disk or a cut does
// after everything before it has succeeded; mend ends that.
func (d *device) spoil() {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Join(localPath(d.dir), "in the way"), 0o700); err != nil {
		d.t.Fatal(err)
	}
}

func (d *device) mend() {
	d.t.Helper()
	if err := os.RemoveAll(localPath(d.dir)); err != nil {
		d.t.Fatal(err)
	}
}

var founding = object{"community": "柳溪社区", "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{}}

// A stop between the genesis and the settings file, or at any step before,
// leaves a folder in which a community can be founded.
func TestFoundAfterAStop(t *testing.T) {
	for _, restart := range []bool{false, true} {
		d := start(t, t.TempDir())
		d.spoil()
		if _, err := d.call("setup.create", founding); err == nil {
			t.Fatal("founded without a settings file")
		}
		d.mend()
		if restart {
			d.stop()
			d = start(t, d.dir)
		}
		d.must("setup.create", founding)
		if p := d.must("app.state", object{})["phase"]; p != "ready" {
			t.Errorf("phase %v", p)
		}
		if left, err := filepath.Glob(filepath.Join(d.dir, "unfinished-*", databaseFile)); err != nil || len(left) != 1 {
			t.Errorf("put aside: %v %v", left, err)
		}
	}
	whole := found(t)
	whole.stop()
	for _, there := range [][]string{
		{lockFile}, {lockFile, incarnationFile}, {lockFile, incarnationFile, databaseFile},
		{lockFile, incarnationFile, databaseFile, databaseFile + "-wal"}, {databaseFile + "-wal", lockFile},
	} {
		dir := t.TempDir()
		for _, name := range there {
			b, err := os.ReadFile(filepath.Join(whole.dir, name))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d := start(t, dir)
		d.must("setup.create", founding)
		d.stop()
		d = start(t, dir)
		if p := d.must("app.state", object{})["phase"]; p != "ready" {
			t.Errorf("%v: phase %v", there, p)
		}
		d.stop()
	}
}

// The same for joining; the ticket is still good, since the joiner never said
// that it has everything.
func TestJoinAfterAStop(t *testing.T) {
	office := found(t)
	for _, restart := range []bool{false, true} {
		ticket := office.must("devices.ticket", object{"role": "station", "name": "二号站电脑", "placeName": "二号站"})
		join := object{"text": ticket["text"], "device": "二号站电脑", "operator": "经办人乙"}
		d := start(t, t.TempDir())
		d.spoil()
		if _, err := d.call("setup.join", join); err == nil {
			t.Fatal("joined without a settings file")
		}
		d.mend()
		if restart {
			d.stop()
			d = start(t, d.dir)
		}
		eventually(t, "joined with the same ticket", func() bool { // the office may think that the first one is still there
			_, err := d.call("setup.join", join)
			return err == nil
		})
		eventually(t, "the device is ready", func() bool { return d.must("app.state", object{})["phase"] == "ready" })
	}
}

// The recovery key is drawn once: it is told although the first PIN is not set.
func TestRecoveryKeyWithoutFirstPIN(t *testing.T) {
	d := start(t, t.TempDir())
	if err := os.MkdirAll(filepath.Join(d.dir, operatorsFile, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	with := maps.Clone(founding)
	with["pin"] = "258036"
	out := d.must("setup.create", with)
	if out["fault"] == nil {
		t.Error("nobody learns that the PIN was not set")
	}
	if ok := d.must("setup.checkRecovery", object{"text": out["recoveryKey"]}); ok["ok"] != true {
		t.Error("the recovery key is not the community's")
	}
	_ = os.RemoveAll(filepath.Join(d.dir, operatorsFile))
}
