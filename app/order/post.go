package order

import (
	"crypto/sha256"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// New is a wish to post.
type New struct {
	Person  string `json:"person"`
	Type    string `json:"type"`
	Project string `json:"project"` // of the library, "" for none
	Text    string `json:"text"`
	Address string `json:"address"` // where, if not at home
	Phone   string `json:"phone"`   // to call back, if not the person's own
	Via     string `json:"via"`
	Once    string `json:"once"` // a word the screen made: the same one posts once
}

// maxOnce bounds the word that a screen makes, in bytes.
const maxOnce = 100

// Post writes a wish down (点单). The same Once again returns the order that
// stands already. Faults: people.unknown, order.type {max}, order.text {max},
// order.address {max}, order.phone, order.via, order.project.unknown.
func (d *Desk) Post(tx *store.Tx, n New, by string) (string, error) {
	n = n.trimmed()
	if err := d.known(tx, n.Person); err != nil {
		return "", err
	}
	if err := d.fromProject(tx, &n); err != nil {
		return "", err
	}
	if err := n.check(); err != nil {
		return "", err
	}
	once := onceOf(n)
	if id, err := posted(tx, once); err != nil || id != "" {
		return id, err
	}
	id, err := d.newID(tx)
	if err != nil {
		return "", err
	}
	puts, err := d.postPuts(tx, id, n, by, once)
	if err != nil {
		return "", err
	}
	return id, d.put(tx, Path(tx.Now()), "order.post", puts...)
}

func (n New) trimmed() New {
	for _, s := range []*string{&n.Type, &n.Text, &n.Address, &n.Phone} {
		*s = strings.TrimSpace(*s)
	}
	return n
}

func (n New) check() error {
	if err := line("order.type", n.Type, maxShort, true); err != nil {
		return err
	}
	if !fits(n.Text, maxText) || n.Text == "" {
		return fault.New("order.text", "max", maxText)
	}
	if err := line("order.address", n.Address, maxAddress, false); err != nil {
		return err
	}
	if !isPhone(n.Phone) {
		return fault.New("order.phone")
	}
	if !slices.Contains(ways, n.Via) || len(n.Once) > maxOnce {
		return fault.New("order.via")
	}
	return nil
}

// isPhone accepts what can be called back, or nothing.
func isPhone(s string) bool {
	digits := strings.NewReplacer("+", "", "-", "", " ", "").Replace(s)
	return len(s) <= maxPhone && strings.Trim(digits, "0123456789") == "" && (s == "" || len(digits) >= minPhone)
}

// fromProject takes over the type of a project, which must be open.
func (d *Desk) fromProject(q store.Querier, n *New) error {
	if n.Project == "" {
		return nil
	}
	p, err := d.project(q, n.Project)
	if err != nil {
		return err
	}
	if p.Closed {
		return fault.New("order.project.closed")
	}
	if n.Type == "" {
		n.Type = p.Type
	}
	if n.Text == "" {
		n.Text = p.Name
	}
	return nil
}

// onceOf shortens the screen's word, bound to the person; nil without one.
func onceOf(n New) []byte {
	if n.Once == "" {
		return nil
	}
	h := sha256.Sum256([]byte("jishan order once|" + n.Person + "|" + n.Once))
	return h[:16]
}

// posted finds the order that a word has posted already.
func posted(q store.Querier, once []byte) (id string, err error) {
	if once == nil {
		return "", nil
	}
	err = q.QueryRow(`SELECT id FROM order_row WHERE once = ? ORDER BY id LIMIT 1`, once).Scan(&id)
	return id, optional(err)
}

func (d *Desk) postPuts(tx *store.Tx, id string, n New, by string, once []byte) ([]store.Put, error) {
	known, err := d.People.Briefs(tx, []string{n.Person})
	if err != nil {
		return nil, err
	}
	field := func(name string, v wire.Value) store.Put {
		return store.Put{Key: key(kindOrder, id, name), Value: v}
	}
	puts := []store.Put{
		field("person", wire.StringValue(n.Person)), field("type", wire.StringValue(n.Type)), field("project", wire.StringValue(n.Project)),
		field("via", wire.StringValue(n.Via)), field("grid", wire.StringValue(known[n.Person].Grid)), field("by", wire.StringValue(clip(by))),
	}
	if once != nil {
		puts = append(puts, field("once", wire.BytesValue(once)))
	}
	for _, t := range []struct{ name, plain string }{{"text", n.Text}, {"address", n.Address}, {"phone", n.Phone}} {
		if t.plain == "" {
			continue
		}
		sealed, err := d.People.Seal(tx, n.Person, sealField(id, t.name), t.plain)
		if err != nil {
			return nil, err
		}
		puts = append(puts, field(t.name, wire.BytesValue(sealed)))
	}
	return puts, nil
}

// sealField is what a sealed text of an order is bound to: moved to another
// order or field it does not open.
func sealField(order, field string) string { return "order/" + order + "/" + field }

// Cancel says why nothing comes of a wish. Faults: order.unknown, order.why,
// order.closed {state}.
func (d *Desk) Cancel(tx *store.Tx, id, why string) error {
	r, err := d.record(tx, id)
	switch {
	case err != nil:
		return err
	case !slices.Contains(cancelWhys, why):
		return fault.New("order.why")
	case r.State == Cancelled:
		return nil
	case r.State == Served || r.State == Closed:
		return fault.New("order.closed", "state", r.State)
	}
	if err := d.put(tx, r.path, "order.cancel", store.Put{Key: key(kindOrder, id, "cancel"), Value: encode(cancelValue{Format: format, Why: why})}); err != nil {
		return err
	}
	return d.withdraw(tx, id, "")
}

// CancelOwn is Cancel by the resident, on the phone. Faults: as Cancel.
func (d *Desk) CancelOwn(tx *store.Tx, id, person string) error {
	if err := d.mine(tx, id, person); err != nil {
		return err
	}
	return d.Cancel(tx, id, "withdrawn")
}

// mine refuses an order of somebody else as if it did not exist. Fault:
// order.unknown.
func (d *Desk) mine(q store.Querier, id, person string) error {
	r, err := d.record(q, id)
	if err != nil {
		return err
	}
	own, err := d.Same.One(q, r.Person, person)
	if err == nil && !own {
		err = fault.New("order.unknown")
	}
	return err
}
