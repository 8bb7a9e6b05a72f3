package node

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"jishan/app/dossier"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/sheet"
	"jishan/crdt/store"
)

// Everything that is kept about one person, in one file, for that person
// (docs/personal-data.md). Of others it says no more than a resident may see.

// about is one person while the file is made.
type about struct {
	c   *community
	ctx context.Context
	id  people.ID   // the leading one
	ids []people.ID // of all records, the leading one first
	who people.Person
}

// personFile makes the file. That it was made stands in the view log before it
// exists. Faults: app.role, people.unknown.
func (c *community) personFile(ctx context.Context, text string) (*File, error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return nil, fault.New("app.role")
	}
	id, err := c.knownPerson(ctx, text)
	if err != nil {
		return nil, err
	}
	if err := c.people.NoteExport(ctx, c.operator(), id); err != nil {
		return nil, err
	}
	d, err := c.dossier(ctx, id)
	if err != nil {
		return nil, err
	}
	page, err := d.Page()
	if err != nil {
		return nil, err
	}
	return &File{Name: c.fileName(sheet.TakenPerson, d.Name, c.stamp()) + ".html", Type: "text/html; charset=utf-8", Body: bytes.NewReader(page)}, nil
}

func (c *community) dossier(ctx context.Context, id people.ID) (d dossier.Dossier, err error) {
	a := about{c: c, ctx: ctx, id: id, ids: c.people.IDs(id)}
	if a.who, err = c.people.Get(ctx, c.operator(), id.String()); err != nil {
		return d, err
	}
	self, _ := c.self()
	d = dossier.Dossier{Community: c.charter.Settings().Name, Name: a.who.Name, Code: a.who.Code, At: c.node.now(), By: c.operator(), Device: self.Name}
	for _, section := range []func(about) (dossier.Section, error){
		about.data, about.purposes, about.household, about.sums, about.book, about.visits, about.deeds, about.wishes, about.services, about.claims, about.photos, about.assessments, about.selections, about.seats, about.meetings, about.proposals, about.vouchers, about.goods,
		about.ties, about.honours, about.papers, about.consent, about.creditLines, about.looks,
	} {
		s, err := section(a)
		if err != nil {
			return d, err
		}
		d.Sections = append(d.Sections, s)
	}
	return d, nil
}

// read asks the subjects within one view.
func (a about) read(fn func(q store.Querier) error) error { return a.c.view(a.ctx, fn) }

// spoken is a text as the file has it: in words where it can't be read.
func spoken(text string) string {
	switch text {
	case people.Erased:
		return "（已删除）"
	case people.Unread:
		return "（这台电脑上还读不到）"
	}
	return text
}

// othersIn masks names of other people in a field that holds nothing but names.
func othersIn(names string) string {
	if text := spoken(names); text != names {
		return text
	}
	list := strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune("、，,；; ", r) })
	for i := range list {
		list[i] = people.Mask(list[i])
	}
	return strings.Join(list, "、")
}

// word is what a code is called, the code itself where a newer program wrote it.
func word(words map[string]string, code string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return code
}

// data lists the fields of each record: what one says and the other does not, too.
func (a about) data() (dossier.Section, error) {
	s := dossier.Section{Key: "data", Title: "本人资料", Columns: []dossier.Column{{Key: "record", Title: "档案", Kind: dossier.Number}, {Key: "field", Title: "项目"}, {Key: "value", Title: "内容"}}}
	if len(a.ids) == 1 {
		s.Columns = s.Columns[1:]
	} else {
		s.About = "有几份档案已确认是同一个人，合在一起用。"
	}
	for i, id := range a.ids {
		p, err := a.c.people.Record(a.ctx, id)
		if errors.Is(err, fault.New("people.unknown")) {
			continue // of this record nothing is readable any more
		}
		if err != nil {
			return s, err
		}
		for _, f := range a.fields(p) {
			if f[1] != "" {
				s.Rows = append(s.Rows, []any{int64(i + 1), f[0], f[1]}[3-len(s.Columns):])
			}
		}
	}
	return s, nil
}

func (a about) fields(p people.Person) [][2]string {
	flags := make([]string, len(p.Flags))
	for i, f := range p.Flags {
		flags[i] = word(map[string]string{"away": "外出", "unable": "行动不便", "unlisted": "不上榜"}, f)
	}
	card := p.Code
	if p.CardBlocked {
		card += "（已挂失）"
	}
	if p.CardPIN {
		card += "（设了密码）"
	}
	usual := cmp.Or(a.c.charter.Settings().Places[p.UsualPlace], p.UsualPlace)
	shop := cmp.Or(a.c.charter.Settings().Places[p.Shop], p.Shop)
	out := [][2]string{{"姓名", p.Name}, {"电话", p.Phone}, {"身份证号", p.IDNumber}, {"生日", p.Birthday}, {"网格", p.GridName}, {"住址", p.Address}, {"常去的兑换点", usual}, {"经营的店铺", shop}, {"技能", p.Skills},
		{"监护人", p.Guardian}, {"备注", p.Note}, {"情况", strings.Join(flags, "、")}, {"志愿者证号", card}, {"登记日期", day(p.Created)}, {"内部编号", p.ID}}
	for _, x := range p.Conflicts {
		out = append(out, [2]string{"几台电脑写得不一样", strings.Join(x.Values, " / ")})
	}
	return out
}

// purposes says what is kept for what: the reasons of docs/personal-data.md.
func (a about) purposes() (dossier.Section, error) {
	s := dossier.Section{Key: "purposes", Title: "用途", About: "这些资料为什么留着、谁看得到。要更正、要删除，请到办公室说。",
		Columns: []dossier.Column{{Key: "what", Title: "资料"}, {Key: "why", Title: "用途"}, {Key: "who", Title: "谁看得到"}}}
	for _, r := range [][3]string{
		{"姓名、电话、身份证号、住址、备注等", "确认是本人，联系本人", "办公室和实践站；商家、手机和大屏只看到“张*芳”"},
		{"签到、服务、申报、服务单", "记录服务，计算积分", "办公室和实践站"},
		{"积分的每一笔", "兑换、公示、对账；只增不改，更正也是另记一笔", "办公室和实践站；商家只有在本店兑换的"},
		{"兑换券、预约、领奖", "兑换", "办公室、实践站和那一家商家"},
		{"授信", "本人同意后给本人开证明", "办公室和实践站；银行只看本人出示的证明"},
		{"谁看过", "查证资料有没有被随便翻看", "负责人"},
	} {
		s.Rows = append(s.Rows, []any{r[0], r[1], r[2]})
	}
	return s, nil
}

func (a about) household() (dossier.Section, error) {
	s := dossier.Section{Key: "household", Title: "同住家人", About: "家人自己的资料要由家人自己来要。", Columns: []dossier.Column{{Key: "name", Title: "姓名"}, {Key: "head", Title: "户主"}}}
	for _, m := range a.who.Members {
		name, head := people.Mask(m.Name), ""
		if m.Head {
			head = "是"
		}
		if m.ID == a.id.String() {
			name = a.who.Name
		}
		s.Rows = append(s.Rows, []any{name, head})
	}
	return s, nil
}

func (a about) sums() (dossier.Section, error) {
	return dossier.Section{Key: "points", Title: "积分", Columns: []dossier.Column{{Key: "lifetime", Title: "累计", Kind: dossier.Number}, {Key: "year", Title: "今年", Kind: dossier.Number},
		{Key: "spendable", Title: "可用", Kind: dossier.Number}, {Key: "vouchers", Title: "券里", Kind: dossier.Number}, {Key: "onTheWay", Title: "待到账", Kind: dossier.Number}, {Key: "debt", Title: "欠分", Kind: dossier.Number}},
		Rows: [][]any{{a.who.Lifetime, a.who.Year, a.who.Spendable, a.who.Vouchers, a.who.OnTheWay, a.who.Debt}}}, nil
}

// book is every line of the passbook.
func (a about) book() (dossier.Section, error) {
	s := dossier.Section{Key: "book", Title: "积分存折", About: "每一笔积分，最近的在前。", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "kind", Title: "类别"}, {Key: "text", Title: "事项"},
		{Key: "item", Title: "细则条目"}, {Key: "version", Title: "细则版本", Kind: dossier.Number}, {Key: "points", Title: "加减", Kind: dossier.Signed}, {Key: "balance", Title: "可用", Kind: dossier.Number},
		{Key: "place", Title: "地点"}, {Key: "device", Title: "设备"}, {Key: "by", Title: "经办"}, {Key: "witness", Title: "见证"}, {Key: "reason", Title: "原因"}, {Key: "state", Title: "状态"}}}
	for {
		page, err := a.c.passbook(a.ctx, passbookRequest{ID: a.id.String(), Offset: len(s.Rows), Limit: maxPage})
		if err != nil {
			return s, err
		}
		for _, l := range page.Lines {
			text := spoken(l.Text)
			var points any = l.Amount
			if l.Item == itemLifetime || l.Item == itemYear { // counted by a sum of its own, never spendable: no change of the book
				text, points = fmt.Sprintf("%s %d", ownItems[l.Item], l.Amount), nil
			}
			if w, ok := ownItems[l.Item]; ok {
				text, l.Item = cmp.Or(text, w), ""
			}
			s.Rows = append(s.Rows, []any{l.At, word(lineKinds, l.Kind), text, l.Item, l.Version, points, l.Balance, l.Place, l.Device, l.Operator, othersIn(l.Witness), spoken(l.Reason), lineState(l)})
		}
		if len(s.Rows) >= page.Total || len(page.Lines) == 0 {
			return s, nil
		}
	}
}

func lineState(l lineReply) string {
	switch {
	case l.Undone:
		return "已更正"
	case l.State == "onTheWay":
		return "待到账"
	case l.State == "capped":
		return "到上限，没有加分"
	}
	return "已记账"
}

// looks is who looked, on this device: the log does not travel.
func (a about) looks() (dossier.Section, error) {
	s := dossier.Section{Key: "looks", Title: "谁看过", About: "在这台电脑上看过或导出过全部资料的人。别的电脑各有自己的查看记录。", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "by", Title: "经办"}, {Key: "what", Title: "做了什么"}}}
	for {
		list, total, err := a.c.people.Views(a.ctx, a.id, len(s.Rows), maxViewRows)
		if err != nil {
			return s, err
		}
		for _, v := range list {
			s.Rows = append(s.Rows, []any{v.At, v.Operator, word(map[string]string{people.Looked: "查看", people.Exported: "导出"}, v.What)})
		}
		if len(s.Rows) >= total || len(list) == 0 {
			return s, nil
		}
	}
}
