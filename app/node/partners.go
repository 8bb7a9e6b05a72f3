package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/partner"
	"jishan/app/qr"
	"jishan/app/sheet"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/p2p/bundle"
)

// partnerCalls are the use cases of other communities.
func (n *Node) partnerCalls() map[string]handler {
	return map[string]handler{
		"partners.list":     staff(n, (*community).partnerList),
		"partners.site":     staff(n, (*community).setSite),
		"partners.read":     staff(n, (*community).readIntroduction),
		"partners.agree":    staff(n, (*community).agreeWith),
		"partners.letter":   staff(n, (*community).letterIn),
		"partners.make":     staff(n, (*community).makeStatement),
		"partners.answer":   staff(n, (*community).answerStatement),
		"partners.received": staff(n, (*community).statementPaid),
	}
}

type siteJSON struct {
	Street   string `json:"street"`
	District string `json:"district"`
	City     string `json:"city"`
}

func siteOf(s govern.Site) siteJSON { return siteJSON{s.Street, s.District, s.City} }

// statementJSON is a statement between us and a partner, money in fen.
type statementJSON struct {
	ID        string `json:"id"`
	Ours      bool   `json:"ours"` // of our ledger: what our people spent there, who moved here
	Number    uint64 `json:"number"`
	Month     string `json:"month"`
	Spent     int64  `json:"spent"`
	Back      int64  `json:"back"`
	Moved     int64  `json:"moved"`
	Deals     int64  `json:"deals"`
	Backs     int64  `json:"backs"`
	Movers    int64  `json:"movers"`
	Peg       int64  `json:"peg"`
	Owed      int64  `json:"owed"` // above 0 they owe us, below we owe them
	At        int64  `json:"at"`
	Operator  string `json:"operator"`
	Answered  int64  `json:"answered"`
	Agreed    bool   `json:"agreed"`
	Why       string `json:"why"`
	PaidAt    int64  `json:"paidAt"`
	Reference string `json:"reference"`
	State     string `json:"state"` // sent, refused, agreed (to be paid), done
}

func statementOf(s partner.Sheet) statementJSON {
	state := "sent"
	switch {
	case s.Done():
		state = "done"
	case s.Agreed:
		state = "agreed"
	case s.Answered != 0:
		state = "refused"
	}
	return statementJSON{ID: s.Hash.String(), Ours: s.Ours, Number: s.Number, Month: s.Month, Spent: s.Spent, Back: s.Back, Moved: s.Moved, Deals: s.Deals, Backs: s.Backs,
		Movers: s.Movers, Peg: s.Peg, Owed: s.Owed(), At: s.At, Operator: s.Operator, Answered: s.Answered, Agreed: s.Agreed, Why: s.Why, PaidAt: s.PaidAt, Reference: s.Reference, State: state}
}

// partnerJSON is another community as this one sees it.
type partnerJSON struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Site       siteJSON        `json:"site"`
	Ours       uint64          `json:"ours"`   // points that may be unsettled in our ledger
	Theirs     uint64          `json:"theirs"` // in theirs
	Peg        int64           `json:"peg"`    // fen a point
	Until      string          `json:"until"`  // the last day, "" = without end
	State      string          `json:"state"`  // new (no letter yet), unlisted (they have not agreed), differs, ended, good
	TheyOurs   uint64          `json:"theyOurs"`
	TheyTheirs uint64          `json:"theyTheirs"`
	TheyPeg    int64           `json:"theyPeg"`
	Used       int64           `json:"used"`  // points of our ledger, not settled
	Left       int64           `json:"left"`  // what may still be used
	Over       int64           `json:"over"`  // used beyond what a till had: by copies of one
	Month      string          `json:"month"` // of the next statement
	Due        int64           `json:"due"`   // points that it would hold
	Statements []statementJSON `json:"statements"`
}

type partnersReply struct {
	Registrar    bool          `json:"registrar"`
	Site         siteJSON      `json:"site"`
	Introduction string        `json:"introduction"` // "" on other devices than the registrar's
	Fingerprint  string        `json:"fingerprint"`
	SVG          string        `json:"svg"`
	Partners     []partnerJSON `json:"partners"`
}

// partnerList shows who we are to others and how things stand with each.
func (c *community) partnerList(ctx context.Context, _ none) (partnersReply, error) {
	out := partnersReply{Registrar: c.registrarHere(), Site: siteOf(c.charter.Settings().Site), Partners: []partnerJSON{}}
	if out.Registrar {
		i, err := c.charter.Introduce(c.node.device.Load(), c.node.now())
		if err != nil {
			return out, err
		}
		out.Introduction, out.Fingerprint = i.String(), i.Fingerprint()
		if out.SVG, err = qr.SVG(out.Introduction, qr.Low); err != nil {
			return out, err
		}
	}
	err := c.view(ctx, func(q store.Querier) error {
		for _, p := range c.charter.Partners() {
			x, err := c.partnerAt(q, p)
			if err != nil {
				return err
			}
			out.Partners = append(out.Partners, x)
		}
		return nil
	})
	return out, err
}

// registrarHere tells whether this device writes the charter.
func (c *community) registrarHere() bool {
	d, ok := c.self()
	return ok && d.Registrar
}

func (c *community) partnerAt(q store.Querier, p govern.Partner) (partnerJSON, error) {
	id, now := p.Community(), c.node.now()
	out := partnerJSON{ID: id, Name: p.Name, Site: siteOf(p.Site), Ours: p.Ours, Theirs: p.Theirs, Peg: p.Peg, Until: lastDay(p.Until), Month: monthBefore(now), Statements: []statementJSON{}}
	s, err := c.partners.State(q, id, now)
	if err != nil {
		return out, err
	}
	out.State = agreementState(s, now)
	out.TheyOurs, out.TheyTheirs, out.TheyPeg = s.Answer.Ours, s.Answer.Theirs, s.Answer.Peg
	spent, err := c.ledger.Spent(q, ledger.TextSubject(id))
	if err != nil {
		return out, err
	}
	out.Used = spent - s.Settled
	out.Left = max(0, s.Ceiling-spent)
	if out.Over, err = c.overOf(q, ledger.TextSubject(id)); err != nil {
		return out, err
	}
	due, err := c.partners.Due(q, id, out.Month)
	if err != nil {
		return out, err
	}
	if due.Number > 0 {
		out.Due = due.Points()
	}
	list, err := c.partners.Statements(q, id)
	for _, x := range list {
		out.Statements = append(out.Statements, statementOf(x))
	}
	return out, err
}

func agreementState(s partner.State, now int64) string {
	switch {
	case s.Until != 0 && now >= s.Until:
		return "ended"
	case !s.Known:
		return "new"
	case !s.Listed:
		return "unlisted"
	case s.Answer.Until != 0 && now >= s.Answer.Until:
		return "ended"
	case !s.Mutual:
		return "differs"
	}
	return "good"
}

// lastDay is the last day of an agreement as screens write it.
func lastDay(until int64) string {
	if until == 0 {
		return ""
	}
	return zone.Day(until - 1)
}

// monthBefore is the month before the one of now.
func monthBefore(now int64) string {
	t := zone.In(now)
	return zone.Month(t.AddDate(0, 0, -t.Day()).UnixMilli())
}

// setSite says where the community lies. Faults: partner.site, govern.registrar.only.
func (c *community) setSite(ctx context.Context, r siteJSON) (none, error) {
	settings, err := govern.SiteSettings(govern.Site{Street: strings.TrimSpace(r.Street), District: strings.TrimSpace(r.District), City: strings.TrimSpace(r.City)})
	if err != nil {
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, settings...) })
}

type introductionRequest struct {
	Text string `json:"text"`
}

type introductionReply struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Site        siteJSON `json:"site"`
	Fingerprint string   `json:"fingerprint"`
	Known       bool     `json:"known"` // there is an agreement with this community
	Moved       bool     `json:"moved"` // and it named another computer
}

// readIntroduction shows what an introduction says. Faults: partner.own,
// partner.introduction.bad, .newer, .forged.
func (c *community) readIntroduction(_ context.Context, r introductionRequest) (introductionReply, error) {
	i, err := govern.ReadIntroduction(r.Text)
	if err != nil {
		return introductionReply{}, err
	}
	if i.Community() == c.charter.Community() {
		return introductionReply{}, fault.New("partner.own")
	}
	p, known := c.charter.Partner(i.Community())
	return introductionReply{ID: i.Community(), Name: i.Name, Site: siteOf(i.Site), Fingerprint: i.Fingerprint(), Known: known, Moved: known && p.Device != i.Device}, nil
}

type agreeRequest struct {
	ID     string `json:"id"`   // of a partner, to change its terms
	Text   string `json:"text"` // or an introduction
	Ours   uint64 `json:"ours"`
	Theirs uint64 `json:"theirs"`
	Peg    int64  `json:"peg"`
	Until  string `json:"until"`
}

// agreeWith writes what was agreed with another community. Faults: partner.unknown,
// partner.own, partner.terms, partner.introduction.bad, .newer, .forged,
// govern.registrar.only.
func (c *community) agreeWith(ctx context.Context, r agreeRequest) (none, error) {
	p, ok := c.charter.Partner(r.ID)
	if r.Text != "" {
		i, err := govern.ReadIntroduction(r.Text)
		if err != nil {
			return none{}, err
		}
		p = govern.Partner{Root: i.Root, Name: i.Name, Site: i.Site, Device: i.Device, Recipient: i.Recipient}
	} else if !ok {
		return none{}, fault.New("partner.unknown")
	}
	p.Ours, p.Theirs, p.Peg, p.Until = r.Ours, r.Theirs, r.Peg, 0
	if r.Until != "" {
		t, err := time.ParseInLocation(time.DateOnly, r.Until, zone.China)
		if err != nil {
			return none{}, fault.New("partner.terms")
		}
		p.Until = t.AddDate(0, 0, 1).UnixMilli()
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.Agree(tx, p) })
}

type letterReply struct {
	Upload string `json:"upload"` // for the next piece; "" when the letter was taken in
	From   string `json:"from"`   // the community's name
	Items  int    `json:"items"`  // that were new
	Moved  int    `json:"moved"`  // people who moved here, among them
}

// letterIn takes in a partner's letter, in pieces as devices.import. Faults: those of
// partner.Book.Accept and of bundles.
func (c *community) letterIn(ctx context.Context, r importRequest) (letterReply, error) {
	b, err := fileRequest{r.File}.bytes()
	if err != nil {
		return letterReply{}, err
	}
	if r.Upload == "" && !r.More {
		return c.readLetter(ctx, bytes.NewReader(b))
	}
	name, err := c.upload.add(c, r.Upload, b)
	if err != nil || r.More {
		return letterReply{Upload: name}, err
	}
	f, err := c.upload.take(name)
	if err != nil {
		return letterReply{}, err
	}
	defer f.Close()
	return c.readLetter(ctx, f)
}

// maxLetterFile bounds a letter as a file: what encryption and frames add is small.
const maxLetterFile = partner.MaxLetter + 1<<20

// readLetter reads a letter from a copy of its own, so that nobody swaps it between
// the look and the use.
func (c *community) readLetter(ctx context.Context, r io.Reader) (out letterReply, err error) {
	f, err := c.scratchOf(r, maxLetterFile)
	if err != nil {
		return out, err
	}
	defer f.Close()
	b, err := bundle.Open(f, c.node.device.Load().Identity)
	if err != nil {
		return out, bundleFault(err)
	}
	if self := c.node.device.Load().Public(); [32]byte(b.To) != self {
		return out, fault.New("bundle.recipient")
	}
	if b.Community == c.charter.Community() {
		return out, fault.New("partner.letter.own")
	}
	var got partner.Arrival
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		got, err = c.partners.Accept(tx, [32]byte(b.From), b.Frames(), c.node.now())
		if err == nil && got.From != b.Community {
			err = fault.New("partner.letter.bad")
		}
		if err != nil {
			return err
		}
		if err := c.followPartner(tx, got.From); err != nil {
			return err
		}
		return c.keepPapers(tx, got.From, got.Papers)
	})
	if err != nil {
		return out, bundleFault(err)
	}
	c.tend.poke()
	p, _ := c.charter.Partner(got.From)
	return letterReply{From: p.Name, Items: got.Items, Moved: got.Moved}, nil
}

// followPartner names a partner's new main device in the agreement, with all that was
// agreed as it was: the letter proved, from the agreed root on, that it is the
// partner's. From then on certificates that it signs for its merchants count here.
func (c *community) followPartner(tx *store.Tx, id string) error {
	p, known := c.charter.Partner(id)
	f, err := c.partners.Foreign(tx, id)
	if err != nil || !known {
		return err
	}
	if device, recipient, ok := f.Registrar(); ok && device != p.Device {
		p.Device, p.Recipient = device, recipient
		return c.charter.Agree(tx, p)
	}
	return nil
}

// letterSuffix is the end of a letter's file name.
const letterSuffix = ".jishanletter"

// letterFile writes a letter to a partner: to its registrar of today, as far as its
// charter is known, else to the one that was introduced. Faults: partner.unknown,
// govern.registrar.only.
func (c *community) letterFile(ctx context.Context, to string) (*File, error) {
	p, ok := c.charter.Partner(to)
	if !ok {
		return nil, fault.New("partner.unknown")
	}
	if !c.registrarHere() {
		return nil, fault.New("govern.registrar.only")
	}
	papers, err := c.papersTo(ctx, to)
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	device, recipient := p.Device, p.Recipient
	err = c.view(ctx, func(q store.Querier) error {
		f, err := c.partners.Foreign(q, to)
		if err != nil {
			return err
		}
		if d, r, ok := f.Registrar(); ok {
			device, recipient = d, r
		}
		frames, err = c.partners.Letter(q, to, papers...)
		return err
	})
	if err != nil {
		return nil, err
	}
	h := bundle.Header{To: device[:], Community: c.charter.Community(), Made: c.node.now()}
	return c.onDisk(c.fileName(sheet.TakenLetter, p.Name, c.stamp())+letterSuffix, func(w io.Writer) error {
		_, err := bundle.Write(w, c.node.device.Load().Private, h, recipient, func(yield func([]byte, error) bool) {
			for _, f := range frames {
				if !yield(f, nil) {
					return
				}
			}
		})
		return err
	})
}

// introductionFile is the introduction to be carried or sent. Fault:
// govern.registrar.only.
func (c *community) introductionFile() (*File, error) {
	i, err := c.charter.Introduce(c.node.device.Load(), c.node.now())
	if err != nil {
		return nil, err
	}
	return &File{Name: c.fileName(sheet.TakenIntroduction, i.Name) + ".txt", Type: "text/plain; charset=utf-8", Body: strings.NewReader(i.String() + "\r\n")}, nil
}

type statementRequest struct {
	ID        string `json:"id"` // the partner
	Statement string `json:"statement"`
	Why       string `json:"why"`       // partners.answer: "" agrees
	Reference string `json:"reference"` // partners.received
}

type monthlyRequest struct {
	ID string `json:"id"`
}

type monthlyReply struct {
	Made bool `json:"made"`
}

// makeStatement writes the statement of the month before. Faults: partner.unknown,
// govern.registrar.only.
func (c *community) makeStatement(ctx context.Context, r monthlyRequest) (out monthlyReply, err error) {
	now := c.node.now()
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		_, out.Made, err = c.partners.Make(tx, r.ID, monthBefore(now), now)
		return err
	})
	return out, err
}

// answerStatement agrees to a partner's statement or says why not.
func (c *community) answerStatement(ctx context.Context, r statementRequest) (none, error) {
	h, err := parseHash(r.Statement)
	if err != nil {
		return none{}, fault.New("partner.statement.unknown")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.partners.Reply(tx, r.ID, h, r.Why, c.node.now()) })
}

// statementPaid notes that what a statement owes us has come or was set off.
func (c *community) statementPaid(ctx context.Context, r statementRequest) (none, error) {
	h, err := parseHash(r.Statement)
	if err != nil {
		return none{}, fault.New("partner.statement.unknown")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		return c.partners.Received(tx, r.ID, h, r.Reference, c.node.now())
	})
}

// nettingFile is the netting sheet with a partner: every statement of both sides.
// Fault: partner.unknown.
func (c *community) nettingFile(ctx context.Context, id string) (*File, error) {
	p, ok := c.charter.Partner(id)
	if !ok {
		return nil, fault.New("partner.unknown")
	}
	var list []partner.Sheet
	err := c.view(ctx, func(q store.Querier) (err error) {
		list, err = c.partners.Statements(q, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New("partner.empty")
	}
	return workbook(c.fileName(sheet.TakenNetting, p.Name, c.stamp()), func(w io.Writer) error {
		return sheet.Netting(w, c.charter.Settings().Name, p.Name, list)
	})
}

// statements makes last month's statements, once the month is over.
func (t *tender) statements(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	now := t.c.node.now()
	month := monthBefore(now)
	for _, p := range t.c.charter.Partners() {
		id := p.Community()
		if t.stated[id] == zone.Day(now) {
			continue
		}
		err := t.write(ctx, func(tx *store.Tx) error {
			_, made, err := t.c.partners.Make(tx, id, month, now)
			if err == nil && !made {
				err = errNothing
			}
			return err
		})
		if err != nil && !errors.Is(err, errNothing) {
			return err
		}
		if t.stated == nil {
			t.stated = map[string]string{}
		}
		t.stated[id] = zone.Day(now)
	}
	return nil
}
