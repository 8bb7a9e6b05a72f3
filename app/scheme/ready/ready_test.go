package ready

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/scheme"
)

// TestBooks: every rulebook reads in whole, says how much of it was reported, and
// names rows of the reports that exist.
func TestBooks(t *testing.T) {
	rows := reportRows(t)
	list, err := List()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := files.ReadDir(".")
	if err != nil || len(entries) != len(list) {
		t.Fatalf("%d files, %d books: %v", len(entries), len(list), err)
	}
	form := regexp.MustCompile(`^A\d+$`)
	for _, b := range list {
		d, err := Read(b.ID, scheme.Scheme{})
		if err != nil || d.Bad > 0 || d.Good != b.Items || b.Title == "" || b.About == "" || b.Reported == 0 {
			t.Errorf("%+v: %d good, %d bad: %v", b, d.Good, d.Bad, err)
		}
		sheet, err := cells(b.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range d.Rows {
			for _, p := range r.Problems {
				t.Errorf("%s, line %d: %+v", b.ID, r.Line, p)
			}
			for _, a := range strings.Fields(reported(sheet, r.Line)) {
				if !form.MatchString(a) || !rows[a] {
					t.Errorf("%s, line %d: the reports have no row %q", b.ID, r.Line, a)
				}
			}
		}
	}
	if _, err := Read("../scheme", scheme.Scheme{}); fault.Of(err).Code != "scheme.ready.unknown" {
		t.Errorf("a book that is none: %v", err)
	}
}

// reportRows are the rows that the table of reported systems has.
func reportRows(t *testing.T) map[string]bool {
	text, err := os.ReadFile("../../../docs/reported-systems.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| (A\d+) \|`).FindAllStringSubmatch(string(text), -1) {
		out[m[1]] = true
	}
	return out
}

// TestReportedFigures: the figures that the reports give come out of the books.
func TestReportedFigures(t *testing.T) {
	for _, c := range []struct {
		book, item string
		amount     scheme.Amount
		want       int64
	}{
		{"tangshan", "文明引导", scheme.Amount{Minutes: 60}, 2},          // A7
		{"tangshan", "文明引导", scheme.Amount{Minutes: 29}, 0},          // A7: every half hour
		{"taiyuan", "环境卫生整治", scheme.Amount{Minutes: 60}, 3},         // A111
		{"taiyuan", "环境卫生整治", scheme.Amount{Minutes: 59}, 0},         // A111: a full hour
		{"taiyuan", "社区公益课授课", scheme.Amount{}, 5},                   // A112
		{"taiyuan", "成功调解邻里纠纷", scheme.Amount{}, 8},                  // A113
		{"taiyuan", "帮助居民维修家电", scheme.Amount{}, 3},                  // A114
		{"tongyu", "帮邻居干农活", scheme.Amount{Minutes: 600}, 150},       // A93
		{"zhenlai", "捡拾农药瓶、农药袋", scheme.Amount{Count: 12700}, 12700}, // A81
		{"bengbu", "修剪绿篱、养护花木", scheme.Amount{}, 3},                  // A155
		{"bengbu", "报名参加文明楼道评比", scheme.Amount{}, 2},                 // A156
		{"bengbu", "所在楼道评为文明楼道", scheme.Amount{}, 3},                 // A156
		{"bengbu", "毁绿种菜", scheme.Amount{}, 3},                       // A157, taken away
		{"bozhou", "剪纸等非遗体验", scheme.Amount{}, 30},                   // A174
		{"jingde", "年度基础分", scheme.Amount{}, 0},                      // A178: by the budget, never by a deed
	} {
		i := find(t, c.book, c.item)
		if got := i.Worth(c.amount); got != c.want {
			t.Errorf("%s, %s: %d points for %+v, want %d", c.book, c.item, got, c.amount, c.want)
		}
	}
	if i := find(t, "jingde", "年度基础分"); i.Kind != scheme.Base || i.Points != 100 {
		t.Errorf("base points: %+v", i)
	}
	if i := find(t, "bengbu", "毁绿种菜"); !i.Takes() {
		t.Errorf("it takes nothing away: %+v", i)
	}
	for book, want := range map[string][3]int{"bengbu": {7, 0, 62}, "bozhou": {5, 25, 38}} { // A154, A170
		if got := levels(t, book); got != want {
			t.Errorf("%s has levels %v, want %v", book, got, want)
		}
	}
}

func find(t *testing.T, book, name string) scheme.Item {
	t.Helper()
	d, err := Read(book, scheme.Scheme{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range d.Items() {
		if i.Name == name {
			return i
		}
	}
	t.Fatalf("%s has no item %s", book, name)
	return scheme.Item{}
}

func levels(t *testing.T, book string) [3]int {
	d, err := Read(book, scheme.Scheme{})
	if err != nil {
		t.Fatal(err)
	}
	groups, subs := map[string]bool{}, map[string]bool{}
	for _, i := range d.Items() {
		groups[i.Group] = true
		if i.Sub != "" {
			subs[i.Group+"/"+i.Sub] = true
		}
	}
	return [3]int{len(groups), len(subs), len(d.Rows)}
}
