package publicity_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/people"
	"jishan/app/publicity"
	"jishan/app/zone"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const hour = 3_600_000

func world(t *testing.T, seed uint64) (*governtest.World, map[*governtest.Device]*publicity.Board) {
	boards := map[*governtest.Device]*publicity.Board{}
	w := governtest.New(t, seed, func(d *governtest.Device) ([]store.Projector, admit.Rules) {
		b := publicity.New(d.Charter.Doc)
		boards[d] = b
		return []store.Projector{b}, nil
	})
	return w, boards
}

func text() publicity.Notice {
	return publicity.Notice{Kind: publicity.Display, Title: "院里添六条长椅", Body: "议事会通过。\n有意见请在期内提出。", Contact: "办公室 0351-0000000", From: governtest.Start - hour, Until: governtest.Start + 7*24*hour, By: "经办人甲"}
}

func meeting() publicity.Minutes {
	return publicity.Minutes{Title: "三月议事会", At: governtest.Start - hour, Place: "会议室", Present: []people.ID{{9}, {3}, {9}}, Others: 5, By: "经办人甲",
		Matters: []publicity.Done{{Matter: publicity.Matter{Title: "添长椅", Decision: "添六条", For: 6, Against: 1}}}}
}

func refused(t *testing.T, code string, err error) {
	t.Helper()
	if !errors.Is(err, fault.New(code)) {
		t.Errorf("got %v, want %s", err, code)
	}
}

// A notice hangs on its days and no others, until it is withdrawn; two who withdraw it
// apart say one thing everywhere.
func TestNoticeHangsOnItsDays(t *testing.T) {
	w, boards := world(t, 701)
	one, two := w.Join("一站", govern.Station), w.Join("二站", govern.Station)
	w.Meet(w.Office, one, two)
	var id string
	w.Office.Must(func(tx *store.Tx) (err error) { id, err = boards[w.Office].Post(tx, text()); return err })
	w.Meet(w.Office, one, two)
	state := func(d *governtest.Device, now int64) (out string) {
		d.Must(func(tx *store.Tx) error {
			all, err := boards[d].List(tx, now, true)
			if err != nil || len(all) != 1 || all[0].ID != id {
				t.Fatalf("%s: %+v, %v", d.Name, all, err)
			}
			hangs, err := boards[d].List(tx, now, false)
			if (len(hangs) == 1) != (all[0].State == publicity.InForce) {
				t.Errorf("%s: %d hang, it is %s", d.Name, len(hangs), all[0].State)
			}
			out = all[0].State
			return err
		})
		return out
	}
	n := text()
	for at, want := range map[int64]string{n.From - 1: publicity.Ahead, n.From: publicity.InForce, n.Until - 1: publicity.InForce, n.Until: publicity.Over} {
		if got := state(one, at); got != want {
			t.Errorf("at %d it is %s, want %s", at-n.From, got, want)
		}
	}
	one.Must(func(tx *store.Tx) error { return boards[one].Withdraw(tx, id, "日期写错了", "甲") })
	w.Clock += hour
	two.Must(func(tx *store.Tx) error { return boards[two].Withdraw(tx, id, "数写错了", "乙") })
	w.Meet(one, two, w.Office)
	for _, d := range []*governtest.Device{w.Office, one, two} {
		d.Must(func(tx *store.Tx) error {
			x, err := boards[d].Notice(tx, id)
			if x.Reason != "日期写错了" || x.Off == 0 {
				t.Errorf("%s: withdrawn because of %q", d.Name, x.Reason)
			}
			return err
		})
		if s := state(d, w.Clock); s != publicity.Withdrawn {
			t.Errorf("%s: it is %s", d.Name, s)
		}
	}
	err := one.DoAs(context.Background(), "甲", func(tx *store.Tx) error { return boards[one].Withdraw(tx, id, "再撤", "甲") })
	refused(t, "publicity.off", err)
}

// What is no notice is refused, and nothing of it is written.
func TestNoticeRefused(t *testing.T) {
	w, boards := world(t, 702)
	for what, c := range map[string]struct {
		code string
		make func(*publicity.Notice)
	}{
		"a kind":          {"publicity.kind", func(n *publicity.Notice) { n.Kind = "poem" }},
		"no title":        {"publicity.text", func(n *publicity.Notice) { n.Title = " " }},
		"a long title":    {"publicity.text", func(n *publicity.Notice) { n.Title = strings.Repeat("长", publicity.MaxTitle+1) }},
		"two lines":       {"publicity.text", func(n *publicity.Notice) { n.Title = "一\n二" }},
		"a long body":     {"publicity.text", func(n *publicity.Notice) { n.Body = strings.Repeat("长", publicity.MaxBody+1) }},
		"a turned body":   {"publicity.text", func(n *publicity.Notice) { n.Body = "a\u202eb" }},
		"backwards":       {"publicity.days", func(n *publicity.Notice) { n.Until = n.From }},
		"for ever":        {"publicity.days", func(n *publicity.Notice) { n.Until = n.From + 400*24*hour }},
		"over already":    {"publicity.days", func(n *publicity.Notice) { n.From, n.Until = n.From-9*hour, n.From }},
		"about nothing":   {"publicity.minutes", func(n *publicity.Notice) { n.About = strings.Repeat("0", 26) }},
		"a long contact":  {"publicity.text", func(n *publicity.Notice) { n.Contact = strings.Repeat("1", 61) }},
		"a grid too long": {"publicity.text", func(n *publicity.Notice) { n.Grid = strings.Repeat("1", 61) }},
	} {
		n := text()
		c.make(&n)
		t.Run(what, func(t *testing.T) {
			refused(t, c.code, w.Office.DoAs(context.Background(), "甲", func(tx *store.Tx) error { _, err := boards[w.Office].Post(tx, n); return err }))
		})
	}
	w.Office.Must(func(tx *store.Tx) error {
		all, err := boards[w.Office].List(tx, w.Clock, true)
		if len(all) != 0 {
			t.Errorf("%d notices", len(all))
		}
		return err
	})
}

// Minutes keep who came and how many voted, what was done follows, and a notice of them
// is found from them; wrong minutes are withdrawn.
func TestCouncil(t *testing.T) {
	w, boards := world(t, 703)
	b := boards[w.Office]
	var id, note string
	w.Office.Must(func(tx *store.Tx) (err error) {
		if id, err = b.Enter(tx, meeting()); err != nil {
			return err
		}
		n := text()
		n.About = id
		note, err = b.Post(tx, n)
		return err
	})
	w.Office.Must(func(tx *store.Tx) error { return b.Act(tx, id, 0, "长椅已安好", "甲") })
	refused(t, "council.acted", w.Office.DoAs(context.Background(), "甲", func(tx *store.Tx) error { return b.Act(tx, id, 0, "又安一次", "甲") }))
	refused(t, "council.acted", w.Office.DoAs(context.Background(), "甲", func(tx *store.Tx) error { return b.Act(tx, id, 1, "没有这一项", "甲") }))
	station := w.Join("一站", govern.Station)
	w.Meet(w.Office, station)
	station.Must(func(tx *store.Tx) error {
		list, err := boards[station].Meetings(tx)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		m := list[0]
		if len(m.Present) != 2 || m.Present[0] != (people.ID{3}) || m.Others != 5 || m.Matters[0].For != 6 || m.Matters[0].Against != 1 || m.Matters[0].Action != "长椅已安好" {
			t.Errorf("%+v", m)
		}
		about, err := boards[station].About(tx, w.Clock, id)
		if len(about) != 1 || about[0].ID != note {
			t.Errorf("%+v", about)
		}
		return err
	})
	station.Must(func(tx *store.Tx) error { return boards[station].Strike(tx, id, "记错了票数", "乙") })
	n := text()
	n.About = id
	refused(t, "publicity.minutes", station.DoAs(context.Background(), "乙", func(tx *store.Tx) error { _, err := boards[station].Post(tx, n); return err }))
	refused(t, "publicity.off", station.DoAs(context.Background(), "乙", func(tx *store.Tx) error { return boards[station].Act(tx, id, 0, "办了", "乙") }))
	for code, change := range map[string]func(*publicity.Minutes){
		"publicity.text":  func(m *publicity.Minutes) { m.Title = "" },
		"council.date":    func(m *publicity.Minutes) { m.At = w.Clock + hour },
		"council.present": func(m *publicity.Minutes) { m.Present, m.Others = nil, 0 },
		"council.matters": func(m *publicity.Minutes) { m.Matters = nil },
		"council.matter":  func(m *publicity.Minutes) { m.Matters[0].Decision = "" },
		"council.votes":   func(m *publicity.Minutes) { m.Matters[0].Abstain = 1 }, // 6 + 1 + 1 of 7 who came
	} {
		m := meeting()
		change(&m)
		refused(t, code, w.Office.DoAs(context.Background(), "甲", func(tx *store.Tx) error { _, err := b.Enter(tx, m); return err }))
	}
}

// What hung on the board can't be changed behind anybody's back: admission knows a
// text by its hash, and nothing is written over anything.
func TestForm(t *testing.T) {
	w, boards := world(t, 704)
	var puts []wire.Op
	var id string
	w.Office.Must(func(tx *store.Tx) (err error) {
		if id, err = boards[w.Office].Post(tx, text()); err != nil {
			return err
		}
		return boards[w.Office].Withdraw(tx, id, "写错了", "甲")
	})
	w.Office.Must(func(tx *store.Tx) error {
		for _, key := range []string{"notice/" + id + "/text", "notice/" + id + "/off"} {
			fields, err := store.Fields(tx, w.Office.Charter.Doc("publicity/"+zone.Month(tx.Now())), key)
			if err != nil {
				return err
			}
			for _, f := range fields {
				puts = append(puts, wire.Op{Key: key, Value: f.Value})
			}
		}
		return nil
	})
	if len(puts) != 2 {
		t.Fatalf("%d records", len(puts))
	}
	form := func(op wire.Op) error { return publicity.Form(&wire.Change{Ops: []wire.Op{op}}) }
	for _, good := range puts {
		if err := form(good); err != nil {
			t.Errorf("%s: %v", good.Key, err)
		}
		over, gone, other, longer := good, good, good, good
		over.Pred = []wire.OpID{{Counter: 1}}
		gone.Delete = true
		other.Key = strings.Replace(good.Key, "notice/", "poem/", 1)
		longer.Value = wire.BytesValue([]byte(strings.Repeat("x", 1<<17)))
		bad := map[string]wire.Op{"written over": over, "deleted": gone, "of another kind": other, "too long": longer}
		if strings.HasSuffix(good.Key, "/text") {
			moved := good
			moved.Key = "notice/" + strings.Repeat("0", 26) + "/text"
			bad["under another id"] = moved
		}
		for what, op := range bad {
			if form(op) == nil {
				t.Errorf("%s passes %s", good.Key, what)
			}
		}
	}
	if err := form(wire.Op{Key: "council/" + strings.Repeat("0", 26) + "/act.20", Value: puts[0].Value}); err == nil {
		t.Error("a matter past the last passes")
	}
}
