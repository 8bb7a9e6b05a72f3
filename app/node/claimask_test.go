package node

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/photo"
)

// asks is a claim of one's own from a phone, in a community where it is reviewed.
type asks struct {
	*device
	who, token any
}

func (d *device) phoneToken(who any, tail string) any {
	d.t.Helper()
	in, err := d.phone("phone.signIn", object{"code": d.person(who)["code"], "tail": tail})
	if err != nil {
		d.t.Fatal(err)
	}
	return in["token"]
}

// phoned calls for the person; the claim that was made last comes first.
func (a asks) phoned(call string, more object) object {
	a.t.Helper()
	more["token"] = a.token
	got, err := a.phone(call, more)
	if err != nil {
		a.t.Fatalf("%s: %v", call, err)
	}
	return got["claims"].([]any)[0].(object)
}

func (a asks) claim(days int64, shots ...any) object {
	a.t.Helper()
	return a.phoned("phone.claim", object{"item": "JY01", "at": a.now() - days*24*3_600_000, "minutes": 60, "count": 0, "hard": 0, "note": "", "witness": "李四", "shots": shots})
}

func (a asks) shot(name string, seed uint64) any {
	a.t.Helper()
	file, err := base64.StdEncoding.DecodeString(taken(a.t, seed))
	if err != nil {
		a.t.Fatal(err)
	}
	if file, err = photo.Shrink(file, photo.FromDesk); err != nil {
		a.t.Fatal(err)
	}
	for at := 0; at < len(file); at += 30_000 {
		if _, err := a.phone("phone.shot", object{"token": a.token, "name": name, "at": at, "piece": base64.StdEncoding.EncodeToString(file[at:min(len(file), at+30_000)])}); err != nil {
			a.t.Fatal(err)
		}
	}
	return name
}

// TestAskedForMore: who reviews a claim asks; the phone shows the question and sends the
// reply with a picture, once however often; then the claim is reviewed. No answer in time,
// by the main device's clock, and it falls; the deed may be claimed anew.
func TestAskedForMore(t *testing.T) {
	var k clock
	d := foundBy(t, &k)
	d.ruled("JY01", object{"self": true, "review": true})
	d.must("limits.set", object{"till": 1000, "start": 1000, "ask": 5})
	d.refuses("limits.ask", "limits.set", object{"till": 1000, "start": 1000, "ask": 91})
	who := d.must("people.register", person("王五", "13900000005"))["id"]
	other := d.must("people.register", person("赵六", "13900000006"))["id"]
	a := asks{d, who, d.phoneToken(who, "0005")}

	x := a.claim(1)
	ask := object{"id": x["id"], "text": "扫的是几号楼？"}
	d.refuses("claim.question", "claim.ask", object{"id": x["id"], "text": " "})
	d.refuses("claim.question", "claim.ask", object{"id": x["id"], "text": strings.Repeat("问", maxAsked+1)})
	d.refuses("claim.state", "claim.reply", object{"id": x["id"], "text": "没有人问"})
	if row := d.must("claim.ask", ask); row["state"] != "asked" || number(row["days"]) != 5 {
		t.Fatalf("%v", row)
	}
	d.refuses("claim.state", "claim.ask", ask)
	d.refuses("claim.state", "claim.review", object{"id": x["id"], "yes": true, "why": ""})
	eventually(t, "its days have begun", func() bool { return number(d.newest(who)["until"]) > 0 })
	x = a.phoned("phone.claims", object{})
	said := x["asked"].([]any)[0].(object)
	if x["state"] != "asked" || said["text"] != ask["text"] || said["by"] != "" || number(said["repliedAt"]) != 0 || number(x["room"]) != maxShots {
		t.Fatalf("%v", x)
	}
	if until := number(x["until"]) - d.now(); until < 4*24*3_600_000 || until > 5*24*3_600_000 {
		t.Errorf("it waits for %d ms", until)
	}

	reply := object{"id": x["id"], "text": "2 号楼，上午九点", "shots": []any{a.shot("picture-one", 4)}}
	if _, err := d.phone("phone.reply", object{"token": d.phoneToken(other, "0006"), "id": x["id"], "text": "不是我"}); fault.Of(err).Code != "claim.unknown" {
		t.Errorf("somebody else's reply: %v", err)
	}
	if _, err := d.phone("phone.reply", object{"token": a.token, "id": x["id"], "text": " "}); fault.Of(err).Code != "claim.reply" {
		t.Errorf("an empty reply: %v", err)
	}
	if x = a.phoned("phone.reply", reply); x["state"] != "review" || number(x["photos"]) != 1 {
		t.Fatalf("%v", x)
	}
	before := d.changes()
	if x = a.phoned("phone.reply", reply); x["state"] != "review" || d.changes() != before {
		t.Errorf("sent again: %v", x)
	}
	if row := d.newest(who)["asked"].([]any)[0].(object); row["reply"] != reply["text"] || row["how"] != "page" {
		t.Errorf("at the desk: %v", row)
	}

	// Asked again, replied to at the counter.
	d.must("claim.ask", object{"id": x["id"], "text": "谁一起去的？"})
	if row := d.must("claim.reply", object{"id": x["id"], "text": "和刘婶"}); row["state"] != "review" || len(row["asked"].([]any)) != 2 {
		t.Fatalf("%v", row)
	}
	d.must("claim.review", object{"id": x["id"], "yes": true, "why": ""})
	eventually(t, "it is booked", func() bool { return d.newest(who)["state"] == "booked" })

	// Nobody replies.
	x = a.claim(2)
	d.must("claim.ask", object{"id": x["id"], "text": "哪一家？"})
	eventually(t, "its days have begun", func() bool { return number(d.newest(who)["until"]) > 0 })
	d.must("limits.set", object{"till": 1000, "start": 1000, "ask": 30}) // what was asked keeps its days
	goBy(t, &k, 4, d)
	if s := d.newest(who)["state"]; s != "asked" {
		t.Fatalf("a day too early: %v", s)
	}
	goBy(t, &k, 6, d)
	eventually(t, "it fell", func() bool { return d.newest(who)["state"] == "lapsed" })
	a.token = d.phoneToken(who, "0005")
	if _, err := d.phone("phone.reply", object{"token": a.token, "id": x["id"], "text": "晚了"}); fault.Of(err).Code != "claim.state" {
		t.Errorf("a reply after it fell: %v", err)
	}
	if x := a.claim(8); x["state"] != "review" { // of the day that the fallen one was of
		t.Errorf("claimed anew: %v", x)
	}

	// A deduction has nobody who claims it.
	withDeductions(d)
	d.ruled("KF01", object{"review": true})
	d.claimed("KF01", who)
	d.refuses("claim.deduction", "claim.ask", object{"id": d.newest(who)["id"], "text": "问谁？"})
}

// TestARepliesPicturesAreBounded: six pictures hang on a claim, whoever brings them; a
// reply with more is refused and nothing of it is written.
func TestARepliesPicturesAreBounded(t *testing.T) {
	d := found(t)
	d.ruled("JY01", object{"self": true, "review": true})
	who := d.must("people.register", person("王五", "13900000005"))["id"]
	a := asks{d, who, d.phoneToken(who, "0005")}
	x := a.claim(1, a.shot("picture-1", 1), a.shot("picture-2", 2), a.shot("picture-3", 3))
	for n := range 2 {
		d.must("photo.add", object{"person": who, "of": photoOfClaim + x["id"].(string), "file": taken(t, uint64(10+n))})
	}
	d.must("claim.ask", object{"id": x["id"], "text": "再拍一张？"})
	eventually(t, "its days have begun", func() bool { return number(d.newest(who)["until"]) > 0 })
	if x = a.phoned("phone.claims", object{}); number(x["room"]) != 1 {
		t.Fatalf("room for %v", x["room"])
	}
	before := d.changes()
	_, err := d.phone("phone.reply", object{"token": a.token, "id": x["id"], "text": "拍了", "shots": []any{a.shot("picture-4", 4), a.shot("picture-5", 5)}})
	if fault.Of(err).Code != "photo.many" || d.changes() != before {
		t.Fatalf("%v", err)
	}
	if x = a.phoned("phone.reply", object{"id": x["id"], "text": "拍了", "shots": []any{a.shot("picture-4", 4)}}); number(x["photos"]) != 6 || x["state"] != "review" {
		t.Errorf("%v", x)
	}
}

// TestAQuestionThatCrossesAnApproval: one desk asks, another one that is cut off approves.
// The question stops the claim; the approval did not know of it and is to be given again.
func TestAQuestionThatCrossesAnApproval(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	office.ruled("JY01", object{"self": true, "review": true, "notice": 3})
	who := office.must("people.register", person("王五", "13900000005"))["id"]
	a := asks{office, who, office.phoneToken(who, "0005")}
	x := a.claim(1)
	eventually(t, "the station knows it", func() bool { return station.newest(who)["state"] == "review" })
	station.away(true)
	yes := object{"id": x["id"], "yes": true, "why": ""}
	station.must("claim.review", yes)
	office.must("claim.ask", object{"id": x["id"], "text": "哪一家？"})
	station.away(false)
	for _, d := range []*device{office, station} {
		eventually(t, "it waits for its claimant", func() bool {
			x := d.newest(who)
			return x["state"] == "asked" && x["void"].(object)["void"] == "asked"
		})
	}
	if got := fmt.Sprint(office.must("home.get", object{})["todo"]); strings.Contains(got, "/points/claims") {
		t.Errorf("the first page says %v", got)
	}
	station.must("claim.reply", object{"id": x["id"], "text": "刘婶家"})
	eventually(t, "it is to be reviewed", func() bool { return office.newest(who)["state"] == "review" })
	office.must("claim.review", yes)
	eventually(t, "its days run", func() bool { x := station.newest(who); return x["state"] == "notice" && number(x["until"]) > 0 })
}
