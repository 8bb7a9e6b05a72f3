package fund

import (
	"database/sql"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Entry is one entry. Fen is below 0 for one that counts as the opposite of another.
type Entry struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Fen     int64  `json:"fen"`
	Day     int64  `json:"day"`
	Who     string `json:"who"`
	Word    string `json:"word"`
	Voucher string `json:"voucher"`
	Grant   string `json:"grant"`
	Undoes  string `json:"undoes"`
	Undone  bool   `json:"undone"`
	Made    int64  `json:"made"`
	By      string `json:"by"`
}

// Grant is a Support with what was used of it.
type Grant struct {
	ID   string `json:"id"`
	Who  string `json:"who"`
	Word string `json:"word"`
	Day  int64  `json:"day"`
	Fen  int64  `json:"fen"`
	Used int64  `json:"used"`
	Left int64  `json:"left"`
}

// Year is what a year comes to, and what there is in all.
type Year struct {
	Entries []Entry          `json:"entries"` // of the year, the latest first
	Sums    map[string]int64 `json:"sums"`    // of the year by kind
	Before  int64            `json:"before"`  // money that was there when the year began
	Left    int64            `json:"left"`    // money that is there by the end of it
	Share   int64            `json:"share"`   // of what was given by donors in what came in, goods among it, per mille; -1: nothing came in
	Grants  []Grant          `json:"grants"`  // all that were not taken back, the latest first
}

// Money says what an entry does to the community's money.
func (e Entry) Money() int64 {
	switch {
	case e.Kind == Goods || e.Kind == Use:
		return 0
	case slices.Contains(Incoming, e.Kind):
		return e.Fen
	}
	return -e.Fen
}

// all reads every entry by day. Of the opposites of an entry the first counts; the others,
// and those of what is not here or is an opposite itself, are left out until they do.
func (b *Book) all(q store.Querier) (list []Entry, err error) {
	at := map[string]int{}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var id string
		var raw []byte
		if err := r.Scan(&id, &raw); err != nil {
			return err
		}
		v, err := coded.Read(raw, format, value.whole)
		if err != nil {
			return err
		}
		at[id] = len(list)
		list = append(list, Entry{ID: id, Kind: v.Kind, Fen: v.Fen, Day: v.Day, Who: v.Who, Word: v.Word, Voucher: v.Voucher, Grant: v.Grant, Undoes: v.Undoes, Made: v.Made, By: v.By})
		return nil
	}, `SELECT id, value FROM fund_entry ORDER BY day, made, id LIMIT ?`, MaxEntries)
	if err != nil {
		return nil, err
	}
	first := map[string]int{} // the opposite that counts, by entry
	for i, e := range list {
		n, known := at[e.Undoes]
		if !known || list[n].Undoes != "" || list[n].Kind != e.Kind || list[n].Fen != e.Fen {
			continue
		}
		if k, ok := first[e.Undoes]; !ok || e.Made < list[k].Made || e.Made == list[k].Made && e.ID < list[k].ID {
			first[e.Undoes] = i
		}
	}
	for id, i := range first {
		list[at[id]].Undone, list[i].Fen = true, -list[i].Fen
	}
	return slices.DeleteFunc(list, func(e Entry) bool { return e.Undoes != "" && e.Fen > 0 }), nil
}

// Year returns what a year, such as 2026, comes to.
func (b *Book) Year(q store.Querier, year string) (out Year, err error) {
	list, err := b.all(q)
	if err != nil {
		return out, err
	}
	out = Year{Entries: []Entry{}, Sums: map[string]int64{}, Share: -1, Grants: grants(list)}
	for _, k := range Kinds {
		out.Sums[k] = 0
	}
	for _, e := range list {
		switch when := zone.Year(e.Day); {
		case when < year:
			out.Before += e.Money()
		case when == year:
			out.Entries = append(out.Entries, e)
			out.Sums[e.Kind] += e.Fen
			out.Left += e.Money()
		}
	}
	out.Left += out.Before
	slices.Reverse(out.Entries)
	came := int64(0)
	for _, k := range Incoming {
		came += out.Sums[k]
	}
	if given := out.Sums[Donation] + out.Sums[Goods]; came > 0 && given >= 0 && given <= came {
		out.Share = given / 1000 * 1000 * 1000 / came // no overflow: a sum of MaxEntries of MaxFen, by thousands
		if came < 1<<50 {
			out.Share = (given*1000 + came/2) / came
		}
	}
	return out, nil
}

func grants(list []Entry) []Grant {
	out, at := []Grant{}, map[string]int{}
	for _, e := range slices.Backward(list) {
		if e.Kind == Support && e.Undoes == "" && !e.Undone {
			at[e.ID] = len(out)
			out = append(out, Grant{ID: e.ID, Who: e.Who, Word: e.Word, Day: e.Day, Fen: e.Fen, Left: e.Fen})
		}
	}
	for _, e := range list {
		if i, ok := at[e.Grant]; ok && e.Kind == Use {
			out[i].Used += e.Fen
			out[i].Left -= e.Fen
		}
	}
	return out
}

// Add writes an entry and returns its id. Faults: fund.kind; fund.fen{max}; fund.day;
// fund.text{field, max}; fund.who (a donation or a grant of nobody); fund.grant (a use of no
// grant), fund.over{left}.
func (b *Book) Add(tx *store.Tx, e Entry) (string, error) {
	_, end := zone.DayBounds(tx.Now())
	v := value{Format: format, Kind: e.Kind, Fen: e.Fen, Who: strings.TrimSpace(e.Who), Word: strings.TrimSpace(e.Word), Voucher: strings.TrimSpace(e.Voucher), Grant: e.Grant, Made: tx.Now(), By: clip(e.By)}
	v.Day, _ = zone.DayBounds(e.Day)
	switch {
	case !slices.Contains(Kinds, v.Kind):
		return "", fault.New("fund.kind")
	case v.Fen < 1 || v.Fen > MaxFen:
		return "", fault.New("fund.fen", "max", int64(MaxFen)/100)
	case e.Day <= 0 || e.Day >= end:
		return "", fault.New("fund.day")
	case !govern.ShortLine(v.Who, MaxWho):
		return "", fault.New("fund.text", "field", "who", "max", MaxWho)
	case !govern.ShortLine(v.Word, MaxWord):
		return "", fault.New("fund.text", "field", "word", "max", MaxWord)
	case !govern.ShortLine(v.Voucher, MaxVoucher):
		return "", fault.New("fund.text", "field", "voucher", "max", MaxVoucher)
	case v.Who == "" && (v.Kind == Donation || v.Kind == Goods || v.Kind == Support):
		return "", fault.New("fund.who")
	}
	if v.Kind != Use {
		v.Grant = ""
		return b.write(tx, "fund.add", v)
	}
	list, err := b.all(tx)
	if err != nil {
		return "", err
	}
	g, ok := grantOf(list, v.Grant)
	if !ok {
		return "", fault.New("fund.grant")
	}
	if v.Fen > g.Left {
		return "", fault.New("fund.over", "left", g.Left)
	}
	v.Who = g.Who
	return b.write(tx, "fund.add", v)
}

func grantOf(list []Entry, id string) (Grant, bool) {
	all := grants(list)
	i := slices.IndexFunc(all, func(g Grant) bool { return g.ID == id })
	if i < 0 {
		return Grant{}, false
	}
	return all[i], true
}

// Undo writes the opposite of an entry, with the reason. Faults: fund.unknown; fund.undone;
// fund.used (a grant of which something was used: that is taken back first); fund.why{max}.
func (b *Book) Undo(tx *store.Tx, id, why, by string) error {
	list, err := b.all(tx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(e Entry) bool { return e.ID == id && e.Undoes == "" })
	if i < 0 {
		return fault.New("fund.unknown")
	}
	e := list[i]
	if e.Undone {
		return fault.New("fund.undone")
	}
	if g, ok := grantOf(list, id); ok && g.Used > 0 {
		return fault.New("fund.used")
	}
	if why = strings.TrimSpace(why); !govern.FilledLine(why, MaxWord) {
		return fault.New("fund.why", "max", MaxWord)
	}
	today, _ := zone.DayBounds(tx.Now())
	_, err = b.write(tx, "fund.undo", value{Format: format, Kind: e.Kind, Fen: e.Fen, Day: max(today, e.Day), Who: e.Who, Word: why, Voucher: e.Voucher, Grant: e.Grant, Undoes: id, Made: tx.Now(), By: clip(by)})
	return err
}

func (b *Book) write(tx *store.Tx, action string, v value) (string, error) {
	raw, err := coded.Marshal(v)
	if err != nil {
		return "", err
	}
	id := hash(string(raw))
	_, err = tx.Put(b.doc(Doc+"/"+zone.Month(tx.Now())), action, store.Put{Key: kind + "/" + id + "/what", Value: wire.BytesValue(raw)})
	return id, err
}

// clip shortens an operator's name to what an entry holds.
func clip(name string) string {
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName])
	}
	return name
}
