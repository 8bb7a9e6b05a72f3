package store_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"jishan/crdt/seal"
	"jishan/crdt/store"
)

const (
	childEnv   = "JISHAN_STORE_KILL_DIR"
	killRounds = 200
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

// child writes commands one after another and prints each number once Update
// has returned, until it is killed.
func child(dir string) {
	d := &device{dir: dir, inc: childIncarnation(), now: time.Now().UnixMilli()}
	s, err := d.open()
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(3)
	}
	next, err := lastCommand(s)
	if err != nil {
		fmt.Println("read:", err)
		os.Exit(3)
	}
	fmt.Println("ready")
	for {
		next++
		if err := command(s, d, next); err != nil {
			fmt.Println("write:", err)
			os.Exit(3)
		}
		fmt.Println(next)
	}
}

// command n writes its number into a feed and into a records document, in one
// transaction.
func command(s *store.Store, d *device, n int) error {
	part := (n-1)/store.MaxPart + 1
	return s.Update(context.Background(), author, func(tx *store.Tx) error {
		id := doc("feed/" + d.inc.Actor().String() + "/" + strconv.Itoa(part))
		if _, err := tx.Append(id, "kill", []byte(strconv.Itoa(n))); err != nil {
			return err
		}
		_, err := tx.Put(doc("people/00"), "kill", store.Put{Key: "last", Value: str(strconv.Itoa(n))},
			store.Put{Key: "k/" + strconv.Itoa(n%50), Value: str(strconv.Itoa(n))})
		return err
	})
}

func lastCommand(s *store.Store) (n int, err error) {
	err = s.View(context.Background(), func(q store.Querier) error {
		f, err := store.Fields(q, doc("people/00"), "last")
		if err == nil && len(f) > 0 {
			n, err = strconv.Atoi(f[0].Value.Raw)
		}
		return err
	})
	return n, err
}

func childIncarnation() seal.Incarnation {
	inc, err := seal.NewIncarnation(bytes.NewReader(make([]byte, 32)), key(200), 1000)
	if err != nil {
		panic(err)
	}
	return inc
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	t.Log("seed", seed)
	acknowledged := 0
	rounds, start := 0, time.Now()
	for ; rounds < killRounds; rounds++ {
		acknowledged = killOnce(t, dir, acknowledged, r)
	}
	t.Logf("%d rounds in %v, %d commands acknowledged", rounds, time.Since(start).Round(time.Millisecond), acknowledged)
	d := &device{dir: dir, inc: childIncarnation(), now: time.Now().UnixMilli()}
	s, err := d.open() // a new incarnation would be an error here
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	last, err := lastCommand(s)
	if err != nil || last < acknowledged {
		t.Fatalf("command %d was acknowledged, the last one here is %d: %v", acknowledged, last, err)
	}
	everyCommand(t, s, d, last)
	if err := s.Check(context.Background()); err != nil {
		t.Fatal(err)
	}
	checkRebuild(t, s)
}

// killOnce starts a writer, kills it at a random moment and returns the last
// number it acknowledged.
func killOnce(t *testing.T, dir string, before int, r *rand.Rand) int {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		_ = cmd.Process.Kill()
		t.Fatalf("child says %q", lines.Text())
	}
	kill := time.AfterFunc(time.Duration(r.IntN(12_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	last := before
	for lines.Scan() {
		n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			t.Fatalf("child says %q", lines.Text())
		}
		if n <= last {
			t.Fatalf("command %d was acknowledged, now the child is at %d again", last, n)
		}
		last = n
	}
	_ = cmd.Wait() // killed
	return last
}

// everyCommand looks for each number in the feed and in its projection.
func everyCommand(t *testing.T, s *store.Store, d *device, last int) {
	t.Helper()
	err := s.View(context.Background(), func(q store.Querier) error {
		rows, err := q.Query("SELECT CAST(value AS TEXT) FROM mirror_entry ORDER BY length(doc), doc, seq")
		if err != nil {
			return err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			var value string
			if err := rows.Scan(&value); err != nil {
				return err
			}
			if n++; value != strconv.Itoa(n) {
				t.Fatalf("entry %d holds command %s", n, value)
			}
		}
		if n != last {
			t.Errorf("%d entries, %d commands", n, last)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}
