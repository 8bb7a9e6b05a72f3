package node

import (
	"context"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/p2p"
)

// Questions between devices: the first byte says which.
const askForPoints byte = 1

// askPoints asks a device to send points of a person here, and takes them.
func (m *mesh) askPoints(ctx context.Context, pub [32]byte, person ledger.Subject, n int64) error {
	h := m.now()
	if h == nil {
		return p2p.ErrClosed
	}
	var req []byte
	err := m.c.view(ctx, func(q store.Querier) (err error) { req, err = m.c.ledger.Request(q, person, n); return err })
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

// answer replies to a device's question.
func (m *mesh) answer(ctx context.Context, pub [32]byte, req []byte) ([]byte, error) {
	if len(req) == 0 || req[0] != askForPoints {
		return nil, &p2p.AnswerError{Text: "ask.unknown"}
	}
	var out []byte
	err := m.c.store.Update(ctx, store.Author{Context: m.c.charter.Head}, func(tx *store.Tx) (err error) {
		out, err = m.c.ledger.Offer(tx, req[1:], pub)
		return err
	})
	return out, err
}
