package order

import (
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Answer says whether the party takes the order (接单). offer is the dispatch
// that the screen showed. The same answer again changes nothing. Faults:
// order.unknown, order.moved {name}, order.closed {state}, order.why.
func (d *Desk) Answer(tx *store.Tx, id, offer string, yes bool, why string) error {
	r, err := d.inForce(tx, id, offer)
	if err != nil {
		return err
	}
	if yes == (why != "") || !yes && !slices.Contains(declineWhys, why) {
		return fault.New("order.why")
	}
	if r.State == Serving && yes || r.State == Posted && !yes {
		return nil
	}
	if r.State != Offered && r.State != Serving {
		return fault.New("order.closed", "state", r.State)
	}
	put := store.Put{Key: key(kindServe, id, offer, "answer"), Value: encode(answerValue{Format: format, Yes: yes, Why: why})}
	return d.put(tx, r.servePath(), answerAction(yes), put)
}

func answerAction(yes bool) string {
	if yes {
		return "order.accept"
	}
	return "order.decline"
}

// inForce reads an order whose dispatch in force must be the one that a screen
// showed. Faults: order.unknown, order.moved {name}.
func (d *Desk) inForce(q store.Querier, id, offer string) (record, error) {
	r, err := d.record(q, id)
	if err == nil && (offer == "" || r.offer != offer) {
		err = fault.New("order.moved", "name", r.Party.Name)
	}
	return r, err
}

// AnswerAs is Answer by a volunteer on the phone, for himself or his team.
// Faults: as Answer; an order of others is order.unknown.
func (d *Desk) AnswerAs(tx *store.Tx, id, offer, person string, yes bool, why string) error {
	if err := d.serves(tx, id, person); err != nil {
		return err
	}
	return d.Answer(tx, id, offer, yes, why)
}

func (d *Desk) serves(q store.Querier, id, person string) error {
	ok, err := d.Serves(q, id, person)
	if err == nil && !ok {
		err = fault.New("order.unknown")
	}
	return err
}

// Done says that the service was done, how long it took and who took part; a
// merchant's people stay unnamed. Again changes nothing. Faults: order.unknown,
// order.moved {name}, order.closed {state}, order.minutes {max}, order.helpers
// {max}, order.self, people.unknown.
func (d *Desk) Done(tx *store.Tx, id, offer string, minutes int64, helpers []string) error {
	r, err := d.inForce(tx, id, offer)
	switch {
	case err != nil:
		return err
	case r.State == Served || r.State == Closed:
		return nil
	case r.State != Serving && r.State != Offered:
		return fault.New("order.closed", "state", r.State)
	case minutes < 0 || minutes > maxMinutes:
		return fault.New("order.minutes", "max", maxMinutes)
	}
	v := doneValue{Format: format, Minutes: minutes}
	if v.Helpers, err = d.helpers(tx, r, helpers); err != nil {
		return err
	}
	puts := []store.Put{{Key: key(kindServe, id, offer, "done"), Value: encode(v)}}
	if r.State == Offered { // who has done it has taken it
		puts = append([]store.Put{{Key: key(kindServe, id, offer, "answer"), Value: encode(answerValue{Format: format, Yes: true})}}, puts...)
	}
	return d.put(tx, r.servePath(), "order.done", puts...)
}

// helpers checks who served: the person an order was given to, unless others
// are named.
func (d *Desk) helpers(q store.Querier, r record, list []string) (out []ledger.Subject, err error) {
	switch {
	case r.Party.Kind == ToMerchant && len(list) > 0, r.Party.Kind == ToTeam && len(list) == 0, len(list) > maxHelpers:
		return nil, fault.New("order.helpers", "max", maxHelpers)
	case r.Party.Kind == ToPerson && len(list) == 0:
		list = []string{r.Party.ID}
	}
	for _, p := range list {
		if p == r.Person {
			return nil, fault.New("order.self")
		}
		if err := d.known(q, p); err != nil {
			return nil, err
		}
		if s := ledger.TextSubject(p); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// DoneAs is Done by a volunteer on the phone, who took part, with others of the
// same team. Faults: as Done, and order.helpers.
func (d *Desk) DoneAs(tx *store.Tx, id, offer, person string, minutes int64, with []string) error {
	r, err := d.record(tx, id)
	if err != nil {
		return err
	}
	for _, p := range append([]string{person}, with...) {
		ok, err := d.isMember(tx, r, p)
		if err != nil {
			return err
		}
		if !ok && p == person {
			return fault.New("order.unknown")
		}
		if !ok {
			return fault.New("order.helpers", "max", maxHelpers)
		}
	}
	return d.Done(tx, id, offer, minutes, append([]string{person}, with...))
}

// Reply answers the resident in words that the phone page shows. Faults:
// order.unknown, order.closed {state}, order.reply {max}.
func (d *Desk) Reply(tx *store.Tx, id, words string) error {
	r, err := d.record(tx, id)
	if err != nil {
		return err
	}
	words = strings.TrimSpace(words)
	if words == "" || !fits(words, maxText) {
		return fault.New("order.reply", "max", maxText)
	}
	if r.State == Cancelled {
		return fault.New("order.closed", "state", r.State)
	}
	reply, err := d.newID(tx)
	if err != nil {
		return err
	}
	sealed, err := d.People.Seal(tx, r.Person, sealField(id, reply), words)
	if err != nil {
		return err
	}
	return d.put(tx, r.path, "order.reply", store.Put{Key: key(kindReply, id, reply, "text"), Value: wire.BytesValue(sealed)})
}

// Review is the resident's word on what was done (评单).
type Review struct {
	Stars int64  `json:"stars"`
	Text  string `json:"text"`
	Via   string `json:"via"`
}

// Review writes a review down. A time-out is replaced by a real review, a
// review by none. Faults: order.unknown, order.notDone, order.reviewed,
// order.stars, order.praise {max}.
func (d *Desk) Review(tx *store.Tx, id string, v Review) error {
	r, err := d.record(tx, id)
	if err != nil {
		return err
	}
	v.Text = strings.TrimSpace(v.Text)
	switch {
	case r.State != Served && r.State != Closed:
		return fault.New("order.notDone")
	case v.Stars < 1 || v.Stars > 5 || !slices.Contains([]string{ByPage, ByDesk, ByCallback}, v.Via):
		return fault.New("order.stars")
	case !fits(v.Text, maxText):
		return fault.New("order.praise", "max", maxText)
	case r.State == Closed && r.ReviewVia != ByTimeout && r.Stars == v.Stars && r.ReviewVia == v.Via:
		return nil // the second click
	case r.State == Closed && r.ReviewVia != ByTimeout:
		return fault.New("order.reviewed")
	}
	puts := []store.Put{reviewPut(r, v.Stars, v.Via)}
	if v.Text != "" {
		sealed, err := d.People.Seal(tx, r.Person, sealField(id, "praise"), v.Text)
		if err != nil {
			return err
		}
		puts = append(puts, store.Put{Key: key(kindOrder, id, "praise"), Value: wire.BytesValue(sealed)})
	}
	if err := d.put(tx, r.path, "order.review", puts...); err != nil {
		return err
	}
	if err := d.tellStars(tx, r, v.Stars); err != nil {
		return err
	}
	_, err = d.payDue(tx, id, payAtOnce)
	return err
}

// ReviewOwn is Review by the resident, on the phone. Faults: as Review.
func (d *Desk) ReviewOwn(tx *store.Tx, id, person string, stars int64, words string) error {
	if err := d.mine(tx, id, person); err != nil {
		return err
	}
	return d.Review(tx, id, Review{Stars: stars, Text: words, Via: ByPage})
}

func reviewPut(r record, stars int64, via string) store.Put {
	return store.Put{Key: key(kindOrder, r.ID, "review"), Value: encode(reviewValue{Format: format, Offer: r.offer, Stars: stars, Via: via})}
}

// tellStars lets a merchant see what its service was worth to the resident.
func (d *Desk) tellStars(tx *store.Tx, r record, stars int64) error {
	if r.Party.Kind != ToMerchant {
		return nil
	}
	return d.put(tx, r.servePath(), "order.stars", store.Put{Key: key(kindJob, r.ID, r.offer, "stars"), Value: wire.IntValue(stars)})
}
