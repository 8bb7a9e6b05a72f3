package sim

import (
	"math/rand/v2"
)

// fault lets one thing go wrong.
func (w *world) fault(e Event) error {
	rng := e.rng()
	switch e.Kind {
	case evCut:
		return w.cutOff(e)
	case evPartition:
		return w.partition(e, rng)
	case evOneWay:
		return w.oneWay(e)
	case evWeather:
		return w.turnWeather(e, rng)
	case evSkew:
		return w.turnClock(e, rng)
	}
	return w.disk(e, rng)
}

// cutOff takes a device off the network, or brings it back.
func (w *world) cutOff(e Event) error {
	d := w.devices[e.A%len(w.devices)]
	d.cut = !d.cut
	w.note("cut %s: %v", d, d.cut)
	return w.net.connect()
}

// partition splits the community in two, or joins it again.
func (w *world) partition(e Event, rng *rand.Rand) error {
	if w.groups != nil {
		w.groups = nil
	} else {
		w.groups = make([]int, maxDevices)
		for i := range w.groups {
			w.groups[i] = rng.IntN(2)
		}
	}
	w.note("partition: %v", w.groups != nil)
	return w.net.connect()
}

// oneWay lets what one side of a link says be lost until the link is made anew.
func (w *world) oneWay(e Event) error {
	if len(w.net.links) == 0 {
		return nil
	}
	l := w.net.links[e.A%len(w.net.links)]
	l.oneWay = !l.oneWay
	if !l.oneWay {
		l.broken = true // a stream with a gap is not gone on with
	}
	w.note("one way %s, %s: %v", l.a, l.b, l.oneWay)
	return nil
}

// turnWeather changes what happens to frames.
func (w *world) turnWeather(e Event, rng *rand.Rand) error {
	w.net.rules = weather{}
	if rng.IntN(3) > 0 {
		w.net.rules = weather{drop: rng.IntN(60), twice: rng.IntN(30), swap: rng.IntN(30), late: rng.IntN(30)}
	}
	w.note("weather: %+v", w.net.rules)
	return nil
}

// turnClock sets a device's clock wrong, or right again.
func (w *world) turnClock(e Event, rng *rand.Rand) error {
	d := w.devices[e.A%len(w.devices)]
	const minute = 60 * 1000
	d.skew = []int64{0, 3 * minute, -4 * minute, 40 * minute, -26 * 60 * minute, 366 * 24 * 60 * minute}[rng.IntN(6)]
	w.note("clock of %s: %d minutes off", d, d.skew/minute)
	return nil
}
