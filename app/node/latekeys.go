package node

import (
	"context"
	"database/sql"
	"errors"

	"jishan/app/people"
	"jishan/crdt/store"
)

// Whom a revoked device registered last can't be read without the keys that it drew, and
// nothing of it may come into the vault while nobody knows whether it was stolen: there
// the smaller of two values stays, so a false one could take a true one's place. The
// main device keeps them aside until the office says that the work counts, and puts in
// the vault then what is not there.

const (
	// maxLateKeys bounds the keys of one hand-over, and those kept of one device.
	maxLateKeys = 2_000
	// lateKeySize bounds one with what is around it.
	lateKeySize = 256
)

// lateKey is an item of the vault.
type lateKey struct {
	_    struct{} `cbor:",toarray"`
	ID   []byte
	Blob []byte
}

const lateKeySchema = `CREATE TABLE IF NOT EXISTS local_latekey (device BLOB NOT NULL, id BLOB NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (device, id)) STRICT, WITHOUT ROWID`

// lateKeys reads keys from the vault, for whoever keeps them aside.
func (c *community) lateKeys(q store.Querier, items map[[32]byte]bool) (out []lateKey, err error) {
	for id := range items {
		it, ok, err := store.SetGet(q, people.VaultSet, id)
		if err != nil {
			return nil, err
		}
		if ok && !it.Gone && len(out) < maxLateKeys {
			out = append(out, lateKey{ID: id[:], Blob: it.Blob})
		}
	}
	return out, nil
}

// keepLateKeys keeps them at the main device; elsewhere they are dropped.
func (c *community) keepLateKeys(ctx context.Context, pub [32]byte, list []lateKey) error {
	if d, ok := c.self(); !ok || !d.Registrar || len(list) == 0 {
		return nil
	}
	if len(list) > maxLateKeys {
		return errors.New("more keys than there may be")
	}
	return c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for _, k := range list {
			if len(k.ID) != 32 || len(k.Blob) == 0 || len(k.Blob) > lateKeySize {
				return errors.New("this is no key")
			}
			_, err := tx.Exec(`INSERT OR IGNORE INTO local_latekey (device, id, blob)
				SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM local_latekey WHERE device = ?1) < ?4`, pub[:], k.ID, k.Blob, maxLateKeys)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// letKeysIn puts what a device's keys add into the vault: its work counts from now on.
func (c *community) letKeysIn(tx *store.Tx, pub [32]byte) error {
	var items []store.Item
	err := store.EachRow(tx, func(r *sql.Rows) error {
		var id, blob []byte
		err := r.Scan(&id, &blob)
		items = append(items, store.Item{ID: [32]byte(id), Blob: blob})
		return err
	}, "SELECT id, blob FROM local_latekey WHERE device = ?", pub[:])
	if err != nil {
		return err
	}
	for _, it := range items {
		if _, here, err := store.SetGet(tx, people.VaultSet, it.ID); err != nil {
			return err
		} else if here {
			continue
		}
		if _, err := tx.SetAdd(people.VaultSet, it); err != nil {
			return err
		}
	}
	_, err = tx.Exec("DELETE FROM local_latekey WHERE device = ?", pub[:])
	return err
}
