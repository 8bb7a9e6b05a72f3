package sheet

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"jishan/app/fault"
)

// compound is the first bytes of the container that .xls files and
// password-protected workbooks share.
var compound = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}

// Read returns the rows of the first sheet that has any: trimmed texts, dates
// as 2006-01-02, no empty rows at the end. Rows may differ in length. Nothing is
// calculated: a formula gives the value that was stored beside it.
func Read(data []byte) ([][]string, error) {
	if err := recognise(data); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxPart,
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return nil, openFault(err)
	}
	_, rows, err := firstRows(f, MaxRows)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = cerr
	}
	return rows, err
}

// recognise tells files apart that no reader would open, by their first bytes.
func recognise(data []byte) error {
	switch {
	case len(data) == 0:
		return fault.New("sheet.empty")
	case len(data) > MaxFile:
		return fault.New("sheet.large", "max", MaxFile)
	case bytes.HasPrefix(data, compound) && bytes.Contains(data, utf16("EncryptedPackage")):
		return fault.New("sheet.locked")
	case bytes.HasPrefix(data, compound):
		return fault.New("sheet.old")
	case !bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return fault.New("sheet.format")
	}
	return nil
}

// utf16 returns ASCII text as the little-endian UTF-16 of old containers.
func utf16(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// openFault names what a reader refused.
func openFault(err error) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return fault.New("sheet.large", "max", maxUnpacked)
	}
	if errors.Is(err, excelize.ErrWorkbookPassword) {
		return fault.New("sheet.locked")
	}
	return fault.New("sheet.format")
}

// firstRows returns the rows of the first sheet with any, and its name.
func firstRows(f *excelize.File, most int) (string, [][]string, error) {
	for i, name := range f.GetSheetList() {
		if i == maxSheets {
			break
		}
		rows, err := sheetRows(f, name, most)
		if err != nil || len(rows) > 0 {
			return name, rows, err
		}
	}
	return "", nil, fault.New("sheet.empty")
}

// sheetRows streams one sheet, so that a wide or long one is refused before it
// fills the memory.
func sheetRows(f *excelize.File, name string, most int) (rows [][]string, err error) {
	it, err := f.Rows(name)
	if err != nil {
		return nil, fault.New("sheet.format")
	}
	defer func() {
		if cerr := it.Close(); err == nil && cerr != nil {
			err = cerr
		}
	}()
	for line := 0; it.Next() && line < excelize.TotalRows; line++ {
		cells, err := it.Columns()
		if err != nil {
			return nil, fault.New("sheet.format")
		}
		cells = trimRow(cells)
		switch {
		case len(cells) > MaxColumns:
			return nil, fault.New("sheet.columns", "max", MaxColumns)
		case len(cells) > 0 && line >= most:
			return nil, fault.New("sheet.rows", "max", most)
		case line < most:
			rows = append(rows, cells)
		}
	}
	return trimEnd(rows), nil
}

// trimRow cleans each cell and drops the empty ones at the end.
func trimRow(cells []string) []string {
	last := 0
	for i, c := range cells {
		cells[i] = cleanCell(c)
		if cells[i] != "" {
			last = i + 1
		}
	}
	return cells[:last]
}

// trimEnd drops empty rows at the end: formatted but unused rows are common.
func trimEnd(rows [][]string) [][]string {
	for len(rows) > 0 && len(rows[len(rows)-1]) == 0 {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// cleanCell trims a cell, drops what no screen can show, and takes the guard
// off that WriteTable put on, so that our own workbooks read back as they were.
func cleanCell(c string) string {
	c = strings.ToValidUTF8(c, "")
	c = strings.Map(printable, c)
	c = strings.TrimSpace(c)
	if len(c) > 1 && c[0] == '\'' && risky(c[1:]) {
		c = c[1:]
	}
	if utf8.RuneCountInString(c) > MaxCell {
		c = string([]rune(c)[:MaxCell])
	}
	return c
}

// printable maps the spaces of Chinese typing to the plain one and drops
// control and zero-width characters.
func printable(r rune) rune {
	switch {
	case r == '\u3000' || r == '\u00a0' || r == '\t':
		return ' '
	case r == '\n':
		return r
	case r < ' ' || r == 0x7f || r == '\ufeff' || (r >= '\u200b' && r <= '\u200f'):
		return -1
	}
	return r
}
