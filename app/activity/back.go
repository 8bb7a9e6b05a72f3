package activity

import (
	"cmp"
	"database/sql"
	"errors"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A deed that is not paid yet is taken back by who recorded it: a slip of the hand at a
// station that is cut off need not wait for the office to pay it first. Others who
// recorded it, too, stand for it still. Where the payment was under way meanwhile, the
// recorder's device asks for its correction ([Board.PaidInVain]).

// TakeBack takes back what this incarnation recorded of a deed, whoever sat here. Faults:
// deed.unknown, deed.elsewhere where another device recorded it, deed.paid, deed.claim
// {item} for what passes through a claim.
func (b *Board) TakeBack(tx *store.Tx, deed string) error {
	k, err := ledger.ParseSubject(deed)
	if err != nil {
		return fault.New("deed.unknown")
	}
	recorders, err := texts(tx, `SELECT recorder FROM activity_deed WHERE id = ? ORDER BY recorder`, k[:])
	if err != nil {
		return err
	}
	if len(recorders) == 0 {
		return fault.New("deed.unknown")
	}
	f, _, err := deedFact(tx, k)
	if err != nil {
		return err
	}
	if waits, err := b.throughClaim(tx, f); err != nil || waits {
		return cmp.Or(err, error(fault.New("deed.claim", "item", f.Item)))
	}
	if done, err := standing(tx, f.Person, k); err != nil || done.Ref != nil {
		return cmp.Or(err, error(fault.New("deed.paid")))
	}
	var puts []store.Put
	for _, r := range recorders {
		if strings.HasPrefix(r, recorderOf(tx.Self())) {
			puts = append(puts, store.Put{Key: key(kindDeed, k.String(), r, "off"), Value: wire.TimeValue(tx.Now())})
		}
	}
	if len(puts) == 0 {
		return fault.New("deed.elsewhere")
	}
	return b.put(tx, Path(f.At), "deed.takeBack", puts)
}

// throughClaim tells whether a deed is booked by a claim that passed, which has words and
// an appeal of its own.
func (b *Board) throughClaim(q store.Querier, f fact) (bool, error) {
	book, err := b.Scheme.At(q, f.Version)
	if errors.Is(err, fault.New("scheme.version.unknown")) {
		return true, nil // nobody here can say
	}
	if err != nil {
		return false, err
	}
	item, known := book.Item(f.Item)
	return f.Minus || known && (item.Waits() || item.Takes()), nil
}

// MayTakeBack tells whether TakeBack would do for a deed of this incarnation.
func (b *Board) MayTakeBack(q store.Querier, self wire.Actor, deed ledger.Subject) (bool, error) {
	recorders, err := texts(q, `SELECT recorder FROM activity_deed WHERE id = ? AND substr(recorder, 1, 16) = ?`, deed[:], recorderOf(self))
	if err != nil || len(recorders) == 0 {
		return false, err
	}
	f, _, err := deedFact(q, deed)
	if err != nil {
		return false, err
	}
	if _, due, err := payState(q, f.Person, deed); err != nil || !due {
		return false, err
	}
	waits, err := b.throughClaim(q, f)
	return !waits, err
}

// madeAfter is when something is said anew: after its recorder took it back, whatever his
// clock does.
func madeAfter(q store.Querier, k ledger.Subject, recorder string, now int64) (int64, error) {
	var back int64
	err := optional(q.QueryRow(`SELECT at FROM activity_back WHERE id = ? AND recorder = ?`, k[:], recorder).Scan(&back))
	return max(now, back+1), err
}

// maxInVain bounds what is looked at at once.
const maxInVain = 50

// PaidInVain lists payments of what these incarnations took back before they knew of them,
// where nobody stands for the deed any more.
func (b *Board) PaidInVain(q store.Querier, by []wire.Actor) (out []wire.Hash, err error) {
	for _, a := range by {
		err := store.EachRow(q, func(r *sql.Rows) error {
			var hash []byte
			err := r.Scan(&hash)
			if err == nil {
				out = append(out, wire.Hash(hash))
			}
			return err
		}, `SELECT DISTINCT p.hash FROM activity_back b JOIN activity_paid p ON p.turn = b.turn AND p.key = b.id
			WHERE substr(b.recorder, 1, 16) = ? AND NOT EXISTS (SELECT 1 FROM activity_paid o WHERE o.turn = p.turn AND o.key = p.key AND o.undone = 1) AND NOT EXISTS (SELECT 1 FROM activity_deed d WHERE d.id = b.id) ORDER BY p.hash LIMIT ?`, recorderOf(a), maxInVain)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
