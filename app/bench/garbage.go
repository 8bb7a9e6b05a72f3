package bench

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"jishan/app/fault"
	"jishan/app/page"
	"jishan/app/web"
)

// PhoneGarbage is what the till feels while strangers throw nonsense at the
// listener of the phone pages in the same process.
type PhoneGarbage struct {
	Quiet    float64 `json:"quiet_p99_ms"` // a redemption with nobody at the listener
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	Requests float64 `json:"requests_per_s"` // that the listener answered meanwhile
	Reached  int64   `json:"reached"`        // of them, the program behind the listener
}

const (
	garbageRate = 2000 // requests a second, the aim's figure
	// garbageSources are the addresses that they come from (127.0.1.n): one alone
	// would be refused by its first hundred requests, which is the cheap way out.
	garbageSources = 64
	// customers leave this between two of them, so that there is something to disturb.
	betweenCustomers = 5 * time.Millisecond
	garbageAim       = 100 // ms
)

// phoneGarbage redeems for a while in peace, then under fire.
func (l *lab) phoneGarbage(ctx context.Context) (line string, err error) {
	till, err := l.till(ctx, "garbage", l.n.redeemStock)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, till.d.store.Close()) }()
	target, err := newTarget()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, target.server.Close(context.WithoutCancel(ctx))) }()
	quiet, err := l.customers(ctx, till)
	if err != nil {
		return "", err
	}
	fire := target.underFire(ctx)
	begin := time.Now()
	loud, err := l.customers(ctx, till)
	took := time.Since(begin)
	answered := fire()
	if err != nil {
		return "", err
	}
	r := &PhoneGarbage{Quiet: quantile(quiet, 0.99), P50: quantile(loud, 0.5), P99: quantile(loud, 0.99),
		Requests: float64(answered) / took.Seconds(), Reached: target.reached.Load()}
	l.result.PhoneGarbage = r
	return fmt.Sprintf("redeem p50 %.2f ms, p99 %.2f ms at %.0f requests/s of garbage (aim %d ms at %d/s); in peace p99 %.2f ms", r.P50, r.P99, r.Requests, garbageAim, garbageRate, r.Quiet), nil
}

func (l *lab) customers(ctx context.Context, t *till) (took []float64, err error) {
	for range l.n.redemptions {
		ms, err := timed(func() error { return t.redeem(ctx) })
		if err != nil {
			return nil, err
		}
		took = append(took, ms)
		time.Sleep(betweenCustomers) // a till waits for its next customer
	}
	return took, nil
}

// target is the real listener with the real sealing; behind it nobody lives.
type target struct {
	station *page.Station
	server  *web.Server
	reached atomic.Int64
}

func newTarget() (*target, error) {
	t := &target{}
	var err error
	if t.station, err = page.New(rand.Reader, now); err != nil {
		return nil, err
	}
	pages := fstest.MapFS{"phone.html": {Data: []byte("<!doctype html>")}}
	site, err := web.New(web.Config{Product: t, Dist: pages, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Random: rand.Reader, Fresh: func() bool { return false }})
	if err == nil {
		t.server, err = site.ServePhone("127.0.0.1:0")
	}
	return t, err
}

// PhoneCall opens the box, as a device does, and knows no call.
func (t *target) PhoneCall(_ context.Context, name string, params json.RawMessage) (any, error) {
	t.reached.Add(1)
	if _, err := t.station.Open(name, params); err != nil {
		return nil, err
	}
	return nil, fault.New("call.unknown", "name", "")
}

// Call is not reached from the phones' listener.
func (t *target) Call(context.Context, string, json.RawMessage) (any, error) {
	return nil, fault.New("call.unknown", "name", "")
}

// File is not reached from the phones' listener.
func (t *target) File(context.Context, string, url.Values) (*web.File, error) {
	return nil, fault.New("file.unknown", "name", "")
}

// Events is not reached from the phones' listener.
func (t *target) Events(context.Context) <-chan []string { return nil }

// underFire begins to throw; the returned function ends it and tells how many
// requests were answered.
func (t *target) underFire(ctx context.Context) (stop func() int64) {
	ctx, cancel := context.WithCancel(ctx)
	var answered atomic.Int64
	var all sync.WaitGroup
	for n := range garbageSources {
		all.Go(func() { t.throw(ctx, n, &answered) })
	}
	return func() int64 { cancel(); all.Wait(); return answered.Load() }
}

// throw keeps one address busy until ctx ends. A connection that the listener
// closes is opened again, as a stranger would.
func (t *target) throw(ctx context.Context, n int, answered *atomic.Int64) {
	pace := time.NewTicker(time.Second * garbageSources / garbageRate)
	defer pace.Stop()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+n))}}
	for ctx.Err() == nil {
		c, err := from.DialContext(ctx, "tcp", t.server.Addr())
		if err != nil {
			from.LocalAddr = nil // systems with one loopback address
			<-pace.C
			continue
		}
		for i := 0; ctx.Err() == nil && ask(c, garbage(n+i), answered) == nil; i++ {
			<-pace.C
		}
		_ = c.Close()
	}
}

// ask sends one request and reads its answer away.
func ask(c net.Conn, request []byte, answered *atomic.Int64) error {
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := c.Write(request); err != nil {
		return err
	}
	rsp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, rsp.Body)
	answered.Add(1)
	return errors.Join(err, rsp.Body.Close())
}

// garbage takes turns: boxes of the right shape with nothing in them, a sign-in,
// nonsense, a long body, the page, a path that is none.
func garbage(i int) []byte {
	noise := make([]byte, 32+24+200)
	_, _ = rand.Read(noise) // never fails
	box, _ := json.Marshal(page.Sealed{Page: noise[:32], Nonce: noise[32:56], Box: noise[56:]})
	post := func(name string, body []byte) []byte {
		return append(fmt.Appendf(nil, "POST /phone/call/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", name, len(body)), body...)
	}
	switch i % 6 {
	case 0, 1:
		return post("phone.me", box)
	case 2:
		return post("phone.signIn", box)
	case 3:
		return post("phone.me", noise)
	case 4:
		return post("phone.postWish", make([]byte, 32<<10))
	default:
		return []byte("GET /../%00/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	}
}
