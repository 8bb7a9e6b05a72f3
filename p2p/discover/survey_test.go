package discover

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestSurveyInNamespace(t *testing.T) {
	if os.Getenv(insideVar) != "" {
		t.Skip("already inside")
	}
	if out, err := exec.Command("unshare", "-n", "sh", "-c", network).CombinedOutput(); err != nil {
		t.Skipf("this machine allows no network namespace: %v %s", err, out)
	}
	cmd := exec.Command("unshare", "-n", "sh", "-c", network+` && exec "$0" -test.run '^TestSurveyInside$' -test.count=1 -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), insideVar+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestSurveyInside") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestSurveyInside: two devices of two communities are counted by somebody who
// is of neither.
func TestSurveyInside(t *testing.T) {
	if os.Getenv(insideVar) == "" {
		t.Skip("only inside a network namespace: see TestSurveyInNamespace")
	}
	a, b := config(), config()
	b.Instance, b.Peer, b.Community = "jishan-b", "12d3koowb", "other"
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for _, c := range []Config{a, b} {
		c.Browse, c.Poll = 300*time.Millisecond, 50*time.Millisecond
		go func() { done <- Run(ctx, c) }()
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		once, stop := context.WithTimeout(ctx, 500*time.Millisecond)
		seen, err := Survey(once, a.Service)
		stop()
		if err != nil {
			t.Fatal(err)
		}
		if seen == (Seen{Devices: 2, Communities: 2}) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("seen: %+v", seen)
		}
	}
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
