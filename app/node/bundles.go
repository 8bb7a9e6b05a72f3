package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
	"jishan/p2p/bundle"
)

// stickFolder is where bundles lie on a stick; one file for each recipient, so
// that a stick can go round the village.
const stickFolder = "jishan"

const bundleSuffix = ".jishan"

// maxBundle bounds a bundle that is taken in, whichever way it comes (command,
// stick, screen): a copy of it lies in the data folder meanwhile, so a wrong
// file must not fill the disk.
const maxBundle = 1 << 30

// writeBundle writes what a device is not known to hold.
func (c *community) writeBundle(ctx context.Context, to [32]byte, w io.Writer) (int, error) {
	recipient, ok := c.charter.Recipient(to)
	d, known := c.charter.Device(to)
	if !ok || !known || d.Revoked || to == c.node.device.Load().Public() {
		return 0, fault.New("devices.unknown")
	}
	tips, err := c.knownTips(ctx, to)
	if err != nil {
		return 0, err
	}
	h := bundle.Header{To: to[:], Community: c.charter.Community(), Made: c.node.now()}
	return bundle.Write(w, c.node.device.Load().Private, h, recipient, crdtsync.Export(ctx, c.mesh.config(to), tips))
}

// knownTips are the vectors that a device is known to hold.
func (c *community) knownTips(ctx context.Context, device [32]byte) (out map[store.DocID][]store.Tip, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		known, err := heldBy(q)
		if err != nil || known[device].upto == 0 {
			return err
		}
		out, err = store.VectorsUpto(q, known[device].upto)
		return err
	})
	c.withOwnFeed(out, device)
	return out, err
}

// withOwnFeed takes the newest parts of a device's own feeds out of what it is
// known to hold: one whose disk was put back holds them no more, can't tell that,
// and learns it by nothing else (caution.go).
func (c *community) withOwnFeed(known map[store.DocID][]store.Tip, device [32]byte) {
	parts := map[string]uint64{}
	for doc := range known {
		if p, err := govern.ParsePath(doc); err == nil && p.Part > 0 {
			parts[p.Author] = max(parts[p.Author], p.Part)
		}
	}
	for a, of := range c.writers() {
		if part := parts[a.String()]; of == device && part > 0 {
			delete(known, c.ledger.Doc(a, part))
		}
	}
}

// readBundle takes in a bundle that its sender has signed, or, if anything is
// wrong with it or with the sender, nothing of it. What stands in it is judged
// as if it came over a link from that device: by the same gate and policy.
func (c *community) readBundle(ctx context.Context, r io.Reader) (received int, from string, err error) {
	f, err := c.scratchOf(r, maxBundle)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	return c.readScratch(ctx, f)
}

// readScratch is readBundle from a copy of one's own.
func (c *community) readScratch(ctx context.Context, f scratch) (received int, from string, err error) {
	b, err := bundle.Open(f, c.node.device.Load().Identity)
	if err != nil {
		return 0, "", bundleFault(err)
	}
	d, err := c.sender(b.Header)
	if err != nil {
		return 0, "", err
	}
	got, err := crdtsync.Import(ctx, c.mesh.config(d.Device), b.Frames())
	if err != nil {
		c.node.log.Warn("a bundle ended before its end", "device", deviceText(d.Device), "err", err.Error())
		return 0, "", bundleFault(err)
	}
	if err := c.shownBy(ctx, d.Device, b.Made, got); err != nil {
		return got.Admitted, d.Name, err
	}
	c.tend.poke()
	err = c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error { return noteBundle(tx, d.Device, b.Made, c.node.now()) })
	return got.Admitted, d.Name, errors.Join(err, c.mesh.note(d.Device, 0, int64(got.Admitted), "usb"))
}

// sender asks the charter about a bundle whose signature is good. Faults:
// bundle.community, bundle.recipient, bundle.stranger, bundle.revoked.
func (c *community) sender(h bundle.Header) (govern.Enrolled, error) {
	self := c.node.device.Load().Public()
	if h.Community != c.charter.Community() {
		return govern.Enrolled{}, fault.New("bundle.community")
	}
	if [32]byte(h.To) != self {
		return govern.Enrolled{}, fault.New("bundle.recipient")
	}
	d, ok := c.charter.Device([32]byte(h.From))
	if !ok {
		return govern.Enrolled{}, fault.New("bundle.stranger")
	}
	if !c.mesh.admits(d.Device) {
		return govern.Enrolled{}, fault.New("bundle.revoked", "name", d.Name)
	}
	return d, nil
}

// noteBundle notes that a device was met, at the moment at which it made its
// bundle: an old one that turns up again says nothing about today.
func noteBundle(tx *store.Tx, device [32]byte, made, now int64) error {
	known, err := heldBy(tx)
	if err != nil || known[device].at >= min(made, now) {
		return err
	}
	return noteHeldBy(tx, device, 0, min(made, now), "usb")
}

// scratch is a file of this device's own, encrypted, which nobody swaps between
// the examination and the use. It is gone when it is closed.
type scratch struct{ *os.File }

const scratchName = "bundle-*"

// scratch makes an empty one.
func (c *community) scratch() (scratch, error) {
	f, err := os.CreateTemp(c.node.cfg.Data, scratchName)
	if err != nil {
		return scratch{}, storeFault(err)
	}
	return scratch{f}, nil
}

// Close closes and removes the file.
func (k scratch) Close() error { return errors.Join(k.File.Close(), os.Remove(k.Name())) }

// scratchOf copies a bundle of at most limit bytes. Faults: bundle.large, bundle.space, stick.read.
func (c *community) scratchOf(r io.Reader, limit int64) (scratch, error) {
	f, err := c.scratch()
	if err != nil {
		return f, err
	}
	n, err := io.Copy(f, &source{r: io.LimitReader(r, limit+1)})
	if err == nil && n > limit {
		err = fault.New("bundle.large", "limit", limit)
	}
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	return scratch{}, spaceFault(err)
}

func spaceFault(err error) error {
	if full(err) {
		return fault.New("bundle.space")
	}
	return err
}

// dropScratch removes what a program that was killed has left.
func dropScratch(dir string) error {
	list, err := filepath.Glob(filepath.Join(dir, scratchName))
	for _, p := range list {
		err = errors.Join(err, os.Remove(p))
	}
	return err
}

// source tells a stick that fails from a disk that fails.
type source struct{ r io.Reader }

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fault.New("stick.read")
	}
	return n, err
}

func bundleFault(err error) error {
	switch {
	case errors.Is(err, bundle.ErrMalformed):
		return fault.New("bundle.bad")
	case errors.Is(err, bundle.ErrOlder):
		return fault.New("bundle.old")
	case errors.Is(err, bundle.ErrForged):
		return fault.New("bundle.forged")
	case errors.Is(err, bundle.ErrNewer), errors.Is(err, crdtsync.ErrNewer):
		return fault.New("bundle.newer")
	case errors.Is(err, bundle.ErrRecipient):
		return fault.New("bundle.recipient")
	case errors.Is(err, bundle.ErrDamaged), errors.Is(err, crdtsync.ErrMalformed):
		return fault.New("bundle.damaged")
	case errors.Is(err, crdtsync.ErrCommunity):
		return fault.New("bundle.community")
	case errors.Is(err, crdtsync.ErrOlder):
		return fault.New("bundle.old")
	case errors.Is(err, crdtsync.ErrOrder), errors.Is(err, crdtsync.ErrTooLarge), errors.Is(err, crdtsync.ErrRefused), errors.Is(err, crdtsync.ErrFlood):
		return fmt.Errorf("%w: %w", fault.New("bundle.broken"), err) // a link would be cut
	}
	return err
}

type exchangeRequest struct {
	Path string `json:"path"`
}

type exchangeReply struct {
	Received int `json:"received"`
	Sent     int `json:"sent"`
	Files    int `json:"files"`
}

// exchange is the one button at the stick: take in what is for this device,
// then leave what the others lack. A bundle that is refused holds up neither the
// others nor what is left here, else two devices with files of an old program on
// one stick would never get past them; it is told at the end.
func (c *community) exchange(ctx context.Context, r exchangeRequest) (exchangeReply, error) {
	var out exchangeReply
	info, err := os.Stat(r.Path)
	if err != nil || !info.IsDir() || !filepath.IsAbs(r.Path) {
		return out, fault.New("stick.missing")
	}
	dir := filepath.Join(r.Path, stickFolder)
	refused, err := c.readStick(ctx, dir, &out)
	if err != nil {
		return out, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return out, fault.New("stick.write")
	}
	for _, d := range c.charter.Devices() {
		if d.Revoked || d.Device == c.node.device.Load().Public() {
			continue
		}
		n, err := c.leaveOn(ctx, dir, d)
		if err != nil {
			return out, err
		}
		out.Sent += n
		out.Files++
	}
	return out, refused
}

// readStick returns why a bundle was refused apart from why nothing more can be
// read.
func (c *community) readStick(ctx context.Context, dir string, out *exchangeReply) (refused, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.New("stick.read")
	}
	self := c.node.device.Load().Public()
	mine := hex.EncodeToString(self[:8])
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-"+mine+bundleSuffix) {
			continue
		}
		n, err := c.readFile(ctx, filepath.Join(dir, e.Name()))
		switch f, ok := errors.AsType[*fault.Fault](err); {
		case ok && strings.HasPrefix(f.Code, "bundle."):
			refused = f
		case err != nil:
			return nil, err
		}
		out.Received += n
	}
	return refused, nil
}

func (c *community) readFile(ctx context.Context, path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fault.New("stick.read")
	}
	defer f.Close()
	n, _, err := c.readBundle(ctx, f)
	return n, err
}

// leaveOn writes one bundle beside the old one and then takes its place: a
// stick that is pulled out too early keeps the old file.
func (c *community) leaveOn(ctx context.Context, dir string, d govern.Enrolled) (n int, err error) {
	self := c.node.device.Load().Public()
	path := filepath.Join(dir, fmt.Sprintf("%x-%x%s", self[:8], d.Device[:8], bundleSuffix))
	f, err := os.Create(path + ".new")
	if err != nil {
		return 0, fault.New("stick.write")
	}
	n, err = c.writeBundle(ctx, d.Device, f)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		_ = os.Remove(path + ".new")
		return 0, errors.Join(fault.New("stick.write"), err)
	}
	return n, nil
}

type drive struct {
	Path string `json:"path"`
	Name string `json:"name"`
	Free int64  `json:"free"`
}

type drivesReply struct {
	Drives []drive `json:"drives"`
}

// stickRoots are where systems mount sticks.
var stickRoots = []string{"/media", "/run/media", "/Volumes"}

// drives lists what may be a stick: mount points two levels below the roots.
func (c *community) drives(context.Context, none) (drivesReply, error) {
	out := drivesReply{Drives: []drive{}}
	for _, root := range stickRoots {
		for _, pattern := range []string{"*", "*/*"} {
			list, err := filepath.Glob(filepath.Join(root, pattern))
			if err != nil {
				return out, err
			}
			for _, p := range list {
				if isMount(p) {
					out.Drives = append(out.Drives, drive{Path: p, Name: filepath.Base(p), Free: freeSpace(p)})
				}
			}
		}
	}
	return out, nil
}
