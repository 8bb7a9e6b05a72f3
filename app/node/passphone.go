package node

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/shop"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// phonePassDays is how long a pass on a phone is good: the page makes a new one
// whenever it is opened at the station.
const phonePassDays = 30

// phonePassReply is the resident's pass and where it is worth something.
type phonePassReply struct {
	Pass   *passReply `json:"pass"` // null for who has nothing that a pass could say
	Places []offAt    `json:"places"`
}

// offAt is what a place gives to somebody.
type offAt struct {
	Name string     `json:"name"`
	Off  []shop.Off `json:"off"`
}

// phonePass signs the resident's pass anew. Faults: as issuePass.
func (c *community) phonePass(ctx context.Context, p people.ID, _ tokenRequest) (phonePassReply, error) {
	out := phonePassReply{Places: []offAt{}}
	_, end := zone.DayBounds(c.node.now())
	made, err := c.makePass(ctx, p, zone.In(end).AddDate(0, 0, phonePassDays).UnixMilli()-1000)
	if errors.Is(err, fault.New("pass.none")) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Pass = &made
	out.Places, err = c.placesFor(ctx, p)
	return out, err
}

// placesFor lists the places that give a person something, by name.
func (c *community) placesFor(ctx context.Context, p people.ID) ([]offAt, error) {
	names, out, table := map[string]string{}, []offAt{}, c.honour.Table()
	for id, name := range c.charter.Settings().Places {
		names[id] = name
	}
	for _, s := range c.charter.Shops() {
		names[s.Place] = s.Name
	}
	err := c.view(ctx, func(q store.Querier) error {
		title, err := c.title(q, p.String())
		if err != nil {
			return err
		}
		for place, name := range names {
			list, err := shop.TermsOf(q, place)
			if err != nil {
				return err
			}
			at := offAt{Name: name}
			for _, x := range title.Opens(list) {
				at.Off = append(at.Off, shop.Off{Term: x, Name: table.Name(x.Level)})
			}
			if len(at.Off) > 0 {
				out = append(out, at)
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b offAt) int { return cmp.Compare(a.Name, b.Name) })
	return out[:min(len(out), maxShopsOut)], err
}
