// Package sync decides what two devices must tell each other so that both end
// up with the same documents: a state machine, bytes in and bytes out. It does
// no I/O but reading the given store and handing what arrives to the caller's
// admission. It must never know a network, a role's meaning or a document's;
// who may read what is the caller's [Policy].
//
// A [Session] is one side of one connection; both sides run the same code.
// What they compare comes in five spaces: the sets `fork` and `incarnation` and
// the `gov` documents first, then the set `vault` and all documents. A space is
// compared in a round (round.go):
//
//	OPEN    the digest of what the other may read; equal: settled
//	BUCKETS 64 short digests; those that differ name the buckets to look into
//	PRINTS  short salted digests of what is in these buckets
//	DOCS    the documents the other lacks or has otherwise, with their vectors
//	CHANGES the missing changes with their seals (for sets: ITEMS)
//	DONE    then OPEN again, to verify
//
// HELLO carries the first OPEN of every space and the BUCKETS of the documents,
// so that one difference in a thousand documents takes two round trips. After
// the first round nothing is said until something is new: a new change goes
// out at once in one CHANGES frame and is answered with an ACK of two bytes.
//
// What is owed to the peer is a set of document ids, not a queue of messages:
// [Session.Next] makes the next frame when the link can take it, from what the
// store holds then. Start reading at [Session].
package sync
