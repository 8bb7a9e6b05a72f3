package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"jishan/crdt/wire"
)

// Kind says what a quota is an amount of. Numbers are never reused.
type Kind uint8

// The kinds of quota.
const (
	Points   Kind = 1  // spendable points of a person; the period is the cohort
	Stock    Kind = 2  // pieces of a good; they lie where the holding feed's device stands
	Slot     Kind = 3  // places of an activity
	Issue    Kind = 4  // points that may be awarded
	Turn     Kind = 5  // the right to award for one activity or person; amount 1, moved whole
	Benefit  Kind = 6  // things given free of points, such as ten meals a year
	Exposure Kind = 7  // points that may come to rest at one till; the subject is TillSubject of its device
	Credit   Kind = 8  // what may come from another community, its subject, or be spent at its merchants, before it is settled
	Reserve  Kind = 9  // what losses are booked to
	Debt     Kind = 10 // points that a person owes
	lastKind      = Debt
)

var kindNames = [...]string{"", "points", "stock", "slot", "issue", "turn", "benefit", "exposure", "credit", "reserve", "debt"}

// String returns the kind's name, as quota identities hold it.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind-%d", uint8(k))
	}
	return kindNames[k]
}

// Subject names what a quota is about: 16 raw bytes of a person, activity,
// good, device or community.
type Subject [16]byte

var idText = base32.HexEncoding.WithPadding(base32.NoPadding)

// String returns the subject as 26 lower-case base32hex characters.
func (s Subject) String() string { return strings.ToLower(idText.EncodeToString(s[:])) }

// ParseSubject reads what String wrote.
func ParseSubject(text string) (Subject, error) {
	b, err := idText.DecodeString(strings.ToUpper(text))
	if err != nil || len(b) != len(Subject{}) || Subject(b).String() != text {
		return Subject{}, fmt.Errorf("ledger: %q is no id", text)
	}
	return Subject(b), nil
}

// TextSubject turns any id text into a subject: an id of 16 bytes becomes
// those bytes, every other text the first 16 bytes of its SHA-256.
func TextSubject(text string) Subject {
	if s, err := ParseSubject(text); err == nil {
		return s
	}
	h := sha256.Sum256([]byte(text))
	return Subject(h[:16])
}

// TillSubject is the subject of a device's exposure.
func TillSubject(device [32]byte) Subject {
	h := sha256.Sum256(append([]byte("jishan till 1"), device[:]...))
	return Subject(h[:16])
}

// Quota names an amount of something scarce inside one community.
type Quota struct {
	Kind    Kind
	Subject Subject
	Period  string // "2026", "2026q3", or "" for what has no end
}

// QuotaID identifies a quota everywhere.
type QuotaID [16]byte

// Sum is the whole hash behind ID, by which successions name rights.
func (q Quota) Sum(community Subject) [32]byte {
	return sha256.Sum256([]byte(q.Kind.String() + "|" + community.String() + "|" + q.Subject.String() + "|" + q.Period))
}

// yearOf is the year that a period lies in.
func yearOf(period string) string { return period[:min(len(period), len("2006"))] }

// endsBefore orders periods by when they end: a year after its own quarters.
func endsBefore(a, b string) int {
	return cmp.Or(cmp.Compare(yearOf(a), yearOf(b)), cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
}

// byEnd puts first what ends first.
func byEnd(list []Amount) []Amount {
	slices.SortStableFunc(list, func(a, b Amount) int { return endsBefore(a.Quota.Period, b.Quota.Period) })
	return list
}

// ID returns the first 16 bytes of SHA-256(kind|community|subject|period), all
// four as text.
func (q Quota) ID(community Subject) QuotaID {
	h := q.Sum(community)
	return QuotaID(h[:16])
}

// String returns the quota for logs and tests.
func (q Quota) String() string { return q.Kind.String() + "|" + q.Subject.String() + "|" + q.Period }

// Feed names a ledger feed: one incarnation's entries in one community.
type Feed struct {
	Incarnation wire.Actor
	Community   Subject
}

// Tip is a place in a feed: the running number of a transaction (1 for the
// first of part 1, parts counted through) and its change hash. The zero Tip
// stands before everything.
type Tip struct {
	Number uint64
	Hash   wire.Hash
}

// Head names a governance head. Heads compare by term, then seq.
type Head struct {
	Term, Seq uint64
	Hash      [16]byte
}

// Less tells whether h is older than o.
func (h Head) Less(o Head) bool {
	return h.Term < o.Term || h.Term == o.Term && h.Seq < o.Seq
}

// MoveID identifies a MOVE (or a BURN that moves away): change hash and entry
// index. A right in a SUCCEED has one too, see succeedID.
type MoveID struct {
	Hash  wire.Hash
	Index uint32
}

// succeedIndex marks the MoveID of a SUCCEED's right. No transaction has that
// many entries.
const succeedIndex = 1<<31 - 1

// succeedID is the identity under which one right of a SUCCEED is taken once.
func succeedID(community Subject, closed wire.Actor, q Quota, h Heir) MoveID {
	b := append([]byte("jishan succeed 1"), closed[:]...)
	b = binary.BigEndian.AppendUint64(b, h.At.Term)
	b = binary.BigEndian.AppendUint64(b, h.At.Seq)
	sum := q.Sum(community)
	return MoveID{Hash: sha256.Sum256(append(b, sum[:]...)), Index: succeedIndex}
}
