package partner

import (
	"bytes"
	"cmp"
	"slices"

	"jishan/app/settle"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// How far the next statement goes. What was taken back is deducted in the statement
// whose range holds the reversal, if what it takes back is stated by then; stated
// the other way round it would be paid and never deducted. So no reversal is stated
// before what it reverses: not where that one is of a later month by its clock, and
// not where it lies in one of more feeds than a statement has room for.

// stretch is what a feed holds after the last statement, as far as it may go into
// the next one.
type stretch struct {
	feed  wire.Actor
	from  uint64
	limit uint64 // what lies beyond is never stated
	deals []deal
}

// end is the last transaction that is stated, or will be.
func (s *stretch) end() uint64 {
	if s.empty() {
		return s.from - 1
	}
	return s.deals[len(s.deals)-1].number
}

func (s *stretch) empty() bool { return len(s.deals) == 0 }

// at is where a transaction stands.
type at struct {
	feed   wire.Actor
	number uint64
}

// reach finds how far the next statement goes in each feed.
func (j *judge) reach(until int64, d *Due) error {
	feeds, err := j.feedsHere()
	if err != nil {
		return err
	}
	var all []*stretch
	for _, c := range feeds {
		s, err := j.stretch(c, until, d)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	for _, s := range all {
		if err := j.follow(s.deals); err != nil {
			return err
		}
	}
	chosen, later := choose(all, MaxRanges)
	d.Later += later
	for _, s := range chosen {
		last := s.deals[len(s.deals)-1]
		d.Ranges = append(d.Ranges, settle.Range{Feed: s.feed, From: s.from, To: last.number, Tip: last.hash})
	}
	slices.SortFunc(d.Ranges, func(a, b settle.Range) int { return a.Feed.Compare(b.Feed) })
	return nil
}

// stretch reads a feed up to the end of a month.
func (j *judge) stretch(c seal.Certificate, until int64, d *Due) (*stretch, error) {
	s := &stretch{feed: c.Actor()}
	s.from = j.chain.settled[s.feed] + 1
	limit, stop, err := settle.Limit(j.q, j.b.feeds, j.law, j.at, s.feed, c.Device)
	if err != nil {
		return nil, err
	}
	s.limit = limit
	open := true
	err = j.walk(s.feed, s.from, func(x deal) (bool, error) {
		known, err := j.knows(x)
		switch {
		case err != nil:
			return false, err
		case !x.any():
		case x.number > limit:
			stop.Points += x.net()
		case !open || x.at >= until || !known:
			open = false
			d.Later += x.net()
		default:
			s.deals = append(s.deals, x)
		}
		return true, nil
	})
	if stop.Points != 0 {
		d.Stops = append(d.Stops, stop)
	}
	return s, err
}

// knows tells whether what a transaction takes back is here.
func (j *judge) knows(d deal) (bool, error) {
	for _, r := range d.of {
		if _, _, ok, err := settle.Find(j.q, r.of); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// follow notes what each transaction takes back and no statement holds yet.
func (j *judge) follow(deals []deal) error {
	for i := range deals {
		for _, r := range deals[i].of {
			feed, number, _, err := settle.Find(j.q, r.of)
			if err != nil {
				return err
			}
			if number > j.chain.settled[feed] {
				deals[i].after = append(deals[i].after, at{feed, number})
			}
		}
	}
	return nil
}

// choose takes at most so many feeds for one statement, those that wait longest
// first, and returns the points that are left for later.
func choose(all []*stretch, most int) (chosen []*stretch, later int64) {
	later = net(all)
	shorten(all)
	some := slices.DeleteFunc(slices.Clone(all), (*stretch).empty)
	for {
		chosen = without(all, arranged(some), most)
		held := slices.DeleteFunc(slices.Clone(chosen), (*stretch).empty)
		if len(held) == len(chosen) {
			return chosen, later - net(chosen)
		}
		// What has no room here holds back all of a feed: another one takes its place.
		some = slices.DeleteFunc(some, func(s *stretch) bool {
			return slices.ContainsFunc(chosen, func(c *stretch) bool { return c.feed == s.feed && c.empty() })
		})
	}
}

// without returns copies of the first so many feeds, as far as they go without the
// others.
func without(all, order []*stretch, most int) []*stretch {
	order = order[:min(most, len(order))]
	var trial []*stretch
	for _, s := range all {
		x := *s
		if !slices.Contains(order, s) {
			x.deals = nil
		}
		trial = append(trial, &x)
	}
	shorten(trial)
	return slices.DeleteFunc(trial, func(x *stretch) bool {
		return !slices.ContainsFunc(order, func(s *stretch) bool { return s.feed == x.feed })
	})
}

func net(list []*stretch) (sum int64) {
	for _, s := range list {
		for _, x := range s.deals {
			sum += x.net()
		}
	}
	return sum
}

// shorten ends each stretch before the first transaction that takes back what lies
// beyond the end of another one.
func shorten(all []*stretch) {
	of := map[wire.Actor]*stretch{}
	for _, s := range all {
		of[s.feed] = s
	}
	early := func(x deal) bool {
		return slices.ContainsFunc(x.after, func(a at) bool {
			o := of[a.feed]
			return o != nil && a.number <= o.limit && a.number > o.end()
		})
	}
	for moved := true; moved; { // what goes may take others along
		moved = false
		for _, s := range all {
			if i := slices.IndexFunc(s.deals, early); i >= 0 {
				s.deals, moved = s.deals[:i], true
			}
		}
	}
}

// arranged puts the feeds that wait longest first, and before each one those of
// which it takes something back.
func arranged(list []*stretch) (out []*stretch) {
	of := map[wire.Actor]*stretch{}
	for _, s := range list {
		of[s.feed] = s
	}
	slices.SortFunc(list, func(a, b *stretch) int {
		return cmp.Or(cmp.Compare(a.deals[0].at, b.deals[0].at), a.feed.Compare(b.feed))
	})
	seen := map[wire.Actor]bool{}
	var visit func(s *stretch)
	visit = func(s *stretch) {
		if s == nil || seen[s.feed] {
			return
		}
		seen[s.feed] = true
		for _, x := range s.deals {
			for _, a := range x.after {
				visit(of[a.feed])
			}
		}
		out = append(out, s)
	}
	for _, s := range list {
		visit(s)
	}
	return out
}

// feedsHere are the incarnations whose feeds may hold something, by actor.
func (j *judge) feedsHere() ([]seal.Certificate, error) {
	items, err := store.SetItems(j.q, store.SetIncarnation, -1)
	if err != nil {
		return nil, err
	}
	var out []seal.Certificate
	for _, it := range items {
		c, err := seal.DecodeCertificate(it.Blob)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y seal.Certificate) int {
		a, b := x.Actor(), y.Actor()
		return bytes.Compare(a[:], b[:])
	})
	return out, nil
}
