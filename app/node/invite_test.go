package node

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/p2p/pair"
)

// fatten writes successions into the charter as restored devices of a large
// town would, some 37 KB each.
func fatten(t *testing.T, office *device, changes int) {
	t.Helper()
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	rights := make([]govern.Right, 1000)
	for i := range rights {
		_, _ = rand.Read(rights[i].Quota[:]) // never fails
		rights[i].Amount = 1
	}
	err = c.write(t.Context(), func(tx *store.Tx) error {
		for range changes {
			e := govern.Succeed{Rights: rights}
			_, _ = rand.Read(e.Feed[:])
			_, _ = rand.Read(e.To[:])
			if err := c.charter.Write(tx, "govern.succeed", e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// charterSize tells how many changes and bytes the charter has.
func charterSize(t *testing.T, d *device) (changes, bytes int) {
	t.Helper()
	c, err := d.here()
	if err != nil {
		t.Fatal(err)
	}
	err = c.view(t.Context(), func(q store.Querier) error {
		return q.QueryRow(`SELECT count(*), sum(length(value)) FROM govern_change`).Scan(&changes, &bytes)
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes, bytes
}

// A charter grows for ever; whoever joins gets all of it, in parts.
func TestJoinWithALongCharter(t *testing.T) {
	office := found(t)
	fatten(t, office, 40)
	if _, n := charterSize(t, office); n < 1<<20 {
		t.Fatalf("the charter has %d bytes only", n)
	}
	station := join(t, office, "station", "二号站")
	a, _ := charterSize(t, office)
	if b, _ := charterSize(t, station); a != b {
		t.Errorf("%d changes at the office, %d at the station", a, b)
	}
}

// breakOff joins from a folder as far as some messages, and goes away. It tells
// whether there was another one.
func breakOff(t *testing.T, dir, text string, messages int) (more bool) {
	t.Helper()
	device, err := govern.LoadOrCreateDevice(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{cfg: Config{Data: dir, Rand: rand.Reader}, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	n.device.Store(device)
	ticket, err := pair.ParseTicket(text, time.Now().UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	inc, err := freshIncarnation(t.TempDir(), rand.Reader, device.Private, time.Now().UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	w, done, err := n.askToJoin(ctx, ticket, joinMessage{Version: joinVersion, Name: "二号站电脑", Recipient: device.Recipient(), Incarnation: inc.Encode()})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for range messages {
		if _, err := w.Next(); errors.Is(err, io.EOF) {
			return false
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return true
}

// A joiner that breaks off leaves nothing in the charter, or one certificate
// with which it gets in at last.
func TestJoinersThatBreakOff(t *testing.T) {
	office := found(t)
	fatten(t, office, 30)
	office.looks(2) // what the office writes into its charter by itself stands in it
	dir := t.TempDir()
	before, _ := charterSize(t, office)
	var ticket object
	messages := 0
	for more := true; more; messages++ {
		ticket = office.must("devices.ticket", object{"role": "station", "name": "二号站电脑", "placeName": "二号站"})
		more = breakOff(t, dir, ticket["text"].(string), messages)
		if now, _ := charterSize(t, office); now > before && messages < 6 || now > before+1 {
			t.Fatalf("after %d messages the charter has %d changes more", messages, now-before)
		}
	}
	if messages < 10 {
		t.Errorf("only %d messages: the charter was not told in parts", messages)
	}
	d := start(t, dir)
	d.must("setup.join", object{"text": ticket["text"], "device": "二号站电脑", "operator": "经办人乙"})
	eventually(t, "the device is ready", func() bool { return d.must("app.state", object{})["phase"] == "ready" })
	if now, _ := charterSize(t, office); now != before+1 {
		t.Errorf("%d changes of the charter for one device", now-before)
	}
}
