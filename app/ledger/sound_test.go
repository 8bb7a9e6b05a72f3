package ledger

import (
	"errors"
	"fmt"
	"testing"

	"jishan/crdt/store"
)

// Every number of every right and sum is looked at, in pieces of any size; one
// that is not what was written is damage.
func TestSoundSeesEveryNumber(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 10); err != nil {
		t.Fatal(err)
	}
	sound := func(q store.Querier, piece int) (pieces int, err error) {
		for at := (Sounding{}); err == nil && !at.Done; pieces++ {
			err = Sound(q, &at, piece)
		}
		return pieces, err
	}
	var rights, sums int
	v.a.view(func(q store.Querier) error {
		if err := q.QueryRow("SELECT (SELECT count(*) FROM ledger_held), (SELECT count(*) FROM ledger_sum)").Scan(&rights, &sums); err != nil {
			return err
		}
		if n, err := sound(q, 1); err != nil || rights == 0 || sums == 0 || n != rights+1+sums+1 {
			t.Errorf("%d pieces for %d rights and %d sums: %v", n, rights, sums, err)
		}
		return nil
	})
	undo := errors.New("undo")
	for table, c := range map[string]struct {
		rows    int
		columns []string
	}{
		"ledger_held": {rights, []string{"n", "net", "at", "crc"}},
		"ledger_sum":  {sums, []string{"minted", "unseen", "loss", "held", "inflight", "stranded", "consumed", "restored", "burned", "life", "year", "crc"}},
	} {
		for _, column := range c.columns {
			for row := range c.rows {
				err := v.a.try(func(tx *store.Tx) error {
					key := "(kind, subject, period" + map[bool]string{true: ", feed)", false: ")"}[table == "ledger_held"]
					if _, err := tx.Exec(fmt.Sprintf("UPDATE %s SET %s = %s + 64 WHERE %s = (SELECT %s FROM %s LIMIT 1 OFFSET ?)",
						table, column, column, key, key[1:len(key)-1], table), row); err != nil {
						return err
					}
					for _, piece := range []int{1, 2, SoundRows} {
						if _, err := sound(tx, piece); !errors.Is(err, store.ErrCorrupt) {
							t.Errorf("%s.%s of row %d, in pieces of %d: %v", table, column, row, piece, err)
						}
					}
					return undo
				})
				if !errors.Is(err, undo) {
					t.Fatal(err)
				}
			}
		}
	}
}
