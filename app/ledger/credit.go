package ledger

import (
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Merchants of other communities, guests here: what they redeem is owed to their
// home, and credit bounds how much of that may be unsettled.

// GrantCredit tops a guest's till up to limit, as the registrar. ceiling is how
// much credit of the guest's home may exist: the agreed cap and what was settled
// so far. All of it is minted in the registrar's own feed, so the ceiling holds
// whatever the tills do while nobody hears of them. It returns what was granted.
func (l *Ledger) GrantCredit(tx *store.Tx, till wire.Actor, limit, ceiling int64) (int64, error) {
	if err := amounts(limit); err != nil {
		return 0, err
	}
	b, err := l.open(tx)
	if err != nil {
		return 0, err
	}
	h, err := b.Head()
	if err != nil {
		return 0, err
	}
	m, err := b.Member(h, till)
	if err != nil || !m.guest() {
		return 0, err
	}
	rest, err := l.CreditAt(tx, till, m.Home)
	if err != nil || rest >= limit {
		return 0, err
	}
	here, room, err := l.creditRoom(tx, m.credit(), ceiling)
	n := min(limit-rest, here+room)
	if err != nil || n <= 0 {
		return 0, err
	}
	head, err := b.payee(till)
	if err != nil {
		return 0, err
	}
	var es []Entry
	if n > here {
		es = append(es, Entry{Type: Mint, Quota: m.credit(), Amount: n - here})
	}
	_, err = l.Write(tx, "ledger.credit", append(es, Entry{Type: Move, Quota: m.credit(), Amount: n, To: l.feedOf(till), Head: head})...)
	if err != nil {
		return 0, err
	}
	return n, nil
}

// ReturnCredit sends what this guest's till holds of its home's credit above its share
// back to the registrar, who has another till to give it to: without it, one that
// joins later finds all there may be in the hands of those before it. It returns what
// was sent.
func (l *Ledger) ReturnCredit(tx *store.Tx, share int64) (int64, error) {
	b, err := l.open(tx)
	if err != nil {
		return 0, err
	}
	h, err := b.Head()
	if err != nil {
		return 0, err
	}
	m, err := b.Member(h, l.self)
	if err != nil || !m.guest() {
		return 0, err
	}
	to, ok, err := l.home(tx)
	if err != nil || !ok {
		return 0, err
	}
	here, err := l.Here(tx, m.credit())
	if err != nil || here <= share {
		return 0, err
	}
	es, err := l.moves(tx, to, []Amount{{m.credit(), here - share}})
	if err != nil {
		return 0, err
	}
	_, err = l.Write(tx, "ledger.creditBack", es...)
	return here - share, err
}

// CreditAt is what a guest's till holds of its home's credit, or has on its way.
func (l *Ledger) CreditAt(q store.Querier, till wire.Actor, home Subject) (n int64, err error) {
	if err := l.settle(q); err != nil {
		return 0, err
	}
	err = q.QueryRow(`SELECT
		(SELECT coalesce(sum(h.n), 0) FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed WHERE f.inc = ?1 AND h.kind = ?2 AND h.subject = ?3) +
		(SELECT coalesce(sum(n), 0) FROM ledger_move WHERE payee = ?1 AND taken = 0 AND kind = ?2 AND subject = ?3)`,
		till[:], int64(Credit), home[:]).Scan(&n)
	return n, err
}

// creditRoom is what lies here of a credit, and how much more may be made.
func (l *Ledger) creditRoom(tx *store.Tx, q Quota, ceiling int64) (here, room int64, err error) {
	t, err := l.Account(tx, q)
	if err != nil {
		return 0, 0, err
	}
	here, err = l.Here(tx, q)
	return here, max(0, ceiling-(t.Minted+t.Unseen+t.Loss-t.Burned)), err
}

// Spent is how much of another community's credit was used up and not given back:
// what its merchants handed out here for points.
func (l *Ledger) Spent(q store.Querier, home Subject) (int64, error) {
	t, err := l.Account(q, Quota{Kind: Credit, Subject: home})
	return t.Consumed - t.Restored, err
}

// OverCredit is what feeds of guests' tills used up of other communities' credit that
// they did not have, by feed and community: a copied till sells it in two histories.
func (l *Ledger) OverCredit(q store.Querier) (map[wire.Actor]map[Subject]int64, error) {
	list, err := l.Losses(q)
	out := map[wire.Actor]map[Subject]int64{}
	for _, x := range list {
		if x.Quota.Kind != Credit {
			continue
		}
		if out[x.Feed] == nil {
			out[x.Feed] = map[Subject]int64{}
		}
		out[x.Feed][x.Quota.Subject] += x.N
	}
	return out, err
}
