package people

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Whether two records are one person is asked by any staff device and answered by
// the office, in the shard of the smaller id, under join/<id>.<id>/ask and
// join/<id>.<id>/answer. The registrar's device carries the latest answer out: it
// writes the joining into the charter, where every device reads it.

// What is asked or answered.
const (
	SaidJoin      = "join"      // they are one person
	SaidApart     = "apart"     // they are not, and were joined by mistake
	SaidDifferent = "different" // they are not: no longer shown as likely
	SaidNothing   = "nothing"   // the request is withdrawn
)

// MaxRecords bounds the records of one person that an office joins by what it knows:
// more is a mistake of somebody who joins a family. Offices that answered apart may
// come to more together: all of that is carried out, since whatever was left out
// would depend on which answer was heard first.
const MaxRecords = 8

// Pair is two records, the smaller id first.
type Pair [2]ID

// PairOf orders two ids. Fault: people.join.self.
func PairOf(a, b ID) (Pair, error) {
	switch bytes.Compare(a[:], b[:]) {
	case 0:
		return Pair{}, fault.New("people.join.self")
	case 1:
		a, b = b, a
	}
	return Pair{a, b}, nil
}

func (p Pair) key(what string) string {
	return "join/" + p[0].String() + "." + p[1].String() + "/" + what
}

// parsePair reads a key of a joining; false for any other.
func parsePair(key string) (p Pair, what string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != "join" || parts[2] != "ask" && parts[2] != "answer" {
		return p, "", false
	}
	first, second, ok := strings.Cut(parts[1], ".")
	if !ok {
		return p, "", false
	}
	a, err := ParseID(first)
	if err != nil {
		return p, "", false
	}
	b, err := ParseID(second)
	if err != nil || bytes.Compare(a[:], b[:]) >= 0 {
		return p, "", false
	}
	return Pair{a, b}, parts[2], true
}

// pairForm checks an operation on a joining; what is none passes.
func pairForm(op wire.Op, shard int) error {
	if !strings.HasPrefix(op.Key, "join/") {
		return nil
	}
	p, _, ok := parsePair(op.Key)
	if !ok || p[0].Shard() != shard {
		return fmt.Errorf("people: %.80q joins nobody here", op.Key)
	}
	if op.Delete || op.Value.Kind != wire.String || len(op.Value.Raw) > 20 {
		return fmt.Errorf("people: a bad value of %.80q", op.Key)
	}
	return nil
}

// notePairs projects what was asked and answered. The latest counts, by time and
// then by hash, in whatever order it arrives; an answer, only from an office.
func (p *People) notePairs(tx *store.Tx, ev store.Event) error {
	for _, op := range ev.Change.Ops {
		pair, what, ok := parsePair(op.Key)
		if !ok {
			continue
		}
		office, err := p.fromOffice(tx, ev)
		if err != nil {
			return err
		}
		if what == "answer" && !office {
			continue
		}
		_, err = tx.Exec(`INSERT INTO people_join (a, b, what, said, operator, at, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (a, b, what) DO UPDATE SET said = excluded.said, operator = excluded.operator, at = excluded.at, hash = excluded.hash
			WHERE (excluded.at, excluded.hash) > (at, hash)`, pair[0][:], pair[1][:], what, op.Value.Raw, ev.Context.Name(), ev.Change.Time, ev.Hash[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// fromOffice tells whether a change was written by an office, under the head that
// it names.
func (p *People) fromOffice(tx *store.Tx, ev store.Event) (bool, error) {
	device, ok, err := p.charter.DeviceOf(tx, ev.Change.Actor)
	if err != nil || !ok {
		return false, err
	}
	role, err := p.charter.RoleAt(tx, device, ev.Context)
	return role == govern.Office, err
}

// Said is the latest word about two records.
type Said struct {
	Word string `json:"word"`
	By   string `json:"by"`
	At   int64  `json:"at"`
}

// Word is what was asked and answered about two records; the zero Said for nothing.
type Word struct{ Ask, Answer Said }

// Open tells whether a request waits for an answer.
func (w Word) Open() bool {
	return (w.Ask.Word == SaidJoin || w.Ask.Word == SaidApart) && w.Ask.At > w.Answer.At
}

// Words reads what was said about all records.
func (p *People) Words(q store.Querier) (out map[Pair]Word, err error) {
	rows, err := q.Query(`SELECT a, b, what, said, operator, at FROM people_join`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[Pair]Word{}
	for rows.Next() {
		var a, b []byte
		var what string
		var s Said
		if err := rows.Scan(&a, &b, &what, &s.Word, &s.By, &s.At); err != nil {
			return nil, err
		}
		w := out[Pair{ID(a), ID(b)}]
		if what == "ask" {
			w.Ask = s
		} else {
			w.Answer = s
		}
		out[Pair{ID(a), ID(b)}] = w
	}
	return out, rows.Err()
}

// AskJoin asks the office about two records, as any staff device. Faults:
// people.join.self, people.unknown.
func (p *People) AskJoin(tx *store.Tx, pair Pair, word string) error {
	return p.say(tx, "people.joinAsk", pair, "ask", word)
}

// AnswerJoin decides about two records, as an office: elsewhere it counts nowhere.
// Faults: as AskJoin; people.join.many{max} for too many records of one person.
func (p *People) AnswerJoin(tx *store.Tx, pair Pair, word string) error {
	if word == SaidJoin {
		if err := p.fewEnough(tx, pair); err != nil {
			return err
		}
	}
	return p.say(tx, "people.joinAnswer", pair, "answer", word)
}

// fewEnough counts what is joined, and what was answered and is not joined yet: the
// main device, which does that, may be away for days.
// Fault: people.join.many{max}.
func (p *People) fewEnough(tx *store.Tx, pair Pair) error {
	j, err := p.charter.Joined(tx)
	if err != nil {
		return err
	}
	words, err := p.Words(tx)
	if err != nil {
		return err
	}
	for _, join := range []bool{false, true} {
		for x, w := range words {
			if said := w.Answer.Word; join && said == SaidJoin || !join && said == SaidApart {
				j = j.Set(x[0], x[1], join)
			}
		}
	}
	if len(j.Set(pair[0], pair[1], true).Of(pair[0])) > MaxRecords {
		return fault.New("people.join.many", "max", MaxRecords)
	}
	return nil
}

func (p *People) say(tx *store.Tx, action string, pair Pair, what, word string) error {
	for _, id := range pair {
		if err := p.here(tx, id); err != nil && word == SaidJoin { // an erased record can still be taken out
			return err
		}
	}
	_, err := tx.Put(p.doc(pair[0]), action, store.Put{Key: pair.key(what), Value: wire.StringValue(word)})
	return err
}

// Separate takes a record out of its person, as an office; the other records stay
// one person. Fault: people.join.alone.
func (p *People) Separate(tx *store.Tx, id ID) error {
	pairs, err := p.links(tx, id)
	if err != nil {
		return err
	}
	if len(pairs) == 0 {
		return fault.New("people.join.alone")
	}
	for _, pair := range pairs {
		if err := p.say(tx, "people.joinAnswer", pair, "answer", SaidApart); err != nil {
			return err
		}
	}
	j, err := p.charter.Joined(tx)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(idsOf(j, id), func(o ID) bool { return o == id })
	for i := 1; i < len(rest); i++ { // what hung together through this record alone
		pair, err := PairOf(rest[0], rest[i])
		if err != nil {
			return err
		}
		if err := p.say(tx, "people.joinAnswer", pair, "answer", SaidJoin); err != nil {
			return err
		}
	}
	return nil
}

// links are the pairs that join a record with others, or will when the registrar's
// device has heard of them.
func (p *People) links(q store.Querier, id ID) (out []Pair, err error) {
	j, err := p.charter.Joined(q)
	if err != nil {
		return nil, err
	}
	for _, e := range j.Edges(id) {
		out = append(out, Pair{ID(e[0]), ID(e[1])})
	}
	words, err := p.Words(q)
	for pair, w := range words {
		if w.Answer.Word == SaidJoin && (pair[0] == id || pair[1] == id) && !slices.Contains(out, pair) {
			out = append(out, pair)
		}
	}
	slices.SortFunc(out, func(a, b Pair) int { return strings.Compare(a.key(""), b.key("")) })
	return out, err
}

// maxJoins bounds the settings of one change of the charter.
const maxJoins = 50

// CarryOut writes into the charter what the office answered and is not there yet,
// as the registrar's device; others do nothing. It returns how much it wrote.
func (p *People) CarryOut(ctx context.Context, operator string) (n int, err error) {
	if !p.registrar() {
		return 0, nil
	}
	var due []govern.Setting
	if err := p.st.View(ctx, func(q store.Querier) (err error) { due, err = p.unwritten(q); return err }); err != nil || len(due) == 0 {
		return 0, err
	}
	err = p.Write(ctx, operator, func(tx *store.Tx) error {
		due, err := p.unwritten(tx)
		if n = len(due); err != nil || n == 0 {
			return err
		}
		return p.charter.SetPolicy(tx, due...)
	})
	return n, err
}

// unwritten lists the settings that would make the charter say what the office
// answered: what is apart first, so that a chain is not closed by what goes.
func (p *People) unwritten(q store.Querier) (out []govern.Setting, err error) {
	words, err := p.Words(q)
	if err != nil {
		return nil, err
	}
	j, err := p.charter.Joined(q)
	if err != nil {
		return nil, err
	}
	pairs := make([]Pair, 0, len(words))
	for pair := range words {
		pairs = append(pairs, pair)
	}
	slices.SortFunc(pairs, func(a, b Pair) int { return strings.Compare(a.key(""), b.key("")) })
	for _, join := range []bool{false, true} {
		for _, pair := range pairs {
			word := words[pair].Answer.Word
			if join != (word == SaidJoin) || !join && word != SaidApart {
				continue
			}
			next := j.Set(pair[0], pair[1], join)
			if !next.Equal(j) && len(out) < maxJoins {
				j = next
				out = append(out, govern.JoinSetting(pair[0], pair[1], join))
			}
		}
	}
	return out, nil
}
