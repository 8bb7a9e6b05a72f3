package report

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/crdt/wire"
)

// Documents report/<yyyy-mm>, which offices write and staff read. Keys:
//
//	got/<hash>/report             a signed report of that month, own or received
//	member/<community>/<device>   a CBOR array, see member: the device's first 16 hexadecimal digits
//	hand/<month>/outcomes         a CBOR array, see hand: what was entered for the month
//	urge/<community>/at           when it was reminded of the month
//
// Nothing is removed: of what says the same thing the latest counts.
const (
	Doc        = "report"
	maxUnknown = 4096 // bytes of a value that a newer program wrote
	format     = 1
)

// member is a community whose reports are read here.
type member struct {
	_            struct{} `cbor:",toarray"`
	Format       uint64
	At           int64
	Introduction string
	Level        string // "" a community, else a level above
	Via          string // the id of the street that vouched for it
	Off          bool   // it is none of ours any more
}

// hand is what was entered by hand for a month.
type hand struct {
	_        struct{} `cbor:",toarray"`
	Format   uint64
	At       int64
	Outcomes []Outcome
}

func memberKey(id string, device [32]byte) string {
	return "member/" + id + "/" + hex.EncodeToString(device[:8])
}

// Form checks a change of a document as admission must. Kinds of newer programs pass
// if they are small.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		parts := strings.Split(op.Key, "/")
		if len(parts) != 3 || op.Delete {
			return malformed(op.Key)
		}
		if err := formOp(parts, op.Value); err != nil {
			return fmt.Errorf("%w: %.100q: %w", errForm, op.Key, err)
		}
	}
	return nil
}

func formOp(parts []string, v wire.Value) error {
	switch parts[0] + "/" + parts[2] {
	case "got/report":
		if h := hashOf([]byte(v.Raw)); v.Kind != wire.Bytes || hex.EncodeToString(h[:]) != parts[1] || len(v.Raw) > maxReport {
			return errForm
		}
		return nil // what it says is judged where it is read: it may be of a newer program
	case "hand/outcomes":
		var h hand
		if newer, err := openValue(v, &h); newer || err != nil {
			return err
		}
		return CheckOutcomes(h.Outcomes)
	case "urge/at":
		if v.Kind != wire.Timestamp || v.Num <= 0 {
			return errForm
		}
		return nil
	}
	if parts[0] == "member" {
		var m member
		if newer, err := openValue(v, &m); newer || err != nil {
			return err
		}
		return m.fits(parts)
	}
	if len(v.Raw) > maxUnknown {
		return errForm
	}
	return nil
}

func (m *member) fits(parts []string) error {
	i, err := govern.ReadIntroduction(m.Introduction)
	if err != nil {
		return err
	}
	if strings.Join(parts, "/") != memberKey(i.Community(), i.Device) || m.Level != "" && !slices.Contains(govern.Levels, m.Level) {
		return errForm
	}
	return nil
}

// openValue reads what this program wrote; newer says that a later one did.
func openValue(v wire.Value, into any) (newer bool, err error) {
	if v.Kind != wire.Bytes || len(v.Raw) > maxReport {
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
