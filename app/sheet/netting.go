package sheet

import (
	"io"

	"jishan/app/partner"
)

// Netting writes the statements between two communities, both directions, and who
// owes whom in the end. Above 0 the other community owes this one.
func Netting(w io.Writer, community, other string, list []partner.Sheet) error {
	t := Table{Name: "往来", Title: community + "与" + other + "往来结算表", Columns: []Column{
		{Title: "月份", Width: 10}, {Title: "账本", Width: 24}, {Title: "单号", Kind: Number}, {Title: "在对方商家用（分）", Kind: Number}, {Title: "退回（分）", Kind: Number},
		{Title: "迁入带来（分）", Kind: Number}, {Title: "每分（元）", Kind: Money}, {Title: "对方应付我方（元）", Kind: Money, Width: 18}, {Title: "状态", Width: 24}, {Title: "凭证号", Width: 20},
	}}
	var all, open int64
	for _, s := range list {
		book := other
		if s.Ours {
			book = community
		}
		t.Rows = append(t.Rows, []any{s.Month, book, int64(s.Number), s.Spent, s.Back, s.Moved, s.Peg, s.Owed(), nettingState(s), s.Reference})
		all += s.Owed()
		if !s.Done() {
			open += s.Owed()
		}
	}
	t.Rows = append(t.Rows, []any{"合计", "", nil, nil, nil, nil, nil, all, "", ""}, []any{"其中未结清", "", nil, nil, nil, nil, nil, open, "", ""})
	return Write(w, t)
}

func nettingState(s partner.Sheet) string {
	switch {
	case s.Done():
		return "已结清"
	case s.Agreed:
		return "双方已确认，待付款"
	case s.Answered != 0:
		return "不同意：" + s.Why
	}
	return "待确认"
}
