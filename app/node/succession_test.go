package node

import (
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// copyDatabase copies the database of a stopped device; put restores it, as somebody
// does who knows no better: the other files of the folder stay.
func copyDatabase(t *testing.T, dir string) (put func()) {
	t.Helper()
	files := map[string][]byte{}
	list, err := filepath.Glob(filepath.Join(dir, databaseFile+"*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if files[f], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		t.Helper()
		now, err := filepath.Glob(filepath.Join(dir, databaseFile+"*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range now {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
		for f, b := range files {
			if err := os.WriteFile(f, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// terms of a kind, as this device adds them up.
func (d *device) terms(k ledger.Kind) (t ledger.Terms) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		return t
	}
	err = c.view(d.t.Context(), func(q store.Querier) (err error) { t, err = c.ledger.Totals(q, k); return err })
	if err != nil {
		d.t.Fatal(err)
	}
	return t
}

func (d *device) sound() {
	d.t.Helper()
	for k := ledger.Points; k <= ledger.Debt; k++ {
		if t := d.terms(k); t.Difference() != 0 || t.Negative() || t.Loss != 0 {
			d.t.Errorf("%s: %s: %+v", filepath.Base(d.dir), k, t)
		}
	}
}

func place(d *device, name string) string {
	for _, p := range d.must("people.grids", object{})["places"].([]any) {
		if p := p.(object); p["name"] == name {
			return p["id"].(string)
		}
	}
	d.t.Fatal("no place " + name)
	return ""
}

// TestRestoredStation: a station's database is put back to before its last
// three redemptions. It goes on as a new incarnation, its old feed comes back
// from the others, the registrar closes and succeeds it, and its rights can be
// spent again: nothing is lost.
func TestRestoredStation(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	other := join(t, office, "station", "河湾实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	reg := office.must("people.register", p)
	offer := station.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 1, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	station.must("shop.receive", object{"offer": offer["id"], "n": 9, "why": ""})
	redeem := func() error {
		_, err := station.call("till.redeem", object{"person": reg["id"], "lines": []object{{"offer": offer["id"], "n": 1}}})
		return err
	}
	eventually(t, "the points are at the usual place", func() bool { return redeem() == nil })
	old := station.must("audit.report", object{})["incarnation"]
	station.stop()
	put := copyDatabase(t, station.dir)
	station = start(t, station.dir)
	for range 3 {
		if err := redeem(); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []*device{office, other} {
		eventually(t, "they are known", func() bool { return number(d.person(reg["id"])["spendable"]) == 6 })
	}
	station.stop()
	put()
	station = start(t, station.dir)
	if station.must("audit.report", object{})["incarnation"] == old {
		t.Fatal("it writes on as if nothing had happened")
	}
	eventually(t, "its rights can be spent again", func() bool { return redeem() == nil })
	for _, d := range []*device{office, other, station} {
		eventually(t, "all devices agree", func() bool {
			return number(d.person(reg["id"])["spendable"]) == 5 && d.terms(ledger.Points).Stranded == 0 && d.terms(ledger.Stock).Held == 4
		})
		d.sound()
	}
}

// TestRevokedStation: what a revoked station held goes to the office.
func TestRevokedStation(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	reg := office.must("people.register", p)
	eventually(t, "the points are at the usual place", func() bool { return station.spendableHere(reg) == 10 })
	eventually(t, "the office knows it", func() bool { return office.terms(ledger.Points).InFlight == 0 })
	office.must("devices.revoke", object{"id": stationID(office)})
	eventually(t, "the office has the points", func() bool { return office.spendableHere(reg) == 10 })
	office.sound()
}

// spendableHere is what this device could spend now.
func (d *device) spendableHere(reg object) (n int64) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		return 0
	}
	id, err := ledger.ParseSubject(reg["id"].(string))
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.view(d.t.Context(), func(q store.Querier) (err error) { n, err = c.ledger.Rights(q, id); return err })
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// TestClonedStation: a copy of a station's whole folder goes on by itself, and
// so does the station. When both have met the office, everybody holds both
// histories, the feed is closed at both ends, and what neither spent can be
// spent again.
func TestClonedStation(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	other := join(t, office, "station", "河湾实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	reg := office.must("people.register", p)
	offer := station.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 1, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	station.must("shop.receive", object{"offer": offer["id"], "n": 9, "why": ""})
	redeem := func(d *device) error {
		_, err := d.call("till.redeem", object{"person": reg["id"], "lines": []object{{"offer": offer["id"], "n": 1}}})
		return err
	}
	eventually(t, "the points are at the usual place", func() bool { return redeem(station) == nil })
	eventually(t, "that is known", func() bool { return number(office.person(reg["id"])["spendable"]) == 9 })
	station.stop()
	twin := t.TempDir()
	if err := os.CopyFS(twin, os.DirFS(station.dir)); err != nil {
		t.Fatal(err)
	}
	station = start(t, station.dir)
	for range 2 {
		if err := redeem(station); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "that is known, too", func() bool { return number(office.person(reg["id"])["spendable"]) == 7 })
	station.stop()
	n, err := Open(t.Context(), Config{Data: twin, Version: "test", Clock: time.Now, Rand: rand.Reader, Demo: true, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	alone := &device{Node: n, t: t, dir: twin}
	if err := redeem(alone); err != nil {
		t.Fatal(err)
	}
	alone.stop()
	clone := start(t, twin)
	eventually(t, "its rights can be spent again", func() bool { return redeem(clone) == nil })
	for _, d := range []*device{office, other, clone} {
		eventually(t, "all devices agree", func() bool {
			return number(d.person(reg["id"])["spendable"]) == 5 && d.terms(ledger.Points).Stranded == 0 && d.terms(ledger.Stock).Held == 4
		})
		d.sound()
	}
	eventually(t, "their documents are equal", func() bool {
		a, b := office.must("audit.report", object{})["documents"], other.must("audit.report", object{})["documents"]
		c := clone.must("audit.report", object{})["documents"]
		return reflect.DeepEqual(a, b) && reflect.DeepEqual(a, c)
	})
}
