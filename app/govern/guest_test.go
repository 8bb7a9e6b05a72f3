package govern_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

var (
	here  = govern.Site{Street: "迎泽街道", District: "迎泽区", City: "太原市"}
	there = govern.Site{Street: "桥东街道", District: "迎泽区", City: "太原市"}
)

// pair is two communities that know each other as partners: home's merchants want
// to take points of away.
type pair struct {
	t          *testing.T
	home, away *governtest.World
}

func newPair(t *testing.T, seed uint64, homeSite, awaySite govern.Site) *pair {
	t.Helper()
	p := &pair{t: t, home: governtest.New(t, seed, nil), away: governtest.New(t, seed+1, nil)}
	lies(t, p.home, homeSite)
	lies(t, p.away, awaySite)
	befriend(t, p.away, p.home, homeSite)
	return p
}

func lies(t *testing.T, w *governtest.World, s govern.Site) {
	t.Helper()
	settings, err := govern.SiteSettings(s)
	if err != nil {
		t.Fatal(err)
	}
	w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.SetPolicy(tx, settings...) })
}

func befriend(t *testing.T, w, other *governtest.World, site govern.Site) {
	t.Helper()
	w.Office.Must(func(tx *store.Tx) error {
		return w.Office.Charter.Agree(tx, govern.Partner{Root: sha256.Sum256(other.Founding.Value), Name: "柳溪社区", Site: site,
			Device: other.Office.Key.Public(), Recipient: other.Office.Key.Recipient(), Ours: 1000, Theirs: 1000, Peg: 100})
	})
}

// shows enrols a device as a merchant at home with a scope and returns what it shows.
func (p *pair) shows(device [32]byte, scope string) govern.ScopeCert {
	p.t.Helper()
	office := p.home.Office
	office.Must(func(tx *store.Tx) error {
		place, err := office.Charter.Certify(tx, govern.Enrol{Device: device, Role: govern.Merchant, Name: "收银电脑", PlaceName: fmt.Sprintf("商家%x", device[:2])})
		if err != nil {
			return err
		}
		if err := office.Charter.SetScope(tx, place, scope); err != nil {
			return err
		}
		_, err = office.Charter.CertifyScopes(tx, office.Key.Private, p.home.Clock)
		return err
	})
	c, _ := office.Charter.ScopeOf(device)
	return c
}

// takeIn is away's office letting a guest join.
func (p *pair) takeIn(device [32]byte, c govern.ScopeCert) error {
	office := p.away.Office
	return office.Do(func(tx *store.Tx) error {
		_, err := office.Charter.Certify(tx, govern.Enrol{Device: device, Role: govern.Merchant, Name: "收银电脑", PlaceName: c.Merchant,
			Scope: c.Scope, NotAfter: c.NotAfter, Guest: &c})
		return err
	})
}

// A main device that was put back to before it took a guest in gives that order
// again, and what it stands on: it makes no merchant of its own out of the guest.
func TestGuestsAfterAnOlderCopy(t *testing.T) {
	home, away := governtest.New(t, 69, nil), governtest.New(t, 70, nil)
	p := &pair{t: t, home: home, away: away}
	lies(t, home, here)
	lies(t, away, there)
	copied := away.Copy(away.Office)
	befriend(t, away, home, here)
	first := p.shows([32]byte{1}, govern.ScopeDistrict)
	home.Clock++ // so that they run out one after the other
	second := p.shows([32]byte{2}, govern.ScopeDistrict)
	for _, c := range []govern.ScopeCert{first, second} {
		if err := p.takeIn(c.Device, c); err != nil {
			t.Fatal(err)
		}
	}
	abroad := govern.Abroad{Community: [16]byte(first.Root[:16]), Term: 1, Seq: 3, Head: [16]byte{3}}
	away.Office.Must(func(tx *store.Tx) error { return away.Office.Charter.Write(tx, "govern.abroad", abroad) })
	copied.Must(func(tx *store.Tx) error {
		self := govern.Cert{Device: copied.Key.Public(), Role: govern.Office, Name: "office", Place: govern.OfficePlace, Recipient: copied.Key.Recipient()}
		return copied.Charter.HandOver(tx, copied.Key.Private, copied.Incarnation.Certificate, self)
	})
	away.Meet(away.Office, copied)
	away.Clock = second.NotAfter
	copied.Must(func(tx *store.Tx) error {
		_, err := copied.Charter.Resume(tx, away.Rand)
		return err
	})
	if list := copied.Charter.Partners(); len(list) != 1 {
		t.Errorf("partners: %+v", list)
	}
	copied.Must(func(tx *store.Tx) error {
		n, err := copied.Charter.Snapshot(tx)
		at, _, _ := n.Head()
		if got, hash, ok := n.Abroad(abroad.Community, at); !ok || got.Seq != 3 || hash != abroad.Head {
			t.Errorf("of the partner's charter: %v", got)
		}
		return err
	})
	shops := copied.Charter.Shops() // the first one's certificate has run out
	if len(shops) != 1 || shops[0].Home != "柳溪社区" || !slices.Equal(shops[0].Devices, [][32]byte{second.Device}) {
		t.Errorf("merchants: %+v", shops)
	}
}

func TestGuestsOfAPartner(t *testing.T) {
	p := newPair(t, 61, here, there)
	station := p.away.Join("张家庄站", govern.Station)
	till := p.away.Stranger("惠民超市")
	c := p.shows(till.Key.Public(), govern.ScopeDistrict)
	if err := p.takeIn(till.Key.Public(), c); err != nil {
		t.Fatal(err)
	}
	own := p.away.Join("小卖部", govern.Merchant)
	p.away.Meet(p.away.Office, station, till)
	for _, d := range []*governtest.Device{p.away.Office, station, till} {
		g, ok := d.Charter.Guest(till.Key.Public())
		if !ok || g.String() != c.String() || g.Home() != p.home.Community {
			t.Errorf("%s: %+v %v", d.Name, g, ok)
		}
		if _, ok := d.Charter.Guest(own.Key.Public()); ok {
			t.Errorf("%s takes its own merchant for a guest", d.Name)
		}
	}
	shops := p.away.Office.Charter.Shops()
	if len(shops) != 2 || shops[0].Name != "小卖部" || shops[1].Home != "柳溪社区" || shops[1].Scope != govern.ScopeDistrict || shops[1].Until != c.NotAfter {
		t.Errorf("merchants: %+v", shops)
	}
	if n := govern.CountScopes(shops)[0]; n.Only != 1 || n.AtLeast != 1 {
		t.Errorf("guests are counted at home: %+v", n)
	}
	office := p.away.Office
	err := office.Do(func(tx *store.Tx) error {
		_, err := office.Charter.Certify(tx, govern.Enrol{Device: till.Key.Public(), Role: govern.Station, Name: "x", PlaceName: "x", Recipient: till.Key.Recipient()})
		return err
	})
	if !errors.Is(err, fault.New("guest.role")) {
		t.Error("a guest becomes staff:", err)
	}
	office.Must(func(tx *store.Tx) error {
		return office.Charter.Revoke(tx, p.away.Rand, govern.Withdrawal{Device: till.Key.Public()})
	})
	if _, ok := office.Charter.Guest(till.Key.Public()); ok {
		t.Error("a revoked guest is a guest")
	}
}

// TestGuestsRefused: the office's program refuses them in words, and where it was
// changed to write them all the same, every other device refuses that, offline.
func TestGuestsRefused(t *testing.T) {
	p := newPair(t, 63, here, there)
	station := p.away.Join("张家庄站", govern.Station)
	device := p.away.Stranger("惠民超市").Key.Public()
	good := p.shows(device, govern.ScopeDistrict)
	signed := func(spoil func(*govern.ScopeCert), by ed25519.PrivateKey) govern.ScopeCert {
		c := good
		spoil(&c)
		c, err := c.Sign(by)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	registrar := p.home.Office.Key.Private
	stranger := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	forged := good
	forged.Scope = govern.ScopeCity
	for name, x := range map[string]struct {
		c    govern.ScopeCert
		code string
	}{
		"another street":   {signed(func(c *govern.ScopeCert) { c.Scope = govern.ScopeStreet }, registrar), "guest.scope"},
		"home only":        {signed(func(c *govern.ScopeCert) { c.Scope = govern.ScopeCommunity }, registrar), "guest.scope"},
		"a claimed street": {signed(func(c *govern.ScopeCert) { c.Scope, c.Site = govern.ScopeStreet, there }, registrar), "guest.scope"},
		"run out":          {signed(func(c *govern.ScopeCert) { c.NotAfter = p.away.Clock - 1 }, registrar), "guest.expired"},
		"another device":   {signed(func(c *govern.ScopeCert) { c.Device[0] ^= 1 }, registrar), "guest.device"},
		"no partner":       {signed(func(c *govern.ScopeCert) { c.Root[0] ^= 1 }, registrar), "guest.partner"},
		"half a root":      {signed(func(c *govern.ScopeCert) { c.Root[31] ^= 1 }, registrar), "guest.partner"},
		"no registrar":     {signed(func(*govern.ScopeCert) {}, stranger), "guest.signer"},
		"a merchant's own": {signed(func(*govern.ScopeCert) {}, p.away.Office.Key.Private), "guest.signer"},
		"widened":          {forged, "scope.forged"},
	} {
		if err := p.takeIn(device, x.c); !errors.Is(err, fault.New(x.code)) {
			t.Errorf("%s: %v", name, err)
		}
		if err := p.admits(station, device, x.c); err == nil {
			t.Errorf("%s: a changed program of the office gets it past a station", name)
		}
	}
	if err := p.admits(station, device, good); err != nil {
		t.Errorf("what is right: %v", err)
	}
}

// admits asks a device that is offline for its verdict about a change that takes
// the guest in, and leaves no trace of it.
func (p *pair) admits(d *governtest.Device, device [32]byte, c govern.ScopeCert) error {
	value, err := govern.EncodeValue(govern.Cert{Device: device, Role: govern.Merchant, Name: "x", Place: "p1", Scope: c.Scope}, govern.Guest{Device: device, Scope: c.Encode()})
	if err != nil {
		return err
	}
	p.away.Meet(p.away.Office, d)
	var verdict error
	stop := errors.New("asked")
	err = p.away.Office.Do(func(tx *store.Tx) error {
		doc := p.away.Office.Charter.Doc("gov/1")
		ref, err := tx.Append(doc, "test", value)
		if err != nil {
			return err
		}
		stored, _, err := store.At(tx, doc, tx.Self(), ref.Seq)
		if err != nil {
			return err
		}
		ch, _, err := wire.Decode(stored.Chunk)
		if err != nil {
			return err
		}
		ctx, err := seal.ParseContext(ch.Message)
		if err != nil {
			return err
		}
		verdict = d.Do(func(tx *store.Tx) error { return d.Rules.Subject(tx, doc, ch, ref.Hash, ctx) })
		return stop
	})
	if !errors.Is(err, stop) {
		return err
	}
	return verdict
}
