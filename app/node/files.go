package node

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/sheet"
)

// File is something to save: its file name, its media type, its content.
type File struct {
	Name, Type string
	Body       io.Reader
}

const excelType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// File makes one of the files of api.ts. Fault: file.unknown.
func (n *Node) File(ctx context.Context, name string, q url.Values) (*File, error) {
	c, err := n.here()
	if err != nil {
		return nil, err
	}
	if name == "bundle" {
		return c.bundleFile(ctx, q.Get("to"))
	}
	if d, ok := c.self(); !ok || !d.Role.Staff() {
		return nil, fault.New("app.role")
	}
	switch name {
	case "people.xlsx":
		return c.peopleFile(ctx, people.Ask{Q: q.Get("q"), Grid: q.Get("grid")})
	case "month.xlsx":
		return c.monthFile(ctx, q.Get("month"))
	case "activity.xlsx":
		return c.activityFile(ctx, q.Get("id"))
	case "roster-errors.xlsx":
		return c.rosterFile(q.Get("token"))
	}
	return nil, fault.New("file.unknown", "name", clip(name, 40))
}

func readSheet(b []byte) ([][]string, error) { return sheet.Read(b) }

func workbook(name string, tables ...sheet.Table) (*File, error) {
	var b bytes.Buffer
	if err := sheet.Write(&b, tables...); err != nil {
		return nil, err
	}
	return &File{Name: name + ".xlsx", Type: excelType, Body: &b}, nil
}

func (c *community) stamp() string {
	return time.UnixMilli(c.node.now()).In(zone).Format("20060102")
}

func (c *community) peopleFile(ctx context.Context, a people.Ask) (*File, error) {
	page, err := c.people.All(ctx, a)
	if err != nil {
		return nil, err
	}
	t := sheet.Table{Name: "志愿者", Title: c.charter.Settings().Name + " 志愿者", Columns: []sheet.Column{
		{Title: "姓名", Width: 12}, {Title: "证号", Width: 12}, {Title: "手机尾号", Width: 10}, {Title: "网格", Width: 14}, {Title: "住址", Width: 24},
		{Title: "累计积分", Kind: sheet.Number}, {Title: "年度积分", Kind: sheet.Number}, {Title: "可用积分", Kind: sheet.Number},
		{Title: "待到账", Kind: sheet.Number}, {Title: "技能", Width: 20}, {Title: "登记日期", Kind: sheet.Day, Width: 12}}}
	for _, r := range page.Rows {
		t.Rows = append(t.Rows, []any{r.Name, r.Code, r.PhoneTail, r.GridName, r.Address, r.Lifetime, r.Year, r.Spendable, r.OnTheWay, r.Skills, r.Created})
	}
	return workbook("志愿者-"+c.stamp(), t)
}

func (c *community) monthFile(ctx context.Context, month string) (*File, error) {
	m, err := c.month(ctx, monthRequest{Month: month})
	if err != nil {
		return nil, err
	}
	title := c.charter.Settings().Name + " " + m.Month
	sums := sheet.Table{Name: "本月", Title: title, Columns: []sheet.Column{{Title: "指标", Width: 16}, {Title: "数", Kind: sheet.Number}}, Rows: [][]any{
		{"场次", m.Sessions}, {"服务人次", m.Attendances}, {"服务时长（分钟）", m.Minutes}, {"发放积分", m.Awarded}, {"兑换积分", m.Redeemed},
		{"注册志愿者", m.Volunteers}, {"活跃志愿者", m.Active}, {"结余积分", m.Outstanding}}}
	days := sheet.Table{Name: "按日", Title: title, Columns: []sheet.Column{{Title: "日", Kind: sheet.Number}, {Title: "发放", Kind: sheet.Number}, {Title: "兑换", Kind: sheet.Number}}}
	for _, d := range m.Days {
		days.Rows = append(days.Rows, []any{d.Day, d.Awarded, d.Redeemed})
	}
	types := sheet.Table{Name: "按类别", Title: title, Columns: []sheet.Column{{Title: "类别", Width: 18}, {Title: "分钟", Kind: sheet.Number}, {Title: "人次", Kind: sheet.Number}}}
	for _, t := range m.Types {
		types.Rows = append(types.Rows, []any{t.Name, t.Minutes, t.Times})
	}
	return workbook("月报-"+m.Month, sums, days, types)
}

func (c *community) activityFile(ctx context.Context, id string) (*File, error) {
	a, err := c.getActivity(ctx, id)
	if err != nil {
		return nil, err
	}
	t := sheet.Table{Name: "名单", Title: a.Title, Columns: []sheet.Column{
		{Title: "姓名", Width: 12}, {Title: "手机尾号"}, {Title: "报名", Width: 10}, {Title: "签到", Kind: sheet.Moment, Width: 18}, {Title: "签退", Kind: sheet.Moment, Width: 18},
		{Title: "分钟", Kind: sheet.Number}, {Title: "积分", Kind: sheet.Number}, {Title: "赋分", Width: 10}}}
	for _, x := range a.Attendees {
		t.Rows = append(t.Rows, []any{x.Name, x.PhoneTail, statusText[x.Status], x.InAt, x.OutAt, x.Minutes, x.Points, awardText[x.Awarded]})
	}
	return workbook("活动-"+a.Title, t)
}

// Words of the sheets; a workbook is a document in Chinese, whatever the
// screen's language.
var (
	statusText = map[string]string{activity.Confirmed: "已报名", activity.Waiting: "候补", activity.Pending: "待确认", activity.WalkIn: "现场加入", activity.SignedOff: "已取消", activity.NoShow: "未到"}
	awardText  = map[string]string{"no": "", "onTheWay": "待到账", "booked": "已到账"}
)

func (c *community) rosterFile(token string) (*File, error) {
	p, err := c.people.Roster(token)
	if err != nil {
		return nil, err
	}
	t := sheet.Table{Name: "花名册", Columns: []sheet.Column{}}
	for _, col := range p.Columns {
		t.Columns = append(t.Columns, sheet.Column{Title: col, Width: 16})
	}
	t.Columns = append(t.Columns, sheet.Column{Title: "错误原因", Width: 40})
	for _, r := range p.Rows {
		row := make([]any, 0, len(p.Columns)+1)
		for _, col := range p.Columns {
			row = append(row, r.Values[col])
		}
		why := ""
		for _, e := range r.Errors {
			why += e.Column + " " + e.Code + "；"
		}
		t.Rows = append(t.Rows, append(row, why))
	}
	return workbook("花名册-错误原因", t)
}

// bundleFile makes an encrypted file for one device. It is made on disk, so
// that a large one does not live in memory, and is gone once it was read.
func (c *community) bundleFile(ctx context.Context, to string) (*File, error) {
	pub, err := parseDevice(to)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(c.node.cfg.Data, "bundle-*")
	if err != nil {
		return nil, storeFault(err)
	}
	if err := os.Remove(f.Name()); err != nil { // Windows keeps it until Close; it holds only encrypted bytes
		defer os.Remove(f.Name())
	}
	if _, err := c.writeBundle(ctx, pub, f); err != nil {
		_ = f.Close()
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		_ = f.Close()
		return nil, err
	}
	d, _ := c.charter.Device(pub)
	return &File{Name: fmt.Sprintf("给%s-%s%s", d.Name, c.stamp(), bundleSuffix), Type: "application/octet-stream", Body: f}, nil
}
