package honour

import (
	"database/sql"
	"testing"

	_ "modernc.org/sqlite"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/wire"
)

// TestLevelsBeyondACut: a level that lies beyond its feed's cut is shown nowhere and may
// be awarded again; one that was taken back is shown nowhere and may not.
func TestLevelsBeyondACut(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	h := &Honour{}
	book := ledger.New(wire.Actor{}, "abcdefghijklmnopqrstuvwxyz", nil)
	for _, s := range []string{book.Schema(), h.Schema()} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	h.Charter = table{nil, written(t, govern.Settings{Other: map[string]govern.Setting{}}, Table{[]Level{{Name: "A", Points: 60, Benefits: []Benefit{}}}})}
	stands, late, undone := ledger.Subject{1}, ledger.Subject{2}, ledger.Subject{3}
	for _, p := range []ledger.Subject{stands, late, undone} {
		hash := wire.Hash{p[0]}
		if _, err := db.Exec(`INSERT INTO honour_award (hash, level, period, person, at) VALUES (?, 'l1', '2026', ?, ?)`, hash[:], p[:], int64(p[0])); err != nil {
			t.Fatal(err)
		}
		switch p {
		case late:
			_, err = db.Exec(`INSERT INTO ledger_late (feed, number, hash) VALUES (1, 1, ?)`, hash[:])
		case undone:
			_, err = db.Exec(`INSERT INTO ledger_undone (hash, idx, feed, number, n) VALUES (?, 0, 2, 2, 1)`, hash[:])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := h.Latest(db, 9)
	if err != nil || len(list) != 1 || list[0].Person != stands {
		t.Errorf("the latest: %v, %v", list, err)
	}
	for p, want := range map[ledger.Subject]bool{stands: true, late: false, undone: true} {
		if got, err := anyAward(db, []ledger.Subject{p}, "2026", "l1"); err != nil || got != want {
			t.Errorf("person %d was awarded it: %v, %v", p[0], got, err)
		}
	}
	if twice, err := h.Twice(db, []ledger.Subject{stands, late}); err != nil || len(twice) != 0 {
		t.Errorf("twice: %v, %v", twice, err)
	}
}

// table is a charter that only has settings.
type table struct {
	Charter
	has govern.Settings
}

func (t table) Settings() govern.Settings { return t.has }
