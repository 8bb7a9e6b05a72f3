// Package ledger keeps quotas: everything that can run out.
//
// Points, stock, slots, issue budgets, turns and the other kinds are one
// mechanism: rights that incarnations hold, and that change only by entries in
// the holder's own feed (docs/quotas.md). The package encodes transactions,
// judges them, projects them into SQL tables, computes the sum that must hold
// for every quota, and offers the commands and questions that other subjects
// build on.
//
// It must never know a name, a phone, an activity's title or a good's price:
// people and things are 16-byte subjects here. It knows governance through the
// interface [Governance] alone, and no network.
//
// Start reading at [Entry] (what can be written), then [Judge] (when it is
// valid), then [Sum] (what it adds up to), then [Ledger] (commands, queries).
package ledger
