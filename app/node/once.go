package node

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// Calls that would do their work a second time take a word, "once", beside
// their parameters: a request whose answer was lost is repeated under the same
// word and gets the first one's answer. The word is written in the transaction
// that does the work.

// onceCalls are the calls that take a word. Every other one changes nothing, or
// nothing more when it is repeated: once_test.go says why of each.
var onceCalls = map[string]bool{
	"people.register": true, "people.replaceCard": true, "people.household": true, "people.rosterImport": true,
	"deed.record": true, "deed.deduct": true, "correction.make": true, "claim.post": true, "photo.add": true, "activity.publish": true, "activity.scanCard": true,
	"order.reply": true, "job.reply": true, "project.save": true, "team.save": true, "survey.save": true,
	"shop.save": true, "shop.receive": true, "till.redeem": true, "till.reserve": true, "voucher.issue": true, "honour.use": true, "credit.assess": true, "award.open": true,
	"hours.issue": true, "hours.send": true, "assess.begin": true, "assess.object": true, "selection.begin": true, "selection.nominate": true, "selection.object": true, "publicity.post": true, "fund.add": true, "duty.open": true, "duty.done": true, "council.enter": true, "council.propose": true, "council.reply": true,
}

const (
	// A word is made of random letters and digits; 8 are enough for one screen.
	minOnce, maxOnceWord = 8, 64
	// onceFor is how long a word is remembered: a screen that waits for an answer
	// asks again within minutes, a machine that was put to sleep the next day.
	onceFor = 48 * time.Hour
	// maxAnswers is how many answers are kept in memory; older ones are asked of
	// the database.
	maxAnswers = 256
)

const onceSchema = `CREATE TABLE IF NOT EXISTS local_once (id BLOB PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL, answer BLOB NOT NULL) STRICT, WITHOUT ROWID`

// attempt is a request with a word while it is carried out.
type attempt struct {
	id, body [32]byte // of call and word; of the parameters
	noted    bool
	answer   any // what the call will answer, if it is known inside the transaction

	done chan struct{} // closed at the end
	out  any
	err  error
}

type attemptKey struct{}

// keepAnswer names the value that the call will answer, filled when its
// transaction ends: a repeated request gets it even after a restart.
func keepAnswer(ctx context.Context, out any) {
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok {
		a.answer = out
	}
}

// aside is for what a call writes before it does its work: its word is not used
// up by that.
func aside(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptKey{}, nil)
}

// noted adds the word to the transaction that does the work.
func noted(ctx context.Context, now int64, fn func(*store.Tx) error) func(*store.Tx) error {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok || a.noted {
		return fn
	}
	return func(tx *store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		a.noted = true
		answer := []byte{}
		if a.answer != nil {
			var err error
			if answer, err = json.Marshal(a.answer); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`DELETE FROM local_once WHERE at < ?`, now-onceFor.Milliseconds()); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT OR REPLACE INTO local_once (id, at, body, answer) VALUES (?, ?, ?, ?)`, a.id[:], now, a.body[:], answer)
		return err
	}
}

// onceWord takes the word out of a call's parameters. Fault: call.params.
func onceWord(params json.RawMessage) (word string, rest json.RawMessage, err error) {
	var all map[string]json.RawMessage
	if json.Unmarshal(params, &all) != nil || all["once"] == nil {
		return "", params, nil // what is no object is refused by the call
	}
	if err := json.Unmarshal(all["once"], &word); err != nil || len(word) < minOnce || len(word) > maxOnceWord {
		return "", nil, fault.New("call.params", "field", "once")
	}
	delete(all, "once")
	rest, err = json.Marshal(all)
	return word, rest, err
}

// once carries a request out, or answers as the first one under its word was
// answered. Faults: call.done where that answer is lost with the program that
// gave it; call.once where the word was used for something else.
func (n *Node) once(ctx context.Context, name string, params json.RawMessage) (any, error) {
	word, params, err := onceWord(params)
	if err != nil || word == "" {
		if err != nil {
			return nil, err
		}
		return n.dispatch(ctx, n.calls, name, params)
	}
	a := &attempt{id: sha256.Sum256([]byte(name + "\x00" + word)), body: sha256.Sum256(params), done: make(chan struct{})}
	if first := n.answers.join(a); first != a {
		select {
		case <-first.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if first.body != a.body {
			return nil, fault.New("call.once")
		}
		return first.out, first.err
	}
	answered := false
	a.err = errBroken
	defer func() {
		if a.err != nil {
			n.answers.forget(a)
		}
		close(a.done)
	}()
	if a.out, answered, a.err = n.answered(ctx, a); !answered && a.err == nil {
		a.out, a.err = n.dispatch(context.WithValue(ctx, attemptKey{}, a), n.calls, name, params)
	}
	return a.out, a.err
}

// errBroken is the end of a request that broke down.
var errBroken = errors.New("the request broke down")

// answered looks for the word in the database.
func (n *Node) answered(ctx context.Context, a *attempt) (out any, found bool, err error) {
	c, err := n.here()
	if err != nil {
		return nil, false, nil // the call says so
	}
	var body, answer []byte
	err = c.view(ctx, func(q store.Querier) error {
		err := q.QueryRow(`SELECT body, answer FROM local_once WHERE id = ?`, a.id[:]).Scan(&body, &answer)
		if found = err == nil; errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	switch {
	case err != nil || !found:
		return nil, false, n.told(err)
	case string(body) != string(a.body[:]):
		return nil, true, fault.New("call.once")
	case len(answer) == 0:
		return nil, true, fault.New("call.done")
	}
	return json.RawMessage(answer), true, nil
}
