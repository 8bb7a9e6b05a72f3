package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/photo"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/p2p"
)

func deviceText(pub [32]byte) string { return seal.DeviceText(pub) }

func parseDevice(text string) ([32]byte, error) {
	pub, err := govern.ParseDevice(text)
	if err != nil {
		return pub, fault.New("devices.unknown")
	}
	return pub, nil
}

// localSchema holds what this device noted about its own meetings. It belongs
// to no document and survives a rebuild.
var localSchema = []string{
	// How far another device is known to hold what this one holds: all changes
	// up to n, in this store's own order.
	`CREATE TABLE IF NOT EXISTS local_peer (device BLOB PRIMARY KEY, upto INTEGER NOT NULL, at INTEGER NOT NULL, via TEXT NOT NULL) STRICT`,
	// When each device was met last, as screens tell it.
	`CREATE TABLE IF NOT EXISTS local_met (device BLOB PRIMARY KEY, at INTEGER NOT NULL, via TEXT NOT NULL) STRICT`,
	// The cards that were shown at this device: what a till, which holds no
	// roster, needs to know a typed code again.
	`CREATE TABLE IF NOT EXISTS local_card (person BLOB PRIMARY KEY, masked TEXT NOT NULL, code TEXT NOT NULL, valid TEXT NOT NULL,
		own INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT`,
	// The residents signed in on phones, by the hash of their token, with the
	// code of the card that opened the session; until in milliseconds. Sessions
	// of an older program, which did not know the card, are over.
	`DROP TABLE IF EXISTS local_guest`,
	`CREATE TABLE IF NOT EXISTS local_session (hash BLOB PRIMARY KEY, person BLOB NOT NULL, until INTEGER NOT NULL, card TEXT NOT NULL) STRICT`,
	// Wrong PINs in a row of the cards that were shown here, by their code;
	// until in milliseconds.
	`CREATE TABLE IF NOT EXISTS local_pin (code TEXT PRIMARY KEY, tries INTEGER NOT NULL, until INTEGER NOT NULL) STRICT`,
	// The tries to sign in on a phone, by the card's person, in milliseconds.
	`CREATE TABLE IF NOT EXISTS local_try (n INTEGER PRIMARY KEY, person BLOB NOT NULL, at INTEGER NOT NULL) STRICT`,
	// What a PIN of a card that was shown here must fit.
	`CREATE TABLE IF NOT EXISTS local_verifier (person BLOB PRIMARY KEY, code TEXT NOT NULL, verifier BLOB NOT NULL) STRICT`,
	// The passes that were shown at this device, for who comes again; until in seconds.
	`CREATE TABLE IF NOT EXISTS local_pass (person BLOB PRIMARY KEY, until INTEGER NOT NULL, text TEXT NOT NULL) STRICT`,
	// Keys of people whom a revoked device registered (latekeys.go).
	lateKeySchema,
	// When this device first saw that a feed has ended.
	`CREATE TABLE IF NOT EXISTS local_ended (feed BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT`,
	// Since when there is an alarm, milliseconds.
	`CREATE TABLE IF NOT EXISTS local_alarm (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`,
	// The copies of a device that said that they have stopped.
	`CREATE TABLE IF NOT EXISTS local_stopped (device BLOB NOT NULL, incarnation BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (device, incarnation)) STRICT`,
	// Their own signatures under that, to be passed on (stopword.go).
	`CREATE TABLE IF NOT EXISTS local_stopword (incarnation BLOB PRIMARY KEY, word BLOB NOT NULL, at INTEGER NOT NULL) STRICT`,
	// Where on the network a copy was when it said so.
	`CREATE TABLE IF NOT EXISTS local_stopplace (incarnation BLOB PRIMARY KEY, addr TEXT NOT NULL) STRICT`,
	// The revoked devices that have heard of it and stopped, since when (revoked.go).
	`CREATE TABLE IF NOT EXISTS local_heard (device BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT`,
	// What was handed out since a staff device last showed how far this device's feed
	// goes, in points (caution.go).
	`CREATE TABLE IF NOT EXISTS local_outlay (one INTEGER PRIMARY KEY CHECK (one = 1), points INTEGER NOT NULL) STRICT`,
	// Which device this database is of (whose.go).
	`CREATE TABLE IF NOT EXISTS local_owner (one INTEGER PRIMARY KEY, device BLOB NOT NULL) STRICT`,
	// What stood behind an invalid entry of this device's own feed: asideWaits and so on.
	`CREATE TABLE IF NOT EXISTS local_aside (doc TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, chunk BLOB NOT NULL, seal BLOB, state INTEGER NOT NULL, PRIMARY KEY (doc, seq)) STRICT`,
	// Whose points came home because nobody used them at a place (rest.go).
	`CREATE TABLE IF NOT EXISTS local_rest (person BLOB PRIMARY KEY, place TEXT NOT NULL, n INTEGER NOT NULL) STRICT`,
	// The exchanges, one row for each connection or stick.
	`CREATE TABLE IF NOT EXISTS local_exchange (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, device BLOB NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL, via TEXT NOT NULL) STRICT`,
	// Who broke the rules of the network, how often, and when last.
	brokeSchema,
	// Pictures, as far as they are here.
	photo.BodySchema,
	photo.PublicSchema,
	// The words under which requests were carried out, with the answer.
	onceSchema,
}

// maxExchanges is how many exchanges the screen can look back on.
const maxExchanges = 500

// load makes the tables.
func (m *mesh) load(ctx context.Context) error {
	return m.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for _, ddl := range localSchema {
			if _, err := tx.Exec(ddl); err != nil {
				return err
			}
		}
		pub := m.c.node.device.Load().Public()
		_, err := tx.Exec(`INSERT OR IGNORE INTO local_owner (one, device) VALUES (1, ?)`, pub[:])
		return err
	})
}

// noteEnd writes down when a session ended and what it exchanged. A device that
// talks again and again with nothing to say leaves no row of exchanges.
func (m *mesh) noteEnd(t *talk) {
	st := t.Stats()
	err := m.keepMet(t.peer.Pub, t.met())
	if err == nil && st.ChangesSent+st.Admitted > 0 {
		err = m.note(t.peer.Pub, int64(st.ChangesSent), int64(st.Admitted), via(t.peer.Addr))
	}
	if err != nil {
		m.c.node.log.Warn("an exchange was not noted", "err", err.Error())
	}
}

func (m *mesh) note(device [32]byte, sent, received int64, via string) error {
	return m.c.store.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO local_exchange (at, device, sent, received, via) VALUES (?, ?, ?, ?, ?)`,
			m.c.node.now(), device[:], sent, received, via); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM local_exchange WHERE n <= (SELECT max(n) FROM local_exchange) - ?`, maxExchanges)
		return err
	})
}

// watch notes who holds everything that lay here a moment ago. The store's tip
// is read one round before the session is asked, so that a change between the
// two is never counted as held.
func (m *mesh) watch(ctx context.Context) {
	before := int64(0)
	noted := map[[32]byte]int64{}
	for {
		var now int64
		err := m.c.view(ctx, func(q store.Querier) (err error) { now, err = store.Newest(q); return err })
		if err == nil && before > 0 {
			m.noteHeld(ctx, before, noted)
		}
		before = now
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
	}
}

// watchEvery is how stale "still only here" may be on the screen.
const watchEvery = 500 * time.Millisecond

func (m *mesh) noteHeld(ctx context.Context, upto int64, noted map[[32]byte]int64) {
	online := m.online()
	maps.DeleteFunc(noted, func(pub [32]byte, _ int64) bool { return online[pub] == nil })
	for pub, t := range online {
		if !t.Stats().InSync || noted[pub] == upto {
			continue
		}
		if m.keepHeld(ctx, t, upto) == nil {
			if _, before := noted[pub]; !before {
				m.c.tend.poke() // some chores wait until somebody is in step
			}
			noted[pub] = upto
			m.c.node.hub.tell("state", "devices")
		}
	}
}

// keepHeld notes that the device at the other end holds all changes up to upto.
func (m *mesh) keepHeld(ctx context.Context, t *talk, upto int64) error {
	err := m.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		return noteHeldBy(tx, t.peer.Pub, upto, m.c.node.now(), via(t.peer.Addr))
	})
	if err != nil {
		return err
	}
	return m.c.shown(ctx, t.peer.Pub)
}

func noteHeldBy(tx *store.Tx, pub [32]byte, upto, at int64, via string) error {
	_, err := tx.Exec(`INSERT INTO local_peer (device, upto, at, via) VALUES (?, ?, ?, ?)
		ON CONFLICT (device) DO UPDATE SET upto = max(upto, excluded.upto), at = excluded.at, via = excluded.via`, pub[:], upto, at, via)
	return err
}

// held is how far a device is known to hold what this one holds; upto 0: it was
// met, but nothing is known of what it holds.
type held struct {
	upto, at int64
	via      string
}

func heldBy(q store.Querier) (map[[32]byte]held, error) {
	rows, err := q.Query(`SELECT device, upto, at, via FROM local_peer`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[[32]byte]held{}
	for rows.Next() {
		var pub []byte
		var h held
		if err := rows.Scan(&pub, &h.upto, &h.at, &h.via); err != nil {
			return nil, err
		}
		if len(pub) == 32 {
			out[[32]byte(pub)] = h
		}
	}
	return out, rows.Err()
}

// lacks counts the changes after upto of documents that the device may read.
func (c *community) lacks(q store.Querier, device [32]byte, upto int64) (int64, error) {
	counts, err := store.CountsAfter(q, upto)
	total := int64(0)
	for doc, n := range counts {
		if c.charter.MayRead(device, doc) {
			total += n
		}
	}
	return total, err
}

// onlyHere counts the changes that no other staff device is known to hold.
func (c *community) onlyHere(q store.Querier, held map[[32]byte]held) (int64, error) {
	upto := int64(0)
	for pub, h := range held {
		if d, ok := c.charter.Device(pub); ok && d.Role.Staff() && !d.Revoked {
			upto = max(upto, h.upto)
		}
	}
	return store.CountAfter(q, upto)
}

// rememberAddrs keeps where a device was reached, newest first.
func (n *Node) rememberAddrs(device string, list []string) error {
	return n.change(func(l *local) {
		next := addresses{}
		for k, v := range l.Addresses {
			next[k] = v
		}
		all := slices.Clone(list)
		for _, a := range l.Addresses[device] {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
		next[device] = all[:min(len(all), p2p.MaxAddrs)]
		l.Addresses = next
	})
}
