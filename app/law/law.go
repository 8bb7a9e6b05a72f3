// Package law joins the rooms at admission's door: it answers the ledger's
// questions about governance out of the charter, and admission's questions
// about a change by asking the charter and the subject that the change belongs
// to.
//
// It must never know a screen, a network or a store's tables. Start reading at
// [Rules].
package law

import (
	"errors"
	"fmt"

	"jishan/app/activity"
	"jishan/app/assess"
	"jishan/app/bylaw"
	"jishan/app/claim"
	"jishan/app/correction"
	"jishan/app/credit"
	"jishan/app/duty"
	"jishan/app/fund"
	"jishan/app/govern"
	"jishan/app/hours"
	"jishan/app/ledger"
	"jishan/app/newcomer"
	"jishan/app/order"
	"jishan/app/partner"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/app/publicity"
	"jishan/app/report"
	"jishan/app/scheme"
	"jishan/app/selection"
	"jishan/app/settle"
	"jishan/app/shop"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Governance gives the ledger the charter's law.
type Governance struct {
	Charter  *govern.Charter
	Partners *partner.Book // nil where other communities are not looked at
}

// Law implements ledger.Governance.
func (g Governance) Law(q store.Querier) ledger.Law {
	device := func(a wire.Actor) ([32]byte, bool, error) { return g.Charter.DeviceOf(q, a) }
	return &law{charter: g.Charter, partners: g.Partners, q: q, device: device}
}

// law is the charter under one state of the database.
type law struct {
	charter  *govern.Charter
	partners *partner.Book
	q        store.Querier
	device   func(wire.Actor) ([32]byte, bool, error)
	snap     *govern.Snapshot
}

// at makes the snapshot that knows the head h; an unknown head is
// ledger.ErrUnknown.
func (l *law) at(h ledger.Head) (govern.Snapshot, govern.Point, error) {
	s, err := l.snapshot()
	if err != nil {
		return govern.Snapshot{}, govern.Point{}, err
	}
	p, known := s.At(h.Term, h.Seq, h.Hash)
	if h != (ledger.Head{}) && !known {
		return s, p, fmt.Errorf("governance head %d.%d: %w", h.Term, h.Seq, ledger.ErrUnknown)
	}
	return s, p, nil
}

// snapshot is taken anew while the transaction itself may still write
// governance; for readers once.
func (l *law) snapshot() (govern.Snapshot, error) {
	if l.snap != nil {
		return *l.snap, nil
	}
	s, err := l.charter.Snapshot(l.q)
	if _, writing := l.q.(*store.Tx); err == nil && !writing {
		l.snap = &s
	}
	return s, err
}

// Head implements ledger.Law.
func (l *law) Head() (ledger.Head, error) {
	s, err := l.snapshot()
	if err != nil {
		return ledger.Head{}, err
	}
	p, hash, ok := s.Head()
	if !ok {
		return ledger.Head{}, nil
	}
	return ledger.Head{Term: p.Term, Seq: p.Seq, Hash: hash}, nil
}

// Member implements ledger.Law.
func (l *law) Member(h ledger.Head, who wire.Actor) (ledger.Member, error) {
	s, p, err := l.at(h)
	if err != nil {
		return ledger.Member{}, err
	}
	device, ok, err := l.device(who)
	if err != nil {
		return ledger.Member{}, err
	}
	if !ok {
		return ledger.Member{}, fmt.Errorf("incarnation %s: %w", who, ledger.ErrUnknown)
	}
	role, registrar := s.Role(device, p)
	m := ledger.Member{Device: device}
	if c, ok := s.GuestOf(device, p); ok {
		m.Home = ledger.Subject(c.Root[:16])
	}
	switch {
	case registrar:
		m.Role = ledger.Registrar
	case role.Staff():
		m.Role = ledger.Staff
	case role == govern.Merchant:
		m.Role = ledger.Merchant
	}
	return m, nil
}

// Cut implements ledger.Law.
func (l *law) Cut(h ledger.Head, who wire.Actor) (ledger.Cut, bool, error) {
	s, p, err := l.at(h)
	if err != nil {
		return ledger.Cut{}, false, err
	}
	closes, ok := s.Cuts(who, p)
	var c ledger.Cut
	if !ok { // a feed that nobody had met when its device was revoked: nothing of it counts
		device, known, err := l.device(who)
		return c, err == nil && known && s.Revoked(device, p), err
	}
	for _, x := range closes {
		if x.Number > 0 {
			c.Tips = append(c.Tips, ledger.Tip{Number: x.Number, Hash: x.Hash})
		}
	}
	return c, true, nil
}

// Heir implements ledger.Law.
func (l *law) Heir(h ledger.Head, who wire.Actor) (ledger.Heir, bool, error) {
	s, p, err := l.at(h)
	if err != nil {
		return ledger.Heir{}, false, err
	}
	e, at, hash, ok := s.Heir(who, p)
	if !ok {
		return ledger.Heir{}, false, nil
	}
	heir := ledger.Heir{To: e.To, At: ledger.Head{Term: at.Term, Seq: at.Seq, Hash: hash}, Rights: map[[32]byte]int64{}}
	for _, r := range e.Rights {
		if r.Amount > ledger.MaxAmount {
			return ledger.Heir{}, false, fmt.Errorf("%w: SUCCEED of %d", ledger.ErrInvalid, r.Amount)
		}
		heir.Rights[r.Quota] = int64(r.Amount)
	}
	return heir, true, nil
}

// Closed implements ledger.Law.
func (l *law) Closed(h ledger.Head) ([]wire.Actor, error) {
	s, p, err := l.at(h)
	if err != nil {
		return nil, err
	}
	return s.Closed(p), nil
}

// YearClosed implements ledger.Law.
func (l *law) YearClosed(h ledger.Head, period string) (bool, error) {
	s, p, err := l.at(h)
	return err == nil && s.YearClosed(period, p), err
}

// Together implements ledger.Law.
func (l *law) Together(h ledger.Head, person ledger.Subject) ([]ledger.Subject, error) {
	s, p, err := l.at(h)
	if err != nil {
		return nil, err
	}
	group := s.Joined(p).Of(govern.PersonID(person))
	if len(group) < 2 {
		return nil, nil
	}
	out := make([]ledger.Subject, len(group))
	for i, id := range group {
		out[i] = ledger.Subject(id)
	}
	return out, nil
}

// Rules are admission's questions, answered by the charter and the subjects.
type Rules struct {
	*govern.Charter
	Ledger *ledger.Ledger
	Settle *settle.Book // nil where settlements are not looked at

	Partners *partner.Book // nil where other communities are not looked at
}

// Form implements admit.Rules: first what every document of the kind looks
// like, then what its subject says. A refusal names the kind of document.
func (r Rules) Form(tx *store.Tx, doc store.DocID, device [32]byte, ch *wire.Change) error {
	p, err := govern.ParsePath(doc)
	if err != nil {
		return err
	}
	if err = r.Charter.Form(tx, doc, device, ch); err == nil {
		err = r.form(tx, p.Row.Doc, doc, ch)
	}
	return admit.Because(err, "form", "kind", p.Row.Doc)
}

func (r Rules) form(tx *store.Tx, kind string, doc store.DocID, ch *wire.Change) error {
	switch kind {
	case "feed":
		return r.Ledger.Form(tx, doc, ch)
	case "people":
		return errors.Join(people.Form(doc, ch), correction.Form(doc, ch), claim.Form(doc, ch), credit.Form(doc, ch), photo.Form(doc, ch), newcomer.Form(doc, ch))
	case "card":
		return people.Form(doc, ch)
	case ledger.RequestDoc:
		return ledger.RequestForm(ch)
	case "activity":
		return activity.Form(doc, ch)
	case "order":
		return order.Form(doc, ch)
	case "scheme":
		return scheme.Form(ch)
	case "catalog":
		return shop.Form(doc, ch)
	case "settle":
		return settle.Form(ch)
	case partner.NetDoc, partner.AbroadDoc:
		return partner.Form(kind, ch)
	case report.Doc:
		return report.Form(ch)
	case hours.Doc:
		return hours.Form(ch)
	case assess.Doc:
		return assess.Form(ch)
	case selection.Doc:
		return selection.Form(ch)
	case publicity.Doc:
		return publicity.Form(ch)
	case publicity.BoardDoc:
		return publicity.BoardForm(ch)
	case duty.Doc:
		return duty.Form(ch)
	case fund.Doc:
		return fund.Form(ch)
	case bylaw.Doc:
		return bylaw.Form(ch)
	}
	return nil
}

// Subject implements admit.Rules: the ledger judges feeds, the book settlements,
// the charter gov.
func (r Rules) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error {
	p, err := govern.ParsePath(doc)
	if err != nil {
		return err
	}
	switch {
	case p.Row.Doc == "feed":
		err = r.Ledger.Subject(tx, doc, ch, h, c)
	case p.Row.Doc == "order":
		err = r.merchantOrder(tx, ch, c)
	case p.Row.Doc == "people" && claim.OfficeOnly(ch), p.Row.Doc == assess.Doc && assess.OfficeOnly(ch), p.Row.Doc == selection.Doc && selection.OfficeOnly(ch):
		if err = r.byMainDevice(tx, ch, c); err == nil {
			err = r.Charter.Subject(tx, doc, ch, h, c)
		}
	case p.Row.Doc == "settle" && r.Settle != nil:
		err = r.Settle.Subject(tx, doc, ch, c)
	case (p.Row.Doc == partner.NetDoc || p.Row.Doc == partner.AbroadDoc) && r.Partners != nil:
		err = r.Partners.Subject(tx, doc, ch, c)
	default:
		err = r.Charter.Subject(tx, doc, ch, h, c)
	}
	return admit.Because(err, "subject", "kind", p.Row.Doc)
}
