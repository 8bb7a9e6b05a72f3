package people

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"jishan/app/govern"
	"jishan/crdt/store"
)

// entry is a person in memory, readable. Entries are never changed, only
// replaced, so a list of them stays valid while the directory moves on.
type entry struct {
	id                                     ID
	name, phone, idNumber, address, skills string
	grid, usual                            string
	household                              ID
	hasHousehold                           bool
	flags                                  []string
	created                                int64
	card                                   cardState
	blocked                                int64 // generation of the blocked card, -1 for none
	generation                             uint32
	opening                                Opening // brought along, if opens
	opens                                  bool
	erased, locked                         bool // locked: its key is not here (yet)
	code                                   string
	spellings                              []spelling
}

func (e *entry) cardBlocked() bool { return e.blocked >= int64(e.card.Generation) }

// sortName orders names as Chinese readers expect: by pinyin, then by writing.
func (e *entry) sortName() string {
	if len(e.spellings) == 0 {
		return e.name
	}
	return e.spellings[0].full
}

// directory holds all people readable, for search and lists. It is filled at
// the first question and follows the projection: a person that a transaction
// touched is read again before the next question.
type directory struct {
	mu      sync.Mutex
	loaded  bool
	people  map[ID]*entry
	byCode  map[string][]ID
	byKnown map[string][]ID // by known()
	byName  []*entry        // sorted by name, nil when something moved
	speak   *speller

	touching *store.Tx       // the transaction that the ids in touched belong to
	touched  map[ID]struct{} // its persons: it may not be committed yet
	dirty    map[ID]struct{} // persons of transactions that have ended
	keys     bool            // keys moved: try the locked, doubt the erased
}

func (d *directory) init() {
	d.people, d.byCode, d.byKnown = map[ID]*entry{}, map[string][]ID{}, map[string][]ID{}
	d.touched, d.dirty = map[ID]struct{}{}, map[ID]struct{}{}
	d.speak = newSpeller()
}

// touch notes that a transaction moved a person. Writers come one after
// another: what an earlier transaction touched is decided by now.
func (d *directory) touch(tx *store.Tx, id ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.touching != tx {
		for old := range d.touched {
			d.dirty[old] = struct{}{}
		}
		clear(d.touched)
		d.touching = tx
	}
	d.touched[id] = struct{}{}
}

// keysMoved notes that the vault or the keyring changed.
func (d *directory) keysMoved() {
	d.mu.Lock()
	d.keys = true
	d.mu.Unlock()
}

// current returns the directory locked and up to date with the last commit;
// the caller unlocks it.
func (p *People) current(ctx context.Context) (*directory, error) { return p.currentIn(ctx, nil) }

// currentIn is current for a caller inside a transaction, whose own persons
// are not committed: reading them again and again would find nothing new.
func (p *People) currentIn(ctx context.Context, tx *store.Tx) (*directory, error) {
	d := &p.dir
	d.mu.Lock()
	if tx != nil && d.touching == tx && d.loaded && len(d.dirty) == 0 && !d.keys {
		return d, nil
	}
	err := p.st.View(ctx, func(q store.Querier) error { return p.follow(q, d) })
	if err != nil {
		d.mu.Unlock()
		return nil, err
	}
	return d, nil
}

// follow reads what moved. Persons whose transaction may still be running are
// read now and again later.
func (p *People) follow(q store.Querier, d *directory) error {
	if d.loaded && len(d.dirty) == 0 && len(d.touched) == 0 && !d.keys {
		return nil
	}
	k, err := p.keyed(q)
	if errors.Is(err, govern.ErrNoKeyring) {
		return nil // no staff, or not certified yet: nobody is readable
	}
	if err != nil {
		return err
	}
	if !d.loaded {
		if k.get, err = wholeVault(q); err != nil {
			return err
		}
		err = p.readPeople(q, k, d, "")
		d.loaded = err == nil
	} else {
		err = p.readMoved(q, k, d)
	}
	if err != nil {
		return err
	}
	clear(d.dirty)
	d.keys, d.byName = false, nil
	return nil
}

func (p *People) readMoved(q store.Querier, k *keyed, d *directory) error {
	ids := map[ID]struct{}{}
	for id := range d.dirty {
		ids[id] = struct{}{}
	}
	for id := range d.touched {
		ids[id] = struct{}{}
	}
	if d.keys { // few: erasures, and people whose key came after their record
		for id, e := range d.people {
			if e.locked || e.erased {
				ids[id] = struct{}{}
			}
		}
	}
	for id := range ids {
		d.remove(id)
		if err := p.readPeople(q, k, d, "WHERE id = ?", id[:]); err != nil {
			return err
		}
	}
	return nil
}

const personColumns = `id, name, phone, idnumber, address, skills, grid, household, usual, flags, created, card, blocked, status, generation, opening`

func (p *People) readPeople(q store.Querier, k *keyed, d *directory, where string, args ...any) error {
	rows, err := q.Query("SELECT "+personColumns+" FROM people_person "+where, args...)
	if err != nil {
		return err
	}
	var all []*sealedRow
	for rows.Next() {
		s := &sealedRow{}
		if err := s.scan(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
		all = append(all, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, s := range all { // after the rows are closed: opening reads the vault
		e, err := s.entry(k)
		if err != nil {
			return err
		}
		d.add(e)
	}
	return nil
}

// sealedRow is a row of people_person.
type sealedRow struct {
	id                                     []byte
	name, phone, idNumber, address, skills []byte
	grid, household, usual, flags, card    *string
	created, blocked, generation           *int64
	status, opening                        *string
}

func (s *sealedRow) scan(scan func(...any) error) error {
	return scan(&s.id, &s.name, &s.phone, &s.idNumber, &s.address, &s.skills, &s.grid, &s.household, &s.usual, &s.flags,
		&s.created, &s.card, &s.blocked, &s.status, &s.generation, &s.opening)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func number(n *int64, none int64) int64 {
	if n == nil {
		return none
	}
	return *n
}

// statusErased marks a person whose keys were destroyed.
const statusErased = "erased"

func (s *sealedRow) entry(k *keyed) (*entry, error) {
	e := &entry{
		id: ID(s.id), grid: text(s.grid), usual: text(s.usual), flags: splitFlags(text(s.flags)), created: number(s.created, 0),
		card: parseCard(text(s.card)), blocked: number(s.blocked, -1), generation: uint32(number(s.generation, 0)),
		erased: text(s.status) == statusErased,
	}
	e.opening, e.opens = parseOpening(text(s.opening))
	e.code = e.card.code(e.id)
	if h, err := ParseID(text(s.household)); err == nil {
		e.household, e.hasHousehold = h, true
	}
	for _, f := range []struct {
		name   string
		sealed []byte
		into   *string
	}{{"name", s.name, &e.name}, {"phone", s.phone, &e.phone}, {"idnumber", s.idNumber, &e.idNumber}, {"address", s.address, &e.address}, {"skills", s.skills, &e.skills}} {
		plain, err := k.open(e.id, f.name, f.sealed)
		switch {
		case errors.Is(err, ErrNoKey):
			e.locked = true
		case errors.Is(err, errSealed): // a hostile or broken device wrote it; the rest is readable
		case err != nil:
			return nil, err
		}
		*f.into = plain
	}
	return e, nil
}

func splitFlags(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, ",")
}

func (d *directory) add(e *entry) {
	if e.name != "" {
		e.spellings = d.speak.spell(e.name)
	}
	d.people[e.id] = e
	if e.erased {
		return
	}
	d.byCode[e.code] = append(d.byCode[e.code], e.id)
	for _, k := range e.known() {
		d.byKnown[k] = append(d.byKnown[k], e.id)
	}
}

// known returns the texts under which the person is found again.
func (e *entry) known() []string {
	var out []string
	if e.idNumber != "" {
		out = append(out, known("", "", e.idNumber))
	}
	if e.phone != "" {
		out = append(out, known(e.name, e.phone, ""))
	}
	return out
}

func (d *directory) remove(id ID) {
	e, ok := d.people[id]
	if !ok {
		return
	}
	delete(d.people, id)
	without(d.byCode, e.code, id)
	for _, k := range e.known() {
		without(d.byKnown, k, id)
	}
}

func without(index map[string][]ID, key string, id ID) {
	rest := slices.DeleteFunc(index[key], func(o ID) bool { return o == id })
	if len(rest) == 0 {
		delete(index, key)
		return
	}
	index[key] = rest
}

// visible tells whether a person shows in lists.
func (e *entry) visible() bool { return !e.erased && !e.locked && e.name != "" }

// sorted returns the visible people by name.
func (d *directory) sorted() []*entry {
	if d.byName == nil {
		d.byName = make([]*entry, 0, len(d.people))
		for _, e := range d.people {
			if e.visible() {
				d.byName = append(d.byName, e)
			}
		}
		slices.SortFunc(d.byName, func(a, b *entry) int {
			if c := strings.Compare(a.sortName(), b.sortName()); c != 0 {
				return c
			}
			if c := strings.Compare(a.name, b.name); c != 0 {
				return c
			}
			return strings.Compare(string(a.id[:]), string(b.id[:]))
		})
	}
	return d.byName
}
