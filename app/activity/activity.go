// Package activity keeps what people do together and apart: activities with
// their places, sign-up, wait list and attendance, and deeds recorded outside
// of activities.
//
// Records hold facts only: who wants to come, who was seen by whom, when. Who
// has a place, and who got points, is what the ledger says: places are quota
// "slot", confirmed by whoever holds them, points are minted by whoever holds
// the activity's turn. So an activity is never over-booked and a deed is never
// paid twice, however long devices are cut off. [Board.Tend] closes the gap
// between the two: on every device, after every commit and sync, it does what
// this device has the rights to do.
//
// The package must never know a phone number, how the ledger keeps its feeds,
// or which screen asked. Names come from the [Directory] and are only passed
// on. Start reading at record.go (what is written), then [Board].
package activity

// The states of an activity.
const (
	Open      = "open"
	Full      = "full"
	Running   = "running"
	Ended     = "ended"
	Awarded   = "awarded"
	Cancelled = "cancelled"
)

// Row is an activity in lists.
type Row struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Type      string `json:"type"`
	Start     int64  `json:"start"`
	End       int64  `json:"end"`
	Place     string `json:"place"`
	Places    int64  `json:"places"` // 0 = as many as come
	Confirmed int64  `json:"confirmed"`
	Waiting   int64  `json:"waiting"`
	Pending   int64  `json:"pending"` // signed up, not yet met by who holds the places
	Present   int64  `json:"present"`
	State     string `json:"state"`
	Item      string `json:"item"`
}

// The ways of checking in.
const (
	Roll  = "roll"  // ticked on the list
	Card  = "card"  // the organiser scanned the volunteer's card
	QR    = "qr"    // the volunteer scanned the rotating code
	After = "after" // entered from the sign-in sheet
)

// The statuses of an attendee.
const (
	Confirmed = "confirmed"
	Waiting   = "waiting"
	Pending   = "pending"
	WalkIn    = "walkIn"
	SignedOff = "cancelled"
	NoShow    = "noShow"
)

// Attendee is one person of an activity.
type Attendee struct {
	Person    string   `json:"person"`
	Name      string   `json:"name"`
	Masked    string   `json:"masked"`
	PhoneTail string   `json:"phoneTail"`
	Status    string   `json:"status"`
	Rank      int64    `json:"rank"` // place in the order of sign-up, or of the wait list
	SignedAt  int64    `json:"signedAt"`
	InAt      int64    `json:"inAt"`
	OutAt     int64    `json:"outAt"`
	How       string   `json:"how"`
	Scans     int64    `json:"scans"`
	Minutes   int64    `json:"minutes"`
	Points    int64    `json:"points"`
	Awarded   string   `json:"awarded"` // no, onTheWay, booked, undone (paid and taken back: 0 points, never due again)
	Lacks     string   `json:"lacks"`   // why somebody who was there gets no points, "" if they do
	Recorders []string `json:"recorders"`
}

// Why somebody who was there gets no points. Each is mended by an after-entry,
// before or after the end.
const (
	LacksOut  = "out"  // never signed out: counted until the finish, or until now, which is too little
	LacksLate = "late" // seen only after the end, never signed out
	LacksTime = "time" // stayed for less than the item's unit
)

// Counts are check-ins by way.
type Counts struct {
	Roll  int64 `json:"roll"`
	Card  int64 `json:"card"`
	QR    int64 `json:"qr"`
	After int64 `json:"after"`
}

// Activity is everything about one activity.
type Activity struct {
	Row
	Organiser  string     `json:"organiser"`
	Note       string     `json:"note"`
	ItemName   string     `json:"itemName"`
	Points     int64      `json:"points"`
	Minutes    int64      `json:"minutes"`
	Attendees  []Attendee `json:"attendees"`
	Counts     Counts     `json:"counts"`
	IHoldTurn  bool       `json:"iHoldTurn"`
	HomeDevice string     `json:"homeDevice"`
}

// New describes an activity to publish.
type New struct {
	Title     string `json:"title"`
	Type      string `json:"type"`
	Start     int64  `json:"start"`
	End       int64  `json:"end"`
	Place     string `json:"place"`
	Places    int64  `json:"places"`
	Item      string `json:"item"`
	Organiser string `json:"organiser"`
	Note      string `json:"note"`
}

// Fields are the changes of an update; nil leaves a field as it is.
type Fields struct {
	Title     *string `json:"title"`
	Type      *string `json:"type"`
	Start     *int64  `json:"start"`
	End       *int64  `json:"end"`
	Place     *string `json:"place"`
	Places    *int64  `json:"places"`
	Item      *string `json:"item"`
	Organiser *string `json:"organiser"`
	Note      *string `json:"note"`
}

// record is an activity as its row in the projection says.
type record struct {
	ID, Path, Title, Type     string
	Start, End, Places        int64
	Place, Item               string
	Rule                      ruleValue
	Organiser, Home           string // Home: incarnation in hexadecimal
	Secret                    []byte
	Note                      []byte // sealed
	Made, Cancelled, Finished int64  // times, 0 = not
}

// state says where an activity stands; open counts the places that are free,
// open < 0 means without end; unpaid the attendances that wait for points.
func (r record) state(now, open, unpaid int64) string {
	switch {
	case r.Cancelled != 0:
		return Cancelled
	case r.Finished != 0 && unpaid == 0:
		return Awarded
	case r.Finished != 0 || now > r.End:
		return Ended
	case now >= r.Start:
		return Running
	case open == 0:
		return Full
	}
	return Open
}
