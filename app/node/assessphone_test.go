package node

import (
	"fmt"
	"strings"
	"testing"
)

// TestRoundOnTheHouseholdsPhone: every member reads the household's own result from when
// it stands in public, and may object until the days are over; nobody reads another's.
func TestRoundOnTheHouseholdsPhone(t *testing.T) {
	k := &clock{}
	office, station, _, heads := assessed(t, k)
	member := station.one("家人")
	id := office.must("assess.begin", object{"title": "第四季度评议", "span": "2026q4", "items": []string{"PY01", "KF01"}, "days": 5})["id"]
	homeOf := func(head any) (home any) {
		for _, x := range office.round(id)["homes"].([]any) {
			if x := x.(object); x["head"] == head {
				home = x["id"]
			}
		}
		return home
	}
	family, other := homeOf(heads[0]), homeOf(heads[1])
	office.must("assess.score", object{"id": id, "cells": scores(family, "PY01", 2, family, "KF01", 1, other, "PY01", 7)})
	rounds := func(token any) []any {
		t.Helper()
		got, err := station.phone("phone.rounds", object{"token": token})
		if err != nil {
			t.Fatal(err)
		}
		return got["rounds"].([]any)
	}
	mine := station.phoneToken(member, "0009")
	same := func() bool { return station.changes() == office.changes() }
	eventually(t, "the station has the scores", same)
	if got := rounds(mine); len(got) != 0 {
		t.Errorf("before it is public: %v", got)
	}
	objects := func(token any, round any, text string) error {
		_, err := station.phone("phone.objectRound", object{"token": token, "id": round, "text": text})
		return err
	}
	refused := func(code string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%v, want %s", err, code)
		}
	}
	refused("assess.unknown", objects(mine, id, "还没有公示"))
	office.must("assess.present", object{"id": id, "people": []any{heads[2]}})
	office.must("assess.publish", object{"id": id})
	eventually(t, "the station has what was published", func() bool { return same() && len(rounds(mine)) == 1 })
	r := rounds(mine)[0].(object)
	worth := number(office.home(id, 0)["points"])
	if x := fmt.Sprint(r["scores"]); !strings.Contains(x, "n:2 name:庭院整洁 points:10") || strings.Contains(x, "n:7") || len(r["scores"].([]any)) != 2 || number(r["points"]) != worth || worth >= 10 {
		t.Errorf("%v; the office says %d", r, worth)
	}
	if r["state"] != "published" || r["objects"] != true || number(r["until"]) != number(office.round(id)["until"]) {
		t.Errorf("%v", r)
	}
	me, err := station.phone("phone.me", object{"token": mine})
	if err != nil || number(me["rounds"]) != 1 || number(me["object"]) != 1 {
		t.Errorf("%v %v", me, err)
	}
	// Of a household that was not scored, nothing; of another one, its own.
	none := station.phoneToken(heads[2], fmt.Sprint(station.person(heads[2])["phoneTail"]))
	if got := rounds(none); len(got) != 0 {
		t.Errorf("who was not scored: %v", got)
	}
	refused("assess.unknown", objects(none, id, "我家呢"))
	theirs := station.phoneToken(heads[1], fmt.Sprint(station.person(heads[1])["phoneTail"]))
	if got := fmt.Sprint(rounds(theirs)); !strings.Contains(got, "n:7") || strings.Contains(got, "n:2 ") {
		t.Errorf("the other household: %v", got)
	}

	const why = "那天的杂物是施工队放的"
	refused("assess.text", objects(mine, id, "  "))
	refused("assess.text", objects(mine, id, strings.Repeat("长", 201)))
	for range 2 { // the page heard no answer and sends it again
		if err := objects(mine, id, why); err != nil {
			t.Fatal(err)
		}
	}
	said := func(d *device) (out []object) {
		for _, h := range d.round(id)["homes"].([]any) {
			for _, o := range h.(object)["objections"].([]any) {
				out = append(out, o.(object))
			}
		}
		return out
	}
	eventually(t, "the office has it", func() bool { return len(said(office)) == 1 })
	if got := said(office)[0]; got["text"] != why {
		t.Errorf("%v", got)
	}
	if file := station.holding([]byte(why)); file != "" {
		t.Errorf("the objection stands in the clear in %s", file)
	}
	if got := fmt.Sprint(rounds(theirs)); strings.Contains(got, why) {
		t.Errorf("another household reads the objection: %s", got)
	}
	office.must("assess.answer", object{"id": id, "home": family, "tag": said(office)[0]["tag"], "yes": true, "why": "属实，去掉", "scores": []int{3, -1}})
	eventually(t, "the phone shows the answer", func() bool {
		x := fmt.Sprint(rounds(mine))
		return strings.Contains(x, "属实，去掉") && strings.Contains(x, "points:15") && !strings.Contains(x, "points:-")
	})
	for n := range maxHomeObjected - 1 {
		if err := objects(mine, id, fmt.Sprintf("还有%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	refused("assess.many", objects(mine, id, "再来一条"))
	if x := rounds(mine)[0].(object); x["objects"] != false || len(x["objections"].([]any)) != maxHomeObjected {
		t.Errorf("%v", x)
	}
	goBy(t, k, 6, office, station)
	mine, theirs = station.phoneToken(member, "0009"), station.phoneToken(heads[1], fmt.Sprint(station.person(heads[1])["phoneTail"])) // sessions are over by then
	refused("assess.state", objects(theirs, id, "晚了"))
	if x := rounds(theirs)[0].(object); x["state"] != "due" || x["objects"] != false {
		t.Errorf("after the days: %v", x)
	}
	// Who leaves the household reads it no more.
	office.must("people.household", object{"household": office.person(member)["household"], "members": []any{heads[0]}, "head": heads[0]})
	eventually(t, "the station knows who left", func() bool { return same() && len(rounds(mine)) == 0 })
}
