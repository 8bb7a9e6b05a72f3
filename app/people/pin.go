package people

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"golang.org/x/crypto/argon2"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// A card's PIN is checked where there is no network and no list of people, so
// the card itself carries what a PIN must fit. Four digits behind a hash alone
// would be guessed in minutes by whoever photographs the card; the hash is
// therefore keyed with the community's pepper, which its devices hold and no
// card does (docs/vouchers.md).

// Verifier is what a PIN must fit, as a card carries it; zero for a card
// without a PIN.
type Verifier [8]byte

// The cost of one try, about 0.1 s. One thread, so that the result does not
// hang on the machine.
const (
	pinTime   = 1
	pinMemory = 64 << 10 // KiB
	pinDomain = "jishan card pin 1\x00"
	minPIN    = 4
	maxPIN    = 6
)

// NormalPIN returns a card's PIN in its one form: four to six digits. Faults:
// those of PlainPIN.
func NormalPIN(s string) (string, error) { return PlainPIN(s, minPIN, maxPIN) }

// PlainPIN returns typed digits in their one form. Faults: people.pin.bad{min,
// max}; people.pin.weak for those that are guessed first.
func PlainPIN(s string, least, most int) (string, error) {
	s = strings.ReplaceAll(fold(s), " ", "")
	if len(s) < least || len(s) > most || !digits(s) {
		return "", fault.New("people.pin.bad", "min", least, "max", most)
	}
	same, up, down := true, true, true
	for i := 1; i < len(s); i++ {
		step := int(s[i]) - int(s[i-1])
		same, up, down = same && step == 0, up && step == 1, down && step == -1
	}
	if same || up || down {
		return "", fault.New("people.pin.weak")
	}
	return s, nil
}

// verifierOf binds a PIN to the person and the card's number: a new card needs
// it set again.
func verifierOf(pepper [32]byte, pin string, id ID, code string) (v Verifier) {
	salt := append([]byte(pinDomain), id[:]...)
	slow := argon2.IDKey([]byte(pin), append(salt, code...), pinTime, pinMemory, 1, 32)
	mac := hmac.New(sha256.New, pepper[:])
	mac.Write(slow)
	copy(v[:], mac.Sum(nil))
	if v == (Verifier{}) {
		v[0] = 1 // zero says that there is none
	}
	return v
}

// Fits tells whether a PIN is the card's. It takes about 0.1 s and 64 MiB.
// Fault: people.pin.pepper while the community's secret is not here.
func (p *People) Fits(v Verifier, pin string, id ID, code string) (bool, error) {
	pepper, ok := p.charter.Settings().CardPepper()
	if !ok {
		return false, fault.New("people.pin.pepper")
	}
	got := verifierOf(pepper, pin, id, code)
	return v != (Verifier{}) && hmac.Equal(got[:], v[:]), nil
}

// pinState is what a person's record keeps of a PIN: the card that it was set
// for, and the verifier.
type pinState struct {
	card cardState
	v    Verifier
}

func (s pinState) String() string {
	if s.v == (Verifier{}) {
		return ""
	}
	return s.card.String() + ":" + hex.EncodeToString(s.v[:])
}

func parsePIN(s string) (out pinState) {
	card, v, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(v)
	if err != nil || len(b) != len(out.v) {
		return pinState{}
	}
	return pinState{parseCard(card), Verifier(b)}
}

// verifier is that of the person's own card.
func (e *entry) verifier() Verifier {
	if e.pin.card != e.card {
		return Verifier{}
	}
	return e.pin.v
}

// ReplaceCardPIN is ReplaceCard with a PIN for the new card; "" for none. A PIN
// can't be set for a card that is printed: the verifier stands on it. Faults:
// those of ReplaceCard, people.pin.bad, people.pin.weak, people.pin.pepper.
func (p *People) ReplaceCardPIN(ctx context.Context, operator, id, pin string) (Card, error) {
	if pin == "" {
		return p.ReplaceCard(ctx, operator, id)
	}
	pin, err := NormalPIN(pin)
	if err != nil {
		return Card{}, err
	}
	pepper, ok := p.charter.Settings().CardPepper()
	if !ok {
		return Card{}, fault.New("people.pin.pepper")
	}
	return p.replaceCard(ctx, operator, id, func(tx *store.Tx, pid ID, next cardState) ([]store.Put, error) {
		key, err := p.keyFor(tx, pid)
		if err != nil {
			return nil, err
		}
		put, err := p.sealed(key, pid, "pin", pinState{next, verifierOf(pepper, pin, pid, next.code(pid))}.String())
		return []store.Put{put}, err
	})
}

// Void tells whether every card of a person that this device knows of is
// refused: lost, and none issued since. Such a person redeems nothing, whoever
// names them. Of several records each has a card.
func (p *People) Void(id ID) bool {
	ids := p.IDs(id)
	d := &p.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	return !slices.ContainsFunc(ids, func(id ID) bool { return !d.void(id) })
}

func (d *directory) void(id ID) bool {
	if e := d.people[id]; e != nil && e.visible() {
		return d.blocks(e)
	}
	least := d.least(id)
	return least > 0 && least%serials == 0
}

// Newest returns the generation and code of the newest card that this device
// has heard of; false if it has heard of no replacement.
func (p *People) Newest(id ID) (generation int, code string, ok bool) {
	d := &p.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	least := d.least(id)
	c := cardState{int(least / serials), int(least % serials)}
	if c.Attempt == 0 {
		return 0, "", false
	}
	return c.Generation, c.code(id), true
}
