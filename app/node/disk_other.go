//go:build !unix

package node

import (
	"path/filepath"
	"strings"
)

func isMount(string) bool { return false }
func sameDisk(a, b string) bool {
	return strings.EqualFold(filepath.VolumeName(a), filepath.VolumeName(b))
}
func freeSpace(string) int64 { return 0 }
