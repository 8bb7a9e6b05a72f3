package govern

import (
	"cmp"
	"slices"
)

// Shop is a merchant as the charter knows it: a place with tills.
type Shop struct {
	Place    string
	Name     string
	Scope    string // how far it takes points; of a guest what it showed
	Home     string // of a guest: the name of its own community
	Until    int64  // of a guest: when its certificate runs out, milliseconds
	Devices  [][32]byte
	Merchant string // of a guest: its name at home
}

// Shops lists the merchants that have a till in force, the community's own first,
// then by name.
func (c *Charter) Shops() []Shop {
	s := c.now()
	at := s.head()
	places := s.rules(at).Places
	index := map[string]int{}
	out := []Shop{}
	for _, d := range s.devices(at) {
		cert, ok := s.cert(d, at)
		if !ok || cert.Entry.Role != Merchant {
			continue
		}
		place := cert.Entry.Place
		guest, abroad := s.guestOf(d, at)
		key := place + "/" + guest.HomeName
		i, known := index[key]
		if !known {
			i = len(out)
			index[key] = i
			shop := Shop{Place: place, Name: cmp.Or(places[place], cert.Entry.Name), Scope: cmp.Or(cert.Entry.Scope, ScopeCommunity)}
			if abroad {
				shop.Home, shop.Until, shop.Scope, shop.Merchant = guest.HomeName, guest.NotAfter, guest.Scope, guest.Merchant
			}
			out = append(out, shop)
		}
		out[i].Devices = append(out[i].Devices, d)
	}
	slices.SortStableFunc(out, func(a, b Shop) int {
		return cmp.Or(order(a.Home == "" && b.Home != "", a.Home != "" && b.Home == ""), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// ScopeCount is how many of a community's own merchants have a scope, in the two
// readings that reports give such figures: exactly this one, and this one or a
// wider one.
type ScopeCount struct {
	Scope   string
	Only    int
	AtLeast int
}

// CountScopes counts the community's own merchants by scope, the narrowest first.
func CountScopes(shops []Shop) []ScopeCount {
	out := make([]ScopeCount, len(Scopes))
	for i, scope := range Scopes {
		out[i].Scope = scope
		for _, s := range shops {
			if s.Home != "" {
				continue
			}
			if s.Scope == scope {
				out[i].Only++
			}
			if slices.Index(Scopes, s.Scope) >= i {
				out[i].AtLeast++
			}
		}
	}
	return out
}
