package node

import (
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// TestOverCreditIsNamed: what a copied till sold beyond another community's credit is
// said with its sum, in the alarm of its two branches and beside the agreement. How it
// comes about is the ledger's TestCopiedGuest.
func TestOverCreditIsNamed(t *testing.T) {
	office, other := found(t), start(t, t.TempDir())
	other.must("setup.create", object{"community": "桥东社区", "parent": "", "office": "1 号电脑", "operator": "乙", "grids": []string{}})
	agreed(t, office, other, 20, 20)
	station := join(t, office, "station", "桥东超市")
	station.cut()
	office.forked(station)
	if p := office.alarm("fork")["params"].(object); p["over"] != nil {
		t.Errorf("nothing was sold: %v", p)
	}
	feed, home := station.community.store.Self(), ledger.TextSubject(other.community.charter.Community())
	office.write(func(_ *community, tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO ledger_loss(feed, kind, subject, period, n) VALUES (?, ?, ?, '', 13)`, feed[:], int64(ledger.Credit), home[:])
		return err
	})
	if p := office.alarm("fork")["params"].(object); number(p["over"]) != 13 || p["communities"] != "桥东社区" {
		t.Errorf("the alarm: %v", p)
	}
	if p := office.must("partners.list", object{})["partners"].([]any)[0].(object); number(p["over"]) != 13 {
		t.Errorf("the agreement: %v", p)
	}
}
