package discover

import (
	"context"
	"fmt"
	"strings"

	"github.com/grandcat/zeroconf"
)

// Seen is what a look around found: devices of this program, of whichever
// community, told apart by their keys.
type Seen struct{ Devices, Communities int }

// Survey looks around until ctx ends and announces nothing.
func Survey(ctx context.Context, service string) (Seen, error) {
	r, err := resolver()
	if err != nil {
		return Seen{}, fmt.Errorf("discover: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	entries := make(chan *zeroconf.ServiceEntry, 16)
	if err = r.Browse(ctx, service, "local.", entries); err != nil {
		cancel() // the resolver then closes entries
	}
	devices, communities := map[string]bool{}, map[string]bool{}
	for e := range entries {
		if len(devices) >= maxSightings {
			continue // to its end: a resolver that can't report never ends
		}
		for _, t := range e.Text {
			switch key, value, _ := strings.Cut(t, "="); key {
			case "p":
				devices[value] = true
			case "c":
				communities[value] = true
			}
		}
	}
	if err != nil {
		return Seen{}, fmt.Errorf("discover: %w", err)
	}
	return Seen{len(devices), len(communities)}, nil
}
