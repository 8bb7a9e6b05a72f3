package node

import (
	"context"

	"jishan/app/activity"
	"jishan/app/duty"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// What people have taken on for longer than a day, as screens use it (docs/duties.md).

func (n *Node) dutyCalls() map[string]handler {
	return map[string]handler{
		"duty.list": staff(n, (*community).listDuties),
		"duty.open": staff(n, (*community).openDuty),
		"duty.hand": staff(n, (*community).handDuty),
		"duty.end":  staff(n, (*community).endDuty),
		"duty.done": staff(n, (*community).doDuty),
	}
}

func (c *community) newDuties() *duty.Book {
	return duty.New(duty.Config{Doc: c.charter.Doc, Undone: func(q store.Querier, person people.ID, deed []byte) (bool, error) {
		got, err := c.deedOf(q, person, deed)
		return got.Undone, err
	}})
}

type dutyRow struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"` // duty, spot, tree
	Title    string `json:"title"`
	Place    string `json:"place"`
	Item     string `json:"item"` // of the rulebook
	ItemName string `json:"itemName"`
	Points   int64  `json:"points"`  // of one time, 0 where it goes by minutes
	Minutes  int64  `json:"minutes"` // an item by the hour: for so many it gives one measure
	Per      string `json:"per"`     // day, week, month
	Times    int64  `json:"times"`   // in each
	Person   string `json:"person"`  // who has it, "" for nobody
	Name     string `json:"name"`
	Masked   string `json:"masked"`
	Since    int64  `json:"since"`
	Made     int64  `json:"made"`
	By       string `json:"by"`
	Ended    int64  `json:"ended"` // 0 = not
	Why      string `json:"why"`
	Done     int64  `json:"done"`   // times in the running day, week or month
	Before   int64  `json:"before"` // in the one before, -1 where that says nothing of who has it
	Last     int64  `json:"last"`   // when it was done last, 0 = never
	Waits    bool   `json:"waits"`  // the rulebook's item is claimed, or is gone: it can't be recorded here
}

type dutiesReply struct {
	Duties []dutyRow `json:"duties"`
}

func (c *community) listDuties(ctx context.Context, _ none) (out dutiesReply, err error) {
	out.Duties = []dutyRow{}
	var ids []people.ID
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.duties.List(q, c.node.now())
		if err != nil {
			return err
		}
		book, err := c.scheme.Get(q)
		for _, w := range list {
			out.Duties = append(out.Duties, dutyRowOf(w, book))
			ids = append(ids, w.Person)
		}
		return err
	})
	if err != nil || len(ids) == 0 {
		return out, err
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i, id := range ids {
		out.Duties[i].Name, out.Duties[i].Masked = known[id].Name, known[id].Masked
	}
	return out, err
}

func dutyRowOf(w duty.What, book scheme.Scheme) dutyRow {
	row := dutyRow{ID: w.ID, Kind: w.Kind, Title: w.Title, Place: w.Place, Item: w.Item, Per: w.Per, Times: w.Times, Since: w.Since, Made: w.Made, By: w.By,
		Ended: w.Off, Why: w.Why, Done: w.Done, Before: w.Before, Last: w.Last}
	if w.Person != (people.ID{}) {
		row.Person = w.Person.String()
	}
	item, err := book.Find(w.Item)
	row.Waits = err != nil || item.Waits() || item.Takes()
	row.ItemName, row.Points, row.Minutes = item.Name, item.Points, item.Minutes
	return row
}

type dutyRequest struct {
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	Place  string `json:"place"`
	Item   string `json:"item"`
	Per    string `json:"per"`
	Times  int64  `json:"times"`
	Person string `json:"person"` // "" for nobody yet
}

type dutyReply struct {
	ID string `json:"id"`
}

// openDuty writes a duty down. Faults: people.unknown, scheme.item.unknown, deed.claim{item},
// duty.item, and those of duty.Book.Open.
func (c *community) openDuty(ctx context.Context, r dutyRequest) (out dutyReply, err error) {
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		person, err := c.taker(tx, r.Person)
		if err != nil {
			return err
		}
		book, err := c.scheme.Get(tx)
		if err != nil {
			return err
		}
		item, ok := book.Item(r.Item)
		switch {
		case !ok:
			return fault.New("scheme.item.unknown", "code", r.Item)
		case item.Takes() || item.Kind == scheme.Base:
			return fault.New("duty.item")
		case item.Waits():
			return fault.New("deed.claim", "item", item.Name)
		}
		out.ID, err = c.duties.Open(tx, duty.What{Kind: r.Kind, Title: r.Title, Place: r.Place, Item: r.Item, Per: r.Per, Times: r.Times, Person: person, By: c.operator()})
		return err
	})
	return out, err
}

// taker reads who is to have a duty; "" is nobody. Fault: people.unknown.
func (c *community) taker(q store.Querier, text string) (id people.ID, err error) {
	if text == "" {
		return id, nil
	}
	if id, err = people.ParseID(text); err != nil {
		return id, fault.New("people.unknown")
	}
	known, err := c.people.Known(q, id)
	if err == nil && !known {
		err = fault.New("people.unknown")
	}
	return id, err
}

// handDuty gives a duty to somebody else, or to nobody. Faults: people.unknown, those of
// duty.Book.Hand.
func (c *community) handDuty(ctx context.Context, r struct {
	ID     string `json:"id"`
	Person string `json:"person"`
}) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		person, err := c.taker(tx, r.Person)
		if err != nil {
			return err
		}
		return c.duties.Hand(tx, r.ID, person, c.operator())
	})
}

// endDuty ends a duty. Faults: those of duty.Book.End.
func (c *community) endDuty(ctx context.Context, r reasonRequest) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.duties.End(tx, r.ID, r.Reason, c.operator()) })
}

type dutyDone struct {
	ID      string `json:"id"`
	At      int64  `json:"at"`
	Minutes int64  `json:"minutes"`
	Note    string `json:"note"`
	Witness string `json:"witness"`
}

// doDuty records that a duty was done, as a deed of who has it; its title is the deed's
// note where none is given. Faults: those of duty.Book.Held and of deed.record.
func (c *community) doDuty(ctx context.Context, r dutyDone) (out recorded, err error) {
	keepAnswer(ctx, &out)
	var w duty.What
	err = c.view(ctx, func(q store.Querier) (err error) { w, err = c.duties.Held(q, r.ID, c.node.now()); return err })
	if err != nil {
		return out, err
	}
	d := activity.Deed{Person: w.Person.String(), Item: w.Item, At: r.At, Minutes: r.Minutes, Note: r.Note, Witness: r.Witness}
	if d.Note == "" {
		d.Note = w.Title
	}
	return c.record(ctx, d, func(tx *store.Tx, got activity.Recorded) error {
		now, err := c.duties.Held(tx, r.ID, tx.Now())
		if err != nil {
			return err
		}
		if now.Person != w.Person {
			return fault.New("duty.nobody")
		}
		return c.duties.Did(tx, now, got.Key, r.At, c.operator())
	})
}
