package govern

import (
	"strconv"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Settings about years. A number of days stands as a text, because a setting
// without text and with the number 0 means the default.
const (
	keyYearGrace = "year-grace" // days after a year's end for which its points can still be spent
	keyCohort    = "cohort"     // quarter: points live by the quarter in which they were earned, else by the year
	keyYear      = "year/"      // + period + what: figures of the moment of its close
	keyBudget    = "budget/"    // + period: points that may be issued; the text names who approved it
	keyIncome    = "income/"    // + period: what the community earned, fen
)

// Limits and defaults of years.
const (
	// DefaultYearGrace is a month: the first redemption days of a new year are
	// before the Spring Festival.
	DefaultYearGrace = 31
	// MaxYearGrace lets a year's points live as long as the next one at most.
	MaxYearGrace = 366
)

// YearGrace is for how many days after its end a year's points can still be
// spent: its close is not written earlier.
func (r Settings) YearGrace() int64 {
	n, err := strconv.ParseInt(r.Other[keyYearGrace].Text, 10, 64)
	if err != nil || n < 0 || n > MaxYearGrace {
		return DefaultYearGrace
	}
	return n
}

// YearGraceSetting makes the setting.
func YearGraceSetting(days int64) Setting {
	return Setting{Key: keyYearGrace, Text: strconv.FormatInt(days, 10)}
}

// cohortQuarter is the text of keyCohort.
const cohortQuarter = "quarter"

// Quarterly tells whether the points that are earned from now on end by quarters.
func (r Settings) Quarterly() bool { return r.Other[keyCohort].Text == cohortQuarter }

// CohortSetting makes the setting.
func CohortSetting(quarterly bool) Setting {
	s := Setting{Key: keyCohort}
	if quarterly {
		s.Text = cohortQuarter
	}
	return s
}

// Budget is how many points a period may issue, as it was approved, and by
// whom; false while nobody has fixed it.
func (r Settings) Budget(period string) (points int64, by string, ok bool) {
	s, ok := r.Other[keyBudget+period]
	return s.Num, s.Text, ok && s.Num > 0
}

// BudgetSetting makes the setting. by names the operators who approved it.
func BudgetSetting(period string, points int64, by string) Setting {
	return Setting{Key: keyBudget + period, Text: by, Num: points}
}

// Income is what the community earned in a period, fen; 0 while unknown.
func (r Settings) Income(period string) int64 { return r.Other[keyIncome+period].Num }

// IncomeSetting makes the setting.
func IncomeSetting(period string, fen int64) Setting {
	return Setting{Key: keyIncome + period, Num: fen}
}

// YearFigures are what the registrar knew of a year when it closed it. They
// stand beside the YEARCLOSE, so that what comes late can be told from what was
// known.
type YearFigures struct {
	Points   int64 // that expire
	People   int64 // whose points they are
	Redeemed int64 // known redemptions of the year
}

func (f YearFigures) settings(period string) []Setting {
	at := keyYear + period
	return []Setting{{Key: at + "/points", Num: f.Points}, {Key: at + "/people", Num: f.People}, {Key: at + "/redeemed", Num: f.Redeemed}}
}

// Year is what governance says of a period of points.
type Year struct {
	Period  string
	Closed  int64  // when YEARCLOSE was written, milliseconds; 0 while it is open
	By      string // the operator
	Figures YearFigures
	Final   int64 // when YEARFINAL was written; 0 if it was not
	Total   int64 // points that expired, by YEARFINAL
}

// Years lists the periods that were closed, in the order of their closes.
func (c *Charter) Years(q store.Querier) ([]Year, error) {
	n, err := c.Snapshot(q)
	if err != nil {
		return nil, err
	}
	s, at := n.s, n.s.head()
	rules := s.rules(at)
	var out []Year
	for _, d := range s.yearCloses {
		if !s.within(d.At, at) || yearOf(out, d.Entry.Period) != nil {
			continue
		}
		y := Year{Period: d.Entry.Period}
		if y.Closed, y.By, err = written(q, s.heads[d.At]); err != nil {
			return nil, err
		}
		of := func(what string) int64 { return rules.Other[keyYear+y.Period+"/"+what].Num }
		y.Figures = YearFigures{Points: of("points"), People: of("people"), Redeemed: of("redeemed")}
		out = append(out, y)
	}
	for _, d := range s.yearFinals {
		y := yearOf(out, d.Entry.Period)
		if y == nil || y.Final > 0 || !s.within(d.At, at) {
			continue
		}
		if y.Final, _, err = written(q, s.heads[d.At]); err != nil {
			return nil, err
		}
		y.Total = int64(min(d.Entry.Total, maxAmount))
	}
	return out, nil
}

func yearOf(list []Year, period string) *Year {
	for i := range list {
		if list[i].Period == period {
			return &list[i]
		}
	}
	return nil
}

// written tells when and by whom a change of gov was made.
func written(q store.Querier, h wire.Hash) (at int64, by string, err error) {
	p, ok, err := store.Change(q, h)
	if err != nil || !ok {
		return 0, "", err
	}
	ch, _, err := wire.Decode(p.Chunk)
	if err != nil {
		return 0, "", err
	}
	ctx, err := seal.ParseContext(ch.Message)
	return ch.Time, ctx.Name(), err
}

// CloseYear writes YEARCLOSE and what was known at that moment, in one change.
// Nothing takes it back. Faults: govern.registrar.only, year.closed.
func (c *Charter) CloseYear(tx *store.Tx, period string, f YearFigures) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	if (Snapshot{s}).YearClosed(period, s.head()) {
		return fault.New("year.closed", "period", period)
	}
	return c.Write(tx, "govern.yearClose", YearClose{Period: period}, Policy{Settings: f.settings(period)})
}

// FinishYear writes YEARFINAL: total points expired, and nobody holds more.
// Faults: govern.registrar.only, year.running if there was no YEARCLOSE,
// year.final if it was written before.
func (c *Charter) FinishYear(tx *store.Tx, period string, total int64) error {
	if _, err := c.registrarState(tx); err != nil {
		return err
	}
	list, err := c.Years(tx)
	if err != nil {
		return err
	}
	y := yearOf(list, period)
	switch {
	case y == nil:
		return fault.New("year.running", "period", period)
	case y.Final > 0:
		return fault.New("year.final", "period", period)
	}
	return c.Write(tx, "govern.yearFinal", YearFinal{Period: period, Total: uint64(total)})
}
