package selection

import (
	"encoding/hex"
	"io"
	"slices"
	"strconv"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// From the notice to the honour.

// Publish puts lines before the public, as the main device. Faults: selection.unknown,
// selection.state{state}, selection.chosen{max}.
func (b *Book) Publish(tx *store.Tx, id string, lines []int) error {
	s, err := b.in(tx, id, Counted)
	if err != nil {
		return err
	}
	t, ok, err := b.Tally(s)
	if err != nil {
		return err
	}
	if !ok || !Top(t.Votes, lines, s.Places) {
		return fault.New("selection.chosen", "max", s.Places)
	}
	var puts []store.Put
	for _, n := range lines {
		puts = append(puts, store.Put{Key: "chosen/" + id + "/" + strconv.Itoa(n), Value: wire.IntValue(1)})
	}
	return b.step(tx, s, Notice, puts...)
}

// Object notes what somebody objects to who is chosen. Faults: selection.unknown,
// selection.state{state}, selection.nominee.
func (b *Book) Object(tx *store.Tx, id, nominee string, text Sealed) error {
	s, err := b.in(tx, id, Notice, Due)
	if err != nil {
		return err
	}
	lines, err := b.Lines(tx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(l Line) bool { return l.Chosen && l.Nominee == nominee }) {
		return fault.New("selection.nominee")
	}
	var random [tagSize / 2]byte
	if _, err := io.ReadFull(b.rand, random[:]); err != nil {
		return err
	}
	tag := hex.EncodeToString(random[:])
	return b.say(tx, s, "selection.object", "object/"+id+"/"+nominee+"/"+tag, TextField(id, nominee, "object/"+tag), textValue{}, text)
}

// Answer decides on an objection, as the main device: who it is right about is not
// honoured. Faults: selection.unknown, selection.state{state}, selection.objection.
func (b *Book) Answer(tx *store.Tx, id, nominee, tag string, yes bool, text Sealed) error {
	s, err := b.in(tx, id, Notice, Due)
	if err != nil {
		return err
	}
	all, err := b.Objections(tx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(o Objection) bool { return o.Nominee == nominee && o.Tag == tag && !o.Answered }) {
		return fault.New("selection.objection")
	}
	return b.say(tx, s, "selection.answer", "answer/"+id+"/"+nominee+"/"+tag, TextField(id, nominee, "answer/"+tag), textValue{Yes: yes}, text)
}

// Decide notes, as the main device, who is honoured: everybody who was chosen and of whom
// no objection is right. grants are yuan by line. Faults: selection.unknown,
// selection.state{state}, selection.objections{n} while some wait for an answer,
// selection.grant{max}.
func (b *Book) Decide(tx *store.Tx, id string, grants map[int]int64) error {
	s, err := b.in(tx, id, Due)
	if err != nil {
		return err
	}
	all, err := b.Objections(tx, id)
	if err != nil {
		return err
	}
	open, right := 0, map[string]bool{}
	for _, o := range all {
		if !o.Answered {
			open++
		}
		right[o.Nominee] = right[o.Nominee] || o.Right
	}
	if open > 0 {
		return fault.New("selection.objections", "n", open)
	}
	lines, err := b.Lines(tx, id)
	if err != nil {
		return err
	}
	var puts []store.Put
	for _, l := range lines {
		yuan := grants[l.N]
		delete(grants, l.N)
		if !l.Chosen || right[l.Nominee] {
			if yuan != 0 {
				return fault.New("selection.grant", "max", 0)
			}
			continue
		}
		if yuan < 0 || yuan > s.Grant {
			return fault.New("selection.grant", "max", s.Grant)
		}
		puts = append(puts, store.Put{Key: "won/" + id + "/" + strconv.Itoa(l.N), Value: wire.IntValue(yuan)})
	}
	if len(grants) > 0 {
		return fault.New("selection.nominee")
	}
	return b.step(tx, s, Decided, puts...)
}

// Honour notes, as the main device, that what the honour gives was claimed for all who
// have won. Faults: selection.unknown, selection.state{state}.
func (b *Book) Honour(tx *store.Tx, id string, claim func(Selection, Line) error) error {
	s, err := b.in(tx, id, Decided)
	if err != nil {
		return err
	}
	lines, err := b.Lines(tx, id)
	if err != nil {
		return err
	}
	var puts []store.Put
	for _, l := range lines {
		if l.Won < 0 || l.Paid {
			continue
		}
		if err := claim(s, l); err != nil {
			return err
		}
		puts = append(puts, store.Put{Key: "paid/" + id + "/" + strconv.Itoa(l.N), Value: wire.TimeValue(tx.Now())})
	}
	return b.step(tx, s, Honoured, puts...)
}

// Drop ends a selection of which nothing is to come, as the main device. Faults:
// selection.unknown, selection.state{state}.
func (b *Book) Drop(tx *store.Tx, id string) error {
	s, err := b.in(tx, id, Nominate, Check, Vote, Counted, Notice, Due)
	if err != nil {
		return err
	}
	return b.step(tx, s, Dropped)
}
