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
//
// What is written:
//   - quota.go, entry.go: quotas, feeds, entries, limits
//   - form.go: which fields an entry has
//   - encode.go, append.go, parse.go: CBOR, strict, and its fast ways
//   - evidence.go: embedded changes and their seals
//
// What is valid, and what it does:
//   - judge.go, judge_make.go, judge_take.go, judge_undo.go: [Judge], no I/O
//   - judge_minus.go: the same of deductions and recalls, and how they come back
//   - govern.go: what is asked of governance, under a named head
//   - effects.go: what a valid transaction changes, the same for maps and SQL
//   - account.go: [Sum] over any set of transactions, forks and closes included
//
// Rows and their keeping:
//   - ledger.go: [Ledger], writing and admitting transactions
//   - book.go, state.go, deeds.go: rows of the open transaction, kept back until the commit
//   - project.go, schema.sql: which rows an admitted transaction makes
//   - stored.go: changes read back from the store
//   - closing.go, late.go: what CLOSE, SUCCEED and what lies beyond a cut change about rows
//   - forks.go, loss.go: histories of a forked feed; who caused which loss
//   - lineage.go: a branch's past, for judging what follows in it
//   - heritage.go: what of a closed feed counts and its successor may undo, whichever branch came first
//   - sound.go: checksums of rows, and what happens to a damaged one
//
// Commands:
//   - award.go, move.go, shop.go: points for deeds, rights that move, redemption
//   - turn.go: turns that were sent on beyond a cut
//   - voucher.go, deliver.go: vouchers that wait to be shown; those that others wait for
//   - request.go: what staff ask of a feed that only this feed can do
//   - kept.go: points that this device keeps back for an order
//   - abroad.go: people who move to another community or come from one
//   - credit.go: what merchants of other communities, guests here, may redeem
//   - minus.go: deductions, and the opposite of any entry of this feed
//   - correctable.go: of which transactions an opposite can be asked for
//   - debt.go: what is owed, and its collection
//   - benefit.go: things given free of points
//   - year.go: cohorts, what a close leaves out, the common issue budget
//   - estate.go: what becomes of a closed feed's rights
//   - again.go: writing again what stood behind an invalid entry of this device's own
//   - sold.go: what was handed over beyond a cut, sale by sale
//   - together.go: several subjects that are one person
//   - policy.go: where rights lie and who asks whom; decides no validity
//   - caution.go: how much is handed out after a start until others have shown this feed
//
// Questions: query.go, lines.go (a person's history), span.go (what everybody earned in
// a time), totals.go.
package ledger
