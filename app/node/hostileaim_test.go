package node

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A device of the community knows where its own documents end, so it can make
// changes that are sound but for one thing and come past every gate before the one
// they are meant for. Each of these is named for what admission must say of it.

// aims are what it makes up; the last change of each is the one that is meant.
var aims = []struct {
	want string // a code of admission; or admitted
	in   docKind
	make func(a *attacker, p *spot) []*wire.Change
	bend func(a *attacker, p *spot, list []store.Stored) // after the seal; may be nil
}{
	{admitted, ownRecords, one(func(*attacker, *spot, *wire.Change) {}), nil},
	{"damaged", ownRecords, one(func(*attacker, *spot, *wire.Change) {}), damage},
	{"authority", ownRecords, one(func(a *attacker, _ *spot, ch *wire.Change) { ch.Message = under(a.heads[0]) }), nil}, // before it was enrolled
	{"authority", officeRecords, one(func(*attacker, *spot, *wire.Change) {}), nil},
	{"form", ownRecords, one(func(_ *attacker, _ *spot, ch *wire.Change) { ch.Ops[0].Key = "made/up" }), nil},
	{"seal", ownRecords, one(func(a *attacker, _ *spot, ch *wire.Change) { ch.Time = a.rng.Int64N(a.began) }), missealed}, // the sound one is known
	{"uncovered", ownRecords, two(func(a *attacker, p *spot, ch *wire.Change) { ch.StartOp += 7 }), func(_ *attacker, _ *spot, list []store.Stored) { list[0].Seal = nil }},
	{"certificate", ownRecords, one(func(a *attacker, _ *spot, ch *wire.Change) { ch.Actor = wire.Actor(a.noise(16)) }), nil},
	{"head", ownRecords, one(func(a *attacker, p *spot, ch *wire.Change) {
		ch.Message = under(seal.Context{Term: p.head.Term, Seq: p.head.Seq + 1 + a.rng.Uint64N(9), Head: [16]byte(a.noise(16))})
	}), nil},
	{"context", ownRecords, one(func(a *attacker, _ *spot, ch *wire.Change) { ch.Message = ch.Message[1:] }), nil},
	{"backwards", ownRecords, one(func(a *attacker, p *spot, ch *wire.Change) { ch.Message = under(a.before(p.head)) }), nil},
	{"deps", ownRecords, one(func(a *attacker, _ *spot, ch *wire.Change) { ch.Deps = sorted(append(ch.Deps, wire.Hash(a.noise(32)))) }), nil},
	{"rests", ownRecords, two(func(_ *attacker, _ *spot, ch *wire.Change) { ch.StartOp++ }), nil},
	{"start", ownRecords, one(func(a *attacker, _ *spot, ch *wire.Change) { ch.StartOp += 1 + a.rng.Uint64N(1<<40) }), nil},
	{"start", ownRecords, one(func(_ *attacker, _ *spot, ch *wire.Change) { ch.StartOp-- }), nil},
	{"ownPast", ownRecords, one(func(_ *attacker, _ *spot, ch *wire.Change) { ch.Deps, ch.StartOp = nil, 1 }), nil},
	{"ownPast", ownRecords, one(func(a *attacker, _ *spot, ch *wire.Change) { ch.Seq += 1 + a.rng.Uint64N(100) }), nil},
	{"ghost", ownRecords, one(func(a *attacker, p *spot, ch *wire.Change) {
		ch.Ops[0].Pred = []wire.OpID{{Counter: 1 + a.rng.Uint64N(p.last), Actor: wire.Actor(a.noise(16))}}
	}), nil},
	{"otherKey", ownRecords, one(func(a *attacker, p *spot, ch *wire.Change) {
		ch.Ops[0].Pred = []wire.OpID{{Counter: p.last, Actor: ch.Actor}}
	}), nil},
	{"notSeen", ownRecords, one(func(_ *attacker, p *spot, ch *wire.Change) {
		ch.Ops[0].Key, ch.Ops[0].Pred = p.apartKey, []wire.OpID{p.apart}
	}), nil},
	{"fork", ownFeed, again(func(a *attacker, ch *wire.Change) { ch.Time += 1 + a.rng.Int64N(20) }), nil}, // its own last entry, at another time
	{"subject", ownFeed, again(func(a *attacker, ch *wire.Change) { ch.Ops[0].Value = a.theirs }), nil},
	{"shape", ownFeed, again(func(a *attacker, ch *wire.Change) { ch.Ops[0].Key = fmt.Sprint("tx/", 1+ch.Seq+a.rng.Uint64N(9)) }), nil},
	{"gap", ownFeed, one(func(a *attacker, _ *spot, ch *wire.Change) { a.ahead(ch, 2) }), nil},
	{"behind", ownFeed, two(func(a *attacker, _ *spot, ch *wire.Change) { a.ahead(ch, 90) }), nil},
	{"part", ownFeed, one(func(a *attacker, _ *spot, ch *wire.Change) { a.ahead(ch, store.MaxPart) }), nil},
	{"writer", otherFeed, one(func(*attacker, *spot, *wire.Change) {}), nil},
	{"ended", newFeed, two(func(*attacker, *spot, *wire.Change) {}), nil},
}

// admitted is what a sound change must be: else the others could fail for what
// nobody meant.
const admitted = "admitted"

type docKind int

const (
	ownRecords    docKind = iota + 1 // where it wrote itself, and somebody else later
	ownFeed                          // its true feed
	newFeed                          // parts of it that nobody needs
	otherFeed                        // another device's
	officeRecords                    // which it may read and not write
)

// spot is where it stands in a document.
type spot struct {
	kind      docKind
	seq, last uint64 // of its own last change: its number, its greatest counter
	hash      wire.Hash
	head      seal.Context
	change    *wire.Change // of a feed: that change
	apart     wire.OpID    // of records: what somebody else wrote that it does not build on
	apartKey  string
}

// survey finds the places at which it aims: where it wrote itself, its feed and
// more parts of it, another's feed, and what only the office writes.
func (a *attacker) survey(t *testing.T) {
	t.Helper()
	feed := "/feed/" + a.inc.Actor().String() + "/"
	for _, doc := range a.docs {
		community, path, _ := strings.Cut(string(doc), "/")
		switch list := a.given[doc]; {
		case strings.HasPrefix(path, "gov/"):
			for _, c := range list {
				a.heads = append(a.heads, seal.Context{Term: 1, Seq: c.Seq, Head: seal.HeadOf(c.Hash)})
			}
		case path == "scheme":
			a.spots[doc] = &spot{kind: officeRecords}
		case strings.HasSuffix(string(doc), feed+"1"):
			a.spots[doc] = &spot{kind: ownFeed}
			for part := range uint64(2) {
				a.spots[store.DocID(fmt.Sprint(community, feed, part+2))] = &spot{kind: newFeed}
			}
		case strings.HasPrefix(path, "feed/"):
			a.spots[doc] = &spot{kind: otherFeed}
			ch, _, err := wire.Decode(list[0].Chunk)
			if err != nil {
				t.Fatal(err)
			}
			a.theirs = ch.Ops[0].Value
		case strings.HasPrefix(path, "people/"):
			if p := a.records(t, list); p != nil {
				a.spots[doc], a.mine = p, doc
			}
		}
	}
	for doc, p := range a.spots {
		if !slices.Contains(a.docs, doc) {
			a.docs = append(a.docs, doc)
		}
		p.head = a.heads[len(a.heads)-1]
	}
	slices.Sort(a.docs)
	a.learn(t)
	for _, kind := range []docKind{ownRecords, ownFeed, newFeed, otherFeed, officeRecords} {
		if !slices.ContainsFunc(a.docs, func(doc store.DocID) bool { p := a.spots[doc]; return p != nil && p.kind == kind }) {
			t.Fatalf("nothing to aim at of kind %d in %v", kind, a.docs)
		}
	}
}

// records is a place in a document of records in which it wrote, and somebody
// else on top of that; else nil.
func (a *attacker) records(t *testing.T, list []store.Stored) *spot {
	t.Helper()
	p := &spot{kind: ownRecords}
	mine := false
	for _, c := range list {
		ch, _, err := wire.Decode(c.Chunk)
		if err != nil {
			t.Fatal(err)
		}
		if ch.Actor == a.inc.Actor() {
			mine = true
		} else if len(ch.Deps) > 0 {
			p.apart, p.apartKey = wire.OpID{Counter: ch.StartOp, Actor: ch.Actor}, ch.Ops[0].Key
		}
	}
	if !mine || p.apartKey == "" {
		return nil
	}
	return p
}

// learn looks where its own changes end, as every peer's vector tells it.
func (a *attacker) learn(t *testing.T) {
	t.Helper()
	for doc, p := range a.spots {
		list, err := a.office.store.After(t.Context(), doc, a.inc.Actor(), p.seq, seal.MaxRun)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			ch, h, err := wire.Decode(c.Chunk)
			if err != nil {
				t.Fatal(err)
			}
			head, err := seal.ParseContext(ch.Message)
			if err != nil {
				t.Fatal(err)
			}
			p.seq, p.last, p.hash, p.head, p.change = ch.Seq, ch.StartOp+uint64(len(ch.Ops))-1, h, head, ch
		}
	}
}

// sound is the change that it could write next, at p.
func (a *attacker) sound(p *spot) *wire.Change {
	ch := &wire.Change{Actor: a.inc.Actor(), Seq: p.seq + 1, StartOp: p.last + 1, Time: a.began + int64(p.seq), Message: under(p.head)}
	if p.seq > 0 {
		ch.Deps = []wire.Hash{p.hash}
	}
	if p.kind != ownRecords && p.kind != officeRecords {
		ch.Ops = []wire.Op{{Key: store.FeedKey(ch.Seq), Value: wire.BytesValue([]byte("made up"))}}
		return ch
	}
	// The same whenever it is made, or it would be a second history.
	ch.Ops = []wire.Op{{Key: fmt.Sprintf("made/%d/up", p.seq%50), Value: wire.IntValue(int64(p.seq))}}
	return ch
}

// one is a sound change in which one thing is broken.
func one(breakIt func(*attacker, *spot, *wire.Change)) func(*attacker, *spot) []*wire.Change {
	return func(a *attacker, p *spot) []*wire.Change {
		ch := a.sound(p)
		breakIt(a, p, ch)
		return []*wire.Change{ch}
	}
}

// two is a broken one, and what follows it.
func two(breakIt func(*attacker, *spot, *wire.Change)) func(*attacker, *spot) []*wire.Change {
	return func(a *attacker, p *spot) []*wire.Change {
		ch := a.sound(p)
		breakIt(a, p, ch)
		_, h, err := ch.Encode()
		if err != nil {
			return nil
		}
		next := a.sound(&spot{kind: p.kind, seq: ch.Seq, last: ch.StartOp + uint64(len(ch.Ops)) - 1, hash: h, head: p.head})
		return []*wire.Change{ch, next}
	}
}

// again is its own last entry once more, with something else in it: another history.
func again(alter func(*attacker, *wire.Change)) func(*attacker, *spot) []*wire.Change {
	return func(a *attacker, p *spot) []*wire.Change {
		ch := *p.change
		ch.Ops = slices.Clone(ch.Ops)
		alter(a, &ch)
		return []*wire.Change{&ch}
	}
}

// ahead leaves out some changes before a feed's entry.
func (a *attacker) ahead(ch *wire.Change, n uint64) {
	ch.Seq += n
	ch.StartOp, ch.Deps, ch.Ops[0].Key = ch.Seq, []wire.Hash{wire.Hash(a.noise(32))}, store.FeedKey(ch.Seq)
}

// before is the charter's place before one at which it was enrolled already.
func (a *attacker) before(head seal.Context) seal.Context {
	i := slices.IndexFunc(a.heads, func(c seal.Context) bool { return c.Seq == head.Seq })
	return a.heads[max(i, 1)-1]
}

// under is a message that names a place of the charter.
func under(c seal.Context) string {
	c.Operator, c.Action = "经办人乙", "people.register"
	return c.String()
}

func sorted(list []wire.Hash) []wire.Hash {
	slices.SortFunc(list, wire.Hash.Compare)
	return list
}

// aim makes up what one of the aims of this document says; they take turns, so that
// none is left to luck.
func (a *attacker) aim(doc store.DocID, p *spot) []store.Stored {
	var fit []int
	for i := range aims {
		if aims[i].in == p.kind {
			fit = append(fit, i)
		}
	}
	x := aims[fit[a.turns[p.kind]%len(fit)]]
	a.turns[p.kind]++
	var out []store.Stored
	for _, ch := range x.make(a, p) {
		s, err := a.sealed(doc, ch)
		if err != nil {
			return nil
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil
	}
	if x.bend != nil {
		x.bend(a, p, out)
	}
	a.did["aimed"]++
	meant := out[len(out)-1]
	if x.want == "uncovered" { // a batch must end with a seal: what lacks one stands before it
		meant = out[0]
	}
	a.aimed[meant.Hash] = x.want
	return out
}

func (a *attacker) sealed(doc store.DocID, ch *wire.Change) (store.Stored, error) {
	chunk, h, err := ch.Encode()
	if err != nil {
		return store.Stored{}, err
	}
	s := a.inc.Seal(string(doc), ch.Seq, h)
	return store.Stored{Seq: ch.Seq, Hash: h, Sealed: seal.Sealed{Chunk: chunk, Seal: &s}}, nil
}

// damage spoils what stands behind the head, which only strict reading finds, and
// mends checksum and seal.
func damage(a *attacker, p *spot, list []store.Stored) {
	x := &list[len(list)-1]
	whole := x.Chunk
	for {
		const tail = 12 // the columns of the one operation
		b := bytes.Clone(whole)
		b[len(b)-1-a.rng.IntN(tail)] ^= 1 << a.rng.IntN(8)
		h := sha256.Sum256(b[8:])
		copy(b[4:8], h[:4])
		if _, err := wire.Peek(b); err != nil {
			continue
		}
		if _, _, err := wire.Decode(b); err == nil {
			continue
		}
		s := a.inc.Seal(string(a.mine), p.seq+1, h)
		*x = store.Stored{Seq: x.Seq, Hash: h, Sealed: seal.Sealed{Chunk: b, Seal: &s}}
		return
	}
}

// missealed takes a seal that is no seal, or one for another document or community.
func missealed(a *attacker, p *spot, list []store.Stored) {
	x := &list[0]
	s := seal.Seal(a.noise(len(seal.Seal{})))
	community, path, _ := strings.Cut(string(a.mine), "/")
	switch a.rng.IntN(3) {
	case 0:
		s = a.inc.Seal(community+"/scheme", x.Seq, x.Hash)
	case 1:
		s = a.inc.Seal(strings.Repeat("0", 26)+".1/"+path, x.Seq, x.Hash)
	}
	x.Seal = &s
}
