package bench

// sizes are how much each part works through.
type sizes struct {
	redeemStock int // entries in the ledger before the first redemption
	redemptions int // measured; a p99 needs some tens beyond it
	warmUp      int // redemptions before that
	join        int // entries of the cold join
	batch       int // new entries of thousand_entries
	documents   int // documents of thousand_documents
	restart     int // entries in the folder that is opened
}

// full are the sizes that the promised figures are about.
var full = sizes{
	redeemStock: 20_000, redemptions: 3_000, warmUp: 200,
	join: 100_000, batch: 1_000, documents: 1_000, restart: 1_000_000,
}

// quick are enough to see that everything runs: the joined feed has a second
// part.
var quick = sizes{
	redeemStock: 500, redemptions: 100, warmUp: 10,
	join: 6_000, batch: 200, documents: 50, restart: 50_000,
}

const (
	// perActivity is how many awards share a turn: the attendance of one
	// activity.
	perActivity = 40
	// perPerson is how many awards a person gets on average; it decides how
	// wide the projection is.
	perPerson = 50
	// minPersons and maxPersons bound the people: a real community has some
	// thousands.
	minPersons, maxPersons = 100, 10_000
	// perUpdate is how many commands one transaction takes while the data is
	// made: what a fast start costs in memory, and no more.
	perUpdate = 2_000
)
