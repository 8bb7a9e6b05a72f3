package law

import (
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// maxRights is how many rights one SUCCEED names: some 40 bytes each, and a
// change of gov holds 60 KiB.
const maxRights = 1000

// Ended is a feed that its device does not write any more.
type Ended struct {
	Feed   wire.Actor
	Device [32]byte
	Heir   wire.Actor // zero: nobody yet
	Closed bool
}

// Cuts says where a feed ends for all this device knows: one CLOSE, or one for
// each branch of a fork.
func Cuts(tx *store.Tx, l *ledger.Ledger, feed wire.Actor, why string) (out []govern.Entry, err error) {
	tips, err := l.Tips(tx, feed)
	for _, t := range tips {
		out = append(out, govern.CutOf(feed, t.Number, t.Hash, why))
	}
	if len(tips) == 0 {
		out = append(out, govern.CutOf(feed, 0, wire.Hash{}, why))
	}
	return out, err
}

// Succeed lets the registrar close a feed where this device knows it to end,
// and give what it held to its heir.
func Succeed(tx *store.Tx, c *govern.Charter, l *ledger.Ledger, x Ended) error {
	if !x.Closed {
		cuts, err := Cuts(tx, l, x.Feed, "succeeded")
		if err != nil {
			return err
		}
		if e, _ := c.Device(x.Device); e.Revoked { // nobody had met it then: nothing of it counts
			cuts = []govern.Entry{govern.CutOf(x.Feed, 0, wire.Hash{}, "revoked")}
		}
		if err := c.Write(tx, "govern.close", cuts...); err != nil {
			return err
		}
	}
	if x.Heir == (wire.Actor{}) {
		return nil
	}
	rights, err := bequeathed(tx, c, l, x)
	if err != nil {
		return err
	}
	for first := true; first || len(rights) > 0; first = false {
		n := min(len(rights), maxRights)
		if err := c.Write(tx, "govern.succeed", govern.Succeed{Feed: x.Feed, To: x.Heir, Rights: rights[:n:n]}); err != nil {
			return err
		}
		rights = rights[n:]
	}
	return nil
}

// bequeathed leaves out what the heir can't use: the exposure of another device.
func bequeathed(tx *store.Tx, c *govern.Charter, l *ledger.Ledger, x Ended) (out []govern.Right, err error) {
	list, err := l.Estate(tx, x.Feed)
	if err != nil {
		return nil, err
	}
	device, _, err := c.DeviceOf(tx, x.Heir)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Quota.Kind != ledger.Exposure || device == x.Device {
			out = append(out, govern.Right{Quota: a.Quota.Sum(l.Community()), Amount: uint64(a.N)})
		}
	}
	return out, nil
}
