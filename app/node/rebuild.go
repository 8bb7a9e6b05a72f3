package node

import (
	"context"
	"errors"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// Rebuild makes everything derived in a data folder at rest anew from its
// changes, and returns the digests of the tables before and after. Nothing
// else runs meanwhile: no links, no chores. Faults: app.phase when the folder
// belongs to no community yet, and those of Open.
func Rebuild(ctx context.Context, cfg Config) (before, after store.Digests, err error) {
	l, device, err := whose(cfg)
	if err != nil {
		return before, after, err
	}
	if l.Community == "" {
		return before, after, fault.New("app.phase", "phase", "new")
	}
	n := &Node{cfg: cfg, log: cfg.Log, hub: newHub(), local: l}
	n.device.Store(device)
	c, err := n.assemble(ctx, l.Community)
	if err != nil {
		return before, after, err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	if before, err = c.store.ProjectionDigest(ctx); err != nil {
		return before, after, storeFault(err)
	}
	if err = c.store.Rebuild(ctx); err != nil {
		return before, after, storeFault(err)
	}
	after, err = c.store.ProjectionDigest(ctx)
	return before, after, storeFault(err)
}
