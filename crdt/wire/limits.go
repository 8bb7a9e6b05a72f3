package wire

// Limits of one change. A chunk beyond any of them is refused by Encode and by
// Decode alike, so that no device can write what another will not read.
const (
	// MaxChunk bounds a chunk in bytes, header included. It is four of the
	// greatest values, and small enough that a hundred of them waiting for
	// admission do not matter on an old office PC.
	MaxChunk = 256 << 10

	// MaxOps bounds the operations of a change. The greatest honest change is
	// a sheet of imported rows, which its author can split.
	MaxOps = 4096

	// MaxPreds bounds the predecessors of all operations of a change together:
	// two for every operation of the greatest change. Run lengths make
	// predecessors nearly free to write, so their number needs a limit of its
	// own.
	MaxPreds = 2 * MaxOps

	// MaxKey bounds a key in bytes: a room, a ULID, a field and some recorder
	// ids fit four times over.
	MaxKey = 256

	// MaxValue bounds one value in bytes: one ledger transaction or one long
	// text. Pictures and files do not belong in documents.
	MaxValue = 64 << 10

	// MaxDeps bounds the dependencies: the heads that concurrent devices left
	// for the next author. A community has a few dozen devices.
	MaxDeps = 64

	// MaxActors bounds the distinct actors that a change names, its author
	// included.
	MaxActors = 256

	// MaxMessage bounds the message in bytes: a governance head, an operator
	// and an action's name.
	MaxMessage = 512

	// MaxCounter bounds sequence numbers and operation counters: Automerge
	// keeps counters in 32 bits and aborts beyond.
	MaxCounter = 1<<32 - 1

	// MaxFile bounds what Split returns of one file in bytes, because a
	// deflated chunk may grow a thousandfold.
	MaxFile = 256 << 20
)
