//go:build unix

package bench

import (
	"runtime"
	"syscall"
)

// childrenPeak is the peak of the largest child that has ended, in MB.
func childrenPeak() (*float64, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		return nil, err
	}
	n := float64(u.Maxrss) / mb
	if runtime.GOOS != "darwin" { // KiB everywhere else
		n *= 1024
	}
	return &n, nil
}
