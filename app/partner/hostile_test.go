package partner_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/ledger"
	"jishan/app/partner"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func (v *town) frames(o *town) (out [][]byte) {
	v.t.Helper()
	v.see(func(q store.Querier) (err error) { out, err = v.book().Letter(q, o.Community); return err })
	return out
}

// A community that certifies another one's devices, and names their incarnations as
// its own, blocks nothing of that one's letters.
func TestNamedByAnother(t *testing.T) {
	b, c := acquainted(t, 401, 100, 100)
	a := newTown(t, 403)
	b.agree(a, 100, 100)
	a.agree(b, 100, 100)
	a.Office.Must(func(tx *store.Tx) error {
		_, err := a.Office.Charter.Certify(tx, govern.Enrol{Device: c.Office.Key.Public(), Role: govern.Station, Name: "站", PlaceName: "站", Recipient: c.Office.Key.Recipient()})
		return err
	})
	named, err := wireItem(partner.Item{Kind: partner.KindCert, Bytes: c.Office.Incarnation.Encode(), Seal: []byte{}})
	if err != nil {
		t.Fatal(err)
	}
	b.get(a.file(b, a.Office, append(a.frames(b), named)))
	c.earn(30)
	_, registrar, _ := b.Office.Charter.Registrar()
	to := ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(b.Community)}
	c.Office.Must(func(tx *store.Tx) error {
		_, err := c.ledger().SendAway(tx, to, "", "", ledger.Amount{Quota: account, N: 30})
		return err
	})
	if got := b.get(c.letter(b)); got.Moved != 1 {
		t.Fatalf("%+v", got)
	}
	b.Office.Must(func(tx *store.Tx) error {
		_, err := b.ledger().Arrive(tx, ledger.TextSubject(c.Community), b.evidenceIn(tx, c), 100, asHere)
		return err
	})
	b.Meet(b.Office, b.station)
	for _, d := range b.devices() {
		d.Must(func(tx *store.Tx) error {
			terms, err := b.ledgers[d].Account(tx, account)
			if terms.Minted != 30 || terms.Unseen != 0 {
				t.Errorf("%s: %+v", d.Name, terms)
			}
			return err
		})
	}
}

// Once a letter of the new main device was read, the one before writes none that
// counts, whatever it goes on to say.
func TestLetterOfTheOneBefore(t *testing.T) {
	a, b := acquainted(t, 411, 100, 100)
	before := a.letter(b)
	a.station.Must(func(tx *store.Tx) error {
		self := govern.Cert{Device: a.station.Key.Public(), Role: govern.Office, Name: "新办公室", Place: govern.OfficePlace, Recipient: a.station.Key.Recipient()}
		return a.station.Charter.TakeOver(tx, a.Founding.Recovery, a.station.Incarnation.Certificate, self)
	})
	old := a.Office
	b.get(before) // while nobody has heard of the new one
	a.Office = a.station
	b.get(a.letter(b))
	_, err := b.read(before)
	want(t, err, "partner.letter.outdated")
	a.Office = old
	a.Office.Must(func(tx *store.Tx) error { return a.Office.Charter.SetPolicy(tx, govern.BonusSetting(99)) })
	_, err = b.read(a.letter(b))
	if err == nil {
		t.Error("the replaced device's letter was taken in")
	}
	a.Office = a.station
	b.get(a.letter(b))
}

// spendAt uses the other town's credit at a device, as a guest's till does.
func (v *town) spendAt(d *governtest.Device, o *town, n int64) {
	v.t.Helper()
	d.Must(func(tx *store.Tx) error {
		_, err := v.ledgers[d].Write(tx, "test.spend", ledger.Entry{Type: ledger.Consume, Quota: account, Amount: n},
			ledger.Entry{Type: ledger.Consume, Quota: v.credit(o), Amount: n})
		return err
	})
}

// forked is a town whose station's feed has two branches: the office heard the
// station's own first, a third device its twin's.
func forked(t *testing.T, seed uint64) (a, b *town, third, twin *governtest.Device) {
	a, b = acquainted(t, seed, 500, 500)
	a.earn(300)
	third = a.Join("李家站", govern.Station)
	a.Office.Must(func(tx *store.Tx) error {
		if _, err := a.ledger().Write(tx, "test.credit", ledger.Entry{Type: ledger.Mint, Quota: a.credit(b), Amount: 100}); err != nil {
			return err
		}
		_, err := a.ledger().MoveAll(tx, a.station.Incarnation.Actor(), ledger.Amount{Quota: account, N: 100}, ledger.Amount{Quota: a.credit(b), N: 100})
		return err
	})
	a.Meet(a.Office, a.station)
	a.station.Must(func(tx *store.Tx) error { _, err := a.ledgers[a.station].TakeAll(tx); return err })
	a.Meet(a.Office, a.station, third)
	twin = a.Twin(a.station)
	a.spendAt(a.station, b, 10)
	a.spendAt(twin, b, 25)
	a.Meet(twin, third)
	a.Meet(a.station, a.Office)
	a.spend(b, 40)
	nextMonth(a, b)
	return a, b, third, twin
}

func (v *town) seenAt(d *governtest.Device, o *town) (out []partner.Sheet) {
	v.t.Helper()
	d.Must(func(tx *store.Tx) (err error) { out, err = v.books[d].Statements(tx, o.Community); return err })
	return out
}

// A till whose feed has two branches stops no statement: everybody adds up the branch
// that the main device counted, whichever came first here.
func TestForkedTill(t *testing.T) {
	a, b, third, _ := forked(t, 421)
	a.make(b)
	a.spend(b, 3)
	nextMonth(a, b)
	a.make(b)
	a.Meet(a.Office, third)
	for _, d := range []*governtest.Device{a.Office, third} {
		list := a.seenAt(d, b)
		if len(list) != 2 {
			t.Fatalf("%s: %d statements", d.Name, len(list))
		}
		if list[1].Spent != 50 || list[0].Spent != 3 {
			t.Errorf("%s: %+v", d.Name, list)
		}
	}
}

// A statement that counts more of a forked till's branch than it holds is refused by
// who heard the other branch first, too, as by who heard this one first.
func TestFalseStatementOfAForkedTill(t *testing.T) {
	a, b, third, twin := forked(t, 425)
	fourth := a.Join("王家站", govern.Station)
	a.Meet(a.station, fourth) // hears of the branches the other way round
	a.Meet(twin, fourth)
	var due partner.Due
	a.see(func(q store.Querier) (err error) { due, err = a.book().Due(q, b.Community, a.lastMonth()); return err })
	if due.Spent != 50 {
		t.Fatalf("%+v", due)
	}
	s := due.Statement
	s.Spent, s.Fen = s.Spent+15, s.Fen+15*s.Peg
	raw, err := partner.Entry{Statement: &s}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	doc := a.Office.Charter.Doc(fmt.Sprintf("%s/%s/%s/1-2026", partner.NetDoc, b.Community, a.Office.Incarnation.Actor()))
	a.Office.Must(func(tx *store.Tx) error { _, err := tx.Append(doc, "partner.statement", raw); return err })
	a.Meet(a.Office, third)
	a.Meet(a.Office, fourth)
	for _, d := range []*governtest.Device{third, fourth} {
		if list := a.seenAt(d, b); len(list) != 0 {
			t.Errorf("%s takes it: %+v", d.Name, list)
		}
	}
}

// What is taken back of something that is not here yet waits: whether it was settled,
// and at what, can't be said.
func TestTakenBackBeforeItIsHere(t *testing.T) {
	a, b := acquainted(t, 431, 500, 500)
	a.earn(300)
	a.spend(b, 40)
	raw, err := (&ledger.Tx{Entries: []ledger.Entry{{Type: ledger.Restore, Quota: a.credit(b), Amount: 5, Ref: ledger.Ref{Hash: wire.Hash{1}}}}}).Encode(ledger.TextSubject(a.Community))
	if err != nil {
		t.Fatal(err)
	}
	a.Office.Must(func(tx *store.Tx) error {
		_, err := tx.Append(a.ledger().Doc(a.Office.Incarnation.Actor(), 1), "test.early!", raw)
		return err
	})
	nextMonth(a, b)
	a.make(b)
	if s := a.sheets(b); len(s) != 1 || s[0].Spent != 40 || s[0].Back != 0 {
		t.Fatalf("%+v", s)
	}
	tip := uint64(0)
	a.see(func(q store.Querier) error {
		p, err := a.ledger().Tip(q, a.Office.Incarnation.Actor())
		tip = p.Number
		return err
	})
	if r := a.sheets(b)[0].Ranges; r[0].To >= tip {
		t.Errorf("%+v holds what is unknown, at %d", r, tip)
	}
}

// The work for a letter grows with its length, not with its square, and a document
// comes in it once.
func TestWorkOfALetter(t *testing.T) {
	cost := func(seed uint64, answers int) float64 {
		a, b := acquainted(t, seed, 500, 500)
		a.earn(300)
		a.spend(b, 40)
		nextMonth(a, b)
		h, _ := a.make(b)
		b.get(a.letter(b))
		for range answers {
			b.must(b.reply(a, h, "少了三笔"))
		}
		letter := b.letter(a)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a.get(letter)
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	few, many := cost(441, 30), cost(443, 120)
	if many > 6*few {
		t.Errorf("%.0f bytes for 30 answers, %.0f for 120", few, many)
	}
	a, b := acquainted(t, 445, 500, 500)
	frames := a.frames(b)
	last := frames[len(frames)-1]
	other, err := wireItem(partner.Item{Kind: partner.KindPaper, Bytes: []byte("x"), Seal: []byte{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.read(a.file(b, a.Office, append(slices.Clone(frames), other, last)))
	want(t, err, "partner.letter.bad")
}

func wireItem(i partner.Item) ([]byte, error) { return cbor.Marshal(i) }

// twice repeats each item of one kind of a letter.
func twice(t *testing.T, frames [][]byte, kind partner.Kind) (out [][]byte) {
	t.Helper()
	found := false
	for _, f := range frames {
		out = append(out, f)
		var i partner.Item
		if cbor.Unmarshal(f, &i) == nil && i.Kind == kind {
			out, found = append(out, f), true
		}
	}
	if !found {
		t.Fatalf("no item of kind %d", kind)
	}
	return out
}

// A letter that names one person who moved, or one arrival, twice is taken in as if it
// named it once, and so are the letters after it and the people in them.
func TestNamedTwiceInOneLetter(t *testing.T) {
	a, b := acquainted(t, 451, 100, 100)
	_, registrar, _ := b.Office.Charter.Registrar()
	to := ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(b.Community)}
	arrivals := func() (n int) {
		a.see(func(q store.Querier) error {
			list, err := a.book().Came(q, b.Community)
			n = len(list)
			return err
		})
		return n
	}
	for round := range 2 {
		a.earn(30)
		a.Office.Must(func(tx *store.Tx) error {
			_, err := a.ledger().SendAway(tx, to, "", "", ledger.Amount{Quota: account, N: 30})
			return err
		})
		if got := b.get(a.file(b, a.Office, twice(t, a.frames(b), partner.KindMoved))); got.Moved != 1 {
			t.Fatalf("round %d: %+v", round, got)
		}
		in := 0
		for _, e := range b.evidence(a) {
			err := b.Office.Do(func(tx *store.Tx) error {
				_, err := b.ledger().Arrive(tx, ledger.TextSubject(a.Community), e, 100, asHere)
				return err
			})
			if err == nil {
				in++
			} else if !errors.Is(err, ledger.ErrInvalid) { // the one of the round before is in
				t.Fatal(err)
			}
		}
		if in != 1 {
			t.Fatalf("round %d: %d people taken in", round, in)
		}
		a.get(b.file(a, b.Office, twice(t, b.frames(a), partner.KindCame)))
		if n := arrivals(); n != round+1 {
			t.Errorf("round %d: %d arrivals", round, n)
		}
	}
	a.Meet(a.Office, a.station)
	a.station.Must(func(tx *store.Tx) error {
		list, err := a.books[a.station].Came(tx, b.Community)
		if len(list) != 2 {
			t.Errorf("the station knows %d arrivals", len(list))
		}
		return err
	})
}
