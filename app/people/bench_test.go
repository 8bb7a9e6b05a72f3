package people_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"jishan/app/people"
)

// TestManyPeople shows that a large community opens and pages without a wait.
// JISHAN_PEOPLE raises the number for figures in docs/personal-data.md.
func TestManyPeople(t *testing.T) {
	n := 600
	if s := os.Getenv("JISHAN_PEOPLE"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t, 50)
	o := w.office()
	const header = "姓名,电话,网格,住址,可用积分\n"
	var b strings.Builder
	family := []rune("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜")
	given := []rune("芳伟敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志")
	for i := range n {
		fmt.Fprintf(&b, "%c%c%c,139%08d,第一网格,%d号楼%d室,20\n", family[i%len(family)], given[i/7%len(given)], given[i/3%len(given)], i, i/40+1, i%40+1)
	}
	start := time.Now()
	for part := range slices.Chunk(strings.SplitAfter(strings.TrimSpace(b.String()), "\n"), 20_000) {
		got, err := o.Import(ctx, "op", o.preview(header+strings.Join(part, "")).Token, nil)
		if err != nil || got.Count != len(part) {
			t.Fatalf("%+v %v", got, err)
		}
	}
	t.Logf("import of %d: %v", n, time.Since(start))
	fresh := people.New(o.Config)
	start = time.Now()
	if err := fresh.Open(ctx, o.Store); err != nil {
		t.Fatal(err)
	}
	t.Logf("open: %v", time.Since(start))
	timed := func(what string, a people.Ask, total int) {
		start := time.Now()
		page, err := fresh.List(ctx, a)
		if err != nil || page.Total < total {
			t.Errorf("%s: %d people, %v", what, page.Total, err)
		}
		t.Logf("%s: %v", what, time.Since(start))
	}
	timed("first page", people.Ask{Limit: 50}, n)
	timed("a page in the middle", people.Ask{Limit: 50, Offset: n / 2}, n)
	timed("the same again", people.Ask{Limit: 50, Offset: n / 2}, n)
	timed("by initials", people.Ask{Limit: 50, Q: "zf"}, 1)
	timed("by phone tail", people.Ask{Limit: 50, Q: "0123"}, 1)
	timed("sorted by points", people.Ask{Limit: 50, Sort: "spendable", Desc: true}, n)
	start = time.Now()
	id := o.register(people.NewPerson{Name: "新人", Phone: "13800000000"}).ID
	t.Logf("register one: %v", time.Since(start))
	start = time.Now()
	o.get(id)
	t.Logf("get one: %v", time.Since(start))
	timed("a page after a change", people.Ask{Limit: 50}, n)
}
