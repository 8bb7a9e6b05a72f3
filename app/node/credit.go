package node

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"slices"

	"jishan/app/credit"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/qr"
	"jishan/app/sheet"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Credit lines as the screens use them. Points come from the ledger, names from
// people and only onto a certificate that is printed.

func (n *Node) creditCalls() map[string]handler {
	return map[string]handler{
		"credit.table":       staff(n, (*community).creditTable),
		"credit.setTable":    staff(n, (*community).setCreditTable),
		"credit.list":        staff(n, (*community).listCredit),
		"credit.person":      staff(n, (*community).personCredit),
		"credit.consent":     staff(n, (*community).creditConsent),
		"credit.withdraw":    staff(n, (*community).creditWithdraw),
		"credit.assess":      staff(n, (*community).creditAssess),
		"credit.certificate": staff(n, (*community).creditCertificate),
		"credit.check":       in(n, (*community).creditCheck),
	}
}

type creditTableReply struct {
	credit.Table
	Registrar bool `json:"registrar"` // this device may change it
}

func (c *community) creditTable(context.Context, none) (creditTableReply, error) {
	d, _ := c.self()
	return creditTableReply{c.credit.Table(), d.Registrar}, nil
}

func (c *community) setCreditTable(ctx context.Context, t credit.Table) (creditTableReply, error) {
	if err := c.write(ctx, func(tx *store.Tx) error { return c.credit.SaveTable(tx, t) }); err != nil {
		return creditTableReply{}, err
	}
	return c.creditTable(ctx, none{})
}

// basisOf is the sum that the table goes by.
func basisOf(basis string, b ledger.Balance) int64 {
	switch basis {
	case credit.Year:
		return b.Year
	case credit.Spendable:
		return b.Spendable
	}
	return b.Lifetime
}

// creditPoints is what the table goes by, for one person.
func (c *community) creditPoints(q store.Querier, id people.ID) (int64, error) {
	b, err := c.ledger.Balance(q, ledger.Subject(id), period(c.node.now()))
	return basisOf(c.credit.Table().Basis, b), err
}

type consentReply struct {
	credit.Consent
	Proof string `json:"proof"` // signed by an operator's key, named where there is none, bad; "" while nobody was asked
}

type creditReply struct {
	Consent   consentReply  `json:"consent"`
	Lines     []credit.Line `json:"lines"` // the newest first
	Points    int64         `json:"points"`
	Basis     string        `json:"basis"`
	Suggested int64         `json:"suggested"` // yuan; 0 = no band
	From      int64         `json:"from"`      // where the first band begins; 0 = there is no table
}

// personCredit is all about one person's line. Fault: people.unknown.
func (c *community) personCredit(ctx context.Context, r personRequest) (out creditReply, err error) {
	id, err := c.knownPerson(ctx, r.Person)
	if err != nil {
		return out, err
	}
	t := c.credit.Table()
	out = creditReply{Basis: t.Basis, Lines: []credit.Line{}}
	if len(t.Bands) > 0 {
		out.From = t.Bands[0].From
	}
	err = c.view(ctx, func(q store.Querier) error {
		if out.Points, err = c.creditPoints(q, id); err != nil {
			return err
		}
		out.Suggested, _ = t.Suggest(out.Points)
		ids := c.people.IDs(id)
		said, err := c.credit.Consent(q, ids)
		if err != nil {
			return err
		}
		out.Consent = consentReply{said, c.consentProof(said, ids)}
		lines, err := c.credit.Lines(q, ids)
		out.Lines = append(out.Lines, lines...)
		return err
	})
	return out, err
}

// knownPerson is the leading id of somebody who is registered here.
func (c *community) knownPerson(ctx context.Context, text string) (people.ID, error) {
	id, err := people.ParseID(text)
	if err != nil {
		return id, fault.New("people.unknown")
	}
	id = c.people.Lead(id)
	found, err := c.people.Briefs(ctx, id)
	if _, ok := found[id]; err == nil && !ok {
		err = fault.New("people.unknown")
	}
	return id, err
}

// consentProof says what stands behind a consent that was written down.
func (c *community) consentProof(said credit.Consent, ids []people.ID) string {
	s := said.Sign
	switch {
	case said.At == 0:
		return ""
	case len(s.Sig) == 0:
		return "named"
	}
	at := said.Signed
	_, state := c.charter.OperatorKey(govern.OperatorID(s.Operator), s.Device, s.Key)
	for _, id := range ids {
		if state != govern.KeyUnknown && ed25519.Verify(s.Key[:], credit.Statement(c.charter.Community(), id, at), s.Sig) {
			return "signed"
		}
	}
	return "bad"
}

type creditConsentRequest struct {
	Person  string `json:"person"`
	Present bool   `json:"present"` // the operator says that the person is here and has signed the paper
}

// creditConsent writes down that a person agrees, under the operator's own
// signature where operators have keys. Faults: people.unknown,
// credit.present (nobody is there), operator.second.waiting (a key that does not
// count yet).
func (c *community) creditConsent(ctx context.Context, r creditConsentRequest) (out creditReply, err error) {
	id, err := c.knownPerson(ctx, r.Person)
	if err != nil {
		return out, err
	}
	if !r.Present {
		return out, fault.New("credit.present")
	}
	sign, err := c.consentSigner()
	if err != nil {
		return out, err
	}
	if err := c.write(ctx, func(tx *store.Tx) error { return c.credit.Agree(tx, c.people.IDs(id), c.operator(), sign) }); err != nil {
		return out, err
	}
	return c.personCredit(ctx, personRequest{Person: r.Person})
}

// consentSigner signs with the key of who sits here; nil where nobody has one.
func (c *community) consentSigner() (func(people.ID, int64) credit.Signature, error) {
	if !c.charter.Keyed() {
		return nil, nil
	}
	first, err := c.node.standing(c)
	if err != nil {
		return nil, err
	}
	own, sits := c.node.seat.signer()
	if !first.Signs || !sits {
		return nil, fault.New("operator.second.own")
	}
	device := c.node.device.Load().Public()
	return func(p people.ID, at int64) credit.Signature {
		sig := ed25519.Sign(own.Key, credit.Statement(c.charter.Community(), p, at))
		return credit.Signature{Operator: [5]byte(own.Operator), Device: device, Key: own.Public(), Sig: sig}
	}, nil
}

// creditWithdraw takes a consent back, with all that was made under it. Faults:
// people.unknown, credit.consent.none.
func (c *community) creditWithdraw(ctx context.Context, r personRequest) (out creditReply, err error) {
	id, err := c.knownPerson(ctx, r.Person)
	if err != nil {
		return out, err
	}
	if err := c.write(ctx, func(tx *store.Tx) error { return c.credit.Withdraw(tx, c.people.IDs(id), c.operator()) }); err != nil {
		return out, err
	}
	return c.personCredit(ctx, r)
}

// creditAssess writes the next version of a person's line. Faults:
// people.unknown, and those of credit.Assess.
func (c *community) creditAssess(ctx context.Context, r personRequest) (out credit.Line, err error) {
	id, err := c.knownPerson(ctx, r.Person)
	if err != nil {
		return out, err
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		points, err := c.creditPoints(tx, id)
		if err == nil {
			out, err = c.credit.Assess(tx, c.people.IDs(id), points, c.operator())
		}
		return err
	})
	return out, err
}

type certificateReply struct {
	credit.Certificate
	Text string `json:"text"`
	SVG  string `json:"svg"`
}

// creditCertificate is the certificate of a line in force, signed by this device.
// That somebody's full name was seen is noted. Faults: credit.unknown,
// credit.void{state}, people.unknown.
func (c *community) creditCertificate(ctx context.Context, r struct {
	Line string `json:"line"`
}) (out certificateReply, err error) {
	var l credit.Line
	err = c.view(ctx, func(q store.Querier) error { l, err = c.credit.Line(q, r.Line, c.people.IDs); return err })
	if err != nil {
		return out, err
	}
	if l.State != credit.InForce {
		return out, fault.New("credit.void", "state", l.State)
	}
	id := c.people.Lead(l.Person)
	found, err := c.people.Briefs(ctx, id)
	if err != nil {
		return out, err
	}
	who, ok := found[id]
	if !ok {
		return out, fault.New("people.unknown")
	}
	if err := c.people.Looked(ctx, c.operator(), id); err != nil {
		return out, err
	}
	out.Certificate = credit.Certificate{
		Community: c.charter.Community(), Place: c.charter.Settings().Name, Line: l.ID, Number: l.Number, Version: l.Version, Name: who.Name, IDTail: tail(who.IDNumber),
		Points: l.Points, Basis: l.Basis, Amount: l.Amount, Made: l.Made, Until: l.Until,
	}
	if out.Text, err = out.Certificate.Text(c.node.device.Load().Private); err != nil {
		return out, err
	}
	out.SVG, err = qr.SVG(out.Text, qr.Medium)
	return out, err
}

// tail is the last four of an ID number.
func tail(s string) string { return s[max(0, len(s)-4):] }

type creditChecked struct {
	credit.Checked
	Person string `json:"person"` // its id, where this device knows people
	Whole  bool   `json:"whole"`  // this device knows of later versions and withdrawals
}

// creditCheck proves a certificate without a network. A till knows whose signature
// counts; whether there is a later version only staff know. Faults: those of
// credit.Kit.Check.
func (c *community) creditCheck(ctx context.Context, r textRequest) (out creditChecked, err error) {
	kit := credit.NewKit(c.charter.Community(), c.charter.Settings().Name, c.node.now(), c.creditSigners(), nil)
	if out.Checked, err = kit.Check(r.Text, c.node.now()); err != nil {
		return out, err
	}
	if d, ok := c.self(); !ok || !d.Role.Staff() {
		return out, nil
	}
	err = c.view(ctx, func(q store.Querier) error {
		l, err := c.credit.Line(q, out.Line, c.people.IDs)
		if fault.Of(err).Code == "credit.unknown" && err != nil {
			return nil // made where this device has not heard from
		}
		if err == nil {
			out.State, out.Person, out.Whole = l.State, c.people.Lead(l.Person).String(), true
		}
		return err
	})
	return out, err
}

// creditSigners are the devices whose certificates count.
func (c *community) creditSigners() (out []credit.Signer) {
	for _, d := range c.charter.Devices() {
		if d.Role.Staff() && !d.Revoked {
			out = append(out, credit.Signer{Key: hex.EncodeToString(d.Device[:]), Name: d.Name})
		}
	}
	return out
}

// creditFile is the check page for a bank.
func (c *community) creditFile(ctx context.Context) (*File, error) {
	var lines []credit.Line
	err := c.view(ctx, func(q store.Querier) error {
		_, err := c.eachCredit(q, func(_ people.ID, list []credit.Line) { lines = append(lines, list...) })
		return err
	})
	if err != nil {
		return nil, err
	}
	page, err := credit.NewKit(c.charter.Community(), c.charter.Settings().Name, c.node.now(), c.creditSigners(), lines).Page()
	if err != nil {
		return nil, err
	}
	return &File{Name: c.fileName(sheet.TakenCredit, c.stamp()) + ".html", Type: "text/html; charset=utf-8", Body: bytes.NewReader(page)}, nil
}

// eachCredit calls f for everybody who ever had a line or said a word about one.
func (c *community) eachCredit(q store.Querier, f func(people.ID, []credit.Line)) ([]people.ID, error) {
	all, err := c.credit.People(q, c.people.Lead)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		lines, err := c.credit.Lines(q, c.people.IDs(p))
		if err != nil {
			return nil, err
		}
		f(p, lines)
	}
	return all, nil
}

type creditRow struct {
	Person    string      `json:"person"`
	Name      string      `json:"name"`
	Grid      string      `json:"grid"`
	Line      credit.Line `json:"line"` // the newest
	Has       bool        `json:"has"`  // there is one
	Points    int64       `json:"points"`
	Suggested int64       `json:"suggested"`
	Due       bool        `json:"due"` // to be assessed this year

	id people.ID
}

type creditListReply struct {
	Total  int            `json:"total"`
	Rows   []creditRow    `json:"rows"`
	Counts map[string]int `json:"counts"` // of all, due, force, void
	Amount int64          `json:"amount"` // yuan, of the lines in force
}

// listCredit pages through the lines: those to be assessed, in force, void.
func (c *community) listCredit(ctx context.Context, r struct {
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
	Show   string `json:"show"`
}) (out creditListReply, err error) {
	out = creditListReply{Rows: []creditRow{}, Counts: map[string]int{"all": 0, "due": 0, "force": 0, "void": 0}}
	if r.Limit < 1 || r.Limit > maxPage || r.Offset < 0 {
		return out, fault.New("call.page", "limit", maxPage)
	}
	year := zone.Year(c.node.now())
	rows := []creditRow{}
	err = c.view(ctx, func(q store.Querier) error {
		_, err := c.eachCredit(q, func(p people.ID, lines []credit.Line) {
			row := creditRow{Person: p.String(), id: p}
			if len(lines) > 0 {
				row.Line, row.Has = lines[0], true
			}
			row.Due = row.Has && (row.Line.State == credit.InForce && zone.Year(row.Line.Made) != year || row.Line.State == credit.Expired)
			out.count(row)
			if r.Show == "" || r.Show == "all" || slices.Contains(row.kinds(), r.Show) {
				rows = append(rows, row)
			}
		})
		return err
	})
	if err != nil {
		return out, err
	}
	slices.SortFunc(rows, func(a, b creditRow) int {
		return cmp.Or(cmp.Compare(b.Line.Made, a.Line.Made), bytes.Compare(a.id[:], b.id[:]))
	})
	out.Total = len(rows)
	rows = rows[min(r.Offset, len(rows)):]
	out.Rows = rows[:min(r.Limit, len(rows))]
	return out, c.nameCredit(ctx, out.Rows)
}

// kinds are the lists that a row stands in, beside that of all.
func (r creditRow) kinds() (out []string) {
	if r.Due {
		out = append(out, "due")
	}
	if r.Has && r.Line.State == credit.InForce {
		return append(out, "force")
	}
	return append(out, "void")
}

func (l *creditListReply) count(r creditRow) {
	l.Counts["all"]++
	for _, k := range r.kinds() {
		l.Counts[k]++
	}
	if r.Line.State == credit.InForce {
		l.Amount += r.Line.Amount
	}
}

// nameCredit puts names and today's points into rows.
func (c *community) nameCredit(ctx context.Context, rows []creditRow) error {
	t := c.credit.Table()
	ids := make([]people.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	known, err := c.people.Rows(ctx, ids)
	if err != nil {
		return err
	}
	for i := range rows {
		j := slices.IndexFunc(known, func(p people.PersonRow) bool { return p.ID == rows[i].Person })
		if j < 0 {
			continue // erased
		}
		p := known[j]
		rows[i].Name, rows[i].Grid = p.Name, p.Grid
		rows[i].Points = basisOf(t.Basis, ledger.Balance{Lifetime: p.Lifetime, Year: p.Year, Spendable: p.Spendable + p.Vouchers})
		rows[i].Suggested, _ = t.Suggest(rows[i].Points)
	}
	return nil
}
