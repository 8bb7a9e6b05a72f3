// Package sim runs whole communities in one goroutine: devices with the
// product's own keys, stores, sessions, admission, ledger and charter, while the
// clock, the randomness, the network and what happens to a disk come from a
// seed. The same seed makes the same world.
//
// It must never hold a rule of the product: what is valid is decided by the
// packages under test, what must hold by oracle.go. Start reading at [Run],
// then world.go (a day), plan.go (what happens), device.go (one device),
// network.go (frames in memory), oracle.go (what must hold). What people and
// offices do: act.go, and places.go, debts.go, benefits.go, budget.go, year.go;
// what they were told of it: account.go.
package sim
