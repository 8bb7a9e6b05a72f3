package node

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"sync"
	"time"

	"jishan/app/activity"
	"jishan/app/assess"
	"jishan/app/fault"
	"jishan/app/honour"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// guests are the residents signed in on phones. Who is signed in outlives a
// restart (local_session), and so do the tries (local_try); the requests that
// were carried out do not.
type guests struct {
	mu      sync.Mutex
	tokens  map[tokenHash]guest
	repeats repeats
}

// tokenHash is all that is kept of a token: whoever reads the database can't
// sign in with it.
type tokenHash [sha256.Size]byte

// hashOf binds a token to the page for which it was made: elsewhere it is worth
// nothing.
func hashOf(page, token string) tokenHash { return sha256.Sum256([]byte(page + token)) }

// guest is a session. It belongs to the card by which it was opened: with the
// card it ends.
type guest struct {
	person people.ID
	until  int64
	card   string // its code
}

// Limits of the phone pages.
const (
	guestLife = 12 * time.Hour
	maxGuests = 5000
	// maxTries wrong phone tails within tryTime lock a card's sign-in. That lets
	// 240 a day be tried, so who holds a card's code and keeps at it has all
	// 10,000 tails after six weeks: a slow lock, no wall. More would lock out the
	// card's owner for a stranger's tries; what a phone may do is bounded beside
	// (voucherphone.go).
	maxTries = 5
	tryTime  = 30 * time.Minute
)

func (g *guests) init() {
	g.tokens = map[tokenHash]guest{}
	g.repeats.init()
}

func (n *Node) phoneUseCases() map[string]handler {
	calls := map[string]handler{
		"phone.hello":  in(n, (*community).phoneHello),
		"phone.signIn": in(n, (*community).phoneSignIn),
		"phone.me": phoneCall(n, func(c *community, ctx context.Context, p people.ID, _ tokenRequest) (phoneMe, error) {
			return c.phoneMe(ctx, p)
		}),
		"phone.passbook":   phoneCall(n, (*community).phonePassbook),
		"phone.activities": in(n, (*community).phoneActivities),
		"phone.activity":   in(n, (*community).phoneActivity),
		"phone.board":      in(n, (*community).phoneBoard),
		"phone.signUp":     phoneCall(n, (*community).phoneSignUp),
		"phone.signOff":    phoneCall(n, (*community).phoneSignOff),
		"phone.checkIn":    phoneCall(n, (*community).phoneCheckIn),
		"phone.tills":      phoneCall(n, (*community).phoneTills),
		"phone.voucher":    phoneCall(n, (*community).phoneVoucher),
		"phone.vouchers":   phoneCall(n, (*community).phoneVouchers),
		"phone.recall":     phoneCall(n, (*community).phoneRecall),
		"phone.pass":       phoneCall(n, (*community).phonePass),
	}
	maps.Copy(calls, n.phoneClaimCalls())
	maps.Copy(calls, n.phoneOrderCalls())
	maps.Copy(calls, n.phoneMallCalls())
	maps.Copy(calls, n.phonePhotoCalls())
	maps.Copy(calls, n.phoneRankingCalls())
	maps.Copy(calls, n.phoneHouseholdCalls())
	maps.Copy(calls, n.phoneRoundCalls())
	maps.Copy(calls, n.phoneSelectionCalls())
	maps.Copy(calls, n.phoneProposalCalls())
	maps.Copy(calls, n.phoneNewcomerCalls())
	return calls
}

// tokenHolder is a request that names its guest.
type tokenHolder interface{ token() string }

type tokenRequest struct {
	Token string `json:"token"`
}

func (t tokenRequest) token() string { return t.Token }

func phoneCall[Req tokenHolder, Res any](n *Node, f func(*community, context.Context, people.ID, Req) (Res, error)) handler {
	return in(n, func(c *community, ctx context.Context, r Req) (Res, error) {
		var zero Res
		x, ok := n.guests.who(pageOf(ctx), r.token(), n.now())
		if ok {
			var err error
			if ok, err = c.cardStands(ctx, x); err != nil {
				return zero, err
			}
		}
		if !ok {
			return zero, fault.New("phone.signIn")
		}
		return f(c, ctx, x.person, r)
	})
}

// cardStands tells whether the card that opened a session is still the
// person's: a lost or replaced one shows nothing more.
func (c *community) cardStands(ctx context.Context, x guest) (bool, error) {
	found, err := c.people.Briefs(ctx, x.person)
	b, ok := found[x.person]
	return ok && !b.Blocked && b.Code == x.card, err
}

func (g *guests) who(page, token string, now int64) (guest, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	x, ok := g.tokens[hashOf(page, token)]
	return x, ok && token != "" && x.until > now
}

// add notes a session and returns the one that went to make room for it, if
// there was none left: the one that would have ended first.
func (g *guests) add(h tokenHash, x guest, now int64) (gone []tokenHash) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.tokens) >= maxGuests {
		first, ends := tokenHash{}, x.until
		for k, y := range g.tokens {
			if y.until <= now {
				gone = append(gone, k)
			} else if y.until <= ends {
				first, ends = k, y.until
			}
		}
		if len(gone) == 0 {
			gone = append(gone, first)
		}
		for _, k := range gone {
			delete(g.tokens, k)
		}
	}
	g.tokens[h] = x
	return gone
}

// admitGuest opens a session for a person and returns its token.
func (c *community) admitGuest(ctx context.Context, p people.ID, card string) (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	token, now := hex.EncodeToString(b[:]), c.node.now()
	h, x := hashOf(pageOf(ctx), token), guest{p, now + guestLife.Milliseconds(), card}
	gone := c.node.guests.add(h, x, now)
	err := c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for _, k := range gone {
			if _, err := tx.Exec(`DELETE FROM local_session WHERE hash = ?`, k[:]); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO local_session (hash, person, until, card) VALUES (?, ?, ?, ?)`, h[:], x.person[:], x.until, x.card)
		return err
	})
	return token, err
}

// loadGuests reads the sessions from before the last stop and forgets those
// that are over.
func (c *community) loadGuests(ctx context.Context) error {
	now := c.node.now()
	err := c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM local_session WHERE until <= ?`, now)
		return err
	})
	if err != nil {
		return err
	}
	return c.view(ctx, func(q store.Querier) error {
		rows, err := q.Query(`SELECT hash, person, until, card FROM local_session LIMIT ?`, maxGuests)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h, id []byte
			var x guest
			if err := rows.Scan(&h, &id, &x.until, &x.card); err != nil {
				return err
			}
			if len(h) == sha256.Size && len(id) == len(x.person) {
				x.person = people.ID(id)
				c.node.guests.add(tokenHash(h), x, now)
			}
		}
		return rows.Err()
	})
}

// countTail notes a try to sign in with a card before it is made, so that
// neither several at a time nor a restart give more of them. It returns the
// try's number. Fault: phone.locked{minutes}.
func (c *community) countTail(ctx context.Context, p people.ID) (try int64, err error) {
	now := c.node.now()
	err = c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		// What lies ahead is from before the clock was put back: it locks nobody out for longer.
		if _, err := tx.Exec(`DELETE FROM local_try WHERE at <= ? OR at > ?`, now-tryTime.Milliseconds(), now); err != nil {
			return err
		}
		tries := 0
		if err := tx.QueryRow(`SELECT count(*) FROM local_try WHERE person = ?`, p[:]).Scan(&tries); err != nil {
			return err
		}
		if tries >= maxTries {
			return fault.New("phone.locked", "minutes", int(tryTime.Minutes()))
		}
		r, err := tx.Exec(`INSERT INTO local_try (person, at) VALUES (?, ?)`, p[:], now)
		if err != nil {
			return err
		}
		try, err = r.LastInsertId()
		return err
	})
	return try, err
}

// rightTail takes a try back that was right; wrong ones before it stay.
func (c *community) rightTail(ctx context.Context, try int64) error {
	return c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM local_try WHERE n = ?`, try)
		return err
	})
}

type phoneHelloReply struct {
	Community string `json:"community"`
	Place     string `json:"place"`
	Clock     int64  `json:"clock"`
	Apply     bool   `json:"apply"` // who has no card may apply for registration here
}

func (c *community) phoneHello(context.Context, none) (phoneHelloReply, error) {
	d, _ := c.self()
	return phoneHelloReply{c.charter.Settings().Name, d.PlaceName, c.node.now(), d.Role.Staff() && c.appliesOnPhones()}, nil
}

type phoneSignInRequest struct {
	Code string `json:"code"`
	Tail string `json:"tail"`
}

type phoneSignInReply struct {
	Token string  `json:"token"`
	Me    phoneMe `json:"me"`
}

// phoneSignIn knows a resident by the printed card and the last four digits of
// the phone or ID number. Every refusal is the same, so that nobody learns
// which half was right.
func (c *community) phoneSignIn(ctx context.Context, r phoneSignInRequest) (phoneSignInReply, error) {
	wrong := fault.New("phone.wrong")
	f, err := c.people.Resolve(ctx, r.Code)
	if err != nil {
		if _, ok := errors.AsType[*fault.Fault](err); ok {
			return phoneSignInReply{}, wrong
		}
		return phoneSignInReply{}, err
	}
	try, err := c.countTail(ctx, f.Person)
	if err != nil {
		return phoneSignInReply{}, err
	}
	list, err := c.people.Briefs(ctx, f.Person)
	if err != nil {
		return phoneSignInReply{}, err
	}
	b, ok := list[f.Person]
	if !ok || f.Validity != people.CardOK || !tailOf(b, r.Tail) {
		return phoneSignInReply{}, wrong
	}
	if err := c.rightTail(ctx, try); err != nil {
		return phoneSignInReply{}, err
	}
	me, err := c.phoneMe(ctx, f.Person)
	if err != nil {
		return phoneSignInReply{}, err
	}
	token, err := c.admitGuest(ctx, f.Person, f.Code)
	return phoneSignInReply{token, me}, err
}

func tailOf(b people.Brief, tail string) bool {
	if len(tail) != 4 {
		return false
	}
	ends := func(s string) bool { return len(s) >= 4 && s[len(s)-4:] == tail }
	return ends(b.Phone) || ends(b.IDNumber)
}

type phoneMe struct {
	Person    string `json:"person"`
	Masked    string `json:"masked"`
	Code      string `json:"code"`
	Lifetime  int64  `json:"lifetime"`
	Year      int64  `json:"year"`
	Spendable int64  `json:"spendable"`
	Vouchers  int64  `json:"vouchers"`
	OnTheWay  int64  `json:"onTheWay"`
	Debt      int64  `json:"debt"`
	Sessions  int64  `json:"sessions"`
	Community string `json:"community"`
	Clock     int64  `json:"clock"`
	CardSVG   string `json:"cardSvg"` // the card's QR, as it is printed

	Honour  honour.Standing `json:"honour"`
	Ranking bool            `json:"ranking"` // there is a ranking that phones may show
	Votes   int             `json:"votes"`   // selections in which phones may vote
	Rounds  int             `json:"rounds"`  // assessments of the household that stand in public or did
	Object  int             `json:"object"`  // and to how many of them it may object now
	Family  int             `json:"family"`  // members of the household who see each other's points here; 0 = none
}

func (c *community) phoneMe(ctx context.Context, p people.ID) (phoneMe, error) {
	rows, err := c.people.Rows(ctx, []people.ID{p})
	if err == nil && len(rows) == 0 {
		err = fault.New("people.unknown")
	}
	if err != nil {
		return phoneMe{}, err
	}
	r := rows[0]
	me := phoneMe{Person: r.ID, Masked: r.Masked, Code: r.Code, Lifetime: r.Lifetime, Year: r.Year, Spendable: r.Spendable, Vouchers: r.Vouchers, OnTheWay: r.OnTheWay, Debt: r.Debt,
		Community: c.charter.Settings().Name, Clock: c.node.now(), Ranking: c.rankingLevel() == rankPhone}
	if me.CardSVG, err = c.cardSVG(ctx, r.ID); err != nil {
		return phoneMe{}, err
	}
	now := zone.In(me.Clock)
	first := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, zone.China)
	err = c.view(ctx, func(q store.Querier) (err error) {
		me.Sessions, err = c.activity.Sessions(q, r.ID, first.UnixMilli(), first.AddDate(1, 0, 0).UnixMilli())
		if err == nil {
			me.Honour, err = c.standingOf(q, p)
		}
		if err == nil {
			open, e := c.votesOnPhones(q)
			me.Votes, err = len(open), e
		}
		if err == nil {
			_, list, e := c.roundsOf(q, p)
			for _, r := range list {
				if me.Rounds++; r.State(me.Clock) == assess.Published {
					me.Object++
				}
			}
			err = e
		}
		if err == nil {
			family, _, e := c.sharing(q, p)
			me.Family, err = len(family), e
		}
		return err
	})
	return me, err
}

type phonePassbookRequest struct {
	tokenRequest
	Offset int `json:"offset"`
	Limit  int `json:"limit"`
}

func (c *community) phonePassbook(ctx context.Context, p people.ID, r phonePassbookRequest) (passbookReply, error) {
	out, err := c.passbook(ctx, passbookRequest{p.String(), r.Offset, r.Limit})
	for i := range out.Lines {
		out.Lines[i] = ownOnPhone(out.Lines[i])
	}
	return out, err
}

// ownOnPhone is a line of the own book: who recorded it is the desk's business.
func ownOnPhone(l lineReply) lineReply {
	l.Operator, l.Witness, l.Correct = "", "", false
	l.Text, l.Reason = people.Plain(l.Text), people.Plain(l.Reason)
	return l
}

type phoneActivityReply struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Type      string `json:"type"`
	Start     int64  `json:"start"`
	End       int64  `json:"end"`
	Place     string `json:"place"`
	Organiser string `json:"organiser"`
	Note      string `json:"note"`
	Places    int64  `json:"places"`
	Confirmed int64  `json:"confirmed"`
	Pending   int64  `json:"pending"` // there is a place for them, and the device that has it did not give it yet
	Waiting   int64  `json:"waiting"`
	State     string `json:"state"`
	ItemName  string `json:"itemName"`
	Points    int64  `json:"points"`
	Minutes   int64  `json:"minutes"`
	Mine      string `json:"mine"`
	Rank      int64  `json:"rank"`
	InAt      int64  `json:"inAt"`
	OutAt     int64  `json:"outAt"`
}

// forPhone leaves out everybody but the asker.
func forPhone(a activity.Activity, me string) phoneActivityReply {
	r := phoneActivityReply{ID: a.ID, Title: a.Title, Type: a.Type, Start: a.Start, End: a.End, Place: a.Place, Organiser: people.Mask(a.Organiser), Note: people.Plain(a.Note),
		Places: a.Places, Confirmed: a.Confirmed, Pending: a.Pending, Waiting: a.Waiting, State: a.State, ItemName: a.ItemName,
		Points: a.Points, Minutes: a.Minutes}
	for _, x := range a.Attendees {
		if x.Person == me && me != "" {
			r.Mine, r.Rank, r.InAt, r.OutAt = x.Status, x.Rank, x.InAt, x.OutAt
		}
	}
	return r
}

type phoneActivitiesReply struct {
	Rows []phoneActivityReply `json:"rows"`
}

// phoneAhead is how far the list on a phone looks back and ahead.
const (
	phoneBack  = 12 * time.Hour
	phoneAhead = 60 * 24 * time.Hour
	phoneRows  = 30
)

func (c *community) phoneActivities(ctx context.Context, r tokenRequest) (phoneActivitiesReply, error) {
	out := phoneActivitiesReply{Rows: []phoneActivityReply{}}
	me := c.guestText(ctx, r.Token)
	now := c.node.now()
	err := c.view(ctx, func(q store.Querier) error {
		rows, _, err := c.activity.List(q, activity.Filter{Limit: phoneRows, From: now - phoneBack.Milliseconds(), To: now + phoneAhead.Milliseconds()})
		if err != nil {
			return err
		}
		for i := len(rows) - 1; i >= 0; i-- { // the soonest first
			if rows[i].State == activity.Cancelled {
				continue
			}
			a, err := c.activity.Get(q, rows[i].ID)
			if err != nil {
				return err
			}
			out.Rows = append(out.Rows, forPhone(a, me))
		}
		return nil
	})
	return out, err
}

func (c *community) guestText(ctx context.Context, token string) string {
	x, ok := c.node.guests.who(pageOf(ctx), token, c.node.now())
	if !ok {
		return ""
	}
	if stands, err := c.cardStands(ctx, x); err == nil && stands {
		return x.person.String()
	}
	return ""
}

func (c *community) phoneActivity(ctx context.Context, r struct {
	Token string `json:"token"`
	ID    string `json:"id"`
}) (phoneActivityReply, error) {
	a, err := c.getActivity(ctx, r.ID)
	return forPhone(a, c.guestText(ctx, r.Token)), err
}

type phoneActRequest struct {
	tokenRequest
	ID   string `json:"id"`
	Once string `json:"once"`
}

func (c *community) phoneSignUp(ctx context.Context, p people.ID, r phoneActRequest) (phoneActivityReply, error) {
	return c.phoneAct(ctx, p, "signUp", r, func(tx *store.Tx) error { return c.activity.SignUp(tx, r.ID, []string{p.String()}, "phone") })
}

func (c *community) phoneSignOff(ctx context.Context, p people.ID, r phoneActRequest) (phoneActivityReply, error) {
	return c.phoneAct(ctx, p, "signOff", r, func(tx *store.Tx) error { return c.activity.SignOff(tx, r.ID, p.String()) })
}

func (c *community) phoneAct(ctx context.Context, p people.ID, call string, r phoneActRequest, fn func(*store.Tx) error) (phoneActivityReply, error) {
	if _, err := c.node.guests.repeats.do(ctx, p, call+" "+r.ID, r.Once, func() error { return c.writeAs(ctx, "", fn) }); err != nil {
		return phoneActivityReply{}, err
	}
	a, err := c.getActivity(ctx, r.ID)
	return forPhone(a, p.String()), err
}

type phoneCheckInRequest struct {
	tokenRequest
	Code string `json:"code"`
	Once string `json:"once"`
	At   int64  `json:"at"`
}

// phoneCheckIn takes the rotating code that a phone scanned. At is when the
// page read it; only the code itself counts, which is good for a minute.
func (c *community) phoneCheckIn(ctx context.Context, p people.ID, r phoneCheckInRequest) (phoneActivityReply, error) {
	var seen activity.Seen
	err := c.writeAs(ctx, "", func(tx *store.Tx) (err error) {
		seen, err = c.activity.ScanCode(tx, r.Code, p.String(), "")
		return err
	})
	if err != nil {
		return phoneActivityReply{}, err
	}
	a, err := c.getActivity(ctx, seen.Activity)
	return forPhone(a, p.String()), err
}
