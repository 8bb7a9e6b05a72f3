package sim

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// absent tells whether nothing can be asked of a device any more.
func (d *device) absent() bool { return d.down || d.hostile || d.revoked }

// books keeps what every change says, read once for the whole world, and what
// sets of changes come to: devices that hold the same are added up once.
type books struct {
	read   map[wire.Hash]*ledger.Entered
	summed map[[32]byte]ledger.Sums
}

// checkStep looks at the sums that each device keeps: cheap enough for every
// step.
func (w *world) checkStep() error {
	for _, d := range w.devices {
		if d.absent() {
			continue
		}
		if err := d.checkRows(); err != nil {
			return err
		}
	}
	return nil
}

// checkRows: no term below zero, and the equality for every quota, in the rows.
func (d *device) checkRows() error {
	return d.view(func(q store.Querier) error {
		n, err := d.ledger.NegativeCount(q)
		if err != nil {
			return err
		}
		if n != 0 && !d.w.theft {
			return fail("negative", "%s: %d quotas have a term below zero", d, n)
		}
		if err := d.notePlace(q); err != nil {
			return err
		}
		if err := d.checkTill(q); err != nil {
			return err
		}
		if err := d.checkBudget(q); err != nil {
			return err
		}
		for _, k := range kinds {
			t, err := d.ledger.Totals(q, k)
			if err != nil {
				return err
			}
			if t.Difference() != 0 || t.Negative() {
				return fail("equality", "%s: the rows of all %s: %+v", d, k, t)
			}
		}
		return nil
	})
}

// checkTill: what rests at a till, and what may still come to rest there, is
// never above the community's cap.
func (d *device) checkTill(q store.Querier) error {
	if d.role != govern.Merchant || d.w.wild {
		return nil
	}
	n, err := d.ledger.Here(q, ledger.Quota{Kind: ledger.Exposure, Subject: ledger.TillSubject(d.pub())})
	if err != nil {
		return err
	}
	here, err := d.ledger.PeopleHere(q)
	if err != nil {
		return err
	}
	counted := map[int]bool{}
	for p := range here {
		lead := slices.Min(d.group(d.w.index[p]))
		if counted[lead] {
			continue
		}
		counted[lead] = true
		k, err := d.ledger.Rights(q, p)
		if err != nil {
			return err
		}
		n += k
	}
	if limit := d.charter.Settings().Exposure; n > limit {
		return fail("exposure", "%s holds %d of points and exposure, and the cap is %d", d, n, limit)
	}
	return nil
}

// kinds are the quotas that this world moves.
var kinds = []ledger.Kind{ledger.Points, ledger.Stock, ledger.Slot, ledger.Issue, ledger.Turn, ledger.Benefit, ledger.Exposure, ledger.Debt}

// notePlace remembers how far this device's own feed goes: it said that much
// is durable.
func (d *device) notePlace(q store.Querier) error {
	t, err := d.ledger.Tip(q, d.inc.Actor())
	if err != nil || t.Number == 0 {
		return err
	}
	part := (t.Number-1)/ledger.PartSize + 1
	r := receipt{d.ledger.Doc(d.inc.Actor(), part), t.Hash}
	if n := len(d.acked); n == 0 || d.acked[n-1] != r {
		d.acked = append(d.acked, r)
	}
	return nil
}

// checkDay adds everything up anew at every device, from the changes alone.
func (w *world) checkDay() error {
	if err := w.checkStep(); err != nil {
		return err
	}
	for _, d := range w.devices {
		if d.absent() {
			continue
		}
		if err := d.checkSums(); err != nil {
			return err
		}
		if err := d.checkJoined(); err != nil {
			return err
		}
	}
	if err := w.checkPlaces(false); err != nil {
		return err
	}
	w.note("day: admitted %d, operations %d", w.stats.Admissions, w.stats.Operations)
	return nil
}

// checkSums: the equality per quota over the device's own set.
func (d *device) checkSums() error {
	sums, err := d.sums()
	if err != nil {
		return err
	}
	whole := sums.Closed
	if d.role == govern.Merchant { // which never has others' feeds
		whole, err = d.holdsCuts()
	}
	if err != nil || !whole {
		return err // cuts of feeds that have not come yet: nothing can be said
	}
	if d.role != govern.Merchant || !d.w.wild {
		if err := d.compareRows(sums); err != nil {
			return err
		}
	}
	for q, t := range sums.Terms {
		if t.Difference() != 0 || t.Negative() {
			return fail("equality", "%s: %s: %+v", d, q, *t)
		}
		if t.Loss != 0 && !d.w.theft {
			return fail("loss", "%s: %s: %+v without a fault that could cost anything", d, q, *t)
		}
	}
	return nil
}

// compareRows: what the rows say is what the changes say.
func (d *device) compareRows(sums ledger.Sums) error {
	total := map[ledger.Kind]ledger.Terms{}
	for q, t := range sums.Terms {
		x := total[q.Kind]
		x.Add(*t)
		total[q.Kind] = x
	}
	return d.view(func(q store.Querier) error {
		for _, k := range kinds {
			t, err := d.ledger.Totals(q, k)
			if err != nil {
				return err
			}
			if t != total[k] {
				return fail("rows", "%s: all %s are %+v in the rows and %+v by the changes", d, k, t, total[k])
			}
		}
		return nil
	})
}

// holdsCuts tells whether of every closed feed, of which this device holds a part,
// all is here up to its cut. A till that was put back lacks the end of its own until
// the others have brought it.
func (d *device) holdsCuts() (whole bool, err error) {
	whole = true
	err = d.view(func(q store.Querier) error {
		closed := map[wire.Actor]ledger.Closing{}
		if err := d.closings(q, closed); err != nil {
			return err
		}
		for a, c := range closed {
			have, err := d.ledger.Tip(q, a)
			if err != nil {
				return err
			}
			for _, tip := range c.Cut.Tips {
				whole = whole && (have.Number == 0 || have.Number >= tip.Number)
			}
		}
		return nil
	})
	return whole, err
}

// sums computes the sums over what a device holds, from the changes alone.
func (d *device) sums() (ledger.Sums, error) {
	var set []ledger.Entered
	closed := map[wire.Actor]ledger.Closing{}
	err := d.view(func(q store.Querier) error {
		docs, err := store.Docs(q)
		if err != nil {
			return err
		}
		for _, i := range docs {
			if err := d.entered(q, i.ID, &set); err != nil {
				return err
			}
		}
		return d.closings(q, closed)
	})
	if err == nil && len(d.w.closed) > 0 {
		err = d.view(func(q store.Querier) error {
			l := law.Governance{Charter: d.charter}.Law(q)
			for i := range set {
				if err := d.checkClosed(l, &set[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return ledger.Sums{}, err
	}
	staff := d.role != govern.Merchant
	return d.w.books.sum(setKey(set, closed, staff), func() ledger.Sums {
		return ledger.Sum(d.ledger.Community(), set, closed, staff)
	}), nil
}

// maxSummed bounds the sets whose sums are kept: as many as a world has devices,
// that all hold something else.
const maxSummed = maxDevices

func (b *books) sum(key [32]byte, add func() ledger.Sums) ledger.Sums {
	if s, ok := b.summed[key]; ok {
		return s
	}
	if b.summed == nil || len(b.summed) >= maxSummed {
		b.summed = map[[32]byte]ledger.Sums{}
	}
	b.summed[key] = add()
	return b.summed[key]
}

// setKey names all that sums follow from: the changes, in whatever order a device
// took them, and the closes.
func setKey(set []ledger.Entered, closed map[wire.Actor]ledger.Closing, staff bool) [32]byte {
	list := make([]wire.Hash, len(set))
	for i := range set {
		list[i] = set[i].Hash
	}
	slices.SortFunc(list, wire.Hash.Compare)
	h := sha256.New()
	for i := range list {
		h.Write(list[i][:])
	}
	for _, a := range slices.SortedFunc(maps.Keys(closed), wire.Actor.Compare) {
		c := closed[a]
		_, _ = fmt.Fprint(h, a, c.Cut)
		if c.Heir != nil {
			_, _ = fmt.Fprint(h, *c.Heir)
		}
	}
	_, _ = fmt.Fprint(h, staff)
	return [32]byte(h.Sum(nil))
}

func (d *device) closings(q store.Querier, closed map[wire.Actor]ledger.Closing) error {
	l := law.Governance{Charter: d.charter}.Law(q)
	h, err := l.Head()
	if err != nil {
		return err
	}
	list, err := l.Closed(h)
	if err != nil {
		return err
	}
	for _, a := range list {
		c, _, err := l.Cut(h, a)
		if err != nil {
			return err
		}
		x := ledger.Closing{Cut: c}
		heir, ok, err := l.Heir(h, a)
		if err != nil {
			return err
		}
		if ok {
			x.Heir, x.Named = &heir, func(h ledger.Head) bool {
				other, named, err := l.Heir(h, a)
				return err == nil && named && other.At == heir.At
			}
		}
		closed[a] = x
	}
	return nil
}

// entered reads a feed's changes, branches included.
func (d *device) entered(q store.Querier, doc store.DocID, set *[]ledger.Entered) error {
	p, err := govern.ParsePath(doc)
	if err != nil || p.Row.Doc != "feed" {
		return nil
	}
	add := func(chunk wire.Chunk, h wire.Hash) error {
		e, err := d.w.books.of(d.ledger.Community(), p.Part, chunk, h)
		if err == nil {
			*set = append(*set, *e)
		}
		return err
	}
	var fresh []wire.Hash
	err = store.EachHash(q, doc, func(h wire.Hash) error {
		if e := d.w.books.read[h]; e != nil {
			*set = append(*set, *e)
		} else {
			fresh = append(fresh, h)
		}
		return nil
	})
	for _, h := range fresh {
		c, ok, e := store.Change(q, h)
		if err = errors.Join(err, e); err != nil || !ok {
			return errors.Join(err, fmt.Errorf("change %s is not found by its hash", h))
		}
		if err = add(c.Chunk, h); err != nil {
			return err
		}
	}
	forked, e := store.Branches(q, doc) // a feed counts as the union of its branches
	err = errors.Join(err, e)
	for _, b := range forked {
		err = errors.Join(err, add(b.Chunk, b.Hash))
	}
	return err
}

// of decodes a change, once.
func (b *books) of(community ledger.Subject, part uint64, chunk wire.Chunk, h wire.Hash) (*ledger.Entered, error) {
	if e := b.read[h]; e != nil {
		return e, nil
	}
	if b.read == nil {
		b.read = map[wire.Hash]*ledger.Entered{}
	}
	e, err := entered(community, part, chunk, h)
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", h, err)
	}
	b.read[h] = e
	return e, nil
}

func entered(community ledger.Subject, part uint64, chunk wire.Chunk, h wire.Hash) (*ledger.Entered, error) {
	ch, _, err := wire.Decode(chunk)
	if err != nil {
		return nil, err
	}
	t, err := ledger.Decode([]byte(ch.Ops[0].Value.Raw), community)
	if err != nil {
		return nil, err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return nil, err
	}
	e := &ledger.Entered{
		Place: ledger.Place{Feed: ledger.Feed{Incarnation: ch.Actor, Community: community}, Number: (part-1)*ledger.PartSize + ch.Seq,
			Head: ledger.Head{Term: c.Term, Seq: c.Seq, Hash: c.Head}},
		Hash: h, Tx: t,
	}
	if len(ch.Deps) > 0 {
		e.Prev = ch.Deps[0]
	} else if t.Part != nil {
		e.Prev = t.Part.PrevHash
	}
	for i := range t.Evidence {
		_, oh, err := wire.Decode(t.Evidence[i].Chunk)
		if err != nil {
			return nil, err
		}
		o, err := entered(community, t.Evidence[i].Part, t.Evidence[i].Chunk, oh)
		if err != nil {
			return nil, err
		}
		e.Open = append(e.Open, &ledger.Opened{Place: o.Place, Hash: oh, Tx: o.Tx})
	}
	return e, nil
}

// checkEqual: whoever may read a document holds the same of it.
func (w *world) checkEqual() error {
	var all map[store.DocID][32]byte
	var first *device
	for _, d := range w.devices {
		if d.absent() {
			continue
		}
		docs, err := d.store.Docs(w.ctx)
		if err != nil {
			return err
		}
		have := map[store.DocID][32]byte{}
		for _, i := range docs {
			have[i.ID] = i.Digest
		}
		if first == nil {
			all, first = have, d
			for _, i := range docs {
				_, _ = fmt.Fprintf(w.trace, "%s %x\n", i.ID, i.Digest)
			}
			continue
		}
		for id, sum := range all {
			if d.may(id) && have[id] != sum && !w.forked(id) {
				return fail("diverged", "%s and %s hold %s differently: %s and %s %s", first, d, id, first.vector(id), d.vector(id), first.reasons()+"; "+d.reasons())
			}
		}
		for id := range have {
			if _, ok := all[id]; !ok {
				return fail("diverged", "%s alone holds %s", d, id)
			}
		}
	}
	return w.checkRooms()
}

// forked tells whether a document is the feed of an incarnation that wrote two
// histories: devices keep the branches in the order in which they met them.
func (w *world) forked(id store.DocID) bool {
	p, err := govern.ParsePath(id)
	if err != nil || p.Row.Doc != "feed" {
		return false
	}
	for _, d := range w.devices {
		if d.twin && strings.Contains(string(id), d.twins.String()) {
			return true
		}
	}
	return false
}

// vector tells in words how far a device holds a document.
func (d *device) vector(id store.DocID) string {
	tips, err := d.store.Vector(d.w.ctx, id)
	if err != nil {
		return err.Error()
	}
	text := ""
	for _, t := range tips {
		text += fmt.Sprintf("%d:%x ", t.Seq, t.Hash[:4])
	}
	c, _ := d.store.Counts(d.w.ctx)
	return fmt.Sprintf("%s%+v", text, c)
}

// may tells whether a device may hold a document.
func (d *device) may(id store.DocID) bool { return d.charter.MayRead(d.pub(), id) }

// checkRooms: among honest devices nothing waits, nothing was refused, no feed
// ended.
func (w *world) checkRooms() error {
	if w.cfg.Profile&FaultHostile != 0 || w.theft {
		return nil
	}
	for _, d := range w.devices {
		if d.absent() {
			continue
		}
		c, err := d.store.Counts(w.ctx)
		if err != nil {
			return err
		}
		if c.Waiting+c.Ended+c.Quarantined > 0 {
			return fail("rooms", "%s: %+v among honest devices: %s", d, c, d.reasons())
		}
	}
	return nil
}

// reasons tells in words what a device did not admit, and why.
func (d *device) reasons() string {
	var list []string
	if all, err := d.store.Quarantine(d.w.ctx); err == nil {
		for _, x := range all {
			list = append(list, fmt.Sprintf("%s %d refused: %s", x.Actor, x.Seq, x.Reason))
		}
	}
	if all, err := d.store.Endings(d.w.ctx); err == nil {
		for _, x := range all {
			list = append(list, fmt.Sprintf("%s ended at %d: %s", x.Doc, x.Seq, x.Reason))
		}
	}
	if all, err := d.store.Waiting(d.w.ctx); err == nil {
		for _, x := range all {
			list = append(list, fmt.Sprintf("%s %d waits: %s", x.Actor, x.Seq, x.Reason))
		}
	}
	return strings.Join(list[:min(len(list), 4)], "; ")
}

// checkKept: what was acknowledged is everywhere where it may be.
func (w *world) checkKept() error {
	held := map[*device]map[wire.Hash]bool{}
	for _, d := range w.devices {
		if d.absent() {
			continue
		}
		held[d] = map[wire.Hash]bool{}
		if err := errors.Join(d.hashes(held[d]), d.countBeside()); err != nil {
			return err
		}
	}
	for _, d := range w.devices {
		if d.revoked { // what it wrote after its revocation nobody took
			continue
		}
		for _, r := range d.acked {
			if w.forked(r.doc) { // see docs/simulation.md
				continue
			}
			for _, o := range w.devices {
				if o.absent() || o.role == govern.Merchant && o != d {
					continue
				}
				if !held[o][r.hash] {
					return fail("lost", "%s acknowledged %s in %s, and %s does not have it: %s", d, r.hash, r.doc, o, o.reasons())
				}
			}
		}
	}
	return nil
}

// countBeside notes how many records the registrar holds beside their authors' first
// histories, and how many that are masked.
func (d *device) countBeside() error {
	if !d.registrar() {
		return nil
	}
	c, err := d.store.Counts(d.w.ctx)
	if err != nil {
		return err
	}
	d.w.count("record beside", int64(c.Branches))
	return d.view(func(q store.Querier) error {
		list, err := store.MaskedWork(q)
		if err != nil {
			return err
		}
		for _, m := range list {
			d.w.count("record masked", int64(m.N))
		}
		return store.EachBeside(q, "*", func(store.DocID, wire.Chunk) error { d.w.count("record beside", -1); return nil }) // of feeds
	})
}

// hashes adds what a device holds to a set.
func (d *device) hashes(to map[wire.Hash]bool) error {
	return d.view(func(q store.Querier) error {
		docs, err := store.Docs(q)
		if err != nil {
			return err
		}
		for _, i := range docs {
			if err := store.EachHash(q, i.ID, func(h wire.Hash) error { to[h] = true; return nil }); err != nil {
				return err
			}
		}
		return nil
	})
}

// rebuilds is at how many devices rows are made again: at every third, whose turn
// goes by the seed. To replay all costs as much as to admit all.
const rebuilds = 3

// checkRebuild: what is derived is what a replay derives.
func (w *world) checkRebuild() error {
	for _, d := range w.devices {
		if d.absent() {
			continue
		}
		if (uint64(d.n)+w.cfg.Seed)%rebuilds == 0 {
			if err := d.checkReplay(); err != nil {
				return err
			}
		}
		var sum [32]byte // rows name feeds by the order in which they came, balances by themselves
		err := d.view(func(q store.Querier) (err error) {
			sum, err = d.ledger.BalancesDigest(q, w.period())
			return err
		})
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w.trace, "%s %x\n", d, sum)
	}
	return nil
}

func (d *device) checkReplay() error {
	before, err := d.store.ProjectionDigest(d.w.ctx)
	if err != nil {
		return err
	}
	if err := d.store.Rebuild(d.w.ctx); err != nil {
		return err
	}
	after, err := d.store.ProjectionDigest(d.w.ctx)
	if err != nil {
		return err
	}
	if before.Whole != after.Whole {
		return fail("rebuild", "%s: %s", d, differing(before, after))
	}
	return nil
}

func differing(a, b store.Digests) string {
	var names []string
	for name, sum := range a.Tables {
		if b.Tables[name] != sum {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return fmt.Sprint("tables differ after a rebuild: ", names)
}

// checkTruth: what the books say people have, owe and earned is what they were
// told. A year's end takes nothing from what was earned.
func (w *world) checkTruth() error {
	if w.wild {
		return nil
	}
	periods := []string{zone.Year(w.cfg.begins())}
	if now := w.period(); now != periods[0] {
		periods = append(periods, now)
	}
	for _, d := range w.devices {
		if d.absent() || d.role == govern.Merchant {
			continue
		}
		for _, period := range periods {
			var list []ledger.Balance
			err := d.view(func(q store.Querier) (err error) {
				list, err = d.ledger.Balances(q, period, w.people...)
				return err
			})
			if err != nil {
				return err
			}
			for i, b := range list {
				if err := d.checkBalance(i, period, b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (d *device) checkBalance(who int, period string, b ledger.Balance) error {
	var life, year, debt, handed int64
	for _, m := range d.group(who) {
		a := d.w.truth[m]
		life, year, debt, handed = life+a.life, year+a.year[period], debt+a.debt, handed+a.handed
	}
	if !d.w.theft {
		handed = 0 // all of it lies within its feed's cut
	}
	_, have, err := d.has(who)
	switch {
	case err != nil:
		return err
	case b.Spendable < have || b.Spendable > have+handed:
		return fail("truth", "%s: person %d has %d (%d on the way), and was told %d", d, who, b.Spendable, b.OnTheWay, have)
	case b.Debt != debt && d.w.cfg.Profile&FaultHostile == 0: // any station may make a debt
		return fail("truth", "%s: person %d owes %d, and was told %d", d, who, b.Debt, debt)
	case b.Lifetime != life || b.Year != year:
		return fail("truth", "%s: person %d earned %d in %s and %d in all, and was told %d and %d", d, who, b.Year, period, b.Lifetime, year, life)
	}
	return nil
}

// atEnd looks at what must hold once everybody was served.
func (w *world) atEnd() error {
	if err := w.settle(healRounds); err != nil {
		return err
	}
	if err := w.checkPlaces(true); err != nil {
		return err
	}
	if err := w.checkTruth(); err != nil {
		return err
	}
	return w.checkDay()
}

// checkArrived: once all is healed and no device is gone, nothing waits to be
// taken: not what was sent, nor what a new incarnation succeeds to. What devices
// that are gone were sent stays on the way.
func (w *world) checkArrived() error {
	for _, d := range w.devices {
		if d.absent() || d.copied {
			return nil
		}
	}
	for range 2 { // a till asks for what was sent to it when it has nothing else to do, too
		for _, d := range w.devices {
			d.dirty = true
		}
		if err := w.settle(healRounds); err != nil {
			return err
		}
	}
	office := w.at(0, (*device).registrar)
	if office == nil {
		return nil
	}
	for _, k := range kinds {
		var t ledger.Terms
		err := office.view(func(q store.Querier) (err error) { t, err = office.ledger.Totals(q, k); return err })
		if err != nil {
			return err
		}
		if t.InFlight != 0 || t.Stranded != 0 {
			return fail("arrived", "%s: of %s %d are on the way and %d left behind, and every device runs", office, k, t.InFlight, t.Stranded)
		}
	}
	return nil
}

// servePay: once all is healed the main device can pay everybody a deed, however
// many incarnations of it began the turn.
func (w *world) servePay() error {
	office := w.at(0, (*device).registrar)
	if office == nil {
		return nil
	}
	for who := range min(len(w.people), maxServed) {
		e := Event{Kind: evDeed, Who: who, N: 1, Seed: uint64(who)<<32 | 1<<63}
		if err := w.deed(office, e, who); err != nil && !slices.Contains([]string{"ledger.issue.short", "ledger.period.closed"}, code(err)) {
			return fail("unserved", "%s can't pay person %d a deed: %s", office, who, code(err))
		}
	}
	return w.settle(4)
}

// checkBound: what copies of tills gave out for nothing is booked as loss, and
// no more than their exposure.
func (w *world) checkBound() error {
	over := int64(0)
	for _, a := range w.truth {
		for _, n := range a.points {
			over += max(0, -n)
		}
	}
	if w.clones > 0 && w.cfg.Profile&^(FaultNetwork|FaultClone) == 0 {
		w.stats.CloneLoss = over
		if limit := w.devices[0].charter.Settings().Exposure * int64(w.clones); over > limit {
			return fail("bound", "%d copies of tills cost %d points, and the cap allows %d", w.clones, over, limit)
		}
	}
	for _, d := range w.devices {
		if d.absent() || !d.registrar() {
			continue
		}
		sums, err := d.sums()
		if err != nil {
			return err
		}
		for q, t := range sums.Terms {
			if q.Kind == ledger.Points {
				w.stats.Loss += t.Loss
				w.stats.Stranded += t.Stranded
			}
		}
	}
	return nil
}

// serveAll: every affordable request is served, once all is healed.
func (w *world) serveAll() error {
	if w.wild {
		return nil
	}
	for who := range min(len(w.people), maxServed) {
		e := Event{Kind: evRedeem, A: who*7 + int(w.cfg.Seed%5), Who: who, Seed: uint64(who)<<32 | w.cfg.Seed&0xffff}
		d := w.at(e.A, anybody)
		room, err := d.room(w.people[who])
		if err != nil {
			return err
		}
		have, _, err := d.has(who)
		if err != nil {
			return err
		}
		n := min(have, room)
		if n <= 0 {
			continue
		}
		if err := d.buy(e, who, n); err != nil {
			return fail("unserved", "%s can't give person %d, who has %d, %d points' worth: %s", d, who, have, n, code(err))
		}
		if (who+1)%servedApart != 0 {
			continue
		}
		if err := w.settle(4); err != nil {
			return err
		}
	}
	if err := w.settle(4); err != nil {
		return err
	}
	_, _ = io.WriteString(w.trace, "served\n")
	return w.checkDay()
}

// maxServed bounds how many people are served at the end of a world.
const maxServed = 12

// servedApart is how many of them are served before the devices meet again.
const servedApart = 4

// room is how many points of a person a device can have here: a till those
// that are here, and as many more as its exposure allows.
func (d *device) room(person ledger.Subject) (n int64, err error) {
	if d.role != govern.Merchant {
		return ledger.MaxAmount, nil
	}
	err = d.view(func(q store.Querier) error {
		exposure, err := d.ledger.Here(q, ledger.Quota{Kind: ledger.Exposure, Subject: ledger.TillSubject(d.pub())})
		if err != nil {
			return err
		}
		n, err = d.ledger.Rights(q, person)
		n += exposure
		return err
	})
	return n, err
}
