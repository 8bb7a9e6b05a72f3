// Package credit keeps credit lines: what a community suggests to a bank for a
// person, by points, and only with the person's consent.
//
// The table of bands is the community's own and stands in its charter: these
// points, this amount. Consent, its withdrawal and every line are records that
// staff hold. A line is never changed: each yearly assessment writes the next
// version, and what was before shows as replaced. Who withdraws consent ends all
// lines made until then.
//
// What the person carries to the bank is a certificate, a signed text in a QR
// code, which any device of the community and the bank's own check page prove
// without a network. The bank decides: a line is a suggestion.
//
// The package must never know a network or a screen, and keeps no name: names are
// put into a certificate when it is printed. Start reading at [Table], then
// book.go and certificate.go.
package credit

import (
	"strings"

	"jishan/app/fault"
	"jishan/app/people"
)

// The sums of points that a table may go by.
const (
	Lifetime  = "lifetime"
	Year      = "year"
	Spendable = "spendable"
)

// Band suggests one amount for some points.
type Band struct {
	From   int64 `json:"from"`
	To     int64 `json:"to"`     // the last of its points; 0 = no end
	Amount int64 `json:"amount"` // yuan
}

// Table is all bands, the lowest first. Every number of it is the community's.
type Table struct {
	Basis string `json:"basis"` // Lifetime, Year or Spendable
	Least int64  `json:"least"` // yuan: no amount is smaller
	Most  int64  `json:"most"`  // yuan: none is greater
	Bands []Band `json:"bands"`
}

// Limits of a table.
const (
	maxBands  = 20
	maxYuan   = 100_000_000
	maxPoints = 10_000_000
)

// The ends of the reported bank's formula, until a community writes its own.
const (
	defaultLeast = 100_000
	defaultMost  = 300_000
)

// Suggest returns the amount for points; false if no band holds them.
func (t Table) Suggest(points int64) (int64, bool) {
	for _, b := range t.Bands {
		if points >= b.From && (b.To == 0 || points <= b.To) {
			return b.Amount, true
		}
	}
	return 0, false
}

// check refuses a table that is not plain. Faults: credit.basis,
// credit.bands{max}, credit.ends{max}, credit.band{n, max}, credit.overlap{n},
// credit.amount{n, least, most}.
func (t Table) check() error {
	switch {
	case t.Basis != Lifetime && t.Basis != Year && t.Basis != Spendable:
		return fault.New("credit.basis")
	case len(t.Bands) > maxBands:
		return fault.New("credit.bands", "max", maxBands)
	case t.Least < 1 || t.Most < t.Least || t.Most > maxYuan:
		return fault.New("credit.ends", "max", int64(maxYuan))
	}
	last := int64(0) // the end of the band before
	for i, b := range t.Bands {
		switch {
		case b.From < 1 || b.From > maxPoints || b.To != 0 && b.To < b.From || b.To > maxPoints:
			return fault.New("credit.band", "n", i+1, "max", int64(maxPoints))
		case i > 0 && (last == 0 || b.From <= last):
			return fault.New("credit.overlap", "n", i+1)
		case b.Amount < t.Least || b.Amount > t.Most:
			return fault.New("credit.amount", "n", i+1, "least", t.Least, "most", t.Most)
		}
		last = b.To
	}
	return nil
}

// The states of a line.
const (
	InForce   = "force"
	Replaced  = "replaced"  // there is a later version
	Withdrawn = "withdrawn" // the person took the consent back
	Expired   = "expired"   // its last day is over
	Ended     = "ended"     // an assessment found no band for the points
)

// Line is one version of a person's credit line.
type Line struct {
	ID      string    `json:"id"`
	Number  string    `json:"number"` // as it is printed
	Person  people.ID `json:"-"`
	Version int64     `json:"version"`
	Points  int64     `json:"points"`
	Basis   string    `json:"basis"`
	Amount  int64     `json:"amount"` // yuan; 0 = the assessment found no band
	Made    int64     `json:"made"`
	Until   int64     `json:"until"` // good until then, milliseconds
	By      string    `json:"by"`
	State   string    `json:"state"`
}

// Consent is what a person said about points going to the bank.
type Consent struct {
	Given bool      `json:"given"` // and not withdrawn
	At    int64     `json:"at"`    // of the last word; 0 = never asked
	By    string    `json:"by"`    // the operator who wrote it down, the person being there
	Sign  Signature `json:"-"`
	Off   int64     `json:"off"` // when it was last withdrawn

	Signed int64 `json:"-"` // the moment that Sign is about
}

// Signature is an operator's own, under a person's consent. The zero value is none:
// in a community where nobody has a key a name must do.
type Signature struct {
	Operator [5]byte
	Device   [32]byte
	Key      [32]byte
	Sig      []byte
}

// Number is how a line is named on paper.
func Number(id string) string {
	id = strings.ToUpper(id)
	if len(id) < numberLetters {
		return id
	}
	tail := id[len(id)-numberLetters:]
	return tail[:4] + "-" + tail[4:]
}

// numberLetters of a line's id are random enough: 40 bits.
const numberLetters = 8
