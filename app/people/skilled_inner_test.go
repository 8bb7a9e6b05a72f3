package people

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestPieces(t *testing.T) {
	for text, want := range map[string]string{
		"":              "",
		"修":             "",
		"水电维修、理发":       "水电 理发 电维 维修",
		"帮老人服务":         "人服 帮老",
		"English, Word": "english word",
		"量血压 2 次":       "2 血压 量血",
	} {
		if got := strings.Join(slices.Sorted(maps.Keys(pieces(text))), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
