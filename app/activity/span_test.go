package activity

import (
	"testing"

	"jishan/app/scheme"
)

// timed gives an activity an item that counts an hour.
func timed(r record) record {
	r.Rule = ruleValue{Kind: scheme.Time, Points: 3, Minutes: 60}
	return r
}

func TestMinutesOfManyMarks(t *testing.T) {
	const m = 60_000
	r := record{Start: 1000 * m, End: 1120 * m}
	done := r
	done.Finished = 1100 * m
	for name, c := range map[string]struct {
		r     record
		marks []mark
		now   int64
		want  int64
	}{
		"nobody saw them":                   {r, nil, 1200 * m, 0},
		"only a departure":                  {r, []mark{{Out: 1060 * m}}, 1200 * m, 0},
		"ticked on the list":                {r, []mark{{In: 1050 * m, How: Roll}}, 1060 * m, 120},
		"ticked, then signed out":           {r, []mark{{In: 1000 * m, Out: 1029*m + 59_999, How: Roll}}, 1060 * m, 29},
		"scanned, still there":              {r, []mark{{In: 1005 * m, How: Card}}, 1035 * m, 30},
		"scanned, never signed out":         {r, []mark{{In: 1005 * m, How: Card}}, 1500 * m, 115},
		"scanned, finished early":           {done, []mark{{In: 1005 * m, How: QR}}, 1500 * m, 95},
		"scanned after the end":             {r, []mark{{In: 1130 * m, How: QR}}, 1500 * m, 0},
		"two recorders":                     {r, []mark{{In: 1010 * m, How: Card}, {In: 1000 * m, Out: 1060 * m, How: Card}}, 1200 * m, 60},
		"in here, out there":                {r, []mark{{Recorder: "a", In: 1000 * m, How: Card}, {Recorder: "b", Out: 1105 * m}}, 1200 * m, 105},
		"the sheet leads over a lost scan":  {r, []mark{{In: 1000 * m, Out: 1119 * m, How: QR}, {In: 1010 * m, Out: 1040 * m, How: After}}, 1200 * m, 30},
		"departures before arrivals are 0":  {r, []mark{{In: 1010 * m, Out: 1000 * m, How: After}}, 1200 * m, 0},
		"signed out two days later":         {r, []mark{{In: 1010 * m, Out: 1010*m + 48*60*m, How: Card}}, 5000 * m, 110},
		"ticked, signed out days later":     {r, []mark{{In: 1000 * m, Out: 5000 * m, How: Roll}}, 5000 * m, 120},
		"scanned after the end, and out":    {r, []mark{{In: 1130 * m, Out: 1200 * m, How: QR}}, 1500 * m, 0},
		"longer than planned, both written": {r, []mark{{In: 990 * m, Out: 1125 * m, How: After}}, 1200 * m, 135},
	} {
		if got := merge(c.marks).minutes(c.r, c.now); got != c.want {
			t.Errorf("%s: %d minutes, want %d", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		r     record
		marks []mark
		now   int64
		want  string
	}{
		"nobody saw them":                {timed(r), nil, 1200 * m, ""},
		"an hour":                        {timed(r), []mark{{In: 1005 * m, How: Card}}, 1065 * m, ""},
		"just came":                      {timed(r), []mark{{In: 1005 * m, How: Card}}, 1006 * m, LacksOut},
		"finished early":                 {timed(done), []mark{{In: 1041 * m, How: QR}}, 1500 * m, LacksOut},
		"scanned after the end":          {timed(r), []mark{{In: 1130 * m, How: QR}}, 1500 * m, LacksLate},
		"came late, signed out":          {timed(r), []mark{{In: 1130 * m, Out: 1200 * m, How: QR}}, 1500 * m, LacksLate},
		"left early":                     {timed(r), []mark{{In: 1000 * m, Out: 1059 * m, How: Card}}, 1500 * m, LacksTime},
		"ticked on the list":             {timed(r), []mark{{In: 1119 * m, How: Roll}}, 1500 * m, ""},
		"a deed counts whatever time":    {r, []mark{{In: 1005 * m, How: Card}}, 1006 * m, ""},
		"ticked, of a short activity":    {timed(record{Start: 1000 * m, End: 1030 * m}), []mark{{In: 1000 * m, How: Roll}}, 1500 * m, LacksTime},
		"the sheet says what scans lack": {timed(done), []mark{{In: 1041 * m, How: QR}, {In: 1041 * m, Out: 1120 * m, How: After}}, 1500 * m, ""},
	} {
		if got := merge(c.marks).lacks(c.r, c.now); got != c.want {
			t.Errorf("%s: lacks %q, want %q", name, got, c.want)
		}
	}
	a := merge([]mark{{Recorder: "b", In: 7, Scans: 2, By: "乙", How: QR}, {Recorder: "a", In: 5, Scans: 1, By: "甲", How: Card}, {Recorder: "c", In: 9, Scans: 1, By: "甲"}})
	if a.In != 5 || a.How != Card || a.Scans != 4 || len(a.Recorders) != 2 || a.Recorders[0] != "甲" {
		t.Errorf("%+v", a)
	}
}
