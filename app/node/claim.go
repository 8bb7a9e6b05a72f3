package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/activity"
	"jishan/app/claim"
	"jishan/app/correction"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Claims: what somebody asks points for and what points are to be taken for, until
// it counts. Deductions by the rulebook that a screen makes come this way, so that
// the person hears of them first.

// newClaims joins the claims to the charter, the rulebook and the deeds.
func (c *community) newClaims() *claim.Book {
	return claim.New(claim.Config{
		Charter: c.charter, Rules: c.scheme.At, Same: c.people.IDs, Rand: c.node.cfg.Rand,
		Undone: func(q store.Querier, person people.ID, deed []byte) (bool, error) {
			got, err := c.deedOf(q, person, deed)
			return got.Undone, err
		},
	})
}

// deedOf is what came of the deed that a claim was booked as.
func (c *community) deedOf(q store.Querier, person people.ID, deed []byte) (activity.Booking, error) {
	if len(deed) != len(ledger.Subject{}) {
		return activity.Booking{}, nil
	}
	return c.activity.Booked(q, person.String(), ledger.Subject(deed))
}

// claimedAs tells whether a deed was claimed and booked: what has to wait for
// somebody is paid in no other way, whoever recorded it.
func (c *community) claimedAs(q store.Querier, person string, deed ledger.Subject) (bool, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return false, nil // of nobody here
	}
	return c.claim.BookedAs(q, id, deed[:])
}

// countersigned refuses to record at once what needs a witness, where operators have
// keys: it is claimed, and a second one signs. Fault: deed.claim{item}.
func (c *community) countersigned(q store.Querier, code string) error {
	if !c.charter.Keyed() {
		return nil
	}
	book, err := c.scheme.Get(q)
	if err != nil {
		return err
	}
	if item, ok := book.Item(code); ok && item.Witness {
		return fault.New("deed.claim", "item", item.Name)
	}
	return nil
}

// claimWho is who says something at this desk.
func (c *community) claimWho() claim.Who {
	who := claim.Who{Name: c.operator()}
	if s, err := c.node.standing(c); err == nil {
		who.ID = s.ID
	}
	return who
}

// claimSigner signs with the key of who sits here; nil where nobody has one, or
// where it does not count.
func (c *community) claimSigner() claim.Sign {
	first, err := c.node.standing(c)
	own, sits := c.node.seat.signer()
	if err != nil || !c.charter.Keyed() || !first.Signs || !sits {
		return nil
	}
	return c.signerOf(own)
}

func (c *community) signerOf(own govern.Signer) claim.Sign {
	device := c.node.device.Load().Public()
	return func(statement []byte) claim.Signature {
		return claim.Signature{Operator: own.Operator, Device: device, Key: own.Public(), Sig: ed25519.Sign(own.Key, statement)}
	}
}

// hand is who lets a claim pass, and under which signature.
type hand struct {
	who  claim.Who
	role govern.OperatorRole
	sign claim.Sign
}

// hand is who sits here, or somebody with a key at this device who types his PIN
// beside him: a witness, say, who opens no device. Where operators have keys a name
// is not enough. Trying a PIN takes a while: this is done outside of transactions.
// Faults: operator.second.own, operator.second.waiting, operator.role, those of openKey.
func (c *community) hand(r openRequest) (hand, error) {
	if r.ID == "" {
		s, err := c.node.standing(c)
		out := hand{c.claimWho(), s.Role, c.claimSigner()}
		if err == nil && out.sign == nil && c.charter.Keyed() {
			err = fault.New("operator.second.own")
		}
		return out, err
	}
	h, key, role, err := c.openKey(r)
	if err != nil {
		return hand{}, err
	}
	name, _, signs, err := c.node.holderNow(c, h)
	switch {
	case err != nil:
		return hand{}, err
	case !signs:
		return hand{}, fault.New("operator.second.waiting")
	case role == govern.Keeper:
		return hand{}, fault.New("operator.role", "role", role.String(), "need", govern.Witness.String())
	}
	return hand{claim.Who{ID: h.ID, Name: name}, role, c.signerOf(govern.Signer{Operator: h.id(), Key: key})}, nil
}

func (n *Node) claimCalls() map[string]handler {
	return map[string]handler{
		"claim.post":     staff(n, (*community).postClaim),
		"claim.list":     staff(n, (*community).listClaims),
		"claim.confirm":  staff(n, (*community).confirmClaim),
		"claim.review":   staff(n, (*community).reviewClaim),
		"claim.ask":      staff(n, (*community).askClaim),
		"claim.reply":    staff(n, (*community).replyClaim),
		"claim.tell":     staff(n, (*community).tellClaim),
		"claim.appeal":   staff(n, (*community).appealClaim),
		"claim.answer":   staff(n, (*community).answerClaim),
		"claim.withdraw": staff(n, (*community).withdrawClaim),
		"claim.families": staff(n, (*community).claimFamilies),
		"lists.get":      staff(n, (*community).publicLists),
		"lists.set":      staff(n, (*community).setPublicLists),
	}
}

func (n *Node) phoneClaimCalls() map[string]handler {
	return map[string]handler{
		"phone.claims":      phoneCall(n, (*community).phoneClaims),
		"phone.shown":       phoneCall(n, (*community).phoneShown),
		"phone.rules":       phoneCall(n, (*community).phoneRules),
		"phone.claim":       phoneCall(n, (*community).phoneClaim),
		"phone.shot":        phoneCall(n, (*community).phoneShot),
		"phone.reply":       phoneCall(n, (*community).phoneReply),
		"phone.appealClaim": phoneCall(n, (*community).phoneAppeal),
		"phone.notices":     phoneCall(n, (*community).phoneNotices),
	}
}

// claimRow is a claim as staff see it.
type claimRow struct {
	ID      string     `json:"id"`
	Person  string     `json:"person"`
	Name    string     `json:"name"`
	Masked  string     `json:"masked"`
	Item    string     `json:"item"`
	Text    string     `json:"text"` // the item's name by its version
	Version int64      `json:"version"`
	At      int64      `json:"at"`
	Minutes int64      `json:"minutes"`
	Count   int64      `json:"count"`
	Points  int64      `json:"points"` // below 0 for a deduction; of what is booked what was given, before that within the caps
	Worth   int64      `json:"worth"`  // by the rule, caps not considered
	Note    string     `json:"note"`
	Witness string     `json:"witness"`
	Via     string     `json:"via"`
	By      string     `json:"by"`
	Made    int64      `json:"made"`
	State   string     `json:"state"`
	Until   int64      `json:"until"` // of a notice; of what waits for its claimant
	Days    int64      `json:"days"`  // of a notice, by the rule, or to reply: known before they begin
	Lead    bool       `json:"lead"`  // only a lead reviews it
	Own     bool       `json:"own"`   // entered by who sits here: somebody else decides
	Late    bool       `json:"late"`  // booked, and something was said against it that arrived too late to stop it
	Void    claim.Word `json:"void"`  // said to let it pass, and does not count
	Appeal  string     `json:"appeal"`
	Review  claim.Word `json:"review"`
	Told    claim.Word `json:"told"`
	Answer  claim.Word `json:"answer"`
	Photos  int        `json:"photos"`

	Asked []claimExchange `json:"asked"` // what was asked for more, and the replies
}

// maxClaims bounds a list of claims.
const maxClaims = 500

type claimPost struct {
	People  []string `json:"people"` // each gets it
	Item    string   `json:"item"`
	At      int64    `json:"at"`
	Minutes int64    `json:"minutes"`
	Count   int64    `json:"count"`
	Hard    int64    `json:"hard"`
	Note    string   `json:"note"`
	Witness string   `json:"witness"`
	Via     string   `json:"via"` // grid or desk
}

type claimPosted struct {
	Posted int      `json:"posted"`
	Points int64    `json:"points"` // of each, below 0 for a deduction
	Double []string `json:"double"` // people of whom the same stands already
}

// maxPeople bounds an award for many: a large stairwell's families many times over.
const maxClaimPeople = 300

// postClaim claims for one or for many at once, all or none; of whom it stands
// already is told. Faults: claim.people{max}, claim.via, and those of activity.Deed.Check.
func (c *community) postClaim(ctx context.Context, r claimPost) (out claimPosted, err error) {
	if len(r.People) == 0 || len(r.People) > maxClaimPeople {
		return out, fault.New("claim.people", "max", maxClaimPeople)
	}
	if r.Via != claim.FromGrid && r.Via != claim.FromDesk {
		return out, fault.New("claim.via")
	}
	out.Double = []string{}
	keepAnswer(ctx, &out)
	batch := ""
	if len(r.People) > 1 {
		batch = zone.Day(c.node.now())
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		out = claimPosted{Double: []string{}}
		for _, person := range r.People {
			_, points, err := c.claimOne(tx, person, r, c.claimSigner(), batch)
			out.Points = points
			if errors.Is(err, fault.New("claim.double")) && len(r.People) > 1 {
				out.Double = append(out.Double, person)
				continue
			}
			if err != nil {
				return err
			}
			out.Posted++
		}
		return nil
	})
	return out, err
}

func (c *community) claimOne(tx *store.Tx, person string, r claimPost, sign claim.Sign, batch string) (claimID string, points int64, err error) {
	id, err := people.ParseID(person)
	if err != nil {
		return "", 0, fault.New("people.unknown")
	}
	if known, err := c.people.Known(tx, id); err != nil || !known {
		return "", 0, errors.Join(err, fault.New("people.unknown"))
	}
	book, err := c.scheme.Get(tx)
	if err != nil {
		return "", 0, err
	}
	item, ok := book.Item(r.Item)
	if !ok || item.Kind == scheme.Base {
		return "", 0, fault.New("scheme.item.unknown", "code", r.Item)
	}
	d := activity.Deed{Person: person, Item: r.Item, At: r.At, Minutes: r.Minutes, Count: r.Count, Hard: r.Hard, Note: strings.TrimSpace(r.Note), Witness: strings.TrimSpace(r.Witness)}
	if r.Via == claim.FromPage {
		if !item.Self {
			return "", 0, fault.New("claim.self")
		}
		if item.Witness && d.Witness == "" {
			return "", 0, fault.New("deed.witness")
		}
	}
	if err := d.Check(item, tx.Now()); err != nil {
		return "", 0, err
	}
	claimID, err = c.claim.Post(tx, claim.Deed{Person: id, Item: item, Version: book.Version, At: r.At,
		Amount: scheme.Amount{Minutes: r.Minutes, Count: r.Count, Hard: r.Hard}, Note: d.Note, Witness: d.Witness, Via: r.Via, Batch: batch}, c.people.SealText, sign)
	points = item.Worth(scheme.Amount{Minutes: r.Minutes, Count: r.Count, Hard: r.Hard})
	if item.Takes() {
		points = -points
	}
	return claimID, points, err
}

type claimsReply struct {
	Rows   []claimRow     `json:"rows"`
	Counts map[string]int `json:"counts"` // by state, of those that are open
}

// listClaims lists what is open and what ended lately, of everybody or of one person.
func (c *community) listClaims(ctx context.Context, r struct {
	Person string `json:"person"`
}) (out claimsReply, err error) {
	out = claimsReply{Rows: []claimRow{}, Counts: map[string]int{}}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.claimsFor(q, r.Person)
		if err != nil {
			return err
		}
		now := c.node.now()
		for _, x := range list {
			row, err := c.claimRow(q, x)
			if err != nil {
				return err
			}
			if x.Open(now) {
				out.Counts[row.State]++
			}
			out.Rows = append(out.Rows, row)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	return out, c.nameClaims(ctx, out.Rows)
}

func (c *community) claimsFor(q store.Querier, person string) ([]claim.Claim, error) {
	if person != "" {
		id, err := people.ParseID(person)
		if err != nil {
			return nil, fault.New("people.unknown")
		}
		return c.claim.Latest(q, &id, maxClaims)
	}
	out, err := c.claim.Late(q, maxClaims)
	for _, read := range []func() ([]claim.Claim, error){
		func() ([]claim.Claim, error) { return c.claim.Latest(q, nil, maxClaims) },
		func() ([]claim.Claim, error) { return c.claim.Waiting(q, claim.Place{}, maxClaims) },
	} {
		list, e := read()
		err = errors.Join(err, e)
		for _, x := range list {
			if !slices.ContainsFunc(out, func(y claim.Claim) bool { return y.ID == x.ID }) {
				out = append(out, x)
			}
		}
	}
	return out, err
}

// claimPoints is what a claim in a state gives or takes, and what the rule says of it with
// no cap considered.
func (c *community) claimPoints(q store.Querier, x claim.Claim, state string) (points, worth int64, err error) {
	points, worth = x.Points(), x.Rule.Worth(x.Amount)
	if x.Minus() {
		return -points, -worth, nil
	}
	if state == claim.Booked { // the caps may have left less than was promised
		got, err := c.deedOf(q, x.Person, x.BookedAs().Text)
		if err != nil || got.Undone {
			return points, worth, err
		}
		points = got.Points
	}
	return points, worth, nil
}

func (c *community) claimRow(q store.Querier, x claim.Claim) (row claimRow, err error) {
	row = claimRow{ID: x.ID, Person: x.Person.String(), Item: x.Item, Text: x.Item, Version: x.Version, At: x.At, Minutes: x.Minutes, Count: x.Count,
		Via: x.Via, By: x.By, Made: x.Made, State: x.State(c.node.now()), Days: x.Rule.Days(), Lead: x.ForLead(), Own: x.Own(c.claimWho()), Late: x.Late(), Void: x.Void(),
		Review: x.Reviewed(), Told: x.Told(), Answer: x.Answered()}
	if row.Points, row.Worth, err = c.claimPoints(q, x, row.State); err != nil {
		return row, err
	}
	switch row.State {
	case claim.Noticed:
		row.Until = x.Until()
	case claim.Asked:
		row.Until, row.Days = x.AskedUntil(), x.AskDays()
	}
	if x.Rule.Name != "" {
		row.Text = x.Rule.Name
	}
	if row.Photos, err = photo.CountOf(q, photoOfClaim+x.ID, c.people.IDs(x.Person)...); err != nil {
		return row, err
	}
	texts := c.people.Texts(q)
	if row.Asked, err = exchanges(texts, x); err != nil {
		return row, err
	}
	for _, t := range []struct {
		into   *string
		field  string
		sealed []byte
	}{{&row.Note, claim.NoteField(x.Salt), x.Note}, {&row.Witness, claim.WitnessField(x.Salt), x.Witness}, {&row.Review.Why, claim.TextField(x.ID, claim.Review), row.Review.Text},
		{&row.Appeal, claim.TextField(x.ID, claim.Appeal), x.Objected().Text}, {&row.Answer.Why, claim.TextField(x.ID, claim.Answer), row.Answer.Text}} {
		if *t.into, err = texts.Open(x.Person, t.field, t.sealed); err != nil {
			return row, err
		}
	}
	return row, nil
}

func (c *community) nameClaims(ctx context.Context, rows []claimRow) error {
	ids := make([]people.ID, 0, len(rows))
	for _, r := range rows {
		if id, err := people.ParseID(r.Person); err == nil {
			ids = append(ids, id)
		}
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i := range rows {
		if id, err := people.ParseID(rows[i].Person); err == nil {
			rows[i].Name, rows[i].Masked = known[id].Name, known[id].Masked
		}
	}
	return err
}

// onClaim runs a command on a claim and shows it afterwards.
func (c *community) onClaim(ctx context.Context, id string, fn func(tx *store.Tx, x claim.Claim) error) (row claimRow, err error) {
	err = c.write(ctx, func(tx *store.Tx) error {
		x, err := c.claim.Get(tx, id)
		if err != nil {
			return err
		}
		return fn(tx, x)
	})
	if err != nil {
		return row, err
	}
	err = c.view(ctx, func(q store.Querier) error {
		x, err := c.claim.Get(q, id)
		if err != nil {
			return err
		}
		row, err = c.claimRow(q, x)
		return err
	})
	rows := []claimRow{row}
	if err == nil {
		err = c.nameClaims(ctx, rows)
	}
	return rows[0], err
}

// confirmClaim notes the helped household's word; somebody else than who entered the
// claim hears it. Faults: claim.unknown, claim.state{state}, claim.own, those of hand.
func (c *community) confirmClaim(ctx context.Context, r struct {
	ID   string      `json:"id"`
	Sign openRequest `json:"sign"` // of somebody else than who sits here
}) (claimRow, error) {
	h, err := c.hand(r.Sign)
	if err != nil {
		return claimRow{}, err
	}
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error { return c.claim.Confirm(tx, x, h.who, h.sign) })
}

type claimWord struct {
	ID  string `json:"id"`
	Yes bool   `json:"yes"`
	Why string `json:"why"`

	Sign openRequest `json:"sign"` // of somebody else than who sits here
}

// maxWhy bounds a reason in characters.
const maxClaimWhy = 60

func (r *claimWord) check(needed bool) error {
	r.Why = strings.TrimSpace(r.Why)
	if needed && r.Why == "" || utf8.RuneCountInString(r.Why) > maxClaimWhy || !govern.PlainLine(r.Why) {
		return fault.New("claim.why", "max", maxClaimWhy)
	}
	return nil
}

// reviewClaim is done by somebody else than who entered the claim. Faults:
// claim.unknown, claim.state{state}, claim.why{max}, claim.own, operator.role, those
// of hand.
func (c *community) reviewClaim(ctx context.Context, r claimWord) (claimRow, error) {
	if err := r.check(!r.Yes); err != nil {
		return claimRow{}, err
	}
	h, err := c.hand(r.Sign)
	if err != nil {
		return claimRow{}, err
	}
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error {
		if x.ForLead() {
			if err := forLead.check(h.role); err != nil {
				return err
			}
		}
		why, err := c.sealWord(tx, x, claim.Review, r.Why)
		if err != nil {
			return err
		}
		return c.claim.Decide(tx, x, r.Yes, why, h.who, h.sign)
	})
}

// tellClaim notes how the person was reached. Faults: claim.how, claim.state,
// operator.second.own.
func (c *community) tellClaim(ctx context.Context, r struct {
	ID  string `json:"id"`
	How string `json:"how"`
}) (claimRow, error) {
	if !slices.Contains([]string{claim.ByPaper, claim.ByCall, claim.ByDoor}, r.How) {
		return claimRow{}, fault.New("claim.how")
	}
	h, err := c.hand(openRequest{})
	if err != nil {
		return claimRow{}, err
	}
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error { return c.claim.Tell(tx, x, r.How, h.sign) })
}

type appealRequest struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// maxAppeal bounds an appeal's text in characters.
const maxAppeal = 200

func (r *appealRequest) check() error {
	r.Text = strings.TrimSpace(r.Text)
	if r.Text == "" || utf8.RuneCountInString(r.Text) > maxAppeal || !govern.PlainText(r.Text) {
		return fault.New("claim.text", "max", maxAppeal)
	}
	return nil
}

func (c *community) appealClaim(ctx context.Context, r appealRequest) (claimRow, error) {
	if err := r.check(); err != nil {
		return claimRow{}, err
	}
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error { return c.object(tx, x, r.Text) })
}

func (c *community) object(tx *store.Tx, x claim.Claim, text string) error {
	sealed, err := c.sealWord(tx, x, claim.Appeal, text)
	if err != nil {
		return err
	}
	return c.claim.Object(tx, x, sealed)
}

// sealWord encrypts what is said with a word about a claim, nil for nothing. Of
// somebody who was erased nothing is kept.
func (c *community) sealWord(tx *store.Tx, x claim.Claim, word, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	sealed, err := c.people.SealText(tx, x.Person, claim.TextField(x.ID, word), text)
	if errors.Is(err, fault.New("people.unknown")) {
		return nil, nil
	}
	return sealed, err
}

// answerClaim decides on what is said against a claim, by somebody else than who
// entered it: yes, it is right, and the claim falls. Of what is booked already the
// entry is corrected first. Faults: claim.unknown, claim.state{state},
// claim.why{max}, claim.own, claim.onTheWay, operator.role, those of hand and of a
// correction.
func (c *community) answerClaim(ctx context.Context, r claimWord) (claimRow, error) {
	if err := r.check(true); err != nil {
		return claimRow{}, err
	}
	h, err := c.hand(r.Sign)
	if err == nil {
		err = forLead.check(h.role)
	}
	if err == nil && r.Yes {
		err = c.takeBack(ctx, r.ID, r.Why, h.who)
	}
	if err != nil {
		return claimRow{}, err
	}
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error {
		why, err := c.sealWord(tx, x, claim.Answer, r.Why)
		if err != nil {
			return err
		}
		return c.claim.AnswerAppeal(tx, x, r.Yes, why, h.who, h.sign)
	})
}

// takeBack corrects the entry of a claim that was booked, once; of one that was not
// there is nothing to take back. Where another device wrote the entry, that one is
// asked. Fault: claim.onTheWay while its points are.
func (c *community) takeBack(ctx context.Context, id, why string, who claim.Who) error {
	var deed activity.Booking
	err := c.view(ctx, func(q store.Querier) error {
		x, err := c.claim.Get(q, id)
		switch {
		case err != nil || !x.Late():
			return err
		case x.Own(who):
			return fault.New("claim.own")
		}
		deed, err = c.deedOf(q, x.Person, x.BookedAs().Text)
		return err
	})
	if err != nil || deed.Undone || !deed.Due && deed.Entry == (wire.Hash{}) {
		return err
	}
	if deed.Entry == (wire.Hash{}) {
		return fault.New("claim.onTheWay")
	}
	if r := []rune(why); len(r) > correction.MaxReason {
		why = string(r[:correction.MaxReason])
	}
	_, err = c.makeCorrection(ctx, correctionRequest{Hash: deed.Entry.String(), Reason: why})
	return err
}

// withdrawClaim takes a claim back before it is booked. Faults: claim.unknown,
// claim.state{state}.
func (c *community) withdrawClaim(ctx context.Context, r idRequest) (claimRow, error) {
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error { return c.claim.Withdraw(tx, x) })
}

// family is a household of a stairwell, by who stands for it.
type family struct {
	Person  string `json:"person"`
	Name    string `json:"name"`
	Masked  string `json:"masked"`
	Address string `json:"address"`
	Members int    `json:"members"`
}

type familiesReply struct {
	Families []family `json:"families"`
}

// claimFamilies lists the families of a grid whose address begins with a text, such
// as 2-3 for the third stairwell of house 2; of each household the first.
func (c *community) claimFamilies(ctx context.Context, r struct {
	Grid    string `json:"grid"`
	Address string `json:"address"`
}) (out familiesReply, err error) {
	out.Families = []family{}
	page, err := c.people.All(ctx, people.Ask{Grid: r.Grid, Sort: "created"})
	if err != nil {
		return out, err
	}
	at := map[string]int{}
	for _, p := range page.Rows {
		if !beginsWith(p.Address, strings.TrimSpace(r.Address)) {
			continue
		}
		home := p.Household
		if home == "" {
			home = p.ID
		}
		if i, ok := at[home]; ok {
			out.Families[i].Members++
			continue
		}
		at[home] = len(out.Families)
		out.Families = append(out.Families, family{Person: p.ID, Name: p.Name, Masked: p.Masked, Address: p.Address, Members: 1})
	}
	slices.SortStableFunc(out.Families, func(a, b family) int { return strings.Compare(a.Address, b.Address) })
	return out, nil
}

// beginsWith tells whether an address lies in a stairwell: 2-3 holds 2-3-102 and not
// 2-30-1.
func beginsWith(address, prefix string) bool {
	rest, ok := strings.CutPrefix(address, prefix)
	if !ok || prefix == "" {
		return ok
	}
	last, next := prefix[len(prefix)-1], byte(0)
	if rest != "" {
		next = rest[0]
	}
	digit := func(b byte) bool { return b >= '0' && b <= '9' }
	return !digit(last) || !digit(next)
}
