package govern

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// ValueVersion is the version of the values in gov that this program writes
// and understands. A value of another version waits for a newer program.
const ValueVersion = 1

// Limits of one value; the registrar's whole change stays below what
// admission takes.
const (
	maxEntries = 2000      // a re-certification of all devices fits ten times over
	maxValue   = 1 << 20   // bytes
	maxName    = 200       // bytes: 60 Chinese characters and a bit
	maxText    = 2000      // bytes of a setting or reason
	maxCut     = 4096      // cuts or rights in one entry
	maxAmount  = 1 << 40   // of one right, as in ledger
	maxWrapped = 16 << 10  // bytes of a wrapped keyring
	maxTerm    = 1_000_000 // no community changes its registrar that often
)

// ErrNewer says that a value or an entry is of a version that this program
// does not know: the change waits, it is not wrong.
var ErrNewer = errors.New("govern: written by a newer version")

var (
	encMode = must(cbor.CoreDetEncOptions().EncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		TagsMd: cbor.TagsForbidden, MaxArrayElements: 1 << 14, MaxMapPairs: 1 << 12,
	}.DecMode())
	idText = base32.HexEncoding.WithPadding(base32.NoPadding)
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type value struct {
	_       struct{} `cbor:",toarray"`
	V       uint64
	Entries []cbor.RawMessage
}

type tagged struct {
	_    struct{} `cbor:",toarray"`
	Kind uint64
	Body cbor.RawMessage
}

// EncodeValue returns the CBOR (core deterministic) of one change of gov.
func EncodeValue(entries ...Entry) ([]byte, error) {
	v := value{V: ValueVersion, Entries: make([]cbor.RawMessage, len(entries))}
	for i, e := range entries {
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("govern: entry %d: %w", i, err)
		}
		body, err := encMode.Marshal(e)
		if err != nil {
			return nil, err
		}
		if v.Entries[i], err = encMode.Marshal(tagged{Kind: uint64(e.Kind()), Body: body}); err != nil {
			return nil, err
		}
	}
	return encMode.Marshal(v)
}

// DecodeValue reads one change of gov, strictly: known values encode again to
// the same bytes. ErrNewer if the version or an entry's kind is unknown.
func DecodeValue(raw []byte) ([]Entry, error) {
	if len(raw) > maxValue {
		return nil, fmt.Errorf("govern: a value of %d bytes", len(raw))
	}
	entries, err := decodeEntries(raw)
	if err != nil {
		return nil, err
	}
	again, err := EncodeValue(entries...)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(raw, again) {
		return nil, errors.New("govern: a value that is not in its one encoding")
	}
	return entries, nil
}

func decodeEntries(raw []byte) ([]Entry, error) {
	if v, err := version(raw); err != nil {
		return nil, err
	} else if v > ValueVersion {
		return nil, ErrNewer
	}
	var v value
	if err := decMode.Unmarshal(raw, &v); err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	if v.V != ValueVersion || len(v.Entries) == 0 || len(v.Entries) > maxEntries {
		return nil, errors.New("govern: a value without entries, of version 0, or too long")
	}
	entries := make([]Entry, len(v.Entries))
	for i, r := range v.Entries {
		e, err := decodeEntry(r)
		if err != nil {
			return nil, err
		}
		entries[i] = e
	}
	return entries, nil
}

// version reads the first element of the array alone: a newer version may
// have any shape behind it.
func version(raw []byte) (uint64, error) {
	var parts []cbor.RawMessage
	if err := decMode.Unmarshal(raw, &parts); err != nil {
		return 0, fmt.Errorf("govern: %w", err)
	}
	if len(parts) == 0 {
		return 0, errors.New("govern: an empty value")
	}
	var v uint64
	err := decMode.Unmarshal(parts[0], &v)
	return v, err
}

func decodeEntry(raw []byte) (Entry, error) {
	var t tagged
	if err := decMode.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	switch t.Kind {
	case uint64(KindGenesis):
		return decodeAs[Genesis](t.Body)
	case uint64(KindCert):
		return decodeAs[Cert](t.Body)
	case uint64(KindRevoke):
		return decodeAs[Revoke](t.Body)
	case uint64(KindStandby):
		return decodeAs[Standby](t.Body)
	case uint64(KindPolicy):
		return decodeAs[Policy](t.Body)
	case uint64(KindClose):
		return decodeAs[Close](t.Body)
	case uint64(KindSucceed):
		return decodeAs[Succeed](t.Body)
	case uint64(KindLoss):
		return decodeAs[Loss](t.Body)
	case uint64(KindYearClose):
		return decodeAs[YearClose](t.Body)
	case uint64(KindYearFinal):
		return decodeAs[YearFinal](t.Body)
	case uint64(KindTerm):
		return decodeAs[Term](t.Body)
	case uint64(KindOperator):
		return decodeAs[Operator](t.Body)
	case uint64(KindOperatorKey):
		return decodeAs[OperatorKey](t.Body)
	case uint64(KindApproval):
		return decodeAs[Approval](t.Body)
	case uint64(KindRecovery):
		return decodeAs[Recovery](t.Body)
	case uint64(KindPartner):
		return decodeAs[Partner](t.Body)
	case uint64(KindAbroad):
		return decodeAs[Abroad](t.Body)
	case uint64(KindGuest):
		return decodeAs[Guest](t.Body)
	case uint64(KindAppointment):
		return decodeAs[Appointment](t.Body)
	}
	return nil, ErrNewer
}

func decodeAs[E Entry](raw cbor.RawMessage) (Entry, error) {
	var e E
	if err := decMode.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	return e, nil
}

// CommunityID returns the id of the community that a first value founds: 26
// characters of base32hex over half of its SHA-256.
func CommunityID(first []byte) string {
	sum := sha256.Sum256(first)
	return IDText(sum[:16])
}

// IDText returns bytes as lower-case base32hex without padding: 26 characters
// for 16 bytes, 52 for a device's 32.
func IDText(b []byte) string { return strings.ToLower(idText.EncodeToString(b)) }

// DeviceText returns a device id as text, 52 characters.
func DeviceText(device [32]byte) string { return IDText(device[:]) }

// ParseDevice reads a device id.
func ParseDevice(text string) ([32]byte, error) {
	raw, err := idText.DecodeString(strings.ToUpper(text))
	if err != nil || len(raw) != 32 || IDText(raw) != text {
		return [32]byte{}, errors.New("govern: not a device id")
	}
	return [32]byte(raw), nil
}
