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
