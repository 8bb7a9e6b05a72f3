package people

import (
	"context"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
)

// Limits of a roster.
const (
	maxRosterRows  = 20_000 // a large community at once
	maxRosterBytes = 8 << 20
	maxPreviews    = 4 // rosters looked at and not yet imported
	headerRows     = 5 // titles above the header are looked over
)

// RosterError is what is wrong in one cell.
type RosterError struct {
	Column string         `json:"column"`
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
}

// RosterRow is one line of a roster as it was understood.
type RosterRow struct {
	Line   int               `json:"line"` // in the pasted text or sheet, from 1
	Values map[string]string `json:"values"`
	Errors []RosterError     `json:"errors"`
	Notes  []RosterError     `json:"notes"`  // worth a look, imported all the same
	Double string            `json:"double"` // id of the person who is registered already

	person  NewPerson
	opening Opening
	opens   bool
	home    ID // of who is registered already: the household, zero for none
	joins   ID // the household of a registered person whom the sheet puts into one with this row
}

// RosterPreview is a roster before it is imported, with all its errors.
type RosterPreview struct {
	Token   string      `json:"token"`
	Columns []string    `json:"columns"` // in the order of the sheet; "" for one that is left out
	Rows    []RosterRow `json:"rows"`
	Good    int         `json:"good"` // will be imported
	Bad     int         `json:"bad"`
	Doubles int         `json:"doubles"` // registered already: left as they are
	Points  Brought     `json:"points"`  // that the import gives
}

// Brought is what an import gives: who brings no points along gets the points
// of a registration.
type Brought struct {
	Each    int64 `json:"each"`    // of a registration
	People  int   `json:"people"`  // who get them
	Opened  int   `json:"opened"`  // who bring points along instead
	Opening int64 `json:"opening"` // what those can spend, together
}

func (b *Brought) add(r RosterRow) {
	if r.opens {
		b.Opened++
		b.Opening += r.opening.Spendable
		return
	}
	b.People++
}

type preview struct {
	RosterPreview
	newGrids []string // to be made: the community has none yet
}

// PreviewText reads a pasted roster: columns separated by tabs (as Excel
// copies them), commas or spaces. Faults: people.roster.empty,
// people.roster.large{limit}, people.roster.columns.
func (p *People) PreviewText(ctx context.Context, text string) (RosterPreview, error) {
	if len(text) > maxRosterBytes {
		return RosterPreview{}, fault.New("people.roster.large", "limit", maxRosterRows)
	}
	return p.Preview(ctx, splitTable(text))
}

// Preview reads a roster from the cells of a sheet. Every row is checked, and
// all errors are shown at once. Faults as PreviewText.
func (p *People) Preview(ctx context.Context, cells [][]string) (RosterPreview, error) {
	columns, first := findHeader(cells)
	if columns == nil {
		columns, first = guessColumns(cells), 0
	}
	if !slices.Contains(columns, "name") {
		if slices.IndexFunc(cells, func(r []string) bool { return !blank(r) }) < 0 {
			return RosterPreview{}, fault.New("people.roster.empty")
		}
		return RosterPreview{}, fault.New("people.roster.columns")
	}
	r := reader{p: p, columns: columns, seen: map[string]int{}, phones: map[string]int{}, settings: p.charter.Settings()}
	r.out.Columns, r.out.Points.Each = columns, r.settings.Bonus
	d, err := p.current()
	if err != nil {
		return RosterPreview{}, err
	}
	defer d.mu.Unlock()
	r.registered = d.phones()
	for i, row := range cells[first:] {
		if blank(row) {
			continue
		}
		if len(r.out.Rows) >= maxRosterRows {
			return RosterPreview{}, fault.New("people.roster.large", "limit", maxRosterRows)
		}
		r.row(d, first+i+1, row)
	}
	if len(r.out.Rows) == 0 {
		return RosterPreview{}, fault.New("people.roster.empty")
	}
	r.homes()
	return p.keepPreview(&r.out)
}

// reader turns rows into persons.
type reader struct {
	p        *People
	columns  []string
	settings govern.Settings
	seen     map[string]int // identity -> line
	phones   map[string]int // phone -> line
	out      preview

	registered map[string]string // phone -> masked name
}

// phones are the phones of those who are registered, with a masked name each.
func (d *directory) phones() map[string]string {
	out := map[string]string{}
	for _, e := range d.people {
		if e.visible() && e.phone != "" {
			out[e.phone] = Mask(e.name)
		}
	}
	return out
}

// shared notes a phone that somebody else has, too: families share one, and
// so do slips of the hand.
func (r *reader) shared(row *RosterRow) {
	phone := row.person.Phone
	if phone == "" || row.Double != "" || row.repeats() {
		return
	}
	if line, ok := r.phones[phone]; ok {
		row.Notes = append(row.Notes, RosterError{Column: "phone", Code: "people.roster.phone", Params: map[string]any{"line": line}})
	} else if name, ok := r.registered[phone]; ok {
		row.Notes = append(row.Notes, RosterError{Column: "phone", Code: "people.roster.phoneKnown", Params: map[string]any{"name": name}})
	}
	if _, ok := r.phones[phone]; !ok {
		r.phones[phone] = row.Line
	}
}

func (r *reader) row(d *directory, line int, cells []string) {
	row := RosterRow{Line: line, Values: map[string]string{}, Errors: []RosterError{}, Notes: []RosterError{}}
	for j, col := range r.columns {
		if col != "" && j < len(cells) {
			row.Values[col] = fold(cells[j])
			if col == "name" { // a break inside a name is refused, not smoothed over
				row.Values[col] = strings.TrimSpace(cells[j])
			}
		}
	}
	if len(cells) > len(r.columns) && !blank(cells[len(r.columns):]) {
		row.fail("name", fault.New("people.roster.cells", "have", len(cells), "need", len(r.columns)))
	}
	r.fields(&row)
	if len(row.Errors) == 0 {
		r.doubles(d, &row)
	}
	r.shared(&row)
	switch {
	case row.Double != "":
		r.out.Doubles++
	case len(row.Errors) > 0:
		r.out.Bad++
	default:
		r.out.Good++
		r.out.Points.add(row)
	}
	r.out.Rows = append(r.out.Rows, row)
}

// homes puts new people into the household of who is registered already and stands in one
// with them in the sheet. Whoever is registered and in none is left as he is: that is said.
func (r *reader) homes() {
	known, alone := map[string]ID{}, map[string]string{}
	for _, row := range r.out.Rows {
		name := row.Values["household"]
		switch {
		case row.Double == "" || name == "":
		case row.home != ID{}:
			known[name] = row.home
		default:
			alone[name] = Mask(row.person.Name)
		}
	}
	for i := range r.out.Rows {
		row := &r.out.Rows[i]
		name := row.Values["household"]
		if row.Double != "" || len(row.Errors) > 0 || name == "" {
			continue
		}
		if row.joins = known[name]; row.joins == (ID{}) && alone[name] != "" {
			row.Notes = append(row.Notes, RosterError{Column: "household", Code: "people.roster.home", Params: map[string]any{"name": alone[name]}})
		}
	}
}

// repeats tells that the row is a person of an earlier row: that it has the same
// phone is no news then.
func (row *RosterRow) repeats() bool {
	return slices.ContainsFunc(row.Errors, func(e RosterError) bool { return e.Code == "people.roster.double" })
}

func (row *RosterRow) fail(column string, err error) {
	f := fault.Of(err)
	row.Errors = append(row.Errors, RosterError{Column: column, Code: f.Code, Params: f.Params})
}

// fields checks every cell by itself, so that all errors show.
func (r *reader) fields(row *RosterRow) {
	n := &row.person
	for _, f := range []struct {
		column string
		into   *string
		normal func(string) (string, error)
	}{
		{"name", &n.Name, NormalName},
		{"phone", &n.Phone, NormalPhone},
		{"idNumber", &n.IDNumber, idNumberCell},
		{"birthday", &n.Birthday, func(s string) (string, error) { return NormalBirthday(s, r.p.now()) }},
		{"address", &n.Address, func(s string) (string, error) { return normalText("address", s, maxAddressRunes) }},
		{"skills", &n.Skills, func(s string) (string, error) { return normalText("skills", s, maxAddressRunes) }},
		{"guardian", &n.Guardian, func(s string) (string, error) { return normalText("guardian", s, maxShortRunes) }},
		{"note", &n.Note, func(s string) (string, error) { return normalText("note", s, maxNoteRunes) }},
		{"grid", &n.Grid, r.grid},
	} {
		v, err := f.normal(row.Values[f.column])
		if err != nil {
			row.fail(f.column, err)
			continue
		}
		*f.into = v
	}
	r.points(row)
	if err := n.reachable(); err != nil && len(row.Errors) == 0 {
		row.fail("phone", err)
	}
}

// lost matches what Excel makes of a long number in a cell that is not text:
// the last digits are gone for good.
var lost = regexp.MustCompile(`^[0-9](\.[0-9]+)?[Ee]\+[0-9]+$|^[0-9]{15}000$`)

func idNumberCell(s string) (string, error) {
	v, err := NormalIDNumber(s)
	if err != nil && lost.MatchString(strings.TrimSpace(s)) {
		return "", fault.New("people.idNumber.bad", "reason", "lost")
	}
	return v, err
}

// grid returns the id of a grid by its name or id. A community without grids
// gets those of its first roster.
func (r *reader) grid(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	for _, g := range r.settings.Grids {
		if g.Name == name || g.ID == name {
			return g.ID, nil
		}
	}
	if len(r.settings.Grids) > 0 || !r.p.registrar() {
		return "", fault.New("people.grid.unknown", "grid", name)
	}
	i := slices.Index(r.out.newGrids, name)
	if i < 0 {
		r.out.newGrids = append(r.out.newGrids, name)
		i = len(r.out.newGrids) - 1
	}
	return gridID(i), nil
}

func gridID(i int) string { return "g" + strconv.Itoa(i+1) }

func (r *reader) points(row *RosterRow) {
	for _, f := range []struct {
		column string
		into   *int64
	}{{"lifetime", &row.opening.Lifetime}, {"year", &row.opening.Year}, {"spendable", &row.opening.Spendable}} {
		s := strings.TrimSuffix(strings.ReplaceAll(row.Values[f.column], ",", ""), ".0") // Excel's way of writing a whole number
		if s == "" {
			continue
		}
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil || v < 0 || v > maxOpening {
			row.fail(f.column, fault.New("people.points.bad", "max", maxOpening))
			continue
		}
		*f.into, row.opens = v, true
	}
	o, err := row.opening.normal()
	if err != nil {
		row.fail("lifetime", err)
		return
	}
	if o.Lifetime != row.opening.Lifetime {
		row.Values["lifetime"] = strconv.FormatInt(o.Lifetime, 10) // the preview shows what will be booked
	}
	row.opening = o
}

// doubles finds the same person further up in the roster, or registered.
func (r *reader) doubles(d *directory, row *RosterRow) {
	n := row.person
	if e := d.same(n); e != nil {
		row.Double, row.home = e.id.String(), e.household
		return
	}
	if n.IDNumber == "" && n.Phone == "" {
		for _, e := range d.find(n.Name, "") {
			if e.name == n.Name && e.address == n.Address {
				row.Double, row.home = e.id.String(), e.household
				return
			}
		}
	}
	keys := []string{"a" + n.Name + "\x00" + n.Address}
	if n.IDNumber != "" || n.Phone != "" {
		keys = []string{known(n.Name, n.Phone, n.IDNumber)}
	}
	if n.IDNumber != "" && n.Phone != "" {
		keys = append(keys, known(n.Name, n.Phone, ""))
	}
	for _, k := range keys {
		if line, ok := r.seen[k]; ok {
			row.fail("name", fault.New("people.roster.double", "line", line))
			return
		}
	}
	for _, k := range keys {
		r.seen[k] = row.Line
	}
}

// keepPreview remembers a preview under a new token; the oldest leaves.
func (p *People) keepPreview(v *preview) (RosterPreview, error) {
	var id ID
	if _, err := io.ReadFull(p.Rand, id[:]); err != nil {
		return RosterPreview{}, err
	}
	v.Token = id.String()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.previews[v.Token] = v
	p.tokens = append(p.tokens, v.Token)
	if len(p.tokens) > maxPreviews {
		delete(p.previews, p.tokens[0])
		p.tokens = p.tokens[1:]
	}
	return v.RosterPreview, nil
}

// Roster returns a preview again, for its error sheet. Fault:
// people.roster.token.
func (p *People) Roster(token string) (RosterPreview, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.previews[token]
	if !ok {
		return RosterPreview{}, fault.New("people.roster.token")
	}
	return v.RosterPreview, nil
}
