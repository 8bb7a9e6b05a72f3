package node

import (
	"fmt"
	"net/url"
	"testing"

	"jishan/app/fault"
	"jishan/app/zone"
)

// TestAppraisalWorkbook: the year's workbook has a line for each dispatcher and grid worker,
// none for a volunteer, the whole for comparison, and room to write in.
func TestAppraisalWorkbook(t *testing.T) {
	office := found(t)
	elder, zhang := office.must("people.register", person("宋玉芝", "13900000001"))["id"], office.must("people.register", person("张三", "13900000002"))["id"]
	brought := wish(elder, "")
	brought["via"] = "grid"
	id := office.must("order.post", brought)["id"]
	office.must("order.dispatch", object{"id": id, "kind": "person", "party": zhang, "item": "", "tell": false, "seen": ""})
	_, rows := rowsOf(t, office.scoreBook("appraisal.xlsx", url.Values{"from": {"2020-01-01"}, "to": {"2021-12-31"}}))
	if len(rows) != 3 || rows[2][0] != "合计" {
		t.Errorf("of years without orders: %v", rows)
	}
	today := zone.Day(office.now())
	_, rows = rowsOf(t, office.scoreBook("appraisal.xlsx", url.Values{"from": {today}, "to": {today}}))
	var kinds []string
	for _, r := range rows[2:] {
		kinds = append(kinds, fmt.Sprint(r[0], r[1], r[2]))
	}
	if fmt.Sprint(kinds) != "[派单人经办人甲1 网格员经办人甲1 合计1]" {
		t.Errorf("%v", kinds)
	}
	if head := fmt.Sprint(rows[1]); rows[1][13] != "评语" || rows[1][15] != "本人签字" {
		t.Errorf("%s", head)
	}
	if _, err := office.File(t.Context(), "appraisal.xlsx", url.Values{"from": {"2026-02-01"}, "to": {"2026-01-01"}}); fault.Of(err).Code != "order.span" {
		t.Errorf("backwards: %v", err)
	}
}
