package node

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/report"
	"jishan/crdt/store"
)

// village is a community as its county knows it: a charter of its own, a main device
// that signs, and a year of figures.
type village struct {
	name   string
	key    *govern.Device
	intro  govern.Introduction
	months []map[string]int64
}

// County figures of scenario 7.
const (
	villages    = 172
	households  = 52_767
	issued      = 12_556_000
	spent       = 7_897_000
	outstanding = 4_659_000
	best        = 18_262
)

// parts divides a sum at random over n, each at least least.
func parts(r *rand.Rand, sum, least int64, n int) []int64 {
	out := make([]int64, n)
	rest := sum - least*int64(n)
	for i := range out {
		x := rest
		if i < n-1 {
			x = r.Int64N(2*rest/int64(n-i) + 1)
		}
		out[i], rest = least+x, rest-x
	}
	return out
}

// county founds the villages, each with a charter of its own, and makes up their year:
// each spends no more than it has.
func county(t *testing.T, r *rand.Rand) []village {
	out := make([]village, villages)
	homes, got, gone := parts(r, households, 20, villages), parts(r, issued, 40_000, villages), parts(r, spent, 1_000, villages)
	for i := range out { // whoever was given too little to spend passes it on to a neighbour
		for j := 0; gone[i] > got[i]; j++ {
			if n := min(gone[i]-got[i], got[j]-gone[j]); n > 0 {
				gone[i], gone[j] = gone[i]-n, gone[j]+n
			}
		}
	}
	for i := range out {
		w := governtest.New(t, uint64(i+1), nil)
		v := village{name: fmt.Sprintf("第%d村", i+1), key: w.Office.Key}
		w.Office.Must(func(tx *store.Tx) error {
			return w.Office.Charter.SetPolicy(tx, govern.Setting{Key: "name", Text: v.name})
		})
		var err error
		if v.intro, err = w.Office.Charter.Introduce(v.key, w.Clock); err != nil {
			t.Fatal(err)
		}
		in, away, left := parts(r, got[i], 0, 12), gone[i], int64(0)
		for m := range 12 {
			f := map[string]int64{"carried": left, "awarded": in[m], "households": homes[i], "joined": homes[i] / 3, "away": homes[i] / 10, "best": 9_000 + r.Int64N(9_000)}
			f["redeemed"] = min(away, left+in[m])
			away -= f["redeemed"]
			left += in[m] - f["redeemed"]
			f["outstanding"] = left
			v.months = append(v.months, f)
		}
		if away != 0 {
			t.Fatalf("%s: %d points could not be spent", v.name, away)
		}
		out[i] = v
	}
	out[77].months[11]["best"] = best
	return out
}

// sign makes a village's report of a month by the product's own code.
func (v *village) sign(t *testing.T, month int, number uint64, f map[string]int64) []byte {
	t.Helper()
	first := time.Date(2026, time.Month(month+1), 1, 0, 0, 0, 0, time.FixedZone("", 8*60*60))
	end := first.AddDate(0, 1, 0).UnixMilli()
	raw, err := report.Sign(v.key.Private, report.Report{Root: v.intro.Root, Name: v.name, Site: govern.Site{Street: "光明路街道"}, Month: first.Format("2006-01"), Number: number,
		Made: end + int64(number)*60_000, Upto: end, Figures: f})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (v *village) file(t *testing.T, reports ...[]byte) []byte {
	t.Helper()
	raw, err := report.File([]report.Bundle{{Introduction: v.intro.String(), Reports: reports}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// takes lets a hub read a file and counts what became of the reports.
func (d *device) takes(raw []byte) map[string]int {
	d.t.Helper()
	out := map[string]int{}
	for _, x := range d.must("report.import", object{"file": base64.StdEncoding.EncodeToString(raw)})["came"].([]any) {
		state := x.(object)["state"].(string)
		if f, ok := x.(object)["fault"].(object); ok {
			state += " " + f["code"].(string)
		}
		out[state]++
	}
	return out
}

func (d *device) tookAs(raw []byte, want string, n int) {
	d.t.Helper()
	if got := d.takes(raw); len(got) != 1 || got[want] != n {
		d.t.Errorf("got %v, want %d × %s", got, n, want)
	}
}

// countyOffice founds the office of a county.
func countyOffice(t *testing.T, level string, k *clock) *device {
	d := startBy(t, t.TempDir(), k.now)
	d.must("setup.create", object{"community": "滦南县", "parent": "唐山市", "office": "县文明办", "operator": "经办人甲", "grids": []string{}, "level": level})
	return d
}

// TestScenario07County: 172 villages hand in a year of reports, in any order, some
// twice, some replaced; the county's sums are exact, who is missing is named, what is
// forged or foreign is refused in words, and the page is quick.
func TestScenario07County(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 7))
	var k clock
	k.set(2027, time.January, 5, 9)
	d := countyOffice(t, "district", &k)
	all := county(t, r)

	for _, i := range r.Perm(villages) {
		v := &all[i]
		if i == 0 { // a stranger is shown with its fingerprint, and listed once that was compared
			raw := v.file(t, v.sign(t, 0, 1, v.months[0]))
			d.tookAs(raw, "refused report.foreign", 1)
			x := d.must("report.import", object{"file": base64.StdEncoding.EncodeToString(raw)})["came"].([]any)[0].(object)
			if x["fingerprint"] != v.intro.Fingerprint() {
				t.Errorf("the fingerprint of %s is shown as %v", v.name, x["fingerprint"])
			}
		}
		d.must("report.list", object{"text": v.intro.String(), "level": ""})
	}
	for n, i := range r.Perm(villages) {
		v := &all[i]
		var reports [][]byte
		for _, m := range r.Perm(12) {
			if v != &all[5] || m != 11 { // one village owes December
				reports = append(reports, v.sign(t, m, 1, v.months[m]))
			}
		}
		d.tookAs(v.file(t, reports...), "new", len(reports))
		if n%10 == 0 {
			d.tookAs(v.file(t, reports...), "known", len(reports))
		}
	}

	began := time.Now()
	year := object{"from": "2026-01", "to": "2026-12"}
	page := d.must("report.table", year)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the page took %v", took)
	}
	if n := number(page["reported"]); n != villages-1 {
		t.Errorf("%d have reported all of the year, want %d", n, villages-1)
	}
	for _, x := range page["rows"].([]any) {
		row := x.(object)
		if missing := row["missing"].([]any); len(missing) > 0 && (row["name"] != all[5].name || missing[0] != "2026-12" || len(missing) != 1) {
			t.Errorf("%v lacks %v", row["name"], missing)
		}
	}
	d.must("report.urge", object{"month": "2026-12", "ids": []string{all[5].intro.Community()}})

	// December comes late; a village finds a mistake and hands in November again, and
	// an old file comes after that once more.
	d.tookAs(all[5].file(t, all[5].sign(t, 11, 1, all[5].months[11])), "new", 1)
	wrong := all[9].sign(t, 10, 1, all[9].months[10])
	better := maps.Clone(all[9].months[10])
	better["sessions"] = 41
	d.tookAs(all[9].file(t, all[9].sign(t, 10, 2, better)), "replaces", 1)
	d.tookAs(all[9].file(t, wrong), "known", 1)

	// What others make up.
	v := &all[20]
	inflated := maps.Clone(v.months[3])
	inflated["awarded"], inflated["outstanding"] = inflated["awarded"]+1_000_000, inflated["outstanding"]+1_000_000
	forged := bytes.Replace(v.sign(t, 3, 3, inflated), []byte(v.name), []byte("第99村")[:len(v.name)], 1)
	if len(v.name) != len("第99村") {
		t.Fatal("the names are not of one length")
	}
	d.tookAs(v.file(t, forged), "refused report.forged", 1)
	d.tookAs(v.file(t, all[21].sign(t, 3, 3, inflated)), "refused report.other", 1)
	thief := village{name: v.name, key: all[21].key, intro: v.intro}
	d.tookAs(thief.file(t, thief.sign(t, 3, 3, inflated)), "refused report.device", 1)
	d.refuses("report.file.bad", "report.import", object{"file": base64.StdEncoding.EncodeToString([]byte("PK\x03\x04"))})

	page = d.must("report.table", year)
	sum := page["sum"].(object)
	for code, want := range map[string]int64{"households": households, "awarded": issued, "redeemed": spent, "outstanding": outstanding, "best": best, "carried": 0, "sessions": 41} {
		if number(sum[code]) != want {
			t.Errorf("%s: %v, want %d", code, sum[code], want)
		}
	}
	if n := number(page["reported"]); n != villages {
		t.Errorf("%d have reported", n)
	}
	if rate := number(page["rates"].(object)["redeemRate"]); rate != 629 { // 7,897,000 of 12,556,000
		t.Errorf("redeemed: %d per mille", rate)
	}
	d.addsUpInExcel(year)
}

// addsUpInExcel recomputes the sums of the workbook from its sheet of months.
func (d *device) addsUpInExcel(span object) {
	d.t.Helper()
	f, err := d.File(d.t.Context(), "reports.xlsx", url.Values{"from": {span["from"].(string)}, "to": {span["to"].(string)}})
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	x, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		d.t.Fatal(err)
	}
	months, err := x.GetRows("各月", excelize.Options{RawCellValue: true})
	if err != nil {
		d.t.Fatal(err)
	}
	total := map[string]int64{}
	for _, row := range months[1:] {
		for i, cell := range row {
			var n int64
			if _, err := fmt.Sscan(cell, &n); err == nil {
				total[months[0][i]] += n
			}
		}
	}
	if len(months) != 1+12*villages || total["发放积分"] != issued || total["兑换积分"] != spent {
		d.t.Errorf("the workbook: %d rows, issued %d, redeemed %d", len(months), total["发放积分"], total["兑换积分"])
	}
}
