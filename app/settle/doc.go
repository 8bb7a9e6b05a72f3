// Package settle says what the community owes a merchant for the points that
// were redeemed there, and that it was paid.
//
// A merchant is a place whose devices are tills. What is owed stands in a feed
// of the registrar's, "settle/<place>/<incarnation>/<term>-<yyyy>", which staff and
// that merchant read. A settlement names ranges of the merchant's own feeds,
// each beginning where the one before it ended, so that every redemption is paid
// once for ever: what arrives late lies in the next range, what is reversed is
// deducted in the batch whose range holds the reversal, at what had been paid
// for it. Nothing is undone: the next settlement corrects.
//
// Money is in fen, an integer; points are worth what the community's setting,
// or the terms agreed with that merchant, said when the settlement was made,
// and every settlement keeps its own peg.
//
// The package must never know who redeemed, what was handed out, or a screen.
// What two communities owe each other is the matter of package partner. Start
// reading at [Book.Make], then judge.go.
package settle
