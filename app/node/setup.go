package node

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/scheme"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
	"jishan/p2p"
	"jishan/p2p/pair"
)

type createRequest struct {
	Community string   `json:"community"`
	Parent    string   `json:"parent"`
	Office    string   `json:"office"`
	Operator  string   `json:"operator"`
	Grids     []string `json:"grids"`
	Level     string   `json:"level"` // "" a community; street, district: an office above communities
	PIN       string   `json:"pin"`   // of the operator, who becomes a lead; "" for a name alone
}

type recoveryReply struct {
	RecoveryKey string       `json:"recoveryKey"`
	Fault       *fault.Fault `json:"fault,omitempty"` // what failed once the community was there: the first PIN
}

// create founds a community with this device as its registrar. The recovery
// key is returned once and kept nowhere, so it is returned with whatever fails
// after the community is there.
func (n *Node) create(ctx context.Context, r createRequest) (recoveryReply, error) {
	if err := operatorFault(r.Operator); err != nil {
		return recoveryReply{}, err
	}
	if err := wantedPIN(r.PIN); err != nil {
		return recoveryReply{}, err
	}
	n.setup.Lock()
	defer n.setup.Unlock()
	grids := []string{}
	for _, g := range r.Grids {
		if g = strings.TrimSpace(g); g != "" {
			grids = append(grids, g)
		}
	}
	r.Grids = grids
	f, err := n.found(ctx, r)
	if err == nil {
		err = n.firstPIN(ctx, r.Operator, r.PIN)
	}
	if f.Community == "" || n.localCopy().Community != f.Community {
		return recoveryReply{}, err
	}
	out := recoveryReply{RecoveryKey: f.Recovery.String()}
	if err != nil {
		n.log.Error("the community is there, but not all of its first day", "err", err.Error())
		out.Fault = fault.Of(n.told(err))
	}
	return out, nil
}

// wantedPIN checks a PIN that may be left out, before anything is done.
func wantedPIN(pin string) error {
	if pin == "" {
		return nil
	}
	_, err := operatorPIN(pin)
	return err
}

// firstPIN gives the first operator of a device a key, if he chose a PIN.
func (n *Node) firstPIN(ctx context.Context, name, pin string) error {
	c, err := n.here()
	if err != nil || pin == "" {
		return err
	}
	_, err = c.beginOperator(ctx, beginRequest{strings.TrimSpace(name), pin})
	return err
}

// found makes a community and begins to live in it. The caller holds n.setup.
func (n *Node) found(ctx context.Context, r createRequest) (govern.Founding, error) {
	if err := n.mustBeNew(); err != nil {
		return govern.Founding{}, err
	}
	if err := n.putOrphanAside(); err != nil {
		return govern.Founding{}, err
	}
	inc, err := freshIncarnation(n.cfg.Data, n.cfg.Rand, n.device.Load().Private, n.now())
	if err != nil {
		return govern.Founding{}, err
	}
	f, err := govern.Found(n.cfg.Rand, n.now(), govern.GenesisRequest{
		Community: r.Community, Parent: r.Parent, Office: r.Office, Place: officePlace(n.localCopy().Settings.Lang, r.Level), Grids: r.Grids, Level: r.Level, Device: n.device.Load(), Incarnation: inc.Certificate,
	})
	if err != nil {
		return govern.Founding{}, err
	}
	return f, n.begin(ctx, f, inc, r.Operator)
}

// officePlace names the place where a community is founded, in the founder's
// language; from then on it is a name like any other.
func officePlace(lang, level string) string {
	switch {
	case level != "" && lang == "en":
		return "Office"
	case level != "": // the genesis' word is that of a community
		return "办公室"
	case lang == "en":
		return "Community office"
	}
	return "" // the genesis has the Chinese word
}

// begin writes the genesis and the first rulebook, then lives in the new
// community. The settings file comes last: until it names the community, the
// next start finds a device that belongs to none, and what was written is put
// aside by the next attempt.
func (n *Node) begin(ctx context.Context, f govern.Founding, inc *seal.Incarnation, operator string) error {
	c, err := n.open(ctx, f.Community, inc)
	if err != nil {
		return storeFault(err)
	}
	err = c.charter.Open(ctx, c.store)
	if err == nil {
		err = c.store.Update(ctx, store.Author{Operator: operator, Context: c.charter.Head}, func(tx *store.Tx) error {
			return c.charter.Establish(tx, f)
		})
	}
	if err == nil {
		err = c.store.Update(ctx, store.Author{Operator: operator, Context: c.charter.Head}, func(tx *store.Tx) error {
			_, err := c.scheme.Save(tx, scheme.Default(), operator)
			return err
		})
	}
	if err = errors.Join(err, c.store.Close()); err != nil {
		return err
	}
	if err := n.change(func(l *local) { l.Community, l.Operator = f.Community, operator }); err != nil {
		return err
	}
	return n.enter(ctx, f.Community)
}

func (n *Node) mustBeNew() error {
	if l := n.localCopy(); l.Community != "" {
		return fault.New("setup.done")
	}
	return nil
}

// putOrphanAside makes room for a community. Where the settings name none, a
// database is what an attempt to found one or to join left when it was stopped;
// or somebody took the settings file away, so it is kept under another name.
func (n *Node) putOrphanAside() error {
	_, err := os.Stat(filepath.Join(n.cfg.Data, databaseFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	n.log.Warn("a database that no settings file names is put aside")
	return n.putAside("unfinished")
}

// maxOperator bounds an operator's name in characters; maxOperatorWords bounds
// what a change's message takes up with it, where a Chinese character is nine
// bytes (seal.MaxContext): 13 of them fit.
const (
	maxOperator      = 20
	maxOperatorWords = 120
)

func operatorFault(name string) error {
	s := strings.TrimSpace(name)
	_, id := seal.SplitOperator(s)
	switch words := len(seal.Context{Operator: s}.String()) - len(seal.Context{}.String()); {
	case s == "" || id != "" || len([]rune(s)) > maxOperator || !govern.PlainLine(name):
		return fault.New("operator.bad", "limit", maxOperator)
	case words > maxOperatorWords:
		return fault.New("operator.bad", "limit", maxOperatorWords/9)
	}
	return nil
}

type textRequest struct {
	Text string `json:"text"`
}

type ticketPreview struct {
	Community string `json:"community"`
	Office    string `json:"office"`
	Role      string `json:"role"`
	Name      string `json:"name"`
	Expires   int64  `json:"expires"`
}

func (n *Node) readTicket(_ context.Context, r textRequest) (ticketPreview, error) {
	t, err := pair.ParseTicket(r.Text, n.now())
	if err != nil {
		return ticketPreview{}, ticketFault(err)
	}
	return ticketPreview{t.Community, t.Inviter, t.Role, t.Name, t.Expires}, nil
}

func ticketFault(err error) error {
	switch {
	case errors.Is(err, pair.ErrExpired):
		return fault.New("ticket.expired")
	case errors.Is(err, pair.ErrNewer):
		return fault.New("ticket.newer")
	case errors.Is(err, pair.ErrMalformed):
		return fault.New("ticket.bad")
	case errors.Is(err, pair.ErrSecret):
		return fault.New("ticket.used")
	case errors.Is(err, pair.ErrTooLong):
		return fault.New("ticket.long")
	}
	if r, ok := errors.AsType[*pair.Refusal](err); ok {
		return fault.New("ticket.refused", "code", r.Code)
	}
	return errors.Join(fault.New("ticket.unreachable"), err)
}

type joinRequest struct {
	Text     string `json:"text"`
	Device   string `json:"device"`
	Operator string `json:"operator"`
	PIN      string `json:"pin"`   // of the operator; "" for a name alone
	Scope    string `json:"scope"` // of another community's merchant: the text of its certificate
}

// joinMessage is what a joiner tells the inviter.
type joinMessage struct {
	_           struct{} `cbor:",toarray"`
	Version     uint
	Name        string
	Recipient   string // age recipient of the device
	Incarnation []byte // its certificate
	Scope       []byte // of a guest: its govern.ScopeCert
}

// ownMessage is a joinMessage of who shows no certificate, as it always was.
type ownMessage struct {
	_           struct{} `cbor:",toarray"`
	Version     uint
	Name        string
	Recipient   string
	Incarnation []byte
}

func (j joinMessage) encode() ([]byte, error) {
	if len(j.Scope) == 0 {
		return cbor.Marshal(ownMessage{Version: j.Version, Name: j.Name, Recipient: j.Recipient, Incarnation: j.Incarnation})
	}
	return cbor.Marshal(j)
}

func decodeJoin(b []byte) (j joinMessage, err error) {
	if cbor.Unmarshal(b, &j) == nil {
		return j, nil
	}
	var own ownMessage
	err = cbor.Unmarshal(b, &own)
	return joinMessage{Version: own.Version, Name: own.Name, Recipient: own.Recipient, Incarnation: own.Incarnation}, err
}

// welcome is the first part of what the inviter answers. Then come twice the
// frames of package sync, with an empty part behind them: all certificates and
// the charter, and what the joiner's own certificate added.
type welcome struct {
	_         struct{} `cbor:",toarray"`
	Version   uint
	Community string
}

const joinVersion = 2

// joinLimit bounds the whole of joining: below what the shells give a call. The
// ticket itself lives longer.
const joinLimit = 110 * time.Second

// join asks the inviting device to be let in and starts to live in its
// community.
func (n *Node) join(ctx context.Context, r joinRequest) (none, error) {
	t, err := pair.ParseTicket(r.Text, n.now())
	if err != nil {
		return none{}, ticketFault(err)
	}
	if err := operatorFault(r.Operator); err != nil {
		return none{}, err
	}
	if err := wantedPIN(r.PIN); err != nil {
		return none{}, err
	}
	if name := strings.TrimSpace(r.Device); name == "" || len([]rune(name)) > 40 {
		return none{}, fault.New("devices.name.bad", "limit", 40)
	}
	scope, err := shown(r.Scope)
	if err != nil {
		return none{}, err
	}
	n.setup.Lock()
	defer n.setup.Unlock()
	if err := n.mustBeNew(); err != nil {
		return none{}, err
	}
	if err := n.putOrphanAside(); err != nil {
		return none{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinLimit)
	defer cancel()
	inc, err := freshIncarnation(n.cfg.Data, n.cfg.Rand, n.device.Load().Private, n.now())
	if err != nil {
		return none{}, err
	}
	w, done, err := n.askToJoin(ctx, t, joinMessage{Version: joinVersion, Name: strings.TrimSpace(r.Device), Recipient: n.device.Load().Recipient(), Incarnation: inc.Encode(), Scope: scope})
	if err != nil {
		return none{}, err
	}
	community, err := n.admitWelcome(ctx, w, t.Device, inc)
	if err == nil {
		err = n.change(func(l *local) {
			l.Community, l.Operator = community, strings.TrimSpace(r.Operator)
			l.Addresses = addresses{deviceText(t.Device): t.Addrs}
		})
	}
	if err == nil {
		if e := w.Done(); e != nil { // only the ticket stays open there, for this device
			n.log.Info("the inviter may not know that its ticket was used", "err", e.Error())
		}
	}
	done()
	if err != nil {
		return none{}, err
	}
	if err := n.enter(ctx, community); err != nil {
		return none{}, err
	}
	c, err := n.here()
	if err == nil {
		c.mesh.poke() // only this side knows an address of the other
		err = n.firstPIN(ctx, r.Operator, r.PIN)
	}
	return none{}, err
}

// askToJoin uses a host of its own that knows nobody but the inviter; done ends
// it.
func (n *Node) askToJoin(ctx context.Context, t pair.Ticket, m joinMessage) (w *pair.Welcome, done func(), err error) {
	message, err := m.encode()
	if err != nil {
		return nil, nil, err
	}
	h, err := n.lonelyHost(ctx)
	if err != nil {
		return nil, nil, err
	}
	closeHost := func() {
		if err := h.Close(); err != nil {
			n.log.Warn("the network side did not close in order", "err", err.Error())
		}
	}
	if w, err = pair.Join(ctx, h, t, message); err != nil {
		closeHost()
		return nil, nil, ticketFault(err)
	}
	return w, func() { w.Close(); closeHost() }, nil
}

// lonelyHost knows nobody and listens nowhere.
func (n *Node) lonelyHost(ctx context.Context) (*p2p.Host, error) {
	return p2p.New(ctx, p2p.Config{Key: n.device.Load().Private, Rand: n.cfg.Rand,
		Gate: func([32]byte) bool { return false }, Open: func(p2p.Peer) (p2p.Conversation, error) { return nil, p2p.ErrNotMember }})
}

// admitWelcome lets the charter in by the front door, as it comes: every check
// of admission, against the community's id, which is a hash of its genesis.
func (n *Node) admitWelcome(ctx context.Context, w *pair.Welcome, inviter [32]byte, inc *seal.Incarnation) (community string, err error) {
	var head welcome
	b, err := w.Next()
	if err != nil {
		return "", ticketFault(err)
	}
	if err := cbor.Unmarshal(b, &head); err != nil || head.Version != joinVersion {
		return "", fault.New("ticket.newer")
	}
	c, err := n.open(ctx, head.Community, inc)
	if err != nil {
		return "", storeFault(err)
	}
	err = c.charter.Open(ctx, c.store)
	if err == nil {
		err = c.takeWelcome(ctx, w, inviter)
	}
	if _, ok := c.self(); err == nil && !ok {
		err = fault.New("ticket.refused", "code", "pair.failed")
	}
	return head.Community, errors.Join(err, c.store.Close())
}

// takeWelcome takes the sequences of frames, until the welcome ends.
func (c *community) takeWelcome(ctx context.Context, w *pair.Welcome, inviter [32]byte) error {
	cfg := crdtsync.Config{
		Source: crdtsync.Of(c.store), Policy: welcoming{policy{c}}, Peer: inviter, Community: c.charter.Community(),
		Formats: formats, Rand: c.node.cfg.Rand, Clock: c.node.now,
	}
	for {
		first, err := w.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return ticketFault(err)
		}
		got, err := crdtsync.Import(ctx, cfg, sequence(first, w))
		if err == nil && got.Refused > 0 {
			err = errors.New("changes of the charter were refused")
		}
		if err != nil {
			return welcomeFault(err)
		}
	}
}

// sequence yields frames until an empty part.
func sequence(first []byte, w *pair.Welcome) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for b, err := first, error(nil); len(b) > 0 || err != nil; b, err = w.Next() {
			if err == io.EOF {
				err = pair.ErrProtocol
			}
			if err != nil {
				err = ticketFault(err)
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func welcomeFault(err error) error {
	if _, ok := errors.AsType[*fault.Fault](err); ok {
		return err
	}
	if own, ok := errors.AsType[*crdtsync.StoreError](err); ok {
		return storeFault(own.Err)
	}
	if errors.Is(err, crdtsync.ErrNewer) {
		return fault.New("ticket.newer")
	}
	return errors.Join(fault.New("ticket.refused", "code", "pair.failed"), err)
}
