package shop

import (
	_ "embed"
	"encoding/hex"
	"strings"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Name, Version, Schema, Wants and Apply make Shop a store.Projector.
func (s *Shop) Name() string { return "shop" }

// Version is raised when rows change their meaning.
func (s *Shop) Version() int { return 10 }

//go:embed schema.sql
var schema string

// Schema is schema.sql.
func (s *Shop) Schema() string { return schema }

// Wants says whether doc is a catalog or holds ledger entries.
func (s *Shop) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "catalog/") || strings.HasPrefix(path, "feed/")
}

// Apply brings the rows up to date with one change.
func (s *Shop) Apply(tx *store.Tx, ev store.Event) error {
	if ev.Shape == store.Feed {
		return applyEntries(tx, ev)
	}
	_, path, _ := strings.Cut(string(ev.Doc), "/")
	place := strings.TrimPrefix(path, "catalog/")
	for _, m := range ev.Moved {
		p := strings.Split(m.Key, "/")
		if len(p) != 3 {
			continue
		}
		var err error
		switch p[0] {
		case kindOffer:
			err = applyOffer(tx, ev, place, p[1], p[2], m.Fields)
		case kindReserve:
			err = applyReserve(tx, place, p[1], p[2], m.Fields)
		case kindDay:
			err = applyDay(tx, place, p[1], p[2], m.Fields)
		case kindPlace:
			err = applyPlace(tx, place, p[2], shown(m.Fields))
		case kindGift:
			err = applyGift(tx, place, p[1], p[2], m.Fields)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ApplyBranch implements store.BranchProjector: what was handed over in another history of
// a feed was handed over, too. No row of an entry depends on those before it.
func (s *Shop) ApplyBranch(tx *store.Tx, ev store.Event) error { return applyEntries(tx, ev) }

func shown(fields []store.Field) wire.Value {
	if len(fields) == 0 {
		return wire.Value{}
	}
	return fields[0].Value
}

func applyOffer(tx *store.Tx, ev store.Event, place, id, field string, fields []store.Field) error {
	v := shown(fields)
	var value any
	switch field {
	case "name", "unit", "kind", "icon", "code", "photo":
		value = v.Raw
	case "points", "minimum", "cost":
		value = v.Num
	case "active":
		value = v.Kind == wire.True
	default:
		return nil // of a newer program
	}
	if _, err := tx.Exec(`INSERT INTO shop_offer (id, place) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, place); err != nil {
		return err
	}
	if field == "name" || field == "points" || field == "active" { // what a phone shows of it
		if _, err := tx.Exec(`UPDATE shop_offer SET at = max(at, ?) WHERE id = ?`, ev.Change.Time, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE shop_offer SET `+field+` = ? WHERE id = ?`, value, id); err != nil || field != "points" {
		return err
	}
	for _, op := range ev.Change.Ops { // the price of this change, whether it is the one shown or not
		if op.Key != key(kindOffer, id, field) || op.Delete {
			continue
		}
		_, err := tx.Exec(`INSERT INTO shop_price (offer, at, actor, points) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET points = max(points, excluded.points)`,
			id, ev.Change.Time, hex.EncodeToString(ev.Change.Actor[:]), op.Value.Num)
		if err != nil {
			return err
		}
	}
	return nil
}

func applyReserve(tx *store.Tx, place, id, field string, fields []store.Field) error {
	if _, err := tx.Exec(`INSERT INTO shop_reserve (id, place) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, place); err != nil {
		return err
	}
	v := shown(fields)
	if field == "state" {
		_, err := tx.Exec(`UPDATE shop_reserve SET state = ? WHERE id = ?`, v.Raw, id)
		return err
	}
	if field == "points" {
		_, err := tx.Exec(`UPDATE shop_reserve SET points = ? WHERE id = ?`, v.Num, id)
		return err
	}
	if field == "device" {
		_, err := tx.Exec(`UPDATE shop_reserve SET device = ? WHERE id = ?`, v.Raw, id)
		return err
	}
	if field != "what" {
		return nil
	}
	w, err := openWhat(v.Raw)
	if err != nil {
		return nil // of a newer program; what is malformed was refused at admission
	}
	if _, err := tx.Exec(`UPDATE shop_reserve SET person = ?, at = ? WHERE id = ?`, w.Person.String(), w.At, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM shop_reserve_line WHERE reserve = ?`, id); err != nil {
		return err
	}
	for i, l := range w.Lines {
		_, err := tx.Exec(`INSERT INTO shop_reserve_line (reserve, n, offer, pieces) VALUES (?, ?, ?, ?)`, id, i, offerOf(l.Good), l.N)
		if err != nil {
			return err
		}
	}
	return nil
}

// passing are the actions of ledger transactions that never touch stock.
// Awards are most of a feed; not decoding them again keeps a new device's first
// sync short.
var passing = map[string]bool{
	"ledger.award": true, "ledger.opening": true, "ledger.turn": true, "ledger.issue": true, "ledger.slots": true,
	"ledger.confirm": true, "ledger.deduct": true, "ledger.seen": true,
}

// applyEntries reads from one ledger transaction what concerns the shop.
func applyEntries(tx *store.Tx, ev store.Event) error {
	if passing[ev.Context.Action] {
		return nil
	}
	community, _, _ := strings.Cut(string(ev.Doc), ".")
	subject, err := ledger.ParseSubject(community)
	if err != nil {
		return err
	}
	if len(ev.Change.Ops) != 1 {
		return errForm
	}
	t, err := ledger.Decode([]byte(ev.Change.Ops[0].Value.Raw), subject)
	if err != nil {
		return err
	}
	if err := applyReceipt(tx, ev, t); err != nil {
		return err
	}
	for i := range t.Entries {
		if err := applyEntry(tx, ev, i, &t.Entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// applyReceipt books a transaction that consumed stock as a receipt.
func applyReceipt(tx *store.Tx, ev store.Event, t *ledger.Tx) error {
	var points int64
	var proof, less string
	var person, receipt ledger.Subject
	n := 0
	for _, e := range t.Entries {
		if e.Type != ledger.Consume {
			continue
		}
		switch e.Quota.Kind {
		case ledger.Points:
			points += e.Amount
			person = e.Quota.Subject
			proof = e.Note
		case ledger.Stock:
			receipt = e.Order
			if l := lessOf(e.Note); l.N > 0 {
				less = l.note()
			}
			_, err := tx.Exec(`INSERT INTO shop_line (hash, n, offer, n_of) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
				ev.Hash[:], n, offerOf(e.Quota.Subject), e.Amount)
			if err != nil {
				return err
			}
			n++
		}
	}
	if n == 0 || receipt == (ledger.Subject{}) {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO shop_receipt (hash, id, actor, doc, seq, at, person, points, operator, proof, less) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, ev.Hash[:], offerOf(receipt), hex.EncodeToString(ev.Change.Actor[:]), string(ev.Doc), int64(ev.Change.Seq), ev.Change.Time,
		person.String(), points, ev.Context.Name(), string(proofOf(proof)), less)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO shop_twice (id) SELECT id FROM shop_receipt WHERE id = ? AND hash != ? LIMIT 1 ON CONFLICT DO NOTHING`, offerOf(receipt), ev.Hash[:])
	return err
}

// proofOf reads a redemption's note; a newer program may know other proofs.
func proofOf(note string) Proof {
	if p := Proof(note); p == ByPIN || p == ByKeeper {
		return p
	}
	return NotProven
}

func applyEntry(tx *store.Tx, ev store.Event, i int, e *ledger.Entry) error {
	kind, n := moved(e)
	if n == 0 {
		return nil
	}
	why := e.Note
	if kind == Redeemed {
		why = "" // a discount, which the receipt shows
	}
	_, err := tx.Exec(`INSERT INTO shop_move (hash, n, at, offer, pieces, why, operator, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		ev.Hash[:], i, ev.Change.Time, offerOf(e.Quota.Subject), n, why, ev.Context.Name(), kind)
	return err
}

// moved is by how many pieces an entry changes what is on the shelf, and why; 0 for one
// that doesn't.
func moved(e *ledger.Entry) (kind string, pieces int64) {
	if e.Quota.Kind != ledger.Stock {
		return "", 0
	}
	switch e.Type {
	case ledger.Mint:
		return "", e.Amount
	case ledger.Burn:
		return "", -e.Amount
	case ledger.Consume:
		return Redeemed, -e.Amount
	case ledger.Restore:
		return GivenBack, e.Amount
	}
	return "", 0
}
