package scheme

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Path is the document's path.
const Path = "scheme"

// Book is the community's rulebook on one device. It is a store.Projector.
type Book struct {
	doc func(path string) store.DocID
}

// New returns the rulebook. doc gives the id of a document of this community in
// its present epoch.
func New(doc func(path string) store.DocID) *Book { return &Book{doc: doc} }

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return "scheme" }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 4 }

// Schema holds every value of every version that nothing has replaced. Of one
// number the row with the greatest (counter, actor) is in force; of two histories of
// one author, which may bear one id, the one that the conflict set shows.
func (b *Book) Schema() string {
	return `CREATE TABLE scheme_version (
  n       INTEGER NOT NULL,
  epoch   TEXT NOT NULL,
  counter INTEGER NOT NULL,
  actor   BLOB NOT NULL,
  rank    INTEGER NOT NULL, -- in its conflict set
  value   BLOB NOT NULL,
  PRIMARY KEY (n, epoch, rank)
) STRICT, WITHOUT ROWID;`
}

// Wants says whether doc is the rulebook, in any epoch.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return path == Path
}

// Apply writes the conflict set of every version that moved.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	epoch, _, _ := strings.Cut(string(ev.Doc), "/")
	for _, m := range ev.Moved {
		n, ok := parseKey(m.Key)
		if !ok {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM scheme_version WHERE n = ? AND epoch = ?`, n, epoch); err != nil {
			return err
		}
		for rank, f := range m.Fields {
			if _, err := decode([]byte(f.Value.Raw)); err != nil {
				continue // of a newer format: a newer program's projection shows it
			}
			_, err := tx.Exec(`INSERT INTO scheme_version (n, epoch, counter, actor, rank, value) VALUES (?, ?, ?, ?, ?, ?)`,
				n, epoch, int64(f.Op.Counter), f.Op.Actor[:], rank, []byte(f.Value.Raw))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// order puts the row in force first.
const order = ` ORDER BY n DESC, length(epoch) DESC, epoch DESC, counter DESC, actor DESC, rank`

// Get returns the version in force; Version 0 without items if none was saved.
func (b *Book) Get(q store.Querier) (Scheme, error) {
	all, err := versions(q, `SELECT n, value FROM scheme_version`+order+` LIMIT 1`)
	if err != nil || len(all) == 0 {
		return Scheme{Items: []Item{}}, err
	}
	return all[0], nil
}

// At returns version n. Fault: scheme.version.unknown {version}.
func (b *Book) At(q store.Querier, n int64) (Scheme, error) {
	all, err := versions(q, `SELECT n, value FROM scheme_version WHERE n = ?`+order+` LIMIT 1`, n)
	if err == nil && len(all) == 0 {
		err = fault.New("scheme.version.unknown", "version", n)
	}
	if err != nil {
		return Scheme{}, err
	}
	return all[0], nil
}

// Rivals returns what was saved under a number that another version, made
// apart, holds in force; newest first.
func (b *Book) Rivals(q store.Querier) ([]Scheme, error) {
	all, err := versions(q, `SELECT n, value FROM scheme_version`+order)
	if err != nil {
		return nil, err
	}
	var out []Scheme
	for i, s := range all {
		if i > 0 && all[i-1].Version == s.Version {
			out = append(out, s)
		}
	}
	return out, nil
}

// Versions returns all versions that are or were in force, newest first.
func (b *Book) Versions(q store.Querier) ([]Scheme, error) {
	all, err := versions(q, `SELECT n, value FROM scheme_version`+order)
	return slices.CompactFunc(all, func(a, b Scheme) bool { return a.Version == b.Version }), err
}

func versions(q store.Querier, query string, args ...any) (out []Scheme, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func scan(rows *sql.Rows) (Scheme, error) {
	var n int64
	var value []byte
	if err := rows.Scan(&n, &value); err != nil {
		return Scheme{}, err
	}
	v, err := decode(value)
	if err != nil { // Apply keeps nothing that can't be read
		return Scheme{}, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return Scheme{Head: v.Head, Version: n, From: v.From, By: v.By, Items: v.Items}, nil
}

// Save is Revise under the head of the version in force.
func (b *Book) Save(tx *store.Tx, items []Item, operator string) (Scheme, error) {
	return b.Revise(tx, nil, items, operator)
}

// Revise saves what an editor made of the version in force: its head, unless
// another is given, and its items. What the level above has locked stays as it is.
// Faults: scheme.locked {code} and those of Write.
func (b *Book) Revise(tx *store.Tx, h *Head, items []Item, operator string) (Scheme, error) {
	now, err := b.Get(tx)
	if err != nil {
		return Scheme{}, err
	}
	next := now.Head
	next.Why = ""
	if h != nil {
		next = *h
		next.Upper, next.UpperKey, next.UpperVersion = now.Upper, now.UpperKey, now.UpperVersion
	}
	if err := keepsLocked(now.Items, items); err != nil {
		return Scheme{}, err
	}
	return b.Write(tx, next, items, operator)
}

// Restore makes an older version the next one. What the level above has locked
// meanwhile stays. Faults: as Revise.
func (b *Book) Restore(tx *store.Tx, old Scheme, operator string) (Scheme, error) {
	now, err := b.Get(tx)
	if err != nil {
		return Scheme{}, err
	}
	var items []Item
	for _, i := range now.Items {
		if i.Locked {
			items = append(items, i)
		}
	}
	for _, i := range old.Items {
		if !i.Locked && !slices.ContainsFunc(items, func(x Item) bool { return x.Code == i.Code }) {
			items = append(items, i)
		}
	}
	h := old.Head
	h.Why = ""
	return b.Revise(tx, &h, items, operator)
}

// keepsLocked refuses items in which a locked rule is missing, changed or made up.
// Fault: scheme.locked {code}.
func keepsLocked(now, next []Item) error {
	locked := map[string]Item{}
	for _, i := range now {
		if i.Locked {
			locked[i.Code] = i
		}
	}
	for _, i := range next {
		had, ok := locked[i.Code]
		if ok != i.Locked || ok && had != i.tidy() {
			return fault.New("scheme.locked", "code", i.Code)
		}
		delete(locked, i.Code)
	}
	for _, i := range now {
		if _, gone := locked[i.Code]; gone {
			return fault.New("scheme.locked", "code", i.Code)
		}
	}
	return nil
}

// Write saves items under a head as the next version and returns it; what is
// unchanged but for the reason makes no new version. Old entries keep the version
// they name. Faults: see clean and Head.check.
func (b *Book) Write(tx *store.Tx, h Head, items []Item, operator string) (Scheme, error) {
	items, err := clean(items)
	if err != nil {
		return Scheme{}, err
	}
	if err := h.check(); err != nil {
		return Scheme{}, err
	}
	now, err := b.Get(tx)
	if err != nil {
		return Scheme{}, err
	}
	same := h
	same.Why = now.Why
	if same == now.Head && slices.Equal(now.Items, items) {
		return now, nil
	}
	if now.Version == maxVersion {
		return Scheme{}, fault.New("scheme.large", "max", maxVersion)
	}
	next := Scheme{Head: h, Version: now.Version + 1, From: tx.Now(), By: operator, Items: items}
	value, err := body{From: next.From, By: next.By, Head: h, Items: items}.encode()
	if err != nil {
		return Scheme{}, err
	}
	if len(value) > maxValue {
		return Scheme{}, fault.New("scheme.bytes", "max", maxValue>>10)
	}
	_, err = tx.Put(b.doc(Path), "scheme.save", store.Put{Key: versionKey(next.Version), Value: wire.BytesValue(value)})
	return next, err
}
