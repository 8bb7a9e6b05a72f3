// Package shop keeps what points can be exchanged for: the offers of a place,
// their stock, redemptions with receipts, and goods set aside.
//
// Offers and reservations are records of the place's document
// "catalog/<place>", which every device reads: people stand there by id only.
// Stock is the ledger's quota "stock" in the hands of this device's feed, and a
// redemption is one ledger transaction of points and pieces, so two tills that
// are cut off from each other never hand out the same piece twice.
//
// Services and honours have no end. They are booked as pieces all the same, so
// that every receipt stands in the ledger: what is missing is minted just
// before it is consumed, and Stock says -1.
//
// The package must never know a person's full name, and nothing of how points
// are earned. Start reading at [Shop.Redeem], then record.go.
package shop

import (
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The kinds of offers.
const (
	Goods   = "goods"
	Service = "service" // without end
	Coupon  = "coupon"
	Honour  = "honour" // without end
)

// Unlimited is the stock of what has no end.
const Unlimited = -1

// Offer is something that points are exchanged for at this place.
type Offer struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Kind     string `json:"kind"`
	Points   int64  `json:"points"`
	Stock    int64  `json:"stock"`   // at this device; Unlimited
	Minimum  int64  `json:"minimum"` // below it the office is told
	Icon     string `json:"icon"`
	Active   bool   `json:"active"`
	Reserved int64  `json:"reserved"`
	Code     string `json:"code"`  // of the label
	Cost     int64  `json:"cost"`  // what a piece costs the community, fen; 0 = not known
	Photo    string `json:"photo"` // the hash of its picture, "" for none
}

func (o Offer) unlimited() bool { return o.Kind == Service || o.Kind == Honour }

// Account is what a till sees of a person.
type Account struct {
	Person       string `json:"person"`
	Masked       string `json:"masked"`
	Code         string `json:"code"`
	Here         int64  `json:"here"` // can be spent at this device
	Kept         int64  `json:"kept"` // lies here, and is set aside for orders that wait
	Spendable    int64  `json:"spendable"`
	Vouchers     int64  `json:"vouchers"` // on slips; no part of spendable
	OnTheWay     int64  `json:"onTheWay"` // earned and not booked yet
	Debt         int64  `json:"debt"`     // points owed, paid from later income
	Least        int64  `json:"least"`    // who has fewer in all can't redeem; 0: everybody can
	Lacks        int64  `json:"lacks"`    // points to that, as far as this device knows
	Off          []Off  `json:"off"`      // the discounts of this place that the person has
	OffUntil     int64  `json:"offUntil"` // the last second of the pass that says so; 0: this device knows it by itself
	Valid        string `json:"valid"`    // ok, blocked, unknown
	OwnCommunity bool   `json:"ownCommunity"`
}

// Off is a discount as a screen shows it.
type Off struct {
	Term
	Name string `json:"name"` // of the level
}

// Scan is what a scanned or typed text means.
type Scan struct {
	Kind    string       `json:"kind"` // person, offer, pick, checkin, nothing; pass
	Account *Account     `json:"account,omitempty"`
	Offer   *Offer       `json:"offer,omitempty"`
	Pick    *Reservation `json:"pick,omitempty"` // an order that is fetched; Account is its person's
}

// Line asks for n pieces of an offer.
type Line struct {
	Offer string `json:"offer"`
	N     int64  `json:"n"`
}

// Ref names the ledger transaction of a receipt.
type Ref struct {
	Doc  string `json:"doc"`
	Seq  uint64 `json:"seq"`
	Hash string `json:"hash"`
}

// Receipt is a redemption.
type Receipt struct {
	Number    string        `json:"number"` // mmdd-nnn, counted by each device
	Ref       Ref           `json:"ref"`
	At        int64         `json:"at"`
	Community string        `json:"community"`
	Place     string        `json:"place"`
	Masked    string        `json:"masked"`
	Name      string        `json:"name"` // in full, for the holder's paper; "" where no roster is held
	Code      string        `json:"code"`
	Lines     []ReceiptLine `json:"lines"`
	Total     int64         `json:"total"`     // what was paid
	Less      int64         `json:"less"`      // what the lines cost more: the discount
	LessLevel string        `json:"lessLevel"` // for which level, by name; "" if it has none any more
	LessLife  int64         `json:"lessLife"`  // or for how many points earned in all
	HereAfter int64         `json:"hereAfter"` // what can be spent here now
	Operator  string        `json:"operator"`
	Undone    bool          `json:"undone"`
	Late      bool          `json:"late"` // beyond the cut of its feed: handed over, and charged to nobody
	Proof     Proof         `json:"proof"`
}

// Proof is how it was shown that the buyer is the holder of the card. It stands
// in the redemption's transaction.
type Proof string

// The proofs.
const (
	NotProven Proof = ""
	ByPIN     Proof = "pin"    // the holder typed the card's PIN
	ByKeeper  Proof = "keeper" // the keeper compared the person and says so
)

// ReceiptLine is one offer of a receipt; points for all its pieces.
type ReceiptLine struct {
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	N      int64  `json:"n"`
	Points int64  `json:"points"`
}

// Move is a change of stock that no redemption made.
type Move struct {
	At       int64  `json:"at"`
	Offer    string `json:"offer"`
	Name     string `json:"name"`
	N        int64  `json:"n"`
	Why      string `json:"why"`
	Operator string `json:"operator"`
	Kind     string `json:"kind"` // "": came, was counted or adjusted; Redeemed, GivenBack
}

// Kinds of moves of what is on the shelf.
const (
	Redeemed  = "redeem"
	GivenBack = "undo" // a redemption that was undone
)

// Counted is what was found of an offer on the shelf.
type Counted struct {
	Offer string `json:"offer"`
	N     int64  `json:"n"`
}

// Reservation is goods set aside for somebody.
type Reservation struct {
	ID     string            `json:"id"`
	Person string            `json:"person"`
	Masked string            `json:"masked"`
	Code   string            `json:"code"`
	At     int64             `json:"at"`
	Until  int64             `json:"until"` // it lapses then
	Lines  []ReservationLine `json:"lines"`
	State  string            `json:"state"` // open, lapsed, done, cancelled

	// Of an order from a phone:
	Pick   string `json:"pick"`   // its pick-up number, "" else
	Points int64  `json:"points"` // set aside with the goods
	Device string `json:"device"` // the incarnation that holds them
}

// ReservationLine is one offer of a reservation.
type ReservationLine struct {
	Offer string `json:"offer"`
	Name  string `json:"name"`
	N     int64  `json:"n"`
}

// Piece is what a line names, and how many of it.
func (l ReceiptLine) Piece() (string, int64)     { return l.Name, l.N }
func (l ReservationLine) Piece() (string, int64) { return l.Name, l.N }

// Buyer is what is known of a person at this device without the roster.
type Buyer struct {
	Person       string
	Masked, Code string
	Name         string // in full; "" where no roster is held
	Valid        string // ok, blocked, unknown
	OwnCommunity bool
}

// Rights is what the shop asks of the ledger; *ledger.Ledger has it.
type Rights interface {
	Redeem(tx *store.Tx, r ledger.Redemption) (store.Ref, error)
	Receive(tx *store.Tx, good ledger.Subject, count int64, note string) (store.Ref, error)
	Adjust(tx *store.Tx, good ledger.Subject, by int64, note string) (store.Ref, error)
	StockHere(q store.Querier, good ledger.Subject) (int64, error)
	Rights(q store.Querier, person ledger.Subject) (int64, error)
	Balance(q store.Querier, person ledger.Subject, period string) (ledger.Balance, error)
	// Mine lists this device's feed and those that it succeeded.
	Mine(q store.Querier) ([]wire.Actor, error)
	Transaction(q store.Querier, h wire.Hash) (ledger.Record, error)
}

// Buyers knows people as a till may: masked.
type Buyers interface {
	// Card reads a card's QR or the digits printed on it. ok is false for a
	// text that is no card at all; faults (forged, of another community) are
	// passed on.
	Card(q store.Querier, text string) (b Buyer, ok bool, err error)
	// Buyer returns what is known of a person; Valid "unknown" if nothing.
	Buyer(q store.Querier, person string) (Buyer, error)
}

func personOf(person string) ledger.Subject { return ledger.TextSubject(person) }

// goodOf returns the ledger subject of an offer: the ULID's 16 bytes.
func goodOf(offer string) ledger.Subject {
	id, err := ulid.ParseStrict(strings.ToUpper(offer))
	if err != nil {
		return ledger.Subject{}
	}
	return ledger.Subject(id)
}

// Good returns the ledger subject of an offer, for those who move stock between
// devices.
func Good(offer string) ledger.Subject { return goodOf(offer) }

// offerOf is goodOf the other way round.
func offerOf(s ledger.Subject) string { return strings.ToLower(ulid.ULID(s).String()) }
