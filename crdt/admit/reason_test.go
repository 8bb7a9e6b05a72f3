package admit

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestReasons(t *testing.T) {
	plain := errors.New("govern: not allowed")
	for _, c := range []struct {
		err  error
		want Reason
	}{
		{plain, Reason{Code: codeForm, Text: "govern: not allowed"}},
		{Because(plain, "role", "kind", "people", "who", "a b]=c"), Reason{"role", map[string]string{"kind": "people", "who": "a b]=c"}, "govern: not allowed"}},
		{fmt.Errorf("outside: %w", Because(plain, "role")), Reason{Code: "role", Text: "outside: govern: not allowed"}},
		{Because(Because(plain, "inner"), "outer"), Reason{Code: "inner", Text: "govern: not allowed"}},
	} {
		if got := ParseReason(reasonOf(c.err, codeForm)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
	if Because(nil, "role") != nil {
		t.Error("no error became one")
	}
}

func TestReasonsWithoutACode(t *testing.T) {
	for _, s := range []string{"", "the seal is wrong", "govern: not allowed to write this: people/<shard>", "[seal]", "[form kind=%zz] bad", "[form kind=people and cut o"} {
		if got := ParseReason(s); got.Code != "" || got.Text != s {
			t.Errorf("%q: %+v", s, got)
		}
	}
}

func TestCodesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if c == "" || seen[c] || strings.ContainsAny(c, " =]") {
			t.Errorf("%q", c)
		}
		seen[c] = true
	}
}

// A code changes nothing about what a verdict is.
func TestBecauseKeepsTheVerdict(t *testing.T) {
	if v, err := verdict(Because(Wait("later"), "form"), codeForm); err != nil || v.Status != Waits || v.Reason != "later" {
		t.Error(v, err)
	}
	if _, err := verdict(Because(context.Canceled, "form"), codeForm); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
