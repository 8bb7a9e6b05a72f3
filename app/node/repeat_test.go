package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"jishan/app/fault"
	"jishan/app/people"
)

// TestRepeatsOfPhones: a request is carried out once for each person and word,
// one that failed is tried again, and nobody pushes out another's.
func TestRepeatsOfPhones(t *testing.T) {
	var r repeats
	r.init()
	ctx := t.Context()
	one, two := people.ID{1}, people.ID{2}
	times := 0
	work := func() error { times++; return nil }
	did := func(want bool, p people.ID, call, word string) {
		t.Helper()
		before := times
		if got, err := r.do(ctx, p, call, word, work); err != nil || got != want || (times > before) != want {
			t.Errorf("%v %s %s: %v %v, want %v", p[0], call, word, got, err, want)
		}
	}
	broken := errors.New("broken")
	if _, err := r.do(ctx, one, "signUp", "w", func() error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	did(true, one, "signUp", "w")
	did(false, one, "signUp", "w")
	did(true, two, "signUp", "w") // another person's word is another word
	did(true, one, "signOff", "w")
	did(true, one, "signUp", "")
	did(true, one, "signUp", "")
	for n := range 10 * maxWords {
		did(true, two, "signUp", fmt.Sprint(n))
	}
	did(false, one, "signUp", "w") // whatever two sent
	did(true, two, "signUp", "w")  // forgotten by two's own
	if n := len(r.of[two].words); n != maxWords {
		t.Errorf("%d words kept", n)
	}
	for n := range maxGuests + 10 {
		did(true, people.ID{9, byte(n), byte(n >> 8)}, "signUp", "w")
	}
	if len(r.of) > maxGuests || len(r.running) != 0 {
		t.Errorf("%d people, %d running", len(r.of), len(r.running))
	}
}

// While the first request runs its repetition waits, and does the work itself
// if the first one fails.
func TestRepetitionWaits(t *testing.T) {
	var r repeats
	r.init()
	p := people.ID{1}
	began, fail := make(chan struct{}), make(chan struct{})
	first := make(chan error)
	go func() {
		_, err := r.do(t.Context(), p, "voucher", "w", func() error { close(began); <-fail; return errors.New("no") })
		first <- err
	}()
	<-began
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.do(gone, p, "voucher", "w", func() error { t.Error("done beside the first"); return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	second := make(chan bool)
	go func() {
		did, _ := r.do(t.Context(), p, "voucher", "w", func() error { return nil })
		second <- did
	}()
	close(fail)
	if err := <-first; err == nil {
		t.Error("the first one failed")
	}
	if !<-second {
		t.Error("the repetition did nothing, and neither had the first")
	}
}

// TestTailsAreCountedBeforeTheyAreTried: many guesses at a time are no more
// than maxTries, a restart forgets none, and the right one is not counted.
func TestTailsAreCountedBeforeTheyAreTried(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("李四", "13900000002"))["id"]
	code := d.person(id)["code"]
	for range 2 * maxTries {
		if _, err := d.phone("phone.signIn", object{"code": code, "tail": "0002"}); err != nil {
			t.Fatal("the right tail:", err)
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	wrong, locked := 0, 0
	for n := range 4 * maxTries {
		wg.Go(func() {
			_, err := d.phone("phone.signIn", object{"code": code, "tail": fmt.Sprintf("1%03d", n)})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, fault.New("phone.wrong")):
				wrong++
			case errors.Is(err, fault.New("phone.locked")):
				locked++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wrong != maxTries || locked != 3*maxTries {
		t.Errorf("%d guesses were tried, %d refused", wrong, locked)
	}
	d.stop()
	d = start(t, d.dir)
	if _, err := d.phone("phone.signIn", object{"code": code, "tail": "0002"}); !errors.Is(err, fault.New("phone.locked")) {
		t.Error("a restart gives new tries:", err)
	}
}
