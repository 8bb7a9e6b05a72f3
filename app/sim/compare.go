package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"jishan/app/govern"
)

// The comparison: the same communities, the same people, the same days, under
// quotas with several caps, and under the two simpler ways that one would think
// of first. The simpler ways are plain numbers here: they have no code in the
// product.

// online are the shares of the time in which a device is connected, per cent.
var online = []int{95, 50, 20, 5}

// Row is one way at one share of time online.
type Row struct {
	Way       string  `json:"way"`
	Online    int     `json:"online"`
	Asked     int     `json:"affordable"`
	Accepted  float64 `json:"accepted"`   // share of what was affordable
	Overspent int64   `json:"overspent"`  // points handed out that nobody had
	CloneLoss int64   `json:"clone_loss"` // the greatest that copied tills cost in one world; -1: nothing bounds it
}

// ways are quotas by their caps; 0 stands for none.
var ways = []struct {
	name  string
	limit int64
}{{"quotas, no cap", -1}, {"quotas, cap 1000", 1000}, {"quotas, cap 300", 300}, {"quotas, cap 100", 100}}

func compare(ctx context.Context, o options, stdout, stderr io.Writer) (bool, error) {
	var rows []Row
	for _, on := range online {
		if o.online != 0 && o.online != on {
			continue
		}
		plain, home := Row{Way: "a counter checked locally", Online: on, CloneLoss: -1}, Row{Way: "home station must be reachable", Online: on}
		for i := range o.seeds {
			cfg := o.compared(i, on)
			plain.count(counter(cfg))
			home.count(atHome(cfg))
		}
		rows = append(rows, plain, home)
		for _, way := range ways {
			if o.limit != 0 && o.limit != way.limit {
				continue
			}
			r, err := o.quotas(ctx, way.name, way.limit, on)
			if err != nil {
				return false, err
			}
			rows = append(rows, r)
			fmt.Fprintf(stderr, "%s at %d %%: %.1f %% of %d, loss %d\n", r.Way, on, 100*r.Accepted/float64(max(1, r.Asked)), r.Asked, r.CloneLoss)
		}
	}
	for i := range rows {
		if rows[i].Asked > 0 {
			rows[i].Accepted /= float64(rows[i].Asked)
		}
	}
	if o.plot != "" {
		if err := os.WriteFile(o.plot, []byte(plot(rows)), 0o644); err != nil {
			return false, err
		}
	}
	if o.json {
		return true, json.NewEncoder(stdout).Encode(rows)
	}
	_, err := io.WriteString(stdout, table(rows))
	return true, err
}

// compared is a world without other faults than being offline.
func (o options) compared(i, on int) Config {
	cfg := o.config(i)
	cfg.Profile, cfg.Online, cfg.Habits = 0, on, true
	return cfg
}

// tally is what one world says.
type tally struct {
	asked, accepted int
	over            int64
}

func (r *Row) count(t tally) {
	r.Asked += t.asked
	r.Accepted += float64(t.accepted)
	r.Overspent += t.over
}

// quotas plays the product's own code. At the end of each world the till at
// which most points lie is copied, and both hand out all.
func (o options) quotas(ctx context.Context, name string, limit int64, on int) (Row, error) {
	r := Row{Way: name, Online: on}
	for i := range o.seeds {
		cfg := o.compared(i, on)
		cfg.Cap = limit
		s, _, err := play(ctx, cfg, plan(cfg))
		if err != nil {
			return r, err
		}
		r.count(tally{asked: s.Affordable, accepted: s.Accepted, over: s.Overspent})
		r.CloneLoss = max(r.CloneLoss, s.Loss)
	}
	return r, nil
}

// crowd walks through a world's events with plain numbers.
type crowd struct {
	cfg  Config
	rng  *rand.Rand
	step int
	up   []bool
	has  []int64 // the truth
	t    tally
}

func newCrowd(cfg Config) *crowd {
	return &crowd{cfg: cfg, rng: rand.New(rand.NewPCG(cfg.Seed, 99)), step: -1, up: make([]bool, cfg.Devices), has: make([]int64, cfg.People)}
}

// until draws who is online in each step up to an event's.
func (c *crowd) until(step int, each func()) {
	for c.step < step {
		c.step++
		for i := range c.up {
			c.up[i] = c.rng.IntN(100) < c.cfg.Online
		}
		each()
	}
}

// awarder is the device that an award is made at: staff.
func (c *crowd) awarder(n int) int {
	for n %= c.cfg.Devices; roleOf(n) == govern.Merchant; n = (n + 1) % c.cfg.Devices {
	}
	return n
}

// counter is the way without quotas: every device keeps everybody's balance as
// far as it has heard, takes what that covers, and tells the others later.
func counter(cfg Config) tally {
	c := newCrowd(cfg)
	type change struct {
		who int
		n   int64
	}
	var log []change // of all devices, in order
	knows := make([]map[int]bool, cfg.Devices)
	for i := range knows {
		knows[i] = map[int]bool{}
	}
	balance := make([][]int64, cfg.Devices)
	for i := range balance {
		balance[i] = make([]int64, cfg.People)
	}
	learn := func(d, i int) {
		if !knows[d][i] {
			knows[d][i] = true
			balance[d][log[i].who] += log[i].n
		}
	}
	meet := func() { // all that are online tell each other everything
		all := map[int]bool{}
		for d := range knows {
			if c.up[d] {
				for i := range knows[d] {
					all[i] = true
				}
			}
		}
		for d := range knows {
			for i := range all {
				if c.up[d] {
					learn(d, i)
				}
			}
		}
	}
	book := func(d, who int, n int64) {
		log = append(log, change{who, n})
		learn(d, len(log)-1)
		if c.up[d] {
			for o := range knows {
				if c.up[o] {
					learn(o, len(log)-1)
				}
			}
		}
		c.has[who] += n
	}
	for _, e := range plan(cfg) {
		c.until(e.Step, meet)
		who := e.Who % cfg.People
		switch e.Kind {
		case evAward, evTwice:
			book(c.awarder(e.A), who, e.N)
		case evRedeem:
			d := e.A % cfg.Devices
			can := c.has[who] >= e.N
			if can {
				c.t.asked++
			}
			if balance[d][who] < e.N {
				continue
			}
			if can {
				c.t.accepted++
			} else {
				c.t.over += e.N - max(0, c.has[who])
			}
			book(d, who, -e.N)
		}
	}
	return c.t
}

// atHome is the way in which one device keeps each person's balance, and
// nothing can be given out without it. Awards wait for it as well, but nobody
// stands before the counter then.
func atHome(cfg Config) tally {
	c := newCrowd(cfg)
	type late struct {
		at, who int
		n       int64
	}
	var waiting []late
	booked := make([]int64, cfg.People)
	habits := habitsOf(cfg)
	home := func(who int) int { return habits[who].station }
	arrive := func() {
		kept := waiting[:0]
		for _, a := range waiting {
			if h := home(a.who); a.at == h || c.up[a.at] && c.up[h] {
				booked[a.who] += a.n
			} else {
				kept = append(kept, a)
			}
		}
		waiting = kept
	}
	for _, e := range plan(cfg) {
		c.until(e.Step, arrive)
		who := e.Who % cfg.People
		switch e.Kind {
		case evAward, evTwice:
			c.has[who] += e.N
			waiting = append(waiting, late{c.awarder(e.A), who, e.N})
			arrive()
		case evRedeem:
			d, h := e.A%cfg.Devices, home(who)
			if c.has[who] < e.N {
				continue
			}
			c.t.asked++
			if d != h && !(c.up[d] && c.up[h]) || booked[who] < e.N {
				continue
			}
			c.t.accepted++
			booked[who] -= e.N
			c.has[who] -= e.N
		}
	}
	return c.t
}
