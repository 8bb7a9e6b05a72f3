package guest

import (
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/node"
)

func config(dir string) node.Config {
	return node.Config{Data: dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader,
		PINCost: govern.SealCost{Time: 1, Memory: 64, Threads: 1}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// at opens a node, does something there, and closes it.
func at(t *testing.T, dir string, do func(n *node.Node)) {
	t.Helper()
	n, err := node.Open(t.Context(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	do(n)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// community makes a folder that belongs to a new community.
func community(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at(t, dir, func(n *node.Node) {
		must(t, n, "setup.create", map[string]any{"community": name, "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{}, "pin": ""})
	})
}

// visited is a device with a folder of a second community, and the folder's name.
func visited(t *testing.T) (dir, first string) {
	t.Helper()
	dir = t.TempDir()
	community(t, dir, "柳溪社区")
	first = filepath.Join(dir, Folder, "1")
	if err := os.MkdirAll(first, 0o700); err != nil {
		t.Fatal(err)
	}
	at(t, dir, func(n *node.Node) {
		if err := n.GiveKey(first); err != nil {
			t.Fatal(err)
		}
	})
	community(t, first, "河湾社区")
	return dir, first
}

// started opens a device and lists what is open, and the reasons of what is not, by
// folder.
func started(t *testing.T, dir string) (d *Device, shut map[string]string) {
	t.Helper()
	d, err := Open(t.Context(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	list, err := d.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shut = map[string]string{}
	for _, v := range list {
		if v.Fault != nil {
			shut[v.Name] = v.Fault.Code
		}
	}
	return d, shut
}

// Of two copies of a community's folder one alone writes, the one that went on, by
// whatever number; the other one is shown with the reason.
func TestCopiedFolderIsNotOpened(t *testing.T) {
	for _, older := range []string{"2", "1"} {
		dir, first := visited(t)
		copied(t, first, filepath.Join(dir, Folder, "2"))
		newer := map[string]string{"1": "2", "2": "1"}[older]
		at(t, filepath.Join(dir, Folder, newer), func(n *node.Node) {
			must(t, n, "people.register", map[string]any{"name": "张三", "phone": "13900000001"})
		})
		d, shut := started(t, dir)
		if len(d.visits) != 1 || filepath.Base(d.visits[0].Folder()) != newer {
			t.Errorf("older %s: %d open", older, len(d.visits))
		}
		if len(shut) != 1 || shut[older] != "visits.copied" {
			t.Errorf("older %s: %v", older, shut)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A copy of the device's own folder among its communities is none of them, and one of
// another device's is not opened under that one's key.
func TestForeignFolderIsNotOpened(t *testing.T) {
	dir, _ := visited(t)
	_, theirs := visited(t)
	copied(t, theirs, filepath.Join(dir, Folder, "3"))
	own := filepath.Join(t.TempDir(), "own")
	copied(t, dir, own)
	if err := os.RemoveAll(filepath.Join(own, Folder)); err != nil {
		t.Fatal(err)
	}
	copied(t, own, filepath.Join(dir, Folder, "4"))
	d, shut := started(t, dir)
	if len(d.visits) != 1 || len(shut) != 2 || shut["3"] != "visits.key" || shut["4"] != "visits.copied" {
		t.Errorf("%d open, %v", len(d.visits), shut)
	}
	if _, err := call(t, d, "people.register", map[string]any{"name": "李四", "phone": "13900000002", "visit": "00000000000000000000000000"}); !errors.Is(err, fault.New("visits.unknown")) {
		t.Error(err)
	}
}
