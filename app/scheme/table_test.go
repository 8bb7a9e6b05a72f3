package scheme

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"jishan/app/fault"
)

// pasted are the cells of a text as Excel puts it on the clipboard.
func pasted(text string) Cells {
	var c Cells
	for line := range strings.Lines(text) {
		c.Rows = append(c.Rows, strings.Split(strings.TrimRight(line, "\n"), "\t"))
	}
	return c
}

// sixtyTwo is a rulebook of 7 groups and 62 items, as 桃花园 has one: groups stand
// once, in the line of their first item.
func sixtyTwo() string {
	var b strings.Builder
	b.WriteString("某社区居民积分细则\n序号\t分值\t大类\t小项\n")
	n := 0
	for g, items := range []int{9, 9, 9, 9, 9, 9, 8} {
		for i := range items {
			n++
			group, points := "", "+2"
			if i == 0 {
				group = fmt.Sprintf("第%d类", g+1)
			}
			if i%4 == 3 {
				points = "-3"
			}
			fmt.Fprintf(&b, "%d\t%s\t%s\t事项%d\n", n, points, group, n)
		}
	}
	return b.String()
}

// thirtyEight is one of 5/25/38, as 花戏楼 has one.
func thirtyEight() string {
	var b strings.Builder
	b.WriteString("一级指标\t二级指标\t具体项目\t积分标准\t每月上限\n")
	n := 0
	for first := range 5 {
		for second := range 25 / 5 {
			items := 1
			if n < 38-25+first*5+second { // thirteen of the second level have two
				items = 2
			}
			if first*5+second >= 13 {
				items = 1
			}
			for i := range items {
				n++
				a, s := "", ""
				if second == 0 && i == 0 {
					a = fmt.Sprintf("一级%d", first+1)
				}
				if i == 0 {
					s = fmt.Sprintf("二级%d", first*5+second+1)
				}
				fmt.Fprintf(&b, "%s\t%s\t项目%d\t30分/次\t90\n", a, s, n)
			}
		}
	}
	return b.String()
}

func levels(d Draft) (groups, subs, items int) {
	g, s := map[string]bool{}, map[string]bool{}
	for _, i := range d.Items() {
		g[i.Group] = true
		if i.Sub != "" {
			s[i.Group+"/"+i.Sub] = true
		}
	}
	return len(g), len(s), len(d.Items())
}

func TestReadsTheRulebooksOfTheReportedCommunities(t *testing.T) {
	d, err := Read(pasted(sixtyTwo()), Scheme{})
	if err != nil || d.Bad != 0 {
		t.Fatal(err, d.Bad)
	}
	if g, s, n := levels(d); g != 7 || s != 0 || n != 62 || d.Levels != "大类/小项" {
		t.Errorf("%d groups, %d of the second level, %d items, %s", g, s, n, d.Levels)
	}
	if i := d.Items()[3]; i.Kind != Deduct || i.Points != 3 || i.Code != "A04" || i.Group != "第1类" {
		t.Errorf("%+v", i)
	}
	if items, err := clean(d.Items()); err != nil || len(items) != 62 {
		t.Error(err)
	}
	d, err = Read(pasted(thirtyEight()), Scheme{})
	if err != nil || d.Bad != 0 {
		t.Fatal(err, d.Bad)
	}
	if g, s, n := levels(d); g != 5 || s != 25 || n != 38 || d.Levels != "一级指标/二级指标/具体项目" {
		t.Errorf("%d/%d/%d, %s", g, s, n, d.Levels)
	}
	if i := d.Items()[37]; i.Kind != Deed || i.Points != 30 || i.MonthCap != 90 {
		t.Errorf("%+v", i)
	}
}

func TestPointsAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]Item{
		"3": {Kind: Deed, Points: 3}, "+3分": {Kind: Deed, Points: 3}, "－3": {Kind: Deduct, Points: 3}, "3.0": {Kind: Deed, Points: 3},
		"每半小时1分": {Kind: Time, Points: 1, Minutes: 30}, "15分/小时": {Kind: Time, Points: 15, Minutes: 60}, "2分/件": {Kind: Piece, Points: 2, Unit: "件"},
		"30分／次": {Kind: Deed, Points: 30},
	} {
		r := Row{Values: map[string]string{"points": text}}
		var i Item
		if r.readPoints(&i); i != want || len(r.Problems) > 0 {
			t.Errorf("%s: %+v %v", text, i, r.Problems)
		}
	}
}

// All that is wrong is said at once, by line and column.
func TestAllErrorsOfAllRowsAtOnce(t *testing.T) {
	text := "小项\t分值\t大类\t计分方式\t需见证\t频次\t编号\n" +
		"好的\t3\t甲\t\t\t\tX1\n" +
		"\t三分\t甲\t魔法\t也许\t\t\n" +
		"互助\t15\t甲\t互助用工\t\t\t\n" +
		"多次\t1\t甲\t按频次\t\t很多\tX1\n" +
		"好的\t-3\t甲\t按次\t\t\t\n" +
		"公式\t3\t甲\t\t\t\t\n"
	c := pasted(text)
	c.Formulas = map[[2]int]bool{{6, 1}: true}
	c.Merged = map[[2]int]Area{{6, 0}: {6, 0, 7, 0}, {6, 2}: {5, 2, 6, 2}}
	d, err := Read(c, Scheme{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, r := range d.Rows {
		for _, p := range r.Problems {
			got[r.Line] += p.Column + ":" + strings.TrimPrefix(p.Code, "scheme.") + " "
		}
	}
	for line, want := range map[int]string{
		2: "", 3: "name:item.name kind:row.word points:row.points witness:row.yes ", 4: "minutes:item.minutes monthCap:item.mutual ",
		5: "times:row.times code:row.code ", 6: "points:row.sign name:row.name ", 7: "name:row.merged points:row.formula ",
	} {
		if got[line] != want {
			t.Errorf("line %d: %q, want %q", line, got[line], want)
		}
	}
	if d.Good != 1 || d.Bad != 5 {
		t.Errorf("%d good, %d bad", d.Good, d.Bad)
	}
}

func TestSheetsThatAreNoRulebookAreRefusedInWords(t *testing.T) {
	for code, text := range map[string]string{
		"scheme.columns":        "姓名\t电话\n张三\t138\n",
		"scheme.empty":          "小项\t分值\n",
		"scheme.columns.double": "小项\t分值\t积分\n甲\t3\t3\n",
		"scheme.rows":           "小项\t分值\n" + strings.Repeat("甲\t3\n", 2*MaxItems+1),
		"scheme.large":          "小项\t分值\n" + strings.Repeat("甲\t3\n", MaxItems+1),
	} {
		if _, err := Read(pasted(text), Scheme{}); !errors.Is(err, fault.New(code)) {
			t.Errorf("want %s: %v", code, err)
		}
	}
}

// A rulebook that comes in again keeps its codes; a code never comes to mean
// another rule.
func TestCodesStayWithTheirRules(t *testing.T) {
	now := Scheme{Items: []Item{{Code: "HJ01", Group: "甲", Name: "清扫", Kind: Deed, Points: 1}, {Code: "A01", Group: "甲", Name: "旧的", Kind: Deed, Points: 1}}}
	d, err := Read(pasted("大类\t小项\t分值\n甲\t新的\t1\n甲\t清扫\t2\n"), now)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, i := range d.Items() {
		codes = append(codes, i.Code)
	}
	if !slices.Equal(codes, []string{"A02", "HJ01"}) {
		t.Error(codes)
	}
}

func TestWorthOfEveryKind(t *testing.T) {
	for name, c := range map[string]struct {
		item Item
		a    Amount
		want int64
	}{
		"a rest of half a unit": {Item{Kind: Time, Points: 1, Minutes: 30, Round: Half}, Amount{Minutes: 45}, 2},
		"a unit begun":          {Item{Kind: Time, Points: 1, Minutes: 30, Round: Begun}, Amount{Minutes: 31}, 2},
		"mutual labour":         {Item{Kind: Mutual, Points: 15, Minutes: 60}, Amount{Minutes: 600}, 150},
		"pieces":                {Item{Kind: Piece, Points: 2, Per: 5}, Amount{Count: 14}, 4},
		"a donation":            {Item{Kind: Donate, Points: 1, Per: 10}, Amount{Count: 99}, 9},
		"hard":                  {Item{Kind: Deed, Points: 3, Harder: 150}, Amount{Count: 3, Hard: 1}, 13},
		"very hard as hard":     {Item{Kind: Deed, Points: 2, Harder: 150}, Amount{Hard: 2}, 3},
		"a title twice":         {Item{Kind: Honour, Points: 30}, Amount{Count: 2}, 30},
		"base points":           {Item{Kind: Base, Points: 100}, Amount{}, 0},
		"a deduction":           {Item{Kind: Deduct, Points: 3}, Amount{Count: 5, Hard: 2}, 3},
	} {
		if got := c.item.Worth(c.a); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	often := Item{Kind: Often, Points: 2, Times: 3, Span: Weekly, DayCap: 2}
	if caps := often.Caps(); !slices.Equal(caps, []Cap{{Daily, 2}, {Weekly, 6}}) {
		t.Error(caps)
	}
	if caps := (Item{Kind: Honour, Points: 30}).Caps(); !slices.Equal(caps, []Cap{{Yearly, 30}}) {
		t.Error(caps)
	}
}

// Every field comes back from the encoding.
func TestWholeItemsReadBack(t *testing.T) {
	i := Item{Code: "A01", Group: "甲", Sub: "乙", Name: "丙", Kind: Mutual, Points: 15, Minutes: 60, Round: Half, Harder: 150, Hardest: 200, DayCap: 1, WeekCap: 2,
		MonthCap: 3, YearCap: 4, Witness: true, Review: true, Notice: 7, Self: true, Lead: true, For: "老人", Note: "说明", Locked: true}
	j := Item{Code: "A02", Name: "丁", Kind: Often, Points: 1, Times: 3, Span: Weekly}
	k := Item{Code: "A03", Name: "戊", Kind: Donate, Points: 1, Unit: "元", Per: 100}
	b := body{From: 5, By: "甲", Head: Head{Title: "细则", Levels: "一/二/三", Why: "意见", Source: "x", Upper: "街道", UpperKey: "k", UpperVersion: 3}, Items: []Item{i, j, k}}
	raw, err := b.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(raw)
	if err != nil || got.Head != b.Head || !slices.Equal(got.Items, b.Items) {
		t.Errorf("%v %+v", err, got)
	}
	for _, x := range b.Items {
		if list := x.problems(); len(list) > 0 {
			t.Error(list)
		}
	}
}
