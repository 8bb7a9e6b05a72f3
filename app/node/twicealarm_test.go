package node

import (
	"testing"

	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// TestTwiceAlarm: what an open feed with one history cost is said with its device and
// the sum of its points, and no longer once the feed is closed: then it is a loss like
// any other. How such a feed comes about is TestTwoTurnChainsWithoutAFork's.
func TestTwiceAlarm(t *testing.T) {
	t.Parallel()
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("张三", "13900000001"))["id"]
	eventually(t, "the station works", func() bool { _, err := station.call("people.get", object{"id": id}); return err == nil })
	feed := station.Node.community.store.Self()
	station.cut()
	lost := func(kind ledger.Kind, subject string, n int64) {
		office.write(func(_ *community, tx *store.Tx) error {
			s := ledger.TextSubject(subject)
			_, err := tx.Exec(`INSERT INTO ledger_loss(feed, kind, subject, period, n) VALUES (?, ?, ?, '2026', ?)`, feed[:], int64(kind), s[:], n)
			return err
		})
	}
	lost(ledger.Stock, "goods", 3)
	if a := office.alarm("twice"); a != nil {
		t.Errorf("an alarm of no points: %v", a)
	}
	lost(ledger.Points, "one", 5)
	lost(ledger.Points, "another", 2)
	a := office.alarm("twice")
	if a == nil || a["name"] != "柳溪实践站电脑" || a["device"] != deviceText(station.Node.device.Load().Public()) || number(a["params"].(object)["points"]) != 7 {
		t.Fatalf("%v", a)
	}
	office.write(func(c *community, tx *store.Tx) error {
		cuts, err := law.Cuts(tx, c.ledger, feed, "test")
		if err != nil {
			return err
		}
		return c.charter.Write(tx, "govern.close", cuts...)
	})
	if a := office.alarm("twice"); a != nil {
		t.Errorf("its feed is closed: %v", a)
	}
}
