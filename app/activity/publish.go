package activity

import (
	"io"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/scheme"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Publish makes an activity and, in the same transaction, its places and, at
// the registrar's device, its turn. It returns the activity's id. Faults:
// activity.title, .type, .place, .organiser, .note {max}, activity.time,
// activity.places {max}, scheme.item.unknown.
func (b *Board) Publish(tx *store.Tx, n New) (string, error) {
	n = n.trimmed()
	if err := n.check(); err != nil {
		return "", err
	}
	id, err := b.newID(tx)
	if err != nil {
		return "", err
	}
	puts, err := b.firstPuts(tx, id, n)
	if err != nil {
		return "", err
	}
	path := Path(tx.Now())
	if n.Note != "" {
		note, err := b.notePut(tx, path, id, n.Note)
		if err != nil {
			return "", err
		}
		puts = append(puts, note)
	}
	if err := b.put(tx, path, "activity.publish", puts); err != nil {
		return "", err
	}
	if err := b.Rights.EnsureTurn(tx, subjectOf(id)); err != nil && !notHere(err) {
		return "", err
	}
	return id, b.tendID(tx, id)
}

func (n New) trimmed() New {
	for _, s := range []*string{&n.Title, &n.Type, &n.Place, &n.Organiser, &n.Note, &n.Item} {
		*s = strings.TrimSpace(*s)
	}
	return n
}

func (n New) check() error {
	for _, t := range []struct {
		code, text string
		limit      int
	}{
		{"activity.title", n.Title, maxTitle}, {"activity.type", n.Type, maxShort}, {"activity.place", n.Place, maxPlace},
		{"activity.organiser", n.Organiser, maxShort}, {"activity.note", n.Note, maxNote},
	} {
		if !fits(t.text, t.limit) || t.code != "activity.note" && !govern.PlainLine(t.text) {
			return fault.New(t.code, "max", t.limit)
		}
	}
	switch {
	case n.Title == "":
		return fault.New("activity.title", "max", maxTitle)
	case !isTime(n.Start) || !isTime(n.End) || n.End < n.Start || n.End-n.Start > maxSpan:
		return fault.New("activity.time")
	case n.Places < 0 || n.Places > maxPlaces:
		return fault.New("activity.places", "max", maxPlaces)
	}
	return nil
}

// firstPuts lists the fields of a new activity.
func (b *Board) firstPuts(tx *store.Tx, id string, n New) ([]store.Put, error) {
	secret := make([]byte, secretSize)
	if _, err := io.ReadFull(b.Rand, secret); err != nil {
		return nil, err
	}
	rule, err := b.rulePut(tx, id, n.Item)
	if err != nil {
		return nil, err
	}
	home := tx.Self()
	puts := append(n.puts(id), rule,
		store.Put{Key: key(kindActivity, id, "secret"), Value: wire.BytesValue(secret)},
		store.Put{Key: key(kindActivity, id, "home"), Value: wire.BytesValue(home[:])},
		store.Put{Key: key(kindActivity, id, "made"), Value: wire.TimeValue(tx.Now())})
	return puts, nil
}

// note opens what the poster says: "" for nothing, people.Erased or people.Unread
// for what can't be read.
func (b *Board) note(q store.Querier, r record) (string, error) {
	return b.People.Texts(q)(subjectOf(r.ID), noteField(r.Path, r.ID), r.Note)
}

// noteField is what a note is bound to.
func noteField(path, id string) string { return path + "/" + key(kindActivity, id, "note") }

// notePut seals a note with a key of its own and destroys those of the notes
// before it, so that what was taken out of a poster is gone.
func (b *Board) notePut(tx *store.Tx, path, id, plain string) (store.Put, error) {
	k := key(kindActivity, id, "note")
	past, err := tx.Fields(b.Doc(path), k)
	if err != nil {
		return store.Put{}, err
	}
	for _, f := range past {
		if err := b.People.DropThing(tx, subjectOf(id), []byte(f.Value.Raw)); err != nil {
			return store.Put{}, err
		}
	}
	if plain == "" {
		return store.Put{Key: k, Value: wire.BytesValue(nil)}, nil
	}
	sealed, err := b.People.SealThing(tx, subjectOf(id), noteField(path, id), plain)
	return store.Put{Key: k, Value: wire.BytesValue(sealed)}, err
}

// puts lists the fields that people type, but for the note. Unchanged ones are dropped by the
// store.
func (n New) puts(id string) []store.Put {
	field := func(name string, v wire.Value) store.Put {
		return store.Put{Key: key(kindActivity, id, name), Value: v}
	}
	return []store.Put{
		field("title", wire.StringValue(n.Title)), field("type", wire.StringValue(n.Type)),
		field("time", wire.StringValue(timeText(n.Start, n.End))), field("place", wire.StringValue(n.Place)),
		field("places", wire.IntValue(n.Places)), field("item", wire.StringValue(n.Item)),
		field("organiser", wire.StringValue(n.Organiser)),
	}
}

// rulePut keeps the item as it stands in the version in force. Without an item
// the activity gives no points.
func (b *Board) rulePut(q store.Querier, id, code string) (store.Put, error) {
	v := ruleValue{Kind: scheme.Deed}
	if code != "" {
		s, err := b.Scheme.Get(q)
		if err != nil {
			return store.Put{}, err
		}
		i, err := s.Find(code)
		if err != nil {
			return store.Put{}, err
		}
		v = ruleValue{Version: s.Version, Code: i.Code, Name: i.Name, Kind: i.Kind, Points: i.Points, Minutes: i.Minutes, DayCap: i.DayCap, Round: i.Round}
	}
	raw, err := v.encode()
	return store.Put{Key: key(kindActivity, id, "rule"), Value: wire.BytesValue(raw)}, err
}

// item returns the rule as the scheme computes with it.
func (v ruleValue) item() scheme.Item {
	return scheme.Item{Code: v.Code, Name: v.Name, Kind: v.Kind, Points: v.Points, Minutes: v.Minutes, DayCap: v.DayCap, Round: v.Round}
}

// Update changes what people typed. The item can't change once somebody was
// checked in, and places not below those confirmed. Faults: as Publish, and
// activity.unknown, activity.cancelled, activity.places.below {confirmed},
// activity.item.fixed.
func (b *Board) Update(tx *store.Tx, id string, f Fields) error {
	r, err := b.live(tx, id)
	if err != nil {
		return err
	}
	n := r.typed()
	if n.Note, err = b.note(tx, r); err != nil {
		return err
	}
	before := n.Note
	f.apply(&n)
	n = n.trimmed()
	if err := n.check(); err != nil {
		return err
	}
	puts := n.puts(id)
	if n.Item != r.Item {
		rule, err := b.changeItem(tx, r, n.Item)
		if err != nil {
			return err
		}
		puts = append(puts, rule)
	}
	if n.Note != before {
		note, err := b.notePut(tx, r.Path, id, n.Note)
		if err != nil {
			return err
		}
		puts = append(puts, note)
	}
	if err := b.roomFor(tx, r, n.Places); err != nil {
		return err
	}
	if err := b.put(tx, r.Path, "activity.update", puts); err != nil {
		return err
	}
	return b.tendID(tx, id)
}

func (b *Board) changeItem(tx *store.Tx, r record, code string) (store.Put, error) {
	var seen int
	err := tx.QueryRow(`SELECT COUNT(*) FROM activity_att WHERE activity = ? AND in_at != 0`, r.ID).Scan(&seen)
	if err != nil {
		return store.Put{}, err
	}
	if seen > 0 {
		return store.Put{}, fault.New("activity.item.fixed")
	}
	return b.rulePut(tx, r.ID, code)
}

// roomFor refuses fewer places than are confirmed.
func (b *Board) roomFor(q store.Querier, r record, places int64) error {
	c, err := b.counts(q, r)
	if err == nil && places != 0 && places < c.confirmed {
		err = fault.New("activity.places.below", "confirmed", c.confirmed)
	}
	return err
}

func (r record) typed() New {
	return New{Title: r.Title, Type: r.Type, Start: r.Start, End: r.End, Place: r.Place, Places: r.Places,
		Item: r.Item, Organiser: r.Organiser}
}

func (f Fields) apply(n *New) {
	set(&n.Title, f.Title)
	set(&n.Type, f.Type)
	set(&n.Start, f.Start)
	set(&n.End, f.End)
	set(&n.Place, f.Place)
	set(&n.Places, f.Places)
	set(&n.Item, f.Item)
	set(&n.Organiser, f.Organiser)
	set(&n.Note, f.Note)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Cancel calls an activity off. What was awarded stays. Faults:
// activity.unknown, activity.finished.
func (b *Board) Cancel(tx *store.Tx, id string) error {
	r, err := b.record(tx, id)
	switch {
	case err != nil:
		return err
	case r.Finished != 0:
		return fault.New("activity.finished")
	case r.Cancelled != 0:
		return nil
	}
	return b.put(tx, r.Path, "activity.cancel", []store.Put{{Key: key(kindActivity, id, "cancelled"), Value: wire.TimeValue(tx.Now())}})
}

// Delegate hands the running of an activity to another device: so many of its
// free places, and with withTurn the right to award. Faults: activity.unknown,
// activity.cancelled, activity.places.few {held}, activity.turn.elsewhere.
func (b *Board) Delegate(tx *store.Tx, id string, to wire.Actor, places int64, withTurn bool) error {
	r, err := b.live(tx, id)
	if err != nil {
		return err
	}
	held, err := b.Rights.Here(tx, slots(id))
	if err != nil {
		return err
	}
	if places < 0 || places > held {
		return fault.New("activity.places.few", "held", held)
	}
	if places > 0 {
		if _, err := b.Rights.Move(tx, slots(id), places, to); err != nil {
			return err
		}
	}
	if !withTurn {
		return nil
	}
	mine, err := b.Rights.Here(tx, turn(subjectOf(id)))
	if err != nil || mine == 0 {
		return either(err, fault.New("activity.turn.elsewhere"))
	}
	return b.sendTurn(tx, r, to)
}

func either(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
