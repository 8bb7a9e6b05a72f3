package report

import (
	"database/sql"
	"errors"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// Came is what became of one report of a file, or of a whole bundle where its
// community is not listed.
type Came struct {
	Name, Community string
	Month           string // "" for a whole bundle
	Number          uint64
	State           string       // new, replaces, known, older, refused
	Fault           *fault.Fault // why it was refused
	Introduction    string       // of who is not listed, or has another main device: for who wants to list it
	Fingerprint     string
}

// The states of what came.
const (
	New      = "new"
	Replaces = "replaces" // a report of the month that was here
	Known    = "known"
	Older    = "older" // one with a greater number is here; it is kept and counts for nothing
	Refused  = "refused"
)

// Take reads a file's reports and keeps the good ones; one bad report does not hold
// the others up. now is the time. The faults of a refused one: report.bad,
// report.newer, report.forged, report.sums, report.future, report.foreign (its
// community is not listed) {name}, report.device (another device than the listed one
// made it) {name}, report.other (it stands under another community's introduction).
func (b *Book) Take(tx *store.Tx, f Opened, now int64) (out []Came, err error) {
	vouched, err := b.vouched(tx, f)
	if err != nil {
		return nil, err
	}
	var good [][]byte
	seen := map[[32]byte]bool{}
	for _, x := range f.Bundles {
		i, err := govern.ReadIntroduction(x.Introduction)
		if err != nil {
			out = append(out, Came{State: Refused, Fault: fault.Of(err)})
			continue
		}
		m, known, err := b.member(tx, i.Community())
		if err != nil {
			return nil, err
		}
		if !known && vouched {
			if err := b.List(tx, i, "", f.Carrier.Community()); err != nil {
				return nil, err
			}
		} else if why := listed(m, known, i); why != nil {
			out = append(out, Came{Name: i.Name, Community: i.Community(), State: Refused, Fault: why, Introduction: x.Introduction, Fingerprint: i.Fingerprint()})
			continue
		}
		for _, raw := range x.Reports {
			c, err := b.judge(tx, i, raw, now)
			if err != nil {
				return nil, err
			}
			if h := hashOf(raw); (c.State == New || c.State == Replaces || c.State == Older) && !seen[h] {
				seen[h] = true
				good = append(good, raw)
			}
			out = append(out, c)
		}
	}
	return out, b.Keep(tx, good)
}

// vouched tells whether a listed street passed a file on.
func (b *Book) vouched(q store.Querier, f Opened) (bool, error) {
	if f.Carrier == nil {
		return false, nil
	}
	m, known, err := b.member(q, f.Carrier.Community())
	return known && m.Device == f.Carrier.Device && m.Level != "", err
}

// listed says why a community's bundle is not read.
func listed(m Member, known bool, i govern.Introduction) *fault.Fault {
	if !known {
		return fault.New("report.foreign", "name", i.Name)
	}
	if m.Device != i.Device {
		return fault.New("report.device", "name", i.Name)
	}
	return nil
}

// judge says what one report is.
func (b *Book) judge(q store.Querier, i govern.Introduction, raw []byte, now int64) (c Came, err error) {
	r, openErr := Open(raw)
	c = Came{Name: i.Name, Community: i.Community(), Month: r.Month, Number: r.Number, State: Refused}
	switch {
	case openErr != nil:
		c.Fault = fault.Of(openErr)
		return c, nil
	case r.Root != i.Root:
		c.Fault = fault.New("report.other", "name", i.Name)
		return c, nil
	case r.Made > now+ahead:
		c.Fault = fault.New("report.future", "name", i.Name, "month", r.Month)
		return c, nil
	case r.Device != i.Device:
		if known, err := b.signs(q, i.Community(), r.Device); err != nil || !known {
			c.Fault = fault.New("report.device", "name", i.Name)
			return c, err
		}
	}
	c.State, err = b.place(q, r, raw)
	return c, err
}

// signs tells whether a device is or was a community's main one.
func (b *Book) signs(q store.Querier, community string, device [32]byte) (ok bool, err error) {
	err = q.QueryRow(`SELECT EXISTS (SELECT 1 FROM report_member WHERE community = ? AND device = ?)`, community, device[:]).Scan(&ok)
	return ok, err
}

// place says how a good report stands to what is here.
func (b *Book) place(q store.Querier, r Report, raw []byte) (string, error) {
	h := hashOf(raw)
	var number int64
	var made int64
	var hash []byte
	var known bool
	if err := q.QueryRow(`SELECT EXISTS (SELECT 1 FROM report_got WHERE hash = ?)`, h[:]).Scan(&known); err != nil {
		return "", err
	}
	if known {
		return Known, nil
	}
	err := q.QueryRow(`SELECT number, made, hash FROM report_got WHERE community = ? AND month = ? ORDER BY number DESC, made DESC, hash DESC LIMIT 1`,
		r.Community(), r.Month).Scan(&number, &made, &hash)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return New, nil
	case err != nil:
		return "", err
	case int64(r.Number) > number || int64(r.Number) == number && r.Made > made:
		return Replaces, nil
	}
	return Older, nil
}
