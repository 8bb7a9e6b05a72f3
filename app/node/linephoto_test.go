package node

import (
	"encoding/base64"
	"testing"

	"jishan/app/photo"
)

// The line of a passbook has the pictures of its claim and its own, at the desk and on the
// phone of whoever it is about; a station that has none fetches it meanwhile.
func TestPicturesOfALine(t *testing.T) {
	office := found(t)
	office.ruled("JY01", object{"self": true})
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	other := office.must("people.register", person("赵六", "13900000006"))["id"]
	in, err := office.phone("phone.signIn", object{"code": office.person(id)["code"], "tail": "0005"})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := office.phone("phone.signIn", object{"code": office.person(other)["code"], "tail": "0006"})
	if err != nil {
		t.Fatal(err)
	}
	file, err := base64.StdEncoding.DecodeString(taken(t, 5))
	if err == nil {
		file, err = photo.ShrinkPublic(file, photo.FromDesk)
	}
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(file); at += 30_000 {
		piece := object{"token": in["token"], "name": "picture-one", "at": at, "piece": base64.StdEncoding.EncodeToString(file[at:min(len(file), at+30_000)])}
		if _, err := office.phone("phone.shot", piece); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := office.phone("phone.claim", object{"token": in["token"], "item": "JY01", "at": office.now() - 24*3_600_000, "minutes": 60, "count": 0, "hard": 0, "note": "", "witness": "李四", "shots": []string{"picture-one"}}); err != nil {
		t.Fatal(err)
	}
	office.must("claim.review", object{"id": office.newest(id)["id"], "yes": true, "why": ""})
	line := func(d *device) object {
		for _, l := range d.lines(id, "award") {
			if l["item"] == "JY01" {
				return l
			}
		}
		return object{}
	}
	eventually(t, "the claim is booked", func() bool { return line(office)["ref"] != nil })
	if n := number(line(office)["photos"]); n != 1 {
		t.Fatalf("the line has %d pictures", n)
	}
	entry := entryOf(line(office)).(string)
	of := photoOfDeed + entry
	row := office.photos(id, of)[0].(object)
	office.must("photo.get", object{"person": row["person"], "hash": row["hash"]})
	if list := office.must("photo.add", object{"person": id, "of": of, "file": taken(t, 6)})["photos"].([]any); len(list) != 2 || list[0].(object)["of"] == of || list[1].(object)["of"] != of {
		t.Fatalf("%v", list)
	}
	for _, l := range office.lines(id, "award") {
		if l["item"] != "JY01" && number(l["photos"]) != 0 {
			t.Errorf("another line has pictures: %v", l)
		}
	}
	phone := func(d *device, call string, token, hash any) (object, error) {
		return d.phone(call, object{"token": token, "hash": hash})
	}
	if got, err := phone(office, "phone.passbook", in["token"], nil); err == nil {
		t.Errorf("%v", got) // it takes a page
	}
	got, err := phone(office, "phone.photos", in["token"], entry)
	if err != nil || len(got["hashes"].([]any)) != 2 {
		t.Fatalf("%v %v", got, err)
	}
	hash := got["hashes"].([]any)[0]
	if got, err := phone(office, "phone.photo", in["token"], hash); err != nil || got["jpeg"] == "" {
		t.Errorf("%v", err)
	}
	if got, err := phone(office, "phone.photos", stranger["token"], entry); err != nil || len(got["hashes"].([]any)) != 0 {
		t.Errorf("a stranger is told of %v: %v", got, err)
	}
	if _, err := phone(office, "phone.photo", stranger["token"], hash); code(err) != "photo.unknown" {
		t.Errorf("a stranger sees it: %v", err)
	}

	// At the station it is not yet: the first look fetches it.
	eventually(t, "the station knows the line", func() bool { return number(line(station)["photos"]) == 2 })
	at, err := station.phone("phone.signIn", object{"code": office.person(id)["code"], "tail": "0005"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := phone(station, "phone.photo", at["token"], hash); code(err) != "photo.away" {
		t.Errorf("%v", err)
	}
	eventually(t, "it came", func() bool { _, err := phone(station, "phone.photo", at["token"], hash); return err == nil })
	// Taken down, the line loses it.
	office.must("photo.takeDown", object{"person": row["person"], "hash": row["hash"], "why": "拍错人了"})
	if n := number(line(office)["photos"]); n != 1 {
		t.Errorf("%d pictures after one was taken down", n)
	}
}
