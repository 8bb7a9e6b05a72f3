package bench

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// mb is how many bytes a MB has here.
const mb = 1 << 20

// peak is the most memory that this process has had resident, in MB. Only
// Linux tells.
func peak() (*float64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			kb *= 1024.0 / mb
			return &kb, nil
		}
	}
	return nil, errors.New("no VmHWM in /proc/self/status")
}
