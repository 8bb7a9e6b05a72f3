package credit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

var update = flag.Bool("update", false, "write golden files that are missing")

func table(bands ...Band) Table { return Table{Lifetime, 100_000, 300_000, bands} }

var usual = table(Band{60, 89, 100_000}, Band{90, 149, 200_000}, Band{150, 0, 300_000})

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Code
}

func TestBandsSuggestExactly(t *testing.T) {
	for points, want := range map[int64]int64{0: 0, 59: 0, 60: 100_000, 89: 100_000, 90: 200_000, 149: 200_000, 150: 300_000, 1_000_000: 300_000} {
		if got, ok := usual.Suggest(points); got != want || ok != (want > 0) {
			t.Errorf("%d points: %d", points, got)
		}
	}
	if got, ok := table(Band{60, 79, 100_000}, Band{90, 0, 200_000}).Suggest(85); ok {
		t.Errorf("a gap gives %d", got)
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	for name, x := range map[string]struct {
		table Table
		code  string
	}{
		"the usual":       {usual, ""},
		"none":            {table(), ""},
		"other ends":      {Table{Year, 50_000, 500_000, []Band{{1, 9, 50_000}, {10, 0, 500_000}}}, ""},
		"below the ends":  {table(Band{60, 0, 99_999}), "credit.amount"},
		"above the ends":  {table(Band{60, 0, 300_001}), "credit.amount"},
		"ends turned":     {Table{Lifetime, 3, 2, nil}, "credit.ends"},
		"no least":        {Table{Lifetime, 0, 2, nil}, "credit.ends"},
		"another basis":   {Table{"luck", 1, 2, nil}, "credit.basis"},
		"turned band":     {table(Band{60, 59, 100_000}), "credit.band"},
		"from nothing":    {table(Band{0, 59, 100_000}), "credit.band"},
		"overlap":         {table(Band{60, 90, 100_000}, Band{90, 0, 200_000}), "credit.overlap"},
		"after an open":   {table(Band{60, 0, 100_000}, Band{90, 0, 200_000}), "credit.overlap"},
		"too many":        {Table{Lifetime, 1, 2, make([]Band, maxBands+1)}, "credit.bands"},
		"a negative band": {table(Band{-5, 0, 100_000}), "credit.band"},
	} {
		if got := code(x.table.check()); got != x.code {
			t.Errorf("%s: %q, want %q", name, got, x.code)
		}
	}
}

func TestTableIsReadAsItWasWritten(t *testing.T) {
	s := govern.Settings{Other: map[string]govern.Setting{}}
	if d := ReadTable(s); d.Least != 100_000 || d.Most != 300_000 || d.Basis != Lifetime || len(d.Bands) != 0 {
		t.Errorf("before anything was written: %+v", d)
	}
	for _, want := range []Table{usual, {Year, 1, 9, []Band{{5, 0, 7}}}, {Spendable, 100_000, 300_000, []Band{}}} {
		for _, x := range want.settings(s) {
			s.Other[x.Key] = x
		}
		got := ReadTable(s)
		if got.Basis != want.Basis || got.Least != want.Least || got.Most != want.Most || len(got.Bands) != len(want.Bands) || len(want.settings(s)) != 0 {
			t.Errorf("%+v became %+v", want, got)
		}
		for i := range got.Bands {
			if got.Bands[i] != want.Bands[i] {
				t.Errorf("band %d: %+v", i, got.Bands[i])
			}
		}
	}
}

// device is a key that is the same in every run.
func device(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

const line = "01jdb3cv6h000000000000z7k4"

func sample() Certificate {
	return Certificate{
		Community: people.ID{1, 2, 3}.String(), Place: "柳溪社区", Line: line, Number: "00Z7-K4", Version: 2, Name: "张三", IDTail: "123X",
		Points: 90, Basis: Lifetime, Amount: 200_000, Made: 1_795_000_000_000, Until: 1_826_600_000_000,
	}
}

func sampleKit(ended ...Gone) Kit {
	c := sample()
	return Kit{Format: 1, Community: c.Community, Name: c.Place, Made: c.Made, Ended: append([]Gone{}, ended...),
		Signers: []Signer{{hex.EncodeToString(device(1).Public().(ed25519.PublicKey)), "1 号电脑"}}}
}

// golden compares with a file that is written once and never again.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	want, err := os.ReadFile("testdata/" + file)
	if errors.Is(err, os.ErrNotExist) && *update {
		want, err = got, os.WriteFile("testdata/"+file, got, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: written differently:\n%s", file, got)
	}
}

func TestCertificateIsReadAsItWasWritten(t *testing.T) {
	text, err := sample().Text(device(1))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "certificate-1.txt", []byte(text+"\n"))
	got, err := sampleKit().Check(" "+text+"\r\n", sample().Until)
	want := sample()
	want.Number, want.Signer = Number(line), got.Signer
	if err != nil || got.Certificate != want || got.State != InForce || got.By != "1 号电脑" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := sampleKit().Check(text, want.Until+1); err != nil || got.State != Expired {
		t.Errorf("the day after: %+v, %v", got, err)
	}
	if got, err := sampleKit(Gone{line, Withdrawn}).Check(text, want.Made); err != nil || got.State != Withdrawn {
		t.Errorf("withdrawn: %+v, %v", got, err)
	}
	if len(text) > MaxText {
		t.Errorf("%d characters", len(text))
	}
	longest := sample()
	longest.Name, longest.Place = strings.Repeat("名", 40), strings.Repeat("村", 60)
	if text, err := longest.Text(device(1)); err != nil || len(text) > MaxText {
		t.Errorf("the longest has %d characters, %v", len(text), err)
	}
}

func TestCertificatesThatAreRefused(t *testing.T) {
	good, err := sample().Text(device(1))
	if err != nil {
		t.Fatal(err)
	}
	foreign := sample()
	foreign.Community = people.ID{9}.String()
	of := func(c Certificate, key byte) string {
		s, err := c.Text(device(key))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	none := sample()
	none.Amount = 0
	for name, x := range map[string]struct{ text, code string }{
		"empty": {"", "credit.bad"}, "a voucher": {"JSV1:ABC", "credit.bad"}, "newer": {"JSC2:ABC", "credit.newer"}, "cut": {good[:len(good)-9], "credit.cut"}, "prefix": {"JSC1", "credit.cut"},
		"no base45": {"JSC1:abc", "credit.damaged"}, "more behind": {good + "00", "credit.damaged"}, "too long": {"JSC1:" + strings.Repeat("0", MaxText), "credit.damaged"},
		"another community's": {of(foreign, 1), "credit.foreign"}, "another signer": {of(sample(), 2), "credit.signer"}, "no amount": {of(none, 1), "credit.damaged"},
	} {
		if _, err := sampleKit().Check(x.text, sample().Made); code(err) != x.code {
			t.Errorf("%s: %v, want %q", name, err, x.code)
		}
	}
	// A payload of mine with another's key in it is no proof of that one.
	payload, err := coded.Marshal(certificateBody{Version: 1, Of: 1, Place: "x", Name: "y", Basis: Year, Amount: 1, Made: 1, Until: 1, Signer: [32]byte(device(1).Public().(ed25519.PublicKey))})
	if err != nil {
		t.Fatal(err)
	}
	text, err := textFormat.Write(payload, func(m []byte) []byte { return ed25519.Sign(device(2), m) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadCertificate(text); code(err) != "credit.forged" {
		t.Error(err)
	}
}

// Whatever is changed in a certificate's text, it proves nothing else.
func TestMutatedCertificates(t *testing.T) {
	good, err := sample().Text(device(1))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(good)
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			b[rapid.IntRange(5, len(b)-1).Draw(t, "at")] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[rapid.IntRange(0, 44).Draw(t, "to")]
		}
		if _, err := sampleKit().Check(string(b), 1); err == nil && strings.TrimSpace(string(b)) != good {
			t.Fatalf("%q", b)
		}
	})
}

func TestPageHoldsItsKit(t *testing.T) {
	k := sampleKit(Gone{line, Replaced})
	k.Name = `</script><script>alert("x")`
	b, err := k.Page()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadKit(b)
	if err != nil || got.Name != k.Name || len(got.Ended) != 1 || len(got.Signers) != 1 || bytes.Contains(b, []byte(k.Name)) || bytes.Contains(b, []byte("src=")) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, x := range map[string]string{"empty": "", "another page": "<html></html>", "newer": kitBegin + `{"format":2}` + kitEnd, "no kit": kitBegin + `{}` + kitEnd} {
		if _, err := ReadKit([]byte(x)); code(err) != map[bool]string{true: "credit.newer", false: "credit.kit"}[name == "newer"] {
			t.Errorf("%s: %v", name, err)
		}
	}
	golden(t, "page-1.html.kit", append([]byte(strings.TrimSpace(string(bytes.SplitN(bytes.SplitN(must(sampleKit().Page()), []byte(kitBegin), 2)[1], []byte(kitEnd), 2)[0]))), '\n'))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

const doc = store.DocID("00000000000000000000000000.1/people/00")

// What admission lets in, and what not.
func TestForm(t *testing.T) {
	p := people.ID{0x0f}
	raw := func(v any) wire.Value {
		x, err := value(v)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	form := func(key string, v wire.Value, del bool) error {
		return Form(doc, &wire.Change{Ops: []wire.Op{{Key: key, Value: v, Delete: del}}})
	}
	l := lineValue{Format: 1, Version: 1, Points: 90, Basis: Lifetime, Amount: 200_000, Made: 5, Until: 6, By: "甲"}
	c := consentValue{Format: 1, At: 5, By: "甲", Sig: []byte{}}
	for name, err := range map[string]error{
		"a line":            form(lineKey(p, line), raw(l), false),
		"a consent":         form(consentKey(p), raw(c), false),
		"a withdrawal":      form(offKey(p), raw(offValue{Format: 1, At: 5, By: "甲"}), false),
		"a newer format":    form(consentKey(p), raw([]any{uint64(2), "later"}), false),
		"a newer field":     form("credit/"+p.String()+"/more", wire.StringValue("x"), false),
		"another subject's": form("person/x/name", wire.StringValue("x"), true),
	} {
		if err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	much, turned, sig := l, l, c
	much.Amount, turned.Until, sig.Sig = maxYuan+1, 4, []byte{1}
	for name, err := range map[string]error{
		"another shard": form(lineKey(people.ID{0x10}, line), raw(l), false),
		"a deletion":    form(lineKey(p, line), wire.Value{}, true),
		"no id":         form(lineKey(p, "x"), raw(l), false),
		"a text":        form(consentKey(p), wire.StringValue("yes"), false),
		"much money":    form(lineKey(p, line), raw(much), false),
		"turned times":  form(lineKey(p, line), raw(turned), false),
		"half a seal":   form(consentKey(p), raw(sig), false),
		"no line id":    form("credit/"+p.String()+"/line", raw(l), false),
		"no person":     form("credit/x/consent", raw(c), false),
	} {
		if err == nil {
			t.Errorf("%s is let in", name)
		}
	}
}
