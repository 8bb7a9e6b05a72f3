//go:build linux

package boot

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"jishan/app/fault"
)

// The acceptance scenarios that are about devices cut off from each other, on
// real processes of the program with real cables between them. Which test
// plays which scenario: docs/development.md.

// refuses asks for what must not be had and returns the reason's parameters.
func (pc *computer) refuses(t *testing.T, code, name string, params object) map[string]any {
	t.Helper()
	f, ok := errors.AsType[*fault.Fault](pc.try(name, params, nil))
	if !ok || f.Code != code {
		t.Errorf("%s %s: got %v, want %s", pc.name, name, f, code)
		return nil
	}
	return f.Params
}

// roster imports n people who bring points along, and returns their ids in the
// order of their phones.
func roster(t *testing.T, office *computer, n, points int) []string {
	t.Helper()
	rows := make([]string, n)
	for i := range n {
		rows[i] = rosterRow("村民"+string(rune('一'+i)), fmt.Sprintf("138%08d", i), points)
	}
	importRoster(t, office, rows)
	ids := make([]string, n)
	for i := range ids {
		ids[i] = who(t, office, fmt.Sprintf("138%08d", i)).ID
	}
	return ids
}

func rosterRow(name, phone string, points int) string {
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%d", name, phone, points, points, points)
}

func importRoster(t *testing.T, office *computer, rows []string) {
	t.Helper()
	var preview struct {
		Good  int
		Token string
	}
	text := "姓名\t电话\t累计积分\t年度积分\t可用积分\n" + strings.Join(rows, "\n")
	office.call(t, "people.rosterPreview", object{"text": text, "file": ""}, &preview)
	if preview.Good != len(rows) {
		t.Fatalf("%d of %d rows are good", preview.Good, len(rows))
	}
	office.call(t, "people.rosterImport", object{"token": preview.Token}, nil)
}

type person struct {
	ID, Masked                      string
	Lifetime, Year, Spendable, Here int64
}

// who finds one person.
func who(t *testing.T, pc *computer, q string) person {
	t.Helper()
	var list struct{ Rows []person }
	pc.call(t, "people.list", object{"offset": 0, "limit": 2, "q": q, "grid": "", "sort": "name", "desc": false}, &list)
	if len(list.Rows) != 1 {
		t.Fatalf("%s finds %d people by %s", pc.name, len(list.Rows), q)
	}
	return list.Rows[0]
}

// pull brings points to a till, while it has a network.
func pull(t *testing.T, pc *computer, id string, need int64) {
	t.Helper()
	wait(t, convergeLimit, fmt.Sprintf("%d points come to %s", need, pc.name), func() bool {
		var a struct{ Here int64 }
		err := pc.try("till.pull", object{"person": id, "need": need}, &a)
		return err == nil && a.Here >= need
	})
}

// cut pulls the cables of some computers. Nobody is told: what is asked of
// them afterwards finds out by itself.
func cut(t *testing.T, which ...int) {
	t.Helper()
	for _, i := range which {
		sh(t, fmt.Sprintf("ip link set cable%d down", i+1))
	}
}

func mend(t *testing.T, which ...int) {
	t.Helper()
	for _, i := range which {
		sh(t, fmt.Sprintf("ip link set cable%d up", i+1))
	}
}

// kill ends the process as a power cut does.
func (pc *computer) kill(t *testing.T) {
	t.Helper()
	cmd := pc.cmd
	pc.cmd = nil
	pc.client.CloseIdleConnections()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var ended interface{ ExitCode() int }
	if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != -1 {
		t.Fatalf("%s had ended before it was killed: %v\n%s", pc.name, err, pc.stderr.String())
	}
}
