package credit

import (
	"bytes"
	_ "embed" // the check page
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
)

// Kit is what a bank needs to check certificates without a network: whose
// signature counts, and what no longer does. The office hands it over as a page
// that any browser opens from a stick; nothing of it is secret, but what is not
// from the office's own hand proves nothing.
type Kit struct {
	Format    int      `json:"format"`
	Community string   `json:"community"` // id text
	Name      string   `json:"name"`
	Made      int64    `json:"made"` // what ended later is not in it
	Signers   []Signer `json:"signers"`
	Ended     []Gone   `json:"ended"`
}

// Signer is a device whose certificates count.
type Signer struct {
	Key  string `json:"key"` // hex
	Name string `json:"name"`
}

// Gone is a line that no longer holds although its last day is not over.
type Gone struct {
	Line  string `json:"line"`
	State string `json:"state"` // Replaced, Withdrawn, Ended
}

const kitFormat = 1

// maxKit bounds a page in bytes: 100,000 versions.
const maxKit = 8 << 20

// NewKit makes the kit of a community at a moment, with lines of any state.
func NewKit(community, name string, now int64, signers []Signer, lines []Line) Kit {
	k := Kit{Format: kitFormat, Community: community, Name: name, Made: now, Signers: signers, Ended: []Gone{}}
	for _, l := range lines {
		if l.State != InForce && l.State != Expired && l.Until >= now {
			k.Ended = append(k.Ended, Gone{l.ID, l.State})
		}
	}
	slices.SortFunc(k.Ended, func(a, b Gone) int { return strings.Compare(a.Line, b.Line) })
	return k
}

//go:embed check.html
var page []byte

//go:embed check.js
var script []byte

// The places in the page that are filled.
const (
	kitBegin  = `<script type="application/json" id="kit">`
	kitEnd    = `</script>`
	scriptTag = `<script src="check.js"></script>`
)

// Page is the check page with the kit in it: one file that needs nothing else.
func (k Kit) Page() ([]byte, error) {
	b, err := json.Marshal(k) // escapes <, so that no name ends the script
	if err != nil {
		return nil, err
	}
	head, rest, ok := bytes.Cut(page, []byte(kitBegin))
	_, rest, ok2 := bytes.Cut(rest, []byte(kitEnd))
	before, after, ok3 := bytes.Cut(rest, []byte(scriptTag))
	if !ok || !ok2 || !ok3 {
		return nil, errors.New("credit: the check page has no place for its kit")
	}
	return slices.Concat(head, []byte(kitBegin), b, []byte(kitEnd), before, []byte("<script>\n"), script, []byte("</script>"), after), nil
}

// ReadKit reads the kit in a page that Page made. Faults: credit.kit (none is
// in it), credit.newer.
func ReadKit(b []byte) (k Kit, err error) {
	_, rest, ok := bytes.Cut(b, []byte(kitBegin))
	text, _, ok2 := bytes.Cut(rest, []byte(kitEnd))
	if !ok || !ok2 || len(b) > maxKit || json.Unmarshal(text, &k) != nil || k.Format < 1 {
		return Kit{}, fault.New("credit.kit")
	}
	if k.Format > kitFormat {
		return Kit{}, fault.New("credit.newer")
	}
	return k, nil
}

// Checked is what a certificate is worth.
type Checked struct {
	Certificate
	State string `json:"state"` // InForce, Replaced, Withdrawn, Expired, Ended
	By    string `json:"by"`    // the device that signed it
}

// Check proves a certificate with a kit, at a moment. Faults: those of
// ReadCertificate, credit.foreign{place}, credit.signer.
func (k Kit) Check(text string, now int64) (Checked, error) {
	c, err := ReadCertificate(text)
	if err != nil {
		return Checked{}, err
	}
	if c.Community != k.Community {
		return Checked{}, fault.New("credit.foreign", "place", c.Place)
	}
	i := slices.IndexFunc(k.Signers, func(s Signer) bool { return s.Key == hex.EncodeToString(c.Signer[:]) })
	if i < 0 {
		return Checked{}, fault.New("credit.signer")
	}
	out := Checked{c, InForce, k.Signers[i].Name}
	if j := slices.IndexFunc(k.Ended, func(g Gone) bool { return g.Line == c.Line }); j >= 0 {
		out.State = k.Ended[j].State
	} else if c.Until < now {
		out.State = Expired
	}
	return out, nil
}
