package node

import (
	"context"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// New points go to the place where a person usually redeems, and points that
// nobody used there for a week come home. They are not sent there again: they
// would come and go for ever. They rest until the person is seen there, whose
// till then asks for them, or until something changes: more points, or another
// usual place. What rests is noted at this device only; another main device
// sends it there once more.

// rest is how many points of somebody came home from a place unused.
type rest struct {
	place string
	n     int64
}

// holds tells whether points need not go to a place again: they came from there,
// and none have been added.
func (r rest) holds(place string, n int64) bool { return r.place == place && n <= r.n }

// rest notes whose points came home unused, once they were taken.
func (c *community) rest(tx *store.Tx, came []ledger.CameIdle) error {
	if len(came) == 0 {
		return nil
	}
	here, err := c.ledger.PeopleHere(tx)
	if err != nil {
		return err
	}
	for _, x := range came {
		device, known, err := c.charter.DeviceOf(tx, x.From)
		if err != nil {
			return err
		}
		d, ok := c.charter.Device(device)
		if !known || !ok || here[x.Person] == 0 {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO local_rest (person, place, n) VALUES (?, ?, ?)
			ON CONFLICT (person) DO UPDATE SET place = excluded.place, n = excluded.n`, x.Person[:], d.Place, here[x.Person]); err != nil {
			return err
		}
	}
	return nil
}

func resting(q store.Querier) (map[ledger.Subject]rest, error) {
	rows, err := q.Query(`SELECT person, place, n FROM local_rest`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[ledger.Subject]rest{}
	for rows.Next() {
		var person []byte
		var r rest
		if err := rows.Scan(&person, &r.place, &r.n); err != nil {
			return nil, err
		}
		if len(person) == len(ledger.Subject{}) {
			out[ledger.Subject(person)] = r
		}
	}
	return out, rows.Err()
}

// lessRest keeps what is noted down to what still lies here: some was spent or
// fetched, and what comes from now on is new.
func (c *community) lessRest(ctx context.Context, here map[ledger.Subject]int64, rests map[ledger.Subject]rest) error {
	less := map[ledger.Subject]int64{}
	for person, r := range rests {
		if n := here[person]; n < r.n {
			less[person] = n
		}
	}
	if len(less) == 0 {
		return nil
	}
	return c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for person, n := range less {
			if _, err := tx.Exec(`UPDATE local_rest SET n = ? WHERE person = ?`, n, person[:]); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM local_rest WHERE n = 0`)
		return err
	})
}
