package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jishan/crdt/engine"
)

// The test program is its own child, as the real one is.
func TestMain(m *testing.M) {
	engine.RunChildIfAsked()
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		os.Exit(Run(context.Background(), os.Args[2:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// tiny is enough for every path: the joined feed goes on in a second part.
var tiny = sizes{redeemStock: 200, redemptions: 40, warmUp: 2, join: 4_200, batch: 100, documents: 40, restart: 400}

// keys are the names and figures of each part that others read.
var keys = map[string][]string{
	"redeem":             {"p50_ms", "p99_ms", "reference_p99_ms", "ratio"},
	"cold_join":          {"entries", "seconds", "rss_mb", "reference_seconds", "reference_rss_mb"},
	"one_entry":          {"bytes", "round_trips"},
	"thousand_entries":   {"bytes", "raw_bytes", "ratio"},
	"thousand_documents": {"bytes", "round_trips"},
	"restart":            {"entries", "seconds"},
	"phone_garbage":      {"quiet_p99_ms", "p50_ms", "p99_ms", "requests_per_s", "reached"},
}

// mayLack are the figures that some systems and builds can't give.
var mayLack = []string{"rss_mb", "reference_seconds", "reference_rss_mb"}

// run measures tiny sizes and returns the object.
func run(t *testing.T, part string) map[string]map[string]float64 {
	t.Helper()
	var out, errs bytes.Buffer
	dir := t.TempDir()
	if err := measure(context.Background(), options{json: true, part: part, dir: dir, sizes: tiny}, &out, &errs); err != nil {
		t.Fatal(err, errs.String())
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(out.Bytes(), &raw); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	delete(raw, "notes")
	found := map[string]map[string]float64{}
	for name, b := range raw {
		var figures map[string]*float64
		if err := json.Unmarshal(b, &figures); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found[name] = map[string]float64{}
		for k, v := range figures {
			if found[name][k] = -1; v != nil { // null: not to be had on this machine
				found[name][k] = *v
			}
		}
	}
	return found
}

func TestEveryPart(t *testing.T) {
	found := run(t, "")
	for name, want := range keys {
		got := slices.Sorted(maps.Keys(found[name]))
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", name, got, want)
		}
		for k, v := range found[name] {
			if v <= 0 && (v != -1 || !slices.Contains(mayLack, k)) {
				t.Errorf("%s.%s is %v", name, k, v)
			}
		}
	}
	if len(found) != len(keys) {
		t.Errorf("parts: %v", slices.Sorted(maps.Keys(found)))
	}
	r, e := found["redeem"], found["thousand_entries"]
	ratio(t, "redeem", r["ratio"], r["p99_ms"], r["reference_p99_ms"])
	ratio(t, "thousand_entries", e["ratio"], e["bytes"], e["raw_bytes"])
	if n := found["cold_join"]["entries"]; n != float64(tiny.join) {
		t.Errorf("%v entries joined", n)
	}
	if n := found["restart"]["entries"]; n != float64(tiny.restart) {
		t.Errorf("restart with %v entries", n)
	}
}

func ratio(t *testing.T, name string, got, value, reference float64) {
	t.Helper()
	if want := value / reference; math.Abs(got-want) > 1e-9*want {
		t.Errorf("%s: ratio %v of %v and %v", name, got, value, reference)
	}
}

// What travels is no matter of speed: the aims of these parts hold in every
// run, on every machine.
func TestWireAims(t *testing.T) {
	for name, most := range map[string][2]float64{"one_entry": {360, 1}, "thousand_documents": {2048, 2}} {
		got := run(t, name)[name]
		if got["bytes"] > most[0] || got["round_trips"] != most[1] {
			t.Errorf("%s: %v, aim %v", name, got, most)
		}
	}
	if got := run(t, "thousand_entries")["thousand_entries"]["ratio"]; got > 1.05 {
		t.Errorf("thousand_entries: %vx", got)
	}
}

func TestQuickSaysSo(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Run(context.Background(), []string{"--json", "--quick", "--part", "one_entry"}, &out, &errs); code != exitOK {
		t.Fatal(code, errs.String())
	}
	if !strings.HasPrefix(out.String(), `{"quick":true,"one_entry":{"bytes":`) {
		t.Error(out.String())
	}
	out.Reset()
	if code := Run(context.Background(), []string{"--quick", "--part=one_entry"}, &out, &errs); code != exitOK || !strings.HasPrefix(out.String(), "one_entry ") {
		t.Error(code, out.String())
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--part", "nothing"}, {"redeem"}, {"--no-such-flag"}} {
		var out, errs bytes.Buffer
		if code := Run(context.Background(), args, &out, &errs); code != exitUsage || errs.Len() == 0 {
			t.Errorf("%v: exit code %d, %q", args, code, errs.String())
		}
	}
}

// A run that is called off ends soon, with a reason, and leaves nothing.
func TestCalledOff(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name := range keys {
		dir := t.TempDir()
		err := measure(ctx, options{part: name, dir: dir, sizes: tiny}, &bytes.Buffer{}, &bytes.Buffer{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("%s left %v", name, left)
		}
	}
}

func TestQuantile(t *testing.T) {
	list := []float64{5, 1, 4, 2, 3, 6, 10, 8, 7, 9}
	for q, want := range map[float64]float64{0: 1, 0.5: 5, 0.9: 9, 0.99: 10, 1: 10} {
		if got := quantile(list, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}

// The reference holds the same values as the feed's parts do.
func TestOneDocumentIsTheSame(t *testing.T) {
	l := newLab(t.TempDir(), tiny)
	d, err := l.office(t.Context(), "office")
	if err != nil {
		t.Fatal(err)
	}
	defer d.store.Close()
	if err := l.awards(d, tiny.join).fill(t.Context(), tiny.join); err != nil {
		t.Fatal(err)
	}
	chunks, err := d.oneDocument(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, err := engine.New(engine.Options{}).Verify(t.Context(), slices.Values(chunks))
	if errors.Is(err, engine.ErrUnavailable) {
		t.Skip(err)
	}
	if err != nil || v.Changes != tiny.join || len(v.Registers) != tiny.join || len(v.Heads) != 1 {
		t.Errorf("%d changes, %d keys, %d heads: %v", v.Changes, len(v.Registers), len(v.Heads), err)
	}
}
