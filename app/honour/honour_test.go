package honour

import (
	"reflect"
	"testing"

	"jishan/app/govern"
)

// written applies changes to settings, as the charter would.
func written(t *testing.T, s govern.Settings, table Table) govern.Settings {
	t.Helper()
	list, err := changes(s, table)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		s.Other[x.Key] = x
	}
	return s
}

func TestTableIsReadAsItWasWritten(t *testing.T) {
	meal := Benefit{Name: "免费就餐", Unit: "次", N: 10, Place: "p1"}
	hair := Benefit{Name: "免费理发", Unit: "次", N: 2}
	s := written(t, govern.Settings{Other: map[string]govern.Setting{"budget/2026": {Key: "budget/2026", Num: 5}}}, Table{[]Level{
		{Name: "AAA", Points: 180, Benefits: []Benefit{meal, hair}}, {Name: "A", Points: 60, Benefits: []Benefit{}},
	}})
	meal.ID, hair.ID = "b1", "b2"
	want := Table{[]Level{{ID: "l2", Name: "A", Points: 60, Benefits: []Benefit{}}, {ID: "l1", Name: "AAA", Points: 180, Benefits: []Benefit{meal, hair}}}}
	if got := Read(s); !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v", got)
	}
	if list, err := changes(s, want); err != nil || len(list) != 0 {
		t.Errorf("nothing changed, yet: %v, %v", list, err)
	}
	want.Levels[1].Benefits = []Benefit{hair}
	s = written(t, s, Table{want.Levels[1:]})
	if got := Read(s); len(got.Levels) != 1 || !reflect.DeepEqual(got.Levels[0], want.Levels[1]) {
		t.Errorf("%+v", got)
	}
	want.Levels[1].Benefits = append(want.Levels[1].Benefits, Benefit{Name: "体检", Unit: "次", N: 1})
	if got := Read(written(t, s, Table{want.Levels[1:]})); got.Levels[0].Benefits[1].ID != "b3" {
		t.Errorf("the id of a removed benefit was given again: %+v", got)
	}
}

func TestShare(t *testing.T) {
	for _, c := range [][3]int64{{108, 828, 130}, {11200, 12385, 904}, {0, 5, 0}, {5, 5, 1000}, {1, 0, Unknown}} {
		if got := Share(c[0], c[1]); got != c[2] {
			t.Errorf("%d of %d: %d", c[0], c[1], got)
		}
	}
}
