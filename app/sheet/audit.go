package sheet

import "io"

// auditKinds are the words of what was done.
var auditKinds = map[string]string{
	"award": "赋分", "deduct": "扣分、到期", "correct": "更正", "redeem": "兑换", "stock": "库存", "rights": "设备之间调积分", "people": "居民资料", "erase": "删除个人资料", "decide": "申报和审核", "activity": "活动",
	"order": "服务单", "shop": "货架和预约", "scheme": "细则", "govern": "设备和规则", "operator": "经办人", "settle": "结算", "paper": "报表和证明", "view": "查看资料", "export": "导出资料",
}

// Audit writes the list of who did what. Rows: when, kind, action, operator, device,
// people (masked), further ids, item, its version, points, entry of the charter,
// document, hash. A kind and an action that have no word stay as the program names them.
func Audit(w io.Writer, community string, rows [][]any) error {
	for _, r := range rows {
		if kind, ok := r[1].(string); ok && auditKinds[kind] != "" {
			r[1] = auditKinds[kind]
		}
		if action, ok := r[2].(string); ok {
			if word := auditWords[action]; word != "" {
				r[2] = word
			} else {
				r[2] = r[1]
			}
		}
		for _, n := range []int{6, 8, 9} { // nothing is not 0
			if i, ok := r[n].(int64); ok && i == 0 {
				r[n] = nil
			} else if i, ok := r[n].(int); ok && i == 0 {
				r[n] = nil
			}
		}
	}
	return Write(w, Table{Name: "操作记录", Title: community + "　操作记录", Columns: []Column{
		{Title: "时间", Kind: Moment}, {Title: "类别", Width: 14}, {Title: "动作", Width: 20}, {Title: "经办人"}, {Title: "设备"}, {Title: "居民", Width: 20}, {Title: "其他编号", Kind: Number},
		{Title: "细则条目"}, {Title: "细则版本", Kind: Number}, {Title: "积分", Kind: Number}, {Title: "章程条目"}, {Title: "文档", Width: 40}, {Title: "哈希", Width: 66},
	}, Rows: rows})
}
