package govern_test

import (
	"errors"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// changes are a term of a device's charter as a letter carries them.
func changes(t *testing.T, d *governtest.Device, term string) (doc store.DocID, out []seal.Sealed) {
	t.Helper()
	doc = d.Charter.Doc("gov/" + term)
	d.Must(func(tx *store.Tx) error {
		tips, err := store.Vector(tx, doc)
		if err != nil {
			return err
		}
		list, err := store.After(tx, doc, tips[0].Actor, 0, 4096)
		for _, c := range list {
			out = append(out, c.Sealed)
		}
		return err
	})
	return doc, out
}

func TestForeignCharter(t *testing.T) {
	w := governtest.New(t, 41, nil)
	w.Join("张家庄站", govern.Station)
	doc, all := changes(t, w.Office, "1")
	f, fresh, err := govern.NewForeign(w.Community).Take(doc, all)
	if err != nil || fresh != len(all) || f.Root() != w.Office.Charter.Root() {
		t.Fatalf("%d of %d: %v", fresh, len(all), err)
	}
	if again, n, err := f.Take(doc, all); err != nil || n != 0 || again != f {
		t.Errorf("the same again: %d %v", n, err)
	}
	if d, recipient, ok := f.Registrar(); !ok || d != w.Office.Key.Public() || recipient != w.Office.Key.Recipient() {
		t.Errorf("registrar: %v %s", ok, recipient)
	}
	w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.SetPolicy(tx, govern.BonusSetting(3)) })
	_, more := changes(t, w.Office, "1")
	if _, n, err := f.Take(doc, more[len(all):]); err != nil || n != 1 {
		t.Errorf("what came later: %d %v", n, err)
	}
}

func TestForeignCharterRefused(t *testing.T) {
	w, other := governtest.New(t, 42, nil), governtest.New(t, 43, nil)
	for _, n := range []int64{3, 4, 5} {
		w.Office.Must(func(tx *store.Tx) error { return w.Office.Charter.SetPolicy(tx, govern.BonusSetting(n)) })
	}
	doc, all := changes(t, w.Office, "1")
	otherDoc, foreign := changes(t, other.Office, "1")
	unsealed, wrong := append([]seal.Sealed(nil), all...), append([]seal.Sealed(nil), all...)
	last := len(all) - 1
	unsealed[last].Seal = nil
	sig := *all[last].Seal
	sig[5] ^= 1
	wrong[last].Seal = &sig
	cut := append([]seal.Sealed(nil), all...)
	cut[last].Chunk = cut[last].Chunk[:len(cut[last].Chunk)-3]
	ch, _, err := wire.Decode(all[last].Chunk)
	if err != nil {
		t.Fatal(err)
	}
	ch.Ops[0].Value = wire.BytesValue([]byte("nonsense"))
	chunk, _, err := ch.Encode()
	if err != nil {
		t.Fatal(err)
	}
	nonsense := append([]seal.Sealed(nil), all...)
	nonsense[last].Chunk = chunk
	empty := govern.NewForeign(w.Community)
	for name, x := range map[string]struct {
		doc  store.DocID
		run  []seal.Sealed
		want error
	}{
		"nothing":             {doc, nil, govern.ErrForeign},
		"without a seal":      {doc, unsealed, govern.ErrForeign},
		"a wrong seal":        {doc, wrong, govern.ErrForeign},
		"unproven nonsense":   {doc, nonsense, seal.ErrSeal}, // nobody reads what nobody signed
		"cut in half":         {doc, cut, govern.ErrForeign},
		"without its start":   {doc, all[1:], govern.ErrGap},
		"with a hole":         {doc, append(append([]seal.Sealed(nil), all[:1]...), all[2:]...), govern.ErrGap},
		"another community's": {otherDoc, foreign, govern.ErrForeign},
		"under its name":      {doc, foreign, govern.ErrForeign},
		"a known one behind":  {doc, append(append([]seal.Sealed(nil), unsealed...), all[0]), govern.ErrForeign},
		"another document":    {w.Office.Charter.Doc("scheme"), all, govern.ErrForeign},
		"another epoch":       {store.DocID(strings.Replace(string(doc), ".1/", ".2/", 1)), all, govern.ErrForeign},
	} {
		if f, n, err := empty.Take(x.doc, x.run); !errors.Is(err, x.want) || n != 0 || f != empty {
			t.Errorf("%s: %d %v", name, n, err)
		}
	}
}

func TestIntroduction(t *testing.T) {
	w := governtest.New(t, 44, nil)
	station := w.Join("张家庄站", govern.Station)
	i, err := w.Office.Charter.Introduce(w.Office.Key, w.Clock)
	if err != nil {
		t.Fatal(err)
	}
	got, err := govern.ReadIntroduction(" " + i.String()[:40] + "\n" + i.String()[40:])
	if err != nil || got.Community() != w.Community || got.Fingerprint() != i.Fingerprint() || len(got.Fingerprint()) != 24 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := station.Charter.Introduce(station.Key, w.Clock); !errors.Is(err, fault.New("govern.registrar.only")) {
		t.Errorf("by a station: %v", err)
	}
	forged := got
	forged.Recipient = station.Key.Recipient()
	if forged.Fingerprint() == i.Fingerprint() {
		t.Error("another recipient, the same fingerprint")
	}
	newer := got
	newer.Version = 2
	for text, code := range map[string]string{
		forged.String(): "partner.introduction.forged", newer.String(): "partner.introduction.newer", i.String()[:60]: "partner.introduction.bad", "": "partner.introduction.bad",
		"JSI1:" + strings.Repeat("A", 5000): "partner.introduction.bad", "JSS1:AA": "partner.introduction.bad",
	} {
		if _, err := govern.ReadIntroduction(text); !errors.Is(err, fault.New(code)) {
			t.Errorf("%.30s: %v, not %s", text, err, code)
		}
	}
}
