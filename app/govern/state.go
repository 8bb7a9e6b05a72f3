package govern

import (
	"crypto/sha256"
	"maps"
	"slices"

	"jishan/crdt/wire"
)

// dated is an entry and the place in the registrar's feeds where it stands.
type dated[E any] struct {
	At    Point
	Entry E
}

// term is what the first value of gov/<term> says of its author.
type term struct {
	Device [32]byte
	Actor  wire.Actor
	Cut    Point // how much of the term before counts
	By     Order // who ordered it; 0 for the first
}

// state is the charter in memory: everything the registrar ever wrote, by
// subject and in order. It is only ever appended to; what counts under a head
// is decided when it is asked.
type state struct {
	genesis    *Genesis
	root       [32]byte // SHA-256 over the first value
	terms      map[uint64]term
	heads      map[Point]wire.Hash
	times      map[Point]int64   // when each change was written, by its author's clock
	last       map[uint64]uint64 // term -> greatest seq
	sides      []side            // histories beside the first ones
	beside     map[[16]byte]Point
	certs      map[[32]byte][]dated[Cert]
	revokes    map[[32]byte][]dated[Revoke]
	standby    []dated[Standby]
	settings   []dated[Setting]
	joins      []dated[Setting] // of who is one person
	joined     Joined           // under the newest head
	closes     map[[16]byte][]dated[Close]
	succeeds   []dated[Succeed]
	losses     []dated[Loss]
	yearCloses []dated[YearClose]
	yearFinals []dated[YearFinal]
	recoveries []dated[Recovery]

	operators    map[OperatorID][]dated[Operator]
	operatorKeys map[keyAt][]dated[OperatorKey]

	partners map[string][]dated[Partner] // by community id text
	abroads  map[[16]byte][]dated[Abroad]
	guests   map[[32]byte][]dated[Guest]
}

func newState() *state {
	return &state{
		terms: map[uint64]term{}, heads: map[Point]wire.Hash{}, times: map[Point]int64{}, last: map[uint64]uint64{},
		certs: map[[32]byte][]dated[Cert]{}, revokes: map[[32]byte][]dated[Revoke]{}, closes: map[[16]byte][]dated[Close]{},
		operators: map[OperatorID][]dated[Operator]{}, operatorKeys: map[keyAt][]dated[OperatorKey]{},
		beside:   map[[16]byte]Point{},
		partners: map[string][]dated[Partner]{}, abroads: map[[16]byte][]dated[Abroad]{}, guests: map[[32]byte][]dated[Guest]{},
	}
}

// clone returns a state that can be appended to while others read this one.
func (s *state) clone() *state {
	n := *s
	n.terms, n.heads, n.times, n.last = maps.Clone(s.terms), maps.Clone(s.heads), maps.Clone(s.times), maps.Clone(s.last)
	n.certs, n.revokes, n.closes = cloneLists(s.certs), cloneLists(s.revokes), cloneLists(s.closes)
	n.standby, n.settings, n.joins = slices.Clip(s.standby), slices.Clip(s.settings), slices.Clip(s.joins)
	n.succeeds, n.losses = slices.Clip(s.succeeds), slices.Clip(s.losses)
	n.yearCloses, n.yearFinals, n.recoveries = slices.Clip(s.yearCloses), slices.Clip(s.yearFinals), slices.Clip(s.recoveries)
	n.operators, n.operatorKeys = cloneLists(s.operators), cloneLists(s.operatorKeys)
	n.partners, n.abroads = cloneLists(s.partners), cloneLists(s.abroads)
	n.guests = cloneLists(s.guests)
	n.sides, n.beside = slices.Clone(s.sides), maps.Clone(s.beside)
	return &n
}

func cloneLists[K comparable, V any](m map[K][]V) map[K][]V {
	out := make(map[K][]V, len(m))
	for k, v := range m {
		out[k] = slices.Clip(v)
	}
	return out
}

// add appends one change of gov. The caller has checked it.
func (s *state) add(at Point, h wire.Hash, actor wire.Actor, entries []Entry) {
	s.heads[at] = h
	if at.side == 0 {
		s.last[at.Term] = max(s.last[at.Term], at.Seq)
	}
	joins, terms := len(s.joins), len(s.terms)
	defer func() {
		if len(s.joins) != joins || len(s.terms) != terms { // a new term may cut some off
			s.joined = s.joinedAt(s.head())
		}
	}()
	for _, e := range entries {
		switch e := e.(type) {
		case Genesis:
			s.genesis, s.root = &e, rootOf(entries)
			s.terms[at.Term] = term{Device: e.Device, Actor: actor}
		case Term:
			s.terms[at.Term] = term{Device: e.Device, Actor: actor, Cut: s.cutOf(e), By: e.By}
		case Cert:
			s.certs[e.Device] = append(s.certs[e.Device], dated[Cert]{at, e})
		case Revoke:
			s.revokes[e.Device] = append(s.revokes[e.Device], dated[Revoke]{at, e})
			for _, c := range e.Cuts {
				s.closes[c.Feed] = append(s.closes[c.Feed], dated[Close]{at, c})
			}
		case Standby:
			s.standby = append(s.standby, dated[Standby]{at, e})
		case Policy:
			for _, set := range e.Settings {
				if !s.takeJoin(at, set) {
					s.settings = append(s.settings, dated[Setting]{at, set})
				}
			}
		case Close:
			s.closes[e.Feed] = append(s.closes[e.Feed], dated[Close]{at, e})
		case Succeed:
			s.succeeds = append(s.succeeds, dated[Succeed]{at, e})
		case Loss:
			s.losses = append(s.losses, dated[Loss]{at, e})
		case YearClose:
			s.yearCloses = append(s.yearCloses, dated[YearClose]{at, e})
		case YearFinal:
			s.yearFinals = append(s.yearFinals, dated[YearFinal]{at, e})
		case Guest:
			s.guests[e.Device] = append(s.guests[e.Device], dated[Guest]{at, e})
		case Recovery:
			s.recoveries = append(s.recoveries, dated[Recovery]{at, e})
		case Operator:
			s.operators[e.ID] = append(s.operators[e.ID], dated[Operator]{at, e})
		case OperatorKey:
			of := keyAt{e.Operator, e.Device}
			s.operatorKeys[of] = append(s.operatorKeys[of], dated[OperatorKey]{at, e})
		case Partner:
			s.partners[e.Community()] = append(s.partners[e.Community()], dated[Partner]{at, e})
		case Abroad:
			s.abroads[e.Community] = append(s.abroads[e.Community], dated[Abroad]{at, e})
		}
	}
}

// rootOf hashes a first value, which encodes again to what was read.
func rootOf(entries []Entry) [32]byte {
	raw, err := EncodeValue(entries...)
	if err != nil {
		return [32]byte{}
	}
	return sha256.Sum256(raw)
}

// head returns the latest point: the last change of the last term.
func (s *state) head() Point {
	var top uint64
	for t := range s.terms {
		top = max(top, t)
	}
	return Point{Term: top, Seq: s.last[top]}
}

// within tells whether what stands at p counts under the head at. Of the
// head's own term everything up to it does; of an earlier term what lies
// within its cut. So a change is judged alike before and after a succession
// became known.
func (s *state) within(p, at Point) bool {
	if p.Term == at.Term {
		return s.leadsTo(p, at)
	}
	next, ok := s.terms[p.Term+1]
	return p.Term < at.Term && ok && s.leadsTo(p, next.Cut)
}

// latest returns the last of the entries that counts under the head.
func latest[E any](s *state, list []dated[E], at Point) (dated[E], bool) {
	for _, d := range slices.Backward(list) {
		if s.within(d.At, at) {
			return d, true
		}
	}
	return dated[E]{}, false
}

// cert returns the certificate of a device under a head: the last one, unless
// a revocation came after it.
func (s *state) cert(device [32]byte, at Point) (dated[Cert], bool) {
	c, ok := latest(s, s.certs[device], at)
	if !ok {
		return c, false
	}
	r, revoked := latest(s, s.revokes[device], at)
	return c, !revoked || r.At.Before(c.At)
}

// registrar tells whether the device is the registrar under a head.
func (s *state) registrar(device [32]byte, at Point) bool {
	t, ok := s.terms[at.Term]
	return ok && t.Device == device
}

// who returns what a device is under a head, as members of Who.
func (s *state) who(device [32]byte, at Point) Who {
	var w Who
	if s.registrar(device, at) {
		w |= Registrar
	}
	if c, ok := s.cert(device, at); ok {
		w |= map[Role]Who{Office: Offices, Station: Stations, Merchant: Merchants}[c.Entry.Role]
	}
	return w
}
