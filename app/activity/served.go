package activity

import (
	"cmp"
	"database/sql"
	"encoding/hex"
	"slices"

	"jishan/crdt/store"
)

// Service is what one person served at one activity, or by one deed: what a
// certificate of service lists.
type Service struct {
	Person  string   // the leading id
	Keys    []string // name it for ever, whichever records are joined later; one for each record it stands under
	At      int64    // when it began, milliseconds
	Minutes int64    // above 0
	Text    string
	Type    string // of the activity, or the item's group
	Place   string
}

// Served lists what was served from (inclusive) to (exclusive), in its order; of one
// person, or of everybody where person is "". An activity counts once it has ended; a
// deed counts once however many recorded it, and no more when it was taken back.
func (b *Board) Served(q store.Querier, person string, from, to int64) ([]Service, error) {
	ids := []string{}
	if person != "" {
		var err error
		if ids, err = b.Same.IDs(q, person); err != nil {
			return nil, err
		}
	}
	out, err := b.servedAt(q, ids, from, to)
	if err != nil {
		return nil, err
	}
	deeds, err := b.servedDeeds(q, ids, from, to)
	if err != nil {
		return nil, err
	}
	out = append(out, deeds...)
	slices.SortFunc(out, func(x, y Service) int {
		return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.Person, y.Person), slices.Compare(x.Keys, y.Keys))
	})
	return out, nil
}

// servedAt lists what was served at activities.
func (b *Board) servedAt(q store.Querier, ids []string, from, to int64) (out []Service, err error) {
	now := b.Clock()
	list, err := records(q, `SELECT `+recordColumns+` FROM activity_row WHERE cancelled = 0 AND start_at >= ? AND start_at < ? ORDER BY start_at, id`, from, to)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if r.Finished == 0 && r.End > now {
			continue
		}
		marks, err := marksOf(q, r.ID, "")
		if err != nil {
			return nil, err
		}
		keys := map[string][]string{}
		for p := range marks {
			lead, err := b.Same.Lead(q, p)
			if err != nil {
				return nil, err
			}
			if len(ids) == 0 || slices.Contains(ids, p) {
				keys[lead] = append(keys[lead], "activity:"+r.ID+":"+p)
			}
		}
		if marks, err = b.each(q, marks); err != nil {
			return nil, err
		}
		for p, k := range keys {
			a := merge(marks[p])
			if n := a.minutes(r, now); n > 0 && a.served(r, now) {
				at, _ := a.span(r, now)
				slices.Sort(k)
				out = append(out, Service{Person: p, Keys: k, At: at, Minutes: n, Text: r.Title, Type: r.Type, Place: r.Place})
			}
		}
	}
	return out, nil
}

// servedDeeds lists deeds that took time.
func (b *Board) servedDeeds(q store.Querier, ids []string, from, to int64) (out []Service, err error) {
	book, err := b.Scheme.Get(q)
	if err != nil {
		return nil, err
	}
	var found []Service
	err = store.EachRow(q, func(r *sql.Rows) error {
		var id []byte
		var item string
		var s Service
		if err := r.Scan(&id, &s.Person, &item, &s.At, &s.Minutes); err != nil {
			return err
		}
		s.Text = item
		if i, ok := book.Item(item); ok {
			s.Text, s.Type = i.Name, i.Group
		}
		s.Keys, s.Type = []string{"deed:" + hex.EncodeToString(id)}, cmp.Or(s.Type, s.Text)
		found = append(found, s)
		return nil
	}, `SELECT id, person, item, at, minutes FROM activity_deed d WHERE at >= ? AND at < ? AND minutes > 0 AND points >= 0 AND NOT EXISTS (
		SELECT 1 FROM activity_deed o WHERE o.id = d.id AND (o.made < d.made OR o.made = d.made AND o.recorder < d.recorder))
		AND NOT EXISTS (SELECT 1 FROM activity_paid p WHERE p.key = d.id AND p.undone = 1)`, from, to)
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		if len(ids) > 0 && !slices.Contains(ids, s.Person) {
			continue
		}
		if s.Person, err = b.Same.Lead(q, s.Person); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
