package claim

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"jishan/app/govern"
	"jishan/app/scheme"
)

// said is a word that counts.
func said(sort string, ok bool) Word {
	return Word{sort: sort, name: sort + ".0000000000", Yes: ok, At: 100 * day}
}

func to(w Word, name string) Word { w.to = name; return w }
func how(w Word, s string) Word   { w.How = s; return w }
func at(w Word, t int64) Word     { w.At = t; return w }

func with(rule scheme.Item, via string, words ...Word) *Claim {
	return &Claim{Item: rule.Code, Rule: rule, Ruled: true, Via: via, By: "经办人甲", posters: []Who{{Name: "经办人甲"}}, words: words}
}

var (
	plain  = scheme.Item{Code: "A", Kind: scheme.Deed, Points: 2}
	public = scheme.Item{Code: "B", Kind: scheme.Deed, Points: 2, Notice: 5}
	looked = scheme.Item{Code: "C", Kind: scheme.Deed, Points: 2, Review: true, Notice: 5}
	minus  = scheme.Item{Code: "D", Kind: scheme.Deduct, Points: 3}
	mutual = scheme.Item{Code: "E", Kind: scheme.Mutual, Points: 2, Minutes: 60, MonthCap: 10}
)

func TestStates(t *testing.T) {
	const now = 102 * day
	ok, bad, was := said(review, true), said(review, false), said(told, true)
	began := said(heard, true)
	for name, x := range map[string]struct {
		c    *Claim
		want string
	}{
		"nothing stands in its way":          {with(plain, FromDesk), Due},
		"from the phone":                     {with(plain, FromPage), Reviewing},
		"nobody signed":                      {func() *Claim { c := with(plain, FromDesk); c.Unproven = true; return c }(), Reviewing},
		"no such rule":                       {&Claim{Via: FromDesk}, Unruled},
		"its days have not begun":            {with(public, FromDesk), Noticed},
		"its days run":                       {with(public, FromDesk, began), Noticed},
		"its days are over":                  {with(public, FromDesk, at(began, 97*day)), Due},
		"review first":                       {with(looked, FromDesk, at(began, 97*day)), Reviewing},
		"days noted before the review":       {with(looked, FromDesk, ok, at(began, 97*day)), Noticed},
		"days noted after the review":        {with(looked, FromDesk, ok, to(at(began, 97*day), ok.name)), Due},
		"a refusal weighs more":              {with(looked, FromDesk, bad, ok), Refused},
		"whichever came first":               {with(looked, FromDesk, ok, bad), Refused},
		"the household first":                {with(mutual, FromDesk), Confirm},
		"the household was asked":            {with(mutual, FromDesk, said(seen, true)), Due},
		"a deduction is told":                {with(minus, FromDesk), Telling},
		"a rule of 0 days has three":         {with(minus, FromDesk, was, to(began, was.name)), Noticed},
		"and then it counts":                 {with(minus, FromDesk, was, to(at(began, 99*day), was.name)), Due},
		"told long ago by its writer's word": {with(minus, FromDesk, at(was, day)), Noticed},
		"appealed":                           {with(minus, FromDesk, was, said(appeal, false)), Appealed},
		"an answer to something else":        {with(minus, FromDesk, was, said(appeal, false), to(said(answer, false), "appeal.1111111111")), Appealed},
		"answered: not right":                {with(minus, FromDesk, was, said(appeal, false), to(said(answer, false), said(appeal, false).name)), Noticed},
		"answered: right":                    {with(minus, FromDesk, was, said(appeal, false), to(said(answer, true), said(appeal, false).name)), Dropped},
		"withdrawn":                          {with(looked, FromDesk, said(off, false)), Withdrawn},
		"booked":                             {with(minus, FromDesk, said(booked, true), said(appeal, false), said(off, false)), Booked},
		"ended by the main device":           {with(looked, FromDesk, how(said(ended, false), Refused), ok), Refused},
	} {
		if got := x.c.State(now); got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
}

// A word that does not count changes nothing.
func TestVoidWordsChangeNothing(t *testing.T) {
	for _, sort := range words {
		for _, ok := range []bool{true, false} {
			w := said(sort, ok)
			w.Void, w.How = VoidUnsigned, Withdrawn
			for _, rule := range []scheme.Item{plain, public, looked, minus, mutual} {
				a, b := with(rule, FromDesk), with(rule, FromDesk, w)
				if sort != heard && a.State(day) != b.State(day) {
					t.Errorf("%s of %s: %s, was %s", sort, rule.Code, b.State(day), a.State(day))
				}
			}
		}
	}
}

// The order of the words makes no difference to the state: devices that heard them
// one way and the other agree.
func TestOrderMakesNoDifference(t *testing.T) {
	was := said(told, true)
	list := []Word{said(review, true), was, said(appeal, false), to(said(answer, false), said(appeal, false).name), to(at(said(heard, true), 90*day), was.name)}
	rule := minus
	rule.Review = true
	want := with(rule, FromDesk, list...).State(100 * day)
	if want != Due {
		t.Fatal(want)
	}
	permute(list, func(p []Word) {
		if got := with(rule, FromDesk, p...).State(100 * day); got != want {
			t.Errorf("%v: %s", p, got)
		}
	})
}

func permute(list []Word, fn func([]Word)) {
	if len(list) == 0 {
		fn(nil)
		return
	}
	for i := range list {
		rest := slices.Delete(slices.Clone(list), i, i+1)
		permute(rest, func(p []Word) { fn(append([]Word{list[i]}, p...)) })
	}
}

// What arrives when the claim is booked is not lost: it is listed until somebody
// answers it.
func TestLateObjections(t *testing.T) {
	done := said(booked, true)
	for name, x := range map[string]struct {
		c    *Claim
		want int
	}{
		"none":                 {with(minus, FromDesk, done), 0},
		"an appeal":            {with(minus, FromDesk, done, said(appeal, false)), 1},
		"a refusal":            {with(looked, FromDesk, done, said(review, false)), 1},
		"a withdrawal":         {with(looked, FromDesk, done, said(off, false)), 1},
		"an approval":          {with(looked, FromDesk, done, said(review, true)), 0},
		"answered":             {with(minus, FromDesk, done, said(appeal, false), to(said(answer, true), said(appeal, false).name)), 0},
		"answered before, too": {with(minus, FromDesk, said(appeal, false), to(said(answer, false), said(appeal, false).name), done), 0},
	} {
		if got := len(x.c.Objections()); got != x.want || x.c.Late() != (got > 0) {
			t.Errorf("%s: %d", name, got)
		}
	}
	if with(minus, FromDesk, said(appeal, false)).Late() {
		t.Error("late before it is booked")
	}
}

func TestWordsThatCount(t *testing.T) {
	lead, clerk := standing{keyed: true, signed: true, role: govern.Lead}, standing{keyed: true, signed: true, role: govern.Clerk}
	byName, unsigned := standing{}, standing{keyed: true}
	gone := standing{revoked: true}
	by := func(sort string, ok bool, who Who) Word { w := said(sort, ok); w.who = who; return w }
	me, other := Who{Name: "经办人甲"}, Who{Name: "经办人乙"}
	led := looked
	led.Lead = true
	for name, x := range map[string]struct {
		c    *Claim
		w    Word
		s    standing
		want string
	}{
		"a name":                        {with(looked, FromDesk), by(review, true, other), byName, ""},
		"one's own name":                {with(looked, FromDesk), by(review, true, me), byName, VoidOwn},
		"one's own name with a space":   {with(looked, FromDesk), by(review, true, Who{Name: "经办人 甲"}), byName, VoidOwn},
		"one's own refusal":             {with(looked, FromDesk), by(review, false, me), byName, ""},
		"one's own confirmation":        {with(mutual, FromDesk), by(seen, true, me), byName, VoidOwn},
		"one's own answer":              {with(minus, FromDesk), by(answer, false, me), byName, VoidOwn},
		"one's own telling":             {with(minus, FromDesk), by(told, true, me), byName, ""},
		"of what came from the phone":   {with(looked, FromPage), by(review, true, me), byName, ""},
		"a name where there are keys":   {with(looked, FromDesk), by(review, true, other), unsigned, VoidUnsigned},
		"a told name where are keys":    {with(minus, FromDesk), by(told, true, other), unsigned, VoidUnsigned},
		"the phone where are keys":      {with(minus, FromDesk), how(by(told, true, Who{}), ByPage), unsigned, ""},
		"a signature":                   {with(looked, FromDesk), by(review, true, Who{ID: "b", Name: "乙"}), clerk, ""},
		"a clerk's for a lead":          {with(led, FromDesk), by(review, true, other), clerk, VoidRole},
		"a lead's":                      {with(led, FromDesk), by(review, true, other), lead, ""},
		"a clerk's answer":              {with(minus, FromDesk), by(answer, true, other), clerk, VoidRole},
		"a lead's answer":               {with(minus, FromDesk), by(answer, true, other), lead, ""},
		"a revoked device's review":     {with(looked, FromDesk), by(review, true, other), gone, VoidDevice},
		"a revoked device's withdrawal": {with(looked, FromDesk), by(off, false, other), gone, VoidDevice},
		"a revoked device's appeal":     {with(minus, FromDesk), by(appeal, false, other), gone, ""},
		"an unsigned withdrawal":        {with(looked, FromDesk), by(off, false, other), unsigned, ""},
	} {
		if got := x.c.weigh(x.w, x.s); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
	unproven := with(looked, FromDesk)
	unproven.Unproven = true
	if got := unproven.weigh(by(review, true, other), clerk); got != VoidRole {
		t.Errorf("a clerk lets pass what nobody signed: %q", got)
	}
}

func TestSomebodyElse(t *testing.T) {
	for name, x := range map[string]struct {
		a, b Who
		same bool
	}{
		"one id, two names":        {Who{"x", "甲"}, Who{"x", "乙"}, true},
		"one name, two ids":        {Who{"x", "甲"}, Who{"y", "甲"}, false},
		"an id and the name alone": {Who{"x", "甲"}, Who{"", "甲"}, true},
		"two names":                {Who{"", "甲"}, Who{"", "乙"}, false},
	} {
		if x.a.same(x.b) != x.same || x.b.same(x.a) != x.same {
			t.Errorf("%s: %v", name, !x.same)
		}
	}
}

// A signature is about one word of one claim: nothing of it can be changed.
func TestSignaturesAreBound(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := wordValue{Yes: true, How: "call", To: "appeal.0", Text: []byte("t")}
	sign := Signature{Key: [32]byte(public), Sig: ed25519.Sign(private, statement("c", "id", told, v))}
	if !sign.holds(statement("c", "id", told, v)) {
		t.Fatal("a good one does not hold")
	}
	for name, change := range map[string]func(*wordValue){
		"yes": func(v *wordValue) { v.Yes = false }, "how": func(v *wordValue) { v.How = "door" },
		"to": func(v *wordValue) { v.To = "appeal.1" }, "text": func(v *wordValue) { v.Text = nil },
	} {
		w := v
		change(&w)
		if sign.holds(statement("c", "id", told, w)) {
			t.Errorf("%s can be changed", name)
		}
	}
	if sign.holds(statement("d", "id", told, v)) || sign.holds(statement("c", "id2", told, v)) || sign.holds(statement("c", "id", review, v)) {
		t.Error("it is good for something else")
	}
	if (Signature{Key: sign.Key}).holds(statement("c", "id", told, v)) {
		t.Error("none holds")
	}
}

// Whatever the claim's writer says, the rulebook says what fits.
func TestWhatFits(t *testing.T) {
	seenBy := plain
	seenBy.Witness = true
	for name, x := range map[string]struct {
		rule    scheme.Item
		amount  scheme.Amount
		witness string
		want    bool
	}{
		"once":                    {plain, scheme.Amount{}, "", true},
		"three times":             {plain, scheme.Amount{Count: 3}, "", true},
		"a title, three times":    {scheme.Item{Kind: scheme.Honour, Points: 5}, scheme.Amount{Count: 3}, "", false},
		"time, worth nothing":     {scheme.Item{Kind: scheme.Time, Points: 3, Minutes: 60}, scheme.Amount{Minutes: 59}, "", false},
		"a hard deduction":        {minus, scheme.Amount{Hard: 1}, "", false},
		"base points":             {scheme.Item{Kind: scheme.Base, Points: 100}, scheme.Amount{}, "", false},
		"without its witness":     {seenBy, scheme.Amount{}, "", false},
		"with the witness's name": {seenBy, scheme.Amount{}, "sealed", true},
	} {
		c := &Claim{Rule: x.rule, Amount: x.amount, Witness: []byte(x.witness)}
		if got := c.fits(); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
