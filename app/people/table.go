package people

import (
	"encoding/csv"
	"slices"
	"strings"
	"unicode"
)

// rosterColumns are the columns of a roster and how people head them.
var rosterColumns = []struct {
	id    string
	names []string
}{
	{"name", []string{"姓名", "名字", "志愿者", "志愿者姓名", "居民姓名", "name"}},
	{"phone", []string{"电话", "手机", "手机号", "手机号码", "联系电话", "联系方式", "电话号码", "phone", "mobile"}},
	{"idNumber", []string{"身份证号", "身份证", "身份证号码", "公民身份号码", "证件号码", "证件号", "idnumber", "id number"}},
	{"birthday", []string{"生日", "出生日期", "出生年月日", "birthday"}},
	{"grid", []string{"网格", "所属网格", "村民小组", "小组", "组别", "grid"}},
	{"address", []string{"住址", "地址", "家庭住址", "居住地址", "楼栋门牌", "门牌", "门牌号", "楼栋", "房号", "address"}},
	{"household", []string{"户主", "户", "户号", "家庭", "户主姓名", "户编号", "家庭编号", "household"}},
	{"relation", []string{"与户主关系", "关系", "relation"}},
	{"lifetime", []string{"累计积分", "总积分", "历史积分", "lifetime"}},
	{"year", []string{"年度积分", "本年积分", "今年积分", "year"}},
	{"spendable", []string{"可用积分", "剩余积分", "结余积分", "积分余额", "余额", "积分", "spendable"}},
	{"skills", []string{"特长", "技能", "专长", "skills"}},
	{"guardian", []string{"监护人", "guardian"}},
	{"note", []string{"备注", "说明", "note"}},
}

// splitTable splits pasted text into cells; empty lines stay, so that line
// numbers are those of the text.
func splitTable(text string) [][]string {
	text = strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(text, "\n")
	rows := make([][]string, len(lines))
	split := strings.Fields
	switch {
	case strings.Contains(text, "\t"):
		split = func(s string) []string { return strings.Split(s, "\t") }
	case strings.ContainsAny(text, ",，"):
		split = splitCommas
	}
	for i, line := range lines {
		if strings.TrimSpace(line) != "" {
			rows[i] = split(line)
		}
	}
	return rows
}

func splitCommas(line string) []string {
	r := csv.NewReader(strings.NewReader(strings.ReplaceAll(line, "，", ",")))
	r.LazyQuotes, r.FieldsPerRecord, r.TrimLeadingSpace = true, -1, true
	cells, err := r.Read()
	if err != nil { // a lone quote: the plain reading is better than none
		return strings.Split(line, ",")
	}
	return cells
}

func blank(row []string) bool {
	return !slices.ContainsFunc(row, func(c string) bool { return fold(c) != "" })
}

// findHeader returns the columns and the number of the first row below the
// header; nil if the roster has none.
func findHeader(cells [][]string) ([]string, int) {
	for i, row := range cells[:min(headerRows, len(cells))] {
		columns := make([]string, len(row))
		for j, c := range row {
			columns[j] = headed(c)
		}
		if slices.Contains(columns, "name") {
			return unique(columns), i + 1
		}
	}
	return nil, 0
}

// headed returns the column that a header cell names. Marks such as "姓名*" or
// "手机（必填）" are common.
func headed(cell string) string {
	c := strings.ToLower(strings.ReplaceAll(fold(cell), " ", ""))
	c, _, _ = strings.Cut(c, "(")
	c = strings.Trim(c, "*:/")
	for _, col := range rosterColumns {
		for _, name := range col.names {
			if c == strings.ReplaceAll(name, " ", "") {
				return col.id
			}
		}
	}
	return ""
}

// unique keeps the first of two columns with one meaning.
func unique(columns []string) []string {
	for i, c := range columns {
		if c != "" && slices.Contains(columns[:i], c) {
			columns[i] = ""
		}
	}
	return columns
}

// guessColumns tells columns without a header by what stands in most rows.
func guessColumns(cells [][]string) []string {
	width := 0
	for _, row := range cells {
		width = max(width, len(row))
	}
	columns := make([]string, width)
	for j := range columns {
		votes := map[string]int{}
		for _, row := range cells {
			if j < len(row) {
				votes[looksLike(row[j])]++
			}
		}
		best := ""
		for _, kind := range []string{"idNumber", "phone", "birthday", "name", "address"} {
			if votes[kind] > votes[best] || best == "" && votes[kind] > 0 {
				best = kind
			}
		}
		columns[j] = best
	}
	return unique(columns)
}

// longestName is the length in characters up to which a cell of Han
// characters alone is taken for a name.
const longestName = 5

func looksLike(cell string) string {
	c := fold(cell)
	if c == "" {
		return "-"
	}
	if id, err := NormalIDNumber(c); err == nil && id != "" {
		return "idNumber"
	}
	if phone, err := NormalPhone(c); err == nil && phone != "" {
		return "phone"
	}
	if d, err := NormalBirthday(c, 1<<53); err == nil && d != "" {
		return "birthday"
	}
	name, err := NormalName(c)
	if err == nil && (len([]rune(name)) <= longestName || strings.Contains(name, "·")) && !strings.ContainsFunc(c, unicode.IsDigit) {
		return "name"
	}
	if strings.ContainsFunc(c, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || strings.Contains(c, "-") {
		return "address"
	}
	return "-"
}
