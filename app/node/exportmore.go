package node

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"jishan/app/activity"
	"jishan/app/claim"
	"jishan/app/credit"
	"jishan/app/dossier"
	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/order"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/app/publicity"
	"jishan/app/shop"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// The sections of a person's file that the subjects give, and their words.

var (
	lineKinds  = map[string]string{"award": "赋分", "redeem": "兑换", "undo": "更正", "opening": "期初", "deduct": "扣分", "debt": "欠分", "expire": "年度到期", "deed": "服务记录", "moved": "迁出", "arrived": "迁入"}
	ownItems   = map[string]string{people.ItemRegistration: "新人登记", people.ItemOpening: "带入的积分", itemLifetime: "带入的累计积分", itemYear: "带入的年度积分", people.ItemBase: "年度基础分"}
	visitWord  = map[string]string{activity.WalkIn: "现场加入", activity.Confirmed: "到场", activity.SignedOff: "已取消", activity.Pending: "已报名"}
	howWord    = map[string]string{activity.Roll: "点名", activity.Card: "刷卡", activity.QR: "扫码", activity.After: "补录"}
	orderWord  = map[string]string{order.Posted: "等派单", order.Offered: "等答复", order.Serving: "服务中", order.Served: "已服务", order.Closed: "已评价", order.Cancelled: "已取消"}
	viaWord    = map[string]string{order.ViaPage: "手机", order.ViaDesk: "当面", order.ViaCall: "电话", order.ViaPaper: "问卷", order.ViaGrid: "网格员"}
	claimState = map[string]string{claim.Unruled: "等细则", claim.Confirm: "等受助家庭确认", claim.Reviewing: "等审核", claim.Asked: "等本人补充", claim.Telling: "等告知", claim.Noticed: "公示中", claim.Appealed: "有异议", claim.Due: "待记账",
		claim.Booked: "已记账", claim.Refused: "未通过", claim.Dropped: "异议成立", claim.Withdrawn: "已撤回", claim.Lapsed: "逾期未补充"}
	paperWord = map[string]string{string(ledger.VoucherOpen): "未用", string(ledger.VoucherExpired): "已过期", string(ledger.VoucherUsed): "已用", string(ledger.VoucherReturned): "已退回", voucherRecalled: "要求收回"}
	setAside  = map[string]string{"open": "留着", "lapsed": "已过期", "done": "已领", "cancelled": "已取消", shop.GiftListed: "待领", shop.GiftUndone: "已更正"}
	tieWord   = map[string]string{"team": "队员", "lead": "队长", "like": "想要这个项目"}
	lineWord  = map[string]string{credit.InForce: "有效", credit.Replaced: "已被新版取代", credit.Withdrawn: "已撤回同意", credit.Expired: "已过期", credit.Ended: "评定后没有额度"}
)

// day is a day as the file has it, "" for none.
func day(ms int64) string {
	if ms == 0 {
		return ""
	}
	return zone.Day(ms)
}

func (a about) visits() (dossier.Section, error) {
	s := dossier.Section{Key: "activities", Title: "活动", Columns: []dossier.Column{{Key: "start", Title: "开始", Kind: dossier.Moment}, {Key: "title", Title: "活动"}, {Key: "place", Title: "地点"}, {Key: "state", Title: "状态"},
		{Key: "signed", Title: "报名", Kind: dossier.Moment}, {Key: "in", Title: "签到", Kind: dossier.Moment}, {Key: "out", Title: "签退", Kind: dossier.Moment}, {Key: "how", Title: "方式"}, {Key: "minutes", Title: "分钟", Kind: dossier.Number}, {Key: "by", Title: "记录人"}}}
	return s, a.read(func(q store.Querier) error {
		list, err := a.c.activity.Visits(q, a.id.String())
		for _, v := range list {
			s.Rows = append(s.Rows, []any{v.Start, v.Title, v.Place, word(visitWord, v.Status), v.SignedAt, v.In, v.Out, word(howWord, v.How), v.Minutes, strings.Join(v.Recorders, "、")})
		}
		return err
	})
}

func (a about) deeds() (dossier.Section, error) {
	s := dossier.Section{Key: "deeds", Title: "服务记录", About: "活动以外登记的每件事；两个人都登记过的，各有一条。", Columns: []dossier.Column{{Key: "made", Title: "登记时间", Kind: dossier.Moment}, {Key: "at", Title: "服务时间", Kind: dossier.Moment}, {Key: "item", Title: "细则条目"},
		{Key: "version", Title: "细则版本", Kind: dossier.Number}, {Key: "minutes", Title: "分钟", Kind: dossier.Number}, {Key: "count", Title: "数量", Kind: dossier.Number}, {Key: "points", Title: "积分", Kind: dossier.Signed},
		{Key: "note", Title: "说明"}, {Key: "witness", Title: "见证"}, {Key: "by", Title: "登记人"}}}
	return s, a.read(func(q store.Querier) error {
		list, err := a.c.activity.Deeds(q, a.id.String())
		for _, d := range list {
			s.Rows = append(s.Rows, []any{d.Made, d.At, d.Item, d.Version, d.Minutes, d.Count, d.Points, spoken(d.Note), othersIn(d.Witness), d.Operator})
		}
		return err
	})
}

// partyText names who was given an order: a merchant or a team in full, a resident
// masked.
func partyText(p order.Party) string {
	if p.Kind == order.ToPerson {
		return people.Mask(p.Name)
	}
	return p.Name
}

func (a about) wishes() (dossier.Section, error) {
	s := dossier.Section{Key: "wishes", Title: "心愿", About: "本人提的服务单。", Columns: []dossier.Column{{Key: "made", Title: "提出", Kind: dossier.Moment}, {Key: "type", Title: "类型"}, {Key: "project", Title: "项目"}, {Key: "text", Title: "内容"},
		{Key: "address", Title: "地址"}, {Key: "phone", Title: "电话"}, {Key: "via", Title: "途径"}, {Key: "state", Title: "状态"}, {Key: "party", Title: "承接"}, {Key: "done", Title: "完成", Kind: dossier.Moment}, {Key: "stars", Title: "评分", Kind: dossier.Number},
		{Key: "praise", Title: "评价"}, {Key: "why", Title: "取消原因"}, {Key: "replies", Title: "答复"}, {Key: "by", Title: "登记人"}}}
	return s, a.read(func(q store.Querier) error {
		for {
			rows, total, err := a.c.order.List(q, order.Filter{Person: a.id.String(), Offset: len(s.Rows), Limit: maxPage})
			if err != nil {
				return err
			}
			for _, r := range rows {
				o, err := a.c.order.Get(q, r.ID, a.c.store.Self().String())
				if err != nil {
					return err
				}
				s.Rows = append(s.Rows, []any{o.Made, o.Type, o.ProjectName, spoken(o.Text), spoken(o.Address), spoken(o.Phone), word(viaWord, o.Via), word(orderWord, o.State), partyText(o.Party), o.DoneAt, o.Stars, spoken(o.Praise), o.Why, repliesText(o), o.By})
			}
			if len(s.Rows) >= total || len(rows) == 0 {
				return nil
			}
		}
	})
}

// repliesText is what was answered to the resident.
func repliesText(o order.Order) string {
	var out []string
	for _, h := range o.History {
		if h.Kind == "reply" && h.Text != "" {
			out = append(out, zone.In(h.At).Format("01-02 15:04")+" "+spoken(h.Text))
		}
	}
	return strings.Join(out, "；")
}

// services are orders that were given to the person: nothing of who asked.
func (a about) services() (dossier.Section, error) {
	s := dossier.Section{Key: "services", Title: "帮过的忙", About: "派给本人或本人所在队伍的服务单；提出的居民是谁、写了什么，不在这里。", Columns: []dossier.Column{{Key: "offered", Title: "派单", Kind: dossier.Moment}, {Key: "type", Title: "类型"}, {Key: "project", Title: "项目"}, {Key: "party", Title: "派给"},
		{Key: "state", Title: "状态"}, {Key: "done", Title: "完成", Kind: dossier.Moment}, {Key: "stars", Title: "评分", Kind: dossier.Number}}}
	return s, a.read(func(q store.Querier) error {
		rows, err := a.c.order.ForParty(q, a.id.String(), math.MaxInt32)
		for _, r := range rows {
			party := "本人"
			if r.Party.Kind == order.ToTeam {
				party = r.Party.Name
			}
			s.Rows = append(s.Rows, []any{r.OfferedAt, r.Type, r.ProjectName, party, word(orderWord, r.State), r.DoneAt, r.Stars})
		}
		return err
	})
}

// claims are all that were entered for the person, with what was said about each.
func (a about) claims() (dossier.Section, error) {
	s := dossier.Section{Key: "claims", Title: "申报和扣分告知", Columns: []dossier.Column{{Key: "made", Title: "提出", Kind: dossier.Moment}, {Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "item", Title: "事项"}, {Key: "version", Title: "细则版本", Kind: dossier.Number},
		{Key: "minutes", Title: "分钟", Kind: dossier.Number}, {Key: "count", Title: "数量", Kind: dossier.Number}, {Key: "points", Title: "积分", Kind: dossier.Signed}, {Key: "note", Title: "说明"}, {Key: "witness", Title: "见证"}, {Key: "state", Title: "状态"},
		{Key: "asked", Title: "补充"}, {Key: "review", Title: "审核"}, {Key: "told", Title: "告知", Kind: dossier.Moment}, {Key: "appeal", Title: "异议"}, {Key: "answer", Title: "答复"}, {Key: "by", Title: "登记人"}}}
	return s, a.read(func(q store.Querier) error {
		for _, id := range a.ids {
			list, err := a.c.claim.Latest(q, &id, math.MaxInt32)
			if err != nil {
				return err
			}
			for _, x := range list {
				r, err := a.c.claimRow(q, x)
				if err != nil {
					return err
				}
				s.Rows = append(s.Rows, []any{r.Made, r.At, r.Text, r.Version, r.Minutes, r.Count, r.Points, spoken(r.Note), othersIn(r.Witness), claimStateOf(r), inquired(r.Asked), decided(r.Review), r.Told.At, spoken(r.Appeal), decided(r.Answer), r.By})
			}
		}
		return nil
	})
}

// claimStateOf has another word for a deduction whose person was told: nothing of it
// hangs in public.
func claimStateOf(r claimRow) string {
	if r.State == claim.Noticed && r.Points < 0 {
		return "申诉期内"
	}
	return word(claimState, r.State)
}

// inquired is what was asked for more, and what the person said to it.
func inquired(list []claimExchange) string {
	var out []string
	for _, x := range list {
		text := "问：" + spoken(x.Text)
		if x.RepliedAt > 0 {
			text += " 答：" + spoken(x.Reply)
		}
		out = append(out, text)
	}
	return strings.Join(out, "；")
}

// decided is a word of staff about a claim: yes or no, why, and whose it was.
func decided(w claim.Word) string {
	if w.At == 0 {
		return ""
	}
	text := "不同意"
	if w.Yes {
		text = "同意"
	}
	for _, more := range []string{spoken(w.Why), w.By} {
		if more != "" {
			text += "，" + more
		}
	}
	return text
}

var photoWord = map[string]string{"claim": "申报", "deed": "服务记录"}

// photos are all pictures; those that lie on other devices only are fetched where they
// are in reach, and else named without.
func (a about) photos() (dossier.Section, error) {
	s := dossier.Section{Key: "photos", Title: "照片", About: "申报和服务记录的照片。不在这台电脑、现在也取不到的，只有时间。", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "of", Title: "属于"}, {Key: "by", Title: "添加人"},
		{Key: "picture", Title: "照片", Kind: dossier.Picture}}}
	var list []photo.Photo
	err := a.read(func(q store.Querier) (err error) { list, err = photo.All(q, a.ids...); return err })
	for _, x := range list {
		if err != nil {
			break
		}
		got, gerr := a.c.getPhoto(a.ctx, photoRequest{x.Person.String(), x.Hash.String()})
		if f := fault.Of(gerr).Code; gerr != nil && f != "photo.away" && f != "photo.erased" {
			err = gerr
		}
		s.Rows = append(s.Rows, []any{x.At, word(photoWord, x.Kind()), cmp.Or(x.By, "本人（手机）"), got.JPEG})
	}
	return s, err
}

// seats are the person's in the council.
func (a about) seats() (dossier.Section, error) {
	s := dossier.Section{Key: "seats", Title: "议事会任职", Columns: []dossier.Column{{Key: "from", Title: "任期起", Kind: dossier.Day}, {Key: "until", Title: "任期止", Kind: dossier.Day}, {Key: "role", Title: "职务"}, {Key: "reason", Title: "提前结束的原因"}, {Key: "by", Title: "经办"}}}
	return s, a.read(func(q store.Querier) error {
		list, err := a.c.board.Seats(q)
		for _, x := range list {
			if slices.Contains(a.ids, x.Person) {
				s.Rows = append(s.Rows, []any{x.From, x.Until, cmp.Or(x.Role, "成员"), x.Reason, x.By})
			}
		}
		return err
	})
}

// meetings are those of the council that the person came to.
func (a about) meetings() (dossier.Section, error) {
	s := dossier.Section{Key: "meetings", Title: "议事会", About: "本人到会的议事会。", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "title", Title: "会议"}, {Key: "place", Title: "地点"}, {Key: "by", Title: "记录人"}}}
	return s, a.read(func(q store.Querier) error {
		list, err := a.c.board.Attended(q, a.ids)
		for _, m := range list {
			s.Rows = append(s.Rows, []any{m.At, m.Title, m.Place, m.By})
		}
		return err
	})
}

// proposals are what the person proposed to the council, and what was answered.
func (a about) proposals() (dossier.Section, error) {
	s := dossier.Section{Key: "proposals", Title: "居民建议", About: "本人提的建议和答复。", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "what", Title: "事项"}, {Key: "text", Title: "内容"}, {Key: "by", Title: "经办"}}}
	fate := map[string]string{publicity.ToCouncil: "答复：上议事会", publicity.Carried: "答复：办了", publicity.Declined: "答复：没有采纳"}
	return s, a.read(func(q store.Querier) error {
		var ids []string
		for _, id := range a.ids {
			ids = append(ids, id.String())
		}
		list, err := a.c.board.Proposals(q, ids, -1)
		if err != nil {
			return err
		}
		rows, err := a.c.proposalRows(q, list, false)
		for _, r := range rows {
			s.Rows = append(s.Rows, []any{r.At, "建议", spoken(r.Text), r.By})
			for _, x := range r.Replies {
				s.Rows = append(s.Rows, []any{x.At, word(fate, x.State), spoken(x.Text), x.By})
			}
			if d := r.Decision; d != nil {
				s.Rows = append(s.Rows, []any{d.At, "议事会决定：" + d.Meeting, d.Matter.Decision, ""})
			}
		}
		return err
	})
}

func (a about) vouchers() (dossier.Section, error) {
	s := dossier.Section{Key: "vouchers", Title: "兑换券", Columns: []dossier.Column{{Key: "at", Title: "开出", Kind: dossier.Moment}, {Key: "till", Title: "在哪里用"}, {Key: "points", Title: "积分", Kind: dossier.Number}, {Key: "until", Title: "有效到", Kind: dossier.Day},
		{Key: "taken", Title: "收下", Kind: dossier.Moment}, {Key: "state", Title: "状态"}, {Key: "by", Title: "经办"}}}
	list, err := a.c.vouchersOf(a.ctx, personRequest{Person: a.id.String()}, math.MaxInt32)
	for _, v := range list.Rows {
		s.Rows = append(s.Rows, []any{v.At, v.Till, v.Points, v.Until, v.TakenAt, word(paperWord, v.State), v.Operator})
	}
	return s, err
}

// goods are reservations and what was listed for award days. What was redeemed
// stands in the passbook.
func (a about) goods() (dossier.Section, error) {
	s := dossier.Section{Key: "goods", Title: "预约和领奖", Columns: []dossier.Column{{Key: "at", Title: "时间", Kind: dossier.Moment}, {Key: "what", Title: "类别"}, {Key: "goods", Title: "物品"}, {Key: "points", Title: "积分", Kind: dossier.Number}, {Key: "state", Title: "状态"},
		{Key: "given", Title: "交付", Kind: dossier.Moment}, {Key: "by", Title: "交付人"}}}
	return s, a.read(func(q store.Querier) error {
		set, err := a.c.shop.EveryReservationOf(q, a.id.String())
		if err != nil {
			return err
		}
		for _, r := range set {
			s.Rows = append(s.Rows, []any{r.At, "预约留货", goodsOf(r.Lines), r.Points, word(setAside, r.State), int64(0), ""})
		}
		gifts, err := a.c.shop.GiftsOf(q, a.id.String())
		for _, g := range gifts {
			s.Rows = append(s.Rows, []any{int64(0), "集中兑换日", goodsOf(g.Lines), g.Points, word(setAside, g.State), g.Given, g.GivenBy})
		}
		return err
	})
}

func (a about) ties() (dossier.Section, error) {
	s := dossier.Section{Key: "teams", Title: "队伍和项目", Columns: []dossier.Column{{Key: "kind", Title: "身份"}, {Key: "name", Title: "名称"}, {Key: "since", Title: "从", Kind: dossier.Day}}}
	return s, a.read(func(q store.Querier) error {
		list, err := a.c.order.Ties(q, a.id.String())
		for _, t := range list {
			s.Rows = append(s.Rows, []any{word(tieWord, t.Kind), t.Name, t.At})
		}
		return err
	})
}

func (a about) honours() (dossier.Section, error) {
	s := dossier.Section{Key: "honours", Title: "荣誉和礼遇", Columns: []dossier.Column{{Key: "kind", Title: "类别"}, {Key: "name", Title: "名称"}, {Key: "at", Title: "授予", Kind: dossier.Day}, {Key: "given", Title: "给了", Kind: dossier.Number}, {Key: "used", Title: "用了", Kind: dossier.Number}}}
	st, err := a.c.standing(a.ctx, standingRequest{Person: a.id.String()})
	if st.Level != nil {
		s.Rows = append(s.Rows, []any{"荣誉", st.Level.Name, st.Level.At, int64(0), int64(0)})
	}
	for _, b := range st.Benefits {
		s.Rows = append(s.Rows, []any{"礼遇", b.Name, int64(0), b.Given, b.Used})
	}
	return s, err
}

func (a about) papers() (dossier.Section, error) {
	s := dossier.Section{Key: "papers", Title: "志愿服务记录证明", Columns: []dossier.Column{{Key: "at", Title: "开出", Kind: dossier.Moment}, {Key: "code", Title: "编号"}, {Key: "from", Title: "从", Kind: dossier.Day}, {Key: "to", Title: "到", Kind: dossier.Day},
		{Key: "times", Title: "次数", Kind: dossier.Number}, {Key: "minutes", Title: "分钟", Kind: dossier.Number}, {Key: "by", Title: "经办"}}}
	got, err := a.c.hoursOf(a.ctx, daysRequest{ID: a.id.String()})
	for _, p := range got.Papers {
		s.Rows = append(s.Rows, []any{p.At, p.Code, p.From, p.To, p.Times, p.Minutes, p.By})
	}
	return s, err
}

// consent is what the person agreed to, and took back.
func (a about) consent() (dossier.Section, error) {
	s := dossier.Section{Key: "consent", Title: "本人的同意", Columns: []dossier.Column{{Key: "what", Title: "事项"}, {Key: "given", Title: "现在"}, {Key: "how", Title: "怎么说的"}, {Key: "on", Title: "同意", Kind: dossier.Day},
		{Key: "off", Title: "撤回", Kind: dossier.Day}, {Key: "at", Title: "登记", Kind: dossier.Moment}, {Key: "by", Title: "经办"}}}
	if err := a.agreed(&s); err != nil {
		return s, err
	}
	got, err := a.c.personCredit(a.ctx, personRequest{Person: a.id.String()})
	if x := got.Consent; err == nil && x.At != 0 {
		now := "已撤回"
		if x.Given {
			now = "同意"
		}
		s.Rows = append(s.Rows, []any{"评定授信并开证明", now, "", x.At, x.Off, x.At, x.By})
	}
	return s, err
}

func (a about) creditLines() (dossier.Section, error) {
	s := dossier.Section{Key: "credit", Title: "授信评定", Columns: []dossier.Column{{Key: "made", Title: "评定", Kind: dossier.Day}, {Key: "number", Title: "编号"}, {Key: "version", Title: "版本", Kind: dossier.Number}, {Key: "points", Title: "积分", Kind: dossier.Number}, {Key: "amount", Title: "额度（元）", Kind: dossier.Number},
		{Key: "until", Title: "有效到", Kind: dossier.Day}, {Key: "state", Title: "状态"}, {Key: "by", Title: "经办"}}}
	return s, a.read(func(q store.Querier) error {
		list, err := a.c.credit.Lines(q, a.ids)
		for _, l := range list {
			s.Rows = append(s.Rows, []any{l.Made, l.Number, l.Version, l.Points, l.Amount, l.Until, word(lineWord, l.State), l.By})
		}
		return err
	})
}
