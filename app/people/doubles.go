package people

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"jishan/crdt/store"
)

// Reasons for which two records may be one person.
const (
	SameIDNumber = "idNumber"
	SamePhone    = "phone"
	SameBirthday = "birthday"
	SameAddress  = "address"
)

// Likely is two records that may be one person, and why.
type Likely struct {
	Pair    Pair
	Reasons []string
}

// known of a record, as far as doubles are told by it.
type traits struct {
	id                                       ID
	name, phone, idNumber, birthday, address string
}

func (e *entry) traits() traits {
	return traits{id: e.id, name: e.name, phone: e.phone, idNumber: e.idNumber, address: e.address}
}

// born is the birthday: as written, or as the ID number says.
func (t traits) born() string {
	if t.birthday == "" && len(t.idNumber) == 18 {
		return t.idNumber[6:10] + "-" + t.idNumber[10:12] + "-" + t.idNumber[12:14]
	}
	return t.birthday
}

// alike says why two records may be one person. Two ID numbers that differ are two
// people, whatever else is the same: father and son share a telephone.
func (t traits) alike(o traits) (why []string) {
	equal := func(a, b string) bool { return a != "" && a == b }
	if equal(t.idNumber, o.idNumber) {
		return []string{SameIDNumber}
	}
	if t.idNumber != "" && o.idNumber != "" || t.name != o.name {
		return nil
	}
	if t.born() != "" && o.born() != "" && t.born() != o.born() {
		return nil
	}
	for _, r := range []struct {
		same bool
		why  string
	}{{equal(t.phone, o.phone), SamePhone}, {equal(t.born(), o.born()), SameBirthday}, {equal(t.address, o.address), SameAddress}} {
		if r.same {
			why = append(why, r.why)
		}
	}
	return why
}

// Doubles lists the records that may be one person and are not joined: of one ID
// number, or of one name with the same phone, birthday or address.
func (p *People) Doubles(ctx context.Context) (out []Likely, err error) {
	sets, err := p.namesakes(ctx, "")
	if err != nil {
		return nil, err
	}
	j := p.charter.JoinedNow()
	seen := map[Pair]bool{}
	for _, list := range sets {
		for i, a := range list {
			for _, b := range list[i+1:] {
				pair, err := PairOf(a.id, b.id)
				why := a.alike(b)
				if err != nil || len(why) == 0 || seen[pair] || j.Lead(a.id) == j.Lead(b.id) {
					continue
				}
				seen[pair] = true
				out = append(out, Likely{pair, why})
			}
		}
	}
	slices.SortFunc(out, func(a, b Likely) int {
		return bytes.Compare(append(a.Pair[0][:], a.Pair[1][:]...), append(b.Pair[0][:], b.Pair[1][:]...))
	})
	return out, nil
}

// Similar lists who may be the person of a form that is being filled in, under the
// leading ids: the clerk looks before a second record is made. What is half typed
// matches nothing.
func (p *People) Similar(ctx context.Context, n NewPerson) (out []Likely, err error) {
	t := traits{}
	for _, f := range []struct {
		into   *string
		typed  string
		normal func(string) (string, error)
	}{{&t.name, n.Name, NormalName}, {&t.phone, n.Phone, NormalPhone}, {&t.idNumber, n.IDNumber, NormalIDNumber},
		{&t.birthday, n.Birthday, func(s string) (string, error) { return NormalBirthday(s, p.now()) }},
		{&t.address, n.Address, func(s string) (string, error) { return normalText("address", s, maxAddressRunes) }}} {
		if v, err := f.normal(f.typed); err == nil {
			*f.into = v
		}
	}
	if t.name == "" {
		return nil, nil
	}
	sets, err := p.namesakes(ctx, t.name)
	if err != nil {
		return nil, err
	}
	j := p.charter.JoinedNow()
	for _, list := range sets {
		for _, o := range list {
			lead := ID(j.Lead(o.id))
			why := t.alike(o)
			if len(why) > 0 && !slices.ContainsFunc(out, func(l Likely) bool { return l.Pair[0] == lead }) {
				out = append(out, Likely{Pair{lead}, why})
			}
		}
	}
	return out, nil
}

// namesakes groups the readable records by ID number and by name, those groups of
// more than one; or, with a name, those of that name. Birthdays are sealed on the
// disk and opened for these few alone.
func (p *People) namesakes(ctx context.Context, name string) ([][]traits, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	groups := map[string][]traits{}
	for _, e := range d.people {
		if !e.visible() || name != "" && e.name != name {
			continue
		}
		groups["n"+e.name] = append(groups["n"+e.name], e.traits())
		if e.idNumber != "" {
			groups["i"+e.idNumber] = append(groups["i"+e.idNumber], e.traits())
		}
	}
	d.mu.Unlock()
	var out [][]traits
	err = p.st.View(ctx, func(q store.Querier) error {
		for _, key := range sortedKeys(groups) {
			list := groups[key]
			if len(list) < 2 && name == "" {
				continue
			}
			if err := p.readBirthdays(q, list); err != nil {
				return err
			}
			out = append(out, list)
		}
		return nil
	})
	return out, err
}

func sortedKeys(m map[string][]traits) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}

func (p *People) readBirthdays(q store.Querier, list []traits) error {
	k, err := p.keyed(q)
	if err != nil {
		return err
	}
	for i := range list {
		var sealed []byte
		if err := q.QueryRow("SELECT birthday FROM people_person WHERE id = ?", list[i].id[:]).Scan(&sealed); err != nil {
			return err
		}
		plain, err := k.open(list[i].id, "birthday", sealed)
		if err != nil && !unreadable(err) {
			return err
		}
		list[i].birthday = plain
	}
	slices.SortFunc(list, func(a, b traits) int { return bytes.Compare(a.id[:], b.id[:]) })
	return nil
}
