package boot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
)

const (
	// tailBytes is how much of the log a support file looks at.
	tailBytes = 256 << 10
	tailLines = 300
)

// logKeys are what a line of the log may bring into a support file.
var logKeys = []string{"time", "level", "msg", "call", "err", "stack", "version", "doc", "reason"}

// private is what could name somebody although it should not be there: words
// that are not ASCII, long numbers, addresses, long ids, home folders.
var private = regexp.MustCompile(`[^\x00-\x7f]+|\d{6,}|\d{1,3}(\.\d{1,3}){3}|[0-9A-Za-z_-]{20,}|/(home|Users|root)/[^\s:"]*`)

// logTail returns the last lines of the log, redacted. No log is no lines.
func logTail(path string) ([]json.RawMessage, error) {
	b, err := lastBytes(path, tailBytes)
	if errors.Is(err, os.ErrNotExist) {
		return []json.RawMessage{}, nil
	}
	if err != nil {
		return nil, err
	}
	lines := []json.RawMessage{}
	for line := range bytes.Lines(b) {
		if clean, ok := redacted(line); ok {
			lines = append(lines, clean)
		}
	}
	return lines[max(0, len(lines)-tailLines):], nil
}

func lastBytes(path string, n int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(max(0, size-n), io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, n))
}

func redacted(line []byte) (json.RawMessage, bool) {
	var all map[string]any
	if json.Unmarshal(line, &all) != nil {
		return nil, false // cut off at the beginning
	}
	some := map[string]any{}
	for _, k := range logKeys {
		switch v := all[k].(type) {
		case nil:
		case string:
			if k != "time" && k != "stack" {
				v = private.ReplaceAllString(v, "…")
			}
			some[k] = v
		default:
			some[k] = v
		}
	}
	clean, err := json.Marshal(some)
	return clean, err == nil
}
