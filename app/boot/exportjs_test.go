package boot

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"jishan/crdt/engine"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Every document of a community, exported, opens in the JavaScript Automerge
// with the values that the store shows.
func TestExportOpensInJavaScript(t *testing.T) {
	js := filepath.Join("..", "..", "crdt", "engine", "js")
	node, err := exec.LookPath("node")
	if err != nil || !engine.Available() {
		t.Skip("SKIPPED: no node, or a build without automerge-go, so nothing was exported")
	}
	if _, err := os.Stat(filepath.Join(js, "node_modules", "@automerge", "automerge")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
		install.Dir = js
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci failed, so the JavaScript Automerge was not asked: %v\n%s", err, out)
		}
	}
	dir := settled(t)
	want := shownValues(t, dir)
	if len(want) < 4 {
		t.Fatalf("only %d documents to export", len(want))
	}
	for id, values := range want {
		file := filepath.Join(t.TempDir(), "x.automerge")
		if got := run(t, "doc", "export", string(id), "--data", dir, "--out", file); got.code != 0 {
			t.Fatal(id, got)
		}
		cmd := exec.CommandContext(t.Context(), node, "show.js", file)
		cmd.Dir = js
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(id, err)
		}
		got := map[string]string{}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(id, err)
		}
		if !maps.Equal(got, values) {
			t.Errorf("%s: JavaScript shows\n%v\nthe store holds\n%v", id, got, values)
		}
	}
}

// shownValues reads what each document shows, as show.js prints it.
func shownValues(t *testing.T, dir string) map[store.DocID]map[string]string {
	t.Helper()
	st, err := store.OpenReading(t.Context(), filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	all := map[store.DocID]map[string]string{}
	err = st.View(t.Context(), func(q store.Querier) error {
		docs, err := store.Docs(q)
		if err != nil {
			return err
		}
		for _, d := range docs {
			values := map[string]string{}
			err := store.Each(q, d.ID, func(_ wire.Actor, s store.Stored) error {
				ch, _, err := wire.Decode(s.Chunk)
				if err == nil && d.Shape == store.Feed {
					values[ch.Ops[0].Key] = text(ch.Ops[0].Value)
				}
				return err
			})
			if err != nil {
				return err
			}
			list, err := store.Registers(q, d.ID)
			if err != nil {
				return err
			}
			for _, r := range list {
				values[r.Key] = text(r.Fields[0].Value)
			}
			all[d.ID] = values
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func text(v wire.Value) string {
	switch v.Kind {
	case wire.Bytes:
		return hex.EncodeToString([]byte(v.Raw))
	case wire.String:
		return v.Raw
	case wire.True:
		return "true"
	case wire.False:
		return "false"
	case wire.Null:
		return "null"
	}
	return strconv.FormatInt(v.Num, 10)
}
