package node

import (
	"context"
	"testing"

	"jishan/app/people"
	"jishan/crdt/store"
)

// A phone stays signed in over a restart of the program, by a token of which
// the database holds only a hash, and not longer than its time.
func TestPhoneSessionsOutliveARestart(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("李四", "13900000002"))["id"]
	code := d.person(id)["code"]
	in, err := d.phone("phone.signIn", object{"code": code, "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	token := in["token"].(string)
	d.stop()
	d = start(t, d.dir)
	if me, err := d.phone("phone.me", object{"token": token}); err != nil || me["code"] != code {
		t.Fatalf("%v %v", me, err)
	}
	c := d.Node.community
	var rows, plain int
	count := func() {
		t.Helper()
		err := c.view(context.Background(), func(q store.Querier) error {
			return q.QueryRow(`SELECT count(*), count(*) FILTER (WHERE hash = ? OR hash = ?) FROM local_session`, []byte(token), token).Scan(&rows, &plain)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count(); rows != 1 || plain != 0 {
		t.Errorf("%d rows, %d in plain", rows, plain)
	}
	if _, err := d.phone("phone.me", object{"token": token + "0"}); err == nil {
		t.Error("another token holds")
	}

	err = c.store.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE local_session SET until = ?`, d.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.stop()
	d = start(t, d.dir)
	c = d.Node.community
	if _, err := d.phone("phone.me", object{"token": token}); err == nil {
		t.Error("it holds after its time")
	}
	if count(); rows != 0 {
		t.Errorf("%d rows are kept after their time", rows)
	}
}

// The sessions are bounded: what is over goes first, then what ends first.
func TestPhoneSessionsAreBounded(t *testing.T) {
	var g guests
	g.init()
	at := func(n int) tokenHash { return tokenHash{byte(n), byte(n >> 8), byte(n >> 16)} }
	for n := range maxGuests {
		if gone := g.add(at(n), guest{people.ID{1}, int64(1000 + n), ""}, 0); len(gone) != 0 {
			t.Fatalf("at %d: %v", n, gone)
		}
	}
	if gone := g.add(at(maxGuests), guest{people.ID{1}, 1_000_000, ""}, 0); len(gone) != 1 || gone[0] != at(0) || len(g.tokens) != maxGuests {
		t.Errorf("%v", gone)
	}
	if gone := g.add(at(maxGuests+1), guest{people.ID{1}, 1_000_000, ""}, 1010); len(gone) != 10 || len(g.tokens) != maxGuests-9 {
		t.Errorf("%d went, %d are left", len(gone), len(g.tokens))
	}
}
