// Command check runs everything that must hold, for "make test": formats,
// linters, tests, the program in a real browser, its real window. It goes on
// after a failure, so that one run tells all, and ends with one plain line.
//
// With -nightly it runs the long suites instead. It knows commands and how to
// count what they report; what is checked, they know. Start reading at plan.
package main

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"time"
)

// result keeps the last line for .ci/run, as make says more after a failure.
const result = "build/bin/result"

// step is one thing to check. run returns what it printed, shown on failure.
type step struct {
	name string
	run  func(c *count) (output string, err error)
}

// lane is a row of steps; lanes of a phase run side by side.
type lane []step

// count sums tests up over all lanes.
type count struct {
	mu             sync.Mutex
	passed, failed int
	skipped        []string
}

func (c *count) add(passed, failed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed += passed
	c.failed += failed
}

func (c *count) skip(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skipped = append(c.skipped, name)
}

func main() {
	nightly := flag.Bool("nightly", false, "the long suites")
	var of sizes
	flag.DurationVar(&of.fuzz, "fuzz", 5*time.Minute, "of -nightly: each fuzz target")
	flag.IntVar(&of.histories, "histories", 100_000, "of -nightly: random histories of documents")
	flag.IntVar(&of.seeds, "seeds", 200, "of -nightly: played communities")
	flag.IntVar(&of.demo, "demo", 300, "of -nightly: seconds of the demo")
	flag.IntVar(&of.crashes, "crashes", 10_000, "of -nightly: times that a device is killed at a write, or a write refused")
	flag.Parse()
	phases := plan()
	if *nightly {
		phases = long(of)
	}
	if err := os.Remove(result); err != nil && !os.IsNotExist(err) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	start, c := time.Now(), &count{}
	for _, lanes := range phases {
		var all sync.WaitGroup
		for _, l := range lanes {
			all.Go(func() { l.run(c) })
		}
		all.Wait()
	}
	for _, s := range c.skipped {
		fmt.Println("skipped:", s)
	}
	fmt.Printf("all of it took %v\n", time.Since(start).Round(time.Second))
	last := fmt.Sprintf("%d passed, %d failed\n", c.passed, c.failed)
	fmt.Print(last)
	if err := os.WriteFile(result, []byte(last), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if c.failed > 0 {
		os.Exit(1)
	}
}

var printing sync.Mutex

// run runs the lane's steps. A step that counts nothing itself counts as one.
func (l lane) run(c *count) {
	for _, s := range l {
		start, own := time.Now(), &count{}
		output, err := s.run(own)
		if own.passed+own.failed == 0 && err == nil {
			own.passed = 1
		}
		if own.failed == 0 && err != nil {
			own.failed = 1
		}
		c.add(own.passed, own.failed)
		for _, t := range own.skipped {
			c.skip(t)
		}
		s.say(own, output, err, time.Since(start))
	}
}

func (s step) say(c *count, output string, err error, took time.Duration) {
	printing.Lock()
	defer printing.Unlock()
	if err == nil && c.failed == 0 {
		fmt.Printf("ok    %6.1fs  %s (%d)\n", took.Seconds(), s.name, c.passed)
		return
	}
	fmt.Printf("%s\nFAIL  %6.1fs  %s (%d passed, %d failed): %v\n", output, took.Seconds(), s.name, c.passed, c.failed, err)
}
