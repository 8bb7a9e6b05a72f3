package people

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// NewPerson is what the registration form holds.
type NewPerson struct {
	Name       string `json:"name"`
	Phone      string `json:"phone"`
	IDNumber   string `json:"idNumber"`
	Birthday   string `json:"birthday"`
	Grid       string `json:"grid"`
	Address    string `json:"address"`
	UsualPlace string `json:"usualPlace"`
	Skills     string `json:"skills"`
	Note       string `json:"note"`
	Guardian   string `json:"guardian"`
	Household  string `json:"household"`
	// Opening is what the person brings along from a paper book; nil is
	// nothing, and then there is the bonus.
	Opening *Opening `json:"opening,omitempty"`
}

// Registered is what became of a registration.
type Registered struct {
	ID       string `json:"id"`
	Existing bool   `json:"existing"` // the person was here already; nothing was changed
	Code     string `json:"code"`
	OnTheWay int64  `json:"onTheWay"` // the bonus, while the registrar's device has not awarded it
}

// normal brings all fields into their one form. The fault names the first
// field that is wrong.
func (n NewPerson) normal(settings govern.Settings, now int64) (NewPerson, error) {
	var err error
	step := func(f func() error) {
		if err == nil {
			err = f()
		}
	}
	step(func() (e error) { n.Name, e = NormalName(n.Name); return })
	step(func() (e error) { n.Phone, e = NormalPhone(n.Phone); return })
	step(func() (e error) { n.IDNumber, e = NormalIDNumber(n.IDNumber); return })
	step(func() (e error) { n.Birthday, e = NormalBirthday(n.Birthday, now); return })
	step(func() (e error) { n.Address, e = normalText("address", n.Address, maxAddressRunes); return })
	step(func() (e error) { n.Note, e = normalText("note", n.Note, maxNoteRunes); return })
	step(func() (e error) { n.Guardian, e = normalText("guardian", n.Guardian, maxShortRunes); return })
	step(func() (e error) { n.Skills, e = normalText("skills", n.Skills, maxAddressRunes); return })
	step(func() error { return n.references(settings) })
	step(n.reachable)
	if n.Opening != nil {
		o := Opening{}
		step(func() (e error) { o, e = n.Opening.normal(); return })
		n.Opening = &o
	}
	if err == nil && n.Birthday == "" && n.IDNumber != "" {
		n.Birthday = n.IDNumber[6:10] + "-" + n.IDNumber[10:12] + "-" + n.IDNumber[12:14]
	}
	return n, err
}

// Checked brings a form into its one form, as registering would, and tells nothing of who
// is here already. Faults: those of Register.
func (p *People) Checked(n NewPerson) (NewPerson, error) {
	return n.normal(p.charter.Settings(), p.now())
}

// reachable demands what tells two people of one name apart: the id is made of
// it. Fault: people.contact.missing.
func (n NewPerson) reachable() error {
	if n.Phone == "" && n.IDNumber == "" && n.Address == "" {
		return fault.New("people.contact.missing")
	}
	return nil
}

// due is what the registration is worth, before the id is known.
func (n NewPerson) due(bonus int64) due {
	if n.Opening != nil {
		return due{opening: *n.Opening, opens: true}
	}
	return due{bonus: bonus}
}

// references checks the ids that a form names.
func (n NewPerson) references(s govern.Settings) error {
	if n.Grid != "" && !slices.ContainsFunc(s.Grids, func(g govern.Grid) bool { return g.ID == n.Grid }) {
		return fault.New("people.grid.unknown", "grid", n.Grid)
	}
	if _, ok := s.Places[n.UsualPlace]; n.UsualPlace != "" && !ok {
		return fault.New("people.usualPlace.unknown", "place", n.UsualPlace)
	}
	if n.Household == "" {
		return nil
	}
	if _, err := ParseID(n.Household); err != nil {
		return fault.New("people.household.unknown")
	}
	return nil
}

func (n NewPerson) identity() Identity {
	return Identity{Name: n.Name, Phone: n.Phone, IDNumber: n.IDNumber, Address: n.Address}
}

// Register enters a person, or finds the one who is here already: the same ID
// number, or the same name and phone. A new person gets the bonus once, from
// the registrar's device; or what is brought along, as in a roster. Faults:
// people.<field>.bad, people.contact.missing, people.points.bad{max}, .less,
// people.grid.unknown, people.usualPlace.unknown, people.household.unknown.
func (p *People) Register(ctx context.Context, operator string, n NewPerson) (out Registered, err error) {
	err = p.Write(ctx, operator, func(tx *store.Tx) error {
		out, err = p.RegisterIn(ctx, tx, n)
		return err
	})
	return out, err
}

// RegisterIn is Register inside a transaction.
func (p *People) RegisterIn(_ context.Context, tx *store.Tx, n NewPerson) (Registered, error) {
	settings := p.charter.Settings()
	n, err := n.normal(settings, tx.Now())
	if err != nil {
		return Registered{}, err
	}
	e, err := p.same(n)
	if err != nil {
		return Registered{}, err
	}
	if e != nil {
		return Registered{ID: e.id.String(), Existing: true, Code: e.code}, nil
	}
	return p.enter(tx, n, n.due(settings.Bonus))
}

// same finds the person in the directory: by ID number, or by name and phone.
func (p *People) same(n NewPerson) (*entry, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	return d.same(n), nil
}

func (d *directory) same(n NewPerson) *entry {
	for _, id := range d.byKnown[known(n.Name, n.Phone, n.IDNumber)] {
		if e := d.people[id]; e.visible() {
			return d.person(id)
		}
	}
	if n.IDNumber == "" || n.Phone == "" {
		return nil
	}
	for _, id := range d.byKnown[known(n.Name, n.Phone, "")] { // registered by phone, now with the ID number
		if e := d.people[id]; e.visible() && e.idNumber == "" {
			return d.person(id)
		}
	}
	return nil
}

// known is the text under which a person is found again; "" if there is none.
func known(name, phone, idNumber string) string {
	switch {
	case idNumber != "":
		return "i" + idNumber
	case phone != "":
		return "p" + phone + name
	}
	return ""
}

// Registering is the action of the change that enters a person.
const Registering = "people.register"

// enter writes a new person.
func (p *People) enter(tx *store.Tx, n NewPerson, u due) (Registered, error) {
	id, generation, existing, err := p.freeID(tx, n.identity())
	if err != nil {
		return Registered{}, err
	}
	if existing {
		return p.existing(tx, id)
	}
	u.id, u.since = id, tx.Now()
	card, err := p.firstCard(tx, id)
	if err != nil {
		return Registered{}, err
	}
	key, err := p.newKey(tx, id, generation)
	if err != nil {
		return Registered{}, err
	}
	puts, err := p.secrets(key, id, n)
	if err != nil {
		return Registered{}, err
	}
	puts = append(puts, store.Put{Key: personKey(id, "created"), Value: wire.TimeValue(tx.Now())})
	for field, s := range map[string]string{"grid": n.Grid, "household": n.Household, "usual": n.UsualPlace, "card": card.String()} {
		if s != "" {
			puts = append(puts, store.Put{Key: personKey(id, field), Value: wire.StringValue(s)})
		}
	}
	if generation > 0 {
		puts = append(puts, store.Put{Key: personKey(id, "generation"), Value: wire.IntValue(int64(generation))})
	}
	if u.opens {
		puts = append(puts, store.Put{Key: personKey(id, "opening"), Value: wire.StringValue(u.opening.String())})
	}
	sortPuts(puts)
	if _, err := tx.Put(p.doc(id), Registering, puts...); err != nil {
		return Registered{}, err
	}
	out := Registered{ID: id.String(), Code: card.code(id)}
	out.OnTheWay, err = p.book(tx, u, generation)
	return out, err
}

// book books the bonus, or what the person brings along, and returns the
// points that are still on the way. A person who comes back after an erasure
// had the bonus already.
func (p *People) book(tx *store.Tx, u due, generation uint32) (int64, error) {
	if generation > 0 || u.opens && u.opening.Zero() || !u.opens && u.bonus <= 0 {
		return 0, nil
	}
	booked, err := p.settle(tx, u)
	if err != nil || booked {
		return 0, err
	}
	return u.points(), nil
}

// sortPuts orders what came out of a map: the same command makes the same bytes.
func sortPuts(puts []store.Put) {
	slices.SortFunc(puts, func(a, b store.Put) int { return strings.Compare(a.Key, b.Key) })
}

// secrets seals the secret fields that are not empty.
func (p *People) secrets(key usableKey, id ID, n NewPerson) ([]store.Put, error) {
	var puts []store.Put
	for _, f := range []struct{ field, plain string }{
		{"name", n.Name}, {"phone", n.Phone}, {"idnumber", n.IDNumber}, {"birthday", n.Birthday},
		{"address", n.Address}, {"note", n.Note}, {"guardian", n.Guardian}, {"skills", n.Skills},
	} {
		if f.plain == "" {
			continue
		}
		put, err := p.sealed(key, id, f.field, f.plain)
		if err != nil {
			return nil, err
		}
		puts = append(puts, put)
	}
	return puts, nil
}

// freeID returns the person's id: of the first generation that was not erased.
func (p *People) freeID(tx *store.Tx, who Identity) (id ID, generation uint32, existing bool, err error) {
	ring, err := p.charter.Keyring()
	if err != nil {
		return id, 0, false, err
	}
	for generation = range maxGenerations {
		id = PersonID(ring.ID, who, generation)
		var status *string
		var name []byte
		err := tx.QueryRow("SELECT status, name FROM people_person WHERE id = ?", id[:]).Scan(&status, &name)
		if errors.Is(err, sql.ErrNoRows) || err == nil && text(status) != statusErased && name == nil {
			return id, generation, false, nil // removed by an undo, or never here
		}
		if err != nil || text(status) != statusErased {
			return id, generation, err == nil, err
		}
	}
	return id, 0, false, fault.New("people.erased.often")
}

// maxGenerations bounds how often one person is erased and comes back.
const maxGenerations = 100

func (p *People) existing(q store.Querier, id ID) (Registered, error) {
	var card *string
	err := q.QueryRow("SELECT card FROM people_person WHERE id = ?", id[:]).Scan(&card)
	return Registered{ID: p.Lead(id).String(), Existing: true, Code: parseCard(text(card)).code(id)}, err
}
