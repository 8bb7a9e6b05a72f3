package pair

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"jishan/p2p"
)

var offered = Offer{Community: "滨河社区", Inviter: "1 号电脑", Role: "station", Place: "柳溪实践站", Name: "柳溪站电脑"}

// office is a window with a clock of its own, and what it was asked for.
type office struct {
	*Window
	now     atomic.Int64
	invited atomic.Int32
}

func newOffice(self [32]byte) *office {
	o := &office{}
	o.now.Store(now)
	o.Window = NewWindow(self, o.now.Load, rand.Reader, func(d [32]byte, x Offer) (string, error) {
		o.invited.Add(1)
		return fmt.Sprintf("ticket of %s for %d", x.Name, d[0]), nil
	}, func() {})
	return o
}

// meetHost joins a device to a window through an in-memory pipe.
type meetHost struct {
	self   [32]byte
	window *Window
}

func (h meetHost) ID() [32]byte { return h.self }
func (h meetHost) OpenGuest(context.Context, [32]byte, []string, string) (p2p.Stream, func(), error) {
	a, b := net.Pipe()
	go h.window.Handle(h.self, pipeStream{b})
	return pipeStream{a}, func() {}, nil
}

func (o *office) knock(t *testing.T, who byte) *Encounter {
	t.Helper()
	e, err := Knock(t.Context(), meetHost{[32]byte{who}, o.Window}, rand.Reader, o.self, nil, fmt.Sprintf("电脑 %d", who))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// until waits for a phase of a device.
func (o *office) until(t *testing.T, who byte, p Phase) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		for _, k := range o.View().Knockers {
			if k.Device == [32]byte{who} && k.Phase == p {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("device %d never came to phase %d: %+v", who, p, o.View())
		}
	}
}

// pick has a device picked and returns what its screen shows.
func (o *office) pick(t *testing.T, e *Encounter, who byte) (Offer, string) {
	t.Helper()
	o.until(t, who, Waiting)
	if err := o.Pick([32]byte{who}, offered); err != nil {
		t.Fatal(err)
	}
	got, digits, err := e.Offered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.until(t, who, Compare)
	return got, digits
}

type outcome struct {
	ticket string
	err    error
}

func agree(t *testing.T, e *Encounter) <-chan outcome {
	out := make(chan outcome, 1)
	go func() {
		err := e.Agree()
		ticket := ""
		if err == nil {
			ticket, err = e.Outcome(t.Context())
		}
		out <- outcome{ticket, err}
	}()
	return out
}

// Two devices meet: whoever says first that it agrees, both have to.
func TestMeet(t *testing.T) {
	for _, typedFirst := range []bool{true, false} {
		o := newOffice([32]byte{7})
		o.Open()
		e := o.knock(t, 9)
		got, digits := o.pick(t, e, 9)
		if got != offered || len(digits) != Digits {
			t.Fatalf("%+v %q", got, digits)
		}
		var out <-chan outcome
		if !typedFirst {
			out = agree(t, e)
		}
		if o.invited.Load() != 0 {
			t.Fatal("invited before both agreed")
		}
		if err := o.Type(digits); err != nil {
			t.Fatal(err)
		}
		if typedFirst {
			o.until(t, 9, Matched)
			if o.invited.Load() != 0 {
				t.Fatal("invited before the other side agreed")
			}
			out = agree(t, e)
		}
		if x := <-out; x.err != nil || x.ticket != "ticket of 柳溪站电脑 for 9" {
			t.Errorf("%+v", x)
		}
		o.until(t, 9, Invited)
		if o.invited.Load() != 1 {
			t.Errorf("invited %d times", o.invited.Load())
		}
	}
}

// Somebody stands between the two with keys of its own, and hands on whatever it
// likes: what is read on one screen does not fit the other.
func TestSomebodyInBetween(t *testing.T) {
	o := newOffice([32]byte{7})
	o.Open()
	false1 := newOffice([32]byte{66}) // what the new device takes for the office
	false1.Open()
	joiner := false1.knock(t, 9)
	between := o.knock(t, 66) // what the office takes for the new device
	_, theirs := o.pick(t, between, 66)
	_, shown := false1.pick(t, joiner, 9)
	if shown == theirs {
		t.Fatalf("both screens show %s: once in a million", shown)
	}
	if err := o.Type(shown); !errors.Is(err, ErrDigit) {
		t.Errorf("the office took the digits of another exchange: %v", err)
	}
	// The same numbers under another key are other digits.
	a, b := make([]byte, numberLen), make([]byte, numberLen)
	if code([32]byte{9}, [32]byte{7}, nil, nil, a, b) == code([32]byte{9}, [32]byte{66}, nil, nil, a, b) ||
		code([32]byte{9}, [32]byte{7}, []byte("x"), nil, a, b) == code([32]byte{9}, [32]byte{7}, nil, []byte("x"), a, b) {
		t.Error("the digits are not bound to the keys and to who said what")
	}
}

// An inviter that draws its number anew once it has heard the other's is found
// out: else it could choose the digits.
func TestNumberIsCommitted(t *testing.T) {
	a, b := net.Pipe()
	e := &Encounter{s: pipeStream{a}, done: func() {}, rand: rand.Reader}
	defer e.Close()
	go func() {
		offer, err := encMode.Marshal(offerBody{Version: meetVersion, Offer: offered, Commitment: commit(make([]byte, numberLen))})
		if err == nil {
			err = send(b, append([]byte{statusPart}, offer...))
		}
		if err == nil {
			_, err = receive(b, numberLen)
		}
		other := make([]byte, numberLen)
		other[0] = 1
		if err == nil {
			_ = send(b, other)
		}
	}()
	if _, _, err := e.Offered(t.Context()); !errors.Is(err, ErrProtocol) {
		t.Errorf("another number than the one it was bound to: %v", err)
	}
}

// Three wrong codes close the window, and the other side is told.
func TestThreeWrongCodes(t *testing.T) {
	o := newOffice([32]byte{7})
	o.Open()
	e := o.knock(t, 9)
	_, digits := o.pick(t, e, 9)
	out := agree(t, e)
	wrong := "000000"
	if digits == wrong {
		wrong = "000001"
	}
	for n := range MeetTries {
		err := o.Type(wrong)
		if !errors.Is(err, ErrDigit) || errors.Is(err, ErrOver) != (n == MeetTries-1) {
			t.Fatalf("try %d: %v", n+1, err)
		}
	}
	if x := <-out; !errors.Is(x.err, ErrDigit) {
		t.Errorf("the new device heard %v", x.err)
	}
	if err := o.Type(digits); !errors.Is(err, ErrOver) || o.Active() || o.invited.Load() != 0 {
		t.Errorf("a fourth try: %v", err)
	}
}

// Who agrees after the two minutes gets no ticket, though the digits were typed
// in time: the machine slept, and the timer that closes the window with it.
func TestAgreedTooLate(t *testing.T) {
	o := newOffice([32]byte{7})
	o.Open()
	e := o.knock(t, 9)
	_, digits := o.pick(t, e, 9)
	for range MeetTries {
		if err := o.Type(digits[:3]); !errors.Is(err, ErrDigit) { // half a code is no guess: it costs no try
			t.Fatal(err)
		}
	}
	if err := o.Type(digits); err != nil {
		t.Fatal(err)
	}
	o.until(t, 9, Matched)
	o.now.Add(MeetTime.Milliseconds())
	if x := <-agree(t, e); !errors.Is(x.err, ErrOver) || o.invited.Load() != 0 {
		t.Errorf("%+v, invited %d", x, o.invited.Load())
	}
}

// Each exchange is a try, also one that is broken off before digits are typed.
func TestThreePicks(t *testing.T) {
	o := newOffice([32]byte{7})
	o.Open()
	for range MeetTries {
		e := o.knock(t, 9)
		o.pick(t, e, 9)
		e.Close()
		for end := time.Now().Add(5 * time.Second); len(o.View().Knockers) > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("who went away is still listed")
			}
		}
	}
	o.knock(t, 9)
	o.until(t, 9, Waiting)
	if err := o.Pick([32]byte{9}, offered); !errors.Is(err, ErrOver) {
		t.Errorf("a fourth exchange in one window: %v", err)
	}
	if err := o.Pick([32]byte{8}, offered); !errors.Is(err, ErrOver) {
		t.Errorf("somebody who never knocked: %v", err)
	}
}

// Outside its two minutes a window says nothing at all.
func TestNothingOutsideTheWindow(t *testing.T) {
	o := newOffice([32]byte{7})
	silent := func(when string) {
		t.Helper()
		e, err := Knock(t.Context(), meetHost{[32]byte{9}, o.Window}, rand.Reader, o.self, nil, "新电脑")
		if err == nil {
			_, _, err = e.Offered(t.Context())
			e.Close()
		}
		if err == nil || errors.Is(err, ErrOver) || errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", when, err) // an answer
		}
		if v := o.View(); len(v.Knockers) != 0 || v.Until != 0 {
			t.Errorf("%s: %+v", when, v)
		}
	}
	silent("before")
	o.Open()
	e := o.knock(t, 9)
	o.until(t, 9, Waiting)
	o.now.Add(MeetTime.Milliseconds())
	if o.Active() {
		t.Error("open after two minutes")
	}
	silent("after two minutes")
	o.Close()
	if _, _, err := e.Offered(t.Context()); !errors.Is(err, ErrOver) {
		t.Errorf("who waited heard %v", err)
	}
	silent("closed")
	o.now.Add(-MeetTime.Milliseconds()) // a clock that is set back opens nothing
	silent("set back")
}

// Who fills the list keeps nobody's place but its own, and the list stays short.
func TestListIsShort(t *testing.T) {
	o := newOffice([32]byte{7})
	o.Open()
	for who := range byte(maxKnocks) {
		o.knock(t, 10+who)
		o.until(t, 10+who, Waiting)
	}
	late := o.knock(t, 9)
	if _, _, err := late.Offered(t.Context()); !errors.Is(err, ErrFull) {
		t.Errorf("one more heard %v", err)
	}
	o.knock(t, 10) // again: it takes its own place
	for end := time.Now().Add(5 * time.Second); len(o.View().Knockers) != maxKnocks; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d listed", len(o.View().Knockers))
		}
	}
	for _, name := range []string{string(make([]byte, maxName+1)), ""} {
		b, err := encMode.Marshal(knockBody{Version: meetVersion, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readKnock(b); (err == nil) != (name == "") {
			t.Errorf("a name of %d bytes: %v", len(name), err)
		}
	}
}

// Over the real network stack: before the window opens not even a connection
// stands, with it open the two meet, and the ticket is the one device's alone.
func TestMeetOverTheNetwork(t *testing.T) {
	v := NewInviter(func() int64 { return now }, rand.Reader, welcoming("welcome"))
	var w *Window
	host := newHost(t, "office", func([32]byte) bool { return w.Active() || v.Active() })
	w = NewWindow(host.ID(), func() int64 { return now }, rand.Reader, func(d [32]byte, _ Offer) (string, error) {
		k, err := NewTicket(rand.Reader, Ticket{Device: host.ID(), Addrs: host.Addrs(), Expires: now + 1000})
		if err == nil {
			err = v.OpenFor(k, d)
		}
		return k.String(), err
	}, func() {})
	host.HandleGuest(MeetProtocol, w.Handle)
	host.HandleGuest(Protocol, v.Handle)
	o := &office{Window: w}
	joiner, other := newHost(t, "joiner", nil), newHost(t, "other", nil)

	if e, err := Knock(t.Context(), joiner, rand.Reader, host.ID(), host.Addrs(), "新电脑"); err == nil {
		_, _, err = e.Offered(t.Context())
		e.Close()
		if err == nil {
			t.Fatal("it knocked at a closed window and was let in")
		}
	}
	w.Open()
	e, err := Knock(t.Context(), joiner, rand.Reader, host.ID(), host.Addrs(), "新电脑")
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for end := time.Now().Add(5 * time.Second); len(w.View().Knockers) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody knocked")
		}
	}
	if err := o.Pick(joiner.ID(), offered); err != nil {
		t.Fatal(err)
	}
	_, digits, err := e.Offered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := agree(t, e)
	for end := time.Now().Add(5 * time.Second); w.View().Knockers[0].Phase != Compare; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no digits")
		}
	}
	if err := w.Type(digits); err != nil {
		t.Fatal(err)
	}
	x := <-out
	if x.err != nil {
		t.Fatal(x.err)
	}
	k, err := ParseTicket(x.ticket, now)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := join(t.Context(), other, k, "me"); !errors.Is(err, ErrSecret) {
		t.Errorf("another device used the ticket: %v", err)
	}
	if got, err := join(t.Context(), joiner, k, "me"); err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
}
