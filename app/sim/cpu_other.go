//go:build !unix

package sim

import "time"

var began = time.Now()

// cpuSeconds is the time since the start: an upper bound for one goroutine.
func cpuSeconds() float64 { return time.Since(began).Seconds() }
