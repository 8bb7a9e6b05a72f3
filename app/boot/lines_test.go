//go:build linux

package boot

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// usual are command lines as they should be, for every sub-command: a new one
// must be put here, and is swept then. DIR/ stands before files beside the data.
var usual = map[string][]string{
	"serve":   {"serve --http 127.0.0.1:0 --p2p off --phone off --lan=off"},
	"demo":    {"demo"},
	"doc":     {"doc list", "doc show scheme", "doc export scheme --out DIR/out", "doc verify", "doc proof DIR/proof"},
	"bundle":  {"bundle export --to x --out DIR/out", "bundle import DIR/garbage"},
	"backup":  {"backup --out DIR/out"},
	"restore": {"restore DIR/garbage --key-file DIR/key"},
	"appoint": {"appoint DIR/garbage --heard 1 --out DIR/out"},
	"credit":  {"credit DIR/page JSC1:X"},
	"rebuild": {"rebuild"},
	"sim":     {"sim"},
	"bench":   {"bench"},
	"doctor":  {"doctor --lan=off"},
	"version": {"version"},
}

// ofFolder are the command lines that work on a data folder nobody else works
// in.
func ofFolder(dir string) (lines [][]string) {
	for _, name := range []string{"serve", "doc", "bundle", "backup", "rebuild"} {
		for _, l := range usual[name] {
			if l != "doc proof DIR/proof" {
				lines = append(lines, lineOf(l, dir))
			}
		}
	}
	return lines
}

func lineOf(line, dir string) []string {
	return strings.Fields(strings.ReplaceAll(line, "DIR", dir))
}

// refused runs a command line that must fail, and tells what is wrong with how
// it does: an exit code, one sentence for a person, nothing of the inside,
// nothing on standard output.
func refused(t *testing.T, code int, says string, args ...string) {
	t.Helper()
	got := run(t, args...)
	if got.code != code || got.out != "" {
		t.Errorf("%.200q: exit %d, want %d\n%s", args, got.code, code, got.out)
	}
	sentenced(t, got.err, says, args)
}

func sentenced(t *testing.T, text, says string, args []string) {
	t.Helper()
	if strings.Count(text, "\n") != 1 || len(text) > 700 || strings.ContainsAny(text, "\x00\x1b\u202e") || !strings.Contains(text, says) {
		t.Errorf("%.200q: no sentence with %q: %q", args, says, text)
	}
	for _, word := range inside {
		if strings.Contains(strings.ToLower(text), word) {
			t.Errorf("%.200q: %q in %s", args, word, text)
		}
	}
}

// TestEveryFlagOfEveryCommand: flags that are none, that lack a value, whose
// value can't be. The flags are those that each command's help names.
func TestEveryFlagOfEveryCommand(t *testing.T) {
	dir, long := t.TempDir(), strings.Repeat("x", 5000)
	named := regexp.MustCompile(`(?m)^  -(\S+)(?: (\S+))?$`)
	checked := 0
	for _, c := range commands() {
		lines := usual[c.name]
		if len(lines) == 0 {
			t.Errorf("%s is not swept: put a usual line of it here", c.name)
		}
		for _, l := range lines {
			args := lineOf(l, dir)
			for _, odd := range []string{"--nonsense", "--" + long, "---x", "--=x", "-", "--a\x1b[31m", "--\xff", "--x=\u202e"} {
				if odd == "-" { // an argument, and there are none so many
					args = append(slices.Clone(args), odd, odd)
				}
				refused(t, exitUsage, "jishan", append(slices.Clone(args), odd)...)
			}
			args = lineOf(l, dir)
			verbs := 1
			if c.name == "doc" || c.name == "bundle" {
				verbs = 2
			}
			help := run(t, append(slices.Clone(args[:verbs]), "--help")...)
			for _, f := range named.FindAllStringSubmatch(help.out+help.err, -1) {
				name, kind := f[1], f[2]
				checked++
				switch kind {
				case "": // a switch
					refused(t, exitUsage, "--"+name+" can't be", append(slices.Clone(args), "--"+name+"=maybe")...)
				case "string":
					refused(t, exitUsage, "--"+name+" needs a value", append(slices.Clone(args), "--"+name)...)
				default:
					refused(t, exitUsage, "--"+name+" needs a value", append(slices.Clone(args), "--"+name)...)
					for _, odd := range []string{"x", "", "99999999999999999999999", "\x1b[31m", long, "1e9", "0x"} {
						refused(t, exitUsage, "--"+name, append(slices.Clone(args), "--"+name+"="+odd)...)
					}
				}
			}
		}
	}
	if checked < 25 {
		t.Errorf("only %d flags were found", checked)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Error("a line that was not understood left something:", left, err)
	}
}

// TestNumbersOfCommands: a number that no run can have is refused before
// anything begins.
func TestNumbersOfCommands(t *testing.T) {
	for _, l := range []string{"demo --seconds 0", "demo --seconds -1", "demo --seconds 99999999", "sim --seeds 0", "sim --seeds -1", "sim --days -1", "sim --days 0",
		"sim --devices -1", "sim --devices 1", "sim --devices 99999999", "sim --days 99999999", "sim --people 99999999", "sim --load 99999999"} {
		args := lineOf(l, "")
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		var out, err strings.Builder
		code := Run(ctx, args, strings.NewReader(""), &out, &err)
		stop()
		if code != exitUsage || out.Len() > 0 {
			t.Errorf("%s: exit %d, want %d\n%s", l, code, exitUsage, out.String())
		}
		sentenced(t, err.String(), "--"+strings.TrimPrefix(args[1], "--"), args)
	}
}

// TestWrongFolders: every command on folders that can't be worked in.
func TestWrongFolders(t *testing.T) {
	dir, beside := t.TempDir(), t.TempDir()
	file := filepath.Join(beside, "garbage")
	if err := os.WriteFile(file, []byte("JISHAN garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(beside, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for folder, says := range map[string]string{
		file: "no folder", file + "/below": "no folder", dir + "/a?b": "question mark", dir + "/\xff\x1b?": "question mark",
		dir + "/" + strings.Repeat("x", 300): "too long", loop: "", "": "names no folder",
	} {
		code := exitFailed
		if folder == "" {
			code = exitUsage
		}
		for _, args := range ofFolder(beside) {
			refused(t, code, says, append(args, "--data", folder)...)
		}
	}
	for _, args := range ofFolder(beside) {
		if args[0] != "serve" { // which begins a new one
			refused(t, exitFailed, "no Jishan data", append(args, "--data", dir)...)
			refused(t, exitFailed, "no Jishan data", append(args, "--data", dir+"/gone")...)
		}
	}
	empty, err := os.ReadDir(dir)
	if left, e := os.ReadDir(beside); err != nil || e != nil || len(empty) > 0 || len(left) != 2 {
		t.Error("something was left:", empty, left, err, e)
	}
}

// TestSecondProcess: while one works in a folder, every other command says so,
// and changes nothing.
func TestSecondProcess(t *testing.T) {
	dir, beside := settled(t), t.TempDir()
	garbage := filepath.Join(beside, "garbage")
	if err := os.WriteFile(garbage, []byte("JISHAN garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := oldFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range ofFolder(beside) {
		refused(t, exitFailed, "works in", append(args, "--data", dir)...)
	}
	if after, err := os.ReadFile(filepath.Join(dir, databaseFile)); err != nil || string(after) != string(before) {
		t.Error("the database was changed:", err)
	}
	if left, err := os.ReadDir(beside); err != nil || len(left) != 1 {
		t.Error("something was left:", left, err)
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	if got := run(t, "doc", "list", "--data", dir); got.code != exitOK {
		t.Error("the folder is free again:", got)
	}
}

// TestMalformedFiles: bundles and proofs that are none, cut short or spoiled.
func TestMalformedFiles(t *testing.T) {
	dir, beside := settled(t), t.TempDir()
	at := filepath.Join(beside, "file")
	for _, b := range []string{"", "J", "JISHAN1:ABCDEFG", "age-encryption.org/v1\n", strings.Repeat("\x00", 1<<20), strings.Repeat("\xff", 70_000),
		"\xa1" + strings.Repeat("\x81", 10_000), "{}", "JISHAN-BUNDLE\x01" + strings.Repeat("\x9f", 999)} {
		if err := os.WriteFile(at, []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, exitFailed, "bundle", "bundle", "import", at, "--data", dir)
		refused(t, exitFailed, "proof", "doc", "proof", at)
		refused(t, exitFailed, "", "restore", at, "--key-file", at, "--data", beside+"/new")
	}
	if got := run(t, "rebuild", "--data", dir); got.code != exitOK {
		t.Error("the data after that:", got)
	}
}
