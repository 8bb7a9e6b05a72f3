package admit

import (
	"context"
	"errors"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// ErrNotHeld: no such change is here.
var ErrNotHeld = errors.New("admit: this change is not held")

// Again judges a change of a feed that is held already, as a device would that
// holds what lies before it in that feed and everything else that is here:
// somebody says that it is invalid, and this device looks for itself. The
// verdict is Refused with its reason, Waits where it can't be judged, or Known:
// it is valid. Nothing is written. Errors: ErrNotHeld, ErrDocument for what is no
// feed, the store's.
func Again(ctx context.Context, st *store.Store, r Rules, doc store.DocID, a wire.Actor, seq uint64) (v Verdict, err error) {
	shape, err := check(r, doc, nil)
	if err != nil {
		return v, err
	}
	if shape != store.Feed {
		return v, ErrDocument
	}
	err = st.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		have, found, err := store.At(tx, doc, a, seq)
		if err != nil || !found {
			return errors.Join(err, notHeld(found))
		}
		p := parse("", []seal.Sealed{have.Sealed})[0]
		if p.cert, err = store.Certificate(tx, a); err != nil {
			return err
		}
		if v, err = newDesk(tx, r, doc, shape).heldAgain(p); v.Status == 0 {
			v.Status = Known
		}
		v.Hash = have.Hash
		return err
	})
	return v, err
}

func notHeld(found bool) error {
	if found {
		return nil
	}
	return ErrNotHeld
}

func (d *desk) heldAgain(p *piece) (Verdict, error) {
	switch {
	case p.bad != "":
		return refused(p.bad), nil
	case p.cert == nil:
		return waits(reasonCertificate), nil
	}
	return d.byItsPast(p)
}
