package ledger

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The rows under closes. Entry by entry they are what [Sum] says of the whole:
// project.go books what counts, this file what a CLOSE, a SUCCEED or a fork
// changes about it. Where one reaches back behind entries that are booked
// already, the rows are made again from all transactions; that is rare, because
// a CLOSE usually cuts at the end of what anybody holds.

// What became of a TAKE (ledger_taken.seen).
const (
	takeUnseen = 0 // its MOVE is not here yet
	takeBacked = 1
	takeLost   = 2 // its MOVE does not count
	takeVoid   = 3 // the TAKE itself does not count
)

// keepUp brings the rows up to the closes of the newest governance head.
func (b *book) keepUp() error {
	h, err := b.law.Head()
	if err != nil {
		return err
	}
	at, err := b.lawful()
	if err != nil {
		return err
	}
	if b.closed != nil && b.closedAt == h && at == h {
		return nil
	}
	if b.closed, err = b.l.closingsAt(b.law, h); err != nil {
		return err
	}
	b.closedAt, b.passages = h, nil
	if at == h {
		return nil
	}
	b.moved = true
	if err := b.reclose(); err != nil {
		return err
	}
	b.rows.law = &h
	_, err = b.tx.Exec("REPLACE INTO ledger_law(one, term, seq, head) VALUES (1, ?, ?, ?)", int64(h.Term), int64(h.Seq), h.Hash[:])
	return err
}

// lawful is the head under which the rows were made.
func (b *book) lawful() (Head, error) {
	if b.rows.law != nil {
		return *b.rows.law, nil
	}
	var at Head
	var hash []byte
	err := b.tx.QueryRow("SELECT term, seq, head FROM ledger_law").Scan(&at.Term, &at.Seq, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return at, err
	}
	copy(at.Hash[:], hash)
	if err == nil {
		b.rows.law = &at
	}
	return at, nil
}

// closes are the closed feeds under a head, whose past never changes.
type closes struct {
	at Head
	of map[wire.Actor]Closing
}

// closingsAt remembers the closes of the last head that was asked for. Nobody may change
// what it returns.
func (l *Ledger) closingsAt(law Law, h Head) (map[wire.Actor]Closing, error) {
	if c := l.closes.Load(); c != nil && c.at == h {
		return c.of, nil
	}
	closed, err := closingsOf(law, h)
	if err == nil {
		l.closes.Store(&closes{h, closed})
	}
	return closed, err
}

func closingsOf(law Law, h Head) (map[wire.Actor]Closing, error) {
	list, err := law.Closed(h)
	if err != nil {
		return nil, err
	}
	closed := map[wire.Actor]Closing{}
	for _, a := range list {
		c, _, err := law.Cut(h, a)
		if err != nil {
			return nil, err
		}
		x := Closing{Cut: c}
		heir, ok, err := law.Heir(h, a)
		if err != nil {
			return nil, err
		}
		if ok {
			x.Heir = &heir
		}
		closed[a] = x
	}
	return closed, nil
}

// closedRow is a row of ledger_closed.
type closedRow struct {
	cut, heir string
	rights    int
}

// row puts a closing into the form in which the tables know it.
func (c Closing) row() closedRow {
	var b []byte
	tips := slices.Clone(c.Cut.Tips)
	slices.SortFunc(tips, func(a, b Tip) int { return a.Hash.Compare(b.Hash) })
	for _, t := range tips {
		b = append(binary.BigEndian.AppendUint64(b, t.Number), t.Hash[:]...)
	}
	sum := sha256.Sum256(b)
	r := closedRow{cut: string(sum[:])}
	if c.Heir != nil {
		b = binary.BigEndian.AppendUint64(slices.Clone(c.Heir.To[:]), c.Heir.At.Term)
		b = binary.BigEndian.AppendUint64(b, c.Heir.At.Seq)
		r.heir, r.rights = string(append(b, c.Heir.At.Hash[:]...)), len(c.Heir.Rights)
	}
	return r
}

func (b *book) closedRows() (map[wire.Actor]closedRow, error) {
	known := map[wire.Actor]closedRow{}
	err := store.EachRow(b.tx, func(r *sql.Rows) error {
		var inc, cut, heir []byte
		var x closedRow
		if err := r.Scan(&inc, &cut, &heir, &x.rights); err != nil {
			return err
		}
		x.cut, x.heir = string(cut), string(heir)
		known[wire.Actor(inc)] = x
		return nil
	}, "SELECT inc, cut, heir, rights FROM ledger_closed")
	return known, err
}

// reclose compares the closes in force with those that the rows know.
func (b *book) reclose() error {
	known, err := b.closedRows()
	if err != nil {
		return err
	}
	if len(known) == 0 && len(b.closed) == 0 {
		return nil
	}
	var fresh, heirs []wire.Actor
	for a := range known {
		if _, still := b.closed[a]; !still {
			return b.replay()
		}
	}
	for _, a := range slices.SortedFunc(maps.Keys(b.closed), wire.Actor.Compare) {
		c, k := b.closed[a].row(), known[a]
		switch {
		case k == c:
		case k == (closedRow{}):
			behind, err := b.reachesBack(a)
			if err != nil {
				return err
			}
			if behind {
				return b.replay()
			}
			fresh = append(fresh, a)
		case k.cut == c.cut && (k.heir == "" || k.heir == c.heir && k.rights < c.rights):
			heirs = append(heirs, a)
		default:
			return b.replay()
		}
	}
	for _, a := range fresh {
		if err := b.close(a); err != nil {
			return err
		}
	}
	for _, a := range heirs {
		if err := b.succeed(a, known[a].heir == ""); err != nil {
			return err
		}
	}
	return b.saveClosed()
}

func (b *book) saveClosed() error {
	if _, err := b.tx.Exec("DELETE FROM ledger_closed"); err != nil {
		return err
	}
	for _, a := range slices.SortedFunc(maps.Keys(b.closed), wire.Actor.Compare) {
		r := b.closed[a].row()
		if _, err := b.tx.Exec("INSERT INTO ledger_closed(inc, cut, heir, rights) VALUES (?, ?, ?, ?)", a[:], []byte(r.cut), []byte(r.heir), r.rights); err != nil {
			return err
		}
	}
	return nil
}

// reachesBack tells whether a new CLOSE changes what is booked already: entries
// beyond its cut are here, or somebody took what may lie there.
func (b *book) reachesBack(a wire.Actor) (bool, error) {
	r, err := b.feed(a, false)
	if err != nil {
		return false, err
	}
	if r != nil && r.tip.Number > 0 && (b.forked[a] || !b.closed[a].Cut.Covers(r.tip)) {
		return true, nil
	}
	if err := b.flush(); err != nil {
		return false, err
	}
	var n int
	err = b.tx.QueryRow("SELECT count(*) FROM ledger_taken WHERE seen = 0 AND payer = ?", a[:]).Scan(&n)
	return n > 0, err
}

// close books a CLOSE: what the feed holds is stranded, and what is on its way
// to it, until somebody succeeds it.
func (b *book) close(a wire.Actor) error {
	rows, feed, err := b.holdingsOf(a)
	if err != nil {
		return err
	}
	for _, r := range rows {
		s, err := b.sum(r.Quota)
		if err != nil {
			return err
		}
		s.Held -= r.net
		if err := b.strand(a, s, 0, r.net); err != nil {
			return err
		}
	}
	if b.closed[a].Heir == nil {
		return b.divert(a, func(s *sumRow, n int64) { s.InFlight, s.Stranded = s.InFlight-n, s.Stranded+n })
	}
	return b.bequeath(feed, rows)
}

// succeed books a SUCCEED of a feed that was closed before, or more of one.
func (b *book) succeed(a wire.Actor, first bool) error {
	rows, feed, err := b.holdingsOf(a)
	if err != nil {
		return err
	}
	if first {
		err := b.divert(a, func(s *sumRow, n int64) { s.InFlight, s.Stranded = s.InFlight+n, s.Stranded-n })
		if err != nil {
			return err
		}
	}
	return b.bequeath(feed, rows)
}

func (b *book) bequeath(feed *feedRow, rows []*heldRow) error {
	for _, r := range rows {
		if err := b.right(feed, r); err != nil {
			return err
		}
	}
	return nil
}

// right books one right of a SUCCEED like a MOVE from the closed feed, as soon
// as the quota is known.
func (b *book) right(feed *feedRow, r *heldRow) error {
	c, ok := b.closed[feed.actor]
	if !ok || c.Heir == nil {
		return nil
	}
	n := c.Heir.Rights[r.Sum(b.l.community)]
	if n == 0 {
		return nil
	}
	id := succeedID(b.l.community, feed.actor, r.Quota, *c.Heir)
	var there int
	err := b.tx.QueryRow("SELECT count(*) FROM ledger_move WHERE hash = ? AND idx = ?", id.Hash[:], int64(id.Index)).Scan(&there)
	if err != nil || there > 0 {
		return err
	}
	s, err := b.sum(r.Quota)
	if err != nil {
		return err
	}
	takes, err := b.backs(feed.actor, id, n, s)
	if err != nil {
		return err
	}
	if takes == 0 {
		s.InFlight += n
	}
	if err := b.account(feed, r, s, -n); err != nil {
		return err
	}
	_, err = b.tx.Exec("INSERT INTO ledger_move(hash, idx, payer, payee, taken, number, kind, subject, period, n, until, issued) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, 0, 0)",
		id.Hash[:], int64(id.Index), feed.n, c.Heir.To[:], takes, int64(r.Kind), r.Subject[:], r.Period, n)
	return err
}

// backs finds the TAKEs of a MOVE that is just booked: those that were unseen
// are backed by it, all but the first are loss.
func (b *book) backs(payer wire.Actor, id MoveID, n int64, s *sumRow) (takes int64, err error) {
	if takes, err = b.resolve(id, takeBacked); err != nil {
		return 0, err
	}
	s.Unseen -= takes * n
	return takes, b.lose(payer, s, max(0, takes-1)*n)
}

// resolve says what became of the unseen TAKEs of a MOVE, and counts them. There
// are hardly ever any, and to look costs less than to change nothing.
func (b *book) resolve(id MoveID, seen int) (takes int64, err error) {
	err = b.tx.QueryRow("SELECT count(*) FROM ledger_taken"+ofUnseen, id.Hash[:], int64(id.Index)).Scan(&takes)
	if err != nil || takes == 0 {
		return 0, err
	}
	_, err = b.tx.Exec("UPDATE ledger_taken SET seen = ?"+ofUnseen, seen, id.Hash[:], int64(id.Index))
	return takes, err
}

// ofUnseen has takeUnseen in its text: where a parameter may decide whether a
// partial index serves, SQLite plans the statement anew at each use.
const ofUnseen = " WHERE hash = ? AND idx = ? AND seen = 0"

// divert applies change to the sums of the MOVEs to a feed that nobody took.
func (b *book) divert(payee wire.Actor, change func(s *sumRow, n int64)) error {
	var list []Amount
	err := store.EachRow(b.tx, func(r *sql.Rows) error {
		var x Amount
		var subject []byte
		err := r.Scan(&x.Quota.Kind, &subject, &x.Quota.Period, &x.N)
		copy(x.Quota.Subject[:], subject)
		list = append(list, x)
		return err
	}, "SELECT kind, subject, period, n FROM ledger_move WHERE payee = ? AND taken = 0 AND idx <> ?", payee[:], succeedIndex)
	if err != nil {
		return err
	}
	for _, x := range list {
		s, err := b.sum(x.Quota)
		if err != nil {
			return err
		}
		change(s, x.N)
	}
	return nil
}

// holdingsOf reads all rows of a feed; none if it has written nothing.
func (b *book) holdingsOf(a wire.Actor) (rows []*heldRow, feed *feedRow, err error) {
	if feed, err = b.feed(a, false); err != nil || feed == nil {
		return nil, nil, err
	}
	if err := b.flush(); err != nil {
		return nil, nil, err
	}
	var list []Quota
	err = store.EachRow(b.tx, func(r *sql.Rows) error {
		var q Quota
		var subject []byte
		err := r.Scan(&q.Kind, &subject, &q.Period)
		copy(q.Subject[:], subject)
		list = append(list, q)
		return err
	}, "SELECT kind, subject, period FROM ledger_held WHERE feed = ? ORDER BY kind, subject, period", feed.n)
	if err != nil {
		return nil, nil, err
	}
	for _, q := range list {
		r, err := b.heldRow(feed.n, q)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, r)
	}
	return rows, feed, nil
}

// account changes what a feed has of a quota, as far as it counts.
func (b *book) account(feed *feedRow, r *heldRow, s *sumRow, by int64) error {
	old := r.net
	r.net += by
	b.mark(r, &r.dirty)
	if _, closed := b.closed[feed.actor]; !closed && !b.forked[feed.actor] {
		s.Held += by
		return nil
	}
	return b.strand(feed.actor, s, old, r.net)
}

// strand books what is left with a feed that writes no more: what is below
// zero is loss.
func (b *book) strand(a wire.Actor, s *sumRow, before, after int64) error {
	s.Stranded += max(after, 0) - max(before, 0)
	return b.lose(a, s, max(-after, 0)-max(-before, 0))
}

// flying is where a MOVE that nobody took is booked.
func (b *book) flying(s *sumRow, payee wire.Actor, idx uint32) *int64 {
	if c, closed := b.closed[payee]; closed && c.Heir == nil && idx != succeedIndex {
		return &s.Stranded
	}
	return &s.InFlight
}

// anew makes the rows again if branches moved.
func (b *book) anew() error {
	if !b.stale {
		return nil
	}
	if err := b.loadForks(); err != nil {
		return err
	}
	return b.replay()
}

// replay makes all rows again from the transactions.
func (b *book) replay() error {
	tables := []string{"feed", "held", "sum", "loss", "move", "taken", "deed", "undone", "heir", "line", "hour", "late"}
	for _, t := range tables {
		if _, err := b.tx.Exec("DELETE FROM ledger_" + t); err != nil {
			return err
		}
	}
	b.rows, b.dirty, b.deeds = newRows(), nil, deeds{}
	b.replays, b.moved = true, true
	defer func() { b.replays = false }()
	if err := b.saveClosed(); err != nil {
		return err
	}
	if err := errors.Join(b.branchDeeds(), b.unite()); err != nil {
		return err
	}
	for last, more := int64(0), true; more; {
		page, err := store.ChangesAfter(b.tx, last, b.l.feeds(), replayPage)
		if err != nil {
			return err
		}
		for _, c := range page {
			if err := b.again(c.Doc, c.Chunk); err != nil {
				return err
			}
			last = c.N
		}
		more = len(page) > 0
	}
	if err := b.twice(); err != nil {
		return err
	}
	b.stale = false
	return b.flush()
}

// replayPage is how many changes are read at once.
const replayPage = 1000

func (b *book) again(doc store.DocID, chunk []byte) error {
	d, ok := b.l.parseDoc(doc)
	if !ok {
		return nil
	}
	ch, h, err := wire.Decode(chunk)
	if err != nil {
		return err
	}
	t, err := b.l.decode(ch)
	if err != nil {
		return err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return err
	}
	return b.apply(d, ch, h, c, t)
}
