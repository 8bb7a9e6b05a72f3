package ledger

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A voucher is a MOVE to one till whose note says until when it is good. Its
// points are not fetched like others that were sent there: they wait for the
// person who shows the voucher. Expiry is the till's policy, no matter of
// validity: a till past that time takes the points and sends them home.
//
// Points that are forwarded to somebody's usual till can be shown there as well:
// the same form without a time. They are fetched like others, or taken from the
// slip, whichever comes first.

// voucherNote begins the note of a voucher's MOVE; decimal seconds follow.
const voucherNote = "v"

// maxUntil bounds a voucher's time in seconds: the year 2286, ten digits.
const maxUntil = 9_999_999_999

// Actions of TAKEs of vouchers: by them the issuer tells used from returned.
const (
	actionVoucher  = "voucher"        // the MOVE
	actionShown    = "voucher.take"   // the TAKE of a voucher that was shown
	actionReturned = "voucher.return" // the TAKE of one that is sent home
)

// until returns when a MOVE's voucher ends, milliseconds; 0 for a MOVE that is
// no voucher.
func (e *Entry) until() int64 {
	digits, ok := strings.CutPrefix(e.Note, voucherNote)
	n, err := strconv.ParseInt(digits, 10, 64)
	if e.Type != Move || e.Quota.Kind != Points || !ok || err != nil || n < 1 || n > maxUntil || voucherNote+strconv.FormatInt(n, 10) != e.Note {
		return 0
	}
	return n * 1000
}

// IssueVoucher moves points of a person that lie here to a till, to be taken
// when the voucher is shown there. until is in milliseconds and rounded up to
// seconds. Faults: ledger.amount.bad, ledger.payee.bad, ledger.payee.closed,
// ledger.rights.short{need, here}, voucher.joined{most}, voucher.until.
func (l *Ledger) IssueVoucher(tx *store.Tx, person Subject, n int64, to wire.Actor, until int64) (store.Ref, error) {
	if err := amounts(n); err != nil {
		return store.Ref{}, err
	}
	seconds := (until + 999) / 1000
	if until <= tx.Now() || seconds > maxUntil {
		return store.Ref{}, fault.New("voucher.until")
	}
	who, here, err := l.Most(tx, person) // a voucher names one subject
	if err != nil {
		return store.Ref{}, err
	}
	list, err := l.share(tx, Points, who, n)
	if err != nil {
		return store.Ref{}, err
	}
	if given := amountOf(list); here < n || given < n {
		return store.Ref{}, l.shortVoucher(tx, person, n, here)
	}
	es, err := l.moves(tx, to, list)
	if err != nil {
		return store.Ref{}, err
	}
	for i := range es {
		es[i].Note = voucherNote + strconv.FormatInt(seconds, 10)
	}
	return l.Write(tx, actionVoucher, es...)
}

// shortVoucher says why a voucher can't be written: too little here, or no subject
// of the person has so much.
func (l *Ledger) shortVoucher(tx *store.Tx, person Subject, n, most int64) error {
	here, err := l.Rights(tx, person)
	if err != nil {
		return err
	}
	kept, err := l.keptBack(tx, person)
	if err != nil {
		return err
	}
	if here -= kept; here >= n {
		return fault.New("voucher.joined", "most", most)
	}
	return fault.New("ledger.rights.short", "need", n, "here", here)
}

// Paper is what a voucher's change says.
type Paper struct {
	Hash   wire.Hash
	Payer  wire.Actor
	Payee  wire.Actor
	Person Subject
	Points int64
	Until  int64 // milliseconds; 0: forwarded points, which need not be shown
}

// ReadPaper reads the voucher out of evidence, without a look at any key.
// Faults: voucher.kind for a change that is no voucher, voucher.newer for one
// of a newer version.
func (l *Ledger) ReadPaper(v *Evidence) (Paper, error) {
	if len(v.Tail) > 0 || v.check() != nil {
		return Paper{}, fault.New("voucher.kind")
	}
	o, _, err := l.parse(v)
	if errors.Is(err, ErrNewer) {
		return Paper{}, fault.New("voucher.newer")
	}
	if err != nil || v.Epoch != feedEpoch {
		return Paper{}, fault.New("voucher.kind")
	}
	return o.paper()
}

func (o *Opened) paper() (Paper, error) {
	first := &o.Tx.Entries[0]
	p := Paper{Hash: o.Hash, Payer: o.Feed.Incarnation, Payee: first.To.Incarnation, Person: first.Quota.Subject, Until: first.until()}
	for i := range o.Tx.Entries {
		e := &o.Tx.Entries[i]
		if e.Type != Move || e.Quota.Kind != Points || e.until() != p.Until || e.To != first.To || e.To.Community != o.Feed.Community || e.Quota.Subject != p.Person {
			return Paper{}, fault.New("voucher.kind")
		}
		p.Points += e.Amount
	}
	return p, nil
}

// TakeVoucher takes a voucher that was shown here, or, with home, sends it to
// where rights go home, in one transaction. Faults: voucher.kind,
// voucher.other, voucher.taken{at}, voucher.issuer (its device, or the rules
// it was written under, are not known here yet), voucher.forged, voucher.void
// (its device may not pay, or was closed before), voucher.room{need, here}
// (points can't rest here: nothing was taken), ledger.home.none.
func (l *Ledger) TakeVoucher(tx *store.Tx, v *Evidence, home bool) (Paper, error) {
	p, err := l.ReadPaper(v)
	if err != nil {
		return p, err
	}
	if mine, err := l.Mine(tx); err != nil || !slices.Contains(mine, p.Payee) {
		return p, cmpError(err, fault.New("voucher.other"))
	}
	b, err := l.open(tx)
	if err != nil {
		return p, err
	}
	o, err := b.Open(v)
	if err != nil {
		return p, l.voucherFault(err)
	}
	es, err := l.takes(tx, o, 1, func(*Entry) bool { return true })
	if err != nil {
		return p, err
	}
	if len(es) == 0 {
		at, code, err := l.takenAt(tx, p.Hash)
		return p, cmpError(err, fault.New(code, "at", at))
	}
	action := actionShown
	if home {
		action = actionReturned
		es, err = l.sendHome(tx, es, pointsOf(es))
	} else {
		es, err = l.keep(tx, es, pointsOf(es))
	}
	if err != nil {
		return p, err
	}
	_, err = l.write(tx, action, &Tx{Entries: es, Evidence: []Evidence{*v}})
	return p, l.voucherFault(err)
}

func cmpError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (l *Ledger) voucherFault(err error) error {
	switch {
	case errors.Is(err, ErrUnknown):
		return fault.New("voucher.issuer")
	case errors.Is(err, seal.ErrSeal):
		return fault.New("voucher.forged")
	case errors.Is(err, ErrInvalid), errors.Is(err, ErrForm):
		return fault.New("voucher.void")
	}
	return err
}

// keep adds what lets taken points rest here, and refuses where they would
// have to go home again: the voucher stays good.
func (l *Ledger) keep(tx *store.Tx, es []Entry, points []Amount) ([]Entry, error) {
	out, err := l.rest(tx, es, points)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(out, func(e Entry) bool { return e.Type == Move }) {
		q, total, err := l.exposure(tx, points)
		if err != nil {
			return nil, err
		}
		have, err := l.Here(tx, q)
		return nil, cmpError(err, fault.New("voucher.room", "need", total, "here", have))
	}
	return out, nil
}

// exposure is the quota that points need in order to rest at this till.
func (l *Ledger) exposure(tx *store.Tx, points []Amount) (Quota, int64, error) {
	m, err := l.member(tx)
	total := int64(0)
	for _, a := range points {
		total += a.N
	}
	return Quota{Kind: Exposure, Subject: TillSubject(m.Device)}, total, err
}

// sendHome adds MOVEs of taken points to where rights go home. Staff keep them:
// what lies idle there goes home by itself. Points of a closed year go nowhere: they
// are burned at once. Fault: ledger.exposure.short{need, here}, of the latter.
func (l *Ledger) sendHome(tx *store.Tx, es []Entry, points []Amount) ([]Entry, error) {
	m, err := l.member(tx)
	if err != nil || m.Role != Merchant || len(points) == 0 {
		return es, err
	}
	if es, points, err = l.burnClosed(tx, es, points); err != nil || len(points) == 0 {
		return es, err
	}
	to, ok, err := l.home(tx)
	if err != nil {
		return nil, err
	}
	if !ok || to == l.self {
		return nil, fault.New("ledger.home.none")
	}
	b, err := l.open(tx)
	if err != nil {
		return nil, err
	}
	head, err := b.payee(to)
	if err != nil {
		return nil, err
	}
	for _, a := range points {
		es = append(es, Entry{Type: Move, Quota: a.Quota, Amount: a.N, To: l.feedOf(to), Head: head})
	}
	return es, nil
}

// burnClosed adds what becomes of taken points of closed years at a till, which needs
// exposure for them like for any that rest here, and returns the others.
func (l *Ledger) burnClosed(tx *store.Tx, es []Entry, points []Amount) (out []Entry, open []Amount, err error) {
	var gone []Amount
	for _, a := range points {
		switch err := l.inYear(tx, a.Quota.Period); {
		case fault.Of(err).Code == "ledger.period.closed":
			gone = append(gone, a)
		case err != nil:
			return nil, nil, err
		default:
			open = append(open, a)
		}
	}
	if len(gone) == 0 {
		return es, open, nil
	}
	q, total, err := l.exposure(tx, gone)
	if err != nil {
		return nil, nil, err
	}
	have, err := l.Here(tx, q)
	if err == nil && have < total {
		err = fault.New("ledger.exposure.short", "need", total, "here", have)
	}
	es = append(es, Entry{Type: Consume, Quota: q, Amount: total})
	for _, a := range gone {
		es = append(es, Entry{Type: Burn, Quota: a.Quota, Amount: a.N, Why: WhyExpiry})
	}
	return es, open, err
}

// takenAt is when this feed, or one that it succeeds, took a MOVE of a change, milliseconds,
// and the fault that says what for: who shows a voucher that only went home from here has
// not used it. What another history of such a feed took is gone, and no more is said.
func (l *Ledger) takenAt(q store.Querier, h wire.Hash) (at int64, code string, err error) {
	mine, err := l.Mine(q)
	if err != nil {
		return 0, "", err
	}
	var ch *wire.Change
	for _, a := range mine {
		var number uint64
		err := q.QueryRow(`SELECT t.number FROM ledger_taken t JOIN ledger_feed f ON f.n = t.feed WHERE t.hash = ? AND f.inc = ? ORDER BY t.number LIMIT 1`, h[:], a[:]).Scan(&number)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			ch, _, err = l.at(q, a, number)
		}
		if err != nil {
			return 0, "", err
		}
		break
	}
	if ch == nil {
		return 0, "voucher.gone", nil
	}
	c, err := seal.ParseContext(ch.Message)
	if code = "voucher.taken"; c.Action == actionReturned+seal.QuoteMark { // it has a MOVE
		code = "voucher.back"
	}
	return ch.Time, code, err
}

// VoucherState is what became of a voucher.
type VoucherState string

// The states of a voucher.
const (
	VoucherOpen     VoucherState = "open"
	VoucherExpired  VoucherState = "expired"  // nobody showed it in time; the till has not sent it back yet
	VoucherUsed     VoucherState = "used"     // shown and taken
	VoucherReturned VoucherState = "returned" // taken and sent home, unused
)

// Issued is a voucher as its issuer's community sees it.
type Issued struct {
	Paper
	State    VoucherState
	At       int64  // when it was written
	Operator string // who wrote it
	TakenAt  int64  // 0 until it was taken
}

// IssuedVouchers lists the vouchers in admitted feeds, the newest first: of
// one person, or of all for the zero subject. now is in milliseconds.
func (l *Ledger) IssuedVouchers(q store.Querier, person Subject, now int64, limit int) (out []Issued, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	type row struct {
		hash, payer, payee []byte
		number             uint64
	}
	group, err := l.Together(q, person)
	if err != nil {
		return nil, err
	}
	in, args := among(group)
	var rows []row
	err = store.EachRow(q, func(r *sql.Rows) error {
		var x row
		if err := r.Scan(&x.hash, &x.payer, &x.payee, &x.number); err != nil {
			return err
		}
		rows = append(rows, x)
		return nil
	}, `SELECT DISTINCT m.hash, f.inc, m.payee, m.number FROM ledger_move m JOIN ledger_feed f ON f.n = m.payer
		WHERE m.until > 0 AND (? OR m.subject IN `+in+`) ORDER BY m.issued DESC, m.hash LIMIT ?`,
		append(append([]any{person == Subject{}}, args...), limit)...)
	if err != nil {
		return nil, err
	}
	for _, x := range rows {
		v, err := l.issued(q, wire.Actor(x.payer), x.number, now)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (l *Ledger) issued(q store.Querier, payer wire.Actor, number uint64, now int64) (Issued, error) {
	ch, h, err := l.at(q, payer, number)
	if err != nil {
		return Issued{}, err
	}
	t, err := l.decode(ch)
	if err != nil {
		return Issued{}, err
	}
	p, err := (&Opened{Place: Place{Feed: l.feedOf(payer)}, Hash: h, Tx: t}).paper()
	if err != nil {
		return Issued{}, err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return Issued{}, err
	}
	out := Issued{Paper: p, State: VoucherOpen, At: ch.Time, Operator: c.Name()}
	if p.Until < now {
		out.State = VoucherExpired
	}
	return out, l.fate(q, &out)
}

// fate looks for the TAKE of a voucher.
func (l *Ledger) fate(q store.Querier, v *Issued) error {
	var inc []byte
	var number uint64
	err := q.QueryRow(`SELECT f.inc, t.number FROM ledger_taken t JOIN ledger_feed f ON f.n = t.feed WHERE t.hash = ? ORDER BY f.inc LIMIT 1`, v.Hash[:]).Scan(&inc, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	ch, _, err := l.at(q, wire.Actor(inc), number)
	if err != nil {
		return err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return err
	}
	v.State, v.TakenAt = VoucherReturned, ch.Time
	if c.Action == actionShown {
		v.State = VoucherUsed
	}
	return nil
}

// VoucherEvidence is an admitted change as its author sealed it: what a printed
// voucher carries. Error: ErrUnknown.
func (l *Ledger) VoucherEvidence(q store.Querier, h wire.Hash) (*Evidence, error) {
	return l.evidence(q, h)
}

// HasPaid tells whether a feed took something of this device's before: then it
// holds this incarnation's certificate.
func (l *Ledger) HasPaid(q store.Querier, payee wire.Actor) (bool, error) {
	if err := l.settle(q); err != nil {
		return false, err
	}
	var n int
	err := q.QueryRow(`SELECT count(*) FROM ledger_taken t JOIN ledger_feed f ON f.n = t.feed WHERE f.inc = ? AND t.payer = ?`, payee[:], l.self[:]).Scan(&n)
	return n > 0, err
}
