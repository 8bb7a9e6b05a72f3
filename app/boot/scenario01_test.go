//go:build linux

package boot

import (
	"slices"
	"testing"
	"time"
)

type signedUp struct {
	State                       string
	Confirmed, Waiting, Pending int
	Attendees                   []struct {
		Person, Status string
		Rank           int
	}
}

// order returns those of one status in the order of their ranks.
func (a signedUp) order(status string) (people []string) {
	list := slices.Clone(a.Attendees)
	slices.SortFunc(list, func(x, y struct {
		Person, Status string
		Rank           int
	}) int {
		return x.Rank - y.Rank
	})
	for _, x := range list {
		if x.Status == status {
			people = append(people, x.Person)
		}
	}
	return people
}

// Two devices submit the same registration form while they are cut off from
// each other: 10 points, once. Twenty sign up for 13 places, eight of them at a
// station that is cut off.
func TestScenario01RegistrationAndThirteenPlaces(t *testing.T) { onLAN(t, 3, thirteenPlaces) }

func thirteenPlaces(t *testing.T, pcs []*computer) {
	const places, all, far = 13, 20, 8
	office, station := pcs[0], pcs[1]
	found(t, office)
	enter(t, office, station, "station")
	enter(t, office, pcs[2], "station")
	ids := roster(t, office, all, 0)
	now := time.Now()
	var a struct{ ID string }
	office.call(t, "activity.publish", object{"title": "楼道大清扫", "type": "环境治理", "start": now.Add(time.Hour).UnixMilli(),
		"end": now.Add(3 * time.Hour).UnixMilli(), "place": "和平里 2 号院", "places": places, "item": "HJ01", "organiser": "居民甲", "note": ""}, &a)
	agree(t, pcs, convergeLimit)
	cut(t, 1)

	most, looks := 0, 0
	look := func(pc *computer) (x signedUp) {
		pc.call(t, "activity.get", object{"id": a.ID}, &x)
		most, looks = max(most, x.Confirmed, len(x.order("confirmed"))), looks+1
		return x
	}
	form := object{"name": "居民甲", "phone": "13900000001", "idNumber": "", "birthday": "", "grid": "", "address": "2-3-102",
		"usualPlace": "", "skills": "", "note": "", "guardian": "", "household": ""}
	var here, there struct {
		ID       string
		Existing bool
	}
	office.call(t, "people.register", form, &here)
	station.call(t, "people.register", form, &there)
	if here.ID != there.ID || here.Existing || there.Existing {
		t.Errorf("the same form at two devices: %+v, %+v", here, there)
	}
	for i, id := range ids {
		pc := office
		if i >= all-far {
			pc = station
		}
		pc.call(t, "activity.signUp", object{"id": a.ID, "people": []string{id}}, nil)
		look(pc)
	}
	if x := look(office); x.Confirmed != all-far || x.State != "open" {
		t.Errorf("at the office, with the station away: %d confirmed, %s", x.Confirmed, x.State)
	}
	if x := look(station); x.Confirmed != 0 {
		t.Errorf("a station without places confirmed %d", x.Confirmed)
	}

	mend(t, 1)
	settled := func() bool {
		for _, pc := range pcs {
			if x := look(pc); x.Confirmed != places || x.Waiting != all-places || x.Pending != 0 {
				return false
			}
		}
		same, _ := equal(t, pcs)
		return same
	}
	wait(t, convergeLimit+meetLimit, "13 are confirmed and 7 wait, everywhere", settled)
	first := look(office)
	for _, pc := range pcs {
		x := look(pc)
		if x.State != "full" { // on screen: 名额已满
			t.Errorf("%s says %s", pc.name, x.State)
		}
		if w := x.order("waiting"); len(w) != all-places || !slices.Equal(w, first.order("waiting")) || !slices.IsSorted(positions(ids, w)) {
			t.Errorf("%s has the wait list %v, the office %v", pc.name, positions(ids, w), positions(ids, first.order("waiting")))
		}
		if got := who(t, pc, "13900000001"); got.Lifetime != 10 || got.Spendable != 10 {
			t.Errorf("%s: registered at two devices: %+v", pc.name, got)
		}
		var book struct{ Total int }
		pc.call(t, "people.passbook", object{"id": here.ID, "offset": 0, "limit": 10}, &book)
		if book.Total != 1 {
			t.Errorf("%s: %d lines for one registration", pc.name, book.Total)
		}
	}
	// One more comes to wait; one who gives the place back lets the first in.
	late := who(t, office, "13900000001").ID
	pcs[2].call(t, "activity.signUp", object{"id": a.ID, "people": []string{late}}, nil)
	office.call(t, "activity.signOff", object{"id": a.ID, "person": ids[0]}, nil)
	wait(t, convergeLimit, "the first of the wait list moves up", func() bool {
		x := look(pcs[2])
		return x.Confirmed == places && x.Waiting == all-places && slices.Contains(x.order("confirmed"), first.order("waiting")[0])
	})
	if w := look(office).order("waiting"); w[len(w)-1] != late {
		t.Errorf("who came last is not last in the wait list: %v", w)
	}
	if most > places {
		t.Errorf("%d were confirmed at one moment", most)
	}
	t.Logf("%d looks, at most %d confirmed", looks, most)
}

// positions tells the places of people in a list of ids.
func positions(ids, people []string) (at []int) {
	for _, p := range people {
		at = append(at, slices.Index(ids, p))
	}
	return at
}
