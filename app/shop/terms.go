package shop

import (
	"cmp"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Term is one discount that a place gives: to whom and how much. The price is the
// place's own policy; the ledger knows only what was paid.
type Term struct {
	Level   string `json:"level"`   // to who has this level or a higher one; "" for who has earned Life
	Life    int64  `json:"life"`    // points earned in all, a whole number of LifeStep; 0 for who has Level
	Percent int64  `json:"percent"` // off the whole purchase; 0 for Points
	Points  int64  `json:"points"`  // off each piece; 0 for Percent
}

// LifeStep is what a term's points earned in all are a multiple of: what a till is told of
// them is rounded down to it.
const LifeStep = 10

const (
	maxTerms   = 20
	maxPercent = 99
	maxLevelID = 8
)

// Title is what somebody has been proven to have, as far as this device knows.
type Title struct {
	Levels []string // held, the lower ones among them
	Life   int64    // earned in all
	Until  int64    // the last second of the pass that says so, 0 where this device knows it by itself
}

// Opens lists the terms that a title opens.
func (t Title) Opens(list []Term) (out []Term) {
	for _, x := range list {
		if t.has(x) {
			out = append(out, x)
		}
	}
	return out
}

// has tells whether a title opens a term.
func (t Title) has(x Term) bool {
	if x.Level != "" {
		return slices.Contains(t.Levels, x.Level)
	}
	return t.Life >= x.Life
}

// terms is the record of a place's discounts.
type terms struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Terms  []termRow
}

type termRow struct {
	_       struct{} `cbor:",toarray"`
	Level   string
	Life    int64
	Percent int64
	Points  int64
}

func openTerms(raw string) (terms, error) {
	return open(raw, func(t terms) bool {
		return len(t.Terms) <= maxTerms && !slices.ContainsFunc(t.Terms, func(r termRow) bool { return !plainRow(r).whole() })
	})
}

func plainRow(r termRow) Term { return Term{r.Level, r.Life, r.Percent, r.Points} }

// whole tells whether a term is to somebody and of something.
func (x Term) whole() bool {
	to := x.Life == 0 && x.Level != "" && len(x.Level) <= maxLevelID && strings.Trim(x.Level, "abcdefghijklmnopqrstuvwxyz0123456789") == "" ||
		x.Level == "" && x.Life > 0 && x.Life <= maxPoints && x.Life%LifeStep == 0
	off := x.Points == 0 && x.Percent > 0 && x.Percent <= maxPercent || x.Percent == 0 && x.Points > 0 && x.Points <= maxPoints
	return to && off
}

// TermsOf lists what a place gives, as it wrote them.
func TermsOf(q store.Querier, place string) ([]Term, error) {
	var raw []byte
	out := []Term{}
	err := q.QueryRow(`SELECT terms FROM shop_place WHERE place = ?`, place).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(raw) == 0 {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	t, err := openTerms(string(raw))
	if err != nil {
		return out, nil // of a newer program: nothing is given that is not understood
	}
	for _, r := range t.Terms {
		out = append(out, plainRow(r))
	}
	return out, nil
}

// SetTerms writes what this place gives, all of it. Faults: shop.terms.many{max},
// shop.terms.to{step}, shop.terms.off{max}, shop.terms.twice.
func (s *Shop) SetTerms(tx *store.Tx, list []Term) error {
	if len(list) > maxTerms {
		return fault.New("shop.terms.many", "max", maxTerms)
	}
	t, seen := terms{Format: whatFormat, Terms: []termRow{}}, map[Term]bool{}
	for _, x := range list {
		if !(Term{Level: x.Level, Life: x.Life, Percent: 1}).whole() {
			return fault.New("shop.terms.to", "step", LifeStep)
		}
		if !x.whole() {
			return fault.New("shop.terms.off", "max", maxPercent)
		}
		if to := (Term{Level: x.Level, Life: x.Life}); seen[to] {
			return fault.New("shop.terms.twice")
		} else {
			seen[to] = true
		}
		t.Terms = append(t.Terms, termRow{Level: x.Level, Life: x.Life, Percent: x.Percent, Points: x.Points})
	}
	slices.SortFunc(t.Terms, func(a, b termRow) int { return cmp.Or(cmp.Compare(a.Life, b.Life), cmp.Compare(a.Level, b.Level)) })
	raw, err := encoding.Marshal(t)
	if err != nil {
		return err
	}
	_, err = tx.Put(s.Doc(Path(s.Place())), "shop.terms", store.Put{Key: key(kindPlace, aboutID, "terms"), Value: wire.BytesValue(raw)})
	return err
}

// Less is what was given off a purchase, and for what.
type Less struct {
	Term
	N int64 // points; 0: nothing
}

// off is what a term takes off a purchase, of which each kind costs points a piece.
// A part is rounded down to whole points, once for the whole purchase, so ordering in
// pieces gains nothing. One point is always paid: a receipt says by them whose it is.
func (x Term) off(pieces []Piece) int64 {
	var total, off int64
	for _, p := range pieces {
		total += p.Points * p.N
		off += min(x.Points, p.Points) * p.N
	}
	if x.Percent > 0 {
		off = total * x.Percent / 100
	}
	return max(0, min(off, total-1))
}

// Piece is n of something that costs points each.
type Piece struct{ Points, N int64 }

// Best is the term that takes the most off a purchase.
func Best(list []Term, pieces []Piece) (best Less) {
	for _, x := range list {
		if n := x.off(pieces); n > best.N {
			best = Less{x, n}
		}
	}
	return best
}

// openTo lists the discounts of this place that a person has, and until when, 0 for as
// long as this device knows it by itself.
func (s *Shop) openTo(q store.Querier, person string) (out []Term, until int64, err error) {
	list, err := TermsOf(q, s.Place())
	if err != nil || len(list) == 0 {
		return nil, 0, err
	}
	title, err := s.Title(q, person)
	return title.Opens(list), title.Until, err
}

// less is the best discount of a person on an order.
func (s *Shop) less(q store.Querier, person string, o order) (Less, error) {
	list, _, err := s.openTo(q, person)
	pieces := make([]Piece, len(o.offers))
	for i, of := range o.offers {
		pieces[i] = Piece{of.Points, o.goods[i].Count}
	}
	return Best(list, pieces), err
}

// A discount stands in its redemption as the note of the goods:
//
//	less <points> <level>, or less <points> <points earned in all>
const lessWord = "less "

func (l Less) note() string {
	if l.N == 0 {
		return ""
	}
	return lessWord + strconv.FormatInt(l.N, 10) + " " + cmp.Or(l.Level, strconv.FormatInt(l.Life, 10))
}

// lessOf reads such a note; anything else says that nothing was given.
func lessOf(note string) (l Less) {
	rest, ok := strings.CutPrefix(note, lessWord)
	number, to, cut := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || !cut || err != nil || n < 1 || n > maxPaid || len(to) > maxTo {
		return Less{}
	}
	l.N = n
	if life, err := strconv.ParseInt(to, 10, 64); err == nil {
		l.Life = life
	} else {
		l.Level = to
	}
	return l
}

// maxTo bounds what a note says of whom it was for: a level's id or a number.
const maxTo = 16
