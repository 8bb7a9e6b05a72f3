package sheet

import (
	"fmt"
	"io"

	"jishan/app/order"
)

// partyKinds are the words for who serves.
var partyKinds = map[string]string{order.ToPerson: "志愿者", order.ToTeam: "服务队", order.ToMerchant: "商家", "staff": "派单人", "grid": "网格员", "all": "合计"}

// Performance writes the orders of a span of time: the sum, who served, who
// dispatched.
func Performance(w io.Writer, community, from, to string, p order.Performance) error {
	t := Table{Name: "服务单效能", Title: fmt.Sprintf("%s服务单效能 %s 至 %s", community, from, to), Columns: performanceColumns()}
	for _, list := range [][]order.Score{{p.All}, p.Parties, p.Staff, p.Grid} {
		for _, s := range list {
			t.Rows = append(t.Rows, scoreRow(s))
		}
	}
	return Write(w, t)
}

// Appraisal writes a line for each who is appraised, with room to write and sign in, and the
// whole community's figures for comparison. The program grades nobody.
func Appraisal(w io.Writer, community, from, to string, p order.Performance) error {
	t := Table{Name: "考核表", Title: fmt.Sprintf("%s服务考核表 %s 至 %s", community, from, to), Columns: append(performanceColumns(),
		Column{Title: "评语", Width: 40}, Column{Title: "等次（优秀、良好、合格、不合格）", Width: 18}, Column{Title: "本人签字", Width: 14}, Column{Title: "考核人签字", Width: 14}, Column{Title: "负责人签字", Width: 14}, Column{Title: "日期", Width: 14})}
	for _, s := range append(p.Appraised(), p.All) {
		t.Rows = append(t.Rows, append(scoreRow(s), nil, nil, nil, nil, nil, nil))
	}
	return Write(w, t)
}

func performanceColumns() []Column {
	return []Column{
		{Title: "类别", Width: 10}, {Title: "名称", Width: 24}, {Title: "派单数", Kind: Number}, {Title: "婉拒", Kind: Number}, {Title: "办结", Kind: Number},
		{Title: "派单用时中位（分钟）", Kind: Number, Width: 18}, {Title: "联系用时中位（分钟）", Kind: Number, Width: 18}, {Title: "办结用时中位（分钟）", Kind: Number, Width: 18},
		{Title: "30 分钟内联系 %", Kind: Number, Width: 16}, {Title: "60 分钟内办结 %", Kind: Number, Width: 16}, {Title: "评价", Kind: Number}, {Title: "其中回访", Kind: Number},
		{Title: "平均星级", Width: 10},
	}
}

func scoreRow(s order.Score) []any {
	stars := ""
	if s.Reviews > 0 {
		stars = fmt.Sprintf("%d.%d", s.Stars/10, s.Stars%10)
	}
	minutes := func(ms int64) int64 { return ms / 60_000 }
	return []any{partyKinds[s.Kind], s.Name, s.Orders, s.Declined, s.Done, minutes(s.ToOffer), minutes(s.ToContact), minutes(s.ToDone),
		s.QuickCall, s.QuickDone, s.Reviews, s.Callbacks, stars}
}
