package report

import (
	"cmp"
	"slices"
)

// Taken is a report that counts: of its community and month it has the greatest
// number.
type Taken struct {
	Report
	Hash     [32]byte
	Replaced int // reports of the month that it replaced
}

// Row is one community in a table.
type Row struct {
	Member
	Upto     int64            // the last report's figures count until then; 0: none ever
	Last     string           // the last month that was reported in the span
	Missing  []string         // months of the span without a report, or with one that ends before the month does
	Figures  map[string]int64 // of the span
	Outcomes []Outcome
	Months   []Taken // of the span, in their order
	Urged    int64   // when it was last reminded of a month of the span, 0: never
}

// Table is communities by indicators over a span of months.
type Table struct {
	From, To string // yyyy-mm
	Rows     []Row
	Reported int // rows without a missing month
	Sum      map[string]int64
	Outcomes []Outcome
}

// Months lists the months from one to another, both with it; nil if there are none.
func Months(from, to string) (out []string) {
	for m := from; m <= to && len(out) < maxSpan; m = next(m) {
		out = append(out, m)
	}
	return out
}

// maxSpan bounds a span of months: ten years.
const maxSpan = 120

// Fold puts a table together: the members, what was reported, which months the span
// has, and when each ends (milliseconds; of one that runs, now).
func Fold(members []Member, taken []Taken, months []string, end func(month string) int64) Table {
	t := Table{Rows: []Row{}, Sum: map[string]int64{}, Outcomes: []Outcome{}}
	if len(months) > 0 {
		t.From, t.To = months[0], months[len(months)-1]
	}
	of := map[string][]Taken{}
	for _, x := range taken {
		if slices.Contains(months, x.Month) {
			of[x.Community()] = append(of[x.Community()], x)
		}
	}
	for _, m := range members {
		r := fold(m, of[m.ID], months, end)
		if len(r.Missing) == 0 {
			t.Reported++
		}
		add(t.Sum, r.Figures)
		t.Outcomes = together(t.Outcomes, r.Outcomes)
		t.Rows = append(t.Rows, r)
	}
	return t
}

func fold(m Member, list []Taken, months []string, end func(string) int64) Row {
	slices.SortFunc(list, func(a, b Taken) int { return cmp.Compare(a.Month, b.Month) })
	r := Row{Member: m, Missing: []string{}, Figures: map[string]int64{}, Outcomes: []Outcome{}, Months: list}
	whole := map[string]bool{}
	for n, x := range list {
		whole[x.Month] = x.Upto >= end(x.Month)
		r.Upto, r.Last = x.Upto, x.Month
		for _, i := range Indicators {
			v := x.Figures[i.Code]
			switch {
			case i.Kind == Flow:
				r.Figures[i.Code] += v
			case i.Kind == Stock || n == 0 && i.Kind == Opening:
				r.Figures[i.Code] = v
			case i.Kind == Top:
				r.Figures[i.Code] = max(r.Figures[i.Code], v)
			}
		}
		r.Outcomes = together(r.Outcomes, x.Outcomes)
	}
	for _, month := range months {
		if !whole[month] {
			r.Missing = append(r.Missing, month)
		}
	}
	return r
}

// add adds one community's figures to the sum.
func add(sum, f map[string]int64) {
	for _, i := range Indicators {
		if i.Kind == Top {
			sum[i.Code] = max(sum[i.Code], f[i.Code])
		} else {
			sum[i.Code] += f[i.Code]
		}
	}
}

// together adds up outcomes of the same name.
func together(list, more []Outcome) []Outcome {
	for _, o := range more {
		i := slices.IndexFunc(list, func(x Outcome) bool { return x.Name == o.Name })
		if i < 0 {
			list = append(list, o)
			continue
		}
		list[i].Before += o.Before
		list[i].Now += o.Now
	}
	return list
}
