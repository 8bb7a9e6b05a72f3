package people

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// importBatch is how many persons one transaction enters: small enough that a
// till on the same machine waits no longer than a blink.
const importBatch = 50

// importSet keeps what each import entered, on this device alone, so that it
// can be undone after a restart as well.
const (
	importSet     = "import"
	importVersion = 1
	// openImport stands in place of a batch's number in the item that is there
	// while an import is not whole.
	openImport = 0xffffffff
)

// imported is an item of importSet, one for each batch; its id begins with
// the import's, which is the undo's text.
type imported struct {
	_       struct{} `cbor:",toarray"`
	V       uint
	At      int64
	Persons [][16]byte
}

// Imported is what became of an import.
type Imported struct {
	Count int    `json:"count"`
	Undo  string `json:"undo"` // "" if nothing was entered

	Points Brought `json:"points"` // that it gave
}

// Import enters the good rows of a preview in batches; each batch is whole or
// not at all. progress, if not nil, hears how many rows of how many are done.
// What breaks off, by whatever cause, is taken back by UndoBroken, so that in
// the end all are there or nobody. Faults: people.roster.token.
func (p *People) Import(ctx context.Context, operator, token string, progress func(done, total int)) (Imported, error) {
	p.importing.Lock()
	defer p.importing.Unlock()
	p.mu.Lock()
	v, ok := p.previews[token]
	delete(p.previews, token)
	p.mu.Unlock()
	if !ok {
		return Imported{}, fault.New("people.roster.token")
	}
	p.broken.Store(true)
	im := &importer{p: p, operator: operator, rows: v.good(), groups: map[string]*group{}, points: Brought{Each: p.charter.Settings().Bonus}}
	if err := im.begin(ctx, v.newGrids); err != nil {
		return Imported{}, err
	}
	var err error
	for done := 0; done < len(im.rows) && err == nil; done += importBatch {
		err = im.batch(ctx, im.rows[done:min(done+importBatch, len(im.rows))])
		if progress != nil && err == nil {
			progress(min(done+importBatch, len(im.rows)), len(im.rows))
		}
	}
	if err == nil {
		err = im.heads(ctx)
	}
	if err == nil {
		p.broken.Store(false)
	}
	return im.result(), err
}

// UndoBroken takes back the imports that broke off: by a power cut, a full disk,
// an answer that took too long. What somebody has built on meanwhile stays. It
// returns how many persons left. Call it after the start and now and then; it
// looks only if there may be one.
func (p *People) UndoBroken(ctx context.Context) (n int, err error) {
	if !p.broken.Load() || !p.importing.TryLock() {
		return 0, nil
	}
	defer p.importing.Unlock()
	items, err := p.st.SetItems(ctx, importSet, -1)
	for _, it := range items {
		if err != nil || it.Gone || binary.BigEndian.Uint32(it.ID[16:]) != openImport {
			continue
		}
		var left int
		left, err = p.UndoImport(ctx, "", ID(it.ID[:16]).String())
		n += left
		if errors.Is(err, fault.New("people.roster.built")) {
			err = p.Write(ctx, "", func(tx *store.Tx) error {
				_, err := tx.SetAdd(importSet, store.Item{ID: it.ID, Gone: true})
				return err
			})
		}
	}
	if err == nil {
		p.broken.Store(false)
	}
	return n, err
}

func (v *preview) good() []RosterRow {
	var out []RosterRow
	for _, r := range v.Rows {
		if len(r.Errors) == 0 && r.Double == "" {
			out = append(out, r)
		}
	}
	return out
}

// group is a household of the roster: rows that name the same head or number.
type group struct {
	id      ID
	head    ID
	hasHead bool
	members int
	joined  bool // it was there before
}

type importer struct {
	p        *People
	operator string
	rows     []RosterRow
	groups   map[string]*group
	count    int         // persons entered
	points   Brought     // of them
	entered  []RosterRow // of the batch that is under way
	batches  uint32      // of them, whole
	fresh    [][16]byte  // persons of the batch that is under way
	token    [32]byte
}

// begin makes the grids that the community lacks and counts the households. A
// household of one is none.
func (im *importer) begin(ctx context.Context, grids []string) error {
	if _, err := io.ReadFull(im.p.Rand, im.token[:16]); err != nil {
		return err
	}
	for _, r := range im.rows {
		name := r.Values["household"]
		if name == "" {
			continue
		}
		g := im.groups[name]
		if g == nil {
			g = &group{}
			if _, err := io.ReadFull(im.p.Rand, g.id[:]); err != nil {
				return err
			}
			im.groups[name] = g
		}
		if g.members++; r.joins != (ID{}) {
			g.id, g.joined = r.joins, true
		}
	}
	if len(grids) == 0 {
		return nil
	}
	settings := make([]govern.Setting, len(grids))
	for i, name := range grids {
		settings[i] = govern.GridSetting(gridID(i), name)
	}
	return im.p.Write(ctx, im.operator, func(tx *store.Tx) error { return im.p.charter.SetPolicy(tx, settings...) })
}

// batch enters some rows and notes them for the undo, in one transaction.
func (im *importer) batch(ctx context.Context, rows []RosterRow) error {
	err := im.p.Write(ctx, im.operator, func(tx *store.Tx) error {
		im.fresh, im.entered = nil, nil
		for _, r := range rows {
			if err := im.row(tx, r); err != nil {
				return err
			}
		}
		return im.note(tx)
	})
	if err == nil {
		im.count += len(im.fresh)
		for _, r := range im.entered {
			im.points.add(r)
		}
		im.batches++
	}
	return err
}

func (im *importer) row(tx *store.Tx, r RosterRow) error {
	settings := im.p.charter.Settings()
	n := r.person
	name := r.Values["household"]
	g := im.groups[name]
	if g != nil && (g.members > 1 || g.joined) {
		n.Household = g.id.String()
	}
	n, err := n.normal(settings, tx.Now())
	if err != nil {
		return err
	}
	out, err := im.p.enter(tx, n, due{bonus: settings.Bonus, opening: r.opening, opens: r.opens})
	if err != nil || out.Existing {
		return err
	}
	id, err := ParseID(out.ID)
	if err != nil {
		return err
	}
	im.fresh, im.entered = append(im.fresh, id), append(im.entered, r)
	if g != nil && (!g.hasHead || isHead(r, name)) {
		g.head, g.hasHead = id, true
	}
	return nil
}

// isHead tells whether the row is the head's own.
func isHead(r RosterRow, household string) bool {
	switch r.Values["relation"] {
	case "户主", "本人":
		return true
	}
	return r.person.Name == household
}

// note keeps what the batch entered.
func (im *importer) note(tx *store.Tx) error {
	blob, err := cardEnc.Marshal(imported{V: importVersion, At: tx.Now(), Persons: im.fresh})
	if err != nil {
		return err
	}
	id := im.token
	binary.BigEndian.PutUint32(id[16:], im.batches)
	if _, err = tx.SetAdd(importSet, store.Item{ID: id, Blob: blob}); err != nil || im.batches > 0 {
		return err
	}
	if blob, err = cardEnc.Marshal(imported{V: importVersion, At: tx.Now()}); err != nil {
		return err
	}
	_, err = tx.SetAdd(importSet, store.Item{ID: im.open(), Blob: blob})
	return err
}

// open is the id of the item that says that the import is not whole.
func (im *importer) open() [32]byte {
	id := im.token
	binary.BigEndian.PutUint32(id[16:], openImport)
	return id
}

// heads writes the households, and that the import is whole.
func (im *importer) heads(ctx context.Context) error {
	if im.batches == 0 {
		return nil
	}
	return im.p.Write(ctx, im.operator, func(tx *store.Tx) error {
		for _, r := range im.rows { // in the order of the sheet
			g := im.groups[r.Values["household"]]
			if g == nil || g.joined || g.members < 2 || !g.hasHead {
				continue
			}
			g.hasHead = false // once
			if _, err := tx.Put(im.p.doc(g.id), "people.household",
				store.Put{Key: householdKey(g.id, "created"), Value: wire.TimeValue(tx.Now())},
				store.Put{Key: householdKey(g.id, "head"), Value: wire.StringValue(g.head.String())}); err != nil {
				return err
			}
		}
		_, err := tx.SetAdd(importSet, store.Item{ID: im.open(), Gone: true})
		return err
	})
}

func (im *importer) result() Imported {
	if im.count == 0 {
		return Imported{}
	}
	return Imported{Count: im.count, Undo: ID(im.token[:16]).String(), Points: im.points}
}

// UndoImport takes an import back: the records go, and what was booked with
// them. It is refused once a person of it has done or got anything. Returns
// how many persons left. Faults: people.roster.undo (no such import, or undone
// already), people.roster.built{name}.
func (p *People) UndoImport(ctx context.Context, operator, undo string) (int, error) {
	id, err := ParseID(undo)
	if err != nil {
		return 0, fault.New("people.roster.undo")
	}
	n := 0
	err = p.Write(ctx, operator, func(tx *store.Tx) error {
		list, err := p.importedBy(tx, id)
		if err != nil {
			return err
		}
		for _, raw := range list {
			if err := p.unregister(ctx, tx, ID(raw)); err != nil {
				return err
			}
		}
		n = len(list)
		return nil
	})
	return n, err
}

// importedBy returns whom an import entered, and marks its notes as gone.
func (p *People) importedBy(tx *store.Tx, id ID) ([][16]byte, error) {
	items, err := store.SetItems(tx, importSet, int(id[0]))
	if err != nil {
		return nil, err
	}
	var out [][16]byte
	for _, it := range items {
		if [16]byte(it.ID[:16]) != id || it.Gone {
			continue
		}
		var v imported
		if err := cbor.Unmarshal(it.Blob, &v); err != nil {
			return nil, err
		}
		out = append(out, v.Persons...)
		if _, err := tx.SetAdd(importSet, store.Item{ID: it.ID, Gone: true}); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, fault.New("people.roster.undo")
	}
	return out, nil
}

// unregister takes a person back whom nothing was built on.
func (p *People) unregister(ctx context.Context, tx *store.Tx, id ID) error {
	if err := p.here(tx, id); err != nil {
		return nil // erased meanwhile, or gone already
	}
	done, err := p.Bank.Undo(tx, id)
	if err != nil {
		return err
	}
	own, err := p.ownAlone(tx, id)
	if err != nil {
		return err
	}
	if !done || !own {
		names, err := p.Briefs(ctx, id)
		if err != nil {
			return err
		}
		return fault.New("people.roster.built", "name", names[id].Name)
	}
	var puts []store.Put
	for _, f := range Fields {
		puts = append(puts, store.Put{Key: personKey(id, f.Name), Delete: true})
	}
	p.forget(id)
	_, err = tx.Put(p.doc(id), "people.rosterUndo", puts...)
	return err
}

// ownAlone tells whether only this device has written the person's record.
func (p *People) ownAlone(tx *store.Tx, id ID) (bool, error) {
	for _, f := range Fields {
		list, err := tx.Fields(p.doc(id), personKey(id, f.Name))
		if err != nil {
			return false, err
		}
		for _, v := range list {
			if v.Op.Actor != tx.Self() {
				return false, nil
			}
		}
	}
	return true, nil
}
