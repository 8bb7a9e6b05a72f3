package page

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"testing"

	"jishan/app/fault"
)

type place struct {
	t       *testing.T
	now     int64
	station *Station
	page    *Page
}

func set(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, now: 1_700_000_000_000}
	var err error
	if p.station, err = New(rand.Reader, func() int64 { return p.now }); err == nil {
		p.page, err = NewPage(p.station.Hello())
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) seal(name string, at int64) Sealed {
	p.t.Helper()
	b, err := p.page.Seal(name, at, map[string]string{"tail": "0417"})
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

func text(t *testing.T, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestThereAndBack(t *testing.T) {
	p := set(t)
	asked := p.seal("phone.signIn", p.now)
	body := text(t, asked)
	if bytes.Contains(asked.Box, []byte("0417")) || bytes.Contains(body, []byte("0417")) {
		t.Error("the digits cross in the clear")
	}
	r, err := p.station.Open("phone.signIn", body)
	if err != nil || string(r.Params) != `{"tail":"0417"}` {
		t.Fatalf("%+v %v", r, err)
	}
	got, err := r.Answer(map[string]int{"points": 78}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ Points int }
	if err := p.page.Open(asked, got, &out); err != nil || out.Points != 78 {
		t.Error(out, err)
	}
	if err := p.page.Open(p.seal("phone.signIn", p.now), got, &out); err == nil {
		t.Error("an answer to another request is taken")
	}
	got.Box[len(got.Box)-1] ^= 1
	if err := p.page.Open(asked, got, &out); err == nil {
		t.Error("a changed answer is taken")
	}
	if got, err = r.Answer(nil, fault.New("phone.wrong")); err == nil {
		err = p.page.Open(asked, got, &out)
	}
	if !errors.Is(err, fault.New("phone.wrong")) {
		t.Error(err)
	}
}

// What was recorded on the network is worth nothing: not again, not later, not
// for another call, not at another start, not changed, not sent back.
func TestRecordedIsWorthless(t *testing.T) {
	p := set(t)
	asked := p.seal("phone.signUp", p.now)
	r, err := p.station.Open("phone.signUp", text(t, asked))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := r.Answer(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := set(t)
	changed := p.seal("phone.signUp", p.now)
	changed.Box[3] ^= 4
	thief, err := NewPage(p.station.Hello())
	if err != nil {
		t.Fatal(err)
	}
	stolen := p.seal("phone.signUp", p.now)
	stolen.Page = thief.public[:]
	back := answer
	back.Page = asked.Page
	for why, c := range map[string]struct {
		at   *Station
		name string
		box  any
	}{
		"again":               {p.station, "phone.signUp", asked},
		"another call":        {p.station, "phone.voucher", p.seal("phone.signUp", p.now)},
		"another start":       {other.station, "phone.signUp", p.seal("phone.signUp", p.now)},
		"changed":             {p.station, "phone.signUp", changed},
		"another page's name": {p.station, "phone.signUp", stolen},
		"too old":             {p.station, "phone.signUp", p.seal("phone.signUp", p.now-Window.Milliseconds()-1)},
		"too new":             {p.station, "phone.signUp", p.seal("phone.signUp", p.now+Window.Milliseconds()+1)},
		"the answer":          {p.station, "phone.signUp", back},
		"in the clear":        {p.station, "phone.signUp", map[string]string{"token": "x"}},
		"short keys":          {p.station, "phone.signUp", Sealed{Page: []byte{1}, Nonce: []byte{2}, Box: []byte{3}}},
		"no order at all":     {p.station, "phone.signUp", []int{1}},
	} {
		if _, err := c.at.Open(c.name, text(t, c.box)); !errors.Is(err, fault.New("page.seal")) {
			t.Errorf("%s: %v", why, err)
		}
	}
	// However the spans of the memory lie, a box is taken once for as long as its
	// time would do.
	for range 40 {
		early := p.seal("phone.signUp", p.now+Window.Milliseconds())
		if _, err := p.station.Open("phone.signUp", text(t, early)); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			p.now += Window.Milliseconds() * 2 / 5
			if _, err := p.station.Open("phone.signUp", text(t, early)); err == nil {
				t.Fatal("taken again at", p.now)
			}
		}
		p.now += 7777
	}
}

func TestMemoryIsBounded(t *testing.T) {
	p := set(t)
	for n := range maxSeen + 10 {
		nonce := [24]byte{byte(n), byte(n >> 8), byte(n >> 16)}
		if took := p.station.first(nonce, p.now); took != (n < maxSeen) {
			t.Fatal(n, took)
		}
	}
	p.now += 2 * Window.Milliseconds()
	if !p.station.first([24]byte{9, 9, 9, 9}, p.now) {
		t.Error("it goes on after a while")
	}
}
