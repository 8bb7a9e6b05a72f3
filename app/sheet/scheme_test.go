package sheet

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"jishan/app/fault"
	"jishan/app/scheme"
)

// made is a workbook of an Excel that somebody else filled in.
func made(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestARulebookThatIsWrittenReadsInAgain(t *testing.T) {
	items := []scheme.Item{
		{Code: "A01", Group: "文明新风", Sub: "楼道", Name: "=楼道评比", Kind: scheme.Deed, Points: 2, Review: true, Notice: 5, Self: true, YearCap: 8, For: "全体", Note: "一年四次"},
		{Code: "A02", Group: "文明新风", Sub: "楼道", Name: "互助", Kind: scheme.Mutual, Points: 15, Minutes: 60, Round: scheme.Half, MonthCap: 150, Harder: 150, Hardest: 200},
		{Code: "B01", Group: "环境", Name: "捐赠", Kind: scheme.Donate, Points: 1, Unit: "元", Per: 100},
		{Code: "B02", Group: "环境", Name: "巡查", Kind: scheme.Often, Points: 2, Times: 3, Span: scheme.Weekly, Witness: true, Lead: true},
		{Code: "B03", Group: "环境", Name: "毁绿种菜", Kind: scheme.Deduct, Points: 3, Notice: 5},
	}
	s := scheme.Scheme{Version: 2, Items: items, Head: scheme.Head{Levels: "一级指标/二级指标/具体项目"}}
	var b bytes.Buffer
	if err := Scheme(&b, "柳溪社区", s); err != nil {
		t.Fatal(err)
	}
	cells, err := ReadScheme(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	d, err := scheme.Read(cells, scheme.Scheme{})
	if err != nil || d.Bad != 0 || !slices.Equal(d.Items(), items) || d.Levels != s.Levels {
		t.Errorf("%v %d bad: %+v", err, d.Bad, d)
	}
}

func TestMergedGroupsAndFormulasAreSeen(t *testing.T) {
	b := made(t, func(f *excelize.File) {
		for cell, v := range map[string]any{"A1": "大类", "B1": "小项", "C1": "分值", "A2": "甲", "B2": "一", "C2": 2, "B3": "二", "C3": 3, "B4": "三"} {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(f.MergeCell("Sheet1", "A2", "A4"), f.MergeCell("Sheet1", "C3", "C4"), f.SetCellFormula("Sheet1", "C2", "=1+1")); err != nil {
			t.Fatal(err)
		}
	})
	cells, err := ReadScheme(b)
	if err != nil {
		t.Fatal(err)
	}
	d, err := scheme.Read(cells, scheme.Scheme{})
	if err != nil || len(d.Rows) != 3 || d.Bad != 3 || d.Rows[2].Item.Group != "甲" {
		t.Fatalf("%v %+v", err, d)
	}
	b2 := new(bytes.Buffer)
	if err := SchemeErrors(b2, d); err != nil {
		t.Fatal(err)
	}
	rows, err := Read(b2.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if rows[0][0] != reasonTitle || !strings.Contains(rows[1][0], "公式") || !strings.Contains(rows[2][0], "合并单元格") || rows[1][3] != "2" {
		t.Errorf("%q", rows)
	}
	again, err := scheme.Read(scheme.Cells{Rows: rows}, scheme.Scheme{}) // handed back, mended and brought again
	if err != nil || len(again.Rows) != 3 || again.Rows[0].Values["points"] != "2" {
		t.Errorf("%v %+v", err, again)
	}
}

func TestWorkbooksThatAreNoRulebookAreRefused(t *testing.T) {
	long := made(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		for n := range 100_000 {
			cell, err := excelize.CoordinatesToCellName(1, n+1)
			if err := errors.Join(err, w.SetRow(cell, []any{"小项", 3})); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	})
	for code, b := range map[string][]byte{
		"sheet.rows": long, "sheet.old": append(slices.Clone(compound), make([]byte, 600)...), "sheet.format": []byte("小项\t分值\n"), "sheet.empty": nil,
	} {
		if _, err := ReadScheme(b); !errors.Is(err, fault.New(code)) {
			t.Errorf("want %s: %v", code, err)
		}
	}
}

// Whatever can be wrong in a row has words, in the workbook and on the screen.
func TestEveryProblemHasWords(t *testing.T) {
	raw, err := os.ReadFile("../../frontend/src/i18n/zh/schemefault.ts")
	if err != nil {
		t.Fatal(err)
	}
	more, err := os.ReadFile("../../frontend/src/i18n/zh/fault.ts")
	if err != nil {
		t.Fatal(err)
	}
	for code := range schemeWords {
		if key := strings.ReplaceAll(code, ".", "_") + ":"; !strings.Contains(string(raw)+string(more), key) {
			t.Errorf("the screens have no words for %s", code)
		}
	}
}
