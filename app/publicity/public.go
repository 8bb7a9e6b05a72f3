package publicity

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What merchants read of the notices. The documents of Doc hold minutes with residents'
// ids, reasons and who typed what, and stay with staff; a notice that is for merchants,
// too, stands once more in documents board/<yyyy-mm>, which staff write and every device
// reads. Nothing in them is about a person: no operator, no reason, and whoever calls masks
// residents' names, also those of people who agreed to be named. Keys, none of which is
// ever written over another value:
//
//	shown/<id>/text   a CBOR array, see publicValue; id is its hash
//	hidden/<of>/at    the notice was taken down: a CBOR array, see offValue; beside its text
const BoardDoc = "board"

// Merchants is the grid of a notice that is for merchants alone: no grid has such an id.
const Merchants = "@merchants"

const (
	shown  = "shown"
	hidden = "hidden"
)

type publicValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Of      string // the notice
	Kind    string
	Title   string
	Body    string
	Contact string
	From    int64
	Until   int64
	Made    int64
}

type offValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
}

func (v publicValue) whole() bool {
	return v.Format == format && govern.IsID(v.Of) && slices.Contains(Kinds, v.Kind) && govern.FilledLine(v.Title, MaxTitle) && strings.TrimSpace(v.Body) != "" && utf8.RuneCountInString(v.Body) <= MaxBody && govern.PlainText(v.Body) &&
		govern.ShortLine(v.Contact, MaxLine) && v.From > 0 && v.Until > v.From && v.Until-v.From <= MaxDays*day && v.Made > 0
}

func (v offValue) whole() bool { return v.Format == format && v.At > 0 }

func parsePublic(key string) (kind, id string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || !govern.IsID(parts[1]) {
		return "", "", false
	}
	kind, id = parts[0], parts[1]
	return kind, id, kind == shown && parts[2] == "text" || kind == hidden && parts[2] == "at"
}

// BoardForm checks a change of board/<yyyy-mm> as Form does one of Doc.
func BoardForm(ch *wire.Change) error {
	for _, op := range ch.Ops {
		kind, id, ok := parsePublic(op.Key)
		if !ok || op.Delete || len(op.Pred) > 0 || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxValue || !formPublic(kind, id, op.Value.Raw) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

func formPublic(kind, id, raw string) bool {
	if kind == shown {
		return hash(BoardDoc, raw) == id && coded.Passes([]byte(raw), format, publicValue.whole)
	}
	return coded.Passes([]byte(raw), format, offValue.whole)
}

// ForMerchants tells whether merchants read the notice.
func (n *Notice) ForMerchants() bool { return n.Grid == "" || n.Grid == Merchants }

// Show gives merchants a notice, with the texts of n, in which nobody is named. Call it
// in the transaction that posts the notice. Fault: publicity.text{reason, max}.
func (b *Board) Show(tx *store.Tx, id string, n Notice) error {
	v := publicValue{Format: format, Of: id, Kind: n.Kind, Title: strings.TrimSpace(n.Title), Body: strings.TrimSpace(n.Body), Contact: strings.TrimSpace(n.Contact), From: n.From, Until: n.Until, Made: tx.Now()}
	if !v.whole() {
		return textFault("body", MaxBody)
	}
	raw, err := coded.Marshal(v)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.doc(BoardDoc+"/"+zone.Month(tx.Now())), "board.show", store.Put{Key: shown + "/" + hash(BoardDoc, string(raw)) + "/text", Value: wire.BytesValue(raw)})
	return err
}

// hide takes a notice from merchants, in the month in which it was shown. It does not ask
// whether the text is here: that document may still be on its way.
func (b *Board) hide(tx *store.Tx, n Notice) error {
	raw, err := coded.Marshal(offValue{Format: format, At: tx.Now()})
	if err != nil {
		return err
	}
	doc := b.doc(BoardDoc + strings.TrimPrefix(n.path, Doc))
	key := hidden + "/" + n.ID + "/at"
	if there, err := store.Fields(tx, doc, key); err != nil || len(there) > 0 {
		return err // the other document came first: it is hidden
	}
	_, err = tx.Put(doc, "board.hide", store.Put{Key: key, Value: wire.BytesValue(raw)})
	return err
}

// applyPublic keeps one value; what a newer program wrote is left alone.
func applyPublic(tx *store.Tx, op wire.Op) (err error) {
	kind, id, ok := parsePublic(op.Key)
	if !ok || op.Value.Kind != wire.Bytes {
		return nil
	}
	raw := []byte(op.Value.Raw)
	if kind == hidden {
		if _, err := coded.Read(raw, format, offValue.whole); err != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT OR IGNORE INTO publicity_hidden (notice) VALUES (?)`, id)
		return err
	}
	v, err := coded.Read(raw, format, publicValue.whole)
	if err != nil {
		return nil
	}
	_, err = tx.Exec(`INSERT OR IGNORE INTO publicity_public (id, notice, at, until, value) VALUES (?, ?, ?, ?, ?)`, id, v.Of, v.From, v.Until, raw)
	return err
}

// Shown lists the notices for merchants that hang now, the latest first. ID is the notice's.
func (b *Board) Shown(q store.Querier, now int64) (out []Notice, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return err
		}
		v, err := coded.Read(raw, format, publicValue.whole)
		if err != nil {
			return err
		}
		out = append(out, Notice{ID: v.Of, Kind: v.Kind, Title: v.Title, Body: v.Body, Contact: v.Contact, From: v.From, Until: v.Until, Made: v.Made, State: InForce})
		return nil
	}, `SELECT value FROM publicity_public p WHERE at <= ? AND until > ? AND NOT EXISTS (SELECT 1 FROM publicity_hidden h WHERE h.notice = p.notice) ORDER BY at DESC, id LIMIT ?`, now, now, MaxRows)
	return out, err
}
