//go:build linux

package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jishan/app/fault"
)

// mountsVar is set in the process that has mounts of its own.
const mountsVar = "JISHAN_TEST_MOUNTS"

// onOwnDisk plays a test in a mount namespace that this test process is started
// in once more: whatever happens to it, its disks vanish with it.
func onOwnDisk(t *testing.T, play func(t *testing.T)) {
	if os.Getenv(mountsVar) != "" {
		play(t)
		return
	}
	const private = "mount --make-rprivate / && "
	if out, err := exec.Command("unshare", "-m", "sh", "-c", private+"mount -t tmpfs none "+t.TempDir()).CombinedOutput(); err != nil {
		t.Skipf("this machine allows no mounts of its own: %v %s", err, out)
	}
	cmd := exec.Command("unshare", "-m", "sh", "-c", private+`exec "$0" -test.run "^$1\$" -test.count=1 -test.v`, os.Args[0], t.Name())
	cmd.Env = append(os.Environ(), mountsVar+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// TestFullDisk: the disk fills up under a running device. What was acknowledged
// is there, what was refused is not, reading goes on; no command leaves half a
// file; with room again all works on.
func TestFullDisk(t *testing.T) { onOwnDisk(t, fullDisk) }

func fullDisk(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	sh(t, "mount -t tmpfs -o size=24m,mode=0700 none "+disk)
	defer sh(t, "umount "+disk)
	data, out := filepath.Join(disk, "data"), filepath.Join(disk, "out")
	d := opened(t, data)
	if _, err := call[any](t.Context(), d.product, "setup.create", map[string]any{
		"community": "滨河社区", "parent": "河东街道", "office": "社区办公室", "operator": "经办人甲", "grids": []string{},
	}); err != nil {
		t.Fatal(err)
	}
	fill(t, disk, 1<<20)
	kept := 0
	var err error
	for err == nil && kept < 5000 {
		if err = registerNth(t, d, kept); err == nil {
			kept++
		}
	}
	if !errors.Is(err, fault.New("data.full")) || kept == 0 {
		t.Fatalf("after %d people: %v", kept, err)
	}
	if err := registerNth(t, d, 9999); !errors.Is(err, fault.New("data.full")) {
		t.Error("it writes on:", err)
	}
	if n := registered(t, d); n != kept {
		t.Errorf("%d people are shown, %d were acknowledged", n, kept)
	}
	s, err := call[struct{ Disk fault.Fault }](t.Context(), d.product, "app.state", struct{}{})
	if err != nil || s.Disk.Code != "data.full" {
		t.Errorf("what the screens say: %+v %v", s, err)
	}
	if err := d.close(); err != nil {
		t.Log("closing:", err) // may say that the disk is full
	}

	fill(t, disk, 0)
	scheme := strings.Fields(run(t, "doc", "list", "--data", data).out)[0]
	scheme = scheme[:strings.IndexByte(scheme, '/')] + "/scheme"
	for _, args := range append(ofFolder(disk), []string{"doctor", "--lan=off", "--support", out}) {
		if len(args) > 2 && args[2] == "scheme" {
			args[2] = scheme
		}
		before, _ := os.ReadDir(disk)
		got := runFor(t, time.Second, append(args, "--data", data)...)
		if got.code != exitOK && got.err != "" {
			sentenced(t, got.err, "", args)
		}
		if after, _ := os.ReadDir(disk); len(after) != len(before) {
			t.Errorf("%q: %+v left a file where there is no room for one: %v", args, got, after)
		}
	}

	if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
		t.Fatal(err)
	}
	d = opened(t, data)
	if n := registered(t, d); n != kept {
		t.Errorf("with room again: %d people, %d were acknowledged", n, kept)
	}
	if err := registerNth(t, d, kept); err != nil {
		t.Error("with room again:", err)
	}
	if err := d.close(); err != nil {
		t.Error(err)
	}
	for _, args := range [][]string{{"rebuild"}, {"doc", "list"}, {"doctor", "--lan=off"}} {
		if got := run(t, append(args, "--data", data)...); got.code != exitOK && args[0] != "doctor" || strings.Contains(got.out, "damaged") {
			t.Errorf("%q: %+v", args, got)
		}
	}
	t.Logf("%d people were acknowledged before the disk was full", kept)
}

func opened(t *testing.T, data string) *device {
	t.Helper()
	d, err := setup{data: data, p2p: off, phone: off}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fill leaves so many bytes of a disk.
func fill(t *testing.T, disk string, leave int64) {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(disk, &s); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(disk, "filler"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n := int64(s.Bavail)*s.Bsize - leave; n > 0 {
		if _, err := f.Write(make([]byte, n)); err != nil && !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
	}
}

func registerNth(t *testing.T, d *device, n int) error {
	t.Helper()
	_, err := call[any](t.Context(), d.product, "people.register", map[string]any{
		"name": "居民甲", "phone": fmt.Sprintf("138%08d", n), "idNumber": "", "birthday": "", "grid": "", "address": "1 号楼",
		"usualPlace": "", "skills": "", "note": strings.Repeat("长", 100), "guardian": "", "household": "",
	})
	return err
}

func registered(t *testing.T, d *device) int {
	t.Helper()
	list, err := call[struct{ Total int }](t.Context(), d.product, "people.list", map[string]any{"offset": 0, "limit": 1, "q": "", "grid": "", "sort": "name", "desc": false})
	if err != nil {
		t.Fatal(err)
	}
	return list.Total
}

// runFor runs a command that may go on until it is stopped.
func runFor(t *testing.T, limit time.Duration, args ...string) outcome {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	var out, err strings.Builder
	code := Run(ctx, args, strings.NewReader(""), &out, &err)
	return outcome{code, out.String(), err.String()}
}

// TestReadOnlyFolder: on a disk that can't be written every command says so, and
// afterwards all is as it was.
func TestReadOnlyFolder(t *testing.T) { onOwnDisk(t, readOnly) }

func readOnly(t *testing.T) {
	data, beside := settled(t), t.TempDir()
	sh(t, "mount --bind "+data+" "+data+" && mount -o remount,bind,ro "+data)
	for _, args := range ofFolder(beside) {
		if args[0] == "bundle" && args[1] == "import" { // the file comes first
			if err := os.WriteFile(args[2], []byte("garbage"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		refused(t, exitFailed, "read-only", append(args, "--data", data)...)
	}
	if got := run(t, "doctor", "--lan=off", "--data", data); got.err != "" || !strings.Contains(got.out, "read-only") {
		t.Errorf("the doctor: %+v", got)
	}
	sh(t, "umount "+data)
	if got := run(t, "rebuild", "--data", data); got.code != exitOK {
		t.Error("when it can be written again:", got)
	}
}
