package shop

import (
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What a device began as an earlier incarnation, award days and orders from phones,
// goes on at whoever succeeds its feed: points and pieces lie there now, and what the
// old one still writes counts nowhere.

// mine are this device's incarnation and those whose feeds it succeeded.
func (s *Shop) mine(q store.Querier) (list []string, err error) {
	if s.Device() == "" {
		return nil, nil
	}
	feeds, err := s.Rights.Mine(q)
	for _, a := range feeds {
		list = append(list, a.String())
	}
	return list, err
}

// mineText is mine as a query's json_each reads it.
func (s *Shop) mineText(q store.Querier) (string, error) {
	list, err := s.mine(q)
	if err != nil || list == nil {
		return "[]", err
	}
	raw, err := json.Marshal(list)
	return string(raw), err
}

// notBefore refuses a gift that a predecessor redeemed: its redemption may be here
// before its note that the gift is done.
func (s *Shop) notBefore(q store.Querier, d Day, g Gift) error {
	if d.Device == s.Device() {
		return nil
	}
	mine, err := s.mineText(q)
	if err != nil {
		return err
	}
	ids, err := s.Same.List(q, g.Person)
	if err != nil {
		return err
	}
	var past []wire.Hash
	err = store.EachRow(q, func(r *sql.Rows) error {
		var h []byte
		err := r.Scan(&h)
		past = append(past, wire.Hash(h))
		return err
	}, `SELECT hash FROM shop_receipt WHERE undone = 0 AND actor IN (SELECT value FROM json_each(?)) AND person IN (SELECT value FROM json_each(?))`, mine, ids)
	for _, h := range past {
		r, e := s.Rights.Transaction(q, h)
		if err = errors.Join(err, e); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Tx.Entries, func(x ledger.Entry) bool { return x.Type == ledger.Consume && x.Order == goodOf(g.ID) }) {
			return fault.New("award.done", "masked", g.Masked)
		}
	}
	return err
}
