// Package ready holds rulebooks that a community can begin with, in the manner
// of those that newspapers reported. Each is a sheet like one that a clerk
// pastes: it is read by the same rules, looked at, changed and saved as the
// community's own. What its column 出处 names stands in the report of that row
// of docs/reported-systems.md; the other items, and points that no report
// gives, are suggestions.
//
// The package must never know which rulebook is in force, nor save one.
package ready

import (
	"embed"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/scheme"
)

//go:embed *.tsv
var files embed.FS

// ids are the books in the order in which they are offered.
var ids = []string{"tangshan", "taiyuan", "changchun", "zhenlai", "tongyu", "wuning", "ruijin", "bengbu", "bozhou", "jingde"}

// source is the heading of the column that names the row of the report.
const source = "出处"

// Book is what is said of a rulebook before it is chosen.
type Book struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	About    string `json:"about"`
	Items    int    `json:"items"`
	Groups   int    `json:"groups"`
	Reported int    `json:"reported"` // items that a report names
}

// List tells of all books. An error means that the program was built wrong.
func List() (out []Book, err error) {
	for _, id := range ids {
		b, _, err := load(id, scheme.Scheme{})
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// Read understands a book as [scheme.Read] understands a sheet. Fault:
// scheme.ready.unknown.
func Read(id string, now scheme.Scheme) (scheme.Draft, error) {
	if !slices.Contains(ids, id) {
		return scheme.Draft{}, fault.New("scheme.ready.unknown")
	}
	_, d, err := load(id, now)
	return d, err
}

func load(id string, now scheme.Scheme) (b Book, d scheme.Draft, err error) {
	cells, err := cells(id)
	if err != nil {
		return b, d, err
	}
	if d, err = scheme.Read(scheme.Cells{Rows: cells}, now); err != nil {
		return b, d, err
	}
	b = Book{ID: id, Title: cells[0][0], About: cells[1][0], Items: len(d.Rows)}
	groups := map[string]bool{}
	for _, r := range d.Rows {
		groups[r.Item.Group] = true
		if reported(cells, r.Line) != "" {
			b.Reported++
		}
	}
	b.Groups = len(groups)
	return b, d, nil
}

// cells reads a file: its title, what is said of it, the headings, the rules.
func cells(id string) (out [][]string, err error) {
	text, err := files.ReadFile(id + ".tsv")
	for line := range strings.Lines(string(text)) {
		out = append(out, strings.Split(strings.TrimRight(line, "\n"), "\t"))
	}
	return out, err
}

// reported names the rows of the reports that a line stands in, "" for none.
func reported(cells [][]string, line int) string {
	x := slices.Index(cells[2], source)
	if row := cells[line-1]; x >= 0 && x < len(row) {
		return row[x]
	}
	return ""
}
