package people

import "jishan/crdt/store"

// SealText encrypts a text about a person that another subject keeps, under
// the person's key: who erases the person erases it. field is what it is bound
// to, for instance "order/<id>/text". Fault: people.unknown.
func (p *People) SealText(tx *store.Tx, id ID, field, plain string) ([]byte, error) {
	if err := p.here(tx, id); err != nil {
		return nil, err
	}
	k, err := p.keyFor(tx, id)
	if err != nil {
		return nil, err
	}
	return sealValue(p.Rand, k.key, k.ref, p.place(id, field), plain)
}

// OpenText decrypts what SealText made for the same field. "" when the key was
// destroyed or has not arrived, or when the value is nonsense.
func (p *People) OpenText(q store.Querier, id ID, field string, sealed []byte) (string, error) {
	k, err := p.keyed(q)
	if err != nil {
		return "", err
	}
	s, err := k.open(id, field, sealed)
	if unreadable(err) {
		return "", nil
	}
	return s, err
}

// Reach returns how a person is reached, for who was asked to go there: the
// telephone and the address on record, "" for what is not readable here.
func (p *People) Reach(id ID) (phone, address string, err error) {
	d, err := p.current()
	if err != nil {
		return "", "", err
	}
	defer d.mu.Unlock()
	if e := d.person(id); e != nil && e.visible() {
		phone, address = e.phone, e.address
	}
	return phone, address, nil
}
