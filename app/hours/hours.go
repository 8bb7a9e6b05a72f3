// Package hours keeps what was certified of people's service, and what of it was sent
// to the national and provincial platforms, so that nothing is sent twice.
//
// Hours themselves are computed from activities, deeds and orders wherever they are
// asked for; kept here are numbers of certificates and marks. The main device alone
// writes them: two offices that are cut off from each other would give one number
// twice, or send one service twice.
//
// The package must never know a name, a phone or a screen: a person is an id, a
// service a key. Start reading at [Book].
package hours

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/crdt/wire"
)

// Documents hours/<yyyy-mm>, which the registrar writes and staff read. Keys:
//
//	paper/<year>-<number>/issued   a CBOR array, see Paper; in the month it was issued
//	sent/<service>/<platform>      a CBOR array, see sent; in the month it was sent
//	layout/<platform>/columns      a CBOR array, see Layout; in the month it was changed
const (
	Doc        = "hours"
	format     = 1
	maxValue   = 8 << 10 // bytes
	maxUnknown = 4096
	// MaxColumns bounds a layout: the platforms' templates have about twenty.
	MaxColumns = 40
	maxTitle   = 40 // characters
	maxName    = 40
	maxNumber  = 1_000_000 // certificates or batches
)

// Paper is one certificate of service.
type Paper struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Year    int64
	Number  int64  // 1, 2, 3 ... in the year
	Person  string // id
	At      int64  // when it was issued, milliseconds
	By      string // the operator
	From    int64  // of the services, milliseconds
	To      int64
	Times   int64
	Minutes int64
}

// Code is the number that is printed: year and six digits.
func (p Paper) Code() string { return fmt.Sprintf("%d-%06d", p.Year, p.Number) }

// sent says that a service was sent to a platform.
type sent struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	Batch  int64
}

// Column is one column of a platform's template.
type Column struct {
	_     struct{} `cbor:",toarray"`
	Title string   `json:"title"`
	Field string   `json:"field"` // one of Fields
	Fixed string   `json:"fixed"` // the text of a fixed column
}

// Layout is the template of a platform.
type Layout struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	At      int64
	Columns []Column
}

// Fields are what a column can hold.
var Fields = []string{"name", "idType", "idNumber", "phone", "code", "date", "start", "end", "hours", "minutes", "text", "type", "place", "community", "fixed"}

// Platforms are where services are sent to.
var Platforms = []string{"national", "provincial"}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 64, MaxMapPairs: 16,
	}.DecMode())
	errForm = errors.New("hours: malformed")
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// serviceID is a service's key as a document's key holds it.
func serviceID(key string) string {
	h := sha256.Sum256([]byte("jishan service 1\x00" + key))
	return hex.EncodeToString(h[:16])
}

// Form checks a change of a document as admission must. Kinds of newer programs pass
// if they are small.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		parts := strings.Split(op.Key, "/")
		if len(parts) != 3 || op.Delete {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
		if err := formOp(parts, op.Value); err != nil {
			return fmt.Errorf("%w: %.100q", err, op.Key)
		}
	}
	return nil
}

func formOp(parts []string, v wire.Value) error {
	switch parts[0] {
	case "paper":
		var p Paper
		if newer, err := openValue(v, &p); newer || err != nil {
			return err
		}
		if p.Code() != parts[1] || parts[2] != "issued" || !p.fits() {
			return errForm
		}
		return nil
	case "sent":
		var s sent
		if newer, err := openValue(v, &s); newer || err != nil {
			return err
		}
		if raw, err := hex.DecodeString(parts[1]); err != nil || len(raw) != 16 || s.At <= 0 || s.Batch < 1 || s.Batch > maxNumber {
			return errForm
		}
		return nil
	case "layout":
		var l Layout
		if newer, err := openValue(v, &l); newer || err != nil {
			return err
		}
		return l.check()
	}
	if len(v.Raw) > maxUnknown {
		return errForm
	}
	return nil
}

func (p Paper) fits() bool {
	return p.Year >= 2000 && p.Year < 10000 && p.Number >= 1 && p.Number < maxNumber && len(p.Person) == 26 && p.At > 0 && p.To > p.From && p.Times > 0 && p.Minutes > 0 &&
		govern.ShortLine(p.By, maxName)
}

func (l Layout) check() error {
	if len(l.Columns) == 0 || len(l.Columns) > MaxColumns {
		return errForm
	}
	for _, c := range l.Columns {
		if c.Title == "" || !govern.ShortLine(c.Title, maxTitle) || !govern.ShortLine(c.Fixed, maxTitle) || !known(Fields, c.Field) {
			return errForm
		}
	}
	return nil
}

func known(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// openValue reads what this program wrote; newer says that a later one did.
func openValue(v wire.Value, into any) (newer bool, err error) {
	if v.Kind != wire.Bytes || len(v.Raw) > maxValue {
		return false, errForm
	}
	var parts []cbor.RawMessage
	var f uint64
	if decoding.Unmarshal([]byte(v.Raw), &parts) != nil || len(parts) == 0 || decoding.Unmarshal(parts[0], &f) != nil || f == 0 {
		return false, errForm
	}
	if f > format {
		return true, nil
	}
	if decoding.Unmarshal([]byte(v.Raw), into) != nil {
		return false, errForm
	}
	again, err := encoding.Marshal(into)
	if err != nil || string(again) != v.Raw {
		return false, errForm
	}
	return false, nil
}

// parseCode takes a certificate's number apart.
func parseCode(code string) (year, number int64, ok bool) {
	y, n, found := strings.Cut(code, "-")
	year, err := strconv.ParseInt(y, 10, 32)
	number, err2 := strconv.ParseInt(n, 10, 32)
	return year, number, found && err == nil && err2 == nil
}
