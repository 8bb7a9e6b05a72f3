package node

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The recovery key exists on paper only. So it is in force once it was typed
// back from the paper, and not before: a sheet that was never printed, or
// smudged, is found while the key before it still holds.

// alarmRecovery: nobody has typed the recovery key back yet.
const alarmRecovery = "recovery"

// alarmRestored: this device is a backup's {made}.
const alarmRestored = "restored"

// drawnKey is a recovery key that was shown and not typed back yet.
type drawnKey struct {
	mu  sync.Mutex
	key *govern.RecoveryKey
}

func (n *Node) recoveryCalls() map[string]handler {
	return map[string]handler{
		"setup.checkRecovery": typed(n.checkRecovery), "recovery.look": in(n, (*community).lookRecovery),
		"recovery.renew": in(n, (*community).renewRecovery), "recovery.takeOver": in(n, (*community).takeOver),
		"recovery.standIn": in(n, (*community).standIn), "devices.standby": in(n, (*community).nameStandby), "devices.certify": in(n, (*community).certifyLate),
	}
}

type checkedReply struct {
	OK bool `json:"ok"`
}

// checkRecovery compares what was typed from the paper with the key that was
// drawn last, or else with the one in force. A drawn key that agrees is in force
// from then on.
func (n *Node) checkRecovery(ctx context.Context, r textRequest) (checkedReply, error) {
	c, err := n.here()
	if err != nil {
		return checkedReply{}, err
	}
	k, err := govern.ParseRecoveryKey(r.Text)
	if err != nil {
		return checkedReply{}, nil
	}
	if err := c.putDrawn(ctx, k); err != nil {
		return checkedReply{}, err
	}
	if k.Public() != c.charter.Recovery() {
		return checkedReply{}, nil
	}
	return checkedReply{OK: true}, n.noteRecovery(k)
}

// putDrawn puts the key in force if it is the one that was drawn.
func (c *community) putDrawn(ctx context.Context, k govern.RecoveryKey) error {
	d := &c.node.drawn
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.key == nil || *d.key != k {
		return nil
	}
	err := c.write(ctx, func(tx *store.Tx) error { return c.charter.RenewRecovery(tx, k.Public()) })
	if err == nil {
		d.key = nil
		c.backupAnew()
	}
	return err
}

// noteRecovery remembers which key was typed back here, by its public half.
func (n *Node) noteRecovery(k govern.RecoveryKey) error {
	public := k.Public()
	err := n.change(func(l *local) { l.Recovery = hex.EncodeToString(public[:]) })
	n.hub.tell("state")
	return err
}

// recoveryOpen tells whether this device should see to the paper: it is the
// registrar, and the key in force was never typed back here.
func (c *community) recoveryOpen() bool {
	l, public := c.node.localCopy(), c.charter.Recovery()
	d, ok := c.self()
	return ok && d.Registrar && !l.Sample && l.Recovery != hex.EncodeToString(public[:])
}

func (c *community) recoveryAlarms(store.Querier, govern.Snapshot) ([]alarm, error) {
	if !c.recoveryOpen() {
		return nil, nil
	}
	a := c.alarmOf(alarmRecovery, c.node.device.Load().Public(), map[string]any{})
	a.Link = "/settings"
	return []alarm{a}, nil
}

type recoveryLook struct {
	Registrar bool   `json:"registrar"` // this is the main device
	Checked   bool   `json:"checked"`   // the key in force was typed back from paper here
	Main      string `json:"main"`      // name of the main device
	Online    bool   `json:"online"`    // it is connected now
	Last      int64  `json:"last"`      // when it was last seen, 0 = never

	Standby string   `json:"standby"` // name of the standby, "" = nobody was named
	From    int64    `json:"from"`    // this is the standby: from when it may go on without a key; else 0
	Unheard []string `json:"unheard"` // and whom it has not met since: their news of the main device would count no more
}

// lookRecovery is what the settings show of the recovery key.
func (c *community) lookRecovery(ctx context.Context, _ none) (recoveryLook, error) {
	d, _ := c.self()
	out := recoveryLook{Registrar: d.Registrar, Checked: d.Registrar && !c.recoveryOpen(), Unheard: []string{}}
	device, _, ok := c.charter.Registrar()
	if !ok {
		return out, nil
	}
	list, err := c.devices(ctx, none{})
	if err != nil {
		return out, err
	}
	for _, row := range list.Devices {
		if row.ID == deviceText(device) {
			out.Main, out.Online, out.Last = row.Name, row.Online, row.Last
		}
		if row.Standby {
			out.Standby = row.Name
		}
	}
	err = c.view(ctx, func(q store.Querier) error {
		w, mine, err := c.standbyWait(q)
		if mine {
			out.From, out.Unheard = w.from, w.unheard
		}
		return err
	})
	return out, err
}

// renewRecovery draws another recovery key, to be printed and typed back; until
// then the one before stays in force. Fault: govern.registrar.only.
func (c *community) renewRecovery(context.Context, none) (recoveryReply, error) {
	if d, _ := c.self(); !d.Registrar {
		return recoveryReply{}, fault.New("govern.registrar.only")
	}
	k, err := govern.NewRecoveryKey(c.node.cfg.Rand)
	if err != nil {
		return recoveryReply{}, err
	}
	d := &c.node.drawn
	d.mu.Lock()
	defer d.mu.Unlock()
	d.key = &k
	return recoveryReply{RecoveryKey: k.String()}, nil
}

type takeOverRequest struct {
	Text string `json:"text"` // the recovery key
	// Withdraw revokes the main device of before in the same step: it is lost or
	// broken. Its rights come here, and it must join anew if it turns up.
	Withdraw bool `json:"withdraw"`
}

// takeOver makes this device the community's main one, by the printed recovery
// key: a new term of the charter, which begins where the old one ends as far as
// this device has heard. Faults: recovery.staff.only, recovery.here{name} if the
// main device is connected, recovery.already, govern.recovery.*.
func (c *community) takeOver(ctx context.Context, r takeOverRequest) (none, error) {
	if _, err := c.mainGone(ctx); err != nil {
		return none{}, err
	}
	k, err := govern.ParseRecoveryKey(r.Text)
	if err != nil {
		return none{}, err
	}
	return none{}, c.succeed(ctx, r.Withdraw, func(tx *store.Tx, inc seal.Certificate, self govern.Cert, cuts []govern.Entry) error {
		return c.charter.TakeOver(tx, k, inc, self, cuts...)
	}, func() error { return c.node.noteRecovery(k) })
}

// mainGone tells what is known of the main device where this one might take over.
// Faults: recovery.staff.only, recovery.already, recovery.here{name} while the main
// device is connected.
func (c *community) mainGone(ctx context.Context) (recoveryLook, error) {
	self, ok := c.self()
	_, _, known := c.charter.Registrar()
	switch {
	case !ok || !known || !self.Role.Staff():
		return recoveryLook{}, fault.New("recovery.staff.only")
	case self.Registrar:
		return recoveryLook{}, fault.New("recovery.already")
	}
	look, err := c.lookRecovery(ctx, none{})
	if err == nil && look.Online {
		err = fault.New("recovery.here", "name", look.Main)
	}
	return look, err
}

// succeed begins a new term with this device as the main one, in one of the ways
// in which that may be, and certifies all others anew in the same step; then does what
// that way takes, and revokes the device of before if it is to be withdrawn.
func (c *community) succeed(ctx context.Context, withdraw bool, begin func(*store.Tx, seal.Certificate, govern.Cert, []govern.Entry) error, then func() error) error {
	old, writer, _ := c.charter.Registrar()
	inc, err := loadIncarnation(c.node.cfg.Data)
	if err != nil {
		return err
	}
	if inc == nil {
		return errors.New("node: no incarnation to take over with")
	}
	err = c.beginTerm(ctx, c.write, writer, "taken over", func(tx *store.Tx, self govern.Cert, cuts []govern.Entry) error {
		self.Role = govern.Office
		if err := begin(tx, inc.Certificate, self, cuts); err != nil {
			return err
		}
		_, err := c.charter.CertifyAnew(tx, old)
		return err
	})
	if err != nil {
		return err
	}
	if err := then(); err != nil || !withdraw {
		return err
	}
	_, err = c.revoke(ctx, idRequest{deviceText(old)})
	return err
}

// beginTerm writes the first change of a new term: this device certified anew,
// and the feed of the old term's writer closed (quotas.md rule 11).
func (c *community) beginTerm(ctx context.Context, write func(context.Context, func(*store.Tx) error) error, writer wire.Actor, why string, begin func(*store.Tx, govern.Cert, []govern.Entry) error) error {
	ring, err := c.charter.Keyring()
	if err != nil {
		return err
	}
	recipient := c.node.device.Load().Recipient()
	wrapped, err := ring.Wrap(recipient)
	if err != nil {
		return err
	}
	e, _ := c.self()
	self := govern.Cert{Device: c.node.device.Load().Public(), Role: e.Role, Name: e.Name, Place: e.Place, Recipient: recipient, Keyring: wrapped}
	return write(ctx, func(tx *store.Tx) error {
		cuts, err := law.Cuts(tx, c.ledger, writer, why)
		if err != nil {
			return err
		}
		return begin(tx, self, cuts)
	})
}
