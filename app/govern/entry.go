package govern

import "jishan/crdt/wire"

// Kind numbers the entries of the registrar's feed. Numbers are never reused.
type Kind uint8

// The entries of the registrar's feed; those about operators are in operator.go, the
// one about the recovery key in recovery.go, those about other communities in
// partner.go and guest.go.
const (
	KindGenesis   Kind = 1
	KindCert      Kind = 2
	KindRevoke    Kind = 3
	KindStandby   Kind = 4
	KindPolicy    Kind = 5
	KindClose     Kind = 6
	KindSucceed   Kind = 7
	KindLoss      Kind = 8
	KindYearClose Kind = 9
	KindYearFinal Kind = 10
	KindTerm      Kind = 11
)

// Entry is one thing that the registrar orders.
type Entry interface {
	Kind() Kind
	check() error // field limits; the reason as a short English text
}

// Genesis founds the community. It is the first entry of gov/1 and of nothing
// else; the community id is a hash over the value that holds it.
type Genesis struct {
	_           struct{} `cbor:",toarray"`
	Nonce       [16]byte // tells two communities of one name apart
	Made        int64    // milliseconds UTC
	Name        string   // 柳溪社区
	Parent      string   // street, district, city as one text, may be empty
	Recovery    [32]byte // public half of the printed recovery key
	Device      [32]byte // the first registrar
	Incarnation []byte   // its seal.Certificate, encoded
}

// Cert enrols a device, or replaces what an earlier Cert said of it.
type Cert struct {
	_         struct{} `cbor:",toarray"`
	Device    [32]byte
	Role      Role
	Name      string            // of the device, as people call it
	Place     string            // id of the place where it stands
	Scope     string            // of a merchant: community, street, district, city
	Recipient string            // age recipient of the device
	NotAfter  int64             // milliseconds UTC, 0 = none; governs connecting and authoring, never admission
	Caps      map[string]uint64 // upper limits by quota kind, e.g. exposure
	Keyring   []byte            // the wrapped Keyring; empty for who is no staff
}

// Revoke ends a device's authority. For its feeds it is a CLOSE; Cuts name
// what counts of each of its feeds (absent means none).
type Revoke struct {
	_      struct{} `cbor:",toarray"`
	Device [32]byte
	Cuts   []Close
	Marks  []Mark // what stands of its record values; none: all of them do
	Why    string
}

// Mark names a change in a records document that stands after a revocation, with
// everything of its author that it builds on. One without a document names nothing: it
// says that there was nothing to name.
type Mark struct {
	_    struct{} `cbor:",toarray"`
	Doc  string   // the document's path
	Hash [16]byte // the beginning of the change's hash
	Seq  uint64
}

// Standby names the device that shall take over from the registrar; the latest
// counts, and one without a device takes the name back.
type Standby struct {
	_      struct{} `cbor:",toarray"`
	Device [32]byte
}

// Policy changes settings of the community; keys that a program does not know
// are kept and left alone.
type Policy struct {
	_        struct{} `cbor:",toarray"`
	Settings []Setting
}

// Setting is one setting: a text, a number, or both. An empty name takes the
// name back to its default, or removes what it named.
type Setting struct {
	_    struct{} `cbor:",toarray"`
	Key  string
	Text string
	Num  int64
}

// Close ends a ledger feed: what lies beyond the cut does not count (quotas.md
// rule 7). Number 0 means that nothing of the feed counts.
type Close struct {
	_      struct{} `cbor:",toarray"`
	Feed   [16]byte // incarnation
	Number uint64   // running number of the last transaction that counts, parts counted through
	Hash   [32]byte // its change hash
	Why    string
}

// Succeed hands what a closed feed held to another feed, which takes it
// (quotas.md rule 9).
type Succeed struct {
	_      struct{} `cbor:",toarray"`
	Feed   [16]byte // the closed feed's incarnation
	To     [16]byte // the successor's incarnation
	Rights []Right  // what the closed feed held at its cut
}

// Right is an amount of one quota.
type Right struct {
	_      struct{} `cbor:",toarray"`
	Quota  [32]byte
	Amount uint64
}

// Loss books what was lost to the reserve.
type Loss struct {
	_      struct{} `cbor:",toarray"`
	Feed   [16]byte // the feed that caused it
	Quota  [32]byte
	Amount uint64
	Why    string
}

// YearClose closes a period of points: holders that have seen it burn.
type YearClose struct {
	_      struct{} `cbor:",toarray"`
	Period string   // 2026, 2026q3
}

// YearFinal says that every feed has burned what was left of a period.
type YearFinal struct {
	_      struct{} `cbor:",toarray"`
	Period string
	Total  uint64 // points that expired
}

// Term begins a new term of the charter; it is the first entry of gov/<term>,
// term > 1. What the old registrar wrote beyond the cut is void.
type Term struct {
	_           struct{} `cbor:",toarray"`
	Term        uint64
	Device      [32]byte // the new registrar
	Incarnation []byte   // its seal.Certificate, encoded
	CutSeq      uint64   // the last change of the term before that counts
	CutHash     [32]byte
	By          Order
	Sig         []byte // by the key of who ordered it
}

// Order says who ordered a succession.
type Order uint8

// The authorities that can order a succession.
const (
	ByRecovery  Order = 1 // the printed recovery key
	ByRegistrar Order = 2 // the registrar of the term before, by its device key
	ByStandby   Order = 3 // the standby of the term before, by its device key
	ByAbove     Order = 4 // the level above, by the Appointment that follows; signed by the new registrar's device key
)

// Kind returns the entry's number.
func (Genesis) Kind() Kind   { return KindGenesis }
func (Cert) Kind() Kind      { return KindCert }
func (Revoke) Kind() Kind    { return KindRevoke }
func (Standby) Kind() Kind   { return KindStandby }
func (Policy) Kind() Kind    { return KindPolicy }
func (Close) Kind() Kind     { return KindClose }
func (Succeed) Kind() Kind   { return KindSucceed }
func (Loss) Kind() Kind      { return KindLoss }
func (YearClose) Kind() Kind { return KindYearClose }
func (YearFinal) Kind() Kind { return KindYearFinal }
func (Term) Kind() Kind      { return KindTerm }

// Point is a place in the registrar's feeds; points compare by term, then seq.
type Point struct {
	Term, Seq uint64
	side      int // 0: in the term's first history here, else in one beside it (side.go)
}

// Before tells whether p lies before q.
func (p Point) Before(q Point) bool {
	return p.Term < q.Term || p.Term == q.Term && p.Seq < q.Seq
}

// head16 is the form in which a change names a governance head.
func head16(h wire.Hash) [16]byte { return [16]byte(h[:16]) }
