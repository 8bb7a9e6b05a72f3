package sim

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

var given = flag.String("sim", "--seeds 1 --days 1 --devices 3 --people 5 --load 5 --json", "arguments of `jishan sim`, for TestCommand")

// TestCommand runs the command as given: mutants are looked for this way.
func TestCommand(t *testing.T) {
	if code := Run(context.Background(), strings.Fields(*given), os.Stdout, os.Stderr); code != exitOK {
		t.Fatal("exit code", code)
	}
}

// small is a world of a second or so.
func small(seed uint64, p Profile) Config {
	return Config{Seed: seed, Days: 3, Devices: 5, People: 12, Load: 10, Profile: p, Dir: tmpfs()}
}

func mustPlay(t *testing.T, cfg Config) (Stats, string) {
	t.Helper()
	s, trace, err := play(context.Background(), cfg, plan(cfg))
	if f, ok := errors.AsType[*Failure](err); ok {
		t.Fatalf("jishan sim --profile %s --from %d --seeds 1 --days %d --devices %d --people %d --load %d\n%v\n%s",
			cfg.Profile, cfg.Seed, cfg.Days, cfg.Devices, cfg.People, cfg.Load, f, strings.Join(f.Story, "\n"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return s, trace
}

// TestSeeds is a slice of what `make sim` does for hours.
func TestSeeds(t *testing.T) {
	for _, p := range profiles {
		t.Run(p.name, func(t *testing.T) {
			for seed := range uint64(2) {
				s, trace := mustPlay(t, small(seed+1, p.Profile))
				t.Logf("seed %d: %d operations, %d admissions, %d of %d affordable, %d hostile, trace %s",
					seed+1, s.Operations, s.Admissions, s.Accepted, s.Affordable, s.Hostile, trace)
				if s.Operations == 0 || s.Admissions == 0 {
					t.Fatal("nothing happened")
				}
			}
		})
	}
}

// TestEveryMoveIsMade: what the worlds are said to hold happens in them.
func TestEveryMoveIsMade(t *testing.T) {
	moves := map[string]int64{}
	for _, name := range []string{"none", "year"} {
		p, err := ParseProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg := small(3, p)
		cfg.Load = 50
		s, _ := mustPlay(t, cfg)
		for what, n := range s.Moves {
			moves[what] += n
		}
	}
	for _, what := range []string{"award", "redeem", "late redemption", "undo", "move", "voucher", "stock", "turn", "broken off", "deduct", "debt", "debt collected",
		"level", "benefit", "budget", "join", "coupon", "show", "recall", "voucher used", "voucher returned", "publish", "sign up", "sign off", "place given", "person waiting", "year closed", "points expired", "year finished"} {
		if moves[what] == 0 {
			t.Errorf("nothing of %q happened in %v", what, moves)
		}
	}
}

// TestCopiedStations: both histories of a copied station's records are everywhere
// in the end, and there are such records.
func TestCopiedStations(t *testing.T) {
	p, err := ParseProfile("twins")
	if err != nil {
		t.Fatal(err)
	}
	beside := int64(0)
	for seed := uint64(2); beside == 0 && seed <= 8; seed++ {
		cfg := small(seed, p)
		cfg.Load = 60
		s, _ := mustPlay(t, cfg)
		beside += s.Moves["record beside"]
	}
	if beside == 0 {
		t.Error("no world had a record in a second history")
	}
}

// TestMainDevicePutBack: a main device that is put back again and again pays deeds
// before and after it has handed over to itself, and everything arrives in the end.
func TestMainDevicePutBack(t *testing.T) {
	p, err := ParseProfile("main")
	if err != nil {
		t.Fatal(err)
	}
	cfg := small(42, p)
	cfg.Load, cfg.Days, cfg.People, cfg.Devices = 12, 3, 3, 3
	deeds, renewed := int64(0), 0
	for range 4 {
		s, _ := mustPlay(t, cfg)
		deeds, renewed = deeds+s.Moves["deed"], renewed+s.Renewed
		cfg.Seed++
	}
	if deeds == 0 || renewed < 2 {
		t.Errorf("%d deeds were paid and %d incarnations begun", deeds, renewed)
	}
}

// TestOnceFailed plays the worlds that found something in the product, or in what
// is asked of it.
func TestOnceFailed(t *testing.T) {
	for _, x := range []struct {
		profile            string
		seed               uint64
		load, days, people int // 0: a small world's
		devices            int
		found              string
	}{
		{"everything", 101, 0, 0, 0, 0, "rights that a forked heir took were booked as loss when the rows were made again"},
		{"everything", 118, 0, 0, 0, 0, "a stranger's first change of the next charter ended that document"},
		{"restore", 1010, 12, 4, 16, 0, "an office that was put back twice began one term twice"},
		{"hostile", 900021, 12, 0, 0, 4, "(the oracle) a debt beyond its feed's cut was taken from points when it was written again"},
		{"year", 1001005, 8, 2, 8, 4, "(the oracle) the debt of a deduction of a closed year, paid already, was owed again in order to be forgiven"},
		{"year", 4, 30, 4, 10, 4, "a voucher of a closed year was never sent home, and the year could not be finished"},
		{"network", 1, 30, 4, 10, 4, "a deduction by the rulebook failed where a person has points under two records"},
		{"crash", 4000052, 8, 2, 8, 4, "(the oracle) a crash took a payment of a debt away that was counted"},
		{"restore", 4000621, 8, 2, 8, 4, "(the oracle) a till that was put back twice lacks the end of its own feed for a while"},
		{"restore", 1002100, 8, 2, 8, 4, "(the oracle) a hand-over whose patience was over cut off what a station alone held of the office"},
		{"everything", 1002851, 8, 2, 8, 4, "(the oracle) a copied till was put back to before it heard what its copy wrote"},
		{"twins", 4, 60, 3, 12, 5, "what came after a close was booked by numbers and not by the hashes of what counts: points unseen"},
		{"twins", 1000, 25, 4, 4, 4, "the same, a loss that was none"},
		{"twins", 1040, 25, 4, 4, 4, "a fork of a history whose sealed end waited stopped the device as damaged"},
		{"twins", 63, 60, 3, 12, 5, "(the oracle) a copied station that deducts first asks for points"},
	} {
		p, err := ParseProfile(x.profile)
		if err != nil {
			t.Fatal(err)
		}
		cfg := small(x.seed, p)
		cfg.Load, cfg.Days, cfg.People = cmp.Or(x.load, cfg.Load), cmp.Or(x.days, cfg.Days), cmp.Or(x.people, cfg.People)
		cfg.Devices = cmp.Or(x.devices, cfg.Devices)
		t.Run(x.found, func(t *testing.T) { mustPlay(t, cfg) })
	}
}

// TestQuarterApart: twelve devices that were each alone for 90 days hold the same
// after two rounds of every session, and then nobody says anything. The office changed
// the charter meanwhile: after that has come, a session compares once more, as rights
// may have moved.
func TestQuarterApart(t *testing.T) {
	cfg := Config{Seed: 12, Days: 90, Devices: 12, People: 40, Load: 2, Dir: t.TempDir()}
	w, err := newWorld(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	}()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(w.blame(err))
		}
	}
	for _, d := range w.devices {
		d.cut = true
	}
	must(w.net.connect())
	w.net.rng = rand.New(rand.NewPCG(cfg.Seed, 1))
	for _, e := range plan(cfg) {
		w.step = e.Step
		w.now = max(w.now+1, start+int64(e.Step)*stepMillis)
		must(w.act(e))
	}
	before := w.stats
	for _, d := range w.devices {
		d.cut = false
	}
	must(w.meet())
	must(w.checkEqual())
	must(w.checkKept())
	for _, l := range w.net.links {
		if a, b := l.sa.Stats(), l.sb.Stats(); a.Rounds > 3 || b.Rounds > 3 || !a.InSync || !b.InSync {
			t.Errorf("%s and %s: %d and %d rounds, in sync %v and %v", l.a, l.b, a.Rounds, b.Rounds, a.InSync, b.InSync)
		}
	}
	t.Logf("%d operations apart, %d admissions and %d kB to meet", before.Operations, w.stats.Admissions-before.Admissions, (w.stats.bytes-before.bytes)/1000)
	if before.Operations < 400 {
		t.Error("too little happened")
	}
	said := w.stats.bytes
	must(w.net.pump())
	if w.stats.bytes != said {
		t.Errorf("%d bytes after everything is said", w.stats.bytes-said)
	}
	must(w.settle(healRounds))
	must(w.checkEqual())
	must(w.checkDay())
	must(w.checkTruth())
}

// TestTricks plays every hostile move in turn.
func TestTricks(t *testing.T) {
	cfg := small(7, 0)
	cfg.Load = 40
	events := plan(cfg)
	for i := range tricks {
		events = append(events, Event{Step: cfg.Days*stepsPerDay - 1, Kind: evHostile, A: i, B: 0, Who: i, N: 1, Seed: uint64(i)})
	}
	cfg.Profile = FaultHostile
	s, _, err := play(context.Background(), cfg, events)
	if err != nil {
		t.Fatal(err)
	}
	if s.Hostile < len(tricks)*9/10 {
		t.Fatalf("%d of %d tricks were played", s.Hostile, len(tricks))
	}
}

func TestSameSeedSameTrace(t *testing.T) {
	for _, p := range []int{1, turns - 1} {
		p := profiles[p]
		cfg := small(5, p.Profile)
		cfg.Days = 2
		_, one := mustPlay(t, cfg)
		_, two := mustPlay(t, cfg)
		if one != two {
			t.Fatalf("profile %s, seed 5: %s and %s", p.name, one, two)
		}
	}
}

// TestShortStory: a world that fails is told without what has no part in it.
func TestShortStory(t *testing.T) {
	cfg := small(1, 0)
	cfg.Days = 1
	_, _, err := play(context.Background(), Config{Seed: 1, Days: 1, Devices: 3, People: 4, Load: 4, Dir: cfg.Dir, Cap: 1, broken: true}, plan(cfg))
	first, ok := errors.AsType[*Failure](err)
	if !ok {
		t.Fatal("a world that can't hold what it promises went well:", err)
	}
	cfg = Config{Seed: 1, Days: 1, Devices: 3, People: 4, Load: 20, Dir: cfg.Dir, broken: true}
	all := len(plan(cfg))
	f := shortest(context.Background(), cfg, first)
	if len(f.Story) >= all/2 {
		t.Fatalf("%d lines are left of %d events:\n%s", len(f.Story), all, strings.Join(f.Story, "\n"))
	}
}
