package node

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
)

// What admission at the office said of the hostile device's changes, by its codes.

// elsewhere are the codes that no frame of an enrolled device provokes, and the
// test that meets them. docs/threat-model.md says the same.
var elsewhere = map[string]string{
	"branch": "TestNobodyRestsOnAnothersBranch", // a feed has one writer, and the gate before says so
}

// counted puts a session into the place of an office's that counts verdicts.
func (a *attacker) counted(t *testing.T, v *talk) {
	t.Helper()
	cfg := v.m.config(a.pub)
	cfg.Policy = counting{policy{a.office}, a}
	s, err := crdtsync.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	v.m.mu.Lock()
	v.Session.Close()
	v.Session = s
	v.m.mu.Unlock()
}

// counting is the office's policy; it counts what became of what was aimed.
type counting struct {
	policy
	a *attacker
}

// Admit implements crdtsync.Policy.
func (c counting) Admit(ctx context.Context, from string, doc store.DocID, items []seal.Sealed) (admit.Result, error) {
	res, err := c.policy.Admit(ctx, from, doc, items)
	for _, v := range res.Verdicts {
		want, ok := c.a.aimed[v.Hash]
		if !ok {
			continue
		}
		delete(c.a.aimed, v.Hash)
		got := admit.ParseReason(v.Reason).Code
		if v.Status == admit.Admitted || v.Status == admit.Known {
			got = admitted
		}
		if got == want {
			c.a.met[want]++
		} else {
			c.a.missed[want+" "+got]++
		}
	}
	return res, err
}

// aimedFrames is how many frames it takes until every aim had its turn, several times.
const aimedFrames = 5000

// gates checks that every code was met that a device can provoke.
func (a *attacker) gates(t *testing.T) {
	t.Helper()
	if *hostileFrames < aimedFrames {
		return
	}
	for _, code := range append(admit.Codes(), admitted) {
		test, not := elsewhere[code]
		switch met := a.met[code]; {
		case not && met > 0:
			t.Errorf("%q was met %d times: it does not belong into the table of what %s meets", code, met, test)
		case !not && met == 0:
			t.Errorf("no change came as far as %q: %v, beside the aim %v", code, a.met, a.missed)
		}
	}
}

// TestHostileTableStandsInTheThreatModel: what no frame provokes is named there, with
// the test that meets it, and is a code of admission.
func TestHostileTableStandsInTheThreatModel(t *testing.T) {
	page, err := os.ReadFile("../../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	for code, test := range elsewhere {
		if !slices.Contains(admit.Codes(), code) || !strings.Contains(string(page), fmt.Sprintf("| `%s` | `%s` |", code, test)) {
			t.Errorf("%s, met by %s", code, test)
		}
	}
}
