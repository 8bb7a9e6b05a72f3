package node

import (
	"context"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// What a revoked device recorded and nobody had seen is held and shows nowhere
// (crdt/store/mask.go). Here it is counted, so that somebody who knows what happened
// can record it again.

// unseen is what of one device does not count in one document.
type unseen struct {
	At   int64  `json:"at"` // of the last change, by that device's clock
	ID   string `json:"id"` // of the device
	From string `json:"from"`
	N    int    `json:"n"`
	Kind string `json:"kind"` // of document
	Doc  string `json:"doc"`
}

func (c *community) unseenWork(q store.Querier) ([]unseen, error) {
	out := []unseen{}
	list, err := store.MaskedWork(q)
	for _, m := range list {
		_, path, _ := strings.Cut(string(m.Doc), "/")
		x := unseen{At: m.At, From: c.deviceName(m.Actor), N: m.N, Doc: path}
		if pub, known, err := c.charter.DeviceOf(q, m.Actor); err != nil {
			return nil, err
		} else if known {
			x.ID = deviceText(pub)
		}
		if p, err := govern.ParsePath(m.Doc); err == nil {
			x.Kind = p.Row.Doc
		}
		out = append(out, x)
	}
	return out, err
}

// countUnseen is the office's word that what is here of a revoked device was honest
// work: it counts from now on, everywhere. Faults: devices.unknown, devices.unseen.none,
// govern.registrar.only.
func (c *community) countUnseen(ctx context.Context, r idRequest) (none, error) {
	return c.wordOn(ctx, r.ID, func(tx *store.Tx, pub [32]byte) error {
		list, err := c.unseenWork(tx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(x unseen) bool { return x.ID == r.ID }) {
			return fault.New("devices.unseen.none")
		}
		if err := c.letKeysIn(tx, pub); err != nil {
			return err
		}
		return c.charter.Count(tx, pub)
	})
}
