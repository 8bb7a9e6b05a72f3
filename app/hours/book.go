package hours

import (
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Book keeps certificates and marks on one device. It is a store.Projector; its
// commands write on the registrar's device.
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

// Wants says whether doc holds certificates and marks.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, Doc+"/")
}

// Apply brings the rows up to date with one change.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, m := range ev.Moved {
		parts := strings.Split(m.Key, "/")
		for _, f := range m.Fields {
			if len(parts) != 3 {
				continue
			}
			if err := apply(tx, parts, f.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply notes one value; what a newer program wrote is left alone.
func apply(tx *store.Tx, parts []string, v wire.Value) (err error) {
	switch parts[0] {
	case "paper":
		var p Paper
		if newer, openErr := openValue(v, &p); newer || openErr != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO hours_paper (year, number, person, at, value) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, p.Year, p.Number, p.Person, p.At, []byte(v.Raw))
	case "sent":
		var s sent
		if newer, openErr := openValue(v, &s); newer || openErr != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO hours_sent (service, platform, batch, at) VALUES (?, ?, ?, ?) ON CONFLICT (service, platform) DO UPDATE
			SET batch = excluded.batch, at = excluded.at WHERE (excluded.at, excluded.batch) < (at, batch)`, parts[1], parts[2], s.Batch, s.At)
	case "layout":
		var l Layout
		if newer, openErr := openValue(v, &l); newer || openErr != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO hours_layout (platform, at, value) VALUES (?, ?, ?) ON CONFLICT (platform) DO UPDATE SET at = excluded.at, value = excluded.value
			WHERE (excluded.at, excluded.value) > (at, value)`, parts[1], l.At, []byte(v.Raw))
	}
	return err
}

// Issue gives a certificate its number. Fault: hours.nothing.
func (b *Book) Issue(tx *store.Tx, p Paper) (Paper, error) {
	now := zone.In(tx.Now())
	p.Format, p.Year, p.At = format, int64(now.Year()), tx.Now()
	if err := tx.QueryRow(`SELECT coalesce(max(number), 0) + 1 FROM hours_paper WHERE year = ?`, p.Year).Scan(&p.Number); err != nil {
		return p, err
	}
	if !p.fits() {
		return p, fault.New("hours.nothing")
	}
	raw, err := encoding.Marshal(p)
	if err != nil {
		return p, err
	}
	_, err = tx.Put(b.path(tx), "hours.issue", store.Put{Key: "paper/" + p.Code() + "/issued", Value: wire.BytesValue(raw)})
	return p, err
}

// Papers lists certificates, the newest first: of some people, or of everybody where
// there are none; at most limit.
func (b *Book) Papers(q store.Querier, people []string, limit int) (out []Paper, err error) {
	where, args := "1", []any{}
	if len(people) > 0 {
		where = "person IN (?" + strings.Repeat(", ?", len(people)-1) + ")"
		for _, p := range people {
			args = append(args, p)
		}
	}
	return papers(q, `SELECT value FROM hours_paper WHERE `+where+` ORDER BY year DESC, number DESC, value LIMIT ?`, append(args, limit)...)
}

// Paper finds one by its printed number; false if there is none. Of two that bear one
// number, which a main device that was put back can have given, the first counts.
func (b *Book) Paper(q store.Querier, code string) (Paper, bool, error) {
	year, number, ok := parseCode(code)
	if !ok {
		return Paper{}, false, nil
	}
	list, err := papers(q, `SELECT value FROM hours_paper WHERE year = ? AND number = ? ORDER BY at, value LIMIT 1`, year, number)
	if err != nil || len(list) == 0 {
		return Paper{}, false, err
	}
	return list[0], true, nil
}

func papers(q store.Querier, query string, args ...any) (out []Paper, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return err
		}
		var p Paper
		if _, err := openValue(wire.BytesValue(raw), &p); err != nil {
			return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
		out = append(out, p)
		return nil
	}, query, args...)
	return out, err
}

// Sent tells which of the services were sent to a platform: the batch, by key. keys
// are all of one month or year: they are looked up in one go.
func (b *Book) Sent(q store.Querier, platform string) (func(keys []string) int64, error) {
	at := map[string]int64{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var service string
		var batch int64
		err := r.Scan(&service, &batch)
		at[service] = batch
		return err
	}, `SELECT service, batch FROM hours_sent WHERE platform = ?`, platform)
	return func(keys []string) int64 {
		for _, k := range keys {
			if n := at[serviceID(k)]; n > 0 {
				return n
			}
		}
		return 0
	}, err
}

// Mark notes that services were sent, each under all its keys, and returns the batch.
// Faults: hours.platform, hours.nothing.
func (b *Book) Mark(tx *store.Tx, platform string, services [][]string) (batch int64, err error) {
	if !known(Platforms, platform) {
		return 0, fault.New("hours.platform")
	}
	if len(services) == 0 {
		return 0, fault.New("hours.nothing")
	}
	if err := tx.QueryRow(`SELECT coalesce(max(batch), 0) + 1 FROM hours_sent WHERE platform = ?`, platform).Scan(&batch); err != nil {
		return 0, err
	}
	raw, err := encoding.Marshal(sent{Format: format, At: tx.Now(), Batch: batch})
	if err != nil {
		return 0, err
	}
	var puts []store.Put
	for _, keys := range services {
		for _, k := range keys {
			puts = append(puts, store.Put{Key: "sent/" + serviceID(k) + "/" + platform, Value: wire.BytesValue(raw)})
		}
	}
	for part := range slices.Chunk(puts, maxPuts) {
		if _, err := tx.Put(b.path(tx), "hours.sent", part...); err != nil {
			return 0, err
		}
	}
	return batch, nil
}

// maxPuts bounds the marks of one change; governance admits a thousand.
const maxPuts = 500

// Batch is one file that was sent.
type Batch struct {
	Number   int64
	At       int64
	Services int64
}

// Batches lists what was sent to a platform, the newest first.
func (b *Book) Batches(q store.Querier, platform string, limit int) (out []Batch, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var x Batch
		err := r.Scan(&x.Number, &x.At, &x.Services)
		out = append(out, x)
		return err
	}, `SELECT batch, min(at), count(*) FROM hours_sent WHERE platform = ? GROUP BY batch ORDER BY batch DESC LIMIT ?`, platform, limit)
	return out, err
}

// Layout is a platform's template: as it was changed last, or as it is usual.
func (b *Book) Layout(q store.Querier, platform string) ([]Column, error) {
	var raw []byte
	err := q.QueryRow(`SELECT value FROM hours_layout WHERE platform = ?`, platform).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return slices.Clone(usual[platform]), nil
	}
	if err != nil {
		return nil, err
	}
	var l Layout
	if _, err := openValue(wire.BytesValue(raw), &l); err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return l.Columns, nil
}

// SetLayout changes it. Faults: hours.platform, hours.columns {max}.
func (b *Book) SetLayout(tx *store.Tx, platform string, columns []Column) error {
	if !known(Platforms, platform) {
		return fault.New("hours.platform")
	}
	l := Layout{Format: format, At: tx.Now(), Columns: columns}
	if err := l.check(); err != nil {
		return fault.New("hours.columns", "max", MaxColumns)
	}
	raw, err := encoding.Marshal(l)
	if err != nil {
		return err
	}
	_, err = tx.Put(b.path(tx), "hours.layout", store.Put{Key: "layout/" + platform + "/columns", Value: wire.BytesValue(raw)})
	return err
}

// usual are templates to begin with: what the platforms ask of one service. Each
// province words its own, so the columns can be changed.
var usual = map[string][]Column{
	"national": {
		{Title: "志愿者姓名", Field: "name"}, {Title: "证件类型", Field: "idType"}, {Title: "证件号码", Field: "idNumber"}, {Title: "项目名称", Field: "text"},
		{Title: "服务开始时间", Field: "start"}, {Title: "服务结束时间", Field: "end"}, {Title: "服务时长（小时）", Field: "hours"},
	},
	"provincial": {
		{Title: "姓名", Field: "name"}, {Title: "身份证号", Field: "idNumber"}, {Title: "手机号", Field: "phone"}, {Title: "服务日期", Field: "date"}, {Title: "活动名称", Field: "text"},
		{Title: "服务类别", Field: "type"}, {Title: "服务地点", Field: "place"}, {Title: "服务时长（小时）", Field: "hours"}, {Title: "服务组织", Field: "community"},
	},
}

func (b *Book) path(tx *store.Tx) store.DocID { return b.doc(Doc + "/" + zone.Month(tx.Now())) }
