package order

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Dispatch says who an order is given to.
type Dispatch struct {
	Kind  string `json:"kind"`
	Party string `json:"party"` // person, team or place
	Item  string `json:"item"`  // of the scheme, "" for no points
	Tell  bool   `json:"tell"`  // a merchant is told address and phone
	Seen  string `json:"seen"`  // the dispatch that the screen showed, "" for none
}

// Dispatch gives an order to somebody (派单), also when it was given to somebody
// else before. Doing it twice gives it once. Faults: order.unknown,
// order.closed {state}, order.moved {name} (somebody gave it to another
// meanwhile), order.party, order.self, scheme.item.unknown.
func (d *Desk) Dispatch(tx *store.Tx, id string, n Dispatch) error {
	r, err := d.record(tx, id)
	if err != nil {
		return err
	}
	if err := d.mayDispatch(tx, r, n); err != nil {
		return err
	}
	rule, err := d.rule(tx, n.Item)
	if err != nil {
		return err
	}
	if r.State != Posted && r.Party.Kind == n.Kind && r.Party.ID == n.Party && r.item == n.Item {
		return nil
	}
	if n.Seen != r.offer {
		return fault.New("order.moved", "name", r.Party.Name)
	}
	offer, err := d.newID(tx)
	if err != nil {
		return err
	}
	v := offerValue{Format: format, ID: offer, Kind: n.Kind, Party: n.Party, Rule: rule}
	if n.Kind == ToMerchant {
		v.Month = zone.Month(tx.Now())
	}
	if err := d.put(tx, r.path, "order.dispatch", store.Put{Key: key(kindOrder, id, "offer"), Value: encode(v)}); err != nil {
		return err
	}
	if err := d.withdraw(tx, id, offer); err != nil || n.Kind != ToMerchant {
		return err
	}
	return d.brief(tx, r, v, n.Tell)
}

func (d *Desk) mayDispatch(q store.Querier, r record, n Dispatch) error {
	if r.State == Served || r.State == Closed || r.State == Cancelled {
		return fault.New("order.closed", "state", r.State)
	}
	ok := false
	var err error
	switch n.Kind {
	case ToPerson:
		if n.Party == r.Person {
			return fault.New("order.self")
		}
		if err := d.known(q, n.Party); err != nil {
			return err
		}
		ok = true
	case ToTeam:
		ok, err = d.openTeam(q, n.Party)
	case ToMerchant:
		_, ok = d.Places.Merchant(n.Party)
	}
	if err == nil && !ok {
		err = fault.New("order.party")
	}
	return err
}

// rule keeps the item as it stands in the version in force.
func (d *Desk) rule(q store.Querier, code string) (ruleValue, error) {
	if code == "" {
		return ruleValue{}, nil
	}
	s, err := d.Scheme.Get(q)
	if err != nil {
		return ruleValue{}, err
	}
	i, err := s.Find(code)
	return ruleValue{Version: s.Version, Code: i.Code, Name: i.Name, Kind: i.Kind, Points: i.Points, Minutes: i.Minutes}, err
}

// brief writes into the merchant's document what it needs.
func (d *Desk) brief(tx *store.Tx, r record, v offerValue, tell bool) error {
	row := r.Row
	if err := d.dress(tx, []*Row{&row}); err != nil {
		return err
	}
	c := contactValue{Format: format, Text: row.Text}
	if tell {
		var err error
		if c.Address, c.Phone, err = d.Reach(tx, r.ID); err != nil {
			return err
		}
	}
	sealed, err := d.Places.SealTo(v.Party, must(encoding.Marshal(c)))
	if err != nil {
		return err
	}
	b := briefValue{Format: format, Type: row.Type, Project: row.ProjectName, Masked: row.Masked, Made: row.Made, Sealed: sealed}
	return d.put(tx, "order/"+v.Party+"/"+v.Month, "order.brief", store.Put{Key: key(kindJob, r.ID, v.ID, "brief"), Value: encode(b)})
}

// Reach says where and by which number a resident is reached, for who was asked
// to go there: as the wish says, else as the records do. Fault: order.unknown.
func (d *Desk) Reach(q store.Querier, id string) (address, phone string, err error) {
	r, err := d.record(q, id)
	if err != nil {
		return "", "", err
	}
	if address, phone, err = d.contact(q, r); err != nil {
		return "", "", err
	}
	knownPhone, knownAddress, err := d.People.Reach(r.Person)
	return cmp.Or(address, knownAddress), cmp.Or(phone, knownPhone), err
}

// contact opens where and by which number a resident is reached.
func (d *Desk) contact(q store.Querier, r record) (address, phone string, err error) {
	if address, err = d.open(q, r, "address"); err == nil {
		phone, err = d.open(q, r, "phone")
	}
	return address, phone, err
}

// withdraw tells the merchants that had an order that they have it no more;
// but for the dispatch that is in force now.
func (d *Desk) withdraw(tx *store.Tx, id, but string) error {
	type job struct{ offer, path string }
	var jobs []job
	err := store.EachRow(tx, func(r *sql.Rows) error {
		var j job
		err := r.Scan(&j.offer, &j.path)
		jobs = append(jobs, j)
		return err
	}, `SELECT offer, path FROM order_job WHERE order_id = ? AND offer != ? AND void = 0`, id, but)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if err := d.put(tx, j.path, "order.withdraw", store.Put{Key: key(kindJob, id, j.offer, "void"), Value: wire.TimeValue(tx.Now())}); err != nil {
			return err
		}
	}
	return nil
}

// Settle decides between dispatches that were made apart. Faults:
// order.unknown, order.offer (none of those kept).
func (d *Desk) Settle(tx *store.Tx, id, offer string) error {
	r, err := d.record(tx, id)
	if err != nil {
		return err
	}
	list, err := valuesOf(tx, id)
	if err != nil {
		return err
	}
	f := read(list)
	i := slices.IndexFunc(append([]dispatch{f.in}, f.rivals...), func(x dispatch) bool { return x.ID == offer && offer != "" })
	if i < 0 {
		return fault.New("order.offer")
	}
	if len(f.rivals) == 0 {
		return nil
	}
	v := append([]dispatch{f.in}, f.rivals...)[i].offerValue
	if err := d.put(tx, r.path, "order.settle", store.Put{Key: key(kindOrder, id, "offer"), Value: encode(v)}); err != nil {
		return err
	}
	return d.withdraw(tx, id, offer)
}

// isMember says whether a person may answer for a party.
func (d *Desk) isMember(q store.Querier, r record, person string) (bool, error) {
	switch r.Party.Kind {
	case ToPerson:
		return d.Same.One(q, r.Party.ID, person)
	case ToTeam:
		ids, err := d.Same.List(q, person)
		if err != nil {
			return false, err
		}
		var n int
		err = q.QueryRow(`SELECT (SELECT COUNT(*) FROM order_member WHERE team = ?1 AND person IN (SELECT value FROM json_each(?2)) AND since != 0)
			+ (SELECT COUNT(*) FROM order_team WHERE id = ?1 AND lead IN (SELECT value FROM json_each(?2)))`, r.Party.ID, ids).Scan(&n)
		return n > 0, err
	}
	return false, nil
}

// placeOf returns the party of a merchant's document.
func placeOf(path string) string { return strings.Split(path, "/")[1] }
