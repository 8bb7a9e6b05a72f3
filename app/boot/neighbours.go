package boot

import (
	"context"
	"fmt"
	"time"

	"jishan/p2p/discover"
)

// lookAround is how long the doctor waits for answers: they take milliseconds,
// a sleepy wireless network a second or two.
const lookAround = 3 * time.Second

// service is the name under which devices announce themselves on the LAN.
const service = "_jishan._tcp"

// neighbours looks for devices on the LAN for a moment.
func (e *examination) neighbours() (state, string) {
	if !e.lan {
		return fine, "not looked for, as asked"
	}
	ctx, cancel := context.WithTimeout(e.ctx, lookAround)
	defer cancel()
	seen, err := discover.Survey(ctx, service)
	switch {
	case err != nil:
		return careful, "looking for devices on the LAN does not work here (multicast DNS, 5353/udp)"
	case seen.Devices == 0:
		return fine, "no device announces itself on this LAN"
	}
	return fine, fmt.Sprintf("%d devices of %d communities on this LAN", seen.Devices, seen.Communities)
}
