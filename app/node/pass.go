package node

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/pass"
	"jishan/app/people"
	"jishan/app/qr"
	"jishan/app/shop"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Discounts by level and by points earned in all: the terms of this place, and the
// passes by which a till that knows no levels gives them (docs/passes.md).

// maxPassDays bounds how long a pass is good: what it says can't be taken back before.
const maxPassDays = 366

func (n *Node) passCalls() map[string]handler {
	return map[string]handler{
		"pass.issue": staff(n, func(c *community, ctx context.Context, r passRequest) (passReply, error) {
			return c.issuePass(ctx, r)
		}),
		"shop.terms":     in(n, (*community).shopTerms),
		"shop.saveTerms": in(n, (*community).saveShopTerms),
	}
}

type termsReply struct {
	Terms []shop.Term `json:"terms"`
}

func (c *community) shopTerms(ctx context.Context, _ none) (out termsReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Terms, err = shop.TermsOf(q, c.shop.Place()); return err })
	return out, err
}

// saveShopTerms writes the discounts of this place. Faults: those of shop.SetTerms,
// shop.terms.level for one that the table has not.
func (c *community) saveShopTerms(ctx context.Context, r termsReply) (termsReply, error) {
	table := c.honour.Table()
	err := c.write(ctx, func(tx *store.Tx) error {
		old, err := shop.TermsOf(tx, c.shop.Place())
		if err != nil {
			return err
		}
		kept := map[string]bool{}
		for _, x := range old { // of a level that is no more: it may stand, and gives nothing
			kept[x.Level] = true
		}
		for _, x := range r.Terms {
			if x.Level != "" && table.Name(x.Level) == "" && !kept[x.Level] {
				return fault.New("shop.terms.level")
			}
		}
		return c.shop.SetTerms(tx, r.Terms)
	})
	if err != nil {
		return termsReply{}, err
	}
	return c.shopTerms(ctx, none{})
}

// title is what a person has been proven to have at this device: by all feeds, which
// staff hold, and by the pass that was shown here.
func (c *community) title(q store.Querier, person string) (out shop.Title, err error) {
	id, err := people.ParseID(person)
	if err != nil {
		return out, nil
	}
	table := c.honour.Table()
	if d, _ := c.self(); d.Role.Staff() {
		level, life, err := c.merit(q, id)
		if err != nil {
			return out, err
		}
		out.Levels, out.Life = table.UpTo(level), life
	}
	for _, one := range c.people.IDs(id) {
		p, ok, err := c.passHere(q, one)
		if err != nil {
			return out, err
		}
		if !ok {
			continue
		}
		if levels := table.UpTo(p.Level); len(levels) > len(out.Levels) {
			out.Levels, out.Until = levels, p.Until*1000
		}
		if p.Life > out.Life {
			out.Life, out.Until = p.Life, p.Until*1000
		}
	}
	return out, nil
}

// merit is a person's level of this year, "" for none, and the points earned in all.
func (c *community) merit(q store.Querier, id people.ID) (level string, life int64, err error) {
	b, err := c.ledger.Balance(q, ledger.Subject(id), period(c.node.now()))
	if err != nil {
		return "", 0, err
	}
	s, err := c.honour.Standing(q, ledger.Subject(id), b.Year, true)
	if err == nil && s.Level != nil {
		level = s.Level.ID
	}
	return level, b.Lifetime, err
}

type passRequest struct {
	Person string `json:"person"`
	Until  string `json:"until"` // the last day, yyyy-mm-dd
}

// passReply is a pass as it is printed or shown.
type passReply struct {
	Text      string `json:"text"`
	SVG       string `json:"svg"`
	Person    string `json:"person"`
	Masked    string `json:"masked"`
	Community string `json:"community"`
	Level     string `json:"level"` // its name, "" for none
	Life      int64  `json:"life"`
	From      int64  `json:"from"`
	Until     int64  `json:"until"`
}

// issuePass signs a pass of what a person has today. Faults: people.unknown,
// till.blocked (lost card, no new one), pass.until{days}, pass.none.
func (c *community) issuePass(ctx context.Context, r passRequest) (passReply, error) {
	id, err := people.ParseID(r.Person)
	if err != nil {
		return passReply{}, fault.New("people.unknown")
	}
	until, err := c.lastDay(r.Until)
	if err != nil {
		return passReply{}, fault.New("pass.until", "days", maxPassDays)
	}
	return c.makePass(ctx, id, until)
}

// makePass is issuePass until a time in milliseconds.
func (c *community) makePass(ctx context.Context, id people.ID, until int64) (out passReply, err error) {
	found, err := c.people.Briefs(ctx, id)
	if err != nil || found[id].Masked == "" {
		return out, cmp.Or(err, error(fault.New("people.unknown")))
	}
	if c.people.Void(id) {
		return out, fault.New("till.blocked")
	}
	from, _ := zone.DayBounds(c.node.now())
	p := pass.Pass{
		Community: c.ownID(), Person: [16]byte(id), From: from / 1000, Until: until / 1000, Masked: pass.Masked(found[id].Masked), Certificate: c.inc.Certificate,
	}
	err = c.view(ctx, func(q store.Querier) (err error) { p.Level, p.Life, err = c.merit(q, id); return err })
	if err != nil {
		return out, err
	}
	if p.Life -= p.Life % pass.Step; p.Level == "" && p.Life <= 0 {
		return out, fault.New("pass.none")
	}
	p.Life = max(0, p.Life)
	out = passReply{Person: id.String(), Masked: p.Masked, Community: c.charter.Settings().Name, Level: c.honour.Table().Name(p.Level), Life: p.Life, From: p.From * 1000, Until: p.Until * 1000}
	if out.Text, err = p.Text(c.inc.Private); err != nil {
		return out, err
	}
	out.SVG, err = qr.SVG(out.Text, qr.Medium)
	return out, err
}

// shownPass is a pass that was taken at this till.
type shownPass struct {
	Person string     `json:"person"`
	Masked string     `json:"masked"`
	Level  string     `json:"level"` // its name
	Life   int64      `json:"life"`
	Until  int64      `json:"until"`
	Off    []shop.Off `json:"off"` // what this place gives for it
}

// scanPass checks a pass off line and remembers it for its person. It is no card: the
// account opens only if that person's is open already. Faults: those of provePass,
// pass.other{masked} (not who stands here), till.blocked.
func (c *community) scanPass(ctx context.Context, text, open string) (out scanReply, err error) {
	u, err := c.provePass(text)
	if err != nil {
		return out, err
	}
	id := people.ID(u.Person)
	if at, err := people.ParseID(open); err == nil && c.people.Lead(at) != c.people.Lead(id) {
		return out, fault.New("pass.other", "masked", u.Masked)
	}
	if c.people.Void(id) || c.shownVoid(id) {
		return out, fault.New("till.blocked")
	}
	if err := c.keepPass(ctx, u.Pass, text); err != nil {
		return out, err
	}
	a, err := c.account(ctx, c.people.Lead(id).String())
	if err != nil {
		return out, err
	}
	out.Kind = "pass"
	out.Pass = &shownPass{a.Person, u.Masked, c.honour.Table().Name(u.Level), u.Life, u.Until * 1000, a.Off}
	if open != "" {
		out.Kind, out.Account = "person", &a
	}
	return out, nil
}

// provePass reads a pass and judges it by what this device holds: the community, its
// charter, its table of levels and the clock. Faults: those of pass.Read and
// Unproven.Verify, pass.foreign, pass.issuer (a device that is not known here), pass.void
// (no staff device any more), pass.early{from}, pass.expired{until}, pass.level.
func (c *community) provePass(text string) (pass.Unproven, error) {
	u, err := pass.Read(strings.TrimSpace(text))
	if err != nil {
		return u, err
	}
	if u.Community != c.ownID() {
		return u, fault.New("pass.foreign")
	}
	if err := u.Verify(); err != nil {
		return u, err
	}
	if d, ok := c.charter.Device(u.Certificate.Device); !ok {
		return u, fault.New("pass.issuer")
	} else if d.Revoked || !d.Role.Staff() {
		return u, fault.New("pass.void")
	}
	if f, ok := errors.AsType[*fault.Fault](u.Good(c.node.now())); ok {
		for name, at := range f.Params {
			s, _ := at.(int64)
			return u, fault.New(f.Code, name, zone.Day(s*1000))
		}
	}
	if u.Level != "" && u.Life == 0 && c.honour.Table().Name(u.Level) == "" {
		return u, fault.New("pass.level")
	}
	return u, nil
}

// keepPass remembers a pass for its person, so that the card alone does the next time.
// One of a later day stays.
func (c *community) keepPass(ctx context.Context, p *pass.Pass, text string) error {
	return c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		old, ok, err := c.passHere(tx, people.ID(p.Person))
		if err != nil || ok && old.From > p.From {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM local_pass WHERE until < ?`, c.node.now()/1000); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM local_pass WHERE (SELECT COUNT(*) FROM local_pass) >= ?`, maxMet); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT OR REPLACE INTO local_pass (person, until, text) VALUES (?, ?, ?)`, p.Person[:], p.Until, strings.TrimSpace(text))
		return err
	})
}

// passHere is the pass that was shown here for a person, if it would still be taken.
func (c *community) passHere(q store.Querier, id people.ID) (p *pass.Pass, ok bool, err error) {
	var text string
	err = q.QueryRow(`SELECT text FROM local_pass WHERE person = ?`, id[:]).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	u, refused := c.provePass(text)
	return u.Pass, refused == nil && u.Person == [16]byte(id), nil
}
