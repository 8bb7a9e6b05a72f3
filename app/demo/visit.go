package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// visit is what somebody needs who clicks through the three devices; with
// --json it is printed as one line.
type visit struct {
	Office   string `json:"office"` // links that open one browser each
	Station  string `json:"station"`
	Merchant string `json:"merchant"`
	Codes    codes  `json:"codes"`
	Phone    string `json:"phone"` // the phone pages of the office
	Elder    elder  `json:"elder"`
}

// codes open the screens in further browsers.
type codes struct {
	Office   string `json:"office"`
	Station  string `json:"station"`
	Merchant string `json:"merchant"`
}

// elder has a paper book and a card, and no phone. The merchant has met the
// card once, so that its digits may be typed there by a visitor without a
// scanner.
type elder struct {
	Name   string `json:"name"`
	Card   string `json:"card"`
	Points int64  `json:"points"`
}

// show opens the sample community on three devices and waits for visitors.
func show(ctx context.Context, p *play, asJSON bool, stdout, stderr io.Writer) int {
	v, err := p.prepareVisit()
	if err != nil {
		fmt.Fprintln(stderr, "jishan demo:", err)
		return 1
	}
	if asJSON {
		_ = json.NewEncoder(stdout).Encode(v)
	} else {
		fmt.Fprint(stdout, v.words())
	}
	<-ctx.Done()
	return 0
}

func (p *play) prepareVisit() (visit, error) {
	if err := p.open(); err != nil {
		return visit{}, err
	}
	v := visit{Office: p.office.link, Station: p.station.link, Merchant: p.merchant.link, Codes: codes{p.office.code, p.station.code, p.merchant.code}}
	if err := p.shelves(); err != nil {
		return v, err
	}
	s, err := call[struct{ PhoneURL string }](p.ctx, p.office, "app.state", object{})
	if err != nil {
		return v, err
	}
	v.Phone = s.PhoneURL
	v.Elder, err = p.elder()
	return v, err
}

// elder enters somebody with 95 points of a paper book and shows the card to
// the merchant, as any first visit to the shop does.
func (p *play) elder() (elder, error) {
	e := elder{Name: "王大爷", Points: 95}
	r, err := call[struct{ ID, Code string }](p.ctx, p.office, "people.register", object{
		"name": e.Name, "phone": "", "idNumber": "", "birthday": "", "grid": "", "address": "和平里 2-3-103", "usualPlace": "", "skills": "", "note": "", "guardian": "", "household": "",
		"opening": object{"lifetime": e.Points, "year": 0, "spendable": e.Points}})
	if err != nil {
		return e, err
	}
	e.Card = r.Code
	type cards struct{ Cards []struct{ QR string } }
	c, err := call[cards](p.ctx, p.office, "people.card", object{"ids": []string{r.ID}})
	if err != nil {
		return e, err
	}
	if err := do(p.ctx, p.merchant, "till.scan", object{"text": c.Cards[0].QR}); err != nil {
		return e, err
	}
	return e, until(p.ctx, time.Minute, "the station knows "+e.Name, func() (bool, error) {
		a, err := call[struct{ Spendable int64 }](p.ctx, p.station, "people.get", object{"id": r.ID})
		return a.Spendable == e.Points, err
	})
}

func (v visit) words() string {
	var b strings.Builder
	for _, at := range []struct{ what, words, url, code string }{
		{"office", "社区办公室", v.Office, v.Codes.Office}, {"station", "实践站    ", v.Station, v.Codes.Station}, {"merchant", "爱心商家  ", v.Merchant, v.Codes.Merchant}, {"phone", "手机页    ", v.Phone, ""},
	} {
		if at.url == "" {
			continue
		}
		fmt.Fprintf(&b, "%-8s  %s  %s", at.what, at.words, at.url)
		if at.code != "" {
			fmt.Fprintf(&b, "  %s %s", at.code[:3], at.code[3:])
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintf(&b, "%-8s  %s      %s, %d points\nA link opens one browser; another one asks for the six digits behind it.\nCtrl+C ends the three.\n", "elder", v.Elder.Name, spaced(v.Elder.Card), v.Elder.Points)
	return b.String()
}

// spaced groups a card's digits as they stand on the card.
func spaced(code string) string {
	if len(code) != 9 {
		return code
	}
	return code[:3] + " " + code[3:6] + " " + code[6:]
}
