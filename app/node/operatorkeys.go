package node

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
)

// operatorsFile holds the keys of the people who work at this device, each
// sealed by its owner's PIN and the device's secret (docs/operators.md). Like
// device.key it stays on this machine and in no backup.
const operatorsFile = "operators.json"

const operatorsVersion = 1

// Limits of an operator's PIN.
const (
	minOperatorPIN = 4
	maxOperatorPIN = 8
)

// openerWaits is for how long a PIN is not tried again after so many wrong ones
// in a row; behind the last one it is locked until a lead unlocks it: of the
// 10,000 PINs of four digits somebody at the desk tries ten.
var openerWaits = [...]time.Duration{0, 0, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 0}

// keyHolder is somebody's key at this device.
type keyHolder struct {
	ID     string           `json:"id"`
	Name   string           `json:"name"`
	Role   string           `json:"role"` // asked for; the charter's word counts once it is there
	Key    string           `json:"key"`  // public, hexadecimal
	Sealed govern.SealedKey `json:"sealed"`
	Made   int64            `json:"made"`
	Tries  int              `json:"tries"`
	Until  int64            `json:"until"`  // milliseconds; no try before
	Resets uint64           `json:"resets"` // of the certificate under which the tries were counted
}

func (h keyHolder) id() govern.OperatorID {
	id, _ := govern.ParseOperatorID(h.ID) // checked when the file was read
	return id
}

func (h keyHolder) public() (pub [32]byte) {
	b, _ := hex.DecodeString(h.Key)
	copy(pub[:], b)
	return pub
}

func (h keyHolder) check() error {
	_, err := govern.ParseOperatorID(h.ID)
	if b, e := hex.DecodeString(h.Key); err != nil || e != nil || len(b) != 32 || govern.ParseOperatorRole(h.Role) == 0 {
		return fault.New("data.settings", "file", operatorsFile)
	}
	return nil
}

// openers are the people with keys at this device.
type openers struct {
	mu   sync.Mutex // held while a PIN is tried: one try at a time
	path string
	list []keyHolder
}

type openersFile struct {
	Version int         `json:"version"`
	People  []keyHolder `json:"people"`
}

func loadOpeners(dir string) (*openers, error) {
	o := &openers{path: filepath.Join(dir, operatorsFile)}
	b, err := os.ReadFile(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	var f openersFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fault.New("data.settings", "file", operatorsFile)
	}
	if f.Version > operatorsVersion {
		return nil, fault.New("data.newer", "found", operatorsFile, "known", operatorsVersion)
	}
	for _, h := range f.People {
		if err := h.check(); err != nil {
			return nil, err
		}
	}
	o.list = f.People
	return o, nil
}

// save replaces the file; the caller holds mu.
func (o *openers) save(list []keyHolder) error {
	b, err := json.MarshalIndent(openersFile{operatorsVersion, list}, "", " ")
	if err != nil {
		return err
	}
	if err := replaceFile(o.path, b, 0o600); err != nil {
		return err
	}
	o.list = list
	return nil
}

func (o *openers) all() []keyHolder {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.list)
}

func (o *openers) find(id string) (keyHolder, bool) {
	for _, h := range o.all() {
		if h.ID == id {
			return h, true
		}
	}
	return keyHolder{}, false
}

// put adds somebody's key in the place of the one he had here.
func (o *openers) put(h keyHolder) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(o.list), func(x keyHolder) bool { return x.ID == h.ID })
	return o.save(append(list, h))
}

// open tries a PIN. A try counts before it is made, so that a power cut gives
// nobody another one. resets is the certificate's: a higher number than the one
// under which tries were counted begins anew. Faults: operator.key.none,
// operator.pin.wrong{left}, operator.pin.wait{seconds}, operator.pin.locked.
func (o *openers) open(d *govern.Device, id, pin string, now int64, resets uint64) (keyHolder, ed25519.PrivateKey, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.list, func(h keyHolder) bool { return h.ID == id })
	if i < 0 {
		return keyHolder{}, nil, fault.New("operator.key.none")
	}
	h := o.list[i]
	if resets > h.Resets {
		h.Tries, h.Until, h.Resets = 0, 0, resets
	}
	if h.Tries >= len(openerWaits) {
		return h, nil, fault.New("operator.pin.locked")
	}
	if now < h.Until {
		return h, nil, fault.New("operator.pin.wait", "seconds", (h.Until-now+999)/1000)
	}
	h.Until = now + openerWaits[h.Tries].Milliseconds()
	h.Tries++
	if err := o.set(i, h); err != nil {
		return h, nil, err
	}
	key, err := h.Sealed.Open(d, h.id(), pin)
	if errors.Is(err, govern.ErrPIN) {
		return h, nil, wrongPIN(h, now)
	}
	if err != nil {
		return h, nil, err
	}
	h.Tries, h.Until = 0, 0
	return h, key, o.set(i, h)
}

func wrongPIN(h keyHolder, now int64) error {
	switch {
	case h.Tries >= len(openerWaits):
		return fault.New("operator.pin.locked")
	case h.Until > now:
		return fault.New("operator.pin.wait", "seconds", (h.Until-now+999)/1000)
	}
	return fault.New("operator.pin.wrong", "left", len(openerWaits)-h.Tries)
}

func (o *openers) set(i int, h keyHolder) error {
	list := slices.Clone(o.list)
	list[i] = h
	return o.save(list)
}

// newHolder draws a key for somebody at this device and seals it.
func (n *Node) newHolder(id govern.OperatorID, name string, role govern.OperatorRole, pin string) (keyHolder, ed25519.PrivateKey, error) {
	pin, err := operatorPIN(pin)
	if err != nil {
		return keyHolder{}, nil, err
	}
	pub, key, err := ed25519.GenerateKey(n.cfg.Rand)
	if err != nil {
		return keyHolder{}, nil, err
	}
	sealed, err := govern.SealOperatorKey(n.cfg.Rand, n.device.Load(), id, pin, key, n.sealCost())
	return keyHolder{ID: id.String(), Name: name, Role: role.String(), Key: hex.EncodeToString(pub), Sealed: sealed, Made: n.now()}, key, err
}

// operatorPIN returns a typed PIN in its one form. Faults: people.pin.bad{min,
// max}, people.pin.weak.
func operatorPIN(s string) (string, error) {
	return people.PlainPIN(s, minOperatorPIN, maxOperatorPIN)
}
