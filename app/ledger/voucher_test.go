package ledger

import (
	"errors"
	"fmt"
	"testing"

	"jishan/crdt/store"
)

// grant gives a till exposure and brings it there as the ask channel does.
func (v *village) grant(n int64) {
	v.t.Helper()
	v.office.update(func(tx *store.Tx) error {
		got, err := v.office.l.GrantExposure(tx, v.till.actor(), n)
		if got == 0 {
			return errors.Join(err, errors.New("no exposure was granted"))
		}
		return err
	})
	v.fetch(v.office)
}

// fetch gives the till what another device has for it.
func (v *village) fetch(from *node) (taken int) {
	v.t.Helper()
	from.view(func(q store.Querier) error {
		list, err := from.l.Vouchers(q, v.till.actor(), from.now, 1<<20)
		for _, b := range list {
			if v.till.try(func(tx *store.Tx) error { _, err := v.till.l.Take(tx, b); return err }) == nil {
				taken++
			}
		}
		return err
	})
	return taken
}

// issue writes a voucher at a staff device.
func (n *node) issue(points, until int64) (*Evidence, error) {
	var ev *Evidence
	err := n.try(func(tx *store.Tx) error {
		ref, err := n.l.IssueVoucher(tx, person, points, n.v.till.actor(), until)
		if err != nil {
			return err
		}
		ev, err = n.l.VoucherEvidence(tx, ref.Hash)
		return err
	})
	return ev, err
}

func (n *node) show(ev *Evidence, home bool) (p Paper, err error) {
	err = n.try(func(tx *store.Tx) error { p, err = n.l.TakeVoucher(tx, ev, home); return err })
	return p, err
}

func (n *node) rights(want int64) {
	n.v.t.Helper()
	n.view(func(q store.Querier) error {
		got, err := n.l.Rights(q, person)
		if got != want {
			n.v.t.Errorf("%s has %d points, want %d", n.name, got, want)
		}
		return err
	})
}

// balance checks what can be spent, and how much of it waits in vouchers.
func (n *node) balance(spendable, slips int64) {
	n.v.t.Helper()
	n.view(func(q store.Querier) error {
		b, err := n.l.Balance(q, person, year)
		all, err2 := n.l.AllBalances(q, year)
		if b.Spendable != spendable || b.Vouchers != slips || len(all) != 1 || all[0] != b {
			n.v.t.Errorf("%s: %+v, want %d, of these %d in vouchers; of all: %+v", n.name, b, spendable, slips, all)
		}
		return errors.Join(err, err2)
	})
}

// issued returns the states of the person's vouchers as a device sees them.
func (n *node) issued(now int64) (s []VoucherState) {
	n.v.t.Helper()
	n.view(func(q store.Querier) error {
		list, err := n.l.IssuedVouchers(q, person, now, 10)
		for _, x := range list {
			s = append(s, x.State)
		}
		return err
	})
	return s
}

const hour = 3600_000

func TestVoucherIsTakenOnce(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	v.grant(15)
	ev, err := v.a.issue(12, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	v.a.balance(20, 12)
	if _, err := v.a.issue(9, v.a.now+hour); code(err) != "ledger.rights.short" {
		t.Error(err)
	}
	if _, err := v.a.issue(1, v.a.now-1); code(err) != "voucher.until" {
		t.Error(err)
	}
	if n := v.fetch(v.a); n != 0 { // it waits for the person, even where a network is
		t.Errorf("%d vouchers came by themselves", n)
	}
	if got := fmt.Sprint(v.a.issued(v.a.now)); got != "[open]" {
		t.Error(got)
	}
	if _, err := v.b.show(ev, false); code(err) != "voucher.other" {
		t.Error(err)
	}
	p, err := v.till.show(ev, false)
	if err != nil || p.Points != 12 || p.Person != person {
		t.Fatal(p, err)
	}
	v.till.rights(12)
	if _, err := v.till.show(ev, false); code(err) != "voucher.taken" {
		t.Error(err)
	}
	v.till.rights(12)
	v.till.balance(12, 0)
	v.meet()
	v.office.balance(20, 0)
	if got := fmt.Sprint(v.office.issued(v.a.now)); got != "[used]" {
		t.Error(got)
	}
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}

func TestVoucherWithoutRoomStaysGood(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	ev, err := v.a.issue(12, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.till.show(ev, false); code(err) != "voucher.room" {
		t.Fatal(err)
	}
	v.grant(12)
	if _, err := v.till.show(ev, false); err != nil {
		t.Fatal(err)
	}
	v.till.rights(12)
	ev, err = v.a.issue(8, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.till.show(ev, true); err != nil { // the keeper sends it back
		t.Fatal(err)
	}
	v.till.rights(12)
	v.meet()
	v.office.update(func(tx *store.Tx) error { _, err := v.office.l.TakeAll(tx); return err })
	v.office.rights(8)
	if got := fmt.Sprint(v.a.issued(v.a.now)); got != "[returned used]" {
		t.Error(got)
	}
}

func TestExpiredVoucherGoesHome(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	v.grant(50)
	ev, err := v.a.issue(12, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(v.a.issued(v.a.now + 2*hour)); got != "[expired]" {
		t.Error(got)
	}
	v.a.now += 2 * hour
	v.fetch(v.a) // the till's clock leaves it be
	v.till.rights(0)
	if _, err := v.till.show(ev, false); err != nil { // and validity depends on no clock
		t.Error(err)
	}
	v.till.rights(12)
	if _, err = v.a.issue(8, v.a.now+hour); err != nil {
		t.Fatal(err)
	}
	v.a.now, v.till.now = v.a.now+2*hour, v.a.now+2*hour
	if n := v.fetch(v.a); n != 1 {
		t.Errorf("%d vouchers came back", n)
	}
	v.till.rights(12)
	v.meet()
	v.office.update(func(tx *store.Tx) error { _, err := v.office.l.TakeAll(tx); return err })
	v.office.rights(8)
	if got := fmt.Sprint(v.office.issued(v.a.now)); got != "[returned used]" {
		t.Error(got)
	}
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}

// An issuer that dies before it syncs wedges nobody; what it cost is loss.
func TestIssuerDiesBeforeItSyncs(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	v.grant(15)
	v.meet()
	var cut Tip
	v.office.view(func(q store.Querier) (err error) { cut, err = v.office.l.Tip(q, v.a.actor()); return err })
	ev, err := v.a.issue(12, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.till.show(ev, false); err != nil {
		t.Fatal(err)
	}
	v.devs = []*node{v.office, v.b, v.till} // nobody ever meets a again
	v.meet()
	terms := func() (x Terms) {
		v.office.view(func(q store.Querier) (err error) { x, err = v.office.l.Totals(q, Points); return err })
		return x
	}
	if x := terms(); x.Unseen != 12 || x.Loss != 0 || x.Difference() != 0 {
		t.Fatalf("%+v", x)
	}
	grant := func() (n int64) {
		v.office.update(func(tx *store.Tx) (err error) { n, err = v.office.l.GrantExposure(tx, v.till.actor(), 20); return err })
		return n
	}
	if n := grant(); n != 0 {
		t.Errorf("%d exposure while a TAKE is not backed", n)
	}
	v.till.update(func(tx *store.Tx) error { // the till redeems meanwhile
		if _, err := v.till.l.Receive(tx, id(120), 1, ""); err != nil {
			return err
		}
		_, err := v.till.l.Redeem(tx, Redemption{Person: person, Points: 12, Goods: []Goods{{id(120), 1}}, Receipt: id(131)})
		return err
	})
	v.gov.list = append(v.gov.list, order{closed: v.a.actor(), cut: Cut{Tips: []Tip{cut}}})
	v.office.known = 1
	v.meet()
	if x := terms(); x.Unseen != 0 || x.Loss != 12 || x.Consumed != 12 || x.Difference() != 0 || x.Negative() {
		t.Fatalf("%+v", x)
	}
	if n := grant(); n != 17 { // 3 of 15 are left there
		t.Errorf("%d exposure after the close", n)
	}
}

func TestVoucherRefusals(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	v.grant(50)
	ev, err := v.a.issue(12, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	forged := *ev
	forged.Seal[5] ^= 1
	elsewhere := *ev
	elsewhere.Part = 2
	garbage := *ev
	garbage.Chunk = ev.Chunk[:len(ev.Chunk)-1]
	tail := *ev
	tail.Tail = append(tail.Tail, ev.Chunk)
	var plain *Evidence
	v.a.update(func(tx *store.Tx) error {
		ref, err := v.a.l.Redeem(tx, Redemption{Person: person, Points: 1, Receipt: id(9)})
		if err != nil {
			return err
		}
		plain, err = v.a.l.VoucherEvidence(tx, ref.Hash)
		return err
	})
	for name, x := range map[string]struct {
		ev   *Evidence
		code string
	}{
		"another seal": {&forged, "voucher.forged"}, "another part": {&elsewhere, "voucher.forged"}, "garbage": {&garbage, "voucher.kind"},
		"a tail": {&tail, "voucher.kind"}, "no MOVE": {plain, "voucher.kind"},
	} {
		for _, home := range []bool{false, true} {
			if _, err := v.till.show(x.ev, home); code(err) != x.code {
				t.Errorf("%s: %v, want %s", name, err, x.code)
			}
		}
	}
	v.gov.list = append(v.gov.list, order{closed: v.a.actor()}) // nothing of it counts
	v.till.known = 1
	if _, err := v.till.show(ev, false); code(err) != "voucher.void" {
		t.Errorf("of a closed feed: %v", err)
	}
	v.till.rights(0)
}

// Points forwarded to a usual till are taken from the slip or by the network,
// whichever comes first, and once.
func TestForwardedIsShown(t *testing.T) {
	for _, first := range []string{"slip", "network"} {
		v := newVillage(t)
		v.start()
		if err := v.a.award(1, person, 20); err != nil {
			t.Fatal(err)
		}
		v.grant(50)
		var ev *Evidence
		v.a.update(func(tx *store.Tx) error {
			if err := v.a.l.Forward(tx, person, v.till.actor()); err != nil {
				return err
			}
			tip, err := v.a.l.Tip(tx, v.a.actor())
			if err != nil {
				return err
			}
			ev, err = v.a.l.VoucherEvidence(tx, tip.Hash)
			return err
		})
		b, err := ev.Encode()
		if err != nil {
			t.Fatal(err)
		}
		fetch := func() error {
			return v.till.try(func(tx *store.Tx) error { _, err := v.till.l.Take(tx, b); return err })
		}
		show := func() error { _, err := v.till.show(ev, false); return err }
		again, wants := fetch, "ledger.voucher.taken"
		if first == "network" {
			show, again, wants = fetch, show, "voucher.taken"
		}
		if err := show(); err != nil {
			t.Fatal(first, err)
		}
		v.till.rights(20)
		if err := again(); code(err) != wants {
			t.Errorf("%s first, then the other: %v", first, err)
		}
		v.till.rights(20)
	}
}

// The note is a voucher's in one spelling only.
func TestVoucherNotes(t *testing.T) {
	for note, want := range map[string]int64{
		"v1795536000": 1_795_536_000_000, "v1": 1000, "": 0, "v": 0, "v0": 0, "v-1": 0, "v01": 0, "v+1": 0, "v99999999999": 0, "V1": 0, "好": 0,
	} {
		e := Entry{Type: Move, Quota: Quota{Kind: Points}, Note: note}
		if got := e.until(); got != want {
			t.Errorf("%q: %d", note, got)
		}
	}
	if e := (Entry{Type: Consume, Quota: Quota{Kind: Points}, Note: "v1"}); e.until() != 0 {
		t.Error("a CONSUME is no voucher")
	}
}

// A voucher of a year that was closed meanwhile goes nowhere: its till takes it,
// against exposure, and burns it, so the year can be finished.
func TestVoucherOfClosedYearIsBurned(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 30); err != nil {
		t.Fatal(err)
	}
	v.meet()
	ev, err := v.a.issue(20, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	v.meet()
	v.gov.list = append(v.gov.list, order{period: year})
	for _, n := range v.devs {
		n.known = len(v.gov.list)
	}
	v.office.balance(0, 0)
	if _, err := v.till.show(ev, true); code(err) != "ledger.exposure.short" {
		t.Errorf("without exposure: %v", err)
	}
	v.grant(50)
	if _, err := v.till.show(ev, true); err != nil {
		t.Fatal(err)
	}
	v.till.rights(0)
	v.meet()
	if s := v.office.issued(v.a.now); len(s) != 1 || s[0] != VoucherReturned {
		t.Error(s)
	}
	v.office.view(func(q store.Querier) error {
		s, err := v.office.l.Account(q, Quota{Points, person, year})
		if s.InFlight != 0 || s.Burned != 20 {
			t.Errorf("%+v", s)
		}
		return err
	})
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}

// A till that has heard that a voucher is called back sends it home, whoever shows it.
func TestRecalledVoucherIsNotTaken(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	v.grant(50)
	ev, err := v.a.issue(12, v.a.now+hour)
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.till.l.ReadPaper(ev)
	if err != nil {
		t.Fatal(err)
	}
	wishes := NewRequests(nil)
	v.till.update(func(tx *store.Tx) error {
		if _, err := tx.Exec("INSERT INTO request_return (hash, payee) VALUES (?, ?)", p.Hash[:], p.Payee[:]); err != nil {
			return err
		}
		s, err := wishes.Show(tx, v.till.l, ev, v.till.now, false)
		if !s.Recalled || s.Expired {
			t.Errorf("%+v", s)
		}
		return err
	})
	v.till.rights(0)
}
