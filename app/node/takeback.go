package node

import (
	"context"
	"errors"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// takeBackDeed takes back what this device recorded and nobody has paid. Faults: those of
// activity.Board.TakeBack.
func (c *community) takeBackDeed(ctx context.Context, r struct {
	Deed string `json:"deed"`
}) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.activity.TakeBack(tx, r.Deed) })
}

// mayTakeBack is a deed's id where takeBack would do, else "".
func (c *community) mayTakeBack(q store.Querier, deed ledger.Subject) (string, error) {
	ok, err := c.activity.MayTakeBack(q, c.store.Self(), deed)
	if err != nil || !ok {
		return "", err
	}
	return deed.String(), nil
}

// takenBackWhy is the reason of a correction that nobody typed.
const takenBackWhy = "到账以前已经收回"

// paidInVain asks, once, for the correction of what was paid while this device took it
// back: the two had not heard of each other.
func (t *tender) paidInVain(ctx context.Context) error {
	var list []wire.Hash
	err := t.c.view(ctx, func(q store.Querier) error {
		mine, err := t.c.ledger.Mine(q)
		if err != nil {
			return err
		}
		all, err := t.c.activity.PaidInVain(q, mine)
		for _, h := range all {
			_, asked, e := t.c.fixes.Get(q, h)
			if err = errors.Join(err, e); !asked {
				list = append(list, h)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, h := range list {
		err := t.c.correctionAs(ctx, "", correctionRequest{Hash: h.String(), Reason: takenBackWhy}, &correctReply{})
		if _, refused := errors.AsType[*fault.Fault](err); err != nil && !refused {
			return err
		}
	}
	return nil
}
