package people

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"jishan/app/fault"
	"jishan/app/govern"
)

// Limits of what people type. They are generous for people and small for
// documents: every field must fit a printed line or two.
const (
	maxNameRunes    = 40 // the longest names of the minorities have under 30
	maxAddressRunes = 120
	maxNoteRunes    = 500
	maxShortRunes   = 60 // grid, guardian's name and phone, one skill list
	oldestYear      = 1900
)

// fold turns full-width characters into their ASCII twins, line breaks and
// tabs into spaces, and trims: pasted text and Chinese input methods bring all
// of them.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - 0xFEE0
		case r == '\u3000' || r == '\u00a0' || r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r == '\ufeff' || r >= '\u200b' && r <= '\u200f': // marks that nobody sees
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// dots are the characters that keyboards offer for the dot inside names such
// as 阿依古丽·买买提.
const dots = "·•・･‧∙⋅●▪"

// NormalName returns the one spelling of a name under which it is compared:
// ASCII forms folded, one kind of dot, no spaces between Han characters.
// Fault: people.name.bad{reason empty, long, characters}.
func NormalName(s string) (string, error) {
	if !govern.PlainLine(strings.TrimSpace(s)) {
		return "", fault.New("people.name.bad", "reason", "characters")
	}
	rs := []rune(fold(s))
	var b strings.Builder
	for i, r := range rs {
		han := func(j int) bool { return j >= 0 && j < len(rs) && unicode.Is(unicode.Han, rs[j]) }
		switch {
		case strings.ContainsRune(dots, r), r == '.' && (han(i-1) || han(i+1)):
			r = '·'
		case r == ' ' && (han(i-1) || han(i+1)):
			continue
		}
		b.WriteRune(r)
	}
	name := b.String()
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", fault.New("people.name.bad", "reason", "empty")
	case n > maxNameRunes:
		return "", fault.New("people.name.bad", "reason", "long")
	case !nameRunes(name):
		return "", fault.New("people.name.bad", "reason", "characters")
	}
	return name, nil
}

// nameRunes allows letters of every script, also those without a Unicode
// number yet (private use, which GB 18030 systems fill in for rare names).
func nameRunes(name string) bool {
	letters := 0
	for _, r := range name {
		switch {
		case unicode.IsLetter(r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Mn, r):
			letters++
		case strings.ContainsRune("·.-' ()〇", r):
		default:
			return false
		}
	}
	return letters > 0
}

// NormalPhone returns a mainland number as digits: a mobile number (11 digits)
// or a fixed line with its area code. Empty stays empty. Fault:
// people.phone.bad.
func NormalPhone(s string) (string, error) {
	d := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -()", r) {
			return -1
		}
		return r
	}, fold(s))
	d = strings.TrimPrefix(d, "+")
	for _, prefix := range []string{"0086", "86"} {
		if rest, ok := strings.CutPrefix(d, prefix); ok && len(rest) >= 10 {
			d = rest
			break
		}
	}
	mobile := len(d) == 11 && d[0] == '1' && d[1] >= '3'
	fixed := len(d) >= 10 && len(d) <= 12 && d[0] == '0' && d[1] != '0'
	if d != "" && (!digits(d) || !mobile && !fixed) {
		return "", fault.New("people.phone.bad")
	}
	return d, nil
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// NormalIDNumber returns a citizen's identity number in its form of 18
// characters; the old one of 15 is converted. Empty stays empty. Fault:
// people.idNumber.bad{reason length, characters, birthday, checksum}.
func NormalIDNumber(s string) (string, error) {
	id := strings.ToUpper(strings.ReplaceAll(fold(s), " ", ""))
	if id == "" {
		return "", nil
	}
	if len(id) == 15 && digits(id) {
		id = id[:6] + "19" + id[6:]
		id += string(idChecksum(id))
	}
	switch {
	case len(id) != 18:
		return "", fault.New("people.idNumber.bad", "reason", "length")
	case !digits(id[:17]) || !digits(id[17:]) && id[17] != 'X':
		return "", fault.New("people.idNumber.bad", "reason", "characters")
	case !validDate(id[6:14]):
		return "", fault.New("people.idNumber.bad", "reason", "birthday")
	case idChecksum(id[:17]) != id[17]:
		return "", fault.New("people.idNumber.bad", "reason", "checksum")
	}
	return id, nil
}

// idChecksum is ISO 7064 MOD 11-2 over 17 digits.
func idChecksum(id string) byte {
	sum := 0
	for i := range 17 {
		sum = (sum + int(id[i]-'0')) * 2 % 11
	}
	return "0123456789X"[(12-sum)%11]
}

func validDate(yyyymmdd string) bool {
	t, err := time.Parse("20060102", yyyymmdd)
	return err == nil && t.Year() >= oldestYear
}

// NormalBirthday returns a date as yyyy-mm-dd from any of the usual
// spellings, 1953年6月1日 and 19530601 included. Empty stays empty. It is not
// compared with the ID number: many people keep their birthday by the lunar
// calendar. Fault: people.birthday.bad.
func NormalBirthday(s string, now int64) (string, error) {
	s = strings.ReplaceAll(fold(s), " ", "")
	if s == "" {
		return "", nil
	}
	s = strings.TrimSuffix(strings.NewReplacer("年", "-", "月", "-", "/", "-", ".", "-").Replace(s), "日")
	for _, layout := range []string{"2006-1-2", "20060102"} {
		t, err := time.Parse(layout, s)
		if err == nil && t.Year() >= oldestYear && t.UnixMilli() <= now {
			return t.Format(time.DateOnly), nil
		}
	}
	return "", fault.New("people.birthday.bad")
}

// normalText folds and checks a free text of at most limit characters.
// Fault: people.<field>.bad{reason long, characters}.
func normalText(field, s string, limit int) (string, error) {
	s = fold(s)
	if !govern.PlainLine(s) {
		return "", fault.New("people."+field+".bad", "reason", "characters")
	}
	if utf8.RuneCountInString(s) > limit {
		return "", fault.New("people."+field+".bad", "reason", "long", "limit", limit)
	}
	return s, nil
}

// Mask hides a name for screens and receipts that merchants and neighbours
// see: 张三 becomes 张*, 张小芳 张*芳, 阿依古丽·买买提 阿***.
func Mask(name string) string {
	rs := []rune(name)
	dotted := strings.ContainsRune(name, '·')
	switch {
	case len(rs) == 0:
		return ""
	case dotted || len(rs) == 1:
		return string(rs[0]) + strings.Repeat("*", min(len(rs)-1, 3))
	case len(rs) == 2:
		return string(rs[0]) + "*"
	case len(rs) <= 4:
		return string(rs[0]) + strings.Repeat("*", len(rs)-2) + string(rs[len(rs)-1])
	}
	return string(rs[0]) + "***" + string(rs[len(rs)-1])
}

// PhoneTail returns the last four digits, "" if there are fewer.
func PhoneTail(phone string) string {
	if len(phone) < 4 {
		return ""
	}
	return phone[len(phone)-4:]
}
