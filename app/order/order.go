// Package order keeps what residents wish for and who does it: the five orders
// 点单, 派单, 接单, 评单 and 兑单, the library of service projects, the teams that
// take orders, and the tallies of paper surveys.
//
// Records hold facts only: who asked, to whom it was given, what was answered.
// Where an order stands is derived from them, and how long it took from the
// times of the changes themselves, which their authors sealed: nobody types
// them. Two dispatchers who were cut off from each other write one field; the
// greater operation id is in force, the other one is kept and shown until
// somebody settles it. Points are the ledger's business: [Desk.Tend] pays what
// was reviewed, once for each order and person.
//
// What a resident says is sealed under that person's key. A merchant holds a
// document of its own with what it needs for the orders given to it, and
// nothing else. The package must never know how names are kept, how the ledger
// keeps its feeds, or which screen asked. Start reading at record.go, then
// [Desk.Post].
package order

// The states of an order, which are the columns of the board.
const (
	Posted    = "posted"  // nobody has it: new, declined, or taken back
	Offered   = "offered" // given to somebody who has not answered
	Serving   = "serving" // accepted
	Served    = "served"  // done, not reviewed
	Closed    = "closed"  // reviewed, or nobody reviewed it in time
	Cancelled = "cancelled"
)

// The ways a wish reaches us.
const (
	ViaPage  = "page"  // the resident's own phone
	ViaDesk  = "desk"  // said at a station
	ViaCall  = "call"  // by telephone to the office
	ViaPaper = "paper" // on a survey form
	ViaGrid  = "grid"  // a grid worker brought it
)

// Who may be given an order.
const (
	ToPerson   = "person"
	ToTeam     = "team"
	ToMerchant = "merchant"
)

// The ways of a review.
const (
	ByPage     = "page"     // the resident, on the phone
	ByDesk     = "desk"     // the resident, at a station
	ByCallback = "callback" // staff asked by telephone; shown as such
	ByTimeout  = "timeout"  // nobody said anything
)

// Row is an order in lists.
type Row struct {
	ID          string `json:"id"`
	State       string `json:"state"`
	Type        string `json:"type"`
	Project     string `json:"project"` // id, "" for a wish of its own
	ProjectName string `json:"projectName"`
	Person      string `json:"person"`
	Name        string `json:"name"`
	Masked      string `json:"masked"`
	Grid        string `json:"grid"`
	Text        string `json:"text"`
	Via         string `json:"via"`
	Made        int64  `json:"made"` // this and the following: times of signed changes, 0 = not yet
	OfferedAt   int64  `json:"offeredAt"`
	ContactAt   int64  `json:"contactAt"` // the first answer that reached the resident: a reply or an acceptance
	DoneAt      int64  `json:"doneAt"`
	ReviewedAt  int64  `json:"reviewedAt"`
	Party       Party  `json:"party"`
	Declined    int64  `json:"declined"` // times
	Stars       int64  `json:"stars"`
	ReviewVia   string `json:"reviewVia"`
	Clash       bool   `json:"clash"` // dispatched twice by devices that were apart
}

// Party is who an order is given to.
type Party struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Offer is one dispatch of an order.
type Offer struct {
	ID       string `json:"id"`
	Party    Party  `json:"party"`
	At       int64  `json:"at"`
	Device   string `json:"device"`
	Operator string `json:"operator"`
	Here     bool   `json:"here"` // written at this device
}

// Step is one line of an order's history.
type Step struct {
	At       int64  `json:"at"`
	Kind     string `json:"kind"` // post, offer, accept, decline, reply, done, review, cancel, settle
	Device   string `json:"device"`
	Operator string `json:"operator"`
	Name     string `json:"name"`  // of the party
	Text     string `json:"text"`  // of a reply or a review
	Code     string `json:"code"`  // a reason, or a way
	Stars    int64  `json:"stars"` // of a review
	Minutes  int64  `json:"minutes"`
}

// Helper is somebody who served, and what it is worth to them.
type Helper struct {
	Person  string `json:"person"`
	Name    string `json:"name"`
	Points  int64  `json:"points"`
	Awarded string `json:"awarded"` // no, onTheWay, booked
}

// Order is everything about one order.
type Order struct {
	Row
	Address  string   `json:"address"`
	Phone    string   `json:"phone"`
	By       string   `json:"by"`    // who wrote it down
	Offer    string   `json:"offer"` // id of the dispatch in force
	Item     string   `json:"item"`
	ItemName string   `json:"itemName"`
	Minutes  int64    `json:"minutes"`
	Praise   string   `json:"praise"`
	Why      string   `json:"why"` // of a cancelled one
	Helpers  []Helper `json:"helpers"`
	History  []Step   `json:"history"`
	Rivals   []Offer  `json:"rivals"` // dispatches that are not in force
	Lost     bool     `json:"lost"`   // one of them is this device's
}

// Job is an order as the merchant it was given to sees it.
type Job struct {
	ID        string `json:"id"`
	Offer     string `json:"offer"`
	State     string `json:"state"` // offered, serving, served, closed, declined, withdrawn
	Type      string `json:"type"`
	Project   string `json:"project"`
	Masked    string `json:"masked"`
	Text      string `json:"text"`
	Address   string `json:"address"`
	Phone     string `json:"phone"`
	Locked    bool   `json:"locked"` // sealed to the devices that stood here when it was given
	Made      int64  `json:"made"`
	OfferedAt int64  `json:"offeredAt"`
	AnswerAt  int64  `json:"answerAt"`
	DoneAt    int64  `json:"doneAt"`
	Stars     int64  `json:"stars"`
	Replies   []Step `json:"replies"`
}

// How long things should take, in milliseconds (A38: 不到半个小时联系, 没用1个小时修好).
const (
	ContactAim = 30 * 60_000
	DoneAim    = 60 * 60_000
)
