// Package partner keeps what this community has to do with other ones: their
// charters, which letters bring; the points of people who moved here; and the
// monthly statements by which both sides settle what was spent at each other's
// merchants.
//
// Two offices never talk live. A letter is a list of items that prove themselves:
// changes of the sender's charter and of its statements, each under its author's
// seal, and BURNs of people who moved. It always holds all of them, so letters may
// be lost, come twice and in any order. What is new in one is written into the feed
// "abroad/<community>/...", from which every staff device judges it again.
//
// Statements stand in the feed "net/<community>/..." of each side's registrar. One
// covers contiguous ranges of the own ledger feeds, so each amount is in exactly one
// for ever; the other side answers with equal figures or says why not, and who is
// owed says that it was paid. Only then the credit is renewed.
//
// The package must never know a person, a screen or a network. Start reading at
// [Book], then letter.go and judge.go.
package partner
