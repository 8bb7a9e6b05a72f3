package node

import (
	"bytes"
	"encoding/base64"
	"image"
	"strings"
	"testing"

	"jishan/app/photo"
	"jishan/app/shop"
	"jishan/crdt/store"
)

// pictures counts the pictures of goods that lie at a device.
func (d *device) pictures() (n int) {
	d.t.Helper()
	err := d.community.view(d.t.Context(), func(q store.Querier) error {
		return q.QueryRow(`SELECT count(*) FROM local_picture`).Scan(&n)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// shops are the merchants' shelves as a phone at a device shows them.
func (d *device) shops() []any {
	d.t.Helper()
	out, err := d.phone("phone.shops", object{"token": ""})
	if err != nil {
		d.t.Fatal(err)
	}
	return out["shops"].([]any)
}

// A merchant's good gets a picture at its own till; offices and stations fetch it by
// themselves, another till only its own goods', and a phone sees shelf, picture and
// where the merchant is.
func TestPicturesOfGoodsAndMerchantsShelves(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	other := join(t, office, "merchant", "永顺粮油")
	if n := len(office.shops()); n != 0 {
		t.Errorf("%d shelves of merchants that offer nothing", n)
	}
	soap := merchant.shelf("香皂", 8, 5)
	merchant.must("shop.saveAbout", object{"where": " 河堤路 3 号 ", "hours": "8:00-20:00"})
	merchant.refuses("shop.about", "shop.saveAbout", object{"where": strings.Repeat("长", 61), "hours": ""})
	for code, bad := range map[string]object{
		"photo.none":         {"offer": soap, "file": base64.StdEncoding.EncodeToString([]byte("%PDF-1.7"))},
		"file.bad":           {"offer": soap, "file": "照片"},
		"shop.offer.unknown": {"offer": "01arz3ndektsv4rrffq69g5fav", "file": taken(t, 1)},
	} {
		merchant.refuses(code, "shop.photo", bad)
	}
	if n := merchant.pictures(); n != 0 {
		t.Errorf("%d pictures after what was refused", n)
	}
	o := merchant.must("shop.photo", object{"offer": soap, "file": taken(t, 1)})
	hash := o["photo"].(string)
	if again := merchant.must("shop.photo", object{"offer": soap, "file": taken(t, 1)}); again["photo"] != hash || merchant.pictures() != 1 {
		t.Errorf("the same picture is another one: %v", again)
	}
	jpeg := merchant.must("shop.picture", object{"hash": hash})["jpeg"]
	raw, err := base64.StdEncoding.DecodeString(jpeg.(string))
	if m, kind, derr := image.Decode(bytes.NewReader(raw)); err != nil || derr != nil || kind != "jpeg" || m.Bounds().Dx() > 480 || len(raw) > photo.MaxPublic {
		t.Fatal(kind, len(raw), err, derr)
	}
	for _, d := range []*device{office, station} {
		eventually(t, "the picture is at staff", func() bool { return d.pictures() == 1 })
		if n := d.must("devices.list", object{})["photos"].(object); number(n["here"]) != 1 || number(n["away"]) != 0 || number(n["bytes"]) != int64(len(raw)) {
			t.Errorf("the devices page counts %v", n)
		}
	}
	shelf := station.shops()
	if len(shelf) != 1 {
		t.Fatalf("%v", shelf)
	}
	row := shelf[0].(object)
	good := row["offers"].([]any)[0].(object)
	if row["name"] != "惠民超市" || row["where"] != "河堤路 3 号" || row["hours"] != "8:00-20:00" || number(row["at"]) == 0 || good["name"] != "香皂" || number(good["points"]) != 8 || good["photo"] != hash {
		t.Errorf("%v", row)
	}
	if _, told := good["stock"]; told {
		t.Error("a station says what is left at a merchant")
	}
	got, err := station.phone("phone.pictures", object{"hashes": []string{hash, strings.Repeat("0", 64), "x"}})
	if list := got["photos"].(object); err != nil || len(list) != 1 || list[hash] != jpeg {
		t.Errorf("a phone sees %d pictures: %v", len(list), err)
	}
	many := make([]string, maxPhonePhotos+1)
	if _, err := station.phone("phone.pictures", object{"hashes": many}); code(err) != "photo.many" {
		t.Error(err)
	}
	eventually(t, "the other till knows the shelf", func() bool {
		has := false
		err := other.community.view(t.Context(), func(q store.Querier) (err error) { has, err = shop.HasPhoto(q, hash); return err })
		return err == nil && has
	})
	if n := other.pictures(); n != 0 {
		t.Errorf("a till fetched %d pictures of others' goods", n)
	}
	if got := other.must("shop.picture", object{"hash": hash})["jpeg"]; got != jpeg { // it may all the same
		t.Error("another picture")
	}
	other.refuses("photo.unknown", "shop.picture", object{"hash": strings.Repeat("0", 64)})

	// Taken away, its bytes go from everywhere.
	if o := merchant.must("shop.photo", object{"offer": soap, "file": ""}); o["photo"] != "" {
		t.Errorf("%v", o)
	}
	for _, d := range []*device{merchant, office, station, other} {
		eventually(t, "the bytes are gone", func() bool { return d.pictures() == 0 })
	}
	// A merchant that sells nothing at present, or is revoked, is not shown.
	merchant.must("shop.save", object{"id": soap, "name": "香皂", "unit": "1 块", "kind": "goods", "points": 8, "minimum": 0, "icon": "soap", "active": false, "code": ""})
	eventually(t, "the shelf is empty", func() bool { return len(station.shops()) == 0 })
}

// What a device names as its good's picture and is none is not kept, whoever sends it.
func TestPictureOfAGoodThatIsNone(t *testing.T) {
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	soap := merchant.shelf("香皂", 8, 5)
	large, err := base64.StdEncoding.DecodeString(taken(t, 2)) // a PNG, and larger than any that is kept
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("<svg onload=alert(1)>")
	for _, body := range [][]byte{text, large} { // a program that was changed
		err := merchant.community.write(t.Context(), func(tx *store.Tx) error {
			h := photo.HashOf(body)
			if _, err := tx.Exec(`INSERT INTO local_picture (hash, body) VALUES (?, ?)`, h[:], body); err != nil {
				return err
			}
			_, err := merchant.community.shop.SetPhoto(tx, soap.(string), h.String())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		name := photo.HashOf(body).String()
		eventually(t, "the office knows the shelf", func() bool {
			has := false
			err := office.community.view(t.Context(), func(q store.Querier) (err error) { has, err = shop.HasPhoto(q, name); return err })
			return err == nil && has
		})
		office.refuses("photo.away", "shop.picture", object{"hash": name})
		if n := office.pictures(); n != 0 {
			t.Errorf("%d pictures are kept", n)
		}
	}
}
