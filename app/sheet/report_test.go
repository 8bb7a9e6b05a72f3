package sheet

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"jishan/app/activity"
	"jishan/app/people"
)

// book writes a workbook and returns the formatted rows of each sheet.
func book(t *testing.T, write func(w io.Writer) error) (tabs []string, rows map[string][][]string) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	rows = map[string][][]string{}
	for _, name := range f.GetSheetList() {
		if rows[name], err = f.GetRows(name); err != nil {
			t.Fatal(err)
		}
	}
	return f.GetSheetList(), rows
}

func TestMonthReport(t *testing.T) {
	m := activity.Month{
		Month: "2026-02", Sessions: 6, Attendances: 41, Awarded: 12700, Redeemed: 2400,
		Days:  []activity.MonthDay{{Day: 1, Awarded: 20}, {Day: 2, Redeemed: 5}},
		Types: []activity.MonthType{{Name: "环境治理", Minutes: 450, Times: 7}},
	}
	tabs, rows := book(t, func(w io.Writer) error {
		return Month(w, "柳溪社区", m, []activity.Row{{Title: "送春联", Start: 1_770_253_200_000, State: activity.Full, Places: 13, Confirmed: 13}})
	})
	if !slices.Equal(tabs, []string{"概况", "每日", "按类型", "活动"}) {
		t.Fatalf("%q", tabs)
	}
	if !slices.Equal(rows["概况"][2], []string{"活动场次", "6"}) || !slices.Equal(rows["概况"][8], []string{"发放积分", "12,700"}) {
		t.Errorf("%q", rows["概况"])
	}
	if !slices.Equal(rows["每日"][2], []string{"2026-02-02", "0", "5"}) || !slices.Equal(rows["按类型"][1], []string{"环境治理", "7", "450"}) {
		t.Errorf("%q %q", rows["每日"], rows["按类型"])
	}
	if got := rows["活动"][1]; got[0] != "2026-02-05 09:00" || got[2] != "送春联" || got[8] != "名额已满" {
		t.Errorf("%q", got)
	}
}

func TestLists(t *testing.T) {
	_, rows := book(t, func(w io.Writer) error {
		return People(w, "柳溪社区", []people.PersonRow{{Name: "=张三", Code: "001234567", Lifetime: 132, Spendable: 45, Vouchers: 30, Created: 1_770_253_200_000}})
	})
	if got := rows["志愿者"][2]; got[0] != "'=张三" || got[1] != "001234567" || got[6] != "132" || got[8] != "45" || got[9] != "30" || got[10] != "0" || got[11] != "2026-02-05" {
		t.Errorf("%q", got)
	}
	a := activity.Activity{Row: activity.Row{Title: "送春联", Start: 1_770_253_200_000}, Attendees: []activity.Attendee{
		{Name: "张三", Status: activity.Confirmed, How: activity.QR, InAt: 1_770_253_200_000, Minutes: 105, Points: 3, Awarded: "onTheWay", Recorders: []string{"甲", "乙"}},
		{Name: "李四", Status: activity.NoShow},
	}}
	_, rows = book(t, func(w io.Writer) error { return Attendance(w, a) })
	got := rows["送春联"]
	if len(got) != 4 || got[2][3] != "已确认" || got[2][7] != "扫码" || got[2][10] != "待到账" || got[2][11] != "甲、乙" || got[3][3] != "未到" || got[3][5] != "" {
		t.Errorf("%q", got)
	}
}

func TestRosterComesBackWithReasonsAndReadsInAgain(t *testing.T) {
	p := people.RosterPreview{Columns: []string{"name", "", "idNumber", "phone"}, Rows: []people.RosterRow{
		{Line: 2, Values: map[string]string{"name": "张三", "idNumber": "140105194903070021", "phone": "13800000000"}},
		{Line: 3, Values: map[string]string{"name": "", "idNumber": "12", "phone": "+86"}, Errors: []people.RosterError{
			{Column: "name", Code: "people.name.bad", Params: map[string]any{"reason": "empty"}},
			{Column: "idNumber", Code: "people.idNumber.bad", Params: map[string]any{"reason": "length"}},
			{Column: "phone", Code: "people.phone.bad"}, {Code: "people.roster.double", Params: map[string]any{"line": 2}},
			{Column: "note", Code: "people.brand.new"},
		}},
	}}
	var b bytes.Buffer
	if err := RosterErrors(&b, p); err != nil {
		t.Fatal(err)
	}
	rows, err := Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"姓名", "身份证号", "手机号", "错误原因"}, {"张三", "140105194903070021", "13800000000"},
		{"", "12", "+86", "姓名是空的；身份证号要 18 位；手机号不对，要 11 位数字；和第 2 行是同一个人；备注：内容不对（people.brand.new）"}}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("%q", rows)
	}
	b.Reset()
	if err := RosterTemplate(&b); err != nil {
		t.Fatal(err)
	}
	rows, err = Read(b.Bytes())
	if err != nil || len(rows) != 1 || !strings.Contains(strings.Join(rows[0], " "), "可用积分") {
		t.Errorf("%v %q", err, rows)
	}
}

// The workbook says what the screen says.
func TestReasonsAreTheScreens(t *testing.T) {
	raw, err := os.ReadFile("../../frontend/src/i18n/zh/fault.ts")
	if err != nil {
		t.Fatal(err)
	}
	screen := string(raw)
	for code, said := range rosterReasons {
		key, reason, ok := strings.Cut(code, " ")
		if ok {
			key = strings.TrimSuffix(key, "bad") + reason
		}
		if line := "  " + strings.ReplaceAll(key, ".", "_") + ": '" + said; !strings.Contains(screen, line+"'") && !strings.Contains(screen, line+"。'") {
			t.Errorf("the screens have other words for %q", code)
		}
	}
}
