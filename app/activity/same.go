package activity

import (
	"encoding/json"
	"errors"
	"slices"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Several ids may be one person (docs/joining-and-moving.md). Records stay under
// the id that they were made with; what was recorded of one deed under two ids of
// a person is paid once.

// as is the id under which an activity knows a person already: who signed up with
// one card and comes with the other is no second one.
func (b *Board) as(q store.Querier, activity, person string) (string, error) {
	ids, err := b.Same.IDs(q, person)
	if err != nil || len(ids) < 2 {
		return person, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return "", err
	}
	found, err := texts(q, `SELECT person FROM activity_att WHERE activity = ?1 AND person IN (SELECT value FROM json_each(?2))
		UNION SELECT person FROM activity_signup WHERE activity = ?1 AND signed = 1 AND person IN (SELECT value FROM json_each(?2)) ORDER BY person`, activity, string(list))
	if err != nil || len(found) == 0 {
		return ids[0], err
	}
	if slices.Contains(found, person) {
		return person, nil
	}
	return found[0], nil
}

// twin tells whether a fact was recorded for another id of its person as well and
// is paid there, or will be: then it is not paid here.
func (b *Board) twin(q store.Querier, o owed) (bool, error) {
	ids, err := b.Same.IDs(q, o.person)
	if err != nil || len(ids) < 2 {
		return false, err
	}
	for _, other := range ids {
		if other == o.person {
			continue
		}
		turn, keys, err := twinKeys(q, o, other)
		if err != nil {
			return false, err
		}
		for _, k := range keys {
			paid, due, err := payState(q, turn, k)
			if err != nil {
				return false, err
			}
			if paid || due && other < o.person {
				return true, nil
			}
		}
	}
	return false, nil
}

// twinKeys are the deed keys of the same fact under another id.
func twinKeys(q store.Querier, o owed, other string) (turn ledger.Subject, keys []ledger.Subject, err error) {
	if o.activity != "" {
		return o.turn, []ledger.Subject{attendanceKey(o.activity, other)}, nil
	}
	f, _, err := deedFact(q, o.key)
	if err != nil {
		return turn, nil, err
	}
	f.Person = personOf(other)
	for f.Round = 0; f.Round <= maxRounds; f.Round++ {
		keys = append(keys, f.key())
		back, err := takenBack(q, f.Person, f.key())
		if err != nil || !back {
			return f.Person, keys, err
		}
	}
	return f.Person, keys, nil
}

// payState tells whether a deed is paid and stands, or is due.
func payState(q store.Querier, turn, k ledger.Subject) (paid, due bool, err error) {
	err = q.QueryRow(`SELECT COALESCE((SELECT MAX(undone) = 0 FROM activity_paid WHERE turn = ?1 AND key = ?2), 0),
		EXISTS (SELECT 1 FROM activity_due WHERE turn = ?1 AND key = ?2)`, turn[:], k[:]).Scan(&paid, &due)
	return paid, due, err
}

// dueOfPerson lists what is due to a person under any id, each fact once.
func (b *Board) dueOfPerson(q store.Querier, person string) (out []owed, err error) {
	ids, err := b.Same.IDs(q, person)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		list, err := dueKeys(q, id)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			double := false
			if len(ids) > 1 {
				if double, err = b.twin(q, o); err != nil {
					return nil, err
				}
			}
			if !double {
				out = append(out, o)
			}
		}
	}
	return out, nil
}

// Fact says what an award was for, whoever of a person's ids it was written to:
// two awards of one fact are one deed that was paid twice. ok is false for what is
// none of this package's.
func (b *Board) Fact(q store.Querier, turn, key ledger.Subject) (fact string, ok bool, err error) {
	r, err := b.record(q, activityOf(turn))
	if err == nil {
		return "activity|" + r.ID, true, nil
	}
	f, _, err := deedFact(q, key)
	if optional(err) != nil || err != nil {
		return "", false, optional(err)
	}
	if f.Person == (ledger.Subject{}) {
		return "", false, errors.New("activity: a deed of nobody")
	}
	f.Person, f.Round = ledger.Subject{}, 0
	return "deed|" + f.key().String(), true, nil
}

// each brings what was seen of several ids of a person under the leading one.
func (b *Board) each(q store.Querier, marks map[string][]mark) (map[string][]mark, error) {
	out := make(map[string][]mark, len(marks))
	for p, list := range marks {
		lead, err := b.Same.Lead(q, p)
		if err != nil {
			return nil, err
		}
		out[lead] = append(out[lead], list...)
	}
	return out, nil
}
