// Package node is one running device: it opens the data folder, puts the
// subjects together, joins the mesh, does what is due, and offers the use
// cases that the shells call.
//
// A use case lives in its subject; here it is only named and given its
// surroundings. Package node must never know HTTP, a window or a sentence on a
// screen. Start reading at [Open], then community.go (what exists once the
// device belongs to a community), use.go (the list of calls) and tend.go (what
// is done without being asked).
package node

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/page"
	"jishan/crdt/wire"
)

// Config is what a device needs to run.
type Config struct {
	Data    string   // data folder; must exist and be this process's own
	P2P     []string // listening addresses, host:port; the port 0 means any
	LAN     bool     // look for the community's devices on the LAN
	Window  bool
	Version string
	Log     *slog.Logger
	Clock   func() time.Time
	Rand    io.Reader
	Demo    bool            // one of the demo's devices: never looks at the LAN
	PINCost govern.SealCost // of one try of an operator's PIN; zero = govern.DefaultSealCost

	// Home is this device in its own community, where this node is what it does as a
	// guest in another one: who sits here and how the screens look is decided there.
	Home *Node
	// Visits are the communities in which the device is a guest; nil where there is
	// nobody to ask, and at a guest.
	Visits Visits
}

// Visits joins other communities with a device, and lists those it joined.
type Visits interface {
	List(ctx context.Context) ([]Visit, error)
	// Join joins as a guest; it returns the community's id.
	Join(ctx context.Context, ticket, scope string) (string, error)
}

// Visit is one community of a device.
type Visit struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Home bool   `json:"home"` // the device's own
	Sync pill   `json:"sync"`
	// Fault is why it is not open, by the name of its folder; nil for one that is.
	Fault *fault.Fault `json:"fault,omitempty"`
}

// Node is one running device. Its methods are safe for concurrent use.
type Node struct {
	cfg        Config
	log        *slog.Logger
	device     atomic.Pointer[govern.Device] // another one after anew and restore
	hub        *hub
	calls      map[string]handler
	phoneCalls map[string]handler
	ctx        context.Context
	cancel     context.CancelFunc
	wg         sync.WaitGroup

	setup  sync.Mutex // one set-up at a time
	knocks knocks     // where this device asks to be let in
	whole  wire.Actor // began while nothing of the database was gone (handover.go); under setup

	mu        sync.RWMutex
	local     local
	community *community // nil until the device belongs to one
	renewing  bool       // it is closed and opened again
	phone     string     // where phones find their pages, "" = off
	netErr    error      // why the network side is down, if it is
	guests    guests
	shots     shots
	pages     *page.Station
	answers   answers

	drawn drawnKey // a recovery key that waits to be typed back

	openers atomic.Pointer[openers] // the people with a key at this device
	seat    seat                    // the one of them who sits here
}

// Open starts the device in cfg.Data. Faults: data.newer, data.damaged,
// data.lost, data.inUse, data.settings, data.full, data.stopped.
func Open(ctx context.Context, cfg Config) (*Node, error) {
	l, device, err := whose(cfg)
	if err != nil {
		return nil, diskFault(err)
	}
	staff, err := loadOpeners(cfg.Data)
	if err != nil {
		return nil, diskFault(err)
	}
	n := &Node{cfg: cfg, log: cfg.Log, hub: newHub(), local: l}
	n.device.Store(device)
	n.openers.Store(staff)
	n.guests.init()
	if n.pages, err = page.New(rand.Reader, n.now); err != nil {
		return nil, err
	}
	n.ctx, n.cancel = context.WithCancel(context.WithoutCancel(ctx))
	n.calls, n.phoneCalls = n.useCases(), n.phoneUseCases()
	if cfg.Home != nil { // the screens listen at one place
		n.hub = cfg.Home.hub
	} else {
		n.wg.Go(func() { n.hub.run(n.ctx) })
	}
	if l.Community != "" {
		if err := n.enter(ctx, l.Community); err != nil {
			n.cancel()
			n.wg.Wait()
			return nil, diskFault(err)
		}
	}
	return n, nil
}

// whose reads which device the folder is, and makes one in a new folder.
func whose(cfg Config) (local, *govern.Device, error) {
	err := os.Remove(filepath.Join(cfg.Data, snapshotFile)) // of a backup that was cut off
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = finishRestore(cfg.Data)
	}
	if err != nil {
		return local{}, nil, err
	}
	l, err := loadLocal(cfg.Data)
	if err == nil {
		err = l.whole(cfg.Data)
	}
	if err != nil {
		return l, nil, err
	}
	device, err := govern.LoadOrCreateDevice(cfg.Data, cfg.Rand)
	if err != nil {
		return l, nil, deviceFault(err)
	}
	return l, device, nil
}

func deviceFault(err error) error {
	if errors.Is(err, govern.ErrNewerDevice) {
		return fault.New("data.newer", "found", govern.DeviceFile, "known", 1)
	}
	return errors.Join(fault.New("data.damaged", "file", govern.DeviceFile), err)
}

// Close ends everything in order: links first, then what is under way, then
// the store with its lock file.
func (n *Node) Close() error {
	n.cancel()
	n.mu.Lock()
	c := n.community
	n.community = nil
	n.mu.Unlock()
	var err error
	if c != nil {
		err = c.close()
	}
	n.wg.Wait()
	return err
}

// renew opens the community again after its incarnation was found to be no
// longer the only one: a new one begins, which holds nothing. Should that fail,
// calls are answered as during it until the program is started again: the
// device belongs to a community all the same.
func (n *Node) renew(c *community) {
	if !c.renewing.CompareAndSwap(false, true) {
		return
	}
	n.wg.Go(func() {
		n.setup.Lock()
		defer n.setup.Unlock()
		n.mu.Lock()
		current := n.community == c
		if current {
			n.community, n.renewing = nil, true
		}
		n.mu.Unlock()
		if !current {
			return
		}
		id := c.charter.Community()
		if err := errors.Join(c.close(), n.retire(c), n.enter(n.ctx, id)); err != nil {
			n.log.Error("the community could not be opened again", "err", err.Error())
		}
		n.hub.tell("state")
	})
}

// retire makes the incarnation anew whose feed was closed: newer than every one
// that this device ever had, whatever its clock says.
func (n *Node) retire(c *community) error {
	if !c.retired.Load() {
		return nil
	}
	c.namesMu.Lock()
	made := max(n.now(), c.lastMade+1)
	c.namesMu.Unlock()
	inc, err := freshIncarnation(n.cfg.Data, n.cfg.Rand, n.device.Load().Private, made)
	// One that waits for its new term may lack something still; not so a copy that
	// was let go on: it has read so in the charter.
	if _, waits := c.handsOver(); err == nil && (!waits || c.copied.Load() != nil) {
		n.whole = inc.Actor()
	}
	return err
}

// Events tells which topics changed, until ctx ends.
func (n *Node) Events(ctx context.Context) <-chan []string { return n.hub.listen(ctx) }

// here returns the community, or the fault that there is none yet (app.phase),
// or none for a moment (app.renewing): that one is never an answer which says
// that the device belongs to no community.
func (n *Node) here() (*community, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	switch {
	case n.community != nil:
		return n.community, nil
	case n.renewing:
		return nil, errRenewing
	}
	return nil, fault.New("app.phase", "phase", "new")
}

// errRenewing is the answer while the community is opened again. Nothing was
// done then: whoever asked may ask again.
var errRenewing = fault.New("app.renewing")

func (n *Node) now() int64 { return n.cfg.Clock().UnixMilli() }

func (n *Node) localCopy() local {
	n.mu.RLock()
	l := n.local
	n.mu.RUnlock()
	if n.cfg.Home != nil {
		own := n.cfg.Home.localCopy()
		l.Settings, l.Operator = own.Settings, own.Operator
	}
	return l
}

// change edits what the device remembers of itself and saves it.
func (n *Node) change(edit func(*local)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.local
	edit(&l)
	if err := saveLocal(n.cfg.Data, l); err != nil {
		return err
	}
	n.local = l
	return nil
}

// Addrs are the addresses at which other devices reach this one.
func (n *Node) Addrs() []string {
	c, err := n.here()
	if err != nil {
		return []string{}
	}
	if h := c.mesh.now(); h != nil {
		return h.Addrs()
	}
	return []string{}
}

// PhoneWanted is where the settings want the phone pages; "" is off.
func (n *Node) PhoneWanted() string { return n.localCopy().Settings.Phone }

// PhoneServed notes the address that phones open; "" is off.
func (n *Node) PhoneServed(url string) {
	n.mu.Lock()
	n.phone = url
	n.mu.Unlock()
	n.hub.tell("state")
}

func (n *Node) phoneURL() string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.phone
}
