package report

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/wire"
)

var (
	key   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	other = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
)

// of is a whole month's report.
func of(month string, figures map[string]int64) Report {
	t, _ := time.Parse("2006-01-02T15 -0700", month+"-01T00 +0800")
	end := t.AddDate(0, 1, 0).UnixMilli()
	return Report{Root: [32]byte{1}, Name: "柳溪社区", Site: govern.Site{Street: "光明路街道"}, Month: month, Number: 1, Made: end + 1, Upto: end, Figures: figures}
}

func signed(t *testing.T, r Report) []byte {
	t.Helper()
	raw, err := Sign(key, r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAReportProvesItself(t *testing.T) {
	r := of("2026-03", map[string]int64{"carried": 5, "awarded": 20, "redeemed": 7, "outstanding": 18, "ofNewerPrograms": 3})
	r.Outcomes = []Outcome{{Name: "矛盾纠纷", Before: 100, Now: 91}}
	raw := signed(t, r)
	got, err := Open(raw)
	if err != nil || got.Name != r.Name || !maps.Equal(got.Figures, r.Figures) || got.Outcomes[0] != r.Outcomes[0] {
		t.Fatalf("%v: %+v", err, got)
	}
	for i := range raw { // whatever byte is another one, it is refused
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if _, err := Open(bad); err == nil {
			t.Fatalf("byte %d was changed and the report passes", i)
		}
	}
	forged := got
	forged.Figures = maps.Clone(got.Figures)
	forged.Figures["awarded"], forged.Figures["outstanding"] = 30, 28
	if _, err := Open(must(encoding.Marshal(forged))); !errors.Is(err, fault.New("report.forged")) {
		t.Errorf("other figures under the old signature: %v", err)
	}
	later := got
	later.Version = 2
	if _, err := Open(must(encoding.Marshal(later))); !errors.Is(err, fault.New("report.newer")) {
		t.Errorf("a later version: %v", err)
	}
}

// Who signs may still say what can't be.
func TestReportsThatCantBe(t *testing.T) {
	for name, change := range map[string]func(*Report){
		"points that don't add up": func(r *Report) { r.Figures["outstanding"] = 1 },
		"more homes than there are": func(r *Report) {
			r.Figures["households"], r.Figures["away"], r.Figures["joined"] = 10, 4, 7
		},
		"less than nobody":       func(r *Report) { r.Figures["volunteers"] = -1 },
		"six stars":              func(r *Report) { r.Figures["reviews"], r.Figures["stars"] = 1, 6 },
		"more done than asked":   func(r *Report) { r.Figures["wishesDone"] = 1 },
		"a sum beyond all sums":  func(r *Report) { r.Figures["minutes"] = MaxFigure + 1 },
		"no month":               func(r *Report) { r.Month = "2026-13" },
		"days of the next month": func(r *Report) { r.Upto++ },
		"made before its end":    func(r *Report) { r.Made = r.Upto - 1 },
		"two lines of a name":    func(r *Report) { r.Name = "a\nb" },
		"one outcome twice":      func(r *Report) { r.Outcomes = []Outcome{{Name: "案件"}, {Name: "案件"}} },
		"a code with a blank":    func(r *Report) { r.Figures["a b"] = 1 },
		"number 0":               func(r *Report) { r.Number = 0 },
	} {
		r := of("2026-03", map[string]int64{"awarded": 20, "outstanding": 20})
		change(&r)
		if _, err := Sign(key, r); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func taken(t *testing.T, month string, figures map[string]int64, upto func(int64) int64) Taken {
	t.Helper()
	r := of(month, figures)
	r.Upto = upto(r.Upto)
	return Taken{Report: r}
}

func whole(ms int64) int64 { return ms }

// Months are folded as each figure wants it, communities added up; rates come from
// the sums.
func TestFold(t *testing.T) {
	members := []Member{{ID: govern.IDText(bytes.Repeat([]byte{1}, 16))}, {ID: govern.IDText(bytes.Repeat([]byte{2}, 16))}}
	of := func(community byte, x Taken) Taken {
		x.Root = [32]byte(bytes.Repeat([]byte{community}, 32))
		return x
	}
	end := func(month string) int64 {
		m, _ := time.Parse("2006-01-02T15 -0700", month+"-01T00 +0800")
		return m.AddDate(0, 1, 0).UnixMilli()
	}
	list := []Taken{
		of(1, taken(t, "2026-02", map[string]int64{"carried": 15, "awarded": 5, "outstanding": 20, "sessions": 2, "households": 31, "joined": 8, "best": 40}, whole)),
		of(1, taken(t, "2026-01", map[string]int64{"awarded": 15, "outstanding": 15, "sessions": 1, "households": 30, "joined": 10, "best": 50}, whole)),
		of(2, taken(t, "2026-02", map[string]int64{"carried": 7, "redeemed": 3, "outstanding": 4, "sessions": 4, "households": 9, "away": 2, "joined": 7, "best": 45},
			func(ms int64) int64 { return ms - 1 })),
		of(2, taken(t, "2025-12", map[string]int64{"awarded": 1000, "outstanding": 1000}, whole)), // not of the span
	}
	got := Fold(members, list, Months("2026-01", "2026-02"), end)
	for code, want := range map[string]int64{"carried": 7, "awarded": 20, "redeemed": 3, "outstanding": 24, "sessions": 7, "households": 40, "joined": 15, "best": 50} {
		if got.Sum[code] != want {
			t.Errorf("%s: %d, want %d", code, got.Sum[code], want)
		}
	}
	if rate := RatesOf(got.Sum)["joinRate"]; rate != 395 { // 15 of 38
		t.Errorf("joined: %d per mille", rate)
	}
	if got.Reported != 1 || len(got.Rows[0].Missing) != 0 || strings.Join(got.Rows[1].Missing, " ") != "2026-01 2026-02" || got.Rows[1].Last != "2026-02" {
		t.Errorf("reported %d; %v, %v", got.Reported, got.Rows[0].Missing, got.Rows[1].Missing)
	}
}

func TestRates(t *testing.T) {
	for _, x := range []struct {
		code string
		f    map[string]int64
		want int64
	}{
		{"redeemRate", map[string]int64{"redeemed": 7_897_000, "awarded": 12_556_000}, 629},
		{"redeemRate", map[string]int64{"redeemed": 5}, Unknown},
		{"redeemRate", map[string]int64{"redeemed": 65, "awarded": 10, "brought": 90}, 650}, // and never 6,500
		{"satisfaction", map[string]int64{"stars": 14, "reviews": 3}, 47},
		{"joinRate", map[string]int64{"households": 3, "away": 2, "unable": 1}, Unknown},
		{"contactTime", map[string]int64{"contactMinutes": 61, "contacted": 2}, 305},
	} {
		if got := RatesOf(x.f)[x.code]; got != x.want {
			t.Errorf("%s of %v: %d, want %d", x.code, x.f, got, x.want)
		}
	}
}

// What admission lets in, and what not.
func TestForm(t *testing.T) {
	raw := signed(t, of("2026-03", map[string]int64{"awarded": 1, "outstanding": 1}))
	h := hashOf(raw)
	name := "got/" + strings.ToLower(hexText(h[:])) + "/report"
	form := func(key string, v wire.Value) error { return Form(&wire.Change{Ops: []wire.Op{{Key: key, Value: v}}}) }
	outcomes := func(list ...Outcome) wire.Value {
		return wire.BytesValue(must(encoding.Marshal(hand{Format: format, At: 1, Outcomes: list})))
	}
	for what, err := range map[string]error{
		"a report":        form(name, wire.BytesValue(raw)),
		"outcomes":        form("hand/2026-03/outcomes", outcomes(Outcome{Name: "案件", Before: 3, Now: 2})),
		"a reminder":      form("urge/abc/at", wire.TimeValue(5)),
		"a newer format":  form("hand/2026-03/outcomes", wire.BytesValue(must(encoding.Marshal([]any{uint64(2), "x"})))),
		"of a newer kind": form("more/x/y", wire.StringValue("x")),
		"a newer report":  form("got/"+hexText(hashBytes("\x82\x02\x01"))+"/report", wire.BytesValue([]byte("\x82\x02\x01"))),
	} {
		if err != nil {
			t.Errorf("%s is refused: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"a report under another hash": form("got/"+strings.Repeat("0", 64)+"/report", wire.BytesValue(raw)),
		"outcomes below 0":            form("hand/2026-03/outcomes", outcomes(Outcome{Name: "案件", Before: -1})),
		"a member of nobody":          form("member/x/y", wire.BytesValue(must(encoding.Marshal(member{Format: format, At: 1})))),
		"a deletion":                  Form(&wire.Change{Ops: []wire.Op{{Key: name, Delete: true}}}),
		"a long key":                  form("urge/abc/at/more", wire.TimeValue(5)),
	} {
		if err == nil {
			t.Errorf("%s passes", what)
		}
	}
}

// A file is read whole or not at all; a street's word is signed.
func TestFiles(t *testing.T) {
	raw := signed(t, of("2026-03", map[string]int64{"awarded": 1, "outstanding": 1}))
	b, err := File([]Bundle{{Introduction: "JSI1:x", Reports: [][]byte{raw}}})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := ReadFile(b); err != nil || f.Carrier != nil || len(f.Bundles) != 1 || !bytes.Equal(f.Bundles[0].Reports[0], raw) {
		t.Errorf("%v: %+v", err, f)
	}
	for what, x := range map[string][]byte{"cut short": b[:len(b)-1], "with more behind it": append(bytes.Clone(b), 0), "another file": []byte("PK\x03\x04"), "empty": nil} {
		if _, err := ReadFile(x); !errors.Is(err, fault.New("report.file.bad")) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := ReadFile(bytes.Replace(b, []byte("report 1"), []byte("report 2"), 1)); !errors.Is(err, fault.New("report.newer")) {
		t.Errorf("a later file: %v", err)
	}
	if _, err := Forward(other, "not an introduction", []Bundle{{}}); err != nil {
		t.Fatal(err)
	}
}

func hexText(b []byte) string { return hex.EncodeToString(b) }
