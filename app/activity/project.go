package activity

import (
	_ "embed"
	"encoding/hex"
	"errors"
	"strings"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Name, Version, Schema, Wants and Apply make Board a store.Projector.
func (b *Board) Name() string { return "activity" }

// Version is raised when rows change their meaning.
func (b *Board) Version() int { return 7 }

//go:embed schema.sql
var schema string

// Schema is schema.sql.
func (b *Board) Schema() string { return schema }

// Wants says whether doc holds activities or ledger entries.
func (b *Board) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "activity/") || strings.HasPrefix(path, "feed/")
}

// Apply brings the rows up to date with one change.
func (b *Board) Apply(tx *store.Tx, ev store.Event) error {
	if ev.Shape == store.Feed {
		return applyEntries(tx, ev, false)
	}
	_, path, _ := strings.Cut(string(ev.Doc), "/")
	for _, m := range ev.Moved {
		if err := applyField(tx, ev.Doc, path, m); err != nil {
			return err
		}
	}
	return nil
}

// ApplyBranch implements store.BranchProjector: what another history of a feed paid, or
// took back, is paid and taken back.
func (b *Board) ApplyBranch(tx *store.Tx, ev store.Event) error { return applyEntries(tx, ev, true) }

func applyField(tx *store.Tx, doc store.DocID, path string, m store.Moved) error {
	p := strings.Split(m.Key, "/")
	switch {
	case p[0] == kindActivity && len(p) == 3:
		return applyActivity(tx, path, p[1], p[2], m.Fields)
	case p[0] == kindSignup && len(p) == 4:
		return applySignup(tx, doc, p[1], p[2])
	case p[0] == kindAtt && len(p) == 5:
		return applyAtt(tx, p[1], p[2], p[3], p[4], m.Fields)
	case p[0] == kindDeed && len(p) == 4:
		return applyDeed(tx, doc, p[1], p[2])
	}
	return nil // of a newer program
}

// shown is the value that screens show of a conflict set.
func shown(fields []store.Field) wire.Value {
	if len(fields) == 0 {
		return wire.Value{}
	}
	return fields[0].Value
}

// columns maps the fields of an activity to columns and how they are stored.
var columns = map[string]string{
	"title": "title", "type": "type", "place": "place", "item": "item", "organiser": "organiser", "note": "note",
	"places": "places", "made": "made", "cancelled": "cancelled", "finished": "finished",
	"rule": "rule", "secret": "secret", "home": "home", "time": "",
}

func applyActivity(tx *store.Tx, path, id, field string, fields []store.Field) error {
	column, known := columns[field]
	if !known {
		return nil
	}
	if _, err := tx.Exec(`INSERT INTO activity_row (id, path) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, path); err != nil {
		return err
	}
	v := shown(fields)
	var err error
	switch field {
	case "time":
		start, end, _ := parseTime(v.Raw)
		_, err = tx.Exec(`UPDATE activity_row SET start_at = ?, end_at = ? WHERE id = ?`, start, end, id)
	case "places", "made", "cancelled", "finished":
		_, err = tx.Exec(`UPDATE activity_row SET `+column+` = ? WHERE id = ?`, v.Num, id)
	case "rule", "secret", "note":
		_, err = tx.Exec(`UPDATE activity_row SET `+column+` = ? WHERE id = ?`, []byte(v.Raw), id)
	case "home":
		_, err = tx.Exec(`UPDATE activity_row SET home = ? WHERE id = ?`, hex.EncodeToString([]byte(v.Raw)), id)
	default:
		_, err = tx.Exec(`UPDATE activity_row SET `+column+` = ? WHERE id = ?`, v.Raw, id)
	}
	if err == nil && (field == "finished" || field == "cancelled" || field == "time" || field == "rule") {
		err = dueActivity(tx, id)
	}
	return err
}

// applySignup looks at both times of a sign-up: it is in force if its latest
// sign-up is later than its latest sign-off. Of two sign-ups made apart the
// earlier one counts for the order.
func applySignup(tx *store.Tx, doc store.DocID, activity, person string) error {
	at, err := tx.Fields(doc, key(kindSignup, activity, person, "at"))
	if err != nil {
		return err
	}
	off, err := tx.Fields(doc, key(kindSignup, activity, person, "off"))
	if err != nil {
		return err
	}
	via, err := tx.Fields(doc, key(kindSignup, activity, person, "via"))
	if err != nil {
		return err
	}
	first, last := span(at)
	_, left := span(off)
	_, err = tx.Exec(`INSERT OR REPLACE INTO activity_signup (activity, person, at, signed, via) VALUES (?, ?, ?, ?, ?)`,
		activity, person, first, last > left, shown(via).Raw)
	return err
}

// span returns the least and the greatest time of a conflict set.
func span(fields []store.Field) (first, last int64) {
	for i, f := range fields {
		if i == 0 || f.Value.Num < first {
			first = f.Value.Num
		}
		last = max(last, f.Value.Num)
	}
	return first, last
}

func applyAtt(tx *store.Tx, activity, person, recorder, field string, fields []store.Field) error {
	column := map[string]string{"in": "in_at", "out": "out_at", "how": "how", "scans": "scans", "by": "by"}[field]
	if column == "" {
		return nil
	}
	var v any = shown(fields).Num
	if field == "how" || field == "by" {
		v = shown(fields).Raw
	}
	_, err := tx.Exec(`INSERT INTO activity_att (activity, person, recorder, `+column+`) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET `+column+` = excluded.`+column, activity, person, recorder, v)
	if err != nil || field == "scans" || field == "by" {
		return err
	}
	r, err := scanRecord(tx.QueryRow(`SELECT `+recordColumns+` FROM activity_row WHERE id = ?`, activity))
	if err != nil || r.Finished == 0 {
		return optional(err)
	}
	return dueAttendance(tx, r, person)
}

// blob is b as a column that is never null.
func blob(b []byte) []byte { return append([]byte{}, b...) }

// applyDeed reads what one recorder says of a deed, and whether he took it back since.
func applyDeed(tx *store.Tx, doc store.DocID, id, recorder string) error {
	said, err := tx.Fields(doc, key(kindDeed, id, recorder, "fact"))
	if err != nil {
		return err
	}
	off, err := tx.Fields(doc, key(kindDeed, id, recorder, "off"))
	if err != nil {
		return err
	}
	f, err := openFact(shown(said).Raw)
	if err != nil {
		return nil // of a newer program; what is malformed was refused at admission
	}
	if f.Minus {
		f.Points = -f.Points
	}
	k, person := f.key(), f.Person.String()
	if _, back := span(off); back >= f.Made {
		if _, err := tx.Exec(`INSERT OR REPLACE INTO activity_back (id, recorder, turn, at) VALUES (?, ?, ?, ?)`, k[:], recorder, f.Person[:], back); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM activity_deed WHERE id = ? AND recorder = ?`, k[:], recorder)
	} else {
		if _, err := tx.Exec(`DELETE FROM activity_back WHERE id = ? AND recorder = ?`, k[:], recorder); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT OR REPLACE INTO activity_deed
			(id, recorder, person, item, at, minutes, note, witness, line, version, points, by, made, count, hard)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			k[:], recorder, person, f.Item, f.At, f.Minutes, blob(f.Note), blob(f.Witness), blob(f.Line), f.Version, f.Points, f.By, f.Made, f.Count, f.Hard)
	}
	if err != nil {
		return err
	}
	var points int64 // of who recorded it first; 0 where nobody stands for it
	err = tx.QueryRow(`SELECT points FROM activity_deed WHERE id = ? ORDER BY made, recorder LIMIT 1`, k[:]).Scan(&points)
	if optional(err) != nil {
		return err
	}
	return due(tx, f.Person, k, "", person, points)
}

// due notes what a fact is worth that the ledger has not paid yet; a fact worth
// nothing is not due.
func due(tx *store.Tx, turn, k ledger.Subject, activity, person string, points int64) error {
	if points == 0 {
		_, err := tx.Exec(`DELETE FROM activity_due WHERE turn = ? AND key = ?`, turn[:], k[:])
		return err
	}
	_, err := tx.Exec(`INSERT INTO activity_due (turn, key, activity, person, points)
		SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM activity_paid WHERE turn = ?1 AND key = ?2)
		ON CONFLICT DO UPDATE SET points = excluded.points`, turn[:], k[:], activity, person, points)
	return err
}

// dueActivity notes what everybody who was at a finished activity is due.
func dueActivity(tx *store.Tx, activity string) error {
	r, err := scanRecord(tx.QueryRow(`SELECT `+recordColumns+` FROM activity_row WHERE id = ?`, activity))
	if err != nil || r.Finished == 0 {
		return err
	}
	present, err := texts(tx, `SELECT DISTINCT person FROM activity_att WHERE activity = ?`, activity)
	if err != nil {
		return err
	}
	for _, person := range present {
		if err := dueAttendance(tx, r, person); err != nil {
			return err
		}
	}
	return nil
}

// dueAttendance notes what one person at a finished activity is due.
func dueAttendance(tx *store.Tx, r record, person string) error {
	marks, err := marksOf(tx, r.ID, person)
	if err != nil {
		return err
	}
	var points int64
	if a := merge(marks[person]); a.present() && r.Cancelled == 0 {
		points = r.Rule.item().Value(a.minutes(r, r.Finished))
	}
	return due(tx, subjectOf(r.ID), attendanceKey(r.ID, person), r.ID, person, points)
}

// marksOf reads what recorders saw at an activity, of one person or, with
// person empty, of everybody.
func marksOf(q store.Querier, activity, person string) (out map[string][]mark, err error) {
	rows, err := q.Query(`SELECT person, recorder, in_at, out_at, how, scans, by FROM activity_att
		WHERE activity = ?1 AND (?2 = '' OR person = ?2)`, activity, person)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[string][]mark{}
	for rows.Next() {
		var p string
		var m mark
		if err := rows.Scan(&p, &m.Recorder, &m.In, &m.Out, &m.How, &m.Scans, &m.By); err != nil {
			return nil, err
		}
		out[p] = append(out[p], m)
	}
	return out, rows.Err()
}
