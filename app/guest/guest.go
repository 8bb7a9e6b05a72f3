// Package guest is one device in several communities: in its own, and in those
// where it is a guest. Each has a data folder with a database, a lock file and an
// incarnation of its own, and a node of its own; only the device's key is the same.
// Nothing goes from one to the other but what a person at the screen carries.
//
// It must never know a subject: it only finds the node that a call is for. Start
// reading at [Open], then [Device.Call]. The rules are in docs/merchants.md.
package guest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"jishan/app/fault"
	"jishan/app/node"
)

// Folder holds the data folders of the communities in which a device is a guest,
// inside the device's own.
const Folder = "communities"

// maxVisits bounds the communities of one device: each keeps a database and a
// network side running.
const maxVisits = 32

// Device is one device with all its nodes.
type Device struct {
	home *node.Node
	cfg  node.Config

	joining sync.Mutex // one at a time
	mu      sync.RWMutex
	visits  []*node.Node
	refused []refusal
}

// Open starts the device in its own community, if it belongs to one, and in all
// others. One that can't be opened keeps no other from working: the list says why.
func Open(ctx context.Context, cfg node.Config) (*Device, error) {
	d := &Device{cfg: cfg}
	cfg.Visits = d
	home, err := node.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	d.home = home
	dirs, err := d.folders()
	if err == nil {
		dirs, err = d.original(dirs)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	for _, dir := range dirs {
		n, err := node.Open(ctx, d.config(dir))
		if err != nil {
			cfg.Log.Error("a community in which this device is a guest could not be opened", "dir", filepath.Base(dir), "err", err.Error())
			d.refuse(dir, "", fault.Of(err))
			continue
		}
		d.add(n)
	}
	return d, nil
}

// folders lists the communities' folders, and removes what an attempt to join left
// behind when it was stopped: no community knows of it but by a ticket.
func (d *Device) folders() (dirs []string, err error) {
	list, err := os.ReadDir(filepath.Join(d.cfg.Data, Folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range list {
		if _, bad := strconv.Atoi(e.Name()); bad != nil || !e.IsDir() {
			continue
		}
		dir := filepath.Join(d.cfg.Data, Folder, e.Name())
		switch id, err := node.BelongsTo(dir); {
		case err != nil: // its node says so in words
			dirs = append(dirs, dir)
		case id == "":
			if err := os.RemoveAll(dir); err != nil {
				return nil, err
			}
		default:
			dirs = append(dirs, dir)
		}
	}
	return dirs, err
}

// config is a guest's: the same but for its folder and its ports, which nobody
// needs to know beforehand.
func (d *Device) config(dir string) node.Config {
	c := d.cfg
	c.Data, c.Home, c.Visits = dir, d.home, nil
	c.P2P = slices.Clone(c.P2P)
	for i, at := range c.P2P {
		if host, _, err := net.SplitHostPort(at); err == nil {
			c.P2P[i] = net.JoinHostPort(host, "0")
		}
	}
	return c
}

func (d *Device) add(n *node.Node) {
	d.mu.Lock()
	d.visits = append(d.visits, n)
	d.mu.Unlock()
}

func (d *Device) all() []*node.Node {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return append([]*node.Node{d.home}, d.visits...)
}

// Close ends all nodes, guests first.
func (d *Device) Close() error {
	var errs []error
	list := d.all()
	for _, n := range slices.Backward(list) {
		errs = append(errs, n.Close())
	}
	return errors.Join(errs...)
}

// List implements node.Visits.
func (d *Device) List(ctx context.Context) (out []node.Visit, err error) {
	for _, n := range d.all() {
		v, ok, err := n.Visit(ctx)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, v)
		}
	}
	return append(out, d.refusals()...), nil
}

// Join implements node.Visits. Faults: visits.many, visits.again, those of joining.
func (d *Device) Join(ctx context.Context, ticket, scope string) (string, error) {
	d.joining.Lock()
	defer d.joining.Unlock()
	if slices.ContainsFunc(d.all(), func(n *node.Node) bool { return n.Invites(ticket) }) {
		return "", fault.New("visits.again")
	}
	if len(d.all()) > maxVisits {
		return "", fault.New("visits.many", "max", maxVisits)
	}
	dir, err := d.newFolder()
	if err != nil {
		return "", err
	}
	n, err := d.join(ctx, dir, ticket, scope)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	d.add(n)
	return n.Community(), nil
}

func (d *Device) newFolder() (string, error) {
	for i := 1; ; i++ {
		dir := filepath.Join(d.cfg.Data, Folder, strconv.Itoa(i))
		if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
			return "", err
		}
		err := os.Mkdir(dir, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return dir, errors.Join(err, d.home.GiveKey(dir))
	}
}

func (d *Device) join(ctx context.Context, dir, ticket, scope string) (*node.Node, error) {
	n, err := node.Open(context.WithoutCancel(ctx), d.config(dir))
	if err != nil {
		return nil, err
	}
	params, err := json.Marshal(map[string]string{"text": ticket, "device": d.home.DeviceName(), "operator": d.home.Operator(), "scope": scope})
	if err == nil {
		_, err = n.Call(ctx, "setup.join", params)
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// at finds the node of a community, nil if there is none.
func (d *Device) at(community string) *node.Node {
	for _, n := range d.all() {
		if n.Community() == community {
			return n
		}
	}
	return nil
}

// where takes the community out of a call's parameters: the device's own one where
// none is named. Faults: visits.unknown, call.params.
func (d *Device) where(params json.RawMessage) (*node.Node, json.RawMessage, error) {
	var all map[string]json.RawMessage
	if json.Unmarshal(params, &all) != nil || all["visit"] == nil {
		return d.home, params, nil // what is no object is refused by the call
	}
	var id string
	if err := json.Unmarshal(all["visit"], &id); err != nil {
		return nil, nil, fault.New("call.params", "field", "visit")
	}
	delete(all, "visit")
	n, err := d.of(id)
	if err != nil {
		return nil, nil, err
	}
	rest, err := json.Marshal(all)
	return n, rest, err
}

func (d *Device) of(id string) (*node.Node, error) {
	if id == "" {
		return d.home, nil
	}
	if n := d.at(id); n != nil {
		return n, nil
	}
	return nil, fault.New("visits.unknown")
}

// Call runs one use case, in the community that its field "visit" names. Faults:
// visits.unknown, visits.home, visits.card of till.scan, the call's own.
func (d *Device) Call(ctx context.Context, name string, params json.RawMessage) (any, error) {
	n, params, err := d.where(params)
	if err != nil {
		return nil, err
	}
	if n != d.home && (strings.HasPrefix(name, "setup.") || strings.HasPrefix(name, "visits.")) {
		return nil, fault.New("visits.home", "name", name) // what a device does as a whole
	}
	if name == "setup.anew" {
		return d.anew(ctx, params)
	}
	if name == "till.scan" {
		if err := n.May(name); err != nil { // who may not scan is not told whose card it is either
			return nil, err
		}
		if err := d.belongs(ctx, n, params); err != nil {
			return nil, err
		}
	}
	return n.Call(ctx, name, params)
}

// belongs refuses what is shown in one community and belongs to another of this
// device, and names that one: the screen goes there and reads it again. Fault:
// visits.card{at, name}.
func (d *Device) belongs(ctx context.Context, n *node.Node, params json.RawMessage) error {
	list := d.all()
	var shown struct {
		Text string `json:"text"`
	}
	if len(list) == 1 || json.Unmarshal(params, &shown) != nil || n.Shown(ctx, shown.Text) {
		return nil // what can't be read is refused by the call
	}
	for _, o := range list {
		if o != n && o.Shown(ctx, shown.Text) {
			return fault.New("visits.card", "at", o.Community(), "name", o.Name())
		}
	}
	return nil
}

// PhoneCall runs one use case of the phone pages, which are the own community's.
func (d *Device) PhoneCall(ctx context.Context, name string, params json.RawMessage) (any, error) {
	return d.home.PhoneCall(ctx, name, params)
}

// File makes one file, of the community that the query's "visit" names.
func (d *Device) File(ctx context.Context, name string, q url.Values) (*node.File, error) {
	n, err := d.of(q.Get("visit"))
	if err != nil {
		return nil, err
	}
	return n.File(ctx, name, q)
}

// Events tells which topics changed in any of the communities, until ctx ends.
func (d *Device) Events(ctx context.Context) <-chan []string { return d.home.Events(ctx) }

// Import takes a bundle of the own community in; one of another comes in on its
// screen.
func (d *Device) Import(ctx context.Context, r io.Reader) (int, string, error) {
	return d.home.Import(ctx, r)
}

// Addrs are the addresses at which devices of the own community reach this one.
func (d *Device) Addrs() []string { return d.home.Addrs() }

// PhoneWanted is where the settings want the phone pages; "" is off.
func (d *Device) PhoneWanted() string { return d.home.PhoneWanted() }

// PhoneServed notes the address that phones open; "" is off.
func (d *Device) PhoneServed(url string) { d.home.PhoneServed(url) }
