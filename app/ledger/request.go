package ledger

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Requests are what staff ask of a feed that only this feed can do: only the
// payee of a MOVE can give it back, and only a till can undo what it redeemed.
// Document request, read by every device:
//
//	request/<hash of the MOVE>/return         the payee's incarnation, 16 bytes
//	request/<hash of the redemption>/undo     the till's incarnation; all zero: taken back
//
// A hash and a device, nothing of a person. A request is a wish and no right:
// what becomes of it stands in the feed of the one who was asked, once.
type Requests struct {
	doc func(path string) store.DocID
}

// NewRequests returns the projector; doc names a document of the community.
func NewRequests(doc func(path string) store.DocID) *Requests { return &Requests{doc} }

// RequestDoc is the document's path.
const RequestDoc = "request"

const wantReturn, wantUndo = "return", "undo"

// Name implements store.Projector.
func (r *Requests) Name() string { return "request" }

// Version implements store.Projector.
func (r *Requests) Version() int { return 2 }

// Schema implements store.Projector.
func (r *Requests) Schema() string {
	return `CREATE TABLE request_return (hash BLOB PRIMARY KEY, payee BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE request_undo (hash BLOB PRIMARY KEY, till BLOB NOT NULL) STRICT, WITHOUT ROWID;`
}

// Wants implements store.Projector.
func (r *Requests) Wants(doc store.DocID) bool { return doc == r.doc(RequestDoc) }

// Apply implements store.Projector. One for a return is never taken back: its
// voucher may be on its way home already. One for an undo is, by naming nobody.
func (r *Requests) Apply(tx *store.Tx, ev store.Event) error {
	for _, m := range ev.Moved {
		h, want, ok := parseRequest(m.Key)
		if !ok || len(m.Fields) == 0 {
			continue
		}
		v := []byte(m.Fields[0].Value.Raw)
		var err error
		switch {
		case want == wantReturn:
			_, err = tx.Exec("INSERT INTO request_return (hash, payee) VALUES (?, ?) ON CONFLICT DO NOTHING", h[:], v)
		case bytes.Equal(v, make([]byte, len(wire.Actor{}))):
			_, err = tx.Exec("DELETE FROM request_undo WHERE hash = ?", h[:])
		default:
			_, err = tx.Exec("REPLACE INTO request_undo (hash, till) VALUES (?, ?)", h[:], v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func parseRequest(key string) (h wire.Hash, want string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != RequestDoc || parts[2] != wantReturn && parts[2] != wantUndo {
		return h, "", false
	}
	b, err := hex.DecodeString(parts[1])
	if err != nil || len(b) != len(h) {
		return h, "", false
	}
	h = wire.Hash(b)
	return h, parts[2], h.String() == parts[1]
}

// RequestForm is strict: what every device reads must hold hashes and devices
// and nothing else.
func RequestForm(ch *wire.Change) error {
	for _, op := range ch.Ops {
		if _, _, ok := parseRequest(op.Key); !ok {
			return fmt.Errorf("ledger: %.80q is no key of a request", op.Key)
		}
		if op.Delete || op.Value.Kind != wire.Bytes || len(op.Value.Raw) != len(wire.Actor{}) {
			return fmt.Errorf("ledger: a bad value of %.80q", op.Key)
		}
	}
	return nil
}

// AskReturn asks the payee of a MOVE to send it home.
func (r *Requests) AskReturn(tx *store.Tx, h wire.Hash, payee wire.Actor) error {
	_, err := tx.Put(r.doc(RequestDoc), "request.return", store.Put{Key: RequestDoc + "/" + h.String() + "/" + wantReturn, Value: wire.BytesValue(payee[:])})
	return err
}

// Wanted tells whether a MOVE is wanted back.
func (r *Requests) Wanted(q store.Querier, h wire.Hash) (bool, error) {
	var n int
	err := q.QueryRow("SELECT count(*) FROM request_return WHERE hash = ?", h[:]).Scan(&n)
	return n > 0, err
}

// Returns lists the MOVEs that are wanted back from a payee and that no TAKE
// known here has taken, at most limit.
func (r *Requests) Returns(q store.Querier, payee wire.Actor, limit int) (out []wire.Hash, err error) {
	err = store.EachRow(q, func(rows *sql.Rows) error {
		var h []byte
		if err := rows.Scan(&h); err != nil {
			return err
		}
		if len(h) != len(wire.Hash{}) {
			return errors.New("ledger: a damaged request")
		}
		out = append(out, wire.Hash(h))
		return nil
	}, `SELECT r.hash FROM request_return r WHERE r.payee = ? AND NOT EXISTS (SELECT 1 FROM ledger_taken t WHERE t.hash = r.hash)
		ORDER BY r.hash LIMIT ?`, payee[:], limit)
	return out, err
}

// Shown is a voucher that was shown to its till.
type Shown struct {
	Paper
	Expired  bool // its time is over: it went home
	Recalled bool // it is wanted back: it went home
}

// Show takes a voucher for the person who shows it here, or sends it home: because
// the person wants that, its time is over at now (milliseconds), or somebody called
// it back and this till has heard of it. Faults: as [Ledger.TakeVoucher].
func (r *Requests) Show(tx *store.Tx, l *Ledger, v *Evidence, now int64, home bool) (s Shown, err error) {
	if s.Paper, err = l.ReadPaper(v); err != nil {
		return s, err
	}
	if s.Recalled, err = r.Wanted(tx, s.Hash); err != nil {
		return s, err
	}
	s.Expired = s.Until > 0 && s.Until < now
	_, err = l.TakeVoucher(tx, v, home || s.Expired || s.Recalled)
	return s, err
}

// GiveBack sends a voucher home that is wanted back. Whoever hands it over can't make
// this till give up what nobody asked for: then nothing is done. Faults: as
// [Ledger.TakeVoucher].
func (r *Requests) GiveBack(tx *store.Tx, l *Ledger, v *Evidence) error {
	p, err := l.ReadPaper(v)
	if err != nil {
		return err
	}
	wanted, err := r.Wanted(tx, p.Hash)
	if err != nil || !wanted {
		return err
	}
	_, err = l.TakeVoucher(tx, v, true)
	return err
}

// AskUndo asks a till to undo a redemption; the zero till takes that back.
func (r *Requests) AskUndo(tx *store.Tx, h wire.Hash, till wire.Actor) error {
	_, err := tx.Put(r.doc(RequestDoc), "request.undo", store.Put{Key: RequestDoc + "/" + h.String() + "/" + wantUndo, Value: wire.BytesValue(till[:])})
	return err
}

// Undos lists what a till, or its successor, is asked to undo and did not undo
// yet, of the transactions that are here, by hash, from the one after a hash on, at
// most limit.
func (l *Ledger) Undos(q store.Querier, after wire.Hash, limit int) (out []wire.Hash, err error) {
	mine, err := l.Mine(q)
	if err != nil {
		return nil, err
	}
	for _, a := range mine {
		err := store.EachRow(q, func(rows *sql.Rows) error {
			var h []byte
			if err := rows.Scan(&h); err != nil {
				return err
			}
			if len(h) != len(wire.Hash{}) {
				return fmt.Errorf("%w: a request", store.ErrCorrupt)
			}
			out = append(out, wire.Hash(h))
			return nil
		}, "SELECT hash FROM request_undo WHERE till = ? AND NOT "+Undone("request_undo.hash")+" AND hash > ? ORDER BY hash LIMIT ?", a[:], after[:], limit)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b wire.Hash) int { return bytes.Compare(a[:], b[:]) })
	return out[:min(len(out), limit)], nil
}
