package law_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/admit"
	"jishan/crdt/store"
)

// town is four communities that are partners: home's merchants, and three more in
// the same street, in another street of the district, and in another district.
type town struct {
	t                           *testing.T
	ledgers                     map[*governtest.Device]*ledger.Ledger
	home, street, other, beyond *governtest.World
	clerks                      map[*governtest.World]*governtest.Device // another device of each, offline
}

const year = "2026"

func newTown(t *testing.T, seed uint64) *town {
	w := &town{t: t, ledgers: map[*governtest.Device]*ledger.Ledger{}, clerks: map[*governtest.World]*governtest.Device{}}
	mount := func(d *governtest.Device) ([]store.Projector, admit.Rules) {
		l := ledger.New(d.Incarnation.Actor(), d.World.Community, law.Governance{Charter: d.Charter})
		w.ledgers[d] = l
		return []store.Projector{l}, law.Rules{Charter: d.Charter, Ledger: l}
	}
	sites := []govern.Site{{Street: "光明路街道", District: "路北区", City: "唐山市"}, {Street: "光明路街道", District: "路北区", City: "唐山市"},
		{Street: "文化路街道", District: "路北区", City: "唐山市"}, {Street: "光明路街道", District: "路南区", City: "唐山市"}}
	for i, at := range []**governtest.World{&w.home, &w.street, &w.other, &w.beyond} {
		*at = governtest.New(t, seed+uint64(i), mount)
		settings, err := govern.SiteSettings(sites[i])
		if err != nil {
			t.Fatal(err)
		}
		(*at).Office.Must(func(tx *store.Tx) error { return (*at).Office.Charter.SetPolicy(tx, settings...) })
	}
	for _, away := range []*governtest.World{w.street, w.other, w.beyond} {
		away.Office.Must(func(tx *store.Tx) error {
			return away.Office.Charter.Agree(tx, govern.Partner{Root: sha256.Sum256(w.home.Founding.Value), Name: "柳溪社区", Site: sites[0],
				Device: w.home.Office.Key.Public(), Recipient: w.home.Office.Key.Recipient(), Ours: 60, Theirs: 60, Peg: 100})
		})
		w.clerks[away] = away.Join("乙站", govern.Station)
	}
	return w
}

// merchant is one of home's: its till's key, and its scope.
type merchant struct {
	device [32]byte
	scope  string
}

// merchants enrols as many merchants at home as are told of each scope.
func (w *town) merchants(counts map[string]int) (out []merchant) {
	office := w.home.Office
	office.Must(func(tx *store.Tx) error {
		for _, scope := range govern.Scopes {
			for range counts[scope] {
				var seed [32]byte
				binary.BigEndian.PutUint64(seed[:], uint64(len(out)+1))
				m := merchant{[32]byte(ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)), scope}
				place, err := office.Charter.Certify(tx, govern.Enrol{Device: m.device, Role: govern.Merchant, Name: "收银电脑", PlaceName: fmt.Sprintf("商家 %d", len(out)+1)})
				if err = errors.Join(err, office.Charter.SetScope(tx, place, scope)); err != nil {
					return err
				}
				out = append(out, m)
			}
		}
		return nil
	})
	w.certify()
	return out
}

// certify is the chore of home's office.
func (w *town) certify() {
	for n := 1; n > 0; {
		w.home.Office.Must(func(tx *store.Tx) (err error) {
			n, err = w.home.Office.Charter.CertifyScopes(tx, w.home.Office.Key.Private, w.home.Clock)
			return err
		})
	}
}

// shows is what a merchant's device shows elsewhere. One that serves home alone has
// nothing; the worst it could get is a certificate that says so.
func (w *town) shows(m merchant) govern.ScopeCert {
	w.t.Helper()
	c, ok := w.home.Office.Charter.ScopeOf(m.device)
	if ok != (m.scope != govern.ScopeCommunity) {
		w.t.Fatalf("a merchant of scope %s has a certificate: %v", m.scope, ok)
	}
	if ok {
		return c
	}
	c, err := govern.ScopeCert{Root: sha256.Sum256(w.home.Founding.Value), HomeName: "柳溪社区", Site: w.home.Office.Charter.Settings().Site,
		Place: "p1", Merchant: "商家", Device: m.device, Scope: m.scope, NotAfter: w.home.Clock + 1_000_000}.Sign(w.home.Office.Key.Private)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func takeIn(away *governtest.World, m merchant, c govern.ScopeCert) error {
	return away.Office.Do(func(tx *store.Tx) error { return certify(tx, away, m, c) })
}

func certify(tx *store.Tx, away *governtest.World, m merchant, c govern.ScopeCert) error {
	_, err := away.Office.Charter.Certify(tx, govern.Enrol{Device: m.device, Role: govern.Merchant, Name: "收银电脑", PlaceName: c.Merchant,
		Scope: c.Scope, NotAfter: c.NotAfter, Guest: &c})
	return err
}

// TestScenario04Scopes: 476 merchants, of which 144 serve across communities of the
// street and 85 across the district, in both readings of that sentence. Each is
// taken by exactly the communities that its scope reaches, and the devices of those
// communities know whose cards it takes with nobody connected.
func TestScenario04Scopes(t *testing.T) {
	for i, reading := range []struct {
		name          string
		counts        map[string]int
		atLeastStreet int
	}{
		{"nested", map[string]int{govern.ScopeCommunity: 332, govern.ScopeStreet: 59, govern.ScopeDistrict: 85}, 144},
		{"disjoint", map[string]int{govern.ScopeCommunity: 247, govern.ScopeStreet: 144, govern.ScopeDistrict: 85}, 229},
	} {
		t.Run(reading.name, func(t *testing.T) {
			w := newTown(t, 400+10*uint64(i))
			list := w.merchants(reading.counts)
			for _, n := range govern.CountScopes(w.home.Office.Charter.Shops()) {
				atLeast := map[string]int{govern.ScopeCommunity: 476, govern.ScopeStreet: reading.atLeastStreet, govern.ScopeDistrict: 85}
				if n.Only != reading.counts[n.Scope] || n.AtLeast != atLeast[n.Scope] {
					t.Errorf("%s: %d, and %d with wider ones", n.Scope, n.Only, n.AtLeast)
				}
			}
			reaches := map[*governtest.World][]string{w.street: {govern.ScopeStreet, govern.ScopeDistrict}, w.other: {govern.ScopeDistrict}, w.beyond: nil}
			for away, scopes := range reaches {
				away.Office.Must(func(tx *store.Tx) error {
					for _, m := range list {
						err := certify(tx, away, m, w.shows(m))
						if allowed := slices.Contains(scopes, m.scope); allowed != (err == nil) || !allowed && !errors.Is(err, fault.New("guest.scope")) {
							return fmt.Errorf("scope %s: %w", m.scope, err)
						}
					}
					return nil
				})
			}
			for away, want := range map[*governtest.World]int{w.street: reading.atLeastStreet, w.other: 85, w.beyond: 0} {
				clerk := w.clerks[away]
				away.Meet(away.Office, clerk) // once; then it is offline
				guests := 0
				for _, m := range list {
					if c, ok := clerk.Charter.Guest(m.device); ok {
						guests++
						if c.Scope != m.scope || c.Home() != w.home.Community {
							t.Fatalf("a guest of another scope: %+v", c)
						}
					}
				}
				if guests != want {
					t.Errorf("%d guests, want %d", guests, want)
				}
			}
		})
	}
}

// TestScenario04CapBetweenCommunities: 60 points may be unsettled with a partner;
// two of its merchants' tills, cut off from each other and from the office, hand out
// no more than that together, and what they did counts everywhere.
func TestScenario04CapBetweenCommunities(t *testing.T) {
	w := newTown(t, 480)
	list := w.merchants(map[string]int{govern.ScopeStreet: 2})
	office := w.street.Office
	bank := w.ledgers[office]
	till := func(i int) *governtest.Device {
		d := w.street.Stranger(fmt.Sprint("till", i))
		c := w.shows(list[i])
		c.Device = d.Key.Public()
		c, err := c.Sign(w.home.Office.Key.Private)
		if err == nil {
			err = takeIn(w.street, merchant{c.Device, c.Scope}, c)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.street.Meet(office, d)
		return d
	}
	tills := []*governtest.Device{till(0), till(1)}
	w.street.Meet(tills[0], tills[1])
	people := []ledger.Subject{{1}, {2}}
	turn := ledger.Subject{9}
	office.Must(func(tx *store.Tx) error {
		return errors.Join(bank.EnsureTurn(tx, turn), bank.EnsureIssue(tx, turn, year, 1000))
	})
	for i, d := range tills {
		office.Must(func(tx *store.Tx) error {
			_, err := bank.Award(tx, ledger.Award{Person: people[i], Points: 100, Period: year, Turn: turn, Key: ledger.Subject{byte(i + 20)}, Item: "A1", Version: 1})
			if err != nil {
				return err
			}
			if _, err := bank.GrantExposure(tx, d.Incarnation.Actor(), 300); err != nil {
				return err
			}
			if _, err := bank.GrantCredit(tx, d.Incarnation.Actor(), 45, 60); err != nil {
				return err
			}
			_, err = bank.Move(tx, ledger.Quota{Kind: ledger.Points, Subject: people[i], Period: year}, 100, d.Incarnation.Actor())
			return err
		})
		w.fetch(office, d)
	}
	total := int64(0)
	for i, d := range tills { // from here on nobody is connected
		redeem := func(n int64) error {
			return d.Do(func(tx *store.Tx) error {
				_, err := w.ledgers[d].Redeem(tx, ledger.Redemption{Person: people[i], Points: n, Receipt: ledger.Subject{7}})
				return err
			})
		}
		for redeem(10) == nil {
			total += 10
		}
		if err := redeem(10); !errors.Is(err, fault.New("ledger.credit.short")) || fault.Of(err).Params["here"] != int64(5) {
			t.Errorf("till %d is refused with %v", i, err)
		}
		d.Must(func(tx *store.Tx) error { // without credit, its changed program would write this
			_, err := w.ledgers[d].Write(tx, "cheat", ledger.Entry{Type: ledger.Consume, Quota: ledger.Quota{Kind: ledger.Points, Subject: people[i], Period: year}, Amount: 10})
			if !errors.Is(err, ledger.ErrInvalid) {
				t.Errorf("till %d redeems on no credit: %v", i, err)
			}
			return nil
		})
	}
	if total != 50 {
		t.Errorf("%d handed out of 60", total)
	}
	w.street.Meet(office, tills[0], tills[1], w.clerks[w.street])
	for _, d := range []*governtest.Device{office, w.clerks[w.street]} {
		d.Must(func(tx *store.Tx) error {
			root := sha256.Sum256(w.home.Founding.Value)
			spent, err := w.ledgers[d].Spent(tx, ledger.Subject(root[:16]))
			if spent != total {
				t.Errorf("%s: %d owed of %d", d.Name, spent, total)
			}
			return err
		})
	}
}

// fetch gives a till what the office has for it, as the ask channel does.
func (w *town) fetch(from, to *governtest.Device) {
	w.t.Helper()
	w.street.Meet(from, to)
	var list [][]byte
	from.Must(func(tx *store.Tx) (err error) {
		list, err = w.ledgers[from].Vouchers(tx, to.Incarnation.Actor(), from.World.Clock+1_000_000, 1<<20)
		return err
	})
	for _, b := range list {
		if err := to.Do(func(tx *store.Tx) error { _, err := w.ledgers[to].Take(tx, b); return err }); err != nil && !errors.Is(err, fault.New("ledger.voucher.taken")) {
			w.t.Fatal(err)
		}
	}
}
