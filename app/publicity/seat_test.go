package publicity_test

import (
	"context"
	"strings"
	"testing"

	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/people"
	"jishan/app/publicity"
	"jishan/crdt/store"
)

// A seat is held from its first day to its last, or until it was ended; two devices that end it
// apart agree on the earlier end, and one who has a seat gets no second one in these days.
func TestSeats(t *testing.T) {
	w, boards := world(t, 705)
	office, station := w.Office, w.Join("一站", govern.Station)
	w.Meet(office, station)
	const year = 365 * 24 * hour
	li := people.ID{7}
	seat := publicity.Seat{Person: li, Role: "理事长", From: governtest.Start, Until: governtest.Start + 3*year, By: "甲"}
	appoint := func(d *governtest.Device, s publicity.Seat) (id string, err error) {
		err = d.DoAs(context.Background(), "甲", func(tx *store.Tx) error {
			id, err = boards[d].Appoint(tx, s, func(p people.ID) bool { return p == s.Person })
			return err
		})
		return id, err
	}
	vacate := func(d *governtest.Device, id string, at int64, reason string) error {
		return d.DoAs(context.Background(), "甲", func(tx *store.Tx) error { return boards[d].Vacate(tx, id, at, reason, "甲") })
	}
	id, err := appoint(office, seat)
	if err != nil {
		t.Fatal(err)
	}
	for code, change := range map[string]func(*publicity.Seat){
		"council.seated": func(s *publicity.Seat) { s.From, s.Until = s.Until-1, s.Until+year },
		"council.role":   func(s *publicity.Seat) { s.Role = strings.Repeat("长", publicity.MaxRole+1) },
		"council.term":   func(s *publicity.Seat) { s.Until = s.From + 11*year },
	} {
		s := seat
		change(&s)
		_, err := appoint(office, s)
		refused(t, code, err)
	}
	next := seat
	next.From, next.Until = seat.Until, seat.Until+year
	if _, err := appoint(office, next); err != nil {
		t.Errorf("a term after the term: %v", err)
	}
	w.Meet(office, station)
	refused(t, "council.seat", vacate(office, strings.Repeat("0", 26), seat.From+year, "搬走了"))
	refused(t, "council.term", vacate(office, id, seat.Until, "搬走了"))
	refused(t, "publicity.text", vacate(office, id, seat.From+year, " "))
	if err := vacate(office, id, seat.From+2*year, "搬走了"); err != nil {
		t.Fatal(err)
	}
	if err := vacate(station, id, seat.From+year, "辞去了"); err != nil {
		t.Fatal(err)
	}
	w.Meet(office, station)
	refused(t, "publicity.off", vacate(office, id, seat.From+1, "再来一次"))
	for _, d := range []*governtest.Device{office, station} {
		d.Must(func(tx *store.Tx) error {
			list, err := boards[d].Seats(tx)
			if err != nil || len(list) != 2 || list[1].ID != id || list[1].Person != li || list[1].Reason != "辞去了" {
				t.Fatalf("%s: %+v, %v", d.Name, list, err)
			}
			for at, want := range map[int64]bool{seat.From - 1: false, seat.From: true, seat.From + year - 1: true, seat.From + year: false} {
				if got := list[1].Held(at); got != want {
					t.Errorf("%s: held at %d: %v", d.Name, at-seat.From, got)
				}
			}
			return nil
		})
	}
}
