package order

import (
	"strings"
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	testID   = "01j9zzzzzzzzzzzzzzzzzzzzzz"
	testTime = 1_770_253_200_000
	ownDoc   = store.DocID("00000000000000000000000000.1/order/own/2026-02")
	shopDoc  = store.DocID("00000000000000000000000000.1/order/p0shop/2026-02")
)

var testPerson = ledger.Subject{7}.String()

func formOf(doc store.DocID, key string, v wire.Value) error {
	return Form(doc, &wire.Change{Ops: []wire.Op{{Key: key, Value: v}}})
}

func someOffer() offerValue {
	return offerValue{Format: format, ID: testID, Kind: ToPerson, Party: testPerson, Rule: ruleValue{Version: 1, Code: "WX01", Points: 3}}
}

func TestFormKnowsKeysTypesAndWhoseDocument(t *testing.T) {
	o, two := "order/"+testID+"/", testID+"/"+testID
	sealed := wire.BytesValue([]byte("sealed"))
	for k, v := range map[string]wire.Value{
		o + "person": wire.StringValue(testPerson), o + "text": sealed, o + "via": wire.StringValue(ViaCall), o + "project": wire.StringValue(""),
		o + "offer": encode(someOffer()), o + "review": encode(reviewValue{Format: format, Offer: testID, Stars: 5, Via: ByPage}),
		o + "of-a-newer-program":                    wire.BytesValue([]byte("x")),
		"serve/" + two + "/answer":                  encode(answerValue{Format: format, Why: "busy"}),
		"reply/" + two + "/text":                    sealed,
		"like/" + testID + "/" + testPerson + "/at": wire.TimeValue(testTime),
		"tally/" + two + "/votes":                   wire.IntValue(3),
	} {
		if err := formOf(ownDoc, k, v); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	job := encode(briefValue{Format: format, Type: "维修", Masked: "宋*芝", Made: testTime, Sealed: []byte("x")})
	for k, v := range map[string]wire.Value{
		"job/" + two + "/brief": job, "serve/" + two + "/done": encode(doneValue{Format: format, Minutes: 5}), "reply/" + two + "/plain": wire.StringValue("马上到"),
	} {
		if err := formOf(shopDoc, k, v); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	bad := someOffer()
	bad.Party = "nobody"
	newer := someOffer()
	newer.Format = format + 1
	if err := formOf(ownDoc, o+"offer", encode(newer)); err != nil {
		t.Errorf("what a newer program wrote: %v", err)
	}
	for k, v := range map[string]wire.Value{
		o + "text":                   wire.StringValue("in the clear"),
		o + "person":                 wire.StringValue("x"),
		o + "via":                    wire.StringValue("fax"),
		o + "offer":                  encode(bad),
		o + "cancel":                 encode(cancelValue{Format: format, Why: "张三生病了"}),
		o + "review":                 encode(reviewValue{Format: format, Offer: testID, Stars: 6, Via: ByPage}),
		"job/" + two + "/brief":      job, // not in the community's own document
		"reply/" + two + "/plain":    wire.StringValue("x"),
		"order/x/person":             wire.StringValue(testPerson),
		"tally/" + two + "/votes":    wire.IntValue(-1),
		"order/" + testID + "/newer": wire.BytesValue(make([]byte, 5000)),
		"secret":                     wire.BytesValue(nil),
	} {
		if formOf(ownDoc, k, v) == nil {
			t.Errorf("passes: %s", k)
		}
	}
	for k, v := range map[string]wire.Value{o + "person": wire.StringValue(testPerson), "team/" + testID + "/name": wire.StringValue("x"), "reply/" + two + "/text": sealed} {
		if formOf(shopDoc, k, v) == nil {
			t.Errorf("passes in a merchant's document: %s", k)
		}
	}
	if Form("00000000000000000000000000.1/people/00", &wire.Change{}) == nil {
		t.Error("a document of another subject passes")
	}
}

func TestWhatAMerchantMayWrite(t *testing.T) {
	two := testID + "/" + testID
	done := func(helpers ...ledger.Subject) wire.Value {
		return encode(doneValue{Format: format, Minutes: 5, Helpers: helpers})
	}
	for _, op := range []wire.Op{{Key: "serve/" + two + "/answer", Value: encode(answerValue{Format: format, Yes: true})},
		{Key: "serve/" + two + "/done", Value: done()}, {Key: "reply/" + two + "/plain", Value: wire.StringValue("马上到")}} {
		if err := MerchantForm(&wire.Change{Ops: []wire.Op{op}}); err != nil {
			t.Errorf("%s: %v", op.Key, err)
		}
	}
	for _, op := range []wire.Op{{Key: "job/" + two + "/stars", Value: wire.IntValue(5)}, {Key: "job/" + two + "/brief"},
		{Key: "serve/" + two + "/answer", Delete: true}, {Key: "serve/" + two + "/done", Value: done(ledger.Subject{7})}} {
		if MerchantForm(&wire.Change{Ops: []wire.Op{op}}) == nil {
			t.Errorf("passes: %s", op.Key)
		}
	}
}

func TestDeedKeys(t *testing.T) {
	if a := deedKey(testID, testPerson); a == deedKey(testID, ledger.Subject{8}.String()) || a == deedKey(strings.Replace(testID, "j", "k", 1), testPerson) {
		t.Error("two deeds have one key")
	}
}

func FuzzForm(f *testing.F) {
	f.Add("order/"+testID+"/offer", uint8(wire.Bytes), int64(0), encode(someOffer()).Raw, true)
	f.Add("serve/"+testID+"/"+testID+"/done", uint8(wire.Bytes), int64(0), encode(doneValue{Format: format}).Raw, false)
	f.Add("reply/"+testID+"/"+testID+"/plain", uint8(wire.String), int64(0), "好", false)
	f.Fuzz(func(t *testing.T, key string, kind uint8, num int64, raw string, mine bool) {
		doc := shopDoc
		if mine {
			doc = ownDoc
		}
		if formOf(doc, key, wire.Value{Kind: wire.Kind(kind), Num: num, Raw: raw}) != nil {
			return
		}
		var v offerValue
		if strings.HasSuffix(key, "/offer") && strings.HasPrefix(key, "order/") && open(raw, &v) == nil && !v.sound() {
			t.Fatalf("passes: %+v", v)
		}
	})
}
