package duty

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What is a duty as it stands.
type What struct {
	ID     string
	Kind   string
	Title  string
	Place  string
	Item   string
	Per    string
	Times  int64
	Made   int64
	By     string
	Person people.ID // zero: nobody
	Since  int64     // when Person took it on
	Off    int64     // when it ended, 0 if it did not
	Why    string
	Done   int64 // times in the running day, week or month
	Before int64 // times in the one before; -1 where the person had not had it for all of that
	Last   int64 // when it was done last

	path string
}

// Over tells whether a duty has ended.
func (w *What) Over() bool { return w.Off != 0 }

// Left is how many times it is still to be done in the running day, week or month.
func (w *What) Left() int64 { return max(0, w.Times-w.Done) }

// MaxRows bounds a list.
const MaxRows = 500

// endedFor is for how long what has ended is listed.
const endedFor = 90 * 24 * 60 * 60 * 1000

// List returns the duties that are, and those that ended lately, as of a moment.
func (b *Book) List(q store.Querier, now int64) ([]What, error) {
	return b.read(q, now, `WHERE f.at IS NULL OR f.at > ? ORDER BY f.at IS NOT NULL, w.id LIMIT ?`, now-endedFor, MaxRows)
}

// Of returns what somebody has, under any of the ids.
func (b *Book) Of(q store.Querier, now int64, ids ...people.ID) (out []What, err error) {
	for _, id := range ids {
		list, e := b.read(q, now, `WHERE h.person = ? AND f.at IS NULL ORDER BY w.id LIMIT ?`, id[:], MaxRows)
		out, err = append(out, list...), errors.Join(err, e)
	}
	return out, err
}

// Get finds one. Fault: duty.unknown.
func (b *Book) Get(q store.Querier, id string, now int64) (What, error) {
	list, err := b.read(q, now, `WHERE w.id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fault.New("duty.unknown")
	}
	if err != nil {
		return What{}, err
	}
	return list[0], nil
}

func (b *Book) read(q store.Querier, now int64, where string, args ...any) (out []What, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var w What
		var raw, person []byte
		if err := r.Scan(&w.ID, &w.path, &raw, &person, &w.Since, &w.Off, &w.Why); err != nil {
			return err
		}
		v, err := coded.Read(raw, format, whatValue.whole)
		if err != nil {
			return err
		}
		w.Kind, w.Title, w.Place, w.Item, w.Per, w.Times, w.Made, w.By = v.Kind, v.Title, v.Place, v.Item, v.Per, v.Times, v.Made, v.By
		copy(w.Person[:], person)
		out = append(out, w)
		return nil
	}, `SELECT w.id, w.path, w.value, COALESCE(h.person, x''), COALESCE(h.at, 0), COALESCE(f.at, 0), COALESCE(f.text, '')
		FROM duty_what w LEFT JOIN duty_holder h ON h.id = w.id LEFT JOIN duty_off f ON f.id = w.id `+where, args...)
	for i := range out {
		err = errors.Join(err, b.count(q, &out[i], now))
	}
	return out, err
}

// count says how often a duty was done in the running span and in the one before.
func (b *Book) count(q store.Querier, w *What, now int64) error {
	start, end := span(w.Per, now)
	before, _ := span(w.Per, start-1)
	type done struct {
		deed   string
		person []byte
		at     int64
	}
	var list []done
	err := store.EachRow(q, func(r *sql.Rows) error {
		var d done
		err := r.Scan(&d.deed, &d.person, &d.at)
		list = append(list, d)
		return err
	}, `SELECT deed, person, at FROM duty_done WHERE id = ? AND at >= ? AND at < ?`, w.ID, before, end)
	for _, d := range list {
		key, e := ulid.ParseStrict(strings.ToUpper(d.deed))
		undone := false
		if e == nil {
			undone, e = b.Undone(q, people.ID(d.person), key[:])
		}
		if err = errors.Join(err, e); undone || e != nil {
			continue
		}
		if w.Last = max(w.Last, d.at); d.at >= start {
			w.Done++
		} else {
			w.Before++
		}
	}
	if w.Person == (people.ID{}) || w.Since > before {
		w.Before = -1
	}
	if err != nil || w.Last != 0 {
		return err
	}
	return q.QueryRow(`SELECT COALESCE(MAX(at), 0) FROM duty_done WHERE id = ?`, w.ID).Scan(&w.Last)
}

func span(per string, at int64) (start, end int64) {
	switch per {
	case "day":
		return zone.DayBounds(at)
	case "week":
		return zone.WeekBounds(at)
	}
	return zone.MonthBounds(at)
}

// Open writes a duty down, for somebody or for nobody yet, and returns its id. Faults:
// duty.kind; duty.text{reason, max}; duty.times{max}.
func (b *Book) Open(tx *store.Tx, w What) (string, error) {
	v := whatValue{Format: format, Kind: w.Kind, Title: strings.TrimSpace(w.Title), Place: strings.TrimSpace(w.Place), Item: w.Item, Per: w.Per, Times: w.Times, Made: tx.Now(), By: clip(w.By)}
	switch {
	case !slices.Contains(Kinds, v.Kind):
		return "", fault.New("duty.kind")
	case !govern.FilledLine(v.Title, MaxTitle):
		return "", fault.New("duty.text", "reason", "title", "max", MaxTitle)
	case !govern.ShortLine(v.Place, MaxPlace):
		return "", fault.New("duty.text", "reason", "place", "max", MaxPlace)
	case v.Times < 1 || v.Times > Rhythms[v.Per]:
		return "", fault.New("duty.times", "max", max(1, Rhythms[v.Per]))
	}
	raw, err := coded.Marshal(v)
	if err != nil {
		return "", err
	}
	id, path := hash(string(raw)), Doc+"/"+zone.Month(tx.Now())
	puts := []store.Put{{Key: kind + "/" + id + "/what", Value: wire.BytesValue(raw)}}
	if w.Person != (people.ID{}) {
		put, err := holder(tx, id, w.Person, w.By)
		if err != nil {
			return "", err
		}
		puts = append([]store.Put{put}, puts...)
	}
	_, err = tx.Put(b.Doc(path), "duty.open", puts...)
	return id, err
}

func holder(tx *store.Tx, id string, person people.ID, by string) (store.Put, error) {
	v := holderValue{Format: format, Person: []byte{}, At: tx.Now(), By: clip(by)}
	if person != (people.ID{}) {
		v.Person = person[:]
	}
	raw, err := coded.Marshal(v)
	return store.Put{Key: kind + "/" + id + "/holder", Value: wire.BytesValue(raw)}, err
}

// Hand gives a duty to somebody, or to nobody. Faults: duty.unknown, duty.over.
func (b *Book) Hand(tx *store.Tx, id string, person people.ID, by string) error {
	w, err := b.running(tx, id)
	if err != nil || w.Person == person {
		return err
	}
	put, err := holder(tx, id, person, by)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.Doc(w.path), "duty.hand", put)
	return err
}

// End ends a duty. Faults: duty.unknown, duty.over, duty.text{reason, max}.
func (b *Book) End(tx *store.Tx, id, why, by string) error {
	w, err := b.running(tx, id)
	if err != nil {
		return err
	}
	if why = strings.TrimSpace(why); !govern.FilledLine(why, MaxWhy) {
		return fault.New("duty.text", "reason", "why", "max", MaxWhy)
	}
	return b.put(tx, &w, "off", "duty.end", wordValue{Format: format, At: tx.Now(), Text: why, By: clip(by)})
}

// Held finds a duty that can be done now, and who has it. Faults: duty.unknown, duty.over,
// duty.nobody.
func (b *Book) Held(q store.Querier, id string, now int64) (What, error) {
	w, err := b.Get(q, id, now)
	switch {
	case err != nil:
	case w.Over():
		err = fault.New("duty.over")
	case w.Person == (people.ID{}):
		err = fault.New("duty.nobody")
	}
	return w, err
}

// Did notes that a duty was done at a time, as a deed.
func (b *Book) Did(tx *store.Tx, w What, deed [16]byte, at int64, by string) error {
	field := "done." + strings.ToLower(ulid.ULID(deed).String())
	have, err := store.Fields(tx, b.Doc(w.path), kind+"/"+w.ID+"/"+field)
	if err != nil || len(have) > 0 {
		return err
	}
	return b.put(tx, &w, field, "duty.done", doneValue{Format: format, Person: w.Person[:], At: at, By: clip(by)})
}

func (b *Book) put(tx *store.Tx, w *What, field, action string, v any) error {
	raw, err := coded.Marshal(v)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.Doc(w.path), action, store.Put{Key: kind + "/" + w.ID + "/" + field, Value: wire.BytesValue(raw)})
	return err
}

func (b *Book) running(q store.Querier, id string) (What, error) {
	w, err := b.Get(q, id, 0)
	if err == nil && w.Over() {
		err = fault.New("duty.over")
	}
	return w, err
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxName {
		return string(r[:maxName])
	}
	return s
}
