package people

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// maxPage is how many rows one question may ask for (api.ts).
const maxPage = 200

// PersonRow is a person in a list.
type PersonRow struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Masked    string `json:"masked"`
	Code      string `json:"code"`
	Grid      string `json:"grid"`
	GridName  string `json:"gridName"`
	Address   string `json:"address"`
	PhoneTail string `json:"phoneTail"`
	Household string `json:"household"`
	Lifetime  int64  `json:"lifetime"`
	Year      int64  `json:"year"`
	Spendable int64  `json:"spendable"`
	Here      int64  `json:"here"`
	Vouchers  int64  `json:"vouchers"` // on slips; no part of spendable
	OnTheWay  int64  `json:"onTheWay"` // earned and not booked yet; no part of spendable
	Debt      int64  `json:"debt"`     // points owed, paid from later income
	Created   int64  `json:"created"`
	Skills    string `json:"skills"`
}

func (e *entry) row(grids map[string]string, b Balance) PersonRow {
	r := PersonRow{
		ID: e.id.String(), Name: e.name, Masked: Mask(e.name), Code: e.code, Grid: e.grid, GridName: grids[e.grid], Address: e.address,
		PhoneTail: PhoneTail(e.phone), Lifetime: b.Lifetime, Year: b.Year, Spendable: b.Spendable, Here: b.Here, Vouchers: b.Vouchers, OnTheWay: b.OnTheWay, Debt: b.Debt,
		Created: e.created, Skills: e.skills,
	}
	if e.hasHousehold {
		r.Household = e.household.String()
	}
	return r
}

// Ask is a question for a page of people.
type Ask struct {
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
	Q      string `json:"q"`
	Grid   string `json:"grid"` // "" for all, NoGrid for those of none
	Sort   string `json:"sort"` // name, year, spendable, lifetime, created; "" = best match, then name
	Desc   bool   `json:"desc"`
}

// Page is a part of a list.
type Page struct {
	Total int         `json:"total"`
	Rows  []PersonRow `json:"rows"`
}

func (a Ask) check() error {
	if a.Offset < 0 || a.Limit < 0 || a.Limit > maxPage {
		return fault.New("call.page", "limit", maxPage)
	}
	if !slices.Contains([]string{"", "name", "year", "spendable", "lifetime", "created"}, a.Sort) {
		return fault.New("call.sort", "sort", a.Sort)
	}
	return nil
}

// List returns a page of the people who fit. Faults: call.page, call.sort.
func (p *People) List(ctx context.Context, a Ask) (Page, error) {
	if err := a.check(); err != nil {
		return Page{}, err
	}
	return p.list(ctx, a)
}

// All is List without the bound of a page, for the Excel file of what is shown.
func (p *People) All(ctx context.Context, a Ask) (Page, error) {
	a.Offset, a.Limit = 0, 1<<30
	return p.list(ctx, a)
}

func (p *People) list(ctx context.Context, a Ask) (Page, error) {
	d, err := p.current()
	if err != nil {
		return Page{}, err
	}
	ranked := d.ranked(a.Q, a.Grid)
	d.mu.Unlock()
	out := Page{Rows: []PersonRow{}}
	err = p.st.View(ctx, func(q store.Querier) error {
		found, err := p.arrange(q, a, ranked)
		if err != nil {
			return err
		}
		out.Total = len(found)
		from := min(a.Offset, len(found)) // before adding: an offset may be as large as int goes
		page := found[from:min(from+a.Limit, len(found))]
		out.Rows, err = p.rows(q, page)
		return err
	})
	return out, err
}

// arrange sorts by what was asked, the better matches before the others; the
// directory's own order is by name.
func (p *People) arrange(q store.Querier, a Ask, ranked [][]*entry) ([]*entry, error) {
	var by func(x, y *entry) int
	switch a.Sort {
	case "":
		return slices.Concat(ranked...), nil
	case "name":
		by = func(x, y *entry) int { return cmp.Compare(x.sortName(), y.sortName()) }
	case "created":
		by = func(x, y *entry) int { return cmp.Compare(x.created, y.created) }
	default:
		all, err := p.Bank.Balances(q, nil)
		if err != nil {
			return nil, err
		}
		of := map[string]func(ID) int64{
			"year":      func(id ID) int64 { return all[id].Year },
			"spendable": func(id ID) int64 { return all[id].Spendable },
			"lifetime":  func(id ID) int64 { return all[id].Lifetime },
		}[a.Sort]
		by = func(x, y *entry) int { return cmp.Compare(of(x.id), of(y.id)) }
	}
	if a.Desc {
		up := by
		by = func(x, y *entry) int { return up(y, x) }
	}
	for _, same := range ranked {
		slices.SortStableFunc(same, by)
	}
	return slices.Concat(ranked...), nil
}

func (p *People) rows(q store.Querier, list []*entry) ([]PersonRow, error) {
	ids := make([]ID, len(list))
	for i, e := range list {
		ids[i] = e.id
	}
	balances, err := p.Bank.Balances(q, ids)
	if err != nil {
		return nil, err
	}
	grids := p.gridNames()
	out := make([]PersonRow, len(list))
	for i, e := range list {
		b := balances[e.id]
		waits, err := p.waiting(q, e)
		if err != nil {
			return nil, err
		}
		for _, u := range waits {
			b.OnTheWay += u.points()
		}
		out[i] = e.row(grids, b)
	}
	return out, nil
}

func (p *People) gridNames() map[string]string {
	out := map[string]string{}
	for _, g := range p.charter.Settings().Grids {
		out[g.ID] = g.Name
	}
	return out
}

// Rows returns the persons by id, in that order; who is not readable here is
// left out.
func (p *People) Rows(ctx context.Context, ids []ID) ([]PersonRow, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	var list []*entry
	for _, id := range ids {
		if e := d.person(id); e != nil && e.visible() {
			list = append(list, e)
		}
	}
	d.mu.Unlock()
	var out []PersonRow
	err = p.st.View(ctx, func(q store.Querier) error {
		out, err = p.rows(q, list)
		return err
	})
	return out, err
}

// Brief is what other subjects show of a person beside their own things.
type Brief struct {
	ID                            ID
	Name, Masked, Code, PhoneTail string
	Grid, Usual                   string
	Phone, IDNumber               string // for matching and signing in, never for a list
	Generation                    int    // of the card
	Blocked                       bool   // the card
}

func (e *entry) brief(blocked bool) Brief {
	return Brief{
		ID: e.id, Name: e.name, Masked: Mask(e.name), Code: e.code, PhoneTail: PhoneTail(e.phone), Grid: e.grid, Usual: e.usual,
		Phone: e.phone, IDNumber: e.idNumber, Generation: e.card.Generation, Blocked: blocked,
	}
}

// Briefs returns the persons by id; who is not readable here is left out.
func (p *People) Briefs(ctx context.Context, ids ...ID) (map[ID]Brief, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	out := make(map[ID]Brief, len(ids))
	for _, id := range ids {
		if e := d.person(id); e != nil && e.visible() {
			out[id] = e.brief(d.blocks(e))
		}
	}
	return out, nil
}

// Known tells whether the person is registered here and not erased; a
// transaction sees its own.
func (p *People) Known(q store.Querier, id ID) (bool, error) {
	for _, one := range p.IDs(id) {
		err := p.here(q, one)
		if !errors.Is(err, fault.New("people.unknown")) {
			return err == nil, err
		}
	}
	return false, nil
}

// Named returns the persons with exactly this name, for pasted sign-up lists.
func (p *People) Named(ctx context.Context, name string) ([]Brief, error) {
	name, err := NormalName(name)
	if err != nil {
		return nil, err
	}
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	var out []Brief
	for _, e := range d.find(name, "") {
		if e.name == name {
			out = append(out, e.brief(d.blocks(e)))
		}
	}
	return out, nil
}

// GridCount is a grid with the number of people in it.
type GridCount struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	N    int    `json:"n"`
}

// Grids returns the community's grids with their people; those of no grid are
// counted under the empty id, last.
func (p *People) Grids(ctx context.Context) ([]GridCount, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for _, e := range d.sorted() {
		n[e.grid]++
	}
	d.mu.Unlock()
	out := []GridCount{}
	for _, g := range p.charter.Settings().Grids {
		out = append(out, GridCount{ID: g.ID, Name: g.Name, N: n[g.ID]})
		delete(n, g.ID)
	}
	rest := 0
	for _, k := range n {
		rest += k
	}
	if rest > 0 {
		out = append(out, GridCount{N: rest})
	}
	return out, nil
}

// Count returns how many people are readable here.
func (p *People) Count(ctx context.Context) (int, error) {
	d, err := p.current()
	if err != nil {
		return 0, err
	}
	defer d.mu.Unlock()
	return len(d.sorted()), nil
}

var _ store.Projector = (*People)(nil)
var _ store.Projector = (*govern.Charter)(nil)
