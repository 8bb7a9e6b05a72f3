package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"jishan/app/govern"
	"jishan/crdt/store"
)

// destroyKeys marks every key of the person that is here as gone, whatever was
// sealed with it, and the tombstone, which covers keys that other devices made
// meanwhile: SweepKeys destroys those when they arrive.
func (p *People) destroyKeys(tx *store.Tx, id ID) error {
	tombstone := tombstoneID(p.charter.Community(), id, p.generation(tx, id))
	if _, err := tx.SetAdd(VaultSet, store.Item{ID: tombstone, Gone: true}); err != nil {
		return err
	}
	return p.destroy(tx, func(owner ID) bool { return owner == id })
}

// destroy marks the keys of some owners as gone.
func (p *People) destroy(tx *store.Tx, of func(owner ID) bool) error {
	ring, err := p.charter.Keyring()
	if err != nil {
		return err
	}
	list, err := store.SetItems(tx, VaultSet, -1)
	if err != nil {
		return err
	}
	for _, it := range list {
		if owner, ok := p.owner(ring, it); !ok || !of(owner) {
			continue
		}
		if _, err := tx.SetAdd(VaultSet, store.Item{ID: it.ID, Gone: true}); err != nil {
			return err
		}
	}
	return nil
}

// SweepKeys destroys the keys of erased people that came after the erasure, from
// a device that had not heard of it. It looks only after keys have moved.
func (p *People) SweepKeys(ctx context.Context) error {
	if !p.sweep.CompareAndSwap(true, false) {
		return nil
	}
	late, err := p.lateKeys(ctx)
	if err == nil && len(late) > 0 {
		err = p.st.Update(ctx, store.Author{}, func(tx *store.Tx) error {
			for _, it := range late {
				if _, err := tx.SetAdd(VaultSet, store.Item{ID: it, Gone: true}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		p.sweep.Store(true)
	}
	return err
}

// lateKeys lists the keys of erased people that are still here: a tombstone covers
// them, or the owner's record says that it was erased.
func (p *People) lateKeys(ctx context.Context) (late [][32]byte, err error) {
	err = p.st.View(ctx, func(q store.Querier) error {
		list, err := store.SetItems(q, VaultSet, -1)
		if err != nil {
			return err
		}
		gone := map[[32]byte]bool{}
		for _, it := range list {
			if it.Gone {
				gone[it.ID] = true
			}
		}
		erased, err := p.ErasedPeople(q)
		if err != nil || len(gone)+len(erased) == 0 {
			return err
		}
		ring, err := p.charter.Keyring()
		if err != nil {
			return err
		}
		back, err := p.generations(q)
		if err != nil {
			return err
		}
		for _, it := range list {
			owner, ok := p.owner(ring, it)
			if ok && (erased[owner] || gone[tombstoneID(p.charter.Community(), owner, back[owner])]) {
				late = append(late, it.ID)
			}
		}
		return nil
	})
	if errors.Is(err, govern.ErrNoKeyring) {
		return nil, nil // no staff: it keeps no keys
	}
	if err != nil {
		return nil, fmt.Errorf("people: keys of erased people: %w", err)
	}
	return late, nil
}

// owner tells whose key an item of the vault is; false for one that is gone, of a
// newer program, or under a key that this device never had: it opens nothing here.
// An item never changes its owner, so each is opened once.
func (p *People) owner(ring govern.Keyring, it store.Item) (ID, bool) {
	if it.Gone {
		return ID{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	owner, ok := p.owners[it.ID]
	if ok {
		return owner, true
	}
	_, owner, err := unwrapKey(ring.Keys, it.ID, it.Blob)
	if err == nil {
		p.owners[it.ID] = owner
	}
	return owner, err == nil
}

// ErasedPeople are those whose record says that they were erased.
func (p *People) ErasedPeople(q store.Querier) (map[ID]bool, error) {
	out := map[ID]bool{}
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var id []byte
		err := r.Scan(&id)
		if err == nil {
			out[ID(id)] = true
		}
		return err
	}, "SELECT id FROM people_person WHERE status = 'erased'")
}

// generations are those of the people who came back after an erasure.
func (p *People) generations(q store.Querier) (map[ID]uint32, error) {
	out := map[ID]uint32{}
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var id []byte
		var g uint32
		err := r.Scan(&id, &g)
		if err == nil {
			out[ID(id)] = g
		}
		return err
	}, "SELECT id, generation FROM people_person WHERE generation > 0")
}
