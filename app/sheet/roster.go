package sheet

import (
	"fmt"
	"io"
	"strings"

	"jishan/app/people"
)

// rosterTitles are the headings of a roster's columns, in the template's order.
// The importer knows more spellings of each.
var rosterTitles = []struct{ id, title string }{
	{"name", "姓名"}, {"phone", "手机号"}, {"idNumber", "身份证号"}, {"birthday", "出生日期"}, {"grid", "网格"}, {"address", "住址"},
	{"household", "户主"}, {"relation", "与户主关系"}, {"lifetime", "累计积分"}, {"year", "年度积分"}, {"spendable", "可用积分"},
	{"skills", "技能"}, {"guardian", "监护人"}, {"note", "备注"},
}

// reasonTitle heads the column that says why a row can't be imported.
const reasonTitle = "错误原因"

// titleOf returns a roster column's heading; an unknown one heads itself.
func titleOf(id string) string {
	for _, c := range rosterTitles {
		if c.id == id {
			return c.title
		}
	}
	return id
}

// RosterTemplate writes an empty roster to fill in.
func RosterTemplate(w io.Writer) error {
	t := Table{Name: "花名册"}
	for _, c := range rosterTitles {
		t.Columns = append(t.Columns, Column{Title: c.title, Width: 18})
	}
	return Write(w, t)
}

// RosterErrors gives a roster back with a column that says, in words, all that
// is wrong in each row. Everything is text, so it reads in again as it is once
// the errors are put right.
func RosterErrors(w io.Writer, p people.RosterPreview) error {
	t := Table{Name: "花名册"}
	var ids []string
	for _, id := range p.Columns {
		if id != "" {
			ids = append(ids, id)
			t.Columns = append(t.Columns, Column{Title: titleOf(id), Width: 18})
		}
	}
	t.Columns = append(t.Columns, Column{Title: reasonTitle, Width: 48})
	for _, r := range p.Rows {
		row := make([]any, 0, len(ids)+1)
		for _, id := range ids {
			row = append(row, r.Values[id])
		}
		t.Rows = append(t.Rows, append(row, reasons(r)))
	}
	return Write(w, t)
}

// reasons joins all that is wrong in a row.
func reasons(r people.RosterRow) string {
	var out []string
	for _, e := range r.Errors {
		out = append(out, reason(e))
	}
	for _, e := range r.Notes {
		out = append(out, "留意："+reason(e))
	}
	if r.Double != "" && len(out) == 0 {
		out = append(out, "已登记，不重复导入")
	}
	return strings.Join(out, "；")
}

// rosterReasons say what is wrong in a cell, by code and reason. A workbook
// leaves the program, so the sentences are here as well; they are those of the
// screens.
var rosterReasons = map[string]string{
	"people.name.bad": "姓名不对：要写，最多 40 个字，不能有特殊符号", "people.name.bad empty": "姓名是空的", "people.name.bad long": "姓名太长",
	"people.name.bad characters": "姓名里只能有文字和间隔号（·），不能有数字、符号，也不能换行",
	"people.phone.bad":           "手机号不对，要 11 位数字",
	"people.idNumber.bad":        "身份证号不对", "people.idNumber.bad length": "身份证号要 18 位", "people.idNumber.bad birthday": "身份证号里的出生日期不对",
	"people.idNumber.bad checksum":   "身份证号里有写错的数字（末位校验对不上），请对着证件核一遍",
	"people.idNumber.bad characters": "身份证号只能有数字，最后一位可以是 X",
	"people.idNumber.bad lost":       "Excel 把身份证号当成了数，后几位已经丢了。请先把这一列设成文本，再重新填",
	"people.birthday.bad":            "出生日期不对，要写成 1953-06-01 这样",
	"people.contact.missing":         "手机号、身份证号、住址至少填一项，好认出是同一个人",
	"people.grid.unknown":            "没有“{grid}”这个网格。选一个有的，或者先在“设置 → 网格”里添上它",
	"people.points.bad":              "积分要是 0 到 {max} 的整数", "people.points.less": "累计积分不能少于年度积分和可用积分，空着也行",
	"people.roster.double": "和第 {line} 行是同一个人", "people.roster.cells": "这一行的格子和列名对不上",
	"people.address.bad": "住址不对或太长", "people.note.bad": "备注写得太长", "people.skills.bad": "技能写得太长", "people.guardian.bad": "监护人写得不对",
	"people.roster.phone":      "和第 {line} 行的手机号一样；一家人共用就不用改",
	"people.roster.phoneKnown": "和已登记的{name}手机号一样；一家人共用就不用改",
}

// reason says what is wrong; a code without a sentence here names its column.
func reason(e people.RosterError) string {
	said, ok := rosterReasons[fmt.Sprintf("%s %v", e.Code, e.Params["reason"])]
	if !ok {
		said, ok = rosterReasons[e.Code]
	}
	if !ok {
		return titleOf(e.Column) + "：内容不对（" + e.Code + "）"
	}
	if e.Code == "people.points.bad" { // of three columns
		said = titleOf(e.Column) + "：" + said
	}
	var fill []string
	for k, v := range e.Params {
		fill = append(fill, "{"+k+"}", fmt.Sprint(v))
	}
	return strings.NewReplacer(fill...).Replace(said)
}
