package report

import (
	"database/sql"
	_ "embed" // the schema
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Book keeps a community's own reports, or those of all below a street or county,
// on one device. It is a store.Projector.
type Book struct {
	doc func(path string) store.DocID
}

// NewBook returns the book. doc gives the id of a document of this community in its
// present epoch.
func NewBook(doc func(path string) store.DocID) *Book { return &Book{doc} }

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return Doc }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 1 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds reports.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, Doc+"/")
}

// Apply brings the rows up to date with one change.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	p, err := govern.ParsePath(ev.Doc)
	if err != nil {
		return err
	}
	for _, m := range ev.Moved {
		parts := strings.Split(m.Key, "/")
		for _, f := range m.Fields {
			if err := apply(tx, p.Month, parts, f.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply notes one value; what a newer program wrote is left alone. Of values that
// were written apart the latest counts.
func apply(tx *store.Tx, month string, parts []string, v wire.Value) (err error) {
	if len(parts) != 3 {
		return nil
	}
	switch parts[0] {
	case "got":
		r, openErr := Open([]byte(v.Raw))
		if openErr != nil || r.Month != month { // of a newer program, or one that adds up no more
			return nil
		}
		_, err = tx.Exec(`INSERT INTO report_got (hash, community, device, month, number, made, value) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			hashBytes(v.Raw), r.Community(), r.Device[:], r.Month, int64(r.Number), r.Made, []byte(v.Raw))
	case "member":
		var m member
		if newer, openErr := openValue(v, &m); newer || openErr != nil {
			return nil
		}
		i, openErr := govern.ReadIntroduction(m.Introduction)
		if openErr != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO report_member (community, device, at, introduction, level, via, off) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (community, device) DO UPDATE SET at = excluded.at, introduction = excluded.introduction, level = excluded.level, via = excluded.via, off = excluded.off
			WHERE (excluded.at, excluded.off, excluded.introduction) > (at, off, introduction)`, parts[1], i.Device[:], m.At, m.Introduction, m.Level, m.Via, m.Off)
	case "hand":
		var h hand
		if newer, openErr := openValue(v, &h); newer || openErr != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO report_hand (month, at, value) VALUES (?, ?, ?) ON CONFLICT (month) DO UPDATE SET at = excluded.at, value = excluded.value
			WHERE (excluded.at, excluded.value) > (at, value)`, month, h.At, []byte(v.Raw))
	case "urge":
		_, err = tx.Exec(`INSERT INTO report_urge (month, community, at) VALUES (?, ?, ?) ON CONFLICT (month, community) DO UPDATE SET at = max(at, excluded.at)`, month, parts[1], v.Num)
	}
	return err
}

func hashBytes(raw string) []byte { h := hashOf([]byte(raw)); return h[:] }

// Member is a community whose reports are read here.
type Member struct {
	ID, Name     string
	Site         govern.Site
	Introduction string
	Fingerprint  string
	Device       [32]byte // whose reports it makes now
	Level        string   // "", street
	Via          string   // the id of who vouched for it
	At           int64    // since when, milliseconds
}

// Members lists the communities, by name.
func (b *Book) Members(q store.Querier) ([]Member, error) { return b.members(q, "") }

// member finds one; false if it is not listed.
func (b *Book) member(q store.Querier, id string) (Member, bool, error) {
	list, err := b.members(q, id)
	if err != nil || len(list) == 0 {
		return Member{}, false, err
	}
	return list[0], true, nil
}

// members lists one community, or all where id is "".
func (b *Book) members(q store.Querier, id string) ([]Member, error) {
	out := []Member{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var m Member
		var off bool
		if err := r.Scan(&m.ID, &m.At, &m.Introduction, &m.Level, &m.Via, &off); err != nil || off {
			return err
		}
		i, err := govern.ReadIntroduction(m.Introduction)
		if err != nil {
			return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
		m.Name, m.Site, m.Device, m.Fingerprint = i.Name, i.Site, i.Device, i.Fingerprint()
		out = append(out, m)
		return nil
	}, `SELECT community, at, introduction, level, via, off FROM report_member m WHERE (?1 = '' OR community = ?1) AND NOT EXISTS (
		SELECT 1 FROM report_member o WHERE o.community = m.community AND (o.at, o.device) > (m.at, m.device)) ORDER BY community`, id)
	slices.SortStableFunc(out, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// Taken lists the reports that count of the months of a span: of each community and
// month the one with the greatest number, of the devices that are listed; own is the
// community itself, whose reports need no listing.
func (b *Book) Taken(q store.Querier, own, from, to string) (out []Taken, err error) {
	before := map[string]int{}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return err
		}
		x, err := decode(raw) // Apply looked at the signature
		if err != nil {
			return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
		key := x.Community() + x.Month
		if n, ok := before[key]; ok {
			out[n].Replaced++
			return nil
		}
		before[key] = len(out)
		out = append(out, Taken{Report: x, Hash: hashOf(raw)})
		return nil
	}, `SELECT value FROM report_got g WHERE month >= ? AND month <= ? AND (community = ? OR EXISTS (
		SELECT 1 FROM report_member m WHERE m.community = g.community AND m.device = g.device))
		ORDER BY community, month, number DESC, made DESC, hash DESC`, from, to, own)
	return out, err
}

// Urged tells when communities were last reminded of a month of a span.
func (b *Book) Urged(q store.Querier, from, to string) (map[string]int64, error) {
	out := map[string]int64{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var id string
		var at int64
		err := r.Scan(&id, &at)
		out[id] = at
		return err
	}, `SELECT community, max(at) FROM report_urge WHERE month >= ? AND month <= ? GROUP BY community`, from, to)
	return out, err
}

// Outcomes are what was entered by hand for a month.
func (b *Book) Outcomes(q store.Querier, month string) ([]Outcome, error) {
	var raw []byte
	err := q.QueryRow(`SELECT value FROM report_hand WHERE month = ?`, month).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return []Outcome{}, nil
	}
	if err != nil {
		return nil, err
	}
	var h hand
	if _, err := openValue(wire.BytesValue(raw), &h); err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return h.Outcomes, nil
}

// SetOutcomes enters them. Faults: report.month, report.outcome, report.outcomes {max}.
func (b *Book) SetOutcomes(tx *store.Tx, month string, list []Outcome) error {
	if !IsMonth(month) {
		return fault.New("report.month")
	}
	if len(list) > MaxOutcomes {
		return fault.New("report.outcomes", "max", MaxOutcomes)
	}
	if err := CheckOutcomes(list); err != nil {
		return err
	}
	raw, err := encoding.Marshal(hand{Format: format, At: tx.Now(), Outcomes: list})
	if err != nil {
		return err
	}
	_, err = tx.Put(b.path(month), "report.outcomes", store.Put{Key: "hand/" + month + "/outcomes", Value: wire.BytesValue(raw)})
	return err
}

// Next is the number of the next report of a community's month.
func (b *Book) Next(q store.Querier, community, month string) (n uint64, err error) {
	err = q.QueryRow(`SELECT coalesce(max(number), 0) + 1 FROM report_got WHERE community = ? AND month = ?`, community, month).Scan(&n)
	return n, err
}

// Keep writes reports down, own ones or such as Judge let pass.
func (b *Book) Keep(tx *store.Tx, list [][]byte) error {
	of := map[string][]store.Put{}
	for _, raw := range list {
		r, err := Open(raw)
		if err != nil {
			return err
		}
		h := hashOf(raw)
		of[r.Month] = append(of[r.Month], store.Put{Key: "got/" + hex.EncodeToString(h[:]) + "/report", Value: wire.BytesValue(raw)})
	}
	for month, puts := range of {
		for part := range slices.Chunk(puts, maxPuts) {
			if _, err := tx.Put(b.path(month), "report.keep", part...); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxPuts bounds the reports of one change: some hundred kilobytes.
const maxPuts = 100

// List takes a community up, or its new main device. Fault: report.level.
func (b *Book) List(tx *store.Tx, i govern.Introduction, level, via string) error {
	return b.note(tx, i, member{Level: level, Via: via})
}

// Drop takes a community off the list; its reports stay.
func (b *Book) Drop(tx *store.Tx, id string) error {
	m, ok, err := b.member(tx, id)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New("report.member")
	}
	i, err := govern.ReadIntroduction(m.Introduction)
	if err != nil {
		return err
	}
	return b.note(tx, i, member{Level: m.Level, Via: m.Via, Off: true})
}

func (b *Book) note(tx *store.Tx, i govern.Introduction, m member) error {
	if m.Level != "" && !slices.Contains(govern.Levels, m.Level) {
		return fault.New("report.level")
	}
	var last int64
	if err := tx.QueryRow(`SELECT coalesce(max(at), 0) FROM report_member WHERE community = ?`, i.Community()).Scan(&last); err != nil {
		return err
	}
	m.Format, m.At, m.Introduction = format, max(tx.Now(), last+1), i.String() // the latest word counts, whatever the clocks
	raw, err := encoding.Marshal(m)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.path(zone.Month(tx.Now())), "report.member", store.Put{Key: memberKey(i.Community(), i.Device), Value: wire.BytesValue(raw)})
	return err
}

// Urge notes that communities were reminded of a month.
func (b *Book) Urge(tx *store.Tx, month string, ids []string) error {
	if !IsMonth(month) || len(ids) > maxReports {
		return fault.New("report.month")
	}
	list, err := b.Members(tx)
	if err != nil {
		return err
	}
	var puts []store.Put
	for _, id := range ids {
		if !slices.ContainsFunc(list, func(m Member) bool { return m.ID == id }) {
			return fault.New("report.member")
		}
		puts = append(puts, store.Put{Key: "urge/" + id + "/at", Value: wire.TimeValue(tx.Now())})
	}
	_, err = tx.Put(b.path(month), "report.urge", puts...)
	return err
}

func (b *Book) path(month string) store.DocID { return b.doc(Doc + "/" + month) }

// IsMonth tells whether s is a month, yyyy-mm, that documents are named by.
func IsMonth(s string) bool {
	t, err := time.Parse("2006-01", s)
	return err == nil && t.Year() >= 2000
}

func next(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return "9999-99" // ends every loop
	}
	return t.AddDate(0, 1, 0).Format("2006-01")
}

// Bundles are the reports that count of a span, by community, for a file: the own ones,
// or where above is set those of the listed communities.
func (b *Book) Bundles(q store.Querier, own, introduction, from, to string, above bool) (out []Bundle, err error) {
	intros := map[string]string{own: introduction}
	if above {
		delete(intros, own)
		members, err := b.Members(q)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if m.Level == "" {
				intros[m.ID] = m.Introduction
			}
		}
	}
	taken, err := b.Taken(q, own, from, to)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for _, x := range taken {
		intro, ok := intros[x.Community()]
		if !ok {
			continue
		}
		n, ok := at[x.Community()]
		if !ok {
			n = len(out)
			at[x.Community()] = n
			out = append(out, Bundle{Introduction: intro})
		}
		out[n].Reports = append(out[n].Reports, must(encoding.Marshal(x.Report)))
	}
	return out, nil
}
