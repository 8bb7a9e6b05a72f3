package boot

import (
	"testing"
	"time"
)

// TestMeetOnTheLAN: a new computer finds the office by name while its window is
// open, and joins by six digits; nobody typed an address.
func TestMeetOnTheLAN(t *testing.T) { onLAN(t, 2, metOnTheLAN) }

type office struct{ ID, Community, Office string }

func metOnTheLAN(t *testing.T, pcs []*computer) {
	desk, fresh := pcs[0], pcs[1]
	found(t, desk)
	look := func() []office {
		var a struct {
			LAN     bool
			Offices []office
		}
		fresh.call(t, "setup.offices", object{}, &a)
		if !a.LAN {
			t.Fatal("it does not look around")
		}
		return a.Offices
	}
	if list := look(); len(list) != 0 {
		t.Fatalf("with the window closed: %+v", list)
	}
	began := time.Now()
	desk.call(t, "devices.meet", object{"on": true}, nil)
	var seen []office
	wait(t, meetLimit, "the office is seen by its name", func() bool { seen = look(); return len(seen) == 1 && seen[0].Community != "" })
	fresh.call(t, "setup.knock", object{"id": seen[0].ID, "address": "", "name": "新笔记本"}, nil)
	type knocker struct{ ID, Name, Phase string }
	at := func() knocker {
		var a struct{ Knockers []knocker }
		desk.call(t, "devices.meeting", object{}, &a)
		if len(a.Knockers) != 1 {
			return knocker{}
		}
		return a.Knockers[0]
	}
	wait(t, meetLimit, "it is seen by its name", func() bool { return at().Name == "新笔记本" })
	desk.call(t, "devices.meetPick", object{"id": at().ID, "role": "station", "name": "柳溪站电脑", "placeName": "柳溪实践站"}, nil)
	wait(t, meetLimit, "digits can be compared", func() bool { return at().Phase == "compare" })
	var shown struct{ Phase, Code, Name string }
	// The office has the digits first: they are on the new computer's screen a moment later.
	wait(t, meetLimit, "the new computer shows the digits", func() bool {
		fresh.call(t, "setup.knocking", object{}, &shown)
		return shown.Code != ""
	})
	desk.call(t, "devices.meetCode", object{"code": shown.Code}, nil)
	fresh.call(t, "setup.agree", object{"operator": "经办人乙", "pin": ""}, nil)
	wait(t, meetLimit, "it has joined", func() bool { return at().Phase == "joined" })
	wait(t, meetLimit, "they are connected", func() bool { return online(t, desk) == 1 })
	t.Logf("met by discovery and joined in %v", time.Since(began).Round(10*time.Millisecond))
	desk.call(t, "devices.meet", object{"on": false}, nil)
}
