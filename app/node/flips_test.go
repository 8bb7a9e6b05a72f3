package node

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
)

// flips is how many bits are tried, one after another.
const flips = 30

// leaves lists the leaf pages of the tables that screens read.
func leaves(t *testing.T, path string) (pages []int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(`SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND ncell > 0
		AND name GLOB '[a-z]*_*' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'local_*' ORDER BY pageno`)
	for err == nil && rows.Next() {
		var n int
		err = rows.Scan(&n)
		pages = append(pages, n)
	}
	if err = errors.Join(err, rows.Err(), rows.Close(), db.Close()); err != nil || len(pages) == 0 {
		t.Fatal(err, pages)
	}
	return pages
}

// Whatever bit is another one: the program starts or says why not, each question
// is answered or refused in words, and nothing breaks down.
func TestFlippedBitsAreMetInWords(t *testing.T) {
	d := found(t)
	var id any
	for _, name := range []string{"王五", "赵六", "孙七"} {
		id = d.must("people.register", person(name, ""))["id"]
	}
	offer := d.shelf("香皂", 4, 20)
	d.must("till.redeem", object{"person": id, "lines": []object{{"offer": offer, "n": 1}}})
	now := time.Now().UnixMilli()
	act := d.must("activity.publish", object{"title": "送春联", "type": "文化", "start": now, "end": now + 3_600_000, "place": "", "places": 5, "item": "", "organiser": "", "note": ""})
	d.must("activity.signUp", object{"id": act["id"], "people": []any{id}})
	d.stop()
	at := filepath.Join(d.dir, databaseFile)
	whole, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	pages := leaves(t, at)
	page := object{"offset": 0, "limit": 50}
	with := func(more object) object {
		for k, v := range page {
			more[k] = v
		}
		return more
	}
	reads := []struct {
		name   string
		params object
	}{
		{"people.list", with(object{"q": "", "grid": "", "sort": "name", "desc": false})}, {"people.get", object{"id": id}}, {"people.passbook", with(object{"id": id})},
		{"people.grids", object{}}, {"people.card", object{"ids": []any{id}}}, {"home.get", object{}}, {"stats.month", object{"month": ""}}, {"app.search", object{"q": "王"}},
		{"activity.list", with(object{"from": 0, "to": 0, "q": ""})}, {"activity.get", act}, {"shop.offers", object{"all": true}}, {"shop.stockMoves", page},
		{"till.today", object{"day": ""}}, {"order.board", object{"grid": "", "type": ""}}, {"year.list", object{}}, {"budget.get", object{}}, {"honour.stats", object{}},
		{"settle.list", object{}}, {"devices.list", object{}}, {"alarms.list", object{}}, {"audit.report", object{}}, {"voucher.list", object{"person": ""}}, {"app.state", object{}},
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := mrand.New(mrand.NewPCG(seed, 1))
	for i := range flips {
		b := append([]byte(nil), whole...)
		where := (pages[r.IntN(len(pages))]-1)*4096 + r.IntN(4096)
		if i%2 == 0 { // where the bytes are
			for b[where] == 0 {
				where = (pages[r.IntN(len(pages))]-1)*4096 + r.IntN(4096)
			}
		}
		b[where] ^= 1 << r.IntN(8)
		if err := os.WriteFile(at, b, 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("flip %d at byte %d", i, where)
		n, err := Open(t.Context(), Config{Data: d.dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader, Demo: true, PINCost: cheapPIN, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			if code := fault.Of(err).Code; code != "data.damaged" {
				t.Errorf("%s: the start says %s: %v", what, code, err)
			}
			continue
		}
		d.Node = n
		for _, c := range reads {
			if _, err := d.call(c.name, c.params); err != nil && fault.Of(err).Code == "internal" {
				t.Errorf("%s: %s: %v", what, c.name, err)
			}
		}
		d.stop()
	}
}
