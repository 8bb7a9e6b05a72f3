package people

import "slices"

// Homes tells where everybody who is registered lives: the household's id, or
// the person's own where there is none.
func (p *People) Homes() (map[ID]ID, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	out := make(map[ID]ID, len(d.people))
	for _, e := range d.sorted() {
		out[e.id] = e.id
		if e.hasHousehold {
			out[e.id] = e.household
		}
	}
	return out, nil
}

// Living are the households, and which are left out of the share that takes part.
type Living struct {
	Home         map[ID]ID // of everybody who is registered, by leading id
	Homes        int
	Away, Unable map[ID]bool // households of which all members live elsewhere; or are unable to work or live elsewhere
}

// Living tells who lives with whom, and whom statistics leave out.
func (p *People) Living() (Living, error) {
	out := Living{Home: map[ID]ID{}, Away: map[ID]bool{}, Unable: map[ID]bool{}}
	d, err := p.current()
	if err != nil {
		return out, err
	}
	defer d.mu.Unlock()
	here, able := map[ID]bool{}, map[ID]bool{}
	for _, e := range d.sorted() {
		home := e.id
		if e.hasHousehold {
			home = e.household
		}
		out.Home[e.id] = home
		away := slices.Contains(e.flags, "away")
		here[home] = here[home] || !away
		able[home] = able[home] || !away && !slices.Contains(e.flags, "unable")
	}
	out.Homes = len(here)
	for home := range here {
		switch {
		case !here[home]:
			out.Away[home] = true
		case !able[home]:
			out.Unable[home] = true
		}
	}
	return out, nil
}
