package selection

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// maxPuts bounds one change; governance admits a thousand.
const maxPuts = 500

// Sealed makes a text that is bound to a field: who calls has the keys.
type Sealed func(field string) ([]byte, error)

// Begin begins a selection. Faults: selection.title{max}, selection.kind,
// selection.places{max}, selection.choices{max}, selection.grant{max}, selection.days{max}.
func (b *Book) Begin(tx *store.Tx, p Plan) (string, error) {
	p.Title = strings.TrimSpace(p.Title)
	switch {
	case !govern.TrimmedLine(p.Title, MaxTitle):
		return "", fault.New("selection.title", "max", MaxTitle)
	case p.Kind != People && p.Kind != Projects || p.Kind == Projects && p.Item != "":
		return "", fault.New("selection.kind")
	case p.Places < 1 || p.Places > MaxPlaces:
		return "", fault.New("selection.places", "max", MaxPlaces)
	case p.Choices < 1 || p.Choices > min(p.Places, MaxChoices):
		return "", fault.New("selection.choices", "max", min(p.Places, MaxChoices))
	case p.Grant < 0 || p.Grant > MaxGrant:
		return "", fault.New("selection.grant", "max", MaxGrant)
	case p.Days < 0 || p.Days > MaxDays:
		return "", fault.New("selection.days", "max", MaxDays)
	}
	id, err := ulid.New(uint64(tx.Now()), b.rand)
	if err != nil {
		return "", err
	}
	raw, err := coded.Marshal(madeValue{Format: format, Title: p.Title, Kind: p.Kind, Places: p.Places, Choices: p.Choices, Item: p.Item, Version: p.Version, Grant: p.Grant, Days: p.Days, Phone: p.Phone, At: tx.Now()})
	if err != nil {
		return "", err
	}
	s := strings.ToLower(id.String())
	_, err = tx.Put(b.doc(Doc+"/"+zone.Month(tx.Now())), "selection.begin", store.Put{Key: "begun/" + s + "/made", Value: wire.BytesValue(raw)})
	return s, err
}

// in returns a selection that is in one of some states. Faults: selection.unknown,
// selection.state{state}.
func (b *Book) in(tx *store.Tx, id string, states ...string) (Selection, error) {
	s, err := b.Get(tx, id)
	if err == nil && !slices.Contains(states, s.State(tx.Now())) {
		err = fault.New("selection.state", "state", s.State(tx.Now()))
	}
	return s, err
}

func (b *Book) put(tx *store.Tx, s Selection, action string, puts ...store.Put) error {
	for part := range slices.Chunk(puts, maxPuts) {
		if _, err := tx.Put(b.doc(s.path), action, part...); err != nil {
			return err
		}
	}
	return nil
}

// say writes a text under a key.
func (b *Book) say(tx *store.Tx, s Selection, action, key, field string, v textValue, text Sealed) error {
	sealed, err := text(field)
	if err != nil {
		return err
	}
	v.Format, v.At, v.Text = format, tx.Now(), sealed
	raw, err := coded.Marshal(v)
	if err != nil {
		return err
	}
	return b.put(tx, s, action, store.Put{Key: key, Value: wire.BytesValue(raw)})
}

// NewProject draws the id of a project.
func (b *Book) NewProject() (id people.ID, err error) {
	_, err = io.ReadFull(b.rand, id[:])
	return id, err
}

// Nominate notes a nominee; records are the ids of that person, name that of a project.
// Faults: selection.unknown, selection.state{state}, selection.name{max},
// selection.nominated, selection.full{max}.
func (b *Book) Nominate(tx *store.Tx, id string, records []string, name string, text Sealed) error {
	s, err := b.in(tx, id, Nominate)
	if err != nil {
		return err
	}
	if (s.Kind == Projects) != govern.TrimmedLine(name, MaxName) {
		return fault.New("selection.name", "max", MaxName)
	}
	known, err := b.Nominations(tx, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(w Word) bool { return slices.Contains(records, w.Whose) || name != "" && w.Name == name }) {
		return fault.New("selection.nominated")
	}
	if len(known) >= MaxNominees {
		return fault.New("selection.full", "max", MaxNominees)
	}
	return b.say(tx, s, "selection.nominate", "nominee/"+id+"/"+records[0], TextField(id, records[0], "nominee"), textValue{Name: name}, text)
}

// Judge says whether a nominee may stand, again where two said it differently. Faults:
// selection.unknown, selection.state{state}, selection.nominee.
func (b *Book) Judge(tx *store.Tx, id, nominee string, yes bool, text Sealed) error {
	s, err := b.in(tx, id, Nominate, Check)
	if err != nil {
		return err
	}
	known, err := b.Nominations(tx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(known, func(w Word) bool { return w.Whose == nominee }) {
		return fault.New("selection.nominee")
	}
	return b.say(tx, s, "selection.judge", "check/"+id+"/"+nominee, TextField(id, nominee, "check"), textValue{Yes: yes}, text)
}

// step notes, as the main device, that a state begins.
func (b *Book) step(tx *store.Tx, s Selection, word string, puts ...store.Put) error {
	puts = append(puts, store.Put{Key: "main/" + s.ID + "/" + word, Value: wire.TimeValue(tx.Now())})
	return b.put(tx, s, "selection."+word, puts...)
}

// CloseNominations ends the nominations, as the main device. Faults: selection.unknown,
// selection.state{state}, selection.empty.
func (b *Book) CloseNominations(tx *store.Tx, id string) error {
	s, err := b.in(tx, id, Nominate)
	if err != nil {
		return err
	}
	known, err := b.Nominations(tx, id)
	if err == nil && len(known) == 0 {
		err = fault.New("selection.empty")
	}
	if err != nil {
		return err
	}
	return b.step(tx, s, Check)
}

// Open opens the vote over nominees in their order, as the main device. Faults:
// selection.unknown, selection.state{state}, selection.empty.
func (b *Book) Open(tx *store.Tx, id string, nominees []string) error {
	s, err := b.in(tx, id, Check)
	if err != nil {
		return err
	}
	if len(nominees) == 0 || len(nominees) > MaxNominees {
		return fault.New("selection.empty")
	}
	var puts []store.Put
	for i, n := range nominees {
		puts = append(puts, store.Put{Key: "ballot/" + id + "/" + strconv.Itoa(i+1), Value: wire.StringValue(n)})
	}
	return b.step(tx, s, Vote, puts...)
}

// Take takes the vote of one person; records are the ids of that person, the leading
// one first. Faults: selection.unknown, selection.state{state}, selection.lines{max},
// selection.voted{at}.
func (b *Book) Take(tx *store.Tx, id string, records []string, lines []int, text func(field, ballot string) ([]byte, error)) error {
	s, err := b.in(tx, id, Vote)
	if err != nil {
		return err
	}
	ballot, err := b.Lines(tx, id)
	if err != nil {
		return err
	}
	if _, ok := ReadBallot(Ballot(lines), len(ballot), s.Choices); !ok {
		return fault.New("selection.lines", "max", s.Choices)
	}
	for _, r := range records {
		was, err := b.VotesOf(tx, id, r)
		if err != nil {
			return err
		}
		if len(was) > 0 {
			return fault.New("selection.voted", "at", was[0].At)
		}
	}
	return b.say(tx, s, "selection.vote", "vote/"+id+"/"+records[0], TextField(id, records[0], "vote"), textValue{},
		func(field string) ([]byte, error) { return text(field, Ballot(lines)) })
}

// Close ends the vote and writes the tally, as the main device: what it counted, and
// which votes it saw. Faults: selection.unknown, selection.state{state}.
func (b *Book) Close(tx *store.Tx, id string, t Tally) error {
	s, err := b.in(tx, id, Vote)
	if err != nil {
		return err
	}
	all, err := b.Votes(tx, id)
	if err != nil {
		return err
	}
	raw, err := coded.Marshal(tallyValue{Format: format, Votes: t.Votes, Voters: t.Voters, Differ: t.Differ, Unread: t.Unread})
	if err != nil {
		return err
	}
	puts := []store.Put{{Key: "tally/" + id + "/made", Value: wire.BytesValue(raw)}}
	for i := 0; i < len(all); {
		voter, seen := all[i].Whose, []byte{}
		for ; i < len(all) && all[i].Whose == voter; i++ {
			if len(seen) < maxSeen*hashSize {
				seen = append(seen, all[i].Hash[:]...)
			}
		}
		puts = append(puts, store.Put{Key: "counted/" + id + "/" + voter, Value: wire.BytesValue(seen)})
	}
	return b.step(tx, s, Counted, puts...)
}
