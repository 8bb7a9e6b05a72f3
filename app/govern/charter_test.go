package govern_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func TestFounding(t *testing.T) {
	w := governtest.New(t, 1, nil)
	c := w.Office.Charter
	s := c.Settings()
	if s.Name != "柳溪社区" || s.Parent != "迎泽街道" || s.Site.Street != s.Parent || s.Bonus != 10 || len(s.Grids) != 2 || s.Grids[1].Name != "第二网格" {
		t.Errorf("settings: %+v", s)
	}
	if len(c.Devices()) != 1 || !c.Devices()[0].Registrar || c.Devices()[0].PlaceName != "社区办公室" {
		t.Errorf("devices: %+v", c.Devices())
	}
	if w.Founding.Recovery.Public() != c.Recovery() {
		t.Error("another recovery key in the genesis")
	}
	ring, err := c.Keyring()
	if err != nil || ring.ID != w.Founding.Keyring.ID || ring.Current() != 1 {
		t.Errorf("keyring: %v", err)
	}
}

func TestFoundingRefusesBadNames(t *testing.T) {
	w := governtest.New(t, 2, nil)
	for _, r := range []govern.GenesisRequest{
		{Community: "  ", Office: "x"}, {Community: "x", Office: ""}, {Community: "x\ny", Office: "z"},
		{Community: string(make([]byte, 300)), Office: "x"}, {Community: "x", Office: "x", Grids: []string{"a", "a"}},
	} {
		r.Device, r.Incarnation = w.Office.Key, w.Office.Incarnation.Certificate
		if _, err := govern.Found(w.Rand, w.Clock, r); fault.Of(err).Code == "internal" {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestJoiningGivesTheKeyToStaffOnly(t *testing.T) {
	w := governtest.New(t, 3, nil)
	station, merchant := w.Join("张家庄站", govern.Station), w.Join("小卖部", govern.Merchant)
	ring, err := station.Charter.Keyring()
	if err != nil || ring.ID != w.Founding.Keyring.ID {
		t.Errorf("station: %v", err)
	}
	if _, err := merchant.Charter.Keyring(); !errors.Is(err, govern.ErrNoKeyring) {
		t.Errorf("merchant: %v", err)
	}
	e, ok := merchant.Charter.Device(merchant.Key.Public())
	if !ok || e.Role != govern.Merchant || e.PlaceName != "小卖部" || e.Place == "" {
		t.Errorf("merchant: %+v", e)
	}
}

func TestOnlyTheRegistrarGoverns(t *testing.T) {
	w := governtest.New(t, 4, nil)
	station := w.Join("站", govern.Station)
	other := w.Join("副办公室", govern.Office)
	for _, d := range []*governtest.Device{station, other} {
		err := d.Do(func(tx *store.Tx) error { return d.Charter.SetPolicy(tx, govern.BonusSetting(99)) })
		if !errors.Is(err, fault.New("govern.registrar.only")) {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
}

func TestRevokingTurnsTheKey(t *testing.T) {
	w := governtest.New(t, 5, nil)
	a, b := w.Join("甲站", govern.Station), w.Join("乙站", govern.Station)
	w.Meet(w.Office, a, b)
	w.Office.Must(func(tx *store.Tx) error {
		return w.Office.Charter.Revoke(tx, w.Rand, govern.Withdrawal{Device: a.Key.Public(), Why: "lost"})
	})
	w.Meet(w.Office, b)
	if w.Office.Charter.MayConnect(a.Key.Public(), w.Clock) || !w.Office.Charter.MayConnect(b.Key.Public(), w.Clock) {
		t.Error("a revoked device may connect, or another one may not")
	}
	ring, err := b.Charter.Keyring()
	if err != nil || ring.Current() != 2 || ring.Keys[1] != w.Founding.Keyring.Keys[1] {
		t.Errorf("the others' keyring: %d %v", ring.Current(), err)
	}
	if ring, _ := a.Charter.Keyring(); ring.Current() != 1 {
		t.Error("the revoked device got the new key")
	}
	if e, _ := b.Charter.Device(a.Key.Public()); !e.Revoked {
		t.Error("not shown as revoked")
	}
	snap, err := govern.Snapshot{}, error(nil)
	_ = b.Store.View(context.Background(), func(q store.Querier) error { snap, err = b.Charter.Snapshot(q); return err })
	head, _, _ := snap.Head()
	if cuts, ok := snap.Cuts(a.Incarnation.Actor(), head); !ok || cuts[0].Number != 0 {
		t.Errorf("its feeds are not closed: %v %v", cuts, ok)
	}
	for _, x := range []struct {
		d    [32]byte
		code string
	}{{w.Office.Key.Public(), "govern.device.self"}, {[32]byte{9}, "govern.device.unknown"}, {a.Key.Public(), "govern.device.revoked"}} {
		err := w.Office.Do(func(tx *store.Tx) error {
			return w.Office.Charter.Revoke(tx, w.Rand, govern.Withdrawal{Device: x.d})
		})
		if !errors.Is(err, fault.New(x.code)) {
			t.Errorf("%s: %v", x.code, err)
		}
	}
}

// What a device wrote under a head stays admissible after its revocation, in
// any order of arrival; under a later head it is refused.
func TestAuthorityIsJudgedUnderTheNamedHead(t *testing.T) {
	w := governtest.New(t, 6, nil)
	a, b := w.Join("甲站", govern.Station), w.Join("乙站", govern.Station)
	w.Meet(w.Office, a, b)
	put(a, "people/03", "person/x/grid", "g1")
	before, err := context0(a)
	if err != nil {
		t.Fatal(err)
	}
	w.Office.Must(func(tx *store.Tx) error {
		return w.Office.Charter.Revoke(tx, w.Rand, govern.Withdrawal{Device: a.Key.Public()})
	})
	w.Meet(w.Office, b)
	after, err := context0(b)
	if err != nil {
		t.Fatal(err)
	}
	b.Must(func(tx *store.Tx) error {
		doc := b.Charter.Doc("people/03")
		if err := b.Charter.Authority(tx, doc, a.Key.Public(), before); err != nil {
			t.Errorf("under the old head: %v", err)
		}
		if err := b.Charter.Authority(tx, doc, a.Key.Public(), after); !errors.Is(err, govern.ErrAuthority) {
			t.Errorf("under the new head: %v", err)
		}
		return nil
	})
}

func context0(d *governtest.Device) (c seal.Context, err error) {
	err = d.Do(func(tx *store.Tx) error { c, err = d.Charter.Head(tx); return err })
	return c, err
}

func put(d *governtest.Device, path, key, value string) {
	d.Must(func(tx *store.Tx) error {
		_, err := tx.Put(d.Charter.Doc(path), "test", store.Put{Key: key, Value: wire.StringValue(value)})
		return err
	})
}

// script is one line of the table of rights: who does what to which document.
type script struct {
	who, verb, doc string
	allowed        bool
}

func TestAuthorityTable(t *testing.T) {
	w := governtest.New(t, 7, nil)
	who := map[string]*governtest.Device{
		"registrar": w.Office, "office": w.Join("office2", govern.Office), "station": w.Join("station", govern.Station),
		"merchant": w.Join("merchant", govern.Merchant), "stranger": w.Stranger("stranger"),
	}
	w.Meet(w.Office, who["office"], who["station"], who["merchant"])
	place := map[string]string{}
	for name, d := range who {
		e, _ := w.Office.Charter.Device(d.Key.Public())
		place[name] = e.Place
	}
	feed := fmt.Sprintf("feed/%s/1", who["merchant"].Incarnation.Actor())
	stationFeed := fmt.Sprintf("feed/%s/1", who["station"].Incarnation.Actor())
	for _, s := range []script{
		{"registrar", "writes", "gov/1", true}, {"office", "writes", "gov/1", false}, {"station", "writes", "gov/1", false},
		{"merchant", "writes", "gov/1", false}, {"merchant", "reads", "gov/1", true}, {"stranger", "reads", "gov/1", false},
		{"station", "writes", "people/07", true}, {"office", "reads", "people/07", true}, {"merchant", "writes", "people/07", false},
		{"merchant", "reads", "people/07", false}, {"stranger", "reads", "people/07", false}, {"stranger", "writes", "people/07", false},
		{"office", "writes", "scheme", true}, {"station", "writes", "scheme", false}, {"merchant", "reads", "scheme", true},
		{"station", "writes", "activity/2026-05", true}, {"merchant", "reads", "activity/2026-05", false},
		{"merchant", "writes", "activity/2026-05", false},
		{"station", "writes", "board/2026-05", true}, {"merchant", "reads", "board/2026-05", true}, {"merchant", "writes", "board/2026-05", false},
		{"stranger", "reads", "board/2026-05", false}, {"merchant", "reads", "publicity/2026-05", false},
		{"merchant", "reads", "catalog/" + place["station"], true}, {"merchant", "writes", "catalog/" + place["station"], false},
		{"merchant", "writes", "catalog/" + place["merchant"], true}, {"office", "writes", "catalog/" + place["merchant"], true},
		{"station", "writes", "catalog/" + place["merchant"], false},
		{"merchant", "writes", feed, true}, {"merchant", "reads", feed, true}, {"merchant", "reads", stationFeed, false},
		{"station", "reads", feed, true}, {"stranger", "writes", feed, false},
		{"merchant", "reads", "set vault", false}, {"station", "reads", "set vault", true}, {"merchant", "reads", "set fork", true},
		{"stranger", "reads", "set incarnation", false}, {"office", "reads", "set view", false},
	} {
		t.Run(s.who+" "+s.verb+" "+s.doc, func(t *testing.T) {
			if got := rights(t, w, who[s.who], s); got != s.allowed {
				t.Errorf("allowed: %v", got)
			}
		})
	}
}

func rights(t *testing.T, w *governtest.World, d *governtest.Device, s script) bool {
	var set string
	if n, _ := fmt.Sscanf(s.doc, "set %s", &set); n == 1 {
		return w.Office.Charter.MaySet(d.Key.Public(), set)
	}
	doc := w.Office.Charter.Doc(s.doc)
	if s.verb == "reads" {
		return w.Office.Charter.MayRead(d.Key.Public(), doc)
	}
	c, err := context0(w.Office)
	if err != nil {
		t.Fatal(err)
	}
	w.Office.Must(func(tx *store.Tx) error { err = w.Office.Charter.Authority(tx, doc, d.Key.Public(), c); return nil })
	if err != nil && !errors.Is(err, govern.ErrAuthority) {
		t.Fatal(err)
	}
	return err == nil
}

func TestPathsHaveOneSpelling(t *testing.T) {
	w := governtest.New(t, 8, nil)
	good := []string{"gov/1", "gov/12", "people/00", "people/15", "scheme", "activity/2026-12", "catalog/p0k3"}
	for _, p := range good {
		if _, err := w.Office.Charter.Shape(w.Office.Charter.Doc(p)); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	for _, p := range []string{"", "gov", "gov/0", "gov/01", "gov/1/2", "gov/99999999", "people/16", "people/1", "people/+1", "scheme/x", "activity/2026-13",
		"activity/26-1", "catalog/", "catalog/A", "catalog/a b", "feed/xyz/1", "notes/1", "people/../gov/1"} {
		if _, err := w.Office.Charter.Shape(w.Office.Charter.Doc(p)); err == nil {
			t.Errorf("%q is accepted", p)
		}
	}
	for _, d := range []string{"", "x", "abc.1/scheme", w.Community + "/scheme", w.Community + ".0/scheme", "00000000000000000000000000.1/scheme"} {
		if _, err := w.Office.Charter.Shape(store.DocID(d)); err == nil {
			t.Errorf("%q is accepted", d)
		}
	}
}

// A new registrar begins a term with the recovery key: what the old one wrote
// beyond the cut gives no authority under the new heads.
func TestSuccessionByRecoveryKey(t *testing.T) {
	w := governtest.New(t, 9, nil)
	next, station := w.Join("副办公室", govern.Office), w.Join("站", govern.Station)
	w.Meet(w.Office, next, station)
	w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.NameStandby(tx, next.Key.Public()) })
	w.Meet(w.Office, next)
	late := w.Join("晚来的店", govern.Merchant) // next never hears of it
	wrapped, err := w.Founding.Keyring.Wrap(next.Key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	self := govern.Cert{Device: next.Key.Public(), Role: govern.Office, Name: "副办公室", Place: "office", Recipient: next.Key.Recipient(), Keyring: wrapped}
	bad := w.Founding.Recovery
	bad[0] ^= 1
	err = next.Do(func(tx *store.Tx) error { return next.Charter.TakeOver(tx, bad, next.Incarnation.Certificate, self) })
	if !errors.Is(err, fault.New("govern.recovery.other")) {
		t.Errorf("a wrong key: %v", err)
	}
	next.Must(func(tx *store.Tx) error {
		return next.Charter.TakeOver(tx, w.Founding.Recovery, next.Incarnation.Certificate, self)
	})
	next.Must(func(tx *store.Tx) error { return next.Charter.SetPolicy(tx, govern.BonusSetting(7)) })
	w.Meet(next, station, w.Office)
	for _, d := range []*governtest.Device{next, station, w.Office} {
		if reg, _, _ := d.Charter.Registrar(); reg != next.Key.Public() || d.Charter.Settings().Bonus != 7 {
			t.Errorf("%s: another registrar or policy", d.Name)
		}
		if d.Charter.MayConnect(late.Key.Public(), w.Clock) {
			t.Errorf("%s: a device that was certified beyond the cut may connect", d.Name)
		}
		if !d.Charter.MayConnect(station.Key.Public(), w.Clock) {
			t.Errorf("%s: the station lost its place", d.Name)
		}
	}
	err = w.Office.Do(func(tx *store.Tx) error { return w.Office.Charter.SetPolicy(tx, govern.BonusSetting(1)) })
	if !errors.Is(err, fault.New("govern.registrar.only")) {
		t.Errorf("the old registrar: %v", err)
	}
}

// A key that was printed anew replaces the sheet before: the old sheet begins
// no term, whoever holds it, and neither does a renewal that is not here.
func TestRenewedRecoveryKey(t *testing.T) {
	w := governtest.New(t, 11, nil)
	next := w.Join("副办公室", govern.Office)
	w.Meet(w.Office, next)
	wrapped, err := w.Founding.Keyring.Wrap(next.Key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	self := govern.Cert{Device: next.Key.Public(), Role: govern.Office, Name: "副办公室", Place: "office", Recipient: next.Key.Recipient(), Keyring: wrapped}
	over := func(key govern.RecoveryKey) error {
		return next.Do(func(tx *store.Tx) error { return next.Charter.TakeOver(tx, key, next.Incarnation.Certificate, self) })
	}
	renewed := w.Founding.Recovery
	renewed[3] ^= 1
	if err := next.Do(func(tx *store.Tx) error { return next.Charter.RenewRecovery(tx, renewed.Public()) }); !errors.Is(err, fault.New("govern.registrar.only")) {
		t.Errorf("another device renewed the key: %v", err)
	}
	w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.RenewRecovery(tx, renewed.Public()) })
	if err := over(renewed); !errors.Is(err, fault.New("govern.recovery.other")) {
		t.Errorf("a renewal that has not arrived: %v", err)
	}
	w.Meet(w.Office, next)
	if err := over(w.Founding.Recovery); !errors.Is(err, fault.New("govern.recovery.other")) {
		t.Errorf("the old sheet: %v", err)
	}
	if err := over(renewed); err != nil {
		t.Fatal(err)
	}
	w.Meet(next, w.Office)
	for _, d := range []*governtest.Device{next, w.Office} {
		if reg, _, _ := d.Charter.Registrar(); reg != next.Key.Public() || d.Charter.Recovery() != renewed.Public() {
			t.Errorf("%s: another registrar or key", d.Name)
		}
	}
}

func TestHandOverToANewIncarnation(t *testing.T) {
	w := governtest.New(t, 10, nil)
	station := w.Join("站", govern.Station)
	err := station.Do(func(tx *store.Tx) error {
		e, _ := station.Charter.Device(station.Key.Public())
		self := govern.Cert{Device: station.Key.Public(), Role: govern.Office, Name: "x", Place: e.Place, Recipient: station.Key.Recipient()}
		return station.Charter.HandOver(tx, station.Key.Private, station.Incarnation.Certificate, self)
	})
	if !errors.Is(err, fault.New("govern.recovery.other")) {
		t.Errorf("a station made itself registrar: %v", err)
	}
}

func TestStateAfterARollback(t *testing.T) {
	w := governtest.New(t, 11, nil)
	stop := errors.New("stop")
	err := w.Office.Do(func(tx *store.Tx) error {
		if err := w.Office.Charter.SetPolicy(tx, govern.BonusSetting(50)); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.SetPolicy(tx, govern.UnitFenSetting(100)) })
	if s := w.Office.Charter.Settings(); s.Bonus != 10 || s.UnitFen != 100 {
		t.Errorf("settings: %+v", s)
	}
}

func TestRebuildAndRestart(t *testing.T) {
	w := governtest.New(t, 12, nil)
	w.Join("站", govern.Station)
	ctx := context.Background()
	before, err := w.Office.Store.ProjectionDigest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Office.Store.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	after, err := w.Office.Store.ProjectionDigest(ctx)
	if err != nil || before.Whole != after.Whole {
		t.Errorf("the digest changed: %v", err)
	}
	again := govern.New(w.Community)
	if err := again.Open(ctx, w.Office.Store); err != nil || len(again.Devices()) != 2 {
		t.Errorf("restart: %d devices, %v", len(again.Devices()), err)
	}
}
