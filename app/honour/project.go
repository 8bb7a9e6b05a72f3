package honour

import (
	_ "embed" // the schema
	"errors"
	"strings"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

//go:embed schema.sql
var schema string

// Name, Version, Schema, Wants and Apply make Honour a store.Projector.
func (h *Honour) Name() string { return "honour" }

// Version is raised when rows change their meaning.
func (h *Honour) Version() int { return 3 }

// Schema is schema.sql.
func (h *Honour) Schema() string { return schema }

// Wants says whether doc holds ledger entries.
func (h *Honour) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "feed/")
}

// errForm is of a change that admission should have refused.
var errForm = errors.New("honour: malformed")

// Apply brings the rows up to date with one transaction. Only those of its own
// actions are read: awards of points are most of a feed.
func (h *Honour) Apply(tx *store.Tx, ev store.Event) error {
	switch ev.Context.Action {
	case actionAward, actionUse, "ledger.rewrite":
	default:
		return nil
	}
	if len(ev.Change.Ops) != 1 {
		return errForm
	}
	t, err := ledger.Decode([]byte(ev.Change.Ops[0].Value.Raw), h.Ledger.Community())
	if err != nil {
		return err
	}
	for _, e := range t.Entries {
		if err := applyEntry(tx, ev, &e); err != nil {
			return err
		}
	}
	return nil
}

// ApplyBranch implements store.BranchProjector: what another history of a feed gave or
// used was given or used, too. Whether it was undone is the ledger's to say.
func (h *Honour) ApplyBranch(tx *store.Tx, ev store.Event) error { return h.Apply(tx, ev) }

func applyEntry(tx *store.Tx, ev store.Event, e *ledger.Entry) error {
	level, isLevel := strings.CutPrefix(e.Item, itemLevel)
	var err error
	switch {
	case e.Type == ledger.Mint && e.Quota.Kind == ledger.Benefit && isLevel:
		_, err = tx.Exec(`INSERT INTO honour_award (hash, level, period, person, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			ev.Hash[:], level, e.Quota.Period, e.Quota.Subject[:], ev.Change.Time)
	case e.Type == ledger.Consume && e.Quota.Kind == ledger.Benefit:
		_, err = tx.Exec(`INSERT INTO honour_use (hash, doc, seq, actor, at, person, subject, n, operator) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT(hash) DO UPDATE SET n = n + excluded.n`,
			ev.Hash[:], string(ev.Doc), int64(ev.Change.Seq), ev.Change.Actor[:], ev.Change.Time, e.Order[:], e.Quota.Subject[:], e.Amount, ev.Context.Name())
	}
	return err
}
