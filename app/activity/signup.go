package activity

import (
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// maxSignUp bounds the people of one sign-up command: a pasted group.
const maxSignUp = 500

// SignUp writes down that people want to come, in the order given, and confirms
// those for whom this device holds places. via says how they said so ("desk",
// "phone", "paste"). Who is signed up already stays as they are. Faults:
// activity.unknown, activity.cancelled, activity.finished, people.unknown,
// activity.signup.large {max}.
func (b *Board) SignUp(tx *store.Tx, id string, people []string, via string) error {
	r, err := b.live(tx, id)
	switch {
	case err != nil:
		return err
	case r.Finished != 0:
		return fault.New("activity.finished")
	case len(people) > maxSignUp:
		return fault.New("activity.signup.large", "max", maxSignUp)
	}
	var puts []store.Put
	seen := map[string]bool{}
	for i, p := range people {
		p, err := b.as(tx, id, p)
		if err != nil {
			return err
		}
		more, err := b.signUpPuts(tx, r, p, via, tx.Now()+int64(i))
		if err != nil {
			return err
		}
		if !seen[p] {
			puts = append(puts, more...)
		}
		seen[p] = true
	}
	if err := b.put(tx, r.Path, "activity.signUp", puts); err != nil {
		return err
	}
	return b.tendID(tx, id)
}

// signUpPuts lists the fields of one sign-up; none if it is in force already.
func (b *Board) signUpPuts(tx *store.Tx, r record, person, via string, at int64) ([]store.Put, error) {
	if err := b.known(tx, person); err != nil {
		return nil, err
	}
	if signed, err := isSigned(tx, r.ID, person); err != nil || signed {
		return nil, err
	}
	return []store.Put{
		{Key: key(kindSignup, r.ID, person, "at"), Value: wire.TimeValue(at)},
		{Key: key(kindSignup, r.ID, person, "via"), Value: wire.StringValue(clip(via))},
	}, nil
}

func isSigned(q store.Querier, activity, person string) (signed bool, err error) {
	err = optional(q.QueryRow(`SELECT signed FROM activity_signup WHERE activity = ? AND person = ?`, activity, person).Scan(&signed))
	return signed, err
}

// SignOff takes a sign-up back. If this device confirmed it, the place is free
// at once and the next in the wait list gets it; else whoever confirmed it does
// so when they meet. Faults: activity.unknown, activity.finished,
// activity.signup.none, activity.present (was checked in).
func (b *Board) SignOff(tx *store.Tx, id, person string) error {
	r, err := b.record(tx, id)
	if err != nil {
		return err
	}
	if r.Finished != 0 {
		return fault.New("activity.finished")
	}
	if person, err = b.as(tx, id, person); err != nil {
		return err
	}
	signed, err := isSigned(tx, id, person)
	if err != nil || !signed {
		return either(err, fault.New("activity.signup.none"))
	}
	marks, err := marksOf(tx, id, person)
	if err != nil {
		return err
	}
	if merge(marks[person]).present() {
		return fault.New("activity.present")
	}
	at, err := b.after(tx, r, person)
	if err != nil {
		return err
	}
	put := store.Put{Key: key(kindSignup, id, person, "off"), Value: wire.TimeValue(at)}
	if err := b.put(tx, r.Path, "activity.signOff", []store.Put{put}); err != nil {
		return err
	}
	return b.tendID(tx, id)
}

// after returns a time later than every known sign-up of the person: a sign-off
// must beat a sign-up from a device whose clock is ahead.
func (b *Board) after(tx *store.Tx, r record, person string) (int64, error) {
	at, err := tx.Fields(b.Doc(r.Path), key(kindSignup, r.ID, person, "at"))
	_, last := span(at)
	return max(tx.Now(), last+1), err
}

// Promote gives a free place to somebody out of order. Faults:
// activity.unknown, activity.cancelled, activity.signup.none, activity.full
// {places}, activity.places.elsewhere {free} (another device holds them).
func (b *Board) Promote(tx *store.Tx, id, person string) error {
	r, err := b.live(tx, id)
	if err != nil {
		return err
	}
	if person, err = b.as(tx, id, person); err != nil {
		return err
	}
	signed, err := isSigned(tx, id, person)
	if err != nil || !signed {
		return either(err, fault.New("activity.signup.none"))
	}
	if err := b.release(tx, r); err != nil {
		return err
	}
	if err := b.fitPlaces(tx, r); err != nil {
		return err
	}
	c, err := b.counts(tx, r)
	if err != nil {
		return err
	}
	if r.Places == 0 || c.has(person) {
		return nil
	}
	_, err = b.Rights.Confirm(tx, subjectOf(id), personOf(person))
	if errors.Is(err, fault.New("ledger.slot.full")) {
		if free := c.made - c.used; free > 0 {
			return fault.New("activity.places.elsewhere", "free", free)
		}
		return fault.New("activity.full", "places", r.Places)
	}
	return err
}

// Pasted is what came of a 接龙.
type Pasted struct {
	Matched   []Match     `json:"matched"`
	Unmatched []string    `json:"unmatched"`
	Ambiguous []Ambiguous `json:"ambiguous"`
}

// Match is a name that means one person.
type Match struct {
	Name   string `json:"name"`
	Person string `json:"person"`
}

// Ambiguous is a name that more than one person has.
type Ambiguous struct {
	Name   string `json:"name"`
	People []any  `json:"people"` // rows as the Directory gives them
}

// ReadPaste says whom a pasted 接龙 means, in its order. It writes nothing; the
// caller passes the matched to SignUp. Faults: activity.paste.empty, .large.
func (b *Board) ReadPaste(q store.Querier, text string) (Pasted, error) {
	lines, err := parsePaste(text)
	if err != nil {
		return Pasted{}, err
	}
	out := Pasted{Matched: []Match{}, Unmatched: []string{}, Ambiguous: []Ambiguous{}}
	for _, l := range lines {
		found, err := b.People.Find(q, l.Name, l.Tail)
		if err != nil {
			return Pasted{}, err
		}
		if len(found) == 0 && l.Tail != "" { // the number may be of somebody else in the family
			if found, err = b.People.Find(q, l.Name, ""); err != nil {
				return Pasted{}, err
			}
		}
		out.add(l.Name, found)
	}
	return out, nil
}

func (p *Pasted) add(name string, found []Found) {
	switch len(found) {
	case 0:
		if !slices.Contains(p.Unmatched, name) {
			p.Unmatched = append(p.Unmatched, name)
		}
	case 1:
		m := Match{Name: name, Person: found[0].ID}
		if !slices.Contains(p.Matched, m) {
			p.Matched = append(p.Matched, m)
		}
	default:
		a := Ambiguous{Name: name}
		for _, f := range found {
			a.People = append(a.People, f.Row)
		}
		p.Ambiguous = append(p.Ambiguous, a)
	}
}

// People returns the persons that were matched, in order.
func (p Pasted) People() []string {
	out := make([]string, len(p.Matched))
	for i, m := range p.Matched {
		out[i] = m.Person
	}
	return out
}
