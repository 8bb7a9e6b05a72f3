package photo

import (
	"database/sql"

	"jishan/app/people"
	"jishan/crdt/store"
)

// Count is how many pictures are here, and how many are on record and not here.
type Count struct {
	Here  int64 `json:"here"`
	Bytes int64 `json:"bytes"`
	Away  int64 `json:"away"`
}

// Counts counts the pictures.
func Counts(q store.Querier) (n Count, err error) {
	err = q.QueryRow(`SELECT count(b.hash), coalesce(sum(CASE WHEN b.hash IS NULL THEN 0 ELSE r.size END), 0), count(*) - count(b.hash)
		FROM photo_row r LEFT JOIN local_photo b ON b.hash = r.hash WHERE `+stands).Scan(&n.Here, &n.Bytes, &n.Away)
	return n, err
}

// CountOf counts the pictures of one thing, of whoever is one person.
func CountOf(q store.Querier, of string, persons ...people.ID) (n int, err error) {
	for _, p := range persons {
		var some int
		err := q.QueryRow(`SELECT count(*) FROM photo_row r WHERE r.person = ? AND r.of = ? AND `+stands, p[:], of).Scan(&some)
		if n += some; err != nil {
			return n, err
		}
	}
	return n, nil
}

// CountsOf counts all pictures of whoever is one person, by what they are of.
func CountsOf(q store.Querier, persons ...people.ID) (map[string]int, error) {
	out := map[string]int{}
	for _, p := range persons {
		err := store.EachRow(q, func(r *sql.Rows) error {
			var of string
			var n int
			err := r.Scan(&of, &n)
			out[of] += n
			return err
		}, `SELECT r.of, count(*) FROM photo_row r WHERE r.person = ? AND `+stands+` GROUP BY r.of`, p[:])
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
