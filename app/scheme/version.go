package scheme

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"jishan/crdt/wire"
)

// The versions of the encoding of a rulebook: the second one has deductions, which
// programs of the first would refuse. A reader that meets a higher one leaves it
// alone until it is updated.
const (
	plainFormat = 1
	minusFormat = 2
)

func formatOf(items []Item) uint64 {
	if slices.ContainsFunc(items, func(i Item) bool { return i.Kind == Deduct }) {
		return minusFormat
	}
	return plainFormat
}

// maxVersion bounds version numbers: three a day for a thousand years.
const maxVersion = 1_000_000

// maxFormat bounds format numbers that pass as "newer".
const maxFormat = 255

// body is what a version's value holds.
type body struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	From   int64
	By     string
	Items  []Item
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: MaxItems + 16, MaxMapPairs: 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var errMalformed = errors.New("scheme: malformed version")

// errNewer says that a version was written by a newer program.
var errNewer = errors.New("scheme: a newer format")

// decode reads what Save wrote. Errors: errMalformed; errNewer.
func decode(b []byte) (body, error) {
	var parts []cbor.RawMessage
	if err := decoding.Unmarshal(b, &parts); err != nil || len(parts) == 0 {
		return body{}, errMalformed
	}
	var f uint64
	if err := decoding.Unmarshal(parts[0], &f); err != nil || f == 0 || f > maxFormat {
		return body{}, errMalformed
	}
	if f > minusFormat {
		return body{}, errNewer
	}
	var out body
	if err := decoding.Unmarshal(b, &out); err != nil {
		return body{}, errMalformed
	}
	if again, err := encoding.Marshal(out); err != nil || !bytes.Equal(again, b) || f != formatOf(out.Items) {
		return body{}, errMalformed
	}
	return out, nil
}

func versionKey(n int64) string { return "version/" + strconv.FormatInt(n, 10) + "/items" }

// parseKey returns the version number that a key names.
func parseKey(key string) (int64, bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 {
		return 0, false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	return n, err == nil && n >= 1 && n <= maxVersion && versionKey(n) == key
}

// Form checks a change of the document as admission must: keys, types, and
// whether each value reads back. Values of a newer format pass.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		if _, ok := parseKey(op.Key); !ok {
			return fmt.Errorf("scheme: no such key: %.40q", op.Key)
		}
		if op.Delete {
			return errors.New("scheme: versions are never removed")
		}
		if err := formVersion(op.Value); err != nil {
			return err
		}
	}
	return nil
}

func formVersion(v wire.Value) error {
	if v.Kind != wire.Bytes {
		return errMalformed
	}
	b, err := decode([]byte(v.Raw))
	if errors.Is(err, errNewer) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := clean(b.Items); err != nil {
		return fmt.Errorf("%w: %s", errMalformed, err.Error())
	}
	return nil
}
