package node

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"jishan/crdt/store"
)

// rows are digests of all tables that follow from documents.
func (d *device) rows() map[string][32]byte {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	sums, err := c.store.ProjectionDigest(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return sums.Tables
}

// rebuilds makes everything derived anew and returns the digests after it.
func (d *device) rebuilds() map[string][32]byte {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := c.store.Rebuild(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	return d.rows()
}

// differing are the tables of which two devices have other rows.
func differing(a, b map[string][32]byte) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	return names
}

// beside is how many changes of records documents are held that stand beside
// their author's first history.
func (d *device) beside() (n int) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		return q.QueryRow(`SELECT count(*) FROM change WHERE actor IN (SELECT n FROM actor WHERE length(id) > 16)`).Scan(&n)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// branchWork is what one copy records while nobody hears it.
type branchWork struct {
	by     *device
	person any // registered there
	points int64
}

// works records something of each kind in one branch: a new person, a deed of
// that one and of both that were there before, another telephone number of one,
// another note of an activity, and a deduction.
func (d *device) works(n int, old [2]any, act any) branchWork {
	d.t.Helper()
	w := branchWork{by: d}
	w.person = d.must("people.register", person("居民"+[]string{"庚", "壬"}[n], "1390000010"+itoa(int64(n))))["id"]
	for i, id := range []any{w.person, old[0], old[1]} {
		d.must("deed.record", object{"person": id, "item": "WM01", "at": d.now() - int64(n*100+i)*86_400_000/100, "minutes": 30 * (n + 1), "note": "", "witness": "", "line": ""})
	}
	w.points = int64(n + 1)
	d.must("people.update", object{"id": old[0], "fields": object{"address": "1-1-10" + itoa(int64(n))}})
	d.must("activity.update", object{"id": act, "fields": object{"note": "第" + itoa(int64(n)) + "次改"}})
	d.must("deed.deduct", object{"person": old[1], "points": 2, "reason": "占用消防通道"})
	return w
}

// book is what a person's passbook says, and by whom.
func (d *device) book(id any) (out []string) {
	d.t.Helper()
	for _, l := range d.must("people.passbook", object{"id": id, "offset": 0, "limit": 50})["lines"].([]any) {
		l := l.(object)
		out = append(out, fmt.Sprint(l["kind"], l["item"], l["amount"], l["place"], l["operator"], l["device"], l["state"]))
	}
	return out
}

// meets lets two devices that are away meet, and nobody else.
func (d *device) meets(other *device) {
	d.t.Helper()
	d.away(false)
	other.away(false)
	other.must("devices.addAddress", object{"id": d.must("app.state", object{})["device"].(object)["id"], "address": d.at()})
	eventually(d.t, "they have met", func() bool { return agree(d, other) })
	d.away(true)
	other.away(true)
}

// TestRecordsOfACopy: a station's folder was copied and both machines recorded
// people, deeds, changes and deductions while nobody heard them. Three others hear
// of them in different orders. In the end everything stands everywhere: each award
// is paid once, what both changed is in conflict, and rows are the same on all
// devices, after a rebuild and on one that joins later.
func TestRecordsOfACopy(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	west, east := join(t, office, "station", "河湾实践站"), join(t, office, "station", "东山实践站")
	var old [2]any
	for i, name := range []string{"居民甲", "居民乙"} {
		old[i] = office.must("people.register", person(name, "1390000000"+itoa(int64(i))))["id"]
	}
	begins := office.now() + 3_600_000
	act := office.must("activity.publish", object{"title": "义诊", "type": "医疗", "start": begins, "end": begins + 3_600_000, "place": "", "places": 5, "item": "", "organiser": "", "note": ""})["id"]
	station.must("people.register", person("居民丙", "13900000002")) // the copy is of a device that has written
	eventually(t, "the points are booked", func() bool { return office.owing(old[1], 10, 0) })
	for _, d := range []*device{station, west, east} {
		eventually(t, "they agree", func() bool { return agree(office, d) })
	}
	for _, d := range []*device{office, station, west, east} {
		d.away(true)
	}
	one, two := twinsOf(t, station)
	var done []branchWork
	for n, d := range []*device{one, two} {
		d.away(true)
		done = append(done, d.works(n, old, act))
	}

	// West hears of the first only, east of the second only; each goes on from there.
	one.meets(west)
	two.meets(east)
	west.must("people.update", object{"id": done[0].person, "fields": object{"note": "西边看过"}})
	east.must("people.update", object{"id": done[1].person, "fields": object{"note": "东边看过"}})
	east.meets(office)
	if n := office.beside(); n != 0 {
		t.Fatalf("the office has heard of one history and holds %d changes beside it", n)
	}
	west.meets(office)
	if n := office.beside(); n == 0 {
		t.Fatal("nothing stands beside the first history")
	}
	all := []*device{office, west, east}
	for _, d := range all {
		d.away(false)
	}
	for _, d := range all {
		eventually(t, "both histories are here", func() bool {
			for _, w := range done {
				if p, err := d.call("people.get", object{"id": w.person}); err != nil || number(p["spendable"]) != 10+w.points {
					return false
				}
			}
			return d.owing(old[0], 10+1+2, 0) // each deed of both histories is paid once
		})
		if c := d.person(old[0])["conflicts"].([]any); len(c) != 1 || c[0].(object)["field"] != "address" {
			t.Errorf("what both changed is no conflict: %v", c)
		}
		for i, w := range done {
			if note := d.person(w.person)["note"]; note != []string{"西边看过", "东边看过"}[i] {
				t.Errorf("what was written on top of a branch: %v", note)
			}
		}
		d.sound()
	}

	// The copies meet them: one stops, one goes on. A new device joins.
	for _, d := range []*device{one, two} {
		d.away(false)
	}
	_, running := oneStops(t, one, two)
	south := join(t, office, "station", "南园实践站")
	all = append(all, running, south)
	for _, d := range all[1:] {
		eventually(t, "all documents are equal", func() bool { return agree(office, d) })
	}
	for _, d := range all {
		eventually(t, "both deductions hold", func() bool {
			p := d.person(old[1])
			return number(p["spendable"])-number(p["debt"]) == 10+1+2-4
		})
		if p := d.person(old[0]); number(p["spendable"]) != 13 || number(p["onTheWay"]) != 0 {
			t.Errorf("%v", p)
		}
	}
	// Settled once, it is settled everywhere.
	south.must("people.update", object{"id": old[0], "fields": object{"address": "3-3-303"}})
	for _, d := range all {
		eventually(t, "the conflict is settled", func() bool {
			p, err := d.call("people.get", object{"id": old[0]})
			return err == nil && len(p["conflicts"].([]any)) == 0 && p["address"] == "3-3-303"
		})
	}
	for _, d := range all[1:] {
		eventually(t, "the rows are the same", func() bool { return agree(office, d) && len(differing(office.rows(), d.rows())) == 0 })
	}
	for _, d := range all[1:] {
		if got, want := d.book(old[0]), office.book(old[0]); !slices.Equal(got, want) {
			t.Errorf("the passbook says\n%v\nand at the office\n%v", got, want)
		}
	}
	for _, d := range all {
		before := d.rows()
		if list := differing(before, d.rebuilds()); len(list) > 0 {
			t.Errorf("after a rebuild rows differ: %v", list)
		}
	}
	south.stop()
	again := start(t, south.dir)
	if p := again.person(old[1]); number(p["spendable"])-number(p["debt"]) != 9 {
		t.Errorf("after a restart: %v", p)
	}
}

// TestRecordsOfACopyThatIsGone: of a copied station the office heard one machine,
// another station the other. Both machines are gone and the station is revoked: what
// lies at the other station alone still comes to the office, is masked because nobody has
// built on it, and is paid when the office says that it counts.
func TestRecordsOfACopyThatIsGone(t *testing.T) {
	office := found(t)
	station, west := join(t, office, "station", "柳溪实践站"), join(t, office, "station", "河湾实践站")
	old := office.must("people.register", person("居民甲", "13900000000"))["id"]
	station.must("people.register", person("居民丙", "13900000002")) // the copy is of a device that has written
	for _, d := range []*device{station, west} {
		eventually(t, "they agree", func() bool { return d.owing(old, 10, 0) && agree(office, d) })
	}
	id := station.must("app.state", object{})["device"].(object)["id"]
	for _, d := range []*device{office, station, west} {
		d.away(true)
	}
	one, two := twinsOf(t, station)
	var people [2]any
	for n, d := range []*device{one, two} {
		d.away(true)
		people[n] = d.must("people.register", person("居民"+[]string{"庚", "壬"}[n], "1390000010"+itoa(int64(n))))["id"]
		for i, id := range []any{people[n], old} {
			d.must("deed.record", object{"person": id, "item": "WM01", "at": d.now() - int64(n)*86_400_000 - int64(i), "minutes": 30 * (n + 1), "note": "", "witness": "", "line": ""})
		}
	}
	one.meets(office)
	two.meets(west)
	one.stop()
	two.stop()
	office.must("devices.revoke", object{"id": id})
	if p, err := office.call("people.get", object{"id": people[1]}); err == nil {
		t.Fatalf("nobody told the office of %v", p)
	}
	for _, d := range []*device{office, west} {
		d.away(false)
	}
	eventually(t, "what lay at the other station is here and masked", func() bool { return agree(office, west) && office.maskedAt()["people"] > 0 })
	if office.owing(people[1], 12, 0) || west.owing(people[1], 12, 0) {
		t.Error("what nobody had seen or built on counts")
	}
	west.refuses("govern.registrar.only", "devices.count", object{"id": id})
	office.must("devices.count", object{"id": id})
	office.refuses("devices.unseen.none", "devices.count", object{"id": id})
	for _, d := range []*device{office, west} {
		eventually(t, "what lay at the other station is here and paid", func() bool {
			return d.owing(people[0], 11, 0) && d.owing(people[1], 12, 0) && d.owing(old, 10+1+2, 0)
		})
		eventually(t, "the rows are the same", func() bool { return agree(office, d) && len(differing(office.rows(), d.rows())) == 0 })
		d.sound()
	}
}
