package claim

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"

	"jishan/app/govern"
	"jishan/crdt/wire"
)

// Word is one thing that was said of a claim; At is 0 where nothing was.
type Word struct {
	At   int64  `json:"at"` // by the clock of who said it: shown, and nothing hangs on it
	By   string `json:"by"`
	Yes  bool   `json:"yes"`
	How  string `json:"how"`
	Why  string `json:"why"`  // Text in the clear, filled in by who can open it
	Void string `json:"void"` // why it does not count, "" = it does
	Text []byte `json:"-"`    // sealed

	sort  string
	name  string // sort and tag: how another word names it
	to    string
	who   Who
	actor wire.Actor
	sign  Signature
}

// Who is an operator, as far as it is known: the id only where his signature was
// checked, or where he had opened his key and his device says so.
type Who struct {
	ID   string
	Name string
}

// same tells whether two are one person, or may be: by id where both have one; a
// name alone proves no difference but another name.
func (w Who) same(x Who) bool {
	if w.ID != "" && x.ID != "" {
		return w.ID == x.ID
	}
	return govern.BareName(w.Name) == govern.BareName(x.Name)
}

// Signature is an operator's own under a word. The zero value is none: where
// nobody has a key, a name must do.
type Signature struct {
	Operator govern.OperatorID
	Device   [32]byte
	Key      [32]byte
	Sig      []byte
}

// Sign asks the operator who sits here for his signature; nil where nobody has a key.
type Sign func(statement []byte) Signature

// statement is what an operator signs: this word of this claim, whose id is its
// hash, and nothing else.
func statement(community, id, word string, v wordValue) []byte {
	text := sha256.Sum256(v.Text)
	return fmt.Appendf(nil, "jishan claim word 1\x00%s\x00%s\x00%s\x00%t\x00%s\x00%s\x00%x", community, id, word, v.Yes, v.How, v.To, text)
}

// holds tells whether a signature is one of the key that it names.
func (s Signature) holds(statement []byte) bool {
	return len(s.Sig) == ed25519.SignatureSize && ed25519.Verify(s.Key[:], statement, s.Sig)
}

// standing is what the charter says of who wrote a word.
type standing struct {
	keyed   bool // operators have keys here: a name proves nothing
	revoked bool // the device that wrote it is none of ours any more
	signed  bool // under a signature that holds, by a key in force
	role    govern.OperatorRole
}

// Why a word does not count.
const (
	VoidDevice   = "device"   // written by a device that was revoked since
	VoidUnsigned = "unsigned" // a name alone, where operators have keys; or a key that is withdrawn
	VoidRole     = "role"     // by somebody who may not decide that
	VoidOwn      = "own"      // by who entered the claim
	VoidAsked    = "asked"    // an approval that did not know of a question
)

// weigh says why a word does not count, "" if it does. What stops a claim counts
// from anybody: an objection and its withdrawal need no signature, nor does what the
// claimant says to a question, which only brings it back to review. What lets it
// pass needs one where operators have keys, and, but for the telling, by somebody
// else than who entered it. The main device's words passed admission.
func (c *Claim) weigh(w Word, s standing) string {
	switch w.sort {
	case heard, waits, booked, ended, appeal:
		return ""
	}
	if s.revoked {
		return VoidDevice
	}
	if w.sort == off || w.sort == reply || w.sort == told && w.How == ByPage {
		return ""
	}
	lead := w.sort == answer || (w.sort == review || w.sort == asked) && c.Rule.Lead || w.sort == review && w.Yes && c.Unproven
	switch {
	case s.keyed && !s.signed:
		return VoidUnsigned
	case s.keyed && (s.role == govern.Keeper || lead && s.role != govern.Lead):
		return VoidRole
	case (w.sort == seen || w.sort == review && w.Yes || w.sort == answer) && c.Own(w.who):
		return VoidOwn
	}
	return ""
}

// Own tells whether somebody entered the claim.
func (c *Claim) Own(who Who) bool {
	for _, p := range c.posters {
		if c.Via != FromPage && p.same(who) {
			return true
		}
	}
	return false
}

// standingOf asks the charter about a word.
func standingOf(g *govern.Charter, device [32]byte, known bool, statement []byte, s Signature) standing {
	d, ours := g.Device(device)
	out := standing{keyed: g.Keyed(), revoked: !known || !ours || d.Revoked}
	if !s.holds(statement) {
		return out
	}
	_, state := g.OperatorKey(s.Operator, s.Device, s.Key)
	o, there := g.Operator(s.Operator)
	out.signed, out.role = state == govern.KeyInForce && there && s.Device == device, o.Role
	return out
}
