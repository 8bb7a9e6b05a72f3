package ledger

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"jishan/crdt/store"
	"jishan/crdt/wire"
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
	feed   int64 // below zero: in a branch of that feed
	number uint64
	branch wire.Hash // the transaction there
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
	return b.mintings("SELECT minter, number, branch FROM ledger_deed WHERE feed = ? AND turn = ? AND key = ?", feed, d.Turn[:], d.Key[:])
}

func (b *book) mintings(query string, args ...any) (list []minting, err error) {
	err = store.EachRow(b.tx, func(r *sql.Rows) error {
		var m minting
		var branch sql.RawBytes
		err := r.Scan(&m.feed, &m.number, &branch)
		copy(m.branch[:], branch)
		list = append(list, m)
		return err
	}, query, args...)
	return list, err
}

// minters lists who used a deed itself, in whichever feed or branch that is known
// here, whether it counts or not.
func (b *book) minters(d Deed) ([]minting, error) {
	return b.mintings(`SELECT d.feed, d.number, d.branch FROM (SELECT n FROM ledger_feed UNION ALL SELECT -n FROM ledger_feed) f
		CROSS JOIN ledger_deed d ON d.feed = f.n AND d.turn = ? AND d.key = ? AND d.minter = d.feed`, d.Turn[:], d.Key[:])
}

// paid tells whether a deed was paid or tallied in any feed that is known here, and
// counts.
func (b *book) paid(d Deed) (bool, error) {
	list, err := b.minters(d)
	for _, m := range list {
		counts, cerr := b.mintCounts(m)
		if err = errors.Join(err, cerr); err != nil || counts {
			return counts, err
		}
	}
	return false, err
}

// paidByFork tells whether a forked feed paid a deed in a history that counts. A turn
// that came out of one of its histories brings no keys of the others, so to pay again
// would be valid, and loss.
func (b *book) paidByFork(d Deed) (bool, error) {
	for a := range b.forked {
		feed, err := b.feed(a, false)
		if err != nil {
			return false, err
		}
		if feed == nil {
			continue
		}
		list, err := b.mintings("SELECT minter, number, branch FROM ledger_deed WHERE feed IN (?1, -?1) AND turn = ?2 AND key = ?3 AND minter = feed", feed.n, d.Turn[:], d.Key[:])
		for _, m := range list {
			counts, cerr := b.mintCounts(m)
			if err = errors.Join(err, cerr); err != nil || counts {
				return counts, err
			}
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// readChain reads all keys of a chain, if they are not too many.
func (b *book) readChain(k chain, c *chainKeys) error {
	mints, n := map[Subject][]minting{}, 0
	err := store.EachRow(b.tx, func(r *sql.Rows) error {
		var key, branch sql.RawBytes
		var m minting
		if err := r.Scan(&key, &m.feed, &m.number, &branch); err != nil {
			return err
		}
		copy(m.branch[:], branch)
		mints[Subject(key)] = append(mints[Subject(key)], m)
		n++
		return nil
	}, "SELECT key, minter, number, branch FROM ledger_deed WHERE feed = ? AND turn = ? LIMIT "+chainLimit, k.feed, k.turn[:])
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

// mintCounts tells whether a MINT lies within its feed's cut.
func (b *book) mintCounts(m minting) (bool, error) {
	if m.feed > 0 {
		return b.countsAt(m.feed, m.number)
	}
	a, err := b.actor(-m.feed)
	if err != nil {
		return false, err
	}
	return b.counts(a, Tip{m.number, m.branch})
}

const knowDeed = "INSERT OR IGNORE INTO ledger_deed(feed, turn, key, minter, number, branch, at) VALUES (?, ?, ?, ?, ?, ?, ?)"

// use notes that a transaction of a feed used a deed.
func (b *book) use(feed int64, d Deed, number uint64) {
	b.tx.Later(knowDeed, feed, d.Turn[:], d.Key[:], feed, int64(number), []byte{}, int64(number))
	c, m := b.deeds.chains[chain{feed, d.Turn}], minting{feed: feed, number: number}
	if c != nil && c.mints != nil && !slices.Contains(c.mints[d.Key], m) {
		c.mints[d.Key] = append(c.mints[d.Key], m)
		b.deeds.n++
	}
}

// know notes that a feed's transaction number brought the use of a deed.
func (b *book) know(feed int64, number uint64, d Deed, m minting) error {
	_, err := b.tx.Exec(knowDeed, feed, d.Turn[:], d.Key[:], m.feed, int64(m.number), branchOf(m.feed < 0, m.branch), int64(number))
	return err
}

// inheritDeeds copies what a chain knew of a turn's keys at the place that it came
// from, for another feed's transaction number.
func (b *book) inheritDeeds(feed int64, number uint64, in Inheritance) error {
	b.deeds = deeds{}
	c, here, err := b.l.find(b.tx, in.Tip.Hash)
	if err != nil || !here {
		return err
	}
	if !c.beside {
		from, err := b.feed(in.From, false)
		if err != nil || from == nil {
			return err
		}
		_, err = b.tx.Exec(`INSERT OR IGNORE INTO ledger_deed(feed, turn, key, minter, number, branch, at)
			SELECT ?, turn, key, minter, number, branch, ? FROM ledger_deed WHERE feed = ? AND turn = ? AND at <= ?`,
			feed, int64(number), from.n, in.Turn[:], int64(in.Tip.Number))
		return err
	}
	list, err := b.chainAt(in)
	for _, k := range list {
		m, merr := b.minting(k.Use)
		if err = errors.Join(err, merr); err != nil {
			return err
		}
		if err := b.know(feed, number, k.Deed, m); err != nil {
			return err
		}
	}
	return err
}

// deedUse is a MINT and the key that it used.
type deedUse struct {
	Deed
	Use
}

// chainAt lists what a chain knew of a turn's keys at a place: all that the place follows
// by its hashes, and nothing of the feed's other branches.
func (b *book) chainAt(in Inheritance) ([]deedUse, error) {
	x, here, err := b.l.find(b.tx, in.Tip.Hash)
	if err != nil || !here {
		return nil, err
	}
	if !x.beside {
		return b.chainOf(in)
	}
	if list, known := b.branchUses[in.Tip.Hash]; known {
		return list[in.Turn], nil
	}
	c, err := b.branch(in.From, in.Tip.Hash)
	if err != nil {
		return nil, err
	}
	list := map[Subject][]deedUse{}
	for d, uses := range c.uses {
		for _, u := range uses {
			list[d.Turn] = append(list[d.Turn], deedUse{d, u})
		}
	}
	b.branchUses[in.Tip.Hash] = list
	return list[in.Turn], nil
}

// chainOf is chainAt for a place in the first history.
func (b *book) chainOf(in Inheritance) (list []deedUse, err error) {
	from, err := b.feed(in.From, false)
	if err != nil || from == nil {
		return nil, err
	}
	var keys []Subject
	var mints []minting
	err = store.EachRow(b.tx, func(r *sql.Rows) error {
		var key, branch sql.RawBytes
		var m minting
		err := r.Scan(&key, &m.feed, &m.number, &branch)
		if err == nil {
			copy(m.branch[:], branch)
			keys, mints = append(keys, Subject(key)), append(mints, m)
		}
		return err
	}, "SELECT key, minter, number, branch FROM ledger_deed WHERE feed = ? AND turn = ? AND at <= ?", from.n, in.Turn[:], int64(in.Tip.Number))
	for i, m := range mints {
		u, merr := b.mint(m)
		if err = errors.Join(err, merr); err != nil {
			return nil, err
		}
		list = append(list, deedUse{Deed{in.Turn, keys[i]}, u})
	}
	return list, err
}

// minting is a MINT as the rows name it.
func (b *book) minting(u Use) (minting, error) {
	feed, err := b.feed(u.Feed, true)
	if err != nil {
		return minting{}, err
	}
	c, _, err := b.l.find(b.tx, u.Tip.Hash)
	if c.beside {
		return minting{-feed.n, u.Tip.Number, u.Tip.Hash}, err
	}
	return minting{feed: feed.n, number: u.Tip.Number}, err
}
