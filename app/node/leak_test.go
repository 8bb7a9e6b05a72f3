package node

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/zstd"

	crdtsync "jishan/crdt/sync"
)

// TestFramesForAMerchant: everything that a session could send to a merchant, as it
// is before the link encrypts it, and unpacked, names nobody; what goes to a station
// has the operators and the ledger's notes, so the search would find what is there, and
// neither names nor what staff typed about somebody.
func TestFramesForAMerchant(t *testing.T) {
	const reason, witness, name, phone = "屡屡犇骉扰邻", "甪里见证", "龘靐齉", "13987650417"
	office := found(t)
	station, merchant := join(t, office, "station", "柳溪实践站"), join(t, office, "merchant", "惠民超市")
	id := office.withPoints(name, phone, "95")
	item := office.must("scheme.get", object{})["items"].([]any)[0].(object)["code"]
	office.must("deed.record", object{"person": id, "item": item, "at": office.now() - 3_600_000, "minutes": 120, "note": "", "witness": witness, "line": ""})
	office.must("deed.deduct", object{"person": id, "points": 1, "reason": reason})
	office.must("order.post", object{"person": id, "type": "维修", "project": "", "text": "客厅的灯", "address": "", "phone": phone, "via": "desk", "once": ""})

	toStation, toMerchant := office.framesFor(station), office.framesFor(merchant)
	if !bytes.Contains(toMerchant, []byte("惠民超市")) || !bytes.Contains(toStation, []byte("经办人甲")) || bytes.Count(toStation, []byte("said:")) == 0 {
		t.Fatalf("the search finds nothing: %d and %d bytes", len(toStation), len(toMerchant))
	}
	for _, text := range []string{name, phone, reason, witness, "客厅的灯"} {
		if bytes.Contains(toMerchant, []byte(text)) {
			t.Errorf("a merchant is sent %q", text)
		}
	}
	for _, text := range []string{name, reason, witness} {
		if bytes.Contains(toStation, []byte(text)) {
			t.Errorf("%q crosses in the clear, for the link's encryption alone to hide", text)
		}
	}
}

// framesFor is what a device that holds nothing yet would be sent, unpacked.
func (d *device) framesFor(to *device) (all []byte) {
	d.t.Helper()
	packed, err := zstd.NewReader(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	defer packed.Close()
	begins := []byte{0x28, 0xb5, 0x2f, 0xfd} // of what zstd wrote
	cfg := d.community.mesh.config(to.Node.device.Load().Public())
	for frame, err := range crdtsync.Export(d.t.Context(), cfg, nil) {
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, frame...)
		if at := bytes.Index(frame, begins); at >= 0 {
			text, err := packed.DecodeAll(frame[at:], nil)
			if err != nil {
				d.t.Fatal(err)
			}
			all = append(all, text...)
		}
	}
	return all
}
