package node

import (
	"fmt"
	"strings"
	"testing"
)

// TestProposals: a resident proposes on the phone, once however often the page sends it,
// or at a desk; the office answers, also after the council met; the resident reads the
// answers and nobody else's, and not who gave them.
func TestProposals(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	li, wang := office.must("people.register", person("李四", "13900000002"))["id"], office.must("people.register", person("王五", "13900000003"))["id"]
	in, err := office.phone("phone.signIn", object{"code": office.person(li)["code"], "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	const text = "院里长椅鼗少，老人晒太阳不方便"
	send := object{"token": in["token"], "text": text, "once": "1"}
	for range 2 {
		if got, err := office.phone("phone.propose", send); err != nil || len(got["rows"].([]any)) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
	}
	office.must("council.propose", object{"person": wang, "text": "路灯太暗"})
	for _, bad := range []object{{"person": wang, "text": " "}, {"person": wang, "text": strings.Repeat("长", 301)}} {
		office.refuses("council.proposal.text", "council.propose", bad)
	}
	office.refuses("people.unknown", "council.propose", object{"person": "x", "text": "路灯太暗"})
	var id any
	eventually(t, "the station has both", func() bool {
		rows := station.must("council.proposals", object{})["rows"].([]any)
		for _, r := range rows {
			if r := r.(object); r["text"] == text && r["name"] == "李四" && r["via"] == "phone" {
				id = r["id"]
			}
		}
		return len(rows) == 2 && id != nil
	})
	if n := station.unanswered("proposal"); n != 2 {
		t.Errorf("the first page names %d proposals", n)
	}
	station.refuses("council.proposal.state", "council.reply", object{"id": id, "state": "yes", "text": "好"})
	station.refuses("council.proposal.unknown", "council.reply", object{"id": strings.Repeat("0", 26), "state": "no", "text": "好"})
	station.must("council.reply", object{"id": id, "state": "council", "text": "四月上会"})
	eventually(t, "the office has the answer", func() bool {
		return strings.Contains(fmt.Sprint(office.must("council.proposals", object{})), "四月上会")
	})
	office.must("council.reply", object{"id": id, "state": "done", "text": "添了六条"})
	if n := office.unanswered("proposal"); n != 1 {
		t.Errorf("the first page names %d proposals after an answer", n)
	}
	got, err := office.phone("phone.proposals", object{"token": in["token"]})
	if err != nil {
		t.Fatal(err)
	}
	row := got["rows"].([]any)[0].(object)
	if say := fmt.Sprint(got); row["state"] != "done" || len(row["replies"].([]any)) != 2 || strings.Contains(say, "路灯") || strings.Contains(say, "经办人甲") || strings.Contains(say, li.(string)) {
		t.Errorf("what the phone reads: %v", got)
	}
	if file := office.holding([]byte(text)); file != "" {
		t.Errorf("the proposal stands in the clear in %s", file)
	}
	for n := range 10 {
		if _, err := office.phone("phone.propose", object{"token": in["token"], "text": fmt.Sprint("再提", n), "once": fmt.Sprint("n", n)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := office.phone("phone.propose", object{"token": in["token"], "text": "太多", "once": "many"}); err == nil || !strings.Contains(err.Error(), "council.proposal.many") {
		t.Errorf("an eleventh: %v", err)
	}
	allAgree(t, office, station)
}

// unanswered is how many of what residents said wait for an answer on the first page.
func (d *device) unanswered(kind string) (n int64) {
	d.t.Helper()
	for _, x := range d.must("home.get", object{})["todo"].([]any) {
		if x := x.(object); x["kind"] == kind {
			n += number(x["params"].(object)["n"])
		}
	}
	return n
}
