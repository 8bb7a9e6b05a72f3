package people_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
)

// paste is a roster of n rows as Excel copies it.
func paste(n int) string {
	var b strings.Builder
	b.WriteString("柳溪社区志愿者花名册\n姓名*\t手机（必填）\t所属网格\t住址\t户主\t累计积分\t年度积分\t可用积分\n")
	family := []string{"赵", "钱", "孙", "李", "周", "吴", "郑", "王"}
	for i := range n {
		fmt.Fprintf(&b, "%s%s\t138%08d\t第一网格\t%d号楼%d室\t%s\t%d\t%d\t%d\n", family[i%8], string(rune('一'+i*3)), 10000000+i, i/4+1, i%4+1,
			"户"+fmt.Sprint(i/4), 100+i, 50+i, 20+i)
	}
	return b.String()
}

func (m *member) preview(text string) people.RosterPreview {
	m.t.Helper()
	v, err := m.PreviewText(ctx, text)
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

func TestRosterOfTwentyRows(t *testing.T) {
	w := newWorld(t, 30)
	o := w.office()
	v := o.preview(paste(20))
	if v.Good != 20 || v.Bad != 0 || v.Doubles != 0 || v.Rows[0].Line != 3 {
		t.Fatalf("%d good, %d bad: %+v", v.Good, v.Bad, v.Rows[0])
	}
	var steps []int
	got, err := o.Import(ctx, "op", v.Token, func(done, total int) { steps = append(steps, done) })
	if err != nil || got.Count != 20 || got.Undo == "" || !slices.Equal(steps, []int{20}) {
		t.Fatalf("%+v %v %v", got, steps, err)
	}
	rows := o.list(people.Ask{Sort: "lifetime", Desc: true}).Rows
	if len(rows) != 20 || rows[0].Lifetime != 119 || rows[0].Year != 69 || rows[0].Spendable != 39 || rows[0].Here != 39 || rows[0].OnTheWay != 0 {
		t.Fatalf("%+v", rows[0])
	}
	if p := o.get(rows[0].ID); len(p.Members) != 4 || p.GridName != "第一网格" {
		t.Errorf("household: %+v", p)
	}
	if n, err := o.AwardDue(ctx, "op", 100); n != 0 || err != nil {
		t.Errorf("a bonus for who brought points: %d %v", n, err)
	}
	again := o.preview(paste(20))
	if again.Doubles != 20 || again.Good != 0 || again.Rows[3].Double == "" {
		t.Errorf("again: %d doubles, %d good", again.Doubles, again.Good)
	}
	if _, err := o.Import(ctx, "op", v.Token, nil); !errors.Is(err, fault.New("people.roster.token")) {
		t.Errorf("imported twice: %v", err)
	}
}

// TestRosterOfAHouseholdThatIsThere: who comes with somebody who is registered joins the
// household that one is in; where there is none, that is said, and nobody is moved.
func TestRosterOfAHouseholdThatIsThere(t *testing.T) {
	w := newWorld(t, 34)
	o := w.office()
	in := func(text string) people.RosterPreview {
		t.Helper()
		v := o.preview(text)
		if _, err := o.Import(ctx, "op", v.Token, nil); err != nil {
			t.Fatal(err)
		}
		return v
	}
	in("姓名,电话,户主\n张三,13800000001,张三\n李四,13800000002,张三\n王五,13800000003,\n")
	v := in("姓名,电话,户主\n张三,13800000001,张三\n赵六,13800000004,张三\n王五,13800000003,王五\n孙七,13800000005,王五\n")
	if v.Good != 2 || v.Doubles != 2 || len(v.Rows[1].Notes) != 0 || len(v.Rows[3].Notes) != 1 || v.Rows[3].Notes[0].Code != "people.roster.home" {
		t.Fatalf("%+v", v)
	}
	for name, want := range map[string]int{"张三": 3, "赵六": 3, "王五": 0, "孙七": 0} {
		row := o.list(people.Ask{Q: name, Sort: "name"}).Rows[0]
		if p := o.get(row.ID); len(p.Members) != want {
			t.Errorf("%s: %d in the household, want %d", name, len(p.Members), want)
		} else if want > 0 && p.Members[0].Name != "张三" {
			t.Errorf("%s: the head is %+v", name, p.Members[0])
		}
	}
}

func TestRosterOnAStationIsOnTheWay(t *testing.T) {
	w := newWorld(t, 31)
	s := w.join("站", govern.Station)
	w.meet(w.office(), s)
	if _, err := s.Import(ctx, "op", s.preview("姓名,电话,可用积分\n张三,13800000001,95\n李四,13800000002,\n").Token, nil); err != nil {
		t.Fatal(err)
	}
	way := map[string]int64{}
	for _, r := range s.list(people.Ask{}).Rows {
		way[r.Name] = r.OnTheWay
	}
	if way["张三"] != 95 || way["李四"] != 10 {
		t.Errorf("on the way: %v", way)
	}
	w.meet(w.office(), s)
	if n, err := w.office().AwardDue(ctx, "op", 100); n != 2 || err != nil {
		t.Fatalf("booked %d, %v", n, err)
	}
	w.meet(w.office(), s)
	for _, r := range s.list(people.Ask{}).Rows {
		if r.Spendable != way[r.Name] || r.OnTheWay != 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestRosterShowsAllErrorsAtOnce(t *testing.T) {
	w := newWorld(t, 32)
	o := w.office()
	o.register(zhang)
	text := strings.Join([]string{
		"姓名,手机号码,身份证号,网格,家庭住址,出生日期,可用积分,备注",
		"李四,13900000001,,第一网格,1号楼,,,", // good
		",13900000002,,,,,,",                // no name
		"王5,12345,123,第九网格,,2999-01-01,-3,", // everything wrong
		"赵六,,,,,,,",                         // no contact
		"李四,13900000001,,,,,,",              // twice in the file
		"张三,13800001234,,,,,,",              // registered already
		"钱七,１３９００００００７７,,第二网格,,1960年1月2日,\"1,200\",",                              // full width, quotes
		strings.Repeat("长", 50) + ",13900000003,,,,,," + strings.Repeat("注", 600), // too long
		",,,,,,,", // empty
		"孙八,13900000009,,,,,99999999999,",
	}, "\n")
	v := o.preview(text)
	if v.Good != 2 || v.Doubles != 1 || v.Bad != 6 || len(v.Rows) != 9 {
		t.Fatalf("%d good, %d bad, %d doubles of %d", v.Good, v.Bad, v.Doubles, len(v.Rows))
	}
	want := map[int][]string{
		2: nil,
		3: {"name people.name.bad"},
		4: {"name people.name.bad", "phone people.phone.bad", "idNumber people.idNumber.bad", "birthday people.birthday.bad", "grid people.grid.unknown", "spendable people.points.bad"},
		5: {"phone people.contact.missing"},
		6: {"name people.roster.double"},
		7: nil, 8: nil,
		9:  {"name people.name.bad", "note people.note.bad"},
		11: {"spendable people.points.bad"},
	}
	for _, r := range v.Rows {
		var got []string
		for _, e := range r.Errors {
			got = append(got, e.Column+" "+e.Code)
		}
		if !slices.Equal(got, want[r.Line]) {
			t.Errorf("line %d: %v, not %v", r.Line, got, want[r.Line])
		}
	}
	if r, err := o.Roster(v.Token); err != nil || r.Bad != 6 {
		t.Errorf("asked again: %v", err)
	}
	if got, err := o.Import(ctx, "op", v.Token, nil); err != nil || got.Count != 2 {
		t.Errorf("%+v %v", got, err)
	}
	if got := o.found("13900000077"); !slices.Equal(got, []string{"钱七"}) {
		t.Errorf("%v", got)
	}
}

func TestRosterForms(t *testing.T) {
	w := newWorld(t, 33)
	o := w.office()
	for name, x := range map[string]struct {
		text    string
		columns []string
		good    int
	}{
		"spaces, no header": {"张三 13800000001 1号楼301室\n李四  13800000002  2号楼\n", []string{"name", "phone", "address"}, 2},
		"order, no header":  {"13800000001\t张三\n13800000002\t欧阳娜娜\n", []string{"phone", "name"}, 2},
		"id numbers":        {"张三," + idNumber + "\n", []string{"name", "idNumber"}, 1},
		"Chinese commas":    {"姓名，电话\r\n张三，13800000001\r\n", []string{"name", "phone"}, 1},
		"unknown column":    {"姓名\t政治面貌\t电话\n张三\t群众\t13800000001\n", []string{"name", "", "phone"}, 1},
		"mark":              {"\ufeff姓名,电话\n阿依古丽•买买提,13800000001\n", []string{"name", "phone"}, 1},
	} {
		v, err := o.PreviewText(ctx, x.text)
		if err != nil || !slices.Equal(v.Columns, x.columns) || v.Good != x.good {
			t.Errorf("%s: %v, %d good, %v %+v", name, v.Columns, v.Good, err, v.Rows)
		}
	}
	for text, code := range map[string]string{
		"": "people.roster.empty", " \n\t\n": "people.roster.empty", "姓名,电话\n": "people.roster.empty",
		"13800000001\n13800000002\n": "people.roster.columns", strings.Repeat("x", 9<<20): "people.roster.large",
	} {
		if _, err := o.PreviewText(ctx, text); !errors.Is(err, fault.New(code)) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	for i := range 6 { // old previews leave
		o.preview(fmt.Sprintf("姓名,电话\n张三,1380000000%d\n", i))
	}
}

func TestRosterMakesTheFirstGrids(t *testing.T) {
	w := newWorld(t, 34)
	o := w.office()
	o.Must(func(tx *store.Tx) error {
		return o.Charter.SetPolicy(tx, govern.GridSetting("g1", ""), govern.GridSetting("g2", ""))
	})
	v := o.preview("姓名,电话,网格\n张三,13800000001,东片\n李四,13800000002,西片\n王五,13800000003,东片\n")
	if v.Good != 3 {
		t.Fatalf("%+v", v.Rows)
	}
	if _, err := o.Import(ctx, "op", v.Token, nil); err != nil {
		t.Fatal(err)
	}
	grids, err := o.Grids(ctx)
	if err != nil || len(grids) != 2 || grids[0].Name != "东片" || grids[0].N != 2 {
		t.Errorf("%+v %v", grids, err)
	}
}

func TestRosterUndo(t *testing.T) {
	w := newWorld(t, 35)
	o := w.office()
	text := "姓名,电话,可用积分\n张三,13800000001,95\n李四,13800000002,\n"
	first, err := o.Import(ctx, "op", o.preview(text).Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := o.UndoImport(ctx, "op", first.Undo); n != 2 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	if page := o.list(people.Ask{}); page.Total != 0 {
		t.Errorf("still there: %+v", page.Rows)
	}
	if _, err := o.UndoImport(ctx, "op", first.Undo); !errors.Is(err, fault.New("people.roster.undo")) {
		t.Errorf("undone twice: %v", err)
	}
	second, err := o.Import(ctx, "op", o.preview(strings.Replace(text, "95", "90", 1)).Token, nil)
	if err != nil || second.Count != 2 {
		t.Fatalf("%+v %v", second, err)
	}
	if n, err := o.AwardDue(ctx, "op", 100); n != 0 || err != nil {
		t.Errorf("%d awarded, %v", n, err)
	}
	rows := o.list(people.Ask{Sort: "spendable", Desc: true}).Rows
	if len(rows) != 2 || rows[0].Spendable != 90 || rows[1].Spendable != 10 || rows[1].OnTheWay != 0 {
		t.Errorf("%+v", rows)
	}
	for _, undo := range []string{"", "x", people.ID{7}.String()} {
		if _, err := o.UndoImport(ctx, "op", undo); !errors.Is(err, fault.New("people.roster.undo")) {
			t.Errorf("%q: %v", undo, err)
		}
	}
}

func TestRosterUndoIsRefusedOnceSomethingWasBuiltOnIt(t *testing.T) {
	w := newWorld(t, 36)
	o := w.office()
	s := w.join("站", govern.Station)
	w.meet(o, s)
	got, err := o.Import(ctx, "op", o.preview("姓名,电话\n张三,13800000001\n李四,13800000002\n").Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.meet(o, s)
	id := s.list(people.Ask{Q: "李四"}).Rows[0].ID
	note := "改过"
	if _, err := s.Update(ctx, "op", id, people.Change{Note: &note}); err != nil {
		t.Fatal(err)
	}
	w.meet(o, s)
	if _, err := o.UndoImport(ctx, "op", got.Undo); !errors.Is(err, fault.New("people.roster.built")) {
		t.Errorf("%v", err)
	}
	if page := o.list(people.Ask{}); page.Total != 2 || page.Rows[0].Spendable != 10 {
		t.Errorf("half undone: %+v", page.Rows)
	}
}

func TestAPhoneThatAnotherRowHasIsNoted(t *testing.T) {
	w := newWorld(t, 37)
	o := w.office()
	first := o.preview("姓名,电话,可用积分\n张三,13800000001,\n李四,13800000001,\n王五,13800000002,95\n")
	if want := (people.Brought{Each: 10, People: 2, Opened: 1, Opening: 95}); first.Good != 3 || first.Bad != 0 || first.Points != want {
		t.Errorf("%d good, %d bad, %+v", first.Good, first.Bad, first.Points)
	}
	noted := func(r people.RosterRow, code, key string, want any) {
		t.Helper()
		if len(r.Notes) != 1 || r.Notes[0].Code != code || r.Notes[0].Params[key] != want || len(r.Errors) > 0 {
			t.Errorf("row %d: %+v", r.Line, r.Notes)
		}
	}
	noted(first.Rows[1], "people.roster.phone", "line", 2)
	twice := o.preview("姓名,电话\n张三,13800000009\n张三,13800000009\n")
	if r := twice.Rows[1]; len(r.Errors) != 1 || len(r.Notes) > 0 {
		t.Errorf("the same person twice: %+v", r)
	}
	if len(first.Rows[0].Notes)+len(first.Rows[2].Notes) > 0 {
		t.Errorf("%+v", first.Rows)
	}
	got, err := o.Import(ctx, "op", first.Token, nil)
	if err != nil || got.Count != 3 || got.Points != first.Points {
		t.Fatalf("%+v %v", got, err)
	}
	again := o.preview("姓名,电话,身份证号\n赵六,13800000002,\n张三,13800000001,\n孙七,,4.2E+17\n")
	noted(again.Rows[0], "people.roster.phoneKnown", "name", "王*")
	if again.Doubles != 1 || len(again.Rows[1].Notes) != 0 {
		t.Errorf("who is registered already: %+v", again.Rows[1])
	}
	if e := again.Rows[2].Errors; len(e) != 1 || e[0].Params["reason"] != "lost" {
		t.Errorf("what Excel cut: %+v", e)
	}
}

// An import that breaks off, after whichever row, leaves nobody; made again it
// enters everybody once.
func TestBrokenImportIsTakenBack(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, 31)
	o := w.office()
	const rows = 180
	text := paste(rows)
	count := func() int {
		page, err := o.List(t.Context(), people.Ask{Limit: 200, Sort: "name"})
		if err != nil {
			t.Fatal(err)
		}
		return page.Total
	}
	before := count()
	for range 2 {
		ctx, cut := context.WithCancel(t.Context())
		after := 1 + r.IntN(3) // batches of 50
		got, err := o.Import(ctx, "op", o.preview(text).Token, func(done, total int) {
			if after--; after == 0 {
				cut()
			}
		})
		cut()
		if err == nil || got.Count == 0 || got.Count >= rows || count() != before+got.Count {
			t.Fatalf("it did not break off: %d entered, %d there, %v", got.Count, count()-before, err)
		}
		if n, err := o.UndoBroken(t.Context()); err != nil || n != got.Count || count() != before {
			t.Fatalf("%d of %d taken back, %d there: %v", n, got.Count, count()-before, err)
		}
	}
	whole, err := o.Import(t.Context(), "op", o.preview(text).Token, nil)
	if err != nil || whole.Count != rows {
		t.Fatal(whole, err)
	}
	if n, err := o.UndoBroken(t.Context()); err != nil || n != 0 || count() != before+rows {
		t.Fatalf("%d of a whole import taken back, %d there: %v", n, count()-before, err)
	}
	if v := o.preview(text); v.Doubles != rows {
		t.Errorf("%d of %d are there", v.Doubles, rows)
	}
	if n, err := o.UndoImport(t.Context(), "op", whole.Undo); err != nil || n != rows {
		t.Errorf("%d taken back: %v", n, err)
	}
}
