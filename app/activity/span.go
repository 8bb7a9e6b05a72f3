package activity

import (
	"slices"
	"strings"
)

// mark is what one recorder saw of one person: one row of the projection.
type mark struct {
	Recorder string // 16 hexadecimal digits of the incarnation
	In, Out  int64  // 0 = not seen
	How      string
	Scans    int64
	By       string // the operator
}

// attendance is what all recorders together saw of one person: one fact with
// as many witnesses.
type attendance struct {
	In, Out   int64
	How       string
	Scans     int64
	Recorders []string
}

// merge makes one fact of several recorders' marks. Entries from the sign-in
// sheet lead over scans and ticks, for they are how mistakes are put right. Of
// equals the earliest arrival and the latest departure count.
func merge(marks []mark) attendance {
	marks = slices.Clone(marks)
	slices.SortFunc(marks, func(a, b mark) int { return strings.Compare(a.Recorder, b.Recorder) })
	after := slices.ContainsFunc(marks, func(m mark) bool { return m.How == After && m.In != 0 })
	var a attendance
	for _, m := range marks {
		if m.In == 0 && m.Out == 0 {
			continue
		}
		a.Scans += m.Scans
		if m.By != "" && !slices.Contains(a.Recorders, m.By) {
			a.Recorders = append(a.Recorders, m.By)
		}
		if after && m.How != After {
			continue
		}
		if m.In != 0 && (a.In == 0 || m.In < a.In) {
			a.In, a.How = m.In, m.How
		}
		a.Out = max(a.Out, m.Out)
	}
	return a
}

// present says whether anybody saw the person arrive.
func (a attendance) present() bool { return a.In != 0 }

// served says whether the attendance counts as service: where time is what is
// rewarded, who left at once did none.
func (a attendance) served(r record, now int64) bool {
	return a.present() && (!r.Rule.item().Timed() || a.minutes(r, now) > 0)
}

// span returns from when to when the person served. Who was ticked on the list
// and never signed out did all of the activity: a roll call says that somebody
// is there, not when they came. Who was scanned and never signed out stayed to
// the activity's end, or to when it was finished if that was earlier. A departure
// that was pressed or scanned later, perhaps days later, counts no further than the
// end; who stayed on is put on the sheet with the time.
func (a attendance) span(r record, now int64) (from, to int64) {
	switch {
	case a.Out != 0 && a.How == After:
		return a.In, a.Out
	case a.Out != 0:
		return a.In, min(a.Out, r.End)
	case a.How == Roll:
		return r.Start, r.End
	case r.Finished != 0:
		return a.In, min(r.End, r.Finished)
	}
	return a.In, min(r.End, now)
}

// lacks says why somebody who was there gets no points: one of the Lacks…, or
// "" for who gets some and for items that do not count time.
func (a attendance) lacks(r record, now int64) string {
	item := r.Rule.item()
	switch {
	case !a.present() || !item.Timed() || item.Value(a.minutes(r, now)) > 0:
		return ""
	case a.How == Roll || a.How == After:
		return LacksTime
	case a.In >= r.End:
		return LacksLate
	case a.Out != 0:
		return LacksTime
	}
	return LacksOut
}

// minutes returns the full minutes of service, never below 0.
func (a attendance) minutes(r record, now int64) int64 {
	if !a.present() {
		return 0
	}
	from, to := a.span(r, now)
	return max(0, (to-from)/60_000)
}
