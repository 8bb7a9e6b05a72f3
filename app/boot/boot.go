// Package boot is the program around the product: sub-commands, flags, the
// data folder, the log, and the order in which things start and stop.
//
// It is the only importer of everything and must never hold a rule of the
// product. Start reading at Main, then serve.go for a running device; what
// works on a data folder at rest is in docs.go, bundles.go and doctor.go.
package boot

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"jishan/app/terminal"
	"jishan/crdt/engine"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // it did not work; the reason is on standard error
	exitUsage   = 2 // the command was not understood
	exitMissing = 3 // this build lacks a part that the command needs
)

// command is one sub-command. run gets the arguments behind its name.
type command struct {
	name, args, about string
	run               func(ctx context.Context, io streams, args []string) int
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func commands() []command {
	return []command{
		{"serve", "[--data DIR] [--http ADDR] [--p2p ADDR] [--phone ADDR] [--lan=on|off]", "run this device and serve its screens to a browser on this machine", runServe},
		{"demo", "[--phone ADDR] [--headless] [--json] [--seconds N] [--keep DIR]", "run three devices of a sample community", runDemo},
		{"doc", "list | show ID | export ID | verify [ID] | proof FILE", "look at the documents of a data folder, save or verify them", runDoc},
		{"bundle", "export --to DEVICE --out FILE | import FILE", "exchange data by file, for instance on a USB stick", runBundle},
		{"backup", "--out FILE", "save this device in a file that the printed recovery key opens", runBackup},
		{"restore", "FILE [--key-file FILE]", "make a new data folder the device of a backup", runRestore},
		{"appoint", "FILE [--heard DIGITS] [--out FILE]", "as the street or district, appoint a main device of a community that lost its own", runAppoint},
		{"credit", "PAGE TEXT", "check a credit certificate with a community's check page, without a network", runCredit},
		{"rebuild", "", "make everything derived anew from the changes, and compare", runRebuild},
		{"sim", "[--seeds N] [--from S] [--days D] [--devices K] [--json]", "play whole communities with faults, and look for a promise that breaks", runSim},
		{"bench", "[--json]", "measure this machine, each figure beside its reference", runBench},
		{"doctor", "[--support FILE]", "check this machine and write a support file", runDoctor},
		{"version", "", "say which program this is", runVersion},
	}
}

// Main runs the program and returns its exit code.
func Main(args []string) int {
	engine.RunChildIfAsked()
	attachConsole()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, args, os.Stdin, os.Stdout, os.Stderr)
}

// Run is Main with its surroundings given. ctx ends when the program is asked
// to stop.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &terminal.Out{W: stdout}
	code := dispatch(ctx, streams{stdin, out, stderr}, args)
	if code == exitOK && out.Err != nil {
		fmt.Fprintln(stderr, "jishan: the result can't be written:", terminal.Words(out.Err))
		return exitFailed
	}
	return code
}

func dispatch(ctx context.Context, s streams, args []string) int {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") && !asksHelp(args[0]) && !asksVersion(args[0]) {
		return runWindow(ctx, s, args)
	}
	switch {
	case asksHelp(args[0]):
		return runHelp(s, args[1:])
	case asksVersion(args[0]):
		return runVersion(ctx, s, args[1:])
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, s, args[1:])
		}
	}
	fmt.Fprintf(s.err, "jishan: there is no command %q; `jishan help` lists them\n", terminal.Line(args[0]))
	return exitUsage
}

func asksHelp(a string) bool    { return a == "help" || a == "-h" || a == "-help" || a == "--help" }
func asksVersion(a string) bool { return a == "-version" || a == "--version" }

func runHelp(s streams, args []string) int {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(context.Background(), streams{s.in, s.out, s.out}, []string{"--help"})
			}
		}
		fmt.Fprintf(s.err, "jishan: there is no command %q\n", terminal.Line(args[0]))
		return exitUsage
	}
	fmt.Fprint(s.out, `Jishan 积善: volunteers, activities, points and redemption of a community, on its own devices.

usage: jishan [--data DIR]             open the window; where there is none, serve at 127.0.0.1:8420
       jishan COMMAND [ARGUMENTS]

`)
	for _, c := range commands() {
		fmt.Fprintf(s.out, "  %-8s %s\n", c.name, c.about)
	}
	fmt.Fprint(s.out, `
`+"`jishan help COMMAND`"+` tells more. --json gives a result for programs.
Exit codes: 0 done, 1 it did not work (the reason is on standard error),
2 the command was not understood, 3 this build lacks a part that is needed.
`)
	return exitOK
}

// flags are the arguments of one command.
type flags struct {
	*flag.FlagSet
	s    streams
	data *string
	json *bool
}

// newFlags prepares the flags that nearly every command has.
func newFlags(s streams, name string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet("jishan "+name, flag.ContinueOnError), s: s}
	f.SetOutput(s.err)
	f.Usage = func() {
		for _, c := range commands() {
			if first, _, _ := strings.Cut(name, " "); c.name == first {
				fmt.Fprintf(f.Output(), "jishan %s: %s\n\nusage: jishan %s %s\n\n", c.name, c.about, c.name, c.args)
			}
		}
		f.PrintDefaults()
	}
	f.json = f.Bool("json", false, "print the result as JSON")
	return f
}

// withData adds --data.
func (f *flags) withData() *flags {
	f.data = f.String("data", "", "data folder (default "+dataHint()+")")
	return f
}

// parse reads the arguments, flags before, between or behind the others, and
// returns the others. code is -1 to go on, else the exit code.
func (f *flags) parse(args []string, min, max int) (rest []string, code int) {
	for {
		if err := terminal.Parse(f.FlagSet, args, f.s.err); errors.Is(err, flag.ErrHelp) {
			return nil, exitOK
		} else if err != nil {
			return nil, exitUsage
		}
		if f.NArg() == 0 {
			break
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
	if len(rest) < min || len(rest) > max {
		fmt.Fprintf(f.s.err, "%s: %s; --help says what it takes\n", f.Name(), wanted(len(rest), min))
		return nil, exitUsage
	}
	if f.data != nil && *f.data == "" {
		if f.named("data") { // an unset variable of a script must not mean the usual folder
			fmt.Fprintf(f.s.err, "%s: --data names no folder\n", f.Name())
			return nil, exitUsage
		}
		dir, err := defaultData()
		if err != nil {
			return nil, f.failed(err)
		}
		*f.data = dir
	}
	return rest, -1
}

func wanted(n, min int) string {
	if n < min {
		return "an argument is missing"
	}
	return "that is one argument too many"
}

func (f *flags) named(name string) bool {
	found := false
	f.Visit(func(g *flag.Flag) { found = found || g.Name == name })
	return found
}

// failed prints why a command did not work.
func (f *flags) failed(err error) int {
	fmt.Fprintf(f.s.err, "%s: %s\n", f.Name(), sentence(err))
	if missing(err) {
		return exitMissing
	}
	return exitFailed
}

// print gives the result to a program or a person.
func (f *flags) print(result any, words func(w io.Writer)) int {
	if !*f.json {
		words(f.s.out)
		return exitOK
	}
	b, err := json.Marshal(result)
	if err != nil {
		return f.failed(err)
	}
	_, _ = f.s.out.Write(append(b, '\n')) // Run says what becomes of it
	return exitOK
}
