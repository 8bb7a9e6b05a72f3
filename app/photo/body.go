package photo

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"jishan/crdt/store"
)

// BodySchema holds the pictures themselves. It belongs to no document and survives a
// rebuild: what is lost of it comes back from the other devices.
const BodySchema = `CREATE TABLE IF NOT EXISTS local_photo (hash BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT`

// overhead is by how much a body is longer than its picture.
const overhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// place is authenticated with every body.
var place = []byte("jishan photo 1")

var errBody = errors.New("photo: a damaged picture")

// lock encrypts a picture under a fresh key.
func lock(rand io.Reader, jpeg []byte) (key [32]byte, body []byte, err error) {
	var nonce [chacha20poly1305.NonceSizeX]byte
	for _, b := range [][]byte{key[:], nonce[:]} {
		if _, err := io.ReadFull(rand, b); err != nil {
			return key, nil, err
		}
	}
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return key, nil, err
	}
	return key, aead.Seal(bytes.Clone(nonce[:]), nonce[:], jpeg, place), nil
}

func unlock(key, body []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil || len(body) < overhead {
		return nil, errBody
	}
	n := chacha20poly1305.NonceSizeX
	jpeg, err := aead.Open(nil, body[:n], body[n:], place)
	if err != nil {
		return nil, errBody
	}
	return jpeg, nil
}

// Body returns a picture as it is kept; nil if it is not here, or no longer what it was.
func Body(q store.Querier, h Hash) ([]byte, error) {
	var body []byte
	err := q.QueryRow(`SELECT body FROM local_photo WHERE hash = ?`, h[:]).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) || err == nil && sha256.Sum256(body) != h {
		return nil, nil
	}
	return body, err
}

// Keep keeps a picture that somebody brought. It tells whether it is the one of that hash.
func Keep(tx *store.Tx, h Hash, body []byte) (bool, error) {
	if len(body) > MaxBytes || sha256.Sum256(body) != h {
		return false, nil
	}
	_, err := tx.Exec(`INSERT OR REPLACE INTO local_photo (hash, body) VALUES (?, ?)`, h[:], body)
	return err == nil, err
}
