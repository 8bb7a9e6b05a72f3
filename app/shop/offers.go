package shop

import (
	"database/sql"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// offerColumns reads an offer without its stock; reserved are pieces of
// reservations that are in force.
const offerColumns = `o.id, o.name, o.unit, o.kind, o.points, o.minimum, o.icon, o.active, o.code, o.cost, o.photo, COALESCE((
	SELECT SUM(l.pieces) FROM shop_reserve_line l JOIN shop_reserve r ON r.id = l.reserve WHERE l.offer = o.id AND `

// Offers lists what this place offers, by kind and name; with all also what is
// not offered at present.
func (s *Shop) Offers(q store.Querier, all bool) ([]Offer, error) {
	return s.offers(q, `WHERE o.place = ? AND o.name != '' AND (? OR o.active = 1) ORDER BY o.active DESC, o.kind, o.name, o.id`, s.Place(), all)
}

// Low lists active offers of this place whose stock is below the minimum.
func (s *Shop) Low(q store.Querier) ([]Offer, error) {
	list, err := s.Offers(q, false)
	low := []Offer{}
	for _, o := range list {
		if o.Stock != Unlimited && o.Stock < o.Minimum {
			low = append(low, o)
		}
	}
	return low, err
}

// Search lists offers of this place whose name or code holds text.
func (s *Shop) Search(q store.Querier, text string, limit int) ([]Offer, error) {
	return s.offers(q, `WHERE o.place = ? AND o.active = 1 AND (instr(o.name, ?2) OR o.code = ?2) ORDER BY o.name, o.id LIMIT ?3`,
		s.Place(), strings.TrimSpace(text), limit)
}

func (s *Shop) offers(q store.Querier, where string, args ...any) (out []Offer, err error) {
	rows, err := q.Query(`SELECT `+offerColumns+s.inForce()+`), 0) FROM shop_offer o `+where, args...)
	if err != nil {
		return nil, err
	}
	out = []Offer{}
	for rows.Next() {
		var o Offer
		if err := rows.Scan(&o.ID, &o.Name, &o.Unit, &o.Kind, &o.Points, &o.Minimum, &o.Icon, &o.Active, &o.Code, &o.Cost, &o.Photo, &o.Reserved); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, o)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Stock = Unlimited; out[i].unlimited() {
			continue
		}
		if out[i].Stock, err = s.Rights.StockHere(q, goodOf(out[i].ID)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Offer returns one offer of this place. Fault: shop.offer.unknown.
func (s *Shop) Offer(q store.Querier, id string) (Offer, error) {
	return s.one(q, `WHERE o.place = ? AND o.id = ?`, s.Place(), id)
}

// byCode returns the active offer of this place with a label's code.
func (s *Shop) byCode(q store.Querier, code string) (Offer, error) {
	return s.one(q, `WHERE o.place = ? AND o.code = ? AND o.code != '' AND o.active = 1 ORDER BY o.id LIMIT 1`, s.Place(), code)
}

// labelled returns the active offer of this place whose label says text. Scanner guns
// may be set to capitals; an id has none.
func (s *Shop) labelled(q store.Querier, text string) (Offer, error) {
	o, err := s.byCode(q, text)
	if id := strings.ToLower(text); errors.Is(err, fault.New("shop.offer.unknown")) && govern.IsID(id) {
		o, err = s.one(q, `WHERE o.place = ? AND o.id = ? AND o.active = 1`, s.Place(), id)
	}
	return o, err
}

func (s *Shop) one(q store.Querier, where string, args ...any) (Offer, error) {
	list, err := s.offers(q, where, args...)
	if err == nil && len(list) == 0 {
		err = fault.New("shop.offer.unknown")
	}
	if err != nil {
		return Offer{}, err
	}
	return list[0], nil
}

// reserved counts the pieces of an offer that are set aside for others.
func (s *Shop) reserved(q store.Querier, offer, person string) (n int64, err error) {
	ids, err := s.Same.List(q, person)
	if err != nil {
		return 0, err
	}
	err = q.QueryRow(`SELECT COALESCE(SUM(l.pieces), 0) FROM shop_reserve_line l JOIN shop_reserve r ON r.id = l.reserve
		WHERE l.offer = ? AND `+s.inForce()+` AND r.person NOT IN (SELECT value FROM json_each(?))`, offer, ids).Scan(&n)
	return n, err
}

// Save makes an offer (ID "") or changes one of this place. Stock, Reserved and Photo
// are ignored. Faults: shop.name, .unit, .icon, .code {max}, shop.kind,
// shop.points {max}, shop.minimum {max}, shop.cost {max}, shop.code.double {name}, shop.name.double {name},
// shop.offer.unknown, shop.kind.stock (has stock, can't become endless).
func (s *Shop) Save(tx *store.Tx, o Offer) (Offer, error) {
	o.Name, o.Unit, o.Code = strings.TrimSpace(o.Name), strings.TrimSpace(o.Unit), strings.TrimSpace(o.Code)
	if err := s.checkOffer(tx, o); err != nil {
		return Offer{}, err
	}
	if o.ID == "" {
		id, err := s.newID(tx)
		if err != nil {
			return Offer{}, err
		}
		o.ID = strings.ToLower(id.String())
	} else if err := s.mayChange(tx, o); err != nil {
		return Offer{}, err
	}
	field := func(name string, v wire.Value) store.Put { return store.Put{Key: key(kindOffer, o.ID, name), Value: v} }
	_, err := tx.Put(s.Doc(Path(s.Place())), "shop.save",
		field("name", wire.StringValue(o.Name)), field("unit", wire.StringValue(o.Unit)), field("kind", wire.StringValue(o.Kind)),
		field("points", wire.IntValue(o.Points)), field("minimum", wire.IntValue(o.Minimum)), field("icon", wire.StringValue(o.Icon)),
		field("active", wire.BoolValue(o.Active)), field("code", wire.StringValue(o.Code)), field("cost", wire.IntValue(o.Cost)))
	if err != nil {
		return Offer{}, err
	}
	return s.Offer(tx, o.ID)
}

func (s *Shop) checkOffer(q store.Querier, o Offer) error {
	switch {
	case o.Name == "" || !fits(o.Name, maxName):
		return fault.New("shop.name", "max", maxName)
	case !fits(o.Unit, maxUnit):
		return fault.New("shop.unit", "max", maxUnit)
	case !fits(o.Icon, maxIcon):
		return fault.New("shop.icon", "max", maxIcon)
	case !validCode(o.Code):
		return fault.New("shop.code", "max", maxCode)
	case !validKind(o.Kind):
		return fault.New("shop.kind")
	case o.Points < 1 || o.Points > maxPoints:
		return fault.New("shop.points", "max", maxPoints)
	case o.Minimum < 0 || o.Minimum > maxMinimum:
		return fault.New("shop.minimum", "max", maxMinimum)
	case o.Cost < 0 || o.Cost > maxCost:
		return fault.New("shop.cost", "max", int64(maxCost)/100)
	}
	if !o.Active {
		return nil
	}
	if err := s.sameName(q, o); err != nil {
		return err
	}
	if o.Code == "" {
		return nil
	}
	same, err := s.byCode(q, o.Code)
	switch {
	case err == nil && same.ID != o.ID:
		return fault.New("shop.code.double", "name", same.Name)
	case err == nil || errors.Is(err, fault.New("shop.offer.unknown")):
		return nil
	}
	return err
}

// sameName refuses a second offer of one name on one shelf: at the till nobody
// could tell them apart. Two made apart on two devices both stay. What keeps
// its name passes, or neither of those two could ever be changed.
func (s *Shop) sameName(q store.Querier, o Offer) error {
	var id string
	err := q.QueryRow(`SELECT id FROM shop_offer WHERE place = ?1 AND name = ?2 AND active = 1 AND id != ?3
		AND NOT EXISTS (SELECT 1 FROM shop_offer WHERE id = ?3 AND name = ?2 AND active = 1) LIMIT 1`, s.Place(), o.Name, o.ID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = fault.New("shop.name.double", "name", o.Name)
	}
	return err
}

// mayChange refuses an unknown offer, and to make something endless of which
// pieces are on the shelf.
func (s *Shop) mayChange(tx *store.Tx, o Offer) error {
	old, err := s.Offer(tx, o.ID)
	if err == nil && o.unlimited() && old.Stock > 0 {
		err = fault.New("shop.kind.stock")
	}
	return err
}

// limited returns an offer that has stock. Fault: shop.unlimited {name}.
func (s *Shop) limited(q store.Querier, id string) (Offer, error) {
	o, err := s.Offer(q, id)
	if err == nil && o.unlimited() {
		err = fault.New("shop.unlimited", "name", o.Name)
	}
	return o, err
}

// note shortens a reason to what a ledger entry holds: one line, no control
// characters, at most ledger.MaxNote bytes.
func note(why string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(why) {
		if unicode.IsControl(r) || r == utf8.RuneError {
			r = ' '
		}
		if b.Len()+utf8.RuneLen(r) > ledger.MaxNote {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// Receive books pieces that came in. Faults: till.amount, shop.offer.unknown,
// shop.unlimited.
func (s *Shop) Receive(tx *store.Tx, offer string, n int64, why string) (Offer, error) {
	if n < 1 || n > maxPieces {
		return Offer{}, fault.New("till.amount")
	}
	if _, err := s.limited(tx, offer); err != nil {
		return Offer{}, err
	}
	if _, err := s.Rights.Receive(tx, goodOf(offer), n, note(why)); err != nil {
		return Offer{}, err
	}
	return s.Offer(tx, offer)
}

// Adjust books a difference with its reason: plus or minus. Faults: as Receive,
// shop.why (no reason given), till.stock {name, left}.
func (s *Shop) Adjust(tx *store.Tx, offer string, by int64, why string) (Offer, error) {
	if by == 0 || by < -maxPieces || by > maxPieces {
		return Offer{}, fault.New("till.amount")
	}
	if note(why) == "" {
		return Offer{}, fault.New("shop.why")
	}
	o, err := s.limited(tx, offer)
	if err != nil {
		return Offer{}, err
	}
	if o.Stock+by < 0 {
		return Offer{}, fault.New("till.stock", "name", o.Name, "left", o.Stock, "reserved", o.Reserved)
	}
	if _, err := s.Rights.Adjust(tx, goodOf(offer), by, note(why)); err != nil {
		return Offer{}, err
	}
	return s.Offer(tx, offer)
}

// Count compares what was found on the shelf with the books and books every
// difference, with the reason and, in the change, the operator's name. It
// returns what changed. Faults: as Adjust, shop.count.large {max}; of one wrong
// line nothing is booked.
func (s *Shop) Count(tx *store.Tx, counts []Counted, why, operator string) ([]Move, error) {
	if len(counts) > maxCounts {
		return nil, fault.New("shop.count.large", "max", maxCounts)
	}
	changed := []Move{}
	seen := map[string]bool{}
	for _, c := range counts {
		if c.N < 0 || c.N > maxPieces || seen[c.Offer] {
			return nil, fault.New("till.amount")
		}
		seen[c.Offer] = true
		o, err := s.limited(tx, c.Offer)
		if err != nil {
			return nil, err
		}
		if c.N == o.Stock {
			continue
		}
		if note(why) == "" {
			return nil, fault.New("shop.why")
		}
		if _, err := s.Rights.Adjust(tx, goodOf(c.Offer), c.N-o.Stock, note(why)); err != nil {
			return nil, err
		}
		changed = append(changed, Move{At: tx.Now(), Offer: o.ID, Name: o.Name, N: c.N - o.Stock, Why: note(why), Operator: operator})
	}
	return changed, nil
}

// maxCounts bounds the goods of one count; the shelves seen have 40.
const maxCounts = 2000

// maxPage bounds a page of a list.
const maxPage = 200

// StockMoves lists what came in, was counted or adjusted at this place, with sold also
// what was redeemed and given back, the latest first: then the pieces of an offer add
// up to what is on the shelf. What has no end is left out. Fault: shop.page {max}.
func (s *Shop) StockMoves(q store.Querier, sold bool, offset, limit int) (out []Move, total int, err error) {
	if offset < 0 || limit < 0 || limit > maxPage {
		return nil, 0, fault.New("shop.page", "max", maxPage)
	}
	const from = ` FROM shop_move m JOIN shop_offer o ON o.id = m.offer WHERE o.place = ?1 AND o.kind NOT IN ('service', 'honour') AND (?2 OR m.kind = '')`
	if err := q.QueryRow(`SELECT COUNT(*)`+from, s.Place(), sold).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := q.Query(`SELECT m.at, m.offer, o.name, m.pieces, m.why, m.operator, m.kind`+from+` ORDER BY m.at DESC, m.hash, m.n LIMIT ?3 OFFSET ?4`,
		s.Place(), sold, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = []Move{}
	for rows.Next() {
		var m Move
		if err := rows.Scan(&m.At, &m.Offer, &m.Name, &m.N, &m.Why, &m.Operator, &m.Kind); err != nil {
			return nil, 0, err
		}
		out = append(out, m)
	}
	return out, total, rows.Err()
}

// NameOf returns what an offer of any place is called, "" if it is not known.
func (s *Shop) NameOf(q store.Querier, good ledger.Subject) (name string, err error) {
	err = q.QueryRow(`SELECT name FROM shop_offer WHERE id = ?`, offerOf(good)).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return name, err
}
