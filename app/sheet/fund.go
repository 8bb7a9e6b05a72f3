package sheet

import (
	"fmt"
	"io"

	"jishan/app/fund"
)

var fundKinds = map[string]string{fund.County: "上级拨款", fund.Donation: "捐款", fund.Own: "社区自有", fund.Goods: "捐物折价", fund.Support: "项目扶持", fund.Settle: "商家结算", fund.Purchase: "采购", fund.Other: "其他支出", fund.Use: "扶持金使用"}

// Fund writes a year of the community's money: the sums, every entry, the grants.
func Fund(w io.Writer, community, year string, y fund.Year) error {
	sums := Table{Name: "汇总", Title: fmt.Sprintf("%s资金 %s 年", community, year), Columns: []Column{{Title: "项目", Width: 20}, {Title: "金额（元）", Kind: Money, Width: 16}}}
	row := func(name string, fen int64) { sums.Rows = append(sums.Rows, []any{name, fen}) }
	row("年初结余", y.Before)
	money := func(name string, kinds []string) {
		sum := int64(0)
		for _, k := range kinds {
			if k == fund.Goods { // a source and no money
				continue
			}
			row(fundKinds[k], y.Sums[k])
			sum += y.Sums[k]
		}
		row(name, sum)
	}
	money("收入合计", fund.Incoming)
	money("支出合计", fund.Outgoing)
	row("年末结余", y.Left)
	row("另收捐物折价（不算钱）", y.Sums[fund.Goods])
	row(fundKinds[fund.Use], y.Sums[fund.Use])
	list := Table{Name: "明细", Title: sums.Title, Columns: []Column{
		{Title: "日期", Kind: Day, Width: 12}, {Title: "类别", Width: 12}, {Title: "金额（元）", Kind: Money, Width: 14}, {Title: "谁给的、给谁", Width: 24}, {Title: "用途", Width: 30},
		{Title: "凭证号", Width: 16}, {Title: "冲销", Width: 8}, {Title: "经办人", Width: 12}}}
	for _, e := range y.Entries {
		undone := ""
		if e.Undone {
			undone = "已冲销"
		}
		if e.Undoes != "" {
			undone = "冲销"
		}
		list.Rows = append(list.Rows, []any{e.Day, fundKinds[e.Kind], e.Fen, e.Who, e.Word, e.Voucher, undone, e.By})
	}
	grants := Table{Name: "扶持", Title: sums.Title, Columns: []Column{
		{Title: "日期", Kind: Day, Width: 12}, {Title: "项目、服务队", Width: 24}, {Title: "用途", Width: 30}, {Title: "扶持（元）", Kind: Money, Width: 14}, {Title: "已用（元）", Kind: Money, Width: 14}, {Title: "还剩（元）", Kind: Money, Width: 14}}}
	for _, g := range y.Grants {
		grants.Rows = append(grants.Rows, []any{g.Day, g.Who, g.Word, g.Fen, g.Used, g.Left})
	}
	return Write(w, sums, list, grants)
}
