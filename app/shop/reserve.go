package shop

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const dayMS = 24 * 60 * 60_000

// keptFrom is the time before which a reservation was made that is over by now:
// nobody came in the community's days. That is read off the clock and written
// nowhere, so a clock that was wrong has ended none.
func (s *Shop) keptFrom() int64 { return s.Clock() - s.Keeping()*dayMS }

// inForce is the condition on a row r of shop_reserve that its goods are set aside.
func (s *Shop) inForce() string {
	return `(r.state = 'open' AND r.at > ` + strconv.FormatInt(s.keptFrom(), 10) + `)`
}

// maxOpen bounds the open reservations of one person at one place.
const maxOpen = 20

// Reserve sets goods aside for somebody who will come again: others are refused
// what is left below it. It moves no points. Faults: till.empty, till.lines,
// till.amount, till.stock, shop.offer.unknown, shop.offer.inactive,
// till.reserved.many {max}.
func (s *Shop) Reserve(tx *store.Tx, person string, lines []Line) (Reservation, error) {
	if _, err := ledger.ParseSubject(person); err != nil {
		return Reservation{}, fault.New("people.unknown")
	}
	ids, err := s.Same.List(tx, person)
	if err != nil {
		return Reservation{}, err
	}
	var n int
	err = tx.QueryRow(`SELECT COUNT(*) FROM shop_reserve r WHERE place = ? AND person IN (SELECT value FROM json_each(?)) AND `+s.inForce(), s.Place(), ids).Scan(&n)
	if err != nil {
		return Reservation{}, err
	}
	if n >= maxOpen {
		return Reservation{}, fault.New("till.reserved.many", "max", maxOpen)
	}
	if err := s.holdsCard(tx, person); err != nil {
		return Reservation{}, err
	}
	order, err := s.order(tx, person, lines)
	if err != nil {
		return Reservation{}, err
	}
	if err := s.stillFree(tx, order); err != nil {
		return Reservation{}, err
	}
	id, err := s.newID(tx)
	if err != nil {
		return Reservation{}, err
	}
	return s.reserve(tx, strings.ToLower(id.String()), person, order)
}

// stillFree refuses to set the same piece aside twice, also for one person.
func (s *Shop) stillFree(q store.Querier, o order) error {
	for i, of := range o.offers {
		if left := max(0, of.Stock-of.Reserved); !of.unlimited() && o.goods[i].Count > left {
			return fault.New("till.stock", "name", of.Name, "left", left, "reserved", of.Reserved)
		}
	}
	return nil
}

func (s *Shop) reserve(tx *store.Tx, id, person string, o order, more ...store.Put) (Reservation, error) {
	w := what{Format: whatFormat, Person: personOf(person), At: tx.Now()}
	for _, g := range o.goods {
		w.Lines = append(w.Lines, whatLine{Good: g.Good, N: g.Count})
	}
	raw, err := encoding.Marshal(w)
	if err != nil {
		return Reservation{}, err
	}
	_, err = tx.Put(s.Doc(Path(s.Place())), "till.reserve", append(more,
		store.Put{Key: key(kindReserve, id, "what"), Value: wire.BytesValue(raw)},
		store.Put{Key: key(kindReserve, id, "state"), Value: wire.StringValue("open")})...)
	if err != nil {
		return Reservation{}, err
	}
	return s.Reservation(tx, id)
}

// Reservation returns one reservation. Fault: till.reserved.unknown.
func (s *Shop) Reservation(q store.Querier, id string) (Reservation, error) {
	list, err := s.reservations(q, `id = ?1`, id)
	if err == nil && len(list) == 0 {
		err = fault.New("till.reserved.unknown")
	}
	if err != nil {
		return Reservation{}, err
	}
	return list[0], nil
}

// Reservations lists the reservations of this place that are in force, the oldest
// first.
func (s *Shop) Reservations(q store.Querier) ([]Reservation, error) {
	return s.reservations(q, `place = ?1 AND `+s.inForce(), s.Place())
}

// lapsedShown is for how long a reservation that nobody came for is still shown.
const lapsedShown = 7 * dayMS

// Lapsed lists the reservations of this place that ran out lately, the oldest
// first.
func (s *Shop) Lapsed(q store.Querier) ([]Reservation, error) {
	return s.reservations(q, `place = ?1 AND state = 'open' AND NOT `+s.inForce()+` AND at > `+strconv.FormatInt(s.keptFrom()-lapsedShown, 10), s.Place())
}

// ReservationsOf lists a person's reservations that are in force, at whatever
// place.
func (s *Shop) ReservationsOf(q store.Querier, person string) ([]Reservation, error) {
	return s.reservationsOf(q, person, s.inForce())
}

// EveryReservationOf lists a person's reservations, those that are over, too.
func (s *Shop) EveryReservationOf(q store.Querier, person string) ([]Reservation, error) {
	return s.reservationsOf(q, person, "1")
}

func (s *Shop) reservationsOf(q store.Querier, person, where string) ([]Reservation, error) {
	ids, err := s.Same.List(q, person)
	if err != nil {
		return nil, err
	}
	return s.reservations(q, where+` AND person IN (SELECT value FROM json_each(?1))`, ids)
}

func (s *Shop) reservations(q store.Querier, where, arg string) (out []Reservation, err error) {
	rows, err := q.Query(`SELECT id, person, at, state, points, device FROM shop_reserve r WHERE person != '' AND `+where+` ORDER BY at, id`, arg)
	if err != nil {
		return nil, err
	}
	out = []Reservation{}
	for rows.Next() {
		r := Reservation{Lines: []ReservationLine{}}
		if err := rows.Scan(&r.ID, &r.Person, &r.At, &r.State, &r.Points, &r.Device); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if r.Until = r.At + s.Keeping()*dayMS; r.State == "open" && r.At <= s.keptFrom() {
			r.State = "lapsed"
		}
		if r.Device != "" {
			r.Pick = pickOf(r.ID)
		}
		out = append(out, r)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.fill(q, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fill reads a reservation's lines and who it is for.
func (s *Shop) fill(q store.Querier, r *Reservation) error {
	b, err := s.People.Buyer(q, r.Person)
	if err != nil {
		return err
	}
	r.Masked, r.Code = b.Masked, b.Code
	rows, err := q.Query(`SELECT l.offer, COALESCE(o.name, ''), l.pieces FROM shop_reserve_line l LEFT JOIN shop_offer o ON o.id = l.offer
		WHERE l.reserve = ? ORDER BY l.n`, r.ID)
	if err != nil {
		return err
	}
	for rows.Next() {
		var l ReservationLine
		if err := rows.Scan(&l.Offer, &l.Name, &l.N); err != nil {
			return errors.Join(err, rows.Close())
		}
		r.Lines = append(r.Lines, l)
	}
	return errors.Join(rows.Err(), rows.Close())
}

// EndReservation ends a reservation: "done" or "cancelled". Faults:
// till.reserved.unknown, till.reserved.state.
func (s *Shop) EndReservation(tx *store.Tx, id, state string) error {
	if state != "done" && state != "cancelled" {
		return fault.New("till.reserved.state")
	}
	var place, now string
	err := tx.QueryRow(`SELECT place, state FROM shop_reserve WHERE id = ?`, id).Scan(&place, &now)
	if errors.Is(err, sql.ErrNoRows) || err == nil && place != s.Place() {
		return fault.New("till.reserved.unknown")
	}
	if err != nil || now != "open" {
		return err
	}
	_, err = tx.Put(s.Doc(Path(place)), "till.endReservation", store.Put{Key: key(kindReserve, id, "state"), Value: wire.StringValue(state)})
	return err
}

// covered lists the person's reservations that a redemption covers, oldest
// first; also one that had run out: it is fetched after all. What was fetched by
// its own code takes its goods before any other may: it is not listed itself.
func (s *Shop) covered(q store.Querier, person string, o order, fetched []string) (ids []string, err error) {
	list, err := s.reservationsOf(q, person, `state = 'open'`)
	if err != nil {
		return nil, err
	}
	left := map[string]int64{}
	for i, g := range o.goods {
		left[o.offers[i].ID] = g.Count
	}
	byCode := func(r Reservation) bool { return slices.Contains(fetched, r.ID) }
	if i := slices.IndexFunc(list, byCode); i >= 0 {
		covers(left, list[i].Lines)
	}
	for _, r := range list {
		if !byCode(r) && covers(left, r.Lines) {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// fulfil ends reservations.
func (s *Shop) fulfil(tx *store.Tx, ids []string) error {
	for _, id := range ids {
		err := s.EndReservation(tx, id, "done")
		if errors.Is(err, fault.New("till.reserved.unknown")) {
			continue // of another place
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// covers takes lines off what is left, if all of them are there.
func covers(left map[string]int64, lines []ReservationLine) bool {
	for _, l := range lines {
		if left[l.Offer] < l.N {
			return false
		}
	}
	for _, l := range lines {
		left[l.Offer] -= l.N
	}
	return true
}
