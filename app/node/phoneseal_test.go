package node

import (
	"encoding/json"
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/page"
)

// sealed runs a call as a page over plain HTTP does it, and returns what
// crossed the network.
func (d *device) sealed(p *page.Page, name string, params, result any) (wire string, err error) {
	d.t.Helper()
	asked, err := p.Seal(name, d.now(), params)
	if err != nil {
		d.t.Fatal(err)
	}
	there, err := json.Marshal(asked)
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := d.PhoneCall(d.t.Context(), name, there)
	if err != nil {
		return string(there), err
	}
	back, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	var got page.Sealed
	if err := json.Unmarshal(back, &got); err != nil {
		d.t.Fatal(err)
	}
	return string(there) + string(back), p.Open(asked, got, result)
}

// A phone's calls are boxes: none is taken in the clear, and a session belongs
// to the page that opened it.
func TestPhoneCallsAreSealed(t *testing.T) {
	d := found(t)
	code := d.must("people.register", person("李四", "13900000002"))["code"]
	v, err := d.PhoneCall(t.Context(), phoneStation, nil)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := page.NewPage(v.(page.Hello))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := page.NewPage(v.(page.Hello))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.sealed(mine, "phone.signIn", object{"code": code, "tail": "0003"}, nil); !errors.Is(err, fault.New("phone.wrong")) {
		t.Error("wrong digits:", err)
	}
	var in struct{ Token string }
	if _, err := d.sealed(mine, "phone.signIn", object{"code": code, "tail": "0002"}, &in); err != nil {
		t.Fatal(err)
	}
	var me struct{ Code string }
	if _, err := d.sealed(mine, "phone.me", object{"token": in.Token}, &me); err != nil || me.Code != code {
		t.Error(me, err)
	}
	if _, err := d.sealed(theirs, "phone.me", object{"token": in.Token}, &me); !errors.Is(err, fault.New("phone.signIn")) {
		t.Error("another page with the token:", err)
	}
	for name := range d.phoneCalls {
		b, _ := json.Marshal(object{"token": in.Token})
		if v, err := d.PhoneCall(t.Context(), name, b); !errors.Is(err, fault.New("page.seal")) {
			t.Errorf("%s in the clear: %v %v", name, v, err)
		}
	}
	d.stop()
	d = start(t, d.dir) // another key of the station, and the same page
	if _, err := d.sealed(mine, "phone.me", object{"token": in.Token}, nil); !errors.Is(err, fault.New("page.seal")) {
		t.Error("sealed for the start before:", err)
	}
}
