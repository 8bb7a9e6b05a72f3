package store

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxDocID bounds a document id in bytes: two ids of 26 and 32 characters, an
// epoch, and names.
const MaxDocID = 200

// MaxPart is how many changes one part of a feed holds. A part is small enough
// to close, compress and export in one step.
const MaxPart = 4096

const communityLen = 26

// Parts splits a document id. Error: ErrShape wrapped, when it is none.
func (d DocID) Parts() (community string, epoch uint64, path string, err error) {
	bad := fmt.Errorf("%w: document id %q", ErrShape, clip(string(d), 80))
	head, path, ok := strings.Cut(string(d), "/")
	if !ok || len(d) > MaxDocID || !wordPath(path) {
		return "", 0, "", bad
	}
	community, number, ok := strings.Cut(head, ".")
	if !ok || len(community) != communityLen || strings.Trim(community, "0123456789abcdefghijklmnopqrstuv") != "" {
		return "", 0, "", bad
	}
	epoch, e := strconv.ParseUint(number, 10, 32)
	if e != nil || epoch == 0 || strconv.FormatUint(epoch, 10) != number {
		return "", 0, "", bad
	}
	return community, epoch, path, nil
}

// wordPath says that a path is printable ASCII words between single slashes.
func wordPath(path string) bool {
	for word := range strings.SplitSeq(path, "/") {
		if word == "" {
			return false
		}
		for i := range len(word) {
			if word[i] <= ' ' || word[i] >= 0x7f {
				return false
			}
		}
	}
	return true
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}
