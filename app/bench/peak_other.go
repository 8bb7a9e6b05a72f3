//go:build !unix

package bench

import "errors"

// childrenPeak is not to be had here.
func childrenPeak() (*float64, error) {
	return nil, errors.New("this system does not tell what a child process used")
}
