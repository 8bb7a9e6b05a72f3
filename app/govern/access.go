package govern

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jishan/crdt/store"
)

// Role is what a device is for.
type Role uint8

// The roles. Numbers are part of the certificate's encoding.
const (
	Office   Role = 1
	Station  Role = 2
	Merchant Role = 3
)

var roleNames = map[Role]string{Office: "office", Station: "station", Merchant: "merchant"}

// String returns the role as the screens' contract writes it.
func (r Role) String() string { return roleNames[r] }

// Staff tells whether the role reads people's data.
func (r Role) Staff() bool { return r == Office || r == Station }

func (r Role) known() bool { return roleNames[r] != "" }

// ParseRole reads what String wrote; 0 for anything else.
func ParseRole(s string) Role {
	for r, name := range roleNames {
		if name == s {
			return r
		}
	}
	return 0
}

// Who is a set of those who may read or write a document.
type Who uint8

// The members of Who.
const (
	Registrar Who = 1 << iota // the registrar's device
	Offices                   // every office device
	Stations                  // every station
	Merchants                 // every merchant
	Author                    // the device whose incarnation the path names
	AtPlace                   // devices at the place the path names
	Staff     = Offices | Stations
	Everybody = Staff | Merchants
)

var whoNames = []struct {
	Who
	name string
}{{Everybody, "every device"}, {Staff, "staff"}, {Registrar, "the registrar"}, {Offices, "office"}, {Stations, "stations"},
	{Merchants, "merchants"}, {Author, "its author"}, {AtPlace, "devices at that place"}}

// String returns the set in words.
func (w Who) String() string {
	var out []string
	for _, n := range whoNames {
		if w&n.Who == n.Who && w != 0 {
			out = append(out, n.name)
			w &^= n.Who
		}
	}
	return strings.Join(out, ", ")
}

// Row says who reads and writes one kind of document.
type Row struct {
	Doc     string // the path's first segment
	Pattern string // the path in words
	Shape   store.Shape
	Write   Who
	Read    Who
	parse   func(rest []string, p *Path) bool
}

// Table is design section 3 as data: the one place that says who reads and
// writes what. Rules are judged by it, and docs/personal-data.md shows it.
var Table = []Row{
	{"gov", "gov/<term>", store.Feed, Registrar, Everybody, parseTerm},
	{"feed", "feed/<incarnation>/<part>", store.Feed, Author, Staff | Author, parseFeed},
	{"people", "people/<shard>", store.Records, Staff, Staff, parseShard},
	{"card", "card", store.Records, Staff, Everybody, parseNothing},
	{OperatorDoc, OperatorDoc, store.Records, Everybody, Everybody, parseNothing},
	{"request", "request", store.Records, Staff, Everybody, parseNothing},
	{"scheme", "scheme", store.Records, Offices, Everybody, parseNothing},
	{"activity", "activity/<yyyy-mm>", store.Records, Staff, Staff, parseMonth},
	{"catalog", "catalog/<place>", store.Records, Offices | AtPlace, Everybody, parsePlace},
	{"order", "order/<party>/<yyyy-mm>", store.Records, Staff | AtPlace, Staff | AtPlace, parseOrder},
	{"settle", "settle/<place>/<incarnation>/<term>-<yyyy>", store.Feed, Registrar, Staff | AtPlace, parseSettle},
	{"net", "net/<community>/<incarnation>/<term>-<yyyy>", store.Feed, Registrar, Staff, parseSettle},
	{"abroad", "abroad/<community>/<incarnation>/<term>-<yyyy>", store.Feed, Registrar, Staff, parseSettle},
	{"report", "report/<yyyy-mm>", store.Records, Offices, Staff, parseMonth},
	{"hours", "hours/<yyyy-mm>", store.Records, Registrar, Staff, parseMonth},
	{"assess", "assess/<yyyy-mm>", store.Records, Staff, Staff, parseMonth},
	{"selection", "selection/<yyyy-mm>", store.Records, Staff, Staff, parseMonth},
	{"publicity", "publicity/<yyyy-mm>", store.Records, Staff, Staff, parseMonth},
	{"board", "board/<yyyy-mm>", store.Records, Staff, Everybody, parseMonth},
	{"duty", "duty/<yyyy-mm>", store.Records, Staff, Staff, parseMonth},
	{"fund", "fund/<yyyy-mm>", store.Records, Offices, Staff, parseMonth},
	{"bylaw", "bylaw", store.Records, Offices, Everybody, parseNothing},
}

// Sets says who reads the sets that travel beside the documents.
var Sets = map[string]Who{"incarnation": Everybody, "fork": Everybody, "vault": Staff}

// TableText renders Table and Sets as a Markdown table.
func TableText() string {
	var b strings.Builder
	b.WriteString("| document | shape | writers | readers |\n|---|---|---|---|\n")
	for _, r := range Table {
		shape := "records"
		if r.Shape == store.Feed {
			shape = "feed"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Pattern, shape, r.Write, r.Read)
	}
	for _, name := range []string{"incarnation", "fork", "vault"} {
		fmt.Fprintf(&b, "| set `%s` | set | %s | %s |\n", name, Sets[name], Sets[name])
	}
	return b.String()
}

// Path is a document id taken apart.
type Path struct {
	Community string
	Epoch     uint64
	Row       *Row
	Term      uint64 // gov
	Author    string // feed, settle, net, abroad: incarnation, 32 hexadecimal digits
	Part      uint64 // feed
	Shard     int    // people
	Month     string // activity, order, report, hours, publicity, board, duty: yyyy-mm
	Place     string // catalog, settle, order of a merchant; net, abroad: the other community
	Under     uint64 // settle, net, abroad: the registrar's term
	Year      int    // settle, net, abroad
}

// ParsePath takes a document id apart, or says why it is none that this
// program knows.
func ParsePath(doc store.DocID) (Path, error) {
	p, ok := parsePath(string(doc))
	if !ok { // only here: admission asks for every change, and the text is dear
		return Path{}, fmt.Errorf("govern: %.80q is no document id", string(doc))
	}
	return p, nil
}

func parsePath(doc string) (p Path, ok bool) {
	head, rest, ok := strings.Cut(doc, "/")
	if !ok {
		return p, false
	}
	community, epoch, ok := strings.Cut(head, ".")
	n, ok2 := number(epoch)
	if !ok || !ok2 || len(community) != 26 || !segment(community) {
		return p, false
	}
	parts := strings.Split(rest, "/")
	i := slices.IndexFunc(Table, func(r Row) bool { return r.Doc == parts[0] })
	if i < 0 {
		return p, false
	}
	p = Path{Community: community, Epoch: n, Row: &Table[i]}
	return p, p.Row.parse(parts[1:], &p)
}

// number reads a decimal of 1 or more in its one spelling.
func number(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return n, err == nil && n > 0 && strconv.FormatUint(n, 10) == s
}

func parseNothing(rest []string, _ *Path) bool { return len(rest) == 0 }

func parseTerm(rest []string, p *Path) (ok bool) {
	if len(rest) == 1 {
		p.Term, ok = number(rest[0])
	}
	return ok && p.Term <= maxTerm
}

func parseFeed(rest []string, p *Path) (ok bool) {
	if len(rest) == 2 && hex32(rest[0]) {
		p.Author = rest[0]
		p.Part, ok = number(rest[1])
	}
	return ok
}

func parseShard(rest []string, p *Path) bool {
	if len(rest) != 1 || len(rest[0]) != 2 {
		return false
	}
	n, err := strconv.ParseUint(rest[0], 10, 8)
	p.Shard = int(n)
	return err == nil && n < 16
}

func parseMonth(rest []string, p *Path) bool {
	if len(rest) != 1 || len(rest[0]) != 7 || rest[0][4] != '-' {
		return false
	}
	year, err := strconv.ParseUint(rest[0][:4], 10, 16)
	month, err2 := strconv.ParseUint(rest[0][5:], 10, 8)
	p.Month = rest[0]
	return err == nil && err2 == nil && year >= 2000 && month >= 1 && month <= 12
}

func parsePlace(rest []string, p *Path) bool {
	if len(rest) != 1 || !segment(rest[0]) {
		return false
	}
	p.Place = rest[0]
	return true
}

// Own is the party of the orders that only staff read; a place with that id
// would read them, so there is none.
const Own = "own"

func parseOrder(rest []string, p *Path) bool {
	if len(rest) != 2 || !segment(rest[0]) {
		return false
	}
	if rest[0] != Own {
		p.Place = rest[0]
	}
	return parseMonth(rest[1:], p)
}

func parseSettle(rest []string, p *Path) bool {
	if len(rest) != 3 || !segment(rest[0]) || !hex32(rest[1]) {
		return false
	}
	term, year, _ := strings.Cut(rest[2], "-")
	t, ok := number(term)
	y, ok2 := number(year)
	p.Place, p.Author, p.Under, p.Year = rest[0], rest[1], t, int(y)
	return ok && ok2 && t <= maxTerm && y >= 2000 && len(year) == 4
}

func hex32(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
