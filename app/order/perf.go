package order

import (
	"cmp"
	"slices"

	"jishan/crdt/store"
)

// Score is one line of the performance table: a party that served, or a
// dispatcher, or who brought wishes as a grid worker. Times are medians in milliseconds, 0
// where there is nothing.
type Score struct {
	Kind      string `json:"kind"` // person, team, merchant, staff, grid; all for the sum
	ID        string `json:"id"`
	Name      string `json:"name"`
	Orders    int64  `json:"orders"` // given to it; of staff: given by it; of grid: brought by it
	Declined  int64  `json:"declined"`
	Done      int64  `json:"done"`
	ToOffer   int64  `json:"toOffer"`   // from the wish to the dispatch
	ToContact int64  `json:"toContact"` // from the wish to the first contact
	ToDone    int64  `json:"toDone"`    // from the wish to the end
	QuickCall int64  `json:"quickCall"` // per cent contacted within ContactAim, of those contacted
	QuickDone int64  `json:"quickDone"` // per cent done within DoneAim, of those done
	Reviews   int64  `json:"reviews"`
	Callbacks int64  `json:"callbacks"` // of them asked by telephone
	Stars     int64  `json:"stars"`     // tenths on average
}

// scored gathers the orders of one line.
type scored struct {
	Score
	offer, contact, done []int64
	stars                int64
}

func (s *scored) add(r record) {
	s.Orders++
	s.offer = span(s.offer, r.Made, r.OfferedAt)
	s.contact = span(s.contact, r.Made, r.ContactAt)
	s.done = span(s.done, r.Made, r.DoneAt)
	if r.Stars > 0 {
		s.Reviews++
		s.stars += r.Stars
		if r.ReviewVia == ByCallback {
			s.Callbacks++
		}
	}
}

func span(list []int64, from, to int64) []int64 {
	if to == 0 {
		return list
	}
	return append(list, max(0, to-from)) // clocks of two devices may differ by seconds
}

func (s *scored) close() Score {
	s.Done = int64(len(s.done))
	s.ToOffer, s.ToContact, s.ToDone = median(s.offer), median(s.contact), median(s.done)
	s.QuickCall, s.QuickDone = within(s.contact, ContactAim), within(s.done, DoneAim)
	if s.Reviews > 0 {
		s.Stars = 10 * s.stars / s.Reviews
	}
	return s.Score
}

// median returns the middle of a list, the lower one of two; 0 for none.
func median(list []int64) int64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[(len(list)-1)/2]
}

// within returns how many per cent are below a bound, 0 for none.
func within(list []int64, bound int64) int64 {
	n := 0
	for _, x := range list {
		if x < bound {
			n++
		}
	}
	if len(list) == 0 {
		return 0
	}
	return int64(100 * n / len(list))
}

// Performance is a span of time: the sum, who served, who dispatched, which grid workers
// brought wishes.
type Performance struct {
	All       Score   `json:"all"`
	Cancelled int64   `json:"cancelled"`
	Parties   []Score `json:"parties"`
	Staff     []Score `json:"staff"`
	Grid      []Score `json:"grid"`
}

// Performance counts the orders posted in [from, to). What was declined counts
// for who declined it, whoever has it now.
func (d *Desk) Performance(q store.Querier, from, to int64) (p Performance, err error) {
	list, err := d.records(q, `SELECT `+recordColumns+` FROM order_row WHERE made >= ? AND made < ? ORDER BY id`, from, to)
	if err != nil {
		return p, err
	}
	all := &scored{Score: Score{Kind: "all"}}
	parties, staff, grid := map[Party]*scored{}, map[string]*scored{}, map[string]*scored{}
	for _, r := range list {
		if r.State == Cancelled {
			p.Cancelled++
			continue
		}
		all.add(r)
		if r.Via == ViaGrid {
			of(grid, r.by, Score{Kind: "grid", Name: r.by}).add(r)
		}
		if r.Declined > 0 {
			if err := d.addDeclined(q, r.ID, parties, all); err != nil {
				return p, err
			}
		}
		if r.offer == "" || r.State == Posted {
			continue
		}
		of(parties, r.Party, Score{Kind: r.Party.Kind, ID: r.Party.ID}).add(r)
		of(staff, r.offeredBy, Score{Kind: "staff", Name: r.offeredBy}).add(r)
	}
	p.All = all.close()
	if p.Parties, err = d.scores(q, parties); err != nil {
		return p, err
	}
	p.Staff, p.Grid = closed(staff), closed(grid)
	return p, nil
}

// closed are the lines of people who are known by their names alone.
func closed(m map[string]*scored) []Score {
	out := []Score{}
	for _, s := range m {
		out = append(out, s.close())
	}
	slices.SortFunc(out, byOrders)
	return out
}

// Appraised are the lines of those who are appraised for a year: teams, dispatchers, grid
// workers. Volunteers are not: what they do is their gift.
func (p Performance) Appraised() []Score {
	out := []Score{}
	for _, s := range p.Parties {
		if s.Kind == ToTeam {
			out = append(out, s)
		}
	}
	return append(append(out, p.Staff...), p.Grid...)
}

func of[K comparable](m map[K]*scored, k K, first Score) *scored {
	if m[k] == nil {
		m[k] = &scored{Score: first}
	}
	return m[k]
}

// addDeclined counts each refusal for who refused.
func (d *Desk) addDeclined(q store.Querier, id string, parties map[Party]*scored, all *scored) error {
	list, err := valuesOf(q, id)
	if err != nil {
		return err
	}
	given := map[string]Party{}
	events, err := d.offers(q, id)
	if err != nil {
		return err
	}
	for _, v := range events {
		given[v.ID] = Party{Kind: v.Kind, ID: v.Party}
	}
	for _, v := range list {
		var a answerValue
		if v.kind == kindServe && v.field == "answer" && v.rank == 0 && open(v.raw, &a) == nil && !a.Yes {
			k := given[v.sub]
			of(parties, k, Score{Kind: k.Kind, ID: k.ID}).Declined++
			all.Declined++
		}
	}
	return nil
}

func (d *Desk) scores(q store.Querier, parties map[Party]*scored) ([]Score, error) {
	out := []Score{}
	for k, s := range parties {
		p, err := d.party(q, k)
		if err != nil {
			return nil, err
		}
		x := s.close()
		x.Name = p.Name
		out = append(out, x)
	}
	slices.SortFunc(out, byOrders)
	return out, nil
}

func byOrders(a, b Score) int {
	return cmp.Or(cmp.Compare(b.Done, a.Done), cmp.Compare(b.Orders, a.Orders), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}
