// Package report keeps the monthly reports of communities: what one tells the
// street or county above it, and what a street or county has of all below.
//
// A report is a list of integers that add up, signed by the community's main
// device; it names no person. Rates are never reported: whoever reads computes them
// from the sums, so that a rate over many communities is right, too. Reports travel
// as files ([File]) and prove themselves wherever they arrive. Of one community and
// month the report with the greatest number counts; the ones before it are kept.
//
// The package must never know a person, a screen or the ledger: its caller brings
// the figures. Start reading at [Report], then [Book.Take] and [Fold].
package report

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/zone"
)

// Limits of a report.
const (
	// MaxFigure bounds a figure, so that a thousand communities over ten years add
	// up within 63 bits.
	MaxFigure = 1_000_000_000_000
	// MaxOutcomes bounds the hand-entered lines: appraisal sheets have a dozen.
	MaxOutcomes = 30
	// MaxName bounds the name of such a line in characters.
	MaxName    = 40
	maxFigures = 100
	maxReport  = 16 << 10 // bytes
	maxNumber  = 1_000_000
	// ahead is how far the clock of the other office may be before ours,
	// milliseconds.
	ahead = 2 * 24 * 60 * 60 * 1000
)

const (
	version = 1
	domain  = "jishan report 1\x00"
)

// Outcome is a figure that nobody can compute from entries and that is entered by
// hand: how many there were in the span compared with, and how many now.
type Outcome struct {
	_      struct{} `cbor:",toarray"`
	Name   string   `json:"name"`
	Before int64    `json:"before"`
	Now    int64    `json:"now"`
}

// Report is one community's figures of one month.
type Report struct {
	_        struct{} `cbor:",toarray"`
	Version  uint64
	Root     [32]byte // of the community's charter; the first half is its id
	Device   [32]byte // of its registrar, who signs
	Name     string
	Site     govern.Site
	Month    string           // yyyy-mm
	Number   uint64           // 1, 2, 3 ... of this month
	Made     int64            // milliseconds UTC
	Upto     int64            // the figures count until then
	Figures  map[string]int64 // by [Indicator.Code]; codes of newer programs are kept
	Outcomes []Outcome
	Sig      []byte
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 6, MaxArrayElements: maxReports, MaxMapPairs: maxFigures,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Community is the id of who reports.
func (r *Report) Community() string { return govern.IDText(r.Root[:16]) }

func (r Report) statement() []byte {
	r.Sig = []byte{}
	return append([]byte(domain), must(encoding.Marshal(r))...)
}

// Sign makes a report of what the caller filled in, by the registrar's device.
// Errors: those of check.
func Sign(key ed25519.PrivateKey, r Report) ([]byte, error) {
	r.Version = version
	copy(r.Device[:], key.Public().(ed25519.PublicKey))
	if r.Outcomes == nil {
		r.Outcomes = []Outcome{}
	}
	r.Sig = ed25519.Sign(key, r.statement())
	raw, err := encoding.Marshal(r)
	if err != nil {
		return nil, err
	}
	return raw, r.check(len(raw))
}

// Open reads a report and checks that its device signed it and that it adds up.
// Faults: report.bad, report.newer, report.forged, report.sums {name, month}.
func Open(raw []byte) (Report, error) {
	r, err := decode(raw)
	if err != nil {
		return r, err
	}
	if len(r.Sig) != ed25519.SignatureSize || !ed25519.Verify(r.Device[:], r.statement(), r.Sig) {
		return r, fault.New("report.forged", "name", clip(r.Name))
	}
	return r, r.check(len(raw))
}

// decode reads the one form of a report and looks no further.
func decode(raw []byte) (r Report, err error) {
	bad := fault.New("report.bad")
	var parts []cbor.RawMessage
	var v uint64
	if len(raw) > maxReport || decoding.Unmarshal(raw, &parts) != nil || len(parts) == 0 || decoding.Unmarshal(parts[0], &v) != nil || v == 0 {
		return r, bad
	}
	if v > version {
		return r, fault.New("report.newer")
	}
	if decoding.Unmarshal(raw, &r) != nil {
		return r, bad
	}
	if again, err := encoding.Marshal(r); err != nil || !bytes.Equal(again, raw) {
		return r, bad
	}
	return r, nil
}

// check demands the form of a report, and that its points add up: what was carried
// over and what came and went makes what is left.
func (r *Report) check(size int) error {
	bad := fault.New("report.bad")
	month, err := time.ParseInLocation("2006-01", r.Month, zone.China)
	switch {
	case err != nil || size > maxReport || r.Version != version || r.Root == [32]byte{} || r.Number == 0 || r.Number > maxNumber:
		return bad
	case strings.TrimSpace(r.Name) == "" || !plain(r.Name) || !plain(r.Site.Street) || !plain(r.Site.District) || !plain(r.Site.City):
		return bad
	case r.Made < month.UnixMilli() || r.Upto < month.UnixMilli() || r.Upto > month.AddDate(0, 1, 0).UnixMilli() || r.Upto > r.Made:
		return bad
	case len(r.Figures) > maxFigures || len(r.Outcomes) > MaxOutcomes:
		return bad
	}
	for code, n := range r.Figures {
		if !isCode(code) || n > MaxFigure || n < -MaxFigure {
			return bad
		}
	}
	if err := CheckOutcomes(r.Outcomes); err != nil {
		return bad
	}
	if !r.addsUp() {
		return fault.New("report.sums", "name", clip(r.Name), "month", r.Month)
	}
	return nil
}

// addsUp tells whether the figures can be true together.
func (r *Report) addsUp() bool {
	f := r.Figures
	for _, i := range Indicators {
		if !i.Signed && f[i.Code] < 0 {
			return false
		}
	}
	return f["carried"]+f["awarded"]+f["brought"]-f["redeemed"]-f["deducted"]-f["expired"] == f["outstanding"] &&
		f["joined"]+f["away"]+f["unable"] <= f["households"] &&
		f["wishesDone"] <= f["wishes"] && f["contacted"] <= f["wishes"] && f["stars"] <= 5*f["reviews"]
}

// CheckOutcomes checks lines entered by hand. Fault: report.outcome {name}.
func CheckOutcomes(list []Outcome) error {
	for i, o := range list {
		double := slices.ContainsFunc(list[:i], func(x Outcome) bool { return x.Name == o.Name })
		if strings.TrimSpace(o.Name) != o.Name || o.Name == "" || !plain(o.Name) || double || o.Before < 0 || o.Now < 0 || o.Before > MaxFigure || o.Now > MaxFigure {
			return fault.New("report.outcome", "name", clip(o.Name))
		}
	}
	return nil
}

func isCode(s string) bool {
	return s != "" && len(s) <= 32 && !strings.ContainsFunc(s, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') })
}

func plain(s string) bool { return utf8.RuneCountInString(s) <= MaxName && govern.PlainLine(s) }

func clip(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "")); len(r) > MaxName {
		return string(r[:MaxName])
	}
	return strings.ToValidUTF8(s, "")
}

// hashOf names a report.
func hashOf(raw []byte) [32]byte { return sha256.Sum256(raw) }

// errForm says that a document holds what this package never writes.
var errForm = errors.New("report: malformed")

func malformed(key string) error { return fmt.Errorf("%w: %.100q", errForm, key) }
