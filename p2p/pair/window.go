package pair

import (
	"crypto/subtle"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"jishan/p2p"
)

// Phase is how far a device that knocked has come.
type Phase uint8

// The phases, in order.
const (
	Waiting Phase = iota // to be picked
	Picked               // the numbers are being exchanged
	Compare              // its screen shows the digits: they are to be typed here
	Matched              // they were typed; its person has to agree
	Invited              // it was given its ticket
)

// Knocker is a device that asks to be let in.
type Knocker struct {
	Device [32]byte
	Name   string // what it calls itself: anybody can say anything
	Phase  Phase
	Agreed bool // its person has agreed already
	Offer  Offer
}

// View is what a window shows.
type View struct {
	Until    int64 // milliseconds since 1970; 0: closed
	Picks    int   // devices that may still be picked
	Tries    int   // digits that may still be typed
	Knockers []Knocker
}

// Window is the time in which new devices may knock here: nothing answers
// outside it. Its methods are safe for concurrent use.
type Window struct {
	self    [32]byte
	clock   func() int64
	rand    io.Reader
	invite  func(device [32]byte, o Offer) (ticket string, err error)
	changed func()

	mu     sync.Mutex
	until  int64
	shut   *time.Timer
	picks  int
	tries  int
	knocks []*knocker
	picked *knocker
}

type knocker struct {
	Knocker
	code string
	pick chan Offer    // holds one
	done chan struct{} // closed when its part here is over
	why  error         // before done is closed
	next chan struct{} // something that invited waits for has changed; holds one
}

// NewWindow returns a closed window of the device with the given key. clock is
// in milliseconds. invite makes the ticket of a device that both sides agreed on;
// changed is told whenever View is another, and must be quick.
func NewWindow(self [32]byte, clock func() int64, rand io.Reader, invite func([32]byte, Offer) (string, error), changed func()) *Window {
	return &Window{self: self, clock: clock, rand: rand, invite: invite, changed: changed}
}

// Open opens the window for MeetTime, or opens it anew: whoever knocked before
// has to knock again.
func (w *Window) Open() {
	w.mu.Lock()
	w.end(ErrOver)
	w.until = w.clock() + MeetTime.Milliseconds()
	w.picks, w.tries = MeetTries, MeetTries
	until := w.until
	w.shut = time.AfterFunc(MeetTime, func() { w.closeAt(until) })
	w.mu.Unlock()
	w.changed()
}

// Close closes the window: whoever waits is told.
func (w *Window) Close() {
	w.mu.Lock()
	w.end(ErrOver)
	w.mu.Unlock()
	w.changed()
}

func (w *Window) closeAt(until int64) {
	w.mu.Lock()
	mine := w.until == until
	if mine {
		w.end(ErrOver)
	}
	w.mu.Unlock()
	if mine {
		w.changed()
	}
}

// end closes the window. The caller holds w.mu.
func (w *Window) end(why error) {
	if w.shut != nil {
		w.shut.Stop()
	}
	for _, k := range w.knocks {
		k.finish(why)
	}
	w.until, w.knocks, w.picked, w.shut = 0, nil, nil, nil
}

// finish ends a knocker's part, once. The caller holds w.mu.
func (k *knocker) finish(why error) {
	select {
	case <-k.done:
	default:
		k.why = why
		close(k.done)
	}
}

// Active tells whether the window is open: only then may strangers connect.
func (w *Window) Active() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open()
}

// open looks at the clock as well as at the timer: a machine that slept wakes up
// with a window that is long over. The caller holds w.mu.
func (w *Window) open() bool {
	left := w.until - w.clock()
	return w.until != 0 && left > 0 && left <= MeetTime.Milliseconds()
}

// View returns who is at the window.
func (w *Window) View() View {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.open() {
		return View{}
	}
	v := View{Until: w.until, Picks: w.picks, Tries: w.tries}
	for _, k := range w.knocks {
		v.Knockers = append(v.Knockers, k.Knocker)
	}
	return v
}

// Pick begins to let a device in that knocks, and drops one that was picked
// before. Errors: ErrOver, ErrGone, ErrProtocol for an offer with names that are
// too long.
func (w *Window) Pick(device [32]byte, o Offer) error {
	defer w.changed()
	if err := o.check(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.knocks, func(k *knocker) bool { return k.Device == device })
	switch {
	case !w.open() || w.picks == 0:
		return ErrOver
	case i < 0 || w.knocks[i].Phase != Waiting:
		return ErrGone
	}
	k := w.knocks[i]
	w.drop(w.picked)
	// Each exchange of numbers is a chance of one in a million for somebody in
	// between, whether its digits are typed or not: so it is counted here.
	w.picks--
	k.Phase, k.Offer, w.picked = Picked, o, k
	k.pick <- o
	return nil
}

// drop sends a knocker away. The caller holds w.mu.
func (w *Window) drop(k *knocker) {
	if k == nil {
		return
	}
	k.finish(ErrOver)
	w.knocks = slices.DeleteFunc(w.knocks, func(x *knocker) bool { return x == k })
	if w.picked == k {
		w.picked = nil
	}
}

// Type compares digits that somebody read on the new device's screen with those
// here. After MeetTries wrong ones the window closes; what is not Digits long is
// no try. Errors: ErrOver, ErrPick, ErrDigit.
func (w *Window) Type(digits string) error {
	defer w.changed()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.open():
		return ErrOver
	case w.picked == nil || w.picked.Phase != Compare:
		return ErrPick
	}
	if len(digits) != Digits {
		return ErrDigit // no guess: it costs no try
	}
	if subtle.ConstantTimeCompare([]byte(digits), []byte(w.picked.code)) == 1 {
		w.picked.Phase = Matched
		w.picked.wake()
		return nil
	}
	if w.tries--; w.tries == 0 {
		w.end(ErrDigit)
		return errors.Join(ErrDigit, ErrOver)
	}
	return ErrDigit
}

func (k *knocker) wake() {
	select {
	case k.next <- struct{}{}:
	default:
	}
}

// Handle serves one device that knocks; give it to p2p.Host.HandleGuest.
func (w *Window) Handle(pub [32]byte, s p2p.Stream) {
	err := w.meet(pub, s)
	if err == nil {
		_ = s.Close()
		return
	}
	for is, code := range meetCodes {
		if errors.Is(err, is) {
			w.sendAway(s, code)
			return
		}
	}
	_ = s.Reset()
}

// sendAway tells a joiner why, if it listens.
func (w *Window) sendAway(s p2p.Stream, code string) {
	err := s.SetDeadline(time.Now().Add(partTime))
	if err == nil {
		err = send(s, append([]byte{statusRefused}, code...))
	}
	if err != nil {
		_ = s.Reset()
		return
	}
	_ = s.Close()
}

// partTime bounds saying goodbye: who is to be told is there, or not.
const partTime = time.Second

func (w *Window) meet(pub [32]byte, s p2p.Stream) error {
	if !w.Active() {
		return ErrProtocol // as to whoever speaks a protocol that is not there
	}
	if err := s.SetDeadline(time.Now().Add(talkTime)); err != nil {
		return err
	}
	b, err := receive(s, maxKnock)
	if err != nil {
		return err
	}
	name, err := readKnock(b)
	if err != nil {
		return err
	}
	k, err := w.arrive(pub, name)
	if err != nil {
		return err
	}
	w.changed()
	defer w.leave(k)
	if err := s.SetDeadline(time.Now().Add(MeetTime)); err != nil {
		return err
	}
	heard, stop := listen(s)
	defer stop()
	return w.letIn(k, s, b, heard)
}

// arrive puts a device on the list. One that knocks again takes its own place.
func (w *Window) arrive(pub [32]byte, name string) (*knocker, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.knocks {
		if k.Device == pub {
			w.drop(k)
			break
		}
	}
	switch {
	case !w.open():
		return nil, ErrOver
	case len(w.knocks) >= maxKnocks:
		return nil, ErrFull
	}
	k := &knocker{Knocker: Knocker{Device: pub, Name: name}, pick: make(chan Offer, 1), done: make(chan struct{}), next: make(chan struct{}, 1)}
	w.knocks = append(w.knocks, k)
	return k, nil
}

func (w *Window) leave(k *knocker) {
	w.mu.Lock()
	// Who was invited stays to be seen: it has no more to say here.
	if k.Phase != Invited {
		w.drop(k)
	}
	w.mu.Unlock()
	w.changed()
}

// heardMax: the longest that a joiner says after its knock is its number.
const heardMax = numberLen

// listen reads what a joiner says, so that its leaving is noticed while it has
// nothing to say. Reading ends with the stream, or with stop.
func listen(s p2p.Stream) (heard <-chan []byte, stop func()) {
	out, quit := make(chan []byte), make(chan struct{})
	go func() {
		defer close(out)
		for {
			b, err := receive(s, heardMax)
			if err != nil {
				return
			}
			select {
			case out <- b:
			case <-quit:
				return
			}
		}
	}()
	return out, func() { close(quit) }
}

// letIn carries a knocker from its knock to its ticket.
func (w *Window) letIn(k *knocker, s p2p.Stream, knock []byte, heard <-chan []byte) error {
	var offer Offer
	select {
	case offer = <-k.pick:
	case <-k.done:
		return k.why
	case _, ok := <-heard:
		return spoke(ok)
	}
	ours := make([]byte, numberLen)
	if _, err := io.ReadFull(w.rand, ours); err != nil {
		return err
	}
	said, err := encMode.Marshal(offerBody{Version: meetVersion, Offer: offer, Commitment: commit(ours)})
	if err != nil {
		return err
	}
	if err := send(s, append([]byte{statusPart}, said...)); err != nil {
		return err
	}
	theirs, err := k.hear(heard)
	if err != nil || len(theirs) != numberLen {
		return errors.Join(ErrProtocol, err)
	}
	if err := send(s, ours); err != nil {
		return err
	}
	w.step(k, func() { k.Phase, k.code = Compare, code(k.Device, w.self, knock, said, theirs, ours) })
	return w.conclude(k, s, heard)
}

// conclude waits until the digits were typed here and the person there agreed,
// whichever comes first, and hands the ticket over.
func (w *Window) conclude(k *knocker, s p2p.Stream, heard <-chan []byte) error {
	for {
		ready, err := w.settle(k)
		if err != nil {
			return err
		}
		if ready {
			break
		}
		select {
		case <-k.next:
		case <-k.done:
			return k.why
		case _, ok := <-heard:
			if !ok || k.Agreed { // it may speak once
				return spoke(ok)
			}
			w.step(k, func() { k.Agreed = true })
		}
	}
	text, err := w.invite(k.Device, k.Offer)
	if err != nil {
		err = errors.Join(ErrOver, err)
	} else {
		err = send(s, append([]byte{statusPart}, text...))
	}
	if err != nil {
		w.step(k, func() { w.drop(k) }) // it was not invited
		return err
	}
	w.changed()
	return nil
}

// settle tells whether both sides have agreed, and makes that final: under the
// lock, because a window that ends meanwhile, or another device that is picked,
// must leave this one without a ticket.
func (w *Window) settle(k *knocker) (ready bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.open() || w.picked != k:
		return false, ErrOver
	case !k.Agreed || k.Phase != Matched:
		return false, nil
	}
	k.Phase, w.picked = Invited, nil // the next one may be picked
	return true, nil
}

func (w *Window) step(k *knocker, f func()) {
	w.mu.Lock()
	f()
	w.mu.Unlock()
	w.changed()
}

func (k *knocker) hear(heard <-chan []byte) ([]byte, error) {
	select {
	case b, ok := <-heard:
		if !ok {
			return nil, ErrGone
		}
		return b, nil
	case <-k.done:
		return nil, k.why
	}
}

// spoke says why a joiner's word, or its silence, ends its part.
func spoke(word bool) error {
	if word {
		return ErrProtocol
	}
	return ErrGone
}
