package sync

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/store"

	"github.com/klauspost/compress/zstd"
)

// uv appends a number.
func uv(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// talking makes a session of d that has met an equal peer.
func talking(t *testing.T, d, other *device) *pipe {
	t.Helper()
	p := connect(d, other)
	p.settle(t)
	return p
}

func bomb(t *testing.T) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil, zstd.WithWindowSize(packWindow))
	if err != nil {
		t.Fatal(err)
	}
	return e.EncodeAll(make([]byte, 64<<20), nil)
}

func TestHostileFrames(t *testing.T) {
	list := devices(t, "a", "b", "bad")
	a, b, bad := list[0], list[1], list[2]
	a.append(70)
	connect(a, b).settle(t)
	connect(a, bad).settle(t)
	before := a.digests(nil)
	doc := appendText([]byte{refFull}, string(a.feed()))
	key := make([]byte, refKeySize)
	huge := uint64(math.MaxUint64)
	cases := map[string]struct {
		frame []byte
		want  error
	}{
		"empty":                 {nil, ErrMalformed},
		"unknown type":          {[]byte{200, 1, 2}, ErrMalformed},
		"too large":             {make([]byte, MaxFrame+1), ErrTooLarge},
		"second hello":          {[]byte{typeHello, Version}, ErrOrder},
		"space that is none":    {[]byte{typeOpen, 99, 0}, ErrMalformed},
		"open cut short":        {[]byte{typeOpen, docSpace, 0, 1, 2}, ErrMalformed},
		"open too long":         {append([]byte{typeOpen, docSpace, 0}, make([]byte, openSize+1)...), ErrMalformed},
		"buckets unasked":       {append([]byte{typeBuckets, docSpace}, make([]byte, buckets*bucketSize)...), ErrOrder},
		"prints unasked":        {[]byte{typePrints, docSpace, 1}, ErrOrder},
		"docs unasked":          {[]byte{typeDocs, docSpace, 1}, ErrOrder},
		"done unasked":          {[]byte{typeDone, docSpace}, ErrOrder},
		"ack of nothing":        {uv([]byte{typeAck}, 1), ErrOrder},
		"ack of everything":     {uv([]byte{typeAck}, huge), ErrOrder},
		"tips of nothing":       {uv([]byte{typeTips}, 0), ErrOrder},
		"tips with a count":     {uv([]byte{typeTips}, huge), ErrMalformed},
		"items with a count":    {uv([]byte{typeItems, vaultSpace}, huge), ErrMalformed},
		"items of no set":       {uv([]byte{typeItems, docSpace}, 0), ErrMalformed},
		"item with a length":    {uv(append(uv([]byte{typeItems, vaultSpace}, 1), make([]byte, 33)...), huge), ErrMalformed},
		"document number":       {uv([]byte{typeChanges}, 77), ErrMalformed},
		"document key":          {append([]byte{typeChanges, refKey}, key...), ErrMalformed},
		"document id":           {appendText([]byte{typeChanges, refFull}, "../../etc/passwd"), ErrMalformed},
		"document id's length":  {uv([]byte{typeChanges, refFull}, huge), ErrMalformed},
		"no changes":            {append(append([]byte{typeChanges}, doc...), 0), ErrMalformed},
		"unknown flags":         {append(append([]byte{typeChanges}, doc...), 0x80), ErrMalformed},
		"change with a length":  {uv(append(append([]byte{typeChanges}, doc...), 0), huge), ErrMalformed},
		"garbage as a change":   {append(append(append([]byte{typeChanges}, doc...), 0), appendSealed(nil, seal.Sealed{Chunk: []byte("garbage"), Seal: &seal.Seal{}})...), ErrMalformed},
		"no seal":               {append(append(append([]byte{typeChanges}, doc...), 0), appendSealed(nil, seal.Sealed{Chunk: []byte("garbage")})...), ErrMalformed},
		"not compressed":        {append(uv(append(append([]byte{typeChanges}, doc...), flagPacked), 1000), "no zstd"...), ErrMalformed},
		"bomb":                  {append(uv(append(append([]byte{typeChanges}, doc...), flagPacked), maxPayload), bomb(t)...), ErrMalformed},
		"bomb that admits it":   {append(uv(append(append([]byte{typeChanges}, doc...), flagPacked), 64<<20), bomb(t)...), ErrMalformed},
		"smaller than promised": {append(uv(append(append([]byte{typeChanges}, doc...), flagPacked), 10), bomb(t)...), ErrMalformed},
	}
	good := talking(t, a, b)
	for name, c := range cases {
		p := talking(t, a, bad)
		if err := p.a.Handle(c.frame); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err := p.a.Handle([]byte{typeAck}); err == nil {
			t.Errorf("%s: the session goes on", name)
		}
		if _, ok := p.a.Next(); ok {
			t.Errorf("%s: it still talks", name)
		}
		p.cut()
	}
	if a.digests(nil) != before {
		t.Error("the store has changed")
	}
	a.append(1)
	good.settle(t)
	if a.digests(nil) != b.digests(nil) {
		t.Error("the other session stopped")
	}
}

func TestVersions(t *testing.T) {
	a, b := pair(t)
	h := hello{Minor: Minor, Community: community, Nonce: make([]byte, nonceSize), First: make([]byte, len(spaceNames)*openSize)}
	for name, c := range map[string]struct {
		change func(*hello) byte
		want   error
	}{
		"newer":         {func(*hello) byte { return Version + 1 }, ErrNewer},
		"older":         {func(*hello) byte { return Version - 1 }, ErrOlder},
		"stranger":      {func(h *hello) byte { h.Community = "x"; return Version }, ErrCommunity},
		"short nonce":   {func(h *hello) byte { h.Nonce = nil; return Version }, ErrMalformed},
		"short digests": {func(h *hello) byte { h.First = h.First[1:]; return Version }, ErrMalformed},
		"odd buckets":   {func(h *hello) byte { h.Buckets = []byte{1}; return Version }, ErrMalformed},
		"newer minor":   {func(h *hello) byte { h.Minor, h.First = 9, append(h.First, make([]byte, openSize)...); return Version }, nil},
	} {
		g := h
		v := c.change(&g)
		f, err := g.encode()
		if err != nil {
			t.Fatal(err)
		}
		f[1] = v
		s := a.session(b.key)
		if err := s.Handle(f); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want == nil {
			if err := s.Handle([]byte{200, 1, 2, 3}); err != nil || s.Stats().Skipped != 1 {
				t.Errorf("%s: a frame of the future: %v", name, err)
			}
		}
		a.drop(s)
	}
}

// A peer that follows the protocol but lies in every digest, list and vector.
func TestLiar(t *testing.T) {
	a, b := pair(t)
	a.append(100)
	a.put(docID("people/00"), "person/1/name", "甲")
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		s := a.session(b.key)
		h := hello{Community: community, Nonce: make([]byte, nonceSize), First: noise(rng, len(spaceNames)*openSize), Buckets: noise(rng, buckets*bucketSize)}
		f, err := h.encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Handle(f); err != nil {
			t.Fatal(err)
		}
		err = lie(s, rng, 5000)
		if err == nil {
			t.Errorf("round %d: the session bears 5,000 lies", round)
		}
		var own *StoreError
		if errors.As(err, &own) {
			t.Errorf("round %d: %v", round, err)
		}
		a.drop(s)
	}
	p := connect(a, b)
	p.settle(t)
	same(t, a, b)
}

func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// lie answers every frame with a well-formed lie of the step that fits.
func lie(s *Session, rng *rand.Rand, limit int) error {
	for range limit {
		f, ok := s.Next()
		if !ok {
			f = []byte{typeDone, docSpace} // nothing came: open another round
		}
		var answer []byte
		sp := byte(docSpace)
		if len(f) > 1 {
			sp = f[1]
		}
		switch f[0] {
		case typeHello:
			continue
		case typeOpen, typeDone:
			answer = append([]byte{typeOpen, sp, 1}, noise(rng, openSize)...)
			if f[0] == typeDone && ok {
				answer = []byte{typeDone, sp}
			}
		case typeBuckets:
			answer = append([]byte{typeBuckets, sp}, noise(rng, buckets*bucketSize)...)
		case typePrints:
			answer = append([]byte{typePrints, sp, 1}, noise(rng, printSize*rng.IntN(50))...)
		case typeDocs:
			v := vector{{seq: rng.Uint64() >> 1, actor: [16]byte(noise(rng, 16))}}
			answer = appendVector(appendText([]byte{typeDocs, sp, 1, refFull}, string(docID("people/00"))), v)
		case typeChanges:
			answer = uv([]byte{typeAck}, 1)
		case typeItems:
			continue
		}
		if err := s.Handle(answer); err != nil {
			return err
		}
	}
	return nil
}

// Frames that are right and useless, for ever.
func TestFlood(t *testing.T) {
	a, b := pair(t)
	useless := packItems(vaultSpace, 0, nil)
	p := talking(t, a, b)
	var err error
	n := 0
	for ; err == nil && n < 2*wasteBurst; n++ {
		err = p.a.Handle(useless)
	}
	if !errors.Is(err, ErrFlood) {
		t.Errorf("after %d frames: %v", n, err)
	}
	// At a modest rate it may go on.
	p = talking(t, a, b)
	for range wasteBurst + 100 {
		a.now += 1000 / wasteRate
		if err := p.a.Handle(useless); err != nil {
			t.Fatal(err)
		}
	}
}

// What both hold already counts as useless, too.
func TestKnownChangesAreWaste(t *testing.T) {
	a, b := pair(t)
	a.append(3)
	src, err := a.st.After(context.Background(), a.feed(), a.inc.Actor(), 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	f, err := appendPacked(appendText([]byte{typeChanges, refFull}, string(a.feed())), batch{items: sealed(src)}.payload())
	if err != nil {
		t.Fatal(err)
	}
	p := talking(t, a, b)
	before := p.a.waste.level
	if err := p.a.Handle(f); err != nil {
		t.Fatal(err)
	}
	if p.a.waste.level <= before || p.a.Stats().Known != 3 {
		t.Errorf("level %v after %v", p.a.waste.level, before)
	}
}

// Changes with wrong seals and certificates under wrong ids end the session
// after a while, and nothing of them stays.
func TestForgeries(t *testing.T) {
	a, b := pair(t)
	b.append(5)
	src, err := b.st.After(context.Background(), b.feed(), b.inc.Actor(), 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	a.hold = nil
	blind := connect(a, b)
	b.reads = func([32]byte, store.DocID) bool { return false }
	blind.settle(t)
	forged := sealed(src)
	for i := range forged {
		forged[i].Seal = &seal.Seal{}
	}
	before := a.digests(nil)
	err = nil
	for n := 0; err == nil && n < 2*maxRefused; n++ {
		var f []byte
		f, err = appendPacked(appendText([]byte{typeChanges, refFull}, string(b.feed())), batch{items: forged}.payload())
		if err != nil {
			t.Fatal(err)
		}
		if err = blind.a.Handle(f); err == nil {
			it := store.Item{ID: seedOf("x"), Blob: b.inc.Certificate.Encode()}
			err = blind.a.Handle(packItems(incarnationSpace, 1, appendItem(nil, it)))
		}
		for _, ok := blind.a.Next(); ok; _, ok = blind.a.Next() {
		}
	}
	if !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
	if a.digests(nil) != before {
		t.Error("a forgery was admitted")
	}
	var own *StoreError
	b.reads, b.hold = nil, nil
	a.hold = func([]seal.Sealed) error { return errors.New("disk full") }
	p := connect(a, b)
	for err = nil; err == nil; {
		for _, f := range p.fill(p.a) {
			if e := p.b.Handle(f); e != nil {
				t.Fatal(e)
			}
		}
		for _, f := range p.fill(p.b) {
			if err == nil {
				err = p.a.Handle(f)
			}
		}
	}
	if !errors.As(err, &own) {
		t.Errorf("own failure: %v", err)
	}
}
