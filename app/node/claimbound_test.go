package node

import (
	"fmt"
	"testing"

	"jishan/app/claim"
	"jishan/crdt/store"
)

// modified writes to the claims as a program does that asks nobody.
func (d *device) modified(fn func(c *community, tx *store.Tx) error) {
	d.t.Helper()
	c, err := d.here()
	if err == nil {
		err = c.write(d.t.Context(), func(tx *store.Tx) error { return fn(c, tx) })
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestAKeepersWordLiftsNothing: a claim under a keeper's signature is one that nobody
// signed for: it waits for a lead.
func TestAKeepersWordLiftsNothing(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	d.must("operators.add", object{"name": "看店乙", "role": "keeper", "until": 0, "pin": "2468"})
	d.must("operators.add", object{"name": "李四", "role": "clerk", "until": 0, "pin": "1379"})
	who := d.must("people.register", person("王五", "13900000001"))["id"]
	d.mustOpen("看店乙", "2468")
	d.modified(func(c *community, tx *store.Tx) error {
		own, sits := c.node.seat.signer()
		if !sits {
			t.Fatal("nobody sits here")
		}
		_, _, err := c.claimOne(tx, who.(string), claimPost{Item: "HJ02", At: d.now(), Via: claim.FromDesk}, c.signerOf(own), "")
		return err
	})
	d.mustOpen("李四", "1379")
	x := d.newest(who)
	if x["state"] != claim.Reviewing || x["lead"] != true {
		t.Fatalf("%v", x)
	}
	d.refuses("operator.role", "claim.review", object{"id": x["id"], "yes": true, "why": ""})
	d.mustOpen("经办人甲", "2580")
	d.must("claim.review", object{"id": x["id"], "yes": true, "why": ""})
	eventually(t, "a lead's word lets it pass", func() bool { return d.newest(who)["state"] == claim.Booked })
}

// TestWordsOfAClaimAreBounded: of what one device says of a claim a bounded number is
// read, the same everywhere, whatever a modified program writes.
func TestWordsOfAClaimAreBounded(t *testing.T) {
	const most = 32
	office := found(t)
	office.ruled("HJ02", object{"notice": 3})
	who := office.must("people.register", person("王五", "13900000001"))["id"]
	office.claimed("HJ02", who)
	id := office.newest(who)["id"].(string)
	office.modified(func(c *community, tx *store.Tx) error {
		x, err := c.claim.Get(tx, id)
		for range most + 5 { // it never looks again at what it has said
			if err == nil {
				err = c.claim.Object(tx, x, nil)
			}
		}
		return err
	})
	office.modified(func(c *community, tx *store.Tx) error {
		x, err := c.claim.Get(tx, id)
		if got := len(x.Objections()); got != most {
			t.Errorf("%d objections are read", got)
		}
		return err
	})
	office.must("app.operator", object{"name": "经办人乙"})
	if x := office.must("claim.answer", object{"id": id, "yes": false, "why": "查过"}); x["state"] != claim.Noticed {
		t.Errorf("it can't be answered any more: %v", x["state"])
	}
	office.refuses("claim.words", "claim.appeal", object{"id": id, "text": "还有一句"})
}

// TestAnsweredAppealsHideNoOpenOne: in the list of what is to be answered after
// booking, what was answered takes no place.
func TestAnsweredAppealsHideNoOpenOne(t *testing.T) {
	office := found(t)
	var ids []any
	for n, name := range []string{"王五", "赵六", "孙七"} {
		who := office.must("people.register", person(name, fmt.Sprintf("1390000000%d", n)))["id"]
		office.claimed("HJ02", who)
		eventually(t, "it is booked", func() bool { return office.newest(who)["state"] == claim.Booked })
		ids = append(ids, office.newest(who)["id"])
	}
	for _, id := range ids {
		office.modified(func(c *community, tx *store.Tx) error {
			x, err := c.claim.Get(tx, id.(string))
			if err != nil {
				return err
			}
			return c.claim.Object(tx, x, nil)
		})
	}
	open := ids[1]
	office.must("app.operator", object{"name": "经办人乙"}) // what was entered is answered by somebody else
	for _, id := range ids {
		if id != open {
			office.modified(func(c *community, tx *store.Tx) error {
				x, err := c.claim.Get(tx, id.(string))
				if err != nil {
					return err
				}
				return c.claim.AnswerAppeal(tx, x, false, nil, claim.Who{Name: "经办人乙"}, nil)
			})
		}
	}
	office.modified(func(c *community, tx *store.Tx) error {
		list, err := c.claim.Late(tx, 1)
		if err == nil && (len(list) != 1 || list[0].ID != open) {
			t.Errorf("%d listed, want the one that is open", len(list))
		}
		return err
	})
}
