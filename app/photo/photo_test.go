package photo

import (
	"bytes"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// noise is a picture that compresses badly.
func noise(w, h int) image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	return m
}

func encoded(t *testing.T, m image.Image, how string) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	if how == "png" {
		err = png.Encode(&b, m)
	} else {
		err = jpeg.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is kept is small, of at most so many pixels, and holds nothing that the camera
// wrote beside the picture.
func TestShrink(t *testing.T) {
	where := append([]byte{0xff, 0xe1, 0, 22}, "Exif\x00\x00GPS 43.6N 125E"...)
	plain := encoded(t, noise(900, 300), "jpeg")
	marked := append(append(bytes.Clone(plain[:2]), where...), plain[2:]...)
	for name, x := range map[string]struct {
		file []byte
		w, h int
	}{
		"large and noisy":         {encoded(t, noise(3000, 2000), "jpeg"), 0, 0},
		"upright":                 {encoded(t, image.NewGray(image.Rect(0, 0, 1000, 4000)), "png"), 320, 1280},
		"small as it is":          {marked, 900, 300},
		"one pixel":               {encoded(t, noise(1, 1), "png"), 1, 1},
		"a strip":                 {encoded(t, image.NewGray(image.Rect(0, 0, 9000, 2)), "png"), 1280, 1},
		"transparent means white": {encoded(t, image.NewRGBA(image.Rect(0, 0, 8, 8)), "png"), 8, 8},
	} {
		out, err := Shrink(x.file, FromDesk)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, kind, err := image.Decode(bytes.NewReader(out))
		if err != nil || kind != "jpeg" || len(out) > MaxBytes-overhead || max(m.Bounds().Dx(), m.Bounds().Dy()) > side {
			t.Errorf("%s: %s of %d bytes, %v: %v", name, kind, len(out), m.Bounds(), err)
		}
		if x.w > 0 && (m.Bounds().Dx() != x.w || m.Bounds().Dy() != x.h) {
			t.Errorf("%s: %v", name, m.Bounds())
		}
		if bytes.Contains(out, []byte("GPS")) {
			t.Errorf("%s: it still says where", name)
		}
		if r, _, _, _ := m.At(1, 1).RGBA(); strings.HasPrefix(name, "transparent") && r < 0xf000 {
			t.Errorf("%s: %v", name, m.At(1, 1))
		}
	}
}

func TestNoPictures(t *testing.T) {
	good := encoded(t, noise(40, 40), "png")
	var wide bytes.Buffer // says that it is 60,000 pixels high and wide, and is not
	_ = png.Encode(&wide, image.NewGray(image.Rect(0, 0, 1, 1)))
	bomb := wide.Bytes()
	copy(bomb[16:], []byte{0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60})
	for name, x := range map[string]struct {
		file []byte
		code string
	}{
		"nothing": {nil, "photo.none"}, "a text": {[]byte("照片"), "photo.none"}, "half a picture": {good[:len(good)/2], "photo.none"},
		"too many pixels": {encoded(t, image.NewGray(image.Rect(0, 0, 10_000, 6_000)), "png"), "photo.large"},
		"a workbook":      {[]byte("PK\x03\x04"), "photo.none"}, "a bomb": {fixed(bomb), "photo.large"},
	} {
		if _, err := Shrink(x.file, FromDesk); !errors.Is(err, fault.New(x.code)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A page sends small pictures; a larger one from there is not unpacked.
func TestPicturesFromPages(t *testing.T) {
	file := encoded(t, image.NewGray(image.Rect(0, 0, 2100, 2000)), "png")
	if _, err := Shrink(file, FromPhone); !errors.Is(err, fault.New("photo.large")) {
		t.Error(err)
	}
	if _, err := Shrink(file, FromDesk); err != nil {
		t.Error(err)
	}
}

// fixed mends the checksum of a PNG's header.
func fixed(b []byte) []byte {
	crc := crc32.ChecksumIEEE(b[12:29])
	copy(b[29:], []byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)})
	return b
}

// Nobody opens a body with another key, or one that was changed.
func TestLock(t *testing.T) {
	plain := encoded(t, noise(30, 30), "jpeg")
	key, body, err := lock(rand.NewChaCha8([32]byte{7}), plain)
	if err != nil || bytes.Contains(body, plain[:40]) {
		t.Fatal(err)
	}
	if got, err := unlock(key[:], body); err != nil || !bytes.Equal(got, plain) {
		t.Fatal(err)
	}
	for i := range []int{0, 30, len(body) - 1} {
		bad := bytes.Clone(body)
		bad[i] ^= 1
		if _, err := unlock(key[:], bad); err == nil {
			t.Errorf("byte %d changed", i)
		}
	}
	if _, err := unlock(make([]byte, 32), body); err == nil {
		t.Error("another key")
	}
	if _, err := unlock(key[:], body[:10]); err == nil {
		t.Error("cut off")
	}
}

const doc = store.DocID("00000000000000000000000000.1/people/00")

// What admission lets in: whole records under keys of their own, nothing written over
// another value.
func TestForm(t *testing.T) {
	who, h := people.ID{0x0f}, Hash{1, 2, 3}
	raw := func(v any) string {
		one, err := put(who, h, made, v)
		if err != nil {
			t.Fatal(err)
		}
		return one.Value.Raw
	}
	sealed := []byte("\x02sealed")
	good := madeValue{Format: format, Of: "claim/01abc", Size: 9, Key: sealed}
	op := func(key, raw string, pred ...wire.OpID) wire.Op {
		return wire.Op{Key: key, Value: wire.BytesValue([]byte(raw)), Pred: pred}
	}
	with := func(change func(*madeValue)) string { v := good; change(&v); return raw(v) }
	key := keyOf(who, h, made)
	for name, x := range map[string]struct {
		op wire.Op
		ok bool
	}{
		"one":                       {op(key, raw(good)), true},
		"taken down":                {op(keyOf(who, h, off), raw(offValue{Format: format, Why: sealed})), true},
		"a field of later":          {op(keyOf(who, h, "later"), "x"), true},
		"a format of later":         {op(key, with(func(v *madeValue) { v.Format = 9 })), true},
		"another subject's":         {op("person/x", "x"), true},
		"over another":              {op(key, raw(good), wire.OpID{Counter: 1}), false},
		"deleted":                   {wire.Op{Key: key, Delete: true}, false},
		"no key":                    {op(key, with(func(v *madeValue) { v.Key = nil })), false},
		"larger than a picture":     {op(key, with(func(v *madeValue) { v.Size = MaxBytes + 1 })), false},
		"of nothing":                {op(key, with(func(v *madeValue) { v.Of = "" })), false},
		"of a path":                 {op(key, with(func(v *madeValue) { v.Of = "claim/../x" })), false},
		"damaged":                   {op(key, raw(good)[1:]), false},
		"a text":                    {wire.Op{Key: key, Value: wire.StringValue(raw(good))}, false},
		"a hash in capital letters": {op(strings.ToUpper(key[:6])+key[6:], raw(good)), true}, // no key of ours
		"a short hash":              {op("photo/"+who.String()+"/00/made", raw(good)), false},
		"another shard's":           {op(keyOf(people.ID{0xff}, h, made), raw(good)), false},
	} {
		if err := Form(doc, &wire.Change{Ops: []wire.Op{x.op}}); (err == nil) != x.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A picture that everybody may see is small, of one form, and what its name says.
func TestPublicPictures(t *testing.T) {
	small, err := ShrinkPublic(encoded(t, noise(3000, 2000), "jpeg"), FromDesk)
	if err != nil || !wholePublic(small) {
		t.Fatalf("%d bytes: %v", len(small), err)
	}
	for name, b := range map[string][]byte{
		"a PNG": encoded(t, noise(40, 40), "png"), "half of one": small[:len(small)/2], "nothing": nil, "too wide": encoded(t, image.NewGray(image.Rect(0, 0, publicSide+1, 2)), "jpeg"),
		"too many bytes": append(bytes.Clone(small), make([]byte, MaxPublic)...),
	} {
		if wholePublic(b) {
			t.Errorf("%s passes", name)
		}
	}
}
