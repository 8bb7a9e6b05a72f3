package node

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/pass"
	"jishan/app/people"
	"jishan/app/shop"
	"jishan/app/voucher"
	"jishan/crdt/store"
)

func (c *community) newShop() *shop.Shop {
	return shop.New(shop.Config{
		Doc: c.charter.Doc, Rights: c.ledger, People: buyers{c}, Clock: c.node.now, Rand: c.node.cfg.Rand,
		ProofAbove: func() int64 { return c.charter.Settings().CardProof() },
		Keeping:    func() int64 { return c.charter.Settings().Keeping() },
		Least: func(q store.Querier) (int64, error) {
			rules, err := c.bylaw.Now(q, c.node.now())
			return rules.Least, err
		},
		Place:     func() string { d, _ := c.self(); return d.Place },
		Title:     c.title,
		LevelName: func(id string) string { return c.honour.Table().Name(id) },
		Same:      c.same,
		Device:    func() string { return c.inc.Actor().String() },
		OnTheWay: func(q store.Querier, person string) (int64, error) {
			due, err := c.activity.OnTheWay(q, []string{person})
			return due[person], err
		},
		IsCheckIn: activity.IsCode,
		Names: func() (string, string) {
			d, _ := c.self()
			return c.charter.Settings().Name, cmp.Or(d.PlaceName, d.Name)
		},
	})
}

// buyers are people as a till may know them: masked, or by their card alone.
type buyers struct{ c *community }

// Card implements shop.Buyers.
func (b buyers) Card(_ store.Querier, text string) (shop.Buyer, bool, error) {
	f, err := b.c.people.Resolve(context.Background(), text)
	if errors.Is(err, fault.New("people.code.bad")) || errors.Is(err, fault.New("people.code.unknown")) {
		return b.byRights(text)
	}
	if err != nil {
		return shop.Buyer{}, false, err
	}
	b.c.noteCard(f)
	b.c.noteShown(f)
	return shop.Buyer{Person: b.c.people.Lead(f.Person).String(), Masked: f.Masked, Code: f.Code, Valid: string(f.Validity), OwnCommunity: f.Own}, true, nil
}

// byRights finds a typed code among the people whose points lie at this till:
// a merchant has no roster, but it has met their cards.
func (b buyers) byRights(text string) (shop.Buyer, bool, error) {
	code, err := people.NormalCode(text)
	if err != nil {
		return shop.Buyer{}, false, nil
	}
	for _, f := range b.c.metCards() {
		if f.Code == code {
			f = b.c.cardNow(f)
			b.c.noteShown(f)
			return shop.Buyer{Person: b.c.people.Lead(f.Person).String(), Masked: f.Masked, Code: f.Code, Valid: string(f.Validity), OwnCommunity: f.Own}, true, nil
		}
	}
	return shop.Buyer{}, false, fault.New("people.code.unknown")
}

// Buyer implements shop.Buyers.
func (b buyers) Buyer(_ store.Querier, person string) (shop.Buyer, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return shop.Buyer{}, fault.New("people.unknown")
	}
	found, err := b.c.people.Briefs(context.Background(), id)
	if err != nil {
		return shop.Buyer{}, err
	}
	out := shop.Buyer{Person: person, Valid: string(people.CardUnknown), OwnCommunity: true}
	if x, ok := found[id]; ok {
		out.Masked, out.Name, out.Code, out.Valid = x.Masked, x.Name, x.Code, string(people.CardOK)
	} else if f, ok := b.c.metPerson(id); ok {
		f = b.c.cardNow(f)
		out.Masked, out.Code, out.Valid, out.OwnCommunity = f.Masked, f.Code, string(f.Validity), f.Own
	}
	if b.c.shownVoid(id) || b.c.people.Void(id) {
		out.Valid = string(people.CardBlocked)
	}
	return out, nil
}

// noteShown remembers whether the last card shown for a person holds: a void
// one buys nothing, however many other cards of that person were shown before.
func (c *community) noteShown(f people.Found) {
	c.metMu.Lock()
	defer c.metMu.Unlock()
	lead := c.people.Lead(f.Person)
	if f.Validity != people.CardBlocked {
		delete(c.void, lead)
		c.cardOf[lead] = f.Person
		return
	}
	if len(c.void) >= maxMet {
		clear(c.void)
	}
	c.void[lead] = struct{}{}
}

func (c *community) shownVoid(id people.ID) bool {
	c.metMu.Lock()
	defer c.metMu.Unlock()
	_, void := c.void[c.people.Lead(id)]
	return void
}

// cardNow says what a card that was met before is worth now: it may have been
// replaced since.
func (c *community) cardNow(f people.Found) people.Found {
	if f.Own && !c.people.Holds(f.Person, f.Generation, f.Code) {
		f.Validity = people.CardBlocked
	}
	return f
}

// maxMet bounds the cards that a till remembers.
const maxMet = 5000

// noteCard remembers a card that was shown at this device, so that its digits
// can be typed the next time. The masked name is all a till ever knows.
func (c *community) noteCard(f people.Found) {
	c.metMu.Lock()
	old, known := c.met[f.Person]
	if known && f.Validity == people.CardBlocked { // an old card does not hide the one that holds
		c.metMu.Unlock()
		return
	}
	if !known && len(c.met) >= maxMet {
		clear(c.met)
	}
	c.met[f.Person] = f
	c.metMu.Unlock()
	if known && old == f {
		return
	}
	c.node.wg.Go(func() {
		if err := c.saveCard(f); err != nil {
			c.node.log.Warn("a card was not remembered", "err", err.Error())
		}
	})
}

func (c *community) saveCard(f people.Found) error {
	return c.store.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO local_card (person, masked, code, valid, own, generation) VALUES (?, ?, ?, ?, ?, ?)`,
			f.Person[:], f.Masked, f.Code, string(f.Validity), f.Own, f.Generation)
		if err != nil || f.PIN == (people.Verifier{}) {
			return err
		}
		_, err = tx.Exec(`INSERT OR REPLACE INTO local_verifier (person, code, verifier) VALUES (?, ?, ?)`, f.Person[:], f.Code, f.PIN[:])
		return err
	})
}

// loadCards reads the cards met before the last stop.
func (c *community) loadCards(ctx context.Context) error {
	c.metMu.Lock()
	defer c.metMu.Unlock()
	c.met, c.void, c.cardOf = map[people.ID]people.Found{}, map[people.ID]struct{}{}, map[people.ID]people.ID{}
	return c.view(ctx, func(q store.Querier) error {
		rows, err := q.Query(`SELECT c.person, c.masked, c.code, c.valid, c.own, c.generation, v.verifier
			FROM local_card c LEFT JOIN local_verifier v ON v.person = c.person AND v.code = c.code LIMIT ?`, maxMet)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, verifier []byte
			var f people.Found
			var valid string
			if err := rows.Scan(&id, &f.Masked, &f.Code, &valid, &f.Own, &f.Generation, &verifier); err != nil {
				return err
			}
			if len(id) == len(f.Person) {
				copy(f.PIN[:], verifier)
				f.Person, f.Validity, f.Community = people.ID(id), people.Validity(valid), c.charter.Community()
				c.met[f.Person] = f
			}
		}
		return rows.Err()
	})
}

func (c *community) metCard(id people.ID) (people.Found, bool) {
	c.metMu.Lock()
	defer c.metMu.Unlock()
	f, ok := c.met[id]
	return f, ok
}

// metPerson is the card of a person that was shown here last, of several the one
// that holds: a till knows a person by cards alone.
func (c *community) metPerson(id people.ID) (found people.Found, ok bool) {
	ids := append([]people.ID{c.shownCard(id)}, c.people.IDs(id)...)
	for _, one := range ids {
		f, met := c.metCard(one)
		if met && (!ok || c.cardNow(found).Validity == people.CardBlocked) {
			found, ok = f, true
		}
	}
	return found, ok
}

// shownCard is the record whose card was shown here last for a person; the record
// whose card is the person's where none was.
func (c *community) shownCard(id people.ID) people.ID {
	c.metMu.Lock()
	shown, ok := c.cardOf[c.people.Lead(id)]
	c.metMu.Unlock()
	if ok {
		return shown
	}
	return c.people.Holder(id)
}

func (c *community) metCards() []people.Found {
	c.metMu.Lock()
	defer c.metMu.Unlock()
	return slices.Collect(maps.Values(c.met))
}

func (c *community) balanceOf(ctx context.Context, person string) (b people.Balance, err error) {
	id, err := people.ParseID(person)
	if err != nil {
		return b, fault.New("people.unknown")
	}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.people.Bank.Balances(q, []people.ID{id})
		b = list[id]
		return err
	})
	return b, err
}

type scanRequest struct {
	textRequest
	Person string `json:"person"` // whose account is open, "" for none
}

func (c *community) scan(ctx context.Context, r scanRequest) (s scanReply, err error) {
	if pass.Is(r.Text) {
		return c.scanPass(ctx, r.Text, r.Person)
	}
	if voucher.Is(r.Text) {
		return c.scanVoucher(ctx, r.Text)
	}
	err = c.view(ctx, func(q store.Querier) (err error) {
		if s.Scan, err = c.shop.Scan(q, r.Text); err == nil && s.Pick != nil {
			err = c.pickHere(q, *s.Pick)
		}
		return err
	})
	return s, err
}

func (c *community) account(ctx context.Context, person string) (a shop.Account, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { a, err = c.shop.Account(q, person); return err })
	return a, err
}

// pullLimit bounds how long a till asks around while a customer waits; of that,
// reachLimit is for a device to come within reach, right after a pulled cable.
const (
	pullLimit  = 4 * time.Second
	reachLimit = 1500 * time.Millisecond
)

// pullReply is what a person has here after others were asked. Who did not
// answer may hold more; with nobody missing, and still less than was needed,
// what is here is all: everybody said so, or one who holds all feeds.
type pullReply struct {
	shop.Account
	Missing []string `json:"missing"` // devices by place, that were not in reach or gave no answer
}

// pull asks the devices in reach for a person's points until there is enough
// here: the richest holder first as far as this device can know, else the
// office, then the stations.
func (c *community) pull(ctx context.Context, r struct {
	Person string `json:"person"`
	Need   int64  `json:"need"` // that shall be here
}) (out pullReply, err error) {
	out.Missing = []string{}
	id, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	if r.Need < 1 || r.Need > 1_000_000 {
		return out, fault.New("till.amount")
	}
	ctx, cancel := context.WithTimeout(ctx, pullLimit)
	defer cancel()
	if c.shownVoid(id) || c.people.Void(id) {
		return out, fault.New("till.blocked")
	}
	if !c.mesh.reach(ctx, reachLimit) {
		return out, fault.New("till.pull.offline")
	}
	if d, _ := c.self(); d.Role == govern.Merchant {
		if err := c.fetchExposure(ctx, r.Need); err != nil {
			return out, err
		}
	}
	c.visits.note(c.people.Lead(id), c.node.now())
	told, all := map[[32]byte]bool{}, false
	for _, pub := range c.holders(ctx, ledger.Subject(id)) {
		have, err := c.rightsHere(ctx, ledger.Subject(id))
		if err != nil {
			return out, err
		}
		if have >= r.Need {
			break
		}
		said, err := c.empty(ctx, pub, ledger.Subject(id), r.Need)
		if all = errors.Is(err, fault.New("ledger.points.nowhere")); all {
			break
		}
		if told[pub] = said; err != nil {
			c.node.log.Info("a device gave no points", "device", deviceText(pub), "err", err.Error())
		}
	}
	if !all {
		out.Missing = append(out.Missing, c.untold(told)...)
	}
	out.Account, err = c.account(context.WithoutCancel(ctx), r.Person)
	return out, err
}

// empty asks a device until there is enough here or it has no more, which it
// says in answer to the question after its last points. said: it has no more.
func (c *community) empty(ctx context.Context, pub [32]byte, person ledger.Subject, need int64) (said bool, err error) {
	nowhere := 0
	ids := c.people.IDs(people.ID(person)) // who is asked may not know yet that they are one
	for _, id := range ids {
		said, err = c.emptyOne(ctx, pub, ledger.Subject(id), need)
		if errors.Is(err, fault.New("ledger.points.nowhere")) {
			nowhere++
			continue
		}
		if err != nil && !said {
			return said, err
		}
	}
	if nowhere == len(ids) {
		return false, fault.New("ledger.points.nowhere")
	}
	return said || nowhere > 0, err
}

// emptyOne is empty for one id of a person.
func (c *community) emptyOne(ctx context.Context, pub [32]byte, person ledger.Subject, need int64) (said bool, err error) {
	for range maxAsks {
		have, err := c.rightsHere(ctx, person)
		if err != nil || have >= need {
			return false, err
		}
		if err := c.mesh.askPoints(ctx, pub, person, need-have); err != nil {
			return errors.Is(err, fault.New("ledger.points.none")), err
		}
	}
	return false, nil
}

// maxAsks bounds the questions to one device in one visit: it gives all that it
// may at once.
const maxAsks = 3

// untold names the other devices that have not told what they hold.
func (c *community) untold(told map[[32]byte]bool) (out []string) {
	self := c.node.device.Load().Public()
	for _, d := range c.charter.Devices() {
		if name := tillName(d); !d.Revoked && d.Device != self && !told[d.Device] && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// visits are the people whose points were fetched here a moment ago, in memory
// only: what a customer is about to spend must not be sent on to the usual place.
type visits struct {
	mu sync.Mutex
	at map[people.ID]int64
}

// visitFor is how long a visit at the counter may take, milliseconds.
const visitFor = 10 * 60 * 1000

func (v *visits) note(id people.ID, now int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	maps.DeleteFunc(v.at, func(_ people.ID, at int64) bool { return now-at >= visitFor })
	if v.at == nil {
		v.at = map[people.ID]int64{}
	}
	v.at[id] = now
}

func (v *visits) open(id people.ID, now int64) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	at, ok := v.at[id]
	return ok && now-at < visitFor
}

// exposureLimit bounds how long a till waits for the right to hold points; the
// registrar grants it a moment after a till has joined or sold.
const exposureLimit = 2500 * time.Millisecond

// fetchExposure fetches what was sent to this till until it may hold need
// points: without that they would go straight home again.
func (c *community) fetchExposure(ctx context.Context, need int64) error {
	ctx, cancel := context.WithTimeout(ctx, exposureLimit)
	defer cancel()
	q := ledger.Quota{Kind: ledger.Exposure, Subject: ledger.TillSubject(c.node.device.Load().Public())}
	for {
		if err := c.mesh.fetchVouchers(ctx); err != nil {
			c.node.log.Info("what was sent here could not be fetched", "err", err.Error())
		}
		var have int64
		err := c.view(ctx, func(r store.Querier) (err error) { have, err = c.ledger.Here(r, q); return err })
		if ctx.Err() != nil { // the time is up, not the question wrong
			return nil
		}
		if err != nil || have >= need || len(c.mesh.online()) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// rightsHere is what can be spent here of a person's points and waits for no order.
func (c *community) rightsHere(ctx context.Context, person ledger.Subject) (n int64, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		if n, err = c.ledger.Rights(q, person); err != nil {
			return err
		}
		kept, err := c.shop.Held(q, person.String())
		n = max(0, n-kept)
		return err
	})
	return n, err
}

// holders orders the connected devices by how likely they have the points.
func (c *community) holders(ctx context.Context, person ledger.Subject) [][32]byte {
	out, err := c.ranked(ctx, func(q store.Querier) ([]ledger.Holding, error) { return c.ledger.Holders(q, person) })
	if err != nil {
		c.node.log.Warn("holders are not known", "err", err.Error())
	}
	return out
}

// benefitHolders is holders for a benefit.
func (c *community) benefitHolders(ctx context.Context, subject ledger.Subject) ([][32]byte, error) {
	return c.ranked(ctx, func(q store.Querier) ([]ledger.Holding, error) { return c.ledger.BenefitHolders(q, subject) })
}

// ranked orders the connected devices: who is known to hold the most first, else
// the registrar, then staff.
func (c *community) ranked(ctx context.Context, known func(store.Querier) ([]ledger.Holding, error)) ([][32]byte, error) {
	rich := map[[32]byte]int64{}
	err := c.view(ctx, func(q store.Querier) error {
		list, err := known(q)
		for _, h := range list {
			if d, ok, err := c.charter.DeviceOf(q, h.Feed); err == nil && ok {
				rich[d] += h.N
			}
		}
		return err
	})
	var out [][32]byte
	for pub := range c.mesh.online() {
		out = append(out, pub)
	}
	rank := func(pub [32]byte) int {
		d, _ := c.charter.Device(pub)
		switch {
		case d.Registrar:
			return 0
		case d.Role.Staff():
			return 1
		}
		return 2
	}
	slices.SortFunc(out, func(a, b [32]byte) int {
		return cmp.Or(cmp.Compare(rich[b], rich[a]), cmp.Compare(rank(a), rank(b)), slices.Compare(a[:], b[:]))
	})
	return out, err
}

type orderRequest struct {
	Person string      `json:"person"`
	Lines  []shop.Line `json:"lines"`
}

type redeemRequest struct {
	orderRequest
	Pick string `json:"pick"` // the order that is fetched, "" if none
	PIN  string `json:"pin"`  // of the card, as its holder typed it
	Word bool   `json:"word"` // the keeper says that he compared the person
}

// redeem exchanges points for goods. Faults: those of shop.Redeem and shop.Fetch, of tryPIN;
// guest.expired{until} at a guest's till;
// till.proof{above, pin, known}: whether the card has a PIN that is known here,
// and whether the card itself is.
func (c *community) redeem(ctx context.Context, r redeemRequest) (out shop.Receipt, err error) {
	if d, ok := c.self(); ok && d.Home != "" && d.NotAfter > 0 && c.node.now() > d.NotAfter {
		return out, fault.New("guest.expired", "until", d.NotAfter)
	}
	proof, err := c.proof(ctx, r.Person, r.PIN, r.Word)
	if err != nil {
		return out, err
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		if r.Pick != "" {
			// Asked again here: the goods and points are set aside at one device.
			kept, err := c.shop.Reservation(tx, r.Pick)
			if err == nil {
				err = c.pickHere(tx, kept)
			}
			if err != nil {
				return err
			}
			out, err = c.shop.Fetch(tx, r.Pick, r.Person, r.Lines, proof)
			return err
		}
		out, err = c.shop.Redeem(tx, r.Person, r.Lines, proof)
		return err
	})
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "till.proof" {
		if id, e := people.ParseID(r.Person); e == nil {
			code, v := c.cardHere(c.shownCard(id))
			return out, fault.New("till.proof", "above", f.Params["above"], "pin", v != (people.Verifier{}), "known", code != "")
		}
	}
	return out, err
}

func (c *community) reserve(ctx context.Context, r orderRequest) (out shop.Reservation, err error) {
	err = c.write(ctx, func(tx *store.Tx) (err error) { out, err = c.shop.Reserve(tx, r.Person, r.Lines); return err })
	return out, err
}

type reservationsReply struct {
	Rows   []shop.Reservation `json:"rows"`
	Lapsed []shop.Reservation `json:"lapsed"` // lately; their goods are for sale again
}

func (c *community) reservations(ctx context.Context, _ none) (out reservationsReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) {
		if out.Rows, err = c.shop.Reservations(q); err != nil {
			return err
		}
		out.Lapsed, err = c.shop.Lapsed(q)
		return err
	})
	return out, err
}

func (c *community) endReservation(ctx context.Context, r struct {
	ID    string `json:"id"`
	State string `json:"state"`
}) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.shop.EndReservation(tx, r.ID, r.State) })
}

type todayReply struct {
	Receipts []shop.Receipt `json:"receipts"`
	Total    int64          `json:"total"`
}

func (c *community) today(ctx context.Context, r struct {
	Day string `json:"day"`
}) (out todayReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Receipts, out.Total, err = c.shop.Today(q, r.Day); return err })
	if out.Receipts == nil {
		out.Receipts = []shop.Receipt{}
	}
	return out, err
}

type offersReply struct {
	Offers []shop.Offer `json:"offers"`
}

func (c *community) offers(ctx context.Context, r struct {
	All bool `json:"all"`
}) (out offersReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Offers, err = c.shop.Offers(q, r.All); return err })
	return out, err
}

func (c *community) saveOffer(ctx context.Context, r struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	Kind    string `json:"kind"`
	Points  int64  `json:"points"`
	Minimum int64  `json:"minimum"`
	Icon    string `json:"icon"`
	Active  bool   `json:"active"`
	Code    string `json:"code"`
	Cost    int64  `json:"cost"`
}) (o shop.Offer, err error) {
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		o, err = c.shop.Save(tx, shop.Offer{ID: r.ID, Name: r.Name, Unit: r.Unit, Kind: r.Kind, Points: r.Points, Minimum: r.Minimum, Icon: r.Icon, Active: r.Active, Code: r.Code, Cost: r.Cost})
		return err
	})
	return o, err
}

func (c *community) receive(ctx context.Context, r struct {
	Offer string `json:"offer"`
	N     int64  `json:"n"`
	Why   string `json:"why"`
}) (o shop.Offer, err error) {
	err = c.write(ctx, func(tx *store.Tx) (err error) { o, err = c.shop.Receive(tx, r.Offer, r.N, r.Why); return err })
	return o, err
}

type countReply struct {
	Changed []shop.Move `json:"changed"`
}

func (c *community) count(ctx context.Context, r struct {
	Counts []shop.Counted `json:"counts"`
	Why    string         `json:"why"`
}) (out countReply, err error) {
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		out.Changed, err = c.shop.Count(tx, r.Counts, r.Why, c.operator())
		return err
	})
	return out, err
}

type movesReply struct {
	Total int         `json:"total"`
	Rows  []shop.Move `json:"rows"`
}

type pageRequest struct {
	Offset int `json:"offset"`
	Limit  int `json:"limit"`
}

func (c *community) stockMoves(ctx context.Context, r struct {
	pageRequest
	Sold bool `json:"sold"` // redemptions, too
}) (out movesReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) {
		out.Rows, out.Total, err = c.shop.StockMoves(q, r.Sold, r.Offset, r.Limit)
		return err
	})
	return out, err
}

// undo writes the opposite of one of this device's own transactions.
func (c *community) undo(ctx context.Context, r struct {
	Ref refReply `json:"ref"`
}) (none, error) {
	h, err := parseHash(r.Ref.Hash)
	if err != nil {
		return none{}, fault.New("ledger.undo.foreign")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		_, err := c.ledger.Undo(tx, h)
		return err
	})
}
