package people

import (
	"context"
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// Several records may be one person: the registrar joined them
// (docs/joining-and-moving.md). Each record stays as it was written, under its own
// id; what is shown of the person is put together from them when it is read, so
// a joining can be undone and nothing is lost. The smallest id leads.

// idsOf are the ids of a person, the leading one first.
func idsOf(j govern.Joined, id ID) []ID {
	group := j.Of(id)
	out := make([]ID, len(group))
	for i, o := range group {
		out[i] = o
	}
	return out
}

// Lead is the id that stands for a person.
func (p *People) Lead(id ID) ID { return p.charter.JoinedNow().Lead(id) }

// IDs are the ids of a person, the leading one first.
func (p *People) IDs(id ID) []ID { return idsOf(p.charter.JoinedNow(), id) }

// regroup notes who is one person; the names are sorted anew if that changed.
func (d *directory) regroup(j govern.Joined) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.joined.Equal(j) {
		return
	}
	d.joined, d.one, d.byName = j, nil, nil
}

// grouped tells whether a record is one of several of a person.
func (d *directory) grouped(id ID) bool { return len(d.joined.Of(id)) > 1 }

// ones are the people of several records, by each of their ids; built when asked for.
func (d *directory) ones() map[ID]*entry {
	if d.one != nil {
		return d.one
	}
	d.one = map[ID]*entry{}
	for _, group := range d.joined.Groups() {
		var parts []*entry
		for _, id := range group {
			if e := d.people[id]; e != nil && e.visible() {
				parts = append(parts, e)
			}
		}
		if len(parts) == 0 {
			continue // erased, or not here yet
		}
		m := d.merge(group[0], parts)
		for _, id := range group {
			d.one[id] = m
		}
	}
	return d.one
}

// person is who an id stands for; nil for nobody here.
func (d *directory) person(id ID) *entry {
	if m := d.ones()[id]; m != nil {
		return m
	}
	return d.people[id]
}

// merge puts a person together: the leading record's values, and what it lacks
// from the others in order. The card is the first that is not refused.
func (d *directory) merge(lead ID, parts []*entry) *entry {
	m := *parts[0]
	m.id, m.parts, m.spellings = lead, parts, slices.Clone(m.spellings)
	for _, o := range parts[1:] {
		for _, f := range []struct {
			into *string
			from string
		}{{&m.name, o.name}, {&m.phone, o.phone}, {&m.idNumber, o.idNumber}, {&m.address, o.address}, {&m.skills, o.skills}, {&m.grid, o.grid}, {&m.usual, o.usual}, {&m.shop, o.shop}} {
			if *f.into == "" {
				*f.into = f.from
			}
		}
		if !m.hasHousehold {
			m.household, m.hasHousehold = o.household, o.hasHousehold
		}
		if len(m.flags) == 0 {
			m.flags = o.flags
		}
		if slices.Contains(o.flags, unlisted) && !slices.Contains(m.flags, unlisted) { // an objection to one record is the person's
			m.flags = append(slices.Clone(m.flags), unlisted)
		}
		m.created = min(m.created, o.created)
	}
	card := parts[0]
	if i := slices.IndexFunc(parts, func(e *entry) bool { return !d.blocks(e) }); i >= 0 {
		card = parts[i]
	}
	m.holder, m.card, m.blocked, m.pin, m.code = card.id, card.card, card.blocked, card.pin, card.code
	return &m
}

// records are the ids of a person's records that are readable here, the leading
// one first.
func (e *entry) records() []ID {
	if e.parts == nil {
		return []ID{e.id}
	}
	out := make([]ID, len(e.parts))
	for i, o := range e.parts {
		out[i] = o.id
	}
	return out
}

// OwnCard is the card of one record, whoever else is the same person: whose PIN a
// card that was shown asks for. False where the record is not readable here.
func (p *People) OwnCard(id ID) (code string, v Verifier, ok bool) {
	d := &p.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.people[id]
	if e == nil || !e.visible() {
		return "", v, false
	}
	return e.code, e.verifier(), true
}

// Holder is the record whose card is the person's: of several the first that is
// not refused.
func (p *People) Holder(id ID) ID {
	d := &p.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := d.person(id); e != nil {
		return e.holder
	}
	return id
}

// Record returns one record by itself, whoever else is the same person, without the
// points. Fault: people.unknown.
func (p *People) Record(ctx context.Context, id ID) (Person, error) {
	d, err := p.current()
	if err != nil {
		return Person{}, err
	}
	e := d.people[id]
	if e == nil || !e.visible() {
		d.mu.Unlock()
		return Person{}, fault.New("people.unknown", "id", id.String())
	}
	out := Person{
		PersonRow: e.row(p.gridNames(), Balance{}), Phone: e.phone, IDNumber: e.idNumber, UsualPlace: e.usual, Shop: e.shop, CardGeneration: e.card.Generation,
		CardBlocked: d.blocks(e), CardPIN: e.verifier() != (Verifier{}), Flags: e.flags, Conflicts: []Conflict{}, Members: []Member{}, IDs: []string{id.String()},
	}
	d.mu.Unlock()
	return out, p.st.View(ctx, func(q store.Querier) error { return p.readRest(q, e, &out) })
}

// Looked notes in the view log who looked at a record.
func (p *People) Looked(ctx context.Context, operator string, id ID) error {
	return p.noteView(ctx, operator, id)
}
