package store

import (
	"database/sql"
	"errors"
	"fmt"

	"jishan/crdt/wire"
)

// What others ask of the store's own tables, so that nobody else names them. A
// change has a number in this store's own order: by it one says how far a
// replay or another device has come. Paths are SQLite GLOB patterns of document
// ids.

// Newest is the number of the change taken last; 0 when there is none.
func Newest(q Querier) (n int64, err error) {
	err = q.QueryRow("SELECT coalesce(max(n), 0) FROM change").Scan(&n)
	return n, err
}

// CountAfter is how many changes were taken after the one numbered n.
func CountAfter(q Querier, n int64) (count int64, err error) {
	err = q.QueryRow("SELECT count(*) FROM change WHERE n > ?", n).Scan(&count)
	return count, err
}

// CountsAfter is CountAfter by document.
func CountsAfter(q Querier, n int64) (map[DocID]int64, error) {
	return countsWhere(q, "change.n > ?", n)
}

// CountsAfterBy is CountsAfter of what one author wrote.
func CountsAfterBy(q Querier, n int64, a wire.Actor) (map[DocID]int64, error) {
	return countsWhere(q, "change.n > ? AND change.actor = (SELECT n FROM actor WHERE id = ?)", n, a[:])
}

func countsWhere(q Querier, where string, args ...any) (map[DocID]int64, error) {
	out := map[DocID]int64{}
	err := EachRow(q, func(r *sql.Rows) error {
		var doc DocID
		var count int64
		err := r.Scan(&doc, &count)
		out[doc] = count
		return err
	}, "SELECT doc.id, count(*) FROM change JOIN doc ON doc.n = change.doc WHERE "+where+" GROUP BY doc.id", args...)
	return out, err
}

// VectorsUpto returns the vectors of all documents as they were when the change
// numbered n was taken.
func VectorsUpto(q Querier, n int64) (map[DocID][]Tip, error) {
	out := map[DocID][]Tip{}
	err := EachRow(q, func(r *sql.Rows) error {
		var doc DocID
		var actor, hash []byte
		var t Tip
		err := r.Scan(&doc, &actor, &t.Seq, &hash)
		copy(t.Actor[:], actor)
		copy(t.Hash[:], hash)
		out[doc] = append(out[doc], t)
		return err
	}, `SELECT doc.id, actor.id, max(change.seq), change.hash FROM change JOIN doc ON doc.n = change.doc
		JOIN actor ON actor.n = change.actor WHERE change.n <= ? AND length(actor.id) = 16 GROUP BY change.doc, change.actor`, n)
	return out, err
}

// Numbered is a stored change with its number.
type Numbered struct {
	N     int64
	Doc   DocID
	Chunk wire.Chunk
}

// ChangesAfter returns the next changes of documents after the one numbered n,
// at most limit.
func ChangesAfter(q Querier, n int64, path string, limit int) (list []Numbered, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		var c Numbered
		err := r.Scan(&c.N, &c.Doc, (*[]byte)(&c.Chunk))
		list = append(list, c)
		return err
	}, "SELECT change.n, doc.id, change.chunk FROM change JOIN doc ON doc.n = change.doc WHERE change.n > ? AND doc.id GLOB ? ORDER BY change.n LIMIT ?", n, path, limit)
	return list, err
}

// EachChange calls fn for every change of documents, in no order. fn must not
// ask q.
func EachChange(q Querier, path string, fn func(DocID, wire.Chunk) error) error {
	return eachChunk(q, fn, "SELECT doc.id, change.chunk FROM doc JOIN change ON change.doc = doc.n WHERE doc.id GLOB ?", path)
}

// EachHash calls fn with the hashes of a document's changes, in no order.
func EachHash(q Querier, doc DocID, fn func(wire.Hash) error) error {
	return EachRow(q, func(r *sql.Rows) error {
		var b sql.RawBytes
		if err := r.Scan(&b); err != nil {
			return err
		}
		if len(b) != len(wire.Hash{}) {
			return fmt.Errorf("%w: hash", ErrCorrupt)
		}
		return fn(wire.Hash(b))
	}, "SELECT hash FROM change WHERE doc = (SELECT n FROM doc WHERE id = ?)", string(doc))
}

// EachBeside is EachChange for those that lie in branches beside their document.
func EachBeside(q Querier, path string, fn func(DocID, wire.Chunk) error) error {
	return eachChunk(q, fn, "SELECT doc, chunk FROM branch WHERE doc GLOB ?", path)
}

// EachBesideOf is EachBeside for one author, ascending by document and seq.
func EachBesideOf(q Querier, a wire.Actor, path string, fn func(DocID, wire.Chunk) error) error {
	return eachChunk(q, fn, "SELECT doc, chunk FROM branch WHERE actor = ? AND doc GLOB ? ORDER BY doc, seq, hash", a[:], path)
}

// BesideAuthors are the authors of what lies in branches.
func BesideAuthors(q Querier, path string) (out map[wire.Actor]bool, err error) {
	out = map[wire.Actor]bool{}
	err = EachRow(q, func(r *sql.Rows) error {
		var a []byte
		if err := r.Scan(&a); err != nil {
			return err
		}
		out[wire.Actor(a)] = true
		return nil
	}, "SELECT DISTINCT actor FROM branch WHERE doc GLOB ?", path)
	return out, err
}

// Quarantined is how many changes lie in quarantine.
func Quarantined(q Querier) (n int, err error) {
	err = q.QueryRow("SELECT count(*) FROM quarantine").Scan(&n)
	return n, err
}

// LastClock is the greatest time that was merged from others' changes,
// milliseconds; 0 before the first.
func LastClock(q Querier) (at int64, err error) {
	err = q.QueryRow("SELECT value FROM meta WHERE key = 'clock'").Scan(&at)
	return at, err
}

// OwnClock is the time of the last change that was written here, by whichever of
// this device's incarnations; 0 before the first.
func OwnClock(q Querier) (at int64, err error) {
	err = q.QueryRow("SELECT coalesce(max(clock), 0) FROM local").Scan(&at)
	return at, err
}

// LastBy is the latest time, up to a moment, that the last changes of an actor
// claim, over all documents that are here; 0 if there is none. What it claims of
// later moments is no time that anybody can go by.
func LastBy(q Querier, a wire.Actor, upto int64) (at int64, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		var chunk []byte
		if err := r.Scan(&chunk); err != nil {
			return err
		}
		ch, _, err := wire.Decode(chunk)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if ch.Time <= upto {
			at = max(at, ch.Time)
		}
		return nil
	}, `SELECT change.chunk FROM tip JOIN change ON change.doc = tip.doc AND change.actor = tip.actor AND change.seq = tip.seq
		WHERE tip.actor = (SELECT n FROM actor WHERE id = ?)`, a[:])
	return at, err
}

// EndedDocs are the feeds that an invalid entry ended, ascending.
func EndedDocs(q Querier) (list []DocID, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		var doc DocID
		err := r.Scan(&doc)
		list = append(list, doc)
		return err
	}, "SELECT doc FROM ended ORDER BY doc")
	return list, err
}

// Projected is the version of a projection that lies here; 0 for none.
func Projected(q Querier, name string) (version int, err error) {
	err = q.QueryRow("SELECT coalesce(max(version), 0) FROM projector WHERE name = ?", name).Scan(&version)
	return version, err
}

func eachChunk(q Querier, fn func(DocID, wire.Chunk) error, query string, args ...any) error {
	return EachRow(q, func(r *sql.Rows) error {
		var doc DocID
		var chunk []byte
		if err := r.Scan(&doc, &chunk); err != nil {
			return err
		}
		return fn(doc, chunk)
	}, query, args...)
}

// EachRow runs a query and hands its rows to fn, one by one.
func EachRow(q Querier, fn func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Received counts the changes by one author that came from others.
func Received(q Querier, a wire.Actor) (n int64, err error) {
	err = q.QueryRow(`SELECT count(*) FROM change WHERE actor = (SELECT n FROM actor WHERE id = ?) AND local = 0`, a[:]).Scan(&n)
	return n, err
}

// EndedBy tells whether a feed was ended at a change or before it.
func EndedBy(q Querier, doc DocID, seq uint64) (bool, error) {
	var n int
	err := q.QueryRow(`SELECT count(*) FROM ended WHERE doc = ? AND seq <= ?`, string(doc), int64(seq)).Scan(&n)
	return n > 0, err
}

// Prepared tells whether a database has the store's tables at all: one that was
// just made has none.
func Prepared(q Querier) (bool, error) {
	var n int
	err := q.QueryRow(`SELECT count(*) FROM sqlite_master WHERE name IN ('doc', 'local')`).Scan(&n)
	return n > 0, err
}

// First is the document that this database has held for the longest time; "" if
// it holds none.
func First(q Querier) (DocID, error) {
	var id string
	err := q.QueryRow(`SELECT id FROM doc ORDER BY n LIMIT 1`).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return DocID(id), err
}

// HoldsAny tells whether a document whose id fits the SQL pattern (GLOB) holds a
// change.
func HoldsAny(q Querier, pattern string) (bool, error) {
	var n int
	err := q.QueryRow(`SELECT count(*) FROM doc WHERE changes > 0 AND id GLOB ?`, pattern).Scan(&n)
	return n > 0, err
}

// WroteLast is the incarnation that committed here last; false if none did.
func WroteLast(q Querier) (a wire.Actor, ok bool, err error) {
	var b []byte
	err = q.QueryRow(`SELECT actor FROM local ORDER BY n DESC LIMIT 1`).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(b) != len(a) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	return wire.Actor(b), true, nil
}
