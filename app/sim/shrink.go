package sim

import (
	"context"
	"errors"
)

// maxTries bounds how many worlds are played to shorten one story.
const maxTries = 250

// shortest drops events as long as the world still fails in the same way, and
// returns the failure of the shortest list it found.
func shortest(ctx context.Context, cfg Config, first *Failure) *Failure {
	events, best, tries := plan(cfg), first, 0
	for len(events) > 0 && events[len(events)-1].Step > first.Step {
		events = events[:len(events)-1] // what came later has no part in it
	}
	fails := func(list []Event) *Failure {
		tries++
		_, _, err := play(ctx, cfg, list)
		if f, ok := errors.AsType[*Failure](err); ok && f.Oracle == first.Oracle {
			return f
		}
		return nil
	}
	for size := max(1, len(events)/2); size > 0 && tries < maxTries && ctx.Err() == nil; size /= 2 {
		for at := 0; at < len(events) && tries < maxTries; {
			less := append(append([]Event{}, events[:at]...), events[min(at+size, len(events)):]...)
			if f := fails(less); f != nil {
				events, best = less, f
				continue
			}
			at += size
		}
	}
	return best
}
