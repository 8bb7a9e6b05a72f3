package dossier

import (
	"encoding/json"
	"strings"
	"testing"
)

// The page says what it was given, once for people and once as data, and nothing
// that was typed can break out of it.
func TestPage(t *testing.T) {
	const typed = `</script><script>alert(1)</script> & "引号" '`
	d := Dossier{Community: "和平里社区", Name: "张三", Code: "12345678", At: 1_767_225_600_000, By: "经办人甲", Device: "1 号电脑", Sections: []Section{
		{Key: "book", Title: "积分存折", About: "每一笔", Columns: []Column{{"at", "时间", Moment}, {"text", "事项", Text}, {"points", "加减", Signed}, {"n", "次数", Number}, {"day", "日期", Day}},
			Rows: [][]any{{int64(1_767_225_600_000), typed, int64(-30), int64(2), int64(1_767_225_600_000)}, {int64(0), "", int64(5), int64(0), int64(0)}}},
		{Key: "empty", Title: "服务单", Columns: []Column{{"at", "时间", Moment}}},
	}}
	b, err := d.Page()
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, want := range []string{"<title>张三 的个人资料</title>", "和平里社区", "由 经办人甲 在 1 号电脑 导出", "2026-01-01 08:00", "2026-01-01</td>", "−30", "&#43;5", "没有。", "积分存折 2"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, "</script>"); n != 1 || strings.Contains(page, "<script>") {
		t.Errorf("what was typed stands in the page as a script (%d ends)", n)
	}
	_, rest, _ := strings.Cut(page, `id="jishan-data">`)
	text, _, _ := strings.Cut(rest, "</script>")
	var data struct {
		Format, Name string
		MadeAt       int64
		Sections     struct {
			Book []struct {
				At, Points int64
				Text       string
			}
			Empty []any
		}
	}
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		t.Fatal(err, text)
	}
	if data.Format != Format || data.Name != "张三" || data.MadeAt != d.At || len(data.Sections.Book) != 2 || data.Sections.Book[0].Text != typed || data.Sections.Book[0].Points != -30 || data.Sections.Empty == nil {
		t.Errorf("the data inside: %+v", data)
	}
}

// Of many columns those that say nothing are not printed; the data has them.
func TestEmptyColumnsAreNotPrinted(t *testing.T) {
	s := Section{Key: "a", Columns: []Column{{"a", "甲", Text}, {"b", "乙", Text}, {"c", "丙", Number}, {"d", "丁", Text}, {"e", "戊", Text}, {"f", "己", Moment}}, Rows: [][]any{{"1", "", int64(0), "", "", int64(0)}, {"2", "x", int64(0), "", "", int64(0)}}}
	if got := s.Shown(); len(got.Columns) != 2 || len(got.Rows[0]) != 2 || got.Rows[1][1] != "x" {
		t.Errorf("printed: %+v", got)
	}
	b, err := Dossier{Sections: []Section{s}}.Page()
	if err != nil || strings.Contains(string(b), "丙") || !strings.Contains(string(b), `"f":0`) {
		t.Errorf("the page (%v):\n%s", err, b)
	}
}

// A row that does not fit its columns is a mistake of the program, not a shorter page.
func TestRowsFitTheirColumns(t *testing.T) {
	d := Dossier{Sections: []Section{{Key: "a", Columns: []Column{{"x", "X", Text}}, Rows: [][]any{{"1", "2"}}}}}
	if _, err := d.Page(); err == nil {
		t.Error("a row that is too long is taken")
	}
}

// A picture is shown and stands in the data; one that is not here is neither.
func TestPictures(t *testing.T) {
	s := Section{Key: "photos", Columns: []Column{{"at", "时间", Moment}, {"picture", "照片", Picture}}, Rows: [][]any{{int64(1), []byte("jpeg")}, {int64(2), []byte(nil)}}}
	b, err := Dossier{Sections: []Section{s}}.Page()
	if page := string(b); err != nil || strings.Count(page, `<img src="data:image/jpeg;base64,anBlZw=="`) != 1 || strings.Count(page, "<img") != 1 || !strings.Contains(page, `"picture":"anBlZw=="`) || !strings.Contains(page, `"picture":null`) {
		t.Errorf("%v:\n%s", err, b)
	}
}
