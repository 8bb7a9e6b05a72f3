package sim

import "math/rand/v2"

func (w *world) attack(e Event, rng *rand.Rand) error { return nil }
