//go:build !linux

package seal

import "os"

// syncData waits until what the file holds is on the disk.
func syncData(f *os.File) error { return f.Sync() }
