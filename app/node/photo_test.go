package node

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/photo"
	"jishan/crdt/store"
)

// taken is a picture as a screen sends it, that compresses badly.
func taken(t *testing.T, seed uint64) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 640, 480))
	r := rand.New(rand.NewPCG(seed, seed))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// photos are those of a claim as a device knows them.
func (d *device) photos(person, of any) []any {
	d.t.Helper()
	return d.must("photo.list", object{"person": person, "of": of})["photos"].([]any)
}

// bodies counts the pictures that lie at a device.
func (d *device) bodies() (n int) {
	d.t.Helper()
	err := d.community.view(d.t.Context(), func(q store.Querier) error {
		return q.QueryRow(`SELECT count(*) FROM local_photo`).Scan(&n)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// A picture of a claim is made at a station that is cut off, comes to the office by
// itself when they meet, and to another station when somebody looks; it never stands in
// the clear, and goes from all of them with its person.
func TestPicturesOfAClaim(t *testing.T) {
	office := found(t)
	withDeductions(office)
	office.ruled("JY01", object{"review": true})
	station, other := join(t, office, "station", "柳溪实践站"), join(t, office, "station", "石桥实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	who := office.must("people.register", person("王五", "13900000005"))["id"]
	someone := office.must("people.register", person("赵六", "13900000006"))["id"]
	eventually(t, "the station knows both", func() bool { _, err := station.call("people.get", object{"id": someone}); return err == nil })
	station.must("devices.pause", object{"on": true})
	station.claimed("JY01", who)
	of := photoOfClaim + station.newest(who)["id"].(string)
	add := object{"person": who, "of": of, "file": taken(t, 1)}
	first := station.must("photo.add", add)["photos"].([]any)[0].(object)
	if first["here"] != true {
		t.Errorf("%v", first)
	}
	one := object{"person": first["person"], "hash": first["hash"]}
	jpeg, err := base64.StdEncoding.DecodeString(station.must("photo.get", one)["jpeg"].(string))
	if m, kind, derr := image.Decode(bytes.NewReader(jpeg)); err != nil || derr != nil || kind != "jpeg" || m.Bounds().Dx() != 640 {
		t.Fatal(kind, err, derr)
	}
	for _, bad := range []struct {
		code string
		with object
	}{
		{"photo.none", object{"file": base64.StdEncoding.EncodeToString([]byte("%PDF-1.7"))}}, {"file.bad", object{"file": "照片"}},
		{"photo.of", object{"person": someone}}, {"photo.of", object{"of": "deed/" + strings.Repeat("0", 64)}}, {"photo.of", object{"of": "order/x"}}, {"claim.unknown", object{"of": "claim/01arz3ndektsv4rrffq69g5fav"}},
	} {
		wrong := object{}
		for k, v := range add {
			wrong[k] = v
		}
		for k, v := range bad.with {
			wrong[k] = v
		}
		station.refuses(bad.code, "photo.add", wrong)
	}
	if n := len(station.photos(who, of)); n != 1 || station.bodies() != 1 {
		t.Errorf("%d pictures, %d bodies after what was refused", n, station.bodies())
	}
	for i := uint64(2); i <= photo.MaxOf; i++ {
		station.must("photo.add", object{"person": who, "of": of, "file": taken(t, i)})
	}
	station.refuses("photo.many", "photo.add", add)

	station.must("devices.pause", object{"on": false})
	eventually(t, "the office has them all", func() bool { return len(office.photos(who, of)) == photo.MaxOf && office.bodies() == photo.MaxOf })
	eventually(t, "the other station knows of them", func() bool { return len(other.photos(who, of)) == photo.MaxOf })
	if c := other.must("devices.list", object{})["photos"].(object); other.bodies() != 0 || number(c["away"]) != photo.MaxOf {
		t.Errorf("a station fetched what nobody looked at: %d, %v", other.bodies(), c)
	}
	if got := other.must("photo.get", one)["jpeg"]; got != base64.StdEncoding.EncodeToString(jpeg) || other.bodies() != 1 {
		t.Error("the other station shows another picture")
	}
	merchant.refuses("app.role", "photo.get", one)
	if ok, err := merchant.community.mesh.fetchPhoto(t.Context(), photo.Hash{}); ok || err != nil || merchant.bodies() != 0 {
		t.Error("a till fetched a picture", err)
	}
	for _, d := range []*device{office, station, other} {
		if f := d.holding(jpeg[200:260]); f != "" {
			t.Errorf("a picture stands in the clear in %s", f)
		}
	}
	_, sections := office.dossierOf(who)
	if list := sections["photos"]; len(list) != photo.MaxOf || list[0]["picture"] == nil || list[photo.MaxOf-1]["picture"] == nil {
		t.Errorf("the file about the person has %d pictures", len(list))
	}
	last := office.photos(who, of)[photo.MaxOf-1].(object)
	office.refuses("claim.why", "photo.takeDown", object{"person": last["person"], "hash": last["hash"], "why": ""})
	office.must("photo.takeDown", object{"person": last["person"], "hash": last["hash"], "why": "拍错人了"})
	office.refuses("photo.unknown", "photo.get", object{"person": last["person"], "hash": last["hash"]})
	eventually(t, "its bytes are gone here and there", func() bool { return office.bodies() == photo.MaxOf-1 && station.bodies() == photo.MaxOf-1 })
	office.must("people.erase", object{"id": who, "name": "王五"})
	eventually(t, "all are gone", func() bool { return office.bodies()+station.bodies()+other.bodies() == 0 })
	office.refuses("photo.erased", "photo.get", one)
}

// Pictures of a deed, and one whose only device is away.
func TestPictureThatIsAway(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	who := office.must("people.register", person("王五", "13900000005"))["id"]
	eventually(t, "the station knows", func() bool { _, err := station.call("people.get", object{"id": who}); return err == nil })
	station.must("deed.record", object{"person": who, "item": "JY01", "at": station.now() - 3_600_000, "minutes": 60, "note": "", "witness": "", "line": ""})
	eventually(t, "the office knows the deed", func() bool { return len(office.lines(who, "award")) == 1 })
	of := photoOfDeed + entryOf(office.lines(who, "award")[0]).(string)
	office.must("devices.pause", object{"on": true})
	row := office.must("photo.add", object{"person": who, "of": of, "file": taken(t, 3)})["photos"].([]any)[0].(object)
	one := object{"person": row["person"], "hash": row["hash"]}
	office.must("devices.pause", object{"on": false})
	eventually(t, "the station hears of it", func() bool { return len(station.photos(who, of)) == 1 })
	office.must("devices.pause", object{"on": true})
	eventually(t, "the office is away", func() bool { return len(station.community.mesh.online()) == 0 })
	station.refuses("photo.away", "photo.get", one)
	office.must("devices.pause", object{"on": false})
	eventually(t, "it comes when the office does", func() bool { _, err := station.call("photo.get", one); return err == nil })
	// What was damaged on disk is no picture any more, and is fetched again.
	err := station.community.store.Update(t.Context(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE local_photo SET body = zeroblob(length(body))`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	station.must("photo.get", one)
}

// A claim from a phone brings its pictures, which came before it in pieces; a station that
// forgot them takes the claim without, and so it does where they are no pictures.
func TestPicturesFromAPhone(t *testing.T) {
	office := found(t)
	office.ruled("JY01", object{"self": true})
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	in, err := office.phone("phone.signIn", object{"code": office.person(id)["code"], "tail": "0005"})
	if err != nil {
		t.Fatal(err)
	}
	file, err := base64.StdEncoding.DecodeString(taken(t, 4))
	if err != nil {
		t.Fatal(err)
	}
	if file, err = photo.Shrink(file, photo.FromDesk); err != nil {
		t.Fatal(err)
	}
	send := func(name string, file []byte) {
		t.Helper()
		for at := 0; at < len(file); at += 30_000 {
			piece := object{"token": in["token"], "name": name, "at": at, "piece": base64.StdEncoding.EncodeToString(file[at:min(len(file), at+30_000)])}
			for range 2 { // an answer was lost
				got, err := office.phone("phone.shot", piece)
				if err != nil || number(got["at"]) != int64(min(len(file), at+30_000)) {
					t.Fatalf("%v %v", got, err)
				}
			}
		}
	}
	claim := func(days int64, shots ...any) object {
		t.Helper()
		got, err := office.phone("phone.claim", object{"token": in["token"], "item": "JY01", "at": office.now() - days*24*3_600_000, "minutes": 60, "count": 0, "hard": 0, "note": "", "witness": "李四", "shots": shots})
		if err != nil {
			t.Fatal(err)
		}
		return got["claims"].([]any)[0].(object)
	}
	send("picture-one", file)
	send("picture-two", []byte("no picture"))
	first := claim(1, "picture-one", "picture-two", "picture-of-nobody")
	if n := number(first["photos"]); n != 1 {
		t.Fatalf("%d pictures", n)
	}
	row := office.photos(id, photoOfClaim+first["id"].(string))[0].(object)
	office.must("photo.get", object{"person": row["person"], "hash": row["hash"]})
	if n := number(claim(2, "picture-one")["photos"]); n != 0 {
		t.Errorf("a picture was used twice: %d", n)
	}
	for code, bad := range map[string]object{
		"photo.piece": {"name": "picture-three", "at": 5, "piece": "aaaa"}, "file.bad": {"name": "../x", "at": 0, "piece": "aaaa"},
		"photo.size": {"name": "picture-four", "at": 0, "piece": base64.StdEncoding.EncodeToString(make([]byte, maxShotPiece))},
	} {
		bad["token"] = in["token"]
		got, err := office.phone("phone.shot", bad)
		for n := maxShotPiece; err == nil && n <= maxShot; n += maxShotPiece {
			bad["at"] = n
			got, err = office.phone("phone.shot", bad)
		}
		if !errors.Is(err, fault.New(code)) {
			t.Errorf("want %s: %v %v", code, got, err)
		}
	}
}
