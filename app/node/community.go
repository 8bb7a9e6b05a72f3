package node

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"jishan/app/activity"
	"jishan/app/assess"
	"jishan/app/audit"
	"jishan/app/bylaw"
	"jishan/app/claim"
	"jishan/app/correction"
	"jishan/app/credit"
	"jishan/app/duty"
	"jishan/app/fault"
	"jishan/app/fund"
	"jishan/app/govern"
	"jishan/app/honour"
	"jishan/app/hours"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/newcomer"
	"jishan/app/order"
	"jishan/app/partner"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/app/publicity"
	"jishan/app/report"
	"jishan/app/scheme"
	"jishan/app/selection"
	"jishan/app/settle"
	"jishan/app/shop"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// community is all that exists once the device belongs to one: the store and
// the subjects over it.
type community struct {
	node     *Node
	store    *store.Store
	inc      *seal.Incarnation
	charter  *govern.Charter
	ledger   *ledger.Ledger
	requests *ledger.Requests
	fixes    *correction.Book
	newcomer *newcomer.Book
	credit   *credit.Book
	people   *people.People
	scheme   *scheme.Book
	claim    *claim.Book
	photos   *photo.Album
	drafts   drafts[schemeDraft] // rulebooks that were read and not saved
	sheets   drafts[scoreDraft]  // assessments that were read and not written
	activity *activity.Board
	order    *order.Desk
	shop     *shop.Shop
	settle   *settle.Book
	partners *partner.Book
	honour   *honour.Honour
	reports  *report.Book
	hours    *hours.Book
	assess   *assess.Book
	board    *publicity.Board
	duties   *duty.Book
	bylaw    *bylaw.Book
	fund     *fund.Book
	audit    *audit.Book
	rules    law.Rules
	mesh     *mesh
	tend     *tender
	renewing atomic.Bool  // this one is about to be closed and opened again
	retired  atomic.Bool  // its incarnation's feed was closed
	doubted  atomic.Int64 // the last entry's time, while today's date is doubted
	copied   atomic.Pointer[copied]
	refused  atomic.Pointer[ownEnd]
	claims   *claims
	shelves  atomic.Uint64 // how often a catalogue changed
	fetching atomic.Bool   // a picture that a phone asked for
	alarmed  atomic.Int64  // how many alarms there were when the chores looked

	backupMu    sync.Mutex                  // one backup at a time
	backupFault atomic.Pointer[fault.Fault] // why the last one was not made

	upload upload // a bundle that a screen is sending

	selection *selection.Book

	caution caution

	skewMu sync.Mutex
	skew   map[[32]byte]int64 // how far ahead other devices' clocks are, milliseconds

	views chan struct{} // places for composed questions

	metMu  sync.Mutex
	met    map[people.ID]people.Found // cards shown at this device
	void   map[people.ID]struct{}     // whose card shown last was void
	cardOf map[people.ID]people.ID    // the card that was shown last, of who has several
	pinMu  sync.Mutex                 // one try of a PIN at a time
	visits visits                     // points fetched for who stands here

	naming       sync.Mutex // taken while certificates are read
	namesMu      sync.Mutex
	names        map[wire.Actor]string // of the devices, by incarnation
	incarnations map[[32]byte]wire.Actor
	devicesOf    map[wire.Actor][32]byte
	lastMade     int64 // of this device's own certificates
}

// composed is how many questions may run at once that ask other subjects
// inside a view. Each holds a read connection and may need a second one; the
// store has three, so two leave one that always comes free.
const composed = 2

// enter opens the community's documents and starts to live in it.
func (n *Node) enter(ctx context.Context, id string) error {
	c, err := n.assemble(ctx, id)
	if err != nil {
		return err
	}
	if err := c.start(ctx); err != nil {
		if c.mesh != nil {
			c.mesh.end()
		}
		return errors.Join(storeFault(err), c.store.Close())
	}
	n.mu.Lock()
	n.community, n.renewing = c, false
	n.mu.Unlock()
	n.hub.tell("state")
	return nil
}

// assemble opens the store with the subjects as its projectors. A database
// that is not the one this incarnation wrote last gets a new incarnation,
// which holds nothing (design section 4).
func (n *Node) assemble(ctx context.Context, id string) (*community, error) {
	inc, err := loadIncarnation(n.cfg.Data)
	if err != nil {
		return nil, err
	}
	if inc == nil {
		if inc, err = freshIncarnation(n.cfg.Data, n.cfg.Rand, n.device.Load().Private, n.now()); err != nil {
			return nil, err
		}
	}
	c, err := n.open(ctx, id, inc)
	if !errors.Is(err, store.ErrNewIncarnation) {
		return c, storeFault(err)
	}
	n.log.Warn("the database is not the one written last: a new incarnation begins", "old", inc.Actor().String(), "why", err.Error())
	if behind, ok := errors.AsType[*store.BehindError](err); ok {
		if err := n.noteMissing(inc.Actor(), behind.Commits); err != nil {
			return nil, err
		}
	}
	made := max(n.now(), inc.Made+1) // the newest is the one that writes, whatever the clock says
	if inc, err = freshIncarnation(n.cfg.Data, n.cfg.Rand, n.device.Load().Private, made); err != nil {
		return nil, err
	}
	c, err = n.open(ctx, id, inc)
	return c, storeFault(err)
}

// full tells whether a disk without room is the cause: as the system says it,
// or as SQLite does.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "database or disk is full")
}

// unreadable tells whether a column holds what no program writes there, or a row
// is gone that others name: tables are strict, so that was damaged.
func unreadable(err error) bool {
	return err != nil && (errors.Is(err, sql.ErrNoRows) || strings.Contains(err.Error(), "sql: Scan error on column"))
}

// diskFault says in words what a disk refused of the files beside the database.
func diskFault(err error) error {
	switch {
	case fault.Of(err).Code != "internal":
		return err
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: %w", fault.New("data.full"), err)
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %w", fault.New("data.stopped"), err)
	}
	return err
}

func storeFault(err error) error {
	switch {
	case errors.Is(err, store.ErrInUse):
		return fault.New("data.inUse")
	case errors.Is(err, store.ErrNewerFormat):
		return fault.New("data.newer", "found", databaseFile, "known", 1)
	case errors.Is(err, store.ErrCorrupt), unreadable(err):
		return fmt.Errorf("%w: %w", fault.New("data.damaged", "file", databaseFile), err)
	case errors.Is(err, store.ErrStopped) && full(err):
		return fmt.Errorf("%w: %w", fault.New("data.full"), err)
	case errors.Is(err, store.ErrStopped):
		return fmt.Errorf("%w: %w", fault.New("data.stopped"), err)
	}
	return err
}

func (n *Node) open(ctx context.Context, id string, inc *seal.Incarnation) (*community, error) {
	c := &community{node: n, inc: inc, charter: govern.New(id), views: make(chan struct{}, composed), skew: map[[32]byte]int64{}, claims: newClaims()}
	c.charter.Use(n.device.Load())
	c.partners = partner.New(c.charter)
	c.ledger = ledger.New(inc.Actor(), id, law.Governance{Charter: c.charter, Partners: c.partners})
	c.partners.UseFeeds(c.ledger)
	c.ledger.UseHome(c.homeFeed)
	c.ledger.UseCaution(c.cautious)
	c.requests = ledger.NewRequests(c.charter.Doc)
	c.fixes = correction.New(c.charter.Doc, ledger.Undone)
	c.newcomer = newcomer.New(c.charter.Doc)
	c.credit = credit.New(c.charter, c.charter.Doc, n.cfg.Rand, n.now)
	c.people = people.New(people.Config{Charter: c.charter, Bank: c.bank(), Device: n.device.Load().Private, Rand: n.cfg.Rand, Clock: n.now, Write: c.writeAs})
	c.scheme = scheme.New(c.charter.Doc)
	c.claim = c.newClaims()
	c.photos = photo.New(photo.Config{Doc: c.charter.Doc, Seal: c.people.SealText, Rand: n.cfg.Rand})
	c.activity = activity.NewBoard(activity.Config{Doc: c.charter.Doc, Scheme: c.scheme, Rights: c.ledger, People: directory{c}, Clock: n.now, Rand: n.cfg.Rand, Device: c.deviceName, Cohort: c.cohort, Same: c.same, Claimed: c.claimedAs})
	c.order = c.newDesk()
	c.shop = c.newShop()
	c.ledger.UseKept(func(q store.Querier, person ledger.Subject) (int64, error) { return c.shop.Held(q, person.String()) })
	c.settle = settle.New(settle.Config{Charter: c.charter, Feeds: c.ledger, Device: n.device.Load().Public()})
	c.honour = c.newHonour()
	c.audit = audit.New(id)
	c.reports, c.hours = report.NewBook(c.charter.Doc), hours.NewBook(c.charter.Doc)
	c.assess = assess.New(c.charter.Doc, n.cfg.Rand)
	c.selection = selection.New(c.charter.Doc, n.cfg.Rand)
	c.board = publicity.New(c.charter.Doc)
	c.duties = c.newDuties()
	c.bylaw = bylaw.New(c.charter.Doc)
	c.fund = fund.New(c.charter.Doc)
	c.rules = law.Rules{Charter: c.charter, Ledger: c.ledger, Settle: c.settle, Partners: c.partners}
	st, err := store.Open(ctx, store.Config{
		Path: filepath.Join(n.cfg.Data, databaseFile), Clock: n.now, Rand: n.cfg.Rand, Incarnation: inc,
		Lock:       lockIn(n.cfg.Data),
		Projectors: []store.Projector{c.charter, c.ledger, c.requests, c.fixes, c.credit, c.claim, c.photos, c.newcomer, c.scheme, c.people, c.activity, c.order, c.shop, c.settle, c.honour, c.partners, c.reports, c.hours, c.assess, c.selection, c.board, c.duties, c.bylaw, c.fund, c.audit},
		Shape:      c.charter.Shape,
		Look: func(q store.Querier) error {
			return belongs(q, id, n.device.Load().Public(), n.localCopy().Community == id)
		},
	})
	if err != nil {
		return nil, err
	}
	c.store = st
	// Whoever gets our changes needs our certificate first.
	err = st.Update(ctx, store.Author{}, func(tx *store.Tx) error { return c.begin(tx, inc) })
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return c, nil
}

// start makes everything follow the store, then the network, then the chores.
func (c *community) start(ctx context.Context) error {
	if err := c.charter.Open(ctx, c.store); err != nil {
		return err
	}
	if err := c.people.Open(ctx, c.store); err != nil {
		return err
	}
	if err := errors.Join(c.nameDevices(ctx), c.doubtClock(ctx), c.beginCaution(ctx)); err != nil {
		return err
	}
	c.store.OnCommit(c.committed)
	c.tend = newTender(c)
	c.mesh = newMesh(c)
	if err := c.mesh.load(ctx); err != nil {
		return err
	}
	if err := c.loadRefused(ctx); err != nil {
		return err
	}
	if err := c.loadCards(ctx); err != nil {
		return err
	}
	if err := c.loadGuests(ctx); err != nil {
		return err
	}
	if err := dropScratch(c.node.cfg.Data); err != nil {
		return err
	}
	if err := c.mesh.up(ctx); err != nil {
		c.node.log.Error("the network side did not start", "err", err.Error())
		c.node.setNetErr(err)
	}
	if err := c.tend.budget(ctx); err != nil && c.mayWrite() == nil {
		return err
	}
	c.tend.start()
	return nil
}

func (n *Node) setNetErr(err error) {
	n.mu.Lock()
	n.netErr = err
	n.mu.Unlock()
}

func (c *community) close() error {
	c.tend.stop()
	c.mesh.end()
	return errors.Join(c.upload.close(), c.store.Close())
}

// write runs one transaction under the name of the operator at this device.
func (c *community) write(ctx context.Context, fn func(*store.Tx) error) error {
	return c.writeAs(ctx, c.node.localCopy().Operator, fn)
}

func (c *community) writeAs(ctx context.Context, operator string, fn func(*store.Tx) error) error {
	if err := c.mayWrite(); err != nil {
		return err
	}
	err := c.store.Update(ctx, store.Author{Operator: c.node.signedFor(ctx, operator), Context: c.charter.Head}, noted(ctx, c.node.now(), fn))
	if errors.Is(err, store.ErrForked) || errors.Is(err, store.ErrNewIncarnation) {
		c.node.renew(c)
		return fmt.Errorf("%w: %w", fault.New("data.restored"), err)
	}
	if errors.Is(err, ledger.ErrClosed) { // a moment ago: nothing was written
		c.retired.Store(true)
		c.node.renew(c)
		return fmt.Errorf("%w: %w", fault.New("device.closed"), err)
	}
	if errors.Is(err, store.ErrEnded) {
		return fmt.Errorf("%w: %w", fault.New("device.refused"), err)
	}
	return storeFault(err)
}

func (c *community) view(ctx context.Context, fn func(store.Querier) error) error {
	select {
	case c.views <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.views }()
	return storeFault(c.store.View(ctx, fn))
}

// committed runs after every commit, local or from a peer.
func (c *community) committed(m store.Commit) {
	topics := map[string]bool{}
	for _, doc := range m.Docs {
		if p, err := govern.ParsePath(doc); err == nil {
			if p.Row.Doc == "catalog" {
				c.shelves.Add(1)
			}
			for _, t := range topicsOf[p.Row.Doc] {
				topics[t] = true
			}
		}
	}
	for _, set := range m.Sets {
		for _, t := range topicsOfSet[set] {
			topics[t] = true
		}
	}
	if topics["devices"] || slices.Contains(m.Sets, store.SetIncarnation) {
		c.node.wg.Go(func() {
			if err := c.nameDevices(context.Background()); err != nil {
				c.node.log.Error("devices can't be named", "err", err.Error())
			}
		})
	}
	for t := range topics {
		c.node.hub.tell(t)
	}
	if slices.Contains(m.Sets, people.VaultSet) {
		c.photos.Look()
	}
	if c.mesh != nil {
		c.mesh.changed(m)
		if m.Local && len(c.mesh.online()) == 0 { // one more that is only here
			c.node.hub.tell("state")
		}
	}
	if c.tend != nil {
		c.tend.poke()
	}
}

// topicsOf says which screens a kind of document may change.
var topicsOf = map[string][]string{
	"gov":      {"state", "devices", "settings", "people", "ledger", "shop"}, // a YEARCLOSE moves balances
	"feed":     {"ledger", "people", "activity", "order", "shop"},
	"people":   {"people"},
	"card":     {"people", "shop"},
	"request":  {"ledger"},
	"scheme":   {"scheme"},
	"activity": {"activity"},
	"order":    {"order"},
	"catalog":  {"shop"},
	"settle":   {"settle"},
	"net":      {"partners"},
	"abroad":   {"partners"},
	"report":   {"report"},
	"hours":    {"hours"},
	"assess":   {"assess"},

	publicity.Doc: {"publicity"}, publicity.BoardDoc: {"publicity"},
	selection.Doc: {"selection"},
	duty.Doc:      {"duty"},
	bylaw.Doc:     {"shop"},
	fund.Doc:      {"fund"},
}

// topicsOfSet says the same of sets: the vault's keys make people readable, an
// incarnation names who wrote, and a fork takes a device's word away.
var topicsOfSet = map[string][]string{
	people.VaultSet:      {"people"},
	store.SetIncarnation: {"devices", "ledger"},
	store.SetFork:        {"devices", "ledger", "people"},
}

// self is this device as the charter knows it; ok is false until its
// certificate is here.
func (c *community) self() (govern.Enrolled, bool) {
	return c.charter.Device(c.node.device.Load().Public())
}

// deviceName returns the name of an incarnation's device, "" while unknown.
func (c *community) deviceName(a wire.Actor) string {
	c.namesMu.Lock()
	defer c.namesMu.Unlock()
	return c.names[a]
}

// incarnation returns a device's newest incarnation.
func (c *community) incarnation(device [32]byte) (wire.Actor, bool) {
	c.namesMu.Lock()
	defer c.namesMu.Unlock()
	a, ok := c.incarnations[device]
	return a, ok
}

// nameDevices reads who wrote as whom; after every new certificate. One at a time:
// of two that are started by two commits the later reads what both brought.
func (c *community) nameDevices(ctx context.Context) error {
	c.naming.Lock()
	defer c.naming.Unlock()
	names, newest, last, devices := map[wire.Actor]string{}, map[[32]byte]wire.Actor{}, map[[32]byte]seal.Certificate{}, map[wire.Actor][32]byte{}
	items, err := c.store.SetItems(ctx, store.SetIncarnation, -1)
	if err != nil {
		return err
	}
	for _, it := range items {
		cert, err := seal.DecodeCertificate(it.Blob)
		if err != nil {
			return err
		}
		d, _ := c.charter.Device(cert.Device)
		names[cert.Actor()], devices[cert.Actor()] = d.Name, cert.Device
		if old, known := last[cert.Device]; !known || newer(cert, old) {
			newest[cert.Device], last[cert.Device] = cert.Actor(), cert
		}
	}
	own := last[c.node.device.Load().Public()]
	c.namesMu.Lock()
	c.names, c.incarnations, c.devicesOf, c.lastMade = names, newest, devices, own.Made
	c.namesMu.Unlock()
	c.meet(own)
	return nil
}

// homeFeed is where rights go home: the registrar's feed.
func (c *community) homeFeed(store.Querier) (wire.Actor, bool, error) {
	_, a, ok := c.charter.Registrar()
	return a, ok, nil
}
