package node

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
)

// spoil changes a leaf page in the middle of a table or an index.
func spoil(t *testing.T, path, name string, how func(page []byte)) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	err = db.QueryRow(`SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path
		LIMIT 1 OFFSET (SELECT count(*) / 2 FROM dbstat WHERE name = ?1 AND pagetype = 'leaf')`, name).Scan(&n)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(name, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	how(b[(n-1)*4096 : n*4096])
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Damage that a start does not meet is found soon after it, and said; from then
// on every command that would write is refused with the same code, and what
// can be read is still shown. With the whole file back nothing is missing.
func TestDamagedPageIsFoundAfterTheStart(t *testing.T) {
	d := found(t)
	for _, name := range []string{"王五", "赵六", "孙七"} {
		d.must("people.register", person(name, ""))
	}
	for i := range 200 { // enough that the page in the middle is not among what a start reads
		d.must("shop.save", object{"id": "", "name": fmt.Sprintf("香皂 %d", i), "unit": "1 块", "kind": "goods", "points": 4, "minimum": 2, "icon": "box", "active": true, "code": ""})
	}
	d.stop()
	at := filepath.Join(d.dir, databaseFile)
	whole, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	spoil(t, at, "change", func(p []byte) {
		n := int(binary.BigEndian.Uint16(p[3:]))
		p[int(binary.BigEndian.Uint16(p[8+n/2*2:]))+200] ^= 1 // inside the entry in the middle
	})
	d = start(t, d.dir)
	eventually(t, "the damage is found", func() bool {
		f, _ := d.must("app.state", object{})["disk"].(object)
		return f["code"] == "data.damaged"
	})
	if s := d.must("app.state", object{}); number(s["sync"].(object)["attention"]) == 0 {
		t.Error("nobody is asked to look:", s)
	}
	d.refuses("data.damaged", "people.register", person("周八", ""))
	if r := d.must("people.list", object{"offset": 0, "limit": 10, "q": "", "grid": "", "sort": "created", "desc": false}); number(r["total"]) != 3 {
		t.Error("what can be read is shown:", r)
	}
	d.stop()
	if err := os.WriteFile(at, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	d = start(t, d.dir)
	d.must("people.register", person("周八", ""))
}

// A page that commands need is met by them or by the start: the code is the
// same, never SQLite's own words.
func TestDamagedPageIsMetInWords(t *testing.T) {
	for _, table := range []string{"change_tag", "op", "tip", "people_person"} {
		t.Run(table, func(t *testing.T) {
			d := found(t)
			d.must("people.register", person("王五", ""))
			d.stop()
			spoil(t, filepath.Join(d.dir, databaseFile), table, func(p []byte) { copy(p, "no page of a database") })
			n, err := Open(t.Context(), Config{Data: d.dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader, Demo: true, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				if code := fault.Of(err).Code; code != "data.damaged" {
					t.Errorf("the start says %s: %v", code, err)
				}
				return
			}
			d.Node = n
			eventually(t, "a command meets it", func() bool {
				_, err := d.call("people.register", person("赵六", ""))
				_, err2 := d.call("people.list", object{"offset": 0, "limit": 10, "q": "", "grid": "", "sort": "created", "desc": false})
				for _, e := range []error{err, err2} {
					if e != nil && fault.Of(e).Code != "data.damaged" {
						t.Fatalf("it says %v", e)
					}
				}
				return err != nil || err2 != nil
			})
			d.stop()
		})
	}
}

// One flipped bit in what a till holds is no damage to SQLite: the row says so
// itself, and nothing is paid from it.
func TestDamagedRightPaysNothing(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("王五", ""))["id"].(string)
	offer := d.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 4, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	d.must("shop.receive", object{"offer": offer["id"], "n": 50, "why": ""})
	redeem := object{"person": id, "lines": []object{{"offer": offer["id"], "n": 1}}}
	d.must("till.redeem", redeem)
	d.looks(2) // what the chores write stands in the copy
	d.stop()
	at := filepath.Join(d.dir, databaseFile)
	lock := filepath.Join(d.dir, lockFile)
	whole, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	locked, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	put := func() { // a chore may have written since
		t.Helper()
		if err := errors.Join(os.RemoveAll(at+"-wal"), os.RemoveAll(at+"-shm"), os.WriteFile(at, whole, 0o600), os.WriteFile(lock, locked, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	query := func(what string, to ...any) {
		t.Helper()
		db, err := sql.Open("sqlite", at)
		if err == nil {
			err = errors.Join(db.QueryRow(what).Scan(to...), db.Close())
		}
		if err != nil {
			t.Fatal(what, err)
		}
	}
	subject := ledger.TextSubject(id)
	var before int
	query("SELECT count(*) FROM change", &before)
	for _, c := range []struct {
		name   string
		behind int // bytes behind the period
		bit    byte
	}{{"more", 0, 64}, {"none", 0, 6}, {"what counts", 1, 64}, {"the time", 4, 1}, {"the sum", 9, 1}} {
		t.Run(c.name, func(t *testing.T) {
			put()
			spoil(t, at, "ledger_held", func(p []byte) {
				i := bytes.Index(p, subject[:])
				if i < 0 || p[i+20] != 6 || p[i+21] != 6 {
					t.Fatal("no row of 6 points")
				}
				p[i+20+c.behind] ^= c.bit
			})
			var state string
			if query("PRAGMA integrity_check", &state); state != "ok" {
				t.Fatal("SQLite itself sees it:", state)
			}
			d = start(t, d.dir)
			d.refuses("data.damaged", "till.redeem", redeem)
			d.refuses("data.damaged", "people.register", person("赵六", ""))
			if f, _ := d.must("app.state", object{})["disk"].(object); f["code"] != "data.damaged" {
				t.Error("the screen does not say so:", f)
			}
			d.stop()
			var after int
			if query("SELECT count(*) FROM change", &after); after != before {
				t.Errorf("%d changes were written", after-before)
			}
		})
	}
	// Nobody redeems: it is found all the same, in sums as well.
	for _, table := range []string{"ledger_held", "ledger_sum"} {
		put()
		spoil(t, at, table, func(p []byte) { p[bytes.Index(p, subject[:])+20] ^= 64 })
		d = start(t, d.dir)
		eventually(t, "the damage is found: "+table, func() bool {
			f, _ := d.must("app.state", object{})["disk"].(object)
			return f["code"] == "data.damaged"
		})
		d.stop()
	}
	// A sum that was damaged is met by the first command that adds to it.
	put()
	spoil(t, at, "ledger_sum", func(p []byte) { p[bytes.Index(p, subject[:])+20] ^= 64 })
	d = start(t, d.dir)
	d.refuses("data.damaged", "till.redeem", redeem)
	d.stop()
	put()
	d = start(t, d.dir)
	d.must("till.redeem", redeem)
}
