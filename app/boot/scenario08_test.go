//go:build linux

package boot

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"jishan/app/fault"
)

// A station and three recorders work for three days without a network: 240
// records, of which 24 are of the same person, rule and day by two workers, and
// 60 redemptions from a shelf of 40 goods. Then they meet, and at 20 random
// moments of that a device loses its power.
func TestScenario08ThreeDaysOffline(t *testing.T) {
	onLAN(t, 5, func(t *testing.T, pcs []*computer) { newAway(t, pcs).meet(killed) })
}

// The same with a USB stick that is carried around instead of a network.
func TestScenario08ThreeDaysOfflineByStick(t *testing.T) {
	onLAN(t, 5, func(t *testing.T, pcs []*computer) { newAway(t, pcs).meet(carried) })
}

const (
	awayPeople = 24
	awayTwice  = 24 // records by two workers
	awayDeeds  = 216
	awayBought = 60
	awayGoods  = 40
	awayPrice  = 10
	awayOpen   = 30 // points at first
	powerCuts  = 20
)

// What was done in three days, each a rule that gives points to everybody.
var awayRules = []struct {
	code   string
	points int64
}{{"JY01", 5}, {"WM01", 2}, {"HD01", 2}}

// away is the three days and what must have become of them.
type away struct {
	t      *testing.T
	rng    *rand.Rand
	pcs    []*computer // office, station, recorders
	people []string
	goods  []string
	acked  []string // hashes of redemptions
	spent  map[string]int64
	from   int64
}

func newAway(t *testing.T, pcs []*computer) *away {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := &away{t: t, rng: rand.New(rand.NewPCG(seed, 8)), pcs: pcs, spent: map[string]int64{}, from: time.Now().Add(-72 * time.Hour).UnixMilli()}
	found(t, pcs[0])
	for _, pc := range pcs[1:] {
		enter(t, pcs[0], pc, "station")
	}
	w.people = roster(t, pcs[0], awayPeople, awayOpen)
	w.stock()
	agree(t, pcs, 2*convergeLimit)
	for _, id := range w.people {
		pull(t, pcs[1], id, awayOpen)
	}
	agree(t, pcs, 2*convergeLimit)
	cut(t, 1, 2, 3, 4)
	began := time.Now()
	w.work()
	t.Logf("240 records and 60 redemptions in %v", time.Since(began).Round(time.Millisecond))
	return w
}

// stock fills the station's shelf: 40 goods, 60 pieces.
func (w *away) stock() {
	for i := range awayGoods {
		var o struct{ ID string }
		w.pcs[1].call(w.t, "shop.save", object{"id": "", "name": fmt.Sprintf("物品%02d", i+1), "unit": "1 件", "kind": "goods", "points": awayPrice,
			"minimum": 0, "icon": "box", "active": true, "code": ""}, &o)
		w.pcs[1].call(w.t, "shop.receive", object{"offer": o.ID, "n": 1 + (awayBought-awayGoods+awayGoods-1-i)/awayGoods, "why": "进货"}, nil)
		w.goods = append(w.goods, o.ID)
	}
}

type record struct {
	person string
	rule   string
	day    int
	pc     *computer
}

// work does everything that happens while nobody is connected, in a random
// order: what 216 deeds are is recorded once, 24 of them by a second worker too.
func (w *away) work() {
	var todo []func()
	n := 0
	for i, id := range w.people {
		for day := range 3 {
			for _, rule := range awayRules {
				r := record{id, rule.code, day, w.pcs[1+n%4]}
				todo = append(todo, func() { w.record(r) })
				if n++; day == 0 && rule == awayRules[0] && i < awayTwice {
					again := record{id, rule.code, day, w.pcs[1+n%4]}
					todo = append(todo, func() { w.record(again) })
				}
			}
		}
	}
	if n != awayDeeds || len(todo) != awayDeeds+awayTwice {
		w.t.Fatalf("%d deeds, %d records", n, len(todo))
	}
	for i := range awayBought {
		good := w.goods[i%awayGoods]
		todo = append(todo, func() { w.redeem(good) })
	}
	w.rng.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
	for _, do := range todo {
		do()
	}
	for _, good := range w.goods {
		w.pcs[1].refuses(w.t, "till.stock", "till.redeem", object{"person": w.people[0], "lines": []object{{"offer": good, "n": 1}}})
	}
}

func (w *away) record(r record) {
	at := time.Now().Add(time.Duration(r.day-3)*24*time.Hour + time.Minute).UnixMilli()
	r.pc.call(w.t, "deed.record", object{"person": r.person, "item": r.rule, "at": at, "minutes": 60, "note": "", "witness": "", "line": ""}, nil)
}

// redeem hands one piece to somebody who can pay for it here.
func (w *away) redeem(good string) {
	for {
		id := w.people[w.rng.IntN(len(w.people))]
		var r struct{ Ref struct{ Hash string } }
		err := w.pcs[1].try("till.redeem", object{"person": id, "lines": []object{{"offer": good, "n": 1}}}, &r)
		if f := (*fault.Fault)(nil); errors.As(err, &f) && f.Code == "till.short" && w.spent[id] == awayOpen {
			continue // spent everything: rightly refused
		}
		if err != nil {
			w.t.Fatal(err)
		}
		w.spent[id] += awayPrice
		w.acked = append(w.acked, r.Ref.Hash)
		return
	}
}

// meet lets the devices meet, by some way, and looks at what they know then.
func (w *away) meet(by func(*away)) {
	began := time.Now()
	by(w)
	w.t.Logf("met in %v", time.Since(began).Round(time.Millisecond))
	for _, pc := range w.pcs {
		w.look(pc)
	}
}

// killed mends one cable after the other and kills a random device at 20
// random moments of that.
func killed(w *away) {
	early := 0
	for i := range powerCuts {
		if each := powerCuts / 4; i%each == 0 {
			mend(w.t, 1+i/each)
		}
		if same, _ := equal(w.t, w.pcs); !same {
			early++
		}
		w.powerCut(w.pcs[w.rng.IntN(len(w.pcs))])
	}
	w.t.Logf("%d of %d power cuts before everybody had everything", early, powerCuts)
	agree(w.t, w.pcs, 4*convergeLimit)
}

func (w *away) powerCut(pc *computer) {
	time.Sleep(time.Duration(w.rng.IntN(400)) * time.Millisecond) // the random moment
	pc.kill(w.t)
	pc.start(w.t)
}

// carried takes a stick from device to device, and kills devices while they
// read and write it: what was on the stick stays good.
func carried(w *away) {
	stick, cuts, rounds := w.t.TempDir(), 0, 0
	for ; rounds < 12; rounds++ {
		for _, i := range w.rng.Perm(len(w.pcs)) {
			pc := w.pcs[i]
			if cuts < powerCuts && w.rng.IntN(3) > 0 {
				cuts++
				w.pulledOut(pc, stick)
			}
			pc.call(w.t, "devices.exchange", object{"path": stick}, nil)
		}
		if same, _ := equal(w.t, w.pcs); same && cuts == powerCuts {
			break
		}
	}
	w.t.Logf("%d rounds of the stick, %d power cuts", rounds+1, cuts)
	agree(w.t, w.pcs, convergeLimit)
	for _, pc := range w.pcs {
		if n := online(w.t, pc); n != 0 && pc != w.pcs[0] {
			w.t.Errorf("%s was connected to %d others", pc.name, n)
		}
	}
}

// pulledOut kills a device somewhere within its exchange.
func (w *away) pulledOut(pc *computer, stick string) {
	done := make(chan error, 1)
	go func() { done <- pc.try("devices.exchange", object{"path": stick}, nil) }()
	time.Sleep(time.Duration(w.rng.IntN(60)) * time.Millisecond) // the random moment
	pc.kill(w.t)
	<-done // refused, or done just before
	pc.start(w.t)
}

// look: 216 deeds, paid once; every redemption that was shown as done; nothing
// below zero.
func (w *away) look(pc *computer) {
	t := w.t
	var missing struct{ Missing []string }
	pc.call(t, "audit.has", object{"hashes": w.acked}, &missing)
	if len(missing.Missing) != 0 || len(w.acked) != awayBought {
		t.Errorf("%s lacks %d of %d redemptions", pc.name, len(missing.Missing), len(w.acked))
	}
	earned := int64(0)
	for _, r := range awayRules {
		earned += 3 * r.points
	}
	lines := 0
	for _, id := range w.people {
		var p person
		pc.call(t, "people.get", object{"id": id}, &p)
		if p.Lifetime != awayOpen+earned || p.Spendable != awayOpen+earned-w.spent[id] || p.Spendable < 0 {
			t.Errorf("%s: %+v, want %d earned, %d spent", pc.name, p, awayOpen+earned, w.spent[id])
		}
		var book struct{ Lines []struct{ Kind string } }
		pc.call(t, "people.passbook", object{"id": id, "offset": 0, "limit": 100}, &book)
		for _, l := range book.Lines {
			if l.Kind == "award" {
				lines++
			}
		}
	}
	if lines != awayDeeds {
		t.Errorf("%s: %d deeds were paid, want %d", pc.name, lines, awayDeeds)
	}
	if n := w.attended(pc); n != awayDeeds {
		t.Errorf("%s counts %d deeds, want %d", pc.name, n, awayDeeds)
	}
}

// attended is what the statistics count over the months of the three days.
func (w *away) attended(pc *computer) (n int) {
	months := map[string]bool{time.UnixMilli(w.from).Format("2006-01"): true, time.Now().Format("2006-01"): true}
	for m := range months {
		var s struct{ Attendances int }
		pc.call(w.t, "stats.month", object{"month": m}, &s)
		n += s.Attendances
	}
	return n
}
