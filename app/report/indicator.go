package report

// How a figure is put together from several months of one community. Over
// communities all are added up, but Top, of which the greatest counts.
type Kind uint8

// The kinds.
const (
	Flow    Kind = iota // what happened in the month: months are added
	Stock               // what there was at its end: the last month counts
	Opening             // what there was before it: the first month counts
	Top                 // the greatest of anybody
)

// Indicator is one figure of a report.
type Indicator struct {
	Code   string
	Kind   Kind
	Unit   string // people, times, minutes, points, homes, shops, fen, stars
	Signed bool   // may be below 0
}

// Indicators are all figures of a report, in the order of tables. A code never
// changes its meaning.
var Indicators = []Indicator{
	{"volunteers", Stock, "people", false},    // registered, who have not moved away
	{"active", Stock, "people", false},        // who served in the month
	{"sessions", Flow, "times", false},        // activities held
	{"services", Flow, "times", false},        // people who served, each time
	{"minutes", Flow, "minutes", false},       // served
	{"helped", Flow, "times", false},          // wishes that were fulfilled for somebody
	{"carried", Opening, "points", true},      // from the month before
	{"awarded", Flow, "points", true},         // less what was undone, which may be more
	{"brought", Flow, "points", true},         // openings, and people who moved here
	{"redeemed", Flow, "points", true},        //
	{"deducted", Flow, "points", true},        // and what people moved away with
	{"moved", Flow, "points", true},           // of it: what people moved away with
	{"expired", Flow, "points", true},         //
	{"outstanding", Stock, "points", true},    // when the month ended
	{"best", Top, "points", false},            // lifetime points of whoever has most, without a name
	{"households", Stock, "homes", false},     //
	{"away", Stock, "homes", false},           // excluded: all members live elsewhere
	{"unable", Stock, "homes", false},         // excluded: all members are unable to work, or away
	{"joined", Stock, "homes", false},         // of the others, with somebody who served in the month
	{"wishes", Flow, "times", false},          // posted and not taken back
	{"wishesDone", Flow, "times", false},      // of these
	{"contacted", Flow, "times", false},       // of these, somebody was spoken to
	{"contactMinutes", Flow, "minutes", true}, // until then, together
	{"doneMinutes", Flow, "minutes", true},    // until they were done, together
	{"reviews", Flow, "times", false},         //
	{"stars", Flow, "stars", false},           // 1 to 5 each, together
	{"shops", Stock, "shops", false},          // merchants that take points here only
	{"shopsStreet", Stock, "shops", false},    // in the whole street
	{"shopsDistrict", Stock, "shops", false},  //
	{"shopsCity", Stock, "shops", false},      //
	{"owed", Stock, "fen", true},              // to merchants, not paid
	{"budget", Stock, "points", false},        // of the year
	{"budgetUsed", Stock, "points", true},     // of it, issued so far
}

// Rate is a quotient of two figures: scaled by Scale, rounded half up by [Rate.Of].
type Rate struct {
	Code     string
	Over     string   // the figure above
	Under    string   // below
	More     []string // figures that are added to the one below
	Less     []string // figures that are taken from the one below
	PerMille bool     // else a mean, in tenths of the unit
}

// Rates are what tables show beside the figures. They are computed from sums, never
// from other rates.
var Rates = []Rate{
	{"redeemRate", "redeemed", "awarded", []string{"brought"}, nil, true},
	{"joinRate", "joined", "households", nil, []string{"away", "unable"}, true},
	{"doneRate", "wishesDone", "wishes", nil, nil, true},
	{"contactTime", "contactMinutes", "contacted", nil, nil, false},
	{"doneTime", "doneMinutes", "wishesDone", nil, nil, false},
	{"satisfaction", "stars", "reviews", nil, nil, false},
	{"budgetRate", "budgetUsed", "budget", nil, nil, true},
}

// Unknown is a rate of nothing.
const Unknown = int64(-1)

// Of computes a rate: per mille, or tenths of the unit; Unknown where there is
// nothing below.
func (r Rate) Of(f map[string]int64) int64 {
	under := f[r.Under]
	for _, m := range r.More {
		under += f[m]
	}
	for _, l := range r.Less {
		under -= f[l]
	}
	scale := int64(10)
	if r.PerMille {
		scale = 1000
	}
	if under <= 0 || f[r.Over] < 0 {
		return Unknown
	}
	return (f[r.Over]*scale + under/2) / under
}

// RatesOf computes all rates of a set of figures.
func RatesOf(f map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(Rates))
	for _, r := range Rates {
		out[r.Code] = r.Of(f)
	}
	return out
}
