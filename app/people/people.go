package people

import (
	"context"
	"crypto/ed25519"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"jishan/app/govern"
	"jishan/crdt/store"
)

// Config is what people stands on.
type Config struct {
	Charter *govern.Charter
	Bank    Bank
	Device  ed25519.PrivateKey // signs cards
	Rand    io.Reader          // keys, nonces, ids of households
	Clock   func() int64       // milliseconds; nil is the machine's
	// Write runs one transaction of this device under the operator's name.
	Write func(ctx context.Context, operator string, fn func(*store.Tx) error) error
}

// People offers the use cases. It is a projector of the store that is opened
// next; then call Open.
type People struct {
	Config
	charter *govern.Charter
	st      *store.Store
	dir     directory

	importing sync.Mutex  // one import at a time
	broken    atomic.Bool // one may have broken off
	sweep     atomic.Bool // keys have moved: one of an erased person may be among them
	marked    atomic.Bool // a transaction that is not committed yet says who was erased, or came back

	mu       sync.Mutex
	previews map[string]*preview
	tokens   []string        // of previews, oldest first
	paid     map[ID]bool     // whose registration or opening was seen in the ledger
	made     map[ID]keyRef   // the newest key that this device made for a person
	owners   map[[32]byte]ID // whose key an item of the vault is
	baseDone basePaid
}

// New returns the room; nothing is read before Open.
func New(cfg Config) *People {
	p := &People{Config: cfg, charter: cfg.Charter, previews: map[string]*preview{}, paid: map[ID]bool{}, made: map[ID]keyRef{}, owners: map[[32]byte]ID{}}
	p.dir.init()
	p.broken.Store(true)
	p.sweep.Store(true)
	return p
}

// Open reads everybody and follows the store's commits.
func (p *People) Open(ctx context.Context, st *store.Store) error {
	p.st = st
	if err := st.Update(ctx, store.Author{}, makeViews); err != nil {
		return err
	}
	st.OnCommit(func(c store.Commit) {
		if p.concerns(c) {
			// An error is kept: the next question gets it.
			_ = p.refresh(context.Background())
		}
	})
	if err := p.refresh(ctx); err != nil {
		return err
	}
	p.dir.settle()
	return nil
}

// concerns tells whether a commit moved people, their keys, or this device's
// keyring, and notes what: a commit may hold all of it at once.
func (p *People) concerns(c store.Commit) (moved bool) {
	if p.marked.Swap(false) { // whom a key belongs to may have come before who was erased
		p.sweep.Store(true)
	}
	if slices.Contains(c.Sets, VaultSet) {
		p.sweep.Store(true)
		p.dir.keysMoved()
		moved = true
	}
	for _, doc := range c.Docs {
		d, err := govern.ParsePath(doc)
		switch {
		case err != nil:
		case d.Term > 0:
			p.sweep.Store(true) // a newer keyring opens keys that came before it
			p.dir.keysMoved()
			moved = true
		case d.Row.Doc == cardDoc:
			p.dir.cardsMoved()
			moved = true
		case d.Row.Doc == "people":
			moved = true
		}
	}
	return moved
}

// registrar tells whether this device writes the community's charter.
func (p *People) registrar() bool {
	_, self, ok := p.charter.Registrar()
	return ok && self == p.st.Self()
}

func (p *People) now() int64 {
	if p.Clock == nil {
		return time.Now().UnixMilli()
	}
	return p.Clock()
}
