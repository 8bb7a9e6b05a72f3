package demo

import (
	"strings"
	"testing"
)

func TestVisitNamesEverythingThatAVisitorNeeds(t *testing.T) {
	v := visit{Office: "http://a", Station: "http://b", Merchant: "http://c", Phone: "http://d", Elder: elder{Name: "居民甲", Card: "123456789", Points: 95}}
	for _, want := range []string{"http://a", "http://b", "http://c", "http://d", "居民甲", "123 456 789", "95"} {
		if !strings.Contains(v.words(), want) {
			t.Errorf("%q is not in:\n%s", want, v.words())
		}
	}
	v.Phone = ""
	if strings.Contains(v.words(), "phone ") {
		t.Error("phone pages that are off are shown:\n" + v.words())
	}
}
