package guest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"

	"jishan/app/fault"
	"jishan/app/node"
)

// A community's folder is this device's in that community as its own folder is at
// home: its incarnation writes from one database, beside one lock file. So a copy of
// one is not opened beside the other, or both would write on as one incarnation; and
// one that came from another machine holds another device's key, by which it would
// meet that one as its copy.

// refusal is a community's folder that is not opened, and why.
type refusal struct {
	dir, community string
	why            *fault.Fault
}

// original tells which of the folders to open, in order, and refuses the others:
// copies of one of them, of the device's own community, and other devices'.
func (d *Device) original(dirs []string) (open []string, err error) {
	best := map[string]node.Written{}
	if home := d.home.Community(); home != "" {
		best[home] = node.Written{Dir: d.cfg.Data, Home: true}
	}
	var all []node.Written
	for _, dir := range dirs {
		w, err := d.home.Written(dir)
		if err != nil { // its node says so in words
			open = append(open, dir)
			continue
		}
		all = append(all, w)
		if b, ok := best[w.Community]; w.Own && (!ok || w.After(b)) {
			best[w.Community] = w
		}
	}
	for _, w := range all {
		if !w.Own || best[w.Community].Dir != w.Dir {
			d.cfg.Log.Error("a copied folder of a community is not opened", "dir", filepath.Base(w.Dir), "own", w.Own)
		}
		switch {
		case !w.Own:
			d.refuse(w.Dir, w.Community, fault.New("visits.key", "folder", filepath.Base(w.Dir)))
		case best[w.Community].Dir != w.Dir:
			d.refuse(w.Dir, w.Community, fault.New("visits.copied", "folder", filepath.Base(w.Dir)))
		default:
			open = append(open, w.Dir)
		}
	}
	slices.SortFunc(open, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) // as numbers
	return open, nil
}

func (d *Device) refuse(dir, community string, why *fault.Fault) {
	d.mu.Lock()
	d.refused = append(d.refused, refusal{dir, community, why})
	d.mu.Unlock()
}

// refusals are the folders that are not open, as a list of communities shows them.
func (d *Device) refusals() (out []node.Visit) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, r := range d.refused {
		out = append(out, node.Visit{ID: r.community, Name: filepath.Base(r.dir), Fault: r.why})
	}
	return out
}

// anew lets a copied device begin as a new one. It leaves the communities in which it
// is a guest, whose certificates name the old key: their folders stay as they are.
// Faults: those of setup.anew, setup.anew.unsent{n} where something is only here.
func (d *Device) anew(ctx context.Context, params json.RawMessage) (any, error) {
	d.joining.Lock()
	defer d.joining.Unlock()
	d.mu.RLock()
	visits := slices.Clone(d.visits)
	d.mu.RUnlock()
	for _, n := range visits {
		v, ok, err := n.Visit(ctx)
		if err != nil {
			return nil, err
		}
		if ok && v.Sync.OnlyHere > 0 {
			return nil, fault.New("setup.anew.unsent", "n", v.Sync.OnlyHere)
		}
	}
	out, err := d.home.Call(ctx, "setup.anew", params)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.visits = nil
	d.mu.Unlock()
	var failed error
	for _, n := range visits {
		d.refuse(n.Folder(), n.Community(), fault.New("visits.key", "folder", filepath.Base(n.Folder())))
		failed = errors.Join(failed, n.Close())
	}
	return out, failed
}
