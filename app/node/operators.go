package node

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// The people who work at the community's devices: adding them with a PIN of
// their own, their roles, and what the office says about them. On the
// registrar's device a lead certifies at once; any other device asks, and lets
// the new operator do daily work until the answer is there.

func (n *Node) operatorCalls() map[string]handler {
	return map[string]handler{
		"operators.list":     in(n, (*community).operatorList),
		"operators.begin":    in(n, (*community).beginOperator),
		"operators.add":      in(n, (*community).addOperator),
		"operators.change":   in(n, (*community).changeOperator),
		"operators.withdraw": in(n, (*community).withdrawOperator),
		"operators.answer":   in(n, (*community).answerOperator),
		"operators.unlock":   in(n, (*community).unlockOperator),
		"operators.rule":     in(n, (*community).operatorRule),
		"operators.recover":  in(n, (*community).recoverLead),
	}
}

type operatorKeyReply struct {
	Device string `json:"device"`
	Name   string `json:"name"` // of the device
	Here   bool   `json:"here"`
}

type operatorReply struct {
	ID    string             `json:"id"`
	Name  string             `json:"name"`
	Role  string             `json:"role"`
	Until int64              `json:"until"` // 0 = no end
	Out   bool               `json:"out"`
	Keys  []operatorKeyReply `json:"keys"` // where he has one in force
}

type operatorWaiting struct {
	Key    string `json:"key"`
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Device string `json:"device"` // its name
	Known  string `json:"known"`  // his name in the charter, "" for somebody new
	At     int64  `json:"at"`
}

type operatorsReply struct {
	People    []operatorReply   `json:"people"`
	Waiting   []operatorWaiting `json:"waiting"`
	Must      bool              `json:"must"`
	Registrar bool              `json:"registrar"`
}

func (c *community) operatorList(ctx context.Context, _ none) (operatorsReply, error) {
	out := operatorsReply{People: []operatorReply{}, Waiting: []operatorWaiting{}, Must: c.charter.Settings().OperatorPIN(), Registrar: c.tend.registrar()}
	own := c.node.device.Load().Public()
	for _, o := range c.charter.Operators() {
		r := operatorReply{ID: o.ID.String(), Name: o.Name, Role: o.Role.String(), Until: o.NotAfter, Out: o.Out, Keys: []operatorKeyReply{}}
		for _, k := range o.Keys {
			if _, state := c.charter.OperatorKey(k.Operator, k.Device, k.Key); state == govern.KeyInForce {
				d, _ := c.charter.Device(k.Device)
				r.Keys = append(r.Keys, operatorKeyReply{deviceText(k.Device), d.Name, k.Device == own})
			}
		}
		out.People = append(out.People, r)
	}
	list, err := c.operatorRequests(ctx)
	for _, r := range list {
		d, _ := c.charter.Device(r.Device)
		known, _ := c.charter.Operator(r.Operator)
		out.Waiting = append(out.Waiting, operatorWaiting{Key: hex.EncodeToString(r.Key[:]), ID: r.Operator.String(), Name: r.Name, Role: r.Role.String(),
			Device: d.Name, Known: known.Name, At: r.Made})
	}
	return out, err
}

func (c *community) operatorRequests(ctx context.Context) (list []govern.OperatorRequest, err error) {
	err = c.view(ctx, func(q store.Querier) error { list, err = c.charter.OperatorRequests(q); return err })
	slices.SortFunc(list, func(a, b govern.OperatorRequest) int { return cmp.Compare(a.Made, b.Made) })
	return list, err
}

type newOperator struct {
	ID    string `json:"id"` // "" for somebody new
	Name  string `json:"name"`
	Role  string `json:"role"`
	Until int64  `json:"until"`
	PIN   string `json:"pin"` // typed by the person himself
}

// wanted turns a request into an operator: somebody the charter knows by that
// id or that name, or a new one. Faults: operator.bad, operator.unknown.
func (c *community) wanted(r newOperator) (govern.Operator, error) {
	name := strings.TrimSpace(r.Name)
	o := govern.Operator{Name: name, Role: govern.ParseOperatorRole(r.Role), NotAfter: max(0, r.Until)}
	for _, known := range c.charter.Operators() {
		if known.ID.String() == r.ID || r.ID == "" && !known.Out && govern.BareName(known.Name) == govern.BareName(name) {
			o.ID, o.Name = known.ID, cmp.Or(name, known.Name)
			if o.Role == 0 {
				o.Role = known.Role
			}
		}
	}
	if r.ID != "" && o.ID == (govern.OperatorID{}) {
		return o, fault.New("operator.unknown")
	}
	if o.Role == 0 {
		o.Role = govern.Clerk
	}
	if o.ID == (govern.OperatorID{}) {
		if _, err := io.ReadFull(c.node.cfg.Rand, o.ID[:]); err != nil {
			return o, err
		}
	}
	return o, operatorFault(o.Name)
}

type beginRequest struct {
	Name string `json:"name"`
	PIN  string `json:"pin"`
}

// beginOperator gives the first PIN at this device: somebody sets his own. On
// the registrar's device he is a lead and certified at once. Faults: operator.must
// where somebody has a key here already, those of addOperator.
func (c *community) beginOperator(ctx context.Context, r beginRequest) (none, error) {
	n := c.node
	for _, h := range n.openers.Load().all() {
		if _, _, _, err := n.holderNow(c, h); err == nil {
			return none{}, fault.New("operator.must")
		}
	}
	role := ""
	if c.tend.registrar() {
		role = govern.Lead.String()
	}
	o, err := c.wanted(newOperator{Name: r.Name, Role: role})
	if err != nil {
		return none{}, err
	}
	h, key, err := c.enrol(ctx, o, r.PIN, c.tend.registrar())
	if err != nil {
		return none{}, err
	}
	if err := n.change(func(l *local) { l.Operator = o.Name }); err != nil {
		return none{}, err
	}
	n.seat.sit(h, key, n.now())
	n.hub.tell("state", "settings")
	return none{}, nil
}

// addOperator adds somebody, or a new PIN for somebody, at this device. Without
// a PIN it names him in the charter only, which takes the registrar's device.
// Faults: operator.bad, people.pin.bad, people.pin.weak, operator.lead.last,
// those of govern's SetOperators.
func (c *community) addOperator(ctx context.Context, r newOperator) (none, error) {
	s, err := c.node.standing(c)
	if err != nil {
		return none{}, err
	}
	o, err := c.wanted(r)
	if err != nil {
		return none{}, err
	}
	certify := c.tend.registrar() && s.Role == govern.Lead
	if certify {
		if err := c.leadStays(o); err != nil {
			return none{}, err
		}
	}
	if r.PIN == "" {
		return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetOperators(tx, "operator.add", o) })
	}
	_, key, err := c.enrol(ctx, o, r.PIN, certify)
	clear(key)
	c.node.hub.tell("state", "settings")
	return none{}, err
}

// enrol draws a key for somebody here and certifies it, or asks for it.
func (c *community) enrol(ctx context.Context, o govern.Operator, pin string, certify bool) (keyHolder, ed25519.PrivateKey, error) {
	n := c.node
	h, key, err := n.newHolder(o.ID, o.Name, o.Role, pin)
	if err != nil {
		return h, nil, err
	}
	own, pub := n.device.Load().Public(), h.public()
	proof := govern.ProveOperatorKey(key, c.charter.Community(), o.ID, own)
	err = c.write(ctx, func(tx *store.Tx) error {
		if certify {
			return c.charter.CertifyOperator(tx, o, own, pub, proof)
		}
		return c.charter.AskOperator(tx, govern.OperatorRequest{Operator: o.ID, Name: o.Name, Role: o.Role, Device: own, Key: pub, Made: n.now(), Proof: proof})
	})
	if err != nil {
		return h, nil, err
	}
	// A key that is certified and not kept opens nothing; the other way round it
	// would count as withdrawn before it was known.
	return h, key, n.openers.Load().put(h)
}

// leadStays refuses to take the last lead away. o is what somebody shall be.
func (c *community) leadStays(o govern.Operator) error {
	before, known := c.charter.Operator(o.ID)
	if !known || before.Role != govern.Lead || before.Out || o.Role == govern.Lead && !o.Out && o.NotAfter == 0 {
		return nil
	}
	for _, other := range c.charter.Operators() {
		if other.ID == o.ID || other.Role != govern.Lead || other.Out || other.NotAfter > 0 {
			continue
		}
		for _, k := range other.Keys {
			if _, state := c.charter.OperatorKey(k.Operator, k.Device, k.Key); state == govern.KeyInForce {
				return nil
			}
		}
	}
	return fault.New("operator.lead.last")
}

// known finds an operator of the charter by the text of his id.
func (c *community) known(id string) (govern.Operator, error) {
	raw, err := govern.ParseOperatorID(id)
	if err != nil {
		return govern.Operator{}, fault.New("operator.unknown")
	}
	o, ok := c.charter.Operator(raw)
	if !ok {
		return o, fault.New("operator.unknown")
	}
	return o, nil
}

func (c *community) setOperators(ctx context.Context, action string, entries ...govern.Entry) error {
	err := c.write(ctx, func(tx *store.Tx) error { return c.charter.SetOperators(tx, action, entries...) })
	c.node.hub.tell("state", "settings")
	return err
}

// changeOperator gives somebody another name, role or end. Faults:
// operator.unknown, operator.bad, operator.lead.last, those of SetOperators.
func (c *community) changeOperator(ctx context.Context, r struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Role  string `json:"role"`
	Until int64  `json:"until"`
}) (none, error) {
	o, err := c.known(r.ID)
	if err != nil {
		return none{}, err
	}
	o.Name, o.Role, o.NotAfter, o.Out, o.Why = strings.TrimSpace(r.Name), govern.ParseOperatorRole(r.Role), max(0, r.Until), false, ""
	if err := cmp.Or(operatorFault(o.Name), c.leadStays(o)); err != nil {
		return none{}, err
	}
	return none{}, c.setOperators(ctx, "operator.change", o)
}

// withdrawOperator ends somebody's work here, or only his key at one device,
// after which he sets a new PIN there. Faults: operator.unknown,
// operator.lead.last, those of SetOperators.
func (c *community) withdrawOperator(ctx context.Context, r struct {
	ID     string `json:"id"`
	Device string `json:"device"` // "" = everywhere
}) (none, error) {
	o, err := c.known(r.ID)
	if err != nil {
		return none{}, err
	}
	if r.Device == "" {
		o.Out = true
		if err := c.leadStays(o); err != nil {
			return none{}, err
		}
		return none{}, c.setOperators(ctx, "operator.withdraw", o)
	}
	k, err := c.keyOf(o, r.Device)
	if err != nil {
		return none{}, err
	}
	k.Out = true
	return none{}, c.setOperators(ctx, "operator.withdrawKey", k)
}

func (c *community) keyOf(o govern.Operator, device string) (govern.OperatorKey, error) {
	for _, info := range c.charter.Operators() {
		for _, k := range info.Keys {
			if info.ID == o.ID && deviceText(k.Device) == device && !k.Out {
				return k, nil
			}
		}
	}
	return govern.OperatorKey{}, fault.New("operator.unknown")
}

// unlockOperator lets somebody try his PIN again. Faults: operator.unknown, those
// of SetOperators.
func (c *community) unlockOperator(ctx context.Context, r struct {
	ID     string `json:"id"`
	Device string `json:"device"`
}) (none, error) {
	o, err := c.known(r.ID)
	if err != nil {
		return none{}, err
	}
	k, err := c.keyOf(o, r.Device)
	if err != nil {
		return none{}, err
	}
	k.Resets++
	return none{}, c.setOperators(ctx, "operator.unlock", k)
}

// answerOperator confirms or refuses what another device asked for. Faults:
// operator.request.unknown, those of SetOperators.
func (c *community) answerOperator(ctx context.Context, r struct {
	Key  string `json:"key"`
	Role string `json:"role"`
	Yes  bool   `json:"yes"`
}) (none, error) {
	list, err := c.operatorRequests(ctx)
	if err != nil {
		return none{}, err
	}
	i := slices.IndexFunc(list, func(q govern.OperatorRequest) bool { return hex.EncodeToString(q.Key[:]) == r.Key })
	if i < 0 {
		return none{}, fault.New("operator.request.unknown")
	}
	role := govern.ParseOperatorRole(r.Role)
	if known, ok := c.charter.Operator(list[i].Operator); ok && r.Yes {
		known.Role = role
		if err := c.leadStays(known); err != nil {
			return none{}, err
		}
	}
	err = c.write(ctx, func(tx *store.Tx) error { return c.charter.AnswerOperator(tx, list[i], role, r.Yes) })
	c.node.hub.tell("state", "settings")
	return none{}, err
}

// operatorRule says whether everybody in the community needs a PIN. Faults:
// operator.rule.lead while no lead has one at this device, govern.registrar.only.
func (c *community) operatorRule(ctx context.Context, r struct {
	Must bool `json:"must"`
}) (none, error) {
	if r.Must && !c.charter.LeadAt(c.node.device.Load().Public()) {
		return none{}, fault.New("operator.rule.lead")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.OperatorPINSetting(r.Must)) })
}

// recoverLead gives a lead a new key at the registrar's device by the printed
// recovery key: for whom nobody else is left to help. Faults: operator.recovery,
// govern.registrar.only, those of enrol.
func (c *community) recoverLead(ctx context.Context, r struct {
	Recovery string `json:"recovery"`
	Name     string `json:"name"`
	PIN      string `json:"pin"`
}) (none, error) {
	k, err := govern.ParseRecoveryKey(r.Recovery)
	if err != nil {
		return none{}, err
	}
	if k.Public() != c.charter.Recovery() {
		return none{}, fault.New("operator.recovery")
	}
	o, err := c.wanted(newOperator{Name: r.Name, Role: govern.Lead.String()})
	if err != nil {
		return none{}, err
	}
	n := c.node
	h, key, err := c.enrol(ctx, o, r.PIN, true)
	if err != nil {
		return none{}, err
	}
	n.seat.sit(h, key, n.now())
	n.hub.tell("state", "settings")
	return none{}, n.change(func(l *local) { l.Operator = o.Name })
}
