package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"

	"jishan/crdt/wire"
)

// Limits of what is kept of changes that are not admitted. The oldest leave
// first: sync sends them again if they are still wanted.
const (
	// MaxWaiting and MaxWaitingBytes bound the waiting room: a day's work of
	// a whole community that was written under a governance head not met yet.
	MaxWaiting      = 8192
	MaxWaitingBytes = 64 << 20
	// MaxWaitingPeer and MaxWaitingPeerBytes are one peer's part, so that a
	// peer can't push the others' changes out.
	MaxWaitingPeer      = 4096
	MaxWaitingPeerBytes = 24 << 20

	// MaxQuarantine rows can still be read by a person.
	MaxQuarantine     = 1024
	MaxQuarantinePeer = 256

	// maxReason bounds a reason's text in bytes.
	maxReason = 200
)

// room counts what the bounded tables hold, for each peer and in all.
type room struct {
	peer map[string]*load
	all  load
}

type load struct{ rows, bytes int }

type roomKind int

const (
	waitingRoom roomKind = iota
	quarantineRoom
)

var roomTable = [...]struct {
	name, size string
	all, peer  load
}{
	waitingRoom:    {"waiting", "length(chunk)", load{MaxWaiting, MaxWaitingBytes}, load{MaxWaitingPeer, MaxWaitingPeerBytes}},
	quarantineRoom: {"quarantine", "0", load{MaxQuarantine, 1}, load{MaxQuarantinePeer, 1}},
}

// room loads the counts when they are asked for first.
func (tx *Tx) room(k roomKind) (*room, error) {
	if r := tx.s.cache.rooms[k]; r != nil {
		return r, nil
	}
	t := roomTable[k]
	rows, err := tx.Query("SELECT origin, count(*), sum(" + t.size + ") FROM " + t.name + " GROUP BY origin")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	r := &room{peer: map[string]*load{}}
	for rows.Next() {
		var from string
		var l load
		if err := rows.Scan(&from, &l.rows, &l.bytes); err != nil {
			return nil, err
		}
		r.add(from, l.rows, l.bytes)
	}
	tx.s.cache.rooms[k] = r
	return r, rows.Err()
}

func (r *room) add(from string, rows, bytes int) {
	l := r.peer[from]
	if l == nil {
		l = &load{}
		r.peer[from] = l
	}
	l.rows, l.bytes = l.rows+rows, l.bytes+bytes
	r.all.rows, r.all.bytes = r.all.rows+rows, r.all.bytes+bytes
	if l.rows <= 0 {
		delete(r.peer, from)
	}
}

func (l *load) over(limit load) bool {
	return l != nil && (l.rows > limit.rows || l.bytes > limit.bytes)
}

// makeRoom lets the oldest rows go until the bounds hold.
func (tx *Tx) makeRoom(k roomKind, from string) error {
	r, err := tx.room(k)
	if err != nil {
		return err
	}
	t := roomTable[k]
	for r.peer[from].over(t.peer) {
		if err := tx.evict(k, r, "WHERE origin = ?", from); err != nil {
			return err
		}
	}
	for r.all.over(t.all) {
		if err := tx.evict(k, r, ""); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) evict(k roomKind, r *room, where string, args ...any) error {
	t := roomTable[k]
	var from string
	var size int
	err := tx.QueryRow("DELETE FROM "+t.name+" WHERE n = (SELECT min(n) FROM "+t.name+" "+where+") RETURNING origin, "+t.size, args...).
		Scan(&from, &size)
	if err != nil {
		return fmt.Errorf("store: %s: %w", t.name, err)
	}
	r.add(from, -1, -size)
	return nil
}

// Wait puts a change into the waiting room, or gives it a new reason there.
func (tx *Tx) Wait(w Waiting) error {
	r, err := tx.room(waitingRoom)
	if err != nil {
		return err
	}
	var sig []byte
	if w.Seal != nil {
		sig = w.Seal[:]
	}
	w.Reason = clipText(w.Reason, maxReason)
	res, err := tx.Exec("UPDATE waiting SET reason = ?, seal = coalesce(seal, ?) WHERE doc = ? AND actor = ? AND seq = ? AND hash = ?",
		w.Reason, sig, string(w.Doc), w.Actor[:], int64(w.Seq), w.Hash[:])
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(`INSERT INTO waiting(doc, actor, seq, hash, chunk, seal, origin, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(w.Doc), w.Actor[:], int64(w.Seq), w.Hash[:], []byte(w.Chunk), sig, w.From, tx.s.cfg.Clock(), w.Reason)
	if err != nil {
		return err
	}
	tx.waited = true
	r.add(w.From, 1, len(w.Chunk))
	return tx.makeRoom(waitingRoom, w.From)
}

// Unwait takes a change out of the waiting room, if it is there.
func (tx *Tx) Unwait(doc DocID, a wire.Actor, seq uint64, h wire.Hash) error {
	r, err := tx.room(waitingRoom)
	if err != nil || r.all.rows == 0 {
		return err
	}
	var from string
	var size int
	err = tx.QueryRow("DELETE FROM waiting WHERE doc = ? AND actor = ? AND seq = ? AND hash = ? RETURNING origin, length(chunk)",
		string(doc), a[:], int64(seq), h[:]).Scan(&from, &size)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		r.add(from, -1, -size)
	}
	return err
}

// Waiting returns the changes of a document that wait, by actor and seq.
func (tx *Tx) Waiting(doc DocID) ([]Waiting, error) {
	r, err := tx.room(waitingRoom)
	if err != nil || r.all.rows == 0 {
		return nil, err
	}
	return waiting(tx, "WHERE doc = ? ORDER BY actor, seq, hash", string(doc))
}

// Waiting returns the waiting room, oldest first, without the chunks' owners
// being asked again.
func (s *Store) Waiting(ctx context.Context) (list []Waiting, err error) {
	err = s.View(ctx, func(q Querier) error {
		list, err = waiting(q, "ORDER BY n")
		return err
	})
	return list, err
}

// WaitingDocs returns the documents that have changes in the waiting room.
func (s *Store) WaitingDocs(ctx context.Context) (list []DocID, err error) {
	none, state := s.recent.waitsNone()
	if none && s.usable(ctx) == nil {
		return nil, nil
	}
	err = s.View(ctx, func(q Querier) error {
		rows, err := q.Query("SELECT DISTINCT doc FROM waiting ORDER BY doc")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d DocID
			if err := rows.Scan(&d); err != nil {
				return err
			}
			list = append(list, d)
		}
		return rows.Err()
	})
	if err == nil && len(list) == 0 {
		s.recent.noneWaits(state)
	}
	return list, err
}

func waiting(q Querier, rest string, args ...any) ([]Waiting, error) {
	rows, err := q.Query("SELECT seq, hash, seal, chunk, doc, actor, origin, at, reason FROM waiting "+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Waiting
	for rows.Next() {
		var w Waiting
		var c Stored
		var actor []byte
		if err := c.scan(rows.Scan, &w.Doc, &actor, &w.From, &w.At, &w.Reason); err != nil {
			return nil, err
		}
		copy(w.Actor[:], actor)
		w.Seq, w.Hash, w.Sealed = c.Seq, c.Hash, c.Sealed
		list = append(list, w)
	}
	return list, rows.Err()
}

// Quarantine notes a refused change. The same one refused again only counts.
func (tx *Tx) Quarantine(q Refusal) error {
	r, err := tx.room(quarantineRoom)
	if err != nil {
		return err
	}
	q.Reason, q.Doc = clipText(q.Reason, maxReason), DocID(clipText(string(q.Doc), MaxDocID))
	at := tx.s.cfg.Clock()
	res, err := tx.Exec("UPDATE quarantine SET times = times + 1, at = ?, reason = ?, final = max(final, ?) WHERE hash = ? AND doc = ?",
		at, q.Reason, q.Final, q.Hash[:], string(q.Doc))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec("INSERT INTO quarantine(doc, actor, seq, hash, origin, at, times, final, reason) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
		string(q.Doc), q.Actor[:], int64(q.Seq), q.Hash[:], q.From, at, q.Final, q.Reason)
	if err != nil {
		return err
	}
	r.add(q.From, 1, 0)
	return tx.makeRoom(quarantineRoom, q.From)
}

// Quarantined says why a change was refused for ever, if it was and the row is
// still there.
func (tx *Tx) Quarantined(doc DocID, h wire.Hash) (reason string, found bool, err error) {
	r, err := tx.room(quarantineRoom)
	if err != nil || r.all.rows == 0 {
		return "", false, err
	}
	err = tx.QueryRow("SELECT reason FROM quarantine WHERE hash = ? AND doc = ? AND final = 1", h[:], string(doc)).Scan(&reason)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return reason, err == nil, err
}

// Quarantine returns the quarantine, latest first.
func (s *Store) Quarantine(ctx context.Context) (list []Refusal, err error) {
	err = s.View(ctx, func(q Querier) error {
		rows, err := q.Query("SELECT doc, actor, seq, hash, origin, at, times, final, reason FROM quarantine ORDER BY at DESC, n DESC")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r Refusal
			var actor, hash []byte
			if err := rows.Scan(&r.Doc, &actor, &r.Seq, &hash, &r.From, &r.At, &r.Times, &r.Final, &r.Reason); err != nil {
				return err
			}
			copy(r.Actor[:], actor)
			copy(r.Hash[:], hash)
			list = append(list, r)
		}
		return rows.Err()
	})
	return list, err
}

// InBranch says whether a change is kept as a branch.
func (tx *Tx) InBranch(doc DocID, a wire.Actor, seq uint64, h wire.Hash) (bool, error) {
	var n int
	err := tx.QueryRow("SELECT count(*) FROM branch WHERE doc = ? AND actor = ? AND seq = ? AND hash = ?",
		string(doc), a[:], int64(seq), h[:]).Scan(&n)
	return n > 0, err
}

// End ends a feed: nothing behind its tip will be accepted. proof is the
// invalid change and those up to the seal that covers it.
func (tx *Tx) End(doc DocID, seq uint64, h wire.Hash, reason string, proof []byte) error {
	d, err := tx.document(doc, true)
	if err != nil {
		return err
	}
	tx.touch(d)
	d.ended = true
	_, err = tx.Exec("INSERT OR IGNORE INTO ended(doc, seq, hash, reason, proof) VALUES (?, ?, ?, ?, ?)",
		string(doc), int64(seq), h[:], clipText(reason, maxReason), proof)
	return err
}

// Ending is why a feed was ended.
type Ending struct {
	Doc    DocID
	Seq    uint64
	Hash   wire.Hash
	Reason string
	Proof  []byte // seal.DecodeRun reads it
}

// Endings returns the feeds that an invalid change ended.
func (s *Store) Endings(ctx context.Context) (list []Ending, err error) {
	err = s.View(ctx, func(q Querier) error {
		rows, err := q.Query("SELECT doc, seq, hash, reason, proof FROM ended ORDER BY doc")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e Ending
			var hash []byte
			if err := rows.Scan(&e.Doc, &e.Seq, &hash, &e.Reason, &e.Proof); err != nil {
				return err
			}
			copy(e.Hash[:], hash)
			list = append(list, e)
		}
		return rows.Err()
	})
	return list, err
}

// clipText shortens a text to n bytes of valid UTF-8.
func clipText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// BranchAuthor says who wrote a change that is kept as a fork's other branch.
func (tx *Tx) BranchAuthor(doc DocID, h wire.Hash) (a wire.Actor, found bool, err error) {
	var b []byte
	err = tx.QueryRow("SELECT actor FROM branch WHERE doc = ? AND hash = ?", string(doc), h[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	copy(a[:], b)
	return a, err == nil, err
}
