package sheet

import (
	"fmt"
	"io"
	"strings"

	"jishan/app/activity"
	"jishan/app/people"
	"jishan/app/zone"
)

// People writes the list of people as it is shown.
func People(w io.Writer, community string, rows []people.PersonRow) error {
	t := Table{Name: "志愿者", Title: community + "志愿者名单", Columns: []Column{
		{Title: "姓名"}, {Title: "证号"}, {Title: "手机尾号", Width: 10}, {Title: "网格"}, {Title: "住址", Width: 30}, {Title: "技能", Width: 24},
		{Title: "累计积分", Kind: Number}, {Title: "年度积分", Kind: Number}, {Title: "可用积分", Kind: Number}, {Title: "券里积分", Kind: Number}, {Title: "待到账", Kind: Number},
		{Title: "登记日期", Kind: Day},
	}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []any{r.Name, r.Code, r.PhoneTail, r.GridName, r.Address, r.Skills, r.Lifetime, r.Year, r.Spendable, r.Vouchers, r.OnTheWay, r.Created})
	}
	return Write(w, t)
}

// statuses and ways are the words of an attendance list.
var (
	statuses = map[string]string{
		activity.Confirmed: "已确认", activity.Waiting: "候补", activity.Pending: "待确认", activity.WalkIn: "现场加入",
		activity.SignedOff: "已取消", activity.NoShow: "未到",
	}
	ways    = map[string]string{activity.Roll: "点名", activity.Card: "刷卡", activity.QR: "扫码", activity.After: "补录"}
	awarded = map[string]string{"booked": "已到账", "onTheWay": "待到账"}
	states  = map[string]string{
		activity.Open: "报名中", activity.Full: "名额已满", activity.Running: "进行中", activity.Ended: "已结束", activity.Awarded: "已赋分",
		activity.Cancelled: "已取消",
	}
)

// Attendance writes an activity's list: sign-up, attendance and points.
func Attendance(w io.Writer, a activity.Activity) error {
	t := Table{Name: a.Title, Title: fmt.Sprintf("%s　%s　%s", a.Title, zone.Day(a.Start), a.Place), Columns: []Column{
		{Title: "序号", Kind: Number, Width: 6}, {Title: "姓名"}, {Title: "手机尾号", Width: 10}, {Title: "状态", Width: 10}, {Title: "报名时间", Kind: Moment},
		{Title: "签到", Kind: Moment}, {Title: "签退", Kind: Moment}, {Title: "签到方式", Width: 10}, {Title: "服务时长（分钟）", Kind: Number, Width: 16},
		{Title: "积分", Kind: Number}, {Title: "到账", Width: 10}, {Title: "记录人", Width: 20},
	}}
	for i, x := range a.Attendees {
		t.Rows = append(t.Rows, []any{i + 1, x.Name, x.PhoneTail, statuses[x.Status], x.SignedAt, x.InAt, x.OutAt, ways[x.How], x.Minutes,
			x.Points, awarded[x.Awarded], strings.Join(x.Recorders, "、")})
	}
	return Write(w, t)
}

// Month writes a month's report: the figures, the days, the types of service and
// the activities.
func Month(w io.Writer, community string, m activity.Month, sessions []activity.Row) error {
	return Write(w, figures(community, m), daily(m), byType(m), held(sessions))
}

func figures(community string, m activity.Month) Table {
	t := Table{Name: "概况", Title: community + "　" + m.Month + "　月报", Columns: []Column{{Title: "指标", Width: 24}, {Title: "数值", Kind: Number, Width: 14}}}
	for _, f := range []struct {
		name string
		n    int64
	}{
		{"活动场次", m.Sessions}, {"服务人次", m.Attendances}, {"服务时长（分钟）", m.Minutes}, {"注册志愿者", m.Volunteers}, {"活跃志愿者", m.Active},
		{"上月结余积分", m.Carried}, {"发放积分", m.Awarded}, {"带入积分", m.Brought}, {"兑换积分", m.Redeemed}, {"扣减积分", m.Deducted}, {"迁出积分", m.Moved}, {"到期积分", m.Expired}, {"结余积分", m.Outstanding},
	} {
		t.Rows = append(t.Rows, []any{f.name, f.n})
	}
	t.Rows = append(t.Rows, []any{"结余 = 上月结余 + 发放 + 带入 − 兑换 − 扣减 − 迁出 − 到期"})
	return t
}

func daily(m activity.Month) Table {
	t := Table{Name: "每日", Columns: []Column{{Title: "日期", Width: 14}, {Title: "发放积分", Kind: Number}, {Title: "兑换积分", Kind: Number}}}
	for _, d := range m.Days {
		t.Rows = append(t.Rows, []any{fmt.Sprintf("%s-%02d", m.Month, d.Day), d.Awarded, d.Redeemed})
	}
	return t
}

func byType(m activity.Month) Table {
	t := Table{Name: "按类型", Columns: []Column{{Title: "类型", Width: 24}, {Title: "人次", Kind: Number}, {Title: "服务时长（分钟）", Kind: Number, Width: 16}}}
	for _, x := range m.Types {
		t.Rows = append(t.Rows, []any{orderWord(x.Name), x.Times, x.Minutes})
	}
	return t
}

func held(sessions []activity.Row) Table {
	t := Table{Name: "活动", Columns: []Column{
		{Title: "开始", Kind: Moment}, {Title: "结束", Kind: Moment}, {Title: "活动", Width: 30}, {Title: "类型"}, {Title: "地点", Width: 24},
		{Title: "名额", Kind: Number}, {Title: "已确认", Kind: Number}, {Title: "到场", Kind: Number}, {Title: "状态", Width: 10},
	}}
	for _, r := range sessions {
		t.Rows = append(t.Rows, []any{r.Start, r.End, r.Title, r.Type, r.Place, r.Places, r.Confirmed, r.Present, states[r.State]})
	}
	return t
}
