package sheet

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"jishan/app/settle"
)

// Bank writes the batch that a bank pays merchants by: one row for each account
// that a merchant's settlements name, then the sum. names are the merchants by
// place.
func Bank(w io.Writer, community string, list []settle.Batch, names map[string]string) error {
	t := Table{Name: "付款", Title: community + "商家结算付款表", Columns: []Column{
		{Title: "序号", Kind: Number, Width: 6}, {Title: "商家", Width: 24}, {Title: "户名", Width: 28}, {Title: "账号", Width: 26}, {Title: "开户行", Width: 28},
		{Title: "金额（元）", Kind: Money}, {Title: "积分", Kind: Number}, {Title: "结算单号", Width: 18},
	}}
	var fen, points int64
	places := map[string]bool{}
	for i := 0; i < len(list); {
		first, sum, net := list[i], int64(0), int64(0)
		var numbers []string
		for ; i < len(list) && list[i].Place == first.Place && list[i].Terms == first.Terms; i++ {
			sum += list[i].Pay
			net += list[i].Points - list[i].Back
			numbers = append(numbers, fmt.Sprint(list[i].Number))
		}
		payee := first.Terms.Payee
		if payee == "" {
			payee = names[first.Place]
		}
		t.Rows = append(t.Rows, []any{len(t.Rows) + 1, names[first.Place], payee, first.Terms.Account, first.Terms.Bank, sum, net, strings.Join(numbers, "、")})
		fen, points, places[first.Place] = fen+sum, points+net, true
	}
	t.Rows = append(t.Rows, []any{nil, fmt.Sprintf("合计 %d 家商家", len(places)), "", "", "", fen, points, ""})
	return Write(w, t)
}

// addCells writes a table cell by cell: only so can a cell hold a decimal number
// exactly, as the text that a workbook stores.
func addCells(f *excelize.File, look styles, name string, t Table) error {
	row := 1
	if t.Title != "" {
		if err := setCell(f, name, 1, row, look.title, guard(t.Title)); err != nil {
			return err
		}
		row++
	}
	for i, c := range t.Columns {
		width := c.Width
		if width == 0 {
			width = widths[c.Kind]
		}
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := f.SetColWidth(name, letter, letter, width); err != nil {
			return err
		}
		if err := setCell(f, name, i+1, row, look.head, guard(c.Title)); err != nil {
			return err
		}
	}
	if err := f.SetRowHeight(name, row, headerRow); err != nil {
		return err
	}
	for _, values := range t.Rows {
		row++
		if len(values) > len(t.Columns) {
			return fmt.Errorf("sheet: row %d has more values than columns", row)
		}
		for i, v := range values {
			if err := setValue(f, look, name, i+1, row, t.Columns[i].Kind, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func setValue(f *excelize.File, look styles, name string, column, row int, k Kind, v any) error {
	fen, ok := v.(int64)
	if k != Money || !ok {
		return setCell(f, name, column, row, look.kind[k], cellValue(k, v))
	}
	if err := setCell(f, name, column, row, look.kind[k], nil); err != nil {
		return err
	}
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return err
	}
	return f.SetCellDefault(name, cell, yuan(fen))
}

func setCell(f *excelize.File, name string, column, row, style int, v any) error {
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return err
	}
	if err := f.SetCellStyle(name, cell, cell, style); err != nil || v == nil {
		return err
	}
	return f.SetCellValue(name, cell, v)
}

// yuan writes fen as yuan with two decimals.
func yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}
