//go:build linux

package boot

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAMerchantHoldsNobodysData: what staff write about people - with texts that
// stand nowhere else - is on no merchant's disk, while it runs and afterwards, in
// no memory of its process, in no log and on no terminal. The merchant works
// meanwhile: it meets the card, fetches points and gives goods for them.
func TestAMerchantHoldsNobodysData(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	office, merchant := onLoopback(path, t.TempDir(), "office"), onLoopback(path, t.TempDir(), "merchant")
	office.startHere(t)
	merchant.startHere(t)
	office.call(t, "setup.create", object{"community": "滨河社区", "parent": "", "office": "社区办公室", "operator": "经办人 陈", "grids": []string{}, "pin": ""}, nil)
	var ticket struct{ Text string }
	office.call(t, "devices.ticket", object{"role": "merchant", "name": "收银机", "placeName": "惠民超市"}, &ticket)
	merchant.call(t, "setup.join", object{"text": ticket.Text, "device": "收银机", "operator": "店主", "pin": ""}, nil)
	wait(t, time.Minute, "the merchant has joined", func() bool {
		var s struct{ Phase string }
		merchant.call(t, "app.state", object{}, &s)
		return s.Phase == "ready"
	})

	secrets := office.writeAbout(t)
	merchant.sell(t, office, "龘靐齉")

	// The scan finds what is there, else it proves nothing.
	if where := merchant.holding(t, "惠民超市"); len(where) < 2 {
		t.Fatalf("the shop's own name is found in %v only", where)
	}
	if where := office.holding(t, secrets["name"]); !strings.Contains(strings.Join(where, " "), "memory") {
		t.Fatalf("the office itself does not know the name: %v", where)
	}
	for what, text := range secrets {
		if where := merchant.holding(t, text); len(where) > 0 {
			t.Errorf("running: %s (%s) is in %v", what, text, where)
		}
	}
	merchant.stop(t)
	office.stop(t)
	for what, text := range secrets {
		for _, pc := range []*computer{office, merchant} { // in the office everything is sealed on the disk
			if where := pc.holding(t, text); len(where) > 0 {
				t.Errorf("stopped: %s: %s (%s) is in %v", pc.name, what, text, where)
			}
		}
		for _, pc := range []*computer{office, merchant} {
			log, err := os.ReadFile(filepath.Join(pc.dir, "log", "jishan.log"))
			if err != nil || bytes.Contains(log, []byte(text)) || strings.Contains(pc.stderr.String(), text) {
				t.Errorf("%s: %s is in the log or on the terminal (%v)", pc.name, what, err)
			}
		}
	}
}

// writeAbout seeds texts about a person into every place where staff write, and
// returns them.
func (pc *computer) writeAbout(t *testing.T) map[string]string {
	t.Helper()
	s := map[string]string{
		"name": "龘靐齉", "phone": "13987650417", "ID number": "11010519491231002X", "address": "幽篁里九号院麤门", "note": "听力不好爨请慢说", "guardian": "鬻拂晓", "skills": "会修黼黻绣",
		"wish": "客厅的灯龗坏了", "wish's address": "饕餮街八号", "wish's phone": "13777120983",
		"deed's note": "雨中鼗鼓护送", "deed's witness": "甪里见证", "deed's line": "麤簿七页", "reason of a deduction": "屡屡犇骉扰邻", "reason of a correction": "鬻错了人",
		"claim's note": "黼黻送医急救", "claim's witness": "鼗先生", "activity's note": "请联系籴粜阿姨",
	}
	var who struct{ ID string }
	pc.call(t, "people.register", object{"name": s["name"], "phone": s["phone"], "idNumber": s["ID number"], "birthday": "", "grid": "", "address": s["address"], "usualPlace": "", "skills": s["skills"],
		"note": s["note"], "guardian": s["guardian"], "household": "", "opening": object{"lifetime": 95, "year": 0, "spendable": 95}}, &who)
	pc.call(t, "order.post", object{"person": who.ID, "type": "维修", "project": "", "text": s["wish"], "address": s["wish's address"], "phone": s["wish's phone"], "via": "desk", "once": ""}, nil)
	var scheme struct{ Items []struct{ Code, Kind string } }
	pc.call(t, "scheme.get", object{}, &scheme)
	for _, item := range scheme.Items {
		if item.Kind == "time" {
			pc.call(t, "deed.record", object{"person": who.ID, "item": item.Code, "at": time.Now().Add(-time.Hour).UnixMilli(), "minutes": 120, "note": s["deed's note"], "witness": s["deed's witness"], "line": s["deed's line"]}, nil)
			pc.call(t, "claim.post", object{"people": []string{who.ID}, "item": item.Code, "at": time.Now().Add(-25 * time.Hour).UnixMilli(), "minutes": 60, "count": 0, "hard": 0,
				"note": s["claim's note"], "witness": s["claim's witness"], "via": "desk"}, nil)
			pc.call(t, "activity.publish", object{"title": "楼道清扫", "type": "环境", "start": time.Now().UnixMilli(), "end": time.Now().Add(time.Hour).UnixMilli(), "place": "南门", "places": 5,
				"item": item.Code, "organiser": "经办人 陈", "note": s["activity's note"]}, nil)
			break
		}
	}
	var taken struct{ Ref struct{ Hash string } }
	pc.call(t, "deed.deduct", object{"person": who.ID, "points": 1, "reason": s["reason of a deduction"]}, nil)
	pc.call(t, "deed.deduct", object{"person": who.ID, "points": 1, "reason": "记重了"}, &taken)
	pc.call(t, "correction.make", object{"hash": taken.Ref.Hash, "reason": s["reason of a correction"]}, nil)
	return s
}

// sell lets the merchant meet the card of somebody and give goods for points.
func (pc *computer) sell(t *testing.T, office *computer, name string) {
	t.Helper()
	var found struct{ Rows []struct{ ID string } }
	office.call(t, "people.list", object{"q": name, "grid": "", "sort": "name", "desc": false, "offset": 0, "limit": 5}, &found)
	var cards struct{ Cards []struct{ QR string } }
	office.call(t, "people.card", object{"ids": []string{found.Rows[0].ID}}, &cards)
	var offer struct{ ID string }
	pc.call(t, "shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 4, "minimum": 0, "icon": "soap", "active": true, "code": ""}, &offer)
	pc.call(t, "shop.receive", object{"offer": offer.ID, "n": 10, "why": ""}, nil)
	var scan struct{ Account struct{ Person string } }
	pc.call(t, "till.scan", object{"text": cards.Cards[0].QR}, &scan)
	wait(t, time.Minute, "points come to the till", func() bool {
		return pc.try("till.pull", object{"person": scan.Account.Person, "need": 8}, nil) == nil
	})
	pc.call(t, "till.redeem", object{"person": scan.Account.Person, "lines": []object{{"offer": offer.ID, "n": 1}}}, nil)
}

// holding tells in which files of the data folder a text stands, and whether in
// the memory of the process, where it runs.
func (pc *computer) holding(t *testing.T, text string) (where []string) {
	t.Helper()
	err := filepath.WalkDir(pc.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			where = append(where, d.Name())
		}
		if errors.Is(err, fs.ErrNotExist) { // a temporary file that went meanwhile
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if pc.cmd == nil {
		return where
	}
	found, err := inMemory(pc.cmd.Process.Pid, []byte(text))
	if err != nil {
		t.Skip("this system shows nobody a process's memory: ", err)
	}
	if found {
		where = append(where, "memory")
	}
	return where
}

// inMemory looks through everything that a process may write to. SQLite's pages
// and the database's mapped file are among it.
func inMemory(pid int, text []byte) (bool, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return false, err
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return false, err
	}
	defer mem.Close()
	for lines := bufio.NewScanner(bytes.NewReader(maps)); lines.Scan(); {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") {
			continue
		}
		if found, err := inRange(mem, from, to, text); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// window is how much of a process's memory is looked at in one piece.
const window = 4 << 20

func inRange(mem io.ReaderAt, from, to int64, text []byte) (bool, error) {
	buf := make([]byte, window+len(text))
	for at := from; at < to; at += window {
		n, err := mem.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
		if err != nil && n == 0 {
			return false, nil // a page that is not there
		}
		if bytes.Contains(buf[:n], text) {
			return true, nil
		}
	}
	return false, nil
}
