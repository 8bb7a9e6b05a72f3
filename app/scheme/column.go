package scheme

import "strings"

// column is a column of a rulebook's workbook: the name of the field, the heading
// that is written, and the other spellings that are understood.
type column struct {
	Field, Title string
	also         []string
}

var columns = []column{
	{"code", "编号", []string{"代码", "项目编号", "编码", "Code"}},
	{"group", "大类", []string{"一级指标", "类别", "大项", "分类", "积分类别", "Group"}},
	{"sub", "二级指标", []string{"中类", "二级项目", "子类"}},
	{"name", "小项", []string{"具体项目", "三级指标", "积分项", "积分项目", "项目", "项目名称", "名称", "内容", "积分事项", "事项", "Item"}},
	{"kind", "计分方式", []string{"方式", "类型"}},
	{"points", "分值", []string{"积分", "分数", "积分分值", "积分标准", "赋分标准", "分值（分）", "Points"}},
	{"minutes", "计时单位（分钟）", []string{"分钟", "计时单位", "每多少分钟"}},
	{"round", "零头怎么算", []string{"取整"}},
	{"unit", "计数单位", []string{"单位"}},
	{"per", "每几个单位", []string{"每几个"}},
	{"times", "频次", []string{"次数上限", "每期次数"}},
	{"harder", "较难（%）", []string{"较难"}},
	{"hardest", "很难（%）", []string{"很难"}},
	{"dayCap", "每日上限", []string{"日上限", "每天上限"}},
	{"weekCap", "每周上限", []string{"周上限"}},
	{"monthCap", "每月上限", []string{"月上限"}},
	{"yearCap", "每年上限", []string{"年上限", "年度上限"}},
	{"witness", "需见证", []string{"见证", "见证人"}},
	{"review", "需审核", []string{"审核"}},
	{"notice", "公示天数", []string{"公示", "公示期"}},
	{"self", "可自己申报", []string{"自主申报", "可自报"}},
	{"lead", "仅负责人可记", []string{"仅负责人"}},
	{"for", "适用人群", []string{"对象", "人群"}},
	{"note", "说明", []string{"备注", "评分标准", "评分说明"}},
}

// skipped are headings that mean nothing here.
var skipped = []string{"序号", "错误原因"}

// Title is the heading of a field; an unknown one heads itself.
func Title(field string) string {
	for _, c := range columns {
		if c.Field == field {
			return c.Title
		}
	}
	return field
}

// Heading is what heads a field whose level goes by a name of its own, if that can
// be read again.
func Heading(field, name string) string {
	if f, _ := fieldOf(name); f == field {
		return name
	}
	return Title(field)
}

// Fields lists the columns of a workbook in order.
func Fields() (out []string) {
	for _, c := range columns {
		out = append(out, c.Field)
	}
	return out
}

// fieldOf finds the field that a heading names, "" for none; skip says that the
// column is known to mean nothing.
func fieldOf(heading string) (field string, skip bool) {
	h := strings.NewReplacer(" ", "", "\n", "", "(", "（", ")", "）").Replace(heading)
	for _, s := range skipped {
		if h == s {
			return "", true
		}
	}
	for _, c := range columns {
		if h == c.Title {
			return c.Field, false
		}
		for _, a := range c.also {
			if h == a {
				return c.Field, false
			}
		}
	}
	return "", false
}

// Words of the kinds, roundings and spans in workbooks.
var (
	kindTitles = map[string]string{
		Time: "按时长", Deed: "按次", Piece: "按件", Often: "按频次", Base: "年度基础分", Honour: "荣誉", Exam: "成绩", Mutual: "互助用工", Donate: "捐赠", Deduct: "扣分",
	}
	roundTitles = map[string]string{Full: "满一个单位才算", Half: "过半算一个", Begun: "不满也算一个"}
	spanTitles  = map[string]string{Daily: "每天", Weekly: "每周", Monthly: "每月", Yearly: "每年"}
)

// Words a kind goes by in rulebooks that others wrote.
var kindAlso = map[string]string{
	"时长": Time, "计时": Time, "按小时": Time, "次": Deed, "每次": Deed, "计次": Deed, "件": Piece, "计件": Piece, "按数量": Piece, "频次": Often,
	"基础分": Base, "年度基础": Base, "奖励": Honour, "表彰": Honour, "考试成绩": Exam, "互助": Mutual, "捐助": Donate, "加分": Deed, "减分": Deduct, "扣减": Deduct,
}

func titled(titles map[string]string, word string) (string, bool) {
	for k, t := range titles {
		if t == word {
			return k, true
		}
	}
	return "", false
}
