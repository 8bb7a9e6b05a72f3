package people

import (
	"cmp"
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
)

// A merchant's points account is its keeper's: the person who keeps a shop says so in the
// own record, and what is given for honest trade or a donation is given to the person by
// the rulebook. There is no holder of points but people. The link is sealed like a name:
// a shop stands open, so in the clear it would say whose record that is.

// shopkeeping is the normal form of a link: the id of one of this community's merchants.
// Fault: people.shop.unknown.
func (p *People) shopkeeping(place string) (string, error) {
	if place != "" && !slices.ContainsFunc(p.charter.Shops(), func(s govern.Shop) bool { return s.Place == place && s.Home == "" }) {
		return "", fault.New("people.shop.unknown")
	}
	return place, nil
}

// Shopkeepers are those who keep a merchant's shop, by its place, by registration.
func (p *People) Shopkeepers() (map[string][]ID, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	var list []*entry
	for _, e := range d.sorted() {
		if e.shop != "" {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b *entry) int { return cmp.Compare(a.created, b.created) })
	out := map[string][]ID{}
	for _, e := range list {
		out[e.shop] = append(out[e.shop], e.id)
	}
	return out, nil
}
