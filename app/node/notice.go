package node

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

const (
	// noticeEvery is how long a plugged cable may go unnoticed.
	noticeEvery = time.Second
	// jump is a gap between two looks that no busy machine makes: it slept, or
	// the process was stopped.
	jump = 5 * time.Second
)

// notice calls poke when what failed before says nothing any more: this machine
// slept, or its network changed. Wall time is looked at, because the other
// clock stands still while a machine sleeps.
func notice(ctx context.Context, now func() int64, network func() string, poke func()) {
	tick := time.NewTicker(noticeEvery)
	defer tick.Stop()
	last, had := now(), network()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		at, has := now(), network()
		if at-last > jump.Milliseconds() || has != had && has != "" {
			poke()
		}
		last, had = at, has
	}
}

// network describes the interfaces that carry something now, "" for none: a
// pulled cable takes the mark "running", a new network brings other addresses.
func network() string {
	s, _ := carrying() // some systems don't allow it: then only sleep is noticed
	return s
}

// unplugged tells whether surely no interface carries anything: without a
// network the others may just as well be switched off.
func unplugged() bool {
	s, err := carrying()
	return err == nil && s == ""
}

func carrying() (string, error) {
	list, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, i := range list {
		if i.Flags&net.FlagRunning == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err == nil {
			fmt.Fprintln(&b, i.Name, addrs)
		}
	}
	return b.String(), nil
}
