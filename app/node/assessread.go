package node

import (
	"slices"
	"strconv"
	"strings"

	"jishan/app/assess"
	"jishan/app/fault"
	"jishan/app/scheme"
	"jishan/app/sheet"
)

// headWithin is in how many lines the headings of a workbook are looked for.
const headWithin = 20

// scoreReader reads a workbook by the headings of a round.
type scoreReader struct {
	cells  scheme.Cells
	round  roundReply
	head   int            // line of the headings, from 0
	column map[string]int // by heading of a household's columns
	items  []int          // column of each item, -1 for none
	lost   []string       // headings that are none
}

// newScoreReader finds the headings: the line that names households and at least one item.
func newScoreReader(cells scheme.Cells, round roundReply) (*scoreReader, error) {
	for n, row := range cells.Rows[:min(len(cells.Rows), headWithin)] {
		s := &scoreReader{cells: cells, round: round, head: n, column: map[string]int{}, items: slices.Repeat([]int{-1}, len(round.Items))}
		found, err := s.headings(row)
		if found || err != nil {
			return s, err
		}
	}
	return nil, fault.New("assess.sheet.columns")
}

// headings reads a line of headings; false for a line that is none. Fault:
// assess.sheet.column{column} for one that is there twice.
func (s *scoreReader) headings(row []string) (bool, error) {
	items, twice := 0, ""
	for x, title := range row {
		title = strings.Join(strings.Fields(title), " ")
		i := slices.IndexFunc(s.round.Items, func(i roundItem) bool {
			code, _, _ := strings.Cut(title, " ")
			return title != "" && (code == i.Code || title == i.Name)
		})
		_, known := s.column[title]
		switch {
		case title == "" || title == "错误原因":
		case i >= 0:
			if s.items[i] >= 0 {
				twice = title
			}
			s.items[i] = x
			items++
		case slices.Contains([]string{sheet.ScoreHome, sheet.ScoreHead, sheet.ScoreGrid, sheet.ScoreAddress}, title):
			if known {
				twice = title
			}
			s.column[title] = x
		default:
			s.lost = append(s.lost, title)
		}
	}
	_, byID := s.column[sheet.ScoreHome]
	_, byHead := s.column[sheet.ScoreHead]
	found := items > 0 && (byID || byHead)
	if found && twice != "" {
		return true, fault.New("assess.sheet.column", "column", twice)
	}
	return found, nil
}

func (s *scoreReader) text(line int, title string) string {
	if x, ok := s.column[title]; ok {
		return s.at(line, x)
	}
	return ""
}

func (s *scoreReader) at(line, x int) string {
	if row := s.cells.Rows[line]; x >= 0 && x < len(row) {
		return row[x]
	}
	return ""
}

// read goes through all lines.
func (s *scoreReader) read() (out scorePreview, d scoreDraft) {
	out = scorePreview{Lines: []scoreLine{}, Missing: []string{}, Unknown: append([]string{}, s.lost...)}
	d = scoreDraft{title: s.round.Title, cells: scoreRequest{ID: s.round.ID}}
	for i, item := range s.round.Items {
		if s.items[i] < 0 {
			out.Missing = append(out.Missing, item.Name)
		} else {
			d.items = append(d.items, itemHeading(item))
		}
	}
	seen := map[string]int{}
	for n := s.head + 1; n < len(s.cells.Rows); n++ {
		if len(s.cells.Rows[n]) == 0 {
			continue
		}
		line, row := s.line(n, seen)
		d.rows = append(d.rows, row)
		for _, c := range line.Changes {
			d.cells.Cells = append(d.cells.Cells, scoreCell{line.Home, c.Item, c.After})
		}
		out.Changes += len(line.Changes)
		switch {
		case len(line.Problems) > 0:
			out.Bad++
			out.Lines = append(out.Lines, line)
		case len(line.Changes) > 0:
			out.Lines = append(out.Lines, line)
		default:
			out.Same++
		}
	}
	d.bad = out.Bad
	return out, d
}

// line reads one household's line.
func (s *scoreReader) line(n int, seen map[string]int) (scoreLine, sheet.ScoreRow) {
	row := sheet.ScoreRow{Home: s.text(n, sheet.ScoreHome), Head: s.text(n, sheet.ScoreHead), Grid: s.text(n, sheet.ScoreGrid), Address: s.text(n, sheet.ScoreAddress)}
	out := scoreLine{Line: n + 1, Name: row.Head, Masked: row.Head, Address: row.Address, Changes: []scoreChange{}, Problems: []sheet.ScoreProblem{}}
	home, problem := s.home(row)
	if problem != "" {
		out.Problems = append(out.Problems, sheet.ScoreProblem{Code: problem})
	} else {
		out.Home, out.Name, out.Masked, out.Address = home.ID, home.Name, home.Masked, home.Address
		if first := seen[home.ID]; first > 0 {
			out.Problems = append(out.Problems, sheet.ScoreProblem{Code: "double", With: strconv.Itoa(first)})
		} else {
			seen[home.ID] = n + 1
		}
	}
	for i, x := range s.items {
		if x < 0 {
			continue
		}
		typed := s.at(n, x)
		row.Scores = append(row.Scores, typed)
		after, problem := s.score(n, x, s.round.Items[i])
		switch {
		case problem.Code != "":
			problem.Column = itemHeading(s.round.Items[i])
			out.Problems = append(out.Problems, problem)
		case typed != "" && home != nil:
			before := s.before(home, i)
			if len(before) == 1 && before[0] == after || len(before) == 0 && after == assess.Blank {
				continue
			}
			out.Changes = append(out.Changes, scoreChange{s.round.Items[i].Code, before, after})
		}
	}
	row.Problems = out.Problems
	return out, row
}

// home finds a household: by its number, or by who stands for it and the address.
func (s *scoreReader) home(row sheet.ScoreRow) (found *roundHome, problem string) {
	for i := range s.round.Homes {
		h := &s.round.Homes[i]
		if row.Home != "" {
			if h.ID == strings.ToLower(row.Home) {
				return h, ""
			}
			continue
		}
		if row.Head == "" || h.Name != row.Head || row.Address != "" && h.Address != row.Address {
			continue
		}
		if found != nil {
			return nil, "several"
		}
		found = h
	}
	if found == nil {
		return nil, "home"
	}
	return found, ""
}

// score reads a cell: an empty one says nothing.
func (s *scoreReader) score(n, x int, item roundItem) (int64, sheet.ScoreProblem) {
	typed, at := s.at(n, x), [2]int{n, x}
	_, merged := s.cells.Merged[at]
	switch {
	case merged:
		return 0, sheet.ScoreProblem{Code: "merged"}
	case s.cells.Formulas[at]:
		return 0, sheet.ScoreProblem{Code: "formula"}
	case typed == "":
		return 0, sheet.ScoreProblem{}
	case slices.Contains([]string{sheet.ScoreBlank, "－", "—", "–"}, typed):
		return assess.Blank, sheet.ScoreProblem{}
	}
	v, err := strconv.ParseInt(strings.Map(plainDigit, typed), 10, 64)
	switch {
	case err != nil || v < 0:
		return 0, sheet.ScoreProblem{Code: "number", With: clip(typed, 20), Max: item.Most}
	case v > item.Most:
		return 0, sheet.ScoreProblem{Code: "most", With: clip(typed, 20), Max: item.Most}
	}
	return v, sheet.ScoreProblem{}
}

// plainDigit brings full-width digits into the plain form.
func plainDigit(r rune) rune {
	if r >= '０' && r <= '９' {
		return r - '０' + '0'
	}
	return r
}

// before are the scores that stand in a cell.
func (s *scoreReader) before(h *roundHome, i int) []int64 {
	out := []int64{}
	for _, r := range h.Rivals {
		if r.Item == s.round.Items[i].Code {
			out = append(out, r.N)
		}
	}
	if len(out) == 0 && h.Scores[i] >= 0 {
		out = append(out, h.Scores[i])
	}
	return out
}
