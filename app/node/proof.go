package node

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/shop"
	"jishan/crdt/store"
)

// Card proof: above an amount that the community sets, a redemption needs the
// card's PIN or the keeper's word that he compared the person. Both stand in
// the redemption's transaction.

func (n *Node) proofCalls() map[string]handler {
	return map[string]handler{
		"card.rule":    in(n, (*community).cardRule),
		"card.setRule": staff(n, (*community).setCardRule),
	}
}

type cardRuleReply struct {
	Above     int64 `json:"above"` // points a day; 0 = never
	Most      int64 `json:"most"`
	Registrar bool  `json:"registrar"` // this device may change it
	PIN       bool  `json:"pin"`       // PINs can be set: the community's secret is here
}

func (c *community) cardRule(context.Context, none) (cardRuleReply, error) {
	s := c.charter.Settings()
	_, pin := s.CardPepper()
	return cardRuleReply{s.CardProof(), govern.MaxCardProof, c.tend.registrar(), pin}, nil
}

// setCardRule changes the amount. Faults: card.rule.bad{max},
// govern.registrar.only.
func (c *community) setCardRule(ctx context.Context, r struct {
	Above int64 `json:"above"`
}) (none, error) {
	if r.Above < 0 || r.Above > govern.MaxCardProof {
		return none{}, fault.New("card.rule.bad", "max", int64(govern.MaxCardProof))
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.CardProofSetting(r.Above)) })
}

// pepper draws the community's secret beside the PINs once.
func (t *tender) pepper(ctx context.Context) error {
	if _, ok := t.c.charter.Settings().CardPepper(); ok || !t.registrar() {
		return nil
	}
	source := t.c.node.cfg.Rand
	if source == nil {
		source = rand.Reader
	}
	var p [32]byte
	if _, err := io.ReadFull(source, p[:]); err != nil {
		return err
	}
	return t.write(ctx, func(tx *store.Tx) error { return t.c.charter.SetPolicy(tx, govern.CardPepperSetting(p)) })
}

// pinWaits is for how long a card's PIN is not tried again at this device after
// so many wrong ones in a row. The last one stays: of the 10,000 PINs of four
// digits it lets 48 a day be tried.
var pinWaits = [...]time.Duration{0, 0, 10 * time.Second, time.Minute, 30 * time.Minute}

func pinWait(tries int) int64 {
	return pinWaits[min(tries, len(pinWaits))-1].Milliseconds()
}

// proof turns what was entered at the till into a proof. Faults:
// till.pin.none (no PIN is known of the card that was shown here), those of tryPIN.
func (c *community) proof(ctx context.Context, person, pin string, word bool) (shop.Proof, error) {
	switch {
	case pin != "":
		id, err := people.ParseID(person)
		if err != nil {
			return shop.NotProven, fault.New("people.unknown")
		}
		return shop.ByPIN, c.tryPIN(ctx, id, pin)
	case word:
		return shop.ByKeeper, nil
	}
	return shop.NotProven, nil
}

// cardHere is the card of a record as this device knows it: by the roster, or
// as it was shown here last.
func (c *community) cardHere(id people.ID) (code string, v people.Verifier) {
	if code, v, ok := c.people.OwnCard(id); ok {
		return code, v
	}
	f, _ := c.metCard(id)
	return f.Code, f.PIN
}

// tryPIN checks a PIN, one try at a time. A try counts before it is made, so
// that a power cut gives nobody another one. Faults: till.pin.none,
// till.pin.wrong{left} (tries until the long wait), till.pin.wait{seconds}.
func (c *community) tryPIN(ctx context.Context, id people.ID, pin string) error {
	c.pinMu.Lock()
	defer c.pinMu.Unlock()
	id = c.shownCard(id) // a PIN is a card's
	code, v := c.cardHere(id)
	if v == (people.Verifier{}) {
		return fault.New("till.pin.none")
	}
	tries, err := c.countTry(ctx, code)
	if err != nil {
		return err
	}
	ok, err := c.people.Fits(v, pin, id, code)
	if err != nil {
		return err
	}
	if ok {
		return c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
			_, err := tx.Exec(`DELETE FROM local_pin WHERE code = ?`, code)
			return err
		})
	}
	if wait := pinWait(tries); wait > 0 {
		return fault.New("till.pin.wait", "seconds", wait/1000, "tries", tries)
	}
	return fault.New("till.pin.wrong", "left", len(pinWaits)-tries)
}

// countTry notes a try of a card's PIN. Fault: till.pin.wait{seconds}.
func (c *community) countTry(ctx context.Context, code string) (tries int, err error) {
	now := c.node.now()
	err = c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		var until int64
		err := tx.QueryRow(`SELECT tries, until FROM local_pin WHERE code = ?`, code).Scan(&tries, &until)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if tries > 0 && now < until && until-now <= pinWait(tries) { // a clock that was put back locks nobody out for longer
			return fault.New("till.pin.wait", "seconds", (until-now+999)/1000, "tries", tries)
		}
		tries++
		_, err = tx.Exec(`INSERT OR REPLACE INTO local_pin (code, tries, until) VALUES (?, ?, ?)`, code, tries, now+pinWait(tries))
		return err
	})
	return tries, err
}
