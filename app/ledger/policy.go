package ledger

import (
	"bytes"
	"database/sql"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Policies: where rights lie, and who asks whom. Nothing here decides
// validity; a device that behaves otherwise is merely less handy.

// IdleAfter is how long points may lie unused away from home, milliseconds.
const IdleAfter = 7 * 24 * 3600 * 1000

// maxIdle bounds how many quotas go home in one transaction.
const maxIdle = 64

// AskVersion is the version of requests and replies on the ask channel.
const AskVersion = 1

// maxAsk bounds a request in bytes.
const maxAsk = 512

type wireRequest struct {
	V      uint64   `cbor:"1,keyasint"`
	Person [16]byte `cbor:"2,keyasint"`
	Amount int64    `cbor:"3,keyasint"`
	To     [16]byte `cbor:"4,keyasint"`
	Head   *wireTip `cbor:"5,keyasint,omitempty"`
	Kind   uint64   `cbor:"6,keyasint,omitempty"` // of rights: points where it is left out; older programs refuse others
}

type wireReply struct {
	V       uint64 `cbor:"1,keyasint"`
	Voucher []byte `cbor:"2,keyasint,omitempty"`
	Code    string `cbor:"3,keyasint,omitempty"` // of a fault, when there is no voucher
}

// Request makes the question "move amount of this person's points to me" for
// the ask channel. It names this feed and its head.
func (l *Ledger) Request(q store.Querier, person Subject, amount int64) ([]byte, error) {
	return l.request(q, wireRequest{Person: person, Amount: amount})
}

// RequestBenefit is Request for a benefit.
func (l *Ledger) RequestBenefit(q store.Querier, subject Subject, amount int64) ([]byte, error) {
	return l.request(q, wireRequest{Person: subject, Amount: amount, Kind: uint64(Benefit)})
}

func (l *Ledger) request(q store.Querier, w wireRequest) ([]byte, error) {
	if err := amounts(w.Amount); err != nil {
		return nil, err
	}
	w.V, w.To = AskVersion, l.self
	tip, err := l.Tip(q, l.self)
	if err != nil {
		return nil, err
	}
	if tip != (Tip{}) {
		w.Head = &wireTip{Number: tip.Number, Hash: tip.Hash}
	}
	return encMode.Marshal(w)
}

func decodeAsk(b []byte, limit int, v any) error {
	if len(b) > limit {
		return malformed("%d bytes", len(b))
	}
	if err := decMode.Unmarshal(b, v); err != nil {
		return malformed("%v", err)
	}
	again, err := encMode.Marshal(v)
	if err == nil && !bytes.Equal(again, b) {
		err = malformed("not the canonical encoding")
	}
	return err
}

// Offer answers a request as a holder: it moves what this device has of the
// person's points, at most the amount asked for, and replies with the sealed
// MOVE. device is who asks, as the connection proved. A refusal is a reply,
// too; an error is this device's own trouble.
func (l *Ledger) Offer(tx *store.Tx, request []byte, device [32]byte) ([]byte, error) {
	var w wireRequest
	if err := decodeAsk(request, maxAsk, &w); err != nil || w.V != AskVersion || w.Kind != 0 && w.Kind != uint64(Benefit) {
		return reply(nil, fault.New("ledger.request.bad"))
	}
	kind := Points
	if w.Kind != 0 {
		kind = Benefit
	}
	if err := l.mayAsk(tx, w.To, device); err != nil {
		return reply(nil, err)
	}
	if err := amounts(w.Amount); err != nil {
		return reply(nil, err)
	}
	list, err := l.share(tx, kind, w.Person, w.Amount)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return l.none(tx, kind, w.Person, w.To)
	}
	es, err := l.moves(tx, w.To, list)
	if err != nil {
		return reply(nil, err)
	}
	if w.Head != nil { // the asker knows its own feed best
		for i := range es {
			es[i].Head = Tip{Number: w.Head.Number, Hash: w.Head.Hash}
		}
	}
	ref, err := l.Write(tx, "ledger.offer", es...)
	if err != nil {
		return nil, err
	}
	v, err := l.Voucher(tx, ref.Hash)
	if err != nil {
		return nil, err
	}
	return reply(v, nil)
}

// none is the refusal of a holder that has nothing. Staff, who hold all feeds,
// say as well whether anybody but the asker has; a till does not know.
// Codes: ledger.points.none, ledger.points.nowhere.
func (l *Ledger) none(tx *store.Tx, kind Kind, subject Subject, asker wire.Actor) ([]byte, error) {
	b, err := l.open(tx)
	if err != nil {
		return nil, err
	}
	h, err := b.Head()
	if err != nil {
		return nil, err
	}
	me, err := b.Member(h, l.self)
	if err != nil {
		return nil, err
	}
	code := "ledger.points.none"
	kept, err := l.keptBack(tx, subject)
	if err != nil {
		return nil, err
	}
	if me.Role >= Staff && kept == 0 {
		more, err := l.elsewhere(tx, kind, subject, asker)
		if err != nil {
			return nil, err
		}
		if !more {
			code = "ledger.points.nowhere"
		}
	}
	return reply(nil, fault.New(code))
}

// elsewhere tells whether any other feed holds some, or has some on its way.
func (l *Ledger) elsewhere(tx *store.Tx, kind Kind, subject Subject, but wire.Actor) (bool, error) {
	list, err := l.holders(tx, kind, subject)
	if err != nil {
		return false, err
	}
	for _, h := range list {
		if h.Feed != but && l.inYear(tx, h.Quota.Period) == nil {
			return true, nil
		}
	}
	var flying int
	err = tx.QueryRow("SELECT count(*) FROM ledger_move WHERE taken = 0 AND kind = ? AND subject = ? AND payee <> ?", int64(kind), subject[:], but[:]).Scan(&flying)
	return flying > 0, err
}

// mayAsk: the payee's feed belongs to the device that asks.
func (l *Ledger) mayAsk(tx *store.Tx, to wire.Actor, device [32]byte) error {
	b, err := l.open(tx)
	if err != nil {
		return err
	}
	h, err := b.Head()
	if err != nil {
		return err
	}
	m, err := b.Member(h, to)
	if err == nil && (m.Role == Nobody || m.Device != device) {
		err = fault.New("ledger.payee.bad")
	}
	return err
}

// share picks up to amount of what lies here of a person's points, or of a
// benefit, of open periods what ends first first. What is kept back stays.
func (l *Ledger) share(tx *store.Tx, kind Kind, subject Subject, amount int64) (out []Amount, err error) {
	have, err := l.rightsHere(tx, kind, subject)
	if err != nil {
		return nil, err
	}
	if kind == Points {
		kept, err := l.keptBack(tx, subject)
		if err != nil {
			return nil, err
		}
		var all int64
		for _, a := range have {
			all += a.N
		}
		amount = max(0, min(amount, all-kept))
	}
	for _, a := range have {
		n := min(a.N, amount)
		if n == 0 || l.inYear(tx, a.Quota.Period) != nil {
			continue
		}
		out = append(out, Amount{a.Quota, n})
		amount -= n
	}
	return out, nil
}

// reply turns a fault into a refusal; other errors stay errors.
func reply(voucher []byte, err error) ([]byte, error) {
	w := wireReply{V: AskVersion, Voucher: voucher}
	if err != nil {
		if w.Code = fault.Of(err).Code; w.Code == "internal" {
			return nil, err
		}
	}
	return encMode.Marshal(w)
}

// Accept takes what a holder replied. It returns the points that came to rest
// here. Faults: the holder's refusal, or as Take.
func (l *Ledger) Accept(tx *store.Tx, answer []byte) (int64, error) {
	var w wireReply
	if err := decodeAsk(answer, MaxVoucher+maxAsk, &w); err != nil || w.V != AskVersion {
		return 0, fault.New("ledger.voucher.bad")
	}
	if len(w.Voucher) == 0 {
		if !clean(w.Code, maxAsk) || w.Code == "" {
			return 0, fault.New("ledger.voucher.bad")
		}
		return 0, fault.New(w.Code)
	}
	return l.Take(tx, w.Voucher)
}

// Forward moves all open points of one subject that lie here to another feed: the
// person's usual place. It has the form of a voucher without a time, so that it
// can be shown there where no network brings it; a voucher names one subject.
// Nothing here is nothing done.
func (l *Ledger) Forward(tx *store.Tx, person Subject, to wire.Actor) error {
	if to == l.self {
		return nil
	}
	list, err := l.share(tx, Points, person, MaxAmount)
	if err != nil || len(list) == 0 {
		return err
	}
	es, err := l.moves(tx, to, list)
	if err != nil {
		return err
	}
	_, err = l.Write(tx, actionVoucher, es...)
	return err
}

// Forwarded lists what this device sent to a till of a person's points without a
// time and nobody is known to have taken, the oldest first.
func (l *Ledger) Forwarded(q store.Querier, person Subject, limit int) (list []Paper, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	group, err := l.Together(q, person)
	if err != nil {
		return nil, err
	}
	in, args := among(group)
	var hashes []wire.Hash
	err = store.EachRow(q, func(r *sql.Rows) error {
		var h []byte
		err := r.Scan(&h)
		hashes = append(hashes, wire.Hash(h))
		return err
	}, `SELECT DISTINCT m.hash FROM ledger_move m JOIN ledger_feed f ON f.n = m.payer
		WHERE f.inc = ? AND m.taken = 0 AND m.until = 0 AND m.kind = ? AND m.idx <> ? AND m.subject IN `+in+` ORDER BY m.number LIMIT ?`,
		append(append([]any{l.self[:], int64(Points), succeedIndex}, args...), limit)...)
	if err != nil {
		return nil, err
	}
	for _, h := range hashes {
		v, err := l.evidence(q, h)
		if err != nil {
			return nil, err
		}
		o, ch, err := l.parse(v)
		if err != nil {
			return nil, err
		}
		c, err := seal.ParseContext(ch.Message)
		if err != nil {
			return nil, err
		}
		p, err := o.paper()
		if err == nil && c.Action == actionVoucher+seal.QuoteMark { // other MOVEs have not the form
			list = append(list, p)
		}
	}
	return list, nil
}

// People lists who has points that lie here.
func (l *Ledger) People(q store.Querier) (list []Subject, err error) {
	held, err := l.holdings(q, "f.inc = ? AND h.kind = ? AND h.n > 0", l.self[:], int64(Points))
	for _, h := range held {
		if n := len(list); n == 0 || list[n-1] != h.Quota.Subject {
			list = append(list, h.Quota.Subject)
		}
	}
	return list, err
}

// SendIdle moves points and benefits that have lain here unused since before
// now - IdleAfter home. It returns how many quotas went; call again while that is
// not 0.
func (l *Ledger) SendIdle(tx *store.Tx, now int64) (int, error) {
	to, ok, err := l.home(tx)
	if err != nil || !ok || to == l.self {
		return 0, err
	}
	list, err := l.holdings(tx, "f.inc = ? AND h.kind IN (?, ?) AND h.n > 0 AND h.at < ?", l.self[:], int64(Points), int64(Benefit), now-IdleAfter)
	if err != nil {
		return 0, err
	}
	var out []Amount
	for _, h := range list {
		if len(out) >= maxIdle || l.inYear(tx, h.Quota.Period) != nil {
			continue
		}
		kept, err := l.keptBack(tx, h.Quota.Subject)
		if err != nil {
			return 0, err
		}
		if kept == 0 { // who has an order here comes for it
			out = append(out, h.Amount)
		}
	}
	if len(out) == 0 {
		return 0, nil
	}
	es, err := l.moves(tx, to, out)
	if err != nil {
		return 0, err
	}
	_, err = l.Write(tx, actionIdle, es...)
	return len(out), err
}

// actionIdle marks a MOVE of what nobody used: who gets it need not send it on.
const actionIdle = "ledger.idle"

// CameIdle is somebody's points that come here because nobody used them where
// they lay.
type CameIdle struct {
	Person Subject
	From   wire.Actor
}

// ComingIdle lists what is on its way here like that and was not taken yet.
func (l *Ledger) ComingIdle(q store.Querier, now int64) (out []CameIdle, err error) {
	open, err := l.waitingFor(q, l.self, now)
	if err != nil {
		return nil, err
	}
	for _, h := range open {
		v, err := l.evidence(q, h)
		if later(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		o, ch, err := l.parse(v)
		if err != nil {
			return nil, err
		}
		c, err := seal.ParseContext(ch.Message)
		if err != nil {
			return nil, err
		}
		if c.Action != actionIdle+seal.QuoteMark {
			continue
		}
		for _, e := range o.Tx.Entries {
			if e.Type == Move && e.Quota.Kind == Points {
				out = append(out, CameIdle{e.Quota.Subject, ch.Actor})
			}
		}
	}
	return out, nil
}

// BurnExpired burns what lies here of closed periods. It returns how many
// quotas it burned; call again while that is not 0.
func (l *Ledger) BurnExpired(tx *store.Tx) (int, error) {
	b, err := l.open(tx)
	if err != nil {
		return 0, err
	}
	h, err := b.Head()
	if err != nil {
		return 0, err
	}
	list, err := l.holdings(tx, "f.inc = ? AND h.kind = ? AND h.n > 0", l.self[:], int64(Points))
	if err != nil {
		return 0, err
	}
	var es []Entry
	for _, x := range list {
		closed, err := b.YearClosed(h, x.Quota.Period)
		if err != nil {
			return 0, err
		}
		if closed && x.Quota.Period != "" && len(es) < maxIdle {
			es = append(es, Entry{Type: Burn, Quota: x.Quota, Amount: x.N, Why: WhyExpiry})
		}
	}
	if len(es) == 0 {
		return 0, nil
	}
	_, err = l.Write(tx, "ledger.expire", es...)
	return len(es), err
}

// GrantExposure tops a till's exposure up to a cap, as the registrar: points
// at the till plus exposure at it or on its way never exceed the cap. It does
// nothing while a TAKE of the till is not backed by a MOVE that is here. It
// returns what was granted.
//
// What the registrar sees of the till may be old. That is safe: between two
// TAKEs of exposure, points plus exposure at a till only fall (quotas.md,
// rule 6), and exposure that was granted counts as on its way until the till's
// own TAKE of it is seen.
func (l *Ledger) GrantExposure(tx *store.Tx, till wire.Actor, limit int64) (int64, error) {
	if err := amounts(limit); err != nil {
		return 0, err
	}
	b, err := l.open(tx)
	if err != nil {
		return 0, err
	}
	h, err := b.Head()
	if err != nil {
		return 0, err
	}
	m, err := b.Member(h, till)
	if err != nil {
		return 0, err
	}
	rest, backed, err := l.atTill(tx, till, m.Device)
	if err != nil || !backed || rest >= limit {
		return 0, err
	}
	q := Quota{Kind: Exposure, Subject: TillSubject(m.Device)}
	head, err := b.payee(till)
	if err != nil {
		return 0, err
	}
	n := limit - rest
	_, err = l.Write(tx, "ledger.exposure", Entry{Type: Mint, Quota: q, Amount: n},
		Entry{Type: Move, Quota: q, Amount: n, To: l.feedOf(till), Head: head})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// atTill adds up points and exposure at a till and exposure on its way there.
func (l *Ledger) atTill(tx *store.Tx, till wire.Actor, device [32]byte) (rest int64, backed bool, err error) {
	if err := l.settle(tx); err != nil {
		return 0, false, err
	}
	subject := TillSubject(device)
	var moving int64
	err = tx.QueryRow(`SELECT
		(SELECT coalesce(sum(h.n), 0) FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed WHERE f.inc = ?1 AND h.kind IN (?2, ?3)),
		(SELECT coalesce(sum(n), 0) FROM ledger_move WHERE payee = ?1 AND taken = 0 AND kind = ?3 AND subject = ?4)`,
		till[:], int64(Points), int64(Exposure), subject[:]).Scan(&rest, &moving)
	if err != nil {
		return 0, false, err
	}
	backed, err = l.backed(tx, till)
	return rest + moving, backed, err
}

// backed tells whether every TAKE of a feed is backed by a MOVE that is here,
// or booked as loss: its payer was closed, all that counts of the payer is
// here, and the MOVE is not. So an issuer that died before it synced holds up
// no till once it is closed.
func (l *Ledger) backed(tx *store.Tx, till wire.Actor) (bool, error) {
	var payers []wire.Actor
	err := store.EachRow(tx, func(r *sql.Rows) error {
		var inc []byte
		err := r.Scan(&inc)
		payers = append(payers, wire.Actor(inc))
		return err
	}, "SELECT DISTINCT t.payer FROM ledger_taken t JOIN ledger_feed f ON f.n = t.feed WHERE f.inc = ? AND t.seen = 0", till[:])
	if err != nil || len(payers) == 0 {
		return err == nil, err
	}
	closed, err := l.closings(tx)
	if err != nil {
		return false, err
	}
	for _, p := range payers {
		c, ok := closed[p]
		tip, err := l.Tip(tx, p)
		if err != nil || !ok || tip.Number < c.Cut.last() {
			return false, err
		}
	}
	return true, nil
}

// Tips are the ends of a feed as far as it is known here: one, or one for each
// branch of a fork; none if it has written nothing.
func (l *Ledger) Tips(q store.Querier, feed wire.Actor) ([]Tip, error) {
	t, err := l.Tip(q, feed)
	if err != nil || t == (Tip{}) {
		return nil, err
	}
	ends, err := l.ends(q, feed)
	return append([]Tip{t}, ends...), err
}

// Tip is how far a feed is known here; zero if it has written nothing.
func (l *Ledger) Tip(q store.Querier, feed wire.Actor) (t Tip, err error) {
	if err := l.settle(q); err != nil {
		return t, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var h []byte
		err := r.Scan(&t.Number, &h)
		copy(t.Hash[:], h)
		return err
	}, "SELECT number, tip FROM ledger_feed WHERE inc = ?", feed[:])
	return t, err
}
