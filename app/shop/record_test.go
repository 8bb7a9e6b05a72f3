package shop

import (
	"strings"
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	testOffer = "01j9zzzzzzzzzzzzzzzzzzzzzz"
	testDoc   = store.DocID("00000000000000000000000000.1/catalog/office")
)

func formOf(key string, v wire.Value) error {
	return Form(testDoc, &wire.Change{Ops: []wire.Op{{Key: key, Value: v}}})
}

func someWhat() what {
	return what{Format: whatFormat, Person: ledger.Subject{7}, At: 1, Lines: []whatLine{{Good: ledger.Subject{9}, N: 2}}}
}

func TestForm(t *testing.T) {
	for k, v := range map[string]wire.Value{
		"offer/" + testOffer + "/name":    wire.StringValue("肥皂"),
		"offer/" + testOffer + "/active":  wire.BoolValue(false),
		"offer/" + testOffer + "/newer":   wire.BytesValue([]byte("x")),
		"offer/" + testOffer + "/photo":   wire.StringValue(strings.Repeat("0f", 32)),
		"place/" + aboutID + "/where":     wire.StringValue("河堤路 3 号"),
		"reserve/" + testOffer + "/what":  wire.BytesValue(must(encoding.Marshal(someWhat()))),
		"reserve/" + testOffer + "/state": wire.StringValue("open"),
	} {
		if err := formOf(k, v); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	endless := someWhat()
	endless.Lines[0].N = 1 << 50
	for k, v := range map[string]wire.Value{
		"offer/x/name":                    wire.StringValue("肥皂"),
		"offer/" + testOffer + "/name":    wire.IntValue(1),
		"offer/" + testOffer + "/points":  wire.IntValue(-1),
		"offer/" + testOffer + "/kind":    wire.StringValue("free"),
		"offer/" + testOffer + "/code":    wire.StringValue("中"),
		"offer/" + testOffer + "/icon":    wire.StringValue(strings.Repeat("x", 33)),
		"offer/" + testOffer + "/newer":   wire.BytesValue(make([]byte, 5000)),
		"offer/" + testOffer + "/photo":   wire.StringValue(strings.Repeat("0F", 32)),
		"place/" + aboutID + "/hours":     wire.StringValue(strings.Repeat("早", maxAbout+1)),
		"reserve/" + testOffer + "/what":  wire.BytesValue(must(encoding.Marshal(endless))),
		"reserve/" + testOffer + "/state": wire.StringValue("lost"),
		"person/" + testOffer + "/name":   wire.StringValue("张三"),
	} {
		if formOf(k, v) == nil {
			t.Errorf("passes: %s", k)
		}
	}
	if Form("00000000000000000000000000.1/people/00", &wire.Change{}) == nil {
		t.Error("a document of another subject passes")
	}
}

func FuzzForm(f *testing.F) {
	f.Add("reserve/"+testOffer+"/what", uint8(wire.Bytes), int64(0), string(must(encoding.Marshal(someWhat()))))
	f.Add("offer/"+testOffer+"/points", uint8(wire.Int), int64(8), "")
	f.Fuzz(func(t *testing.T, key string, kind uint8, num int64, raw string) {
		if formOf(key, wire.Value{Kind: wire.Kind(kind), Num: num, Raw: raw}) != nil || !strings.HasSuffix(key, "/what") {
			return
		}
		if w, err := openWhat(raw); strings.HasPrefix(key, "reserve/") && err == nil && len(w.Lines) > maxLines {
			t.Fatalf("passes with %d lines", len(w.Lines))
		}
	})
}
