package ledger

import (
	"slices"

	"jishan/app/fault"
)

// A device whose whole disk was put back can't tell that by itself: database and
// lock file agree. So what it hands out after a start is bounded until somebody
// else has shown how far its feed goes (design section 4, cautious start).

// caution is what this feed has handed out since the start of the program.
type caution struct {
	most  func() int64 // negative: no bound
	spent []outlay
}

// outlay is what one transaction handed out.
type outlay struct {
	number uint64
	points int64
}

// UseCaution bounds the points that this device's feed hands out, to customers or
// to other feeds, from now on: most is asked at every transaction and is negative
// while there is no bound. What went before counts no more once there was none.
func (l *Ledger) UseCaution(most func() int64) { l.caution.most = most }

// look refuses a transaction that hands out more than the bound leaves. Fault:
// ledger.cautious{need, left, most}.
func (c *caution) look(t *Tx, number uint64) error {
	if c.most == nil {
		return nil
	}
	most := c.most()
	if most < 0 {
		c.spent = nil
		return nil
	}
	n := t.handsOut()
	if n == 0 {
		return nil
	}
	// A number that comes again belonged to a transaction that was undone.
	c.spent = slices.DeleteFunc(c.spent, func(o outlay) bool { return o.number >= number })
	left := most
	for _, o := range c.spent {
		left -= o.points
	}
	if n > left {
		return fault.New("ledger.cautious", "need", n, "left", max(left, 0), "most", most)
	}
	c.spent = append(c.spent, outlay{number, n})
	return nil
}

// handsOut is how many points leave the feed, without those that only pass
// through: a till without exposure takes and sends home at once.
func (t *Tx) handsOut() (n int64) {
	for i := range t.Entries {
		e := &t.Entries[i]
		switch {
		case e.Quota.Kind != Points:
		case e.Type == Consume || e.Type == Move:
			n += e.Amount
		case e.Type == Take || e.Type == Succeed || e.Type == Restore:
			n -= e.Amount
		}
	}
	return max(n, 0)
}
