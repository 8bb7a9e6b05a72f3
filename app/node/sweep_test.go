package node

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/zone"
)

// The sweep plays nonsense on every call of the program's own tables, so a new
// call is swept without anybody thinking of it. Whatever comes, the answer is a
// result or a code that the screens have words for, soon, and a refusal has
// written nothing.

// answersWithin bounds one answer. A call takes milliseconds; the rest is for a
// machine that is busy with other tests, and a slow answer is asked for again.
const answersWithin = 2 * time.Second

// long is text that no field has room for.
var long = strings.Repeat("长", 20_000)

// oddTexts stand in for every text of a request, oddNumbers for every number:
// ids of the right shape that nobody has, ids of no shape, what terminals and
// file systems would act on.
var (
	oddTexts = []string{"", " ", "x", strings.Repeat("0", 26), "01j00000000000000000000000", strings.Repeat("0", 52), strings.Repeat("0", 64),
		"-1", "99999999999999999999999999", "../../etc/passwd", "a\x00b\x1b[31m\u202e", "' OR 1=1 --", "2026-99-99", "JISHAN1:ABC", long}
	oddNumbers = []int64{0, -1, 1, math.MinInt64, math.MaxInt64, math.MaxInt64 - 1, 1 << 53, -1 << 31, 7}
	deep       = strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	// wrongKinds are never what a field takes, but where it takes anything.
	wrongKinds = []string{`{"a":{"b":[null]}}`, `[[[]]]`, `1e400`, `1.5`, `true`, `"\ud800"`, deep}
	// noRequests are no requests at all.
	noRequests = []string{``, `{}`, `null`, `[]`, `5`, `"x"`, `{"nobody":1}`, `{} {}`, `{`, "\xff", `{"id":` + deep + `}`, deep, `{"id":"` + long + `"}`}
)

// shapes writes a request of type t: as it should look, then with one field at a
// time as it should not.
type shapes struct {
	known map[string]any // by the field's name: what the community really has
	out   []string
}

// requests are all that is asked of a call with requests of type t.
func requests(t reflect.Type, known map[string]any) []string {
	s := shapes{known: known}
	s.out = append(s.out, noRequests...)
	s.out = append(s.out, shapes{}.plain(t, "", 0)) // all of it unknown
	s.vary(t, "", func(v string) { s.out = append(s.out, v) }, 0)
	return s.out
}

// deepest is how many requests lie in each other, where one holds itself.
const deepest = 4

// vary calls use with each variant of t.
func (s shapes) vary(t reflect.Type, field string, use func(string), depth int) {
	if t.Kind() == reflect.Pointer {
		use(`null`)
		t = t.Elem()
	}
	use(s.plain(t, field, depth))
	for _, v := range wrongKinds {
		use(v)
	}
	switch t.Kind() {
	case reflect.String:
		for _, v := range oddTexts {
			use(quoted(v))
		}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Int32, reflect.Uint32, reflect.Uint, reflect.Float64:
		for _, v := range oddNumbers {
			use(fmt.Sprint(v))
		}
	case reflect.Bool:
		use(`true`)
	case reflect.Slice, reflect.Array:
		use(`[]`)
		use(`[null]`)
		one := s.plain(t.Elem(), field, depth+1)
		use(`[` + one + `,` + one + `]`)
		use(`[` + strings.TrimSuffix(strings.Repeat(one+`,`, 3000), `,`) + `]`)
		if depth < deepest {
			s.vary(t.Elem(), field, func(v string) { use(`[` + v + `]`) }, depth+1)
		}
	case reflect.Map:
		use(`{"":null}`)
	case reflect.Struct:
		s.varyFields(t, use, depth)
	}
}

func (s shapes) varyFields(t reflect.Type, use func(string), depth int) {
	if depth >= deepest {
		return
	}
	fields := fieldsOf(t)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		s.vary(fields[name], name, func(v string) { use(s.object(fields, depth, name, v)) }, depth+1)
	}
}

// object is a request in order but for one field.
func (s shapes) object(fields map[string]reflect.Type, depth int, odd, value string) string {
	parts := []string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := value
		if name != odd {
			v = s.plain(fields[name], name, depth+1)
		}
		parts = append(parts, quoted(name)+`:`+v)
	}
	return `{` + strings.Join(parts, `,`) + `}`
}

// plain is a value as it should look: the community's own where there is one by
// the field's name.
func (s shapes) plain(t reflect.Type, field string, depth int) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v, ok := s.known[field]; ok && reflect.TypeOf(v).ConvertibleTo(t) && (reflect.TypeOf(v).Kind() == reflect.String) == (t.Kind() == reflect.String) {
		return quoted(v)
	}
	switch t.Kind() {
	case reflect.String:
		return quoted(strings.Repeat("0", 26))
	case reflect.Bool:
		return `false`
	case reflect.Slice, reflect.Array:
		if depth >= deepest {
			return `[]`
		}
		return `[` + s.plain(t.Elem(), strings.TrimSuffix(field, "s"), depth+1) + `]`
	case reflect.Map:
		return `{}`
	case reflect.Struct:
		if depth >= deepest {
			return `{}`
		}
		return s.object(fieldsOf(t), depth, "", "")
	case reflect.Interface:
		return `null`
	}
	return `1`
}

// fieldsOf are the JSON fields of a struct, those of embedded ones among them.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" || !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		out[name] = f.Type
	}
	return out
}

func quoted(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers of this file
	}
	return string(b)
}

// words are the codes that have a sentence in both languages.
func words(t *testing.T) func(code string) bool {
	t.Helper()
	key := regexp.MustCompile(`(?m)^\s+'?(\w+)'?: ['"` + "`" + `]`)
	has := map[string]int{}
	for _, language := range []string{"zh", "en"} {
		files, err := filepath.Glob("../../frontend/src/i18n/" + language + "/*fault.ts")
		if err != nil || len(files) == 0 {
			t.Fatal("no words:", err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range key.FindAllStringSubmatch(string(b), -1) {
				has[m[1]]++
			}
		}
	}
	return func(code string) bool { return has[strings.ReplaceAll(code, ".", "_")] == 2 }
}

// sweep is one device under the sweep.
type sweep struct {
	*device
	has      func(code string) bool
	db       *sql.DB // looks from outside whether anything was written
	every    int     // of so many requests one is asked
	asked    int
	answered map[string]int // by code; "" for a result
}

func sweeping(d *device, has func(string) bool) *sweep {
	d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, databaseFile)+"?mode=ro")
	if err != nil {
		d.t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // data_version counts for one connection
	d.t.Cleanup(func() { _ = db.Close() })
	return &sweep{device: d, has: has, db: db, every: 1, answered: map[string]int{}}
}

// version changes with every commit of the database, whoever makes it.
func (s *sweep) version() (n int64) {
	s.t.Helper()
	if err := s.db.QueryRow("PRAGMA data_version").Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// quiet waits until the chores have written what they had to.
func (s *sweep) quiet() {
	for still, last := 0, s.version(); still < 10; still++ {
		time.Sleep(20 * time.Millisecond)
		if v := s.version(); v != last {
			still, last = 0, v
		}
	}
}

type caller func(context.Context, string, json.RawMessage) (any, error)

// ending are calls that may end what the others are asked about: they come last.
var ending = regexp.MustCompile(`\.(cancel|finish|revoke|replaceCard|blockCard|undo|rosterUndo|endReservation|anew|done|close|final|recall|household)$`)

func ends(name string) int {
	if ending.MatchString(name) {
		return 1
	}
	return 0
}

// all asks every call of a table everything.
func (s *sweep) all(table map[string]handler, call caller, known func(name string) map[string]any) {
	s.t.Helper()
	names := slices.Sorted(maps.Keys(table))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(ends(a), ends(b)) })
	for _, name := range names {
		if table[name].takes == nil {
			s.t.Errorf("%s does not say what it takes", name)
			continue
		}
		for i, r := range requests(table[name].takes, known(name)) {
			if i%s.every == 0 || i < len(noRequests) {
				s.ask(call, name, r)
			}
		}
	}
}

// ask makes one call. What looks like a write of a refused call, or like a slow
// answer, may be the chores' or the machine's: it counts if it comes again.
func (s *sweep) ask(call caller, name, request string) {
	s.t.Helper()
	var why string
	for try := range 3 {
		if try > 0 {
			s.quiet()
		}
		if why = s.once(call, name, request); why == "" {
			return
		}
	}
	s.t.Errorf("%s %.300s: %s", name, request, why)
}

// once tells what is wrong with an answer, "" if nothing is.
func (s *sweep) once(call caller, name, request string) (why string) {
	defer func() {
		if v := recover(); v != nil {
			why = fmt.Sprint("panic: ", v)
		}
	}()
	s.asked++
	before, begin := s.version(), time.Now()
	v, err := call(s.t.Context(), name, json.RawMessage(request))
	if took := time.Since(begin); took > answersWithin {
		return fmt.Sprint("took ", took)
	}
	if err == nil {
		s.answered[""]++
		if _, err := json.Marshal(v); err != nil {
			return fmt.Sprint("a result that is no JSON: ", err)
		}
		return ""
	}
	code := fault.Of(err).Code
	s.answered[code]++
	switch {
	case code == "internal":
		return fmt.Sprint("internal: ", err)
	case !s.has(code):
		return "no words for " + code
	case s.version() != before:
		return "refused with " + code + ", and something was written"
	}
	return ""
}

// files asks for every file that can be saved, with every odd text.
func (s *sweep) files() {
	s.t.Helper()
	b, err := os.ReadFile("files.go")
	if err != nil {
		s.t.Fatal(err)
	}
	names := []string{"bundle", "", "x", "../settings.json", long}
	for _, m := range regexp.MustCompile(`case "([a-z.-]+)":`).FindAllStringSubmatch(string(b), -1) {
		names = append(names, m[1])
	}
	fields := regexp.MustCompile(`q\.Get\("(\w+)"\)`).FindAllStringSubmatch(string(b), -1)
	if len(names) < 8 || len(fields) < 8 {
		s.t.Fatalf("the table of files was not found: %q %q", names, fields)
	}
	get := func(_ context.Context, name string, q json.RawMessage) (any, error) {
		v, err := url.ParseQuery(string(q))
		if err == nil {
			_, err = s.File(s.t.Context(), name, v)
		}
		return nil, err
	}
	for _, name := range names {
		s.ask(get, name, "")
		for _, f := range fields {
			for _, odd := range oddTexts {
				s.ask(get, name, url.Values{f[1]: {odd}}.Encode())
			}
		}
	}
}

// peopled gives a community one of everything, and returns it by the names that
// requests have for it.
func peopled(office *device) func(call string) map[string]any {
	office.t.Helper()
	p := office.must("people.register", person("张三", "13900000001"))["id"]
	now := time.Now()
	offer := office.shelf("香皂", 1, 9)
	item := office.must("scheme.get", object{})["items"].([]any)[0].(object)["code"]
	day := now.In(zone.China).Format(time.DateOnly)
	start, end := now.Add(-time.Hour).UnixMilli(), now.Add(time.Hour).UnixMilli()
	activity := office.must("activity.publish", object{"title": "楼道清扫", "type": "环境治理", "start": start, "end": end, "place": "和平里 2 号院", "places": 1,
		"item": item, "organiser": "经办人甲", "note": ""})["id"]
	wish := office.must("order.post", object{"person": p, "type": "助浴", "project": "", "text": "洗澡", "address": "", "phone": "", "via": "call", "once": "a"})["id"]
	team := office.must("team.save", object{"id": "", "name": "助浴队", "lead": p, "closed": false, "members": []any{p}})["id"]
	known := map[string]any{"person": p, "member": p, "head": p, "offer": offer, "item": item, "code": item, "month": day[:7], "period": day[:4],
		"from": day, "day": day, "name": "名字", "grid": "一网格", "text": "姓名\t电话\n李四\t13900000002", "at": now.UnixMilli(),
		"place": place(office, "柳溪实践站"), "device": stationID(office), "limit": int(10), "phone": "13900000009", "role": "station",
		"operator": "经办人甲", "community": "柳溪社区", "points": 3, "n": 1,
		"kind": "goods", "unit": "1 块", "title": "楼道清扫", "type": "助浴", "start": start, "end": end, "places": 2, "team": team, "organiser": "经办人甲",
		"via": "call", "minutes": 60, "inAt": start, "outAt": end, "activity": activity, "sort": "name", "to": day}
	return func(call string) map[string]any {
		out := maps.Clone(known)
		subject, _, _ := strings.Cut(call, ".")
		out["id"] = map[string]any{"people": p, "shop": offer, "devices": known["device"], "till": p, "honour": p, "activity": activity,
			"order": wish, "job": wish, "team": team, "phone": activity}[subject]
		if out["id"] == nil {
			delete(out, "id")
		}
		return out
	}
}

// signedIn adds the token of the person's own phone, where he can sign in: a
// merchant's device has no phone pages.
func (d *device) signedIn(known func(string) map[string]any) func(string) map[string]any {
	d.t.Helper()
	var token any
	if p, err := d.call("people.get", object{"id": known("people.get")["id"]}); err == nil {
		in, err := d.phone("phone.signIn", object{"code": p["code"], "tail": "0001"})
		if err != nil {
			d.t.Error("no phone can be swept:", err)
		}
		token = in["token"]
	}
	return func(call string) map[string]any {
		out := known(call)
		if token != nil {
			out["token"] = token
		}
		return out
	}
}

func TestSweepOfAllCalls(t *testing.T) {
	has := words(t)
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	known := peopled(office)
	eventually(t, "the others have heard of it", func() bool { return office.sync("onlyHere") == 0 })
	for _, d := range []*device{office, station, merchant} {
		d.must("devices.pause", object{"on": true}) // what one is asked shall not be seen at another
	}
	t.Run("all", func(t *testing.T) {
		for role, d := range map[string]*device{"merchant": merchant, "station": station, "office": office} {
			t.Run(role, func(t *testing.T) {
				t.Parallel()
				s := sweeping(&device{Node: d.Node, t: t, dir: d.dir}, has)
				if role != "office" { // which has all calls; at the others some are refused, the rest is the same
					s.every = 3
				}
				s.quiet()
				begin := time.Now()
				s.all(d.phoneCalls, d.phoneOpened, s.signedIn(known))
				s.all(d.calls, d.Call, known)
				s.files()
				t.Logf("%d questions in %v, answers %v", s.asked, time.Since(begin).Round(time.Millisecond), s.answered)
				if s.answered["app.locked"] > 0 || s.answered["app.phase"] > 0 {
					t.Errorf("the sweep met a closed door: %v", s.answered)
				}
				s.sound()
			})
		}
	})
	d := start(t, t.TempDir()) // belongs to no community yet
	s := &sweep{device: d, has: has, db: memory(t), every: 4, answered: map[string]int{}}
	s.all(d.phoneCalls, d.phoneOpened, known)
	calls := maps.Clone(d.calls)
	for _, begins := range []string{"setup.sample", "setup.create"} {
		delete(calls, begins)
	}
	s.all(calls, d.Call, known)
	s.files()
	if left, err := os.ReadDir(d.dir); err != nil || d.must("app.state", object{})["phase"] != "new" || slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() == databaseFile }) {
		t.Errorf("a new device after the sweep: %v %v %v", left, err, s.answered)
	}
}

// memory stands for the database of a device that has none.
func memory(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
