package node

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"

	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p"
)

// Of two machines with one device key the one that has stopped reaches some
// device; the other one may be the main device, which it can't reach, for they
// have one place in the network. So it gives its word under the signature of
// what it wrote as, and whoever has that word passes it on, merchants too. It is
// believed because of the signature, whoever brings it.

const stopWordSize = len(wire.Actor{}) + ed25519.SignatureSize

func stopStatement(community string, a wire.Actor) []byte {
	return append([]byte("jishan stopped 1\x00"+community+"\x00"), a[:]...)
}

// stopWord is this machine's word that it has stopped.
func (c *community) stopWord() []byte {
	a := c.store.Self()
	return append(a[:], ed25519.Sign(c.inc.Private, stopStatement(c.charter.Community(), a))...)
}

// hearStopWord notes a machine's word, if it is its own.
func (m *mesh) hearStopWord(ctx context.Context, word []byte) error {
	a, sig := wire.Actor(word[:len(wire.Actor{})]), word[len(wire.Actor{}):]
	c := m.c
	fresh := false
	err := c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		cert, err := store.Certificate(tx, a)
		if err != nil || cert == nil {
			return err // it is told again
		}
		if !ed25519.Verify(cert.Public[:], stopStatement(c.charter.Community(), a), sig) {
			return &p2p.AnswerError{Text: "ask.unknown"}
		}
		d, ok := c.charter.Device(cert.Device)
		if !ok {
			return nil
		}
		done, err := tx.Exec(`INSERT OR IGNORE INTO local_stopword (incarnation, word, at) VALUES (?, ?, ?)`, a[:], word, c.node.now())
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		fresh = true
		if d.Revoked { // no copy: it has heard of its revocation, whoever it told
			return c.noteHeard(tx, cert.Device)
		}
		_, err = tx.Exec(`INSERT OR IGNORE INTO local_stopped (device, incarnation, at) VALUES (?, ?, ?)`, cert.Device[:], a[:], c.node.now())
		return err
	})
	if fresh {
		c.node.hub.tell("state", "devices")
		c.tend.poke()
	}
	return err
}

// wordTo is which word was passed on to whom.
type wordTo struct {
	of  wire.Actor
	pub [32]byte
}

// passWords passes on the words of machines that have stopped, while nobody has
// decided about them, and of revoked devices, while they are talked of: to staff, once
// over each link.
func (t *tender) passWords(ctx context.Context) error {
	h := t.c.mesh.now()
	if h == nil {
		return nil
	}
	words := map[wire.Actor][]byte{}
	err := t.c.view(ctx, func(q store.Querier) error {
		list, err := t.c.twins(q)
		if err != nil {
			return err
		}
		for _, x := range list {
			var word []byte
			if err := q.QueryRow(`SELECT coalesce(max(word), x'') FROM local_stopword WHERE incarnation = ?`, x.stopped[:]).Scan(&word); err != nil {
				return err
			}
			if len(word) == stopWordSize {
				words[x.stopped] = word
			}
		}
		return t.c.wordsOfRevoked(q, words)
	})
	if err != nil || len(words) == 0 {
		return err
	}
	var errs []error
	for pub, talk := range t.c.mesh.online() {
		d, ok := t.c.charter.Device(pub)
		for a, word := range words {
			key := wordTo{a, pub}
			if !ok || !d.Role.Staff() || t.words[key] == talk {
				continue
			}
			ask, cancel := context.WithTimeout(ctx, clockWait)
			_, err := h.Ask(ask, pub, append([]byte{askStopWord}, word...))
			cancel()
			if err != nil && !toldOff(err) {
				errs = append(errs, err)
				continue
			}
			t.words[key] = talk
		}
	}
	return errors.Join(errs...)
}

// wordsOfRevoked adds what revoked devices said within the time in which the office is
// told of them.
func (c *community) wordsOfRevoked(q store.Querier, words map[wire.Actor][]byte) error {
	writers := c.writers()
	return store.EachRow(q, func(r *sql.Rows) error {
		var a, word []byte
		err := r.Scan(&a, &word)
		if err == nil && len(word) == stopWordSize && c.revoked(writers[wire.Actor(a)]) {
			words[wire.Actor(a)] = word
		}
		return err
	}, `SELECT incarnation, word FROM local_stopword WHERE at > ?`, c.node.now()-revokedFor)
}

// toldOff tells whether the other one answered that it does not know the
// question: an older program.
func toldOff(err error) bool {
	var told *p2p.AnswerError
	return errors.As(err, &told)
}
