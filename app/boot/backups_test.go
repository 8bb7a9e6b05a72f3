package boot

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackupAndRestore: the commands as somebody at a shell uses them.
func TestBackupAndRestore(t *testing.T) {
	data, key := t.TempDir(), ""
	p, err := openProduct(t.Context(), setup{data: data, p2p: off, phone: off}, data, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.Call(t.Context(), "setup.create", json.RawMessage(`{"community":"柳溪社区","parent":"","office":"1 号电脑","operator":"经办人甲","grids":[]}`))
	if err == nil {
		var b []byte
		if b, err = json.Marshal(made); err == nil {
			var r struct {
				RecoveryKey string `json:"recoveryKey"`
			}
			err = json.Unmarshal(b, &r)
			key = r.RecoveryKey
		}
	}
	if err != nil || key == "" {
		t.Fatal(made, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, paper, fresh := filepath.Join(dir, "a.backup"), filepath.Join(dir, "key.txt"), filepath.Join(dir, "new")
	if err := os.WriteFile(paper, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		says string
		in   string
		args []string
	}{
		{2, "--out FILE", "", []string{"backup", "--data", data}},
		{1, "no Jishan data", "", []string{"backup", "--data", dir, "--out", file}},
		{1, "is not there", "", []string{"backup", "--data", data, "--out", filepath.Join(dir, "gone", "x")}},
		{0, "bytes", "", []string{"backup", "--data", data, "--out", file}},
		{2, "argument", "", []string{"restore", "--data", fresh}},
		{1, "is not there", key, []string{"restore", filepath.Join(dir, "x"), "--data", fresh}},
		{1, "65 characters", "ABC\n", []string{"restore", file, "--data", fresh}},
		{1, "group 1 ", "Z" + key[1:], []string{"restore", file, "--data", fresh}},
		{1, "belongs to a community", key, []string{"restore", file, "--data", data}},
		{1, "no backup", key, []string{"restore", paper, "--data", fresh}},
		{0, "restored", "", []string{"restore", file, "--data", fresh, "--key-file", paper}},
		{1, "belongs to a community", key, []string{"restore", file, "--data", fresh}},
	} {
		var out, errs strings.Builder
		if code := Run(context.Background(), c.args, strings.NewReader(c.in), &out, &errs); code != c.code || !strings.Contains(out.String()+errs.String(), c.says) {
			t.Errorf("%q: %d %s%s", c.args, code, out.String(), errs.String())
		}
		if strings.Contains(out.String()+errs.String(), key) {
			t.Errorf("%q repeats the key", c.args)
		}
	}
	if code := Run(context.Background(), []string{"doc", "verify", "--data", fresh}, nil, io.Discard, os.Stderr); code != exitOK && code != exitMissing {
		t.Errorf("the restored documents: %d", code)
	}
}
