package main

import (
	"os/exec"
	"strings"
	"testing"
)

// What go test says is counted rightly: a pass, a failure in a part, a skip
// with its reason, a test that takes the program down with it.
func TestTally(t *testing.T) {
	lines := `{"Action":"run","Package":"p","Test":"TestGood"}
{"Action":"pass","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestSkip","Output":"    x_test.go:5: no namespaces\n"}
{"Action":"output","Package":"p","Test":"TestSkip","Output":"--- SKIP: TestSkip (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestSkip"}
{"Action":"output","Package":"p","Test":"TestBad/a","Output":"seed 5\n"}
{"Action":"fail","Package":"p","Test":"TestBad/a"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"output","Package":"p","Test":"TestDies","Output":"last words\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\n"}
{"Action":"fail","Package":"p"}
{"Action":"build-output","ImportPath":"q","Output":"q.go:1: broken\n"}
{"Action":"fail","Package":"q"}`
	c, r := &count{}, tests{said: map[string]*strings.Builder{}}
	long := `{"Action":"output","Package":"p","Test":"TestBad","Output":"` + strings.Repeat("x", 17<<20) + "\"}\n"
	if err := r.follow(c, strings.NewReader(long+lines)); err != nil {
		t.Error(err)
	}
	if c.passed != 1 || c.failed != 1 || len(c.skipped) != 1 || !strings.Contains(c.skipped[0], "no namespaces") {
		t.Errorf("%d passed, %d failed, skipped %q", c.passed, c.failed, c.skipped)
	}
	for _, said := range []string{"seed 5", "last words", "q.go:1: broken"} {
		if !strings.Contains(r.failures.String(), said) {
			t.Errorf("%q is not shown: %s", said, r.failures.String())
		}
	}
}

// A step that fails without counting anything counts as one failure.
func TestEveryStepCounts(t *testing.T) {
	c := &count{}
	lane{
		{"good", func(*count) (string, error) { return "", nil }},
		{"bad", func(*count) (string, error) { return "why", exec.ErrNotFound }},
		{"many", func(c *count) (string, error) { c.add(7, 0); return "", nil }},
		{"died", func(c *count) (string, error) { c.add(2, 0); return "why", exec.ErrNotFound }},
	}.run(c)
	if c.passed != 10 || c.failed != 2 {
		t.Errorf("%d passed, %d failed", c.passed, c.failed)
	}
}
