package law

import (
	"fmt"

	"jishan/app/order"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// merchantOrder judges what a merchant wrote into the orders given to it: its
// answers, no more. The role is the one under the head that the change names.
func (r Rules) merchantOrder(tx *store.Tx, ch *wire.Change, c seal.Context) error {
	device, known, err := r.Charter.DeviceOf(tx, ch.Actor)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("law: incarnation %s is not known", ch.Actor)
	}
	role, err := r.Charter.RoleAt(tx, device, c)
	if err != nil || role.Staff() {
		return err
	}
	return order.MerchantForm(ch)
}
