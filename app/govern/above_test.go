package govern

import (
	"crypto/ed25519"
	"encoding/hex"
	"reflect"
	"testing"
)

// above is a term that the level above ordered, with every field set.
var above = []Entry{
	Term{Term: 2, Device: [32]byte{1}, Incarnation: []byte{2}, CutSeq: 3, CutHash: [32]byte{4}, By: ByAbove, Sig: make([]byte, 64)},
	Appointment{V: 1, Root: [32]byte{5}, Term: 2, Device: [32]byte{1}, Made: 6, Signer: [32]byte{7}, Sig: make([]byte, 64)},
}

func TestGoldenAppointment(t *testing.T) {
	raw, err := EncodeValue(above...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "above-1.hex", hex.EncodeToString(raw))
	back, err := DecodeValue(raw)
	if err != nil || !reflect.DeepEqual(back, above) {
		t.Errorf("%v\n%+v\n%+v", err, back, above)
	}
}

// An appointment is read only as it was signed, in whatever lines it comes.
func TestAppointmentText(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	a := Appointment{V: 1, Root: [32]byte{1}, Term: 2, Device: [32]byte{3}, Made: 4, Signer: [32]byte(key.Public().(ed25519.PublicKey))}
	a.Sig = ed25519.Sign(key, a.statement())
	text := a.String()
	if got, err := ReadAppointment(text[:40] + "\r\n " + text[40:]); err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("%+v: %v", got, err)
	}
	for _, change := range []func(*Appointment){func(a *Appointment) { a.Term = 3 }, func(a *Appointment) { a.Device[0]++ }, func(a *Appointment) { a.Root[0]++ }} {
		b := a
		change(&b)
		if _, err := ReadAppointment(b.String()); err == nil {
			t.Errorf("a changed appointment is read: %+v", b)
		}
	}
}
