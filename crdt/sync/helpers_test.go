package sync

import (
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

func sealed(list []store.Stored) (out []seal.Sealed) {
	for _, c := range list {
		out = append(out, c.Sealed)
	}
	return out
}
