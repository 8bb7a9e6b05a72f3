package govern

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// text tells whether s is clean text of at most limit bytes: nothing that could
// break a line, a screen or a printed form.
func text(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// segment tells whether s can stand in a document's path or a key.
func segment(s string) bool {
	ok := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
	}
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return !ok(r) })
}

func (g Genesis) check() error {
	if strings.TrimSpace(g.Name) == "" || !text(g.Name, maxName) || !text(g.Parent, maxName) {
		return errors.New("the community's name is empty or too long")
	}
	if g.Made <= 0 || len(g.Incarnation) == 0 || len(g.Incarnation) > maxText {
		return errors.New("a genesis without time or incarnation")
	}
	return nil
}

func (c Cert) check() error {
	switch {
	case !c.Role.known():
		return ErrNewer
	case !text(c.Name, maxName) || strings.TrimSpace(c.Name) == "":
		return errors.New("the device's name is empty or too long")
	case !segment(c.Place) || !text(c.Scope, maxName) || !text(c.Recipient, maxName):
		return errors.New("a bad place, scope or recipient")
	case c.NotAfter < 0 || len(c.Caps) > 64 || len(c.Keyring) > maxWrapped:
		return errors.New("a bad certificate")
	case c.Role == Merchant && len(c.Keyring) > 0:
		return errors.New("a merchant is given the community key")
	}
	return nil
}

func (r Revoke) check() error {
	if len(r.Cuts) > maxCut || len(r.Marks) > maxCut || !text(r.Why, maxText) {
		return errors.New("a revocation that is too long")
	}
	for _, m := range r.Marks {
		if !text(m.Doc, maxName) {
			return errors.New("a bad document id")
		}
	}
	for _, c := range r.Cuts {
		if err := c.check(); err != nil {
			return err
		}
	}
	return nil
}

func (Standby) check() error { return nil }

func (p Policy) check() error {
	if len(p.Settings) == 0 || len(p.Settings) > maxEntries {
		return errors.New("no settings, or too many")
	}
	for _, s := range p.Settings {
		if !settingKey(s.Key) || !text(s.Text, maxText) {
			return errors.New("a bad setting")
		}
	}
	return nil
}

func settingKey(key string) bool {
	parts := strings.Split(key, "/")
	return len(parts) <= 3 && !slices.ContainsFunc(parts, func(p string) bool { return !segment(p) })
}

func (c Close) check() error {
	if (c.Number == 0) != (c.Hash == [32]byte{}) || !text(c.Why, maxText) {
		return errors.New("a bad cut")
	}
	return nil
}

func (s Succeed) check() error {
	if s.Feed == s.To || len(s.Rights) > maxCut {
		return errors.New("a bad succession")
	}
	for _, r := range s.Rights {
		if r.Amount == 0 || r.Amount > maxAmount {
			return errors.New("a right of nothing, or of too much")
		}
	}
	return nil
}

func (l Loss) check() error {
	if l.Amount == 0 || l.Amount > maxAmount || !text(l.Why, maxText) {
		return errors.New("a loss of nothing")
	}
	return nil
}

func (y YearClose) check() error { return period(y.Period) }
func (y YearFinal) check() error { return period(y.Period) }

func period(p string) error {
	if !segment(p) {
		return errors.New("a bad period")
	}
	return nil
}

func (t Term) check() error {
	switch {
	case t.Term < 2 || t.Term > maxTerm || t.CutSeq == 0:
		return errors.New("a bad term")
	case len(t.Incarnation) == 0 || len(t.Incarnation) > maxText || len(t.Sig) != ed25519.SignatureSize:
		return errors.New("a term without incarnation or signature")
	case t.By < ByRecovery || t.By > ByAbove:
		return ErrNewer
	}
	return nil
}
