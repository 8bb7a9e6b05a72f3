package scheme

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
)

// Cells is a sheet as it was read: the texts of its rows, and which cells hold a
// formula or are joined with others. Rows and columns count from 0.
type Cells struct {
	Rows     [][]string
	Formulas map[[2]int]bool // row, column
	Merged   map[[2]int]Area // of every cell that is covered: the area that covers it
}

// Area is a rectangle of joined cells.
type Area struct{ Top, Left, Bottom, Right int }

// Row is a line of a workbook as it was understood.
type Row struct {
	Line     int               `json:"line"` // in the sheet, from 1
	Values   map[string]string `json:"values"`
	Item     Item              `json:"item"`
	Problems []Problem         `json:"problems"`
}

// Draft is a workbook as it was understood. It becomes a version only if nothing
// is wrong in it.
type Draft struct {
	Levels  string   `json:"levels"`
	Columns []string `json:"columns"`
	Rows    []Row    `json:"rows"`
	Good    int      `json:"good"`
	Bad     int      `json:"bad"`
}

// Items are the rules of the draft.
func (d Draft) Items() (out []Item) {
	for _, r := range d.Rows {
		out = append(out, r.Item)
	}
	return out
}

// headWithin is how many lines of title may stand above the headings.
const headWithin = 12

// maxRows bounds the lines of a workbook that are looked at: what has more is no
// rulebook.
const maxRows = 2 * MaxItems

// Read understands a workbook. now is the version in force: rules that stand there
// under the same name keep their code. Faults: scheme.empty, scheme.columns {missing},
// scheme.columns.double {name}, scheme.rows {max}. What is wrong in rows is said there, all at once.
func Read(c Cells, now Scheme) (Draft, error) {
	at, fields, err := heading(c.Rows)
	if err != nil {
		return Draft{}, err
	}
	if len(c.Rows)-at-1 > maxRows {
		return Draft{}, fault.New("scheme.rows", "max", maxRows)
	}
	r := reader{cells: c, fields: fields, codes: newCodes(now)}
	d := Draft{Levels: levelsOf(c.Rows[at], fields)}
	for n := at + 1; n < len(c.Rows); n++ {
		if row, ok := r.row(n); ok {
			d.Rows = append(d.Rows, row)
		}
	}
	if len(d.Rows) == 0 {
		return Draft{}, fault.New("scheme.empty")
	}
	if len(d.Rows) > MaxItems {
		return Draft{}, fault.New("scheme.large", "max", MaxItems)
	}
	for _, f := range Fields() {
		if _, ok := fields[f]; ok {
			d.Columns = append(d.Columns, f)
		}
	}
	r.codes.fill(d.Rows)
	r.doubles(d.Rows)
	for _, row := range d.Rows {
		if len(row.Problems) > 0 {
			d.Bad++
		}
	}
	d.Good = len(d.Rows) - d.Bad
	return d, nil
}

// heading finds the line with the headings, and which column holds which field.
func heading(rows [][]string) (line int, fields map[string]int, err error) {
	best := 0
	for n, cells := range rows[:min(len(rows), headWithin)] {
		found := map[string]int{}
		for x, cell := range cells {
			f, _ := fieldOf(cell)
			if f == "" {
				continue
			}
			if _, twice := found[f]; twice {
				err = fault.New("scheme.columns.double", "name", strings.TrimSpace(cell))
			}
			found[f] = x
		}
		if len(found) > best {
			line, fields, best = n, found, len(found)
		}
	}
	if len(rows) == 0 {
		return 0, nil, fault.New("scheme.empty")
	}
	var missing []string
	for _, f := range []string{"name", "points"} {
		if _, ok := fields[f]; !ok {
			missing = append(missing, Title(f))
		}
	}
	if len(missing) > 0 {
		return 0, nil, fault.New("scheme.columns", "missing", strings.Join(missing, "、"))
	}
	return line, fields, err
}

// levelsOf are the names that a rulebook gives its levels.
func levelsOf(head []string, fields map[string]int) string {
	name := func(f string) (string, bool) {
		x, ok := fields[f]
		if !ok {
			return "", false
		}
		return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(head[x]), "\n", ""), "/", ""), true
	}
	var out []string
	for _, f := range []string{"group", "sub", "name"} {
		if s, ok := name(f); ok {
			out = append(out, s)
		}
	}
	if len(out) < 2 {
		return ""
	}
	return strings.Join(out, "/")
}

type reader struct {
	cells      Cells
	fields     map[string]int
	group, sub string // of the line above
	codes      codes
}

// row reads one line; false for an empty one.
func (r *reader) row(n int) (Row, bool) {
	out := Row{Line: n + 1, Values: map[string]string{}, Problems: []Problem{}}
	empty := true
	for f, x := range r.fields {
		v := r.value(n, x, f)
		out.Values[f] = v
		if v != "" && f != "group" && f != "sub" {
			empty = false
		}
		r.foul(&out, n, x, f)
	}
	if empty {
		r.remember(out.Values)
		return Row{}, false
	}
	r.inherit(out.Values)
	out.Item = out.item()
	out.Item = out.Item.tidy()
	for _, p := range out.Item.problems() {
		if p.Column == "code" && out.Values["code"] == "" || slices.ContainsFunc(out.Problems, func(q Problem) bool { return q.Column == p.Column }) {
			continue
		}
		p.With = out.Values[p.Column]
		out.Problems = append(out.Problems, p)
	}
	slices.SortStableFunc(out.Problems, func(a, b Problem) int {
		return slices.Index(Fields(), a.Column) - slices.Index(Fields(), b.Column)
	})
	return out, true
}

// value is a cell's text; of joined cells of a group's column it is the first one's.
func (r *reader) value(n, x int, field string) string {
	if a, ok := r.cells.Merged[[2]int{n, x}]; ok && (field == "group" || field == "sub") && a.Left == a.Right {
		n = a.Top
	}
	if x >= len(r.cells.Rows[n]) {
		return ""
	}
	return strings.TrimSpace(r.cells.Rows[n][x])
}

// foul notes formulas, and cells that are joined where each line says something of
// its own.
func (r *reader) foul(out *Row, n, x int, field string) {
	if r.cells.Formulas[[2]int{n, x}] {
		out.Problems = append(out.Problems, Problem{Column: field, Code: "scheme.row.formula"})
		return
	}
	if a, ok := r.cells.Merged[[2]int{n, x}]; ok && (field != "group" && field != "sub" || a.Left != a.Right) {
		out.Problems = append(out.Problems, Problem{Column: field, Code: "scheme.row.merged"})
	}
}

// inherit gives a line without a group that of the line above, as rulebooks are
// written.
func (r *reader) inherit(v map[string]string) {
	if v["group"] == "" {
		v["group"] = r.group
		if v["sub"] == "" {
			v["sub"] = r.sub
		}
	} else if v["group"] == r.group && v["sub"] == "" {
		v["sub"] = r.sub
	}
	r.group, r.sub = v["group"], v["sub"]
}

// remember takes the group of a line that is nothing but the group's heading.
func (r *reader) remember(v map[string]string) {
	if v["group"] != "" {
		r.group, r.sub = v["group"], v["sub"]
	} else if v["sub"] != "" {
		r.sub = v["sub"]
	}
}

// item reads the values of a line, noting what can't be read.
func (r *Row) item() Item {
	v := r.Values
	i := Item{Code: v["code"], Group: v["group"], Sub: v["sub"], Name: v["name"], Unit: v["unit"], For: v["for"], Note: v["note"]}
	r.readPoints(&i)
	r.readKind(&i)
	i.Round = r.word("round", roundTitles, nil)
	for f, into := range map[string]*int64{
		"per": &i.Per, "harder": &i.Harder, "hardest": &i.Hardest, "dayCap": &i.DayCap, "weekCap": &i.WeekCap, "monthCap": &i.MonthCap,
		"yearCap": &i.YearCap, "notice": &i.Notice,
	} {
		*into = r.number(f)
	}
	if v["minutes"] != "" {
		i.Minutes = r.number("minutes")
	}
	r.readTimes(&i)
	for f, into := range map[string]*bool{"witness": &i.Witness, "review": &i.Review, "self": &i.Self, "lead": &i.Lead} {
		*into = r.yes(f)
	}
	return i
}

func (r *Row) bad(field, code string) {
	r.Problems = append(r.Problems, Problem{Column: field, Code: code, With: r.Values[field]})
}

// pointsForm is how points are written: 3, +3, -3分, 3分/次, 每半小时1分, 30分/次.
var pointsForm = regexp.MustCompile(`^(每半小时|每小时|每次|每件|每元)?([+\-－＋−]?)(\d{1,9})(?:\.0+)?(?:分|积分)?(?:[/／每](半小时|小时|次|件|元|天|年|户|人|节|篇|条))?$`)

func (r *Row) readPoints(i *Item) {
	text := strings.ReplaceAll(r.Values["points"], " ", "")
	m := pointsForm.FindStringSubmatch(text)
	if m == nil {
		if text != "" && r.clean("points") {
			r.bad("points", "scheme.row.points")
		}
		return
	}
	i.Points, _ = strconv.ParseInt(m[3], 10, 64) // nine digits at most
	i.Kind = Deed
	switch strings.TrimPrefix(m[1], "每") + m[4] {
	case "半小时":
		i.Kind, i.Minutes = Time, 30
	case "小时":
		i.Kind, i.Minutes = Time, 60
	case "件":
		i.Kind, i.Unit = Piece, "件"
	case "元":
		i.Kind, i.Unit = Donate, "元"
	}
	if strings.ContainsAny(m[2], "-－−") {
		i.Kind = Deduct
	}
}

// clean tells whether nothing was said of a field yet.
func (r *Row) clean(field string) bool {
	return !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Column == field })
}

func (r *Row) readKind(i *Item) {
	word := r.Values["kind"]
	if word == "" {
		return
	}
	kind := r.word("kind", kindTitles, kindAlso)
	if kind == "" {
		i.Kind = Deed // said already
		return
	}
	if i.Kind == Deduct && kind != Deduct {
		r.bad("points", "scheme.row.sign")
	}
	i.Kind = kind
}

// word reads a field that is one of a few words.
func (r *Row) word(field string, titles, also map[string]string) string {
	w := r.Values[field]
	if w == "" {
		return ""
	}
	if k, ok := titled(titles, w); ok {
		return k
	}
	if k, ok := also[w]; ok {
		return k
	}
	if slices.Contains(slices.Collect(keysOf(titles)), w) {
		return w
	}
	r.bad(field, "scheme.row.word")
	return ""
}

func keysOf(m map[string]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if k != "" && !yield(k) {
				return
			}
		}
	}
}

// numberForm is a whole number, maybe with a unit behind it or as Excel writes it.
var numberForm = regexp.MustCompile(`^(\d{1,9})(?:\.0+)?(?:分|分钟|天|%|日|个|元|件)?$`)

func (r *Row) number(field string) int64 {
	text := strings.ReplaceAll(r.Values[field], " ", "")
	if text == "" || text == "无" || text == "不限" || text == "—" || text == "-" {
		return 0
	}
	m := numberForm.FindStringSubmatch(text)
	if m == nil {
		if r.clean(field) {
			r.bad(field, "scheme.row.number")
		}
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}

var timesForm = regexp.MustCompile(`^(?:每(天|日|周|月|年))?最?多?(\d{1,4})次?$`)

func (r *Row) readTimes(i *Item) {
	text := strings.ReplaceAll(r.Values["times"], " ", "")
	if text == "" {
		return
	}
	m := timesForm.FindStringSubmatch(text)
	if m == nil || m[1] == "" {
		r.bad("times", "scheme.row.times")
		return
	}
	i.Times, _ = strconv.ParseInt(m[2], 10, 64)
	i.Span = map[string]string{"天": Daily, "日": Daily, "周": Weekly, "月": Monthly, "年": Yearly}[m[1]]
	if r.Values["kind"] == "" && i.Kind == Deed {
		i.Kind = Often
	}
}

func (r *Row) yes(field string) bool {
	switch strings.ToLower(r.Values[field]) {
	case "", "否", "不", "不用", "无", "no", "n", "0", "×", "x":
		return false
	case "是", "需", "要", "需要", "有", "可", "yes", "y", "1", "√", "✓":
		return true
	}
	r.bad(field, "scheme.row.yes")
	return false
}

// doubles notes codes and names that stand twice.
func (r *reader) doubles(rows []Row) {
	codes, names := map[string]int{}, map[string]int{}
	for n := range rows {
		row := &rows[n]
		if line, twice := codes[row.Item.Code]; twice && row.Item.Code != "" {
			row.Problems = append(row.Problems, Problem{Column: "code", Code: "scheme.row.code", With: fmt.Sprint(line)})
		}
		key := row.Item.Group + "\x00" + row.Item.Sub + "\x00" + row.Item.Name
		if line, twice := names[key]; twice && row.Item.Name != "" {
			row.Problems = append(row.Problems, Problem{Column: "name", Code: "scheme.row.name", With: fmt.Sprint(line)})
		}
		codes[row.Item.Code], names[key] = row.Line, row.Line
	}
}
