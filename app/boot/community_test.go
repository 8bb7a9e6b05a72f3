package boot

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jishan/crdt/engine"
)

// settled makes a data folder of a community of one device.
func settled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	d, err := setup{data: dir, p2p: off, phone: off}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = call[any](t.Context(), d.product, "setup.create", map[string]any{
		"community": "滨河社区", "parent": "河东街道", "office": "社区办公室", "operator": "经办人 陈", "grids": []string{"一网格"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = call[any](t.Context(), d.product, "people.register", map[string]any{
		"name": "居民甲", "phone": "13800000001", "idNumber": "", "birthday": "", "grid": "", "address": "1 号楼",
		"usualPlace": "", "skills": "", "note": "", "guardian": "", "household": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFolderOfACommunity(t *testing.T) {
	dir := settled(t)
	in := func(args string) outcome { return run(t, append(strings.Fields(args), "--data", dir)...) }

	var list []docLine
	if got := in("doc list --json"); got.code != 0 || json.Unmarshal([]byte(got.out), &list) != nil || len(list) < 3 {
		t.Error(got)
	}
	if got := in("doc verify"); engine.Available() && (got.code != 0 || !strings.Contains(got.out, ", 0 wrong")) {
		t.Error(got)
	}
	for _, d := range list {
		if got := in("doc show " + d.ID); got.code != 0 || strings.Contains(got.out, "居民甲") || strings.Contains(got.out, "13800000001") {
			t.Error("a document in words must not hold a name or phone in the clear:", got)
		}
	}
	var r rebuilt
	if got := in("rebuild --json"); got.code != 0 || json.Unmarshal([]byte(got.out), &r) != nil || !r.OK || len(r.Differ) > 0 || r.Tables < 5 {
		t.Error(got)
	}
	if got := in("doctor --lan=off"); got.code != 0 || !strings.Contains(got.out, "sound; ") {
		t.Error(got)
	}

	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("garbage", 9999)), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, says := range map[string]string{
		"bundle import " + garbage:                   "no bundle",
		"bundle import " + garbage + "-gone":         "is not there",
		"bundle export --to nobody --out " + garbage: "no such device",
		"doc show nothing":                           "no document",
	} {
		if got := in(args); got.code != exitFailed || !strings.Contains(got.err, says) || got.out != "" {
			t.Errorf("%s: %+v", args, got)
		}
	}
}

func TestSpoiledFolders(t *testing.T) {
	dir := settled(t)
	for _, c := range []struct{ file, says string }{
		{"settings.json", "settings.json in the data folder can't be read"},
		{databaseFile, "damaged"},
	} {
		path := filepath.Join(dir, c.file)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{spoiled"+strings.Repeat("x", 9000)), 0o600); err != nil {
			t.Fatal(err)
		}
		got := run(t, "serve", "--data", dir, "--http", "127.0.0.1:0", "--p2p", "off", "--lan=off")
		if got.code != exitFailed || !strings.Contains(got.err, c.says) || strings.Count(got.err, "\n") != 1 {
			t.Errorf("%s: %+v", c.file, got)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := run(t, "doc", "list", "--data", dir); got.code != 0 {
		t.Error("the folder is whole again:", got)
	}
}
