// Package sheet reads and writes the Excel workbooks that clerks bring and
// take away: the roster, lists, the month's report.
//
// It knows cells, columns, the Chinese words printed in workbooks and how files
// are named. It must never know a document, the store, or which screen asked.
// Start reading at [Read] and [WriteTable].
//
// Faults: sheet.empty (no rows), sheet.format (no workbook at all), sheet.old
// (a .xls of before 2007, whatever its name says), sheet.locked (opens with a
// password only), sheet.large {max} (bytes, packed or unpacked), sheet.rows
// {max}, sheet.columns {max}.
package sheet

// Limits of what is read. A workbook comes from anywhere, so every dimension
// has its end.
const (
	// MaxFile bounds the packed file in bytes: a roster of 100,000 rows takes
	// about 8 MB.
	MaxFile = 32 << 20
	// maxUnpacked bounds all parts together once unpacked; a zip bomb ends here.
	maxUnpacked = 160 << 20
	// maxPart is how much of one part is unpacked in memory rather than in a
	// temporary file.
	maxPart = 16 << 20
	// MaxRows bounds the rows: a street's roster, twice.
	MaxRows = 100_000
	// MaxColumns bounds the columns of a row: the 5/25/38 rulebook grid fits.
	MaxColumns = 256
	// MaxCell bounds the text of a cell in characters; longer text is cut. Our
	// longest field is a note of 2,000 characters.
	MaxCell = 4_000
	// maxSheets bounds how many sheets are looked at for the first with rows.
	maxSheets = 64
)

// Kind says how a column's values are written.
type Kind uint8

// The kinds of columns.
const (
	Text   Kind = iota // text, never taken for a formula or a number: ID numbers, phones, names
	Number             // integers, summed and aligned by Excel
	Day                // milliseconds UTC, shown as 2006-01-02 in China's time
	Moment             // milliseconds UTC, shown as 2006-01-02 15:04 in China's time
	Money              // fen, shown and stored as yuan with two decimals, exactly; a table with money is not streamed
)

// Column is one column of a table.
type Column struct {
	Title string
	Width float64 // in characters; 0 takes a default
	Kind  Kind
}

// Table is one sheet of a workbook. Values are string, int, int64 or nil; a
// time of 0 is an empty cell.
type Table struct {
	Name    string // of the sheet tab
	Title   string // the line above the table, "" for none
	Columns []Column
	Rows    [][]any
}
