package people

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
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
	grid, usual, shop                      string
	household                              ID
	hasHousehold                           bool
	flags                                  []string
	created                                int64
	card                                   cardState
	blocked                                int64 // generation of the blocked card, -1 for none
	generation                             uint32
	opening                                Opening // brought along, if opens
	opens                                  bool
	pin                                    pinState
	erased, locked                         bool // locked: its key is not here (yet)
	code                                   string
	spellings                              []spelling

	holder ID       // of the record whose card it is
	parts  []*entry // of a person of several records: those readable here, the leading one first
}

// blocks tells whether the person's own card is refused.
func (d *directory) blocks(e *entry) bool { return e.card.serial() < d.least(e.holder) }

// least is the least serial number that is taken of a person's cards: by the
// document that every device reads, and by the person's record where it is
// here.
func (d *directory) least(id ID) int64 {
	least := d.cards[id]
	if e := d.people[id]; e != nil {
		least = max(least, refusedBy(e.card, e.blocked))
	}
	return least
}

// sortName orders names as Chinese readers expect: by pinyin, then by writing.
func (e *entry) sortName() string {
	if len(e.spellings) == 0 {
		return e.name
	}
	return e.spellings[0].full
}

// directory holds all people readable, for search and lists. It is filled when
// the store opens and read again after every commit that moved a person or a
// key, so a question takes its lock and nothing else: in particular it never
// waits for a connection while its caller may hold one.
type directory struct {
	refreshing sync.Mutex // one reading at a time; taken before a connection, and before mu

	mu      sync.Mutex
	loaded  bool
	failed  error         // of the last reading: better no answer than an old one
	people  map[ID]*entry // records, each by itself
	joined  govern.Joined
	one     map[ID]*entry // people of several records; nil to be put together anew
	byCode  map[string][]ID
	byKnown map[string][]ID // by known()
	cards   map[ID]int64    // by person, the least serial number that is taken; few people stand here
	byName  []*entry        // the visible, sorted; nil to be sorted anew
	speak   *speller

	touching *store.Tx       // the transaction that the ids in touched belong to
	touched  map[ID]struct{} // its persons: it may not be committed yet
	dirty    map[ID]struct{} // persons of transactions that have ended
	keys     bool            // keys moved: try the locked, doubt the erased
	refused  bool            // cards moved: read them again
}

func (d *directory) init() {
	d.people, d.byCode, d.byKnown = map[ID]*entry{}, map[string][]ID{}, map[string][]ID{}
	d.refused = true
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

// settle forgets what a rebuild touched before anybody could ask.
func (d *directory) settle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.loaded {
		clear(d.touched)
	}
}

// touchAll notes that a transaction may have moved everybody.
func (d *directory) touchAll(tx *store.Tx) {
	d.mu.Lock()
	all := slices.Collect(maps.Keys(d.people))
	d.mu.Unlock()
	for _, id := range all {
		d.touch(tx, id)
	}
}

// keysMoved notes that the vault or the keyring changed.
func (d *directory) keysMoved() {
	d.mu.Lock()
	d.keys = true
	d.mu.Unlock()
}

// cardsMoved notes that a commit told of refused cards.
func (d *directory) cardsMoved() {
	d.mu.Lock()
	d.refused = true
	d.mu.Unlock()
}

// current returns the directory locked; the caller unlocks it, and asks the
// store nothing before that.
func (p *People) current() (*directory, error) {
	d := &p.dir
	d.mu.Lock()
	if d.failed != nil {
		d.mu.Unlock()
		return nil, d.failed
	}
	return d, nil
}

// refresh reads what moved. It runs after every commit, outside of all locks.
func (p *People) refresh(ctx context.Context) error {
	d := &p.dir
	d.refreshing.Lock()
	defer d.refreshing.Unlock()
	if !d.stale() {
		return nil
	}
	m := d.take()
	d.regroup(p.charter.JoinedNow())
	err := p.st.View(ctx, func(q store.Querier) error {
		if m.cards {
			if err := d.readCards(q); err != nil {
				return err
			}
		}
		return p.follow(q, d, m)
	})
	d.mu.Lock()
	d.failed = err
	d.mu.Unlock()
	if err != nil {
		d.putBack(m)
	}
	return err
}

// moved is what commits told of since the directory was read.
type moved struct {
	ids         map[ID]struct{}
	keys, cards bool
}

// take takes the notes of what moved. It comes before the snapshot that is read
// then: what is committed from now on is noted again, and read by the next.
func (d *directory) take() moved {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := moved{ids: maps.Clone(d.dirty), keys: d.keys, cards: d.refused}
	maps.Copy(m.ids, d.touched) // and again later: their transaction may still be running
	clear(d.dirty)
	d.keys, d.refused = false, false
	return m
}

// putBack notes again what could not be read.
func (d *directory) putBack(m moved) {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.Copy(d.dirty, m.ids)
	d.keys, d.refused = d.keys || m.keys, d.refused || m.cards
}

func (d *directory) stale() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.loaded || d.failed != nil || len(d.dirty) > 0 || len(d.touched) > 0 || d.keys || d.refused
}

// maxSingle is how many persons are read one by one; beyond it reading
// everybody at once is faster.
const maxSingle = 300

// follow reads what moved.
func (p *People) follow(q store.Querier, d *directory, m moved) error {
	k, err := p.keyed(q)
	if errors.Is(err, govern.ErrNoKeyring) {
		return nil // no staff, or not certified yet: nobody is readable
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if m.keys { // erasures, and people whose key came after their record
		for id, e := range d.people {
			if e.locked || e.erased {
				m.ids[id] = struct{}{}
			}
		}
	}
	if !d.loaded || len(m.ids) > maxSingle {
		return p.readAll(q, k, d)
	}
	return p.readMoved(q, k, d, m.ids)
}

// readCards reads which cards are refused: also where no person is readable.
func (d *directory) readCards(q store.Querier) error {
	cards, err := refusedCards(q)
	if err == nil {
		d.mu.Lock()
		d.cards, d.one = cards, nil // which card of several is the person's may have changed
		if !d.joined.Empty() {
			d.byName = nil
		}
		d.mu.Unlock()
	}
	return err
}

func refusedCards(q store.Querier) (out map[ID]int64, err error) {
	rows, err := q.Query("SELECT id, least FROM people_card")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[ID]int64{}
	for rows.Next() {
		var id []byte
		var least int64
		if err := rows.Scan(&id, &least); err != nil {
			return nil, err
		}
		out[ID(id)] = least
	}
	return out, rows.Err()
}

func (p *People) readAll(q store.Querier, k *keyed, d *directory) error {
	get, err := wholeVault(q)
	if err != nil {
		return err
	}
	k.get = get
	d.byName, d.one = nil, nil
	clear(d.people)
	clear(d.byCode)
	clear(d.byKnown)
	err = p.readPeople(q, k, d, "")
	d.loaded = err == nil
	return err
}

func (p *People) readMoved(q store.Querier, k *keyed, d *directory, ids map[ID]struct{}) error {
	for id := range ids {
		d.remove(id)
		if err := p.readPeople(q, k, d, "WHERE id = ?", id[:]); err != nil {
			return err
		}
	}
	return nil
}

const personColumns = `id, name, phone, idnumber, address, skills, shop, grid, household, usual, flags, created, card, blocked, status, generation, opening, pin`

func (p *People) readPeople(q store.Querier, k *keyed, d *directory, where string, args ...any) error {
	list, err := readEntries(q, k, where, args...)
	for _, e := range list {
		d.add(e)
	}
	return err
}

func readEntries(q store.Querier, k *keyed, where string, args ...any) (out []*entry, err error) {
	rows, err := q.Query("SELECT "+personColumns+" FROM people_person "+where, args...)
	if err != nil {
		return nil, err
	}
	var all []*sealedRow
	for rows.Next() {
		s := &sealedRow{}
		if err := s.scan(rows.Scan); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all = append(all, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, s := range all { // after the rows are closed: opening reads the vault
		e, err := s.entry(k)
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

// sealedRow is a row of people_person.
type sealedRow struct {
	id                                           []byte
	name, phone, idNumber, address, skills, shop []byte
	grid, household, usual, flags, card          *string
	created, blocked, generation                 *int64
	status, opening                              *string
	pin                                          []byte
}

func (s *sealedRow) scan(scan func(...any) error) error {
	return scan(&s.id, &s.name, &s.phone, &s.idNumber, &s.address, &s.skills, &s.shop, &s.grid, &s.household, &s.usual, &s.flags,
		&s.created, &s.card, &s.blocked, &s.status, &s.generation, &s.opening, &s.pin)
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
		id: ID(s.id), holder: ID(s.id), grid: text(s.grid), usual: text(s.usual), flags: splitFlags(text(s.flags)), created: number(s.created, 0),
		card: parseCard(text(s.card)), blocked: number(s.blocked, -1), generation: uint32(number(s.generation, 0)),
		erased: text(s.status) == statusErased,
	}
	e.opening, e.opens = parseOpening(text(s.opening))
	e.code = e.card.code(e.id)
	if h, err := ParseID(text(s.household)); err == nil {
		e.household, e.hasHousehold = h, true
	}
	var pin string
	for _, f := range []struct {
		name   string
		sealed []byte
		into   *string
	}{{"name", s.name, &e.name}, {"phone", s.phone, &e.phone}, {"idnumber", s.idNumber, &e.idNumber}, {"address", s.address, &e.address}, {"skills", s.skills, &e.skills}, {"shop", s.shop, &e.shop}, {"pin", s.pin, &pin}} {
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
	e.pin = parsePIN(pin)
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
	if d.grouped(e.id) {
		d.one, d.byName = nil, nil
	}
	if e.visible() && d.byName != nil {
		at, _ := slices.BinarySearchFunc(d.byName, e, byName)
		d.byName = slices.Insert(d.byName, at, e)
	}
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
	if d.grouped(id) {
		d.one, d.byName = nil, nil
	}
	if e.visible() && d.byName != nil {
		if at, ok := slices.BinarySearchFunc(d.byName, e, byName); ok {
			d.byName = slices.Delete(d.byName, at, at+1)
		}
	}
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

// byName orders people as Chinese readers expect; no two are equal.
func byName(a, b *entry) int {
	return cmp.Or(strings.Compare(a.sortName(), b.sortName()), strings.Compare(a.name, b.name), bytes.Compare(a.id[:], b.id[:]))
}

// sorted returns the visible people by name; the list moves when the lock is
// given back.
func (d *directory) sorted() []*entry {
	if d.byName == nil {
		d.byName = make([]*entry, 0, len(d.people))
		for _, e := range d.people {
			if e.visible() && !d.grouped(e.id) {
				d.byName = append(d.byName, e)
			}
		}
		for id, m := range d.ones() {
			if id == m.id {
				d.byName = append(d.byName, m)
			}
		}
		slices.SortFunc(d.byName, byName)
	}
	return d.byName
}
