package activity

import (
	"database/sql"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Deed is something that somebody did outside of activities.
type Deed struct {
	Person  string `json:"person"`
	Item    string `json:"item"`
	At      int64  `json:"at"`
	Minutes int64  `json:"minutes"`
	Note    string `json:"note"`
	Witness string `json:"witness"`
	Line    string `json:"line"`  // of the paper passbook, "" for none
	Count   int64  `json:"count"` // pieces, yuan or times; 0 is 1
	Hard    int64  `json:"hard"`  // 0 plain, 1 hard, 2 very hard
}

func (d Deed) amount() scheme.Amount {
	return scheme.Amount{Minutes: d.Minutes, Count: d.Count, Hard: d.Hard}
}

// Recorded says what came of a deed.
type Recorded struct {
	Points   int64
	OnTheWay bool
	Capped   bool       // the rulebook's caps leave nothing for it now
	Ref      *store.Ref // the award, if it is booked
	Again    bool       // somebody else had recorded it: this makes one more witness
	Key      ledger.Subject
}

// ahead is how far in the future a deed may lie: clocks differ, plans are no
// deeds.
const ahead = day

// yearsBack is how many points years before the running one may still be
// written to. The rule book counts by the year, and a year is closed at the
// latest while the next one runs: what is older is no deed but a slip of the
// hand, or it is brought along in a roster.
const yearsBack = 1

// recent refuses what lies before the years that may be written to. Fault:
// deed.old {from}, the first day, yyyy-mm-dd.
func recent(at, now int64) error {
	if from := zone.YearStart(now, yearsBack); at < from {
		return fault.New("deed.old", "from", zone.Day(from))
	}
	return nil
}

// RecordDeed writes down a deed, and books its points if this device holds the
// person's turn. The same deed recorded by somebody else is one deed with two
// witnesses. Faults: people.unknown, scheme.item.unknown, deed.time, deed.old {from},
// deed.minutes, deed.witness, deed.note {max}, deed.line {max}, deed.count {max},
// deed.worthless {minutes}, deed.double, deed.claim {item} where it waits for somebody.
func (b *Board) RecordDeed(tx *store.Tx, d Deed, operator string) (Recorded, error) {
	for _, s := range []*string{&d.Note, &d.Witness, &d.Line} {
		*s = strings.TrimSpace(*s)
	}
	if err := b.known(tx, d.Person); err != nil {
		return Recorded{}, err
	}
	book, err := b.Scheme.Get(tx)
	if err != nil {
		return Recorded{}, err
	}
	item, err := atOnce(book, d.Item)
	if err != nil {
		return Recorded{}, err
	}
	if err := d.check(item, tx.Now()); err != nil {
		return Recorded{}, err
	}
	return b.enter(tx, d, d.fact(tx, item, book.Version, operator))
}

// atOnce finds an item whose points count at once.
func atOnce(book scheme.Scheme, code string) (scheme.Item, error) {
	item, err := book.Find(code)
	if err == nil && item.Waits() {
		err = fault.New("deed.claim", "item", item.Name)
	}
	return item, err
}

// fact is what a recorder says of a deed by an item of a version, without the
// texts, which enter seals.
func (d Deed) fact(tx *store.Tx, item scheme.Item, version int64, operator string) fact {
	f := fact{
		Format: factFormat, Person: personOf(d.Person), Item: item.Code, At: d.At, Minutes: d.Minutes,
		Line: lineMark(d.Line), Version: version, Points: item.Worth(d.amount()), By: clip(operator), Made: tx.Now(), Minus: item.Takes(), Hard: d.Hard,
	}
	if d.Count > 1 {
		f.Count = d.Count
	}
	return f
}

// Happened tells whether something can have been done then: not in the future, and
// within what a record can hold.
func Happened(at, now int64) bool { return isTime(at) && at <= now+ahead }

func (d Deed) check(item scheme.Item, now int64) error {
	switch {
	case !Happened(d.At, now):
		return fault.New("deed.time")
	case d.Minutes < 0 || d.Minutes > 24*60:
		return fault.New("deed.minutes")
	case !fits(d.Note, maxSaid):
		return fault.New("deed.note", "max", maxSaid)
	case !fits(d.Witness, maxShort) || item.Witness && d.Witness == "":
		return fault.New("deed.witness")
	case !fits(d.Line, maxLine):
		return fault.New("deed.line", "max", maxLine)
	case d.Count < 0 || d.Count > maxCount || d.Count > 1 && !item.Counted() || d.Hard < 0 || d.Hard > maxHard || d.Hard > 0 && item.Takes():
		return fault.New("deed.count", "max", maxCount)
	case item.Worth(d.amount()) == 0:
		return fault.New("deed.worthless", "minutes", item.Minutes)
	}
	return recent(d.At, now)
}

// clip shortens an operator's name to what a field holds.
func clip(s string) string {
	if r := []rune(s); len(r) > maxShort {
		return string(r[:maxShort])
	}
	return s
}

// enter writes a fact, once for each recorder. What was paid and taken back is
// entered anew, as after a slip of the hand: by everybody who knows of that in
// the same round, so that it stays one deed. Where it is not known yet, the
// deed stands as it was.
func (b *Board) enter(tx *store.Tx, d Deed, f fact) (Recorded, error) {
	for ; f.Round < maxRounds; f.Round++ {
		back, err := takenBack(tx, f.Person, f.key())
		if err != nil {
			return Recorded{}, err
		}
		if !back {
			break
		}
	}
	k := f.key()
	me := deedRecorder(tx.Self(), f.By)
	mine, others, err := recordersOf(tx, k, me)
	if err != nil {
		return Recorded{}, err
	}
	if mine {
		return Recorded{Key: k}, fault.New("deed.double")
	}
	if f.Made, err = madeAfter(tx, k, me, f.Made); err != nil {
		return Recorded{}, err
	}
	if err := b.sealTexts(tx, d, &f, me); err != nil {
		return Recorded{}, err
	}
	raw, err := f.encode()
	if err != nil {
		return Recorded{}, err
	}
	put := store.Put{Key: key(kindDeed, k.String(), me, "fact"), Value: wire.BytesValue(raw)}
	if err := b.put(tx, Path(f.At), "deed.record", []store.Put{put}); err != nil {
		return Recorded{}, err
	}
	if _, err := b.tendDue(tx, &f.Person, tendAwards); err != nil {
		return Recorded{}, err
	}
	out, err := standing(tx, f.Person, k)
	out.Again, out.Key = others, k
	if err != nil || !out.OnTheWay || out.Points < 0 {
		return out, err
	}
	got, err := b.Booked(tx, f.Person.String(), k)
	out.Points, out.OnTheWay, out.Capped = got.Points, got.Due, !got.Due
	return out, err
}

// sealTexts puts what was typed freely into a fact, so that who erases the person
// erases it.
func (b *Board) sealTexts(tx *store.Tx, d Deed, f *fact, recorder string) (err error) {
	for _, t := range []struct {
		name, plain string
		into        *[]byte
	}{{"note", d.Note, &f.Note}, {"witness", d.Witness, &f.Witness}} {
		if t.plain == "" {
			continue
		}
		if *t.into, err = b.People.Seal(tx, d.Person, deedField(f.At, f.key(), recorder, t.name), t.plain); err != nil {
			return err
		}
	}
	return nil
}

// takenBack says whether a deed was paid and that was undone.
func takenBack(q store.Querier, turn, k ledger.Subject) (back bool, err error) {
	err = q.QueryRow(`SELECT COALESCE(MAX(undone), 0) = 1 FROM activity_paid WHERE turn = ? AND key = ?`, turn[:], k[:]).Scan(&back)
	return back, err
}

// recordersOf says whether this recorder, and whether anybody else, recorded a
// deed.
func recordersOf(q store.Querier, k ledger.Subject, me string) (mine, others bool, err error) {
	err = q.QueryRow(`SELECT COALESCE(SUM(recorder = ?2), 0) > 0, COALESCE(SUM(recorder != ?2), 0) > 0
		FROM activity_deed WHERE id = ?1`, k[:], me).Scan(&mine, &others)
	return mine, others, err
}

// standing says whether a deed is paid.
func standing(q store.Querier, turn, k ledger.Subject) (Recorded, error) {
	var r Recorded
	var hash []byte
	err := q.QueryRow(`SELECT amount, hash FROM activity_paid WHERE turn = ? AND key = ? ORDER BY hash LIMIT 1`, turn[:], k[:]).
		Scan(&r.Points, &hash)
	if err == nil {
		p, found, err := store.Change(q, wire.Hash(hash))
		if err == nil && found {
			r.Ref = &store.Ref{Doc: p.Doc, Seq: p.Seq, Hash: p.Hash}
		}
		return r, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return r, err
	}
	err = optional(q.QueryRow(`SELECT points FROM activity_due WHERE turn = ? AND key = ?`, turn[:], k[:]).Scan(&r.Points))
	r.OnTheWay = r.Points != 0
	return r, err
}

// deedFact reads a deed as who recorded it first says, and who that is.
func deedFact(q store.Querier, k ledger.Subject) (f fact, recorder string, err error) {
	var person string
	err = q.QueryRow(`SELECT person, recorder, item, at, minutes, note, witness, line, version, points, by, made, count, hard FROM activity_deed
		WHERE id = ? ORDER BY made, recorder LIMIT 1`, k[:]).
		Scan(&person, &recorder, &f.Item, &f.At, &f.Minutes, &f.Note, &f.Witness, &f.Line, &f.Version, &f.Points, &f.By, &f.Made, &f.Count, &f.Hard)
	f.Person, f.Minus = personOf(person), f.Points < 0
	return f, recorder, err
}

// known refuses a person who is not registered here. Fault: people.unknown.
func (b *Board) known(q store.Querier, person string) error {
	if !validPerson(person) {
		return fault.New("people.unknown")
	}
	ok, err := b.People.Known(q, person)
	if err == nil && !ok {
		err = fault.New("people.unknown")
	}
	return err
}
