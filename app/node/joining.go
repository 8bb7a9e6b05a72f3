package node

import (
	"context"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/order"
	"jishan/app/people"
	"jishan/crdt/store"
)

// Two records of one person (docs/joining-and-moving.md): found, compared, joined
// and taken apart again. A station asks; the office answers; the registrar's device
// writes the answer into the charter by itself.

func (n *Node) joiningCalls() map[string]handler {
	return map[string]handler{
		"people.doubles":   staff(n, (*community).doubles),
		"people.similar":   staff(n, (*community).similar),
		"people.records":   staff(n, (*community).records),
		"people.join":      staff(n, (*community).join),
		"people.apart":     staff(n, (*community).apart),
		"people.different": staff(n, (*community).different),
	}
}

// same lists the ids that are one person, for rooms that know people as text.
func (c *community) same(_ store.Querier, person string) ([]string, error) {
	id, err := people.ParseID(person)
	if err != nil {
		return []string{person}, nil // of nobody here
	}
	ids := c.people.IDs(id)
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out, nil
}

// pairReply is two records that may be one person, or about which something was
// said.
type pairReply struct {
	A       people.PersonRow `json:"a"`
	B       people.PersonRow `json:"b"`
	Reasons []string         `json:"reasons"`
	Ask     *people.Said     `json:"ask"`    // that waits for the office
	Answer  *people.Said     `json:"answer"` // of the office, that waits for its main device
}

type joinedReply struct {
	Person  people.PersonRow `json:"person"`
	Records int              `json:"records"`
	Many    bool             `json:"many"` // more than an office would join: of several that were apart
}

type doublesReply struct {
	Rows   []pairReply   `json:"rows"`
	Joined []joinedReply `json:"joined"`
	Office bool          `json:"office"` // this device may answer
}

// doubles lists what to look at: requests first, then records that are alike, and
// who was joined.
func (c *community) doubles(ctx context.Context, _ none) (doublesReply, error) {
	d, _ := c.self()
	out := doublesReply{Rows: []pairReply{}, Joined: []joinedReply{}, Office: d.Role == govern.Office}
	likely, err := c.people.Doubles(ctx)
	if err != nil {
		return out, err
	}
	why, pairs, words, err := c.pairs(ctx, likely)
	if err != nil {
		return out, err
	}
	for _, pair := range pairs {
		row, ok, err := c.pair(ctx, pair, why[pair], words[pair])
		if err != nil {
			return out, err
		}
		if ok {
			out.Rows = append(out.Rows, row)
		}
	}
	out.Joined, err = c.joinedPeople(ctx)
	return out, err
}

// maxPairs bounds what one list shows: a thousand doubles are an import that was
// made twice, and are taken back as one.
const maxPairs = 300

// pairs puts together what is alike and what was said: what waits for somebody comes
// first; what the office called different is left out.
func (c *community) pairs(ctx context.Context, likely []people.Likely) (why map[people.Pair][]string, pairs []people.Pair, words map[people.Pair]people.Word, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { words, err = c.people.Words(q); return err })
	if err != nil {
		return nil, nil, nil, err
	}
	why = map[people.Pair][]string{}
	for _, l := range likely {
		why[l.Pair] = l.Reasons
		if w := words[l.Pair]; w.Answer.Word != people.SaidDifferent || w.Open() {
			pairs = append(pairs, l.Pair)
		}
	}
	for pair, w := range words {
		if (w.Open() || c.unwritten(pair, w)) && !slices.Contains(pairs, pair) {
			pairs = append(pairs, pair)
		}
	}
	slices.SortFunc(pairs, func(a, b people.Pair) int {
		if x, y := words[a].Open(), words[b].Open(); x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a[0].String()+a[1].String(), b[0].String()+b[1].String())
	})
	return why, pairs[:min(len(pairs), maxPairs)], words, nil
}

// unwritten tells whether an answer has not reached the charter yet.
func (c *community) unwritten(pair people.Pair, w people.Word) bool {
	one := c.people.Lead(pair[0]) == c.people.Lead(pair[1])
	return w.Answer.Word == people.SaidJoin && !one
}

func (c *community) pair(ctx context.Context, pair people.Pair, why []string, w people.Word) (out pairReply, ok bool, err error) {
	var rows [2]people.PersonRow
	for i, id := range pair {
		r, err := c.people.Record(ctx, id)
		if errors.Is(err, fault.New("people.unknown")) {
			return out, false, nil
		}
		if err != nil {
			return out, false, err
		}
		rows[i] = r.PersonRow
	}
	out = pairReply{A: rows[0], B: rows[1], Reasons: why}
	if out.Reasons == nil {
		out.Reasons = []string{}
	}
	if w.Open() {
		out.Ask = &w.Ask
	}
	if c.unwritten(pair, w) {
		out.Answer = &w.Answer
	}
	return out, true, nil
}

func (c *community) joinedPeople(ctx context.Context) ([]joinedReply, error) {
	out := []joinedReply{}
	for _, group := range c.charter.JoinedNow().Groups() {
		rows, err := c.people.Rows(ctx, []people.ID{group[0]})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, joinedReply{r, len(group), len(group) > people.MaxRecords})
		}
	}
	return out, nil
}

type similarReply struct {
	Rows []similarRow `json:"rows"`
}

type similarRow struct {
	Person  people.PersonRow `json:"person"`
	Reasons []string         `json:"reasons"`
}

// similar lists who may be the person of a form that is being filled in.
func (c *community) similar(ctx context.Context, form people.NewPerson) (similarReply, error) {
	out := similarReply{Rows: []similarRow{}}
	list, err := c.people.Similar(ctx, form)
	if err != nil {
		return out, err
	}
	for _, l := range list {
		rows, err := c.people.Rows(ctx, []people.ID{l.Pair[0]})
		if err != nil {
			return out, err
		}
		for _, r := range rows {
			out.Rows = append(out.Rows, similarRow{r, l.Reasons})
		}
	}
	return out, nil
}

// recordReply is one record by itself, with what is booked under its id.
type recordReply struct {
	people.Person
	Lines int `json:"lines"`
}

// twiceReply is one deed, bonus or level that is booked under two ids.
type twiceReply struct {
	Lines []twiceLine `json:"lines"`
}

type twiceLine struct {
	lineReply
	Record  string `json:"record"`
	CanUndo bool   `json:"canUndo"` // by this device
}

type recordsReply struct {
	Records []recordReply `json:"records"`
	Joined  bool          `json:"joined"` // they are one person
	Waiting bool          `json:"waiting"`
	Office  bool          `json:"office"`
	Twice   []twiceReply  `json:"twice"`
	Differs []string      `json:"differs"` // fields shown masked of which the whole differs
}

// records shows the records of a person side by side, or two that may be one
// person. Every look stands in the view log; telephone and ID numbers are whole only
// with full, as most pairs are told apart without. Fault: people.unknown, call.page.
func (c *community) records(ctx context.Context, r struct {
	IDs  []string `json:"ids"`
	Full bool     `json:"full"`
}) (recordsReply, error) {
	d, _ := c.self()
	out := recordsReply{Records: []recordReply{}, Twice: []twiceReply{}, Differs: []string{}, Office: d.Role == govern.Office}
	ids, err := c.recordIDs(r.IDs)
	if err != nil {
		return out, err
	}
	for _, id := range ids {
		one, err := c.recordOf(ctx, id)
		if errors.Is(err, fault.New("people.unknown")) && len(ids) > 1 {
			continue // erased by a device that knew of no joining, or not here yet
		}
		if err != nil {
			return out, err
		}
		out.Records = append(out.Records, one)
	}
	out.Differs = differ(out.Records)
	if !r.Full {
		for i := range out.Records {
			one := &out.Records[i]
			one.Phone, one.IDNumber = hidden(one.Phone, 3, 4), hidden(one.IDNumber, 0, 4)
		}
	}
	out.Joined = c.people.Lead(ids[0]) == c.people.Lead(ids[len(ids)-1]) && len(ids) > 1
	return out, c.view(ctx, func(q store.Querier) error {
		words, err := c.people.Words(q)
		if err != nil {
			return err
		}
		if pair, err := people.PairOf(ids[0], ids[len(ids)-1]); err == nil {
			out.Waiting = words[pair].Open() || c.unwritten(pair, words[pair])
		}
		out.Twice, err = c.twice(q, ids)
		return err
	})
}

// differ names the numbers that the records don't agree on, which can't be seen of
// masked ones; what a record does not have is no difference.
func differ(list []recordReply) []string {
	out := []string{}
	for name, of := range map[string]func(recordReply) string{
		"phone": func(r recordReply) string { return r.Phone }, "idNumber": func(r recordReply) string { return r.IDNumber },
	} {
		first := ""
		for _, r := range list {
			if v := of(r); first == "" {
				first = v
			} else if v != "" && v != first && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// hidden leaves of a number only its ends.
func hidden(number string, head, tail int) string {
	if len(number) <= head+tail {
		return number
	}
	return number[:head] + strings.Repeat("*", len(number)-head-tail) + number[len(number)-tail:]
}

// recordIDs are the ids to show: those asked for, or all of one person.
func (c *community) recordIDs(texts []string) (ids []people.ID, err error) {
	if len(texts) == 0 || len(texts) > 2 {
		return nil, fault.New("call.page", "limit", 2)
	}
	for _, text := range texts {
		id, err := people.ParseID(text)
		if err != nil {
			return nil, err
		}
		for _, one := range c.people.IDs(id) {
			if !slices.Contains(ids, one) {
				ids = append(ids, one)
			}
		}
	}
	slices.SortFunc(ids, func(a, b people.ID) int { return strings.Compare(a.String(), b.String()) }) // the leading one first
	return ids, nil
}

func (c *community) recordOf(ctx context.Context, id people.ID) (out recordReply, err error) {
	if out.Person, err = c.people.Record(ctx, id); err != nil {
		return out, err
	}
	if err := c.people.Looked(ctx, c.operator(), id); err != nil {
		return out, err
	}
	return out, c.view(ctx, func(q store.Querier) error {
		b, err := c.ledger.BalanceOf(q, ledger.Subject(id), period(c.node.now()))
		if err != nil {
			return err
		}
		out.Lifetime, out.Year, out.Spendable, out.Here, out.Vouchers, out.Debt = b.Lifetime, b.Year, b.Spendable-b.Vouchers, b.Here, b.Vouchers, b.Debt
		lines, err := c.ledger.LinesOf(q, ledger.Subject(id), 0, maxTwice)
		out.Lines = len(lines)
		return err
	})
}

// maxTwice bounds the lines of one record that are compared: years of daily deeds.
const maxTwice = 5000

// twice finds what was paid under two ids for one thing.
func (c *community) twice(q store.Querier, ids []people.ID) ([]twiceReply, error) {
	facts, order := map[string][]ledger.Line{}, []string{}
	for _, id := range ids {
		lines, err := c.ledger.LinesOf(q, ledger.Subject(id), 0, maxTwice)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			f, err := c.fact(q, l)
			if err != nil {
				return nil, err
			}
			if f == "" {
				continue
			}
			if facts[f] == nil {
				order = append(order, f)
			}
			facts[f] = append(facts[f], l)
		}
	}
	out := []twiceReply{}
	for _, f := range order {
		if !severalPeople(facts[f]) {
			continue
		}
		t := twiceReply{}
		for _, l := range facts[f] {
			r, err := c.line(q, l, l.Person.String())
			if err != nil {
				return nil, err
			}
			t.Lines = append(t.Lines, twiceLine{r, l.Person.String(), l.Own && !l.Undone})
		}
		out = append(out, t)
	}
	levels, err := c.levelsTwice(q, ids)
	return append(out, levels...), err
}

func severalPeople(lines []ledger.Line) bool {
	return slices.ContainsFunc(lines, func(l ledger.Line) bool { return l.Person != lines[0].Person })
}

// fact names what a line was paid for, alike under all ids of a person; "" for what
// may stand in a book more than once.
func (c *community) fact(q store.Querier, l ledger.Line) (string, error) {
	switch {
	case l.Undone || l.Kind != ledger.LineAward && l.Kind != ledger.LineOpening:
		return "", nil
	case l.Item == people.ItemRegistration, l.Item == people.ItemOpening && l.Points > 0:
		return l.Item, nil
	case l.Item == people.ItemBase:
		return l.Item + "|" + l.Period, nil
	}
	if id := order.Paid(l.Note); id != "" {
		return "order|" + id, nil
	}
	f, _, err := c.activity.Fact(q, l.Deed.Turn, l.Deed.Key)
	return f, err
}

// levelsTwice lists the levels that two ids of a person were awarded in one year,
// with all their benefits.
func (c *community) levelsTwice(q store.Querier, ids []people.ID) ([]twiceReply, error) {
	group := make([]ledger.Subject, len(ids))
	for i, id := range ids {
		group[i] = ledger.Subject(id)
	}
	list, err := c.honour.Twice(q, group)
	if err != nil {
		return nil, err
	}
	var out []twiceReply
	for _, awards := range list {
		t := twiceReply{}
		for _, a := range awards {
			device, _, err := c.charter.DeviceOf(q, a.By)
			if err != nil {
				return nil, err
			}
			d, _ := c.charter.Device(device)
			t.Lines = append(t.Lines, twiceLine{lineReply{
				Ref: refReply{a.Doc, a.Seq, a.Hash.String()}, At: a.At, Kind: "level", Text: a.Name, Place: d.PlaceName, Device: d.Name,
				State: "booked",
			}, a.Person.String(), a.By == c.store.Self()})
		}
		out = append(out, t)
	}
	return out, nil
}

type pairRequest struct {
	A string `json:"a"`
	B string `json:"b"`
}

type joinReply struct {
	State string `json:"state"` // asked: the office answers; waiting: for its main device; joined, apart, different
}

func (r pairRequest) pair() (people.Pair, error) {
	a, err := people.ParseID(r.A)
	if err != nil {
		return people.Pair{}, err
	}
	b, err := people.ParseID(r.B)
	if err != nil {
		return people.Pair{}, err
	}
	return people.PairOf(a, b)
}

// join makes one person of two records: as the office, or as a station's request.
// Faults: people.id.bad, people.join.self, people.unknown, people.join.many{max}.
func (c *community) join(ctx context.Context, r pairRequest) (joinReply, error) {
	pair, err := r.pair()
	if err != nil {
		return joinReply{}, err
	}
	return c.answer(ctx, func() bool { return c.people.Lead(pair[0]) == c.people.Lead(pair[1]) }, "joined",
		func(tx *store.Tx) error { return c.people.AskJoin(tx, pair, people.SaidJoin) },
		func(tx *store.Tx) error { return c.people.AnswerJoin(tx, pair, people.SaidJoin) })
}

// apart takes a record out of its person. Faults: people.id.bad, people.join.alone.
func (c *community) apart(ctx context.Context, r idRequest) (joinReply, error) {
	id, err := people.ParseID(r.ID)
	if err != nil {
		return joinReply{}, err
	}
	others := slices.DeleteFunc(slices.Clone(c.people.IDs(id)), func(o people.ID) bool { return o == id })
	if len(others) == 0 {
		return joinReply{}, fault.New("people.join.alone")
	}
	pair, err := people.PairOf(id, others[0])
	if err != nil {
		return joinReply{}, err
	}
	return c.answer(ctx, func() bool { return len(c.people.IDs(id)) == 1 }, "apart",
		func(tx *store.Tx) error { return c.people.AskJoin(tx, pair, people.SaidApart) },
		func(tx *store.Tx) error { return c.people.Separate(tx, id) })
}

// different says that two records are two people, or, at a station, takes its
// request back.
func (c *community) different(ctx context.Context, r pairRequest) (joinReply, error) {
	pair, err := r.pair()
	if err != nil {
		return joinReply{}, err
	}
	return c.answer(ctx, func() bool { return true }, "different",
		func(tx *store.Tx) error { return c.people.AskJoin(tx, pair, people.SaidNothing) },
		func(tx *store.Tx) error { return c.people.AnswerJoin(tx, pair, people.SaidDifferent) })
}

// answer writes what the office decides, or a station asks, and carries it out at
// once where this is the registrar's device.
func (c *community) answer(ctx context.Context, done func() bool, state string, ask, decide func(*store.Tx) error) (joinReply, error) {
	d, _ := c.self()
	if d.Role != govern.Office {
		return joinReply{"asked"}, c.write(ctx, ask)
	}
	if err := c.write(ctx, decide); err != nil {
		return joinReply{}, err
	}
	if err := c.carryOut(ctx, c.operator()); err != nil {
		return joinReply{}, err
	}
	if !done() {
		state = "waiting"
	}
	return joinReply{state}, nil
}

// carryOut writes the office's answers into the charter, at the registrar's device.
// Together the points of a person may reach a level.
func (c *community) carryOut(ctx context.Context, operator string) error {
	n, err := c.people.CarryOut(ctx, operator)
	if n > 0 {
		c.honour.LookAgain()
		c.tend.poke()
	}
	return err
}

// joinings carries out what was answered at other devices of the office.
func (t *tender) joinings(ctx context.Context) error { return t.c.carryOut(ctx, "") }

// waitingJoins puts requests of stations on the office's list.
func (c *community) waitingJoins(q store.Querier, out *homeReply) error {
	if d, _ := c.self(); d.Role != govern.Office {
		return nil
	}
	words, err := c.people.Words(q)
	n, since := 0, int64(0)
	for _, w := range words {
		if w.Open() {
			n++
			since = max(since, w.Ask.At)
		}
	}
	if n > 0 {
		out.Todo = append(out.Todo, todo{Kind: "same", At: since, Link: "/people?doubles=1", Params: map[string]any{"n": n}})
	}
	return err
}
