package publicity

import (
	"database/sql"
	"errors"
	"slices"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

// The states of a notice.
const (
	Ahead     = "ahead" // its days have not begun
	InForce   = "force"
	Over      = "over"
	Withdrawn = "withdrawn"
)

// Notice is one notice.
type Notice struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Body    string `json:"body"`
	Contact string `json:"contact"`
	Grid    string `json:"grid"` // "" = everybody, Merchants
	From    int64  `json:"from"`
	Until   int64  `json:"until"`
	About   string `json:"about"` // minutes
	Made    int64  `json:"made"`
	By      string `json:"by"`
	Off     int64  `json:"off"` // when it was withdrawn, 0 if it was not
	Reason  string `json:"reason"`
	State   string `json:"state"`

	path string
}

// Done is a matter and what was done about it.
type Done struct {
	Matter
	Done     int64  `json:"done"` // when that was noted, 0 if nothing was
	Action   string `json:"action"`
	Proposal string `json:"proposal"` // that it came from, "" for none
}

// Minutes are those of one meeting.
type Minutes struct {
	ID      string
	Title   string
	At      int64
	Place   string
	Present []people.ID
	Others  int64
	Matters []Done
	Made    int64
	By      string
	Off     int64
	Reason  string

	path string
}

// MaxRows bounds a list: a board with more than that is read by nobody.
const MaxRows = 200

const texts = `SELECT id, path, value FROM publicity_text WHERE kind = ?`

// List returns notices, the latest first: those that hang now, or all.
func (b *Board) List(q store.Querier, now int64, all bool) (out []Notice, err error) {
	where, args := "", []any{notice}
	if !all {
		where, args = ` AND at <= ? AND until > ? AND NOT EXISTS (SELECT 1 FROM publicity_word w WHERE w.kind = publicity_text.kind AND w.id = publicity_text.id AND w.field = 'off')`, append(args, now, now)
	}
	return b.notices(q, now, texts+where+` ORDER BY at DESC, id LIMIT ?`, append(args, MaxRows)...)
}

// About lists the notices that make minutes known.
func (b *Board) About(q store.Querier, now int64, minutes string) ([]Notice, error) {
	return b.notices(q, now, texts+` AND about = ? ORDER BY at, id LIMIT ?`, notice, minutes, MaxRows)
}

// Notice finds one. Fault: publicity.unknown.
func (b *Board) Notice(q store.Querier, id string) (Notice, error) {
	list, err := b.notices(q, 0, texts+` AND id = ?`, notice, id)
	if err == nil && len(list) == 0 {
		err = fault.New("publicity.unknown")
	}
	if err != nil {
		return Notice{}, err
	}
	return list[0], nil
}

func (b *Board) notices(q store.Querier, now int64, query string, args ...any) (out []Notice, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var raw []byte
		var n Notice
		if err := r.Scan(&n.ID, &n.path, &raw); err != nil {
			return err
		}
		v, err := coded.Read(raw, format, noticeValue.whole)
		if err != nil {
			return err
		}
		n.Kind, n.Title, n.Body, n.Contact, n.Grid, n.From, n.Until, n.About, n.Made, n.By = v.Kind, v.Title, v.Body, v.Contact, v.Grid, v.From, v.Until, v.About, v.Made, v.By
		out = append(out, n)
		return nil
	}, query, args...)
	for i := range out {
		n := &out[i]
		w, ok, wordErr := word(q, notice, n.ID, "off", 0)
		if ok {
			n.Off, n.Reason = w.At, w.Text
		}
		n.State = n.state(now)
		err = errors.Join(err, wordErr)
	}
	return out, err
}

func (n *Notice) state(now int64) string {
	switch {
	case n.Off != 0:
		return Withdrawn
	case now < n.From:
		return Ahead
	case now >= n.Until:
		return Over
	}
	return InForce
}

// Meetings lists minutes, the latest meeting first.
func (b *Board) Meetings(q store.Querier) ([]Minutes, error) {
	return b.minutes(q, texts+` ORDER BY at DESC, id LIMIT ?`, council, MaxRows)
}

// Attended lists the minutes of all meetings to which somebody came, under any of the ids.
func (b *Board) Attended(q store.Querier, ids []people.ID) ([]Minutes, error) {
	list, err := b.minutes(q, texts+` ORDER BY at DESC, id`, council)
	return slices.DeleteFunc(list, func(m Minutes) bool {
		return !slices.ContainsFunc(ids, func(p people.ID) bool { return slices.Contains(m.Present, p) })
	}), err
}

// Minutes finds one meeting. Fault: publicity.minutes.
func (b *Board) Minutes(q store.Querier, id string) (Minutes, error) {
	list, err := b.minutes(q, texts+` AND id = ?`, council, id)
	if err == nil && len(list) == 0 {
		err = fault.New("publicity.minutes")
	}
	if err != nil {
		return Minutes{}, err
	}
	return list[0], nil
}

func (b *Board) minutes(q store.Querier, query string, args ...any) (out []Minutes, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var raw []byte
		var m Minutes
		if err := r.Scan(&m.ID, &m.path, &raw); err != nil {
			return err
		}
		v, err := coded.Read(raw, format, minutesValue.whole)
		if err != nil {
			return err
		}
		m.Title, m.At, m.Place, m.Others, m.Made, m.By = v.Title, v.At, v.Place, v.Others, v.Made, v.By
		for _, p := range v.Present {
			m.Present = append(m.Present, people.ID(p))
		}
		for _, x := range v.Matters {
			m.Matters = append(m.Matters, Done{Matter: x})
		}
		out = append(out, m)
		return nil
	}, query, args...)
	for i := range out {
		err = errors.Join(err, out[i].words(q))
	}
	return out, err
}

// words adds what was said of minutes since.
func (m *Minutes) words(q store.Querier) error {
	off, ok, err := word(q, council, m.ID, "off", 0)
	if ok {
		m.Off, m.Reason = off.At, off.Text
	}
	for i := range m.Matters {
		w, ok, wordErr := word(q, council, m.ID, "act", i)
		if ok {
			m.Matters[i].Done, m.Matters[i].Action = w.At, w.Text
		}
		var fromErr error
		m.Matters[i].Proposal, fromErr = proposalOf(q, m.ID, i)
		err = errors.Join(err, wordErr, fromErr)
	}
	return err
}

func word(q store.Querier, kind, id, field string, n int) (w wordValue, ok bool, err error) {
	var raw []byte
	err = q.QueryRow(`SELECT value FROM publicity_word WHERE kind = ? AND id = ? AND field = ? AND n = ?`, kind, id, field, n).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return w, false, nil
	}
	if err == nil {
		w, err = coded.Read(raw, format, wordValue.whole)
	}
	return w, err == nil, err
}
