package shop

import (
	"encoding/json"

	"jishan/crdt/store"
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
