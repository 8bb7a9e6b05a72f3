package people

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
