package shop

import (
	"cmp"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Award days 集中兑换日: many people at once, at one device, perhaps in a hall
// without a network. The day and its gifts are records of the place's document.
// Each gift is redeemed by a ledger transaction of its own, as at the till, in the
// same commit that notes it: a day that is cut off is done as far as it came, and
// nobody's points or goods stand in another's way.

// The states of a gift.
const (
	GiftListed    = "listed"
	GiftDone      = "done" // redeemed: Given says whether it was handed over
	GiftCancelled = "cancelled"
	GiftUndone    = "undone" // the redemption was taken back
)

// Limits of an award day.
const (
	maxTitle = 40
	maxGifts = 500 // of one day: a hall
	maxDays  = 100 // listed
	maxGiver = 40  // characters of who handed something over
)

// Day is an award day.
type Day struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	At      int64  `json:"at"`
	Here    bool   `json:"here"`    // this device redeems; another one shows it only
	Device  string `json:"device"`  // the incarnation that opened it
	People  int64  `json:"people"`  // listed or done
	Done    int64  `json:"done"`    // redeemed
	Deliver int64  `json:"deliver"` // redeemed, to be delivered and not yet
	Points  int64  `json:"points"`  // of those listed or done
	Fen     int64  `json:"fen"`     // what their goods cost the community
}

// Gift is what one person gets on an award day.
type Gift struct {
	ID      string        `json:"id"`
	Day     string        `json:"day"`
	Person  string        `json:"person"`
	Masked  string        `json:"masked"`
	Name    string        `json:"name"`
	Code    string        `json:"code"`
	Lines   []ReceiptLine `json:"lines"`
	Points  int64         `json:"points"`
	Fen     int64         `json:"fen"`
	Here    int64         `json:"here"` // points of the person that can be spent here
	State   string        `json:"state"`
	Home    bool          `json:"home"`    // to be delivered
	Given   int64         `json:"given"`   // when it was handed over; 0 = not yet
	GivenBy string        `json:"givenBy"` // by whom
	Receipt string        `json:"receipt"` // hash of the redemption, of the first one that stands
	Times   int64         `json:"times"`   // how often it is redeemed within the cuts: twice where a device was copied

	fen []int64 // of each line
}

// OpenDay begins an award day at this device, which alone will redeem for it; after
// its feed was closed, whoever succeeds it, with its points and stock.
// Fault: award.title{max}.
func (s *Shop) OpenDay(tx *store.Tx, title string) (Day, error) {
	title = strings.TrimSpace(title)
	if title == "" || !fits(title, maxTitle) {
		return Day{}, fault.New("award.title", "max", maxTitle)
	}
	id, err := s.newID(tx)
	if err != nil {
		return Day{}, err
	}
	name := strings.ToLower(id.String())
	_, err = tx.Put(s.Doc(Path(s.Place())), "award.open",
		store.Put{Key: key(kindDay, name, "title"), Value: wire.StringValue(title)},
		store.Put{Key: key(kindDay, name, "at"), Value: wire.TimeValue(tx.Now())},
		store.Put{Key: key(kindDay, name, "device"), Value: wire.StringValue(s.Device())})
	if err != nil {
		return Day{}, err
	}
	return s.Day(tx, name)
}

// Days lists the award days of this place, the newest first.
func (s *Shop) Days(q store.Querier) ([]Day, error) {
	return s.days(q, `WHERE d.place = ? AND d.title != '' ORDER BY d.at DESC, d.id LIMIT ?`, s.Place(), maxDays)
}

// Day returns one award day of this place. Fault: award.unknown.
func (s *Shop) Day(q store.Querier, id string) (Day, error) {
	list, err := s.days(q, `WHERE d.place = ? AND d.id = ?`, s.Place(), id)
	if err == nil && len(list) == 0 {
		err = fault.New("award.unknown")
	}
	if err != nil {
		return Day{}, err
	}
	return list[0], nil
}

func (s *Shop) days(q store.Querier, where string, args ...any) (out []Day, err error) {
	mine, err := s.mine(q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(`SELECT d.id, d.title, d.at, d.device FROM shop_day d `+where, args...)
	if err != nil {
		return nil, err
	}
	out = []Day{}
	for rows.Next() {
		var d Day
		if err := rows.Scan(&d.ID, &d.Title, &d.At, &d.Device); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		d.Here = slices.Contains(mine, d.Device)
		out = append(out, d)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for i := range out {
		gifts, err := s.rawGifts(q, `g.day = ?`, out[i].ID)
		if err != nil {
			return nil, err
		}
		for _, g := range gifts {
			out[i].count(g)
		}
	}
	return out, nil
}

func (d *Day) count(g Gift) {
	if g.State != GiftListed && g.State != GiftDone {
		return
	}
	d.People++
	d.Points += g.Points
	d.Fen += g.Fen
	if g.State != GiftDone {
		return
	}
	d.Done++
	if g.Home && g.Given == 0 {
		d.Deliver++
	}
}

// Gifts lists the gifts of a day in the order in which they were listed. Fault:
// award.unknown.
func (s *Shop) Gifts(q store.Querier, day string) ([]Gift, error) {
	if _, err := s.Day(q, day); err != nil {
		return nil, err
	}
	list, err := s.rawGifts(q, `g.day = ?`, day)
	for i := range list {
		b, e := s.People.Buyer(q, list[i].Person)
		if e == nil {
			list[i].Masked, list[i].Name, list[i].Code = b.Masked, b.Name, b.Code
			list[i].Here, e = s.Rights.Rights(q, personOf(list[i].Person))
		}
		err = errors.Join(err, e)
	}
	return list, err
}

// GiftsOf lists what a person was to get on award days, whatever came of it.
func (s *Shop) GiftsOf(q store.Querier, person string) ([]Gift, error) {
	ids, err := s.Same.List(q, person)
	if err != nil {
		return nil, err
	}
	return s.rawGifts(q, `g.person IN (SELECT value FROM json_each(?))`, ids)
}

func (s *Shop) rawGifts(q store.Querier, where string, args ...any) (out []Gift, err error) {
	rows, err := q.Query(`SELECT g.id, g.day, g.person, g.state, g.home, g.given, g.given_by, g.receipt, g.paid
		FROM shop_gift g WHERE g.person != '' AND `+where+` ORDER BY g.id`, args...)
	if err != nil {
		return nil, err
	}
	out = []Gift{}
	var came []string
	for rows.Next() {
		var g Gift
		var receipt, lines []byte
		if err := rows.Scan(&g.ID, &g.Day, &g.Person, &g.State, &g.Home, &g.Given, &g.GivenBy, &receipt, &lines); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		g.Receipt = hex.EncodeToString(receipt)
		out, came = append(out, g), append(came, string(lines))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for i := range out {
		g := &out[i]
		if err := s.giftLines(q, g); err != nil {
			return nil, err
		}
		if err := s.redeemed(q, g, came[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// redeemed looks a gift's redemptions up, by its id: they say more than the note that it
// is done, which may be here later than they are, name one of two, or one that was undone.
func (s *Shop) redeemed(q store.Querier, g *Gift, came string) error {
	list, err := boughtRows(q, `SELECT `+receiptColumns+` FROM shop_receipt r WHERE r.id = ? ORDER BY r.at, r.hash`, g.ID)
	if err != nil {
		return err
	}
	stands := slices.DeleteFunc(slices.Clone(list), func(b bought) bool { return b.undone })
	switch {
	case len(stands) > 0:
		g.State, g.Receipt = GiftDone, hex.EncodeToString(stands[0].hash)
	case len(list) > 0:
		g.State, g.Receipt = GiftUndone, hex.EncodeToString(list[0].hash)
	}
	g.cameTo(came)
	var spent int64
	for _, b := range stands {
		if b.late {
			continue // handed over, and charged to nobody
		}
		g.Times++
		spent += b.points
	}
	if len(stands) > 0 {
		g.Points = spent // what was paid, whatever it costs today
	}
	g.Fen *= max(1, int64(len(stands)))
	return nil
}

// comesTo is what a gift comes to now.
func (g *Gift) comesTo() paid {
	out := paid{Format: whatFormat}
	for i, l := range g.Lines {
		out.Lines = append(out.Lines, paidLine{Points: l.Points, Fen: g.fen[i]})
	}
	return out
}

// cameTo puts what the lines of a redeemed gift came to in the place of what they
// would come to today.
func (g *Gift) cameTo(raw string) {
	p, err := openPaid(raw)
	if err != nil || len(p.Lines) != len(g.Lines) || g.State == GiftListed || g.State == GiftCancelled {
		return // not redeemed, or by a program that did not note it
	}
	g.Points, g.Fen = 0, 0
	for i, l := range p.Lines {
		g.Lines[i].Points = l.Points
		g.Points, g.Fen = g.Points+l.Points, g.Fen+l.Fen
	}
}

// giftLines reads what a gift is and what it would come to today.
func (s *Shop) giftLines(q store.Querier, g *Gift) error {
	rows, err := q.Query(`SELECT COALESCE(o.name, ''), COALESCE(o.unit, ''), l.pieces, COALESCE(o.points, 0), COALESCE(o.cost, 0)
		FROM shop_gift_line l LEFT JOIN shop_offer o ON o.id = l.offer WHERE l.gift = ? ORDER BY l.n`, g.ID)
	if err != nil {
		return err
	}
	g.Lines = []ReceiptLine{}
	for rows.Next() {
		var l ReceiptLine
		var fen int64
		if err := rows.Scan(&l.Name, &l.Unit, &l.N, &l.Points, &fen); err != nil {
			return errors.Join(err, rows.Close())
		}
		l.Points *= l.N
		g.Points += l.Points
		g.Fen += fen * l.N
		g.fen = append(g.fen, fen*l.N)
		g.Lines = append(g.Lines, l)
	}
	return errors.Join(rows.Err(), rows.Close())
}

// List puts people on a day's list, each with the same goods; somebody who stands
// there already gets these instead. The shelf must have enough for all who are
// listed, points are looked at when it comes to them. Faults: those of an order
// (shop.offer.unknown and so on), till.stock, award.unknown, award.elsewhere,
// award.many{max}, award.done{masked} for who has got his.
func (s *Shop) List(tx *store.Tx, day string, people []string, lines []Line, home bool) error {
	d, err := s.Day(tx, day)
	if err != nil {
		return err
	}
	if !d.Here {
		return fault.New("award.elsewhere")
	}
	if people, err = s.once(tx, people); err != nil {
		return err
	}
	if len(people) == 0 || len(people) > maxGifts {
		return fault.New("award.many", "max", maxGifts)
	}
	o, err := s.order(tx, people[0], lines)
	if err != nil {
		return err
	}
	have, err := s.rawGifts(tx, `g.day = ?`, day)
	if err != nil {
		return err
	}
	puts := []store.Put{}
	for _, p := range people {
		more, err := s.listOne(tx, day, p, o, home, have)
		if err != nil {
			return err
		}
		puts = append(puts, more...)
	}
	if _, err = tx.Put(s.Doc(Path(s.Place())), "award.list", puts...); err != nil {
		return err
	}
	if d, err = s.Day(tx, day); err == nil && d.People > maxGifts {
		err = fault.New("award.many", "max", maxGifts)
	}
	if err != nil {
		return err
	}
	return s.suffices(tx, day)
}

// once leaves everybody in once, whichever of his ids he was chosen by: nobody gets two.
func (s *Shop) once(q store.Querier, people []string) ([]string, error) {
	lead := map[string]string{}
	for _, p := range people {
		first, err := s.Same.Lead(q, p)
		if err != nil {
			return nil, err
		}
		lead[first] = cmp.Or(lead[first], p)
	}
	return slices.Sorted(maps.Values(lead)), nil
}

// listOne are the records of one person's gift.
func (s *Shop) listOne(tx *store.Tx, day, person string, o order, home bool, have []Gift) ([]store.Put, error) {
	if _, err := ledger.ParseSubject(person); err != nil {
		return nil, fault.New("people.unknown")
	}
	id := ""
	for _, g := range have {
		one, err := s.Same.One(tx, g.Person, person)
		if err != nil {
			return nil, err
		}
		if !one {
			continue
		}
		if g.State == GiftDone {
			b, err := s.People.Buyer(tx, person)
			return nil, cmp.Or(err, error(fault.New("award.done", "masked", b.Masked)))
		}
		if g.State == GiftListed || g.State == GiftCancelled && id == "" {
			id, person = g.ID, g.Person
		}
	}
	if id == "" {
		fresh, err := s.newID(tx)
		if err != nil {
			return nil, err
		}
		id = strings.ToLower(fresh.String())
	}
	w := gift{Format: whatFormat, Day: goodOf(day), Person: personOf(person), Home: home}
	for _, g := range o.goods {
		w.Lines = append(w.Lines, whatLine{Good: g.Good, N: g.Count})
	}
	raw, err := encoding.Marshal(w)
	return []store.Put{
		{Key: key(kindGift, id, "what"), Value: wire.BytesValue(raw)},
		{Key: key(kindGift, id, "state"), Value: wire.StringValue(GiftListed)},
	}, err
}

// suffices refuses a list that the shelf can't serve.
func (s *Shop) suffices(q store.Querier, day string) error {
	rows, err := q.Query(`SELECT l.offer, SUM(l.pieces) FROM shop_gift_line l JOIN shop_gift g ON g.id = l.gift WHERE g.day = ? AND g.state = 'listed' GROUP BY l.offer`, day)
	if err != nil {
		return err
	}
	need := map[string]int64{}
	for rows.Next() {
		var offer string
		var n int64
		if err := rows.Scan(&offer, &n); err != nil {
			return errors.Join(err, rows.Close())
		}
		need[offer] = n
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for offer, n := range need {
		o, err := s.Offer(q, offer)
		if err != nil {
			return err
		}
		if left := max(0, o.Stock-o.Reserved); !o.unlimited() && n > left {
			return fault.New("till.stock", "name", o.Name, "left", left, "reserved", o.Reserved)
		}
	}
	return nil
}

// Strike takes somebody off a list. Faults: award.gift, award.done{masked}.
func (s *Shop) Strike(tx *store.Tx, id string) error {
	g, err := s.Gift(tx, id)
	if err != nil {
		return err
	}
	if g.State == GiftDone {
		return fault.New("award.done", "masked", g.Masked)
	}
	_, err = tx.Put(s.Doc(Path(s.Place())), "award.strike", store.Put{Key: key(kindGift, id, "state"), Value: wire.StringValue(GiftCancelled)})
	return err
}

// Gift returns one gift of this place. Fault: award.gift.
func (s *Shop) Gift(q store.Querier, id string) (Gift, error) {
	list, err := s.rawGifts(q, `g.place = ? AND g.id = ?`, s.Place(), id)
	if err == nil && len(list) == 0 {
		err = fault.New("award.gift")
	}
	if err != nil {
		return Gift{}, err
	}
	b, err := s.People.Buyer(q, list[0].Person)
	list[0].Masked, list[0].Name, list[0].Code = b.Masked, b.Name, b.Code
	return list[0], err
}

// RedeemGift redeems one gift: points, goods and the note that it is done are one
// commit. Faults: those of Redeem, award.gift, award.elsewhere, award.done{masked}.
func (s *Shop) RedeemGift(tx *store.Tx, id string, proof Proof) (Gift, error) {
	g, err := s.Gift(tx, id)
	if err != nil {
		return g, err
	}
	d, err := s.Day(tx, g.Day)
	switch {
	case err != nil:
		return g, err
	case !d.Here:
		return g, fault.New("award.elsewhere")
	case g.State != GiftListed:
		return g, fault.New("award.done", "masked", g.Masked)
	}
	lines, err := s.orderOf(tx, id)
	if err != nil {
		return g, err
	}
	number, err := ulid.ParseStrict(strings.ToUpper(id))
	if err != nil {
		return g, err
	}
	r, err := s.redeem(tx, g.Person, lines, proof, number, false) // its list names what each gift costs
	if err != nil {
		return g, err
	}
	hash, err := hex.DecodeString(r.Ref.Hash)
	if err != nil {
		return g, err
	}
	came, err := encoding.Marshal(g.comesTo())
	if err != nil {
		return g, err
	}
	_, err = tx.Put(s.Doc(Path(s.Place())), "award.redeem",
		store.Put{Key: key(kindGift, id, "receipt"), Value: wire.BytesValue(hash)},
		store.Put{Key: key(kindGift, id, "paid"), Value: wire.BytesValue(came)},
		store.Put{Key: key(kindGift, id, "state"), Value: wire.StringValue(GiftDone)})
	if err != nil {
		return g, err
	}
	return s.Gift(tx, id)
}

func (s *Shop) orderOf(q store.Querier, id string) (out []Line, err error) {
	rows, err := q.Query(`SELECT offer, pieces FROM shop_gift_line WHERE gift = ? ORDER BY n`, id)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var l Line
		if err := rows.Scan(&l.Offer, &l.N); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, l)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// Deliver notes who handed a gift over; by "" takes the note back. Faults:
// award.gift, award.giver{max}, award.notYet for what was not redeemed.
func (s *Shop) Deliver(tx *store.Tx, id, by string) (Gift, error) {
	g, err := s.Gift(tx, id)
	by = strings.TrimSpace(by)
	switch {
	case err != nil:
		return g, err
	case !fits(by, maxGiver):
		return g, fault.New("award.giver", "max", maxGiver)
	case g.State != GiftDone:
		return g, fault.New("award.notYet")
	}
	raw, err := encoding.Marshal(given{Format: whatFormat, At: tx.Now(), By: by})
	if err != nil {
		return g, err
	}
	if _, err := tx.Put(s.Doc(Path(s.Place())), "award.deliver", store.Put{Key: key(kindGift, id, "given"), Value: wire.BytesValue(raw)}); err != nil {
		return g, err
	}
	return s.Gift(tx, id)
}

// applyDay keeps an award day.
func applyDay(tx *store.Tx, place, id, field string, fields []store.Field) error {
	if _, err := tx.Exec(`INSERT INTO shop_day (id, place) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, place); err != nil {
		return err
	}
	v := shown(fields)
	var err error
	switch field {
	case "title", "device":
		_, err = tx.Exec(`UPDATE shop_day SET `+field+` = ? WHERE id = ?`, v.Raw, id)
	case "at":
		_, err = tx.Exec(`UPDATE shop_day SET at = ? WHERE id = ?`, v.Num, id)
	}
	return err
}

// applyGift keeps a gift. What was redeemed stays so, whatever another device wrote
// of it meanwhile: points and goods are gone.
func applyGift(tx *store.Tx, place, id, field string, fields []store.Field) error {
	if _, err := tx.Exec(`INSERT INTO shop_gift (id, place) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, place); err != nil {
		return err
	}
	v := shown(fields)
	var err error
	switch field {
	case "state":
		state := v.Raw
		if slices.ContainsFunc(fields, func(f store.Field) bool { return f.Value.Raw == GiftDone }) {
			state = GiftDone
		}
		_, err = tx.Exec(`UPDATE shop_gift SET state = ? WHERE id = ?`, state, id)
	case "paid":
		_, err = tx.Exec(`UPDATE shop_gift SET paid = ? WHERE id = ?`, []byte(v.Raw), id)
	case "receipt":
		_, err = tx.Exec(`UPDATE shop_gift SET receipt = ? WHERE id = ?`, []byte(v.Raw), id)
	case "given":
		if x, e := openGiven(v.Raw); e == nil {
			if x.By == "" {
				x.At = 0
			}
			_, err = tx.Exec(`UPDATE shop_gift SET given = ?, given_by = ? WHERE id = ?`, x.At, x.By, id)
		}
	case "what":
		err = applyGiftLines(tx, id, v.Raw)
	}
	return err
}

func applyGiftLines(tx *store.Tx, id, raw string) error {
	w, err := openGift(raw)
	if err != nil {
		return nil // of a newer program; what is malformed was refused at admission
	}
	if _, err := tx.Exec(`UPDATE shop_gift SET day = ?, person = ?, home = ? WHERE id = ?`, offerOf(w.Day), w.Person.String(), w.Home, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM shop_gift_line WHERE gift = ?`, id); err != nil {
		return err
	}
	for i, l := range w.Lines {
		if _, err := tx.Exec(`INSERT INTO shop_gift_line (gift, n, offer, pieces) VALUES (?, ?, ?, ?)`, id, i, offerOf(l.Good), l.N); err != nil {
			return err
		}
	}
	return nil
}
