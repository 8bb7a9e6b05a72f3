package people_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// A made-up number with a right checksum.
const idNumber = "110101195003072975"

var zhang = people.NewPerson{Name: "张三", Phone: "13800001234", IDNumber: idNumber, Grid: "g1", Address: "1号楼2单元301"}

func TestRegisterGivesTheBonusOnce(t *testing.T) {
	w := newWorld(t, 1)
	r := w.office().register(zhang)
	if r.Existing || r.OnTheWay != 0 || len(r.Code) != people.CodeDigits {
		t.Errorf("%+v", r)
	}
	again := w.office().register(zhang)
	if !again.Existing || again.ID != r.ID || again.Code != r.Code {
		t.Errorf("again: %+v", again)
	}
	p := w.office().get(r.ID)
	if p.Spendable != 10 || p.Lifetime != 10 || p.OnTheWay != 0 || p.Birthday != "1950-03-07" || p.GridName != "第一网格" || p.Masked != "张*" {
		t.Errorf("%+v", p)
	}
}

func TestTwoDevicesRegisterOnePersonApart(t *testing.T) {
	w := newWorld(t, 2)
	a, b := w.join("甲站", govern.Station), w.join("乙站", govern.Station)
	w.meet(w.office(), a, b)
	ra := a.register(zhang)
	rb := b.register(people.NewPerson{Name: " 张 三", IDNumber: "１１０１０１１９５００３０７２９７５", Address: "乙村", Phone: ""})
	if ra.ID != rb.ID || ra.OnTheWay != 10 || rb.OnTheWay != 10 {
		t.Fatalf("%+v %+v", ra, rb)
	}
	if p := a.get(ra.ID); p.OnTheWay != 10 || p.Spendable != 0 {
		t.Errorf("before the meeting: %+v", p.PersonRow)
	}
	w.meet(w.office(), a, b)
	if n, err := w.office().AwardDue(ctx, "op", 100); n != 1 || err != nil {
		t.Fatalf("awarded %d, %v", n, err)
	}
	if n, err := w.office().AwardDue(ctx, "op", 100); n != 0 || err != nil {
		t.Errorf("awarded again: %d, %v", n, err)
	}
	w.meet(w.office(), a, b)
	for _, m := range []*member{w.office(), a, b} {
		if page := m.list(people.Ask{}); page.Total != 1 {
			t.Fatalf("%s: %d people", m.Device.Name, page.Total)
		}
		p := m.get(ra.ID)
		if p.Lifetime != 10 || p.Spendable != 10 || p.OnTheWay != 0 || p.Phone != "13800001234" {
			t.Errorf("%s: %+v", m.Device.Name, p)
		}
		// the same name sealed twice is no conflict, two addresses are
		if len(p.Conflicts) != 1 || p.Conflicts[0].Field != "address" || len(p.Conflicts[0].Values) != 2 {
			t.Errorf("%s: conflicts %+v", m.Device.Name, p.Conflicts)
		}
	}
	if list, err := b.Conflicted(ctx); err != nil || len(list) != 1 {
		t.Errorf("conflicted: %v %v", list, err)
	}
	settled, err := b.Settle(ctx, "op", ra.ID, "address", "乙村")
	if err != nil || settled.Address != "乙村" || len(settled.Conflicts) != 0 {
		t.Errorf("settled: %+v %v", settled.Conflicts, err)
	}
	w.meet(w.office(), a, b)
	if p := a.get(ra.ID); p.Address != "乙村" || len(p.Conflicts) != 0 {
		t.Errorf("after settling: %+v", p)
	}
	same(t, w.office(), a, b)
}

// same compares everything derived on devices that hold the same documents.
func same(t *testing.T, list ...*member) {
	t.Helper()
	var first store.Digests
	for i, m := range list {
		d, err := m.Store.ProjectionDigest(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = d
		}
		for name := range d.Tables {
			if name != "ledger_feed" && len(name) > 6 && name[:6] == "people" && d.Tables[name] != first.Tables[name] {
				t.Errorf("%s differs at %s", name, m.Device.Name)
			}
		}
	}
}

func TestNothingPersonalOnTheDisk(t *testing.T) {
	w := newWorld(t, 3)
	secret := people.NewPerson{Name: "欧阳靐龘", Phone: "13987654321", IDNumber: idNumber, Address: "幸福里九号院", Note: "听力不好请慢说",
		Guardian: "欧阳甲乙丙", Skills: "会修收音机", Birthday: "1950年3月7日"}
	r := w.office().register(secret)
	merchant := w.join("小卖部", govern.Merchant)
	station := w.join("站", govern.Station)
	w.meet(w.office(), merchant, station)
	if p := station.get(r.ID); p.Name != secret.Name || p.Note != secret.Note {
		t.Errorf("the station reads %+v", p)
	}
	for _, m := range []*member{w.office(), merchant, station} {
		for _, s := range []string{secret.Name, secret.Phone, secret.IDNumber, secret.Address, secret.Note, secret.Guardian, secret.Skills, "1950-03-07"} {
			if file := holds(t, m.Dir, s); file != "" {
				t.Errorf("%s: %s holds %q in the clear", m.Device.Name, file, s)
			}
		}
	}
	if page := merchant.list(people.Ask{}); page.Total != 0 {
		t.Error("a merchant lists people")
	}
	if _, err := merchant.Get(ctx, "op", r.ID); !errors.Is(err, fault.New("people.unknown")) {
		t.Errorf("a merchant gets a person: %v", err)
	}
	if items, _ := merchant.Store.SetItems(ctx, "vault", -1); len(items) != 0 {
		t.Error("a merchant holds keys")
	}
	docs, err := merchant.Store.Docs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if p, _ := govern.ParsePath(d.ID); p.Row.Doc == "people" {
			t.Errorf("a merchant holds %s", d.ID)
		}
	}
}

// holds returns the file of the folder that contains the text, "" for none.
func holds(t *testing.T, dir, text string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(text)) {
			return filepath.Base(f)
		}
	}
	return ""
}

func TestErasedIsUnreadableEverywhere(t *testing.T) {
	w := newWorld(t, 4)
	station := w.join("站", govern.Station)
	r := w.office().register(zhang)
	w.meet(w.office(), station)
	if got := station.found("张三"); len(got) != 1 {
		t.Fatal("not found before")
	}
	note := "还在用旧电话"
	if _, err := station.Update(ctx, "op", r.ID, people.Change{Note: &note}); err != nil { // not seen by the office when it erases
		t.Fatal(err)
	}
	if err := w.office().Erase(ctx, "op", r.ID); err != nil {
		t.Fatal(err)
	}
	w.meet(w.office(), station)
	for _, m := range []*member{w.office(), station} {
		for _, q := range []string{"张三", "zhangsan", "1234", r.Code, ""} {
			if got := m.found(q); len(got) != 0 {
				t.Errorf("%s still finds %v by %q", m.Device.Name, got, q)
			}
		}
		if _, err := m.Get(ctx, "op", r.ID); !errors.Is(err, fault.New("people.unknown")) {
			t.Errorf("%s: %v", m.Device.Name, err)
		}
		if err := m.Erase(ctx, "op", r.ID); !errors.Is(err, fault.New("people.unknown")) {
			t.Errorf("%s: erased twice: %v", m.Device.Name, err)
		}
	}
	back := station.register(zhang)
	if back.ID == r.ID || back.Existing || back.OnTheWay != 0 {
		t.Errorf("who comes back is a new one without a bonus: %+v", back)
	}
	w.meet(w.office(), station)
	if got := w.office().found("张三"); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	if n, err := w.office().AwardDue(ctx, "op", 10); n != 0 || err != nil {
		t.Errorf("a second bonus: %d %v", n, err)
	}
}

// A key that arrives after the record makes the person readable.
func TestKeysMayComeLater(t *testing.T) {
	w := newWorld(t, 5)
	station := w.join("站", govern.Station)
	r := w.office().register(zhang)
	id, err := people.ParseID(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, w, station, id.Shard())
	if got := station.list(people.Ask{}); got.Total != 0 {
		t.Errorf("readable without a key: %+v", got.Rows)
	}
	w.meet(w.office(), station)
	if got := station.found("张三"); len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

func deliver(t *testing.T, w *world, to *member, shard int) {
	t.Helper()
	doc := w.office().Charter.Doc("people/" + string([]byte{'0' + byte(shard/10), '0' + byte(shard%10)}))
	list, err := w.office().Store.After(ctx, doc, w.office().Incarnation.Actor(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		to.Receive(w.Office, doc, []seal.Sealed{c.Sealed})
	}
}

func TestSearch(t *testing.T) {
	w := newWorld(t, 6)
	o := w.office()
	r := o.register(zhang)
	o.register(people.NewPerson{Name: "张珊", Phone: "13900005678", Grid: "g2"})
	o.register(people.NewPerson{Name: "单春芳", Phone: "13700001111", Grid: "g2"})
	o.register(people.NewPerson{Name: "阿依古丽·买买提", Phone: "13600002222"})
	o.register(people.NewPerson{Name: "李四", Address: "柳溪小区3栋"})
	for _, x := range []struct {
		q    string
		want []string
	}{
		{"张三", []string{"张三"}}, {"zhangsan", []string{"张三"}}, {"ZhangSan", []string{"张三"}}, {"zhang san", []string{"张三"}},
		{"zs", []string{"张三", "张珊"}}, {"1234", []string{"张三"}}, {r.Code, []string{"张三"}}, {"13800001234", []string{"张三"}},
		{idNumber, []string{"张三"}}, {"2975", []string{"张三"}}, {"zhang", []string{"张三", "张珊"}},
		{"shanchunfang", []string{"单春芳"}}, {"danchunfang", []string{"单春芳"}}, {"scf", []string{"单春芳"}},
		{"古丽", []string{"阿依古丽·买买提"}}, {"柳溪", []string{"李四"}}, {"12", nil}, {"没有这个人", nil}, {"%", nil},
	} {
		if got := o.found(x.q); !reflect.DeepEqual(got, x.want) {
			t.Errorf("%q finds %v, not %v", x.q, got, x.want)
		}
	}
	if page := o.list(people.Ask{Grid: "g2", Sort: "name", Desc: true}); page.Total != 2 || page.Rows[0].Name != "张珊" {
		t.Errorf("by grid: %+v", page)
	}
	if page := o.list(people.Ask{Grid: people.NoGrid}); page.Total != 2 {
		t.Errorf("%d people of no grid", page.Total)
	}
	if page := o.list(people.Ask{Offset: 4, Limit: 3}); page.Total != 5 || len(page.Rows) != 1 {
		t.Errorf("last page: %d of %d", len(page.Rows), page.Total)
	}
	for _, a := range []people.Ask{{Limit: 201}, {Offset: -1}, {Limit: 1, Sort: "phone"}} {
		if _, err := o.List(ctx, a); fault.Of(err).Code == "internal" {
			t.Errorf("%+v: %v", a, err)
		}
	}
	grids, err := o.Grids(ctx)
	if err != nil || len(grids) != 3 || grids[1].N != 2 || grids[2].N != 2 {
		t.Errorf("grids: %+v %v", grids, err)
	}
}

// 1371 is the end of one number, the beginning of another and the middle of a
// third; no other order brings the second before the first.
func TestATailIsTheEndOfANumber(t *testing.T) {
	w := newWorld(t, 6)
	o := w.office()
	o.register(people.NewPerson{Name: "周初", Phone: "13710009999"})
	o.register(people.NewPerson{Name: "周末", Phone: "13900001371"})
	o.register(people.NewPerson{Name: "周中", Phone: "13813710000"})
	for _, x := range []struct {
		ask  people.Ask
		want []string
	}{
		{people.Ask{Q: "1371"}, []string{"周末", "周初"}}, {people.Ask{Q: "1371", Sort: "created"}, []string{"周末", "周初"}},
		{people.Ask{Q: "13710"}, []string{"周初", "周中"}},
	} {
		if got := o.names(x.ask); !slices.Equal(got, x.want) {
			t.Errorf("%+v finds %v, not %v", x.ask, got, x.want)
		}
	}
}

func TestUpdateAndRefusals(t *testing.T) {
	w := newWorld(t, 7)
	o := w.office()
	r := o.register(zhang)
	phone, flags := "+86 139-1111-2222", []string{"unable", "away", "away"}
	p, err := o.Update(ctx, "op", r.ID, people.Change{Phone: &phone, Flags: &flags})
	if err != nil || p.Phone != "13911112222" || !slices.Equal(p.Flags, []string{"away", "unable"}) {
		t.Errorf("%+v %v", p, err)
	}
	if got := o.found("1234"); len(got) != 0 {
		t.Errorf("the old phone still finds %v", got)
	}
	empty, bad, rude := "", "123", []string{"rude"}
	for name, c := range map[string]people.Change{
		"people.name.bad": {Name: &empty}, "people.phone.bad": {Phone: &bad}, "people.idNumber.bad": {IDNumber: &bad}, "people.birthday.bad": {Birthday: &bad},
		"people.grid.unknown": {Grid: &bad}, "people.usualPlace.unknown": {UsualPlace: &bad}, "people.household.unknown": {Household: &bad}, "people.flag.bad": {Flags: &rude},
	} {
		if _, err := o.Update(ctx, "op", r.ID, c); !errors.Is(err, fault.New(name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{"", "x", "00000000000000000000000000"} {
		if _, err := o.Update(ctx, "op", id, people.Change{Phone: &phone}); fault.Of(err).Code == "internal" {
			t.Errorf("id %q: %v", id, err)
		}
	}
	if _, err := o.Register(ctx, "op", people.NewPerson{Name: "王五"}); !errors.Is(err, fault.New("people.contact.missing")) {
		t.Errorf("no contact: %v", err)
	}
}

// What registering demands, editing can't take away.
func TestTheLastContactStays(t *testing.T) {
	o := newWorld(t, 31).office()
	id := o.register(people.NewPerson{Name: "王五", Phone: "13900000005", Address: "2-3-101"}).ID
	empty, blank, phone, address := "", " ", "13900000006", "2-3-102"
	missing := fault.New("people.contact.missing")
	for _, c := range []people.Change{{Phone: &empty, Address: &empty}, {Phone: &blank, Address: &blank}, {Phone: &empty, Address: &empty, IDNumber: &empty}} {
		if _, err := o.Update(ctx, "op", id, c); !errors.Is(err, missing) {
			t.Errorf("both at once: %v", err)
		}
	}
	if p, err := o.Update(ctx, "op", id, people.Change{Phone: &empty}); err != nil || p.Phone != "" || p.Address != "2-3-101" {
		t.Errorf("one of two: %+v %v", p, err)
	}
	if _, err := o.Update(ctx, "op", id, people.Change{Address: &empty}); !errors.Is(err, missing) {
		t.Errorf("the last one: %v", err)
	}
	if _, err := o.Settle(ctx, "op", id, "address", ""); !errors.Is(err, missing) {
		t.Errorf("settled away: %v", err)
	}
	if p, err := o.Update(ctx, "op", id, people.Change{Address: &empty, Phone: &phone}); err != nil || p.Phone != phone || p.Address != "" {
		t.Errorf("one for the other: %+v %v", p, err)
	}
	if p, err := o.Update(ctx, "op", id, people.Change{Address: &address}); err != nil || p.Address != address {
		t.Errorf("one more: %+v %v", p, err)
	}
}

// What was written a moment ago counts, though the list in memory does not know of it
// yet: two edits that each leave one contact don't take both away together.
func TestTheLastContactStaysWhileTheListIsOld(t *testing.T) {
	o := newWorld(t, 33).office()
	id, err := people.ParseID(o.register(people.NewPerson{Name: "王五", Phone: "13900000005", Address: "2-3-101"}).ID)
	if err != nil {
		t.Fatal(err)
	}
	empty, phone := "", "13900000006"
	one := func(c people.Change) func(*store.Tx) error {
		return func(tx *store.Tx) error { return o.UpdateIn(tx, id, c) }
	}
	err = o.Do(func(tx *store.Tx) error {
		return errors.Join(one(people.Change{Phone: &empty})(tx), one(people.Change{Address: &empty})(tx))
	})
	if !errors.Is(err, fault.New("people.contact.missing")) {
		t.Errorf("both are gone: %v", err)
	}
	o.Must(func(tx *store.Tx) error {
		return errors.Join(one(people.Change{Address: &empty})(tx), one(people.Change{Address: &phone, Phone: &empty})(tx))
	})
}

func TestViewsAreLogged(t *testing.T) {
	w := newWorld(t, 8)
	o := w.office()
	r := o.register(zhang)
	id, _ := people.ParseID(r.ID)
	told := 0
	o.Store.OnCommit(func(store.Commit) { told++ })
	see := func(operator string, after time.Duration) {
		w.Clock += after.Milliseconds()
		if _, err := o.Get(ctx, operator, r.ID); err != nil {
			t.Fatal(err)
		}
	}
	see("甲", 0)
	see("甲", 9*time.Minute) // still the same look
	see("乙", 0)
	see("甲", 2*time.Minute) // 11 minutes after the first
	see("甲", -time.Hour)    // a clock that was put back hides nothing
	views, total, err := o.Views(ctx, id, 0, 10)
	if err != nil || total != 4 || len(views) != 4 || views[0].Operator != "甲" || views[2].Operator != "乙" || views[1].At-views[3].At != (11*time.Minute).Milliseconds() {
		t.Errorf("%+v %d %v", views, total, err)
	}
	if page, total, err := o.Views(ctx, id, 3, 10); err != nil || total != 4 || len(page) != 1 || page[0] != views[3] {
		t.Errorf("the last page: %+v %d %v", page, total, err)
	}
	if told != 0 {
		t.Errorf("looking told %d changes", told)
	}
	station := w.join("站", govern.Station)
	w.meet(o, station)
	if _, total, _ := station.Views(ctx, id, 0, 10); total != 0 {
		t.Error("the view log travelled")
	}
}

func TestOldViewsGo(t *testing.T) {
	w := newWorld(t, 8)
	o := w.office()
	r := o.register(zhang)
	id, _ := people.ParseID(r.ID)
	rows := func(n int, at int64) {
		o.Must(func(tx *store.Tx) error {
			_, err := tx.Exec(`WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ?1) INSERT INTO local_view (at, operator, person) SELECT ?2, '甲', ?3 FROM k`, n, at, id[:])
			return err
		})
	}
	look := func(want int) {
		t.Helper()
		w.Clock += (11 * time.Minute).Milliseconds()
		o.get(r.ID)
		if _, total, err := o.Views(ctx, id, 0, 1); err != nil || total != want {
			t.Errorf("%d rows, %v; want %d", total, err, want)
		}
	}
	rows(5, w.Clock-366*24*time.Hour.Milliseconds())
	rows(3, w.Clock)
	look(4) // the five are older than a year
	rows(50_000, w.Clock)
	look(50_000)
}

func TestHouseholds(t *testing.T) {
	w := newWorld(t, 9)
	o := w.office()
	a := o.register(zhang).ID
	b := o.register(people.NewPerson{Name: "李四", Phone: "13900000001"}).ID
	c := o.register(people.NewPerson{Name: "王五", Phone: "13900000002"}).ID
	h, err := o.Household(ctx, "op", "", []string{a, b, c}, b)
	if err != nil {
		t.Fatal(err)
	}
	p := o.get(a)
	if p.HouseholdName != "李四" || len(p.Members) != 3 || !p.Members[0].Head || p.Members[0].ID != b {
		t.Errorf("%+v", p.Members)
	}
	split, err := o.Household(ctx, "op", "", []string{b}, "")
	if err != nil || split == h {
		t.Fatal(err)
	}
	if p := o.get(a); p.HouseholdName != "张三" || len(p.Members) != 2 {
		t.Errorf("the head left: %q %+v", p.HouseholdName, p.Members)
	}
	if _, err := o.Household(ctx, "op", h, []string{a, b, c}, a); err != nil {
		t.Fatal(err)
	}
	if p := o.get(b); p.Household != h || p.HouseholdName != "张三" || len(p.Members) != 3 {
		t.Errorf("merged: %+v", p.Members)
	}
	for code, call := range map[string]func() error{
		"people.household.members": func() error { _, err := o.Household(ctx, "op", h, nil, ""); return err },
		"people.household.head":    func() error { _, err := o.Household(ctx, "op", h, []string{a}, b); return err },
		"people.household.unknown": func() error { _, err := o.Household(ctx, "op", a, []string{a}, a); return err },
		"people.unknown": func() error {
			_, err := o.Household(ctx, "op", h, []string{people.ID{1}.String()}, "")
			return err
		},
	} {
		if err := call(); !errors.Is(err, fault.New(code)) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestRotatedKeysReachNewValuesOnly(t *testing.T) {
	w := newWorld(t, 10)
	a, b := w.join("甲站", govern.Station), w.join("乙站", govern.Station)
	r := w.office().register(zhang)
	w.meet(w.office(), a, b)
	w.Office.Must(func(tx *store.Tx) error {
		return w.Office.Charter.Revoke(tx, w.Rand, govern.Withdrawal{Device: a.Key.Public(), Why: "lost"})
	})
	w.meet(w.office(), b)
	note := "换锁之后"
	if _, err := b.Update(ctx, "op", r.ID, people.Change{Note: &note}); err != nil {
		t.Fatal(err)
	}
	w.meet(w.office(), b)
	if p := w.office().get(r.ID); p.Note != note || p.Name != "张三" {
		t.Errorf("%+v", p)
	}
	before, _ := a.Store.SetItems(ctx, "vault", -1)
	after, _ := b.Store.SetItems(ctx, "vault", -1)
	if len(after) != len(before)+1 {
		t.Errorf("%d keys before, %d after", len(before), len(after))
	}
	kept, err := a.Charter.Keyring() // the thief's, from before it was revoked
	if err != nil {
		t.Fatal(err)
	}
	ring, err := b.Charter.Keyring()
	if err != nil {
		t.Fatal(err)
	}
	known := map[[32]byte]bool{}
	for _, it := range before {
		known[it.ID] = true
	}
	for _, it := range after {
		if people.Opens(kept, it) != known[it.ID] || !people.Opens(ring, it) {
			t.Errorf("a key from before the revocation: %v; the thief opens it: %v, the others: %v", known[it.ID], people.Opens(kept, it), people.Opens(ring, it))
		}
	}
}

// Other subjects ask for names while they read. With more readers than the
// store has connections, and a writer between them, nobody may wait for ever.
func TestNamesAreAskedWhileReading(t *testing.T) {
	w := newWorld(t, 11)
	o := w.office()
	id, err := people.ParseID(o.register(zhang).ID)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			for range 20 {
				err := o.Store.View(ctx, func(store.Querier) error {
					got, err := o.Briefs(ctx, id)
					if err == nil && got[id].Name != "张三" {
						err = errors.New("no name")
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 20 {
		o.register(people.NewPerson{Name: "李四", Phone: "137000000" + string([]byte{'0' + byte(i/10), '0' + byte(i%10)})})
	}
	wg.Wait()
}
