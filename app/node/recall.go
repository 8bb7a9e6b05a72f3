package node

import (
	"context"
	"errors"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p"
)

// A voucher is called back by asking its till: only the payee can return a
// MOVE. The wish is a record that every device reads; until the till has heard
// of it, whoever shows the voucher there still has it, and the first of the two
// stands. Nothing is spent twice: showing and returning are the same TAKE.

// voucherRecalled is the state of a voucher that its till was asked to return.
const voucherRecalled = "recalled"

// maxReturns bounds the vouchers that go home at once.
const maxReturns = 50

// recallVoucher asks a voucher's till to send it home. Faults:
// voucher.unknown, voucher.gone (used, or returned already).
func (c *community) recallVoucher(ctx context.Context, r struct {
	Hash string `json:"hash"`
}) (none, error) {
	h, err := parseHash(r.Hash)
	if err != nil {
		return none{}, err
	}
	return none{}, c.recall(ctx, c.operator(), h, nil)
}

// recall asks for a voucher back; owner, if given, must be its person.
func (c *community) recall(ctx context.Context, operator string, h wire.Hash, owner *people.ID) error {
	return c.writeAs(ctx, operator, func(tx *store.Tx) error {
		ev, err := c.ledger.VoucherEvidence(tx, h)
		if errors.Is(err, ledger.ErrUnknown) {
			return fault.New("voucher.unknown")
		}
		if err != nil {
			return err
		}
		p, err := c.ledger.ReadPaper(ev)
		if err != nil || p.Until == 0 || owner != nil && people.ID(p.Person) != *owner {
			return fault.New("voucher.unknown")
		}
		list, err := c.ledger.IssuedVouchers(tx, p.Person, c.node.now(), voucherRows)
		if err != nil {
			return err
		}
		for _, v := range list {
			if v.Hash == h && (v.State == ledger.VoucherUsed || v.State == ledger.VoucherReturned) {
				return fault.New("voucher.gone")
			}
		}
		return c.requests.AskReturn(tx, h, p.Payee)
	})
}

// recalled sends home what was sent to this till and is wanted back: from the
// feeds that are here, or, at a merchant's till, which reads none, from what the
// staff in reach hand over.
func (t *tender) recalled(ctx context.Context) error {
	var list []wire.Hash
	err := t.c.view(ctx, func(q store.Querier) (err error) {
		mine, err := t.c.ledger.Mine(q) // also what was sent to who this one succeeds
		for _, a := range mine {
			more, e := t.c.requests.Returns(q, a, maxReturns)
			list, err = append(list, more...), errors.Join(err, e)
		}
		return err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	if d, _ := t.c.self(); d.Role.Staff() {
		for _, h := range list {
			var ev *ledger.Evidence
			err := t.c.view(ctx, func(q store.Querier) (err error) { ev, err = t.c.ledger.VoucherEvidence(q, h); return err })
			if err == nil {
				err = t.c.giveBack(ctx, ev)
			}
			if err != nil && !errors.Is(err, ledger.ErrUnknown) {
				return err
			}
		}
		return nil
	}
	return t.c.mesh.fetchReturns(ctx)
}

// giveBack takes a voucher that is wanted back and sends it home.
func (c *community) giveBack(ctx context.Context, ev *ledger.Evidence) error {
	err := c.writeAs(ctx, "", func(tx *store.Tx) error { return c.requests.GiveBack(tx, c.ledger, ev) })
	if _, refused := errors.AsType[*fault.Fault](err); refused { // taken meanwhile, or not known here yet
		return nil
	}
	return err
}

// fetchReturns asks the staff in reach for the vouchers that this till is to
// return.
func (m *mesh) fetchReturns(ctx context.Context) error {
	h := m.now()
	if h == nil {
		return nil
	}
	var mine []wire.Actor
	err := m.c.view(ctx, func(q store.Querier) (err error) { mine, err = m.c.ledger.Mine(q); return err })
	for pub := range m.online() {
		if d, ok := m.c.charter.Device(pub); !ok || !d.Role.Staff() {
			continue
		}
		for _, self := range mine {
			if err == nil {
				err = m.fetchReturnsOf(ctx, h, pub, self)
			}
		}
	}
	return err
}

// fetchReturnsOf asks one device for what one incarnation of this till is to return.
func (m *mesh) fetchReturnsOf(ctx context.Context, h *p2p.Host, pub [32]byte, self wire.Actor) error {
	answer, err := h.Ask(ctx, pub, append([]byte{askForReturns}, self[:]...))
	if err != nil {
		m.c.node.log.Info("what is wanted back could not be fetched", "device", deviceText(pub), "err", err.Error())
		return nil
	}
	var list [][]byte
	if err := cbor.Unmarshal(answer, &list); err != nil {
		return err
	}
	for _, b := range list {
		ev, err := ledger.DecodeEvidence(b)
		if err != nil {
			return err
		}
		if err := m.c.giveBack(context.WithoutCancel(ctx), ev); err != nil {
			return err
		}
	}
	return nil
}

// answerReturns gives a till the vouchers that name it and are wanted back.
func (m *mesh) answerReturns(ctx context.Context, pub [32]byte, payee wire.Actor) ([]byte, error) {
	list := [][]byte{}
	size := 0
	err := m.c.view(ctx, func(q store.Querier) error {
		device, ok, err := m.c.charter.DeviceOf(q, payee)
		if err != nil || !ok || device != pub {
			return err
		}
		hashes, err := m.c.requests.Returns(q, payee, maxReturns)
		for _, h := range hashes {
			b, err := m.c.ledger.Voucher(q, h)
			if errors.Is(err, ledger.ErrUnknown) {
				continue
			}
			if err != nil {
				return err
			}
			if size += len(b) + 4; size > p2p.MaxAsk-2048 {
				break
			}
			list = append(list, b)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return cbor.Marshal(list)
}

type phoneRecallRequest struct {
	tokenRequest
	Hash string `json:"hash"`
}

// phoneRecall asks for one of the resident's own vouchers back. Faults: as
// recallVoucher.
func (c *community) phoneRecall(ctx context.Context, p people.ID, r phoneRecallRequest) (phoneVouchersReply, error) {
	h, err := parseHash(r.Hash)
	if err != nil {
		return phoneVouchersReply{}, fault.New("voucher.unknown")
	}
	if err := c.recall(ctx, "", h, &p); err != nil {
		return phoneVouchersReply{}, err
	}
	return c.phoneVouchers(ctx, p, r.tokenRequest)
}
