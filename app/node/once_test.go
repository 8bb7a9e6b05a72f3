package node

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jishan/crdt/store"
)

// noWord says why a call needs no word: what a second one does.
var noWord = map[string]string{
	"reads": `audit.list people.erasures above.look above.read backup.state activity.code activity.get activity.list alarms.list app.search app.state audit.has audit.report budget.get card.rule limits.get household.book household.rule newcomer.list newcomer.rule assess.sheetPreview deed.today
		devices.aside devices.drives devices.list devices.meeting home.get award.days award.get credit.certificate credit.check credit.list credit.person credit.table honour.person honour.stats honour.table honour.today job.list operators.list order.badge order.board
		order.get order.list order.fitting order.parties order.performance people.card people.consents people.doubles people.eraseLook people.get people.grids people.list people.movers people.passbook people.records people.rosterPreview people.similar people.views correction.list correction.look
		merchants.list partners.list partners.read project.list publicity.list publicity.shown duty.list wall.get council.list council.get council.seats council.proposals recovery.look claim.families claim.list photo.list photo.get lists.get ranking.get assess.list assess.get selection.list selection.get selection.voter scheme.above scheme.at scheme.get scheme.read scheme.ready scheme.versions session.list settle.history settle.list settle.sheet setup.checkRecovery setup.knocking setup.offices setup.readTicket shop.offers shop.picture shop.about fund.get bylaw.get
		shop.stockMoves stats.month stats.span report.community report.table hours.due hours.papers hours.person hours.sheet survey.list team.list till.reservations till.today pass.issue shop.terms voucher.list voucher.slip voucher.tills visits.list year.list`,
	"sets a state that it already has, or is refused": `activity.after activity.cancel activity.checkIn activity.finish activity.paste activity.promote activity.signOff
		activity.signUp activity.update deed.takeBack app.confirmClock publicity.withdraw duty.hand duty.end council.strike council.act council.seat council.unseat app.missingSeen app.operator base.start base.stop budget.set card.setRule devices.addAddress devices.asideSeen devices.goOn devices.keep devices.soldSeen devices.count
		devices.meet devices.meetCode devices.meetPick devices.pause devices.revoke correction.withdraw award.deliver award.list award.redeem award.strike credit.consent credit.setTable credit.withdraw honour.save limits.set job.answer job.done ledger.undo operators.answer operators.change operators.rule operators.unlock
		operators.withdraw order.answer order.cancel order.dispatch order.done order.review order.settle partners.agree partners.answer partners.make partners.received partners.site report.drop report.list report.make report.outcomes report.urge hours.layout people.apart people.blockCard people.consent people.different people.arrive people.erase people.join people.moveAway people.rosterUndo people.settle people.update
		recovery.takeOver recovery.standIn devices.certify devices.standby above.name above.takeOver claim.answer claim.appeal claim.ask claim.reply claim.confirm claim.review claim.tell claim.withdraw photo.takeDown lists.set ranking.set household.setRule assess.sheetImport newcomer.accept newcomer.refuse newcomer.setRule assess.score assess.present assess.publish assess.answer assess.book assess.drop selection.judge selection.check selection.open selection.vote selection.tally selection.publish selection.answer selection.decide selection.honour selection.drop scheme.adopt people.saveGrids scheme.restore scheme.save session.change session.lock session.open session.touch settings.save settle.make settle.paid settle.terms merchants.renew merchants.scope visits.join shop.count shop.photo shop.saveAbout shop.saveTerms fund.undo bylaw.save
		backup.folder setup.agree setup.anew setup.create setup.join setup.knock setup.leave setup.restore setup.sample till.endReservation voucher.recall voucher.return year.close year.cohorts year.final year.grace`,
	"takes what is missing": "people.moveLook devices.exchange devices.import partners.letter report.import honour.pull till.pull till.scan",
	"has a word of its own": "order.post",
	"a second copy, ticket, name or key stands beside the first, which does no harm": "above.appoint above.request backup.now devices.ticket operators.add operators.begin operators.recover recovery.renew",
}

// Whoever adds a call decides whether it may be made twice.
func TestEveryCallSaysWhetherItTakesAWord(t *testing.T) {
	d := start(t, t.TempDir())
	why := map[string]string{}
	for reason, names := range noWord {
		for _, name := range strings.Fields(names) {
			if why[name] != "" || onceCalls[name] {
				t.Errorf("%s is listed twice", name)
			}
			if _, ok := d.calls[name]; !ok {
				t.Errorf("there is no call %s", name)
			}
			why[name] = reason
		}
	}
	for name := range d.calls {
		if why[name] == "" && !onceCalls[name] {
			t.Errorf("what does a second %s do? List it in onceCalls or noWord", name)
		}
	}
	b, err := os.ReadFile("../../frontend/src/bridge/once.ts")
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := strings.Cut(string(b), "])")
	var sent []string
	for _, m := range regexp.MustCompile(`'([a-z]+\.[a-zA-Z]+)'`).FindAllStringSubmatch(list, -1) {
		sent = append(sent, m[1])
	}
	slices.Sort(sent)
	if want := slices.Sorted(maps.Keys(onceCalls)); !slices.Equal(sent, want) {
		t.Errorf("screens send words with %v, want %v", sent, want)
	}
}

// changes counts all that was ever written.
func (d *device) changes() (n int64) {
	d.t.Helper()
	c, err := d.here()
	if err == nil {
		err = c.view(d.t.Context(), func(q store.Querier) (err error) { n, err = store.Newest(q); return err })
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// still waits until the chores have nothing more to write.
func (d *device) still() (n int64) {
	d.t.Helper()
	for n = -1; n != d.changes(); time.Sleep(2 * tendPause) {
		n = d.changes()
	}
	return n
}

// A request that is made again under its word does nothing more and gets the
// first one's answer; without one, or under another, it does its work again.
func TestRepeatedRequestsDoTheirWorkOnce(t *testing.T) {
	d := found(t)
	now := time.Now().UnixMilli()
	id := d.must("people.register", person("王五", "13900000001"))["id"]
	second := d.must("people.register", person("赵六", "13900000002"))["id"]
	third := d.must("people.register", person("吴九", "13900000009"))["id"]
	eventually(t, "the bonus is booked", func() bool { return d.owing(third, 10, 0) })
	offer := d.shelf("香皂", 1, 20)
	act := d.must("activity.publish", object{"title": "送春联", "type": "文化", "start": now - 60_000, "end": now + 3_600_000, "place": "", "places": 5, "item": "", "organiser": "", "note": ""})["id"]
	wish := d.must("order.post", object{"person": id, "type": "维修", "project": "", "text": "修灯泡", "address": "", "phone": "", "via": "desk", "once": ""})["id"]
	card := d.must("people.card", object{"ids": []any{id}})["cards"].([]any)[0].(object)["qr"]
	var timed any
	for _, x := range d.must("scheme.get", object{})["items"].([]any) {
		if x := x.(object); x["kind"] == "time" && x["witness"] != true && timed == nil {
			timed = x["code"]
		}
	}
	d.must("credit.setTable", object{"basis": "lifetime", "least": 1, "most": 9, "bands": []object{{"from": 1, "to": 0, "amount": 5}}})
	d.must("credit.consent", object{"person": second, "present": true})
	roster := d.must("people.rosterPreview", object{"text": "姓名\t电话\n孙七\t13900000003", "file": ""})["token"]
	d.must("hours.layout", object{"platform": "national", "columns": []object{{"title": "姓名", "field": "name", "fixed": ""}}})
	scored := d.publicRound()
	proposed := d.must("council.propose", object{"person": second, "text": "路灯太暗"})["id"]
	nominating := d.must("selection.begin", object{"title": "公益项目", "kind": "projects", "places": 1, "choices": 1, "item": "", "grant": 0, "days": 1, "phone": false})["id"]
	chosen := d.openSelection(second, "热心", "没有意见")
	d.votes(chosen, id, 1)
	d.must("selection.tally", object{"id": chosen})
	d.must("selection.publish", object{"id": chosen, "lines": []int{1}})
	watch := object{"kind": "duty", "title": "查飞线", "place": "2 号院", "item": timed, "per": "week", "times": 3, "person": id}
	kept := d.must("duty.open", watch)["id"]
	played := map[string]object{
		"fund.add":            {"kind": "own", "fen": 100, "day": now, "who": "", "word": "", "voucher": "", "grant": ""},
		"duty.open":           watch,
		"duty.done":           {"id": kept, "at": now - 26*3_600_000, "minutes": 60, "note": "", "witness": ""},
		"people.register":     person("周八", ""),
		"people.replaceCard":  {"id": second, "pin": ""},
		"people.household":    {"household": "", "members": []any{id, second}, "head": id},
		"people.rosterImport": {"token": roster},
		"deed.record":         {"person": id, "item": timed, "at": now - 3_600_000, "minutes": 120, "note": "", "witness": "", "line": "7"},
		"deed.deduct":         {"person": second, "points": 1, "reason": "占用消防通道"},
		"correction.make":     {"hash": entryOf(d.lines(third, "award")[0]), "reason": "重复登记"},
		"activity.publish":    {"title": "义诊", "type": "医疗", "start": now, "end": now + 3_600_000, "place": "", "places": 5, "item": "", "organiser": "", "note": ""},
		"activity.scanCard":   {"id": act, "text": card},
		"claim.post":          {"people": []any{second}, "item": timed, "at": now - 7_200_000, "minutes": 60, "count": 0, "hard": 0, "note": "", "witness": "", "via": "desk"},
		"photo.add":           {"person": third, "of": photoOfDeed + entryOf(d.lines(third, "award")[0]).(string), "file": taken(t, 9)},
		"credit.assess":       {"person": second},
		"publicity.post":      {"kind": "publicity", "title": "公示", "body": "三月积分。", "contact": "办公室", "grid": "", "from": now - 1000, "until": now + 86_400_000, "about": "", "names": ""},
		"council.enter":       {"title": "三月议事会", "at": now - 1000, "place": "会议室", "present": []any{id}, "others": 3, "matters": []any{object{"title": "添长椅", "decision": "添六条", "for": 3, "against": 0, "abstain": 1}}, "names": ""},
		"council.propose":     {"person": third, "text": "院里添几条长椅"},
		"council.reply":       {"id": proposed, "state": "council", "text": "四月上会"},
		"award.open":          {"title": "集中兑换日"},
		"order.reply":         {"id": wish, "text": "会尽快派人"},
		"project.save":        {"id": "", "name": "家电维修", "type": "维修", "note": "", "item": "", "closed": false},
		"team.save":           {"id": "", "name": "维修队", "lead": id, "closed": false, "members": []any{id}},
		"survey.save":         {"title": "秋季", "forms": 3, "votes": []object{}},
		"shop.save":           {"id": "", "name": "毛巾", "unit": "1 条", "kind": "goods", "points": 2, "minimum": 0, "icon": "soap", "active": true, "code": ""},
		"shop.receive":        {"offer": offer, "n": 3, "why": ""},
		"till.redeem":         {"person": id, "lines": []object{{"offer": offer, "n": 2}}, "pin": "", "word": true},
		"till.reserve":        {"person": id, "lines": []object{{"offer": offer, "n": 1}}},
		"assess.begin":        {"title": "评议", "span": "2026q1", "items": scored["items"], "days": 1},
		"assess.object":       {"id": scored["id"], "home": scored["home"], "text": "少记了一次"},
		"selection.begin":     {"title": "好邻居", "kind": "people", "places": 1, "choices": 1, "item": "", "grant": 0, "days": 1, "phone": false},
		"selection.nominate":  {"id": nominating, "person": "", "name": "楼道读书角", "text": "办了十场"},
		"selection.object":    {"id": chosen, "nominee": second, "text": "不是她"},
		"hours.issue":         {"id": id, "from": "", "to": ""},
		"hours.send":          {"platform": "national", "from": "", "to": ""},
	}
	for i, name := range slices.Sorted(maps.Keys(played)) {
		params := maps.Clone(played[name])
		params["once"] = fmt.Sprintf("word-%02d-%s", i, name)
		before := d.still()
		var mu sync.Mutex
		var out []any
		var wg sync.WaitGroup
		for range 2 { // at the same moment, as a hand that presses twice
			wg.Go(func() {
				p, _ := json.Marshal(params)
				v, err := d.Call(t.Context(), name, p)
				b, _ := json.Marshal(v)
				mu.Lock()
				out = append(out, fmt.Sprint(string(b), err))
				mu.Unlock()
			})
		}
		wg.Wait()
		after := d.still()
		third, err := d.call(name, params)
		if err != nil || out[0] != out[1] || after == before || d.still() != after {
			t.Errorf("%s: %d changes, then %d; %v; %v", name, after-before, d.still()-after, err, out)
			continue
		}
		first := object{}
		if text := strings.TrimSuffix(out[0].(string), "<nil>"); json.Unmarshal([]byte(text), &first) != nil || !reflect.DeepEqual(first, third) {
			t.Errorf("%s answers %v, then %v", name, text, third)
		}
		params["once"] = "x"
		d.refuses("call.params", name, params)
		params["once"], params["more"] = fmt.Sprintf("word-%02d-%s", i, name), 1
		d.refuses("call.once", name, params)
	}
	redeem := maps.Clone(played["till.redeem"])
	redeem["once"] = "after a restart"
	receipt := d.must("till.redeem", redeem)
	reply := object{"id": wish, "text": "已派人", "once": "after a restart"}
	d.must("order.reply", reply)
	d.stop()
	d = start(t, d.dir)
	before := d.still()
	if again := d.must("till.redeem", redeem); !reflect.DeepEqual(again, receipt) {
		t.Error("another receipt after a restart:", again)
	}
	d.refuses("call.done", "order.reply", reply)
	if n := d.still(); n != before {
		t.Errorf("%d changes more after a restart", n-before)
	}
	redeem["once"] = "another order"
	if again := d.must("till.redeem", redeem); reflect.DeepEqual(again, receipt) {
		t.Error("another word is another order")
	}
	for _, name := range slices.Sorted(maps.Keys(onceCalls)) {
		if _, ok := played[name]; !ok && name != "job.reply" && name != "voucher.issue" && name != "honour.use" { // the same door, at places that this test has not
			t.Errorf("%s was not tried", name)
		}
	}
}
