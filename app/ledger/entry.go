package ledger

import (
	"jishan/crdt/wire"
)

// Type numbers the entries. Numbers are never reused.
type Type uint8

// The entries of a ledger feed. CLOSE, SUCCEED, LOSS, YEARCLOSE and YEARFINAL
// stand in the registrar's gov feed and are encoded by app/govern.
const (
	Mint     Type = 1 // makes rights
	Move     Type = 2 // sends rights to another feed
	Take     Type = 3 // receives a MOVE that names this feed, embedded with its seal
	Succeed  Type = 4 // receives one right of a SUCCEED in gov
	Consume  Type = 5 // uses rights up
	Restore  Type = 6 // undoes a CONSUME of an own transaction
	Burn     Type = 7 // ends rights
	Seen     Type = 8 // says how far other feeds are known
	Tally    Type = 9 // statistics only: adds to a person's lifetime or year, makes no right
	lastType      = Tally
)

var typeNames = [...]string{"", "MINT", "MOVE", "TAKE", "TAKE-SUCCEED", "CONSUME", "RESTORE", "BURN", "SEEN", "TALLY"}

// String returns the entry's name as docs/quotas.md spells it.
func (t Type) String() string {
	if int(t) >= len(typeNames) {
		return "?"
	}
	return typeNames[t]
}

// Why is the reason of an entry. Numbers are never reused.
type Why uint8

// The reasons.
const (
	WhyNone       Why = 0
	WhyExpiry     Why = 1  // BURN: the period is closed
	WhyMoved      Why = 2  // BURN: gone to another community, To names the payee; MINT: come from there
	WhyCorrection Why = 3  // BURN: was awarded wrongly
	WhyDeduction  Why = 4  // BURN, MINT of debt: a deduction
	WhyUndo       Why = 5  // BURN: of what the undone transaction minted; Ref names that MINT
	WhyOpening    Why = 6  // MINT: spendable points carried over, counted in no sum but this
	WhyLifetime   Why = 7  // TALLY: adds to lifetime points
	WhyYear       Why = 8  // TALLY: adds to the period's earned points
	WhyCount      Why = 9  // BURN, MINT of stock: a count or loss of goods
	WhyBack       Why = 10 // TALLY: takes back what the TALLY that Ref names added
	WhyCollect    Why = 11 // BURN of points and of debt: income that pays a debt
	WhyReturn     Why = 12 // RESTORE: what the deduction, or the collection, that Ref names burned comes back
	WhyRecall     Why = 13 // BURN, MINT of debt: takes back the MINT that Ref names, of which not all is there
	WhyFine       Why = 14 // BURN, MINT of debt: a deduction for a deed, whose key is used once
	lastWhy           = WhyFine
)

// Deed says for what points are minted: a key is used once in its turn's
// chain. Records of deeds live in other subjects.
type Deed struct {
	Turn Subject // the turn that must be held
	Key  Subject
}

// Ref names an entry of an earlier transaction.
type Ref struct {
	Hash  wire.Hash
	Index uint32
}

// Entry is one line of a transaction. Which fields an entry type uses is
// stated with each; the others must be zero.
type Entry struct {
	Type   Type
	Quota  Quota // all but Seen
	Amount int64 // all but Seen; 1 to MaxAmount

	To   Feed // Move, Burn(WhyMoved): the payee. The community is only written when it is another one
	Head Tip  // Move, Burn(WhyMoved): the payee's feed as far as the payer knows it

	Deed    Deed   // Mint, Tally, Burn(WhyFine)
	Item    string // Mint, Tally, Burn: code of the scheme's item
	Version uint32 // Mint, Tally, Burn: the scheme's version under which it was made

	Evidence int    // Take, Mint(WhyMoved): 1 + index into Tx.Evidence
	Index    uint32 // Take, Mint(WhyMoved): the entry inside that evidence
	Ref      Ref    // Restore: the CONSUME, or the BURN (WhyReturn); Burn(WhyUndo, WhyRecall), Mint(WhyRecall): the MINT; Tally(WhyBack): the TALLY

	From  wire.Actor // Succeed: the closed feed's incarnation
	Order Subject    // Consume: for whom or what, a person or receipt id
	Why   Why
	Note  string // short; never anything personal
	Tips  []Seenness
}

// Seenness is how far another feed of the community is known.
type Seenness struct {
	Incarnation wire.Actor
	Tip         Tip
}

// Part opens a feed part after the first: it ties the part to the one before.
type Part struct {
	PrevSeq  uint64    // seq of the last change of the part before: always PartSize
	PrevHash wire.Hash // its hash
	Number   uint64    // transactions of the feed before this one
}

// Tx is one transaction: all its entries count, or none.
type Tx struct {
	Part     *Part // only in the first change of a part > 1
	Entries  []Entry
	Evidence []Evidence
}

// PartSize is the number of changes in a feed part. Automerge loads a document
// whose first change has seq 4,097 but can't save it again (design section 3),
// so parts are documents of their own, each starting at seq 1.
const PartSize = 4096

// Limits of a transaction. The greatest honest one empties the accounts of one
// person over many periods for many goods.
const (
	// MaxAmount keeps every sum of the 2^20 greatest entries inside int64.
	MaxAmount = 1 << 40
	// MaxEntries bounds entries per transaction: forty goods, their undo, and
	// room; small enough that judging may look at all pairs.
	MaxEntries = 256
	// MaxEvidence bounds the embedded MOVE changes of a transaction.
	MaxEvidence = 16
	// MaxTail bounds the changes between an embedded one and the next seal of
	// its part: seals come at least every 64 changes.
	MaxTail = 63
	// MaxEmbedded bounds one embedded change in bytes. A MOVE that rides on a
	// TAKE holds that TAKE's evidence; three such hops fit.
	MaxEmbedded = 16 << 10
	// MaxValue bounds an encoded transaction, below wire.MaxValue.
	MaxValue = 48 << 10
	// MaxItem bounds an item code in bytes.
	MaxItem = 32
	// MaxNote bounds a note in bytes: forty Chinese characters.
	MaxNote = 120
	// MaxPeriod bounds a period in bytes.
	MaxPeriod = 16
	// MaxTips bounds the feeds in one SEEN: the devices of a community.
	MaxTips = 256
)

// Evidence is a change of another feed as its author sealed it: what a TAKE
// embeds, and what a voucher carries. It needs the author's certificate, which
// the actor inside the chunk names.
type Evidence struct {
	Epoch uint64       // of the document it stands in
	Part  uint64       // of the feed
	Chunk wire.Chunk   // the change with the MOVE
	Tail  []wire.Chunk // the changes up to the sealed one, if Chunk has no seal of its own
	Seal  [64]byte     // over Chunk, or over the last of Tail
}
