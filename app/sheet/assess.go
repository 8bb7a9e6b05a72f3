package sheet

import (
	"fmt"
	"io"
	"strings"
)

// Headings of an assessment's grid that are no items. The first tells the households apart.
const (
	ScoreHome    = "户编号"
	ScoreHead    = "户主"
	ScoreGrid    = "网格"
	ScoreAddress = "住址"
)

// ScoreBlank is what stands for a score that is to be taken away: an empty cell changes
// nothing.
const ScoreBlank = "-"

// ScoreRow is one household's line.
type ScoreRow struct {
	Home, Head, Grid, Address string
	Scores                    []any // by item: int64, a text as it was typed, nil for none
	Problems                  []ScoreProblem
}

// ScoreProblem is what is wrong with a cell.
type ScoreProblem struct {
	Code   string `json:"code"`
	Column string `json:"column"` // its heading, "" for the household
	With   string `json:"with"`   // what stands there, or the line that it is told of already
	Max    int64  `json:"max"`
}

// Scores writes an assessment's grid so that it reads in again as it is; with reasons it is
// one handed back, and each line says what is wrong with it.
func Scores(w io.Writer, title string, items []string, rows []ScoreRow, withReasons bool) error {
	t := Table{Name: "评议", Title: title, Columns: []Column{{Title: ScoreHome, Width: 30}, {Title: ScoreHead, Width: 12}, {Title: ScoreGrid, Width: 14}, {Title: ScoreAddress, Width: 22}}}
	if withReasons {
		t.Columns = append([]Column{{Title: reasonTitle, Width: 48}}, t.Columns...)
	}
	for _, i := range items {
		t.Columns = append(t.Columns, Column{Title: i, Width: 16, Kind: Text})
	}
	for _, r := range rows {
		row := []any{r.Home, r.Head, r.Grid, r.Address}
		if withReasons {
			row = append([]any{ScoreReasons(r.Problems)}, row...)
		}
		for _, n := range r.Scores {
			if v, ok := n.(int64); ok {
				n = fmt.Sprint(v) // as text, so that no spreadsheet makes a day of it
			}
			row = append(row, n)
		}
		t.Rows = append(t.Rows, row)
	}
	return Write(w, t)
}

// ScoreReasons joins all that is wrong in a line.
func ScoreReasons(list []ScoreProblem) string {
	var out []string
	for _, p := range list {
		out = append(out, strings.NewReplacer("{column}", p.Column, "{with}", p.With, "{max}", fmt.Sprint(p.Max)).Replace(scoreWords[p.Code]))
	}
	return strings.Join(out, "；")
}

// scoreWords say what is wrong, as the screens do.
var scoreWords = map[string]string{
	"home": "找不到这一户：户编号不对，户主和住址也对不上", "several": "户主和住址一样的有好几户，请写上户编号", "double": "和第 {with} 行是同一户",
	"formula": "“{column}”是公式，请复制后“选择性粘贴”成数值", "merged": "“{column}”是合并单元格，请拆开，一行写一户",
	"number": "“{column}”要填 0 到 {max} 的整数，现在是：{with}", "most": "“{column}”最多填 {max}，现在是：{with}",
}
