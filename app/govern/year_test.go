package govern_test

import (
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/crdt/store"
)

func TestYearSettings(t *testing.T) {
	w := governtest.New(t, 70, nil)
	set := func(s ...govern.Setting) {
		w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.SetPolicy(tx, s...) })
	}
	s := w.Office.Charter.Settings()
	if _, _, ok := s.Budget("2026"); ok || s.YearGrace() != govern.DefaultYearGrace || s.Income("2026") != 0 {
		t.Errorf("at first: %+v", s)
	}
	for _, days := range []int64{0, 45, govern.MaxYearGrace} {
		set(govern.YearGraceSetting(days))
		if got := w.Office.Charter.Settings().YearGrace(); got != days {
			t.Errorf("%d days became %d", days, got)
		}
	}
	for _, bad := range []int64{-1, govern.MaxYearGrace + 1} { // as another program may write
		set(govern.YearGraceSetting(bad))
		if got := w.Office.Charter.Settings().YearGrace(); got != govern.DefaultYearGrace {
			t.Errorf("%d days became %d", bad, got)
		}
	}
	set(govern.BudgetSetting("2026", 500, "甲, 乙"), govern.IncomeSetting("2026", 99))
	s = w.Office.Charter.Settings()
	if n, by, ok := s.Budget("2026"); !ok || n != 500 || by != "甲, 乙" || s.Income("2026") != 99 || s.Income("2027") != 0 {
		t.Errorf("the budget: %d %s", n, by)
	}
}

// A year is closed once, with what was known of it, and finished once.
func TestYears(t *testing.T) {
	w := governtest.New(t, 71, nil)
	station := w.Join("龙石站", govern.Station)
	f := govern.YearFigures{Points: 112, People: 3, Redeemed: 20}
	closeYear := func(d *governtest.Device, period string) error {
		return d.Do(func(tx *store.Tx) error { return d.Charter.CloseYear(tx, period, f) })
	}
	finish := func(d *governtest.Device, total int64) error {
		return d.Do(func(tx *store.Tx) error { return d.Charter.FinishYear(tx, "2026", total) })
	}
	refused := func(err error, code string) {
		t.Helper()
		if !errors.Is(err, fault.New(code)) {
			t.Errorf("%v, want %s", err, code)
		}
	}
	refused(closeYear(station, "2026"), "govern.registrar.only")
	refused(finish(w.Office, 1), "year.running")
	w.Clock += 5000
	if err := closeYear(w.Office, "2026"); err != nil {
		t.Fatal(err)
	}
	closedAt := w.Clock
	refused(closeYear(w.Office, "2026"), "year.closed")
	if err := closeYear(w.Office, "2025"); err != nil {
		t.Fatal(err)
	}
	refused(finish(station, 1), "govern.registrar.only")
	w.Clock += 5000
	if err := finish(w.Office, 90); err != nil {
		t.Fatal(err)
	}
	refused(finish(w.Office, 90), "year.final")
	w.Meet(w.Office, station)
	for _, d := range []*governtest.Device{w.Office, station} {
		err := d.Store.View(t.Context(), func(q store.Querier) error {
			list, err := d.Charter.Years(q)
			if err != nil || len(list) != 2 {
				t.Errorf("%s: %v %v", d.Name, list, err)
				return err
			}
			y := list[0]
			if y.Period != "2026" || y.Figures != f || y.By != "op-1" || y.Total != 90 || y.Closed < closedAt || y.Final < y.Closed {
				t.Errorf("%s: %+v", d.Name, y)
			}
			if list[1].Period != "2025" || list[1].Final != 0 {
				t.Errorf("%s: %+v", d.Name, list[1])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
