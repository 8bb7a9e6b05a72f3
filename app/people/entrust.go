package people

import (
	"errors"
	"unicode/utf8"

	"jishan/app/govern"
	"jishan/crdt/store"
)

// What stands for a text that can't be shown. A screen has the words for it.
const (
	Erased = "@erased" // its key was destroyed
	Unread = "@unread" // its key has not arrived, or the text is of a newer program, or damaged
)

// Plain is a text that Texts returned, "" for one that can't be read: for those who
// have no word for that.
func Plain(text string) string {
	if text == Erased || text == Unread {
		return ""
	}
	return text
}

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

// SealThing encrypts a text that hangs on no person, such as the note of an
// activity, under a key of its own: DropThing destroys that.
func (p *People) SealThing(tx *store.Tx, thing ID, field, plain string) ([]byte, error) {
	k, err := p.newKey(tx, thing, 0)
	if err != nil {
		return nil, err
	}
	return sealValue(p.Rand, k.key, k.ref, p.place(thing, field), plain)
}

// DropThing destroys the key that SealThing made for a text: it opens nowhere
// any more. What names no key is left alone.
func (p *People) DropThing(tx *store.Tx, thing ID, sealed []byte) error {
	ref, err := valueKey(sealed)
	if err != nil {
		return nil
	}
	_, err = tx.SetAdd(VaultSet, store.Item{ID: vaultID(p.charter.Community(), thing, ref), Gone: true})
	return err
}

// Texts opens sealed texts within one reading of the database. It remembers the
// keys, so a list of a thousand costs a few dozen look-ups.
type Texts struct {
	k   *keyed // nil where no text can be opened: no staff device
	err error
}

// Texts returns a reader. A device that is no staff reads Unread.
func (p *People) Texts(q store.Querier) *Texts {
	k, err := p.keyed(q)
	if errors.Is(err, govern.ErrNoKeyring) {
		err = nil
	}
	return &Texts{k, err}
}

// Open decrypts what SealText or SealThing made for the same field: "" for none,
// Erased or Unread for what can't be read.
func (t *Texts) Open(id ID, field string, sealed []byte) (string, error) {
	if len(sealed) == 0 || t.err != nil {
		return "", t.err
	}
	if t.k == nil {
		return Unread, nil
	}
	s, err := t.k.open(id, field, sealed)
	switch {
	case errors.Is(err, ErrDestroyed):
		return Erased, nil
	case unreadable(err):
		return Unread, nil
	}
	return s, err
}

// Envelope tells whether admission lets a sealed text pass: one of the version
// that this program knows is as long as a text of at most so many characters
// makes it; one of a later version is small and waits for a program that reads it.
func Envelope(sealed []byte, chars int) bool {
	if len(sealed) == 0 || len(sealed) > maxSealed || sealed[0] < valueVersion || sealed[0] > maxVersion {
		return false
	}
	body := len(sealed) - sealedHead - sealedTail
	longest := (chars*utf8.UTFMax/padTo + 1) * padTo
	return sealed[0] > valueVersion || body >= padTo && body <= longest && body%padTo == 0
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
