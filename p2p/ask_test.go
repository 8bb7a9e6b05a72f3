package p2p

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
)

func answering(f func(ctx context.Context, pub [32]byte, req []byte) ([]byte, error)) func(*Config) {
	return func(c *Config) { c.Answer = f }
}

func TestAsk(t *testing.T) {
	a := start(t, "a")
	b := start(t, "b", answering(func(_ context.Context, pub [32]byte, req []byte) ([]byte, error) {
		if pub != pubOf("a") {
			return nil, &AnswerError{"who are you"}
		}
		switch string(req) {
		case "fail":
			return nil, errors.New("secret detail")
		case "tell":
			return nil, &AnswerError{"no such person"}
		}
		return append([]byte("re: "), req...), nil
	}))
	link2(t, a, b, "")
	ask := func(req string) (string, error) {
		r, err := a.Ask(t.Context(), b.ID(), []byte(req))
		return string(r), err
	}
	if r, err := ask("rights"); r != "re: rights" || err != nil {
		t.Errorf("%q, %v", r, err)
	}
	var told *AnswerError
	if _, err := ask("tell"); !errors.As(err, &told) || told.Text != "no such person" {
		t.Errorf("%v", err)
	}
	if _, err := ask("fail"); !errors.As(err, &told) || bytes.Contains([]byte(told.Text), []byte("secret")) {
		t.Errorf("%v", err)
	}
	if _, err := b.Ask(t.Context(), a.ID(), []byte("x")); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("%v", err)
	}
}

func TestAskLimits(t *testing.T) {
	a := start(t, "a")
	b := start(t, "b", answering(func(_ context.Context, _ [32]byte, req []byte) ([]byte, error) {
		if len(req) == 0 {
			return make([]byte, MaxAsk+1), nil
		}
		return req, nil
	}))
	if _, err := a.Ask(t.Context(), b.ID(), nil); !errors.Is(err, ErrNoAddress) {
		t.Errorf("without an address: %v", err)
	}
	link2(t, a, b, "")
	full := make([]byte, MaxAsk)
	if r, err := a.Ask(t.Context(), b.ID(), full); err != nil || !bytes.Equal(r, full) {
		t.Errorf("%d bytes, %v", len(r), err)
	}
	if _, err := a.Ask(t.Context(), b.ID(), make([]byte, MaxAsk+1)); !errors.Is(err, ErrAskLimit) {
		t.Errorf("too large: %v", err)
	}
	var told *AnswerError
	if _, err := a.Ask(t.Context(), b.ID(), nil); !errors.As(err, &told) {
		t.Errorf("answer too large: %v", err)
	}
	limited := false
	for range 2 * askBurst {
		if _, err := a.Ask(t.Context(), b.ID(), []byte("x")); errors.Is(err, ErrAskLimit) {
			limited = true
			break
		}
	}
	if !limited {
		t.Fatal("no limit on questions")
	}
	if e := b.waitEvent(Refused, a.ID()); !errors.Is(e.Reason, ErrAskLimit) {
		t.Errorf("reported: %v", e.Reason)
	}
}

func TestAskStranger(t *testing.T) {
	a := start(t, "a")
	var guests atomic.Bool
	b := start(t, "b", answering(func(context.Context, [32]byte, []byte) ([]byte, error) { return []byte("x"), nil }),
		func(c *Config) { c.Guest = func([32]byte) bool { return guests.Load() } })
	if err := a.bookOnly(b.ID(), b.Addrs()); err != nil {
		t.Fatal(err)
	}
	b.bar(a.ID(), true)
	if _, err := a.Ask(t.Context(), b.ID(), []byte("x")); err == nil {
		t.Error("a stranger got an answer")
	}
	// Admitted as a guest it still gets none.
	guests.Store(true)
	if _, err := a.Ask(t.Context(), b.ID(), []byte("x")); !errors.Is(err, ErrNotMember) {
		t.Errorf("guest: %v", err)
	}
}

func TestAskTimeout(t *testing.T) {
	a := start(t, "a")
	b := start(t, "b", answering(func(ctx context.Context, _ [32]byte, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	link2(t, a, b, "")
	ctx, cancel := context.WithTimeout(t.Context(), quick.Ping)
	defer cancel()
	if _, err := a.Ask(ctx, b.ID(), []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// A typed address has no key in it: the device that answers says which it has,
// also to those whom its gate refuses, and hears nothing of who asked.
func TestWhose(t *testing.T) {
	office := start(t, "office", func(c *Config) { c.Gate = func([32]byte) bool { return false } })
	joiner := start(t, "joiner")
	var tcp []string
	for _, a := range office.Addrs() {
		if !strings.Contains(a, "/udp/") {
			tcp = append(tcp, a)
		}
	}
	if got, err := joiner.Whose(t.Context(), tcp); err != nil || got != office.ID() {
		t.Errorf("%x, %v", got, err)
	}
	if _, err := joiner.Whose(t.Context(), nil); !errors.Is(err, ErrNoAddress) {
		t.Errorf("no address: %v", err)
	}
	if _, err := joiner.Whose(t.Context(), []string{"/ip4/127.0.0.1/tcp/1"}); err == nil {
		t.Error("nobody answered")
	}
	select {
	case e := <-office.events:
		t.Errorf("it was told of %+v", e)
	default:
	}
}
