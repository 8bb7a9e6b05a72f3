package sim

import (
	"fmt"
	"math/rand/v2"
)

// Kind is what an event is about.
type Kind uint8

// The events. What people do comes first, then what goes wrong.
const (
	evAward Kind = iota
	evRedeem
	evUndo
	evMove
	evPull
	evPaper   // a voucher is written and carried away
	evDeliver // and arrives
	evHome
	evStock
	evTurn
	evDeed   // the main device pays a deed under a turn of its own making
	evTwice  // the same button pressed twice
	evBroken // a transaction that fails after it has written
	evDeduct
	evBenefit
	evBudget // the office raises the year's budget and gives a share of it
	evPublish
	evSignUp
	evSignOff
	evPromote
	evPlaces
	evDelegate
	evCancel
	evCoupon // a voucher that is good for some days
	evShow   // and somebody shows it
	evRecall // or calls it back
	evJoin   // two records are one person, or are not any more
	evCut    // one device offline, or back
	evPartition
	evOneWay
	evWeather
	evSkew
	evCrash
	evBackup
	evRestore
	evLock
	evClone
	evWipe
	evRevoke
	evHostile
	evTwin // a station is copied
)

var kindNames = map[Kind]string{
	evAward: "award", evRedeem: "redeem", evUndo: "undo", evMove: "move", evPull: "pull", evPaper: "voucher", evDeliver: "deliver",
	evHome: "home", evStock: "stock", evTurn: "turn", evDeed: "deed", evTwice: "twice",
	evBroken: "broken off", evDeduct: "deduct", evBenefit: "benefit", evBudget: "budget", evPublish: "publish", evSignUp: "sign up", evSignOff: "sign off",
	evPromote: "promote", evPlaces: "places", evDelegate: "delegate", evCancel: "cancel", evCoupon: "coupon", evShow: "show", evRecall: "recall", evJoin: "join", evCut: "cut", evPartition: "partition", evOneWay: "one way",
	evWeather: "weather", evSkew: "skew", evCrash: "crash", evBackup: "backup", evRestore: "restore", evLock: "lock", evClone: "clone",
	evWipe: "wipe", evRevoke: "revoke", evHostile: "hostile", evTwin: "twin",
}

// Event is one thing that happens. It holds all its choices, so that dropping
// others leaves it what it is.
type Event struct {
	Step int
	Kind Kind
	A, B int // devices, taken modulo how many there are
	Who  int // person
	N    int64
	Seed uint64 // for what else it must choose
}

// Profile says which faults a world has.
type Profile uint16

// The faults; a profile is a set of them.
const (
	FaultNetwork Profile = 1 << iota
	FaultClock
	FaultCrash
	FaultRestore
	FaultClone
	FaultRevoke
	FaultHostile
	YearEnd // no fault: New Year comes while the world lasts
	FaultTwin
	FaultMain // what is put back is the main device, which pays all deeds itself
)

// turns is how many profiles seeds go through in turn; those behind are played by
// name only.
const turns = 9

// Profiles by name, in the order in which seeds go through them.
var profiles = []struct {
	name string
	Profile
}{
	{"none", 0},
	{"network", FaultNetwork | FaultClock},
	{"crash", FaultNetwork | FaultClock | FaultCrash},
	{"hostile", FaultNetwork | FaultHostile},
	{"restore", FaultNetwork | FaultRestore},
	{"clone", FaultNetwork | FaultClone},
	{"revoke", FaultNetwork | FaultRevoke},
	{"year", FaultNetwork | YearEnd},
	{"everything", FaultNetwork | FaultClock | FaultCrash | FaultRestore | FaultClone | FaultRevoke | FaultHostile | YearEnd},
	{"twins", FaultNetwork | FaultTwin},
	{"main", FaultNetwork | FaultMain},
}

// ParseProfile reads a profile's name.
func ParseProfile(name string) (Profile, error) {
	for _, p := range profiles {
		if p.name == name {
			return p.Profile, nil
		}
	}
	return 0, fmt.Errorf("there is no profile %q", name)
}

func (p Profile) String() string {
	for _, o := range profiles {
		if o.Profile == p {
			return o.name
		}
	}
	return fmt.Sprintf("profile %d", uint16(p))
}

// share is how often an event of a kind comes among a thousand.
type share struct {
	Kind
	n int
}

var people = []share{{evAward, 400}, {evRedeem, 380}, {evUndo, 40}, {evMove, 40}, {evPull, 50}, {evPaper, 25}, {evDeliver, 25}, {evHome, 10}, {evStock, 15}, {evTurn, 5}, {evTwice, 10},
	{evBroken, 20}, {evDeduct, 15}, {evBenefit, 30}, {evBudget, 12}, {evPublish, 8}, {evSignUp, 50}, {evSignOff, 14}, {evPromote, 6}, {evPlaces, 5}, {evDelegate, 6}, {evCancel, 1}, {evCoupon, 20}, {evShow, 24}, {evRecall, 10}, {evJoin, 10}}

// faults lists, by fault, how many events of each kind come in ten device days.
var faults = []struct {
	Profile
	shares []share
}{
	{FaultNetwork, []share{{evCut, 12}, {evPartition, 3}, {evOneWay, 2}, {evWeather, 3}}},
	{FaultClock, []share{{evSkew, 3}}},
	{FaultCrash, []share{{evCrash, 8}}},
	{FaultRestore, []share{{evBackup, 6}, {evRestore, 2}, {evLock, 1}}},
	{FaultClone, []share{{evClone, 1}}},
	{FaultRevoke, []share{{evRevoke, 1}, {evWipe, 1}}},
	{FaultHostile, []share{{evHostile, 30}}},
	{FaultTwin, []share{{evTwin, 4}}},
	{FaultMain, []share{{evBackup, 4}, {evRestore, 4}}},
}

// plan makes everything that happens in a world, in order.
func plan(cfg Config) (list []Event) {
	rng := rand.New(rand.NewPCG(cfg.Seed, 0x5eed))
	table := make([]Kind, 0, 1000)
	shares := people
	if cfg.Habits {
		shares = habitual
	}
	for _, s := range shares {
		for range s.n {
			table = append(table, s.Kind)
		}
	}
	event := func(step int, k Kind) Event {
		if k == evAward && cfg.Profile&FaultMain != 0 {
			k = evDeed
		}
		return Event{Step: step, Kind: k, A: rng.IntN(1 << 20), B: rng.IntN(1 << 20), Who: rng.IntN(1 << 20), N: int64(1 + rng.IntN(80)), Seed: rng.Uint64()}
	}
	perStep := cfg.Load * cfg.Devices
	for step := range cfg.Days * stepsPerDay {
		for _, f := range faults {
			if cfg.Profile&f.Profile == 0 {
				continue
			}
			for _, s := range f.shares {
				if rng.IntN(10*stepsPerDay) < s.n*cfg.Devices {
					list = append(list, event(step, s.Kind))
				}
			}
		}
		n := perStep / stepsPerDay
		if rng.IntN(stepsPerDay) < perStep%stepsPerDay {
			n++
		}
		for range n {
			list = append(list, event(step, table[rng.IntN(len(table))]))
		}
	}
	if cfg.Habits {
		usualPlaces(cfg, list)
	}
	return list
}
