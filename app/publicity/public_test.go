package publicity_test

import (
	"strings"
	"testing"

	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/publicity"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A merchant's device has the notices that are shown to it, without who typed them, and
// loses what is taken down by whichever staff device, the text or its end first; of the
// notices' own documents it has nothing.
func TestNoticeIsShownToMerchants(t *testing.T) {
	w, boards := world(t, 705)
	station, shop := w.Join("一站", govern.Station), w.Join("小店", govern.Merchant)
	w.Meet(w.Office, station, shop)
	post := func(grid string) (id string) {
		n := text()
		n.Grid = grid
		w.Office.Must(func(tx *store.Tx) (err error) {
			if id, err = boards[w.Office].Post(tx, n); err != nil {
				return err
			}
			return boards[w.Office].Show(tx, id, n)
		})
		return id
	}
	everybody, merchants := post(""), post(publicity.Merchants)
	w.Meet(w.Office, station, shop)
	shown := func(now int64) (out []publicity.Notice) {
		shop.Must(func(tx *store.Tx) (err error) { out, err = boards[shop].Shown(tx, now); return err })
		return out
	}
	n := text()
	for at, want := range map[int64]int{n.From - 1: 0, n.From: 2, n.Until - 1: 2, n.Until: 0} {
		if got := shown(at); len(got) != want {
			t.Errorf("at %d it shows %d, want %d", at-n.From, len(got), want)
		}
	}
	for _, x := range shown(n.From) {
		if x.ID != everybody && x.ID != merchants || x.Title != n.Title || x.Body != n.Body || x.Contact != n.Contact || x.By != "" {
			t.Errorf("%+v", x)
		}
	}
	shop.Must(func(tx *store.Tx) error {
		all, err := boards[shop].List(tx, n.From, true)
		if len(all) != 0 {
			t.Errorf("a merchant has the staff's record of %d notices", len(all))
		}
		return err
	})
	station.Must(func(tx *store.Tx) error { return boards[station].Withdraw(tx, everybody, "日期写错了", "乙") })
	w.Office.Must(func(tx *store.Tx) error { return boards[w.Office].Withdraw(tx, everybody, "数写错了", "甲") })
	w.Meet(w.Office, station, shop)
	if got := shown(n.From); len(got) != 1 || got[0].ID != merchants {
		t.Errorf("after one was taken down it shows %+v", got)
	}
	late := w.Join("晚来的店", govern.Merchant)
	w.Meet(w.Office, late)
	late.Must(func(tx *store.Tx) error {
		got, err := boards[late].Shown(tx, n.From)
		if len(got) != 1 || got[0].ID != merchants {
			t.Errorf("a new merchant is shown %+v", got)
		}
		return err
	})
}

// A merchant's program that shows notices to others is refused by their devices.
func TestMerchantsShowNothing(t *testing.T) {
	w, boards := world(t, 706)
	shop, other := w.Join("小店", govern.Merchant), w.Join("另一家", govern.Merchant)
	w.Meet(w.Office, shop, other)
	shop.Must(func(tx *store.Tx) error { return boards[shop].Show(tx, strings.Repeat("0", 26), text()) })
	w.Meet(shop, w.Office, other)
	for d, want := range map[*governtest.Device]int{shop: 1, w.Office: 0, other: 0} {
		d.Must(func(tx *store.Tx) error {
			got, err := boards[d].Shown(tx, w.Clock)
			if len(got) != want {
				t.Errorf("%s shows %+v", d.Name, got)
			}
			return err
		})
	}
}

// Admission knows a shown text by its hash, and takes nothing else into these documents.
func TestBoardForm(t *testing.T) {
	w, boards := world(t, 707)
	b := boards[w.Office]
	var id string
	w.Office.Must(func(tx *store.Tx) (err error) {
		if id, err = b.Post(tx, text()); err != nil {
			return err
		}
		if err = b.Show(tx, id, text()); err != nil {
			return err
		}
		return b.Withdraw(tx, id, "写错了", "甲")
	})
	var puts []wire.Op
	w.Office.Must(func(tx *store.Tx) error {
		doc := w.Office.Charter.Doc("board/" + zone.Month(tx.Now()))
		held, err := store.Registers(tx, doc)
		for _, r := range held {
			puts = append(puts, wire.Op{Key: r.Key, Value: r.Fields[0].Value})
		}
		return err
	})
	if len(puts) != 2 {
		t.Fatalf("%d records", len(puts))
	}
	form := func(op wire.Op) error { return publicity.BoardForm(&wire.Change{Ops: []wire.Op{op}}) }
	for _, good := range puts {
		if err := form(good); err != nil {
			t.Errorf("%s: %v", good.Key, err)
		}
		over, gone, other, longer, staff := good, good, good, good, good
		over.Pred = []wire.OpID{{Counter: 1}}
		gone.Delete = true
		other.Key = "council/" + id + "/minutes"
		longer.Value = wire.BytesValue([]byte(strings.Repeat("x", 1<<17)))
		staff.Key = "notice/" + id + "/text"
		bad := map[string]wire.Op{"written over": over, "deleted": gone, "of another kind": other, "too long": longer, "as staff keep it": staff}
		if strings.HasPrefix(good.Key, "shown/") {
			moved := good
			moved.Key = "shown/" + id + "/text"
			bad["under another id"] = moved
		}
		for what, op := range bad {
			if form(op) == nil {
				t.Errorf("%s passes %s", good.Key, what)
			}
		}
	}
}
