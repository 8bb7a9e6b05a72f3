package node

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"jishan/app/govern"
	"jishan/crdt/seal"
)

// Written says how far a data folder at rest has been written, of which community and
// by which device.
type Written struct {
	Dir       string
	Home      bool // the device's own folder
	Community string
	Own       bool   // it holds this device's key
	made      int64  // when its incarnation began
	commit    uint64 // the last that its lock file knows of
}

// After tells whether one folder goes on where the other one stopped: of two copies,
// the one that was written to. The device's own folder is never a copy.
func (w Written) After(o Written) bool {
	if o.Home || w.made != o.made {
		return !o.Home && w.made > o.made
	}
	return w.commit > o.commit
}

// Written reads the folder of a community in which this device is a guest.
func (n *Node) Written(dir string) (w Written, err error) {
	w.Dir = dir
	if w.Community, err = BelongsTo(dir); err != nil {
		return w, err
	}
	own, err := os.ReadFile(filepath.Join(n.cfg.Data, govern.DeviceFile))
	if err != nil {
		return w, err
	}
	key, err := os.ReadFile(filepath.Join(dir, govern.DeviceFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // without one it is nobody's
		return w, err
	}
	w.Own = bytes.Equal(own, key)
	inc, err := loadIncarnation(dir)
	if err != nil {
		return w, err
	}
	if inc != nil {
		w.made = inc.Made
	}
	lock, err := seal.ReadLock(filepath.Join(dir, lockFile))
	if errors.Is(err, seal.ErrNoLock) { // a new incarnation is made when it is opened
		err = nil
	}
	w.commit = lock.Commit
	return w, err
}

// Folder is the node's data folder.
func (n *Node) Folder() string { return n.cfg.Data }
