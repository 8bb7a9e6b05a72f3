package claim

import (
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/wire"
)

// The states of a claim.
const (
	Unruled   = "rules"     // its rulebook is not here, or has no such rule
	Confirm   = "confirm"   // waits for the household that was helped
	Reviewing = "review"    // waits for somebody else to look at it
	Asked     = "asked"     // waits for its claimant, who was asked for more
	Telling   = "tell"      // a deduction of which the person was not told
	Noticed   = "notice"    // stands in public, or may be appealed, until Until
	Appealed  = "appealed"  // waits for an answer
	Due       = "due"       // nothing stands in its way; the main device books it
	Booked    = "booked"    // its deed is recorded
	Refused   = "refused"   // by the review
	Dropped   = "dropped"   // an objection was right
	Withdrawn = "withdrawn" // by who made it
	Lapsed    = "lapsed"    // nobody replied to the question in time
)

// Claim is one claim as it stands here.
type Claim struct {
	ID      string
	Person  people.ID
	Item    string
	Version int64
	At      int64
	scheme.Amount
	Via      string
	By       string // who entered it, as its device says
	Batch    string
	Made     int64
	Salt     string
	Note     []byte // sealed
	Witness  []byte // sealed
	Rule     scheme.Item
	Ruled    bool // the rulebook has such a rule, which this fits
	Unproven bool // nobody signed for it where operators have keys, or its device was revoked

	// Countersigned: where operators have keys, what needs a witness needs the
	// signature of a second one. A witness's name alone proves nothing.
	Countersigned bool

	actor   wire.Actor
	posters []Who
	words   []Word // in the order of their operations, the same everywhere
}

// day is a day in milliseconds.
const day = 24 * 60 * 60 * 1000

// Points are what it gives within the caps, or takes, by its rule.
func (c *Claim) Points() int64 { return c.Rule.Given(c.Amount) }

// Minus tells whether it takes points.
func (c *Claim) Minus() bool { return c.Rule.Takes() }

// fits tells whether the rule is one for such a claim: nobody but the rulebook says
// what it is worth and what it needs.
func (c *Claim) fits() bool {
	return c.Rule.Kind != scheme.Base && c.Points() > 0 && (c.Count <= 1 || c.Rule.Counted()) && (c.Hard == 0 || !c.Minus()) && (!c.Rule.Witness || len(c.Witness) > 0)
}

// last is the last word of a sort that counts; nil if there is none.
func (c *Claim) last(sort string, ok func(Word) bool) *Word {
	for i := len(c.words) - 1; i >= 0; i-- {
		if w := &c.words[i]; w.sort == sort && w.Void == "" && (ok == nil || ok(*w)) {
			return w
		}
	}
	return nil
}

func yes(w Word) bool { return w.Yes }
func no(w Word) bool  { return !w.Yes }

// Last is what was said last of a sort and counts, for a screen; the zero word if
// nothing was.
func (c *Claim) Last(sort string) Word {
	if w := c.last(sort, nil); w != nil {
		return *w
	}
	return Word{}
}

// Reviewed, Told, Appealing, Answered and BookedBy are what was said last.
func (c *Claim) Reviewed() Word  { return c.Last(review) }
func (c *Claim) Told() Word      { return c.Last(told) }
func (c *Claim) Objected() Word  { return c.Last(appeal) }
func (c *Claim) Answered() Word  { return c.Last(answer) }
func (c *Claim) BookedAs() Word  { return c.Last(booked) }
func (c *Claim) MayBeTold() bool { return c.Minus() && c.last(told, nil) == nil }

// Void is a word that was said to let the claim pass and does not count, for a
// screen that says why it still waits; the zero word if there is none, or if it was
// said again and counts.
func (c *Claim) Void() Word {
	for i := len(c.words) - 1; i >= 0; i-- {
		w := c.words[i]
		again := func(x Word) bool { return w.sort != answer || x.to == w.to }
		if w.Void != "" && w.sort != posted && c.last(w.sort, again) == nil {
			return w
		}
	}
	return Word{}
}

// steps are what lets the claim pass before its days begin, in their order.
func (c *Claim) steps() (out []string) {
	if c.Rule.Kind == scheme.Mutual {
		out = append(out, seen)
	}
	if c.Rule.Review || c.Rule.Lead || c.Via == FromPage || c.Unproven || c.Countersigned {
		out = append(out, review)
	}
	if c.Minus() {
		out = append(out, told)
	}
	return out
}

// missing is the first step that nobody has taken, "" for none.
func (c *Claim) missing() string {
	for _, s := range c.steps() {
		if c.last(s, yes) == nil {
			return s
		}
	}
	return ""
}

// begins names the word from which the days are counted, "" for the claim itself.
func (c *Claim) begins() string {
	steps := c.steps()
	if len(steps) == 0 {
		return ""
	}
	if w := c.last(steps[len(steps)-1], yes); w != nil {
		return w.name
	}
	return ""
}

// Until is when the time of a notice or an appeal ends, 0 where it has not begun.
// It begins when the main device notes that only the days are left: no other
// clock is believed, so nobody can say that they began long ago.
func (c *Claim) Until() int64 {
	if c.missing() != "" {
		return 0
	}
	steps := c.steps()
	for _, h := range c.words { // the first one: a main device that was put back says it again
		if h.sort != heard {
			continue
		}
		if len(steps) == 0 || c.last(steps[len(steps)-1], func(w Word) bool { return w.Yes && w.name == h.to }) != nil {
			return h.At + c.Rule.Days()*day
		}
	}
	return 0
}

// Objections are what is said against the claim and was not answered; once it is
// booked also a refusal and a withdrawal, which came too late to stop it.
func (c *Claim) Objections() (out []Word) {
	late := c.last(booked, nil) != nil
	for _, w := range c.words {
		against := w.sort == appeal || late && (w.sort == off || w.sort == review && !w.Yes)
		if against && w.Void == "" && c.last(answer, func(a Word) bool { return a.to == w.name }) == nil {
			out = append(out, w)
		}
	}
	return out
}

// Late tells whether something was said against the claim that arrived when it was
// booked: the office decides whether it is taken back.
func (c *Claim) Late() bool { return c.last(booked, nil) != nil && len(c.Objections()) > 0 }

// State says where a claim stands at a moment. Words are looked at as a set: in
// which order they were said, and by whose clock, makes no difference, and what
// stops a claim weighs more than what lets it pass.
func (c *Claim) State(now int64) string {
	if c.last(booked, nil) != nil {
		return Booked
	}
	if w := c.last(ended, nil); w != nil {
		return w.How
	}
	switch {
	case c.last(off, nil) != nil:
		return Withdrawn
	case c.last(review, no) != nil:
		return Refused
	case c.last(answer, yes) != nil:
		return Dropped
	case len(c.Objections()) > 0:
		return Appealed
	case !c.Ruled:
		return Unruled
	case len(c.questions()) > 0:
		return Asked
	}
	switch c.missing() {
	case seen:
		return Confirm
	case review:
		return Reviewing
	case told:
		return Telling
	}
	if until := c.Until(); c.Rule.Days() > 0 && (until == 0 || now < until) {
		return Noticed
	}
	return Due
}

// Starts tells whether the days of a claim are to begin: only they are left.
func (c *Claim) Starts(now int64) bool { return c.State(now) == Noticed && c.Until() == 0 }

// over tells whether nothing comes of a claim in that state.
func over(state string) bool {
	return state == Withdrawn || state == Refused || state == Dropped || state == Lapsed
}

// Over tells whether nothing will come of the claim.
func (c *Claim) Over(now int64) bool { return over(c.State(now)) }

// Noted tells whether the main device has noted that nothing comes of it.
func (c *Claim) Noted() bool { return c.last(ended, nil) != nil }

// Open tells whether something may still come of a claim.
func (c *Claim) Open(now int64) bool { s := c.State(now); return s != Booked && !over(s) }

// ForLead tells whether only a lead may review it.
func (c *Claim) ForLead() bool { return c.Rule.Lead || c.Unproven }
