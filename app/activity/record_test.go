package activity

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	testActivity = "01j9zzzzzzzzzzzzzzzzzzzzzz"
	testDoc      = store.DocID("00000000000000000000000000.1/activity/2026-02")
	testTime     = 1_770_253_200_000
)

var (
	testActor  = wire.Actor{1, 2, 3, 4, 5, 6, 7, 8, 9}
	testPerson = ledger.Subject{7}
)

var update = flag.Bool("update", false, "write the golden files anew")

func formOf(key string, v wire.Value) error {
	return Form(testDoc, &wire.Change{Actor: testActor, Ops: []wire.Op{{Key: key, Value: v}}})
}

// sealedTest is what has the form of a sealed text.
func sealedTest(plain string) []byte {
	return append(append([]byte{1}, make([]byte, 36)...), make([]byte, (len(plain)/16+1)*16+16)...)
}

func someFact() fact {
	return fact{Format: factFormat, Person: testPerson, Item: "WX01", At: testTime, Minutes: 60, Witness: sealedTest("乙"), Line: lineMark("7"), Version: 1, Points: 3, By: "甲", Made: testTime}
}

func TestFormKnowsKeysTypesAndWhoWrote(t *testing.T) {
	p, me := testPerson.String(), recorderOf(testActor)
	raw := must(encoding.Marshal(someFact()))
	id := someFact().key().String()
	second := someFact()
	second.Round = 1
	for k, v := range map[string]wire.Value{
		"activity/" + testActivity + "/title":                wire.StringValue("送春联"),
		"activity/" + testActivity + "/time":                 wire.StringValue(timeText(testTime, testTime+1)),
		"activity/" + testActivity + "/places":               wire.IntValue(13),
		"activity/" + testActivity + "/of-a-newer-program":   wire.BytesValue([]byte("x")),
		"signup/" + testActivity + "/" + p + "/at":           wire.TimeValue(testTime),
		"att/" + testActivity + "/" + p + "/" + me + "/in":   wire.TimeValue(testTime),
		"att/" + testActivity + "/" + p + "/" + me + "/how":  wire.StringValue(QR),
		"deed/" + id + "/" + me + "-00ff00ff/fact":           wire.BytesValue(raw),
		"deed/" + second.key().String() + "/" + me + "/fact": wire.BytesValue(must(second.encode())),
	} {
		if err := formOf(k, v); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	later := someFact()
	later.At += day
	later.Line = nil
	huge := someFact()
	huge.Points = 1 << 50
	rounds := someFact()
	rounds.Round = maxRounds + 1
	for k, v := range map[string]wire.Value{
		"activity/x/title": wire.StringValue("x"),
		"activity/" + strings.ToUpper(testActivity) + "/title":             wire.StringValue("x"),
		"activity/" + testActivity + "/title":                              wire.StringValue(strings.Repeat("长", 61)),
		"activity/" + testActivity + "/time":                               wire.StringValue("2 1"),
		"activity/" + testActivity + "/places":                             wire.IntValue(-1),
		"deed/" + id + "/" + me + "/fact":                                  wire.BytesValue(must(second.encode())),
		"deed/" + rounds.key().String() + "/" + me + "/fact":               wire.BytesValue(must(rounds.encode())),
		"activity/" + testActivity + "/made":                               wire.TimeValue(1),
		"activity/" + testActivity + "/secret":                             wire.BytesValue([]byte("short")),
		"activity/" + testActivity + "/rule":                               wire.BytesValue([]byte("junk")),
		"activity/" + testActivity + "/newer":                              wire.BytesValue(make([]byte, 5000)),
		"signup/" + testActivity + "/" + p + "/at":                         wire.StringValue("now"),
		"att/" + testActivity + "/" + p + "/" + "0000000000000000" + "/in": wire.TimeValue(testTime), // another's
		"deed/" + id + "/0000000000000000-00ff00ff/fact":                   wire.BytesValue(raw),
		"deed/" + id + "/" + me + "/fact":                                  wire.BytesValue(must(encoding.Marshal(later))), // another id
		"deed/" + huge.key().String() + "/" + me + "-1/fact":               wire.BytesValue(must(encoding.Marshal(huge))),
		"secret": wire.BytesValue(nil),
	} {
		if formOf(k, v) == nil {
			t.Errorf("passes: %s", k)
		}
	}
	if Form("00000000000000000000000000.1/people/00", &wire.Change{}) == nil {
		t.Error("a document of another subject passes")
	}
}

func TestDeedKeys(t *testing.T) {
	a := deedKey("p", "WX01", "2026-02-05", nil)
	for name, b := range map[string]ledger.Subject{
		"another day": deedKey("p", "WX01", "2026-02-06", nil), "another item": deedKey("p", "WX02", "2026-02-05", nil),
		"another person": deedKey("q", "WX01", "2026-02-05", nil), "a line": deedKey("p", "WX01", "2026-02-05", lineMark("1")),
		"an activity": attendanceKey("p", "WX01"),
	} {
		if a == b {
			t.Errorf("%s has the same key", name)
		}
	}
	if deedKey("p", "WX01", "2026-02-05", lineMark("7")) != deedKey("p", "WX01", "2026-03-01", lineMark("7")) {
		t.Error("one line of the passbook has two keys")
	}
}

func FuzzForm(f *testing.F) {
	raw := must(encoding.Marshal(someFact()))
	f.Add("deed/"+someFact().key().String()+"/"+recorderOf(testActor)+"-1/fact", uint8(wire.Bytes), int64(0), string(raw))
	f.Add("activity/"+testActivity+"/time", uint8(wire.String), int64(0), timeText(testTime, testTime))
	f.Add("signup/"+testActivity+"/"+testPerson.String()+"/at", uint8(wire.Timestamp), int64(testTime), "")
	f.Fuzz(func(t *testing.T, key string, kind uint8, num int64, raw string) {
		if formOf(key, wire.Value{Kind: wire.Kind(kind), Num: num, Raw: raw}) != nil {
			return
		}
		var x fact
		if strings.HasPrefix(key, "deed/") && open(raw, factFormat, &x) == nil && !x.sound() {
			t.Fatalf("passes: %+v", x)
		}
	})
}

func FuzzCodeAndPaste(f *testing.F) {
	f.Add(codeAt(make([]byte, secretSize), testActivity, testTime))
	f.Add("http://192.0.2.1/#/c/jsq1." + testActivity + ".1.x")
	f.Add("#接龙\n1. 张三 138\n2、李四")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCode(text); err == nil && c.check([]byte(strings.Repeat("k", secretSize)), testTime) == nil {
			t.Fatalf("a code without the secret: %q", text)
		}
		if rows, err := parsePaste(text); err == nil && (len(rows) == 0 || len(rows) > maxPasteRows) {
			t.Fatalf("%d rows", len(rows))
		}
	})
}

// TestGoldenFact keeps deeds readable: another form of a fact is a new version, and
// this file stays. What came before it had texts in the clear and is refused.
func TestGoldenFact(t *testing.T) {
	const path = "testdata/fact-5.txt"
	f := someFact()
	f.Note, f.Round, f.Minus, f.Count, f.Hard = sealedTest("雨中护送"), 1, true, 12, 2
	if *update {
		if err := os.WriteFile(path, []byte(hex.EncodeToString(must(f.encode()))+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := openFact(string(raw))
	if err != nil || !reflect.DeepEqual(got, f) || !bytes.Equal(must(f.encode()), raw) {
		t.Errorf("%+v, %v", got, err)
	}
	key := "deed/" + f.key().String() + "/" + recorderOf(testActor) + "-1/fact"
	old, clear, newer, elsewhere := f, f, f, f
	old.Format, clear.Note, newer.Note, elsewhere.At = 4, []byte("雨中护送"), append([]byte{2}, "of a later program"...), f.At+40*day
	for name, c := range map[string]struct {
		v      any
		key    string
		passes bool
	}{
		"this one": {f, key, true}, "a note of a later version": {newer, key, true}, "a later format": {[]any{uint64(6), "later"}, key, true},
		"an older format": {old, key, false}, "a note in the clear": {clear, key, false},
		"another month's": {elsewhere, "deed/" + elsewhere.key().String() + "/" + recorderOf(testActor) + "-1/fact", false},
	} {
		if err := formOf(c.key, wire.BytesValue(must(encoding.Marshal(c.v)))); (err == nil) != c.passes {
			t.Errorf("%s: %v", name, err)
		}
	}
}
