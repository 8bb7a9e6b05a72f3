package node

import (
	"fmt"
	"strings"
	"testing"

	"jishan/crdt/store"
)

// assessed is a community with a rulebook to assess by, an office and a station, and
// three families of which one has two members.
func assessed(t *testing.T, k *clock) (office, station *device, homes []string, heads []any) {
	t.Helper()
	office = foundBy(t, k)
	withDeductions(office)
	items := office.must("scheme.get", object{})["items"].([]any)
	items = append(items, object{"code": "PY01", "group": "评议", "name": "庭院整洁", "kind": "deed", "points": 5, "minutes": 0, "dayCap": 0, "witness": true})
	office.must("scheme.save", object{"items": items})
	station = joinBy(t, office, "station", "柳溪实践站", k)
	for n := range 3 {
		p := person(fmt.Sprintf("居民%c", '一'+n), fmt.Sprintf("1390000%04d", n+1))
		p["address"] = fmt.Sprintf("2-%d-101", 10-n*4) // read as numbers: 2-2, 2-6, 2-10
		heads = append([]any{office.must("people.register", p)["id"]}, heads...)
	}
	other := office.must("people.register", person("家人", "13900000009"))["id"]
	office.must("people.household", object{"household": "", "members": []any{other, heads[0]}, "head": heads[0]})
	eventually(t, "the station has all", func() bool { return station.changes() == office.changes() && len(station.claims("")) == 0 })
	id := office.must("assess.begin", object{"title": "试", "span": "2026q4", "items": []string{"PY01"}, "days": 0})["id"]
	for _, h := range office.must("assess.get", object{"id": id})["homes"].([]any) {
		homes = append(homes, h.(object)["id"].(string))
	}
	office.must("assess.drop", object{"id": id})
	if len(homes) != 3 {
		t.Fatalf("%d households", len(homes))
	}
	return office, station, homes, heads
}

func (d *device) round(id any) object {
	d.t.Helper()
	return d.must("assess.get", object{"id": id})
}

func (d *device) home(round any, n int) object {
	d.t.Helper()
	return d.round(round)["homes"].([]any)[n].(object)
}

func scores(list ...any) (out []object) {
	for i := 0; i < len(list); i += 3 {
		out = append(out, object{"home": list[i], "item": list[i+1], "n": list[i+2]})
	}
	return out
}

// publicRound publishes a round in which the first household has one score.
func (d *device) publicRound() object {
	d.t.Helper()
	for _, x := range d.must("scheme.get", object{})["items"].([]any) {
		if x := x.(object); x["kind"] == "deed" || x["kind"] == "piece" {
			items := []any{x["code"]}
			id := d.must("assess.begin", object{"title": "评议", "span": "2026-02", "items": items, "days": 5})["id"]
			h := d.home(id, 0)
			d.must("assess.score", object{"id": id, "cells": scores(h["id"], x["code"], 1)})
			d.must("assess.present", object{"id": id, "people": []any{h["head"]}})
			d.must("assess.publish", object{"id": id})
			return object{"id": id, "home": h["id"], "head": h["head"], "items": items}
		}
	}
	d.t.Fatal("the rulebook has nothing to assess by")
	return nil
}

// TestAssessment: two who are cut off from each other score the same households.
// Nothing is lost: what differs stands beside each other until it is settled, and is
// not published before. What is published counts, a score that arrives later is shown
// beside it, an objection that is right changes it, and the points are claimed once.
func TestAssessment(t *testing.T) {
	var k clock
	office, station, homes, heads := assessed(t, &k)
	id := office.must("assess.begin", object{"title": "十一月评议", "span": "2026-11", "items": []string{"PY01", "KF01"}, "days": 3})["id"]
	eventually(t, "the station knows the round", func() bool { return len(station.must("assess.list", object{})["rows"].([]any)) == 2 })
	if got := office.round(id); got["state"] != "open" || number(got["items"].([]any)[0].(object)["points"]) != 5 || number(got["items"].([]any)[1].(object)["points"]) != -3 || office.home(id, 0)["head"] != heads[0] {
		t.Fatalf("%v", got)
	}
	station.away(true)
	office.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 2, homes[1], "PY01", 1, homes[1], "KF01", 1)})
	station.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 3, homes[1], "PY01", 1, homes[2], "PY01", 1)})
	station.away(false)
	for _, d := range []*device{office, station} {
		eventually(t, "both have both", func() bool {
			return len(d.home(id, 0)["rivals"].([]any)) == 2 && d.home(id, 2)["points"] == office.home(id, 2)["points"]
		})
	}
	for _, d := range []*device{office, station} {
		if text := fmt.Sprint(d.home(id, 0)["rivals"]); !strings.Contains(text, "n:2") || !strings.Contains(text, "n:3") || !strings.Contains(text, "柳溪实践站电脑") {
			t.Errorf("what differs: %v", text)
		}
		if h := d.home(id, 1); len(h["rivals"].([]any)) != 0 || number(h["points"]) != 2 {
			t.Errorf("who agree differ: %v", h)
		}
	}
	if fmt.Sprint(office.home(id, 0)["scores"]) != fmt.Sprint(station.home(id, 0)["scores"]) {
		t.Error("one shows the one score, one the other")
	}
	office.refuses("assess.conflict", "assess.publish", object{"id": id})
	station.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 2)})
	eventually(t, "it is settled", func() bool { return len(office.home(id, 0)["rivals"].([]any)) == 0 })
	office.refuses("assess.present.none", "assess.publish", object{"id": id})
	office.must("assess.present", object{"id": id, "people": heads[:2]})
	station.refuses("govern.registrar.only", "assess.publish", object{"id": id})
	assessedInPublic(t, &k, office, station, id, homes, heads)
}

func assessedInPublic(t *testing.T, k *clock, office, station *device, id any, homes []string, heads []any) {
	t.Helper()
	station.away(true)
	station.must("assess.score", object{"id": id, "cells": scores(homes[2], "PY01", 4)})
	office.must("assess.publish", object{"id": id})
	office.refuses("assess.state", "assess.score", object{"id": id, "cells": scores(homes[2], "PY01", 2)})
	office.refuses("assess.state", "assess.publish", object{"id": id})
	station.away(false)
	eventually(t, "what came late stands beside", func() bool { return len(office.home(id, 2)["late"].([]any)) == 1 })
	if h := office.home(id, 2); number(h["points"]) != 5 || fmt.Sprint(h["scores"]) != "[1 -1]" {
		t.Errorf("what is published has changed: %v", h)
	}
	eventually(t, "the station knows it is public", func() bool { return station.round(id)["state"] == "published" })
	const why = "那天鼗鼓队占了院子"
	station.must("assess.object", object{"id": id, "home": homes[0], "text": why})
	station.refuses("people.household.unknown", "assess.object", object{"id": id, "home": heads[0].(string)[:25] + "0", "text": why})
	eventually(t, "the office has it", func() bool { return len(office.home(id, 0)["objections"].([]any)) == 1 })
	said := office.home(id, 0)["objections"].([]any)[0].(object)
	if said["text"] != why {
		t.Errorf("%v", said)
	}
	if file := office.holding([]byte(why)); file != "" {
		t.Errorf("the objection stands in the clear in %s", file)
	}
	if n := office.unanswered("objection"); n != 1 {
		t.Errorf("the first page names %d objections", n)
	}
	office.refuses("assess.state", "assess.book", object{"id": id})
	goBy(t, k, 4, office, station)
	office.refuses("assess.objections", "assess.book", object{"id": id})
	office.refuses("assess.score", "assess.answer", object{"id": id, "home": homes[0], "tag": said["tag"], "yes": true, "why": "属实", "scores": []int{1}})
	office.must("assess.answer", object{"id": id, "home": homes[0], "tag": said["tag"], "yes": true, "why": "属实，改为三次", "scores": []int{3, -1}})
	office.refuses("assess.objection", "assess.answer", object{"id": id, "home": homes[0], "tag": said["tag"], "yes": false, "why": "再看", "scores": []int{}})
	if n := office.unanswered("objection"); n != 0 {
		t.Errorf("the first page names %d objections after the answer", n)
	}
	if got := office.must("assess.book", object{"id": id}); number(got["claims"]) != 4 || number(got["points"]) != 25 || number(got["double"]) != 0 {
		t.Errorf("booked: %v", got)
	}
	office.refuses("assess.state", "assess.book", object{"id": id})
	want := []int64{25, 15, 15} // and 10 for the registration; the deduction waits for its own time
	eventually(t, "the points are booked", func() bool {
		for i, h := range heads {
			if number(office.person(h)["year"]) != want[i] {
				return false
			}
		}
		return true
	})
	if c := office.newest(heads[1]); c["state"] != "tell" && office.claims(heads[1])[1].(object)["state"] != "tell" {
		t.Errorf("the deduction is not told first: %v", office.claims(heads[1]))
	}
	if c := office.newest(heads[0]); c["witness"] == "" || c["note"] != "十一月评议" {
		t.Errorf("who assessed: %v", c)
	}
	allAgree(t, office, station)
}

// TestAssessmentBreaksOff: points of a round that was booked half, by a program that
// broke down, are not claimed twice.
func TestAssessmentBreaksOff(t *testing.T) {
	var k clock
	office, _, homes, heads := assessed(t, &k)
	for bad, code := range map[string]string{"": "assess.title", "2026-13": "assess.span", "KF02": "assess.item", "TS01,TS01": "assess.items"} {
		params := object{"title": "评", "span": "2026-11", "items": []string{"PY01"}, "days": 1}
		switch code {
		case "assess.title":
			params["title"] = bad
		case "assess.span":
			params["span"] = bad
		case "assess.item":
			params["items"] = []string{bad}
		default:
			params["items"] = []string{"PY01", "PY01"}
		}
		office.refuses(code, "assess.begin", params)
	}
	id := office.must("assess.begin", object{"title": "评议", "span": "2026-11", "items": []string{"PY01"}, "days": 0})["id"]
	office.refuses("assess.score", "assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 1001)})
	office.refuses("assess.score", "assess.score", object{"id": id, "cells": scores(homes[0], "KF01", 1)})
	office.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 1, homes[1], "PY01", 1)})
	before := office.changes()
	office.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 1, homes[1], "PY01", 1, homes[2], "PY01", -1)})
	if n := office.changes(); n != before {
		t.Errorf("the same scores are %d changes", n-before)
	}
	office.must("assess.present", object{"id": id, "people": heads[:1]})
	office.must("assess.publish", object{"id": id})
	one := bookedReply{}
	office.write(func(c *community, tx *store.Tx) error { // the first household, and then the machine stops
		r, err := c.assess.Ready(tx, id.(string))
		if err != nil {
			return err
		}
		book, err := c.scheme.At(tx, r.Version)
		if err != nil {
			return err
		}
		finals, err := c.assess.Finals(tx, r.ID)
		if err != nil {
			return err
		}
		if err := c.bookHome(tx, r, book, finals[homes[0]], "居民一", &one); err != nil {
			return err
		}
		return c.assess.Paid(tx, r, homes[:1])
	})
	if got := office.must("assess.book", object{"id": id}); one.Claims != 1 || number(got["claims"]) != 1 {
		t.Errorf("%v, then %v", one, got)
	}
	eventually(t, "both are paid once", func() bool {
		return number(office.person(heads[0])["year"]) == 15 && number(office.person(heads[1])["year"]) == 15
	})
}
