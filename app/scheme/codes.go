package scheme

import "fmt"

// codes gives rules without a code one: the code that the rule had under the same
// name, else a letter for the group and a number, as printed rulebooks have it.
type codes struct {
	known map[[3]string]string
	used  map[string]bool
}

func newCodes(now Scheme) codes {
	c := codes{known: map[[3]string]string{}, used: map[string]bool{}}
	for _, i := range now.Items {
		c.known[[3]string{i.Group, i.Sub, i.Name}] = i.Code
		c.used[i.Code] = true // a code never comes to mean another rule
	}
	return c
}

func (c codes) fill(rows []Row) {
	for _, r := range rows {
		c.used[r.Item.Code] = true
	}
	groups := map[string]int{}
	for n := range rows {
		i := &rows[n].Item
		if _, ok := groups[i.Group]; !ok {
			groups[i.Group] = len(groups)
		}
		if i.Code != "" {
			continue
		}
		if old, ok := c.known[[3]string{i.Group, i.Sub, i.Name}]; ok {
			i.Code = old
			delete(c.known, [3]string{i.Group, i.Sub, i.Name}) // of two of one name the second is another
			continue
		}
		i.Code = c.free(groups[i.Group])
	}
}

// free is the next code of a group that nothing has.
func (c codes) free(group int) string {
	letter := string(rune('A' + group%26))
	if group >= 26 {
		letter = fmt.Sprintf("%s%d", letter, group/26)
	}
	for n := 1; ; n++ {
		code := fmt.Sprintf("%s%02d", letter, n)
		if !c.used[code] {
			c.used[code] = true
			return code
		}
	}
}

// Values are an item's fields as a workbook shows them.
func (i Item) Values() map[string]string {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	yes := func(b bool) string {
		if b {
			return "是"
		}
		return ""
	}
	points := fmt.Sprint(i.Points)
	if i.Takes() {
		points = "-" + points
	}
	v := map[string]string{
		"code": i.Code, "group": i.Group, "sub": i.Sub, "name": i.Name, "kind": kindTitles[i.Kind], "points": points,
		"minutes": number(i.Minutes), "unit": i.Unit, "per": number(i.Per), "harder": number(i.Harder), "hardest": number(i.Hardest),
		"dayCap": number(i.DayCap), "weekCap": number(i.WeekCap), "monthCap": number(i.MonthCap), "yearCap": number(i.YearCap),
		"witness": yes(i.Witness), "review": yes(i.Review), "notice": number(i.Notice), "self": yes(i.Self), "lead": yes(i.Lead), "for": i.For, "note": i.Note,
	}
	if i.Round != Full {
		v["round"] = roundTitles[i.Round]
	}
	if i.Kind == Often {
		v["times"] = fmt.Sprintf("%s%d次", spanTitles[i.Span], i.Times)
	}
	return v
}
