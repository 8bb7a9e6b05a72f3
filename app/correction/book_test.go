package correction_test

import (
	"context"
	"testing"

	"jishan/app/correction"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/people"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Two people who ask for one correction in one moment, each for a reason of his own,
// are one request of one of them, on every device the same one, in whatever order the
// two were heard.
func TestTwoWhoAskInOneMoment(t *testing.T) {
	books := map[*governtest.Device]*correction.Book{}
	w := governtest.New(t, 601, func(d *governtest.Device) ([]store.Projector, admit.Rules) {
		b := correction.New(d.Charter.Doc, func(string) string { return "0" })
		books[d] = b
		return []store.Projector{b}, nil
	})
	one, two := w.Join("一站", govern.Station), w.Join("二站", govern.Station)
	first, second := w.Join("三站", govern.Station), w.Join("四站", govern.Station)
	all := []*governtest.Device{one, two, first, second}
	w.Meet(append(all, w.Office)...)
	const hashes = 8 // which of two values is the greater is the writers' luck
	for n := range byte(hashes) {
		for d, reason := range map[*governtest.Device]string{one: "认错了人", two: "重复登记"} {
			if n%2 == 1 {
				reason += "了" // a longer value is a greater one
			}
			err := d.DoAs(context.Background(), d.Name+"的经办人", func(tx *store.Tx) error {
				return books[d].Ask(tx, correction.Request{Hash: wire.Hash{n}, Person: people.ID{}, Author: wire.Actor{9}, Reason: []byte(reason)})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	w.Meet(one, first)
	w.Meet(two, second)
	w.Meet(one, second)
	w.Meet(two, first)
	w.Meet(one, two)
	said := map[string]string{"认错了人": "一站的经办人", "重复登记": "二站的经办人", "认错了人了": "一站的经办人", "重复登记了": "二站的经办人"}
	for n := range byte(hashes) {
		reasons := map[string]bool{}
		for _, d := range all {
			d.Must(func(tx *store.Tx) error {
				r, ok, err := books[d].Get(tx, wire.Hash{n})
				if !ok || r.By != said[string(r.Reason)] {
					t.Errorf("%s: asked by %q because of %q", d.Name, r.By, r.Reason)
				}
				reasons[string(r.Reason)] = true
				return err
			})
		}
		if len(reasons) != 1 {
			t.Errorf("request %d: %v", n, reasons)
		}
	}
}
