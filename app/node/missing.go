package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The lock file knows how many commits this device has acknowledged. A database
// that holds fewer was put back, or has lost its write-ahead log: a backup program
// or somebody who copies files takes jishan.db alone. A new incarnation begins, and
// the screen says what is missing until somebody has read it. What reached another
// device comes back by sync.

const (
	missingFile    = "missing.json"
	missingVersion = 1
)

// LockFile is the lock file's name in a data folder.
const LockFile = lockFile

// missing is what the lock file knew more than the database, in a file of its own:
// it is written before the new incarnation begins, which makes the lock anew.
type missing struct {
	Version      int      `json:"version"`
	Incarnations []string `json:"incarnations"` // that wrote it, in hexadecimal
	Commits      uint64   `json:"commits"`      // at least so many entries are missing
	At           int64    `json:"at"`
}

// missingReply is what the screen says of it.
type missingReply struct {
	Entries int64 `json:"entries"` // at least so many are missing
	Back    int64 `json:"back"`    // have come back from other devices so far
	At      int64 `json:"at"`
	Others  bool  `json:"others"` // there are other devices that may have them
}

// loadMissing reads the file; nil if there is none.
func loadMissing(dir string) (*missing, error) {
	b, err := os.ReadFile(filepath.Join(dir, missingFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &missing{}
	if err := json.Unmarshal(b, m); err != nil || m.Version != missingVersion {
		return nil, fault.New("data.settings", "file", missingFile)
	}
	return m, nil
}

// Missing is how many entries at least a data folder lacks that this device has
// acknowledged, since it began its last incarnation; until somebody has read it.
func Missing(dir string) (uint64, error) {
	m, err := loadMissing(dir)
	if m == nil {
		return 0, err
	}
	return m.Commits, nil
}

// noteMissing keeps what a start found missing. One that was found before and
// not read yet counts with it.
func (n *Node) noteMissing(old wire.Actor, commits uint64) error {
	m, err := loadMissing(n.cfg.Data)
	if m == nil { // what can't be read is made anew
		m = &missing{Version: missingVersion}
	}
	if err != nil {
		n.log.Warn("what was missing before can't be read", "err", err.Error())
	}
	m.Incarnations, m.Commits, m.At = append(m.Incarnations, old.String()), m.Commits+commits, n.now()
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(n.cfg.Data, missingFile), b, 0o600)
}

// missing tells what is missing, nil if nothing is.
func (c *community) missing(ctx context.Context) (*missingReply, error) {
	m, err := loadMissing(c.node.cfg.Data)
	if m == nil {
		return nil, err
	}
	out := &missingReply{Entries: int64(m.Commits), At: m.At, Others: len(c.charter.Devices()) > 1}
	err = c.view(ctx, func(q store.Querier) error {
		for _, text := range m.Incarnations {
			a, err := hex.DecodeString(text)
			if err != nil || len(a) != len(wire.Actor{}) {
				continue
			}
			n, err := store.Received(q, wire.Actor(a))
			if err != nil {
				return err
			}
			out.Back += n
		}
		return nil
	})
	return out, err
}

// missingSeen is somebody's word that he has read what is missing.
func (c *community) missingSeen(context.Context, none) (none, error) {
	err := os.Remove(filepath.Join(c.node.cfg.Data, missingFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	c.node.hub.tell("state")
	return none{}, err
}
