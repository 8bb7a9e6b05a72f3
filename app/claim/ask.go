package claim

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"jishan/crdt/store"
)

// A claim that is sent back for more: who reviews it asks, and it waits for its
// claimant. What the question says about days was settled when it was asked, so that
// all devices read the same; they begin when the main device notes the question.

// Exchange is a question and what was said to it; the reply's At is 0 until then.
type Exchange struct{ Question, Reply Word }

// Exchanges are the questions that count with their replies, in the order in which they were asked.
func (c *Claim) Exchanges() (out []Exchange) {
	for _, w := range c.words {
		if w.sort != asked || w.Void != "" {
			continue
		}
		x := Exchange{Question: w}
		if r := c.last(reply, func(r Word) bool { return r.to == w.name }); r != nil {
			x.Reply = *r
		}
		out = append(out, x)
	}
	return out
}

// questions are those that nobody has replied to.
func (c *Claim) questions() (out []Word) {
	for _, x := range c.Exchanges() {
		if x.Reply.name == "" {
			out = append(out, x.Question)
		}
	}
	return out
}

// asks names the set of all questions that count, "" for none. Who approves says
// which ones there were: an approval that did not know of a question is none.
func (c *Claim) asks() string {
	var names []string
	for _, x := range c.Exchanges() {
		names = append(names, x.Question.name)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, " ")))
	return hex.EncodeToString(sum[:10])
}

// unheard makes void what was approved without one of the questions.
func (c *Claim) unheard() {
	set := c.asks()
	for i := range c.words {
		if w := &c.words[i]; w.sort == review && w.Yes && w.Void == "" && w.to != set {
			w.Void = VoidAsked
		}
	}
}

// days are how many a question gives, within bounds whatever its writer says.
func (w *Word) days() int64 {
	n, err := strconv.ParseInt(w.How, 10, 64)
	if err != nil || n < 1 || n > maxAskDays {
		return defaultAskDays
	}
	return n
}

// AskDays is for how many days the claim waits for its claimant, 0 where it does not.
func (c *Claim) AskDays() (n int64) {
	for _, q := range c.questions() {
		n = max(n, q.days())
	}
	return n
}

// AskedUntil is when the claim falls if nobody replies; 0 before the main device has
// noted all questions: no other clock is believed.
func (c *Claim) AskedUntil() (until int64) {
	for _, q := range c.questions() {
		at := int64(0)
		for _, w := range c.words { // the first one, as with heard
			if w.sort == waits && w.to == q.name {
				at = w.At + q.days()*day
				break
			}
		}
		if at == 0 {
			return 0
		}
		until = max(until, at)
	}
	return until
}

// StartsWaiting tells whether the days of a question are to begin.
func (c *Claim) StartsWaiting(now int64) bool { return c.State(now) == Asked && c.AskedUntil() == 0 }

// Lapses tells whether nobody replied in time. Only the main device's word makes it
// fall: until it is here, a reply still counts.
func (c *Claim) Lapses(now int64) bool {
	until := c.AskedUntil()
	return c.State(now) == Asked && until > 0 && now >= until
}

// Ask sends a claim back: text is sealed, days is how long it waits. Fault: claim.state {state}.
func (b *Book) Ask(tx *store.Tx, c Claim, text []byte, days int64, sign Sign) error {
	return b.say(tx, c, asked, wordValue{Yes: true, How: strconv.FormatInt(days, 10), Text: text}, sign, Reviewing)
}

// Reply answers all open questions; text is sealed, how says where it was said. Fault:
// claim.state {state}.
func (b *Book) Reply(tx *store.Tx, c Claim, how string, text []byte, sign Sign) error {
	for _, q := range c.questions() {
		if err := b.say(tx, c, reply, wordValue{Yes: true, How: how, To: q.name, Text: text}, sign, Asked); err != nil {
			return err
		}
	}
	return nil
}

// Wait notes at the main device that the days to reply begin. Fault: claim.state {state}.
func (b *Book) Wait(tx *store.Tx, c Claim) error {
	for _, q := range c.questions() {
		if slices.ContainsFunc(c.words, func(w Word) bool { return w.sort == waits && w.to == q.name }) {
			continue
		}
		if err := b.say(tx, c, waits, wordValue{Yes: true, To: q.name}, nil, Asked); err != nil {
			return err
		}
	}
	return nil
}

// Lapse notes at the main device that nobody replied in time. Fault: claim.state {state}.
func (b *Book) Lapse(tx *store.Tx, c Claim) error {
	return b.say(tx, c, ended, wordValue{How: Lapsed}, nil, Asked)
}
