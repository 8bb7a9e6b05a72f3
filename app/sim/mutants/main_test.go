package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPatchesFit: every planted bug can still be planted. Whether it is found takes the
// command's minutes; that it fits no more is known at once.
func TestPatchesFit(t *testing.T) {
	list, err := filepath.Glob("*.patch")
	if err != nil || len(list) < 40 {
		t.Fatalf("%d patches, %v", len(list), err)
	}
	for _, name := range list {
		c := exec.Command("git", "apply", "--check", filepath.Join("app/sim/mutants", name))
		c.Dir = "../../.."
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
