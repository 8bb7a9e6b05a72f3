package sheet

import (
	"fmt"
	"io"

	"jishan/app/report"
)

// figureWords are the columns of a report, for the authorities.
var figureWords = map[string]string{
	"volunteers": "注册志愿者", "active": "活跃志愿者", "sessions": "活动场次", "services": "服务人次", "minutes": "服务时长（分钟）", "helped": "受益人次",
	"carried": "期初结余积分", "awarded": "发放积分", "brought": "带入积分", "redeemed": "兑换积分", "deducted": "扣减和迁出积分", "moved": "其中迁出积分", "expired": "到期积分", "outstanding": "结余积分", "best": "个人最高累计积分",
	"households": "户数", "away": "外出户", "unable": "无劳动能力户", "joined": "参与户数", "wishes": "心愿数", "wishesDone": "办结心愿", "contacted": "已联系心愿",
	"contactMinutes": "联系用时合计（分钟）", "doneMinutes": "办结用时合计（分钟）", "reviews": "评价数", "stars": "评价星数合计",
	"shops": "商家（本社区）", "shopsStreet": "商家（街道）", "shopsDistrict": "商家（区县）", "shopsCity": "商家（市）", "owed": "应付结算（元）", "budget": "年度预算积分", "budgetUsed": "预算已用积分",
}

// rateWords are the columns that are computed.
var rateWords = map[string]string{
	"redeemRate": "兑换率", "joinRate": "参与率", "doneRate": "心愿办结率", "contactTime": "平均联系用时（分钟）", "doneTime": "平均办结用时（分钟）", "satisfaction": "满意度（星）", "budgetRate": "预算执行率",
}

// rateText writes a rate: per mille as a percentage, a mean with one digit.
func rateText(r report.Rate, f map[string]int64) string {
	n := r.Of(f)
	if n == report.Unknown {
		return "–"
	}
	text := fmt.Sprintf("%d.%d", n/10, n%10)
	if r.PerMille {
		text += "%"
	}
	return text
}

// figureColumns are the columns of all figures and rates.
func figureColumns() (out []Column) {
	for _, i := range report.Indicators {
		kind := Number
		if i.Unit == "fen" {
			kind = Money
		}
		out = append(out, Column{Title: figureWords[i.Code], Kind: kind, Width: 13})
	}
	for _, r := range report.Rates {
		out = append(out, Column{Title: rateWords[r.Code], Width: 13})
	}
	return out
}

func figureCells(f map[string]int64) (out []any) {
	for _, i := range report.Indicators {
		out = append(out, f[i.Code])
	}
	for _, r := range report.Rates {
		out = append(out, rateText(r, f))
	}
	return out
}

// Reports writes the table of a street or county: the sums, who reported up to when,
// every month's report, and what was entered by hand. All sums can be had again from
// the sheet of months.
func Reports(w io.Writer, name string, t report.Table) error {
	title := name + "　" + spanText(t.From, t.To)
	all := Table{Name: "汇总", Title: title, Columns: append([]Column{{Title: "社区/村", Width: 24}, {Title: "所属街道/镇", Width: 18}, {Title: "上报到", Kind: Day}, {Title: "缺报月份", Width: 20}}, figureColumns()...)}
	months := Table{Name: "各月", Columns: append([]Column{{Title: "社区/村", Width: 24}, {Title: "月份", Width: 10}, {Title: "第几次上报", Kind: Number}, {Title: "上报时间", Kind: Moment}, {Title: "截至", Kind: Moment}}, figureColumns()...)}
	for _, r := range t.Rows {
		all.Rows = append(all.Rows, append([]any{r.Name, r.Site.Street, lastDay(r.Upto), missingText(r.Missing)}, figureCells(r.Figures)...))
		for _, m := range r.Months {
			months.Rows = append(months.Rows, append([]any{r.Name, m.Month, int64(m.Number), m.Made, m.Upto}, figureCells(m.Figures)...))
		}
	}
	all.Rows = append(all.Rows, append([]any{"合计", "", nil, ""}, figureCells(t.Sum)...))
	return Write(w, all, months, outcomeTable(t.Outcomes))
}

// lastDay is the day that figures count up to; 0 stays empty.
func lastDay(upto int64) int64 { return max(0, upto-1) }

func missingText(months []string) string {
	if len(months) == 0 {
		return ""
	}
	if len(months) == 1 {
		return months[0]
	}
	return fmt.Sprintf("%s 等 %d 个月", months[0], len(months))
}

func spanText(from, to string) string {
	if from == to {
		return from
	}
	return from + " 至 " + to
}

func outcomeTable(list []report.Outcome) Table {
	t := Table{Name: "填报成效", Columns: []Column{{Title: "指标", Width: 24}, {Title: "对比期", Kind: Number}, {Title: "本期", Kind: Number}, {Title: "增减", Width: 12}}}
	for _, o := range list {
		t.Rows = append(t.Rows, []any{o.Name, o.Before, o.Now, change(o)})
	}
	return t
}

// change is by how much a figure grew, in per cent with one digit.
func change(o report.Outcome) string {
	if o.Before == 0 {
		return "–"
	}
	n := (o.Now - o.Before) * 1000
	sign, half := "+", o.Before/2
	if n < 0 {
		sign, n = "−", -n
	}
	n = (n + half) / o.Before
	return fmt.Sprintf("%s%d.%d%%", sign, n/10, n%10)
}

// Span are the figures of a community over several months.
type Span struct {
	Community string
	Months    []string
	Figures   []map[string]int64 // of each month
	Total     map[string]int64
	Outcomes  []report.Outcome
}

// Spans writes them: indicators by months, and what was entered by hand.
func Spans(w io.Writer, s Span) error {
	t := Table{Name: "指标", Title: s.Community + "　统计　" + zoneSpan(s.Months), Columns: []Column{{Title: "指标", Width: 26}, {Title: "合计/期末", Width: 16}}}
	for _, m := range s.Months {
		t.Columns = append(t.Columns, Column{Title: m, Width: 12})
	}
	all := append([]map[string]int64{s.Total}, s.Figures...)
	for _, i := range report.Indicators {
		row := []any{figureWords[i.Code]}
		for _, f := range all {
			row = append(row, plainFigure(i, f[i.Code]))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, r := range report.Rates {
		row := []any{rateWords[r.Code]}
		for _, f := range all {
			row = append(row, rateText(r, f))
		}
		t.Rows = append(t.Rows, row)
	}
	for n := range t.Columns[1:] {
		t.Columns[n+1].Kind = Number
	}
	return Write(w, t, outcomeTable(s.Outcomes))
}

// plainFigure is a figure in a column that holds several kinds: money in yuan.
func plainFigure(i report.Indicator, n int64) any {
	if i.Unit != "fen" {
		return n
	}
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

func zoneSpan(months []string) string {
	if len(months) == 0 {
		return ""
	}
	return spanText(months[0], months[len(months)-1])
}
