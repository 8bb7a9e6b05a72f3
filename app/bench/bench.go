// Package bench measures what the product promises in figures: how long a
// redemption takes until it is durable, how a new device comes to a hundred
// thousand entries, what an award weighs on the wire, how soon the till works
// after a start. Each part runs the real packages on a data folder of its own,
// and where there is a yardstick, that one beside them in the same run.
//
// It must never hold a rule of the product. Start reading at [Run], then the parts:
// redeem.go, join.go (with joiner.go and judge.go, its child processes),
// wire.go, restart.go, garbage.go.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"jishan/app/terminal"
)

// Exit codes, as the other commands have them.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Result is the object that --json prints. Times are wall-clock time, sizes
// are bytes, a MB is 2^20 of them. A figure that can't be had on this machine
// is null, and Notes says why.
type Result struct {
	Quick            bool             `json:"quick,omitempty"`
	Redeem           *Redeem          `json:"redeem,omitempty"`
	ColdJoin         *ColdJoin        `json:"cold_join,omitempty"`
	OneEntry         *OneEntry        `json:"one_entry,omitempty"`
	ThousandEntries  *ThousandEntries `json:"thousand_entries,omitempty"`
	ThousandDocument *ThousandDocs    `json:"thousand_documents,omitempty"`
	Restart          *Restart         `json:"restart,omitempty"`
	PhoneGarbage     *PhoneGarbage    `json:"phone_garbage,omitempty"`
	Notes            []string         `json:"notes,omitempty"`
}

// part is one measurement. run writes its figures into the lab's result and
// returns them in a line of words.
type part struct {
	name string
	run  func(*lab, context.Context) (string, error)
}

func parts() []part {
	return []part{
		{"redeem", (*lab).redeem},
		{"cold_join", (*lab).coldJoin},
		{"one_entry", (*lab).oneEntry},
		{"thousand_entries", (*lab).thousandEntries},
		{"thousand_documents", (*lab).thousandDocuments},
		{"restart", (*lab).restart},
		{"phone_garbage", (*lab).phoneGarbage},
	}
}

// options are the command's flags.
type options struct {
	json, quick bool
	part, dir   string
	role        string // of a child process; hidden
	sizes       sizes
}

// Run measures and prints; it returns the exit code. The program must have
// called engine.RunChildIfAsked, and must come back here with the same
// arguments when it is started again with "bench --as ...".
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	if o.role != "" {
		err = runChild(ctx, o.role, os.Stdin, os.Stdout)
	} else {
		err = measure(ctx, o, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "jishan bench:", terminal.Words(err))
		return exitFailed
	}
	return exitOK
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("jishan bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.BoolVar(&o.json, "json", false, "print the result as JSON")
	f.BoolVar(&o.quick, "quick", false, "small sizes: to see whether it runs, not how fast")
	f.StringVar(&o.part, "part", "", "measure one part only: "+names())
	f.StringVar(&o.dir, "dir", "", "folder on the disk to measure (default the system's folder for temporary files)")
	f.StringVar(&o.role, "as", "", "used by the program itself")
	if err := terminal.Parse(f, args, stderr); err != nil {
		return o, err
	}
	if o.sizes = full; o.quick {
		o.sizes = quick
	}
	if f.NArg() > 0 || o.part != "" && len(chosen(o.part)) == 0 {
		err = fmt.Errorf("there is no part %q to measure: %s", terminal.Line(strings.TrimSpace(strings.Join(append(f.Args(), o.part), " "))), names())
		fmt.Fprintln(stderr, "jishan bench:", err)
	}
	return o, err
}

func names() string {
	var list []string
	for _, p := range parts() {
		list = append(list, p.name)
	}
	return strings.Join(list, ", ")
}

// chosen returns the parts to measure: all, or the one of that name.
func chosen(name string) (list []part) {
	for _, p := range parts() {
		if name == "" || p.name == name {
			list = append(list, p)
		}
	}
	return list
}

// measure runs the parts one after another: they share the disk and the cores.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.dir, "jishan-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l := newLab(dir, o.sizes)
	l.result.Quick = o.quick
	words := stdout
	if o.json {
		words = io.Discard
	}
	err = l.all(ctx, o.part, words)
	if o.json && ctx.Err() == nil {
		err = errors.Join(err, json.NewEncoder(stdout).Encode(l.result))
	}
	return err
}

// all runs the chosen parts and says in words what each found. A part that
// fails does not keep the others from being measured.
func (l *lab) all(ctx context.Context, name string, words io.Writer) error {
	var errs []error
	for _, p := range chosen(name) {
		line, err := p.run(l, ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
		default:
			fmt.Fprintf(words, "%-19s %s\n", p.name, line)
		}
	}
	for _, n := range l.result.Notes {
		fmt.Fprintf(words, "note: %s\n", n)
	}
	return errors.Join(errs...)
}
