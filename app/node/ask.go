package node

import (
	"bytes"
	"context"
	"errors"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/photo"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p"
)

// Questions between devices: the first byte says which.
const (
	askForPoints   byte = 1 // move some of a person's points to me
	askForVouchers byte = 2 // what was sent to me, whose feeds I don't read
	askForReturns  byte = 3 // what was sent to me and is wanted back
	askClock       byte = 4 // what time is it there
	askStopped     byte = 5 // I have stopped: another machine has my key (no question, the answer says that it was heard)
	askStopWord    byte = 7 // a machine has stopped, by its own signature: anybody passes that on
	askPhoto       byte = 8 // a piece of a picture that is on record
	askGoodPhoto   byte = 9 // the picture of an offer
	askRefused     byte = 6 // here a feed ended at this entry: its author says whether that is so, staff look for themselves
)

// askSize is how long a question's body is; 0: any length but none.
var askSize = map[byte]int{
	askForPoints: 0, askForVouchers: len(wire.Actor{}), askForReturns: len(wire.Actor{}), askClock: 1, askStopped: len(wire.Actor{}), askRefused: 0, askStopWord: stopWordSize, askPhoto: photoAskSize, askGoodPhoto: len(photo.Hash{}),
}

// vouchersSize bounds an answer with vouchers; the rest comes with the next.
const vouchersSize = p2p.MaxAsk - 2048

// askPoints asks a device to send points of a person here, and takes them.
func (m *mesh) askPoints(ctx context.Context, pub [32]byte, person ledger.Subject, n int64) error {
	return m.askRights(ctx, pub, func(q store.Querier) ([]byte, error) { return m.c.ledger.Request(q, person, n) })
}

// askBenefit is askPoints for a benefit.
func (m *mesh) askBenefit(ctx context.Context, pub [32]byte, subject ledger.Subject, n int64) error {
	return m.askRights(ctx, pub, func(q store.Querier) ([]byte, error) { return m.c.ledger.RequestBenefit(q, subject, n) })
}

func (m *mesh) askRights(ctx context.Context, pub [32]byte, request func(store.Querier) ([]byte, error)) error {
	h := m.now()
	if h == nil {
		return p2p.ErrClosed
	}
	var req []byte
	err := m.c.view(ctx, func(q store.Querier) (err error) { req, err = request(q); return err })
	if err != nil {
		return err
	}
	answer, err := h.Ask(ctx, pub, append([]byte{askForPoints}, req...))
	if err != nil {
		return err
	}
	return m.c.write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		_, err := m.c.ledger.Accept(tx, answer)
		return err
	})
}

// fetchVouchers asks the connected staff for what was sent to this till, and
// takes it: exposure above all, without which no points can rest here.
func (m *mesh) fetchVouchers(ctx context.Context) error {
	h := m.now()
	if h == nil {
		return nil
	}
	self := m.c.store.Self()
	var errs []error
	for pub := range m.online() {
		if d, ok := m.c.charter.Device(pub); !ok || !d.Role.Staff() {
			continue
		}
		answer, err := h.Ask(ctx, pub, append([]byte{askForVouchers}, self[:]...))
		if err == nil {
			err = m.takeVouchers(ctx, answer)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (m *mesh) takeVouchers(ctx context.Context, answer []byte) error {
	var list [][]byte
	if err := cbor.Unmarshal(answer, &list); err != nil {
		return err
	}
	var errs []error
	for _, v := range list {
		err := m.c.write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			_, err := m.c.ledger.Take(tx, v)
			return err
		})
		if _, refused := errors.AsType[*fault.Fault](err); err != nil && !refused { // taken already, or not now
			errs = append(errs, err) // one that is no good must not hold up the others
		}
	}
	return errors.Join(errs...)
}

// answer replies to a device's question. Each number is a constant of one
// switch: two questions with the same one do not compile.
func (m *mesh) answer(ctx context.Context, pub [32]byte, req []byte) ([]byte, error) {
	unknown := &p2p.AnswerError{Text: "ask.unknown"}
	if len(req) < 2 {
		return nil, unknown
	}
	kind, body := req[0], bytes.Clone(req[1:])
	if size, ok := askSize[kind]; !ok || size > 0 && len(body) != size {
		return nil, unknown
	}
	switch kind {
	case askForPoints:
		return m.answerPoints(ctx, pub, body)
	case askForVouchers:
		return m.answerVouchers(ctx, pub, wire.Actor(body))
	case askForReturns:
		return m.answerReturns(ctx, pub, wire.Actor(body))
	case askClock:
		return m.answerClock()
	case askStopped:
		return m.answerStopped(ctx, pub, wire.Actor(body))
	case askStopWord:
		return []byte{askStopWord}, m.hearStopWord(ctx, body)
	case askPhoto:
		return m.answerPhoto(ctx, pub, body)
	case askGoodPhoto:
		return m.answerGoodPhoto(ctx, pub, photo.Hash(body))
	case askRefused:
		return m.answerRefused(ctx, pub, body)
	}
	return nil, unknown
}

func (m *mesh) answerPoints(ctx context.Context, pub [32]byte, req []byte) (out []byte, err error) {
	err = m.c.writeAs(ctx, "", func(tx *store.Tx) (err error) {
		out, err = m.c.ledger.Offer(tx, req, pub)
		return err
	})
	return out, err
}

// answerVouchers gives a device what names its own incarnation.
func (m *mesh) answerVouchers(ctx context.Context, pub [32]byte, payee wire.Actor) ([]byte, error) {
	list := [][]byte{}
	err := m.c.view(ctx, func(q store.Querier) error {
		device, ok, err := m.c.charter.DeviceOf(q, payee)
		if err != nil || !ok || device != pub {
			return err
		}
		list, err = m.c.ledger.Vouchers(q, payee, m.c.node.now(), vouchersSize)
		return err
	})
	if err != nil {
		return nil, err
	}
	return cbor.Marshal(list)
}
