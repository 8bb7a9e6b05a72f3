package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// applying is what a phone sends of somebody, under a word of its own.
func applying(name, phone, word string) object {
	return object{"whom": "self", "name": name, "phone": phone, "grid": "", "address": "爨下巷 3 号", "skills": "理发", "wishes": "周末能鼗鼓", "guardian": "",
		"consents": []string{"identity", "contact", "care"}, "once": strings.Repeat(word, 32)[:32]}
}

// applies hands an application in and returns its number.
func (d *device) applies(form object) string {
	d.t.Helper()
	got, err := d.phone("phone.apply", form)
	if err != nil {
		d.t.Fatal(err)
	}
	return got["number"].(string)
}

func (d *device) became(number string) object {
	d.t.Helper()
	got, err := d.phone("phone.applied", object{"number": number})
	if err != nil {
		d.t.Fatal(err)
	}
	return got
}

func (d *device) applicants() []any { return d.must("newcomer.list", object{})["waiting"].([]any) }

// TestApplyOnThePhone: who has no card applies at a station's page, once however often the
// page sends it; the office takes in, with person, card, bonus and consents, or refuses with a
// reason, and what was said on the phone opens nowhere any more.
func TestApplyOnThePhone(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	form := applying("欧阳秋水", "139 0000 1234", "a")
	for call, params := range map[string]object{"phone.apply": form, "phone.applyForm": {}} {
		if _, err := station.phone(call, params); fault.Of(err).Code != "newcomer.off" {
			t.Errorf("%s before it is switched on: %v", call, err)
		}
	}
	office.must("newcomer.setRule", object{"on": true})
	eventually(t, "the station's page offers it", func() bool {
		hello, err := station.phone("phone.hello", object{})
		return err == nil && hello["apply"] == true
	})
	grids, err := station.phone("phone.applyForm", object{})
	if err != nil {
		t.Fatal(err)
	}
	form["grid"] = grids["grids"].([]any)[0].(object)["id"]
	number := station.applies(form)
	if again := station.applies(form); again != number {
		t.Errorf("sent again: %s, then %s", number, again)
	}
	child := applying("欧阳小满", "13900001234", "b")
	child["whom"], child["guardian"] = "child", "欧阳秋水"
	second := station.applies(child)
	if x := station.became(number); x["state"] != "" || x["reason"] != "" {
		t.Errorf("while it waits: %v", x)
	}
	eventually(t, "the office has both", func() bool { return len(office.applicants()) == 2 })
	first := office.applicants()[0].(object)
	who := first["person"].(object)
	if first["number"] != number || who["name"] != "欧阳秋水" || who["phone"] != "13900001234" || who["note"] != "周末能鼗鼓" || who["grid"] != form["grid"] {
		t.Errorf("%v", first)
	}
	if todo := fmt.Sprint(office.must("home.get", object{})["todo"]); !strings.Contains(todo, "/people/newcomers") {
		t.Errorf("the office is told nothing: %s", todo)
	}
	for _, text := range []string{"欧阳秋水", "13900001234", "爨下巷", "周末能鼗鼓", number} {
		if file := office.holding([]byte(text)); file != "" {
			t.Errorf("%q stands in the clear in %s", text, file)
		}
	}

	who["idNumber"] = "110101199003072113"
	got := office.must("newcomer.accept", object{"id": first["id"], "person": who})
	if got["existing"] == true || got["code"] == "" {
		t.Fatalf("%v", got)
	}
	p := office.person(got["id"])
	if p["name"] != "欧阳秋水" || p["skills"] != "理发" || p["grid"] != form["grid"] {
		t.Errorf("%v", p)
	}
	eventually(t, "the bonus is booked", func() bool { return number10(office, got["id"]) })
	said := fmt.Sprint(office.must("people.consents", object{"id": got["id"]})["rows"])
	for _, purpose := range []string{"identity", "contact", "care"} {
		if !strings.Contains(said, "purpose:"+purpose) {
			t.Errorf("no consent to %s: %s", purpose, said)
		}
	}
	if strings.Contains(said, "purpose:photo") {
		t.Error("a consent that nobody gave")
	}
	office.refuses("newcomer.ended", "newcomer.accept", object{"id": first["id"], "person": who})
	office.refuses("newcomer.ended", "newcomer.refuse", object{"id": first["id"], "reason": "重复"})
	office.refuses("newcomer.unknown", "newcomer.refuse", object{"id": "x", "reason": "重复"})

	other := office.applicants()[0].(object)
	if other["whom"] != "child" || other["person"].(object)["guardian"] != "欧阳秋水" {
		t.Errorf("%v", other)
	}
	for _, bad := range []string{" ", strings.Repeat("长", 101), "a\nb"} {
		office.refuses("newcomer.reason", "newcomer.refuse", object{"id": other["id"], "reason": bad})
	}
	const reason = "请到龘石社区登记"
	office.must("newcomer.refuse", object{"id": other["id"], "reason": reason})
	eventually(t, "the applicants hear", func() bool {
		return station.became(number)["state"] == "accepted" && station.became(second)["reason"] == reason
	})
	if say := fmt.Sprint(station.became(number), station.became(second)); strings.Contains(say, "欧阳") || strings.Contains(say, got["code"].(string)) || strings.Contains(say, "经办人甲") {
		t.Errorf("the phone reads %s", say)
	}
	if file := office.holding([]byte(reason)); file != "" {
		t.Errorf("the reason stands in the clear in %s", file)
	}
	eventually(t, "both have the same", func() bool { return office.changes() == station.changes() })
	for _, d := range []*device{office, station} { // what was said is gone
		if opens := d.opensApplications(); opens != 0 {
			t.Errorf("%d texts of ended applications still open", opens)
		}
	}
	allAgree(t, office, station)
}

func number10(d *device, id any) bool { return number(d.person(id)["spendable"]) == 10 }

// TestApplyTellsNothing: a phone hears the same of somebody who is registered, has applied or
// is nobody, and nothing of others by any number; a desk that takes in who is here already
// changes nothing of the person.
func TestApplyTellsNothing(t *testing.T) {
	office := found(t)
	office.must("newcomer.setRule", object{"on": true})
	li := office.must("people.register", person("李四", "13900000002"))
	known, again, new := office.applies(applying("李四", "13900000002", "a")), office.applies(applying("李四", "13900000002", "b")), office.applies(applying("王五", "13900000003", "c"))
	for _, n := range []string{known, again, new} {
		if x := office.became(n); len(n) != 12 || fmt.Sprint(x["state"], x["reason"], x["ended"]) != fmt.Sprint("", "", 0) {
			t.Errorf("%s: %v", n, x)
		}
	}
	for _, bad := range []string{"", "000000000000", "李四", known + "0"} {
		if _, err := office.phone("phone.applied", object{"number": bad}); fault.Of(err).Code != "newcomer.unknown" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for code, change := range map[string]object{
		"people.name.bad": {"name": ""}, "people.phone.bad": {"phone": "12"}, "newcomer.phone": {"phone": ""}, "people.grid.unknown": {"grid": "x"},
		"newcomer.whom": {"whom": "friend"}, "people.guardian.missing": {"whom": "parent"}, "newcomer.wishes": {"wishes": strings.Repeat("长", 201)},
		"newcomer.consent": {"consents": []string{"identity", "contact"}}, "call.params": {"once": "short"},
	} {
		bad := applying("赵六", "13900000004", "d")
		for k, v := range change {
			bad[k] = v
		}
		if _, err := office.phone("phone.apply", bad); fault.Of(err).Code != code {
			t.Errorf("want %s: %v", code, err)
		}
	}
	if n := len(office.applicants()); n != 3 {
		t.Fatalf("%d wait", n)
	}
	before := fmt.Sprint(office.person(li["id"]), office.must("people.consents", object{"id": li["id"]}))
	row := office.applicants()[0].(object)
	got := office.must("newcomer.accept", object{"id": row["id"], "person": row["person"]})
	if got["existing"] != true || got["id"] != li["id"] {
		t.Errorf("%v", got)
	}
	if after := fmt.Sprint(office.person(li["id"]), office.must("people.consents", object{"id": li["id"]})); after != before {
		t.Errorf("who is here was changed:\n%s\n%s", before, after)
	}
	if x := office.became(known); x["state"] != "accepted" || x["reason"] != "" {
		t.Errorf("%v", x)
	}
}

// TestApplicationsLapse: what nobody answers is forgotten after its time, and why somebody was
// refused as well.
func TestApplicationsLapse(t *testing.T) {
	var k clock
	d := startBy(t, t.TempDir(), k.now)
	made := d.must("setup.create", object{"community": "柳溪社区", "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{}})
	d.must("setup.checkRecovery", object{"text": made["recoveryKey"]})
	d.must("newcomer.setRule", object{"on": true})
	refused, waiting := d.applies(applying("李四", "13900000002", "a")), d.applies(applying("王五", "13900000003", "b"))
	var id any
	for _, r := range d.applicants() {
		if r := r.(object); r["number"] == refused {
			id = r["id"]
		}
	}
	d.must("newcomer.refuse", object{"id": id, "reason": "不在本社区"})
	ahead := func(days int) {
		k.ahead.Store(int64(time.Duration(days) * 24 * time.Hour))
		d.Node.community.tend.poke()
	}
	ahead(59)
	eventually(t, "a day passed", func() bool { return d.became(refused)["reason"] == "不在本社区" })
	ahead(61)
	eventually(t, "the reason is forgotten", func() bool { return d.became(refused)["reason"] == "" })
	if x := d.became(refused); x["state"] != "refused" {
		t.Errorf("%v", x)
	}
	if x := d.became(waiting); x["state"] != "" {
		t.Errorf("it lapsed too early: %v", x)
	}
	ahead(91)
	eventually(t, "it lapsed", func() bool { return d.became(waiting)["state"] == "lapsed" })
	if n := d.opensApplications(); n != 0 {
		t.Errorf("%d texts still open", n)
	}
}

// opensApplications counts the applications that ended and whose text still opens here.
func (d *device) opensApplications() (n int) {
	d.t.Helper()
	c := d.Node.community
	err := c.view(d.t.Context(), func(q store.Querier) error {
		ended, err := c.newcomer.Ended(q, 0, 1<<62, -1)
		for _, a := range ended {
			said, e := openApplied(c.people.Texts(q), a)
			if e != nil {
				return e
			}
			if said.whole() {
				n++
			}
		}
		if err == nil && len(ended) == 0 {
			d.t.Error("no application ended")
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}
