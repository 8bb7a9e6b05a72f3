package people

import (
	"context"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Card is what is printed for a person.
type Card struct {
	ID        string `json:"id"`
	Code      string `json:"code"`
	QR        string `json:"qr"`
	Masked    string `json:"masked"`
	Name      string `json:"name"`
	Community string `json:"community"`
}

// Cards returns the cards of persons, signed by this device. Faults:
// people.unknown, call.page for more than a page of ids.
func (p *People) Cards(ctx context.Context, ids []string) ([]Card, error) {
	if len(ids) > maxPage {
		return nil, fault.New("call.page", "limit", maxPage)
	}
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	name := p.charter.Settings().Name
	out := make([]Card, len(ids))
	for i, s := range ids {
		id, err := ParseID(s)
		if err != nil {
			return nil, err
		}
		e := d.person(id)
		if e == nil || !e.visible() {
			return nil, fault.New("people.unknown", "id", s)
		}
		qr, err := cardText(p.Device, p.charter.Community(), e.holder, Mask(e.name), e.card, e.verifier())
		if err != nil {
			return nil, err
		}
		out[i] = Card{ID: s, Code: e.code, QR: qr, Masked: Mask(e.name), Name: e.name, Community: name}
	}
	return out, nil
}

// ReplaceCard gives a person a new card; the old one is refused from then on,
// at every device that meets the change. If two devices replace one card while
// apart, the card with the greater serial number holds. Faults:
// people.unknown, people.card.full.
func (p *People) ReplaceCard(ctx context.Context, operator, id string) (Card, error) {
	return p.replaceCard(ctx, operator, id, nil)
}

// replaceCard writes the next card, with what more is to be kept of it.
func (p *People) replaceCard(ctx context.Context, operator, id string, more func(*store.Tx, ID, cardState) ([]store.Put, error)) (Card, error) {
	err := p.card(ctx, operator, id, func(tx *store.Tx, pid ID, had cardState, least int64) ([]store.Put, int64, error) {
		next, err := p.nextCard(pid, had, least)
		if err != nil {
			return nil, 0, err
		}
		puts := []store.Put{{Key: personKey(pid, "card"), Value: wire.StringValue(next.String())}}
		if more != nil {
			extra, err := more(tx, pid, next)
			return append(puts, extra...), next.serial(), err
		}
		return puts, next.serial(), nil
	})
	if err != nil {
		return Card{}, err
	}
	cards, err := p.Cards(ctx, []string{id})
	if err != nil {
		return Card{}, err
	}
	return cards[0], nil
}

// BlockCard refuses a lost card until it is replaced. Fault: people.unknown.
func (p *People) BlockCard(ctx context.Context, operator, id string) error {
	return p.card(ctx, operator, id, block)
}

// BlockCardIn is BlockCard inside a transaction.
func (p *People) BlockCardIn(tx *store.Tx, id ID) error { return p.changeCard(tx, id, block) }

func block(_ *store.Tx, pid ID, had cardState, _ int64) ([]store.Put, int64, error) {
	n := int64(had.Generation)
	return []store.Put{{Key: personKey(pid, "blocked"), Value: wire.IntValue(n)}}, after(n), nil
}

// cardChange returns what the record says of a person's card, and the least serial
// number that is taken from then on.
type cardChange func(tx *store.Tx, pid ID, had cardState, least int64) ([]store.Put, int64, error)

// card changes a person's card.
func (p *People) card(ctx context.Context, operator, id string, do cardChange) error {
	pid, err := ParseID(id)
	if err != nil {
		return err
	}
	return p.Write(ctx, operator, func(tx *store.Tx) error { return p.changeCard(tx, pid, do) })
}

func (p *People) changeCard(tx *store.Tx, pid ID, do cardChange) error {
	first, rest, err := p.recordsIn(tx, pid)
	if err != nil {
		return err
	}
	if err := p.blockOthers(tx, rest); err != nil {
		return err
	}
	had, least, err := p.cardIn(tx, first)
	if err != nil {
		return err
	}
	puts, least, err := do(tx, first, had, least)
	if err != nil {
		return err
	}
	if _, err := tx.Put(p.doc(first), "people.card", puts...); err != nil {
		return err
	}
	return p.refuse(tx, "people.card", map[ID]int64{first: least})
}

// recordsIn are the records of a person inside a transaction, where the directory
// may not have heard of a joining yet: the first that is readable here, and the
// others. Fault: people.unknown.
func (p *People) recordsIn(tx *store.Tx, id ID) (first ID, rest []ID, err error) {
	j, err := p.charter.Joined(tx)
	if err != nil {
		return ID{}, nil, err
	}
	rest = idsOf(j, id)
	i := slices.IndexFunc(rest, p.readable)
	if i < 0 {
		return ID{}, nil, fault.New("people.unknown", "id", id.String())
	}
	first = rest[i]
	return first, slices.Delete(rest, i, i+1), nil
}

// readable tells whether a record is one that can be read here.
func (p *People) readable(id ID) bool {
	d := &p.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.people[id]
	return e != nil && e.visible()
}

// blockOthers refuses the cards of a person's other records: a lost card may be any
// of them, and one that is replaced leaves one. A record that is not here is left
// as it is; its card is refused all the same.
func (p *People) blockOthers(tx *store.Tx, records []ID) error {
	least := map[ID]int64{}
	for _, id := range records {
		c, _, err := p.cardIn(tx, id)
		if err != nil {
			return err
		}
		n := int64(c.Generation)
		least[id] = after(n)
		if !p.readable(id) {
			continue
		}
		if _, err := tx.Put(p.doc(id), "people.card", store.Put{Key: personKey(id, "blocked"), Value: wire.IntValue(n)}); err != nil {
			return err
		}
	}
	return p.refuse(tx, "people.card", least)
}

// Validity says what a scanned card is worth here.
type Validity string

// The validities of a card.
const (
	CardOK      Validity = "ok"
	CardBlocked Validity = "blocked" // lost, or replaced by a newer one
	CardUnknown Validity = "unknown" // not proven: another community's, or nobody here
)

// Found is the person behind a scanned or typed text.
type Found struct {
	Person     ID
	Masked     string
	Code       string
	Validity   Validity
	Own        bool // of this community
	Community  string
	Generation int // of the card that was shown
	PIN        Verifier
}

// Resolve finds the person of a card: its QR, which every device can check, or
// its printed code, which only staff can, who hold the people. Faults:
// people.card.bad, .newer, .signer, .forged; people.code.bad;
// people.code.unknown; people.code.twice if two people have the code.
func (p *People) Resolve(ctx context.Context, scanned string) (Found, error) {
	d, err := p.current()
	if err != nil {
		return Found{}, err
	}
	defer d.mu.Unlock()
	if IsCard(scanned) {
		return p.resolveCard(d, scanned)
	}
	code, err := NormalCode(scanned)
	if err != nil {
		return Found{}, err
	}
	switch ids := d.byCode[code]; len(ids) {
	case 0:
		return Found{}, fault.New("people.code.unknown")
	case 1:
		return d.found(d.people[ids[0]], p.charter.Community()), nil
	}
	return Found{}, fault.New("people.code.twice")
}

func (d *directory) found(e *entry, community string) Found {
	f := Found{Person: e.id, Masked: Mask(e.name), Code: e.code, Validity: CardOK, Own: true, Community: community, Generation: e.card.Generation, PIN: e.verifier()}
	if d.blocks(e) {
		f.Validity = CardBlocked
	}
	return f
}

func (p *People) resolveCard(d *directory, scanned string) (Found, error) {
	proof, err := ReadCard(scanned, p.charter.Community(), p.signers)
	f := Found{
		Person: proof.Person, Masked: proof.Masked, Code: proof.Code, Validity: CardOK, Own: true,
		Community: proof.Community, Generation: proof.Generation, PIN: proof.PIN,
	}
	if errors.Is(err, fault.New("people.card.foreign")) {
		f.Own, f.Validity = false, CardUnknown
		return f, nil
	}
	if err != nil {
		return Found{}, err
	}
	e := d.people[proof.Person]
	if e != nil {
		f.Masked = Mask(d.person(e.id).name)
	} else if d.loaded { // staff hold everybody who was synced; a newer card may be of somebody not here yet
		f.Validity = CardUnknown
	}
	// A card with a greater serial number than any known here is one that was
	// replaced where this device has not heard of it yet: it is signed, and holds.
	if e != nil && e.erased || (cardState{proof.Generation, proof.Attempt}).serial() < d.least(proof.Person) {
		f.Validity = CardBlocked
	}
	return f, nil
}

// signers returns the staff devices in force whose id begins with the bytes.
func (p *People) signers(prefix [8]byte) [][32]byte {
	var out [][32]byte
	for _, d := range p.charter.Devices() {
		if d.Role.Staff() && !d.Revoked && slices.Equal(d.Device[:8], prefix[:]) {
			out = append(out, d.Device)
		}
	}
	return out
}
