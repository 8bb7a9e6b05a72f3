package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/seal"
)

// Who is at the screen. A device is guarded once somebody has a key at it, or
// where the community's people all need a PIN: then nothing is read or written
// until one of them has opened his key, and it is locked again by one key, after
// a time without a hand on it, and by a restart. A device that is not guarded goes by
// the name that was typed last, as before there were keys.
//
// There is one person at a device, whichever of its windows he uses: what is
// locked is the device.

// seat is the person who has opened his key.
type seat struct {
	mu      sync.Mutex
	holder  keyHolder
	key     ed25519.PrivateKey // nil while nobody sits here
	touched int64              // when a hand was last on the screen, milliseconds
}

func (s *seat) sit(h keyHolder, key ed25519.PrivateKey, now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holder, s.key, s.touched = h, key, now
}

// leave forgets the key.
func (s *seat) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.key)
	s.holder, s.key = keyHolder{}, nil
}

func (s *seat) touch(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touched = max(s.touched, now)
}

// now returns who sits here; nobody does after idle milliseconds without a
// touch, where idle is not 0.
func (s *seat) now(now, idle int64) (keyHolder, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil && idle > 0 && now-s.touched >= idle {
		clear(s.key)
		s.holder, s.key = keyHolder{}, nil
	}
	return s.holder, s.key != nil
}

// signer returns the opened key for signing.
func (s *seat) signer() (govern.Signer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return govern.Signer{Operator: s.holder.id(), Key: append(ed25519.PrivateKey(nil), s.key...)}, s.key != nil
}

// standing is what somebody may do here now.
type standing struct {
	ID      string // "" for a name alone
	Name    string
	Role    govern.OperatorRole
	Signs   bool // the key is certified: a signature counts
	Guarded bool
}

func (n *Node) sealCost() govern.SealCost {
	if n.cfg.PINCost != (govern.SealCost{}) {
		return n.cfg.PINCost
	}
	return govern.DefaultSealCost
}

// standing tells who is here. Faults: app.locked where nobody has opened a
// guarded device; operator.ended.
func (n *Node) standing(c *community) (standing, error) {
	l := n.localCopy()
	guarded := n.guarded(c)
	if !guarded {
		n.seat.leave()
		return standing{Name: l.Operator, Role: n.nameRole(c)}, nil
	}
	h, sits := n.seat.now(n.now(), idleOf(l.Settings))
	if !sits {
		return standing{Guarded: true}, fault.New("app.locked")
	}
	out := standing{ID: h.ID, Name: h.Name, Guarded: true}
	var err error
	if out.Name, out.Role, out.Signs, err = n.holderNow(c, h); err != nil {
		n.seat.leave()
	}
	return out, err
}

func idleOf(s Settings) int64 { return int64(s.Idle) * time.Minute.Milliseconds() }

// holderNow is what the charter says of a key at this device today. Fault:
// operator.ended.
func (n *Node) holderNow(c *community, h keyHolder) (name string, role govern.OperatorRole, signs bool, err error) {
	_, state := c.charter.OperatorKey(h.id(), n.device.Load().Public(), h.public())
	o, known := c.charter.Operator(h.id())
	if known && (o.Out || o.NotAfter > 0 && n.now() > o.NotAfter) || state == govern.KeyWithdrawn {
		return h.Name, 0, false, fault.New("operator.ended")
	}
	if state == govern.KeyInForce {
		return o.Name, o.Role, true, nil
	}
	name, role = h.Name, govern.ParseOperatorRole(h.Role)
	if known {
		name, role = o.Name, o.Role
	}
	if role == govern.Lead { // until the office has confirmed the key
		role = govern.Clerk
	}
	return name, role, false, nil
}

// guarded tells whether this device opens by PIN only.
func (n *Node) guarded(c *community) bool {
	for _, h := range n.openers.Load().all() {
		if _, state := c.charter.OperatorKey(h.id(), n.device.Load().Public(), h.public()); state != govern.KeyWithdrawn {
			return true
		}
	}
	return c.charter.Settings().OperatorPIN()
}

// nameRole is what a name alone may do at a device that is not guarded:
// everything while nobody in the community has a key, and at the registrar's
// device, where somebody must be able to begin; else the daily work.
func (n *Node) nameRole(c *community) govern.OperatorRole {
	if d, ok := c.self(); !c.charter.Keyed() || ok && d.Registrar {
		return govern.Lead
	}
	return govern.Clerk
}

// admits tells whether whoever is here may make a call. Faults: app.locked,
// operator.ended, operator.role{role, need}.
func (n *Node) admits(name string) error {
	if n.cfg.Home != nil { // whoever may not use the device may not use it as a guest
		if err := n.cfg.Home.admits(name); err != nil {
			return err
		}
	}
	need := rightOf(name)
	c, err := n.here()
	switch {
	case errors.Is(err, errRenewing): // whose right it is can't be asked now
		return err
	case err != nil || need == forAll:
		return nil
	}
	s, err := n.standing(c)
	if err != nil {
		return err
	}
	return need.check(s.Role)
}

// signedName returns the operator as a change names him: with his id if it is he who
// has opened his key.
func (n *Node) signedName(operator string) string {
	h, sits := n.seat.now(n.now(), 0)
	if sits && operator != "" && operator == n.localCopy().Operator {
		return seal.OperatorText(operator, h.ID)
	}
	return operator
}

// byPhone marks calls of the phone pages: whoever is at the desk did not make them.
type byPhone struct{}

func (n *Node) signedFor(ctx context.Context, operator string) string {
	if ctx.Value(byPhone{}) != nil || ctx.Value(asAsked{}) != nil {
		return operator
	}
	return n.signedName(operator)
}

type sessionReply struct {
	Locked  bool   `json:"locked"`
	Guarded bool   `json:"guarded"` // opens by PIN only
	Must    bool   `json:"must"`    // everybody in the community needs a PIN
	ID      string `json:"id"`
	Role    string `json:"role"`
	Signs   bool   `json:"signs"`
	Keyed   bool   `json:"keyed"` // what takes two people takes two signatures
}

func (n *Node) session(c *community) sessionReply {
	s, err := n.standing(c)
	return sessionReply{Locked: err != nil, Guarded: s.Guarded, Must: c.charter.Settings().OperatorPIN(), ID: s.ID, Role: s.Role.String(),
		Signs: s.Signs, Keyed: c.charter.Keyed()}
}

func (n *Node) sessionCalls() map[string]handler {
	return map[string]handler{
		"session.list":   in(n, (*community).sessionList),
		"session.open":   in(n, (*community).sessionOpen),
		"session.lock":   typed(n.sessionLock),
		"session.touch":  typed(n.sessionTouch),
		"session.change": in(n, (*community).changePIN),
	}
}

type openerReply struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Waits   bool   `json:"waits"`   // for the office's confirmation
	Opens   bool   `json:"opens"`   // the screens: a witness only signs
	Locked  bool   `json:"locked"`  // too many wrong PINs
	Seconds int64  `json:"seconds"` // until the next try
}

type openersReply struct {
	People []openerReply `json:"people"`
}

// sessionList are the people who have a key at this device: whom a locked screen
// and a second signature ask for.
func (c *community) sessionList(context.Context, none) (openersReply, error) {
	n := c.node
	out := openersReply{People: []openerReply{}}
	for _, h := range n.openers.Load().all() {
		name, role, signs, err := n.holderNow(c, h)
		if err != nil {
			continue
		}
		k, _ := c.charter.OperatorKey(h.id(), n.device.Load().Public(), h.public())
		fresh := k.Resets > h.Resets
		out.People = append(out.People, openerReply{ID: h.ID, Name: name, Role: role.String(), Waits: !signs, Opens: role != govern.Witness,
			Locked: !fresh && h.Tries >= len(openerWaits), Seconds: max(0, (h.Until-n.now()+999)/1000)})
	}
	return out, nil
}

type openRequest struct {
	ID  string `json:"id"`
	PIN string `json:"pin"`
}

// sessionOpen opens the device for somebody with a key here. Faults:
// operator.ended, operator.role for a witness, those of openers.open.
func (c *community) sessionOpen(_ context.Context, r openRequest) (none, error) {
	h, key, role, err := c.openKey(r)
	if err != nil {
		return none{}, err
	}
	if role == govern.Witness {
		return none{}, fault.New("operator.role", "role", role.String(), "need", govern.Keeper.String())
	}
	n := c.node
	name, _, _, _ := n.holderNow(c, h)
	if err := n.change(func(l *local) { l.Operator = name }); err != nil {
		return none{}, err
	}
	n.seat.sit(h, key, n.now())
	n.hub.tell("state")
	return none{}, nil
}

// openKey tries somebody's PIN. Faults: operator.ended, those of openers.open.
func (c *community) openKey(r openRequest) (keyHolder, ed25519.PrivateKey, govern.OperatorRole, error) {
	n := c.node
	h, ok := n.openers.Load().find(r.ID)
	if !ok {
		return h, nil, 0, fault.New("operator.key.none")
	}
	if _, _, _, err := n.holderNow(c, h); err != nil {
		return h, nil, 0, err
	}
	k, _ := c.charter.OperatorKey(h.id(), n.device.Load().Public(), h.public())
	pin := r.PIN
	if plain, err := operatorPIN(pin); err == nil { // what is none is a wrong one
		pin = plain
	}
	h, key, err := n.openers.Load().open(n.device.Load(), r.ID, pin, n.now(), k.Resets)
	if err != nil {
		return h, nil, 0, err
	}
	_, role, _, err := n.holderNow(c, h)
	return h, key, role, err
}

// sessionLock locks the device, if it opens by PIN; the screens hide themselves
// in any case.
func (n *Node) sessionLock(context.Context, none) (none, error) {
	n.seat.leave()
	n.hub.tell("state")
	return none{}, nil
}

// sessionTouch says that somebody's hand is on the screen.
func (n *Node) sessionTouch(context.Context, none) (none, error) {
	if c, err := n.here(); err == nil {
		if _, err := n.standing(c); err == nil {
			n.seat.touch(n.now())
		}
	}
	return none{}, nil
}

// changePIN seals one's own key anew. Faults: those of openKey and operatorPIN.
func (c *community) changePIN(_ context.Context, r struct {
	openRequest
	New string `json:"new"`
}) (none, error) {
	n := c.node
	pin, err := operatorPIN(r.New)
	if err != nil {
		return none{}, err
	}
	h, key, _, err := c.openKey(r.openRequest)
	if err != nil {
		return none{}, err
	}
	if h.Sealed, err = govern.SealOperatorKey(n.cfg.Rand, n.device.Load(), h.id(), pin, key, n.sealCost()); err != nil {
		return none{}, err
	}
	return none{}, n.openers.Load().put(h)
}
