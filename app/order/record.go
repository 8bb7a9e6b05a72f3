package order

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document order/own/<yyyy-mm>, the month of creation. Keys:
//
//	order/<order>/<field>            person type project via grid by (texts), text address phone
//	                                 praise (sealed), once (bytes), offer review cancel (CBOR arrays)
//	serve/<order>/<offer>/<field>    answer, done (CBOR arrays): what was said of one dispatch
//	reply/<order>/<reply>/text       sealed
//	project/<project>/<field>        name type note item (texts), closed (time)
//	like/<project>/<person>/at       a resident's favourite; 0 when taken back
//	team/<team>/<field>              name lead (texts), closed (time)
//	member/<team>/<person>/in        since when; 0 when no more
//	survey/<survey>/<field>          title (text), forms (number), rules (CBOR array): which deeds
//	                                 should be rewarded, with the votes of each
//	tally/<survey>/<project>/votes   number
//
// Document order/<place>/<yyyy-mm>, of the merchant at the place, the month of
// the dispatch. Staff write the first line, the merchant the others (staff may,
// too):
//
//	job/<order>/<offer>/<field>      brief (CBOR), void (time), stars (number)
//	serve/<order>/<offer>/<field>    answer, done
//	reply/<order>/<reply>/plain      text
const (
	kindOrder   = "order"
	kindServe   = "serve"
	kindReply   = "reply"
	kindJob     = "job"
	kindProject = "project"
	kindLike    = "like"
	kindTeam    = "team"
	kindMember  = "member"
	kindSurvey  = "survey"
	kindTally   = "tally"
)

// own is the party of the community's own documents.
const own = "own"

// Limits of texts in characters and of other fields.
const (
	maxText    = 500 // a wish is a few sentences
	maxAddress = 80
	maxPhone   = 20
	minPhone   = 7  // a land line without its area code
	maxShort   = 40 // type, operator, names of teams
	maxName    = 60 // of a project
	maxNote    = 500
	maxHelpers = 50         // of one order: a team
	maxMembers = 300        // of a team
	maxMinutes = 24 * 60    // of one order
	maxPoints  = 10_000_000 // of one order and person
	maxForms   = 1_000_000  // of one survey
	maxSealed  = 4 << 10    // bytes of a sealed text, as people keeps them
	maxBrief   = 16 << 10   // bytes: a sealed text for the devices of one place
	maxUnknown = 4096       // bytes of a field of a newer program
	maxTime    = 4_102_444_800_000
	minTime    = 946_684_800_000
)

// Path returns the community's document of what was created at ms.
func Path(ms int64) string { return pathOf(own, ms) }

func pathOf(party string, ms int64) string { return "order/" + party + "/" + zone.Month(ms) }

// partyOf returns the party that a document's path names.
func partyOf(doc store.DocID) (party, path string, ok bool) {
	_, path, _ = strings.Cut(string(doc), "/")
	rest, ok := strings.CutPrefix(path, "order/")
	party, month, ok2 := strings.Cut(rest, "/")
	return party, path, ok && ok2 && party != "" && len(month) == 7
}

// key joins the segments of a key.
func key(parts ...string) string { return strings.Join(parts, "/") }

// validPerson says whether s is a person's id.
func validPerson(s string) bool {
	_, err := ledger.ParseSubject(s)
	return err == nil
}

// deedKey is the ledger's key of one person's part in one order: the same at
// every device, so nobody is paid twice.
func deedKey(order, person string) ledger.Subject {
	h := sha256.New()
	fmt.Fprintf(h, "jishan deed 1 order|%d:%s|%d:%s", len(order), order, len(person), person)
	return ledger.Subject(h.Sum(nil)[:16])
}

// The values that are edited together, each with its format in front.
type (
	// offerValue is one dispatch.
	offerValue struct {
		_      struct{} `cbor:",toarray"`
		Format uint64
		ID     string // ULID
		Kind   string
		Party  string
		Rule   ruleValue
		Month  string // of the merchant's document, "" for others
	}
	// ruleValue is the scheme's item as it stood at the dispatch: these points
	// were promised. Code "" gives none.
	ruleValue struct {
		_       struct{} `cbor:",toarray"`
		Version int64
		Code    string
		Name    string
		Kind    string
		Points  int64
		Minutes int64
	}
	// answerValue is what the party said.
	answerValue struct {
		_      struct{} `cbor:",toarray"`
		Format uint64
		Yes    bool
		Why    string // a reason's code, of a no
	}
	// doneValue says who served and how long.
	doneValue struct {
		_       struct{} `cbor:",toarray"`
		Format  uint64
		Minutes int64
		Helpers []ledger.Subject
	}
	// reviewValue is a review of one dispatch.
	reviewValue struct {
		_      struct{} `cbor:",toarray"`
		Format uint64
		Offer  string
		Stars  int64 // 1 to 5; 0: nobody said anything
		Via    string
	}
	// cancelValue says why nothing comes of a wish.
	cancelValue struct {
		_      struct{} `cbor:",toarray"`
		Format uint64
		Why    string
	}
	// briefValue is what a merchant gets to know.
	briefValue struct {
		_       struct{} `cbor:",toarray"`
		Format  uint64
		Type    string
		Project string
		Masked  string
		Made    int64
		Sealed  []byte // a contactValue for the devices of the place
	}
	// contactValue is the sealed part of a brief.
	contactValue struct {
		_       struct{} `cbor:",toarray"`
		Format  uint64
		Text    string
		Address string
		Phone   string
	}
)

// item returns the rule as the scheme computes with it.
func (v ruleValue) item() scheme.Item {
	return scheme.Item{Code: v.Code, Name: v.Name, Kind: v.Kind, Points: v.Points, Minutes: v.Minutes}
}

// format is the version of all these encodings.
const format = 1

// Reasons, as codes: free text would hold personal data in the clear.
var (
	declineWhys = []string{"busy", "far", "skill", "away", "other"}
	cancelWhys  = []string{"withdrawn", "solved", "double", "impossible"}
	ways        = []string{ViaPage, ViaDesk, ViaCall, ViaPaper, ViaGrid}
	reviewWays  = []string{ByPage, ByDesk, ByCallback, ByTimeout}
)

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 64, MaxMapPairs: 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	errForm  = errors.New("order: malformed")
	errNewer = errors.New("order: a newer format")
)

// open decodes a value into v; errNewer for a format after ours.
func open(raw string, v any) error {
	var parts []cbor.RawMessage
	if err := decoding.Unmarshal([]byte(raw), &parts); err != nil || len(parts) == 0 {
		return errForm
	}
	var f uint64
	if err := decoding.Unmarshal(parts[0], &f); err != nil || f == 0 || f > 255 {
		return errForm
	}
	if f > format {
		return errNewer
	}
	if err := decoding.Unmarshal([]byte(raw), v); err != nil {
		return errForm
	}
	again, err := encoding.Marshal(v)
	if err != nil || string(again) != raw {
		return errForm
	}
	return nil
}

func encode(v any) wire.Value { return wire.BytesValue(must(encoding.Marshal(v))) } // plain values can't fail

func fits(s string, limit int) bool {
	return utf8.RuneCountInString(s) <= limit && govern.PlainText(s)
}

func isTime(ms int64) bool { return ms >= minTime && ms <= maxTime }
