package ledger

import "jishan/crdt/store"

// A device whose whole disk was put back can't tell that by itself: database and
// lock file agree. So what it hands out after a start is bounded until somebody
// else has shown how far its feed goes (design section 4, cautious start).

// UseCaution lets look refuse what hands out points of this feed, to customers or to
// other feeds, before it is written; n is how many. What look writes stands or falls
// with the transaction.
func (l *Ledger) UseCaution(look func(tx *store.Tx, n int64) error) { l.caution = look }

// cautious asks whether a transaction may hand out what it does.
func (l *Ledger) cautious(tx *store.Tx, t *Tx) error {
	if n := t.handsOut(); n > 0 && l.caution != nil {
		return l.caution(tx, n)
	}
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
