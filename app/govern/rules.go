package govern

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Limits of records documents.
const (
	maxKey  = 200      // bytes: kind, id and field are short words
	maxOps  = 1000     // operations in one change: a roster's batch has fewer
	maxBlob = 60 << 10 // bytes of one value: a rulebook of 400 ordinary rules; below wire.MaxValue
)

// ErrAuthority says that the device may not write this document under the
// head it names.
var ErrAuthority = errors.New("govern: not allowed to write this")

// Shape says how a document of this community is built; an error for anything
// else.
func (c *Charter) Shape(doc store.DocID) (store.Shape, error) {
	p, err := c.path(doc)
	if err != nil {
		return 0, err
	}
	return p.Row.Shape, nil
}

func (c *Charter) path(doc store.DocID) (Path, error) {
	p, err := ParsePath(doc)
	if err == nil && p.Community != c.community {
		err = fmt.Errorf("govern: %.80q is of another community", string(doc))
	}
	return p, err
}

// HeadKnown tells whether the governance head that a change names is here. The
// zero head, under which a community is founded, always is.
func (c *Charter) HeadKnown(tx *store.Tx, ctx seal.Context) (bool, error) {
	s, err := c.at(tx)
	if err != nil {
		return false, err
	}
	if ctx.Term == 0 && ctx.Seq == 0 && ctx.Head == ([16]byte{}) {
		return true, nil
	}
	_, ok := s.point(ctx.Term, ctx.Seq, ctx.Head)
	return ok, nil
}

// Authority tells whether the device may write the document under the head
// that the change names. Error: ErrAuthority.
func (c *Charter) Authority(tx *store.Tx, doc store.DocID, device [32]byte, ctx seal.Context) error {
	p, err := c.path(doc)
	if err != nil {
		return err
	}
	s, err := c.at(tx)
	if err != nil {
		return err
	}
	if p.Term > 0 {
		return s.mayGovern(p.Term, device)
	}
	if !s.allowed(p.Row.Write, device, s.under(ctx), p.Place) {
		return admit.Because(fmt.Errorf("%w: %s", ErrAuthority, p.Row.Pattern), "authority", "kind", p.Row.Doc)
	}
	return nil
}

// mayGovern leaves the first change of a term to Subject, which sees the
// entry that appoints its author.
func (s *state) mayGovern(n uint64, device [32]byte) error {
	if t, ok := s.terms[n]; ok && t.Device != device {
		return admit.Because(fmt.Errorf("%w: gov/%d has another registrar", ErrAuthority, n), "authority", "kind", "gov")
	}
	return nil
}

// allowed tells whether the device belongs to the set under a head. That an
// author writes its own feed is checked in Form, which sees the actor: here
// any certified device passes as one.
func (s *state) allowed(w Who, device [32]byte, at Point, place string) bool {
	is := s.who(device, at)
	if is&w != 0 || is != 0 && w&Author != 0 {
		return true
	}
	cert, ok := s.cert(device, at)
	return ok && w&AtPlace != 0 && cert.Entry.Place == place
}

// Form checks what every change of a kind of document must look like: the one
// put of a feed, the keys and sizes of records.
func (c *Charter) Form(_ *store.Tx, doc store.DocID, _ [32]byte, ch *wire.Change) error {
	p, err := c.path(doc)
	if err != nil {
		return err
	}
	if p.Row.Shape == store.Records {
		if err := recordForm(ch); err != nil || p.Row.Doc != OperatorDoc {
			return err
		}
		return requestForm(ch)
	}
	if p.Author != "" && hex.EncodeToString(ch.Actor[:]) != p.Author {
		return admit.Because(fmt.Errorf("%w: a feed has one author", ErrAuthority), "writer")
	}
	_, err = feedValue(ch)
	return err
}

func recordForm(ch *wire.Change) error {
	if len(ch.Ops) > maxOps {
		return fmt.Errorf("govern: %d operations in one change", len(ch.Ops))
	}
	seen := make(map[string]bool, len(ch.Ops))
	for _, op := range ch.Ops {
		if !recordKey(op.Key) || seen[op.Key] {
			return fmt.Errorf("govern: %.80q is no key of a record, or stands twice", op.Key)
		}
		seen[op.Key] = true
		if len(op.Value.Raw) > maxBlob || op.Value.Kind == wire.String && !utf8.ValidString(op.Value.Raw) {
			return fmt.Errorf("govern: a bad value of %.80q", op.Key)
		}
	}
	return nil
}

// recordKey tells whether a key is <kind>/<id>/<field>, perhaps with more
// segments behind.
func recordKey(key string) bool {
	parts := strings.Split(key, "/")
	if len(key) > maxKey || len(parts) < 3 {
		return false
	}
	for _, p := range parts {
		if !segment(p) {
			return false
		}
	}
	return true
}

// Subject judges the meaning of a change of gov; of other documents it knows
// nothing and says nil. admit.Wait for what a newer program wrote.
func (c *Charter) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, _ wire.Hash, ctx seal.Context) error {
	p, err := c.path(doc)
	if err != nil || p.Term == 0 {
		return err
	}
	s, err := c.at(tx)
	if err != nil {
		return err
	}
	raw, err := feedValue(ch)
	if err != nil {
		return err
	}
	entries, err := DecodeValue(raw)
	if errors.Is(err, ErrNewer) {
		return admit.Wait("written by a newer version")
	}
	if err != nil {
		return err
	}
	if ch.Seq == 1 {
		return c.first(s, p.Term, ch, raw, entries)
	}
	return s.next(c.community, p.Term, ch, entries, ctx)
}

// next judges a change after the first of its term.
func (s *state) next(community string, n uint64, ch *wire.Change, entries []Entry, ctx seal.Context) error {
	t, ok := s.terms[n]
	if !ok || t.Actor != ch.Actor {
		return fmt.Errorf("%w: gov/%d has another author", ErrAuthority, n)
	}
	before, ok := s.point(n, ch.Seq-1, ctx.Head)
	if !ok || ctx.Term != n || ctx.Seq != ch.Seq-1 || len(ch.Deps) != 1 || head16(ch.Deps[0]) != ctx.Head {
		return errors.New("govern: a change of gov names the one before it")
	}
	if err := s.plain(entries, t.Device); err != nil {
		return err
	}
	if slices.ContainsFunc(entries, isAppointment) {
		return errors.New("govern: an appointment stands behind the TERM that it orders")
	}
	if err := s.guestsFit(before, ch.Time, entries); err != nil {
		return err
	}
	return s.people(community, before, entries)
}

// people judges what is said about operators, and signed by them, and about other
// communities, in the change that follows a head.
func (s *state) people(community string, at Point, entries []Entry) error {
	if err := s.partnersFit(community, at, entries); err != nil {
		return err
	}
	if err := s.operatorsFit(community, at, entries); err != nil {
		return err
	}
	return s.approvalFits(community, at, entries)
}

func isAppointment(e Entry) bool { return e.Kind() == KindAppointment }

// plain refuses the two entries that open a term, and a registrar that
// revokes itself, which would leave nobody.
func (s *state) plain(entries []Entry, registrar [32]byte) error {
	for _, e := range entries {
		switch e := e.(type) {
		case Genesis, Term:
			return errors.New("govern: only the first entry opens a term")
		case Revoke:
			if e.Device == registrar {
				return errors.New("govern: the registrar can't revoke itself")
			}
		}
	}
	return nil
}

// first judges the change that opens a term.
func (c *Charter) first(s *state, n uint64, ch *wire.Change, raw []byte, entries []Entry) error {
	if _, ok := s.terms[n]; ok {
		return fmt.Errorf("%w: gov/%d is open", ErrAuthority, n)
	}
	var device [32]byte
	var incarnation []byte
	var cut Point // of the term before
	switch e := entries[0].(type) {
	case Genesis:
		if n != 1 || CommunityID(raw) != c.community {
			return errors.New("govern: this genesis founds another community")
		}
		device, incarnation = e.Device, e.Incarnation
	case Term:
		if err := c.succession(s, n, e, entries[1:]); err != nil {
			return err
		}
		device, incarnation, cut = e.Device, e.Incarnation, s.cutOf(e)
	default:
		return errors.New("govern: a term opens with GENESIS or TERM")
	}
	if err := names(incarnation, device, ch.Actor); err != nil {
		return err
	}
	if by, is := entries[0].(Term); slices.IndexFunc(entries[1:], isAppointment) > 0 || len(entries) > 1 && isAppointment(entries[1]) && (!is || by.By != ByAbove) {
		return errors.New("govern: an appointment stands behind the TERM that it orders")
	}
	if slices.ContainsFunc(entries[1:], aboutPeople) || s.keyed(cut) && s.raisesBudget(cut, entries[1:]) {
		return errors.New("govern: the change that opens a term names operators or partners, or raises a budget")
	}
	return s.plain(entries[1:], device)
}

// aboutPeople tells an entry that takes a term which is open: a signature names
// the change before it, and partners are judged by what stands before.
func aboutPeople(e Entry) bool {
	switch e.Kind() {
	case KindOperator, KindOperatorKey, KindApproval, KindPartner, KindAbroad, KindGuest:
		return true
	}
	return false
}

// names tells whether the certificate binds the actor to the device.
func names(incarnation []byte, device [32]byte, actor wire.Actor) error {
	cert, err := seal.DecodeCertificate(incarnation)
	if err != nil {
		return err
	}
	if err := cert.Verify(); err != nil {
		return err
	}
	if cert.Device != device || cert.Actor() != actor {
		return fmt.Errorf("%w: the term names another incarnation", ErrAuthority)
	}
	return nil
}

// succession judges a TERM: its cut is known here, and the recovery key, the
// registrar of the term before, its standby or the level above ordered it.
func (c *Charter) succession(s *state, n uint64, e Term, more []Entry) error {
	if e.Term != n {
		return errors.New("govern: a TERM of another term")
	}
	cut := s.cutOf(e)
	if cut == (Point{}) { // perhaps another history of that term is
		return admit.Wait("the term before is not here yet")
	}
	if s.genesis == nil {
		return errors.New("govern: no genesis")
	}
	key, ok := s.orderer(cut, e, more)
	if !ok || !ed25519.Verify(key[:], e.statement(c.community), e.Sig) {
		return fmt.Errorf("%w: the succession is not signed", ErrAuthority)
	}
	return nil
}

// orderer is whose key must have signed a TERM, judged under its cut: what came
// behind the cut is void, so it can't forbid the term that makes it so.
func (s *state) orderer(cut Point, e Term, more []Entry) (key [32]byte, ok bool) {
	switch e.By {
	case ByAbove:
		if len(more) > 0 {
			a, is := more[0].(Appointment)
			ok = is && s.appointed(cut, e, a)
		}
		return e.Device, ok
	case ByRegistrar:
		return s.terms[cut.Term].Device, true
	case ByStandby:
		key, ok = s.standbyAt(cut)
		return key, ok && e.Device == key
	}
	return s.recovery(cut), true
}

const termDomain = "jishan term 1\x00"

// statement is what whoever orders a succession signs.
func (t Term) statement(community string) []byte {
	t.Sig = nil
	body, err := encMode.Marshal(t)
	if err != nil { // plain numbers and bytes can't fail
		panic(err)
	}
	return append([]byte(termDomain+community+"\x00"), body...)
}
