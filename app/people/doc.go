// Package people keeps the community's volunteers and households: register,
// find, change, group, import from a roster, print cards.
//
// What identifies a person is encrypted from the first day. A value names the
// key it was made with; keys are drawn per person, wrapped under the community
// key, and travel in the vault, beside the documents and never inside them, so
// that destroying a key destroys the value on every device. Readable values
// exist in memory only, in the [Directory].
//
// Package people must never know points beyond what package ledger tells it,
// and must never give a merchant's device anything but a masked name.
//
// Start reading at [Fields] (what is kept), then identity.go (who is the same
// person), cipher.go (how values are sealed), then [People].
package people
