package scheme

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// A street, district or city hands its rulebook down as a signed file. A community
// takes it in: what is locked there stays as it is until the next such file, the rest
// may be changed, and the community's own rules stand beside it.

const (
	// aboveMagic begins a file; the digit is its version.
	aboveMagic = "jishan-rulebook 1\n"
	// aboveDomain keeps the signature from being taken for another one.
	aboveDomain = "jishan rulebook 1\x00"
	// maxAboveFile bounds a file in bytes: a version, an introduction, a signature.
	maxAboveFile = maxValue + 4<<10
)

// aboveBody is what follows the magic.
type aboveBody struct {
	_            struct{} `cbor:",toarray"`
	Introduction string   // govern.Introduction of who hands it down, as text
	Version      int64    // there
	Made         int64    // milliseconds UTC
	Title        string
	Levels       string
	Items        []wholeItem // Locked as it holds below
	Sig          []byte      // by the introduction's device
}

func (b aboveBody) statement() ([]byte, error) {
	b.Sig = []byte{}
	raw, err := encoding.Marshal(b)
	return append([]byte(aboveDomain), raw...), err
}

// FromAbove is a rulebook that was handed down. Its signature is good; whether who
// signed it is the level above, the charter says.
type FromAbove struct {
	By      govern.Introduction
	Version int64
	Made    int64
	Title   string
	Levels  string
	Items   []Item
}

// HandDown writes a version as a file for the communities below. open names the rules
// that they may change; what came locked from further above stays locked. key is the
// introduction's device's. Faults: scheme.empty, scheme.item.unknown {code}, scheme.bytes {max}.
func HandDown(key ed25519.PrivateKey, by govern.Introduction, s Scheme, open []string, now int64) ([]byte, error) {
	if len(s.Items) == 0 {
		return nil, fault.New("scheme.empty")
	}
	for _, code := range open {
		if i, ok := s.Item(code); !ok || i.Locked {
			return nil, fault.New("scheme.item.unknown", "code", code)
		}
	}
	b := aboveBody{Introduction: by.String(), Version: s.Version, Made: now, Title: s.Title, Levels: s.Levels}
	for _, i := range s.Items {
		i.Locked = !slices.Contains(open, i.Code)
		b.Items = append(b.Items, i.whole())
	}
	what, err := b.statement()
	if err != nil {
		return nil, err
	}
	b.Sig = ed25519.Sign(key, what)
	raw, err := encoding.Marshal(b)
	if err == nil && len(aboveMagic)+len(raw) > maxAboveFile {
		err = fault.New("scheme.bytes", "max", maxValue>>10)
	}
	return append([]byte(aboveMagic), raw...), err
}

// ReadFromAbove reads a file and checks that its device signed it. Faults:
// scheme.above.bad, scheme.above.newer, scheme.above.forged.
func ReadFromAbove(raw []byte) (f FromAbove, err error) {
	bad := fault.New("scheme.above.bad")
	rest, ok := bytes.CutPrefix(raw, []byte(aboveMagic))
	if !ok && bytes.HasPrefix(raw, []byte(aboveMagic[:len(aboveMagic)-2])) {
		return f, fault.New("scheme.above.newer")
	}
	var b aboveBody
	if !ok || len(raw) > maxAboveFile || decoding.Unmarshal(rest, &b) != nil {
		return f, bad
	}
	if again, err := encoding.Marshal(b); err != nil || !bytes.Equal(again, rest) {
		return f, bad
	}
	if f.By, err = govern.ReadIntroduction(b.Introduction); err != nil || b.Introduction != f.By.String() {
		return FromAbove{}, bad
	}
	what, err := b.statement()
	if err != nil {
		return FromAbove{}, err
	}
	if len(b.Sig) != ed25519.SignatureSize || !ed25519.Verify(f.By.Device[:], what, b.Sig) {
		return FromAbove{}, fault.New("scheme.above.forged")
	}
	f.Version, f.Made, f.Title, f.Levels = b.Version, b.Made, b.Title, b.Levels
	for _, i := range b.Items {
		f.Items = append(f.Items, i.item())
	}
	tidy, err := clean(f.Items)
	if err != nil || !slices.Equal(tidy, f.Items) || f.Version < 1 || f.Made <= 0 || f.head(Head{}).check() != nil {
		return FromAbove{}, bad
	}
	return f, nil
}

// signer is who signs for the rulebook, as a head names it.
func (f FromAbove) signer() string { return hex.EncodeToString(f.By.Device[:]) }

// head is the head of a version after the rulebook was taken in. The community's own
// title stays, and its names of levels as long as the rules have no more levels.
func (f FromAbove) head(now Head) Head {
	h := now
	h.Why, h.Upper, h.UpperKey, h.UpperVersion = "", f.By.Name, f.signer(), f.Version
	if h.Title == "" {
		h.Title = f.Title
	}
	if h.Levels == "" || len(f.names()) > len(now.LevelNames()) {
		h.Levels = f.Levels
	}
	return h
}

func (f FromAbove) names() []string { return Head{Levels: f.Levels}.LevelNames() }

// Below is what the rulebook of a community becomes when it takes one in from above:
// the locked rules as they are there, what it may change as it stands here already,
// its own rules after them. Of two rules of one name the one from above stays.
// Faults: scheme.above.old {version, have}, scheme.above.code {codes}: its own rules under
// codes that mean something else above get others first.
func (b *Book) Below(q store.Querier, f FromAbove) (h Head, items []Item, err error) {
	now, err := b.Get(q)
	if err != nil {
		return h, nil, err
	}
	before := now.UpperKey == f.signer()
	if before && f.Version <= now.UpperVersion {
		return h, nil, fault.New("scheme.above.old", "version", f.Version, "have", now.UpperVersion)
	}
	past, err := b.codes(q)
	if err != nil {
		return h, nil, err
	}
	var clash []string
	for _, i := range f.Items {
		own, here := now.Item(i.Code)
		switch {
		case here && !own.Locked && own.Name != i.Name && (!before || i.Locked):
			clash = append(clash, i.Code)
		case here && !own.Locked && !i.Locked:
			items = append(items, own) // as the community has made it
		case here || i.Locked || !past[i.Code]: // what it has dropped does not come back by itself
			items = append(items, i)
		}
	}
	if len(clash) > 0 {
		return h, nil, fault.New("scheme.above.code", "codes", strings.Join(clash, "、"))
	}
	from := newCodes(Scheme{Items: items})
	for _, i := range now.Items {
		_, same := from.known[[3]string{i.Group, i.Sub, i.Name}]
		if i.Locked && before || from.used[i.Code] || same {
			continue // given up above, or replaced
		}
		i.Locked = false // another level's, once
		items = append(items, i)
	}
	return f.head(now.Head), items, nil
}

// codes are all codes that a version ever had.
func (b *Book) codes(q store.Querier) (map[string]bool, error) {
	all, err := b.Versions(q)
	out := map[string]bool{}
	for _, s := range all {
		for _, i := range s.Items {
			out[i.Code] = true
		}
	}
	return out, err
}

// Adopt makes what Below says the next version. Faults: those of Below and Write.
func (b *Book) Adopt(tx *store.Tx, f FromAbove, why, operator string) (Scheme, error) {
	h, items, err := b.Below(tx, f)
	if err != nil {
		return Scheme{}, err
	}
	h.Why = why
	return b.Write(tx, h, items, operator)
}
