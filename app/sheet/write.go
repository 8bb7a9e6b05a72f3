package sheet

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"jishan/app/zone"
)

// headerRow is how high the row of column titles is, in points.
const headerRow = 22

// WriteTable writes a workbook with one table.
func WriteTable(w io.Writer, title string, columns []Column, rows [][]any) error {
	return Write(w, Table{Name: title, Title: title, Columns: columns, Rows: rows})
}

// Write writes a workbook with a sheet for each table, in order. Rows are
// streamed, so 100,000 of them need little memory.
func Write(w io.Writer, tables ...Table) (err error) {
	f := excelize.NewFile()
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = cerr
		}
	}()
	look, err := newStyles(f)
	if err != nil {
		return err
	}
	for i, t := range tables {
		if err := addSheet(f, look, i, t); err != nil {
			return err
		}
	}
	return f.Write(w)
}

// styles are the cell formats of a workbook.
type styles struct {
	title, head int
	kind        [5]int
}

func newStyles(f *excelize.File) (s styles, err error) {
	line := []excelize.Border{{Type: "bottom", Color: "C9C2B4", Style: 1}}
	text, day, moment := "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
	number, money := "#,##0", "#,##0.00"
	for _, d := range []struct {
		id    *int
		style *excelize.Style
	}{
		{&s.title, &excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}}},
		{&s.head, &excelize.Style{
			Font: &excelize.Font{Bold: true}, Border: line,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F1EDE4"}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		}},
		{&s.kind[Text], &excelize.Style{CustomNumFmt: &text}},
		{&s.kind[Number], &excelize.Style{CustomNumFmt: &number}},
		{&s.kind[Day], &excelize.Style{CustomNumFmt: &day}},
		{&s.kind[Moment], &excelize.Style{CustomNumFmt: &moment}},
		{&s.kind[Money], &excelize.Style{CustomNumFmt: &money}},
	} {
		if *d.id, err = f.NewStyle(d.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// addSheet writes table t as the workbook's sheet number i.
func addSheet(f *excelize.File, look styles, i int, t Table) error {
	name := tabName(f, t.Name)
	var err error
	if i == 0 {
		err = f.SetSheetName(f.GetSheetName(0), name)
	} else {
		_, err = f.NewSheet(name)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Kind == Money }) {
		return addCells(f, look, name, t)
	}
	sw, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := layOut(sw, t); err != nil {
		return err
	}
	row, err := addHead(sw, look, t)
	if err != nil {
		return err
	}
	for _, values := range t.Rows {
		if err := addRow(sw, look, row, t.Columns, values); err != nil {
			return err
		}
		row++
	}
	return sw.Flush()
}

// widths are the columns' default widths by kind, in characters.
var widths = [5]float64{16, 10, 12, 17, 14}

// layOut sets widths and freezes what stands above the rows.
func layOut(sw *excelize.StreamWriter, t Table) error {
	for i, c := range t.Columns {
		width := c.Width
		if width == 0 {
			width = widths[c.Kind]
		}
		if err := sw.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	split := 1
	if t.Title != "" {
		split = 2
	}
	return sw.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: split, TopLeftCell: fmt.Sprintf("A%d", split+1), ActivePane: "bottomLeft",
	})
}

// addHead writes the title line and the column titles; it returns the number of
// the first row below them.
func addHead(sw *excelize.StreamWriter, look styles, t Table) (int, error) {
	row := 1
	if t.Title != "" {
		err := sw.SetRow("A1", []any{excelize.Cell{StyleID: look.title, Value: guard(t.Title)}})
		if err != nil {
			return 0, err
		}
		row++
	}
	head := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = excelize.Cell{StyleID: look.head, Value: guard(c.Title)}
	}
	return row + 1, sw.SetRow(fmt.Sprintf("A%d", row), head, excelize.RowOpts{Height: headerRow})
}

func addRow(sw *excelize.StreamWriter, look styles, row int, columns []Column, values []any) error {
	cells := make([]any, 0, len(values))
	for i, v := range values {
		if i == len(columns) {
			return fmt.Errorf("sheet: row %d has more values than columns", row)
		}
		cells = append(cells, excelize.Cell{StyleID: look.kind[columns[i].Kind], Value: cellValue(columns[i].Kind, v)})
	}
	return sw.SetRow(fmt.Sprintf("A%d", row), cells)
}

// cellValue turns v into what Excel stores: numbers as numbers, times as dates
// in China's time, everything else as guarded text.
func cellValue(k Kind, v any) any {
	var n int64
	switch x := v.(type) {
	case nil:
		return nil
	case string:
		return guard(x)
	case int:
		n = int64(x)
	case int64:
		n = x
	default:
		return guard(fmt.Sprint(x))
	}
	switch k {
	case Text:
		return fmt.Sprint(n)
	case Day, Moment:
		if n == 0 {
			return nil
		}
		return wallClock(n)
	}
	return n
}

// wallClock returns ms as the time that China's clocks show, in the form that
// Excel stores: without a zone.
func wallClock(ms int64) time.Time {
	t := zone.In(ms)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// guard keeps Excel, and whoever saves the table as CSV, from taking a text for
// a formula.
func guard(s string) string {
	s = strings.Map(printable, strings.ToValidUTF8(s, ""))
	if risky(s) {
		return "'" + s
	}
	return s
}

// risky says whether a program might run s as a formula.
func risky(s string) bool {
	return s != "" && strings.ContainsRune("=+-@", rune(s[0]))
}

// tabName returns a name that Excel accepts for a sheet's tab and that f does
// not use yet.
func tabName(f *excelize.File, name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return printable(r)
	}, name)
	if name = strings.TrimSpace(name); name == "" {
		name = "表"
	}
	base := []rune(name)
	if len(base) > 28 { // Excel allows 31; the rest is for a number
		base = base[:28]
	}
	for n := 1; ; n++ {
		try := string(base)
		if n > 1 {
			try = fmt.Sprintf("%s %d", try, n)
		}
		if i, err := f.GetSheetIndex(try); err == nil && i < 0 {
			return try
		}
	}
}
