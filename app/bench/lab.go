package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// lab is where one run takes place: a folder, sizes, and what was found.
type lab struct {
	dir    string
	n      sizes
	rand   *rand.ChaCha8
	result Result
}

// seed makes keys and ids the same in every run, so that sizes in bytes can be
// compared between runs. (age draws its own randomness.)
var seed = [32]byte([]byte("jishan bench, always the same  1"))

func newLab(dir string, n sizes) *lab {
	return &lab{dir: dir, n: n, rand: rand.NewChaCha8(seed)}
}

func (l *lab) note(text string, why error) {
	l.result.Notes = append(l.result.Notes, fmt.Sprintf("%s: %v", text, why))
}

// folder makes a data folder.
func (l *lab) folder(name string) (string, error) {
	dir := filepath.Join(l.dir, name)
	return dir, os.MkdirAll(dir, 0o700)
}

func now() int64 { return time.Now().UnixMilli() }

// subject makes a new id.
func (l *lab) subject() (s ledger.Subject) {
	_, _ = l.rand.Read(s[:]) // ChaCha8 never fails
	return s
}

// identity is what makes a folder a device of a community.
type identity struct {
	dir string
	key *govern.Device
	inc seal.Incarnation
}

func newIdentity(dir string, random io.Reader) (identity, error) {
	key, err := govern.LoadOrCreateDevice(dir, random)
	if err != nil {
		return identity{}, err
	}
	inc, err := seal.NewIncarnation(random, key.Private, now())
	return identity{dir, key, inc}, err
}

// device is a running device without screens and network.
type device struct {
	identity
	store   *store.Store
	charter *govern.Charter
	ledger  *ledger.Ledger
}

// open opens the identity's folder: the store with governance and ledger as
// its projections.
func (id identity) open(ctx context.Context, community string, random io.Reader) (*device, error) {
	d := &device{identity: id, charter: govern.New(community)}
	d.charter.Use(id.key)
	d.ledger = ledger.New(id.inc.Actor(), community, law.Governance{Charter: d.charter})
	var err error
	d.store, err = store.Open(ctx, store.Config{
		Path: filepath.Join(id.dir, "jishan.db"), Clock: now, Rand: random,
		Incarnation: &d.inc, Lock: &seal.LockFile{Path: filepath.Join(id.dir, "incarnation.lock")},
		Projectors: []store.Projector{d.charter, d.ledger}, Shape: d.charter.Shape,
	})
	if err != nil {
		return nil, err
	}
	if err := d.charter.Open(ctx, d.store); err != nil {
		return nil, fmt.Errorf("%w (closing: %v)", err, d.store.Close())
	}
	return d, nil
}

// operator stands for the person at the screen: an id text of the usual length.
const operator = "04hg2ciga5r5a1mtcmr4kctkpg"

func (d *device) write(ctx context.Context, fn func(*store.Tx) error) error {
	return d.store.Update(ctx, store.Author{Operator: operator, Context: d.charter.Head}, fn)
}

// office founds a community in a new folder and returns the registrar's device.
func (l *lab) office(ctx context.Context, name string) (*device, error) {
	dir, err := l.folder(name)
	if err != nil {
		return nil, err
	}
	id, err := newIdentity(dir, l.rand)
	if err != nil {
		return nil, err
	}
	f, err := govern.Found(l.rand, now(), govern.GenesisRequest{
		Community: "柳溪社区", Office: "社区办公室", Grids: []string{"第一网格"}, Device: id.key, Incarnation: id.inc.Certificate,
	})
	if err != nil {
		return nil, err
	}
	d, err := id.open(ctx, f.Community, l.rand)
	if err != nil {
		return nil, err
	}
	return d, d.write(ctx, func(tx *store.Tx) error {
		cert := store.Item{ID: id.inc.ID(), Blob: id.inc.Certificate.Encode()}
		if _, err := tx.SetAdd(store.SetIncarnation, cert); err != nil {
			return err
		}
		return d.charter.Establish(tx, f)
	})
}

// station makes the identity of a second staff device and enrols it.
func (l *lab) station(ctx context.Context, office *device, name string) (identity, error) {
	dir, err := l.folder(name)
	if err != nil {
		return identity{}, err
	}
	id, err := newIdentity(dir, l.rand)
	if err != nil {
		return id, err
	}
	return id, office.write(ctx, func(tx *store.Tx) error {
		_, err := office.charter.Certify(tx, govern.Enrol{
			Device: id.key.Public(), Role: govern.Station, Name: "服务站电脑", PlaceName: "服务站", Recipient: id.key.Recipient(),
		})
		return err
	})
}
