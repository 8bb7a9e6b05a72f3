package govern

import (
	"crypto/ed25519"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// What takes two people. From the first certified key of an operator on, a
// change of gov that raises a budget which was fixed carries an Approval by two
// of them, one of them a lead; every device refuses it otherwise. Changes
// from before that are as they were.

const approvalDomain = "jishan approval 1\x00"

// approvalBody is what people sign: exactly these entries, at exactly this place
// of the charter, so that a signature is good once.
type approvalBody struct {
	_       struct{} `cbor:",toarray"`
	Term    uint64
	Seq     uint64 // of the change that holds entries and signatures
	Before  [16]byte
	Entries []byte // as EncodeValue writes them, without the approval
}

func (s *state) approvalStatement(community string, at Point, entries []Entry) ([]byte, error) {
	value, err := EncodeValue(entries...)
	if err != nil {
		return nil, err
	}
	body, err := encMode.Marshal(approvalBody{Term: at.Term, Seq: at.Seq + 1, Before: head16(s.heads[at]), Entries: value})
	return append([]byte(approvalDomain+community+"\x00"), body...), err
}

// approvalFits judges the approval of the change that follows the head at, and
// that there is one where it takes two people.
func (s *state) approvalFits(community string, at Point, entries []Entry) error {
	var rest []Entry
	var list []Approval
	for _, e := range entries {
		if a, ok := e.(Approval); ok {
			list = append(list, a)
			continue
		}
		rest = append(rest, e)
	}
	switch {
	case len(list) > 1 || len(list) == 1 && len(rest) == 0:
		return errors.New("govern: approvals of nothing, or two of one thing")
	case len(list) == 1:
		return s.signed(community, at, rest, list[0])
	case s.raisesBudget(at, rest) && s.keyed(at):
		return errors.New("govern: a budget is raised without a second signature")
	}
	return nil
}

// signed checks the signatures: different people, keys in force, one of them a
// lead's, none a keeper's.
func (s *state) signed(community string, at Point, rest []Entry, a Approval) error {
	what, err := s.approvalStatement(community, at, rest)
	if err != nil {
		return err
	}
	seen, led := map[OperatorID]bool{}, false
	for _, g := range a.Signatures {
		o, err := s.signer(at, g)
		if err != nil {
			return err
		}
		if seen[g.Operator] {
			return errors.New("govern: one person signs as two")
		}
		if !ed25519.Verify(g.Key[:], what, g.Sig) {
			return errors.New("govern: a signature under something else")
		}
		seen[g.Operator], led = true, led || o.Role == Lead
	}
	if !led {
		return errors.New("govern: no lead has signed")
	}
	return nil
}

func (s *state) signer(at Point, g Signature) (Operator, error) {
	for of := range s.operatorKeys {
		if of.Operator != g.Operator {
			continue
		}
		if k, ok := s.operatorKey(of.Operator, of.Device, at); ok && k.Key == g.Key {
			o, _ := s.operator(g.Operator, at)
			if o.Role == Keeper {
				break
			}
			return o, nil
		}
	}
	return Operator{}, errors.New("govern: signed by nobody who may")
}

// raisesBudget tells whether the entries make a budget that was fixed greater,
// or take it away.
func (s *state) raisesBudget(at Point, entries []Entry) bool {
	for _, e := range entries {
		p, ok := e.(Policy)
		if !ok {
			continue
		}
		for _, set := range p.Settings {
			period, ok := strings.CutPrefix(set.Key, keyBudget)
			if !ok {
				continue
			}
			if before, _, fixed := s.rules(at).Budget(period); fixed && (set.Num > before || set.Num <= 0) {
				return true
			}
		}
	}
	return false
}

// Signer is a person with an opened key.
type Signer struct {
	Operator OperatorID
	Key      ed25519.PrivateKey
}

// Public returns the public half of the key.
func (g Signer) Public() [32]byte { return [32]byte(g.Key.Public().(ed25519.PublicKey)) }

// SetPolicyBy is SetPolicy with the signatures of those who want it. Faults:
// those of SetPolicy; govern.approval.bad if the signatures don't count.
func (c *Charter) SetPolicyBy(tx *store.Tx, signers []Signer, settings ...Setting) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	p := Policy{Settings: settings}
	if p.check() != nil {
		return fault.New("govern.setting.bad")
	}
	at := s.head()
	what, err := s.approvalStatement(c.community, at, []Entry{p})
	if err != nil {
		return err
	}
	var a Approval
	for _, g := range signers {
		a.Signatures = append(a.Signatures, Signature{Operator: g.Operator, Key: g.Public(), Sig: ed25519.Sign(g.Key, what)})
	}
	if a.check() != nil || s.signed(c.community, at, []Entry{p}, a) != nil {
		return fault.New("govern.approval.bad")
	}
	return c.Write(tx, "govern.policy", p, a)
}
