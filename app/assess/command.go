package assess

import (
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// maxPuts bounds one change; governance admits a thousand.
const maxPuts = 500

// Begin begins a round. Faults: assess.title{max}, assess.span, assess.items{max},
// assess.days{max}.
func (b *Book) Begin(tx *store.Tx, title, span string, version int64, items []string, days int64) (string, error) {
	title = strings.TrimSpace(title)
	switch {
	case !govern.TrimmedLine(title, MaxTitle):
		return "", fault.New("assess.title", "max", MaxTitle)
	case !spanOK(span):
		return "", fault.New("assess.span")
	case len(items) == 0 || len(items) > MaxItems || !distinct(items):
		return "", fault.New("assess.items", "max", MaxItems)
	case days < 0 || days > MaxDays:
		return "", fault.New("assess.days", "max", MaxDays)
	}
	id, err := ulid.New(uint64(tx.Now()), b.rand)
	if err != nil {
		return "", err
	}
	raw, err := coded.Marshal(madeValue{Format: format, Title: title, Span: span, Version: version, Items: items, Days: days, At: tx.Now()})
	if err != nil {
		return "", err
	}
	round := strings.ToLower(id.String())
	_, err = tx.Put(b.doc(Doc+"/"+zone.Month(tx.Now())), "assess.begin", store.Put{Key: "round/" + round + "/made", Value: wire.BytesValue(raw)})
	return round, err
}

// in returns a round that is in one of some states. Faults: assess.unknown, assess.state{state}.
func (b *Book) in(tx *store.Tx, id string, states ...string) (Round, error) {
	r, err := b.Get(tx, id)
	if err == nil && !slices.Contains(states, r.State(tx.Now())) {
		err = fault.New("assess.state", "state", r.State(tx.Now()))
	}
	return r, err
}

// Entry is one score as it is entered.
type Entry struct {
	Cell
	N int64
}

// Enter notes scores: a repeat changes nothing, and an entry over several that were
// written apart settles it. Faults: assess.unknown, assess.state{state}, assess.score{max}.
func (b *Book) Enter(tx *store.Tx, id string, list []Entry) error {
	r, err := b.in(tx, id, Open)
	if err != nil {
		return err
	}
	known, err := b.Scores(tx, id)
	if err != nil {
		return err
	}
	var puts []store.Put
	for _, e := range list {
		if !scoreOK(e.N) || !personOK(e.Home) || e.Item < 0 || e.Item >= len(r.Items) {
			return fault.New("assess.score", "max", MaxScore)
		}
		if was := known[e.Cell]; len(was) == 1 && was[0].N == e.N || len(was) == 0 && e.N == Blank {
			continue
		}
		puts = append(puts, store.Put{Key: "score/" + id + "/" + e.Home + "/" + strconv.Itoa(e.Item), Value: wire.IntValue(e.N)})
	}
	return b.put(tx, r, "assess.score", puts)
}

func (b *Book) put(tx *store.Tx, r Round, action string, puts []store.Put) error {
	for part := range slices.Chunk(puts, maxPuts) {
		if _, err := tx.Put(b.doc(r.path), action, part...); err != nil {
			return err
		}
	}
	return nil
}

// SetPresent notes who was there. Faults: assess.unknown, assess.state{state}.
func (b *Book) SetPresent(tx *store.Tx, id string, list []string) error {
	r, err := b.in(tx, id, Open, Published)
	if err != nil {
		return err
	}
	was, err := b.Present(tx, id)
	if err != nil {
		return err
	}
	var puts []store.Put
	for _, p := range list {
		if !slices.Contains(was, p) {
			puts = append(puts, store.Put{Key: "here/" + id + "/" + p, Value: wire.IntValue(1)})
		}
	}
	for _, p := range was {
		if !slices.Contains(list, p) {
			puts = append(puts, store.Put{Key: "here/" + id + "/" + p, Value: wire.IntValue(0)})
		}
	}
	return b.put(tx, r, "assess.here", puts)
}

// Publish fixes what counts, as the main device. Faults: assess.unknown,
// assess.state{state}, assess.empty.
func (b *Book) Publish(tx *store.Tx, id string, finals map[string]Final) error {
	r, err := b.in(tx, id, Open)
	if err != nil {
		return err
	}
	if len(finals) == 0 {
		return fault.New("assess.empty")
	}
	puts := []store.Put{{Key: "main/" + id + "/" + published, Value: wire.TimeValue(tx.Now())}}
	for home, f := range finals {
		put, err := finalPut(id, home, f)
		if err != nil {
			return err
		}
		puts = append(puts, put)
	}
	slices.SortFunc(puts, func(a, b store.Put) int { return strings.Compare(a.Key, b.Key) })
	return b.put(tx, r, "assess.publish", puts)
}

func finalPut(round, home string, f Final) (store.Put, error) {
	raw, err := coded.Marshal(finalValue{Format: format, Head: f.Head, Scores: f.Scores})
	return store.Put{Key: "final/" + round + "/" + home, Value: wire.BytesValue(raw)}, err
}

// Sealed is a text as it is written, and whose key seals it.
type Sealed struct {
	Person string
	Text   func(tag string) ([]byte, error)
}

// Object notes what a household objects. Faults: assess.unknown, assess.state{state}.
func (b *Book) Object(tx *store.Tx, id, home string, text Sealed) error {
	r, err := b.in(tx, id, Published, Due)
	if err != nil {
		return err
	}
	var random [tagSize / 2]byte
	if _, err := io.ReadFull(b.rand, random[:]); err != nil {
		return err
	}
	return b.say(tx, r, "object", home, hex.EncodeToString(random[:]), false, text)
}

func (b *Book) say(tx *store.Tx, r Round, kind, home, tag string, yes bool, text Sealed) error {
	sealed, err := text.Text(tag)
	if err != nil {
		return err
	}
	raw, err := coded.Marshal(saidValue{Format: format, Yes: yes, At: tx.Now(), Person: text.Person, Text: sealed})
	if err != nil {
		return err
	}
	return b.put(tx, r, "assess."+kind, []store.Put{{Key: kind + "/" + r.ID + "/" + home + "/" + tag, Value: wire.BytesValue(raw)}})
}

// Answer decides on an objection, as the main device: where it is right the scores of
// the household become others. Faults: assess.unknown, assess.state{state},
// assess.objection, assess.score{max}.
func (b *Book) Answer(tx *store.Tx, id, home, tag string, yes bool, scores []int64, text Sealed) error {
	r, err := b.in(tx, id, Published, Due)
	if err != nil {
		return err
	}
	list, err := b.Objections(tx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(o Objection) bool { return o.Home == home && o.Tag == tag && !o.Answered }) {
		return fault.New("assess.objection")
	}
	if yes {
		finals, err := b.Finals(tx, id)
		if err != nil {
			return err
		}
		if len(scores) != len(r.Items) || slices.ContainsFunc(scores, func(n int64) bool { return !scoreOK(n) }) {
			return fault.New("assess.score", "max", MaxScore)
		}
		f := finals[home]
		f.Scores = scores
		put, err := finalPut(id, home, f)
		if err == nil {
			err = b.put(tx, r, "assess.answer", []store.Put{put})
		}
		if err != nil {
			return err
		}
	}
	return b.say(tx, r, "answer", home, tag, yes, text)
}

// Ready returns a round that may be booked. Faults: assess.unknown,
// assess.state{state}, assess.objections{n} while some wait for an answer.
func (b *Book) Ready(tx *store.Tx, id string) (Round, error) {
	r, err := b.in(tx, id, Due)
	if err != nil {
		return r, err
	}
	list, err := b.Objections(tx, id)
	open := 0
	for _, o := range list {
		if !o.Answered {
			open++
		}
	}
	if err == nil && open > 0 {
		err = fault.New("assess.objections", "n", open)
	}
	return r, err
}

// Paid notes, as the main device, that the points of households were claimed.
func (b *Book) Paid(tx *store.Tx, r Round, homes []string) error {
	var puts []store.Put
	for _, h := range homes {
		puts = append(puts, store.Put{Key: "paid/" + r.ID + "/" + h, Value: wire.TimeValue(tx.Now())})
	}
	return b.put(tx, r, "assess.paid", puts)
}

// Close notes, as the main device, that all of a round is booked.
func (b *Book) Close(tx *store.Tx, r Round) error {
	return b.put(tx, r, "assess.booked", []store.Put{{Key: "main/" + r.ID + "/" + booked, Value: wire.TimeValue(tx.Now())}})
}

// Drop ends a round of which nothing is to come, as the main device. Faults:
// assess.unknown, assess.state{state}.
func (b *Book) Drop(tx *store.Tx, id string) error {
	r, err := b.in(tx, id, Open, Published)
	if err != nil {
		return err
	}
	return b.put(tx, r, "assess.drop", []store.Put{{Key: "main/" + id + "/" + dropped, Value: wire.TimeValue(tx.Now())}})
}
