package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"jishan/app/terminal"
	"jishan/crdt/seal"
)

// Exit codes, as the other commands have them.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Result is the object that --json prints.
type Result struct {
	Seeds        int              `json:"seeds"`
	From         uint64           `json:"from"`
	Profile      string           `json:"profile"`
	Operations   int              `json:"operations"`
	Admissions   int              `json:"admissions"`
	PeerDays     int              `json:"peer_days"`
	CPUSeconds   float64          `json:"cpu_seconds"`
	Overspent    int64            `json:"overspent"`           // points given that nobody had, where no fault explains it
	LossNoFaults int64            `json:"loss_without_faults"` // booked as loss in worlds without clones, thieves and restored disks
	Lost         int              `json:"lost"`                // acknowledged changes that are gone
	Diverged     int              `json:"diverged"`            // devices that differ after healing
	Accepted     float64          `json:"accepted_of_affordable"`
	Hostile      int              `json:"hostile_changes"`
	Renewed      int              `json:"renewed_incarnations"`
	Unsynced     int              `json:"unsynced"`       // acknowledged changes that only a wiped or restored disk held
	Stranded     int64            `json:"stranded"`       // points that wait with closed or left feeds
	Loss         int64            `json:"loss"`           // points booked as loss, with faults that may cost
	CloneLoss    int64            `json:"clone_loss_max"` // the greatest loss in one world
	Moves        map[string]int64 `json:"moves"`          // what was done: how often, for points and pieces how many
	Trace        string           `json:"trace"`
	Failures     []*Failure       `json:"failures,omitempty"`
}

// options are the command's flags.
type options struct {
	seeds         int
	from          uint64
	days, devices int
	people, load  int
	limit         int64
	online        int
	profile       string
	dir           string
	json          bool
	shrink        bool
	compare       bool
	plot          string
	first         bool
}

// Run simulates and prints; it returns the exit code: 1 when a promise was
// broken.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	defer seal.Remember()()
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	run := simulate
	if o.compare {
		run = compare
	}
	ok, err := run(ctx, o, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "jishan sim:", terminal.Words(err))
		return exitFailed
	}
	if !ok {
		return exitFailed
	}
	return exitOK
}

// gcPercent lets the heap grow further than a running device would: a world is
// small, and what it throws away is most of what it allocates.
const gcPercent = 400

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("jishan sim", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.seeds, "seeds", 16, "how many worlds")
	f.Uint64Var(&o.from, "from", 1, "the first seed")
	f.IntVar(&o.days, "days", 5, "days in a world")
	f.IntVar(&o.devices, "devices", 5, "devices in a community")
	f.IntVar(&o.people, "people", 24, "people in a community")
	f.IntVar(&o.load, "load", 30, "operations a device and day")
	f.Int64Var(&o.limit, "cap", 0, "exposure of a till in points; 0: as communities begin, -1: none")
	f.IntVar(&o.online, "online", 0, "per cent of the steps in which a device is connected; 0: always")
	f.StringVar(&o.profile, "profile", "", "faults: none, network, crash, hostile, restore, clone, revoke, year, everything, and twins, main; without it, seeds take turns through all but the last two")
	f.StringVar(&o.dir, "dir", tmpfs(), "where folders are made; best a file system in memory")
	f.BoolVar(&o.json, "json", false, "print the result as JSON")
	f.BoolVar(&o.shrink, "shrink", true, "look for the shortest story of a failure")
	f.BoolVar(&o.first, "first", false, "stop at the first failure")
	f.BoolVar(&o.compare, "compare", false, "compare quotas with two simpler ways, instead")
	f.StringVar(&o.plot, "plot", "", "with --compare: write the plot to this SVG file")
	if err := terminal.Parse(f, args, stderr); err != nil {
		return o, err
	}
	if o.profile != "" {
		_, err = ParseProfile(o.profile)
	}
	if f.NArg() > 0 || o.seeds < 1 || o.days < 1 || o.days > maxDays || o.devices < 2 || o.devices > maxDevices ||
		o.people < 1 || o.people > maxPeople || o.load < 1 || o.load > maxLoad {
		err = fmt.Errorf("not understood: %s; --seeds takes at least 1, --days 1 to %d, --devices 2 to %d, --people 1 to %d, --load 1 to %d",
			terminal.Line(strings.Join(args, " ")), maxDays, maxDevices, maxPeople, maxLoad)
	}
	if err != nil {
		fmt.Fprintln(stderr, "jishan sim:", err)
	}
	return o, err
}

// Bounds of a world: every two devices have a session, and the whole story of
// a world lies in memory before it is played.
const (
	maxDevices = 40
	maxDays    = 3660
	maxPeople  = 10_000
	maxLoad    = 1000
)

// config is the world of the i-th seed.
func (o options) config(i int) Config {
	c := Config{Seed: o.from + uint64(i), Days: o.days, Devices: o.devices, People: o.people, Load: o.load, Cap: o.limit, Online: o.online, Dir: o.dir}
	c.Profile, _ = ParseProfile(o.profile) // parse checked it
	if o.profile == "" {
		c.Profile = profiles[c.Seed%turns].Profile
	}
	return c
}

// maxFailures is after how many failures the rest is not looked at.
const maxFailures = 5

func simulate(ctx context.Context, o options, stdout, stderr io.Writer) (bool, error) {
	r := Result{From: o.from, Profile: o.profile}
	if r.Profile == "" {
		r.Profile = "all in turn"
	}
	before := cpuSeconds()
	trace := sha256.New()
	affordable, accepted := 0, 0
	for i := range o.seeds {
		if len(r.Failures) >= maxFailures || o.first && len(r.Failures) > 0 {
			break
		}
		cfg := o.config(i)
		s, hash, err := play(ctx, cfg, plan(cfg))
		f, failed := errors.AsType[*Failure](err)
		if err != nil && !failed {
			return false, err
		}
		_, _ = io.WriteString(trace, hash)
		r.add(s, cfg)
		affordable, accepted = affordable+s.Affordable, accepted+s.Accepted
		if failed {
			if o.shrink {
				f = shortest(ctx, cfg, f)
			}
			r.blame(f)
			fmt.Fprintf(stderr, "profile %s, %v\n  %s\n", cfg.Profile, f, strings.Join(f.Story, "\n  "))
		}
	}
	r.CPUSeconds = cpuSeconds() - before
	r.Trace = hex.EncodeToString(trace.Sum(nil)[:16])
	if affordable > 0 {
		r.Accepted = float64(accepted) / float64(affordable)
	}
	if o.json {
		return len(r.Failures) == 0, json.NewEncoder(stdout).Encode(r)
	}
	_, err := fmt.Fprintf(stdout, "%d seeds (%s): %d operations, %d admissions, %d peer-days in %.1f CPU seconds (%.1f peer-days and %.0f admissions a CPU second)\n"+
		"overspent %d, loss without faults %d, lost %d, diverged %d, %.2f %% of what was affordable was accepted\ntrace %s\n",
		r.Seeds, r.Profile, r.Operations, r.Admissions, r.PeerDays, r.CPUSeconds, float64(r.PeerDays)/r.CPUSeconds, float64(r.Admissions)/r.CPUSeconds,
		r.Overspent, r.LossNoFaults, r.Lost, r.Diverged, 100*r.Accepted, r.Trace)
	return len(r.Failures) == 0, err
}

func (r *Result) add(s Stats, cfg Config) {
	r.Seeds++
	r.Operations += s.Operations
	r.Admissions += s.Admissions
	r.PeerDays += s.PeerDays
	r.Hostile += s.Hostile
	r.Renewed += s.Renewed
	r.Unsynced += s.Unsynced
	r.Stranded += s.Stranded
	r.Loss += s.Loss
	r.CloneLoss = max(r.CloneLoss, s.CloneLoss)
	for what, n := range s.Moves {
		if r.Moves == nil {
			r.Moves = map[string]int64{}
		}
		r.Moves[what] += n
	}
}

// blame counts a failure under the promise that it breaks.
func (r *Result) blame(f *Failure) {
	r.Failures = append(r.Failures, f)
	switch f.Oracle {
	case "overspent", "equality", "negative", "truth", "deed", "undo", "paid", "closed", "debt", "benefit", "places", "budget", "stock", "year":
		r.Overspent++
	case "loss":
		r.LossNoFaults++
	case "lost":
		r.Lost++
	case "diverged", "rebuild", "rooms":
		r.Diverged++
	}
}
