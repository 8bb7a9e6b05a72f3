package node

import (
	"strings"
	"testing"
)

// TestConsentOfAPerson: what a person agreed to at a station and took back at the
// office stands at both, and in the person's own file.
func TestConsentOfAPerson(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("王五", "13900000001"))["id"]
	eventually(t, "the station knows the person", func() bool { _, err := station.call("people.get", object{"id": id}); return err == nil })
	station.must("people.consent", object{"id": id, "purpose": "contact", "given": true, "how": "paper", "on": station.now() - 5*24*3_600_000})
	read := func() object { return office.must("people.consents", object{"id": id}) }
	eventually(t, "the office hears of it", func() bool { return len(read()["rows"].([]any)) == 1 })
	if got := read(); len(got["withdrawn"].([]any)) != 0 || got["rows"].([]any)[0].(object)["device"] != "柳溪实践站电脑" || got["keeps"].([]any)[0] != "identity" || len(got["keeps"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
	got := office.must("people.consent", object{"id": id, "purpose": "contact", "given": false, "how": "phone", "on": office.now()})
	if w := got["withdrawn"].([]any); len(w) != 1 || w[0] != "contact" {
		t.Errorf("%v", got)
	}
	page, data := office.dossierOf(id)
	rows := data["consent"]
	if len(rows) != 2 || rows[0]["given"] != "撤回" || rows[0]["how"] != "电话里" || rows[1]["given"] != "以前：同意" || rows[1]["how"] != "书面" || number(rows[1]["on"]) == 0 || !strings.Contains(page, "电话、住址：联系本人") {
		t.Errorf("in the file: %v", rows)
	}
	office.refuses("people.consent", "people.consent", object{"id": id, "purpose": "contact", "given": true, "how": "paper", "on": 0})
	office.refuses("people.unknown", "people.consents", object{"id": "x"})
}
