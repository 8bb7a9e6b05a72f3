package people

import (
	"encoding/binary"
	"errors"
	"io"

	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// VaultSet is the set of people's wrapped keys, which staff devices exchange.
const VaultSet = "vault"

// usableKey is a person's key that values can be sealed with.
type usableKey struct {
	ref keyRef
	key [32]byte
}

// newKey draws a key for a person and adds it to the vault.
func (p *People) newKey(tx *store.Tx, id ID, generation uint32) (usableKey, error) {
	ring, err := p.charter.Keyring()
	if err != nil {
		return usableKey{}, err
	}
	k := usableKey{ref: keyRef{Generation: generation}}
	var number [8]byte
	if _, err := io.ReadFull(p.Rand, number[:]); err != nil {
		return usableKey{}, err
	}
	number[0] |= 0x80 // never 0, which names the tombstone
	k.ref.Number = binary.BigEndian.Uint64(number[:])
	if _, err := io.ReadFull(p.Rand, k.key[:]); err != nil {
		return usableKey{}, err
	}
	item := vaultID(p.charter.Community(), id, k.ref)
	version := ring.Current()
	blob, err := wrapKey(p.Rand, ring.Keys[version], version, item, id, k.key)
	if err != nil {
		return usableKey{}, err
	}
	_, err = tx.SetAdd(VaultSet, store.Item{ID: item, Blob: blob})
	return k, err
}

// KeysIn notes the vault's items of the keys that a change of a people document names. It
// needs no keyring: a revoked device has none.
func (p *People) KeysIn(doc store.DocID, chunk wire.Chunk, items map[[32]byte]bool) error {
	if path, err := govern.ParsePath(doc); err != nil || path.Row.Doc != "people" {
		return err
	}
	ch, _, err := wire.Decode(chunk)
	if err != nil {
		return err
	}
	for _, op := range ch.Ops {
		if _, id, f, ok := parseKey(op.Key); ok && f.Secret && op.Value.Kind == wire.Bytes {
			if ref, err := valueKey([]byte(op.Value.Raw)); err == nil {
				items[vaultID(p.charter.Community(), id, ref)] = true
			}
		}
	}
	return nil
}

// getItem finds an item of the vault.
type getItem func(id [32]byte) (store.Item, bool, error)

func vaultOf(q store.Querier) getItem {
	return func(id [32]byte) (store.Item, bool, error) { return store.SetGet(q, VaultSet, id) }
}

// wholeVault reads the vault at once: a fifth of the time of asking for each
// key when everybody is read.
func wholeVault(q store.Querier) (getItem, error) {
	list, err := store.SetItems(q, VaultSet, -1)
	if err != nil {
		return nil, err
	}
	items := make(map[[32]byte]store.Item, len(list))
	for _, it := range list {
		items[it.ID] = it
	}
	return func(id [32]byte) (store.Item, bool, error) {
		it, ok := items[id]
		return it, ok, nil
	}, nil
}

// key returns a person's key by the name that a value gives. Errors: ErrNoKey,
// and as one of it ErrDestroyed.
func (p *People) key(get getItem, ring govern.Keyring, id ID, k keyRef) ([32]byte, error) {
	community := p.charter.Community()
	for _, item := range [][32]byte{tombstoneID(community, id, k.Generation), vaultID(community, id, k)} {
		it, ok, err := get(item)
		if err != nil {
			return [32]byte{}, err
		}
		if ok && it.Gone {
			return [32]byte{}, ErrDestroyed
		}
		if ok {
			key, owner, err := unwrapKey(ring.Keys, item, it.Blob)
			if err == nil && owner != id {
				err = errSealed
			}
			return key, err
		}
	}
	return [32]byte{}, ErrNoKey
}

// keyFor returns the key that a person's values are to be sealed with: one
// that is in use, or a new one.
func (p *People) keyFor(tx *store.Tx, id ID) (usableKey, error) {
	var name []byte
	var generation *int64
	err := tx.QueryRow("SELECT name, generation FROM people_person WHERE id = ?", id[:]).Scan(&name, &generation)
	if err != nil {
		return usableKey{}, err
	}
	var g uint32
	if generation != nil {
		g = uint32(*generation)
	}
	ring, err := p.charter.Keyring()
	if err != nil {
		return usableKey{}, err
	}
	refs := make([]keyRef, 0, 2)
	if ref, err := valueKey(name); err == nil {
		refs = append(refs, ref)
	}
	if ref, ok := p.madeLately(id); ok { // the name's key is an old one: not a new key for every text
		refs = append(refs, ref)
	}
	for _, ref := range refs {
		key, err := p.key(vaultOf(tx), ring, id, ref)
		if err == nil && p.fresh(tx, ring, id, ref) {
			return usableKey{ref, key}, nil
		}
		if err != nil && !errors.Is(err, ErrNoKey) {
			return usableKey{}, err
		}
	}
	k, err := p.newKey(tx, id, g)
	if err == nil {
		p.noteMade(id, k.ref)
	}
	return k, err
}

// maxMade bounds how many people's newest keys are remembered by name.
const maxMade = 1000

func (p *People) madeLately(id ID) (keyRef, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ref, ok := p.made[id]
	return ref, ok
}

// noteMade remembers a key's name. Should its transaction fail, the key is not
// found and another one is made.
func (p *People) noteMade(id ID, ref keyRef) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.made) >= maxMade {
		clear(p.made)
	}
	p.made[id] = ref
}

// fresh tells whether a key is wrapped under the community key in force. One
// under an older version may be known to a revoked device: what is written
// from now on gets a new key.
func (p *People) fresh(q store.Querier, ring govern.Keyring, id ID, k keyRef) bool {
	it, ok, err := store.SetGet(q, VaultSet, vaultID(p.charter.Community(), id, k))
	return err == nil && ok && wrappedUnder(it.Blob) == ring.Current()
}

// sealed makes the put of a secret field; an empty text removes it.
func (p *People) sealed(k usableKey, id ID, field, plain string) (store.Put, error) {
	put := store.Put{Key: personKey(id, field)}
	if plain == "" {
		put.Delete = true
		return put, nil
	}
	b, err := sealValue(p.Rand, k.key, k.ref, p.place(id, field), plain)
	put.Value = wire.BytesValue(b)
	return put, err
}

// keyed opens sealed values and remembers keys within one reading.
type keyed struct {
	p    *People
	q    store.Querier
	get  getItem
	ring govern.Keyring
	keys map[[32]byte]keyResult
}

type keyResult struct {
	key [32]byte
	err error
}

func (p *People) keyed(q store.Querier) (*keyed, error) {
	ring, err := p.charter.Keyring()
	if err != nil {
		return nil, err
	}
	return &keyed{p: p, q: q, get: vaultOf(q), ring: ring, keys: map[[32]byte]keyResult{}}, nil
}

// open returns the readable text of a sealed value, "" for none.
func (k *keyed) open(id ID, field string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	ref, err := valueKey(sealed)
	if err != nil {
		return "", err
	}
	item := vaultID(k.p.charter.Community(), id, ref)
	r, ok := k.keys[item]
	if !ok {
		r.key, r.err = k.p.key(k.get, k.ring, id, ref)
		k.keys[item] = r
	}
	if r.err != nil {
		return "", r.err
	}
	return openValue(r.key, sealed, k.p.place(id, field))
}
