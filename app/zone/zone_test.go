package zone

import "testing"

func TestDaysBeginAtChinasMidnight(t *testing.T) {
	const midnight = 1_735_660_800_000 // 2025-01-01 00:00 in China, 16:00 UTC of the day before
	for ms, want := range map[int64][3]string{
		midnight - 1: {"2024-12-31", "2024-12", "2024"},
		midnight:     {"2025-01-01", "2025-01", "2025"},
	} {
		if got := [3]string{Day(ms), Month(ms), Year(ms)}; got != want {
			t.Errorf("%d is in %v, want %v", ms, got, want)
		}
	}
	for _, ms := range []int64{midnight, midnight + 86_400_000 - 1} {
		if start, end := DayBounds(ms); start != midnight || end != midnight+86_400_000 {
			t.Errorf("the day of %d is %d to %d", ms, start, end)
		}
	}
}

func TestYearsBack(t *testing.T) {
	const midnight = 1_735_660_800_000 // 2025-01-01 00:00 in China
	for _, c := range []struct {
		ms   int64
		back int
		want string
	}{{midnight - 1, 0, "2024-01-01"}, {midnight, 0, "2025-01-01"}, {midnight, 1, "2024-01-01"}, {midnight - 1, 2, "2022-01-01"}} {
		if got := Day(YearStart(c.ms, c.back)); got != c.want || YearStart(c.ms, c.back)%86_400_000 != 16*3_600_000 {
			t.Errorf("%d years before %s: %s, want %s", c.back, Day(c.ms), got, c.want)
		}
	}
}

func TestPeriodsEnd(t *testing.T) {
	const day = 86_400_000
	for period, last := range map[string]string{"2026": "2026-12-31", "2026q1": "2026-03-31", "2026q2": "2026-06-30", "2026q3": "2026-09-30", "2026q4": "2026-12-31"} {
		end, ok := PeriodEnd(period)
		if !ok || Day(end-1) != last || Day(end - 1 + day)[8:] != "01" {
			t.Errorf("%s ends %s", period, Day(end-1))
		}
		if p := Quarter(end - 1); len(period) > 4 && p != period || len(period) == 4 && p != period+"q4" {
			t.Errorf("the last moment of %s is in %s", period, p)
		}
	}
	for _, no := range []string{"", "26", "2026q", "2026q0", "2026q5", "2026q01", "2026q1q1", "02026", "+2026", "2026-1", "1999"} {
		if _, ok := PeriodEnd(no); ok {
			t.Errorf("%q is no period", no)
		}
	}
}
