package people

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Change names the fields of a person that change; nil leaves one alone.
type Change struct {
	Name       *string   `json:"name"`
	Phone      *string   `json:"phone"`
	IDNumber   *string   `json:"idNumber"`
	Birthday   *string   `json:"birthday"`
	Grid       *string   `json:"grid"`
	Address    *string   `json:"address"`
	UsualPlace *string   `json:"usualPlace"`
	Shop       *string   `json:"shop"`
	Skills     *string   `json:"skills"`
	Note       *string   `json:"note"`
	Guardian   *string   `json:"guardian"`
	Household  *string   `json:"household"`
	Flags      *[]string `json:"flags"`
}

// flagWords are the flags that a person may have: statistics leave alone who can't
// take part, and no list that others see names who does not want to stand in it.
var flagWords = []string{"away", "unable", unlisted}

// unlisted is the flag of who objects to standing in rankings and public lists.
const unlisted = "unlisted"

// step is one field of a Change: where it stands, and its normal form.
type step struct {
	field  string
	secret bool
	value  *string
	normal func(string) (string, error)
}

func (c Change) steps(p *People, now int64) []step {
	limit := func(field string, n int) func(string) (string, error) {
		return func(s string) (string, error) { return normalText(field, s, n) }
	}
	settings := p.charter.Settings()
	return []step{
		{"name", true, c.Name, NormalName},
		{"phone", true, c.Phone, NormalPhone},
		{"idnumber", true, c.IDNumber, NormalIDNumber},
		{"birthday", true, c.Birthday, func(s string) (string, error) { return NormalBirthday(s, now) }},
		{"address", true, c.Address, limit("address", maxAddressRunes)},
		{"note", true, c.Note, limit("note", maxNoteRunes)},
		{"guardian", true, c.Guardian, limit("guardian", maxShortRunes)},
		{"skills", true, c.Skills, limit("skills", maxAddressRunes)},
		{"shop", true, c.Shop, p.shopkeeping},
		{"grid", false, c.Grid, func(s string) (string, error) { return s, NewPerson{Grid: s}.references(settings) }},
		{"usual", false, c.UsualPlace, func(s string) (string, error) { return s, NewPerson{UsualPlace: s}.references(settings) }},
		{"household", false, c.Household, func(s string) (string, error) { return s, NewPerson{Household: s}.references(settings) }},
	}
}

// Update changes fields of a person and returns the person afterwards. Faults:
// people.unknown, people.flag.bad, people.contact.missing if the last contact
// would go, and those of Register.
func (p *People) Update(ctx context.Context, operator, id string, c Change) (Person, error) {
	pid, err := ParseID(id)
	if err != nil {
		return Person{}, err
	}
	err = p.Write(ctx, operator, func(tx *store.Tx) error { return p.UpdateIn(tx, pid, c) })
	if err != nil {
		return Person{}, err
	}
	return p.Get(ctx, operator, id)
}

// UpdateIn is Update inside a transaction.
func (p *People) UpdateIn(tx *store.Tx, id ID, c Change) error {
	id, rest, err := p.recordsIn(tx, id)
	if err != nil {
		return err
	}
	if err := p.here(tx, id); err != nil {
		return err
	}
	if err := p.staysReachable(tx, append([]ID{id}, rest...), c); err != nil {
		return err
	}
	if err := p.clearOthers(tx, rest, c); err != nil {
		return err
	}
	var puts []store.Put
	var key *usableKey
	for _, s := range c.steps(p, tx.Now()) {
		if s.value == nil {
			continue
		}
		plain, err := s.normal(*s.value)
		if err != nil {
			return err
		}
		if s.secret && key == nil {
			k, err := p.keyFor(tx, id)
			if err != nil {
				return err
			}
			key = &k
		}
		put, err := p.put(key, id, s, plain)
		if err != nil {
			return err
		}
		puts = append(puts, put)
	}
	if c.Flags != nil {
		put, err := flagsPut(id, *c.Flags)
		if err != nil {
			return err
		}
		puts = append(puts, put)
	}
	_, err = tx.Put(p.doc(id), "people.update", puts...)
	return err
}

// clearOthers empties a field in the other records of a person, too, or their
// value would stand in for the one that was removed.
func (p *People) clearOthers(tx *store.Tx, rest []ID, c Change) error {
	for _, o := range rest {
		var puts []store.Put
		for _, s := range c.steps(p, tx.Now()) {
			if s.value != nil && strings.TrimSpace(*s.value) == "" {
				puts = append(puts, store.Put{Key: personKey(o, s.field), Delete: true})
			}
		}
		if c.Flags != nil && len(*c.Flags) == 0 {
			puts = append(puts, store.Put{Key: personKey(o, "flags"), Delete: true})
		}
		if len(puts) == 0 {
			continue
		}
		if _, err := tx.Put(p.doc(o), "people.update", puts...); err != nil {
			return err
		}
	}
	return nil
}

// staysReachable refuses to take away a person's last contact, without which
// nobody could register. It asks the transaction, not the directory: that one may
// not know yet what was written a moment ago. Fault: people.contact.missing.
func (p *People) staysReachable(tx *store.Tx, records []ID, c Change) error {
	if c.Phone == nil && c.IDNumber == nil && c.Address == nil {
		return nil
	}
	k, err := p.keyed(tx)
	if err != nil {
		return err
	}
	var n NewPerson
	for _, id := range records {
		list, err := readEntries(tx, k, "WHERE id = ?", id[:])
		if err != nil {
			return err
		}
		for _, e := range list {
			n.Phone, n.IDNumber, n.Address = cmp.Or(n.Phone, e.phone), cmp.Or(n.IDNumber, e.idNumber), cmp.Or(n.Address, e.address)
		}
	}
	for had, typed := range map[*string]*string{&n.Phone: c.Phone, &n.IDNumber: c.IDNumber, &n.Address: c.Address} {
		if typed != nil {
			*had = strings.TrimSpace(*typed)
		}
	}
	return n.reachable()
}

func (p *People) put(key *usableKey, id ID, s step, plain string) (store.Put, error) {
	if s.secret {
		return p.sealed(*key, id, s.field, plain)
	}
	return store.Put{Key: personKey(id, s.field), Value: wire.StringValue(plain), Delete: plain == ""}, nil
}

func flagsPut(id ID, flags []string) (store.Put, error) {
	flags = slices.Compact(slices.Sorted(slices.Values(flags)))
	for _, f := range flags {
		if !slices.Contains(flagWords, f) {
			return store.Put{}, fault.New("people.flag.bad", "flag", f)
		}
	}
	return store.Put{Key: personKey(id, "flags"), Value: wire.StringValue(strings.Join(flags, ",")), Delete: len(flags) == 0}, nil
}

// here refuses a person who is not registered, or erased.
func (p *People) here(q store.Querier, id ID) error {
	var status *string
	var name []byte
	err := q.QueryRow("SELECT status, name FROM people_person WHERE id = ?", id[:]).Scan(&status, &name)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (text(status) == statusErased || name == nil) {
		return fault.New("people.unknown", "id", id.String())
	}
	return err
}

// settled are the fields that a screen may settle, by their JSON names.
var settled = map[string]func(*Change, *string){
	"name":       func(c *Change, v *string) { c.Name = v },
	"phone":      func(c *Change, v *string) { c.Phone = v },
	"idNumber":   func(c *Change, v *string) { c.IDNumber = v },
	"birthday":   func(c *Change, v *string) { c.Birthday = v },
	"address":    func(c *Change, v *string) { c.Address = v },
	"note":       func(c *Change, v *string) { c.Note = v },
	"guardian":   func(c *Change, v *string) { c.Guardian = v },
	"skills":     func(c *Change, v *string) { c.Skills = v },
	"grid":       func(c *Change, v *string) { c.Grid = v },
	"usualPlace": func(c *Change, v *string) { c.UsualPlace = v },
	"shop":       func(c *Change, v *string) { c.Shop = v },
	"household":  func(c *Change, v *string) { c.Household = v },
	"flags": func(c *Change, v *string) {
		list := splitFlags(*v)
		c.Flags = &list
	},
}

// Settle ends a conflict: the value stays, the others go. Faults:
// people.field.unknown, and those of Update.
func (p *People) Settle(ctx context.Context, operator, id, field, value string) (Person, error) {
	set, ok := settled[field]
	if !ok {
		return Person{}, fault.New("people.field.unknown", "field", field)
	}
	var c Change
	set(&c, &value)
	return p.Update(ctx, operator, id, c)
}

// Erase destroys a person's keys on every staff device that this reaches, those of
// all records that are joined: what was encrypted is unreadable for ever, the
// ledger keeps its numbers. Fault: people.unknown.
func (p *People) Erase(ctx context.Context, operator, id string) error {
	pid, err := ParseID(id)
	if err != nil {
		return err
	}
	return p.Write(ctx, operator, func(tx *store.Tx) error {
		j, err := p.charter.Joined(tx)
		if err != nil {
			return err
		}
		for _, o := range idsOf(j, pid) { // readable here or not
			err := p.eraseRecord(tx, o)
			if o != pid && errors.Is(err, fault.New("people.unknown")) {
				continue // not here at all
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *People) eraseRecord(tx *store.Tx, id ID) error {
	if err := p.here(tx, id); err != nil {
		return err
	}
	if err := p.destroyKeys(tx, id); err != nil {
		return err
	}
	c, _, err := p.cardIn(tx, id)
	if err != nil {
		return err
	}
	if err := p.blank(tx, id); err != nil {
		return err
	}
	return p.refuse(tx, "people.erase", map[ID]int64{id: after(int64(c.Generation))})
}

func (p *People) generation(q store.Querier, id ID) uint32 {
	var g *int64
	if err := q.QueryRow("SELECT generation FROM people_person WHERE id = ?", id[:]).Scan(&g); err != nil {
		return 0
	}
	return uint32(number(g, 0))
}

// blank removes everything but the mark that the person was erased.
func (p *People) blank(tx *store.Tx, id ID) error {
	puts := []store.Put{{Key: personKey(id, "status"), Value: wire.StringValue(statusErased)}}
	for _, f := range Fields {
		if f.Name != "status" && f.Name != "generation" && f.Name != "created" {
			puts = append(puts, store.Put{Key: personKey(id, f.Name), Delete: true})
		}
	}
	_, err := tx.Put(p.doc(id), "people.erase", puts...)
	return err
}
