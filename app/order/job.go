package order

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// job is a row of order_job.
type job struct {
	id, offer, path string
	brief           briefValue
	at, void, stars int64
}

const jobColumns = `order_id, offer, path, brief, at, void, stars`

func scanJob(row interface{ Scan(...any) error }) (j job, err error) {
	var raw []byte
	if err := row.Scan(&j.id, &j.offer, &j.path, &raw, &j.at, &j.void, &j.stars); err != nil {
		return j, err
	}
	if open(string(raw), &j.brief) != nil {
		j.brief = briefValue{} // of a newer program, or only the answer is here yet
	}
	return j, nil
}

// jobsAtOnce is how many orders a merchant's screen shows: those of some weeks.
const jobsAtOnce = 100

// Jobs lists the orders given to the merchant at a place, the latest first.
func (d *Desk) Jobs(q store.Querier, place string) ([]Job, error) {
	var list []job
	err := store.EachRow(q, func(r *sql.Rows) error {
		j, err := scanJob(r)
		list = append(list, j)
		return err
	}, `SELECT `+jobColumns+` FROM order_job WHERE path LIKE ? AND at != 0 ORDER BY at DESC, offer LIMIT ?`, "order/"+place+"/%", jobsAtOnce)
	if err != nil {
		return nil, err
	}
	out := make([]Job, len(list))
	for i, j := range list {
		if out[i], err = d.show(q, j); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Job returns one of them. Fault: order.unknown.
func (d *Desk) Job(q store.Querier, place, id, offer string) (Job, error) {
	j, err := d.job(q, place, id, offer)
	if err != nil {
		return Job{}, err
	}
	return d.show(q, j)
}

func (d *Desk) job(q store.Querier, place, id, offer string) (job, error) {
	j, err := scanJob(q.QueryRow(`SELECT `+jobColumns+` FROM order_job WHERE order_id = ? AND offer = ?`, id, offer))
	if errors.Is(err, sql.ErrNoRows) || err == nil && placeOf(j.path) != place {
		return job{}, fault.New("order.unknown")
	}
	return j, err
}

// show opens what is for this device and says where the order stands.
func (d *Desk) show(q store.Querier, j job) (Job, error) {
	out := Job{ID: j.id, Offer: j.offer, Type: j.brief.Type, Project: j.brief.Project, Masked: j.brief.Masked, Made: j.brief.Made, OfferedAt: j.at,
		Stars: j.stars, Replies: []Step{}}
	var c contactValue
	raw, ok := d.Places.Unseal(j.brief.Sealed)
	if out.Locked = !ok || open(string(raw), &c) != nil; !out.Locked {
		out.Text, out.Address, out.Phone = c.Text, c.Address, c.Phone
	}
	list, err := valuesOf(q, j.id)
	if err != nil {
		return Job{}, err
	}
	x := dispatch{offerValue: offerValue{ID: j.offer, Kind: ToMerchant, Party: placeOf(j.path)}}
	x.follow(list)
	out.AnswerAt, out.DoneAt, out.State = x.answered, x.done, x.jobState(j)
	for _, v := range list {
		if v.kind == kindReply && v.field == "plain" && v.rank == 0 && v.path == j.path {
			out.Replies = append(out.Replies, Step{At: v.at, Kind: "reply", Device: d.deviceOf(v.actor), Operator: v.operator, Text: v.raw})
		}
	}
	slices.SortStableFunc(out.Replies, func(a, b Step) int { return int(a.At - b.At) })
	return out, nil
}

func (x dispatch) jobState(j job) string {
	switch {
	case x.done != 0 && j.stars != 0:
		return Closed
	case x.done != 0:
		return Served
	case j.void != 0:
		return "withdrawn"
	case x.answered != 0 && !x.yes:
		return "declined"
	case x.answered != 0:
		return Serving
	}
	return Offered
}

// AnswerJob is the merchant's answer. Faults: order.unknown, order.why,
// order.closed {state}.
func (d *Desk) AnswerJob(tx *store.Tx, place, id, offer string, yes bool, why string) error {
	j, state, err := d.jobAt(tx, place, id, offer)
	switch {
	case err != nil:
		return err
	case yes == (why != "") || !yes && !slices.Contains(declineWhys, why):
		return fault.New("order.why")
	case state == Serving && yes || state == "declined" && !yes:
		return nil
	case state != Offered && state != Serving:
		return fault.New("order.closed", "state", state)
	}
	put := store.Put{Key: key(kindServe, id, offer, "answer"), Value: encode(answerValue{Format: format, Yes: yes, Why: why})}
	return d.put(tx, j.path, answerAction(yes), put)
}

func (d *Desk) jobAt(q store.Querier, place, id, offer string) (job, string, error) {
	j, err := d.job(q, place, id, offer)
	if err != nil {
		return job{}, "", err
	}
	s, err := d.show(q, j)
	return j, s.State, err
}

// DoneJob says that the merchant has done it. Faults: order.unknown,
// order.closed {state}, order.minutes {max}.
func (d *Desk) DoneJob(tx *store.Tx, place, id, offer string, minutes int64) error {
	j, state, err := d.jobAt(tx, place, id, offer)
	switch {
	case err != nil:
		return err
	case state == Served || state == Closed:
		return nil
	case state != Serving && state != Offered:
		return fault.New("order.closed", "state", state)
	case minutes < 0 || minutes > maxMinutes:
		return fault.New("order.minutes", "max", maxMinutes)
	}
	puts := []store.Put{{Key: key(kindServe, id, offer, "done"), Value: encode(doneValue{Format: format, Minutes: minutes})}}
	if state == Offered {
		puts = append([]store.Put{{Key: key(kindServe, id, offer, "answer"), Value: encode(answerValue{Format: format, Yes: true})}}, puts...)
	}
	return d.put(tx, j.path, "order.done", puts...)
}

// ReplyJob answers the resident in the merchant's words, which staff and the
// resident see. Faults: order.unknown, order.closed {state}, order.reply {max}.
func (d *Desk) ReplyJob(tx *store.Tx, place, id, offer, words string) error {
	j, state, err := d.jobAt(tx, place, id, offer)
	words = strings.TrimSpace(words)
	switch {
	case err != nil:
		return err
	case state == "withdrawn" || state == "declined":
		return fault.New("order.closed", "state", state)
	case words == "" || !fits(words, maxText):
		return fault.New("order.reply", "max", maxText)
	}
	reply, err := d.newID(tx)
	if err != nil {
		return err
	}
	return d.put(tx, j.path, "order.reply", store.Put{Key: key(kindReply, id, reply, "plain"), Value: wire.StringValue(words)})
}
