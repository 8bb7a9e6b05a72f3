// Package audit lists who did what on which device under which rule, over all
// documents of the community and this device's log of who looked at whom.
//
// It keeps an index of changes and no contents: pseudonyms, actions, numbers. It
// must never know a name of a resident, open a sealed text, or decide anything.
// Start reading at [Book.Apply], then [Book.List].
package audit

import (
	_ "embed" // the schema
	"strings"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// The kinds of rows, for filters.
const (
	Award    = "award"
	Deduct   = "deduct"
	Correct  = "correct"
	Redeem   = "redeem"
	Stock    = "stock"
	Rights   = "rights" // moved between devices by themselves
	People   = "people"
	Erase    = "erase" // and its receipts
	Decide   = "decide"
	Activity = "activity"
	Order    = "order"
	Shop     = "shop"
	Scheme   = "scheme"
	Govern   = "govern" // certificates, roles, policy
	Operator = "operator"
	Settle   = "settle"
	Paper    = "paper" // reports, certificates of service, credit lines
	View     = "view"
	Export   = "export"
)

// Kinds lists them all, in the order of a filter.
var Kinds = []string{Award, Deduct, Correct, Redeem, Stock, People, View, Export, Erase, Decide, Activity, Order, Shop, Scheme, Govern, Operator, Settle, Paper, Rights}

// Book is the index. It is a projector of the store.
type Book struct{ community string }

// New returns the index of one community's documents.
func New(community string) *Book { return &Book{community} }

// Name implements store.Projector.
func (b *Book) Name() string { return "audit" }

// Version implements store.Projector.
func (b *Book) Version() int { return 1 }

// Schema implements store.Projector.
func (b *Book) Schema() string { return schema }

// Wants implements store.Projector: everything of the community.
func (b *Book) Wants(doc store.DocID) bool {
	p, err := govern.ParsePath(doc)
	return err == nil && p.Community == b.community
}

// row is a change on its way into the table.
type row struct {
	kind, item string
	version    int64
	points     int64
	ids        map[string]bool
}

// Apply implements store.Projector. What it can't read is listed all the same:
// admission has judged it.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	p, err := govern.ParsePath(ev.Doc)
	if err != nil {
		return err
	}
	r := row{kind: docKinds[p.Row.Doc], ids: map[string]bool{}}
	if p.Row.Doc == "feed" {
		if err := r.entries(ev, b.community); err != nil {
			return err
		}
	} else {
		r.records(ev)
	}
	ch := ev.Change
	if _, err := tx.Exec(`INSERT OR IGNORE INTO audit_row (at, hash, actor, doc, operator, action, kind, item, version, points, law) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		ch.Time, ev.Hash[:], ch.Actor[:], string(ev.Doc), ev.Context.Name(), strings.TrimSuffix(ev.Context.Action, "!"), r.kind, r.item, r.version, r.points, law(ev)); err != nil {
		return err
	}
	for id := range r.ids {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO audit_who (id, at, hash) VALUES (?, ?, ?)`, id, ch.Time, ev.Hash[:]); err != nil {
			return err
		}
	}
	return nil
}

// ApplyBranch implements store.BranchProjector: what stands in another history of a
// feed was done, too.
func (b *Book) ApplyBranch(tx *store.Tx, ev store.Event) error { return b.Apply(tx, ev) }

// Whole implements store.WholeProjector: what does not count was done all the same.
func (b *Book) Whole() {}

// docKinds is what changes of a document are, where no record says more.
var docKinds = map[string]string{
	"gov": Govern, "people": People, "card": People, govern.OperatorDoc: Operator, "request": Redeem, "scheme": Scheme, "activity": Activity, "catalog": Shop,
	"order": Order, "settle": Settle, "net": Settle, "abroad": Settle, "report": Paper, "hours": Paper, "assess": Decide, "selection": Decide, "publicity": Paper, "board": Paper, "duty": Activity, "bylaw": Shop, "fund": Settle, "feed": Rights,
}

// recordKinds is what a change of people is by the first word of its keys.
var recordKinds = map[string]string{"claim": Decide, "correction": Correct, "credit": Paper, "receipt": Erase, "newcomer": People}

// idLength is that of an id of a person, an activity, an order.
const idLength = 26

// records reads what a change of records is about.
func (r *row) records(ev store.Event) {
	for _, op := range ev.Change.Ops {
		parts := strings.Split(op.Key, "/")
		if k, ok := recordKinds[parts[0]]; ok {
			r.kind = k
		}
		for _, part := range parts {
			r.name(part)
		}
		if op.Value.Kind == wire.String {
			r.name(op.Value.Raw)
		}
	}
	if strings.HasSuffix(ev.Context.Action, ".erase") {
		r.kind = Erase
	}
}

// name notes an id: 26 letters and digits.
func (r *row) name(s string) {
	if len(s) == idLength && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		r.ids[s] = true
	}
}

// law names the entry of the charter under which a change was made.
func law(ev store.Event) string {
	return itoa(ev.Context.Term) + "." + itoa(ev.Context.Seq)
}

// entries reads what a transaction of the ledger is about.
func (r *row) entries(ev store.Event, community string) error {
	subject, err := ledger.ParseSubject(community)
	if err != nil || len(ev.Change.Ops) != 1 {
		return err
	}
	t, err := ledger.Decode([]byte(ev.Change.Ops[0].Value.Raw), subject)
	if err != nil {
		return err
	}
	for i := range t.Entries {
		r.entry(&t.Entries[i])
	}
	return nil
}
