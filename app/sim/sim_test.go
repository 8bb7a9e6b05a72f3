package sim

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
)

var given = flag.String("sim", "", "arguments of `jishan sim`, for TestCommand")

// TestCommand runs the command as given: mutants are looked for this way.
func TestCommand(t *testing.T) {
	if *given == "" {
		t.Skip("only with -sim")
	}
	if code := Run(context.Background(), strings.Fields(*given), os.Stdout, os.Stderr); code != exitOK {
		t.Fatal("exit code", code)
	}
}

func TestSameSeedSameTrace(t *testing.T) {
	cfg := Config{Seed: 1, Days: 2, Devices: 4, People: 12, Load: 20, Profile: FaultNetwork | FaultClock, Dir: tmpfs()}
	_, one, err := play(context.Background(), cfg, plan(cfg))
	if err != nil {
		t.Fatal(err)
	}
	_, two, err := play(context.Background(), cfg, plan(cfg))
	if err != nil || one != two {
		t.Fatal(one, two, err)
	}
}
