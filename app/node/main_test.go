package node

import (
	"fmt"
	"os"
	"testing"
)

// memoryDisk is where folders lie in memory on Linux. Every commit of a device
// waits for its disk; what the disk keeps is tested in crdt/store, and these
// tests need not wait for it.
const memoryDisk = "/dev/shm"

func TestMain(m *testing.M) {
	os.Exit(inMemory(m))
}

func inMemory(m *testing.M) int {
	dir, err := os.MkdirTemp(memoryDisk, "jishan-node-")
	if err != nil { // a system without one
		return m.Run()
	}
	defer os.RemoveAll(dir)
	if freeSpace(dir) < 1<<30 { // a container's may be small
		return m.Run()
	}
	if err := os.Setenv("TMPDIR", dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
