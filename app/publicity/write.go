package publicity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Post writes a notice and returns its id. Faults: publicity.kind; publicity.text{reason,
// max}; publicity.days{max}; publicity.minutes where it is about minutes that are not here.
func (b *Board) Post(tx *store.Tx, n Notice) (string, error) {
	v := noticeValue{Format: format, Kind: n.Kind, Title: strings.TrimSpace(n.Title), Body: strings.TrimSpace(n.Body), Contact: strings.TrimSpace(n.Contact), Grid: n.Grid,
		From: n.From, Until: n.Until, About: n.About, Made: tx.Now(), By: clip(n.By)}
	switch {
	case !slices.Contains(Kinds, v.Kind):
		return "", fault.New("publicity.kind")
	case !govern.FilledLine(v.Title, MaxTitle):
		return "", textFault("title", MaxTitle)
	case v.Body == "" || utf8.RuneCountInString(v.Body) > MaxBody || !govern.PlainText(v.Body):
		return "", textFault("body", MaxBody)
	case !govern.ShortLine(v.Contact, MaxLine):
		return "", textFault("contact", MaxLine)
	case !govern.ShortLine(v.Grid, MaxLine):
		return "", textFault("grid", MaxLine)
	case v.From <= 0 || v.Until <= v.From || v.Until > v.From+MaxDays*day || v.Until <= tx.Now():
		return "", fault.New("publicity.days", "max", MaxDays)
	}
	if v.About != "" {
		m, err := b.Minutes(tx, v.About)
		if err != nil {
			return "", err
		}
		if m.Off != 0 {
			return "", fault.New("publicity.minutes")
		}
	}
	return b.write(tx, notice, "text", "publicity.post", v)
}

// Enter writes the minutes of a meeting and returns their id. Faults: publicity.text{reason,
// max}; council.date; council.present{max}; council.matters{max}; council.matter{n, max}; council.votes{n};
// council.proposal.unknown for a matter that came from a proposal which is not here.
func (b *Board) Enter(tx *store.Tx, m Minutes) (string, error) {
	v := minutesValue{Format: format, Title: strings.TrimSpace(m.Title), At: m.At, Place: strings.TrimSpace(m.Place), Present: [][]byte{}, Others: m.Others, Matters: []Matter{}, Made: tx.Now(), By: clip(m.By)}
	switch {
	case !govern.FilledLine(v.Title, MaxTitle):
		return "", textFault("title", MaxTitle)
	case !govern.ShortLine(v.Place, MaxLine):
		return "", textFault("place", MaxLine)
	case v.At <= 0 || v.At > tx.Now():
		return "", fault.New("council.date")
	case len(m.Present) > MaxPresent || !within(m.Others) || len(m.Present) == 0 && m.Others == 0:
		return "", fault.New("council.present", "max", MaxPresent)
	case len(m.Matters) == 0 || len(m.Matters) > MaxMatters:
		return "", fault.New("council.matters", "max", MaxMatters)
	}
	for _, p := range m.Present {
		v.Present = append(v.Present, p[:])
	}
	slices.SortFunc(v.Present, func(x, y []byte) int { return cmp.Compare(string(x), string(y)) })
	v.Present = slices.CompactFunc(v.Present, func(x, y []byte) bool { return string(x) == string(y) })
	for i, x := range m.Matters {
		x.Title, x.Decision = strings.TrimSpace(x.Title), strings.TrimSpace(x.Decision)
		if !x.whole() {
			return "", fault.New("council.matter", "n", i+1, "max", MaxText)
		}
		if x.Votes() > int64(len(v.Present))+m.Others {
			return "", fault.New("council.votes", "n", i+1)
		}
		v.Matters = append(v.Matters, x.Matter)
	}
	from, err := b.fromProposals(tx, m)
	if err != nil {
		return "", err
	}
	return b.write(tx, council, "minutes", "council.enter", v, from...)
}

// fromProposals are the words that tie matters to the proposals they came from.
func (b *Board) fromProposals(tx *store.Tx, m Minutes) (out []store.Put, err error) {
	for i, x := range m.Matters {
		if x.Proposal == "" {
			continue
		}
		if known, err := proposals(tx, `tag = 'text' AND id = ?`, x.Proposal); err != nil || len(known) == 0 {
			return nil, cmp.Or(err, error(fault.New("council.proposal.unknown")))
		}
		raw, err := coded.Marshal(wordValue{Format: format, At: tx.Now(), Text: x.Proposal, By: clip(m.By)})
		if err != nil {
			return nil, err
		}
		out = append(out, store.Put{Key: fmt.Sprintf("from.%d", i), Value: wire.BytesValue(raw)})
	}
	return out, nil
}

// write keeps a text under its hash, in the document of the month, and beside it what else
// is said of it, by field.
func (b *Board) write(tx *store.Tx, kind, field, action string, v any, more ...store.Put) (string, error) {
	raw, err := coded.Marshal(v)
	if err != nil {
		return "", err
	}
	id := hash(kind, string(raw))
	puts := append([]store.Put{{Key: field, Value: wire.BytesValue(raw)}}, more...)
	for i := range puts {
		puts[i].Key = kind + "/" + id + "/" + puts[i].Key
	}
	_, err = tx.Put(b.doc(Doc+"/"+zone.Month(tx.Now())), action, puts...)
	return id, err
}

// Withdraw takes a notice off the board. Faults: publicity.unknown, publicity.off,
// publicity.text{reason, max}.
func (b *Board) Withdraw(tx *store.Tx, id, reason, by string) error {
	n, err := b.Notice(tx, id)
	if err != nil {
		return err
	}
	if n.Off != 0 {
		return fault.New("publicity.off")
	}
	if err := b.say(tx, notice, id, "off", n.path, "publicity.withdraw", reason, by); err != nil || !n.ForMerchants() {
		return err
	}
	return b.hide(tx, n)
}

// Strike withdraws minutes that are wrong, and the notices that made them known; they are
// entered anew. Faults:
// publicity.minutes, publicity.off, publicity.text{reason, max}.
func (b *Board) Strike(tx *store.Tx, id, reason, by string) error {
	m, err := b.standing(tx, id)
	if err != nil {
		return err
	}
	if err := b.say(tx, council, id, "off", m.path, "council.strike", reason, by); err != nil {
		return err
	}
	list, err := b.About(tx, tx.Now(), id)
	for _, n := range list {
		if err == nil && n.Off == 0 {
			err = b.Withdraw(tx, n.ID, reason, by)
		}
	}
	return err
}

// Act notes what was done about a matter, counted from 0. Faults: publicity.minutes,
// publicity.off, council.acted, publicity.text{reason, max}.
func (b *Board) Act(tx *store.Tx, id string, matter int, text, by string) error {
	m, err := b.standing(tx, id)
	if err != nil {
		return err
	}
	if matter < 0 || matter >= len(m.Matters) || m.Matters[matter].Done != 0 {
		return fault.New("council.acted")
	}
	return b.say(tx, council, id, fmt.Sprintf("act.%d", matter), m.path, "council.act", text, by)
}

// standing finds minutes that were not withdrawn.
func (b *Board) standing(q store.Querier, id string) (Minutes, error) {
	m, err := b.Minutes(q, id)
	if err == nil && m.Off != 0 {
		err = fault.New("publicity.off")
	}
	return m, err
}

func (b *Board) say(tx *store.Tx, kind, id, field, path, action, text, by string) error {
	if text = strings.TrimSpace(text); !govern.FilledLine(text, MaxText) {
		return textFault("reason", MaxText)
	}
	raw, err := coded.Marshal(wordValue{Format: format, At: tx.Now(), Text: text, By: clip(by)})
	if err != nil {
		return err
	}
	_, err = tx.Put(b.doc(path), action, store.Put{Key: kind + "/" + id + "/" + field, Value: wire.BytesValue(raw)})
	return err
}

func textFault(field string, limit int) error {
	return fault.New("publicity.text", "reason", field, "max", limit)
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxName {
		return string(r[:maxName])
	}
	return s
}
