package node

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/qr"
	"jishan/app/shop"
	"jishan/app/voucher"
	"jishan/app/zone"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Limits of vouchers.
const (
	// maxVoucherDays bounds how long a voucher may be good: what lies in one is
	// nowhere else to be spent.
	maxVoucherDays = 366
	// voucherRows is how many vouchers a list shows.
	voucherRows = 200
	// maxVoucherPoints bounds one voucher like a redemption's pull.
	maxVoucherPoints = 1_000_000
)

func (n *Node) voucherCalls() map[string]handler {
	return map[string]handler{
		"voucher.tills": staff(n, (*community).tills),
		"voucher.issue": staff(n, func(c *community, ctx context.Context, r voucherRequest) (slipReply, error) {
			return c.issueVoucher(ctx, c.operator(), r)
		}),
		"voucher.slip":   staff(n, (*community).voucherSlip),
		"voucher.list":   staff(n, (*community).listVouchers),
		"voucher.recall": staff(n, (*community).recallVoucher),
		"voucher.return": in(n, (*community).returnVoucher),
	}
}

type tillReply struct {
	ID    string `json:"id"` // of the device
	Name  string `json:"name"`
	Place string `json:"place"` // of the place, "" if it has none
}

type tillsReply struct {
	Tills []tillReply `json:"tills"`
}

// tills lists the devices at which points can be redeemed, but for this one.
func (c *community) tills(_ context.Context, _ none) (tillsReply, error) {
	out := tillsReply{Tills: []tillReply{}}
	for _, d := range c.charter.Devices() {
		_, known := c.incarnation(d.Device)
		if d.Revoked || !known || d.Device == c.node.device.Load().Public() || d.Role != govern.Merchant && d.Role != govern.Station {
			continue
		}
		out.Tills = append(out.Tills, tillReply{deviceText(d.Device), tillName(d), d.Place})
	}
	slices.SortStableFunc(out.Tills, func(a, b tillReply) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func tillName(d govern.Enrolled) string { return cmp.Or(d.PlaceName, d.Name) }

type voucherRequest struct {
	Person string `json:"person"`
	Points int64  `json:"points"`
	Till   string `json:"till"`  // id of a device
	Until  string `json:"until"` // the last day, yyyy-mm-dd
}

// slipReply is a voucher as it is printed or shown.
type slipReply struct {
	Hash      string `json:"hash"`
	Text      string `json:"text"`
	SVG       string `json:"svg"`
	Person    string `json:"person"`
	Masked    string `json:"masked"`
	Community string `json:"community"`
	Till      string `json:"till"` // its name
	Points    int64  `json:"points"`
	Until     int64  `json:"until"`
	At        int64  `json:"at"`
}

// issueVoucher moves a person's points into a voucher for one till. Faults:
// people.unknown, till.amount, till.blocked (lost card, no new one), voucher.till, voucher.until{days},
// voucher.short{need, here, elsewhere, vouchers}.
func (c *community) issueVoucher(ctx context.Context, operator string, r voucherRequest) (slipReply, error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return slipReply{}, fault.New("people.unknown")
	}
	if r.Points < 1 || r.Points > maxVoucherPoints {
		return slipReply{}, fault.New("till.amount")
	}
	until, err := c.lastDay(r.Until)
	if err != nil {
		return slipReply{}, err
	}
	payee, err := c.payee(r.Till)
	if err != nil {
		return slipReply{}, err
	}
	if known, err := c.people.Briefs(ctx, id); err != nil || known[id].Masked == "" {
		return slipReply{}, cmp.Or(err, error(fault.New("people.unknown")))
	}
	if c.people.Void(id) {
		return slipReply{}, fault.New("till.blocked")
	}
	c.gather(ctx, ledger.Subject(id), r.Points)
	var ref store.Ref
	err = c.writeAs(ctx, operator, func(tx *store.Tx) (err error) {
		ref, err = c.ledger.IssueVoucher(tx, ledger.Subject(id), r.Points, payee, until)
		return err
	})
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "ledger.rights.short" {
		b, err := c.balanceOf(ctx, r.Person)
		if err != nil {
			return slipReply{}, err
		}
		return slipReply{}, fault.New("voucher.short", "need", r.Points, "here", f.Params["here"], "elsewhere", max(0, b.Spendable-b.Here), "vouchers", b.Vouchers)
	}
	if err != nil {
		return slipReply{}, err
	}
	return c.slip(ctx, ref.Hash)
}

// lastDay returns the last second of a day, milliseconds.
func (c *community) lastDay(day string) (int64, error) {
	bad := fault.New("voucher.until", "days", maxVoucherDays)
	t, err := time.ParseInLocation(time.DateOnly, day, zone.China)
	if err != nil {
		return 0, bad
	}
	_, end := zone.DayBounds(t.UnixMilli())
	if now := c.node.now(); end <= now || end > now+maxVoucherDays*24*3600*1000 {
		return 0, bad
	}
	return end - 1000, nil
}

// payee returns the incarnation of a till by its device's id.
func (c *community) payee(device string) (wire.Actor, error) {
	for _, d := range c.charter.Devices() {
		if deviceText(d.Device) != device || d.Revoked {
			continue
		}
		if a, ok := c.incarnation(d.Device); ok && a != c.store.Self() {
			return a, nil
		}
	}
	return wire.Actor{}, fault.New("voucher.till")
}

// gather brings points here that other devices in reach have. What can't be
// had is said when the voucher is written.
func (c *community) gather(ctx context.Context, person ledger.Subject, need int64) {
	ctx, cancel := context.WithTimeout(aside(ctx), pullLimit)
	defer cancel()
	for _, pub := range c.holders(ctx, person) {
		have, err := c.rightsHere(ctx, person)
		if err != nil || have >= need {
			return
		}
		for _, id := range c.people.IDs(people.ID(person)) { // who is asked may not know yet that they are one
			if err := c.mesh.askPoints(ctx, pub, ledger.Subject(id), need-have); err != nil {
				c.node.log.Info("a device gave no points", "device", deviceText(pub), "err", err.Error())
			}
		}
	}
}

// voucherSlip makes the slip of one of this device's own vouchers once more.
// Fault: voucher.elsewhere, for one that another device wrote.
func (c *community) voucherSlip(ctx context.Context, r struct {
	Hash string `json:"hash"`
}) (slipReply, error) {
	h, err := parseHash(r.Hash)
	if err != nil {
		return slipReply{}, err
	}
	return c.slip(ctx, h)
}

func (c *community) slip(ctx context.Context, h wire.Hash) (slipReply, error) {
	var v voucher.Voucher
	var p ledger.Paper
	out := slipReply{Hash: h.String(), Community: c.charter.Settings().Name}
	err := c.view(ctx, func(q store.Querier) error {
		ev, err := c.ledger.VoucherEvidence(q, h)
		if errors.Is(err, ledger.ErrUnknown) {
			return fault.New("voucher.elsewhere")
		}
		if err != nil {
			return err
		}
		if p, err = c.ledger.ReadPaper(ev); err != nil {
			return err
		}
		if p.Payer != c.store.Self() {
			return fault.New("voucher.elsewhere")
		}
		out.Till, err = c.tillOf(q, p.Payee)
		if err != nil {
			return err
		}
		v = voucher.Voucher{Part: ev.Part, Change: ev.Chunk, Seal: ev.Seal}
		paid, err := c.ledger.HasPaid(q, p.Payee)
		if !paid {
			v.Certificate = &c.inc.Certificate
		}
		return err
	})
	if err != nil {
		return slipReply{}, err
	}
	id := people.ID(p.Person)
	found, err := c.people.Briefs(ctx, id)
	if err != nil {
		return slipReply{}, err
	}
	head, err := wire.Peek(v.Change)
	if err != nil {
		return slipReply{}, err
	}
	v.Community, v.Masked = c.ownID(), found[id].Masked
	out.Person, out.Masked, out.Points, out.Until, out.At = id.String(), v.Masked, p.Points, p.Until, head.Time
	if out.Text, err = v.Text(c.inc.Private); err != nil {
		return slipReply{}, err
	}
	out.SVG, err = qr.SVG(out.Text, qr.Medium)
	return out, err
}

// ownID is the first half of the community's id.
func (c *community) ownID() [8]byte {
	id := ledger.TextSubject(c.charter.Community())
	return [8]byte(id[:8])
}

// tillOf names the till of an incarnation, "" while it is not known.
func (c *community) tillOf(q store.Querier, a wire.Actor) (string, error) {
	pub, ok, err := c.charter.DeviceOf(q, a)
	if err != nil || !ok {
		return "", err
	}
	d, _ := c.charter.Device(pub)
	return tillName(d), nil
}

type voucherRow struct {
	Hash     string `json:"hash"`
	Person   string `json:"person"`
	Masked   string `json:"masked"`
	Till     string `json:"till"`
	Points   int64  `json:"points"`
	At       int64  `json:"at"`
	Until    int64  `json:"until"`
	TakenAt  int64  `json:"takenAt"`
	State    string `json:"state"` // open, recalled, used, expired, returned
	Operator string `json:"operator"`
	Own      bool   `json:"own"` // written here: its slip can be printed again
}

// stateOf is a voucher's state; one that was not taken may be wanted back.
func (c *community) stateOf(q store.Querier, v ledger.Issued) (string, error) {
	if v.State != ledger.VoucherOpen && v.State != ledger.VoucherExpired {
		return string(v.State), nil
	}
	wanted, err := c.requests.Wanted(q, v.Hash)
	if wanted {
		return voucherRecalled, err
	}
	return string(v.State), err
}

type vouchersReply struct {
	Rows []voucherRow `json:"rows"`
}

type personRequest struct {
	Person string `json:"person"` // "" for all
}

func (c *community) listVouchers(ctx context.Context, r personRequest) (out vouchersReply, err error) {
	return c.vouchersOf(ctx, r, voucherRows)
}

func (c *community) vouchersOf(ctx context.Context, r personRequest, limit int) (out vouchersReply, err error) {
	var person ledger.Subject
	if r.Person != "" {
		id, err := people.ParseID(r.Person)
		if err != nil {
			return out, fault.New("people.unknown")
		}
		person = ledger.Subject(id)
	}
	out.Rows = []voucherRow{}
	ids := []people.ID{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.ledger.IssuedVouchers(q, person, c.node.now(), limit)
		if err != nil {
			return err
		}
		for _, v := range list {
			till, err := c.tillOf(q, v.Payee)
			if err != nil {
				return err
			}
			state, err := c.stateOf(q, v)
			if err != nil {
				return err
			}
			ids = append(ids, people.ID(v.Person))
			out.Rows = append(out.Rows, voucherRow{
				Hash: v.Hash.String(), Person: people.ID(v.Person).String(), Till: till, Points: v.Points, At: v.At, Until: v.Until,
				TakenAt: v.TakenAt, State: state, Operator: v.Operator, Own: v.Payer == c.store.Self(),
			})
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	found, err := c.people.Briefs(ctx, ids...)
	for i := range out.Rows {
		out.Rows[i].Masked = found[ids[i]].Masked
	}
	return out, err
}

// scanReply is what a scan means; a voucher was taken, and a pass remembered, when it returns.
type scanReply struct {
	shop.Scan
	Voucher *takenReply `json:"voucher,omitempty"`
	Pass    *shownPass  `json:"pass,omitempty"`
}

type takenReply struct {
	Points int64 `json:"points"`
	Until  int64 `json:"until"`
}

// scanVoucher takes a voucher that was shown here and opens its person's
// account. Faults: those of reading and taking it, voucher.foreign,
// voucher.expired{until}.
func (c *community) scanVoucher(ctx context.Context, text string) (out scanReply, err error) {
	u, err := c.readVoucher(text)
	if err != nil {
		return out, err
	}
	if ev, err := c.ledger.ReadPaper(paperOf(u)); err == nil && c.people.Void(people.ID(ev.Person)) {
		return out, fault.New("till.blocked") // nothing is taken: the voucher stays good
	}
	p, err := c.takeVoucher(ctx, u, false)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "voucher.room" && len(c.mesh.online()) > 0 {
		need, _ := f.Params["need"].(int64)
		c.fetchExposure(ctx, need)
		p, err = c.takeVoucher(ctx, u, false)
	}
	if err != nil {
		return out, err
	}
	id := people.ID(p.Person)
	c.noteVoucher(id, u.Masked)
	a, err := c.account(ctx, id.String())
	return scanReply{Scan: shop.Scan{Kind: "person", Account: &a}, Voucher: &takenReply{p.Points, p.Until}}, err
}

func paperOf(u voucher.Unproven) *ledger.Evidence {
	return &ledger.Evidence{Epoch: 1, Part: u.Part, Chunk: u.Change, Seal: u.Seal}
}

// noteVoucher remembers who showed a voucher. It proves more than an old card
// that was replaced since: then the newest card is remembered instead.
func (c *community) noteVoucher(id people.ID, masked string) {
	f, known := c.metCard(id)
	if known && c.cardNow(f).Validity == people.CardOK && !c.shownVoid(id) {
		return
	}
	f = people.Found{Person: id, Masked: masked, Validity: people.CardOK, Own: true, Community: c.charter.Community()}
	f.Generation, f.Code, _ = c.people.Newest(id)
	c.noteCard(f)
	c.noteShown(f)
}

// returnVoucher takes a voucher and sends its points home, unspent: where
// there is no room for them here, or the person wants them back. Faults: as
// scanVoucher.
func (c *community) returnVoucher(ctx context.Context, r textRequest) (takenReply, error) {
	u, err := c.readVoucher(r.Text)
	if err != nil {
		return takenReply{}, err
	}
	p, err := c.takeVoucher(ctx, u, true)
	return takenReply{p.Points, p.Until}, err
}

func (c *community) readVoucher(text string) (voucher.Unproven, error) {
	u, err := voucher.Read(strings.TrimSpace(text))
	if err == nil && u.Community != c.ownID() {
		err = fault.New("voucher.foreign")
	}
	return u, err
}

// takeVoucher proves a voucher and takes it, all in one transaction. One past
// its time goes home and is refused.
func (c *community) takeVoucher(ctx context.Context, u voucher.Unproven, home bool) (p ledger.Paper, err error) {
	ev := paperOf(u)
	var shown ledger.Shown
	err = c.write(ctx, func(tx *store.Tx) error {
		if err := c.proveVoucher(tx, u); err != nil {
			return err
		}
		if p, err = c.ledger.ReadPaper(ev); err != nil {
			return err
		}
		if mine, err := c.mine(tx, p.Payee); err != nil || !mine { // or for who this one succeeds
			return cmp.Or(err, c.otherTill(tx, p.Payee))
		}
		shown, err = c.requests.Show(tx, c.ledger, ev, c.node.now(), home)
		return err
	})
	if err == nil && shown.Recalled && !home {
		return p, fault.New("voucher.recalled")
	}
	if err == nil && shown.Expired && !home {
		err = fault.New("voucher.expired", "until", zone.Day(p.Until))
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok && (f.Code == "voucher.taken" || f.Code == "voucher.back") {
		at, _ := f.Params["at"].(int64)
		err = fault.New(f.Code, "at", zone.In(at).Format("2006-01-02 15:04"))
	}
	return p, err
}

// proveVoucher checks the voucher's signature with the certificate that is
// here, or with the one it brings, which is kept: the ledger judges whether
// its device may pay.
func (c *community) proveVoucher(tx *store.Tx, u voucher.Unproven) error {
	payer, err := u.Payer()
	if err != nil {
		return err
	}
	cert, err := store.Certificate(tx, payer)
	if err != nil {
		return err
	}
	if cert == nil {
		if cert = u.Certificate; cert == nil {
			return fault.New("voucher.issuer")
		}
		if d, ok := c.charter.Device(cert.Device); !ok {
			return fault.New("voucher.issuer")
		} else if d.Revoked || !d.Role.Staff() {
			return fault.New("voucher.void")
		}
		if err := u.Verify(*cert); err != nil {
			return err
		}
		_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: cert.ID(), Blob: cert.Encode()})
		if errors.Is(err, seal.ErrCertificate) {
			err = fault.New("voucher.forged")
		}
		return err
	}
	return u.Verify(*cert)
}

// otherTill says for which till a voucher is; one for this device as it was
// before it was set up anew is the office's to give back.
func (c *community) otherTill(q store.Querier, payee wire.Actor) error {
	pub, ok, err := c.charter.DeviceOf(q, payee)
	switch {
	case err != nil:
		return err
	case ok && pub == c.node.device.Load().Public():
		return fault.New("voucher.before")
	}
	name, err := c.tillOf(q, payee)
	return cmp.Or(err, error(fault.New("voucher.other", "till", name)))
}
