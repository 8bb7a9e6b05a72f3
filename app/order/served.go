package order

import (
	"database/sql"
	"slices"

	"jishan/crdt/store"
)

// Service is what one helper served by one order.
type Service struct {
	Person  string // the leading id
	Key     string // names it for ever
	At      int64  // when it was done, milliseconds
	Minutes int64
	Project string // "" for none
	Type    string
}

// ServedBetween lists what helpers served by orders that were done from (inclusive) to
// (exclusive), in their order; of one person, or of everybody where person is "".
func (d *Desk) ServedBetween(q store.Querier, person string, from, to int64) ([]Service, error) {
	ids := []string{}
	if person != "" {
		var err error
		if ids, err = d.Same.IDs(q, person); err != nil {
			return nil, err
		}
	}
	out, projects := []Service{}, []string{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var s Service
		var id, project string
		if err := r.Scan(&id, &s.Person, &s.At, &s.Minutes, &project, &s.Type); err != nil {
			return err
		}
		if len(ids) == 0 || slices.Contains(ids, s.Person) {
			s.Key = "order:" + id + ":" + s.Person
			out, projects = append(out, s), append(projects, project)
		}
		return nil
	}, `SELECT o.id, h.person, o.done_at, o.minutes, o.project, o.type FROM order_row o JOIN order_helper h ON h.order_id = o.id
		WHERE o.done_at >= ? AND o.done_at < ? ORDER BY o.done_at, o.id, h.person`, from, to)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Person, err = d.Same.Lead(q, out[i].Person); err != nil {
			return nil, err
		}
		if projects[i] != "" {
			if out[i].Project, err = d.projectName(q, projects[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Tally are the wishes of a span as sums, which add up over spans and communities.
// Times are in minutes.
type Tally struct {
	Wishes, Done, Contacted, Reviews, Stars int64
	ContactMinutes, DoneMinutes             int64
}

// TallyOf adds up the wishes posted from (inclusive) to (exclusive) that were not taken
// back.
func (d *Desk) TallyOf(q store.Querier, from, to int64) (t Tally, err error) {
	list, err := d.records(q, `SELECT `+recordColumns+` FROM order_row WHERE made >= ? AND made < ? AND state <> ?`, from, to, Cancelled)
	for _, r := range list {
		t.Wishes++
		if r.ContactAt > 0 {
			t.Contacted++
			t.ContactMinutes += minutesBetween(r.Made, r.ContactAt)
		}
		if r.DoneAt > 0 {
			t.Done++
			t.DoneMinutes += minutesBetween(r.Made, r.DoneAt)
		}
		if r.Stars > 0 {
			t.Reviews++
			t.Stars += r.Stars
		}
	}
	return t, err
}

// minutesBetween rounds down; clocks of two devices may differ by seconds.
func minutesBetween(from, to int64) int64 { return max(0, to-from) / 60_000 }
