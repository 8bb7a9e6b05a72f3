package ledger

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"jishan/crdt/store"
)

// Deed keys as the feeds' chains know them. All that a transaction reads and
// writes of ledger_deed goes through here: what it remembers must be right.

// chain names a turn in a feed.
type chain struct {
	feed int64
	turn Subject
}

// minting is a MINT that used a deed key.
type minting struct {
	feed   int64
	number uint64
}

// chainKeys is what is remembered of a chain: the MINTs by the key that they
// used, nil while they are not known as a whole.
type chainKeys struct {
	mints map[Subject][]minting
	long  bool // too many to be known
}

// deeds are the chains that a transaction asked about. A batch holds the
// attendance of whole activities: from the second question on, one reading
// answers for all keys of the chain.
type deeds struct {
	chains map[chain]*chainKeys
	n      int
}

const (
	// maxChainKeys bounds one such reading: few activities have more people,
	// and of a longer chain every key is asked for by itself.
	maxChainKeys = 512
	// maxDeedKeys bounds what is remembered; beyond it, it starts afresh.
	maxDeedKeys = 20_000
)

// chainLimit stands in the statement as it is: SQLite prepares a statement
// whose limit is a parameter anew for every run.
var chainLimit = strconv.Itoa(maxChainKeys + 1)

// used lists the MINTs that used a deed in a feed.
func (b *book) used(feed int64, d Deed) ([]minting, error) {
	k := chain{feed, d.Turn}
	c := b.deeds.chains[k]
	switch {
	case c == nil:
		b.deeds.keep(k, &chainKeys{long: d.Turn == Subject{}}, 1) // the turns themselves make one long chain
	case c.mints == nil && !c.long:
		if err := b.readChain(k, c); err != nil {
			return nil, err
		}
	}
	if c != nil && c.mints != nil {
		return c.mints[d.Key], nil
	}
	return b.mintings("SELECT minter, number FROM ledger_deed WHERE feed = ? AND turn = ? AND key = ?", feed, d.Turn[:], d.Key[:])
}

func (b *book) mintings(query string, args ...any) (list []minting, err error) {
	err = store.EachRow(b.tx, func(r *sql.Rows) error {
		var m minting
		err := r.Scan(&m.feed, &m.number)
		list = append(list, m)
		return err
	}, query, args...)
	return list, err
}

// minters lists who used a deed itself, in whichever feed or branch that is known
// here, whether it counts or not.
func (b *book) minters(d Deed) ([]minting, error) {
	return b.mintings(`SELECT d.feed, d.number FROM (SELECT n FROM ledger_feed UNION ALL SELECT -n FROM ledger_feed) f
		CROSS JOIN ledger_deed d ON d.feed = f.n AND d.turn = ? AND d.key = ? AND d.minter = d.feed`, d.Turn[:], d.Key[:])
}

// paid tells whether a deed was paid or tallied in any feed that is known here, and
// counts.
func (b *book) paid(d Deed) (bool, error) {
	list, err := b.minters(d)
	for _, m := range list {
		counts, cerr := b.countsAt(m.feed, m.number)
		if err = errors.Join(err, cerr); err != nil || counts {
			return counts, err
		}
	}
	return false, err
}

// readChain reads all keys of a chain, if they are not too many.
func (b *book) readChain(k chain, c *chainKeys) error {
	mints, n := map[Subject][]minting{}, 0
	err := store.EachRow(b.tx, func(r *sql.Rows) error {
		var key sql.RawBytes
		var m minting
		if err := r.Scan(&key, &m.feed, &m.number); err != nil {
			return err
		}
		mints[Subject(key)] = append(mints[Subject(key)], m)
		n++
		return nil
	}, "SELECT key, minter, number FROM ledger_deed WHERE feed = ? AND turn = ? LIMIT "+chainLimit, k.feed, k.turn[:])
	if err != nil {
		return err
	}
	if c.long = n > maxChainKeys; !c.long {
		c.mints = mints
		b.deeds.keep(k, c, n)
	}
	return nil
}

func (d *deeds) keep(k chain, c *chainKeys, n int) {
	if d.chains == nil || d.n+n > maxDeedKeys {
		*d = deeds{chains: map[chain]*chainKeys{}}
	}
	d.chains[k] = c
	d.n += n
}

// use notes that a transaction of a feed used a deed.
func (b *book) use(feed int64, d Deed, number uint64) {
	b.tx.Later("INSERT OR IGNORE INTO ledger_deed(feed, turn, key, minter, number, at) VALUES (?, ?, ?, ?, ?, ?)",
		feed, d.Turn[:], d.Key[:], feed, int64(number), int64(number))
	c, m := b.deeds.chains[chain{feed, d.Turn}], minting{feed, number}
	if c != nil && c.mints != nil && !slices.Contains(c.mints[d.Key], m) {
		c.mints[d.Key] = append(c.mints[d.Key], m)
		b.deeds.n++
	}
}

// inheritDeeds copies what a feed knew of a turn's keys up to its transaction
// upTo, for another feed's transaction number.
func (b *book) inheritDeeds(feed int64, number uint64, turn Subject, from int64, upTo uint64) error {
	b.deeds = deeds{}
	_, err := b.tx.Exec(`INSERT OR IGNORE INTO ledger_deed(feed, turn, key, minter, number, at)
		SELECT ?, turn, key, minter, number, ? FROM ledger_deed WHERE feed = ? AND turn = ? AND at <= ?`,
		feed, int64(number), from, turn[:], int64(upTo))
	return err
}
