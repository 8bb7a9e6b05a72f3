package order

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

type check func(wire.Value) bool

func text(limit int) check {
	return func(v wire.Value) bool { return v.Kind == wire.String && fits(v.Raw, limit) }
}

func word(list []string) check {
	return func(v wire.Value) bool { return v.Kind == wire.String && slices.Contains(list, v.Raw) }
}

func number(limit int64) check {
	return func(v wire.Value) bool { return v.Kind == wire.Int && v.Num >= 0 && v.Num <= limit }
}

func moment(v wire.Value) bool { return v.Kind == wire.Timestamp && (v.Num == 0 || isTime(v.Num)) }

func bytesTo(limit int) check {
	return func(v wire.Value) bool { return v.Kind == wire.Bytes && len(v.Raw) > 0 && len(v.Raw) <= limit }
}

// idOr accepts an id of the kind, or nothing.
func idOr(valid func(string) bool) check {
	return func(v wire.Value) bool { return v.Kind == wire.String && (v.Raw == "" || valid(v.Raw)) }
}

// coded accepts a value that decodes and is sound, or one of a newer format.
func coded[T any](sound func(T) bool) check {
	return func(v wire.Value) bool {
		var x T
		err := open(v.Raw, &x)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxBrief && (errors.Is(err, errNewer) || err == nil && sound(x))
	}
}

var fieldsOf = map[string]map[string]check{
	kindOrder: {
		"person": func(v wire.Value) bool { return v.Kind == wire.String && validPerson(v.Raw) },
		"type":   text(maxShort), "project": idOr(govern.IsID), "via": word(ways), "grid": text(maxNote), "by": text(maxShort),
		"text": bytesTo(maxSealed), "address": bytesTo(maxSealed), "phone": bytesTo(maxSealed), "praise": bytesTo(maxSealed), "once": bytesTo(16),
		"offer": coded(offerValue.sound), "review": coded(reviewValue.sound), "cancel": coded(cancelValue.sound),
	},
	kindServe:   {"answer": coded(answerValue.sound), "done": coded(doneValue.sound)},
	kindReply:   {"text": bytesTo(maxSealed), "plain": text(maxText)},
	kindJob:     {"brief": coded(briefValue.sound), "void": moment, "stars": number(5)},
	kindProject: {"name": text(maxName), "type": text(maxShort), "note": text(maxNote), "item": text(ledger.MaxItem), "closed": moment},
	kindLike:    {"at": moment},
	kindTeam:    {"name": text(maxShort), "lead": idOr(validPerson), "closed": moment},
	kindMember:  {"in": moment},
	kindSurvey:  {"title": text(maxName), "forms": number(maxForms), "rules": coded(rulesValue.sound)},
	kindTally:   {"votes": number(maxForms)},
}

// ids says what the segments between kind and field are.
var ids = map[string][]func(string) bool{
	kindOrder: {govern.IsID}, kindServe: {govern.IsID, govern.IsID}, kindReply: {govern.IsID, govern.IsID}, kindJob: {govern.IsID, govern.IsID},
	kindProject: {govern.IsID}, kindLike: {govern.IsID, validPerson}, kindTeam: {govern.IsID}, kindMember: {govern.IsID, validPerson},
	kindSurvey: {govern.IsID}, kindTally: {govern.IsID, govern.IsID},
}

// merchantKinds are the kinds of records in a merchant's document.
var merchantKinds = []string{kindJob, kindServe, kindReply}

// Form checks a change of an order document as admission must: keys, types,
// sizes. Fields that a newer program may add pass if they are small.
func Form(doc store.DocID, ch *wire.Change) error {
	party, _, ok := partyOf(doc)
	if !ok {
		return fmt.Errorf("%w: no order document", errForm)
	}
	for _, op := range ch.Ops {
		if err := formOp(party, op); err != nil {
			return fmt.Errorf("%w (key %.100q)", err, op.Key)
		}
	}
	return nil
}

func formOp(party string, op wire.Op) error {
	p := strings.Split(op.Key, "/")
	kind, field := p[0], p[len(p)-1]
	valid, known := ids[kind]
	if !known || len(p) != len(valid)+2 || party == own && kind == kindJob || party != own && !slices.Contains(merchantKinds, kind) {
		return fmt.Errorf("%w: no such key here", errForm)
	}
	for i, ok := range valid {
		if !ok(p[i+1]) {
			return fmt.Errorf("%w: a bad id", errForm)
		}
	}
	if op.Delete {
		return nil
	}
	sound, known := fieldsOf[kind][field]
	if !known {
		sound = func(v wire.Value) bool { return len(v.Raw) <= maxUnknown }
	}
	if kind == kindReply && (field == "plain") == (party == own) || !sound(op.Value) {
		return errForm
	}
	return nil
}

// MerchantForm checks what a merchant writes: its own answers, what it has
// done and its replies; it names nobody, and takes nothing back.
func MerchantForm(ch *wire.Change) error {
	for _, op := range ch.Ops {
		var d doneValue
		p := strings.Split(op.Key, "/")
		if op.Delete || p[0] != kindServe && p[0] != kindReply {
			return fmt.Errorf("%w: not a merchant's to write (key %.100q)", errForm, op.Key)
		}
		if p[len(p)-1] == "done" && open(op.Value.Raw, &d) == nil && len(d.Helpers) > 0 {
			return fmt.Errorf("%w: a merchant names nobody", errForm)
		}
	}
	return nil
}

func (v offerValue) sound() bool {
	party := v.Kind == ToPerson && validPerson(v.Party) || v.Kind == ToTeam && govern.IsID(v.Party) ||
		v.Kind == ToMerchant && v.Party != "" && v.Party != own && len(v.Party) <= 64
	return govern.IsID(v.ID) && party && v.Rule.sound() && len(v.Month) <= 7
}

func (v ruleValue) sound() bool {
	return v.Version >= 0 && len(v.Code) <= ledger.MaxItem && fits(v.Name, maxNote) && v.Points >= 0 && v.Points <= maxPoints && v.Minutes >= 0
}

func (v answerValue) sound() bool { return v.Why == "" || slices.Contains(declineWhys, v.Why) }

func (v doneValue) sound() bool {
	return v.Minutes >= 0 && v.Minutes <= maxMinutes && len(v.Helpers) <= maxHelpers
}

func (v reviewValue) sound() bool {
	return govern.IsID(v.Offer) && v.Stars >= 0 && v.Stars <= 5 && slices.Contains(reviewWays, v.Via) && (v.Stars == 0) == (v.Via == ByTimeout)
}

func (v cancelValue) sound() bool { return slices.Contains(cancelWhys, v.Why) }

func (v briefValue) sound() bool {
	return fits(v.Type, maxShort) && fits(v.Project, maxName) && fits(v.Masked, maxShort) && isTime(v.Made) && len(v.Sealed) <= maxBrief
}
