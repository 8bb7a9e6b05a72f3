// Package terminal holds what every command says to whoever sits at a
// terminal: one sentence for a mistake in the flags, for an error of the
// system, for a result that could not be written.
//
// It must never know a command, a subject or a fault. Start reading at [Parse]
// and [Words].
package terminal

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Parse reads flags. A mistake is one sentence on stderr; help that was asked
// for is told there in full. The error is flag.ErrHelp or says what stderr says.
func Parse(f *flag.FlagSet, args []string, stderr io.Writer) error {
	f.SetOutput(io.Discard) // package flag would add all there is to know
	defer f.SetOutput(stderr)
	help := f.Usage
	f.Usage = func() {}
	err := f.Parse(args)
	f.Usage = help
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(stderr)
		usage(f)
	case err != nil:
		err = errors.New(mistake(err.Error()) + "; --help lists the flags")
		fmt.Fprintf(stderr, "%s: %v\n", f.Name(), err)
	}
	return err
}

func usage(f *flag.FlagSet) {
	if f.Usage != nil {
		f.Usage()
		return
	}
	fmt.Fprintf(f.Output(), "usage of %s:\n", f.Name())
	f.PrintDefaults()
}

// mistakes are package flag's sentences, and ours.
var mistakes = []struct {
	theirs *regexp.Regexp
	ours   string
}{
	{regexp.MustCompile(`(?s)^flag provided but not defined: -(.*)$`), "there is no flag --$1"},
	{regexp.MustCompile(`(?s)^flag needs an argument: -(.*)$`), "--$1 needs a value"},
	{regexp.MustCompile(`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z0-9]*): .*range$`), "--$2 is out of range: $1"},
	{regexp.MustCompile(`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z0-9]*): .*$`), "--$2 can't be $1"},
	{regexp.MustCompile(`(?s)^bad flag syntax: (.*)$`), "not understood: $1"},
}

func mistake(text string) string {
	for _, m := range mistakes {
		if m.theirs.MatchString(text) {
			text = m.theirs.ReplaceAllString(text, m.ours)
			break
		}
	}
	return Line(text)
}

// shown is how much of somebody's input a sentence repeats.
const shown = 160

// Line makes one line of a text that may hold anything, and not a long one.
func Line(text string) string {
	r := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	if len(r) > shown {
		r = append(r[:shown*2/3:shown*2/3], append([]rune(" … "), r[len(r)-shown/3:]...)...)
	}
	return strings.Map(printable, string(r))
}
