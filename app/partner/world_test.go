package partner_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/partner"
	"jishan/app/zone"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p/bundle"
)

const day = int64(24 * 60 * 60 * 1000)

// town is a community whose devices keep a ledger and what other ones are to it.
type town struct {
	*governtest.World
	t       *testing.T
	ledgers map[*governtest.Device]*ledger.Ledger
	books   map[*governtest.Device]*partner.Book
	station *governtest.Device
	deeds   int
}

// volunteer is who works; the ledger asks for no name.
var volunteer = ledger.TextSubject("00000000000000000000000001")

var account = ledger.Quota{Kind: ledger.Points, Subject: volunteer, Period: "2026"}

// asHere books what came under the volunteer's account.
func asHere(ledger.Quota) ledger.Quota { return account }

func newTown(t *testing.T, seed uint64) *town {
	v := &town{t: t, ledgers: map[*governtest.Device]*ledger.Ledger{}, books: map[*governtest.Device]*partner.Book{}}
	v.World = governtest.New(t, seed, v.mount)
	v.station = v.Join("张家庄站", govern.Station)
	v.Office.Must(func(tx *store.Tx) error {
		l := v.ledger()
		return errors.Join(l.EnsureIssue(tx, l.Community(), "2026", 1_000_000), l.EnsureTurn(tx, volunteer))
	})
	return v
}

func (v *town) mount(d *governtest.Device) ([]store.Projector, admit.Rules) {
	b := partner.New(d.Charter)
	l := ledger.New(d.Incarnation.Actor(), d.Charter.Community(), law.Governance{Charter: d.Charter, Partners: b})
	b.UseFeeds(l)
	l.UseHome(func(store.Querier) (wire.Actor, bool, error) {
		_, a, ok := d.Charter.Registrar()
		return a, ok, nil
	})
	v.ledgers[d], v.books[d] = l, b
	return []store.Projector{l, b}, law.Rules{Charter: d.Charter, Ledger: l, Partners: b}
}

func (v *town) ledger() *ledger.Ledger { return v.ledgers[v.Office] }
func (v *town) book() *partner.Book    { return v.books[v.Office] }

func (v *town) see(fn func(q store.Querier) error) {
	v.t.Helper()
	if err := v.Office.Store.View(context.Background(), fn); err != nil {
		v.t.Fatal(err)
	}
}

// agree writes an agreement with another town, as its introduction says it.
func (v *town) agree(o *town, ours, theirs uint64) {
	v.t.Helper()
	i, err := o.Office.Charter.Introduce(o.Office.Key, o.Clock)
	if err != nil {
		v.t.Fatal(err)
	}
	v.Office.Must(func(tx *store.Tx) error {
		return v.Office.Charter.Agree(tx, govern.Partner{Root: i.Root, Name: i.Name, Site: i.Site, Device: i.Device, Recipient: i.Recipient, Ours: ours, Theirs: theirs, Peg: 100})
	})
}

// letter writes the file that one town sends to another.
func (v *town) letter(o *town) []byte {
	v.t.Helper()
	var frames [][]byte
	v.see(func(q store.Querier) (err error) {
		frames, err = v.book().Letter(q, o.Community)
		return err
	})
	return v.file(o, v.Office, frames)
}

func (v *town) file(o *town, by *governtest.Device, frames [][]byte) []byte {
	v.t.Helper()
	var out bytes.Buffer
	to := o.Office.Key.Public()
	_, err := bundle.Write(&out, by.Key.Private, bundle.Header{To: to[:], Community: v.Community, Made: v.Clock}, o.Office.Key.Recipient(), func(yield func([]byte, error) bool) {
		for _, f := range frames {
			if !yield(f, nil) {
				return
			}
		}
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return out.Bytes()
}

// read takes a letter in at the office.
func (v *town) read(file []byte) (a partner.Arrival, err error) {
	r, err := bundle.Open(bytes.NewReader(file), v.Office.Key.Identity)
	if err != nil {
		return a, err
	}
	err = v.Office.Do(func(tx *store.Tx) (err error) {
		a, err = v.book().Accept(tx, [32]byte(r.From), r.Frames(), v.Clock)
		return err
	})
	return a, err
}

// get reads a letter that must be good.
func (v *town) get(file []byte) partner.Arrival {
	v.t.Helper()
	a, err := v.read(file)
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

// earn awards points to the volunteer at the office.
func (v *town) earn(n int64) {
	v.t.Helper()
	v.deeds++
	v.Office.Must(func(tx *store.Tx) error {
		_, err := v.ledger().Award(tx, ledger.Award{Person: volunteer, Points: n, Period: "2026", Turn: volunteer,
			Key: ledger.TextSubject(fmt.Sprint(v.deeds)), Item: "hour", Version: 1})
		return err
	})
}

func (v *town) credit(o *town) ledger.Quota {
	return ledger.Quota{Kind: ledger.Credit, Subject: ledger.TextSubject(o.Community)}
}

// spend redeems points at the other town's expense, as its merchants' tills do:
// with its credit, of which the registrar makes as much as the ceiling allows. False
// where that is not enough.
func (v *town) spend(o *town, n int64) bool {
	v.t.Helper()
	err := v.Office.Do(func(tx *store.Tx) error {
		l := v.ledger()
		top, err := v.book().Ceiling(tx, o.Community, v.Clock)
		if err != nil {
			return err
		}
		t, err := l.Account(tx, v.credit(o))
		if err != nil {
			return err
		}
		here, err := l.Here(tx, v.credit(o))
		if err != nil {
			return err
		}
		if t.Minted-here+max(n, here) > top {
			return fault.New("ledger.credit.short")
		}
		if n > here {
			if _, err := l.Write(tx, "test.credit", ledger.Entry{Type: ledger.Mint, Quota: v.credit(o), Amount: n - here}); err != nil {
				return err
			}
		}
		_, err = l.Write(tx, "test.spend", ledger.Entry{Type: ledger.Consume, Quota: account, Amount: n},
			ledger.Entry{Type: ledger.Consume, Quota: v.credit(o), Amount: n})
		return err
	})
	if err != nil && !errors.Is(err, fault.New("ledger.credit.short")) {
		v.t.Fatal(err)
	}
	return err == nil
}

// giveBack undoes the newest redemption.
func (v *town) giveBack() {
	v.t.Helper()
	v.Office.Must(func(tx *store.Tx) error {
		list, err := v.ledger().Lines(tx, volunteer, 0, 50)
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.Kind == ledger.LineRedeem && !x.Undone {
				_, err := v.ledger().Undo(tx, x.Ref.Hash)
				return err
			}
		}
		return errors.New("nothing to give back")
	})
}

// nextMonth moves both clocks to the tenth of the next month.
func nextMonth(list ...*town) {
	for _, v := range list {
		t := zone.In(v.Clock)
		v.Clock = t.AddDate(0, 0, 10-t.Day()).AddDate(0, 1, 0).UnixMilli()
	}
}

// lastMonth is the month before the town's.
func (v *town) lastMonth() string {
	t := zone.In(v.Clock)
	return zone.Month(t.AddDate(0, 0, -t.Day()).UnixMilli())
}

func (v *town) make(o *town) (h wire.Hash, made bool) {
	v.t.Helper()
	v.Office.Must(func(tx *store.Tx) (err error) {
		h, made, err = v.book().Make(tx, o.Community, v.lastMonth(), v.Clock)
		return err
	})
	return h, made
}

func (v *town) sheets(o *town) (out []partner.Sheet) {
	v.t.Helper()
	v.see(func(q store.Querier) (err error) {
		out, err = v.book().Statements(q, o.Community)
		return err
	})
	return out
}

func (v *town) state(o *town) (s partner.State) {
	v.t.Helper()
	v.see(func(q store.Querier) (err error) {
		s, err = v.book().State(q, o.Community, v.Clock)
		return err
	})
	return s
}

// acquainted are two towns that know each other's charter and agree.
func acquainted(t *testing.T, seed uint64, ours, theirs uint64) (a, b *town) {
	a, b = newTown(t, seed), newTown(t, seed+1)
	a.agree(b, ours, theirs)
	b.agree(a, theirs, ours)
	b.get(a.letter(b))
	a.get(b.letter(a))
	return a, b
}

func want(t *testing.T, err error, code string) {
	t.Helper()
	if !errors.Is(err, fault.New(code)) {
		t.Errorf("%v, not %s", err, code)
	}
}

func (v *town) snapshot() (n govern.Snapshot, err error) {
	err = v.Office.Store.View(context.Background(), func(q store.Querier) (err error) {
		n, err = v.Office.Charter.Snapshot(q)
		return err
	})
	return n, err
}

func (v *town) devices() []*governtest.Device { return []*governtest.Device{v.Office, v.station} }

func (v *town) evidence(o *town) (out [][]byte) {
	v.t.Helper()
	v.see(func(q store.Querier) (err error) {
		out, err = v.book().Evidence(q, o.Community)
		return err
	})
	return out
}

// hand gives the station the office's documents of one kind, and no others.
func (v *town) hand(kind string) {
	v.t.Helper()
	list, err := v.Office.Store.Docs(context.Background())
	if err != nil {
		v.t.Fatal(err)
	}
	for _, d := range list {
		var items []seal.Sealed
		if p, err := govern.ParsePath(d.ID); err != nil || p.Row.Doc != kind {
			continue
		}
		v.see(func(q store.Querier) error {
			return store.Each(q, d.ID, func(_ wire.Actor, c store.Stored) error {
				items = append(items, c.Sealed)
				return nil
			})
		})
		v.station.Receive(v.Office, d.ID, items)
	}
}

// countDocs counts the station's documents of a kind that hold something.
func countDocs(t *testing.T, v *town, kind string) (n int) {
	t.Helper()
	list, err := v.station.Store.Docs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if p, err := govern.ParsePath(d.ID); err == nil && p.Row.Doc == kind {
			n++
		}
	}
	return n
}
