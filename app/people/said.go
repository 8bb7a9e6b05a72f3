package people

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A reason and what else is said beside an entry of the ledger can't stand in the
// ledger, which never forgets: the entry's note names a record of the person, which
// is sealed.
//
//	said/<person>/<name>   in people/<shard>, a sealed text; written once
//
// Admission refuses one that replaces another. A device that claims not to have seen
// the first can still write under its name: then both are shown.
//
// MaxSaid bounds such a text in characters: a line of a passbook.
const MaxSaid = 40

const (
	kindSaid   = "said"
	saidNote   = "said:" // and the name: the note of the entry
	saidName   = 16      // characters of hexadecimal
	saidAction = "people.say"
)

// Say keeps a text about a person for an entry of the ledger and returns the note
// of that entry. Fault: people.unknown.
func (p *People) Say(tx *store.Tx, id ID, plain string) (note string, err error) {
	if plain == "" {
		return "", nil
	}
	var b [saidName / 2]byte
	if _, err := io.ReadFull(p.Rand, b[:]); err != nil {
		return "", err
	}
	name := hex.EncodeToString(b[:])
	key := saidKey(id, name)
	sealed, err := p.SealText(tx, id, key, plain)
	if err != nil {
		return "", err
	}
	_, err = tx.Put(p.doc(id), saidAction, store.Put{Key: key, Value: wire.BytesValue(sealed)})
	return saidNote + name, err
}

// Said returns what an entry's note stands for: the text that Say kept, any other
// note as it is.
func (t *Texts) Said(id ID, note string) (string, error) {
	name, ok := strings.CutPrefix(note, saidNote)
	if !ok {
		return note, nil
	}
	if t.k == nil {
		return Unread, t.err
	}
	var all [][]byte
	err := store.EachRow(t.k.q, func(r *sql.Rows) error {
		var sealed []byte
		err := r.Scan(&sealed)
		all = append(all, sealed)
		return err
	}, "SELECT sealed FROM people_said WHERE person = ? AND name = ? ORDER BY n", id[:], name)
	if err != nil {
		return "", err
	}
	var said []string
	unread := Unread // it comes by another document than the entry
	for _, sealed := range all {
		s, err := t.Open(id, saidKey(id, name), sealed)
		switch {
		case err != nil:
			return "", err
		case Plain(s) == "":
			unread = s
		case !slices.Contains(said, s):
			said = append(said, s)
		}
	}
	if len(said) == 0 {
		return unread, nil
	}
	return strings.Join(said, " / "), nil
}

func saidKey(id ID, name string) string { return kindSaid + "/" + id.String() + "/" + name }

// parseSaid takes a key apart; false for what is none of these.
func parseSaid(key string) (id ID, name string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != kindSaid || len(parts[2]) != saidName || strings.Trim(parts[2], "0123456789abcdef") != "" {
		return id, "", false
	}
	id, err := ParseID(parts[1])
	return id, parts[2], err == nil
}

// saidForm checks an operation on such a text; what is none passes.
func saidForm(op wire.Op, shard int) error {
	if !strings.HasPrefix(op.Key, kindSaid+"/") {
		return nil
	}
	id, _, ok := parseSaid(op.Key)
	if !ok || op.Delete || len(op.Pred) > 0 || id.Shard() != shard || op.Value.Kind != wire.Bytes || !Envelope([]byte(op.Value.Raw), MaxSaid) {
		return fmt.Errorf("people: no sealed text at %.80q", op.Key)
	}
	return nil
}

// noteSaid keeps the texts of a change at hand.
func noteSaid(tx *store.Tx, moved []store.Moved) error {
	for _, m := range moved {
		id, name, ok := parseSaid(m.Key)
		if !ok || len(m.Fields) == 0 {
			continue
		}
		if _, err := tx.Exec("DELETE FROM people_said WHERE person = ? AND name = ?", id[:], name); err != nil {
			return err
		}
		for n, f := range m.Fields {
			if _, err := tx.Exec("INSERT INTO people_said (person, name, n, sealed) VALUES (?, ?, ?, ?)", id[:], name, n, []byte(f.Value.Raw)); err != nil {
				return err
			}
		}
	}
	return nil
}
