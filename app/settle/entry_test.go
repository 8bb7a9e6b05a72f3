package settle_test

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"jishan/app/settle"
	"jishan/crdt/wire"
)

// golden holds one entry of each kind in format 1. It never changes.
var golden = []struct {
	entry settle.Entry
	hex   string
}{
	{settle.Entry{Terms: &settle.Terms{Payee: "a", Account: "62", Bank: "b", Peg: 95}}, "84010340" + "84616162363261" + "62185f"},
	{settle.Entry{Prev: wire.Hash{1}, Payment: &settle.Payment{Settlement: wire.Hash{2}, Fen: 49850, Reference: "ABC"}},
		"8401025820" + "01" + strings.Repeat("00", 31) + "835820" + "02" + strings.Repeat("00", 31) + "19c2ba63414243"},
	{settle.Entry{Settlement: &settle.Settlement{Number: 1, Day: "2026-05-29", Ranges: []settle.Range{{Feed: wire.Actor{3}, From: 1, To: 9, Tip: wire.Hash{4}}},
		Redemptions: 3, Reversals: 1, Points: 997, Back: 10, Peg: 50, Fen: 49_350, Brought: -50, Pay: 49_300}},
		"84010140" + "8b016a323032362d30352d3239" + "818450" + "03" + strings.Repeat("00", 15) + "01095820" + "04" + strings.Repeat("00", 31) + "03011903e50a183219c0c6383119c094"},
}

func TestGolden(t *testing.T) {
	for i, g := range golden {
		raw, err := g.entry.Encode()
		if err != nil || hex.EncodeToString(raw) != g.hex {
			t.Fatalf("%d: %x, %v", i, raw, err)
		}
		if _, err := settle.Decode(raw); err != nil {
			t.Errorf("%d is not read: %v", i, err)
		}
	}
}

// Whatever is read is written again byte for byte; cut, grown or changed bytes
// are refused or say something else, never crash.
func TestDecodeIsStrict(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, g := range golden {
		raw, err := hex.DecodeString(g.hex)
		if err != nil {
			t.Fatal(err)
		}
		for n := range raw {
			if _, err := settle.Decode(raw[:n]); err == nil {
				t.Errorf("cut at %d", n)
			}
		}
		if _, err := settle.Decode(append(raw[:len(raw):len(raw)], 0)); !errors.Is(err, settle.ErrForm) {
			t.Errorf("grown: %v", err)
		}
		for range 2000 {
			b := append([]byte(nil), raw...)
			b[rng.IntN(len(b))] = byte(rng.IntN(256))
			e, err := settle.Decode(b)
			if err != nil {
				continue
			}
			if again, err := e.Encode(); err != nil || string(again) != string(b) {
				t.Fatalf("%x is read as %x: %v", b, again, err)
			}
		}
		newer := append([]byte(nil), raw...)
		newer[1] = 2
		if _, err := settle.Decode(newer); !errors.Is(err, settle.ErrNewer) {
			t.Errorf("a newer format: %v", err)
		}
		newer[1], newer[2] = 1, 9
		if _, err := settle.Decode(newer); !errors.Is(err, settle.ErrNewer) {
			t.Errorf("a newer kind: %v", err)
		}
	}
}

// Sums that do not fit are refused before any feed is looked at.
func TestImpossibleSums(t *testing.T) {
	good := *golden[2].entry.Settlement
	for name, spoil := range map[string]func(s *settle.Settlement){
		"negative points":  func(s *settle.Settlement) { s.Points = -1 },
		"above the limit":  func(s *settle.Settlement) { s.Points = settle.MaxPoints + 1 },
		"fen too many":     func(s *settle.Settlement) { s.Fen, s.Pay = 49_851, 49_801 },
		"fen of nothing":   func(s *settle.Settlement) { s.Back, s.Reversals = 0, 0 },
		"pays too much":    func(s *settle.Settlement) { s.Pay = 49_350 },
		"brings a present": func(s *settle.Settlement) { s.Brought, s.Pay = 50, 49_400 },
		"no peg":           func(s *settle.Settlement) { s.Peg = 0 },
		"peg too great":    func(s *settle.Settlement) { s.Peg = settle.MaxPeg + 1 },
		"no day":           func(s *settle.Settlement) { s.Day = "2026-02-30" },
		"no range":         func(s *settle.Settlement) { s.Ranges = nil },
		"range backwards":  func(s *settle.Settlement) { s.Ranges = []settle.Range{{From: 5, To: 4}} },
		"a feed twice":     func(s *settle.Settlement) { s.Ranges = append(s.Ranges[:1:1], s.Ranges[0]) },
		"nothing redeemed": func(s *settle.Settlement) { s.Redemptions = 0 },
	} {
		s := good
		spoil(&s)
		raw, err := settle.Entry{Settlement: &s}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := settle.Decode(raw); !errors.Is(err, settle.ErrInvalid) && !errors.Is(err, settle.ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
