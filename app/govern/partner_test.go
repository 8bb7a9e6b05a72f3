package govern_test

import (
	"crypto/sha256"
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/crdt/store"
)

// agreement is a sound one with the community that a text founds.
func agreement(founding string) govern.Partner {
	return govern.Partner{
		Root: sha256.Sum256([]byte(founding)), Name: "桥东社区", Site: govern.Site{Street: "迎泽街道", District: "迎泽区", City: "太原市"},
		Device: [32]byte{1}, Recipient: "age1x", Ours: 1000, Theirs: 2000, Peg: 100,
	}
}

func TestAgreements(t *testing.T) {
	w := governtest.New(t, 31, nil)
	station := w.Join("张家庄站", govern.Station)
	first, second := agreement("a"), agreement("b")
	second.Name = "桥西社区"
	changed := first
	changed.Ours = 50
	before := head(t, w.Office)
	for _, p := range []govern.Partner{first, second, first, changed} {
		w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.Agree(tx, p) })
	}
	if got := head(t, w.Office).Seq - before.Seq; got != 3 {
		t.Errorf("%d entries: what does not change is not written again", got)
	}
	w.Meet(w.Office, station)
	list := station.Charter.Partners()
	if len(list) != 2 || list[0] != changed || list[1] != second {
		t.Errorf("at the station: %+v", list)
	}
	_ = station.Do(func(tx *store.Tx) error {
		n, err := station.Charter.Snapshot(tx)
		if p, ok := n.Partner(first.Community(), govern.Point{Term: before.Term, Seq: before.Seq + 1}); !ok || p != first {
			t.Errorf("under the head of then: %+v", p)
		}
		if _, ok := n.Partner(first.Community(), before); ok {
			t.Error("an agreement before it was made")
		}
		return err
	})
}

func TestAgreementsRefused(t *testing.T) {
	w := governtest.New(t, 32, nil)
	station := w.Join("张家庄站", govern.Station)
	good := agreement("a")
	for name, x := range map[string]struct {
		spoil func(p *govern.Partner)
		code  string
	}{
		"itself":     {func(p *govern.Partner) { p.Root = sha256.Sum256(w.Founding.Value) }, "partner.own"},
		"no name":    {func(p *govern.Partner) { p.Name = " " }, "partner.terms"},
		"no peg":     {func(p *govern.Partner) { p.Peg = 0 }, "partner.terms"},
		"peg":        {func(p *govern.Partner) { p.Peg = govern.MaxPeg + 1 }, "partner.terms"},
		"cap":        {func(p *govern.Partner) { p.Ours = govern.MaxCredit + 1 }, "partner.terms"},
		"no root":    {func(p *govern.Partner) { p.Root = [32]byte{} }, "partner.terms"},
		"two lines":  {func(p *govern.Partner) { p.Site.Street = "a\nb" }, "partner.terms"},
		"spaces":     {func(p *govern.Partner) { p.Site.City = " a" }, "partner.terms"},
		"before all": {func(p *govern.Partner) { p.Until = -1 }, "partner.terms"},
	} {
		p := good
		x.spoil(&p)
		if err := w.Office.Do(func(tx *store.Tx) error { return w.Office.Charter.Agree(tx, p) }); !errors.Is(err, fault.New(x.code)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := station.Do(func(tx *store.Tx) error { return station.Charter.Agree(tx, good) }); !errors.Is(err, fault.New("govern.registrar.only")) {
		t.Errorf("by a station: %v", err)
	}
}

// How much of another charter is known is said of partners only, and only grows.
func TestAbroad(t *testing.T) {
	w := governtest.New(t, 33, nil)
	p := agreement("a")
	at := func(seq uint64) govern.Abroad {
		return govern.Abroad{Community: [16]byte(p.Root[:16]), Term: 1, Seq: seq, Head: [16]byte{byte(seq)}}
	}
	write := func(entries ...govern.Entry) error {
		return w.Office.Do(func(tx *store.Tx) error { return w.Office.Charter.Write(tx, "test", entries...) })
	}
	if write(at(1)) == nil {
		t.Error("of a community that is no partner")
	}
	if err := write(p, at(3)); err != nil {
		t.Fatal(err)
	}
	if write(at(2)) == nil {
		t.Error("less than before")
	}
	if err := write(at(3), at(5)); err != nil {
		t.Fatal(err)
	}
	now := head(t, w.Office)
	w.Office.Must(func(tx *store.Tx) error {
		n, err := w.Office.Charter.Snapshot(tx)
		point, hash, ok := n.Abroad([16]byte(p.Root[:16]), now)
		if !ok || point != (govern.Point{Term: 1, Seq: 5}) || hash != [16]byte{5} {
			t.Errorf("%v %v %v", point, hash, ok)
		}
		return err
	})
}

func TestSites(t *testing.T) {
	w := governtest.New(t, 34, nil)
	here := govern.Site{Street: "迎泽街道", District: "迎泽区", City: "太原市"}
	settings, err := govern.SiteSettings(here)
	if err != nil {
		t.Fatal(err)
	}
	w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.SetPolicy(tx, settings...) })
	if got := w.Office.Charter.Settings().Site; got != here {
		t.Errorf("%+v", got)
	}
	if _, err := govern.SiteSettings(govern.Site{Street: "a\nb"}); !errors.Is(err, fault.New("partner.site")) {
		t.Errorf("%v", err)
	}
}

// head is where a device's charter ends.
func head(t *testing.T, d *governtest.Device) (p govern.Point) {
	t.Helper()
	d.Must(func(tx *store.Tx) error {
		n, err := d.Charter.Snapshot(tx)
		p, _, _ = n.Head()
		return err
	})
	return p
}
