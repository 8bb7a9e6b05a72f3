package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// prepareProjectors makes the tables of new projections. If one is new to a
// database with changes, or of another version or schema, everything derived
// is rebuilt.
func (s *Store) prepareProjectors() error {
	stale, err := s.staleProjectors()
	if err != nil || !stale {
		return err
	}
	return s.rebuild(context.Background())
}

func (s *Store) staleProjectors() (bool, error) {
	have := map[string]string{}
	rows, err := s.write.Query("SELECT name, version, schema FROM projector")
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var version int
		var sum []byte
		if err := rows.Scan(&name, &version, &sum); err != nil {
			return false, err
		}
		have[name] = fmt.Sprint(version, sum)
	}
	for _, p := range s.cfg.Projectors {
		if have[p.Name()] != fmt.Sprint(p.Version(), schemaSum(p)) {
			return true, rows.Err()
		}
	}
	return len(have) != len(s.cfg.Projectors), rows.Err()
}

func schemaSum(p Projector) []byte {
	sum := sha256.Sum256([]byte(p.Schema()))
	return sum[:]
}

// Rebuild makes everything derived again from the changes, in one transaction:
// vectors, heads, operation index, registers and all projections.
func (s *Store) Rebuild(ctx context.Context) error {
	select {
	case s.gate <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.gate }()
	if err := s.Err(); err != nil {
		return err
	}
	if err := s.rebuild(ctx); err != nil {
		return s.failed(err)
	}
	return nil
}

func (s *Store) rebuild(ctx context.Context) error {
	return s.remade(ctx, func() error { return nil })
}

// remade rebuilds after first, which changes what everything is derived from.
func (s *Store) remade(ctx context.Context, first func() error) error {
	s.cache.reset()
	s.commits++ // projections lose their rows
	err := s.write.atomically(func() error {
		if err := first(); err != nil {
			return err
		}
		if err := s.clearDerived(); err != nil {
			return err
		}
		tx := &Tx{s: s, c: s.write, changed: map[DocID]bool{}, replay: true}
		if err := tx.replayAll(ctx); err != nil {
			return err
		}
		if err := tx.replayBranches(); err != nil {
			return err
		}
		tx.remask = true
		if err := tx.settleMasks(); err != nil {
			return err
		}
		if err := tx.finishProjectors(); err != nil {
			return err
		}
		return tx.writeBack()
	})
	s.cache.reset()
	s.recent.clear()
	if err == nil {
		s.commits++
	}
	return err
}

// clearDerived empties the store's own derived tables and makes the
// projections' anew.
func (s *Store) clearDerived() error {
	for _, t := range []string{"tip", "head", "past", "op", "register", "mask", "mask_key", "projector"} {
		if _, err := s.write.Exec("DELETE FROM " + t); err != nil {
			return err
		}
	}
	if _, err := s.write.Exec("UPDATE doc SET digest = zeroblob(32), changes = 0, greatest = 0"); err != nil {
		return err
	}
	if err := s.dropForeign(); err != nil {
		return err
	}
	for _, p := range s.cfg.Projectors {
		if err := s.write.script(p.Schema()); err != nil {
			return fmt.Errorf("store: schema of projection %s: %w", p.Name(), err)
		}
		_, err := s.write.Exec("INSERT INTO projector(name, version, schema) VALUES (?, ?, ?)", p.Name(), p.Version(), schemaSum(p))
		if err != nil {
			return err
		}
	}
	return s.checkNames()
}

// own are the tables of schema.sql.
var own = []string{
	"meta", "actor", "doc", "change", "tip", "head", "past", "op", "register", "mask", "mask_key", "local", "item",
	"waiting", "quarantine", "branch", "ended", "projector",
}

// localPrefix begins the names of tables that hold what this device noted for
// itself: they are derived from no document, so a rebuild leaves them alone and
// no digest covers them.
const localPrefix = "local_"

// projected returns the tables that belong to projections.
func projected(q Querier) ([]string, error) {
	rows, err := q.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if !slices.Contains(own, name) && !strings.HasPrefix(name, localPrefix) {
			list = append(list, name)
		}
	}
	return list, rows.Err()
}

// dropForeign drops the projections' tables, those of retired projections too.
func (s *Store) dropForeign() error {
	list, err := projected(s.write)
	if err != nil {
		return err
	}
	for _, name := range list {
		if err := s.write.script("DROP TABLE IF EXISTS " + quoted(name)); err != nil {
			return err
		}
	}
	return nil
}

// checkNames holds the projections to their prefixes.
func (s *Store) checkNames() error {
	list, err := projected(s.write)
	if err != nil {
		return err
	}
	for _, name := range list {
		if !slices.ContainsFunc(s.cfg.Projectors, func(p Projector) bool { return strings.HasPrefix(name, p.Name()+"_") }) {
			return fmt.Errorf("store: table %s has no projection's prefix", name)
		}
	}
	return nil
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// replayAll runs every change through the insertion path again.
func (tx *Tx) replayAll(ctx context.Context) error {
	rows, err := tx.c.Query(`SELECT change.seq, change.hash, change.seal, change.chunk, change.n, change.local, doc.id
		FROM change JOIN doc ON doc.n = change.doc ORDER BY change.n`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Stored
		var local bool
		var doc DocID
		if err := c.scan(rows.Scan, &tx.replayN, &local, &doc); err != nil {
			return err
		}
		if err := tx.replayOne(doc, c, local); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (tx *Tx) replayOne(doc DocID, c Stored, local bool) error {
	ch, h, err := wire.Decode(c.Chunk)
	if err != nil || h != c.Hash {
		return errors.Join(fmt.Errorf("%w: change %d of %s", ErrCorrupt, c.Seq, doc), err)
	}
	return tx.Admit(doc, ch, h, seal.Sealed{}, local)
}

// Digests are digests of tables, by name.
type Digests struct {
	Tables map[string][32]byte
	Whole  [32]byte
}

// canonical reads the store's own derived tables without this device's small
// numbers, so that devices can be compared with each other. Which history of a
// forked author came first is this device's own, too: strands go by their author,
// and of a forked feed the digest in the table doc names all ends.
var canonical = map[string]string{
	"tip": `SELECT doc.id, substr(actor.id, 1, 16), tip.seq, tip.hash, tip.term, tip.head FROM tip
		JOIN doc ON doc.n = tip.doc JOIN actor ON actor.n = tip.actor
		WHERE NOT EXISTS (SELECT 1 FROM branch WHERE branch.doc = doc.id AND branch.actor = actor.id) ORDER BY 1, 2, 4`,
	"head": `SELECT doc.id, head.hash FROM head JOIN doc ON doc.n = head.doc ORDER BY 1, 2`,
	"op": `SELECT doc.id, op.counter, substr(actor.id, 1, 16), op.seq, op.state, op.key FROM op
		JOIN doc ON doc.n = op.doc JOIN actor ON actor.n = op.actor ORDER BY 1, 2, 3, 4, 5, 6`,
	"register": `SELECT doc.id, r.key, r.counter, substr(actor.id, 1, 16), r.kind, r.num, r.raw FROM register r
		JOIN doc ON doc.n = r.doc JOIN actor ON actor.n = r.actor ORDER BY 1, 2, 3, 4, 5, 6, 7`,
	"mask": `SELECT doc.id, change.hash FROM mask JOIN doc ON doc.n = mask.doc JOIN change ON change.n = mask.n ORDER BY 1, 2`,
	"doc": `SELECT id, shape, digest, changes + (SELECT count(*) FROM branch WHERE branch.doc = doc.id),
		max(greatest, (SELECT coalesce(max(seq), 0) FROM branch WHERE branch.doc = doc.id)) FROM doc WHERE changes > 0 ORDER BY 1`,
}

// CanonicalProjector is a Projector with tables of which something is this device's
// own, such as which history of a forked author came first. Canonical gives, by
// table, the query for what all devices have alike, in an order of its own.
type CanonicalProjector interface {
	Canonical() map[string]string
}

// ProjectionDigest returns digests over all derived tables: equal before and
// after a rebuild, and on devices that hold the same changes.
func (s *Store) ProjectionDigest(ctx context.Context) (sums Digests, err error) {
	err = s.View(ctx, func(q Querier) error {
		sums, err = s.projectionDigest(q)
		return err
	})
	return sums, err
}

func (s *Store) projectionDigest(q Querier) (Digests, error) {
	d := Digests{Tables: map[string][32]byte{}}
	queries := map[string]string{}
	for name, query := range canonical {
		queries[name] = query
	}
	list, err := projected(q)
	if err != nil {
		return d, err
	}
	for _, name := range list {
		if queries[name], err = orderedRows(q, name); err != nil {
			return d, err
		}
	}
	for _, p := range s.cfg.Projectors {
		if c, ok := p.(CanonicalProjector); ok {
			maps.Copy(queries, c.Canonical())
		}
	}
	whole := sha256.New()
	for _, name := range sortedKeys(queries) {
		sum, err := tableDigest(q, queries[name])
		if err != nil {
			return d, err
		}
		d.Tables[name] = sum
		fmt.Fprintf(whole, "%s %x\n", name, sum)
	}
	d.Whole = [32]byte(whole.Sum(nil))
	return d, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// orderedRows selects all columns, ordered by all of them.
func orderedRows(q Querier, table string) (string, error) {
	rows, err := q.Query("SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var cols []string
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return "", err
		}
		cols = append(cols, quoted(c))
	}
	list := strings.Join(cols, ", ")
	return "SELECT " + list + " FROM " + quoted(table) + " ORDER BY " + list, rows.Err()
}

// tableDigest hashes rows column by column, with types and lengths.
func tableDigest(q Querier, query string) (sum [32]byte, err error) {
	rows, err := q.Query(query)
	if err != nil {
		return sum, err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return sum, err
	}
	vals, dest := make([]any, len(cols)), make([]any, len(cols))
	for i := range vals {
		dest[i] = &vals[i]
	}
	h := sha256.New()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return sum, err
		}
		for _, v := range vals {
			switch x := v.(type) {
			case []byte:
				fmt.Fprintf(h, "b%d:", len(x))
				h.Write(x)
			case string:
				fmt.Fprintf(h, "s%d:%s", len(x), x)
			default:
				fmt.Fprintf(h, "%T%v;", v, v)
			}
		}
		h.Write([]byte{'\n'})
	}
	return [32]byte(h.Sum(nil)), rows.Err()
}
