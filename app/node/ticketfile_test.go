package node

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"jishan/app/fault"
)

// A ticket travels as a file and is read from it, BOM-less and with a line end
// as an editor leaves it; a text that is no ticket becomes no file.
func TestTicketAsFile(t *testing.T) {
	office := found(t)
	text := office.must("devices.ticket", object{"role": "station", "name": "柳溪实践站电脑", "placeName": "柳溪实践站"})["text"].(string)
	f, err := office.File(t.Context(), "ticket.txt", url.Values{"text": {text}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(f.Body)
	if err != nil || f.Name != "加入凭条-柳溪实践站电脑.txt" || !strings.HasPrefix(f.Type, "text/plain") {
		t.Errorf("%s, %s, %v", f.Name, f.Type, err)
	}
	joiner := start(t, t.TempDir())
	if p := joiner.must("setup.readTicket", object{"text": strings.TrimSpace(string(body))}); p["name"] != "柳溪实践站电脑" {
		t.Errorf("read from the file: %v", p)
	}
	if _, err := office.File(t.Context(), "ticket.txt", url.Values{"text": {"<script>"}}); !errors.Is(err, fault.New("ticket.bad")) {
		t.Errorf("a text that is no ticket: %v", err)
	}
}

// Names that nobody typed follow the founder's language; a word for stations
// that nobody chose is left to the screen.
func TestNamesNobodyTyped(t *testing.T) {
	for lang, place := range map[string]string{"en": "Community office", "zh": "社区办公室"} {
		d := start(t, t.TempDir())
		d.must("settings.save", object{"lang": lang})
		d.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1", "operator": "甲", "grids": []string{}})
		s := d.must("app.state", object{})
		if got := s["device"].(object)["placeName"]; got != place {
			t.Errorf("%s: the office is called %v", lang, got)
		}
		if got := s["settings"].(object)["stationWord"]; got != "" {
			t.Errorf("%s: stations are called %q, which nobody typed", lang, got)
		}
		if d.must("devices.list", object{})["folder"] == "" {
			t.Error("the data folder is not named")
		}
	}
}
