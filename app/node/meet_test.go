package node

import (
	"context"
	"errors"
	"slices"
	"testing"

	"jishan/app/fault"
	"jishan/p2p/pair"
)

// address is where people type that a device listens.
func (d *device) address() string {
	d.t.Helper()
	return d.must("devices.meeting", object{})["addresses"].([]any)[0].(string)
}

// knocker returns the n-th device at the window.
func (d *device) knocker(n int) object {
	d.t.Helper()
	list := d.must("devices.meeting", object{})["knockers"].([]any)
	if len(list) <= n {
		return object{}
	}
	return list[n].(object)
}

func (d *device) knocking() object { return d.must("setup.knocking", object{}) }

// pickedAt has a new device picked at the office, and returns the digits that it
// shows.
func pickedAt(t *testing.T, office, joiner *device, role, name, place string) string {
	t.Helper()
	eventually(t, "it is seen", func() bool { return office.knocker(0)["phase"] == "waiting" })
	office.must("devices.meetPick", object{"id": office.knocker(0)["id"], "role": role, "name": name, "placeName": place})
	eventually(t, "it shows digits", func() bool { return joiner.knocking()["phase"] == "offered" })
	eventually(t, "digits can be typed", func() bool { return office.knocker(0)["phase"] == "compare" })
	return joiner.knocking()["code"].(string)
}

// A computer of the same room joins by six digits: both sides see who, which
// community and which role before either agrees.
func TestJoinByDigits(t *testing.T) {
	office, joiner := found(t), start(t, t.TempDir())
	address := office.address()
	joiner.refuses("meet.unreachable", "setup.knock", object{"id": "", "address": address, "name": "新笔记本"})
	office.must("devices.meet", object{"on": true})
	joiner.must("setup.knock", object{"id": "", "address": address, "name": "新笔记本"})
	eventually(t, "it is seen by its name", func() bool { return office.knocker(0)["name"] == "新笔记本" })
	code := pickedAt(t, office, joiner, "station", "柳溪站电脑", "柳溪实践站")
	shown := joiner.knocking()
	for key, want := range map[string]any{"community": "柳溪社区", "office": "1 号电脑", "role": "station", "place": "柳溪实践站", "name": "柳溪站电脑"} {
		if shown[key] != want {
			t.Errorf("%s: %v, want %v", key, shown[key], want)
		}
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	office.refuses("meet.digits", "devices.meetCode", object{"code": wrong})
	office.must("devices.meetCode", object{"code": code[:3] + " " + code[3:]})
	if office.knocker(0)["phase"] != "matched" || len(office.must("devices.list", object{})["devices"].([]any)) != 1 {
		t.Errorf("nobody agreed there yet: %v", office.knocker(0))
	}
	joiner.refuses("operator.bad", "setup.agree", object{"operator": "", "pin": ""})
	joiner.must("setup.agree", object{"operator": "经办人乙", "pin": ""})
	eventually(t, "it is ready", func() bool { return joiner.must("app.state", object{})["phase"] == "ready" })
	self := joiner.must("app.state", object{})["device"].(object)
	if self["name"] != "柳溪站电脑" || self["role"] != "station" {
		t.Errorf("it is %v", self)
	}
	if k := office.knocker(0); k["phase"] != "joined" || k["as"] != "柳溪站电脑" {
		t.Errorf("the office sees %v", k)
	}
	eventually(t, "the meeting is over", func() bool { return joiner.knocking()["phase"] == "" })
	eventually(t, "they are connected", func() bool { online, _, _, _ := office.shown(); return online })
	office.must("devices.meet", object{"on": false})
	if v := office.must("devices.meeting", object{}); number(v["left"]) != 0 {
		t.Errorf("still open: %v", v)
	}
}

// Outside the window nothing answers: no connection, no list, no pick; a ticket
// that is open for somebody else opens it to nobody.
func TestNothingKnocksOutsideTheWindow(t *testing.T) {
	office, joiner := found(t), start(t, t.TempDir())
	address := office.address()
	office.must("devices.ticket", object{"role": "station", "name": "二号站电脑", "placeName": "二号站"})
	knocked := func(when string) {
		t.Helper()
		if _, err := joiner.call("setup.knock", object{"id": "", "address": address, "name": "新笔记本"}); err == nil {
			eventually(t, when+": it learns that nobody is there", func() bool { return joiner.knocking()["phase"] == "over" })
			if f := joiner.knocking()["fault"].(object); f["code"] != "meet.gone" { // cut off, without a word
				t.Errorf("%s: %v", when, f)
			}
		}
		if k := office.knocker(0); len(k) != 0 {
			t.Errorf("%s: %v", when, k)
		}
	}
	knocked("before")
	office.must("devices.meet", object{"on": true})
	joiner.must("setup.knock", object{"id": "", "address": address, "name": "新笔记本"})
	pickedAt(t, office, joiner, "station", "柳溪站电脑", "柳溪实践站")
	office.must("devices.meet", object{"on": false})
	eventually(t, "who waited is told", func() bool { return joiner.knocking()["phase"] == "over" })
	if f := joiner.knocking()["fault"].(object); f["code"] != "meet.over" {
		t.Errorf("%v", f)
	}
	knocked("after")
	office.refuses("meet.over", "devices.meetCode", object{"code": "000000"})
	joiner.refuses("meet.over", "setup.agree", object{"operator": "经办人乙", "pin": ""})

	station := join(t, office, "station", "三号站")
	station.refuses("govern.registrar.only", "devices.meet", object{"on": true})
	station.refuses("setup.done", "setup.knock", object{"id": "", "address": address, "name": "新笔记本"})
	office.must("devices.pause", object{"on": true})
	office.refuses("net.off", "devices.meet", object{"on": true})
}

// Three wrong codes end it on both sides.
func TestWrongDigitsEndTheMeeting(t *testing.T) {
	office, joiner := found(t), start(t, t.TempDir())
	office.must("devices.meet", object{"on": true})
	joiner.must("setup.knock", object{"id": "", "address": office.address(), "name": "新笔记本"})
	code := pickedAt(t, office, joiner, "merchant", "粮油店电脑", "粮油店")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	joiner.must("setup.agree", object{"operator": "经办人乙", "pin": ""})
	for range pair.MeetTries - 1 {
		office.refuses("meet.digits", "devices.meetCode", object{"code": wrong})
	}
	office.refuses("meet.wrong", "devices.meetCode", object{"code": wrong})
	office.refuses("meet.over", "devices.meetCode", object{"code": code})
	eventually(t, "the new device hears why", func() bool { return joiner.knocking()["phase"] == "over" })
	if f := joiner.knocking()["fault"].(object); f["code"] != "meet.wrong" {
		t.Errorf("%v", f)
	}
	if joiner.must("app.state", object{})["phase"] != "new" || len(office.must("devices.list", object{})["devices"].([]any)) != 1 {
		t.Error("it joined with the wrong digits")
	}
}

// A stranger's name is shown as one short line, or not at all.
func TestStrangersNames(t *testing.T) {
	for name, want := range map[string]string{"新笔记本": "新笔记本", " a ": "a", "a\nb": "", "evil\u202etxt": ""} {
		if got := plainName(name); got != want {
			t.Errorf("%q is shown as %q", name, got)
		}
	}
	for text, want := range map[string]string{"192.168.1.20": "/ip4/192.168.1.20/tcp/8421", "192.168.1.20:9000": "/ip4/192.168.1.20/tcp/9000",
		"fd00::1": "/ip6/fd00::1/tcp/8421", "[fd00::1]:7": "/ip6/fd00::1/tcp/7", "office.example": "", ":8421": "", "192.168.1.20:0": "", "": ""} {
		list, err := typedAddress(text)
		if want == "" && errors.Is(err, fault.New("devices.address.bad")) {
			continue
		}
		if err != nil || list[0] != want {
			t.Errorf("%q: %v %v", text, list, err)
		}
	}
	n := &Node{hub: newHub()}
	if _, err := n.leave(context.Background(), none{}); err != nil {
		t.Error(err)
	}
}

// A device shows where it can be found, as one types it; what was typed for another
// one is kept, tried, and shown with it, also after a restart.
func TestTypedAddressIsKept(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	shown := func(d *device, self bool) (out []any) {
		for _, x := range d.must("devices.list", object{})["devices"].([]any) {
			if x := x.(object); x["self"] == self {
				out = append(out, x["addresses"].([]any)...)
			}
		}
		return out
	}
	if list := shown(station, true); len(list) != 1 || list[0] != station.address() {
		t.Errorf("its own addresses: %v", list)
	}
	eventually(t, "the office knows the station's address", func() bool { return slices.Contains(shown(office, false), any(station.address())) })
	office.must("devices.addAddress", object{"id": stationID(office), "address": "127.0.0.1:9"})
	office.refuses("devices.address.bad", "devices.addAddress", object{"id": stationID(office), "address": "station.example"})
	dir := office.dir
	office.stop()
	again := start(t, dir)
	if list := shown(again, false); !slices.Contains(list, any("127.0.0.1:9")) {
		t.Errorf("after a restart: %v", list)
	}
	eventually(t, "the others are tried as well", func() bool { return again.sync("online") == 1 })
}
