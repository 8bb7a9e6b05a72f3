package sheet

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"jishan/app/scheme"
)

// maxBookRows bounds the lines of a rulebook's sheet: what has more is some other
// list, and is refused before it is read to its end.
const maxBookRows = 1000

// ReadScheme is ReadCells for a rulebook.
func ReadScheme(data []byte) (scheme.Cells, error) { return ReadCells(data, maxBookRows) }

// ReadCells is Read for what has at most so many rows: it tells formulas and joined
// cells, too.
func ReadCells(data []byte, most int) (out scheme.Cells, err error) {
	if err := recognise(data); err != nil {
		return out, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxPart})
	if err != nil {
		return out, openFault(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = cerr
		}
	}()
	name, rows, err := firstRows(f, most)
	if err != nil {
		return out, err
	}
	out = scheme.Cells{Rows: rows, Formulas: map[[2]int]bool{}, Merged: map[[2]int]scheme.Area{}}
	if err := findFormulas(f, name, &out); err != nil {
		return out, err
	}
	return out, findMerged(f, name, &out)
}

func findFormulas(f *excelize.File, name string, c *scheme.Cells) error {
	for n, row := range c.Rows {
		for x := range row {
			cell, err := excelize.CoordinatesToCellName(x+1, n+1)
			if err != nil {
				return err
			}
			text, err := f.GetCellFormula(name, cell)
			if err != nil {
				return err
			}
			if text != "" {
				c.Formulas[[2]int{n, x}] = true
			}
		}
	}
	return nil
}

func findMerged(f *excelize.File, name string, c *scheme.Cells) error {
	list, err := f.GetMergeCells(name)
	if err != nil {
		return err
	}
	for _, m := range list {
		left, top, err1 := excelize.CellNameToCoordinates(m.GetStartAxis())
		right, bottom, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err1 != nil || err2 != nil {
			continue
		}
		a := scheme.Area{Top: top - 1, Left: left - 1, Bottom: bottom - 1, Right: right - 1}
		for n := a.Top; n <= min(a.Bottom, len(c.Rows)-1); n++ {
			for x := a.Left; x <= min(a.Right, MaxColumns); x++ {
				c.Merged[[2]int{n, x}] = a
			}
		}
	}
	return nil
}

// schemeTable is a rulebook's sheet without its rows: the levels go by the names
// that the rulebook gives them.
func schemeTable(title string, h scheme.Head, fields []string) Table {
	t := Table{Name: "积分细则", Title: title}
	names := h.LevelNames()
	level := map[string]string{"group": names[0], "name": names[len(names)-1]}
	if len(names) == 3 {
		level["sub"] = names[1]
	}
	for _, f := range fields {
		c := Column{Title: scheme.Title(f), Width: 12}
		if s, ok := level[f]; ok {
			c.Title = scheme.Heading(f, s)
		}
		switch f {
		case "name", "note":
			c.Width = 36
		case "group", "sub":
			c.Width = 20
		case "minutes", "round", "lead":
			c.Width = 17
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

// Scheme writes a rulebook so that it reads in again as it is.
func Scheme(w io.Writer, community string, s scheme.Scheme) error {
	title := s.Title
	if title == "" {
		title = community + "积分细则"
	}
	if s.Version > 0 {
		title = fmt.Sprintf("%s　第 %d 版", title, s.Version)
	}
	t := schemeTable(title, s.Head, scheme.Fields())
	for _, i := range s.Items {
		v := i.Values()
		row := []any{}
		for _, f := range scheme.Fields() {
			row = append(row, v[f])
		}
		t.Rows = append(t.Rows, row)
	}
	return Write(w, t)
}

// SchemeErrors gives a rulebook back with a column that says, in words, all that
// is wrong in each row.
func SchemeErrors(w io.Writer, d scheme.Draft) error {
	t := schemeTable("", scheme.Head{Levels: d.Levels}, d.Columns)
	t.Columns = append([]Column{{Title: reasonTitle, Width: 48}}, t.Columns...)
	for _, r := range d.Rows {
		row := []any{schemeReasons(r)}
		for _, f := range d.Columns {
			row = append(row, r.Values[f])
		}
		t.Rows = append(t.Rows, row)
	}
	return Write(w, t)
}

func schemeReasons(r scheme.Row) string {
	var out []string
	for _, p := range r.Problems {
		said, ok := schemeWords[p.Code]
		if !ok {
			said = "内容不对（" + p.Code + "）"
		}
		said = strings.NewReplacer("{column}", scheme.Title(p.Column), "{max}", fmt.Sprint(p.Max), "{with}", p.With).Replace(said)
		out = append(out, said)
	}
	return strings.Join(out, "；")
}

// schemeWords say what is wrong in a cell, as the screens do.
var schemeWords = map[string]string{
	"scheme.item.code": "编号不对：最多 {max} 个字节，不能有空格和斜杠", "scheme.item.name": "没有写名称，或者超过 {max} 个字",
	"scheme.item.group": "大类超过 {max} 个字", "scheme.item.sub": "二级指标超过 {max} 个字，或者上面没有大类", "scheme.item.kind": "不知道这种计分方式",
	"scheme.item.points": "分值要是 1 到 {max} 的整数", "scheme.item.minutes": "按时长的要写每多少分钟（1 到 {max}）", "scheme.item.round": "零头怎么算写得不对",
	"scheme.item.unit": "计数单位超过 {max} 个字", "scheme.item.per": "每几个单位要是 0 到 {max} 的整数", "scheme.item.times": "按频次的要写成“每周3次”这样",
	"scheme.item.cap": "{column}要是 0 到 {max} 的整数", "scheme.item.mutual": "互助用工要写每月上限", "scheme.item.harder": "难度系数要是 0 到 {max} 的整数（%）",
	"scheme.item.notice": "公示天数要是 0 到 {max} 的整数", "scheme.item.for": "适用人群超过 {max} 个字", "scheme.item.note": "说明超过 {max} 个字",
	"scheme.row.formula": "{column}是公式，请复制后“选择性粘贴”成数值", "scheme.row.merged": "{column}是合并单元格，请拆开，一行写一项",
	"scheme.row.points": "分值看不懂：{with}。请写成 3、+3、-3 或 3分/小时", "scheme.row.sign": "分值是负数，计分方式却不是扣分",
	"scheme.row.word": "{column}里的“{with}”不认识，请从模板里选", "scheme.row.number": "{column}要是整数，现在是：{with}",
	"scheme.row.times": "频次看不懂：{with}。请写成“每周3次”这样", "scheme.row.yes": "{column}请写“是”或留空，现在是：{with}",
	"scheme.row.code": "编号和第 {with} 行重复", "scheme.row.name": "名称和第 {with} 行重复",
}
