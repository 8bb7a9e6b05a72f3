package govern

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Charter is what a device knows of its community's governance. It is a
// projection of gov/<term> with a copy in memory, and it gives the answers
// that admission, sync and the authors of changes need.
type Charter struct {
	community string

	mu      sync.Mutex
	done    *state    // the latest committed state
	known   bool      // whether done was read: transactions may come before Open
	tx      *store.Tx // the transaction that pending belongs to
	pending *state    // with that transaction's changes; it may yet be rolled back
	stale   error     // why the last reading failed
	st      *store.Store
	device  *Device
	ring    openRing
	wroteBy map[wire.Actor][32]byte // incarnations met so far and their devices
	masks   map[[32]byte]maskedBy
}

// openRing is the keyring that was opened last and where it stood.
type openRing struct {
	at   Point
	ring Keyring
}

// New returns the charter of a community, by its id. It is a projector of the
// store that is opened next; then call Open.
func New(community string) *Charter {
	return &Charter{community: community, done: newState(), wroteBy: map[wire.Actor][32]byte{}, masks: map[[32]byte]maskedBy{}}
}

// Community returns the community's id text.
func (c *Charter) Community() string { return c.community }

// Doc returns a document id of this community in its first epoch.
func (c *Charter) Doc(path string) store.DocID { return store.DocID(c.community + ".1/" + path) }

// Open reads what the store holds and keeps the copy in memory up to date from
// then on.
func (c *Charter) Open(ctx context.Context, st *store.Store) error {
	c.mu.Lock()
	c.st = st
	c.mu.Unlock()
	st.OnCommit(func(k store.Commit) {
		if gov, certs := concerns(k); gov || certs {
			again := c.Stale() != nil
			err := c.reload(context.Background(), gov || again, certs || again)
			c.mu.Lock()
			c.stale = err
			c.known = c.known && err == nil // the next transaction reads its own state
			c.mu.Unlock()
		}
	})
	return c.reload(ctx, true, true)
}

// Stale tells why what this charter answers may be older than what is on the
// disk, nil if it is not.
func (c *Charter) Stale() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stale
}

// concerns tells whether a commit moved gov or brought certificates.
func concerns(k store.Commit) (gov, certs bool) {
	gov = slices.ContainsFunc(k.Docs, func(doc store.DocID) bool {
		p, err := ParsePath(doc)
		return err == nil && p.Term > 0
	})
	return gov, slices.Contains(k.Sets, store.SetIncarnation)
}

// reload takes the committed state from the database, or who wrote what, or
// both.
func (c *Charter) reload(ctx context.Context, gov, certs bool) error {
	c.mu.Lock()
	st := c.st
	c.mu.Unlock()
	return st.View(ctx, func(q store.Querier) (err error) {
		if gov {
			err = c.reloadState(q)
		}
		if certs && err == nil {
			err = c.reloadAuthors(q)
		}
		return err
	})
}

func (c *Charter) reloadState(q store.Querier) error {
	s, err := c.read(q)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !s.head().Before(c.done.head()) { // two reloads may overtake each other
		c.done = s
	}
	c.known = true
	return nil
}

func (c *Charter) reloadAuthors(q store.Querier) error {
	items, err := store.SetItems(q, store.SetIncarnation, -1)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, it := range items {
		cert, err := seal.DecodeCertificate(it.Blob)
		if err != nil {
			return err
		}
		c.wroteBy[cert.Actor()] = cert.Device
	}
	return nil
}

// Name implements store.Projector.
func (c *Charter) Name() string { return "govern" }

// Version implements store.Projector.
func (c *Charter) Version() int { return 1 }

// Schema implements store.Projector: the feeds' changes as they came, which
// the state in memory is made of, and the devices for questions in SQL.
func (c *Charter) Schema() string {
	return `
CREATE TABLE govern_change (
  term  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  actor BLOB NOT NULL,
  at    INTEGER NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (term, seq)
) STRICT, WITHOUT ROWID;`
}

// Wants implements store.Projector.
func (c *Charter) Wants(doc store.DocID) bool {
	p, err := ParsePath(doc)
	return err == nil && p.Term > 0 && p.Community == c.community
}

// Apply implements store.Projector.
func (c *Charter) Apply(tx *store.Tx, ev store.Event) error {
	p, err := ParsePath(ev.Doc)
	if err != nil {
		return err
	}
	raw, err := feedValue(ev.Change)
	if err != nil {
		return err
	}
	entries, err := DecodeValue(raw)
	if err != nil {
		return err
	}
	if _, err := c.at(tx); err != nil { // before the row is there
		return err
	}
	if _, err := tx.Exec(`INSERT INTO govern_change (term, seq, hash, actor, at, value) VALUES (?,?,?,?,?,?)`,
		p.Term, ev.Change.Seq, ev.Hash[:], ev.Change.Actor[:], ev.Change.Time, raw); err != nil {
		return err
	}
	beside, err := c.looseOf(tx)
	if err != nil {
		return err
	}
	if withdraws(entries) {
		tx.Remask()
	}
	return c.grow(tx, func(s *state) error {
		at := Point{Term: p.Term, Seq: ev.Change.Seq}
		s.add(at, ev.Hash, ev.Change.Actor, entries)
		s.times[at] = ev.Change.Time
		return s.attach(at, beside)
	})
}

// grow adds to the state inside a transaction.
func (c *Charter) grow(tx *store.Tx, add func(*state) error) error {
	s, err := c.at(tx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tx != tx { // readers may hold s
		s = s.clone()
	}
	c.tx, c.pending = tx, s
	return add(s)
}

// at returns the state inside a transaction: its own where it has changed gov,
// else what is committed. A pending state of another transaction is stale:
// writers come one after another, so that one has ended, and nobody told
// whether it was committed.
func (c *Charter) at(tx *store.Tx) (*state, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tx == tx {
		return c.pending, nil
	}
	if c.tx == nil && c.known {
		return c.done, nil
	}
	s, err := c.read(tx)
	if err != nil {
		return nil, err
	}
	c.done, c.tx, c.pending, c.known = s, nil, nil, true
	return s, nil
}

// now returns the committed state.
func (c *Charter) now() *state {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

// read builds the state from the table and what the store holds beside it.
func (c *Charter) read(q store.Querier) (*state, error) {
	beside, err := c.looseOf(q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(`SELECT term, seq, hash, actor, at, value FROM govern_change ORDER BY term, seq`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	s := newState()
	for rows.Next() {
		var p Point
		var hash, actor, raw []byte
		var at int64
		if err := rows.Scan(&p.Term, &p.Seq, &hash, &actor, &at, &raw); err != nil {
			return nil, err
		}
		entries, err := DecodeValue(raw)
		if err != nil || len(hash) != len(wire.Hash{}) || len(actor) != len(wire.Actor{}) { // it was read before it was taken
			return nil, errors.Join(fmt.Errorf("%w: gov change %d.%d", store.ErrCorrupt, p.Term, p.Seq), err)
		}
		s.add(p, wire.Hash(hash), wire.Actor(actor), entries)
		s.times[p] = at
		if err := s.attach(p, beside); err != nil {
			return nil, err
		}
	}
	return s, rows.Err()
}

// feedValue returns the value of a feed document's change, whose form it checks.
func feedValue(ch *wire.Change) ([]byte, error) {
	if len(ch.Ops) != 1 || ch.StartOp != ch.Seq {
		return nil, errors.New("govern: a feed's change holds exactly one operation")
	}
	op := ch.Ops[0]
	if op.Delete || op.Key != store.FeedKey(ch.Seq) || op.Value.Kind != wire.Bytes || len(op.Pred) != 0 {
		return nil, errors.New("govern: a feed's operation is one put of tx/<seq>")
	}
	if want := min(ch.Seq-1, 1); uint64(len(ch.Deps)) != want {
		return nil, errors.New("govern: a feed's change depends on exactly the one before it")
	}
	return []byte(op.Value.Raw), nil
}

// Head returns what authors name in their changes: the latest governance head
// inside the transaction. It is the store.Author's Context. Before the genesis
// it is the zero head.
func (c *Charter) Head(tx *store.Tx) (seal.Context, error) {
	s, err := c.at(tx)
	if err != nil {
		return seal.Context{}, err
	}
	return s.context(), nil
}

func (s *state) context() seal.Context {
	p := s.head()
	if p.Term == 0 {
		return seal.Context{}
	}
	return seal.Context{Term: p.Term, Seq: p.Seq, Head: head16(s.heads[p])}
}
