package node

import (
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// room is what a till may hold still, together with what lies there of a person.
func (d *device) room(person any) (room, points int64) {
	d.t.Helper()
	c, err := d.here()
	if err == nil {
		err = c.view(d.t.Context(), func(q store.Querier) (err error) {
			if room, err = c.ledger.Here(q, ledger.Quota{Kind: ledger.Exposure, Subject: ledger.TillSubject(d.device.Load().Public())}); err == nil {
				points, err = c.ledger.Rights(q, ledger.TextSubject(person.(string)))
			}
			return err
		})
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return room, points
}

// tops runs the chore that tops tills up.
func (d *device) tops() {
	d.t.Helper()
	c, err := d.here()
	if err == nil {
		err = c.tend.exposure(d.t.Context())
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestNewMainDeviceAndTheCap: somebody takes over who heard what a till spent and not
// that the old main device had made good for it. It makes it good a second time only
// once it knows what the till has, so the cap holds; then it does at once.
func TestNewMainDeviceAndTheCap(t *testing.T) {
	const limit = 100
	office := start(t, t.TempDir())
	key := office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})["recoveryKey"]
	office.must("limits.set", object{"till": limit, "start": 0})
	second := join(t, office, "office", "副办公室")
	till := join(t, office, "merchant", "惠民超市")
	till.finds(second)
	soap := till.shelf("香皂", 10, 9)
	zhang := person("张三", "13900000001")
	zhang["usualPlace"] = place(office, "惠民超市")
	id := office.must("people.register", zhang)["id"]
	has := func(room, points int64) func() bool {
		return func() bool { r, p := till.room(id); return r == room && p == points }
	}
	eventually(t, "the points are at the till", has(limit-10, 10))
	office.cut()
	if err := till.buy(id, soap, 1); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second has heard of it", func() bool { return number(second.person(id)["spendable"]) == 0 })
	second.cut()
	office.must("devices.pause", object{"on": false})
	eventually(t, "the main device makes it good", has(limit, 0))
	office.cut()
	till.cut()
	second.must("recovery.takeOver", object{"text": key})
	before := second.terms(ledger.Exposure).Minted
	second.tops()
	if after := second.terms(ledger.Exposure).Minted; after != before {
		t.Errorf("it made %d more for a till that it has not heard", after-before)
	}
	second.must("devices.pause", object{"on": false})
	till.must("devices.pause", object{"on": false})
	eventually(t, "they are in step", func() bool {
		return second.row(till)["online"] == true && second.terms(ledger.Exposure).Held == till.terms(ledger.Exposure).Held
	})
	second.must("limits.set", object{"till": limit + 50, "start": 0})
	eventually(t, "a raised cap reaches the till", has(limit+50, 0))
	second.tops()
	if room, _ := till.room(id); room != limit+50 {
		t.Errorf("the till may hold %d", room)
	}
}
