package partner_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/partner"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p/bundle"
)

func TestLettersMakeAcquainted(t *testing.T) {
	a, b := newTown(t, 101), newTown(t, 102)
	a.agree(b, 1000, 2000)
	if s := a.state(b); s.Known || s.Mutual || s.Ceiling != 0 {
		t.Errorf("before any letter: %+v", s)
	}
	b.agree(a, 2000, 999) // a slip: 999 for 1000
	first := a.letter(b)
	if got := b.get(first); got.From != a.Community || got.Items == 0 {
		t.Errorf("the first letter: %+v", got)
	}
	if s := b.state(a); !s.Known || !s.Listed || s.Mutual || s.Ceiling != 0 || s.Answer.Ours != 1000 {
		t.Errorf("with different figures: %+v", s)
	}
	b.agree(a, 2000, 1000)
	if s := b.state(a); !s.Mutual || s.Ceiling != 2000 {
		t.Errorf("with the same figures: %+v", s)
	}
	if got := b.get(first); got.Items != 0 {
		t.Errorf("the same letter again: %+v", got)
	}
	a.get(b.letter(a))
	if s := a.state(b); !s.Mutual || s.Ceiling != 1000 {
		t.Errorf("on the other side: %+v", s)
	}
	a.Clock += 400 * day
	a.Office.Must(func(tx *store.Tx) error {
		p, _ := a.Office.Charter.Partner(b.Community)
		p.Until = a.Clock - day
		return a.Office.Charter.Agree(tx, p)
	})
	if s := a.state(b); s.Mutual || s.Ceiling != 0 {
		t.Errorf("after its end: %+v", s)
	}
}

// Letters in any order, doubled and with some lost, leave the same.
func TestLettersInAnyOrder(t *testing.T) {
	a, b := newTown(t, 111), newTown(t, 112)
	a.agree(b, 10, 10)
	b.agree(a, 10, 10)
	var files [][]byte
	for n := range int64(4) {
		a.Office.Must(func(tx *store.Tx) error { return a.Office.Charter.SetPolicy(tx, govern.BonusSetting(20+n)) })
		files = append(files, a.letter(b))
	}
	for _, n := range []int{2, 0, 2, 3, 1, 3} { // of a journey of four
		b.get(files[n])
	}
	b.Office.Must(func(tx *store.Tx) error {
		f, err := b.book().Foreign(tx, a.Community)
		if err != nil {
			return err
		}
		at, hash, _ := f.Snapshot().Head()
		own, err := a.snapshot()
		if err != nil {
			return err
		}
		mine, mineHash, _ := own.Head()
		if at != mine || hash != mineHash || f.Snapshot().Settings(at).Bonus != 23 {
			t.Errorf("%v instead of %v", at, mine)
		}
		return nil
	})
	// The station judges the same by itself.
	b.Meet(b.Office, b.station)
	if n := countDocs(t, b, "abroad"); n != 1 {
		t.Errorf("%d abroad documents at the station", n)
	}
}

func TestForgedLetters(t *testing.T) {
	a, b := acquainted(t, 121, 100, 100)
	c := newTown(t, 124)
	c.agree(b, 5, 5)
	frames := func(v *town, to string) (out [][]byte) {
		v.see(func(q store.Querier) (err error) { out, err = v.book().Letter(q, to); return err })
		return out
	}
	good := a.letter(b)
	half := good[:len(good)/2]
	bent := bytes.Clone(good)
	bent[len(bent)-200] ^= 1
	for name, x := range map[string]struct {
		file []byte
		want error
	}{"cut in half": {half, bundle.ErrDamaged}, "one bit": {bent, bundle.ErrDamaged}, "to somebody else": {a.letter(c), bundle.ErrRecipient}} {
		if _, err := b.read(x.file); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := b.read(c.letter(b))
	want(t, err, "partner.unknown") // of a third community
	_, err = b.read(c.file(b, c.Office, frames(a, b.Community)))
	want(t, err, "partner.letter.signer") // ours, handed on by a stranger as his
	_, err = b.read(a.file(b, a.station, frames(a, b.Community)))
	want(t, err, "partner.letter.signer") // signed by a station
	spoiled, err := cbor.Marshal(partner.Item{Kind: partner.KindNet, Doc: "x", Bytes: []byte{1}, Seal: []byte{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.read(a.file(b, a.Office, append(frames(a, b.Community), spoiled)))
	want(t, err, "partner.letter.bad")
	_, err = b.read(a.file(b, a.station, append(frames(a, b.Community), spoiled)))
	want(t, err, "partner.letter.signer") // the rest of a stranger's letter is not judged
	_, err = b.read(a.file(b, a.Office, frames(a, c.Community)))
	want(t, err, "partner.letter.other") // for a third one
	theirs := frames(c, b.Community)
	theirs[0] = frames(a, b.Community)[0]
	_, err = b.read(a.file(b, a.Office, theirs))
	want(t, err, "partner.letter.bad") // another community's charter under this name
	d := newTown(t, 125)
	d.agree(a, 5, 5)
	less := frames(a, d.Community)
	_, err = d.read(a.file(d, a.Office, append(less[:1:1], less[2:]...)))
	want(t, err, "partner.letter.early") // without its beginning
	for n := range 2 {
		_, err = b.read(a.file(b, a.Office, frames(a, b.Community)[:n]))
		want(t, err, "partner.letter.bad")
	}
	if _, err := b.read(good); err != nil {
		t.Errorf("the good one afterwards: %v", err)
	}
}

// Points of somebody who moved are made anew once, under the other's charter, and
// every device here comes to the same.
func TestMoving(t *testing.T) {
	a, b := acquainted(t, 141, 100, 100)
	a.earn(30)
	_, registrar, _ := b.Office.Charter.Registrar()
	to := ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(b.Community)}
	a.Office.Must(func(tx *store.Tx) error {
		_, err := a.ledger().SendAway(tx, to, "", "", ledger.Amount{Quota: account, N: 30})
		return err
	})
	if got := b.get(a.letter(b)); got.Moved != 1 {
		t.Fatalf("%+v", got)
	}
	evidence := b.evidence(a)
	arrive := func(ceiling int64) error {
		return b.Office.Do(func(tx *store.Tx) error {
			_, err := b.ledger().Arrive(tx, ledger.TextSubject(a.Community), evidence[0], ceiling, asHere)
			return err
		})
	}
	want(t, arrive(29), "ledger.credit.short")
	if err := arrive(100); err != nil {
		t.Fatal(err)
	}
	if err := arrive(100); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("a second time: %v", err)
	}
	b.Meet(b.Office, b.station)
	for _, d := range b.devices() {
		if err := d.Do(func(tx *store.Tx) error {
			terms, err := b.ledgers[d].Account(tx, account)
			if terms.Minted != 30 || terms.Unseen != 0 {
				t.Errorf("%s: %+v", d.Name, terms)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// A device that hears of points made anew before the letter that they came with
// waits for it, and ends no feed.
func TestMovingBeforeTheLetter(t *testing.T) {
	a, b := acquainted(t, 161, 100, 100)
	a.earn(30)
	_, registrar, _ := b.Office.Charter.Registrar()
	to := ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(b.Community)}
	a.Office.Must(func(tx *store.Tx) error {
		_, err := a.ledger().SendAway(tx, to, "", "", ledger.Amount{Quota: account, N: 30})
		return err
	})
	b.get(a.letter(b))
	evidence := b.evidence(a)[0]
	b.Office.Must(func(tx *store.Tx) error {
		_, err := b.ledger().Arrive(tx, ledger.TextSubject(a.Community), evidence, 100, asHere)
		return err
	})
	minted := func() (n int64) {
		b.station.Must(func(tx *store.Tx) error {
			terms, err := b.ledgers[b.station].Account(tx, account)
			n = terms.Minted
			return err
		})
		return n
	}
	b.hand("gov")
	b.hand("feed")
	if n := minted(); n != 0 {
		t.Errorf("%d points on nobody's word", n)
	}
	b.Meet(b.Office, b.station)
	if n := minted(); n != 30 {
		t.Errorf("%d points after the letter", n)
	}
}

// errBack undoes a transaction that was only a question.
var errBack = errors.New("back")

// What a closed feed of the other community sent beyond its cut is worth nothing
// here, once the letter that says so was read.
func TestMovingBeyondAClose(t *testing.T) {
	a, b := acquainted(t, 151, 100, 100)
	a.earn(30)
	_, registrar, _ := b.Office.Charter.Registrar()
	to := ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(b.Community)}
	a.Office.Must(func(tx *store.Tx) error {
		_, err := a.ledger().Move(tx, account, 30, a.station.Incarnation.Actor())
		return err
	})
	a.Meet(a.Office, a.station)
	a.station.Must(func(tx *store.Tx) error { _, err := a.ledgers[a.station].TakeAll(tx); return err })
	a.station.Must(func(tx *store.Tx) error {
		_, err := a.ledgers[a.station].SendAway(tx, to, "", "", ledger.Amount{Quota: account, N: 30})
		return err
	})
	a.Meet(a.Office, a.station)
	if got := b.get(a.letter(b)); got.Moved != 1 {
		t.Fatalf("%+v", got)
	}
	evidence := b.evidence(a)[0]
	arrive := func() error {
		return b.Office.Do(func(tx *store.Tx) error {
			if _, err := b.ledger().Arrive(tx, ledger.TextSubject(a.Community), evidence, 100, asHere); err != nil {
				return err
			}
			return errBack
		})
	}
	if err := arrive(); !errors.Is(err, errBack) {
		t.Fatalf("while nothing is said against it: %v", err)
	}
	a.Office.Must(func(tx *store.Tx) error {
		return a.Office.Charter.Write(tx, "test", govern.CutOf(a.station.Incarnation.Actor(), 0, [32]byte{}, "lost"))
	})
	if err := arrive(); !errors.Is(err, errBack) {
		t.Fatalf("before the letter: %v", err)
	}
	b.get(a.letter(b))
	if err := arrive(); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("after the letter: %v", err)
	}
}

// A letter brings papers to who opens it and into no document; the old community
// learns from the MINT itself that somebody arrived, and from nothing else.
func TestPapersAndArrivals(t *testing.T) {
	a, b := acquainted(t, 161, 100, 100)
	a.earn(30)
	_, registrar, _ := b.Office.Charter.Registrar()
	to := ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(b.Community)}
	part := func(n int64) ledger.Amount { return ledger.Amount{Quota: account, N: n} }
	a.Office.Must(func(tx *store.Tx) error {
		_, err := a.ledger().SendAway(tx, to, "self", "", part(10), part(20))
		return err
	})
	var frames [][]byte
	a.see(func(q store.Querier) (err error) {
		frames, err = a.book().Letter(q, b.Community, []byte("the paper"))
		return err
	})
	letter := a.file(b, a.Office, frames)
	for n := range 2 {
		got := b.get(letter)
		if len(got.Papers) != 1 || string(got.Papers[0]) != "the paper" || (n > 0) != (got.Items == 0) {
			t.Errorf("reading %d: %+v", n, got)
		}
	}
	b.Meet(b.Office, b.station)
	for _, d := range b.devices() {
		if err := d.Store.View(t.Context(), func(q store.Querier) error {
			rows, err := q.Query(`SELECT chunk FROM change`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var chunk []byte
				if err := rows.Scan(&chunk); err != nil {
					return err
				}
				ch, _, err := wire.Decode(chunk)
				if err != nil {
					return err
				}
				for _, o := range ch.Ops {
					if bytes.Contains([]byte(o.Value.Raw), []byte("the paper")) {
						t.Errorf("%s holds the paper", d.Name)
					}
				}
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
	}
	came := func() (n int) {
		a.see(func(q store.Querier) error {
			list, err := a.book().Came(q, b.Community)
			n = len(list)
			return err
		})
		return n
	}
	a.get(b.letter(a))
	if came() != 0 {
		t.Error("arrived before the MINT")
	}
	evidence := b.evidence(a)[0]
	want(t, b.Office.Do(func(tx *store.Tx) error {
		_, err := b.ledger().Arrive(tx, ledger.TextSubject(a.Community), evidence, 29, asHere)
		return err
	}), "ledger.credit.short")
	b.Office.Must(func(tx *store.Tx) error {
		_, err := b.ledger().Arrive(tx, ledger.TextSubject(a.Community), evidence, 100, asHere)
		return err
	})
	a.get(b.letter(a))
	a.get(b.letter(a))
	if came() != 1 {
		t.Errorf("%d arrivals", came())
	}
	if err := b.Office.Do(func(tx *store.Tx) error {
		list, err := b.ledger().CameFrom(tx, ledger.TextSubject(a.Community))
		if err != nil {
			return err
		}
		_, err = b.ledger().Undo(tx, list[0])
		return err
	}); !errors.Is(err, fault.New("ledger.undo.nothing")) {
		t.Errorf("an arrival undone: %v", err)
	}
}

// Whoever makes anew another amount than was burned writes what no device admits.
func TestForgedArrival(t *testing.T) {
	for i, x := range []struct {
		name      string
		mint, pay int64
		good      bool
	}{{"more", 31, 31, false}, {"less", 29, 29, false}, {"unpaid", 30, 29, false}, {"the same", 30, 30, true}} {
		a, b := acquainted(t, uint64(171+2*i), 100, 100)
		a.earn(30)
		_, registrar, _ := b.Office.Charter.Registrar()
		to := ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(b.Community)}
		a.Office.Must(func(tx *store.Tx) error {
			_, err := a.ledger().SendAway(tx, to, "", "", ledger.Amount{Quota: account, N: 30})
			return err
		})
		b.get(a.letter(b))
		b.Meet(b.Office, b.station)
		v, err := ledger.DecodeEvidence(b.evidence(a)[0])
		if err != nil {
			t.Fatal(err)
		}
		raw, err := (&ledger.Tx{Evidence: []ledger.Evidence{*v}, Entries: []ledger.Entry{
			{Type: ledger.Mint, Quota: b.credit(a), Amount: x.pay}, {Type: ledger.Consume, Quota: b.credit(a), Amount: x.pay},
			{Type: ledger.Mint, Quota: account, Amount: x.mint, Why: ledger.WhyMoved, Evidence: 1},
		}}).Encode(ledger.TextSubject(b.Community))
		if err != nil {
			t.Fatal(err)
		}
		b.Office.Must(func(tx *store.Tx) error { // as a changed program would: nobody asks what it writes
			_, err := tx.Append(b.ledger().Doc(b.Office.Incarnation.Actor(), 1), "test.forged!", raw)
			return err
		})
		b.Meet(b.Office, b.station)
		if err := b.station.Do(func(tx *store.Tx) error {
			terms, err := b.ledgers[b.station].Account(tx, account)
			if got := terms.Minted + terms.Unseen; (got == 30) != x.good || !x.good && got != 0 {
				t.Errorf("%s: %+v", x.name, terms)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
