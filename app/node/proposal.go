package node

import (
	"context"
	"crypto/sha256"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/publicity"
	"jishan/crdt/store"
)

// What residents propose to the council, at a desk or on their phones, and what they are
// answered (docs/publicity.md).

func (n *Node) proposalCalls() map[string]handler {
	return map[string]handler{
		"council.proposals": staff(n, (*community).proposals),
		"council.propose":   staff(n, (*community).propose),
		"council.reply":     staff(n, (*community).replyProposal),
	}
}

func (n *Node) phoneProposalCalls() map[string]handler {
	return map[string]handler{
		"phone.proposals": phoneCall(n, (*community).phoneProposals),
		"phone.propose":   phoneCall(n, (*community).phonePropose),
	}
}

type proposalReply struct {
	At    int64  `json:"at"`
	State string `json:"state"` // council, done, no
	Text  string `json:"text"`
	By    string `json:"by"` // "" on phones
}

type proposalRow struct {
	ID      string          `json:"id"`
	Person  string          `json:"person"` // "" on phones
	Name    string          `json:"name"`   // "" on phones, and of who was erased
	Masked  string          `json:"masked"` // as well
	Via     string          `json:"via"`
	By      string          `json:"by"`
	At      int64           `json:"at"`
	Text    string          `json:"text"`
	State   string          `json:"state"` // by the last answer, "" while there is none; decided or discussed once a meeting did
	Replies []proposalReply `json:"replies"`

	Decision *decisionReply `json:"decision"` // what a meeting decided about it
}

// What a proposal is that came before the council and has no answer since: voted on, or
// only talked about.
const (
	proposalDecided   = "decided"
	proposalDiscussed = "discussed"
)

type decisionReply struct {
	Minutes string         `json:"minutes"` // "" on phones
	Meeting string         `json:"meeting"`
	At      int64          `json:"at"`
	Matter  publicity.Done `json:"matter"`
}

type proposalsReply struct {
	Rows []proposalRow `json:"rows"`
}

// proposalRows opens proposals. known: only what was made known of a meeting.
func (c *community) proposalRows(q store.Querier, list []publicity.Proposal, known bool) ([]proposalRow, error) {
	out, texts := []proposalRow{}, c.people.Texts(q)
	decisions, err := c.board.Decided(q)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		id, err := people.ParseID(p.Person)
		if err != nil {
			return nil, err
		}
		row := proposalRow{ID: p.ID, Person: p.Person, Via: p.Via, By: p.By, At: p.At, State: p.State(), Replies: []proposalReply{}}
		if row.Text, err = texts.Open(id, publicity.ProposalField(p.ID, "text"), p.Text); err != nil {
			return nil, err
		}
		for _, r := range p.Replies {
			text, err := texts.Open(id, publicity.ProposalField(p.ID, r.Tag), r.Text)
			if err != nil {
				return nil, err
			}
			row.Replies = append(row.Replies, proposalReply{r.At, r.State, text, r.By})
		}
		d, ok := decisions[p.ID]
		if ok && known {
			notices, err := c.board.About(q, c.node.now(), d.Meeting.ID)
			if err != nil {
				return nil, err
			}
			ok = len(notices) > 0
		}
		if ok {
			row.Decision = &decisionReply{d.Meeting.ID, d.Meeting.Title, d.Meeting.At, d.Matter}
			if row.State == "" || row.State == publicity.ToCouncil {
				row.State = proposalDiscussed
				if d.Matter.Votes() > 0 {
					row.State = proposalDecided
				}
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// proposals lists what residents propose, the latest first.
func (c *community) proposals(ctx context.Context, _ none) (out proposalsReply, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.board.Proposals(q, nil, publicity.MaxRows)
		if err == nil {
			out.Rows, err = c.proposalRows(q, list, false)
		}
		return err
	})
	if err != nil {
		return out, err
	}
	var ids []people.ID
	for _, r := range out.Rows {
		if id, err := people.ParseID(r.Person); err == nil {
			ids = append(ids, id)
		}
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i := range out.Rows {
		if id, e := people.ParseID(out.Rows[i].Person); e == nil {
			out.Rows[i].Name, out.Rows[i].Masked = known[id].Name, known[id].Masked
		}
	}
	return out, err
}

func proposalText(text *string) error {
	*text = strings.TrimSpace(*text)
	if *text == "" || utf8.RuneCountInString(*text) > publicity.MaxProposal || !govern.PlainText(*text) {
		return fault.New("council.proposal.text", "max", publicity.MaxProposal)
	}
	return nil
}

// proposeFor keeps a proposal of somebody. Faults: people.unknown, those of
// publicity.Board.Propose.
func (c *community) proposeFor(tx *store.Tx, person, id, via, by, text string) error {
	records, err := c.recordsOf(tx, person)
	if err != nil {
		return err
	}
	who, err := people.ParseID(records[0])
	if err != nil {
		return err
	}
	return c.board.Propose(tx, records, id, via, by, func(field string) ([]byte, error) { return c.people.SealText(tx, who, field, text) })
}

// propose notes what a resident says at the desk. Faults: council.proposal.text{max},
// those of proposeFor.
func (c *community) propose(ctx context.Context, r struct {
	Person string `json:"person"`
	Text   string `json:"text"`
}) (out created, err error) {
	if err := proposalText(&r.Text); err != nil {
		return out, err
	}
	var id ulid.ULID
	if _, err := io.ReadFull(c.node.cfg.Rand, id[:]); err != nil {
		return out, err
	}
	id[0] &= 0x7f // as large as a ULID may be
	out.ID = strings.ToLower(id.String())
	keepAnswer(ctx, &out)
	return out, c.write(ctx, func(tx *store.Tx) error {
		return c.proposeFor(tx, r.Person, out.ID, publicity.ViaDesk, c.operator(), r.Text)
	})
}

// replyProposal answers one. Faults: council.proposal.text{max}, those of
// publicity.Board.Answer.
func (c *community) replyProposal(ctx context.Context, r struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Text  string `json:"text"`
}) (out none, err error) {
	if err := proposalText(&r.Text); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		return c.board.Answer(tx, r.ID, r.State, c.operator(), c.node.cfg.Rand, func(person, field string) ([]byte, error) {
			who, err := people.ParseID(person)
			if err != nil {
				return nil, err
			}
			return c.people.SealText(tx, who, field, r.Text)
		})
	})
}

// phoneProposals are one's own: who answered is the desk's business.
func (c *community) phoneProposals(ctx context.Context, me people.ID, _ tokenRequest) (out proposalsReply, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		records, err := c.recordsOf(q, me.String())
		if err != nil {
			return err
		}
		list, err := c.board.Proposals(q, records, phoneClaimRows)
		if err == nil {
			out.Rows, err = c.proposalRows(q, list, true)
		}
		return err
	})
	for i := range out.Rows {
		r := &out.Rows[i]
		r.Person, r.By, r.Text = "", "", people.Plain(r.Text)
		if r.Decision != nil {
			r.Decision.Minutes = ""
		}
		for k := range r.Replies {
			r.Replies[k].By, r.Replies[k].Text = "", people.Plain(r.Replies[k].Text)
		}
	}
	return out, err
}

// phonePropose keeps what a resident writes; what the page sends again under its word, because it
// heard no answer, is there once. Faults: council.proposal.text{max}, those of proposeFor.
func (c *community) phonePropose(ctx context.Context, me people.ID, r struct {
	tokenRequest
	Text string `json:"text"`
	Once string `json:"once"`
}) (out proposalsReply, err error) {
	if err := proposalText(&r.Text); err != nil {
		return out, err
	}
	sum := sha256.Sum256([]byte("jishan proposal once|" + me.String() + "|" + r.Once))
	sum[0] &= 0x7f
	id := strings.ToLower(ulid.ULID(sum[:16]).String())
	err = c.writeAs(ctx, "", func(tx *store.Tx) error { return c.proposeFor(tx, me.String(), id, publicity.ViaPhone, "", r.Text) })
	if err != nil {
		return out, err
	}
	return c.phoneProposals(ctx, me, r.tokenRequest)
}
