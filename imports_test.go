package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed is the table of imports inside this module: a package may import what
// stands beside it and nothing else. The longest entry that covers a package
// counts; a name covers the packages below it. The order is the order of
// layers: nothing imports what stands further down than itself.
var allowed = []struct {
	pkg  string
	may  []string
	note string
}{
	{"crdt/wire", nil, "the format, pure"},
	{"crdt/engine", []string{"crdt/wire"}, "the judge"},
	{"crdt/seal", []string{"crdt/wire"}, ""},
	{"crdt/store", []string{"crdt/seal", "crdt/wire"}, ""},
	{"crdt/admit", []string{"crdt/store", "crdt/seal", "crdt/wire"}, ""},
	{"crdt/sync", []string{"crdt/admit", "crdt/store", "crdt/seal", "crdt/wire"}, ""},
	{"p2p", []string{"p2p"}, "moves bytes, knows no documents"},

	{"app/fault", nil, "errors as codes"},
	{"app/terminal", nil, "mistakes and errors in words, for commands"},
	{"app/zone", nil, "where days begin"},
	{"app/dossier", []string{"app/zone"}, "one person's file"},
	{"app/qr", nil, "codes as pictures"},
	{"app/same", []string{"crdt"}, "which ids are one person"},
	{"app/coded", nil, "what is inside codes: base45, COSE"},
	{"app/backup", []string{"app/fault"}, "the format of backups"},
	{"app/page", []string{"app/fault"}, "what crosses between a phone's page and its station"},
	{"app/voucher", []string{"app/fault", "app/coded", "crdt"}, "the format of vouchers"},
	{"app/pass", []string{"app/fault", "app/coded", "crdt"}, "the format of passes"},
	{"app/govern", []string{"app/fault", "crdt"}, ""},
	{"app/ledger", []string{"app/fault", "app/govern", "crdt"}, ""},
	{"app/audit", []string{"app/ledger", "app/govern", "crdt"}, "who did what, over all documents"},
	{"app/scheme", []string{"app/fault", "app/govern", "crdt"}, ""},
	{"app/scheme/ready", []string{"app/fault", "app/scheme"}, "rulebooks to begin with"},
	{"app/people", []string{"app/fault", "app/coded", "app/qr", "app/ledger", "app/govern", "crdt"}, ""},
	{"app/correction", []string{"app/people", "app/govern", "crdt"}, "requests to correct an entry"},
	{"app/credit", []string{"app/fault", "app/zone", "app/coded", "app/people", "app/govern", "crdt"}, "credit lines and their certificates"},
	{"app/claim", []string{"app/fault", "app/zone", "app/coded", "app/people", "app/scheme", "app/govern", "crdt"}, "what waits until it counts"},
	{"app/newcomer", []string{"app/fault", "app/coded", "app/people", "app/govern", "crdt"}, "who wants to be registered, by the phone page"},
	{"app/photo", []string{"app/fault", "app/coded", "app/people", "app/govern", "crdt"}, "pictures of what was done"},
	{"app/publicity", []string{"app/fault", "app/zone", "app/coded", "app/people", "app/govern", "crdt"}, "notices and the council's minutes"},
	{"app/duty", []string{"app/fault", "app/zone", "app/coded", "app/people", "app/govern", "crdt"}, "what people have taken on for longer than a day"},
	{"app/bylaw", []string{"app/fault", "app/zone", "app/coded", "app/govern", "crdt"}, "the written rules of redemption"},
	{"app/fund", []string{"app/fault", "app/zone", "app/coded", "app/govern", "crdt"}, "the community's money for this purpose"},
	{"app/activity", []string{"app/same", "app/fault", "app/zone", "app/qr", "app/people", "app/scheme", "app/ledger", "app/govern", "crdt"}, ""},
	{"app/order", []string{"app/same", "app/fault", "app/zone", "app/scheme", "app/ledger", "app/govern", "crdt"}, "wishes and the five orders"},
	{"app/shop", []string{"app/same", "app/fault", "app/zone", "app/people", "app/ledger", "app/govern", "crdt"}, ""},
	{"app/settle", []string{"app/fault", "app/zone", "app/ledger", "app/govern", "crdt"}, "what merchants are owed"},
	{"app/partner", []string{"app/fault", "app/zone", "app/settle", "app/ledger", "app/govern", "crdt"}, "other communities: letters and statements"},
	{"app/report", []string{"app/fault", "app/zone", "app/govern", "crdt"}, "monthly figures, signed, and their sums above"},
	{"app/hours", []string{"app/fault", "app/zone", "app/govern", "crdt"}, "certificates of service, and what was sent to the platforms"},
	{"app/assess", []string{"app/fault", "app/zone", "app/coded", "app/people", "app/govern", "crdt"}, "rounds in which a council scores households"},
	{"app/selection", []string{"app/fault", "app/zone", "app/coded", "app/people", "app/govern", "crdt"}, "who is to be honoured, by the residents' votes"},
	{"app/honour", []string{"app/fault", "app/zone", "app/ledger", "app/govern", "crdt"}, "levels and benefits"},
	{"app/sheet", []string{"app/fault", "app/zone", "app/scheme", "app/people", "app/activity", "app/order", "app/settle", "app/partner", "app/report", "app/hours", "app/fund"}, "workbooks in and out of what the subjects know"},
	{"app/law", []string{"app/fault", "app/zone", "app/correction", "app/claim", "app/newcomer", "app/photo", "app/credit", "app/publicity", "app/duty", "app/bylaw", "app/fund", "app/activity", "app/order", "app/shop", "app/settle", "app/partner", "app/report", "app/hours", "app/assess", "app/selection", "app/people", "app/scheme", "app/ledger", "app/govern", "crdt"}, "admission's door"},
	{"app/node", []string{"app/same", "app/fault", "app/zone", "app/law", "app/correction", "app/claim", "app/newcomer", "app/photo", "app/credit", "app/publicity", "app/duty", "app/bylaw", "app/fund", "app/activity", "app/order", "app/shop", "app/settle", "app/partner", "app/report", "app/hours", "app/assess", "app/selection", "app/honour", "app/people", "app/scheme", "app/ledger", "app/govern",
		"app/backup", "app/page", "app/voucher", "app/pass", "app/qr", "app/sheet", "app/dossier", "app/audit", "crdt", "p2p"}, "one running device"},
	{"app/guest", []string{"app/fault", "app/node"}, "one device in several communities"},
	{"app/web", []string{"app/fault"}, "a shell knows the product by an interface of its own"},
	{"app/desktop", []string{"app/fault", "app/web"}, ""},
	{"app/demo", []string{"app/fault", "app/terminal"}, "uses devices as their screens do"},
	{"app/sim", []string{"app", "crdt", "p2p"}, "whole communities in one process"},
	{"app/bench", []string{"app", "crdt", "p2p"}, "measures everything"},
	{"app/boot", []string{"app", "crdt", "p2p", "frontend"}, "the only importer of everything"},
	{"frontend", nil, "embeds dist"},
	{".", []string{"app/boot"}, "main"},
}

// only names who alone may import a library, so that it can be replaced in one
// place and so that no remote byte reaches it another way.
var only = []struct {
	library string
	by      []string
}{
	{"github.com/wailsapp/wails", []string{"app/desktop"}},
	{"github.com/automerge/automerge-go", []string{"crdt/engine"}},
	{"github.com/libp2p", []string{"p2p"}},
	{"github.com/multiformats", []string{"p2p"}},
	{"github.com/grandcat/zeroconf", []string{"p2p/discover"}},
	{"modernc.org/sqlite", []string{"crdt/store"}},
	{"github.com/xuri/excelize", []string{"app/sheet"}},
	{"gopkg.in/natefinch/lumberjack.v2", []string{"app/boot"}},
	{"net", []string{"p2p", "app/terminal", "app/web", "app/desktop", "app/node", "app/guest", "app/demo", "app/boot", "app/bench", "app/sim"}},
	{"C", nil}, // cgo comes with libraries, we write none
}

// tests may reach further, but not across these borders.
var borders = [][2]string{{"crdt", "app"}, {"crdt", "p2p"}, {"p2p", "app"}, {"p2p", "crdt"}}

const module = "jishan"

func TestImports(t *testing.T) {
	seen := 0
	walk(t, func(file string, imports []string) {
		seen++
		pkg := path.Dir(file)
		test := strings.HasSuffix(file, "_test.go") || forTests(pkg)
		for _, imp := range imports {
			if own, ok := strings.CutPrefix(imp, module+"/"); ok {
				judgeOwn(t, file, pkg, own, test)
			} else if !test {
				judgeLibrary(t, file, pkg, imp)
			}
		}
	})
	if seen < 20 {
		t.Fatalf("only %d files were looked at", seen)
	}
}

func judgeOwn(t *testing.T, file, pkg, imp string, test bool) {
	if test {
		for _, b := range borders {
			if covers(b[0], pkg) && covers(b[1], imp) {
				t.Errorf("%s imports %s: %s never imports %s, tests included", file, imp, b[0], b[1])
			}
		}
		return
	}
	if forTests(imp) {
		t.Errorf("%s imports %s, which is for tests", file, imp)
		return
	}
	i := row(pkg)
	if i < 0 {
		t.Errorf("%s: package %s is not in the table of allowed imports", file, pkg)
		return
	}
	ok := slices.ContainsFunc(allowed[i].may, func(m string) bool { return covers(m, imp) })
	if !ok && pkg != imp {
		t.Errorf("%s imports %s, which %s may not", file, imp, pkg)
	}
}

func judgeLibrary(t *testing.T, file, pkg, imp string) {
	for _, o := range only {
		if covers(o.library, imp) && !slices.ContainsFunc(o.by, func(b string) bool { return covers(b, pkg) }) && !harmless(imp) {
			t.Errorf("%s imports %s, which only %v may", file, imp, o.by)
		}
	}
}

// forTests: packages such as wire/wiretest hold what several tests share.
func forTests(pkg string) bool { return strings.HasSuffix(path.Base(pkg), "test") }

// harmless: addresses and query strings are not the network.
func harmless(imp string) bool { return imp == "net/netip" || imp == "net/url" }

// row returns the place of the longest entry that covers a package, or -1.
func row(pkg string) int {
	best := -1
	for i, a := range allowed {
		if covers(a.pkg, pkg) && (best < 0 || len(a.pkg) > len(allowed[best].pkg)) {
			best = i
		}
	}
	return best
}

func covers(name, pkg string) bool {
	return pkg == name || name != "." && strings.HasPrefix(pkg, name+"/")
}

// walk calls f for every Go file, those behind build tags included.
func walk(t *testing.T, f func(file string, imports []string)) {
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || name == "build" || name != "." && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, i := range parsed.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, p)
		}
		f(filepath.ToSlash(name), imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The table itself must be well ordered, or it would allow circles of layers.
func TestTableIsOrdered(t *testing.T) {
	for i, a := range allowed {
		for _, m := range a.may {
			if m == a.pkg || !strings.Contains(m, "/") && m != "frontend" {
				continue // its own rooms, or a whole side
			}
			if j := row(m); j < 0 || j >= i && a.pkg != "." && !(a.pkg == "app/boot") {
				t.Errorf("%s may import %s, which stands further down", a.pkg, m)
			}
		}
	}
}
