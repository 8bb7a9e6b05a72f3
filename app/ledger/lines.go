package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Line is one entry of a person's history.
type Line struct {
	Person   Subject   // under which of the person's subjects it stands
	Ref      store.Ref // the transaction: what Undo takes
	Feed     wire.Actor
	Device   [32]byte // zero while its certificate is not here
	Operator string
	At       int64 // milliseconds UTC
	Kind     LineKind
	Points   int64 // signed: change of what can be spent
	Owed     int64 // signed: change of what is owed
	Lifetime int64
	Year     int64
	Period   string
	Item     string
	Version  uint32
	Deed     Deed
	Receipt  Subject
	Goods    []Goods   // of the same transaction
	Undoes   wire.Hash // of an undo: the transaction that it undoes
	Note     string
	Deducts  bool // of a deduction, the debt that it left included
	Undone   bool
	Own      bool // written by this device's incarnation: it may undo it
	Branch   bool // stands only in a branch of a feed that has forked
}

// row of ledger_line, before its change is read.
type lineRow struct {
	inc    []byte
	number uint64
	index  int
	branch []byte // the change's hash if it stands in a branch
	owing  bool   // the entry of debt after it is part of it
	Line
}

// Lines returns a page of a person's history, the newest first, of all subjects
// that are the person. MOVEs are not part of it: they change nothing for the person.
// What is taken or given back is one line with the debt that stands for the rest of it.
func (l *Ledger) Lines(q store.Querier, person Subject, offset, limit int) ([]Line, error) {
	group, err := l.Together(q, person)
	if err != nil {
		return nil, err
	}
	return l.linesOf(q, group, offset, limit)
}

// LinesOf is Lines of one subject alone, whoever else is the same person.
func (l *Ledger) LinesOf(q store.Querier, subject Subject, offset, limit int) ([]Line, error) {
	return l.linesOf(q, []Subject{subject}, offset, limit)
}

// among makes the place holders and arguments of SQL's IN for subjects.
func among(group []Subject) (holes string, args []any) {
	for _, s := range group {
		args = append(args, s[:])
	}
	return "(?" + strings.Repeat(", ?", len(group)-1) + ")", args
}

func (l *Ledger) linesOf(q store.Querier, group []Subject, offset, limit int) ([]Line, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	in, args := among(group)
	var list []lineRow
	err := store.EachRow(q, func(r *sql.Rows) error {
		var x lineRow
		var person []byte
		if err := r.Scan(&person, &x.At, &x.inc, &x.number, &x.index, &x.Kind, &x.Points, &x.Lifetime, &x.Year, &x.Undone, &x.branch, &x.owing); err != nil {
			return err
		}
		x.Person = Subject(person)
		list = append(list, x)
		return nil
	}, `SELECT l.person, l.at, f.inc, l.number, l.idx, l.kind, l.n, l.life + coalesce(d.life, 0), l.year + coalesce(d.year, 0),
		max(l.undone, coalesce(d.undone, 0)), l.branch, d.idx IS NOT NULL FROM ledger_line l JOIN ledger_feed f ON f.n = l.feed
		LEFT JOIN ledger_line d ON d.person IN `+in+` AND `+isRest("d", "l")+` WHERE l.person IN `+in+noRest(in)+`
		ORDER BY l.at DESC, f.inc, l.number DESC, l.branch, l.idx DESC LIMIT ? OFFSET ?`, slices.Concat(args, args, args, []any{limit, offset})...)
	if err != nil {
		return nil, err
	}
	law := l.gov.Law(q)
	out := make([]Line, len(list))
	for i := range list {
		if err := l.fill(q, law, &list[i]); err != nil {
			return nil, err
		}
		out[i] = list[i].Line
	}
	return out, nil
}

// LineCount is how many lines a person's history has.
func (l *Ledger) LineCount(q store.Querier, person Subject) (n int, err error) {
	group, err := l.Together(q, person)
	if err != nil {
		return 0, err
	}
	in, args := among(group)
	err = q.QueryRow("SELECT count(*) FROM ledger_line l WHERE l.person IN "+in+noRest(in), slices.Concat(args, args)...).Scan(&n)
	return n, err
}

// isRest is an SQL condition: a row is the debt that stands for the rest of what the
// row before it, of the same transaction, took or gave back.
func isRest(debt, points string) string {
	return strings.NewReplacer("d.", debt+".", "p.", points+".").Replace(`d.at = p.at AND d.feed = p.feed AND d.number = p.number AND d.branch = p.branch
		AND d.idx = p.idx + 1 AND d.n = 0 AND d.kind IN (3, 10) AND p.n <> 0 AND p.kind IN (3, 5)`) // LineUndo, LineDebt; LineUndo, LineDeduction
}

// noRest leaves those rows out, as they are part of the line before them.
func noRest(in string) string {
	return " AND NOT EXISTS (SELECT 1 FROM ledger_line b WHERE b.person IN " + in + " AND " + isRest("l", "b") + ")"
}

// fill reads the rest of a line from its change.
func (l *Ledger) fill(q store.Querier, law Law, x *lineRow) error {
	x.Feed = wire.Actor(x.inc)
	x.Branch = len(x.branch) > 0
	x.Own = x.Feed == l.self && !x.Branch
	ch, h, err := l.lineAt(q, x.Feed, x.number, x.branch)
	if err != nil {
		return err
	}
	t, err := l.decode(ch)
	if err != nil {
		return err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return err
	}
	part, _ := split(x.number)
	x.Ref = store.Ref{Doc: l.Doc(x.Feed, part), Seq: ch.Seq, Hash: h}
	x.Operator = c.Name()
	switch m, err := law.Member(headOf(c), x.Feed); {
	case err == nil:
		x.Device = m.Device
	case !errors.Is(err, ErrUnknown):
		return err
	}
	if x.index >= len(t.Entries) {
		return malformed("line %d", x.index)
	}
	e := &t.Entries[x.index]
	x.Period, x.Item, x.Version, x.Deed, x.Receipt, x.Undoes, x.Note = e.Quota.Period, e.Item, e.Version, e.Deed, e.Order, e.Ref.Hash, e.Note
	x.Deducts, x.Owed = takesAway(e.Why), e.owes(x.Year)
	if x.owing && x.index+1 < len(t.Entries) {
		x.Owed = t.Entries[x.index+1].owes(0)
	}
	for _, o := range t.Entries {
		if o.Quota.Kind == Stock && (o.Type == Consume || o.Type == Restore) {
			x.Goods = append(x.Goods, Goods{o.Quota.Subject, o.Amount})
		}
	}
	return nil
}

// owes is by how much the line of an entry changes what is owed. Collected points
// pay a debt; their coming back leaves the year alone, unlike that of a deduction,
// and owes it again.
func (e *Entry) owes(year int64) int64 {
	debt := e.Quota.Kind == Debt
	switch {
	case debt && e.Type == Mint, e.Why == WhyReturn && !debt && year == 0:
		return e.Amount
	case debt, e.Why == WhyCollect:
		return -e.Amount
	}
	return 0
}

// eachLined gives every transaction that has lines of a kind, in the order in which
// they came. The places are read first: a transaction is another question.
func (l *Ledger) eachLined(q store.Querier, kind LineKind, give func(t *Tx, h wire.Hash)) error {
	type place struct {
		inc    []byte
		number uint64
		branch []byte
	}
	var list []place
	err := store.EachRow(q, func(r *sql.Rows) error {
		var p place
		err := r.Scan(&p.inc, &p.number, &p.branch)
		list = append(list, p)
		return err
	}, `SELECT f.inc, l.number, l.branch FROM ledger_line l JOIN ledger_feed f ON f.n = l.feed WHERE l.kind = ?
		GROUP BY f.inc, l.number, l.branch ORDER BY min(l.at), f.inc, l.number`, int64(kind))
	if err != nil {
		return err
	}
	for _, p := range list {
		ch, h, err := l.lineAt(q, wire.Actor(p.inc), p.number, p.branch)
		if err != nil {
			return err
		}
		t, err := l.decode(ch)
		if err != nil {
			return err
		}
		give(t, h)
	}
	return nil
}

// lineAt reads the change of a line: by its place, or by its hash in a branch.
// Lines are made of changes that are here: store.ErrCorrupt if it is not.
func (l *Ledger) lineAt(q store.Querier, feed wire.Actor, number uint64, branch []byte) (*wire.Change, wire.Hash, error) {
	if len(branch) == 0 {
		ch, h, err := l.at(q, feed, number)
		if errors.Is(err, ErrUnknown) {
			err = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
		return ch, h, err
	}
	var h wire.Hash
	if copy(h[:], branch) != len(h) {
		return nil, h, fmt.Errorf("%w: a line of a branch", store.ErrCorrupt)
	}
	c, ok, err := l.find(q, h)
	if err == nil && !ok {
		err = fmt.Errorf("%w: transaction %d in a branch of %s is not here", store.ErrCorrupt, number, feed)
	}
	if err != nil {
		return nil, wire.Hash{}, err
	}
	return wire.Decode(c.chunk)
}

// Record is a transaction as it was admitted.
type Record struct {
	Ref      store.Ref
	Feed     wire.Actor
	At       int64
	Operator string
	Action   string
	Tx       *Tx
}

// Transaction reads an admitted transaction. Error: ErrUnknown.
func (l *Ledger) Transaction(q store.Querier, h wire.Hash) (Record, error) {
	c, ok, err := l.find(q, h)
	if err != nil {
		return Record{}, err
	}
	if !ok {
		return Record{}, ErrUnknown
	}
	ch, _, err := wire.Decode(c.chunk)
	if err != nil {
		return Record{}, err
	}
	ctx, err := seal.ParseContext(ch.Message)
	if err != nil {
		return Record{}, err
	}
	t, err := l.decode(ch)
	return Record{
		Ref: store.Ref{Doc: l.docAt(c.actor, c.epoch, c.part), Seq: ch.Seq, Hash: h}, Feed: c.actor,
		At: ch.Time, Operator: ctx.Name(), Action: ctx.Action, Tx: t,
	}, err
}
