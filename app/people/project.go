package people

import (
	"slices"
	"strings"

	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Name implements store.Projector.
func (p *People) Name() string { return "people" }

// Version implements store.Projector.
func (p *People) Version() int { return 8 }

// Schema implements store.Projector. Secret columns hold the sealed values as
// they travel: no name is ever on the disk in the clear.
func (p *People) Schema() string {
	return `
CREATE TABLE people_person (
  id BLOB PRIMARY KEY,
  name BLOB, phone BLOB, idnumber BLOB, birthday BLOB, address BLOB, note BLOB, guardian BLOB, skills BLOB, shop BLOB,
  grid TEXT, household TEXT, usual TEXT, flags TEXT, created INTEGER, card TEXT, blocked INTEGER,
  status TEXT, generation INTEGER, opening TEXT, pin BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX people_person_household ON people_person(household) WHERE household IS NOT NULL;
CREATE TABLE people_other (
  person BLOB NOT NULL,
  field  TEXT NOT NULL,
  n      INTEGER NOT NULL,
  value  BLOB NOT NULL,
  PRIMARY KEY (person, field, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE people_card (
  id    BLOB PRIMARY KEY,
  least INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE people_join (
  a BLOB NOT NULL, b BLOB NOT NULL, -- two records, the smaller id first
  what     TEXT NOT NULL,           -- ask, answer
  said     TEXT NOT NULL,
  operator TEXT NOT NULL,
  at       INTEGER NOT NULL,
  hash     BLOB NOT NULL,
  PRIMARY KEY (a, b, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE people_said ( -- texts beside entries of the ledger, sealed
  person BLOB NOT NULL,
  name   TEXT NOT NULL,
  n      INTEGER NOT NULL, -- more than one only if somebody wrote under another's name
  sealed BLOB NOT NULL,
  PRIMARY KEY (person, name, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE people_erased ( -- records that were erased: the first order
  person   BLOB PRIMARY KEY,
  at       INTEGER NOT NULL,
  operator TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE people_receipt ( -- which incarnation has destroyed whose keys
  person BLOB NOT NULL,
  author BLOB NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (person, author)
) STRICT, WITHOUT ROWID;
CREATE TABLE people_consent ( -- what people agreed to and took back, by the operation that says so
  person   BLOB NOT NULL,
  counter  INTEGER NOT NULL,
  author   BLOB NOT NULL,
  hash     BLOB NOT NULL,
  purpose  TEXT NOT NULL,
  given    INTEGER NOT NULL,
  how      TEXT NOT NULL,
  said     INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  operator TEXT NOT NULL,
  PRIMARY KEY (person, counter, author, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE people_household (
  id BLOB PRIMARY KEY,
  head TEXT, created INTEGER
) STRICT, WITHOUT ROWID;`
}

// Wants implements store.Projector.
func (p *People) Wants(doc store.DocID) bool {
	d, err := govern.ParsePath(doc)
	return err == nil && (d.Row.Doc == "people" || d.Row.Doc == cardDoc) && d.Community == p.charter.Community()
}

// row gathers the columns of one record that a change moved.
type row struct {
	table  string
	id     ID
	fields []string
	values []any
}

// Forget implements store.Forgetter: who is known now may be here no more.
func (p *People) Forget(tx *store.Tx) {
	p.marked.Store(true)
	p.dir.touchAll(tx)
}

// Apply implements store.Projector.
func (p *People) Apply(tx *store.Tx, ev store.Event) error {
	if d, err := govern.ParsePath(ev.Doc); err == nil && d.Row.Doc == cardDoc {
		return raiseLeast(tx, ev.Change)
	}
	if err := p.notePairs(tx, ev); err != nil {
		return err
	}
	if err := noteSaid(tx, ev.Moved); err != nil {
		return err
	}
	if err := noteReceipts(tx, ev.Moved); err != nil {
		return err
	}
	if err := noteConsents(tx, ev); err != nil {
		return err
	}
	if err := noteErased(tx, ev); err != nil {
		return err
	}
	var rows []*row
	for i, m := range ev.Moved {
		kind, id, f, ok := parseKey(m.Key)
		if !ok {
			continue
		}
		r := find(&rows, "people_"+kind, id)
		r.fields = append(r.fields, f.Name)
		r.values = append(r.values, column(f, m.Fields))
		if f.Name == "status" || f.Name == "generation" {
			p.marked.Store(true)
		}
		if kind == "person" {
			p.dir.touch(tx, id)
			if err := others(tx, id, f, m.Fields, replaces(ev.Change, i, m.Key)); err != nil {
				return err
			}
		}
	}
	for _, r := range rows {
		if err := r.save(tx); err != nil {
			return err
		}
	}
	return nil
}

func find(rows *[]*row, table string, id ID) *row {
	i := slices.IndexFunc(*rows, func(r *row) bool { return r.table == table && r.id == id })
	if i < 0 {
		*rows = append(*rows, &row{table: table, id: id})
		i = len(*rows) - 1
	}
	return (*rows)[i]
}

// save writes the moved columns and leaves the others.
func (r *row) save(tx *store.Tx) error {
	set := make([]string, len(r.fields))
	for i, f := range r.fields {
		set[i] = f + " = excluded." + f
	}
	_, err := tx.Exec("INSERT INTO "+r.table+" (id, "+strings.Join(r.fields, ", ")+") VALUES (?"+strings.Repeat(", ?", len(r.fields))+
		") ON CONFLICT (id) DO UPDATE SET "+strings.Join(set, ", "), append([]any{r.id[:]}, r.values...)...)
	return err
}

// column returns what the shown value is in SQL; nil for none, or one of a
// type that only a newer program understands. Of some fields the greatest
// value is shown, not the latest.
func column(f Field, fields []store.Field) any {
	if len(fields) == 0 {
		return nil
	}
	v := fields[0].Value
	if f.greatest != nil {
		for _, o := range fields[1:] {
			if v.Kind == o.Value.Kind && f.greatest(o.Value, v) {
				v = o.Value
			}
		}
	}
	switch {
	case f.Secret && v.Kind == wire.Bytes:
		return []byte(v.Raw)
	case f.Secret || v.Kind != f.Kind:
		return nil
	case v.Kind == wire.String:
		return v.Raw
	}
	return v.Num
}

// replaces tells whether the change's operation on the key replaced anything:
// only then can a conflict have become smaller.
func replaces(ch *wire.Change, i int, key string) bool {
	if i < len(ch.Ops) && ch.Ops[i].Key == key {
		return len(ch.Ops[i].Pred) > 0
	}
	return true
}

// others keeps the values of a field that are not shown.
func others(tx *store.Tx, id ID, f Field, fields []store.Field, replaced bool) error {
	if replaced {
		if _, err := tx.Exec("DELETE FROM people_other WHERE person = ? AND field = ?", id[:], f.Name); err != nil {
			return err
		}
	}
	for n := 1; n < len(fields); n++ {
		if _, err := tx.Exec("INSERT OR REPLACE INTO people_other (person, field, n, value) VALUES (?, ?, ?, ?)",
			id[:], f.Name, n, []byte(fields[n].Value.Raw)); err != nil {
			return err
		}
	}
	return nil
}
