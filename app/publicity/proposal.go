package publicity

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Proposals of residents, and what was answered: private, and so sealed by who calls
// with the key of who proposed.

const (
	proposal = "proposal"
	// MaxProposal is how long a proposal or an answer may be, in characters.
	MaxProposal = 300
	// MaxOpen is how many unanswered proposals one resident may have: a child with the
	// page open must not fill the list.
	MaxOpen  = 10
	tagSize  = 10 // hexadecimal digits
	replyMax = 20 // answers to one proposal
)

// What becomes of a proposal. "" while nothing was answered.
const (
	ToCouncil = "council" // it comes before the council
	Carried   = "done"
	Declined  = "no"
)

// Fates are all of them.
var Fates = []string{ToCouncil, Carried, Declined}

// How a proposal came.
const (
	ViaPhone = "phone"
	ViaDesk  = "desk"
)

type proposalValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	State  string // of an answer; of the proposal how it came
	By     string // who answered or noted it, "" for the resident on the phone
	Text   []byte // sealed
}

func (v proposalValue) whole() bool {
	return v.Format == format && v.At > 0 && slices.Contains(append([]string{ViaPhone, ViaDesk}, Fates...), v.State) && govern.ShortLine(v.By, maxName) && people.Envelope(v.Text, MaxProposal)
}

// proposalKey takes the key of a proposal or of an answer to one apart.
func proposalKey(key string) (person, id, tag string, ok bool) {
	p := strings.Split(key, "/")
	if len(p) != 4 || p[0] != proposal || !govern.IsID(p[2]) {
		return "", "", "", false
	}
	who, err := people.ParseID(p[1])
	tagged := len(p[3]) == tagSize && strings.Trim(p[3], "0123456789abcdef") == ""
	return p[1], p[2], p[3], err == nil && who.String() == p[1] && (p[3] == "text" || tagged)
}

// formProposal checks one operation as admission must.
func formProposal(op wire.Op) error {
	_, _, tag, ok := proposalKey(op.Key)
	if !ok || op.Delete || len(op.Pred) > 0 || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxValue {
		return errForm
	}
	v, err := coded.Read([]byte(op.Value.Raw), format, proposalValue.whole)
	if errors.Is(err, coded.ErrNewer) {
		return nil
	}
	if err == nil && (tag == "text") == slices.Contains(Fates, v.State) {
		err = errForm
	}
	return err
}

// applyProposal keeps what was written first of those that were written apart.
func applyProposal(tx *store.Tx, path string, op wire.Op) error {
	person, id, tag, ok := proposalKey(op.Key)
	if !ok || op.Value.Kind != wire.Bytes {
		return nil
	}
	v, err := coded.Read([]byte(op.Value.Raw), format, proposalValue.whole)
	if err != nil {
		return nil // of a newer program
	}
	_, err = tx.Exec(`INSERT INTO publicity_proposal (person, id, tag, path, at, value) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET at = excluded.at, path = excluded.path, value = excluded.value WHERE (excluded.at, excluded.value) < (at, value)`, person, id, tag, path, v.At, []byte(op.Value.Raw))
	return err
}

// Reply is an answer to a proposal.
type Reply struct {
	Tag, State, By string
	At             int64
	Text           []byte // sealed
}

// Proposal is what a resident proposes, with what was answered, the first answer first.
type Proposal struct {
	Person, ID, Via, By string
	At                  int64
	Text                []byte // sealed
	Replies             []Reply

	path string
}

// State is what became of it by the last answer, "" while there is none.
func (p Proposal) State() string {
	if len(p.Replies) == 0 {
		return ""
	}
	return p.Replies[len(p.Replies)-1].State
}

// ProposalField names what the text of a proposal, or of an answer, is bound to.
func ProposalField(id, tag string) string { return Doc + "/" + proposal + "/" + id + "/" + tag }

// Proposals lists those of some ids, the latest first, at most limit; of everybody where
// ids is nil.
func (b *Board) Proposals(q store.Querier, ids []string, limit int) ([]Proposal, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return proposals(q, `tag = 'text' AND (?1 = 'null' OR person IN (SELECT value FROM json_each(?1))) ORDER BY at DESC, id LIMIT ?2`, string(list), limit)
}

func proposals(q store.Querier, where string, args ...any) (out []Proposal, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var p Proposal
		var raw []byte
		if err := r.Scan(&p.Person, &p.ID, &p.path, &raw); err != nil {
			return err
		}
		v, err := coded.Read(raw, format, proposalValue.whole)
		p.Via, p.By, p.At, p.Text = v.State, v.By, v.At, v.Text
		out = append(out, p)
		return err
	}, `SELECT person, id, path, value FROM publicity_proposal WHERE `+where, args...)
	for i := range out {
		p := &out[i]
		err = errors.Join(err, store.EachRow(q, func(r *sql.Rows) error {
			var x Reply
			var raw []byte
			if err := r.Scan(&x.Tag, &raw); err != nil {
				return err
			}
			v, err := coded.Read(raw, format, proposalValue.whole)
			x.State, x.By, x.At, x.Text = v.State, v.By, v.At, v.Text
			p.Replies = append(p.Replies, x)
			return err
		}, `SELECT tag, value FROM publicity_proposal WHERE person = ? AND id = ? AND tag <> 'text' ORDER BY at, tag`, p.Person, p.ID))
	}
	return out, err
}

// Propose keeps what a resident proposes; ids are all of the person, the leading one
// first. Under an id that is there already nothing is written. Fault: council.proposal.many{max}.
func (b *Board) Propose(tx *store.Tx, ids []string, id, via, by string, seal func(field string) ([]byte, error)) error {
	if !govern.IsID(id) {
		return fmt.Errorf("%w: a proposal's id", errForm)
	}
	known, err := b.Proposals(tx, ids, -1)
	if err != nil {
		return err
	}
	open := 0
	for _, p := range known {
		if p.ID == id {
			return nil
		}
		if p.State() == "" {
			open++
		}
	}
	if open >= MaxOpen {
		return fault.New("council.proposal.many", "max", MaxOpen)
	}
	return b.sayProposal(tx, b.doc(Doc+"/"+zone.Month(tx.Now())), ids[0], id, "text", "council.propose", via, by, seal)
}

// Answer answers a proposal, as often as there is something to say. Faults:
// council.proposal.unknown, council.proposal.state, council.proposal.replies{max}.
func (b *Board) Answer(tx *store.Tx, id, state, by string, rand io.Reader, seal func(person, field string) ([]byte, error)) error {
	if !slices.Contains(Fates, state) {
		return fault.New("council.proposal.state")
	}
	list, err := proposals(tx, `tag = 'text' AND id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fault.New("council.proposal.unknown")
	}
	if err != nil {
		return err
	}
	p := list[0]
	if len(p.Replies) >= replyMax {
		return fault.New("council.proposal.replies", "max", replyMax)
	}
	var random [tagSize / 2]byte
	if _, err := io.ReadFull(rand, random[:]); err != nil {
		return err
	}
	return b.sayProposal(tx, b.doc(p.path), p.Person, id, hex.EncodeToString(random[:]), "council.reply", state, by, func(field string) ([]byte, error) { return seal(p.Person, field) })
}

func (b *Board) sayProposal(tx *store.Tx, doc store.DocID, person, id, tag, action, state, by string, seal func(field string) ([]byte, error)) error {
	text, err := seal(ProposalField(id, tag))
	if err != nil {
		return err
	}
	raw, err := coded.Marshal(proposalValue{Format: format, At: tx.Now(), State: state, By: clip(by), Text: text})
	if err != nil {
		return err
	}
	_, err = tx.Put(doc, action, store.Put{Key: proposal + "/" + person + "/" + id + "/" + tag, Value: wire.BytesValue(raw)})
	return err
}
