package shop

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// SetPhoto says which picture an offer of this place has: its hash as 64 hexadecimal
// digits, "" for none. Faults: shop.offer.unknown, photo.unknown.
func (s *Shop) SetPhoto(tx *store.Tx, offer, photo string) (Offer, error) {
	o, err := s.Offer(tx, offer)
	if err != nil || o.Photo == photo {
		return o, err
	}
	if !validPhoto(photo) {
		return Offer{}, fault.New("photo.unknown")
	}
	_, err = tx.Put(s.Doc(Path(s.Place())), "shop.photo", store.Put{Key: key(kindOffer, offer, "photo"), Value: wire.StringValue(photo)})
	if err != nil {
		return Offer{}, err
	}
	return s.Offer(tx, offer)
}

// Photos lists the pictures of a place's offers, "" for all places: first of what is
// offered at present, at most so many.
func Photos(q store.Querier, place string, most int) (out []string, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var photo string
		err := r.Scan(&photo)
		out = append(out, photo)
		return err
	}, `SELECT photo FROM shop_offer WHERE photo != '' AND (?1 = '' OR place = ?1) GROUP BY photo ORDER BY max(active) DESC, photo LIMIT ?2`, place, most)
	return out, err
}

// HasPhoto tells whether an offer of any place has this picture.
func HasPhoto(q store.Querier, photo string) (has bool, err error) {
	err = q.QueryRow(`SELECT EXISTS (SELECT 1 FROM shop_offer WHERE photo != '' AND photo = ?)`, photo).Scan(&has)
	return has, err
}

// Elsewhere is something that another place offers, as far as its catalogue is here.
// What is left of it only that place knows.
type Elsewhere struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Kind   string `json:"kind"`
	Icon   string `json:"icon"`
	Points int64  `json:"points"`
	Photo  string `json:"photo"`
}

// At lists what a place offers at present, by kind and name, at most so many, and when
// that changed last.
func At(q store.Querier, place string, most int) (out []Elsewhere, at int64, err error) {
	if err := q.QueryRow(`SELECT COALESCE(max(at), 0) FROM shop_offer WHERE place = ?`, place).Scan(&at); err != nil {
		return nil, 0, err
	}
	out = []Elsewhere{}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var o Elsewhere
		err := r.Scan(&o.ID, &o.Name, &o.Unit, &o.Kind, &o.Icon, &o.Points, &o.Photo)
		out = append(out, o)
		return err
	}, `SELECT id, name, unit, kind, icon, points, photo FROM shop_offer WHERE place = ? AND name != '' AND active = 1 ORDER BY kind, name, id LIMIT ?`, place, most)
	return out, at, err
}

// About is what a place says of itself to those who want to come.
type About struct {
	Where string `json:"where"`
	Hours string `json:"hours"` // when it is open, in its own words
}

// aboutID stands where other records have their id: a catalogue has one place.
const aboutID = "00000000000000000000000000"

// AboutOf is what a place says of itself, as far as it said anything.
func AboutOf(q store.Querier, place string) (a About, err error) {
	err = q.QueryRow(`SELECT address, hours FROM shop_place WHERE place = ?`, place).Scan(&a.Where, &a.Hours)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return a, err
}

// SetAbout says it for this place. Fault: shop.about{max}.
func (s *Shop) SetAbout(tx *store.Tx, a About) error {
	a.Where, a.Hours = strings.TrimSpace(a.Where), strings.TrimSpace(a.Hours)
	if !fits(a.Where, maxAbout) || !fits(a.Hours, maxAbout) {
		return fault.New("shop.about", "max", maxAbout)
	}
	old, err := AboutOf(tx, s.Place())
	if err != nil || old == a {
		return err
	}
	_, err = tx.Put(s.Doc(Path(s.Place())), "shop.about", store.Put{Key: key(kindPlace, aboutID, "where"), Value: wire.StringValue(a.Where)},
		store.Put{Key: key(kindPlace, aboutID, "hours"), Value: wire.StringValue(a.Hours)})
	return err
}

func applyPlace(tx *store.Tx, place, field string, v wire.Value) (err error) {
	switch field {
	case "where":
		_, err = tx.Exec(`INSERT INTO shop_place (place, address) VALUES (?, ?) ON CONFLICT DO UPDATE SET address = excluded.address`, place, v.Raw)
	case "hours":
		_, err = tx.Exec(`INSERT INTO shop_place (place, hours) VALUES (?, ?) ON CONFLICT DO UPDATE SET hours = excluded.hours`, place, v.Raw)
	case "terms":
		_, err = tx.Exec(`INSERT INTO shop_place (place, terms) VALUES (?, ?) ON CONFLICT DO UPDATE SET terms = excluded.terms`, place, []byte(v.Raw))
	}
	return err
}

// Costs are what a piece of goods costs, fen, by its ledger subject, of what some places
// have on their shelves; 0 where nobody wrote it.
func Costs(q store.Querier, places []string) (map[ledger.Subject]int64, error) {
	out := map[ledger.Subject]int64{}
	list, err := json.Marshal(places)
	if err != nil {
		return nil, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var id string
		var cost int64
		err := r.Scan(&id, &cost)
		out[goodOf(id)] = cost
		return err
	}, `SELECT id, cost FROM shop_offer WHERE kind IN ('goods', 'coupon') AND place IN (SELECT value FROM json_each(?))`, string(list))
	return out, err
}
