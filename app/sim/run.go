package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
)

// play runs one world with the events given. The error is a *Failure, or the
// machine's trouble.
func play(ctx context.Context, cfg Config, events []Event) (s Stats, trace string, err error) {
	dir, err := os.MkdirTemp(cfg.Dir, "jishan-sim-")
	if err != nil {
		return s, "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg.Dir = dir
	w, err := newWorld(ctx, cfg)
	if err != nil {
		return s, "", w.blame(err)
	}
	err = w.live(events)
	err = w.blame(err)
	err = errors.Join(err, w.close())
	return w.stats, w.hash(), err
}

// blame completes a failure with where and after what it came.
func (w *world) blame(err error) error {
	if err == nil {
		return nil
	}
	if w == nil { // not even the first day was reached
		return &Failure{Oracle: "founding", Text: err.Error()}
	}
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		if w.ctx.Err() != nil {
			return err
		}
		f = &Failure{Oracle: "error", Text: err.Error()}
	}
	f.Seed, f.Step, f.Story = w.cfg.Seed, w.step, w.story
	return f
}

// live goes through the days, then heals everything and looks at what is left.
func (w *world) live(events []Event) error {
	for w.step = range w.cfg.Days * stepsPerDay {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		w.now = w.cfg.begins() + int64(w.step+1)*stepMillis
		w.net.rng = rand.New(rand.NewPCG(w.cfg.Seed, uint64(w.step)+1<<32))
		w.presence()
		if err := w.meet(); err != nil {
			return err
		}
		for len(events) > 0 && events[0].Step <= w.step {
			w.now++
			if err := w.act(events[0]); err != nil {
				return fmt.Errorf("%s: %w", kindNames[events[0].Kind], err)
			}
			if err := cmpOr(w.payUp(), w.meanwhile()); err != nil {
				return err
			}
			events = events[1:]
		}
		if err := w.endStep(); err != nil {
			return err
		}
	}
	if w.cfg.Habits {
		if err := w.loot(); err != nil {
			return err
		}
	}
	return w.heal()
}

// presence draws who is connected in this step, where a world is about that.
func (w *world) presence() {
	if w.cfg.Online == 0 {
		return
	}
	for _, d := range w.devices {
		d.cut = w.net.rng.IntN(100) >= w.cfg.Online
	}
}

func (w *world) endStep() error {
	if err := w.renewAll(); err != nil {
		return err
	}
	if err := w.endYear(); err != nil {
		return err
	}
	if err := w.settle(1); err != nil {
		return err
	}
	if err := w.net.pump(); err != nil {
		return err
	}
	if (w.step+1)%stepsPerDay == 0 {
		for _, d := range w.devices {
			if !d.down {
				w.stats.PeerDays++
			}
		}
		return w.checkDay()
	}
	return w.checkStep()
}

// healRounds bounds how long the devices may need after the last fault: MOVEs
// chase each other home over a few hops.
const healRounds = 12

// heal ends every fault, lets all meet, and checks what must hold then.
func (w *world) heal() error {
	w.net.rules, w.groups, w.healing = weather{}, nil, true
	for _, l := range w.net.links {
		l.broken = true // what was garbled is not gone on with
	}
	for _, d := range w.devices {
		d.cut, d.skew, d.dirty = false, 0, true
	}
	w.cfg.Online = 0
	w.now += stepMillis
	if err := w.settle(healRounds); err != nil {
		return err
	}
	if err := w.endCopies(); err != nil {
		return err
	}
	if err := w.settle(healRounds); err != nil {
		return err
	}
	if err := w.endCoupons(); err != nil {
		return err
	}
	if err := w.net.pump(); err != nil {
		return err
	}
	for _, check := range []func() error{w.checkDay, w.checkEqual, w.checkArrived, w.checkKept, w.checkRebuild, w.checkTruth, w.checkBound, w.finishYear, w.serveAll, w.serveBenefits, w.servePay, w.atEnd, w.checkCoupons} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// tmpfs is where folders are made by default: a file system in memory, so that
// a commit costs no disk, if the machine has one.
func tmpfs() string {
	const shm = "/dev/shm"
	if f, err := os.MkdirTemp(shm, "jishan-sim-"); err == nil {
		if os.Remove(f) == nil {
			return shm
		}
	}
	return os.TempDir()
}
