package node

import (
	"context"
	"slices"
	"testing"
	"time"

	"jishan/app/people"
	"jishan/crdt/store"
)

// A phone stays signed in over a restart of the program, by a token of which
// the database holds only a hash, and not longer than its time.
func TestPhoneSessionsOutliveARestart(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("李四", "13900000002"))["id"]
	code := d.person(id)["code"]
	in, err := d.phone("phone.signIn", object{"code": code, "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	token := in["token"].(string)
	d.stop()
	d = start(t, d.dir)
	if me, err := d.phone("phone.me", object{"token": token}); err != nil || me["code"] != code {
		t.Fatalf("%v %v", me, err)
	}
	c := d.Node.community
	var rows, plain int
	count := func() {
		t.Helper()
		err := c.view(context.Background(), func(q store.Querier) error {
			return q.QueryRow(`SELECT count(*), count(*) FILTER (WHERE hash = ? OR hash = ?) FROM local_session`, []byte(token), token).Scan(&rows, &plain)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count(); rows != 1 || plain != 0 {
		t.Errorf("%d rows, %d in plain", rows, plain)
	}
	if _, err := d.phone("phone.me", object{"token": token + "0"}); err == nil {
		t.Error("another token holds")
	}

	err = c.store.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE local_session SET until = ?`, d.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.stop()
	d = start(t, d.dir)
	c = d.Node.community
	if _, err := d.phone("phone.me", object{"token": token}); err == nil {
		t.Error("it holds after its time")
	}
	if count(); rows != 0 {
		t.Errorf("%d rows are kept after their time", rows)
	}
}

// The sessions are bounded: what is over goes first, then what ends first.
func TestPhoneSessionsAreBounded(t *testing.T) {
	var g guests
	g.init()
	at := func(n int) tokenHash { return tokenHash{byte(n), byte(n >> 8), byte(n >> 16)} }
	for n := range maxGuests {
		if gone := g.add(at(n), guest{people.ID{1}, int64(1000 + n), ""}, 0); len(gone) != 0 {
			t.Fatalf("at %d: %v", n, gone)
		}
	}
	if gone := g.add(at(maxGuests), guest{people.ID{1}, 1_000_000, ""}, 0); len(gone) != 1 || gone[0] != at(0) || len(g.tokens) != maxGuests {
		t.Errorf("%v", gone)
	}
	if gone := g.add(at(maxGuests+1), guest{people.ID{1}, 1_000_000, ""}, 1010); len(gone) != 10 || len(g.tokens) != maxGuests-9 {
		t.Errorf("%d went, %d are left", len(gone), len(g.tokens))
	}
}

// TestSignUpOnThePhone: a place that another device gives is asked for, not taken and
// not waited for: page and station say the same, before it is given and after.
func TestSignUpOnThePhone(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	now := time.Now()
	act := office.must("activity.publish", object{"title": "护河巡查", "type": "环境治理", "start": now.Add(time.Hour).UnixMilli(), "end": now.Add(2 * time.Hour).UnixMilli(), "place": "东门", "places": 20,
		"item": office.must("scheme.get", object{})["items"].([]any)[0].(object)["code"], "organiser": "经办人甲", "note": ""})["id"]
	eventually(t, "the station knows both", func() bool {
		_, e1 := station.call("people.get", object{"id": id})
		_, e2 := station.call("activity.get", object{"id": act})
		return e1 == nil && e2 == nil
	})
	in, err := station.phone("phone.signIn", object{"code": office.person(id)["code"], "tail": "0005"})
	if err != nil {
		t.Fatal(err)
	}
	counts := func(a object) [3]int64 {
		return [3]int64{number(a["confirmed"]), number(a["pending"]), number(a["waiting"])}
	}
	station.cut()
	got, err := station.phone("phone.signUp", object{"token": in["token"], "id": act, "once": "sign-up-1"})
	if err != nil {
		t.Fatal(err)
	}
	here := station.must("activity.get", object{"id": act})
	if got["mine"] != "pending" || counts(got) != [3]int64{0, 1, 0} || counts(here) != counts(got) {
		t.Errorf("before the place is given: the phone says %v and %v, the station %v", got["mine"], counts(got), counts(here))
	}
	changed := station.hub.listen(t.Context())
	station.must("devices.pause", object{"on": false})
	since := time.Now()
	eventually(t, "the place is given", func() bool { return counts(station.must("activity.get", object{"id": act})) == [3]int64{1, 0, 0} })
	t.Log("the station shows the place after", time.Since(since))
	told := false
	for !told {
		select {
		case topics := <-changed:
			told = slices.Contains(topics, "activity")
		case <-time.After(5 * time.Second):
			t.Fatal("no screen of the station is told")
		}
	}
	if got, err = station.phone("phone.activity", object{"token": in["token"], "id": act}); err != nil || got["mine"] != "confirmed" || counts(got) != [3]int64{1, 0, 0} {
		t.Errorf("after: %v, %v", got, err)
	}
}
