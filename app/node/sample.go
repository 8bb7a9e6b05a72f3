package node

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"jishan/app/activity"
	"jishan/app/people"
	"jishan/app/shop"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// sampleOperator is who sits at the sample office.
const sampleOperator = "陈样"

// sample founds the sample community on this device, to look around in. It is
// made the way a clerk would, by the same commands.
func (n *Node) sample(ctx context.Context, _ none) (none, error) {
	n.setup.Lock()
	defer n.setup.Unlock()
	if _, err := n.found(ctx, createRequest{Community: sampleName, Parent: sampleParent, Office: sampleOffice, Operator: sampleOperator, Grids: sampleGrids}); err != nil {
		return none{}, err
	}
	if err := n.change(func(l *local) { l.Sample = true }); err != nil {
		return none{}, err
	}
	c, err := n.here()
	if err != nil {
		return none{}, err
	}
	// The seed is fixed: everybody who looks at the sample sees the same people.
	return none{}, c.fillSample(ctx, rand.New(rand.NewPCG(1, 2)))
}

func (c *community) fillSample(ctx context.Context, rng *rand.Rand) error {
	if err := c.tend.budget(ctx); err != nil {
		return err
	}
	ids, err := c.samplePeople(ctx, rng)
	if err != nil {
		return err
	}
	if err := c.sampleShelf(ctx); err != nil {
		return err
	}
	if err := c.sampleDeeds(ctx, rng, ids); err != nil {
		return err
	}
	return c.sampleActivities(ctx, rng, ids)
}

// batch is how many sample commands share a transaction.
const batch = 50

// inBatches runs n steps, a batch of them in one transaction.
func (c *community) inBatches(ctx context.Context, n int, step func(tx *store.Tx, i int) error) error {
	for from := 0; from < n; from += batch {
		err := c.write(ctx, func(tx *store.Tx) error {
			for i := from; i < min(from+batch, n); i++ {
				if err := step(tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *community) samplePeople(ctx context.Context, rng *rand.Rand) ([]string, error) {
	ids := make([]string, samplePeople)
	grids := c.charter.Settings().Grids
	err := c.inBatches(ctx, samplePeople, func(tx *store.Tx, i int) error {
		g := rng.IntN(len(grids))
		r, err := c.people.RegisterIn(ctx, tx, people.NewPerson{
			Name:    string(sampleSurnames[rng.IntN(len(sampleSurnames))]) + sampleGiven[rng.IntN(len(sampleGiven))],
			Phone:   fmt.Sprintf("1390000%04d", i+1),
			Grid:    grids[g].ID,
			Address: fmt.Sprintf("%d-%d-%d0%d", 1+rng.IntN(8), 1+rng.IntN(4), 1+rng.IntN(6), 1+rng.IntN(3)),
			Skills:  sampleSkills[rng.IntN(len(sampleSkills))],
		})
		ids[i] = r.ID
		return err
	})
	return ids, err
}

func (c *community) sampleShelf(ctx context.Context) error {
	return c.inBatches(ctx, len(sampleGoods), func(tx *store.Tx, i int) error {
		g := sampleGoods[i]
		o, err := c.shop.Save(tx, shop.Offer{Name: g.name, Unit: g.unit, Kind: g.kind, Points: g.points, Icon: g.icon, Active: true,
			Minimum: min(5, max(0, g.stock)), Code: fmt.Sprintf("69000%03d", i+1)})
		if err != nil || g.kind != shop.Goods && g.kind != shop.Coupon {
			return err
		}
		_, err = c.shop.Receive(tx, o.ID, g.stock, "开张进货")
		return err
	})
}

// sampleDeeds lets everybody have earned something this month.
func (c *community) sampleDeeds(ctx context.Context, rng *rand.Rand, ids []string) error {
	s, err := c.getScheme(ctx, none{})
	if err != nil || len(s.Items) == 0 {
		return err
	}
	now := zone.In(c.node.now())
	today := now.Day()
	return c.inBatches(ctx, 420, func(tx *store.Tx, i int) error {
		item := s.Items[rng.IntN(min(4, len(s.Items)))]
		at := time.Date(now.Year(), now.Month(), 1+rng.IntN(today), 8+rng.IntN(9), 0, 0, 0, zone.China).UnixMilli()
		d := activity.Deed{Person: ids[rng.IntN(len(ids))], Item: item.Code, At: min(at, now.UnixMilli()), Minutes: 60 * (1 + rng.Int64N(3)), Line: fmt.Sprintf("样例 %d", i+1)}
		if item.Witness {
			d.Witness = "网格员"
		}
		_, err := c.activity.RecordDeed(tx, d, sampleOperator)
		return err
	})
}

var sampleActs = []struct {
	title, kind, place string
	day, hour, length  int
	places             int64
	people             int
}{
	{"2号院楼道大清扫", "环境治理", "和平里 2 号院 1–6 单元", 0, -1, 2, 13, 13},
	{"公益课：手机上挂号缴费", "公益课", "滨河实践站 二楼", 0, 3, 2, 24, 20},
	{"独居老人敲门问安", "帮孤助残", "铁路宿舍", 1, 9, 2, 10, 6},
	{"清明文明祭扫引导", "文明引导", "滨河公园东门", 3, 8, 2, 13, 8},
	{"便民维修集市", "便民服务", "滨河花园南门", 5, 9, 3, 16, 4},
}

func (c *community) sampleActivities(ctx context.Context, rng *rand.Rand, ids []string) error {
	s, err := c.getScheme(ctx, none{})
	if err != nil || len(s.Items) == 0 {
		return err
	}
	now := zone.In(c.node.now()).Truncate(time.Hour)
	for _, a := range sampleActs {
		start := now.Add(time.Duration(a.hour) * time.Hour)
		if a.day > 0 {
			start = time.Date(now.Year(), now.Month(), now.Day()+a.day, a.hour, 0, 0, 0, zone.China)
		}
		err := c.write(ctx, func(tx *store.Tx) error {
			id, err := c.activity.Publish(tx, activity.New{Title: a.title, Type: a.kind, Start: start.UnixMilli(),
				End: start.Add(time.Duration(a.length) * time.Hour).UnixMilli(), Place: a.place, Places: a.places, Item: s.Items[0].Code, Organiser: "网格员"})
			if err != nil {
				return err
			}
			from := rng.IntN(len(ids) - a.people)
			return c.activity.SignUp(tx, id, ids[from:from+a.people], "desk")
		})
		if err != nil {
			return err
		}
	}
	return nil
}
