//go:build !cgo || android || ios || !(linux || darwin) || !(amd64 || arm64)

package engine

// available says whether this build has the library.
const available = false

func limitMemory(uint64) error { return ErrUnavailable }

func answer(string, *query, func(frame) error) error { return ErrUnavailable }
