package node

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/claim"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/photo"
	"jishan/crdt/store"
)

// A claim that is sent back for more (docs/claims.md): who reviews it asks, the
// claimant replies on the phone, with further pictures, or at the counter.

// claimExchange is a question as staff see it, with what was said to it.
type claimExchange struct {
	At        int64  `json:"at"`
	By        string `json:"by"` // "" on the phone: who asked is the desk's business
	Text      string `json:"text"`
	RepliedAt int64  `json:"repliedAt"` // 0: nobody has
	Reply     string `json:"reply"`
	How       string `json:"how"` // page or desk
}

// maxAsked bounds a question and a reply in characters, as an appeal.
const maxAsked = maxAppeal

// exchanges are the questions of a claim with their texts in the clear.
func exchanges(texts *people.Texts, x claim.Claim) (out []claimExchange, err error) {
	out = []claimExchange{}
	for _, e := range x.Exchanges() {
		row := claimExchange{At: e.Question.At, By: e.Question.By, RepliedAt: e.Reply.At, How: e.Reply.How}
		var wrong, bad error
		row.Text, wrong = texts.Open(x.Person, claim.TextField(x.ID, claim.Ask), e.Question.Text)
		row.Reply, bad = texts.Open(x.Person, claim.TextField(x.ID, claim.Reply), e.Reply.Text)
		if err := errors.Join(wrong, bad); err != nil {
			return out, err
		}
		out = append(out, row)
	}
	return out, nil
}

func asksText(text *string, code string) error {
	*text = strings.TrimSpace(*text)
	if *text == "" || utf8.RuneCountInString(*text) > maxAsked || !govern.PlainText(*text) {
		return fault.New(code, "max", maxAsked)
	}
	return nil
}

// askClaim sends a claim back. Of a deduction nobody claims, so nobody is asked.
// Faults: claim.unknown, claim.state{state}, claim.question{max}, claim.deduction,
// operator.role, those of hand.
func (c *community) askClaim(ctx context.Context, r struct {
	ID   string      `json:"id"`
	Text string      `json:"text"`
	Sign openRequest `json:"sign"` // of somebody else than who sits here
}) (claimRow, error) {
	if err := asksText(&r.Text, "claim.question"); err != nil {
		return claimRow{}, err
	}
	h, err := c.hand(r.Sign)
	if err != nil {
		return claimRow{}, err
	}
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error {
		if x.Minus() {
			return fault.New("claim.deduction")
		}
		if x.Rule.Lead {
			if err := forLead.check(h.role); err != nil {
				return err
			}
		}
		text, err := c.sealWord(tx, x, claim.Ask, r.Text)
		if err != nil {
			return err
		}
		return c.claim.Ask(tx, x, text, c.charter.Settings().AskDays(), h.sign)
	})
}

type replyRequest struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// replyClaim writes down what the claimant says at the counter, who has no phone.
// Faults: claim.unknown, claim.state{state}, claim.reply{max}.
func (c *community) replyClaim(ctx context.Context, r replyRequest) (claimRow, error) {
	if err := asksText(&r.Text, "claim.reply"); err != nil {
		return claimRow{}, err
	}
	return c.onClaim(ctx, r.ID, func(tx *store.Tx, x claim.Claim) error { return c.reply(tx, x, claim.ByDesk, r.Text, c.claimSigner()) })
}

// reply seals what was said to the questions of a claim and writes it down.
func (c *community) reply(tx *store.Tx, x claim.Claim, how, text string, sign claim.Sign) error {
	if s := x.State(tx.Now()); s != claim.Asked {
		return fault.New("claim.state", "state", s)
	}
	sealed, err := c.sealWord(tx, x, claim.Reply, text)
	if err != nil {
		return err
	}
	return c.claim.Reply(tx, x, how, sealed, sign)
}

// phoneReply is the claimant's own word, with pictures that were sent before it. What a
// page sends again as it heard no answer is one reply. Faults: claim.unknown,
// claim.state{state}, claim.reply{max}, photo.many{max}.
func (c *community) phoneReply(ctx context.Context, p people.ID, r struct {
	tokenRequest
	replyRequest
	Shots []string `json:"shots"` // pictures that were sent before (phone.shot)
}) (phoneClaimsReply, error) {
	if err := asksText(&r.Text, "claim.reply"); err != nil {
		return phoneClaimsReply{}, err
	}
	files := c.shrunk(c.node.shots.take(p, r.Shots))
	err := c.writeAs(ctx, "", func(tx *store.Tx) error {
		x, err := c.claim.Get(tx, r.ID)
		if err == nil && !slices.Contains(c.people.IDs(p), x.Person) {
			err = fault.New("claim.unknown")
		}
		if err != nil {
			return err
		}
		said, err := exchanges(c.people.Texts(tx), x)
		if err != nil {
			return err
		}
		if x.State(tx.Now()) != claim.Asked && len(said) > 0 && said[len(said)-1].Reply == r.Text {
			return errNothing
		}
		if err := c.reply(tx, x, claim.ByPage, r.Text, nil); err != nil {
			return err
		}
		return c.addShots(tx, x.Person, x.ID, files)
	})
	if err != nil && !errors.Is(err, errNothing) {
		return phoneClaimsReply{}, err
	}
	return c.phoneClaims(ctx, p, r.tokenRequest)
}

// photoRoom is how many pictures a reply from a phone may still bring.
func photoRoom(there int) int { return max(0, min(maxShots, photo.MaxOf-there)) }
