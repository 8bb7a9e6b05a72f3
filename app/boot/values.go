package boot

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"

	"jishan/crdt/wire"
)

// maxShown cuts long byte strings, which are ciphers or keys.
const maxShown = 64

// valueWords writes a value so that a person can read it: CBOR in its own
// notation, other bytes in hexadecimal.
func valueWords(v wire.Value) string {
	switch v.Kind {
	case wire.Null:
		return "null"
	case wire.False:
		return "false"
	case wire.True:
		return "true"
	case wire.Uint, wire.Int:
		return strconv.FormatInt(v.Num, 10)
	case wire.Timestamp:
		return time.UnixMilli(v.Num).UTC().Format(time.RFC3339)
	case wire.String:
		return strconv.Quote(v.Raw)
	}
	b := []byte(v.Raw)
	if text, err := cbor.Diagnose(b); err == nil {
		return text
	}
	if len(b) > maxShown {
		return hex.EncodeToString(b[:maxShown]) + "... (" + strconv.Itoa(len(b)) + " bytes)"
	}
	return hex.EncodeToString(b)
}

// writeWhole writes a file beside its place and moves it there.
func writeWhole(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".jishan-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
