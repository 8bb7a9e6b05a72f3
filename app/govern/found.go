package govern

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// OfficePlace is the id of the place where the community was founded.
const OfficePlace = "office"

// officePlaceName is what the office's place is called until the registrar
// names it otherwise, if the founder gave it no name.
const officePlaceName = "社区办公室"

// GenesisRequest is what a community is founded from.
type GenesisRequest struct {
	Community   string // 柳溪社区; at most 200 bytes
	Parent      string // street, district, city; may be empty
	Office      string // name of the office's device
	Place       string // name of the place it stands at; "" = 社区办公室
	Grids       []string
	Level       string // "" a community; else one of Levels
	Device      *Device
	Incarnation seal.Certificate // of the registrar's first writer
	Standby     *[32]byte        // a device that may take over, if known already
}

// Levels are the offices above communities.
var Levels = []string{"street", "district"}

// Founding is a founded community that is not on disk yet.
type Founding struct {
	Community string      // id text
	Value     []byte      // the first value of gov/1
	Recovery  RecoveryKey // printed, then forgotten
	Keyring   Keyring
}

// Found makes a community: its genesis, the office's certificate and the
// policy so far, all in one value, over which the community's id is a hash.
// Write it with [Charter.Establish]. now is in milliseconds. Faults:
// govern.name.bad, govern.grid.bad, govern.level.bad.
func Found(rand io.Reader, now int64, req GenesisRequest) (Founding, error) {
	if err := req.check(); err != nil {
		return Founding{}, err
	}
	recovery, err := NewRecoveryKey(rand)
	if err != nil {
		return Founding{}, err
	}
	ring, err := NewKeyring(rand)
	if err != nil {
		return Founding{}, err
	}
	wrapped, err := ring.Wrap(req.Device.Recipient())
	if err != nil {
		return Founding{}, err
	}
	g := Genesis{
		Made: now, Name: strings.TrimSpace(req.Community), Parent: strings.TrimSpace(req.Parent), Recovery: recovery.Public(),
		Device: req.Device.Public(), Incarnation: req.Incarnation.Encode(),
	}
	if _, err := io.ReadFull(rand, g.Nonce[:]); err != nil {
		return Founding{}, err
	}
	cert := Cert{
		Device: g.Device, Role: Office, Name: strings.TrimSpace(req.Office), Place: OfficePlace,
		Recipient: req.Device.Recipient(), Keyring: wrapped,
	}
	entries := []Entry{g, cert, Policy{Settings: req.settings()}}
	if req.Standby != nil {
		entries = append(entries, Standby{Device: *req.Standby})
	}
	value, err := EncodeValue(entries...)
	return Founding{Community: CommunityID(value), Value: value, Recovery: recovery, Keyring: ring}, err
}

func (r GenesisRequest) check() error {
	if err := nameFault("govern.name.bad", r.Community); err != nil {
		return err
	}
	if err := nameFault("govern.name.bad", r.Office); err != nil {
		return err
	}
	if r.Place != "" {
		if err := nameFault("govern.name.bad", r.Place); err != nil {
			return err
		}
	}
	if !text(r.Parent, maxName) || !PlainLine(r.Parent) || len(r.Grids) > MaxGrids {
		return fault.New("govern.name.bad", "limit", maxName)
	}
	if r.Level != "" && !slices.Contains(Levels, r.Level) {
		return fault.New("govern.level.bad")
	}
	for i, g := range r.Grids {
		if !GridName(g) || slices.Contains(r.Grids[:i], g) {
			return fault.New("govern.grid.bad", "name", g)
		}
	}
	return nil
}

// MaxGrids bounds the parts of a community; real ones have below thirty.
const MaxGrids = 500

// GridName tells whether a grid may be called so.
func GridName(name string) bool { return nameFault("", name) == nil }

func nameFault(code, name string) error {
	if strings.TrimSpace(name) == "" || !text(name, maxName) || !PlainLine(name) {
		return fault.New(code, "limit", maxName)
	}
	return nil
}

func (r GenesisRequest) settings() []Setting {
	out := []Setting{{Key: keyPlace + OfficePlace, Text: cmp.Or(strings.TrimSpace(r.Place), officePlaceName)}}
	if r.Level != "" {
		out = append(out, Setting{Key: keyLevel, Text: r.Level})
	}
	if street := strings.TrimSpace(r.Parent); r.Level == "" && street != "" { // asked for as 街道/镇; partners are shown it
		out = append(out, Setting{Key: keyStreet, Text: street})
	}
	for i, g := range r.Grids {
		out = append(out, Setting{Key: fmt.Sprintf("%sg%d", keyGrid, i+1), Text: strings.TrimSpace(g)})
	}
	return out
}

// Establish writes the genesis as the first change of gov/1, in the store
// whose incarnation the genesis names.
func (c *Charter) Establish(tx *store.Tx, g Founding) error {
	if g.Community != c.community {
		return fmt.Errorf("govern: genesis of %s in the charter of %s", g.Community, c.community)
	}
	_, err := tx.Append(c.Doc("gov/1"), "govern.found", g.Value)
	return err
}
