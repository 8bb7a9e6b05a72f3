package node

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Papers of people who came lie beside the database, sealed to this device, until
// the person is taken in: in no document, so nobody else ever holds them, and a
// letter that is read again brings them again.
const papersFolder = "arrivals"

func (c *community) paperPath(burn wire.Hash) string {
	return filepath.Join(c.node.cfg.Data, papersFolder, burn.String())
}

// arrivalFile is a paper as it lies beside the database.
type arrivalFile struct {
	From  string     `json:"from"` // the community
	Paper moverPaper `json:"paper"`
}

// keepPapers keeps what a letter brought about people who are not here yet. What a
// transaction that fails leaves lying is never shown: no BURN goes with it.
func (c *community) keepPapers(q store.Querier, from string, papers [][]byte) error {
	if len(papers) == 0 {
		return nil
	}
	came, err := c.cameBurns(q, from)
	if err != nil {
		return err
	}
	for _, raw := range papers {
		p, burn, err := readPaper(raw)
		if err != nil {
			return err
		}
		if _, done := came[burn]; done {
			continue
		}
		if err := c.keepPaper(burn, arrivalFile{from, p}); err != nil {
			return err
		}
	}
	return nil
}

func (c *community) keepPaper(burn wire.Hash, f arrivalFile) error {
	plain, err := json.Marshal(f)
	if err != nil {
		return err
	}
	self, _ := c.self()
	sealed, err := c.charter.SealTo(self.Place, plain)
	if err != nil {
		return err
	}
	path := c.paperPath(burn)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return replaceBy(path, "paper-*", func(f *os.File) error {
		_, err := f.Write(sealed)
		return err
	})
}

// paper reads what is here about somebody who came by a BURN; false if there is
// nothing, or another community sent it.
func (c *community) paper(from string, burn wire.Hash) (moverPaper, bool, error) {
	sealed, err := os.ReadFile(c.paperPath(burn))
	if errors.Is(err, fs.ErrNotExist) {
		return moverPaper{}, false, nil
	}
	if err != nil {
		return moverPaper{}, false, err
	}
	plain, ok := c.charter.Unseal(sealed)
	var f arrivalFile
	if !ok || json.Unmarshal(plain, &f) != nil || f.From != from {
		return moverPaper{}, false, nil // damaged: the letter brings it again
	}
	return f.Paper, true, nil
}

func readPaper(raw []byte) (p moverPaper, burn wire.Hash, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, burn, fmt.Errorf("%w: %w", fault.New("partner.letter.bad"), err)
	}
	if p.V > paperVersion {
		return p, burn, fault.New("partner.letter.newer")
	}
	burn, err = parseHash(p.Burn)
	if err != nil || p.Lifetime < 0 || p.Year < 0 {
		return p, burn, fault.New("partner.letter.bad")
	}
	return p, burn, nil
}

// booked is when somebody's points were made anew here, and as whose.
type booked struct {
	at     int64
	person ledger.Subject
}

// cameBurns are the BURNs of a community that were made anew here.
func (c *community) cameBurns(q store.Querier, from string) (map[wire.Hash]booked, error) {
	list, err := c.ledger.CameFrom(q, ledger.TextSubject(from))
	if err != nil {
		return nil, err
	}
	out := map[wire.Hash]booked{}
	for _, h := range list {
		r, err := c.ledger.Transaction(q, h)
		if err != nil {
			return nil, err
		}
		for i := range r.Tx.Entries {
			e := &r.Tx.Entries[i]
			if e.Type != ledger.Mint || e.Why != ledger.WhyMoved {
				continue
			}
			p, err := wire.Peek(r.Tx.Evidence[e.Evidence-1].Chunk)
			if err != nil {
				return nil, err
			}
			out[p.Hash] = booked{r.At, e.Quota.Subject}
		}
	}
	return out, nil
}

// arrival is somebody who comes from another community.
type arrival struct {
	Burn     string         `json:"burn"`
	From     string         `json:"from"` // the community's name
	Name     string         `json:"name"` // "" where the letter has to be read again
	Phone    string         `json:"phone"`
	IDNumber string         `json:"idNumber"`
	Birthday string         `json:"birthday"`
	Cohorts  []periodPoints `json:"cohorts"`
	Points   int64          `json:"points"`
	Lifetime int64          `json:"lifetime"`
	Year     int64          `json:"year"`
	Consent  string         `json:"consent"`
	At       int64          `json:"at"` // of the consent, 0 without a paper
	By       string         `json:"by"`
	Missing  int64          `json:"missing"` // credit that must be free before the points can be booked
	Here     bool           `json:"here"`    // sent to this device; else to a former main device
	Done     int64          `json:"done"`    // when the points were booked; 0: not yet
	Similar  []similarRow   `json:"similar"`

	person ledger.Subject // once the points were booked
}

// burned is a BURN that a letter brought, opened.
type burned struct {
	hash wire.Hash
	raw  []byte
	sent map[uint32]ledger.Amount // to this device's feed
}

func (c *community) burnsFrom(q store.Querier, from string) (out []burned, err error) {
	list, err := c.partners.Evidence(q, from)
	if err != nil {
		return nil, err
	}
	for _, raw := range list {
		v, err := ledger.DecodeEvidence(raw)
		if err != nil {
			return nil, err
		}
		p, err := wire.Peek(v.Chunk)
		if err != nil {
			return nil, err
		}
		cert, ok, err := c.partners.Author(q, from, p.Actor)
		if err != nil || !ok {
			return nil, errors.Join(err, fmt.Errorf("node: no certificate of %s", p.Actor))
		}
		o, err := ledger.OpenOf(from, v, cert)
		if err != nil {
			return nil, err
		}
		out = append(out, burned{o.Hash, raw, o.Tx.Sent(c.ledger.Self())})
	}
	return out, nil
}

func (b *burned) points() (n int64) {
	for _, a := range b.sent {
		n += a.N
	}
	return n
}

type moversReply struct {
	Registrar  bool        `json:"registrar"`
	Arrivals   []arrival   `json:"arrivals"`
	Departures []departure `json:"departures"`
}

// movers lists who came from other communities and who moved there. Only the main
// device knows who those are that have not been taken in.
func (c *community) movers(ctx context.Context, _ none) (moversReply, error) {
	out := moversReply{Registrar: c.registrarHere(), Arrivals: []arrival{}, Departures: []departure{}}
	for _, p := range c.charter.Partners() {
		gone, err := c.departures(ctx, p.Community())
		if err != nil {
			return out, err
		}
		out.Departures = append(out.Departures, gone...)
		list, err := c.arrivalsFrom(ctx, p.Community(), p.Name)
		if err != nil {
			return out, err
		}
		out.Arrivals = append(out.Arrivals, list...)
	}
	for i := range out.Arrivals {
		a := &out.Arrivals[i]
		a.Similar = []similarRow{}
		if a.Done != 0 {
			id := people.ID(a.person)
			known, err := c.people.Briefs(ctx, id)
			if err != nil {
				return out, err
			}
			a.Name = known[id].Name
		}
		if a.Done != 0 || a.Name == "" {
			continue
		}
		like, err := c.similar(ctx, people.NewPerson{Name: a.Name, Phone: a.Phone, IDNumber: a.IDNumber, Birthday: a.Birthday})
		if err != nil {
			return out, err
		}
		a.Similar = like.Rows
	}
	return out, nil
}

func (c *community) arrivalsFrom(ctx context.Context, from, name string) (out []arrival, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.burnsFrom(q, from)
		if err != nil || len(list) == 0 {
			return err
		}
		came, err := c.cameBurns(q, from)
		if err != nil {
			return err
		}
		room, err := c.creditLeft(q, from)
		if err != nil {
			return err
		}
		for _, b := range list {
			p, _, err := c.paper(from, b.hash)
			if err != nil {
				return err
			}
			a := arrival{Burn: b.hash.String(), From: name, Name: p.Name, Phone: p.Phone, IDNumber: p.IDNumber, Birthday: p.Birthday, Cohorts: []periodPoints{},
				Points: b.points(), Lifetime: p.Lifetime, Year: p.Year, Consent: p.Consent, At: p.At, By: p.By, Here: len(b.sent) > 0, Done: came[b.hash].at, person: came[b.hash].person}
			for _, x := range b.sent {
				a.Cohorts = addPeriod(a.Cohorts, x)
			}
			slices.SortFunc(a.Cohorts, func(x, y periodPoints) int { return cmp.Compare(x.Period, y.Period) })
			if a.Done == 0 {
				a.Missing = max(0, a.Points-room)
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

// creditLeft is how many points of another community may still be booked here.
func (c *community) creditLeft(q store.Querier, from string) (int64, error) {
	top, err := c.partners.Ceiling(q, from, c.node.now())
	if err != nil {
		return 0, err
	}
	spent, err := c.ledger.Spent(q, ledger.TextSubject(from))
	return max(0, top-spent), err
}

type arriveRequest struct {
	Burn string `json:"burn"`
	As   string `json:"as"` // the person who is here already; "" registers, or finds the same
}

// arrive takes in somebody who came: registers the person or finds who is here,
// books the points against the other community's credit, and the figures of the
// letter, all or nothing and once. Faults: govern.registrar.only,
// people.arrive.unknown, people.arrive.done, people.arrive.device (sent to a former
// main device), people.arrive.paper (the letter is to be read again),
// people.arrive.credit{points, missing}, people.unknown, those of people.register.
func (c *community) arrive(ctx context.Context, r arriveRequest) (out people.Registered, err error) {
	if !c.registrarHere() {
		return out, fault.New("govern.registrar.only")
	}
	h, err := parseHash(r.Burn)
	if err != nil {
		return out, fault.New("people.arrive.unknown")
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		from, b, p, err := c.mayArrive(tx, h)
		if err != nil {
			return err
		}
		if out, err = c.welcome(ctx, tx, p, r.As); err != nil {
			return err
		}
		return c.bring(tx, from, b, p, out.ID)
	})
	if err != nil {
		return out, err
	}
	if err := os.Remove(c.paperPath(h)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return out, err
	}
	c.tend.poke()
	return out, nil
}

// mayArrive finds a BURN that can be booked, with its paper.
func (c *community) mayArrive(q store.Querier, h wire.Hash) (from string, b burned, p moverPaper, err error) {
	for _, x := range c.charter.Partners() {
		from = x.Community()
		list, err := c.burnsFrom(q, from)
		if err != nil {
			return from, b, p, err
		}
		if i := slices.IndexFunc(list, func(b burned) bool { return b.hash == h }); i >= 0 {
			p, err = c.ready(q, from, list[i])
			return from, list[i], p, err
		}
	}
	return "", b, p, fault.New("people.arrive.unknown")
}

func (c *community) ready(q store.Querier, from string, b burned) (p moverPaper, err error) {
	came, err := c.cameBurns(q, from)
	if err != nil {
		return p, err
	}
	if came[b.hash].at != 0 {
		return p, fault.New("people.arrive.done")
	}
	if len(b.sent) == 0 {
		return p, fault.New("people.arrive.device")
	}
	p, ok, err := c.paper(from, b.hash)
	if err == nil && !ok {
		err = fault.New("people.arrive.paper")
	}
	if err != nil {
		return p, err
	}
	room, err := c.creditLeft(q, from)
	if err == nil && room < b.points() {
		err = fault.New("people.arrive.credit", "points", b.points(), "missing", b.points()-room)
	}
	return p, err
}

// welcome registers who came, without the bonus of a registration, or takes the
// record that the clerk chose.
func (c *community) welcome(ctx context.Context, tx *store.Tx, p moverPaper, as string) (out people.Registered, err error) {
	if as == "" {
		return c.people.RegisterIn(ctx, tx, people.NewPerson{Name: p.Name, Phone: p.Phone, IDNumber: p.IDNumber, Birthday: p.Birthday, Guardian: p.Guardian,
			Opening: &people.Opening{}})
	}
	id, err := people.ParseID(as)
	if err != nil {
		return out, err
	}
	known, err := c.people.Known(tx, id)
	if err == nil && !known {
		err = fault.New("people.unknown", "id", as)
	}
	return people.Registered{ID: c.people.Lead(id).String(), Existing: true}, err
}

// bring books points and figures. The BURN's hash is the deed of the figures, so they
// count once whatever comes again.
func (c *community) bring(tx *store.Tx, from string, b burned, p moverPaper, id string) error {
	person := ledger.TextSubject(id)
	top, err := c.partners.Ceiling(tx, from, tx.Now())
	if err != nil {
		return err
	}
	closed, err := c.charter.Years(tx)
	if err != nil {
		return err
	}
	known, err := c.countedHere(tx, person)
	if err != nil {
		return err
	}
	now := c.cohort(tx.Now())
	_, err = c.ledger.Arrive(tx, ledger.TextSubject(from), b.raw, top, func(q ledger.Quota) ledger.Quota {
		q.Subject = person
		if slices.ContainsFunc(closed, func(y govern.Year) bool { return y.Period == q.Period }) {
			q.Period = now // over here, not over there: it is not the person's fault
		}
		return q
	})
	if err != nil {
		return err
	}
	if err := c.ledger.EnsureTurn(tx, people.RegistrationTurn); err != nil {
		return err
	}
	if p.YearOf != period(tx.Now()) {
		p.Year = 0
	}
	_, err = c.ledger.Open(tx, ledger.Opening{Person: person, Lifetime: max(0, p.Lifetime-known.Lifetime), Year: max(0, p.Year-known.Year), Period: now,
		Turn: people.RegistrationTurn, Key: ledger.TextSubject("moved|" + b.hash.String()), Item: people.ItemOpening})
	return err
}

// countedHere are the figures of a record that its person left behind: the letter
// that brings the person back counts them already, wherever it was meanwhile.
func (c *community) countedHere(q store.Querier, person ledger.Subject) (ledger.Balance, error) {
	gone, err := c.goneOf(q, person)
	if err != nil || gone == nil {
		return ledger.Balance{}, err
	}
	return c.ledger.Balance(q, person, period(c.node.now()))
}
