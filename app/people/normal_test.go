package people

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jishan/app/fault"
)

func TestNormalName(t *testing.T) {
	for in, want := range map[string]string{
		"张三": "张三", " 张　三 ": "张三", "龘鱻靐": "龘鱻靐", "𠮷野": "𠮷野", "阿依古丽•买买提": "阿依古丽·买买提", "阿依古丽.买买提": "阿依古丽·买买提",
		"Ａｎｎａ  Li": "Anna Li", "O'Brien": "O'Brien", "张三(大)": "张三(大)", "\u200b李四": "李四", "〇一": "〇一",
	} {
		if got, err := NormalName(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for in, reason := range map[string]string{"": "empty", " 　": "empty", "张3": "characters", "···": "characters", "a@b": "characters",
		strings.Repeat("长", 41): "long", "张\x00三": "characters", "\xff": "characters"} {
		if _, err := NormalName(in); fault.Of(err).Params["reason"] != reason {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestNormalPhone(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "13800001234": "13800001234", "+86 138-0000-1234": "13800001234", "0086 13800001234": "13800001234", "１３８００００１２３４": "13800001234",
		"0351-1234567": "03511234567", "010 12345678": "01012345678", "(0351)12345678": "035112345678",
	} {
		if got, err := NormalPhone(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"12800001234", "1380000123", "138000012345", "abc", "0", "00123456789", "13800001234x", "110"} {
		if got, err := NormalPhone(in); !errors.Is(err, fault.New("people.phone.bad")) {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}

func TestNormalIDNumber(t *testing.T) {
	const known = "11010519491231002X" // the standard's own example
	for in, want := range map[string]string{"": "", known: known, "11010519491231002x": known, " 110105 19491231 002X ": known, "110105491231002": known} {
		if got, err := NormalIDNumber(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for in, reason := range map[string]string{"123": "length", "11010519491231002A": "characters", "110105194912310021": "checksum",
		"110105194913310028": "birthday", "1101051949123100X2": "characters", "110105490031002": "birthday"} {
		if _, err := NormalIDNumber(in); fault.Of(err).Params["reason"] != reason {
			t.Errorf("%q: %v", in, err)
		}
	}
	for i := range known { // every single wrong digit
		for d := byte('0'); d <= '9'; d++ {
			if d != known[i] && i < 17 {
				if _, err := NormalIDNumber(known[:i] + string(d) + known[i+1:]); err == nil {
					t.Errorf("digit %d as %c passes", i, d)
				}
			}
		}
	}
}

func TestNormalBirthday(t *testing.T) {
	const now = 1_780_000_000_000
	for in, want := range map[string]string{"": "", "1953-06-01": "1953-06-01", "1953/6/1": "1953-06-01", "1953.6.1": "1953-06-01", "19530601": "1953-06-01",
		"1953年6月1日": "1953-06-01", "１９５３年６月１日": "1953-06-01"} {
		if got, err := NormalBirthday(in, now); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"1953", "1953-02-30", "1899-01-01", "2999-01-01", "六月一日"} {
		if _, err := NormalBirthday(in, now); err == nil {
			t.Errorf("%q passes", in)
		}
	}
}

func TestNormalFormsAreStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if a, err := NormalName(s); err == nil {
			if b, err := NormalName(a); err != nil || a != b {
				t.Fatalf("name %q -> %q -> %q %v", s, a, b, err)
			}
		}
		if a, err := NormalPhone(s); err == nil {
			if b, err := NormalPhone(a); err != nil || a != b {
				t.Fatalf("phone %q -> %q -> %q %v", s, a, b, err)
			}
		}
	})
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{"": "", "张": "张", "张三": "张*", "张小芳": "张*芳", "欧阳娜娜": "欧**娜", "阿依古丽·买买提": "阿***", "司马光光光光": "司***光", "𠮷野": "𠮷*"} {
		if got := Mask(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestPersonID(t *testing.T) {
	key := [32]byte{1}
	a := Identity{Name: "张三", Phone: "13800001234", IDNumber: "11010519491231002X", Address: "x"}
	moved := a
	moved.Phone, moved.Address, moved.Name = "", "y", "张叁"
	if PersonID(key, a, 0) != PersonID(key, moved, 0) {
		t.Error("the ID number alone makes the person")
	}
	seen := map[ID]bool{PersonID(key, a, 0): true}
	for _, x := range []struct {
		key [32]byte
		who Identity
		g   uint32
	}{{[32]byte{2}, a, 0}, {key, a, 1}, {key, Identity{Name: "张三", Phone: "13800001234"}, 0}, {key, Identity{Name: "张三1", Phone: "3800001234"}, 0},
		{key, Identity{Name: "张三", Address: "13800001234"}, 0}} {
		id := PersonID(x.key, x.who, x.g)
		if seen[id] {
			t.Errorf("%+v has another's id", x)
		}
		seen[id] = true
		if back, err := ParseID(id.String()); err != nil || back != id {
			t.Error(err)
		}
	}
}

func TestSealedValues(t *testing.T) {
	rnd := rand.NewChaCha8([32]byte{5})
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.String().Draw(t, "plain")
		key, k := [32]byte{1}, keyRef{3, 99}
		v, err := sealValue(rnd, key, k, "place", plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := valueKey(v); len(v) <= maxSealed && (err != nil || got != k) {
			t.Fatal(err)
		}
		if got, err := openValue(key, v, "place"); len(v) <= maxSealed && (err != nil || got != plain) {
			t.Fatalf("%q %v", got, err)
		}
		if len(plain) > 3 && bytes.Contains(v, []byte(plain)) {
			t.Fatal("in the clear")
		}
		if _, err := openValue(key, v, "other place"); err == nil {
			t.Fatal("moved to another place")
		}
		if _, err := openValue([32]byte{2}, v, "place"); err == nil {
			t.Fatal("opened by another key")
		}
		w := bytes.Clone(v)
		w[rapid.IntRange(0, len(w)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if got, err := openValue(key, w, "place"); err == nil && got != plain {
			t.Fatal("mutated")
		}
	})
}

func TestSealedLengthsTellLittle(t *testing.T) {
	rnd := rand.NewChaCha8([32]byte{6})
	a, _ := sealValue(rnd, [32]byte{}, keyRef{}, "", "张三")
	b, _ := sealValue(rnd, [32]byte{}, keyRef{}, "", "欧阳娜娜")
	if len(a) != len(b) {
		t.Errorf("%d and %d bytes", len(a), len(b))
	}
}

func TestWrappedKeys(t *testing.T) {
	rnd := rand.NewChaCha8([32]byte{7})
	ring := map[uint][32]byte{1: {1}, 2: {2}}
	item, key, whose := [32]byte{3}, [32]byte{4}, ID{5}
	blob, err := wrapKey(rnd, ring[2], 2, item, whose, key)
	if err != nil || wrappedUnder(blob) != 2 {
		t.Fatal(err)
	}
	if got, owner, err := unwrapKey(ring, item, blob); err != nil || got != key || owner != whose {
		t.Errorf("%v", err)
	}
	if _, _, err := unwrapKey(map[uint][32]byte{1: {1}}, item, blob); !errors.Is(err, ErrNoKey) {
		t.Errorf("without version 2: %v", err)
	}
	for i := range blob {
		b := bytes.Clone(blob)
		b[i] ^= 4
		if got, _, err := unwrapKey(ring, item, b); err == nil {
			t.Errorf("byte %d: %x", i, got)
		}
		if _, _, err := unwrapKey(ring, item, blob[:i]); err == nil {
			t.Errorf("%d bytes", i)
		}
	}
	if _, _, err := unwrapKey(ring, [32]byte{9}, blob); err == nil {
		t.Error("moved to another item")
	}
}

func TestSpelling(t *testing.T) {
	s := newSpeller()
	first := s.spell("张三")[0]
	if first != (spelling{"zhangsan", "zs"}) {
		t.Errorf("%+v", first)
	}
	if got := s.spell("吕洞宾")[0]; got.full != "lvdongbin" {
		t.Errorf("%+v", got)
	}
	if got := s.spell("单单单单单单单"); len(got) > maxReadings || len(got) < 2 {
		t.Errorf("%d readings", len(got))
	}
	if got := s.spell("Anna·李")[0]; got.full != "annali" || got.initials != "annal" {
		t.Errorf("%+v", got)
	}
	if got := s.spell("靐"); len(got) == 0 {
		t.Error("no spelling for a rare character")
	}
}

// TestGoldenText keeps sealed texts readable for ever: a change of the format is a
// new version, and this file stays.
func TestGoldenText(t *testing.T) {
	const path, place, plain = "testdata/text-1.txt", "00000000000000000000000000/00000000000000000000000001/activity/2026-02/deed/x/y/note", "雨中护送，见证人甲"
	key, ref := [32]byte{1, 2, 3}, keyRef{Generation: 1, Number: 0x8000000000000007}
	if *update {
		b, err := sealValue(rand.NewChaCha8([32]byte{9}), key, ref, place, plain)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(hex.EncodeToString(b)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := valueKey(sealed); err != nil || got != ref {
		t.Errorf("%v %v", got, err)
	}
	if got, err := openValue(key, sealed, place); err != nil || got != plain {
		t.Errorf("%q %v", got, err)
	}
	again, err := sealValue(rand.NewChaCha8([32]byte{9}), key, ref, place, plain)
	if err != nil || !bytes.Equal(again, sealed) {
		t.Error("the same text is written differently")
	}
	if !Envelope(sealed, 10) || Envelope(sealed, 1) {
		t.Error("its length is not that of ten characters")
	}
}
