package order

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"strings"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Name, Version, Schema, Wants and Apply make Desk a store.Projector.
func (d *Desk) Name() string { return "order" }

// Version is raised when rows change their meaning.
func (d *Desk) Version() int { return 3 }

//go:embed schema.sql
var schema string

// Schema is schema.sql.
func (d *Desk) Schema() string { return schema }

// Wants says whether doc holds orders or ledger entries.
func (d *Desk) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "order/") || strings.HasPrefix(path, "feed/")
}

// Apply brings the rows up to date with one change.
func (d *Desk) Apply(tx *store.Tx, ev store.Event) error {
	if ev.Shape == store.Feed {
		return applyPaid(tx, ev)
	}
	party, path, ok := partyOf(ev.Doc)
	if !ok {
		return errForm
	}
	if err := applyEvents(tx, path, ev); err != nil {
		return err
	}
	touched := map[string]bool{}
	for _, m := range ev.Moved {
		p := strings.Split(m.Key, "/")
		if p[0] == kindOrder || p[0] == kindServe || p[0] == kindReply || p[0] == kindJob {
			if err := applyValues(tx, path, p, m.Fields); err != nil {
				return err
			}
			touched[p[1]] = true
		}
		if err := applyRest(tx, party, path, p, ev, m.Fields); err != nil {
			return err
		}
	}
	for id := range touched {
		if err := derive(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// subOf takes the segments of a key apart: the middle one, or "".
func subOf(p []string) string {
	if len(p) == 4 {
		return p[2]
	}
	return ""
}

// applyEvents notes who did what when to which order.
func applyEvents(tx *store.Tx, path string, ev store.Event) error {
	actor := hex.EncodeToString(ev.Change.Actor[:])
	for i, op := range ev.Change.Ops {
		p := strings.Split(op.Key, "/")
		if p[0] != kindOrder && p[0] != kindServe && p[0] != kindReply && p[0] != kindJob || len(p) < 3 {
			continue
		}
		value := []byte{}
		if !op.Delete {
			value = bytesOf(op.Value)
		}
		_, err := tx.Exec(`INSERT OR REPLACE INTO order_event (hash, n, order_id, path, counter, actor, at, operator, kind, sub, field, value)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ev.Hash[:], i, p[1], path, int64(ev.Change.StartOp)+int64(i), actor,
			ev.Change.Time, ev.Context.Name(), p[0], subOf(p), p[len(p)-1], value)
		if err != nil {
			return err
		}
	}
	return nil
}

// bytesOf keeps a value's content: texts and bytes as they are, numbers and
// times in eight bytes.
func bytesOf(v wire.Value) []byte {
	if v.Kind == wire.String || v.Kind == wire.Bytes {
		return []byte(v.Raw)
	}
	return []byte{byte(v.Num >> 56), byte(v.Num >> 48), byte(v.Num >> 40), byte(v.Num >> 32), byte(v.Num >> 24), byte(v.Num >> 16), byte(v.Num >> 8), byte(v.Num)}
}

// applyValues keeps a key's conflict set, each value with who wrote it when. Two
// histories of one author may bear one operation id: the value tells which.
func applyValues(tx *store.Tx, path string, p []string, fields []store.Field) error {
	id, kind, sub, field := p[1], p[0], subOf(p), p[len(p)-1]
	if _, err := tx.Exec(`DELETE FROM order_value WHERE order_id = ? AND kind = ? AND sub = ? AND field = ? AND path = ?`, id, kind, sub, field, path); err != nil {
		return err
	}
	for i, f := range fields {
		actor := hex.EncodeToString(f.Op.Actor[:])
		_, err := tx.Exec(`INSERT INTO order_value (order_id, kind, sub, field, path, rank, value, at, actor, operator)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, at, actor, operator FROM order_event WHERE order_id = ?1 AND counter = ?8 AND actor = ?9 AND path = ?5
				AND kind = ?2 AND sub = ?3 AND field = ?4 ORDER BY value != ?7, hash LIMIT 1`,
			id, kind, sub, field, path, i, bytesOf(f.Value), int64(f.Op.Counter), actor)
		if err != nil {
			return err
		}
	}
	if kind == kindJob {
		return applyJob(tx, id, sub, path, field, fields)
	}
	return nil
}

// shown is the value that screens show of a conflict set.
func shown(fields []store.Field) wire.Value {
	if len(fields) == 0 {
		return wire.Value{}
	}
	return fields[0].Value
}

func applyJob(tx *store.Tx, id, offer, path, field string, fields []store.Field) error {
	if _, err := tx.Exec(`INSERT INTO order_job (order_id, offer, path) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, id, offer, path); err != nil {
		return err
	}
	v := shown(fields)
	var err error
	switch field {
	case "brief":
		_, err = tx.Exec(`UPDATE order_job SET brief = ?, at = COALESCE((SELECT at FROM order_value
			WHERE order_id = ?2 AND kind = 'job' AND sub = ?3 AND field = 'brief' AND rank = 0), 0) WHERE order_id = ?2 AND offer = ?3`, []byte(v.Raw), id, offer)
	case "void":
		_, err = tx.Exec(`UPDATE order_job SET void = ? WHERE order_id = ? AND offer = ?`, v.Num, id, offer)
	case "stars":
		_, err = tx.Exec(`UPDATE order_job SET stars = ? WHERE order_id = ? AND offer = ?`, v.Num, id, offer)
	}
	return err
}

// applyRest keeps the library, teams and surveys.
func applyRest(tx *store.Tx, party, path string, p []string, ev store.Event, fields []store.Field) error {
	if party != own {
		return nil
	}
	v, field := shown(fields), p[len(p)-1]
	var err error
	switch p[0] {
	case kindProject:
		err = applyColumn(tx, "order_project", path, p[1], field, v, ev.Change.Time)
	case kindTeam:
		err = applyColumn(tx, "order_team", path, p[1], field, v, 0)
	case kindSurvey:
		if _, err = tx.Exec(`INSERT INTO order_survey (id, path, made, operator) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
			SET made = min(made, excluded.made), operator = CASE WHEN excluded.made < made THEN excluded.operator ELSE operator END`,
			p[1], path, ev.Change.Time, ev.Context.Name()); err == nil {
			err = set(tx, "order_survey", p[1], field, v)
		}
	case kindLike:
		_, err = tx.Exec(`INSERT OR REPLACE INTO order_like (project, person, at) VALUES (?, ?, ?)`, p[1], p[2], v.Num)
	case kindMember:
		_, err = tx.Exec(`INSERT OR REPLACE INTO order_member (team, person, since) VALUES (?, ?, ?)`, p[1], p[2], v.Num)
	case kindTally:
		_, err = tx.Exec(`INSERT OR REPLACE INTO order_tally (survey, project, votes) VALUES (?, ?, ?)`, p[1], p[2], v.Num)
	}
	return err
}

// applyColumn keeps one field of a project or a team. made is the time of the
// earliest change, whatever order they come in.
func applyColumn(tx *store.Tx, table, path, id, field string, v wire.Value, made int64) error {
	query := `INSERT INTO ` + table + ` (id, path) VALUES (?, ?) ON CONFLICT DO NOTHING`
	args := []any{id, path}
	if made != 0 {
		query = `INSERT INTO ` + table + ` (id, path, made) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET made = min(made, excluded.made)`
		args = append(args, made)
	}
	if _, err := tx.Exec(query, args...); err != nil {
		return err
	}
	return set(tx, table, id, field, v)
}

var columns = map[string]bool{"name": true, "type": true, "note": true, "item": true, "lead": true, "title": true, "forms": true, "rules": true, "closed": true}

func set(tx *store.Tx, table, id, field string, v wire.Value) error {
	if !columns[field] {
		return nil // of a newer program
	}
	var value any = v.Raw
	if field == "forms" || field == "closed" {
		value = v.Num
	}
	if field == "rules" {
		value = []byte(v.Raw)
	}
	_, err := tx.Exec(`UPDATE `+table+` SET `+field+` = ? WHERE id = ?`, value, id)
	return err
}

// paidNote marks the awards of orders: with the order's id behind it, the note
// names the order in every list of entries. Nothing personal.
const paidNote = "order:"

// applyPaid reads from one ledger transaction what was paid for orders.
// Admission has judged it. Most transactions are about something else, so the
// mark is looked for before anything is decoded.
func applyPaid(tx *store.Tx, ev store.Event) error {
	if len(ev.Change.Ops) != 1 || !bytes.Contains([]byte(ev.Change.Ops[0].Value.Raw), []byte(paidNote)) {
		return nil
	}
	community, _, _ := strings.Cut(string(ev.Doc), ".")
	subject, err := ledger.ParseSubject(community)
	if err != nil {
		return err
	}
	t, err := ledger.Decode([]byte(ev.Change.Ops[0].Value.Raw), subject)
	if err != nil {
		return err
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		id, ours := strings.CutPrefix(e.Note, paidNote)
		if !ours || e.Type != ledger.Mint || e.Quota.Kind != ledger.Points || e.Deed.Key != deedKey(id, e.Quota.Subject.String()) {
			continue
		}
		_, err := tx.Exec(`INSERT INTO order_paid (turn, key, hash, amount) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, e.Deed.Turn[:], e.Deed.Key[:], ev.Hash[:], e.Amount)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM order_due WHERE turn = ? AND key = ?`, e.Deed.Turn[:], e.Deed.Key[:]); err != nil {
			return err
		}
	}
	return nil
}
