package govern

import (
	"cmp"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// OperatorInfo is an operator as the charter knows him.
type OperatorInfo struct {
	Operator
	Keys []OperatorKey // the latest of each device, withdrawn ones too
}

// Operators lists everybody who was ever certified, leads first, then by name.
func (c *Charter) Operators() []OperatorInfo {
	s := c.now()
	at := s.head()
	var out []OperatorInfo
	for id := range s.operators {
		o, ok := s.operator(id, at)
		if !ok {
			continue
		}
		info := OperatorInfo{Operator: o}
		for of, list := range s.operatorKeys {
			if k, ok := latest(s, list, at); ok && of.Operator == id {
				info.Keys = append(info.Keys, k.Entry)
			}
		}
		slices.SortFunc(info.Keys, func(a, b OperatorKey) int { return slices.Compare(a.Device[:], b.Device[:]) })
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b OperatorInfo) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Name, b.Name), slices.Compare(a.ID[:], b.ID[:]))
	})
	return out
}

// Operator returns what the charter says of somebody.
func (c *Charter) Operator(id OperatorID) (Operator, bool) {
	s := c.now()
	return s.operator(id, s.head())
}

// KeyState is how the charter stands to a key.
type KeyState uint8

// The states of a key.
const (
	KeyUnknown   KeyState = iota // never seen: asked for, perhaps
	KeyInForce                   // opens, and signs
	KeyWithdrawn                 // or refused, replaced, its owner or device gone
)

// OperatorKey tells how the charter stands to the key that an operator says he
// has at a device.
func (c *Charter) OperatorKey(id OperatorID, device, key [32]byte) (OperatorKey, KeyState) {
	s := c.now()
	at := s.head()
	k, ok := s.operatorKey(id, device, at)
	if ok && k.Key == key {
		return k, KeyInForce
	}
	for _, d := range s.operatorKeys[keyAt{id, device}] {
		if d.Entry.Key == key && s.within(d.At, at) {
			return d.Entry, KeyWithdrawn
		}
	}
	return OperatorKey{}, KeyUnknown
}

// Keyed tells whether any operator ever had a certified key: what takes two
// people then takes two signatures.
func (c *Charter) Keyed() bool {
	s := c.now()
	return s.keyed(s.head())
}

// LeadAt tells whether a lead has a key in force at a device.
func (c *Charter) LeadAt(device [32]byte) bool {
	s := c.now()
	at := s.head()
	for of := range s.operatorKeys {
		if o, _ := s.operator(of.Operator, at); of.Device == device && o.Role == Lead {
			if _, ok := s.operatorKey(of.Operator, device, at); ok {
				return true
			}
		}
	}
	return false
}

// SetOperators writes entries about operators in one change. Faults:
// govern.registrar.only, govern.operator.name for a name that somebody else has,
// govern.operator.bad for anything else that does not fit.
func (c *Charter) SetOperators(tx *store.Tx, action string, entries ...Entry) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	at := s.head()
	for _, e := range entries {
		if e.check() != nil {
			return fault.New("govern.operator.bad")
		}
		if o, ok := e.(Operator); ok && s.nameFree(o, at, nil) != nil {
			return fault.New("govern.operator.name", "name", o.Name)
		}
	}
	if s.operatorsFit(c.community, at, entries) != nil {
		return fault.New("govern.operator.bad")
	}
	return c.Write(tx, action, entries...)
}

// keyOperatorPIN is 1 where nobody works without a PIN.
const keyOperatorPIN = "operator-pin"

// OperatorPIN tells whether everybody needs a PIN to work.
func (r Settings) OperatorPIN() bool { return r.Other[keyOperatorPIN].Num == 1 }

// OperatorPINSetting makes the setting.
func OperatorPINSetting(on bool) Setting {
	s := Setting{Key: keyOperatorPIN}
	if on {
		s.Num = 1
	}
	return s
}
