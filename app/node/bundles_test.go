package node

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
	"jishan/p2p/bundle"
)

// forger is a device that keeps to no rule: whatever it has of documents, it
// sends, and it says that all keys of the people of a community are gone.
type forger struct {
	crdtsync.Source
	vault []store.Item
}

func (f forger) Items(ctx context.Context, set string) ([]store.Item, error) {
	if set == "vault" {
		return f.vault, nil
	}
	return f.Source.Items(ctx, set)
}

func (forger) MayRead([32]byte, store.DocID) bool           { return true }
func (forger) MaySet([32]byte, string) bool                 { return true }
func (forger) CheckItem([32]byte, string, store.Item) error { return nil }
func (forger) Admit(context.Context, string, store.DocID, []seal.Sealed) (r admit.Result, err error) {
	return r, nil
}

// tombstones are what erases every person that a device knows.
func (d *device) tombstones(t *testing.T) []store.Item {
	t.Helper()
	list, err := d.community.store.SetItems(t.Context(), "vault", -1)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d keys: %v", len(list), err)
	}
	for i := range list {
		list[i] = store.Item{ID: list[i].ID, Gone: true}
	}
	return list
}

// forged is a bundle for another device, of all that this one holds, with the
// given key, header and keys of people.
func (d *device) forged(t *testing.T, key ed25519.PrivateKey, h bundle.Header, to *device, vault []store.Item) []byte {
	t.Helper()
	f := forger{crdtsync.Of(d.community.store), vault}
	config := d.community.mesh.config(to.device.Load().Public())
	config.Source, config.Policy = f, f
	var b bytes.Buffer
	if _, err := bundle.Write(&b, key, h, to.device.Load().Recipient(), crdtsync.Export(t.Context(), config, nil)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func headerFor(d *device) bundle.Header {
	to := d.device.Load().Public()
	return bundle.Header{To: to[:], Community: d.community.charter.Community(), Made: d.now()}
}

func fileOf(b []byte) object { return object{"file": base64.StdEncoding.EncodeToString(b)} }

func (d *device) metAt(t *testing.T, of *device) int64 {
	t.Helper()
	var at int64
	err := d.community.view(t.Context(), func(q store.Querier) error {
		known, err := heldBy(q)
		at = known[of.device.Load().Public()].at
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestForgedBundle: a merchant's laptop, which holds the public keys of all
// devices and the ids of people's keys, can neither write in another's name nor
// bring in its own what a link from it would not.
func TestForgedBundle(t *testing.T) {
	office := found(t)
	station, merchant := join(t, office, "station", "柳溪实践站"), join(t, office, "merchant", "粮油店")
	id := office.must("people.register", person("赵六", "13900000006"))["id"]
	eventually(t, "the station knows the person", func() bool { _, err := station.call("people.get", object{"id": id}); return err == nil })
	station.cut()
	office.cut()
	merchant.cut()
	vault, before := office.tombstones(t), office.metAt(t, station)
	mine := merchant.device.Load().Private
	honest := merchant.forged(t, mine, headerFor(office), office, nil)

	from := func(b []byte, who *device) []byte { // the header is readable, and anybody can write it
		was, is := merchant.device.Load().Public(), who.device.Load().Public()
		if !bytes.Contains(b[:200], was[:]) {
			t.Fatal("the header names no sender")
		}
		return bytes.Replace(b, was[:], is[:], 1)
	}
	wicked := merchant.forged(t, mine, headerFor(office), office, vault)
	other, third := headerFor(office), headerFor(station)
	other.Community = "ffffffffffffffff"
	stranger := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	for what, c := range map[string]struct {
		code string
		file []byte
	}{
		"in the office's own name":  {"bundle.forged", from(wicked, office)},
		"in the station's name":     {"bundle.forged", from(wicked, station)},
		"by nobody":                 {"bundle.stranger", merchant.forged(t, stranger, headerFor(office), office, vault)},
		"by the office itself":      {"bundle.revoked", merchant.forged(t, office.device.Load().Private, headerFor(office), office, nil)},
		"of another community":      {"bundle.community", merchant.forged(t, mine, other, office, nil)},
		"for another, packed again": {"bundle.recipient", merchant.forged(t, mine, third, office, nil)},
		"cut":                       {"bundle.damaged", honest[:len(honest)-70]},
		"of version 1":              {"bundle.old", bytes.Replace(honest, []byte("BUNDLE 2"), []byte("BUNDLE 1"), 1)},
		"of version 3":              {"bundle.newer", bytes.Replace(honest, []byte("BUNDLE 2"), []byte("BUNDLE 3"), 1)},
	} {
		t.Log(what)
		office.refuses(c.code, "devices.import", fileOf(c.file))
	}
	if at := office.metAt(t, station); at != before {
		t.Errorf("met the station at %d after a forged bundle, %d before", at, before)
	}
	// In its own name it comes in, as over a link: without the people's keys.
	if got := office.must("devices.import", fileOf(wicked)); got["from"] != "粮油店电脑" {
		t.Errorf("the merchant's own: %v", got)
	}
	for _, d := range []*device{office, station} {
		if got := d.person(id); got["name"] != "赵六" {
			t.Errorf("the person is gone: %v", got)
		}
	}
	if list, err := filepath.Glob(filepath.Join(office.dir, scratchName)); err != nil || len(list) > 0 {
		t.Errorf("left in the data folder: %v, %v", list, err)
	}
	erased := station.forged(t, station.device.Load().Private, headerFor(office), office, vault)
	office.must("devices.revoke", object{"id": stationID(office)})
	office.refuses("bundle.revoked", "devices.import", fileOf(erased))
	if got := office.person(id); got["name"] != "赵六" {
		t.Errorf("the person is gone: %v", got)
	}
	// Whoever may say so does erase: nothing above passed by accident.
	station.must("devices.import", fileOf(office.forged(t, office.device.Load().Private, headerFor(station), station, vault)))
	station.refuses("people.unknown", "people.get", object{"id": id})
}

// TestBundleSaysWhenItWasMade: the office's closing of feeds goes by when a
// device was met, so an old bundle that turns up again must say nothing new.
func TestBundleSaysWhenItWasMade(t *testing.T) {
	var k clock
	k.set(2026, 3, 2, 10)
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	station.cut()
	office.cut()
	k.ahead.Add(int64(time.Hour))
	made := office.now()
	old := station.forged(t, station.device.Load().Private, headerFor(office), office, nil)
	k.ahead.Add(int64(30 * 24 * time.Hour))
	for range 2 {
		office.must("devices.import", fileOf(old))
		if at := office.metAt(t, station); at < made || at > made+time.Minute.Milliseconds() {
			t.Errorf("met %d ms after it was made", at-made)
		}
	}
	h := headerFor(office)
	h.Made += int64(365 * 24 * time.Hour / time.Millisecond)
	office.must("devices.import", fileOf(station.forged(t, station.device.Load().Private, h, office, nil)))
	if at, now := office.metAt(t, station), office.now(); at > now {
		t.Errorf("met in %d ms", at-now)
	}
}

// TestStickWithOldFiles: two devices whose files on a stick are of a program
// that did not sign get past them, each by writing a new one.
func TestStickWithOldFiles(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	station.cut()
	office.cut()
	id := station.must("people.register", person("赵六", "13900000006"))["id"]
	stick := t.TempDir()
	dir := filepath.Join(stick, stickFolder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	o, s := office.device.Load().Public(), station.device.Load().Public()
	for _, pair := range [][2][]byte{{o[:8], s[:8]}, {s[:8], o[:8]}} {
		name := hex.EncodeToString(pair[0]) + "-" + hex.EncodeToString(pair[1]) + bundleSuffix
		if err := os.WriteFile(filepath.Join(dir, name), []byte("JISHAN-BUNDLE 1\nwhatever"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	station.refuses("bundle.old", "devices.exchange", object{"path": stick})
	office.must("devices.exchange", object{"path": stick})
	if got := office.person(id); got["name"] != "赵六" {
		t.Errorf("the office has %v", got)
	}
	station.must("devices.exchange", object{"path": stick})
}

// TestLargeBundle: what a device writes another one can read, beyond what one
// request of a screen carries: from a file, and from a screen in pieces.
func TestLargeBundle(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	station.cut()
	office.cut()
	vault := make([]store.Item, 20)
	for i := range vault {
		vault[i] = store.Item{ID: [32]byte{byte(i)}, Blob: make([]byte, 900<<10)}
		if _, err := rand.Read(vault[i].Blob); err != nil {
			t.Fatal(err)
		}
	}
	big := station.forged(t, station.device.Load().Private, headerFor(office), office, vault)
	if len(big) < maxUpload {
		t.Fatalf("only %d bytes", len(big))
	}
	office.refuses("file.large", "devices.import", fileOf(big))
	if _, from, err := office.Import(t.Context(), bytes.NewReader(big)); err != nil || from != "柳溪实践站电脑" {
		t.Errorf("from a file: %q, %v", from, err)
	}
	half := len(big) / 2
	piece := func(b []byte, upload any, more bool) object {
		r := fileOf(b)
		r["upload"], r["more"] = upload, more
		return r
	}
	left := office.must("devices.import", piece(big[:half], "", true))["upload"]
	next := office.must("devices.import", piece(big[:half], "", true))["upload"]
	office.refuses("bundle.lost", "devices.import", piece(big[half:], left, false))
	if got := office.must("devices.import", piece(big[half:], next, false)); got["from"] != "柳溪实践站电脑" || got["upload"] != "" {
		t.Errorf("in pieces: %v", got)
	}
	office.refuses("bundle.lost", "devices.import", piece(big[half:], next, false))
	office.must("devices.import", piece(big[:half], "", true))
	if list, err := filepath.Glob(filepath.Join(office.dir, scratchName)); err != nil || len(list) != 1 {
		t.Errorf("under way: %v, %v", list, err)
	}
	office.stop()
	if list, err := filepath.Glob(filepath.Join(office.dir, scratchName)); err != nil || len(list) > 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
}

func TestBundleBeyondTheLimit(t *testing.T) {
	office := found(t)
	if _, err := office.community.scratchOf(bytes.NewReader(make([]byte, 1001)), 1000); !errors.Is(err, fault.New("bundle.large")) {
		t.Errorf("%v", err)
	}
	f, err := office.community.scratchOf(bytes.NewReader(make([]byte, 1000)), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestBundleFromABrokenStick: a stick that fails half way is no damage of ours.
func TestBundleFromABrokenStick(t *testing.T) {
	office := found(t)
	_, _, err := office.community.readBundle(t.Context(), io.MultiReader(bytes.NewReader([]byte("JISHAN-BUNDLE 2\n")), broken{}))
	if !errors.Is(err, fault.New("stick.read")) {
		t.Errorf("%v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }
