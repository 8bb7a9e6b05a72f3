package node

import (
	"net/url"
	"testing"
)

// The office keeps the money, a station reads it, a merchant gets nothing of it; what the
// points may cost is set against money and goods; the year is a workbook.
func TestMoneyCoversThePoints(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	office.must("settings.save", object{"unitFen": 50})
	office.withPoints("居民甲", "13800000001", "100")
	soap := office.must("shop.save", object{"id": "", "name": "香皂", "unit": "块", "kind": "goods", "points": 4, "minimum": 0, "icon": "soap", "active": true, "code": "", "cost": 300})["id"]
	office.must("shop.receive", object{"offer": soap, "n": 4, "why": ""})
	office.shelf("毛巾", 7, 3)
	merchant.shelf("大米", 5, 9)
	entry := func(kind string, fen int, who, grant any) object {
		return object{"kind": kind, "fen": fen, "day": office.now(), "who": who, "word": "", "voucher": "1", "grant": grant}
	}
	station.refuses("app.role", "fund.add", entry("own", 1, "", ""))
	merchant.refuses("app.role", "fund.get", object{"year": ""})
	office.refuses("fund.who", "fund.add", entry("donation", 1, "", ""))
	office.must("fund.add", entry("donation", 3000, "永顺粮油", ""))
	grant := office.must("fund.add", entry("support", 1000, "银龄互助", ""))["id"]
	office.must("fund.add", entry("use", 400, "", grant))
	office.refuses("fund.over", "fund.add", entry("use", 601, "", grant))
	wrong := office.must("fund.add", entry("other", 900, "", ""))["id"]
	office.must("fund.undo", object{"id": wrong, "why": "记重了"})
	office.refuses("fund.undone", "fund.undo", object{"id": wrong, "why": "记重了"})
	office.refuses("fund.used", "fund.undo", object{"id": grant, "why": "x"})
	office.refuses("fund.year", "fund.get", object{"year": "x"})
	eventually(t, "the station reads the same", func() bool {
		return len(station.must("fund.get", object{"year": ""})["entries"].([]any)) == 5
	})
	got := office.must("fund.get", object{"year": ""})
	want := map[string]int64{"points": 100, "unitFen": 50, "pointFen": 5000, "owedFen": 0, "moneyFen": 2000, "goodsFen": 1200, "noCost": 3, "leftFen": -1800}
	for k, n := range want {
		if have := number(got["cover"].(object)[k]); have != n {
			t.Errorf("%s: %d, not %d", k, have, n)
		}
	}
	if g := got["grants"].([]any)[0].(object); number(got["left"]) != 2000 || number(got["share"]) != 1000 || number(g["left"]) != 600 {
		t.Errorf("%v", got)
	}
	book := office.saved(t, "fund.xlsx", url.Values{"year": {""}})
	if rows := cells(t, book, "明细"); len(rows) < 6 {
		t.Errorf("%v", rows)
	}
}
