package shop

import (
	"crypto/rand"
	"errors"
	"io"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/same"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Config is what a shop needs. All but Rand, ProofAbove, Keeping, Least, Same, Title, LevelName, OnTheWay, Device, IsCheckIn and Names are
// required.
type Config struct {
	Doc    func(path string) store.DocID // a document of this community
	Place  func() string                 // id of the place where this device stands
	Rights Rights
	People Buyers
	Clock  func() int64
	Rand   io.Reader
	// ProofAbove is how many points a person may redeem here in a day before the
	// holder is to be proven; 0: never.
	ProofAbove func() int64
	// Keeping is for how many days reserved goods stay set aside; nil: a week.
	Keeping func() int64
	// Least is how many points somebody must have to redeem at all; nil: none.
	Least func(q store.Querier) (int64, error)
	// Same tells which ids are one person; nil joins nobody.
	Same same.Person
	// Title is what a person has been proven to have here; nil: nothing.
	Title func(q store.Querier, person string) (Title, error)
	// LevelName names a level, "" for one that is no more.
	LevelName func(id string) string
	// OnTheWay are a person's points that were recorded and not booked yet.
	OnTheWay func(q store.Querier, person string) (int64, error)
	// Device names this device's incarnation: an award day is redeemed where it was
	// opened, or by whoever succeeds it. nil: there are none.
	Device func() string
	// IsCheckIn says whether a scanned text is an activity's check-in code.
	IsCheckIn func(text string) bool
	// Names returns the community's and this place's name, for receipts.
	Names func() (community, place string)
}

// Shop is one place's shop on one device. Commands take the transaction they
// write in; queries read a snapshot.
type Shop struct{ Config }

// New returns the shop. It is a store.Projector.
func New(c Config) *Shop {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.ProofAbove == nil {
		c.ProofAbove = func() int64 { return 0 }
	}
	if c.Keeping == nil {
		c.Keeping = func() int64 { return 7 }
	}
	if c.Least == nil {
		c.Least = func(store.Querier) (int64, error) { return 0, nil }
	}
	if c.Title == nil {
		c.Title = func(store.Querier, string) (Title, error) { return Title{}, nil }
	}
	if c.LevelName == nil {
		c.LevelName = func(string) string { return "" }
	}
	if c.OnTheWay == nil {
		c.OnTheWay = func(store.Querier, string) (int64, error) { return 0, nil }
	}
	if c.Device == nil {
		c.Device = func() string { return "" }
	}
	if c.IsCheckIn == nil {
		c.IsCheckIn = func(string) bool { return false }
	}
	if c.Names == nil {
		c.Names = func() (string, string) { return "", "" }
	}
	return &Shop{c}
}

func (s *Shop) newID(tx *store.Tx) (ulid.ULID, error) { return ulid.New(uint64(tx.Now()), s.Rand) }

// Account returns what this till sees of a person.
func (s *Shop) Account(q store.Querier, person string) (Account, error) {
	b, err := s.People.Buyer(q, person)
	if err != nil {
		return Account{}, err
	}
	b.Person = person
	return s.account(q, b)
}

// account is Account with the points of the orders that are being fetched.
func (s *Shop) account(q store.Querier, b Buyer, fetched ...string) (Account, error) {
	a := Account{Off: []Off{}, Person: b.Person, Masked: b.Masked, Code: b.Code, Valid: b.Valid, OwnCommunity: b.OwnCommunity}
	p := personOf(b.Person)
	balance, err := s.Rights.Balance(q, p, "")
	if err != nil {
		return Account{}, err
	}
	recorded, err := s.OnTheWay(q, b.Person)
	if err != nil {
		return Account{}, err
	}
	a.Spendable, a.Vouchers, a.OnTheWay, a.Debt = balance.Spendable-balance.Vouchers, balance.Vouchers, recorded, balance.Debt
	if a.Kept, err = s.Held(q, b.Person, fetched...); err != nil {
		return Account{}, err
	}
	if a.Here, err = s.free(q, b.Person, fetched...); err != nil {
		return Account{}, err
	}
	if a.Least, err = s.Least(q); err != nil {
		return Account{}, err
	}
	a.Lacks = max(0, a.Least-max(balance.Spendable, a.Here+a.Kept))
	list, until, err := s.openTo(q, b.Person)
	for _, x := range list {
		a.Off, a.OffUntil = append(a.Off, Off{x, s.LevelName(x.Level)}), until
	}
	return a, err
}

// reached refuses who has fewer points in all than the community asks for: as far as this
// device knows, which at a merchant's is what lies there. It is asked of who redeems and of
// who orders; what was ordered while it was reached is fetched all the same. Fault:
// till.least {least, have, missing}.
func (s *Shop) reached(q store.Querier, person string) error {
	if least, err := s.Least(q); err != nil || least == 0 {
		return err
	}
	a, err := s.account(q, Buyer{Person: person})
	if err == nil && a.Lacks > 0 {
		err = fault.New("till.least", "least", a.Least, "have", a.Least-a.Lacks, "missing", a.Lacks)
	}
	return err
}

// maxScan bounds a scanned text in bytes: a voucher's QR fits.
const maxScan = 4096

// Scan says what a scanned or typed text means: the label of an offer here (its
// code, or the id that a printed label of uncoded goods carries), a check-in code, a pick-up code, a card. Faults: those of cards,
// till.reserved.unknown, till.pick.state {state}.
func (s *Shop) Scan(q store.Querier, text string) (Scan, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxScan {
		return Scan{Kind: "nothing"}, nil
	}
	o, err := s.labelled(q, text)
	if err == nil {
		return Scan{Kind: "offer", Offer: &o}, nil
	}
	if !errors.Is(err, fault.New("shop.offer.unknown")) {
		return Scan{}, err
	}
	if s.IsCheckIn(text) {
		return Scan{Kind: "checkin"}, nil
	}
	if r, ok, err := s.toPick(q, text); ok || err != nil {
		if err != nil {
			return Scan{Kind: "nothing"}, err
		}
		return s.pick(q, r)
	}
	b, ok, err := s.People.Card(q, text)
	if err == nil && !ok {
		err = s.fetched(q, text)
	}
	if err != nil || !ok {
		return Scan{Kind: "nothing"}, err
	}
	a, err := s.account(q, b)
	return Scan{Kind: "person", Account: &a}, err
}

// holdsCard refuses a person whose card is lost or replaced.
func (s *Shop) holdsCard(q store.Querier, person string) error {
	buyer, err := s.People.Buyer(q, person)
	if err == nil && buyer.Valid == "blocked" {
		err = fault.New("till.blocked")
	}
	return err
}

// Redeem exchanges a person's points for goods, all in one ledger transaction:
// it is durable and final when it returns, or nothing happened. Faults:
// till.least {least, have, missing}, till.proof {above}, till.short {here, need, missing, spendable, onTheWay}, till.stock {name,
// left, reserved}, till.credit {community, need, here} at a guest's till, people.unknown, till.empty, till.lines {max}, till.amount, till.blocked,
// shop.offer.unknown, shop.offer.inactive {name}.
func (s *Shop) Redeem(tx *store.Tx, person string, lines []Line, proof Proof) (Receipt, error) {
	id, err := s.newID(tx)
	if err != nil {
		return Receipt{}, err
	}
	return s.redeem(tx, person, lines, proof, id, true)
}

// redeem is Redeem under a receipt's id, with the place's discounts or at full price.
// The points of orders that are fetched by it, and of those that it covers, may be spent.
func (s *Shop) redeem(tx *store.Tx, person string, lines []Line, proof Proof, id ulid.ULID, terms bool, fetched ...string) (Receipt, error) {
	if _, err := ledger.ParseSubject(person); err != nil {
		return Receipt{}, fault.New("people.unknown")
	}
	if err := s.holdsCard(tx, person); err != nil {
		return Receipt{}, err
	}
	order, err := s.order(tx, person, lines)
	if err != nil {
		return Receipt{}, err
	}
	done, err := s.covered(tx, person, order, fetched)
	if err != nil {
		return Receipt{}, err
	}
	var less Less
	if terms {
		if less, err = s.less(tx, person, order); err != nil {
			return Receipt{}, err
		}
		order.total -= less.N
	}
	if len(fetched) == 0 {
		if err := s.reached(tx, person); err != nil {
			return Receipt{}, err
		}
	}
	if err := s.enough(tx, person, order.total, append(fetched, done...)...); err != nil {
		return Receipt{}, err
	}
	if err := s.proven(tx, person, order.total, proof); err != nil {
		return Receipt{}, err
	}
	if err := s.supply(tx, order); err != nil {
		return Receipt{}, err
	}
	ref, err := s.Rights.Redeem(tx, ledger.Redemption{Person: personOf(person), Points: order.total, Goods: order.goods, Receipt: ledger.Subject(id), Proof: string(proof), Less: less.note()})
	if err != nil {
		return Receipt{}, s.refused(tx, person, order, err)
	}
	if err := s.fulfil(tx, done); err != nil {
		return Receipt{}, err
	}
	return s.receipt(tx, ref.Hash)
}

// proven refuses what takes the day's redemptions of a person here above the
// community's amount without proof of the holder. Small orders one after
// another count together, else a thief would order in pieces.
func (s *Shop) proven(q store.Querier, person string, points int64, proof Proof) error {
	above := s.ProofAbove()
	if above == 0 || points == 0 || proof != NotProven {
		return nil
	}
	start, end := zone.DayBounds(s.Clock())
	ids, err := s.Same.List(q, person)
	if err != nil {
		return err
	}
	var before int64
	err = q.QueryRow(`SELECT COALESCE(SUM(points), 0) FROM shop_receipt r WHERE at >= ? AND at < ? AND person IN (SELECT value FROM json_each(?)) AND proof = '' AND NOT `+ledger.Undone("r.hash"),
		start, end, ids).Scan(&before)
	if err == nil && before+points > above {
		err = fault.New("till.proof", "above", above)
	}
	return err
}

// order is what was asked for, checked and priced.
type order struct {
	offers []Offer
	goods  []ledger.Goods
	total  int64
}

// order checks and prices lines; lines of one offer are added up.
func (s *Shop) order(q store.Querier, person string, lines []Line) (order, error) {
	if len(lines) == 0 {
		return order{}, fault.New("till.empty")
	}
	if len(lines) > maxLines {
		return order{}, fault.New("till.lines", "max", maxLines)
	}
	var out order
	at := map[string]int{}
	for _, l := range lines {
		if l.N < 1 || l.N > maxPieces {
			return order{}, fault.New("till.amount")
		}
		i, known := at[l.Offer]
		if !known {
			o, err := s.Offer(q, l.Offer)
			if err != nil {
				return order{}, err
			}
			if !o.Active {
				return order{}, fault.New("shop.offer.inactive", "name", o.Name)
			}
			i = len(out.offers)
			at[l.Offer] = i
			out.offers = append(out.offers, o)
			out.goods = append(out.goods, ledger.Goods{Good: goodOf(o.ID)})
		}
		out.goods[i].Count += l.N
		out.total += l.N * out.offers[i].Points
	}
	return out, s.onShelf(q, person, out)
}

// onShelf refuses what is not here, or is set aside for others.
func (s *Shop) onShelf(q store.Querier, person string, o order) error {
	for i, of := range o.offers {
		if of.unlimited() {
			continue
		}
		others, err := s.reserved(q, of.ID, person)
		if err != nil {
			return err
		}
		if left := max(0, of.Stock-others); o.goods[i].Count > left {
			return fault.New("till.stock", "name", of.Name, "left", left, "reserved", others)
		}
	}
	return nil
}

// enough refuses when the points that can be spent here do not do.
func (s *Shop) enough(q store.Querier, person string, need int64, fetched ...string) error {
	here, err := s.free(q, person, fetched...)
	if err != nil || here >= need {
		return err
	}
	return s.short(q, person, here, need)
}

func (s *Shop) short(q store.Querier, person string, here, need int64) error {
	a, err := s.account(q, Buyer{Person: person})
	if err != nil {
		return err
	}
	return fault.New("till.short", "here", here, "need", need, "missing", need-here, "spendable", a.Spendable, "onTheWay", a.OnTheWay)
}

// refused puts the ledger's refusal into the till's words.
func (s *Shop) refused(q store.Querier, person string, o order, err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case "ledger.credit.short":
		community, _ := s.Names()
		return fault.New("till.credit", "community", community, "need", f.Params["need"], "here", f.Params["here"])
	case "ledger.points.short":
		here, _ := f.Params["here"].(int64) // below Rights: points of a closed year count there no longer
		return s.short(q, person, here, o.total)
	case "ledger.stock.short":
		for i, g := range o.goods {
			if g.Good.String() == f.Params["good"] {
				return fault.New("till.stock", "name", o.offers[i].Name, "left", f.Params["here"], "reserved", int64(0))
			}
		}
	}
	return err
}

// supply mints the pieces of what has no end.
func (s *Shop) supply(tx *store.Tx, o order) error {
	for i, of := range o.offers {
		if !of.unlimited() {
			continue
		}
		have, err := s.Rights.StockHere(tx, goodOf(of.ID))
		if err != nil {
			return err
		}
		if n := o.goods[i].Count - have; n > 0 {
			if _, err := s.Rights.Receive(tx, goodOf(of.ID), n, ""); err != nil {
				return err
			}
		}
	}
	return nil
}
