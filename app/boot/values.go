package boot

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

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
		return unescape(text)
	}
	if len(b) > maxShown {
		return hex.EncodeToString(b[:maxShown]) + "... (" + strconv.Itoa(len(b)) + " bytes)"
	}
	return hex.EncodeToString(b)
}

// unescape writes the signs that Diagnose gives as \uXXXX, Chinese among them,
// as themselves. What a terminal would act on, or nobody would see, stays
// escaped.
func unescape(text string) string {
	var out strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, `\`)
		out.WriteString(before)
		if !found {
			break
		}
		sign, size := escaped(`\` + rest)
		if size == 0 { // some other escape: it and what it covers stay
			size = min(2, len(rest)+1)
			sign = (`\` + rest)[:size]
		}
		out.WriteString(sign)
		text = (`\` + rest)[size:]
	}
	return out.String()
}

// escaped reads one \uXXXX, or two that are one sign, at the start of text; size
// 0 if there is none that may be shown.
func escaped(text string) (sign string, size int) {
	r, ok := unit(text)
	if !ok {
		return "", 0
	}
	size = len(`\u0000`)
	if utf16.IsSurrogate(r) {
		low, _ := unit(text[size:])
		r = utf16.DecodeRune(r, low)
		size *= 2
	}
	if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
		return "", 0
	}
	return string(r), size
}

func unit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}

// oneLine keeps what others wrote from acting on a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// writeWhole writes a file beside its place and moves it there.
func writeWhole(path string, b []byte) error { return writeAll(path, bytes.NewReader(b)) }

// writeAll is writeWhole for what is better not held in memory.
func writeAll(path string, r io.Reader) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".jishan-*")
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		e.Path = filepath.Dir(path) // nobody knows the other file's name
	}
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, r)
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
