package claim

import (
	"testing"

	"jishan/app/govern"
)

func named(w Word, name string) Word { w.name = w.sort + "." + name; return w }

// A question stops a claim whatever else was said, until somebody replies to it; who
// approves says which questions there were.
func TestQuestions(t *testing.T) {
	const now = 102 * day
	q := how(said(asked, true), "14")
	q2 := named(how(said(asked, true), "3"), "1111111111")
	r, r2 := to(said(reply, true), q.name), named(to(said(reply, true), q2.name), "1111111111")
	blind, bad := said(review, true), said(review, false)
	knows := func(words ...Word) Word { return to(said(review, true), with(looked, FromPage, words...).asks()) }
	for name, x := range map[string]struct {
		words []Word
		want  string
	}{
		"asked":                               {[]Word{q}, Asked},
		"replied":                             {[]Word{q, r}, Reviewing},
		"approved by who did not know":        {[]Word{q, blind}, Asked},
		"and replied to":                      {[]Word{q, r, blind}, Reviewing},
		"approved by who knew":                {[]Word{q, r, knows(q)}, Noticed},
		"replied to one of two":               {[]Word{q, q2, r}, Asked},
		"approved with one of two known":      {[]Word{q, q2, r, r2, knows(q)}, Reviewing},
		"with both":                           {[]Word{q, q2, r, r2, knows(q, q2)}, Noticed},
		"refused while it waits":              {[]Word{q, bad}, Refused},
		"withdrawn while it waits":            {[]Word{q, said(off, false)}, Withdrawn},
		"a reply to something else":           {[]Word{q, to(said(reply, true), "asked.2222222222")}, Asked},
		"its days are over, and nobody noted": {[]Word{q, to(at(said(waits, true), day), q.name)}, Asked},
		"noted by the main device":            {[]Word{q, how(said(ended, false), Lapsed), r}, Lapsed},
		"booked before it came":               {[]Word{q, said(booked, false)}, Booked},
	} {
		permute(x.words, func(p []Word) {
			c := with(looked, FromPage, p...)
			c.unheard()
			if got := c.State(now); got != x.want {
				t.Errorf("%s: %s, want %s", name, got, x.want)
			}
		})
	}
}

// The days are those of the question, and begin when the main device notes it.
func TestDaysToReply(t *testing.T) {
	q := how(said(asked, true), "14")
	q2 := named(how(said(asked, true), "3"), "1111111111")
	noted := to(said(waits, true), q.name) // on day 100
	for name, x := range map[string]struct {
		words  []Word
		until  int64
		starts bool
		lapses bool // on day 115
	}{
		"not noted":              {[]Word{q}, 0, true, false},
		"noted":                  {[]Word{q, noted}, 114 * day, false, true},
		"noted twice":            {[]Word{q, noted, named(at(noted, 110*day), "1111111111")}, 114 * day, false, true},
		"one of two noted":       {[]Word{q, q2, noted}, 0, true, false},
		"the later one holds":    {[]Word{q, q2, noted, to(at(said(waits, true), 114*day), q2.name)}, 117 * day, false, false},
		"days beyond the bounds": {[]Word{how(q, "9999"), noted}, (100 + govern.DefaultAsk) * day, false, true},
		"replied":                {[]Word{q, noted, to(said(reply, true), q.name)}, 0, false, false},
	} {
		c := with(looked, FromPage, x.words...)
		if c.AskedUntil() != x.until || c.StartsWaiting(115*day) != x.starts || c.Lapses(115*day) != x.lapses {
			t.Errorf("%s: until day %d, starts %v, lapses %v", name, c.AskedUntil()/day, c.StartsWaiting(115*day), c.Lapses(115*day))
		}
	}
}

func TestWhoAsksAndReplies(t *testing.T) {
	clerk, unsigned := standing{keyed: true, signed: true, role: govern.Clerk}, standing{keyed: true}
	led := looked
	led.Lead = true
	for name, x := range map[string]struct {
		c    *Claim
		w    Word
		s    standing
		want string
	}{
		"a name's question where are keys": {with(looked, FromPage), said(asked, true), unsigned, VoidUnsigned},
		"a clerk's":                        {with(looked, FromPage), said(asked, true), clerk, ""},
		"a keeper's":                       {with(looked, FromPage), said(asked, true), standing{keyed: true, signed: true, role: govern.Keeper}, VoidRole},
		"a clerk's where a lead reviews":   {with(led, FromPage), said(asked, true), clerk, VoidRole},
		"a revoked device's":               {with(looked, FromPage), said(asked, true), standing{revoked: true}, VoidDevice},
		"a reply of the phone":             {with(looked, FromPage), how(said(reply, true), ByPage), unsigned, ""},
		"one of a revoked device":          {with(looked, FromPage), said(reply, true), standing{revoked: true}, VoidDevice},
	} {
		if got := x.c.weigh(x.w, x.s); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

// What did not count is named until it was said again.
func TestVoidIsNamedUntilItIsSaidAgain(t *testing.T) {
	bad := said(review, true)
	bad.Void = VoidAsked
	one := to(said(answer, false), "appeal.1111111111")
	one.Void = VoidRole
	for name, x := range map[string]struct {
		words []Word
		want  string
	}{
		"an approval":               {[]Word{bad}, VoidAsked},
		"given again":               {[]Word{bad, named(said(review, true), "1111111111")}, ""},
		"before it":                 {[]Word{named(said(review, true), "1111111111"), bad}, ""},
		"an answer to something":    {[]Word{one, to(named(said(answer, false), "1111111111"), "appeal.2222222222")}, VoidRole},
		"and to the same, again":    {[]Word{one, named(to(said(answer, false), one.to), "1111111111")}, ""},
		"who entered it is no step": {[]Word{func() Word { w := said(posted, true); w.Void = VoidRole; return w }()}, ""},
	} {
		if got := with(looked, FromPage, x.words...).Void().Void; got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}
