package people

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// Person is everything that is kept of a person, readable.
type Person struct {
	PersonRow
	Phone          string     `json:"phone"`
	IDNumber       string     `json:"idNumber"`
	Birthday       string     `json:"birthday"`
	Note           string     `json:"note"`
	Guardian       string     `json:"guardian"`
	UsualPlace     string     `json:"usualPlace"`
	Shop           string     `json:"shop"` // the merchant's place that the person keeps
	CardGeneration int        `json:"cardGeneration"`
	CardBlocked    bool       `json:"cardBlocked"`
	CardPIN        bool       `json:"cardPin"` // the card asks for a PIN above the community's amount
	Flags          []string   `json:"flags"`
	Conflicts      []Conflict `json:"conflicts"`
	HouseholdName  string     `json:"householdName"`
	Members        []Member   `json:"members"`
	IDs            []string   `json:"ids"` // of all records that are this person, the leading one first
}

// Conflict is a field that two devices changed apart; the shown value first.
type Conflict struct {
	Field  string   `json:"field"`
	Values []string `json:"values"`
}

// Get returns a person's full data and notes in the view log who looked.
// Fault: people.unknown.
func (p *People) Get(ctx context.Context, operator, id string) (Person, error) {
	pid, err := ParseID(id)
	if err != nil {
		return Person{}, err
	}
	out, err := p.read(ctx, pid)
	if err != nil {
		return Person{}, err
	}
	lead, err := ParseID(out.ID)
	if err != nil {
		return Person{}, err
	}
	return out, p.noteView(ctx, operator, lead)
}

func (p *People) read(ctx context.Context, id ID) (Person, error) {
	e, family, err := p.pick(id)
	if err != nil {
		return Person{}, err
	}
	blocked, err := p.blocks(e)
	if err != nil {
		return Person{}, err
	}
	out := Person{
		Phone: e.phone, IDNumber: e.idNumber, UsualPlace: e.usual, Shop: e.shop, CardGeneration: e.card.Generation,
		CardBlocked: blocked, CardPIN: e.verifier() != (Verifier{}), Flags: e.flags, Conflicts: []Conflict{}, Members: []Member{},
	}
	err = p.st.View(ctx, func(q store.Querier) error {
		rows, err := p.rows(q, []*entry{e})
		if err != nil {
			return err
		}
		out.PersonRow = rows[0]
		for _, id := range p.IDs(e.id) {
			out.IDs = append(out.IDs, id.String())
		}
		if e.hasHousehold {
			if out.HouseholdName, out.Members, err = householdOf(q, e.household, family); err != nil {
				return err
			}
		}
		return p.readRest(q, e, &out)
	})
	return out, err
}

// pick returns a person and the people of the same household. Fault:
// people.unknown.
func (p *People) pick(id ID) (e *entry, family []*entry, err error) {
	d, err := p.current()
	if err != nil {
		return nil, nil, err
	}
	defer d.mu.Unlock()
	e = d.person(id)
	if e == nil || !e.visible() {
		return nil, nil, fault.New("people.unknown", "id", id.String())
	}
	if e.hasHousehold {
		family = d.household(e.household)
	}
	return e, family, nil
}

// blocks tells whether a person's own card is refused.
func (p *People) blocks(e *entry) (bool, error) {
	d, err := p.current()
	if err != nil {
		return false, err
	}
	defer d.mu.Unlock()
	return d.blocks(e), nil
}

// readRest opens what the directory does not keep in memory.
func (p *People) readRest(q store.Querier, e *entry, out *Person) error {
	k, err := p.keyed(q)
	if err != nil {
		return err
	}
	for _, id := range e.records() {
		if err := p.readSeldom(q, k, id, out); err != nil {
			return err
		}
	}
	out.Conflicts, err = p.conflicts(q, k, e.records()[0], out)
	return err
}

// readSeldom opens what a record says of the rest, where it is not known yet.
func (p *People) readSeldom(q store.Querier, k *keyed, id ID, out *Person) error {
	var birthday, note, guardian []byte
	err := q.QueryRow("SELECT birthday, note, guardian FROM people_person WHERE id = ?", id[:]).Scan(&birthday, &note, &guardian)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New("people.unknown", "id", id.String())
	}
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name   string
		sealed []byte
		into   *string
	}{{"birthday", birthday, &out.Birthday}, {"note", note, &out.Note}, {"guardian", guardian, &out.Guardian}} {
		plain, err := k.open(id, f.name, f.sealed)
		if err != nil && !unreadable(err) {
			return err
		}
		if *f.into == "" && err == nil {
			*f.into = plain
		}
	}
	return nil
}

// unreadable tells whether a value can't be shown though nothing is wrong
// with this device: its key is not here, or another device wrote nonsense.
func unreadable(err error) bool { return errors.Is(err, ErrNoKey) || errors.Is(err, errSealed) }

// shown returns the value that is shown of a field, and its JSON name; "" for
// what can't be in conflict for a reader.
func (p Person) shown(field string) (name, value string) {
	switch field {
	case "name":
		return "name", p.Name
	case "phone":
		return "phone", p.Phone
	case "idnumber":
		return "idNumber", p.IDNumber
	case "birthday":
		return "birthday", p.Birthday
	case "address":
		return "address", p.Address
	case "note":
		return "note", p.Note
	case "guardian":
		return "guardian", p.Guardian
	case "skills":
		return "skills", p.Skills
	case "grid":
		return "grid", p.Grid
	case "shop":
		return "shop", p.Shop
	case "usual":
		return "usualPlace", p.UsualPlace
	case "household":
		return "household", p.Household
	}
	return "", ""
}

// conflicts lists the fields of which two different texts are kept. Two
// devices that registered the same person apart have sealed the same text
// twice: that is none.
func (p *People) conflicts(q store.Querier, k *keyed, id ID, of *Person) ([]Conflict, error) {
	rows, err := q.Query("SELECT field, value FROM people_other WHERE person = ? ORDER BY field, n", id[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Conflict{}
	for rows.Next() {
		var field string
		var raw []byte
		if err := rows.Scan(&field, &raw); err != nil {
			return nil, err
		}
		name, shown := of.shown(field)
		if name == "" {
			continue
		}
		plain, err := k.other(id, field, raw)
		if unreadable(err) || err == nil && plain == shown {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = addConflict(out, name, shown, plain)
	}
	return out, rows.Err()
}

func addConflict(list []Conflict, name, shown, other string) []Conflict {
	if n := len(list); n == 0 || list[n-1].Field != name {
		return append(list, Conflict{Field: name, Values: []string{shown, other}})
	}
	last := &list[len(list)-1]
	if !slices.Contains(last.Values, other) {
		last.Values = append(last.Values, other)
	}
	return list
}

// other returns the text of a value that is not shown.
func (k *keyed) other(id ID, field string, raw []byte) (string, error) {
	if f, _ := fieldOf("person", field); !f.Secret {
		return string(raw), nil
	}
	return k.open(id, field, raw)
}

// Conflicted lists the people with a field in conflict, for 待处理.
func (p *People) Conflicted(ctx context.Context) ([]Brief, error) {
	var out []Brief
	err := p.st.View(ctx, func(q store.Querier) error {
		ids, err := suspects(q)
		if err != nil {
			return err
		}
		for _, id := range ids {
			e, _, err := p.pick(id)
			if errors.Is(err, fault.New("people.unknown")) {
				continue
			}
			if err != nil {
				return err
			}
			of := Person{PersonRow: e.row(nil, Balance{}), Phone: e.phone, IDNumber: e.idNumber, UsualPlace: e.usual, Shop: e.shop}
			if err := p.readRest(q, e, &of); err != nil {
				return err
			}
			if len(of.Conflicts) > 0 {
				blocked, err := p.blocks(e)
				if err != nil {
					return err
				}
				out = append(out, e.brief(blocked))
			}
		}
		return nil
	})
	return out, err
}

// suspects are the people of whom more than one value of a field is kept.
func suspects(q store.Querier) ([]ID, error) {
	rows, err := q.Query("SELECT DISTINCT person FROM people_other ORDER BY person")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ID
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		out = append(out, ID(raw))
	}
	return out, rows.Err()
}
