package shop

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// An order from the mall is a reservation that its own person made on a phone:
// pieces and points are both set aside until it is fetched, cancelled or out of
// time. The points stay where they are, in this device's hands, and whatever
// would spend them or send them on leaves so many of them alone (see Held).
// What is handed over is an ordinary redemption.

// Limits of orders from phones. Signing in there takes a card's number and four
// digits, so a stranger must not be able to empty a shelf by it.
const (
	maxOrders      = 3  // open, of one person at one place
	maxOrdersDaily = 10 // made within a day, whatever became of them
	// shownOrders is for how long one that is over stays on the phone.
	shownOrders = 30 * dayMS
	orderRows   = 10
	maxHeld     = 1_000_000_000 // points of one order
)

// pickPrefix begins the text of a pick-up code's QR: its version, then the
// reservation's id.
const pickPrefix = "JSP1:"

// PickText is what a pick-up code's QR says.
func PickText(id string) string { return pickPrefix + strings.ToUpper(id) }

// pickDigits is the length of the number that can be typed instead. A card's is
// longer.
const pickDigits = 6

// pickOf is the number of an order. It follows from the id, so no two devices
// can give one order two numbers.
func pickOf(id string) string {
	h := sha256.Sum256([]byte("jishan pick-up 1\x00" + id))
	return fmt.Sprintf("%0*d", pickDigits, binary.BigEndian.Uint64(h[:8])%1_000_000)
}

// maxTakes bounds the search for an order's id: the next one is taken when the
// number of the one before is in use here.
const maxTakes = 16

// orderID is made of the page's word, so what a page sends again is the same order.
func (s *Shop) orderID(person, once string, take int) string {
	return govern.HashID("jishan mall 1", strings.Join([]string{s.Place(), person, once, strconv.Itoa(take)}, "\x00"))
}

// Ordered returns the order that a person made under a word.
func (s *Shop) Ordered(q store.Querier, person, once string) (Reservation, bool, error) {
	for take := range maxTakes {
		r, err := s.Reservation(q, s.orderID(person, once, take))
		if !errors.Is(err, fault.New("till.reserved.unknown")) {
			return r, err == nil, err
		}
	}
	return Reservation{}, false, nil
}

// Order sets goods and their points aside for who orders them on a phone; under
// the same word it is one order. Faults: as Reserve, till.least, till.short,
// mall.many {max}, mall.daily {max}.
func (s *Shop) Order(tx *store.Tx, person string, lines []Line, once string) (Reservation, error) {
	if _, err := ledger.ParseSubject(person); err != nil {
		return Reservation{}, fault.New("people.unknown")
	}
	if r, made, err := s.Ordered(tx, person, once); made || err != nil {
		return r, err
	}
	if err := s.mayOrder(tx, person); err != nil {
		return Reservation{}, err
	}
	order, err := s.order(tx, person, lines)
	if err != nil {
		return Reservation{}, err
	}
	if order.total > maxHeld {
		return Reservation{}, fault.New("till.amount")
	}
	if err := s.stillFree(tx, order); err != nil {
		return Reservation{}, err
	}
	if err := s.reached(tx, person); err != nil {
		return Reservation{}, err
	}
	if err := s.enough(tx, person, order.total); err != nil {
		return Reservation{}, err
	}
	id, err := s.freeNumber(tx, person, once)
	if err != nil {
		return Reservation{}, err
	}
	return s.reserve(tx, id, person, order,
		store.Put{Key: key(kindReserve, id, "points"), Value: wire.IntValue(order.total)},
		store.Put{Key: key(kindReserve, id, "device"), Value: wire.StringValue(s.Device())})
}

// mayOrder keeps one person's orders few.
func (s *Shop) mayOrder(tx *store.Tx, person string) error {
	if err := s.holdsCard(tx, person); err != nil {
		return err
	}
	ids, err := s.Same.List(tx, person)
	if err != nil {
		return err
	}
	var open, daily int
	err = tx.QueryRow(`SELECT COUNT(*) FILTER (WHERE `+s.inForce()+`), COUNT(*) FILTER (WHERE r.at > ?) FROM shop_reserve r
		WHERE place = ? AND device != '' AND person IN (SELECT value FROM json_each(?))`, s.Clock()-dayMS, s.Place(), ids).Scan(&open, &daily)
	switch {
	case err != nil:
		return err
	case open >= maxOrders:
		return fault.New("mall.many", "max", maxOrders)
	case daily >= maxOrdersDaily:
		return fault.New("mall.daily", "max", maxOrdersDaily)
	}
	return nil
}

// freeNumber returns the id of a new order whose number means nothing else at
// this place.
func (s *Shop) freeNumber(q store.Querier, person, once string) (string, error) {
	for take := range maxTakes {
		id := s.orderID(person, once, take)
		_, used, err := s.byNumber(q, pickOf(id))
		if err != nil {
			return "", err
		}
		_, err = s.byCode(q, pickOf(id))
		if err == nil || used {
			continue
		}
		if !errors.Is(err, fault.New("shop.offer.unknown")) {
			return "", err
		}
		return id, nil
	}
	return "", errors.New("shop: no pick-up number is free")
}

// waiting is the condition on a row r that it is an order somebody may still
// come for here: in force, or out of time lately.
func (s *Shop) waiting() string {
	return `r.device != '' AND r.state = 'open' AND r.at > ` + strconv.FormatInt(s.keptFrom()-lapsedShown, 10)
}

// byNumber finds an order of this place by its number; of two that were made
// apart and have one number, the one that was made at this device.
func (s *Shop) byNumber(q store.Querier, number string) (found Reservation, ok bool, err error) {
	mine, err := s.mine(q)
	if err != nil {
		return found, false, err
	}
	list, err := s.reservations(q, `place = ?1 AND `+s.waiting(), s.Place())
	for _, r := range list {
		if r.Pick == number && (!ok || slices.Contains(mine, r.Device)) {
			found, ok = r, true
		}
	}
	return found, ok, err
}

// toPick reads a pick-up code: its QR, or its number. ok is false for a text that
// is none. Faults: till.reserved.unknown (also of another place), till.pick.state {state}.
func (s *Shop) toPick(q store.Querier, text string) (r Reservation, ok bool, err error) {
	if len(text) == pickDigits && strings.Trim(text, "0123456789") == "" {
		return s.byNumber(q, text)
	}
	id, is := strings.CutPrefix(strings.ToUpper(text), pickPrefix)
	if !is {
		return r, false, nil
	}
	r, err = s.pickable(q, strings.ToLower(id))
	return r, true, err
}

// fetched says of a number that is nothing else whether an order of this place had it
// that was fetched or cancelled lately: till.pick.state {state}. A number that nobody
// uses any more may be another order's tomorrow, so it is asked last.
func (s *Shop) fetched(q store.Querier, number string) error {
	if len(number) != pickDigits || strings.Trim(number, "0123456789") != "" {
		return nil
	}
	list, err := s.reservations(q, `place = ?1 AND r.device != '' AND r.state IN ('done', 'cancelled') AND r.at > `+strconv.FormatInt(s.keptFrom()-lapsedShown, 10), s.Place())
	for _, r := range list {
		if r.Pick == number {
			return fault.New("till.pick.state", "state", r.State)
		}
	}
	return err
}

// pickable returns an order of this place that was not fetched or cancelled.
func (s *Shop) pickable(q store.Querier, id string) (Reservation, error) {
	r, err := s.Reservation(q, id)
	if err != nil {
		return r, err
	}
	var place string
	if err := q.QueryRow(`SELECT place FROM shop_reserve WHERE id = ?`, id).Scan(&place); err != nil {
		return r, err
	}
	switch {
	case place != s.Place() || r.Device == "":
		return r, fault.New("till.reserved.unknown")
	case r.State == "done" || r.State == "cancelled":
		return r, fault.New("till.pick.state", "state", r.State)
	}
	return r, nil
}

// pick says what a till shows of an order: its points can be spent on it.
func (s *Shop) pick(q store.Querier, r Reservation) (Scan, error) {
	b, err := s.People.Buyer(q, r.Person)
	if err != nil {
		return Scan{}, err
	}
	b.Person = r.Person
	a, err := s.account(q, b, r.ID)
	return Scan{Kind: "pick", Account: &a, Pick: &r}, err
}

// Fetch hands an order over: Redeem, after which the order is done, whatever
// else went along. Faults: as Redeem, till.reserved.unknown, till.pick.state {state},
// till.pick.person.
func (s *Shop) Fetch(tx *store.Tx, order, person string, lines []Line, proof Proof) (Receipt, error) {
	r, err := s.pickable(tx, order)
	if err != nil {
		return Receipt{}, err
	}
	one, err := s.Same.One(tx, r.Person, person)
	if err != nil {
		return Receipt{}, err
	}
	if !one {
		return Receipt{}, fault.New("till.pick.person")
	}
	id, err := ulid.ParseStrict(strings.ToUpper(order)) // so that it shows if two copies of this device hand it over
	if err != nil {
		return Receipt{}, err
	}
	out, err := s.redeem(tx, person, lines, proof, id, true, order)
	if err != nil {
		return Receipt{}, err
	}
	return out, s.EndReservation(tx, order, "done")
}

// CancelOrder takes a person's own order back; one that is over stays as it is.
// Fault: till.reserved.unknown.
func (s *Shop) CancelOrder(tx *store.Tx, id, person string) error {
	r, err := s.Reservation(tx, id)
	if err != nil {
		return err
	}
	one, err := s.Same.One(tx, r.Person, person)
	if err != nil {
		return err
	}
	if !one || r.Device == "" {
		return fault.New("till.reserved.unknown")
	}
	return s.EndReservation(tx, id, "cancelled")
}

// OrdersOf lists a person's orders at this place, the newest first: those that
// wait, and those that were over lately.
func (s *Shop) OrdersOf(q store.Querier, person string) ([]Reservation, error) {
	list, err := s.reservationsOf(q, person, `device != '' AND place = `+quoted(s.Place())+` AND at > `+strconv.FormatInt(s.Clock()-shownOrders, 10))
	if err != nil {
		return nil, err
	}
	out := []Reservation{}
	for i := len(list) - 1; i >= 0 && len(out) < orderRows; i-- {
		out = append(out, list[i])
	}
	return out, nil
}

// quoted is a text as SQL writes it.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Held is how many points of a person this device keeps back for orders, except
// for those named.
func (s *Shop) Held(q store.Querier, person string, except ...string) (n int64, err error) {
	if s.Device() == "" {
		return 0, nil
	}
	ids, err := s.Same.List(q, person)
	if err != nil {
		return 0, err
	}
	mine, err := s.mineText(q)
	if err != nil {
		return 0, err
	}
	var held sql.NullInt64
	not := make([]string, len(except))
	for i, id := range except {
		not[i] = quoted(id)
	}
	err = q.QueryRow(`SELECT SUM(r.points) FROM shop_reserve r WHERE r.device IN (SELECT value FROM json_each(?)) AND r.person IN (SELECT value FROM json_each(?)) AND `+s.inForce()+
		` AND r.id NOT IN (`+strings.Join(not, ", ")+`)`, mine, ids).Scan(&held)
	return held.Int64, err
}

// free is what a person can spend at this device, except for what is kept back
// for other orders.
func (s *Shop) free(q store.Querier, person string, except ...string) (int64, error) {
	here, err := s.Rights.Rights(q, personOf(person))
	if err != nil {
		return 0, err
	}
	held, err := s.Held(q, person, except...)
	return max(0, here-held), err
}
