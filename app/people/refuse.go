package people

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// cardDoc is the document that tells every device, merchants too, which cards
// are refused. It holds one number for each person whose card was ever
// replaced or blocked, under card/<person id>/least: the least serial number
// that is still taken. Numbers only grow, so the greatest one wins whoever
// wrote it, in whatever order changes arrive.
const cardDoc = "card"

// maxLeast refuses the last card that a person can have.
const maxLeast = (maxCard + 1) * serials

func leastKey(id ID) string { return "card/" + id.String() + "/least" }

func parseLeastKey(key string) (ID, bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != "card" || parts[2] != "least" {
		return ID{}, false
	}
	id, err := ParseID(parts[1])
	return id, err == nil
}

// cardForm is strict, unlike that of people: what every device reads must hold
// numbers of pseudonyms and nothing else, and a refused card stays refused.
func cardForm(ch *wire.Change) error {
	for _, op := range ch.Ops {
		if _, ok := parseLeastKey(op.Key); !ok {
			return fmt.Errorf("people: %.80q is no key of a card", op.Key)
		}
		if op.Delete || op.Value.Kind != wire.Int || op.Value.Num < 1 || op.Value.Num > maxLeast {
			return fmt.Errorf("people: a bad value of %.80q", op.Key)
		}
	}
	return nil
}

// raiseLeast projects a change of the document. It looks at what was written,
// not at what is shown: a smaller number written later lowers nothing.
func raiseLeast(tx *store.Tx, ch *wire.Change) error {
	for _, op := range ch.Ops {
		id, ok := parseLeastKey(op.Key)
		if !ok {
			continue
		}
		if _, err := tx.Exec("INSERT INTO people_card (id, least) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET least = max(least, excluded.least)",
			id[:], op.Value.Num); err != nil {
			return err
		}
	}
	return nil
}

// after is the least serial number when a whole generation is refused.
func after(generation int64) int64 { return (generation + 1) * serials }

// refusedBy is what a person's own record says is refused: all staff devices
// hold it, and those of an older program wrote nothing else.
func refusedBy(c cardState, blocked int64) int64 {
	least := int64(0)
	if c.Generation > 0 {
		least = c.serial()
	}
	if blocked >= 0 && blocked <= maxCard {
		least = max(least, after(blocked))
	}
	return least
}

// cardIn reads a person's card and the least serial number inside a
// transaction, where the directory may be behind.
func (p *People) cardIn(q store.Querier, id ID) (c cardState, least int64, err error) {
	var card *string
	var blocked *int64
	err = q.QueryRow("SELECT card, blocked FROM people_person WHERE id = ?", id[:]).Scan(&card, &blocked)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, 0, err
	}
	c = parseCard(text(card))
	err = q.QueryRow("SELECT least FROM people_card WHERE id = ?", id[:]).Scan(&least)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return c, max(least, refusedBy(c, number(blocked, -1))), err
}

// refuse tells every device to refuse a person's cards below a serial number.
func (p *People) refuse(tx *store.Tx, action string, least map[ID]int64) error {
	var puts []store.Put
	for id, n := range least {
		var have int64
		err := tx.QueryRow("SELECT least FROM people_card WHERE id = ?", id[:]).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if n = min(n, maxLeast); n > have {
			puts = append(puts, store.Put{Key: leastKey(id), Value: wire.IntValue(n)})
		}
	}
	if len(puts) == 0 {
		return nil
	}
	sortPuts(puts)
	_, err := tx.Put(p.charter.Doc(cardDoc), action, puts...)
	return err
}

// nextCard returns the card that comes after all that a person had. Its
// attempt is drawn at random, so that two devices that replace a card while
// apart print different ones, of which the greater holds everywhere. Fault:
// people.card.full.
func (p *People) nextCard(id ID, had cardState, least int64) (cardState, error) {
	c := cardState{Generation: max(had.Generation+1, int((least+serials-1)/serials))}
	if c.Generation > maxCard {
		return c, fault.New("people.card.full")
	}
	var draw [8]byte
	if _, err := io.ReadFull(p.Rand, draw[:]); err != nil {
		return c, err
	}
	d, err := p.current()
	if err != nil {
		return c, err
	}
	defer d.mu.Unlock()
	first := binary.BigEndian.Uint64(draw[:]) % maxCard
	for n := range uint64(maxCard) {
		c.Attempt = 1 + int((first+n)%maxCard) // 0 is left to blocking: the first serial number of a generation is nobody's
		if d.free(c.code(id), id) {
			return c, nil
		}
	}
	return c, fault.New("people.card.full")
}

// firstCard returns the card of somebody who registers: who was here before,
// and had a card refused, gets one that is not. Fault: people.card.full.
func (p *People) firstCard(q store.Querier, id ID) (cardState, error) {
	_, least, err := p.cardIn(q, id)
	if err != nil {
		return cardState{}, err
	}
	if least > 0 {
		return p.nextCard(id, cardState{}, least)
	}
	d, err := p.current()
	if err != nil {
		return cardState{}, err
	}
	defer d.mu.Unlock()
	c := cardState{}
	for ; c.Attempt < maxCard; c.Attempt++ {
		if d.free(c.code(id), id) {
			return c, nil
		}
	}
	return c, fault.New("people.card.full")
}

// free tells whether nobody else's card has the code.
func (d *directory) free(code string, id ID) bool {
	return !slices.ContainsFunc(d.byCode[code], func(o ID) bool { return o != id })
}

// unpublished lists what people's own records refuse and every device is not
// told yet, as devices with an older program write it.
func (p *People) unpublished() (map[ID]int64, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	out := map[ID]int64{}
	for id, e := range d.people {
		if own := refusedBy(e.card, e.blocked); own > d.cards[id] && !e.erased {
			out[id] = own
		}
		if len(out) >= maxPublish {
			break
		}
	}
	return out, nil
}

// maxPublish bounds the persons of one change of the document.
const maxPublish = 500

// laterCard and greaterNumber order what devices wrote while apart.
func laterCard(a, b wire.Value) bool     { return parseCard(a.Raw).serial() > parseCard(b.Raw).serial() }
func greaterNumber(a, b wire.Value) bool { return a.Num > b.Num }

// Holds tells whether a card that was met before, known by its generation and
// code, is still the person's.
func (p *People) Holds(id ID, generation int, code string) bool {
	d := &p.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	least := d.least(id)
	g, attempt := int(least/serials), int(least%serials)
	if generation != g || attempt == 0 {
		return generation >= g
	}
	return cardState{g, attempt}.code(id) == code
}
