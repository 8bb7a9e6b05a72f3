package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// lastReported is the last row of the table of reported systems, A1 to A206.
const lastReported = 206

var (
	reportedStates = []string{"done", "partly", "not yet", "no capability"}

	reportedRow = regexp.MustCompile(`(?m)^\| A(\d+) \| ([^|\n]+) \| ([^|\n]+) \| ([^|\n]+) \|$`)
	deskRoute   = regexp.MustCompile(`path: '(/[^':]*)`)
	phoneRoute  = regexp.MustCompile(`first === '(\w+)'`)
	namedRoute  = regexp.MustCompile("`(#?/[^`]*)`")
	namedPage   = regexp.MustCompile(`\]\(([^)]+\.md)\)`)
)

// TestReportedSystems: the table names each row once, with a state that is
// counted in its head, and no route or page that there is not.
func TestReportedSystems(t *testing.T) {
	text := page(t, "docs/reported-systems.md")
	if problems := reportedProblems(text, routes(t)); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
	for _, m := range namedPage.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join("docs", m[1])); err != nil {
			t.Error(err)
		}
	}
}

// TestReportedSystemsFinds: the check above sees what it is there for.
func TestReportedSystemsFinds(t *testing.T) {
	text, there := page(t, "docs/reported-systems.md"), routes(t)
	row := reportedRow.FindString(text)
	for name, wrong := range map[string]string{
		"missing":    strings.Replace(text, row+"\n", "", 1),
		"doubled":    strings.Replace(text, row, row+"\n"+row, 1),
		"other row":  strings.Replace(text, "| A206 |", "| A207 |", 1),
		"state":      strings.Replace(text, "| done |", "| nearly |", 1),
		"no reason":  regexp.MustCompile(`\| not yet: [^|]+ \|`).ReplaceAllString(text, "| not yet |"),
		"count":      strings.Replace(text, " partly, ", "1 partly, ", 1),
		"route":      strings.Replace(text, "`/points/claims`", "`/points/claim`", 1),
		"phone page": strings.Replace(text, "`#/mall`", "`#/market`", 1),
		"nowhere":    regexp.MustCompile(`\| [^|\n]+ \| done \|`).ReplaceAllString(text, "| – | done |"),
	} {
		if wrong == text || len(reportedProblems(wrong, there)) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

// routes are those of the desk's router without parameters, and the phone's with
// a # in front.
func routes(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{"#/": true}
	for _, m := range deskRoute.FindAllStringSubmatch(page(t, "frontend/src/router/index.ts"), -1) {
		if m[1] != "/" {
			there[strings.TrimSuffix(m[1], "/")] = true
		}
	}
	for _, m := range phoneRoute.FindAllStringSubmatch(page(t, "frontend/src/phone/PhoneApp.vue"), -1) {
		there["#/"+m[1]] = true
	}
	if !there["/points/claims"] || !there["#/mall"] || len(there) < 30 {
		t.Fatalf("routes of the source: %v", there)
	}
	return there
}

func reportedProblems(text string, there map[string]bool) (problems []string) {
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	times, counts := map[int]int{}, map[string]int{}
	for _, m := range reportedRow.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil || n < 1 || n > lastReported {
			wrong("there is no row A%s", m[1])
		}
		times[n]++
		state, why, _ := strings.Cut(m[4], ":")
		counts[state]++
		if !slices.Contains(reportedStates, state) || (state == "done") != (strings.TrimSpace(why) == "") {
			wrong("A%s has the state %q", m[1], m[4])
		}
		if (state == "done" || state == "partly") && !strings.Contains(m[3], "`") {
			wrong("A%s names no place", m[1])
		}
	}
	for n := 1; n <= lastReported; n++ {
		if times[n] != 1 {
			wrong("A%d stands %d times", n, times[n])
		}
	}
	var sums []string
	for _, state := range reportedStates {
		sums = append(sums, fmt.Sprintf("%d %s", counts[state], state))
	}
	if head := "**" + strings.Join(sums, ", ") + ".**"; !strings.Contains(text, head) {
		wrong("the head does not say %s", head)
	}
	for _, m := range namedRoute.FindAllStringSubmatch(text, -1) {
		if m[1] != "/" && !there[m[1]] {
			wrong("there is no route %s", m[1])
		}
	}
	return problems
}
