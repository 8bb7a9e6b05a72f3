package discover

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func invitation() Invitation {
	return Invitation{Version: Version, Peer: "12d3koowa", Community: "滨河社区", Office: "社区办公室 1 号电脑", Addrs: []string{"/ip4/10.9.8.1/tcp/4001"}}
}

func TestInvitationText(t *testing.T) {
	v := invitation()
	text, err := v.text()
	got, ok := parseInvitation(text)
	if err != nil || !ok || got.Community != v.Community || got.Office != v.Office || got.Peer != v.Peer || !slices.Equal(got.Addrs, v.Addrs) {
		t.Errorf("%v %+v", err, got)
	}
	long := v
	long.Community = strings.Repeat("滨", 100)
	for range 20 {
		long.Addrs = append(long.Addrs, "/ip6/2001:db8:1111:2222:3333:4444:5555:6666/udp/65535/quic-v1")
	}
	text, err = long.text()
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, s := range text {
		if size += len(s) + 1; len(s) > maxString {
			t.Errorf("%d bytes", len(s))
		}
	}
	if got, ok := parseInvitation(text); !ok || size > maxText || !utf8.ValidString(got.Community) || len(got.Addrs) != maxAddresses {
		t.Errorf("%d bytes, %+v", size, got)
	}
	for _, bad := range [][]string{{"v=1", "p=x"}, {"v=x", "p=x", "a=/ip4/10.0.0.1/tcp/1"}, {"v=1", "p=x", "n=%", "a=/ip4/10.0.0.1/tcp/1"}, {"v=1", "p=x", "a=/ip4/127.0.0.1/tcp/1"}} {
		if v, ok := parseInvitation(bad); ok {
			t.Errorf("%v is read as %+v", bad, v)
		}
	}
	if err := Invite(t.Context(), "_jishan-meet._tcp", "办公室", 1, v); err == nil {
		t.Error("an instance that is never announced")
	}
}

func TestInvitationsInNamespace(t *testing.T) {
	if os.Getenv(insideVar) != "" {
		t.Skip("already inside")
	}
	if out, err := exec.Command("unshare", "-n", "sh", "-c", network).CombinedOutput(); err != nil {
		t.Skipf("this machine allows no network namespace: %v %s", err, out)
	}
	cmd := exec.Command("unshare", "-n", "sh", "-c", network+` && exec "$0" -test.run '^TestInvitationsInside$' -test.count=1 -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), insideVar+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInvitationsInside") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestInvitationsInside: an office is seen by its name while it invites, and no
// longer than that.
func TestInvitationsInside(t *testing.T) {
	if os.Getenv(insideVar) == "" {
		t.Skip("only inside a network namespace: see TestInvitationsInNamespace")
	}
	const service = "_jishan-meet._tcp"
	look := func() []Invitation {
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		list, err := Invitations(ctx, service)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := look(); len(list) != 0 {
		t.Fatalf("before: %+v", list)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Invite(ctx, service, "jishan-a", 4001, invitation()) }()
	deadline := time.Now().Add(10 * time.Second)
	for list := look(); len(list) != 1 || list[0].Community != "滨河社区" || list[0].Office != "社区办公室 1 号电脑"; list = look() {
		if time.Now().After(deadline) {
			t.Fatalf("seen: %+v", list)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if list := look(); len(list) != 0 {
		t.Errorf("after: %+v", list)
	}
}
