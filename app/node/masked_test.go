package node

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// maskedAt is how much is masked at a device, by kind of document.
func (d *device) maskedAt() map[string]int {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[string]int{}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		list, err := store.MaskedWork(q)
		for _, m := range list {
			_, path, _ := strings.Cut(string(m.Doc), "/")
			kind, _, _ := strings.Cut(path, "/")
			out[kind] += m.N
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// knows tells whether a device finds a person by name.
func (d *device) knows(name string) bool {
	d.t.Helper()
	return number(d.must("people.list", object{"offset": 0, "limit": 10, "q": name, "grid": "", "sort": "name", "desc": false})["total"]) > 0
}

func (d *device) phoneOf(id any) any { return d.person(id)["phone"] }

func (d *device) titles() (out []string) {
	d.t.Helper()
	for _, a := range d.must("activity.list", object{"from": 0, "to": 0, "q": "", "offset": 0, "limit": 10})["rows"].([]any) {
		out = append(out, a.(object)["title"].(string))
	}
	slices.Sort(out)
	return out
}

// fromRecords tells a table that follows from records documents alone: feeds may move
// meanwhile, as the office does its chores.
func fromRecords(table string) bool {
	switch table {
	case "head", "mask", "op", "register", "activity_row", "activity_att", "activity_signup", "activity_deed", "order_value", "scheme_version":
		return true
	}
	return strings.HasPrefix(table, "people_") || strings.HasPrefix(table, "claim_") || strings.HasPrefix(table, "shop_offer")
}

// sameRows compares what devices show of records, now and after a rebuild.
func sameRows(t *testing.T, list ...*device) {
	t.Helper()
	want := list[0].rows()
	for i, d := range list {
		have := d.rows()
		for _, name := range slices.DeleteFunc(differing(want, have), func(name string) bool { return !fromRecords(name) }) {
			t.Errorf("device %d: other rows of %s", i, name)
		}
		for _, name := range slices.DeleteFunc(differing(have, d.rebuilds()), func(name string) bool { return !fromRecords(name) }) {
			t.Errorf("device %d: a rebuild changes %s", i, name)
		}
	}
}

// stolenWork is a community in which a station went out of reach and wrote on, and what
// it wrote: a person, another telephone number, an activity.
type stolenWork struct {
	office, stolen, heard, unheard *device
	person                         any
}

func steal(t *testing.T) stolenWork {
	t.Helper()
	w := stolenWork{office: found(t)}
	w.stolen = join(t, w.office, "station", "柳溪实践站")
	w.heard, w.unheard = join(t, w.office, "station", "河湾实践站"), join(t, w.office, "station", "东山实践站")
	w.person = w.office.must("people.register", person("居民甲", "13900000001"))["id"]
	for _, d := range []*device{w.stolen, w.heard, w.unheard} {
		eventually(t, "they agree", func() bool { return agree(w.office, d) })
	}
	w.stolen.must("people.register", person("居民乙", "13900000002")) // seen by all
	eventually(t, "that is seen", func() bool {
		return w.office.knows("居民乙") && agree(w.office, w.stolen) && agree(w.office, w.heard) && agree(w.office, w.unheard)
	})
	for _, d := range []*device{w.office, w.stolen, w.heard, w.unheard} {
		d.away(true)
	}
	w.stolen.must("people.register", person("居民丙", "13900000003"))
	w.stolen.must("people.update", object{"id": w.person, "fields": object{"phone": "13800000009"}})
	begins := w.stolen.now() + 3_600_000
	w.stolen.must("activity.publish", object{"title": "义诊", "type": "医疗", "start": begins, "end": begins + 3_600_000, "place": "", "places": 5, "item": "", "organiser": "", "note": ""})
	w.stolen.meets(w.heard)
	if !w.heard.knows("居民丙") || w.heard.phoneOf(w.person) != "13800000009" || len(w.heard.titles()) != 1 {
		t.Fatal("who met the station does not show its work")
	}
	return w
}

// TestRevokedDevicesLaterWorkIsMasked: what a revoked station wrote and nobody built on
// is shown nowhere, whether a device heard of it before the revocation or after; the
// values of before are shown instead, and what is written over them by others stands.
func TestRevokedDevicesLaterWorkIsMasked(t *testing.T) {
	w := steal(t)
	office, heard, unheard := w.office, w.heard, w.unheard
	office.must("devices.revoke", object{"id": w.stolen.id()})
	office.meets(unheard) // the revocation first
	office.meets(heard)   // the work first
	office.meets(unheard)
	all := []*device{office, heard, unheard}
	for i, d := range all {
		if d.knows("居民丙") || !d.knows("居民乙") {
			t.Errorf("device %d: the work of after the revocation is shown, or that of before is not", i)
		}
		if got := d.phoneOf(w.person); got != "13900000001" {
			t.Errorf("device %d shows the number %v", i, got)
		}
		if got := d.titles(); len(got) != 0 {
			t.Errorf("device %d shows the activities %v", i, got)
		}
		if got := d.maskedAt(); got["people"] != 2 || got["activity"] != 1 || len(got) != 2 {
			t.Errorf("device %d has masked %v", i, got)
		}
	}
	sameRows(t, all...)
	list := office.must("devices.list", object{})
	lines := map[string]int64{}
	for _, x := range list["unseen"].([]any) {
		x := x.(object)
		lines[x["kind"].(string)] += number(x["n"])
		if x["from"] != "柳溪实践站电脑" || number(x["at"]) == 0 || strings.Contains(x["doc"].(string), ".1/") {
			t.Errorf("the office sees %v", x)
		}
	}
	if lines["people"] != 2 || lines["activity"] != 1 || len(list["quarantine"].([]any)) != 0 {
		t.Errorf("the office sees %v, and as refused %v", lines, list["quarantine"])
	}
	marked := map[any]int{}
	rows, _ := office.audited(nil)
	for _, r := range rows {
		if r["unseen"] == true {
			marked[r["action"]]++
		}
	}
	if len(marked) != 3 || marked["people.register"] != 1 || marked["activity.publish"] != 1 {
		t.Errorf("in the list of who did what %v don't count", marked)
	}

	unheard.must("people.update", object{"id": w.person, "fields": object{"phone": "13700000007"}})
	unheard.meets(office)
	office.meets(heard)
	for i, d := range all {
		if got := d.phoneOf(w.person); got != "13700000007" {
			t.Errorf("device %d shows the number %v, and not the one that was written over", i, got)
		}
		if got := d.maskedAt(); got["people"] != 2 || d.knows("居民丙") {
			t.Errorf("device %d: who knew of the revocation vouched for it: %v", i, got)
		}
	}
	sameRows(t, all...)
}

// TestWitnessOfARevokedDevice: who had not heard of a revocation and built on the
// station's work vouches for it: it stands everywhere, in whichever order it comes.
func TestWitnessOfARevokedDevice(t *testing.T) {
	w := steal(t)
	office, heard, unheard := w.office, w.heard, w.unheard
	heard.must("people.update", object{"id": w.person, "fields": object{"address": "5-1-101"}})
	office.must("devices.revoke", object{"id": w.stolen.id()})
	office.meets(unheard)
	w.stolen.must("people.update", object{"id": w.person, "fields": object{"phone": "13800000008"}}) // nobody will have built on it
	office.meets(heard)
	office.meets(unheard)
	all := []*device{office, heard, unheard}
	for i, d := range all {
		if got := d.person(w.person); got["phone"] != "13800000009" || got["address"] != "5-1-101" {
			t.Errorf("device %d shows %v, %v", i, got["phone"], got["address"])
		}
		if got := d.maskedAt(); got["activity"] != 1 || got["people"] > 1 {
			t.Errorf("device %d has masked %v", i, got)
		}
		if len(d.titles()) != 0 {
			t.Errorf("device %d shows an activity that nobody built on", i)
		}
		if !maps.Equal(d.maskedAt(), office.maskedAt()) {
			t.Errorf("device %d has masked otherwise", i)
		}
	}
	sameRows(t, all...)
}

// TestRevocationOfManyDocuments: a station that wrote into more documents than one entry
// of the charter marks is revoked by several, and everything that was seen stands.
func TestRevocationOfManyDocuments(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	month := func(n int) string { return "activity/" + itoa(int64(2030+n/12)) + "-" + itoa(int64(101 + n%12))[1:] }
	const months = 310
	title := func(text string) store.Put {
		return store.Put{Key: "activity/" + strings.Repeat("0", 26) + "/title", Value: wire.StringValue(text)}
	}
	station.modified(func(c *community, tx *store.Tx) error {
		for n := range months {
			if _, err := tx.Put(c.charter.Doc(month(n)), "activity.publish", title("seen")); err != nil {
				return err
			}
		}
		return nil
	})
	eventually(t, "the office has seen it", func() bool { return agree(office, station) })
	before := office.govLength()
	office.must("devices.revoke", object{"id": station.id()})
	if n := office.govLength() - before; n < 2 {
		t.Errorf("the revocation took %d changes", n)
	}
	if got := office.maskedAt(); len(got) != 0 {
		t.Errorf("what was seen is masked: %v", got)
	}
	sameRows(t, office)
}
