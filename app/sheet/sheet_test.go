package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"jishan/app/fault"
)

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if !errors.Is(err, fault.New(code)) {
		t.Fatalf("want the fault %s, got %v", code, err)
	}
}

func TestTextsComeBackAsTheyWere(t *testing.T) {
	rows := [][]any{
		{"张三", "140105194903070021", "13800000000", "=1+1"},
		{"李四", "14010519490307002X", "0351-6000000", "-3 分"},
		{"@all", "+86 138", "'quoted", " 空 格　"},
	}
	var b bytes.Buffer
	columns := []Column{{Title: "姓名"}, {Title: "身份证号"}, {Title: "电话"}, {Title: "备注"}}
	if err := WriteTable(&b, "花名册", columns, rows); err != nil {
		t.Fatal(err)
	}
	got, err := Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"花名册"}, {"姓名", "身份证号", "电话", "备注"},
		{"张三", "140105194903070021", "13800000000", "=1+1"},
		{"李四", "14010519490307002X", "0351-6000000", "-3 分"},
		{"@all", "+86 138", "'quoted", "空 格"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Fatalf("got %q", got)
	}
}

func TestDangerousTextIsNoFormulaAndIDNumbersAreText(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTable(&b, "", []Column{{Title: "备注"}, {Title: "身份证号"}}, [][]any{{`=HYPERLINK("x")`, "140105194903070021"}}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if formula, _ := f.GetCellFormula("表", "A2"); formula != "" {
		t.Errorf("formula %q", formula)
	}
	if v, _ := f.GetCellValue("表", "A2"); v != `'=HYPERLINK("x")` {
		t.Errorf("not guarded: %q", v)
	}
	if kind, _ := f.GetCellType("表", "B2"); kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
		t.Errorf("the ID number is of type %v", kind)
	}
}

func TestTimesAreChinasAndNumbersAreNumbers(t *testing.T) {
	var b bytes.Buffer
	at := int64(1706749200000) // 2024-02-01 01:00 UTC
	columns := []Column{{Title: "日期", Kind: Day}, {Title: "时间", Kind: Moment}, {Title: "积分", Kind: Number}, {Title: "号", Kind: Text}}
	if err := WriteTable(&b, "", columns, [][]any{{at, at, int64(12700), 7}, {0, int64(0), -3, nil}}); err != nil {
		t.Fatal(err)
	}
	got, err := Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got[1], []string{"2024-02-01", "2024-02-01 09:00", "12,700", "7"}) || !slices.Equal(got[2], []string{"", "", "-3"}) {
		t.Fatalf("got %q", got)
	}
}

func TestWrongFilesAreNamed(t *testing.T) {
	_, err := Read(nil)
	refused(t, err, "sheet.empty")
	_, err = Read([]byte("姓名,电话\n张三,138"))
	refused(t, err, "sheet.format")
	old := append(slices.Clone(compound), make([]byte, 600)...)
	_, err = Read(old)
	refused(t, err, "sheet.old")
	_, err = Read(append(old, utf16("EncryptedPackage")...))
	refused(t, err, "sheet.locked")
	_, err = Read(make([]byte, MaxFile+1))
	refused(t, err, "sheet.large")
	_, err = Read([]byte("PK\x03\x04 and then nothing"))
	refused(t, err, "sheet.format")
	_, err = Read(zipped(t, map[string]string{"word/document.xml": "<x/>"}))
	refused(t, err, "sheet.format")
	var b bytes.Buffer
	if err := Write(&b, Table{Name: "空"}); err != nil {
		t.Fatal(err)
	}
	_, err = Read(b.Bytes())
	refused(t, err, "sheet.empty")
}

func zipped(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// repack replaces the rows of a workbook's only sheet.
func repack(t *testing.T, rows string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTable(&b, "", []Column{{Title: "x"}}, nil); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
		if strings.HasPrefix(f.Name, "xl/worksheets/") {
			parts[f.Name] = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`
		}
	}
	return zipped(t, parts)
}

func TestBoundsOfRowsAndColumns(t *testing.T) {
	var b strings.Builder
	for i := 1; i <= MaxRows+1; i++ {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d"><v>1</v></c></row>`, i, i)
	}
	_, err := Read(repack(t, b.String()))
	refused(t, err, "sheet.rows")
	_, err = Read(repack(t, `<row r="1"><c r="ZZ1"><v>1</v></c></row>`))
	refused(t, err, "sheet.columns")
	// a row number far away must not make a table of that length
	_, err = Read(repack(t, `<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>`))
	refused(t, err, "sheet.rows")
	long := strings.Repeat("长", MaxCell+5)
	got, err := Read(repack(t, `<row r="1"><c r="A1" t="inlineStr"><is><t>`+long+`</t></is></c></row>`))
	if err != nil || len([]rune(got[0][0])) != MaxCell {
		t.Fatalf("%v, %d characters", err, len([]rune(got[0][0])))
	}
}

func TestTabNamesAreMadeValid(t *testing.T) {
	var b bytes.Buffer
	name := strings.Repeat("很长的名字/", 10)
	if err := Write(&b, Table{Name: name}, Table{Name: name}, Table{}, Table{Name: "2024-02 [月报]"}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.GetSheetList()); n != 4 {
		t.Fatalf("%d sheets: %q", n, f.GetSheetList())
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := WriteTable(&b, "t", []Column{{Title: "a"}, {Title: "b", Kind: Day}}, [][]any{{"x", int64(1)}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Read(data); err != nil && fault.Of(err).Code == "internal" {
			t.Fatalf("an error that no screen can name: %v", err)
		}
	})
}
