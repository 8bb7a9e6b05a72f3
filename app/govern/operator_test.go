package govern_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// who is an operator of a test with his key at one device.
type who struct {
	govern.Operator
	signer govern.Signer
	key    govern.OperatorKey
}

func newWho(t *testing.T, w *governtest.World, d *governtest.Device, n byte, name string, role govern.OperatorRole) who {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(w.Rand)
	if err != nil {
		t.Fatal(err)
	}
	id := govern.OperatorID{n}
	return who{govern.Operator{ID: id, Name: name, Role: role}, govern.Signer{Operator: id, Key: key},
		govern.OperatorKey{Operator: id, Device: d.Key.Public(), Key: [32]byte(pub), Proof: govern.ProveOperatorKey(key, w.Community, id, d.Key.Public())}}
}

func (p who) certify(d *governtest.Device) error {
	return d.Do(func(tx *store.Tx) error { return d.Charter.SetOperators(tx, "operator.certify", p.Operator, p.key) })
}

func raise(d *governtest.Device, to int64, by ...who) error {
	return d.Do(func(tx *store.Tx) error {
		set := govern.BudgetSetting("2026", to, "text")
		if len(by) == 0 {
			return d.Charter.SetPolicy(tx, set)
		}
		var signers []govern.Signer
		for _, p := range by {
			signers = append(signers, p.signer)
		}
		return d.Charter.SetPolicyBy(tx, signers, set)
	})
}

func budget(d *governtest.Device) int64 {
	n, _, _ := d.Charter.Settings().Budget("2026")
	return n
}

func TestBudgetsAreRaisedByTwo(t *testing.T) {
	w := governtest.New(t, 60, nil)
	d := w.Office
	station := w.Join("站", govern.Station)
	lead, clerk := newWho(t, w, d, 1, "张三", govern.Lead), newWho(t, w, d, 2, "李四", govern.Clerk)
	keeper, second := newWho(t, w, d, 3, "王五", govern.Keeper), newWho(t, w, d, 4, "赵六", govern.Clerk)
	stranger := newWho(t, w, d, 5, "外人", govern.Lead)
	if err := errors.Join(raise(d, 100), raise(d, 200)); err != nil {
		t.Fatal("before anybody has a key a raise is as it always was:", err)
	}
	for _, p := range []who{lead, clerk, keeper, second} {
		if err := p.certify(d); err != nil {
			t.Fatal(err)
		}
	}
	twice := lead
	twice.signer.Operator = clerk.ID // the lead's key under the clerk's name
	for name, by := range map[string][]who{"nobody": nil, "one": {lead}, "one twice": {lead, lead}, "one as another": {lead, twice},
		"no lead": {clerk, second}, "a keeper": {lead, keeper}, "a stranger": {lead, stranger}} {
		if err := raise(d, 300, by...); err == nil || budget(d) != 200 {
			t.Errorf("%s: %v, budget %d", name, err, budget(d))
		}
	}
	if err := raise(d, 150); err != nil || budget(d) != 150 {
		t.Errorf("one person may lower it: %v", err)
	}
	if err := raise(d, 0); err == nil {
		t.Error("one person took the budget away, and could fix any afterwards")
	}
	if err := raise(d, 300, lead, clerk); err != nil || budget(d) != 300 {
		t.Errorf("two people: %v, budget %d", err, budget(d))
	}
	w.Meet(d, station)
	if budget(station) != 300 {
		t.Errorf("the station holds %d", budget(station))
	}
	out := clerk.Operator
	out.Out = true
	d.Must(func(tx *store.Tx) error { return d.Charter.SetOperators(tx, "operator.withdraw", out) })
	if err := raise(d, 400, lead, clerk); err == nil {
		t.Error("somebody who works here no more has signed")
	}
	if err := raise(d, 400); err == nil {
		t.Error("with one operator left, one person is enough")
	}
}

// A registrar whose program does not ask is refused by everybody else.
func TestARaiseWithoutSignaturesIsRefused(t *testing.T) {
	w := governtest.New(t, 61, nil)
	d, station := w.Office, w.Join("站", govern.Station)
	lead, clerk := newWho(t, w, d, 1, "张三", govern.Lead), newWho(t, w, d, 2, "李四", govern.Clerk)
	for _, p := range []who{lead, clerk} {
		if err := p.certify(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := raise(d, 100); err != nil {
		t.Fatal(err)
	}
	if err := raise(d, 200, lead, clerk); err != nil {
		t.Fatal(err)
	}
	good := lastValue(t, d)
	w.Meet(d, station)
	for name, value := range map[string][]byte{"nothing signed": encoded(t, govern.Policy{Settings: []govern.Setting{govern.BudgetSetting("2026", 900, "x")}}),
		"signed before": good} {
		if name == "signed before" { // lower again, so that the same words would raise once more
			if err := raise(d, 100); err != nil {
				t.Fatal(err)
			}
			w.Meet(d, station)
		}
		ch := forged(t, d, value)
		r := station.Receive(d, d.Charter.Doc("gov/1"), []seal.Sealed{ch})
		if r.Admitted != 0 || r.Refused != 1 {
			t.Errorf("%s: %+v", name, r)
		}
		if name == "nothing signed" { // the feed has ended there; the rest in a world of its own
			station = w.Join("站二", govern.Station)
		}
	}
}

func encoded(t *testing.T, e ...govern.Entry) []byte {
	t.Helper()
	v, err := govern.EncodeValue(e...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lastChange is the newest change of the office's charter.
func lastChange(t *testing.T, d *governtest.Device) *wire.Change {
	t.Helper()
	var last *wire.Change
	err := d.Store.View(t.Context(), func(q store.Querier) error {
		return store.Each(q, d.Charter.Doc("gov/1"), func(_ wire.Actor, c store.Stored) error {
			ch, _, err := wire.Decode(c.Sealed.Chunk)
			last = ch
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func lastValue(t *testing.T, d *governtest.Device) []byte {
	return bytes.Clone([]byte(lastChange(t, d).Ops[0].Value.Raw))
}

// forged seals what the office's program would never write.
func forged(t *testing.T, d *governtest.Device, value []byte) seal.Sealed {
	t.Helper()
	last := lastChange(t, d)
	_, before, err := last.Encode()
	if err != nil {
		t.Fatal(err)
	}
	seq := last.Seq + 1
	ch := &wire.Change{Actor: last.Actor, Seq: seq, StartOp: seq, Time: last.Time + 1, Deps: []wire.Hash{before},
		Message: seal.Context{Term: 1, Seq: last.Seq, Head: seal.HeadOf(before), Action: "govern.policy"}.String(),
		Ops:     []wire.Op{{Key: store.FeedKey(seq), Value: wire.BytesValue(value)}}}
	chunk, h, err := ch.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s := d.Incarnation.Seal(string(d.Charter.Doc("gov/1")), seq, h)
	return seal.Sealed{Chunk: chunk, Seal: &s}
}

func TestOperatorsOfTheCharter(t *testing.T) {
	w := governtest.New(t, 62, nil)
	d, station := w.Office, w.Join("站", govern.Station)
	lead := newWho(t, w, d, 1, "张三", govern.Lead)
	if err := lead.certify(d); err != nil {
		t.Fatal(err)
	}
	at := newWho(t, w, station, 1, "张三", govern.Lead) // the same person's key at the station
	same := newWho(t, w, d, 2, "张 三", govern.Clerk)
	stolen, foreign, unproven := newWho(t, w, d, 3, "李四", govern.Clerk), newWho(t, w, d, 4, "王五", govern.Clerk), newWho(t, w, d, 5, "赵六", govern.Clerk)
	stolen.key.Key, stolen.key.Proof = lead.key.Key, govern.ProveOperatorKey(lead.signer.Key, w.Community, stolen.ID, d.Key.Public())
	foreign.key.Device = [32]byte{9}
	unproven.key.Proof = make([]byte, 64)
	for name, p := range map[string]who{"a name that is taken": same, "a key of somebody else": stolen, "a device of nobody": foreign, "a key without proof": unproven} {
		if err := p.certify(d); !errors.Is(err, fault.New("govern.operator.bad")) && !errors.Is(err, fault.New("govern.operator.name")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := at.certify(station); !errors.Is(err, fault.New("govern.registrar.only")) {
		t.Errorf("a station certifies: %v", err)
	}

	request := govern.OperatorRequest{Operator: at.ID, Name: at.Name, Role: at.Role, Device: at.key.Device, Key: at.key.Key, Made: w.Clock, Proof: at.key.Proof}
	other := request
	other.Device = d.Key.Public() // for a device that is not its own
	if err := station.Do(func(tx *store.Tx) error { return station.Charter.AskOperator(tx, other) }); err == nil {
		t.Error("a request that its key did not sign was written")
	}
	station.Must(func(tx *store.Tx) error { return station.Charter.AskOperator(tx, request) })
	if _, state := station.Charter.OperatorKey(at.ID, at.key.Device, at.key.Key); state != govern.KeyUnknown {
		t.Error("asking is enough")
	}
	w.Meet(d, station)
	waiting := requests(t, d)
	if len(waiting) != 1 || waiting[0].Key != at.key.Key {
		t.Fatalf("the office sees %+v", waiting)
	}
	d.Must(func(tx *store.Tx) error { return d.Charter.AnswerOperator(tx, waiting[0], govern.Lead, true) })
	w.Meet(d, station)
	if _, state := station.Charter.OperatorKey(at.ID, at.key.Device, at.key.Key); state != govern.KeyInForce || len(requests(t, d)) != 0 {
		t.Errorf("state %d, %d requests left", state, len(requests(t, d)))
	}
	if list := d.Charter.Operators(); len(list) != 1 || len(list[0].Keys) != 2 {
		t.Errorf("one person with two keys: %+v", list)
	}
	if !station.Charter.LeadAt(station.Key.Public()) || station.Charter.LeadAt([32]byte{1}) {
		t.Error("where the lead has a key")
	}
	again := newWho(t, w, d, 1, "张三", govern.Lead) // a new PIN, a new key
	if err := again.certify(d); err != nil {
		t.Fatal(err)
	}
	if _, state := d.Charter.OperatorKey(lead.ID, lead.key.Device, lead.key.Key); state != govern.KeyWithdrawn {
		t.Error("the key before is still good")
	}
	d.Must(func(tx *store.Tx) error {
		return d.Charter.Revoke(tx, w.Rand, govern.Withdrawal{Device: station.Key.Public()})
	})
	if _, state := d.Charter.OperatorKey(at.ID, at.key.Device, at.key.Key); state != govern.KeyWithdrawn {
		t.Error("a key at a device that was revoked is still good")
	}
}

func requests(t *testing.T, d *governtest.Device) (out []govern.OperatorRequest) {
	t.Helper()
	if err := d.Store.View(t.Context(), func(q store.Querier) (err error) { out, err = d.Charter.OperatorRequests(q); return err }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRefusedRequest(t *testing.T) {
	w := governtest.New(t, 63, nil)
	d, shop := w.Office, w.Join("小卖部", govern.Merchant)
	p := newWho(t, w, shop, 7, "店主", govern.Keeper)
	shop.Must(func(tx *store.Tx) error {
		return shop.Charter.AskOperator(tx, govern.OperatorRequest{Operator: p.ID, Name: p.Name, Role: p.Role, Device: p.key.Device, Key: p.key.Key, Made: 1, Proof: p.key.Proof})
	})
	w.Meet(d, shop)
	list := requests(t, d)
	if len(list) != 1 {
		t.Fatalf("%d requests", len(list))
	}
	d.Must(func(tx *store.Tx) error { return d.Charter.AnswerOperator(tx, list[0], 0, false) })
	w.Meet(d, shop)
	if _, state := shop.Charter.OperatorKey(p.ID, p.key.Device, p.key.Key); state != govern.KeyWithdrawn || len(requests(t, d)) != 0 || len(d.Charter.Operators()) != 0 {
		t.Errorf("state %d", state)
	}
	if d.Charter.Keyed() {
		t.Error("a refusal makes the community one with keys")
	}
}

func TestSealedOperatorKey(t *testing.T) {
	w := governtest.New(t, 64, nil)
	other := w.Stranger("other")
	_, key, _ := ed25519.GenerateKey(w.Rand)
	id, cheap := govern.OperatorID{1}, govern.SealCost{Time: 1, Memory: 64, Threads: 1}
	s, err := govern.SealOperatorKey(w.Rand, w.Office.Key, id, "2580", key, cheap)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Open(w.Office.Key, id, "2580"); err != nil || !got.Equal(key) {
		t.Errorf("%v", err)
	}
	for name, open := range map[string]func() error{
		"another PIN":      func() error { _, err := s.Open(w.Office.Key, id, "2581"); return err },
		"another device":   func() error { _, err := s.Open(other.Key, id, "2580"); return err },
		"another operator": func() error { _, err := s.Open(w.Office.Key, govern.OperatorID{2}, "2580"); return err },
	} {
		if err := open(); !errors.Is(err, govern.ErrPIN) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if bytes.Contains(s.Box, key.Seed()) {
		t.Error("the key lies open")
	}
	for _, bad := range []func(*govern.SealedKey){func(s *govern.SealedKey) { s.Cost.Memory = 1 << 30 }, func(s *govern.SealedKey) { s.Cost.Time = 0 },
		func(s *govern.SealedKey) { s.Salt = nil }, func(s *govern.SealedKey) { s.Nonce = nil }} {
		c := s
		bad(&c)
		if _, err := c.Open(w.Office.Key, id, "2580"); err == nil || errors.Is(err, govern.ErrPIN) {
			t.Errorf("damaged: %v", err)
		}
	}
	newer := s
	newer.Version = 2
	if _, err := newer.Open(w.Office.Key, id, "2580"); !errors.Is(err, govern.ErrNewerDevice) {
		t.Errorf("newer: %v", err)
	}
}

// One try is meant to be dear for somebody with the disk, and bearable at a desk.
func BenchmarkOpenOperatorKey(b *testing.B) {
	w := governtest.New(b, 65, nil)
	_, key, _ := ed25519.GenerateKey(w.Rand)
	s, err := govern.SealOperatorKey(w.Rand, w.Office.Key, govern.OperatorID{1}, "2580", key, govern.DefaultSealCost)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Open(w.Office.Key, govern.OperatorID{1}, "2580"); err != nil {
			b.Fatal(err)
		}
	}
}
