package activity

import (
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

func formOf(key string, v wire.Value) error {
	return Form(testDoc, &wire.Change{Actor: testActor, Ops: []wire.Op{{Key: key, Value: v}}})
}

func someFact() fact {
	return fact{Format: factFormat, Person: testPerson, Item: "WX01", At: testTime, Minutes: 60, Witness: "乙", Line: "7", Version: 1, Points: 3, By: "甲", Made: testTime}
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
	later.Line = ""
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
	a := deedKey("p", "WX01", "2026-02-05", "")
	for name, b := range map[string]ledger.Subject{
		"another day": deedKey("p", "WX01", "2026-02-06", ""), "another item": deedKey("p", "WX02", "2026-02-05", ""),
		"another person": deedKey("q", "WX01", "2026-02-05", ""), "a line": deedKey("p", "WX01", "2026-02-05", "1"),
		"an activity": attendanceKey("p", "WX01"),
	} {
		if a == b {
			t.Errorf("%s has the same key", name)
		}
	}
	if deedKey("p", "WX01", "2026-02-05", "7") != deedKey("p", "WX01", "2026-03-01", "7") {
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
