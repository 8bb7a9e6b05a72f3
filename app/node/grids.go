package node

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// The grids of a community: the parts in which grid workers look after people.

type gridWish struct {
	ID   string `json:"id"` // "" for a new one
	Name string `json:"name"`
}

// saveGrids makes a list the community's grids: what it lacks is removed, a new name
// renames. Faults: govern.grid.bad {name}, govern.grid.many {max}, govern.grid.used {name, n} of one
// that has people, govern.registrar.only.
func (c *community) saveGrids(ctx context.Context, r struct {
	Grids []gridWish `json:"grids"`
}) (gridsReply, error) {
	have, err := c.people.Grids(ctx)
	if err != nil {
		return gridsReply{}, err
	}
	if len(r.Grids) > govern.MaxGrids {
		return gridsReply{}, fault.New("govern.grid.many", "max", govern.MaxGrids)
	}
	var names []string
	for i, g := range r.Grids {
		name := strings.TrimSpace(g.Name)
		if !govern.GridName(name) || slices.Contains(names, name) || g.ID != "" && slices.ContainsFunc(r.Grids[:i], func(o gridWish) bool { return o.ID == g.ID }) {
			return gridsReply{}, fault.New("govern.grid.bad", "name", clip(name, 40))
		}
		names = append(names, name)
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		now := c.charter.Settings().Grids
		var set []govern.Setting
		for i, g := range r.Grids {
			at := slices.IndexFunc(now, func(o govern.Grid) bool { return o.ID == g.ID })
			switch {
			case g.ID != "" && at < 0:
				return fault.New("govern.grid.bad", "name", names[i])
			case g.ID == "":
				var id [5]byte // one that no grid ever had: what was removed is still named in old notices and orders
				if _, err := io.ReadFull(c.node.cfg.Rand, id[:]); err != nil {
					return err
				}
				set = append(set, govern.GridSetting("g"+hex.EncodeToString(id[:]), names[i]))
			case now[at].Name != names[i]:
				set = append(set, govern.GridSetting(g.ID, names[i]))
			}
		}
		for _, g := range now {
			if slices.ContainsFunc(r.Grids, func(o gridWish) bool { return o.ID == g.ID }) {
				continue
			}
			for _, x := range have {
				if x.ID == g.ID && x.N > 0 {
					return fault.New("govern.grid.used", "name", g.Name, "n", x.N)
				}
			}
			set = append(set, govern.GridSetting(g.ID, ""))
		}
		if len(set) == 0 {
			return nil
		}
		return c.charter.SetPolicy(tx, set...)
	})
	if err != nil {
		return gridsReply{}, err
	}
	return c.grids(ctx, none{})
}
