package partner_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"jishan/app/ledger"
	"jishan/app/partner"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func (v *town) reply(o *town, h wire.Hash, why string) error {
	return v.Office.Do(func(tx *store.Tx) error { return v.book().Reply(tx, o.Community, h, why, v.Clock) })
}

func (v *town) received(o *town, h wire.Hash) error {
	return v.Office.Do(func(tx *store.Tx) error { return v.book().Received(tx, o.Community, h, "工行 1120", v.Clock) })
}

func (v *town) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// A month between two communities: spent, given back, stated, agreed, paid; only
// then the credit is free again.
func TestMonth(t *testing.T) {
	a, b := acquainted(t, 201, 50, 50)
	a.earn(200)
	if !a.spend(b, 40) || a.spend(b, 11) || !a.spend(b, 10) {
		t.Fatal("the cap of 50 is not what holds")
	}
	a.giveBack()
	a.Office.Must(func(tx *store.Tx) error {
		_, _, err := a.book().Make(tx, b.Community, a.lastMonth(), a.Clock)
		if err != nil {
			return err
		}
		_, _, err = a.book().Make(tx, b.Community, "2026-05", a.Clock)
		want(t, err, "partner.month") // not over yet
		return nil
	})
	nextMonth(a, b)
	h, made := a.make(b)
	if !made {
		t.Fatal("nothing to state")
	}
	if _, again := a.make(b); again {
		t.Error("a second statement of the month")
	}
	s := a.sheets(b)
	if len(s) != 1 || s[0].Spent != 50 || s[0].Back != 10 || s[0].Moved != 0 || s[0].Fen != 4000 || s[0].Deals != 2 || s[0].Backs != 1 || s[0].Owed() != -4000 {
		t.Fatalf("%+v", s)
	}
	want(t, a.received(b, h), "partner.statement.theirs")
	want(t, b.reply(a, h, ""), "partner.statement.unknown")
	b.get(a.letter(b))
	want(t, b.received(a, h), "partner.statement.open")
	b.must(b.reply(a, h, "少了三笔"))
	a.get(b.letter(a))
	if s := a.sheets(b)[0]; s.Agreed || s.Why != "少了三笔" || s.Done() || a.state(b).Ceiling != 50 {
		t.Errorf("refused: %+v", s)
	}
	b.must(b.reply(a, h, ""))
	want(t, b.reply(a, h, "不对"), "partner.statement.agreed")
	a.get(b.letter(a))
	if s := a.sheets(b)[0]; !s.Agreed || s.Done() || a.state(b).Ceiling != 50 {
		t.Errorf("agreed and not paid: %+v", s)
	}
	b.must(b.received(a, h))
	want(t, b.received(a, h), "partner.statement.paid")
	file := b.letter(a)
	a.get(file)
	a.get(file)
	if s := a.sheets(b)[0]; !s.Done() || s.Reference != "工行 1120" || a.state(b).Ceiling != 90 || a.state(b).Settled != 40 {
		t.Errorf("paid: %+v, %+v", s, a.state(b))
	}
	if !a.spend(b, 50) || a.spend(b, 1) {
		t.Error("the credit is not what was settled")
	}
	a.Meet(a.Office, a.station)
	b.Meet(b.Office, b.station)
	for v, o := range map[*town]*town{a: b, b: a} { // every staff device judged the same
		for _, d := range v.devices() {
			err := d.Do(func(tx *store.Tx) error {
				list, err := v.books[d].Statements(tx, o.Community)
				if len(list) != 1 || !list[0].Done() {
					t.Errorf("%s: %+v", d.Name, list)
				}
				return err
			})
			v.must(err)
		}
	}
}

// What comes late goes into the next statement; what people who moved bring along
// goes the other way; a changed peg does not touch what was settled.
func TestLateAndMoved(t *testing.T) {
	a, b := acquainted(t, 211, 500, 500)
	a.earn(300)
	a.spend(b, 100)
	nextMonth(a, b)
	a.make(b)
	a.spend(b, 7) // in the month that goes on
	b.earn(60)
	_, registrar, _ := a.Office.Charter.Registrar()
	b.Office.Must(func(tx *store.Tx) error {
		_, err := b.ledger().SendAway(tx, ledger.Feed{Incarnation: registrar, Community: ledger.TextSubject(a.Community)}, "", "", ledger.Amount{Quota: account, N: 60})
		return err
	})
	a.get(b.letter(a))
	a.Office.Must(func(tx *store.Tx) error {
		_, err := a.ledger().Arrive(tx, ledger.TextSubject(b.Community), a.evidenceIn(tx, b), 500, asHere)
		return err
	})
	for _, v := range []*town{a, b} {
		o := map[*town]*town{a: b, b: a}[v]
		v.Office.Must(func(tx *store.Tx) error {
			p, _ := v.Office.Charter.Partner(o.Community)
			p.Peg = 50
			return v.Office.Charter.Agree(tx, p)
		})
	}
	a.giveBack() // the 7
	a.giveBack() // the 100, settled at 100 fen
	nextMonth(a, b)
	a.make(b)
	s := a.sheets(b)
	if len(s) != 2 || s[1].Fen != 10_000 {
		t.Fatalf("%+v", s)
	}
	if x := s[0]; x.Number != 2 || x.Spent != 7 || x.Back != 107 || x.Moved != 60 || x.Movers != 1 || x.Fen != -100*100-60*50 || x.Owed() != 13_000 {
		t.Errorf("%+v", x)
	}
	b.get(a.letter(b))
	b.must(b.reply(a, s[0].Hash, ""))
	want(t, b.received(a, s[0].Hash), "partner.statement.theirs")
	a.get(b.letter(a))
	a.must(a.received(b, s[0].Hash))
}

func (v *town) evidenceIn(tx *store.Tx, o *town) []byte {
	list, err := v.book().Evidence(tx, o.Community)
	if err != nil || len(list) == 0 {
		v.t.Fatal(err, len(list))
	}
	return list[0]
}

// Nothing can be changed in a statement after it was written, and there is no other
// one in its place.
func TestAlteredStatement(t *testing.T) {
	a, b := acquainted(t, 221, 500, 500)
	a.earn(300)
	a.spend(b, 100)
	nextMonth(a, b)
	a.make(b)
	var frames [][]byte
	a.see(func(q store.Querier) (err error) { frames, err = a.book().Letter(q, b.Community); return err })
	bent := make([][]byte, len(frames))
	copy(bent, frames)
	last := len(frames) - 1
	for at := len(frames[last]) - 300; at < len(frames[last]); at += 7 {
		bent[last] = bytes.Clone(frames[last])
		bent[last][at] ^= 1
		if got, err := b.read(a.file(b, a.Office, bent)); err == nil {
			t.Fatalf("byte %d altered: %+v", at, got)
		}
	}
	bad := a.Office.Do(func(tx *store.Tx) error { // the registrar's own device does not write one either
		list, err := a.book().Statements(tx, b.Community)
		if err != nil {
			return err
		}
		e := partner.Entry{Statement: &list[0].Statement}
		raw, err := e.Encode()
		if err != nil {
			return err
		}
		_, err = tx.Append(a.Office.Charter.Doc(fmt.Sprintf("net/%s/%s/1-2026", b.Community, tx.Self())), "partner.statement", raw)
		return err
	})
	a.must(bad) // past the command, as a rigged program would
	_, err := b.read(a.letter(b))
	want(t, err, "partner.letter.bad")
	if n := len(b.sheets(a)); n != 0 {
		t.Errorf("%d statements of a letter that was refused", n)
	}
	a.Meet(a.Office, a.station)
	if n := len(a.stationSheets(b)); n != 1 {
		t.Errorf("%d statements at the station: a second one for the month", n)
	}
}

func (v *town) stationSheets(o *town) (out []partner.Sheet) {
	v.station.Must(func(tx *store.Tx) (err error) {
		out, err = v.books[v.station].Statements(tx, o.Community)
		return err
	})
	return out
}

// In random worlds, where letters are lost, late and doubled, what one community
// owes the other and has not been paid never exceeds the cap, and in the end every
// point was in exactly one statement.
func TestRandomWorlds(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { randomWorld(t, seed) })
	}
}

func randomWorld(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	const limit = 60
	a, b := acquainted(t, 300+2*seed, limit, limit)
	pairs := [][2]*town{{a, b}, {b, a}}
	a.earn(2000)
	b.earn(2000)
	var post []func()
	for range 60 {
		p := pairs[r.IntN(2)]
		v, o := p[0], p[1]
		switch r.IntN(8) {
		case 0, 1, 2:
			v.spend(o, 1+r.Int64N(30))
		case 3:
			if len(v.undoable()) > 0 && r.IntN(2) == 0 {
				v.giveBack()
			}
		case 4:
			nextMonth(a, b)
			v.make(o)
		case 5, 6:
			if file := v.letter(o); r.IntN(3) > 0 { // else it is lost
				post = append(post, func() { o.get(file) })
			}
			if len(post) > 0 {
				post[r.IntN(len(post))]() // any of those on their way, and it may come again
			}
		case 7:
			v.settle(o)
		}
		for _, p := range pairs {
			p[0].bound(p[1], limit)
		}
	}
	for range 3 {
		nextMonth(a, b)
		for _, p := range pairs {
			p[0].make(p[1])
			p[1].get(p[0].letter(p[1]))
		}
		for _, p := range pairs {
			p[0].settle(p[1])
			p[1].get(p[0].letter(p[1]))
		}
	}
	for _, p := range pairs {
		v, o := p[0], p[1]
		var points, fen int64
		for _, s := range v.sheets(o) {
			if s.Ours {
				points, fen = points+s.Points(), fen+s.Fen
			}
			if !s.Done() {
				t.Errorf("not done: %+v", s)
			}
		}
		used := v.used(o)
		if points != used || fen != 100*used {
			t.Errorf("%d points and %d fen in statements, %d used", points, fen, used)
		}
		if state := v.state(o); state.Ceiling != limit+used {
			t.Errorf("%+v after all was settled", state)
		}
	}
}

// settle agrees to what the other side stated and notes what was paid.
func (v *town) settle(o *town) {
	for _, s := range v.sheets(o) {
		if !s.Ours && !s.Agreed {
			v.must(v.reply(o, s.Hash, ""))
		}
	}
	for _, s := range v.sheets(o) {
		if s.Agreed && s.Owed() > 0 && s.PaidAt == 0 {
			v.must(v.received(o, s.Hash))
		}
	}
}

func (v *town) used(o *town) (n int64) {
	v.see(func(q store.Querier) error {
		t, err := v.ledger().Account(q, v.credit(o))
		n = t.Consumed - t.Restored
		return err
	})
	return n
}

// bound demands, of what v's people spent at o's, that what o has no receipt for
// stays within the cap.
func (v *town) bound(o *town, limit int64) {
	v.t.Helper()
	var paid int64
	for _, s := range o.sheets(v) {
		if !s.Ours && s.Done() {
			paid += s.Points()
		}
	}
	if open := v.used(o) - paid; open > limit {
		v.t.Fatalf("%d points open, the cap is %d", open, limit)
	}
}

func (v *town) undoable() (out []ledger.Line) {
	v.see(func(q store.Querier) error {
		list, err := v.ledger().Lines(q, volunteer, 0, 500)
		for _, x := range list {
			if x.Kind == ledger.LineRedeem && !x.Undone {
				out = append(out, x)
			}
		}
		return err
	})
	return out
}

func TestEntriesRefused(t *testing.T) {
	for name, e := range map[string]partner.Entry{
		"nothing":      {},
		"no points":    {Statement: &partner.Statement{Number: 1, Month: "2026-05", Peg: 1}},
		"both at once": {Answer: &partner.Answer{Agreed: true, Why: "x"}},
		"no fen":       {Receipt: &partner.Receipt{Reference: "x"}},
		"no reference": {Receipt: &partner.Receipt{Fen: 1}},
	} {
		raw, err := e.Encode()
		if err == nil {
			_, err = partner.Decode(raw)
		}
		if !errors.Is(err, partner.ErrForm) && !errors.Is(err, partner.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
