// Package zone says where days, months and years begin: in China's time, at
// every device alike, whatever zone its computer is set to. The zone is fixed
// because dates are part of what devices agree on: a deed's id holds its day, a
// till's receipt number too.
//
// It must never know what happened on a day. Start reading at [In].
package zone

import (
	"strconv"
	"strings"
	"time"
)

// China is China's time. It has had no summer time since 1991.
var China = time.FixedZone("UTC+8", 8*60*60)

// In returns ms, milliseconds UTC, as China's clocks show it.
func In(ms int64) time.Time { return time.UnixMilli(ms).In(China) }

// Day returns the day of ms as 2006-01-02.
func Day(ms int64) string { return In(ms).Format(time.DateOnly) }

// Month returns the month of ms as 2006-01.
func Month(ms int64) string { return In(ms).Format("2006-01") }

// Year returns the year of ms as 2006.
func Year(ms int64) string { return In(ms).Format("2006") }

// Quarter returns the quarter of ms as 2006q1.
func Quarter(ms int64) string {
	t := In(ms)
	return t.Format("2006q") + string(rune('1'+(t.Month()-1)/3))
}

// PeriodEnd returns when a year or a quarter ends, written as Year and Quarter
// write it: the first moment behind it, milliseconds UTC. False for anything else.
func PeriodEnd(period string) (int64, bool) {
	year, quarter, ok := strings.Cut(period, "q")
	y, err := strconv.Atoi(year)
	if err != nil || y < 2000 || y > 9999 {
		return 0, false
	}
	end := time.Date(y+1, time.January, 1, 0, 0, 0, 0, China)
	if ok {
		n, err := strconv.Atoi(quarter)
		if err != nil || n < 1 || n > 4 {
			return 0, false
		}
		end = time.Date(y, time.Month(3*n+1), 1, 0, 0, 0, 0, China)
	}
	ms := end.UnixMilli()
	return ms, period == Year(ms-1) || period == Quarter(ms-1)
}

// DayBounds returns when the day of ms begins and ends, milliseconds UTC; the end
// is the next day's beginning.
func DayBounds(ms int64) (start, end int64) {
	t := In(ms)
	first := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, China)
	return first.UnixMilli(), first.AddDate(0, 0, 1).UnixMilli()
}

// WeekBounds returns the week of ms, from Monday on.
func WeekBounds(ms int64) (start, end int64) {
	t := In(ms)
	first := time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, China)
	return first.UnixMilli(), first.AddDate(0, 0, 7).UnixMilli()
}

// MonthBounds returns the month of ms.
func MonthBounds(ms int64) (start, end int64) {
	t := In(ms)
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, China)
	return first.UnixMilli(), first.AddDate(0, 1, 0).UnixMilli()
}

// YearBounds returns the year of ms.
func YearBounds(ms int64) (start, end int64) { return YearStart(ms, 0), YearStart(ms, -1) }

// YearStart returns when the year of ms begins, so many years before, milliseconds
// UTC.
func YearStart(ms int64, back int) int64 {
	return time.Date(In(ms).Year()-back, time.January, 1, 0, 0, 0, 0, China).UnixMilli()
}
