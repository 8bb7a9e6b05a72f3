package node

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestSleepAndANewNetworkEndThePauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		slept, cable, pokes := int64(0), "eth0", 0
		go notice(ctx, func() int64 { return time.Now().UnixMilli() + slept }, func() string { return cable }, func() { pokes++ })
		see := func(what string, want int) {
			t.Helper()
			time.Sleep(10 * noticeEvery)
			synctest.Wait()
			if pokes != want {
				t.Errorf("%s: poked %d times, want %d", what, pokes, want)
			}
		}
		see("nothing happened", 0)
		slept += time.Hour.Milliseconds()
		see("an hour of sleep", 1)
		cable = ""
		see("the cable pulled", 1)
		cable = "eth0"
		see("the cable back", 2)
		cable = "wlan0"
		see("another network", 3)
	})
}
