package people_test

import (
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
)

func (m *member) one(name string) people.PersonRow {
	m.t.Helper()
	rows := m.list(people.Ask{Q: name}).Rows
	if len(rows) != 1 {
		m.t.Fatalf("%d rows of %s", len(rows), name)
	}
	return rows[0]
}

func (m *member) bring(text string) people.Imported {
	m.t.Helper()
	v := m.preview(text)
	if v.Bad != 0 || v.Doubles != 0 {
		m.t.Fatalf("%+v", v.Rows)
	}
	got, err := m.Import(ctx, "op", v.Token, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	return got
}

func has(t *testing.T, r people.PersonRow, lifetime, year, spendable int64) {
	t.Helper()
	if r.Lifetime != lifetime || r.Year != year || r.Spendable != spendable {
		t.Errorf("%s has %d/%d/%d, want %d/%d/%d", r.Name, r.Lifetime, r.Year, r.Spendable, lifetime, year, spendable)
	}
}

// Who can spend 95 points has earned 95, though the roster has one column.
func TestOpeningOfSpendableAlone(t *testing.T) {
	w := newWorld(t, 90)
	o := w.office()
	o.bring("姓名,电话,可用积分\n张三,13800000001,95\n")
	has(t, o.one("张三"), 95, 0, 95)
	o.bring("姓名,电话,年度积分,可用积分\n李四,13800000002,120,95\n")
	has(t, o.one("李四"), 120, 120, 95)
	v := o.preview("姓名,电话,累计积分,可用积分\n王五,13800000003,0,95\n赵六,13800000004,50,95\n")
	if v.Good != 1 || v.Rows[0].Values["lifetime"] != "95" || len(v.Rows[1].Errors) != 1 || v.Rows[1].Errors[0].Code != "people.points.less" ||
		v.Rows[1].Errors[0].Column != "lifetime" {
		t.Errorf("%+v", v.Rows)
	}
}

// Undoing takes statistics back as well, and a second import books them once.
func TestRosterUndoTakesStatisticsBack(t *testing.T) {
	w := newWorld(t, 91)
	o, s := w.office(), w.join("站", govern.Station)
	text := "姓名,电话,累计积分,年度积分,可用积分\n张三,13800000001,558,98,78\n李四,13800000002,300,40,\n王五,13800000003,0,0,0\n"
	check := func() {
		t.Helper()
		w.meet(o, s)
		for _, m := range []*member{o, s} {
			has(t, m.one("张三"), 558, 98, 78)
			has(t, m.one("李四"), 300, 40, 0)
			has(t, m.one("王五"), 0, 0, 0)
		}
	}
	for range 3 {
		got := o.bring(text)
		check()
		if v := o.preview(text); v.Doubles != 3 || v.Good != 0 {
			t.Errorf("the same roster again: %d good, %d doubles", v.Good, v.Doubles)
		}
		if n, err := o.UndoImport(ctx, "op", got.Undo); n != 3 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
		for _, name := range []string{"张三", "李四", "王五"} { // the ids come back without anything
			if page := o.list(people.Ask{Q: name}); page.Total != 0 {
				t.Errorf("%+v", page.Rows)
			}
		}
	}
	o.bring("姓名,电话\n李四,13800000002\n")
	w.meet(o, s)
	has(t, s.one("李四"), 10, 10, 10)
	o.bring("姓名,电话,累计积分,年度积分,可用积分\n张三,13800000001,558,98,78\n王五,13800000003,0,0,0\n")
	w.meet(o, s)
	has(t, s.one("张三"), 558, 98, 78)
}

// The form books what a roster would.
func TestRegisterWithOpening(t *testing.T) {
	w := newWorld(t, 92)
	o, s := w.office(), w.join("站", govern.Station)
	with := func(n people.NewPerson, lifetime, year, spendable int64) people.NewPerson {
		n.Opening = &people.Opening{Lifetime: lifetime, Year: year, Spendable: spendable}
		return n
	}
	n := with(people.NewPerson{Name: "王老", Address: "2-3-102"}, 0, 0, 95)
	if r := o.register(n); r.OnTheWay != 0 || r.Existing {
		t.Errorf("%+v", r)
	}
	has(t, o.one("王老"), 95, 0, 95)
	if r := o.register(n); !r.Existing {
		t.Errorf("registered twice: %+v", r)
	}
	has(t, o.one("王老"), 95, 0, 95)
	w.meet(o, s)
	if r := s.register(with(people.NewPerson{Name: "李老", Phone: "13800000009"}, 558, 98, 78)); r.OnTheWay != 78 {
		t.Errorf("at a station: %+v", r)
	}
	w.meet(o, s)
	for range 2 {
		if _, err := o.AwardDue(ctx, "op", 10); err != nil {
			t.Fatal(err)
		}
	}
	w.meet(o, s)
	has(t, s.one("李老"), 558, 98, 78)
	for code, n := range map[string]people.NewPerson{
		"people.points.less": with(people.NewPerson{Name: "赵六", Phone: "13800000008"}, 50, 0, 95),
		"people.points.bad":  with(people.NewPerson{Name: "赵六", Phone: "13800000008"}, 0, 0, -1),
	} {
		if _, err := o.Register(ctx, "op", n); !errors.Is(err, fault.New(code)) {
			t.Errorf("%+v: %v", *n.Opening, err)
		}
	}
	if _, err := o.Register(ctx, "op", with(people.NewPerson{Name: "赵六", Phone: "13800000008"}, 0, 0, 10_000_001)); !errors.Is(err, fault.New("people.points.bad")) {
		t.Errorf("%v", err)
	}
}

// Form and roster ask for the same.
func TestOneRuleForFormAndRoster(t *testing.T) {
	w := newWorld(t, 93)
	o := w.office()
	for name, c := range map[string]struct {
		row, code, reason string
		n                 people.NewPerson
	}{
		"nothing but a name": {"张三,,,", "people.contact.missing", "", people.NewPerson{Name: "张三"}},
		"an address":         {"张三,,,2-3-102", "", "", people.NewPerson{Name: "张三", Address: "2-3-102"}},
		"digits":             {"张三2,13800000001,,", "people.name.bad", "characters", people.NewPerson{Name: "张三2", Phone: "13800000001"}},
		"turned around":      {"张\u202e三,13800000001,,", "people.name.bad", "characters", people.NewPerson{Name: "张\u202e三", Phone: "13800000001"}},
		"a mark":             {"张三\u200f,13800000001,,", "people.name.bad", "characters", people.NewPerson{Name: "张三\u200f", Phone: "13800000001"}},
		"turned address":     {"张三,,,2\u2066-3", "people.address.bad", "characters", people.NewPerson{Name: "张三", Address: "2\u2066-3"}},
	} {
		_, err := o.Register(ctx, "op", c.n)
		v := o.preview("姓名,电话,身份证号,住址\n" + c.row + "\n")
		if c.code == "" {
			if err != nil || v.Doubles != 1 {
				t.Errorf("%s: %v, %+v", name, err, v.Rows)
			}
			continue
		}
		f := fault.Of(err)
		e := append(v.Rows[0].Errors, people.RosterError{})[0]
		if f.Code != c.code || e.Code != c.code || c.reason != "" && (f.Params["reason"] != c.reason || e.Params["reason"] != c.reason) {
			t.Errorf("%s: form %v, roster %+v", name, err, e)
		}
	}
	for _, broken := range []string{"张\n三", "张\r\n三", "张\u2028三", "张\u0085三"} {
		if _, err := o.Register(ctx, "op", people.NewPerson{Name: broken, Phone: "13800000001"}); fault.Of(err).Params["reason"] != "characters" {
			t.Errorf("%q: %v", broken, err)
		}
		v, err := o.Preview(ctx, [][]string{{"姓名", "电话"}, {broken, "13800000001"}})
		if err != nil || v.Good != 0 {
			t.Errorf("%q in a sheet: %+v %v", broken, v.Rows, err)
		}
	}
	if r, err := o.Register(ctx, "op", people.NewPerson{Name: " 张三\n", Phone: "13800000001"}); err != nil || r.Existing {
		t.Errorf("around a name: %+v %v", r, err)
	}
}
