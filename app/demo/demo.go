// Package demo runs three real devices of this binary side by side: an office,
// a station and a merchant, each a process with its own data folder.
//
// Without --headless it prints the addresses to click through. With it, a
// script plays a busy day over the real network stack on loopback: the station
// is cut off, killed and comes back, and in the end all must agree. Package
// demo uses the devices as their screens do, over HTTP, and must never reach
// into their folders or packages. Start reading at [Run].
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"jishan/app/terminal"
)

// Run is the sub-command `jishan demo`; it returns the exit code.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("jishan demo", flag.ContinueOnError)
	fs.SetOutput(stderr)
	headless := fs.Bool("headless", false, "play a script instead of waiting for visitors")
	asJSON := fs.Bool("json", false, "print the result as one line of JSON")
	seconds := fs.Int("seconds", 60, "how long the script plays, about")
	keep := fs.String("keep", "", "leave the data folders office, station and merchant in this folder")
	phone := fs.String("phone", "127.0.0.1:0", "where the office's phone pages are, for instance :8422 for phones on the LAN, or off")
	seed := fs.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the script")
	if err := terminal.Parse(fs, args, stderr); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if fs.NArg() > 0 || *seconds < 1 || *seconds > 3600 {
		fmt.Fprintln(stderr, "jishan demo: --seconds takes 1 to 3600, and there are no further arguments")
		return 2
	}
	p, clean, err := prepare(ctx, *keep, *phone, *seed, stderr)
	if err != nil {
		if *headless {
			return tell(result{Why: ended(err)}, *asJSON, stdout, stderr)
		}
		fmt.Fprintln(stderr, "jishan demo:", terminal.Words(err))
		return 1
	}
	defer clean()
	if !*headless {
		return show(ctx, p, *asJSON, stdout, stderr)
	}
	fmt.Fprintf(stderr, "seed %d\n", *seed)
	res, err := p.run(time.Duration(*seconds) * time.Second)
	if err != nil {
		res.OK, res.Why = false, ended(err)
	}
	return tell(res, *asJSON, stdout, stderr)
}

// tell prints the result, and why it is not ok as a sentence on standard error.
func tell(r result, asJSON bool, stdout, stderr io.Writer) int {
	if r.Devices == nil {
		r.Devices = []device{}
	}
	if asJSON {
		_ = json.NewEncoder(stdout).Encode(r)
	} else {
		fmt.Fprint(stdout, r.words())
	}
	if r.Why != nil {
		fmt.Fprintln(stderr, "jishan demo:", r.Why.Words)
		return 1
	}
	return 0
}

func prepare(ctx context.Context, keep, phone string, seed uint64, stderr io.Writer) (*play, func(), error) {
	program, err := self()
	if err != nil {
		return nil, nil, err
	}
	dir := keep
	if dir == "" {
		dir, err = os.MkdirTemp("", "jishan-demo-")
	} else {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, nil, err
	}
	p := &play{ctx: ctx, log: stderr, rng: rand.New(rand.NewPCG(seed, 1))}
	p.office, p.station, p.merchant = newProcess(program, dir, "office"), newProcess(program, dir, "station"), newProcess(program, dir, "merchant")
	p.office.phone = phone
	clean := func() {
		for _, d := range p.all() {
			d.stop()
		}
		if keep == "" {
			_ = os.RemoveAll(dir)
		}
	}
	for _, d := range p.all() {
		if _, err := os.Stat(d.dir); err == nil {
			clean()
			return nil, nil, fmt.Errorf("%s is there already: the demo needs an empty folder", filepath.Join(keep, d.name))
		}
		if err := d.start(ctx, stderr); err != nil {
			clean()
			return nil, nil, err
		}
	}
	return p, clean, nil
}

// self names the program that runs now. Where the system can say it, that is
// the very file that was started: a day of the demo is long enough for somebody
// to build or install the next version under the same name.
func self() (string, error) {
	const running = "/proc/self/exe"
	if _, err := os.Stat(running); err == nil {
		return running, nil
	}
	return os.Executable()
}
