package demo

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// Numbers of the play: thirteen places and twenty who want them, as in the
// newspaper's report on the first such system.
const (
	places     = 13
	applicants = 20
	farSignUps = 8 // of them at the station that is cut off
)

// play holds what the script knows: the three devices and every command that
// was acknowledged.
type play struct {
	ctx                       context.Context
	log                       io.Writer
	rng                       *rand.Rand
	office, station, merchant *process
	people                    []string // ids, in the order of the office's list
	acked                     []acked
	activity                  string
	item                      string
	maxConfirmed              int
	resist                    int // redemptions that were refused, as they should be
}

// acked is a command that a screen showed as done.
type acked struct{ what, hash string }

type ref struct {
	Doc  string `json:"doc"`
	Seq  uint64 `json:"seq"`
	Hash string `json:"hash"`
}

func (p *play) say(format string, args ...any) { fmt.Fprintf(p.log, format+"\n", args...) }

func (p *play) ack(what string, r *ref) {
	if r != nil && r.Hash != "" {
		p.acked = append(p.acked, acked{what, r.Hash})
	}
}

func (p *play) all() []*process { return []*process{p.office, p.station, p.merchant} }

// open founds the sample community at the office and lets the two others join
// by tickets.
func (p *play) open() error {
	if err := do(p.ctx, p.office, "setup.sample", object{}); err != nil {
		return err
	}
	if err := p.join(p.station, "station", "滨河实践站电脑", "滨河实践站"); err != nil {
		return err
	}
	if err := p.join(p.merchant, "merchant", "惠民超市收银机", "惠民超市"); err != nil {
		return err
	}
	return p.readPeople()
}

func (p *play) join(d *process, role, name, place string) error {
	type ticket struct{ Text string }
	t, err := call[ticket](p.ctx, p.office, "devices.ticket", object{"role": role, "name": name, "placeName": place})
	if err != nil {
		return err
	}
	if err := do(p.ctx, d, "setup.join", object{"text": t.Text, "device": name, "operator": "孙样"}); err != nil {
		return err
	}
	return until(p.ctx, time.Minute, name+" joins", func() (bool, error) {
		s, err := call[struct{ Phase string }](p.ctx, d, "app.state", object{})
		return s.Phase == "ready", err
	})
}

func (p *play) readPeople() error {
	type rows struct{ Rows []struct{ ID string } }
	r, err := call[rows](p.ctx, p.office, "people.list", object{"offset": 0, "limit": 60, "q": "", "grid": "", "sort": "created", "desc": false})
	if err != nil {
		return err
	}
	for _, x := range r.Rows {
		p.people = append(p.people, x.ID)
	}
	if len(p.people) < applicants {
		return fmt.Errorf("the sample has %d people, the play needs %d", len(p.people), applicants)
	}
	return nil
}

// register enters n new people at a device.
func (p *play) register(d *process, n int, tag string) ([]string, error) {
	var ids []string
	for i := range n {
		r, err := call[struct{ ID string }](p.ctx, d, "people.register", object{
			"name": "居民" + tag + string([]rune("一二三四五六七八九十")[i%10]), "phone": fmt.Sprintf("139%08d", p.rng.IntN(1e8)), "idNumber": "", "birthday": "",
			"grid": "", "address": "和平里 2-3-102", "usualPlace": "", "skills": "", "note": "", "guardian": "", "household": ""})
		if err != nil {
			return nil, err
		}
		ids = append(ids, r.ID)
	}
	return ids, nil
}

// publish makes an activity that began 70 minutes ago and ends now, so that
// whoever is entered for all of it has served one full hour.
func (p *play) publish() error {
	type items struct {
		Items []struct{ Code, Kind string }
	}
	s, err := call[items](p.ctx, p.office, "scheme.get", object{})
	if err != nil {
		return err
	}
	for _, i := range s.Items {
		if i.Kind == "time" && p.item == "" {
			p.item = i.Code
		}
	}
	now := time.Now().UnixMilli()
	a, err := call[struct{ ID string }](p.ctx, p.office, "activity.publish", object{
		"title": "2号院楼道大清扫", "type": "环境治理", "start": now - 70*60_000, "end": now, "place": "和平里 2 号院",
		"places": places, "item": p.item, "organiser": "居民甲", "note": ""})
	p.activity = a.ID
	return err
}

type activity struct {
	Confirmed, Waiting, Pending int
	Attendees                   []struct{ Person, Status, Awarded string }
}

func (p *play) look(d *process) (activity, error) {
	a, err := call[activity](p.ctx, d, "activity.get", object{"id": p.activity})
	if err == nil {
		p.maxConfirmed = max(p.maxConfirmed, a.Confirmed)
	}
	return a, err
}

func (p *play) signUp(d *process, people []string) error {
	for _, id := range people {
		if err := do(p.ctx, d, "activity.signUp", object{"id": p.activity, "people": []string{id}}); err != nil {
			return err
		}
		if _, err := p.look(d); err != nil {
			return err
		}
	}
	return nil
}

// deed records one service and expects points, now or on the way.
func (p *play) deed(d *process, person, item, line string) error {
	r, err := call[struct{ Ref *ref }](p.ctx, d, "deed.record", object{"person": person, "item": item,
		"at": time.Now().UnixMilli(), "minutes": 60, "note": "", "witness": "", "line": line})
	if err == nil {
		p.ack("deed", r.Ref)
	}
	return err
}

// redeem buys one piece of the cheapest goods in stock; being refused for want
// of points here is an answer, not a failure.
func (p *play) redeem(d *process, person string) (*ref, error) {
	type offers struct {
		Offers []struct {
			ID, Kind      string
			Points, Stock int64
		}
	}
	o, err := call[offers](p.ctx, d, "shop.offers", object{"all": false})
	if err != nil {
		return nil, err
	}
	best := -1
	for i, x := range o.Offers {
		if x.Stock > 0 && (best < 0 || x.Points < o.Offers[best].Points) {
			best = i
		}
	}
	if best < 0 {
		return nil, fmt.Errorf("%s has nothing on its shelf", d.name)
	}
	r, err := call[struct{ Ref *ref }](p.ctx, d, "till.redeem", object{"person": person,
		"lines": []object{{"offer": o.Offers[best].ID, "n": 1}}})
	if refused(err, "till.short") || refused(err, "till.stock") {
		p.resist++
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p.ack("redemption", r.Ref)
	return r.Ref, nil
}

// pull asks the devices in reach for a person's points; nobody may be there.
func (p *play) pull(d *process, person string, need int) error {
	return do(p.ctx, d, "till.pull", object{"person": person, "need": need})
}

func (p *play) cut(d *process, on bool) error {
	return do(p.ctx, d, "devices.pause", object{"on": on})
}
