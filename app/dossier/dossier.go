// Package dossier writes everything that a community keeps about one person into
// one file: a page that a resident can read and print, with the same contents as
// data inside, for a program.
//
// It knows sections, columns and how they are printed. It must never know where
// the contents come from, nor leave anything out that it was given.
// Start reading at [Dossier], then [Dossier.Page].
package dossier

import (
	"bytes"
	_ "embed" // the page
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"jishan/app/zone"
)

// Format names the data inside the page; a new number comes with a new meaning.
const Format = "jishan-person-1"

// Kind says how a column's values are written.
type Kind uint8

// The kinds of columns.
const (
	Text    Kind = iota // string
	Number              // int64, as it is
	Signed              // int64 with its sign: points that came and went
	Day                 // int64, milliseconds UTC, shown as a day in China's time; 0 is empty
	Moment              // the same, shown with hour and minute
	Picture             // []byte, a JPEG; nil where it is not here
)

// Column is one column of a section.
type Column struct {
	Key   string // its name in the data: a lower-case word
	Title string
	Kind  Kind
}

// Section is one subject: a table of what is kept. Values are string, int64 or []byte
// as their columns say, as many as there are columns.
type Section struct {
	Key     string // its name in the data
	Title   string
	About   string // what the table shows and why it is kept, "" for nothing to say
	Columns []Column
	Rows    [][]any
}

// fewColumns fit on a page whatever they hold.
const fewColumns = 5

// Shown is the section as it is printed: without the columns in which no row says
// anything, where there are many. The data has them all.
func (s Section) Shown() Section {
	if len(s.Columns) <= fewColumns {
		return s
	}
	out := s
	out.Columns, out.Rows = nil, make([][]any, len(s.Rows))
	for i, c := range s.Columns {
		if !slices.ContainsFunc(s.Rows, func(row []any) bool { return said(row[i]) }) {
			continue
		}
		out.Columns = append(out.Columns, c)
		for n, row := range s.Rows {
			out.Rows[n] = append(out.Rows[n], row[i])
		}
	}
	return out
}

// said tells whether a value says anything.
func said(v any) bool {
	b, picture := v.([]byte)
	return picture && len(b) > 0 || !picture && v != "" && v != int64(0)
}

// Dossier is all that is kept of one person.
type Dossier struct {
	Community string
	Name      string
	Code      string // of the card
	At        int64  // when it was made, milliseconds UTC
	By        string // who made it
	Device    string // where
	Sections  []Section
}

//go:embed dossier.html
var pageText string

var page = template.Must(template.New("dossier").Funcs(template.FuncMap{"moment": moment, "cell": cell, "right": right, "picture": picture}).Parse(pageText))

// Page makes the file.
func (d Dossier) Page() ([]byte, error) {
	data, err := d.data()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = page.Execute(&b, struct {
		Dossier
		Data template.JS
	}{d, data})
	return b.Bytes(), err
}

// field is one value of a row in the data.
type field struct {
	key   string
	value any
}

// record is a row in the data: an object whose keys stand in the columns' order.
type record []field

// MarshalJSON implements json.Marshaler.
func (r record) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, f := range r {
		if i > 0 {
			out = append(out, ',')
		}
		v, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		out = append(append(strconv.AppendQuote(out, f.key), ':'), v...)
	}
	return append(out, '}'), nil
}

// data is the page's contents for a program. encoding/json writes <, > and & as
// escapes, so nothing that was typed can end the script element.
func (d Dossier) data() (template.JS, error) {
	sections := record{}
	for _, s := range d.Sections {
		rows := []record{}
		for _, values := range s.Rows {
			if len(values) != len(s.Columns) {
				return "", fmt.Errorf("dossier: %s has %d columns and a row of %d", s.Key, len(s.Columns), len(values))
			}
			row := record{}
			for i, v := range values {
				row = append(row, field{s.Columns[i].Key, v})
			}
			rows = append(rows, row)
		}
		sections = append(sections, field{s.Key, rows})
	}
	out, err := json.Marshal(record{{"format", Format}, {"community", d.Community}, {"name", d.Name}, {"code", d.Code}, {"madeAt", d.At}, {"madeBy", d.By}, {"madeOn", d.Device}, {"sections", sections}})
	return template.JS(out), err
}

func moment(ms int64) string { return zone.In(ms).Format("2006-01-02 15:04") }

// cell is a value as it is printed.
func cell(k Kind, v any) string {
	n, isNumber := v.(int64)
	switch {
	case k == Picture:
		return ""
	case !isNumber:
		return fmt.Sprint(v)
	case k == Signed && n > 0:
		return "+" + strconv.FormatInt(n, 10)
	case k == Signed && n < 0:
		return "−" + strconv.FormatInt(-n, 10)
	case (k == Day || k == Moment) && n == 0:
		return ""
	case k == Day:
		return zone.Day(n)
	case k == Moment:
		return moment(n)
	}
	return strconv.FormatInt(n, 10)
}

// picture is a JPEG as an image's address, "" for none: it is made here, so nothing that
// was typed is in it.
func picture(k Kind, v any) template.URL {
	b, ok := v.([]byte)
	if k != Picture || !ok || len(b) == 0 {
		return ""
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b))
}

func right(k Kind) bool { return k == Number || k == Signed }
