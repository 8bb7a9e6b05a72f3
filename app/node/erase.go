package node

import (
	"context"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

// Who looked at a person's data, and forgetting a person (docs/personal-data.md).

func (n *Node) eraseCalls() map[string]handler {
	return map[string]handler{
		"people.views":     staff(n, (*community).viewLog),
		"people.eraseLook": staff(n, (*community).eraseLook),
		"people.erase":     staff(n, (*community).erase),
		"people.erasures":  staff(n, (*community).erasures),
	}
}

// maxViewRows bounds the looks of one answer: a screen shows a dozen at a time.
const maxViewRows = 200

type viewsRequest struct {
	ID     string `json:"id"`
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
}

type viewsReply struct {
	Device string        `json:"device"` // this one: the log does not travel
	Total  int           `json:"total"`
	Rows   []people.View `json:"rows"` // the latest first
}

func (c *community) viewLog(ctx context.Context, r viewsRequest) (viewsReply, error) {
	id, err := people.ParseID(r.ID)
	if err != nil {
		return viewsReply{}, err
	}
	self, _ := c.self()
	out := viewsReply{Device: self.Name}
	out.Rows, out.Total, err = c.people.Views(ctx, id, max(0, r.Offset), min(max(0, r.Limit), maxViewRows))
	return out, err
}

// eraseReply is what is still open about a person, and where it is kept.
type eraseReply struct {
	Spendable    int64 `json:"spendable"`
	OnTheWay     int64 `json:"onTheWay"`
	Debt         int64 `json:"debt"`
	Reservations int   `json:"reservations"` // open ones that this device knows of
	Vouchers     int   `json:"vouchers"`     // the same
	Devices      int   `json:"devices"`      // other staff devices, which follow when they sync next
}

// eraseLook says what an erasure would leave behind. Fault: people.unknown.
func (c *community) eraseLook(ctx context.Context, r idRequest) (eraseReply, error) {
	id, err := people.ParseID(r.ID)
	if err != nil {
		return eraseReply{}, err
	}
	rows, err := c.people.Rows(ctx, []people.ID{id})
	if err == nil && len(rows) == 0 {
		err = fault.New("people.unknown")
	}
	if err != nil {
		return eraseReply{}, err
	}
	out := eraseReply{Spendable: rows[0].Spendable, OnTheWay: rows[0].OnTheWay, Debt: rows[0].Debt, Devices: c.otherStaff()}
	open, err := c.openVouchers(ctx, id)
	if err != nil {
		return out, err
	}
	out.Vouchers = len(open)
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.shop.ReservationsOf(q, r.ID)
		out.Reservations = len(list)
		return err
	})
	return out, err
}

// otherStaff counts the devices that keep people beside this one.
func (c *community) otherStaff() (n int) {
	self := c.node.device.Load().Public()
	for _, d := range c.charter.Devices() {
		if d.Role.Staff() && !d.Revoked && d.Device != self {
			n++
		}
	}
	return n
}

type erasedReply struct {
	Devices int `json:"devices"` // other staff devices, which follow when they sync next
}

// erase forgets a person. The name is typed once more, so that nobody is
// forgotten by a slip of the hand. Faults: people.erase.name, people.unknown.
func (c *community) erase(ctx context.Context, r struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}) (erasedReply, error) {
	if _, err := c.typed(ctx, r.ID, r.Name); err != nil {
		return erasedReply{}, err
	}
	if err := c.people.Erase(ctx, c.operator(), r.ID); err != nil {
		return erasedReply{}, err
	}
	return erasedReply{c.otherStaff()}, nil
}
