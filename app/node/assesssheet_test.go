package node

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"jishan/app/fault"
)

// scoreBook is the round's grid as it is saved.
func (d *device) scoreBook(name string, q url.Values) *excelize.File {
	d.t.Helper()
	f, err := d.File(d.t.Context(), name, q)
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = book.Close() })
	return book
}

func encoded(t *testing.T, f *excelize.File) string {
	t.Helper()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// rowsOf are the lines of the first sheet, and its name.
func rowsOf(t *testing.T, f *excelize.File) (string, [][]string) {
	t.Helper()
	name := f.GetSheetName(0)
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	return name, rows
}

// cellOf is the cell of a household's line under a heading.
func cellOf(t *testing.T, rows [][]string, home, heading string) string {
	t.Helper()
	for _, head := range rows {
		for x, title := range head {
			for n, row := range rows {
				if strings.HasPrefix(title, heading) && len(row) > 0 && row[0] == home {
					cell, err := excelize.CoordinatesToCellName(x+1, n+1)
					if err != nil {
						t.Fatal(err)
					}
					return cell
				}
			}
		}
	}
	t.Fatalf("no %s of %s", heading, home)
	return ""
}

// TestAssessmentByWorkbook: what was saved reads in again and changes nothing; what is typed
// into it is previewed and written at once, wherever its columns stand; of wrong lines all is
// said and nothing written.
func TestAssessmentByWorkbook(t *testing.T) {
	var k clock
	office, station, homes, _ := assessed(t, &k)
	id := office.must("assess.begin", object{"title": "一季度评议", "span": "2026q1", "items": []string{"PY01", "KF01"}, "days": 5})["id"]
	office.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 2)})
	eventually(t, "the station has the round", func() bool { return station.changes() == office.changes() })
	of := url.Values{"id": {fmt.Sprint(id)}}
	preview := func(file string) object {
		t.Helper()
		return office.must("assess.sheetPreview", object{"id": id, "file": file})
	}
	same := preview(encoded(t, office.scoreBook("assess.xlsx", of)))
	if number(same["changes"]) != 0 || number(same["bad"]) != 0 || number(same["same"]) != 3 || len(same["missing"].([]any))+len(same["unknown"].([]any)) != 0 {
		t.Fatalf("as it was saved: %v", same)
	}

	// One score is changed, one taken away, one is new; the columns are moved.
	book := office.scoreBook("assess.xlsx", of)
	name, rows := rowsOf(t, book)
	set := func(home, heading string, v any) {
		t.Helper()
		if err := book.SetCellValue(name, cellOf(t, rows, home, heading), v); err != nil {
			t.Fatal(err)
		}
	}
	set(homes[0], "PY01", "-")
	set(homes[1], "PY01", 4)
	set(homes[2], "KF01", "１")
	turned := excelize.NewFile()
	_, filled := rowsOf(t, book)
	for n, row := range filled {
		for x, v := range row {
			cell, _ := excelize.CoordinatesToCellName(12-x, n+1)
			if err := turned.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := preview(encoded(t, turned))
	if number(got["changes"]) != 3 || number(got["bad"]) != 0 || len(got["lines"].([]any)) != 3 {
		t.Fatalf("%v", got)
	}
	first := got["lines"].([]any)[0].(object)
	if c := first["changes"].([]any)[0].(object); first["home"] != homes[0] || fmt.Sprint(c["before"], c["after"]) != "[2] -1" {
		t.Errorf("%v", first)
	}
	if n := number(office.home(id, 1)["scores"].([]any)[0]); n != -1 {
		t.Errorf("the preview wrote %d", n)
	}
	good := got["token"]
	office.must("assess.sheetImport", object{"token": got["token"]})
	office.must("assess.sheetImport", object{"token": got["token"]}) // a second time it changes nothing
	for n, want := range []string{"[-1 -1]", "[4 -1]", "[-1 1]"} {
		if is := fmt.Sprint(office.home(id, n)["scores"]); is != want {
			t.Errorf("household %d: %s, want %s", n, is, want)
		}
	}

	// All that is wrong is said at once.
	book = office.scoreBook("assess.xlsx", of)
	name, rows = rowsOf(t, book)
	set(homes[0], "户编号", "nobody")
	set(homes[0], "户主", "无名氏")
	set(homes[0], "PY01", "很好")
	set(homes[1], "KF01", 2)
	if err := book.SetCellFormula(name, cellOf(t, rows, homes[1], "PY01"), "2+3"); err != nil {
		t.Fatal(err)
	}
	if err := book.MergeCell(name, cellOf(t, rows, homes[2], "PY01"), cellOf(t, rows, homes[2], "KF01")); err != nil {
		t.Fatal(err)
	}
	bad := preview(encoded(t, book))
	said := fmt.Sprint(bad["lines"])
	for _, code := range []string{"code:home", "code:number", "code:most", "code:formula", "code:merged"} {
		if !strings.Contains(said, code) {
			t.Errorf("no %s: %s", code, said)
		}
	}
	if number(bad["bad"]) != 3 {
		t.Errorf("%v bad lines", bad["bad"])
	}
	before := office.changes()
	office.refuses("assess.sheet.bad", "assess.sheetImport", object{"token": bad["token"]})
	if office.changes() != before {
		t.Error("something was written")
	}
	back := office.scoreBook("assess-errors.xlsx", url.Values{"token": {fmt.Sprint(bad["token"])}})
	_, rows = rowsOf(t, back)
	if text := fmt.Sprint(rows); !strings.Contains(text, "错误原因") || !strings.Contains(text, "找不到这一户") || !strings.Contains(text, "很好") || !strings.Contains(text, "合并单元格") || !strings.Contains(text, "是公式") {
		t.Errorf("handed back: %s", text)
	}
	if again := preview(encoded(t, back)); number(again["bad"]) < 1 || len(again["unknown"].([]any)) != 0 {
		t.Errorf("read in again: %v", again)
	}

	// One household twice; without its number it is found by who stands for it.
	twice := excelize.NewFile()
	head := office.home(id, 0)
	for n, row := range [][]any{{"户主", "住址", "庭院整洁", "天气"}, {head["name"], head["address"], 3}, {head["name"], head["address"], 4}} {
		if err := twice.SetSheetRow("Sheet1", fmt.Sprint("A", n+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	got = preview(encoded(t, twice))
	if said := fmt.Sprint(got["lines"]); number(got["bad"]) != 1 || !strings.Contains(said, "code:double") || fmt.Sprint(got["unknown"]) != "[天气]" || len(got["missing"].([]any)) != 1 {
		t.Errorf("%v", got)
	}

	for code, file := range map[string]string{
		"sheet.old":            base64.StdEncoding.EncodeToString([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old one that was given a new name")),
		"sheet.format":         base64.StdEncoding.EncodeToString([]byte("户主,庭院整洁")),
		"assess.sheet.columns": encoded(t, excelize.NewFile()),
		"file.bad":             "?",
	} {
		_, err := office.call("assess.sheetPreview", object{"id": id, "file": file})
		if got := fault.Of(err).Code; got != code && !(code == "assess.sheet.columns" && got == "sheet.empty") {
			t.Errorf("want %s: %v", code, err)
		}
	}
	if err := twice.SetCellValue("Sheet1", "D1", "PY01"); err != nil {
		t.Fatal(err)
	}
	office.refuses("assess.sheet.column", "assess.sheetPreview", object{"id": id, "file": encoded(t, twice)})
	if err := twice.SetSheetRow("Sheet1", "A1", &[]any{"甲", "乙", "丙", "丁"}); err != nil {
		t.Fatal(err)
	}
	office.refuses("assess.sheet.columns", "assess.sheetPreview", object{"id": id, "file": encoded(t, twice)})
	office.refuses("assess.sheet.gone", "assess.sheetImport", object{"token": "x"})
	if _, err := office.File(t.Context(), "assess-errors.xlsx", url.Values{"token": {""}}); !errors.Is(err, fault.New("assess.sheet.gone")) {
		t.Errorf("of nothing: %v", err)
	}
	office.must("assess.drop", object{"id": id})
	office.refuses("assess.state", "assess.sheetPreview", object{"id": id, "file": encoded(t, turned)})
	office.refuses("assess.state", "assess.sheetImport", object{"token": good})
}

// TestWorkbookSettlesNothingByItself: where two devices differ the saved grid has no score, so
// that reading it in again leaves the choice to who typed one.
func TestWorkbookSettlesNothingByItself(t *testing.T) {
	var k clock
	office, station, homes, _ := assessed(t, &k)
	id := office.must("assess.begin", object{"title": "评议", "span": "2026q2", "items": []string{"PY01"}, "days": 5})["id"]
	eventually(t, "the station has the round", func() bool { return station.changes() == office.changes() })
	station.away(true)
	office.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 2)})
	station.must("assess.score", object{"id": id, "cells": scores(homes[0], "PY01", 3)})
	station.away(false)
	eventually(t, "the office sees both", func() bool { return len(office.home(id, 0)["rivals"].([]any)) == 2 })
	book := office.scoreBook("assess.xlsx", url.Values{"id": {fmt.Sprint(id)}})
	got := office.must("assess.sheetPreview", object{"id": id, "file": encoded(t, book)})
	if number(got["changes"]) != 0 {
		t.Fatalf("%v", got)
	}
	name, rows := rowsOf(t, book)
	if err := book.SetCellValue(name, cellOf(t, rows, homes[0], "PY01"), 3); err != nil {
		t.Fatal(err)
	}
	got = office.must("assess.sheetPreview", object{"id": id, "file": encoded(t, book)})
	change := got["lines"].([]any)[0].(object)["changes"].([]any)[0].(object)
	if len(change["before"].([]any)) != 2 {
		t.Errorf("%v", change)
	}
	office.must("assess.sheetImport", object{"token": got["token"]})
	if h := office.home(id, 0); len(h["rivals"].([]any)) != 0 || fmt.Sprint(h["scores"]) != "[3]" {
		t.Errorf("%v", h)
	}
}
