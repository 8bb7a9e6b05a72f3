package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// who and deed of the i-th award.
func numbered(n byte, i int) (s Subject) {
	s[0] = n
	binary.BigEndian.PutUint64(s[8:], uint64(i))
	return
}

func BenchmarkJudge(b *testing.B) {
	w := newWorld()
	a := w.device(1, Registrar)
	start, err := w.make(a, nil, 0, []Entry{{Type: Mint, Quota: turn, Amount: 1}, {Type: Mint, Quota: budget, Amount: MaxAmount}})
	if err != nil {
		b.Fatal(err)
	}
	tx := &Tx{Entries: award(3, 1)}
	at := Place{Feed: feed(a), Number: 2, Head: headAt(0)}
	env := memEnv{lawAt{&w.gov, 0}, w}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := Judge(start.after, tx, at, env); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(2*n), "ns/entry")
}

func BenchmarkEncode(b *testing.B) {
	t := sampleAward()
	for b.Loop() {
		if _, err := t.Encode(home); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	v, err := sampleAward().Encode(home)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(v)))
	for b.Loop() {
		if _, err := Decode(v, home); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWrite is one award with its commit, at the counter.
func BenchmarkWrite(b *testing.B) {
	v := newVillage(b)
	v.start()
	v.office.update(func(tx *store.Tx) error { return v.office.l.EnsureIssue(tx, activity, year, 1<<30) })
	v.office.update(func(tx *store.Tx) error { _, err := v.office.l.Receive(tx, id(1), 1<<30, ""); return err })
	i := 0
	for b.Loop() {
		i++
		v.office.update(func(tx *store.Tx) error {
			_, err := v.office.l.Redeem(tx, Redemption{Goods: []Goods{{id(1), 1}}, Receipt: numbered(2, i)})
			return err
		})
	}
}

// BenchmarkAdmit takes in a feed of awards that another device wrote, as a
// cold join does: admission, judging, rows.
func BenchmarkAdmit(b *testing.B) {
	const awards = 20_000
	v := newVillage(b)
	o := v.office
	o.update(func(tx *store.Tx) error {
		if err := o.l.EnsureTurn(tx, activity); err != nil {
			return err
		}
		return o.l.EnsureIssue(tx, activity, year, 1<<30)
	})
	for i := 0; i < awards; i += 1000 {
		o.update(func(tx *store.Tx) error {
			for j := range 1000 {
				_, err := o.l.Award(tx, Award{Person: numbered(1, (i+j)%3000), Points: 2, Period: year, Turn: activity, Key: numbered(2, i+j), Item: "A109", Version: 1})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	ctx := context.Background()
	docs, err := o.st.Docs(ctx)
	if err != nil {
		b.Fatal(err)
	}
	var items []seal.Sealed
	var ids []store.DocID
	for _, d := range docs {
		list, err := o.st.After(ctx, d.ID, o.actor(), 0, PartSize)
		if err != nil {
			b.Fatal(err)
		}
		for i, c := range list {
			if i%seal.MaxRun != seal.MaxRun-1 && i < len(list)-1 {
				c.Seal = nil
			}
			items, ids = append(items, c.Sealed), append(ids, d.ID)
		}
	}
	for b.Loop() {
		b.StopTimer()
		n := newVillage(b).a
		b.StartTimer()
		for i := 0; i < len(items); {
			j := i
			for j < len(items) && ids[j] == ids[i] && j-i < 1024 {
				j++
			}
			res, err := admit.Batch(ctx, n.st, n, "peer", ids[i], items[i:j])
			if err != nil || res.Admitted != j-i {
				b.Fatal(res.Admitted, j-i, err)
			}
			i = j
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*100_000/float64(len(items)), "s/100k")
}

// BenchmarkCountsOfAFork asks whether an entry of a closed, forked feed of 3,000
// transactions counts: in the first transaction of the store that asks, and later.
func BenchmarkCountsOfAFork(b *testing.B) {
	v := newVillage(b)
	v.start()
	v.office.update(func(tx *store.Tx) error {
		err := errors.Join(v.office.l.EnsureTurn(tx, id(90)), v.office.l.EnsureIssue(tx, id(90), year, 5000))
		if err == nil {
			_, err = v.office.l.SendTurn(tx, id(90), Amount{Quota{Issue, id(90), year}, 5000}, v.a.actor())
		}
		return err
	})
	v.a.pull(v.office)
	v.a.update(func(tx *store.Tx) error { _, err := v.a.l.TakeAll(tx); return err })
	copied := v.twinIn(v.a, v.a.copied())
	if err := copied.award(1, person, 1); err != nil {
		b.Fatal(err)
	}
	for i := range 3000 {
		v.a.update(func(tx *store.Tx) error {
			_, err := v.a.l.Award(tx, Award{Person: numbered(5, i%500), Points: 1, Period: year, Turn: id(90), Key: numbered(6, i), Item: "A"})
			return err
		})
	}
	v.office.pullAll(v.a)
	v.office.pullAll(copied)
	v.closeAt(v.a.actor(), []Tip{v.a.end()}, v.b)
	v.office.update(func(*store.Tx) error { return nil })
	tip := v.a.end()
	for _, name := range []string{"first", "later"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				v.office.update(func(tx *store.Tx) error {
					k, err := v.office.l.open(tx)
					if err != nil {
						return err
					}
					if name == "first" {
						clear(k.heritages)
					}
					in, err := k.counts(v.a.actor(), tip)
					if !in {
						b.Error("it does not count")
					}
					return err
				})
			}
		})
	}
}
