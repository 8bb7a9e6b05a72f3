package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"jishan/crdt/engine"
	"jishan/crdt/sync"
	"jishan/crdt/wire"
)

// ColdJoin is a new device that gets a whole ledger, in a process of its own.
type ColdJoin struct {
	Entries          int      `json:"entries"` // transactions of one feed: turns and awards
	Seconds          float64  `json:"seconds"`
	RSS              *float64 `json:"rss_mb"` // peak of the joining process
	ReferenceSeconds *float64 `json:"reference_seconds"`
	ReferenceRSS     *float64 `json:"reference_rss_mb"` // peak of the process that runs automerge-go
}

// coldJoin lets an empty device join; then automerge-go loads the same.
func (l *lab) coldJoin(ctx context.Context) (string, error) {
	office, err := l.office(ctx, "join-office")
	if err != nil {
		return "", err
	}
	r := &ColdJoin{}
	err = l.awards(office, l.n.join).fill(ctx, l.n.join)
	if err == nil {
		err = l.join(ctx, office, r)
	}
	if err == nil {
		err = l.reference(ctx, office, r)
	}
	if err = errors.Join(err, office.store.Close()); err != nil {
		return "", err
	}
	l.result.ColdJoin = r
	return fmt.Sprintf("%d entries: %.1f s, %s MB (aim 8 s, 150 MB); automerge-go alone: %s s, %s MB",
		r.Entries, r.Seconds, orNone(r.RSS), orNone(r.ReferenceSeconds), orNone(r.ReferenceRSS)), nil
}

func orNone(v *float64) string {
	if v == nil {
		return "?"
	}
	return fmt.Sprintf("%.1f", *v)
}

// invitation is what the joining process is told: what a ticket and an enrolled
// device's folder hold.
type invitation struct {
	Dir       string
	Community string
	Inviter   [32]byte
	Feed      wire.Actor // of the entries
	Entries   int
	Digest    [32]byte // of all balances at the end
}

// joined is what the joining process reports.
type joined struct {
	Seconds float64
	RSS     *float64
	NoRSS   string // why there is none
}

func (l *lab) join(ctx context.Context, office *device, r *ColdJoin) error {
	id, err := l.station(ctx, office, "join-station")
	if err != nil {
		return err
	}
	v := invitation{Dir: id.dir, Community: office.charter.Community(), Inviter: office.key.Public(), Feed: office.inc.Actor()}
	if v.Entries, err = office.entries(ctx, office.ledger); err != nil {
		return err
	}
	if v.Digest, err = office.balances(ctx); err != nil {
		return err
	}
	s, err := l.session(ctx, office, id.key.Public())
	if err != nil {
		return err
	}
	defer s.Close()
	answer, err := l.serve(ctx, s, v)
	if err != nil {
		return err
	}
	var j joined
	if err := json.Unmarshal(answer, &j); err != nil {
		return err
	}
	r.Entries, r.Seconds, r.RSS = v.Entries, j.Seconds, j.RSS
	if j.RSS == nil {
		l.note("rss_mb", errors.New(j.NoRSS))
	}
	return nil
}

// standstill is after how long without a word from the joining process the two
// devices are taken to have fallen silent before they held the same: far more
// than the slowest machine takes for one batch.
const standstill = 30 * time.Second

var errStandstill = errors.New("the two devices fell silent before they held the same")

// serve starts the joining process and is its peer until it reports.
func (l *lab) serve(ctx context.Context, s *sync.Session, v invitation) ([]byte, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	c, err := startChild(ctx, roleJoiner)
	if err != nil {
		return nil, err
	}
	hello, err := json.Marshal(v)
	if err == nil {
		err = c.send(hello)
	}
	if err != nil {
		return nil, c.end(err)
	}
	answer, err := c.talk(ctx, s, giveUp)
	if err = c.end(err); err != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return answer, err
}

// talk lets the session and the child have their say until the child reports.
func (c *child) talk(ctx context.Context, s *sync.Session, giveUp context.CancelCauseFunc) ([]byte, error) {
	sending, stop := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() { sent <- pump(sending, s, c.send) }()
	silence := time.AfterFunc(standstill, func() { giveUp(errStandstill) })
	defer silence.Stop()
	answer, err := converse(s, func() ([]byte, error) {
		silence.Reset(standstill)
		return c.receive()
	})
	stop()
	if e := <-sent; err == nil && !errors.Is(e, context.Canceled) {
		err = e
	}
	return answer, err
}

// pump sends what a session has to say until ctx ends or a frame can't be sent.
func pump(ctx context.Context, s *sync.Session, send func([]byte) error) error {
	for {
		f, err := s.Pull(ctx)
		if err != nil {
			return err
		}
		if err := send(f); err != nil {
			return err
		}
	}
}

// converse hands frames to a session until the other side reports.
func converse(s *sync.Session, receive func() ([]byte, error)) ([]byte, error) {
	for {
		f, err := receive()
		if err != nil {
			return nil, err
		}
		if len(f) == 0 {
			return receive()
		}
		if err := s.Handle(f); err != nil {
			return nil, err
		}
	}
}

// judged is what the process around the judge reports.
type judged struct {
	Seconds     float64
	RSS         *float64
	NoRSS       string
	Unavailable bool
	Failed      string
}

// reference has automerge-go load the same entries. As one document: the parts
// of a feed would be one process each, and none would hold it all.
func (l *lab) reference(ctx context.Context, office *device, r *ColdJoin) error {
	chunks, err := office.oneDocument(ctx)
	if err != nil {
		return err
	}
	c, err := startChild(ctx, roleJudge)
	if err != nil {
		return err
	}
	for _, chunk := range chunks {
		if err = c.send(chunk); err != nil {
			break
		}
	}
	var answer []byte
	if err == nil {
		err = c.send(nil)
	}
	if err == nil {
		answer, err = c.receive()
	}
	if err = c.end(err); err != nil {
		return err
	}
	return l.judged(answer, r)
}

func (l *lab) judged(answer []byte, r *ColdJoin) error {
	var j judged
	if err := json.Unmarshal(answer, &j); err != nil {
		return err
	}
	switch {
	case j.Unavailable:
		l.note("reference_seconds", engine.ErrUnavailable)
		return nil
	case j.Failed != "":
		return errors.New(j.Failed)
	}
	r.ReferenceSeconds, r.ReferenceRSS = &j.Seconds, j.RSS
	if j.RSS == nil {
		l.note("reference_rss_mb", errors.New(j.NoRSS))
	}
	return nil
}

// oneDocument chains the entries of all parts of the device's own feed into one
// document: same values, messages and times.
func (d *device) oneDocument(ctx context.Context) (list []wire.Chunk, err error) {
	var last wire.Hash
	err = d.eachOwn(ctx, func(c wire.Chunk) error {
		ch, _, err := wire.Decode(c)
		if err != nil {
			return err
		}
		seq := uint64(len(list) + 1)
		ch.Seq, ch.StartOp, ch.Deps = seq, seq, nil
		if seq > 1 {
			ch.Deps = []wire.Hash{last}
		}
		ch.Ops[0].Key = fmt.Sprintf("tx/%d", seq)
		chunk, h, err := ch.Encode()
		list, last = append(list, chunk), h
		return err
	})
	return list, err
}
