package people

import (
	"fmt"
	"strings"

	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Field is one thing that is kept of a person, under the key
// person/<id>/<name>.
type Field struct {
	Name   string
	Secret bool      // sealed with the person's key; a Bytes value
	Kind   wire.Kind // of a field that is not secret
	Limit  int       // bytes of a text that is not secret

	// greatest, if there is one, tells whether a is greater than b: of values
	// that were written apart the greatest holds.
	greatest func(a, b wire.Value) bool
}

// Fields lists what is kept of a person. What is not secret here is read in
// the clear by every staff device, and by nobody else.
var Fields = []Field{
	{Name: "name", Secret: true},
	{Name: "phone", Secret: true},
	{Name: "idnumber", Secret: true},
	{Name: "birthday", Secret: true},
	{Name: "address", Secret: true},
	{Name: "note", Secret: true},
	{Name: "guardian", Secret: true},
	{Name: "skills", Secret: true},
	{Name: "shop", Secret: true},                      // id of the merchant that the person keeps: beside an open shop it would say who it is
	{Name: "grid", Kind: wire.String, Limit: 64},      // id of a grid
	{Name: "household", Kind: wire.String, Limit: 26}, // id of a household
	{Name: "usual", Kind: wire.String, Limit: 64},     // id of the usual place of redemption
	{Name: "flags", Kind: wire.String, Limit: 200},    // words, comma between: away, unable
	{Name: "created", Kind: wire.Timestamp},
	{Name: "card", Kind: wire.String, Limit: 20, greatest: laterCard}, // <generation>.<attempt>
	{Name: "blocked", Kind: wire.Int, greatest: greaterNumber},        // generation of the card that is blocked
	{Name: "status", Kind: wire.String, Limit: 20},                    // "" or erased
	{Name: "generation", Kind: wire.Int},                              // of the id, above 0 after an erasure
	{Name: "pin", Secret: true},                                       // of the card: <card>:<verifier>
	{Name: "opening", Kind: wire.String, Limit: 80},                   // lifetime,year,spendable brought along; then there is no bonus
}

// householdFields lists what is kept of a household, under
// household/<id>/<name>. Its members name it; its name is its head's.
var householdFields = []Field{
	{Name: "head", Kind: wire.String, Limit: 26}, // id of a person
	{Name: "created", Kind: wire.Timestamp},
}

func fieldOf(kind, name string) (Field, bool) {
	list := Fields
	if kind == "household" {
		list = householdFields
	}
	for _, f := range list {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// personKey and householdKey make a record's key.
func personKey(id ID, field string) string    { return "person/" + id.String() + "/" + field }
func householdKey(id ID, field string) string { return "household/" + id.String() + "/" + field }

// parseKey takes a key apart; false for what is no field of a person or a
// household, as a newer program may write.
func parseKey(key string) (kind string, id ID, f Field, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != "person" && parts[0] != "household" {
		return "", ID{}, Field{}, false
	}
	id, err := ParseID(parts[1])
	if err != nil {
		return "", ID{}, Field{}, false
	}
	f, ok = fieldOf(parts[0], parts[2])
	return parts[0], id, f, ok
}

// Form checks the fields of a change of a people document: types, sizes, and
// that each record stands in its own shard. Fields that it does not know pass:
// a newer program wrote them. The document of refused cards is stricter.
func Form(doc store.DocID, ch *wire.Change) error {
	at, err := govern.ParsePath(doc)
	if err != nil {
		return err
	}
	if at.Row.Doc == cardDoc {
		return cardForm(ch)
	}
	shard := at.Shard
	for _, op := range ch.Ops {
		if err := baseForm(op, shard); err != nil {
			return err
		}
		if err := pairForm(op, shard); err != nil {
			return err
		}
		if err := saidForm(op, shard); err != nil {
			return err
		}
		if err := consentForm(op, shard); err != nil {
			return err
		}
		if err := receiptForm(op, shard, ch.Actor); err != nil {
			return err
		}
		kind, id, f, ok := parseKey(op.Key)
		if !ok {
			continue
		}
		if id.Shard() != shard {
			return fmt.Errorf("people: %s/%s stands in shard %d", kind, id, shard)
		}
		if err := f.check(op); err != nil {
			return err
		}
	}
	return nil
}

func (f Field) check(op wire.Op) error {
	bad := fmt.Errorf("people: a bad value of %s", f.Name)
	switch {
	case op.Delete:
		return nil
	case f.Secret:
		if op.Value.Kind != wire.Bytes {
			return bad
		}
		if _, err := valueKey([]byte(op.Value.Raw)); err != nil && op.Value.Raw != "" && op.Value.Raw[0] == valueVersion {
			return bad
		}
		return nil
	case op.Value.Kind != f.Kind || f.Kind == wire.String && len(op.Value.Raw) > f.Limit:
		return bad
	}
	return nil
}

// doc returns the document that holds a record.
func (p *People) doc(id ID) store.DocID {
	return p.charter.Doc(fmt.Sprintf("people/%02d", id.Shard()))
}

// place is what a sealed value is bound to.
func (p *People) place(id ID, field string) string {
	return p.charter.Community() + "/" + id.String() + "/" + field
}
