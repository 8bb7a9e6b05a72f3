package sheet

import (
	"fmt"
	"io"

	"jishan/app/hours"
	"jishan/app/zone"
)

// Hours writes services in the columns of a platform's template: texts alone, below
// one row of titles, as the platforms read them.
func Hours(w io.Writer, columns []hours.Column, rows [][]string) error {
	t := Table{Name: "服务记录"}
	for _, c := range columns {
		t.Columns = append(t.Columns, Column{Title: c.Title, Width: 18})
	}
	for _, r := range rows {
		cells := make([]any, len(r))
		for i, s := range r {
			cells[i] = s
		}
		t.Rows = append(t.Rows, cells)
	}
	return Write(w, t)
}

// orderText stands for an order without a project.
const orderText = "居民心愿服务"

// HoursCell writes one field of a service: at in milliseconds, minutes served.
func HoursCell(field string, at, minutes int64, text, typ, place string) string {
	switch field {
	case "idType":
		return "居民身份证"
	case "date":
		return zone.Day(at)
	case "start":
		return zone.In(at).Format("2006-01-02 15:04")
	case "end":
		return zone.In(at + minutes*60_000).Format("2006-01-02 15:04")
	case "hours":
		return hoursText(minutes)
	case "minutes":
		return fmt.Sprint(minutes)
	case "text":
		return orderWord(text)
	case "type":
		return orderWord(typ)
	case "place":
		return place
	}
	return ""
}

// orderWord is the word for what orders are kept under (node's "@orders").
func orderWord(s string) string {
	if s == "@orders" {
		return orderText
	}
	return s
}

// hoursText are minutes as hours with two digits, rounded half up.
func hoursText(minutes int64) string {
	n := (minutes*100 + 30) / 60
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}
