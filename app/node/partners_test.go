package node

import (
	"encoding/base64"
	"io"
	"net/url"
	"testing"
)

// saved is a file as somebody saves it.
func (d *device) saved(t *testing.T, name string, q url.Values) []byte {
	t.Helper()
	f, err := d.File(t.Context(), name, q)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *device) partner(t *testing.T) object {
	t.Helper()
	list := d.must("partners.list", object{})["partners"].([]any)
	if len(list) != 1 {
		t.Fatalf("%v", list)
	}
	return list[0].(object)
}

// Two communities come to know each other by their introductions and a letter each
// way; what is not theirs is refused in words.
func TestPartners(t *testing.T) {
	a, b := found(t), found(t)
	a.must("partners.site", object{"street": "迎泽街道", "district": "迎泽区", "city": "太原市"})
	b.refuses("partner.site", "partners.site", object{"street": "x\ny", "district": "", "city": ""})
	listA, listB := a.must("partners.list", object{}), b.must("partners.list", object{})
	intro := string(a.saved(t, "introduction.txt", url.Values{}))
	read := b.must("partners.read", object{"text": intro})
	if read["fingerprint"] != listA["fingerprint"] || read["known"] != false || read["site"].(object)["street"] != "迎泽街道" {
		t.Fatalf("%v", read)
	}
	a.refuses("partner.own", "partners.read", object{"text": intro})
	terms := object{"id": "", "text": listB["introduction"], "ours": 500, "theirs": 400, "peg": 100, "until": ""}
	a.must("partners.agree", terms)
	b.must("partners.agree", object{"id": "", "text": intro, "ours": 400, "theirs": 300, "peg": 100, "until": "2099-12-31"})
	id := a.partner(t)["id"].(string)
	if x := a.partner(t); x["state"] != "new" || number(x["left"]) != 0 {
		t.Errorf("before letters: %v", x)
	}
	letter := func(of, to *device, with string) {
		t.Helper()
		f := of.saved(t, "letter", url.Values{"to": {with}})
		to.must("partners.letter", object{"file": base64.StdEncoding.EncodeToString(f)})
		if again := to.must("partners.letter", object{"file": base64.StdEncoding.EncodeToString(f)}); number(again["items"]) != 0 {
			t.Errorf("the same letter again: %v", again)
		}
		of.refuses("bundle.recipient", "partners.letter", object{"file": base64.StdEncoding.EncodeToString(f)})
		to.refuses("bundle.damaged", "partners.letter", object{"file": base64.StdEncoding.EncodeToString(f[:len(f)/2])})
	}
	other := b.partner(t)["id"].(string)
	letter(b, a, other)
	if x := a.partner(t); x["state"] != "differs" || number(x["theyTheirs"]) != 300 {
		t.Errorf("with other figures: %v", x)
	}
	b.must("partners.agree", object{"id": other, "text": "", "ours": 400, "theirs": 500, "peg": 100, "until": "2099-12-31"})
	letter(b, a, other)
	letter(a, b, id)
	if x := a.partner(t); x["state"] != "good" || number(x["left"]) != 500 || number(x["used"]) != 0 {
		t.Errorf("a: %v", x)
	}
	if x := b.partner(t); x["state"] != "good" || number(x["left"]) != 400 || x["until"] != "2099-12-31" {
		t.Errorf("b: %v", x)
	}
	if made := a.must("partners.make", object{"id": id})["made"]; made != false {
		t.Error("a statement of nothing")
	}
	if _, err := a.File(t.Context(), "netting.xlsx", url.Values{"with": {id}}); err == nil {
		t.Error("a netting sheet of nothing")
	}
	a.refuses("partner.statement.unknown", "partners.answer", object{"id": id, "statement": "00", "why": "", "reference": ""})
}
