package node

import (
	"strings"

	"jishan/app/govern"
	"jishan/crdt/store"
)

// What a revoked device recorded and nobody had seen is held and shows nowhere
// (crdt/store/mask.go). Here it is counted, so that somebody who knows what happened
// can record it again.

// unseen is what of one device does not count in one document.
type unseen struct {
	At   int64  `json:"at"` // of the last change, by that device's clock
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
		if p, err := govern.ParsePath(m.Doc); err == nil {
			x.Kind = p.Row.Doc
		}
		out = append(out, x)
	}
	return out, err
}
