package node

import (
	"bytes"
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
	"jishan/crdt/wire"
	"jishan/p2p/bundle"
)

// stickFolder is where bundles lie on a stick; one file for each recipient, so
// that a stick can go round the village.
const stickFolder = "jishan"

const bundleSuffix = ".jishan"

// maxBundle bounds a bundle file that is read from a stick.
const maxBundle = 1 << 30

// writeBundle writes what a device is not known to hold.
func (c *community) writeBundle(ctx context.Context, to [32]byte, w io.Writer) (int, error) {
	recipient, ok := c.charter.Recipient(to)
	d, known := c.charter.Device(to)
	if !ok || !known || d.Revoked || to == c.node.device.Public() {
		return 0, fault.New("devices.unknown")
	}
	tips, err := c.knownTips(ctx, to)
	if err != nil {
		return 0, err
	}
	self := c.node.device.Public()
	h := bundle.Header{From: self[:], To: to[:], Community: c.charter.Community(), Made: c.node.now()}
	return bundle.Write(w, h, recipient, crdtsync.Export(ctx, c.mesh.config(to), tips))
}

// knownTips are the vectors that a device is known to hold.
func (c *community) knownTips(ctx context.Context, device [32]byte) (out map[store.DocID][]store.Tip, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		known, err := heldBy(q)
		if err != nil || known[device].upto == 0 {
			return err
		}
		rows, err := q.Query(`SELECT doc.id, actor.id, max(change.seq), change.hash FROM change JOIN doc ON doc.n = change.doc
			JOIN actor ON actor.n = change.actor WHERE change.n <= ? GROUP BY change.doc, change.actor`, known[device].upto)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = map[store.DocID][]store.Tip{}
		for rows.Next() {
			var id string
			var actor, hash []byte
			var t store.Tip
			if err := rows.Scan(&id, &actor, &t.Seq, &hash); err != nil {
				return err
			}
			t.Actor, t.Hash = wire.Actor(actor), wire.Hash(hash)
			out[store.DocID(id)] = append(out[store.DocID(id)], t)
		}
		return rows.Err()
	})
	return out, err
}

// readBundle takes in a bundle, wholly or, if it is damaged, not at all.
func (c *community) readBundle(ctx context.Context, r io.ReadSeeker) (received int, from string, err error) {
	b, err := bundle.Open(r, c.node.device.Identity)
	if err != nil {
		return 0, "", bundleFault(err)
	}
	if b.Community != c.charter.Community() {
		return 0, "", fault.New("bundle.community")
	}
	peer := [32]byte(b.From)
	d, ok := c.charter.Device(peer)
	if !ok {
		return 0, "", fault.New("bundle.stranger")
	}
	got, err := crdtsync.Import(ctx, c.mesh.config(peer), b.Frames())
	if err != nil {
		return 0, "", bundleFault(err)
	}
	c.tend.poke()
	err = c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error { return noteHeldBy(tx, peer, 0, c.node.now(), "usb") })
	return got.Admitted, d.Name, errors.Join(err, c.mesh.note(peer, 0, int64(got.Admitted), "usb"))
}

func bundleFault(err error) error {
	switch {
	case errors.Is(err, bundle.ErrMalformed):
		return fault.New("bundle.bad")
	case errors.Is(err, bundle.ErrNewer), errors.Is(err, crdtsync.ErrNewer):
		return fault.New("bundle.newer")
	case errors.Is(err, bundle.ErrRecipient):
		return fault.New("bundle.recipient")
	case errors.Is(err, bundle.ErrDamaged), errors.Is(err, crdtsync.ErrMalformed):
		return fault.New("bundle.damaged")
	case errors.Is(err, crdtsync.ErrCommunity):
		return fault.New("bundle.community")
	}
	return err
}

type importReply struct {
	Received int    `json:"received"`
	From     string `json:"from"`
}

func (c *community) importBundle(ctx context.Context, r fileRequest) (importReply, error) {
	b, err := r.bytes()
	if err != nil {
		return importReply{}, err
	}
	n, from, err := c.readBundle(ctx, bytes.NewReader(b))
	return importReply{n, from}, err
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
// then leave what the others lack.
func (c *community) exchange(ctx context.Context, r exchangeRequest) (exchangeReply, error) {
	var out exchangeReply
	info, err := os.Stat(r.Path)
	if err != nil || !info.IsDir() || !filepath.IsAbs(r.Path) {
		return out, fault.New("stick.missing")
	}
	dir := filepath.Join(r.Path, stickFolder)
	if err := c.readStick(ctx, dir, &out); err != nil {
		return out, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return out, fault.New("stick.write")
	}
	for _, d := range c.charter.Devices() {
		if d.Revoked || d.Device == c.node.device.Public() {
			continue
		}
		n, err := c.leaveOn(ctx, dir, d)
		if err != nil {
			return out, err
		}
		out.Sent += n
		out.Files++
	}
	return out, nil
}

func (c *community) readStick(ctx context.Context, dir string, out *exchangeReply) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.New("stick.read")
	}
	self := c.node.device.Public()
	mine := hex.EncodeToString(self[:8])
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-"+mine+bundleSuffix) {
			continue
		}
		n, err := c.readFile(ctx, filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		out.Received += n
	}
	return nil
}

func (c *community) readFile(ctx context.Context, path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fault.New("stick.read")
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > maxBundle {
		return 0, fault.New("bundle.bad")
	}
	n, _, err := c.readBundle(ctx, f)
	return n, err
}

// leaveOn writes one bundle beside the old one and then takes its place: a
// stick that is pulled out too early keeps the old file.
func (c *community) leaveOn(ctx context.Context, dir string, d govern.Enrolled) (n int, err error) {
	self := c.node.device.Public()
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
