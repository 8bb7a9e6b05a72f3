package photo

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"image"

	"jishan/crdt/store"
)

// Pictures that everybody in the community may see: of things, never of people. They
// need no key. Their hash stands where the thing does; whoever asks names that, and
// what comes is looked at before it is kept, since any enrolled device may have put
// anything under a hash of its own.

// PublicSchema holds them. Like [BodySchema] it belongs to no document.
const PublicSchema = `CREATE TABLE IF NOT EXISTS local_picture (hash BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT`

const (
	// MaxPublic bounds such a picture: one answer of the network holds it.
	MaxPublic = 48 << 10
	// publicSide is its longer side in pixels: a tile on a screen, half a phone's width.
	publicSide = 480
)

// ShrinkPublic is [Shrink] for a picture that everybody may see. Faults: the same.
func ShrinkPublic(file []byte, most int64) ([]byte, error) {
	return shrink(file, most, publicSide, MaxPublic)
}

// Public returns such a picture; nil if it is not here, or no longer what it was.
func Public(q store.Querier, h Hash) ([]byte, error) {
	var body []byte
	err := q.QueryRow(`SELECT body FROM local_picture WHERE hash = ?`, h[:]).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) || err == nil && sha256.Sum256(body) != h {
		return nil, nil
	}
	return body, err
}

// KeepPublic keeps such a picture. It tells whether it is the one of that hash, and a
// picture of the form that this program makes.
func KeepPublic(tx *store.Tx, h Hash, body []byte) (bool, error) {
	if sha256.Sum256(body) != h || !wholePublic(body) {
		return false, nil
	}
	_, err := tx.Exec(`INSERT OR REPLACE INTO local_picture (hash, body) VALUES (?, ?)`, h[:], body)
	return err == nil, err
}

// wholePublic tells whether bytes are what ShrinkPublic may have made.
func wholePublic(b []byte) bool {
	if len(b) > MaxPublic {
		return false
	}
	head, kind, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || kind != "jpeg" || head.Width > publicSide || head.Height > publicSide {
		return false
	}
	_, _, err = image.Decode(bytes.NewReader(b))
	return err == nil
}

// PublicHere lists such pictures as they lie here, with their sizes.
func PublicHere(q store.Querier) (map[Hash]int64, error) {
	out := map[Hash]int64{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var hash []byte
		var size int64
		err := r.Scan(&hash, &size)
		if len(hash) == len(Hash{}) {
			out[Hash(hash)] = size
		}
		return err
	}, `SELECT hash, length(body) FROM local_picture`)
	return out, err
}

// DropPublic forgets such pictures.
func DropPublic(tx *store.Tx, list []Hash) error {
	for _, h := range list {
		if _, err := tx.Exec(`DELETE FROM local_picture WHERE hash = ?`, h[:]); err != nil {
			return err
		}
	}
	return nil
}
