//go:build unix

package node

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// isMount tells whether another file system begins at path.
func isMount(path string) bool {
	var a, b unix.Stat_t
	return unix.Stat(path, &a) == nil && unix.Stat(filepath.Dir(path), &b) == nil && a.Dev != b.Dev
}

// sameDisk tells whether two folders lie on one file system.
func sameDisk(a, b string) bool {
	var x, y unix.Stat_t
	return unix.Stat(a, &x) == nil && unix.Stat(b, &y) == nil && x.Dev == y.Dev
}

func freeSpace(path string) int64 {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return 0
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
